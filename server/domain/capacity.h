// How many cases a meeting can hear and how many an area should expect.
#ifndef MARAC_DOMAIN_CAPACITY_H_
#define MARAC_DOMAIN_CAPACITY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace marac::domain {

// Area settings in minutes, with the documented defaults; the meeting's own length has none.
struct MeetingTimes {
  int meeting_min;
  int opening_min = 10;
  int breaks_min = 0;
  int slot_min = 10;
  // The longest slot an area may set.
  int slot_min_max = 15;
};

// Cases that fit, rounded down. INVALID_ARGUMENT naming the field when the slot is not from 1 to its longest,
// a time is negative, or opening and breaks take more than the meeting has.
absl::StatusOr<int> AgendaCapacity(const MeetingTimes& times);

// Whether an agenda of `cases` warns for being long, whatever its capacity (area setting, 15 to 20).
inline bool IsLongAgenda(int cases, int warn_above = 15) { return cases > warn_above; }

// A meeting in progress. `in_current_case` is the time since the open case was opened.
struct RunningMeeting {
  absl::Time now;
  absl::Time planned_end;
  bool case_open = false;
  absl::Duration in_current_case = absl::ZeroDuration();
  int cases_waiting = 0;
  int slot_min = 10;
  int breaks_left_min = 0;
};
// How long after its planned end the meeting will close if each waiting case takes its slot and the open one
// what is left of its own (nothing, once it is over it); zero when it will be in time.
absl::Duration ExpectedOverrun(const RunningMeeting& meeting);

// National reference ratios, editable.
struct VolumeRatios {
  double cases_per_10000_women = 40;
  double cases_per_administrator = 400;
  double referrals_per_idva = 100;
};

struct ExpectedVolume {
  int64_t cases_a_year;       // rounded to the nearest
  int64_t cases_a_fortnight;  // rounded to the nearest
  double administrators;      // full time
  double idvas;               // full time
};

// INVALID_ARGUMENT naming the field when the number of women is negative or a ratio is not above zero.
absl::StatusOr<ExpectedVolume> ExpectVolume(int64_t adult_women, const VolumeRatios& ratios = {});

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CAPACITY_H_
