// Actions past their time.
#ifndef MARAC_DOMAIN_OVERDUE_H_
#define MARAC_DOMAIN_OVERDUE_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/local_date.h"
#include "domain/working_days.h"

namespace marac::domain {

// Whether an open action is overdue: its due moment has passed. At the moment itself it is not. `due` is the
// moment in force, so an agreed extension takes an action back out of it.
inline bool IsOverdue(bool open, absl::Time due, absl::Time now) { return open && now > due; }

// Who has to be told, each adding to those before.
enum class LadderStep { kNone, kReminder, kOwner, kManager, kNextMeeting, kSteeringGroup };

// Area settings, with the documented defaults.
struct LadderSettings {
  int reminder_working_days_before = 2;
  // Calendar days: the owner hears on the very next day.
  int owner_days_after = 1;
  int manager_working_days_after = 3;
  // Meetings held since the action fell due.
  int steering_group_meetings = 2;
};

// The days on which the first three steps are reached.
struct LadderDates {
  LocalDate reminder;
  LocalDate owner;
  LocalDate manager;
};

// OUT_OF_RANGE beyond the calendar.
absl::StatusOr<LadderDates> LadderDatesOf(absl::Time due, const LadderSettings& settings,
                                          const WorkingDays& working_days);

// The highest step an open action has reached. `meetings_since_due` counts the meetings held after the due
// moment; none count before it.
absl::StatusOr<LadderStep> ReachedStep(absl::Time due, absl::Time now, int meetings_since_due,
                                       const LadderSettings& settings, const WorkingDays& working_days);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_OVERDUE_H_
