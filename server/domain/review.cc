#include "domain/review.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/text.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kChangesMax = 50;
constexpr int kNoteCharactersMax = 1000;
constexpr int kReasonCharactersMin = 3;

std::string CodesOf(const v1::Policy& policy) {
  std::string codes;
  for (const v1::ReviewChange& change : policy.review_changes()) {
    codes += (codes.empty() ? "" : ", ") + change.code();
  }
  return codes;
}

// Due on `day` as well as on the day on which it was due before.
void DueFrom(v1::Assessment& assessment, LocalDate day) {
  const std::optional<LocalDate> before = ReviewDue(assessment);
  *assessment.mutable_review()->mutable_due() = (before ? std::min(*before, day) : day).ToDay();
}

// It was signed once, and should have been.
bool CanBeReviewed(const v1::Assessment& assessment) {
  return assessment.has_review() && assessment.state() != v1::ASSESSMENT_STATE_ENTERED_IN_ERROR;
}

void End(v1::Assessment& assessment, const Act& act, bool reviewed, std::string reason) {
  v1::AssessmentReviewEnd& end = *assessment.mutable_review()->mutable_end();
  end.set_reviewed(reviewed);
  end.set_reason(std::move(reason));
  end.set_account(act.account);
  *end.mutable_time() = ToTimestamp(act.now);
  assessment.mutable_review()->clear_due();
}

}  // namespace

absl::StatusOr<v1::StartAssessmentRequest> AsReviewOf(const v1::Assessment& earlier,
                                                      v1::StartAssessmentRequest request) {
  FieldErrors errors;
  const bool in_error = earlier.state() == v1::ASSESSMENT_STATE_ENTERED_IN_ERROR;
  errors.Require(CanBeReviewed(earlier), "reviews",
                 in_error ? "it was entered in error: start one that reviews none"
                          : "it was never signed: go on with it instead, or start one that reviews none");
  if (request.purpose() == v1::ASSESSMENT_PURPOSE_UNSPECIFIED) {
    request.set_purpose(v1::ASSESSMENT_PURPOSE_REVIEW);
  }
  errors.Require(request.purpose() == v1::ASSESSMENT_PURPOSE_REVIEW ||
                     request.purpose() == v1::ASSESSMENT_PURPOSE_CLOSURE,
                 "purpose", "one that reviews another is for REVIEW or CLOSURE");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (!request.has_victim() && earlier.has_victim()) *request.mutable_victim() = earlier.victim();
  if (request.perpetrators().empty()) *request.mutable_perpetrators() = earlier.perpetrators();
  return request;
}

void AwaitReview(v1::Assessment& assessment, const v1::Policy& policy) {
  // Signed once more, what was awaited or decided stands.
  if (assessment.has_review()) return;
  const auto about = LocalDate::FromDay(assessment.assessment_date(), "assessment_date");
  if (about.ok()) DueFrom(assessment, about->AddDays(policy.review_days()));
}

absl::StatusOr<v1::Assessment> RecordChange(v1::Assessment assessment, const Form& form,
                                            const v1::RecordChangeRequest& request, const Act& act) {
  if (!CanBeReviewed(assessment)) {
    return WrongState("WRONG_STATE",
                      assessment.has_review()
                          ? "this assessment was entered in error: record the change with one that holds"
                          : "this assessment was never signed: what changed belongs into its answers");
  }
  const v1::Policy& policy = form.policy->policy;
  const LocalDate today = DateOf(act.now);
  LocalDate day = today;
  FieldErrors errors;
  if (request.has_day()) {
    const auto given = LocalDate::FromDay(request.day(), "day");
    const auto about = LocalDate::FromDay(assessment.assessment_date(), "assessment_date");
    errors.Require(
        given.ok() && *given <= today && about.ok() && *given >= *about, "day",
        "give a day from that of the assessment to today: what was before belongs into its answers");
    if (given.ok()) day = *given;
  }
  errors.Require(
      std::ranges::any_of(policy.review_changes(),
                          [&](const v1::ReviewChange& change) { return change.code() == request.code(); }),
      "code",
      policy.review_changes().empty()
          ? std::string("this area's policy names no change; start a review instead")
          : fmt::format("give one of {}", CodesOf(policy)));
  errors.Require(VisibleLength(request.note()) <= kNoteCharactersMax, "note",
                 fmt::format("say it in at most {} characters", kNoteCharactersMax));
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  v1::AssessmentReview& review = *assessment.mutable_review();
  if (review.changes_size() >= kChangesMax) {
    return WrongState("TOO_MANY", "so much has changed that this assessment says little: take a new one");
  }
  v1::RecordedChange& change = *review.add_changes();
  change.set_code(request.code());
  *change.mutable_day() = day.ToDay();
  change.set_note(WithoutHiddenCharacters(request.note()));
  change.set_account(act.account);
  *change.mutable_time() = ToTimestamp(act.now);
  review.clear_end();
  DueFrom(assessment, day);
  return assessment;
}

absl::StatusOr<v1::Assessment> EndReview(v1::Assessment assessment, const v1::EndReviewRequest& request,
                                         const Act& act) {
  if (!ReviewDue(assessment)) {
    return WrongState("NOT_WAITING", "no review of this assessment is awaited; look at it as it is now");
  }
  const int length = VisibleLength(request.reason());
  if (length < kReasonCharactersMin || length > kNoteCharactersMax) {
    return InvalidField("reason", fmt::format("say in {} to {} characters why none is needed",
                                              kReasonCharactersMin, kNoteCharactersMax));
  }
  End(assessment, act, /*reviewed=*/false, WithoutHiddenCharacters(request.reason()));
  return assessment;
}

v1::Assessment AsReviewed(v1::Assessment assessment, absl::Time begun, const Act& act) {
  if (!ReviewDue(assessment)) return assessment;
  End(assessment, act, /*reviewed=*/true, "");
  for (const v1::RecordedChange& change : assessment.review().changes()) {
    const auto day = LocalDate::FromDay(change.day(), "day");
    if (!day.ok() || FromTimestamp(change.time()) <= begun) continue;
    assessment.mutable_review()->clear_end();
    DueFrom(assessment, *day);
  }
  return assessment;
}

v1::Assessment AsNotReviewed(v1::Assessment assessment, const v1::Policy& policy) {
  if (!CanBeReviewed(assessment) || !assessment.review().end().reviewed()) return assessment;
  assessment.mutable_review()->clear_end();
  const auto about = LocalDate::FromDay(assessment.assessment_date(), "assessment_date");
  if (about.ok()) DueFrom(assessment, about->AddDays(policy.review_days()));
  for (const v1::RecordedChange& change : assessment.review().changes()) {
    const auto day = LocalDate::FromDay(change.day(), "day");
    if (day.ok()) DueFrom(assessment, *day);
  }
  return assessment;
}

std::optional<LocalDate> ReviewDue(const v1::Assessment& assessment) {
  if (!assessment.review().has_due()) return std::nullopt;
  const auto due = LocalDate::FromDay(assessment.review().due(), "due");
  return due.ok() ? std::optional(*due) : std::nullopt;
}

void DeriveOverdue(v1::Assessment& assessment, LocalDate today) {
  const std::optional<LocalDate> due = ReviewDue(assessment);
  if (due) assessment.mutable_review()->set_overdue(*due < today);
}

void DeriveReview(v1::Assessment& assessment, const v1::Policy& policy, LocalDate today) {
  if (!assessment.has_review()) return;
  DeriveOverdue(assessment, today);
  *assessment.mutable_review()->mutable_choices() = policy.review_changes();
}

}  // namespace marac::domain
