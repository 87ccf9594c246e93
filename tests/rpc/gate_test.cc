// The gate, tried through TLS against a real server: what is answered twice, refused alike, and written down.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>

#include "absl/synchronization/notification.h"
#include "domain/errors.h"
#include "tests/support/moved_clock.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;

v1::CreateAgencyRequest AgencyRequest(const std::string& word, const std::string& request_id) {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_name("agencies/" + word);
  request.mutable_agency()->set_display_name("Agency " + word);
  request.mutable_agency()->add_areas(ServerFixture::kArea);
  request.set_request_id(request_id);
  return request;
}

v1::StartAssessmentRequest NewAssessment() {
  v1::StartAssessmentRequest request;
  request.set_parent(ServerFixture::kArea);
  return request;
}

v1::AuditRecord NewestEvent(ServerFixture& server, const std::string& method) {
  v1::ListEventsRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_page_size(100);
  const auto events = server.As("auditor.council").Call(&v1::AuditService::Stub::ListEvents, request);
  if (!events.ok()) return {};
  for (const v1::AuditRecord& event : events->events()) {
    if (event.method() == method) return event;
  }
  return {};
}

TEST(GateTest, ARepeatedRequestIdGivesTheFirstAnswerAndStoresNothingMore) {
  ServerFixture& server = ServerFixture::Shared();
  v1::StartAssessmentRequest request = NewAssessment();
  request.set_request_id(NewUuid());
  const Client& writer = server.As("referrer.police");
  ASSERT_OK_AND_ASSIGN(const v1::Assessment first,
                       writer.Call(&v1::AssessmentService::Stub::StartAssessment, request));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment again,
                       writer.Call(&v1::AssessmentService::Stub::StartAssessment, request));
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(NewestEvent(server, "marac.v1.AssessmentService/StartAssessment").rule(), "replay");
}

// Threat 17 of security.md 1: who measured could tell a hidden case from none by 15 microseconds.
TEST(GateTest, NothingIsNotFoundBeforeItsStep) {
  const Client& reader = ServerFixture::Shared().As("referrer.police");
  v1::GetCaseRequest get;
  get.set_name("areas/test/cases/nobodys");
  v1::CloseCaseRequest close;
  close.set_name(get.name());
  const auto is_found_late = [](const auto& call) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(call(), Refuses(StatusCode::kNotFound, "not found, or not open to you"));
    return std::chrono::steady_clock::now() - start >= rpc::kNotFoundStep;
  };
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(is_found_late([&] { return reader.Call(&v1::CaseService::Stub::GetCase, get).status(); }));
  }
  EXPECT_TRUE(is_found_late([&] {
    return ServerFixture::Shared()
        .As("coordinator.council")
        .Call(&v1::CaseService::Stub::CloseCase, close)
        .status();
  }));
}

TEST(GateTest, ARequestIdUsedForAnotherBodyIsRefused) {
  ServerFixture& server = ServerFixture::Shared();
  const std::string id = NewUuid();
  const Client& admin = server.As("admin.council");
  ASSERT_OK(admin.Call(&v1::DirectoryService::Stub::CreateAgency, AgencyRequest("first", id)));
  EXPECT_THAT(admin.Call(&v1::DirectoryService::Stub::CreateAgency, AgencyRequest("second", id)).status(),
              Refuses(StatusCode::kInvalidArgument, "request_id"));
}

// Two who made theirs from the same words would have got each other's answers.
TEST(GateTest, ARequestIdThatIsNoUuidIsRefused) {
  const Client& admin = ServerFixture::Shared().As("admin.council");
  for (const char* id : {"1", "create-agency-police", "0123456789abcdef0123456789abcdef",
                         "3f2c9a54-7d0e-4b52-9c7b-0a1f6d2e8b1g", "3f2c9a54-7d0e-4b52-9c7b_0a1f6d2e8b11",
                         "3f2c9a54-7d0e-4b52-9c7b-0a1f6d2e8b111"}) {
    EXPECT_THAT(admin.Call(&v1::DirectoryService::Stub::CreateAgency, AgencyRequest("by-word", id)).status(),
                Refuses(StatusCode::kInvalidArgument, "request_id: give a UUID"))
        << id;
  }
  EXPECT_OK(admin.Call(&v1::DirectoryService::Stub::CreateAgency,
                       AgencyRequest("by-word", "3F2C9A54-7d0e-4b52-9c7b-0a1f6d2e8b11")));
}

TEST(GateTest, TheSameRequestIdOfTwoPeopleIsTwoRequests) {
  ServerFixture& server = ServerFixture::Shared();
  v1::StartAssessmentRequest request = NewAssessment();
  request.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(
      const v1::Assessment one,
      server.As("referrer.police").Call(&v1::AssessmentService::Stub::StartAssessment, request));
  ASSERT_OK_AND_ASSIGN(
      const v1::Assessment other,
      server.As("referrer.housing").Call(&v1::AssessmentService::Stub::StartAssessment, request));
  EXPECT_NE(one.name(), other.name());
}

TEST(GateTest, ARoleThatHasNoSuchMethodIsToldSo) {
  ServerFixture& server = ServerFixture::Shared();
  EXPECT_THAT(server.As("steering.council")
                  .Call(&v1::AssessmentService::Stub::StartAssessment, NewAssessment())
                  .status(),
              Refuses(StatusCode::kPermissionDenied, "your role"));
  EXPECT_EQ(NewestEvent(server, "marac.v1.AssessmentService/StartAssessment").kind(), "DENIED");
}

TEST(GateTest, AHiddenRecordAndAnAbsentOneReadTheSame) {
  ServerFixture& server = ServerFixture::Shared();
  ASSERT_OK_AND_ASSIGN(
      const v1::Assessment hidden,
      server.As("referrer.police").Call(&v1::AssessmentService::Stub::StartAssessment, NewAssessment()));
  const auto get = [&](const std::string& name) {
    v1::GetAssessmentRequest request;
    request.set_name(name);
    return server.As("referrer.housing").Call(&v1::AssessmentService::Stub::GetAssessment, request).status();
  };
  const std::string absent = std::string(ServerFixture::kArea) + "/assessments/00000000000000000000000000";
  const absl::Status of_hidden = get(hidden.name());
  EXPECT_THAT(of_hidden, Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  EXPECT_EQ(of_hidden.message(), "'" + hidden.name() + "': not found, or not open to you");
  EXPECT_EQ(get(absent).message(), "'" + absent + "': not found, or not open to you");
}

TEST(GateTest, ANameThatIsNoNameIsNamedAsTheField) {
  v1::GetAssessmentRequest request;
  request.set_name("Robert'); DROP TABLE records;--");
  const absl::Status status = ServerFixture::Shared()
                                  .As("referrer.police")
                                  .Call(&v1::AssessmentService::Stub::GetAssessment, request)
                                  .status();
  EXPECT_THAT(status, Refuses(StatusCode::kInvalidArgument, "name: give a name of the form"));
  EXPECT_EQ(domain::DetailOf(status).field_violations(0).field(), "name");
}

TEST(GateTest, AStaleEtagIsAborted) {
  ServerFixture& server = ServerFixture::Shared();
  v1::Account account = server.AddAccount("stale.police", "police", {v1::ROLE_REFERRER});
  v1::UpdateAccountRequest request;
  *request.mutable_account() = account;
  request.mutable_account()->set_display_name("First change");
  const Client& admin = server.As("admin.council");
  ASSERT_OK(admin.Call(&v1::DirectoryService::Stub::UpdateAccount, request));
  request.mutable_account()->set_display_name("Second change, on top of what is no more");
  const absl::Status status = admin.Call(&v1::DirectoryService::Stub::UpdateAccount, request).status();
  EXPECT_THAT(status, Refuses(StatusCode::kAborted, "somebody changed it"));
  EXPECT_EQ(domain::DetailOf(status).reason(), "ETAG_MISMATCH");
}

TEST(GateTest, ATokenOfAnotherListOrPersonOpensNoPage) {
  ServerFixture& server = ServerFixture::Shared();
  v1::ListAccountsRequest request;
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const v1::ListAccountsResponse page,
                       server.As("admin.council").Call(&v1::DirectoryService::Stub::ListAccounts, request));
  ASSERT_FALSE(page.next_page_token().empty());
  request.set_page_token(page.next_page_token());
  EXPECT_OK(server.As("admin.council").Call(&v1::DirectoryService::Stub::ListAccounts, request));
  EXPECT_THAT(server.As("chair.police").Call(&v1::DirectoryService::Stub::ListAccounts, request).status(),
              Refuses(StatusCode::kInvalidArgument, "page_token"));
  request.set_agency("agencies/police");
  EXPECT_THAT(server.As("admin.council").Call(&v1::DirectoryService::Stub::ListAccounts, request).status(),
              Refuses(StatusCode::kInvalidArgument, "page_token"));
  v1::ListAgenciesRequest other;
  other.set_page_token(page.next_page_token());
  EXPECT_THAT(server.As("admin.council").Call(&v1::DirectoryService::Stub::ListAgencies, other).status(),
              Refuses(StatusCode::kInvalidArgument, "page_token"));
}

TEST(GateTest, PagesOfOneGiveEveryRecordOnce) {
  ServerFixture& server = ServerFixture::Shared();
  const Client& admin = server.As("admin.council");
  v1::ListAccountsRequest request;
  request.set_page_size(100);
  ASSERT_OK_AND_ASSIGN(const v1::ListAccountsResponse whole,
                       admin.Call(&v1::DirectoryService::Stub::ListAccounts, request));
  request.set_page_size(1);
  std::vector<std::string> walked;
  do {
    ASSERT_OK_AND_ASSIGN(const v1::ListAccountsResponse page,
                         admin.Call(&v1::DirectoryService::Stub::ListAccounts, request));
    for (const v1::Account& account : page.accounts()) walked.push_back(account.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::vector<std::string> expected;
  for (const v1::Account& account : whole.accounts()) expected.push_back(account.name());
  EXPECT_EQ(walked, expected);
}

TEST(GateTest, APageEndsBeforeItOutgrowsAMessage) {
  ServerFixture& server = ServerFixture::Shared();
  server.AddAccount("writer.police", "police", {v1::ROLE_REFERRER});
  const Client& writer = server.As("writer.police");
  constexpr size_t kMessageBytes = 1 << 20;
  const std::string longest(4'000, 'x');
  v1::SaveDraftRequest draft;
  draft.set_parent(ServerFixture::kArea);
  v1::Referral& referral = *draft.mutable_referral();
  referral.mutable_reason()->set_narrative(std::string(10'000, 'x'));
  referral.mutable_reason()->set_why_now(longest);
  referral.mutable_victim_voice()->set_not_aware_reason(longest);
  for (v1::Text* text : {referral.mutable_reason()->mutable_orders_and_references(),
                         referral.mutable_reason()->mutable_protection_in_place(),
                         referral.mutable_victim_voice()->mutable_fears(),
                         referral.mutable_victim_voice()->mutable_safe_to_talk_to(),
                         referral.mutable_victim_voice()->mutable_wants()}) {
    text->set_value(longest);
  }
  std::set<std::string> saved;
  for (int i = 0; i < 30; ++i) {
    draft.set_request_id(NewUuid());
    ASSERT_OK_AND_ASSIGN(const v1::Referral kept, writer.Call(&v1::ReferralService::Stub::SaveDraft, draft));
    saved.insert(kept.name());
  }
  ASSERT_GT(saved.size() * referral.ByteSizeLong(), kMessageBytes);

  v1::ListReferralsRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_mine(true);
  request.set_page_size(100);
  std::set<std::string> listed;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const v1::ListReferralsResponse page,
                         writer.Call(&v1::ReferralService::Stub::ListReferrals, request));
    EXPECT_LT(page.ByteSizeLong(), kMessageBytes);
    EXPECT_GT(page.referrals_size(), 0);
    for (const v1::Referral& one : page.referrals()) EXPECT_TRUE(listed.insert(one.name()).second);
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, saved);
  EXPECT_EQ(pages, 3);
}

TEST(GateTest, EveryAnswerAndEveryRefusalLeavesOneEvent) {
  ServerFixture& server = ServerFixture::Shared();
  const Client& person = server.As("representative.health");
  const auto before = server.host().database().Head().sequence;
  EXPECT_OK(person.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
  EXPECT_FALSE(person.Call(&v1::DirectoryService::Stub::ListPrograms, v1::ListProgramsRequest()).ok());
  EXPECT_FALSE(server.Nobody().Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).ok());
  EXPECT_EQ(server.host().database().Head().sequence, before + 3);
}

TEST(GateTest, WhatWasAnsweredIsThereAfterARestartAndTheSessionToo) {
  ServerFixture server;
  const Client person = server.SignIn("referrer.police");
  ASSERT_OK_AND_ASSIGN(const v1::Assessment made,
                       person.Call(&v1::AssessmentService::Stub::StartAssessment, NewAssessment()));
  server.Restart();
  const Client after(server.Channel(&server.web()), person.token(), person.account());
  v1::GetAssessmentRequest request;
  request.set_name(made.name());
  ASSERT_OK_AND_ASSIGN(const v1::Assessment read,
                       after.Call(&v1::AssessmentService::Stub::GetAssessment, request));
  EXPECT_EQ(read.SerializeAsString(), made.SerializeAsString());
}

// What was remembered of its use was in memory, and every session was open again after a restart.
TEST(GateTest, ARestartOpensNoSessionThatWasLocked) {
  MovedClock clock;
  ServerFixture server(&clock);
  const Client idle = server.SignIn("referrer.police");
  clock.offset += absl::Minutes(15);
  server.Restart();
  const Client after(server.Channel(&server.web()), idle.token(), idle.account());
  EXPECT_EQ(
      domain::DetailOf(after.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).status())
          .reason(),
      "SESSION_LOCKED");
}

// A slow disk: the call is told to come again, and the commit succeeds afterwards.
TEST(GateTest, ARevocationThatWasAnsweredTooLateHolds) {
  ServerFixture server;
  const Client system = server.SystemOf("police");
  const Client& admin = server.As("admin.council");
  const v1::GetCallerRequest who;
  ASSERT_OK(system.Call(&v1::SessionService::Stub::GetCaller, who));
  v1::RevokeProgramRequest revoke;
  revoke.set_name(system.account());
  revoke.set_reason("The laptop was stolen");
  revoke.set_request_id(NewUuid());
  absl::Notification on_disk;
  server.host().database().ObserveAudit([&](uint64_t, std::string_view) { on_disk.WaitForNotification(); });
  const auto late = admin.Call(&v1::DirectoryService::Stub::RevokeProgram, revoke);
  on_disk.Notify();
  ASSERT_THAT(late, Refuses(StatusCode::kUnavailable, "the same request_id"));
  EXPECT_THAT(system.Call(&v1::SessionService::Stub::GetCaller, who),
              Refuses(StatusCode::kUnauthenticated, "not enrolled"));
  ASSERT_OK_AND_ASSIGN(const v1::Program revoked,
                       admin.Call(&v1::DirectoryService::Stub::RevokeProgram, revoke));
  EXPECT_TRUE(revoked.revoked());
}

TEST(GateTest, ASessionLocksAfterTheIdleTimeAndEndsAfterEightHours) {
  MovedClock clock;
  ServerFixture server(&clock);
  const auto who = [](const Client& client) {
    return client.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).status();
  };
  const Client idle = server.SignIn("referrer.police");
  EXPECT_OK(who(idle));
  clock.offset += absl::Minutes(14) + absl::Seconds(50);
  EXPECT_OK(who(idle));
  clock.offset += absl::Minutes(15);
  EXPECT_EQ(domain::DetailOf(who(idle)).reason(), "SESSION_LOCKED");

  const Client busy = server.SignIn("referrer.housing");
  for (int i = 0; i < 47; ++i) {
    clock.offset += absl::Minutes(10);
    ASSERT_OK(who(busy));
  }
  clock.offset += absl::Minutes(10);
  EXPECT_EQ(domain::DetailOf(who(busy)).reason(), "SESSION_ENDED");
}

}  // namespace
}  // namespace marac::testing
