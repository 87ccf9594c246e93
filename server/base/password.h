// Passwords: Argon2id, slow on purpose, and bounded so that it cannot be used to exhaust the machine.
#ifndef MARAC_BASE_PASSWORD_H_
#define MARAC_BASE_PASSWORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace marac {

// How many may do something costly at once, and how many may wait for it. Any thread may call.
class WorkLimit {
 public:
  // Gives its place back at the end of its scope. Must not outlive the limit.
  class Place {
   public:
    explicit Place(WorkLimit* limit) : limit_(limit) {}
    Place(Place&& other) noexcept : limit_(other.limit_) { other.limit_ = nullptr; }
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    WorkLimit* limit_;
  };

  WorkLimit(int running_max, int waiting_max, absl::Duration wait_max)
      : running_max_(running_max), waiting_max_(waiting_max), wait_max_(wait_max) {}

  // Waits for a place. RESOURCE_EXHAUSTED at once when too many wait already, or after wait_max.
  absl::StatusOr<Place> Enter();

  int waiting() const;

 private:
  bool HasRoom() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ < running_max_; }

  const int running_max_;
  const int waiting_max_;
  const absl::Duration wait_max_;

  mutable absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

struct PasswordCost {
  size_t memory_bytes = size_t{64} << 20;
  uint64_t passes = 3;
};

// Any thread may call; at most 4 work at once and 32 wait, beyond that RESOURCE_EXHAUSTED. Never to be called
// from a body that the writer runs.
class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordCost cost = {});

  // The PHC string to store ("$argon2id$v=19$m=65536,t=3,p=1$salt$hash"), with a fresh salt.
  absl::StatusOr<std::string> Hash(std::string_view password);

  // Whether `stored` was made from `password`. An empty `stored`, for a name that nobody has, is false after
  // the same work. DATA_LOSS when `stored` is not a hash that can be checked.
  absl::StatusOr<bool> Verify(std::string_view password, std::string_view stored);

  // Whether `stored` was made at another cost than this, so that it should be made anew at the next sign-in.
  bool NeedsRehash(std::string_view stored) const;

 private:
  const PasswordCost cost_;
  const std::string nobody_;  // A well-formed hash of no known password.

  WorkLimit limit_;
};

}  // namespace marac

#endif  // MARAC_BASE_PASSWORD_H_
