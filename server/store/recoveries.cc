#include "store/recoveries.h"

#include "base/status_macros.h"

namespace marac::store {

absl::StatusOr<std::optional<domain::Recovery>> OpenRecovery(Transaction& tx, std::string_view account) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT asked_by, ask_ms, coalesce(code_hash, x''), coalesce(code_ms, 0), "
                              "failed_tries FROM recoveries WHERE account = ?1 AND end_ms IS NULL"));
  select.Bind(1, account);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return domain::Recovery{.asked_by = std::string(select.Text(0)),
                          .ask_time = absl::FromUnixMillis(select.Int(1)),
                          .code_hash = std::string(select.Blob(2)),
                          .code_time = absl::FromUnixMillis(select.Int(3)),
                          .failed_tries = select.Int(4)};
}

absl::Status StartRecovery(WriteTransaction& tx, std::string_view account, const domain::Recovery& recovery,
                           std::string_view reason, int64_t now_ms) {
  RETURN_IF_ERROR(EndRecovery(tx, account, now_ms));
  const bool has_code = !recovery.code_hash.empty();
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare(has_code ? "INSERT INTO recoveries (account, asked_by, ask_ms, reason, code_hash, code_ms) "
                            "VALUES (?1, ?2, ?3, ?4, ?5, ?3)"
                          : "INSERT INTO recoveries (account, asked_by, ask_ms, reason) "
                            "VALUES (?1, ?2, ?3, ?4)"));
  insert.Bind(1, account).Bind(2, recovery.asked_by).Bind(3, now_ms).Bind(4, reason);
  if (has_code) insert.BindBlob(5, recovery.code_hash);
  return insert.Run();
}

absl::Status SecondRecovery(WriteTransaction& tx, std::string_view account, std::string_view second_by,
                            std::string_view reason, std::string_view code_hash, int64_t now_ms) {
  ASSIGN_OR_RETURN(
      Statement update,
      tx.Prepare("UPDATE recoveries SET second_by = ?2, second_reason = ?3, code_hash = ?4, code_ms = ?5 "
                 "WHERE account = ?1 AND end_ms IS NULL"));
  return update.Bind(1, account)
      .Bind(2, second_by)
      .Bind(3, reason)
      .BindBlob(4, code_hash)
      .Bind(5, now_ms)
      .Run();
}

absl::Status CountRecoveryFailure(WriteTransaction& tx, std::string_view account) {
  ASSIGN_OR_RETURN(Statement update,
                   tx.Prepare("UPDATE recoveries SET failed_tries = failed_tries + 1 WHERE account = ?1 AND "
                              "end_ms IS NULL"));
  return update.Bind(1, account).Run();
}

absl::Status EndRecovery(WriteTransaction& tx, std::string_view account, int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement update,
                   tx.Prepare("UPDATE recoveries SET end_ms = ?2 WHERE account = ?1 AND end_ms IS NULL"));
  return update.Bind(1, account).Bind(2, now_ms).Run();
}

}  // namespace marac::store
