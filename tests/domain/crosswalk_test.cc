#include "domain/crosswalk.h"

#include <algorithm>
#include <map>

#include "domain/assessment.h"
#include "domain/instrument.h"
#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::AnswerTo;
using ::marac::testing::BuiltInCatalogue;
using ::marac::testing::OnlyYes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const v1::InstrumentPack& Pack(std::string_view name) { return BuiltInCatalogue().FindPack(name)->pack; }

// "ITEM: match, earlier item", in the order they are shown.
std::vector<std::string> Shown(const v1::InstrumentPack& form, const v1::InstrumentPack& earlier_form,
                               const Answers& answers) {
  std::vector<std::string> shown;
  for (const EarlierAnswer& earlier : EarlierAnswers(form, earlier_form, answers)) {
    shown.push_back(earlier.item +
                    (earlier.match == v1::CROSSWALK_MATCH_EXACT  ? ": same as "
                     : earlier.match == v1::CROSSWALK_MATCH_PART ? ": part of "
                                                                 : ": ? ") +
                    earlier.earlier->item());
  }
  return shown;
}

Answers YesTo(const std::vector<std::string>& codes) {
  Answers answers;
  for (const std::string& code : codes) {
    v1::Answer& answer = *answers.Add();
    answer.set_item(code);
    answer.set_code(v1::ANSWER_CODE_YES);
  }
  return answers;
}

// D-06: earlier answers beside a new form, in both directions of a crosswalk that one of the packs holds.
TEST(EarlierAnswersTest, StandBesideTheItemsOfTheOtherFamily) {
  const v1::InstrumentPack& of_24 = Pack("plain24@1.0");
  const v1::InstrumentPack& of_27 = Pack("judgement27@0.1");
  EXPECT_THAT(Shown(of_27, of_24, OnlyYes({}, v1::ANSWER_CODE_NOT_ASKED)), IsEmpty());
  EXPECT_THAT(Shown(of_27, of_24, YesTo({"FEAR", "STRANGLE"})),
              ElementsAre("FEAR: same as FEAR", "STRANGLE: same as STRANGLE"));
  EXPECT_THAT(Shown(of_24, of_27, YesTo({"STRANGLE", "FEAR"})),
              ElementsAre("FEAR: same as FEAR", "STRANGLE: same as STRANGLE"));
  EXPECT_THAT(Shown(of_24, of_24, YesTo({"STRANGLE"})), ElementsAre("STRANGLE: same as STRANGLE"));
}

TEST(EarlierAnswersTest, WhatIsOnlyPartSaysSo) {
  const v1::InstrumentPack& of_24 = Pack("plain24@1.0");
  const v1::InstrumentPack& of_27 = Pack("judgement27@0.1");
  EXPECT_THAT(Shown(of_27, of_24, YesTo({"KILL_THREAT"})),
              ElementsAre("CHILD_THREAT: part of KILL_THREAT", "KILL_THREAT: part of KILL_THREAT"));
  EXPECT_THAT(Shown(of_24, of_27, YesTo({"CHILD_HURT", "HURT_ELSE"})),
              ElementsAre("HURT_ELSE: part of CHILD_HURT", "HURT_ELSE: part of HURT_ELSE"));
  EXPECT_THAT(Shown(of_24, of_27, YesTo({"CHILDREN"})), IsEmpty()) << "the 24 ask nothing of the kind";
  EXPECT_THAT(Shown(Pack("ordinal-sample@0.1"), of_24, YesTo({"CONTROL", "STRANGLE"})),
              ElementsAre("DECIDES: part of CONTROL", "STRANGLE: same as STRANGLE"));
}

// Two packs may differ about it; the weaker word holds.
TEST(EarlierAnswersTest, IsPartWhereEitherPackSaysSo) {
  v1::InstrumentPack of_24 = Pack("plain24@1.0");
  const v1::InstrumentPack& of_27 = Pack("judgement27@0.1");
  v1::CrosswalkEntry* entry = of_24.mutable_items(1)->add_crosswalk();
  entry->set_family("dash-27");
  entry->set_item("FEAR");
  entry->set_match(v1::CROSSWALK_MATCH_PART);
  EXPECT_THAT(Shown(of_27, of_24, YesTo({"FEAR"})), ElementsAre("FEAR: part of FEAR"));
  EXPECT_THAT(Shown(of_24, of_27, YesTo({"FEAR"})), ElementsAre("FEAR: part of FEAR"));
}

// D-07, "part never auto-fills": whatever stands beside a form, its own answers are those given to it.
TEST(EarlierAnswersTest, AreNeverTheAnswersOfTheNewForm) {
  const Form form = BuiltInCatalogue().FormFor("judgement27@0.1", "judgement27@0.1").value();
  const Act act{"accounts/idva", absl::FromUnixSeconds(1'800'000'000)};
  v1::Assessment draft = StartAssessment(form, {}, "areas/mk/assessments/a1", "agencies/idva", act).value();
  const Answers answers = OnlyYes({1, 14, 15, 18});
  const std::vector<EarlierAnswer> beside = EarlierAnswers(form.pack->pack, Pack("plain24@1.0"), answers);
  ASSERT_EQ(std::ranges::count(beside, v1::CROSSWALK_MATCH_PART, &EarlierAnswer::match), 4);
  ASSERT_EQ(std::ranges::count(beside, v1::CROSSWALK_MATCH_EXACT, &EarlierAnswer::match), 22);
  for (const EarlierAnswer& earlier : beside) {
    EXPECT_TRUE(std::ranges::any_of(answers, [&](const v1::Answer& a) { return &a == earlier.earlier; }))
        << "it is the old form's own answer, under that form's code, and no copy";
  }
  EXPECT_THAT(draft.answers(), IsEmpty());
  EXPECT_EQ(draft.result().not_asked(), 27);
  EXPECT_EQ(draft.result().score(), 0);
}

}  // namespace
}  // namespace marac::domain
