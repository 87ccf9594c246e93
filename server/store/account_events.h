// What happened to an account that its person should hear of.
#ifndef MARAC_STORE_ACCOUNT_EVENTS_H_
#define MARAC_STORE_ACCOUNT_EVENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/transaction.h"

namespace marac::store {

struct AccountEvent {
  int32_t kind = 0;  // v1::AccountEventKind
  int64_t time_ms = 0;
  std::string source;
};

// Keeps it, and drops whatever is older than 90 days.
absl::Status NoteAccountEvent(WriteTransaction& tx, std::string_view account, const AccountEvent& event);
// The newest first, at most 100.
absl::StatusOr<std::vector<AccountEvent>> ListAccountEvents(Transaction& tx, std::string_view account,
                                                            int64_t now_ms);

}  // namespace marac::store

#endif  // MARAC_STORE_ACCOUNT_EVENTS_H_
