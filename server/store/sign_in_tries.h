// Which sign-ins were tried, so that there is a limit to them. Counts and keeps; how many are too many is
// domain/try_limit.
#ifndef MARAC_STORE_SIGN_IN_TRIES_H_
#define MARAC_STORE_SIGN_IN_TRIES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/try_limit.h"
#include "store/transaction.h"

namespace marac::store {

// One try: by whom, from where, when (SecurityClock).
struct SignInTry {
  std::string login;  // as typed, or the account of somebody who is signed in; kept as its SHA-256
  std::string source;
  absl::Time time;
};

absl::StatusOr<domain::Tries> CountTries(Transaction& tx, const SignInTry& now);

absl::Status NoteFailure(WriteTransaction& tx, const SignInTry& failed);

// The source is known from now on, and its failures for this login are forgiven; those from elsewhere are
// not, or each sign-in would give whoever guesses there new tries.
absl::Status NoteSuccess(WriteTransaction& tx, const SignInTry& succeeded);

}  // namespace marac::store

#endif  // MARAC_STORE_SIGN_IN_TRIES_H_
