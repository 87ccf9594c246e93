// When a signed assessment is to be taken anew (dash.md 2 and 10): after the days of its policy, or from the
// day on which something changed; until a later assessment that reviews it is signed, or somebody says that
// none is needed.
#ifndef MARAC_DOMAIN_REVIEW_H_
#define MARAC_DOMAIN_REVIEW_H_

#include <optional>

#include "absl/status/statusor.h"
#include "domain/assessment.h"
#include "domain/catalogue.h"
#include "domain/local_date.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/assessment_service.pb.h"

namespace marac::domain {

// What a new assessment takes from the one that it reviews, where the request does not say otherwise: who it
// is about, and what that person needs to understand and be understood; no answer (D-07). INVALID_ARGUMENT:
// it cannot be reviewed, or the purpose is another.
absl::StatusOr<v1::StartAssessmentRequest> AsReviewOf(const v1::Assessment& earlier,
                                                      v1::StartAssessmentRequest request);

// Says by when one that was just signed is to be taken anew. What was decided about that stands.
void AwaitReview(v1::Assessment& assessment, const v1::Policy& policy);

// A change of the policy's in the person's life, since the day that it is about: due from the change's day
// on. INVALID_ARGUMENT names what is wrong; FAILED_PRECONDITION, WRONG_STATE: it was never signed.
absl::StatusOr<v1::Assessment> RecordChange(v1::Assessment assessment, const Form& form,
                                            const v1::RecordChangeRequest& request, const Act& act);

// No review is needed. INVALID_ARGUMENT: no reason; FAILED_PRECONDITION, NOT_WAITING: none is awaited.
absl::StatusOr<v1::Assessment> EndReview(v1::Assessment assessment, const v1::EndReviewRequest& request,
                                         const Act& act);

// A later one that reviews it, begun at `begun`, was signed. What was recorded after that is in nobody's
// answers, and awaits another. As it was, when none is awaited.
v1::Assessment AsReviewed(v1::Assessment assessment, absl::Time begun, const Act& act);

// The later one that ended its waiting should never have been (D-04): it is awaited again, from its policy's
// day or the earliest change. As it was, when nothing reviewed it.
v1::Assessment AsNotReviewed(v1::Assessment assessment, const v1::Policy& policy);

// The day by which it is to be taken anew; none where that is not awaited.
std::optional<LocalDate> ReviewDue(const v1::Assessment& assessment);
// Says whether that day is over.
void DeriveOverdue(v1::Assessment& assessment, LocalDate today);
// Says that, and what can be recorded as a change.
void DeriveReview(v1::Assessment& assessment, const v1::Policy& policy, LocalDate today);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_REVIEW_H_
