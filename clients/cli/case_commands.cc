// Cases: reading, contact with the victim, what the victim was told, close.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/safe_contact_form.h"
#include "cli/text.h"
#include "marac/v1/case_service.grpc.pb.h"

namespace marac::cli {
namespace {

using CaseStub = v1::CaseService::Stub;

absl::StatusOr<v1::Case> GetCase(Client& client, const std::string& name) {
  v1::GetCaseRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), CaseName(client, name));
  return client.Call(&CaseStub::GetCase, request);
}

template <typename Request>
absl::StatusOr<Request> RequestFor(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Case found, GetCase(client, flags.name));
  Request request;
  request.set_name(found.name());
  request.set_etag(EtagOf(flags, found));
  return request;
}

void RecordOptions(CLI::App& app, RecordFlags& flags) {
  app.add_option("CASE", flags.name, "The case: its name or number")->required();
  app.add_option("--etag", flags.etag, "Refuse if it was changed since it was read with this etag");
}

void NameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("CASE", flags.name, "The case: its name or number")->required();
}
absl::Status ShowOne(Client& client, const NameFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Case found, GetCase(client, flags.name));
  client.Show(found, RecordText(found));
  return absl::OkStatus();
}

struct ListFlags {
  std::string stage;
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) {
  app.add_option("--stage", flags.stage, "Only those in this stage: " + Words<v1::CaseStage>());
  AddLimitOption(app, flags.limit);
}
absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListCasesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const auto stage, ParseWord<v1::CaseStage>(flags.stage, "stage"));
  request.set_stage(stage);
  ASSIGN_OR_RETURN(const v1::ListCasesResponse cases,
                   client.List(&CaseStub::ListCases, request, &v1::ListCasesResponse::cases, flags.limit));
  Table table({{"CASE", false}, {"NUMBER", false}, {"STAGE"}, {"KIND"}, {"CONTACT"}, {"VICTIM"}, {"WHY"}});
  for (const v1::Case& found : cases.cases()) {
    table.AddRow({LastId(found.name()), found.case_number(), Word(found.stage()), Word(found.kind()),
                  Word(found.victim_contact().state()), TextOf(found.victim().name()), found.reason_line()});
  }
  client.Show(cases, table.Render());
  return absl::OkStatus();
}

struct RevealFlags {
  std::string name;
  std::string reason;
};
void RevealOptions(CLI::App& app, RevealFlags& flags) {
  app.add_option("DETAIL", flags.name, "The protected detail, from the record's masks")->required();
  AddOptionalTextOption(app, "--reason", flags.reason, "Why it is needed");
}
absl::Status Reveal(Client& client, const RevealFlags& flags) {
  v1::RevealDetailRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "protectedDetails", flags.name));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextIfGiven(client, flags.reason));
  // Each call is a consultation of its own in the audit, so a repeat would count twice.
  ASSIGN_OR_RETURN(const v1::ProtectedDetail detail,
                   client.Call(&CaseStub::RevealDetail, request, {.repeat = false}));
  client.Show(detail, RecordText(detail));
  return absl::OkStatus();
}

struct CorrectFlags : RecordFlags {
  JsonInput json;
};
void CorrectOptions(CLI::App& app, CorrectFlags& flags) {
  RecordOptions(app, flags);
  AddJsonInput(app, flags.json, "CorrectSafeContactRequest (without name; etag: as last read)");
}
absl::Status Correct(Client& client, const CorrectFlags& flags) {
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::CorrectSafeContactRequest>(client, flags));
  RETURN_IF_ERROR(FillCorrection(client, flags.json, request));
  return client.CallAndSum(&CaseStub::CorrectSafeContact, request);
}

struct ContactFlags : RecordFlags {
  std::string state;
  std::string note;
};
void ContactOptions(CLI::App& app, ContactFlags& flags) {
  RecordOptions(app, flags);
  app.add_option("STATE", flags.state, "Where it stands: " + Words<v1::VictimContactState>())->required();
  AddOptionalTextOption(app, "--note", flags.note, "In words");
}
absl::Status Contact(Client& client, const ContactFlags& flags) {
  ASSIGN_OR_RETURN(const auto state, ParseWord<v1::VictimContactState>(flags.state, "state"));
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::RecordVictimContactRequest>(client, flags));
  request.set_state(state);
  ASSIGN_OR_RETURN(*request.mutable_note(), TextIfGiven(client, flags.note));
  return client.CallAndSum(&CaseStub::RecordVictimContact, request);
}

struct UpdateFlags : RecordFlags {
  bool told = false;
  bool unsafe = false;
  std::string text;
};
void UpdateOptions(CLI::App& app, UpdateFlags& flags) {
  RecordOptions(app, flags);
  CLI::Option* told = app.add_flag("--told", flags.told, "The victim was told what came of the meeting");
  app.add_flag("--unsafe", flags.unsafe, "Telling the victim would be unsafe")->excludes(told);
  AddTextOption(app, "--text", flags.text, "How, or why it is unsafe");
}
absl::Status Update(Client& client, const UpdateFlags& flags) {
  if (!flags.told && !flags.unsafe) return UsageError("give --told or --unsafe");
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::RecordVictimUpdateRequest>(client, flags));
  request.set_told(flags.told);
  ASSIGN_OR_RETURN(*request.mutable_text(), TextFrom(client, flags.text, "How, or why it is unsafe"));
  return client.CallAndSum(&CaseStub::RecordVictimUpdate, request);
}

struct CloseFlags : RecordFlags {
  std::string reason;
  std::string ground;
  bool told = false;
  bool unsafe = false;
  std::string text;
};
void CloseOptions(CLI::App& app, CloseFlags& flags) {
  RecordOptions(app, flags);
  AddTextOption(app, "--reason", flags.reason, "Why");
  CLI::Option* ground = app.add_option("--unheard", flags.ground,
                                       "It never will be heard, because: " + Words<v1::CloseGround>());
  CLI::Option* told =
      app.add_flag("--told", flags.told, "With --unheard: the victim was told")->needs(ground);
  app.add_flag("--unsafe", flags.unsafe, "With --unheard: telling the victim would be unsafe")
      ->needs(ground)
      ->excludes(told);
  AddOptionalTextOption(app, "--text", flags.text,
                        "With --unheard: how the victim was told, or why it is unsafe")
      ->needs(ground);
}
absl::Status Close(Client& client, const CloseFlags& flags) {
  if (!flags.ground.empty() && !flags.told && !flags.unsafe) {
    return UsageError("with --unheard give --told or --unsafe");
  }
  ASSIGN_OR_RETURN(const auto ground, ParseWord<v1::CloseGround>(flags.ground, "unheard"));
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::CloseCaseRequest>(client, flags));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  request.set_ground(ground);
  request.set_victim_told(flags.told);
  ASSIGN_OR_RETURN(*request.mutable_victim_update(), TextIfGiven(client, flags.text));
  return client.CallAndSum(&CaseStub::CloseCase, request);
}

}  // namespace

void AddCaseCommands(const Group& root) {
  const Group group = root.AddGroup("case", "Cases you are part of");
  group.Add<NameFlags>("show", "Show one case", NameOptions, ShowOne);
  group.Add<ListFlags>("list", "List cases, the newest first", ListOptions, List);
  group.Add<RevealFlags>("reveal", "Show one protected detail; every time is audited", RevealOptions, Reveal);
  group.Add<CorrectFlags>("correct-safe-contact", "Say how the victim may be reached now; asks",
                          CorrectOptions, Correct);
  group.Add<ContactFlags>("contact", "Record contact with the victim", ContactOptions, Contact);
  group.Add<UpdateFlags>("update", "Record that the victim was told, or why not", UpdateOptions, Update);
  group.Add<CloseFlags>("close", "Close a heard case, or one that never will be", CloseOptions, Close);
}

}  // namespace marac::cli
