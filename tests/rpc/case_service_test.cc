// A case from its acceptance through its hearing to its end, through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/errors.h"
#include "tests/support/complete_referral.h"
#include "tests/support/meeting_scenario.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using domain::DetailOf;
using Actions = v1::ActionService::Stub;
using Cases = v1::CaseService::Stub;
using Referrals = v1::ReferralService::Stub;

class CaseServiceTest : public MeetingScenario {
 protected:
  const Client& Idva() { return server_.As("idva.idva"); }

  // A referral of the same pair each time, sent today; the incident was `days_ago`.
  v1::Referral Send(int days_ago) {
    v1::SaveDraftRequest request;
    request.set_parent(ServerFixture::kArea);
    *request.mutable_referral() = CompleteReferral();
    *request.mutable_referral()->mutable_reason()->mutable_latest_incident()->mutable_day() =
        domain::DateOf(server_.Now()).AddDays(-days_ago).ToDay();
    *request.mutable_safe_contact() = CompleteSafeContact();
    const v1::Referral draft = Need(Idva().Call(&Referrals::SaveDraft, request));
    v1::SubmitReferralRequest submit;
    submit.set_name(draft.name());
    submit.set_etag(draft.etag());
    return Need(Idva().Call(&Referrals::SubmitReferral, submit));
  }
  std::string Accept(const v1::Referral& referral) {
    v1::AcceptReferralRequest request;
    request.set_name(referral.name());
    request.set_etag(referral.etag());
    return Need(Coordinator().Call(&Referrals::AcceptReferral, request)).case_name();
  }
  v1::Case Get(const std::string& name) {
    v1::GetCaseRequest request;
    request.set_name(name);
    return Need(Coordinator().Call(&Cases::GetCase, request));
  }
  absl::StatusOr<v1::Case> Update(const std::string& name, bool told) {
    v1::RecordVictimUpdateRequest request;
    request.set_name(name);
    request.set_etag(Get(name).etag());
    request.set_told(told);
    request.set_text(told ? "by telephone on Monday" : "he reads her messages");
    return Idva().Call(&Cases::RecordVictimUpdate, request);
  }
  absl::StatusOr<v1::Case> CloseCase(const std::string& name) {
    v1::CloseCaseRequest request;
    request.set_name(name);
    request.set_etag(Get(name).etag());
    request.set_reason("plan in place");
    return Coordinator().Call(&Cases::CloseCase, request);
  }
  absl::StatusOr<v1::Case> Contact(const v1::Case& record) {
    v1::RecordVictimContactRequest request;
    request.set_name(record.name());
    request.set_etag(record.etag());
    request.set_state(v1::VICTIM_CONTACT_STATE_ATTEMPTED);
    return Idva().Call(&Cases::RecordVictimContact, request);
  }
  // How many versions of a record are kept.
  int64_t Versions(const std::string& name) {
    int64_t count = 0;
    EXPECT_OK(server_.host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(store::Statement statement,
                       tx.Prepare("SELECT count(*) FROM record_versions WHERE name = ?1"));
      RETURN_IF_ERROR(statement.Bind(1, name).Step().status());
      count = statement.Int(0);
      return absl::OkStatus();
    }));
    return count;
  }
  v1::Action AddAction(const v1::AgendaItem& item) {
    v1::CreateActionRequest request;
    request.set_agenda_item(item.name());
    request.set_text("Fit new locks");
    request.set_kind("SANCTUARY");
    request.set_agency("agencies/housing");
    request.set_accepted_by(Housing().account());
    *request.mutable_due_time() = domain::ToTimestamp(server_.Now() + absl::Hours(72));
    return Need(Chair().Call(&Actions::CreateAction, request));
  }

  // Lists the case for `meeting` and hears it; one action is left open.
  v1::Action Hear(const v1::Meeting& meeting, const std::string& record) {
    Hold(meeting);
    const v1::AgendaItem open = Need(Open(Item(meeting, record)));
    const v1::Action action = AddAction(open);
    Need(CloseItem(Need(Record(open))));
    return action;
  }
};

TEST_F(CaseServiceTest, R06TheReferralSaysForWhichMeetingItIsInTime) {
  const v1::Meeting later = Schedule(42);
  const v1::Meeting next = Schedule();
  EXPECT_EQ(Send(5).meeting(), next.name());
  server_.AdvanceTo(domain::FromTimestamp(next.deadlines().cut_off_time()) + absl::Seconds(1));
  EXPECT_EQ(Send(5).meeting(), later.name());
}

TEST_F(CaseServiceTest, R21AHeardCaseStaysOpenUntilTheVictimWasToldAndTheActionsAreDone) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send(5));
  const v1::Action action = Hear(meeting, record);
  EXPECT_EQ(Get(record).stage(), v1::CASE_STAGE_HEARD);

  EXPECT_EQ(DetailOf(CloseCase(record).status()).reason(), "VICTIM_NOT_UPDATED");
  ASSERT_OK_AND_ASSIGN(const v1::Case told, Update(record, /*told=*/true));
  EXPECT_EQ(told.victim_update().account(), Idva().account());
  EXPECT_EQ(DetailOf(CloseCase(record).status()).reason(), "ACTIONS_OPEN");
  v1::ReportActionRequest report;
  report.set_name(action.name());
  report.set_etag(action.etag());
  report.set_state(v1::ACTION_STATE_COMPLETE);
  report.set_text("fitted");
  report.set_outcome("FITTED");
  ASSERT_OK(Housing().Call(&Actions::ReportAction, report));
  ASSERT_OK_AND_ASSIGN(const v1::Case closed, CloseCase(record));
  EXPECT_EQ(closed.stage(), v1::CASE_STAGE_CLOSED);
  EXPECT_EQ(closed.closure().reason(), "plan in place");
  EXPECT_EQ(closed.closure().account(), Coordinator().account());
  EXPECT_EQ(DetailOf(Update(record, /*told=*/false).status()).reason(), "CASE_CLOSED");
  v1::CreateActionRequest late;
  late.set_agenda_item(action.agenda_item());
  late.set_text("Visit her");
  late.set_kind("IDVA_CONTACT");
  late.set_agency("agencies/idva");
  *late.mutable_due_time() = domain::ToTimestamp(server_.Now() + absl::Hours(72));
  EXPECT_EQ(DetailOf(Chair().Call(&Actions::CreateAction, late).status()).reason(), "CASE_CLOSED");
  EXPECT_EQ(DetailOf(CloseCase(record).status()).reason(), "CASE_CLOSED");
}

TEST_F(CaseServiceTest, ACaseThatWillNeverBeHeardIsClosedAndTheChairSeesItOnTheAgenda) {
  const v1::Meeting meeting = Schedule();
  const std::string listed = Accept(Send(5));
  Need(Propose(meeting));
  Need(Circulate(meeting));
  EXPECT_EQ(DetailOf(CloseCase(listed).status()).reason(), "NOT_HEARD");
  v1::CloseCaseRequest request;
  request.set_name(listed);
  request.set_etag(Get(listed).etag());
  request.set_ground(v1::CLOSE_GROUND_VICTIM_MOVED);
  request.set_reason("She lives in Leeds now");
  EXPECT_THAT(Coordinator().Call(&Cases::CloseCase, request),
              Refuses(StatusCode::kInvalidArgument, "victim_update"));
  request.set_victim_told(true);
  request.set_victim_update("by telephone on Monday");
  ASSERT_OK_AND_ASSIGN(const v1::Case closed, Coordinator().Call(&Cases::CloseCase, request));
  EXPECT_EQ(closed.stage(), v1::CASE_STAGE_CLOSED);
  EXPECT_EQ(closed.closure().ground(), v1::CLOSE_GROUND_VICTIM_MOVED);
  EXPECT_TRUE(closed.victim_update().told()) << "R-21";
  const v1::AgendaItem item = Item(meeting, listed);
  EXPECT_EQ(item.state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
  EXPECT_THAT(item.state_reason(), ::testing::HasSubstr("She lives in Leeds now"));
  // Nothing of it is left to hear.
  server_.AdvanceTo(domain::FromTimestamp(meeting.start_time()));
  Need(Start(meeting));
  EXPECT_FALSE(Open(item).ok());
  EXPECT_OK(Close(meeting));
}

TEST_F(CaseServiceTest, ClosingACaseThatWasNeverCirculatedOpensItToNobody) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send(5));
  Need(Propose(meeting));
  v1::CloseCaseRequest request;
  request.set_name(record);
  request.set_etag(Get(record).etag());
  request.set_ground(v1::CLOSE_GROUND_DUPLICATE);
  request.set_reason("The same as another case");
  request.set_victim_update("He reads her messages");
  ASSERT_OK(Coordinator().Call(&Cases::CloseCase, request));
  EXPECT_EQ(Item(meeting, record).state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
  v1::GetCaseRequest get;
  get.set_name(record);
  EXPECT_THAT(server_.As("minutes.council").Call(&Cases::GetCase, get),
              Refuses(StatusCode::kNotFound, "not open to you"));
  Need(Propose(meeting));
  EXPECT_EQ(Item(meeting, record).state(), v1::AGENDA_ITEM_STATE_WITHDRAWN) << "and stays off";
}

TEST_F(CaseServiceTest, R15ACorrectedSafeContactIsTheOnlyOneAtOnceAndR15FollowsIt) {
  const v1::Referral referral = Send(5);
  const std::string record = Accept(referral);
  const std::string detail = Get(record).protected_details(0).detail();
  v1::CorrectSafeContactRequest request;
  request.set_name(record);
  request.set_etag(Get(record).etag());
  request.mutable_safe_contact()->set_do_not_contact(true);
  EXPECT_THAT(Idva().Call(&Cases::CorrectSafeContact, request),
              Refuses(StatusCode::kInvalidArgument, "reason"));
  request.set_reason("QZX7 he answers that number now");
  EXPECT_THAT(Chair().Call(&Cases::CorrectSafeContact, request).status(),
              Refuses(StatusCode::kPermissionDenied, "role"));
  ASSERT_OK_AND_ASSIGN(const v1::Case silent, Idva().Call(&Cases::CorrectSafeContact, request));
  EXPECT_TRUE(silent.protected_details(0).do_not_contact());
  EXPECT_THAT(silent.SerializeAsString(), ::testing::Not(::testing::HasSubstr("QZX7")));
  EXPECT_EQ(DetailOf(Contact(silent).status()).reason(), "DO_NOT_CONTACT");
  v1::GetReferralRequest get;
  get.set_name(referral.name());
  EXPECT_TRUE(Need(Coordinator().Call(&Referrals::GetReferral, get)).protected_details(0).do_not_contact())
      << "whoever looks at the referral sees it too";

  // On Wednesday there is a new telephone.
  request.set_etag(silent.etag());
  *request.mutable_safe_contact() = CompleteSafeContact();
  request.mutable_safe_contact()->mutable_phone()->set_value("01632 960009");
  request.set_reason("a new telephone");
  ASSERT_OK_AND_ASSIGN(const v1::Case reachable, Coordinator().Call(&Cases::CorrectSafeContact, request));
  EXPECT_TRUE(reachable.protected_details(0).has_correct_time());
  EXPECT_OK(Contact(reachable));
  v1::RevealDetailRequest reveal;
  reveal.set_name(detail);
  ASSERT_OK_AND_ASSIGN(const v1::ProtectedDetail shown, Idva().Call(&Cases::RevealDetail, reveal));
  EXPECT_EQ(shown.safe_contact().phone().value(), "01632 960009");
  EXPECT_EQ(shown.correction().reason(), "a new telephone");
  EXPECT_EQ(shown.correction().account(), Coordinator().account());
  EXPECT_EQ(Versions(detail), 3) << "what it was stays in the versions";
}

TEST_F(CaseServiceTest, R15OfSeveralSafeContactsTheCorrectionLeavesOne) {
  const std::string record = Accept(Send(5));
  const v1::Referral second = Send(5);
  v1::AcceptReferralRequest join;
  join.set_name(second.name());
  join.set_etag(second.etag());
  join.set_join_case(record);
  Need(Coordinator().Call(&Referrals::AcceptReferral, join));
  const v1::Case joined = Get(record);
  ASSERT_EQ(joined.protected_details_size(), 2);
  v1::CorrectSafeContactRequest request;
  request.set_name(record);
  request.set_etag(joined.etag());
  *request.mutable_safe_contact() = CompleteSafeContact();
  request.set_reason("she asked for calls in the evening");
  ASSERT_OK_AND_ASSIGN(const v1::Case corrected, Idva().Call(&Cases::CorrectSafeContact, request));
  ASSERT_EQ(corrected.protected_details_size(), 1);
  v1::GetReferralRequest get;
  get.set_name(second.name());
  const v1::Referral source = Need(Coordinator().Call(&Referrals::GetReferral, get));
  ASSERT_EQ(source.protected_details_size(), 1);
  EXPECT_EQ(source.protected_details(0).detail(), corrected.protected_details(0).detail());
  v1::RevealDetailRequest reveal;
  for (const v1::ProtectedDetailMask& mask : joined.protected_details()) {
    reveal.set_name(mask.detail());
    EXPECT_EQ(Idva().Call(&Cases::RevealDetail, reveal).ok(),
              mask.detail() == corrected.protected_details(0).detail());
  }
}

TEST_F(CaseServiceTest, R03BothAnchorsAreShownAndTheAreasCounts) {
  const v1::Meeting meeting = Schedule();
  const std::string record = Accept(Send(5));
  Hear(meeting, record);
  // Eleven months and some days after the hearing: beyond twelve months from the referral, within them from
  // the hearing.
  const absl::CivilDay heard = absl::ToCivilDay(server_.Now(), domain::London());
  server_.AdvanceTo(absl::FromCivil(absl::CivilSecond(heard + 355) + 12 * 3600, domain::London()));
  const v1::Referral fresh = Send(/*days_ago=*/0);
  v1::FindMatchesRequest request;
  request.set_name(fresh.name());
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches,
                       Coordinator().Call(&Referrals::FindMatches, request));
  ASSERT_EQ(matches.candidates_size(), 1);
  const v1::MatchCandidate& candidate = matches.candidates(0);
  EXPECT_EQ(candidate.candidate().name(), record);
  EXPECT_TRUE(candidate.same_pair());
  EXPECT_FALSE(candidate.repeat_by_referral());
  EXPECT_TRUE(candidate.repeat_by_heard());
  EXPECT_FALSE(candidate.repeat()) << "the default policy counts from the referral";
  EXPECT_FALSE(candidate.open_case());
}

}  // namespace
}  // namespace marac::testing
