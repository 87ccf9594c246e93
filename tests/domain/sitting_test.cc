#include "domain/sitting.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

#include "domain/errors.h"
#include "domain/timestamp.h"
#include "tests/support/assessments.h"
#include "tests/support/sittings.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::AnswerTo;
using ::marac::testing::Begin;
using ::marac::testing::GoodInterpreter;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::marac::testing::SafeSitting;
using ::marac::testing::ShippedForm;

constexpr char kName[] = "areas/mk/assessments/a1";
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London());
const Act kAct{"accounts/idva", kNow};

Act After(absl::Duration later) { return {"accounts/idva", kNow + later}; }

v1::Assessment Draft() {
  return StartAssessment(ShippedForm(), v1::StartAssessmentRequest(), kName, "agencies/idva", kAct).value();
}
v1::Assessment Sitting(const v1::Sitting& sitting = SafeSitting()) {
  return BeginSitting(Draft(), Begin(kName, sitting), kAct).value();
}

v1::RecordSittingRequest Record(const std::function<void(v1::RecordSittingRequest&)>& change) {
  v1::RecordSittingRequest request;
  request.set_name(kName);
  change(request);
  return request;
}
v1::RecordSittingRequest End(const std::string& stop_reason = "") {
  return Record([&](auto& request) {
    request.set_end(true);
    request.set_stop_reason(stop_reason);
  });
}

// Each thing that is missing, and what the refusal must name.
struct Missing {
  const char* field;
  std::function<void(v1::Sitting&)> change;
};

TEST(BeginSittingTest, SaysWhoAndWhenAndKeepsWhatTheProfileWasThen) {
  v1::Assessment draft = Draft();
  draft.mutable_communication()->mutable_says_yes()->set_value("looks up");
  v1::Sitting sent = SafeSitting();
  sent.set_id("s9");
  sent.set_practitioner("accounts/somebody");
  sent.set_stop_reason("never");
  sent.add_breaks();
  sent.add_needs_met();
  ASSERT_OK_AND_ASSIGN(const v1::Assessment begun, BeginSitting(draft, Begin(kName, sent), kAct));
  ASSERT_EQ(begun.sittings_size(), 1);
  const v1::Sitting& sitting = begun.sittings(0);
  EXPECT_EQ(sitting.id(), "s1");
  EXPECT_EQ(sitting.practitioner(), "accounts/idva");
  EXPECT_EQ(FromTimestamp(sitting.begin_time()), kNow);
  EXPECT_EQ(sitting.profile().says_yes().value(), "looks up");
  EXPECT_TRUE(sitting.stop_reason().empty());
  EXPECT_EQ(sitting.breaks_size() + sitting.needs_met_size(), 0);
  EXPECT_EQ(OpenSitting(begun), &sitting);
}

// ACC-10, ACC-45.
TEST(BeginSittingTest, EachQuestionOfTheGateAndOfTheInterpreterMustBeAnswered) {
  const Missing kMissing[] = {
      {"sitting.mode", [](auto& s) { s.clear_mode(); }},
      {"sitting.place", [](auto& s) { s.set_place(" "); }},
      {"sitting.safety", [](auto& s) { s.clear_safety(); }},
      {"sitting.safety.alone", [](auto& s) { s.mutable_safety()->clear_alone(); }},
      {"sitting.safety.alone", [](auto& s) { s.mutable_safety()->set_alone(v1::YES_NO_NOT_ASKED); }},
      {"sitting.safety.safe_to_talk", [](auto& s) { s.mutable_safety()->clear_safe_to_talk(); }},
      {"sitting.safety.minutes_available", [](auto& s) { s.mutable_safety()->set_minutes_available(0); }},
      {"sitting.safety.minutes_available", [](auto& s) { s.mutable_safety()->set_minutes_available(601); }},
      {"sitting.safety.safe_contact_known", [](auto& s) { s.mutable_safety()->clear_safe_contact_known(); }},
      {"sitting.safety.in_the_building", [](auto& s) { s.mutable_safety()->clear_in_the_building(); }},
      {"sitting.safety.where_abuser_is", [](auto& s) { s.mutable_safety()->clear_where_abuser_is(); }},
      {"sitting.safety.where_children_are", [](auto& s) { s.mutable_safety()->clear_where_children_are(); }},
      {"sitting.people_present[0].person",
       [](auto& s) { s.add_people_present()->set_present_as(v1::PRESENT_AS_ADVOCATE); }},
      {"sitting.people_present[0].present_as",
       [](auto& s) { s.add_people_present()->set_person("A brother"); }},
      {"sitting.interpreter", [](auto& s) { s.set_mode(v1::SITTING_MODE_SIGNED_BY_INTERPRETER); }},
      {"sitting.interpreter.relation",
       [](auto& s) { (*s.mutable_interpreter() = GoodInterpreter()).clear_relation(); }},
      {"sitting.interpreter.person",
       [](auto& s) { (*s.mutable_interpreter() = GoodInterpreter()).clear_person(); }},
      {"sitting.interpreter.language",
       [](auto& s) { (*s.mutable_interpreter() = GoodInterpreter()).clear_language(); }},
      {"sitting.interpreter.qualified",
       [](auto& s) { (*s.mutable_interpreter() = GoodInterpreter()).set_qualified(v1::YES_NO_NOT_KNOWN); }},
      {"sitting.interpreter.registration",
       [](auto& s) { (*s.mutable_interpreter() = GoodInterpreter()).clear_registration(); }},
      {"sitting.interpreter.known_to_abuser_or_community",
       [](auto& s) { (*s.mutable_interpreter() = GoodInterpreter()).clear_known_to_abuser_or_community(); }},
      {"sitting.interpreter.accepted_by_person",
       [](auto& s) {
         (*s.mutable_interpreter() = GoodInterpreter())
             .set_known_to_abuser_or_community(v1::YES_NO_NOT_KNOWN);
       }},
  };
  for (const Missing& missing : kMissing) {
    v1::Sitting sitting = SafeSitting();
    missing.change(sitting);
    EXPECT_THAT(BeginSitting(Draft(), Begin(kName, sitting), kAct),
                Refuses(kInvalid, std::string(missing.field) + ": "));
  }
  EXPECT_THAT(BeginSitting(Draft(), v1::BeginSittingRequest(), kAct), Refuses(kInvalid, "sitting.mode"));
}

TEST(BeginSittingTest, FamilyFriendsAndCarersNeverInterpretWhateverElseTheyAre) {
  const std::pair<v1::InterpreterRelation, const char*> kRefused[] = {
      {v1::INTERPRETER_RELATION_FAMILY, "family never interprets here"},
      {v1::INTERPRETER_RELATION_FRIEND, "a friend or neighbour never interprets here"},
      {v1::INTERPRETER_RELATION_CARER, "a carer or support worker never interprets here"}};
  for (const auto& [relation, told] : kRefused) {
    v1::Sitting sitting = SafeSitting();
    *sitting.mutable_interpreter() = GoodInterpreter();
    sitting.mutable_interpreter()->set_relation(relation);
    const absl::Status refused = BeginSitting(Draft(), Begin(kName, sitting), kAct).status();
    EXPECT_THAT(refused, Refuses(kInvalid, told));
    EXPECT_EQ(DetailOf(refused).field_violations(0).field(), "sitting.interpreter.relation");
  }
  v1::Sitting sitting = SafeSitting();
  *sitting.mutable_interpreter() = GoodInterpreter();
  EXPECT_THAT(BeginSitting(Draft(), Begin(kName, sitting), kAct), IsOk());
  // Whom the person accepts, asked without them.
  sitting.mutable_interpreter()->set_known_to_abuser_or_community(v1::YES_NO_YES);
  sitting.mutable_interpreter()->set_accepted_by_person(v1::YES_NO_YES);
  EXPECT_THAT(BeginSitting(Draft(), Begin(kName, sitting), kAct), IsOk());
}

TEST(BeginSittingTest, WhereItIsNotSafeItDoesNotBeginAndSaysWhatToDoInstead) {
  for (const v1::YesNo answer : {v1::YES_NO_NO, v1::YES_NO_NOT_KNOWN}) {
    v1::Sitting overheard = SafeSitting();
    overheard.mutable_safety()->set_alone(answer);
    const absl::Status refused = BeginSitting(Draft(), Begin(kName, overheard), kAct).status();
    EXPECT_THAT(refused, Refuses(kFailed, "offer another room"));
    EXPECT_EQ(DetailOf(refused).reason(), "NOT_SAFE");
    v1::Sitting unsafe = SafeSitting();
    unsafe.mutable_safety()->set_safe_to_talk(answer);
    EXPECT_THAT(BeginSitting(Draft(), Begin(kName, unsafe), kAct), Refuses(kFailed, "ring 999"));
  }
  // Not known how to reach them is something to see to, and no danger of itself.
  v1::Sitting sitting = SafeSitting();
  sitting.mutable_safety()->set_safe_contact_known(v1::YES_NO_NO);
  sitting.mutable_safety()->set_minutes_available(1);
  EXPECT_THAT(BeginSitting(Draft(), Begin(kName, sitting), kAct), IsOk());
}

TEST(BeginSittingTest, OneIsOpenAtATimeAndThereAreTwentyAtMost) {
  v1::Assessment assessment = Sitting();
  const absl::Status open = BeginSitting(assessment, Begin(kName), kAct).status();
  EXPECT_EQ(DetailOf(open).reason(), "SITTING_OPEN");
  assessment = RecordSitting(assessment, End(), kAct).value();
  for (int i = 2; i <= 20; ++i) {
    ASSERT_OK_AND_ASSIGN(assessment, BeginSitting(assessment, Begin(kName), kAct));
    EXPECT_EQ(OpenSitting(assessment)->id(), fmt::format("s{}", i));
    ASSERT_OK_AND_ASSIGN(assessment, RecordSitting(assessment, End(), kAct));
  }
  EXPECT_EQ(DetailOf(BeginSitting(assessment, Begin(kName), kAct).status()).reason(), "TOO_MANY_SITTINGS");
}

TEST(BeginSittingTest, OnlyOfADraft) {
  for (const v1::AssessmentState state : {v1::ASSESSMENT_STATE_COMPLETED, v1::ASSESSMENT_STATE_SIGNED,
                                          v1::ASSESSMENT_STATE_AMENDED, v1::ASSESSMENT_STATE_STOPPED}) {
    v1::Assessment assessment = Draft();
    assessment.set_state(state);
    EXPECT_EQ(DetailOf(BeginSitting(assessment, Begin(kName), kAct).status()).reason(), "WRONG_STATE");
  }
}

TEST(RecordSittingTest, ABreakBeginsAndEndsAndTheSittingEndsOneThatLasts) {
  v1::Assessment assessment = Sitting();
  ASSERT_OK_AND_ASSIGN(
      assessment,
      RecordSitting(assessment, Record([](auto& request) { request.add_breaks()->set_reason("Tea"); }),
                    After(absl::Minutes(5))));
  EXPECT_EQ(FromTimestamp(assessment.sittings(0).breaks(0).begin_time()), kNow + absl::Minutes(5));
  EXPECT_FALSE(assessment.sittings(0).breaks(0).has_end_time());
  EXPECT_THAT(
      RecordSitting(assessment, Record([](auto& request) { request.add_breaks(); }), After(absl::Minutes(6))),
      Refuses(kInvalid, "breaks[0]: a break lasts"));
  const auto end_break = Record([](auto& request) { request.set_end_break(true); });
  ASSERT_OK_AND_ASSIGN(assessment, RecordSitting(assessment, end_break, After(absl::Minutes(9))));
  EXPECT_EQ(FromTimestamp(assessment.sittings(0).breaks(0).end_time()), kNow + absl::Minutes(9));
  EXPECT_EQ(DetailOf(RecordSitting(assessment, end_break, kAct).status()).reason(), "NO_BREAK");
  ASSERT_OK_AND_ASSIGN(assessment,
                       RecordSitting(assessment, Record([](auto& request) { request.add_breaks(); }),
                                     After(absl::Minutes(20))));
  ASSERT_OK_AND_ASSIGN(assessment, RecordSitting(assessment, End("She was tired"), After(absl::Minutes(30))));
  EXPECT_EQ(FromTimestamp(assessment.sittings(0).breaks(1).end_time()), kNow + absl::Minutes(30));
  EXPECT_EQ(FromTimestamp(assessment.sittings(0).end_time()), kNow + absl::Minutes(30));
  EXPECT_EQ(assessment.sittings(0).stop_reason(), "She was tired");
  EXPECT_EQ(OpenSitting(assessment), nullptr);
  EXPECT_EQ(DetailOf(RecordSitting(assessment, Record([](auto& request) {
                                     request.set_sitting("s1");
                                     request.set_end(true);
                                   }),
                                   After(absl::Minutes(31)))
                         .status())
                .reason(),
            "SITTING_ENDED");
}

// One that was taken while the person held the device is written down afterwards.
TEST(RecordSittingTest, ABreakOfBeforeIsWithinTheSittingAndAfterTheOneBefore) {
  const v1::Assessment assessment = Sitting();
  const auto with = [&](absl::Duration begin, absl::Duration end) {
    return RecordSitting(assessment, Record([&](auto& request) {
                           v1::SittingBreak& first = *request.add_breaks();
                           *first.mutable_begin_time() = ToTimestamp(kNow + absl::Minutes(1));
                           *first.mutable_end_time() = ToTimestamp(kNow + absl::Minutes(2));
                           v1::SittingBreak& made = *request.add_breaks();
                           *made.mutable_begin_time() = ToTimestamp(kNow + begin);
                           *made.mutable_end_time() = ToTimestamp(kNow + end);
                         }),
                         After(absl::Minutes(10)));
  };
  EXPECT_THAT(with(absl::Minutes(2), absl::Minutes(10)), IsOk());
  EXPECT_THAT(with(absl::Minutes(2) - absl::Microseconds(1), absl::Minutes(3)),
              Refuses(kInvalid, "breaks[1].begin_time"));
  EXPECT_THAT(with(absl::Minutes(4), absl::Minutes(4) - absl::Microseconds(1)),
              Refuses(kInvalid, "breaks[1].end_time"));
  EXPECT_THAT(with(absl::Minutes(4), absl::Minutes(10) + absl::Microseconds(1)),
              Refuses(kInvalid, "breaks[1].end_time"));
  EXPECT_THAT(with(absl::Minutes(11), absl::Minutes(12)), Refuses(kInvalid, "breaks[1].begin_time"));
  v1::Assessment ended = RecordSitting(assessment, End(), After(absl::Minutes(5))).value();
  const auto later = Record([](auto& request) {
    request.set_sitting("s1");
    *request.add_breaks()->mutable_begin_time() = ToTimestamp(kNow + absl::Minutes(1));
  });
  EXPECT_THAT(RecordSitting(ended, later, After(absl::Minutes(10))), Refuses(kInvalid, "say when"));
}

TEST(RecordSittingTest, FiftyBreaksAndNoMore) {
  v1::Assessment assessment = Sitting();
  const auto add = [](int count) {
    return Record([count](auto& request) {
      for (int i = 0; i < count; ++i) {
        v1::SittingBreak& made = *request.add_breaks();
        *made.mutable_begin_time() = ToTimestamp(kNow);
        *made.mutable_end_time() = ToTimestamp(kNow);
      }
    });
  };
  EXPECT_THAT(RecordSitting(assessment, add(51), kAct), Refuses(kInvalid, "at most 50"));
  ASSERT_OK_AND_ASSIGN(assessment, RecordSitting(assessment, add(50), kAct));
  EXPECT_THAT(RecordSitting(assessment, add(1), kAct), Refuses(kInvalid, "at most 50"));
}

// One that outgrows a message could not be read again; one that is over can always be ended.
TEST(RecordSittingTest, WhatIsWrittenDownOfAllSittingsHasALimit) {
  const auto with_reason = Record([](auto& request) {
    v1::SittingBreak& made = *request.add_breaks();
    *made.mutable_begin_time() = ToTimestamp(kNow);
    *made.mutable_end_time() = ToTimestamp(kNow);
    made.set_reason(std::string(200, 'a'));
  });
  v1::Assessment assessment = Sitting();
  constexpr size_t kMax = 256 << 10;
  const size_t before = assessment.sittings(0).ByteSizeLong();
  const size_t added = RecordSitting(assessment, with_reason, kAct)->sittings(0).ByteSizeLong() - before;
  // A text of this size costs itself, its tags and its lengths.
  v1::CommunicationProfile& profile = *assessment.mutable_sittings(0)->mutable_profile();
  profile.set_other(std::string(kMax - before - added - 12, 'a'));
  profile.mutable_other()->resize(
      profile.other().size() + kMax - added - assessment.sittings(0).ByteSizeLong(), 'a');
  ASSERT_EQ(assessment.sittings(0).ByteSizeLong() + added, kMax);
  EXPECT_THAT(RecordSitting(assessment, with_reason, kAct), IsOk());
  profile.mutable_other()->push_back('a');
  EXPECT_EQ(DetailOf(RecordSitting(assessment, with_reason, kAct).status()).reason(), "TOO_MUCH_IN_SITTINGS");
  ASSERT_OK_AND_ASSIGN(assessment, RecordSitting(assessment, End(std::string(4000, 'a')), kAct));
  EXPECT_EQ(DetailOf(BeginSitting(assessment, Begin(kName), kAct).status()).reason(), "TOO_MUCH_IN_SITTINGS");
}

TEST(RecordSittingTest, EachNeedIsMetOrSaysWhyNotAndTheLastWordCounts) {
  v1::Assessment assessment = Sitting();
  const auto with = [&](v1::CommunicationNeed need, v1::YesNo met, const std::string& why) {
    return RecordSitting(assessment, Record([&](auto& request) {
                           v1::NeedMet& given = *request.add_needs_met();
                           given.set_need(need);
                           given.set_met(met);
                           given.set_why(why);
                         }),
                         kAct);
  };
  EXPECT_THAT(with(v1::COMMUNICATION_NEED_BREAKS, v1::YES_NO_NO, " "), Refuses(kInvalid, "needs_met[0].why"));
  EXPECT_THAT(with(v1::COMMUNICATION_NEED_BREAKS, v1::YES_NO_NOT_KNOWN, "Lost count"),
              Refuses(kInvalid, "needs_met[0].met"));
  EXPECT_THAT(with(v1::COMMUNICATION_NEED_UNSPECIFIED, v1::YES_NO_YES, ""),
              Refuses(kInvalid, "needs_met[0].need"));
  ASSERT_OK_AND_ASSIGN(assessment, with(v1::COMMUNICATION_NEED_BREAKS, v1::YES_NO_NO, "The room was booked"));
  ASSERT_OK_AND_ASSIGN(assessment, with(v1::COMMUNICATION_NEED_READING, v1::YES_NO_YES, ""));
  ASSERT_OK_AND_ASSIGN(assessment, with(v1::COMMUNICATION_NEED_BREAKS, v1::YES_NO_YES, ""));
  ASSERT_EQ(assessment.sittings(0).needs_met_size(), 2);
  EXPECT_EQ(assessment.sittings(0).needs_met(0).met(), v1::YES_NO_YES);
}

TEST(RecordSittingTest, NamesASittingThatIsThere) {
  EXPECT_THAT(RecordSitting(Draft(), End(), kAct), Refuses(absl::StatusCode::kNotFound, "begin one"));
  EXPECT_THAT(RecordSitting(Sitting(), Record([](auto& request) { request.set_sitting("s2"); }), kAct),
              Refuses(absl::StatusCode::kNotFound, "sitting"));
  EXPECT_THAT(RecordSitting(Sitting(), Record([](auto& request) { request.set_stop_reason("Tired"); }), kAct),
              Refuses(kInvalid, "stop_reason"));
}

TEST(StampSittingTest, AnswersGetTheOpenSittingWhereTheyNameNone) {
  v1::AppendAnswersRequest request;
  *request.add_answers() = AnswerTo(1, v1::ANSWER_CODE_YES);
  ASSERT_OK(StampSitting(Draft(), request));
  EXPECT_EQ(request.answers(0).sitting(), "");
  v1::Assessment assessment = RecordSitting(Sitting(), End(), kAct).value();
  assessment = BeginSitting(assessment, Begin(kName), kAct).value();
  *request.add_answers() = AnswerTo(2, v1::ANSWER_CODE_YES);
  request.mutable_answers(1)->set_sitting("s1");
  ASSERT_OK(StampSitting(assessment, request));
  EXPECT_EQ(request.answers(0).sitting(), "s2");
  EXPECT_EQ(request.answers(1).sitting(), "s1");
  request.mutable_answers(1)->set_sitting("s3");
  EXPECT_THAT(StampSitting(assessment, request), Refuses(kInvalid, "answers[1].sitting"));
}

}  // namespace
}  // namespace marac::domain
