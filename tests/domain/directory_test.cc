// Whom an administrator may change (decisions 9, security.md threat 11).
#include "domain/directory.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "domain/errors.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using testing::Refuses;

constexpr char kHere[] = "areas/here";
constexpr char kThere[] = "areas/there";

// The agency that AdministratorOf is of runs both areas.
const AreaHosts kCouncilRuns = {{kHere, "agencies/council"}, {kThere, "agencies/council"}};

Caller AdministratorOf(std::string_view area) {
  return {.account = "accounts/admin",
          .agency = "agencies/council",
          .roles = {{.area = std::string(area), .role = v1::ROLE_ADMIN}}};
}

v1::Agency AgencyOf(const std::vector<std::string>& areas) {
  v1::Agency agency;
  agency.set_name("agencies/police");
  agency.set_display_name("Police");
  for (const std::string& area : areas) agency.add_areas(area);
  return agency;
}

v1::Account With(v1::Account account, const char* area, v1::Role role) {
  v1::RoleGrant& grant = *account.add_roles();
  grant.set_area(area);
  grant.set_role(role);
  return account;
}

v1::Account Somebody() {
  v1::Account account;
  account.set_name("accounts/somebody");
  return account;
}

v1::Day DayOf(int year, int month, int day) {
  v1::Day made;
  made.set_year(year);
  made.set_month(month);
  made.set_day(day);
  return made;
}

v1::Program ProgramOf(v1::ProgramKind kind) {
  v1::Program program;
  program.set_name("programs/p");
  program.set_kind(kind);
  return program;
}

TEST(DirectoryTest, WhoReadsTheLogIsNoAdministratorAsWell) {
  for (const v1::Role reader : {v1::ROLE_AUDITOR, v1::ROLE_PRIVACY_OFFICER}) {
    v1::Account account = With(Somebody(), kHere, reader);
    account.set_login("some.body");
    account.set_display_name("Some Body");
    account.set_agency("agencies/council");
    EXPECT_OK(CheckAccount(account));
    EXPECT_THAT(CheckAccount(With(account, kThere, v1::ROLE_ADMIN)),
                Refuses(StatusCode::kInvalidArgument, "account.roles: nobody is"));
  }
}

TEST(DirectoryTest, AnAdministratorAddsAgenciesToTheirOwnAreasOnly) {
  EXPECT_OK(MayAddAgency(AdministratorOf(kHere), AgencyOf({kHere})));
  EXPECT_THAT(MayAddAgency(AdministratorOf(kThere), AgencyOf({kHere})),
              Refuses(StatusCode::kNotFound, kHere));
  EXPECT_THAT(MayAddAgency(AdministratorOf(kHere), AgencyOf({kHere, kThere})),
              Refuses(StatusCode::kNotFound, kThere));
  EXPECT_THAT(MayAddAgency(AdministratorOf(kHere), AgencyOf({})),
              Refuses(StatusCode::kInvalidArgument, "agency.areas"));
}

TEST(DirectoryTest, AnAgencyIsChangedByAdministratorsOfItsAreas) {
  EXPECT_OK(MayAdminister(AdministratorOf(kHere), AgencyOf({kThere, kHere}), kCouncilRuns, "accounts/x"));
  const absl::Status refusal =
      MayAdminister(AdministratorOf(kHere), AgencyOf({kThere}), kCouncilRuns, "accounts/x");
  EXPECT_EQ(refusal, NotFoundOrNotOpen("accounts/x"));
  // A coordinator is no administrator, wherever.
  Caller coordinator = AdministratorOf(kHere);
  coordinator.roles[0].role = v1::ROLE_COORDINATOR;
  EXPECT_EQ(MayAdminister(coordinator, AgencyOf({kHere}), kCouncilRuns, "accounts/x"),
            NotFoundOrNotOpen("accounts/x"));
}

TEST(DirectoryTest, RolesAreGivenAndTakenWhereTheGiverIsAdministrator) {
  const v1::Agency agency = AgencyOf({kHere, kThere});
  const Caller here = AdministratorOf(kHere);
  const v1::Account nothing = Somebody();
  const v1::Account chair_there = With(Somebody(), kThere, v1::ROLE_CHAIR);
  EXPECT_OK(MayChangeRoles(here, agency, kCouncilRuns, nothing, With(nothing, kHere, v1::ROLE_CHAIR)));
  EXPECT_THAT(MayChangeRoles(here, agency, kCouncilRuns, nothing, chair_there),
              Refuses(StatusCode::kNotFound, kThere));
  EXPECT_THAT(MayChangeRoles(here, agency, kCouncilRuns, chair_there, nothing),
              Refuses(StatusCode::kNotFound, kThere));
  // What somebody holds elsewhere stays, while a role is added here.
  EXPECT_OK(
      MayChangeRoles(here, agency, kCouncilRuns, chair_there, With(chair_there, kHere, v1::ROLE_REFERRER)));
  // Another last day is another grant.
  v1::Account longer = chair_there;
  *longer.mutable_roles(0)->mutable_to() = DayOf(2099, 1, 1);
  EXPECT_THAT(MayChangeRoles(here, agency, kCouncilRuns, chair_there, longer),
              Refuses(StatusCode::kNotFound, kThere));
}

TEST(DirectoryTest, ARoleIsGivenToPeopleOfMembersOfTheArea) {
  const Caller here = AdministratorOf(kHere);
  const v1::Account chair = With(Somebody(), kHere, v1::ROLE_CHAIR);
  const absl::Status refusal = MayChangeRoles(here, AgencyOf({kThere}), kCouncilRuns, Somebody(), chair);
  EXPECT_THAT(refusal, Refuses(StatusCode::kFailedPrecondition, "no member of this area"));
  EXPECT_EQ(DetailOf(refusal).field_violations(0).field(), "account.roles[0]");
  // An agency that left: its people's roles can be taken.
  EXPECT_OK(MayChangeRoles(here, AgencyOf({kThere}), kCouncilRuns, chair, Somebody()));
}

TEST(DirectoryTest, NobodyGivesARoleToThemselves) {
  const Caller here = AdministratorOf(kHere);
  v1::Account self = Somebody();
  self.set_name(here.account);
  self = With(self, kHere, v1::ROLE_ADMIN);
  const v1::Agency agency = AgencyOf({kHere});
  const absl::Status refusal =
      MayChangeRoles(here, agency, kCouncilRuns, self, With(self, kHere, v1::ROLE_COORDINATOR));
  EXPECT_THAT(refusal, Refuses(StatusCode::kFailedPrecondition, "nobody gives a role to themselves"));
  EXPECT_EQ(DetailOf(refusal).field_violations(0).field(), "account.roles[1]");
  // Ending one's own is no gift.
  v1::Account ending = self;
  ending.mutable_roles(0)->mutable_to()->set_year(2030);
  ending.mutable_roles(0)->mutable_to()->set_month(1);
  ending.mutable_roles(0)->mutable_to()->set_day(31);
  EXPECT_OK(MayChangeRoles(here, agency, kCouncilRuns, self, ending));
}

// Security.md 1, threat 11.
TEST(DirectoryTest, AnAdministratorActsForTheirOwnAgencyUnlessItRunsTheArea) {
  Caller of_police = AdministratorOf(kHere);
  of_police.agency = "agencies/police";
  EXPECT_OK(MayAdminister(of_police, AgencyOf({kHere}), kCouncilRuns, "accounts/x"));
  v1::Agency housing = AgencyOf({kHere});
  housing.set_name("agencies/housing");
  EXPECT_EQ(MayAdminister(of_police, housing, kCouncilRuns, "accounts/x"), NotFoundOrNotOpen("accounts/x"));
  EXPECT_THAT(MayChangeRoles(of_police, housing, kCouncilRuns, Somebody(),
                             With(Somebody(), kHere, v1::ROLE_REFERRER)),
              Refuses(StatusCode::kNotFound, kHere));
  EXPECT_OK(MayAdminister(AdministratorOf(kHere), housing, kCouncilRuns, "accounts/x"));
  // Where nobody is known to run the area, nobody acts for others.
  EXPECT_EQ(MayAdminister(AdministratorOf(kHere), housing, {{kHere, ""}}, "accounts/x"),
            NotFoundOrNotOpen("accounts/x"));
  EXPECT_OK(MayApprove(of_police, housing, "accounts/x"));
}

// Whoever was the only administrator ever could be it again, and name the second one alone again.
TEST(DirectoryTest, AnAdministratorIsEndedAndNeverTakenOffTheRecord) {
  const Caller here = AdministratorOf(kHere);
  const v1::Agency agency = AgencyOf({kHere});
  const v1::Account admin = With(Somebody(), kHere, v1::ROLE_ADMIN);
  EXPECT_THAT(MayChangeRoles(here, agency, kCouncilRuns, admin, Somebody()),
              Refuses(StatusCode::kFailedPrecondition, "stays on record"));
  v1::Account moved = admin;
  *moved.mutable_roles(0)->mutable_from() = DayOf(2027, 1, 1);
  EXPECT_THAT(MayChangeRoles(here, agency, kCouncilRuns, admin, moved),
              Refuses(StatusCode::kFailedPrecondition, "stays on record"));
  v1::Account ended = admin;
  *ended.mutable_roles(0)->mutable_to() = DayOf(2026, 1, 1);
  EXPECT_OK(MayChangeRoles(here, agency, kCouncilRuns, admin, ended));
}

TEST(DirectoryTest, APowerfulRoleWaitsForAnotherAdministrator) {
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  for (const v1::Role role :
       {v1::ROLE_ADMIN, v1::ROLE_COORDINATOR, v1::ROLE_CHAIR, v1::ROLE_AUDITOR, v1::ROLE_REFERRER}) {
    v1::Account account = With(Somebody(), kHere, role);
    HoldBackRoles(Somebody(), account, "accounts/admin", now, /*alone=*/{});
    const bool powerful = role != v1::ROLE_REFERRER;
    EXPECT_EQ(account.pending_roles_size(), powerful ? 1 : 0) << v1::Role_Name(role);
    EXPECT_EQ(account.roles_size(), powerful ? 0 : 1) << v1::Role_Name(role);
    if (!powerful) continue;
    EXPECT_EQ(account.pending_roles(0).asked_by(), "accounts/admin");
    // Asked for again, it waits once; asked for by somebody else, it still waits for another than who asked
    // first.
    v1::Account again = With(account, kHere, role);
    HoldBackRoles(account, again, "accounts/second", now, /*alone=*/{});
    EXPECT_EQ(again.pending_roles_size(), 1);
    EXPECT_EQ(again.pending_roles(0).asked_by(), "accounts/admin");
  }
}

TEST(DirectoryTest, OnlyTheFirstAdministratorOfAnAreaNamesTheSecondAlone) {
  const Caller first = AdministratorOf(kHere);
  EXPECT_TRUE(IsAlone(first, {"accounts/admin"}));
  EXPECT_FALSE(IsAlone(first, {"accounts/admin", "accounts/second"}));
  EXPECT_FALSE(IsAlone(first, {"accounts/other"}));
  EXPECT_FALSE(IsAlone(first, {}));
  v1::Account second = With(Somebody(), kHere, v1::ROLE_ADMIN);
  HoldBackRoles(Somebody(), second, "accounts/admin", absl::Now(), {kHere});
  EXPECT_EQ(second.roles_size(), 1);
  // For administrators alone.
  v1::Account chair = With(Somebody(), kHere, v1::ROLE_CHAIR);
  HoldBackRoles(Somebody(), chair, "accounts/admin", absl::Now(), {kHere});
  EXPECT_EQ(chair.pending_roles_size(), 1);
}

TEST(DirectoryTest, EndingAPowerfulRoleEarlierWaitsForNobodyAndMakingItLongerDoes) {
  v1::Account before = With(Somebody(), kHere, v1::ROLE_ADMIN);
  *before.mutable_roles(0)->mutable_to() = DayOf(2026, 12, 31);
  v1::Account shorter = before;
  *shorter.mutable_roles(0)->mutable_to() = DayOf(2026, 11, 30);
  HoldBackRoles(before, shorter, "accounts/admin", absl::Now(), {});
  EXPECT_TRUE(shorter.pending_roles().empty());
  EXPECT_EQ(shorter.roles(0).to().month(), 11);

  v1::Account longer = before;
  longer.mutable_roles(0)->clear_to();
  HoldBackRoles(before, longer, "accounts/admin", absl::Now(), {});
  ASSERT_EQ(longer.pending_roles_size(), 1);
  // Meanwhile it is as it was, and so it stays on record if it is refused.
  ASSERT_EQ(longer.roles_size(), 1);
  EXPECT_EQ(longer.roles(0).to().month(), 12);
  Caller second = AdministratorOf(kHere);
  second.account = "accounts/second";
  ASSERT_OK_AND_ASSIGN(const v1::Account approved, ApproveRoles(longer, second));
  ASSERT_EQ(approved.roles_size(), 1);
  EXPECT_FALSE(approved.roles(0).has_to());
}

TEST(DirectoryTest, WhatWaitsIsApprovedByAnotherAdministratorOfTheArea) {
  v1::Account account = With(Somebody(), kHere, v1::ROLE_CHAIR);
  HoldBackRoles(Somebody(), account, "accounts/admin", absl::Now(), {});
  const Caller asker = AdministratorOf(kHere);
  EXPECT_THAT(ApproveRoles(account, asker),
              Refuses(StatusCode::kFailedPrecondition, "asked for this yourself"));
  Caller second = asker;
  second.account = "accounts/second";
  EXPECT_THAT(ApproveRoles(Somebody(), second), Refuses(StatusCode::kFailedPrecondition, "no role"));
  Caller elsewhere = AdministratorOf(kThere);
  elsewhere.account = "accounts/second";
  EXPECT_EQ(ApproveRoles(account, elsewhere).status(), NotFoundOrNotOpen(account.name()));
  EXPECT_EQ(RefuseRoles(account, elsewhere).status(), NotFoundOrNotOpen(account.name()));
  Caller self = asker;
  self.account = account.name();
  EXPECT_THAT(ApproveRoles(account, self), Refuses(StatusCode::kFailedPrecondition, "of their own"));
  ASSERT_OK_AND_ASSIGN(const v1::Account approved, ApproveRoles(account, second));
  EXPECT_TRUE(approved.pending_roles().empty());
  ASSERT_EQ(approved.roles_size(), 1);
  EXPECT_EQ(approved.roles(0).role(), v1::ROLE_CHAIR);
  ASSERT_OK_AND_ASSIGN(const v1::Account refused, RefuseRoles(account, second));
  EXPECT_TRUE(refused.pending_roles().empty());
  EXPECT_TRUE(refused.roles().empty());
}

TEST(DirectoryTest, CoverNamesSomebodyElseAndHasBothDays) {
  v1::Account account = With(Somebody(), kHere, v1::ROLE_CHAIR);
  account.set_login("some.body");
  account.set_display_name("Some Body");
  account.set_agency("agencies/police");
  v1::RoleGrant& grant = *account.mutable_roles(0);
  grant.set_cover_for("accounts/chair");
  EXPECT_THAT(CheckAccount(account), Refuses(StatusCode::kInvalidArgument, "account.roles[0].from"));
  *grant.mutable_from() = DayOf(2026, 12, 1);
  EXPECT_THAT(CheckAccount(account), Refuses(StatusCode::kInvalidArgument, "account.roles[0].to"));
  *grant.mutable_to() = DayOf(2026, 11, 30);
  EXPECT_THAT(CheckAccount(account), Refuses(StatusCode::kInvalidArgument, "not before the first"));
  *grant.mutable_to() = DayOf(2026, 12, 1);
  EXPECT_OK(CheckAccount(account));
  *grant.mutable_to() = DayOf(2026, 12, 32);
  EXPECT_THAT(CheckAccount(account), Refuses(StatusCode::kInvalidArgument, "a day that there is"));
  *grant.mutable_to() = DayOf(2026, 12, 31);
  grant.set_cover_for(account.name());
  EXPECT_THAT(CheckAccount(account), Refuses(StatusCode::kInvalidArgument, "their own cover"));
}

TEST(DirectoryTest, AProgramWithASayInEveryAreaTakesAnAdministratorOfAllOfThem) {
  const Caller here = AdministratorOf(kHere);
  Caller both = here;
  both.roles.push_back({.area = kThere, .role = v1::ROLE_ADMIN});
  const std::vector<std::string> areas = {kHere, kThere};
  EXPECT_OK(MayAdministerProgram(here, ProgramOf(v1::PROGRAM_KIND_CLI), areas, "programs/p"));
  for (v1::ProgramKind kind :
       {v1::PROGRAM_KIND_WEB, v1::PROGRAM_KIND_AGENCY_SYSTEM, v1::PROGRAM_KIND_PARTNER_SYSTEM}) {
    EXPECT_THAT(MayAdministerProgram(here, ProgramOf(kind), areas, "programs/p"),
                Refuses(StatusCode::kPermissionDenied, "all of them"));
    EXPECT_OK(MayAdministerProgram(both, ProgramOf(kind), areas, "programs/p"));
    EXPECT_OK(MayAdministerProgram(here, ProgramOf(kind), {kHere}, "programs/p"));
    EXPECT_EQ(MayAdministerProgram(here, ProgramOf(kind), {kThere}, "programs/p"),
              NotFoundOrNotOpen("programs/p"));
  }
}

}  // namespace
}  // namespace marac::domain
