#include "base/password.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "base/status_macros.h"

namespace marac {

WorkLimit::Place::~Place() {
  if (limit_ == nullptr) return;
  absl::MutexLock lock(&limit_->mutex_);
  --limit_->running_;
}

absl::StatusOr<WorkLimit::Place> WorkLimit::Enter() {
  const absl::Status full = absl::ResourceExhaustedError(
      "too many passwords are being checked at this moment; try again in a minute");
  absl::MutexLock lock(&mutex_);
  if (!HasRoom()) {
    if (waiting_ >= waiting_max_) return full;
    ++waiting_;
    const bool entered = mutex_.AwaitWithTimeout(absl::Condition(this, &WorkLimit::HasRoom), wait_max_);
    --waiting_;
    if (!entered) return full;
  }
  ++running_;
  return Place(this);
}

int WorkLimit::waiting() const {
  absl::MutexLock lock(&mutex_);
  return waiting_;
}

// The wait ends before the 10 s that a whole call may take.
PasswordHasher::PasswordHasher(PasswordCost cost)
    : cost_(cost),
      nobody_(fmt::format("$argon2id$v=19$m={},t={},p=1$bm9ib2R5LW5vYm9keS1uIQ$"
                          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                          cost.memory_bytes >> 10, cost.passes)),
      limit_(/*running_max=*/4, /*waiting_max=*/32, /*wait_max=*/absl::Seconds(8)) {}

absl::StatusOr<std::string> PasswordHasher::Hash(std::string_view password) {
  ASSIGN_OR_RETURN(WorkLimit::Place place, limit_.Enter());
  char stored[crypto_pwhash_argon2id_STRBYTES] = {};
  if (crypto_pwhash_argon2id_str(stored, password.data(), password.size(), cost_.passes,
                                 cost_.memory_bytes) != 0) {
    return absl::ResourceExhaustedError("the password could not be hashed: not enough memory");
  }
  return std::string(stored);
}

absl::StatusOr<bool> PasswordHasher::Verify(std::string_view password, std::string_view stored) {
  ASSIGN_OR_RETURN(WorkLimit::Place place, limit_.Enter());
  const std::string text(stored.empty() ? std::string_view(nobody_) : stored);
  // libsodium says a wrong password by EINVAL; it says lack of memory and a damaged hash otherwise, and these
  // must not be told to a person as a wrong password.
  errno = 0;
  if (crypto_pwhash_argon2id_str_verify(text.c_str(), password.data(), password.size()) == 0) {
    return !stored.empty();
  }
  if (errno == EINVAL) return false;
  return absl::DataLossError("the stored password hash cannot be checked: it is damaged, or memory is short");
}

bool PasswordHasher::NeedsRehash(std::string_view stored) const {
  return crypto_pwhash_argon2id_str_needs_rehash(std::string(stored).c_str(), cost_.passes,
                                                 cost_.memory_bytes) != 0;
}

}  // namespace marac
