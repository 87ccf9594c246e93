#include "base/clock.h"

#include <time.h>

#include "base/file.h"
#include "base/ids.h"

namespace marac {
namespace {

constexpr char kBootIdFile[] = "/proc/sys/kernel/random/boot_id";
constexpr size_t kBootIdBytesMax = 64;

std::string ReadBootId() {
  absl::StatusOr<std::string> id = ReadSmallFile(kBootIdFile, kBootIdBytesMax);
  if (!id.ok()) return IdSource().NewId();
  return id->substr(0, id->find('\n'));
}

}  // namespace

BootClock::BootClock() : boot_id_(ReadBootId()) {}

int64_t BootClock::Nanoseconds() const {
  timespec time = {};
  // It fails only for a clock that the kernel does not know.
  clock_gettime(CLOCK_BOOTTIME, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace marac
