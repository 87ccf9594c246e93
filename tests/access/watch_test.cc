// What is noticed of how people use a real server: limits, alerts, and who meets them (security.md 2.7, 5).
#include "store/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "domain/limits.h"
#include "rpc/setup.h"
#include "tests/support/complete_referral.h"
#include "tests/support/meeting_scenario.h"
#include "tests/support/moved_clock.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using domain::DetailOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Audits = v1::AuditService::Stub;
using Cases = v1::CaseService::Stub;
using Referrals = v1::ReferralService::Stub;

// A Wednesday at ten, so that nothing depends on when the test runs; set before the server is there.
struct TestClock {
  TestClock() {
    const absl::CivilDay wednesday =
        absl::NextWeekday(absl::ToCivilDay(absl::Now(), domain::London()), absl::Weekday::wednesday);
    clock.offset = absl::FromCivil(absl::CivilHour(wednesday) + 10, domain::London()) - absl::Now();
  }
  MovedClock clock;
};

class WatchTest : private TestClock, public MeetingScenario {
 protected:
  WatchTest() : MeetingScenario(&(TestClock::clock)) {}

  absl::Time SecurityNow() { return TestClock::clock.Now(); }
  void Move(absl::Duration by) { TestClock::clock.offset += by; }

  // A case that these have worked on as IDVAs.
  std::string CaseOf(const std::string& id, const std::vector<std::string>& idvas) {
    const std::string name = AddCase(meeting(), id);
    for (const std::string& login : idvas) {
      const std::string account = server_.SignIn(login).account();
      Keep([&](store::WriteTransaction& tx) {
        return store::KeepWorker(tx, name, account, /*as_idva=*/true, absl::ToUnixMillis(SecurityNow()));
      });
    }
    return name;
  }
  v1::Meeting& meeting() {
    if (meeting_.name().empty()) meeting_ = Schedule();
    return meeting_;
  }
  absl::Status Open(const Client& who, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_name(name);
    return who.Call(&Cases::GetCase, request).status();
  }
  absl::Status Reveal(const Client& who, const std::string& detail) {
    v1::RevealDetailRequest request;
    request.set_name(detail);
    return who.Call(&Cases::RevealDetail, request).status();
  }
  std::vector<v1::Alert> AlertsTo(const Client& who, v1::AlertState state = v1::ALERT_STATE_UNSPECIFIED) {
    v1::ListAlertsRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_state(state);
    const v1::ListAlertsResponse answer = Need(who.Call(&Audits::ListAlerts, request));
    return {answer.alerts().begin(), answer.alerts().end()};
  }
  std::vector<v1::Alert> Alerts() { return AlertsTo(server_.SignIn("auditor.council")); }
  std::vector<v1::AlertKind> Kinds() {
    std::vector<v1::AlertKind> kinds;
    for (const v1::Alert& alert : Alerts()) kinds.push_back(alert.kind());
    return kinds;
  }
  absl::StatusOr<v1::Alert> Review(const Client& who, const std::string& name) {
    v1::ReviewAlertRequest request;
    request.set_name(name);
    request.set_outcome(v1::ALERT_OUTCOME_MISTAKE);
    request.set_note("spoken to");
    return who.Call(&Audits::ReviewAlert, request);
  }
  std::vector<v1::AuditRecord> Events(const Client& auditor) {
    v1::ListEventsRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_page_size(100);
    const v1::ListEventsResponse answer = Need(auditor.Call(&Audits::ListEvents, request));
    return {answer.events().begin(), answer.events().end()};
  }
  int64_t Number(const std::string& sql) {
    int64_t number = 0;
    EXPECT_OK(server_.host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(store::Statement statement, tx.Prepare(sql));
      RETURN_IF_ERROR(statement.Step().status());
      number = statement.Int(0);
      return absl::OkStatus();
    }));
    return number;
  }
  v1::Referral Send(const Client& referrer, const std::string& victim) {
    v1::SaveDraftRequest request;
    request.set_parent(ServerFixture::kArea);
    *request.mutable_referral() = CompleteReferral();
    request.mutable_referral()->mutable_victim()->mutable_name()->set_value(victim);
    *request.mutable_safe_contact() = CompleteSafeContact();
    const v1::Referral draft = Need(referrer.Call(&Referrals::SaveDraft, request));
    v1::SubmitReferralRequest submit;
    submit.set_name(draft.name());
    submit.set_etag(draft.etag());
    return Need(referrer.Call(&Referrals::SubmitReferral, submit));
  }

 private:
  v1::Meeting meeting_;
};

TEST_F(WatchTest, OnlyWhatOneHasNoPartInIsRefusedAndARestartForgetsNothing) {
  server_.AddAccount("other.idva", "idva", {v1::ROLE_IDVA});
  std::vector<std::string> cases;
  for (int i = 0; i < 12; ++i) cases.push_back(CaseOf("c" + std::to_string(i), {"idva.idva"}));
  const Client other = server_.SignIn("other.idva");
  for (int i = 0; i < 10; ++i) EXPECT_OK(Open(other, cases[static_cast<size_t>(i)]));
  const absl::Status refused = Open(other, cases[10]);
  EXPECT_EQ(refused.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailOf(refused).reason(), "LIMIT");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("ask the coordinator"));
  EXPECT_OK(Open(other, cases[3])) << "one of the ten again";
  EXPECT_EQ(Open(other, cases[11]), refused) << "and another reads the same";
  // Her own work is not in the way.
  EXPECT_OK(Open(other, CaseOf("mine", {"other.idva"})));
  EXPECT_OK(Open(other, CaseOf("new", {}))) << "somebody must pick it up";
  for (const std::string& name : cases) EXPECT_OK(Open(server_.SignIn("idva.idva"), name));

  // What was refused is in the log as that, and alerted about once.
  const std::vector<v1::AlertKind> kinds = Kinds();
  EXPECT_EQ(std::ranges::count(kinds, v1::ALERT_KIND_UNINVOLVED_OPEN), 10);
  EXPECT_EQ(std::ranges::count(kinds, v1::ALERT_KIND_OVER_LIMIT), 1);
  const std::vector<v1::AuditRecord> events = Events(server_.SignIn("auditor.council"));
  EXPECT_EQ(std::ranges::count_if(events,
                                  [](const v1::AuditRecord& event) {
                                    return event.rule() == "limit" && event.kind() == "DENIED" &&
                                           !event.allowed();
                                  }),
            2);

  server_.Restart();
  EXPECT_EQ(Open(server_.SignIn("other.idva"), cases[10]).code(), StatusCode::kResourceExhausted);
  Move(absl::Minutes(61));
  EXPECT_OK(Open(server_.SignIn("other.idva"), cases[10]));
}

TEST_F(WatchTest, AboveTheOtherLimitsTheWorkGoesOn) {
  v1::GetAreaRequest get;
  get.set_name(ServerFixture::kArea);
  v1::UpdateAreaRequest change;
  *change.mutable_area() = Need(server_.As("admin.council").Call(&v1::DirectoryService::Stub::GetArea, get));
  v1::UseLimits& limits = *change.mutable_area()->mutable_settings()->mutable_limits();
  limits.set_opens_per_day(2);
  limits.set_lists_per_minute(2);
  Need(server_.As("admin.council").Call(&v1::DirectoryService::Stub::UpdateArea, change));
  const Client& coordinator = server_.As("coordinator.council");
  for (const char* id : {"a", "b"}) EXPECT_OK(Open(coordinator, CaseOf(id, {})));
  v1::ListCasesRequest list;
  list.set_parent(ServerFixture::kArea);
  for (int i = 0; i < 2; ++i) EXPECT_OK(coordinator.Call(&Cases::ListCases, list));
  EXPECT_THAT(Kinds(), IsEmpty());
  EXPECT_OK(Open(coordinator, CaseOf("c", {})));
  EXPECT_OK(Open(coordinator, CaseOf("d", {})));
  for (int i = 0; i < 4; ++i) EXPECT_OK(coordinator.Call(&Cases::ListCases, list));
  std::vector<v1::UseKind> over;
  for (const v1::Alert& alert : Alerts()) {
    EXPECT_EQ(alert.kind(), v1::ALERT_KIND_OVER_LIMIT);
    over.push_back(alert.use());
  }
  std::ranges::sort(over);
  EXPECT_THAT(over, ElementsAre(v1::USE_KIND_OPEN, v1::USE_KIND_LIST)) << "once a day each";
}

TEST_F(WatchTest, CoverForAColleagueIsAPartInHerCasesFromItsFirstDayToItsLast) {
  const std::string record = CaseOf("c", {"idva.idva"});
  v1::Account deputy = server_.AddAccount("deputy.idva", "idva", {v1::ROLE_IDVA});
  v1::UpdateAccountRequest change;
  *change.mutable_account() = deputy;
  v1::RoleGrant& cover = *change.mutable_account()->add_roles();
  const domain::LocalDate today = domain::DateOf(SecurityNow());
  cover.set_area(ServerFixture::kArea);
  cover.set_role(v1::ROLE_IDVA);
  *cover.mutable_from() = today.ToDay();
  *cover.mutable_to() = today.ToDay();
  cover.set_cover_for(server_.As("idva.idva").account());
  Need(server_.As("admin.council").Call(&v1::DirectoryService::Stub::UpdateAccount, change));
  EXPECT_OK(Open(server_.SignIn("deputy.idva"), record));
  EXPECT_THAT(Kinds(), IsEmpty());
  Move(absl::Hours(24));
  EXPECT_OK(Open(server_.SignIn("deputy.idva"), record));
  EXPECT_THAT(Kinds(), ElementsAre(v1::ALERT_KIND_UNINVOLVED_OPEN));
}

TEST_F(WatchTest, WritingIsWorkingOnItAndMovesWithTheReferral) {
  server_.AddAccount("other.idva", "idva", {v1::ROLE_IDVA});
  const v1::Referral sent = Send(server_.As("idva.idva"), "Maria Invented");
  v1::GetReferralRequest get;
  get.set_name(sent.name());
  ASSERT_OK(server_.As("other.idva").Call(&Referrals::GetReferral, get));
  EXPECT_THAT(Kinds(), IsEmpty()) << "what a colleague referred is to be picked up";
  v1::CorrectReferralSafeContactRequest correct;
  correct.set_name(sent.name());
  correct.set_etag(sent.etag());
  *correct.mutable_safe_contact() = CompleteSafeContact();
  correct.set_reason("she asked for calls in the evening");
  ASSERT_OK(server_.As("idva.idva").Call(&Referrals::CorrectReferralSafeContact, correct));
  ASSERT_OK(server_.As("other.idva").Call(&Referrals::GetReferral, get));
  EXPECT_THAT(Kinds(), ElementsAre(v1::ALERT_KIND_UNINVOLVED_OPEN));
  v1::AcceptReferralRequest accept;
  accept.set_name(sent.name());
  accept.set_etag(Need(Coordinator().Call(&Referrals::GetReferral, get)).etag());
  const std::string record = Need(Coordinator().Call(&Referrals::AcceptReferral, accept)).case_name();
  ASSERT_OK(Open(server_.As("idva.idva"), record));
  EXPECT_THAT(Kinds(), SizeIs(1));
  ASSERT_OK(Open(server_.As("other.idva"), record));
  EXPECT_THAT(Kinds(), SizeIs(2)) << "the case is hers as the referral was";
}

TEST_F(WatchTest, NobodyMeetsAnAlertAboutThemselves) {
  server_.AddAccount("both.idva", "idva", {v1::ROLE_IDVA, v1::ROLE_AUDITOR});
  server_.AddAccount("privacy.idva", "idva", {v1::ROLE_PRIVACY_OFFICER});
  const Client both = server_.SignIn("both.idva");
  ASSERT_OK(Open(both, CaseOf("c", {"idva.idva"})));
  const std::vector<v1::Alert> alerts = Alerts();
  ASSERT_THAT(alerts, SizeIs(1));
  const std::string name = alerts[0].name();
  EXPECT_EQ(alerts[0].account(), both.account());

  EXPECT_THAT(AlertsTo(both), IsEmpty());
  const auto read = [](const Client& who, const std::string& alert) {
    v1::GetAlertRequest request;
    request.set_name(alert);
    return who.Call(&Audits::GetAlert, request).status();
  };
  const std::string absent = std::string(ServerFixture::kArea) + "/alerts/" + std::string(26, '0');
  const auto without_name = [&](const absl::Status& status, const std::string& of) {
    std::string text = status.ToString();
    return text.replace(text.find(of), of.size(), "NAME");
  };
  EXPECT_EQ(without_name(read(both, name), name), without_name(read(both, absent), absent));
  EXPECT_EQ(without_name(Review(both, name).status(), name),
            without_name(Review(both, absent).status(), absent));
  for (const v1::AuditRecord& event : Events(both)) EXPECT_NE(event.kind(), "ALERT");

  // The privacy officer of her agency, and of no other.
  EXPECT_THAT(AlertsTo(server_.As("privacy.police")), IsEmpty());
  EXPECT_THAT(read(server_.As("privacy.police"), name), Refuses(StatusCode::kNotFound, "not open to you"));
  EXPECT_THAT(AlertsTo(server_.As("privacy.idva")), SizeIs(1));
  EXPECT_OK(read(server_.As("privacy.idva"), name));

  ASSERT_OK_AND_ASSIGN(const v1::Alert reviewed, Review(server_.As("auditor.council"), name));
  EXPECT_EQ(reviewed.review().note(), "spoken to");
  EXPECT_EQ(reviewed.review().account(), server_.As("auditor.council").account());
  EXPECT_EQ(DetailOf(Review(server_.As("privacy.idva"), name).status()).reason(), "ALREADY_REVIEWED");
  EXPECT_THAT(AlertsTo(server_.As("auditor.council"), v1::ALERT_STATE_WAITING), IsEmpty());
  bool raised = false;
  bool is_event = false;
  for (const v1::AuditRecord& event : Events(server_.As("auditor.council"))) {
    is_event = is_event || event.method() == "marac.v1.AuditService/ReviewAlert";
    raised = raised || (event.kind() == "ALERT" && event.rule() == "UNINVOLVED_OPEN" &&
                        event.account() == both.account() && event.sequence() == alerts[0].event() + 1);
  }
  EXPECT_TRUE(is_event);
  EXPECT_TRUE(raised) << "in the same commit as the look itself";
}

TEST_F(WatchTest, TheSameSurnameIsAlertedAboutOnce) {
  server_.AddAccount("invented.idva", "idva", {v1::ROLE_IDVA});  // "Person invented.idva"
  const v1::Referral sent = Send(server_.As("referrer.police"), "Maria Invented");
  v1::GetReferralRequest get;
  get.set_name(sent.name());
  for (int i = 0; i < 3; ++i) ASSERT_OK(server_.As("invented.idva").Call(&Referrals::GetReferral, get));
  EXPECT_THAT(Kinds(), ElementsAre(v1::ALERT_KIND_OWN_SURNAME));
}

TEST_F(WatchTest, ARevealAfterWhichNothingIsDoneWaitsForTheNextWorkingDay) {
  const v1::Referral followed = Send(server_.As("referrer.police"), "Maria Invented");
  const v1::Referral left = Send(server_.As("referrer.police"), "Petra Other");
  const Client idva = server_.SignIn("idva.idva");
  ASSERT_OK(Reveal(idva, followed.protected_details(0).detail()));
  ASSERT_OK(Reveal(idva, left.protected_details(0).detail()));
  v1::CorrectReferralSafeContactRequest correct;
  correct.set_name(followed.name());
  correct.set_etag(followed.etag());
  *correct.mutable_safe_contact() = CompleteSafeContact();
  correct.set_reason("she asked for calls in the evening");
  ASSERT_OK(idva.Call(&Referrals::CorrectReferralSafeContact, correct));
  Move(absl::Hours(24));
  ASSERT_OK(server_.host().watch().RunDue());
  EXPECT_THAT(Kinds(), IsEmpty()) << "on Thursday there is still time";
  Move(absl::Hours(24));
  ASSERT_OK(server_.host().watch().RunDue());
  ASSERT_OK(server_.host().watch().RunDue());
  const std::vector<v1::Alert> alerts = Alerts();
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].kind(), v1::ALERT_KIND_REVEAL_WITHOUT_ACTION);
  EXPECT_EQ(alerts[0].account(), idva.account());
  EXPECT_THAT(alerts[0].subjects(), ElementsAre(left.name()));
}

TEST_F(WatchTest, OneNameSoughtByThreePeopleInAWeek) {
  server_.AddAccount("second.council", "council", {v1::ROLE_COORDINATOR});
  server_.AddAccount("third.council", "council", {v1::ROLE_COORDINATOR});
  v1::FindMatchesRequest request;
  request.set_name(Send(server_.As("referrer.police"), "Maria Invented").name());
  for (int i = 0; i < 2; ++i) {
    for (const char* login : {"coordinator.council", "second.council"}) {
      ASSERT_OK(server_.As(login).Call(&Referrals::FindMatches, request));
    }
  }
  EXPECT_THAT(Kinds(), IsEmpty());
  ASSERT_OK(server_.As("third.council").Call(&Referrals::FindMatches, request));
  const std::vector<v1::Alert> alerts = Alerts();
  // Both of the referral, the victim and the perpetrator.
  ASSERT_THAT(alerts, SizeIs(2));
  EXPECT_EQ(alerts[0].kind(), v1::ALERT_KIND_NAME_SOUGHT_BY_MANY);
  EXPECT_EQ(alerts[0].count(), 3);
  EXPECT_EQ(Number("SELECT count(*) FROM alerted WHERE about LIKE '%maria%'"), 0) << "names are not kept";
}

TEST_F(WatchTest, ANewProgramAtNight) {
  server_.As("coordinator.council");
  const Client laptop(server_.Channel(&server_.cli()), "", "");
  v1::SignInRequest sign_in;
  sign_in.set_login("coordinator.council");
  sign_in.set_password(ServerFixture::kPassword);
  Move(absl::Hours(13));  // To eleven at night.
  ASSERT_OK(laptop.Call(&v1::SessionService::Stub::SignIn, sign_in));
  ASSERT_OK(laptop.Call(&v1::SessionService::Stub::SignIn, sign_in));
  EXPECT_THAT(Kinds(), ElementsAre(v1::ALERT_KIND_NEW_PROGRAM_OUT_OF_HOURS));
}

TEST_F(WatchTest, TwoInAHundredLooksOfTheWeekBeforeAreDrawn) {
  for (int i = 0; i < 150; ++i) {
    ASSERT_OK(Open(server_.As("coordinator.council"), AddCase(meeting(), "c" + std::to_string(i))));
  }
  Move(absl::Hours(24 * 7));
  ASSERT_OK(server_.host().watch().RunDue());
  const std::vector<v1::AlertKind> kinds = Kinds();
  EXPECT_THAT(kinds, ::testing::Each(v1::ALERT_KIND_SAMPLE));
  // The key is random: of 150 looks three are drawn on average, and more than fifteen never in a lifetime.
  EXPECT_LE(kinds.size(), 15U);
  ASSERT_OK(server_.host().watch().RunDue());
  EXPECT_THAT(Kinds(), SizeIs(kinds.size())) << "once a week";
}

TEST_F(WatchTest, AFloodOfRefusalsDoesNotGrowTheLogWithoutEnd) {
  const Client& referrer = server_.As("referrer.police");
  v1::GetCaseRequest request;
  request.set_name(std::string(ServerFixture::kArea) + "/cases/" + std::string(26, '0'));
  const auto rows = [&] { return server_.host().database().Head().sequence; };
  const uint64_t before = rows();
  constexpr int kFlood = domain::RefusalCap::kEach + 300;
  for (int i = 0; i < kFlood; ++i) {
    ASSERT_THAT(referrer.Call(&Cases::GetCase, request), Refuses(StatusCode::kNotFound, "not open to you"));
  }
  // One more says that counting began. Heartbeats come in between.
  EXPECT_LE(rows() - before, static_cast<uint64_t>(domain::RefusalCap::kEach) + 10);
  EXPECT_GE(rows() - before, static_cast<uint64_t>(domain::RefusalCap::kEach) + 1);
  Move(domain::RefusalCap::kWindow);
  ASSERT_OK(server_.host().watch().RunDue());
  const std::vector<v1::AuditRecord> events = Events(server_.SignIn("auditor.council"));
  const auto counted = std::ranges::find(events, "refusals", &v1::AuditRecord::method);
  ASSERT_NE(counted, events.end());
  EXPECT_EQ(counted->row_count(), 300);
  EXPECT_EQ(counted->kind(), "DENIED");
  // What is allowed is written as ever.
  const uint64_t after = rows();
  ASSERT_OK(Open(server_.SignIn("coordinator.council"), AddCase(meeting(), "c")));
  EXPECT_GE(rows(), after + 2);
}

}  // namespace
}  // namespace marac::testing
