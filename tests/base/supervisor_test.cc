#include "base/supervisor.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "tests/support/status_matchers.h"

namespace marac {
namespace {

using absl::StatusCode;
using testing::Refuses;

class SupervisorTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }

  // What a supervisor that listens at `name` is told; an at sign stands for the zero byte.
  static std::string Heard(const std::string& name, const char* state) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const FileDescriptor fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
              0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    EXPECT_OK(TellSupervisor(state));
    char text[64];
    const ssize_t size = recv(fd.get(), text, sizeof text, 0);
    return size < 0 ? "nothing" : std::string(text, static_cast<size_t>(size));
  }
};

TEST_F(SupervisorTest, IsToldWhereverItListens) {
  const std::string path =
      (std::filesystem::temp_directory_path() / "marac_supervisor").string() + std::to_string(getpid());
  EXPECT_EQ(Heard(path, "READY=1"), "READY=1");
  unlink(path.c_str());
  EXPECT_EQ(Heard("@marac-supervisor-" + std::to_string(getpid()), "WATCHDOG=1"), "WATCHDOG=1");
}

TEST_F(SupervisorTest, ThatIsNotThereIsNoError) {
  unsetenv("NOTIFY_SOCKET");
  EXPECT_OK(TellSupervisor("READY=1"));
}

TEST_F(SupervisorTest, ThatCannotBeToldIsNamedByItsSetting) {
  setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
  EXPECT_THAT(TellSupervisor("READY=1"), Refuses(StatusCode::kUnavailable, "NOTIFY_SOCKET"));
  setenv("NOTIFY_SOCKET", std::string(200, 'x').c_str(), 1);
  EXPECT_THAT(TellSupervisor("READY=1"), Refuses(StatusCode::kFailedPrecondition, "NOTIFY_SOCKET"));
}

TEST_F(SupervisorTest, ItsPatienceIsAskedForByThisProcessOnly) {
  EXPECT_EQ(SupervisorPatience(), absl::ZeroDuration());
  setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(SupervisorPatience(), absl::Seconds(30));
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(SupervisorPatience(), absl::Seconds(30));
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(SupervisorPatience(), absl::ZeroDuration());
  unsetenv("WATCHDOG_PID");
  for (const char* bad : {"", "-1", "0", "soon", "30s"}) {
    setenv("WATCHDOG_USEC", bad, 1);
    EXPECT_EQ(SupervisorPatience(), absl::ZeroDuration()) << bad;
  }
}

}  // namespace
}  // namespace marac
