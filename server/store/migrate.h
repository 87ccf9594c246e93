// Brings a database to the schema that this program knows: forward only, one file at a time.
#ifndef MARAC_STORE_MIGRATE_H_
#define MARAC_STORE_MIGRATE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/connection.h"

namespace marac::store {

struct Migration {
  int number;        // 1, 2, 3 ... without a gap
  std::string name;  // "0001_foundation.sql"
  std::string sql;
  // What SQL cannot do because it cannot see into a stored message: runs after `sql`, in its transaction.
  std::function<absl::Status(Connection&)> fill = nullptr;
};

// The files of schema/, in order.
std::vector<Migration> EmbeddedMigrations();

absl::StatusOr<int> SchemaVersion(Connection& connection);

// Applies what is missing, each migration and its number in one transaction, so that a stop at any moment
// leaves a whole schema. Refuses a database that is newer than the last of `migrations`.
absl::Status Migrate(Connection& connection, const std::vector<Migration>& migrations);

// Refuses a database that is older or newer than this program, and says what to do.
absl::Status CheckSchemaVersion(Connection& connection, const std::vector<Migration>& migrations);

}  // namespace marac::store

#endif  // MARAC_STORE_MIGRATE_H_
