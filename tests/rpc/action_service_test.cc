// Actions, through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "tests/support/meeting_scenario.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using domain::FromTimestamp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Actions = v1::ActionService::Stub;

// A meeting in progress with one open case.
class ActionServiceTest : public MeetingScenario {
 protected:
  ActionServiceTest() : meeting_(Schedule()) {
    case_ = AddCase(meeting_, "a");
    Hold(meeting_);
    item_ = Need(Open(Item(meeting_, case_)));
    due_ = FromTimestamp(meeting_.start_time()) + absl::Hours(7 * 24);
  }

  absl::StatusOr<v1::Action> Create(
      const std::string& agency, const std::string& accepted_by,
      const std::function<void(v1::CreateActionRequest&)>& change = [](v1::CreateActionRequest&) {}) {
    v1::CreateActionRequest request;
    request.set_agenda_item(item_.name());
    request.set_text("Fit new locks and a door chain");
    request.set_kind("SANCTUARY");
    request.set_agency("agencies/" + agency);
    request.set_accepted_by(accepted_by);
    *request.mutable_due_time() = domain::ToTimestamp(due_);
    change(request);
    return Chair().Call(&Actions::CreateAction, request);
  }
  absl::StatusOr<v1::Action> Get(const Client& client, const v1::Action& action) {
    v1::GetActionRequest request;
    request.set_name(action.name());
    return client.Call(&Actions::GetAction, request);
  }
  absl::StatusOr<v1::Action> Report(const Client& client, const v1::Action& action, v1::ActionState state) {
    v1::ReportActionRequest request;
    request.set_name(action.name());
    request.set_etag(action.etag());
    request.set_state(state);
    request.set_text("Fitted on Monday");
    request.set_outcome(state == v1::ACTION_STATE_COMPLETE ? "FITTED" : "");
    return client.Call(&Actions::ReportAction, request);
  }
  std::vector<std::string> List(
      const Client& client,
      const std::function<void(v1::ListActionsRequest&)>& change = [](v1::ListActionsRequest&) {}) {
    v1::ListActionsRequest request;
    request.set_parent(ServerFixture::kArea);
    change(request);
    std::vector<std::string> names;
    do {
      const auto page = Need(client.Call(&Actions::ListActions, request));
      for (const v1::Action& action : page.actions()) names.push_back(action.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
  void Later(v1::CreateActionRequest& request) {
    *request.mutable_due_time() = domain::ToTimestamp(due_ + absl::Hours(24));
  }

  v1::Meeting meeting_;
  std::string case_;
  v1::AgendaItem item_;
  absl::Time due_;
};

TEST_F(ActionServiceTest, AnActionIsAcceptedCompletedAndSeenByThoseWhoArePartOfIt) {
  ASSERT_OK_AND_ASSIGN(const v1::Action open, Create("housing", Housing().account()));
  EXPECT_EQ(open.state(), v1::ACTION_STATE_OPEN);
  EXPECT_FALSE(open.overdue());
  EXPECT_OK(Get(server_.As("representative.police"), open));
  EXPECT_THAT(Get(server_.As("representative.health"), open), Refuses(StatusCode::kNotFound, "not found"));
  EXPECT_THAT(Report(server_.As("representative.police"), open, v1::ACTION_STATE_COMPLETE),
              Refuses(StatusCode::kNotFound, "not found"))
      << "only its own agency, or the coordinator, reports on it";
  ASSERT_OK_AND_ASSIGN(const v1::Action done, Report(Housing(), open, v1::ACTION_STATE_COMPLETE));
  EXPECT_EQ(done.state(), v1::ACTION_STATE_COMPLETE);
  EXPECT_EQ(done.report().account(), Housing().account());
  EXPECT_EQ(done.report().outcome(), "FITTED");
}

TEST_F(ActionServiceTest, NothingIsAcceptedForAnAgencyThatWasAbsent) {
  Attend(meeting_, "housing", Housing(), v1::ATTENDANCE_STATE_ABSENT);
  EXPECT_THAT(Create("housing", Housing().account()), Refuses(StatusCode::kInvalidArgument, "accepted_by"));
  ASSERT_OK_AND_ASSIGN(const v1::Action proposed, Create("housing", ""));
  EXPECT_EQ(proposed.state(), v1::ACTION_STATE_PROPOSED);
}

TEST_F(ActionServiceTest, TheTwoKindsOfNotDoneAreListedApart) {
  ASSERT_OK_AND_ASSIGN(const v1::Action impossible, Create("housing", Housing().account()));
  ASSERT_OK_AND_ASSIGN(const v1::Action undone, Create("housing", Housing().account()));
  ASSERT_OK(Report(Housing(), impossible, v1::ACTION_STATE_NOT_POSSIBLE));
  ASSERT_OK(Report(Coordinator(), undone, v1::ACTION_STATE_NOT_DONE))
      << "as the agency said on the telephone";
  const auto in = [](v1::ActionState state) {
    return [state](v1::ListActionsRequest& request) { request.set_state(state); };
  };
  EXPECT_THAT(List(Chair(), in(v1::ACTION_STATE_NOT_POSSIBLE)), ElementsAre(impossible.name()));
  EXPECT_THAT(List(Chair(), in(v1::ACTION_STATE_NOT_DONE)), ElementsAre(undone.name()));
}

TEST_F(ActionServiceTest, AnAgencyThatWasNotThereAnswersForItselfAndSeesNoMoreThanItsAction) {
  server_.AddAccount("representative.csc", "csc", {v1::ROLE_REPRESENTATIVE});
  const Client& csc = server_.As("representative.csc");
  ASSERT_OK_AND_ASSIGN(const v1::Action proposed, Create("csc", ""));
  EXPECT_EQ(proposed.state(), v1::ACTION_STATE_PROPOSED);
  ASSERT_OK_AND_ASSIGN(const v1::Action asked, Get(csc, proposed));
  EXPECT_EQ(asked.text(), "Fit new locks and a door chain");
  ASSERT_OK_AND_ASSIGN(const v1::Agenda agenda, AgendaFor(csc, meeting_));
  EXPECT_THAT(agenda.items(), IsEmpty());

  v1::AcceptActionRequest accept;
  accept.set_name(asked.name());
  accept.set_etag(asked.etag());
  EXPECT_THAT(Housing().Call(&Actions::AcceptAction, accept), Refuses(StatusCode::kNotFound, "not found"));
  ASSERT_OK_AND_ASSIGN(const v1::Action accepted, csc.Call(&Actions::AcceptAction, accept));
  EXPECT_EQ(accepted.state(), v1::ACTION_STATE_OPEN);
  EXPECT_EQ(accepted.accepted_by(), csc.account());

  ASSERT_OK_AND_ASSIGN(const v1::Action other, Create("csc", ""));
  v1::RefuseActionRequest refuse;
  refuse.set_name(other.name());
  refuse.set_etag(other.etag());
  refuse.set_reason("The child is not known to us");
  ASSERT_OK_AND_ASSIGN(const v1::Action refused, csc.Call(&Actions::RefuseAction, refuse));
  EXPECT_EQ(refused.state(), v1::ACTION_STATE_REFUSED);
}

TEST_F(ActionServiceTest, MineAreThoseIAcceptedAndThoseMyAgencyIsAskedFor) {
  server_.AddAccount("other.housing", "housing", {v1::ROLE_REPRESENTATIVE});
  ASSERT_OK_AND_ASSIGN(const v1::Action later,
                       Create("housing", "", [this](auto& request) { Later(request); }));
  ASSERT_OK_AND_ASSIGN(const v1::Action mine, Create("housing", Housing().account()));
  ASSERT_OK_AND_ASSIGN(const v1::Action colleagues, Create("housing", server_.As("other.housing").account()));
  ASSERT_OK_AND_ASSIGN(const v1::Action police, Create("police", ""));
  EXPECT_THAT(List(Housing(), [](auto& request) { request.set_mine(true), request.set_page_size(1); }),
              ElementsAre(mine.name(), later.name()))
      << "the earliest due first";
  EXPECT_EQ(List(Housing()).size(), 4U) << "of a case that housing is part of";
  EXPECT_EQ(List(Housing(), [this](auto& request) { request.set_case_name(case_); }).size(), 4U);
  EXPECT_THAT(List(Housing(), [](auto& request) { request.set_case_name("areas/test/cases/other"); }),
              IsEmpty());
}

TEST_F(ActionServiceTest, AnActionIsOverdueAfterItsDueMomentUntilMoreTimeIsAgreed) {
  ASSERT_OK_AND_ASSIGN(const v1::Action first, Create("housing", Housing().account()));
  ASSERT_OK_AND_ASSIGN(const v1::Action second, Create("housing", Housing().account()));
  ASSERT_OK(Create("housing", ""));
  const auto overdue = [](v1::ListActionsRequest& request) {
    request.set_overdue(true), request.set_page_size(1);
  };
  server_.AdvanceTo(due_ - absl::Minutes(5));
  EXPECT_THAT(List(Coordinator(), overdue), IsEmpty());
  server_.AdvanceTo(due_ + absl::Hours(48));
  EXPECT_EQ(List(Coordinator(), overdue).size(), 2U) << "in two pages; what is only proposed is not overdue";
  ASSERT_OK_AND_ASSIGN(const v1::Action late, Get(Housing(), first));
  EXPECT_TRUE(late.overdue());
  EXPECT_GE(late.overdue_step(), v1::OVERDUE_STEP_OWNER);

  v1::ExtendActionRequest extend;
  extend.set_name(late.name());
  extend.set_etag(late.etag());
  *extend.mutable_due_time() = domain::ToTimestamp(due_ + absl::Hours(30 * 24));
  extend.set_agreed_by("The chair");
  extend.set_reason("The landlord is away");
  EXPECT_THAT(Housing().Call(&Actions::ExtendAction, extend), Refuses(StatusCode::kPermissionDenied, "role"));
  ASSERT_OK_AND_ASSIGN(const v1::Action extended, Coordinator().Call(&Actions::ExtendAction, extend));
  EXPECT_FALSE(extended.overdue());
  EXPECT_EQ(FromTimestamp(extended.extensions(0).from_time()), due_);
  EXPECT_THAT(List(Coordinator(), overdue), ElementsAre(second.name()));
}

TEST_F(ActionServiceTest, NobodyAcceptsWhatTheyMayNotSee) {
  HideFrom(Housing(), case_);
  EXPECT_THAT(Create("housing", Housing().account()), Refuses(StatusCode::kInvalidArgument, "accepted_by"));
  EXPECT_THAT(Create("police", Housing().account()), Refuses(StatusCode::kInvalidArgument, "accepted_by"));
}

TEST_F(ActionServiceTest, ARepeatedRequestMakesOneAction) {
  const auto once = [id = NewUuid()](v1::CreateActionRequest& request) { request.set_request_id(id); };
  ASSERT_OK_AND_ASSIGN(const v1::Action first, Create("housing", "", once));
  ASSERT_OK_AND_ASSIGN(const v1::Action second, Create("housing", "", once));
  EXPECT_EQ(first.name(), second.name());
  EXPECT_EQ(List(Chair()).size(), 1U);
}

}  // namespace
}  // namespace marac::testing
