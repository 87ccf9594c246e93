#include "base/clock.h"

#include <gtest/gtest.h>

namespace marac {
namespace {

TEST(BootClockTest, ItOnlyGoesForward) {
  const BootClock clock;
  int64_t before = clock.Nanoseconds();
  EXPECT_GT(before, 0);
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = clock.Nanoseconds();
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(BootClockTest, TwoOfOneBootAgreeOnIt) {
  const BootClock one;
  const BootClock other;
  // "6cbd1d1b-86a0-4ea3-9f1e-6b7a0b2f0f0e" by the kernel.
  EXPECT_EQ(one.BootId().size(), 36U);
  EXPECT_EQ(one.BootId(), other.BootId());
}

}  // namespace
}  // namespace marac
