// What must survive a disk that fails, a power cut and a killed process (security 3.4, 3.5; D1-D5 short
// forms).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "tests/store/test_database.h"
#include "tests/support/fault_vfs.h"

namespace marac::store {
namespace {

using marac::testing::FaultVfs;
using marac::testing::Refuses;

class FaultTest : public DatabaseTestBase {
 protected:
  FaultTest() {
    FaultVfs::Get().Reset();
    options_.vfs = FaultVfs::kName;
    options_.on_fatal = [this](std::string_view) { ++fatal_; };
  }
  ~FaultTest() override {
    database_.reset();
    FaultVfs::Get().Reset();
  }

  // The next start, on a disk that works.
  void Reopen() {
    database_.reset();
    FaultVfs::Get().Reset();
    Open();
  }

  std::set<int64_t> StoredNotes() {
    std::set<int64_t> ids;
    EXPECT_OK(database_->Read(
        [&](ReadTransaction& tx) -> absl::Status {
          ids.clear();
          ASSIGN_OR_RETURN(Statement rows, tx.Prepare("SELECT id FROM notes"));
          while (true) {
            ASSIGN_OR_RETURN(const bool row, rows.Step());
            if (!row) return absl::OkStatus();
            ids.insert(rows.Int(0));
          }
        },
        Event));
    return ids;
  }

  std::atomic<int> fatal_{0};
};

TEST_F(FaultTest, ASyncThatFailsEndsTheServerAndIsNeverTriedAgain) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  FaultVfs::Get().Fail(FaultVfs::Operation::kSync, 1, SQLITE_IOERR_FSYNC, /*sticky=*/false);
  const int before = FaultVfs::Get().Count(FaultVfs::Operation::kSync);
  EXPECT_THAT(database_->Write(NoteWriter(2), Event), Refuses(absl::StatusCode::kUnavailable, "request_id"));
  EXPECT_EQ(fatal_, 1);
  EXPECT_THAT(database_->Write(NoteWriter(3), Event), Refuses(absl::StatusCode::kUnavailable, "stopping"));
  EXPECT_THAT(database_->Append(Event(absl::OkStatus())),
              Refuses(absl::StatusCode::kUnavailable, "stopping"));
  EXPECT_THAT(database_->Read([](ReadTransaction&) { return absl::OkStatus(); }, Event),
              Refuses(absl::StatusCode::kUnavailable, "stopping"));
  database_->Close();
  EXPECT_EQ(FaultVfs::Get().Count(FaultVfs::Operation::kSync), before + 1) << "not even by closing";
  EXPECT_EQ(fatal_, 1);
  Reopen();
  EXPECT_TRUE(StoredNotes().contains(1));
  EXPECT_FALSE(StoredNotes().contains(3));
}

TEST_F(FaultTest, AWriteThatFailsEndsTheServer) {
  CreateAndOpen();
  FaultVfs::Get().Fail(FaultVfs::Operation::kWrite, 1, SQLITE_IOERR_WRITE, /*sticky=*/false);
  EXPECT_THAT(database_->Write(NoteWriter(2), Event), Refuses(absl::StatusCode::kUnavailable, "request_id"));
  EXPECT_EQ(fatal_, 1);
}

TEST_F(FaultTest, ACheckpointThatFailsEndsTheServer) {
  options_.checkpoint_pages = 1;
  CreateAndOpen();
  // The log is synced for the commit, then for the checkpoint; then the file.
  FaultVfs::Get().Fail(FaultVfs::Operation::kSync, 3, SQLITE_IOERR_FSYNC, /*sticky=*/true);
  for (int i = 0; i < 5 && fatal_ == 0; ++i) database_->Write(NoteWriter(i), Event).IgnoreError();
  for (int i = 0; i < 1000 && fatal_ == 0; ++i) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(fatal_, 1);
}

TEST_F(FaultTest, ALastCheckpointThatFailsIsNotTriedAgainAndLeavesTheLog) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  FaultVfs::Get().Fail(FaultVfs::Operation::kSync, 2, SQLITE_IOERR_FSYNC, /*sticky=*/false);
  const int before = FaultVfs::Get().Count(FaultVfs::Operation::kSync);
  database_->Close();
  EXPECT_EQ(FaultVfs::Get().Count(FaultVfs::Operation::kSync), before + 2);
  EXPECT_EQ(fatal_, 1);
  EXPECT_GT(std::filesystem::file_size(file() + "-wal"), 0u);
  Reopen();
  EXPECT_TRUE(StoredNotes().contains(1));
}

TEST_F(FaultTest, EveryoneWhoWaitsIsToldWhenTheDiskFails) {
  CreateAndOpen();
  FaultVfs::Get().Fail(FaultVfs::Operation::kSync, 1, SQLITE_IOERR_FSYNC, /*sticky=*/true);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      if (absl::IsUnavailable(database_->Write(NoteWriter(i), Event))) ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 20);
  EXPECT_EQ(fatal_, 1);
}

// D5: a full disk is no reason to end, because reading goes on when a person frees space.
TEST_F(FaultTest, AFullDiskFailsTheGroupAndWritingGoesOnWhenThereIsSpace) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  FaultVfs::Get().Fail(FaultVfs::Operation::kWrite, 1, SQLITE_FULL, /*sticky=*/true);
  EXPECT_THAT(database_->Write(NoteWriter(2), Event),
              Refuses(absl::StatusCode::kResourceExhausted, "the disk is full"));
  EXPECT_THAT(database_->Append(Event(absl::OkStatus())),
              Refuses(absl::StatusCode::kResourceExhausted, "the disk is full"));
  FaultVfs::Get().Fail(FaultVfs::Operation::kWrite, 0, SQLITE_OK, /*sticky=*/false);
  ASSERT_OK(database_->Write(NoteWriter(3), Event));
  EXPECT_EQ(fatal_, 0);
  EXPECT_EQ(StoredNotes(), (std::set<int64_t>{1, 3}));
  EXPECT_OK(database_->VerifyAudit(1, database_->Head().sequence));
  Reopen();
  EXPECT_EQ(StoredNotes(), (std::set<int64_t>{1, 3}));
}

// A body large enough to spill to the log before its commit meets the full disk inside the body.
TEST_F(FaultTest, AFullDiskInsideABodyFailsTheGroup) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  FaultVfs::Get().Fail(FaultVfs::Operation::kWrite, 1, SQLITE_FULL, /*sticky=*/false);
  const absl::Status answer = database_->Write(
      [](WriteTransaction& tx) -> absl::Status {
        for (int64_t id = 10; id < 30; ++id) RETURN_IF_ERROR(InsertNote(tx, id, std::string(1 << 20, 'x')));
        return absl::OkStatus();
      },
      Event);
  EXPECT_THAT(answer, Refuses(absl::StatusCode::kResourceExhausted, "the disk is full"));
  ASSERT_OK(database_->Write(NoteWriter(2), Event));
  EXPECT_EQ(StoredNotes(), (std::set<int64_t>{1, 2}));
  EXPECT_EQ(fatal_, 0);
}

// D4: a page that was changed outside fails its check, whoever reads it, and ends the server.
TEST_F(FaultTest, AFlippedBitIsNeverReadAsData) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(
      [](WriteTransaction& tx) -> absl::Status {
        for (int64_t id = 0; id < 50; ++id) RETURN_IF_ERROR(InsertNote(tx, id, std::string(2000, 'x')));
        return absl::OkStatus();
      },
      Event));
  database_.reset();
  {
    // The last page is one of the notes'.
    const auto at = static_cast<std::streamoff>(std::filesystem::file_size(file())) - 2000;
    std::fstream raw(file(), std::ios::binary | std::ios::in | std::ios::out);
    raw.seekg(at);
    const char byte = static_cast<char>(raw.get() ^ 1);
    raw.seekp(at);
    raw.put(byte);
  }
  Open();
  const absl::Status answer = database_->Read(
      [](ReadTransaction& tx) { return Count(tx, "SELECT sum(length(text)) FROM notes").status(); }, Event);
  EXPECT_FALSE(answer.ok());
  EXPECT_EQ(fatal_, 1) << answer;
}

TEST_F(FaultTest, AFileThatIsDamagedWhereTheStartLooksIsRefused) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  database_.reset();
  std::filesystem::resize_file(file(), 2 * 4096 + 100);
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kDataLoss, "restore"));
}

// D2 in its short form: each k-th call in turn.
TEST_F(FaultTest, WhereverTheDiskFailsWhatWasAcknowledgedIsThere) {
  options_.checkpoint_pages = 8;
  Create();
  int64_t id = 0;
  std::set<int64_t> acknowledged;
  struct Fault {
    FaultVfs::Operation operation;
    int code;
  };
  constexpr Fault kFaults[] = {{FaultVfs::Operation::kWrite, SQLITE_IOERR_WRITE},
                               {FaultVfs::Operation::kWrite, SQLITE_FULL},
                               {FaultVfs::Operation::kSync, SQLITE_IOERR_FSYNC},
                               {FaultVfs::Operation::kTruncate, SQLITE_IOERR_TRUNCATE}};
  for (const Fault& fault : kFaults) {
    for (const bool sticky : {false, true}) {
      for (int k = 1; k <= 31; k += 3) {
        Reopen();
        FaultVfs::Get().Fail(fault.operation, k, fault.code, sticky);
        for (int i = 0; i < 6; ++i) {
          ++id;
          if (database_->Write(NoteWriter(id), Event).ok()) acknowledged.insert(id);
        }
        database_.reset();
      }
    }
  }
  Reopen();
  const std::set<int64_t> stored = StoredNotes();
  EXPECT_TRUE(std::includes(stored.begin(), stored.end(), acknowledged.begin(), acknowledged.end()));
  EXPECT_GT(acknowledged.size(), 50u);
  EXPECT_LT(acknowledged.size(), static_cast<size_t>(id)) << "some fault was met";
  EXPECT_OK(database_->VerifyAudit(1, database_->Head().sequence));
}

// D3 in its short form.
TEST_F(FaultTest, APowerCutLeavesWhatWasAcknowledged) {
  options_.checkpoint_pages = 8;
  Create();
  FaultVfs::Get().TrackPowerLoss();
  Open();
  std::set<int64_t> acknowledged;
  for (uint64_t cut = 0; cut < 25; ++cut) {
    for (int64_t i = 0; i < 4; ++i) {
      const int64_t id = static_cast<int64_t>(cut) * 10 + i;
      ASSERT_OK(database_->Write(NoteWriter(id, std::string(1500, 'x')), Event));
      acknowledged.insert(id);
    }
    TemporaryDirectory remains;
    FaultVfs::Get().WriteRemains(remains.path(), cut);
    DatabaseOptions options = TestOptions(remains.path());
    ASSERT_OK_AND_ASSIGN(auto survivor, Database::Open(options));
    EXPECT_OK(survivor->VerifyAudit(1, database_->Head().sequence));
    EXPECT_EQ(ReadNumber(*survivor, "SELECT count(*) FROM notes"), static_cast<int64_t>(acknowledged.size()));
  }
}

// The child's whole life: it writes from several threads and tells of each acknowledged id.
[[noreturn]] void WriteUntilKilled(const DatabaseOptions& options, int ledger, int64_t first_id) {
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) _exit(1);
  std::atomic<int64_t> next{first_id};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (true) {
        const int64_t id = next++;
        if (!(*database)->Write(NoteWriter(id), Event).ok()) _exit(2);
        if (write(ledger, &id, sizeof(id)) != sizeof(id)) _exit(3);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  _exit(4);
}

// D1 in its short form; the ledger lives in this process, which is not killed.
TEST_F(FaultTest, AKilledServerKeptEveryAcknowledgedWrite) {
  Create();
  std::set<int64_t> acknowledged;
  for (int kill_number = 0; kill_number < 5; ++kill_number) {
    int ledger[2];
    ASSERT_EQ(pipe(ledger), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ledger[0]);
      WriteUntilKilled(options_, ledger[1], (kill_number + 1) * 1'000'000);
    }
    close(ledger[1]);
    int64_t id = 0;
    int answers = 0;
    while (read(ledger[0], &id, sizeof(id)) == sizeof(id)) {
      acknowledged.insert(id);
      if (++answers == 200 + 37 * kill_number) kill(child, SIGKILL);
    }
    close(ledger[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    Reopen();
    const std::set<int64_t> stored = StoredNotes();
    EXPECT_TRUE(std::includes(stored.begin(), stored.end(), acknowledged.begin(), acknowledged.end()));
    EXPECT_OK(database_->VerifyAudit(1, database_->Head().sequence));
    database_.reset();
  }
  EXPECT_GE(acknowledged.size(), 1000u);
}

// Without a hook: exit code 74, and after three of them a person is asked for.
TEST_F(FaultTest, AFailedDiskEndsTheProcessWith74AndTheFourthStartIsRefused) {
  Create();
  options_.on_fatal = nullptr;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto database = Database::Open(options_);
      if (!database.ok()) _exit(1);
      FaultVfs::Get().Fail(FaultVfs::Operation::kSync, 1, SQLITE_IOERR_FSYNC, /*sticky=*/false);
      (*database)->Write(NoteWriter(i), Event).IgnoreError();
      _exit(2);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), kFatalExitCode);
  }
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kFailedPrecondition, "check the disk"));
}

}  // namespace
}  // namespace marac::store
