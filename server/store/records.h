// Finding and keeping records. Nothing here judges: who may is domain/access, and every function that loads a
// message wants a Grant that only it can make.
#ifndef MARAC_STORE_RECORDS_H_
#define MARAC_STORE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/access.h"
#include "domain/record.h"
#include "store/transaction.h"

namespace marac::store {

// What decides about a record, or NOT_FOUND worded as for a record that is hidden. A document is open to
// whomever what it is of is open to: of one, this is what decides about that, kind and all, under its own
// name.
absl::StatusOr<domain::RecordFacts> LoadFacts(Transaction& tx, std::string_view name);

// A record's bytes and version.
struct StoredRecord {
  std::string body;
  int64_t version = 0;
};
absl::StatusOr<StoredRecord> LoadBody(Transaction& tx, const domain::Grant& grant);
absl::StatusOr<StoredRecord> LoadVersion(Transaction& tx, const domain::Grant& grant, int64_t version);

// A version as it was kept: with who made it and when.
struct KeptVersion {
  StoredRecord stored;
  int64_t time_ms = 0;
  std::string account;
};
// At most `limit` versions, the newest first.
absl::StatusOr<std::vector<KeptVersion>> LoadVersions(Transaction& tx, const domain::Grant& grant,
                                                      size_t limit);

// The records that hang together with this one, and the agencies whose case or referral they are.
absl::StatusOr<std::vector<std::string>> RecordsIn(Transaction& tx, std::string_view scope);
absl::StatusOr<std::vector<std::string>> AgenciesOfScope(Transaction& tx, std::string_view scope);

// A record about to be kept.
struct RecordRow {
  std::string name;
  domain::Kind kind;
  std::string area;
  domain::RecordColumns columns;
  std::string body;
};

// Makes version 1. ALREADY_EXISTS: a record of this name is there.
absl::Status InsertRecord(WriteTransaction& tx, const RecordRow& row, std::string_view scope, int64_t time_ms,
                          std::string_view account);
// Makes version `version` over version - 1; ABORTED when that is not the present one. An empty author or
// agency in the columns leaves what is kept.
absl::Status UpdateRecord(WriteTransaction& tx, const RecordRow& row, int64_t version, int64_t time_ms,
                          std::string_view account);

absl::Status NewScope(WriteTransaction& tx, std::string_view scope, std::string_view area,
                      domain::Stage stage);
// Each of the following lets reads that are under way look again before they answer.
absl::Status SetStage(WriteTransaction& tx, std::string_view scope, domain::Stage stage);
absl::Status SetScope(WriteTransaction& tx, std::string_view record, std::string_view scope);
// Moves the records of one scope into another, with the agencies that are part of it, what was decided about
// who may see it, and those who have worked on it.
absl::Status MoveScope(WriteTransaction& tx, std::string_view from, std::string_view to);
absl::Status Involve(WriteTransaction& tx, std::string_view scope, std::string_view agency);
absl::StatusOr<std::vector<std::string>> InvolvedIn(Transaction& tx, std::string_view scope);
absl::Status ShutOut(WriteTransaction& tx, std::string_view scope, std::string_view account);

// What a list asks for. An empty text and a state of 0 ask for nothing.
struct ListQuery {
  domain::Kind kind;
  std::string area;
  int32_t state = 0;
  std::string parent;
  std::string scope;
  std::string author;
  std::string agency;
  bool or_unowned =
      false;  // with author and agency: the author's, and those of the agency that have no author
  bool newest_first = false;
  std::optional<int64_t> sort_key_from;    // at least this
  std::optional<int64_t> sort_key_to;      // less than this
  std::optional<absl::CivilDay> due_from;  // with due_by: on this day or later
  std::optional<absl::CivilDay> due_by;    // to be looked at anew on this day or before; then in that order
};

// Where a page ended.
struct ListPosition {
  int64_t sort_key = 0;  // of a list of what is due the day, in days since 1970
  std::string name;
};

// The statement of ListOpen, shown so that a test can read its plan. `after`: it continues a page.
std::string OpenListSql(const ListQuery& query, bool after);

// At most `limit` names of records that are open to `account` on `day`, after `after`: the predicate is part
// of the query, so a page is never short.
absl::StatusOr<std::vector<ListPosition>> ListOpen(Transaction& tx, const ListQuery& query,
                                                   std::string_view account, absl::CivilDay day,
                                                   const std::optional<ListPosition>& after, int limit);

// The same without a caller, for what the server itself works through (an agenda's cases, a case's actions).
absl::StatusOr<std::vector<ListPosition>> ListAll(Transaction& tx, const ListQuery& query, int limit);

// Roles of an account or program; the days are both included.
struct RoleRow {
  std::string area;
  int32_t role = 0;
  int64_t from_day = 0;
  int64_t to_day = 0;
};
absl::Status ReplaceRoles(WriteTransaction& tx, std::string_view account, std::string_view agency,
                          std::span<const RoleRow> roles);
absl::StatusOr<std::vector<domain::HeldRole>> RolesOn(Transaction& tx, std::string_view account,
                                                      absl::CivilDay day);

// The people who hold `role` in `area` on `day` and are not suspended, in no order.
absl::StatusOr<std::vector<std::string>> HoldersOn(Transaction& tx, std::string_view area, int32_t role,
                                                   absl::CivilDay day);

// The people who ever held `role` in `area`, or will, suspended or not: a grant of ADMIN stays on its record.
absl::StatusOr<std::vector<std::string>> HoldersEver(Transaction& tx, std::string_view area, int32_t role);

// Writes the record table into `record_rules`.
absl::Status WriteRecordRules(WriteTransaction& tx, std::span<const domain::RecordRule> rules);

}  // namespace marac::store

#endif  // MARAC_STORE_RECORDS_H_
