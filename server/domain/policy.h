// Policies: how an area grades, as data (dash.md 4, decisions on policy conditions). No number of theirs is
// here.
#ifndef MARAC_DOMAIN_POLICY_H_
#define MARAC_DOMAIN_POLICY_H_

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "marac/v1/instrument.pb.h"
#include "marac/v1/policy.pb.h"

namespace marac::domain {

// The installed pack of this name ("plain24@1.0"), or null.
using FindPackFunction = std::function<const v1::InstrumentPack*(std::string_view)>;

// INVALID_ARGUMENT with one violation for each thing that is wrong, by its path in the policy
// ("clusters[2].when.all_of.conditions[0].answer"). Refused are: bands that are not contiguous from 0 or
// whose last is not open; a high band that does not start at high_threshold; an item or detail code that any
// listed pack has not; a pack that is not installed; limits below 1; a condition that tests nothing.
absl::Status CheckPolicy(const v1::Policy& policy, const FindPackFunction& find_pack);

// The band of a count of yes, under a policy that was checked.
v1::Grade BandOf(const v1::Policy& policy, int score);

// The flags that its clusters ask about: the only ones a practitioner may tick.
std::set<std::string> FlagsOf(const v1::Policy& policy);
const v1::Cluster* FindCluster(const v1::Policy& policy, std::string_view id);

// Whether what a cluster asks for is a referral, or the reason why there is none.
bool AsksForReferral(v1::ClusterAction action);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_POLICY_H_
