#include "domain/instrument.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <vector>

#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::Plain24File;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedForm;

const v1::InstrumentPack& Plain24() { return ShippedForm().pack->pack; }

// Words of a text in small letters, without punctuation.
std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '\'') {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      words.push_back(word);
      word.clear();
    }
  }
  return words;
}

// The letters of a group of vowels make a syllable; a last e is silent. Rough, and the rule is a warning.
int SyllablesOf(const std::string& word) {
  int syllables = 0;
  bool in_vowels = false;
  for (size_t i = 0; i < word.size(); ++i) {
    bool vowel = std::string("aeiouy").find(word[i]) != std::string::npos;
    if (vowel && !in_vowels && !(word[i] == 'e' && i + 1 == word.size() && syllables > 0)) ++syllables;
    in_vowels = vowel;
  }
  return std::max(1, syllables);
}

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

// LINT-01, -03, -06, -09, -10, -13, -17 of dash.md 6, which bind the plain pack's questions.
TEST(Plain24Test, AsksInPlainWords) {
  const std::regex tag(",? *(is|are|do|does|did|have|has|was|were|will|would)n't (it|they|you|he|she)\\?$");
  const std::regex number_word(
      "\\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred)\\b");
  const std::regex hard("%|[0-9]+[/-][0-9]+|\\b[A-Z]{2,}\\b|\\b(e\\.g\\.|i\\.e\\.|etc)");
  const std::vector<std::string> blacklist = {"perpetrator", "incident", "injury",     "excessive",
                                              "constantly",  "isolated", "harass",     "suffocate",
                                              "breach",      "stalk",    "injunction", "dependent",
                                              "escalate",    "disclose", "consent",    "assessment"};
  for (const v1::Item& item : Plain24().items()) {
    SCOPED_TRACE(item.code() + ": " + item.question());
    std::vector<std::string> words = WordsOf(item.question());
    EXPECT_LE(words.size(), 15U) << "LINT-01";
    EXPECT_EQ(std::ranges::count(item.question(), '?'), 1) << "LINT-03";
    EXPECT_EQ(item.question().back(), '?') << "LINT-03";
    EXPECT_FALSE(std::regex_search(item.question(), tag)) << "LINT-06";
    EXPECT_FALSE(std::regex_search(item.question(), number_word)) << "LINT-09";
    EXPECT_FALSE(std::regex_search(item.question(), hard)) << "LINT-10";
    for (const std::string& word : words) {
      for (const std::string& bad : blacklist) {
        EXPECT_NE(word.rfind(bad, 0), 0U) << "LINT-13: " << word;
      }
    }
    int syllables = 0;
    for (const std::string& word : words) syllables += SyllablesOf(word);
    double grade = 0.39 * static_cast<double>(words.size()) +
                   11.8 * static_cast<double>(syllables) / static_cast<double>(words.size()) - 15.59;
    EXPECT_LE(grade, 8.0) << "LINT-17";
  }
}

// LINT-16: one word for one thing.
TEST(Plain24Test, KeepsToOneWordForOneThing) {
  for (const v1::Item& item : Plain24().items()) {
    for (const std::string& word : WordsOf(item.question())) {
      EXPECT_THAT(word, ::testing::Not(::testing::AnyOf("afraid", "scared", "scare", "alcohol", "pregnant",
                                                        "injure", "injured", "anyone", "someone")))
          << item.code();
    }
  }
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

}  // namespace
}  // namespace marac::domain
