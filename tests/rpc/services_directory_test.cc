// The services directory through a real server (decisions 33): who keeps it, who reads it, how an entry ages,
// and how a declined referral names one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "tests/support/complete_referral.h"
#include "tests/support/complete_service.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using Directory = v1::DirectoryService::Stub;
using Referrals = v1::ReferralService::Stub;
using ::testing::IsEmpty;

constexpr char kFarAway[] = "areas/faraway";

// A server of its own, because its clock goes on. admin.faraway is ADMIN of areas/faraway alone.
class ServicesDirectoryServiceTest : public ::testing::Test {
 protected:
  static ServerFixture& Server() {
    static ServerFixture& server = *[] {
      auto* made = new ServerFixture;
      made->AddArea("faraway", {"housing"});
      made->AddAccount("admin.faraway", "housing", {v1::ROLE_ADMIN}, kFarAway);
      return made;
    }();
    return server;
  }
  static const Client& Coordinator() { return Server().As("coordinator.council"); }
  static const Client& Admin() { return Server().As("admin.council"); }
  static const Client& Referrer() { return Server().As("referrer.police"); }

  static v1::SupportService Complete() { return CompleteService(domain::DateOf(Server().Now())); }

  static absl::StatusOr<v1::SupportService> Create(const Client& by, const v1::SupportService& service,
                                                   const char* area = ServerFixture::kArea,
                                                   const std::string& request_id = "") {
    v1::CreateServiceRequest request;
    request.set_parent(area);
    *request.mutable_service() = service;
    request.set_request_id(request_id);
    return by.Call(&Directory::CreateService, request);
  }
  static absl::StatusOr<v1::SupportService> Update(const Client& by, const v1::SupportService& service) {
    v1::UpdateServiceRequest request;
    *request.mutable_service() = service;
    return by.Call(&Directory::UpdateService, request);
  }
  static absl::StatusOr<v1::SupportService> Get(const Client& by, const std::string& name) {
    v1::GetServiceRequest request;
    request.set_name(name);
    return by.Call(&Directory::GetService, request);
  }
  // Names of those that are listed.
  static std::vector<std::string> Listed(const Client& by, v1::ListServicesRequest request = {}) {
    request.set_parent(ServerFixture::kArea);
    request.set_page_size(100);
    const auto page = by.Call(&Directory::ListServices, request);
    EXPECT_OK(page);
    std::vector<std::string> names;
    if (page.ok()) {
      for (const v1::SupportService& service : page->services()) names.push_back(service.name());
    }
    return names;
  }
  static bool IsListed(const std::string& name, const v1::ListServicesRequest& request = {}) {
    return std::ranges::count(Listed(Referrer(), request), name) == 1;
  }

  static v1::Referral Send() {
    v1::SaveDraftRequest draft;
    draft.set_parent(ServerFixture::kArea);
    *draft.mutable_referral() = CompleteReferral();
    *draft.mutable_safe_contact() = CompleteSafeContact();
    const auto saved = Referrer().Call(&Referrals::SaveDraft, draft);
    EXPECT_OK(saved);
    v1::SubmitReferralRequest submit;
    submit.set_name(saved->name());
    submit.set_etag(saved->etag());
    const auto sent = Referrer().Call(&Referrals::SubmitReferral, submit);
    EXPECT_OK(sent);
    return *sent;
  }
  static absl::StatusOr<v1::Referral> Decline(const std::string& referral, const std::string& service,
                                              const std::string& words = "") {
    v1::GetReferralRequest get;
    get.set_name(referral);
    v1::DeclineReferralRequest request;
    request.set_name(referral);
    request.set_etag(Coordinator().Call(&Referrals::GetReferral, get)->etag());
    request.set_reasons("standard risk");
    request.set_signpost(words);
    request.set_service(service);
    return Coordinator().Call(&Referrals::DeclineReferral, request);
  }
};

TEST_F(ServicesDirectoryServiceTest, TheAdministratorAndTheCoordinatorKeepIt) {
  for (const Client* by : {&Admin(), &Coordinator()}) {
    ASSERT_OK_AND_ASSIGN(v1::SupportService service, Create(*by, Complete()));
    EXPECT_TRUE(service.name().starts_with("areas/test/services/")) << service.name();
    service.set_hours("weekdays");
    ASSERT_OK_AND_ASSIGN(service, Update(*by, service));
    EXPECT_EQ(service.hours(), "weekdays");
  }
  for (const char* login : {"referrer.police", "idva.idva", "chair.police", "supervisor.police",
                            "representative.housing", "minutes.council", "auditor.council"}) {
    EXPECT_THAT(Create(Server().As(login), Complete()).status(),
                Refuses(StatusCode::kPermissionDenied, "your role"))
        << login;
  }
}

TEST_F(ServicesDirectoryServiceTest, EverybodyOfTheAreaReadsIt) {
  ASSERT_OK_AND_ASSIGN(const v1::SupportService service, Create(Coordinator(), Complete()));
  for (const char* login : {"referrer.police", "steering.council", "auditor.council", "privacy.police"}) {
    ASSERT_OK_AND_ASSIGN(const v1::SupportService read, Get(Server().As(login), service.name()));
    EXPECT_EQ(read.SerializeAsString(), service.SerializeAsString()) << login;
    EXPECT_EQ(std::ranges::count(Listed(Server().As(login)), service.name()), 1) << login;
  }
  EXPECT_OK(Get(Server().SystemOf("housing"), service.name()));
}

TEST_F(ServicesDirectoryServiceTest, AnotherAreasPeopleMeetNothingOfIt) {
  ASSERT_OK_AND_ASSIGN(v1::SupportService service, Create(Coordinator(), Complete()));
  const Client& stranger = Server().As("admin.faraway");
  EXPECT_THAT(Get(stranger, service.name()).status(), Refuses(StatusCode::kNotFound, service.name()));
  EXPECT_THAT(Update(stranger, service).status(), Refuses(StatusCode::kNotFound, service.name()));
  EXPECT_THAT(Create(stranger, Complete()).status(), Refuses(StatusCode::kNotFound, ServerFixture::kArea));
  EXPECT_THAT(Listed(stranger), IsEmpty());
  // Nor does theirs stand in this area's list.
  ASSERT_OK_AND_ASSIGN(const v1::SupportService theirs, Create(stranger, Complete(), kFarAway));
  EXPECT_FALSE(IsListed(theirs.name()));
}

TEST_F(ServicesDirectoryServiceTest, AnEntryThatIsNotCompleteIsNotKept) {
  v1::SupportService service = Complete();
  service.clear_numbers();
  EXPECT_THAT(Create(Coordinator(), service).status(),
              Refuses(StatusCode::kInvalidArgument, "service.numbers"));
  ASSERT_OK_AND_ASSIGN(service, Create(Coordinator(), Complete()));
  service.mutable_verified_day()->set_month(2);
  service.mutable_verified_day()->set_day(31);
  EXPECT_THAT(Update(Coordinator(), service).status(),
              Refuses(StatusCode::kInvalidArgument, "service.verified_day"));
  EXPECT_OK(Get(Referrer(), service.name()));
}

TEST_F(ServicesDirectoryServiceTest, ARepeatedRequestAddsNoSecondEntry) {
  constexpr char kRequest[] = "11111111-2222-4333-8444-555555555555";
  const v1::SupportService service = Complete();
  ASSERT_OK_AND_ASSIGN(const v1::SupportService first,
                       Create(Coordinator(), service, ServerFixture::kArea, kRequest));
  ASSERT_OK_AND_ASSIGN(const v1::SupportService again,
                       Create(Coordinator(), service, ServerFixture::kArea, kRequest));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
}

TEST_F(ServicesDirectoryServiceTest, ASecondHandIsToldThatTheEntryChanged) {
  ASSERT_OK_AND_ASSIGN(v1::SupportService service, Create(Coordinator(), Complete()));
  v1::SupportService mine = service;
  mine.set_hours("mine");
  ASSERT_OK(Update(Coordinator(), mine));
  service.set_hours("theirs");
  EXPECT_EQ(Update(Admin(), service).status().code(), StatusCode::kAborted);
  EXPECT_EQ(Get(Referrer(), service.name())->hours(), "mine");
}

TEST_F(ServicesDirectoryServiceTest, OnlyWhatSuitsIsListed) {
  v1::SupportService men = Complete();
  men.mutable_eligibility()->clear_genders();
  men.mutable_eligibility()->add_genders(v1::SERVICE_GENDER_MEN);
  ASSERT_OK_AND_ASSIGN(men, Create(Coordinator(), men));
  ASSERT_OK_AND_ASSIGN(const v1::SupportService women, Create(Coordinator(), Complete()));
  v1::ListServicesRequest request;
  request.set_gender(v1::SERVICE_GENDER_MEN);
  EXPECT_TRUE(IsListed(men.name(), request));
  EXPECT_FALSE(IsListed(women.name(), request));
  request.Clear();
  request.set_age(12);
  EXPECT_FALSE(IsListed(men.name(), request));
}

TEST_F(ServicesDirectoryServiceTest, APageIsFullWhileThereAreMoreThatSuit) {
  v1::SupportService rare = Complete();
  rare.mutable_eligibility()->set_age_max(130);
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(Create(Coordinator(), rare));
    ASSERT_OK(Create(Coordinator(), Complete()));
  }
  v1::ListServicesRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_age(101);
  request.set_page_size(1);
  int found = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const v1::ListServicesResponse page,
                         Referrer().Call(&Directory::ListServices, request));
    ASSERT_TRUE(page.services_size() == 1 || page.next_page_token().empty());
    found += page.services_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(found, 3);
}

TEST_F(ServicesDirectoryServiceTest, ARetiredServiceIsOfferedToNobodyAndCanStillBeRead) {
  ASSERT_OK_AND_ASSIGN(v1::SupportService service, Create(Coordinator(), Complete()));
  service.set_retired(true);
  ASSERT_OK_AND_ASSIGN(service, Update(Coordinator(), service));
  EXPECT_FALSE(IsListed(service.name()));
  v1::ListServicesRequest all;
  all.set_include_retired(true);
  EXPECT_TRUE(IsListed(service.name(), all));
  EXPECT_TRUE(Get(Referrer(), service.name())->retired());
  EXPECT_THAT(Decline(Send().name(), service.name()).status(),
              Refuses(StatusCode::kInvalidArgument, "service: this service was retired"));
  service.set_retired(false);
  ASSERT_OK(Update(Coordinator(), service));
  EXPECT_TRUE(IsListed(service.name()));
}

TEST_F(ServicesDirectoryServiceTest, ADeclinedReferralNamesAServiceThatItsAuthorCanRead) {
  ASSERT_OK_AND_ASSIGN(const v1::SupportService service, Create(Coordinator(), Complete()));
  const v1::Referral sent = Send();
  EXPECT_THAT(Decline(sent.name(), "").status(), Refuses(StatusCode::kInvalidArgument, "signpost"));
  EXPECT_THAT(Decline(sent.name(), service.name() + "0").status(),
              Refuses(StatusCode::kNotFound, service.name() + "0"));
  ASSERT_OK(Decline(sent.name(), service.name()));
  v1::GetReferralRequest get;
  get.set_name(sent.name());
  ASSERT_OK_AND_ASSIGN(const v1::Referral declined, Referrer().Call(&Referrals::GetReferral, get));
  EXPECT_EQ(declined.triage().service(), service.name());
  EXPECT_EQ(declined.triage().signpost(), "");
  EXPECT_EQ(Get(Referrer(), declined.triage().service())->display_name(), "Lantern helpline");
}

// A coordinator of two areas could have named a service that nobody of this one can read.
TEST_F(ServicesDirectoryServiceTest, ADeclinedReferralNamesNoServiceOfAnotherArea) {
  v1::Account both = Server().AddAccount("both.housing", "housing", {v1::ROLE_COORDINATOR});
  v1::RoleGrant& grant = *both.add_roles();
  grant.set_area(kFarAway);
  grant.set_role(v1::ROLE_COORDINATOR);
  v1::UpdateAccountRequest update;
  *update.mutable_account() = both;
  ASSERT_OK_AND_ASSIGN(both, Admin().Call(&Directory::UpdateAccount, update));
  Server().Approve(both);
  const Client client = Server().SignIn("both.housing");
  ASSERT_OK_AND_ASSIGN(const v1::SupportService far, Create(client, Complete(), kFarAway));
  const v1::Referral sent = Send();
  v1::GetReferralRequest get;
  get.set_name(sent.name());
  v1::DeclineReferralRequest request;
  request.set_name(sent.name());
  request.set_etag(client.Call(&Referrals::GetReferral, get)->etag());
  request.set_reasons("standard risk");
  request.set_service(far.name());
  EXPECT_THAT(client.Call(&Referrals::DeclineReferral, request).status(),
              Refuses(StatusCode::kInvalidArgument, "service: name a service of this referral's area"));
}

// Last, because the clock only goes on.
TEST_F(ServicesDirectoryServiceTest, TimeAloneMakesAnEntrySayThatItWasNotVerified) {
  ASSERT_OK_AND_ASSIGN(v1::SupportService service, Create(Coordinator(), Complete()));
  EXPECT_FALSE(service.review_overdue());
  const auto review = domain::LocalDate::FromDay(service.review_day(), "review_day");
  Server().AdvanceTo(domain::DeadlineAt(*review, domain::ClockTime::EndOfDay()));
  EXPECT_FALSE(Get(Referrer(), service.name())->review_overdue()) << "on the day itself";
  Server().AdvanceTo(domain::DeadlineAt(review->AddDays(1), domain::ClockTime::Noon()));
  EXPECT_TRUE(Get(Referrer(), service.name())->review_overdue());
  v1::ListServicesRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_page_size(100);
  ASSERT_OK_AND_ASSIGN(const v1::ListServicesResponse page,
                       Referrer().Call(&Directory::ListServices, request));
  const auto listed = std::ranges::find(page.services(), service.name(), &v1::SupportService::name);
  ASSERT_NE(listed, page.services().end());
  EXPECT_TRUE(listed->review_overdue());
  // Verified anew, it says so no more.
  service = Complete();
  service.set_name(listed->name());
  service.set_etag(listed->etag());
  ASSERT_OK_AND_ASSIGN(service, Update(Coordinator(), service));
  EXPECT_FALSE(service.review_overdue());
}

}  // namespace
}  // namespace marac::testing
