#include "store/sign_in_tries.h"

#include "base/hash.h"
#include "base/status_macros.h"

namespace marac::store {
namespace {

int64_t Millis(absl::Time time) { return absl::ToUnixMillis(time); }

// What no longer counts, whichever way the clock was moved.
absl::Status DropOld(WriteTransaction& tx, absl::Time now) {
  ASSIGN_OR_RETURN(Statement drop, tx.Prepare("DELETE FROM sign_in_tries WHERE failed = ?1 AND "
                                              "(time_ms <= ?2 OR time_ms >= ?3)"));
  for (const bool failed : {true, false}) {
    const absl::Duration kept = failed ? domain::kTryWindow : domain::kKnownSourceKept;
    RETURN_IF_ERROR(
        drop.Bind(1, int64_t{failed}).Bind(2, Millis(now - kept)).Bind(3, Millis(now + kept)).Run());
  }
  return absl::OkStatus();
}

absl::Status Insert(WriteTransaction& tx, const SignInTry& tried, bool failed) {
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO sign_in_tries (login, source, time_ms, failed) VALUES (?1, ?2, ?3, ?4)"));
  insert.BindBlob(1, Sha256(tried.login)).Bind(2, tried.source).Bind(3, Millis(tried.time));
  return insert.Bind(4, int64_t{failed}).Run();
}

}  // namespace

absl::StatusOr<domain::Tries> CountTries(Transaction& tx, const SignInTry& now) {
  ASSIGN_OR_RETURN(
      Statement count,
      tx.Prepare("SELECT "
                 "(SELECT count(*) FROM sign_in_tries WHERE login = ?1 AND failed = 1 "
                 "AND time_ms > ?3 AND time_ms < ?4), "
                 "(SELECT count(*) FROM sign_in_tries WHERE login = ?1 AND source = ?2 AND failed = 1 "
                 "AND time_ms > ?3 AND time_ms < ?4), "
                 "(SELECT count(*) FROM sign_in_tries WHERE source = ?2 AND failed = 1 "
                 "AND time_ms > ?3 AND time_ms < ?4), "
                 "(SELECT count(*) FROM sign_in_tries WHERE login = ?1 AND source = ?2 AND failed = 0 "
                 "AND time_ms > ?5 AND time_ms < ?6)"));
  count.BindBlob(1, Sha256(now.login)).Bind(2, now.source);
  count.Bind(3, Millis(now.time - domain::kTryWindow)).Bind(4, Millis(now.time + domain::kTryWindow));
  count.Bind(5, Millis(now.time - domain::kKnownSourceKept));
  count.Bind(6, Millis(now.time + domain::kKnownSourceKept));
  RETURN_IF_ERROR(count.Step().status());
  return domain::Tries{.of_login = count.Int(0),
                       .of_login_from_here = count.Int(1),
                       .from_here = count.Int(2),
                       .source_is_known = count.Int(3) > 0};
}

absl::Status NoteFailure(WriteTransaction& tx, const SignInTry& failed) {
  RETURN_IF_ERROR(DropOld(tx, failed.time));
  return Insert(tx, failed, /*failed=*/true);
}

absl::Status NoteSuccess(WriteTransaction& tx, const SignInTry& succeeded) {
  RETURN_IF_ERROR(DropOld(tx, succeeded.time));
  ASSIGN_OR_RETURN(Statement clear, tx.Prepare("DELETE FROM sign_in_tries WHERE login = ?1 AND source = ?2"));
  RETURN_IF_ERROR(clear.BindBlob(1, Sha256(succeeded.login)).Bind(2, succeeded.source).Run());
  return Insert(tx, succeeded, /*failed=*/false);
}

}  // namespace marac::store
