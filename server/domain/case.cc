#include "domain/case.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/protected_parts.h"
#include "domain/text.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

absl::Status CheckContact(const v1::Case& record) {
  if (MayContact(record.protected_details())) return absl::OkStatus();
  return WrongState(
      "DO_NOT_CONTACT",
      "no safe way to reach the victim is recorded: record first how it is safe, or that it is not");
}

absl::Status CheckOpen(const v1::Case& record) {
  if (record.stage() != v1::CASE_STAGE_CLOSED) return absl::OkStatus();
  return WrongState("CASE_CLOSED", "this case is closed; new abuse is a new referral");
}

absl::Status CheckNoOpenActions(int open_actions) {
  if (open_actions == 0) return absl::OkStatus();
  return WrongState("ACTIONS_OPEN",
                    fmt::format("actions of this case are still open ({}): report them first", open_actions));
}

v1::VictimUpdate UpdateBy(bool told, const std::string& text, const Decision& decision) {
  v1::VictimUpdate update;
  update.set_told(told);
  update.set_text(WithoutHiddenCharacters(text));
  update.set_account(decision.account);
  *update.mutable_time() = ToTimestamp(decision.now);
  return update;
}

v1::Closure ClosureBy(const std::string& reason, const Decision& decision) {
  v1::Closure closure;
  *closure.mutable_time() = ToTimestamp(decision.now);
  closure.set_account(decision.account);
  closure.set_reason(WithoutHiddenCharacters(reason));
  return closure;
}

// Whether a state says that somebody has tried to reach the victim.
bool WasTried(v1::VictimContactState state) {
  switch (state) {
    case v1::VICTIM_CONTACT_STATE_ATTEMPTED:
    case v1::VICTIM_CONTACT_STATE_ENGAGING:
    case v1::VICTIM_CONTACT_STATE_DECLINED:
      return true;
    case v1::VICTIM_CONTACT_STATE_NOT_ATTEMPTED:
    case v1::VICTIM_CONTACT_STATE_UNSAFE:
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<v1::Case> RecordVictimContact(v1::Case record, v1::VictimContactState state,
                                             const std::string& note, const Decision& decision) {
  RETURN_IF_ERROR(CheckOpen(record));
  if (state == v1::VICTIM_CONTACT_STATE_UNSPECIFIED || !v1::VictimContactState_IsValid(state)) {
    return InvalidField("state", "say where contact with the victim stands");
  }
  // Every state but the ordinary path needs a reason (marac.md 2).
  const bool needs_note =
      state == v1::VICTIM_CONTACT_STATE_UNSAFE || state == v1::VICTIM_CONTACT_STATE_DECLINED;
  if (needs_note && IsBlank(note)) return InvalidField("note", "say why");
  if (WasTried(state)) RETURN_IF_ERROR(CheckContact(record));
  v1::VictimContact contact;
  contact.set_state(state);
  *contact.mutable_time() = ToTimestamp(decision.now);
  contact.set_account(decision.account);
  contact.set_note(WithoutHiddenCharacters(note));
  *record.mutable_victim_contact() = contact;
  return record;
}

absl::StatusOr<v1::Case> RecordVictimUpdate(v1::Case record, bool told, const std::string& text,
                                            const Decision& decision) {
  RETURN_IF_ERROR(CheckOpen(record));
  if (record.stage() != v1::CASE_STAGE_HEARD) {
    return WrongState("NOT_HEARD", "this case was not heard yet: there is nothing to tell");
  }
  if (IsBlank(text))
    return InvalidField("text", told ? "say how the victim was told" : "say why telling is unsafe");
  if (told) RETURN_IF_ERROR(CheckContact(record));
  *record.mutable_victim_update() = UpdateBy(told, text, decision);
  return record;
}

absl::StatusOr<v1::Case> CloseCase(v1::Case record, const std::string& reason, int open_actions,
                                   const Decision& decision) {
  RETURN_IF_ERROR(CheckOpen(record));
  if (record.stage() != v1::CASE_STAGE_HEARD) {
    return WrongState("NOT_HEARD",
                      "this case was not heard yet; if it never will be, say on which ground it is closed");
  }
  if (IsBlank(reason)) return InvalidField("reason", "say why it is closed");
  if (!record.has_victim_update()) {
    return WrongState("VICTIM_NOT_UPDATED",
                      "record first that the victim was told, and how, or why that is unsafe");
  }
  RETURN_IF_ERROR(CheckNoOpenActions(open_actions));
  record.set_stage(v1::CASE_STAGE_CLOSED);
  *record.mutable_closure() = ClosureBy(reason, decision);
  return record;
}

absl::StatusOr<v1::Case> CloseUnheard(v1::Case record, const UnheardClose& close, int open_actions,
                                      std::vector<v1::AgendaItem>& items, const Decision& decision) {
  RETURN_IF_ERROR(CheckOpen(record));
  if (record.stage() != v1::CASE_STAGE_ACCEPTED && record.stage() != v1::CASE_STAGE_LISTED) {
    return WrongState("HEARD", "this case was heard: close it without a ground, when the victim was told");
  }
  if (std::ranges::count(items, v1::AGENDA_ITEM_STATE_OPEN, &v1::AgendaItem::state) > 0) {
    return WrongState("BEING_HEARD", "this case is being discussed at this moment: finish or defer it first");
  }
  FieldErrors errors;
  errors.Require(v1::CloseGround_IsValid(close.ground) && close.ground != v1::CLOSE_GROUND_UNSPECIFIED,
                 "ground", "say why this case never will be heard");
  errors.Require(!IsBlank(close.reason), "reason", "say why it is closed");
  errors.Require(!IsBlank(close.victim_update), "victim_update",
                 close.told ? "say how the victim was told that it is closed"
                            : "say how the victim was told that it is closed, or why telling is unsafe");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (close.told) RETURN_IF_ERROR(CheckContact(record));
  RETURN_IF_ERROR(CheckNoOpenActions(open_actions));
  record.set_stage(v1::CASE_STAGE_CLOSED);
  record.clear_meeting();
  *record.mutable_victim_update() = UpdateBy(close.told, close.victim_update, decision);
  *record.mutable_closure() = ClosureBy(close.reason, decision);
  record.mutable_closure()->set_ground(close.ground);
  std::erase_if(items, [](const v1::AgendaItem& item) {
    return item.state() != v1::AGENDA_ITEM_STATE_PROPOSED && item.state() != v1::AGENDA_ITEM_STATE_LISTED;
  });
  for (v1::AgendaItem& item : items) {
    item.set_state(v1::AGENDA_ITEM_STATE_WITHDRAWN);
    item.set_state_reason("Closed without having been heard: " + record.closure().reason());
    *item.mutable_close_time() = ToTimestamp(decision.now);
  }
  return record;
}

bool RevealsAtOnce(v1::ProtectedKind kind, bool first_line, bool own_draft) {
  return own_draft || (kind == v1::PROTECTED_KIND_SAFE_CONTACT && first_line);
}

absl::Status CheckRevealReason(const std::string& reason) {
  return IsBlank(reason) ? InvalidField("reason", "say why you need it: this is recorded") : absl::OkStatus();
}

}  // namespace marac::domain
