#include "domain/sitting.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kSittingsMax = 20;
constexpr int kPeoplePresentMax = 10;
constexpr int kBreaksMax = 50;
constexpr int kMinutesMax = 600;
// With everything else an assessment holds, it stays below what a message may be.
constexpr size_t kSittingsBytesMax = 256 << 10;

// Found, and not merely left open: a question that nobody asked is no safety.
bool IsFound(v1::YesNo answer) {
  return answer == v1::YES_NO_YES || answer == v1::YES_NO_NO || answer == v1::YES_NO_NOT_KNOWN;
}

void RequireFound(FieldErrors& errors, const std::string& field, v1::YesNo answer, std::string_view what) {
  errors.Require(IsFound(answer), field,
                 fmt::format("find out before you begin {}: yes, no or not known", what));
}

void CheckSafety(FieldErrors& errors, const v1::SafetyGate& safety) {
  const std::string field = "sitting.safety";
  RequireFound(errors, field + ".alone", safety.alone(), "whether anybody can hear you");
  RequireFound(errors, field + ".safe_to_talk", safety.safe_to_talk(),
               "whether the person thinks it is safe to talk now");
  errors.Require(safety.minutes_available() >= 1 && safety.minutes_available() <= kMinutesMax,
                 field + ".minutes_available",
                 fmt::format("ask how much time there is, 1 to {} minutes", kMinutesMax));
  RequireFound(errors, field + ".safe_contact_known", safety.safe_contact_known(),
               "whether you know how the person may safely be reached if you are cut off");
  RequireText(errors, field + ".in_the_building", safety.in_the_building(), kLineBytesMax,
              "say who else is in the building; \"nobody\" and \"not known\" are answers");
  RequireText(errors, field + ".where_abuser_is", safety.where_abuser_is(), kLineBytesMax,
              "say where those are whom the person fears; \"not known\" is an answer");
  RequireText(errors, field + ".where_children_are", safety.where_children_are(), kLineBytesMax,
              "say where the children are; \"no children\" is an answer");
}

// A word that a child, a sister or a carer puts in or leaves out is never known to be the person's.
std::string_view NotAnInterpreter(v1::InterpreterRelation relation) {
  switch (relation) {
    case v1::INTERPRETER_RELATION_PROFESSIONAL:
      return "";
    case v1::INTERPRETER_RELATION_FAMILY:
      return "family never interprets here, however well meant: book a qualified interpreter, by video if "
             "none "
             "can come, and wait with the questions until then";
    case v1::INTERPRETER_RELATION_FRIEND:
      return "a friend or neighbour never interprets here: book a qualified interpreter, by video if none "
             "can "
             "come, and wait with the questions until then";
    case v1::INTERPRETER_RELATION_CARER:
      return "a carer or support worker never interprets here: book a qualified interpreter, by video if "
             "none "
             "can come; the person may have them there as a supporter";
    default:
      return "say what the interpreter is to the person";
  }
}

void CheckInterpreter(FieldErrors& errors, const v1::Interpreter& interpreter) {
  const std::string field = "sitting.interpreter";
  const std::string_view not_one = NotAnInterpreter(interpreter.relation());
  errors.Require(not_one.empty(), field + ".relation", not_one);
  RequireText(errors, field + ".person", interpreter.person(), kLineBytesMax, "give the interpreter's name");
  RequireText(errors, field + ".language", interpreter.language(), kLineBytesMax,
              "give the language or sign language");
  errors.Require(interpreter.qualified() == v1::YES_NO_YES, field + ".qualified",
                 "only a qualified interpreter: ask for the qualification, or book another interpreter");
  RequireText(errors, field + ".registration", interpreter.registration(), kLineBytesMax,
              "give the register and the number on the interpreter's card");
  const v1::YesNo known = interpreter.known_to_abuser_or_community();
  RequireFound(errors, field + ".known_to_abuser_or_community", known,
               "whether the interpreter knows those whom the person fears, or is of their community");
  errors.Require(
      !IsFound(known) || known == v1::YES_NO_NO || interpreter.accepted_by_person() == v1::YES_NO_YES,
      field + ".accepted_by_person",
      "ask the person without this interpreter whether they want them all the same; if not, book "
      "another, from another place");
}

void CheckPresent(FieldErrors& errors, const v1::Sitting& sitting) {
  errors.Require(sitting.people_present_size() <= kPeoplePresentMax, "sitting.people_present",
                 fmt::format("name at most {} people", kPeoplePresentMax));
  for (int i = 0; i < std::min(sitting.people_present_size(), kPeoplePresentMax); ++i) {
    const v1::PersonPresent& present = sitting.people_present(i);
    const std::string field = fmt::format("sitting.people_present[{}]", i);
    RequireText(errors, field + ".person", present.person(), kLineBytesMax, "say who this is");
    errors.Require(present.present_as() != v1::PRESENT_AS_UNSPECIFIED, field + ".present_as",
                   "say what they are there as; whoever is none of these must leave before you begin");
  }
}

absl::Status CheckBegin(const v1::Sitting& sitting) {
  FieldErrors errors;
  CheckValues(sitting, "sitting", errors);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  errors.Require(sitting.mode() != v1::SITTING_MODE_UNSPECIFIED, "sitting.mode",
                 "say how the questions are put and answered");
  RequireText(errors, "sitting.place", sitting.place(), kLineBytesMax, "say where you are");
  CheckPresent(errors, sitting);
  errors.Require(sitting.has_interpreter() || sitting.mode() != v1::SITTING_MODE_SIGNED_BY_INTERPRETER,
                 "sitting.interpreter", "say who interprets");
  if (sitting.has_interpreter()) CheckInterpreter(errors, sitting.interpreter());
  if (sitting.has_safety()) {
    CheckSafety(errors, sitting.safety());
  } else {
    errors.Add("sitting.safety", "find out first whether it is safe to begin");
  }
  return errors.ToInvalidArgument();
}

// What to do instead belongs to the refusal: whoever reads it sits beside somebody who is not safe.
absl::Status CheckSafe(const v1::SafetyGate& safety) {
  FieldErrors unsafe;
  unsafe.Require(
      safety.alone() == v1::YES_NO_YES, "sitting.safety.alone",
      "somebody may hear you, so do not begin: talk of something else, and offer another room, another "
      "time or another way to talk");
  unsafe.Require(safety.safe_to_talk() == v1::YES_NO_YES, "sitting.safety.safe_to_talk",
                 "it is not safe to talk now, so do not begin: agree when and how it will be, and who can be "
                 "called until then; ring 999 if anybody is in danger now");
  return unsafe.ToFailedPrecondition("NOT_SAFE");
}

absl::Status CheckSize(const v1::Assessment& assessment) {
  size_t bytes = 0;
  for (const v1::Sitting& sitting : assessment.sittings()) bytes += sitting.ByteSizeLong();
  if (bytes <= kSittingsBytesMax) return absl::OkStatus();
  return WrongState(
      "TOO_MUCH_IN_SITTINGS",
      "too much is written down of the sittings of this assessment: shorten it, or stop it with a "
      "reason and start another");
}

v1::Sitting* MutableOpenSitting(v1::Assessment& assessment) {
  for (v1::Sitting& sitting : *assessment.mutable_sittings()) {
    if (!sitting.has_end_time()) return &sitting;
  }
  return nullptr;
}

v1::SittingBreak* LastingBreak(v1::Sitting& sitting) {
  if (sitting.breaks().empty()) return nullptr;
  v1::SittingBreak& last = *sitting.mutable_breaks(sitting.breaks_size() - 1);
  return last.has_end_time() ? nullptr : &last;
}

// Adds the breaks of the request after those there are. Times are the practitioner's word, since a break that
// was taken while the person held the device is written down afterwards; they keep their order.
absl::Status AddBreaks(v1::Sitting& sitting, const v1::RecordSittingRequest& request, const Act& act) {
  FieldErrors errors;
  errors.Require(sitting.breaks_size() + request.breaks_size() <= kBreaksMax, "breaks",
                 fmt::format("a sitting has at most {} breaks", kBreaksMax));
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  for (int i = 0; i < request.breaks_size(); ++i) {
    const std::string field = fmt::format("breaks[{}]", i);
    v1::SittingBreak made = request.breaks(i);
    DropHiddenCharacters(made);
    if (!made.has_begin_time()) *made.mutable_begin_time() = ToTimestamp(act.now);
    const absl::Time begin = FromTimestamp(made.begin_time());
    const absl::Time end = FromTimestamp(made.end_time());
    const absl::Time latest = sitting.has_end_time() ? FromTimestamp(sitting.end_time()) : act.now;
    if (LastingBreak(sitting) != nullptr) {
      errors.Add(field, "a break lasts: end it before another begins");
      break;
    }
    const absl::Time earliest = sitting.breaks().empty()
                                    ? FromTimestamp(sitting.begin_time())
                                    : FromTimestamp(sitting.breaks(sitting.breaks_size() - 1).end_time());
    errors.Require(earliest <= begin && begin <= latest, field + ".begin_time",
                   "give a time within the sitting, after the break before");
    if (made.has_end_time()) {
      errors.Require(begin <= end && end <= latest, field + ".end_time",
                     "give a time within the sitting, after its beginning");
    } else {
      errors.Require(!sitting.has_end_time(), field + ".end_time",
                     "the sitting has ended, and with it this break: say when");
    }
    CheckValues(made, field, errors);
    *sitting.add_breaks() = std::move(made);
  }
  return errors.ToInvalidArgument();
}

absl::Status TakeNeeds(v1::Sitting& sitting, const v1::RecordSittingRequest& request) {
  FieldErrors errors;
  std::set<v1::CommunicationNeed> seen;
  for (int i = 0; i < request.needs_met_size(); ++i) {
    v1::NeedMet met = request.needs_met(i);
    DropHiddenCharacters(met);
    const std::string field = fmt::format("needs_met[{}]", i);
    CheckValues(met, field, errors);
    errors.Require(met.need() != v1::COMMUNICATION_NEED_UNSPECIFIED && seen.insert(met.need()).second,
                   field + ".need", "name each need once");
    errors.Require(met.met() == v1::YES_NO_YES || met.met() == v1::YES_NO_NO, field + ".met",
                   "say whether it was met: yes or no");
    errors.Require(met.met() != v1::YES_NO_NO || !IsBlank(met.why()), field + ".why",
                   "say why it was not met, so that it is next time");
    const auto before = std::ranges::find(*sitting.mutable_needs_met(), met.need(),
                                          [](const v1::NeedMet& m) { return m.need(); });
    (before == sitting.mutable_needs_met()->end() ? *sitting.add_needs_met() : *before) = std::move(met);
  }
  return errors.ToInvalidArgument();
}

}  // namespace

const v1::Sitting* OpenSitting(const v1::Assessment& assessment) {
  for (const v1::Sitting& sitting : assessment.sittings()) {
    if (!sitting.has_end_time()) return &sitting;
  }
  return nullptr;
}

absl::StatusOr<v1::Assessment> BeginSitting(v1::Assessment assessment, const v1::BeginSittingRequest& request,
                                            const Act& act) {
  if (assessment.state() != v1::ASSESSMENT_STATE_DRAFT) {
    return WrongState("WRONG_STATE", "a sitting is begun of an assessment that is a draft");
  }
  if (OpenSitting(assessment) != nullptr) {
    return WrongState("SITTING_OPEN", "a sitting of this assessment is open: end it before another begins");
  }
  if (assessment.sittings_size() >= kSittingsMax) {
    return WrongState("TOO_MANY_SITTINGS",
                      fmt::format("this assessment had {} sittings: stop it with a reason and start another",
                                  kSittingsMax));
  }
  v1::Sitting sitting = request.sitting();
  DropHiddenCharacters(sitting);
  RETURN_IF_ERROR(CheckBegin(sitting));
  RETURN_IF_ERROR(CheckSafe(sitting.safety()));
  sitting.set_id(fmt::format("s{}", assessment.sittings_size() + 1));
  sitting.clear_profile();
  if (assessment.has_communication()) *sitting.mutable_profile() = assessment.communication();
  *sitting.mutable_begin_time() = ToTimestamp(act.now);
  sitting.clear_end_time();
  sitting.clear_breaks();
  sitting.clear_stop_reason();
  sitting.clear_needs_met();
  sitting.set_practitioner(act.account);
  *assessment.add_sittings() = std::move(sitting);
  RETURN_IF_ERROR(CheckSize(assessment));
  return assessment;
}

absl::StatusOr<v1::Assessment> RecordSitting(v1::Assessment assessment,
                                             const v1::RecordSittingRequest& request, const Act& act) {
  v1::Sitting* sitting = nullptr;
  if (request.sitting().empty()) {
    sitting = MutableOpenSitting(assessment);
  } else {
    for (v1::Sitting& made : *assessment.mutable_sittings()) {
      if (made.id() == request.sitting()) sitting = &made;
    }
  }
  if (sitting == nullptr) {
    return absl::NotFoundError(
        "sitting: this assessment has no such sitting, or none that is open: begin one");
  }
  if (sitting->has_end_time() && request.end()) {
    return WrongState("SITTING_ENDED", "this sitting has ended already");
  }
  FieldErrors errors;
  CheckTextLength(request.stop_reason(), "stop_reason", errors);
  errors.Require(request.end() || request.stop_reason().empty(), "stop_reason",
                 "a reason belongs to the end of a sitting: end it as well, or leave the reason out");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (request.end_break()) {
    v1::SittingBreak* lasting = LastingBreak(*sitting);
    if (lasting == nullptr) return WrongState("NO_BREAK", "no break lasts in this sitting");
    *lasting->mutable_end_time() = ToTimestamp(act.now);
  }
  RETURN_IF_ERROR(AddBreaks(*sitting, request, act));
  RETURN_IF_ERROR(TakeNeeds(*sitting, request));
  if (request.end()) {
    if (v1::SittingBreak* lasting = LastingBreak(*sitting); lasting != nullptr) {
      *lasting->mutable_end_time() = ToTimestamp(act.now);
    }
    *sitting->mutable_end_time() = ToTimestamp(act.now);
    sitting->set_stop_reason(WithoutHiddenCharacters(request.stop_reason()));
    // Whatever it holds, one that is over can be ended.
    return assessment;
  }
  RETURN_IF_ERROR(CheckSize(assessment));
  return assessment;
}

absl::Status StampSitting(const v1::Assessment& assessment, v1::AppendAnswersRequest& request) {
  const v1::Sitting* open = OpenSitting(assessment);
  FieldErrors errors;
  for (int i = 0; i < request.answers_size(); ++i) {
    v1::Answer& answer = *request.mutable_answers(i);
    if (answer.sitting().empty()) {
      if (open != nullptr) answer.set_sitting(open->id());
      continue;
    }
    const bool is_there = std::ranges::any_of(
        assessment.sittings(), [&](const v1::Sitting& sitting) { return sitting.id() == answer.sitting(); });
    errors.Require(is_there, fmt::format("answers[{}].sitting", i),
                   "this assessment has no such sitting; leave it out for the one that is open");
  }
  return errors.ToInvalidArgument();
}

}  // namespace marac::domain
