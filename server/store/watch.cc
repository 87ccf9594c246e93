#include "store/watch.h"

#include "base/status_macros.h"
#include "marac/v1/alert.pb.h"

namespace marac::store {
namespace {

// What was used this short a time ago need not be written down again.
constexpr int64_t kSameUseMs = 60'000;
constexpr int64_t kMinuteMs = 60'000;

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }

absl::StatusOr<int64_t> Number(Statement& select) {
  ASSIGN_OR_RETURN(const bool found, select.Step());
  return found ? select.Int(0) : int64_t{0};
}

}  // namespace

absl::Status LoadWorkers(Transaction& tx, absl::CivilDay day, domain::RecordFacts& facts) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT w.account, w.idva = 1 AND EXISTS (SELECT 1 FROM role_grants g JOIN credentials c ON "
                 "c.account = g.account WHERE g.account = w.account AND g.area = ?2 AND g.role = ?3 AND "
                 "g.from_day <= ?4 AND g.to_day >= ?4 AND c.suspended = 0) FROM working_on w WHERE w.scope = "
                 "?1"));
  select.Bind(1, facts.scope).Bind(2, facts.area).Bind(3, int64_t{v1::ROLE_IDVA}).Bind(4, DayNumber(day));
  facts.workers.clear();
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return absl::OkStatus();
    facts.workers.push_back({.account = std::string(select.Text(0)), .is_idva = select.Int(1) != 0});
  }
}

absl::Status KeepWorker(WriteTransaction& tx, std::string_view scope, std::string_view account, bool as_idva,
                        int64_t now_ms) {
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare(
          "INSERT INTO working_on (scope, account, idva, last_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
          "(scope, account) DO UPDATE SET idva = max(idva, excluded.idva), last_ms = excluded.last_ms"));
  return upsert.Bind(1, scope).Bind(2, account).Bind(3, int64_t{as_idva}).Bind(4, now_ms).Run();
}

absl::Status MoveWork(WriteTransaction& tx, std::string_view from, std::string_view to) {
  ASSIGN_OR_RETURN(
      Statement workers,
      tx.Prepare("INSERT INTO working_on (scope, account, idva, last_ms) SELECT ?2, account, idva, last_ms "
                 "FROM working_on WHERE scope = ?1 ON CONFLICT (scope, account) DO UPDATE SET idva = "
                 "max(idva, excluded.idva), last_ms = max(last_ms, excluded.last_ms)"));
  RETURN_IF_ERROR(workers.Bind(1, from).Bind(2, to).Run());
  ASSIGN_OR_RETURN(
      Statement reveals,
      tx.Prepare(
          "INSERT INTO reveals_to_follow (account, scope, agency, reveal_ms, due_ms) SELECT account, "
          "?2, agency, reveal_ms, due_ms FROM reveals_to_follow WHERE scope = ?1 ON CONFLICT DO NOTHING"));
  RETURN_IF_ERROR(reveals.Bind(1, from).Bind(2, to).Run());
  ASSIGN_OR_RETURN(Statement moved, tx.Prepare("DELETE FROM reveals_to_follow WHERE scope = ?1"));
  return moved.Bind(1, from).Run();
}

absl::StatusOr<UseCount> CountUse(WriteTransaction& tx, const UseKey& key, const UseWindow& window) {
  ASSIGN_OR_RETURN(Statement before,
                   tx.Prepare("SELECT last_ms FROM uses WHERE account = ?1 AND kind = ?2 AND scope = ?3"));
  ASSIGN_OR_RETURN(const bool known,
                   before.Bind(1, key.account).Bind(2, int64_t{key.kind}).Bind(3, key.scope).Step());
  const int64_t last_ms = known ? before.Int(0) : 0;
  UseCount count{.distinct = 0, .first_today = last_ms < window.day_ms};
  if (last_ms > window.now_ms - kSameUseMs && !count.first_today) return count;
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare(
          "INSERT INTO uses (account, kind, scope, last_ms, times) VALUES (?1, ?2, ?3, ?4, 1) ON "
          "CONFLICT (account, kind, scope) DO UPDATE SET last_ms = excluded.last_ms, times = times + 1"));
  upsert.Bind(1, key.account).Bind(2, int64_t{key.kind}).Bind(3, key.scope).Bind(4, window.now_ms);
  RETURN_IF_ERROR(upsert.Run());
  const int64_t since_ms = window.now_ms - window.within_ms;
  if (last_ms > since_ms) return count;
  ASSIGN_OR_RETURN(Statement distinct,
                   tx.Prepare("SELECT count(*) FROM (SELECT 1 FROM uses WHERE account = ?1 AND kind = ?2 AND "
                              "last_ms > ?3 LIMIT ?4)"));
  distinct.Bind(1, key.account).Bind(2, int64_t{key.kind}).Bind(3, since_ms);
  ASSIGN_OR_RETURN(const int64_t number, Number(distinct.Bind(4, int64_t{window.count_max} + 1)));
  count.distinct = static_cast<int>(number);
  return count;
}

absl::StatusOr<int> CountInMinute(WriteTransaction& tx, std::string_view account, int32_t kind,
                                  int64_t now_ms) {
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare(
          "INSERT INTO uses (account, kind, scope, last_ms, times) VALUES (?1, ?2, '', ?3, 1) ON "
          "CONFLICT (account, kind, scope) DO UPDATE SET times = CASE WHEN last_ms / ?4 = "
          "excluded.last_ms / ?4 THEN times + 1 ELSE 1 END, last_ms = excluded.last_ms RETURNING times"));
  upsert.Bind(1, account).Bind(2, int64_t{kind}).Bind(3, now_ms).Bind(4, kMinuteMs);
  ASSIGN_OR_RETURN(const int64_t times, Number(upsert));
  return static_cast<int>(times);
}

absl::StatusOr<int> AddCaseOfDay(WriteTransaction& tx, std::string_view account, absl::CivilDay day) {
  ASSIGN_OR_RETURN(Statement upsert,
                   tx.Prepare("INSERT INTO use_days (account, day, cases) VALUES (?1, ?2, 1) ON CONFLICT "
                              "(account, day) DO UPDATE SET cases = cases + 1 RETURNING cases"));
  upsert.Bind(1, account).Bind(2, DayNumber(day));
  ASSIGN_OR_RETURN(const int64_t cases, Number(upsert));
  return static_cast<int>(cases);
}

absl::StatusOr<std::vector<int>> CasesOfDays(Transaction& tx, std::string_view account, absl::CivilDay from,
                                             absl::CivilDay before) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT cases FROM use_days WHERE account = ?1 AND day >= ?2 AND day < ?3"));
  select.Bind(1, account).Bind(2, DayNumber(from)).Bind(3, DayNumber(before));
  std::vector<int> days;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return days;
    days.push_back(static_cast<int>(select.Int(0)));
  }
}

absl::StatusOr<std::vector<std::string>> NameKeysOf(Transaction& tx, std::string_view record) {
  // store::KeyKind: names and aliases.
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT key FROM party_keys WHERE record = ?1 AND kind IN (1, 2)"));
  select.Bind(1, record);
  std::vector<std::string> keys;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return keys;
    keys.emplace_back(select.Text(0));
  }
}

absl::StatusOr<int> CountSeekers(WriteTransaction& tx, std::string_view area, std::string_view name_digest,
                                 std::string_view account, int64_t now_ms, int64_t since_ms) {
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare(
          "INSERT INTO names_sought (area, name, account, last_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
          "(area, name, account) DO UPDATE SET last_ms = excluded.last_ms"));
  RETURN_IF_ERROR(upsert.Bind(1, area).BindBlob(2, name_digest).Bind(3, account).Bind(4, now_ms).Run());
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT count(*) FROM names_sought WHERE area = ?1 AND name = ?2 AND last_ms > ?3"));
  select.Bind(1, area).BindBlob(2, name_digest).Bind(3, since_ms);
  ASSIGN_OR_RETURN(const int64_t people, Number(select));
  return static_cast<int>(people);
}

absl::StatusOr<ProgramUse> KeepProgramUse(WriteTransaction& tx, std::string_view account,
                                          std::string_view program, int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement insert,
                   tx.Prepare("INSERT INTO programs_used (account, program, first_ms) VALUES (?1, ?2, ?3) ON "
                              "CONFLICT (account, program) DO NOTHING RETURNING first_ms"));
  ProgramUse use;
  ASSIGN_OR_RETURN(use.is_new, insert.Bind(1, account).Bind(2, program).Bind(3, now_ms).Step());
  if (!use.is_new) return use;
  ASSIGN_OR_RETURN(Statement others,
                   tx.Prepare("SELECT 1 FROM programs_used WHERE account = ?1 AND program <> ?2 LIMIT 1"));
  ASSIGN_OR_RETURN(use.used_others, others.Bind(1, account).Bind(2, program).Step());
  return use;
}

absl::Status KeepReveal(WriteTransaction& tx, const FollowedReveal& reveal) {
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare("INSERT INTO reveals_to_follow (account, scope, agency, reveal_ms, due_ms) VALUES (?1, ?2, "
                 "?3, ?4, ?5) ON CONFLICT (account, scope) DO NOTHING"));
  upsert.Bind(1, reveal.account).Bind(2, reveal.scope).Bind(3, reveal.agency);
  return upsert.Bind(4, reveal.reveal_ms).Bind(5, reveal.due_ms).Run();
}

absl::StatusOr<bool> HasDueReveals(Transaction& tx, int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT 1 FROM reveals_to_follow WHERE due_ms <= ?1 LIMIT 1"));
  return select.Bind(1, now_ms).Step();
}

absl::StatusOr<std::vector<FollowedReveal>> TakeDueReveals(WriteTransaction& tx, int64_t now_ms, int limit) {
  std::vector<FollowedReveal> due;
  {
    ASSIGN_OR_RETURN(
        Statement select,
        tx.Prepare(
            "SELECT f.account, f.scope, s.area, f.agency, f.reveal_ms, f.due_ms, (SELECT w.last_ms FROM "
            "working_on w WHERE w.scope = f.scope AND w.account = f.account) FROM reveals_to_follow f "
            "JOIN scopes s ON s.scope = f.scope WHERE f.due_ms <= ?1 ORDER BY f.account, f.scope LIMIT "
            "?2"));
    select.Bind(1, now_ms).Bind(2, int64_t{limit});
    while (true) {
      ASSIGN_OR_RETURN(const bool found, select.Step());
      if (!found) break;
      due.push_back({.account = std::string(select.Text(0)),
                     .scope = std::string(select.Text(1)),
                     .area = std::string(select.Text(2)),
                     .agency = std::string(select.Text(3)),
                     .reveal_ms = select.Int(4),
                     .due_ms = select.Int(5),
                     .worked_ms = select.Int(6)});
    }
  }
  ASSIGN_OR_RETURN(Statement remove,
                   tx.Prepare("DELETE FROM reveals_to_follow WHERE account = ?1 AND scope = ?2"));
  for (const FollowedReveal& reveal : due) {
    RETURN_IF_ERROR(remove.Bind(1, reveal.account).Bind(2, reveal.scope).Run());
  }
  return due;
}

absl::StatusOr<bool> TakeAlert(WriteTransaction& tx, std::string_view account, int32_t kind,
                               std::string_view about, int64_t now_ms, int64_t until_ms) {
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare("INSERT INTO alerted (account, kind, about, until_ms) VALUES (?1, ?2, ?3, ?5) ON CONFLICT "
                 "(account, kind, about) DO UPDATE SET until_ms = excluded.until_ms WHERE until_ms <= ?4 "
                 "RETURNING until_ms"));
  upsert.Bind(1, account).Bind(2, int64_t{kind}).Bind(3, about).Bind(4, now_ms).Bind(5, until_ms);
  return upsert.Step();
}

absl::StatusOr<int64_t> LastDone(Transaction& tx, std::string_view chore) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare("SELECT last_ms FROM chores WHERE name = ?1"));
  return Number(select.Bind(1, chore));
}

absl::Status SetDone(WriteTransaction& tx, std::string_view chore, int64_t now_ms) {
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare("INSERT INTO chores (name, last_ms) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE "
                 "SET last_ms = excluded.last_ms"));
  return upsert.Bind(1, chore).Bind(2, now_ms).Run();
}

absl::StatusOr<std::vector<LookedAt>> LooksBetween(Transaction& tx, int64_t from_ms, int64_t before_ms) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT DISTINCT u.account, c.agency, u.scope, s.area FROM uses u JOIN credentials c ON "
                 "c.account = u.account JOIN scopes s ON s.scope = u.scope WHERE u.kind IN (?1, ?2) AND "
                 "u.last_ms >= ?3 AND u.last_ms < ?4"));
  select.Bind(1, int64_t{v1::USE_KIND_OPEN}).Bind(2, int64_t{v1::USE_KIND_UNINVOLVED});
  select.Bind(3, from_ms).Bind(4, before_ms);
  std::vector<LookedAt> looks;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return looks;
    looks.push_back({.account = std::string(select.Text(0)),
                     .agency = std::string(select.Text(1)),
                     .scope = std::string(select.Text(2)),
                     .area = std::string(select.Text(3))});
  }
}

absl::Status ForgetOldUse(WriteTransaction& tx, int64_t before_ms, absl::CivilDay before_day,
                          int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement uses, tx.Prepare("DELETE FROM uses WHERE last_ms < ?1"));
  RETURN_IF_ERROR(uses.Bind(1, before_ms).Run());
  ASSIGN_OR_RETURN(Statement names, tx.Prepare("DELETE FROM names_sought WHERE last_ms < ?1"));
  RETURN_IF_ERROR(names.Bind(1, before_ms).Run());
  ASSIGN_OR_RETURN(Statement days, tx.Prepare("DELETE FROM use_days WHERE day < ?1"));
  RETURN_IF_ERROR(days.Bind(1, DayNumber(before_day)).Run());
  ASSIGN_OR_RETURN(Statement alerted, tx.Prepare("DELETE FROM alerted WHERE until_ms < ?1"));
  return alerted.Bind(1, now_ms).Run();
}

}  // namespace marac::store
