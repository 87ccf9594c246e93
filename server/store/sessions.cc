#include "store/sessions.h"

#include "base/status_macros.h"

namespace marac::store {
namespace {

absl::StatusOr<std::optional<Credential>> OneCredential(Transaction& tx, std::string_view sql,
                                                        std::string_view key) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare(sql));
  select.Bind(1, key);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return Credential{.account = std::string(select.Text(0)),
                    .agency = std::string(select.Text(1)),
                    .login = std::string(select.Text(2)),
                    .password_hash = std::string(select.Text(3)),
                    .must_change = select.Int(4) != 0,
                    .suspended = select.Int(5) != 0};
}

}  // namespace

absl::StatusOr<std::optional<Credential>> FindCredential(Transaction& tx, std::string_view login) {
  return OneCredential(tx,
                       "SELECT account, agency, login, password_hash, must_change, suspended FROM "
                       "credentials WHERE login = ?1",
                       login);
}

absl::StatusOr<std::optional<Credential>> CredentialOf(Transaction& tx, std::string_view account) {
  return OneCredential(tx,
                       "SELECT account, agency, login, password_hash, must_change, suspended FROM "
                       "credentials WHERE account = ?1",
                       account);
}

absl::Status InsertCredential(WriteTransaction& tx, const Credential& credential) {
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO credentials (account, agency, login, password_hash, must_change, suspended) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (login) DO NOTHING RETURNING account"));
  insert.Bind(1, credential.account).Bind(2, credential.agency).Bind(3, credential.login);
  insert.Bind(4, credential.password_hash).Bind(5, int64_t{credential.must_change});
  insert.Bind(6, int64_t{credential.suspended});
  ASSIGN_OR_RETURN(const bool inserted, insert.Step());
  if (!inserted) return absl::AlreadyExistsError("account.login: somebody has this login; choose another");
  return absl::OkStatus();
}

absl::Status SetPassword(WriteTransaction& tx, std::string_view account, std::string_view password_hash,
                         bool must_change) {
  ASSIGN_OR_RETURN(
      Statement update,
      tx.Prepare("UPDATE credentials SET password_hash = ?2, must_change = ?3 WHERE account = ?1"));
  return update.Bind(1, account).Bind(2, password_hash).Bind(3, int64_t{must_change}).Run();
}

absl::Status SetSuspended(WriteTransaction& tx, std::string_view account, bool suspended, int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement update, tx.Prepare("UPDATE credentials SET suspended = ?2 WHERE account = ?1"));
  RETURN_IF_ERROR(update.Bind(1, account).Bind(2, int64_t{suspended}).Run());
  return suspended ? EndSessionsOf(tx, account, /*keep_token_hash=*/"", now_ms) : absl::OkStatus();
}

absl::StatusOr<std::optional<StoredSession>> FindSession(Transaction& tx, std::string_view token_hash) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare(
          "SELECT s.account, c.agency, s.program, s.expire_ms, s.factor_ms, s.end_ms, "
          "c.must_change, c.suspended, s.lock_ms FROM sessions s JOIN credentials c ON c.account = s.account "
          "WHERE s.token_hash = ?1"));
  select.BindBlob(1, token_hash);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return StoredSession{.account = std::string(select.Text(0)),
                       .agency = std::string(select.Text(1)),
                       .program = std::string(select.Text(2)),
                       .expire_ms = select.Int(3),
                       .factor_ms = select.Int(4),
                       .ended = !select.IsNull(5),
                       .locked = !select.IsNull(8),
                       .must_change = select.Int(6) != 0,
                       .suspended = select.Int(7) != 0};
}

absl::Status InsertSession(WriteTransaction& tx, std::string_view token_hash, std::string_view account,
                           std::string_view program, int64_t now_ms, int64_t expire_ms) {
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO sessions (token_hash, account, program, create_ms, expire_ms, factor_ms) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?4)"));
  return insert.BindBlob(1, token_hash)
      .Bind(2, account)
      .Bind(3, program)
      .Bind(4, now_ms)
      .Bind(5, expire_ms)
      .Run();
}

absl::Status LockSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement update, tx.Prepare("UPDATE sessions SET lock_ms = ?2 WHERE token_hash = ?1"));
  return update.BindBlob(1, token_hash).Bind(2, now_ms).Run();
}

absl::Status UnlockSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement update,
                   tx.Prepare("UPDATE sessions SET lock_ms = NULL, factor_ms = ?2 WHERE token_hash = ?1"));
  return update.BindBlob(1, token_hash).Bind(2, now_ms).Run();
}

absl::Status EndSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement update,
                   tx.Prepare("UPDATE sessions SET end_ms = ?2 WHERE token_hash = ?1 AND end_ms IS NULL"));
  return update.BindBlob(1, token_hash).Bind(2, now_ms).Run();
}

absl::Status EndSessionsOf(WriteTransaction& tx, std::string_view account, std::string_view keep_token_hash,
                           int64_t now_ms) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement update, tx.Prepare("UPDATE sessions SET end_ms = ?3 WHERE account = ?1 AND "
                                                "token_hash <> ?2 AND end_ms IS NULL"));
  return update.Bind(1, account).BindBlob(2, keep_token_hash).Bind(3, now_ms).Run();
}

}  // namespace marac::store
