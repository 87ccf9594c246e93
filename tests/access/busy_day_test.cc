// The busiest day that a MARAC has, on a real server with the documented limits (decisions 15): it meets no
// refusal and raises no alert; and one look on the same day by somebody with no part in a case raises one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "tests/support/complete_referral.h"
#include "tests/support/meeting_scenario.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using ::testing::SizeIs;
using Audits = v1::AuditService::Stub;
using Cases = v1::CaseService::Stub;
using Referrals = v1::ReferralService::Stub;

constexpr int kCasesAMeeting = 16;
constexpr int kCalls = 15;
constexpr int kOpens = 200;

class BusyDayTest : public MeetingScenario {
 protected:
  // Every answer of the day passes here.
  template <typename T>
  T Done(absl::StatusOr<T> answer) {
    if (!answer.ok()) {
      ++refusals_;
      ADD_FAILURE() << answer.status();
      return T();
    }
    return *std::move(answer);
  }

  v1::Referral Send(const Client& referrer, int number) {
    v1::SaveDraftRequest request;
    request.set_parent(ServerFixture::kArea);
    *request.mutable_referral() = CompleteReferral();
    const std::string family = "Invented" + std::to_string(number);
    request.mutable_referral()->mutable_victim()->mutable_name()->set_value("Maria " + family);
    request.mutable_referral()->mutable_perpetrators(0)->mutable_name()->set_value("Robert " + family);
    *request.mutable_safe_contact() = CompleteSafeContact();
    const v1::Referral draft = Done(referrer.Call(&Referrals::SaveDraft, request));
    v1::SubmitReferralRequest submit;
    submit.set_name(draft.name());
    submit.set_etag(draft.etag());
    return Done(referrer.Call(&Referrals::SubmitReferral, submit));
  }
  v1::Case Open(const Client& who, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_name(name);
    opened_.insert(name);
    return Done(who.Call(&Cases::GetCase, request));
  }
  v1::Referral OpenReferral(const Client& who, const std::string& name) {
    v1::GetReferralRequest request;
    request.set_name(name);
    opened_.insert(name);
    return Done(who.Call(&Referrals::GetReferral, request));
  }
  void Reveal(const Client& who, const std::string& detail, const std::string& reason = "") {
    v1::RevealDetailRequest request;
    request.set_name(detail);
    request.set_reason(reason);
    Done(who.Call(&Cases::RevealDetail, request));
  }
  std::vector<v1::Alert> Alerts() {
    v1::ListAlertsRequest request;
    request.set_parent(ServerFixture::kArea);
    const v1::ListAlertsResponse answer =
        Need(server_.As("auditor.council").Call(&Audits::ListAlerts, request));
    return {answer.alerts().begin(), answer.alerts().end()};
  }

  int refusals_ = 0;
  std::set<std::string> opened_;
};

TEST_F(BusyDayTest, MeetsNoRefusalAndOneUninvolvedRevealRaisesOneAlert) {
  const Client& idva = server_.As("idva.idva");
  const Client& referrer = server_.As("referrer.police");
  server_.AddAccount("other.idva", "idva", {v1::ROLE_IDVA});
  const v1::Meeting meeting = Schedule();
  std::vector<v1::Referral> referrals;
  for (int i = 0; i < kCasesAMeeting; ++i) referrals.push_back(Send(referrer, i));

  // The coordinator triages them: reads each, looks for the same people, has shown how the victim may be
  // reached, accepts, and opens the case.
  std::vector<std::string> cases;
  int reveals = 0;
  for (const v1::Referral& sent : referrals) {
    const v1::Referral referral = OpenReferral(Coordinator(), sent.name());
    v1::FindMatchesRequest matches;
    matches.set_name(referral.name());
    Done(Coordinator().Call(&Referrals::FindMatches, matches));
    const std::string detail = referral.protected_details(0).detail();
    Reveal(Coordinator(), detail);
    v1::AcceptReferralRequest accept;
    accept.set_name(referral.name());
    accept.set_etag(referral.etag());
    cases.push_back(Done(Coordinator().Call(&Referrals::AcceptReferral, accept)).case_name());
    Open(Coordinator(), cases.back());
    // Tells the IDVA service, and once more before the agenda goes out.
    Reveal(Coordinator(), detail);
    Reveal(Coordinator(), detail);
    reveals += 3;
  }
  EXPECT_EQ(reveals, 48);
  // And goes through what is open from before, until it is two hundred.
  for (int i = static_cast<int>(opened_.size()); i < kOpens; ++i) {
    const std::string earlier = AddCase(meeting, "earlier-" + std::to_string(i),
                                        [](v1::Case& record) { record.set_stage(v1::CASE_STAGE_CLOSED); });
    Open(Coordinator(), earlier);
  }
  EXPECT_THAT(opened_, SizeIs(kOpens));

  // The IDVA calls fifteen victims.
  for (int i = 0; i < kCalls; ++i) {
    const v1::Case record = Open(idva, cases[static_cast<size_t>(i)]);
    Reveal(idva, record.protected_details(0).detail());
    v1::RecordVictimContactRequest contact;
    contact.set_name(record.name());
    contact.set_etag(record.etag());
    contact.set_state(v1::VICTIM_CONTACT_STATE_ATTEMPTED);
    Done(idva.Call(&Cases::RecordVictimContact, contact));
  }
  // Her colleague picks up the last one.
  Open(server_.As("other.idva"), cases.back());

  // The chair runs the meeting; representatives read the papers.
  Done(Propose(meeting));
  Done(Circulate(meeting));
  for (const char* login : {"representative.housing", "representative.police"}) {
    Done(AgendaFor(server_.As(login), meeting));
    for (const std::string& name : cases) Open(server_.As(login), name);
  }
  server_.AdvanceTo(domain::FromTimestamp(meeting.start_time()));
  Done(Start(meeting));
  for (const std::string& name : cases) {
    Open(Chair(), name);
    const v1::AgendaItem open = Done(MeetingScenario::Open(Item(meeting, name)));
    Done(CloseItem(Done(Record(open))));
  }
  std::printf("figure: busy_day_refusals=%d refusals\n", refusals_);
  EXPECT_EQ(refusals_, 0);
  EXPECT_THAT(Alerts(), SizeIs(0)) << "nothing of it is odd";

  // The same day, somebody asks where the victim of a colleague's case is.
  const v1::Case looked_at = Need(Coordinator().Call(&Cases::GetCase, [&] {
    v1::GetCaseRequest request;
    request.set_name(cases[0]);
    return request;
  }()));
  Reveal(server_.As("other.idva"), looked_at.protected_details(0).detail(),
         "She rang and asked for the times");
  const std::vector<v1::Alert> alerts = Alerts();
  std::printf("figure: busy_day_alerts=%zu alerts\n", alerts.size());
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].kind(), v1::ALERT_KIND_UNINVOLVED_REVEAL);
  EXPECT_EQ(alerts[0].account(), server_.As("other.idva").account());
  ASSERT_THAT(alerts[0].subjects(), SizeIs(1));
  EXPECT_EQ(alerts[0].subjects(0), cases[0]);
}

}  // namespace
}  // namespace marac::testing
