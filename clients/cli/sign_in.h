// Proving who one is, at the keyboard or by a script.
#ifndef MARAC_CLI_SIGN_IN_H_
#define MARAC_CLI_SIGN_IN_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/client.h"

namespace marac::cli {

struct ProofFlags {
  bool from_stdin = false;  // the password
  bool with_code = false;   // the account is known to have one-time codes
  // The server does not say that a code was missing, or whoever guesses would learn that the password is
  // right. So a person who was refused may give one; a script says it beforehand.
  bool code_if_refused = false;
};

// The six digits. USAGE when none were given.
absl::StatusOr<std::string> ReadCode(Terminal& terminal);
// Asks for what signing in needs, and signs in.
absl::StatusOr<v1::Session> SignInAsking(Client& client, const std::string& login, std::string_view prompt,
                                         const ProofFlags& flags);
// Asks for the code of an account that has codes, for the password of another, and opens the session again.
absl::StatusOr<v1::UnlockResponse> UnlockAsking(Client& client, const ProofFlags& flags);
// The same, for what wants the person proved anew.
absl::StatusOr<v1::StepUpResponse> StepUpAsking(Client& client, const ProofFlags& flags);

}  // namespace marac::cli

#endif  // MARAC_CLI_SIGN_IN_H_
