#include "domain/comparison.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::AnswerTo;
using ::marac::testing::BuiltInCatalogue;
using ::marac::testing::CodeOf;
using ::marac::testing::OnlyYes;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedForm;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const v1::InstrumentPack& Plain() { return ShippedForm().pack->pack; }
const v1::InstrumentPack& Pack(std::string_view name) { return BuiltInCatalogue().FindPack(name)->pack; }

// One of Anna Varga, born on 1 March 1990, about this day of June 2026.
v1::Assessment Made(const std::string& id, int day, const Answers& answers = OnlyYes({})) {
  v1::Assessment assessment;
  assessment.set_name("areas/mk/assessments/" + id);
  assessment.set_edition(1);
  assessment.mutable_assessment_date()->set_year(2026);
  assessment.mutable_assessment_date()->set_month(6);
  assessment.mutable_assessment_date()->set_day(day);
  assessment.mutable_victim()->mutable_name()->set_value("Anna Varga");
  v1::Day& born = *assessment.mutable_victim()->mutable_birth_date()->mutable_day();
  born.set_year(1990);
  born.set_month(3);
  born.set_day(1);
  *assessment.mutable_answers() = answers;
  return assessment;
}

v1::AssessmentComparison Compared(const v1::Assessment& one, const v1::Assessment& other) {
  return CompareAssessments({one, Plain()}, {other, Plain()}).value();
}

// The row of an item of the later form; of the earlier form where the later has none.
v1::ComparedItem RowOf(const v1::AssessmentComparison& comparison, const std::string& code) {
  for (const v1::ComparedItem& row : comparison.items()) {
    if (row.item() == code || (row.item().empty() && row.earlier_item() == code)) return row;
  }
  ADD_FAILURE() << "no row for " << code;
  return {};
}

v1::AnswerChange ChangeBetween(const v1::Answer& before, const v1::Answer& now) {
  Answers earlier;
  Answers later;
  *earlier.Add() = before;
  *later.Add() = now;
  return RowOf(Compared(Made("a", 1, earlier), Made("b", 2, later)), now.item()).change();
}

// D-07: earlier answers are shown beside, never copied in: each side is what it was.
TEST(CompareAssessmentsTest, ShowsBothAsTheyAreTheEarlierFirst) {
  const v1::Assessment before = Made("b", 1, OnlyYes({2}));
  const v1::Assessment now = Made("a", 2, OnlyYes({3}, v1::ANSWER_CODE_NOT_ASKED));
  for (const bool swapped : {false, true}) {
    const v1::AssessmentComparison comparison = swapped ? Compared(now, before) : Compared(before, now);
    EXPECT_EQ(comparison.name(), now.name());
    EXPECT_EQ(comparison.earlier().SerializeAsString(), before.SerializeAsString());
    EXPECT_EQ(comparison.later().SerializeAsString(), now.SerializeAsString());
    ASSERT_EQ(comparison.items_size(), 24);
    EXPECT_EQ(comparison.items(0).item(), CodeOf(1));
    EXPECT_EQ(comparison.items(0).change(), v1::ANSWER_CHANGE_ONLY_EARLIER);
    EXPECT_EQ(comparison.items(2).change(), v1::ANSWER_CHANGE_CHANGED);
  }
}

TEST(CompareAssessmentsTest, TwoOfOneDayStandInTheOrderInWhichTheyWereBegun) {
  v1::Assessment first = Made("z", 1);
  v1::Assessment second = Made("a", 1);
  first.mutable_create_time()->set_seconds(100);
  second.mutable_create_time()->set_seconds(101);
  EXPECT_EQ(Compared(second, first).name(), second.name());
}

TEST(CompareAssessmentsTest, EditionsOfOneStandInTheirOrder) {
  const v1::Assessment first = Made("a", 1, OnlyYes({15}));
  v1::Assessment second = Made("a", 1, OnlyYes({}));
  second.set_edition(2);
  second.mutable_victim()->Clear();  // it needs no name to be of one person
  const v1::AssessmentComparison comparison = Compared(second, first);
  EXPECT_EQ(comparison.earlier().edition(), 1);
  EXPECT_EQ(comparison.later().edition(), 2);
  EXPECT_EQ(RowOf(comparison, CodeOf(15)).change(), v1::ANSWER_CHANGE_CHANGED);
  EXPECT_EQ(RowOf(comparison, CodeOf(14)).change(), v1::ANSWER_CHANGE_SAME);
  EXPECT_THAT(CompareAssessments({first, Plain()}, {first, Plain()}), Refuses(kInvalid, "other_edition:"));
}

TEST(CompareAssessmentsTest, SaysHowAnAnswerChanged) {
  v1::Answer yes = AnswerTo(18, v1::ANSWER_CODE_YES);
  EXPECT_EQ(ChangeBetween(yes, yes), v1::ANSWER_CHANGE_SAME);
  EXPECT_EQ(ChangeBetween(AnswerTo(18, v1::ANSWER_CODE_NOT_ASKED), yes), v1::ANSWER_CHANGE_ONLY_LATER);
  EXPECT_EQ(ChangeBetween(yes, AnswerTo(18, v1::ANSWER_CODE_NOT_ASKED)), v1::ANSWER_CHANGE_ONLY_EARLIER);
  EXPECT_EQ(ChangeBetween(AnswerTo(18, v1::ANSWER_CODE_NOT_ASKED), AnswerTo(18, v1::ANSWER_CODE_NOT_ASKED)),
            v1::ANSWER_CHANGE_NEITHER);
  EXPECT_EQ(ChangeBetween(yes, AnswerTo(18, v1::ANSWER_CODE_DONT_KNOW)), v1::ANSWER_CHANGE_CHANGED);

  const std::map<std::string, std::pair<std::function<void(v1::Answer&)>, v1::AnswerChange>> rows = {
      {"option", {[](auto& a) { a.set_option("OFTEN"); }, v1::ANSWER_CHANGE_CHANGED}},
      {"details", {[](auto& a) { a.add_details("CHILD"); }, v1::ANSWER_CHANGE_CHANGED}},
      {"over", {[](auto& a) { a.set_currency(v1::CURRENCY_PAST); }, v1::ANSWER_CHANGE_CHANGED}},
      {"when", {[](auto& a) { a.set_time_anchor(v1::TIME_ANCHOR_TODAY); }, v1::ANSWER_CHANGE_CHANGED}},
      {"before", {[](auto& a) { a.set_within_window(v1::YES_NO_NO); }, v1::ANSWER_CHANGE_CHANGED}},
      {"note", {[](auto& a) { a.set_note("Twice."); }, v1::ANSWER_CHANGE_WORDS}},
      {"verbatim", {[](auto& a) { a.set_verbatim(true); }, v1::ANSWER_CHANGE_WORDS}},
      {"source", {[](auto& a) { a.set_source(v1::SOURCE_ROLE_POLICE); }, v1::ANSWER_CHANGE_WORDS}},
      {"number", {[](auto& a) { a.set_seq(77); }, v1::ANSWER_CHANGE_SAME}},
  };
  for (const auto& [what, row] : rows) {
    v1::Answer other = yes;
    row.first(other);
    EXPECT_EQ(ChangeBetween(yes, other), row.second) << what;
    EXPECT_EQ(ChangeBetween(other, yes), row.second) << what;
  }
  v1::Answer two = yes;
  two.add_details("CHILD");
  two.add_details("SELF");
  v1::Answer turned = yes;
  turned.add_details("SELF");
  turned.add_details("CHILD");
  EXPECT_EQ(ChangeBetween(two, turned), v1::ANSWER_CHANGE_SAME) << "in whatever order they were ticked";
}

// D-06: across two families by the crosswalk; what is only part of a question is not called the same.
TEST(CompareAssessmentsTest, ComparesFormsOfTwoFamiliesByTheCrosswalk) {
  const v1::InstrumentPack& of_27 = Pack("judgement27@0.1");
  v1::Assessment later = Made("b", 2, {});
  for (const v1::Item& item : of_27.items()) {
    v1::Answer& answer = *later.add_answers();
    answer.set_item(item.code());
    answer.set_code(v1::ANSWER_CODE_YES);
    answer.set_source(v1::SOURCE_ROLE_VICTIM);
  }
  Answers all_yes;
  for (int number = 1; number <= 24; ++number) *all_yes.Add() = AnswerTo(number, v1::ANSWER_CODE_YES);
  const v1::AssessmentComparison comparison =
      CompareAssessments({Made("a", 1, all_yes), Plain()}, {later, of_27}).value();
  EXPECT_EQ(RowOf(comparison, "STRANGLE").change(), v1::ANSWER_CHANGE_SAME);
  std::set<std::string> later_items;
  std::set<std::string> earlier_items;
  for (const v1::ComparedItem& row : comparison.items()) {
    if (!row.item().empty()) later_items.insert(row.item());
    if (!row.earlier_item().empty()) earlier_items.insert(row.earlier_item());
    if (row.match() == v1::CROSSWALK_MATCH_PART) {
      EXPECT_EQ(row.change(), v1::ANSWER_CHANGE_NOT_COMPARED) << row.item();
    }
    if (row.match() == v1::CROSSWALK_MATCH_NONE) {
      EXPECT_EQ(row.change(),
                row.item().empty() ? v1::ANSWER_CHANGE_ONLY_EARLIER : v1::ANSWER_CHANGE_ONLY_LATER);
    }
  }
  EXPECT_EQ(later_items.size(), static_cast<size_t>(of_27.items_size())) << "no question is left out";
  EXPECT_EQ(earlier_items.size(), 24U) << "nor one of the earlier form";
}

// D-06: what the later form does not ask is not dropped.
TEST(CompareAssessmentsTest, KeepsWhatOnlyTheEarlierFormAsked) {
  const v1::InstrumentPack& of_27 = Pack("judgement27@0.1");
  const v1::AssessmentComparison comparison =
      CompareAssessments({Made("a", 1, {}), of_27}, {Made("b", 2, {}), Plain()}).value();
  std::set<std::string> earlier_items;
  int only_earlier = 0;
  for (const v1::ComparedItem& row : comparison.items()) {
    if (!row.earlier_item().empty()) earlier_items.insert(row.earlier_item());
    if (row.item().empty()) ++only_earlier;
  }
  EXPECT_GT(only_earlier, 0) << "so nothing is proved";
  EXPECT_EQ(earlier_items.size(), static_cast<size_t>(of_27.items_size()));
}

TEST(CompareAssessmentsTest, WhatIsAskedBesideTheFormStandsAfterIt) {
  const v1::InstrumentPack easy = ::marac::testing::EasyReadOf(Plain());
  v1::Assessment before = Made("a", 1);
  v1::Assessment now = Made("b", 2);
  v1::Answer& answer = *now.add_section_answers();
  answer.set_item("DISABILITY_1");
  answer.set_code(v1::ANSWER_CODE_YES);
  const v1::AssessmentComparison comparison = CompareAssessments({before, Plain()}, {now, easy}).value();
  ASSERT_EQ(comparison.items_size(), 24 + 3) << "practice is left out";
  EXPECT_EQ(comparison.items(23).item(), CodeOf(24));
  EXPECT_EQ(RowOf(comparison, "DISABILITY_1").change(), v1::ANSWER_CHANGE_ONLY_LATER);
  EXPECT_EQ(RowOf(comparison, "DISABILITY_2").change(), v1::ANSWER_CHANGE_NEITHER);
}

// Two people's answers side by side would read as one person's who changed her mind.
TEST(CompareAssessmentsTest, TwoPeopleAreNotCompared) {
  const v1::Assessment anna = Made("a", 1);
  const auto compared = [&](const std::function<void(v1::Assessment&)>& change) {
    v1::Assessment other = Made("b", 2);
    change(other);
    return CompareAssessments({anna, Plain()}, {other, Plain()});
  };
  EXPECT_OK(compared([](auto&) {}));
  EXPECT_OK(compared([](auto& a) { a.mutable_victim()->clear_birth_date(); }));
  EXPECT_OK(compared([](auto& a) { a.mutable_victim()->mutable_name()->set_value("Varga, ANNA"); }));
  const auto unnamed = [](auto& a) { a.mutable_victim()->Clear(); };
  EXPECT_THAT(compared(unnamed), Refuses(kInvalid, "other: the two are not known to be about one person"));
  EXPECT_THAT(compared([](auto& a) { a.mutable_victim()->mutable_name()->set_value("Anna Varghese"); }),
              Refuses(kInvalid, "other:"));
  EXPECT_THAT(
      compared([](auto& a) { a.mutable_victim()->mutable_birth_date()->mutable_day()->set_year(1961); }),
      Refuses(kInvalid, "other:"))
      << "her mother, of the same name";
}

TEST(CompareAssessmentsTest, ThoseOfOneReferralOrCaseNeedNoName) {
  for (const bool by_case : {false, true}) {
    v1::Assessment one = Made("a", 1);
    v1::Assessment other = Made("b", 2);
    other.mutable_victim()->Clear();
    const auto link = [&](v1::Assessment& assessment, const std::string& id) {
      if (by_case) {
        assessment.set_case_name("areas/mk/cases/" + id);
      } else {
        assessment.set_referral("areas/mk/referrals/" + id);
      }
    };
    link(one, "1");
    link(other, "2");
    EXPECT_THAT(CompareAssessments({one, Plain()}, {other, Plain()}), Refuses(kInvalid, "other:"));
    link(other, "1");
    EXPECT_OK(CompareAssessments({one, Plain()}, {other, Plain()}));
  }
}

}  // namespace
}  // namespace marac::domain
