// Policies that an area installs, and what another one would have changed.
#ifndef MARAC_DOMAIN_AREA_POLICY_H_
#define MARAC_DOMAIN_AREA_POLICY_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "domain/assessment.h"
#include "domain/catalogue.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/installed.pb.h"
#include "marac/v1/instrument_service.pb.h"

namespace marac::domain {

// Largest file of a policy, in bytes.
inline constexpr size_t kPolicyFileBytesMax = size_t{64} << 10;

// What a policy says of itself.
v1::PolicyAbout AboutOf(const v1::Policy& policy, std::string_view hash);

// The policy as the area keeps it, without a name. INVALID_ARGUMENT for the first that is wrong, in the file
// with its line and field; ALREADY_EXISTS: a policy of its name is here.
absl::StatusOr<v1::AreaPolicy> InstallPolicy(const v1::InstallPolicyRequest& request, const Catalogue& here,
                                             const Act& act);

// What a signed assessment came to, and what it would have come to under another policy. The names and the
// practitioner's own grade stay what they were.
struct Regraded {
  v1::AssessmentResult before;
  v1::AssessmentResult after;
  // In the band, the final grade, the grounds to refer or the clusters that fired: in what somebody would
  // have been told to do.
  bool differs = false;
};
absl::StatusOr<Regraded> Regrade(const v1::Assessment& assessment, const v1::InstrumentPack& pack,
                                 const v1::Policy& policy);

// Adds one to what is answered; the assessment's name only where `show`.
void AddRegraded(const v1::Assessment& assessment, const Regraded& regraded, bool show,
                 v1::PreviewPolicyResponse& answer);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AREA_POLICY_H_
