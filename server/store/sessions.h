// Credentials and sessions: how people prove who they are. Nothing here is ever part of an answer.
#ifndef MARAC_STORE_SESSIONS_H_
#define MARAC_STORE_SESSIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
  bool ended = false;
  bool locked = false;  // by its person; idling is not known here
  bool must_change = false;
  bool suspended = false;
};

// By the SHA-256 of the token.
absl::StatusOr<std::optional<StoredSession>> FindSession(Transaction& tx, std::string_view token_hash);
absl::Status InsertSession(WriteTransaction& tx, std::string_view token_hash, std::string_view account,
                           std::string_view program, int64_t now_ms, int64_t expire_ms);
absl::Status LockSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms);
// Open again, and its person proved anew.
absl::Status UnlockSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms);
absl::Status EndSession(WriteTransaction& tx, std::string_view token_hash, int64_t now_ms);
// Ends every session of the account but the one given (empty: all).
absl::Status EndSessionsOf(WriteTransaction& tx, std::string_view account, std::string_view keep_token_hash,
                           int64_t now_ms);

}  // namespace marac::store

#endif  // MARAC_STORE_SESSIONS_H_
