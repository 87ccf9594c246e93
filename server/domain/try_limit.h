// How often somebody may try to sign in (security.md 2.7). Without a limit passwords are guessed; with one
// alone, whoever keeps guessing keeps the person out. So a place that the person has signed in from before
// has tries of its own, which nobody elsewhere can use up.
#ifndef MARAC_DOMAIN_TRY_LIMIT_H_
#define MARAC_DOMAIN_TRY_LIMIT_H_

#include <cstdint>

#include "absl/time/time.h"

namespace marac::domain {

inline constexpr int64_t kTriesOfLoginMax = 5;
inline constexpr int64_t kTriesFromSourceMax = 20;
inline constexpr absl::Duration kTryWindow = absl::Minutes(15);
inline constexpr absl::Duration kKnownSourceKept = absl::Hours(24 * 30);

// Failures within kTryWindow.
struct Tries {
  int64_t of_login = 0;            // from anywhere
  int64_t of_login_from_here = 0;  // from this source
  int64_t from_here = 0;           // from this source, whatever the login
  bool source_is_known = false;    // this login succeeded from this source within kKnownSourceKept
};

constexpr bool MayTry(const Tries& tries) {
  const int64_t of_login = tries.source_is_known ? tries.of_login_from_here : tries.of_login;
  return of_login < kTriesOfLoginMax && tries.from_here < kTriesFromSourceMax;
}

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TRY_LIMIT_H_
