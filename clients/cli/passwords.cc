#include "cli/passwords.h"

#include <optional>

#include "base/status_macros.h"
#include "cli/exit_code.h"

namespace marac::cli {

absl::StatusOr<Secret> ReadOnePassword(Terminal& terminal, std::string_view prompt, bool from_stdin) {
  if (!from_stdin && !terminal.interactive()) {
    return UsageError("standard input is not a terminal: give the password there with --password-stdin");
  }
  ASSIGN_OR_RETURN(std::optional<Secret> password, terminal.ReadPassword(prompt));
  if (!password.has_value() || password->empty()) return UsageError("no password was given");
  return *std::move(password);
}

absl::StatusOr<Secret> ReadNewPassword(Terminal& terminal, std::string_view prompt, bool from_stdin) {
  ASSIGN_OR_RETURN(Secret password, ReadOnePassword(terminal, prompt, from_stdin));
  if (from_stdin) return password;
  ASSIGN_OR_RETURN(const Secret again, ReadOnePassword(terminal, "The same again: ", from_stdin));
  if (!password.Equals(again)) return UsageError("the two passwords are not the same; nothing was changed");
  return password;
}

}  // namespace marac::cli
