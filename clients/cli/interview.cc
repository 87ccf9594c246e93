#include "cli/interview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "cli/exit_code.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"

namespace marac::cli {
namespace {

// Answers are added, so that nobody else's can get in between for long.
constexpr int kReadAgainMax = 5;

// What `key` answers: a digit is an option.
v1::AnswerCode CodeOf(char key) {
  if (key >= '1' && key <= '9') return v1::ANSWER_CODE_OPTION;
  switch (key) {
    case 'y':
      return v1::ANSWER_CODE_YES;
    case 'n':
      return v1::ANSWER_CODE_NO;
    case 'd':
      return v1::ANSWER_CODE_DONT_KNOW;
    case 'r':
      return v1::ANSWER_CODE_DECLINED;
    case 's':
      return v1::ANSWER_CODE_NOT_ASKED;
    case 'x':
      return v1::ANSWER_CODE_NOT_APPLICABLE;
    default:
      return v1::ANSWER_CODE_UNSPECIFIED;
  }
}

char Upper(char key) { return static_cast<char>(std::toupper(static_cast<unsigned char>(key))); }
char Lower(char key) { return static_cast<char>(std::tolower(static_cast<unsigned char>(key))); }

v1::Grade GradeOf(char key) {
  switch (key) {
    case 's':
      return v1::GRADE_STANDARD;
    case 'm':
      return v1::GRADE_MEDIUM;
    case 'h':
      return v1::GRADE_HIGH;
    default:
      return v1::GRADE_UNSPECIFIED;
  }
}

// The facts beside the answers that the policy which comes with maracd asks about.
struct Fact {
  std::string_view code;
  std::string_view words;
};
constexpr Fact kFacts[] = {
    {"VICTIM_SAYS_IN_DANGER", "the person says that they are in danger now"},
    {"HONOUR_CONCERN", "the person is afraid of what the family or community will do for its honour"},
};

std::vector<std::string> SplitWords(const std::string& text) {
  std::string spaced = text;
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  std::istringstream stream(spaced);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

absl::Status Interview::Run() {
  Terminal& terminal = client_.terminal();
  terminal.Write(Paragraph(fmt::format("{} ({})", pack_.title(), assessment_.instrument())));
  if (!pack_.notice().empty()) terminal.Write(Paragraph(pack_.notice()));
  terminal.Write("\n");
  bool done = assessment_.state() == v1::ASSESSMENT_STATE_COMPLETED;
  if (!done) {
    const int first = FirstOpen(/*not_asked_too=*/false);
    ASSIGN_OR_RETURN(done, AskFrom(first < 0 ? pack_.items_size() : first));
    if (done) {
      ASSIGN_OR_RETURN(done, Finish());
    }
  }
  if (done && assessment_.state() == v1::ASSESSMENT_STATE_COMPLETED) return OfferSigning();
  if (!done) {
    terminal.Write(Paragraph("The answers are kept. Go on with: marac assessment take --resume " +
                             LastId(assessment_.name())));
  }
  return absl::OkStatus();
}

int Interview::FirstOpen(bool not_asked_too) const {
  for (int i = 0; i < pack_.items_size(); ++i) {
    const v1::Answer* answer = AnswerTo(pack_.items(i));
    if (answer == nullptr || (not_asked_too && answer->code() == v1::ANSWER_CODE_NOT_ASKED)) return i;
  }
  return -1;
}

absl::StatusOr<bool> Interview::AskFrom(int index) {
  while (index < pack_.items_size()) {
    ASSIGN_OR_RETURN(const Next next, Ask(index));
    switch (next) {
      case Next::kForward:
        ++index;
        break;
      case Next::kBack:
        index = std::max(0, index - 1);
        break;
      case Next::kStop:
        return false;
    }
  }
  return true;
}

const v1::Answer* Interview::AnswerTo(const v1::Item& item) const {
  const auto found = std::find_if(assessment_.answers().begin(), assessment_.answers().end(),
                                  [&](const v1::Answer& answer) { return answer.item() == item.code(); });
  return found == assessment_.answers().end() ? nullptr : &*found;
}

absl::StatusOr<Interview::Next> Interview::Ask(int index) {
  Terminal& terminal = client_.terminal();
  const v1::Item& item = pack_.items(index);
  const v1::Answer* before = AnswerTo(item);
  std::string text = fmt::format("Question {} of {}\n", index + 1, pack_.items_size());
  text += Paragraph(item.question(), 2);
  if (!item.help().empty()) text += Paragraph("(" + item.help() + ")", 2);
  if (before != nullptr) {
    text += Labelled("so far",
                     CodeText(item, *before) + (before->note().empty() ? "" : "; " + before->note()), 2);
  }
  terminal.Write(text);
  std::vector<Choice> choices;
  for (int i = 0; i < item.options_size(); ++i) {
    choices.push_back({static_cast<char>('1' + i), item.options(i).label()});
  }
  const auto options = static_cast<std::ptrdiff_t>(choices.size());
  if (item.options().empty()) choices = {{'y', "yes"}, {'n', "no"}};
  choices.insert(choices.end(), {{'d', "don't know"}, {'r', "declined"}, {'s', "not asked"}});
  if (item.not_applicable_allowed()) choices.push_back({'x', "does not apply"});
  const size_t answers = choices.size();
  choices.push_back({'b', "back"});
  choices.push_back({'q', "stop"});
  if (before != nullptr) choices.push_back({'\n', "as it is"});
  std::vector<Choice> capitals(choices.begin() + options,
                               choices.begin() + static_cast<std::ptrdiff_t>(answers));
  for (Choice& choice : capitals) choice.key = Upper(choice.key);
  ASSIGN_OR_RETURN(const std::optional<char> key,
                   AskKey(terminal, "Answer, a capital adds a note", choices, capitals));
  if (!key.has_value() || *key == 'q') return Next::kStop;
  if (*key == 'b') return Next::kBack;
  if (*key == '\n') return Next::kForward;
  ASSIGN_OR_RETURN(const bool goes_on, Answer(item, *key));
  terminal.Write("\n");
  return goes_on ? Next::kForward : Next::kStop;
}

absl::StatusOr<bool> Interview::Answer(const v1::Item& item, char key) {
  const v1::AnswerCode code = CodeOf(Lower(key));
  const bool with_note = key != Lower(key);
  v1::Answer answer;
  // What was said beside the answer before stays beside the new one until somebody changes it.
  if (const v1::Answer* before = AnswerTo(item)) {
    answer.set_note(before->note());
    if (code == v1::ANSWER_CODE_YES && before->code() == code) *answer.mutable_details() = before->details();
  }
  answer.set_item(item.code());
  answer.set_code(code);
  if (code == v1::ANSWER_CODE_OPTION) answer.set_option(item.options(key - '1').code());
  // A later answer to the same question may come from elsewhere than the first one did.
  RETURN_IF_ERROR(SetSource(source_, answer));
  // The key was pressed: it is kept before anything else is asked, and what is said besides is kept with it.
  RETURN_IF_ERROR(Save(answer));
  if (code == v1::ANSWER_CODE_YES && !item.details().empty()) {
    ASSIGN_OR_RETURN(const bool goes_on, AskDetails(item, answer));
    if (!goes_on) return false;
    RETURN_IF_ERROR(Save(answer));
  }
  while (with_note) {
    ASSIGN_OR_RETURN(const bool goes_on, AskNote(item, answer));
    if (!goes_on) return false;
    const absl::Status saved = Save(answer);
    if (saved.ok()) break;
    if (!absl::IsInvalidArgument(saved)) return saved;
    // The note is too long, or holds what no note may: it comes again, to be given otherwise.
    client_.ShowError(saved);
  }
  return true;
}

absl::StatusOr<bool> Interview::AskDetails(const v1::Item& item, v1::Answer& answer) {
  std::vector<std::string> labels;
  std::vector<int> before;
  for (int i = 0; i < item.details_size(); ++i) {
    labels.push_back(item.details(i).label());
    const auto& given = answer.details();
    if (std::find(given.begin(), given.end(), item.details(i).code()) != given.end()) before.push_back(i);
  }
  ASSIGN_OR_RETURN(const auto chosen, AskLetters(client_.terminal(), labels, before));
  if (!chosen.has_value()) return false;
  answer.clear_details();
  for (const int index : *chosen) answer.add_details(item.details(index).code());
  return true;
}

absl::StatusOr<bool> Interview::AskNote(const v1::Item& item, v1::Answer& answer) {
  Terminal& terminal = client_.terminal();
  std::string prompt = item.note_prompt().empty() ? "Note" : "Note (" + Printable(item.note_prompt()) + ")";
  if (!answer.note().empty()) {
    terminal.Write(Labelled("note so far", answer.note(), 2));
    prompt += "; Enter: as it is, 0: none";
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> note, terminal.ReadLine("  " + prompt + ": "));
  if (!note.has_value()) return false;
  if (*note == "0") {
    answer.clear_note();
  } else if (!note->empty()) {
    answer.set_note(*note);
  }
  return true;
}

absl::Status Interview::Save(const v1::Answer& answer) {
  for (int tries = 1;; ++tries) {
    v1::AppendAnswersRequest request;
    request.set_name(assessment_.name());
    request.set_expected_seq(assessment_.last_seq());
    *request.add_answers() = answer;
    absl::StatusOr<v1::Assessment> saved = client_.CallWithTyped(&AssessmentStub::AppendAnswers, request);
    if (saved.ok()) {
      assessment_ = *std::move(saved);
      return absl::OkStatus();
    }
    if (!absl::IsAborted(saved.status()) || tries > kReadAgainMax) {
      if (!answer.note().empty()) {
        client_.terminal().Write("This could not be saved. It is shown here so that you can copy it:\n" +
                                 Labelled("note", answer.note(), 2));
      }
      return saved.status();
    }
    // Answers are added and take nothing away: both stay in the history, and this one is the newer.
    ASSIGN_OR_RETURN(assessment_, GetAssessment(client_, assessment_.name()));
    client_.Note("somebody answered meanwhile; your answer is added behind theirs");
  }
}

absl::StatusOr<bool> Interview::AskDays(v1::Judgement& judgement) {
  for (;;) {
    std::string before;
    for (const v1::Day& day : judgement.report_days()) before += (before.empty() ? "" : ", ") + DayText(day);
    ASSIGN_OR_RETURN(const std::optional<std::string> days,
                     client_.terminal().ReadLine(
                         fmt::format("Days on which abuse was reported (2026-01-07, ...; Enter: {}): ",
                                     before.empty() ? "none" : before)));
    if (!days.has_value()) return false;
    if (days->empty()) return true;
    v1::Judgement given;
    absl::Status status;
    for (const std::string& word : SplitWords(*days)) {
      absl::StatusOr<v1::Day> day = ParseDay(word, "report_days");
      if (day.ok()) *given.add_report_days() = *day;
      status.Update(day.status());
    }
    if (status.ok()) {
      *judgement.mutable_report_days() = given.report_days();
      return true;
    }
    client_.ShowError(status);
  }
}

absl::StatusOr<bool> Interview::AskJudgement(v1::Judgement& judgement) {
  Terminal& terminal = client_.terminal();
  ASSIGN_OR_RETURN(const std::optional<char> grade,
                   AskKey(terminal, "Your own grade",
                          {{'s', "standard"}, {'m', "medium"}, {'h', "high"}, {'\n', "as the count says"}}));
  if (!grade.has_value()) return false;
  judgement.set_grade(GradeOf(*grade));
  ASSIGN_OR_RETURN(
      const std::optional<bool> high,
      AskYesNo(terminal, "In your professional judgement, is this high risk whatever the count"));
  if (!high.has_value()) return false;
  judgement.set_professional_judgement(*high);
  if (judgement.text().empty()) {
    ASSIGN_OR_RETURN(const auto text, AskText(terminal, "Your judgement in words (required)"));
    if (!text.has_value()) return false;
    judgement.set_text(*text);
  } else {
    terminal.Write(Labelled("so far", judgement.text(), 2));
    ASSIGN_OR_RETURN(const std::optional<std::string> text,
                     terminal.ReadLine("Your judgement in words (Enter: as it is): "));
    if (!text.has_value()) return false;
    if (!text->empty()) judgement.set_text(*text);
  }
  terminal.Write("Facts besides the answers:\n");
  std::vector<std::string> facts;
  std::vector<int> before;
  for (const Fact& fact : kFacts) {
    const auto& given = judgement.flags();
    if (std::find(given.begin(), given.end(), fact.code) != given.end()) {
      before.push_back(static_cast<int>(facts.size()));
    }
    facts.emplace_back(fact.words);
  }
  ASSIGN_OR_RETURN(const auto chosen, AskLetters(terminal, facts, before));
  if (!chosen.has_value()) return false;
  judgement.clear_flags();
  for (const int index : *chosen) judgement.add_flags(std::string(kFacts[index].code));
  ASSIGN_OR_RETURN(const bool days, AskDays(judgement));
  if (!days) return false;
  ASSIGN_OR_RETURN(const std::optional<char> repeat,
                   AskKey(terminal, "New abuse between the same two since they were last referred",
                          {{'y', "yes"}, {'n', "no"}, {'?', "not known"}}));
  if (!repeat.has_value()) return false;
  ASSIGN_OR_RETURN(const v1::YesNo answer, ParseYesNo(std::string(1, *repeat), "repeat"));
  judgement.set_repeat(answer);
  return true;
}

absl::StatusOr<bool> Interview::AskSteps(v1::Judgement& judgement) {
  Terminal& terminal = client_.terminal();
  v1::PreviewScoreRequest preview;
  ASSIGN_OR_RETURN(*preview.mutable_parent(), client_.Area());
  preview.set_instrument(assessment_.instrument());
  *preview.mutable_answers() = assessment_.answers();
  *preview.mutable_judgement() = judgement;
  ASSIGN_OR_RETURN(const v1::PreviewScoreResponse before,
                   client_.CallWithTyped(&AssessmentStub::PreviewScore, preview));
  for (const v1::FiredCluster& cluster : before.result().clusters()) {
    if (cluster.action() != v1::CLUSTER_ACTION_REQUIRE_STEP || cluster.satisfied()) continue;
    terminal.Write(Paragraph(cluster.prompt()));
    ASSIGN_OR_RETURN(const std::optional<std::string> step,
                     terminal.ReadLine("What was done (Enter: nothing yet): "));
    if (!step.has_value()) return false;
    if (step->empty()) continue;
    v1::StepTaken& taken = *judgement.add_steps();
    taken.set_cluster(cluster.id());
    taken.set_text(*step);
  }
  *preview.mutable_judgement() = judgement;
  ASSIGN_OR_RETURN(const v1::PreviewScoreResponse after,
                   client_.CallWithTyped(&AssessmentStub::PreviewScore, preview));
  terminal.Write("\n" + ResultText(after.result()) + "\n");
  return true;
}

absl::Status Interview::CompleteIt(const v1::Judgement& judgement, const std::string& stop_reason) {
  v1::CompleteAssessmentRequest request;
  request.set_name(assessment_.name());
  request.set_etag(assessment_.etag());
  *request.mutable_judgement() = judgement;
  request.set_stop_reason(stop_reason);
  absl::StatusOr<v1::Assessment> completed =
      client_.CallWithTyped(&AssessmentStub::CompleteAssessment, request);
  if (absl::IsAborted(completed.status())) {
    // The judgement is of the answers as they are now: the person sees them before it counts.
    ASSIGN_OR_RETURN(assessment_, GetAssessment(client_, assessment_.name()));
    client_.Note("somebody answered meanwhile; look at the result again, what you wrote is still here");
    return completed.status();
  }
  ASSIGN_OR_RETURN(assessment_, std::move(completed));
  return absl::OkStatus();
}

absl::StatusOr<bool> Interview::Finish() {
  Terminal& terminal = client_.terminal();
  std::string stop_reason;
  while (FirstOpen(/*not_asked_too=*/true) >= 0 && stop_reason.empty()) {
    ASSIGN_OR_RETURN(
        const std::optional<char> key,
        AskKey(terminal, "Some questions were not asked",
               {{'a', "ask them now"}, {'e', "end here with a reason"}, {'q', "keep as it is"}}));
    if (!key.has_value() || *key == 'q') return false;
    if (*key == 'a') {
      ASSIGN_OR_RETURN(const Next next, Ask(FirstOpen(/*not_asked_too=*/true)));
      if (next == Next::kStop) return false;
    } else {
      ASSIGN_OR_RETURN(const std::optional<std::string> reason, AskText(terminal, "Why"));
      if (!reason.has_value()) return false;
      stop_reason = *reason;
    }
  }
  terminal.Write("\n" + ResultText(assessment_.result()) + "\n");
  // What was given stays from round to round, and beside the answers when the person goes on later.
  v1::Judgement judgement = assessment_.judgement();
  for (;;) {
    ASSIGN_OR_RETURN(const bool asked, AskJudgement(judgement));
    if (!asked) return LeaveJudgement(judgement);
    absl::StatusOr<bool> steps = AskSteps(judgement);
    absl::Status status = steps.status();
    if (status.ok()) {
      if (!*steps) return LeaveJudgement(judgement);
      ASSIGN_OR_RETURN(
          const std::optional<char> key,
          AskKey(terminal, "What now",
                 {{'c', "complete"}, {'j', "judgement again"}, {'q', "keep the answers and stop"}}));
      if (!key.has_value() || *key == 'q') return LeaveJudgement(judgement);
      if (*key == 'j') continue;
      status = CompleteIt(judgement, stop_reason);
      if (status.ok()) return true;
    }
    // What is wrong with the judgement is said field by field, and the person can change it.
    if (ExitCodeOf(status) != ExitCode::kWrongInput && !absl::IsAborted(status)) {
      ShowJudgement(judgement);
      return status;
    }
    client_.ShowError(status);
    if (domain::DetailOf(status).field_violations_size() > 0 &&
        domain::DetailOf(status).field_violations(0).field().starts_with("judgement.flags")) {
      terminal.Write(
          Paragraph("The policy of this assessment does not ask about such a fact; leave it out."));
    }
  }
}

void Interview::ShowJudgement(const v1::Judgement& judgement) {
  client_.terminal().Write("The judgement is kept only when it is completed. Copy what you need of it:\n" +
                           RecordText(judgement, 2));
}

// Only an assessment that is complete has a judgement, so what was written of it is shown and not lost
// unseen.
bool Interview::LeaveJudgement(const v1::Judgement& judgement) {
  if (judgement.ByteSizeLong() > 0) ShowJudgement(judgement);
  return false;
}

absl::Status Interview::OfferSigning() {
  Terminal& terminal = client_.terminal();
  const std::string id = LastId(assessment_.name());
  if (assessment_.result().final_grade() == v1::GRADE_HIGH && assessment_.referral().empty()) {
    terminal.Write(Paragraph(fmt::format("Refer it with: marac referral new --assessment {}", id)));
  }
  ASSIGN_OR_RETURN(const std::optional<bool> now, AskYesNo(terminal, "Sign it now"));
  if (now.value_or(false)) {
    v1::SignAssessmentRequest request;
    request.set_name(assessment_.name());
    request.set_etag(assessment_.etag());
    absl::StatusOr<v1::Assessment> assessment =
        client_.CallWithTyped(&AssessmentStub::SignAssessment, request);
    if (assessment.ok()) {
      assessment_ = *std::move(assessment);
      return absl::OkStatus();
    }
    // A referral, a reason or a step has to come first; the assessment is complete all the same.
    if (assessment.status().code() != absl::StatusCode::kFailedPrecondition) return assessment.status();
    client_.ShowError(assessment.status());
  }
  terminal.Write(Paragraph(fmt::format("Complete. Sign it with: marac assessment sign {}", id)));
  return absl::OkStatus();
}

}  // namespace marac::cli
