// How marac ends: a number for scripts. README and `marac --help` show the same table.
#ifndef MARAC_CLI_EXIT_CODE_H_
#define MARAC_CLI_EXIT_CODE_H_

#include <string_view>

#include "absl/status/status.h"

namespace marac::cli {

enum class ExitCode {
  kOk = 0,
  kFailed = 1,       // a mistake in marac or maracd
  kUsage = 2,        // the command line
  kNotSignedIn = 3,  // sign in, or sign in again
  kNotOpen = 4,      // not allowed, or not found or not open to this person
  kWrongInput = 5,   // fields are wrong or missing; each is named
  kChanged = 6,      // somebody changed it meanwhile, or it is not in a state for this
  kTryAgain = 7,     // busy or unreachable
  kAuditBad = 8,     // the audit chain or a checkpoint does not hold
  kSetUp = 9,        // files of this machine: configuration, certificate, key, session
};

// The table for people, one line a code.
extern const char kExitCodeHelp[];

// The code that `status` ends with: by its own canonical code, unless one of the makers below made it.
ExitCode ExitCodeOf(const absl::Status& status);

// Somebody tried to sign in and was refused: advice to sign in would say nothing new.
absl::Status SignInRefused(const absl::Status& status);
bool NeedsSignIn(const absl::Status& status);

absl::Status UsageError(std::string_view sentence);
absl::Status SetUpError(std::string_view sentence);
absl::Status AuditBad(std::string_view sentence);

}  // namespace marac::cli

#endif  // MARAC_CLI_EXIT_CODE_H_
