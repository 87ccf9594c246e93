// The program as a whole without a server: usage, exit codes, files of this machine.
#include "tests/cli/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/pki.h"
#include "cli/exit_code.h"
#include "cli/text.h"
#include "tests/support/tls_fixture.h"

namespace marac::cli {

namespace {
std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}
}  // namespace

Ran RunMarac(const std::vector<std::string>& arguments, const std::string& home, const std::string& input,
             const std::map<std::string, std::string>& environment) {
  // Files and not pipes, so that nothing waits for anybody to read.
  std::string folder = ::testing::TempDir() + "/marac_run_XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) ADD_FAILURE() << folder;
  std::ofstream(folder + "/in") << input;

  std::vector<std::string> words = {MARAC_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> variables = {"HOME=" + home, "PATH=/usr/bin:/bin"};
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, (folder + "/in").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, (folder + "/out").c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&files, 2, (folder + "/err").c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t child = 0;
  EXPECT_EQ(posix_spawn(&child, MARAC_BINARY, &files, nullptr, argv.data(), envp.data()), 0);
  posix_spawn_file_actions_destroy(&files);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  Ran ran = {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Contents(folder + "/out"),
             Contents(folder + "/err")};
  std::filesystem::remove_all(folder);
  return ran;
}

MaracAtTerminal::MaracAtTerminal(const std::vector<std::string>& arguments, const std::string& home) {
  std::vector<std::string> words = {MARAC_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> variables = {"HOME=" + home, "PATH=/usr/bin:/bin"};
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  child_ = forkpty(&keyboard_, nullptr, nullptr, nullptr);
  if (child_ == 0) {
    execve(MARAC_BINARY, argv.data(), envp.data());
    _exit(127);
  }
  EXPECT_GT(child_, 0);
  fcntl(keyboard_, F_SETFL, O_NONBLOCK);
}

MaracAtTerminal::~MaracAtTerminal() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  close(keyboard_);
}

bool MaracAtTerminal::ReadShown() {
  char bytes[512];
  const ssize_t got = read(keyboard_, bytes, sizeof(bytes));
  if (got > 0) shown_.append(bytes, static_cast<size_t>(got));
  if (got <= 0) usleep(2000);
  return got > 0 || errno == EAGAIN;
}

void MaracAtTerminal::TypeAfter(const std::string& prompt, const std::string& keys) {
  // One prompt that does not come is enough to fail.
  if (::testing::Test::HasFatalFailure()) return;
  const absl::Time end = absl::Now() + absl::Seconds(30);
  size_t found = shown_.find(prompt, seen_);
  while (found == std::string::npos && absl::Now() < end) {
    if (!ReadShown()) break;
    found = shown_.find(prompt, seen_);
  }
  ASSERT_NE(found, std::string::npos) << prompt << " in " << shown_.substr(seen_);
  seen_ = found + prompt.size();
  // Changing the mode throws away what was typed before the question.
  usleep(150'000);
  ASSERT_EQ(write(keyboard_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

int MaracAtTerminal::Wait() {
  const absl::Time end = absl::Now() + absl::Seconds(30);
  int status = 0;
  while (waitpid(child_, &status, WNOHANG) == 0) {
    ReadShown();
    if (absl::Now() > end) {
      ADD_FAILURE() << "it waits: " << shown_.substr(seen_);
      return -1;
    }
  }
  while (ReadShown() && errno != EAGAIN) continue;
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void ParseAnswer(const Ran& ran, google::protobuf::Message& message) {
  EXPECT_EQ(ran.exit, 0) << ran.err;
  const auto parsed = google::protobuf::util::JsonStringToMessage(ran.out, &message);
  EXPECT_TRUE(parsed.ok()) << ran.out;
}

namespace {

using ::marac::testing::MustBeOk;
using ::marac::testing::TlsFixture;
using ::testing::HasSubstr;
using ::testing::Not;

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() : home_(tls_.folder() + "/home") {
    MustBeOk(pki::WriteIdentity(tls_.Issue("laptop"), tls_.folder(), "laptop"));
    std::ofstream(tls_.folder() + "/authority.pem") << tls_.root_pem();
    std::filesystem::create_directories(home_ + "/.config/marac");
    // Paths are taken from the folder of the file.
    WriteConfig(
        "server_address: '127.0.0.1:1'\n"
        "authority_file: '../../../authority.pem'\n"
        "certificate_file: '../../../laptop.pem'\n"
        "private_key_file: '../../../laptop.key'\n"
        "area: 'test'\n");
  }
  void WriteConfig(const std::string& text) {
    std::ofstream(home_ + "/.config/marac/config.textproto") << text;
  }

  // With these arguments marac ends so, says this, and prints no answer.
  void Expect(const std::vector<std::string>& arguments, ExitCode code, const std::string& said,
              const std::string& input = {}) {
    const Ran ran = RunMarac(arguments, home_, input);
    EXPECT_EQ(ran.exit, static_cast<int>(code)) << ::testing::PrintToString(arguments) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(said)) << ::testing::PrintToString(arguments);
    EXPECT_EQ(ran.out, "") << ::testing::PrintToString(arguments);
  }

  TlsFixture tls_;
  std::string home_;
};

TEST_F(ProcessTest, AWrongCommandLineIsUsage) {
  Expect({}, ExitCode::kUsage, "subcommand is required");
  Expect({"assessment"}, ExitCode::kUsage, "subcommand is required");
  Expect({"asessment", "list"}, ExitCode::kUsage, "");
  Expect({"action", "report", "x1"}, ExitCode::kUsage, "STATE is required");
  Expect({"action", "list", "--limit", "-1"}, ExitCode::kUsage, "--limit");
  Expect({"case", "update", "x1", "--told", "--unsafe", "--text", "t"}, ExitCode::kUsage, "excludes");
  Expect({"clock", "advance"}, ExitCode::kUsage, "");
}

TEST_F(ProcessTest, NoPasswordAndNoTokenIsTakenFromTheCommandLine) {
  Expect({"sign-in", "a.shah", "--password", "secret"}, ExitCode::kUsage, "--password");
  Expect({"sign-in", "a.shah", "secret"}, ExitCode::kUsage, "secret");
  Expect({"--token", "secret", "whoami"}, ExitCode::kUsage, "--token");
  Expect({"sign-in", "a.shah"}, ExitCode::kUsage, "--password-stdin", "secret\n");
}

TEST_F(ProcessTest, HelpSaysWhatExitCodesMean) {
  const Ran help = RunMarac({"--help"}, home_);
  EXPECT_EQ(help.exit, 0);
  EXPECT_THAT(help.out, HasSubstr(kExitCodeHelp));
  for (const char* group :
       {"assessment", "referral", "triage", "agenda", "meeting", "action", "audit", "case", "area",
        "directory", "service", "clock", "session", "sign-in", "sign-out", "whoami", "change-password"}) {
    EXPECT_THAT(help.out, HasSubstr("  " + std::string(group) + " "));
  }
  const Ran all = RunMarac({"--help-all"}, home_);
  EXPECT_EQ(all.exit, 0);
  EXPECT_EQ(RunMarac({"--version"}, home_).exit, 0);
}

TEST_F(ProcessTest, WhoeverIsNotSignedInIsToldHow) {
  Expect({"case", "list"}, ExitCode::kNotSignedIn, "marac sign-in LOGIN");
  Expect({"--json", "case", "list"}, ExitCode::kNotSignedIn, "\"code\": \"UNAUTHENTICATED\"");
}

TEST_F(ProcessTest, AnUnreachableServerIsTryAgain) {
  Expect({"sign-in", "a.shah", "--password-stdin", "--timeout-ms", "300"}, ExitCode::kTryAgain,
         "127.0.0.1:1 cannot be reached", "secret\n");
}

TEST_F(ProcessTest, FilesOfThisMachineHaveACodeOfTheirOwn) {
  Expect({"--config", "/nonexistent", "whoami"}, ExitCode::kSetUp, "/nonexistent");
  Expect({"--key", "/nonexistent", "whoami"}, ExitCode::kSetUp, "private_key_file");
  Expect({"--timeout-ms", "5", "whoami"}, ExitCode::kSetUp, "timeout_ms");
  ASSERT_EQ(chmod((tls_.folder() + "/laptop.key").c_str(), 0640), 0);
  Expect({"whoami"}, ExitCode::kSetUp, "private_key_file");
  ASSERT_EQ(chmod((tls_.folder() + "/laptop.key").c_str(), 0600), 0);
  WriteConfig("server_adress: 'x'\n");
  Expect({"whoami"}, ExitCode::kSetUp, "server_adress");
  WriteConfig("");
  Expect({"whoami"}, ExitCode::kSetUp, "server_address: is missing");
}

TEST_F(ProcessTest, FlagsWinOverTheFile) {
  Expect({"--server", "127.0.0.1:2", "sign-in", "a.shah", "--password-stdin", "--timeout-ms", "300"},
         ExitCode::kTryAgain, "127.0.0.1:2 cannot be reached", "secret\n");
}

TEST_F(ProcessTest, TheEnvironmentCannotMakeItTalkOrGoElsewhere) {
  const Ran ran =
      RunMarac({"sign-in", "a.shah", "--password-stdin", "--timeout-ms", "300"}, home_, "secret\n",
               {{"GRPC_TRACE", "all"},
                {"GRPC_VERBOSITY", "DEBUG"},
                {"http_proxy", "http://127.0.0.1:3"},
                {"https_proxy", "http://127.0.0.1:3"}});
  EXPECT_EQ(ran.exit, static_cast<int>(ExitCode::kTryAgain));
  EXPECT_THAT(ran.err, Not(HasSubstr("secret")));
  EXPECT_THAT(ran.err, Not(HasSubstr(":3")));
  // A sentence, and no log of the library's.
  EXPECT_LT(ran.err.size(), 1000u) << ran.err;
}

TEST_F(ProcessTest, NothingIsLeftOnTheDisk) {
  RunMarac({"whoami"}, home_);
  RunMarac({"sign-in", "a.shah", "--password-stdin", "--timeout-ms", "300"}, home_, "secret\n");
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home_)) {
    if (entry.is_regular_file()) files.push_back(entry.path().filename());
  }
  EXPECT_THAT(files, ::testing::ElementsAre("config.textproto"));
}

}  // namespace
}  // namespace marac::cli
