#include "store/idempotency.h"

#include "base/status_macros.h"

namespace marac::store {

absl::StatusOr<std::optional<AnsweredRequest>> FindRequest(Transaction& tx, const RequestKey& key,
                                                           int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement find,
                   tx.Prepare("SELECT request_hash, resource, version FROM idempotency "
                              "WHERE caller = ?1 AND method = ?2 AND request_id = ?3 AND expires_ms > ?4"));
  find.Bind(1, key.caller).Bind(2, key.method).Bind(3, key.request_id).Bind(4, now_ms);
  ASSIGN_OR_RETURN(const bool found, find.Step());
  if (!found) return std::nullopt;
  return AnsweredRequest{.request_hash = std::string(find.Blob(0)),
                         .resource = std::string(find.Text(1)),
                         .version = find.Int(2)};
}

absl::Status RememberRequest(WriteTransaction& tx, const RequestKey& key, const AnsweredRequest& answer,
                             int64_t now_ms, int64_t expires_ms) {
  // An expired row may still be waiting for the purge and makes room.
  ASSIGN_OR_RETURN(
      Statement remember,
      tx.Prepare(
          "INSERT INTO idempotency (caller, method, request_id, request_hash, resource, version, "
          "expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
          "ON CONFLICT (caller, method, request_id) DO UPDATE SET request_hash = excluded.request_hash, "
          "resource = excluded.resource, version = excluded.version, expires_ms = excluded.expires_ms "
          "WHERE idempotency.expires_ms <= ?8 RETURNING 1"));
  remember.Bind(1, key.caller).Bind(2, key.method).Bind(3, key.request_id).BindBlob(4, answer.request_hash);
  remember.Bind(5, answer.resource).Bind(6, answer.version).Bind(7, expires_ms).Bind(8, now_ms);
  ASSIGN_OR_RETURN(const bool stored, remember.Step());
  if (!stored) return absl::AlreadyExistsError("request_id: it was used for this method before");
  return remember.Run();
}

absl::StatusOr<int64_t> PurgeRequests(WriteTransaction& tx, int64_t now_ms, int64_t limit) {
  ASSIGN_OR_RETURN(
      Statement purge,
      tx.Prepare("DELETE FROM idempotency WHERE (caller, method, request_id) IN "
                 "(SELECT caller, method, request_id FROM idempotency WHERE expires_ms <= ?1 LIMIT ?2) "
                 "RETURNING 1"));
  purge.Bind(1, now_ms).Bind(2, limit);
  for (int64_t removed = 0;; ++removed) {
    ASSIGN_OR_RETURN(const bool row, purge.Step());
    if (!row) return removed;
  }
}

}  // namespace marac::store
