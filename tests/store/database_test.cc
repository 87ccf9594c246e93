#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "domain/audit.h"
#include "store/idempotency.h"
#include "tests/store/test_database.h"
#include "tests/support/fault_vfs.h"

namespace marac::store {
namespace {

using marac::testing::FaultVfs;
using marac::testing::Refuses;

// Keeps the writer's thread busy until Release, so that what is sent meanwhile forms one group.
class BusyWriter {
 public:
  explicit BusyWriter(Database& database, absl::StatusCode expected = absl::StatusCode::kOk) {
    thread_ = std::thread([this, &database, expected] {
      const absl::Status status = database.Write(
          [this](WriteTransaction&) {
            running_.Notify();
            release_.WaitForNotification();
            return absl::OkStatus();
          },
          Event);
      EXPECT_EQ(status.code(), expected) << status;
    });
    running_.WaitForNotification();
  }
  ~BusyWriter() { Release(); }
  void Release() {
    if (!release_.HasBeenNotified()) release_.Notify();
    if (thread_.joinable()) thread_.join();
  }

 private:
  absl::Notification running_;
  absl::Notification release_;
  std::thread thread_;
};

class DatabaseTest : public DatabaseTestBase {
 protected:
  void WaitForQueue(int length) {
    while (database_->queue_length() < length) absl::SleepFor(absl::Milliseconds(1));
  }
};

TEST_F(DatabaseTest, AWriteIsThereWithItsAuditRowWhenItIsAnswered) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  EXPECT_EQ(database_->Head().sequence, 1u);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 1);
  EXPECT_TRUE(StoredEvent(*database_, 1).allowed);
}

TEST_F(DatabaseTest, ABodyThatFailsRollsBackAloneAndItsRefusalRowIsThere) {
  options_.group_time_max = absl::Seconds(10);
  CreateAndOpen();
  const uint64_t commits = database_->commit_count();
  std::vector<std::thread> threads;
  std::vector<absl::Status> answers(3);
  {
    BusyWriter busy(*database_);
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, i] {
        answers[static_cast<size_t>(i)] = database_->Write(
            [i](WriteTransaction& tx) -> absl::Status {
              RETURN_IF_ERROR(InsertNote(tx, i, "a note"));
              return i == 1 ? absl::NotFoundError("areas/1/cases/2: not found, or not open to you")
                            : absl::OkStatus();
            },
            Event);
      });
    }
    WaitForQueue(3);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_OK(answers[0]);
  EXPECT_THAT(answers[1], Refuses(absl::StatusCode::kNotFound, "cases/2"));
  EXPECT_OK(answers[2]);
  EXPECT_EQ(database_->commit_count() - commits, 1u) << "all four are one group";
  EXPECT_EQ(database_->Head().sequence, 4u);
  int refusals = 0;
  for (uint64_t sequence = 1; sequence <= 4; ++sequence) {
    const domain::AuditEvent event = StoredEvent(*database_, sequence);
    if (event.status == static_cast<int32_t>(absl::StatusCode::kNotFound)) ++refusals;
  }
  EXPECT_EQ(refusals, 1);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes WHERE id IN (0, 2)"), 2);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 2);
}

TEST_F(DatabaseTest, WhatARefusalLeavesIsKeptWithItsRowAndTheRestOfTheBodyIsNot) {
  CreateAndOpen();
  const absl::Status answer = database_->Write(
      [](WriteTransaction& tx) -> absl::Status {
        RETURN_IF_ERROR(InsertNote(tx, 1, "of the body"));
        tx.WhenRefused([](WriteTransaction& left) { return InsertNote(left, 2, "a try"); });
        return absl::UnauthenticatedError("wrong password");
      },
      Event);
  EXPECT_THAT(answer, Refuses(absl::StatusCode::kUnauthenticated, "wrong password"));
  EXPECT_EQ(database_->Head().sequence, 1u);
  EXPECT_EQ(StoredEvent(*database_, 1).status, static_cast<int32_t>(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(ReadNumber(*database_, "SELECT id FROM notes"), 2);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 1);
}

TEST_F(DatabaseTest, WhatARefusalWouldLeaveIsNotKeptOfABodyThatIsOk) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(
      [](WriteTransaction& tx) -> absl::Status {
        tx.WhenRefused([](WriteTransaction& left) { return InsertNote(left, 2, "a try"); });
        return InsertNote(tx, 1, "of the body");
      },
      Event));
  EXPECT_EQ(ReadNumber(*database_, "SELECT id FROM notes"), 1);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 1);
}

// Otherwise somebody would be told that a try failed, and have it again.
TEST_F(DatabaseTest, ARefusalThatCannotLeaveWhatItMustIsNoAnswer) {
  CreateAndOpen();
  const absl::Status answer = database_->Write(
      [](WriteTransaction& tx) -> absl::Status {
        tx.WhenRefused([](WriteTransaction& left) -> absl::Status {
          RETURN_IF_ERROR(InsertNote(left, 2, "a try"));
          return InsertNote(left, 2, "the same number again");
        });
        return absl::UnauthenticatedError("wrong password");
      },
      Event);
  EXPECT_THAT(answer, Refuses(absl::StatusCode::kUnavailable, "nothing can be answered"));
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 0);
}

class FakeBootClock : public BootClock {
 public:
  int64_t Nanoseconds() const override { return now_ += 5; }
  const std::string& BootId() const override { return boot_id_; }

 private:
  mutable std::atomic<int64_t> now_ = 1000;
  const std::string boot_id_ = "the first boot";
};

// security.md 5: the order of rows is known whatever was done to the wall clock, which callers give.
TEST_F(DatabaseTest, EveryAuditRowHasTheMomentOfItsAppendByAClockNobodyCanSet) {
  const FakeBootClock clock;
  options_.boot_clock = &clock;
  CreateAndOpen();
  domain::AuditEvent event = Event(absl::OkStatus());
  event.time_ms = 1767225600000;
  event.monotonic_ns = 99;
  event.boot_id = "the caller's";
  ASSERT_OK(database_->Append(event));
  event.time_ms -= 3'600'000;
  ASSERT_OK(database_->Append(event));
  EXPECT_EQ(StoredEvent(*database_, 1).monotonic_ns, 1005);
  EXPECT_EQ(StoredEvent(*database_, 1).boot_id, "the first boot");
  EXPECT_EQ(StoredEvent(*database_, 2).monotonic_ns, 1010);
}

TEST_F(DatabaseTest, AGroupSharesOneSync) {
  FaultVfs::Get().Reset();
  options_.vfs = FaultVfs::kName;
  options_.group_time_max = absl::Seconds(10);
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1000), Event));  // the first frame of a log costs a sync more
  const int before = FaultVfs::Get().Count(FaultVfs::Operation::kSync);
  std::vector<std::thread> threads;
  {
    BusyWriter busy(*database_);
    for (int i = 0; i < 20; ++i) {
      threads.emplace_back([&, i] { EXPECT_OK(database_->Write(NoteWriter(i), Event)); });
    }
    WaitForQueue(20);
  }
  for (std::thread& thread : threads) thread.join();
  // Not none, which synchronous=NORMAL would make, and not one a body.
  EXPECT_EQ(FaultVfs::Get().Count(FaultVfs::Operation::kSync) - before, 1);
}

TEST_F(DatabaseTest, AGroupIsNeverLargerThanItsLimit) {
  options_.group_size_max = 4;
  options_.group_time_max = absl::Seconds(10);
  CreateAndOpen();
  std::vector<std::thread> threads;
  {
    BusyWriter busy(*database_);
    for (int i = 0; i < 15; ++i) {
      threads.emplace_back([&, i] { EXPECT_OK(database_->Write(NoteWriter(i), Event)); });
    }
    WaitForQueue(15);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(database_->commit_count(), 4u) << "sixteen bodies by four";
}

TEST_F(DatabaseTest, AFullQueueRefusesAndSaysSo) {
  options_.queue_limit = 2;
  CreateAndOpen();
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  {
    BusyWriter busy(*database_);
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        const absl::Status status = database_->Write(NoteWriter(i), Event);
        if (status.ok()) return;
        EXPECT_THAT(status, Refuses(absl::StatusCode::kResourceExhausted, "the server is busy: try again"));
        ++refused;
      });
    }
    while (refused < 4) absl::SleepFor(absl::Milliseconds(1));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 2);
}

TEST_F(DatabaseTest, ACallThatWaitsTooLongInTheQueueIsWithdrawnAndNeverRuns) {
  options_.answer_wait_max = absl::Milliseconds(500);
  CreateAndOpen();
  absl::Notification running, release;
  std::thread slow([&] {
    // This one is late itself by then, and was run: it is told to ask again.
    EXPECT_THAT(database_->Write(
                    [&](WriteTransaction&) {
                      running.Notify();
                      release.WaitForNotification();
                      return absl::OkStatus();
                    },
                    Event),
                Refuses(absl::StatusCode::kUnavailable, "the same request_id"));
  });
  running.WaitForNotification();
  EXPECT_THAT(database_->Write(NoteWriter(1), Event),
              Refuses(absl::StatusCode::kUnavailable, "nothing was stored"));
  release.Notify();
  slow.join();
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 0);
}

// A program that was revoked over a slow disk stayed enrolled until the next start.
TEST_F(DatabaseTest, WhatFollowsACommitHappensAlsoWhereItsCallerGaveUpOnTheDisk) {
  options_.answer_wait_max = absl::Milliseconds(200);
  options_.group_time_max = absl::Seconds(10);
  CreateAndOpen();
  absl::Notification running, release, followed;
  // Joins the group of the first, and keeps its commit open until nobody waits for it.
  std::thread second([&] {
    running.WaitForNotification();
    database_
        ->Write(
            [&](WriteTransaction&) {
              release.WaitForNotification();
              return absl::OkStatus();
            },
            Event)
        .IgnoreError();  // Late itself: whether it hears of the commit or not is a race.
  });
  EXPECT_THAT(database_->Write(
                  [&](WriteTransaction& tx) {
                    tx.AfterCommit([&] { followed.Notify(); });
                    running.Notify();
                    WaitForQueue(1);
                    return NoteWriter(1)(tx);
                  },
                  Event),
              Refuses(absl::StatusCode::kUnavailable, "the same request_id"));
  EXPECT_FALSE(followed.HasBeenNotified());
  release.Notify();
  EXPECT_TRUE(followed.WaitForNotificationWithTimeout(absl::Seconds(10)));
  second.join();
}

TEST_F(DatabaseTest, WhatFollowsCommitsComesInTheirOrderAndAfterNoRefusal) {
  CreateAndOpen();
  std::vector<int> followed;
  std::vector<std::thread> threads;
  {
    BusyWriter busy(*database_);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        const absl::Status status = database_->Write(
            [&, i](WriteTransaction& tx) -> absl::Status {
              tx.AfterCommit([&, i] { followed.push_back(i); });
              return i == 2 ? absl::InvalidArgumentError("no") : NoteWriter(i)(tx);
            },
            Event);
        EXPECT_EQ(status.ok(), i != 2) << status;
      });
      WaitForQueue(i + 1);  // in this order
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(followed, ::testing::ElementsAre(0, 1, 3));
}

TEST_F(DatabaseTest, ABodyThatEndsTheTransactionFailsItsGroupAndNothingOfItIsKept) {
  options_.group_time_max = absl::Seconds(10);
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(100), Event));
  std::vector<std::thread> threads;
  std::vector<absl::Status> answers(3);
  {
    BusyWriter busy(*database_, absl::StatusCode::kUnavailable);
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, i] {
        answers[static_cast<size_t>(i)] =
            database_->Write(NoteWriter(i, i == 2 ? "end the group" : "a note"), Event);
      });
      WaitForQueue(i + 1);  // in this order
    }
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& answer : answers) {
    EXPECT_THAT(answer, Refuses(absl::StatusCode::kUnavailable, "request_id"));
  }
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 1);
  // The writer goes on, and the sequence has no gap.
  ASSERT_OK(database_->Write(NoteWriter(5), Event));
  EXPECT_OK(database_->VerifyAudit(1, database_->Head().sequence));
}

TEST_F(DatabaseTest, ABodyThatHidesThatItEndedTheTransactionIsNotAnsweredOk) {
  CreateAndOpen();
  const absl::Status answer = database_->Write(
      [](WriteTransaction& tx) {
        InsertNote(tx, 1, "end the group").IgnoreError();
        // On its own, this would commit at once.
        return InsertNote(tx, 2, "a note");
      },
      Event);
  EXPECT_FALSE(answer.ok());
  EXPECT_OK(database_->Append(Event(absl::OkStatus())));
}

TEST_F(DatabaseTest, ABodyThatThrowsIsRolledBackAndAnswered) {
  CreateAndOpen();
  const absl::Status answer = database_->Write(
      [](WriteTransaction& tx) -> absl::Status {
        RETURN_IF_ERROR(InsertNote(tx, 1, "a note"));
        throw std::runtime_error("Jane Doe");
      },
      Event);
  EXPECT_THAT(answer, Refuses(absl::StatusCode::kInternal, "unexpected"));
  EXPECT_EQ(answer.message().find("Jane"), absl::string_view::npos);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 0);
}

TEST_F(DatabaseTest, AnAuditRowThatCannotBeWrittenTakesTheChangeBack) {
  CreateAndOpen();
  const absl::Status answer = database_->Write(
      NoteWriter(1), [](const absl::Status&) -> domain::AuditEvent { throw std::runtime_error("no event"); });
  EXPECT_THAT(answer, Refuses(absl::StatusCode::kUnavailable, "audit"));
  EXPECT_EQ(database_->Head().sequence, 0u);
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 0);
}

TEST_F(DatabaseTest, AReadIsAnsweredOnlyAfterItsAuditRow) {
  CreateAndOpen();
  std::atomic<bool> answered{false};
  std::atomic<bool> looked{false};
  std::thread reader;
  {
    BusyWriter busy(*database_);
    reader = std::thread([&] {
      EXPECT_OK(database_->Read(
          [&](ReadTransaction&) {
            looked = true;
            return absl::OkStatus();
          },
          Event));
      answered = true;
    });
    while (!looked) absl::SleepFor(absl::Milliseconds(1));
    absl::SleepFor(absl::Milliseconds(50));
    EXPECT_FALSE(answered);
  }
  reader.join();
  EXPECT_EQ(database_->Head().sequence, 2u);
}

TEST_F(DatabaseTest, AReadThatIsRefusedLeavesARowThatSaysSo) {
  CreateAndOpen();
  EXPECT_THAT(database_->Read([](ReadTransaction&) { return absl::NotFoundError("not open to you"); }, Event),
              Refuses(absl::StatusCode::kNotFound, "not open to you"));
  EXPECT_EQ(StoredEvent(*database_, 1).status, static_cast<int32_t>(absl::StatusCode::kNotFound));
}

TEST_F(DatabaseTest, AReadIsRunAgainWhenTheRightToLookChangedAfterItsSnapshot) {
  CreateAndOpen();
  int runs = 0;
  int64_t seen = -1;
  ASSERT_OK(database_->Read(
      [&](ReadTransaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(seen, Count(tx, "SELECT count(*) FROM notes"));
        if (++runs > 1) return absl::OkStatus();
        // Somebody restricts the record between this snapshot and its audit row.
        std::thread([&] {
          EXPECT_OK(database_->Write(
              [](WriteTransaction& write) {
                write.BumpAccessEpoch();
                return InsertNote(write, 1, "restricted");
              },
              Event));
        }).join();
        return absl::OkStatus();
      },
      Event));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(seen, 1) << "the second run sees the change";
  EXPECT_EQ(database_->Head().sequence, 2u) << "one row for the change, one for the read that was answered";
}

// Was refused as UNAVAILABLE after three tries, so that under load a person could not read her own record.
TEST_F(DatabaseTest, AReadThatIsOvertakenAgainAndAgainIsAnsweredFromTheWriter) {
  CreateAndOpen();
  int runs = 0;
  const absl::Status answer = database_->Read(
      [&](ReadTransaction&) {
        // On the writer's own thread nothing can come between, and nothing may be asked of it.
        if (++runs > 2) return absl::OkStatus();
        std::thread([&] {
          EXPECT_OK(database_->Write(
              [](WriteTransaction& write) {
                write.BumpAccessEpoch();
                return absl::OkStatus();
              },
              Event));
        }).join();
        return absl::OkStatus();
      },
      Event);
  EXPECT_OK(answer);
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(database_->Head().sequence, 3u);
  EXPECT_TRUE(StoredEvent(*database_, 3).allowed);
}

TEST_F(DatabaseTest, ABumpOfABodyThatFailsDoesNotCount) {
  CreateAndOpen();
  EXPECT_FALSE(database_
                   ->Write(
                       [](WriteTransaction& tx) {
                         tx.BumpAccessEpoch();
                         return absl::AbortedError("stale etag");
                       },
                       Event)
                   .ok());
  EXPECT_EQ(database_->access_epoch(), 0u);
}

TEST_F(DatabaseTest, AReadCannotWrite) {
  CreateAndOpen();
  EXPECT_THAT(database_->Read(
                  [](ReadTransaction& tx) {
                    return tx.Prepare("INSERT INTO notes (id, text) VALUES (1, 'x')").status();
                  },
                  Event),
              Refuses(absl::StatusCode::kInternal, "needs a write"));
}

TEST_F(DatabaseTest, ReadingForTooLongIsStopped) {
  // Made without the limit, which a busy machine would reach in the making.
  CreateAndOpen();
  database_.reset();
  options_.read_time_max = absl::Milliseconds(100);
  Open();
  constexpr std::string_view kEndless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  const auto endless = [&](Transaction& tx) { return Count(tx, kEndless).status(); };
  EXPECT_THAT(database_->Read(endless, Event), Refuses(absl::StatusCode::kDeadlineExceeded, "100 ms"));
  // The writer's own reading too, without harm to its group.
  EXPECT_THAT(database_->Write(endless, Event), Refuses(absl::StatusCode::kDeadlineExceeded, "100 ms"));
  EXPECT_EQ(database_->Head().sequence, 2u);
  // So are many short statements in a row.
  EXPECT_THAT(database_->Read(
                  [](ReadTransaction& tx) -> absl::Status {
                    while (true) RETURN_IF_ERROR(Count(tx, "SELECT 1").status());
                  },
                  Event),
              Refuses(absl::StatusCode::kDeadlineExceeded, "100 ms"));
  EXPECT_OK(database_->Write(NoteWriter(1), Event));
}

TEST_F(DatabaseTest, WhenNoReaderIsFreeTheCallIsRefusedInTime) {
  options_.reader_count = 1;
  options_.reader_wait_max = absl::Milliseconds(20);
  CreateAndOpen();
  absl::Notification looking, release;
  std::thread first([&] {
    EXPECT_OK(database_->Read(
        [&](ReadTransaction&) {
          looking.Notify();
          release.WaitForNotification();
          return absl::OkStatus();
        },
        Event));
  });
  looking.WaitForNotification();
  EXPECT_THAT(database_->Read([](ReadTransaction&) { return absl::OkStatus(); }, Event),
              Refuses(absl::StatusCode::kResourceExhausted, "busy"));
  release.Notify();
  first.join();
}

TEST_F(DatabaseTest, ASnapshotDoesNotMove) {
  CreateAndOpen();
  ASSERT_OK(database_->Read(
      [&](ReadTransaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const int64_t before, Count(tx, "SELECT count(*) FROM notes"));
        std::thread([&] { EXPECT_OK(database_->Write(NoteWriter(1), Event)); }).join();
        ASSIGN_OR_RETURN(const int64_t after, Count(tx, "SELECT count(*) FROM notes"));
        EXPECT_EQ(before, after);
        return absl::OkStatus();
      },
      Event));
}

TEST_F(DatabaseTest, TheObserverSeesEveryRowOnceInOrderBeforeTheAnswer) {
  CreateAndOpen();
  ASSERT_OK(database_->Append(Event(absl::OkStatus())));
  std::vector<uint64_t> seen;
  std::vector<std::string> leaves;
  const AuditHead head = database_->ObserveAudit([&](uint64_t sequence, std::string_view leaf) {
    seen.push_back(sequence);
    leaves.emplace_back(leaf);
  });
  EXPECT_EQ(head.sequence, 1u);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 25; ++j) EXPECT_OK(database_->Write(NoteWriter(100 * i + j), Event));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(seen.size(), 100u);
  std::string chain = head.chain;
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i], i + 2);
    chain = domain::ChainHash(chain, leaves[i]);
  }
  EXPECT_EQ(chain, database_->Head().chain);
}

TEST_F(DatabaseTest, ManyThreadsWriteAndReadAtOnce) {
  CreateAndOpen();
  constexpr int kThreads = 8, kEach = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < kEach; ++j) {
        const int64_t id = i * kEach + j;
        EXPECT_OK(database_->Write(
            [&](WriteTransaction& tx) {
              if (j % 10 == 0) tx.BumpAccessEpoch();
              return InsertNote(tx, id, "a note");
            },
            Event));
        int64_t found = 0;
        const absl::Status read = database_->Read(
            [&](ReadTransaction& tx) -> absl::Status {
              ASSIGN_OR_RETURN(Statement find, tx.Prepare("SELECT count(*) FROM notes WHERE id = ?1"));
              find.Bind(1, id);
              RETURN_IF_ERROR(find.Step().status());
              found = find.Int(0);
              return absl::OkStatus();
            },
            Event);
        if (!absl::IsUnavailable(read)) {
          EXPECT_OK(read);
          EXPECT_EQ(found, 1) << "what was answered is seen by every later read";
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(database_->Head().sequence, static_cast<uint64_t>(2 * kThreads * kEach));
  EXPECT_OK(database_->VerifyAudit(1, database_->Head().sequence));
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), kThreads * kEach);
}

TEST_F(DatabaseTest, ClosingFinishesWhatWasAcceptedAndRefusesWhatComesLater) {
  CreateAndOpen();
  std::vector<std::thread> threads;
  std::atomic<int> stored{0};
  {
    BusyWriter busy(*database_);
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&, i] {
        if (database_->Write(NoteWriter(i), Event).ok()) ++stored;
      });
    }
    WaitForQueue(5);
    threads.emplace_back([&] { database_->Close(); });
    while (!absl::IsUnavailable(database_->VerifyAudit(1, 1))) absl::SleepFor(absl::Milliseconds(1));
    EXPECT_THAT(database_->Write(NoteWriter(9), Event),
                Refuses(absl::StatusCode::kUnavailable, "the server is stopping"));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stored, 5);
  EXPECT_FALSE(std::filesystem::exists(file() + "-wal")) << "one file is left";
  database_.reset();
  Open();
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 5);
}

TEST_F(DatabaseTest, TheLogIsCheckpointedWhileServing) {
  options_.checkpoint_pages = 20;
  CreateAndOpen();
  for (int i = 0; i < 200; ++i) ASSERT_OK(database_->Write(NoteWriter(i, std::string(3000, 'x')), Event));
  // 200 rows of 3 KB in 4 KB pages would be far above this, were the log never begun anew.
  EXPECT_LT(std::filesystem::file_size(file() + "-wal"), 60u * 4200u);
}

TEST_F(DatabaseTest, AVersionIsKeptWithTheSequenceOfItsAuditRowAndNeverChanged) {
  CreateAndOpen();
  const auto save = [&](int64_t version, std::string body) {
    return database_->Write(
        [&](WriteTransaction& tx) {
          return tx.SaveVersion("areas/1/cases/2", version, 1000, "accounts/3", body);
        },
        Event);
  };
  ASSERT_OK(save(1, "first"));
  ASSERT_OK(save(2, "second"));
  EXPECT_FALSE(save(2, "another second").ok());
  EXPECT_EQ(ReadNumber(*database_, "SELECT commit_seq FROM record_versions WHERE version = 2"), 2);
  EXPECT_EQ(
      ReadNumber(*database_, "SELECT count(*) FROM record_versions WHERE body = CAST('second' AS BLOB)"), 1);
}

TEST_F(DatabaseTest, ARequestIsRememberedUntilItExpires) {
  CreateAndOpen();
  const RequestKey key{.caller = "accounts/1", .method = "Submit", .request_id = "r1"};
  const AnsweredRequest answer{
      .request_hash = std::string(32, 'h'), .resource = "areas/1/referrals/2", .version = 3};
  ASSERT_OK(database_->Write(
      [&](WriteTransaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(auto none, FindRequest(tx, key, /*now_ms=*/10));
        EXPECT_FALSE(none.has_value());
        RETURN_IF_ERROR(RememberRequest(tx, key, answer, /*now_ms=*/10, /*expires_ms=*/100));
        ASSIGN_OR_RETURN(auto found, FindRequest(tx, key, /*now_ms=*/99));
        EXPECT_TRUE(found.has_value());
        EXPECT_EQ(found->resource, answer.resource);
        EXPECT_EQ(found->version, 3);
        EXPECT_EQ(found->request_hash, answer.request_hash);
        EXPECT_THAT(RememberRequest(tx, key, answer, /*now_ms=*/99, /*expires_ms=*/200),
                    Refuses(absl::StatusCode::kAlreadyExists, "request_id"));
        ASSIGN_OR_RETURN(auto expired, FindRequest(tx, key, /*now_ms=*/100));
        EXPECT_FALSE(expired.has_value());
        RETURN_IF_ERROR(RememberRequest(tx, key, answer, /*now_ms=*/100, /*expires_ms=*/200));
        ASSIGN_OR_RETURN(const int64_t early, PurgeRequests(tx, /*now_ms=*/199, /*limit=*/10));
        EXPECT_EQ(early, 0);
        ASSIGN_OR_RETURN(const int64_t purged, PurgeRequests(tx, /*now_ms=*/200, /*limit=*/10));
        EXPECT_EQ(purged, 1);
        return absl::OkStatus();
      },
      Event));
}

}  // namespace
}  // namespace marac::store
