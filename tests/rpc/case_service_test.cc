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
  EXPECT_EQ(DetailOf(CloseCase(record).status()).reason(), "CASE_CLOSED");
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
