// A case after its acceptance: contact with the victim, what the victim was told, and its end.
#ifndef MARAC_DOMAIN_CASE_H_
#define MARAC_DOMAIN_CASE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/triage.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/meeting.pb.h"
#include "marac/v1/protected_detail.pb.h"

namespace marac::domain {

// FAILED_PRECONDITION "DO_NOT_CONTACT" when the record says that a contact was tried although safe contact is
// absent or says not to; also once the case is closed.
absl::StatusOr<v1::Case> RecordVictimContact(v1::Case record, v1::VictimContactState state,
                                             const std::string& note, const Decision& decision);

// That the victim was told what came of the meeting and how, or why that is unsafe. Only of a case
// that was heard; telling is a contact.
absl::StatusOr<v1::Case> RecordVictimUpdate(v1::Case record, bool told, const std::string& text,
                                            const Decision& decision);

// HEARD -> CLOSED, with a reason. FAILED_PRECONDITION: the victim was not updated, or `open_actions`
// are left.
absl::StatusOr<v1::Case> CloseCase(v1::Case record, const std::string& reason, int open_actions,
                                   const Decision& decision);

// What is said of a case that will never be heard.
struct UnheardClose {
  v1::CloseGround ground;
  const std::string& reason;
  // That the victim was told that it is closed, and how, or why that is unsafe.
  bool told;
  const std::string& victim_update;
};

// ACCEPTED or LISTED -> CLOSED. `items` are those of the case on any agenda; those that still stood there are
// left in it, and are WITHDRAWN with the reason for the chair to see. FAILED_PRECONDITION: the case is being
// discussed; `open_actions` are left; the victim is said to have been told and no safe contact allows it
// . INVALID_ARGUMENT: no ground, no reason, or not how the victim was told.
absl::StatusOr<v1::Case> CloseUnheard(v1::Case record, const UnheardClose& close, int open_actions,
                                      std::vector<v1::AgendaItem>& items, const Decision& decision);

// Whether a detail of this kind is shown without a reason and without proving oneself anew (decisions 15):
// safe contact to `first_line`, the case's IDVA or the coordinator, and to the author of a draft whatever
// they wrote.
bool RevealsAtOnce(v1::ProtectedKind kind, bool first_line, bool own_draft);

// INVALID_ARGUMENT unless a reason is given.
absl::Status CheckRevealReason(const std::string& reason);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CASE_H_
