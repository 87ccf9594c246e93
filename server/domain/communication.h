// What a person needs to understand and be understood (dash.md 8).
#ifndef MARAC_DOMAIN_COMMUNICATION_H_
#define MARAC_DOMAIN_COMMUNICATION_H_

#include "absl/status/statusor.h"
#include "domain/assessment.h"
#include "domain/errors.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/communication.pb.h"
#include "marac/v1/instrument.pb.h"

namespace marac::domain {

// What is wrong with a profile of somebody who fears `perpetrators` people, by its path below `path`. `pack`
// is what a supporter can have left the room for; null where no form is at hand.
void CheckProfile(FieldErrors& errors, const std::string& path, const v1::CommunicationProfile& profile,
                  int perpetrators, const v1::InstrumentPack* pack, const Act& act);

// Replaces the assessment's profile by that of the request, recorded by `act`. INVALID_ARGUMENT names each
// field that is not good.
absl::StatusOr<v1::Assessment> RecordCommunicationProfile(
    v1::Assessment assessment, const v1::InstrumentPack& pack,
    const v1::RecordCommunicationProfileRequest& request, const Act& act);

// Gives `held` what an assessment's profile says to whoever will meet the person: all but what they call
// people, their screen, and what a supporter left the room for. Of two the one that was recorded last stays.
void ShareProfile(const v1::CommunicationProfile& profile, v1::CommunicationProfile& held);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_COMMUNICATION_H_
