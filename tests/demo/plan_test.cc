// The demonstration's year: the published figures it is modelled on (marac.md 7 and 10), and that nobody in
// it is real.
#include "demo/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <set>

#include "absl/time/time.h"
#include "demo/invent.h"
#include "demo/services.h"
#include "demo/staff.h"
#include "domain/names.h"
#include "domain/services_directory.h"
#include "tests/support/status_matchers.h"

namespace marac::demo {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr uint64_t kSeed = 1;
const absl::Time kStart = absl::FromCivil(absl::CivilDay(2025, 1, 6), absl::UTCTimeZone());
const absl::Time kEnd = kStart + absl::Hours(24 * 364);

template <typename Is>
int Count(const Plan& plan, const Is& is) {
  return static_cast<int>(std::ranges::count_if(
      plan.referrals, [&](const PlannedReferral& r) { return is(r, plan.households[r.household]); }));
}

std::string Everything(const Plan& plan) {
  std::string all;
  for (const PlannedReferral& referral : plan.referrals) {
    const Household& household = plan.households[referral.household];
    all += absl::FormatTime(referral.submit_time) + referral.login + household.victim.ShortDebugString() +
           household.perpetrator.ShortDebugString() + referral.judgement.ShortDebugString();
  }
  return all;
}

TEST(PlanTest, TheSameSeedMakesTheSameYear) {
  EXPECT_EQ(Everything(MakePlan(kSeed, kStart, kEnd)), Everything(MakePlan(kSeed, kStart, kEnd)));
  EXPECT_NE(Everything(MakePlan(kSeed, kStart, kEnd)), Everything(MakePlan(kSeed + 1, kStart, kEnd)));
}

// Whatever the seed, so that another demonstration is as true.
class PlanOfSeedTest : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, PlanOfSeedTest, ::testing::Values(1, 2, 3, 4, 5));

TEST_P(PlanOfSeedTest, AYearHasTheShapeOfThePublishedFigures) {
  const Plan plan = MakePlan(GetParam(), kStart, kEnd);
  ASSERT_EQ(plan.referrals.size(), 197U);
  const auto from = [](const char* agency) {
    return [agency](const PlannedReferral& r, const Household&) { return r.agency == agency; };
  };
  EXPECT_EQ(Count(plan, from("childrens-care")), 3);
  EXPECT_NEAR(Count(plan, from("police")), 197 * 0.639, 3);
  EXPECT_EQ(Count(plan, [](const auto& r, const auto&) { return r.route == v1::REFERRAL_ROUTE_MASH; }), 0);
  const int minority = Count(plan, [](const auto&, const Household& h) { return h.ethnic_minority; });
  EXPECT_GE(minority, 197 * 0.22);
  EXPECT_LE(minority, 197 * 0.24);
  const auto victims = [&](const auto& is) {
    return Count(plan, [&](const auto&, const Household& h) { return is(h.victim); });
  };
  EXPECT_EQ(victims([](const v1::Party& p) { return p.lgbt() == v1::YES_NO_YES; }), 3);
  EXPECT_EQ(victims([](const v1::Party& p) { return p.disability() == v1::YES_NO_YES; }), 20);
  EXPECT_EQ(victims([](const v1::Party& p) { return p.gender().value() == "Male"; }), 13);

  int cases = 0, children = 0, late_cases = 0, late_repeats = 0;
  for (const PlannedReferral& referral : plan.referrals) {
    if (referral.fate != Fate::kAccepted && referral.fate != Fate::kRepeat) continue;
    ++cases;
    children += static_cast<int>(plan.households[referral.household].children.size());
    if (referral.submit_time < kEnd - absl::Hours(24 * 182)) continue;
    ++late_cases;
    late_repeats += referral.fate == Fate::kRepeat ? 1 : 0;
  }
  EXPECT_NEAR(1.0 * children / cases, 1.24, 0.01);
  EXPECT_NEAR(1.0 * late_repeats / late_cases, 0.31, 0.03);
}

TEST_P(PlanOfSeedTest, SomethingOfEachKindHappens) {
  const Plan plan = MakePlan(GetParam(), kStart, kEnd);
  for (const Fate fate : {Fate::kJoined, Fate::kDuplicate, Fate::kDeclined, Fate::kWithdrawn}) {
    EXPECT_GT(Count(plan, [fate](const auto& r, const auto&) { return r.fate == fate; }), 0);
  }
  EXPECT_GT(Count(plan, [](const auto& r, const auto&) { return r.urgent; }), 0);
  EXPECT_GT(Count(plan, [](const auto& r, const auto&) { return r.on_behalf; }), 0);
  EXPECT_GT(Count(plan, [](const auto& r, const auto&) { return r.returned_once; }), 0);
  EXPECT_GT(Count(plan, [](const auto& r, const auto&) { return r.deferred_once; }), 0);
  EXPECT_GT(Count(plan, [](const auto& r, const auto&) { return r.has_excluded; }), 0);
  EXPECT_GT(Count(plan, [](const auto& r, const auto&) { return r.stopped; }), 0);
  EXPECT_GT(Count(plan, [](const auto& r, const auto&) { return r.consent == v1::YES_NO_NO; }), 0);
}

TEST_P(PlanOfSeedTest, ARepeatComesAfterItsPairWasReferredAndHeard) {
  const Plan plan = MakePlan(GetParam(), kStart, kEnd);
  std::map<size_t, absl::Time> newest;
  for (const PlannedReferral& referral : plan.referrals) {
    const auto before = newest.find(referral.household);
    if (referral.fate == Fate::kRepeat) {
      ASSERT_NE(before, newest.end());
      EXPECT_GT(referral.submit_time - before->second, absl::Hours(24 * 56));
    }
    if (referral.fate == Fate::kAccepted || referral.fate == Fate::kRepeat) {
      newest[referral.household] = referral.submit_time;
    }
  }
}

TEST(PlanTest, NobodyCanBeReachedAndNoAddressExists) {
  const Plan plan = MakePlan(kSeed, kStart, kEnd);
  std::vector<std::string> numbers, postcodes, nhs_numbers;
  for (const Household& household : plan.households) {
    if (household.safe_contact.phone().has_value()) numbers.push_back(household.safe_contact.phone().value());
    std::vector<v1::Party> parties = household.children;
    parties.push_back(household.victim);
    parties.push_back(household.perpetrator);
    for (const v1::Party& party : parties) {
      if (party.address().postcode().has_value()) postcodes.push_back(party.address().postcode().value());
      if (party.nhs_number().has_value()) nhs_numbers.push_back(party.nhs_number().value());
    }
  }
  ASSERT_THAT(numbers, Not(IsEmpty()));
  EXPECT_THAT(numbers, Each(MatchesRegex("(07700 900|01632 960)[0-9][0-9][0-9]")));
  EXPECT_THAT(postcodes, Each(MatchesRegex("MK99 [0-9][A-Z][A-Z]")));
  ASSERT_THAT(nhs_numbers, Not(IsEmpty()));
  EXPECT_THAT(nhs_numbers, Each(MatchesRegex("999[0-9]+")));
  for (const std::string& number : nhs_numbers) EXPECT_OK(domain::ParseNhsNumber(number, "nhs_number"));
}

TEST(PlanTest, EveryHouseholdHasNamesOfItsOwn) {
  const Plan plan = MakePlan(kSeed, kStart, kEnd);
  std::set<std::string> names;
  for (const Household& household : plan.households) {
    EXPECT_TRUE(names.insert(household.victim.name().value()).second);
    EXPECT_TRUE(names.insert(household.perpetrator.name().value()).second);
    for (const v1::Party& child : household.children) EXPECT_TRUE(names.insert(child.name().value()).second);
  }
}

TEST(PlanTest, WhoeverRefersWorksThere) {
  for (const PlannedReferral& referral : MakePlan(kSeed, kStart, kEnd).referrals) {
    const StaffPlan* person = FindStaff(referral.login);
    ASSERT_NE(person, nullptr) << referral.login;
    ASSERT_NE(FindAgency(referral.agency), nullptr);
    if (referral.on_behalf) {
      EXPECT_STREQ(person->login, "coordinator");
      EXPECT_NE(RepresentativeOf(referral.agency), nullptr);
    } else {
      EXPECT_EQ(person->agency, referral.agency);
    }
  }
}

// Somebody who tries the pages and taps a number must ring nobody: all are of the ranges kept for drama.
TEST(ServicesTest, NobodyAnswersTheNumbersOfTheDirectory) {
  const std::regex drama("01632 960\\d{3}|0808 157 0\\d{3}|07700 900\\d{3}");
  for (const ServicePlan& plan : Services()) {
    EXPECT_FALSE(plan.service.numbers().empty());
    for (const v1::ServiceNumber& number : plan.service.numbers()) {
      EXPECT_TRUE(std::regex_match(number.number(), drama)) << number.number();
    }
  }
}

TEST(ServicesTest, EveryPurposeHasAServiceAndOneIsPastItsReview) {
  const domain::LocalDate today = domain::LocalDate::Create(2026, 11, 21, "today").value();
  std::set<int> purposes;
  int overdue = 0;
  for (const ServicePlan& plan : Services()) {
    const auto kept = domain::KeptService(On(plan, today), today);
    ASSERT_OK(kept) << plan.service.display_name();
    purposes.insert(kept->purposes().begin(), kept->purposes().end());
    overdue += kept->review_overdue() ? 1 : 0;
  }
  EXPECT_EQ(purposes.size(), static_cast<size_t>(v1::ServicePurpose_MAX));
  EXPECT_EQ(overdue, 1);
  EXPECT_EQ(std::ranges::count(Services(), kHelpline,
                               [](const ServicePlan& plan) { return plan.service.display_name(); }),
            1);
}

}  // namespace
}  // namespace marac::demo
