#include "domain/threshold.h"

#include <gmock/gmock.h>

#include "domain/text.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Refuses;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

const LocalDate kAssessed = Date(2026, 11, 21);

ThresholdFacts Facts(std::optional<int> score) { return {.assessed = kAssessed, .score = score}; }

std::vector<Criterion> CriteriaOf(const ThresholdFacts& facts, const ThresholdSettings& settings = {}) {
  return CheckThreshold(facts, settings).value().criteria;
}

TEST(R01Threshold, FourteenIsEligibleAndThirteenAsksForJudgement) {
  ASSERT_OK_AND_ASSIGN(ThresholdFinding fourteen, CheckThreshold(Facts(14), {}));
  EXPECT_TRUE(fourteen.eligible());
  EXPECT_THAT(fourteen.criteria, ElementsAre(Criterion::kVisibleHigh));
  EXPECT_FALSE(fourteen.ask_for_judgement);
  ASSERT_OK_AND_ASSIGN(ThresholdFinding thirteen, CheckThreshold(Facts(13), {}));
  EXPECT_FALSE(thirteen.eligible());
  EXPECT_TRUE(thirteen.ask_for_judgement);
}

TEST(R01Threshold, JudgementWithReasonsIsEnoughWhateverTheScore) {
  ThresholdFacts facts = Facts(13);
  facts.judgement_ticked = true;
  facts.judgement_text = "She says he will find her.";
  EXPECT_THAT(CriteriaOf(facts), ElementsAre(Criterion::kProfessionalJudgement));
  facts.score = std::nullopt;
  EXPECT_THAT(CriteriaOf(facts), ElementsAre(Criterion::kProfessionalJudgement));
}

TEST(R01Threshold, JudgementWithoutReasonsIsRefused) {
  ThresholdFacts facts = Facts(20);
  facts.judgement_ticked = true;
  for (const char* text : {"", "   ", "\t\n", "\u00a0\u2003", "\u200b"}) {
    facts.judgement_text = text;
    EXPECT_THAT(CheckThreshold(facts, {}), Refuses(absl::StatusCode::kInvalidArgument, "judgement_text"));
  }
  facts.judgement_text = " cold ";
  EXPECT_THAT(CheckThreshold(facts, {.judgement_text_length_min = 5}),
              Refuses(absl::StatusCode::kInvalidArgument, "5 characters"));
  EXPECT_OK(CheckThreshold(facts, {.judgement_text_length_min = 4}));
}

TEST(R01Threshold, JudgementFiresOnlyWhenTicked) {
  ThresholdFacts facts = Facts(3);
  facts.judgement_text = "Some notes.";
  EXPECT_THAT(CriteriaOf(facts), IsEmpty());
}

TEST(R01Threshold, ThreeAndARepeatIsEligible) {
  ThresholdFacts facts = Facts(3);
  facts.repeat = true;
  EXPECT_THAT(CriteriaOf(facts), ElementsAre(Criterion::kRepeat));
}

// DASH vector: reports 0, 5 and 12 months ago are escalation; 12 months and a day is not.
TEST(R01Threshold, EscalationCountsTheBoundaryDayOfTwelveMonths) {
  ThresholdFacts facts = Facts(0);
  facts.reports = {kAssessed, Date(2026, 6, 21), Date(2025, 11, 21)};
  EXPECT_THAT(CriteriaOf(facts), ElementsAre(Criterion::kEscalation));
  facts.reports = {kAssessed, Date(2026, 6, 21), Date(2025, 11, 20)};
  EXPECT_THAT(CriteriaOf(facts), IsEmpty());
  // What is dated after the assessment was not known to it.
  facts.reports = {kAssessed, Date(2026, 6, 21), Date(2026, 11, 22)};
  EXPECT_THAT(CriteriaOf(facts), IsEmpty());
  facts.reports = {kAssessed, kAssessed, Date(2026, 6, 21)};
  EXPECT_THAT(CriteriaOf(facts), ElementsAre(Criterion::kEscalation));
}

TEST(R01Threshold, TheNumbersAreSettings) {
  EXPECT_THAT(CriteriaOf(Facts(12), {.high_score = 12}), ElementsAre(Criterion::kVisibleHigh));
  EXPECT_THAT(CriteriaOf(Facts(14), {.high_score = 15}), IsEmpty());
  ThresholdFacts facts = Facts(0);
  facts.reports = {kAssessed, kAssessed.AddMonths(-6), kAssessed.AddMonths(-6).AddDays(-1)};
  EXPECT_THAT(CriteriaOf(facts, {.escalation_months = 6}), IsEmpty());
  EXPECT_THAT(CriteriaOf(facts, {.escalation_reports_min = 2, .escalation_months = 6}),
              ElementsAre(Criterion::kEscalation));
  EXPECT_THAT(CriteriaOf(facts, {.escalation_reports_min = 5}), IsEmpty());
}

TEST(R01Threshold, OneFactorMayBeEnoughWhereTheAreaSaysSo) {
  ThresholdFacts facts = Facts(1);
  facts.factors = {"STRANGLE"};
  EXPECT_THAT(CriteriaOf(facts), IsEmpty());
  EXPECT_THAT(CriteriaOf(facts, {.decisive_factors = {"KILL_THREAT", "STRANGLE"}}),
              ElementsAre(Criterion::kDecisiveFactor));
}

TEST(R01Threshold, EveryCriterionIsKeptApart) {
  ThresholdFacts facts = Facts(14);
  facts.judgement_ticked = true;
  facts.judgement_text = "Fear.";
  facts.reports = {kAssessed, kAssessed, kAssessed};
  facts.repeat = true;
  EXPECT_THAT(CriteriaOf(facts), ElementsAre(Criterion::kVisibleHigh, Criterion::kProfessionalJudgement,
                                             Criterion::kEscalation, Criterion::kRepeat));
}

TEST(R02Age, SixteenOnTheDayOfReferralIsOldEnoughAndUnknownIsNotUnder) {
  LocalDate referred = Date(2026, 5, 20);
  EXPECT_EQ(CheckAge(Date(2010, 5, 20), referred), AgeAnswer::kOldEnough);
  EXPECT_EQ(CheckAge(Date(2010, 5, 21), referred), AgeAnswer::kTooYoung);
  EXPECT_EQ(CheckAge(std::nullopt, referred), AgeAnswer::kNotKnown);
  EXPECT_EQ(CheckAge(Date(2010, 5, 20), referred, 18), AgeAnswer::kTooYoung);
}

TEST(TextTest, LengthIsInCharactersBetweenBlankEnds) {
  EXPECT_EQ(VisibleLength(""), 0);
  EXPECT_EQ(VisibleLength(" \u00a0 "), 0);
  EXPECT_EQ(VisibleLength("  a b  "), 3);
  EXPECT_EQ(VisibleLength("\u0141\u00f3d\u017a"), 4);
  EXPECT_EQ(VisibleLength("\U0001F642"), 1);
  EXPECT_TRUE(IsBlank("\u200b"));
  EXPECT_FALSE(IsBlank("."));
}

}  // namespace
}  // namespace marac::domain
