// A supervisor's queue: what waits for their agreement, and deciding about it.
#include <string>

#include "cli/assessment_calls.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "cli/words.h"

namespace marac::cli {
namespace {

struct ListFlags {
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) { AddLimitOption(app, flags.limit); }
absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListSupervisionRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const v1::ListSupervisionResponse waiting,
                   client.List(&AssessmentStub::ListSupervision, request,
                               &v1::ListSupervisionResponse::assessments, flags.limit));
  Table table({{"ASSESSMENT", false}, {"DAY", false}, {"GRADE"}, {"ABOUT"}, {"WAITS BECAUSE"}});
  for (const v1::Assessment& assessment : waiting.assessments()) {
    const bool lowered = !assessment.signature().countersigned_by().empty();
    table.AddRow({LastId(assessment.name()), DayText(assessment.assessment_date()),
                  Word(assessment.result().final_grade()), TextOf(assessment.victim().name()),
                  lowered ? "the grade is below that of the answers" : assessment.non_referral().text()});
  }
  client.Show(waiting, table.Render());
  return absl::OkStatus();
}

struct DecideFlags : RecordFlags {
  std::string reason;
};
void AgreeOptions(CLI::App& app, DecideFlags& flags) {
  AddRecordOptions(app, flags, "The assessment");
  AddOptionalTextOption(app, "--reason", flags.reason, "What you say with it");
}
void SendBackOptions(CLI::App& app, DecideFlags& flags) {
  AddRecordOptions(app, flags, "The assessment");
  AddOptionalTextOption(app, "--reason", flags.reason, "Why, and what is to be done");
}

absl::Status Decide(Client& client, const DecideFlags& flags, v1::SupervisorDecision decision) {
  ASSIGN_OR_RETURN(const v1::Assessment now, GetAssessment(client, flags.name));
  v1::CountersignAssessmentRequest request;
  request.set_name(now.name());
  request.set_etag(EtagOf(flags, now));
  request.set_decision(decision);
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextIfGiven(client, flags.reason));
  return client.CallAndSum(&AssessmentStub::CountersignAssessment, request);
}
absl::Status Agree(Client& client, const DecideFlags& flags) {
  return Decide(client, flags, v1::SUPERVISOR_DECISION_AGREED);
}
absl::Status SendBack(Client& client, const DecideFlags& flags) {
  return Decide(client, flags, v1::SUPERVISOR_DECISION_SENT_BACK);
}

}  // namespace

void AddSupervisionCommands(const Group& root) {
  const Group group = root.AddGroup("supervision", "Signed assessments that wait for a supervisor");
  group.Add<ListFlags>("list", "List what waits for you, the oldest first", ListOptions, List);
  group.Add<DecideFlags>("agree", "Countersign one", AgreeOptions, Agree);
  group.Add<DecideFlags>("send-back", "Send one back to its assessor, with a reason", SendBackOptions,
                         SendBack);
}

}  // namespace marac::cli
