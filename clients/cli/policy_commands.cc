// Policies: how an area grades.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/pack_file.h"
#include "cli/text.h"
#include "domain/area_policy.h"
#include "marac/v1/instrument_service.grpc.pb.h"

namespace marac::cli {
namespace {

using InstrumentStub = v1::InstrumentService::Stub;

struct InstallFlags {
  std::string file;
};
void InstallOptions(CLI::App& app, InstallFlags& flags) {
  app.add_option("FILE", flags.file, "The policy, in text format")->required();
}
absl::Status Install(Client& client, const InstallFlags& flags) {
  v1::InstallPolicyRequest request;
  ASSIGN_OR_RETURN(*request.mutable_policy_file(), ReadDataFile(flags.file, domain::kPolicyFileBytesMax));
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  return WithFileName(client.CallAndSum(&InstrumentStub::InstallPolicy, request), "policy.textproto",
                      flags.file);
}

struct ListFlags {
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) { AddLimitOption(app, flags.limit); }

void AddPolicy(Table& table, const v1::PolicyAbout& about, const std::string& installed) {
  table.AddRow({about.policy(), fmt::format("{}", about.high_threshold()),
                fmt::format("{}", fmt::join(about.instruments(), ", ")),
                about.has_valid_from() ? DayText(about.valid_from()) : "", installed,
                about.in_use() ? "yes" : ""});
}

absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListPoliciesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(
      const v1::ListPoliciesResponse list,
      client.List(&InstrumentStub::ListPolicies, request, &v1::ListPoliciesResponse::policies, flags.limit));
  Table table({{"POLICY", false}, {"HIGH FROM"}, {"GRADES"}, {"VALID FROM"}, {"INSTALLED"}, {"IN USE"}});
  for (const v1::AreaPolicy& policy : list.policies()) {
    AddPolicy(table, policy.about(), MomentText(policy.install_time()));
  }
  for (const v1::PolicyAbout& about : list.built_in()) AddPolicy(table, about, "built in");
  client.Show(list, table.Render());
  return absl::OkStatus();
}

struct ShowFlags {
  std::string policy;
};
void ShowOptions(CLI::App& app, ShowFlags& flags) {
  app.add_option("POLICY", flags.policy, "The policy: ID@VERSION")->required();
}
absl::Status ShowOne(Client& client, const ShowFlags& flags) {
  v1::GetPolicyRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_policy(flags.policy);
  ASSIGN_OR_RETURN(const v1::Policy policy, client.Call(&InstrumentStub::GetPolicy, request));
  client.Show(policy, RecordText(policy));
  return absl::OkStatus();
}

struct PreviewFlags {
  std::string policy;
  std::string from;
  std::string to;
};
void PreviewOptions(CLI::App& app, PreviewFlags& flags) {
  app.add_option("POLICY", flags.policy, "The policy: ID@VERSION")->required();
  app.add_option("--from", flags.from, "First day on which the assessments were begun: 2026-01-01")
      ->required();
  app.add_option("--to", flags.to, "Last day")->required();
}

std::string PreviewText(const v1::PreviewPolicyResponse& preview) {
  std::string text = Paragraph(fmt::format(
      "{} of {} signed assessments would have come to something else; {} more are on packs that the "
      "policy does not grade.",
      preview.changed(), preview.assessments(), preview.not_graded()));
  if (preview.changed() == 0) return text;
  Table moves({{"GRADE"}, {"WOULD BE"}, {"ASSESSMENTS"}});
  for (const v1::GradeMove& move : preview.moves()) {
    moves.AddRow({Word(move.before()), Word(move.after()), fmt::format("{}", move.assessments())});
  }
  text += "\n" + moves.Render();
  if (preview.changes().empty()) return text;
  Table changes({{"ASSESSMENT", false}, {"GRADE"}, {"WOULD BE"}, {"MORE"}, {"LESS"}});
  for (const v1::RegradedAssessment& change : preview.changes()) {
    std::vector<std::string> more(change.criteria_gained().begin(), change.criteria_gained().end());
    more.insert(more.end(), change.clusters_gained().begin(), change.clusters_gained().end());
    std::vector<std::string> less(change.criteria_lost().begin(), change.criteria_lost().end());
    less.insert(less.end(), change.clusters_lost().begin(), change.clusters_lost().end());
    changes.AddRow({LastId(change.assessment()), Word(change.before()), Word(change.after()),
                    fmt::format("{}", fmt::join(more, ", ")), fmt::format("{}", fmt::join(less, ", "))});
  }
  return text + "\n" + changes.Render();
}

absl::Status Preview(Client& client, const PreviewFlags& flags) {
  v1::PreviewPolicyRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_policy(flags.policy);
  ASSIGN_OR_RETURN(*request.mutable_first_day(), ParseDay(flags.from, "first_day"));
  ASSIGN_OR_RETURN(*request.mutable_last_day(), ParseDay(flags.to, "last_day"));
  ASSIGN_OR_RETURN(const v1::PreviewPolicyResponse preview,
                   client.Call(&InstrumentStub::PreviewPolicy, request));
  client.Show(preview, PreviewText(preview));
  return absl::OkStatus();
}

}  // namespace

void AddPolicyCommands(const Group& root) {
  const Group group = root.AddGroup("policy", "Policies: how the area grades");
  group.Add<InstallFlags>("install", "Install a policy", InstallOptions, Install);
  group.Add<ListFlags>("list", "List policies, installed and built in", ListOptions, List);
  group.Add<ShowFlags>("show", "Show one with all that it says", ShowOptions, ShowOne);
  group.Add<PreviewFlags>("preview", "Which signed assessments would have come to something else",
                          PreviewOptions, Preview);
}

}  // namespace marac::cli
