#include "domain/catalogue.h"

#include "base/hash.h"
#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::DefaultPolicyFile;
using ::marac::testing::IsOk;
using ::marac::testing::Plain24File;
using ::marac::testing::ReadSchemaFile;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedCatalogue;
using ::marac::testing::With;

absl::StatusOr<Catalogue> LoadOne(const DataFile& pack, const DataFile& policy) {
  const DataFile packs[] = {pack};
  const DataFile policies[] = {policy};
  return Catalogue::Load(packs, policies, {});
}

TEST(CatalogueTest, LoadsEverythingThatShips) {
  const DataFile packs[] = {Plain24File()};
  const DataFile policies[] = {DefaultPolicyFile()};
  const DataFile calendars[] = {ReadSchemaFile("calendars/england_and_wales.textproto"),
                                ReadSchemaFile("calendars/scotland.textproto"),
                                ReadSchemaFile("calendars/northern_ireland.textproto")};
  ASSERT_OK_AND_ASSIGN(Catalogue catalogue, Catalogue::Load(packs, policies, calendars));
  ASSERT_NE(catalogue.FindPack("plain24@1.0"), nullptr);
  EXPECT_EQ(catalogue.FindPack("plain24@1.0")->hash, Hex(Sha256(packs[0].text)));
  ASSERT_NE(catalogue.FindPolicy("default@2026.1"), nullptr);
  EXPECT_EQ(catalogue.FindPolicy("default@2026.1")->hash, Hex(Sha256(policies[0].text)));
  ASSERT_NE(catalogue.FindCalendar(v1::NATION_SCOTLAND), nullptr);
  EXPECT_EQ(catalogue.FindCalendar(v1::NATION_SCOTLAND)->nation(), v1::NATION_SCOTLAND);
  EXPECT_EQ(catalogue.FindPack("plain24@2.0"), nullptr);
  EXPECT_EQ(catalogue.FindPolicy("plain24@1.0"), nullptr);
  EXPECT_EQ(catalogue.FindCalendar(v1::NATION_UNSPECIFIED), nullptr);
}

TEST(CatalogueTest, NamesFileLineAndItemOfAMistake) {
  DataFile pack = With(Plain24File(), "code: \"MONEY\"", "code: \"FEAR\"");
  size_t at = pack.text.find("code: \"FEAR\"\n  question: \"Do you have money");
  ASSERT_NE(at, std::string::npos);
  auto line = 1 + std::count(pack.text.begin(), pack.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  EXPECT_THAT(LoadOne(pack, DefaultPolicyFile()),
              Refuses(absl::StatusCode::kInvalidArgument,
                      "plain24.textproto:" + std::to_string(line) +
                          ": items[19].code: something else in this pack has this code"));
}

TEST(CatalogueTest, NamesTheClusterAndTheLineOfACodeThatNoPackHas) {
  DataFile policy = With(DefaultPolicyFile(), "when { answer: \"STRANGLE\" }", "when { answer: \"CHOKE\" }");
  size_t at = policy.text.find("CHOKE");
  auto line =
      1 + std::count(policy.text.begin(), policy.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  EXPECT_THAT(LoadOne(Plain24File(), policy),
              Refuses(absl::StatusCode::kInvalidArgument,
                      "default.textproto:" + std::to_string(line) +
                          ": clusters[0].when.answer: 'CHOKE' is no item of plain24@1.0"));
}

TEST(CatalogueTest, NamesTheLineOfWhatIsNotTextFormat) {
  EXPECT_THAT(LoadOne(With(Plain24File(), "family: \"dash-24\"", "family \"dash-24\""), DefaultPolicyFile()),
              Refuses(absl::StatusCode::kInvalidArgument, "plain24.textproto: line "));
}

TEST(CatalogueTest, ReportsAMissingFieldAtTheTopOrWhereItsParentStands) {
  EXPECT_THAT(LoadOne(With(Plain24File(), "family: \"dash-24\"\n", ""), DefaultPolicyFile()),
              Refuses(absl::StatusCode::kInvalidArgument, "plain24.textproto:1: family: name the family"));
}

// The same for what a pack says of another, in whatever order their files come.
TEST(CatalogueTest, NamesTheLineOfAPresentationThatIsNotOfTheSameForm) {
  DataFile easy =
      marac::testing::FileOf(marac::testing::EasyReadOf(ShippedCatalogue().FindPack("plain24@1.0")->pack));
  const DataFile whole[] = {easy, Plain24File()};
  EXPECT_THAT(Catalogue::Load(whole, {}, {}), IsOk());
  const DataFile alone[] = {easy};
  EXPECT_THAT(Catalogue::Load(alone, {}, {}),
              Refuses(absl::StatusCode::kInvalidArgument, ": derived_from: no other pack of this name"));
  size_t at = easy.text.rfind("details {", easy.text.find("code: \"LOW_MOOD\""));
  ASSERT_NE(at, std::string::npos);
  auto line = 1 + std::count(easy.text.begin(), easy.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  easy = With(easy, "code: \"SUICIDAL\"", "code: \"SUICIDE\"");
  const DataFile changed[] = {easy, Plain24File()};
  // The list has no line of its own: its first entry's is told.
  EXPECT_THAT(Catalogue::Load(changed, {}, {}),
              Refuses(absl::StatusCode::kInvalidArgument, "easy.textproto:" + std::to_string(line) +
                                                              ": items[4].details: give what plain24@1.0"));
}

TEST(CatalogueTest, NamesFileLineAndRuleOfACycle) {
  DataFile pack = With(ReadSchemaFile("instruments/ordinal-sample.textproto"),
                       "conditions { answer: \"STRANGLE\" }", "conditions { rule: \"SOME_SIGNS\" }");
  const DataFile packs[] = {pack};
  size_t at = pack.text.find("when", pack.text.find("id: \"HARMED\""));
  auto line = 1 + std::count(pack.text.begin(), pack.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  EXPECT_THAT(Catalogue::Load(packs, {}, {}),
              Refuses(absl::StatusCode::kInvalidArgument, "ordinal-sample.textproto:" + std::to_string(line) +
                                                              ": rules[1].when: this rule depends"));
}

// ACC-04: only the same questions in other words may be shown in place of a form's own.
TEST(CatalogueTest, AFormKnowsItsRelativesAndNoOthers) {
  const Form easy = marac::testing::EasyReadForm();
  const Form standard = marac::testing::StandardForm();
  EXPECT_EQ(easy.Shown(""), &easy.pack->pack);
  EXPECT_EQ(easy.Shown("easy@1.0"), &easy.pack->pack);
  EXPECT_EQ(easy.Shown("plain24@1.0"), &standard.pack->pack);
  EXPECT_EQ(standard.Shown("easy@1.0"), &easy.pack->pack);
  EXPECT_EQ(standard.Shown("judgement27@0.1"), nullptr);
  const Form other = marac::testing::BuiltInCatalogue().FormFor("judgement27@0.1", "judgement27@0.1").value();
  EXPECT_EQ(other.Shown("plain24@1.0"), nullptr);
}

// dash.md 4: a threshold that moves without its band.
TEST(CatalogueTest, RefusesAThresholdThatLeavesItsBandBehind) {
  EXPECT_THAT(
      LoadOne(Plain24File(), With(DefaultPolicyFile(), "high_threshold: 14", "high_threshold: 12")),
      Refuses(absl::StatusCode::kInvalidArgument, "the high band starts at 14 and high_threshold is 12"));
}

TEST(CatalogueTest, RefusesTheSamePackTwice) {
  const DataFile packs[] = {Plain24File(), {"copy.textproto", Plain24File().text}};
  EXPECT_THAT(Catalogue::Load(packs, {}, {}),
              Refuses(absl::StatusCode::kInvalidArgument, "copy.textproto: plain24@1.0 is there twice"));
}

TEST(CatalogueTest, RefusesTheSamePolicyAndTheSameNationTwice) {
  const DataFile packs[] = {Plain24File()};
  const DataFile policies[] = {DefaultPolicyFile(), DefaultPolicyFile()};
  EXPECT_THAT(Catalogue::Load(packs, policies, {}),
              Refuses(absl::StatusCode::kInvalidArgument, "default@2026.1 is there twice"));
  const DataFile calendars[] = {ReadSchemaFile("calendars/scotland.textproto"),
                                ReadSchemaFile("calendars/scotland.textproto")};
  EXPECT_THAT(Catalogue::Load({}, {}, calendars),
              Refuses(absl::StatusCode::kInvalidArgument, "NATION_SCOTLAND is there twice"));
}

TEST(CatalogueTest, ANewAssessmentNeedsAnInstalledPackThatThePolicyGrades) {
  EXPECT_THAT(ShippedCatalogue().FormFor("plain24@1.0", "default@2026.1"), IsOk());
  EXPECT_THAT(ShippedCatalogue().FormFor("plain24@9", "default@2026.1"),
              Refuses(absl::StatusCode::kInvalidArgument, "instrument: no such pack"));
  EXPECT_THAT(ShippedCatalogue().FormFor("plain24@1.0", "default@9"),
              Refuses(absl::StatusCode::kInvalidArgument, "policy: no such policy"));
  const DataFile packs[] = {
      Plain24File(), {"other.textproto", With(Plain24File(), "version: \"1.0\"", "version: \"2.0\"").text}};
  const DataFile policies[] = {DefaultPolicyFile()};
  ASSERT_OK_AND_ASSIGN(Catalogue catalogue, Catalogue::Load(packs, policies, {}));
  EXPECT_THAT(catalogue.FormFor("plain24@2.0", "default@2026.1"),
              Refuses(absl::StatusCode::kInvalidArgument, "instrument: the area's policy does not grade"));
}

// Decisions 27: what was withdrawn, or may not be used any more, is offered to nobody.
TEST(CatalogueTest, FindsTheEasyReadFormOfAFormForAPolicyAndADay) {
  const LocalDate day = LocalDate::Create(2026, 6, 15, "day").value();
  const auto find = [&](const Catalogue& catalogue, const char* instrument, v1::Presentation presentation,
                        LocalDate on) -> std::string {
    const auto form = catalogue.FormFor(instrument, "default@2026.1", presentation, on);
    return form.ok() ? form->pack->pack.id() : DetailOf(form.status()).field_violations(0).field();
  };
  constexpr auto kEasy = v1::PRESENTATION_EASY_READ;
  const Catalogue& shipped = ShippedCatalogue();
  EXPECT_EQ(find(shipped, "plain24@1.0", kEasy, day), "plain24-er");
  EXPECT_EQ(find(shipped, "plain24-er@0.1", kEasy, day), "plain24-er");
  EXPECT_EQ(find(shipped, "plain24@1.0", v1::PRESENTATION_UNSPECIFIED, day), "plain24");
  EXPECT_EQ(find(shipped, "plain24-er@0.1", v1::PRESENTATION_UNSPECIFIED, day), "plain24-er");
  EXPECT_EQ(find(shipped, "plain24-er@0.1", v1::PRESENTATION_STANDARD, day), "plain24");
  EXPECT_EQ(find(shipped, "plain24@9", kEasy, day), "instrument");

  const auto with = [&](const DataFile& easy, const DataFile& policy) {
    const DataFile packs[] = {Plain24File(), easy};
    const DataFile policies[] = {policy};
    return Catalogue::Load(packs, policies, {}).value();
  };
  const DataFile easy = marac::testing::AccessibleFile();
  const DataFile policy = marac::testing::ShippedPolicyFile();
  EXPECT_EQ(find(with(easy, DefaultPolicyFile()), "plain24@1.0", kEasy, day), "presentation");
  EXPECT_EQ(find(with(With(easy, "EQUIVALENCE_STATUS_UNTESTED", "EQUIVALENCE_STATUS_WITHDRAWN"), policy),
                 "plain24@1.0", kEasy, day),
            "presentation");
  EXPECT_EQ(
      find(with(With(easy, "language: \"en-GB\"", "language: \"cy-GB\""), policy), "plain24@1.0", kEasy, day),
      "presentation");
  const Catalogue until =
      with(With(easy, "language: \"en-GB\"",
                "language: \"en-GB\"\npermission_expires { year: 2026 month: 6 day: 15 }"),
           policy);
  EXPECT_EQ(find(until, "plain24@1.0", kEasy, day), "plain24-er");
  EXPECT_EQ(find(until, "plain24@1.0", kEasy, day.AddDays(1)), "presentation");
}

TEST(CatalogueTest, AWithdrawnPackTakesNoNewAssessment) {
  ASSERT_OK_AND_ASSIGN(Catalogue catalogue, LoadOne(With(Plain24File(), "EQUIVALENCE_STATUS_UNTESTED",
                                                         "EQUIVALENCE_STATUS_WITHDRAWN"),
                                                    DefaultPolicyFile()));
  EXPECT_THAT(catalogue.FormFor("plain24@1.0", "default@2026.1"),
              Refuses(absl::StatusCode::kInvalidArgument, "instrument: this pack was withdrawn"));
}

// D-05: an assessment stays on its pack and policy version, to the byte.
TEST(CatalogueTest, AnAssessmentKeepsTheVeryFilesItWasStartedWith) {
  v1::Assessment assessment;
  assessment.set_instrument("plain24@1.0");
  assessment.set_instrument_hash(ShippedCatalogue().FindPack("plain24@1.0")->hash);
  assessment.set_policy("default@2026.1");
  assessment.set_policy_hash(ShippedCatalogue().FindPolicy("default@2026.1")->hash);
  EXPECT_THAT(ShippedCatalogue().FormOf(assessment), IsOk());

  ASSERT_OK_AND_ASSIGN(Catalogue other_words, LoadOne(With(Plain24File(), "Do you feel very frightened now?",
                                                           "Do you feel frightened?"),
                                                      DefaultPolicyFile()));
  EXPECT_THAT(other_words.FormOf(assessment), Refuses(absl::StatusCode::kFailedPrecondition,
                                                      "the pack plain24@1.0 that this assessment was"));
  ASSERT_OK_AND_ASSIGN(
      Catalogue other_rules,
      LoadOne(Plain24File(), With(DefaultPolicyFile(), "review_days: 49", "review_days: 50")));
  EXPECT_THAT(other_rules.FormOf(assessment), Refuses(absl::StatusCode::kFailedPrecondition,
                                                      "the policy default@2026.1 that this assessment was"));
}

}  // namespace
}  // namespace marac::domain
