// When assessments are to be taken anew: what is due, what changed, and that none is needed.
#include <fmt/format.h>

#include <string>

#include "cli/assessment_calls.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "cli/words.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

struct ListFlags {
  std::string by;
  bool mine = false;
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) {
  app.add_option("--by", flags.by, "Due on this day or before; without: today");
  app.add_flag("--mine", flags.mine, "Only your own");
  AddLimitOption(app, flags.limit);
}
absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListAssessmentsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_mine(flags.mine);
  if (flags.by.empty()) {
    // The server's today, which a demonstration moves.
    ASSIGN_OR_RETURN(const v1::Caller caller, client.Call(&v1::SessionService::Stub::GetCaller, {}));
    *request.mutable_review_due_by() = domain::DateOf(domain::FromTimestamp(caller.business_time())).ToDay();
  } else {
    ASSIGN_OR_RETURN(*request.mutable_review_due_by(), ParseDay(flags.by, "review_due_by"));
  }
  ASSIGN_OR_RETURN(const v1::ListAssessmentsResponse due,
                   client.List(&AssessmentStub::ListAssessments, request,
                               &v1::ListAssessmentsResponse::assessments, flags.limit));
  Table table({{"ASSESSMENT", false}, {"TAKEN", false}, {"DUE", false}, {"ABOUT"}, {"CHANGES"}});
  for (const v1::Assessment& assessment : due.assessments()) {
    const v1::AssessmentReview& review = assessment.review();
    table.AddRow({LastId(assessment.name()), DayText(assessment.assessment_date()),
                  DayText(review.due()) + (review.overdue() ? " (over)" : ""),
                  TextOf(assessment.victim().name()),
                  review.changes().empty() ? "" : std::to_string(review.changes_size())});
  }
  client.Show(due, table.Render());
  return absl::OkStatus();
}

struct ChangeFlags : NameFlags {
  std::string code;
  std::string day;
  std::string note;
};
void ChangeOptions(CLI::App& app, ChangeFlags& flags) {
  app.add_option("ASSESSMENT", flags.name, "The assessment")->required();
  app.add_option("CHANGE", flags.code, "A code of its policy, for instance NEW_INCIDENT")->required();
  app.add_option("--day", flags.day, "The day of the change; without: today");
  AddOptionalTextOption(app, "--note", flags.note, "What happened");
}
absl::Status Change(Client& client, const ChangeFlags& flags) {
  v1::RecordChangeRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "assessments", flags.name));
  request.set_code(flags.code);
  if (!flags.day.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_day(), ParseDay(flags.day, "day"));
  }
  ASSIGN_OR_RETURN(*request.mutable_note(), TextIfGiven(client, flags.note));
  return client.CallAndSum(&AssessmentStub::RecordChange, request);
}

struct EndFlags : RecordFlags {
  std::string reason;
};
void EndOptions(CLI::App& app, EndFlags& flags) {
  AddRecordOptions(app, flags, "The assessment");
  AddTextOption(app, "--reason", flags.reason, "Why no review is needed");
}
absl::Status End(Client& client, const EndFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Assessment now, GetAssessment(client, flags.name));
  v1::EndReviewRequest request;
  request.set_name(now.name());
  request.set_etag(EtagOf(flags, now));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextIfGiven(client, flags.reason));
  return client.CallAndSum(&AssessmentStub::EndReview, request);
}

}  // namespace

void AddReviewCommands(const Group& root) {
  const Group group = root.AddGroup("review", "Assessments that are to be taken anew");
  group.Add<ListFlags>("list", "List what is due, the soonest first", ListOptions, List);
  group.Add<ChangeFlags>("change", "Record a change in the person's life: a review is due at once",
                         ChangeOptions, Change);
  group.Add<EndFlags>("end", "Say that no review is needed, and why", EndOptions, End);
}

}  // namespace marac::cli
