#include "domain/condition.h"

#include "domain/instrument.h"
#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::AnswerTo;
using ::marac::testing::BuiltInCatalogue;
using ::marac::testing::OnlyYes;

const v1::InstrumentPack& Ordinal() { return BuiltInCatalogue().FindPack("ordinal-sample@0.1")->pack; }

// Answers to the sample: an option's code, YES, NO or nothing at all.
Answers OrdinalAnswers(const std::vector<std::pair<std::string, std::string>>& given) {
  Answers answers;
  for (const auto& [item, said] : given) {
    v1::Answer& answer = *answers.Add();
    answer.set_item(item);
    answer.set_code(said == "YES"  ? v1::ANSWER_CODE_YES
                    : said == "NO" ? v1::ANSWER_CODE_NO
                                   : v1::ANSWER_CODE_OPTION);
    if (answer.code() == v1::ANSWER_CODE_OPTION) answer.set_option(said);
  }
  return answers;
}

TEST(HoldsTest, AtLeastCountsWhatHolds) {
  v1::Condition condition;
  condition.mutable_at_least()->set_count(2);
  for (const char* code : {"FEAR", "STALK", "MONEY"}) {
    condition.mutable_at_least()->add_conditions()->set_answer(code);
  }
  EXPECT_FALSE(Holds(condition, OnlyYes({2}), {}));
  EXPECT_TRUE(Holds(condition, OnlyYes({2, 20}), {}));
}

TEST(HoldsTest, ADetailCountsOnlyBesideAYes) {
  v1::Condition condition;
  condition.mutable_detail()->set_item("HURT_ELSE");
  condition.mutable_detail()->set_detail("CHILD");
  Answers answers;
  *answers.Add() = AnswerTo(18, v1::ANSWER_CODE_YES);
  EXPECT_FALSE(Holds(condition, answers, {}));
  answers.Mutable(0)->add_details("CHILD");
  EXPECT_TRUE(Holds(condition, answers, {}));
  answers.Mutable(0)->set_code(v1::ANSWER_CODE_DONT_KNOW);
  EXPECT_FALSE(Holds(condition, answers, {}));
}

TEST(HoldsTest, ANoteCountsWhateverTheAnswerAndBlanksAreNoNote) {
  v1::Condition condition;
  condition.set_has_note("FEAR_OF");
  Answers answers;
  *answers.Add() = AnswerTo(3, v1::ANSWER_CODE_DECLINED);
  answers.Mutable(0)->set_note("\u00a0 ");
  EXPECT_FALSE(Holds(condition, answers, {}));
  answers.Mutable(0)->set_note("that he takes the children");
  EXPECT_TRUE(Holds(condition, answers, {}));
}

TEST(GradeByRulesTest, IsTheHighestGradeOfTheRulesThatHold) {
  struct Case {
    std::vector<std::pair<std::string, std::string>> answers;
    v1::Grade grade;
  };
  const Case cases[] = {
      {{}, v1::GRADE_STANDARD},
      {{{"DECIDES", "NEVER"}, {"HURTS", "NOT_HURT"}, {"STRANGLE", "NO"}}, v1::GRADE_STANDARD},
      {{{"DECIDES", "SOMETIMES"}}, v1::GRADE_MEDIUM},
      {{{"DECIDES", "MOSTLY"}, {"KEEPS_AWAY", "MOSTLY"}}, v1::GRADE_MEDIUM},
      {{{"HURTS", "PAIN"}}, v1::GRADE_MEDIUM},
      {{{"STRANGLE", "YES"}}, v1::GRADE_MEDIUM},
      {{{"SEPARATED", "YES"}}, v1::GRADE_STANDARD},
      {{{"SEPARATED", "YES"}, {"HURTS", "PAIN"}}, v1::GRADE_MEDIUM},
      {{{"SEPARATED", "YES"}, {"HURTS", "DOCTOR"}}, v1::GRADE_HIGH},
      {{{"SEPARATED", "YES"}, {"STRANGLE", "YES"}}, v1::GRADE_HIGH},
      {{{"KEEPS_AWAY", "SOMETIMES"}, {"STRANGLE", "YES"}}, v1::GRADE_MEDIUM},
      {{{"KEEPS_AWAY", "MOSTLY"}, {"STRANGLE", "YES"}}, v1::GRADE_HIGH},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(GradeByRules(Ordinal(), OrdinalAnswers(c.answers)), c.grade)
        << ::testing::PrintToString(c.answers);
  }
}

TEST(GradeByRulesTest, AnAnswerThatIsNoOptionIsNoRungOfTheScale) {
  Answers answers = OrdinalAnswers({{"DECIDES", "MOSTLY"}});
  EXPECT_EQ(GradeByRules(Ordinal(), answers), v1::GRADE_MEDIUM);
  answers.Mutable(0)->set_code(v1::ANSWER_CODE_DECLINED);
  EXPECT_EQ(GradeByRules(Ordinal(), answers), v1::GRADE_STANDARD);
}

TEST(GradeByRulesTest, DoesNotDependOnTheOrderOfTheRules) {
  v1::InstrumentPack reversed = Ordinal();
  std::reverse(reversed.mutable_rules()->begin(), reversed.mutable_rules()->end());
  for (const char* decides : {"NEVER", "SOMETIMES", "MOSTLY"}) {
    for (const char* hurts : {"NOT_HURT", "PAIN", "DOCTOR"}) {
      Answers answers = OrdinalAnswers({{"DECIDES", decides}, {"HURTS", hurts}});
      EXPECT_EQ(GradeByRules(reversed, answers), GradeByRules(Ordinal(), answers));
    }
  }
}

// Sixty rules, each of which names the one before twice: more ways through them than could ever be walked.
TEST(GradeByRulesTest, LooksAtARuleOnce) {
  v1::InstrumentPack pack = Ordinal();
  for (int i = 0; i < 60; ++i) {
    v1::GradeRule* rule = pack.add_rules();
    rule->set_id("CHAIN_" + std::to_string(i));
    rule->set_grade(v1::GRADE_HIGH);
    for (int twice = 0; twice < 2; ++twice) {
      rule->mutable_when()->mutable_any_of()->add_conditions()->set_rule(
          i == 0 ? "HARMED" : "CHAIN_" + std::to_string(i - 1));
    }
  }
  ASSERT_THAT(CheckPack(pack), ::marac::testing::IsOk());
  EXPECT_EQ(GradeByRules(pack, {}), v1::GRADE_STANDARD);
  EXPECT_EQ(GradeByRules(pack, OrdinalAnswers({{"STRANGLE", "YES"}})), v1::GRADE_HIGH);
}

}  // namespace
}  // namespace marac::domain
