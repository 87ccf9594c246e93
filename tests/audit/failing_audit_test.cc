// Threat 14, test L2: the audit is slow, full, broken or gone, under a real server with real clients. Nothing
// is answered of which the log does not know.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "base/status_macros.h"
#include "domain/audit.h"
#include "rpc/config.h"
#include "store/connection.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

constexpr int kAtOnce = 4;

class FailingAuditTest : public ::testing::Test {
 protected:
  FailingAuditTest() {
    FaultVfs::Get().Reset();
    server_ = std::make_unique<ServerFixture>([this](store::DatabaseOptions& options) {
      options.vfs = FaultVfs::kName;
      options.on_fatal = [this](std::string_view) { ++fatal_; };
      answer_wait_max_ = options.answer_wait_max;
    });
    SignIn();
  }
  ~FailingAuditTest() override {
    server_.reset();
    FaultVfs::Get().Reset();
  }

  static void TearDownTestSuite() {
    std::printf("figure: audit_failures_calls=%d calls\n", tried_);
    std::printf("figure: audit_failures_refused=%d calls\n", refused_);
    std::printf("figure: audit_failures_answers_without_event=%d calls\n", without_event_);
  }

  // Writes, reads and refusals by several people at once, each marked so that it can be found in the log.
  void Call(int each) {
    std::vector<std::thread> threads;
    const Client people[] = {server_->As("referrer.police"), server_->As("idva.idva"),
                             server_->As("coordinator.council"), server_->As("referrer.police")};
    for (int thread = 0; thread < kAtOnce; ++thread) {
      threads.emplace_back([this, each, client = people[thread]] {
        for (int i = 0; i < each; ++i) One(client, i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // While the disk works.
  void SignIn() {
    for (const char* login : {"referrer.police", "idva.idva", "coordinator.council"}) server_->As(login);
  }

  // Everything that was answered is an event, now that the disk works again.
  void ExpectEveryAnswerInTheLog() {
    FaultVfs::Get().Reset();
    server_->Restart();
    SignIn();
    std::map<std::string, int> events;
    ASSERT_OK(server_->host().database().ScanRows(1, [&](const store::StoredRow& row) -> absl::Status {
      ASSIGN_OR_RETURN(const auto decoded, domain::DecodeAuditRecord(row.record));
      for (const std::string& subject : decoded.second.subjects) ++events[subject];
      ++events[decoded.second.request_id];
      return absl::OkStatus();
    }));
    for (const std::string& mark : answered_) {
      if (events.contains(mark)) continue;
      ++without_event_;
      ADD_FAILURE() << "answered, and the log knows nothing of it: " << mark;
    }
  }

  size_t answered() {
    const std::lock_guard lock(mutex_);
    return answered_.size();
  }

  std::unique_ptr<ServerFixture> server_;
  absl::Duration answer_wait_max_;
  std::atomic<int> fatal_ = 0;

 private:
  void One(const Client& client, int i) {
    const std::string id = NewUuid();
    absl::Status status;
    std::string mark = id;
    if (i % 3 == 0) {
      v1::StartAssessmentRequest request;
      request.set_parent(ServerFixture::kArea);
      request.set_request_id(id);
      status = client.Call(&v1::AssessmentService::Stub::StartAssessment, request).status();
    } else if (i % 3 == 1) {
      v1::GetReferralRequest request;
      request.set_name("areas/test/referrals/" + IdSource().NewId());
      mark = request.name();
      status = client.Call(&v1::ReferralService::Stub::GetReferral, request).status();
    } else {
      v1::CreateAgencyRequest request;
      request.mutable_agency()->set_name("agencies/refused");
      request.set_request_id(id);
      status = client.Call(&v1::DirectoryService::Stub::CreateAgency, request).status();
    }
    const bool refused =
        absl::IsUnavailable(status) || absl::IsResourceExhausted(status) || absl::IsDeadlineExceeded(status);
    const std::lock_guard lock(mutex_);
    ++tried_;
    if (refused) {
      ++refused_;
    } else {
      answered_.push_back(mark);
    }
  }

  std::mutex mutex_;
  std::vector<std::string> answered_;
  static inline int tried_ = 0, refused_ = 0, without_event_ = 0;
};

TEST_F(FailingAuditTest, ASlowAuditIsNotWaitedForLongAndNothingIsAnsweredBeforeIt) {
  EXPECT_EQ(answer_wait_max_, absl::Seconds(2));
  Call(6);
  const size_t before = answered();
  EXPECT_EQ(before, size_t{6} * kAtOnce);
  FaultVfs::Get().Slow(FaultVfs::Operation::kSync, absl::Seconds(3));
  const absl::Time start = absl::Now();
  Call(2);
  EXPECT_LT(absl::Now() - start, absl::Seconds(15));
  EXPECT_EQ(answered(), before) << "each takes longer than anybody is let wait";
  FaultVfs::Get().Slow(FaultVfs::Operation::kSync, absl::ZeroDuration());
  absl::SleepFor(absl::Seconds(4));
  Call(6);
  EXPECT_EQ(answered(), 2 * before) << "and afterwards all is well";
  ExpectEveryAnswerInTheLog();
}

TEST_F(FailingAuditTest, AFullDiskAnswersNothing) {
  Call(6);
  const size_t before = answered();
  FaultVfs::Get().Fail(FaultVfs::Operation::kWrite, 1, SQLITE_FULL, /*sticky=*/true);
  Call(9);
  EXPECT_EQ(answered(), before);
  EXPECT_EQ(fatal_, 0);
  ExpectEveryAnswerInTheLog();
}

TEST_F(FailingAuditTest, ADiskThatFailsAtAnyMomentAnswersNothingThatIsNotThere) {
  for (const auto& [operation, code] : {std::pair{FaultVfs::Operation::kWrite, SQLITE_IOERR_WRITE},
                                        std::pair{FaultVfs::Operation::kSync, SQLITE_IOERR_FSYNC}}) {
    for (const int k : {1, 7, 20}) {
      FaultVfs::Get().Fail(operation, k, code, /*sticky=*/true);
      // How many calls share a commit is chance.
      for (int round = 0; round < 20 && fatal_ == 0; ++round) Call(3);
      Call(3);
      EXPECT_EQ(fatal_, 1);
      ExpectEveryAnswerInTheLog();
      fatal_ = 0;
    }
  }
}

TEST_F(FailingAuditTest, WithoutItsTableNothingIsAnswered) {
  Call(6);
  const size_t before = answered();
  ASSERT_OK_AND_ASSIGN(const auto config, rpc::LoadServerConfig(server_->folder() + "/maracd.textproto"));
  ASSERT_OK_AND_ASSIGN(const store::DatabaseOptions options, rpc::DatabaseOptionsOf(config));
  const auto raw = [&] {
    return store::Connection::Open({.path = std::filesystem::canonical(options.directory + "/marac.db"),
                                    .key = &options.key,
                                    .use = store::Connection::Use::kMigrate,
                                    .read_time_max = absl::Seconds(2),
                                    .vfs = FaultVfs::kName});
  };
  {
    ASSERT_OK_AND_ASSIGN(const auto connection, raw());
    ASSERT_OK(connection->Execute("ALTER TABLE audit_log RENAME TO taken_away"));
  }
  Call(9);
  EXPECT_EQ(answered(), before);
  {
    ASSERT_OK_AND_ASSIGN(const auto connection, raw());
    ASSERT_OK(connection->Execute("ALTER TABLE taken_away RENAME TO audit_log"));
  }
  Call(6);
  EXPECT_EQ(answered(), 2 * before);
  ExpectEveryAnswerInTheLog();
}

}  // namespace
}  // namespace marac::testing
