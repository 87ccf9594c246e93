// L3 in its short form: whoever changes the log with the key in hand is found, and the first bad row is
// named.
#include "store/audit_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/test_database.h"

namespace marac::store {
namespace {

using marac::testing::Refuses;

class AuditChainTest : public DatabaseTestBase {
 protected:
  // Twenty rows.
  void Fill() {
    CreateAndOpen();
    for (int i = 0; i < 20; ++i) ASSERT_OK(database_->Append(Event(absl::OkStatus())));
    database_.reset();
  }

  void Tamper(const std::string& sql) {
    std::unique_ptr<Connection> raw = OpenRaw();
    ASSERT_OK(
        raw->Execute("DROP TRIGGER audit_log_is_never_changed; DROP TRIGGER audit_log_is_never_shortened; "
                     "DROP TRIGGER audit_log_has_no_gap;"));
    ASSERT_OK(raw->Execute(sql));
  }

  // Recomputes the hashes from `sequence` on, as a careful forger would.
  void Rehash(uint64_t sequence) {
    std::unique_ptr<Connection> raw = OpenRaw();
    ASSERT_OK_AND_ASSIGN(Statement rows,
                         raw->Prepare("SELECT sequence, record, (SELECT chain FROM audit_log p WHERE "
                                      "p.sequence = a.sequence - 1) FROM audit_log a WHERE sequence = ?1"));
    ASSERT_OK_AND_ASSIGN(Statement update,
                         raw->Prepare("UPDATE audit_log SET leaf = ?2, chain = ?3 WHERE sequence = ?1"));
    for (;; ++sequence) {
      rows.Bind(1, static_cast<int64_t>(sequence));
      ASSERT_OK_AND_ASSIGN(const bool found, rows.Step());
      if (!found) return;
      const std::string leaf = domain::LeafHash(rows.Blob(1));
      const std::string chain = domain::ChainHash(rows.Blob(2), leaf);
      ASSERT_OK(rows.Run());
      ASSERT_OK(update.Bind(1, static_cast<int64_t>(sequence)).BindBlob(2, leaf).BindBlob(3, chain).Run());
    }
  }
};

struct Tampering {
  const char* name;
  const char* sql;
  const char* first_bad;
};

class TamperingTest : public AuditChainTest, public ::testing::WithParamInterface<Tampering> {};

TEST_P(TamperingTest, IsFoundAtTheStartAndTheFirstBadRowIsNamed) {
  Fill();
  Tamper(GetParam().sql);
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kDataLoss, GetParam().first_bad));
}

INSTANTIATE_TEST_SUITE_P(
    L3, TamperingTest,
    ::testing::Values(
        Tampering{"Record", "UPDATE audit_log SET record = x'0100' WHERE sequence = 7", "entry 7"},
        Tampering{"Leaf", "UPDATE audit_log SET leaf = zeroblob(32) WHERE sequence = 7", "entry 7"},
        Tampering{"Chain", "UPDATE audit_log SET chain = zeroblob(32) WHERE sequence = 7", "entry 7"},
        Tampering{"Deleted", "DELETE FROM audit_log WHERE sequence = 7", "entry 7"},
        Tampering{"FirstDeleted", "DELETE FROM audit_log WHERE sequence = 1", "entry 1"},
        Tampering{
            "Replayed",
            "UPDATE audit_log SET (record, leaf) = (SELECT record, leaf FROM audit_log WHERE sequence = 6) "
            "WHERE sequence = 7",
            "entry 7"},
        Tampering{
            "Renumbered",
            "UPDATE audit_log SET sequence = 21 WHERE sequence = 7; UPDATE audit_log SET sequence = 7 WHERE "
            "sequence = 8; UPDATE audit_log SET sequence = 8 WHERE sequence = 21",
            "entry 7"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST_F(AuditChainTest, AnUntouchedLogVerifies) {
  Fill();
  Open();
  EXPECT_OK(database_->VerifyAudit(1, 20));
  EXPECT_OK(database_->VerifyAudit(5, 9));
  EXPECT_THAT(database_->VerifyAudit(1, 21), Refuses(absl::StatusCode::kDataLoss, "row 21 is missing"));
  EXPECT_THAT(database_->VerifyAudit(0, 20), Refuses(absl::StatusCode::kInvalidArgument, "from"));
}

TEST_F(AuditChainTest, TheStartChecksOnlyItsShareAndTheNightTheRest) {
  options_.verify_rows_at_open = 5;
  Fill();
  Tamper("UPDATE audit_log SET record = x'0100' WHERE sequence = 7");
  Open();
  EXPECT_OK(database_->VerifyAudit(8, 20));
  EXPECT_THAT(database_->VerifyAudit(1, 20), Refuses(absl::StatusCode::kDataLoss, "entry 7"));
}

// Who is taken out of the index would not be shown to the chair any more.
TEST_F(AuditChainTest, TheIndexIsHeldAgainstTheLog) {
  CreateAndOpen();
  domain::AuditEvent event = Event(absl::OkStatus());
  event.subjects = {"areas/a/cases/c"};
  event.account = "accounts/w";
  for (int i = 0; i < 3; ++i) ASSERT_OK(database_->Append(event));
  EXPECT_OK(database_->VerifyIndex());
  database_.reset();
  ASSERT_OK(
      OpenRaw()->Execute("DROP TRIGGER audit_index_is_never_shortened;"
                         "DELETE FROM audit_index WHERE sequence = 2 AND key = 'accounts/w'"));
  Open();
  EXPECT_THAT(database_->VerifyIndex(), Refuses(absl::StatusCode::kDataLoss, "entry 2"));
  database_.reset();
  ASSERT_OK(OpenRaw()->Execute("INSERT INTO audit_index VALUES ('accounts/w', 2), ('accounts/x', 2)"));
  Open();
  EXPECT_THAT(database_->VerifyIndex(), Refuses(absl::StatusCode::kDataLoss, "7 rows where the log says 6"));
}

// A read that does not walk over everything: the newest first, and no further than asked.
TEST_F(AuditChainTest, EventsOfOneRecordAreFoundByTheIndex) {
  CreateAndOpen();
  for (int i = 0; i < 9; ++i) {
    domain::AuditEvent event = Event(absl::OkStatus());
    event.subjects = {i % 3 == 0 ? "areas/a/cases/c" : "areas/a/cases/d"};
    ASSERT_OK(database_->Append(event));
  }
  std::vector<uint64_t> seen;
  ASSERT_OK(database_->Peek([&](ReadTransaction& tx) {
    return VisitBackwardsBy(tx, "areas/a/cases/c", 7, 2, [&](uint64_t sequence, const domain::AuditEvent&) {
      seen.push_back(sequence);
      return true;
    });
  }));
  EXPECT_EQ(seen, (std::vector<uint64_t>{4, 1}));
}

// A forger with the key can make a chain that fits; what shows it is the head that left the host before.
TEST_F(AuditChainTest, AForgedTailFitsButItsHeadIsAnother) {
  Fill();
  Open();
  const AuditHead before = database_->Head();
  database_.reset();
  domain::AuditEvent forged = Event(absl::OkStatus());
  forged.account = "accounts/forged";
  std::string hex;
  for (const char byte : domain::EncodeAuditRecord(7, forged)) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
  Tamper("UPDATE audit_log SET record = x'" + hex + "' WHERE sequence = 7");
  Rehash(7);
  Open();
  EXPECT_EQ(database_->Head().sequence, before.sequence);
  EXPECT_NE(database_->Head().chain, before.chain);
}

}  // namespace
}  // namespace marac::store
