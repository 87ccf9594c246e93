#include "domain/overdue.h"

#include <gtest/gtest.h>

#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Calendar;
using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

absl::Time At(LocalDate date, int hour, int minute = 0) {
  return DeadlineAt(date, ClockTime::Create(hour, minute, "time").value());
}

TEST(R13Overdue, AtTheDueMomentItIsNotYet) {
  absl::Time due = At(Date(2026, 12, 23), 17);
  EXPECT_FALSE(IsOverdue(/*open=*/true, due, due - absl::Milliseconds(1)));
  EXPECT_FALSE(IsOverdue(/*open=*/true, due, due));
  EXPECT_TRUE(IsOverdue(/*open=*/true, due, due + absl::Milliseconds(1)));
  EXPECT_FALSE(IsOverdue(/*open=*/false, due, due + absl::Hours(100)));
}

// Due on Wednesday 23 December 2026, 17:00: the 25th and 28th are holidays in England.
TEST(R13Ladder, EachStepIsReachedOnItsDay) {
  WorkingDays days = Calendar("england_and_wales");
  absl::Time due = At(Date(2026, 12, 23), 17);
  struct Case {
    absl::Time now;
    LadderStep step;
  };
  for (const Case& c : {
           Case{At(Date(2026, 12, 20), 23, 59), LadderStep::kNone},
           Case{At(Date(2026, 12, 21), 0), LadderStep::kReminder},
           Case{due, LadderStep::kReminder},
           Case{At(Date(2026, 12, 23), 23, 59), LadderStep::kReminder},
           Case{At(Date(2026, 12, 24), 0), LadderStep::kOwner},
           Case{At(Date(2026, 12, 29), 23, 59), LadderStep::kOwner},
           Case{At(Date(2026, 12, 30), 0), LadderStep::kManager},
           Case{At(Date(2027, 3, 1), 0), LadderStep::kManager},
       }) {
    EXPECT_THAT(ReachedStep(due, c.now, 0, LadderSettings(), days), IsOkAndHolds(c.step))
        << absl::FormatTime(c.now, London());
  }
}

TEST(R13Ladder, MeetingsHeldSinceTakeItHigher) {
  WorkingDays days = Calendar("england_and_wales");
  absl::Time due = At(Date(2026, 12, 23), 17);
  absl::Time later = At(Date(2027, 1, 20), 12);
  EXPECT_THAT(ReachedStep(due, later, 1, LadderSettings(), days), IsOkAndHolds(LadderStep::kNextMeeting));
  EXPECT_THAT(ReachedStep(due, later, 2, LadderSettings(), days), IsOkAndHolds(LadderStep::kSteeringGroup));
  EXPECT_THAT(ReachedStep(due, later, 2, {.steering_group_meetings = 3}, days),
              IsOkAndHolds(LadderStep::kNextMeeting));
  // A meeting on the very next morning counts before the manager's day has come.
  EXPECT_THAT(ReachedStep(due, At(Date(2026, 12, 24), 9), 1, LadderSettings(), days),
              IsOkAndHolds(LadderStep::kNextMeeting));
  // Before the action is overdue no meeting counts.
  EXPECT_THAT(ReachedStep(due, due, 2, LadderSettings(), days), IsOkAndHolds(LadderStep::kReminder));
}

TEST(R13Ladder, AnExtensionTakesTheActionBackToTheStart) {
  WorkingDays days = Calendar("england_and_wales");
  absl::Time now = At(Date(2027, 1, 4), 12);
  EXPECT_THAT(ReachedStep(At(Date(2026, 12, 23), 17), now, 0, LadderSettings(), days),
              IsOkAndHolds(LadderStep::kManager));
  EXPECT_THAT(ReachedStep(At(Date(2027, 1, 20), 17), now, 0, LadderSettings(), days),
              IsOkAndHolds(LadderStep::kNone));
}

TEST(R13Ladder, BeyondTheCalendarThereIsNoAnswer) {
  EXPECT_THAT(ReachedStep(At(Date(2030, 12, 30), 17), At(Date(2030, 12, 1), 17), 0, LadderSettings(),
                          Calendar("scotland")),
              Refuses(absl::StatusCode::kOutOfRange, "2031"));
}

}  // namespace
}  // namespace marac::domain
