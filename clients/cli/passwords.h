// Passwords come from the terminal without being shown, or from standard input; never from the command line
// or the environment, which others on the machine can read.
#ifndef MARAC_CLI_PASSWORDS_H_
#define MARAC_CLI_PASSWORDS_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "cli/terminal.h"

namespace marac::cli {

inline constexpr char kPasswordStdinHelp[] = "Read passwords from standard input, one a line";

// One password. Without `from_stdin` standard input must be a terminal.
absl::StatusOr<Secret> ReadOnePassword(Terminal& terminal, std::string_view prompt, bool from_stdin);
// A new one: at a terminal it is typed twice.
absl::StatusOr<Secret> ReadNewPassword(Terminal& terminal, std::string_view prompt, bool from_stdin);

}  // namespace marac::cli

#endif  // MARAC_CLI_PASSWORDS_H_
