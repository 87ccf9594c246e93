// Making an installation: keys, authority, database, first area, first agency, first administrator, first
// programs.
#ifndef MARAC_RPC_SETUP_H_
#define MARAC_RPC_SETUP_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/password.h"
#include "base/secret.h"
#include "marac/v1/calendar.pb.h"

namespace marac::rpc {

struct SetupOptions {
  std::string directory;  // gets maracd.textproto, keys/, tls/, authority/, data/, checkpoints/ and programs/
  std::string listen_address = "127.0.0.1:8443";
  std::vector<std::string> server_names = {"localhost", "127.0.0.1"};  // in the server's certificate
  std::string area;       // "mk": lower-case letters, digits and hyphens
  std::string area_code;  // "MK": begins case numbers
  std::string area_name;  // for people
  v1::Nation nation = v1::NATION_ENGLAND_AND_WALES;
  std::string instrument;  // "plain24@1.0": the area chooses
  std::string policy;      // "default@2026.1"
  std::string agency;      // "council": whose administrator is the first
  std::string agency_name;
  std::string admin_login;
  std::string admin_name;
  Secret admin_password;
  bool demonstration = false;  // for good: a simulated clock, passwords that need not be changed
  // What the simulated clock of a demonstration shows at first, up to now; infinite future: now.
  absl::Time demonstration_start = absl::InfiniteFuture();
  PasswordCost password_cost;
};

// Makes it. A stop on the way leaves no database, and the message says what to remove. ALREADY_EXISTS: there
// is one.
absl::Status SetUp(const SetupOptions& options);

// Issues a certificate for another program, from the authority that SetUp made in `directory`, into
// `directory`/programs, and returns the certificate's PEM, to be enrolled by an administrator.
absl::StatusOr<std::string> IssueProgramCertificate(const std::string& directory, const std::string& origin,
                                                    const std::string& agency, const std::string& program);

}  // namespace marac::rpc

#endif  // MARAC_RPC_SETUP_H_
