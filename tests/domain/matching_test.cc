#include "domain/matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::CompleteReferral;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::SetDay;

std::vector<KeptParty> Parties(const std::string& record, const v1::Referral& referral) {
  return PartiesOf(record, referral.victim(), referral.perpetrators());
}

std::vector<RecordMatch> Match(const v1::Referral& asked, const v1::Referral& kept) {
  return MatchRecords(Parties("asked", asked), Parties("kept", kept));
}

v1::Referral Reversed() {
  v1::Referral referral = CompleteReferral();
  referral.mutable_victim()->Swap(referral.mutable_perpetrators(0));
  return referral;
}

// A second household, with nothing in common with the first.
v1::Referral Strangers() {
  v1::Referral referral = CompleteReferral();
  *referral.mutable_victim() = testing::AdultParty("Paula Elsewhere", 1977);
  *referral.mutable_perpetrators(0) = testing::AdultParty("Quentin Elsewhere", 1979);
  for (v1::Party* party : {referral.mutable_victim(), referral.mutable_perpetrators(0)}) {
    party->mutable_address()->mutable_postcode()->set_value("MK8 8YY");
  }
  return referral;
}

TEST(MatchingTest, R22TheSamePairIsFoundAndSaysWhatAgreed) {
  const std::vector<RecordMatch> matches = Match(CompleteReferral(), CompleteReferral());
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].record, "kept");
  EXPECT_TRUE(matches[0].same_pair);
  EXPECT_FALSE(matches[0].roles_reversed);
  EXPECT_THAT(matches[0].victim_fields,
              ElementsAre(MatchField::kName, MatchField::kBirthDate, MatchField::kAddress));
}

TEST(MatchingTest, StrangersAreNoCandidates) {
  EXPECT_THAT(Match(CompleteReferral(), Strangers()), IsEmpty());
}

TEST(MatchingTest, R03ThePairIsFoundByAliasAndByAMistypedDateOfBirth) {
  v1::Referral other = CompleteReferral();
  other.mutable_victim()->mutable_name()->set_value("Mary Elsewhere");
  other.mutable_victim()->add_aliases("Maria Invented");
  SetDay(*other.mutable_perpetrators(0)->mutable_birth_date()->mutable_day(), 1985, 5, 18);
  const std::vector<RecordMatch> matches = Match(CompleteReferral(), other);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_TRUE(matches[0].same_pair);
  EXPECT_THAT(matches[0].victim_fields,
              ElementsAre(MatchField::kAlias, MatchField::kBirthDate, MatchField::kAddress));
}

TEST(MatchingTest, R03AnotherPerpetratorIsAnotherPair) {
  v1::Referral other = CompleteReferral();
  *other.mutable_perpetrators(0) = Strangers().perpetrators(0);
  const std::vector<RecordMatch> matches = Match(CompleteReferral(), other);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_FALSE(matches[0].same_pair);
  EXPECT_THAT(matches[0].perpetrator_fields, IsEmpty());
}

TEST(MatchingTest, R03OnePerpetratorInCommonMakesThePair) {
  v1::Referral other = Strangers();
  *other.mutable_victim() = CompleteReferral().victim();
  *other.add_perpetrators() = CompleteReferral().perpetrators(0);
  const std::vector<RecordMatch> matches = Match(CompleteReferral(), other);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_TRUE(matches[0].same_pair);
}

TEST(MatchingTest, NamesakesBornOnOtherDaysAreShownAndAreNoPair) {
  v1::Referral other = CompleteReferral();
  for (v1::Party* party : {other.mutable_victim(), other.mutable_perpetrators(0)}) {
    SetDay(*party->mutable_birth_date()->mutable_day(), 1950, 1, 1);
    party->mutable_address()->mutable_postcode()->set_value("MK8 8YY");
  }
  const std::vector<RecordMatch> matches = Match(CompleteReferral(), other);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_FALSE(matches[0].same_pair);
  EXPECT_THAT(matches[0].victim_fields, ElementsAre(MatchField::kName));
}

TEST(MatchingTest, AHouseholdIsNotAPerson) {
  v1::Referral neighbour = Strangers();
  *neighbour.mutable_victim()->mutable_address() = CompleteReferral().victim().address();
  const std::vector<RecordMatch> matches = Match(CompleteReferral(), neighbour);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_FALSE(matches[0].same_pair);
  EXPECT_THAT(matches[0].victim_fields, ElementsAre(MatchField::kAddress));
}

TEST(MatchingTest, R17ReversedRolesAreFoundAndAreNotTheSamePair) {
  const std::vector<RecordMatch> matches = Match(CompleteReferral(), Reversed());
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_TRUE(matches[0].roles_reversed);
  EXPECT_FALSE(matches[0].same_pair);
}

TEST(MatchingTest, TheSamePairComesBeforeReversedRolesAndBothBeforeTheRest) {
  v1::Referral one_side = Strangers();
  *one_side.mutable_victim() = CompleteReferral().victim();
  std::vector<KeptParty> kept = Parties("a-one-side", one_side);
  for (KeptParty& party : Parties("b-reversed", Reversed())) kept.push_back(party);
  for (KeptParty& party : Parties("c-same", CompleteReferral())) kept.push_back(party);
  std::vector<std::string> order;
  for (const RecordMatch& match : MatchRecords(Parties("asked", CompleteReferral()), kept))
    order.push_back(match.record);
  EXPECT_THAT(order, ElementsAre("c-same", "b-reversed", "a-one-side"));
}

TEST(MatchingTest, AProtectedAddressCannotBeFeltFor) {
  v1::Party party = CompleteReferral().victim();
  EXPECT_FALSE(KeysOf(party).address_key.empty());
  party.mutable_address()->set_protected_detail(true);
  EXPECT_TRUE(KeysOf(party).address_key.empty());
}

v1::Case Earlier() {
  v1::Case earlier;
  SetDay(*earlier.mutable_last_referral_day(), 2025, 3, 1);
  SetDay(*earlier.mutable_last_heard_day(), 2025, 3, 20);
  return earlier;
}

v1::Referral Incident(int year, int month, int day) {
  v1::Referral referral = CompleteReferral();
  SetDay(*referral.mutable_reason()->mutable_latest_incident()->mutable_day(), year, month, day);
  return referral;
}

TEST(RepeatOfTest, R03BothAnchorsAreWorkedOutAndTheAreasCounts) {
  v1::Policy policy;
  RepeatFinding finding = RepeatOf(Incident(2026, 3, 10), Earlier(), v1::DayAnswer(), policy);
  EXPECT_EQ(finding.by_referral.answer, RepeatAnswer::kTooLate);
  EXPECT_EQ(finding.by_heard.answer, RepeatAnswer::kRepeat);
  EXPECT_FALSE(finding.repeat());
  policy.mutable_repeat()->set_anchor(v1::REPEAT_ANCHOR_HEARD);
  EXPECT_TRUE(RepeatOf(Incident(2026, 3, 10), Earlier(), v1::DayAnswer(), policy).repeat());
}

TEST(RepeatOfTest, R03TheLastDayIsIncluded) {
  EXPECT_TRUE(RepeatOf(Incident(2026, 3, 1), Earlier(), v1::DayAnswer(), v1::Policy()).repeat());
  EXPECT_FALSE(RepeatOf(Incident(2026, 3, 2), Earlier(), v1::DayAnswer(), v1::Policy()).repeat());
}

TEST(RepeatOfTest, R03AnIncidentTheAnchorReferralToldOfIsNotNew) {
  v1::DayAnswer told;
  SetDay(*told.mutable_day(), 2025, 3, 1);
  EXPECT_EQ(RepeatOf(Incident(2025, 3, 1), Earlier(), told, v1::Policy()).by_referral.answer,
            RepeatAnswer::kNotNew);
}

TEST(RepeatOfTest, R03UnderTheOldDefinitionOnlyACrimeCounts) {
  v1::Policy old;
  old.mutable_repeat()->set_criminal_only(true);
  v1::Referral referral = Incident(2026, 2, 1);
  referral.mutable_reason()->set_latest_incident_criminal(v1::YES_NO_NO);
  EXPECT_FALSE(RepeatOf(referral, Earlier(), v1::DayAnswer(), old).repeat());
  EXPECT_TRUE(RepeatOf(referral, Earlier(), v1::DayAnswer(), v1::Policy()).repeat());
  referral.mutable_reason()->set_latest_incident_criminal(v1::YES_NO_YES);
  EXPECT_TRUE(RepeatOf(referral, Earlier(), v1::DayAnswer(), old).repeat());
  referral.mutable_reason()->set_latest_incident_criminal(v1::YES_NO_NOT_KNOWN);
  EXPECT_EQ(RepeatOf(referral, Earlier(), v1::DayAnswer(), old).counting().answer, RepeatAnswer::kNotKnown);
}

}  // namespace
}  // namespace marac::domain
