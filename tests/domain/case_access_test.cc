// What is taken in of a decision about access, and of a worker's register.
#include "domain/case_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "domain/errors.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;

v1::OwnRegister RegisterOf(int people) {
  v1::OwnRegister entries;
  for (int i = 0; i < people; ++i) {
    v1::RegisteredPerson& person = *entries.add_people();
    person.set_relation(v1::REGISTERED_RELATION_RELATIVE);
    person.mutable_name()->set_value("Robert Invented");
  }
  return entries;
}

// The field that a refusal names first.
std::string FieldOf(const absl::Status& status) {
  const v1::ErrorDetail detail = DetailOf(status);
  return detail.field_violations().empty() ? status.ToString() : detail.field_violations(0).field();
}

TEST(CaseAccessTest, ADecisionHasAReason) {
  EXPECT_OK(CheckAccessReason("His sister works there"));
  EXPECT_EQ(FieldOf(CheckAccessReason(" \t").status()), "reason");
  EXPECT_EQ(FieldOf(CheckAccessReason(std::string(4001, 'a')).status()), "reason");
}

TEST(CaseAccessTest, ARestrictionNamesEachPersonOnce) {
  v1::RestrictCaseRequest request;
  request.set_restricted(true);
  EXPECT_EQ(FieldOf(CheckRestriction(request)), "accounts");
  request.add_accounts("accounts/1");
  EXPECT_OK(CheckRestriction(request));
  request.add_accounts("accounts/1");
  EXPECT_EQ(FieldOf(CheckRestriction(request)), "accounts[1]");
  request.clear_accounts();
  for (int i = 0; i < 100; ++i) request.add_accounts("accounts/" + std::to_string(i));
  EXPECT_OK(CheckRestriction(request));
  request.add_accounts("accounts/100");
  EXPECT_EQ(FieldOf(CheckRestriction(request)), "accounts");
}

TEST(CaseAccessTest, OneIsExcludedAtATime) {
  v1::ExcludePersonRequest request;
  EXPECT_EQ(FieldOf(CheckExclusion(request)), "account");
  request.set_person(" ");
  EXPECT_EQ(FieldOf(CheckExclusion(request)), "account") << "a blank name names nobody";
  request.set_person("Robert Invented");
  EXPECT_OK(CheckExclusion(request));
  request.set_agency("agencies/housing");
  EXPECT_EQ(FieldOf(CheckExclusion(request)), "account");
}

TEST(CaseAccessTest, ARegisterHasTwentyEntriesAndEachANameAndARelation) {
  EXPECT_OK(CheckOwnRegister(RegisterOf(0)));
  EXPECT_OK(CheckOwnRegister(RegisterOf(20)));
  EXPECT_EQ(FieldOf(CheckOwnRegister(RegisterOf(21)).status()), "register.people");
  v1::OwnRegister entries = RegisterOf(2);
  entries.mutable_people(1)->mutable_name()->set_value("\u200b ");
  EXPECT_EQ(FieldOf(CheckOwnRegister(entries).status()), "register.people[1].name");
  entries = RegisterOf(1);
  entries.mutable_people(0)->clear_relation();
  EXPECT_EQ(FieldOf(CheckOwnRegister(entries).status()), "register.people[0].relation");
  entries = RegisterOf(1);
  for (int i = 0; i < 11; ++i) entries.mutable_people(0)->add_aliases("Bob");
  EXPECT_EQ(FieldOf(CheckOwnRegister(entries).status()), "register.people[0].aliases");
}

// Lines without a postcode are found nowhere: to take them in silence would promise a protection that is not.
TEST(CaseAccessTest, AnAddressIsRegisteredWithItsPostcode) {
  v1::OwnRegister entries = RegisterOf(1);
  entries.mutable_people(0)->mutable_address()->mutable_lines()->set_value("12 Example Street");
  EXPECT_EQ(FieldOf(CheckOwnRegister(entries).status()), "register.people[0].address.postcode");
  entries.mutable_people(0)->mutable_address()->mutable_postcode()->set_value("MK9 9ZZ");
  EXPECT_OK(CheckOwnRegister(entries));
  EXPECT_FALSE(KeysOf(entries.people(0)).address_key.empty());
}

TEST(CaseAccessTest, R16SomebodyIsLeftWhoMaySeeToIt) {
  RecordFacts facts;
  const std::vector<Holder> holders = {{"accounts/1", "agencies/a"}, {"accounts/2", "agencies/b"}};
  EXPECT_TRUE(AnybodyLeft(facts, holders, v1::ROLE_COORDINATOR));
  facts.shut_out = {"accounts/1"};
  EXPECT_TRUE(AnybodyLeft(facts, holders, v1::ROLE_COORDINATOR));
  facts.shut_out_agencies = {"agencies/b"};
  EXPECT_FALSE(AnybodyLeft(facts, holders, v1::ROLE_COORDINATOR));
  facts.named = {"accounts/2"};
  EXPECT_TRUE(AnybodyLeft(facts, holders, v1::ROLE_COORDINATOR)) << "named in spite of the agency";
  EXPECT_FALSE(AnybodyLeft(facts, {}, v1::ROLE_CHAIR));
}

}  // namespace
}  // namespace marac::domain
