#include "rpc/action_now.h"

#include <vector>

#include "domain/action.h"
#include "domain/resource_name.h"
#include "domain/timestamp.h"
#include "store/records.h"

namespace marac::rpc {

absl::StatusOr<AreaRules> RulesOf(ReadCall& call, std::string_view record) {
  ASSIGN_OR_RETURN(const domain::ResourceName name, domain::ResourceName::Parse("name", record));
  AreaRules rules;
  ASSIGN_OR_RETURN(rules.area, call.Area(name.area()));
  rules.working_days = call.CalendarOf(rules.area.nation());
  if (rules.working_days == nullptr) return absl::InternalError("the area's nation has no calendar");
  return rules;
}

absl::StatusOr<v1::Action> AsOfNow(ReadCall& call, const AreaRules& rules, v1::Action action) {
  // The ladder tells none, one and two meetings of the cycle apart.
  ASSIGN_OR_RETURN(
      const std::vector<store::ListPosition> meetings,
      store::ListAll(call.tx(),
                     {.kind = domain::Kind::kMeeting,
                      .area = rules.area.name(),
                      .state = v1::MEETING_STATE_CLOSED,
                      .sort_key_from = absl::ToUnixMillis(domain::FromTimestamp(action.due_time())) + 1},
                     /*limit=*/2));
  domain::DeriveOverdue(action, static_cast<int>(meetings.size()), rules.area.settings(), *rules.working_days,
                        call.now());
  return action;
}

}  // namespace marac::rpc
