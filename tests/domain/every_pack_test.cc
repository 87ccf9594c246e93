// The vectors of dash.md 4 on every form that is built in: each pack with each policy that grades it. Those
// of counts bind the packs that count; a form that is graded by judgement has neither band nor threshold, and
// one with rules has its rules' band.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "domain/assessment.h"
#include "domain/condition.h"
#include "domain/instrument.h"
#include "domain/policy.h"
#include "domain/scoring.h"
#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::BuiltInForms;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;
constexpr char kReferral[] = "areas/mk/referrals/r1";
const Act kAct{"accounts/idva", absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London())};
const LocalDate kToday = LocalDate::Create(2026, 6, 15, "today").value();

std::vector<std::string> ClustersOf(const v1::AssessmentResult& result) {
  std::vector<std::string> ids;
  for (const v1::FiredCluster& cluster : result.clusters()) ids.push_back(cluster.id());
  return ids;
}

class DashVectorEveryPackTest : public ::testing::TestWithParam<Form> {
 protected:
  const Form& form() const { return GetParam(); }
  const v1::InstrumentPack& pack() const { return form().pack->pack; }
  const v1::Policy& policy() const { return form().policy->policy; }
  bool Counts() const { return pack().scoring_mode() == v1::SCORING_MODE_COUNT; }
  bool HasRules() const { return pack().scoring_mode() == v1::SCORING_MODE_RULES; }
  bool IsJudged() const { return pack().scoring_mode() == v1::SCORING_MODE_JUDGEMENT; }
  int YesNoItems() const {
    return static_cast<int>(
        std::ranges::count_if(pack().items(), [](const v1::Item& item) { return item.options().empty(); }));
  }

  // Every item: those in `yes` YES, or their highest option; the others `rest`, or their lowest option.
  Answers All(const std::set<std::string>& yes, v1::AnswerCode rest = v1::ANSWER_CODE_NO) const {
    Answers answers;
    for (const v1::Item& item : pack().items()) {
      bool said = yes.contains(item.code());
      v1::Answer& answer = *answers.Add();
      answer.set_item(item.code());
      answer.set_code(said ? v1::ANSWER_CODE_YES : rest);
      answer.set_source(v1::SOURCE_ROLE_VICTIM);
      if (item.options().empty() || (!said && rest != v1::ANSWER_CODE_NO)) continue;
      answer.set_code(v1::ANSWER_CODE_OPTION);
      answer.set_option((said ? *item.options().rbegin() : *item.options().begin()).code());
    }
    return answers;
  }
  // The first `count` items YES, the others `rest`.
  Answers CountOfYes(int count, v1::AnswerCode rest = v1::ANSWER_CODE_NO) const {
    std::set<std::string> yes;
    for (int i = 0; i < count; ++i) yes.insert(pack().items(i).code());
    return All(yes, rest);
  }

  v1::AssessmentResult ScoreOf(const Answers& answers, const v1::Judgement& judgement = {}) const {
    return Score(pack(), policy(), answers, judgement, kToday, {});
  }
  v1::Assessment Answered(const Answers& answers) const {
    v1::AppendAnswersRequest request;
    *request.mutable_answers() = answers;
    v1::Assessment draft =
        StartAssessment(form(), {}, "areas/mk/assessments/a1", "agencies/idva", kAct).value();
    return AppendAnswers(draft, form(), request, kAct).value().assessment;
  }
  // With words, a step for every cluster that asks for one, and a grade where the form has no other.
  v1::CompleteAssessmentRequest Completion() const {
    v1::CompleteAssessmentRequest request;
    request.mutable_judgement()->set_text("What I saw and why it worries me.");
    for (const v1::Cluster& cluster : policy().clusters()) {
      if (cluster.action() != v1::CLUSTER_ACTION_REQUIRE_STEP) continue;
      v1::StepTaken* step = request.mutable_judgement()->add_steps();
      step->set_cluster(cluster.id());
      step->set_text("Done at once.");
    }
    if (IsJudged()) request.mutable_judgement()->set_grade(v1::GRADE_STANDARD);
    return request;
  }
  absl::StatusOr<v1::Assessment> Complete(const Answers& answers,
                                          const v1::CompleteAssessmentRequest& request) const {
    return CompleteAssessment(Answered(answers), form(), request, kAct);
  }
  absl::StatusOr<v1::Assessment> SignIt(const v1::Assessment& assessment,
                                        const v1::SignAssessmentRequest& request = {}) const {
    return SignAssessment(assessment, form(), request, std::nullopt, kAct);
  }
};

// Packs with as many yes-or-no questions as the vectors speak of.
class DashVectorLongPackTest : public DashVectorEveryPackTest {};
// Packs whose count is graded.
class DashVectorCountingPackTest : public DashVectorEveryPackTest {};

TEST_P(DashVectorEveryPackTest, AllNo) {
  v1::AssessmentResult result = ScoreOf(All({}));
  EXPECT_EQ(result.score(), 0);
  EXPECT_EQ(result.score_max(), 0);
  EXPECT_EQ(result.band(), IsJudged() ? v1::GRADE_UNSPECIFIED : v1::GRADE_STANDARD);
  EXPECT_THAT(result.criteria(), IsEmpty());
  EXPECT_THAT(result.clusters(), IsEmpty());
  EXPECT_FALSE(result.reachable());
  EXPECT_TRUE(result.complete());
}

TEST_P(DashVectorEveryPackTest, NineTenThirteenAndFourteenYes) {
  for (auto [count, band] : {std::pair{9, v1::GRADE_STANDARD}, std::pair{10, v1::GRADE_MEDIUM},
                             std::pair{13, v1::GRADE_MEDIUM}, std::pair{14, v1::GRADE_HIGH}}) {
    if (count > pack().items_size()) continue;
    v1::AssessmentResult result = ScoreOf(CountOfYes(count));
    EXPECT_EQ(result.score(), count);
    EXPECT_EQ(result.band(), Counts() ? band : v1::GRADE_UNSPECIFIED);
    if (Counts() && band == v1::GRADE_HIGH) {
      EXPECT_THAT(result.criteria(), ElementsAre("VISIBLE_HIGH"));
    } else {
      EXPECT_THAT(result.criteria(), IsEmpty());
    }
  }
  // T is never applied to a form that does not count.
  v1::AssessmentResult all = ScoreOf(CountOfYes(pack().items_size()));
  EXPECT_EQ(std::ranges::count(all.criteria(), "VISIBLE_HIGH"), Counts() ? 1 : 0);
  EXPECT_EQ(all.score(), YesNoItems()) << "options never count";
  if (HasRules()) {
    EXPECT_EQ(all.band(), GradeByRules(pack(), CountOfYes(pack().items_size())));
  }
}

TEST_P(DashVectorLongPackTest, ThirteenYesAndOneUnknown) {
  Answers answers = CountOfYes(13);
  answers.Mutable(13)->set_code(v1::ANSWER_CODE_DONT_KNOW);
  v1::AssessmentResult result = ScoreOf(answers);
  EXPECT_EQ(result.score(), 13);
  EXPECT_EQ(result.score_max(), 14);
  EXPECT_EQ(result.band(), Counts() ? v1::GRADE_MEDIUM : v1::GRADE_UNSPECIFIED);
  EXPECT_EQ(result.reachable(), Counts());
}

TEST_P(DashVectorEveryPackTest, NothingKnown) {
  v1::AssessmentResult result = ScoreOf(All({}, v1::ANSWER_CODE_DONT_KNOW));
  EXPECT_EQ(result.score(), 0);
  EXPECT_EQ(result.score_max(), YesNoItems());
  EXPECT_EQ(result.band(), IsJudged() ? v1::GRADE_UNSPECIFIED : v1::GRADE_STANDARD);
  EXPECT_EQ(result.reachable(), !IsJudged());
  EXPECT_TRUE(result.nothing_known());
}

TEST_P(DashVectorEveryPackTest, UnfinishedMayBeReferredAndNotCompleted) {
  int yes = std::min(14, pack().items_size() - 1);
  v1::Assessment draft = Answered(CountOfYes(yes, v1::ANSWER_CODE_NOT_ASKED));
  if (Counts()) {
    EXPECT_EQ(draft.result().band(), v1::GRADE_HIGH);
  }
  EXPECT_FALSE(draft.result().complete());
  EXPECT_EQ(WithReferral(draft, kReferral).referral(), kReferral);
  EXPECT_THAT(CompleteAssessment(draft, form(), Completion(), kAct),
              Refuses(kFailed, "questions were not asked"));
  EXPECT_THAT(SignIt(draft), Refuses(kFailed, "complete it before it is signed"));
}

TEST_P(DashVectorEveryPackTest, OnlyStrangling) {
  ASSERT_OK_AND_ASSIGN(v1::Assessment completed, Complete(All({"STRANGLE"}), Completion()));
  EXPECT_EQ(completed.result().score(), 1);
  if (Counts()) {
    EXPECT_EQ(completed.result().band(), v1::GRADE_STANDARD);
  }
  EXPECT_THAT(ClustersOf(completed.result()), ElementsAre("STRANGULATION"));
  EXPECT_THAT(SignIt(completed), Refuses(kFailed, "non_referral: submit a referral, or say why"));
  v1::SignAssessmentRequest reason;
  reason.mutable_non_referral()->set_reason_code("ALREADY_LISTED");
  reason.mutable_non_referral()->set_text("On the agenda of 18 June already.");
  EXPECT_THAT(SignIt(completed, reason), IsOk());
  EXPECT_THAT(SignIt(WithReferral(completed, kReferral)), IsOk());
}

TEST_P(DashVectorLongPackTest, LeavingControlAndAWeapon) {
  v1::AssessmentResult result = ScoreOf(All({"SEPARATED", "CONTROL", "WEAPON"}));
  EXPECT_EQ(result.score(), 3);
  EXPECT_THAT(ClustersOf(result), ElementsAre("TRIAD", "WEAPON"));
}

TEST_P(DashVectorEveryPackTest, AGradeBelowTheBandIsRefused) {
  v1::CompleteAssessmentRequest medium = Completion();
  medium.mutable_judgement()->set_grade(v1::GRADE_MEDIUM);
  absl::StatusOr<v1::Assessment> completed = Complete(CountOfYes(pack().items_size()), medium);
  if (IsJudged()) {
    EXPECT_THAT(completed, IsOk()) << "there is no band that it could be below";
  } else {
    EXPECT_THAT(completed, Refuses(kFailed, "judgement.grade: judgement may raise the grade"));
  }
}

TEST_P(DashVectorEveryPackTest, AHighGradeByJudgementNeedsItsReason) {
  v1::CompleteAssessmentRequest high = Completion();
  high.mutable_judgement()->set_grade(v1::GRADE_HIGH);
  high.mutable_judgement()->clear_text();
  EXPECT_THAT(Complete(CountOfYes(std::min(5, pack().items_size() - 1)), high),
              Refuses(kFailed, "judgement.text:"));
}

TEST_P(DashVectorEveryPackTest, ReportsEscalateWithTheBoundaryDay) {
  auto criteria = [&](LocalDate oldest) {
    v1::Judgement judgement;
    for (LocalDate day : {kToday, kToday.AddMonths(-5), oldest}) *judgement.add_report_days() = day.ToDay();
    return ScoreOf(All({}), judgement).criteria();
  };
  EXPECT_THAT(criteria(kToday.AddMonths(-12)), ElementsAre("ESCALATION"));
  EXPECT_THAT(criteria(kToday.AddMonths(-12).AddDays(-1)), IsEmpty());
}

TEST_P(DashVectorCountingPackTest, AThresholdThatChangesBindsOnlyTheNewPolicy) {
  v1::Policy next = policy();
  next.set_high_threshold(12);
  next.mutable_bands(1)->set_to(11);
  const Answers twelve = CountOfYes(12);
  EXPECT_EQ(ScoreOf(twelve).band(), v1::GRADE_MEDIUM);
  v1::AssessmentResult result = Score(pack(), next, twelve, {}, kToday, {});
  EXPECT_EQ(result.band(), v1::GRADE_HIGH);
  EXPECT_THAT(result.criteria(), Contains("VISIBLE_HIGH"));
  EXPECT_THAT(ScoreOf(twelve).criteria(), Not(Contains("VISIBLE_HIGH")));
}

TEST_P(DashVectorEveryPackTest, AnAmendmentMakesTheNextEdition) {
  ASSERT_OK_AND_ASSIGN(v1::Assessment completed, Complete(All({"STRANGLE"}), Completion()));
  ASSERT_OK_AND_ASSIGN(const v1::Assessment first, SignIt(WithReferral(completed, kReferral)));
  v1::AmendAssessmentRequest request;
  v1::Answer* answer = request.add_answers();
  answer->set_item("STRANGLE");
  answer->set_code(v1::ANSWER_CODE_NO);
  request.set_reason("She meant another time.");
  ASSERT_OK_AND_ASSIGN(const domain::Answered amended, AmendAssessment(first, form(), request, kAct));
  EXPECT_EQ(amended.assessment.edition(), 2);
  EXPECT_EQ(amended.assessment.result().score(), 0);
  EXPECT_EQ(amended.assessment.amend_reason(), "She meant another time.");
  EXPECT_FALSE(amended.assessment.has_signature());
  EXPECT_EQ(first.signature().digest(), DigestOf(first)) << "the first edition is what it was";
  ASSERT_OK_AND_ASSIGN(const v1::Assessment again, SignIt(amended.assessment));
  EXPECT_EQ(again.signature().edition(), 2);
}

std::string NameOfForm(const ::testing::TestParamInfo<Form>& info) {
  std::string name = info.param.pack->pack.id() + "_" + info.param.policy->policy.id();
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<Form> FormsThat(bool (*hold)(const v1::InstrumentPack&)) {
  std::vector<Form> forms = BuiltInForms();
  std::erase_if(forms, [&](const Form& form) { return !hold(form.pack->pack); });
  return forms;
}
bool IsLong(const v1::InstrumentPack& pack) { return pack.items_size() >= 24; }
bool IsCounted(const v1::InstrumentPack& pack) { return pack.scoring_mode() == v1::SCORING_MODE_COUNT; }

// ACC-02 through the record: every row of the table that an item of three probes can have.
TEST_P(DashVectorEveryPackTest, ACC02WhatThreeProbesComeTo) {
  constexpr v1::AnswerCode kRising[] = {v1::ANSWER_CODE_NOT_APPLICABLE, v1::ANSWER_CODE_NO,
                                        v1::ANSWER_CODE_DECLINED,       v1::ANSWER_CODE_DONT_KNOW,
                                        v1::ANSWER_CODE_NOT_ASKED,      v1::ANSWER_CODE_YES};
  for (const v1::Item& item : pack().items()) {
    if (item.probes_size() != 3) continue;
    int rows = 0;
    for (int row = 0; row < 216; ++row) {
      const int ranks[] = {row % 6, row / 6 % 6, row / 36};
      Answers answers;
      bool applies = true;
      for (int i = 0; i < 3; ++i) {
        applies = applies && (ranks[i] > 0 || item.probes(i).not_applicable_allowed());
        v1::Answer& answer = *answers.Add();
        answer.set_item(item.code());
        answer.set_probe(item.probes(i).code());
        answer.set_code(kRising[ranks[i]]);
      }
      if (!applies) continue;
      ++rows;
      const v1::Assessment assessment = Answered(answers);
      ASSERT_EQ(assessment.answers_size(), 1);
      EXPECT_EQ(assessment.answers(0).code(), kRising[*std::ranges::max_element(ranks)])
          << item.code() << " row " << row;
    }
    EXPECT_GE(rows, 125) << item.code();
  }
}

INSTANTIATE_TEST_SUITE_P(BuiltIn, DashVectorEveryPackTest, ::testing::ValuesIn(BuiltInForms()), NameOfForm);
INSTANTIATE_TEST_SUITE_P(BuiltIn, DashVectorLongPackTest, ::testing::ValuesIn(FormsThat(IsLong)), NameOfForm);
INSTANTIATE_TEST_SUITE_P(BuiltIn, DashVectorCountingPackTest, ::testing::ValuesIn(FormsThat(IsCounted)),
                         NameOfForm);

// A pack that no policy grades would be tested by none of these.
TEST(BuiltInFormsTest, EveryPackIsGradedByAPolicy) {
  std::set<std::string> graded;
  for (const Form& form : BuiltInForms()) {
    graded.insert(NameWithVersion(form.pack->pack.id(), form.pack->pack.version()));
  }
  EXPECT_EQ(graded.size(), marac::testing::ReadSchemaFolder("instruments").size());
}

}  // namespace
}  // namespace marac::domain
