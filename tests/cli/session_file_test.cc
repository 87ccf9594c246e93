// The session on a person's disk: theirs alone, and good for one server and certificate.
#include "cli/session_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/exit_code.h"
#include "tests/support/status_matchers.h"

namespace marac::cli {
namespace {

using absl::StatusCode;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::testing::HasSubstr;
using ::testing::Not;

class SessionFileTest : public ::testing::Test {
 protected:
  SessionFileTest() {
    std::string name = ::testing::TempDir() + "/session_XXXXXX";
    folder_ = mkdtemp(name.data());
    path_ = folder_ + "/state/marac/session.textproto";
    session_.set_server_address("127.0.0.1:8443");
    session_.set_certificate_fingerprint("ab12");
    session_.set_login("a.shah");
    session_.set_token("the-token");
  }
  ~SessionFileTest() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<config::v1::ClientSession> Load(const std::string& server = "127.0.0.1:8443",
                                                 const std::string& fingerprint = "ab12") {
    return LoadSession(path_, server, fingerprint);
  }
  static mode_t ModeOf(const std::string& path) {
    struct stat facts = {};
    EXPECT_EQ(stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 07777;
  }

  std::string folder_;
  std::string path_;
  config::v1::ClientSession session_;
};

TEST_F(SessionFileTest, IsKeptForThisUserAlone) {
  ASSERT_THAT(SaveSession(path_, session_), IsOk());
  EXPECT_EQ(ModeOf(path_), 0600);
  EXPECT_EQ(ModeOf(folder_ + "/state/marac"), 0700);
  EXPECT_EQ(ModeOf(folder_ + "/state"), 0700);
  const auto loaded = Load();
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->token(), "the-token");
}

TEST_F(SessionFileTest, IsRefusedWhenOthersCouldReadIt) {
  ASSERT_THAT(SaveSession(path_, session_), IsOk());
  for (const mode_t mode : {0640U, 0644U, 0660U, 0604U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    const auto refused = Load();
    ASSERT_FALSE(refused.ok()) << std::oct << mode;
    EXPECT_EQ(ExitCodeOf(refused.status()), ExitCode::kSetUp);
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(path_));
    EXPECT_THAT(std::string(refused.status().message()), Not(HasSubstr("the-token")));
  }
  // Saving again, as a new sign-in does, heals it.
  ASSERT_THAT(SaveSession(path_, session_), IsOk());
  EXPECT_THAT(Load(), IsOk());
}

TEST_F(SessionFileTest, IsNoUseForAnotherServerOrCertificate) {
  ASSERT_THAT(SaveSession(path_, session_), IsOk());
  EXPECT_THAT(Load("127.0.0.1:9443"), Refuses(StatusCode::kUnauthenticated, "another server"));
  EXPECT_THAT(Load("127.0.0.1:8443", "cd34"), Refuses(StatusCode::kUnauthenticated, "another certificate"));
}

TEST_F(SessionFileTest, NoFileMeansNotSignedIn) {
  EXPECT_THAT(Load(), Refuses(StatusCode::kUnauthenticated, "marac sign-in LOGIN"));
  EXPECT_THAT(RemoveSession(path_), IsOk());
}

TEST_F(SessionFileTest, AFileThatIsNoSessionIsRefusedWithoutShowingIt) {
  ASSERT_THAT(SaveSession(path_, session_), IsOk());
  std::ofstream(path_) << "token: \"the-token";
  EXPECT_THAT(Load(), Refuses(StatusCode::kUnauthenticated, "is not a session"));
  EXPECT_THAT(std::string(Load().status().message()), Not(HasSubstr("the-token")));
  std::ofstream(path_) << std::string(20'000, '#');
  EXPECT_THAT(Load(), Refuses(StatusCode::kUnauthenticated, "is not a session"));
}

TEST_F(SessionFileTest, ATokenThatNoHeaderCanHoldEndsNoProgram) {
  for (const char* token : {"the\x01token", "the token", "t\u00E9ken"}) {
    session_.set_token(token);
    ASSERT_THAT(SaveSession(path_, session_), IsOk());
    EXPECT_THAT(Load(), Refuses(StatusCode::kUnauthenticated, "is not a session")) << token;
  }
}

TEST_F(SessionFileTest, ALinkIsNotFollowed) {
  ASSERT_THAT(SaveSession(path_, session_), IsOk());
  std::filesystem::rename(path_, path_ + ".real");
  std::filesystem::create_symlink(path_ + ".real", path_);
  EXPECT_EQ(ExitCodeOf(Load().status()), ExitCode::kSetUp);
}

}  // namespace
}  // namespace marac::cli
