#include "domain/instrument.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::BuiltInCatalogue;
using ::marac::testing::EasyReadOf;
using ::marac::testing::IsOk;
using ::marac::testing::Plain24File;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedForm;

const v1::InstrumentPack& Plain24() { return ShippedForm().pack->pack; }

TEST(Plain24Test, HasThe24ItemsOfTheReferenceInItsOrder) {
  std::vector<std::string> codes;
  for (const v1::Item& item : Plain24().items()) codes.push_back(item.code());
  EXPECT_THAT(codes,
              ::testing::ElementsAre("INJ_NOW", "FEAR", "FEAR_OF", "ISOLATED", "MOOD_SI", "SEPARATED",
                                     "CONTACT", "STALK", "PREG", "FREQ_UP", "SEV_UP", "CONTROL", "WEAPON",
                                     "KILL_THREAT", "STRANGLE", "SEXUAL", "OTHERS", "HURT_ELSE", "ANIMAL",
                                     "MONEY", "SUBST_MH", "ABUSER_SI", "BREACH", "RECORD"));
}

TEST(Plain24Test, HasTheDetailsOfTheReference) {
  auto details = [](std::string_view code) {
    std::vector<std::string> codes;
    for (const v1::ItemDetail& detail : FindItem(Plain24(), code)->details()) codes.push_back(detail.code());
    return codes;
  };
  EXPECT_THAT(details("INJ_NOW"), ::testing::Contains("FIRST_TIME"));
  EXPECT_THAT(details("STALK"), ::testing::Contains("MEANT_TO_FRIGHTEN"));
  EXPECT_THAT(details("KILL_THREAT"), ::testing::ElementsAre("SELF", "CHILD", "OTHER"));
  EXPECT_THAT(details("HURT_ELSE"), ::testing::ElementsAre("CHILD", "RELATIVE", "EX_PARTNER", "OTHER"));
  EXPECT_THAT(details("RECORD"), ::testing::ElementsAre("DOMESTIC", "SEXUAL", "VIOLENCE", "OTHER"));
}

TEST(Plain24Test, SaysThatItIsNoOfficialFormAndUntested) {
  EXPECT_THAT(Plain24().notice(), ::testing::HasSubstr("not an official form"));
  EXPECT_EQ(Plain24().equivalence_status(), v1::EQUIVALENCE_STATUS_UNTESTED);
  EXPECT_EQ(Plain24().scoring_mode(), v1::SCORING_MODE_COUNT);
  EXPECT_EQ(Plain24().family(), "dash-24");
  EXPECT_EQ(Plain24().title().find("DASH"), std::string::npos);
}

TEST(CheckPackTest, AcceptsThePackThatShips) { EXPECT_THAT(CheckPack(Plain24()), IsOk()); }

TEST(CheckPackTest, NamesWhatIsWrong) {
  struct Case {
    void (*spoil)(v1::InstrumentPack&);
    std::string field;
  };
  const Case cases[] = {
      {[](auto& pack) { pack.set_id("Plain 24"); }, "id:"},
      {[](auto& pack) { pack.set_version("one"); }, "version:"},
      {[](auto& pack) { pack.clear_title(); }, "title:"},
      {[](auto& pack) { pack.clear_notice(); }, "notice:"},
      {[](auto& pack) { pack.clear_owner(); }, "owner:"},
      {[](auto& pack) { pack.clear_licence(); }, "licence:"},
      {[](auto& pack) { pack.mutable_permission_expires()->set_month(13); }, "permission_expires:"},
      {[](auto& pack) { pack.clear_family(); }, "family:"},
      {[](auto& pack) { pack.clear_equivalence_status(); }, "equivalence_status:"},
      {[](auto& pack) { pack.clear_scoring_mode(); }, "scoring_mode:"},
      {[](auto& pack) { pack.clear_language(); }, "language:"},
      {[](auto& pack) { pack.clear_items(); }, "items:"},
      {[](auto& pack) { pack.mutable_items(2)->set_number(4); }, "items[2].number:"},
      {[](auto& pack) { pack.mutable_items(2)->set_code("fear of"); }, "items[2].code:"},
      {[](auto& pack) { pack.mutable_items(2)->set_code("FEAR"); }, "items[2].code:"},
      {[](auto& pack) { pack.mutable_items(2)->set_question(" "); }, "items[2].question:"},
      {[](auto& pack) { pack.mutable_items(13)->mutable_details(1)->set_code("SELF"); },
       "items[13].details[1].code:"},
      {[](auto& pack) { pack.mutable_items(13)->mutable_details(1)->clear_label(); },
       "items[13].details[1].label:"},
  };
  for (const Case& c : cases) {
    v1::InstrumentPack pack = Plain24();
    c.spoil(pack);
    EXPECT_THAT(CheckPack(pack), Refuses(absl::StatusCode::kInvalidArgument, c.field));
  }
}

TEST(CheckPackTest, AcceptsEveryPackThatIsBuiltInAndAnEasyReadOne) {
  for (const char* name : {"plain24@1.0", "judgement27@0.1", "ordinal-sample@0.1"}) {
    ASSERT_NE(BuiltInCatalogue().FindPack(name), nullptr) << name;
    EXPECT_THAT(CheckPack(BuiltInCatalogue().FindPack(name)->pack), IsOk()) << name;
  }
  EXPECT_THAT(CheckPack(EasyReadOf(Plain24())), IsOk());
}

// "A pack with a gap is refused": each gap alone, in a pack that is otherwise whole.
struct Gap {
  void (*spoil)(v1::InstrumentPack&);
  std::string field;
};

void ExpectEachRefused(const v1::InstrumentPack& whole, std::span<const Gap> gaps) {
  ASSERT_THAT(CheckPack(whole), IsOk());
  for (const Gap& gap : gaps) {
    v1::InstrumentPack pack = whole;
    gap.spoil(pack);
    EXPECT_THAT(CheckPack(pack), Refuses(absl::StatusCode::kInvalidArgument, gap.field));
  }
}

// ACC-02, ACC-12, ACC-13, ACC-29.
TEST(CheckPackTest, NamesEveryGapOfAnEasyReadPack) {
  const Gap gaps[] = {
      {[](auto& p) { p.set_presentation(static_cast<v1::Presentation>(9)); }, "presentation:"},
      {[](auto& p) { p.mutable_items(4)->clear_probes(); }, "items[4].probes: ask this item in easy words"},
      {[](auto& p) { p.mutable_items(1)->mutable_probes(0)->set_code("part one"); },
       "items[1].probes[0].code:"},
      {[](auto& p) { p.mutable_items(1)->mutable_probes(1)->set_code("FEAR_1"); },
       "items[1].probes[1].code: something else"},
      {[](auto& p) { p.mutable_items(1)->mutable_probes(0)->set_code("STALK"); },
       "items[7].code: something else"},
      {[](auto& p) { p.mutable_items(3)->mutable_probes(0)->set_code("FEAR_1"); },
       "items[3].probes[0].code: something else"},
      {[](auto& p) { p.mutable_items(1)->mutable_probes(0)->clear_question(); },
       "items[1].probes[0].question:"},
      {[](auto& p) { p.mutable_items(13)->mutable_probes(0)->set_detail("NEIGHBOUR"); },
       "items[13].probes[0].detail: the item has no detail"},
      {[](auto& p) { p.mutable_items(1)->mutable_probes(0)->set_audio("fear.mp3"); },
       "items[1].probes[0].audio:"},
      {[](auto& p) { p.mutable_items(1)->mutable_probes(0)->set_video("fear.mp4"); },
       "items[1].probes[0].video:"},
      {[](auto& p) {
         for (v1::Probe& probe : *p.mutable_items(0)->mutable_probes()) {
           probe.set_not_applicable_allowed(true);
         }
       },
       "items[0].probes: not applicable to every probe"},
      {[](auto& p) { p.mutable_items(0)->set_window_months(-1); }, "items[0].window_months:"},
      {[](auto& p) { p.mutable_items(0)->set_window_months(121); }, "items[0].window_months:"},
      {[](auto& p) {
         p.mutable_items(0)->set_window_months(12);
         v1::Option* option = p.mutable_items(0)->add_options();
         option->set_code("OFTEN");
         option->set_label("Often");
       },
       "items[0].window_months: what is answered by an option"},
      {[](auto& p) {
         for (int i = 0; i < 21; ++i) p.mutable_items(0)->add_probes()->set_code("P" + std::to_string(i));
       },
       "items[0].probes: give at most 20"},
      {[](auto& p) { p.clear_explainer(); }, "explainer: say before"},
      {[](auto& p) {
         for (int i = 0; i < 6; ++i) p.add_explainer("One more.");
       },
       "explainer: give at most 6 sentences"},
      {[](auto& p) { p.set_explainer(0, " "); }, "explainer[0]:"},
      {[](auto& p) { p.clear_ending(); }, "ending: say after"},
      {[](auto& p) {
         for (int i = 0; i < 5; ++i) p.add_ending("One more.");
       },
       "ending: give at most 5 sentences"},
      {[](auto& p) { p.clear_picture_alt(); }, "picture_alt:"},
      {[](auto& p) { p.mutable_sections()->DeleteSubrange(0, 1); }, "sections: ask whether the explainer"},
      {[](auto& p) { p.mutable_sections()->DeleteSubrange(1, 1); }, "sections: give one section of"},
      {[](auto& p) { p.mutable_sections(1)->mutable_items()->RemoveLast(); },
       "sections[1].items: practise with 2 questions"},
      {[](auto& p) { p.mutable_sections(0)->set_code("understood"); }, "sections[0].code:"},
      {[](auto& p) { p.mutable_sections(2)->set_code("FEAR"); }, "sections[2].code: something else"},
      {[](auto& p) { p.mutable_sections(2)->clear_title(); }, "sections[2].title:"},
      {[](auto& p) { p.mutable_sections(2)->clear_kind(); }, "sections[2].kind:"},
      {[](auto& p) { p.mutable_sections(2)->add_intro(""); }, "sections[2].intro[0]:"},
      {[](auto& p) { p.mutable_sections(2)->clear_items(); }, "sections[2].items: give from 1"},
      {[](auto& p) { p.mutable_sections(2)->mutable_items(1)->set_number(3); },
       "sections[2].items[1].number: give 2"},
      {[](auto& p) { p.mutable_sections(2)->mutable_items(1)->set_code("MONEY"); },
       "sections[2].items[1].code: something else"},
      {[](auto& p) { p.mutable_sections(2)->mutable_items(1)->add_crosswalk(); },
       "sections[2].items[1].crosswalk:"},
      {[](auto& p) { p.add_glossary()->set_explanation("A word."); }, "glossary[0].word:"},
      {[](auto& p) { p.add_glossary()->set_word("stalk"); }, "glossary[0].explanation:"},
      {[](auto& p) { p.mutable_co_production()->mutable_agreed_on()->set_year(2026); },
       "co_production.group:"},
      {[](auto& p) { p.mutable_co_production()->set_group("A group"); }, "co_production.agreed_on:"},
      {[](auto& p) { p.set_language("English"); }, "language:"},
  };
  ExpectEachRefused(EasyReadOf(Plain24()), gaps);
}

TEST(CheckPackTest, NamesEveryGapOfAPackWithRules) {
  const Gap gaps[] = {
      {[](auto& p) { p.clear_rules(); }, "rules: give from 1"},
      {[](auto& p) { p.clear_otherwise(); }, "otherwise: give the grade"},
      {[](auto& p) {
         for (v1::GradeRule& rule : *p.mutable_rules()) rule.clear_grade();
       },
       "rules: give at least one rule a grade"},
      {[](auto& p) { p.set_scoring_mode(v1::SCORING_MODE_JUDGEMENT); }, "rules: only SCORING_MODE_RULES"},
      {[](auto& p) {
         p.set_scoring_mode(v1::SCORING_MODE_JUDGEMENT);
         p.clear_rules();
       },
       "otherwise: only SCORING_MODE_RULES"},
      {[](auto& p) { p.set_scoring_mode(v1::SCORING_MODE_COUNT); },
       "items[0].options: only a yes counts, so this item never would"},
      {[](auto& p) { p.mutable_rules(0)->set_id("controlled"); }, "rules[0].id:"},
      {[](auto& p) { p.mutable_rules(1)->set_id("CONTROLLED"); }, "rules[1].id: something else"},
      {[](auto& p) { p.mutable_rules(1)->set_id("STRANGLE"); }, "rules[1].id: something else"},
      {[](auto& p) { p.mutable_rules(2)->set_grade(static_cast<v1::Grade>(9)); }, "rules[2].grade:"},
      {[](auto& p) { p.mutable_rules(2)->clear_when(); }, "rules[2].when: say what it tests"},
      {[](auto& p) { p.mutable_rules(2)->mutable_when()->set_answer("CHOKE"); },
       "rules[2].when.answer: 'CHOKE' is no item of ordinal-sample@0.1"},
      {[](auto& p) { p.mutable_rules(2)->mutable_when()->set_answer("HURTS"); },
       "rules[2].when.answer: HURTS is answered by options"},
      {[](auto& p) { p.mutable_rules(2)->mutable_when()->set_flag("HONOUR_CONCERN"); },
       "rules[2].when.flag: only policies ask for flags"},
      {[](auto& p) { p.mutable_rules(2)->mutable_when()->mutable_option()->set_item("HURTED"); },
       "rules[2].when.option.item:"},
      {[](auto& p) {
         p.mutable_rules(2)->mutable_when()->mutable_option()->set_item("HURTS");
         p.mutable_rules(2)->mutable_when()->mutable_option()->set_at_least("MOSTLY");
       },
       "rules[2].when.option.at_least: 'MOSTLY' is no option of HURTS"},
      {[](auto& p) { p.mutable_rules(2)->mutable_when()->set_rule("HARM"); },
       "rules[2].when.rule: the pack has no rule with this id"},
      {[](auto& p) { p.mutable_rules(1)->mutable_when()->set_rule("HARMED"); },
       "rules[1].when: this rule depends on itself"},
      {[](auto& p) { p.mutable_rules(1)->mutable_when()->set_rule("LEFT_AND_HARMED"); },
       "rules[1].when: this rule depends on itself"},
      // ACC-05: nothing that a section asks is ever scored.
      {[](auto& p) {
         marac::testing::AddSection(p, "AFTER", v1::SECTION_KIND_AFTER, 1);
         p.mutable_rules(2)->mutable_when()->set_answer("AFTER_1");
       },
       "rules[2].when.answer: 'AFTER_1' is of a section"},
      {[](auto& p) { p.mutable_items(0)->mutable_options()->DeleteSubrange(1, 2); },
       "items[0].options: give from 2"},
      {[](auto& p) {
         p.mutable_items(0)->add_probes()->set_code("PART");
         p.mutable_items(0)->mutable_probes(0)->set_question("Is it day?");
       },
       "items[0].options: an item is asked by its probes or"},
      {[](auto& p) {
         p.mutable_items(0)->add_details()->set_code("PART");
         p.mutable_items(0)->mutable_details(0)->set_label("A part");
       },
       "items[0].options: details belong to a yes"},
      {[](auto& p) { p.mutable_items(0)->mutable_options(1)->set_code("some"); },
       "items[0].options[1].code:"},
      {[](auto& p) { p.mutable_items(0)->mutable_options(1)->set_code("NEVER"); },
       "items[0].options[1].code: another option"},
      {[](auto& p) { p.mutable_items(0)->mutable_options(1)->clear_label(); }, "items[0].options[1].label:"},
  };
  ExpectEachRefused(BuiltInCatalogue().FindPack("ordinal-sample@0.1")->pack, gaps);
}

// D-06.
TEST(CheckPackTest, NamesEveryGapOfACrosswalk) {
  const Gap gaps[] = {
      {[](auto& p) { p.mutable_items(0)->mutable_crosswalk(0)->clear_family(); },
       "items[0].crosswalk[0].family:"},
      {[](auto& p) { p.mutable_items(0)->mutable_crosswalk(0)->set_family("dash-27"); },
       "items[0].crosswalk[0].family: name another family"},
      {[](auto& p) { p.mutable_items(0)->mutable_crosswalk(0)->clear_match(); },
       "items[0].crosswalk[0].match:"},
      {[](auto& p) { p.mutable_items(0)->mutable_crosswalk(0)->clear_item(); },
       "items[0].crosswalk[0].item:"},
      {[](auto& p) { p.mutable_items(9)->mutable_crosswalk(0)->set_item("FEAR"); },
       "items[9].crosswalk[0].item: give the item's code there, and none with NONE"},
      {[](auto& p) { p.mutable_items(1)->mutable_crosswalk(0)->set_item("INJ_NOW"); },
       "items[1].crosswalk[0].item: another item is the same"},
      {[](auto& p) { *p.mutable_items(0)->add_crosswalk() = p.items(10).crosswalk(0); },
       "items[0].crosswalk[1].match: beside EXACT or NONE"},
      {[](auto& p) { *p.mutable_items(9)->add_crosswalk() = p.items(10).crosswalk(0); },
       "items[9].crosswalk[1].match: beside EXACT or NONE"},
  };
  ExpectEachRefused(BuiltInCatalogue().FindPack("judgement27@0.1")->pack, gaps);
}

TEST(CheckPackTest, TakesPlausibleLanguageTags) {
  v1::InstrumentPack pack = Plain24();
  for (const char* tag : {"en", "en-GB", "cy", "bfi", "zh-Hant-TW", "pa-Arab", "en-GB-x-easy"}) {
    pack.set_language(tag);
    EXPECT_THAT(CheckPack(pack), IsOk()) << tag;
  }
  for (const char* tag : {"", "e", "en_GB", "en-", "-GB", "en--GB", "Welsh", "en-Britannic1", "e1"}) {
    pack.set_language(tag);
    EXPECT_THAT(CheckPack(pack), Refuses(absl::StatusCode::kInvalidArgument, "language:")) << tag;
  }
}

// ACC-01: a presentation of the same form.
TEST(CheckPackAmongTest, ADerivedPackHasWhatItsBaseHas) {
  const v1::InstrumentPack& base = Plain24();
  const v1::InstrumentPack whole = EasyReadOf(base);
  ASSERT_THAT(CheckPackAmong(whole, {&base, &whole}), IsOk());
  const Gap gaps[] = {
      {[](auto& p) { p.set_derived_from("plain24@2.0"); }, "derived_from: no other pack of this name"},
      {[](auto& p) { p.set_derived_from("easy@1.0"); }, "derived_from: no other pack of this name"},
      {[](auto& p) { p.set_family("dash-27"); }, "family: give what plain24@1.0 has"},
      {[](auto& p) { p.set_scoring_mode(v1::SCORING_MODE_JUDGEMENT); }, "scoring_mode: give what"},
      {[](auto& p) { p.set_otherwise(v1::GRADE_HIGH); }, "otherwise: give what"},
      {[](auto& p) { p.add_rules(); }, "rules: give what"},
      {[](auto& p) { p.mutable_items()->RemoveLast(); }, "items: give what"},
      {[](auto& p) { p.mutable_items()->SwapElements(3, 4); }, "items[3].code: give what"},
      {[](auto& p) { p.mutable_items(13)->mutable_details()->RemoveLast(); }, "items[13].details: give what"},
      {[](auto& p) { p.mutable_items(0)->add_options()->set_code("OFTEN"); }, "items[0].options: give what"},
      {[](auto& p) { p.mutable_items(6)->set_not_applicable_allowed(true); },
       "items[6].not_applicable_allowed: give what"},
      {[](auto& p) { p.mutable_items(5)->set_window_months(6); }, "items[5].window_months: give what"},
  };
  for (const Gap& gap : gaps) {
    v1::InstrumentPack pack = whole;
    gap.spoil(pack);
    EXPECT_THAT(CheckPackAmong(pack, {&base, &pack}), Refuses(absl::StatusCode::kInvalidArgument, gap.field));
  }
}

TEST(CheckPackAmongTest, ACrosswalkNamesItemsThatTheOtherFamilyHas) {
  v1::InstrumentPack pack = BuiltInCatalogue().FindPack("judgement27@0.1")->pack;
  EXPECT_THAT(CheckPackAmong(pack, {&Plain24(), &pack}), IsOk());
  pack.mutable_items(3)->mutable_crosswalk(0)->set_item("LONELY");
  EXPECT_THAT(CheckPackAmong(pack, {&pack}), IsOk()) << "nothing of that family is installed";
  EXPECT_THAT(CheckPackAmong(pack, {&Plain24(), &pack}),
              Refuses(absl::StatusCode::kInvalidArgument,
                      "items[3].crosswalk[0].item: plain24@1.0, which is of this family, has no item"));
}

// dash.md 3, column "27-form": the only whole matches are those of one number, and not "part".
TEST(Judgement27Test, MatchesThe24AsTheReferenceSays) {
  const v1::InstrumentPack& pack = BuiltInCatalogue().FindPack("judgement27@0.1")->pack;
  const std::map<int, int> place_of_24 = {
      {1, 1},   {2, 2},   {3, 3},   {4, 4},   {5, 5},   {6, 6},   {7, 7},   {8, 8},   {9, 9},
      {13, 10}, {14, 11}, {15, 12}, {16, 13}, {17, 14}, {18, 15}, {19, 16}, {20, 17}, {21, 18},
      {22, 19}, {23, 20}, {24, 21}, {25, 22}, {26, 23}, {27, 24}, {11, 18}, {12, 14}};
  const std::set<int> part = {17, 21, 11, 12};
  ASSERT_EQ(pack.items_size(), 27);
  for (const v1::Item& item : pack.items()) {
    SCOPED_TRACE(item.code());
    ASSERT_EQ(item.crosswalk_size(), 1);
    const v1::CrosswalkEntry& entry = item.crosswalk(0);
    EXPECT_EQ(entry.family(), "dash-24");
    auto place = place_of_24.find(item.number());
    EXPECT_EQ(entry.match(), place == place_of_24.end()     ? v1::CROSSWALK_MATCH_NONE
                             : part.contains(item.number()) ? v1::CROSSWALK_MATCH_PART
                                                            : v1::CROSSWALK_MATCH_EXACT);
    EXPECT_EQ(entry.item(), place == place_of_24.end() ? "" : marac::testing::CodeOf(place->second));
    if (entry.match() == v1::CROSSWALK_MATCH_EXACT) {
      EXPECT_EQ(item.code(), entry.item());
    }
  }
  EXPECT_EQ(pack.items(9).crosswalk(0).match(), v1::CROSSWALK_MATCH_NONE);
}

// dash.md 1: whoever meets one of these sees at once that it is no official form, and not for use.
TEST(ProofPacksTest, SayThatTheyAreNoOfficialFormAndNotForUse) {
  for (const char* name : {"judgement27@0.1", "ordinal-sample@0.1"}) {
    const v1::InstrumentPack& pack = BuiltInCatalogue().FindPack(name)->pack;
    EXPECT_THAT(pack.notice(), ::testing::HasSubstr("Not for use with people")) << name;
    EXPECT_THAT(pack.notice(), ::testing::HasSubstr("not an official form")) << name;
    EXPECT_EQ(pack.equivalence_status(), v1::EQUIVALENCE_STATUS_UNTESTED) << name;
  }
}

}  // namespace
}  // namespace marac::domain
