// Credentials and sessions: how people prove who they are. Nothing here is ever part of an answer.
#ifndef MARAC_STORE_SESSIONS_H_
#define MARAC_STORE_SESSIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/transaction.h"

namespace marac::store {

struct Credential {
  std::string account;
  std::string agency;
  std::string login;
  std::string password_hash;  // PHC string
  bool must_change = false;
  bool suspended = false;
};

// By login; nothing for a login nobody has.
absl::StatusOr<std::optional<Credential>> FindCredential(Transaction& tx, std::string_view login);
absl::StatusOr<std::optional<Credential>> CredentialOf(Transaction& tx, std::string_view account);

// ALREADY_EXISTS when the login is taken.
absl::Status InsertCredential(WriteTransaction& tx, const Credential& credential);
absl::Status SetPassword(WriteTransaction& tx, std::string_view account, std::string_view password_hash,
                         bool must_change);
// Ends the account's sessions as well.
absl::Status SetSuspended(WriteTransaction& tx, std::string_view account, bool suspended, int64_t now_ms);

struct StoredSession {
  std::string account;
  std::string agency;
  std::string program;
  int64_t expire_ms = 0;
  int64_t factor_ms = 0;
  int64_t idle_lock_ms = 0;
  std::string assessment;    // of a handover: the one that it is for; empty otherwise
  bool ended = false;        // also with the session that a handover was made from
  bool locked = false;       // by its person; idling is not known here
  bool handed_over = false;  // a handover was made from it and has not ended
  bool must_change = false;
  bool suspended = false;
};

// By the SHA-256 of the token.
absl::StatusOr<std::optional<StoredSession>> FindSession(Transaction& tx, std::string_view token_hash);

struct NewSession {
  std::string_view token_hash;
  std::string_view account;
  std::string_view program;
  std::string_view source;
  int64_t now_ms = 0;
  int64_t expire_ms = 0;
  int64_t idle_lock_ms = 0;
};
absl::Status InsertSession(WriteTransaction& tx, const NewSession& session);

// A handover: a session under the one it is made from (`parent_hash`), with its account, program and end.
struct NewHandover {
  std::string_view token_hash;
  std::string_view parent_hash;
  std::string_view assessment;
  int64_t now_ms = 0;
};
absl::Status InsertHandover(WriteTransaction& tx, const NewHandover& handover);
// Each ends what has not ended, and returns the assessments whose handovers those were.
absl::StatusOr<std::vector<std::string>> EndHandoversFrom(WriteTransaction& tx, std::string_view parent_hash,
                                                          int64_t now_ms);
absl::StatusOr<std::vector<std::string>> EndHandoversOf(WriteTransaction& tx, std::string_view assessment,
                                                        int64_t now_ms);

// A session as its person is shown it.
struct ListedSession {
  std::string token_hash;
  std::string source;
  int64_t create_ms = 0;
  StoredSession session;
};
// Those of the account that have neither ended nor expired, the newest first. Handovers are told of by the
// sessions that they were made from.
absl::StatusOr<std::vector<ListedSession>> ListSessions(Transaction& tx, std::string_view account,
                                                        int64_t now_ms);
absl::Status LockSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms);
// Open again, and its person proved anew.
absl::Status UnlockSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms);
// Its person proved anew.
absl::Status RenewFactor(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms);
absl::Status EndSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms);
// Ends every session of the account but the one given (empty: all), and every handover.
absl::Status EndSessionsOf(WriteTransaction& tx, std::string_view account, std::string_view keep_token_hash,
                           int64_t now_ms);

}  // namespace marac::store

#endif  // MARAC_STORE_SESSIONS_H_
