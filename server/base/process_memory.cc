#include "base/process_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace marac {

absl::Status LockProcessMemory() {
  // Under a limit that is merely high, locking would work now and a later allocation would fail.
  constexpr rlimit kUnlimited = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  rlimit now{};
  const bool is_unlimited = getrlimit(RLIMIT_MEMLOCK, &now) == 0 && now.rlim_cur == RLIM_INFINITY;
  if (!is_unlimited && setrlimit(RLIMIT_MEMLOCK, &kUnlimited) != 0) {
    return absl::FailedPreconditionError(
        "records in memory may be written to swap: give the service an unlimited RLIMIT_MEMLOCK "
        "(systemd: LimitMEMLOCK=infinity), or use a machine without swap");
  }
  // Only what was touched: thread stacks and the allocator's reserves are large and mostly unused.
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("records in memory may be written to swap: locking it failed: {}", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace marac
