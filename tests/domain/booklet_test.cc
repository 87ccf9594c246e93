#include "domain/booklet.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::ShippedCatalogue;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const v1::InstrumentPack& Accessible() { return ShippedCatalogue().FindPack("plain24-er@0.1")->pack; }

v1::Assessment Draft(const std::vector<std::string>& words) {
  v1::Assessment assessment;
  assessment.set_name("areas/mk/assessments/0123456789abcdef");
  assessment.set_state(v1::ASSESSMENT_STATE_DRAFT);
  assessment.set_instrument("plain24-er@0.1");
  for (size_t i = 0; i < words.size(); ++i) {
    assessment.add_perpetrators()->mutable_name()->set_value("Robert Invented");
    if (words[i].empty()) continue;
    v1::PersonWord& word = *assessment.mutable_communication()->add_person_words();
    word.set_perpetrator(static_cast<int32_t>(i) + 1);
    word.set_word(words[i]);
  }
  return assessment;
}

TEST(BookletTest, ACC14_SaysTheWordOfThePersonAndNobodysName) {
  EXPECT_EQ(WordFor(Draft({"Big Rob"})), "Big Rob");
  EXPECT_EQ(WordFor(Draft({"my dad", "Sam"})), "my dad or Sam");
  EXPECT_EQ(WordFor(Draft({"my dad", "Sam", "Jo", "Sam"})), "my dad, Sam or Jo");
  EXPECT_EQ(WordFor(Draft({"", "Sam"})), "Sam");
  EXPECT_EQ(WordFor(Draft({""})), "this person");
  EXPECT_EQ(WordFor(Draft({})), "this person");
}

TEST(BookletTest, ACC14_LeavesNoPlaceholderInAnyPack) {
  for (const char* name : {"plain24-er@0.1", "plain24@1.0"}) {
    v1::Assessment assessment = Draft({"Big Rob"});
    assessment.set_instrument(name);
    const auto booklet = BookletOf(assessment, ShippedCatalogue().FindPack(name)->pack, {});
    EXPECT_THAT(booklet.DebugString(), Not(HasSubstr("{name"))) << name;
  }
  // A word that looks like one stays what it is.
  EXPECT_THAT(BookletOf(Draft({"{name}"}), Accessible(), {}).DebugString(), HasSubstr("{name} hurt"));
}

TEST(BookletTest, ACC30_HasNothingOfTheAssessmentButItsWordsItsFormAndItsReference) {
  v1::Assessment full = Draft({"Big Rob"});
  full.mutable_victim()->mutable_name()->set_value("Maria Invented");
  full.mutable_result()->set_score(17);
  full.add_answers()->set_note("A note");
  full.mutable_judgement()->set_text("A judgement");
  EXPECT_EQ(BookletOf(full, Accessible(), {}).SerializeAsString(),
            BookletOf(Draft({"Big Rob"}), Accessible(), {}).SerializeAsString());
}

TEST(BookletTest, ACC27_AnnouncesWhatIsHardOnceAndAsksAfterEachHowThePersonIs) {
  const auto booklet = BookletOf(Draft({"Sam"}), Accessible(), {});
  int announced = 0;
  int asked_after = 0;
  int hard = 0;
  bool was_hard = false;
  for (const v1::Item& item : Accessible().items()) {
    hard += item.sensitive() && !was_hard ? 1 : 0;
    was_hard = item.sensitive();
    asked_after += item.sensitive() ? 1 : 0;
  }
  for (const auto& page : booklet.pages()) {
    if (!page.code().empty()) continue;
    ++announced;
    EXPECT_THAT(page.before(), ElementsAre("The next questions may make you feel sad.",
                                           "You can skip them or take a break."));
    EXPECT_THAT(page.choices(), IsEmpty());
  }
  EXPECT_EQ(announced, hard);
  EXPECT_GT(announced, 0);
  std::vector<Place> places = PlacesOf(Accessible());
  EXPECT_EQ(
      std::count_if(places.begin(), places.end(), [](const Place& place) { return place.after != nullptr; }),
      asked_after);
}

TEST(BookletTest, ACC46_EachPageSaysWhereItIsAndOffersTheAnswersOfTheScreen) {
  const auto booklet = BookletOf(Draft({"Sam"}), Accessible(), {});
  const auto page = std::find_if(booklet.pages().begin(), booklet.pages().end(),
                                 [](const auto& p) { return p.code() == "FEAR_OF/FEAR_OF_KILL"; });
  ASSERT_NE(page, booklet.pages().end());
  EXPECT_EQ(page->progress(), "Question 3 of 24, part 2 of 4");
  EXPECT_EQ(page->heading(), "Are you scared Sam will kill you?");
  EXPECT_EQ(page->reword(), "Are you frightened that Sam could kill you?");
  std::vector<std::string> choices;
  for (const auto& choice : page->choices()) choices.push_back(choice.text());
  EXPECT_THAT(choices, ElementsAre("Yes", "No", "Not sure", "I do not want to say", "I do not understand"));
  EXPECT_FALSE(page->choices(2).small());
  EXPECT_TRUE(page->choices(3).small());
}

TEST(BookletTest, IsForADraftAlone) {
  v1::Assessment assessment = Draft({});
  for (int state = v1::AssessmentState_MIN; state <= v1::AssessmentState_MAX; ++state) {
    assessment.set_state(static_cast<v1::AssessmentState>(state));
    if (state == v1::ASSESSMENT_STATE_DRAFT) {
      EXPECT_THAT(CheckBooklet(assessment), IsOk());
    } else {
      EXPECT_EQ(DetailOf(CheckBooklet(assessment)).reason(), "WRONG_STATE") << state;
    }
  }
}

TEST(BookletTest, TheReferenceIsTheEndOfTheName) { EXPECT_EQ(ReferenceOf(Draft({})), "89abcdef"); }

}  // namespace
}  // namespace marac::domain
