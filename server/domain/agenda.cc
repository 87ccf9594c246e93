#include "domain/agenda.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/status_macros.h"
#include "domain/agenda_order.h"
#include "domain/area_settings.h"
#include "domain/capacity.h"
#include "domain/deadlines.h"
#include "domain/errors.h"
#include "domain/flags.h"
#include "domain/local_date.h"
#include "domain/meeting.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kInformationMax = 100;
constexpr std::string_view kElsewhere =
    "The case was listed elsewhere or closed before this agenda was circulated.";

bool Takes(v1::AgendaItemState state, ItemVerb verb) {
  using enum ItemVerb;
  switch (state) {
    case v1::AGENDA_ITEM_STATE_PROPOSED:
      return verb == kPlace || verb == kDefer;
    case v1::AGENDA_ITEM_STATE_LISTED:
      return verb == kPlace || verb == kOpen || verb == kDefer;
    case v1::AGENDA_ITEM_STATE_OPEN:
      return verb == kRecord || verb == kClose || verb == kDefer;
    case v1::AGENDA_ITEM_STATE_HEARD:
    case v1::AGENDA_ITEM_STATE_DEFERRED:
    case v1::AGENDA_ITEM_STATE_WITHDRAWN:
    default:
      break;
  }
  return false;
}

std::string_view Needs(ItemVerb verb) {
  switch (verb) {
    case ItemVerb::kPlace:
      return "this case is heard, deferred or taken off: only one that waits has a place";
    case ItemVerb::kOpen:
      return "this case is not waiting to be heard: only a case on the circulated agenda can be opened, once";
    case ItemVerb::kRecord:
      return "this case is not open: a discussion is recorded while its case is being heard";
    case ItemVerb::kClose:
      return "this case is not open: open it and record its discussion first";
    case ItemVerb::kDefer:
      break;
  }
  return "this case was heard, deferred or taken off already: it cannot be deferred";
}

// The case may still come onto an agenda: accepted, and none that was circulated has it.
bool IsUnlisted(const v1::Case& record) {
  return record.stage() == v1::CASE_STAGE_ACCEPTED && record.meeting().empty();
}

// What identifies a person to somebody who searches their own files, and no more.
v1::Party ForAgenda(const v1::Party& party) {
  v1::Party shown;
  shown.set_party_id(party.party_id());
  *shown.mutable_aliases() = party.aliases();
  if (party.has_name()) *shown.mutable_name() = party.name();
  if (party.has_description()) *shown.mutable_description() = party.description();
  if (party.has_birth_date()) *shown.mutable_birth_date() = party.birth_date();
  if (party.has_address()) *shown.mutable_address() = party.address();
  if (party.has_usual_home()) *shown.mutable_usual_home() = party.usual_home();
  if (party.has_school()) *shown.mutable_school() = party.school();
  if (party.has_relationship_to_victim()) {
    *shown.mutable_relationship_to_victim() = party.relationship_to_victim();
  }
  if (party.has_relationship_to_perpetrator()) {
    *shown.mutable_relationship_to_perpetrator() = party.relationship_to_perpetrator();
  }
  return shown;
}

void SetPeople(v1::AgendaItem& item, const v1::Case& record) {
  *item.mutable_victim() = ForAgenda(record.victim());
  item.clear_perpetrators();
  item.clear_children();
  for (const v1::Party& party : record.perpetrators()) *item.add_perpetrators() = ForAgenda(party);
  for (const v1::Party& party : record.children()) *item.add_children() = ForAgenda(party);
}

v1::AgendaItem MakeItem(const v1::Case& record) {
  v1::AgendaItem item;
  item.set_state(v1::AGENDA_ITEM_STATE_PROPOSED);
  item.set_case_name(record.name());
  item.set_case_number(record.case_number());
  item.set_kind(record.kind());
  SetPeople(item, record);
  if (!record.referring_agencies().empty()) item.set_referring_agency(record.referring_agencies(0));
  item.set_reason_line(record.reason_line());
  item.set_deferral_count(record.deferral_count());
  return item;
}

void Withdraw(v1::AgendaItem& item, std::string_view reason, absl::Time now) {
  item.set_state(v1::AGENDA_ITEM_STATE_WITHDRAWN);
  item.set_state_reason(std::string(reason));
  *item.mutable_close_time() = ToTimestamp(now);
}

AgendaEntry EntryOf(const v1::Case& record) {
  AgendaEntry entry;
  entry.has_children = !record.children().empty();
  entry.unborn_child = record.victim().pregnant() == v1::YES_NO_YES;
  entry.repeat = record.kind() == v1::CASE_KIND_REPEAT;
  if (record.has_score()) entry.score = record.score();
  return entry;
}

// Those on the agenda in the order of R-09, those taken off behind them, each with its place.
absl::StatusOr<std::vector<v1::AgendaItem>> InOrder(std::vector<v1::AgendaItem> items, const Cases& cases,
                                                    const v1::AreaSettings& settings) {
  auto received = [&](const v1::AgendaItem& item) {
    return std::pair(FromTimestamp(cases.at(item.case_name()).receive_time()), item.case_name());
  };
  std::ranges::sort(items, {}, received);
  const auto gone = std::stable_partition(items.begin(), items.end(), IsOnAgenda);
  // What was placed by hand stands in front, in that order; by rank, so that nobody can tell from the places
  // of others that a case which is hidden from them left the agenda.
  std::set<int64_t> placed;
  for (auto item = items.begin(); item != gone; ++item) {
    if (item->placed_by_hand()) placed.insert(item->order_key());
  }
  std::vector<AgendaEntry> entries;
  for (auto item = items.begin(); item != gone; ++item) {
    entries.push_back(EntryOf(cases.at(item->case_name())));
    if (!item->placed_by_hand()) continue;
    entries.back().manual_position =
        static_cast<int>(std::distance(placed.begin(), placed.find(item->order_key()))) + 1;
  }
  ASSIGN_OR_RETURN(const std::vector<size_t> order, ProposeOrder(entries, OrderOf(settings)));
  std::vector<v1::AgendaItem> ordered;
  for (const size_t index : order) ordered.push_back(std::move(items[index]));
  std::move(gone, items.end(), std::back_inserter(ordered));
  for (size_t i = 0; i < ordered.size(); ++i) ordered[i].set_order_key(static_cast<int64_t>(i) + 1);
  return ordered;
}

// What went out cannot be called back: nobody who must not receive the case may be unanswered.
void AddUnresolved(FieldErrors& unresolved, const v1::Case& record) {
  unresolved.Require(record.unresolved_exclusions() == 0, record.case_number(),
                     fmt::format("{} of the people who must not receive this case not yet answered: say for "
                                 "each whether they work here, or defer the case",
                                 record.unresolved_exclusions()));
}

// What this meeting has of the case, or has put off. What was taken off because the case was elsewhere is no
// more: where that one is not held after all, the case comes back.
const v1::AgendaItem* FindItem(const std::vector<v1::AgendaItem>& items, std::string_view case_name) {
  const auto found = std::ranges::find_if(items, [case_name](const v1::AgendaItem& item) {
    return item.case_name() == case_name && item.state() != v1::AGENDA_ITEM_STATE_WITHDRAWN;
  });
  return found == items.end() ? nullptr : &*found;
}

void LimitDiscussion(FieldErrors& errors, const v1::Discussion& discussion) {
  LimitText(errors, "discussion.presenter", discussion.presenter(), kLineBytesMax);
  LimitText(errors, "discussion.latest_incident", discussion.latest_incident(), kTextBytesMax);
  LimitText(errors, "discussion.victim_views", discussion.victim_views(), kTextBytesMax);
  LimitText(errors, "discussion.victim_views_source", discussion.victim_views_source(), kLineBytesMax);
  LimitText(errors, "discussion.risk_summary", discussion.risk_summary(), kTextBytesMax);
  LimitText(errors, "discussion.proportionality", discussion.proportionality(), kTextBytesMax);
  LimitText(errors, "discussion.victim_update_by", discussion.victim_update_by(), kLineBytesMax);
  LimitText(errors, "discussion.victim_update_method", discussion.victim_update_method(), kTextBytesMax);
  errors.Require(discussion.information_size() <= kInformationMax, "discussion.information",
                 fmt::format("give at most {} entries", kInformationMax));
  for (int i = 0; i < std::min(discussion.information_size(), kInformationMax); ++i) {
    LimitText(errors, fmt::format("discussion.information[{}].text", i), discussion.information(i).text(),
              kTextBytesMax);
  }
}

// What marac.md 4.4 wants before a case counts as heard.
absl::Status CheckDiscussionComplete(const v1::Discussion& discussion, bool consented) {
  FieldErrors errors;
  RequireText(errors, "discussion.presenter", discussion.presenter(), kLineBytesMax,
              "say who presented the case: agency and name");
  RequireText(errors, "discussion.latest_incident", discussion.latest_incident(), kTextBytesMax,
              "record the latest incident, or that none is known");
  RequireText(errors, "discussion.victim_views", discussion.victim_views(), kTextBytesMax,
              "record the victim's views and wishes, or why nobody could bring them");
  RequireText(errors, "discussion.victim_views_source", discussion.victim_views_source(), kLineBytesMax,
              "say who brought the victim's views");
  RequireText(errors, "discussion.risk_summary", discussion.risk_summary(), kTextBytesMax,
              "record the chair's summary of the risk: what harm, to whom, how soon");
  RequireText(errors, "discussion.victim_update_by", discussion.victim_update_by(), kLineBytesMax,
              "name the person who tells the victim what was decided");
  RequireText(errors, "discussion.victim_update_method", discussion.victim_update_method(), kTextBytesMax,
              "say by which safe way the victim is told");
  errors.Require(discussion.children_considered() != v1::YES_NO_UNSPECIFIED, "discussion.children_considered",
                 "say whether children were considered; no where there are none");
  if (!consented) {
    RequireText(errors, "discussion.proportionality", discussion.proportionality(), kTextBytesMax,
                "the victim did not say yes: record why sharing is proportionate");
  }
  for (int i = 0; i < discussion.information_size(); ++i) {
    const v1::AgencyInformation& information = discussion.information(i);
    const std::string field = fmt::format("discussion.information[{}]", i);
    errors.Require(!information.agency().empty(), field + ".agency", "say which agency told this");
    errors.Require(!IsBlank(information.text()), field + ".text",
                   "write what the agency told, or take it out");
    errors.Require(information.basis() != v1::INFORMATION_BASIS_UNSPECIFIED, field + ".basis",
                   "say whether this is fact or opinion");
  }
  return errors.ToFailedPrecondition("NOT_COMPLETE");
}

// DEFERRED -> LISTED, as if the case had not been put off.
absl::StatusOr<ItemAndCase> TakeBackDeferral(ItemAndCase deferred, const v1::Meeting& meeting, Stage stage,
                                             absl::Time now) {
  // What was never circulated is not open to those who would hear it.
  if (DateOf(FromTimestamp(deferred.item.close_time())) != DateOf(now) || !IsUnlisted(deferred.record) ||
      stage != Stage::kListed || deferred.record.unresolved_exclusions() > 0) {
    return WrongState(
        "WRONG_STATE",
        "this case was put off: it is opened after all only on the same day, when its agenda was "
        "circulated with it and no other agenda has taken it on");
  }
  deferred.item.set_state(v1::AGENDA_ITEM_STATE_LISTED);
  deferred.item.clear_state_reason();
  deferred.item.clear_safety_plan();
  deferred.item.clear_close_time();
  deferred.item = WithPeopleOf(deferred.record, std::move(deferred.item));
  deferred.record.set_stage(v1::CASE_STAGE_LISTED);
  deferred.record.set_meeting(meeting.name());
  deferred.record.set_deferral_count(deferred.record.deferral_count() - 1);
  return deferred;
}

}  // namespace

bool IsOnAgenda(const v1::AgendaItem& item) {
  return item.state() != v1::AGENDA_ITEM_STATE_DEFERRED && item.state() != v1::AGENDA_ITEM_STATE_WITHDRAWN;
}

absl::Status CheckItemState(v1::AgendaItemState state, ItemVerb verb) {
  if (Takes(state, verb)) return absl::OkStatus();
  return WrongState("WRONG_STATE", Needs(verb));
}

v1::AgendaItem WithPeopleOf(const v1::Case& record, v1::AgendaItem item) {
  switch (item.state()) {
    case v1::AGENDA_ITEM_STATE_PROPOSED:
    case v1::AGENDA_ITEM_STATE_LISTED:
    case v1::AGENDA_ITEM_STATE_OPEN:
      SetPeople(item, record);
      break;
    case v1::AGENDA_ITEM_STATE_HEARD:
    case v1::AGENDA_ITEM_STATE_DEFERRED:
    case v1::AGENDA_ITEM_STATE_WITHDRAWN:
    default:
      break;
  }
  return item;
}

bool AwaitsMeeting(const v1::Case& record, const v1::Meeting& meeting) {
  return IsUnlisted(record) &&
         (record.deferral_count() > 0 ||
          InTime(FromTimestamp(record.receive_time()), FromTimestamp(meeting.deadlines().cut_off_time())));
}

absl::StatusOr<std::vector<v1::AgendaItem>> ProposeAgenda(const v1::Meeting& meeting,
                                                          std::vector<v1::AgendaItem> items,
                                                          const Cases& cases,
                                                          const v1::AreaSettings& settings, absl::Time now,
                                                          bool by_rule) {
  RETURN_IF_ERROR(CheckInCycle(meeting));
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kProposeAgenda));
  for (v1::AgendaItem& item : items) {
    if (by_rule) item.clear_placed_by_hand();
    const v1::Case& record = cases.at(item.case_name());
    if (item.state() == v1::AGENDA_ITEM_STATE_PROPOSED && !IsUnlisted(record))
      Withdraw(item, kElsewhere, now);
    item = WithPeopleOf(record, std::move(item));
  }
  for (const auto& [name, record] : cases) {
    // A case that this meeting has put off is for another one.
    if (AwaitsMeeting(record, meeting) && FindItem(items, name) == nullptr) items.push_back(MakeItem(record));
  }
  return InOrder(std::move(items), cases, settings);
}

absl::StatusOr<std::vector<v1::AgendaItem>> PlaceItem(const v1::Meeting& meeting,
                                                      std::vector<v1::AgendaItem> items, const Cases& cases,
                                                      std::string_view name, std::string_view before,
                                                      const v1::AreaSettings& settings) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kProposeAgenda));
  ASSIGN_OR_RETURN(items, InOrder(std::move(items), cases, settings));
  const auto found = std::ranges::find(items, name, &v1::AgendaItem::name);
  if (found == items.end()) return absl::InternalError("an item is on no agenda");
  RETURN_IF_ERROR(CheckItemState(found->state(), ItemVerb::kPlace));
  v1::AgendaItem placed = std::move(*found);
  items.erase(found);
  const auto place = std::ranges::find_if(
      items, [&](const v1::AgendaItem& item) { return item.name() == before || !IsOnAgenda(item); });
  items.insert(place, std::move(placed));
  int64_t order_key = 0;
  for (v1::AgendaItem& item : items) {
    item.set_order_key(++order_key);
    if (IsOnAgenda(item)) item.set_placed_by_hand(true);
  }
  return items;
}

absl::StatusOr<std::vector<v1::AgendaItem>> AdmitLateCase(const v1::Meeting& meeting,
                                                          std::vector<v1::AgendaItem> items,
                                                          const Cases& cases, std::string_view case_name,
                                                          std::string_view reason,
                                                          const v1::AreaSettings& settings) {
  RETURN_IF_ERROR(CheckInCycle(meeting));
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kAdmitLateCase));
  FieldErrors errors;
  RequireText(errors, "reason", reason, kTextBytesMax, "say why the case cannot wait for the next meeting");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  const v1::Case& record = cases.at(std::string(case_name));
  if (FindItem(items, case_name) != nullptr || !IsUnlisted(record)) {
    return WrongState(
        "WRONG_STATE",
        "this case is on this agenda or another already, was put off by this one, or is closed");
  }
  v1::AgendaItem item = MakeItem(record);
  item.set_state_reason(std::string(reason));
  items.push_back(std::move(item));
  return InOrder(std::move(items), cases, settings);
}

absl::StatusOr<EmergencyListing> ListForEmergency(const v1::Meeting& meeting, v1::Case record,
                                                  std::optional<v1::AgendaItem> elsewhere,
                                                  const v1::Meeting& other, absl::Time now) {
  const bool waits_elsewhere = elsewhere && elsewhere->state() == v1::AGENDA_ITEM_STATE_LISTED &&
                               other.state() != v1::MEETING_STATE_IN_PROGRESS;
  if (!IsUnlisted(record) && !waits_elsewhere) {
    return WrongState("WRONG_STATE",
                      "this case was heard, is on a meeting that is being held, or is closed: an emergency "
                      "meeting is for one that waits");
  }
  if (elsewhere && !IsInCycle(other)) {
    return WrongState("WRONG_STATE", "an emergency meeting is called for this case already: move that one");
  }
  if (elsewhere && FromTimestamp(other.start_time()) <= FromTimestamp(meeting.start_time())) {
    return InvalidField("start_time",
                        "this case is on the agenda of a meeting that starts sooner: hear it there");
  }
  FieldErrors unresolved;
  AddUnresolved(unresolved, record);
  RETURN_IF_ERROR(unresolved.ToFailedPrecondition("UNRESOLVED_EXCLUSIONS"));
  EmergencyListing listing;
  if (elsewhere) {
    Withdraw(*elsewhere, "An emergency meeting was called for it.", now);
    listing.withdrawn = std::move(elsewhere);
  }
  v1::AgendaItem& item = listing.listed.item;
  item = MakeItem(record);
  item.set_state(v1::AGENDA_ITEM_STATE_LISTED);
  item.set_state_reason(meeting.emergency().reason());
  item.set_order_key(1);
  record.set_stage(v1::CASE_STAGE_LISTED);
  record.set_meeting(meeting.name());
  listing.listed.record = std::move(record);
  return listing;
}

EmergencyTakenBack TakeBackEmergency(ItemAndCase taken, std::optional<v1::AgendaItem> from,
                                     const v1::Meeting& other, absl::Time now) {
  EmergencyTakenBack back{.taken = std::move(taken), .listed_again = std::nullopt};
  Withdraw(back.taken.item, "The emergency meeting is not held.", now);
  v1::Case& record = back.taken.record;
  if (from && from->state() == v1::AGENDA_ITEM_STATE_WITHDRAWN &&
      other.state() == v1::MEETING_STATE_CIRCULATED) {
    from->set_state(v1::AGENDA_ITEM_STATE_LISTED);
    from->clear_state_reason();
    from->clear_close_time();
    back.listed_again = WithPeopleOf(record, *std::move(from));
    record.set_meeting(other.name());
  } else {
    record.set_stage(v1::CASE_STAGE_ACCEPTED);
    record.clear_meeting();
  }
  return back;
}

absl::StatusOr<Circulation> CirculateAgenda(v1::Meeting meeting, const std::vector<ItemAndCase>& items,
                                            absl::Time now) {
  RETURN_IF_ERROR(CheckInCycle(meeting));
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kCirculateAgenda));
  Circulation circulation;
  FieldErrors unresolved;
  for (const ItemAndCase& listed : items) {
    if (listed.item.state() != v1::AGENDA_ITEM_STATE_PROPOSED) continue;
    ItemAndCase& changed = circulation.changed.emplace_back(listed);
    if (!IsUnlisted(changed.record)) {
      Withdraw(changed.item, kElsewhere, now);
      continue;
    }
    AddUnresolved(unresolved, changed.record);
    changed.item = WithPeopleOf(changed.record, std::move(changed.item));
    changed.item.set_state(v1::AGENDA_ITEM_STATE_LISTED);
    changed.record.set_stage(v1::CASE_STAGE_LISTED);
    changed.record.set_meeting(meeting.name());
  }
  RETURN_IF_ERROR(unresolved.ToFailedPrecondition("UNRESOLVED_EXCLUSIONS"));
  meeting.set_state(v1::MEETING_STATE_CIRCULATED);
  meeting.set_agenda_edition(meeting.agenda_edition() + 1);
  *meeting.mutable_circulate_time() = ToTimestamp(now);
  circulation.meeting = std::move(meeting);
  return circulation;
}

absl::StatusOr<ItemAndCase> OpenItem(ItemAndCase opened, const v1::Meeting& meeting,
                                     const std::vector<v1::AgendaItem>& items, Stage stage, absl::Time now) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kHearItem));
  if (opened.item.state() == v1::AGENDA_ITEM_STATE_DEFERRED) {
    ASSIGN_OR_RETURN(opened, TakeBackDeferral(std::move(opened), meeting, stage, now));
  }
  RETURN_IF_ERROR(CheckItemState(opened.item.state(), ItemVerb::kOpen));
  const auto other = std::ranges::find(items, v1::AGENDA_ITEM_STATE_OPEN, &v1::AgendaItem::state);
  if (other != items.end()) {
    return WrongState("ANOTHER_OPEN",
                      fmt::format("{} is open: close it as heard, or defer it, first", other->case_number()));
  }
  opened.item.set_state(v1::AGENDA_ITEM_STATE_OPEN);
  *opened.item.mutable_open_time() = ToTimestamp(now);
  return opened;
}

absl::StatusOr<v1::AgendaItem> RecordDiscussion(v1::AgendaItem item, const v1::Meeting& meeting,
                                                const v1::Discussion& discussion,
                                                const std::vector<std::string>& agencies) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kHearItem));
  RETURN_IF_ERROR(CheckItemState(item.state(), ItemVerb::kRecord));
  FieldErrors errors;
  LimitDiscussion(errors, discussion);
  for (int i = 0; i < std::min(discussion.information_size(), kInformationMax); ++i) {
    const std::string& agency = discussion.information(i).agency();
    errors.Require(agency.empty() || std::ranges::count(agencies, agency) > 0,
                   fmt::format("discussion.information[{}].agency", i),
                   "this agency is not a member of the area");
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  *item.mutable_discussion() = discussion;
  return item;
}

absl::StatusOr<ItemAndCase> CloseItem(ItemAndCase heard, const v1::Meeting& meeting, bool consented,
                                      absl::Time now) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kHearItem));
  RETURN_IF_ERROR(CheckItemState(heard.item.state(), ItemVerb::kClose));
  RETURN_IF_ERROR(CheckDiscussionComplete(heard.item.discussion(), consented));
  heard.item.set_state(v1::AGENDA_ITEM_STATE_HEARD);
  *heard.item.mutable_close_time() = ToTimestamp(now);
  const LocalDate today = DateOf(now);
  heard.record.set_stage(v1::CASE_STAGE_HEARD);
  *heard.record.mutable_last_heard_day() = today.ToDay();
  *heard.record.mutable_flag_last_day() = FlagLastDay(today).ToDay();
  return heard;
}

absl::StatusOr<ItemAndCase> DeferItem(ItemAndCase deferred, const v1::Meeting& meeting,
                                      std::string_view reason, std::string_view safety_plan, absl::Time now) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kDeferItem));
  RETURN_IF_ERROR(CheckItemState(deferred.item.state(), ItemVerb::kDefer));
  FieldErrors errors;
  LimitText(errors, "reason", reason, kTextBytesMax);
  LimitText(errors, "safety_plan", safety_plan, kTextBytesMax);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  // Another agenda has the case by now, or it is closed: it is taken off this one, and nothing is changed
  // there.
  if (deferred.item.state() == v1::AGENDA_ITEM_STATE_PROPOSED && !IsUnlisted(deferred.record)) {
    Withdraw(deferred.item, kElsewhere, now);
    return deferred;
  }
  ASSIGN_OR_RETURN(const Deferral deferral, Defer(deferred.record.deferral_count(), reason, safety_plan));
  deferred.item.set_state(v1::AGENDA_ITEM_STATE_DEFERRED);
  deferred.item.set_state_reason(std::string(reason));
  deferred.item.set_safety_plan(std::string(safety_plan));
  *deferred.item.mutable_close_time() = ToTimestamp(now);
  deferred.record.set_stage(v1::CASE_STAGE_ACCEPTED);
  deferred.record.clear_meeting();
  deferred.record.set_deferral_count(deferral.count);
  return deferred;
}

int ExpectedOverrunMinutes(const v1::Meeting& meeting, const std::vector<v1::AgendaItem>& items,
                           const v1::AreaSettings& settings, absl::Time now) {
  if (meeting.state() == v1::MEETING_STATE_CLOSED || meeting.state() == v1::MEETING_STATE_CANCELLED) return 0;
  RunningMeeting running;
  running.planned_end = FromTimestamp(meeting.end_time());
  running.slot_min = settings.slot_minutes();
  running.breaks_left_min = settings.break_minutes();
  // Before it is held, a meeting is reckoned from its planned start; breaks are never known to have been
  // taken.
  running.now = meeting.state() == v1::MEETING_STATE_IN_PROGRESS
                    ? now
                    : FromTimestamp(meeting.start_time()) + absl::Minutes(settings.opening_minutes());
  for (const v1::AgendaItem& item : items) {
    if (item.state() == v1::AGENDA_ITEM_STATE_OPEN) {
      running.case_open = true;
      running.in_current_case = now - FromTimestamp(item.open_time());
    } else if (item.state() == v1::AGENDA_ITEM_STATE_PROPOSED ||
               item.state() == v1::AGENDA_ITEM_STATE_LISTED) {
      ++running.cases_waiting;
    }
  }
  return static_cast<int>(absl::ToInt64Minutes(absl::Ceil(ExpectedOverrun(running), absl::Minutes(1))));
}

std::vector<std::string> AgendaWarnings(const v1::Meeting& meeting, const std::vector<v1::AgendaItem>& items,
                                        const Cases& cases, const v1::AreaSettings& settings,
                                        absl::Time now) {
  std::vector<std::string> warnings;
  const int count = static_cast<int>(std::ranges::count_if(items, IsOnAgenda));
  if (count > meeting.capacity()) {
    warnings.push_back(fmt::format("{} cases are on the agenda and {} fit: expect to run {} minutes over.",
                                   count, meeting.capacity(),
                                   ExpectedOverrunMinutes(meeting, items, settings, now)));
  }
  if (IsLongAgenda(count, settings.warn_above_cases())) {
    warnings.push_back(fmt::format("{} cases are on the agenda: more than {} make a long meeting.", count,
                                   settings.warn_above_cases()));
  }
  if (meeting.state() == v1::MEETING_STATE_CIRCULATED &&
      InTime(FromTimestamp(meeting.circulate_time()), FromTimestamp(meeting.deadlines().cut_off_time()))) {
    warnings.push_back(fmt::format(
        "The agenda went out before the cut-off ({}): propose it again after that, and circulate it "
        "again with what came in time.",
        absl::FormatTime("%-d %B %Y, %H:%M", FromTimestamp(meeting.deadlines().cut_off_time()), London())));
  }
  for (const v1::AgendaItem& item : items) {
    if (!IsOnAgenda(item)) continue;
    if (item.deferral_count() >= settings.deferrals_alert()) {
      warnings.push_back(fmt::format("{} was deferred {} times: the chair must know.", item.case_number(),
                                     item.deferral_count()));
    }
    const auto record = cases.find(item.case_name());
    if (record != cases.end() && !record->second.assessments_in_error().empty()) {
      warnings.push_back(fmt::format(
          "{}: an assessment that it rested on was entered in error; see whether it is still to be heard.",
          item.case_number()));
    }
    if (record != cases.end() && record->second.unresolved_exclusions() > 0) {
      warnings.push_back(
          fmt::format("{}: {} of the people who must not receive it not yet answered; the agenda "
                      "cannot be circulated until they are.",
                      item.case_number(), record->second.unresolved_exclusions()));
    }
  }
  return warnings;
}

}  // namespace marac::domain
