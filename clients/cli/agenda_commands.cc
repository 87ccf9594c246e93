// The agenda of a meeting.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "marac/v1/meeting_service.grpc.pb.h"

namespace marac::cli {
namespace {

using MeetingStub = v1::MeetingService::Stub;
constexpr char kMeetings[] = "meetings";

// What somebody needs to find a person in their own files.
std::string PersonText(const v1::Party& party) {
  std::vector<std::string> parts = {TextOf(party.name())};
  for (const std::string& alias : party.aliases()) parts.push_back("also " + alias);
  if (const std::string born = DayAnswerText(party.birth_date()); !born.empty())
    parts.push_back("born " + born);
  if (party.address().protected_detail()) {
    parts.emplace_back("address held apart");
  } else {
    for (const auto& part : {party.address().lines(), party.address().postcode()}) {
      if (part.has_value()) parts.push_back(part.value());
    }
  }
  if (party.school().has_value()) parts.push_back("school " + party.school().value());
  std::erase(parts, "");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string PeopleText(std::string_view label, const google::protobuf::RepeatedPtrField<v1::Party>& people) {
  std::string text;
  for (const v1::Party& party : people) text += (text.empty() ? "" : "\n") + PersonText(party);
  return text.empty() ? std::string() : Labelled(label, text, 4);
}

std::string ItemText(const std::string& meeting, const v1::AgendaItem& item) {
  std::string text = Paragraph(fmt::format("{}. {}, {}: {}", item.order_key(), item.case_number(),
                                           Word(item.kind()), Word(item.state())));
  // As the commands of the meeting take it.
  text += Labelled("item", LastId(meeting) + "/" + item.case_number(), 4);
  text += Labelled("victim", PersonText(item.victim()), 4);
  text += PeopleText("causing harm", item.perpetrators());
  text += PeopleText("children", item.children());
  if (!item.referring_agency().empty()) text += Labelled("referred by", LastId(item.referring_agency()), 4);
  if (!item.reason_line().empty()) text += Labelled("why", item.reason_line(), 4);
  if (!item.state_reason().empty()) text += Labelled("because", item.state_reason(), 4);
  return text;
}

// Who is missing of those who have to be there.
std::string QuorumText(const v1::Quorum& quorum) {
  std::vector<std::string> missing;
  for (const std::string& agency : quorum.missing()) missing.push_back(LastId(agency));
  if (quorum.agencies_short() > 0)
    missing.push_back(fmt::format("{} more {}", quorum.agencies_short(),
                                  quorum.agencies_short() == 1 ? "agency" : "agencies"));
  return fmt::format("Not quorate, missing: {}. The chair decides whether to go on.",
                     fmt::join(missing, ", "));
}

std::string AgendaText(const v1::Agenda& agenda) {
  const v1::Meeting& meeting = agenda.meeting();
  std::string text = SummaryText(meeting);
  text += Labelled("start", MomentText(meeting.start_time()), 0);
  if (meeting.agenda_edition() > 0) text += Labelled("edition", std::to_string(meeting.agenda_edition()), 0);
  for (const std::string& warning : agenda.warnings()) text += Labelled("warning", warning, 0);
  if (agenda.has_quorum() && !agenda.quorum().met()) {
    text += Labelled("warning", QuorumText(agenda.quorum()), 0);
  }
  if (agenda.expected_overrun_minutes() > 0) {
    text += Labelled("expected overrun", std::to_string(agenda.expected_overrun_minutes()) + " minutes", 0);
  }
  for (const v1::AgendaItem& item : agenda.items()) text += "\n" + ItemText(meeting.name(), item);
  return text;
}

template <typename Request>
absl::Status CallAndShowAgenda(Client& client,
                               grpc::Status (MeetingStub::*method)(grpc::ClientContext*, const Request&,
                                                                   v1::Agenda*),
                               const Request& request) {
  ASSIGN_OR_RETURN(const v1::Agenda agenda, client.Call(method, request));
  client.Show(agenda, AgendaText(agenda));
  return absl::OkStatus();
}

void NameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("MEETING", flags.name, "The meeting: its full name, or what follows the last slash")
      ->required();
}

absl::Status ShowAgenda(Client& client, const NameFlags& flags) {
  v1::GetAgendaRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kMeetings, flags.name));
  return CallAndShowAgenda(client, &MeetingStub::GetAgenda, request);
}

struct ProposeFlags : NameFlags {
  bool by_rule = false;
};
void ProposeOptions(CLI::App& app, ProposeFlags& flags) {
  NameOptions(app, flags);
  app.add_flag("--by-rule", flags.by_rule, "In the order of the rule again, whatever was placed by hand");
}
absl::Status Propose(Client& client, const ProposeFlags& flags) {
  v1::ProposeAgendaRequest request;
  request.set_by_rule(flags.by_rule);
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kMeetings, flags.name));
  return CallAndShowAgenda(client, &MeetingStub::ProposeAgenda, request);
}

void RecordOptions(CLI::App& app, RecordFlags& flags) { AddRecordOptions(app, flags, "The meeting"); }

absl::Status Circulate(Client& client, const RecordFlags& flags) {
  v1::GetMeetingRequest get;
  ASSIGN_OR_RETURN(*get.mutable_name(), RecordName(client, kMeetings, flags.name));
  ASSIGN_OR_RETURN(const v1::Meeting meeting, client.Call(&MeetingStub::GetMeeting, get));
  v1::CirculateAgendaRequest request;
  request.set_name(meeting.name());
  request.set_etag(EtagOf(flags, meeting));
  return CallAndShowAgenda(client, &MeetingStub::CirculateAgenda, request);
}

struct PlaceFlags {
  std::string item;
  int place = 0;
};
void PlaceOptions(CLI::App& app, PlaceFlags& flags) {
  app.add_option("ITEM", flags.item, "Agenda item: full name, MEETING/ITEM or MEETING/CASE-NUMBER")
      ->required();
  app.add_option("PLACE", flags.place, "Its place among those you see, from 1")->required();
}
absl::Status Place(Client& client, const PlaceFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AgendaItem item, FindAgendaItem(client, flags.item));
  v1::PlaceItemRequest request;
  request.set_name(item.name());
  request.set_place(flags.place);
  return CallAndShowAgenda(client, &MeetingStub::PlaceItem, request);
}

struct AdmitFlags : NameFlags {
  std::string case_name;
  std::string reason;
};
void AdmitOptions(CLI::App& app, AdmitFlags& flags) {
  NameOptions(app, flags);
  app.add_option("CASE", flags.case_name, "The case: its name or number")->required();
  AddTextOption(app, "--reason", flags.reason, "Why it is listed although it came after the cut-off");
}
absl::Status Admit(Client& client, const AdmitFlags& flags) {
  v1::AdmitLateCaseRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kMeetings, flags.name));
  ASSIGN_OR_RETURN(*request.mutable_case_name(), CaseName(client, flags.case_name));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why it cannot wait"));
  return CallAndShowAgenda(client, &MeetingStub::AdmitLateCase, request);
}

}  // namespace

void AddAgendaCommands(const Group& root) {
  const Group group = root.AddGroup("agenda", "The agenda of a meeting");
  group.Add<ProposeFlags>("propose", "Put every accepted case that is in time on it", ProposeOptions,
                          Propose);
  group.Add<PlaceFlags>("place", "Put a case at a place by hand", PlaceOptions, Place);
  group.Add<NameFlags>("show", "Show it as far as it is open to you", NameOptions, ShowAgenda);
  group.Add<AdmitFlags>("admit", "List a late case by the chair's leave", AdmitOptions, Admit);
  group.Add<RecordFlags>("circulate", "Send it out", RecordOptions, Circulate);
}

}  // namespace marac::cli
