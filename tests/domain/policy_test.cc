#include "domain/policy.h"

#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedForm;

const v1::Policy& DefaultPolicy() { return ShippedForm().policy->policy; }

const v1::InstrumentPack* FindShipped(std::string_view name) {
  const InstalledPack* installed = marac::testing::ShippedCatalogue().FindPack(name);
  return installed == nullptr ? nullptr : &installed->pack;
}

TEST(CheckPolicyTest, AcceptsThePolicyThatShips) {
  EXPECT_THAT(CheckPolicy(DefaultPolicy(), FindShipped), IsOk());
}

TEST(DefaultPolicyTest, HoldsTheDocumentedDefaults) {
  const v1::Policy& policy = DefaultPolicy();
  EXPECT_EQ(policy.high_threshold(), 14);
  EXPECT_EQ(policy.escalation().count(), 3);
  EXPECT_EQ(policy.escalation().months(), 12);
  EXPECT_EQ(policy.repeat().months(), 12);
  EXPECT_EQ(policy.repeat().anchor(), v1::REPEAT_ANCHOR_REFERRAL);
  EXPECT_FALSE(policy.allow_downgrade());
  EXPECT_EQ(policy.min_age_years(), 16);
  EXPECT_EQ(policy.review_days(), 49);
  std::set<std::string> control(policy.control_codes().begin(), policy.control_codes().end());
  std::set<std::string> expected;
  for (int number : {2, 4, 8, 12, 14, 16}) expected.insert(marac::testing::CodeOf(number));
  EXPECT_EQ(control, expected);
}

// dash.md 4: "Refuse a policy unless bands are contiguous from 0, the last is open, high starts at
// high_threshold, and every item code exists in every listed instrument."
TEST(CheckPolicyTest, NamesWhatIsWrong) {
  struct Case {
    void (*spoil)(v1::Policy&);
    std::string field;
  };
  const Case cases[] = {
      {[](auto& p) { p.set_id("Default"); }, "id:"},
      {[](auto& p) { p.clear_version(); }, "version:"},
      {[](auto& p) { p.clear_bands(); }, "bands:"},
      {[](auto& p) { p.mutable_bands(1)->set_to(8); }, "bands[1].to:"},
      {[](auto& p) { p.mutable_bands(2)->set_open(false); }, "bands[2].open:"},
      {[](auto& p) { p.mutable_bands(2)->set_to(24); }, "bands[2].open:"},
      {[](auto& p) { p.mutable_bands(1)->set_open(true); }, "bands[1].open:"},
      {[](auto& p) { p.mutable_bands(1)->set_grade(v1::GRADE_STANDARD); }, "bands[1].grade:"},
      {[](auto& p) { p.mutable_bands(0)->clear_grade(); }, "bands[0].grade:"},
      {[](auto& p) { p.set_high_threshold(12); }, "bands[2]:"},
      {[](auto& p) { p.mutable_bands(1)->set_to(12); }, "bands[2]:"},
      {[](auto& p) {
         p.mutable_bands()->RemoveLast();
         p.mutable_bands(1)->set_open(true);
         p.mutable_bands(1)->clear_to();
       },
       "bands: give a band with GRADE_HIGH"},
      {[](auto& p) {
         p.set_high_threshold(25);
         p.mutable_bands(1)->set_to(24);
       },
       "high_threshold:"},
      {[](auto& p) { p.clear_instruments(); }, "instruments:"},
      {[](auto& p) { p.add_instruments("other@1.0"); }, "instruments[2]:"},
      {[](auto& p) { p.mutable_escalation()->set_count(0); }, "escalation.count:"},
      {[](auto& p) { p.clear_escalation(); }, "escalation.count:"},
      {[](auto& p) { p.mutable_escalation()->set_months(0); }, "escalation.months:"},
      {[](auto& p) { p.mutable_repeat()->set_months(0); }, "repeat.months:"},
      {[](auto& p) { p.mutable_repeat()->clear_anchor(); }, "repeat.anchor:"},
      {[](auto& p) { p.clear_judgement_min_chars(); }, "judgement_min_chars:"},
      {[](auto& p) { p.clear_min_age_years(); }, "min_age_years:"},
      {[](auto& p) { p.clear_review_days(); }, "review_days:"},
      {[](auto& p) { p.mutable_review_changes(0)->set_code("new incident"); }, "review_changes[0].code:"},
      {[](auto& p) { p.mutable_review_changes(1)->set_code("NEW_INCIDENT"); }, "review_changes[1].code:"},
      {[](auto& p) { p.mutable_review_changes(2)->set_label(" "); }, "review_changes[2].label:"},
      {[](auto& p) {
         for (int i = p.review_changes_size(); i < 31; ++i) {
           v1::ReviewChange* change = p.add_review_changes();
           change->set_code("CHANGE_" + std::to_string(i));
           change->set_label("Something");
         }
       },
       "review_changes: give at most 30"},
      {[](auto& p) { p.mutable_valid_from()->set_day(32); }, "valid_from:"},
      {[](auto& p) { p.set_control_codes(0, "FRIGHT"); }, "control_codes[0]:"},
      {[](auto& p) { p.add_control_codes("FEAR"); }, "control_codes[6]:"},
      {[](auto& p) { p.mutable_clusters(0)->set_id("Strangled"); }, "clusters[0].id:"},
      {[](auto& p) { p.mutable_clusters(1)->set_id("STRANGULATION"); }, "clusters[1].id:"},
      {[](auto& p) { p.mutable_clusters(0)->clear_prompt(); }, "clusters[0].prompt:"},
      {[](auto& p) { p.mutable_clusters(0)->clear_action(); }, "clusters[0].action:"},
      {[](auto& p) { p.mutable_clusters(0)->clear_when(); }, "clusters[0].when:"},
      {[](auto& p) { p.mutable_clusters(0)->mutable_when()->set_answer("CHOKE"); },
       "clusters[0].when.answer:"},
      {[](auto& p) { p.mutable_clusters(0)->mutable_when()->set_has_note("CHOKE"); },
       "clusters[0].when.has_note:"},
      {[](auto& p) { p.mutable_clusters(0)->mutable_when()->set_flag("not a code"); },
       "clusters[0].when.flag:"},
      {[](auto& p) { p.mutable_clusters(0)->mutable_when()->mutable_all_of(); },
       "clusters[0].when.all_of.conditions:"},
      {[](auto& p) {
         p.mutable_clusters(2)
             ->mutable_when()
             ->mutable_all_of()
             ->mutable_conditions(1)
             ->mutable_any_of()
             ->mutable_conditions(0)
             ->set_answer("CONTROLS");
       },
       "clusters[2].when.all_of.conditions[1].any_of.conditions[0].answer:"},
      {[](auto& p) {
         auto* test = p.mutable_clusters(0)->mutable_when()->mutable_detail();
         test->set_item("HURT_ELSE");
         test->set_detail("NEIGHBOUR");
       },
       "clusters[0].when.detail.detail:"},
      {[](auto& p) {
         auto* list = p.mutable_clusters(0)->mutable_when()->mutable_at_least();
         list->set_count(2);
         list->add_conditions()->set_answer("FEAR");
       },
       "clusters[0].when.at_least.count:"},
      {[](auto& p) {
         v1::Condition* inner = p.mutable_clusters(0)->mutable_when();
         for (int i = 0; i < 12; ++i) inner = inner->mutable_all_of()->add_conditions();
         inner->set_answer("FEAR");
       },
       "nest conditions at most 10 deep"},
  };
  for (const Case& c : cases) {
    v1::Policy policy = DefaultPolicy();
    c.spoil(policy);
    EXPECT_THAT(CheckPolicy(policy, FindShipped), Refuses(absl::StatusCode::kInvalidArgument, c.field));
  }
}

// "T 14 -> 12: bands must change too": both together are accepted.
TEST(CheckPolicyTest, AcceptsAThresholdThatMovesWithItsBand) {
  v1::Policy policy = DefaultPolicy();
  policy.set_high_threshold(12);
  policy.mutable_bands(1)->set_to(11);
  EXPECT_THAT(CheckPolicy(policy, FindShipped), IsOk());
}

}  // namespace
}  // namespace marac::domain
