// What a referral rests on beside itself: its assessments, the details that are kept apart, and its area's
// policy.
#ifndef MARAC_RPC_REFERRAL_FACTS_H_
#define MARAC_RPC_REFERRAL_FACTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "domain/protected_parts.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/policy.pb.h"
#include "marac/v1/referral.pb.h"
#include "rpc/gate.h"

namespace marac::rpc {

// The area's policy; one that is not installed has every documented default. Lives as long as the call.
absl::StatusOr<const v1::Policy*> PolicyOf(ReadCall& call, const v1::Area& area);
absl::StatusOr<std::vector<v1::Assessment>> LoadAssessments(ReadCall& call, const v1::Referral& referral);
absl::StatusOr<domain::KeptApart> LoadDetails(ReadCall& call, const v1::Referral& referral);
// As domain::Refresh, with all of that as it is stored.
absl::StatusOr<v1::Referral> RefreshStored(ReadCall& call, v1::Referral referral);

}  // namespace marac::rpc

#endif  // MARAC_RPC_REFERRAL_FACTS_H_
