// Threat 12: what is changed in old rows, which no start reads, is found within a day.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "domain/audit.h"
#include "domain/local_date.h"
#include "rpc/config.h"
#include "store/connection.h"
#include "tests/support/moved_clock.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using ::testing::ElementsAre;

class LogCheckTest : public ::testing::Test {
 protected:
  static absl::Time Midnight(int days) {
    return absl::FromCivil(domain::DateOf(absl::Now()).civil() + days, domain::London());
  }

  // The status codes of the checks so far.
  std::vector<int> Checks() {
    std::vector<int> codes;
    EXPECT_OK(server_.host().database().ScanRows(1, [&](const store::StoredRow& row) {
      const auto decoded = domain::DecodeAuditRecord(row.record);
      if (decoded->second.method != "check-log") return absl::OkStatus();
      EXPECT_EQ(decoded->second.kind, domain::AuditKind::kSystem);
      EXPECT_EQ(decoded->second.allowed, decoded->second.status == 0);
      codes.push_back(decoded->second.status);
      return absl::OkStatus();
    }));
    return codes;
  }

  // Changes the database by hand while the server is down. No start reads more than its last row.
  void ChangeWhileDown(const std::vector<std::string>& statements) {
    server_.host().Stop(absl::Seconds(5));
    const config::v1::ServerConfig config =
        rpc::LoadServerConfig(server_.folder() + "/maracd.textproto").value();
    const store::DatabaseOptions options = rpc::DatabaseOptionsOf(config).value();
    {
      const auto raw =
          store::Connection::Open(
              {.path = std::filesystem::canonical(config.data_directory() + "/marac.db").string(),
               .key = &options.key,
               .use = store::Connection::Use::kMigrate,
               .read_time_max = absl::Seconds(60),
               .vfs = {}})
              .value();
      for (const std::string& statement : statements) ASSERT_OK(raw->Execute(statement));
    }
    server_.Restart();
  }

  // The entry's record with another time, in hexadecimal: a record all the same, and found by the same index.
  std::string Forged(uint64_t sequence) {
    std::string forged;
    EXPECT_OK(server_.host().database().ScanRows(1, [&](const store::StoredRow& row) {
      if (row.sequence != sequence) return absl::OkStatus();
      domain::AuditEvent event = domain::DecodeAuditRecord(row.record)->second;
      event.time_ms -= 3'600'000;
      forged = absl::BytesToHexString(domain::EncodeAuditRecord(sequence, event));
      return absl::OkStatus();
    }));
    return forged;
  }

  // Begins at noon, so that no midnight comes by itself.
  static MovedClock AtNoon() {
    MovedClock clock;
    clock.offset = Midnight(1) + absl::Hours(12) - absl::Now();
    return clock;
  }

  MovedClock clock_ = AtNoon();
  ServerFixture server_{{.security = &clock_},
                        ServerFixture::kCheapPasswords,
                        [](store::DatabaseOptions& options) { options.verify_rows_at_open = 1; }};
};

TEST_F(LogCheckTest, EachDayTheWholeLogIsCheckedOnce) {
  ASSERT_OK(server_.host().log_check().RunDue());
  EXPECT_THAT(Checks(), ElementsAre(0));
  clock_.offset += Midnight(2) - clock_.Now() - absl::Seconds(30);
  ASSERT_OK(server_.host().log_check().RunDue());
  EXPECT_THAT(Checks(), ElementsAre(0));
  clock_.offset += absl::Minutes(1);
  ASSERT_OK(server_.host().log_check().RunDue());
  ASSERT_OK(server_.host().log_check().RunDue());
  EXPECT_THAT(Checks(), ElementsAre(0, 0));
}

TEST_F(LogCheckTest, TheServerDoesItByItselfWhenItStarts) {
  const absl::Time patience = absl::Now() + absl::Seconds(30);
  while (Checks().empty() && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_THAT(Checks(), ElementsAre(0));
}

TEST_F(LogCheckTest, AnOldEntryThatWasChangedIsFoundTheNextDayAndTheServerGoesOn) {
  ASSERT_OK(server_.host().log_check().RunDue());
  ChangeWhileDown({"DROP TRIGGER audit_log_is_never_changed",
                   "UPDATE audit_log SET record = x'" + Forged(3) + "' WHERE sequence = 3"});
  EXPECT_THAT(Checks(), ElementsAre(0));
  clock_.offset += absl::Hours(24);
  ASSERT_OK(server_.host().log_check().RunDue());
  EXPECT_THAT(Checks(), ElementsAre(0, static_cast<int>(absl::StatusCode::kDataLoss)));
  EXPECT_OK(
      server_.SignIn("auditor.council").Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
}

TEST_F(LogCheckTest, AReaderTakenOutOfTheIndexIsFoundTheNextDay) {
  ASSERT_OK(server_.host().log_check().RunDue());
  ChangeWhileDown({"DROP TRIGGER audit_index_is_never_shortened",
                   "DELETE FROM audit_index WHERE (key, sequence) IN (SELECT key, sequence FROM audit_index "
                   "LIMIT 1)"});
  clock_.offset += absl::Hours(24);
  ASSERT_OK(server_.host().log_check().RunDue());
  EXPECT_THAT(Checks(), ElementsAre(0, static_cast<int>(absl::StatusCode::kDataLoss)));
}

}  // namespace
}  // namespace marac::testing
