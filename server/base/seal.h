// Tokens that a client carries and may neither read nor make: page tokens, cursors, etags. Any thread may
// call.
#ifndef MARAC_BASE_SEAL_H_
#define MARAC_BASE_SEAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/secret.h"

namespace marac {

// Who may hand a token back, and for what.
struct SealContext {
  std::string_view field;    // of the request, for the error: "page_token", "cursor"
  std::string_view purpose;  // the list with its filter, e.g. "ListReferrals areas/3 state=SUBMITTED"
  std::string_view caller;   // the account or program that it is for
};

// Encrypts `content` under `key` (32 bytes, derived for this use) as base64url without padding. Its length
// tells the length of the content only to 32 bytes. Two tokens of one content differ.
std::string Seal(const Secret& key, const SealContext& context, std::string_view content);

// The content of a token that Seal made with the same key, purpose and caller; otherwise INVALID_ARGUMENT
// with a sentence for the caller. It does not say that the token is fresh or was not used before.
absl::StatusOr<std::string> Unseal(const Secret& key, const SealContext& context, std::string_view token);

// 16 characters that change with every version of a record and cannot be foretold.
std::string Etag(const Secret& key, std::string_view name, int64_t version);

}  // namespace marac

#endif  // MARAC_BASE_SEAL_H_
