// Risk assessments: taking one, in a conversation or from a file, completing, signing, amending.
#include <fmt/format.h>

#include <vector>

#include "cli/assessment_calls.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interview.h"
#include "cli/keying.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"

namespace marac::cli {
namespace {

constexpr char kAssessmentHelp[] = "The assessment: its full name, or what follows the last slash";
constexpr char kAnswersHelp[] =
    "Answers, for instance STRANGLE=yes FEAR=dont-know KILL_THREAT=yes:CHILD+SELF or, with options, "
    "HURTS=option:PAIN; codes: `marac assessment "
    "form`; answers are ";

void RecordOptions(CLI::App& app, RecordFlags& flags) { AddRecordOptions(app, flags, "The assessment"); }
void NameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("ASSESSMENT", flags.name, kAssessmentHelp)->required();
}

void AddSourceOptions(CLI::App& app, SourceFlags& flags) {
  app.add_option("--source", flags.source, "Where the answers come from: " + Words<v1::SourceRole>());
  app.add_option("--source-ref", flags.reference, "Who or which record, for every source but the victim");
}

template <typename Request>
absl::StatusOr<Request> RequestFor(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Assessment assessment, GetAssessment(client, flags.name));
  Request request;
  request.set_name(assessment.name());
  request.set_etag(EtagOf(flags, assessment));
  return request;
}

absl::Status AddAnswers(const std::vector<std::string>& texts, const SourceFlags& source,
                        google::protobuf::RepeatedPtrField<v1::Answer>& answers) {
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(*answers.Add(), ParseAnswer(text));
    RETURN_IF_ERROR(SetSource(source, answers[answers.size() - 1]));
  }
  return absl::OkStatus();
}

// The line a change ends with, and what the answers come to now.
absl::Status ShowWithResult(Client& client, const v1::Assessment& assessment) {
  client.Show(assessment, SummaryText(assessment) +
                              (assessment.has_result() ? ResultText(assessment.result()) : std::string()));
  return absl::OkStatus();
}

// For whoever gave a code that the form does not have.
void NoteCodes(Client& client, const absl::Status& status) {
  const v1::ErrorDetail detail = domain::DetailOf(status);
  for (const v1::FieldViolation& violation : detail.field_violations()) {
    if (!violation.field().ends_with(".item")) continue;
    client.Note("every question with its code: marac assessment form");
    return;
  }
}

// ---- start, take

struct StartFlags {
  std::string victim;
  std::vector<std::string> perpetrators;
  std::string instrument;
  std::string purpose;
  std::string date;
  std::string reviews;
  JsonInput json;
};
void AddStartOptions(CLI::App& app, StartFlags& flags) {
  app.add_option("--victim", flags.victim, "Who it is about; ? for not known");
  app.add_option("--perpetrator", flags.perpetrators, "Whom the person fears; repeat it; ? for not known");
  app.add_option("--instrument", flags.instrument, "The form, id@version; without: the area's own");
  app.add_option("--purpose", flags.purpose, Words<v1::AssessmentPurpose>());
  app.add_option("--date", flags.date, "The day it is about; without: today");
  app.add_option("--reviews", flags.reviews, "The signed assessment that it reviews, of the same people");
}
void StartOptions(CLI::App& app, StartFlags& flags) {
  AddStartOptions(app, flags);
  AddJsonInput(app, flags.json, "StartAssessmentRequest");
}

absl::StatusOr<v1::Assessment> StartNew(Client& client, const StartFlags& flags) {
  v1::StartAssessmentRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, request));
  if (request.parent().empty()) {
    ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  }
  if (!flags.victim.empty()) *request.mutable_victim() = NamedParty(flags.victim);
  for (const std::string& name : flags.perpetrators) *request.add_perpetrators() = NamedParty(name);
  if (!flags.instrument.empty()) request.set_instrument(flags.instrument);
  if (!flags.purpose.empty()) {
    ASSIGN_OR_RETURN(const auto purpose, ParseWord<v1::AssessmentPurpose>(flags.purpose, "purpose"));
    request.set_purpose(purpose);
  }
  if (!flags.date.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_assessment_date(), ParseDay(flags.date, "assessment_date"));
  }
  if (!flags.reviews.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_reviews(), RecordName(client, "assessments", flags.reviews));
  }
  return client.Call(&AssessmentStub::StartAssessment, request);
}

absl::Status Start(Client& client, const StartFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Assessment assessment, StartNew(client, flags));
  client.Show(assessment, SummaryText(assessment));
  return absl::OkStatus();
}

struct TakeFlags : StartFlags {
  std::string resume;
  bool fresh = false;
  SourceFlags source;
};
void TakeOptions(CLI::App& app, TakeFlags& flags) {
  AddStartOptions(app, flags);
  CLI::Option* resume = app.add_option("--resume", flags.resume, "Go on with this draft");
  app.add_flag("--new", flags.fresh, "Start a new one although a draft of yours is open")->excludes(resume);
  AddSourceOptions(app, flags.source);
}

// The draft to go on with: the one named, else the newest of this person's own.
absl::StatusOr<std::optional<v1::Assessment>> FindDraft(Client& client, const TakeFlags& flags) {
  if (flags.fresh) return std::nullopt;
  if (!flags.resume.empty()) {
    ASSIGN_OR_RETURN(const v1::Assessment assessment, GetAssessment(client, flags.resume));
    return assessment;
  }
  v1::ListAssessmentsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_state(v1::ASSESSMENT_STATE_DRAFT);
  request.set_mine(true);
  request.set_page_size(1);
  ASSIGN_OR_RETURN(const v1::ListAssessmentsResponse drafts,
                   client.Call(&AssessmentStub::ListAssessments, request));
  if (drafts.assessments().empty()) return std::nullopt;
  // Lists come without answers.
  ASSIGN_OR_RETURN(const v1::Assessment draft, GetAssessment(client, drafts.assessments(0).name()));
  const std::string victim = TextOf(draft.victim().name());
  client.terminal().Write(
      Paragraph(fmt::format("Your draft of {}{}{} is open, {} answered.", DayText(draft.assessment_date()),
                            victim.empty() ? "" : " about ", victim,
                            draft.answers_size() == 1 ? std::string("1 question")
                                                      : fmt::format("{} questions", draft.answers_size()))));
  ASSIGN_OR_RETURN(const std::optional<char> key,
                   AskKey(client.terminal(), "What now", {{'y', "go on with it"}, {'n', "start a new one"}}));
  if (!key.has_value()) return UsageError("nothing was started; say which with --resume NAME or --new");
  if (*key == 'n') return std::nullopt;
  return draft;
}

absl::Status Take(Client& client, const TakeFlags& flags) {
  ASSIGN_OR_RETURN(std::optional<v1::Assessment> assessment, FindDraft(client, flags));
  if (!assessment.has_value()) {
    StartFlags start = flags;
    Terminal& terminal = client.terminal();
    if (start.victim.empty() && start.reviews.empty()) {
      ASSIGN_OR_RETURN(const auto victim, terminal.ReadLine("Who is it about (? not known; Enter: later): "));
      start.victim = victim.value_or("");
    }
    if (start.perpetrators.empty() && start.reviews.empty()) {
      ASSIGN_OR_RETURN(const auto feared, terminal.ReadLine("Whom does the person fear (?; Enter: later): "));
      if (feared.has_value() && !feared->empty()) start.perpetrators.push_back(*feared);
    }
    ASSIGN_OR_RETURN(assessment, StartNew(client, start));
  }
  ASSIGN_OR_RETURN(v1::InstrumentPack pack, GetInstrument(client, assessment->instrument()));
  Interview interview(client, std::move(pack), *std::move(assessment), flags.source);
  RETURN_IF_ERROR(interview.Run());
  return ShowWithResult(client, interview.assessment());
}

// ---- show, list

struct ShowFlags : NameFlags {
  int edition = 0;
};
void ShowOptions(CLI::App& app, ShowFlags& flags) {
  NameOptions(app, flags);
  app.add_option("--edition", flags.edition, "An earlier edition; without: the present one");
}
absl::Status ShowOne(Client& client, const ShowFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Assessment assessment, GetAssessment(client, flags.name, flags.edition));
  v1::InstrumentPack pack;
  if (!client.flags().json) {
    ASSIGN_OR_RETURN(pack, GetInstrument(client, assessment.instrument()));
  }
  client.Show(assessment, AssessmentText(assessment, pack));
  return absl::OkStatus();
}

struct CompareFlags : NameFlags {
  std::string other;
  int edition = 0;
  int other_edition = 0;
};
void CompareOptions(CLI::App& app, CompareFlags& flags) {
  NameOptions(app, flags);
  app.add_option("OTHER", flags.other,
                 "Another assessment of the same person; without: another edition of this");
  app.add_option("--edition", flags.edition, "An earlier edition of the first; without: the present one");
  app.add_option("--other-edition", flags.other_edition, "An earlier edition of the other");
}
absl::Status Compare(Client& client, const CompareFlags& flags) {
  v1::CompareAssessmentsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "assessments", flags.name));
  request.set_edition(flags.edition);
  if (!flags.other.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_other(), RecordName(client, "assessments", flags.other));
  }
  request.set_other_edition(flags.other_edition);
  ASSIGN_OR_RETURN(const v1::AssessmentComparison comparison,
                   client.Call(&AssessmentStub::CompareAssessments, request));
  v1::InstrumentPack earlier;
  v1::InstrumentPack later;
  if (!client.flags().json) {
    ASSIGN_OR_RETURN(earlier, GetInstrument(client, comparison.earlier().instrument()));
    ASSIGN_OR_RETURN(later, GetInstrument(client, comparison.later().instrument()));
  }
  client.Show(comparison, ComparisonText(comparison, earlier, later));
  return absl::OkStatus();
}

struct ListFlags {
  std::string state;
  bool mine = false;
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) {
  app.add_option("--state", flags.state, "Only those in this state: " + Words<v1::AssessmentState>());
  app.add_flag("--mine", flags.mine, "Only your own");
  AddLimitOption(app, flags.limit);
}
absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListAssessmentsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const auto state, ParseWord<v1::AssessmentState>(flags.state, "state"));
  request.set_state(state);
  request.set_mine(flags.mine);
  ASSIGN_OR_RETURN(const v1::ListAssessmentsResponse assessments,
                   client.List(&AssessmentStub::ListAssessments, request,
                               &v1::ListAssessmentsResponse::assessments, flags.limit));
  Table table(
      {{"ASSESSMENT", false}, {"DAY", false}, {"STATE"}, {"FORM"}, {"SCORE"}, {"ABOUT"}, {"REFERRAL"}});
  for (const v1::Assessment& assessment : assessments.assessments()) {
    const v1::AssessmentResult& result = assessment.result();
    // Never a score without what it could become (decisions 26).
    std::string score;
    if (assessment.has_result()) {
      score = result.score() == result.score_max() ? std::to_string(result.score())
                                                   : fmt::format("{}-{}", result.score(), result.score_max());
    }
    table.AddRow({LastId(assessment.name()), DayText(assessment.assessment_date()), Word(assessment.state()),
                  assessment.instrument(), score, TextOf(assessment.victim().name()),
                  assessment.referral().empty() ? "" : "yes"});
  }
  client.Show(assessments, table.Render());
  return absl::OkStatus();
}

// ---- answer, score

struct AnswerFlags : NameFlags {
  std::vector<std::string> answers;
  SourceFlags source;
  JsonInput json;
};
void AnswerOptions(CLI::App& app, AnswerFlags& flags) {
  NameOptions(app, flags);
  app.add_option("ITEM=ANSWER", flags.answers, kAnswersHelp + Words<v1::AnswerCode>());
  AddSourceOptions(app, flags.source);
  AddJsonInput(app, flags.json, "AppendAnswersRequest (without name; expected_seq: as last read)");
}
absl::Status Answer(Client& client, const AnswerFlags& flags) {
  v1::AppendAnswersRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, request));
  RETURN_IF_ERROR(AddAnswers(flags.answers, flags.source, *request.mutable_answers()));
  if (request.answers().empty() && !request.has_victim() && request.perpetrators().empty()) {
    return UsageError("give answers as ITEM=ANSWER or by --json FILE");
  }
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "assessments", flags.name));
  // A script that remembers the sequence number says so; anybody else means "after what is there now".
  if (request.expected_seq() == 0) {
    ASSIGN_OR_RETURN(const v1::Assessment now, GetAssessment(client, request.name()));
    request.set_expected_seq(now.last_seq());
  }
  const absl::StatusOr<v1::Assessment> assessment = client.Call(&AssessmentStub::AppendAnswers, request);
  NoteCodes(client, assessment.status());
  RETURN_IF_ERROR(assessment.status());
  return ShowWithResult(client, *assessment);
}

// ---- key-in

struct KeyInFlags : NameFlags {
  bool second = false;
  std::string from;
};
void KeyInOptions(CLI::App& app, KeyInFlags& flags) {
  NameOptions(app, flags);
  CLI::Option* second = app.add_flag("--second", flags.second,
                                     "Once more: what differs from the first time is shown and asked about");
  app.add_option("--from", flags.from, "From the page with this code in its foot on")->needs(second);
}
absl::Status KeyIn(Client& client, const KeyInFlags& flags) {
  ASSIGN_OR_RETURN(v1::Assessment assessment, GetAssessment(client, flags.name));
  ASSIGN_OR_RETURN(v1::InstrumentPack pack, GetInstrument(client, assessment.instrument()));
  Keying keying(client, std::move(pack), std::move(assessment));
  return flags.second ? keying.RunSecond(flags.from) : keying.Run();
}

struct JudgementFlags {
  std::string grade;
  bool professional = false;
  std::string text;
  std::vector<std::string> flags;
  std::vector<std::string> report_days;
  std::string repeat;
  std::vector<std::string> steps;

  bool given() const {
    return professional || !grade.empty() || !text.empty() || !flags.empty() || !report_days.empty() ||
           !repeat.empty() || !steps.empty();
  }
};
void AddJudgementOptions(CLI::App& app, JudgementFlags& flags) {
  app.add_option("--grade", flags.grade, "Your own grade: " + Words<v1::Grade>());
  app.add_flag("--professional-judgement", flags.professional,
               "In your judgement high risk, whatever the count");
  AddOptionalTextOption(app, "--text", flags.text, "Your judgement in words");
  app.add_option(
      "--flag", flags.flags,
      "A fact that the policy asks about, by code: VICTIM_SAYS_IN_DANGER, HONOUR_CONCERN; repeat it");
  app.add_option("--report-day", flags.report_days, "A day on which abuse was reported; repeat it");
  app.add_option("--repeat", flags.repeat, "New abuse between the same two: yes, no or not-known");
  app.add_option("--step", flags.steps, "CLUSTER=WHAT WAS DONE; repeat it");
}
absl::Status SetJudgement(Client& client, const JudgementFlags& flags, v1::Judgement& judgement) {
  ASSIGN_OR_RETURN(const auto grade, ParseWord<v1::Grade>(flags.grade, "judgement.grade"));
  judgement.set_grade(grade);
  judgement.set_professional_judgement(flags.professional);
  ASSIGN_OR_RETURN(*judgement.mutable_text(), TextIfGiven(client, flags.text));
  for (const std::string& flag : flags.flags) judgement.add_flags(flag);
  for (const std::string& day : flags.report_days) {
    ASSIGN_OR_RETURN(*judgement.add_report_days(), ParseDay(day, "judgement.report_days"));
  }
  if (!flags.repeat.empty()) {
    ASSIGN_OR_RETURN(const auto repeat, ParseYesNo(flags.repeat, "judgement.repeat"));
    judgement.set_repeat(repeat);
  }
  for (const std::string& text : flags.steps) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos)
      return domain::InvalidField("judgement.steps", "give CLUSTER=WHAT WAS DONE");
    v1::StepTaken& step = *judgement.add_steps();
    step.set_cluster(text.substr(0, equals));
    step.set_text(text.substr(equals + 1));
  }
  return absl::OkStatus();
}

struct ScoreFlags {
  std::vector<std::string> answers;
  SourceFlags source;
  JudgementFlags judgement;
  std::string instrument;
  JsonInput json;
};
void ScoreOptions(CLI::App& app, ScoreFlags& flags) {
  app.add_option("ITEM=ANSWER", flags.answers, kAnswersHelp + Words<v1::AnswerCode>());
  AddSourceOptions(app, flags.source);
  AddJudgementOptions(app, flags.judgement);
  app.add_option("--instrument", flags.instrument, "The form, id@version; without: the area's own");
  AddJsonInput(app, flags.json, "PreviewScoreRequest");
}
absl::Status Score(Client& client, const ScoreFlags& flags) {
  v1::PreviewScoreRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, request));
  if (request.parent().empty()) {
    ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  }
  RETURN_IF_ERROR(AddAnswers(flags.answers, flags.source, *request.mutable_answers()));
  if (flags.judgement.given())
    RETURN_IF_ERROR(SetJudgement(client, flags.judgement, *request.mutable_judgement()));
  if (!flags.instrument.empty()) request.set_instrument(flags.instrument);
  const absl::StatusOr<v1::PreviewScoreResponse> answer = client.Call(&AssessmentStub::PreviewScore, request);
  NoteCodes(client, answer.status());
  RETURN_IF_ERROR(answer.status());
  client.Show(*answer, ResultText(answer->result()));
  return absl::OkStatus();
}

// ---- complete, sign, amend

struct CompleteFlags : RecordFlags {
  JudgementFlags judgement;
  std::string stop_reason;
  JsonInput json;
};
void CompleteOptions(CLI::App& app, CompleteFlags& flags) {
  RecordOptions(app, flags);
  AddJudgementOptions(app, flags.judgement);
  app.add_option("--stop-reason", flags.stop_reason, "Stop before the end, for this reason");
  AddJsonInput(app, flags.json, "The Judgement");
}
absl::Status Complete(Client& client, const CompleteFlags& flags) {
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::CompleteAssessmentRequest>(client, flags));
  // Not even an empty judgement without being asked to: it would replace the one recorded before.
  if (flags.judgement.given())
    RETURN_IF_ERROR(SetJudgement(client, flags.judgement, *request.mutable_judgement()));
  v1::Judgement from_file;
  RETURN_IF_ERROR(client.ReadInput(flags.json, from_file));
  if (!flags.json.file.empty()) *request.mutable_judgement() = from_file;
  request.set_stop_reason(flags.stop_reason);
  ASSIGN_OR_RETURN(const v1::Assessment assessment,
                   client.Call(&AssessmentStub::CompleteAssessment, request));
  return ShowWithResult(client, assessment);
}

struct SignFlags : RecordFlags {
  std::string reason_code;
  std::string text;
  std::string supervisor;
  std::string countersigned_by;
};
void SignOptions(CLI::App& app, SignFlags& flags) {
  RecordOptions(app, flags);
  app.add_option("--not-referred", flags.reason_code,
                 "Why there is no referral: a code such as ALREADY_LISTED");
  AddOptionalTextOption(app, "--text", flags.text, "The same in words");
  app.add_option("--supervisor", flags.supervisor,
                 "Account or login of the supervisor who is asked to agree");
  app.add_option("--countersigned-by", flags.countersigned_by,
                 "For a grade below the band: account or login of the supervisor who is asked to agree");
}
absl::Status Sign(Client& client, const SignFlags& flags) {
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::SignAssessmentRequest>(client, flags));
  if (!flags.reason_code.empty()) {
    v1::NonReferral& non_referral = *request.mutable_non_referral();
    non_referral.set_reason_code(flags.reason_code);
    ASSIGN_OR_RETURN(*non_referral.mutable_text(), TextIfGiven(client, flags.text));
    if (!flags.supervisor.empty()) {
      ASSIGN_OR_RETURN(*non_referral.mutable_supervisor(), AccountName(client, flags.supervisor));
    }
  }
  if (!flags.countersigned_by.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_countersigned_by(), AccountName(client, flags.countersigned_by));
  }
  return client.CallAndSum(&AssessmentStub::SignAssessment, request);
}

struct AmendFlags : RecordFlags {
  std::vector<std::string> answers;
  SourceFlags source;
  JudgementFlags judgement;
  std::string reason;
  JsonInput json;
};
void AmendOptions(CLI::App& app, AmendFlags& flags) {
  RecordOptions(app, flags);
  app.add_option("ITEM=ANSWER", flags.answers, kAnswersHelp + Words<v1::AnswerCode>());
  AddSourceOptions(app, flags.source);
  AddJudgementOptions(app, flags.judgement);
  AddOptionalTextOption(app, "--reason", flags.reason, "Why");
  AddJsonInput(app, flags.json, "AmendAssessmentRequest (without name and etag)");
}
absl::Status Amend(Client& client, const AmendFlags& flags) {
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::AmendAssessmentRequest>(client, flags));
  v1::AmendAssessmentRequest given;
  RETURN_IF_ERROR(client.ReadInput(flags.json, given));
  given.clear_name();
  request.MergeFrom(given);
  RETURN_IF_ERROR(AddAnswers(flags.answers, flags.source, *request.mutable_answers()));
  if (flags.judgement.given())
    RETURN_IF_ERROR(SetJudgement(client, flags.judgement, *request.mutable_judgement()));
  if (!flags.reason.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_reason(), TextIfGiven(client, flags.reason));
  }
  ASSIGN_OR_RETURN(const v1::Assessment assessment, client.Call(&AssessmentStub::AmendAssessment, request));
  return ShowWithResult(client, assessment);
}

struct InErrorFlags : RecordFlags {
  std::string reason;
};
void InErrorOptions(CLI::App& app, InErrorFlags& flags) {
  RecordOptions(app, flags);
  AddTextOption(app, "--reason", flags.reason, "What was wrong");
}
absl::Status MarkInError(Client& client, const InErrorFlags& flags) {
  ASSIGN_OR_RETURN(auto request, RequestFor<v1::MarkEnteredInErrorRequest>(client, flags));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextIfGiven(client, flags.reason));
  return client.CallAndSum(&AssessmentStub::MarkEnteredInError, request);
}

struct InstrumentFlags {
  std::string instrument;
};
void InstrumentOptions(CLI::App& app, InstrumentFlags& flags) {
  app.add_option("FORM", flags.instrument, "id@version; without: the area's own");
}
absl::Status ShowInstrument(Client& client, const InstrumentFlags& flags) {
  ASSIGN_OR_RETURN(const v1::InstrumentPack pack, GetInstrument(client, flags.instrument));
  Table table({{"NO", false}, {"CODE", false}, {"QUESTION"}, {"DETAILS OF A YES"}});
  for (const v1::Item& item : pack.items()) {
    std::string details;
    for (const v1::ItemDetail& detail : item.details()) {
      details += (details.empty() ? "" : "\n") + detail.code() + ": " + detail.label();
    }
    table.AddRow({std::to_string(item.number()), item.code(), item.question(), details});
  }
  client.Show(pack, Paragraph(fmt::format("{} ({}@{})", pack.title(), pack.id(), pack.version())) +
                        Paragraph(pack.notice()) + "\n" + table.Render());
  return absl::OkStatus();
}

}  // namespace

void AddAssessmentCommands(const Group& root) {
  const Group group = root.AddGroup("assessment", "Risk assessments (DASH)");
  group.Add<TakeFlags>("take", "Take one, question by question; stop and go on at any time", TakeOptions,
                       Take);
  group.Add<StartFlags>("start", "Start one, to be answered by `answer`", StartOptions, Start);
  group.Add<AnswerFlags>("answer", "Add answers", AnswerOptions, Answer);
  group.Add<KeyInFlags>("key-in", "Key in what was answered on paper; stop and go on at any time",
                        KeyInOptions, KeyIn);
  group.Add<ShowFlags>("show", "Show one with its answers and what they come to", ShowOptions, ShowOne);
  group.Add<CompareFlags>("compare", "Show two of one person, or two editions of one, side by side",
                          CompareOptions, Compare);
  group.Add<ListFlags>("list", "List assessments, the newest first", ListOptions, List);
  group.Add<CompleteFlags>("complete", "Complete it with your judgement, or stop it", CompleteOptions,
                           Complete);
  group.Add<SignFlags>("sign", "Sign it", SignOptions, Sign);
  group.Add<AmendFlags>("amend", "Change a signed one, with a reason", AmendOptions, Amend);
  group.Add<InErrorFlags>("entered-in-error", "Say that it should never have been; it is kept and not scored",
                          InErrorOptions, MarkInError);
  group.Add<ScoreFlags>("score", "What answers would come to; nothing is stored", ScoreOptions, Score);
  group.Add<InstrumentFlags>("form", "Show the questions and codes of a form", InstrumentOptions,
                             ShowInstrument);
}

}  // namespace marac::cli
