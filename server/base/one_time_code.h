// One-time codes of an authenticator application (RFC 6238: SHA-1, 6 digits, 30 seconds).
#ifndef MARAC_BASE_ONE_TIME_CODE_H_
#define MARAC_BASE_ONE_TIME_CODE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/secret.h"

namespace marac {

inline constexpr size_t kOneTimeSecretBytes = 20;

// The time step whose code this is, of the present one, the one before and the one after: telephones' clocks
// differ. Nothing when it is none of theirs or not six digits. Whether the step was used before is the
// caller's to know.
std::optional<int64_t> StepOfCode(const Secret& secret, absl::Time now, std::string_view code);

// The code of the step that holds `now`.
std::string CodeAt(const Secret& secret, absl::Time now);

// The secret as people type it, in base32.
std::string Base32(const Secret& secret);

// What a QR code for an authenticator holds. `issuer` and `login` are shown there.
std::string OtpAuthUri(std::string_view issuer, std::string_view login, const Secret& secret);

}  // namespace marac

#endif  // MARAC_BASE_ONE_TIME_CODE_H_
