// A pilot through a real server: who registers and pairs, who sees what comes of it, and what is fixed when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "domain/catalogue.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "rpc/area_catalogues.h"
#include "tests/support/assessments.h"
#include "tests/support/packs.h"
#include "tests/support/pilot_plans.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using Pilots = v1::PilotService::Stub;
using Assessments = v1::AssessmentService::Stub;
using ::testing::HasSubstr;
using ::testing::Not;

class PilotServiceTest : public ::testing::Test {
 protected:
  static ServerFixture& Server() { return ServerFixture::Shared(); }
  static const Client& Coordinator() { return Server().As("coordinator.council"); }
  static const Client& Steering() { return Server().As("steering.council"); }
  static v1::PilotPlan Plan() { return PlanOfTwoRaters(domain::DateOf(Server().Now())); }

  static absl::StatusOr<v1::Pilot> Register(const Client& by, const v1::PilotPlan& plan,
                                            const v1::Pilot& instead_of = {}) {
    v1::RegisterPilotRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_name(instead_of.name());
    request.set_etag(instead_of.etag());
    *request.mutable_plan() = plan;
    return by.Call(&Pilots::RegisterPilot, request);
  }

  // A completed assessment, all answers no but these.
  static v1::Assessment Completed(const std::string& login, const std::set<int>& yes) {
    const Client& by = Server().As(login);
    v1::StartAssessmentRequest start;
    start.set_parent(ServerFixture::kArea);
    start.mutable_victim()->mutable_name()->set_value("Telltale Person");
    v1::AppendAnswersRequest append;
    append.set_name(by.Call(&Assessments::StartAssessment, start)->name());
    *append.mutable_answers() = OnlyYes(yes);
    append.mutable_answers(0)->set_note("telltale words");
    const v1::Assessment answered = *by.Call(&Assessments::AppendAnswers, append);
    v1::CompleteAssessmentRequest complete;
    complete.set_name(answered.name());
    complete.set_etag(answered.etag());
    complete.mutable_judgement()->set_text("She is afraid, and has somewhere safe to be.");
    return *by.Call(&Assessments::CompleteAssessment, complete);
  }

  static v1::PairAssessmentsRequest PairOf(const v1::Pilot& pilot, const std::set<int>& reference,
                                           const std::set<int>& variant) {
    v1::PairAssessmentsRequest request;
    request.set_pilot(pilot.name());
    request.set_reference(Completed("idva.idva", reference).name());
    request.set_variant(Completed("referrer.police", variant).name());
    request.set_order(v1::PILOT_ORDER_REFERENCE_FIRST);
    request.set_blind(v1::YES_NO_YES);
    return request;
  }
  static absl::StatusOr<v1::PilotPair> Pair(const v1::PairAssessmentsRequest& request) {
    return Coordinator().Call(&Pilots::PairAssessments, request);
  }
  static absl::StatusOr<v1::PilotReport> Report(const Client& by, const v1::Pilot& pilot) {
    v1::GetPilotReportRequest request;
    request.set_name(pilot.name());
    return by.Call(&Pilots::GetPilotReport, request);
  }
  static absl::StatusOr<v1::PilotExport> Export(const Client& by, const v1::Pilot& pilot) {
    v1::ExportPilotRequest request;
    request.set_name(pilot.name());
    return by.Call(&Pilots::ExportPilot, request);
  }
};

TEST_F(PilotServiceTest, ACoordinatorPairsWhatTheSteeringGroupReads) {
  ASSERT_OK_AND_ASSIGN(const v1::Pilot pilot, Register(Coordinator(), Plan()));
  EXPECT_EQ(pilot.state(), v1::PILOT_STATE_REGISTERED);
  // Neither assessment led to a referral, so neither is open to the coordinator: they are paired all the
  // same.
  ASSERT_OK_AND_ASSIGN(const v1::PilotPair pair, Pair(PairOf(pilot, {2, 3}, {2})));
  EXPECT_EQ(pair.number(), 1);
  ASSERT_OK(Pair(PairOf(pilot, {2}, {2})));

  ASSERT_OK_AND_ASSIGN(const v1::PilotReport report, Report(Steering(), pilot));
  EXPECT_EQ(report.pairs(), 2);
  EXPECT_EQ(report.look(), 2);
  EXPECT_EQ(report.items(1).both_yes(), 2);
  EXPECT_EQ(report.items(2).lost(), 1);
  EXPECT_EQ(report.rules(0).id(), "BAND_AGREES");

  EXPECT_THAT(Report(Coordinator(), pilot), Refuses(StatusCode::kPermissionDenied, ""));
  EXPECT_THAT(Export(Coordinator(), pilot), Refuses(StatusCode::kPermissionDenied, ""));
  EXPECT_THAT(Register(Steering(), Plan()), Refuses(StatusCode::kPermissionDenied, ""));
  EXPECT_THAT(Report(Server().As("chair.police"), pilot), Refuses(StatusCode::kPermissionDenied, ""));
}

// decisions.md 27. The server of these tests is a demonstration, where every pack may be used.
TEST_F(PilotServiceTest, WhatNobodyTestedIsUsedForRealPeopleOnTheDaysOfItsPilot) {
  ServerFixture server;  // Pilots of other tests would count.
  const domain::Catalogue built_in = BuiltInCatalogue().ForRealPeople();
  const rpc::AreaCatalogues catalogues(&built_in);
  const auto offered_on = [&](domain::LocalDate day) {
    domain::Offer offer = domain::Offer::kRetired;
    EXPECT_OK(server.host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto here, catalogues.In(tx, ServerFixture::kArea, day));
      offer = here->FindPack("plain24-er@0.1")->offer;
      return absl::OkStatus();
    }));
    return offer;
  };
  const domain::LocalDate today = domain::DateOf(server.Now());
  EXPECT_EQ(offered_on(today), domain::Offer::kNotApproved);

  v1::RegisterPilotRequest request;
  request.set_parent(ServerFixture::kArea);
  *request.mutable_plan() = PlanOfTwoRaters(today);
  request.mutable_plan()->set_variant_instrument("plain24-er@0.1");
  ASSERT_OK(server.As("coordinator.council").Call(&Pilots::RegisterPilot, request));
  EXPECT_EQ(offered_on(today.AddDays(-31)), domain::Offer::kNotApproved);
  EXPECT_EQ(offered_on(today.AddDays(-30)), domain::Offer::kOffered);
  EXPECT_EQ(offered_on(today.AddDays(300)), domain::Offer::kOffered);
  EXPECT_EQ(offered_on(today.AddDays(301)), domain::Offer::kNotApproved);
}

TEST_F(PilotServiceTest, PIL07ThePlanIsFixedWithTheFirstPair) {
  ASSERT_OK_AND_ASSIGN(v1::Pilot pilot, Register(Coordinator(), Plan()));
  v1::PilotPlan easier = Plan();
  easier.mutable_rules(0)->set_limit(0.2);
  ASSERT_OK_AND_ASSIGN(pilot, Register(Coordinator(), easier, pilot));
  EXPECT_EQ(pilot.plan().rules(0).limit(), 0.2);
  ASSERT_OK(Pair(PairOf(pilot, {}, {})));

  v1::ListPilotsRequest list;
  list.set_parent(ServerFixture::kArea);
  list.set_page_size(100);
  ASSERT_OK_AND_ASSIGN(const v1::ListPilotsResponse listed, Coordinator().Call(&Pilots::ListPilots, list));
  const auto found = std::ranges::find(listed.pilots(), pilot.name(), &v1::Pilot::name);
  ASSERT_NE(found, listed.pilots().end());
  EXPECT_EQ(found->state(), v1::PILOT_STATE_RUNNING);
  EXPECT_EQ(found->pairs(), 1);
  EXPECT_THAT(Register(Coordinator(), Plan(), *found), Refuses(StatusCode::kFailedPrecondition, "fixed"));
}

TEST_F(PilotServiceTest, APlanThatDecidesNothingIsRefused) {
  v1::PilotPlan plan = Plan();
  plan.clear_rules();
  EXPECT_THAT(Register(Coordinator(), plan), Refuses(StatusCode::kInvalidArgument, "plan.rules"));
}

TEST_F(PilotServiceTest, WhatIsChangedAfterPairingIsNotCompared) {
  ASSERT_OK_AND_ASSIGN(const v1::Pilot pilot, Register(Coordinator(), Plan()));
  const v1::PairAssessmentsRequest request = PairOf(pilot, {2}, {2});
  ASSERT_OK(Pair(request));
  const Client& author = Server().As("referrer.police");
  v1::GetAssessmentRequest get;
  get.set_name(request.variant());
  ASSERT_OK_AND_ASSIGN(v1::Assessment assessment, author.Call(&Assessments::GetAssessment, get));
  v1::SignAssessmentRequest sign;
  sign.set_name(assessment.name());
  sign.set_etag(assessment.etag());
  ASSERT_OK_AND_ASSIGN(assessment, author.Call(&Assessments::SignAssessment, sign));
  v1::AmendAssessmentRequest amend;
  amend.set_name(assessment.name());
  amend.set_etag(assessment.etag());
  amend.set_reason("Said again");
  *amend.add_answers() = AnswerTo(2, v1::ANSWER_CODE_NO);
  ASSERT_OK(author.Call(&Assessments::AmendAssessment, amend));

  ASSERT_OK_AND_ASSIGN(const v1::PilotReport report, Report(Steering(), pilot));
  EXPECT_EQ(report.items(1).both_yes(), 1);
  EXPECT_EQ(report.items(1).lost(), 0);
  // And what was amended before it was paired is no first answer.
  v1::PairAssessmentsRequest again = PairOf(pilot, {2}, {2});
  again.set_variant(request.variant());
  EXPECT_THAT(Pair(again), Refuses(StatusCode::kFailedPrecondition, "pair.variant"));
}

// D-04: not counted anywhere.
TEST_F(PilotServiceTest, D04APairWithOneThatWasEnteredInErrorIsLeftOutOfEveryFigure) {
  ASSERT_OK_AND_ASSIGN(const v1::Pilot pilot, Register(Coordinator(), Plan()));
  const v1::PairAssessmentsRequest wrong = PairOf(pilot, {2, 3}, {2});
  ASSERT_OK(Pair(wrong));
  ASSERT_OK(Pair(PairOf(pilot, {2}, {2})));
  v1::GetAssessmentRequest get;
  get.set_name(wrong.variant());
  const Client& assessor = Server().As("referrer.police");
  ASSERT_OK_AND_ASSIGN(const v1::Assessment variant, assessor.Call(&Assessments::GetAssessment, get));
  v1::MarkEnteredInErrorRequest mark;
  mark.set_name(variant.name());
  mark.set_etag(variant.etag());
  mark.set_reason("It was of somebody else.");
  ASSERT_OK(assessor.Call(&Assessments::MarkEnteredInError, mark));
  ASSERT_OK_AND_ASSIGN(const v1::PilotReport report, Report(Steering(), pilot));
  EXPECT_EQ(report.pairs(), 1);
  EXPECT_EQ(report.pairs_in_error(), 1);
  EXPECT_EQ(report.items(2).lost(), 0);
  EXPECT_EQ(Export(Steering(), pilot)->rows_size(), 1);
  EXPECT_THAT(Pair(wrong).status(),
              Refuses(StatusCode::kFailedPrecondition, "variant: it must be completed"));
}

TEST_F(PilotServiceTest, AnAssessmentThatIsNotThereIsNoPair) {
  ASSERT_OK_AND_ASSIGN(const v1::Pilot pilot, Register(Coordinator(), Plan()));
  v1::PairAssessmentsRequest request = PairOf(pilot, {}, {});
  v1::PairAssessmentsRequest wrong = request;
  wrong.set_variant("areas/test/assessments/0123");
  EXPECT_THAT(Pair(wrong), Refuses(StatusCode::kNotFound, ""));
  wrong.set_variant(pilot.name());
  EXPECT_THAT(Pair(wrong), Refuses(StatusCode::kInvalidArgument, "variant"));
  wrong = request;
  wrong.set_blind(v1::YES_NO_NO);
  EXPECT_THAT(Pair(wrong), Refuses(StatusCode::kInvalidArgument, "pair.blind"));
  ASSERT_OK(Pair(request));
  EXPECT_THAT(Pair(request), Refuses(StatusCode::kFailedPrecondition, "already"));
}

TEST_F(PilotServiceTest, PIL08AnExportNamesNobody) {
  ASSERT_OK_AND_ASSIGN(const v1::Pilot pilot, Register(Coordinator(), Plan()));
  const v1::PairAssessmentsRequest request = PairOf(pilot, {2, 15}, {2});
  ASSERT_OK(Pair(request));
  ASSERT_OK_AND_ASSIGN(const v1::PilotExport one, Export(Steering(), pilot));
  ASSERT_EQ(one.rows_size(), 1);
  EXPECT_EQ(one.rows(0).reference().answers_size(), 24);
  EXPECT_EQ(one.rows(0).reference().score(), 2);
  for (const std::string& told :
       {request.reference(), request.variant(), std::string("elltale"), Coordinator().account(),
        Server().As("idva.idva").account(), Server().As("referrer.police").account()}) {
    EXPECT_THAT(one.SerializeAsString(), Not(HasSubstr(told)));
  }
  ASSERT_OK_AND_ASSIGN(const v1::PilotExport other, Export(Steering(), pilot));
  EXPECT_NE(one.rows(0).row_id(), other.rows(0).row_id()) << "two exports cannot be joined by their rows";
  EXPECT_EQ(one.small_cells_size(), 3) << "a month, a band and a cluster of one";
}

TEST_F(PilotServiceTest, TheSteeringGroupIsNotToldWhoRegistered) {
  ASSERT_OK(Register(Coordinator(), Plan()));
  v1::ListPilotsRequest list;
  list.set_parent(ServerFixture::kArea);
  ASSERT_OK_AND_ASSIGN(const v1::ListPilotsResponse steering, Steering().Call(&Pilots::ListPilots, list));
  ASSERT_GT(steering.pilots_size(), 0);
  for (const v1::Pilot& pilot : steering.pilots()) EXPECT_EQ(pilot.account(), "");
  ASSERT_OK_AND_ASSIGN(const v1::ListPilotsResponse own, Coordinator().Call(&Pilots::ListPilots, list));
  EXPECT_EQ(own.pilots(0).account(), Coordinator().account());
}

}  // namespace
}  // namespace marac::testing
