#include "cli/keying.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "domain/sitting.h"

namespace marac::cli {
namespace {

// Answers are added, so that nobody else's can get in between for long.
constexpr int kReadAgainMax = 5;
constexpr char kSecondEntry[] = "Keyed in twice: the second is what is on the paper";

v1::Answer AnswerOf(const domain::Place& place, char key) {
  v1::Answer answer;
  answer.set_item(place.item->code());
  if (place.probe != nullptr) answer.set_probe(place.probe->code());
  switch (key) {
    case 'y':
      answer.set_code(v1::ANSWER_CODE_YES);
      break;
    case 'n':
      answer.set_code(v1::ANSWER_CODE_NO);
      break;
    case 's':
      answer.set_code(v1::ANSWER_CODE_DONT_KNOW);
      break;
    case 'w':
      answer.set_code(v1::ANSWER_CODE_DECLINED);
      break;
    case 'u':
      answer.set_code(v1::ANSWER_CODE_DONT_KNOW);
      answer.set_reason(v1::ANSWER_REASON_NOT_UNDERSTOOD);
      break;
    case '\n':
      answer.set_code(v1::ANSWER_CODE_NOT_ASKED);
      break;
    case 'b':
      break;
    default:
      answer.set_code(v1::ANSWER_CODE_OPTION);
      answer.set_option(place.item->options(key - '1').code());
      break;
  }
  return answer;
}

// What was ticked, in the words of the paper.
std::string Ticked(const domain::Place& place, const v1::Answer& answer) {
  if (answer.reason() == v1::ANSWER_REASON_NOT_UNDERSTOOD) return "I do not understand";
  switch (answer.code()) {
    case v1::ANSWER_CODE_YES:
      return "Yes";
    case v1::ANSWER_CODE_NO:
      return "No";
    case v1::ANSWER_CODE_DONT_KNOW:
      return "Not sure";
    case v1::ANSWER_CODE_DECLINED:
      return "I do not want to say";
    case v1::ANSWER_CODE_NOT_ASKED:
      return "nothing";
    default:
      return CodeText(*place.item, answer);
  }
}

bool IsSame(const v1::Answer& one, const v1::Answer& other) {
  const auto said = [](const v1::Answer& answer) {
    return std::tuple(answer.code(), answer.option(), answer.reason() == v1::ANSWER_REASON_NOT_UNDERSTOOD);
  };
  return said(one) == said(other);
}

}  // namespace

absl::Status Keying::Begin() {
  const v1::Sitting* sitting = domain::OpenSitting(assessment_);
  if (sitting == nullptr || sitting->mode() != v1::SITTING_MODE_PAPER) {
    return domain::WrongState(
        "NO_PAPER_SITTING",
        fmt::format(
            "begin a sitting on paper first: marac sitting begin {} --mode paper, with what was found "
            "out before it",
            LastId(assessment_.name())));
  }
  sitting_ = sitting->id();
  client_.terminal().Write(
      Paragraph(fmt::format("Look at the foot of the pages: it must say {} · {}.\n", assessment_.instrument(),
                            domain::ReferenceOf(assessment_))));
  return absl::OkStatus();
}

absl::Status Keying::Run() {
  RETURN_IF_ERROR(Begin());
  const std::vector<domain::Place> places = domain::PlacesOf(pack_);
  int keyed = 0;
  std::vector<size_t> met;  // the way back
  bool stopped = false;
  for (size_t i = 0; i < places.size() && !stopped;) {
    if (!IsOpen(places[i]) && (met.empty() || met.back() != i)) {
      ++i;
      continue;
    }
    if (met.empty() || met.back() != i) met.push_back(i);
    ASSIGN_OR_RETURN(const std::optional<v1::Answer> answer, Ask(places[i]));
    if (!answer.has_value()) {
      stopped = true;
    } else if (answer->code() == v1::ANSWER_CODE_UNSPECIFIED) {
      if (met.size() > 1) met.pop_back();
      i = met.back();
    } else {
      RETURN_IF_ERROR(Save(*answer));
      ++keyed;
      ++i;
    }
  }
  const auto left = std::count_if(places.begin(), places.end(),
                                  [this](const domain::Place& place) { return IsOpen(place); });
  const std::string id = LastId(assessment_.name());
  // A command stands in a line of its own, to be copied.
  client_.terminal().Write(
      left > 0 ? Paragraph(fmt::format("{} keyed in, {} left. They are kept. Go on with:", keyed, left)) +
                     Paragraph("marac assessment key-in " + id, 2)
               : Paragraph(fmt::format("{} keyed in, none left. Key them in once more, to find what was "
                                       "mistyped:",
                                       keyed)) +
                     Paragraph("marac assessment key-in --second " + id, 2));
  return absl::OkStatus();
}

absl::Status Keying::RunSecond(const std::string& from) {
  RETURN_IF_ERROR(Begin());
  std::vector<domain::Place> places = domain::PlacesOf(pack_);
  // Of how the person was after something, only the last is kept to compare with.
  std::erase_if(places, [](const domain::Place& place) { return place.after != nullptr; });
  size_t i = 0;
  while (!from.empty() && i < places.size() && domain::CodeOf(places[i]) != from) ++i;
  if (i == places.size()) return domain::InvalidField("from", "give the code in the foot of a page");
  const size_t first = i;
  std::vector<std::optional<v1::Answer>> second(places.size());
  while (i < places.size()) {
    ASSIGN_OR_RETURN(second[i], Ask(places[i]));
    if (!second[i].has_value()) break;
    if (second[i]->code() != v1::ANSWER_CODE_UNSPECIFIED) {
      ++i;
    } else {
      second[i].reset();
      if (i > first) --i;
    }
  }
  // Blind first, so that nobody presses what they expect.
  Terminal& terminal = client_.terminal();
  int compared = 0;
  int different = 0;
  int changed = 0;
  bool stopped = false;
  for (size_t at = first; at < i; ++at) {
    ++compared;
    const v1::Answer* keyed = AnswerAt(places[at]);
    if (keyed != nullptr && IsSame(*keyed, *second[at])) continue;
    ++different;
    const std::string once = keyed == nullptr ? "not keyed in" : Ticked(places[at], *keyed);
    terminal.Write(fmt::format("\n{}\n", domain::CodeOf(places[at])) + Labelled("first", once, 2) +
                   Labelled("second", Ticked(places[at], *second[at]), 2));
    if (stopped) continue;
    ASSIGN_OR_RETURN(
        const std::optional<char> key,
        AskKey(terminal, "What is on the paper", {{'1', "the first"}, {'2', "the second"}, {'q', "stop"}}));
    if (!key.has_value() || *key == 'q') {
      // The rest is shown all the same.
      stopped = true;
    } else if (*key == '2') {
      if (keyed != nullptr) second[at]->set_amend_reason(kSecondEntry);
      RETURN_IF_ERROR(Save(*second[at]));
      ++changed;
    }
  }
  terminal.Write(
      "\n" + Paragraph(fmt::format("{} compared, {} different, {} changed.", compared, different, changed)));
  if (i < places.size()) {
    terminal.Write(Paragraph(fmt::format("Go on with: --second --from {}", domain::CodeOf(places[i]))));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::Answer>> Keying::Ask(const domain::Place& place) {
  Terminal& terminal = client_.terminal();
  std::string text = fmt::format("{}  ({})\n", domain::CodeOf(place), domain::ProgressAt(place, pack_));
  text += Paragraph(domain::QuestionAt(place, domain::WordFor(assessment_)), 2);
  terminal.Write(text);
  std::vector<Choice> choices;
  for (int i = 0; i < place.item->options_size(); ++i) {
    choices.push_back({static_cast<char>('1' + i), place.item->options(i).label()});
  }
  if (choices.empty()) {
    choices = {{'y', "Yes"}, {'n', "No"}, {'s', "Not sure"}, {'w', "will not say"}, {'u', "not understood"}};
  }
  choices.insert(choices.end(), {{'\n', "nothing is ticked"}, {'b', "back"}, {'q', "stop"}});
  ASSIGN_OR_RETURN(const std::optional<char> key, AskKey(terminal, "Ticked", choices));
  if (!key.has_value() || *key == 'q') return std::nullopt;
  return AnswerOf(place, *key);
}

const v1::Answer* Keying::Find(const std::string& item, const std::string& probe) const {
  for (const auto* answers :
       {&assessment_.probe_answers(), &assessment_.section_answers(), &assessment_.answers()}) {
    for (const v1::Answer& answer : *answers) {
      // What the parts of an item come to names the one that decided it.
      const bool of_probe = answers != &assessment_.answers();
      if (answer.item() == item && (of_probe ? answer.probe() : "") == probe) return &answer;
    }
  }
  return nullptr;
}

const v1::Answer* Keying::AnswerAt(const domain::Place& place) const {
  return Find(place.item->code(), place.probe == nullptr ? "" : place.probe->code());
}

// Without an answer, or left out in another sitting; how somebody is after something hard, when it is older
// than that.
bool Keying::IsOpen(const domain::Place& place) const {
  const v1::Answer* answer = AnswerAt(place);
  if (place.after != nullptr) {
    int64_t hard = 0;
    for (const v1::Probe& probe : place.after->probes()) {
      const v1::Answer* part = Find(place.after->code(), probe.code());
      if (part != nullptr && part->sitting() == sitting_) hard = std::max(hard, part->seq());
    }
    if (const v1::Answer* whole = Find(place.after->code(), "");
        place.after->probes().empty() && whole != nullptr && whole->sitting() == sitting_) {
      hard = whole->seq();
    }
    return hard > (answer == nullptr ? 0 : answer->seq());
  }
  return answer == nullptr || (answer->code() == v1::ANSWER_CODE_NOT_ASKED && answer->sitting() != sitting_);
}

absl::Status Keying::Save(const v1::Answer& answer) {
  for (int tries = 1;; ++tries) {
    v1::AppendAnswersRequest request;
    request.set_name(assessment_.name());
    request.set_expected_seq(assessment_.last_seq());
    *request.add_answers() = answer;
    request.mutable_answers(0)->set_sitting(sitting_);
    absl::StatusOr<v1::Assessment> saved = client_.CallWithTyped(&AssessmentStub::AppendAnswers, request);
    if (saved.ok()) {
      assessment_ = *std::move(saved);
      return absl::OkStatus();
    }
    if (!absl::IsAborted(saved.status()) || tries > kReadAgainMax) return saved.status();
    ASSIGN_OR_RETURN(assessment_, GetAssessment(client_, assessment_.name()));
    client_.Note("somebody answered meanwhile; your answer is added behind theirs");
  }
}

}  // namespace marac::cli
