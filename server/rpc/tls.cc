#include "rpc/tls.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/pki.h"
#include "base/status_macros.h"

namespace marac::rpc {
namespace {

// gRPC 1.51 cannot be told to refuse TLS 1.2, but it can be told which TLS 1.2 suites to offer. This one
// wants a pre-shared key, which nobody has, so that a TLS 1.2 handshake finds nothing in common whatever kind
// of key the certificate files hold after a renewal. TLS 1.3 has suites of its own and is not touched.
constexpr char kNoTls12Suite[] = "PSK-AES256-GCM-SHA384";

constexpr size_t kPemBytesMax = 64 << 10;
constexpr int kLogLinesPerSecond = 20;

// The line's own text is left out: on a parse error gRPC writes header values into it. File and line name the
// message well enough, the library's version being fixed. The number of lines is bounded, because whoever
// reaches the port can cause one with each connection.
void LogWithoutValues(gpr_log_func_args* args) {
  static std::atomic<int64_t> second{0};
  static std::atomic<int> lines{0};
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  if (second.exchange(now) != now) lines = 0;
  if (++lines > kLogLinesPerSecond) return;
  std::string_view file = args->file;
  if (const size_t slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
  spdlog::log(args->severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::warn : spdlog::level::debug,
              "grpc: message of {}:{}", file, args->line);
}

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

// The value, or its error with the setting's name before it.
template <typename T>
absl::StatusOr<T> Named(std::string_view setting, absl::StatusOr<T> value) {
  if (value.ok()) return value;
  return absl::FailedPreconditionError(fmt::format("{}: {}", setting, std::string(value.status().message())));
}

class EnrolledVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit EnrolledVerifier(std::shared_ptr<const ProgramRegistry> registry)
      : registry_(std::move(registry)) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>, grpc::Status* sync_status) override {
    const grpc::string_ref leaf = request->peer_cert();
    const std::string_view pem(leaf.data(), leaf.size());
    const absl::StatusOr<Program> program = registry_->ProgramOfPem(pem);
    if (!program.ok() && !registry_->IsSelfPem(pem)) {
      *sync_status = {grpc::StatusCode::UNAUTHENTICATED, std::string(program.status().message())};
    }
    return true;  // Decided here and now.
  }

  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::shared_ptr<const ProgramRegistry> registry_;
};

}  // namespace

absl::Status PrepareProcess() {
  if (!Environment("GRPC_TRACE").empty()) {
    return absl::FailedPreconditionError(
        "the environment variable GRPC_TRACE is set, which would print what calls carry; unset it");
  }
  const std::string_view verbosity = Environment("GRPC_VERBOSITY");
  if (!verbosity.empty() && verbosity != "ERROR" && verbosity != "NONE") {
    return absl::FailedPreconditionError(
        "the environment variable GRPC_VERBOSITY asks for more than ERROR, which would print what calls "
        "carry; "
        "unset it");
  }
  if (setenv("GRPC_SSL_CIPHER_SUITES", kNoTls12Suite, /*overwrite=*/1) != 0) {
    return absl::InternalError("the environment variable GRPC_SSL_CIPHER_SUITES cannot be set");
  }
  gpr_set_log_function(LogWithoutValues);
  // Whoever hangs up while we write to them is an error of that write, not the end of the server.
  std::signal(SIGPIPE, SIG_IGN);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const config::v1::TlsFiles& files, std::shared_ptr<const ProgramRegistry> registry) {
  // gRPC would only log that a file is wrong, and then refuse every handshake; we say so and do not start.
  if (Environment("GRPC_SSL_CIPHER_SUITES") != kNoTls12Suite) {
    return absl::InternalError("PrepareProcess was not called, so TLS 1.2 would be accepted");
  }
  pki::Identity server;
  ASSIGN_OR_RETURN(server.key_pem,
                   Named("tls.private_key_file", pki::ReadPrivateKey(files.private_key_file())));
  ASSIGN_OR_RETURN(
      server.certificates_pem,
      Named("tls.certificate_chain_file", ReadSmallFile(files.certificate_chain_file(), kPemBytesMax)));
  RETURN_IF_ERROR(pki::CheckKeyPair(server, "tls.private_key_file", "tls.certificate_chain_file"));
  ASSIGN_OR_RETURN(const pki::CertificateFacts facts, pki::ReadCertificate(server.certificates_pem));
  if (const absl::Time now = absl::Now(); now < facts.not_before || now >= facts.not_after) {
    return absl::FailedPreconditionError(
        fmt::format("tls.certificate_chain_file: the certificate is good from {} to {} only; issue a new one",
                    absl::FormatTime(facts.not_before), absl::FormatTime(facts.not_after)));
  }
  ASSIGN_OR_RETURN(const std::string authority,
                   Named("tls.authority_file", ReadSmallFile(files.authority_file(), kPemBytesMax)));
  if (!pki::ReadCertificate(authority).ok()) {
    return absl::FailedPreconditionError("tls.authority_file: does not hold a certificate in PEM form");
  }

  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.private_key_file(), files.certificate_chain_file(), files.authority_file(),
      static_cast<unsigned>(files.reload_interval_ms() / 1000));
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.set_certificate_verifier(
      grpc::experimental::ExternalCertificateVerifier::Create<EnrolledVerifier>(std::move(registry)));
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace marac::rpc
