// Assessments through TLS against a real server.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "store/answers.h"
#include "tests/support/assessments.h"
#include "tests/support/complete_referral.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using Stub = v1::AssessmentService::Stub;

const Client& Assessor() { return ServerFixture::Shared().As("referrer.police"); }

v1::Assessment Start(const Client& client = Assessor()) {
  v1::StartAssessmentRequest request;
  request.set_parent(ServerFixture::kArea);
  absl::StatusOr<v1::Assessment> started = client.Call(&Stub::StartAssessment, request);
  EXPECT_OK(started);
  return started.value_or(v1::Assessment());
}

v1::AppendAnswersRequest Append(const v1::Assessment& assessment, const Answers& answers) {
  v1::AppendAnswersRequest request;
  request.set_name(assessment.name());
  *request.mutable_answers() = answers;
  request.set_expected_seq(assessment.last_seq());
  return request;
}

v1::CompleteAssessmentRequest Complete(const v1::Assessment& assessment) {
  v1::CompleteAssessmentRequest request;
  request.set_name(assessment.name());
  request.set_etag(assessment.etag());
  request.mutable_judgement()->set_text("What I saw.");
  return request;
}

v1::SignAssessmentRequest Sign(const v1::Assessment& assessment, const std::string& supervisor = "") {
  v1::SignAssessmentRequest request;
  request.set_name(assessment.name());
  request.set_etag(assessment.etag());
  if (!supervisor.empty()) {
    request.mutable_non_referral()->set_reason_code("ALREADY_LISTED");
    request.mutable_non_referral()->set_text("Listed for the next meeting.");
    request.mutable_non_referral()->set_supervisor(supervisor);
  }
  return request;
}

v1::GetAssessmentRequest Get(const std::string& name, int32_t edition = 0) {
  v1::GetAssessmentRequest request;
  request.set_name(name);
  request.set_edition(edition);
  return request;
}

v1::ListAssessmentsRequest List(bool mine) {
  v1::ListAssessmentsRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_mine(mine);
  request.set_page_size(100);
  return request;
}

// A completed assessment with these answers.
v1::Assessment Completed(const Answers& answers) {
  const v1::Assessment draft = Start();
  absl::StatusOr<v1::Assessment> answered = Assessor().Call(&Stub::AppendAnswers, Append(draft, answers));
  EXPECT_OK(answered);
  absl::StatusOr<v1::Assessment> completed = Assessor().Call(&Stub::CompleteAssessment, Complete(*answered));
  EXPECT_OK(completed);
  return completed.value_or(v1::Assessment());
}

std::vector<v1::Answer> StoredEvents(const std::string& name) {
  std::vector<v1::Answer> events;
  EXPECT_OK(ServerFixture::Shared().host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(events, store::LoadAnswers(tx, name));
    return absl::OkStatus();
  }));
  return events;
}

TEST(AssessmentServiceTest, GoesFromDraftToSignatureWithASupervisorWhereItIsHigh) {
  const v1::Assessment draft = Start();
  EXPECT_EQ(draft.state(), v1::ASSESSMENT_STATE_DRAFT);
  EXPECT_EQ(draft.instrument(), "plain24@1.0");
  EXPECT_EQ(draft.assessor(), Assessor().account());
  EXPECT_EQ(draft.agency(), "agencies/police");
  EXPECT_FALSE(draft.etag().empty());

  ASSERT_OK_AND_ASSIGN(const v1::Assessment answered,
                       Assessor().Call(&Stub::AppendAnswers, Append(draft, CountOfYes(14))));
  EXPECT_EQ(answered.last_seq(), 24);
  EXPECT_EQ(answered.result().score(), 14);
  EXPECT_EQ(answered.result().final_grade(), v1::GRADE_HIGH);

  ASSERT_OK_AND_ASSIGN(const v1::Assessment completed,
                       Assessor().Call(&Stub::CompleteAssessment, Complete(answered)));
  EXPECT_EQ(completed.state(), v1::ASSESSMENT_STATE_COMPLETED);

  const absl::Status refused = Assessor().Call(&Stub::SignAssessment, Sign(completed)).status();
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "non_referral: the grade is high"));
  EXPECT_EQ(domain::DetailOf(refused).reason(), "NOT_READY_TO_SIGN");

  const std::string supervisor = ServerFixture::Shared().As("supervisor.police").account();
  ASSERT_OK_AND_ASSIGN(const v1::Assessment done,
                       Assessor().Call(&Stub::SignAssessment, Sign(completed, supervisor)));
  EXPECT_EQ(done.state(), v1::ASSESSMENT_STATE_SIGNED);
  EXPECT_EQ(done.signature().account(), Assessor().account());
  ASSERT_OK_AND_ASSIGN(const v1::Assessment read, Assessor().Call(&Stub::GetAssessment, Get(done.name())));
  EXPECT_EQ(read.SerializeAsString(), done.SerializeAsString());
}

TEST(AssessmentServiceTest, ASupervisorOfAnotherAgencyAndOneWhoDoesNotExistReadTheSame) {
  const v1::Assessment completed = Completed(CountOfYes(14));
  const std::string coordinator = ServerFixture::Shared().As("coordinator.council").account();
  const absl::Status other = Assessor().Call(&Stub::SignAssessment, Sign(completed, coordinator)).status();
  const absl::Status nobody =
      Assessor().Call(&Stub::SignAssessment, Sign(completed, "accounts/00000000000000000000000000")).status();
  EXPECT_THAT(other, Refuses(StatusCode::kInvalidArgument, "non_referral.supervisor: name one supervisor"));
  EXPECT_EQ(other, nobody);
}

// D-02: all or none, each once, and nobody's answer over another's.
TEST(AssessmentServiceTest, AnswersAreStoredOnceAndInOrder) {
  const v1::Assessment draft = Start();
  v1::AppendAnswersRequest request = Append(draft, OnlyYes({1}));
  request.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const v1::Assessment first, Assessor().Call(&Stub::AppendAnswers, request));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment again, Assessor().Call(&Stub::AppendAnswers, request));
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(StoredEvents(draft.name()).size(), 24U);

  v1::AppendAnswersRequest late = Append(draft, OnlyYes({2}));
  const absl::Status missed = Assessor().Call(&Stub::AppendAnswers, late).status();
  EXPECT_THAT(missed, Refuses(StatusCode::kAborted, "expected_seq"));
  EXPECT_EQ(domain::DetailOf(missed).current_seq(), 24);

  Answers change;
  *change.Add() = AnswerTo(1, v1::ANSWER_CODE_NO);
  ASSERT_OK(Assessor().Call(&Stub::AppendAnswers, Append(first, change)));
  const std::vector<v1::Answer> events = StoredEvents(draft.name());
  ASSERT_EQ(events.size(), 25U);
  EXPECT_EQ(events[0].code(), v1::ANSWER_CODE_YES) << "what was said first is kept";
  EXPECT_EQ(events[24].code(), v1::ANSWER_CODE_NO);
  EXPECT_EQ(events[24].account(), Assessor().account());
}

TEST(AssessmentServiceTest, AnAnswerToItem25StoresNothingOfTheCall) {
  const v1::Assessment draft = Start();
  Answers answers = OnlyYes({1});
  *answers.Add() = AnswerTo(2, v1::ANSWER_CODE_YES);
  answers.Mutable(24)->set_item("25");
  const absl::Status status = Assessor().Call(&Stub::AppendAnswers, Append(draft, answers)).status();
  EXPECT_THAT(status, Refuses(StatusCode::kInvalidArgument, "answers[24].item: plain24@1.0 has no item"));
  EXPECT_EQ(domain::DetailOf(status).field_violations(0).field(), "answers[24].item");
  EXPECT_TRUE(StoredEvents(draft.name()).empty());
  ASSERT_OK_AND_ASSIGN(const v1::Assessment read, Assessor().Call(&Stub::GetAssessment, Get(draft.name())));
  EXPECT_EQ(read.last_seq(), 0);
}

TEST(AssessmentServiceTest, AnEtagOfBeforeIsRefused) {
  const v1::Assessment completed = Completed(OnlyYes({}));
  ASSERT_OK(Assessor().Call(&Stub::CompleteAssessment, Complete(completed)));
  EXPECT_THAT(Assessor().Call(&Stub::SignAssessment, Sign(completed)),
              Refuses(StatusCode::kAborted, "somebody changed it"));
}

// D-03: readers of edition 1 are told that there is another, and can still read theirs.
TEST(AssessmentServiceTest, AnEarlierEditionStaysReadable) {
  const v1::Assessment completed = Completed(OnlyYes({20}));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment first, Assessor().Call(&Stub::SignAssessment, Sign(completed)));
  v1::AmendAssessmentRequest request;
  request.set_name(first.name());
  request.set_etag(first.etag());
  *request.add_answers() = AnswerTo(20, v1::ANSWER_CODE_NO);
  request.set_reason("She meant her sister's money.");
  ASSERT_OK_AND_ASSIGN(const v1::Assessment second, Assessor().Call(&Stub::AmendAssessment, request));
  EXPECT_EQ(second.edition(), 2);
  EXPECT_EQ(second.result().score(), 0);
  EXPECT_EQ(StoredEvents(first.name()).back().amend_reason(), "She meant her sister's money.");

  ASSERT_OK_AND_ASSIGN(const v1::Assessment read,
                       Assessor().Call(&Stub::GetAssessment, Get(first.name(), 1)));
  EXPECT_EQ(read.edition(), 1);
  EXPECT_EQ(read.result().score(), 1);
  EXPECT_EQ(read.signature().digest(), first.signature().digest());
  EXPECT_TRUE(read.etag().empty()) << "what is past is not changed";
  EXPECT_THAT(Assessor().Call(&Stub::GetAssessment, Get(first.name(), 3)),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment signed_again,
                       Assessor().Call(&Stub::SignAssessment, Sign(second)));
  EXPECT_EQ(signed_again.signature().edition(), 2);
}

v1::ListSupervisionRequest Waiting() {
  v1::ListSupervisionRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_page_size(100);
  return request;
}

bool Waits(const Client& supervisor, const std::string& name) {
  absl::StatusOr<v1::ListSupervisionResponse> listed = supervisor.Call(&Stub::ListSupervision, Waiting());
  EXPECT_OK(listed);
  bool found = false;
  for (const v1::Assessment& assessment : listed->assessments()) {
    EXPECT_EQ(assessment.answers_size(), 0);
    found = found || assessment.name() == name;
  }
  return found;
}

v1::CountersignAssessmentRequest Decide(const v1::Assessment& assessment, v1::SupervisorDecision decision,
                                        const std::string& reason = "") {
  v1::CountersignAssessmentRequest request;
  request.set_name(assessment.name());
  request.set_etag(assessment.etag());
  request.set_decision(decision);
  request.set_reason(reason);
  return request;
}

TEST(AssessmentServiceTest, WhatNamesASupervisorWaitsForThemUntilTheyDecide) {
  const Client& supervisor = ServerFixture::Shared().As("supervisor.police");
  const v1::Assessment completed = Completed(CountOfYes(14));
  ASSERT_OK_AND_ASSIGN(v1::Assessment signed_one,
                       Assessor().Call(&Stub::SignAssessment, Sign(completed, supervisor.account())));
  EXPECT_TRUE(Waits(supervisor, signed_one.name()));
  EXPECT_FALSE(Waits(Assessor(), signed_one.name())) << "it names the supervisor";

  // The assessor, other roles and other agencies decide nothing.
  const v1::CountersignAssessmentRequest agree = Decide(signed_one, v1::SUPERVISOR_DECISION_AGREED);
  EXPECT_THAT(Assessor().Call(&Stub::CountersignAssessment, agree),
              Refuses(StatusCode::kPermissionDenied, "your role"));
  EXPECT_THAT(ServerFixture::Shared().As("coordinator.council").Call(&Stub::CountersignAssessment, agree),
              Refuses(StatusCode::kPermissionDenied, "your role"));

  ASSERT_OK_AND_ASSIGN(const v1::Assessment back,
                       supervisor.Call(&Stub::CountersignAssessment,
                                       Decide(signed_one, v1::SUPERVISOR_DECISION_SENT_BACK, "Refer her.")));
  EXPECT_EQ(back.state(), v1::ASSESSMENT_STATE_AMENDED);
  EXPECT_FALSE(Waits(supervisor, signed_one.name()));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment first,
                       Assessor().Call(&Stub::GetAssessment, Get(signed_one.name(), 1)));
  EXPECT_EQ(first.non_referral().supervisor(), supervisor.account()) << "what was sent back can be read";
  EXPECT_EQ(first.signature().digest(), signed_one.signature().digest());

  ASSERT_OK_AND_ASSIGN(signed_one, Assessor().Call(&Stub::SignAssessment, Sign(back, supervisor.account())));
  EXPECT_TRUE(Waits(supervisor, signed_one.name())) << "signed again it waits again";
  EXPECT_THAT(supervisor.Call(&Stub::CountersignAssessment, agree),
              Refuses(StatusCode::kAborted, "somebody changed it"));
  ASSERT_OK_AND_ASSIGN(
      const v1::Assessment agreed,
      supervisor.Call(&Stub::CountersignAssessment, Decide(signed_one, v1::SUPERVISOR_DECISION_AGREED)));
  EXPECT_EQ(agreed.state(), v1::ASSESSMENT_STATE_COUNTERSIGNED);
  EXPECT_EQ(agreed.countersignature().account(), supervisor.account());
  EXPECT_FALSE(Waits(supervisor, signed_one.name()));
}

bool IsDue(const Client& client, const std::string& name, const v1::Day& by) {
  v1::ListAssessmentsRequest request = List(/*mine=*/false);
  *request.mutable_review_due_by() = by;
  absl::StatusOr<v1::ListAssessmentsResponse> listed = client.Call(&Stub::ListAssessments, request);
  EXPECT_OK(listed);
  return std::ranges::any_of(listed->assessments(),
                             [&](const v1::Assessment& assessment) { return assessment.name() == name; });
}

TEST(AssessmentServiceTest, WhatIsSignedIsDueForReviewUntilALaterOneThatReviewsItIsSigned) {
  const domain::LocalDate today = domain::DateOf(ServerFixture::Shared().Now());
  const v1::Assessment completed = Completed(OnlyYes({20}));
  EXPECT_FALSE(completed.has_review());
  ASSERT_OK_AND_ASSIGN(v1::Assessment earlier, Assessor().Call(&Stub::SignAssessment, Sign(completed)));
  EXPECT_EQ(earlier.review().choices_size(), 7);
  EXPECT_FALSE(IsDue(Assessor(), earlier.name(), today.AddDays(48).ToDay()));
  EXPECT_TRUE(IsDue(Assessor(), earlier.name(), today.AddDays(49).ToDay()));

  v1::RecordChangeRequest change;
  change.set_name(earlier.name());
  change.set_code("SEPARATION");
  ASSERT_OK_AND_ASSIGN(earlier, Assessor().Call(&Stub::RecordChange, change));
  EXPECT_FALSE(earlier.review().overdue()) << "due today";
  EXPECT_TRUE(IsDue(Assessor(), earlier.name(), today.ToDay()));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment read, Assessor().Call(&Stub::GetAssessment, Get(earlier.name())));
  EXPECT_EQ(read.SerializeAsString(), earlier.SerializeAsString());

  v1::StartAssessmentRequest start;
  start.set_parent(ServerFixture::kArea);
  start.set_reviews(completed.name());
  ASSERT_OK_AND_ASSIGN(const v1::Assessment draft, Assessor().Call(&Stub::StartAssessment, start));
  EXPECT_EQ(draft.reviews(), earlier.name());
  EXPECT_EQ(draft.purpose(), v1::ASSESSMENT_PURPOSE_REVIEW);
  EXPECT_TRUE(draft.answers().empty());
  start.set_reviews(draft.name());
  EXPECT_THAT(Assessor().Call(&Stub::StartAssessment, start),
              Refuses(StatusCode::kInvalidArgument, "reviews: it was never signed"));
  // Another's draft is as one that does not exist.
  EXPECT_THAT(ServerFixture::Shared().As("coordinator.council").Call(&Stub::StartAssessment, start),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));

  ASSERT_OK_AND_ASSIGN(const v1::Assessment answered,
                       Assessor().Call(&Stub::AppendAnswers, Append(draft, OnlyYes({}))));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment again,
                       Assessor().Call(&Stub::CompleteAssessment, Complete(answered)));
  EXPECT_TRUE(IsDue(Assessor(), earlier.name(), today.ToDay())) << "it is not signed yet";
  ASSERT_OK_AND_ASSIGN(const v1::Assessment signed_review,
                       Assessor().Call(&Stub::SignAssessment, Sign(again)));
  EXPECT_FALSE(IsDue(Assessor(), earlier.name(), today.AddDays(100).ToDay()));
  ASSERT_OK_AND_ASSIGN(earlier, Assessor().Call(&Stub::GetAssessment, Get(earlier.name())));
  EXPECT_TRUE(earlier.review().end().reviewed());

  // A change since is not ended by signing the same review once more.
  change.clear_day();
  ASSERT_OK_AND_ASSIGN(earlier, Assessor().Call(&Stub::RecordChange, change));
  v1::AmendAssessmentRequest amend;
  amend.set_name(signed_review.name());
  amend.set_etag(signed_review.etag());
  *amend.add_answers() = AnswerTo(20, v1::ANSWER_CODE_NO);
  amend.set_reason("A slip of the pen.");
  ASSERT_OK_AND_ASSIGN(const v1::Assessment amended, Assessor().Call(&Stub::AmendAssessment, amend));
  ASSERT_OK(Assessor().Call(&Stub::SignAssessment, Sign(amended)));
  EXPECT_TRUE(IsDue(Assessor(), earlier.name(), today.ToDay()));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment untouched,
                       Assessor().Call(&Stub::GetAssessment, Get(earlier.name())));
  EXPECT_EQ(untouched.etag(), earlier.etag()) << "whoever reads it is not told that it changed";
}

TEST(AssessmentServiceTest, AReviewIsEndedForAReasonByWhoeverSeesThatNoneIsNeeded) {
  const domain::LocalDate today = domain::DateOf(ServerFixture::Shared().Now());
  const v1::Assessment completed = Completed(OnlyYes({20}));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment one, Assessor().Call(&Stub::SignAssessment, Sign(completed)));
  v1::EndReviewRequest end;
  end.set_name(one.name());
  end.set_etag(completed.etag());
  end.set_reason("She has moved away.");
  EXPECT_THAT(Assessor().Call(&Stub::EndReview, end), Refuses(StatusCode::kAborted, "somebody changed it"));
  end.set_etag(one.etag());
  EXPECT_THAT(ServerFixture::Shared().As("coordinator.council").Call(&Stub::EndReview, end),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"))
      << "nothing of it was sent";
  ASSERT_OK(ServerFixture::Shared().As("supervisor.police").Call(&Stub::EndReview, end));
  EXPECT_FALSE(IsDue(Assessor(), one.name(), today.AddDays(100).ToDay()));
}

v1::MarkEnteredInErrorRequest InError(const v1::Assessment& assessment) {
  v1::MarkEnteredInErrorRequest request;
  request.set_name(assessment.name());
  request.set_etag(assessment.etag());
  request.set_reason("It was of somebody else.");
  return request;
}

// D-04, in a referral that waits.
TEST(AssessmentServiceTest, D04WhatRestsOnAnAssessmentThatWasEnteredInErrorSaysSo) {
  using Referrals = v1::ReferralService::Stub;
  const Client& coordinator = ServerFixture::Shared().As("coordinator.council");
  const v1::Assessment scored = Completed(CountOfYes(15));
  v1::SaveDraftRequest save;
  save.set_parent(ServerFixture::kArea);
  *save.mutable_referral() = CompleteReferral();
  save.mutable_referral()->add_assessments(scored.name());
  *save.mutable_safe_contact() = CompleteSafeContact();
  ASSERT_OK_AND_ASSIGN(const v1::Referral draft, Assessor().Call(&Referrals::SaveDraft, save));
  v1::SubmitReferralRequest submit;
  submit.set_name(draft.name());
  submit.set_etag(draft.etag());
  ASSERT_OK_AND_ASSIGN(const v1::Referral sent, Assessor().Call(&Referrals::SubmitReferral, submit));
  ASSERT_EQ(sent.criteria().score(), 15);

  ASSERT_OK_AND_ASSIGN(v1::Assessment now, Assessor().Call(&Stub::GetAssessment, Get(scored.name())));
  EXPECT_THAT(ServerFixture::Shared().As("coordinator.council").Call(&Stub::MarkEnteredInError, InError(now)),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"))
      << "whoever took it says so";
  v1::MarkEnteredInErrorRequest stale = InError(scored);
  EXPECT_THAT(Assessor().Call(&Stub::MarkEnteredInError, stale), Refuses(StatusCode::kAborted, ""));
  ASSERT_OK_AND_ASSIGN(
      now, ServerFixture::Shared().As("supervisor.police").Call(&Stub::MarkEnteredInError, InError(now)));
  EXPECT_EQ(now.state(), v1::ASSESSMENT_STATE_ENTERED_IN_ERROR);
  EXPECT_THAT(Assessor().Call(&Stub::MarkEnteredInError, InError(now)),
              Refuses(StatusCode::kFailedPrecondition, "said once"));

  v1::GetReferralRequest get;
  get.set_name(sent.name());
  ASSERT_OK_AND_ASSIGN(const v1::Referral waiting, coordinator.Call(&Referrals::GetReferral, get));
  EXPECT_FALSE(waiting.criteria().has_score());
  ASSERT_EQ(waiting.assessments_in_error_size(), 1);
  EXPECT_EQ(waiting.assessments_in_error(0), scored.name());

  save.mutable_referral()->clear_assessments();
  save.mutable_referral()->add_assessments(scored.name());
  EXPECT_THAT(Assessor().Call(&Referrals::SaveDraft, save),
              Refuses(StatusCode::kInvalidArgument, "referral.assessments[0]: it was entered in error"));
}

TEST(AssessmentServiceTest, D04WhatAnErroneousReviewReviewedIsDueAgain) {
  const domain::LocalDate today = domain::DateOf(ServerFixture::Shared().Now());
  const auto sign = [](const v1::Assessment& completed) {
    return Assessor().Call(&Stub::SignAssessment, Sign(completed)).value();
  };
  const v1::Assessment earlier = sign(Completed(OnlyYes({20})));
  const auto review = [&] {
    v1::StartAssessmentRequest start;
    start.set_parent(ServerFixture::kArea);
    start.set_reviews(earlier.name());
    const v1::Assessment draft = Assessor().Call(&Stub::StartAssessment, start).value();
    const v1::Assessment answered = Assessor().Call(&Stub::AppendAnswers, Append(draft, OnlyYes({}))).value();
    return Assessor().Call(&Stub::CompleteAssessment, Complete(answered)).value();
  };
  const v1::Assessment begun = review();
  const v1::Assessment wrong = sign(review());
  ServerFixture::Shared().AdvanceTo(ServerFixture::Shared().Now() + absl::Seconds(1));
  const v1::Assessment later = sign(review());
  ASSERT_FALSE(IsDue(Assessor(), earlier.name(), today.AddDays(100).ToDay()));
  ASSERT_OK(Assessor().Call(&Stub::MarkEnteredInError, InError(begun)));
  EXPECT_FALSE(IsDue(Assessor(), earlier.name(), today.AddDays(100).ToDay())) << "that one never ended it";
  ASSERT_OK(Assessor().Call(&Stub::MarkEnteredInError, InError(later)));
  EXPECT_FALSE(IsDue(Assessor(), earlier.name(), today.AddDays(100).ToDay())) << "nor did this one";
  ASSERT_OK(Assessor().Call(&Stub::MarkEnteredInError, InError(wrong)));
  EXPECT_TRUE(IsDue(Assessor(), earlier.name(), today.AddDays(49).ToDay()));
  EXPECT_FALSE(IsDue(Assessor(), wrong.name(), today.AddDays(100).ToDay()));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment as_signed,
                       Assessor().Call(&Stub::GetAssessment, Get(wrong.name(), 1)));
  EXPECT_EQ(as_signed.state(), v1::ASSESSMENT_STATE_SIGNED) << "what was read can be read again";
}

// Whoever has no training that counts drafts and completes, and does not sign.
TEST(AssessmentServiceTest, WhereTheAreaWantsTrainingWhoHasNoneDoesNotSign) {
  using Directory = v1::DirectoryService::Stub;
  const Client& admin = ServerFixture::Shared().As("admin.council");
  const v1::Assessment completed = Completed(OnlyYes({20}));
  v1::GetAreaRequest get;
  get.set_name(ServerFixture::kArea);
  const auto want = [&](bool required) {
    v1::UpdateAreaRequest update;
    absl::StatusOr<v1::Area> area = admin.Call(&Directory::GetArea, get);
    ASSERT_OK(area);
    *update.mutable_area() = *area;
    update.mutable_area()->mutable_settings()->set_training_required(required);
    ASSERT_OK(admin.Call(&Directory::UpdateArea, update));
  };
  want(true);
  const absl::Status refused = Assessor().Call(&Stub::SignAssessment, Sign(completed)).status();
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "no training that counts today"));
  EXPECT_EQ(domain::DetailOf(refused).reason(), "NOT_QUALIFIED");

  v1::RecordTrainingRequest training;
  training.set_name(Assessor().account());
  training.mutable_training()->set_course("DASH, two days");
  const v1::Day today = domain::DateOf(ServerFixture::Shared().Now()).ToDay();
  *training.mutable_training()->mutable_day() = today;
  *training.mutable_training()->mutable_expire_day() = today;
  EXPECT_OK(admin.Call(&Directory::RecordTraining, training));
  EXPECT_OK(Assessor().Call(&Stub::SignAssessment, Sign(completed)));
  want(false);
}

v1::CompareAssessmentsRequest Compare(const std::string& name, const std::string& other,
                                      int32_t other_edition = 0) {
  v1::CompareAssessmentsRequest request;
  request.set_name(name);
  request.set_other(other);
  request.set_other_edition(other_edition);
  return request;
}

TEST(AssessmentServiceTest, TwoEditionsStandSideBySide) {
  const v1::Assessment completed = Completed(OnlyYes({20}));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment first, Assessor().Call(&Stub::SignAssessment, Sign(completed)));
  v1::AmendAssessmentRequest request;
  request.set_name(first.name());
  request.set_etag(first.etag());
  *request.add_answers() = AnswerTo(20, v1::ANSWER_CODE_NO);
  request.set_reason("She meant her sister's money.");
  ASSERT_OK_AND_ASSIGN(const v1::Assessment second, Assessor().Call(&Stub::AmendAssessment, request));

  ASSERT_OK_AND_ASSIGN(const v1::AssessmentComparison both,
                       Assessor().Call(&Stub::CompareAssessments, Compare(second.name(), "", 1)));
  EXPECT_EQ(both.earlier().edition(), 1);
  EXPECT_EQ(both.earlier().result().score(), 1);
  EXPECT_TRUE(both.earlier().etag().empty());
  EXPECT_EQ(both.later().SerializeAsString(), second.SerializeAsString());
  ASSERT_EQ(both.items_size(), 24);
  EXPECT_EQ(both.items(19).change(), v1::ANSWER_CHANGE_CHANGED);
  EXPECT_EQ(both.items(18).change(), v1::ANSWER_CHANGE_SAME);

  EXPECT_THAT(Assessor().Call(&Stub::CompareAssessments, Compare(second.name(), "")),
              Refuses(StatusCode::kInvalidArgument, "other_edition:"));
  EXPECT_THAT(Assessor().Call(&Stub::CompareAssessments, Compare(second.name(), "", 7)),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));
}

// Both must be open to whoever compares them; of one that is not nothing is told, not even whether it is
// there.
TEST(AssessmentServiceTest, WhatIsNotOpenIsNotComparedWith) {
  const v1::Assessment mine = Completed(OnlyYes({2}));
  const v1::Assessment foreign = Start(ServerFixture::Shared().As("referrer.housing"));
  const absl::Status hidden =
      Assessor().Call(&Stub::CompareAssessments, Compare(mine.name(), foreign.name())).status();
  EXPECT_THAT(hidden, Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  EXPECT_THAT(Assessor().Call(&Stub::CompareAssessments, Compare(foreign.name(), mine.name())),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  EXPECT_THAT(Assessor().Call(&Stub::CompareAssessments, Compare(mine.name(), Start().name())),
              Refuses(StatusCode::kInvalidArgument, "other: the two are not known to be about one person"));
}

TEST(AssessmentServiceTest, ADraftIsItsAuthorsAndTheirSupervisorsAlone) {
  const v1::Assessment draft = Start();
  ServerFixture& server = ServerFixture::Shared();
  EXPECT_OK(server.As("supervisor.police").Call(&Stub::GetAssessment, Get(draft.name())));
  for (const char* login : {"referrer.housing", "idva.idva", "coordinator.council", "chair.police"}) {
    EXPECT_THAT(server.As(login).Call(&Stub::GetAssessment, Get(draft.name())),
                Refuses(StatusCode::kNotFound, "not found, or not open to you"))
        << login;
    EXPECT_THAT(server.As(login).Call(&Stub::GetAssessment, Get(draft.name(), 2)),
                Refuses(StatusCode::kNotFound, "not found, or not open to you"))
        << login;
  }
  EXPECT_FALSE(server.As("supervisor.police").Call(&Stub::AppendAnswers, Append(draft, OnlyYes({}))).ok())
      << "a supervisor reads, and does not answer for the assessor";
  EXPECT_TRUE(StoredEvents(draft.name()).empty());
}

TEST(AssessmentServiceTest, TheListShowsOnesOwnWithoutAnswersNewestFirst) {
  const Client& housing = ServerFixture::Shared().As("referrer.housing");
  const v1::Assessment older = Start(housing);
  const v1::Assessment newer = Start(housing);
  ASSERT_OK(housing.Call(&Stub::AppendAnswers, Append(newer, OnlyYes({1}))));
  const v1::Assessment foreign = Start();
  for (bool mine : {true, false}) {
    ASSERT_OK_AND_ASSIGN(const v1::ListAssessmentsResponse listed,
                         housing.Call(&Stub::ListAssessments, List(mine)));
    std::vector<std::string> names;
    for (const v1::Assessment& assessment : listed.assessments()) {
      names.push_back(assessment.name());
      EXPECT_EQ(assessment.answers_size(), 0);
      EXPECT_NE(assessment.name(), foreign.name());
    }
    ASSERT_GE(names.size(), 2U);
    EXPECT_EQ(names[0], newer.name());
    EXPECT_EQ(names[1], older.name());
    EXPECT_EQ(listed.assessments(0).result().score(), 1);
  }
  v1::ListAssessmentsRequest nowhere = List(false);
  nowhere.set_parent("test");
  EXPECT_THAT(housing.Call(&Stub::ListAssessments, nowhere), Refuses(StatusCode::kInvalidArgument, "parent"));
}

TEST(AssessmentServiceTest, APreviewScoresAndStoresNothing) {
  v1::PreviewScoreRequest request;
  request.set_parent(ServerFixture::kArea);
  *request.mutable_answers() = CountOfYes(14);
  ASSERT_OK_AND_ASSIGN(const v1::ListAssessmentsResponse before,
                       Assessor().Call(&Stub::ListAssessments, List(true)));
  ASSERT_OK_AND_ASSIGN(const v1::PreviewScoreResponse preview, Assessor().Call(&Stub::PreviewScore, request));
  EXPECT_EQ(preview.result().score(), 14);
  EXPECT_EQ(preview.result().final_grade(), v1::GRADE_HIGH);
  EXPECT_EQ(preview.result().criteria(0), "VISIBLE_HIGH");
  ASSERT_OK_AND_ASSIGN(const v1::ListAssessmentsResponse after,
                       Assessor().Call(&Stub::ListAssessments, List(true)));
  EXPECT_EQ(before.assessments_size(), after.assessments_size());
}

TEST(AssessmentServiceTest, ThePackOfTheAreaIsShownWhole) {
  v1::GetInstrumentRequest request;
  request.set_area(ServerFixture::kArea);
  ASSERT_OK_AND_ASSIGN(const v1::InstrumentPack pack, Assessor().Call(&Stub::GetInstrument, request));
  EXPECT_EQ(pack.SerializeAsString(), ShippedForm().pack->pack.SerializeAsString());
  request.set_instrument("plain24@9.9");
  EXPECT_THAT(Assessor().Call(&Stub::GetInstrument, request), Refuses(StatusCode::kNotFound, "plain24@9.9"));
}

TEST(AssessmentServiceTest, APackThatIsNotInstalledStartsNothing) {
  v1::StartAssessmentRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_instrument("plain24@9.9");
  EXPECT_THAT(Assessor().Call(&Stub::StartAssessment, request),
              Refuses(StatusCode::kInvalidArgument, "instrument"));
  request.clear_instrument();
  request.set_parent("areas/elsewhere");
  EXPECT_THAT(Assessor().Call(&Stub::StartAssessment, request),
              Refuses(StatusCode::kNotFound, "areas/elsewhere"));
}

}  // namespace
}  // namespace marac::testing
