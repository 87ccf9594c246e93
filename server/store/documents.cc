#include "store/documents.h"

#include "base/status_macros.h"

namespace marac::store {

absl::Status KeepDocument(WriteTransaction& tx, const v1::Document& document, std::string_view bytes) {
  ASSIGN_OR_RETURN(Statement insert, tx.Prepare("INSERT INTO documents (name, bytes) VALUES (?1, ?2)"));
  return insert.Bind(1, document.name()).BindBlob(2, bytes).Run();
}

absl::StatusOr<std::string> ReadDocument(Transaction& tx, const v1::Document& document, int64_t offset,
                                         int64_t size_max) {
  // SQL counts from 1.
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT substr(bytes, ?2, ?3) FROM documents WHERE name = ?1"));
  select.Bind(1, document.name()).Bind(2, offset + 1).Bind(3, size_max);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return absl::InternalError("a document has no bytes");
  return std::string(select.Blob(0));
}

}  // namespace marac::store
