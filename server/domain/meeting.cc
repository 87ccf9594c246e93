#include "domain/meeting.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "domain/area_settings.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kSeriesMax = 60;
constexpr int kEveryWeeksMax = 12;
constexpr absl::Duration kLengthMin = absl::Minutes(15);
constexpr absl::Duration kLengthMax = absl::Hours(12);
constexpr int kInvitedMax = 200;
constexpr int kAttendanceMax = 300;
constexpr int kMovesMax = 20;
// marac.md 3: the same day to 72 hours.
constexpr absl::Duration kEmergencyWithin = absl::Hours(72);
constexpr absl::Duration kEmergencyLengthMin = absl::Minutes(10);
constexpr absl::Duration kEmergencyLengthMax = absl::Hours(4);
constexpr absl::Duration kEmergencyLengthDefault = absl::Hours(1);
constexpr char kCutOffIsOver[] =
    "The referral cut-off for this day is over already: a case that came after it, and was in time before, "
    "is "
    "for the chair to admit.";
constexpr int kReasonCharactersMin = 3;
constexpr int kReasonCharactersMax = 1000;

// What to say when a meeting's state does not fit.
std::string_view Needs(MeetingVerb verb) {
  switch (verb) {
    case MeetingVerb::kMove:
      return "a meeting is moved or cancelled before it starts";
    case MeetingVerb::kProposeAgenda:
      return "cases are proposed for a meeting before it starts";
    case MeetingVerb::kAdmitLateCase:
      return "a case is admitted before the meeting starts";
    case MeetingVerb::kCirculateAgenda:
      return "an agenda is circulated before the meeting starts";
    case MeetingVerb::kStart:
      return "a meeting is started once, after its agenda was circulated";
    case MeetingVerb::kRecordAttendance:
      return "attendance is recorded until the meeting is closed";
    case MeetingVerb::kSign:
      return "the confidentiality statement is signed while the meeting is in progress";
    case MeetingVerb::kHearItem:
      return "cases are heard while the meeting is in progress; start it first";
    case MeetingVerb::kDeferItem:
      return "a case is deferred until the meeting is closed";
    case MeetingVerb::kClose:
      break;
  }
  return "a meeting is closed while it is in progress";
}

std::string_view Describe(v1::MeetingState state) {
  switch (state) {
    case v1::MEETING_STATE_SCHEDULED:
      return "has no circulated agenda yet";
    case v1::MEETING_STATE_CIRCULATED:
      return "has its agenda circulated and has not started";
    case v1::MEETING_STATE_IN_PROGRESS:
      return "is in progress";
    case v1::MEETING_STATE_CLOSED:
      return "is closed";
    case v1::MEETING_STATE_CANCELLED:
      return "was cancelled";
    default:
      break;
  }
  return "has no state";
}

bool Takes(v1::MeetingState state, MeetingVerb verb) {
  using enum MeetingVerb;
  switch (state) {
    case v1::MEETING_STATE_SCHEDULED:
      return verb == kMove || verb == kProposeAgenda || verb == kAdmitLateCase || verb == kCirculateAgenda ||
             verb == kRecordAttendance || verb == kDeferItem;
    case v1::MEETING_STATE_CIRCULATED:
      // What is in time has a place on this agenda, also where it went out before the cut-off or triage took
      // until after: it comes with the next edition.
      return verb == kMove || verb == kProposeAgenda || verb == kAdmitLateCase || verb == kCirculateAgenda ||
             verb == kStart || verb == kRecordAttendance || verb == kDeferItem;
    case v1::MEETING_STATE_IN_PROGRESS:
      return verb == kRecordAttendance || verb == kSign || verb == kHearItem || verb == kDeferItem ||
             verb == kClose;
    case v1::MEETING_STATE_CLOSED:
    case v1::MEETING_STATE_CANCELLED:
    default:
      break;
  }
  return false;
}

int EveryWeeks(const v1::ScheduleMeetingsRequest& request, const v1::AreaSettings& settings) {
  return request.every_weeks() == 0 ? settings.every_weeks() : request.every_weeks();
}

absl::Duration LengthOf(const google::protobuf::Duration& length) {
  return absl::Seconds(length.seconds()) + absl::Nanoseconds(length.nanos());
}

void CheckLength(FieldErrors& errors, absl::Duration length, const v1::AreaSettings& settings) {
  const absl::Duration needed =
      absl::Minutes(settings.opening_minutes() + settings.break_minutes() + settings.slot_minutes());
  errors.Require(
      length >= kLengthMin && length <= kLengthMax && length % absl::Minutes(1) == absl::ZeroDuration(),
      "length", "give whole minutes, from 15 minutes to 12 hours");
  errors.Require(length >= needed, "length",
                 "opening and breaks leave no time for a case; make the meeting longer");
}

void CheckInvited(FieldErrors& errors, const google::protobuf::RepeatedPtrField<std::string>& invited,
                  const std::vector<std::string>& agencies) {
  errors.Require(invited.size() <= kInvitedMax, "invited_agencies",
                 fmt::format("give at most {} agencies", kInvitedMax));
  for (int i = 0; i < std::min(invited.size(), kInvitedMax); ++i) {
    errors.Require(std::ranges::count(agencies, invited[i]) > 0, fmt::format("invited_agencies[{}]", i),
                   "this agency is not a member of the area");
  }
}

void CheckEmergencyTime(FieldErrors& errors, absl::Time start, absl::Duration length, std::string_view field,
                        absl::Time called, absl::Time now) {
  errors.Require(start > now && start <= called + kEmergencyWithin, field,
                 "give a time that is still to come, within 72 hours of the call: what can wait longer is "
                 "admitted to the next meeting");
  errors.Require(length >= kEmergencyLengthMin && length <= kEmergencyLengthMax, "length",
                 "give 10 minutes to 4 hours");
}

// What a request asks for, once it is known to make sense.
struct Series {
  LocalDate first;
  int every_weeks;
  ClockTime start;
  absl::Duration length;
};

absl::StatusOr<Series> ParseSeries(const v1::ScheduleMeetingsRequest& request, const SeriesContext& context) {
  ASSIGN_OR_RETURN(LocalDate first, LocalDate::FromDay(request.first_day(), "first_day"));
  ASSIGN_OR_RETURN(ClockTime start, ClockTime::FromMinutes(request.start_minute(), "start_minute"));
  const int every_weeks = EveryWeeks(request, context.settings);
  const absl::Duration length = LengthOf(request.length());
  FieldErrors errors;
  errors.Require(first >= DateOf(context.now), "first_day", "give today or a day to come");
  errors.Require(every_weeks >= 1 && every_weeks <= kEveryWeeksMax, "every_weeks",
                 fmt::format("give 1 to {} weeks between two meetings", kEveryWeeksMax));
  errors.Require(request.count() >= 1 && request.count() <= kSeriesMax, "count",
                 fmt::format("give 1 to {} meetings", kSeriesMax));
  CheckLength(errors, length, context.settings);
  RequireText(errors, "venue", request.venue(), kLineBytesMax, "give the room or the secure link");
  CheckInvited(errors, request.invited_agencies(), context.agencies);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  return Series{first, every_weeks, start, length};
}

void SetDeadlines(const MeetingDeadlines& from, v1::MeetingDeadlines* to) {
  *to->mutable_cut_off_time() = ToTimestamp(from.cut_off);
  *to->mutable_circulation_time() = ToTimestamp(from.circulation);
  *to->mutable_research_due_time() = ToTimestamp(from.research_due);
  *to->mutable_status_due_time() = ToTimestamp(from.status_due);
  *to->mutable_actions_out_time() = ToTimestamp(from.actions_out);
  *to->mutable_minutes_due_time() = ToTimestamp(from.minutes_due);
}

// Nothing is cut off or circulated for a meeting that is called, and research is due when it starts.
absl::StatusOr<v1::MeetingDeadlines> EmergencyDeadlines(absl::Time start, const v1::AreaSettings& settings,
                                                        const WorkingDays& working_days) {
  ASSIGN_OR_RETURN(const MeetingOffsets offsets, OffsetsOf(settings));
  ASSIGN_OR_RETURN(const MeetingPlan plan, PlanMeeting(DateOf(start), std::nullopt, offsets, working_days));
  v1::MeetingDeadlines deadlines;
  *deadlines.mutable_research_due_time() = ToTimestamp(start);
  *deadlines.mutable_actions_out_time() = ToTimestamp(plan.deadlines.actions_out);
  *deadlines.mutable_minutes_due_time() = ToTimestamp(plan.deadlines.minutes_due);
  return deadlines;
}

void CheckReason(FieldErrors& errors, const std::string& reason) {
  const int length = VisibleLength(reason);
  errors.Require(length >= kReasonCharactersMin && length <= kReasonCharactersMax, "reason",
                 fmt::format("say why in {} to {} characters: those who were to come will ask",
                             kReasonCharactersMin, kReasonCharactersMax));
}

// The days that the area meets on, in order.
absl::StatusOr<std::set<LocalDate>> DaysOf(const std::vector<v1::Meeting>& calendar) {
  std::set<LocalDate> days;
  for (const v1::Meeting& meeting : calendar) {
    if (meeting.state() == v1::MEETING_STATE_CANCELLED) continue;
    ASSIGN_OR_RETURN(LocalDate day, LocalDate::FromDay(meeting.day(), "existing.day"));
    days.insert(day);
  }
  return days;
}

std::optional<LocalDate> LastBefore(const std::set<LocalDate>& days, LocalDate day) {
  const auto place = days.lower_bound(day);
  return place == days.begin() ? std::nullopt : std::optional(*std::prev(place));
}

// The sentences of the plan take the place of those of the old one, and what else the meeting was told stays.
void ReplaceWarnings(v1::Meeting& meeting, const MeetingPlan& old_plan, const MeetingPlan& plan) {
  auto& warnings = *meeting.mutable_warnings();
  const std::vector<std::string> told(warnings.begin(), warnings.end());
  warnings.Clear();
  for (const std::string& sentence : told) {
    if (std::ranges::count(old_plan.warnings, sentence, &DeadlineWarning::sentence) == 0)
      *warnings.Add() = sentence;
  }
  for (const DeadlineWarning& warning : plan.warnings) *warnings.Add() = warning.sentence;
}

// What a meeting is warned of rests on the one before it, which may be another one now.
absl::StatusOr<std::vector<v1::Meeting>> WarnAnew(const std::vector<v1::Meeting>& before,
                                                  const std::vector<v1::Meeting>& after,
                                                  const SeriesContext& context) {
  ASSIGN_OR_RETURN(const std::set<LocalDate> days_before, DaysOf(before));
  ASSIGN_OR_RETURN(const std::set<LocalDate> days_after, DaysOf(after));
  ASSIGN_OR_RETURN(const MeetingOffsets offsets, OffsetsOf(context.settings));
  std::vector<v1::Meeting> changed;
  for (v1::Meeting meeting : after) {
    if (!CheckMeetingState(meeting.state(), MeetingVerb::kMove).ok()) continue;
    ASSIGN_OR_RETURN(const LocalDate day, LocalDate::FromDay(meeting.day(), "existing.day"));
    const std::optional<LocalDate> was = LastBefore(days_before, day);
    const std::optional<LocalDate> is = LastBefore(days_after, day);
    if (was == is) continue;
    ASSIGN_OR_RETURN(const MeetingPlan old_plan, PlanMeeting(day, was, offsets, context.working_days));
    ASSIGN_OR_RETURN(const MeetingPlan plan, PlanMeeting(day, is, offsets, context.working_days));
    const auto told = meeting.warnings();
    ReplaceWarnings(meeting, old_plan, plan);
    if (!std::ranges::equal(meeting.warnings(), told)) changed.push_back(std::move(meeting));
  }
  return changed;
}

// The calendar with this meeting as it is now.
std::vector<v1::Meeting> With(const std::vector<v1::Meeting>& calendar, const v1::Meeting& meeting) {
  std::vector<v1::Meeting> with = calendar;
  std::ranges::replace_if(
      with, [&](const v1::Meeting& other) { return other.name() == meeting.name(); }, meeting);
  return with;
}

absl::StatusOr<CalendarChange> ChangeCalendar(v1::Meeting meeting, const SeriesContext& context) {
  CalendarChange change;
  ASSIGN_OR_RETURN(change.others, WarnAnew(context.existing, With(context.existing, meeting), context));
  std::erase_if(change.others, [&](const v1::Meeting& other) { return other.name() == meeting.name(); });
  change.meeting = std::move(meeting);
  return change;
}

// Speaks for its agency as a whole: apologies, or that nobody came.
bool NamesNobody(const v1::Attendance& entry) { return entry.account().empty() && IsBlank(entry.person()); }

// The entry of the same person: the account tells who it is, and the name only where there is none.
google::protobuf::RepeatedPtrField<v1::Attendance>::iterator FindAttendance(
    google::protobuf::RepeatedPtrField<v1::Attendance>& attendance, const v1::Attendance& wanted) {
  return std::ranges::find_if(attendance, [&wanted](const v1::Attendance& entry) {
    return entry.agency() == wanted.agency() && entry.account() == wanted.account() &&
           (!entry.account().empty() || entry.person() == wanted.person());
  });
}

bool NeedsPerson(v1::AttendanceState state) {
  return state == v1::ATTENDANCE_STATE_PRESENT || state == v1::ATTENDANCE_STATE_OBSERVER;
}

void CheckAttendance(FieldErrors& errors, const std::string& field, const v1::Attendance& entry,
                     const v1::Meeting& meeting, const std::map<std::string, std::string>& agency_of_account,
                     absl::Time now) {
  const bool apologies = entry.state() == v1::ATTENDANCE_STATE_APOLOGIES;
  if (entry.state() == v1::ATTENDANCE_STATE_UNSPECIFIED || !v1::AttendanceState_IsValid(entry.state())) {
    errors.Add(field + ".state", "say whether they are present, observing, absent or sent apologies");
  } else if (!apologies && meeting.state() != v1::MEETING_STATE_IN_PROGRESS) {
    errors.Add(field + ".state", "before the meeting has started only apologies can be recorded");
  }
  // An observer need not come from an agency that was invited, or from any.
  if (entry.state() != v1::ATTENDANCE_STATE_OBSERVER) {
    errors.Require(std::ranges::count(meeting.invited_agencies(), entry.agency()) > 0, field + ".agency",
                   entry.agency().empty()
                       ? "choose the agency"
                       : "this agency was not invited to the meeting; record its people as observers");
  }
  if (!entry.account().empty()) {
    const auto account = agency_of_account.find(entry.account());
    errors.Require(account != agency_of_account.end() && account->second == entry.agency(),
                   field + ".account", "this account does not belong to the agency");
  }
  errors.Require(!entry.signed_() || NeedsPerson(entry.state()), field + ".signed",
                 "only somebody who is there signs");
  errors.Require(!NeedsPerson(entry.state()) || !entry.account().empty() || !IsBlank(entry.person()),
                 field + ".person", "give the name of the person, or the account");
  LimitText(errors, field + ".person", entry.person(), kLineBytesMax);
  errors.Require(apologies || (!entry.information_sent() && !entry.has_information_day()),
                 field + ".information_sent", "information goes with apologies only");
  errors.Require(!apologies || entry.information_sent() || !entry.has_information_day(),
                 field + ".information_sent", "a day was given: say that they sent what they know");
  if (entry.information_sent()) {
    const auto day = LocalDate::FromDay(entry.information_day(), field + ".information_day");
    errors.Require(day.ok() && *day <= DateOf(now), field + ".information_day",
                   "give the day on which the information came, today at the latest");
  }
}

}  // namespace

absl::Status CheckMeetingState(v1::MeetingState state, MeetingVerb verb) {
  if (Takes(state, verb)) return absl::OkStatus();
  return WrongState("WRONG_STATE", fmt::format("this meeting {}: {}", Describe(state), Needs(verb)));
}

bool IsInCycle(const v1::Meeting& meeting) { return meeting.kind() != v1::MEETING_KIND_EMERGENCY; }

absl::Status CheckInCycle(const v1::Meeting& meeting) {
  if (IsInCycle(meeting)) return absl::OkStatus();
  return WrongState(
      "OUTSIDE_CYCLE",
      "this is an emergency meeting, for the one case it was called for: do this with a meeting "
      "of the cycle");
}

absl::StatusOr<std::vector<v1::Meeting>> PlanSeries(const v1::ScheduleMeetingsRequest& request,
                                                    const SeriesContext& context) {
  ASSIGN_OR_RETURN(const Series series, ParseSeries(request, context));
  ASSIGN_OR_RETURN(const std::vector<SeriesDate> dates,
                   MeetingSeries(series.first, series.every_weeks, request.count(), context.working_days));
  ASSIGN_OR_RETURN(const MeetingOffsets offsets, OffsetsOf(context.settings));
  ASSIGN_OR_RETURN(const int capacity, AgendaCapacity(TimesOf(context.settings, series.length)));
  std::set<LocalDate> taken;
  for (const v1::Meeting& meeting : context.existing) {
    ASSIGN_OR_RETURN(LocalDate day, LocalDate::FromDay(meeting.day(), "existing.day"));
    taken.insert(day);
  }
  std::vector<v1::Meeting> meetings;
  for (const SeriesDate& date : dates) {
    const LocalDate day = date.proposed.value_or(date.date);
    const auto [place, is_free] = taken.insert(day);
    if (!is_free) {
      return InvalidField("first_day", fmt::format("the area meets on {} already", day.InWords()));
    }
    const auto previous = place == taken.begin() ? std::nullopt : std::optional(*std::prev(place));
    ASSIGN_OR_RETURN(const MeetingPlan plan, PlanMeeting(day, previous, offsets, context.working_days));
    v1::Meeting& meeting = meetings.emplace_back();
    meeting.set_state(v1::MEETING_STATE_SCHEDULED);
    meeting.set_kind(v1::MEETING_KIND_ORDINARY);
    *meeting.mutable_day() = day.ToDay();
    const absl::Time start = DeadlineAt(day, series.start);
    *meeting.mutable_start_time() = ToTimestamp(start);
    *meeting.mutable_end_time() = ToTimestamp(start + series.length);
    meeting.set_venue(request.venue());
    SetDeadlines(plan.deadlines, meeting.mutable_deadlines());
    if (date.closed_because) {
      meeting.add_warnings(fmt::format("{} is closed ({}): the meeting is on {} instead.",
                                       date.date.InWords(), *date.closed_because, day.InWords()));
    }
    for (const DeadlineWarning& warning : plan.warnings) meeting.add_warnings(warning.sentence);
    meeting.set_capacity(capacity);
    if (request.invited_agencies().empty()) {
      meeting.mutable_invited_agencies()->Assign(context.agencies.begin(), context.agencies.end());
    } else {
      *meeting.mutable_invited_agencies() = request.invited_agencies();
    }
  }
  return meetings;
}

absl::StatusOr<std::vector<LocalDate>> SeriesDays(const v1::ScheduleMeetingsRequest& request,
                                                  const v1::AreaSettings& settings,
                                                  const WorkingDays& working_days) {
  ASSIGN_OR_RETURN(const LocalDate first, LocalDate::FromDay(request.first_day(), "first_day"));
  ASSIGN_OR_RETURN(const std::vector<SeriesDate> dates,
                   MeetingSeries(first, EveryWeeks(request, settings), request.count(), working_days));
  std::vector<LocalDate> days;
  for (const SeriesDate& date : dates) days.push_back(date.proposed.value_or(date.date));
  return days;
}

absl::StatusOr<CalendarChange> MoveMeeting(v1::Meeting meeting, const v1::MoveMeetingRequest& request,
                                           const SeriesContext& context, const std::string& account) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kMove));
  const absl::Time was = FromTimestamp(meeting.start_time());
  ASSIGN_OR_RETURN(const LocalDate day_before, LocalDate::FromDay(meeting.day(), "meeting.day"));
  LocalDate day = day_before;
  if (request.has_day()) {
    ASSIGN_OR_RETURN(day, LocalDate::FromDay(request.day(), "day"));
  }
  const absl::CivilMinute clock_before = absl::ToCivilMinute(was, London());
  ASSIGN_OR_RETURN(
      const ClockTime clock,
      ClockTime::FromMinutes(request.has_start_minute()
                                 ? request.start_minute()
                                 : static_cast<int>(clock_before.hour() * 60 + clock_before.minute()),
                             "start_minute"));
  const absl::Duration length_before = FromTimestamp(meeting.end_time()) - was;
  const absl::Duration length = request.has_length() ? LengthOf(request.length()) : length_before;
  const absl::Time start = DeadlineAt(day, clock);
  const std::string venue = request.venue().empty() ? meeting.venue() : request.venue();

  ASSIGN_OR_RETURN(std::set<LocalDate> days, DaysOf(context.existing));
  days.erase(day_before);
  FieldErrors errors;
  CheckReason(errors, request.reason());
  const char* const when = request.has_day() ? "day" : "start_minute";
  if (IsInCycle(meeting)) {
    CheckLength(errors, length, context.settings);
    errors.Require(start > context.now, when, "give a time that is still to come");
    errors.Require(!days.contains(day), "day", fmt::format("the area meets on {} already", day.InWords()));
  } else {
    CheckEmergencyTime(errors, start, length, when, FromTimestamp(meeting.emergency().time()), context.now);
  }
  LimitText(errors, "venue", venue, kLineBytesMax);
  errors.Require(start != was || length != length_before || venue != meeting.venue(), "day",
                 "this is when and where it is already: give another day, time, length or room");
  errors.Require(meeting.moves_size() < kMovesMax, "day",
                 "it was moved so often that nobody knows when it is: cancel it, and make another");
  RETURN_IF_ERROR(errors.ToInvalidArgument());

  v1::MeetingMove& move = *meeting.add_moves();
  *move.mutable_start_time() = meeting.start_time();
  *move.mutable_end_time() = meeting.end_time();
  move.set_venue(meeting.venue());
  move.set_reason(WithoutHiddenCharacters(request.reason()));
  move.set_account(account);
  *move.mutable_time() = ToTimestamp(context.now);
  *meeting.mutable_day() = day.ToDay();
  *meeting.mutable_start_time() = ToTimestamp(start);
  *meeting.mutable_end_time() = ToTimestamp(start + length);
  meeting.set_venue(venue);
  if (!IsInCycle(meeting)) {
    ASSIGN_OR_RETURN(*meeting.mutable_deadlines(),
                     EmergencyDeadlines(start, context.settings, context.working_days));
    return CalendarChange{std::move(meeting), {}};
  }
  ASSIGN_OR_RETURN(const MeetingOffsets offsets, OffsetsOf(context.settings));
  ASSIGN_OR_RETURN(const MeetingPlan plan,
                   PlanMeeting(day, LastBefore(days, day), offsets, context.working_days));
  ASSIGN_OR_RETURN(const int capacity, AgendaCapacity(TimesOf(context.settings, length)));
  meeting.set_capacity(capacity);
  SetDeadlines(plan.deadlines, meeting.mutable_deadlines());
  meeting.clear_warnings();
  for (const DeadlineWarning& warning : plan.warnings) meeting.add_warnings(warning.sentence);
  if (plan.deadlines.cut_off <= context.now) meeting.add_warnings(kCutOffIsOver);
  return ChangeCalendar(std::move(meeting), context);
}

absl::StatusOr<CalendarChange> CancelMeeting(v1::Meeting meeting, const v1::CancelMeetingRequest& request,
                                             const SeriesContext& context, const std::string& account) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kMove));
  FieldErrors errors;
  CheckReason(errors, request.reason());
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  meeting.set_state(v1::MEETING_STATE_CANCELLED);
  v1::MeetingCancellation& cancellation = *meeting.mutable_cancellation();
  cancellation.set_reason(WithoutHiddenCharacters(request.reason()));
  cancellation.set_account(account);
  *cancellation.mutable_time() = ToTimestamp(context.now);
  if (!IsInCycle(meeting)) return CalendarChange{std::move(meeting), {}};
  return ChangeCalendar(std::move(meeting), context);
}

absl::StatusOr<v1::Meeting> CallEmergencyMeeting(const v1::CallEmergencyMeetingRequest& request,
                                                 const EmergencyContext& context) {
  const absl::Time start = FromTimestamp(request.start_time());
  const absl::Duration length = request.has_length() ? LengthOf(request.length()) : kEmergencyLengthDefault;
  FieldErrors errors;
  CheckEmergencyTime(errors, start, length, "start_time", context.now, context.now);
  RequireText(errors, "venue", request.venue(), kLineBytesMax, "give the room or the secure link");
  CheckReason(errors, request.reason());
  errors.Require(!request.invited_agencies().empty(), "invited_agencies", "say which agencies are called");
  CheckInvited(errors, request.invited_agencies(), context.agencies);
  errors.Require(!context.chair.empty(), "chair",
                 "name the chair who agreed, and who may see this case: without a chair's word no emergency "
                 "meeting is called");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  const LocalDate day = DateOf(start);
  v1::Meeting meeting;
  meeting.set_kind(v1::MEETING_KIND_EMERGENCY);
  meeting.set_state(v1::MEETING_STATE_CIRCULATED);
  *meeting.mutable_day() = day.ToDay();
  *meeting.mutable_start_time() = request.start_time();
  *meeting.mutable_end_time() = ToTimestamp(start + length);
  meeting.set_venue(request.venue());
  ASSIGN_OR_RETURN(*meeting.mutable_deadlines(),
                   EmergencyDeadlines(start, context.settings, context.working_days));
  meeting.set_capacity(1);
  meeting.set_agenda_edition(1);
  *meeting.mutable_circulate_time() = ToTimestamp(context.now);
  *meeting.mutable_invited_agencies() = request.invited_agencies();
  v1::EmergencyCall& call = *meeting.mutable_emergency();
  call.set_reason(WithoutHiddenCharacters(request.reason()));
  call.set_chair(context.chair);
  call.set_account(context.account);
  *call.mutable_time() = ToTimestamp(context.now);
  return meeting;
}

absl::StatusOr<std::vector<MeetingPlannedAnew>> PlanAnew(const v1::AreaSettings& before,
                                                         const SeriesContext& context) {
  ASSIGN_OR_RETURN(const MeetingOffsets old_offsets, OffsetsOf(before));
  ASSIGN_OR_RETURN(const MeetingOffsets offsets, OffsetsOf(context.settings));
  ASSIGN_OR_RETURN(const std::set<LocalDate> days, DaysOf(context.existing));
  std::vector<MeetingPlannedAnew> changed;
  for (const v1::Meeting& was : context.existing) {
    const absl::Time start = FromTimestamp(was.start_time());
    if (was.state() != v1::MEETING_STATE_SCHEDULED || !IsInCycle(was) || start <= context.now) {
      continue;
    }
    ASSIGN_OR_RETURN(const LocalDate day, LocalDate::FromDay(was.day(), "existing.day"));
    const std::optional<LocalDate> previous = LastBefore(days, day);
    ASSIGN_OR_RETURN(const MeetingPlan old_plan,
                     PlanMeeting(day, previous, old_offsets, context.working_days));
    ASSIGN_OR_RETURN(const MeetingPlan plan, PlanMeeting(day, previous, offsets, context.working_days));
    const absl::StatusOr<int> capacity =
        AgendaCapacity(TimesOf(context.settings, FromTimestamp(was.end_time()) - start));
    if (!capacity.ok() || *capacity == 0) {
      return InvalidField(
          "settings.opening_minutes",
          fmt::format("opening and breaks leave no time for a case in the meeting of {}; make "
                      "them shorter, or that meeting longer",
                      day.InWords()));
    }
    v1::Meeting is = was;
    is.set_capacity(*capacity);
    SetDeadlines(plan.deadlines, is.mutable_deadlines());
    ReplaceWarnings(is, old_plan, plan);
    const bool was_told = std::ranges::count(was.warnings(), kCutOffIsOver) > 0;
    is.mutable_warnings()->erase(
        std::remove(is.mutable_warnings()->begin(), is.mutable_warnings()->end(), kCutOffIsOver),
        is.mutable_warnings()->end());
    const bool was_over = FromTimestamp(was.deadlines().cut_off_time()) <= context.now;
    if (plan.deadlines.cut_off <= context.now && (was_told || !was_over)) is.add_warnings(kCutOffIsOver);
    if (!google::protobuf::util::MessageDifferencer::Equals(was, is)) changed.push_back({was, std::move(is)});
  }
  return changed;
}

absl::StatusOr<v1::Meeting> StartMeeting(v1::Meeting meeting, std::string_view chair, absl::Time now) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kStart));
  ASSIGN_OR_RETURN(const LocalDate day, LocalDate::FromDay(meeting.day(), "meeting.day"));
  // The day a case is heard starts the twelve months of its flag and of a repeat: a meeting started by
  // mistake would move both.
  if (DateOf(now) < day) {
    return WrongState("NOT_YET", fmt::format("this meeting is on {}: start it on that day", day.InWords()));
  }
  meeting.set_state(v1::MEETING_STATE_IN_PROGRESS);
  meeting.set_chair(std::string(chair));
  return meeting;
}

bool IsPresent(const v1::Meeting& meeting, std::string_view agency) {
  return std::ranges::any_of(meeting.attendance(), [agency](const v1::Attendance& entry) {
    return entry.state() == v1::ATTENDANCE_STATE_PRESENT && entry.agency() == agency;
  });
}

absl::StatusOr<v1::Meeting> RecordAttendance(v1::Meeting meeting, const v1::RecordAttendanceRequest& request,
                                             const std::map<std::string, std::string>& agency_of_account,
                                             absl::Time now) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kRecordAttendance));
  const auto& entries = request.attendance();
  const auto& removed = request.removed();
  FieldErrors errors;
  errors.Require(!entries.empty() || !removed.empty(), "attendance",
                 "say who is there, or who is to be taken out");
  errors.Require(entries.size() <= kAttendanceMax, "attendance",
                 fmt::format("give at most {} entries", kAttendanceMax));
  for (int i = 0; i < std::min(entries.size(), kAttendanceMax); ++i) {
    CheckAttendance(errors, fmt::format("attendance[{}]", i), entries[i], meeting, agency_of_account, now);
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  auto& attendance = *meeting.mutable_attendance();
  for (int i = 0; i < removed.size(); ++i) {
    const auto entry = FindAttendance(attendance, removed[i]);
    if (entry == attendance.end()) {
      return InvalidField(fmt::format("removed[{}]", i),
                          "nobody like this is recorded; read the meeting again");
    }
    attendance.erase(entry);
  }
  for (const v1::Attendance& entry : entries) {
    const auto earlier = FindAttendance(attendance, entry);
    if (earlier == attendance.end()) {
      *attendance.Add() = entry;
    } else {
      // Somebody who corrects how they attended takes no signature away; who is taken out has none.
      const bool had_signed = earlier->signed_();
      *earlier = entry;
      if (had_signed && NeedsPerson(entry.state())) earlier->set_signed_(true);
    }
  }
  attendance.erase(std::remove_if(attendance.begin(), attendance.end(),
                                  [&meeting](const v1::Attendance& entry) {
                                    return NamesNobody(entry) && IsPresent(meeting, entry.agency());
                                  }),
                   attendance.end());
  errors.Require(attendance.size() <= kAttendanceMax, "attendance",
                 fmt::format("a meeting has at most {} entries", kAttendanceMax));
  for (int i = 0; i < entries.size(); ++i) {
    errors.Require(FindAttendance(attendance, entries[i]) != attendance.end(),
                   fmt::format("attendance[{}].state", i),
                   "somebody of this agency is recorded as present: take them out first");
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  return meeting;
}

absl::StatusOr<v1::Meeting> SignConfidentiality(v1::Meeting meeting, const std::string& account,
                                                const std::string& agency) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kSign));
  v1::Attendance entry;
  entry.set_agency(agency);
  entry.set_account(account);
  auto& attendance = *meeting.mutable_attendance();
  const auto earlier = FindAttendance(attendance, entry);
  v1::Attendance& kept = earlier == attendance.end() ? *attendance.Add() : *earlier;
  if (earlier == attendance.end() || !NeedsPerson(kept.state())) {
    kept = entry;
    kept.set_state(std::ranges::count(meeting.invited_agencies(), agency) > 0
                       ? v1::ATTENDANCE_STATE_PRESENT
                       : v1::ATTENDANCE_STATE_OBSERVER);
  }
  kept.set_signed_(true);
  attendance.erase(std::remove_if(attendance.begin(), attendance.end(),
                                  [&meeting](const v1::Attendance& other) {
                                    return NamesNobody(other) && IsPresent(meeting, other.agency());
                                  }),
                   attendance.end());
  if (attendance.size() > kAttendanceMax)
    return WrongState("ATTENDANCE_FULL", "this meeting has as many entries as it can have");
  return meeting;
}

std::vector<std::string> SignedBy(const v1::Meeting& meeting) {
  std::vector<std::string> accounts;
  for (const v1::Attendance& entry : meeting.attendance()) {
    if (entry.signed_() && NeedsPerson(entry.state()) && !entry.account().empty())
      accounts.push_back(entry.account());
  }
  return accounts;
}

absl::StatusOr<v1::Meeting> CloseMeeting(v1::Meeting meeting, const std::vector<v1::AgendaItem>& items,
                                         absl::Time now) {
  RETURN_IF_ERROR(CheckMeetingState(meeting.state(), MeetingVerb::kClose));
  FieldErrors left;
  for (const v1::AgendaItem& item : items) {
    switch (item.state()) {
      case v1::AGENDA_ITEM_STATE_HEARD:
      case v1::AGENDA_ITEM_STATE_DEFERRED:
      case v1::AGENDA_ITEM_STATE_WITHDRAWN:
        break;
      case v1::AGENDA_ITEM_STATE_PROPOSED:
      case v1::AGENDA_ITEM_STATE_LISTED:
      case v1::AGENDA_ITEM_STATE_OPEN:
      default:
        left.Add(item.case_number(), "this case was not heard: hear it, or put it off to the next meeting");
    }
  }
  RETURN_IF_ERROR(left.ToFailedPrecondition("ITEMS_LEFT"));
  meeting.set_state(v1::MEETING_STATE_CLOSED);
  *meeting.mutable_close_time() = ToTimestamp(now);
  return meeting;
}

}  // namespace marac::domain
