#include "store/sessions.h"

#include <fmt/format.h>

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

// What FindSession and ListSessions begin with. A handover ends with the session it was made from, and makes
// that one handed over as long as it lasts.
constexpr std::string_view kSessionColumns =
    "s.account, c.agency, s.program, s.expire_ms, s.factor_ms, ifnull(s.end_ms, p.end_ms), c.must_change, "
    "c.suspended, s.lock_ms, s.idle_lock_ms, s.assessment, EXISTS (SELECT 1 FROM sessions h WHERE h.parent = "
    "s.token_hash AND h.end_ms IS NULL)";
constexpr std::string_view kSessionTables =
    "sessions s JOIN credentials c ON c.account = s.account LEFT JOIN sessions p ON p.token_hash = s.parent";

StoredSession SessionIn(Statement& select) {
  return StoredSession{.account = std::string(select.Text(0)),
                       .agency = std::string(select.Text(1)),
                       .program = std::string(select.Text(2)),
                       .expire_ms = select.Int(3),
                       .factor_ms = select.Int(4),
                       .idle_lock_ms = select.Int(9),
                       .assessment = std::string(select.Text(10)),
                       .ended = !select.IsNull(5),
                       .locked = !select.IsNull(8),
                       .handed_over = select.Int(11) != 0,
                       .must_change = select.Int(6) != 0,
                       .suspended = select.Int(7) != 0};
}

// The assessments of the handovers that an update ends. One that ends none disturbs nobody who reads.
absl::StatusOr<std::vector<std::string>> Ended(WriteTransaction& tx, Statement& update) {
  std::vector<std::string> assessments;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, update.Step());
    if (!found) return assessments;
    if (assessments.empty()) tx.BumpAccessEpoch();
    assessments.emplace_back(update.Text(0));
  }
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
  ASSIGN_OR_RETURN(Statement select, tx.Prepare(fmt::format("SELECT {} FROM {} WHERE s.token_hash = ?1",
                                                            kSessionColumns, kSessionTables)));
  select.BindBlob(1, token_hash);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return SessionIn(select);
}

absl::Status InsertSession(WriteTransaction& tx, const NewSession& session) {
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare(
          "INSERT INTO sessions (token_hash, account, program, source, create_ms, expire_ms, factor_ms, "
          "idle_lock_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7)"));
  insert.BindBlob(1, session.token_hash).Bind(2, session.account).Bind(3, session.program);
  insert.Bind(4, session.source).Bind(5, session.now_ms).Bind(6, session.expire_ms);
  return insert.Bind(7, session.idle_lock_ms).Run();
}

absl::Status InsertHandover(WriteTransaction& tx, const NewHandover& handover) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO sessions (token_hash, account, program, source, create_ms, expire_ms, "
                 "factor_ms, idle_lock_ms, parent, assessment) SELECT ?1, account, program, source, ?4, "
                 "expire_ms, factor_ms, idle_lock_ms, token_hash, ?3 FROM sessions WHERE token_hash = ?2"));
  insert.BindBlob(1, handover.token_hash).BindBlob(2, handover.parent_hash);
  return insert.Bind(3, handover.assessment).Bind(4, handover.now_ms).Run();
}

absl::StatusOr<std::vector<std::string>> EndHandoversFrom(WriteTransaction& tx, std::string_view parent_hash,
                                                          int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement update, tx.Prepare("UPDATE sessions SET end_ms = ?2 WHERE parent = ?1 AND "
                                                "end_ms IS NULL RETURNING assessment"));
  update.BindBlob(1, parent_hash).Bind(2, now_ms);
  return Ended(tx, update);
}

absl::StatusOr<std::vector<std::string>> EndHandoversOf(WriteTransaction& tx, std::string_view assessment,
                                                        int64_t now_ms) {
  // The second condition is the one of the index.
  ASSIGN_OR_RETURN(
      Statement update,
      tx.Prepare("UPDATE sessions SET end_ms = ?2 WHERE assessment = ?1 AND assessment <> '' AND "
                 "end_ms IS NULL RETURNING assessment"));
  update.Bind(1, assessment).Bind(2, now_ms);
  return Ended(tx, update);
}

absl::StatusOr<std::vector<ListedSession>> ListSessions(Transaction& tx, std::string_view account,
                                                        int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare(fmt::format(
                                         "SELECT {}, s.token_hash, s.source, s.create_ms FROM {} "
                                         "WHERE s.account = ?1 AND s.parent IS NULL AND s.end_ms IS NULL AND "
                                         "s.expire_ms > ?2 ORDER BY s.create_ms DESC, s.token_hash",
                                         kSessionColumns, kSessionTables)));
  select.Bind(1, account).Bind(2, now_ms);
  std::vector<ListedSession> sessions;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return sessions;
    sessions.push_back({.token_hash = std::string(select.Blob(12)),
                        .source = std::string(select.Text(13)),
                        .create_ms = select.Int(14),
                        .session = SessionIn(select)});
  }
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

absl::Status RenewFactor(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement update, tx.Prepare("UPDATE sessions SET factor_ms = ?2 WHERE token_hash = ?1"));
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
