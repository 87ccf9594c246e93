// An area authority in a folder of its own, with certificates good and bad, and channels that use them. For
// every test that speaks TLS to maracd.
#ifndef MARAC_TESTS_SUPPORT_TLS_FIXTURE_H_
#define MARAC_TESTS_SUPPORT_TLS_FIXTURE_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/pki.h"
#include "marac/config/v1/config.pb.h"
#include "rpc/program_auth.h"

namespace marac::testing {

class TlsFixture {
 public:
  static constexpr char kOrigin[] = "marac.test";

  // Calls PrepareProcess, makes a folder, an authority and a server certificate for localhost, 127.0.0.1 and
  // ::1, and writes what a server needs. Ends the test program when something of it fails.
  TlsFixture();
  ~TlsFixture();  // Removes the folder.
  TlsFixture(const TlsFixture&) = delete;
  TlsFixture& operator=(const TlsFixture&) = delete;

  const std::string& folder() const { return folder_; }
  const pki::Authority& authority() const { return authority_; }
  const std::string& root_pem() const { return authority_.root.certificates_pem; }

  // A complete configuration: the system chooses the port, defaults otherwise. Key files are named but not
  // made.
  config::v1::ServerConfig ServerConfig() const;

  // The registry that a server under test uses.
  const std::shared_ptr<rpc::ProgramRegistry>& registry() const { return registry_; }

  // A program's certificate, not enrolled. `issued` in the past makes an expired one.
  pki::Identity Issue(std::string_view program, absl::Time issued = absl::Now(),
                      absl::Duration lifetime = pki::kProgramLifetime) const;
  // The same, enrolled in registry() as a program of agency "police" in area "test".
  pki::Identity Enrolled(std::string_view program, v1::ProgramKind kind = v1::PROGRAM_KIND_CLI) const;
  // Enrols a certificate that came from elsewhere.
  void Enrol(const pki::Identity& identity, std::string_view program,
             v1::ProgramKind kind = v1::PROGRAM_KIND_CLI) const;

  // A new connection to 127.0.0.1:`port` that trusts this authority and shows `client`; null shows none.
  std::shared_ptr<grpc::Channel> Channel(int port, const pki::Identity* client) const;

 private:
  std::string folder_;
  pki::Authority authority_;
  std::shared_ptr<rpc::ProgramRegistry> registry_ = std::make_shared<rpc::ProgramRegistry>();
};

// The value of what cannot fail in a test; ends the program with the status when it did.
template <typename T>
T Must(absl::StatusOr<T> value);
void MustBeOk(const absl::Status& status);

template <typename T>
T Must(absl::StatusOr<T> value) {
  MustBeOk(value.status());
  return *std::move(value);
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_TLS_FIXTURE_H_
