// Does for maracd in a test what systemd does for it by the shipped unit: says where to report
// (NOTIFY_SOCKET, WATCHDOG_USEC), starts it again after a failure, ends it when it gives no sign of life, and
// keeps it in a memory limit.
#ifndef MARAC_TESTS_FLOODS_SUPERVISOR_H_
#define MARAC_TESTS_FLOODS_SUPERVISOR_H_

#include <sys/types.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace marac::testing {

struct SupervisorOptions {
  std::vector<std::string> command;
  std::string log;                    // what it prints is added here
  absl::Duration watchdog;            // WatchdogSec
  absl::Duration restart_after;       // RestartSec, after a failure
  std::vector<int> final_exit_codes;  // RestartPreventExitStatus
  size_t memory_bytes_max = 0;        // MemoryMax
  size_t descriptors_max = 0;         // LimitNOFILE
};

class Supervisor {
 public:
  explicit Supervisor(SupervisorOptions options);
  ~Supervisor();  // Kills what runs.
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Waits until it has said READY=1 since its newest start. False when it does not within `wait`.
  bool AwaitReady(absl::Duration wait) ABSL_LOCKS_EXCLUDED(mutex_);
  // SIGTERM, and no start again; its exit code, -1 for a signal or when it does not end within 30 s.
  int Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  pid_t pid() const { return pid_; }
  // Ends so far that were not asked for, one word each: "signal-9", "exit-74", "watchdog", "memory".
  std::vector<std::string> ends() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Signs of life since the newest start.
  int feeds() const { return feeds_; }
  // "cgroup" or "resident size", whichever watches over memory.
  const char* memory_guard() const { return cgroup_.empty() ? "resident size" : "cgroup"; }

 private:
  void Spawn();
  void Loop();
  void Listen();
  void NoteEnd(int status) ABSL_LOCKS_EXCLUDED(mutex_);

  const SupervisorOptions options_;
  std::string socket_name_;
  int socket_ = -1;
  std::string cgroup_;  // folder; empty: none could be made
  std::thread thread_;
  std::atomic<pid_t> pid_{-1};
  std::atomic<int> feeds_{0};

  mutable absl::Mutex mutex_;
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;  // it runs no more and is not started again
  int last_status_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string cause_ ABSL_GUARDED_BY(mutex_);  // why we are ending it
  absl::Time fed_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> ends_ ABSL_GUARDED_BY(mutex_);
};

// The resident memory of a process in bytes; 0 when there is no such process.
size_t ResidentBytes(pid_t pid);

}  // namespace marac::testing

#endif  // MARAC_TESTS_FLOODS_SUPERVISOR_H_
