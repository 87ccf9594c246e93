// The directory through a real server: whom an administrator may change, and which certificate is whose.
#include <gtest/gtest.h>

#include <filesystem>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "rpc/setup.h"
#include "tests/support/moved_clock.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using Directory = v1::DirectoryService::Stub;

constexpr char kOther[] = "areas/other";

// areas/test; areas/other, where housing is a member too; admin.other of housing is ADMIN of areas/other
// alone, admin.test of housing of areas/test alone.
class DirectoryServiceTest : public ::testing::Test {
 protected:
  static ServerFixture& Server() {
    static ServerFixture& server = [&]() -> ServerFixture& {
      ServerFixture& shared = ServerFixture::Shared();
      shared.AddArea("other", {"housing"});
      shared.AddAccount("admin.other", "housing", {v1::ROLE_ADMIN}, kOther);
      shared.AddAccount("admin.test", "housing", {v1::ROLE_ADMIN});
      return shared;
    }();
    return server;
  }
  static const Client& AdminOfOther() { return Server().As("admin.other"); }
  static const Client& AdminOfTest() { return Server().As("admin.test"); }

  static v1::CreateAccountRequest NewAccount(const std::string& login, const std::string& agency,
                                             const char* area, v1::Role role) {
    v1::CreateAccountRequest request;
    request.mutable_account()->set_login(login);
    request.mutable_account()->set_display_name("Somebody");
    request.mutable_account()->set_agency(agency);
    v1::RoleGrant& grant = *request.mutable_account()->add_roles();
    grant.set_area(area);
    grant.set_role(role);
    request.set_password(ServerFixture::kPassword);
    return request;
  }

  static v1::Account Self(const Client& client) {
    const auto caller = client.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest());
    return caller.ok() ? caller->account() : v1::Account();
  }

  static absl::StatusOr<v1::Account> Update(const Client& by, const v1::Account& account) {
    v1::UpdateAccountRequest request;
    *request.mutable_account() = account;
    return by.Call(&Directory::UpdateAccount, request);
  }

  static v1::Account With(v1::Account account, v1::Role role) {
    v1::RoleGrant& grant = *account.add_roles();
    grant.set_area(ServerFixture::kArea);
    grant.set_role(role);
    return account;
  }

  static v1::Day DayOf(int year, int month, int day) {
    return domain::LocalDate::FromCivil(absl::CivilDay(year, month, day)).ToDay();
  }

  static absl::StatusOr<v1::Account> Approve(const Client& by, const v1::Account& account) {
    v1::ApproveRolesRequest request;
    request.set_name(account.name());
    request.set_etag(account.etag());
    return by.Call(&Directory::ApproveRoles, request);
  }

  // A new certificate, signed by the installation's authority.
  static std::string Issue(const std::string& word) {
    const auto pem = rpc::IssueProgramCertificate(Server().folder(), "marac.test", "police", word);
    return pem.ok() ? *pem : "";
  }

  static absl::StatusOr<v1::Program> Enrol(const Client& by, const std::string& pem, v1::ProgramKind kind,
                                           const std::string& agency, const std::string& name = "") {
    v1::EnrolProgramRequest request;
    request.mutable_program()->set_name(name);
    request.mutable_program()->set_kind(kind);
    request.mutable_program()->set_agency(agency);
    request.mutable_program()->set_display_name("A program");
    request.set_certificate_pem(pem);
    return by.Call(&Directory::EnrolProgram, request);
  }

  static absl::Status Revoke(const Client& by, const std::string& name) {
    v1::RevokeProgramRequest request;
    request.set_name(name);
    request.set_reason("Lost");
    return by.Call(&Directory::RevokeProgram, request).status();
  }

  // Whether a connection that shows this program's certificate is served.
  static bool IsServed(const std::string& word) {
    const std::string base = Server().folder() + "/programs/" + word;
    const auto identity = pki::ReadIdentity(base + ".key", base + ".pem");
    if (!identity.ok()) return false;
    v1::SignInRequest request;
    request.set_login("chair.police");
    request.set_password(ServerFixture::kPassword);
    return Client(Server().Channel(&*identity), "", "").Call(&v1::SessionService::Stub::SignIn, request).ok();
  }
};

TEST_F(DirectoryServiceTest, AnAdministratorOfAnotherAreaMakesNobodyHere) {
  // Of an agency that is no member there.
  EXPECT_THAT(AdminOfOther()
                  .Call(&Directory::CreateAccount,
                        NewAccount("intruder.police", "agencies/police", kOther, v1::ROLE_REFERRER))
                  .status(),
              Refuses(StatusCode::kNotFound, "'agencies/police': not found, or not open to you"));
  // With a role here.
  EXPECT_THAT(AdminOfOther()
                  .Call(&Directory::CreateAccount, NewAccount("intruder.housing", "agencies/housing",
                                                              ServerFixture::kArea, v1::ROLE_COORDINATOR))
                  .status(),
              Refuses(StatusCode::kNotFound, "'areas/test': not found, or not open to you"));
  EXPECT_OK(AdminOfOther().Call(&Directory::CreateAccount,
                                NewAccount("new.housing", "agencies/housing", kOther, v1::ROLE_COORDINATOR)));
}

TEST_F(DirectoryServiceTest, AnAdministratorOfAnotherAreaChangesNobodyHere) {
  v1::Account account = Server().AddAccount("target.police", "police", {v1::ROLE_REFERRER});
  account.set_suspended(true);
  EXPECT_THAT(Update(AdminOfOther(), account), Refuses(StatusCode::kNotFound, account.name()));
  // Nor does one of the same area and another agency; the council runs it.
  EXPECT_THAT(Update(AdminOfTest(), account), Refuses(StatusCode::kNotFound, account.name()));
  EXPECT_OK(Update(Server().As("admin.council"), account));
}

// Security.md 1, threat 11.
TEST_F(DirectoryServiceTest, AnAdministratorMakesPeopleOfTheirOwnAgencyAlone) {
  EXPECT_THAT(AdminOfTest()
                  .Call(&Directory::CreateAccount, NewAccount("intruder2.police", "agencies/police",
                                                              ServerFixture::kArea, v1::ROLE_REFERRER))
                  .status(),
              Refuses(StatusCode::kNotFound, "'agencies/police': not found, or not open to you"));
  EXPECT_OK(AdminOfTest().Call(
      &Directory::CreateAccount,
      NewAccount("new2.housing", "agencies/housing", ServerFixture::kArea, v1::ROLE_REFERRER)));
}

TEST_F(DirectoryServiceTest, EachAdministratorChangesTheRolesOfTheirOwnAreaOnly) {
  v1::Account account = Server().AddAccount("both.housing", "housing", {v1::ROLE_REFERRER});
  v1::RoleGrant& grant = *account.add_roles();
  grant.set_area(kOther);
  grant.set_role(v1::ROLE_CHAIR);
  EXPECT_THAT(Update(AdminOfTest(), account), Refuses(StatusCode::kNotFound, kOther));
  ASSERT_OK_AND_ASSIGN(account, Update(AdminOfOther(), account));
  account = Server().Approve(account);
  ASSERT_EQ(account.roles_size(), 2);
  account.mutable_roles()->DeleteSubrange(0, 1);
  EXPECT_THAT(Update(AdminOfOther(), account), Refuses(StatusCode::kNotFound, ServerFixture::kArea));
  EXPECT_OK(Update(AdminOfTest(), account));
}

TEST_F(DirectoryServiceTest, NobodyGivesARoleToThemselves) {
  v1::Account account = Self(AdminOfTest());
  v1::RoleGrant& grant = *account.add_roles();
  grant.set_area(ServerFixture::kArea);
  grant.set_role(v1::ROLE_COORDINATOR);
  const absl::Status refusal = Update(AdminOfTest(), account).status();
  EXPECT_THAT(refusal, Refuses(StatusCode::kFailedPrecondition, "nobody gives a role to themselves"));
  EXPECT_EQ(domain::DetailOf(refusal).field_violations(0).field(), "account.roles[1]");
  EXPECT_OK(Update(Server().As("admin.council"), account));
}

// From then on nobody could have changed anything in the area.
TEST_F(DirectoryServiceTest, TheLastAdministratorStays) {
  ServerFixture server;
  const Client& only = server.As("admin.council");
  v1::Account second = Self(server.As("admin2.council"));
  second.set_suspended(true);
  ASSERT_OK_AND_ASSIGN(second, Update(only, second));
  v1::Account account = Self(only);
  account.set_suspended(true);
  const absl::Status suspended = Update(only, account).status();
  EXPECT_THAT(suspended, Refuses(StatusCode::kFailedPrecondition, "would have no administrator"));
  EXPECT_EQ(domain::DetailOf(suspended).reason(), "LAST_ADMINISTRATOR");
  account.set_suspended(false);
  *account.mutable_roles(0)->mutable_to() = DayOf(2020, 1, 1);
  EXPECT_THAT(Update(only, account), Refuses(StatusCode::kFailedPrecondition, "would have no administrator"));
  account = Self(only);
  account.set_display_name("Another name");
  EXPECT_OK(Update(only, account)) << "anything else may change";

  // Nor is there a first administrator again once there have been two.
  EXPECT_EQ(Update(only, With(Self(server.As("chair.police")), v1::ROLE_ADMIN))->pending_roles_size(), 1);

  second.set_suspended(false);
  ASSERT_OK(Update(only, second));
  account = Self(only);
  account.set_suspended(true);
  EXPECT_OK(Update(server.SignIn("admin2.council"), account));
}

TEST_F(DirectoryServiceTest, AnAdministratorIsNeverTakenOffTheRecord) {
  v1::Account account = Self(AdminOfTest());
  account.clear_roles();
  EXPECT_THAT(Update(Server().As("admin.council"), account),
              Refuses(StatusCode::kFailedPrecondition, "stays on record"));
}

// Threat 11: the two-person flow, and on the next call what it gives.
TEST_F(DirectoryServiceTest, APowerfulRoleTakesASecondAdministrator) {
  v1::Account account = Server().AddAccount("rises.housing", "housing", {v1::ROLE_REFERRER});
  const Client person = Server().SignIn("rises.housing");
  const auto may_read_the_log = [&] {
    v1::ListEventsRequest request;
    request.set_parent(ServerFixture::kArea);
    return person.Call(&v1::AuditService::Stub::ListEvents, request).status();
  };
  ASSERT_OK_AND_ASSIGN(account, Update(AdminOfTest(), With(account, v1::ROLE_AUDITOR)));
  EXPECT_EQ(account.roles_size(), 1);
  ASSERT_EQ(account.pending_roles_size(), 1);
  EXPECT_EQ(account.pending_roles(0).asked_by(), AdminOfTest().account());
  EXPECT_THAT(may_read_the_log(), Refuses(StatusCode::kPermissionDenied, "your role"));

  const absl::Status own = Approve(AdminOfTest(), account).status();
  EXPECT_EQ(domain::DetailOf(own).reason(), "OWN_WISH");
  EXPECT_THAT(Approve(AdminOfOther(), account), Refuses(StatusCode::kNotFound, account.name()));
  EXPECT_THAT(Approve(Server().As("chair.police"), account), Refuses(StatusCode::kPermissionDenied, "role"));
  EXPECT_THAT(may_read_the_log(), Refuses(StatusCode::kPermissionDenied, "your role"));
  v1::Account stale = account;
  stale.set_etag("stale");
  EXPECT_THAT(Approve(Server().As("admin.council"), stale), Refuses(StatusCode::kAborted, "changed"));

  ASSERT_OK_AND_ASSIGN(account, Approve(Server().As("admin.council"), account));
  EXPECT_EQ(account.roles_size(), 2);
  EXPECT_TRUE(account.pending_roles().empty());
  EXPECT_OK(may_read_the_log()) << "on the next call of the session that is open";

  // Taken again by one alone, and on the next call.
  account.mutable_roles()->RemoveLast();
  ASSERT_OK_AND_ASSIGN(account, Update(AdminOfTest(), account));
  EXPECT_THAT(may_read_the_log(), Refuses(StatusCode::kPermissionDenied, "your role"));
}

TEST_F(DirectoryServiceTest, WhatWaitsIsRefusedAndGone) {
  v1::CreateAccountRequest request =
      NewAccount("waits.housing", "agencies/housing", ServerFixture::kArea, v1::ROLE_CHAIR);
  ASSERT_OK_AND_ASSIGN(v1::Account account, AdminOfTest().Call(&Directory::CreateAccount, request));
  EXPECT_TRUE(account.roles().empty());
  v1::RefuseRolesRequest refuse;
  refuse.set_name(account.name());
  refuse.set_etag(account.etag());
  ASSERT_OK_AND_ASSIGN(account, Server().As("admin.council").Call(&Directory::RefuseRoles, refuse));
  EXPECT_TRUE(account.pending_roles().empty());
  EXPECT_THAT(Approve(Server().As("admin.council"), account),
              Refuses(StatusCode::kFailedPrecondition, "no role of this person waits"));
}

// A person sees it the day it begins and loses it the day after it ends, in a session that goes on.
TEST_F(DirectoryServiceTest, CoverBeginsAndEndsAtMidnightInARunningSession) {
  MovedClock clock;
  ServerFixture server(&clock);
  const auto at = [&](absl::CivilDay day, int hour, int minute) {
    clock.offset += absl::FromCivil(absl::CivilMinute(day.year(), day.month(), day.day(), hour, minute),
                                    domain::London()) -
                    clock.Now();
  };
  const absl::CivilDay today = absl::ToCivilDay(clock.Now(), domain::London());
  const auto may_take_minutes = [](const Client& person) {
    v1::ListMeetingsRequest request;
    request.set_parent(ServerFixture::kArea);
    return person.Call(&v1::MeetingService::Stub::ListMeetings, request).status().code();
  };
  v1::Account account = server.AddAccount("cover.council", "council", {v1::ROLE_STEERING_GROUP});
  v1::RoleGrant& cover = *account.add_roles();
  cover.set_area(ServerFixture::kArea);
  cover.set_role(v1::ROLE_MINUTE_TAKER);
  for (v1::Day* day : {cover.mutable_from(), cover.mutable_to()}) {
    *day = domain::LocalDate::FromCivil(today + 2).ToDay();
  }
  cover.set_cover_for(Self(server.As("chair.police")).name());
  const absl::Status not_hers = Update(server.As("admin.council"), account).status();
  EXPECT_THAT(not_hers, Refuses(StatusCode::kInvalidArgument, "account.roles[1].cover_for"));
  account.mutable_roles(1)->set_cover_for(Self(server.As("minutes.council")).name());
  ASSERT_OK(Update(server.As("admin.council"), account));

  at(today + 1, 23, 59);
  const Client before = server.SignIn("cover.council");
  EXPECT_EQ(may_take_minutes(before), StatusCode::kPermissionDenied);
  at(today + 2, 0, 0);
  EXPECT_EQ(may_take_minutes(before), StatusCode::kOk);
  at(today + 2, 23, 59);
  const Client after = server.SignIn("cover.council");
  EXPECT_EQ(may_take_minutes(after), StatusCode::kOk);
  at(today + 3, 0, 0);
  EXPECT_EQ(may_take_minutes(after), StatusCode::kPermissionDenied);
}

// Whoever was not of the area took up room on the page, and left it short or empty.
TEST_F(DirectoryServiceTest, APageIsFullWhileThereAreMoreOfTheArea) {
  Server().AddAccount("second.other", "housing", {v1::ROLE_CHAIR}, kOther);
  v1::ListAccountsRequest accounts;
  accounts.set_parent(kOther);
  accounts.set_page_size(1);
  int people = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const v1::ListAccountsResponse page,
                         AdminOfOther().Call(&Directory::ListAccounts, accounts));
    // Behind the last one there may be others to look through.
    ASSERT_TRUE(page.accounts_size() == 1 || page.next_page_token().empty()) << people;
    people += page.accounts_size();
    accounts.set_page_token(page.next_page_token());
  } while (!accounts.page_token().empty());
  EXPECT_GE(people, 3);

  v1::ListAgenciesRequest agencies;
  agencies.set_parent(kOther);
  agencies.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const v1::ListAgenciesResponse page,
                       AdminOfOther().Call(&Directory::ListAgencies, agencies));
  ASSERT_EQ(page.agencies_size(), 1);
  EXPECT_EQ(page.agencies(0).name(), "agencies/housing");
}

TEST_F(DirectoryServiceTest, AnAgencyIsMadeAMemberOfTheAdministratorsAreasOnly) {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_name("agencies/newcomer");
  request.mutable_agency()->set_display_name("Newcomer");
  request.mutable_agency()->add_areas(kOther);
  request.mutable_agency()->add_areas(ServerFixture::kArea);
  EXPECT_THAT(AdminOfOther().Call(&Directory::CreateAgency, request).status(),
              Refuses(StatusCode::kNotFound, ServerFixture::kArea));
  EXPECT_OK(Server().As("admin.council").Call(&Directory::CreateAgency, request));
}

TEST_F(DirectoryServiceTest, ProgramsAreEnrolledAndRevokedByAdministratorsOfTheirAreas) {
  EXPECT_THAT(Enrol(AdminOfOther(), Issue("foreign"), v1::PROGRAM_KIND_CLI, "agencies/police"),
              Refuses(StatusCode::kNotFound, "agencies/police"));
  ASSERT_OK_AND_ASSIGN(const v1::Program cli,
                       Enrol(AdminOfTest(), Issue("local"), v1::PROGRAM_KIND_CLI, "agencies/police"));
  EXPECT_THAT(Enrol(AdminOfOther(), Issue("foreign-2"), v1::PROGRAM_KIND_CLI, "agencies/housing", cli.name()),
              Refuses(StatusCode::kNotFound, cli.name()));
  EXPECT_THAT(Revoke(AdminOfOther(), cli.name()), Refuses(StatusCode::kNotFound, cli.name()));
  EXPECT_TRUE(IsServed("local"));
  EXPECT_OK(Revoke(AdminOfTest(), cli.name()));
  EXPECT_FALSE(IsServed("local"));
}

TEST_F(DirectoryServiceTest, TheWebProgramTakesAnAdministratorOfEveryArea) {
  EXPECT_THAT(Enrol(AdminOfOther(), Issue("web-2"), v1::PROGRAM_KIND_WEB, ""),
              Refuses(StatusCode::kPermissionDenied, "all of them"));
  EXPECT_THAT(Revoke(AdminOfOther(), "programs/web"), Refuses(StatusCode::kPermissionDenied, "all of them"));
  EXPECT_OK(Enrol(Server().As("admin.council"), Issue("web-3"), v1::PROGRAM_KIND_WEB, ""));
}

TEST_F(DirectoryServiceTest, ACertificateIsOneProgramsAlone) {
  const Client& admin = Server().As("admin.council");
  const std::string pem = Issue("one");
  ASSERT_OK_AND_ASSIGN(const v1::Program first, Enrol(admin, pem, v1::PROGRAM_KIND_CLI, "agencies/police"));
  const absl::Status refusal = Enrol(admin, pem, v1::PROGRAM_KIND_WEB, "").status();
  EXPECT_THAT(refusal, Refuses(StatusCode::kAlreadyExists, "certificate_pem: this certificate is enrolled"));
  EXPECT_EQ(domain::DetailOf(refusal).field_violations(0).field(), "certificate_pem");
  // A second time for the same program, it would push out the other.
  EXPECT_THAT(Enrol(admin, pem, v1::PROGRAM_KIND_CLI, "agencies/police", first.name()),
              Refuses(StatusCode::kAlreadyExists, "certificate_pem"));
  // And a key that was revoked does not come back under another name.
  ASSERT_OK(Revoke(admin, first.name()));
  EXPECT_THAT(Enrol(admin, pem, v1::PROGRAM_KIND_CLI, "agencies/police"),
              Refuses(StatusCode::kAlreadyExists, "certificate_pem"));
}

// marac.md 6 knows no line by which outsiders learn who works where.
TEST_F(DirectoryServiceTest, APartnersSystemSeesAreasAndAgenciesAndNobodysName) {
  const std::string pem = Issue("partner");
  ASSERT_OK(Enrol(Server().As("admin.council"), pem, v1::PROGRAM_KIND_PARTNER_SYSTEM, "agencies/police"));
  const std::string base = Server().folder() + "/programs/partner";
  ASSERT_OK_AND_ASSIGN(const pki::Identity identity, pki::ReadIdentity(base + ".key", base + ".pem"));
  const Client partner(Server().Channel(&identity), "", "");
  v1::GetAreaRequest area;
  area.set_name(ServerFixture::kArea);
  EXPECT_OK(partner.Call(&Directory::GetArea, area));
  ASSERT_OK_AND_ASSIGN(const v1::ListAgenciesResponse agencies,
                       partner.Call(&Directory::ListAgencies, v1::ListAgenciesRequest()));
  EXPECT_FALSE(agencies.agencies().empty());
  EXPECT_THAT(partner.Call(&Directory::ListAccounts, v1::ListAccountsRequest()).status(),
              Refuses(StatusCode::kPermissionDenied, "your role"));
  // The agency's own system works with its people.
  EXPECT_OK(Server().SystemOf("housing").Call(&Directory::ListAccounts, v1::ListAccountsRequest()));
}

TEST_F(DirectoryServiceTest, AThirdCertificateTakesThePlaceOfTheFirstAtOnce) {
  const Client& admin = Server().As("admin.council");
  ASSERT_OK_AND_ASSIGN(const v1::Program program,
                       Enrol(admin, Issue("renewed-1"), v1::PROGRAM_KIND_CLI, "agencies/police"));
  ASSERT_OK(Enrol(admin, Issue("renewed-2"), v1::PROGRAM_KIND_CLI, "agencies/police", program.name()));
  EXPECT_TRUE(IsServed("renewed-1"));
  EXPECT_TRUE(IsServed("renewed-2"));
  ASSERT_OK(Enrol(admin, Issue("renewed-3"), v1::PROGRAM_KIND_CLI, "agencies/police", program.name()));
  EXPECT_FALSE(IsServed("renewed-1"));
  EXPECT_TRUE(IsServed("renewed-2"));
  EXPECT_TRUE(IsServed("renewed-3"));
}

}  // namespace
}  // namespace marac::testing
