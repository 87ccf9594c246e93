// Who a case is open to, and who decides that (R-16, marac.md 6).
#ifndef MARAC_RPC_ACCESS_SERVICE_H_
#define MARAC_RPC_ACCESS_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` lives as long as the service.
NamedService NewAccessService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_ACCESS_SERVICE_H_
