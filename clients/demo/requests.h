// A planned referral as the request that saves it.
#ifndef MARAC_DEMO_REQUESTS_H_
#define MARAC_DEMO_REQUESTS_H_

#include <string>
#include <vector>

#include "demo/plan.h"
#include "demo/random.h"
#include "marac/v1/referral_service.pb.h"

namespace marac::demo {

// Complete, unless it is urgent: then only who it is about, why now, how to reach them, and consent.
v1::SaveDraftRequest DraftOf(const std::string& area, const Household& household,
                             const PlannedReferral& planned, const std::vector<std::string>& assessments,
                             Random& random);

}  // namespace marac::demo

#endif  // MARAC_DEMO_REQUESTS_H_
