// The gRPC server: listener, TLS, limits, health and an orderly stop round the services it is given.
#ifndef MARAC_RPC_SERVER_H_
#define MARAC_RPC_SERVER_H_

#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "marac/config/v1/config.pb.h"
#include "rpc/listener.h"
#include "rpc/open_calls.h"
#include "rpc/program_auth.h"
#include "rpc/watchdog.h"

namespace marac::rpc {

// A service with the name it has in its .proto, for instance CaseService::service_full_name().
struct NamedService {
  std::string full_name;
  std::unique_ptr<grpc::Service> service;
};

class RpcServer {
 public:
  // Starts serving, and ends every call that `open_calls` finds too long. `config` is complete
  // (LoadServerConfig). Refused when a method of a service has no rule, the certificate files are wrong, the
  // port is in use, or the process may not open enough descriptors; the message names the method or the
  // setting. PrepareProcess must have been called.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const config::v1::ServerConfig& config,
                                                          std::vector<NamedService> services,
                                                          std::shared_ptr<const ProgramRegistry> registry,
                                                          HasRule has_rule,
                                                          std::shared_ptr<OpenCalls> open_calls);

  ~RpcServer();  // Stops without grace.
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  // From now on feeds the supervisor's watchdog while a health call through the own port is answered; see
  // rpc/watchdog.h for the rest. Called at most once; `registry` is the one that Start was given.
  absl::Status Watch(ProgramRegistry& registry, const config::v1::TlsFiles& files, absl::Duration patience,
                     Watchdog::Feed feed);

  // Stops: no new connection, health says NOT_SERVING, calls that were accepted are finished, and what is
  // still running after `grace` is cancelled. Returns when every handler has returned. Only one thread may
  // call.
  void Stop(absl::Duration grace);

  int port() const { return listener_->port(); }
  Listener::Figures figures() const { return listener_->figures(); }

 private:
  RpcServer(std::vector<NamedService> services, std::unique_ptr<Listener> listener,
            std::shared_ptr<OpenCalls> open_calls);

  // In the order in which they may be taken down: backwards.
  const std::vector<NamedService> services_;
  const std::unique_ptr<Listener> listener_;
  const std::shared_ptr<OpenCalls> open_calls_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_SERVER_H_
