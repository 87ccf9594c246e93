// The bytes of documents. Who may read them is decided with their record.
#ifndef MARAC_STORE_DOCUMENTS_H_
#define MARAC_STORE_DOCUMENTS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "marac/v1/document.pb.h"
#include "store/transaction.h"

namespace marac::store {

// Keeps the bytes of a document whose record was just made.
absl::Status KeepDocument(WriteTransaction& tx, const v1::Document& document, std::string_view bytes);

// At most `size_max` bytes from `offset` on, of a document whose record the caller could load. INTERNAL:
// there are none.
absl::StatusOr<std::string> ReadDocument(Transaction& tx, const v1::Document& document, int64_t offset,
                                         int64_t size_max);

}  // namespace marac::store

#endif  // MARAC_STORE_DOCUMENTS_H_
