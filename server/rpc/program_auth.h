// Which program is calling: an allow-list of certificates, asked at the TLS handshake and again on every
// call, so that a revocation bites on the next call of a connection that is already open. There is no CRL:
// gRPC 1.51 accepts a revoked certificate when the CRL folder is missing.
#ifndef MARAC_RPC_PROGRAM_AUTH_H_
#define MARAC_RPC_PROGRAM_AUTH_H_

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/auth_metadata_processor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "marac/v1/directory.pb.h"

namespace marac::rpc {

struct Program {
  std::string id;  // "programs/web"
  v1::ProgramKind kind = v1::PROGRAM_KIND_UNSPECIFIED;
  std::string agency;  // "agencies/police"; empty for the web program
  std::string area;    // "areas/mk"
  bool revoked = false;

  // Whether people of this agency work through it: a command line is one agency's own, while the web program
  // is everybody's.
  bool Serves(std::string_view persons_agency) const {
    return kind != v1::PROGRAM_KIND_CLI || persons_agency == agency;
  }

  friend bool operator==(const Program&, const Program&) = default;
};

// The enrolled certificates, by fingerprint (pki::FingerprintOfDer). A program has two while its certificate
// is being renewed. Any thread may call.
class ProgramRegistry {
 public:
  using Programs = std::unordered_map<std::string, Program>;

  // Replaces everything, as read from the database at start.
  void Replace(Programs programs);
  // These are the program's certificates from the next call on; what it had before is enrolled no more.
  void Enrol(const std::vector<std::string>& fingerprints, const Program& program);
  // Revokes every certificate of a program, from the next call on. False when none was enrolled.
  bool Revoke(std::string_view program_id);

  // This is the server's own certificate, with which it asks itself whether it still serves: a connection
  // that shows it is let in for the health check and nothing else. It replaces the one before.
  void EnrolSelf(std::string fingerprint);
  bool IsSelf(const grpc::AuthContext& peer) const;
  bool IsSelfPem(std::string_view pem) const;

  // The program of this certificate, revoked ones included.
  std::optional<Program> Find(const std::string& fingerprint) const;

  // The program at the other end of a connection; UNAUTHENTICATED when it is not enrolled or was revoked.
  // `peer` belongs to the connection, so this tells nothing about a person.
  absl::StatusOr<Program> ProgramOf(const grpc::AuthContext& peer) const;
  // The same for the leaf in PEM form, as gRPC hands it over.
  absl::StatusOr<Program> ProgramOfPem(std::string_view pem) const;

 private:
  mutable absl::Mutex mutex_;
  Programs programs_ ABSL_GUARDED_BY(mutex_);
  std::string self_ ABSL_GUARDED_BY(mutex_);  // Fingerprint; empty: none.
};

// True for a method path ("/marac.v1.CaseService/GetCase") that has a row in the table of permissions.
using HasRule = std::function<bool(std::string_view path)>;

// Stands before every method and only refuses: a program that is not enrolled (UNAUTHENTICATED), a method
// without a rule (UNIMPLEMENTED). It stores nothing in the context, which all callers of a connection share.
// The health check alone needs no rule, and is all that the server's own certificate opens.
std::shared_ptr<grpc::AuthMetadataProcessor> NewProgramGuard(std::shared_ptr<const ProgramRegistry> registry,
                                                             HasRule has_rule);

}  // namespace marac::rpc

#endif  // MARAC_RPC_PROGRAM_AUTH_H_
