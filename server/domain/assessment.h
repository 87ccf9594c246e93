// The life of an assessment (dash.md 4 and 9): DRAFT -> COMPLETED -> SIGNED -> COUNTERSIGNED, either of which
// -> AMENDED -> SIGNED, or DRAFT -> STOPPED; and any -> ENTERED_IN_ERROR. Facts go in, the changed record
// comes out; each result is scored under the pack and policy it was started with.
#ifndef MARAC_DOMAIN_ASSESSMENT_H_
#define MARAC_DOMAIN_ASSESSMENT_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/catalogue.h"
#include "domain/local_date.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/assessment_service.pb.h"
#include "marac/v1/directory.pb.h"

namespace marac::domain {

// Who does it, and when.
struct Act {
  std::string account;  // "accounts/{account}"
  absl::Time now;
};

// An assessment, and the events that made it what it is now; they are to be kept with it (D-02).
struct Answered {
  v1::Assessment assessment;
  std::vector<v1::Answer> events;
};

// A new DRAFT of `request` by `act.account` of `agency`. INVALID_ARGUMENT: a day in the future, or before the
// policy may be used; a protected address, which an assessment cannot keep apart.
absl::StatusOr<v1::Assessment> StartAssessment(const Form& form, const v1::StartAssessmentRequest& request,
                                               std::string_view name, std::string_view agency,
                                               const Act& act);

// Appends events to a DRAFT, all or none; a COMPLETED one becomes a DRAFT again, by its assessor only.
// ABORTED with current_seq when `expected_seq` is not the last one. INVALID_ARGUMENT names the answer: an
// item, probe or option that the pack has not, a code or detail that the item does not allow, a source other
// than the victim without saying which (D-01), an anchor in time of what did not happen, wording of another
// form.
absl::StatusOr<Answered> AppendAnswers(v1::Assessment assessment, const Form& form,
                                       const v1::AppendAnswersRequest& request, const Act& act);

// DRAFT -> COMPLETED, or with a stop reason DRAFT -> STOPPED. A judgement in the request replaces the one
// there was; a COMPLETED one may be given another judgement. FAILED_PRECONDITION names everything that is
// missing: items NOT_ASKED, a grade below the band where the policy allows none, text where it is needed (a
// tick, another grade than the band's, or a pack that is not supported: EQ-03).
absl::StatusOr<v1::Assessment> CompleteAssessment(v1::Assessment assessment, const Form& form,
                                                  const v1::CompleteAssessmentRequest& request,
                                                  const Act& act);

// COMPLETED or AMENDED -> SIGNED, by the assessor. `supervisor` is the account that `request` names, when it
// names one that exists. FAILED_PRECONDITION names everything that is missing: items, text, and what a high
// grade, a cluster or a grade below the band asks for (dash.md "Final grade").
absl::StatusOr<v1::Assessment> SignAssessment(v1::Assessment assessment, const Form& form,
                                              const v1::SignAssessmentRequest& request,
                                              const std::optional<v1::Account>& supervisor, const Act& act);
// The account that `request` names as supervisor, in either of its places; empty when it names none.
std::string SupervisorIn(const v1::SignAssessmentRequest& request);

// The supervisor for whose agreement a signed assessment waits: the one named for a grade below the band, or
// for there being no referral as long as there is none. Empty when it waits for nobody.
std::string AwaitedSupervisor(const v1::Assessment& assessment);

// SIGNED -> COUNTERSIGNED, or SIGNED -> AMENDED when it is sent back: the next edition, without the signature
// and without what was said about there being no referral, so that what the supervisor did not agree to stays
// to be read. `act.account` is a supervisor of the agency, which is the caller's to know.
// FAILED_PRECONDITION: the assessor's own, or it waits for nobody. INVALID_ARGUMENT: no decision, or no
// reason to send it back.
absl::StatusOr<v1::Assessment> CountersignAssessment(v1::Assessment assessment, const Form& form,
                                                     const v1::CountersignAssessmentRequest& request,
                                                     const Act& act);

// SIGNED, COUNTERSIGNED or AMENDED -> AMENDED: the next edition, for a reason; cancels the signature, and
// what was said about there being no referral (D-03).
absl::StatusOr<Answered> AmendAssessment(v1::Assessment assessment, const Form& form,
                                         const v1::AmendAssessmentRequest& request, const Act& act);

// Any state -> ENTERED_IN_ERROR, without a result and for good; by somebody else than the assessor where a
// supervisor agreed or is asked to, to this edition or one of the `earlier`. INVALID_ARGUMENT: no reason;
// FAILED_PRECONDITION, WRONG_STATE: it was said before; SUPERVISOR_SAYS_SO.
absl::StatusOr<v1::Assessment> MarkEnteredInError(v1::Assessment assessment,
                                                  const v1::MarkEnteredInErrorRequest& request,
                                                  std::span<const v1::Assessment> earlier, const Act& act);

// A submitted referral links it, in any state; an empty name takes the link away. What clusters ask for is
// looked at anew, and nothing else: this cannot fail, since nothing holds back a referral. The signature
// stands.
v1::Assessment WithReferral(v1::Assessment assessment, std::string_view referral);

// What answers would come to. INVALID_ARGUMENT as AppendAnswers, for the answers and the judgement.
absl::StatusOr<v1::AssessmentResult> PreviewScore(const Form& form, const v1::PreviewScoreRequest& request,
                                                  const Act& act);

// SHA-256, hex, of the canonical JSON of what is signed (D-03); what comes of it later, such as a referral,
// is no part of it.
std::string DigestOf(const v1::Assessment& assessment);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ASSESSMENT_H_
