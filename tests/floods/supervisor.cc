#include "tests/floods/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/time/clock.h"

extern char** environ;

namespace marac::testing {
namespace {

constexpr int kLookMs = 20;

bool WriteTo(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

// A memory cgroup with this limit, of version 1 or 2, whichever this machine lets us make; empty: none.
std::string MakeCgroup(size_t bytes) {
  const std::string name = "/marac-floods-" + std::to_string(getpid());
  const std::pair<std::string, const char*> kinds[] = {{"/sys/fs/cgroup/memory", "/memory.limit_in_bytes"},
                                                       {"/sys/fs/cgroup", "/memory.max"}};
  for (const auto& [root, limit] : kinds) {
    const std::string folder = root + name;
    if (mkdir(folder.c_str(), 0755) != 0) continue;
    if (access((folder + limit).c_str(), W_OK) == 0 && WriteTo(folder + limit, std::to_string(bytes))) {
      return folder;
    }
    rmdir(folder.c_str());
  }
  return "";
}

// How often the kernel has ended something in this cgroup for want of memory.
long OutOfMemoryEnds(const std::string& cgroup) {
  for (const char* file : {"/memory.oom_control", "/memory.events"}) {
    std::ifstream lines(cgroup + file);
    std::string word;
    long value = 0;
    while (lines >> word >> value) {
      if (word == "oom_kill") return value;
    }
  }
  return 0;
}

}  // namespace

size_t ResidentBytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  size_t all = 0;
  size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

Supervisor::Supervisor(SupervisorOptions options) : options_(std::move(options)) {
  socket_name_ = "@marac-floods-" + std::to_string(getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, socket_name_.data() + 1, socket_name_.size() - 1);
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_name_.size());
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0) {
    std::perror("supervisor: NOTIFY_SOCKET");
    std::abort();
  }
  cgroup_ = MakeCgroup(options_.memory_bytes_max);
  thread_ = std::thread([this] { Loop(); });
}

Supervisor::~Supervisor() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (const pid_t pid = pid_; pid > 0) kill(pid, SIGKILL);
  thread_.join();
  close(socket_);
  if (!cgroup_.empty()) rmdir(cgroup_.c_str());
}

void Supervisor::Spawn() {
  std::vector<std::string> words = options_.command;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> settings = {
      "NOTIFY_SOCKET=" + socket_name_,
      "WATCHDOG_USEC=" + std::to_string(absl::ToInt64Microseconds(options_.watchdog))};
  std::vector<char*> envp;
  for (char** variable = environ; *variable != nullptr; ++variable) envp.push_back(*variable);
  for (std::string& setting : settings) envp.push_back(setting.data());
  envp.push_back(nullptr);
  const std::string procs = cgroup_ + "/cgroup.procs";
  feeds_ = 0;
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!cgroup_.empty()) {
      const int group = open(procs.c_str(), O_WRONLY | O_CLOEXEC);
      if (write(group, "0", 1) != 1) _exit(126);
    }
    const rlimit descriptors{.rlim_cur = options_.descriptors_max, .rlim_max = options_.descriptors_max};
    setrlimit(RLIMIT_NOFILE, &descriptors);
    const int fd = open(options_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  absl::MutexLock lock(&mutex_);
  ready_ = false;
  cause_.clear();
  fed_ = absl::InfiniteFuture();  // until READY=1
  pid_ = pid;
  if (stopping_) kill(pid, SIGKILL);  // Asked for while we started it.
}

void Supervisor::Listen() {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, kLookMs) <= 0) return;
  char text[512];
  ssize_t size = 0;
  while ((size = recv(socket_, text, sizeof text, 0)) > 0) {
    const std::string_view said(text, static_cast<size_t>(size));
    absl::MutexLock lock(&mutex_);
    if (said == "READY=1") {
      ready_ = true;
      fed_ = absl::Now();
    } else if (said == "WATCHDOG=1") {
      if (ready_) fed_ = absl::Now();
      ++feeds_;
    }
  }
}

void Supervisor::NoteEnd(int status) {
  absl::MutexLock lock(&mutex_);
  pid_ = -1;
  ready_ = false;
  last_status_ = status;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  const auto& final_codes = options_.final_exit_codes;
  over_ =
      stopping_ || code == 0 || std::find(final_codes.begin(), final_codes.end(), code) != final_codes.end();
  if (stopping_) return;
  if (!cause_.empty()) {
    ends_.push_back(cause_);
  } else {
    ends_.push_back(code >= 0 ? "exit-" + std::to_string(code)
                              : "signal-" + std::to_string(WTERMSIG(status)));
  }
}

void Supervisor::Loop() {
  long out_of_memory = 0;
  Spawn();
  while (true) {
    Listen();
    const pid_t pid = pid_;
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == pid) {
      if (!cgroup_.empty() && OutOfMemoryEnds(cgroup_) > out_of_memory) {
        out_of_memory = OutOfMemoryEnds(cgroup_);
        absl::MutexLock lock(&mutex_);
        cause_ = "memory";
      }
      NoteEnd(status);
      const absl::Time start = absl::Now() + options_.restart_after;
      absl::MutexLock lock(&mutex_);
      if (over_) return;
      const auto stopped = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_; };
      if (mutex_.AwaitWithDeadline(absl::Condition(&stopped), start)) {
        over_ = true;
        return;
      }
    } else {
      absl::MutexLock lock(&mutex_);
      if (!cause_.empty()) continue;
      if (cgroup_.empty() && ResidentBytes(pid) > options_.memory_bytes_max) cause_ = "memory";
      if (absl::Now() - fed_ > options_.watchdog) cause_ = "watchdog";
      if (!cause_.empty()) kill(pid, SIGKILL);
      continue;
    }
    Spawn();
  }
}

bool Supervisor::AwaitReady(absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&ready_), wait);
}

int Supervisor::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (const pid_t pid = pid_; pid > 0) kill(pid, SIGTERM);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&over_), absl::Seconds(30))) return -1;
  }
  absl::MutexLock lock(&mutex_);
  return WIFEXITED(last_status_) ? WEXITSTATUS(last_status_) : -1;
}

std::vector<std::string> Supervisor::ends() const {
  absl::MutexLock lock(&mutex_);
  return ends_;
}

}  // namespace marac::testing
