#include "domain/flags.h"

#include <gtest/gtest.h>

namespace marac::domain {
namespace {

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

TEST(R04Flags, TheLastDayIsTwelveMonthsAfterTheAnchor) {
  EXPECT_EQ(FlagLastDay(Date(2025, 3, 1)), Date(2026, 3, 1));
  EXPECT_EQ(FlagLastDay(Date(2024, 2, 29)), Date(2025, 2, 28));
  EXPECT_EQ(FlagLastDay(Date(2025, 3, 1), 6), Date(2025, 9, 1));
}

TEST(R04Flags, AFlagExpiresFromThirtyDaysBeforeAndGoesAfterItsLastDay) {
  LocalDate last = Date(2026, 3, 31);
  EXPECT_EQ(FlagStateOn(last, Date(2026, 2, 28)), FlagState::kActive);
  EXPECT_EQ(FlagStateOn(last, Date(2026, 3, 1)), FlagState::kExpiring);
  EXPECT_EQ(FlagStateOn(last, last), FlagState::kExpiring);
  EXPECT_EQ(FlagStateOn(last, last.AddDays(1)), FlagState::kRemoved);
  EXPECT_EQ(FlagStateOn(last, Date(2026, 3, 1), /*expiring_days=*/7), FlagState::kActive);
}

TEST(R04Flags, EachFlagIsOnTheListOfOneMeeting) {
  LocalDate previous = Date(2026, 3, 4);
  LocalDate meeting = Date(2026, 3, 18);
  EXPECT_FALSE(OnTwelveMonthList(previous.AddDays(-1), previous, meeting));
  EXPECT_TRUE(OnTwelveMonthList(previous, previous, meeting));
  EXPECT_TRUE(OnTwelveMonthList(meeting.AddDays(-1), previous, meeting));
  EXPECT_FALSE(OnTwelveMonthList(meeting, previous, meeting));
  EXPECT_TRUE(OnTwelveMonthList(meeting, meeting, Date(2026, 4, 1)));
}

}  // namespace
}  // namespace marac::domain
