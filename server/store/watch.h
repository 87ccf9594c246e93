// Who works on what, and how much everybody looks at. Nothing here judges: what is too much, or odd, is said
// by domain/limits and domain/alerts. Times are milliseconds of the SecurityClock.
#ifndef MARAC_STORE_WATCH_H_
#define MARAC_STORE_WATCH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/access.h"
#include "store/transaction.h"

namespace marac::store {

// Fills RecordFacts::workers.
absl::Status LoadWorkers(Transaction& tx, absl::CivilDay day, domain::RecordFacts& facts);
// Whoever wrote something of a scope has worked on it from then on.
absl::Status KeepWorker(WriteTransaction& tx, std::string_view scope, std::string_view account, bool as_idva,
                        int64_t now_ms);
// One scope became part of another.
absl::Status MoveWork(WriteTransaction& tx, std::string_view from, std::string_view to);

// Keeps that somebody used a scope now, and says what that adds.
struct UseKey {
  std::string_view account;
  int32_t kind = 0;  // v1::UseKind
  std::string_view scope;
};
struct UseWindow {
  int64_t now_ms = 0;
  int64_t within_ms = 0;  // counted over what has just passed
  int64_t day_ms = 0;     // when today began
  int count_max = 0;      // not counted beyond one more
};
struct UseCount {
  int distinct = 0;  // scopes within the window, when this one is new there; otherwise 0
  bool first_today = false;
};
absl::StatusOr<UseCount> CountUse(WriteTransaction& tx, const UseKey& key, const UseWindow& window);
// The same for what is about no scope: how often within this minute.
absl::StatusOr<int> CountInMinute(WriteTransaction& tx, std::string_view account, int32_t kind,
                                  int64_t now_ms);

// Adds a case to those of a day, and says how many they are; and those of the days before it, from `from` on.
absl::StatusOr<int> AddCaseOfDay(WriteTransaction& tx, std::string_view account, absl::CivilDay day);
absl::StatusOr<std::vector<int>> CasesOfDays(Transaction& tx, std::string_view account, absl::CivilDay from,
                                             absl::CivilDay before);

// The name keys (KeyKind::kName, kAlias) of everybody in a case or waiting referral.
absl::StatusOr<std::vector<std::string>> NameKeysOf(Transaction& tx, std::string_view record);

// Keeps that somebody sought a name, and says how many people have since `since_ms`.
absl::StatusOr<int> CountSeekers(WriteTransaction& tx, std::string_view area, std::string_view name_digest,
                                 std::string_view account, int64_t now_ms, int64_t since_ms);

// Keeps that somebody signed in from a program.
struct ProgramUse {
  bool is_new = false;
  bool used_others = false;
};
absl::StatusOr<ProgramUse> KeepProgramUse(WriteTransaction& tx, std::string_view account,
                                          std::string_view program, int64_t now_ms);

// A reveal of which it is to be seen until `due_ms` whether anything follows.
struct FollowedReveal {
  std::string account;
  std::string scope;
  std::string area;  // read with the rest
  std::string agency;
  int64_t reveal_ms = 0;
  int64_t due_ms = 0;
  int64_t worked_ms = 0;  // when the account last wrote something of the scope; 0: never
};
absl::Status KeepReveal(WriteTransaction& tx, const FollowedReveal& reveal);
absl::StatusOr<bool> HasDueReveals(Transaction& tx, int64_t now_ms);
// Those that are due, of one account after the other, at most `limit`; and they are forgotten.
absl::StatusOr<std::vector<FollowedReveal>> TakeDueReveals(WriteTransaction& tx, int64_t now_ms, int limit);

// Whether this is to be alerted about: not when it was before, and that holds still.
absl::StatusOr<bool> TakeAlert(WriteTransaction& tx, std::string_view account, int32_t kind,
                               std::string_view about, int64_t now_ms, int64_t until_ms);

// When a chore was last done; 0: never.
absl::StatusOr<int64_t> LastDone(Transaction& tx, std::string_view chore);
absl::Status SetDone(WriteTransaction& tx, std::string_view chore, int64_t now_ms);

// Who looked at which scope in a time, each once.
struct LookedAt {
  std::string account;
  std::string agency;
  std::string scope;
  std::string area;
};
absl::StatusOr<std::vector<LookedAt>> LooksBetween(Transaction& tx, int64_t from_ms, int64_t before_ms);

// Forgets what nothing counts any more.
absl::Status ForgetOldUse(WriteTransaction& tx, int64_t before_ms, absl::CivilDay before_day, int64_t now_ms);

}  // namespace marac::store

#endif  // MARAC_STORE_WATCH_H_
