#include "domain/opening.h"

#include <algorithm>

#include "base/status_macros.h"
#include "domain/action.h"
#include "domain/flags.h"
#include "domain/meeting.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

bool FlagLastsUntil(const v1::Case& record, LocalDate day) {
  const auto last = LocalDate::FromDay(record.flag_last_day(), "flag_last_day");
  return last.ok() && *last >= day;
}

v1::Party NameOnly(const v1::Party& party) {
  v1::Party shown;
  if (party.has_name()) *shown.mutable_name() = party.name();
  if (party.has_description()) *shown.mutable_description() = party.description();
  return shown;
}

}  // namespace

absl::StatusOr<LookBack> LookBackOf(const v1::Meeting& meeting, const std::vector<v1::Meeting>& calendar,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(const LocalDate day, LocalDate::FromDay(meeting.day(), "meeting.day"));
  LookBack back{.to = FromTimestamp(meeting.start_time()), .from_day = std::nullopt, .to_day = day};
  for (const v1::Meeting& other : calendar) {
    const absl::Time start = FromTimestamp(other.start_time());
    const bool not_held = start <= now && CheckMeetingState(other.state(), MeetingVerb::kMove).ok();
    if (start >= back.to || start <= back.from || not_held) continue;
    back.from = start;
    ASSIGN_OR_RETURN(back.from_day, LocalDate::FromDay(other.day(), "calendar.day"));
  }
  return back;
}

bool IsForOpening(const v1::Action& action, const LookBack& back) {
  if (FromTimestamp(action.create_time()) >= back.to) return false;
  if (IsGivenUp(action)) {
    const absl::Time reported = FromTimestamp(action.report().time());
    return reported >= back.from && reported < back.to;
  }
  return action.state() == v1::ACTION_STATE_PROPOSED || action.state() == v1::ACTION_STATE_OPEN;
}

FlagAtOpening FlagAt(const v1::Case& record, const std::vector<v1::Case>& related, const LookBack& back) {
  const auto last = LocalDate::FromDay(record.flag_last_day(), "flag_last_day");
  if (!last.ok() || !OnTwelveMonthList(*last, back.from_day.value_or(*last), back.to_day))
    return FlagAtOpening::kNone;
  const auto renews = [&](const v1::Case& other) { return FlagLastsUntil(other, back.to_day); };
  const auto waits = [](const v1::Case& other) {
    return other.stage() == v1::CASE_STAGE_ACCEPTED || other.stage() == v1::CASE_STAGE_LISTED;
  };
  if (std::ranges::any_of(related, renews)) return FlagAtOpening::kNone;
  return std::ranges::any_of(related, waits) ? FlagAtOpening::kToBeRenewed : FlagAtOpening::kLapsed;
}

bool IsEmergencyForOpening(const v1::AgendaItem& item, const LookBack& back) {
  const absl::Time heard = FromTimestamp(item.close_time());
  return item.state() == v1::AGENDA_ITEM_STATE_HEARD && heard >= back.from && heard < back.to;
}

bool AwaitsVictimUpdate(const v1::Case& record, const LookBack& back) {
  const auto heard = LocalDate::FromDay(record.last_heard_day(), "last_heard_day");
  return record.stage() == v1::CASE_STAGE_HEARD && !record.has_victim_update() && heard.ok() &&
         *heard < back.to_day;
}

v1::Case ForOpening(const v1::Case& record) {
  v1::Case shown;
  shown.set_name(record.name());
  shown.set_case_number(record.case_number());
  shown.set_stage(record.stage());
  *shown.mutable_victim() = NameOnly(record.victim());
  if (record.has_last_heard_day()) *shown.mutable_last_heard_day() = record.last_heard_day();
  if (record.has_flag_last_day()) *shown.mutable_flag_last_day() = record.flag_last_day();
  return shown;
}

v1::AgendaItem ForOpening(const v1::AgendaItem& item) {
  v1::AgendaItem shown;
  shown.set_name(item.name());
  shown.set_state(item.state());
  shown.set_case_name(item.case_name());
  shown.set_case_number(item.case_number());
  *shown.mutable_victim() = NameOnly(item.victim());
  *shown.mutable_close_time() = item.close_time();
  return shown;
}

}  // namespace marac::domain
