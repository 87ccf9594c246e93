// What people typed in forms and have not sent yet. Every function wants the account whose drafts are meant:
// there is no way to another's.
#ifndef MARAC_STORE_FORM_DRAFTS_H_
#define MARAC_STORE_FORM_DRAFTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/transaction.h"

namespace marac::store {

struct FormDraft {
  std::string content;
  int64_t save_ms = 0;
};

// Replaces one of the same name. Drafts saved before `kept_from_ms` are dropped, whoever's they are.
// RESOURCE_EXHAUSTED when the account has `count_max` others.
absl::Status SaveFormDraft(WriteTransaction& tx, std::string_view account, std::string_view form,
                           const FormDraft& draft, int64_t kept_from_ms, int count_max);
absl::StatusOr<std::optional<FormDraft>> FindFormDraft(Transaction& tx, std::string_view account,
                                                       std::string_view form, int64_t kept_from_ms);
absl::Status DeleteFormDraft(WriteTransaction& tx, std::string_view account, std::string_view form);

}  // namespace marac::store

#endif  // MARAC_STORE_FORM_DRAFTS_H_
