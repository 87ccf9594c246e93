// The memory of writes that were answered, so that a repeated one is answered and not done again.
#ifndef MARAC_STORE_IDEMPOTENCY_H_
#define MARAC_STORE_IDEMPOTENCY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/transaction.h"

namespace marac::store {

struct RequestKey {
  std::string caller;      // the account, or the program of an agency's own system
  std::string method;      // "marac.v1.ReferralService/SubmitReferral"
  std::string request_id;  // the caller's own
};

struct AnsweredRequest {
  std::string request_hash;  // 32 bytes, SHA-256 of the request
  std::string resource;      // the record that was answered, and
  int64_t version = 0;       // the version of it
};

// Nothing for a request that is new or was forgotten (`expires_ms` at or before `now_ms`).
absl::StatusOr<std::optional<AnsweredRequest>> FindRequest(Transaction& tx, const RequestKey& key,
                                                           int64_t now_ms);

// Called in the body of the write itself; ALREADY_EXISTS when the key is remembered and has not expired.
absl::Status RememberRequest(WriteTransaction& tx, const RequestKey& key, const AnsweredRequest& answer,
                             int64_t now_ms, int64_t expires_ms);

// Removes at most `limit` rows that have expired and returns how many they were.
absl::StatusOr<int64_t> PurgeRequests(WriteTransaction& tx, int64_t now_ms, int64_t limit);

}  // namespace marac::store

#endif  // MARAC_STORE_IDEMPOTENCY_H_
