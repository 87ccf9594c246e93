#include "domain/instrument_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/assessments.h"
#include "tests/support/packs.h"

namespace marac::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::InstrumentPack Plain24() { return marac::testing::ShippedForm().pack->pack; }

std::vector<std::string> Differences(const v1::InstrumentPack& before, const v1::InstrumentPack& after) {
  std::vector<std::string> lines;
  for (const v1::InstrumentChange& change : DiffPacks(before, after)) {
    const std::string kind = v1::InstrumentChangeKind_Name(change.kind()).substr(23);
    lines.push_back(kind + " " + change.item() + "." + change.field() + ": " + change.before() + " -> " +
                    change.after());
  }
  return lines;
}

TEST(DiffPacksTest, FindsNothingInTheSamePackOfAnotherVersion) {
  v1::InstrumentPack after = Plain24();
  after.set_version("1.1");
  EXPECT_THAT(Differences(Plain24(), after), IsEmpty());
}

TEST(DiffPacksTest, TellsWordsByItemAndField) {
  v1::InstrumentPack before = Plain24();
  before.mutable_items(1)->set_question("Are you afraid?");
  v1::InstrumentPack after = before;
  after.mutable_items(1)->set_question("Are you frightened?");
  after.set_licence("Another");
  after.set_scoring_mode(v1::SCORING_MODE_JUDGEMENT);
  EXPECT_THAT(
      Differences(before, after),
      ElementsAre("CHANGED .licence: Apache-2.0 -> Another",
                  "CHANGED .scoring_mode: SCORING_MODE_COUNT -> SCORING_MODE_JUDGEMENT",
                  "CHANGED " + before.items(1).code() + ".question: Are you afraid? -> Are you frightened?"));
}

TEST(DiffPacksTest, TellsWhatCameAndWhatWent) {
  v1::InstrumentPack before = Plain24();
  v1::InstrumentPack after = before;
  const std::string gone = before.items(3).code();
  after.mutable_items()->DeleteSubrange(3, 1);
  v1::Item& item = *after.add_items();
  item.set_number(24);
  item.set_code("NEW_ONE");
  item.set_question("Is it new?");
  EXPECT_THAT(Differences(before, after),
              ElementsAre("ADDED NEW_ONE.:  -> Is it new?",
                          "REMOVED " + gone + ".: " + before.items(3).question() + " -> "));
}

TEST(DiffPacksTest, TellsOneQuestionThatMovedAndNotThoseThatMadeRoom) {
  v1::InstrumentPack before = Plain24();
  v1::InstrumentPack after = before;
  for (int i = 20; i > 2; --i) after.mutable_items()->SwapElements(i, i - 1);
  EXPECT_THAT(Differences(before, after), ElementsAre("MOVED " + before.items(20).code() + ".:  -> "));
}

TEST(DiffPacksTest, GoesIntoProbesDetailsAndSections) {
  v1::InstrumentPack before = marac::testing::EasyReadOf(Plain24());
  v1::InstrumentPack after = before;
  v1::Item& item = *after.mutable_items(0);
  item.mutable_probes(0)->set_reword("Said again?");
  after.mutable_sections(2)->mutable_items(1)->set_question("Is it night?");
  after.add_explainer("One more.");
  const std::string path = item.code() + "/" + item.probes(0).code();
  const std::string section = before.sections(2).code() + "/" + before.sections(2).items(1).code();
  EXPECT_THAT(
      Differences(before, after),
      ElementsAre(
          "CHANGED " + path + ".reword: " + before.items(0).probes(0).reword() + " -> Said again?",
          "CHANGED " + section + ".question: Is it day? -> Is it night?",
          "CHANGED .explainer: " + before.explainer(0) + " -> " + before.explainer(0) + "\nOne more."));
}

TEST(DiffPacksTest, TellsARuleThatSaysSomethingElse) {
  const v1::InstrumentPack before = marac::testing::BuiltInCatalogue().FindPack("ordinal-sample@0.1")->pack;
  v1::InstrumentPack after = before;
  after.mutable_rules(0)->set_grade(v1::GRADE_HIGH);
  after.mutable_rules(0)->clear_when();
  const std::vector<v1::InstrumentChange> changes = DiffPacks(before, after);
  for (const v1::InstrumentChange& change : changes) EXPECT_EQ(change.item(), before.rules(0).id());
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes.back().field(), "when");
  EXPECT_EQ(changes.back().after(), "");
}

}  // namespace
}  // namespace marac::domain
