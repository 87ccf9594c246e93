// Reading the audit, and its newest checkpoint.
#ifndef MARAC_RPC_AUDIT_SERVICE_H_
#define MARAC_RPC_AUDIT_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"
#include "store/checkpointer.h"

namespace marac::rpc {

NamedService NewAuditService(Gate& gate, const store::Checkpointer& checkpointer);

}  // namespace marac::rpc

#endif  // MARAC_RPC_AUDIT_SERVICE_H_
