#include "domain/case.h"

#include <fmt/format.h>

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
  v1::VictimUpdate update;
  update.set_told(told);
  update.set_text(WithoutHiddenCharacters(text));
  update.set_account(decision.account);
  *update.mutable_time() = ToTimestamp(decision.now);
  *record.mutable_victim_update() = update;
  return record;
}

absl::StatusOr<v1::Case> CloseCase(v1::Case record, const std::string& reason, int open_actions,
                                   const Decision& decision) {
  RETURN_IF_ERROR(CheckOpen(record));
  if (record.stage() != v1::CASE_STAGE_HEARD) {
    return WrongState("NOT_HEARD", "this case was not heard yet; it stays open until it is");
  }
  if (IsBlank(reason)) return InvalidField("reason", "say why it is closed");
  if (!record.has_victim_update()) {
    return WrongState("VICTIM_NOT_UPDATED",
                      "record first that the victim was told, and how, or why that is unsafe");
  }
  if (open_actions > 0) {
    return WrongState(
        "ACTIONS_OPEN",
        fmt::format("actions of this case are still open ({}): report them first", open_actions));
  }
  record.set_stage(v1::CASE_STAGE_CLOSED);
  v1::Closure closure;
  *closure.mutable_time() = ToTimestamp(decision.now);
  closure.set_account(decision.account);
  closure.set_reason(WithoutHiddenCharacters(reason));
  *record.mutable_closure() = closure;
  return record;
}

absl::Status CheckRevealReason(v1::ProtectedKind kind, bool first_line, bool own_draft,
                               const std::string& reason) {
  if (own_draft || (kind == v1::PROTECTED_KIND_SAFE_CONTACT && first_line) || !IsBlank(reason)) {
    return absl::OkStatus();
  }
  return InvalidField("reason", "say why you need it: this is recorded");
}

}  // namespace marac::domain
