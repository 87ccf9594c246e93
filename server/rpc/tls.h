// Mutual TLS 1.3 for the server, and what must be so in the process before gRPC is touched.
#ifndef MARAC_RPC_TLS_H_
#define MARAC_RPC_TLS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "marac/config/v1/config.pb.h"
#include "rpc/program_auth.h"

namespace marac::rpc {

// To be called first in main, before any thread and any gRPC call: allows TLS 1.3 only, sends gRPC's log
// lines to spdlog without their values, and refuses an environment in which gRPC would print what it carries
// (GRPC_TRACE; GRPC_VERBOSITY other than ERROR or NONE). May be called again.
absl::Status PrepareProcess();

// Credentials that want a certificate of the area's authority which is enrolled in `registry`. Errors name
// the setting. The files are read again at the configured interval.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const config::v1::TlsFiles& files, std::shared_ptr<const ProgramRegistry> registry);

}  // namespace marac::rpc

#endif  // MARAC_RPC_TLS_H_
