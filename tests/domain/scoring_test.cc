#include "domain/scoring.h"

#include <algorithm>
#include <map>

#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::AnswerTo;
using ::marac::testing::CountOfYes;
using ::marac::testing::OnlyYes;
using ::marac::testing::ShippedForm;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const LocalDate kDate = LocalDate::Create(2026, 3, 31, "date").value();

v1::AssessmentResult ScoreOf(const Answers& answers, const v1::Judgement& judgement = {},
                             Standing standing = {}) {
  return Score(ShippedForm().pack->pack, ShippedForm().policy->policy, answers, judgement, kDate, standing);
}

std::vector<std::string> ClustersOf(const v1::AssessmentResult& result) {
  std::vector<std::string> ids;
  for (const v1::FiredCluster& cluster : result.clusters()) ids.push_back(cluster.id());
  return ids;
}

v1::Judgement Reports(const std::vector<LocalDate>& days) {
  v1::Judgement judgement;
  for (LocalDate day : days) *judgement.add_report_days() = day.ToDay();
  return judgement;
}

// dash.md 4 vector: all NO -> 0, standard, no criteria, no clusters.
TEST(DashVectorScoreTest, AllNoIsZeroAndStandardWithNothingFired) {
  v1::AssessmentResult result = ScoreOf(OnlyYes({}));
  EXPECT_EQ(result.score(), 0);
  EXPECT_EQ(result.score_max(), 0);
  EXPECT_EQ(result.band(), v1::GRADE_STANDARD);
  EXPECT_EQ(result.final_grade(), v1::GRADE_STANDARD);
  EXPECT_TRUE(result.complete());
  EXPECT_FALSE(result.reachable());
  EXPECT_FALSE(result.nothing_known());
  EXPECT_THAT(result.criteria(), IsEmpty());
  EXPECT_THAT(ClustersOf(result), IsEmpty());
}

// dash.md 4 vector: 9 / 10 / 13 / 14 YES -> standard / medium / medium / high + VISIBLE_HIGH.
TEST(DashVectorScoreTest, NineTenThirteenAndFourteenAreStandardMediumMediumAndHigh) {
  const std::pair<int, v1::Grade> edges[] = {{9, v1::GRADE_STANDARD},
                                             {10, v1::GRADE_MEDIUM},
                                             {13, v1::GRADE_MEDIUM},
                                             {14, v1::GRADE_HIGH},
                                             {24, v1::GRADE_HIGH}};
  for (auto [count, band] : edges) {
    v1::AssessmentResult result = ScoreOf(CountOfYes(count));
    EXPECT_EQ(result.score(), count);
    EXPECT_EQ(result.band(), band) << count;
    EXPECT_EQ(result.final_grade(), band) << count;
    if (count >= 14) {
      EXPECT_THAT(result.criteria(), ElementsAre("VISIBLE_HIGH"));
    } else {
      EXPECT_THAT(result.criteria(), IsEmpty()) << count;
    }
  }
}

// dash.md 4 vector: 13 YES, 1 DONT_KNOW, rest NO -> 13, medium, max 14, reachable.
TEST(DashVectorScoreTest, ThirteenYesAndOneUnknownCouldReachHigh) {
  Answers answers = CountOfYes(13);
  auto no = std::ranges::find(answers, v1::ANSWER_CODE_NO, &v1::Answer::code);
  ASSERT_NE(no, answers.end());
  no->set_code(v1::ANSWER_CODE_DONT_KNOW);
  v1::AssessmentResult result = ScoreOf(answers);
  EXPECT_EQ(result.score(), 13);
  EXPECT_EQ(result.band(), v1::GRADE_MEDIUM);
  EXPECT_EQ(result.score_max(), 14);
  EXPECT_TRUE(result.reachable());
  EXPECT_THAT(result.criteria(), Not(Contains("VISIBLE_HIGH")));
  no->set_code(v1::ANSWER_CODE_NO);
  EXPECT_FALSE(ScoreOf(answers).reachable()) << "with the same 13 and nothing unknown";
}

// dash.md 4 vector: 24 DONT_KNOW -> 0, standard, max 24, reachable; "nothing known".
TEST(DashVectorScoreTest, TwentyFourUnknownIsNothingKnown) {
  v1::AssessmentResult result = ScoreOf(OnlyYes({}, v1::ANSWER_CODE_DONT_KNOW));
  EXPECT_EQ(result.score(), 0);
  EXPECT_EQ(result.band(), v1::GRADE_STANDARD);
  EXPECT_EQ(result.score_max(), 24);
  EXPECT_TRUE(result.reachable());
  EXPECT_TRUE(result.nothing_known());
  EXPECT_TRUE(result.complete());
}

// dash.md 4 vector: 14 YES, 10 NOT_ASKED -> 14, high, complete false (the rest of it:
// DashVectorAssessmentTest).
TEST(DashVectorScoreTest, FourteenYesOfAnUnfinishedFormIsHighAlready) {
  v1::AssessmentResult result = ScoreOf(CountOfYes(14, v1::ANSWER_CODE_NOT_ASKED));
  EXPECT_EQ(result.score(), 14);
  EXPECT_EQ(result.band(), v1::GRADE_HIGH);
  EXPECT_FALSE(result.complete());
  EXPECT_EQ(result.not_asked(), 10);
  EXPECT_FALSE(result.reachable()) << "it is there already";
  EXPECT_THAT(result.criteria(), ElementsAre("VISIBLE_HIGH"));
}

// dash.md 4 vector: only 15 -> 1, standard, STRANGULATION (its signing: DashVectorAssessmentTest).
TEST(DashVectorScoreTest, OnlyStranglingFiresItsClusterAndNotTheBand) {
  v1::AssessmentResult result = ScoreOf(OnlyYes({15}));
  EXPECT_EQ(result.score(), 1);
  EXPECT_EQ(result.band(), v1::GRADE_STANDARD);
  ASSERT_THAT(ClustersOf(result), ElementsAre("STRANGULATION"));
  EXPECT_EQ(result.clusters(0).action(), v1::CLUSTER_ACTION_REQUIRE_REASON);
  EXPECT_FALSE(result.clusters(0).satisfied());
  EXPECT_TRUE(ScoreOf(OnlyYes({15}), {}, {.referred = true}).clusters(0).satisfied());
  EXPECT_TRUE(ScoreOf(OnlyYes({15}), {}, {.reason_given = true}).clusters(0).satisfied());
}

// dash.md 4 vector: only 6, 12, 13 -> 3, TRIAD and WEAPON.
TEST(DashVectorScoreTest, LeavingControlAndAWeaponAreTheTriadAndTheWeapon) {
  v1::AssessmentResult result = ScoreOf(OnlyYes({6, 12, 13}));
  EXPECT_EQ(result.score(), 3);
  EXPECT_THAT(ClustersOf(result), ElementsAre("TRIAD", "WEAPON"));
}

// dash.md 4 vector: reports 0, 5 and 12 months ago -> ESCALATION; 12 months + 1 day: not.
TEST(DashVectorScoreTest, ThreeReportsInTwelveMonthsEscalateWithTheBoundaryDay) {
  LocalDate twelve = kDate.AddMonths(-12);
  EXPECT_THAT(ScoreOf(OnlyYes({}), Reports({kDate, kDate.AddMonths(-5), twelve})).criteria(),
              ElementsAre("ESCALATION"));
  EXPECT_THAT(ScoreOf(OnlyYes({}), Reports({kDate, kDate.AddMonths(-5), twelve.AddDays(-1)})).criteria(),
              IsEmpty());
  EXPECT_THAT(ScoreOf(OnlyYes({}), Reports({kDate, twelve})).criteria(), IsEmpty()) << "two are too few";
}

TEST(ScoreTest, ItemsNeverMetCountAsNotAsked) {
  v1::AssessmentResult result = ScoreOf({});
  EXPECT_EQ(result.not_asked(), 24);
  EXPECT_EQ(result.unknown(), 24);
  EXPECT_EQ(result.items(), 24);
  EXPECT_FALSE(result.complete());
}

TEST(ScoreTest, EveryUnknownCountsAndNotApplicableDoesNot) {
  Answers answers = OnlyYes({1});
  answers.Mutable(1)->set_code(v1::ANSWER_CODE_DONT_KNOW);
  answers.Mutable(2)->set_code(v1::ANSWER_CODE_DECLINED);
  answers.Mutable(3)->set_code(v1::ANSWER_CODE_NOT_ASKED);
  answers.Mutable(4)->set_code(v1::ANSWER_CODE_NOT_APPLICABLE);
  v1::AssessmentResult result = ScoreOf(answers);
  EXPECT_EQ(result.score(), 1);
  EXPECT_EQ(result.unknown(), 3);
  EXPECT_EQ(result.score_max(), 4);
  EXPECT_EQ(result.not_asked(), 1);
}

// professional judgement may stand alone, is only ticked and never derived, and needs its reasons.
TEST(ScoreTest, ProfessionalJudgementNeedsItsTickAndItsText) {
  v1::Judgement judgement;
  judgement.set_text("She has never looked so frightened.");
  EXPECT_THAT(ScoreOf(OnlyYes({}), judgement).criteria(), IsEmpty()) << "text is not a tick";
  judgement.set_grade(v1::GRADE_HIGH);
  EXPECT_THAT(ScoreOf(OnlyYes({}), judgement).criteria(), IsEmpty()) << "nor is a grade";
  judgement.set_professional_judgement(true);
  EXPECT_THAT(ScoreOf(OnlyYes({}), judgement).criteria(), ElementsAre("PROF_JUDGEMENT"));
  judgement.set_text("  ");
  EXPECT_THAT(ScoreOf(OnlyYes({}), judgement).criteria(), IsEmpty());
}

// each ground is found by itself, and they come in the order of the form.
TEST(ScoreTest, ListsEveryGroundThatHolds) {
  v1::Judgement judgement = Reports({kDate, kDate, kDate});
  judgement.set_professional_judgement(true);
  judgement.set_text("Reasons.");
  judgement.set_repeat(v1::YES_NO_YES);
  EXPECT_THAT(ScoreOf(CountOfYes(14), judgement).criteria(),
              ElementsAre("VISIBLE_HIGH", "PROF_JUDGEMENT", "ESCALATION", "REPEAT"));
  judgement.set_repeat(v1::YES_NO_NOT_KNOWN);
  EXPECT_THAT(ScoreOf(OnlyYes({}), judgement).criteria(), ElementsAre("PROF_JUDGEMENT", "ESCALATION"));
}

TEST(ScoreTest, AReportAfterTheDayOfTheAssessmentDoesNotCount) {
  EXPECT_THAT(ScoreOf(OnlyYes({}), Reports({kDate, kDate, kDate.AddDays(1)})).criteria(), IsEmpty());
}

// Calendar months, not days: from 29 February the twelve months back end on 28 February.
TEST(ScoreTest, EscalationCountsInCalendarMonths) {
  LocalDate leap = LocalDate::Create(2028, 2, 29, "date").value();
  auto escalates = [&](int day) {
    v1::Judgement judgement = Reports({leap, leap, LocalDate::Create(2027, 2, day, "date").value()});
    return !Score(ShippedForm().pack->pack, ShippedForm().policy->policy, OnlyYes({}), judgement, leap, {})
                .criteria()
                .empty();
  };
  EXPECT_TRUE(escalates(28));
  EXPECT_FALSE(escalates(27));
}

TEST(ScoreTest, JudgementRaisesTheFinalGradeAndDoesNotLowerIt) {
  v1::Judgement judgement;
  judgement.set_grade(v1::GRADE_HIGH);
  EXPECT_EQ(ScoreOf(CountOfYes(5), judgement).final_grade(), v1::GRADE_HIGH);
  judgement.set_grade(v1::GRADE_MEDIUM);
  v1::AssessmentResult result = ScoreOf(CountOfYes(14), judgement);
  EXPECT_EQ(result.final_grade(), v1::GRADE_HIGH);
  EXPECT_EQ(result.practitioner_grade(), v1::GRADE_MEDIUM) << "both grades are kept";
}

TEST(ScoreTest, APolicyMayLetTheLowerGradeStand) {
  v1::Policy policy = ShippedForm().policy->policy;
  policy.set_allow_downgrade(true);
  v1::Judgement judgement;
  judgement.set_grade(v1::GRADE_MEDIUM);
  v1::AssessmentResult result = Score(ShippedForm().pack->pack, policy, CountOfYes(14), judgement, kDate, {});
  EXPECT_EQ(result.final_grade(), v1::GRADE_MEDIUM);
  EXPECT_EQ(result.band(), v1::GRADE_HIGH);
  EXPECT_EQ(Score(ShippedForm().pack->pack, policy, CountOfYes(14), {}, kDate, {}).final_grade(),
            v1::GRADE_HIGH);
}

TEST(ScoreTest, AFormGradedByJudgementHasNoBandAndNoThreshold) {
  v1::InstrumentPack pack = ShippedForm().pack->pack;
  pack.set_scoring_mode(v1::SCORING_MODE_JUDGEMENT);
  v1::AssessmentResult result = Score(pack, ShippedForm().policy->policy, CountOfYes(20), {}, kDate, {});
  EXPECT_EQ(result.score(), 20);
  EXPECT_EQ(result.band(), v1::GRADE_UNSPECIFIED);
  EXPECT_THAT(result.criteria(), IsEmpty());
  EXPECT_FALSE(result.reachable());
}

// A form with options and rules: its band is its rules', and options never count.
class RulesScoreTest : public ::testing::Test {
 protected:
  const Form form_ =
      marac::testing::BuiltInCatalogue().FormFor("ordinal-sample@0.1", "ordinal-sample@0.1").value();

  // In the order of the form; an empty one is not given.
  v1::AssessmentResult ScoreOf(const std::vector<std::string>& said, const v1::Judgement& judgement = {}) {
    Answers answers;
    for (size_t i = 0; i < said.size(); ++i) {
      if (said[i].empty()) continue;
      v1::Answer& answer = *answers.Add();
      answer.set_item(form_.pack->pack.items(static_cast<int>(i)).code());
      v1::AnswerCode code = v1::ANSWER_CODE_OPTION;
      if (!v1::AnswerCode_Parse("ANSWER_CODE_" + said[i], &code)) answer.set_option(said[i]);
      answer.set_code(code);
    }
    return Score(form_.pack->pack, form_.policy->policy, answers, judgement, kDate, {});
  }
};

TEST_F(RulesScoreTest, TheBandIsThatOfTheRulesAndOptionsNeverCount) {
  v1::AssessmentResult result = ScoreOf({"MOSTLY", "NEVER", "DOCTOR", "NO", "NO"});
  EXPECT_EQ(result.band(), v1::GRADE_HIGH);
  EXPECT_EQ(result.final_grade(), v1::GRADE_HIGH);
  EXPECT_EQ(result.score(), 0);
  EXPECT_EQ(result.score_max(), 0);
  EXPECT_TRUE(result.complete());
  EXPECT_THAT(result.criteria(), IsEmpty()) << "there is no count for the threshold";
  EXPECT_EQ(ScoreOf({"NEVER", "NEVER", "NOT_HURT", "NO", "NO"}).band(), v1::GRADE_STANDARD);
  EXPECT_EQ(ScoreOf({"NEVER", "NEVER", "NOT_HURT", "YES", "YES"}).score(), 2);
}

TEST_F(RulesScoreTest, JudgementRaisesAboveTheRules) {
  v1::Judgement judgement;
  judgement.set_grade(v1::GRADE_HIGH);
  v1::AssessmentResult result = ScoreOf({"SOMETIMES", "NEVER", "NOT_HURT", "NO", "NO"}, judgement);
  EXPECT_EQ(result.band(), v1::GRADE_MEDIUM);
  EXPECT_EQ(result.final_grade(), v1::GRADE_HIGH);
}

// Decisions 26: too little known to grade, where an unknown could still make it high.
TEST_F(RulesScoreTest, WhatIsUnknownCouldMakeItHigh) {
  v1::AssessmentResult open = ScoreOf({"MOSTLY", "DECLINED", "NOT_HURT", "DONT_KNOW", "NO"});
  EXPECT_EQ(open.band(), v1::GRADE_MEDIUM);
  EXPECT_TRUE(open.reachable());
  EXPECT_EQ(open.unknown(), 2);
  EXPECT_EQ(open.score_max(), 1) << "an option is never a yes";
  EXPECT_FALSE(ScoreOf({"MOSTLY", "DECLINED", "NOT_HURT", "NO", "NO"}).reachable());
  EXPECT_TRUE(ScoreOf({}).reachable());
  EXPECT_FALSE(ScoreOf({"MOSTLY", "", "DOCTOR", "", ""}).reachable()) << "it is there already";
}

// D-01: the share not from the victim, of the answers that were given.
TEST(ScoreTest, ShowsTheShareNotFromTheVictim) {
  Answers answers = OnlyYes({}, v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(ScoreOf(answers).not_from_victim_percent(), 0);
  for (int i : {0, 1, 2}) answers.Mutable(i)->set_code(v1::ANSWER_CODE_NO);
  answers.Mutable(0)->set_source(v1::SOURCE_ROLE_POLICE);
  answers.Mutable(1)->set_source(v1::SOURCE_ROLE_RECORD_SEARCH);
  EXPECT_EQ(ScoreOf(answers).not_from_victim_percent(), 67);
}

// dash.md 4: the coercive-control count over {2, 4, 8, 12, 14, 16}, for information.
TEST(ScoreTest, CountsCoerciveControlApart) {
  v1::AssessmentResult result = ScoreOf(OnlyYes({2, 4, 6, 8}));
  EXPECT_EQ(result.control_count(), 3);
  EXPECT_EQ(result.control_items(), 6);
}

TEST(ScoreTest, SaysUnderWhatItWasMade) {
  v1::AssessmentResult result = ScoreOf({});
  EXPECT_EQ(result.instrument(), "plain24@1.0");
  EXPECT_EQ(result.policy(), "default@2026.1");
  EXPECT_EQ(result.equivalence_status(), v1::EQUIVALENCE_STATUS_UNTESTED);
  EXPECT_EQ(result.engine_version(), kScoringEngineVersion);
}

// The cluster table of dash.md 4, row by row: what fires it, and what just does not.
TEST(ClusterTest, FiresExactlyAsTheTableSays) {
  struct Case {
    std::set<int> yes;
    std::vector<std::string> clusters;
  };
  const Case cases[] = {
      {{15}, {"STRANGULATION"}},
      {{14}, {"KILL_THREAT"}},
      {{6, 12, 1}, {"TRIAD"}},
      {{6, 12, 16}, {"TRIAD"}},
      {{6, 4, 1}, {"TRIAD"}},
      {{6, 4, 15}, {"STRANGULATION", "TRIAD"}},
      {{6, 12}, {}},
      {{6, 1}, {}},
      {{12, 1}, {}},
      {{8}, {"STALKING"}},
      {{2}, {}},
      {{3}, {}},
      {{2, 3}, {"VICTIM_VIEW"}},
      {{10}, {"ESCALATING"}},
      {{11}, {"ESCALATING"}},
      {{10, 11}, {"ESCALATING", "ESCALATING_BOTH"}},
      {{17}, {"HBA_FM"}},
      {{13}, {"WEAPON"}},
      {{9}, {"PREGNANCY"}},
      {{22}, {"ABUSER_SUICIDE"}},
      {{5}, {"VICTIM_SUICIDE"}},
      {{18}, {}},
      {{7, 19, 20, 21, 23, 24}, {}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ClustersOf(ScoreOf(OnlyYes(c.yes))), c.clusters) << ::testing::PrintToString(c.yes);
  }
}

TEST(ClusterTest, HasTheActionsOfTheTable) {
  const std::map<std::string, v1::ClusterAction> expected = {
      {"STRANGULATION", v1::CLUSTER_ACTION_REQUIRE_REASON},
      {"KILL_THREAT", v1::CLUSTER_ACTION_REQUIRE_REASON},
      {"TRIAD", v1::CLUSTER_ACTION_REQUIRE_REASON},
      {"STALKING", v1::CLUSTER_ACTION_SUGGEST_REFER},
      {"VICTIM_VIEW", v1::CLUSTER_ACTION_SUGGEST_REFER},
      {"ESCALATING", v1::CLUSTER_ACTION_PROMPT},
      {"ESCALATING_BOTH", v1::CLUSTER_ACTION_SUGGEST_REFER},
      {"HBA_FM", v1::CLUSTER_ACTION_REQUIRE_REASON},
      {"WEAPON", v1::CLUSTER_ACTION_PROMPT},
      {"PREGNANCY", v1::CLUSTER_ACTION_PROMPT},
      {"ABUSER_SUICIDE", v1::CLUSTER_ACTION_PROMPT},
      {"VICTIM_SUICIDE", v1::CLUSTER_ACTION_REQUIRE_STEP},
      {"CHILD", v1::CLUSTER_ACTION_REQUIRE_STEP}};
  std::map<std::string, v1::ClusterAction> actual;
  for (const v1::Cluster& cluster : ShippedForm().policy->policy.clusters())
    actual[cluster.id()] = cluster.action();
  EXPECT_EQ(actual, expected);
}

TEST(ClusterTest, TheVictimsViewCountsInWordsAndAsAFlagToo) {
  Answers answers = OnlyYes({2});
  answers.Mutable(2)->set_note("that he will find her sister");
  EXPECT_THAT(ClustersOf(ScoreOf(answers)), ElementsAre("VICTIM_VIEW"));
  v1::Judgement judgement;
  judgement.add_flags("VICTIM_SAYS_IN_DANGER");
  EXPECT_THAT(ClustersOf(ScoreOf(OnlyYes({2}), judgement)), ElementsAre("VICTIM_VIEW"));
  EXPECT_THAT(ClustersOf(ScoreOf(OnlyYes({}), judgement)), IsEmpty());
}

TEST(ClusterTest, AConcernAboutHonourIsAFlagToo) {
  v1::Judgement judgement;
  judgement.add_flags("HONOUR_CONCERN");
  EXPECT_THAT(ClustersOf(ScoreOf(OnlyYes({}), judgement)), ElementsAre("HBA_FM"));
}

TEST(ClusterTest, AChildIsADetailOfTwoItems) {
  Answers hurt = OnlyYes({18});
  hurt.Mutable(17)->add_details("RELATIVE");
  EXPECT_THAT(ClustersOf(ScoreOf(hurt)), IsEmpty());
  hurt.Mutable(17)->add_details("CHILD");
  EXPECT_THAT(ClustersOf(ScoreOf(hurt)), ElementsAre("CHILD"));
  Answers threat = OnlyYes({14});
  threat.Mutable(13)->add_details("CHILD");
  EXPECT_THAT(ClustersOf(ScoreOf(threat)), ElementsAre("KILL_THREAT", "CHILD"));
}

TEST(ClusterTest, AStepIsTakenForItsOwnClusterAndInWords) {
  v1::Judgement judgement;
  v1::StepTaken* step = judgement.add_steps();
  step->set_cluster("CHILD");
  step->set_text("Rang the hub at 14:10.");
  auto satisfied = [&] { return ScoreOf(OnlyYes({5}), judgement).clusters(0).satisfied(); };
  EXPECT_FALSE(satisfied());
  step->set_cluster("VICTIM_SUICIDE");
  EXPECT_TRUE(satisfied());
  step->set_text(" . ");
  EXPECT_FALSE(satisfied());
  EXPECT_FALSE(ScoreOf(OnlyYes({5}), judgement, {.referred = true}).clusters(0).satisfied())
      << "a referral is not the step";
}

// Clusters prompt; they never change the score or the grade.
TEST(ClusterTest, ChangesNeitherScoreNorGrade) {
  v1::Policy bare = ShippedForm().policy->policy;
  bare.clear_clusters();
  for (int count = 0; count <= 24; ++count) {
    v1::AssessmentResult with = ScoreOf(CountOfYes(count));
    v1::AssessmentResult without = Score(ShippedForm().pack->pack, bare, CountOfYes(count), {}, kDate, {});
    EXPECT_EQ(with.score(), without.score());
    EXPECT_EQ(with.final_grade(), without.final_grade());
  }
}

}  // namespace
}  // namespace marac::domain
