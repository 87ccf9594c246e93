#include "domain/action.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "domain/area_settings.h"
#include "domain/errors.h"
#include "domain/meeting.h"
#include "domain/overdue.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kExtensionsMax = 50;

bool Takes(v1::ActionState state, ActionVerb verb) {
  using enum ActionVerb;
  switch (state) {
    case v1::ACTION_STATE_PROPOSED:
      return verb == kAccept || verb == kRefuse;
    case v1::ACTION_STATE_OPEN:
      return verb == kReport || verb == kExtend;
    case v1::ACTION_STATE_REFUSED:
    case v1::ACTION_STATE_COMPLETE:
    case v1::ACTION_STATE_NOT_POSSIBLE:
    case v1::ACTION_STATE_NOT_DONE:
    default:
      break;
  }
  return false;
}

std::string_view Needs(ActionVerb verb) {
  switch (verb) {
    case ActionVerb::kAccept:
    case ActionVerb::kRefuse:
      return "only an action that is proposed to your agency, and not answered, can be accepted or refused";
    case ActionVerb::kReport:
      return "only an open action can be reported on: a proposed one is accepted first, a reported one is "
             "done with";
    case ActionVerb::kExtend:
      break;
  }
  return "only an open action can be given more time";
}

absl::Status CheckAsked(const v1::Action& action, std::string_view agency) {
  if (action.agency() == agency) return absl::OkStatus();
  return absl::PermissionDeniedError(
      "this action is proposed to another agency: only its own people answer for it");
}

// In the future, and where the days of the ladder can be reckoned.
void CheckDue(FieldErrors& errors, absl::Time due, const v1::AreaSettings& settings,
              const WorkingDays& working_days, absl::Time now) {
  if (due <= now) {
    errors.Add("due_time", "give a moment in the future");
  } else if (!LadderDatesOf(due, LadderOf(settings), working_days).ok()) {
    errors.Add("due_time", "bank holidays are not known that far ahead; give an earlier moment");
  }
}

v1::OverdueStep ToProto(LadderStep step) {
  switch (step) {
    case LadderStep::kNone:
      return v1::OVERDUE_STEP_UNSPECIFIED;
    case LadderStep::kReminder:
      return v1::OVERDUE_STEP_REMINDER;
    case LadderStep::kOwner:
      return v1::OVERDUE_STEP_OWNER;
    case LadderStep::kManager:
      return v1::OVERDUE_STEP_MANAGER;
    case LadderStep::kNextMeeting:
      return v1::OVERDUE_STEP_NEXT_MEETING;
    case LadderStep::kSteeringGroup:
      break;
  }
  return v1::OVERDUE_STEP_STEERING_GROUP;
}

}  // namespace

absl::Status CheckActionState(v1::ActionState state, ActionVerb verb) {
  if (Takes(state, verb)) return absl::OkStatus();
  return WrongState("WRONG_STATE", Needs(verb));
}

bool IsGivenUp(const v1::Action& action) {
  return action.state() == v1::ACTION_STATE_NOT_POSSIBLE || action.state() == v1::ACTION_STATE_NOT_DONE;
}

absl::StatusOr<v1::Action> CreateAction(const v1::CreateActionRequest& request,
                                        const ActionContext& context) {
  if (context.item.state() != v1::AGENDA_ITEM_STATE_OPEN &&
      context.item.state() != v1::AGENDA_ITEM_STATE_HEARD) {
    return WrongState("WRONG_STATE",
                      "actions are agreed while a case is heard or after it: open the case first");
  }
  if (context.record.stage() == v1::CASE_STAGE_CLOSED) {
    return WrongState(
        "CASE_CLOSED",
        "this case is closed, so no action is agreed for it any more: new abuse is a new referral");
  }
  FieldErrors errors;
  RequireText(errors, "text", request.text(), kTextBytesMax,
              "say what will be done, so that anybody can tell later whether it was");
  errors.Require(FindActionKind(context.settings, request.kind()) != nullptr, "kind",
                 "give a kind from the area's list");
  errors.Require(std::ranges::count(context.agency.areas(), context.area) > 0, "agency",
                 "this agency is not a member of the area");
  if (context.acceptor) {
    errors.Require(
        context.acceptor->agency() == request.agency() && !context.acceptor->suspended(), "accepted_by",
        "give somebody who works for the agency, or leave it empty to propose the action to the agency");
    errors.Require(IsPresent(context.meeting, request.agency()), "accepted_by",
                   "nobody of this agency is recorded as present, so nobody accepts for it: record who is "
                   "there, or leave it empty to propose the action to the agency");
  }
  CheckDue(errors, FromTimestamp(request.due_time()), context.settings, context.working_days, context.now);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  v1::Action action;
  action.set_state(context.acceptor ? v1::ACTION_STATE_OPEN : v1::ACTION_STATE_PROPOSED);
  action.set_case_name(context.item.case_name());
  action.set_case_number(context.item.case_number());
  action.set_agenda_item(context.item.name());
  action.set_text(request.text());
  action.set_kind(request.kind());
  action.set_agency(request.agency());
  if (context.acceptor) action.set_accepted_by(context.acceptor->name());
  *action.mutable_due_time() = request.due_time();
  *action.mutable_create_time() = ToTimestamp(context.now);
  return action;
}

absl::StatusOr<v1::Action> AcceptAction(v1::Action action, std::string_view account,
                                        std::string_view agency) {
  RETURN_IF_ERROR(CheckAsked(action, agency));
  RETURN_IF_ERROR(CheckActionState(action.state(), ActionVerb::kAccept));
  action.set_state(v1::ACTION_STATE_OPEN);
  action.set_accepted_by(std::string(account));
  return action;
}

absl::StatusOr<v1::Action> RefuseAction(v1::Action action, std::string_view agency, std::string_view reason) {
  RETURN_IF_ERROR(CheckAsked(action, agency));
  RETURN_IF_ERROR(CheckActionState(action.state(), ActionVerb::kRefuse));
  FieldErrors errors;
  RequireText(errors, "reason", reason, kTextBytesMax, "say why your agency does not take this on");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  action.set_state(v1::ACTION_STATE_REFUSED);
  action.set_refusal_reason(std::string(reason));
  return action;
}

absl::StatusOr<v1::Action> ReportAction(v1::Action action, const v1::ReportActionRequest& request,
                                        const v1::AreaSettings& settings, std::string_view account,
                                        absl::Time now) {
  RETURN_IF_ERROR(CheckActionState(action.state(), ActionVerb::kReport));
  FieldErrors errors;
  switch (request.state()) {
    case v1::ACTION_STATE_COMPLETE:
    case v1::ACTION_STATE_NOT_POSSIBLE:
    case v1::ACTION_STATE_NOT_DONE:
      break;
    default:
      errors.Add("state",
                 "say that it is complete, that circumstances made it not possible, or that it was not done");
  }
  RequireText(errors, "text", request.text(), kTextBytesMax, "say what was done, or why not");
  LimitText(errors, "evidence_reference", request.evidence_reference(), kLineBytesMax);
  const v1::ActionKind* kind = FindActionKind(settings, action.kind());
  errors.Require(request.outcome().empty() ||
                     (kind != nullptr && std::ranges::count(kind->outcomes(), request.outcome()) > 0),
                 "outcome", "give one of the outcomes of this kind of action, or none");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  action.set_state(request.state());
  v1::ActionReport& report = *action.mutable_report();
  *report.mutable_time() = ToTimestamp(now);
  report.set_account(std::string(account));
  report.set_text(request.text());
  report.set_evidence_reference(request.evidence_reference());
  report.set_outcome(request.outcome());
  return action;
}

absl::StatusOr<v1::Action> ExtendAction(v1::Action action, const v1::ExtendActionRequest& request,
                                        const v1::AreaSettings& settings, const WorkingDays& working_days,
                                        absl::Time now) {
  RETURN_IF_ERROR(CheckActionState(action.state(), ActionVerb::kExtend));
  const absl::Time due = FromTimestamp(request.due_time());
  FieldErrors errors;
  if (due <= FromTimestamp(action.due_time())) {
    errors.Add("due_time", "give a moment later than the present one");
  } else {
    CheckDue(errors, due, settings, working_days, now);
  }
  RequireText(errors, "agreed_by", request.agreed_by(), kLineBytesMax, "say who agreed to more time");
  RequireText(errors, "reason", request.reason(), kTextBytesMax, "say why more time is needed");
  errors.Require(action.extensions_size() < kExtensionsMax, "due_time",
                 "this action was extended too often; report on it, and agree another");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  v1::Extension& extension = *action.add_extensions();
  *extension.mutable_from_time() = action.due_time();
  *extension.mutable_to_time() = request.due_time();
  extension.set_agreed_by(request.agreed_by());
  extension.set_reason(request.reason());
  *action.mutable_due_time() = request.due_time();
  return action;
}

void DeriveOverdue(v1::Action& action, int meetings_since_due, const v1::AreaSettings& settings,
                   const WorkingDays& working_days, absl::Time now) {
  const bool open = action.state() == v1::ACTION_STATE_OPEN;
  const absl::Time due = FromTimestamp(action.due_time());
  action.set_overdue(IsOverdue(open, due, now));
  action.clear_overdue_step();
  if (!open) return;
  const absl::StatusOr<LadderStep> step =
      ReachedStep(due, now, meetings_since_due, LadderOf(settings), working_days);
  if (step.ok()) {
    action.set_overdue_step(ToProto(*step));
  } else if (action.overdue()) {
    action.set_overdue_step(v1::OVERDUE_STEP_OWNER);
  }
}

}  // namespace marac::domain
