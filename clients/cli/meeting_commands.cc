// Meetings: the series, attendance, discussion, close.
#include <fmt/format.h>

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "marac/v1/meeting_service.grpc.pb.h"

namespace marac::cli {
namespace {

using MeetingStub = v1::MeetingService::Stub;
constexpr char kMeetings[] = "meetings";
// As on the page where it is signed in the browser.
constexpr char kStatement[] =
    "What I hear in this meeting I use only to keep people safe.\n"
    "I pass nothing on, and copy nothing, without leave of the agency it came from.\n"
    "Nothing reaches the person who causes harm, or anybody who could tell them.\n"
    "If I know somebody in a case, I say so and leave before it is talked about.\n";
constexpr char kItemHelp[] = "Agenda item: full name, MEETING/ITEM or MEETING/CASE-NUMBER";

std::string MeetingTable(const google::protobuf::RepeatedPtrField<v1::Meeting>& meetings) {
  Table table({{"MEETING", false}, {"START", false}, {"STATE", false}, {"CUT-OFF", false}, {"VENUE"}});
  // Below the table: sentences beside it would leave both them and the venue a word wide.
  std::string warnings;
  for (const v1::Meeting& meeting : meetings) {
    const bool in_cycle = meeting.kind() != v1::MEETING_KIND_EMERGENCY;
    table.AddRow({LastId(meeting.name()), MomentText(meeting.start_time()), Word(meeting.state()),
                  in_cycle ? MomentText(meeting.deadlines().cut_off_time()) : "emergency", meeting.venue()});
    if (meeting.warnings().empty()) continue;
    warnings += fmt::format("\nMeeting of {}:\n", MomentText(meeting.start_time()));
    for (const std::string& warning : meeting.warnings()) warnings += Paragraph(warning, /*indent=*/2);
  }
  return table.Render() + warnings;
}

// Hours and minutes from "14:30".
absl::StatusOr<int> ParseClock(const std::string& text, std::string_view field) {
  int hour = -1;
  int minute = -1;
  char colon = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%2d%c%2d%c", &hour, &colon, &minute, &rest) != 3 || colon != ':') {
    return domain::InvalidField(field, "give hours and minutes such as 09:30");
  }
  ASSIGN_OR_RETURN(const domain::ClockTime clock, domain::ClockTime::Create(hour, minute, field));
  return clock.hour() * 60 + clock.minute();
}

absl::StatusOr<v1::Meeting> GetMeeting(Client& client, const std::string& name) {
  v1::GetMeetingRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kMeetings, name));
  return client.Call(&MeetingStub::GetMeeting, request);
}

struct ScheduleFlags {
  std::string first_day;
  std::string start = "09:30";
  int every_weeks = 0;
  int count = 1;
  int minutes = 180;
  std::string venue;
  std::vector<std::string> invited;
};
void ScheduleOptions(CLI::App& app, ScheduleFlags& flags) {
  app.add_option("FIRST-DAY", flags.first_day, "Day of the first, for instance 2026-01-07")->required();
  app.add_option("--count", flags.count, "How many")->capture_default_str();
  app.add_option("--every-weeks", flags.every_weeks, "Weeks between two; 0: the area's own")
      ->capture_default_str();
  app.add_option("--start", flags.start, "Start by the clock in London")->capture_default_str();
  app.add_option("--minutes", flags.minutes, "Length in minutes")->capture_default_str();
  app.add_option("--venue", flags.venue, "Room or secure link, without a password");
  app.add_option("--invite", flags.invited, "Agency invited; repeat it. Without: every agency of the area");
}
absl::Status Schedule(Client& client, const ScheduleFlags& flags) {
  v1::ScheduleMeetingsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(*request.mutable_first_day(), ParseDay(flags.first_day, "first_day"));
  ASSIGN_OR_RETURN(const int start_minute, ParseClock(flags.start, "start_minute"));
  request.set_start_minute(start_minute);
  request.set_every_weeks(flags.every_weeks);
  request.set_count(flags.count);
  request.mutable_length()->set_seconds(int64_t{flags.minutes} * 60);
  request.set_venue(flags.venue);
  for (const std::string& agency : flags.invited) request.add_invited_agencies(AgencyName(agency));
  ASSIGN_OR_RETURN(const v1::ScheduleMeetingsResponse answer,
                   client.Call(&MeetingStub::ScheduleMeetings, request));
  client.Show(answer, MeetingTable(answer.meetings()));
  return absl::OkStatus();
}

// Asks for the meeting as it was read and answers with it.
template <typename Request>
absl::Status ChangeMeeting(Client& client, const RecordFlags& flags,
                           grpc::Status (MeetingStub::*method)(grpc::ClientContext*, const Request&,
                                                               v1::Meeting*),
                           Request request = Request()) {
  ASSIGN_OR_RETURN(const v1::Meeting meeting, GetMeeting(client, flags.name));
  request.set_name(meeting.name());
  request.set_etag(EtagOf(flags, meeting));
  return client.CallAndSum(method, request);
}

struct MoveFlags : RecordFlags {
  std::string day;
  std::string start;
  int minutes = 0;
  std::string venue;
  std::string reason;
};
void MoveOptions(CLI::App& app, MoveFlags& flags) {
  AddRecordOptions(app, flags, "The meeting");
  app.add_option("DAY", flags.day, "The new day; without: the same");
  app.add_option("--start", flags.start, "Start by the clock in London; without: the same");
  app.add_option("--minutes", flags.minutes, "Length in minutes; without: the same");
  app.add_option("--venue", flags.venue, "Room or secure link, without a password; without: the same");
  AddTextOption(app, "--reason", flags.reason, "Why");
}
absl::Status Move(Client& client, const MoveFlags& flags) {
  v1::MoveMeetingRequest request;
  if (!flags.day.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_day(), ParseDay(flags.day, "day"));
  }
  if (!flags.start.empty()) {
    ASSIGN_OR_RETURN(const int start_minute, ParseClock(flags.start, "start_minute"));
    request.set_start_minute(start_minute);
  }
  if (flags.minutes != 0) request.mutable_length()->set_seconds(int64_t{flags.minutes} * 60);
  request.set_venue(flags.venue);
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextIfGiven(client, flags.reason));
  return ChangeMeeting(client, flags, &MeetingStub::MoveMeeting, request);
}

struct CancelFlags : RecordFlags {
  std::string reason;
};
void CancelOptions(CLI::App& app, CancelFlags& flags) {
  AddRecordOptions(app, flags, "The meeting");
  AddTextOption(app, "--reason", flags.reason, "Why");
}
absl::Status Cancel(Client& client, const CancelFlags& flags) {
  v1::CancelMeetingRequest request;
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextIfGiven(client, flags.reason));
  return ChangeMeeting(client, flags, &MeetingStub::CancelMeeting, request);
}

struct EmergencyFlags {
  std::string record;
  std::string day;
  std::string start;
  int minutes = 0;
  std::string venue;
  std::vector<std::string> agencies;
  std::string reason;
  std::string chair;
};
void EmergencyOptions(CLI::App& app, EmergencyFlags& flags) {
  app.add_option("CASE", flags.record, "The case: its full name, or what follows the last slash")->required();
  app.add_option("DAY", flags.day, "The day, within 72 hours")->required();
  app.add_option("--start", flags.start, "Start by the clock in London")->required();
  app.add_option("--minutes", flags.minutes, "Length in minutes; without: 60");
  app.add_option("--venue", flags.venue, "Room or secure link, without a password");
  app.add_option("--agency", flags.agencies, "An agency that is called; repeat it");
  AddTextOption(app, "--reason", flags.reason, "Why it cannot wait");
  app.add_option("--chair", flags.chair, "The login of the chair who agreed; without: you, who are one");
}
absl::Status Emergency(Client& client, const EmergencyFlags& flags) {
  v1::CallEmergencyMeetingRequest request;
  ASSIGN_OR_RETURN(*request.mutable_case_name(), RecordName(client, "cases", flags.record));
  ASSIGN_OR_RETURN(const v1::Day given, ParseDay(flags.day, "start_time"));
  ASSIGN_OR_RETURN(const auto day, domain::LocalDate::FromDay(given, "start_time"));
  ASSIGN_OR_RETURN(const int minute, ParseClock(flags.start, "start_time"));
  ASSIGN_OR_RETURN(const auto clock, domain::ClockTime::FromMinutes(minute, "start_time"));
  *request.mutable_start_time() = domain::ToTimestamp(domain::DeadlineAt(day, clock));
  if (flags.minutes != 0) request.mutable_length()->set_seconds(int64_t{flags.minutes} * 60);
  request.set_venue(flags.venue);
  for (const std::string& agency : flags.agencies) request.add_invited_agencies(AgencyName(agency));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why it cannot wait"));
  if (!flags.chair.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_chair(), AccountName(client, flags.chair));
  }
  return client.CallAndSum(&MeetingStub::CallEmergencyMeeting, request);
}

struct ListFlags {
  std::string from;
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) {
  app.add_option("--from", flags.from, "Only on or after this day");
  AddLimitOption(app, flags.limit);
}
absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListMeetingsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  if (!flags.from.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_from_day(), ParseDay(flags.from, "from_day"));
  }
  ASSIGN_OR_RETURN(
      const v1::ListMeetingsResponse meetings,
      client.List(&MeetingStub::ListMeetings, request, &v1::ListMeetingsResponse::meetings, flags.limit));
  client.Show(meetings, MeetingTable(meetings.meetings()));
  return absl::OkStatus();
}

void NameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("MEETING", flags.name, "The meeting: its full name, or what follows the last slash")
      ->required();
}

absl::Status ShowOne(Client& client, const NameFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Meeting meeting, GetMeeting(client, flags.name));
  client.Show(meeting, RecordText(meeting));
  return absl::OkStatus();
}

absl::Status ShowOpening(Client& client, const NameFlags& flags) {
  v1::GetOpeningRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kMeetings, flags.name));
  ASSIGN_OR_RETURN(const v1::Opening opening, client.Call(&MeetingStub::GetOpening, request));
  std::string text;
  const auto part = [&text](std::string_view title, int count) {
    text += fmt::format("{}{}: {}\n", text.empty() ? "" : "\n", title, count == 0 ? "none" : "");
  };
  part("Actions that are not finished", opening.actions_size());
  for (const v1::Action& action : opening.actions()) {
    text += Labelled(
        action.case_number(),
        fmt::format("{}, {}, due {}{}: {}", Word(action.state()), LastId(action.agency()),
                    MomentText(action.due_time()), action.overdue() ? " (overdue)" : "", action.text()),
        2);
  }
  part("Heard in an emergency meeting", opening.emergencies_size());
  for (const v1::AgendaItem& item : opening.emergencies())
    text += Labelled(item.case_number(), "heard " + MomentText(item.close_time()), 2);
  part("Flags that lapsed", opening.lapsed_flags_size());
  for (const v1::Case& record : opening.lapsed_flags())
    text += Labelled(record.case_number(), "until " + DayText(record.flag_last_day()), 2);
  part("Victims who were not told yet", opening.victims_not_updated_size());
  for (const v1::Case& record : opening.victims_not_updated())
    text += Labelled(record.case_number(), "heard " + DayText(record.last_heard_day()), 2);
  client.Show(opening, text);
  return absl::OkStatus();
}

void RecordOptions(CLI::App& app, RecordFlags& flags) { AddRecordOptions(app, flags, "The meeting"); }

absl::Status Start(Client& client, const RecordFlags& flags) {
  return ChangeMeeting(client, flags, &MeetingStub::StartMeeting);
}
absl::Status Close(Client& client, const RecordFlags& flags) {
  return ChangeMeeting(client, flags, &MeetingStub::CloseMeeting);
}

struct AttendanceFlags : RecordFlags {
  std::vector<std::string> entries;
  JsonInput json;
};
void AttendanceOptions(CLI::App& app, AttendanceFlags& flags) {
  RecordOptions(app, flags);
  app.add_option("WHO=HOW", flags.entries,
                 "AGENCY=HOW or AGENCY:WHO=HOW, for instance police:a.shah=present; WHO is a login, or the "
                 "name of somebody without an account; HOW is " +
                     Words<v1::AttendanceState>() +
                     ", or removed for an entry that was a mistake. Others stay");
  AddJsonInput(app, flags.json, "RecordAttendanceRequest (without name and etag)");
}

// Who of the agency is meant: an account, or somebody who has none.
absl::Status SetPerson(Client& client, const std::string& who, v1::Attendance& attendance) {
  absl::StatusOr<std::string> account = AccountName(client, who);
  if (account.ok()) {
    attendance.set_account(*std::move(account));
    return absl::OkStatus();
  }
  if (!absl::IsNotFound(account.status())) return account.status();
  attendance.set_person(who);
  // A login with a slip in it would otherwise pass for a person unseen.
  client.Note(fmt::format("'{}' is nobody's login here, and is taken as the name of a person of {}", who,
                          LastId(attendance.agency())));
  return absl::OkStatus();
}
absl::Status Attend(Client& client, const AttendanceFlags& flags) {
  v1::RecordAttendanceRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, request));
  for (const std::string& entry : flags.entries) {
    const size_t equals = entry.find('=');
    const std::string field = fmt::format("attendance '{}'", entry);
    if (equals == std::string::npos) return domain::InvalidField(field, "give AGENCY=HOW or AGENCY:WHO=HOW");
    const std::string who = entry.substr(0, equals);
    const size_t colon = who.find(':');
    const std::string how = entry.substr(equals + 1);
    v1::Attendance& attendance = how == "removed" ? *request.add_removed() : *request.add_attendance();
    attendance.set_agency(AgencyName(who.substr(0, colon)));
    if (how != "removed") {
      ASSIGN_OR_RETURN(const auto state, ParseWord<v1::AttendanceState>(how, field));
      attendance.set_state(state);
    }
    if (colon != std::string::npos) RETURN_IF_ERROR(SetPerson(client, who.substr(colon + 1), attendance));
  }
  if (request.attendance().empty() && request.removed().empty()) {
    return UsageError("say who attended: WHO=HOW, or --json FILE");
  }
  ASSIGN_OR_RETURN(const v1::Meeting meeting, GetMeeting(client, flags.name));
  request.set_name(meeting.name());
  request.set_etag(EtagOf(flags, meeting));
  return client.CallAndSum(&MeetingStub::RecordAttendance, request);
}

struct SignFlags : NameFlags {
  bool agree = false;
};
void SignOptions(CLI::App& app, SignFlags& flags) {
  NameOptions(app, flags);
  app.add_flag("--agree", flags.agree, "You have read the statement and agree; without it you are asked");
}
absl::Status Sign(Client& client, const SignFlags& flags) {
  v1::SignConfidentialityRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kMeetings, flags.name));
  if (!flags.agree) {
    client.terminal().Write(kStatement);
    ASSIGN_OR_RETURN(const std::optional<bool> agrees,
                     AskYesNo(client.terminal(), "Do you agree, and are you in this meeting"));
    if (!agrees.value_or(false)) return UsageError("not signed");
  }
  return client.CallAndSum(&MeetingStub::SignConfidentiality, request);
}

struct ItemFlags {
  std::string item;
};
void ItemOptions(CLI::App& app, ItemFlags& flags) {
  app.add_option("ITEM", flags.item, kItemHelp)->required();
}

absl::Status Open(Client& client, const ItemFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AgendaItem item, FindAgendaItem(client, flags.item));
  v1::OpenItemRequest request;
  request.set_name(item.name());
  return client.CallAndSum(&MeetingStub::OpenItem, request);
}

absl::Status CloseItem(Client& client, const ItemFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AgendaItem item, FindAgendaItem(client, flags.item));
  v1::CloseItemRequest request;
  request.set_name(item.name());
  request.set_etag(item.etag());
  return client.CallAndSum(&MeetingStub::CloseItem, request);
}

absl::Status ShowItem(Client& client, const ItemFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AgendaItem item, FindAgendaItem(client, flags.item));
  client.Show(item, RecordText(item));
  return absl::OkStatus();
}

struct DeferFlags : ItemFlags {
  std::string reason;
  std::string safety_plan;
};
void DeferOptions(CLI::App& app, DeferFlags& flags) {
  ItemOptions(app, flags);
  AddTextOption(app, "--reason", flags.reason, "Why");
  AddTextOption(app, "--safety-plan", flags.safety_plan,
                "The safety plan that is active until the next meeting");
}
absl::Status Defer(Client& client, const DeferFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AgendaItem item, FindAgendaItem(client, flags.item));
  v1::DeferItemRequest request;
  request.set_name(item.name());
  request.set_etag(item.etag());
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  ASSIGN_OR_RETURN(*request.mutable_safety_plan(),
                   TextFrom(client, flags.safety_plan, "The safety plan until the next meeting"));
  return client.CallAndSum(&MeetingStub::DeferItem, request);
}

struct DiscussFlags : ItemFlags {
  std::string etag;
  JsonInput json;
  v1::Discussion parts;
  std::string children_considered;
  std::vector<std::string> information;
  std::vector<int> removed_information;
};
void DiscussOptions(CLI::App& app, DiscussFlags& flags) {
  ItemOptions(app, flags);
  app.add_option("--etag", flags.etag, "Refuse if it was changed since it was read with this etag");
  AddJsonInput(app, flags.json, "The whole Discussion");
  // What is not given stays as it is.
  app.add_option("--presenter", *flags.parts.mutable_presenter(), "Who presented");
  app.add_option("--latest-incident", *flags.parts.mutable_latest_incident(), "The latest incident");
  app.add_option("--victim-views", *flags.parts.mutable_victim_views(), "The victim's views and wishes");
  app.add_option("--victim-views-source", *flags.parts.mutable_victim_views_source(), "Who brought them");
  app.add_option("--information", flags.information,
                 "AGENCY:fact:TEXT or AGENCY:opinion:TEXT; repeat it. Added to what is there");
  app.add_option("--remove-information", flags.removed_information,
                 "Take this one away, by its number in `meeting item`; repeat it");
  app.add_option("--risk-summary", *flags.parts.mutable_risk_summary(), "The chair's summary of the risk");
  app.add_option("--proportionality", *flags.parts.mutable_proportionality(),
                 "Without consent: why sharing is proportionate");
  app.add_option("--children-considered", flags.children_considered, "yes, no or not-known");
  app.add_option("--victim-update-by", *flags.parts.mutable_victim_update_by(), "Who updates the victim");
  app.add_option("--victim-update-method", *flags.parts.mutable_victim_update_method(), "How, safely");
}

absl::StatusOr<v1::AgencyInformation> ParseInformation(const std::string& text) {
  const size_t first = text.find(':');
  const size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second == std::string::npos) {
    return domain::InvalidField("discussion.information", "give AGENCY:fact:TEXT or AGENCY:opinion:TEXT");
  }
  v1::AgencyInformation information;
  information.set_agency(AgencyName(text.substr(0, first)));
  ASSIGN_OR_RETURN(const auto basis,
                   ParseWord<v1::InformationBasis>(text.substr(first + 1, second - first - 1),
                                                   "discussion.information.basis"));
  information.set_basis(basis);
  information.set_text(text.substr(second + 1));
  return information;
}

// What an agency said, as a line about it.
std::string InformationLine(const v1::AgencyInformation& information) {
  return fmt::format("{}, {}: {}", LastId(information.agency()), Word(information.basis()),
                     information.text());
}

absl::Status RemoveInformation(Client& client, const std::vector<int>& numbers, v1::Discussion& discussion) {
  // From the last on, because taking one away moves those behind it.
  for (const int number : std::set<int, std::greater<>>(numbers.begin(), numbers.end())) {
    if (number < 1 || number > discussion.information_size()) {
      return domain::InvalidField(
          "--remove-information",
          fmt::format("there is no number {}: {} are recorded", number, discussion.information_size()));
    }
    client.Note("taken away: " + InformationLine(discussion.information(number - 1)));
    discussion.mutable_information()->DeleteSubrange(number - 1, 1);
  }
  return absl::OkStatus();
}

absl::Status Discuss(Client& client, const DiscussFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AgendaItem item, FindAgendaItem(client, flags.item));
  v1::RecordDiscussionRequest request;
  request.set_name(item.name());
  request.set_etag(flags.etag.empty() ? item.etag() : flags.etag);
  v1::Discussion& discussion = *request.mutable_discussion();
  RETURN_IF_ERROR(client.ReadInput(flags.json, discussion));
  if (!flags.json.file.empty()) return client.CallAndSum(&MeetingStub::RecordDiscussion, request);
  discussion = item.discussion();
  discussion.MergeFrom(flags.parts);
  if (!flags.children_considered.empty()) {
    ASSIGN_OR_RETURN(const auto considered,
                     ParseYesNo(flags.children_considered, "discussion.children_considered"));
    discussion.set_children_considered(considered);
  }
  RETURN_IF_ERROR(RemoveInformation(client, flags.removed_information, discussion));
  for (const std::string& text : flags.information) {
    ASSIGN_OR_RETURN(*discussion.add_information(), ParseInformation(text));
  }
  ASSIGN_OR_RETURN(const v1::AgendaItem recorded, client.Call(&MeetingStub::RecordDiscussion, request));
  std::string text = SummaryText(recorded);
  // The numbers by which each is taken away again.
  for (int i = 0; i < recorded.discussion().information_size(); ++i) {
    text += Labelled(fmt::format("information {}", i + 1),
                     InformationLine(recorded.discussion().information(i)), 2);
  }
  client.Show(recorded, text);
  return absl::OkStatus();
}

}  // namespace

void AddMeetingCommands(const Group& root) {
  const Group group = root.AddGroup("meeting", "Meetings: series, attendance, discussion");
  group.Add<ScheduleFlags>("schedule", "Put a series on the calendar", ScheduleOptions, Schedule);
  group.Add<MoveFlags>("move", "Put a meeting on another day or time", MoveOptions, Move);
  group.Add<CancelFlags>("cancel", "Say that a meeting is not held; its cases come to the next",
                         CancelOptions, Cancel);
  group.Add<EmergencyFlags>("emergency", "Call a meeting outside the cycle for a case that cannot wait",
                            EmergencyOptions, Emergency);
  group.Add<ListFlags>("list", "List meetings, the earliest first", ListOptions, List);
  group.Add<NameFlags>("show", "Show one meeting with its deadlines", NameOptions, ShowOne);
  group.Add<NameFlags>("opening", "Show what a meeting opens with: what those before it left", NameOptions,
                       ShowOpening);
  group.Add<RecordFlags>("start", "Open the meeting", RecordOptions, Start);
  group.Add<AttendanceFlags>("attendance", "Record who is there", AttendanceOptions, Attend);
  group.Add<SignFlags>("sign", "Sign the confidentiality statement of a meeting you are in", SignOptions,
                       Sign);
  group.Add<ItemFlags>("item", "Show one agenda item with its discussion", ItemOptions, ShowItem);
  group.Add<ItemFlags>("open", "Open a case of the agenda", ItemOptions, Open);
  group.Add<DiscussFlags>("discuss", "Record what was said", DiscussOptions, Discuss);
  group.Add<ItemFlags>("close-item", "Close the case as heard", ItemOptions, CloseItem);
  group.Add<DeferFlags>("defer", "Put a case off to the next meeting", DeferOptions, Defer);
  group.Add<RecordFlags>("close", "Close the meeting", RecordOptions, Close);
}

}  // namespace marac::cli
