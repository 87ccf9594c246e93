#include "domain/pilot_report.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/pilots.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::AnswerTo;
using ::marac::testing::CodeOf;
using ::marac::testing::CountOfYes;
using ::marac::testing::OnlyYes;
using ::marac::testing::PairingOf;
using ::marac::testing::PilotOf;
using ::marac::testing::PlanOfTwoLooks;
using ::marac::testing::RuleOf;
using ::marac::testing::ShippedPacks;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Pairings = std::vector<PilotPairing>;

v1::PilotReport Report(const Pairings& pairings, const v1::PilotPlan& plan = PlanOfTwoLooks()) {
  return ReportOf(PilotOf(plan), ShippedPacks(), pairings);
}

// `times` pairs of the same answers.
void Add(Pairings& pairings, int times, const Answers& reference, const Answers& variant) {
  for (int i = 0; i < times; ++i) pairings.push_back(PairingOf(reference, variant));
}

const v1::PilotItemAgreement& ItemIn(const v1::PilotReport& report, int number) {
  return report.items(number - 1);
}
const v1::PilotQuality& QualityOf(const v1::PilotSide& side, int number) { return side.items(number - 1); }

v1::PilotRuleResult RuleIn(const v1::PilotReport& report, const std::string& id) {
  for (const v1::PilotRuleResult& rule : report.rules()) {
    if (rule.id() == id) return rule;
  }
  ADD_FAILURE() << "no rule " << id;
  return {};
}

Answers With(Answers answers, int number, v1::AnswerCode code,
             v1::AnswerReason reason = v1::ANSWER_REASON_UNSPECIFIED) {
  answers.Mutable(number - 1)->set_code(code);
  answers.Mutable(number - 1)->set_reason(reason);
  return answers;
}

int PairsAt(const v1::PilotBandAgreement& band, v1::Grade reference, v1::Grade variant) {
  for (const v1::PilotBandCell& cell : band.cells()) {
    if (cell.reference() == reference && cell.variant() == variant) return cell.pairs();
  }
  return -1;
}

TEST(PilotReportTest, SaysNothingBeforeThereIsAPair) {
  v1::PilotReport report = Report({});
  EXPECT_EQ(report.pairs(), 0);
  EXPECT_FALSE(report.has_band());
  EXPECT_FALSE(report.has_score());
  for (const v1::PilotRuleResult& rule : report.rules()) {
    EXPECT_EQ(rule.outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA) << rule.id();
    EXPECT_FALSE(rule.has_value());
  }
  EXPECT_FALSE(report.items(0).has_kappa());
  EXPECT_FALSE(report.items(0).has_agreement_percent());
  EXPECT_FALSE(report.variant().minutes().has_median());
}

// The 2 x 2 table of PilotStatisticsTest: 40 and 45 the same, 9 lost, 6 gained.
TEST(PilotReportTest, PIL02AnItemHasItsAgreement) {
  Pairings pairings;
  Add(pairings, 40, OnlyYes({2}), OnlyYes({2}));
  Add(pairings, 9, OnlyYes({2}), OnlyYes({}));
  Add(pairings, 6, OnlyYes({}), OnlyYes({2}));
  Add(pairings, 45, OnlyYes({}), OnlyYes({}));
  v1::PilotReport report = Report(pairings);
  const v1::PilotItemAgreement& item = ItemIn(report, 2);
  EXPECT_EQ(item.item(), CodeOf(2));
  EXPECT_EQ(item.pairs(), 100);
  EXPECT_EQ(item.both_yes(), 40);
  EXPECT_EQ(item.lost(), 9);
  EXPECT_EQ(item.gained(), 6);
  EXPECT_EQ(item.neither(), 45);
  EXPECT_NEAR(item.agreement_percent(), 85, 1e-9);
  EXPECT_NEAR(item.kappa().value(), 0.6995, 5e-5);
  EXPECT_NEAR(item.pabak(), 0.70, 1e-9);
  // 9 or more of 15 by fair throws, both ways: 2 x 9949 / 32768.
  EXPECT_NEAR(item.chance_of_shift(), 2 * 9949.0 / 32768, 1e-9);
}

TEST(PilotReportTest, KappaOfAnItemThatNobodyAnsweredYesIsAbsent) {
  Pairings pairings;
  Add(pairings, 30, OnlyYes({2}), OnlyYes({2}));
  v1::PilotReport report = Report(pairings);
  EXPECT_FALSE(ItemIn(report, 1).has_kappa());
  EXPECT_FALSE(ItemIn(report, 2).has_kappa()) << "nor where everybody did";
  EXPECT_NEAR(ItemIn(report, 1).pabak(), 1, 1e-9);
}

TEST(PilotReportTest, WhatWasNotPutToBothIsNotCompared) {
  Pairings pairings;
  Add(pairings, 1, OnlyYes({2}), With(OnlyYes({}), 2, v1::ANSWER_CODE_NOT_ASKED));
  Add(pairings, 1, OnlyYes({2}), With(OnlyYes({}), 2, v1::ANSWER_CODE_NOT_APPLICABLE));
  Add(pairings, 1, OnlyYes({2}), With(OnlyYes({}), 2, v1::ANSWER_CODE_DONT_KNOW));
  v1::PilotReport report = Report(pairings);
  EXPECT_EQ(ItemIn(report, 2).pairs(), 1);
  EXPECT_EQ(ItemIn(report, 2).lost(), 1) << "a yes that became don't know does not count any more";
}

TEST(PilotReportTest, PIL03TheMatrixSaysWhereBandsMoved) {
  Pairings pairings;
  Add(pairings, 5, CountOfYes(9), CountOfYes(9));
  Add(pairings, 3, CountOfYes(9), CountOfYes(10));
  Add(pairings, 2, CountOfYes(13), CountOfYes(14));
  Add(pairings, 4, CountOfYes(14), CountOfYes(13));
  Add(pairings, 1, CountOfYes(14), CountOfYes(9));
  Add(pairings, 5, CountOfYes(20), CountOfYes(14));
  v1::PilotReport report = Report(pairings);
  const v1::PilotBandAgreement& band = report.band();
  EXPECT_EQ(band.pairs(), 20);
  EXPECT_EQ(band.cells_size(), 9);
  EXPECT_EQ(PairsAt(band, v1::GRADE_STANDARD, v1::GRADE_STANDARD), 5);
  EXPECT_EQ(PairsAt(band, v1::GRADE_STANDARD, v1::GRADE_MEDIUM), 3);
  EXPECT_EQ(PairsAt(band, v1::GRADE_MEDIUM, v1::GRADE_HIGH), 2);
  EXPECT_EQ(PairsAt(band, v1::GRADE_HIGH, v1::GRADE_MEDIUM), 4);
  EXPECT_EQ(PairsAt(band, v1::GRADE_HIGH, v1::GRADE_STANDARD), 1);
  EXPECT_EQ(PairsAt(band, v1::GRADE_HIGH, v1::GRADE_HIGH), 5);
  EXPECT_EQ(band.raised(), 5);
  EXPECT_EQ(band.lowered(), 5);
  EXPECT_EQ(band.moved_into_high(), 2);
  EXPECT_EQ(band.moved_out_of_high(), 5);
  EXPECT_NEAR(band.moved_into_high_percent(), 10, 1e-9);
  EXPECT_EQ(band.chance_of_shift(), 1);
  EXPECT_TRUE(band.has_kappa_linear());
  EXPECT_GT(band.kappa_quadratic().high(), band.kappa_quadratic().value());
}

TEST(PilotReportTest, PIL03SaysWhichGroundsAndReferralsMoved) {
  Pairings pairings;
  Add(pairings, 3, OnlyYes({15}), OnlyYes({}));
  Add(pairings, 2, OnlyYes({15}), OnlyYes({15}));
  Add(pairings, 1, CountOfYes(13), CountOfYes(14));
  pairings[0].reference.assessment.set_referral("areas/mk/referrals/r1");
  v1::PilotReport report = Report(pairings);
  auto ground = [&](const std::string& id) {
    auto found = std::ranges::find(report.grounds(), id, &v1::PilotGroundAgreement::id);
    return found == report.grounds().end() ? v1::PilotGroundAgreement() : *found;
  };
  EXPECT_EQ(ground("STRANGULATION").reference_only(), 3);
  EXPECT_EQ(ground("STRANGULATION").both(), 2);
  EXPECT_EQ(ground("VISIBLE_HIGH").variant_only(), 1);
  EXPECT_EQ(ground("REFERRED").reference_only(), 1);
}

TEST(PilotReportTest, PIL02TheScoreIsComparedWithinPairsOfFinishedForms) {
  Pairings pairings;
  for (int yes : {4, 6, 8, 10, 12}) Add(pairings, 1, CountOfYes(yes), CountOfYes(yes - 1));
  Add(pairings, 1, CountOfYes(12), CountOfYes(2, v1::ANSWER_CODE_NOT_ASKED));
  v1::PilotReport report = Report(pairings);
  EXPECT_EQ(report.score().pairs(), 5) << "one was stopped half-way and says how far it came";
  EXPECT_NEAR(report.score().mean_difference().value(), -1, 1e-9);
  EXPECT_NEAR(report.score().limit_low(), -1, 1e-9) << "all differ by one";
  // Between subjects 20, between raters 2.5, rest 0: 20 / (20 + 2 x 2.5 / 5).
  EXPECT_NEAR(report.score().icc(), 20.0 / 21, 1e-9);
}

// EQ-03: until a pack is supported, no averages compared across variants. Only differences within pairs have
// a mean.
TEST(PilotReportTest, EQ03NoVariantHasAMeanScoreOfItsOwn) {
  const google::protobuf::Descriptor* side = v1::PilotSide::descriptor();
  const google::protobuf::Descriptor* quality = v1::PilotQuality::descriptor();
  for (const google::protobuf::Descriptor* type : {side, quality}) {
    for (int i = 0; i < type->field_count(); ++i) {
      for (const char* word : {"score", "mean", "average", "yes_percent", "both_yes"}) {
        EXPECT_EQ(type->field(i)->name().find(word), std::string::npos) << type->field(i)->full_name();
      }
    }
  }
  // Two pilots whose scores differ as wholes and not within pairs tell the same.
  Pairings low;
  Add(low, 10, CountOfYes(3), CountOfYes(2));
  Pairings high;
  Add(high, 10, CountOfYes(8), CountOfYes(7));
  EXPECT_EQ(Report(low).score().mean_difference().value(), Report(high).score().mean_difference().value());
}

// --- PIL-04 ------------------------------------------------------------------------------------------------

TEST(PilotReportTest, PIL04CountsHowEachItemWasAnswered) {
  Pairings pairings;
  const Answers no = OnlyYes({});
  Add(pairings, 3, no, With(no, 2, v1::ANSWER_CODE_DONT_KNOW));
  Add(pairings, 2, no, With(no, 2, v1::ANSWER_CODE_DONT_KNOW, v1::ANSWER_REASON_NOT_UNDERSTOOD));
  Add(pairings, 1, no, With(no, 2, v1::ANSWER_CODE_DECLINED));
  Add(pairings, 4, no, With(no, 2, v1::ANSWER_CODE_NOT_ASKED));
  pairings[0].variant.assessment.mutable_answers(1)->set_reworded(true);
  v1::PilotReport report = Report(pairings);
  const v1::PilotQuality& item = QualityOf(report.variant(), 2);
  EXPECT_EQ(item.answered(), 6);
  EXPECT_EQ(item.missing(), 4);
  EXPECT_EQ(item.dont_know(), 5);
  EXPECT_EQ(item.not_understood(), 2);
  EXPECT_EQ(item.declined(), 1);
  EXPECT_EQ(item.reworded(), 1);
  EXPECT_EQ(QualityOf(report.reference(), 2).answered(), 10);
  EXPECT_EQ(QualityOf(report.reference(), 2).dont_know(), 0);
}

TEST(PilotReportTest, PIL04SeesInTheEventsWhatWasSkippedAndChanged) {
  Pairings pairings;
  Add(pairings, 1, OnlyYes({}), OnlyYes({2}));
  for (v1::AnswerCode code : {v1::ANSWER_CODE_NOT_ASKED, v1::ANSWER_CODE_NO, v1::ANSWER_CODE_YES}) {
    pairings[0].variant.events.push_back(AnswerTo(2, code));
  }
  pairings[0].variant.events.push_back(AnswerTo(3, v1::ANSWER_CODE_NOT_ASKED));
  pairings[0].variant.events.push_back(AnswerTo(3, v1::ANSWER_CODE_NO));
  pairings[0].variant.events.push_back(AnswerTo(3, v1::ANSWER_CODE_NO));
  v1::PilotReport report = Report(pairings);
  EXPECT_EQ(QualityOf(report.variant(), 2).skipped(), 1);
  EXPECT_EQ(QualityOf(report.variant(), 2).changed(), 1);
  EXPECT_EQ(QualityOf(report.variant(), 2).missing(), 0) << "it came back and was answered";
  EXPECT_EQ(QualityOf(report.variant(), 3).changed(), 0)
      << "the same again is no change, nor is a first answer";
}

TEST(PilotReportTest, PIL04NoticesYesToEverything) {
  Pairings pairings;
  Add(pairings, 1, OnlyYes({}), CountOfYes(24));
  Add(pairings, 1, OnlyYes({}), CountOfYes(10, v1::ANSWER_CODE_NOT_ASKED));
  Add(pairings, 1, OnlyYes({}), CountOfYes(9, v1::ANSWER_CODE_NOT_ASKED));
  Add(pairings, 1, OnlyYes({}), CountOfYes(23));
  EXPECT_EQ(Report(pairings).variant().straight_line_yes(), 2);
}

// A pack with a practice question, check-ins, and item 2 in two probes.
v1::InstrumentPack ProbingPack() {
  v1::InstrumentPack pack = ShippedPacks().variant;
  for (const char* code : {"FEAR_A", "FEAR_B"}) pack.mutable_items(1)->add_probes()->set_code(code);
  v1::Section* practice = pack.add_sections();
  practice->set_kind(v1::SECTION_KIND_PRACTICE);
  practice->add_items()->set_code("PRACTICE_NO");
  v1::Section* check_in = pack.add_sections();
  check_in->set_kind(v1::SECTION_KIND_CHECK_IN);
  check_in->add_items()->set_code("HOW_NOW");
  v1::Section* unscored = pack.add_sections();
  unscored->set_kind(v1::SECTION_KIND_UNSCORED);
  unscored->add_items()->set_code("CARE_WITHHELD");
  return pack;
}

v1::Answer ProbeAnswer(const std::string& probe, v1::AnswerCode code) {
  v1::Answer answer = AnswerTo(2, code);
  answer.set_probe(probe);
  return answer;
}
v1::Answer SectionAnswer(const std::string& item, v1::AnswerCode code, const std::string& option = "") {
  v1::Answer answer;
  answer.set_item(item);
  answer.set_code(code);
  answer.set_option(option);
  return answer;
}

TEST(PilotReportTest, PIL04CountsPracticeAndContradictions) {
  v1::PilotPlan plan = PlanOfTwoLooks();
  v1::PilotPractice* practice = plan.add_practice();
  practice->set_item("PRACTICE_NO");
  practice->set_answer(v1::ANSWER_CODE_NO);
  v1::PilotContradiction* contradiction = plan.add_contradictions();
  contradiction->set_id("PREGNANT_AND_SEPARATED");
  for (int number : {6, 9}) {
    contradiction->mutable_when()->mutable_all_of()->add_conditions()->set_answer(CodeOf(number));
  }
  Pairings pairings;
  Add(pairings, 2, OnlyYes({}), OnlyYes({6, 9}));
  Add(pairings, 2, OnlyYes({}), OnlyYes({6}));
  *pairings[0].variant.assessment.add_section_answers() = SectionAnswer("PRACTICE_NO", v1::ANSWER_CODE_YES);
  *pairings[1].variant.assessment.add_section_answers() = SectionAnswer("PRACTICE_NO", v1::ANSWER_CODE_NO);
  *pairings[2].variant.assessment.add_section_answers() =
      SectionAnswer("PRACTICE_NO", v1::ANSWER_CODE_NOT_ASKED);
  *pairings[3].variant.assessment.add_section_answers() =
      SectionAnswer("PRACTICE_NO", v1::ANSWER_CODE_DONT_KNOW);
  *pairings[0].variant.assessment.add_probe_answers() = ProbeAnswer("FEAR_A", v1::ANSWER_CODE_YES);
  const v1::InstrumentPack variant = ProbingPack();
  v1::PilotReport report = ReportOf(PilotOf(plan), {ShippedPacks().reference, variant}, pairings);
  EXPECT_EQ(report.variant().practice_failures(), 2) << "wrong, or not known; not put is neither";
  ASSERT_EQ(report.variant().contradictions_size(), 2);
  EXPECT_EQ(report.variant().contradictions(0).id(), "NO_OVER_YES");
  EXPECT_EQ(report.variant().contradictions(0).count(), 1);
  EXPECT_EQ(report.variant().contradictions(1).count(), 2);
}

TEST(PilotReportTest, PIL02ProbesShowWhereTheyDisagree) {
  Pairings pairings;
  Add(pairings, 3, OnlyYes({}), OnlyYes({2}));
  Add(pairings, 1, OnlyYes({2}), OnlyYes({2}));
  for (PilotPairing& pairing : pairings) {
    *pairing.variant.assessment.add_probe_answers() = ProbeAnswer("FEAR_A", v1::ANSWER_CODE_NO);
    *pairing.variant.assessment.add_probe_answers() = ProbeAnswer("FEAR_B", v1::ANSWER_CODE_YES);
  }
  pairings[0].variant.assessment.mutable_probe_answers(0)->set_code(v1::ANSWER_CODE_DONT_KNOW);
  pairings[0].variant.assessment.mutable_probe_answers(0)->set_reason(v1::ANSWER_REASON_NOT_UNDERSTOOD);
  const v1::InstrumentPack variant = ProbingPack();
  v1::PilotReport report = ReportOf(PilotOf(PlanOfTwoLooks()), {ShippedPacks().reference, variant}, pairings);
  ASSERT_EQ(report.variant().probes_size(), 2);
  EXPECT_EQ(report.variant().probes(0).code(), "FEAR_A");
  EXPECT_EQ(report.variant().probes(0).yes_alone(), 0);
  EXPECT_EQ(report.variant().probes(0).not_understood(), 1);
  EXPECT_EQ(report.variant().probes(1).yes_alone(), 3);
  EXPECT_EQ(QualityOf(report.variant(), 2).not_understood(), 0) << "the item was answered yes all the same";
}

TEST(PilotReportTest, PIL05TellsTheBurden) {
  Pairings pairings;
  Add(pairings, 2, OnlyYes({}), OnlyYes({}));
  for (int minute : {0, 4, 8}) {
    v1::Answer event = AnswerTo(1, v1::ANSWER_CODE_NO);
    *event.mutable_time() = ToTimestamp(absl::FromUnixSeconds(1'770'000'000) + absl::Minutes(minute));
    pairings[0].variant.events.push_back(event);
  }
  pairings[1].variant.assessment.set_state(v1::ASSESSMENT_STATE_STOPPED);
  *pairings[1].variant.assessment.add_section_answers() =
      SectionAnswer("HOW_NOW", v1::ANSWER_CODE_OPTION, "SAD");
  *pairings[0].variant.assessment.add_section_answers() =
      SectionAnswer("HOW_NOW", v1::ANSWER_CODE_OPTION, "SAD");
  *pairings[0].variant.assessment.add_section_answers() = SectionAnswer("CARE_WITHHELD", v1::ANSWER_CODE_YES);
  const v1::InstrumentPack variant = ProbingPack();
  v1::PilotReport report = ReportOf(PilotOf(PlanOfTwoLooks()), {ShippedPacks().reference, variant}, pairings);
  EXPECT_EQ(report.variant().stopped(), 1);
  EXPECT_EQ(report.variant().minutes().count(), 1);
  EXPECT_NEAR(report.variant().minutes().median(), 8, 1e-9);
  EXPECT_EQ(report.variant().sittings(), 1);
  ASSERT_EQ(report.variant().section_answers_size(), 1) << "what was asked about abuse is no burden";
  EXPECT_EQ(report.variant().section_answers(0).option(), "SAD");
  EXPECT_EQ(report.variant().section_answers(0).count(), 2);
}

// --- PIL-07 ------------------------------------------------------------------------------------------------

TEST(PilotReportTest, PIL07NothingIsDecidedBeforeALook) {
  Pairings pairings;
  Add(pairings, 39, CountOfYes(14), CountOfYes(9));
  v1::PilotReport report = Report(pairings);
  EXPECT_EQ(report.look(), 0);
  for (const v1::PilotRuleResult& rule : report.rules()) {
    EXPECT_EQ(rule.outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA) << rule.id();
  }
  EXPECT_EQ(report.band().lowered(), 39) << "but everything is shown";
}

// PIL-06: figures are shown, and what they decide is not told, until somebody has looked at what went wrong.
TEST(PilotReportTest, PIL06NothingIsDecidedWhileSomethingThatWentWrongWaits) {
  Pairings pairings;
  Add(pairings, 40, CountOfYes(14), CountOfYes(9));
  ASSERT_EQ(RuleIn(Report(pairings), "NOTHING_LOST").outcome(), v1::PILOT_OUTCOME_NOT_MET);
  v1::Pilot pilot = PilotOf(PlanOfTwoLooks());
  v1::PilotIncident& incident = *pilot.add_incidents();
  const v1::PilotReport withheld = ReportOf(pilot, ShippedPacks(), pairings);
  for (const v1::PilotRuleResult& rule : withheld.rules()) {
    EXPECT_EQ(rule.outcome(), v1::PILOT_OUTCOME_WITHHELD) << rule.id();
    EXPECT_TRUE(rule.where().empty()) << "where it is not met would tell";
  }
  EXPECT_EQ(withheld.band().lowered(), 40);
  incident.mutable_review()->set_finding("The room was too loud.");
  EXPECT_EQ(RuleIn(ReportOf(pilot, ShippedPacks(), pairings), "NOTHING_LOST").outcome(),
            v1::PILOT_OUTCOME_NOT_MET);
}

TEST(PilotReportTest, PIL07PairsAfterALookDoNotCountUntilTheNext) {
  Pairings pairings;
  Add(pairings, 20, CountOfYes(14), CountOfYes(14));
  Add(pairings, 20, CountOfYes(9), CountOfYes(9));
  EXPECT_EQ(RuleIn(Report(pairings), "BAND_AGREES").outcome(), v1::PILOT_OUTCOME_MET);
  Add(pairings, 39, CountOfYes(14), CountOfYes(9));
  v1::PilotReport between = Report(pairings);
  EXPECT_EQ(between.look(), 40);
  EXPECT_FALSE(between.last_look());
  EXPECT_EQ(RuleIn(between, "BAND_AGREES").outcome(), v1::PILOT_OUTCOME_MET);
  EXPECT_EQ(RuleIn(between, "NOTHING_LOST").outcome(), v1::PILOT_OUTCOME_MET);
  Add(pairings, 1, CountOfYes(14), CountOfYes(9));
  v1::PilotReport at = Report(pairings);
  EXPECT_TRUE(at.last_look());
  EXPECT_EQ(RuleIn(at, "BAND_AGREES").outcome(), v1::PILOT_OUTCOME_NOT_MET);
  EXPECT_EQ(RuleIn(at, "NOTHING_LOST").outcome(), v1::PILOT_OUTCOME_NOT_MET);
}

TEST(PilotReportTest, PIL07KappaThatWasNotShownByTheLastLookIsNotMet) {
  Pairings pairings;
  for (int half : {0, 1}) {
    // Kappa 0.7, whose interval at 40 pairs begins near 0.48 and at 80 near 0.54.
    Add(pairings, 17, CountOfYes(14), CountOfYes(14));
    Add(pairings, 3, CountOfYes(14), CountOfYes(9));
    Add(pairings, 3, CountOfYes(9), CountOfYes(14));
    Add(pairings, 17, CountOfYes(9), CountOfYes(9));
    v1::PilotRuleResult rule = RuleIn(Report(pairings), "BAND_AGREES");
    EXPECT_NEAR(rule.value().value(), 0.7, 1e-9);
    EXPECT_LT(rule.value().low(), 0.6);
    EXPECT_EQ(rule.outcome(), half == 0 ? v1::PILOT_OUTCOME_TOO_LITTLE_DATA : v1::PILOT_OUTCOME_NOT_MET);
  }
}

TEST(PilotReportTest, PIL07AllInOneBandSaysNothingAboutBands) {
  Pairings pairings;
  Add(pairings, 80, CountOfYes(3), CountOfYes(3));
  EXPECT_EQ(RuleIn(Report(pairings), "BAND_AGREES").outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA);
  EXPECT_FALSE(RuleIn(Report(pairings), "BAND_AGREES").has_value());
}

TEST(PilotReportTest, PIL07ARuleWaitsForItsPairs) {
  v1::PilotPlan plan = PlanOfTwoLooks();
  for (v1::PilotRule& rule : *plan.mutable_rules()) rule.set_pairs_min(41);
  Pairings pairings;
  Add(pairings, 40, CountOfYes(14), CountOfYes(9));
  v1::PilotReport report = Report(pairings, plan);
  for (const v1::PilotRuleResult& rule : report.rules()) {
    EXPECT_EQ(rule.outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA) << rule.id();
  }
}

// 4 of 80 are 5 percent: within. 5 are above it, but chance could be why. 20 are above it for sure.
TEST(PilotReportTest, PIL07WhatIsNotUnderstoodHasALimit) {
  auto rule = [](int times, int of) {
    const Answers no = OnlyYes({});
    Pairings pairings;
    Add(pairings, times, no, With(no, 2, v1::ANSWER_CODE_DONT_KNOW, v1::ANSWER_REASON_NOT_UNDERSTOOD));
    Add(pairings, of - times, no, no);
    return RuleIn(Report(pairings), "UNDERSTOOD");
  };
  EXPECT_EQ(rule(4, 80).outcome(), v1::PILOT_OUTCOME_MET);
  EXPECT_NEAR(rule(4, 80).value().value(), 5, 1e-9);
  EXPECT_EQ(rule(5, 80).outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA);
  EXPECT_EQ(rule(20, 80).outcome(), v1::PILOT_OUTCOME_NOT_MET);
  EXPECT_THAT(rule(20, 80).where(), ElementsAre(CodeOf(2)));
  EXPECT_EQ(rule(0, 40).outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA) << "none of 40 can still be 8 percent";
  EXPECT_EQ(rule(20, 40).outcome(), v1::PILOT_OUTCOME_NOT_MET) << "which needs no second look";
}

TEST(PilotReportTest, PIL07DontKnowIsComparedWithTheReference) {
  auto rule = [](int reference, int variant) {
    const Answers no = OnlyYes({});
    const Answers unknown = With(no, 2, v1::ANSWER_CODE_DONT_KNOW);
    Pairings pairings;
    for (int i = 0; i < 80; ++i) {
      pairings.push_back(PairingOf(i < reference ? unknown : no, i < variant ? unknown : no));
    }
    return RuleIn(Report(pairings), "KNOWN");
  };
  EXPECT_EQ(rule(0, 0).outcome(), v1::PILOT_OUTCOME_MET);
  EXPECT_EQ(rule(6, 12).outcome(), v1::PILOT_OUTCOME_MET) << "twice is not more than twice";
  EXPECT_NEAR(rule(6, 12).value().value(), 2, 1e-9);
  EXPECT_EQ(rule(0, 1).outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA) << "one against none is chance";
  EXPECT_FALSE(rule(0, 1).has_value());
  EXPECT_EQ(rule(4, 40).outcome(), v1::PILOT_OUTCOME_NOT_MET);
  EXPECT_THAT(rule(4, 40).where(), ElementsAre(CodeOf(2)));
}

TEST(PilotReportTest, PIL07ALossOnOneItemIsFoundAndNamed) {
  Pairings pairings;
  // Lost on item 2 and gained on another, so that the score stays: only the item shows it.
  Add(pairings, 25, OnlyYes({2}), OnlyYes({3}));
  Add(pairings, 55, OnlyYes({2, 3}), OnlyYes({2, 3}));
  v1::PilotRuleResult rule = RuleIn(Report(pairings), "NOTHING_LOST");
  EXPECT_EQ(rule.outcome(), v1::PILOT_OUTCOME_NOT_MET);
  EXPECT_THAT(rule.where(), ElementsAre(CodeOf(2)));
  EXPECT_NEAR(rule.value().value(), 0, 1e-9);
}

TEST(PilotReportTest, PIL07AGainIsNoLoss) {
  Pairings pairings;
  for (int i = 0; i < 80; ++i) Add(pairings, 1, CountOfYes(i % 10 + 2), CountOfYes(i % 10 + 3));
  EXPECT_EQ(RuleIn(Report(pairings), "NOTHING_LOST").outcome(), v1::PILOT_OUTCOME_MET);
}

TEST(PilotReportTest, PIL07ALossThatWasFoundStaysFound) {
  Pairings pairings;
  Add(pairings, 20, CountOfYes(14), CountOfYes(13));
  Add(pairings, 20, CountOfYes(8), CountOfYes(8));
  EXPECT_EQ(RuleIn(Report(pairings), "NOTHING_LOST").outcome(), v1::PILOT_OUTCOME_NOT_MET);
  Add(pairings, 40, CountOfYes(13), CountOfYes(14));
  v1::PilotRuleResult rule = RuleIn(Report(pairings), "NOTHING_LOST");
  EXPECT_GT(rule.value().value(), 0);
  EXPECT_EQ(rule.outcome(), v1::PILOT_OUTCOME_NOT_MET);
  EXPECT_THAT(rule.where(), Contains("SCORE"));
}

TEST(PilotReportTest, PIL07ThatNoLossWasFoundIsNoProof) {
  Pairings pairings;
  // As often three more as three less: no shift, and at 40 pairs still room for one of more than half an
  // answer.
  Add(pairings, 20, CountOfYes(8), CountOfYes(5));
  Add(pairings, 20, CountOfYes(5), CountOfYes(8));
  v1::PilotRuleResult rule = RuleIn(Report(pairings), "NOTHING_LOST");
  EXPECT_THAT(rule.where(), IsEmpty());
  EXPECT_EQ(rule.outcome(), v1::PILOT_OUTCOME_TOO_LITTLE_DATA);
}

TEST(PilotReportTest, PIL07OfTheHighFewMayBeLowered) {
  v1::PilotPlan plan = PlanOfTwoLooks();
  *plan.add_rules() = RuleOf("HIGH_STAYS", v1::PILOT_MEASURE_MOVED_OUT_OF_HIGH_PERCENT, 10);
  auto outcome = [&](int lowered) {
    Pairings pairings;
    Add(pairings, lowered, CountOfYes(14), CountOfYes(13));
    Add(pairings, 40 - lowered, CountOfYes(14), CountOfYes(14));
    Add(pairings, 40, CountOfYes(3), CountOfYes(3));
    return RuleIn(Report(pairings, plan), "HIGH_STAYS");
  };
  EXPECT_EQ(outcome(4).outcome(), v1::PILOT_OUTCOME_MET);
  EXPECT_NEAR(outcome(4).value().value(), 10, 1e-9);
  EXPECT_EQ(outcome(15).outcome(), v1::PILOT_OUTCOME_NOT_MET);
}

// --- PIL-08 ------------------------------------------------------------------------------------------------

// Whatever looks odd - yes to everything, a wrong practice answer, answers that contradict - is told, and the
// score, the band and the grade of that assessment stay what they are: a report takes assessments and gives
// figures, and nothing leads back.
TEST(PilotReportTest, PIL08PatternsNeverLowerAScore) {
  v1::PilotPlan plan = PlanOfTwoLooks();
  v1::PilotPractice* practice = plan.add_practice();
  practice->set_item("PRACTICE_NO");
  practice->set_answer(v1::ANSWER_CODE_NO);
  Pairings pairings;
  Add(pairings, 40, CountOfYes(24), CountOfYes(24));
  for (PilotPairing& pairing : pairings) {
    *pairing.variant.assessment.add_section_answers() = SectionAnswer("PRACTICE_NO", v1::ANSWER_CODE_YES);
  }
  const Pairings before = pairings;
  const v1::InstrumentPack variant = ProbingPack();
  const v1::Pilot pilot = PilotOf(plan);
  v1::PilotReport report = ReportOf(pilot, {ShippedPacks().reference, variant}, pairings);
  EXPECT_EQ(report.variant().straight_line_yes(), 40);
  EXPECT_EQ(report.variant().practice_failures(), 40);
  using google::protobuf::util::MessageDifferencer;
  for (size_t i = 0; i < pairings.size(); ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(pairings[i].variant.assessment, before[i].variant.assessment));
    EXPECT_EQ(pairings[i].variant.assessment.result().score(), 24);
  }
  EXPECT_EQ(PairsAt(report.band(), v1::GRADE_HIGH, v1::GRADE_HIGH), 40) << "and they count in full";
  EXPECT_EQ(report.score().pairs(), 40);
}

TEST(PilotReportTest, IsAFunctionOfPlanAndPairs) {
  Pairings pairings;
  Add(pairings, 25, CountOfYes(14), CountOfYes(13));
  Add(pairings, 25, OnlyYes({2, 6, 12, 13}), OnlyYes({6, 12}));
  EXPECT_EQ(Report(pairings).SerializeAsString(), Report(pairings).SerializeAsString());
}

}  // namespace
}  // namespace marac::domain
