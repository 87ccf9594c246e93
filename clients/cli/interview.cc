#include "cli/interview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "cli/exit_code.h"
#include "cli/text.h"

namespace marac::cli {
namespace {

// What `key` answers; UNSPECIFIED when it is no answer.
v1::AnswerCode CodeOf(char key, const v1::Item& item) {
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
      return item.not_applicable_allowed() ? v1::ANSWER_CODE_NOT_APPLICABLE : v1::ANSWER_CODE_UNSPECIFIED;
    default:
      return v1::ANSWER_CODE_UNSPECIFIED;
  }
}

char Lower(char key) { return static_cast<char>(std::tolower(static_cast<unsigned char>(key))); }

v1::Grade GradeOf(char key) {
  switch (Lower(key)) {
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
    terminal.Write(
        Paragraph("Kept. Go on with: marac assessment take --resume " + LastId(assessment_.name())));
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
  for (;;) {
    const v1::Answer* before = AnswerTo(item);
    std::string text = fmt::format("Question {} of {}\n", index + 1, pack_.items_size());
    text += Paragraph(item.question(), 2);
    if (!item.help().empty()) text += Paragraph("(" + item.help() + ")", 2);
    if (before != nullptr) {
      text +=
          Labelled("so far", Word(before->code()) + (before->note().empty() ? "" : "; " + before->note()), 2);
    }
    text += fmt::format("  y yes, n no, d don't know, r declined, s not asked{}; b back, q stop{}\n",
                        item.not_applicable_allowed() ? ", x does not apply" : "",
                        before != nullptr ? ", Enter as it is" : "");
    terminal.Write(text);
    ASSIGN_OR_RETURN(const std::optional<char> key, terminal.ReadKey("  Answer (a capital adds a note): "));
    if (!key.has_value() || Lower(*key) == 'q') return Next::kStop;
    if (Lower(*key) == 'b') return Next::kBack;
    if (*key == '\n' && before != nullptr) return Next::kForward;
    const v1::AnswerCode code = CodeOf(Lower(*key), item);
    if (code == v1::ANSWER_CODE_UNSPECIFIED) {
      terminal.Write("  That key is no answer here.\n");
      continue;
    }
    ASSIGN_OR_RETURN(const std::optional<v1::Answer> answer, Complete(item, code, *key != Lower(*key)));
    if (!answer.has_value()) return Next::kStop;
    ASSIGN_OR_RETURN(const bool saved, Save(*answer));
    terminal.Write("\n");
    if (saved) return Next::kForward;
  }
}

absl::StatusOr<std::optional<v1::Answer>> Interview::Complete(const v1::Item& item, v1::AnswerCode code,
                                                              bool with_note) {
  Terminal& terminal = client_.terminal();
  v1::Answer answer;
  answer.set_item(item.code());
  answer.set_code(code);
  // A later answer to the same question may come from elsewhere than the first one did.
  RETURN_IF_ERROR(SetSource(source_, answer));
  if (code == v1::ANSWER_CODE_YES && !item.details().empty()) {
    std::string text;
    for (int i = 0; i < item.details_size(); ++i) {
      text += Paragraph(fmt::format("{} {}", static_cast<char>('a' + i), item.details(i).label()), 4);
    }
    terminal.Write(text);
    ASSIGN_OR_RETURN(const std::optional<std::string> letters,
                     terminal.ReadLine("  Which of these (letters; Enter: none): "));
    if (!letters.has_value()) return std::nullopt;
    for (int i = 0; i < item.details_size(); ++i) {
      if (letters->find(static_cast<char>('a' + i)) != std::string::npos)
        answer.add_details(item.details(i).code());
    }
  }
  if (with_note) {
    const std::string prompt =
        item.note_prompt().empty() ? "  Note: " : "  Note (" + Printable(item.note_prompt()) + "): ";
    ASSIGN_OR_RETURN(const std::optional<std::string> note, terminal.ReadLine(prompt));
    if (!note.has_value()) return std::nullopt;
    answer.set_note(*note);
  }
  return answer;
}

absl::StatusOr<bool> Interview::Save(const v1::Answer& answer) {
  v1::AppendAnswersRequest request;
  request.set_name(assessment_.name());
  request.set_expected_seq(assessment_.last_seq());
  *request.add_answers() = answer;
  absl::StatusOr<v1::Assessment> saved = client_.Call(&AssessmentStub::AppendAnswers, request);
  if (saved.ok()) {
    assessment_ = *std::move(saved);
    return true;
  }
  if (saved.status().code() == absl::StatusCode::kAborted) {
    ASSIGN_OR_RETURN(assessment_, GetAssessment(client_, assessment_.name()));
    client_.terminal().Write("  Somebody answered meanwhile; the question comes again as it is now.\n");
    return false;
  }
  if (saved.status().code() == absl::StatusCode::kInvalidArgument) {
    // The server says what is wrong with this answer; the person can give another.
    client_.ShowError(saved.status());
    return false;
  }
  return saved.status();
}

absl::StatusOr<std::optional<v1::Judgement>> Interview::AskJudgement() {
  Terminal& terminal = client_.terminal();
  v1::Judgement judgement;
  ASSIGN_OR_RETURN(
      const std::optional<char> grade,
      terminal.ReadKey("Your own grade (s standard, m medium, h high; Enter: as the count says): "));
  if (!grade.has_value()) return std::nullopt;
  judgement.set_grade(GradeOf(*grade));
  ASSIGN_OR_RETURN(
      const std::optional<char> high,
      terminal.ReadKey("In your professional judgement, is this high risk whatever the count (y, n): "));
  if (!high.has_value()) return std::nullopt;
  judgement.set_professional_judgement(Lower(*high) == 'y');
  ASSIGN_OR_RETURN(const std::optional<std::string> text, terminal.ReadLine("Your judgement in words: "));
  if (!text.has_value()) return std::nullopt;
  judgement.set_text(*text);
  ASSIGN_OR_RETURN(const std::optional<std::string> flags,
                   terminal.ReadLine("Facts by code (VICTIM_SAYS_IN_DANGER, HONOUR_CONCERN; Enter: none): "));
  if (!flags.has_value()) return std::nullopt;
  for (const std::string& flag : SplitWords(*flags)) judgement.add_flags(flag);
  for (bool asked = false; !asked;) {
    ASSIGN_OR_RETURN(const std::optional<std::string> days,
                     terminal.ReadLine("Days on which abuse was reported (2026-01-07, ...; Enter: none): "));
    if (!days.has_value()) return std::nullopt;
    judgement.clear_report_days();
    asked = true;
    for (const std::string& word : SplitWords(*days)) {
      const absl::StatusOr<v1::Day> day = ParseDay(word, "report_days");
      if (!day.ok()) {
        client_.ShowError(day.status());
        asked = false;
        break;
      }
      *judgement.add_report_days() = *day;
    }
  }
  ASSIGN_OR_RETURN(
      const std::optional<char> repeat,
      terminal.ReadKey("New abuse between the same two since they were last referred (y, n, ?): "));
  if (!repeat.has_value()) return std::nullopt;
  const absl::StatusOr<v1::YesNo> answer = ParseYesNo(std::string(1, *repeat), "repeat");
  judgement.set_repeat(answer.ok() ? *answer : v1::YES_NO_NOT_KNOWN);
  return judgement;
}

absl::StatusOr<bool> Interview::AskSteps(v1::Judgement& judgement) {
  Terminal& terminal = client_.terminal();
  v1::PreviewScoreRequest preview;
  ASSIGN_OR_RETURN(*preview.mutable_parent(), client_.Area());
  preview.set_instrument(assessment_.instrument());
  *preview.mutable_answers() = assessment_.answers();
  *preview.mutable_judgement() = judgement;
  ASSIGN_OR_RETURN(const v1::PreviewScoreResponse before,
                   client_.Call(&AssessmentStub::PreviewScore, preview));
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
                   client_.Call(&AssessmentStub::PreviewScore, preview));
  terminal.Write("\n" + ResultText(after.result()) + "\n");
  return true;
}

absl::Status Interview::CompleteIt(const v1::Judgement& judgement, const std::string& stop_reason) {
  v1::CompleteAssessmentRequest request;
  request.set_name(assessment_.name());
  request.set_etag(assessment_.etag());
  *request.mutable_judgement() = judgement;
  request.set_stop_reason(stop_reason);
  ASSIGN_OR_RETURN(assessment_, client_.Call(&AssessmentStub::CompleteAssessment, request));
  return absl::OkStatus();
}

absl::StatusOr<bool> Interview::Finish() {
  Terminal& terminal = client_.terminal();
  std::string stop_reason;
  while (FirstOpen(/*not_asked_too=*/true) >= 0 && stop_reason.empty()) {
    ASSIGN_OR_RETURN(
        const std::optional<char> key,
        terminal.ReadKey("Some questions were not asked: a ask them now, e end here with a reason, q "
                         "keep as it is: "));
    if (!key.has_value() || Lower(*key) == 'q') return false;
    if (Lower(*key) == 'a') {
      ASSIGN_OR_RETURN(const Next next, Ask(FirstOpen(/*not_asked_too=*/true)));
      if (next == Next::kStop) return false;
    } else if (Lower(*key) == 'e') {
      ASSIGN_OR_RETURN(const std::optional<std::string> reason, terminal.ReadLine("Why: "));
      if (!reason.has_value()) return false;
      stop_reason = *reason;
    }
  }
  terminal.Write("\n" + ResultText(assessment_.result()) + "\n");
  for (;;) {
    ASSIGN_OR_RETURN(std::optional<v1::Judgement> judgement, AskJudgement());
    if (!judgement.has_value()) return false;
    absl::StatusOr<bool> steps = AskSteps(*judgement);
    absl::Status status = steps.status();
    if (status.ok()) {
      if (!*steps) return false;
      ASSIGN_OR_RETURN(const std::optional<char> key,
                       terminal.ReadKey("c complete, j judgement again, q keep as it is: "));
      if (!key.has_value() || Lower(*key) == 'q') return false;
      if (Lower(*key) != 'c') continue;
      status = CompleteIt(*judgement, stop_reason);
      if (status.ok()) return true;
    }
    // What is wrong with the judgement is said field by field, and the person can give it again.
    if (ExitCodeOf(status) != ExitCode::kWrongInput) return status;
    client_.ShowError(status);
  }
}

absl::Status Interview::OfferSigning() {
  Terminal& terminal = client_.terminal();
  const std::string id = LastId(assessment_.name());
  if (assessment_.result().final_grade() == v1::GRADE_HIGH && assessment_.referral().empty()) {
    terminal.Write(Paragraph(fmt::format("Refer it with: marac referral new --assessment {}", id)));
  }
  ASSIGN_OR_RETURN(const std::optional<char> key, terminal.ReadKey("Sign it now (y, n): "));
  if (key.has_value() && Lower(*key) == 'y') {
    v1::SignAssessmentRequest request;
    request.set_name(assessment_.name());
    request.set_etag(assessment_.etag());
    absl::StatusOr<v1::Assessment> assessment = client_.Call(&AssessmentStub::SignAssessment, request);
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
