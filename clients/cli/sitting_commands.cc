// Sittings of an assessment, and what the person needs to communicate.
#include <functional>
#include <string>
#include <vector>

#include "cli/assessment_calls.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/words.h"
#include "domain/errors.h"

namespace marac::cli {
namespace {

constexpr char kAssessmentHelp[] = "The assessment: its full name, or what follows the last slash";

void NameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("ASSESSMENT", flags.name, kAssessmentHelp)->required();
}

absl::Status ShowSaved(Client& client, const v1::Assessment& assessment) {
  client.Show(assessment, SummaryText(assessment));
  return absl::OkStatus();
}

// ---- begin

struct BeginFlags : NameFlags {
  std::string mode;
  std::string place;
  std::string alone;
  std::string safe;
  int minutes = 0;
  std::string safe_contact_known;
  std::string building;
  std::string abuser;
  std::string children;
  JsonInput json;
};
void BeginOptions(CLI::App& app, BeginFlags& flags) {
  NameOptions(app, flags);
  app.add_option("--mode", flags.mode, "How questions are put and answered: " + Words<v1::SittingMode>());
  app.add_option("--place", flags.place, "Where you are");
  app.add_option("--alone", flags.alone, "Nobody can hear you: yes, no or not-known");
  app.add_option("--safe", flags.safe, "The person thinks it is safe to talk now: yes, no or not-known");
  app.add_option("--minutes", flags.minutes, "How much time there is");
  app.add_option("--safe-contact-known", flags.safe_contact_known,
                 "You know how they may safely be reached if you are cut off: yes, no or not-known");
  app.add_option("--building", flags.building, "Who else is in the building");
  app.add_option("--abuser", flags.abuser, "Where those whom the person fears are");
  app.add_option("--children", flags.children, "Where the children are");
  AddJsonInput(app, flags.json, "The Sitting, for people present and an interpreter");
}

absl::Status SetAnswer(const std::string& text, const std::string& field,
                       const std::function<void(v1::YesNo)>& set) {
  if (text.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::YesNo answer, ParseYesNo(text, field));
  set(answer);
  return absl::OkStatus();
}

absl::Status Begin(Client& client, const BeginFlags& flags) {
  v1::BeginSittingRequest request;
  v1::Sitting& sitting = *request.mutable_sitting();
  RETURN_IF_ERROR(client.ReadInput(flags.json, sitting));
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "assessments", flags.name));
  if (!flags.mode.empty()) {
    ASSIGN_OR_RETURN(const auto mode, ParseWord<v1::SittingMode>(flags.mode, "sitting.mode"));
    sitting.set_mode(mode);
  }
  if (!flags.place.empty()) sitting.set_place(flags.place);
  v1::SafetyGate& safety = *sitting.mutable_safety();
  RETURN_IF_ERROR(SetAnswer(flags.alone, "sitting.safety.alone", [&](auto yes) { safety.set_alone(yes); }));
  RETURN_IF_ERROR(
      SetAnswer(flags.safe, "sitting.safety.safe_to_talk", [&](auto yes) { safety.set_safe_to_talk(yes); }));
  RETURN_IF_ERROR(SetAnswer(flags.safe_contact_known, "sitting.safety.safe_contact_known",
                            [&](auto yes) { safety.set_safe_contact_known(yes); }));
  if (flags.minutes != 0) safety.set_minutes_available(flags.minutes);
  if (!flags.building.empty()) safety.set_in_the_building(flags.building);
  if (!flags.abuser.empty()) safety.set_where_abuser_is(flags.abuser);
  if (!flags.children.empty()) safety.set_where_children_are(flags.children);
  ASSIGN_OR_RETURN(const v1::Assessment assessment, client.Call(&AssessmentStub::BeginSitting, request));
  return ShowSaved(client, assessment);
}

// ---- record, end

struct RecordSittingFlags : NameFlags {
  std::string sitting;
  std::string begun_break;
  bool end_break = false;
  std::vector<std::string> needs;
  bool end = false;
  std::string stop_reason;
  JsonInput json;
};
void RecordOptions(CLI::App& app, RecordSittingFlags& flags) {
  NameOptions(app, flags);
  app.add_option("--sitting", flags.sitting, "Which, s1 and so on; without: the one that is open");
  app.add_option("--break", flags.begun_break, "A break begins now: what it is for");
  app.add_flag("--end-break", flags.end_break, "The break is over");
  app.add_option("--need", flags.needs,
                 "NEED=yes or NEED=no:WHY, whether it was met; repeat it: " + Words<v1::CommunicationNeed>());
  CLI::Option* end = app.add_flag("--end", flags.end, "End the sitting");
  app.add_option("--stop-reason", flags.stop_reason, "Why it ends before what was planned for it")
      ->needs(end);
  AddJsonInput(app, flags.json, "RecordSittingRequest (without name), for breaks with their times");
}

absl::StatusOr<v1::NeedMet> ParseNeed(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) return domain::InvalidField("needs_met", "give NEED=yes or NEED=no:WHY");
  v1::NeedMet met;
  ASSIGN_OR_RETURN(const auto need,
                   ParseWord<v1::CommunicationNeed>(text.substr(0, equals), "needs_met.need"));
  met.set_need(need);
  const std::string rest = text.substr(equals + 1);
  const size_t colon = rest.find(':');
  ASSIGN_OR_RETURN(const v1::YesNo answer, ParseYesNo(rest.substr(0, colon), "needs_met.met"));
  met.set_met(answer);
  if (colon != std::string::npos) met.set_why(rest.substr(colon + 1));
  return met;
}

absl::Status Record(Client& client, const RecordSittingFlags& flags) {
  v1::RecordSittingRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, request));
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "assessments", flags.name));
  if (!flags.sitting.empty()) request.set_sitting(flags.sitting);
  if (!flags.begun_break.empty()) request.add_breaks()->set_reason(flags.begun_break);
  if (flags.end_break) request.set_end_break(true);
  for (const std::string& need : flags.needs) {
    ASSIGN_OR_RETURN(*request.add_needs_met(), ParseNeed(need));
  }
  if (flags.end) request.set_end(true);
  if (!flags.stop_reason.empty()) request.set_stop_reason(flags.stop_reason);
  ASSIGN_OR_RETURN(const v1::Assessment assessment, client.Call(&AssessmentStub::RecordSitting, request));
  return ShowSaved(client, assessment);
}

// ---- profile, show

struct ProfileFlags : RecordFlags {
  JsonInput json;
};
void ProfileOptions(CLI::App& app, ProfileFlags& flags) {
  AddRecordOptions(app, flags, "The assessment");
  AddJsonInput(app, flags.json, "The CommunicationProfile, whole");
}
absl::Status Profile(Client& client, const ProfileFlags& flags) {
  if (flags.json.file.empty()) return UsageError("give the profile by --json FILE");
  ASSIGN_OR_RETURN(const v1::Assessment now, GetAssessment(client, flags.name));
  v1::RecordCommunicationProfileRequest request;
  request.set_name(now.name());
  request.set_etag(EtagOf(flags, now));
  RETURN_IF_ERROR(client.ReadInput(flags.json, *request.mutable_profile()));
  ASSIGN_OR_RETURN(const v1::Assessment assessment,
                   client.Call(&AssessmentStub::RecordCommunicationProfile, request));
  return ShowSaved(client, assessment);
}

absl::Status ShowSittings(Client& client, const NameFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Assessment assessment, GetAssessment(client, flags.name));
  v1::Assessment shown;
  *shown.mutable_sittings() = assessment.sittings();
  if (assessment.has_communication()) *shown.mutable_communication() = assessment.communication();
  // What a sitting keeps of the profile is for when that has changed: by --json.
  v1::Assessment text = shown;
  for (v1::Sitting& sitting : *text.mutable_sittings()) sitting.clear_profile();
  client.Show(shown, RecordText(text));
  return absl::OkStatus();
}

}  // namespace

void AddSittingCommands(const Group& root) {
  const Group group = root.AddGroup("sitting", "Sittings of an assessment, and what the person needs");
  group.Add<ProfileFlags>("profile", "Record what the person needs to communicate", ProfileOptions, Profile);
  group.Add<BeginFlags>("begin", "Begin one, when it is safe", BeginOptions, Begin);
  group.Add<RecordSittingFlags>("record", "Add breaks and what was met of the needs, or end it",
                                RecordOptions, Record);
  group.Add<NameFlags>("show", "Show the sittings of an assessment, and what the person needs", NameOptions,
                       ShowSittings);
}

}  // namespace marac::cli
