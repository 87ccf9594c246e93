#include "base/supervisor.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/file.h"

namespace marac {
namespace {

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

// 0 for anything that is not a whole number above it.
int64_t NumberIn(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  return error == std::errc() && end == text.end() && number > 0 ? number : 0;
}

}  // namespace

absl::Status TellSupervisor(std::string_view state) {
  const std::string_view path = Environment("NOTIFY_SOCKET");
  if (path.empty()) return absl::OkStatus();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return absl::FailedPreconditionError("NOTIFY_SOCKET: is too long for a socket's name");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  // An at sign stands for the zero byte that begins a name outside the file system.
  if (path.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const FileDescriptor fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.ok() || sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                         reinterpret_cast<const sockaddr*>(&address), size) < 0) {
    return absl::UnavailableError(
        fmt::format("NOTIFY_SOCKET: the supervisor cannot be told: {}", strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Duration SupervisorPatience() {
  const std::string_view process = Environment("WATCHDOG_PID");
  if (!process.empty() && NumberIn(process) != getpid()) return absl::ZeroDuration();
  return absl::Microseconds(NumberIn(Environment("WATCHDOG_USEC")));
}

}  // namespace marac
