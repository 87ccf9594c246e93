#include "tests/support/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>

#include "base/hash.h"
#include "base/ids.h"
#include "domain/errors.h"

namespace marac::testing {

std::string NewUuid() {
  std::string text = Hex(Sha256(IdSource().NewId())).substr(0, 32);
  for (const size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
  return text;
}

void FillRequestId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return;
  const auto& reflection = *request.GetReflection();
  if (reflection.GetString(request, field).empty()) reflection.SetString(&request, field, NewUuid());
}

absl::Status ToAbsl(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  v1::ErrorDetail detail;
  const absl::Status plain(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  if (status.error_details().empty() || !detail.ParseFromString(status.error_details())) return plain;
  return domain::WithDetail(plain, detail);
}

Client Client::WithTwin(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<const Twin> twin) const {
  Client client = *this;
  client.twin_channel_ = std::move(channel);
  client.twin_ = std::move(twin);
  return client;
}

void Client::Prepare(grpc::ClientContext& context) const {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
}

std::shared_ptr<grpc::Channel> TlsChannel(int port, const std::string& root_pem,
                                          const pki::Identity* identity) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = root_pem;
  if (identity != nullptr) {
    options.pem_private_key = std::string(identity->key_pem.Reveal());
    options.pem_cert_chain = identity->certificates_pem;
  }
  grpc::ChannelArguments arguments;
  // Connections of one test must not be those of another.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::SslCredentials(options),
                                   arguments);
}

}  // namespace marac::testing
