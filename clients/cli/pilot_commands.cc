// Pilots: whether another presentation of a form comes to the same as the form.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "marac/v1/pilot_service.grpc.pb.h"

namespace marac::cli {
namespace {

using PilotStub = v1::PilotService::Stub;
constexpr char kPilots[] = "pilots";

struct RegisterFlags {
  std::string plan;
  std::string replace;
  std::string etag;
};
void RegisterOptions(CLI::App& app, RegisterFlags& flags) {
  app.add_option("PLAN", flags.plan,
                 "The plan that was approved: a PilotPlan as a JSON file, or - to read it")
      ->required();
  app.add_option("--replace", flags.replace, "The pilot whose plan it replaces; only before its first pair");
  app.add_option("--etag", flags.etag, "With --replace: the etag it must still have");
}
absl::Status Register(Client& client, const RegisterFlags& flags) {
  v1::RegisterPilotRequest request;
  RETURN_IF_ERROR(ReadJson(flags.plan, *request.mutable_plan()));
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  if (!flags.replace.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kPilots, flags.replace));
    request.set_etag(flags.etag);
  }
  return client.CallAndSum(&PilotStub::RegisterPilot, request);
}

struct ListFlags {
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) { AddLimitOption(app, flags.limit); }
absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListPilotsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(
      const v1::ListPilotsResponse pilots,
      client.List(&PilotStub::ListPilots, request, &v1::ListPilotsResponse::pilots, flags.limit));
  Table table({{"PILOT", false}, {"TITLE"}, {"COMPARED"}, {"STATE"}, {"PAIRS"}});
  for (const v1::Pilot& pilot : pilots.pilots()) {
    const v1::PilotPlan& plan = pilot.plan();
    table.AddRow({LastId(pilot.name()), plan.title(),
                  fmt::format("{} with {}", plan.variant_instrument(), plan.reference_instrument()),
                  Word(pilot.state()),
                  fmt::format("{} of {}", pilot.pairs(),
                              plan.looks().empty() ? 0 : plan.looks(plan.looks_size() - 1))});
  }
  client.Show(pilots, table.empty() ? "No pilots.\n" : table.Render());
  return absl::OkStatus();
}

struct PairFlags {
  std::string pilot;
  std::string reference;
  std::string variant;
  std::string order = "same-talk";
  bool blind = false;
  bool person_agreed = false;
};
void PairOptions(CLI::App& app, PairFlags& flags) {
  app.add_option("PILOT", flags.pilot, "The pilot")->required();
  app.add_option("REFERENCE", flags.reference, "The assessment on the form that is compared with")
      ->required();
  app.add_option("VARIANT", flags.variant, "The assessment on the form that is piloted")->required();
  app.add_option("--order", flags.order, "Which came first: " + Words<v1::PilotOrder>());
  app.add_flag("--blind", flags.blind, "Whoever completed the second had not seen the first");
  app.add_flag("--person-agreed", flags.person_agreed, "The person agreed to be asked twice");
}
absl::Status Pair(Client& client, const PairFlags& flags) {
  v1::PairAssessmentsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_pilot(), RecordName(client, kPilots, flags.pilot));
  ASSIGN_OR_RETURN(*request.mutable_reference(), RecordName(client, "assessments", flags.reference));
  ASSIGN_OR_RETURN(*request.mutable_variant(), RecordName(client, "assessments", flags.variant));
  ASSIGN_OR_RETURN(const v1::PilotOrder order, ParseWord<v1::PilotOrder>(flags.order, "order"));
  request.set_order(order);
  if (flags.blind) request.set_blind(v1::YES_NO_YES);
  if (flags.person_agreed) request.set_person_agreed(v1::YES_NO_YES);
  return client.CallAndSum(&PilotStub::PairAssessments, request);
}

// "0.72 (0.61 to 0.83)", "-" where it is absent.
std::string EstimateText(bool is_there, const v1::PilotEstimate& estimate) {
  if (!is_there) return "-";
  if (!estimate.has_low()) return fmt::format("{:.2f}", estimate.value());
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", estimate.value(), estimate.low(), estimate.high());
}

std::string RulesText(const v1::PilotReport& report) {
  std::string text;
  if (report.look() == 0) {
    text = Paragraph("No look of the plan was reached yet: nothing is decided.");
  } else {
    text = Paragraph(fmt::format("Judged on the first {} pairs{}.", report.look(),
                                 report.last_look() ? ", the last look of the plan" : ""));
  }
  Table table({{"RULE", false}, {"OUTCOME", false}, {"MEASURED"}, {"LIMIT"}, {"WHERE"}});
  for (const v1::PilotRuleResult& rule : report.rules()) {
    table.AddRow({rule.id(), Word(rule.outcome()), EstimateText(rule.has_value(), rule.value()),
                  fmt::format("{}", rule.limit()), fmt::format("{}", fmt::join(rule.where(), ", "))});
  }
  return text + table.Render();
}

std::string ItemsText(const v1::PilotReport& report) {
  Table table(
      {{"ITEM", false}, {"PAIRS"}, {"AGREE"}, {"KAPPA"}, {"PABAK"}, {"LOST"}, {"GAINED"}, {"CHANCE"}});
  for (const v1::PilotItemAgreement& item : report.items()) {
    table.AddRow({item.item(), fmt::format("{}", item.pairs()),
                  item.has_agreement_percent() ? fmt::format("{:.0f} %", item.agreement_percent()) : "-",
                  EstimateText(item.has_kappa(), item.kappa()),
                  item.has_pabak() ? fmt::format("{:.2f}", item.pabak()) : "-",
                  fmt::format("{}", item.lost()), fmt::format("{}", item.gained()),
                  fmt::format("{:.3f}", item.chance_of_shift())});
  }
  return table.Render();
}

std::string BandText(const v1::PilotBandAgreement& band) {
  Table table({{"BAND BEFORE", false}, {"BAND WITH IT"}, {"PAIRS"}});
  for (const v1::PilotBandCell& cell : band.cells()) {
    table.AddRow({Word(cell.reference()), Word(cell.variant()), fmt::format("{}", cell.pairs())});
  }
  return table.Render() +
         Paragraph(fmt::format(
             "Raised {}, lowered {}; into high {} ({:.0f} %), out of high {}. Weighted kappa {}.",
             band.raised(), band.lowered(), band.moved_into_high(), band.moved_into_high_percent(),
             band.moved_out_of_high(), EstimateText(band.has_kappa_quadratic(), band.kappa_quadratic())));
}

std::string ScoreText(const v1::PilotScoreAgreement& score) {
  return Paragraph(fmt::format(
      "Score, {} pairs of finished forms: mean difference {}, limits of agreement {}, "
      "ICC {}.",
      score.pairs(), EstimateText(score.has_mean_difference(), score.mean_difference()),
      score.has_limit_low() ? fmt::format("{:.1f} to {:.1f}", score.limit_low(), score.limit_high()) : "-",
      score.has_icc() ? fmt::format("{:.2f}", score.icc()) : "-"));
}

void PilotNameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("NAME", flags.name, "The pilot: its full name, or what follows the last slash")->required();
}
absl::Status Report(Client& client, const NameFlags& flags) {
  v1::GetPilotReportRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kPilots, flags.name));
  ASSIGN_OR_RETURN(const v1::PilotReport report, client.Call(&PilotStub::GetPilotReport, request));
  std::string text = fmt::format("{} pairs{}.\n", report.pairs(),
                                 report.pairs_in_error() == 0
                                     ? ""
                                     : fmt::format(", and {} left out: an assessment was entered in error",
                                                   report.pairs_in_error())) +
                     RulesText(report) + "\n" + ItemsText(report);
  if (report.has_band()) text += "\n" + BandText(report.band());
  if (report.has_score()) text += ScoreText(report.score());
  client.Show(report, text + "\nHow items were answered, and the burden: with --json.\n");
  return absl::OkStatus();
}

struct IncidentFlags : NameFlags {
  std::string kind;
  std::string day;
  std::string text;
};
void IncidentOptions(CLI::App& app, IncidentFlags& flags) {
  PilotNameOptions(app, flags);
  app.add_option("--kind", flags.kind, Words<v1::PilotIncidentKind>())->required();
  app.add_option("--day", flags.day, "The day of it")->required();
  AddTextOption(app, "--text", flags.text, "What happened and what was done at once, without names");
}
absl::Status RecordIncident(Client& client, const IncidentFlags& flags) {
  v1::RecordPilotIncidentRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kPilots, flags.name));
  v1::PilotIncident& incident = *request.mutable_incident();
  ASSIGN_OR_RETURN(const auto kind, ParseWord<v1::PilotIncidentKind>(flags.kind, "incident.kind"));
  incident.set_kind(kind);
  ASSIGN_OR_RETURN(*incident.mutable_day(), ParseDay(flags.day, "incident.day"));
  ASSIGN_OR_RETURN(*incident.mutable_text(), TextIfGiven(client, flags.text));
  ASSIGN_OR_RETURN(const v1::Pilot pilot, client.Call(&PilotStub::RecordPilotIncident, request));
  client.Show(pilot, fmt::format("{}: recorded; waits for the steering group\n",
                                 pilot.incidents(pilot.incidents_size() - 1).id()));
  return absl::OkStatus();
}

struct FindingFlags : NameFlags {
  std::string incident;
  std::string finding;
};
void FindingOptions(CLI::App& app, FindingFlags& flags) {
  PilotNameOptions(app, flags);
  app.add_option("INCIDENT", flags.incident, "Its id: i1")->required();
  AddTextOption(app, "--finding", flags.finding, "What was found and what is changed, without names");
}
absl::Status ReviewIncident(Client& client, const FindingFlags& flags) {
  v1::ReviewPilotIncidentRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kPilots, flags.name));
  request.set_incident(flags.incident);
  ASSIGN_OR_RETURN(*request.mutable_finding(), TextIfGiven(client, flags.finding));
  ASSIGN_OR_RETURN(const v1::Pilot pilot, client.Call(&PilotStub::ReviewPilotIncident, request));
  client.Show(pilot, fmt::format("{}: looked into\n", flags.incident));
  return absl::OkStatus();
}

// A line a side, for a spreadsheet; codes hold no comma.
std::string ExportText(const v1::PilotExport& exported) {
  std::string text = "row,month,order,side,stopped,score,not_asked,band,referred,minutes,answers\n";
  for (const v1::PilotExportRow& row : exported.rows()) {
    for (const bool variant : {false, true}) {
      const v1::PilotExportSide& side = variant ? row.variant() : row.reference();
      std::vector<std::string> answers;
      for (const v1::PilotExportAnswer& answer : side.answers()) {
        answers.push_back(answer.code() + "=" + Word(answer.answer()));
      }
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", row.row_id(), row.month(), Word(row.order()),
                          variant ? "variant" : "reference", side.stopped() ? 1 : 0, side.score(),
                          side.not_asked(), Word(side.band()), side.referred() ? 1 : 0, side.minutes(),
                          fmt::join(answers, " "));
    }
  }
  return text;
}

absl::Status Export(Client& client, const NameFlags& flags) {
  v1::ExportPilotRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, kPilots, flags.name));
  ASSIGN_OR_RETURN(const v1::PilotExport exported, client.Call(&PilotStub::ExportPilot, request));
  client.Show(exported, ExportText(exported));
  for (const std::string& cell : exported.small_cells()) {
    client.Note(fmt::format("fewer than {}: {}", exported.small_below(), cell));
  }
  return absl::OkStatus();
}

}  // namespace

void AddPilotCommands(const Group& root) {
  const Group group = root.AddGroup("pilot", "Pilots of another presentation of a form");
  group.Add<RegisterFlags>("register", "Register a plan that the steering group approved", RegisterOptions,
                           Register);
  group.Add<ListFlags>("list", "List pilots", ListOptions, List);
  group.Add<PairFlags>("pair", "Record that two assessments are of one occasion", PairOptions, Pair);
  group.Add<IncidentFlags>("incident", "Record something that went wrong", IncidentOptions, RecordIncident);
  group.Add<FindingFlags>("review-incident", "Say what came of looking into it", FindingOptions,
                          ReviewIncident);
  group.Add<NameFlags>("report", "What the pairs show, and what the plan's rules say of it", PilotNameOptions,
                       Report);
  group.Add<NameFlags>("export", "Rows for analysis elsewhere, without names", PilotNameOptions, Export);
}

}  // namespace marac::cli
