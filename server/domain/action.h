// Actions: offered by agencies and accepted by a person, never assigned (marac.md 4.5, 8).
#ifndef MARAC_DOMAIN_ACTION_H_
#define MARAC_DOMAIN_ACTION_H_

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/working_days.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/action_service.pb.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"

namespace marac::domain {

// What is done to an action.
enum class ActionVerb { kAccept, kRefuse, kReport, kExtend };

// FAILED_PRECONDITION "WRONG_STATE", with what state it would need, unless an action in this state takes it.
absl::Status CheckActionState(v1::ActionState state, ActionVerb verb);

// Not done, or not possible any more: reported, and not as complete.
bool IsGivenUp(const v1::Action& action);

// What a new action is checked against.
struct ActionContext {
  const v1::AgendaItem& item;
  // The item's.
  const v1::Case& record;
  // The item's, with who was there.
  const v1::Meeting& meeting;
  std::string_view area;
  const v1::AreaSettings& settings;
  const WorkingDays& working_days;
  const v1::Agency& agency;
  // The account in `accepted_by`, when one is given.
  std::optional<v1::Account> acceptor;
  absl::Time now;
};

// OPEN when somebody of the agency accepted it, else PROPOSED to an agency that is not in the room. The item
// must be OPEN or HEARD, and its case not closed: a closed case has no open actions. INVALID_ARGUMENT names
// each field that is wrong: a blank text, a kind the area does not have, an agency that is no member, an
// acceptor of another agency or of one that was not present at the meeting, a due moment that is not in the
// future or lies beyond the known bank holidays.
absl::StatusOr<v1::Action> CreateAction(const v1::CreateActionRequest& request, const ActionContext& context);

// PROPOSED -> OPEN, accepted by `account` for `agency`, which must be the one that was asked: nobody accepts
// for another agency (PERMISSION_DENIED).
absl::StatusOr<v1::Action> AcceptAction(v1::Action action, std::string_view account, std::string_view agency);

// PROPOSED -> REFUSED by the agency that was asked, with a reason.
absl::StatusOr<v1::Action> RefuseAction(v1::Action action, std::string_view agency, std::string_view reason);

// OPEN -> COMPLETE, NOT_POSSIBLE (circumstances changed) or NOT_DONE (the agency did not do it), with what
// was done or why not, and an outcome from the kind's list or none.
absl::StatusOr<v1::Action> ReportAction(v1::Action action, const v1::ReportActionRequest& request,
                                        const v1::AreaSettings& settings, std::string_view account,
                                        absl::Time now);

// Moves the due moment of an OPEN action to a later one, and keeps the one before, who agreed and why.
absl::StatusOr<v1::Action> ExtendAction(v1::Action action, const v1::ExtendActionRequest& request,
                                        const v1::AreaSettings& settings, const WorkingDays& working_days,
                                        absl::Time now);

// Sets `overdue` and `overdue_step` as they are now. Neither is ever stored. `meetings_since_due`
// counts the meetings closed after the due moment. Beyond the known bank holidays, which CreateAction and
// ExtendAction refuse, the steps that need none are still right.
void DeriveOverdue(v1::Action& action, int meetings_since_due, const v1::AreaSettings& settings,
                   const WorkingDays& working_days, absl::Time now);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ACTION_H_
