#include "tests/support/tls_fixture.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "rpc/config.h"
#include "rpc/tls.h"

namespace marac::testing {

void MustBeOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "test fixture: %s\n", status.ToString().c_str());
  std::abort();
}

TlsFixture::TlsFixture() {
  MustBeOk(rpc::PrepareProcess());
  folder_ = (std::filesystem::temp_directory_path() / "marac_tls_XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) MustBeOk(absl::InternalError("no temporary folder"));
  authority_ = Must(pki::CreateAuthority(kOrigin, absl::Now()));
  MustBeOk(pki::WriteAuthority(authority_, folder_));
  MustBeOk(pki::WriteIdentity(
      Must(pki::IssueServer(authority_.intermediate, {"localhost", "127.0.0.1", "::1"}, absl::Now())),
      folder_, "server"));
}

TlsFixture::~TlsFixture() { std::filesystem::remove_all(folder_); }

config::v1::ServerConfig TlsFixture::ServerConfig() const {
  return Must(rpc::ParseServerConfig(R"(
    listen_address: "127.0.0.1:0"
    area_origin: "marac.test"
    data_directory: "data"
    checkpoint_directory: "checkpoints"
    keys { database_key_file: "db.key" audit_key_file: "audit.key" app_key_file: "app.key" }
    tls {
      certificate_chain_file: "server.pem"
      private_key_file: "server.key"
      authority_file: "root.pem"
    }
    limits { connections_max: 400 connections_per_source_max: 400 }
  )",
                                     "test configuration", folder_));
}

pki::Identity TlsFixture::Issue(std::string_view program, absl::Time issued, absl::Duration lifetime) const {
  return Must(pki::IssueProgram(authority_.intermediate, kOrigin, "police", program, issued, lifetime));
}

pki::Identity TlsFixture::Enrolled(std::string_view program, v1::ProgramKind kind) const {
  pki::Identity identity = Issue(program);
  Enrol(identity, program, kind);
  return identity;
}

void TlsFixture::Enrol(const pki::Identity& identity, std::string_view program, v1::ProgramKind kind) const {
  registry_->Enrol({Must(pki::FingerprintOfPem(identity.certificates_pem))},
                   {.id = std::string(program), .kind = kind, .agency = "police", .area = "test"});
}

std::shared_ptr<grpc::Channel> TlsFixture::Channel(int port, const pki::Identity* client) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = root_pem();
  if (client != nullptr) {
    options.pem_private_key = std::string(client->key_pem.Reveal());
    options.pem_cert_chain = client->certificates_pem;
  }
  grpc::ChannelArguments arguments;
  // Otherwise gRPC quietly gives two channels one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::SslCredentials(options),
                                   arguments);
}

}  // namespace marac::testing
