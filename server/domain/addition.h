// What is added to a referral while it waits for triage: only what nobody has answered, so that what its
// author said stays the author's, and who added the rest can be read.
#ifndef MARAC_DOMAIN_ADDITION_H_
#define MARAC_DOMAIN_ADDITION_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/referral.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral_service.pb.h"

namespace marac::domain {

struct Completed {
  v1::Referral referral;
  // The safe contact as it is now; absent: nothing of it was given.
  std::optional<v1::SafeContact> safe_contact;
};

// `before`, which must be SUBMITTED, with what `request` gives, and an entry in its additions. `safe_contact`
// is the stored one, or null. INVALID_ARGUMENT names each field that was answered otherwise, a value no
// record can hold, a person or an entry that is not this referral's; nothing given; no told_by of somebody
// else than its author.
absl::StatusOr<Completed> TakeAdditions(const v1::Referral& before, const v1::SafeContact* safe_contact,
                                        const v1::CompleteReferralRequest& request, const Author& author,
                                        const v1::AreaSettings& settings, absl::Time now);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ADDITION_H_
