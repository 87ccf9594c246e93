#include "domain/pilot.h"

#include <google/protobuf/descriptor.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "tests/support/pilots.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::CountOfYes;
using ::marac::testing::DayOf;
using ::marac::testing::IsOk;
using ::marac::testing::PairingOf;
using ::marac::testing::PilotCatalogue;
using ::marac::testing::PilotOf;
using ::marac::testing::PlanOfTwoLooks;
using ::marac::testing::Refuses;
using ::marac::testing::RuleOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const LocalDate kToday = LocalDate::Create(2026, 1, 5, "today").value();
const Act kAct = {.account = "accounts/c1", .now = absl::FromUnixSeconds(1'770'000'000)};

absl::Status CheckWith(const std::function<void(v1::PilotPlan&)>& change) {
  v1::PilotPlan plan = PlanOfTwoLooks();
  change(plan);
  return CheckPlan(plan, PilotCatalogue(), kToday);
}

v1::PilotPair Said(v1::PilotOrder order = v1::PILOT_ORDER_SAME_TALK) {
  v1::PilotPair given;
  given.set_order(order);
  given.set_blind(v1::YES_NO_YES);
  return given;
}

struct Two {
  v1::Assessment reference;
  v1::Assessment variant;
};
Two TwoOf(int number = 1) {
  PilotPairing pairing = PairingOf(CountOfYes(10), CountOfYes(10));
  Two two{pairing.reference.assessment, pairing.variant.assessment};
  two.reference.set_name("areas/mk/assessments/r" + std::to_string(number));
  two.variant.set_name("areas/mk/assessments/v" + std::to_string(number));
  two.reference.set_assessor("accounts/a1");
  two.variant.set_assessor("accounts/a2");
  two.reference.set_last_seq(24);
  two.variant.set_last_seq(31);
  return two;
}

absl::StatusOr<RecordedPair> RecordWith(const std::function<void(v1::Pilot&, v1::PilotPair&, Two&)>& change,
                                        std::span<const v1::PilotPair> earlier = {}) {
  v1::Pilot pilot = PilotOf(PlanOfTwoLooks());
  v1::PilotPair given = Said();
  Two two = TwoOf();
  change(pilot, given, two);
  return RecordPair(pilot, given, two.reference, two.variant, earlier, kAct);
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

TEST(PilotPlanTest, PIL07APlanSaysBeforehandWhatDecides) {
  EXPECT_THAT(CheckWith([](auto&) {}), IsOk());
  EXPECT_THAT(CheckWith([](auto& plan) { plan.clear_rules(); }), Refuses(kInvalid, "plan.rules"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.clear_looks(); }), Refuses(kInvalid, "plan.looks"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.set_looks(1, 40); }), Refuses(kInvalid, "plan.looks[1]"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(1)->set_id("BAND_AGREES"); }),
              Refuses(kInvalid, "plan.rules[1].id"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(0)->clear_measure(); }),
              Refuses(kInvalid, "plan.rules[0].measure"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(0)->set_pairs_min(81); }),
              Refuses(kInvalid, "plan.rules[0].pairs_min"))
      << "it could never be judged";
}

TEST(PilotPlanTest, ARuleHasALimitThatItsMeasureCanHave) {
  for (double limit : {1.5, -2.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(CheckWith([&](auto& plan) { plan.mutable_rules(0)->set_limit(limit); }),
                Refuses(kInvalid, "plan.rules[0].limit"))
        << limit;
  }
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(1)->set_limit(101); }),
              Refuses(kInvalid, "plan.rules[1].limit"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(2)->set_limit(0.5); }),
              Refuses(kInvalid, "plan.rules[2].limit"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(3)->set_limit(0); }),
              Refuses(kInvalid, "plan.rules[3].limit"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(3)->set_false_alarm_percent(0); }),
              Refuses(kInvalid, "plan.rules[3].false_alarm_percent"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_rules(0)->set_false_alarm_percent(5); }),
              Refuses(kInvalid, "plan.rules[0].false_alarm_percent"));
}

TEST(PilotPlanTest, PIL07TheSteeringGroupApprovedItOnADayThatIsOver) {
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_approval()->clear_steering_group(); }),
              Refuses(kInvalid, "plan.approval.steering_group"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.mutable_approval()->clear_approved_on(); }),
              Refuses(kInvalid, "plan.approval.approved_on"));
  auto approved_on = [](int day) {
    return CheckWith(
        [&](auto& plan) { *plan.mutable_approval()->mutable_approved_on() = DayOf(2026, 1, day); });
  };
  EXPECT_THAT(approved_on(5), IsOk()) << "today";
  EXPECT_THAT(approved_on(6), Refuses(kInvalid, "plan.approval.approved_on"));
}

TEST(PilotPlanTest, PIL01EachDesignSaysWhatItNeeds) {
  EXPECT_THAT(CheckWith([](auto& plan) { plan.clear_design(); }), Refuses(kInvalid, "plan.design"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.set_design(v1::PILOT_DESIGN_BLIND_SECOND_RATER); }),
              Refuses(kInvalid, "plan.sample_percent"));
  EXPECT_THAT(CheckWith([](auto& plan) {
                plan.set_design(v1::PILOT_DESIGN_BLIND_SECOND_RATER);
                plan.set_sample_percent(25);
              }),
              IsOk());
  EXPECT_THAT(CheckWith([](auto& plan) { plan.set_sample_percent(25); }),
              Refuses(kInvalid, "plan.sample_percent"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.set_design(v1::PILOT_DESIGN_CROSSOVER); }),
              Refuses(kInvalid, "plan.crossover_days_max"));
}

TEST(PilotPlanTest, ComparesPacksOfOneFormOnly) {
  EXPECT_THAT(CheckWith([](auto& plan) { plan.set_variant_instrument("other@1.0"); }),
              Refuses(kInvalid, "plan.variant_instrument"));
  EXPECT_THAT(CheckWith([](auto& plan) { plan.set_variant_instrument("plain24@1.0"); }),
              Refuses(kInvalid, "plan.variant_instrument"))
      << "a form says nothing about itself";
  EXPECT_THAT(CheckWith([](auto& plan) {
                plan.set_variant_instrument("plain24@1.0");
                plan.set_design(v1::PILOT_DESIGN_BLIND_SECOND_RATER);
                plan.set_sample_percent(25);
              }),
              IsOk())
      << "but two raters can be compared on it";
  EXPECT_THAT(CheckWith([](auto& plan) { plan.set_policy("other@1"); }), Refuses(kInvalid, "plan.policy"));
}

TEST(PilotPlanTest, NamesWhatIsWrongWithAContradiction) {
  auto contradicts = [](const std::string& item) {
    return CheckWith([&](auto& plan) {
      v1::PilotContradiction* contradiction = plan.add_contradictions();
      contradiction->set_id("SEPARATED_AND_TOGETHER");
      contradiction->mutable_when()->set_answer(item);
    });
  };
  EXPECT_THAT(contradicts("SEPARATED"), IsOk());
  EXPECT_THAT(contradicts("NO_SUCH_ITEM"), Refuses(kInvalid, "plan.contradictions[0].when.answer"));
  EXPECT_THAT(CheckWith([](auto& plan) {
                v1::PilotPractice* practice = plan.add_practice();
                practice->set_item("SEPARATED");
                practice->set_answer(v1::ANSWER_CODE_NO);
              }),
              Refuses(kInvalid, "plan.practice[0].item"))
      << "no practice question";
}

TEST(PilotPlanTest, PIL07RulesAreFixedWithTheFirstPair) {
  v1::PilotPlan easier = PlanOfTwoLooks();
  easier.mutable_rules(0)->set_limit(0.2);
  v1::Pilot pilot = PilotOf(PlanOfTwoLooks());
  absl::StatusOr<v1::Pilot> replaced = ReplacePlan(pilot, easier);
  ASSERT_THAT(replaced, IsOk());
  EXPECT_EQ(replaced->plan().rules(0).limit(), 0.2);

  Two two = TwoOf();
  absl::StatusOr<RecordedPair> recorded = RecordPair(pilot, Said(), two.reference, two.variant, {}, kAct);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->pilot.state(), v1::PILOT_STATE_RUNNING);
  EXPECT_TRUE(recorded->pilot.has_first_pair_time());
  EXPECT_THAT(ReplacePlan(recorded->pilot, easier), Refuses(kPrecondition, "fixed with the first pair"));
}

TEST(PilotPairTest, KeepsWhatWasPairedByWhomAndInWhichOrder) {
  const v1::PilotPair first;
  absl::StatusOr<RecordedPair> recorded = RecordWith([](auto&, auto&, auto&) {}, {{first}});
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->pair.number(), 2);
  EXPECT_EQ(recorded->pilot.pairs(), 2);
  EXPECT_EQ(recorded->pair.reference(), "areas/mk/assessments/r1");
  EXPECT_EQ(recorded->pair.variant_seq(), 31);
  EXPECT_EQ(recorded->pair.account(), "accounts/c1");
  EXPECT_EQ(recorded->pair.order(), v1::PILOT_ORDER_SAME_TALK);
}

TEST(PilotPairTest, PIL01WhoeverSawTheFirstMakesNoPair) {
  for (v1::YesNo blind : {v1::YES_NO_UNSPECIFIED, v1::YES_NO_NO, v1::YES_NO_NOT_KNOWN}) {
    EXPECT_THAT(RecordWith([&](auto&, auto& given, auto&) { given.set_blind(blind); }),
                Refuses(kInvalid, "pair.blind"));
  }
}

TEST(PilotPairTest, PIL01NobodyIsAskedTwiceWhoDidNotAgree) {
  auto crossed = [](v1::YesNo agreed, v1::PilotOrder order, int day) {
    return RecordWith([&](auto& pilot, auto& given, auto& two) {
      pilot.mutable_plan()->set_design(v1::PILOT_DESIGN_CROSSOVER);
      pilot.mutable_plan()->set_crossover_days_max(14);
      given.clear_blind();
      given.set_person_agreed(agreed);
      given.set_order(order);
      *two.variant.mutable_assessment_date() = DayOf(2026, 4, day);
    });
  };
  EXPECT_THAT(crossed(v1::YES_NO_YES, v1::PILOT_ORDER_VARIANT_FIRST, 14), IsOk());
  EXPECT_THAT(crossed(v1::YES_NO_YES, v1::PILOT_ORDER_VARIANT_FIRST, 15),
              Refuses(kPrecondition, "too many days"));
  EXPECT_THAT(crossed(v1::YES_NO_YES, v1::PILOT_ORDER_SAME_TALK, 14), Refuses(kInvalid, "pair.order"));
  for (v1::YesNo agreed : {v1::YES_NO_UNSPECIFIED, v1::YES_NO_NO, v1::YES_NO_NOT_ASKED}) {
    EXPECT_THAT(crossed(agreed, v1::PILOT_ORDER_VARIANT_FIRST, 14), Refuses(kInvalid, "pair.person_agreed"));
  }
}

TEST(PilotPairTest, PIL01TheSecondRaterIsSomebodyElse) {
  auto rated = [](const std::string& second) {
    return RecordWith([&](auto& pilot, auto& given, auto& two) {
      pilot.mutable_plan()->set_design(v1::PILOT_DESIGN_BLIND_SECOND_RATER);
      given.set_order(v1::PILOT_ORDER_REFERENCE_FIRST);
      two.variant.set_assessor(second);
    });
  };
  EXPECT_THAT(rated("accounts/a2"), IsOk());
  EXPECT_THAT(rated("accounts/a1"), Refuses(kPrecondition, "somebody else"));
}

TEST(PilotPairTest, TakesFinishedAssessmentsAsTheyWereFirstAnswered) {
  auto in_state = [](v1::AssessmentState state) {
    return RecordWith([&](auto&, auto&, auto& two) { two.variant.set_state(state); });
  };
  EXPECT_THAT(in_state(v1::ASSESSMENT_STATE_COMPLETED), IsOk());
  EXPECT_THAT(in_state(v1::ASSESSMENT_STATE_STOPPED), IsOk()) << "that somebody stopped is a finding";
  EXPECT_THAT(in_state(v1::ASSESSMENT_STATE_DRAFT), Refuses(kPrecondition, "pair.variant"));
  EXPECT_THAT(in_state(v1::ASSESSMENT_STATE_AMENDED), Refuses(kPrecondition, "pair.variant"));
  EXPECT_THAT(RecordWith([](auto&, auto&, auto& two) { two.reference.set_edition(2); }),
              Refuses(kPrecondition, "pair.reference"));
}

TEST(PilotPairTest, TakesTwoOfOneOccasionOfThisPilot) {
  EXPECT_THAT(RecordWith([](auto&, auto&, auto& two) { std::swap(two.reference, two.variant); }),
              Refuses(kPrecondition, "pair.reference"))
      << "the packs are the other way round";
  EXPECT_THAT(RecordWith([](auto&, auto&, auto& two) { two.variant.set_policy("other@1"); }),
              Refuses(kPrecondition, "another policy"));
  EXPECT_THAT(
      RecordWith([](auto&, auto&, auto& two) { *two.variant.mutable_assessment_date() = DayOf(2026, 4, 1); }),
      Refuses(kPrecondition, "same day"));
  EXPECT_THAT(RecordWith([](auto&, auto&, auto& two) {
                *two.reference.mutable_assessment_date() = DayOf(2025, 12, 31);
                *two.variant.mutable_assessment_date() = DayOf(2025, 12, 31);
              }),
              Refuses(kPrecondition, "days of this pilot"));
}

TEST(PilotPairTest, AnAssessmentIsInOnePair) {
  const std::vector<v1::PilotPair> earlier = {RecordWith([](auto&, auto&, auto&) {})->pair};
  EXPECT_THAT(
      RecordWith([](auto&, auto&, auto& two) { two.variant.set_name("areas/mk/assessments/v2"); }, earlier),
      Refuses(kPrecondition, "in a pair of this pilot already"));
  EXPECT_THAT(RecordWith([](auto&, auto&, auto& two) { two = TwoOf(2); }, earlier), IsOk());
}

TEST(PilotPairTest, PIL07NoMoreThanWerePlanned) {
  const std::vector<v1::PilotPair> earlier(80);
  EXPECT_THAT(RecordWith([](auto&, auto&, auto&) {}, earlier), Refuses(kPrecondition, "all the pairs"));
}

// --- Export ------------------------------------------------------------------------------------------------

// Every text in a message, however deep.
void CollectTexts(const google::protobuf::Message& message, std::set<std::string>& texts) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        CollectTexts(field->is_repeated() ? message.GetReflection()->GetRepeatedMessage(message, field, i)
                                          : message.GetReflection()->GetMessage(message, field),
                     texts);
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        texts.insert(field->is_repeated() ? message.GetReflection()->GetRepeatedString(message, field, i)
                                          : message.GetReflection()->GetString(message, field));
      }
    }
  }
}

PilotPairing Telling() {
  PilotPairing pairing = PairingOf(CountOfYes(14), CountOfYes(13));
  for (PilotTaking* taking : {&pairing.reference, &pairing.variant}) {
    v1::Assessment& assessment = taking->assessment;
    assessment.set_name("areas/mk/assessments/telltale");
    assessment.set_assessor("accounts/telltale");
    assessment.set_agency("agencies/telltale");
    assessment.set_referral("areas/mk/referrals/telltale");
    assessment.set_stop_reason("telltale");
    assessment.mutable_victim()->mutable_name()->set_value("Mrs Telltale");
    assessment.mutable_judgement()->set_text("telltale");
    for (v1::Answer& answer : *assessment.mutable_answers()) {
      answer.set_note("telltale");
      answer.set_account("accounts/telltale");
      answer.set_source_ref("telltale");
      answer.set_time_words("telltale");
      answer.set_amend_reason("telltale");
    }
    taking->events.assign(assessment.answers().begin(), assessment.answers().end());
  }
  pairing.pair.set_name("areas/mk/pilotPairs/telltale");
  pairing.pair.set_account("accounts/telltale");
  return pairing;
}

TEST(PilotExportTest, PIL08HasNoNamesNoAccountsAndNoWords) {
  const PilotPairing pairings[] = {Telling()};
  const std::string ids[] = {"r1"};
  v1::PilotExport exported = ExportOf(PilotOf(PlanOfTwoLooks()), pairings, ids);
  ASSERT_EQ(exported.rows_size(), 1);
  std::set<std::string> texts;
  CollectTexts(exported, texts);
  for (const std::string& text : texts) EXPECT_THAT(text, Not(HasSubstr("elltale"))) << text;
  EXPECT_EQ(exported.rows(0).month(), "2026-03") << "no day";
  EXPECT_EQ(exported.rows(0).reference().score(), 14);
  EXPECT_EQ(exported.rows(0).variant().band(), v1::GRADE_MEDIUM);
  EXPECT_EQ(exported.rows(0).variant().answers_size(), 24);
  EXPECT_TRUE(exported.rows(0).reference().referred());
}

TEST(PilotExportTest, PIL08RowsDoNotTellTheirOrder) {
  std::vector<PilotPairing> pairings;
  for (int yes : {1, 2, 3}) pairings.push_back(PairingOf(CountOfYes(yes), CountOfYes(yes)));
  const std::string ids[] = {"c", "a", "b"};
  v1::PilotExport exported = ExportOf(PilotOf(PlanOfTwoLooks()), pairings, ids);
  std::vector<std::string> order;
  for (const v1::PilotExportRow& row : exported.rows()) order.push_back(row.row_id());
  EXPECT_THAT(order, ElementsAre("a", "b", "c"));
  EXPECT_EQ(exported.rows(0).reference().score(), 2);
  EXPECT_EQ(exported.rows(2).reference().score(), 1);
}

TEST(PilotExportTest, NotesWhereSoFewAreThatSomebodyCouldBeKnown) {
  std::vector<PilotPairing> pairings;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    pairings.push_back(PairingOf(CountOfYes(3), CountOfYes(3)));
    ids.push_back("r" + std::to_string(i));
  }
  EXPECT_THAT(ExportOf(PilotOf(PlanOfTwoLooks()), pairings, ids).small_cells(), IsEmpty());
  pairings.push_back(PairingOf(CountOfYes(14), CountOfYes(13)));
  *pairings.back().reference.assessment.mutable_assessment_date() = DayOf(2026, 5, 1);
  ids.emplace_back("r5");
  v1::PilotExport exported = ExportOf(PilotOf(PlanOfTwoLooks()), pairings, ids);
  EXPECT_THAT(exported.small_cells(), Contains("month 2026-05"));
  EXPECT_THAT(exported.small_cells(), Contains("band HIGH/MEDIUM"));
  EXPECT_THAT(exported.small_cells(), Not(Contains("month 2026-03")));
  EXPECT_EQ(exported.small_below(), 5);
}

// --- Burden ------------------------------------------------------------------------------------------------

v1::Answer At(double minutes, const std::string& sitting = "") {
  v1::Answer event;
  *event.mutable_time() = ToTimestamp(absl::FromUnixSeconds(1'770'000'000) + absl::Minutes(minutes));
  event.set_sitting(sitting);
  return event;
}

TEST(PilotBurdenTest, PIL05CountsMinutesWithoutBreaks) {
  EXPECT_EQ(BurdenOf({}).sittings, 0);
  const v1::Answer events[] = {At(0), At(2), At(12), At(23), At(24.5)};
  Burden burden = BurdenOf(events);
  EXPECT_NEAR(burden.minutes, 13.5, 1e-9) << "0 to 12 and 23 to 24.5";
  EXPECT_EQ(burden.breaks, 1);
  EXPECT_EQ(burden.sittings, 1);
}

TEST(PilotBurdenTest, PIL05ANewSittingIsNoBreak) {
  const v1::Answer named[] = {At(0, "s1"), At(5, "s1"), At(7, "s2"), At(1500, "s2")};
  EXPECT_EQ(BurdenOf(named).sittings, 2);
  EXPECT_EQ(BurdenOf(named).breaks, 1) << "within the second, however long";
  EXPECT_NEAR(BurdenOf(named).minutes, 5, 1e-9);
  const v1::Answer unnamed[] = {At(0), At(5), At(5 + 241), At(5 + 242)};
  EXPECT_EQ(BurdenOf(unnamed).sittings, 2);
  EXPECT_EQ(BurdenOf(unnamed).breaks, 0);
}

v1::PilotIncident Incident(int day = 2, const std::string& text = "She asked to stop at question 15.") {
  v1::PilotIncident incident;
  *incident.mutable_day() = LocalDate::Create(2026, 2, day, "day").value().ToDay();
  incident.set_kind(v1::PILOT_INCIDENT_KIND_DISTRESS);
  incident.set_text(text);
  return incident;
}

// PIL-06: any distress or incident, all reviewed. kAct is of the 2nd of February.
TEST(PilotIncidentTest, EachIsRecordedAndWaitsUntilSomebodyLookedIntoIt) {
  v1::PilotIncident forged = Incident();
  forged.set_id("i9");
  forged.mutable_review()->set_finding("Nothing");
  ASSERT_OK_AND_ASSIGN(v1::Pilot pilot, RecordIncident(v1::Pilot(), forged, kAct));
  ASSERT_OK_AND_ASSIGN(pilot, RecordIncident(pilot, Incident(1), kAct));
  ASSERT_EQ(pilot.incidents_size(), 2);
  EXPECT_EQ(pilot.incidents(0).id(), "i1");
  EXPECT_FALSE(pilot.incidents(0).has_review());
  EXPECT_EQ(pilot.incidents(1).id(), "i2");
  EXPECT_EQ(UnreviewedIncidents(pilot), 2);

  v1::ReviewPilotIncidentRequest review;
  review.set_incident("i2");
  review.set_finding("The announcement is longer now.");
  ASSERT_OK_AND_ASSIGN(pilot, ReviewIncident(pilot, review, kAct));
  EXPECT_EQ(UnreviewedIncidents(pilot), 1);
  EXPECT_EQ(pilot.incidents(1).review().finding(), "The announcement is longer now.");
  EXPECT_THAT(ReviewIncident(pilot, review, kAct),
              Refuses(absl::StatusCode::kFailedPrecondition, "looked into this one already"));
  review.set_incident("i3");
  EXPECT_THAT(ReviewIncident(pilot, review, kAct), Refuses(absl::StatusCode::kInvalidArgument, "incident:"));
  review.set_incident("i1");
  review.set_finding(" ok");
  EXPECT_THAT(ReviewIncident(pilot, review, kAct), Refuses(absl::StatusCode::kInvalidArgument, "finding:"));
}

TEST(PilotIncidentTest, RefusesWhatSaysTooLittle) {
  const auto refused = [](const v1::PilotIncident& incident, const char* field) {
    EXPECT_THAT(RecordIncident(v1::Pilot(), incident, kAct),
                Refuses(absl::StatusCode::kInvalidArgument, field));
  };
  refused(Incident(3), "incident.day:");
  refused(Incident(2, "No"), "incident.text:");
  refused(Incident(2, std::string(1001, 'x')), "incident.text:");
  EXPECT_THAT(RecordIncident(v1::Pilot(), Incident(2, std::string(1000, 'x')), kAct), IsOk());
  refused(Incident(2, "She rang from 07700 900123."), "incident.text: leave out");
  refused(Incident(2, "They live at MK9 3QR."), "incident.text: leave out");
  refused(Incident(2, "Write to a.sample@example.org"), "incident.text: leave out");
  v1::PilotIncident of_no_kind = Incident();
  of_no_kind.clear_kind();
  refused(of_no_kind, "incident.kind:");
  v1::PilotIncident of_no_day = Incident();
  of_no_day.clear_day();
  refused(of_no_day, "incident.day:");
}

}  // namespace
}  // namespace marac::domain
