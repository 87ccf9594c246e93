#include "cli/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace marac::cli {
namespace {

constexpr size_t kLineBytesMax = 16 << 10;
constexpr char kControlC = 3;
constexpr char kControlD = 4;
// Whoever ends every answer with Enter does so at once; whoever answers the next question has read it first.
constexpr absl::Duration kEnterWithKey = absl::Milliseconds(500);

// Changes how the terminal hands over input for as long as it lives. Signals from the keyboard are off
// meanwhile, so that Control-C cannot end the program with the terminal left silent.
class InputMode {
 public:
  // TCSAFLUSH for `when` throws away what was typed before the question, TCSADRAIN keeps it.
  InputMode(int fd, tcflag_t off, int when) : fd_(fd), changed_(tcgetattr(fd, &before_) == 0) {
    if (!changed_) return;
    termios now = before_;
    now.c_lflag &= ~(off | ISIG);
    if ((off & ICANON) != 0) {
      now.c_cc[VMIN] = 1;
      now.c_cc[VTIME] = 0;
    } else {
      // Control-C ends the line, and with it the question.
      now.c_cc[VEOL] = kControlC;
    }
    changed_ = tcsetattr(fd_, when, &now) == 0;
  }
  InputMode(const InputMode&) = delete;
  InputMode& operator=(const InputMode&) = delete;
  ~InputMode() {
    if (changed_) tcsetattr(fd_, TCSANOW, &before_);
  }

  bool changed() const { return changed_; }

 private:
  const int fd_;
  termios before_ = {};
  bool changed_;
};

std::string Trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpaces) - first + 1));
}

}  // namespace

bool Terminal::interactive() const { return isatty(in_) != 0; }

void Terminal::Write(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t wrote = write(out_, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    // A prompt that nobody can see is no reason to stop.
    if (wrote <= 0) return;
    text.remove_prefix(static_cast<size_t>(wrote));
  }
}

std::optional<char> Terminal::ReadByte() {
  char c = 0;
  ssize_t got = 0;
  do {
    got = read(in_, &c, 1);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return std::nullopt;
  return c;
}

absl::StatusOr<std::optional<std::string>> Terminal::ReadRawLine() {
  std::string line;
  for (;;) {
    const std::optional<char> c = ReadByte();
    if (!c.has_value()) {
      if (line.empty()) return std::nullopt;
      return line;
    }
    if (*c == '\n') return line;
    if (*c == kControlC && interactive()) {
      WipeString(line);
      return std::nullopt;
    }
    if (line.size() >= kLineBytesMax) {
      WipeString(line);
      return absl::InvalidArgumentError(
          "a line of input is longer than 16 KiB; give at most 4,000 characters");
    }
    line += *c;
  }
}

absl::StatusOr<std::optional<std::string>> Terminal::ReadLine(std::string_view prompt) {
  // Control-C must not end the program while it holds what was typed before.
  std::optional<InputMode> mode;
  if (interactive()) mode.emplace(in_, tcflag_t{0}, TCSADRAIN);
  Write(prompt);
  std::optional<std::string> line;
  bool with_key = false;
  do {
    ASSIGN_OR_RETURN(line, ReadRawLine());
    with_key = BelongsToKey();
  } while (line.has_value() && line->empty() && with_key);
  if (!line.has_value()) {
    if (interactive()) Write("\n");
    return std::nullopt;
  }
  return Trimmed(*line);
}

bool Terminal::BelongsToKey() {
  return interactive() && absl::Now() - std::exchange(key_time_, absl::InfinitePast()) < kEnterWithKey;
}

absl::StatusOr<std::optional<char>> Terminal::ReadKey(std::string_view prompt) {
  if (!interactive()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> line, ReadLine(prompt));
    Write("\n");
    if (!line.has_value()) return std::nullopt;
    return line->empty() ? '\n' : line->front();
  }
  // The mode first: whoever sees the question may answer it at once.
  const InputMode mode(in_, ICANON | ECHO, TCSAFLUSH);
  Write(prompt);
  std::optional<char> key;
  bool with_key = false;
  do {
    key = ReadByte();
    with_key = BelongsToKey();
  } while (key.has_value() && (*key == '\n' || *key == '\r') && with_key);
  if (!key.has_value() || *key == kControlC || *key == kControlD) {
    Write("\n");
    return std::nullopt;
  }
  const bool visible = *key >= ' ' && *key <= '~';
  Write(visible ? std::string(1, *key) + "\n" : "\n");
  if (*key == '\r') return '\n';
  if (visible) key_time_ = absl::Now();
  return visible || *key == '\n' ? *key : '\0';
}

absl::StatusOr<std::optional<Secret>> Terminal::ReadPassword(std::string_view prompt) {
  std::optional<std::string> line;
  if (interactive()) {
    const InputMode mode(in_, ECHO, TCSAFLUSH);
    Write(prompt);
    if (!mode.changed()) {
      return absl::FailedPreconditionError("the terminal would show the password; use --password-stdin");
    }
    ASSIGN_OR_RETURN(line, ReadRawLine());
    Write("\n");
  } else {
    ASSIGN_OR_RETURN(line, ReadRawLine());
  }
  if (!line.has_value()) return std::nullopt;
  if (!line->empty() && line->back() == '\r') line->pop_back();
  Secret secret(*line);
  WipeString(*line);
  return secret;
}

}  // namespace marac::cli
