// Threat 12 (the database rolled back or edited by whoever may write the file) and decision 19 (checkpoints
// go by the security clock).
#include "store/checkpointer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/keys.h"
#include "domain/audit.h"
#include "tests/store/test_database.h"
#include "tests/support/status_matchers.h"

namespace marac::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using testing::Refuses;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class FakeSecurityClock : public SecurityClock {
 public:
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration step) {
    absl::MutexLock lock(&mutex_);
    now_ += step;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = absl::FromUnixSeconds(1767225600);
};

struct Row {
  std::string record, leaf, chain;
};

// An audit table, as the writer would fill it.
class Log {
 public:
  void Append(const std::string& subject) {
    domain::AuditEvent event;
    event.subjects = {subject};
    Put(rows_.size(), event);
  }
  // What somebody with the key could do: rewrite a row and every hash after it.
  void Rewrite(size_t index, const std::string& subject) {
    std::vector<Row> old;
    old.swap(rows_);
    for (size_t i = 0; i < old.size(); ++i) {
      auto decoded = domain::DecodeAuditRecord(old[i].record);
      if (i == index) decoded->second.subjects = {subject};
      Put(i, decoded->second);
    }
  }
  void Cut(size_t size) { rows_.resize(size); }

  LeafScan Scan() const {
    return [this](const LeafVisitor& visit) -> absl::Status {
      for (size_t i = 0; i < rows_.size(); ++i) {
        absl::Status status = visit(i + 1, rows_[i].leaf);
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    };
  }
  absl::Status CheckChain() const {
    domain::ChainCheck check;
    for (size_t i = 0; i < rows_.size(); ++i) {
      absl::Status status = check.Next(i + 1, rows_[i].record, rows_[i].leaf, rows_[i].chain);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  std::string Root() const {
    domain::CompactRange range;
    for (const Row& row : rows_) range.Append(row.leaf);
    return range.Root();
  }
  std::vector<Row>& rows() { return rows_; }

 private:
  void Put(size_t index, const domain::AuditEvent& event) {
    Row row{.record = domain::EncodeAuditRecord(index + 1, event), .leaf = {}, .chain = {}};
    row.leaf = domain::LeafHash(row.record);
    row.chain = domain::ChainHash(rows_.empty() ? domain::kChainStart : rows_.back().chain, row.leaf);
    rows_.push_back(row);
  }

  std::vector<Row> rows_;
};

class CheckpointerTest : public ::testing::Test {
 protected:
  CheckpointerTest() {
    char pattern[] = "/tmp/marac_checkpoints_XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~CheckpointerTest() override { std::filesystem::remove_all(folder_); }

  CheckpointerOptions Options() const {
    CheckpointerOptions options;
    options.area = "mk";
    options.directory = folder_;
    options.signing_seed = Secret(std::string(32, 's'));
    return options;
  }
  absl::StatusOr<std::unique_ptr<Checkpointer>> Create(const CheckpointerOptions& options) {
    return Checkpointer::Create(options, &clock_, log_.Scan());
  }
  std::unique_ptr<Checkpointer> MustCreate() {
    auto checkpointer = Create(Options());
    EXPECT_OK(checkpointer);
    return *std::move(checkpointer);
  }
  // Commits `count` more entries.
  void Commit(Checkpointer& checkpointer, int count) {
    for (int i = 0; i < count; ++i) {
      log_.Append(fmt::format("areas/mk/cases/{}", log_.rows().size()));
      checkpointer.Committed(log_.rows().size(), log_.rows().back().leaf);
    }
  }
  // Fills the folder with checkpoints over 20 and 30 entries of the log, and stops.
  void ServeFor30Entries() {
    auto checkpointer = MustCreate();
    Commit(*checkpointer, 20);
    checkpointer->Tick();
    clock_.Advance(absl::Seconds(10));
    Commit(*checkpointer, 10);
    checkpointer->Tick();
    ASSERT_EQ(WrittenSize(), 30);
  }

  // Entries of the file `name`, or -1 when there is none or it does not open.
  int64_t WrittenSize(const std::string& name = "checkpoint") const {
    auto note = ReadSmallFile(folder_ + "/" + name, domain::kCheckpointBytesMax);
    if (!note.ok()) return -1;
    auto checkpoint =
        domain::OpenCheckpoint(*note, "marac.mk/audit", {Ed25519PublicKey(Options().signing_seed)});
    return checkpoint.ok() ? static_cast<int64_t>(checkpoint->size) : -1;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string folder_;
  FakeSecurityClock clock_;
  Log log_;
};

TEST_F(CheckpointerTest, TheFileIsTheSignedRootOfWhatWasCommitted) {
  auto checkpointer = MustCreate();
  Commit(*checkpointer, 5);
  checkpointer->Tick();
  ASSERT_OK_AND_ASSIGN(std::string note, ReadSmallFile(folder_ + "/checkpoint", 4096));
  const domain::Checkpoint expected{.origin = "marac.mk/audit", .size = 5, .root = log_.Root()};
  EXPECT_EQ(note, domain::SignCheckpoint(expected, Options().signing_seed));
  EXPECT_EQ(checkpointer->newest(), note);
  EXPECT_THAT(Names(), ElementsAre("checkpoint", "checkpoint-00000000000000000005"));
  EXPECT_EQ(WrittenSize("checkpoint-00000000000000000005"), 5);
  EXPECT_TRUE(checkpointer->healthy());
}

TEST_F(CheckpointerTest, ComesTenSecondsAfterTheLastWhenThereIsNews) {
  auto checkpointer = MustCreate();
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), -1);  // There is nothing to sign.
  Commit(*checkpointer, 1);
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 1);
  Commit(*checkpointer, 255);
  clock_.Advance(absl::Milliseconds(9999));
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 1);
  clock_.Advance(absl::Milliseconds(1));
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 256);
  clock_.Advance(absl::Hours(1));
  checkpointer->Tick();
  EXPECT_THAT(Names(), ::testing::SizeIs(3));  // No news, no file.
}

TEST_F(CheckpointerTest, ComesWith256EntriesButNotTwiceInASecond) {
  auto checkpointer = MustCreate();
  Commit(*checkpointer, 1);
  checkpointer->Tick();
  Commit(*checkpointer, 255);
  clock_.Advance(absl::Seconds(1));
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 1);
  Commit(*checkpointer, 1);
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 257);
  Commit(*checkpointer, 5000);
  clock_.Advance(absl::Milliseconds(999));
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 257);
  clock_.Advance(absl::Milliseconds(1));
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 5257);
}

TEST_F(CheckpointerTest, AClockThatWentBackDoesNotStopIt) {
  auto checkpointer = MustCreate();
  Commit(*checkpointer, 1);
  checkpointer->Tick();
  clock_.Advance(absl::Hours(-24));
  Commit(*checkpointer, 1);
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 2);
}

TEST_F(CheckpointerTest, TheOldestHistoryGoesFirst) {
  CheckpointerOptions options = Options();
  options.history_max = 2;
  for (int life = 0; life < 2; ++life) {
    ASSERT_OK_AND_ASSIGN(auto checkpointer, Create(options));
    for (int i = 0; i < 2; ++i) {
      Commit(*checkpointer, 1);
      clock_.Advance(absl::Seconds(10));
      checkpointer->Tick();
    }
  }
  EXPECT_THAT(Names(), ElementsAre("checkpoint", "checkpoint-00000000000000000003",
                                   "checkpoint-00000000000000000004"));
}

TEST_F(CheckpointerTest, GoesOnFromAnUntouchedLog) {
  ServeFor30Entries();
  auto checkpointer = MustCreate();
  Commit(*checkpointer, 3);
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 33);
  EXPECT_THAT(checkpointer->newest(), HasSubstr("\n33\n"));
}

TEST_F(CheckpointerTest, WhatWasCommittedBeforeAStopWithoutACheckpointIsSignedAfterIt) {
  ServeFor30Entries();
  log_.Append("committed, then killed");
  auto checkpointer = MustCreate();
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 31);
}

TEST_F(CheckpointerTest, ACutTailOrAnOlderDatabaseIsRefused) {
  ServeFor30Entries();
  for (size_t size : {29u, 20u, 1u, 0u}) {
    log_.Cut(size);
    EXPECT_THAT(Create(Options()),
                Refuses(kDataLoss, fmt::format("has {} entries, but a checkpoint was signed over 30", size)));
  }
}

// The chain alone does not see this one: every hash in the database fits.
TEST_F(CheckpointerTest, ALogRewrittenWithFittingHashesIsRefused) {
  ServeFor30Entries();
  for (size_t index : {0u, 19u, 20u, 29u}) {
    Log before = log_;
    log_.Rewrite(index, "areas/mk/cases/other");
    EXPECT_OK(log_.CheckChain());
    EXPECT_THAT(Create(Options()), Refuses(kDataLoss, "the first 30 entries of the audit log are not those"));
    log_ = before;
  }
  EXPECT_OK(Create(Options()));
}

// What the check of each day adds to the hashes: the log that was written is the one that is stored.
TEST_F(CheckpointerTest, ALogRewrittenOrCutWhileServingIsFoundByComparing) {
  auto checkpointer = MustCreate();
  Commit(*checkpointer, 30);
  EXPECT_OK(checkpointer->Compare(log_.Scan()));
  const Log before = log_;
  log_.Rewrite(0, "areas/mk/cases/other");
  EXPECT_OK(log_.CheckChain());
  EXPECT_THAT(checkpointer->Compare(log_.Scan()), Refuses(kDataLoss, "are not those that a checkpoint"));
  log_ = before;
  log_.Cut(29);
  EXPECT_THAT(checkpointer->Compare(log_.Scan()), Refuses(kDataLoss, "has 29 entries"));
  log_ = before;
  log_.Append("areas/mk/cases/later");
  EXPECT_OK(checkpointer->Compare(log_.Scan()));
}

TEST_F(CheckpointerTest, ALogThatWentAnotherWayAndGrewLongerIsRefused) {
  ServeFor30Entries();
  log_.Cut(25);
  for (int i = 0; i < 100; ++i) log_.Append("another history");
  EXPECT_OK(log_.CheckChain());
  EXPECT_THAT(Create(Options()), Refuses(kDataLoss, "the first 30 entries"));
}

TEST_F(CheckpointerTest, ALogWithAGapIsRefused) {
  const LeafScan scan = [](const LeafVisitor& visit) {
    absl::Status status = visit(1, std::string(32, 'a'));
    return status.ok() ? visit(3, std::string(32, 'b')) : status;
  };
  EXPECT_THAT(RebuildAndCompare(scan, {}), Refuses(kDataLoss, "entry 2"));
}

TEST_F(CheckpointerTest, AnOlderCheckpointPutBackDoesNotHideARollBack) {
  ServeFor30Entries();
  log_.Cut(20);
  // The newest file alone is put back to what it was at 20 entries; then it is removed.
  std::filesystem::copy_file(folder_ + "/checkpoint-00000000000000000020", folder_ + "/checkpoint",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Create(Options()), Refuses(kDataLoss, "signed over 30"));
  std::filesystem::remove(folder_ + "/checkpoint");
  EXPECT_THAT(Create(Options()), Refuses(kDataLoss, "signed over 30"));
}

TEST_F(CheckpointerTest, ACheckpointKeptByAnAgencyIsComparedTheSameWay) {
  for (int i = 0; i < 7; ++i) log_.Append("x");
  domain::Checkpoint kept{.origin = "marac.mk/audit", .size = 7, .root = log_.Root()};
  log_.Append("x");
  ASSERT_OK_AND_ASSIGN(domain::CompactRange range, RebuildAndCompare(log_.Scan(), {kept}));
  EXPECT_EQ(range.Root(), log_.Root());
  kept.size = 8;
  EXPECT_THAT(RebuildAndCompare(log_.Scan(), {kept}), Refuses(kDataLoss, "the first 8 entries"));
  kept.size = 9;
  EXPECT_THAT(RebuildAndCompare(log_.Scan(), {kept}), Refuses(kDataLoss, "signed over 9"));
  kept.size = 0;
  EXPECT_THAT(RebuildAndCompare(log_.Scan(), {kept}), Refuses(kDataLoss, "the first 0 entries"));
}

TEST_F(CheckpointerTest, ACheckpointOfAnotherKeyIsRefusedUnlessItIsAFormerOne) {
  ServeFor30Entries();
  CheckpointerOptions options = Options();
  options.signing_seed = Secret(std::string(32, 'n'));
  EXPECT_THAT(Create(options), Refuses(kPrecondition, "the file checkpoint is not a checkpoint of this"));
  options.former_public_keys = {Ed25519PublicKey(Options().signing_seed)};
  EXPECT_OK(Create(options));
  options.area = "elsewhere";
  EXPECT_THAT(Create(options), Refuses(kPrecondition, "first line"));
}

TEST_F(CheckpointerTest, AForgedOrCutCheckpointFileIsRefused) {
  ServeFor30Entries();
  log_.Cut(20);
  ASSERT_OK_AND_ASSIGN(std::string note, ReadSmallFile(folder_ + "/checkpoint", 4096));
  std::string forged = note;
  forged.replace(forged.find("\n30\n"), 4, "\n20\n");
  for (const std::string& text : {forged, note.substr(0, note.size() / 2), std::string()}) {
    std::ofstream(folder_ + "/checkpoint") << text;
    EXPECT_THAT(Create(Options()), Refuses(kPrecondition, "the file checkpoint is not a checkpoint of this"));
  }
}

TEST_F(CheckpointerTest, AMissingFolderIsRefusedAtStart) {
  CheckpointerOptions options = Options();
  options.directory = folder_ + "/missing";
  EXPECT_THAT(Create(options), Refuses(kPrecondition, options.directory + ": cannot be read"));
}

TEST_F(CheckpointerTest, AFolderThatCannotBeWrittenIsReportedRetriedAndRecovers) {
  auto checkpointer = MustCreate();
  Commit(*checkpointer, 1);
  checkpointer->Tick();
  ASSERT_TRUE(checkpointer->healthy());

  const std::string away = folder_ + ".away";
  std::filesystem::rename(folder_, away);
  clock_.Advance(absl::Seconds(10));
  Commit(*checkpointer, 300);
  checkpointer->Tick();
  EXPECT_THAT(checkpointer->health(),
              Refuses(absl::StatusCode::kNotFound, "checkpoint_directory " + folder_));
  // The statement is there for whoever asks over the network.
  EXPECT_THAT(checkpointer->newest(), HasSubstr("\n301\n"));

  std::filesystem::rename(away, folder_);
  clock_.Advance(absl::Seconds(9));
  checkpointer->Tick();
  EXPECT_FALSE(checkpointer->healthy());
  EXPECT_EQ(WrittenSize(), 1);
  clock_.Advance(absl::Seconds(1));
  checkpointer->Tick();
  EXPECT_TRUE(checkpointer->healthy());
  EXPECT_EQ(WrittenSize(), 301);
}

TEST_F(CheckpointerTest, AGapInWhatIsCommittedEndsCheckpointsAndHealth) {
  auto checkpointer = MustCreate();
  Commit(*checkpointer, 2);
  checkpointer->Committed(4, std::string(32, 'x'));
  EXPECT_THAT(checkpointer->health(), Refuses(absl::StatusCode::kInternal, "entry 4 came where 3 was due"));
  checkpointer->Committed(3, std::string(32, 'x'));
  EXPECT_FALSE(checkpointer->healthy());
  checkpointer->Tick();
  EXPECT_EQ(WrittenSize(), 2);  // What is known to be good is still signed.
}

// Waits, in real time, until the thread has brought about `condition`.
template <typename Condition>
bool Eventually(const Condition& condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return false;
}

class CheckpointerThreadTest : public CheckpointerTest {
 protected:
  void SetUp() override {
    CheckpointerOptions options = Options();
    options.poll_interval = absl::Milliseconds(1);
    ASSERT_OK_AND_ASSIGN(checkpointer_, Create(options));
  }

  std::unique_ptr<Checkpointer> checkpointer_;
};

TEST_F(CheckpointerThreadTest, BeatsAtStartAndEachMinute) {
  std::atomic<int> beats = 0;
  checkpointer_->Start(
      [&] {
        ++beats;
        return absl::OkStatus();
      },
      nullptr);
  ASSERT_TRUE(Eventually([&] { return beats == 1; }));
  clock_.Advance(absl::Seconds(59));
  absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(beats, 1);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Eventually([&] { return beats == 2; }));
  checkpointer_->Stop();
}

TEST_F(CheckpointerThreadTest, AHeartbeatIsNewsSoThatACutTailShows) {
  checkpointer_->Start(
      [&] {
        Commit(*checkpointer_, 1);  // As the writer does, before the heartbeat's append returns.
        return absl::OkStatus();
      },
      nullptr);
  ASSERT_TRUE(Eventually([&] { return WrittenSize() == 1; }));
  clock_.Advance(absl::Seconds(60));
  EXPECT_TRUE(Eventually([&] { return WrittenSize() == 2; }));
  checkpointer_->Stop();
}

TEST_F(CheckpointerThreadTest, AFailedHeartbeatIsReportedOnceAndItsRecoveryToo) {
  absl::Mutex mutex;
  std::vector<std::string> reports;
  std::atomic<bool> works = false;
  checkpointer_->Start([&] { return works ? absl::OkStatus() : absl::UnavailableError("stopping"); },
                       [&](const absl::Status& status) {
                         absl::MutexLock lock(&mutex);
                         reports.push_back(status.ToString());
                       });
  auto count = [&] {
    absl::MutexLock lock(&mutex);
    return reports.size();
  };
  ASSERT_TRUE(Eventually([&] { return count() == 1; }));
  EXPECT_FALSE(checkpointer_->healthy());
  works = true;
  clock_.Advance(absl::Seconds(60));
  ASSERT_TRUE(Eventually([&] { return count() == 2; }));
  EXPECT_TRUE(checkpointer_->healthy());
  checkpointer_->Stop();
  EXPECT_THAT(reports, ElementsAre(HasSubstr("heartbeat could not be written: stopping"), "OK"));
}

TEST_F(CheckpointerThreadTest, StopSignsTheLastEntries) {
  checkpointer_->Start([] { return absl::OkStatus(); }, nullptr);
  Commit(*checkpointer_, 1);
  ASSERT_TRUE(Eventually([&] { return WrittenSize() == 1; }));
  Commit(*checkpointer_, 7);  // Too soon for one by time.
  checkpointer_->Stop();
  EXPECT_EQ(WrittenSize(), 8);
  EXPECT_OK(Create(Options()));
}

TEST_F(CheckpointerThreadTest, EntriesCommittedWhileItWritesAreAllSigned) {
  checkpointer_->Start([] { return absl::OkStatus(); }, nullptr);
  for (int i = 0; i < 200; ++i) {
    Commit(*checkpointer_, 50);
    clock_.Advance(absl::Seconds(1));
  }
  checkpointer_->Stop();
  EXPECT_EQ(WrittenSize(), 10000);
  EXPECT_TRUE(checkpointer_->healthy());
  EXPECT_OK(Create(Options()));
}

// A real database beside a real folder of checkpoints.
class CheckpointedDatabaseTest : public DatabaseTestBase {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(Create()); }

  absl::StatusOr<std::unique_ptr<Checkpointer>> Compare() {
    CheckpointerOptions options;
    options.area = "mk";
    options.directory = folder_.path();
    options.signing_seed = Secret(std::string(32, 's'));
    return Checkpointer::Create(options, &clock_,
                                [this](const LeafVisitor& visit) { return database_->ScanLeaves(visit); });
  }

  // One life of the server: start, some writes, a graceful stop.
  void Serve(int64_t first_note, int64_t notes) {
    ASSERT_NO_FATAL_FAILURE(Open());
    ASSERT_OK_AND_ASSIGN(auto checkpointer, Compare());
    database_->ObserveAudit(
        [&](uint64_t sequence, std::string_view leaf) { checkpointer->Committed(sequence, leaf); });
    checkpointer->Start([&] { return database_->Append(Event(absl::OkStatus())); }, nullptr);
    for (int64_t note = first_note; note < first_note + notes; ++note) {
      ASSERT_OK(database_->Write(NoteWriter(note), Event));
    }
    checkpointer->Stop();
    database_->Close();
    ASSERT_OK(checkpointer->health());
    size_ = database_->Head().sequence;
    newest_ = checkpointer->newest();
    database_.reset();
  }

  TemporaryDirectory folder_;
  SecurityClock clock_;
  uint64_t size_ = 0;
  std::string newest_;
};

TEST_F(CheckpointedDatabaseTest, EveryRowIsInTheLastCheckpointAndTheNextLifeAgrees) {
  ASSERT_NO_FATAL_FAILURE(Serve(/*first_note=*/1, /*notes=*/20));
  EXPECT_GT(size_, 20u);  // With a heartbeat.
  EXPECT_THAT(newest_, HasSubstr(fmt::format("\n{}\n", size_)));
  ASSERT_NO_FATAL_FAILURE(Serve(/*first_note=*/21, /*notes=*/5));
  EXPECT_GT(size_, 25u);
  EXPECT_THAT(newest_, HasSubstr(fmt::format("\n{}\n", size_)));
}

TEST_F(CheckpointedDatabaseTest, YesterdaysFilePutBackIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Serve(/*first_note=*/1, /*notes=*/3));
  std::filesystem::copy_file(file(), file() + ".yesterday");
  ASSERT_NO_FATAL_FAILURE(Serve(/*first_note=*/4, /*notes=*/3));
  std::filesystem::rename(file() + ".yesterday", file());
  std::filesystem::permissions(file(), std::filesystem::perms(0600));
  // Without the checkpoint nothing is wrong: the file opens, and its chain verifies.
  ASSERT_NO_FATAL_FAILURE(Open());
  EXPECT_THAT(Compare(), Refuses(kDataLoss, fmt::format("but a checkpoint was signed over {}", size_)));
}

TEST_F(CheckpointedDatabaseTest, ALastRowRewrittenWithTheKeyIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Serve(/*first_note=*/1, /*notes=*/3));
  {
    auto raw = OpenRaw();
    ASSERT_OK(raw->Execute("DROP TRIGGER audit_log_is_never_changed"));
    ASSERT_OK_AND_ASSIGN(Statement find, raw->Prepare("SELECT chain FROM audit_log WHERE sequence = ?1"));
    find.Bind(1, static_cast<int64_t>(size_ - 1));
    ASSERT_THAT(find.Step(), IsOkAndHolds(true));
    const std::string record = domain::EncodeAuditRecord(size_, domain::AuditEvent{});
    const std::string leaf = domain::LeafHash(record);
    const std::string chain = domain::ChainHash(find.Blob(0), leaf);
    ASSERT_OK_AND_ASSIGN(
        Statement change,
        raw->Prepare("UPDATE audit_log SET record = ?1, leaf = ?2, chain = ?3 WHERE sequence = ?4"));
    change.BindBlob(1, record).BindBlob(2, leaf).BindBlob(3, chain).Bind(4, static_cast<int64_t>(size_));
    ASSERT_OK(change.Run());
  }
  // Every hash in the database fits, so it opens.
  ASSERT_NO_FATAL_FAILURE(Open());
  EXPECT_THAT(Compare(), Refuses(kDataLoss, fmt::format("the first {} entries", size_)));
}

}  // namespace
}  // namespace marac::store
