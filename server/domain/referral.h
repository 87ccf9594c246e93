// The life of a referral up to triage: saving, the grounds, submitting, withdrawing.
#ifndef MARAC_DOMAIN_REFERRAL_H_
#define MARAC_DOMAIN_REFERRAL_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/local_date.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"
#include "marac/v1/policy.pb.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"

namespace marac::domain {

// Who saves a draft.
struct Author {
  std::string account;
  std::string agency;
  // May enter what came by post, telephone or email for somebody else.
  bool coordinator = false;
};

// The referral to keep: `sent` with what is the server's own taken from `before` (null: a new draft, whose
// name `sent` has already). Hidden characters are dropped, parties get their ids, the author's own agency and
// route are filled in. Saving is never blocked by what is missing; only by what cannot be: a value no record
// can hold, a day in the future, an entry on behalf by somebody else than a coordinator (PERMISSION_DENIED),
// a state that is over. An urgent referral that waits for triage is still completed by its author.
absl::StatusOr<v1::Referral> TakeDraft(v1::Referral sent, const v1::Referral* before, const Author& author,
                                       const v1::AreaSettings& settings, absl::Time now);

// The numbers of the fields of a referral that its author writes.
std::span<const int> AuthorsFields();

// Checks what people typed into a referral, and writes it as it is kept: no value that no record can hold, no
// day in the future, no NHS number that is none, a source from the area's list.
absl::Status TakeValues(v1::Referral& referral, const v1::AreaSettings& settings, absl::Time now);

// What the server works out about a referral, and does not store anywhere else.
struct ReferralFacts {
  // Linked to it.
  std::span<const v1::Assessment> assessments;
  // Null: nobody gave one.
  const v1::SafeContact* safe_contact = nullptr;
  const v1::AreaSettings& settings;
  // The area's: its numbers are those of; what it leaves out has the documented default.
  const v1::Policy& policy;
  absl::Time now;
};

// The day that age and escalation are counted on: of receipt, before it today.
LocalDate ReferralDay(const v1::Referral& referral, absl::Time now);

// Works out the grounds, the age and what is missing.
v1::Referral Refresh(v1::Referral referral, const ReferralFacts& facts);

// One on which triage has decided, with what rests on its assessments as it is in `refreshed`; what was
// decided upon otherwise stays as it was.
v1::Referral WithFindings(v1::Referral decided, v1::Referral refreshed);

// FAILED_PRECONDITION "NOT_COMPLETE" naming every field that keeps this referral from being with MARAC: of an
// ordinary one each mandatory field, of an urgent one its four.
absl::Status CheckComplete(const v1::Referral& referral, const ReferralFacts& facts);

// DRAFT or RETURNED -> SUBMITTED. FAILED_PRECONDITION "NOT_COMPLETE" names every mandatory field that is
// untouched. Neither a low score nor a missing ground refuses it, nor that the victim is too young: triage
// sees both. `meetings` are those of the area's calendar.
absl::StatusOr<v1::Referral> Submit(v1::Referral referral, const ReferralFacts& facts,
                                    std::span<const v1::Meeting> meetings);

// The first meeting still to be held for whose cut-off `received` is in time; empty when there is
// none.
std::string FirstMeetingInTime(std::span<const v1::Meeting> meetings, absl::Time received, absl::Time now);

// DRAFT, SUBMITTED or RETURNED -> WITHDRAWN, with a reason.
absl::StatusOr<v1::Referral> Withdraw(v1::Referral referral, const std::string& reasons,
                                      const std::string& account, absl::Time now);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_REFERRAL_H_
