// Who a case is open to beyond stage and role (marac.md 6, R-16, R-24), through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/errors.h"
#include "tests/support/assessments.h"
#include "tests/support/complete_referral.h"
#include "tests/support/meeting_scenario.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using domain::DetailOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Access = v1::AccessService::Stub;
using Assessments = v1::AssessmentService::Stub;
using Cases = v1::CaseService::Stub;
using Referrals = v1::ReferralService::Stub;

class AccessServiceTest : public MeetingScenario {
 protected:
  AccessServiceTest() {
    server_.AddAccount("coordinator2.council", "council", {v1::ROLE_COORDINATOR});
    server_.AddAccount("chair2.police", "police", {v1::ROLE_CHAIR});
  }

  const Client& Idva() { return server_.As("idva.idva"); }
  const Client& Police() { return server_.As("representative.police"); }
  const Client& SecondCoordinator() { return server_.As("coordinator2.council"); }
  const Client& SecondChair() { return server_.As("chair2.police"); }

  v1::Referral Send(const std::function<void(v1::Referral&)>& change = [](v1::Referral&) {}) {
    v1::SaveDraftRequest request;
    request.set_parent(ServerFixture::kArea);
    *request.mutable_referral() = CompleteReferral();
    *request.mutable_referral()->mutable_reason()->mutable_latest_incident()->mutable_day() =
        domain::DateOf(server_.Now()).AddDays(-5).ToDay();
    change(*request.mutable_referral());
    *request.mutable_safe_contact() = CompleteSafeContact();
    const v1::Referral draft = Need(Idva().Call(&Referrals::SaveDraft, request));
    v1::SubmitReferralRequest submit;
    submit.set_name(draft.name());
    submit.set_etag(draft.etag());
    return Need(Idva().Call(&Referrals::SubmitReferral, submit));
  }
  std::string Accept(const v1::Referral& referral, const std::string& join = "") {
    v1::AcceptReferralRequest request;
    request.set_name(referral.name());
    request.set_etag(referral.etag());
    request.set_join_case(join);
    return Need(Coordinator().Call(&Referrals::AcceptReferral, request)).case_name();
  }
  v1::Assessment Begin() {
    v1::StartAssessmentRequest start;
    start.set_parent(ServerFixture::kArea);
    return Need(Idva().Call(&Assessments::StartAssessment, start));
  }
  v1::Assessment Sign(v1::Assessment draft) {
    v1::AppendAnswersRequest answers;
    answers.set_name(draft.name());
    *answers.mutable_answers() = OnlyYes({20});
    draft = Need(Idva().Call(&Assessments::AppendAnswers, answers));
    v1::CompleteAssessmentRequest complete;
    complete.set_name(draft.name());
    complete.set_etag(draft.etag());
    complete.mutable_judgement()->set_text("What I saw.");
    draft = Need(Idva().Call(&Assessments::CompleteAssessment, complete));
    v1::SignAssessmentRequest sign;
    sign.set_name(draft.name());
    sign.set_etag(draft.etag());
    return Need(Idva().Call(&Assessments::SignAssessment, sign));
  }
  v1::StartAssessmentRequest ReviewOf(const std::string& name) {
    v1::StartAssessmentRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_reviews(name);
    return request;
  }
  absl::StatusOr<v1::Assessment> SeeAssessment(const Client& person, const std::string& name) {
    v1::GetAssessmentRequest request;
    request.set_name(name);
    return person.Call(&Assessments::GetAssessment, request);
  }
  absl::Status See(const Client& person, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_name(name);
    return person.Call(&Cases::GetCase, request).status();
  }
  absl::Status SeeReferral(const Client& person, const std::string& name) {
    v1::GetReferralRequest request;
    request.set_name(name);
    return person.Call(&Referrals::GetReferral, request).status();
  }
  absl::StatusOr<v1::CaseAccess> AccessOf(const Client& person, const std::string& name) {
    v1::GetCaseAccessRequest request;
    request.set_name(name);
    return person.Call(&Access::GetCaseAccess, request);
  }
  absl::StatusOr<v1::CaseAccess> Restrict(const Client& by, const std::string& name,
                                          const std::vector<std::string>& accounts, bool restricted = true) {
    v1::RestrictCaseRequest request;
    request.set_name(name);
    request.set_restricted(restricted);
    for (const std::string& account : accounts) request.add_accounts(account);
    request.set_reason("A subject works for one of the agencies");
    return by.Call(&Access::RestrictCase, request);
  }
  absl::StatusOr<v1::CaseAccess> Exclude(const Client& by, const std::string& name,
                                         const std::function<void(v1::ExcludePersonRequest&)>& whom) {
    v1::ExcludePersonRequest request;
    request.set_name(name);
    request.set_reason("His brother");
    whom(request);
    return by.Call(&Access::ExcludePerson, request);
  }
  absl::StatusOr<v1::CaseAccess> Decide(const Client& by, const std::string& name, const std::string& subject,
                                        bool lift) {
    v1::DecideExclusionRequest request;
    request.set_name(name);
    request.set_subject(subject);
    request.set_lift(lift);
    request.set_reason("They have the name in common and nothing else");
    return by.Call(&Access::DecideExclusion, request);
  }
  absl::Status Declare(const Client& person, const std::string& name) {
    v1::DeclareConflictRequest request;
    request.set_name(name);
    request.set_reason("I know the family");
    return person.Call(&Access::DeclareConflict, request).status();
  }
  absl::StatusOr<v1::OwnRegister> Register(const Client& person,
                                           const std::function<void(v1::RegisteredPerson&)>& change) {
    v1::SaveOwnRegisterRequest request;
    v1::RegisteredPerson& entry = *request.mutable_register_()->add_people();
    entry.set_relation(v1::REGISTERED_RELATION_RELATIVE);
    entry.mutable_name()->set_value("Robert Invented");
    change(entry);
    return person.Call(&Access::SaveOwnRegister, request);
  }
  std::vector<std::string> Undecided(const Client& chair) {
    v1::ListUndecidedRequest request;
    request.set_parent(ServerFixture::kArea);
    const v1::ListUndecidedResponse answer = Need(chair.Call(&Access::ListUndecided, request));
    return {answer.names().begin(), answer.names().end()};
  }
};

// marac.md 6, Restricted (staff) case: named list; chair yes.
TEST_F(AccessServiceTest, ARestrictedCaseIsOpenToThoseNamedAndToTheChair) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send());
  Need(Propose(meeting));
  Need(Circulate(meeting));
  ASSERT_OK(See(Housing(), record));
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access,
                       Restrict(Coordinator(), record, {Coordinator().account(), Housing().account()}));
  EXPECT_TRUE(access.restricted());
  EXPECT_THAT(std::vector<std::string>(access.warnings().begin(), access.warnings().end()),
              Contains(HasSubstr("No IDVA")));
  EXPECT_OK(See(Coordinator(), record));
  EXPECT_OK(See(Chair(), record));
  EXPECT_OK(See(Housing(), record));
  EXPECT_EQ(See(Idva(), record).code(), StatusCode::kNotFound) << "not named, though she referred";
  EXPECT_EQ(See(Police(), record).code(), StatusCode::kNotFound);
  EXPECT_EQ(See(SecondCoordinator(), record).code(), StatusCode::kNotFound);
  EXPECT_EQ(See(server_.SystemOf("housing"), record).code(), StatusCode::kNotFound)
      << "a system is nobody named";
  // It is on nobody else's agenda, and leaves no gap there.
  EXPECT_THAT(Need(AgendaFor(Police(), meeting)).items(), IsEmpty());
  EXPECT_EQ(Need(AgendaFor(Housing(), meeting)).items_size(), 1);
}

// An action that its owner never meets again would be missed.
TEST_F(AccessServiceTest, WhoIsKeptOutLeavesNoActionBehindInSilence) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send());
  Hold(meeting);
  v1::CreateActionRequest action;
  action.set_agenda_item(Need(Open(Item(meeting, record))).name());
  action.set_text("Fit new locks");
  action.set_kind("SANCTUARY");
  action.set_agency("agencies/housing");
  action.set_accepted_by(Housing().account());
  *action.mutable_due_time() = domain::ToTimestamp(server_.Now() + absl::Hours(72));
  Need(Chair().Call(&v1::ActionService::Stub::CreateAction, action));
  const std::string worker = Housing().account();
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access,
                       Exclude(Coordinator(), record, [&](auto& request) { request.set_account(worker); }));
  EXPECT_THAT(std::vector<std::string>(access.warnings().begin(), access.warnings().end()),
              Contains(HasSubstr("1 of its open actions")));
}

// A review says who it is about as the earlier one does, so from whom that is kept the review is kept, though
// it is a draft of their own agency; and who is kept out ends nothing there.
TEST_F(AccessServiceTest, AReviewIsKeptFromWhomTheEarlierIsKeptAndTheyEndNothingThere) {
  server_.AddAccount("supervisor.idva", "idva", {v1::ROLE_SUPERVISOR});
  const Client& supervisor = server_.As("supervisor.idva");
  v1::StartAssessmentRequest start;
  start.set_parent(ServerFixture::kArea);
  start.mutable_victim()->mutable_name()->set_value("Maria Invented");
  const v1::Assessment earlier = Sign(Need(Idva().Call(&Assessments::StartAssessment, start)));
  const std::string record =
      Accept(Send([&](v1::Referral& referral) { referral.add_assessments(earlier.name()); }));
  const v1::Assessment before = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  ASSERT_OK(SeeAssessment(supervisor, before.name()));
  EXPECT_EQ(Need(SeeAssessment(supervisor, before.name())).reviews(), earlier.name());

  const std::string kept_out = supervisor.account();
  ASSERT_OK(Exclude(Coordinator(), record, [&](auto& request) { request.set_account(kept_out); }));
  const v1::Assessment review = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  EXPECT_EQ(SeeAssessment(supervisor, review.name()).status().code(), StatusCode::kNotFound);
  EXPECT_OK(SeeAssessment(Idva(), review.name()));
  EXPECT_EQ(SeeAssessment(supervisor, before.name()).status().code(), StatusCode::kNotFound)
      << "it was begun before, and says who it is about all the same";
  EXPECT_EQ(supervisor.Call(&Assessments::StartAssessment, ReviewOf(earlier.name())).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(Police().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())).status().code(),
            StatusCode::kNotFound)
      << "who reads it in the meeting makes no copy of whom it is about";

  // One that went with a referral of its own is open to its author with that one; the earlier is not.
  Send([&](v1::Referral& referral) { referral.add_assessments(review.name()); });
  const std::string author = Idva().account();
  ASSERT_OK(Exclude(Coordinator(), record, [&](auto& request) { request.set_account(author); }));
  EXPECT_EQ(SeeAssessment(Idva(), before.name()).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Sign(review).state(), v1::ASSESSMENT_STATE_SIGNED);
  EXPECT_TRUE(Need(SeeAssessment(Coordinator(), earlier.name())).review().has_due());
}

// A review that was begun before somebody was kept out of the case stayed open to them.
TEST_F(AccessServiceTest, WhoIsKeptFromWhatAReviewReviewsIsKeptFromItToo) {
  server_.AddAccount("supervisor.idva", "idva", {v1::ROLE_SUPERVISOR});
  const Client& supervisor = server_.As("supervisor.idva");
  const v1::Assessment earlier = Sign(Begin());
  const v1::Assessment review = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  const v1::Assessment next = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(Sign(review).name())));
  const auto sees = [&](const v1::Assessment& one) { return SeeAssessment(supervisor, one.name()).ok(); };
  ASSERT_TRUE(sees(review) && sees(next));
  // Kept out of the referral that the earlier one went with.
  const v1::Referral sent = Send([&](v1::Referral& referral) { referral.add_assessments(earlier.name()); });
  ASSERT_OK(
      Exclude(Coordinator(), sent.name(), [&](auto& request) { request.set_account(supervisor.account()); }));
  EXPECT_FALSE(sees(earlier) || sees(review) || sees(next));
  const std::string record = Accept(sent);
  EXPECT_FALSE(sees(earlier) || sees(review) || sees(next)) << "nor of the case that came of it";
  ASSERT_OK(Decide(server_.As("chair.police"), record, supervisor.account(), /*lift=*/true));
  EXPECT_TRUE(sees(review) && sees(next));
  ASSERT_OK(Restrict(Coordinator(), record, {Coordinator().account(), Idva().account()}));
  EXPECT_FALSE(sees(review) || sees(next));
  EXPECT_OK(SeeAssessment(Idva(), next.name()));
  ASSERT_OK(Restrict(server_.As("chair.police"), record, {}, /*restricted=*/false));
  EXPECT_TRUE(sees(review) && sees(next));
  ASSERT_OK(Exclude(Coordinator(), record, [&](auto& request) { request.set_agency("agencies/idva"); }));
  EXPECT_FALSE(sees(review) || sees(next));
}

// What somebody sent stays open to them until triage has decided, and so does what they go on with: that it
// vanished would tell them that the office keeps the people of their referral from them.
TEST_F(AccessServiceTest, AReviewVanishesFromItsAuthorNoSoonerThanWhatItReviews) {
  const v1::Assessment earlier = Sign(Begin());
  const v1::Assessment review = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  const v1::Referral sent = Send([&](v1::Referral& referral) { referral.add_assessments(earlier.name()); });
  const auto sees = [&](const v1::Assessment& one) { return SeeAssessment(Idva(), one.name()).ok(); };
  ASSERT_OK(
      Exclude(Coordinator(), sent.name(), [&](auto& request) { request.set_account(Idva().account()); }));
  EXPECT_TRUE(sees(earlier) && sees(review));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment another,
                       Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  EXPECT_TRUE(sees(another)) << "nor does one that is begun now";
  ASSERT_OK(Exclude(Coordinator(), sent.name(), [&](auto& request) { request.set_agency("agencies/idva"); }));
  EXPECT_TRUE(sees(earlier) && sees(review) && sees(another));
  Accept(Need(Coordinator().Call(&Referrals::GetReferral, [&] {
    v1::GetReferralRequest get;
    get.set_name(sent.name());
    return get;
  }())));
  EXPECT_FALSE(sees(earlier) || sees(review) || sees(another));
}

// What was spared at triage went along: the next referral of the same people was open to its author for good,
// also once their agency was kept out of it.
TEST_F(AccessServiceTest, NothingOfWhatTriageLeavesOpenGoesIntoTheNextCase) {
  const v1::Assessment earlier = Sign(Begin());
  const v1::Referral sent = Send([&](v1::Referral& referral) { referral.add_assessments(earlier.name()); });
  const v1::Assessment review = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  const v1::Assessment by_name = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  const auto other_pair = [](v1::Referral& referral) {
    referral.mutable_perpetrators(0)->mutable_name()->set_value("Somebody New");
    referral.mutable_perpetrators(0)->clear_aliases();
  };
  const std::string next = Accept(Send([&](v1::Referral& referral) {
    referral.add_assessments(review.name());
    other_pair(referral);
  }));
  ASSERT_OK(See(Idva(), next));
  ASSERT_OK(Exclude(Coordinator(), next, [&](auto& request) { request.set_agency("agencies/idva"); }));
  EXPECT_EQ(See(Idva(), next).code(), StatusCode::kNotFound);
  // And who is kept from the first by name is kept from what comes of its review.
  ASSERT_OK(
      Exclude(Coordinator(), sent.name(), [&](auto& request) { request.set_account(Idva().account()); }));
  ASSERT_OK(SeeAssessment(Idva(), by_name.name())) << "as what they sent is";
  const v1::Referral third = Send([&](v1::Referral& referral) {
    referral.add_assessments(by_name.name());
    other_pair(referral);
    referral.mutable_victim()->mutable_name()->set_value("Another Spelling");
  });
  EXPECT_EQ(See(Idva(), Accept(third)).code(), StatusCode::kNotFound);
}

// A colleague who goes on with what somebody else took has sent nothing that could tell them.
TEST_F(AccessServiceTest, AReviewOfAColleaguesVanishesWithWhatItReviews) {
  server_.AddAccount("supervisor.idva", "idva", {v1::ROLE_SUPERVISOR});
  const Client& supervisor = server_.As("supervisor.idva");
  const v1::Assessment earlier = Sign(Begin());
  const v1::Assessment review =
      Need(supervisor.Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  const v1::Referral sent = Send([&](v1::Referral& referral) { referral.add_assessments(earlier.name()); });
  ASSERT_OK(
      Exclude(Coordinator(), sent.name(), [&](auto& request) { request.set_account(supervisor.account()); }));
  EXPECT_EQ(SeeAssessment(supervisor, earlier.name()).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(SeeAssessment(supervisor, review.name()).status().code(), StatusCode::kNotFound);
}

// A scope that keeps somebody out already leads what follows a record that comes into it.
TEST_F(AccessServiceTest, AReviewIsKeptFromWhomAReferralIsKeptThatWhatItReviewsGoesWithLater) {
  server_.AddAccount("supervisor.idva", "idva", {v1::ROLE_SUPERVISOR});
  const Client& supervisor = server_.As("supervisor.idva");
  const v1::Assessment earlier = Sign(Begin());
  const v1::Assessment review = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  v1::Referral sent = Send();
  ASSERT_OK(
      Exclude(Coordinator(), sent.name(), [&](auto& request) { request.set_account(supervisor.account()); }));
  ASSERT_OK(SeeAssessment(supervisor, review.name()));
  v1::ReturnReferralRequest back;
  back.set_name(sent.name());
  back.set_etag(sent.etag());
  back.set_reasons("Send the assessment with it.");
  sent = Need(Coordinator().Call(&Referrals::ReturnReferral, back));
  v1::SaveDraftRequest save;
  save.set_parent(ServerFixture::kArea);
  *save.mutable_referral() = sent;
  save.mutable_referral()->add_assessments(earlier.name());
  sent = Need(Idva().Call(&Referrals::SaveDraft, save));
  v1::SubmitReferralRequest submit;
  submit.set_name(sent.name());
  submit.set_etag(sent.etag());
  Need(Idva().Call(&Referrals::SubmitReferral, submit));
  EXPECT_EQ(SeeAssessment(supervisor, review.name()).status().code(), StatusCode::kNotFound);
}

// A new partner, or another spelling: the two referrals are of no same pair, and the victim is the same.
TEST_F(AccessServiceTest, AReviewTakesWhomItIsKeptFromAlongIntoItsReferral) {
  server_.AddAccount("supervisor.idva", "idva", {v1::ROLE_SUPERVISOR});
  const Client& supervisor = server_.As("supervisor.idva");
  const v1::Assessment earlier = Sign(Begin());
  const std::string record =
      Accept(Send([&](v1::Referral& referral) { referral.add_assessments(earlier.name()); }));
  ASSERT_OK(
      Exclude(Coordinator(), record, [&](auto& request) { request.set_account(supervisor.account()); }));
  const v1::Assessment review = Need(Idva().Call(&Assessments::StartAssessment, ReviewOf(earlier.name())));
  const v1::Referral next = Send([&](v1::Referral& referral) {
    referral.add_assessments(review.name());
    referral.mutable_perpetrators(0)->mutable_name()->set_value("Somebody New");
    referral.mutable_perpetrators(0)->clear_aliases();
  });
  EXPECT_EQ(SeeAssessment(supervisor, review.name()).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(SeeReferral(supervisor, next.name()).code(), StatusCode::kNotFound);
}

// D-04: the case loses its score and says so; what triage decided otherwise stays as it was decided.
TEST_F(AccessServiceTest, D04ACaseThatRestsOnAnAssessmentOfSomebodyElseSaysSo) {
  const v1::Assessment draft = Begin();
  v1::AppendAnswersRequest answers;
  answers.set_name(draft.name());
  *answers.mutable_answers() = CountOfYes(15);
  Need(Idva().Call(&Assessments::AppendAnswers, answers));
  const v1::Referral sent = Send([&](v1::Referral& referral) { referral.add_assessments(draft.name()); });
  const std::string record = Accept(sent);
  v1::GetCaseRequest get;
  get.set_name(record);
  ASSERT_EQ(Need(Coordinator().Call(&Cases::GetCase, get)).score(), 15);
  const v1::Meeting meeting = Schedule();
  Need(Propose(meeting));
  v1::MarkEnteredInErrorRequest mark;
  mark.set_name(draft.name());
  mark.set_etag(Need(SeeAssessment(Idva(), draft.name())).etag());
  mark.set_reason("These are her sister's answers.");
  ASSERT_OK(Idva().Call(&Assessments::MarkEnteredInError, mark));
  const v1::Case now = Need(Coordinator().Call(&Cases::GetCase, get));
  EXPECT_FALSE(now.has_score());
  EXPECT_THAT(now.assessments_in_error(), ElementsAre(draft.name()));
  v1::GetReferralRequest of_referral;
  of_referral.set_name(sent.name());
  const v1::Referral decided = Need(Coordinator().Call(&Referrals::GetReferral, of_referral));
  EXPECT_FALSE(decided.criteria().has_score() || decided.criteria().visible_high());
  EXPECT_TRUE(decided.criteria().eligible()) << "as triage found it";
  EXPECT_THAT(Need(AgendaFor(Chair(), meeting)).warnings(), Contains(HasSubstr("entered in error")));

  v1::GetAssessmentRequest as_decided;
  as_decided.set_name(draft.name());
  as_decided.set_edition(1);
  EXPECT_EQ(Need(Coordinator().Call(&Assessments::GetAssessment, as_decided)).result().score(), 15)
      << "what was decided upon can be read again";
  v1::RecordCommunicationProfileRequest profile;
  profile.set_name(draft.name());
  profile.set_etag(Need(SeeAssessment(Idva(), draft.name())).etag());
  profile.mutable_profile()->add_ways(v1::COMMUNICATION_WAY_BSL);
  EXPECT_THAT(Idva().Call(&Assessments::RecordCommunicationProfile, profile),
              Refuses(StatusCode::kFailedPrecondition, "entered in error"));
}

// An assessment of somebody else went to the coordinator with a referral that was sent after it was marked.
TEST_F(AccessServiceTest, D04WhatWasEnteredInErrorBeforeItWasSentGoesToNobody) {
  const v1::Assessment draft = Begin();
  v1::SaveDraftRequest save;
  save.set_parent(ServerFixture::kArea);
  *save.mutable_referral() = CompleteReferral();
  save.mutable_referral()->add_assessments(draft.name());
  *save.mutable_safe_contact() = CompleteSafeContact();
  const v1::Referral saved = Need(Idva().Call(&Referrals::SaveDraft, save));
  v1::MarkEnteredInErrorRequest mark;
  mark.set_name(draft.name());
  mark.set_etag(draft.etag());
  mark.set_reason("These are her sister's answers.");
  ASSERT_OK(Idva().Call(&Assessments::MarkEnteredInError, mark));
  v1::SubmitReferralRequest submit;
  submit.set_name(saved.name());
  submit.set_etag(saved.etag());
  const v1::Referral sent = Need(Idva().Call(&Referrals::SubmitReferral, submit));
  EXPECT_THAT(sent.assessments(), IsEmpty());
  EXPECT_EQ(SeeAssessment(Coordinator(), draft.name()).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Need(SeeAssessment(Idva(), draft.name())).referral(), "");
}

// What was recorded after the referral had gone once stayed with the assessment, and somebody telephoned who
// should have written.
TEST_F(AccessServiceTest, WhatIsRecordedLaterOfHowSomebodyCommunicatesReachesReferralAndCase) {
  const v1::Assessment draft = Begin();
  const v1::Referral sent = Send([&](v1::Referral& referral) { referral.add_assessments(draft.name()); });
  EXPECT_FALSE(sent.has_communication());
  const auto record = [&](const std::string& other) {
    v1::RecordCommunicationProfileRequest request;
    request.set_name(draft.name());
    request.set_etag(Need(SeeAssessment(Idva(), draft.name())).etag());
    request.mutable_profile()->add_ways(v1::COMMUNICATION_WAY_BSL);
    request.mutable_profile()->set_other(other);
    ASSERT_OK(Idva().Call(&Assessments::RecordCommunicationProfile, request));
  };
  record("Write to her sister on 07700 900123");
  v1::GetReferralRequest get;
  get.set_name(sent.name());
  const v1::Referral waiting = Need(Coordinator().Call(&Referrals::GetReferral, get));
  EXPECT_EQ(waiting.communication().ways(0), v1::COMMUNICATION_WAY_BSL);
  ASSERT_EQ(waiting.text_warnings_size(), 1);
  EXPECT_EQ(waiting.text_warnings(0).field(), "referral.communication.other");

  const std::string made = Accept(waiting);
  record("Write to her sister");
  v1::GetCaseRequest of_case;
  of_case.set_name(made);
  EXPECT_EQ(Need(Coordinator().Call(&Cases::GetCase, of_case)).communication().other(),
            "Write to her sister");
}

TEST_F(AccessServiceTest, OnlyTheChairEndsARestriction) {
  const std::string record = Accept(Send());
  ASSERT_OK(Restrict(Coordinator(), record, {Coordinator().account()}).status());
  EXPECT_EQ(DetailOf(Restrict(Coordinator(), record, {}, /*restricted=*/false).status()).reason(),
            "CHAIR_DECIDES");
  ASSERT_OK(Restrict(Chair(), record, {}, /*restricted=*/false).status());
  EXPECT_OK(See(Idva(), record));
}

TEST_F(AccessServiceTest, ARestrictionWithoutACoordinatorIsRefusedAndChangesNothing) {
  const std::string record = Accept(Send());
  EXPECT_EQ(DetailOf(Restrict(Chair(), record, {Idva().account()}).status()).reason(), "NO_COORDINATOR_LEFT");
  EXPECT_OK(See(Coordinator(), record));
  EXPECT_EQ(Restrict(Chair(), record, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Restrict(Chair(), record, {"accounts/nobody"}).status().code(), StatusCode::kNotFound);
}

// marac.md 6: the employer's agenda shows nothing; named people may see it all the same.
TEST_F(AccessServiceTest, TheEmployerOfASubjectMeetsTheCaseNowhere) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send());
  Need(Propose(meeting));
  Need(Circulate(meeting));
  ASSERT_OK(See(server_.SystemOf("housing"), record));
  ASSERT_OK(Exclude(Coordinator(), record, [](auto& request) { request.set_agency("agencies/housing"); }));
  EXPECT_EQ(See(Housing(), record).code(), StatusCode::kNotFound);
  EXPECT_EQ(See(server_.SystemOf("housing"), record).code(), StatusCode::kNotFound);
  EXPECT_THAT(Need(AgendaFor(Housing(), meeting)).items(), IsEmpty());
  EXPECT_OK(See(Police(), record));
  ASSERT_OK(Decide(Chair(), record, "agencies/housing", /*lift=*/true).status());
  EXPECT_OK(See(Housing(), record));
}

// R-16; what an agency's system shows, the server cannot keep from one of the agency's people.
TEST_F(AccessServiceTest, R16TheSystemOfAnAgencyWhoseWorkerIsShutOutIsShutOutToo) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send());
  Need(Propose(meeting));
  Need(Circulate(meeting));
  const std::string worker = Housing().account();
  ASSERT_OK(Exclude(Coordinator(), record, [&](auto& request) { request.set_account(worker); }));
  EXPECT_EQ(See(Housing(), record).code(), StatusCode::kNotFound);
  EXPECT_EQ(See(server_.SystemOf("housing"), record).code(), StatusCode::kNotFound);
  EXPECT_OK(See(server_.SystemOf("police"), record));
}

// the chair decides in writing; nobody about themselves.
TEST_F(AccessServiceTest, R16TheChairsWrittenDecisionLiftsAWrongExclusion) {
  const std::string record = Accept(Send());
  const std::string worker = Idva().account();
  ASSERT_OK(Exclude(Coordinator(), record, [&](auto& request) { request.set_account(worker); }));
  EXPECT_EQ(See(Idva(), record).code(), StatusCode::kNotFound);
  EXPECT_EQ(Decide(Coordinator(), record, worker, /*lift=*/true).status().code(),
            StatusCode::kPermissionDenied);
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, Decide(Chair(), record, worker, /*lift=*/true));
  EXPECT_OK(See(Idva(), record));
  ASSERT_GE(access.changes_size(), 2);
  EXPECT_EQ(access.changes(0).kind(), v1::ACCESS_CHANGE_KIND_LIFTED);
  EXPECT_EQ(access.changes(0).account(), Chair().account());
  EXPECT_THAT(access.changes(0).reason(), HasSubstr("name in common"));
  EXPECT_EQ(Decide(Chair(), record, worker, /*lift=*/true).status().code(), StatusCode::kInvalidArgument);
}

// decisions 9: the deputy decides when the first has the conflict.
TEST_F(AccessServiceTest, ADeputyDecidesForTheChairWhoHasTheConflict) {
  const std::string record = Accept(Send());
  ASSERT_OK(Declare(Chair(), record));
  EXPECT_EQ(AccessOf(Chair(), record).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Decide(Chair(), record, Chair().account(), /*lift=*/true).status().code(), StatusCode::kNotFound);
  ASSERT_OK(Decide(SecondChair(), record, Chair().account(), /*lift=*/true).status());
  EXPECT_OK(See(Chair(), record));
}

TEST_F(AccessServiceTest, WhoDeclaresAConflictMeetsTheCaseNoMore) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send());
  Need(Propose(meeting));
  Need(Circulate(meeting));
  ASSERT_OK(Declare(Police(), record));
  const absl::Status hidden = See(Police(), record);
  const absl::Status absent = See(Police(), record.substr(0, record.size() - 4) + "0000");
  EXPECT_EQ(hidden.code(), StatusCode::kNotFound);
  EXPECT_EQ(absent.code(), StatusCode::kNotFound);
  EXPECT_THAT(Need(AgendaFor(Police(), meeting)).items(), IsEmpty());
  EXPECT_EQ(Declare(Police(), record).code(), StatusCode::kNotFound);
}

TEST_F(AccessServiceTest, TheOnlyCoordinatorWhoIsLeftCannotDeclareAway) {
  const std::string record = Accept(Send());
  ASSERT_OK(Declare(SecondCoordinator(), record));
  EXPECT_EQ(DetailOf(Declare(Coordinator(), record)).reason(), "NO_COORDINATOR_LEFT");
  EXPECT_OK(See(Coordinator(), record));
}

TEST_F(AccessServiceTest, ADraftHasNoAccessToDecideAbout) {
  v1::SaveDraftRequest request;
  request.set_parent(ServerFixture::kArea);
  *request.mutable_referral() = CompleteReferral();
  const v1::Referral draft = Need(Coordinator().Call(&Referrals::SaveDraft, request));
  EXPECT_EQ(DetailOf(AccessOf(Coordinator(), draft.name()).status()).reason(), "NOT_SENT");
}

// Somebody named after acceptance holds the case back until the coordinator has answered.
TEST_F(AccessServiceTest, SomebodyNamedAfterAcceptanceIsAskedAbout) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send());
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, Exclude(Coordinator(), record, [](auto& request) {
                         request.set_person("Roberta Made-Up");
                       }));
  ASSERT_EQ(access.entries_size(), 1);
  EXPECT_TRUE(access.entries(0).open());
  Need(Propose(meeting));
  EXPECT_EQ(Circulate(meeting).status().code(), StatusCode::kFailedPrecondition);
  v1::ResolveExcludedPersonRequest resolve;
  resolve.set_name(access.entries(0).entry());
  resolve.set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
  ASSERT_OK(Coordinator().Call(&Referrals::ResolveExcludedPerson, resolve));
  EXPECT_OK(Circulate(meeting));
}

// an exact match of name and date of birth hides the case until the chair decides.
TEST_F(AccessServiceTest, R16NameAndDateOfBirthOfARegisteredPersonHideTheCase) {
  ASSERT_OK(Register(
      Idva(), [](v1::RegisteredPerson& person) { SetDay(*person.mutable_birth_date(), 1985, 5, 17); }));
  const v1::Referral referral = Send();
  EXPECT_OK(SeeReferral(Idva(), referral.name())) << "her own words, until triage has decided";
  EXPECT_THAT(Undecided(Chair()), ::testing::ElementsAre(referral.name()));
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, AccessOf(Coordinator(), referral.name()));
  ASSERT_EQ(access.kept_from_size(), 1);
  EXPECT_TRUE(access.kept_from(0).undecided());
  EXPECT_THAT(access.entries(), IsEmpty()) << "it is hidden, not asked about";
  const std::string record = Accept(referral);
  EXPECT_EQ(See(Idva(), record).code(), StatusCode::kNotFound) << "though she referred";
  EXPECT_EQ(SeeReferral(Idva(), referral.name()).code(), StatusCode::kNotFound);
  EXPECT_THAT(Undecided(Chair()), ::testing::ElementsAre(record));
  ASSERT_OK(Decide(Chair(), record, Idva().account(), /*lift=*/false).status());
  EXPECT_THAT(Undecided(Chair()), IsEmpty());
  EXPECT_EQ(See(Idva(), record).code(), StatusCode::kNotFound);
}

// a case whose only IDVA would be hidden alarms at once.
TEST_F(AccessServiceTest, R16ACaseWhoseOnlyIdvaIsHiddenAlarms) {
  ASSERT_OK(Register(
      Idva(), [](v1::RegisteredPerson& person) { SetDay(*person.mutable_birth_date(), 1985, 5, 17); }));
  const v1::Referral referral = Send();
  v1::ListUndecidedRequest request;
  request.set_parent(ServerFixture::kArea);
  ASSERT_OK_AND_ASSIGN(const v1::ListUndecidedResponse answer,
                       Coordinator().Call(&Access::ListUndecided, request));
  ASSERT_EQ(answer.alarms_size(), 1);
  EXPECT_EQ(answer.alarms(0).record(), referral.name());
  EXPECT_THAT(answer.alarms(0).warnings(0), HasSubstr("No IDVA"));
  server_.AddAccount("idva2.idva", "idva", {v1::ROLE_IDVA});
  ASSERT_OK_AND_ASSIGN(const v1::ListUndecidedResponse after,
                       Coordinator().Call(&Access::ListUndecided, request));
  EXPECT_THAT(after.alarms(), IsEmpty());
}

TEST_F(AccessServiceTest, R16ARegisteredAddressHidesTheCase) {
  ASSERT_OK(Register(Police(), [](v1::RegisteredPerson& person) {
    person.mutable_name()->set_value("Somebody Else");
    person.mutable_address()->mutable_lines()->set_value("12 Example Street, Exampleton");
    person.mutable_address()->mutable_postcode()->set_value("mk99zz");
  }));
  const v1::Referral referral = Send();
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, AccessOf(Coordinator(), referral.name()));
  ASSERT_EQ(access.kept_from_size(), 1);
  EXPECT_EQ(access.kept_from(0).subject(), Police().account());
}

// a name alone hides nothing; the coordinator is asked, and the case waits. The sender is told nothing.
TEST_F(AccessServiceTest, R16ANameAloneAsksTheCoordinatorAndTellsTheSenderNothing) {
  ASSERT_OK(Register(Idva(), [](v1::RegisteredPerson&) {}));
  const v1::Meeting meeting = Schedule();
  const v1::Referral referral = Send();
  EXPECT_OK(SeeReferral(Idva(), referral.name()));
  EXPECT_EQ(referral.excluded_people_count(), 0);
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, AccessOf(Coordinator(), referral.name()));
  ASSERT_EQ(access.entries_size(), 1);
  EXPECT_EQ(access.entries(0).candidate(), Idva().account());
  const std::string record = Accept(referral);
  Need(Propose(meeting));
  EXPECT_EQ(Circulate(meeting).status().code(), StatusCode::kFailedPrecondition);
}

// nobody answers for themselves.
TEST_F(AccessServiceTest, R16ACoordinatorDoesNotAnswerForHerself) {
  ASSERT_OK(Register(Coordinator(), [](v1::RegisteredPerson&) {}));
  const v1::Referral referral = Send();
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, AccessOf(Coordinator(), referral.name()));
  ASSERT_EQ(access.entries_size(), 1);
  v1::ResolveExcludedPersonRequest resolve;
  resolve.set_name(access.entries(0).entry());
  resolve.set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
  EXPECT_EQ(DetailOf(Coordinator().Call(&Referrals::ResolveExcludedPerson, resolve).status()).reason(),
            "ABOUT_YOURSELF");
  EXPECT_OK(SecondCoordinator().Call(&Referrals::ResolveExcludedPerson, resolve));
}

// A worker's own name is in no register: it is the account's.
TEST_F(AccessServiceTest, R16AWorkerWithTheNameOfASubjectIsAskedAbout) {
  const v1::Referral referral = Send([](v1::Referral& sent) {
    sent.mutable_perpetrators(0)->mutable_name()->set_value("Person representative.police");
  });
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, AccessOf(Coordinator(), referral.name()));
  ASSERT_EQ(access.entries_size(), 1);
  EXPECT_EQ(access.entries(0).candidate(), Police().account());
}

TEST_F(AccessServiceTest, R16WhatIsRegisteredLaterHidesWhatIsOpenAlready) {
  const std::string record = Accept(Send());
  ASSERT_OK(See(Idva(), record));
  ASSERT_OK(Register(
      Idva(), [](v1::RegisteredPerson& person) { SetDay(*person.mutable_birth_date(), 1985, 5, 17); }));
  EXPECT_EQ(See(Idva(), record).code(), StatusCode::kNotFound);
  EXPECT_THAT(Undecided(Chair()), ::testing::ElementsAre(record));
  ASSERT_OK(Decide(Chair(), record, Idva().account(), /*lift=*/true).status());
  EXPECT_OK(See(Idva(), record));
  ASSERT_OK(Register(
      Idva(), [](v1::RegisteredPerson& person) { SetDay(*person.mutable_birth_date(), 1985, 5, 17); }));
  EXPECT_OK(See(Idva(), record)) << "what the chair has decided is not found anew";
}

TEST_F(AccessServiceTest, ARegisterIsItsOwnersAlone) {
  ASSERT_OK(Register(Idva(), [](v1::RegisteredPerson&) {}));
  ASSERT_OK_AND_ASSIGN(const v1::OwnRegister own,
                       Idva().Call(&Access::GetOwnRegister, v1::GetOwnRegisterRequest()));
  EXPECT_EQ(own.people(0).name().value(), "Robert Invented");
  ASSERT_OK_AND_ASSIGN(const v1::OwnRegister other,
                       Coordinator().Call(&Access::GetOwnRegister, v1::GetOwnRegisterRequest()));
  EXPECT_THAT(other.people(), IsEmpty());
  EXPECT_EQ(Register(Idva(), [](v1::RegisteredPerson& person) { person.clear_name(); }).status().code(),
            StatusCode::kInvalidArgument);
}

// in a meeting, what is said about a case opens only to those who signed for it.
TEST_F(AccessServiceTest, R24WhatIsSaidOpensOnSigning) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send());
  Hold(meeting);
  const v1::AgendaItem said = Need(Record(Need(Open(Item(meeting, record)))));
  const auto seen_by = [&](const Client& person) {
    const v1::Agenda agenda = Need(AgendaFor(person, meeting));
    return agenda.items_size() == 1 && agenda.items(0).has_discussion();
  };
  EXPECT_FALSE(seen_by(Housing())) << "in the room, not signed";
  v1::SignConfidentialityRequest sign;
  sign.set_name(meeting.name());
  ASSERT_OK(Housing().Call(&Meetings::SignConfidentiality, sign));
  EXPECT_TRUE(seen_by(Housing()));
  EXPECT_FALSE(seen_by(Police())) << "listed, not in the room";
  // Corrected to absent, the signature counts for nothing.
  Attend(meeting, "housing", Housing(), v1::ATTENDANCE_STATE_ABSENT);
  EXPECT_FALSE(seen_by(Housing()));
  ASSERT_OK(CloseItem(Item(meeting, record)));
  EXPECT_TRUE(seen_by(Police())) << "minutes go to the agencies that are part of the case";
}

TEST_F(AccessServiceTest, R24NobodySignsForAMeetingThatIsNotHeld) {
  v1::SignConfidentialityRequest sign;
  sign.set_name(Schedule().name());
  EXPECT_EQ(Housing().Call(&Meetings::SignConfidentiality, sign).status().code(),
            StatusCode::kFailedPrecondition);
}

// Whoever sends a referral to find out whether there is a case that is kept from them sees what everybody
// sees.
TEST_F(AccessServiceTest, ANewReferralTellsNobodyOfACaseThatIsKeptFromThem) {
  const std::string record = Accept(Send());
  ASSERT_OK(Restrict(Coordinator(), record, {Coordinator().account()}).status());
  const v1::Referral second = Send();
  EXPECT_OK(SeeReferral(Idva(), second.name()));
  EXPECT_EQ(SeeReferral(SecondCoordinator(), second.name()).code(), StatusCode::kNotFound)
      << "kept from others as the case before it";
  EXPECT_OK(SeeReferral(Coordinator(), second.name()));
}

// The chair's decision for one case of two people holds for the next one.
TEST_F(AccessServiceTest, WhatTheChairLiftedStaysLiftedInTheNextCase) {
  const std::string worker = Police().account();
  const std::string first = Accept(Send());
  ASSERT_OK(Exclude(Coordinator(), first, [&](auto& request) { request.set_account(worker); }));
  const std::string second = Accept(Send());
  ASSERT_OK_AND_ASSIGN(v1::CaseAccess access, AccessOf(Coordinator(), second));
  ASSERT_EQ(access.kept_from_size(), 1) << "carried from the case before";
  ASSERT_OK(Decide(Chair(), second, worker, /*lift=*/true).status());
  ASSERT_OK_AND_ASSIGN(access, AccessOf(Coordinator(), Accept(Send())));
  EXPECT_THAT(access.kept_from(), IsEmpty());
}

// Two referrals that become one case: whoever one of them is kept from is kept from both.
TEST_F(AccessServiceTest, JoiningKeepsWhatEitherWasKeptFrom) {
  const std::string record = Accept(Send());
  ASSERT_OK(Restrict(Coordinator(), record, {Coordinator().account(), Housing().account()}).status());
  const v1::Referral second = Send();
  ASSERT_OK(Restrict(Coordinator(), second.name(), {Coordinator().account(), Police().account()}).status());
  ASSERT_OK(
      Exclude(Coordinator(), second.name(), [](auto& request) { request.set_agency("agencies/health"); }));
  Accept(second, record);
  ASSERT_OK_AND_ASSIGN(const v1::CaseAccess access, AccessOf(Coordinator(), record));
  EXPECT_THAT(std::vector<std::string>(access.named().begin(), access.named().end()),
              ::testing::ElementsAre(Coordinator().account()));
  EXPECT_EQ(access.kept_from(0).subject(), "agencies/health");
}

}  // namespace
}  // namespace marac::testing
