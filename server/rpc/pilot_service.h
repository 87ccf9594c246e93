// Registering a pilot, recording its pairs, and reading what it shows.
#ifndef MARAC_RPC_PILOT_SERVICE_H_
#define MARAC_RPC_PILOT_SERVICE_H_

#include "base/ids.h"
#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `ids` names the rows of an export. Both live as long as the service.
NamedService NewPilotService(Gate& gate, IdSource& ids);

}  // namespace marac::rpc

#endif  // MARAC_RPC_PILOT_SERVICE_H_
