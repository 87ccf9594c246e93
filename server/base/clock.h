// Time is passed in. Two clocks of the day, because a demonstration may move the one that records and rules
// use, and must never move the one that sessions, codes, limits and certificates use (they are different
// types, so that neither can be handed over for the other). A third counts and cannot be set, for the order
// of what the audit says.
#ifndef MARAC_BASE_CLOCK_H_
#define MARAC_BASE_CLOCK_H_

#include <cstdint>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace marac {

// Record times, deadlines and the R-xx rules. Any thread may call.
class BusinessClock {
 public:
  virtual ~BusinessClock() = default;
  virtual absl::Time Now() const = 0;
};

// Sessions, limits, certificates and checkpoints. Any thread may call.
class SecurityClock {
 public:
  virtual ~SecurityClock() = default;
  virtual absl::Time Now() const { return absl::Now(); }
};

// Time since the machine started, its sleep included: it never goes back and nobody can set it, so it tells
// the order and the distance of two moments of one boot whatever was done to the other clocks. Any thread may
// call.
class BootClock {
 public:
  BootClock();
  virtual ~BootClock() = default;
  virtual int64_t Nanoseconds() const;
  // Which start of the machine: the kernel's word for it. Where a sandbox hides that, a random one for each
  // process, so that moments are never compared that cannot be.
  virtual const std::string& BootId() const { return boot_id_; }

 private:
  const std::string boot_id_;
};

// The business clock of an installation: the real time, plus an offset that only a demonstration database
// has.
class OffsetBusinessClock : public BusinessClock {
 public:
  // `real` is a test's own idea of the real time; null: the machine's.
  explicit OffsetBusinessClock(absl::Duration offset, const BusinessClock* real = nullptr)
      : real_(real), offset_(offset) {}
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return (real_ == nullptr ? absl::Now() : real_->Now()) + offset_;
  }
  // Moves the clock by `step`, which must not be negative: a business clock never goes back.
  void Advance(absl::Duration step) {
    absl::MutexLock lock(&mutex_);
    if (step > absl::ZeroDuration()) offset_ += step;
  }

 private:
  const BusinessClock* const real_;
  mutable absl::Mutex mutex_;
  absl::Duration offset_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace marac

#endif  // MARAC_BASE_CLOCK_H_
