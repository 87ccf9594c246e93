#include "domain/referral.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "domain/communication.h"
#include "domain/completeness.h"
#include "domain/deadlines.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/meeting.h"
#include "domain/names.h"
#include "domain/protected_parts.h"
#include "domain/text.h"
#include "domain/threshold.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kAgeMin = 16;

// Whether it can be submitted, for the first time or again.
bool IsWithItsAuthor(v1::ReferralState state) {
  switch (state) {
    case v1::REFERRAL_STATE_DRAFT:
    case v1::REFERRAL_STATE_RETURNED:
      return true;
    case v1::REFERRAL_STATE_SUBMITTED:
    case v1::REFERRAL_STATE_ACCEPTED:
    case v1::REFERRAL_STATE_DECLINED:
    case v1::REFERRAL_STATE_DUPLICATE:
    case v1::REFERRAL_STATE_WITHDRAWN:
      return false;
    default:
      return false;
  }
}

// An urgent referral was sent with four answers; its author gives the rest while it waits, without taking it
// out of anybody's sight.
bool MayBeSaved(const v1::Referral& referral) {
  return IsWithItsAuthor(referral.state()) ||
         (referral.urgent() && referral.state() == v1::REFERRAL_STATE_SUBMITTED);
}

// Days that are over: nobody was born and nothing happened tomorrow. An unborn child's due date is allowed.
void CheckPast(const v1::Referral& referral, LocalDate today, FieldErrors& errors) {
  const auto check = [&](const v1::Day& day, const std::string& field) {
    const absl::StatusOr<LocalDate> date = LocalDate::FromDay(day, field);
    errors.Require(!date.ok() || *date <= today, field, "this day is still to come; look at the year");
  };
  const auto check_answer = [&](const v1::DayAnswer& answer, const std::string& field) {
    if (answer.has_day()) check(answer.day(), field);
  };
  check_answer(referral.victim().birth_date(), "referral.victim.birth_date");
  for (int i = 0; i < referral.perpetrators_size(); ++i) {
    check_answer(referral.perpetrators(i).birth_date(),
                 fmt::format("referral.perpetrators[{}].birth_date", i));
  }
  check_answer(referral.reason().latest_incident(), "referral.reason.latest_incident");
  check_answer(referral.criteria().listed_before(), "referral.criteria.listed_before");
  for (int i = 0; i < referral.criteria().incident_days_size(); ++i) {
    check(referral.criteria().incident_days(i), fmt::format("referral.criteria.incident_days[{}]", i));
  }
  check_answer(referral.manager_sign_off().day(), "referral.manager_sign_off.day");
  if (referral.shared_without_consent().has_decided_on()) {
    check(referral.shared_without_consent().decided_on(), "referral.shared_without_consent.decided_on");
  }
}

void TakeNhsNumber(v1::Party& party, const std::string& field, FieldErrors& errors) {
  if (IsBlank(party.nhs_number().value())) return;
  absl::StatusOr<std::string> digits = ParseNhsNumber(party.nhs_number().value(), field);
  if (digits.ok()) {
    party.mutable_nhs_number()->set_value(*std::move(digits));
  } else {
    errors.Add(field, "this is no NHS number: look for a mistyped digit, or say that it is not known");
  }
}

void TakeNhsNumbers(v1::Referral& referral, FieldErrors& errors) {
  TakeNhsNumber(*referral.mutable_victim(), "referral.victim.nhs_number", errors);
  const auto each = [&](auto& parties, std::string_view field) {
    for (int i = 0; i < parties.size(); ++i) {
      TakeNhsNumber(parties[i], fmt::format("referral.{}[{}].nhs_number", field, i), errors);
    }
  };
  each(*referral.mutable_perpetrators(), "perpetrators");
  each(*referral.mutable_children(), "children");
  each(*referral.mutable_others_at_risk(), "others_at_risk");
}

absl::Status TakeReferrer(v1::Referrer& referrer, const Author& author, absl::Time now) {
  FieldErrors errors;
  if (referrer.on_behalf()) {
    if (!author.coordinator) {
      errors.Add("referral.referrer.on_behalf", "only a coordinator enters a referral for somebody else");
      return errors.ToStatus(absl::StatusCode::kPermissionDenied, "ROLE");
    }
    referrer.set_typed_by(author.account);
    errors.Require(!referrer.has_receive_time() || FromTimestamp(referrer.receive_time()) <= now,
                   "referral.referrer.receive_time",
                   "this moment is still to come; give the time it was received");
  } else {
    referrer.set_agency(author.agency);
    referrer.clear_typed_by();
    referrer.clear_receive_time();
    if (referrer.route() == v1::REFERRAL_ROUTE_UNSPECIFIED) referrer.set_route(v1::REFERRAL_ROUTE_OWN_SYSTEM);
  }
  return errors.ToInvalidArgument();
}

// Everything of a referral that its author writes. What is not here is the server's own.
constexpr int kAuthorsFields[] = {
    v1::Referral::kUrgentFieldNumber,
    v1::Referral::kReferrerFieldNumber,
    v1::Referral::kVictimFieldNumber,
    v1::Referral::kPerpetratorsFieldNumber,
    v1::Referral::kChildrenFieldNumber,
    v1::Referral::kHasChildrenFieldNumber,
    v1::Referral::kOthersAtRiskFieldNumber,
    v1::Referral::kCriteriaFieldNumber,
    v1::Referral::kReasonFieldNumber,
    v1::Referral::kVictimVoiceFieldNumber,
    v1::Referral::kSharedWithoutConsentFieldNumber,
    v1::Referral::kStaffSafetyFieldNumber,
    v1::Referral::kAssessmentsFieldNumber,
    v1::Referral::kHasExcludedPeopleFieldNumber,
    v1::Referral::kManagerSignOffFieldNumber,
};

// The server's own of `record` with the author's part of `sent`.
v1::Referral WithAuthorsPart(v1::Referral record, v1::Referral sent) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  for (int number : kAuthorsFields) fields.push_back(v1::Referral::descriptor()->FindFieldByNumber(number));
  record.GetReflection()->SwapFields(&record, &sent, fields);
  return record;
}

bool IsInError(const v1::Assessment& assessment) {
  return assessment.state() == v1::ASSESSMENT_STATE_ENTERED_IN_ERROR;
}

// The newest of the linked assessments that hold; null without any.
const v1::Assessment* Newest(std::span<const v1::Assessment> assessments) {
  const auto newest = std::ranges::max_element(assessments, {}, [](const v1::Assessment& assessment) {
    const v1::Day& day = assessment.assessment_date();
    return std::tuple(!IsInError(assessment), day.year(), day.month(), day.day(),
                      FromTimestamp(assessment.create_time()));
  });
  return newest == assessments.end() || IsInError(*newest) ? nullptr : &*newest;
}

v1::Criteria Grounds(v1::Criteria criteria, const v1::Party& victim, LocalDate day,
                     const ReferralFacts& facts) {
  const v1::Assessment* assessment = Newest(facts.assessments);
  // A pack that is not graded by counting has a count and no band; its count is no score.
  const bool counted = assessment != nullptr && assessment->result().band() != v1::GRADE_UNSPECIFIED;
  ThresholdSettings settings;
  if (facts.policy.high_threshold() > 0) settings.high_score = facts.policy.high_threshold();
  const v1::EscalationRule& escalation = facts.policy.escalation();
  if (escalation.count() > 0) settings.escalation_reports_min = escalation.count();
  if (escalation.months() > 0) settings.escalation_months = escalation.months();
  settings.judgement_text_length_min = std::max(1, facts.policy.judgement_min_chars());
  ThresholdFacts threshold{.assessed = day,
                           .score = counted ? std::optional(assessment->result().score()) : std::nullopt,
                           .judgement_text = criteria.judgement_text(),
                           .repeat = criteria.repeat() == v1::YES_NO_YES};
  // A tick without its reasons is not yet a ground; saving is not refused for it.
  threshold.judgement_ticked = criteria.professional_judgement() == v1::YES_NO_YES &&
                               VisibleLength(criteria.judgement_text()) >= settings.judgement_text_length_min;
  for (const v1::Day& reported : criteria.incident_days()) {
    if (const auto date = LocalDate::FromDay(reported, "incident_days"); date.ok())
      threshold.reports.push_back(*date);
  }
  // With a tick only where there is text, nothing is left for it to refuse.
  const ThresholdFinding finding = CheckThreshold(threshold, settings).value_or(ThresholdFinding());

  criteria.set_has_score(counted);
  criteria.set_score(counted ? assessment->result().score() : 0);
  criteria.set_visible_high(std::ranges::find(finding.criteria, Criterion::kVisibleHigh) !=
                            finding.criteria.end());
  criteria.set_eligible(finding.eligible() ||
                        (assessment != nullptr && assessment->result().criteria_size() > 0));
  std::optional<LocalDate> birth;
  if (victim.birth_date().has_day()) {
    if (const auto date = LocalDate::FromDay(victim.birth_date().day(), "birth_date"); date.ok())
      birth = *date;
  }
  const int age_min = facts.policy.min_age_years() > 0 ? facts.policy.min_age_years() : kAgeMin;
  criteria.set_under_age(CheckAge(birth, day, age_min) == AgeAnswer::kTooYoung);
  return criteria;
}

}  // namespace

std::span<const int> AuthorsFields() { return kAuthorsFields; }

absl::Status TakeValues(v1::Referral& referral, const v1::AreaSettings& settings, absl::Time now) {
  DropHiddenCharacters(referral);
  FieldErrors errors;
  CheckValues(referral, "referral", errors);
  CheckPast(referral, DateOf(now), errors);
  TakeNhsNumbers(referral, errors);
  const std::string& category = referral.referrer().source_category();
  const auto& categories = settings.source_categories();
  errors.Require(
      category.empty() || categories.empty() || std::ranges::find(categories, category) != categories.end(),
      "referral.referrer.source_category", SourceCategoryAdvice(settings));
  return errors.ToInvalidArgument();
}

absl::StatusOr<v1::Referral> TakeDraft(v1::Referral sent, const v1::Referral* before, const Author& author,
                                       const v1::AreaSettings& settings, absl::Time now) {
  if (before != nullptr && !MayBeSaved(*before)) {
    return WrongState("NOT_A_DRAFT", "this referral was sent; ask the coordinator to return it for a change");
  }
  v1::Referral referral;
  if (before != nullptr) {
    referral = *before;
  } else {
    referral.set_name(sent.name());
    referral.set_state(v1::REFERRAL_STATE_DRAFT);
    referral.set_author(author.account);
    referral.set_agency(author.agency);
    *referral.mutable_create_time() = ToTimestamp(now);
  }
  referral = WithAuthorsPart(std::move(referral), std::move(sent));
  // What was sent as urgent stays so: it was never complete enough for anything else.
  if (before != nullptr && before->state() == v1::REFERRAL_STATE_SUBMITTED) referral.set_urgent(true);

  RETURN_IF_ERROR(TakeValues(referral, settings, now));
  RETURN_IF_ERROR(TakeReferrer(*referral.mutable_referrer(), author, now));
  RETURN_IF_ERROR(GivePartyIds(referral, before));
  return referral;
}

LocalDate ReferralDay(const v1::Referral& referral, absl::Time now) {
  if (referral.has_receive_time()) return DateOf(FromTimestamp(referral.receive_time()));
  if (referral.referrer().on_behalf() && referral.referrer().has_receive_time()) {
    return DateOf(FromTimestamp(referral.referrer().receive_time()));
  }
  return DateOf(now);
}

v1::Referral Refresh(v1::Referral referral, const ReferralFacts& facts) {
  *referral.mutable_criteria() =
      Grounds(referral.criteria(), referral.victim(), ReferralDay(referral, facts.now), facts);
  v1::CommunicationProfile communication;
  referral.clear_assessments_in_error();
  for (const v1::Assessment& assessment : facts.assessments) {
    if (IsInError(assessment)) {
      // What went with nothing yet goes with nothing: it may be of somebody else.
      if (assessment.referral().empty()) {
        auto& linked = *referral.mutable_assessments();
        linked.erase(std::remove(linked.begin(), linked.end(), assessment.name()), linked.end());
      } else {
        referral.add_assessments_in_error(assessment.name());
      }
      continue;
    }
    // One that went with another referral stays there, open to those who may see that one.
    const bool is_ours = assessment.referral().empty() || assessment.referral() == referral.name();
    if (is_ours) ShareProfile(assessment.communication(), communication);
  }
  referral.clear_communication();
  if (communication.has_record_time()) *referral.mutable_communication() = std::move(communication);
  referral.clear_missing_fields();
  for (MissingField& field : MissingFields(referral, facts.safe_contact, facts.settings)) {
    referral.add_missing_fields(std::move(field.path));
  }
  return referral;
}

v1::Referral WithFindings(v1::Referral decided, v1::Referral refreshed) {
  decided.mutable_criteria()->set_has_score(refreshed.criteria().has_score());
  decided.mutable_criteria()->set_score(refreshed.criteria().score());
  decided.mutable_criteria()->set_visible_high(refreshed.criteria().visible_high());
  decided.mutable_assessments_in_error()->Swap(refreshed.mutable_assessments_in_error());
  decided.clear_communication();
  if (refreshed.has_communication()) decided.mutable_communication()->Swap(refreshed.mutable_communication());
  return decided;
}

absl::Status CheckComplete(const v1::Referral& referral, const ReferralFacts& facts) {
  FieldErrors errors;
  for (const MissingField& field : referral.urgent()
                                       ? UrgentMissingFields(referral, facts.safe_contact)
                                       : MissingFields(referral, facts.safe_contact, facts.settings)) {
    errors.Add(field.path, field.advice);
  }
  return errors.ToFailedPrecondition("NOT_COMPLETE");
}

absl::StatusOr<v1::Referral> Submit(v1::Referral referral, const ReferralFacts& facts,
                                    std::span<const v1::Meeting> meetings) {
  if (!IsWithItsAuthor(referral.state())) {
    return WrongState("ALREADY_SENT", "this referral was sent already; look it up to see what came of it");
  }
  referral = Refresh(std::move(referral), facts);
  RETURN_IF_ERROR(CheckComplete(referral, facts));
  referral.set_state(v1::REFERRAL_STATE_SUBMITTED);
  *referral.mutable_submit_time() = ToTimestamp(facts.now);
  if (!referral.has_receive_time()) {
    const bool came_before = referral.referrer().on_behalf() && referral.referrer().has_receive_time();
    *referral.mutable_receive_time() =
        came_before ? referral.referrer().receive_time() : referral.submit_time();
  }
  referral.set_meeting(FirstMeetingInTime(meetings, FromTimestamp(referral.receive_time()), facts.now));
  return referral;
}

std::string FirstMeetingInTime(std::span<const v1::Meeting> meetings, absl::Time received, absl::Time now) {
  const v1::Meeting* first = nullptr;
  for (const v1::Meeting& meeting : meetings) {
    if (!IsInCycle(meeting)) continue;
    const bool to_come =
        meeting.state() == v1::MEETING_STATE_SCHEDULED || meeting.state() == v1::MEETING_STATE_CIRCULATED;
    if (!to_come || FromTimestamp(meeting.start_time()) <= now) continue;
    if (!InTime(received, FromTimestamp(meeting.deadlines().cut_off_time()))) continue;
    if (first == nullptr || FromTimestamp(meeting.start_time()) < FromTimestamp(first->start_time()))
      first = &meeting;
  }
  return first == nullptr ? "" : first->name();
}

absl::StatusOr<v1::Referral> Withdraw(v1::Referral referral, const std::string& reasons,
                                      const std::string& account, absl::Time now) {
  if (!IsWithItsAuthor(referral.state()) && referral.state() != v1::REFERRAL_STATE_SUBMITTED) {
    return WrongState("ALREADY_DECIDED", "triage has decided on this referral; speak to the coordinator");
  }
  if (IsBlank(reasons)) return InvalidField("reasons", "say why it is taken back");
  referral.set_state(v1::REFERRAL_STATE_WITHDRAWN);
  v1::Triage triage;
  *triage.mutable_time() = ToTimestamp(now);
  triage.set_account(account);
  triage.set_reasons(WithoutHiddenCharacters(reasons));
  *referral.mutable_triage() = triage;
  return referral;
}

}  // namespace marac::domain
