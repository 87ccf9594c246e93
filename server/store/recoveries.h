// Recoveries of accounts. Keeps and finds; who may start one and how long a code counts is
// domain/recovery.
#ifndef MARAC_STORE_RECOVERIES_H_
#define MARAC_STORE_RECOVERIES_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/recovery.h"
#include "store/transaction.h"

namespace marac::store {

// The account's recovery that has not ended, if there is one.
absl::StatusOr<std::optional<domain::Recovery>> OpenRecovery(Transaction& tx, std::string_view account);

// Takes the place of one that is open. `reason` is why.
absl::Status StartRecovery(WriteTransaction& tx, std::string_view account, const domain::Recovery& recovery,
                           std::string_view reason, int64_t now_ms);
// The second administrator's share in the one that is open, and its code.
absl::Status SecondRecovery(WriteTransaction& tx, std::string_view account, std::string_view second_by,
                            std::string_view reason, std::string_view code_hash, int64_t now_ms);

absl::Status CountRecoveryFailure(WriteTransaction& tx, std::string_view account);
absl::Status EndRecovery(WriteTransaction& tx, std::string_view account, int64_t now_ms);

}  // namespace marac::store

#endif  // MARAC_STORE_RECOVERIES_H_
