// What the decision rules of a pilot find, and how soon, on invented pairs whose truth is known.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "domain/pilot_report.h"
#include "tests/support/pilots.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::AnswerTo;
using ::marac::testing::PairingOf;
using ::marac::testing::PilotOf;
using ::marac::testing::PlanOfTwoLooks;
using ::marac::testing::ShippedPacks;

constexpr int kItems = 24;
constexpr int kPairsMax = 400;
constexpr int kPilots = 100;

// Numbers between 0 and 1, the same on every machine: the library's own distributions may differ.
class Chance {
 public:
  explicit Chance(uint64_t seed) : engine_(seed) {}
  double Share() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool Happens(double share) { return Share() < share; }
  // About normal, as the sum of twelve.
  double Normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += Share();
    return sum;
  }

 private:
  std::mt19937_64 engine_;
};

// Assumed, since no area has shown its own yet: of what is so one answer in thirteen is missed, of what is
// not one in twenty is heard, and one in twenty-five is not known. Two people who listen to the same talk
// then differ on about one answer in eight, which the last test here holds to what trained raters usually
// reach.
v1::AnswerCode Heard(bool is_so, Chance& chance) {
  if (chance.Happens(0.04)) return v1::ANSWER_CODE_DONT_KNOW;
  return chance.Happens(is_so ? 0.923 : 0.05) ? v1::ANSWER_CODE_YES : v1::ANSWER_CODE_NO;
}

// `lost`: the share of yes answers that the variant turns into no, on any item.
PilotPairing PairWith(double lost, Chance& chance) {
  const double severity = chance.Normal();
  Answers reference;
  Answers variant;
  for (int number = 1; number <= kItems; ++number) {
    // From one in ten to seven in ten for a person in the middle.
    const double common = -2.2 + 3.0 * (number - 1) / (kItems - 1);
    const bool is_so = chance.Happens(1 / (1 + std::exp(-(common + severity))));
    *reference.Add() = AnswerTo(number, Heard(is_so, chance));
    v1::AnswerCode code = Heard(is_so, chance);
    if (code == v1::ANSWER_CODE_YES && chance.Happens(lost)) code = v1::ANSWER_CODE_NO;
    v1::Answer* answer = variant.Add();
    *answer = AnswerTo(number, code);
    if (code == v1::ANSWER_CODE_DONT_KNOW && chance.Happens(0.25)) {
      answer->set_reason(v1::ANSWER_REASON_NOT_UNDERSTOOD);
    }
  }
  return PairingOf(reference, variant);
}

v1::PilotPlan PlanOfManyLooks() {
  v1::PilotPlan plan = PlanOfTwoLooks();
  plan.clear_looks();
  for (int look : {40, 80, 120, 160, 200, 250, 300, kPairsMax}) plan.add_looks(look);
  return plan;
}

const v1::PilotRuleResult& RuleIn(const v1::PilotReport& report, v1::PilotMeasure measure) {
  return *std::ranges::find(report.rules(), measure, &v1::PilotRuleResult::measure);
}

bool FindsALoss(const v1::PilotReport& report) {
  return RuleIn(report, v1::PILOT_MEASURE_NO_DOWNWARD_SHIFT).outcome() == v1::PILOT_OUTCOME_NOT_MET;
}

std::vector<PilotPairing> PairingsWith(double lost, uint64_t seed) {
  Chance chance(seed);
  std::vector<PilotPairing> pairings;
  for (int i = 0; i < kPairsMax; ++i) pairings.push_back(PairWith(lost, chance));
  return pairings;
}

// Pairs at the look at which the pilot of a variant that loses `lost` finds it; more than kPairsMax: never.
int FoundAt(const v1::Pilot& pilot, double lost, uint64_t seed) {
  Chance chance(seed);
  std::vector<PilotPairing> pairings;
  for (int look : pilot.plan().looks()) {
    while (static_cast<int>(pairings.size()) < look) pairings.push_back(PairWith(lost, chance));
    if (FindsALoss(ReportOf(pilot, ShippedPacks(), pairings))) return look;
  }
  return kPairsMax + 1;
}

// PIL-07: a variant that loses one yes in twenty - by which one form in two is short of an answer - is found
// by the rules themselves, before the pilot ends.
TEST(PilotSimulationTest, PIL07AVariantThatLosesOneYesInTwentyIsFound) {
  const v1::Pilot pilot = PilotOf(PlanOfManyLooks());
  std::vector<int> found;
  for (uint64_t seed = 1; seed <= kPilots; ++seed) {
    found.push_back(FoundAt(pilot, /*lost=*/0.05, seed));
  }
  std::ranges::sort(found);
  const int median = found[found.size() / 2];
  const auto missed = std::ranges::count_if(found, [](int pairs) { return pairs > kPairsMax; });
  std::printf("figure: pilot_bias_found_at=%d assessments\n", 2 * median);
  std::printf("figure: pilot_bias_missed=%.1f percent\n", 100.0 * static_cast<double>(missed) / kPilots);
  EXPECT_LE(median, 200);
  EXPECT_LE(missed, kPilots / 20);
}

// The false alarms that the plan allows, 5 percent of pilots over all looks together, are not exceeded by
// more than chance in so many pilots can: 17 of 200 (one in forty such tests would see more at exactly 5
// percent).
TEST(PilotSimulationTest, PIL07ASoundVariantIsHardlyEverAccused) {
  const v1::Pilot pilot = PilotOf(PlanOfManyLooks());
  int accused = 0;
  int refused = 0;
  int met = 0;
  int known_open = 0;
  for (uint64_t seed = 1001; seed <= 1000 + kPilots; ++seed) {
    const v1::PilotReport report = ReportOf(pilot, ShippedPacks(), PairingsWith(/*lost=*/0, seed));
    if (FindsALoss(report)) ++accused;
    const auto has = [&](v1::PilotOutcome outcome) {
      return std::ranges::any_of(report.rules(), [&](const auto& rule) { return rule.outcome() == outcome; });
    };
    if (has(v1::PILOT_OUTCOME_NOT_MET)) ++refused;
    const v1::PilotRuleResult& known = RuleIn(report, v1::PILOT_MEASURE_DONT_KNOW_RATIO);
    if (known.outcome() == v1::PILOT_OUTCOME_TOO_LITTLE_DATA) ++known_open;
    if (!has(v1::PILOT_OUTCOME_NOT_MET) && !has(v1::PILOT_OUTCOME_TOO_LITTLE_DATA)) ++met;
  }
  std::printf("figure: pilot_false_alarms=%.1f percent\n", 100.0 * accused / kPilots);
  std::printf("figure: pilot_sound_refused=%.1f percent\n", 100.0 * refused / kPilots);
  std::printf("figure: pilot_sound_dont_know_open=%.1f percent\n", 100.0 * known_open / kPilots);
  std::printf("figure: pilot_sound_met=%.1f percent\n", 100.0 * met / kPilots);
  EXPECT_LE(accused, 10);
}

// What is invented is of the kind that is found between two trained raters: neither perfect nor guessing.
TEST(PilotSimulationTest, TheInventedPairsDisagreeAsRatersDo) {
  const std::vector<PilotPairing> pairings = PairingsWith(/*lost=*/0, /*seed=*/7);
  const v1::PilotReport report = ReportOf(PilotOf(PlanOfManyLooks()), ShippedPacks(), pairings);
  for (const v1::PilotItemAgreement& item : report.items()) {
    EXPECT_GT(item.agreement_percent(), 78) << item.item();
    EXPECT_LT(item.agreement_percent(), 97) << item.item();
    EXPECT_GT(item.kappa().value(), 0.45) << item.item();
  }
  EXPECT_GT(report.score().icc(), 0.8);
  EXPECT_LT(std::abs(report.score().mean_difference().value()), 0.3);
}

}  // namespace
}  // namespace marac::domain
