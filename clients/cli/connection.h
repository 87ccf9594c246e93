// The connection to maracd: mutual TLS, and one way to make every call, with a deadline, the session's token,
// one request_id however often it is repeated, and an error that says what to do.
#ifndef MARAC_CLI_CONNECTION_H_
#define MARAC_CLI_CONNECTION_H_

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "marac/config/v1/client.pb.h"

namespace marac::cli {

// To be called first in main, before gRPC: takes away what the environment could make gRPC print or change.
void PrepareProcess();

// A random UUID (version 4).
std::string NewRequestId();

// gRPC's status as ours, with its ErrorDetail.
absl::Status FromGrpcStatus(const grpc::Status& status);

// No server reads more in one message; its configuration may say less.
inline constexpr size_t kRequestBytesMax = 1 << 20;
// Whether the server's library would not read the request because of its size, before the server saw it.
bool IsTooLong(const absl::Status& status);
// INVALID_ARGUMENT that names the longest text of the request, and the limit unless it is 0: not known.
absl::Status TooLong(const google::protobuf::Message& request, size_t bytes_max);

struct CallOptions {
  // Whether the call is repeated when the server could not be reached or did not answer. Not for what the
  // server does not answer from request_id: a sign-in, a new password.
  bool repeat = true;
  // For long work: how long it may take instead of the configured time.
  absl::Duration timeout = absl::ZeroDuration();
};

class Connection {
 public:
  // Reads the certificate files and prepares a channel; nothing is sent before the first call. Errors name
  // the setting. `note` is told each time a call is repeated.
  static absl::StatusOr<Connection> Open(const config::v1::ClientConfig& config,
                                         std::function<void(std::string_view)> note);

  // Used by every call from now on; empty for none.
  void set_token(std::string token) { token_ = std::move(token); }
  // SHA-256 of the certificate, hex.
  const std::string& certificate_fingerprint() const { return fingerprint_; }

  // Calls `method` of a generated stub: Call(&v1::CaseService::Stub::GetCase, request).
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Request request, const CallOptions& options = {}) const {
    Stub stub(channel_);
    Response response;
    EnsureRequestId(request);
    if (request.ByteSizeLong() > kRequestBytesMax) return TooLong(request, kRequestBytesMax);
    const absl::Status status = Run(
        [&](grpc::ClientContext& context) {
          response.Clear();
          return (stub.*method)(&context, request, &response);
        },
        options);
    if (IsTooLong(status)) return TooLong(request, /*bytes_max=*/0);
    if (!status.ok()) return status;
    return response;
  }

  // Gives a request that has a request_id one, unless it has one already.
  static void EnsureRequestId(google::protobuf::Message& request);

 private:
  Connection() = default;

  absl::Status Run(const std::function<grpc::Status(grpc::ClientContext&)>& attempt,
                   const CallOptions& options) const;

  std::shared_ptr<grpc::Channel> channel_;
  std::string address_;
  std::string fingerprint_;
  std::string token_;
  absl::Duration timeout_;
  std::function<void(std::string_view)> note_;
};

}  // namespace marac::cli

#endif  // MARAC_CLI_CONNECTION_H_
