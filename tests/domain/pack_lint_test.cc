#include "domain/pack_lint.h"

#include <algorithm>
#include <string>

#include "tests/support/area_packs.h"
#include "tests/support/assessments.h"
#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Plain24File;
using ::marac::testing::ReadSchemaFile;
using ::marac::testing::Refuses;
using ::marac::testing::With;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const WordList& EasyWords() {
  static const auto& words = *new WordList(WordList::Parse(ReadSchemaFile("words/easy.txt").text).value());
  return words;
}

absl::StatusOr<LintedPack> LintBesidePlain24(const DataFile& file) {
  const DataFile beside[] = {Plain24File()};
  return LintPackFile(file, beside, EasyWords());
}

DataFile EasyReadFile() { return ReadSchemaFile("instruments/plain24-er.textproto"); }

TEST(LintPackFileTest, EveryBuiltInPackPassesAsAFile) {
  const std::vector<DataFile> all = marac::testing::ReadSchemaFolder("instruments");
  for (const DataFile& file : all) {
    ASSERT_OK_AND_ASSIGN(const LintedPack linted, LintPackFile(file, all, EasyWords()));
    EXPECT_TRUE(linted.passes()) << file.name;
  }
}

TEST(LintPackFileTest, NamesTheLineOfAHardSentence) {
  DataFile file = EasyReadFile();
  const size_t at = file.text.find("question: \"", file.text.find("probes {"));
  const size_t end = file.text.find('\n', at);
  file.text.replace(at, end - at, "question: \"Notwithstanding, is perpetration habitual?\"");
  const auto line =
      1 + std::count(file.text.begin(), file.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  ASSERT_OK_AND_ASSIGN(const LintedPack linted, LintBesidePlain24(file));
  EXPECT_FALSE(linted.passes());
  const auto found = std::ranges::find_if(linted.findings, [](const LintedPack::Finding& finding) {
    return finding.finding.rule == "LINT-13" && finding.finding.severity == LintSeverity::kError;
  });
  ASSERT_NE(found, linted.findings.end());
  EXPECT_EQ(found->line, line);
  EXPECT_EQ(found->finding.path, "items[0].probes[0].question");
}

// LINT-18b fails an activation and no file.
TEST(LintPackFileTest, AMissingSignOffIsAWarning) {
  ASSERT_OK_AND_ASSIGN(
      const LintedPack linted,
      LintBesidePlain24(With(EasyReadFile(), "equivalence_status: EQUIVALENCE_STATUS_UNTESTED",
                             "equivalence_status: EQUIVALENCE_STATUS_PILOT")));
  EXPECT_TRUE(linted.passes());
  EXPECT_EQ(linted.findings.back().finding.rule, "LINT-18b");
}

TEST(LintPackFileTest, TheOfficialWordsOfAnotherFormAreNotHeldToEasyReading) {
  v1::InstrumentPack pack = marac::testing::ShippedForm().pack->pack;
  pack.set_id("official");
  pack.mutable_items(0)->set_question("Notwithstanding the aforementioned, is perpetration habitual?");
  ASSERT_OK_AND_ASSIGN(const LintedPack linted, LintBesidePlain24(marac::testing::FileOf(pack)));
  EXPECT_THAT(linted.findings, IsEmpty());
}

TEST(LintPackFileTest, AGapIsRefusedAsItWouldBeAtInstallation) {
  EXPECT_THAT(LintPackFile(EasyReadFile(), {}, EasyWords()),
              Refuses(absl::StatusCode::kInvalidArgument, "derived_from: no other pack of this name"));
  EXPECT_THAT(LintBesidePlain24({"bad.textproto", "id: 7"}),
              Refuses(absl::StatusCode::kInvalidArgument, "bad.textproto: line 1"));
}

}  // namespace
}  // namespace marac::domain
