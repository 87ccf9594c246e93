#include "rpc/calendar.h"

#include <algorithm>

#include "domain/meeting.h"
#include "rpc/whole_list.h"

namespace marac::rpc {

absl::StatusOr<const domain::WorkingDays*> WorkingDaysOf(ReadCall& call, const v1::Area& area) {
  const domain::WorkingDays* working_days = call.CalendarOf(area.nation());
  if (working_days == nullptr) return absl::InternalError("the area's nation has no calendar");
  return working_days;
}

absl::StatusOr<std::vector<std::string>> AgenciesOf(ReadCall& call, const std::string& area) {
  ASSIGN_OR_RETURN(const std::vector<v1::Agency> agencies,
                   ListWholeAsServer<v1::Agency>(call, {.kind = domain::Kind::kAgency}));
  std::vector<std::string> names;
  for (const v1::Agency& agency : agencies) {
    if (std::ranges::count(agency.areas(), area) > 0) names.push_back(agency.name());
  }
  return names;
}

absl::StatusOr<std::vector<v1::Meeting>> Calendar(ReadCall& call, const std::string& area) {
  ASSIGN_OR_RETURN(std::vector<v1::Meeting> meetings,
                   ListWholeAsServer<v1::Meeting>(call, {.kind = domain::Kind::kMeeting, .area = area}));
  std::erase_if(meetings, [](const v1::Meeting& meeting) {
    return meeting.state() == v1::MEETING_STATE_CANCELLED || !domain::IsInCycle(meeting);
  });
  return meetings;
}

}  // namespace marac::rpc
