// Recovering an account (decisions 15).
#include "domain/recovery.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "domain/errors.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using testing::Refuses;

constexpr char kHere[] = "areas/here";
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const AreaHosts kCouncilRuns = {{kHere, "agencies/council"}};

Caller AdministratorOf(const std::string& agency, const std::string& account = "accounts/admin") {
  return {.account = account, .agency = agency, .roles = {{.area = kHere, .role = v1::ROLE_ADMIN}}};
}

v1::Agency Police() {
  v1::Agency agency;
  agency.set_name("agencies/police");
  agency.add_areas(kHere);
  return agency;
}

v1::Account Person(v1::Role role) {
  v1::Account account;
  account.set_name("accounts/person");
  account.set_agency("agencies/police");
  account.add_roles()->set_area(kHere);
  account.mutable_roles(0)->set_role(role);
  return account;
}

Recovery WithCode(const std::string& code) {
  return {.asked_by = "accounts/admin", .ask_time = kNow, .code_hash = Sha256(code), .code_time = kNow};
}

TEST(RecoveryTest, IsStartedByAnAdministratorOfThePersonsAgencyOrOfTheOneThatRunsTheArea) {
  const v1::Account person = Person(v1::ROLE_REFERRER);
  for (const char* agency : {"agencies/police", "agencies/council"}) {
    EXPECT_OK(MayStartRecovery(AdministratorOf(agency), person, Police(), kCouncilRuns, /*is_second=*/false));
  }
  const Caller of_housing = AdministratorOf("agencies/housing");
  EXPECT_EQ(MayStartRecovery(of_housing, person, Police(), kCouncilRuns, /*is_second=*/false),
            NotFoundOrNotOpen(person.name()));
  EXPECT_OK(MayStartRecovery(of_housing, person, Police(), kCouncilRuns, /*is_second=*/true));
}

TEST(RecoveryTest, NobodyStartsTheirOwnNorThatOfASuspendedAccount) {
  v1::Account person = Person(v1::ROLE_ADMIN);
  const Caller self = AdministratorOf("agencies/police", person.name());
  EXPECT_THAT(MayStartRecovery(self, person, Police(), kCouncilRuns, /*is_second=*/false),
              Refuses(StatusCode::kFailedPrecondition, "their own account"));
  EXPECT_THAT(MayStartRecovery(self, person, Police(), kCouncilRuns, /*is_second=*/true),
              Refuses(StatusCode::kFailedPrecondition, "their own account"));
  person.set_suspended(true);
  EXPECT_THAT(MayStartRecovery(AdministratorOf("agencies/police"), person, Police(), kCouncilRuns,
                               /*is_second=*/false),
              Refuses(StatusCode::kFailedPrecondition, "suspended"));
}

TEST(RecoveryTest, TwoAdministratorsAreNeededForThePowerful) {
  const LocalDate today = DateOf(kNow);
  for (const v1::Role role : {v1::ROLE_ADMIN, v1::ROLE_COORDINATOR, v1::ROLE_CHAIR, v1::ROLE_AUDITOR}) {
    EXPECT_TRUE(NeedsTwoForRecovery(Person(role), today)) << v1::Role_Name(role);
  }
  EXPECT_FALSE(NeedsTwoForRecovery(Person(v1::ROLE_IDVA), today));
  // To the last day, and one that waits counts as well.
  v1::Account ended = Person(v1::ROLE_CHAIR);
  *ended.mutable_roles(0)->mutable_to() = today.ToDay();
  EXPECT_TRUE(NeedsTwoForRecovery(ended, today));
  EXPECT_FALSE(NeedsTwoForRecovery(ended, today.AddDays(1)));
  v1::Account waits = Person(v1::ROLE_IDVA);
  waits.add_pending_roles();
  EXPECT_TRUE(NeedsTwoForRecovery(waits, today));
}

TEST(RecoveryTest, TheSecondIsAnotherPersonWithinADay) {
  const Recovery wish = {.asked_by = "accounts/admin", .ask_time = kNow};
  const Caller other = AdministratorOf("agencies/council", "accounts/other");
  EXPECT_TRUE(IsSecondOf(wish, other, kNow + absl::Hours(24) - absl::Milliseconds(1)));
  EXPECT_FALSE(IsSecondOf(wish, other, kNow + absl::Hours(24)));
  EXPECT_FALSE(IsSecondOf(wish, AdministratorOf("agencies/council"), kNow));
  EXPECT_FALSE(IsSecondOf(std::nullopt, other, kNow));
  EXPECT_FALSE(IsSecondOf(WithCode("A"), other, kNow)) << "it has its code";
}

TEST(RecoveryTest, ACodeCountsForHalfAnHourAndFiveTries) {
  Recovery open = WithCode("ABCD");
  const std::string typed = Sha256("ABCD");
  EXPECT_TRUE(OpensRecovery(open, typed, kNow));
  EXPECT_TRUE(OpensRecovery(open, typed, kNow + absl::Minutes(30) - absl::Milliseconds(1)));
  EXPECT_FALSE(OpensRecovery(open, typed, kNow + absl::Minutes(30)));
  EXPECT_FALSE(OpensRecovery(open, Sha256("ABCE"), kNow));
  EXPECT_FALSE(OpensRecovery(std::nullopt, typed, kNow));
  open.failed_tries = 4;
  EXPECT_TRUE(OpensRecovery(open, typed, kNow));
  open.failed_tries = 5;
  EXPECT_FALSE(OpensRecovery(open, typed, kNow));
  // One that waits for a second administrator has no code, not even an empty one.
  open.code_hash.clear();
  open.failed_tries = 0;
  EXPECT_FALSE(OpensRecovery(open, Sha256(""), kNow));
}

TEST(RecoveryTest, ACodeIsReadAsPeopleTypeIt) {
  EXPECT_EQ(NormalRecoveryCode("abcd-efgh 23ij"), "ABCDEFGH23IJ");
  EXPECT_EQ(NormalRecoveryCode("0l8"), "OLB");
  EXPECT_EQ(ShownRecoveryCode("ABCDEFGHIJKLMNOPQRST"), "ABCD-EFGH-IJKL-MNOP-QRST");
  EXPECT_EQ(NormalRecoveryCode(ShownRecoveryCode("ABCDEFGHIJKLMNOPQRST")), "ABCDEFGHIJKLMNOPQRST");
}

}  // namespace
}  // namespace marac::domain
