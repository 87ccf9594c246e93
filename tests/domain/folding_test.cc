#include "domain/folding.h"

#include <algorithm>
#include <random>

#include "base/hash.h"
#include "domain/assessment.h"
#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Answers;
using ::marac::testing::BuiltInCatalogue;
using ::marac::testing::EasyReadForm;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::marac::testing::StandardForm;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Act kAct{"accounts/idva", absl::FromUnixSeconds(1'800'000'000)};

v1::Answer Whole(const std::string& item, v1::AnswerCode code) {
  v1::Answer answer;
  answer.set_item(item);
  answer.set_code(code);
  return answer;
}

// To the probe ITEM_number.
v1::Answer Part(const std::string& item, int number, v1::AnswerCode code) {
  v1::Answer answer = Whole(item, code);
  answer.set_probe(item + "_" + std::to_string(number));
  return answer;
}

v1::Assessment Draft(const Form& form) {
  return StartAssessment(form, {}, "areas/mk/assessments/a1", "agencies/idva", kAct).value();
}

absl::StatusOr<v1::Assessment> Append(const v1::Assessment& assessment, const Form& form,
                                      const std::vector<v1::Answer>& answers) {
  v1::AppendAnswersRequest request;
  for (const v1::Answer& answer : answers) *request.add_answers() = answer;
  request.set_expected_seq(assessment.last_seq());
  absl::StatusOr<Answered> answered = AppendAnswers(assessment, form, request, kAct);
  if (!answered.ok()) return answered.status();
  return answered->assessment;
}

v1::Assessment After(const std::vector<v1::Answer>& answers, const Form& form = EasyReadForm()) {
  return Append(Draft(form), form, answers).value();
}

const v1::Answer& AnswerTo(const v1::Assessment& assessment, const std::string& item) {
  static const v1::Answer none;
  auto found = std::ranges::find(assessment.answers(), item, &v1::Answer::item);
  return found == assessment.answers().end() ? none : *found;
}

// ACC-02. FEAR has three probes.
TEST(FoldAnswersTest, AnItemIsWhatItsProbesComeTo) {
  v1::Assessment one = After({Part("FEAR", 1, v1::ANSWER_CODE_NO)});
  EXPECT_EQ(AnswerTo(one, "FEAR").code(), v1::ANSWER_CODE_NOT_ASKED) << "two were never put";
  EXPECT_EQ(one.result().not_asked(), 24);
  v1::Assessment all =
      Append(one, EasyReadForm(), {Part("FEAR", 3, v1::ANSWER_CODE_NO), Part("FEAR", 2, v1::ANSWER_CODE_NO)})
          .value();
  EXPECT_EQ(AnswerTo(all, "FEAR").code(), v1::ANSWER_CODE_NO);
  EXPECT_EQ(all.result().not_asked(), 23);
  EXPECT_EQ(all.probe_answers_size(), 3);
  v1::Assessment yes = Append(one, EasyReadForm(), {Part("FEAR", 2, v1::ANSWER_CODE_YES)}).value();
  EXPECT_EQ(AnswerTo(yes, "FEAR").code(), v1::ANSWER_CODE_YES) << "after a yes the rest may be skipped";
  EXPECT_EQ(yes.result().score(), 1);
  EXPECT_EQ(AnswerTo(yes, "FEAR").probe(), "");
}

TEST(FoldAnswersTest, TheLastAnswerToAProbeIsItsAnswer) {
  v1::Assessment twice =
      After({Part("STRANGLE", 1, v1::ANSWER_CODE_YES), Part("STRANGLE", 1, v1::ANSWER_CODE_NO)});
  EXPECT_EQ(AnswerTo(twice, "STRANGLE").code(), v1::ANSWER_CODE_NO);
  EXPECT_EQ(twice.probe_answers_size(), 1);
}

TEST(FoldAnswersTest, AnAnswerToTheWholeTakesThePlaceOfItsParts) {
  v1::Assessment whole = After({Part("FEAR", 1, v1::ANSWER_CODE_YES), Part("FEAR", 2, v1::ANSWER_CODE_YES),
                                Whole("FEAR", v1::ANSWER_CODE_NO)});
  EXPECT_EQ(AnswerTo(whole, "FEAR").code(), v1::ANSWER_CODE_NO);
  EXPECT_THAT(whole.probe_answers(), IsEmpty());
}

TEST(FoldAnswersTest, AnAnswerToAPartAfterTheWholeBeginsAgain) {
  v1::Assessment parts = After({Part("FEAR", 1, v1::ANSWER_CODE_NO), Whole("FEAR", v1::ANSWER_CODE_NO),
                                Part("FEAR", 2, v1::ANSWER_CODE_NO), Part("FEAR", 3, v1::ANSWER_CODE_NO)});
  EXPECT_EQ(AnswerTo(parts, "FEAR").code(), v1::ANSWER_CODE_NOT_ASKED)
      << "the first part was answered before the whole, and has to be put again";
  EXPECT_EQ(parts.probe_answers_size(), 2);
}

// ACC-04: the wording may change from question to question, and what was shown is kept.
TEST(FoldAnswersTest, AStandardFormMayBeAskedByTheProbesOfItsPresentation) {
  v1::Answer part = Part("KILL_THREAT", 2, v1::ANSWER_CODE_YES);
  part.set_shown_instrument("easy@1.0");
  v1::Assessment assessment = After({part, Whole("FEAR", v1::ANSWER_CODE_NO)}, StandardForm());
  EXPECT_EQ(AnswerTo(assessment, "KILL_THREAT").code(), v1::ANSWER_CODE_YES);
  EXPECT_THAT(AnswerTo(assessment, "KILL_THREAT").details(), ElementsAre("CHILD"));
  EXPECT_EQ(AnswerTo(assessment, "KILL_THREAT").shown_instrument(), "easy@1.0");
  EXPECT_EQ(assessment.probe_answers(0).wording_hash(), Hex(Sha256("Part 2 of KILL_THREAT?")));
  EXPECT_EQ(AnswerTo(assessment, "FEAR").shown_instrument(), "");
  v1::Answer standard = Whole("FEAR", v1::ANSWER_CODE_YES);
  standard.set_shown_instrument("plain24@1.0");
  v1::Assessment easy = After({standard});
  EXPECT_EQ(AnswerTo(easy, "FEAR").shown_instrument(), "plain24@1.0");
  v1::Answer own = Whole("FEAR", v1::ANSWER_CODE_YES);
  own.set_shown_instrument("easy@1.0");
  EXPECT_EQ(AnswerTo(After({own}), "FEAR").shown_instrument(), "") << "its own is not said again";
}

TEST(FoldAnswersTest, PartsOfAnotherWordingBeginAgain) {
  v1::InstrumentPack welsh = EasyReadForm().pack->pack;
  welsh.set_id("hawdd");
  welsh.set_language("cy");
  const DataFile packs[] = {marac::testing::FileOf(welsh), marac::testing::FileOf(EasyReadForm().pack->pack),
                            marac::testing::Plain24File()};
  const DataFile policies[] = {marac::testing::DefaultPolicyFile()};
  ASSERT_OK_AND_ASSIGN(const Catalogue catalogue, Catalogue::Load(packs, policies, {}));
  ASSERT_OK_AND_ASSIGN(const Form form, catalogue.FormFor("plain24@1.0", "default@2026.1"));
  std::vector<v1::Answer> answers = {Part("INJ_NOW", 1, v1::ANSWER_CODE_NO),
                                     Part("INJ_NOW", 2, v1::ANSWER_CODE_NO)};
  for (v1::Answer& answer : answers) answer.set_shown_instrument("easy@1.0");
  v1::Assessment first = After(answers, form);
  EXPECT_EQ(AnswerTo(first, "INJ_NOW").code(), v1::ANSWER_CODE_NO);
  answers[0].set_shown_instrument("hawdd@1.0");
  ASSERT_OK_AND_ASSIGN(v1::Assessment second, Append(first, form, {answers[0]}));
  EXPECT_EQ(AnswerTo(second, "INJ_NOW").code(), v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(second.probe_answers_size(), 1);
}

TEST(FoldAnswersTest, WhatProbesSayBesideTheirAnswersComesTogether) {
  v1::Answer first = Part("HURT_ELSE", 1, v1::ANSWER_CODE_NO);
  first.set_note("Not the little ones.");
  first.set_verbatim(true);
  v1::Answer second = Part("HURT_ELSE", 2, v1::ANSWER_CODE_YES);
  second.set_source(v1::SOURCE_ROLE_POLICE);
  second.set_source_ref("crime report 44");
  second.set_currency(v1::CURRENCY_PAST);
  v1::Answer third = Part("HURT_ELSE", 3, v1::ANSWER_CODE_YES);
  third.add_details("OTHER");
  third.set_note("His brother, last week.");
  third.set_currency(v1::CURRENCY_CURRENT);
  third.set_time_words("last week");
  v1::Answer fourth = Part("HURT_ELSE", 4, v1::ANSWER_CODE_DONT_KNOW);
  fourth.set_reason(v1::ANSWER_REASON_NOT_UNDERSTOOD);
  // In whatever order they are met, it comes to the same.
  std::vector<v1::Answer> parts = {first, second, third, fourth};
  std::ranges::sort(parts, {}, &v1::Answer::probe);
  do {
    const v1::Answer answer = AnswerTo(After(parts), "HURT_ELSE");
    EXPECT_EQ(answer.code(), v1::ANSWER_CODE_YES);
    EXPECT_THAT(answer.details(), ElementsAre("RELATIVE", "EX_PARTNER", "OTHER"));
    EXPECT_EQ(answer.note(), "Not the little ones.\nHis brother, last week.");
    EXPECT_FALSE(answer.verbatim()) << "a summary does not pass for the person's words";
    EXPECT_EQ(answer.source(), v1::SOURCE_ROLE_POLICE) << "the first of those that decide it";
    EXPECT_EQ(answer.source_ref(), "crime report 44");
    EXPECT_EQ(answer.reason(), v1::ANSWER_REASON_UNSPECIFIED) << "not of the one that did not decide";
    EXPECT_EQ(answer.currency(), v1::CURRENCY_BOTH);
    EXPECT_EQ(answer.time_words(), "") << "stays with its probe";
    EXPECT_EQ(answer.wording_hash(), "");
    EXPECT_EQ(answer.seq(), 4) << "the newest event that changed it";
  } while (std::ranges::next_permutation(parts, {}, &v1::Answer::probe).found);
}

TEST(FoldAnswersTest, AReasonBelongsToTheAnswerItExplains) {
  v1::Answer not_understood = Part("INJ_NOW", 2, v1::ANSWER_CODE_DONT_KNOW);
  not_understood.set_reason(v1::ANSWER_REASON_NOT_UNDERSTOOD);
  EXPECT_EQ(AnswerTo(After({not_understood}), "INJ_NOW").reason(), v1::ANSWER_REASON_UNSPECIFIED)
      << "the other part was not met yet";
  EXPECT_EQ(AnswerTo(After({not_understood, Part("INJ_NOW", 1, v1::ANSWER_CODE_NO)}), "INJ_NOW").reason(),
            v1::ANSWER_REASON_NOT_UNDERSTOOD);
}

TEST(FoldAnswersTest, AProbeWithoutAYesSaysNoDetail) {
  v1::Assessment assessment =
      After({Part("HURT_ELSE", 1, v1::ANSWER_CODE_NO), Part("HURT_ELSE", 2, v1::ANSWER_CODE_YES)});
  EXPECT_THAT(AnswerTo(assessment, "HURT_ELSE").details(), ElementsAre("RELATIVE"));
  EXPECT_THAT(assessment.result().clusters(), IsEmpty());
  assessment = Append(assessment, EasyReadForm(), {Part("HURT_ELSE", 1, v1::ANSWER_CODE_YES)}).value();
  ASSERT_EQ(assessment.result().clusters_size(), 1);
  EXPECT_EQ(assessment.result().clusters(0).id(), "CHILD");
}

// ACC-05, ACC-13: what sections are answered is kept, and scored never.
TEST(FoldAnswersTest, SectionsAreKeptAndNeverScored) {
  v1::Assessment before = After({Part("FEAR", 1, v1::ANSWER_CODE_YES)});
  v1::Assessment after =
      Append(before, EasyReadForm(),
             {Whole("DISABILITY_3", v1::ANSWER_CODE_YES), Whole("DISABILITY_1", v1::ANSWER_CODE_YES),
              Whole("PRACTICE_2", v1::ANSWER_CODE_YES), Whole("UNDERSTOOD_1", v1::ANSWER_CODE_NO)})
          .value();
  EXPECT_EQ(after.result().SerializeAsString(), before.result().SerializeAsString());
  EXPECT_EQ(after.answers_size(), 1);
  std::vector<std::string> items;
  for (const v1::Answer& answer : after.section_answers()) items.push_back(answer.item());
  EXPECT_THAT(items, ElementsAre("UNDERSTOOD_1", "PRACTICE_2", "DISABILITY_1", "DISABILITY_3"));
  EXPECT_EQ(after.section_answers(0).wording_hash(), Hex(Sha256("Is it day?")));
}

// D-02: the hash is the server's, of the words that were shown.
TEST(WordingTest, IsHashedByTheServer) {
  v1::Answer answer = Part("FEAR", 1, v1::ANSWER_CODE_DONT_KNOW);
  answer.set_wording_hash("what the client says");
  EXPECT_EQ(After({answer}).probe_answers(0).wording_hash(), Hex(Sha256("Part 1 of FEAR?")));
  answer.set_reworded(true);
  EXPECT_EQ(After({answer}).probe_answers(0).wording_hash(),
            Hex(Sha256("Part 1 of FEAR?\nIn other words, part 1?")));
  EXPECT_EQ(AnswerTo(After({Whole("FEAR", v1::ANSWER_CODE_YES)}), "FEAR").wording_hash(),
            Hex(Sha256("Do you feel very frightened now?")));
  v1::Answer not_put = Whole("FEAR", v1::ANSWER_CODE_NOT_ASKED);
  EXPECT_EQ(AnswerTo(After({not_put}), "FEAR").wording_hash(), "") << "nothing was shown";
  not_put.set_reason(v1::ANSWER_REASON_LATER);
  EXPECT_NE(AnswerTo(After({not_put}), "FEAR").wording_hash(), "") << "it was, and put off";
}

TEST(WordingTest, HoldsTheOptionsToo) {
  const Form form = BuiltInCatalogue().FormFor("ordinal-sample@0.1", "ordinal-sample@0.1").value();
  v1::Answer answer = Whole("HURTS", v1::ANSWER_CODE_OPTION);
  answer.set_option("PAIN");
  EXPECT_EQ(AnswerTo(After({answer}, form), "HURTS").wording_hash(),
            Hex(Sha256("How badly did they hurt your body?\nThey did not\nIt hurt\nA doctor was needed")));
}

// Events are taken in one by one as the person answers, and the record must not depend on how many at a time.
TEST(FoldAnswersTest, OneByOneAndAllAtOnceComeToTheSame) {
  std::mt19937 random(20);
  const v1::InstrumentPack& pack = EasyReadForm().pack->pack;
  constexpr v1::AnswerCode kCodes[] = {v1::ANSWER_CODE_YES, v1::ANSWER_CODE_NO, v1::ANSWER_CODE_DONT_KNOW,
                                       v1::ANSWER_CODE_NOT_ASKED};
  for (int round = 0; round < 50; ++round) {
    std::vector<v1::Answer> answers;
    for (int i = 0; i < 60; ++i) {
      const v1::Item& item = pack.items(static_cast<int>(random() % 4));
      v1::AnswerCode code = kCodes[random() % 4];
      if (random() % 4 == 0) {
        answers.push_back(Whole(item.code(), code));
        if (random() % 2 == 0) answers.back().set_shown_instrument("plain24@1.0");
      } else {
        int probe = 1 + static_cast<int>(random() % static_cast<unsigned>(item.probes_size()));
        answers.push_back(Part(item.code(), probe, code));
      }
    }
    v1::Assessment at_once = After(answers);
    v1::Assessment one_by_one = Draft(EasyReadForm());
    for (const v1::Answer& answer : answers) {
      one_by_one = Append(one_by_one, EasyReadForm(), {answer}).value();
    }
    ASSERT_EQ(one_by_one.SerializeAsString(), at_once.SerializeAsString());
  }
}

// Each field that says how something was asked or when it was: what is refused, and what to do instead.
TEST(AppendAnswersTest, NamesWhatIsWrongWithHowItWasAsked) {
  struct Case {
    void (*spoil)(v1::Answer&);
    std::string field;
  };
  const Case cases[] = {
      {[](auto& a) { a.set_probe("FEAR_4"); },
       "answers[0].probe: FEAR: give one of its parts, FEAR_1, FEAR_2, FEAR_3"},
      {[](auto& a) { a.set_probe("STALK_1"); }, "answers[0].probe: FEAR: give one of its parts"},
      {[](auto& a) { a.set_shown_instrument("plain24@1.0"); },
       "answers[0].probe: FEAR has no parts on the form that was shown"},
      {[](auto& a) {
         a.set_item("DISABILITY_1");
         a.set_probe("FEAR_1");
       },
       "answers[0].probe: DISABILITY_1 has no parts"},
      {[](auto& a) { a.set_shown_instrument("judgement27@0.1"); }, "answers[0].shown_instrument: give this"},
      {[](auto& a) {
         a.set_item("DISABILITY_1");
         a.clear_probe();
         a.set_shown_instrument("plain24@1.0");
       },
       "answers[0].shown_instrument: give this form, or one that is the same in other words and asks this"},
      {[](auto& a) { a.set_code(v1::ANSWER_CODE_OPTION); }, "answers[0].code: this question has no options"},
      {[](auto& a) { a.set_option("OFTEN"); }, "answers[0].option: this question has no options"},
      {[](auto& a) { a.set_code(v1::ANSWER_CODE_NOT_APPLICABLE); }, "answers[0].code: this form does not"},
      {[](auto& a) { a.set_reason(static_cast<v1::AnswerReason>(9)); }, "answers[0].reason: give"},
      {[](auto& a) { a.set_reason(v1::ANSWER_REASON_NOT_UNDERSTOOD); },
       "answers[0].reason: a question that was not understood is a DONT_KNOW"},
      {[](auto& a) { a.set_reason(v1::ANSWER_REASON_LATER); },
       "answers[0].reason: a question that was put off is NOT_ASKED"},
      {[](auto& a) {
         a.clear_probe();
         a.set_reworded(true);
       },
       "answers[0].reworded: the form has no other words"},
      {[](auto& a) { a.set_time_words(std::string(4'001, 'x')); }, "answers[0].time_words: shorten"},
      {[](auto& a) { a.set_time_anchor(static_cast<v1::TimeAnchor>(9)); }, "answers[0].time_anchor: give"},
      {[](auto& a) { a.set_time_anchor(v1::TIME_ANCHOR_SINCE_KNOWN_DAY); },
       "answers[0].time_words: say in the person's words since which day"},
      {[](auto& a) { a.set_currency(static_cast<v1::Currency>(9)); }, "answers[0].currency: give"},
      {[](auto& a) {
         a.set_code(v1::ANSWER_CODE_NO);
         a.set_time_anchor(v1::TIME_ANCHOR_TODAY);
       },
       "answers[0].time_anchor: only what happened has a time"},
      {[](auto& a) {
         a.set_code(v1::ANSWER_CODE_DONT_KNOW);
         a.set_currency(v1::CURRENCY_PAST);
       },
       "answers[0].currency: only what happened has a time"},
      {[](auto& a) { a.set_sitting(std::string(401, 'x')); }, "answers[0].sitting:"},
  };
  const v1::Answer good = Part("FEAR", 1, v1::ANSWER_CODE_YES);
  EXPECT_THAT(Append(Draft(EasyReadForm()), EasyReadForm(), {good}), IsOk());
  for (const Case& c : cases) {
    v1::Answer answer = good;
    c.spoil(answer);
    EXPECT_THAT(Append(Draft(EasyReadForm()), EasyReadForm(), {answer}),
                Refuses(absl::StatusCode::kInvalidArgument, c.field));
  }
}

// ACC-21, ACC-23.
TEST(AppendAnswersTest, TakesEverythingThatAnAccessibleQuestionHasToSay) {
  v1::Answer yes = Part("FEAR", 1, v1::ANSWER_CODE_YES);
  yes.set_reworded(true);
  yes.set_time_anchor(v1::TIME_ANCHOR_SINCE_KNOWN_DAY);
  yes.set_time_words("since my birthday");
  yes.set_currency(v1::CURRENCY_BOTH);
  v1::Answer not_understood = Part("FEAR", 2, v1::ANSWER_CODE_DONT_KNOW);
  not_understood.set_reason(v1::ANSWER_REASON_NOT_UNDERSTOOD);
  v1::Answer later = Part("FEAR", 3, v1::ANSWER_CODE_NOT_ASKED);
  later.set_reason(v1::ANSWER_REASON_LATER);
  const v1::Assessment assessment = After({yes, not_understood, later});
  ASSERT_EQ(assessment.probe_answers_size(), 3);
  EXPECT_EQ(assessment.probe_answers(0).time_words(), "since my birthday");
  EXPECT_EQ(assessment.probe_answers(1).reason(), v1::ANSWER_REASON_NOT_UNDERSTOOD);
  EXPECT_EQ(assessment.probe_answers(2).reason(), v1::ANSWER_REASON_LATER);
}

// ACC-23: the practitioner maps what the person said to the time that the question is about.
TEST(AppendAnswersTest, WhatWasBeforeTheTimeOfTheQuestionIsNoYesToIt) {
  v1::Answer before = Part("SEPARATED", 1, v1::ANSWER_CODE_NO);
  before.set_within_window(v1::YES_NO_NO);
  before.set_time_anchor(v1::TIME_ANCHOR_LONG_AGO);
  before.set_time_words("when the twins were small");
  const v1::Assessment assessment = After({before});
  ASSERT_EQ(assessment.probe_answers_size(), 1);
  EXPECT_EQ(assessment.probe_answers(0).time_words(), "when the twins were small");
  EXPECT_EQ(assessment.probe_answers(0).within_window(), v1::YES_NO_NO);
  EXPECT_EQ(assessment.answers(0).within_window(), v1::YES_NO_UNSPECIFIED) << "it is of the one part";
  v1::Answer within = Part("SEPARATED", 1, v1::ANSWER_CODE_YES);
  within.set_within_window(v1::YES_NO_YES);
  within.set_time_anchor(v1::TIME_ANCHOR_THIS_WEEK);
  EXPECT_EQ(After({within}).probe_answers(0).within_window(), v1::YES_NO_YES);

  struct Case {
    v1::AnswerCode code;
    v1::YesNo within;
    const char* refused;
  };
  const Case cases[] = {
      {v1::ANSWER_CODE_YES, v1::YES_NO_NO, "is answered NO"},
      {v1::ANSWER_CODE_DONT_KNOW, v1::YES_NO_NO, "is answered NO"},
      {v1::ANSWER_CODE_NO, v1::YES_NO_YES, "only what happened has a time"},
      {v1::ANSWER_CODE_YES, v1::YES_NO_NOT_KNOWN, "give YES or NO"},
  };
  for (const Case& c : cases) {
    v1::Answer answer = Part("SEPARATED", 1, c.code);
    answer.set_within_window(c.within);
    EXPECT_THAT(Append(Draft(EasyReadForm()), EasyReadForm(), {answer}),
                Refuses(absl::StatusCode::kInvalidArgument, c.refused));
  }
  v1::Answer elsewhere = Part("FEAR", 1, v1::ANSWER_CODE_YES);
  elsewhere.set_within_window(v1::YES_NO_YES);
  EXPECT_THAT(Append(Draft(EasyReadForm()), EasyReadForm(), {elsewhere}),
              Refuses(absl::StatusCode::kInvalidArgument, "about no time of its own"));
}

TEST(AppendAnswersTest, AQuestionWithOptionsTakesOneOfThem) {
  const Form form = BuiltInCatalogue().FormFor("ordinal-sample@0.1", "ordinal-sample@0.1").value();
  auto append = [&](v1::AnswerCode code, const std::string& option) {
    v1::Answer answer = Whole("DECIDES", code);
    answer.set_option(option);
    return Append(Draft(form), form, {answer});
  };
  EXPECT_THAT(append(v1::ANSWER_CODE_OPTION, "MOSTLY"), IsOk());
  EXPECT_THAT(append(v1::ANSWER_CODE_DECLINED, ""), IsOk());
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(append(v1::ANSWER_CODE_YES, ""),
              Refuses(kInvalid, "answers[0].code: this question is answered"));
  EXPECT_THAT(append(v1::ANSWER_CODE_NO, ""),
              Refuses(kInvalid, "answers[0].code: this question is answered"));
  EXPECT_THAT(
      append(v1::ANSWER_CODE_OPTION, ""),
      Refuses(kInvalid, "answers[0].option: DECIDES: with OPTION give one of NEVER, SOMETIMES, MOSTLY"));
  EXPECT_THAT(append(v1::ANSWER_CODE_OPTION, "DOCTOR"), Refuses(kInvalid, "answers[0].option:"));
  EXPECT_THAT(append(v1::ANSWER_CODE_DECLINED, "NEVER"), Refuses(kInvalid, "answers[0].option:"));
}

// ACC-02: where a pack allows it at the probe, and nowhere else.
TEST(AppendAnswersTest, NotApplicableIsOfTheProbe) {
  v1::InstrumentPack pack = EasyReadForm().pack->pack;
  pack.mutable_items(1)->mutable_probes(0)->set_not_applicable_allowed(true);
  const InstalledPack installed{pack, ""};
  const Form form{&installed, EasyReadForm().policy, {}};
  EXPECT_THAT(Append(Draft(form), form, {Part("FEAR", 1, v1::ANSWER_CODE_NOT_APPLICABLE)}), IsOk());
  EXPECT_THAT(Append(Draft(form), form, {Part("FEAR", 2, v1::ANSWER_CODE_NOT_APPLICABLE)}),
              Refuses(absl::StatusCode::kInvalidArgument, "answers[0].code:"));
  EXPECT_THAT(Append(Draft(form), form, {Whole("FEAR", v1::ANSWER_CODE_NOT_APPLICABLE)}),
              Refuses(absl::StatusCode::kInvalidArgument, "answers[0].code:"));
  const v1::Assessment two = After({Part("FEAR", 1, v1::ANSWER_CODE_NOT_APPLICABLE),
                                    Part("FEAR", 2, v1::ANSWER_CODE_NO), Part("FEAR", 3, v1::ANSWER_CODE_NO)},
                                   form);
  EXPECT_EQ(AnswerTo(two, "FEAR").code(), v1::ANSWER_CODE_NO);
}

// D-03: what is signed is all that was answered.
TEST(DigestTest, CoversTheAnswersToProbesAndSections) {
  const v1::Assessment assessment =
      After({Part("FEAR", 1, v1::ANSWER_CODE_YES), Part("FEAR", 2, v1::ANSWER_CODE_NO),
             Whole("DISABILITY_1", v1::ANSWER_CODE_YES), Whole("DISABILITY_2", v1::ANSWER_CODE_NO)});
  const std::string digest = DigestOf(assessment);
  v1::Assessment other = assessment;
  other.mutable_probe_answers(1)->set_code(v1::ANSWER_CODE_DECLINED);
  EXPECT_NE(DigestOf(other), digest);
  other = assessment;
  other.mutable_section_answers(0)->set_note("x");
  EXPECT_NE(DigestOf(other), digest);
  other = assessment;
  other.mutable_probe_answers(0)->set_wording_hash("");
  EXPECT_NE(DigestOf(other), digest);
  other = assessment;
  std::reverse(other.mutable_probe_answers()->begin(), other.mutable_probe_answers()->end());
  std::reverse(other.mutable_section_answers()->begin(), other.mutable_section_answers()->end());
  EXPECT_EQ(DigestOf(other), digest);
}

}  // namespace
}  // namespace marac::domain
