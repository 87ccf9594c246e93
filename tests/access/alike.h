// Chance and time for two servers that are compared: what both draw is drawn alike, and what both see of the
// time is one moment.
#ifndef MARAC_TESTS_ACCESS_ALIKE_H_
#define MARAC_TESTS_ACCESS_ALIKE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace marac::testing {

// Takes the place of the C library's source of random bytes, in the whole program, once it was turned on.
// Draws depend on the call and on how many of the same length came before in it: one id more in one of the
// worlds changes no token. Turned off, it draws what nobody can foretell.
class AlikeRandom {
 public:
  static AlikeRandom& Get();

  void TurnOn();
  void TurnOff();
  // Before a new call; and before the same call is made again, to the other server.
  void Begin();
  void Again();

  void Fill(void* buffer, size_t size);

 private:
  AlikeRandom() = default;

  std::mutex mutex_;
  // Guarded by mutex_.
  bool on_ = false;
  uint64_t call_ = 0;
  std::map<size_t, int> drawn_;
};

// Runs until it is stopped; then goes on by steps.
class StoppedClock final : public SecurityClock, public BusinessClock {
 public:
  absl::Time Now() const override {
    const int64_t stopped = stopped_ms_.load();
    return stopped == 0 ? absl::Now() : absl::FromUnixMillis(stopped);
  }
  void Stop() { stopped_ms_ = absl::ToUnixMillis(absl::Now()); }
  void Step() { stopped_ms_ += 10; }

 private:
  std::atomic<int64_t> stopped_ms_ = 0;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_ACCESS_ALIKE_H_
