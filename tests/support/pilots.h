// A pilot of another wording of the shipped form, and pairs of assessments for it, for tests.
#ifndef MARAC_TESTS_SUPPORT_PILOTS_H_
#define MARAC_TESTS_SUPPORT_PILOTS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "domain/pilot.h"
#include "domain/pilot_report.h"
#include "domain/scoring.h"
#include "domain/timestamp.h"
#include "tests/support/assessments.h"

namespace marac::testing {

inline constexpr char kReferencePack[] = "plain24@1.0";
inline constexpr char kVariantPack[] = "plain24-b@0.1";

// The shipped form, and the same under another name, both graded by the shipped policy.
inline const domain::Catalogue& PilotCatalogue() {
  static const domain::Catalogue catalogue = [] {
    domain::DataFile variant = With(Plain24File(), "\nid: \"plain24\"", "\nid: \"plain24-b\"");
    variant = With(variant, "\nversion: \"1.0\"", "\nversion: \"0.1\"");
    variant.name = "plain24-b.textproto";
    const domain::DataFile packs[] = {Plain24File(), variant};
    const domain::DataFile policies[] = {
        With(DefaultPolicyFile(), "instruments: \"plain24@1.0\"",
             "instruments: \"plain24@1.0\"\ninstruments: \"plain24-b@0.1\"")};
    return domain::Catalogue::Load(packs, policies, {}).value();
  }();
  return catalogue;
}

inline domain::PilotPacks ShippedPacks() {
  return {PilotCatalogue().FindPack(kReferencePack)->pack, PilotCatalogue().FindPack(kVariantPack)->pack};
}

inline v1::Day DayOf(int year, int month, int day) {
  v1::Day result;
  result.set_year(year);
  result.set_month(month);
  result.set_day(day);
  return result;
}

inline v1::PilotRule RuleOf(const std::string& id, v1::PilotMeasure measure, double limit,
                            int pairs_min = 2) {
  v1::PilotRule rule;
  rule.set_id(id);
  rule.set_measure(measure);
  rule.set_limit(limit);
  rule.set_pairs_min(pairs_min);
  if (measure == v1::PILOT_MEASURE_NO_DOWNWARD_SHIFT) rule.set_false_alarm_percent(5);
  return rule;
}

// The rules of dash.md PIL-07, with looks at 40 and 80 pairs.
inline v1::PilotPlan PlanOfTwoLooks() {
  v1::PilotPlan plan;
  plan.set_title("Easy words in the county");
  plan.set_design(v1::PILOT_DESIGN_SAME_TALK);
  plan.set_reference_instrument(kReferencePack);
  plan.set_variant_instrument(kVariantPack);
  plan.set_policy("default@2026.1");
  *plan.mutable_first_day() = DayOf(2026, 1, 1);
  *plan.mutable_last_day() = DayOf(2026, 12, 31);
  *plan.add_rules() = RuleOf("BAND_AGREES", v1::PILOT_MEASURE_BAND_KAPPA_QUADRATIC, 0.6);
  *plan.add_rules() = RuleOf("UNDERSTOOD", v1::PILOT_MEASURE_NOT_UNDERSTOOD_PERCENT, 5);
  *plan.add_rules() = RuleOf("KNOWN", v1::PILOT_MEASURE_DONT_KNOW_RATIO, 2);
  *plan.add_rules() = RuleOf("NOTHING_LOST", v1::PILOT_MEASURE_NO_DOWNWARD_SHIFT, 0.5);
  plan.add_looks(40);
  plan.add_looks(80);
  plan.mutable_approval()->set_steering_group("County steering group");
  *plan.mutable_approval()->mutable_approved_on() = DayOf(2025, 12, 1);
  return plan;
}

inline v1::Pilot PilotOf(const v1::PilotPlan& plan) {
  v1::Pilot pilot;
  pilot.set_name("areas/mk/pilots/p1");
  pilot.set_state(v1::PILOT_STATE_REGISTERED);
  *pilot.mutable_plan() = plan;
  return pilot;
}

// A signed assessment with these answers, graded by the shipped policy.
inline v1::Assessment SignedWith(const std::string& instrument, const Answers& answers) {
  static const domain::LocalDate kDate = domain::LocalDate::Create(2026, 3, 31, "date").value();
  const v1::Policy& policy = PilotCatalogue().FindPolicy("default@2026.1")->policy;
  v1::Assessment assessment;
  assessment.set_instrument(instrument);
  assessment.set_policy("default@2026.1");
  assessment.set_state(v1::ASSESSMENT_STATE_SIGNED);
  assessment.set_edition(1);
  *assessment.mutable_assessment_date() = kDate.ToDay();
  *assessment.mutable_answers() = answers;
  *assessment.mutable_result() =
      domain::Score(PilotCatalogue().FindPack(instrument)->pack, policy, answers, {}, kDate, {});
  return assessment;
}

inline domain::PilotPairing PairingOf(const Answers& reference, const Answers& variant) {
  domain::PilotPairing pairing;
  pairing.pair.set_order(v1::PILOT_ORDER_SAME_TALK);
  pairing.reference.assessment = SignedWith(kReferencePack, reference);
  pairing.variant.assessment = SignedWith(kVariantPack, variant);
  return pairing;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_PILOTS_H_
