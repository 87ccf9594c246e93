#include "domain/addition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/protected_parts.h"
#include "domain/timestamp.h"
#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::CompleteSafeContact;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Refuses;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 12, 2, 10, 0, 0), London());
const Author kCoordinator = {
    .account = "accounts/coordinator", .agency = "agencies/council", .coordinator = true};
const Author kAuthor = {.account = "accounts/pc", .agency = "agencies/police"};

class AdditionTest : public ::testing::Test {
 protected:
  AdditionTest() {
    before_.set_name("areas/mk/referrals/r");
    before_.set_state(v1::REFERRAL_STATE_SUBMITTED);
    before_.set_urgent(true);
    before_.set_author(kAuthor.account);
    before_.mutable_referrer()->set_agency("agencies/police");
    before_.mutable_referrer()->set_person("PC Shah");
    before_.mutable_victim()->mutable_name()->set_value("Maria");
    before_.mutable_victim()->mutable_gender()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    before_.mutable_victim()->set_lgbt(v1::YES_NO_DECLINED);
    before_.mutable_victim()->mutable_address()->set_protected_detail(true);
    before_.add_perpetrators()->mutable_name()->set_value("Robert");
    before_.set_has_children(v1::YES_NO_YES);
    before_.mutable_reason()->set_why_now("he is outside");
    before_.mutable_victim_voice()->set_consent(v1::YES_NO_NOT_ASKED);
    EXPECT_OK(GivePartyIds(before_, nullptr));
    contact_.set_safe_to_call(v1::YES_NO_YES);
    request_.mutable_referral()->set_name(before_.name());
    request_.set_told_by("PC Shah, by telephone");
  }

  absl::StatusOr<Completed> Take(const Author& author = kCoordinator) {
    return TakeAdditions(before_, &contact_, request_, author, settings_, kNow);
  }
  v1::Referral& sent() { return *request_.mutable_referral(); }
  void Refused(const char* field) {
    EXPECT_THAT(Take().status(), Refuses(absl::StatusCode::kInvalidArgument, field));
  }

  v1::Referral before_;
  v1::SafeContact contact_;
  v1::CompleteReferralRequest request_;
  v1::AreaSettings settings_;
};

TEST_F(AdditionTest, R14WhatNobodyAnsweredIsAddedWithWhoTypedItAndWhoToldIt) {
  sent().mutable_victim()->mutable_ethnicity()->set_value("White British");
  sent().mutable_victim()->mutable_gender()->set_value("female");
  sent().mutable_victim_voice()->set_consent(v1::YES_NO_YES);
  sent().mutable_reason()->set_narrative("He came back on Monday.");
  request_.mutable_safe_contact()->mutable_safe_times()->set_value("mornings");
  ASSERT_OK_AND_ASSIGN(const Completed completed, Take());
  const v1::Referral& referral = completed.referral;
  EXPECT_EQ(referral.victim().name().value(), "Maria") << "what is left out stays";
  EXPECT_EQ(referral.reason().why_now(), "he is outside");
  EXPECT_EQ(referral.has_children(), v1::YES_NO_YES);
  EXPECT_EQ(referral.referrer().person(), "PC Shah");
  EXPECT_EQ(referral.victim().gender().value(), "female") << "not known can be given";
  EXPECT_EQ(referral.victim_voice().consent(), v1::YES_NO_YES) << "not asked as well";
  ASSERT_TRUE(completed.safe_contact.has_value());
  EXPECT_EQ(completed.safe_contact->safe_to_call(), v1::YES_NO_YES);
  EXPECT_EQ(completed.safe_contact->safe_times().value(), "mornings");
  ASSERT_EQ(referral.additions_size(), 1);
  const v1::Addition& addition = referral.additions(0);
  EXPECT_EQ(addition.account(), "accounts/coordinator");
  EXPECT_EQ(addition.told_by(), "PC Shah, by telephone");
  EXPECT_EQ(FromTimestamp(addition.time()), kNow);
  EXPECT_THAT(addition.fields(),
              ElementsAre("referral.victim.gender", "referral.victim.ethnicity", "referral.reason.narrative",
                          "referral.victim_voice.consent", "safe_contact.safe_times"));
}

TEST_F(AdditionTest, R14WhatWasSaidStaysTheAuthors) {
  const v1::CompleteReferralRequest empty = request_;
  sent().mutable_victim()->mutable_name()->set_value("Mary");
  Refused("referral.victim.name");
  request_ = empty;
  sent().mutable_victim()->set_lgbt(v1::YES_NO_NO);
  Refused("referral.victim.lgbt");
  request_ = empty;
  sent().mutable_reason()->set_why_now("something else");
  Refused("referral.reason.why_now");
  request_ = empty;
  sent().mutable_victim()->mutable_address()->mutable_lines()->set_value("5 High Street");
  Refused("referral.victim.address");
  request_ = empty;
  request_.mutable_safe_contact()->set_safe_to_call(v1::YES_NO_NO);
  Refused("safe_contact.safe_to_call");
}

TEST_F(AdditionTest, TheWholeReferralSentBackAsItWasReadChangesNothing) {
  sent() = before_;
  *request_.mutable_safe_contact() = contact_;
  Refused("at least one thing");
  sent().mutable_victim()->mutable_ethnicity()->set_value("White British");
  ASSERT_OK_AND_ASSIGN(const Completed completed, Take());
  EXPECT_THAT(completed.referral.additions(0).fields(), ElementsAre("referral.victim.ethnicity"));
  EXPECT_FALSE(completed.safe_contact.has_value());
  EXPECT_FALSE(completed.referral.victim().has_usual_home());
}

TEST_F(AdditionTest, ListsOnlyGrowAndPeopleAreNamedByTheirId) {
  v1::Party& same = *sent().add_perpetrators();
  same.set_party_id("p2");
  same.mutable_relationship_to_victim()->set_value("PARTNER");
  sent().add_perpetrators()->mutable_name()->set_value("His brother");
  sent().mutable_victim()->add_aliases("Mia");
  ASSERT_OK_AND_ASSIGN(const Completed completed, Take());
  ASSERT_EQ(completed.referral.perpetrators_size(), 2);
  EXPECT_EQ(completed.referral.perpetrators(0).name().value(), "Robert");
  EXPECT_EQ(completed.referral.perpetrators(0).relationship_to_victim().value(), "PARTNER");
  EXPECT_EQ(completed.referral.perpetrators(1).party_id(), "p3");
  EXPECT_THAT(completed.referral.victim().aliases(), ElementsAre("Mia"));
  EXPECT_THAT(completed.referral.additions(0).fields(),
              ElementsAre("referral.victim.aliases[0]", "referral.perpetrators[0].relationship_to_victim",
                          "referral.perpetrators[1]"));
  same.set_party_id("p9");
  Refused("referral.perpetrators[0].party_id");
}

TEST_F(AdditionTest, WhatIsKeptApartIsAddedAndNotReplaced) {
  v1::ProtectedDetailMask& mask = *before_.add_protected_details();
  mask.set_kind(v1::PROTECTED_KIND_ADDRESS);
  mask.set_party_id("p1");
  v1::ProtectedDetail& detail = *request_.add_protected_details();
  detail.set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  request_.add_excluded_people()->set_person("His cousin");
  before_.set_has_excluded_people(v1::YES_NO_NO);
  ASSERT_OK_AND_ASSIGN(const Completed completed, Take());
  EXPECT_EQ(completed.referral.has_excluded_people(), v1::YES_NO_YES) << "R-16";
  EXPECT_THAT(completed.referral.additions(0).fields(), ElementsAre("protected_details", "excluded_people"));
  detail.set_kind(v1::PROTECTED_KIND_ADDRESS);
  Refused("protected_details[0]");
  detail.set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  detail.set_name("areas/mk/protectedDetails/d");
  Refused("protected_details[0]");
  request_.clear_protected_details();
  request_.mutable_excluded_people(0)->set_name("areas/mk/excludedPeople/x");
  Refused("excluded_people[0].name");
}

TEST_F(AdditionTest, WhoToldItIsAskedOfEverybodyButTheAuthor) {
  sent().mutable_victim()->mutable_ethnicity()->set_value("White British");
  request_.set_told_by(" ");
  Refused("told_by");
  ASSERT_OK_AND_ASSIGN(const Completed own, Take(kAuthor));
  EXPECT_EQ(own.referral.additions(0).account(), kAuthor.account);
  EXPECT_EQ(own.referral.additions(0).told_by(), "");
}

TEST_F(AdditionTest, OnlyWhileItWaitsForTriageAndNothingThatCannotBe) {
  sent().mutable_victim()->mutable_ethnicity()->set_value("White British");
  for (v1::ReferralState state : {v1::REFERRAL_STATE_DRAFT, v1::REFERRAL_STATE_RETURNED,
                                  v1::REFERRAL_STATE_ACCEPTED, v1::REFERRAL_STATE_DECLINED}) {
    before_.set_state(state);
    EXPECT_EQ(DetailOf(Take().status()).reason(), "NOT_WAITING") << state;
  }
  before_.set_state(v1::REFERRAL_STATE_SUBMITTED);
  testing::SetDay(*sent().mutable_victim()->mutable_birth_date()->mutable_day(), 2030, 1, 1);
  Refused("referral.victim.birth_date");
}

TEST_F(AdditionTest, WhatTheServerWorksOutIsNotGiven) {
  sent().mutable_criteria()->set_eligible(true);
  sent().mutable_referrer()->set_on_behalf(true);
  sent().set_urgent(false);
  sent().set_state(v1::REFERRAL_STATE_ACCEPTED);
  Refused("at least one thing");
}

}  // namespace
}  // namespace marac::domain
