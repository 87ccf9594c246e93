#include "domain/deadlines.h"

#include <gmock/gmock.h>

#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Calendar;
using ::marac::testing::Refuses;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = DeadlineWarning::Kind;

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

absl::Time Utc(int year, int month, int day, int hour) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, 0, 0), absl::UTCTimeZone());
}

MATCHER_P2(Warns, kind, part, "warns of " + std::string(part)) {
  *result_listener << arg.sentence;
  return arg.kind == kind && arg.sentence.find(part) != std::string::npos;
}

TEST(R05Deadlines, AnOrdinaryFortnightHasItsDefaultsAndNoWarning) {
  ASSERT_OK_AND_ASSIGN(MeetingPlan plan, PlanMeeting(Date(2026, 10, 14), Date(2026, 9, 30), MeetingOffsets(),
                                                     Calendar("england_and_wales")));
  EXPECT_THAT(plan.warnings, IsEmpty());
  EXPECT_EQ(plan.deadlines.cut_off, Utc(2026, 10, 2, 11));
  EXPECT_EQ(plan.deadlines.circulation, Utc(2026, 10, 7, 16));
  EXPECT_EQ(plan.deadlines.research_due, Utc(2026, 10, 12, 16));
  EXPECT_EQ(plan.deadlines.status_due, Utc(2026, 10, 13, 16));
  EXPECT_EQ(plan.deadlines.actions_out, Utc(2026, 10, 15, 16));
  EXPECT_EQ(plan.deadlines.minutes_due, Utc(2026, 10, 19, 16));
}

TEST(R05Deadlines, ClockTimesStayInLondonWhenTheClocksChangeBetweenThem) {
  // The clocks go back on 25 October 2026.
  ASSERT_OK_AND_ASSIGN(MeetingPlan plan, PlanMeeting(Date(2026, 10, 28), std::nullopt, MeetingOffsets(),
                                                     Calendar("england_and_wales")));
  EXPECT_EQ(plan.deadlines.cut_off, Utc(2026, 10, 16, 11));
  EXPECT_EQ(plan.deadlines.research_due, Utc(2026, 10, 26, 17));
}

TEST(R05Deadlines, NewYearMovesTheCirculationByNation) {
  MeetingOffsets offsets;
  ASSERT_OK_AND_ASSIGN(MeetingPlan england,
                       PlanMeeting(Date(2026, 1, 7), std::nullopt, offsets, Calendar("england_and_wales")));
  EXPECT_EQ(england.deadlines.circulation, Utc(2025, 12, 30, 17));
  ASSERT_OK_AND_ASSIGN(MeetingPlan scotland,
                       PlanMeeting(Date(2026, 1, 7), std::nullopt, offsets, Calendar("scotland")));
  EXPECT_EQ(scotland.deadlines.circulation, Utc(2025, 12, 29, 17));
}

TEST(R05Deadlines, HolidaysThatSqueezeTwoMeetingsTogetherWarn) {
  // Christmas, Boxing Day (substitute) and New Year take three of the ten working days: the cut-off for 6
  // January falls before the meeting of 23 December.
  ASSERT_OK_AND_ASSIGN(MeetingPlan plan, PlanMeeting(Date(2027, 1, 6), Date(2026, 12, 23), MeetingOffsets(),
                                                     Calendar("england_and_wales")));
  EXPECT_THAT(
      plan.warnings,
      ElementsAre(
          Warns(Kind::kSqueezed,
                "Because of holidays, referral cut-off (22 December 2026) for the meeting of "
                "6 January 2027 comes 2 working days before actions out (24 December 2026) for the "
                "meeting of 23 December 2026; it should be 1 working day after."),
          Warns(Kind::kSqueezed,
                "agenda circulated (29 December 2026) for the meeting of 6 January 2027 comes 1 working "
                "day before minutes due (30 December 2026) for the meeting of 23 December 2026; it should "
                "be 2 working days after.")));
}

TEST(R05Deadlines, OneHolidayBetweenTwoMeetingsIsEnoughToWarn) {
  // Early May bank holiday, 4 May 2026.
  ASSERT_OK_AND_ASSIGN(MeetingPlan plan, PlanMeeting(Date(2026, 5, 13), Date(2026, 4, 29), MeetingOffsets(),
                                                     Calendar("england_and_wales")));
  EXPECT_THAT(plan.warnings,
              ElementsAre(Warns(Kind::kSqueezed, "comes on the same day as actions out (30 April 2026)"),
                          Warns(Kind::kSqueezed, "comes only 1 working day after minutes due (5 May 2026)")));
}

TEST(R05Deadlines, AMeetingOnAClosedDayWarnsAndProposesTheNextWorkingDay) {
  WorkingDays days = Calendar("england_and_wales");
  ASSERT_OK_AND_ASSIGN(MeetingPlan easter,
                       PlanMeeting(Date(2026, 4, 6), std::nullopt, MeetingOffsets(), days));
  EXPECT_THAT(easter.warnings, ElementsAre(Warns(Kind::kMeetingOnClosedDay,
                                                 "6 April 2026 is Easter Monday: the next working day is "
                                                 "7 April 2026"),
                                           Warns(Kind::kSqueezed, "comes")));
  ASSERT_OK_AND_ASSIGN(MeetingPlan saturday,
                       PlanMeeting(Date(2026, 9, 5), std::nullopt, MeetingOffsets(), days));
  EXPECT_THAT(saturday.warnings, Contains(Warns(Kind::kMeetingOnClosedDay, "Saturday")));
}

TEST(R05Deadlines, AHolidayNotYetPublishedWarns) {
  ASSERT_OK_AND_ASSIGN(MeetingPlan plan, PlanMeeting(Date(2029, 4, 11), std::nullopt, MeetingOffsets(),
                                                     Calendar("northern_ireland")));
  EXPECT_THAT(plan.warnings, ElementsAre(Warns(Kind::kProjectedHoliday, "not yet published")));
}

TEST(R05Deadlines, BeyondTheCalendarTheMeetingIsRefused) {
  EXPECT_THAT(PlanMeeting(Date(2030, 12, 30), std::nullopt, MeetingOffsets(), Calendar("scotland")),
              Refuses(absl::StatusCode::kOutOfRange, "2031"));
}

TEST(R05Deadlines, OffsetsInTheWrongOrderAreRefused) {
  WorkingDays days = Calendar("scotland");
  MeetingOffsets offsets;
  offsets.circulation.working_days = -9;
  EXPECT_THAT(
      PlanMeeting(Date(2026, 9, 9), std::nullopt, offsets, days),
      Refuses(absl::StatusCode::kInvalidArgument, "agenda circulated must not come before referral cut-off"));
  offsets = MeetingOffsets();
  offsets.actions_out = offsets.status_due;
  EXPECT_THAT(PlanMeeting(Date(2026, 9, 9), std::nullopt, offsets, days),
              Refuses(absl::StatusCode::kInvalidArgument, "offsets: "));
  EXPECT_THAT(PlanMeeting(Date(2026, 9, 9), Date(2026, 9, 9), MeetingOffsets(), days),
              Refuses(absl::StatusCode::kInvalidArgument, "previous"));
}

TEST(R06Late, ExactlyAtTheCutOffIsInTime) {
  absl::Time cut_off = Utc(2026, 10, 2, 11);
  EXPECT_TRUE(InTime(cut_off - absl::Milliseconds(1), cut_off));
  EXPECT_TRUE(InTime(cut_off, cut_off));
  EXPECT_FALSE(InTime(cut_off + absl::Milliseconds(1), cut_off));
}

TEST(R05Series, MeetingsComeEveryFortnightAndThoseOnHolidaysPropose) {
  ASSERT_OK_AND_ASSIGN(std::vector<SeriesDate> series,
                       MeetingSeries(Date(2026, 12, 14), 2, 3, Calendar("england_and_wales")));
  ASSERT_EQ(series.size(), 3u);
  EXPECT_EQ(series[0].date, Date(2026, 12, 14));
  EXPECT_EQ(series[0].closed_because, std::nullopt);
  EXPECT_EQ(series[0].proposed, std::nullopt);
  EXPECT_EQ(series[1].date, Date(2026, 12, 28));
  EXPECT_EQ(series[1].closed_because, "Boxing Day (substitute day)");
  EXPECT_EQ(series[1].proposed, Date(2026, 12, 29));
  EXPECT_EQ(series[2].date, Date(2027, 1, 11));
  EXPECT_EQ(series[2].closed_because, std::nullopt);
}

TEST(R05Series, TheProposalSkipsEveryClosedDay) {
  ASSERT_OK_AND_ASSIGN(std::vector<SeriesDate> series,
                       MeetingSeries(Date(2027, 12, 25), 1, 1, Calendar("scotland")));
  EXPECT_EQ(series[0].closed_because, "Saturday");
  EXPECT_EQ(series[0].proposed, Date(2027, 12, 29));
}

TEST(R05Series, ASeriesWithoutSenseIsRefusedNamingTheField) {
  WorkingDays days = Calendar("scotland");
  constexpr absl::StatusCode kCode = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(MeetingSeries(Date(2026, 9, 9), 0, 3, days), Refuses(kCode, "every_weeks"));
  EXPECT_THAT(MeetingSeries(Date(2026, 9, 9), 27, 3, days), Refuses(kCode, "every_weeks"));
  EXPECT_THAT(MeetingSeries(Date(2026, 9, 9), 2, 0, days), Refuses(kCode, "count"));
  EXPECT_THAT(MeetingSeries(Date(2026, 9, 9), 2, 105, days), Refuses(kCode, "count"));
  EXPECT_THAT(MeetingSeries(Date(2030, 12, 25), 2, 2, days), Refuses(absl::StatusCode::kOutOfRange, "2031"));
}

}  // namespace
}  // namespace marac::domain
