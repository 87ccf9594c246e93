// The area's own certificate authority: who is a program and who is the server. A root whose key is taken off
// the host, an intermediate that signs, and leaves for the server and for each program. All keys are ECDSA
// P-256: an RSA server key would let TLS 1.2 in again (see rpc/tls.h).
#ifndef MARAC_BASE_PKI_H_
#define MARAC_BASE_PKI_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/secret.h"

namespace marac::pki {

// Command-line clients and agencies' systems; their certificates last 90 days.
inline constexpr absl::Duration kProgramLifetime = absl::Hours(90 * 24);
// maracd itself and the web client, which are renewed by a timer on their own machines.
inline constexpr absl::Duration kServerLifetime = absl::Hours(30 * 24);

// A private key and what it proves. For a leaf, `certificates_pem` is the leaf followed by the intermediate,
// as TLS sends them.
struct Identity {
  Secret key_pem;
  std::string certificates_pem;
};

struct Authority {
  Identity root;          // Its key belongs on a medium in a safe, not on this host.
  Identity intermediate;  // Signs leaves.
};

// `origin` is the area_origin of the configuration, for instance "marac.milton-keynes": lower-case letters,
// digits, dots and hyphens. The root lasts 20 years, the intermediate 5.
absl::StatusOr<Authority> CreateAuthority(std::string_view origin, absl::Time now);

// A server's leaf, with which it can also call itself (rpc/watchdog.h). `names` are DNS names and numeric
// addresses that clients will use, at least one.
absl::StatusOr<Identity> IssueServer(const Identity& intermediate, const std::vector<std::string>& names,
                                     absl::Time now, absl::Duration lifetime = kServerLifetime);

// A program's leaf, with the URI spiffe://<origin>/agency/<agency>/program/<program>. The two ids are
// lower-case letters, digits and hyphens, at most 64.
absl::StatusOr<Identity> IssueProgram(const Identity& intermediate, std::string_view origin,
                                      std::string_view agency, std::string_view program, absl::Time now,
                                      absl::Duration lifetime = kProgramLifetime);

// Writes root.pem, root.key, intermediate.pem and intermediate.key into `folder`, which exists; keys are
// 0600. ALREADY_EXISTS when there is one: replacing it would lock every program out.
absl::Status WriteAuthority(const Authority& authority, const std::string& folder);

// Writes `folder`/`name`.key (0600) and then `folder`/`name`.pem; what is there is replaced, or
// ALREADY_EXISTS.
absl::Status WriteIdentity(const Identity& identity, const std::string& folder, std::string_view name,
                           IfExists if_exists = IfExists::kReplace);

// A private key in PEM form from a file that nobody else may use. The message names the file.
absl::StatusOr<Secret> ReadPrivateKey(const std::string& path);

// Reads what the two functions above wrote; refuses a key that does not belong to the certificate.
absl::StatusOr<Identity> ReadIdentity(const std::string& key_file, const std::string& certificate_file);

// What is in the first certificate of a PEM text.
struct CertificateFacts {
  std::string fingerprint;  // As FingerprintOfPem.
  std::string uri;          // The URI name, empty when there is none.
  absl::Time not_before;
  absl::Time not_after;
};
absl::StatusOr<CertificateFacts> ReadCertificate(std::string_view pem);

// SHA-256 of a leaf in DER form, 64 lower-case hexadecimal digits: how a program is enrolled.
std::string FingerprintOfDer(std::string_view der);
// The same of the first certificate in a PEM text; nothing but the text's form is checked.
absl::StatusOr<std::string> FingerprintOfPem(std::string_view pem);

// FAILED_PRECONDITION unless the key is ECDSA P-256 and belongs to the first certificate of the identity.
// `key_name` and `certificate_name` are how the message calls them: a setting, a file.
absl::Status CheckKeyPair(const Identity& identity, std::string_view key_name,
                          std::string_view certificate_name);

}  // namespace marac::pki

#endif  // MARAC_BASE_PKI_H_
