#include "domain/action.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "domain/area_settings.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::Refuses;

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, London(), &time, &error)) << error;
  return time;
}

class ActionTest : public ::testing::Test {
 protected:
  ActionTest() {
    item_.set_name("areas/mk/meetings/m/agendaItems/i");
    item_.set_case_name("areas/mk/cases/c");
    item_.set_case_number("MK-26-c");
    item_.set_state(v1::AGENDA_ITEM_STATE_OPEN);
    Attend(v1::ATTENDANCE_STATE_PRESENT);
    agency_.set_name("agencies/housing");
    agency_.add_areas("areas/mk");
    worker_.set_name("accounts/h");
    worker_.set_agency("agencies/housing");
    request_.set_agenda_item(item_.name());
    request_.set_text("Fit new locks and a door chain");
    request_.set_kind("SANCTUARY");
    request_.set_agency("agencies/housing");
    *request_.mutable_due_time() = ToTimestamp(kDue);
  }

  void Attend(v1::AttendanceState state) {
    meeting_.clear_attendance();
    v1::Attendance& entry = *meeting_.add_attendance();
    entry.set_agency("agencies/housing");
    entry.set_state(state);
  }
  absl::StatusOr<v1::Action> Create() {
    return CreateAction(
        request_, {item_, record_, meeting_, "areas/mk", settings_, calendar_, agency_, acceptor_, kNow});
  }
  v1::Action Open() {
    acceptor_ = worker_;
    return Create().value();
  }
  v1::Action In(v1::ActionState state) {
    v1::Action action = Open();
    action.set_state(state);
    return action;
  }
  v1::ReportActionRequest Report(v1::ActionState state) {
    v1::ReportActionRequest report;
    report.set_state(state);
    report.set_text("Done on Monday");
    return report;
  }
  v1::ExtendActionRequest Extend(absl::Time due) {
    v1::ExtendActionRequest extend;
    *extend.mutable_due_time() = ToTimestamp(due);
    extend.set_agreed_by("The chair");
    extend.set_reason("The landlord is away");
    return extend;
  }

  const absl::Time kNow = At("2026-12-09 10:00");
  const absl::Time kDue = At("2026-12-16 17:00");
  v1::AgendaItem item_;
  v1::Case record_;
  v1::Meeting meeting_;
  v1::AreaSettings settings_ = DefaultAreaSettings();
  WorkingDays calendar_ = marac::testing::Calendar("england_and_wales");
  v1::Agency agency_;
  v1::Account worker_;
  std::optional<v1::Account> acceptor_;
  v1::CreateActionRequest request_;
};

TEST_F(ActionTest, IsOpenOnlyWhenSomebodyOfTheAgencyAcceptedIt) {
  ASSERT_OK_AND_ASSIGN(const v1::Action proposed, Create());
  EXPECT_EQ(proposed.state(), v1::ACTION_STATE_PROPOSED);
  EXPECT_EQ(proposed.accepted_by(), "");
  EXPECT_EQ(proposed.case_name(), "areas/mk/cases/c");
  EXPECT_EQ(proposed.agenda_item(), "areas/mk/meetings/m/agendaItems/i");
  EXPECT_EQ(FromTimestamp(proposed.create_time()), kNow);
  acceptor_ = worker_;
  ASSERT_OK_AND_ASSIGN(const v1::Action open, Create());
  EXPECT_EQ(open.state(), v1::ACTION_STATE_OPEN);
  EXPECT_EQ(open.accepted_by(), "accounts/h");
}

TEST_F(ActionTest, NobodyAcceptsForAnotherAgency) {
  acceptor_ = worker_;
  acceptor_->set_agency("agencies/police");
  EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, "accepted_by"));
  acceptor_ = worker_;
  acceptor_->set_suspended(true);
  EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, "accepted_by"));
  const v1::Action proposed = In(v1::ACTION_STATE_PROPOSED);
  EXPECT_THAT(AcceptAction(proposed, "accounts/p", "agencies/police"),
              Refuses(absl::StatusCode::kPermissionDenied, "another agency"));
  EXPECT_THAT(RefuseAction(proposed, "agencies/police", "Reason"),
              Refuses(absl::StatusCode::kPermissionDenied, "another agency"));
}

TEST_F(ActionTest, NobodyAcceptsForAnAgencyThatIsNotThere) {
  acceptor_ = worker_;
  for (const auto state :
       {v1::ATTENDANCE_STATE_ABSENT, v1::ATTENDANCE_STATE_APOLOGIES, v1::ATTENDANCE_STATE_OBSERVER}) {
    Attend(state);
    EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, "accepted_by: nobody of this agency"))
        << v1::AttendanceState_Name(state);
  }
  Attend(v1::ATTENDANCE_STATE_PRESENT);
  meeting_.mutable_attendance(0)->set_agency("agencies/police");
  EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, "accepted_by: nobody of this agency"));
  acceptor_.reset();
  ASSERT_OK_AND_ASSIGN(const v1::Action proposed, Create());
  EXPECT_EQ(proposed.state(), v1::ACTION_STATE_PROPOSED);
}

TEST_F(ActionTest, WhatIsWrongIsNamed) {
  auto refuses = [&](const char* field) {
    EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, field));
  };
  request_.set_text(" ");
  refuses("text");
  request_.set_text("Fit locks");
  request_.set_kind("LOCKS");
  refuses("kind");
  request_.set_kind("SANCTUARY");
  agency_.clear_areas();
  agency_.add_areas("areas/other");
  refuses("agency");
}

TEST_F(ActionTest, R21AClosedCaseTakesNoneAnyMore) {
  item_.set_state(v1::AGENDA_ITEM_STATE_HEARD);
  record_.set_stage(v1::CASE_STAGE_HEARD);
  EXPECT_OK(Create());
  record_.set_stage(v1::CASE_STAGE_CLOSED);
  EXPECT_EQ(DetailOf(Create().status()).reason(), "CASE_CLOSED");
}

TEST_F(ActionTest, IsDueInTheFuture) {
  *request_.mutable_due_time() = ToTimestamp(kNow);
  EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, "due_time"));
  *request_.mutable_due_time() = ToTimestamp(kNow + absl::Microseconds(1));
  EXPECT_OK(Create());
  request_.clear_due_time();
  EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, "due_time"));
  *request_.mutable_due_time() =
      ToTimestamp(absl::FromCivil(absl::CivilDay(calendar_.last_year() + 1, 1, 5), London()));
  EXPECT_THAT(Create(), Refuses(absl::StatusCode::kInvalidArgument, "due_time: bank holidays"));
}

TEST_F(ActionTest, IsAgreedWhileTheCaseIsHeardOrAfter) {
  for (int state = 0; state < v1::AgendaItemState_ARRAYSIZE; ++state) {
    item_.set_state(static_cast<v1::AgendaItemState>(state));
    const bool heard = state == v1::AGENDA_ITEM_STATE_OPEN || state == v1::AGENDA_ITEM_STATE_HEARD;
    EXPECT_EQ(Create().ok(), heard) << v1::AgendaItemState_Name(item_.state());
  }
}

// Every state and every verb; what is not here is refused.
TEST_F(ActionTest, EachStateTakesItsVerbsAndNoOthers) {
  using enum ActionVerb;
  const std::vector<std::pair<v1::ActionState, std::vector<ActionVerb>>> table = {
      {v1::ACTION_STATE_UNSPECIFIED, {}},
      {v1::ACTION_STATE_PROPOSED, {kAccept, kRefuse}},
      {v1::ACTION_STATE_OPEN, {kReport, kExtend}},
      {v1::ACTION_STATE_REFUSED, {}},
      {v1::ACTION_STATE_COMPLETE, {}},
      {v1::ACTION_STATE_NOT_POSSIBLE, {}},
      {v1::ACTION_STATE_NOT_DONE, {}},
  };
  ASSERT_EQ(static_cast<int>(table.size()), v1::ActionState_ARRAYSIZE);
  for (const auto& [state, taken] : table) {
    const v1::Action action = In(state);
    const std::vector<std::pair<ActionVerb, absl::Status>> tried = {
        {kAccept, AcceptAction(action, "accounts/h", "agencies/housing").status()},
        {kRefuse, RefuseAction(action, "agencies/housing", "No money").status()},
        {kReport,
         ReportAction(action, Report(v1::ACTION_STATE_COMPLETE), settings_, "accounts/h", kNow).status()},
        {kExtend, ExtendAction(action, Extend(kDue + absl::Hours(24)), settings_, calendar_, kNow).status()},
    };
    for (const auto& [verb, status] : tried) {
      const bool takes = std::ranges::count(taken, verb) > 0;
      EXPECT_EQ(status.ok(), takes) << v1::ActionState_Name(state) << " " << static_cast<int>(verb) << status;
      if (!takes) {
        EXPECT_EQ(DetailOf(status).reason(), "WRONG_STATE");
      }
    }
  }
}

TEST_F(ActionTest, IsAcceptedByAPersonOrRefusedWithAReason) {
  const v1::Action proposed = Create().value();
  ASSERT_OK_AND_ASSIGN(const v1::Action open, AcceptAction(proposed, "accounts/h", "agencies/housing"));
  EXPECT_EQ(open.state(), v1::ACTION_STATE_OPEN);
  EXPECT_EQ(open.accepted_by(), "accounts/h");
  EXPECT_THAT(RefuseAction(proposed, "agencies/housing", " "),
              Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  ASSERT_OK_AND_ASSIGN(const v1::Action refused,
                       RefuseAction(proposed, "agencies/housing", "Not our tenant"));
  EXPECT_EQ(refused.state(), v1::ACTION_STATE_REFUSED);
  EXPECT_EQ(refused.refusal_reason(), "Not our tenant");
  EXPECT_EQ(refused.accepted_by(), "");
}

TEST_F(ActionTest, TheTwoKindsOfNotDoneStayApart) {
  for (v1::ActionState state :
       {v1::ACTION_STATE_COMPLETE, v1::ACTION_STATE_NOT_POSSIBLE, v1::ACTION_STATE_NOT_DONE}) {
    ASSERT_OK_AND_ASSIGN(const v1::Action reported,
                         ReportAction(Open(), Report(state), settings_, "accounts/h", kNow));
    EXPECT_EQ(reported.state(), state);
    EXPECT_EQ(reported.report().text(), "Done on Monday");
    EXPECT_EQ(reported.report().account(), "accounts/h");
    EXPECT_EQ(FromTimestamp(reported.report().time()), kNow);
  }
  for (v1::ActionState state : {v1::ACTION_STATE_UNSPECIFIED, v1::ACTION_STATE_PROPOSED,
                                v1::ACTION_STATE_OPEN, v1::ACTION_STATE_REFUSED}) {
    EXPECT_THAT(ReportAction(Open(), Report(state), settings_, "accounts/h", kNow),
                Refuses(absl::StatusCode::kInvalidArgument, "state"));
  }
}

TEST_F(ActionTest, AReportSaysWhatWasDoneOrWhyNot) {
  v1::ReportActionRequest report = Report(v1::ACTION_STATE_NOT_POSSIBLE);
  report.set_text("\n");
  EXPECT_THAT(ReportAction(Open(), report, settings_, "accounts/h", kNow),
              Refuses(absl::StatusCode::kInvalidArgument, "text"));
}

TEST_F(ActionTest, AnOutcomeIsOneOfItsKind) {
  v1::ReportActionRequest report = Report(v1::ACTION_STATE_COMPLETE);
  report.set_outcome("FITTED");
  ASSERT_OK_AND_ASSIGN(const v1::Action fitted, ReportAction(Open(), report, settings_, "accounts/h", kNow));
  EXPECT_EQ(fitted.report().outcome(), "FITTED");
  report.set_outcome("PAINTED");
  EXPECT_THAT(ReportAction(Open(), report, settings_, "accounts/h", kNow),
              Refuses(absl::StatusCode::kInvalidArgument, "outcome"));
  request_.set_kind("REFUGE");
  report.set_outcome("FITTED");
  EXPECT_THAT(ReportAction(Open(), report, settings_, "accounts/h", kNow),
              Refuses(absl::StatusCode::kInvalidArgument, "outcome"));
}

TEST_F(ActionTest, AnAgreedExtensionMovesTheDueMomentAndIsKept) {
  ASSERT_OK_AND_ASSIGN(const v1::Action once,
                       ExtendAction(Open(), Extend(kDue + absl::Hours(24)), settings_, calendar_, kNow));
  ASSERT_OK_AND_ASSIGN(const v1::Action twice,
                       ExtendAction(once, Extend(kDue + absl::Hours(48)), settings_, calendar_, kNow));
  EXPECT_EQ(FromTimestamp(twice.due_time()), kDue + absl::Hours(48));
  ASSERT_EQ(twice.extensions_size(), 2);
  EXPECT_EQ(FromTimestamp(twice.extensions(0).from_time()), kDue);
  EXPECT_EQ(FromTimestamp(twice.extensions(1).from_time()), kDue + absl::Hours(24));
  EXPECT_EQ(FromTimestamp(twice.extensions(1).to_time()), kDue + absl::Hours(48));
  EXPECT_EQ(twice.extensions(1).agreed_by(), "The chair");
  EXPECT_EQ(twice.extensions(1).reason(), "The landlord is away");
}

TEST_F(ActionTest, AnExtensionIsLaterAndInTheFutureAndAgreed) {
  auto refuses = [&](const v1::ExtendActionRequest& extend, absl::Time now, const char* field) {
    EXPECT_THAT(ExtendAction(Open(), extend, settings_, calendar_, now),
                Refuses(absl::StatusCode::kInvalidArgument, field));
  };
  refuses(Extend(kDue), kNow, "due_time: give a moment later than the present one");
  refuses(Extend(kDue + absl::Hours(1)), kDue + absl::Hours(1), "due_time: give a moment in the future");
  v1::ExtendActionRequest extend = Extend(kDue + absl::Hours(1));
  extend.set_agreed_by("");
  refuses(extend, kNow, "agreed_by");
  extend = Extend(kDue + absl::Hours(1));
  extend.set_reason("");
  refuses(extend, kNow, "reason");
}

class OverdueActionTest : public ActionTest {
 protected:
  v1::Action At(absl::Time now, int meetings = 0) {
    v1::Action action = action_;
    DeriveOverdue(action, meetings, settings_, calendar_, now);
    return action;
  }
  v1::Action action_ = Open();
};

TEST_F(OverdueActionTest, AtItsDueMomentAnActionIsNotOverdue) {
  EXPECT_FALSE(At(kDue).overdue());
  EXPECT_TRUE(At(kDue + absl::Microseconds(1)).overdue());
}

TEST_F(OverdueActionTest, TheLadderGoesUpByDaysAndMeetings) {  // due on Wednesday 16 December 2026
  const auto day = [](int d) { return absl::FromCivil(absl::CivilDay(2026, 12, d), London()); };
  EXPECT_EQ(At(day(14) - absl::Seconds(1)).overdue_step(), v1::OVERDUE_STEP_UNSPECIFIED);
  EXPECT_EQ(At(day(14)).overdue_step(), v1::OVERDUE_STEP_REMINDER);
  EXPECT_EQ(At(day(17)).overdue_step(), v1::OVERDUE_STEP_OWNER);
  EXPECT_EQ(At(day(21) - absl::Seconds(1)).overdue_step(), v1::OVERDUE_STEP_OWNER);
  EXPECT_EQ(At(day(21)).overdue_step(), v1::OVERDUE_STEP_MANAGER);
  EXPECT_EQ(At(day(23), 1).overdue_step(), v1::OVERDUE_STEP_NEXT_MEETING);
  EXPECT_EQ(At(day(31), 2).overdue_step(), v1::OVERDUE_STEP_STEERING_GROUP);
}

TEST_F(OverdueActionTest, AnExtensionTakesAnActionBack) {
  const absl::Time late = kDue + absl::Hours(1);
  ASSERT_TRUE(At(late).overdue());
  ASSERT_OK_AND_ASSIGN(
      action_, ExtendAction(action_, Extend(kDue + absl::Hours(24 * 20)), settings_, calendar_, late));
  EXPECT_FALSE(At(late).overdue());
  EXPECT_EQ(At(late).overdue_step(), v1::OVERDUE_STEP_UNSPECIFIED);
}

TEST_F(OverdueActionTest, OnlyAnOpenActionIsOverdue) {
  for (int state = 0; state < v1::ActionState_ARRAYSIZE; ++state) {
    action_.set_state(static_cast<v1::ActionState>(state));
    EXPECT_EQ(At(kDue + absl::Hours(100)).overdue(), state == v1::ACTION_STATE_OPEN)
        << v1::ActionState_Name(action_.state());
    EXPECT_EQ(At(kDue + absl::Hours(100)).overdue_step() != v1::OVERDUE_STEP_UNSPECIFIED,
              state == v1::ACTION_STATE_OPEN);
  }
}

TEST_F(OverdueActionTest, BeyondTheKnownHolidaysAnActionIsOverdueAllTheSame) {
  *action_.mutable_due_time() =
      ToTimestamp(absl::FromCivil(absl::CivilDay(calendar_.last_year() + 2, 3, 1), London()));
  const absl::Time later = absl::FromCivil(absl::CivilDay(calendar_.last_year() + 2, 3, 9), London());
  EXPECT_TRUE(At(later).overdue());
  EXPECT_EQ(At(later).overdue_step(), v1::OVERDUE_STEP_OWNER);
}

}  // namespace
}  // namespace marac::domain
