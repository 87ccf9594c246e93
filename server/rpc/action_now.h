// Actions as they are at the moment of reading.
#ifndef MARAC_RPC_ACTION_NOW_H_
#define MARAC_RPC_ACTION_NOW_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "domain/working_days.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/directory.pb.h"
#include "rpc/gate.h"

namespace marac::rpc {

// An area's settings and working days.
struct AreaRules {
  v1::Area area;
  const domain::WorkingDays* working_days;
};

// Those of the area that a record is in.
absl::StatusOr<AreaRules> RulesOf(ReadCall& call, std::string_view record);

// The action with what is derived from the clock, which is set in the answer and never kept.
absl::StatusOr<v1::Action> AsOfNow(ReadCall& call, const AreaRules& rules, v1::Action action);

}  // namespace marac::rpc

#endif  // MARAC_RPC_ACTION_NOW_H_
