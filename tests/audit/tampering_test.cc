// Threat 12, test L3: a real log in a real database file, changed by somebody who holds its key, is looked at
// by the server itself (`maracd verify`, its start) and by clients/verify, which shares no code with it. Each
// tampering is found by both, and the first bad entry is named.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/keys.h"
#include "base/status_macros.h"
#include "domain/audit.h"
#include "domain/audit_export.h"
#include "domain/checkpoint.h"
#include "domain/merkle.h"
#include "rpc/audit_files.h"
#include "rpc/config.h"
#include "store/connection.h"
#include "tests/audit/verifier.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using config::v1::ServerConfig;

constexpr uint64_t kCheckpointEach = 32;
constexpr int kByProcessEach = 40;  // every so many tamperings are shown to the real programs as well

struct Row {
  uint64_t sequence;
  std::string record, leaf, chain;
};
using Rows = std::vector<Row>;

void Rehash(Rows& rows, size_t from) {
  for (size_t i = from; i < rows.size(); ++i) {
    rows[i].leaf = domain::LeafHash(rows[i].record);
    rows[i].chain =
        domain::ChainHash(i == 0 ? std::string(domain::kChainStart) : rows[i - 1].chain, rows[i].leaf);
  }
}

// Written anew from `from` on, every record with the sequence of its place: what a careful forger makes.
void Rewrite(Rows& rows, size_t from) {
  for (size_t i = from; i < rows.size(); ++i) {
    rows[i].sequence = i + 1;
    rows[i].record = domain::EncodeAuditRecord(i + 1, domain::DecodeAuditRecord(rows[i].record)->second);
  }
  Rehash(rows, from);
}

// What is wrong, and what must be said of it.
struct Tampering {
  std::string kind;
  uint64_t first_bad = 0;
  // No hash is wrong any more, so only a checkpoint shows it, and can only say between which entries.
  bool only_by_checkpoint = false;
};

struct Said {
  bool found = false;
  uint64_t first = 0, last = 0;  // 0: nothing
  std::string words;
};

bool NamesRight(const Tampering& tampering, const Said& said) {
  if (tampering.only_by_checkpoint)
    return said.first <= tampering.first_bad && tampering.first_bad <= said.last;
  return said.first == tampering.first_bad && said.last == tampering.first_bad;
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// The log as it was, its folder, and every way to change it.
class TamperingTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new ServerFixture;
    config_ = new ServerConfig(rpc::LoadServerConfig(server_->folder() + "/maracd.textproto").value());
    key_ = new std::string(rpc::AuditVerifierKey(*config_).value());
    work_ = new std::string(server_->folder() + "/work");
    std::filesystem::create_directory(*work_);
    // Three lives, so that there are three older databases, and a fourth that grows another way from the
    // third.
    for (const char* older : {"older1", "older2", "older3"}) {
      SomeCalls(40, older);
      server_->host().Stop(absl::Seconds(5));
      std::filesystem::copy(config_->data_directory(), *work_ + "/" + older);
      server_->Restart();
    }
    SomeCalls(60, "whole");
    server_->host().Stop(absl::Seconds(5));
    std::filesystem::copy(config_->data_directory(), *work_ + "/whole");
    rows_ = new Rows(RowsOf(*work_ + "/whole"));
    // As agencies keep them that ask for one every now and then.
    kept_ = new std::string(*work_ + "/kept");
    std::filesystem::create_directory(*kept_);
    const store::CheckpointerOptions signing = rpc::CheckpointerOptionsOf(*config_).value();
    domain::CompactRange range;
    for (const Row& row : *rows_) {
      range.Append(row.leaf);
      if (range.size() % kCheckpointEach != 0 && range.size() != rows_->size()) continue;
      Write(fmt::format("{}/checkpoint-{:020}", *kept_, range.size()), SignOver(range, signing.signing_seed));
    }
    Write(*kept_ + "/checkpoint", SignOver(range, signing.signing_seed));
    verifier_ = new Verifier;
  }

  static void TearDownTestSuite() {
    std::printf("figure: tamperings=%d tamperings\n", tried_);
    std::printf("figure: tamperings_found=%d tamperings\n", found_);
    std::printf("figure: tamperings_found_by_server=%d tamperings\n", by_server_);
    std::printf("figure: tamperings_found_by_verifier=%d tamperings\n", by_verifier_);
    std::printf("figure: tamperings_entry_named=%d tamperings\n", named_);
    delete verifier_;
    delete server_;
  }

  static std::string SignOver(const domain::CompactRange& range, const Secret& seed,
                              const std::string& area = "test") {
    return domain::SignCheckpoint(
        {.origin = domain::CheckpointOrigin(area), .size = range.size(), .root = range.Root()}, seed);
  }

  static void SomeCalls(int count, const std::string& word) {
    for (int i = 0; i < count; ++i) {
      v1::StartAssessmentRequest start;
      start.set_parent(ServerFixture::kArea);
      v1::GetAssessmentRequest get;
      get.set_name(fmt::format("areas/test/assessments/absent{}{}", word, i));
      switch (i % 3) {
        case 0:
          EXPECT_OK(server_->As("idva.idva").Call(&v1::AssessmentService::Stub::StartAssessment, start));
          break;
        case 1:
          EXPECT_FALSE(server_->As("idva.idva").Call(&v1::AssessmentService::Stub::GetAssessment, get).ok());
          break;
        default:
          EXPECT_OK(
              server_->As("chair.police").Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
      }
    }
  }

  // The database as somebody opens it who holds the key and means harm.
  static std::unique_ptr<store::Connection> OpenRaw(const std::string& folder) {
    const store::DatabaseOptions options = rpc::DatabaseOptionsOf(*config_).value();
    return store::Connection::Open({.path = std::filesystem::canonical(folder + "/marac.db").string(),
                                    .key = &options.key,
                                    .use = store::Connection::Use::kMigrate,
                                    .read_time_max = absl::Seconds(60),
                                    .vfs = {}})
        .value();
  }
  static Rows RowsOf(const std::string& folder) {
    Rows rows;
    const auto raw = OpenRaw(folder);
    store::Statement select =
        raw->Prepare("SELECT sequence, record, leaf, chain FROM audit_log ORDER BY sequence").value();
    while (select.Step().value()) {
      rows.push_back({static_cast<uint64_t>(select.Int(0)), std::string(select.Blob(1)),
                      std::string(select.Blob(2)), std::string(select.Blob(3))});
    }
    return rows;
  }
  static void PutRows(const std::string& folder, const Rows& rows) {
    const auto raw = OpenRaw(folder);
    for (const char* trigger :
         {"audit_log_is_never_changed", "audit_log_is_never_shortened", "audit_log_has_no_gap"}) {
      ASSERT_OK(raw->Execute(fmt::format("DROP TRIGGER {}", trigger)));
    }
    ASSERT_OK(raw->Execute("BEGIN IMMEDIATE; DELETE FROM audit_log"));
    {
      store::Statement insert =
          raw->Prepare("INSERT INTO audit_log (sequence, record, leaf, chain) VALUES (?1, ?2, ?3, ?4)")
              .value();
      for (const Row& row : rows) {
        insert.Bind(1, static_cast<int64_t>(row.sequence)).BindBlob(2, row.record);
        ASSERT_OK(insert.BindBlob(3, row.leaf).BindBlob(4, row.chain).Run());
      }
    }
    ASSERT_OK(raw->Execute("COMMIT"));
  }

  // A copy to be changed.
  static std::string Copy(const std::string& of) {
    const std::string folder = *work_ + "/try";
    std::filesystem::remove_all(folder);
    std::filesystem::copy(*work_ + "/" + of, folder);
    return folder;
  }

  static ServerConfig ConfigFor(const std::string& data, const std::string& checkpoints) {
    ServerConfig config = *config_;
    config.set_data_directory(data);
    config.set_checkpoint_directory(checkpoints);
    return config;
  }

  // What `maracd verify` says.
  static Said ByServer(const ServerConfig& config) {
    const absl::StatusOr<uint64_t> verified = rpc::VerifyAudit(config);
    if (verified.ok()) return {};
    Said said{.found = true, .words = std::string(verified.status().message())};
    std::smatch found;
    const auto number = [&found] { return std::strtoull(found[1].str().c_str(), nullptr, 10); };
    if (std::regex_search(said.words, found, std::regex("(?:entry|row) ([0-9]+)"))) {
      said.first = said.last = number();
    } else if (std::regex_search(said.words, found, std::regex("the first ([0-9]+) entries"))) {
      said.first = 1;
      said.last = number();
    } else if (std::regex_search(said.words, found, std::regex("log has ([0-9]+) entries"))) {
      said.first = said.last = number() + 1;
    }
    return said;
  }

  static std::string ExportOf(const Rows& rows) {
    std::string text = domain::AuditExportHead("marac.test/audit", absl::Now());
    for (const Row& row : rows)
      text += domain::AuditExportLine(row.sequence, row.record, row.leaf, row.chain);
    return text + domain::AuditExportEnd(rows.size());
  }

  static Said ByVerifier(const std::string& log, const std::vector<std::string>& checkpoints) {
    const Verdict verdict = verifier_->Check(log, *key_, checkpoints);
    return {.found = verdict.code != 0,
            .first = verdict.first_bad,
            .last = verdict.last_bad,
            .words = verdict.text};
  }

  // Both are asked, and both must find it.
  static void Judge(const Tampering& tampering, const ServerConfig& config, const std::string& log) {
    const Said server = ByServer(config);
    const Said verifier = ByVerifier(log, {config.checkpoint_directory()});
    Count(tampering, &server, &verifier);
    if (tried_ % kByProcessEach != 0) return;
    // The same by the programs that people run.
    EXPECT_NE(Verifier::Run(log, *key_, {config.checkpoint_directory()}), 0) << tampering.kind;
    EXPECT_FALSE(rpc::Host::Start(config).ok()) << tampering.kind;
  }

  // Null: what this one cannot see, because it is not given it.
  static void Count(const Tampering& tampering, const Said* server, const Said* verifier) {
    ++tried_;
    bool found = true, named = true;
    for (const auto& [said, count, who] : {std::tuple{server, &by_server_, "the server"},
                                           std::tuple{verifier, &by_verifier_, "the verifier"}}) {
      if (said == nullptr) continue;
      if (said->found) ++*count;
      EXPECT_TRUE(said->found) << who << " overlooks " << tampering.kind << " at " << tampering.first_bad;
      found = found && said->found;
      if (tampering.first_bad == 0) continue;
      EXPECT_TRUE(NamesRight(tampering, *said))
          << who << " of " << tampering.kind << " at " << tampering.first_bad << ": " << said->words;
      named = named && NamesRight(tampering, *said);
    }
    found_ += found ? 1 : 0;
    named_ += named ? 1 : 0;
  }

  static void TryRows(const Tampering& tampering, const Rows& rows) {
    const std::string folder = Copy("whole");
    PutRows(folder, rows);
    const std::string log = *work_ + "/log";
    Write(log, ExportOf(rows));
    Judge(tampering, ConfigFor(folder, *kept_), log);
  }

  // `change` gets the rows and the index of one of them.
  static void TryEach(int count, const std::function<Tampering(Rows& rows, size_t at)>& change) {
    for (int i = 0; i < count; ++i) {
      Rows rows = *rows_;
      // Not the last two, so that something follows; there are kinds of their own for the end.
      const Tampering tampering = change(rows, random_() % (rows.size() - 2));
      TryRows(tampering, rows);
    }
  }

  static void FlipBit(std::string& bytes) {
    bytes[random_() % bytes.size()] ^= static_cast<char>(1U << random_() % 8);
  }

  // A record in which one thing is another, and that is a record all the same.
  static std::string Forged(const std::string& record) {
    auto decoded = domain::DecodeAuditRecord(record).value();
    decoded.second.time_ms -= 3'600'000;
    decoded.second.allowed = !decoded.second.allowed;
    return domain::EncodeAuditRecord(decoded.first, decoded.second);
  }

  static ServerFixture* server_;
  static ServerConfig* config_;
  static std::string* key_;
  static std::string* work_;
  static std::string* kept_;
  static Rows* rows_;
  static Verifier* verifier_;
  static inline std::minstd_rand random_{20261122};
  static inline int tried_ = 0, found_ = 0, named_ = 0, by_server_ = 0, by_verifier_ = 0;
};

ServerFixture* TamperingTest::server_;
ServerConfig* TamperingTest::config_;
std::string* TamperingTest::key_;
std::string* TamperingTest::work_;
std::string* TamperingTest::kept_;
Rows* TamperingTest::rows_;
Verifier* TamperingTest::verifier_;

TEST_F(TamperingTest, AnUntouchedLogIsGoodToBothAndWhatIsExportedIsWhatIsStored) {
  ASSERT_GT(rows_->size(), 200U);
  const std::string folder = Copy("whole");
  const ServerConfig config = ConfigFor(folder, *kept_);
  EXPECT_THAT(rpc::VerifyAudit(config), IsOkAndHolds(rows_->size()));
  const std::string log = *work_ + "/exported";
  EXPECT_THAT(rpc::ExportAudit(config, log, SecurityClock()), IsOkAndHolds(rows_->size() + 1))
      << "that it is taken away is an entry as well";
  const std::string stored = ExportOf(*rows_);
  const std::string lines = stored.substr(stored.find("\n1 ") + 1);
  const std::string exported = Read(log);
  EXPECT_EQ(exported.substr(exported.find("\n1 ") + 1, lines.rfind("end ")),
            lines.substr(0, lines.rfind("end ")));
  const Verdict verdict = verifier_->Check(log, *key_, {*kept_});
  EXPECT_EQ(verdict.code, 0) << verdict.text;
  EXPECT_EQ(Verifier::Run(log, *key_, {*kept_}), 0);
  EXPECT_THAT(rpc::ExportAudit(config, log, SecurityClock()),
              Refuses(absl::StatusCode::kAlreadyExists, "another file"));
  // And what the server itself signed.
  EXPECT_EQ(Verifier::Run(log, *key_, {config_->checkpoint_directory()}), 0);
  EXPECT_THAT(rpc::VerifyAudit(ConfigFor(folder, config_->checkpoint_directory())), IsOk());
}

TEST_F(TamperingTest, AFlippedBit) {
  TryEach(60, [](Rows& rows, size_t at) {
    FlipBit(rows[at].record);
    return Tampering{"a bit of a record", at + 1};
  });
  TryEach(25, [](Rows& rows, size_t at) {
    FlipBit(rows[at].leaf);
    return Tampering{"a bit of a leaf", at + 1};
  });
  TryEach(25, [](Rows& rows, size_t at) {
    FlipBit(rows[at].chain);
    return Tampering{"a bit of a chain hash", at + 1};
  });
}

TEST_F(TamperingTest, AForgedRecord) {
  TryEach(30, [](Rows& rows, size_t at) {
    rows[at].record = Forged(rows[at].record);
    return Tampering{"a record", at + 1};
  });
  TryEach(30, [](Rows& rows, size_t at) {
    rows[at].record = Forged(rows[at].record);
    rows[at].leaf = domain::LeafHash(rows[at].record);
    return Tampering{"a record with its leaf", at + 1};
  });
  TryEach(30, [](Rows& rows, size_t at) {
    rows[at].record = Forged(rows[at].record);
    Rehash(rows, at);
    for (size_t i = at + 1; i < rows.size(); ++i) rows[i] = (*rows_)[i];
    return Tampering{"a record with its leaf and chain", at + 2};
  });
  TryEach(40, [](Rows& rows, size_t at) {
    rows[at].record = Forged(rows[at].record);
    Rewrite(rows, at);
    return Tampering{"a record, all hashes made anew", at + 1, /*only_by_checkpoint=*/true};
  });
}

TEST_F(TamperingTest, ADeletedEntry) {
  TryEach(30, [](Rows& rows, size_t at) {
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
    return Tampering{"a deleted entry", at + 1};
  });
  TryEach(20, [](Rows& rows, size_t at) {
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
    for (size_t i = at; i < rows.size(); ++i) rows[i].sequence = i + 1;
    return Tampering{"a deleted entry, the rest renumbered", at + 1};
  });
}

TEST_F(TamperingTest, AnInsertedEntry) {
  TryEach(30, [](Rows& rows, size_t at) {
    // Not a copy of what stands there, which would be right until the next.
    const Row other = rows[(at + 1 + random_() % (rows.size() - 1)) % rows.size()];
    rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(at), other);
    for (size_t i = at; i < rows.size(); ++i) rows[i].sequence = i + 1;
    // One that says that it was written there.
    rows[at].record = domain::EncodeAuditRecord(at + 1, domain::DecodeAuditRecord(rows[at].record)->second);
    rows[at].leaf = domain::LeafHash(rows[at].record);
    return Tampering{"an inserted entry", at + 1};
  });
  TryEach(20, [](Rows& rows, size_t at) {
    const Row copied = rows[random_() % rows.size()];
    rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(at), copied);
    rows[at].record = Forged(rows[at].record);
    Rewrite(rows, at);
    // Written anew, the records are not found by what they touched, which is named first, and rightly.
    return Tampering{"an inserted entry, all made anew", 0};
  });
}

TEST_F(TamperingTest, ReorderedAndRenumberedEntries) {
  TryEach(30, [](Rows& rows, size_t at) {
    std::swap(rows[at], rows[at + 1]);
    std::swap(rows[at].sequence, rows[at + 1].sequence);
    return Tampering{"two entries that changed places", at + 1};
  });
  TryEach(20, [](Rows& rows, size_t at) {
    rows[at].sequence = rows.size() + 1;
    rows.push_back(rows[at]);
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
    return Tampering{"an entry with another number", at + 1};
  });
  TryEach(20, [](Rows& rows, size_t at) {
    const size_t from = random_() % rows.size();
    if (from == at) FlipBit(rows[at].record);
    rows[at].record = (*rows_)[from == at ? at : from].record;
    rows[at].leaf = (*rows_)[from].leaf;
    if (from == at) FlipBit(rows[at].leaf);
    return Tampering{"an entry in the place of another", at + 1};
  });
}

TEST_F(TamperingTest, ACutTail) {
  for (int i = 0; i < 40; ++i) {
    Rows rows = *rows_;
    const size_t left = i == 0 ? rows.size() - 1 : 1 + random_() % (rows.size() - 1);
    rows.resize(left);
    // What a careful forger takes along: the index of what is cut off.
    const std::string folder = Copy("whole");
    PutRows(folder, rows);
    const auto raw = OpenRaw(folder);
    ASSERT_OK(raw->Execute("DROP TRIGGER audit_index_is_never_shortened"));
    ASSERT_OK(raw->Execute(fmt::format("DELETE FROM audit_index WHERE sequence > {}", left)));
    Write(*work_ + "/log", ExportOf(rows));
    Judge({"a cut tail", left + 1}, ConfigFor(folder, *kept_), *work_ + "/log");
  }
}

TEST_F(TamperingTest, AnOlderDatabasePutBack) {
  for (const char* older : {"older1", "older2", "older3"}) {
    const Rows rows = RowsOf(*work_ + "/" + older);
    ASSERT_LT(rows.size(), rows_->size());
    Write(*work_ + "/log", ExportOf(rows));
    Judge({older, rows.size() + 1}, ConfigFor(Copy(older), *kept_), *work_ + "/log");
    // With an older checkpoint beside it, the newest one that others kept still shows it.
    const std::string folder = *work_ + "/put-back";
    std::filesystem::remove_all(folder);
    std::filesystem::copy(*kept_, folder);
    std::filesystem::copy_file(fmt::format("{}/checkpoint-{:020}", *kept_, kCheckpointEach),
                               folder + "/checkpoint", std::filesystem::copy_options::overwrite_existing);
    Judge({"an older database and checkpoint", rows.size() + 1}, ConfigFor(Copy(older), folder),
          *work_ + "/log");
  }
}

// The older database served again and grew longer than what was signed: two true histories, of which one was
// signed.
TEST_F(TamperingTest, AForkThatGrewLonger) {
  const Rows older = RowsOf(*work_ + "/older3");
  const std::string empty = *work_ + "/no-checkpoints";
  std::filesystem::create_directory(empty);
  const std::string folder = Copy("older3");
  {
    ServerConfig config = ConfigFor(folder, empty);
    auto host = rpc::Host::Start(config);
    ASSERT_OK(host);
    domain::AuditEvent event;
    event.method = "another history";
    event.allowed = true;
    event.time_ms = absl::ToUnixMillis(absl::Now());
    for (size_t i = older.size(); i < rows_->size() + 20; ++i) ASSERT_OK((*host)->database().Append(event));
    (*host)->Stop(absl::Seconds(5));
  }
  const Rows rows = RowsOf(folder);
  ASSERT_GT(rows.size(), rows_->size());
  const std::string log = *work_ + "/log";
  Write(log, ExportOf(rows));
  Judge({"a fork", older.size() + 1, /*only_by_checkpoint=*/true}, ConfigFor(folder, *kept_), log);
  // Beside a log that was taken before, the very entry is named.
  const std::string before = *work_ + "/before";
  Write(before, ExportOf(*rows_));
  const Verdict verdict = verifier_->Check(log, *key_, {}, before);
  EXPECT_EQ(verdict.code, 4) << verdict.text;
  EXPECT_EQ(verdict.first_bad, older.size() + 1) << verdict.text;
}

TEST_F(TamperingTest, AForgedCheckpoint) {
  const Secret seed = rpc::CheckpointerOptionsOf(*config_)->signing_seed;
  const Secret other_seed(std::string(kEd25519SeedBytes, 'x'));
  domain::CompactRange whole, other;
  for (const Row& row : *rows_) whole.Append(row.leaf);
  for (const Row& row : *rows_) other.Append(domain::LeafHash(row.leaf));
  const std::string good = SignOver(whole, seed);
  const std::string folder = *work_ + "/forged";
  const std::string log = *work_ + "/log";
  Write(log, ExportOf(*rows_));
  const ServerConfig config = ConfigFor(Copy("whole"), folder);
  const auto judge = [&](const std::string& kind, const std::string& note, uint64_t first_bad = 0) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    Write(folder + "/checkpoint", note);
    Judge({kind, first_bad, /*only_by_checkpoint=*/true}, config, log);
  };
  for (int i = 0; i < 50; ++i) {
    std::string note = good;
    FlipBit(note);
    judge("a bit of a checkpoint", note);
  }
  judge("a checkpoint of another key", SignOver(whole, other_seed));
  judge("a checkpoint of another area", SignOver(whole, seed, "elsewhere"));
  judge("a checkpoint without a signature", good.substr(0, good.find("\n\n") + 2));
  judge("a cut checkpoint", good.substr(0, good.size() - 20));
  judge("an empty checkpoint", "");
  judge("another root, signed with the key", SignOver(other, seed), rows_->size());
  std::string longer = good;
  longer.replace(longer.find(std::to_string(rows_->size())), std::to_string(rows_->size()).size(),
                 std::to_string(rows_->size() + 1));
  judge("another size under a true signature", longer);
}

// The index says only what the log says, so only the server has it.
TEST_F(TamperingTest, AReaderTakenOutOfTheIndex) {
  for (int i = 0; i < 10; ++i) {
    const std::string folder = Copy("whole");
    const auto raw = OpenRaw(folder);
    const bool removed = i % 2 == 0;
    ASSERT_OK(raw->Execute("DROP TRIGGER audit_index_is_never_shortened"));
    std::string sql = "INSERT INTO audit_index VALUES ('areas/test/cases/put-in', 7)";
    uint64_t sequence = 0;
    if (removed) {
      store::Statement find =
          raw->Prepare(fmt::format("SELECT sequence FROM audit_index LIMIT 1 OFFSET {}", 5 + i)).value();
      ASSERT_TRUE(find.Step().value());
      sequence = static_cast<uint64_t>(find.Int(0));
      sql = fmt::format(
          "DELETE FROM audit_index WHERE (key, sequence) IN (SELECT key, sequence FROM audit_index "
          "LIMIT 1 OFFSET {})",
          5 + i);
    }
    ASSERT_OK(raw->Execute(sql));
    const Said server = ByServer(ConfigFor(folder, *kept_));
    Count({removed ? "a reader taken out of the index" : "a reader put into the index", sequence}, &server,
          nullptr);
  }
}

// Changed on the way: only who gets the file can see that.
TEST_F(TamperingTest, AnExportedFile) {
  const std::string good = ExportOf(*rows_);
  const std::string log = *work_ + "/log";
  const auto judge = [&](const std::string& kind, const std::string& text) {
    Write(log, text);
    const Said said = ByVerifier(log, {*kept_});
    Count({kind, 0}, nullptr, &said);
  };
  const size_t body = good.find("\n1 ");
  for (int i = 0; i < 40; ++i) {
    std::string text = good;
    const size_t at = body + random_() % (text.size() - body);
    text[at] = text[at] == 'A' ? 'B' : 'A';
    judge("a letter of the file", text);
  }
  for (int i = 0; i < 20; ++i) judge("a cut file", good.substr(0, random_() % (good.size() - 1)));
  const size_t second = good.find("\n2 "), third = good.find("\n3 ");
  judge("a line twice", good.substr(0, third) + good.substr(second));
  judge("a line left out", good.substr(0, second) + good.substr(third));
  judge("something behind the end", good + "more\n");
  judge("of another area", std::regex_replace(good, std::regex("marac.test/audit"), "marac.else/audit"));
}

}  // namespace
}  // namespace marac::testing
