#include "domain/overdue.h"

#include "base/status_macros.h"

namespace marac::domain {

absl::StatusOr<LadderDates> LadderDatesOf(absl::Time due, const LadderSettings& settings,
                                          const WorkingDays& working_days) {
  LocalDate day = DateOf(due);
  ASSIGN_OR_RETURN(LocalDate reminder,
                   working_days.AddWorkingDays(day, -settings.reminder_working_days_before));
  ASSIGN_OR_RETURN(LocalDate manager, working_days.AddWorkingDays(day, settings.manager_working_days_after));
  return LadderDates{reminder, day.AddDays(settings.owner_days_after), manager};
}

absl::StatusOr<LadderStep> ReachedStep(absl::Time due, absl::Time now, int meetings_since_due,
                                       const LadderSettings& settings, const WorkingDays& working_days) {
  ASSIGN_OR_RETURN(LadderDates dates, LadderDatesOf(due, settings, working_days));
  LocalDate today = DateOf(now);
  if (IsOverdue(/*open=*/true, due, now)) {
    if (meetings_since_due >= settings.steering_group_meetings) return LadderStep::kSteeringGroup;
    if (meetings_since_due >= 1) return LadderStep::kNextMeeting;
    if (today >= dates.manager) return LadderStep::kManager;
    if (today >= dates.owner) return LadderStep::kOwner;
  }
  return today >= dates.reminder ? LadderStep::kReminder : LadderStep::kNone;
}

}  // namespace marac::domain
