// The plan of a pilot that needs no pack but the shipped one, for tests.
#ifndef MARAC_TESTS_SUPPORT_PILOT_PLANS_H_
#define MARAC_TESTS_SUPPORT_PILOT_PLANS_H_

#include "domain/local_date.h"
#include "marac/v1/pilot.pb.h"

namespace marac::testing {

// Two raters on the shipped form, on days around `today`, looked at after two pairs and after twenty.
inline v1::PilotPlan PlanOfTwoRaters(domain::LocalDate today) {
  v1::PilotPlan plan;
  plan.set_title("Two raters");
  plan.set_design(v1::PILOT_DESIGN_BLIND_SECOND_RATER);
  plan.set_sample_percent(25);
  plan.set_reference_instrument("plain24@1.0");
  plan.set_variant_instrument("plain24@1.0");
  plan.set_policy("default@2026.1");
  *plan.mutable_first_day() = today.AddDays(-30).ToDay();
  *plan.mutable_last_day() = today.AddDays(300).ToDay();
  v1::PilotRule* rule = plan.add_rules();
  rule->set_id("BAND_AGREES");
  rule->set_measure(v1::PILOT_MEASURE_BAND_KAPPA_QUADRATIC);
  rule->set_limit(0.6);
  rule->set_pairs_min(2);
  plan.add_looks(2);
  plan.add_looks(20);
  plan.mutable_approval()->set_steering_group("Steering group");
  *plan.mutable_approval()->mutable_approved_on() = today.ToDay();
  return plan;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_PILOT_PLANS_H_
