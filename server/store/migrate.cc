#include "store/migrate.h"

#include <fmt/format.h>

#include <cassert>

#include "base/status_macros.h"
#include "domain/audit.h"

namespace marac::store {
namespace {

struct EmbeddedFile {
  int number;
  const char* name;
  const char* sql;
};

constexpr EmbeddedFile kFiles[] = {
#include "schema/migrations.inc"
};

absl::Status RefuseNewer(int found, int known) {
  return absl::FailedPreconditionError(
      fmt::format("the database is newer than this program (schema {}, program {}): install the newer maracd",
                  found, known));
}

int NewestOf(const std::vector<Migration>& migrations) {
  return migrations.empty() ? 0 : migrations.back().number;
}

// 0009: the audit rows of before the table, by whom and by what they touched.
absl::Status FillAuditIndex(Connection& connection) {
  ASSIGN_OR_RETURN(Statement rows, connection.Prepare("SELECT record FROM audit_log ORDER BY sequence"));
  ASSIGN_OR_RETURN(Statement insert,
                   connection.Prepare("INSERT INTO audit_index (key, sequence) VALUES (?1, ?2)"));
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto decoded, domain::DecodeAuditRecord(rows.Blob(0)));
    for (const std::string& key : domain::IndexKeys(decoded.second)) {
      RETURN_IF_ERROR(insert.Bind(1, key).Bind(2, static_cast<int64_t>(decoded.first)).Run());
    }
  }
}

// Whether every row that refers to another finds it.
absl::Status CheckReferences(Connection& connection) {
  ASSIGN_OR_RETURN(Statement check, connection.PrepareControl("PRAGMA foreign_key_check"));
  ASSIGN_OR_RETURN(const bool found, check.Step());
  return found ? absl::InternalError("it leaves a row that refers to none") : absl::OkStatus();
}

absl::Status Apply(Connection& connection, const Migration& migration) {
  RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
  absl::Status status = connection.Execute(migration.sql);
  if (status.ok() && migration.fill != nullptr) status = migration.fill(connection);
  if (status.ok()) status = CheckReferences(connection);
  // A file that holds a COMMIT of its own would leave a half-made schema behind.
  if (status.ok() && !connection.InTransaction()) status = absl::InternalError("it ended the transaction");
  if (status.ok()) status = connection.Execute(fmt::format("PRAGMA user_version={}", migration.number));
  if (status.ok()) status = connection.Execute("COMMIT");
  if (status.ok()) return status;
  if (connection.InTransaction()) connection.Execute("ROLLBACK").IgnoreError();
  return absl::Status(status.code(), fmt::format("{}: {}; the database stays at schema {}", migration.name,
                                                 std::string(status.message()), migration.number - 1));
}

}  // namespace

std::vector<Migration> EmbeddedMigrations() {
  std::vector<Migration> migrations;
  for (const EmbeddedFile& file : kFiles) {
    migrations.push_back({.number = file.number, .name = file.name, .sql = file.sql});
    if (file.number == 9) migrations.back().fill = FillAuditIndex;
    assert(migrations.back().number == static_cast<int>(migrations.size()));
  }
  return migrations;
}

absl::StatusOr<int> SchemaVersion(Connection& connection) {
  ASSIGN_OR_RETURN(Statement version, connection.PrepareControl("PRAGMA user_version"));
  RETURN_IF_ERROR(version.Step().status());
  return static_cast<int>(version.Int(0));
}

absl::Status Migrate(Connection& connection, const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const int found, SchemaVersion(connection));
  if (found > NewestOf(migrations)) return RefuseNewer(found, NewestOf(migrations));
  // A table that others refer to is made anew by dropping it, which would count as removing each of its rows.
  // The switch does nothing inside a transaction; each migration is checked as a whole instead.
  RETURN_IF_ERROR(connection.Execute("PRAGMA foreign_keys=OFF"));
  absl::Status status;
  for (const Migration& migration : migrations) {
    if (migration.number > found && status.ok()) status = Apply(connection, migration);
  }
  const absl::Status on = connection.Execute("PRAGMA foreign_keys=ON");
  return status.ok() ? on : status;
}

absl::Status CheckSchemaVersion(Connection& connection, const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const int found, SchemaVersion(connection));
  const int known = NewestOf(migrations);
  if (found > known) return RefuseNewer(found, known);
  if (found < known) {
    return absl::FailedPreconditionError(fmt::format(
        "the database is older than this program (schema {}, program {}): stop the server, make a "
        "backup and run `maracd migrate`",
        found, known));
  }
  return absl::OkStatus();
}

}  // namespace marac::store
