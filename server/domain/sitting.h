// Sittings of an assessment (dash.md 9 "session"): who was there, whether it was safe to begin, breaks, and
// whether the person's communication needs were met.
#ifndef MARAC_DOMAIN_SITTING_H_
#define MARAC_DOMAIN_SITTING_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/assessment.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/assessment_service.pb.h"

namespace marac::domain {

// The sitting that has begun and not ended; null: there is none.
const v1::Sitting* OpenSitting(const v1::Assessment& assessment);

// Begins one of a DRAFT, with the communication profile as it is now. INVALID_ARGUMENT names what is missing
// of the safety gate and of the interpreter, who is qualified, registered, and neither family nor a friend
// nor a carer (ACC-45). FAILED_PRECONDITION: NOT_SAFE, with what to do instead (ACC-10); WRONG_STATE;
// SITTING_OPEN; TOO_MANY_SITTINGS; TOO_MUCH_IN_SITTINGS.
absl::StatusOr<v1::Assessment> BeginSitting(v1::Assessment assessment, const v1::BeginSittingRequest& request,
                                            const Act& act);

// Adds breaks and what was met of the needs, or ends it. NOT_FOUND: the assessment has no such sitting, or
// none is open and none is named. FAILED_PRECONDITION: SITTING_ENDED for `end` and for a break that lasts;
// NO_BREAK; TOO_MUCH_IN_SITTINGS. INVALID_ARGUMENT names what is wrong with a break or a need.
absl::StatusOr<v1::Assessment> RecordSitting(v1::Assessment assessment,
                                             const v1::RecordSittingRequest& request, const Act& act);

// Gives the answers of `request` the sitting that is open, where they name none. INVALID_ARGUMENT: an answer
// names one that the assessment does not have.
absl::Status StampSitting(const v1::Assessment& assessment, v1::AppendAnswersRequest& request);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_SITTING_H_
