#include "domain/repeat.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

TEST(R03Repeat, TheLastDayIsTwelveMonthsAfterTheAnchorAndCounts) {
  struct Case {
    LocalDate anchor, incident;
    RepeatAnswer answer;
  };
  for (const Case& c : {
           Case{Date(2025, 3, 1), Date(2026, 3, 1), RepeatAnswer::kRepeat},
           Case{Date(2025, 3, 1), Date(2026, 3, 2), RepeatAnswer::kTooLate},
           Case{Date(2024, 2, 29), Date(2025, 2, 28), RepeatAnswer::kRepeat},
           Case{Date(2024, 2, 29), Date(2025, 3, 1), RepeatAnswer::kTooLate},
           Case{Date(2025, 3, 1), Date(2025, 3, 1), RepeatAnswer::kRepeat},
           Case{Date(2025, 3, 1), Date(2025, 2, 28), RepeatAnswer::kBeforeAnchor},
       }) {
    RepeatFacts facts = {
        .same_pair = true, .last_referral = c.anchor, .last_heard = c.anchor, .incident = c.incident};
    for (RepeatAnchor anchor : {RepeatAnchor::kReferral, RepeatAnchor::kHeard}) {
      RepeatFinding finding = FindRepeat(facts, {.anchor = anchor});
      EXPECT_EQ(finding.by_referral.answer, c.answer) << c.anchor.Iso() << " " << c.incident.Iso();
      EXPECT_EQ(finding.by_heard.answer, c.answer) << c.anchor.Iso() << " " << c.incident.Iso();
      EXPECT_EQ(finding.repeat(), c.answer == RepeatAnswer::kRepeat);
    }
  }
}

TEST(R03Repeat, BothAnchorsAreAnsweredAndTheAreasOneCounts) {
  RepeatFacts facts = {.same_pair = true,
                       .last_referral = Date(2025, 3, 1),
                       .last_heard = Date(2025, 3, 20),
                       .incident = Date(2026, 3, 10)};
  RepeatFinding referral = FindRepeat(facts, {.anchor = RepeatAnchor::kReferral});
  EXPECT_FALSE(referral.repeat());
  EXPECT_EQ(referral.by_referral.answer, RepeatAnswer::kTooLate);
  EXPECT_EQ(referral.by_referral.last_day, Date(2026, 3, 1));
  EXPECT_EQ(referral.by_heard.answer, RepeatAnswer::kRepeat);
  EXPECT_EQ(referral.by_heard.last_day, Date(2026, 3, 20));
  RepeatFinding heard = FindRepeat(facts, {.anchor = RepeatAnchor::kHeard});
  EXPECT_TRUE(heard.repeat());
  EXPECT_EQ(heard.by_referral.answer, RepeatAnswer::kTooLate);
}

TEST(R03Repeat, TheReferralAnchorIsTheDefault) {
  RepeatFacts facts = {.same_pair = true, .last_referral = Date(2025, 3, 1), .incident = Date(2025, 9, 1)};
  RepeatFinding finding = FindRepeat(facts, RepeatSettings());
  EXPECT_EQ(finding.counts, RepeatAnchor::kReferral);
  EXPECT_TRUE(finding.repeat());
  EXPECT_EQ(finding.by_heard.answer, RepeatAnswer::kNoAnchor);
  EXPECT_EQ(finding.by_heard.last_day, std::nullopt);
}

TEST(R03Repeat, AnotherPerpetratorIsNew) {
  RepeatFacts facts = {.same_pair = SamePair(true, {"p1"}, {"p2"}),
                       .last_referral = Date(2025, 3, 1),
                       .last_heard = Date(2025, 3, 20),
                       .incident = Date(2025, 9, 1)};
  RepeatFinding finding = FindRepeat(facts, RepeatSettings());
  EXPECT_FALSE(finding.repeat());
  EXPECT_EQ(finding.by_referral.answer, RepeatAnswer::kOtherPair);
  EXPECT_EQ(finding.by_heard.answer, RepeatAnswer::kOtherPair);
}

TEST(R03Repeat, AMessageThroughAFriendCountsByTheCurrentDefinitionOnly) {
  RepeatFacts facts = {.same_pair = true,
                       .last_referral = Date(2025, 3, 1),
                       .incident = Date(2025, 9, 1),
                       .would_be_criminal = false};
  EXPECT_TRUE(FindRepeat(facts, {.definition = RepeatDefinition::kCurrent}).repeat());
  RepeatFinding old = FindRepeat(facts, {.definition = RepeatDefinition::kOld});
  EXPECT_FALSE(old.repeat());
  EXPECT_EQ(old.by_referral.answer, RepeatAnswer::kNotCriminal);
  facts.would_be_criminal = true;
  EXPECT_TRUE(FindRepeat(facts, {.definition = RepeatDefinition::kOld}).repeat());
}

TEST(R03Repeat, WhatIsNotKnownIsNotNo) {
  RepeatFacts facts = {.same_pair = true, .last_referral = Date(2025, 3, 1), .incident = Date(2025, 9, 1)};
  EXPECT_EQ(FindRepeat(facts, {.definition = RepeatDefinition::kOld}).by_referral.answer,
            RepeatAnswer::kNotKnown);
  facts.incident = std::nullopt;
  EXPECT_EQ(FindRepeat(facts, RepeatSettings()).by_referral.answer, RepeatAnswer::kNotKnown);
}

TEST(R03Repeat, AnIncidentAlreadyInTheLastReferralIsNotNew) {
  RepeatFacts facts = {.same_pair = true,
                       .last_referral = Date(2025, 3, 1),
                       .incident = Date(2025, 3, 1),
                       .in_last_referral = true};
  EXPECT_EQ(FindRepeat(facts, RepeatSettings()).by_referral.answer, RepeatAnswer::kNotNew);
  facts.in_last_referral = false;
  EXPECT_TRUE(FindRepeat(facts, RepeatSettings()).repeat());
}

TEST(R03Repeat, TheMonthsAreASetting) {
  RepeatFacts facts = {.same_pair = true, .last_referral = Date(2025, 3, 31), .incident = Date(2025, 9, 30)};
  EXPECT_TRUE(FindRepeat(facts, {.months = 6}).repeat());
  facts.incident = Date(2025, 10, 1);
  EXPECT_FALSE(FindRepeat(facts, {.months = 6}).repeat());
}

TEST(R03Repeat, OnePerpetratorInCommonMakesThePairUnlessTheAreaAsksForAll) {
  EXPECT_TRUE(SamePair(true, {"p1", "p2"}, {"p2", "p3"}));
  EXPECT_FALSE(SamePair(true, {"p1", "p2"}, {"p2", "p3"}, PairRule::kAllInCommon));
  EXPECT_TRUE(SamePair(true, {"p1", "p2"}, {"p2", "p1"}, PairRule::kAllInCommon));
  EXPECT_FALSE(SamePair(false, {"p1"}, {"p1"}));
  EXPECT_FALSE(SamePair(true, {}, {}));
  EXPECT_FALSE(SamePair(true, {}, {}, PairRule::kAllInCommon));
}

TEST(R03Repeat, EveryAnswerExplainsItself) {
  std::set<std::string_view> sentences;
  for (RepeatAnswer answer : {RepeatAnswer::kRepeat, RepeatAnswer::kOtherPair, RepeatAnswer::kNoAnchor,
                              RepeatAnswer::kNotNew, RepeatAnswer::kBeforeAnchor, RepeatAnswer::kTooLate,
                              RepeatAnswer::kNotCriminal, RepeatAnswer::kNotKnown}) {
    sentences.insert(Explain(answer));
  }
  EXPECT_EQ(sentences.size(), 8u);
}

}  // namespace
}  // namespace marac::domain
