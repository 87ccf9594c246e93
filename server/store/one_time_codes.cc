#include "store/one_time_codes.h"

#include "base/status_macros.h"

namespace marac::store {

absl::StatusOr<OneTimeSecrets> LoadOneTimeSecrets(Transaction& tx, std::string_view account) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT coalesce(secret, x''), coalesce(pending, x''), last_step FROM one_time_codes "
                 "WHERE account = ?1"));
  select.Bind(1, account);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return OneTimeSecrets();
  return OneTimeSecrets{
      .secret = Secret(select.Blob(0)), .pending = Secret(select.Blob(1)), .last_step = select.Int(2)};
}

absl::Status BeginOneTimeCodes(WriteTransaction& tx, std::string_view account, const Secret& pending) {
  ASSIGN_OR_RETURN(Statement upsert,
                   tx.Prepare("INSERT INTO one_time_codes (account, pending, last_step) VALUES (?1, ?2, 0) "
                              "ON CONFLICT (account) DO UPDATE SET pending = excluded.pending"));
  return upsert.Bind(1, account).BindBlob(2, pending.Reveal()).Run();
}

absl::Status ConfirmOneTimeCodes(WriteTransaction& tx, std::string_view account, int64_t step) {
  ASSIGN_OR_RETURN(Statement update,
                   tx.Prepare("UPDATE one_time_codes SET secret = pending, pending = NULL, last_step = ?2 "
                              "WHERE account = ?1 AND pending IS NOT NULL"));
  return update.Bind(1, account).Bind(2, step).Run();
}

absl::Status UseOneTimeCode(WriteTransaction& tx, std::string_view account, int64_t step) {
  ASSIGN_OR_RETURN(Statement update,
                   tx.Prepare("UPDATE one_time_codes SET last_step = ?2 WHERE account = ?1"));
  return update.Bind(1, account).Bind(2, step).Run();
}

absl::Status RemoveOneTimeCodes(WriteTransaction& tx, std::string_view account) {
  ASSIGN_OR_RETURN(Statement remove, tx.Prepare("DELETE FROM one_time_codes WHERE account = ?1"));
  return remove.Bind(1, account).Run();
}

}  // namespace marac::store
