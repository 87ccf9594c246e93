#include "store/case_access.h"

#include <google/protobuf/util/time_util.h>

#include <map>
#include <utility>

#include "base/status_macros.h"
#include "domain/access.h"
#include "domain/errors.h"
#include "store/party_keys.h"
#include "store/records.h"

namespace marac::store {
namespace {

using google::protobuf::util::TimeUtil;

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }

absl::Status RunWith(WriteTransaction& tx, std::string_view sql, std::string_view first,
                     std::string_view second) {
  ASSIGN_OR_RETURN(Statement statement, tx.Prepare(sql));
  return statement.Bind(1, first).Bind(2, second).Run();
}

absl::Status AddWorkerKey(WriteTransaction& tx, std::string_view account, int64_t person, KeyKind kind,
                          std::string_view key) {
  ASSIGN_OR_RETURN(Statement insert, tx.Prepare("INSERT INTO worker_keys (account, person, kind, key) "
                                                "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"));
  return insert.Bind(1, account).Bind(2, person).Bind(3, static_cast<int64_t>(kind)).Bind(4, key).Run();
}

// What was found of one worker so far.
struct Found {
  std::string agency;
  bool exact = false;
};

// Workers of whom one person has this key as a name; exact where the same person has one of the days of
// birth.
absl::Status FindByName(Transaction& tx, std::string_view area, absl::CivilDay day, std::string_view key,
                        const std::vector<domain::LocalDate>& birth_dates,
                        std::map<std::string, Found>& workers) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT w.account, g.agency, coalesce(b.key, '') FROM worker_keys w "
                 "JOIN role_grants g ON g.account = w.account AND g.area = ?1 AND g.from_day <= ?2 AND "
                 "g.to_day >= ?2 "
                 "LEFT JOIN worker_keys b ON b.account = w.account AND b.person = w.person AND b.kind = 3 "
                 "WHERE w.key = ?3 AND w.kind IN (1, 2)"));
  select.Bind(1, area).Bind(2, DayNumber(day)).Bind(3, key);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return absl::OkStatus();
    Found& found = workers[std::string(select.Text(0))];
    found.agency = std::string(select.Text(1));
    for (const domain::LocalDate& birth_date : birth_dates) {
      if (select.Text(2) == birth_date.Iso()) found.exact = true;
    }
  }
}

absl::Status FindByAddress(Transaction& tx, std::string_view area, absl::CivilDay day, std::string_view key,
                           std::map<std::string, Found>& workers) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT w.account, g.agency FROM worker_keys w "
                 "JOIN role_grants g ON g.account = w.account AND g.area = ?1 AND g.from_day <= ?2 AND "
                 "g.to_day >= ?2 WHERE w.key = ?3 AND w.kind = 5"));
  select.Bind(1, area).Bind(2, DayNumber(day)).Bind(3, key);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return absl::OkStatus();
    workers[std::string(select.Text(0))] = {.agency = std::string(select.Text(1)), .exact = true};
  }
}

}  // namespace

absl::Status SetNamed(WriteTransaction& tx, std::string_view scope, bool restricted,
                      std::span<const std::string> accounts) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement update, tx.Prepare("UPDATE scopes SET restricted = ?2 WHERE scope = ?1"));
  RETURN_IF_ERROR(update.Bind(1, scope).Bind(2, int64_t{restricted}).Run());
  ASSIGN_OR_RETURN(Statement clear, tx.Prepare("DELETE FROM named WHERE scope = ?1"));
  RETURN_IF_ERROR(clear.Bind(1, scope).Run());
  for (const std::string& account : accounts) {
    RETURN_IF_ERROR(RunWith(tx, "INSERT INTO named (scope, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                            scope, account));
  }
  return LeadCaseAccess(tx, scope);
}

absl::Status ShutOutAgency(WriteTransaction& tx, std::string_view scope, std::string_view agency) {
  tx.BumpAccessEpoch();
  RETURN_IF_ERROR(
      RunWith(tx, "INSERT INTO shut_out_agencies (scope, agency) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
              scope, agency));
  return LeadCaseAccess(tx, scope);
}

absl::Status ShutOutUndecided(WriteTransaction& tx, std::string_view scope, std::string_view account) {
  tx.BumpAccessEpoch();
  RETURN_IF_ERROR(RunWith(
      tx, "INSERT INTO shut_out (scope, account, undecided) VALUES (?1, ?2, 1) ON CONFLICT DO NOTHING", scope,
      account));
  return LeadCaseAccess(tx, scope);
}

absl::StatusOr<bool> DecideShutOut(WriteTransaction& tx, std::string_view scope, std::string_view subject,
                                   bool lift) {
  tx.BumpAccessEpoch();
  const bool agency = subject.starts_with("agencies/");
  std::string_view sql =
      "UPDATE shut_out SET undecided = 0 WHERE scope = ?1 AND account = ?2 RETURNING account";
  if (lift && agency) {
    sql = "DELETE FROM shut_out_agencies WHERE scope = ?1 AND agency = ?2 RETURNING agency";
  } else if (lift) {
    sql = "DELETE FROM shut_out WHERE scope = ?1 AND account = ?2 RETURNING account";
  } else if (agency) {
    sql = "UPDATE shut_out_agencies SET agency = ?2 WHERE scope = ?1 AND agency = ?2 RETURNING agency";
  }
  ASSIGN_OR_RETURN(Statement change, tx.Prepare(sql));
  ASSIGN_OR_RETURN(const bool changed, change.Bind(1, scope).Bind(2, subject).Step());
  RETURN_IF_ERROR(LeadCaseAccess(tx, scope));
  return changed;
}

absl::Status CarryCaseAccess(WriteTransaction& tx, std::string_view from, std::string_view to) {
  tx.BumpAccessEpoch();
  RETURN_IF_ERROR(
      RunWith(tx,
              "INSERT INTO shut_out (scope, account, undecided) SELECT ?2, account, undecided FROM "
              "shut_out WHERE scope = ?1 ON CONFLICT DO NOTHING",
              from, to));
  RETURN_IF_ERROR(RunWith(tx,
                          "INSERT INTO shut_out_agencies (scope, agency) SELECT ?2, agency FROM "
                          "shut_out_agencies WHERE scope = ?1 ON CONFLICT DO NOTHING",
                          from, to));
  RETURN_IF_ERROR(
      RunWith(tx,
              "INSERT INTO access_changes SELECT ?2, commit_seq, kind, subject, account, time_ms, "
              "reason FROM access_changes WHERE scope = ?1 ON CONFLICT DO NOTHING",
              from, to));
  // What the chair lifted last stays lifted, whichever of the two it was decided for.
  ASSIGN_OR_RETURN(
      Statement lift,
      tx.Prepare("DELETE FROM shut_out WHERE scope = ?1 AND ?2 = (SELECT c.kind FROM access_changes c WHERE "
                 "c.scope = ?1 AND c.subject = shut_out.account ORDER BY c.commit_seq DESC LIMIT 1)"));
  RETURN_IF_ERROR(lift.Bind(1, to).Bind(2, int64_t{v1::ACCESS_CHANGE_KIND_LIFTED}).Run());
  // Of two lists, who stands on both; of one, who stands on it. A list without a restriction, which only lets
  // people of a shut-out agency in, is no list in this sense.
  RETURN_IF_ERROR(
      RunWith(tx,
              "DELETE FROM named WHERE scope = ?2 AND EXISTS (SELECT 1 FROM scopes s WHERE s.scope = "
              "?1 AND s.restricted = 1) AND account NOT IN (SELECT account FROM named WHERE scope = "
              "?1)",
              from, to));
  RETURN_IF_ERROR(
      RunWith(tx,
              "INSERT INTO named (scope, account) SELECT ?2, account FROM named WHERE scope = ?1 AND "
              "NOT EXISTS (SELECT 1 FROM scopes s WHERE s.scope = ?2 AND s.restricted = 1) "
              "ON CONFLICT DO NOTHING",
              from, to));
  RETURN_IF_ERROR(
      RunWith(tx,
              "UPDATE scopes SET restricted = max(restricted, (SELECT f.restricted FROM scopes f WHERE "
              "f.scope = ?1)) WHERE scope = ?2",
              from, to));
  return LeadCaseAccess(tx, to);
}

absl::Status FollowCaseAccess(WriteTransaction& tx, std::string_view record, std::string_view scope) {
  RETURN_IF_ERROR(RunWith(tx, "INSERT INTO followed (record, scope) VALUES (?1, ?2)", record, scope));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, LoadFacts(tx, record));
  return LeadCaseAccess(tx, facts.scope);
}

absl::Status LeadCaseAccess(WriteTransaction& tx, std::string_view scope) {
  std::vector<std::string> followers;
  {
    ASSIGN_OR_RETURN(Statement select,
                     tx.Prepare("SELECT f.scope FROM records r JOIN followed f ON f.record = "
                                "r.name WHERE r.scope = ?1 AND f.scope <> ?1"));
    select.Bind(1, scope);
    while (true) {
      ASSIGN_OR_RETURN(const bool more, select.Step());
      if (!more) break;
      followers.emplace_back(select.Text(0));
    }
  }
  for (const std::string& follower : followers) {
    tx.BumpAccessEpoch();
    for (const std::string_view sql :
         {"DELETE FROM shut_out WHERE scope = ?2",
          "INSERT INTO shut_out (scope, account, undecided) SELECT ?2, account, undecided FROM shut_out "
          "WHERE scope = ?1",
          "DELETE FROM shut_out_agencies WHERE scope = ?2",
          "INSERT INTO shut_out_agencies (scope, agency) SELECT ?2, agency FROM shut_out_agencies WHERE "
          "scope = ?1",
          "DELETE FROM named WHERE scope = ?2",
          "INSERT INTO named (scope, account) SELECT ?2, account FROM named WHERE scope = ?1",
          "UPDATE scopes SET restricted = (SELECT s.restricted FROM scopes s WHERE s.scope = ?1) WHERE scope "
          "= ?2"}) {
      RETURN_IF_ERROR(RunWith(tx, sql, scope, follower));
    }
    // Who took both sees the one for as long as the other, which a referral of theirs may keep open to them:
    // that it vanished earlier would tell them what the office keeps from them.
    RETURN_IF_ERROR(RunWith(
        tx,
        "UPDATE scopes SET own_lead = coalesce((SELECT iif(l.stage = 1, l.own_lead, l.stage) FROM followed f "
        "JOIN records e ON e.name = f.record AND e.scope = ?1 JOIN records r ON r.name = ?2 AND r.author = "
        "e.author JOIN scopes l ON l.scope = ?1 WHERE f.scope = ?2), 0) WHERE scope = ?2",
        scope, follower));
    RETURN_IF_ERROR(LeadCaseAccess(tx, follower));
  }
  return absl::OkStatus();
}

absl::Status NoteAccessChange(WriteTransaction& tx, std::string_view scope, const v1::AccessChange& change) {
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO access_changes (scope, commit_seq, kind, subject, account, time_ms, reason) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING"));
  insert.Bind(1, scope).Bind(2, tx.commit_seq()).Bind(3, int64_t{change.kind()}).Bind(4, change.subject());
  insert.Bind(5, change.account()).Bind(6, TimeUtil::TimestampToMilliseconds(change.time()));
  return insert.Bind(7, change.reason()).Run();
}

absl::StatusOr<std::vector<v1::AccessChange>> AccessChangesOf(Transaction& tx, std::string_view scope,
                                                              int limit) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT kind, subject, account, time_ms, reason FROM access_changes WHERE scope "
                 "= ?1 ORDER BY commit_seq DESC, kind, subject LIMIT ?2"));
  select.Bind(1, scope).Bind(2, int64_t{limit});
  std::vector<v1::AccessChange> changes;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return changes;
    v1::AccessChange& change = changes.emplace_back();
    change.set_kind(static_cast<v1::AccessChangeKind>(select.Int(0)));
    change.set_subject(std::string(select.Text(1)));
    change.set_account(std::string(select.Text(2)));
    *change.mutable_time() = TimeUtil::MillisecondsToTimestamp(select.Int(3));
    change.set_reason(std::string(select.Text(4)));
  }
}

absl::StatusOr<std::vector<KeptRecord>> KeptFromSomebody(Transaction& tx, std::string_view area,
                                                         std::string_view account, absl::CivilDay day,
                                                         int limit) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare(
          "SELECT r.name, EXISTS (SELECT 1 FROM shut_out x WHERE x.scope = r.scope AND x.undecided = 1) "
          "FROM scopes s JOIN records r ON r.scope = s.scope WHERE s.area = ?1 AND s.stage <> 6 AND "
          "(s.restricted = 1 OR s.scope IN (SELECT scope FROM shut_out UNION SELECT scope FROM "
          "shut_out_agencies)) AND (r.kind = ?2 OR (r.kind = ?3 AND r.parent = '')) AND EXISTS "
          "(SELECT 1 FROM open_to o WHERE o.name = r.name AND o.account = ?4 AND o.from_day <= ?5 AND "
          "o.to_day >= ?5) ORDER BY r.sort_key, r.name LIMIT ?6"));
  select.Bind(1, area).Bind(2, static_cast<int64_t>(domain::Kind::kCase));
  select.Bind(3, static_cast<int64_t>(domain::Kind::kReferral)).Bind(4, account).Bind(5, DayNumber(day));
  select.Bind(6, int64_t{limit});
  std::vector<KeptRecord> records;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return records;
    records.push_back({.name = std::string(select.Text(0)), .undecided = select.Int(1) != 0});
  }
}

absl::Status ReplaceSigned(WriteTransaction& tx, std::string_view meeting,
                           std::span<const std::string> accounts) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement clear, tx.Prepare("DELETE FROM signed_for WHERE meeting = ?1"));
  RETURN_IF_ERROR(clear.Bind(1, meeting).Run());
  for (const std::string& account : accounts) {
    RETURN_IF_ERROR(
        RunWith(tx, "INSERT INTO signed_for (meeting, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                meeting, account));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::OwnRegister> LoadOwnRegister(Transaction& tx, std::string_view account) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare("SELECT body FROM own_register WHERE account = ?1"));
  select.Bind(1, account);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  v1::OwnRegister entries;
  if (found && !entries.ParseFromString(std::string(select.Blob(0)))) {
    return absl::InternalError("a stored register does not parse");
  }
  return entries;
}

absl::Status SaveOwnRegister(WriteTransaction& tx, std::string_view account, const v1::OwnRegister& entries) {
  ASSIGN_OR_RETURN(Statement insert, tx.Prepare("INSERT INTO own_register (account, body) VALUES (?1, ?2) ON "
                                                "CONFLICT (account) DO UPDATE SET body = ?2"));
  return insert.Bind(1, account).BindBlob(2, entries.SerializeAsString()).Run();
}

absl::Status KeepWorkerName(WriteTransaction& tx, std::string_view account,
                            std::span<const std::string> name_keys) {
  ASSIGN_OR_RETURN(Statement clear, tx.Prepare("DELETE FROM worker_keys WHERE account = ?1 AND person = 0"));
  RETURN_IF_ERROR(clear.Bind(1, account).Run());
  for (const std::string& key : name_keys) {
    RETURN_IF_ERROR(AddWorkerKey(tx, account, /*person=*/0, KeyKind::kName, key));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> AccountsWithoutWorkerName(Transaction& tx) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT c.account FROM credentials c WHERE NOT EXISTS (SELECT 1 FROM "
                              "worker_keys w WHERE w.account = c.account AND w.person = 0)"));
  std::vector<std::string> accounts;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return accounts;
    accounts.emplace_back(select.Text(0));
  }
}

absl::Status KeepWorkerRegister(WriteTransaction& tx, std::string_view account,
                                std::span<const domain::PersonKeys> people) {
  ASSIGN_OR_RETURN(Statement clear, tx.Prepare("DELETE FROM worker_keys WHERE account = ?1 AND person > 0"));
  RETURN_IF_ERROR(clear.Bind(1, account).Run());
  int64_t person = 0;
  for (const domain::PersonKeys& keys : people) {
    ++person;
    for (const std::string& key : keys.name_keys)
      RETURN_IF_ERROR(AddWorkerKey(tx, account, person, KeyKind::kName, key));
    for (const std::string& key : keys.alias_keys)
      RETURN_IF_ERROR(AddWorkerKey(tx, account, person, KeyKind::kAlias, key));
    for (const domain::LocalDate& birth_date : keys.birth_dates)
      RETURN_IF_ERROR(AddWorkerKey(tx, account, person, KeyKind::kBirthDate, birth_date.Iso()));
    if (!keys.address_key.empty())
      RETURN_IF_ERROR(AddWorkerKey(tx, account, person, KeyKind::kAddress, keys.address_key));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<WorkerMatch>> FindWorkers(Transaction& tx, std::string_view area,
                                                     absl::CivilDay day, const domain::PersonKeys& person) {
  std::map<std::string, Found> workers;
  for (const std::string& key : person.name_keys)
    RETURN_IF_ERROR(FindByName(tx, area, day, key, person.birth_dates, workers));
  for (const std::string& key : person.alias_keys)
    RETURN_IF_ERROR(FindByName(tx, area, day, key, person.birth_dates, workers));
  if (!person.address_key.empty()) RETURN_IF_ERROR(FindByAddress(tx, area, day, person.address_key, workers));
  std::vector<WorkerMatch> matches;
  for (auto& [account, found] : workers) {
    matches.push_back({.account = account, .agency = std::move(found.agency), .exact = found.exact});
  }
  return matches;
}

}  // namespace marac::store
