#include "domain/handover.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "domain/errors.h"
#include "domain/sitting.h"
#include "domain/timestamp.h"
#include "tests/support/assessments.h"
#include "tests/support/sittings.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::AnswerTo;
using ::marac::testing::Begin;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::marac::testing::SafeSitting;
using ::marac::testing::ShippedForm;

constexpr char kName[] = "areas/mk/assessments/a1";
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London());
const Act kAct{"accounts/idva", kNow};

v1::Assessment Draft() {
  return StartAssessment(ShippedForm(), v1::StartAssessmentRequest(), kName, "agencies/idva", kAct).value();
}
v1::Assessment InASitting(v1::SittingMode mode = v1::SITTING_MODE_PERSON_TAPS_WITH_SUPPORT) {
  v1::Sitting sitting = SafeSitting();
  sitting.set_mode(mode);
  if (mode == v1::SITTING_MODE_SIGNED_BY_INTERPRETER) {
    *sitting.mutable_interpreter() = testing::GoodInterpreter();
  }
  return BeginSitting(Draft(), Begin(kName, sitting), kAct).value();
}

std::string ReasonOf(const v1::Assessment& assessment) {
  return DetailOf(CheckHandover(assessment)).reason();
}

TEST(HandoverTest, NeedsADraftInAnOpenSittingInWhichThePersonHoldsTheDevice) {
  EXPECT_EQ(ReasonOf(Draft()), "NO_SITTING");
  v1::Assessment assessment = InASitting();
  EXPECT_THAT(CheckHandover(assessment), IsOk());
  for (int state = v1::AssessmentState_MIN; state <= v1::AssessmentState_MAX; ++state) {
    assessment.set_state(static_cast<v1::AssessmentState>(state));
    EXPECT_EQ(ReasonOf(assessment), state == v1::ASSESSMENT_STATE_DRAFT ? "" : "WRONG_STATE");
  }
  assessment.set_state(v1::ASSESSMENT_STATE_DRAFT);
  v1::RecordSittingRequest end;
  end.set_end(true);
  EXPECT_EQ(ReasonOf(RecordSitting(assessment, end, kAct).value()), "NO_SITTING");
  EXPECT_EQ(ReasonOf(InASitting(v1::SITTING_MODE_PRACTITIONER_READS)), "WRONG_MODE");
  EXPECT_EQ(ReasonOf(InASitting(v1::SITTING_MODE_PAPER)), "WRONG_MODE");
  EXPECT_THAT(CheckHandover(InASitting(v1::SITTING_MODE_PERSON_ALONE_IN_ROOM)), IsOk());
  EXPECT_THAT(CheckHandover(InASitting(v1::SITTING_MODE_SIGNED_BY_INTERPRETER)), IsOk());
}

TEST(HandoverTest, ShowsTheAssessmentsPackAndTheOneItIsDerivedFrom) {
  v1::Assessment assessment;
  assessment.set_instrument("easy24@1.0");
  v1::InstrumentPack pack;
  EXPECT_TRUE(IsShownInHandover(assessment, pack, "easy24@1.0"));
  EXPECT_FALSE(IsShownInHandover(assessment, pack, "plain24@1.0"));
  EXPECT_FALSE(IsShownInHandover(assessment, pack, ""));
  pack.set_derived_from("plain24@1.0");
  EXPECT_TRUE(IsShownInHandover(assessment, pack, "plain24@1.0"));
  EXPECT_FALSE(IsShownInHandover(assessment, pack, "plain24@1.1"));
}

TEST(HandoverTest, ThePersonAnswersForThemselvesAndSaysNothingElse) {
  const v1::Assessment assessment = InASitting();
  struct Wrong {
    const char* field;
    std::function<void(v1::AppendAnswersRequest&)> change;
  };
  const Wrong kWrong[] = {
      {"victim", [](auto& r) { r.mutable_victim()->mutable_name()->set_value("Somebody"); }},
      {"perpetrators", [](auto& r) { r.add_perpetrators(); }},
      {"answers[0].source", [](auto& r) { r.mutable_answers(0)->set_source(v1::SOURCE_ROLE_POLICE); }},
      {"answers[0].source_ref", [](auto& r) { r.mutable_answers(0)->set_source_ref("A record"); }},
      {"answers[0].amend_reason", [](auto& r) { r.mutable_answers(0)->set_amend_reason("Because"); }},
      {"answers[0].sitting", [](auto& r) { r.mutable_answers(0)->set_sitting("s2"); }},
  };
  v1::AppendAnswersRequest request;
  *request.add_answers() = AnswerTo(1, v1::ANSWER_CODE_YES);
  EXPECT_THAT(CheckHandoverAnswers(assessment, request), IsOk());
  request.mutable_answers(0)->clear_source();
  request.mutable_answers(0)->set_sitting("s1");
  request.mutable_answers(0)->set_note("Last week");
  EXPECT_THAT(CheckHandoverAnswers(assessment, request), IsOk());
  for (const Wrong& wrong : kWrong) {
    v1::AppendAnswersRequest changed = request;
    wrong.change(changed);
    EXPECT_THAT(CheckHandoverAnswers(assessment, changed),
                Refuses(kInvalid, std::string(wrong.field) + ": "));
  }
}

// --- What the device is told

constexpr char kPack[] = "easy@1.0";

// A practice item, two questions of which the second has three parts, a section behind them, and a check-in.
v1::InstrumentPack Pack() {
  v1::InstrumentPack pack;
  pack.set_derived_from("plain@1.0");
  const auto add = [](auto* items, const std::string& code) {
    v1::Item& item = *items->Add();
    item.set_code(code);
    return &item;
  };
  const auto section = [&](const std::string& code, v1::SectionKind kind) {
    v1::Section& made = *pack.add_sections();
    made.set_code(code);
    made.set_kind(kind);
    add(made.mutable_items(), code + "_1");
  };
  section("MORE", v1::SECTION_KIND_UNSCORED);
  section("PRACTICE", v1::SECTION_KIND_PRACTICE);
  section("HOW_ARE_YOU", v1::SECTION_KIND_CHECK_IN);
  add(pack.mutable_items(), "ONE");
  v1::Item& two = *add(pack.mutable_items(), "TWO");
  for (const char* probe : {"A", "B", "C"}) two.add_probes()->set_code(probe);
  return pack;
}

class HandoverOfTest : public ::testing::Test {
 protected:
  HandoverOfTest() {
    assessment_.set_name(kName);
    assessment_.set_instrument(kPack);
  }

  // As the engine keeps them: the newest of each place, and for an item with parts what they come to.
  v1::Answer& Give(const std::string& item, const std::string& probe, v1::AnswerCode code,
                   bool in_section = false) {
    assessment_.set_last_seq(assessment_.last_seq() + 1);
    if (in_section) return Keep(*assessment_.mutable_section_answers(), item, "", code);
    v1::Answer& whole = Keep(*assessment_.mutable_answers(), item, "", code);
    return probe.empty() ? whole : Keep(*assessment_.mutable_probe_answers(), item, probe, code);
  }

  v1::Answer& Keep(google::protobuf::RepeatedPtrField<v1::Answer>& list, const std::string& item,
                   const std::string& probe, v1::AnswerCode code) {
    const auto before = std::ranges::find_if(
        list, [&](const v1::Answer& given) { return given.item() == item && given.probe() == probe; });
    v1::Answer& answer = before == list.end() ? *list.Add() : *before;
    answer.set_item(item);
    answer.set_probe(probe);
    answer.set_code(code);
    answer.set_seq(assessment_.last_seq());
    return answer;
  }

  std::string Place() {
    const v1::Handover handover = HandoverOf(assessment_, Pack(), kNow);
    if (!handover.has_position()) return "the end";
    const v1::HandoverPosition& at = handover.position();
    return at.section() + "/" + at.item() + "/" + at.probe() + (at.returns() ? " again" : "");
  }

  v1::Assessment assessment_;
};

TEST_F(HandoverOfTest, ThePositionIsWhatWasNeverPutAndThenWhatWasLeftOut) {
  EXPECT_EQ(Place(), "PRACTICE/PRACTICE_1/");
  Give("PRACTICE_1", "", v1::ANSWER_CODE_NO, /*in_section=*/true);
  EXPECT_EQ(Place(), "/ONE/");
  Give("ONE", "", v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(Place(), "/TWO/A");
  Give("TWO", "A", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Place(), "/TWO/B");
  Give("TWO", "B", v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(Place(), "/TWO/C");
  Give("TWO", "C", v1::ANSWER_CODE_DONT_KNOW);
  EXPECT_EQ(Place(), "MORE/MORE_1/");
  Give("MORE_1", "", v1::ANSWER_CODE_YES, /*in_section=*/true);
  EXPECT_EQ(Place(), "/ONE/ again");
  Give("ONE", "", v1::ANSWER_CODE_DECLINED);
  EXPECT_EQ(Place(), "/TWO/B again");
  Give("TWO", "B", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Place(), "the end");
}

// ACC-02.
TEST_F(HandoverOfTest, AfterAYesTheRestOfAnItemIsSkipped) {
  Give("PRACTICE_1", "", v1::ANSWER_CODE_NO, /*in_section=*/true);
  Give("ONE", "", v1::ANSWER_CODE_NO);
  Give("TWO", "A", v1::ANSWER_CODE_YES);
  EXPECT_EQ(Place(), "MORE/MORE_1/");
}

TEST_F(HandoverOfTest, AnItemThatWasAnsweredAsAWholeIsNotAskedByItsParts) {
  Give("PRACTICE_1", "", v1::ANSWER_CODE_NO, /*in_section=*/true);
  Give("ONE", "", v1::ANSWER_CODE_NO);
  Give("TWO", "A", v1::ANSWER_CODE_NO);
  Give("TWO", "", v1::ANSWER_CODE_YES);
  EXPECT_EQ(Place(), "MORE/MORE_1/");
  Give("TWO", "", v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(Place(), "MORE/MORE_1/");
  Give("MORE_1", "", v1::ANSWER_CODE_YES, /*in_section=*/true);
  EXPECT_EQ(Place(), "/TWO/A again");
}

TEST_F(HandoverOfTest, TellsEachAnswerOnceAndNoneThatIsNotThePersons) {
  Give("PRACTICE_1", "", v1::ANSWER_CODE_NO, /*in_section=*/true);
  v1::Answer& later = Give("ONE", "", v1::ANSWER_CODE_NOT_ASKED);
  later.set_reason(v1::ANSWER_REASON_LATER);
  later.set_note("A note of the practitioner");
  Give("TWO", "A", v1::ANSWER_CODE_YES).set_source(v1::SOURCE_ROLE_POLICE);
  const v1::Handover handover = HandoverOf(assessment_, Pack(), kNow);
  ASSERT_EQ(handover.answers_size(), 3) << handover.DebugString();
  EXPECT_EQ(handover.answers(0).item(), "ONE");
  EXPECT_EQ(handover.answers(0).code(), v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(handover.answers(0).reason(), v1::ANSWER_REASON_LATER);
  EXPECT_EQ(handover.answers(1).probe(), "A");
  EXPECT_EQ(handover.answers(1).code(), v1::ANSWER_CODE_UNSPECIFIED);
  EXPECT_EQ(handover.answers(2).item(), "PRACTICE_1");
  EXPECT_EQ(handover.SerializeAsString().find("practitioner"), std::string::npos);
  EXPECT_EQ(handover.instrument(), kPack);
  EXPECT_EQ(handover.derived_from(), "plain@1.0");
  EXPECT_EQ(handover.last_seq(), assessment_.last_seq());
  EXPECT_EQ(FromTimestamp(handover.expire_time()), kNow);
}

// --- Something hard (ACC-27)

// TWO and THREE are hard to be asked, ONE and FOUR are not; and how the person found it is asked last.
class SomethingHardTest : public HandoverOfTest {
 protected:
  SomethingHardTest() : pack_(Pack()) {
    pack_.mutable_items(1)->set_sensitive(true);
    for (const char* code : {"THREE", "FOUR"}) pack_.add_items()->set_code(code);
    pack_.mutable_items(2)->set_sensitive(true);
    v1::Section& last = *pack_.add_sections();
    last.set_code("AFTER");
    last.set_kind(v1::SECTION_KIND_AFTER);
    last.add_items()->set_code("AFTER_1");
    assessment_.add_sittings()->set_id("s1");
    Answer("PRACTICE_1", "", v1::ANSWER_CODE_NO, /*in_section=*/true);
  }

  void Answer(const std::string& item, const std::string& probe, v1::AnswerCode code,
              bool in_section = false) {
    const std::string sitting = assessment_.sittings(assessment_.sittings_size() - 1).id();
    Give(item, probe, code, in_section).set_sitting(sitting);
  }
  void CheckIn() { Answer("HOW_ARE_YOU_1", "", v1::ANSWER_CODE_OPTION, /*in_section=*/true); }
  void BeginAnother() {
    *assessment_.mutable_sittings(0)->mutable_end_time() = ToTimestamp(kNow);
    assessment_.add_sittings()->set_id("s2");
  }

  std::string Next() {
    const v1::Handover handover = HandoverOf(assessment_, pack_, kNow);
    if (!handover.has_position()) return "the end";
    const v1::HandoverPosition& at = handover.position();
    return at.item() + at.probe() + (at.returns() ? " again" : "") +
           (handover.announce() ? ", announced" : "");
  }

  v1::InstrumentPack pack_;
};

TEST_F(SomethingHardTest, ACC27_IsAnnouncedAtItsBeginningAndFollowedByACheckIn) {
  EXPECT_EQ(Next(), "ONE");
  Answer("ONE", "", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Next(), "TWOA, announced");
  Answer("TWO", "A", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Next(), "TWOB");
  Answer("TWO", "B", v1::ANSWER_CODE_DONT_KNOW);
  Answer("TWO", "C", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Next(), "HOW_ARE_YOU_1");
  CheckIn();
  EXPECT_EQ(Next(), "THREE") << "the second of several in a row is not announced";
  Answer("THREE", "", v1::ANSWER_CODE_YES);
  EXPECT_EQ(Next(), "HOW_ARE_YOU_1") << "and is followed by a check-in as well";
  CheckIn();
  EXPECT_EQ(Next(), "FOUR");
  Answer("FOUR", "", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Next(), "MORE_1");
}

TEST_F(SomethingHardTest, ACC27_WhatWasLeftOutNeedsNoCheckInAndIsAnnouncedWhenItReturns) {
  Answer("ONE", "", v1::ANSWER_CODE_NO);
  for (const char* part : {"A", "B", "C"}) Answer("TWO", part, v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(Next(), "THREE");
  Answer("THREE", "", v1::ANSWER_CODE_NOT_ASKED);
  Answer("FOUR", "", v1::ANSWER_CODE_NO);
  Answer("MORE_1", "", v1::ANSWER_CODE_NO, /*in_section=*/true);
  EXPECT_EQ(Next(), "TWOA again, announced");
  Answer("TWO", "A", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Next(), "HOW_ARE_YOU_1");
}

TEST_F(SomethingHardTest, ACC27_AnotherSittingAnnouncesAgainAndAsksAboutItselfAlone) {
  Answer("ONE", "", v1::ANSWER_CODE_NO);
  Answer("TWO", "A", v1::ANSWER_CODE_NO);
  BeginAnother();
  EXPECT_EQ(Next(), "TWOB, announced");
  Answer("TWO", "B", v1::ANSWER_CODE_YES);
  EXPECT_EQ(Next(), "HOW_ARE_YOU_1");
}

// ACC-28, PIL-05.
TEST_F(SomethingHardTest, HowThePersonFoundItIsAskedLastAndOnce) {
  Answer("ONE", "", v1::ANSWER_CODE_NOT_ASKED);
  Answer("TWO", "A", v1::ANSWER_CODE_YES);
  CheckIn();
  Answer("THREE", "", v1::ANSWER_CODE_NO);
  CheckIn();
  Answer("FOUR", "", v1::ANSWER_CODE_NO);
  Answer("MORE_1", "", v1::ANSWER_CODE_NO, /*in_section=*/true);
  EXPECT_EQ(Next(), "ONE again");
  Answer("ONE", "", v1::ANSWER_CODE_NO);
  EXPECT_EQ(Next(), "AFTER_1");
  Answer("AFTER_1", "", v1::ANSWER_CODE_NOT_ASKED, /*in_section=*/true);
  EXPECT_EQ(Next(), "the end");
}

// ACC-29.
TEST(AddServicesTest, TellsHowToReachThemInTheOrderOfTheirNames) {
  v1::SupportService later;
  later.set_display_name("Swan line");
  later.add_numbers()->set_number("01632 960000");
  later.set_hours("Every day");
  v1::SupportService first;
  first.set_display_name("Lantern");
  v1::Handover handover;
  AddServices({later, first}, handover);
  ASSERT_EQ(handover.services_size(), 2);
  EXPECT_EQ(handover.services(0).display_name(), "Lantern");
  EXPECT_EQ(handover.services(1).numbers(0).number(), "01632 960000");
  EXPECT_EQ(handover.services(1).hours(), "Every day");
}

// ACC-14.
TEST_F(HandoverOfTest, TellsWhatThePersonCallsPeopleAndNeverTheirNames) {
  for (const char* name : {"Robert Invented", "Rita Invented"}) {
    assessment_.add_perpetrators()->mutable_name()->set_value(name);
  }
  assessment_.mutable_victim()->mutable_name()->set_value("Maria Invented");
  v1::PersonWord& word = *assessment_.mutable_communication()->add_person_words();
  word.set_perpetrator(2);
  word.set_word("The old one");
  word.set_symbol("tree");
  assessment_.mutable_communication()->mutable_display()->set_theme(v1::DISPLAY_THEME_DARK);
  const v1::Handover handover = HandoverOf(assessment_, Pack(), kNow);
  ASSERT_EQ(handover.people_size(), 2);
  EXPECT_EQ(handover.people(0).word(), "");
  EXPECT_EQ(handover.people(1).word(), "The old one");
  EXPECT_EQ(handover.people(1).symbol(), "tree");
  EXPECT_EQ(handover.display().theme(), v1::DISPLAY_THEME_DARK);
  EXPECT_EQ(handover.SerializeAsString().find("Invented"), std::string::npos);
}

}  // namespace
}  // namespace marac::domain
