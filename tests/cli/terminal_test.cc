// The keyboard, by a pseudo terminal and by a pipe.
#include "cli/terminal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "cli/passwords.h"
#include "tests/support/status_matchers.h"

namespace marac::cli {
namespace {

using absl::StatusCode;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::testing::HasSubstr;
using ::testing::Not;

// A pseudo terminal: what the test types on one end, the program reads on the other.
class Pty {
 public:
  Pty() {
    EXPECT_EQ(openpty(&keyboard_, &program_, nullptr, nullptr, nullptr), 0);
    fcntl(keyboard_, F_SETFL, O_NONBLOCK);
  }
  ~Pty() {
    close(keyboard_);
    close(program_);
  }
  int program() const { return program_; }

  // Types once the program has shown `prompt`: changing the mode throws away what was typed before.
  std::thread TypeAfter(std::string prompt, std::string keys) {
    return std::thread([this, prompt = std::move(prompt), keys = std::move(keys)] {
      while (shown_.find(prompt) == std::string::npos) ReadShown();
      usleep(100'000);
      ASSERT_EQ(write(keyboard_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    });
  }
  std::string Shown() {
    usleep(50'000);
    ReadShown();
    return shown_;
  }
  tcflag_t Mode() const {
    termios now = {};
    tcgetattr(program_, &now);
    return now.c_lflag & (ICANON | ECHO | ISIG);
  }

 private:
  void ReadShown() {
    char bytes[256];
    const ssize_t got = read(keyboard_, bytes, sizeof(bytes));
    if (got > 0) shown_.append(bytes, static_cast<size_t>(got));
    usleep(1000);
  }

  int keyboard_ = -1;
  int program_ = -1;
  std::string shown_;
};

TEST(TerminalTest, APasswordIsNotShown) {
  Pty pty;
  Terminal terminal(pty.program(), pty.program());
  const tcflag_t before = pty.Mode();
  std::thread typist = pty.TypeAfter("Password: ", "correct horse\n");
  const auto password = terminal.ReadPassword("Password: ");
  typist.join();
  ASSERT_THAT(password, IsOk());
  ASSERT_TRUE(password->has_value());
  EXPECT_EQ((*password)->Reveal(), "correct horse");
  EXPECT_THAT(pty.Shown(), Not(HasSubstr("horse")));
  EXPECT_EQ(pty.Mode(), before);
}

TEST(TerminalTest, ControlCDuringAPasswordGivesNothingAndRestoresTheTerminal) {
  Pty pty;
  Terminal terminal(pty.program(), pty.program());
  const tcflag_t before = pty.Mode();
  std::thread typist = pty.TypeAfter("Password: ", "correct\x03\n");
  const auto password = terminal.ReadPassword("Password: ");
  typist.join();
  ASSERT_THAT(password, IsOk());
  EXPECT_FALSE(password->has_value());
  EXPECT_EQ(pty.Mode(), before);
}

TEST(TerminalTest, OneKeyIsEnough) {
  Pty pty;
  Terminal terminal(pty.program(), pty.program());
  const tcflag_t before = pty.Mode();
  std::thread typist = pty.TypeAfter("Answer: ", "y");
  const auto key = terminal.ReadKey("Answer: ");
  typist.join();
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(*key, 'y');
  EXPECT_EQ(pty.Mode(), before);
}

TEST(TerminalTest, ControlCAtAQuestionIsTheEndOfInput) {
  Pty pty;
  Terminal terminal(pty.program(), pty.program());
  std::thread typist = pty.TypeAfter("Answer: ", "\x03");
  const auto key = terminal.ReadKey("Answer: ");
  typist.join();
  ASSERT_THAT(key, IsOk());
  EXPECT_FALSE(key->has_value());
}

TEST(TerminalTest, AnEnterRightBehindAKeyIsNoAnswerToTheNextQuestion) {
  Pty pty;
  Terminal terminal(pty.program(), pty.program());
  std::thread typist = pty.TypeAfter("Answer: ", "y\n");
  EXPECT_EQ(*terminal.ReadKey("Answer: "), 'y');
  typist.join();
  std::thread next = pty.TypeAfter("Note: ", "her words\n");
  EXPECT_EQ(**terminal.ReadLine("Note: "), "her words");
  next.join();
}

TEST(TerminalTest, ControlCInALineEndsTheQuestionAndNotTheProgram) {
  Pty pty;
  Terminal terminal(pty.program(), pty.program());
  const tcflag_t before = pty.Mode();
  std::thread typist = pty.TypeAfter("Name: ", "Ma\x03");
  const auto line = terminal.ReadLine("Name: ");
  typist.join();
  ASSERT_THAT(line, IsOk());
  EXPECT_FALSE(line->has_value());
  EXPECT_EQ(pty.Mode(), before);
}

// A pipe that holds `text`.
class Script {
 public:
  explicit Script(const std::string& text) {
    EXPECT_EQ(pipe(ends_), 0);
    EXPECT_EQ(write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(ends_[1]);
    null_ = open("/dev/null", O_WRONLY);
  }
  ~Script() {
    close(ends_[0]);
    close(null_);
  }
  Terminal terminal() const { return Terminal(ends_[0], null_); }

 private:
  int ends_[2] = {-1, -1};
  int null_ = -1;
};

TEST(TerminalTest, AScriptGivesALineForEachKeyAndEachLine) {
  const Script script("yes\n\n  a note \r\nlast");
  Terminal terminal = script.terminal();
  EXPECT_EQ(**terminal.ReadKey(""), 'y');
  EXPECT_EQ(**terminal.ReadKey(""), '\n');
  EXPECT_EQ(**terminal.ReadLine(""), "a note");
  EXPECT_EQ(**terminal.ReadLine(""), "last");
  EXPECT_FALSE(terminal.ReadLine("")->has_value());
  EXPECT_FALSE(terminal.ReadKey("")->has_value());
}

TEST(TerminalTest, ALineWithoutEndIsRefused) {
  const Script script(std::string(20'000, 'x'));
  Terminal terminal = script.terminal();
  EXPECT_THAT(terminal.ReadLine(""), Refuses(StatusCode::kInvalidArgument, "longer than 16 KiB"));
}

TEST(PasswordTest, AScriptHasToSayThatItGivesOne) {
  const Script script(" with spaces \nnext\n");
  Terminal terminal = script.terminal();
  EXPECT_THAT(ReadOnePassword(terminal, "", /*from_stdin=*/false),
              Refuses(StatusCode::kInvalidArgument, "--password-stdin"));
  const auto password = ReadOnePassword(terminal, "", /*from_stdin=*/true);
  ASSERT_THAT(password, IsOk());
  EXPECT_EQ(password->Reveal(), " with spaces ");
  const auto next = ReadNewPassword(terminal, "", /*from_stdin=*/true);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->Reveal(), "next");
  EXPECT_THAT(ReadOnePassword(terminal, "", /*from_stdin=*/true),
              Refuses(StatusCode::kInvalidArgument, "no password"));
}

}  // namespace
}  // namespace marac::cli
