#include "domain/assessment.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/status_macros.h"
#include "domain/canonical_json.h"
#include "domain/errors.h"
#include "domain/folding.h"
#include "domain/input.h"
#include "domain/instrument.h"
#include "domain/policy.h"
#include "domain/review.h"
#include "domain/scoring.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

constexpr int kAnswersMax = 100;        // in one request
constexpr int64_t kEventsMax = 10'000;  // in one assessment
constexpr int kPerpetratorsMax = 20;
constexpr int kReportDaysMax = 100;
constexpr int kReasonCharactersMin = 3;
constexpr int kErrorReasonCharactersMax = 1000;

enum class Verb { kAppend, kComplete, kStop, kSign, kCountersign, kSendBack, kAmend, kMarkError };

// The state that follows, or UNSPECIFIED where the verb does not go (D-04).
v1::AssessmentState After(v1::AssessmentState state, Verb verb) {
  if (verb == Verb::kMarkError && state != v1::ASSESSMENT_STATE_ENTERED_IN_ERROR) {
    return v1::ASSESSMENT_STATE_ENTERED_IN_ERROR;
  }
  switch (state) {
    case v1::ASSESSMENT_STATE_DRAFT:
      if (verb == Verb::kAppend) return v1::ASSESSMENT_STATE_DRAFT;
      if (verb == Verb::kComplete) return v1::ASSESSMENT_STATE_COMPLETED;
      if (verb == Verb::kStop) return v1::ASSESSMENT_STATE_STOPPED;
      break;
    case v1::ASSESSMENT_STATE_COMPLETED:
      if (verb == Verb::kAppend) return v1::ASSESSMENT_STATE_DRAFT;
      if (verb == Verb::kComplete) return v1::ASSESSMENT_STATE_COMPLETED;
      if (verb == Verb::kSign) return v1::ASSESSMENT_STATE_SIGNED;
      break;
    case v1::ASSESSMENT_STATE_SIGNED:
      if (verb == Verb::kCountersign) return v1::ASSESSMENT_STATE_COUNTERSIGNED;
      if (verb == Verb::kAmend || verb == Verb::kSendBack) return v1::ASSESSMENT_STATE_AMENDED;
      break;
    case v1::ASSESSMENT_STATE_COUNTERSIGNED:
      if (verb == Verb::kAmend) return v1::ASSESSMENT_STATE_AMENDED;
      break;
    case v1::ASSESSMENT_STATE_AMENDED:
      if (verb == Verb::kAmend) return v1::ASSESSMENT_STATE_AMENDED;
      if (verb == Verb::kSign) return v1::ASSESSMENT_STATE_SIGNED;
      break;
    default:  // STOPPED is the end, and what it holds may support a referral; ENTERED_IN_ERROR is for good
      break;
  }
  return v1::ASSESSMENT_STATE_UNSPECIFIED;
}

std::string_view NameOf(v1::AssessmentState state) {
  switch (state) {
    case v1::ASSESSMENT_STATE_DRAFT:
      return "a draft";
    case v1::ASSESSMENT_STATE_COMPLETED:
      return "completed";
    case v1::ASSESSMENT_STATE_SIGNED:
      return "signed";
    case v1::ASSESSMENT_STATE_COUNTERSIGNED:
      return "countersigned";
    case v1::ASSESSMENT_STATE_AMENDED:
      return "amended and not signed again";
    case v1::ASSESSMENT_STATE_STOPPED:
      return "stopped";
    case v1::ASSESSMENT_STATE_ENTERED_IN_ERROR:
      return "marked as entered in error";
    default:
      return "in no known state";
  }
}

std::string_view AdviceFor(Verb verb) {
  switch (verb) {
    case Verb::kAppend:
      return "answers can be added to a draft; change a signed one by amending it";
    case Verb::kComplete:
      return "only a draft or a completed one can be completed";
    case Verb::kStop:
      return "only a draft can be stopped";
    case Verb::kSign:
      return "complete it before it is signed";
    case Verb::kCountersign:
    case Verb::kSendBack:
      return "only a signed one waits for a supervisor";
    case Verb::kAmend:
      return "only a signed one is amended; add answers to a draft instead";
    case Verb::kMarkError:
      return "that stands, and is said once";
  }
  return "";
}

absl::Status Advance(v1::Assessment& assessment, Verb verb) {
  v1::AssessmentState after = After(assessment.state(), verb);
  if (after == v1::ASSESSMENT_STATE_UNSPECIFIED) {
    return WrongState("WRONG_STATE",
                      fmt::format("this assessment is {}: {}", NameOf(assessment.state()), AdviceFor(verb)));
  }
  assessment.set_state(after);
  return absl::OkStatus();
}

absl::Status OnlyAssessor(const v1::Assessment& assessment, const Act& act, std::string_view what) {
  if (act.account == assessment.assessor()) return absl::OkStatus();
  return WrongState("NOT_THE_ASSESSOR", fmt::format("only the person who took this assessment {}", what));
}

// What a referral would refuse is refused here already, where it is typed. An assessment has no way to keep
// an address apart, so it must not take one that is to be kept apart.
void CheckParty(FieldErrors& errors, const std::string& field, const v1::Party& party, LocalDate today) {
  CheckValues(party, field, errors);
  const auto born = LocalDate::FromDay(party.birth_date().day(), field);
  errors.Require(!party.birth_date().has_day() || !born.ok() || *born <= today, field + ".birth_date",
                 "this day is still to come; look at the year");
  errors.Require(!party.address().protected_detail(), field + ".address",
                 "leave a protected address out here, and give it in the referral");
  errors.Require(!party.usual_home().protected_detail(), field + ".usual_home",
                 "leave a protected address out here, and give it in the referral");
}

void CheckParties(FieldErrors& errors, const v1::Party& victim,
                  const google::protobuf::RepeatedPtrField<v1::Party>& perpetrators, LocalDate today) {
  CheckParty(errors, "victim", victim, today);
  errors.Require(perpetrators.size() <= kPerpetratorsMax, "perpetrators",
                 fmt::format("give at most {} people", kPerpetratorsMax));
  for (int i = 0; i < std::min(perpetrators.size(), kPerpetratorsMax); ++i) {
    CheckParty(errors, fmt::format("perpetrators[{}]", i), perpetrators[i], today);
  }
}

// Keeps the people who were given; what was left out stays as it was.
template <typename Request>
void TakeParties(v1::Assessment& assessment, const Request& request) {
  if (request.has_victim()) {
    *assessment.mutable_victim() = request.victim();
    DropHiddenCharacters(*assessment.mutable_victim());
  }
  if (!request.perpetrators().empty()) *assessment.mutable_perpetrators() = request.perpetrators();
  for (v1::Party& party : *assessment.mutable_perpetrators()) DropHiddenCharacters(party);
}

template <typename List>
std::string ListOfCodes(const List& list) {
  std::vector<std::string_view> codes;
  for (const auto& entry : list) codes.push_back(entry.code());
  return fmt::format("{}", fmt::join(codes, ", "));
}

// What may be given with a YES to this item.
std::string DetailsAdvice(const v1::Item& item) {
  if (item.details().empty())
    return fmt::format("{} has no details on this form; leave them out", item.code());
  return fmt::format("{}: give any of {}, each at most once", item.code(), ListOfCodes(item.details()));
}

// The question that was put: of an item, or of one of its probes.
struct Asked {
  const v1::Item& item;
  const v1::Probe* probe = nullptr;

  bool TakesNotApplicable() const {
    return probe == nullptr ? item.not_applicable_allowed() : probe->not_applicable_allowed();
  }
};

// Which question it answers, in the words of the pack that was shown; none when there is no such question.
std::optional<Asked> FindAsked(FieldErrors& errors, const std::string& field, const Form& form,
                               const v1::Answer& answer) {
  const v1::InstrumentPack& pack = form.pack->pack;
  if (FindAnyItem(pack, answer.item()) == nullptr) {
    errors.Add(field + ".item", fmt::format("{} has no item with this code; its {} items are {}",
                                            NameWithVersion(pack.id(), pack.version()), pack.items_size(),
                                            ListOfCodes(pack.items())));
    return std::nullopt;
  }
  const v1::InstrumentPack* shown = form.Shown(answer.shown_instrument());
  const v1::Item* item = shown == nullptr ? nullptr : FindAnyItem(*shown, answer.item());
  if (item == nullptr) {
    errors.Add(field + ".shown_instrument",
               "give this form, or one that is the same in other words and asks this; or leave it out");
    return std::nullopt;
  }
  if (answer.probe().empty()) return Asked{*item};
  const v1::Probe* probe = FindProbe(*item, answer.probe());
  if (probe == nullptr) {
    errors.Add(field + ".probe",
               item->probes().empty()
                   ? fmt::format("{} has no parts on the form that was shown; leave this out", item->code())
                   : fmt::format("{}: give one of its parts, {}", item->code(), ListOfCodes(item->probes())));
    return std::nullopt;
  }
  return Asked{*item, probe};
}

// The answer itself: one of those that the question takes.
void CheckCode(FieldErrors& errors, const std::string& field, const Asked& asked, const v1::Answer& answer) {
  bool option = answer.code() == v1::ANSWER_CODE_OPTION;
  bool yes_or_no = answer.code() == v1::ANSWER_CODE_YES || answer.code() == v1::ANSWER_CODE_NO;
  errors.Require(v1::AnswerCode_IsValid(answer.code()) && answer.code() != v1::ANSWER_CODE_UNSPECIFIED,
                 field + ".code", "give an answer; a question that was left out is NOT_ASKED");
  errors.Require(answer.code() != v1::ANSWER_CODE_NOT_APPLICABLE || asked.TakesNotApplicable(),
                 field + ".code",
                 "this form does not take NOT_APPLICABLE here; give NO, DONT_KNOW or NOT_ASKED");
  if (asked.item.options().empty()) {
    errors.Require(!option && answer.option().empty(), field + (option ? ".code" : ".option"),
                   "this question has no options; give YES or NO, and leave the option out");
    return;
  }
  errors.Require(!yes_or_no, field + ".code",
                 "this question is answered by one of its options; give OPTION and say which");
  errors.Require(option ? OptionRank(asked.item, answer.option()) >= 0 : answer.option().empty(),
                 field + ".option",
                 fmt::format("{}: with OPTION give one of {}, and none with another answer",
                             asked.item.code(), ListOfCodes(asked.item.options())));
}

void CheckSource(FieldErrors& errors, const std::string& field, const v1::Answer& answer) {
  bool from_victim =
      answer.source() == v1::SOURCE_ROLE_UNSPECIFIED || answer.source() == v1::SOURCE_ROLE_VICTIM;
  errors.Require(v1::SourceRole_IsValid(answer.source()), field + ".source",
                 "say where the answer came from");
  errors.Require(from_victim || !IsBlank(answer.source_ref()), field + ".source_ref",
                 "say who told this or which record holds it, as it does not come from the victim");
  LimitText(errors, field + ".source_ref", answer.source_ref(), kLineBytesMax);
}

// When it happened (ACC-23). Only what happened has an anchor and is of now or of the past; what the person
// said about it is kept beside any answer. What happened before the time that the question is about is no yes
// to it.
void CheckWhen(FieldErrors& errors, const std::string& field, const v1::Item& item,
               const v1::Answer& answer) {
  constexpr char kOnlyYes[] = "only what happened has a time: leave this out, or answer YES";
  const bool yes = answer.code() == v1::ANSWER_CODE_YES || answer.code() == v1::ANSWER_CODE_OPTION;
  const bool before = answer.within_window() == v1::YES_NO_NO;
  const bool happened = yes || before;
  errors.Require(answer.within_window() == v1::YES_NO_UNSPECIFIED || item.window_months() > 0,
                 field + ".within_window", "this question is about no time of its own: leave this out");
  errors.Require(answer.within_window() != v1::YES_NO_YES || yes, field + ".within_window", kOnlyYes);
  errors.Require(!before || answer.code() == v1::ANSWER_CODE_NO, field + ".within_window",
                 "what happened before the time that the question is about is answered NO");
  errors.Require(answer.within_window() <= v1::YES_NO_NO && answer.within_window() >= v1::YES_NO_UNSPECIFIED,
                 field + ".within_window", "give YES or NO, or leave it out");
  errors.Require(happened || answer.time_anchor() == v1::TIME_ANCHOR_UNSPECIFIED, field + ".time_anchor",
                 kOnlyYes);
  errors.Require(happened || answer.currency() == v1::CURRENCY_UNSPECIFIED, field + ".currency", kOnlyYes);
  CheckTextLength(answer.time_words(), field + ".time_words", errors);
  errors.Require(v1::TimeAnchor_IsValid(answer.time_anchor()), field + ".time_anchor",
                 "give TODAY, THIS_WEEK, SINCE_KNOWN_DAY or LONG_AGO");
  errors.Require(answer.time_anchor() != v1::TIME_ANCHOR_SINCE_KNOWN_DAY || !IsBlank(answer.time_words()),
                 field + ".time_words", "say in the person's words since which day");
  errors.Require(v1::Currency_IsValid(answer.currency()), field + ".currency", "give CURRENT, PAST or BOTH");
}

// Adds what is wrong with an answer, and says which question it is to.
std::optional<Asked> CheckAnswer(FieldErrors& errors, const std::string& field, const Form& form,
                                 const v1::Answer& answer) {
  std::optional<Asked> asked = FindAsked(errors, field, form, answer);
  if (!asked) return std::nullopt;
  CheckCode(errors, field, *asked, answer);
  errors.Require(answer.details().empty() || answer.code() == v1::ANSWER_CODE_YES, field + ".details",
                 "details belong to a YES; leave them out");
  std::set<std::string> details;
  for (const std::string& detail : answer.details()) {
    if (!HasDetail(asked->item, detail) || !details.insert(detail).second) {
      errors.Add(field + ".details", DetailsAdvice(asked->item));
      break;
    }
  }
  errors.Require(v1::AnswerReason_IsValid(answer.reason()), field + ".reason",
                 "give NOT_UNDERSTOOD or LATER, or leave it out");
  errors.Require(
      answer.reason() != v1::ANSWER_REASON_NOT_UNDERSTOOD || answer.code() == v1::ANSWER_CODE_DONT_KNOW,
      field + ".reason", "a question that was not understood is a DONT_KNOW");
  errors.Require(answer.reason() != v1::ANSWER_REASON_LATER || answer.code() == v1::ANSWER_CODE_NOT_ASKED,
                 field + ".reason", "a question that was put off is NOT_ASKED");
  errors.Require(!answer.reworded() || (asked->probe != nullptr && !IsBlank(asked->probe->reword())),
                 field + ".reworded", "the form has no other words for this question; leave this out");
  CheckTextLength(answer.note(), field + ".note", errors);
  CheckTextLength(answer.amend_reason(), field + ".amend_reason", errors);
  CheckSource(errors, field, answer);
  CheckWhen(errors, field, asked->item, answer);
  LimitText(errors, field + ".sitting", answer.sitting(), kLineBytesMax);
  return asked;
}

// SHA-256, hex, of the wording that was shown (D-02), a line each: the question, its options, and the
// question in other words where those were shown too. Empty for a question that was never put.
std::string WordingHash(const Asked& asked, const v1::Answer& answer) {
  if (answer.code() == v1::ANSWER_CODE_NOT_ASKED && answer.reason() != v1::ANSWER_REASON_LATER) return "";
  std::string wording = asked.probe == nullptr ? asked.item.question() : asked.probe->question();
  for (const v1::Option& option : asked.item.options()) wording += "\n" + option.label();
  if (answer.reworded() && asked.probe != nullptr) wording += "\n" + asked.probe->reword();
  return Hex(Sha256(wording));
}

// Checks answers and makes events of them, from `last_seq` on.
absl::StatusOr<std::vector<v1::Answer>> MakeEvents(const Form& form, const Answers& answers, int64_t last_seq,
                                                   std::string_view amend_reason, const Act& act) {
  FieldErrors errors;
  errors.Require(answers.size() <= kAnswersMax, "answers",
                 fmt::format("give at most {} answers at a time", kAnswersMax));
  errors.Require(last_seq + answers.size() <= kEventsMax, "answers",
                 "this assessment was changed too often; start another");
  std::vector<v1::Answer> events;
  for (int i = 0; i < std::min(answers.size(), kAnswersMax); ++i) {
    std::optional<Asked> asked = CheckAnswer(errors, fmt::format("answers[{}]", i), form, answers[i]);
    v1::Answer& event = events.emplace_back(answers[i]);
    DropHiddenCharacters(event);
    event.set_wording_hash(asked ? WordingHash(*asked, event) : "");
    // One way to say it, so that answers to probes of the same wording are seen to belong together.
    if (form.Shown(event.shown_instrument()) == &form.pack->pack) event.clear_shown_instrument();
    event.set_seq(last_seq + i + 1);
    if (event.source() == v1::SOURCE_ROLE_UNSPECIFIED) event.set_source(v1::SOURCE_ROLE_VICTIM);
    *event.mutable_time() = ToTimestamp(act.now);
    event.set_account(act.account);
    if (IsBlank(event.amend_reason())) event.set_amend_reason(std::string(amend_reason));
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  return events;
}

// What is wrong with a judgement in itself, whatever the answers.
absl::Status CheckJudgement(const v1::Policy& policy, const v1::Judgement& judgement) {
  FieldErrors errors;
  errors.Require(v1::Grade_IsValid(judgement.grade()), "judgement.grade", "give STANDARD, MEDIUM or HIGH");
  errors.Require(v1::YesNo_IsValid(judgement.repeat()), "judgement.repeat", "give YES, NO or NOT_KNOWN");
  CheckTextLength(judgement.text(), "judgement.text", errors);
  std::set<std::string> flags = FlagsOf(policy);
  for (int i = 0; i < judgement.flags_size(); ++i) {
    if (flags.erase(judgement.flags(i)) == 0) {
      errors.Add(fmt::format("judgement.flags[{}]", i),
                 "give each fact that the policy asks about at most once");
      break;
    }
  }
  errors.Require(judgement.report_days_size() <= kReportDaysMax, "judgement.report_days",
                 fmt::format("give the newest {} days at most", kReportDaysMax));
  for (int i = 0; i < std::min(judgement.report_days_size(), kReportDaysMax); ++i) {
    std::string field = fmt::format("judgement.report_days[{}]", i);
    errors.Require(LocalDate::FromDay(judgement.report_days(i), field).ok(), field, "give a day that exists");
  }
  std::set<std::string> steps;
  for (int i = 0; i < judgement.steps_size(); ++i) {
    const v1::StepTaken& step = judgement.steps(i);
    std::string field = fmt::format("judgement.steps[{}]", i);
    if (FindCluster(policy, step.cluster()) == nullptr || !steps.insert(step.cluster()).second) {
      errors.Add(field + ".cluster", "give each cluster of the policy at most once");
      break;
    }
    errors.Require(VisibleLength(step.text()) >= kReasonCharactersMin, field + ".text", "say what was done");
    LimitText(errors, field + ".text", step.text(), kTextBytesMax);
  }
  return errors.ToInvalidArgument();
}

// Judgement raises and does not lower. Asked only of a grade as it is given: where the band rises later, the
// final grade follows it, and the practitioner is not stopped by a grade of long ago.
void RequireGradeNotBelowBand(FieldErrors& errors, const v1::Policy& policy,
                              const v1::AssessmentResult& result) {
  bool below =
      result.practitioner_grade() != v1::GRADE_UNSPECIFIED && result.practitioner_grade() < result.band();
  errors.Require(
      !below || policy.allow_downgrade(), "judgement.grade",
      "judgement may raise the grade of the answers and not lower it; leave the grade out or raise it");
}

// Text where the grade rests on the practitioner, whose reasons nobody could see otherwise.
void RequireJudgementText(FieldErrors& errors, const v1::Policy& policy, const v1::Judgement& judgement,
                          const v1::AssessmentResult& result, bool untested_pack_too) {
  std::string_view why;
  if (judgement.professional_judgement()) {
    why = "professional judgement was ticked";
  } else if (judgement.grade() != v1::GRADE_UNSPECIFIED && judgement.grade() != result.band()) {
    why = "this grade is not the one of the answers";
  } else if (untested_pack_too && result.equivalence_status() != v1::EQUIVALENCE_STATUS_SUPPORTED) {
    why = "this form's score is not proven to mean what an official form's does";  // EQ-03
  }
  errors.Require(why.empty() || VisibleLength(judgement.text()) >= policy.judgement_min_chars(),
                 "judgement.text", fmt::format("write the reasons for the grade in your own words: {}", why));
}

// What holds back completing as well as signing.
void RequireFinished(FieldErrors& errors, const Form& form, const v1::Assessment& assessment) {
  const v1::AssessmentResult& result = assessment.result();
  errors.Require(result.complete(), "answers",
                 fmt::format("{} of {} questions were not asked; answer them, or stop with a reason",
                             result.not_asked(), result.items()));
  bool graded =
      result.band() != v1::GRADE_UNSPECIFIED || result.practitioner_grade() != v1::GRADE_UNSPECIFIED;
  errors.Require(graded, "judgement.grade", "this form is graded by judgement; give a grade");
  RequireJudgementText(errors, form.policy->policy, assessment.judgement(), result,
                       /*untested_pack_too=*/true);
}

Standing StandingOf(const v1::Assessment& assessment) {
  return {.referred = !assessment.referral().empty(), .reason_given = assessment.has_non_referral()};
}

absl::Status Rescore(v1::Assessment& assessment, const Form& form) {
  ASSIGN_OR_RETURN(LocalDate date, LocalDate::FromDay(assessment.assessment_date(), "assessment_date"));
  *assessment.mutable_result() = Score(form.pack->pack, form.policy->policy, assessment.answers(),
                                       assessment.judgement(), date, StandingOf(assessment));
  return absl::OkStatus();
}

absl::Status Apply(Answered& answered, const Form& form) {
  v1::Assessment& assessment = answered.assessment;
  if (!answered.events.empty()) assessment.set_last_seq(answered.events.back().seq());
  FoldAnswers(form, answered.events, assessment);
  return Rescore(assessment, form);
}

// Whether `account` may agree as a supervisor: of the assessor's agency, in the area, today, and somebody
// else.
bool MaySupervise(const v1::Account& account, const v1::Assessment& assessment, absl::Time now) {
  if (account.name() == assessment.assessor() || account.agency() != assessment.agency() ||
      account.suspended()) {
    return false;
  }
  LocalDate today = DateOf(now);
  return std::ranges::any_of(account.roles(), [&](const v1::RoleGrant& grant) {
    if (grant.role() != v1::ROLE_SUPERVISOR) return false;
    if (assessment.name().rfind(grant.area() + "/", 0) != 0) return false;
    auto from = LocalDate::FromDay(grant.from(), "from");
    auto to = LocalDate::FromDay(grant.to(), "to");
    return (!grant.has_from() || (from.ok() && *from <= today)) &&
           (!grant.has_to() || (to.ok() && today <= *to));
  });
}

void CheckNonReferral(FieldErrors& errors, const v1::NonReferral& given) {
  errors.Require(IsCode(given.reason_code()), "non_referral.reason_code",
                 "give the reason's code: capitals, digits and underscores");
  errors.Require(VisibleLength(given.text()) >= kReasonCharactersMin, "non_referral.text",
                 "say in words why there is no referral");
  LimitText(errors, "non_referral.text", given.text(), kTextBytesMax);
}

// The next edition of what was signed, for a reason (D-03).
void NextEdition(v1::Assessment& assessment, const std::string& reason) {
  assessment.set_edition(assessment.edition() + 1);
  assessment.set_amend_reason(reason);
  assessment.clear_signature();
  // A supervisor agreed to another edition; what has changed may be just what would have changed her mind.
  assessment.clear_non_referral();
}

// What the final grade and the clusters that fired ask for.
void RequireAnswerToRisk(FieldErrors& errors, const v1::Policy& policy, const v1::Assessment& assessment) {
  const v1::AssessmentResult& result = assessment.result();
  bool referred_or_reason = !assessment.referral().empty() || assessment.has_non_referral();
  if (result.final_grade() == v1::GRADE_HIGH) {
    errors.Require(
        referred_or_reason, "non_referral",
        "the grade is high: submit a referral, or say why there is none and which supervisor agrees");
    errors.Require(!assessment.referral().empty() || !assessment.non_referral().supervisor().empty(),
                   "non_referral.supervisor", "the grade is high: name the supervisor who agrees");
  }
  for (const v1::FiredCluster& cluster : result.clusters()) {
    if (cluster.satisfied()) continue;
    // The policy's own words for it; its code says nothing to a practitioner.
    const v1::Cluster* known = FindCluster(policy, cluster.id());
    const std::string& what = known != nullptr ? known->prompt() : cluster.id();
    if (cluster.action() == v1::CLUSTER_ACTION_REQUIRE_REASON) {
      errors.Add("non_referral", fmt::format("submit a referral, or say why there is none: {}", what));
    }
    if (cluster.action() == v1::CLUSTER_ACTION_REQUIRE_STEP) {
      errors.Add(fmt::format("judgement.steps[{}]", cluster.id()),
                 fmt::format("write down the step that was taken: {}", what));
    }
  }
}

}  // namespace

absl::StatusOr<v1::Assessment> StartAssessment(const Form& form, const v1::StartAssessmentRequest& request,
                                               std::string_view name, std::string_view agency,
                                               const Act& act) {
  FieldErrors errors;
  LocalDate today = DateOf(act.now);
  LocalDate date = today;
  if (request.has_assessment_date()) {
    auto given = LocalDate::FromDay(request.assessment_date(), "assessment_date");
    errors.Require(given.ok() && *given <= today, "assessment_date",
                   "give a day that exists and is not in the future");
    if (given.ok()) date = *given;
  }
  auto valid_from = LocalDate::FromDay(form.policy->policy.valid_from(), "valid_from");
  errors.Require(valid_from.ok() && *valid_from <= today, "policy",
                 "the area's policy may not be used yet; choose the one in force");
  errors.Require(v1::AssessmentPurpose_IsValid(request.purpose()), "purpose", "say what it is for");
  CheckParties(errors, request.victim(), request.perpetrators(), today);
  RETURN_IF_ERROR(errors.ToInvalidArgument());

  v1::Assessment assessment;
  assessment.set_name(std::string(name));
  assessment.set_state(v1::ASSESSMENT_STATE_DRAFT);
  assessment.set_purpose(request.purpose() == v1::ASSESSMENT_PURPOSE_UNSPECIFIED
                             ? v1::ASSESSMENT_PURPOSE_INITIAL
                             : request.purpose());
  assessment.set_instrument(NameWithVersion(form.pack->pack.id(), form.pack->pack.version()));
  assessment.set_instrument_hash(form.pack->hash);
  assessment.set_policy(NameWithVersion(form.policy->policy.id(), form.policy->policy.version()));
  assessment.set_policy_hash(form.policy->hash);
  TakeParties(assessment, request);
  assessment.set_reviews(request.reviews());
  assessment.set_assessor(act.account);
  assessment.set_agency(std::string(agency));
  *assessment.mutable_assessment_date() = date.ToDay();
  *assessment.mutable_create_time() = ToTimestamp(act.now);
  assessment.set_edition(1);
  RETURN_IF_ERROR(Rescore(assessment, form));
  return assessment;
}

absl::StatusOr<Answered> AppendAnswers(v1::Assessment assessment, const Form& form,
                                       const v1::AppendAnswersRequest& request, const Act& act) {
  if (assessment.state() == v1::ASSESSMENT_STATE_COMPLETED) {
    RETURN_IF_ERROR(OnlyAssessor(assessment, act, "may change it once it is completed"));
  }
  RETURN_IF_ERROR(Advance(assessment, Verb::kAppend));
  if (request.expected_seq() != assessment.last_seq()) {
    v1::ErrorDetail detail;
    detail.set_reason("SEQ_MISMATCH");
    detail.set_current_seq(assessment.last_seq());
    return WithDetail(
        absl::AbortedError(fmt::format(
            "expected_seq: the last answer is number {}, so somebody answered in between; read the "
            "assessment again and add what is missing",
            assessment.last_seq())),
        detail);
  }
  FieldErrors errors;
  CheckParties(errors, request.victim(), request.perpetrators(), DateOf(act.now));
  errors.Require(!request.answers().empty() || request.has_victim() || !request.perpetrators().empty(),
                 "answers", "give at least one answer");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  Answered answered;
  ASSIGN_OR_RETURN(answered.events, MakeEvents(form, request.answers(), assessment.last_seq(), "", act));
  TakeParties(assessment, request);
  assessment.clear_complete_time();
  answered.assessment = std::move(assessment);
  RETURN_IF_ERROR(Apply(answered, form));
  return answered;
}

absl::StatusOr<v1::Assessment> CompleteAssessment(v1::Assessment assessment, const Form& form,
                                                  const v1::CompleteAssessmentRequest& request,
                                                  const Act& act) {
  bool stop = !IsBlank(request.stop_reason());
  RETURN_IF_ERROR(Advance(assessment, stop ? Verb::kStop : Verb::kComplete));
  if (request.has_judgement()) {
    RETURN_IF_ERROR(CheckJudgement(form.policy->policy, request.judgement()));
    *assessment.mutable_judgement() = request.judgement();
  }
  RETURN_IF_ERROR(Rescore(assessment, form));
  FieldErrors errors;
  if (request.has_judgement()) RequireGradeNotBelowBand(errors, form.policy->policy, assessment.result());
  if (stop) {
    LimitText(errors, "stop_reason", request.stop_reason(), kTextBytesMax);
    // Whoever has to stop is not held up by what only a finished form needs.
    RequireJudgementText(errors, form.policy->policy, assessment.judgement(), assessment.result(),
                         /*untested_pack_too=*/false);
    assessment.set_stop_reason(request.stop_reason());
  } else {
    RequireFinished(errors, form, assessment);
    *assessment.mutable_complete_time() = ToTimestamp(act.now);
  }
  RETURN_IF_ERROR(errors.ToFailedPrecondition("NOT_COMPLETE"));
  return assessment;
}

std::string SupervisorIn(const v1::SignAssessmentRequest& request) {
  return request.countersigned_by().empty() ? request.non_referral().supervisor()
                                            : request.countersigned_by();
}

absl::StatusOr<v1::Assessment> SignAssessment(v1::Assessment assessment, const Form& form,
                                              const v1::SignAssessmentRequest& request,
                                              const std::optional<v1::Account>& supervisor, const Act& act) {
  RETURN_IF_ERROR(OnlyAssessor(assessment, act, "signs it"));
  RETURN_IF_ERROR(Advance(assessment, Verb::kSign));
  FieldErrors invalid;
  std::string named = SupervisorIn(request);
  if (!named.empty()) {
    // One supervisor answers for both; two names would leave one of them unlooked at.
    bool one = request.countersigned_by().empty() || request.non_referral().supervisor().empty() ||
               request.countersigned_by() == request.non_referral().supervisor();
    bool good = supervisor && supervisor->name() == named && MaySupervise(*supervisor, assessment, act.now);
    invalid.Require(one && good,
                    request.countersigned_by().empty() ? "non_referral.supervisor" : "countersigned_by",
                    "name one supervisor of your agency who is not the person who took the assessment");
  }
  if (request.has_non_referral()) {
    CheckNonReferral(invalid, request.non_referral());
    *assessment.mutable_non_referral() = request.non_referral();
    *assessment.mutable_non_referral()->mutable_time() = ToTimestamp(act.now);
  }
  RETURN_IF_ERROR(invalid.ToInvalidArgument());

  RETURN_IF_ERROR(Rescore(assessment, form));
  FieldErrors missing;
  RequireFinished(missing, form, assessment);
  RequireAnswerToRisk(missing, form.policy->policy, assessment);
  bool lowered = assessment.result().final_grade() < assessment.result().band();
  missing.Require(!lowered || !request.countersigned_by().empty(), "countersigned_by",
                  "the grade is below that of the answers: name the supervisor who agrees");
  RETURN_IF_ERROR(missing.ToFailedPrecondition("NOT_READY_TO_SIGN"));

  v1::Signature signature;
  signature.set_account(act.account);
  *signature.mutable_time() = ToTimestamp(act.now);
  signature.set_edition(assessment.edition());
  signature.set_digest(DigestOf(assessment));
  if (lowered) signature.set_countersigned_by(request.countersigned_by());
  *assessment.mutable_signature() = signature;
  assessment.clear_countersignature();
  AwaitReview(assessment, form.policy->policy);
  return assessment;
}

std::string AwaitedSupervisor(const v1::Assessment& assessment) {
  if (assessment.state() != v1::ASSESSMENT_STATE_SIGNED) return "";
  const std::string& for_grade = assessment.signature().countersigned_by();
  if (!for_grade.empty()) return for_grade;
  return assessment.referral().empty() ? assessment.non_referral().supervisor() : "";
}

absl::StatusOr<v1::Assessment> CountersignAssessment(v1::Assessment assessment, const Form& form,
                                                     const v1::CountersignAssessmentRequest& request,
                                                     const Act& act) {
  if (act.account == assessment.assessor()) {
    return WrongState("OWN_ASSESSMENT",
                      "nobody agrees to their own assessment; another supervisor of the agency does");
  }
  if (AwaitedSupervisor(assessment).empty()) {
    return WrongState("NOT_WAITING", "this assessment waits for no supervisor; look at it as it is now");
  }
  const bool back = request.decision() == v1::SUPERVISOR_DECISION_SENT_BACK;
  FieldErrors errors;
  errors.Require(back || request.decision() == v1::SUPERVISOR_DECISION_AGREED, "decision",
                 "give AGREED or SENT_BACK");
  errors.Require(!back || VisibleLength(request.reason()) >= kReasonCharactersMin, "reason",
                 "say why it is sent back, and what is to be done");
  LimitText(errors, "reason", request.reason(), kTextBytesMax);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  v1::Countersignature& decided = *assessment.mutable_countersignature();
  decided.set_account(act.account);
  *decided.mutable_time() = ToTimestamp(act.now);
  decided.set_decision(request.decision());
  decided.set_reason(request.reason());
  decided.set_edition(assessment.edition());
  decided.set_digest(assessment.signature().digest());
  RETURN_IF_ERROR(Advance(assessment, back ? Verb::kSendBack : Verb::kCountersign));
  if (back) {
    NextEdition(assessment, request.reason());
    RETURN_IF_ERROR(Rescore(assessment, form));
  }
  return assessment;
}

absl::StatusOr<Answered> AmendAssessment(v1::Assessment assessment, const Form& form,
                                         const v1::AmendAssessmentRequest& request, const Act& act) {
  RETURN_IF_ERROR(Advance(assessment, Verb::kAmend));
  FieldErrors errors;
  errors.Require(VisibleLength(request.reason()) >= kReasonCharactersMin, "reason",
                 "say why a signed assessment is changed");
  LimitText(errors, "reason", request.reason(), kTextBytesMax);
  errors.Require(!request.answers().empty() || request.has_judgement(), "answers", "give what changes");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (request.has_judgement()) {
    RETURN_IF_ERROR(CheckJudgement(form.policy->policy, request.judgement()));
    *assessment.mutable_judgement() = request.judgement();
  }
  Answered answered;
  ASSIGN_OR_RETURN(answered.events,
                   MakeEvents(form, request.answers(), assessment.last_seq(), request.reason(), act));
  NextEdition(assessment, request.reason());
  // Why it was sent back holds until it is signed again; an agreement was to another edition.
  if (assessment.countersignature().decision() == v1::SUPERVISOR_DECISION_AGREED) {
    assessment.clear_countersignature();
  }
  answered.assessment = std::move(assessment);
  RETURN_IF_ERROR(Apply(answered, form));
  if (request.has_judgement()) {
    FieldErrors grade;
    RequireGradeNotBelowBand(grade, form.policy->policy, answered.assessment.result());
    RETURN_IF_ERROR(grade.ToFailedPrecondition("GRADE_BELOW_BAND"));
  }
  return answered;
}

absl::StatusOr<v1::Assessment> MarkEnteredInError(v1::Assessment assessment,
                                                  const v1::MarkEnteredInErrorRequest& request,
                                                  std::span<const v1::Assessment> earlier, const Act& act) {
  const auto concerns = [](const v1::Assessment& edition) {
    return edition.state() == v1::ASSESSMENT_STATE_COUNTERSIGNED || !AwaitedSupervisor(edition).empty();
  };
  const bool concerns_supervisor = concerns(assessment) || std::ranges::any_of(earlier, concerns);
  if (concerns_supervisor && act.account == assessment.assessor()) {
    return WrongState(
        "SUPERVISOR_SAYS_SO",
        "a supervisor agreed to this assessment or is asked to: a supervisor of your agency says that "
        "it was entered in error");
  }
  RETURN_IF_ERROR(Advance(assessment, Verb::kMarkError));
  const int length = VisibleLength(request.reason());
  if (length < kReasonCharactersMin || length > kErrorReasonCharactersMax) {
    return InvalidField("reason", fmt::format("say in {} to {} characters what was wrong",
                                              kReasonCharactersMin, kErrorReasonCharactersMax));
  }
  const std::string reason = WithoutHiddenCharacters(request.reason());
  // Who read what was signed, or was decided upon, must be able to read it again.
  if (assessment.has_signature() || !assessment.referral().empty()) NextEdition(assessment, reason);
  assessment.clear_result();
  if (assessment.has_review()) assessment.mutable_review()->clear_due();
  v1::EnteredInError& error = *assessment.mutable_entered_in_error();
  error.set_reason(reason);
  error.set_account(act.account);
  *error.mutable_time() = ToTimestamp(act.now);
  return assessment;
}

v1::Assessment WithReferral(v1::Assessment assessment, std::string_view referral) {
  assessment.set_referral(std::string(referral));
  if (!assessment.has_result()) return assessment;
  const Standing standing = StandingOf(assessment);
  for (v1::FiredCluster& cluster : *assessment.mutable_result()->mutable_clusters()) {
    if (AsksForReferral(cluster.action())) cluster.set_satisfied(standing.referred || standing.reason_given);
  }
  return assessment;
}

absl::StatusOr<v1::AssessmentResult> PreviewScore(const Form& form, const v1::PreviewScoreRequest& request,
                                                  const Act& act) {
  RETURN_IF_ERROR(CheckJudgement(form.policy->policy, request.judgement()));
  ASSIGN_OR_RETURN(std::vector<v1::Answer> events,
                   MakeEvents(form, request.answers(), /*last_seq=*/0, "", act));
  v1::Assessment folded;
  FoldAnswers(form, events, folded);
  return Score(form.pack->pack, form.policy->policy, folded.answers(), request.judgement(), DateOf(act.now),
               Standing{});
}

std::string DigestOf(const v1::Assessment& assessment) {
  v1::Assessment content;
  content.set_name(assessment.name());
  content.set_edition(assessment.edition());
  content.set_instrument(assessment.instrument());
  content.set_instrument_hash(assessment.instrument_hash());
  content.set_policy(assessment.policy());
  content.set_policy_hash(assessment.policy_hash());
  *content.mutable_assessment_date() = assessment.assessment_date();
  *content.mutable_answers() = assessment.answers();
  std::ranges::sort(*content.mutable_answers(), {}, &v1::Answer::item);
  *content.mutable_probe_answers() = assessment.probe_answers();
  std::ranges::sort(*content.mutable_probe_answers(), {},
                    [](const v1::Answer& a) { return std::pair(a.item(), a.probe()); });
  *content.mutable_section_answers() = assessment.section_answers();
  std::ranges::sort(*content.mutable_section_answers(), {}, &v1::Answer::item);
  *content.mutable_judgement() = assessment.judgement();
  return Hex(Sha256(CanonicalJson(content)));
}

}  // namespace marac::domain
