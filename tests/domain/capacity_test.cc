#include "domain/capacity.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;

TEST(R08Capacity, CasesThatFitAreRoundedDown) {
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .opening_min = 10, .breaks_min = 10, .slot_min = 10}),
              IsOkAndHolds(16));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .opening_min = 10, .breaks_min = 0, .slot_min = 15}),
              IsOkAndHolds(11));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180}), IsOkAndHolds(17));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 10}), IsOkAndHolds(0));
}

TEST(R08Capacity, TimesWithoutSenseAreRefusedNamingTheField) {
  constexpr absl::StatusCode kCode = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .slot_min = 0}), Refuses(kCode, "slot_min"));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .slot_min = -5}), Refuses(kCode, "slot_min"));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .slot_min = 16}), Refuses(kCode, "slot_min"));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .slot_min = 20, .slot_min_max = 20}), IsOkAndHolds(8));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .opening_min = -1}), Refuses(kCode, "opening_min"));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 180, .breaks_min = -1}), Refuses(kCode, "breaks_min"));
  EXPECT_THAT(AgendaCapacity({.meeting_min = 9}), Refuses(kCode, "meeting_min"));
}

TEST(R08Capacity, ALongAgendaWarnsAboveItsSetting) {
  EXPECT_FALSE(IsLongAgenda(15));
  EXPECT_TRUE(IsLongAgenda(16));
  EXPECT_FALSE(IsLongAgenda(20, 20));
  EXPECT_TRUE(IsLongAgenda(21, 20));
}

TEST(R08Overrun, WhatIsLeftOfEachSlotIsCounted) {
  absl::Time end = absl::FromUnixSeconds(1'800'000'000);
  RunningMeeting meeting = {.now = end - absl::Minutes(30), .planned_end = end, .cases_waiting = 3};
  EXPECT_EQ(ExpectedOverrun(meeting), absl::ZeroDuration());
  meeting.case_open = true;
  meeting.in_current_case = absl::Minutes(4);
  EXPECT_EQ(ExpectedOverrun(meeting), absl::Minutes(6));
  meeting.in_current_case = absl::Minutes(25);
  EXPECT_EQ(ExpectedOverrun(meeting), absl::ZeroDuration());
  meeting.breaks_left_min = 5;
  EXPECT_EQ(ExpectedOverrun(meeting), absl::Minutes(5));
  meeting.now = end + absl::Minutes(7);
  meeting.cases_waiting = 0;
  meeting.breaks_left_min = 0;
  EXPECT_EQ(ExpectedOverrun(meeting), absl::Minutes(7));
}

TEST(R10Volume, AnAreasExpectedNumbersFollowFromItsAdultWomen) {
  ASSERT_OK_AND_ASSIGN(ExpectedVolume volume, ExpectVolume(115'000));
  EXPECT_EQ(volume.cases_a_year, 460);
  EXPECT_EQ(volume.cases_a_fortnight, 18);
  EXPECT_DOUBLE_EQ(volume.administrators, 1.15);
  EXPECT_DOUBLE_EQ(volume.idvas, 4.6);
}

TEST(R10Volume, NumbersWithoutSenseAreRefusedNamingTheField) {
  constexpr absl::StatusCode kCode = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(ExpectVolume(-1), Refuses(kCode, "adult_women"));
  EXPECT_THAT(ExpectVolume(1, {.cases_per_10000_women = 0}), Refuses(kCode, "cases_per_10000_women"));
  EXPECT_THAT(ExpectVolume(1, {.cases_per_administrator = 0}), Refuses(kCode, "cases_per_administrator"));
  EXPECT_THAT(ExpectVolume(1, {.referrals_per_idva = -1}), Refuses(kCode, "referrals_per_idva"));
}

}  // namespace
}  // namespace marac::domain
