#include "store/installation.h"

#include "base/status_macros.h"

namespace marac::store {

absl::StatusOr<Installation> LoadInstallation(Transaction& tx) {
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare("SELECT origin, demonstration, business_offset_ms FROM installation WHERE one = 1"));
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return absl::FailedPreconditionError("the database was never initialised: run maracd init");
  return Installation{.origin = std::string(select.Text(0)),
                      .demonstration = select.Int(1) != 0,
                      .business_offset = absl::Milliseconds(select.Int(2))};
}

absl::Status InsertInstallation(WriteTransaction& tx, const Installation& installation) {
  ASSIGN_OR_RETURN(Statement insert, tx.Prepare("INSERT INTO installation (one, origin, demonstration, "
                                                "business_offset_ms) VALUES (1, ?1, ?2, ?3)"));
  return insert.Bind(1, installation.origin)
      .Bind(2, int64_t{installation.demonstration})
      .Bind(3, absl::ToInt64Milliseconds(installation.business_offset))
      .Run();
}

absl::Status SetBusinessOffset(WriteTransaction& tx, absl::Duration offset) {
  ASSIGN_OR_RETURN(Statement update,
                   tx.Prepare("UPDATE installation SET business_offset_ms = ?1 WHERE one = 1"));
  return update.Bind(1, absl::ToInt64Milliseconds(offset)).Run();
}

}  // namespace marac::store
