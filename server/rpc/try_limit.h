// How many tries a key has in a while: sign-ins by login and by source.
#ifndef MARAC_RPC_TRY_LIMIT_H_
#define MARAC_RPC_TRY_LIMIT_H_

#include <deque>
#include <map>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace marac::rpc {

// Kept in memory: a restart forgets it, which costs an attacker a crash of the server for every few tries.
// Any thread may call.
class TryLimit {
 public:
  TryLimit(size_t tries_max, absl::Duration window) : tries_max_(tries_max), window_(window) {}

  // Whether another try may be made now.
  bool MayTry(const std::string& key, absl::Time now);
  void NoteFailure(const std::string& key, absl::Time now);
  void Forget(const std::string& key);

 private:
  void DropOld(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t tries_max_;
  const absl::Duration window_;
  absl::Mutex mutex_;
  std::map<std::string, std::deque<absl::Time>> failures_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_TRY_LIMIT_H_
