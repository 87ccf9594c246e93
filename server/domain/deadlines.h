// What has to be done by when round a meeting, and a series of meetings.
#ifndef MARAC_DOMAIN_DEADLINES_H_
#define MARAC_DOMAIN_DEADLINES_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/local_date.h"
#include "domain/working_days.h"

namespace marac::domain {

// The steps that have a deadline, in the order in which they ordinarily come.
enum class MeetingStep { kCutOff, kCirculation, kResearchDue, kStatusDue, kActionsOut, kMinutesDue };
inline constexpr std::array<MeetingStep, 6> kMeetingSteps = {
    MeetingStep::kCutOff,    MeetingStep::kCirculation, MeetingStep::kResearchDue,
    MeetingStep::kStatusDue, MeetingStep::kActionsOut,  MeetingStep::kMinutesDue};
// In practitioners' words: "referral cut-off".
std::string_view StepName(MeetingStep step);

// Working days from the meeting day, which is not counted (before it when negative), and the time of day.
struct StepOffset {
  int working_days;
  ClockTime at;
};

// One value for each MeetingStep.
template <typename T>
struct PerStep {
  T cut_off, circulation, research_due, status_due, actions_out, minutes_due;

  const T& operator[](MeetingStep step) const {
    switch (step) {
      case MeetingStep::kCutOff:
        return cut_off;
      case MeetingStep::kCirculation:
        return circulation;
      case MeetingStep::kResearchDue:
        return research_due;
      case MeetingStep::kStatusDue:
        return status_due;
      case MeetingStep::kActionsOut:
        return actions_out;
      case MeetingStep::kMinutesDue:
        break;
    }
    return minutes_due;
  }
};

// An area's offsets; these are the documented defaults.
struct MeetingOffsets : PerStep<StepOffset> {
  MeetingOffsets()
      : PerStep<StepOffset>{{-8, ClockTime::Noon()},     {-5, ClockTime::EndOfDay()},
                            {-2, ClockTime::EndOfDay()}, {-1, ClockTime::EndOfDay()},
                            {1, ClockTime::EndOfDay()},  {3, ClockTime::EndOfDay()}} {}
};
using MeetingDeadlines = PerStep<absl::Time>;

// Something the coordinator should see before the dates are fixed. None of them refuses the meeting.
struct DeadlineWarning {
  enum class Kind {
    kMeetingOnClosedDay,  // the meeting is on a holiday or a weekend
    kSqueezed,  // two steps that follow each other have fewer working days between them than configured
    kProjectedHoliday,  // a holiday that is not yet published moves a deadline
  };
  Kind kind;
  std::string sentence;
};

struct MeetingPlan {
  MeetingDeadlines deadlines;
  std::vector<DeadlineWarning> warnings;
};

// The deadlines of a meeting on `date`. Moving a meeting means calling this again.
//
// Squeezed: working days are counted with and without holidays and steps are set side by side in their
// configured order, together with those of the `previous` meeting where there is one. Two neighbours warn
// when fewer working days lie between them than their offsets say; so the Christmas holidays warn between the
// last steps of the meeting before and the first of this one, where the time is really lost.
//
// INVALID_ARGUMENT when the offsets are not in the order of the steps or `previous` is not before `date`;
// OUT_OF_RANGE beyond the calendar.
absl::StatusOr<MeetingPlan> PlanMeeting(LocalDate date, std::optional<LocalDate> previous,
                                        const MeetingOffsets& offsets, const WorkingDays& working_days);

// Whether a referral received at this moment is in time: exactly at the cut-off still is.
inline bool InTime(absl::Time received, absl::Time cut_off) { return received <= cut_off; }

struct SeriesDate {
  LocalDate date;
  // Both set when nobody works on `date`: why, and the working day that is proposed in its place. The
  // proposal is for a person to take or leave.
  std::optional<std::string> closed_because;
  std::optional<LocalDate> proposed;
};

// `count` meetings from `first`, one every `every_weeks` weeks; a day that is moved does not move the next.
// INVALID_ARGUMENT naming `every_weeks` (1 to 26) or `count` (1 to 104); OUT_OF_RANGE beyond the calendar.
absl::StatusOr<std::vector<SeriesDate>> MeetingSeries(LocalDate first, int every_weeks, int count,
                                                      const WorkingDays& working_days);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_DEADLINES_H_
