// The device in the hands of the person whom an assessment is about (decisions 21, ACC-29, ACC-30): when that
// may be, what the device may send, and what it is told. What it may call at all is domain/access.
#ifndef MARAC_DOMAIN_HANDOVER_H_
#define MARAC_DOMAIN_HANDOVER_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "domain/catalogue.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/assessment_service.pb.h"
#include "marac/v1/support.pb.h"

namespace marac::domain {

// Whether this may be in the person's hands: a draft, in an open sitting that was safe to begin and whose
// mode puts the device there. FAILED_PRECONDITION with what to do first: WRONG_STATE, NO_SITTING, WRONG_MODE.
// A handover ends with whatever makes this false.
absl::Status CheckHandover(const v1::Assessment& assessment);

// Whether the person may read the wording of `pack`: that of their assessment, and that it is derived from.
bool IsShownInHandover(const v1::Assessment& assessment, const v1::InstrumentPack& own,
                       std::string_view pack);

// INVALID_ARGUMENT naming what the person does not say: who it is about, and answers that are somebody
// else's, or of another sitting than the open one.
absl::Status CheckHandoverAnswers(const v1::Assessment& assessment, const v1::AppendAnswersRequest& request);

// What the device needs to go on until `expire`, without services. `pack` is the assessment's.
v1::Handover HandoverOf(const v1::Assessment& assessment, const v1::InstrumentPack& pack, absl::Time expire);

// Adds those whom the person can call when it is over, by name, with what is needed to reach them.
void AddServices(std::vector<v1::SupportService> services, v1::Handover& handover);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_HANDOVER_H_
