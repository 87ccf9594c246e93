#include "domain/capacity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "domain/errors.h"

namespace marac::domain {
namespace {

constexpr double kFortnightsAYear = 26;

}  // namespace

absl::StatusOr<int> AgendaCapacity(const MeetingTimes& times) {
  if (times.slot_min < 1 || times.slot_min > times.slot_min_max) {
    return InvalidField("slot_min", fmt::format("give a case from 1 to {} minutes", times.slot_min_max));
  }
  if (times.opening_min < 0) return InvalidField("opening_min", "give 0 minutes or more");
  if (times.breaks_min < 0) return InvalidField("breaks_min", "give 0 minutes or more");
  int left = times.meeting_min - times.opening_min - times.breaks_min;
  if (left < 0) {
    return InvalidField("meeting_min", "opening and breaks take longer than the meeting; make it longer");
  }
  return left / times.slot_min;
}

absl::Duration ExpectedOverrun(const RunningMeeting& meeting) {
  absl::Duration slot = absl::Minutes(meeting.slot_min);
  absl::Duration left = meeting.cases_waiting * slot + absl::Minutes(meeting.breaks_left_min);
  if (meeting.case_open) left += std::max(absl::ZeroDuration(), slot - meeting.in_current_case);
  return std::max(absl::ZeroDuration(), meeting.now + left - meeting.planned_end);
}

absl::StatusOr<ExpectedVolume> ExpectVolume(int64_t adult_women, const VolumeRatios& ratios) {
  if (adult_women < 0) return InvalidField("adult_women", "give 0 or more");
  if (!(ratios.cases_per_10000_women > 0)) {
    return InvalidField("cases_per_10000_women", "give a number above 0");
  }
  if (!(ratios.cases_per_administrator > 0)) {
    return InvalidField("cases_per_administrator", "give a number above 0");
  }
  if (!(ratios.referrals_per_idva > 0)) {
    return InvalidField("referrals_per_idva", "give a number above 0");
  }
  double cases = static_cast<double>(adult_women) * ratios.cases_per_10000_women / 10000;
  return ExpectedVolume{std::llround(cases), std::llround(cases / kFortnightsAYear),
                        cases / ratios.cases_per_administrator, cases / ratios.referrals_per_idva};
}

}  // namespace marac::domain
