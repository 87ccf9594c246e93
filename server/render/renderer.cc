#include "render/renderer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/status_macros.h"

namespace marac::render {
namespace {

constexpr char kPython[] = "/usr/bin/python3";

struct EmbeddedFile {
  const char* name;
  const char* text;
};

constexpr EmbeddedFile kFiles[] = {
#include "render/files.inc"
};
constexpr char kScript[] =
#include "render/script.inc"
    ;

// Nothing of ours, so that nothing of it can tell or steer anything. The hash seed and the date make the same
// bytes of the same data.
constexpr const char* kEnvironment[] = {"LC_ALL=C.UTF-8", "PYTHONHASHSEED=0", "SOURCE_DATE_EPOCH=0", nullptr};

absl::Status Failed(std::string_view what, int number) {
  return absl::InternalError(fmt::format("marac-render: {} {}", what, number));
}

// What posix_spawn wants freed.
struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

// One run of marac-render. It and whatever it started end with this object.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  absl::Status Start(std::vector<std::string> arguments) {
    // A socket for what it is given, because writing to a pipe that nobody reads would end this whole
    // process.
    int in[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0) return Failed("socketpair", errno);
    in_.emplace(in[0]);
    const FileDescriptor in_theirs(in[1]);
    int out[2];
    if (pipe2(out, O_CLOEXEC) != 0) return Failed("pipe", errno);
    out_.emplace(out[0]);
    const FileDescriptor out_theirs(out[1]);

    // What it says of an error might hold what the document holds, and goes nowhere.
    SpawnSettings spawn;
    posix_spawn_file_actions_adddup2(&spawn.actions, in_theirs.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&spawn.actions, out_theirs.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&spawn.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&spawn.actions, STDERR_FILENO + 1);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&spawn.attributes, &none);
    posix_spawnattr_setsigdefault(&spawn.attributes, &all);
    posix_spawnattr_setpgroup(&spawn.attributes, 0);
    posix_spawnattr_setflags(&spawn.attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int error = posix_spawn(&pid_, kPython, &spawn.actions, &spawn.attributes, argv.data(),
                                  const_cast<char* const*>(kEnvironment));
    if (error == 0) return absl::OkStatus();
    pid_ = 0;
    return Failed("cannot be started, error", error);
  }

  // Gives it `data` and takes what it writes, each as far as it is ready.
  absl::StatusOr<std::string> Talk(std::string_view data, size_t bytes_max, absl::Time deadline) {
    std::string made;
    while (true) {
      pollfd ready[2] = {{.fd = out_->get(), .events = POLLIN, .revents = 0}};
      if (in_.has_value()) ready[1] = {.fd = in_->get(), .events = POLLOUT, .revents = 0};
      const int64_t left_ms = absl::ToInt64Milliseconds(deadline - absl::Now());
      if (left_ms <= 0) return TooLong();
      const int got = poll(ready, in_.has_value() ? 2 : 1, static_cast<int>(left_ms));
      if (got < 0 && errno != EINTR) return Failed("poll", errno);
      if (got <= 0) continue;
      if (in_.has_value() && ready[1].revents != 0) Give(data);
      if (ready[0].revents == 0) continue;
      char buffer[64 << 10];
      const ssize_t size = read(out_->get(), buffer, sizeof buffer);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return Failed("read", errno);
      if (size == 0) break;
      made.append(buffer, static_cast<size_t>(size));
      if (made.size() > bytes_max) return absl::InternalError("marac-render: a document is too large");
    }
    RETURN_IF_ERROR(End(deadline));
    return made;
  }

 private:
  static absl::Status TooLong() {
    return absl::DeadlineExceededError(
        "making the document took too long, and was stopped: try again when the server has less to do");
  }

  // Closes their input when there is no more, or when they do not want it.
  void Give(std::string_view& data) {
    const ssize_t sent = send(in_->get(), data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent > 0) data.remove_prefix(static_cast<size_t>(sent));
    if (sent < 0 || data.empty()) in_.reset();
  }

  absl::Status End(absl::Time deadline) {
    int status = 0;
    while (true) {
      const pid_t ended = waitpid(pid_, &status, WNOHANG);
      if (ended == pid_) break;
      if (ended < 0 && errno != EINTR) return Failed("waitpid", errno);
      if (absl::Now() >= deadline) return TooLong();
      absl::SleepFor(absl::Milliseconds(2));
    }
    pid_ = 0;
    if (WIFSIGNALED(status)) return Failed("was ended by signal", WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? absl::OkStatus() : Failed("ended with code", WEXITSTATUS(status));
  }

  pid_t pid_ = 0;
  std::optional<FileDescriptor> in_;
  std::optional<FileDescriptor> out_;
};

}  // namespace

Renderer::Renderer(RendererOptions options) : options_(std::move(options)) {}

absl::StatusOr<std::string> Renderer::Render(std::string_view template_name, const std::string& data) {
  const absl::Time deadline = absl::Now() + options_.time_max;
  const absl::Status too_many = absl::ResourceExhaustedError(
      "the server is making other documents: nothing was made; try again in a minute");
  {
    absl::MutexLock lock(&mutex_);
    if (is_busy_ && waiting_ >= options_.waiting_max) return too_many;
    ++waiting_;
    const auto is_free = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !is_busy_; };
    const bool free = mutex_.AwaitWithDeadline(absl::Condition(&is_free), deadline);
    --waiting_;
    if (!free) return too_many;
    is_busy_ = true;
  }
  absl::StatusOr<std::string> made = Run(template_name, data, deadline);
  absl::MutexLock lock(&mutex_);
  is_busy_ = false;
  return made;
}

std::string Renderer::SourceDigest(std::string_view template_name, const std::string& data) const {
  std::string program(options_.script.empty() ? kScript : options_.script);
  for (const EmbeddedFile& file : kFiles) program.append(file.name).append(1, '\0').append(file.text);
  for (const auto& [name, text] : options_.more_files) program.append(name).append(1, '\0').append(text);
  return Hex(Sha256(Sha256(program) + Sha256(template_name), data));
}

absl::StatusOr<std::string> Renderer::Run(std::string_view template_name, const std::string& data,
                                          absl::Time deadline) const {
  std::vector<std::string> arguments = {
      kPython, "-sPB", "-c", options_.script.empty() ? kScript : options_.script, std::string(template_name)};
  for (const EmbeddedFile& file : kFiles) arguments.insert(arguments.end(), {file.name, file.text});
  for (const auto& [name, text] : options_.more_files) arguments.insert(arguments.end(), {name, text});
  Child child;
  RETURN_IF_ERROR(child.Start(std::move(arguments)));
  ASSIGN_OR_RETURN(std::string made, child.Talk(data, options_.bytes_max, deadline));
  if (!made.starts_with("%PDF-")) return absl::InternalError("marac-render: what it made is no PDF");
  return made;
}

}  // namespace marac::render
