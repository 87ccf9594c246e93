// The agenda of a meeting.
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/text.h"
#include "marac/v1/meeting_service.grpc.pb.h"

namespace marac::cli {
namespace {

using MeetingStub = v1::MeetingService::Stub;
constexpr char kMeetings[] = "meetings";

std::string NamesOf(const google::protobuf::RepeatedPtrField<v1::Party>& parties) {
  std::string names;
  for (const v1::Party& party : parties) names += (names.empty() ? "" : "; ") + TextOf(party.name());
  return names;
}

std::string AgendaText(const v1::Agenda& agenda) {
  const v1::Meeting& meeting = agenda.meeting();
  std::string text = SummaryText(meeting);
  text += Labelled("start", MomentText(meeting.start_time()), 0);
  if (meeting.agenda_edition() > 0) text += Labelled("edition", std::to_string(meeting.agenda_edition()), 0);
  for (const std::string& warning : agenda.warnings()) text += Labelled("warning", warning, 0);
  if (agenda.expected_overrun_minutes() > 0) {
    text += Labelled("expected overrun", std::to_string(agenda.expected_overrun_minutes()) + " minutes", 0);
  }
  text += "\n";
  Table table({{"ITEM", false}, {"CASE", false}, {"KIND"}, {"STATE"}, {"VICTIM"}, {"CAUSING HARM"}, {"WHY"}});
  for (const v1::AgendaItem& item : agenda.items()) {
    table.AddRow({LastId(item.name()), item.case_number(), Word(item.kind()), Word(item.state()),
                  TextOf(item.victim().name()), NamesOf(item.perpetrators()), item.reason_line()});
  }
  return text + table.Render();
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

absl::Status Propose(Client& client, const NameFlags& flags) {
  v1::ProposeAgendaRequest request;
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

struct AdmitFlags : NameFlags {
  std::string case_name;
  std::string reason;
};
void AdmitOptions(CLI::App& app, AdmitFlags& flags) {
  NameOptions(app, flags);
  app.add_option("CASE", flags.case_name, "The case: its name or number")->required();
  app.add_option("--reason", flags.reason, "Why it is listed although it came after the cut-off")->required();
}
absl::Status Admit(Client& client, const AdmitFlags& flags) {
  v1::AdmitLateCaseRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kMeetings, flags.name));
  ASSIGN_OR_RETURN(*request.mutable_case_name(), CaseName(client, flags.case_name));
  request.set_reason(flags.reason);
  return CallAndShowAgenda(client, &MeetingStub::AdmitLateCase, request);
}

}  // namespace

void AddAgendaCommands(const Group& root) {
  const Group group = root.AddGroup("agenda", "The agenda of a meeting");
  group.Add<NameFlags>("propose", "Put every accepted case that is in time on it", NameOptions, Propose);
  group.Add<NameFlags>("show", "Show it as far as it is open to you", NameOptions, ShowAgenda);
  group.Add<AdmitFlags>("admit", "List a late case by the chair's leave", AdmitOptions, Admit);
  group.Add<RecordFlags>("circulate", "Send it out", RecordOptions, Circulate);
}

}  // namespace marac::cli
