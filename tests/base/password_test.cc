#include "base/password.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <thread>

#include "tests/support/status_matchers.h"

namespace marac {
namespace {

using testing::IsOk;
using testing::IsOkAndHolds;
using testing::Refuses;
using ::testing::StartsWith;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

// The least that libsodium accepts, so that tests are quick.
constexpr PasswordCost kCheap = {.memory_bytes = 8192, .passes = 1};

TEST(PasswordTest, VerifiesThePasswordItHashedAndNoOther) {
  PasswordHasher hasher(kCheap);
  ASSERT_OK_AND_ASSIGN(const std::string stored, hasher.Hash("correct horse"));
  EXPECT_THAT(stored, StartsWith("$argon2id$v=19$m=8,t=1,p=1$"));
  EXPECT_THAT(hasher.Verify("correct horse", stored), IsOkAndHolds(true));
  EXPECT_THAT(hasher.Verify("correct Horse", stored), IsOkAndHolds(false));
  EXPECT_THAT(hasher.Verify("", stored), IsOkAndHolds(false));
}

TEST(PasswordTest, TwoHashesOfOnePasswordDiffer) {
  PasswordHasher hasher(kCheap);
  ASSERT_OK_AND_ASSIGN(const std::string first, hasher.Hash("same"));
  ASSERT_OK_AND_ASSIGN(const std::string second, hasher.Hash("same"));
  EXPECT_NE(first, second);
}

TEST(PasswordTest, TheCostOfAnInstallationIs64MiBAndThreePasses) {
  PasswordHasher hasher;
  ASSERT_OK_AND_ASSIGN(const std::string stored, hasher.Hash("x"));
  EXPECT_THAT(stored, StartsWith("$argon2id$v=19$m=65536,t=3,p=1$"));
  EXPECT_FALSE(hasher.NeedsRehash(stored));
}

TEST(PasswordTest, AnUnknownNameIsRefusedAfterTheSameWork) {
  // 4 MiB: enough that the work shows in the time, little enough to be quick.
  PasswordHasher hasher(PasswordCost{.memory_bytes = 4 << 20, .passes = 3});
  ASSERT_OK_AND_ASSIGN(const std::string stored, hasher.Hash("x"));
  // The thread's own time, so that a busy machine does not fail the test; leaving the work out would take
  // less than a hundredth.
  auto fastest = [&](std::string_view text) {
    absl::Duration best = absl::InfiniteDuration();
    for (int round = 0; round < 10; ++round) {
      timespec start, end;
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
      EXPECT_THAT(hasher.Verify("wrong", text), IsOkAndHolds(false));
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
      best = std::min(best, absl::DurationFromTimespec(end) - absl::DurationFromTimespec(start));
    }
    return best;
  };
  const absl::Duration known = fastest(stored), unknown = fastest("");
  EXPECT_GT(unknown, known / 4);
  EXPECT_LT(unknown, known * 4);
}

TEST(PasswordTest, ADamagedHashIsNotAWrongPassword) {
  PasswordHasher hasher(kCheap);
  ASSERT_OK_AND_ASSIGN(const std::string stored, hasher.Hash("x"));
  for (const std::string& damaged : {stored.substr(0, 40), std::string("$argon2id$"), std::string("plain")}) {
    EXPECT_THAT(hasher.Verify("x", damaged), Refuses(absl::StatusCode::kDataLoss, "password hash"))
        << damaged;
  }
}

TEST(PasswordTest, AHashOfAnotherCostNeedsToBeMadeAnew) {
  PasswordHasher cheap(kCheap), dearer(PasswordCost{.memory_bytes = 16384, .passes = 2});
  ASSERT_OK_AND_ASSIGN(const std::string stored, cheap.Hash("x"));
  EXPECT_FALSE(cheap.NeedsRehash(stored));
  EXPECT_TRUE(dearer.NeedsRehash(stored));
  EXPECT_THAT(dearer.Verify("x", stored), IsOkAndHolds(true));
}

TEST(WorkLimitTest, OneTooManyWaitsAndOneTooManyWaitingIsRefused) {
  WorkLimit limit(/*running_max=*/1, /*waiting_max=*/1, /*wait_max=*/absl::Seconds(30));
  absl::StatusOr<WorkLimit::Place> place = limit.Enter();
  ASSERT_OK(place);
  bool entered = false;
  std::thread second([&] { entered = limit.Enter().ok(); });
  while (limit.waiting() == 0) std::this_thread::yield();
  EXPECT_THAT(limit.Enter(), Refuses(kExhausted, "try again"));
  { WorkLimit::Place leave = *std::move(place); }
  second.join();
  EXPECT_TRUE(entered);
  EXPECT_THAT(limit.Enter(), IsOk());
}

TEST(WorkLimitTest, WaitingEnds) {
  WorkLimit limit(/*running_max=*/1, /*waiting_max=*/1, /*wait_max=*/absl::Milliseconds(5));
  absl::StatusOr<WorkLimit::Place> place = limit.Enter();
  EXPECT_THAT(limit.Enter(), Refuses(kExhausted, "try again"));
  EXPECT_EQ(limit.waiting(), 0);
}

TEST(WorkLimitTest, APlaceComesBackHoweverItsScopeEnds) {
  WorkLimit limit(/*running_max=*/2, /*waiting_max=*/0, /*wait_max=*/absl::ZeroDuration());
  for (int round = 0; round < 5; ++round) {
    absl::StatusOr<WorkLimit::Place> first = limit.Enter();
    absl::StatusOr<WorkLimit::Place> second = limit.Enter();
    EXPECT_OK(first);
    EXPECT_OK(second);
    EXPECT_THAT(limit.Enter(), Refuses(kExhausted, "try again"));
  }
}

}  // namespace
}  // namespace marac
