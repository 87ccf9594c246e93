// The secrets of one-time codes. Nothing here is ever part of an answer but the secret of a set-up just
// begun.
#ifndef MARAC_STORE_ONE_TIME_CODES_H_
#define MARAC_STORE_ONE_TIME_CODES_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret.h"
#include "store/transaction.h"

namespace marac::store {

struct OneTimeSecrets {
  Secret secret;          // empty: the account has no codes
  Secret pending;         // of a set-up that was begun; empty: none
  int64_t last_step = 0;  // no code of this time step or an earlier one counts any more
};

absl::StatusOr<OneTimeSecrets> LoadOneTimeSecrets(Transaction& tx, std::string_view account);
absl::Status BeginOneTimeCodes(WriteTransaction& tx, std::string_view account, const Secret& pending);
// What was pending is the secret from now on.
absl::Status ConfirmOneTimeCodes(WriteTransaction& tx, std::string_view account, int64_t step);
absl::Status UseOneTimeCode(WriteTransaction& tx, std::string_view account, int64_t step);
// The account has no codes from now on, nor a set-up of them.
absl::Status RemoveOneTimeCodes(WriteTransaction& tx, std::string_view account);

}  // namespace marac::store

#endif  // MARAC_STORE_ONE_TIME_CODES_H_
