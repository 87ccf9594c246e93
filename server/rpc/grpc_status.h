// The one place where a status becomes gRPC's.
#ifndef MARAC_RPC_GRPC_STATUS_H_
#define MARAC_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace marac::rpc {

// Same code, same sentence; a marac.v1.ErrorDetail attached with domain::WithDetail travels as error details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace marac::rpc

#endif  // MARAC_RPC_GRPC_STATUS_H_
