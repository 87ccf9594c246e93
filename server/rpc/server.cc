#include "rpc/server.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <sys/resource.h>

#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "rpc/tls.h"

namespace marac::rpc {
namespace {

// What the process needs besides its connections: the database and its readers, logs, gRPC's own.
constexpr rlim_t kOtherDescriptors = 512;

// Some that wait are enough for a meeting where everybody asks at once.
constexpr int kIdleThreadsMax = 32;

absl::Status CheckRules(const std::vector<NamedService>& services, const HasRule& has_rule) {
  for (const NamedService& named : services) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(named.full_name);
    if (service == nullptr) {
      return absl::InternalError(
          fmt::format("the service {} is in no .proto of this program", named.full_name));
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string path = fmt::format("/{}/{}", named.full_name, service->method(i)->name());
      if (!has_rule(path)) {
        return absl::InternalError(
            fmt::format("the method {} has no rule, so nobody can be let in to it", path));
      }
    }
  }
  return absl::OkStatus();
}

// Debian starts a process with 1,024 and lets it ask for more.
absl::Status AllowDescriptors(int connections_max) {
  rlimit limit{};
  const rlim_t wanted = static_cast<rlim_t>(connections_max) + kOtherDescriptors;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted) return absl::OkStatus();
  limit.rlim_cur = wanted;
  if (limit.rlim_max >= wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "limits.connections_max: needs {} open files but the process may have {}; lower it, or raise "
      "LimitNOFILE in the service unit",
      wanted, limit.rlim_max));
}

void ApplyLimits(const config::v1::Limits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(limits.receive_message_bytes_max());
  builder.SetMaxSendMessageSize(limits.send_message_bytes_max());
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, limits.handshake_timeout_ms()},
      {GRPC_ARG_MAX_METADATA_SIZE, limits.metadata_bytes_max()},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.concurrent_streams_max()},
      {GRPC_ARG_KEEPALIVE_TIME_MS, limits.keepalive_time_ms()},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, limits.keepalive_timeout_ms()},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, limits.ping_interval_min_ms()},
      {GRPC_ARG_HTTP2_MAX_PING_STRIKES, limits.ping_strikes_max()},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, limits.connection_idle_max_ms()},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, limits.connection_age_max_ms()},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits.connection_age_grace_ms()},
      // A small compressed message could unfold into a large one.
      {GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0},
      // Channelz tells who is connected, and keeps memory for each of them.
      {GRPC_ARG_ENABLE_CHANNELZ, 0},
      // CVE-2024-11407.
      {GRPC_ARG_TCP_TX_ZEROCOPY_ENABLED, 0},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
  grpc::ResourceQuota quota("marac");
  quota.Resize(static_cast<size_t>(limits.memory_bytes_max()));
  quota.SetMaxThreads(limits.threads_max());
  builder.SetResourceQuota(quota);
  // A thread that has answered waits for the next call. By gRPC's default all but two would end, and each
  // call beside others would make a thread of its own.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, kIdleThreadsMax);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const config::v1::ServerConfig& config,
                                                            std::vector<NamedService> services,
                                                            std::shared_ptr<const ProgramRegistry> registry,
                                                            HasRule has_rule,
                                                            std::shared_ptr<OpenCalls> open_calls) {
  RETURN_IF_ERROR(CheckRules(services, has_rule));
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ServerCredentials> credentials,
                   MakeServerCredentials(config.tls(), registry));
  credentials->SetAuthMetadataProcessor(NewProgramGuard(registry, std::move(has_rule)));
  const config::v1::Limits& limits = config.limits();
  RETURN_IF_ERROR(AllowDescriptors(limits.connections_max()));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Listener> listener,
      Listener::Bind(
          {.address = config.listen_address(),
           .connections_max = static_cast<size_t>(limits.connections_max()),
           .per_source_max = static_cast<size_t>(limits.connections_per_source_max()),
           .web_sources = {limits.web_source_addresses().begin(), limits.web_source_addresses().end()},
           .per_web_source_max = static_cast<size_t>(limits.connections_per_web_source_max())}));

  std::unique_ptr<RpcServer> server(
      new RpcServer(std::move(services), std::move(listener), std::move(open_calls)));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  ApplyLimits(limits, builder);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(server->open_calls_->NewWatch());
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  for (const NamedService& named : server->services_) builder.RegisterService(named.service.get());
  server->acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) return absl::InternalError("gRPC did not start; its log lines say where");
  server->listener_->Start([acceptor = server->acceptor_.get()](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = fd;
    acceptor->HandleNewConnection(&connection);
  });
  return server;
}

RpcServer::RpcServer(std::vector<NamedService> services, std::unique_ptr<Listener> listener,
                     std::shared_ptr<OpenCalls> open_calls)
    : services_(std::move(services)), listener_(std::move(listener)), open_calls_(std::move(open_calls)) {}

RpcServer::~RpcServer() { Stop(absl::ZeroDuration()); }

absl::Status RpcServer::Watch(ProgramRegistry& registry, const config::v1::TlsFiles& files,
                              absl::Duration patience, Watchdog::Feed feed) {
  ASSIGN_OR_RETURN(watchdog_, Watchdog::Start(*listener_, registry, files, patience, std::move(feed)));
  return absl::OkStatus();
}

void RpcServer::Stop(absl::Duration grace) {
  watchdog_.reset();
  // The listener first: gRPC 1.51 loses a descriptor that it is given after its shutdown has begun.
  listener_->Stop();
  if (server_ == nullptr) return;
  if (auto* health = server_->GetHealthCheckService(); health != nullptr) health->SetServingStatus(false);
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  server_->Wait();
  server_.reset();
}

}  // namespace marac::rpc
