// What the dates of an area's meetings rest on.
#ifndef MARAC_RPC_CALENDAR_H_
#define MARAC_RPC_CALENDAR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/working_days.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"
#include "rpc/gate.h"

namespace marac::rpc {

// The bank holidays of the area's nation. Lives as long as the server.
absl::StatusOr<const domain::WorkingDays*> WorkingDaysOf(ReadCall& call, const v1::Area& area);

// The agencies that are members of the area, by name.
absl::StatusOr<std::vector<std::string>> AgenciesOf(ReadCall& call, const std::string& area);

// The meetings of the area's cycle, by day, without those that were cancelled.
absl::StatusOr<std::vector<v1::Meeting>> Calendar(ReadCall& call, const std::string& area);

}  // namespace marac::rpc

#endif  // MARAC_RPC_CALENDAR_H_
