// ActionService: what agencies offered to do, and what came of it.
#ifndef MARAC_RPC_ACTION_SERVICE_H_
#define MARAC_RPC_ACTION_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "rpc/gate.h"

namespace marac::rpc {

// `gate` must outlive the service.
std::unique_ptr<grpc::Service> NewActionService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_ACTION_SERVICE_H_
