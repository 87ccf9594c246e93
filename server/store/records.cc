#include "store/records.h"

#include <fmt/format.h>

#include <set>
#include <tuple>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "store/case_access.h"
#include "store/watch.h"

namespace marac::store {
namespace {

absl::StatusOr<std::vector<std::string>> TextColumn(Transaction& tx, std::string_view sql,
                                                    std::string_view key) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare(sql));
  select.Bind(1, key);
  std::vector<std::string> values;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return values;
    values.emplace_back(select.Text(0));
  }
}

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }

// The conditions of a list. Each is a constant text, so the few shapes are prepared once each.
std::string Where(const ListQuery& query) {
  std::string sql = "WHERE r.kind = ?1";
  if (!query.area.empty()) sql += " AND r.area = ?2";
  if (query.state != 0) sql += " AND r.state = ?3";
  // What a partial index leaves out is said again, or the planner may not use the index.
  if (!query.parent.empty()) sql += " AND r.parent = ?4 AND r.parent <> ''";
  if (!query.scope.empty()) sql += " AND r.scope = ?5";
  if (query.or_unowned) {
    sql += " AND (r.author = ?6 OR (r.author = '' AND r.agency = ?7))";
  } else {
    // What is due is less than what is somebody's, and comes in its order: "+" keeps the author's index out.
    if (!query.author.empty()) {
      sql += query.due_by.has_value() ? " AND +r.author = ?6" : " AND r.author = ?6 AND r.author <> ''";
    }
    if (!query.agency.empty()) sql += " AND r.agency = ?7";
  }
  if (query.sort_key_from.has_value()) sql += " AND r.sort_key >= ?8";
  if (query.sort_key_to.has_value()) sql += " AND r.sort_key < ?9";
  if (query.due_by.has_value()) sql += " AND r.due_day <= ?15 AND r.due_day IS NOT NULL";
  if (query.due_from.has_value()) sql += " AND r.due_day >= ?16";
  return sql;
}

void BindWhere(Statement& select, const ListQuery& query) {
  select.Bind(1, static_cast<int64_t>(query.kind));
  if (!query.area.empty()) select.Bind(2, query.area);
  if (query.state != 0) select.Bind(3, int64_t{query.state});
  if (!query.parent.empty()) select.Bind(4, query.parent);
  if (!query.scope.empty()) select.Bind(5, query.scope);
  if (!query.author.empty() || query.or_unowned) select.Bind(6, query.author);
  if (!query.agency.empty() || query.or_unowned) select.Bind(7, query.agency);
  if (query.sort_key_from.has_value()) select.Bind(8, *query.sort_key_from);
  if (query.sort_key_to.has_value()) select.Bind(9, *query.sort_key_to);
  if (query.due_by.has_value()) select.Bind(15, DayNumber(*query.due_by));
  if (query.due_from.has_value()) select.Bind(16, DayNumber(*query.due_from));
}

const char* KeyOf(const ListQuery& query) { return query.due_by.has_value() ? "r.due_day" : "r.sort_key"; }

std::string OrderBy(const ListQuery& query) {
  const char* direction = query.newest_first ? "DESC" : "ASC";
  return fmt::format(" ORDER BY {} {}, r.name {}", KeyOf(query), direction, direction);
}

std::string SelectFrom(const ListQuery& query) {
  return fmt::format("SELECT {}, r.name FROM records r {}", KeyOf(query), Where(query));
}

absl::StatusOr<std::vector<ListPosition>> Positions(Statement& select) {
  std::vector<ListPosition> positions;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return positions;
    positions.push_back({.sort_key = select.Int(0), .name = std::string(select.Text(1))});
  }
}

absl::Status LoadShutOut(Transaction& tx, domain::RecordFacts& facts) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT account, undecided FROM shut_out WHERE scope = ?1 ORDER BY account"));
  select.Bind(1, facts.scope);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return absl::OkStatus();
    facts.shut_out.emplace_back(select.Text(0));
    if (select.Int(1) != 0) facts.undecided.emplace_back(select.Text(0));
  }
}

// One statement with two texts bound.
absl::Status RunWith(WriteTransaction& tx, std::string_view sql, std::string_view first,
                     std::string_view second) {
  ASSIGN_OR_RETURN(Statement statement, tx.Prepare(sql));
  return statement.Bind(1, first).Bind(2, second).Run();
}

}  // namespace

absl::StatusOr<domain::RecordFacts> LoadFacts(Transaction& tx, std::string_view name) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT r.kind, r.area, r.scope, s.stage, r.author, r.agency, s.restricted, s.own_lead "
                 "FROM records n "
                 // 50: domain::Kind::kDocument. What decides about one is what it is of.
                 "JOIN records r ON r.name = iif(n.kind = 50, n.parent, n.name) "
                 "JOIN scopes s ON s.scope = r.scope WHERE n.name = ?1"));
  select.Bind(1, name);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  domain::RecordFacts facts;
  facts.name = std::string(name);
  if (found) {
    facts.kind = static_cast<domain::Kind>(select.Int(0));
    facts.area = std::string(select.Text(1));
    facts.scope = std::string(select.Text(2));
    facts.stage = static_cast<domain::Stage>(select.Int(3));
    facts.author = std::string(select.Text(4));
    facts.agency = std::string(select.Text(5));
    facts.restricted = select.Int(6) != 0;
    facts.own_lead = static_cast<domain::Stage>(select.Int(7));
  }
  // All of it is asked of every record, and of one that is not there as well: how long a refusal takes must
  // not tell a hidden record from an absent one.
  ASSIGN_OR_RETURN(facts.involved_agencies, InvolvedIn(tx, facts.scope));
  RETURN_IF_ERROR(LoadShutOut(tx, facts));
  ASSIGN_OR_RETURN(facts.agencies_of_shut_out,
                   TextColumn(tx,
                              "SELECT c.agency FROM shut_out x JOIN credentials c ON c.account = x.account "
                              "WHERE x.scope = ?1",
                              facts.scope));
  ASSIGN_OR_RETURN(facts.shut_out_agencies,
                   TextColumn(tx, "SELECT agency FROM shut_out_agencies WHERE scope = ?1", facts.scope));
  ASSIGN_OR_RETURN(facts.named, TextColumn(tx, "SELECT account FROM named WHERE scope = ?1", facts.scope));
  ASSIGN_OR_RETURN(facts.signed_by,
                   TextColumn(tx,
                              "SELECT x.account FROM records i JOIN signed_for x ON x.meeting = i.parent "
                              "WHERE i.name = ?1 AND i.kind = 11",
                              name));
  if (!found) return domain::NotFoundOrNotOpen(name);
  return facts;
}

absl::StatusOr<StoredRecord> LoadBody(Transaction& tx, const domain::Grant& grant) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare("SELECT body, version FROM records WHERE name = ?1"));
  select.Bind(1, grant.name());
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return domain::NotFoundOrNotOpen(grant.name());
  return StoredRecord{.body = std::string(select.Blob(0)), .version = select.Int(1)};
}

absl::StatusOr<StoredRecord> LoadVersion(Transaction& tx, const domain::Grant& grant, int64_t version) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT body FROM record_versions WHERE name = ?1 AND version = ?2"));
  select.Bind(1, grant.name()).Bind(2, version);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return domain::NotFoundOrNotOpen(grant.name());
  return StoredRecord{.body = std::string(select.Blob(0)), .version = version};
}

absl::StatusOr<std::vector<KeptVersion>> LoadVersions(Transaction& tx, const domain::Grant& grant,
                                                      size_t limit) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT body, version, time_ms, account FROM record_versions WHERE name = ?1 "
                              "ORDER BY version DESC LIMIT ?2"));
  select.Bind(1, grant.name()).Bind(2, static_cast<int64_t>(limit));
  std::vector<KeptVersion> versions;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return versions;
    versions.push_back({.stored = {.body = std::string(select.Blob(0)), .version = select.Int(1)},
                        .time_ms = select.Int(2),
                        .account = std::string(select.Text(3))});
  }
}

absl::Status InsertRecord(WriteTransaction& tx, const RecordRow& row, std::string_view scope, int64_t time_ms,
                          std::string_view account) {
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO records (name, kind, area, scope, state, author, agency, parent, sort_key, "
                 "version, time_ms, body, due_day) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?11, "
                 "?12) ON CONFLICT (name) DO NOTHING RETURNING version"));
  insert.Bind(1, row.name).Bind(2, static_cast<int64_t>(row.kind)).Bind(3, row.area).Bind(4, scope);
  insert.Bind(5, int64_t{row.columns.state}).Bind(6, row.columns.author).Bind(7, row.columns.agency);
  insert.Bind(8, row.columns.parent).Bind(9, row.columns.sort_key).Bind(10, time_ms).BindBlob(11, row.body);
  if (row.columns.due_day.has_value()) insert.Bind(12, *row.columns.due_day);
  ASSIGN_OR_RETURN(const bool inserted, insert.Step());
  if (!inserted) return absl::AlreadyExistsError(fmt::format("'{}' is there already", row.name));
  return tx.SaveVersion(row.name, 1, time_ms, account, row.body);
}

absl::Status UpdateRecord(WriteTransaction& tx, const RecordRow& row, int64_t version, int64_t time_ms,
                          std::string_view account) {
  ASSIGN_OR_RETURN(
      Statement update,
      tx.Prepare(
          "UPDATE records SET state = ?2, author = coalesce(nullif(?3, ''), author), "
          "agency = coalesce(nullif(?4, ''), agency), parent = ?5, sort_key = ?6, version = ?7, "
          "time_ms = ?8, body = ?9, due_day = ?10 WHERE name = ?1 AND version = ?7 - 1 RETURNING version"));
  update.Bind(1, row.name).Bind(2, int64_t{row.columns.state}).Bind(3, row.columns.author);
  update.Bind(4, row.columns.agency).Bind(5, row.columns.parent).Bind(6, row.columns.sort_key);
  update.Bind(7, version).Bind(8, time_ms).BindBlob(9, row.body);
  if (row.columns.due_day.has_value()) update.Bind(10, *row.columns.due_day);
  ASSIGN_OR_RETURN(const bool updated, update.Step());
  if (!updated) return domain::StaleEtag(row.name);
  return tx.SaveVersion(row.name, version, time_ms, account, row.body);
}

absl::Status NewScope(WriteTransaction& tx, std::string_view scope, std::string_view area,
                      domain::Stage stage) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement insert,
                   tx.Prepare("INSERT INTO scopes (scope, area, stage) VALUES (?1, ?2, ?3)"));
  return insert.Bind(1, scope).Bind(2, area).Bind(3, static_cast<int64_t>(stage)).Run();
}

absl::Status SetStage(WriteTransaction& tx, std::string_view scope, domain::Stage stage) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement update, tx.Prepare("UPDATE scopes SET stage = ?2 WHERE scope = ?1"));
  RETURN_IF_ERROR(update.Bind(1, scope).Bind(2, static_cast<int64_t>(stage)).Run());
  return LeadCaseAccess(tx, scope);
}

absl::Status SetScope(WriteTransaction& tx, std::string_view record, std::string_view scope) {
  tx.BumpAccessEpoch();
  RETURN_IF_ERROR(RunWith(tx, "UPDATE records SET scope = ?2 WHERE name = ?1", record, scope));
  // Its documents (50: domain::Kind::kDocument) go with it.
  RETURN_IF_ERROR(RunWith(
      tx, "UPDATE records SET scope = ?2 WHERE parent = ?1 AND kind = 50 AND parent <> ''", record, scope));
  return LeadCaseAccess(tx, scope);
}

absl::Status MoveScope(WriteTransaction& tx, std::string_view from, std::string_view to) {
  tx.BumpAccessEpoch();
  RETURN_IF_ERROR(RunWith(tx, "UPDATE records SET scope = ?2 WHERE scope = ?1", from, to));
  RETURN_IF_ERROR(
      RunWith(tx,
              "INSERT INTO involvement (scope, agency) SELECT ?2, agency FROM involvement WHERE scope = ?1 "
              "ON CONFLICT DO NOTHING",
              from, to));
  RETURN_IF_ERROR(MoveWork(tx, from, to));
  return CarryCaseAccess(tx, from, to);
}

absl::Status Involve(WriteTransaction& tx, std::string_view scope, std::string_view agency) {
  tx.BumpAccessEpoch();
  return RunWith(tx, "INSERT INTO involvement (scope, agency) VALUES (?1, ?2) ON CONFLICT DO NOTHING", scope,
                 agency);
}

absl::StatusOr<std::vector<std::string>> InvolvedIn(Transaction& tx, std::string_view scope) {
  return TextColumn(tx, "SELECT agency FROM involvement WHERE scope = ?1", scope);
}

absl::StatusOr<std::vector<std::string>> RecordsIn(Transaction& tx, std::string_view scope) {
  return TextColumn(tx, "SELECT name FROM records WHERE scope = ?1", scope);
}

absl::StatusOr<std::vector<std::string>> AgenciesOfScope(Transaction& tx, std::string_view scope) {
  // 6 and 9: domain::Kind::kReferral and kCase.
  return TextColumn(
      tx, "SELECT DISTINCT agency FROM records WHERE scope = ?1 AND kind IN (6, 9) AND agency <> ''", scope);
}

absl::Status ShutOut(WriteTransaction& tx, std::string_view scope, std::string_view account) {
  tx.BumpAccessEpoch();
  RETURN_IF_ERROR(RunWith(tx, "INSERT INTO shut_out (scope, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                          scope, account));
  return LeadCaseAccess(tx, scope);
}

std::string OpenListSql(const ListQuery& query, bool after) {
  std::string sql = SelectFrom(query);
  if (after) {
    sql += fmt::format(" AND ({}, r.name) {} (?12, ?13)", KeyOf(query), query.newest_first ? "<" : ">");
  }
  return sql +
         " AND EXISTS (SELECT 1 FROM open_to o WHERE o.name = r.name AND o.account = ?10 "
         "AND o.from_day <= ?11 AND o.to_day >= ?11)" +
         OrderBy(query) + " LIMIT ?14";
}

absl::StatusOr<std::vector<ListPosition>> ListOpen(Transaction& tx, const ListQuery& query,
                                                   std::string_view account, absl::CivilDay day,
                                                   const std::optional<ListPosition>& after, int limit) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare(OpenListSql(query, after.has_value())));
  BindWhere(select, query);
  select.Bind(10, account).Bind(11, DayNumber(day));
  if (after.has_value()) select.Bind(12, after->sort_key).Bind(13, after->name);
  select.Bind(14, int64_t{limit});
  return Positions(select);
}

absl::StatusOr<std::vector<ListPosition>> ListAll(Transaction& tx, const ListQuery& query, int limit) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare(SelectFrom(query) + OrderBy(query) + " LIMIT ?10"));
  BindWhere(select, query);
  select.Bind(10, int64_t{limit});
  return Positions(select);
}

absl::Status ReplaceRoles(WriteTransaction& tx, std::string_view account, std::string_view agency,
                          std::span<const RoleRow> roles) {
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement clear, tx.Prepare("DELETE FROM role_grants WHERE account = ?1"));
  RETURN_IF_ERROR(clear.Bind(1, account).Run());
  ASSIGN_OR_RETURN(Statement insert,
                   tx.Prepare("INSERT INTO role_grants (account, agency, area, role, from_day, to_day) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET to_day = "
                              "max(to_day, excluded.to_day)"));
  for (const RoleRow& row : roles) {
    insert.Bind(1, account).Bind(2, agency).Bind(3, row.area).Bind(4, int64_t{row.role});
    RETURN_IF_ERROR(insert.Bind(5, row.from_day).Bind(6, row.to_day).Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<domain::HeldRole>> RolesOn(Transaction& tx, std::string_view account,
                                                      absl::CivilDay day) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare("SELECT area, role FROM role_grants WHERE account = ?1 AND "
                                                "from_day <= ?2 AND to_day >= ?2"));
  select.Bind(1, account).Bind(2, DayNumber(day));
  std::vector<domain::HeldRole> roles;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return roles;
    roles.push_back({.area = std::string(select.Text(0)), .role = static_cast<v1::Role>(select.Int(1))});
  }
}

absl::StatusOr<std::vector<std::string>> HoldersOn(Transaction& tx, std::string_view area, int32_t role,
                                                   absl::CivilDay day) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT DISTINCT g.account FROM role_grants g JOIN credentials c ON c.account = "
                 "g.account WHERE g.area = ?1 AND g.role = ?2 AND g.from_day <= ?3 AND "
                 "g.to_day >= ?3 AND c.suspended = 0"));
  select.Bind(1, area).Bind(2, int64_t{role}).Bind(3, DayNumber(day));
  std::vector<std::string> holders;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return holders;
    holders.emplace_back(select.Text(0));
  }
}

absl::StatusOr<std::vector<std::string>> HoldersEver(Transaction& tx, std::string_view area, int32_t role) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT DISTINCT account FROM role_grants WHERE area = ?1 AND role = ?2 ORDER BY account"));
  select.Bind(1, area).Bind(2, int64_t{role});
  std::vector<std::string> holders;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return holders;
    holders.emplace_back(select.Text(0));
  }
}

absl::Status WriteRecordRules(WriteTransaction& tx, std::span<const domain::RecordRule> rules) {
  std::set<std::tuple<int64_t, int64_t, int64_t, int64_t>> wanted;
  for (const domain::RecordRule& rule : rules) {
    // A device that was handed over lists nothing.
    if (rule.token == domain::Token::kHandover) continue;
    for (domain::Kind kind : rule.kinds) {
      for (domain::Stage stage : rule.stages) {
        for (int role = 1; role <= v1::Role_MAX; ++role) {
          if (!rule.roles.Has(static_cast<v1::Role>(role))) continue;
          wanted.emplace(static_cast<int64_t>(kind), static_cast<int64_t>(stage), role,
                         static_cast<int64_t>(rule.relation));
        }
      }
    }
  }
  tx.BumpAccessEpoch();
  ASSIGN_OR_RETURN(Statement clear, tx.Prepare("DELETE FROM record_rules"));
  RETURN_IF_ERROR(clear.Run());
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO record_rules (kind, stage, role, relation) VALUES (?1, ?2, ?3, ?4)"));
  for (const auto& [kind, stage, role, relation] : wanted) {
    RETURN_IF_ERROR(insert.Bind(1, kind).Bind(2, stage).Bind(3, role).Bind(4, relation).Run());
  }
  return absl::OkStatus();
}

}  // namespace marac::store
