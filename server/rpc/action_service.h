// ActionService: what agencies offered to do, and what came of it.
#ifndef MARAC_RPC_ACTION_SERVICE_H_
#define MARAC_RPC_ACTION_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` must outlive the service.
NamedService NewActionService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_ACTION_SERVICE_H_
