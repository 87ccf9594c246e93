// Digests and the text forms of bytes. Pure; any thread may call.
#ifndef MARAC_BASE_HASH_H_
#define MARAC_BASE_HASH_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/secret.h"

namespace marac {

inline constexpr size_t kHashBytes = 32;

// SHA-256 of `first` followed by `second`: 32 raw bytes. Two parts, because a prefix byte or a neighbour's
// hash before the data is the common case, and joining them would copy the data.
std::string Sha256(std::string_view first, std::string_view second = {});

// HMAC-SHA256, 32 raw bytes.
std::string HmacSha256(const Secret& key, std::string_view bytes);

// Lower-case hexadecimal.
std::string Hex(std::string_view bytes);

// Base 64 of RFC 4648: the standard alphabet with padding, and the one for URLs without. Decoding accepts
// only what encoding makes (no spaces, no other padding, no stray bits); otherwise INVALID_ARGUMENT.
std::string Base64(std::string_view bytes);
absl::StatusOr<std::string> DecodeBase64(std::string_view text);
std::string Base64url(std::string_view bytes);
absl::StatusOr<std::string> DecodeBase64url(std::string_view text);

// In a time that depends on the sizes alone.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace marac

#endif  // MARAC_BASE_HASH_H_
