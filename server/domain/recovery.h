// Recovering an account whose person cannot sign in (decisions 15): an administrator of the person's own
// agency calls back and tells a code; two administrators where the account could do most harm. Nobody but the
// person ever knows the password.
#ifndef MARAC_DOMAIN_RECOVERY_H_
#define MARAC_DOMAIN_RECOVERY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "domain/access.h"
#include "domain/directory.h"
#include "domain/local_date.h"
#include "marac/v1/directory.pb.h"

namespace marac::domain {

inline constexpr absl::Duration kRecoveryCodeCounts = absl::Minutes(30);
inline constexpr absl::Duration kRecoveryWishCounts = absl::Hours(24);
inline constexpr int64_t kRecoveryTriesMax = 5;
inline constexpr size_t kRecoveryCodeChars = 20;

// One that was started and has not ended.
struct Recovery {
  std::string asked_by;  // the administrator who started it, "accounts/..."
  absl::Time ask_time;
  std::string code_hash;  // SHA-256; empty while a second administrator is waited for
  absl::Time code_time;
  int64_t failed_tries = 0;
};

// Whether `open` waits at `now` for a second administrator.
bool WaitsForSecond(const std::optional<Recovery>& open, absl::Time now);

// Whether it does, and the caller would be one.
bool IsSecondOf(const std::optional<Recovery>& open, const Caller& caller, absl::Time now);

// Whether the caller may start, or as the second continue, the recovery of this account.
//   NOT_FOUND             not an ADMIN who acts for the account's agency; of a second, not ADMIN of an area
//   of it FAILED_PRECONDITION   the caller's own account, or a suspended one
absl::Status MayStartRecovery(const Caller& caller, const v1::Account& account, const v1::Agency& agency,
                              const AreaHosts& hosts, bool is_second);

// Whether two administrators are needed: the account holds a powerful role, will, or waits for one.
bool NeedsTwoForRecovery(const v1::Account& account, LocalDate today);

// Whether what was typed is the code of this recovery, and it still counts.
bool OpensRecovery(const std::optional<Recovery>& open, std::string_view typed_hash, absl::Time now);

// A code as people type it, in the form that is hashed: capitals without hyphens and spaces, and the letter
// for a digit that no code has.
std::string NormalRecoveryCode(std::string_view typed);
// "ABCD-EFGH-IJKL-MNOP-QRST".
std::string ShownRecoveryCode(std::string_view code);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_RECOVERY_H_
