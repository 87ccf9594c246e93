// The person at the keyboard: lines, single keys, and passwords that are not shown. Prompts go to standard
// error, so that standard output holds answers alone. Where standard input is not a terminal, a script feeds
// the same answers line by line.
#ifndef MARAC_CLI_TERMINAL_H_
#define MARAC_CLI_TERMINAL_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/secret.h"

namespace marac::cli {

class Terminal {
 public:
  // Reads from `in` and prompts on `out`: file descriptors 0 and 2 outside tests.
  explicit Terminal(int in = 0, int out = 2) : in_(in), out_(out) {}

  // Whether a person sits there.
  bool interactive() const;

  void Write(std::string_view text) const;

  // A line without its end, spaces around it cut off; nothing at the end of input, or when the person pressed
  // Control-C or Control-D. INVALID_ARGUMENT above 16 KiB.
  absl::StatusOr<std::optional<std::string>> ReadLine(std::string_view prompt);

  // One key, without waiting for Enter; an Enter right behind a key belongs to it and is no answer to the
  // next question. From a script, the first character of a line, '\n' for an empty one. Nothing at the end of
  // input, or when the person pressed Control-C or Control-D. Keys beyond ASCII come as
  // '\0'.
  absl::StatusOr<std::optional<char>> ReadKey(std::string_view prompt);

  // A line that is not shown while it is typed. Nothing as above. Spaces are kept.
  absl::StatusOr<std::optional<Secret>> ReadPassword(std::string_view prompt);

 private:
  // The next byte, or nothing at the end of input.
  std::optional<char> ReadByte();
  // Whether an Enter that was just read came along with the key before it.
  bool BelongsToKey();
  // The rest of the line; spaces kept. Nothing at the end of input.
  absl::StatusOr<std::optional<std::string>> ReadRawLine();

  const int in_;
  const int out_;
  absl::Time key_time_ = absl::InfinitePast();
};

}  // namespace marac::cli

#endif  // MARAC_CLI_TERMINAL_H_
