// Cases, protected details, and what the victim was told.
#ifndef MARAC_RPC_CASE_SERVICE_H_
#define MARAC_RPC_CASE_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` lives as long as the service.
NamedService NewCaseService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_CASE_SERVICE_H_
