// Actions: offered, accepted, reported, chased.
#include <algorithm>
#include <tuple>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

using ActionStub = v1::ActionService::Stub;
constexpr char kActions[] = "actions";

absl::StatusOr<v1::Action> GetAction(Client& client, const std::string& name) {
  v1::GetActionRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kActions, name));
  return client.Call(&ActionStub::GetAction, request);
}

// A request that has name and etag, for the action of `flags`.
template <typename Request>
absl::StatusOr<Request> RequestFor(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Action action, GetAction(client, flags.name));
  Request request;
  request.set_name(action.name());
  request.set_etag(EtagOf(flags, action));
  return request;
}

struct AddFlags {
  std::string item;
  std::string text;
  std::string kind;
  std::string agency;
  std::string accepted_by;
  std::string due;
};
void AddOptions(CLI::App& app, AddFlags& flags) {
  app.add_option("ITEM", flags.item, "Agenda item: full name, MEETING/ITEM or MEETING/CASE-NUMBER")
      ->required();
  AddTextOption(app, "--text", flags.text, "What will be done");
  app.add_option("--kind", flags.kind, "Kind from the area's list, for instance SANCTUARY")->required();
  app.add_option("--agency", flags.agency, "Agency that does it")->required();
  app.add_option("--accepted-by", flags.accepted_by, "Account or login of who accepts it; without: proposed");
  app.add_option("--due", flags.due, "When it is due: 2026-01-07 (17:00) or 2026-01-07T14:30")->required();
}
bool IsAbout(const absl::Status& status, std::string_view field) {
  const v1::ErrorDetail detail = domain::DetailOf(status);
  return std::any_of(detail.field_violations().begin(), detail.field_violations().end(),
                     [&](const v1::FieldViolation& violation) { return violation.field() == field; });
}

// The area's list, for whoever gave a kind that is not on it.
absl::Status ShowKinds(Client& client) {
  if (client.flags().json) return absl::OkStatus();
  v1::GetAreaRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), client.Area());
  ASSIGN_OR_RETURN(const v1::Area area, client.Call(&v1::DirectoryService::Stub::GetArea, request));
  Table table({{"KIND", false}, {"WHAT IT IS"}, {"OUTCOMES"}});
  for (const v1::ActionKind& kind : area.settings().action_kinds()) {
    std::string outcomes;
    for (const std::string& outcome : kind.outcomes()) outcomes += (outcomes.empty() ? "" : ", ") + outcome;
    table.AddRow({kind.code(), kind.label(), outcomes});
  }
  client.terminal().Write("Kinds of this area:\n" + table.Render());
  return absl::OkStatus();
}

absl::Status Add(Client& client, const AddFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AgendaItem item, FindAgendaItem(client, flags.item));
  ASSIGN_OR_RETURN(const auto due, ParseMoment(flags.due, "--due"));
  v1::CreateActionRequest request;
  request.set_agenda_item(item.name());
  ASSIGN_OR_RETURN(*request.mutable_text(), TextFrom(client, flags.text, "What will be done"));
  request.set_kind(flags.kind);
  request.set_agency(AgencyName(flags.agency));
  if (!flags.accepted_by.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_accepted_by(), AccountName(client, flags.accepted_by));
  }
  *request.mutable_due_time() = due;
  const absl::StatusOr<v1::Action> action = client.Call(&ActionStub::CreateAction, request);
  if (IsAbout(action.status(), "kind")) RETURN_IF_ERROR(ShowKinds(client));
  RETURN_IF_ERROR(action.status());
  client.Show(*action, SummaryText(*action));
  return absl::OkStatus();
}

void RecordOptions(CLI::App& app, RecordFlags& flags) { AddRecordOptions(app, flags, "The action"); }

absl::Status Accept(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(const auto request, RequestFor<v1::AcceptActionRequest>(client, flags));
  return client.CallAndSum(&ActionStub::AcceptAction, request);
}

struct RefuseFlags : RecordFlags {
  std::string reason;
};
void RefuseOptions(CLI::App& app, RefuseFlags& flags) {
  RecordOptions(app, flags);
  AddTextOption(app, "--reason", flags.reason, "Why");
}
absl::Status Refuse(Client& client, const RefuseFlags& flags) {
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::RefuseActionRequest>(client, flags));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  return client.CallAndSum(&ActionStub::RefuseAction, request);
}

void ShowOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("NAME", flags.name, "The action: its full name, or what follows the last slash")->required();
}
absl::Status ShowOne(Client& client, const NameFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Action action, GetAction(client, flags.name));
  client.Show(action, RecordText(action));
  return absl::OkStatus();
}

struct ListFlags {
  std::string of_case;
  std::string state;
  bool mine = false;
  bool overdue = false;
  bool all = false;
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) {
  app.add_option("--case", flags.of_case, "Only those of this case (name or number)");
  CLI::Option* state =
      app.add_option("--state", flags.state, "Only those in this state: " + Words<v1::ActionState>());
  app.add_flag("--all", flags.all,
               "Those that are done with too; without: open and proposed ones, and refused ones that nobody "
               "took on since")
      ->excludes(state);
  app.add_flag("--mine", flags.mine, "Only those you accepted, or that are proposed to your agency");
  app.add_flag("--overdue", flags.overdue,
               "Only those past their due moment: open ones, and proposed ones that nobody answered");
  AddLimitOption(app, flags.limit);
}
bool DueBefore(const v1::Action& one, const v1::Action& other) {
  return std::tuple(one.due_time().seconds(), one.due_time().nanos()) <
         std::tuple(other.due_time().seconds(), other.due_time().nanos());
}

bool AgreedBefore(const v1::Action& one, const v1::Action& other) {
  return std::tuple(one.create_time().seconds(), one.create_time().nanos()) <
         std::tuple(other.create_time().seconds(), other.create_time().nanos());
}

// Every action that `request` means, of this state.
absl::StatusOr<v1::ListActionsResponse> ListIn(Client& client, v1::ListActionsRequest request,
                                               v1::ActionState state, int limit) {
  request.set_state(state);
  return client.List(&ActionStub::ListActions, request, &v1::ListActionsResponse::actions, limit);
}

// Whether a refused action still wants somebody who does it: its case goes on, and no action of its kind was
// agreed for the case since, or is asked of somebody.
absl::StatusOr<bool> IsLeft(Client& client, const v1::ListActionsRequest& request,
                            const v1::Action& refused) {
  v1::ListActionsRequest same_case;
  same_case.set_parent(request.parent());
  same_case.set_case_name(refused.case_name());
  ASSIGN_OR_RETURN(
      const v1::ListActionsResponse actions,
      client.List(&ActionStub::ListActions, same_case, &v1::ListActionsResponse::actions, /*limit=*/0));
  for (const v1::Action& other : actions.actions()) {
    if (other.kind() == refused.kind() && other.state() != v1::ACTION_STATE_REFUSED &&
        AgreedBefore(refused, other)) {
      return false;
    }
  }
  v1::GetCaseRequest get;
  get.set_name(refused.case_name());
  const absl::StatusOr<v1::Case> record = client.Call(&v1::CaseService::Stub::GetCase, get);
  // Whoever cannot see the case cannot have another action agreed for it.
  if (absl::IsNotFound(record.status()) || absl::IsPermissionDenied(record.status())) return false;
  RETURN_IF_ERROR(record.status());
  return record->stage() != v1::CASE_STAGE_CLOSED;
}

// What somebody still has to answer or do, the earliest due first; and, for those who look after all of them,
// what was refused and is left undone. A refusal that nobody hears of is how an action is lost.
absl::StatusOr<v1::ListActionsResponse> ListDue(Client& client, const v1::ListActionsRequest& request,
                                                int limit) {
  v1::ListActionsResponse due;
  for (const v1::ActionState state : {v1::ACTION_STATE_OPEN, v1::ACTION_STATE_PROPOSED}) {
    ASSIGN_OR_RETURN(const v1::ListActionsResponse actions, ListIn(client, request, state, limit));
    due.MergeFrom(actions);
  }
  if (!request.mine()) {
    ASSIGN_OR_RETURN(const v1::ListActionsResponse refused,
                     ListIn(client, request, v1::ACTION_STATE_REFUSED, /*limit=*/0));
    for (const v1::Action& action : refused.actions()) {
      ASSIGN_OR_RETURN(const bool left, IsLeft(client, request, action));
      if (left) *due.add_actions() = action;
    }
  }
  return due;
}

bool IsPast(const google::protobuf::Timestamp& time, const google::protobuf::Timestamp& now) {
  return std::tuple(time.seconds(), time.nanos()) < std::tuple(now.seconds(), now.nanos());
}

// Those past their due moment: accepted ones, which the server knows as overdue, and those that the
// agency which was asked has not answered.
absl::StatusOr<v1::ListActionsResponse> ListPast(Client& client, v1::ListActionsRequest request, int limit,
                                                 const google::protobuf::Timestamp& now) {
  ASSIGN_OR_RETURN(const v1::ListActionsResponse proposed,
                   ListIn(client, request, v1::ACTION_STATE_PROPOSED, /*limit=*/0));
  request.set_overdue(true);
  ASSIGN_OR_RETURN(v1::ListActionsResponse past,
                   client.List(&ActionStub::ListActions, request, &v1::ListActionsResponse::actions, limit));
  for (const v1::Action& action : proposed.actions()) {
    if (IsPast(action.due_time(), now)) *past.add_actions() = action;
  }
  return past;
}

// Lists that were put together: the earliest due first, and no more than `limit`.
void Cut(Client& client, v1::ListActionsResponse& actions, int limit) {
  auto& all = *actions.mutable_actions();
  std::stable_sort(all.begin(), all.end(), DueBefore);
  // They have no page behind them: more is read with a higher limit.
  actions.clear_next_page_token();
  if (limit > 0 && all.size() > limit) {
    all.DeleteSubrange(limit, all.size() - limit);
    client.Note("there are more; --limit 0 shows all");
  }
}

std::string StateText(const v1::Action& action, const google::protobuf::Timestamp& now) {
  if (action.overdue()) return "overdue";
  const bool unanswered = action.state() == v1::ACTION_STATE_PROPOSED && IsPast(action.due_time(), now);
  return Word(action.state()) + (unanswered ? ", past due" : "");
}

absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListActionsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  if (!flags.of_case.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_case_name(), CaseName(client, flags.of_case));
  }
  ASSIGN_OR_RETURN(const auto state, ParseWord<v1::ActionState>(flags.state, "state"));
  request.set_state(state);
  request.set_mine(flags.mine);
  // The day is the server's, which a demonstration moves.
  ASSIGN_OR_RETURN(const v1::Caller caller, client.Call(&v1::SessionService::Stub::GetCaller, {}));
  const google::protobuf::Timestamp& now = caller.business_time();
  v1::ListActionsResponse actions;
  if (flags.overdue && state == v1::ACTION_STATE_UNSPECIFIED) {
    ASSIGN_OR_RETURN(actions, ListPast(client, request, flags.limit, now));
    Cut(client, actions, flags.limit);
  } else if (flags.overdue || flags.all || state != v1::ACTION_STATE_UNSPECIFIED) {
    request.set_overdue(flags.overdue);
    ASSIGN_OR_RETURN(actions, client.List(&ActionStub::ListActions, request,
                                          &v1::ListActionsResponse::actions, flags.limit));
  } else {
    ASSIGN_OR_RETURN(actions, ListDue(client, request, flags.limit));
    Cut(client, actions, flags.limit);
  }
  Table table({{"ACTION", false}, {"CASE", false}, {"DUE", false}, {"STATE"}, {"AGENCY"}, {"WHAT"}});
  for (const v1::Action& action : actions.actions()) {
    table.AddRow({LastId(action.name()), action.case_number(), MomentText(action.due_time()),
                  StateText(action, now), LastId(action.agency()), action.text()});
  }
  client.Show(actions, table.Render());
  return absl::OkStatus();
}

struct ReportFlags : RecordFlags {
  std::string state;
  std::string text;
  std::string evidence;
  std::string outcome;
};
void ReportOptions(CLI::App& app, ReportFlags& flags) {
  RecordOptions(app, flags);
  app.add_option("STATE", flags.state, "What came of it: complete, not-possible or not-done")->required();
  AddTextOption(app, "--text", flags.text, "What was done, or why not");
  app.add_option("--evidence", flags.evidence, "Your agency's own reference of the evidence");
  app.add_option("--outcome", flags.outcome, "Outcome from the kind's list, for instance FITTED");
}
absl::Status Report(Client& client, const ReportFlags& flags) {
  ASSIGN_OR_RETURN(const auto state, ParseWord<v1::ActionState>(flags.state, "state"));
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::ReportActionRequest>(client, flags));
  request.set_state(state);
  ASSIGN_OR_RETURN(*request.mutable_text(), TextFrom(client, flags.text, "What was done, or why not"));
  request.set_evidence_reference(flags.evidence);
  request.set_outcome(flags.outcome);
  return client.CallAndSum(&ActionStub::ReportAction, request);
}

struct ExtendFlags : RecordFlags {
  std::string due;
  std::string agreed_by;
  std::string reason;
};
void ExtendOptions(CLI::App& app, ExtendFlags& flags) {
  RecordOptions(app, flags);
  app.add_option("--due", flags.due, "The new due moment: 2026-01-07 (17:00) or 2026-01-07T14:30")
      ->required();
  AddTextOption(app, "--agreed-by", flags.agreed_by, "Who agreed");
  AddTextOption(app, "--reason", flags.reason, "Why");
}
absl::Status Extend(Client& client, const ExtendFlags& flags) {
  if (flags.agreed_by == "-" && flags.reason == "-") return UsageError("give - for one of the two");
  ASSIGN_OR_RETURN(const auto due, ParseMoment(flags.due, "--due"));
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::ExtendActionRequest>(client, flags));
  *request.mutable_due_time() = due;
  ASSIGN_OR_RETURN(*request.mutable_agreed_by(), TextFrom(client, flags.agreed_by, "Who agreed"));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  return client.CallAndSum(&ActionStub::ExtendAction, request);
}

}  // namespace

void AddActionCommands(const Group& root) {
  const Group group = root.AddGroup("action", "Actions: offered, accepted, reported, chased");
  group.Add<AddFlags>("add", "Record an action in the meeting", AddOptions, Add);
  group.Add<RecordFlags>("accept", "Accept a proposed action for your agency", RecordOptions, Accept);
  group.Add<RefuseFlags>("refuse", "Refuse a proposed action", RefuseOptions, Refuse);
  group.Add<ListFlags>("list", "List actions, the earliest due first", ListOptions, List);
  group.Add<NameFlags>("show", "Show one action", ShowOptions, ShowOne);
  group.Add<ReportFlags>("report", "Say what came of it", ReportOptions, Report);
  group.Add<ExtendFlags>("extend", "Move the due moment, with who agreed and why", ExtendOptions, Extend);
}

}  // namespace marac::cli
