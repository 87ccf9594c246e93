#include "domain/review.h"

#include <string>

#include "domain/record.h"
#include "domain/timestamp.h"
#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::CountOfYes;
using ::marac::testing::IsOk;
using ::marac::testing::OnlyYes;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedForm;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;

constexpr char kAssessor[] = "accounts/idva";
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London());
const Act kByAssessor{kAssessor, kNow};

LocalDate On(int month, int day) { return LocalDate::Create(2026, month, day, "day").value(); }

// A draft about the 1st of June, of Casey, who needs an interpreter, and Jo.
v1::Assessment Draft() {
  v1::StartAssessmentRequest request;
  request.mutable_victim()->mutable_name()->set_value("Casey Sample");
  request.add_perpetrators()->mutable_name()->set_value("Jo Sample");
  *request.mutable_assessment_date() = On(6, 1).ToDay();
  v1::Assessment draft =
      StartAssessment(ShippedForm(), request, "areas/mk/assessments/a1", "agencies/idva", kByAssessor)
          .value();
  draft.mutable_communication()->set_interpreter(v1::YES_NO_YES);
  return draft;
}

v1::Assessment Signed() {
  v1::AppendAnswersRequest answers;
  *answers.mutable_answers() = OnlyYes({20});
  const v1::Assessment answered =
      AppendAnswers(Draft(), ShippedForm(), answers, kByAssessor).value().assessment;
  v1::CompleteAssessmentRequest complete;
  complete.mutable_judgement()->set_text("What I saw and why it worries me.");
  const v1::Assessment completed = CompleteAssessment(answered, ShippedForm(), complete, kByAssessor).value();
  return SignAssessment(completed, ShippedForm(), {}, std::nullopt, kByAssessor).value();
}

absl::StatusOr<v1::Assessment> Changed(const v1::Assessment& assessment, std::optional<LocalDate> day,
                                       const std::string& code = "NEW_INCIDENT",
                                       const std::string& note = "") {
  v1::RecordChangeRequest request;
  request.set_code(code);
  if (day) *request.mutable_day() = day->ToDay();
  request.set_note(note);
  return RecordChange(assessment, ShippedForm(), request, {"accounts/coordinator", kNow});
}

absl::StatusOr<v1::Assessment> Ended(const v1::Assessment& assessment, const std::string& reason) {
  v1::EndReviewRequest request;
  request.set_reason(reason);
  return EndReview(assessment, request, kByAssessor);
}

bool IsOverdue(v1::Assessment assessment, LocalDate today) {
  DeriveOverdue(assessment, today);
  return assessment.review().overdue();
}

// dash.md 4, review.days: the policy's days after the day that it is about, not after the signature.
TEST(ReviewTest, IsDueThePolicysDaysAfterTheDayItIsAbout) {
  EXPECT_FALSE(ReviewDue(Draft())) << "a draft is no older than it is";
  const v1::Assessment assessment = Signed();
  ASSERT_EQ(ShippedForm().policy->policy.review_days(), 49);
  EXPECT_EQ(ReviewDue(assessment), On(7, 20));
  EXPECT_FALSE(IsOverdue(assessment, On(7, 20))) << "not on the day itself";
  EXPECT_TRUE(IsOverdue(assessment, On(7, 21)));
  EXPECT_EQ(ColumnsOf(assessment).due_day, On(7, 20).civil() - absl::CivilDay(1970, 1, 1));
  EXPECT_FALSE(ColumnsOf(Draft()).due_day);
}

// dash.md 4, review.triggers.
TEST(ReviewTest, AChangeMakesItDueFromItsDayOn) {
  ASSERT_OK_AND_ASSIGN(v1::Assessment changed, Changed(Signed(), On(6, 10), "RELEASE", "Out on licence"));
  EXPECT_EQ(ReviewDue(changed), On(6, 10));
  ASSERT_EQ(changed.review().changes_size(), 1);
  EXPECT_EQ(changed.review().changes(0).code(), "RELEASE");
  EXPECT_EQ(changed.review().changes(0).note(), "Out on licence");
  EXPECT_EQ(changed.review().changes(0).account(), "accounts/coordinator");
  EXPECT_EQ(FromTimestamp(changed.review().changes(0).time()), kNow);
  // The earliest counts, whichever was recorded first.
  ASSERT_OK_AND_ASSIGN(changed, Changed(changed, std::nullopt));
  EXPECT_EQ(changed.review().changes(1).day().day(), 15) << "without a day it is today's";
  EXPECT_EQ(ReviewDue(changed), On(6, 10));
  ASSERT_OK_AND_ASSIGN(changed, Changed(changed, On(6, 3)));
  EXPECT_EQ(ReviewDue(changed), On(6, 3));
  AwaitReview(changed, ShippedForm().policy->policy);
  EXPECT_EQ(ReviewDue(changed), On(6, 3)) << "signed again it is due as it was";
  EXPECT_EQ(changed.signature().digest(), Signed().signature().digest()) << "the signature stands";
}

TEST(ReviewTest, RefusesWhatIsNoChangeOfThePolicys) {
  EXPECT_THAT(Changed(Signed(), On(6, 15)), IsOk()) << "today";
  EXPECT_THAT(Changed(Signed(), On(6, 16)), Refuses(kInvalid, "day:"));
  EXPECT_THAT(Changed(Signed(), On(6, 1)), IsOk()) << "the day that it is about";
  EXPECT_THAT(Changed(Signed(), On(5, 31)), Refuses(kInvalid, "day:"));
  EXPECT_THAT(Changed(Signed(), On(6, 1), "HOLIDAY"), Refuses(kInvalid, "code: give one of NEW_INCIDENT"));
  EXPECT_THAT(Changed(Signed(), On(6, 1), "COURT", std::string(1000, 'x')), IsOk());
  EXPECT_THAT(Changed(Signed(), On(6, 1), "COURT", std::string(1001, 'x')), Refuses(kInvalid, "note:"));
  EXPECT_THAT(Changed(Draft(), On(6, 1)), Refuses(kFailed, "belongs into its answers"));
  v1::Assessment often = Signed();
  for (int i = 0; i < 50; ++i) often = Changed(often, On(6, 2)).value();
  EXPECT_THAT(Changed(often, On(6, 2)), Refuses(kFailed, "take a new one"));
}

TEST(ReviewTest, EndsForAReasonUntilSomethingChanges) {
  EXPECT_THAT(Ended(Signed(), " a"), Refuses(kInvalid, "reason:"));
  EXPECT_THAT(Ended(Signed(), std::string(1001, 'x')), Refuses(kInvalid, "reason:"));
  EXPECT_THAT(Ended(Draft(), "She has moved away."), Refuses(kFailed, "no review"));
  ASSERT_OK_AND_ASSIGN(v1::Assessment ended, Ended(Signed(), "She has moved away."));
  EXPECT_FALSE(ReviewDue(ended));
  EXPECT_FALSE(IsOverdue(ended, On(12, 31)));
  EXPECT_EQ(ended.review().end().reason(), "She has moved away.");
  EXPECT_EQ(ended.review().end().account(), kAssessor);
  EXPECT_FALSE(ended.review().end().reviewed());
  EXPECT_THAT(Ended(ended, "Again"), Refuses(kFailed, "no review"));
  // Signed again, what was decided stands; a change brings it back.
  AwaitReview(ended, ShippedForm().policy->policy);
  EXPECT_FALSE(ReviewDue(ended));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment changed, Changed(ended, On(6, 15)));
  EXPECT_EQ(ReviewDue(changed), On(6, 15));
  EXPECT_FALSE(changed.review().has_end());
}

// A change after an end was once due on the day of what had been settled before it.
TEST(ReviewTest, WhatWasSettledIsNotDueAgainWithTheNextChange) {
  ASSERT_OK_AND_ASSIGN(v1::Assessment settled, Changed(Signed(), On(6, 3)));
  ASSERT_OK_AND_ASSIGN(settled, Ended(settled, "She has moved away."));
  ASSERT_OK_AND_ASSIGN(settled, Changed(settled, On(6, 15)));
  EXPECT_EQ(ReviewDue(settled), On(6, 15));
  ASSERT_OK_AND_ASSIGN(settled, Changed(settled, On(6, 14)));
  EXPECT_EQ(ReviewDue(settled), On(6, 14));
}

TEST(ReviewTest, ALaterOneThatReviewsItEndsWhatWasRecordedBeforeItBegan) {
  const v1::Assessment reviewed = AsReviewed(Signed(), kNow, kByAssessor);
  EXPECT_FALSE(ReviewDue(reviewed));
  EXPECT_TRUE(reviewed.review().end().reviewed());
  ASSERT_OK_AND_ASSIGN(const v1::Assessment ended, Ended(Signed(), "She has moved away."));
  EXPECT_FALSE(AsReviewed(ended, kNow, kByAssessor).review().end().reviewed()) << "it was not awaited";
  // Recorded at kNow: a review that was begun then or later asks about it.
  ASSERT_OK_AND_ASSIGN(const v1::Assessment changed, Changed(Signed(), On(6, 10)));
  EXPECT_FALSE(ReviewDue(AsReviewed(changed, kNow, kByAssessor)));
  const v1::Assessment since = AsReviewed(changed, kNow - absl::Seconds(1), kByAssessor);
  EXPECT_EQ(ReviewDue(since), On(6, 10));
  EXPECT_FALSE(since.review().has_end());
}

// D-07: who it is about is not asked again; what they said is.
TEST(ReviewTest, AReviewTakesThePeopleAndNoAnswer) {
  const v1::Assessment earlier = Signed();
  v1::StartAssessmentRequest request;
  request.set_reviews(earlier.name());
  ASSERT_OK_AND_ASSIGN(const v1::StartAssessmentRequest filled, AsReviewOf(earlier, request));
  EXPECT_EQ(filled.purpose(), v1::ASSESSMENT_PURPOSE_REVIEW);
  EXPECT_EQ(filled.victim().name().value(), "Casey Sample");
  ASSERT_EQ(filled.perpetrators_size(), 1);
  ASSERT_OK_AND_ASSIGN(
      const v1::Assessment review,
      StartAssessment(ShippedForm(), filled, "areas/mk/assessments/a2", "agencies/idva", kByAssessor));
  EXPECT_EQ(review.reviews(), earlier.name());
  EXPECT_TRUE(review.answers().empty());
  EXPECT_EQ(review.result().not_asked(), 24);

  request.mutable_victim()->mutable_name()->set_value("Casey Other");
  EXPECT_EQ(AsReviewOf(earlier, request)->victim().name().value(), "Casey Other");
  request.set_purpose(v1::ASSESSMENT_PURPOSE_CLOSURE);
  EXPECT_EQ(AsReviewOf(earlier, request)->purpose(), v1::ASSESSMENT_PURPOSE_CLOSURE);
  request.set_purpose(v1::ASSESSMENT_PURPOSE_INITIAL);
  EXPECT_THAT(AsReviewOf(earlier, request), Refuses(kInvalid, "purpose:"));
  request.clear_purpose();
  EXPECT_THAT(AsReviewOf(Draft(), request), Refuses(kInvalid, "reviews:"));
}

TEST(ReviewTest, SaysWhatCanBeRecorded) {
  v1::Assessment assessment = Signed();
  DeriveReview(assessment, ShippedForm().policy->policy, On(7, 21));
  EXPECT_EQ(assessment.review().choices_size(), 7);
  EXPECT_TRUE(assessment.review().overdue());
  v1::Assessment draft = Draft();
  DeriveReview(draft, ShippedForm().policy->policy, On(7, 21));
  EXPECT_FALSE(draft.has_review());
}

v1::Assessment InError(const v1::Assessment& assessment) {
  v1::MarkEnteredInErrorRequest request;
  request.set_reason("It was of somebody else.");
  return MarkEnteredInError(assessment, request, {}, kByAssessor).value();
}

// D-04: what should never have been is neither due nor reviewed.
TEST(ReviewTest, D04WhatWasEnteredInErrorIsNotTakenAnew) {
  const v1::Assessment marked = InError(Signed());
  EXPECT_FALSE(ReviewDue(marked));
  EXPECT_THAT(AsReviewOf(marked, {}).status(), Refuses(kInvalid, "reviews: it was entered in error"));
  EXPECT_THAT(Changed(marked, std::nullopt).status(), Refuses(kFailed, "entered in error"));
  EXPECT_THAT(Ended(marked, "Because").status(), Refuses(kFailed, "no review"));
}

// A review of the wrong person ended the waiting, and nobody would have been asked about the right one again.
TEST(ReviewTest, D04WhereTheReviewWasEnteredInErrorTheOtherIsDueAgain) {
  const v1::Policy& policy = ShippedForm().policy->policy;
  const v1::Assessment reviewed = AsReviewed(Signed(), kNow, kByAssessor);
  ASSERT_FALSE(ReviewDue(reviewed));
  EXPECT_EQ(ReviewDue(AsNotReviewed(reviewed, policy)), On(7, 20));
  EXPECT_FALSE(AsNotReviewed(reviewed, policy).review().has_end());

  const v1::Assessment after_change = AsReviewed(Changed(Signed(), On(6, 10)).value(), kNow, kByAssessor);
  ASSERT_FALSE(ReviewDue(after_change));
  EXPECT_EQ(ReviewDue(AsNotReviewed(after_change, policy)), On(6, 10)) << "what changed is in no answer";

  const v1::Assessment ended = Ended(Signed(), "She has moved away").value();
  EXPECT_FALSE(ReviewDue(AsNotReviewed(ended, policy))) << "that somebody decided";
  EXPECT_FALSE(ReviewDue(AsNotReviewed(InError(reviewed), policy))) << "it should not have been itself";
}

}  // namespace
}  // namespace marac::domain
