#include "cli/connection.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/pki.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "cli/settings.h"
#include "domain/errors.h"

namespace marac::cli {
namespace {

constexpr size_t kPemBytesMax = 64 << 10;
// The server sends at most 4 MiB, whatever its configuration says.
constexpr int kReceiveBytesMax = 4 << 20;
constexpr int kAttemptsMax = 5;
constexpr absl::Duration kAttemptTimeout = absl::Seconds(10);
constexpr absl::Duration kFirstPause = absl::Milliseconds(250);

absl::StatusOr<std::string> ReadPem(const std::string& path, std::string_view setting) {
  absl::StatusOr<std::string> pem = ReadSmallFile(path, kPemBytesMax);
  if (pem.ok()) return pem;
  return SetUpError(fmt::format("{}: {}", setting, std::string(pem.status().message())));
}

// Whether the same call again may help. A full queue is the server's "later"; too many sign-ins are not, and
// those calls are never repeated.
bool MayPass(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
          domain::DetailOf(FromGrpcStatus(status)).reason() == "BUSY");
}

struct LongText {
  std::string path;
  size_t bytes = 0;
};

// The longest text anywhere in a message.
void FindLongest(const google::protobuf::Message& message, const std::string& above, LongText& longest) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int entries = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < entries; ++i) {
      const std::string path =
          above + field->name() + (field->is_repeated() ? fmt::format("[{}]", i) : std::string());
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        FindLongest(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                         : reflection.GetMessage(message, field),
                    path + ".", longest);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string text = field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                                      : reflection.GetString(message, field);
        if (text.size() > longest.bytes) longest = {path, text.size()};
      }
    }
  }
}

}  // namespace

void PrepareProcess() {
  // GRPC_TRACE would print what a call carries, the token too.
  for (const char* name : {"GRPC_TRACE", "GRPC_VERBOSITY"}) {
    unsetenv(name);
  }
  // A TLS 1.2 suite that nobody can speak leaves TLS 1.3, whose suites are not set by this.
  setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", /*overwrite=*/1);
  // What matters of gRPC's lines reaches the person in the status.
  gpr_set_log_function([](gpr_log_func_args*) {});
}

std::string NewRequestId() {
  std::array<unsigned char, 16> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = Hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

bool IsTooLong(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && domain::DetailOf(status).reason().empty() &&
         std::string_view(status.message().data(), status.message().size()).find("larger than max") !=
             std::string_view::npos;
}

absl::Status TooLong(const google::protobuf::Message& request, size_t bytes_max) {
  LongText longest;
  FindLongest(request, "", longest);
  const std::string limit = bytes_max == 0
                                ? std::string("the server reads in one message")
                                : fmt::format("the {} bytes that a server reads in one message", bytes_max);
  return domain::InvalidField(
      longest.path,
      fmt::format("shorten this text of {} bytes, or give part of it in a later change: together "
                  "it is {} bytes, more than {}",
                  longest.bytes, request.ByteSizeLong(), limit));
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // The numbers of gRPC's codes and Abseil's are the same by design of both.
  const absl::Status ours(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  v1::ErrorDetail detail;
  if (status.error_details().empty() || !detail.ParseFromString(status.error_details())) return ours;
  return domain::WithDetail(ours, detail);
}

absl::StatusOr<Connection> Connection::Open(const config::v1::ClientConfig& config,
                                            std::function<void(std::string_view)> note) {
  RETURN_IF_ERROR(RequireConnection(config));
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be started");
  grpc::SslCredentialsOptions tls;
  ASSIGN_OR_RETURN(tls.pem_root_certs, ReadPem(config.authority_file(), "authority_file"));
  ASSIGN_OR_RETURN(tls.pem_cert_chain, ReadPem(config.certificate_file(), "certificate_file"));
  const absl::StatusOr<Secret> key = pki::ReadPrivateKey(config.private_key_file());
  if (!key.ok()) return SetUpError(fmt::format("private_key_file: {}", std::string(key.status().message())));
  const absl::Status pair =
      pki::CheckKeyPair({*key, tls.pem_cert_chain}, "private_key_file", "certificate_file");
  if (!pair.ok()) return SetUpError(std::string(pair.message()));
  tls.pem_private_key = std::string(key->Reveal());

  const absl::StatusOr<pki::CertificateFacts> facts = pki::ReadCertificate(tls.pem_cert_chain);
  if (!facts.ok()) {
    return SetUpError(fmt::format("certificate_file: {}", std::string(facts.status().message())));
  }
  if (facts->not_after < absl::Now()) {
    return SetUpError("certificate_file: the certificate has expired; ask your administrator for a new one");
  }

  grpc::ChannelArguments arguments;
  // Where a call goes is the configuration's to say, and not the environment's (http_proxy).
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Repeats are made here, where the note about them is.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetSslTargetNameOverride(config.server_name());

  Connection connection;
  connection.channel_ =
      grpc::CreateCustomChannel(config.server_address(), grpc::SslCredentials(tls), arguments);
  connection.address_ = config.server_address();
  connection.fingerprint_ = facts->fingerprint;
  connection.timeout_ = absl::Milliseconds(config.timeout_ms());
  connection.note_ = std::move(note);
  return connection;
}

void Connection::EnsureRequestId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return;
  const auto* reflection = request.GetReflection();
  if (reflection->GetString(request, field).empty()) reflection->SetString(&request, field, NewRequestId());
}

absl::Status Connection::Run(const std::function<grpc::Status(grpc::ClientContext&)>& attempt,
                             const CallOptions& options) const {
  const bool long_work = options.timeout > absl::ZeroDuration();
  const absl::Time end = absl::Now() + (long_work ? options.timeout : timeout_);
  absl::Duration pause = kFirstPause;
  for (int tries = 1;; ++tries) {
    grpc::ClientContext context;
    const absl::Time deadline = long_work ? end : std::min(end, absl::Now() + kAttemptTimeout);
    context.set_deadline(absl::ToChronoTime(deadline));
    if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
    const grpc::Status status = attempt(context);
    if (status.ok()) return absl::OkStatus();
    const bool again = options.repeat && MayPass(status) && tries < kAttemptsMax && absl::Now() + pause < end;
    if (!again) {
      absl::Status ours = FromGrpcStatus(status);
      if (!MayPass(status) || !domain::DetailOf(ours).reason().empty()) return ours;
      // gRPC's own words about sockets and handshakes, with what they mean before them.
      return absl::Status(ours.code(),
                          fmt::format("{} cannot be reached, did not answer in time, or does not take this "
                                      "program's certificate; try again later ({})",
                                      address_, status.error_message()));
    }
    note_(fmt::format("no answer from {}; trying again ({} of {})", address_, tries + 1, kAttemptsMax));
    absl::SleepFor(pause);
    pause *= 2;
  }
}

}  // namespace marac::cli
