#include "store/transaction.h"

#include <utility>

#include "base/status_macros.h"
#include "store/connection.h"

namespace marac::store {

absl::StatusOr<Statement> Transaction::Prepare(std::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, connection_.Prepare(sql));
  if (!statement.ReadsOnly()) return absl::InternalError("a statement that changes rows needs a write");
  return statement;
}

absl::StatusOr<Statement> WriteTransaction::Prepare(std::string_view sql) { return connection_.Prepare(sql); }

absl::Status WriteTransaction::SaveVersion(std::string_view name, int64_t version, int64_t time_ms,
                                           std::string_view account, std::string_view body) {
  ASSIGN_OR_RETURN(Statement insert,
                   Prepare("INSERT INTO record_versions (name, version, commit_seq, time_ms, account, body) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  insert.Bind(1, name)
      .Bind(2, version)
      .Bind(3, commit_seq_)
      .Bind(4, time_ms)
      .Bind(5, account)
      .BindBlob(6, body);
  return insert.Run();
}

}  // namespace marac::store
