// What a coordinator decides about a referral, and the case that comes of it.
#ifndef MARAC_DOMAIN_TRIAGE_H_
#define MARAC_DOMAIN_TRIAGE_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/policy.pb.h"
#include "marac/v1/referral.pb.h"
#include "marac/v1/support.pb.h"

namespace marac::domain {

// Who decides, and when.
struct Decision {
  std::string account;
  absl::Time now;
};

// SUBMITTED -> RETURNED. INVALID_ARGUMENT without reasons. The time of receipt stays.
absl::StatusOr<v1::Referral> Return(v1::Referral referral, const std::string& reasons,
                                    const std::vector<std::string>& fields, const Decision& decision);

// Where a declined referrer can turn instead: words, a service of the directory, or both.
struct Signpost {
  std::string words;
  const v1::SupportService* service = nullptr;  // null: none is named
};

// SUBMITTED -> DECLINED. INVALID_ARGUMENT without reasons or without a signpost: nobody is sent away into
// nothing, nor to a service that was retired or is another area's. A victim under age is declined so, to
// children's safeguarding, and the record is kept.
absl::StatusOr<v1::Referral> Decline(v1::Referral referral, const std::string& reasons,
                                     const Signpost& signpost, const Decision& decision);

// SUBMITTED -> DUPLICATE of `other`, which waits for triage and shows from then on what is known of safe
// contact, so that nobody is called against it. The two stay apart until `other` is accepted.
// FAILED_PRECONDITION: `other` does not wait for triage; `referral` holds duplicates itself; the roles are
// reversed; `unresolved_exclusions`, entries of `referral` that nobody has answered, are not empty,
// each named: whoever sent the other may be whom this one must not reach.
struct Duplicate {
  v1::Referral referral;
  v1::Referral other;
};
absl::StatusOr<Duplicate> MarkDuplicate(v1::Referral referral, v1::Referral other,
                                        const std::vector<std::string>& unresolved_exclusions,
                                        const Decision& decision);

// DUPLICATE -> SUBMITTED: what it waited with was sent back, declined or withdrawn, and it waits for itself
// again.
v1::Referral WaitsAgain(v1::Referral duplicate);

// What an acceptance rests on.
struct Acceptance {
  Decision decision;
  // Required where no ground or age rule holds.
  std::string admit_reason = {};
  // The earlier case of the same pair, confirmed by a person; null: none.
  const v1::Case* repeat_of = nullptr;
  // The latest incident of the referral that anchors `repeat_of`.
  v1::DayAnswer anchor_incident = {};
  // Entries of the excluded people that nobody has answered, by name.
  std::vector<std::string> unresolved_exclusions = {};
  const v1::Policy& policy;
};

// A new case with this name and number. FAILED_PRECONDITION: the referral is not SUBMITTED; it needs an
// admit_reason; `repeat_of` is no repeat by the anchor that counts here, or has the roles reversed.
absl::StatusOr<v1::Case> NewCase(const v1::Referral& referral, const std::string& name,
                                 const std::string& case_number, const Acceptance& acceptance);

// The case with this referral as a further source: people it did not have are added, what it had stays
// as stated first, the highest score counts, and a timely case does not become late. FAILED_PRECONDITION: the
// case was heard or closed, or has the roles reversed; somebody who must not receive the referral is
// not answered, each named. INVALID_ARGUMENT: it cannot both join a case and be a repeat.
absl::StatusOr<v1::Case> JoinCase(v1::Case record, const v1::Referral& referral,
                                  const Acceptance& acceptance);

// The case with a duplicate of its referral as a further source, as JoinCase adds one.
v1::Case WithDuplicate(v1::Case record, const v1::Referral& duplicate);
// The case with what rests on the assessments of its `referrals`, which are all of them, as they are now.
v1::Case WithFindingsOf(v1::Case record, std::span<const v1::Referral> referrals);

// SUBMITTED -> ACCEPTED, into this case.
v1::Referral Accepted(v1::Referral referral, const std::string& case_name, const Acceptance& acceptance);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TRIAGE_H_
