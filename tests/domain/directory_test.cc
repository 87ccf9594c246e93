// Whom an administrator may change (decisions 9, security.md threat 11).
#include "domain/directory.h"

#include <gtest/gtest.h>

#include "domain/errors.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using testing::Refuses;

constexpr char kHere[] = "areas/here";
constexpr char kThere[] = "areas/there";

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

v1::Program ProgramOf(v1::ProgramKind kind) {
  v1::Program program;
  program.set_name("programs/p");
  program.set_kind(kind);
  return program;
}

TEST(DirectoryTest, NobodyIsAuditorAndAdministratorAsWell) {
  v1::Account account = With(Somebody(), kHere, v1::ROLE_AUDITOR);
  account.set_login("some.body");
  account.set_display_name("Some Body");
  account.set_agency("agencies/council");
  EXPECT_OK(CheckAccount(account));
  EXPECT_THAT(CheckAccount(With(account, kThere, v1::ROLE_ADMIN)),
              Refuses(StatusCode::kInvalidArgument, "account.roles"));
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
  EXPECT_OK(MayAdminister(AdministratorOf(kHere), AgencyOf({kThere, kHere}), "accounts/x"));
  const absl::Status refusal = MayAdminister(AdministratorOf(kHere), AgencyOf({kThere}), "accounts/x");
  EXPECT_EQ(refusal, NotFoundOrNotOpen("accounts/x"));
  // A coordinator is no administrator, wherever.
  Caller coordinator = AdministratorOf(kHere);
  coordinator.roles[0].role = v1::ROLE_COORDINATOR;
  EXPECT_EQ(MayAdminister(coordinator, AgencyOf({kHere}), "accounts/x"), NotFoundOrNotOpen("accounts/x"));
}

TEST(DirectoryTest, RolesAreGivenAndTakenWhereTheGiverIsAdministrator) {
  const v1::Agency agency = AgencyOf({kHere, kThere});
  const Caller here = AdministratorOf(kHere);
  const v1::Account nothing = Somebody();
  const v1::Account chair_there = With(Somebody(), kThere, v1::ROLE_CHAIR);
  EXPECT_OK(MayChangeRoles(here, agency, nothing, With(nothing, kHere, v1::ROLE_CHAIR)));
  EXPECT_THAT(MayChangeRoles(here, agency, nothing, chair_there), Refuses(StatusCode::kNotFound, kThere));
  EXPECT_THAT(MayChangeRoles(here, agency, chair_there, nothing), Refuses(StatusCode::kNotFound, kThere));
  // What somebody holds elsewhere stays, while a role is added here.
  EXPECT_OK(MayChangeRoles(here, agency, chair_there, With(chair_there, kHere, v1::ROLE_REFERRER)));
  // Another last day is another grant.
  v1::Account longer = chair_there;
  longer.mutable_roles(0)->mutable_to()->set_year(2099);
  EXPECT_THAT(MayChangeRoles(here, agency, chair_there, longer), Refuses(StatusCode::kNotFound, kThere));
}

TEST(DirectoryTest, ARoleIsGivenToPeopleOfMembersOfTheArea) {
  const Caller here = AdministratorOf(kHere);
  const v1::Account chair = With(Somebody(), kHere, v1::ROLE_CHAIR);
  const absl::Status refusal = MayChangeRoles(here, AgencyOf({kThere}), Somebody(), chair);
  EXPECT_THAT(refusal, Refuses(StatusCode::kFailedPrecondition, "no member of this area"));
  EXPECT_EQ(DetailOf(refusal).field_violations(0).field(), "account.roles[0]");
  // An agency that left: its people's roles can be taken.
  EXPECT_OK(MayChangeRoles(here, AgencyOf({kThere}), chair, Somebody()));
}

TEST(DirectoryTest, NobodyGivesARoleToThemselves) {
  const Caller here = AdministratorOf(kHere);
  v1::Account self = Somebody();
  self.set_name(here.account);
  self = With(self, kHere, v1::ROLE_ADMIN);
  const v1::Agency agency = AgencyOf({kHere});
  const absl::Status refusal = MayChangeRoles(here, agency, self, With(self, kHere, v1::ROLE_COORDINATOR));
  EXPECT_THAT(refusal, Refuses(StatusCode::kFailedPrecondition, "nobody gives a role to themselves"));
  EXPECT_EQ(DetailOf(refusal).field_violations(0).field(), "account.roles[1]");
  v1::Account without = self;
  without.clear_roles();
  EXPECT_OK(MayChangeRoles(here, agency, self, without));
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
