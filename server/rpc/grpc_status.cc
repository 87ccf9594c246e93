#include "rpc/grpc_status.h"

#include <string>

#include "domain/errors.h"

namespace marac::rpc {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // The numbers of gRPC's codes and Abseil's are the same by design of both.
  const auto code = static_cast<grpc::StatusCode>(status.code());
  return {code, std::string(status.message()), domain::SerializedDetail(status)};
}

}  // namespace marac::rpc
