// What is printed for people: never wider than 100 columns, nothing left out, nothing obeyed by the terminal.
#include "cli/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace marac::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TEST(DisplayWidthTest, MarksTakeNoColumnAndWideCharactersTwo) {
  EXPECT_EQ(DisplayWidth("Łęska"), 5);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);  // e and a combining acute
  EXPECT_EQ(DisplayWidth("李小龙"), 6);
  EXPECT_EQ(DisplayWidth("محمد"), 4);
  EXPECT_EQ(DisplayWidth(""), 0);
}

TEST(PrintableTest, NothingThatATerminalObeysIsLeft) {
  EXPECT_EQ(Printable("a\x1B[2Jb"), "a\xEF\xBF\xBD[2Jb");
  EXPECT_EQ(Printable("a\x07\x7F"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Printable("a\xC2\x9B"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");  // C1 control: CSI in one character
  EXPECT_EQ(Printable("x\xE2\x80\xAE"
                      "cod.exe"),
            "x\xEF\xBF\xBD"
            "cod.exe");  // right-to-left override
  EXPECT_EQ(Printable("bad \xFF\xFE"), "bad \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Printable("one\ntwo\tthree"), "one\ntwo three");
}

TEST(WrapLinesTest, BreaksBetweenWordsAndLongWordsAnywhere) {
  EXPECT_THAT(WrapLines("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(WrapLines("abcdefgh", 3), ElementsAre("abc", "def", "gh"));
  EXPECT_THAT(WrapLines("李小龙", 4), ElementsAre("李小", "龙"));
  EXPECT_THAT(WrapLines("", 10), ElementsAre(""));
  EXPECT_THAT(WrapLines("one\n\ntwo\n", 10), ElementsAre("one", "", "two"));
}

TEST(TableTest, IsAsNarrowAsItsCells) {
  Table table({{"ID", false}, {"NAME"}});
  table.AddRow({"x1", "Ana Łęska"});
  EXPECT_EQ(table.Render(),
            "ID  NAME\n"
            "--  ---------\n"
            "x1  Ana Łęska\n");
}

TEST(TableTest, NeverPassesOneHundredColumnsAndLosesNoCharacter) {
  // Names of many scripts and lengths, from a fixed seed.
  std::mt19937 random(7);
  const std::vector<std::string> words = {"Ana",
                                          "Łęska",
                                          "O'Connor",
                                          "李小龙",
                                          "محمد",
                                          "Nguyễn",
                                          "Żółć",
                                          "x",
                                          "ﬁ",
                                          "Σωκράτης",
                                          "a-very-long-double-barrelled-name",
                                          "e\xCC\x81"};
  const std::string id = "0123456789abcdefghjkmnpqrs";
  for (int round = 0; round < 200; ++round) {
    Table table({{"ID", false}, {"NUMBER", false}, {"NAME"}, {"WHY"}, {"STATE"}});
    std::string given;
    for (int row = 0; row < 5; ++row) {
      std::string name;
      std::string why;
      for (auto i = random() % 12; i > 0; --i) name += words[random() % words.size()] + " ";
      for (auto i = random() % 60; i > 0; --i) why += words[random() % words.size()] + " ";
      given += name + why;
      table.AddRow({id, "MK-26-7QX4-K", name, why, "accepted"});
    }
    const std::string text = table.Render();
    for (const std::string& line : LinesOf(text)) ASSERT_THAT(DisplayWidth(line), Le(kColumnsMax)) << text;
    // Cells stand side by side, so words are broken and mixed; but every byte of every cell is somewhere.
    for (const char c : std::set<char>(given.begin(), given.end())) {
      if (c == ' ' || c == '-') continue;
      const auto ids = 5 * std::count(id.begin(), id.end(), c);
      ASSERT_GE(std::count(text.begin(), text.end(), c), std::count(given.begin(), given.end(), c) + ids);
    }
    // Identifiers stay in one piece, since people copy them.
    ASSERT_THAT(text, HasSubstr(id));
    ASSERT_THAT(text, HasSubstr("MK-26-7QX4-K"));
  }
}

TEST(TableTest, AWordIsBrokenAtItsHyphenBeforeAnywhereElse) {
  Table table({{"CASE", false}, {"NUMBER", false}, {"STAGE"}, {"KIND"}, {"CONTACT"}, {"VICTIM"}, {"WHY"}});
  table.AddRow({std::string(26, 'x'), "MK-26-7QX4-K", "accepted", "new", "not-attempted", "Featherstone",
                "strangulation, proportionality"});
  const std::string text = table.Render();
  EXPECT_THAT(text, AllOf(HasSubstr("  not-      "), HasSubstr("  attempted  "), HasSubstr("Featherstone"),
                          HasSubstr("strangulation,"), HasSubstr("proportionality")));
}

TEST(TableTest, EveryWordOfALongCellIsThere) {
  Table table({{"ID", false}, {"WHY"}});
  std::string why;
  for (int i = 0; i < 100; ++i) why += "word" + std::to_string(i) + " ";
  table.AddRow({"x1", why});
  const std::string text = table.Render();
  for (int i = 0; i < 100; ++i) EXPECT_THAT(text, HasSubstr("word" + std::to_string(i)));
}

TEST(TableTest, ACellCannotMoveTheCursor) {
  Table table({{"NAME"}});
  table.AddRow({"\x1B]0;title\x07"});
  EXPECT_THAT(table.Render(), Not(HasSubstr("\x1B")));
}

TEST(LabelledTest, WrapsUnderTheValue) {
  const std::string text = Labelled("narrative", std::string(150, 'x'), 2);
  for (const std::string& line : LinesOf(text)) EXPECT_LE(DisplayWidth(line), kColumnsMax);
  EXPECT_EQ(LinesOf(text).size(), 3u);
  EXPECT_THAT(text, HasSubstr("  narrative:"));
}

}  // namespace
}  // namespace marac::cli
