#include "rpc/try_limit.h"

namespace marac::rpc {
namespace {
// Keys that are remembered at most; beyond it the old are swept first.
constexpr size_t kKeysMax = 10'000;
}  // namespace

bool TryLimit::MayTry(const std::string& key, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto found = failures_.find(key);
  if (found == failures_.end()) return true;
  while (!found->second.empty() && now - found->second.front() >= window_) found->second.pop_front();
  return found->second.size() < tries_max_;
}

void TryLimit::NoteFailure(const std::string& key, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (failures_.size() >= kKeysMax) DropOld(now);
  failures_[key].push_back(now);
}

void TryLimit::Forget(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  failures_.erase(key);
}

void TryLimit::DropOld(absl::Time now) {
  std::erase_if(failures_, [&](const auto& entry) { return now - entry.second.back() >= window_; });
}

}  // namespace marac::rpc
