#include "domain/agenda.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/area_settings.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "tests/support/complete_discussion.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::CompleteDiscussion;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kTick = absl::Microseconds(1);

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, London(), &time, &error)) << error;
  return time;
}

const absl::Time kCutOff = At("2026-11-27 12:00");

v1::Meeting MeetingIn(v1::MeetingState state) {
  v1::Meeting meeting;
  meeting.set_name("areas/mk/meetings/m");
  meeting.set_state(state);
  *meeting.mutable_start_time() = ToTimestamp(At("2026-12-09 09:30"));
  *meeting.mutable_end_time() = ToTimestamp(At("2026-12-09 12:30"));
  *meeting.mutable_deadlines()->mutable_cut_off_time() = ToTimestamp(kCutOff);
  meeting.set_capacity(17);
  return meeting;
}
v1::Meeting Scheduled() { return MeetingIn(v1::MEETING_STATE_SCHEDULED); }
v1::Meeting InProgress() { return MeetingIn(v1::MEETING_STATE_IN_PROGRESS); }

v1::Case CaseOf(const std::string& id, absl::Time received = kCutOff - absl::Hours(1)) {
  v1::Case record;
  record.set_name("areas/mk/cases/" + id);
  record.set_case_number("MK-26-" + id);
  record.set_stage(v1::CASE_STAGE_ACCEPTED);
  record.set_kind(v1::CASE_KIND_NEW);
  *record.mutable_receive_time() = ToTimestamp(received);
  record.mutable_victim()->mutable_name()->set_value("Victim " + id);
  return record;
}

Cases CasesOf(const std::vector<v1::Case>& records) {
  Cases cases;
  for (const v1::Case& record : records) cases[record.name()] = record;
  return cases;
}

std::vector<std::string> Numbers(const std::vector<v1::AgendaItem>& items) {
  std::vector<std::string> numbers;
  for (const v1::AgendaItem& item : items) numbers.push_back(item.case_number().substr(6));
  return numbers;
}

absl::StatusOr<std::vector<v1::AgendaItem>> Propose(
    const Cases& cases, std::vector<v1::AgendaItem> items = {}, const v1::Meeting& meeting = Scheduled(),
    const v1::AreaSettings& settings = DefaultAreaSettings()) {
  return ProposeAgenda(meeting, std::move(items), cases, settings, At("2026-12-01 10:00"));
}

v1::AgendaItem ItemIn(v1::AgendaItemState state, const v1::Case& record = CaseOf("a")) {
  v1::AgendaItem item;
  item.set_name("areas/mk/meetings/m/agendaItems/i");
  item.set_case_name(record.name());
  item.set_case_number(record.case_number());
  item.set_state(state);
  return item;
}

TEST(AgendaTest, ACaseReceivedAtTheCutOffIsInTimeAndOneJustAfterIsNot) {
  ASSERT_OK_AND_ASSIGN(const auto items,
                       Propose(CasesOf({CaseOf("at", kCutOff), CaseOf("late", kCutOff + kTick)})));
  EXPECT_THAT(Numbers(items), ElementsAre("at"));
}

// The coordinator's reason at triage answers; to admit after the cut-off is the chair's.
TEST(AgendaTest, AReasonGivenAtAcceptanceDoesNotListALateCase) {
  v1::Case late = CaseOf("late", kCutOff + kTick);
  late.set_admit_reason("No ground holds, and we are worried");
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(CasesOf({late})));
  EXPECT_THAT(items, IsEmpty());
}

TEST(AgendaTest, ACaseThatWasLateComesOntoTheNextAgenda) {
  v1::Meeting next = Scheduled();
  *next.mutable_deadlines()->mutable_cut_off_time() = ToTimestamp(kCutOff + absl::Hours(14 * 24));
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(CasesOf({CaseOf("late", kCutOff + kTick)}), {}, next));
  EXPECT_THAT(Numbers(items), ElementsAre("late"));
}

TEST(AgendaTest, ADeferredCaseComesOntoTheNextAgendaWheneverItWasReceived) {
  v1::Case deferred = CaseOf("put", kCutOff + absl::Hours(1));
  deferred.set_deferral_count(1);
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(CasesOf({deferred})));
  ASSERT_THAT(Numbers(items), ElementsAre("put"));
  EXPECT_EQ(items[0].deferral_count(), 1);
}

TEST(AgendaTest, OnlyAcceptedCasesOnNoOtherAgendaAreProposed) {
  std::vector<v1::Case> records;
  for (v1::CaseStage stage : {v1::CASE_STAGE_UNSPECIFIED, v1::CASE_STAGE_ACCEPTED, v1::CASE_STAGE_LISTED,
                              v1::CASE_STAGE_HEARD, v1::CASE_STAGE_CLOSED}) {
    records.push_back(CaseOf(v1::CaseStage_Name(stage)));
    records.back().set_stage(stage);
  }
  ASSERT_EQ(static_cast<int>(records.size()), v1::CaseStage_ARRAYSIZE);
  records.push_back(CaseOf("elsewhere"));
  records.back().set_meeting("areas/mk/meetings/other");
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(CasesOf(records)));
  EXPECT_THAT(Numbers(items), ElementsAre("CASE_STAGE_ACCEPTED"));
}

TEST(AgendaTest, ChildrenComeFirstThenRepeatsThenHigherScores) {
  auto with = [](
                  const std::string& id, int score,
                  std::function<void(v1::Case&)> change = [](v1::Case&) {}) {
    v1::Case record = CaseOf(id);
    record.set_score(score);
    record.set_has_score(true);
    change(record);
    return record;
  };
  auto child = [](v1::Case& record) { record.add_children(); };
  auto repeat = [](v1::Case& record) { record.set_kind(v1::CASE_KIND_REPEAT); };
  auto unborn = [](v1::Case& record) { record.mutable_victim()->set_pregnant(v1::YES_NO_YES); };
  auto unknown = [](v1::Case& record) { record.mutable_victim()->set_pregnant(v1::YES_NO_NOT_KNOWN); };
  const Cases cases =
      CasesOf({with("adult-20", 20), with("adult-repeat", 3, repeat), with("adult-unknown", 2, unknown),
               with("child-15", 15, child), with("child-18", 18, child),
               with("child-repeat", 3, [&](v1::Case& r) { child(r), repeat(r); }),
               with("unborn-16", 16, unborn), CaseOf("adult-none")});
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(cases));
  EXPECT_THAT(Numbers(items), ElementsAre("child-repeat", "child-18", "unborn-16", "child-15", "adult-repeat",
                                          "adult-20", "adult-unknown", "adult-none"));
  v1::AreaSettings settings = DefaultAreaSettings();
  settings.set_unborn_counts_as_child(false);
  ASSERT_OK_AND_ASSIGN(const auto born, Propose(cases, {}, Scheduled(), settings));
  EXPECT_THAT(Numbers(born), ElementsAre("child-repeat", "child-18", "child-15", "adult-repeat", "adult-20",
                                         "unborn-16", "adult-unknown", "adult-none"));
}

TEST(AgendaTest, AmongEqualsTheFirstReceivedComesFirst) {
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(CasesOf({CaseOf("a", kCutOff - absl::Hours(1)),
                                                          CaseOf("b", kCutOff - absl::Hours(3)),
                                                          CaseOf("c", kCutOff - absl::Hours(2))})));
  EXPECT_THAT(Numbers(items), ElementsAre("b", "c", "a"));
  EXPECT_EQ(items[0].order_key(), 1);
  EXPECT_EQ(items[2].order_key(), 3);
}

// Items as the server names them, so that one can be placed.
std::vector<v1::AgendaItem> Named(std::vector<v1::AgendaItem> items) {
  for (v1::AgendaItem& item : items)
    item.set_name("areas/mk/meetings/m/agendaItems/" + item.case_number().substr(6));
  return items;
}

std::vector<v1::AgendaItem> Placed(const std::vector<v1::AgendaItem>& items, const Cases& cases,
                                   const std::string& which, const std::string& before) {
  const auto placed =
      PlaceItem(Scheduled(), items, cases, "areas/mk/meetings/m/agendaItems/" + which,
                before.empty() ? "" : "areas/mk/meetings/m/agendaItems/" + before, DefaultAreaSettings());
  EXPECT_OK(placed.status());
  return placed.value_or(std::vector<v1::AgendaItem>());
}

TEST(AgendaTest, R09ManualOrderWinsAndWhatComesLaterIsBehindIt) {
  Cases cases =
      CasesOf({CaseOf("a"), CaseOf("b", kCutOff - absl::Hours(2)), CaseOf("c", kCutOff - absl::Hours(3))});
  const auto by_rule = Named(Propose(cases).value());
  ASSERT_THAT(Numbers(by_rule), ElementsAre("c", "b", "a"));
  const auto first = Placed(by_rule, cases, "a", "c");
  EXPECT_THAT(Numbers(first), ElementsAre("a", "c", "b"));
  EXPECT_THAT(Numbers(Placed(first, cases, "c", "")), ElementsAre("a", "b", "c")) << "to the end";
  EXPECT_THAT(Numbers(Placed(first, cases, "a", "b")), ElementsAre("c", "a", "b"));

  v1::Case child = CaseOf("child", kCutOff - absl::Hours(5));
  child.add_children()->mutable_name()->set_value("A child");
  v1::Case early = CaseOf("early", kCutOff - absl::Hours(9));
  for (const v1::Case& record : {child, early}) cases[record.name()] = record;
  ASSERT_OK_AND_ASSIGN(const auto later, Propose(cases, first));
  EXPECT_THAT(Numbers(later), ElementsAre("a", "c", "b", "child", "early")) << "those behind by the rule";
  ASSERT_OK_AND_ASSIGN(const auto again, ProposeAgenda(Scheduled(), later, cases, DefaultAreaSettings(),
                                                       At("2026-12-01 10:00"), /*by_rule=*/true));
  EXPECT_THAT(Numbers(again), ElementsAre("child", "early", "c", "b", "a"));
}

// A case that is hidden from whoever orders the agenda must not be told by where the others stand once it is
// gone.
TEST(AgendaTest, R09WhatLeavesTheAgendaMovesNobodyPastAnother) {
  const Cases cases = CasesOf({CaseOf("a"), CaseOf("hidden", kCutOff - absl::Hours(2)),
                               CaseOf("b", kCutOff - absl::Hours(3)), CaseOf("c", kCutOff - absl::Hours(4))});
  auto items = Placed(Named(Propose(cases).value()), cases, "a", "b");
  ASSERT_THAT(Numbers(items), ElementsAre("c", "a", "b", "hidden"));
  items = Placed(items, cases, "hidden", "c");
  items[0].set_state(v1::AGENDA_ITEM_STATE_DEFERRED);
  Cases with_another = cases;
  const v1::Case another = CaseOf("another", kCutOff - absl::Hours(9));
  with_another[another.name()] = another;
  ASSERT_OK_AND_ASSIGN(const auto left, Propose(with_another, items));
  EXPECT_THAT(Numbers(left), ElementsAre("c", "a", "b", "another", "hidden"));
  EXPECT_EQ(left[0].order_key(), 1);
}

TEST(AgendaTest, R09OnlyWhatWaitsHasAPlaceAndOnlyBeforeTheMeeting) {
  const Cases cases = CasesOf({CaseOf("a")});
  auto items = Named(Propose(cases).value());
  const auto place = [&](v1::MeetingState state) {
    v1::Meeting meeting = Scheduled();
    meeting.set_state(state);
    return PlaceItem(meeting, items, cases, items[0].name(), "", DefaultAreaSettings()).status();
  };
  EXPECT_OK(place(v1::MEETING_STATE_CIRCULATED));
  EXPECT_THAT(place(v1::MEETING_STATE_IN_PROGRESS),
              Refuses(absl::StatusCode::kFailedPrecondition, "before it starts"));
  items[0].set_state(v1::AGENDA_ITEM_STATE_DEFERRED);
  EXPECT_THAT(place(v1::MEETING_STATE_SCHEDULED),
              Refuses(absl::StatusCode::kFailedPrecondition, "only one that waits"));
}

TEST(AgendaTest, ProposingAgainAddsWhatIsNewAndChangesNothingElse) {
  Cases cases = CasesOf({CaseOf("a", kCutOff - absl::Hours(1)), CaseOf("b", kCutOff - absl::Hours(2))});
  ASSERT_OK_AND_ASSIGN(auto items, Propose(cases));
  for (v1::AgendaItem& item : items) item.set_name("areas/mk/meetings/m/agendaItems/" + item.case_number());
  ASSERT_OK_AND_ASSIGN(const auto again, Propose(cases, items));
  ASSERT_EQ(again.size(), items.size());
  for (size_t i = 0; i < items.size(); ++i) EXPECT_EQ(again[i].DebugString(), items[i].DebugString());

  cases["areas/mk/cases/c"] = CaseOf("c", kCutOff);
  ASSERT_OK_AND_ASSIGN(const auto more, Propose(cases, items));
  EXPECT_THAT(Numbers(more), ElementsAre("b", "a", "c"));
  EXPECT_EQ(more[0].DebugString(), items[0].DebugString());
}

TEST(AgendaTest, ACaseThisMeetingPutOffIsNotProposedToItAgain) {
  v1::Case deferred = CaseOf("a");
  deferred.set_deferral_count(1);
  ASSERT_OK_AND_ASSIGN(const auto items,
                       Propose(CasesOf({deferred}), {ItemIn(v1::AGENDA_ITEM_STATE_DEFERRED, deferred)}));
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].state(), v1::AGENDA_ITEM_STATE_DEFERRED);
}

TEST(AgendaTest, ACaseListedElsewhereMeanwhileIsTakenOff) {
  v1::Case elsewhere = CaseOf("a");
  elsewhere.set_stage(v1::CASE_STAGE_LISTED);
  elsewhere.set_meeting("areas/mk/meetings/other");
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(CasesOf({elsewhere, CaseOf("b")}),
                                                 {ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED, elsewhere)}));
  EXPECT_THAT(Numbers(items), ElementsAre("b", "a")) << "those taken off come last";
  EXPECT_EQ(items[1].state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
  EXPECT_THAT(items[1].state_reason(), HasSubstr("elsewhere"));
}

TEST(AgendaTest, AnItemShowsWhoIsMeantAndNoMore) {
  v1::Case record = CaseOf("a");
  record.set_reason_line("Because");
  record.add_referring_agencies("agencies/police");
  v1::Party& child = *record.add_children();
  child.mutable_name()->set_value("Child");
  child.mutable_school()->set_value("School");
  child.set_disability(v1::YES_NO_YES);
  record.mutable_victim()->mutable_birth_date()->set_about_year(1990);
  record.mutable_victim()->mutable_ethnicity()->set_value("Something");
  record.mutable_victim()->mutable_nhs_number()->set_value("9434765919");
  record.mutable_victim()->set_lgbt(v1::YES_NO_YES);
  ASSERT_OK_AND_ASSIGN(const auto items, Propose(CasesOf({record})));
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].state(), v1::AGENDA_ITEM_STATE_PROPOSED);
  EXPECT_EQ(items[0].case_name(), record.name());
  EXPECT_EQ(items[0].victim().name().value(), "Victim a");
  EXPECT_EQ(items[0].victim().birth_date().about_year(), 1990);
  EXPECT_FALSE(items[0].victim().has_ethnicity());
  EXPECT_FALSE(items[0].victim().has_nhs_number());
  EXPECT_EQ(items[0].victim().lgbt(), v1::YES_NO_UNSPECIFIED);
  EXPECT_EQ(items[0].children(0).school().value(), "School");
  EXPECT_EQ(items[0].children(0).disability(), v1::YES_NO_UNSPECIFIED);
  EXPECT_EQ(items[0].reason_line(), "Because");
  EXPECT_EQ(items[0].referring_agency(), "agencies/police");
}

absl::StatusOr<std::vector<v1::AgendaItem>> Admit(const Cases& cases, const std::string& id,
                                                  const std::string& reason,
                                                  std::vector<v1::AgendaItem> items = {},
                                                  const v1::Meeting& meeting = Scheduled()) {
  return AdmitLateCase(meeting, std::move(items), cases, "areas/mk/cases/" + id, reason,
                       DefaultAreaSettings());
}

TEST(AdmitLateCaseTest, NeedsAReason) {
  const Cases cases =
      CasesOf({CaseOf("late", kCutOff + absl::Hours(1)), CaseOf("later", kCutOff + absl::Hours(2))});
  EXPECT_THAT(Admit(cases, "late", " \u200b"), Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  ASSERT_OK_AND_ASSIGN(const auto items, Admit(cases, "late", "He is released tomorrow"));
  ASSERT_THAT(Numbers(items), ElementsAre("late")) << "and no other late case comes with it";
  EXPECT_EQ(items[0].state(), v1::AGENDA_ITEM_STATE_PROPOSED);
  EXPECT_EQ(items[0].state_reason(), "He is released tomorrow");
}

TEST(AdmitLateCaseTest, AfterCirculationWaitsForTheNextEdition) {
  v1::Case listed = CaseOf("a");
  listed.set_stage(v1::CASE_STAGE_LISTED);
  listed.set_meeting("areas/mk/meetings/m");
  v1::Case late = CaseOf("late", kCutOff + absl::Hours(1));
  late.add_children();
  ASSERT_OK_AND_ASSIGN(const auto items, Admit(CasesOf({listed, late}), "late", "Reason",
                                               {ItemIn(v1::AGENDA_ITEM_STATE_LISTED, listed)},
                                               MeetingIn(v1::MEETING_STATE_CIRCULATED)));
  ASSERT_THAT(Numbers(items), ElementsAre("late", "a")) << "it has a child (R-09)";
  EXPECT_EQ(items[0].state(), v1::AGENDA_ITEM_STATE_PROPOSED);
  EXPECT_EQ(items[1].state(), v1::AGENDA_ITEM_STATE_LISTED);
}

TEST(AdmitLateCaseTest, ACaseIsOnOneAgendaOnce) {
  v1::Case elsewhere = CaseOf("b");
  elsewhere.set_stage(v1::CASE_STAGE_LISTED);
  const Cases cases = CasesOf({CaseOf("a"), elsewhere});
  EXPECT_THAT(Admit(cases, "a", "Reason", {ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED)}),
              Refuses(absl::StatusCode::kFailedPrecondition, "already"));
  EXPECT_THAT(Admit(cases, "a", "Reason", {ItemIn(v1::AGENDA_ITEM_STATE_DEFERRED)}),
              Refuses(absl::StatusCode::kFailedPrecondition, "already"));
  EXPECT_THAT(Admit(cases, "b", "Reason"), Refuses(absl::StatusCode::kFailedPrecondition, "already"));
}

v1::Meeting Emergency() {
  v1::Meeting meeting = MeetingIn(v1::MEETING_STATE_CIRCULATED);
  meeting.set_name("areas/mk/meetings/e");
  meeting.set_kind(v1::MEETING_KIND_EMERGENCY);
  meeting.mutable_emergency()->set_reason("He was released this morning.");
  return meeting;
}

// marac.md 3: a case that cannot wait is heard outside the cycle.
TEST(EmergencyItemTest, TheCaseIsListedAtOnceAndLeavesTheAgendaThatItWasOn) {
  ASSERT_OK_AND_ASSIGN(const EmergencyListing waited,
                       ListForEmergency(Emergency(), CaseOf("a"), std::nullopt, {}, At("2026-12-01 10:00")));
  EXPECT_FALSE(waited.withdrawn.has_value());
  EXPECT_EQ(waited.listed.item.state(), v1::AGENDA_ITEM_STATE_LISTED);
  EXPECT_EQ(waited.listed.item.state_reason(), "He was released this morning.");
  EXPECT_EQ(waited.listed.item.victim().name().value(), "Victim a");
  EXPECT_EQ(waited.listed.record.stage(), v1::CASE_STAGE_LISTED);
  EXPECT_EQ(waited.listed.record.meeting(), "areas/mk/meetings/e");

  v1::Case listed = CaseOf("a");
  listed.set_stage(v1::CASE_STAGE_LISTED);
  listed.set_meeting("areas/mk/meetings/m");
  v1::Meeting other = MeetingIn(v1::MEETING_STATE_CIRCULATED);
  EXPECT_THAT(ListForEmergency(Emergency(), listed, ItemIn(v1::AGENDA_ITEM_STATE_LISTED, listed), other,
                               At("2026-12-01 10:00")),
              Refuses(absl::StatusCode::kInvalidArgument, "start_time"))
      << "at the same time it is heard where it is";
  *other.mutable_start_time() = ToTimestamp(At("2026-12-09 09:31"));
  ASSERT_OK_AND_ASSIGN(const EmergencyListing taken,
                       ListForEmergency(Emergency(), listed, ItemIn(v1::AGENDA_ITEM_STATE_LISTED, listed),
                                        other, At("2026-12-01 10:00")));
  ASSERT_TRUE(taken.withdrawn.has_value());
  EXPECT_EQ(taken.withdrawn->state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
  EXPECT_THAT(taken.withdrawn->state_reason(), HasSubstr("emergency"));
  EXPECT_EQ(taken.listed.record.meeting(), "areas/mk/meetings/e");
}

TEST(EmergencyItemTest, IsForACaseThatWaitsAndIsOpenToNobodyItMustNotReach) {
  const auto call = [](v1::Case record, std::optional<v1::AgendaItem> item = std::nullopt,
                       const v1::Meeting& other = {}) {
    return ListForEmergency(Emergency(), std::move(record), std::move(item), other, At("2026-12-01 10:00"));
  };
  v1::Case record = CaseOf("a");
  record.set_unresolved_exclusions(1);
  EXPECT_THAT(call(record), Refuses(absl::StatusCode::kFailedPrecondition, "MK-26-a"));
  record.clear_unresolved_exclusions();
  record.set_stage(v1::CASE_STAGE_HEARD);
  EXPECT_THAT(call(record), Refuses(absl::StatusCode::kFailedPrecondition, "was heard"));
  record.set_stage(v1::CASE_STAGE_CLOSED);
  EXPECT_THAT(call(record), Refuses(absl::StatusCode::kFailedPrecondition, "closed"));
  record.set_stage(v1::CASE_STAGE_LISTED);
  record.set_meeting("areas/mk/meetings/m");
  EXPECT_THAT(call(record, ItemIn(v1::AGENDA_ITEM_STATE_OPEN, record), InProgress()),
              Refuses(absl::StatusCode::kFailedPrecondition, "is being held"));
  EXPECT_THAT(call(record, ItemIn(v1::AGENDA_ITEM_STATE_LISTED, record), InProgress()),
              Refuses(absl::StatusCode::kFailedPrecondition, "is being held"));
  record.set_meeting("areas/mk/meetings/e");
  EXPECT_THAT(call(record, ItemIn(v1::AGENDA_ITEM_STATE_LISTED, record), Emergency()),
              Refuses(absl::StatusCode::kFailedPrecondition, "already"));
}

TEST(EmergencyItemTest, HasNoAgendaButItsOneCase) {
  EXPECT_THAT(Propose({}, {}, Emergency()), Refuses(absl::StatusCode::kFailedPrecondition, "one case"));
  EXPECT_THAT(CirculateAgenda(Emergency(), {}, At("2026-12-01 10:00")),
              Refuses(absl::StatusCode::kFailedPrecondition, "one case"));
  EXPECT_THAT(AdmitLateCase(Emergency(), {}, CasesOf({CaseOf("a")}), CaseOf("a").name(), "Late",
                            DefaultAreaSettings()),
              Refuses(absl::StatusCode::kFailedPrecondition, "one case"));
}

// Where the emergency meeting is not held after all, the case waits as it did before, and was not put off.
TEST(EmergencyItemTest, R07OneThatIsNotHeldIsNoDeferral) {
  v1::Case record = CaseOf("a");
  record.set_stage(v1::CASE_STAGE_LISTED);
  const ItemAndCase taken{ItemIn(v1::AGENDA_ITEM_STATE_LISTED, record), record};
  const v1::AgendaItem from = ItemIn(v1::AGENDA_ITEM_STATE_WITHDRAWN, record);
  const absl::Time now = At("2026-12-01 10:00");
  const EmergencyTakenBack back =
      TakeBackEmergency(taken, from, MeetingIn(v1::MEETING_STATE_CIRCULATED), now);
  EXPECT_EQ(back.taken.item.state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
  ASSERT_TRUE(back.listed_again.has_value());
  EXPECT_EQ(back.listed_again->state(), v1::AGENDA_ITEM_STATE_LISTED);
  EXPECT_EQ(back.listed_again->state_reason(), "");
  EXPECT_EQ(back.taken.record.meeting(), "areas/mk/meetings/m");
  EXPECT_EQ(back.taken.record.stage(), v1::CASE_STAGE_LISTED);
  EXPECT_EQ(back.taken.record.deferral_count(), 0);

  // That meeting has begun without it, or there was none.
  for (const EmergencyTakenBack& next :
       {TakeBackEmergency(taken, from, InProgress(), now), TakeBackEmergency(taken, std::nullopt, {}, now)}) {
    EXPECT_FALSE(next.listed_again.has_value());
    EXPECT_EQ(next.taken.record.stage(), v1::CASE_STAGE_ACCEPTED);
    EXPECT_EQ(next.taken.record.meeting(), "");
    EXPECT_EQ(next.taken.record.deferral_count(), 0);
  }
}

// Where the emergency meeting is not held after all, the agenda that the case was on has it again.
TEST(EmergencyItemTest, ACaseThatWasTakenOffComesBack) {
  v1::Case record = CaseOf("a");
  std::vector<v1::AgendaItem> items = {ItemIn(v1::AGENDA_ITEM_STATE_WITHDRAWN, record)};
  ASSERT_OK_AND_ASSIGN(items, Propose(CasesOf({record}), items));
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].state(), v1::AGENDA_ITEM_STATE_PROPOSED);
  ASSERT_OK_AND_ASSIGN(items, Propose(CasesOf({record}), items));
  EXPECT_EQ(items.size(), 2U) << "once";
}

TEST(CirculateAgendaTest, ListsWhatIsProposedAndCountsTheEdition) {
  v1::Case listed = CaseOf("b");
  listed.set_stage(v1::CASE_STAGE_LISTED);
  ASSERT_OK_AND_ASSIGN(const Circulation first,
                       CirculateAgenda(Scheduled(), {{ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED), CaseOf("a")}},
                                       At("2026-12-02 17:00")));
  EXPECT_EQ(first.meeting.state(), v1::MEETING_STATE_CIRCULATED);
  EXPECT_EQ(first.meeting.agenda_edition(), 1);
  EXPECT_EQ(FromTimestamp(first.meeting.circulate_time()), At("2026-12-02 17:00"));
  ASSERT_EQ(first.changed.size(), 1U);
  EXPECT_EQ(first.changed[0].item.state(), v1::AGENDA_ITEM_STATE_LISTED);
  EXPECT_EQ(first.changed[0].record.stage(), v1::CASE_STAGE_LISTED);
  EXPECT_EQ(first.changed[0].record.meeting(), "areas/mk/meetings/m");

  ASSERT_OK_AND_ASSIGN(
      const Circulation second,
      CirculateAgenda(first.meeting,
                      {first.changed[0], {ItemIn(v1::AGENDA_ITEM_STATE_DEFERRED), CaseOf("c")}},
                      At("2026-12-03 17:00")));
  EXPECT_EQ(second.meeting.agenda_edition(), 2);
  EXPECT_THAT(second.changed, IsEmpty()) << "what is listed or put off stays as it is";
}

TEST(AgendaTest, R22WhoCameWithAFurtherReferralIsOnTheAgendaWhileTheCaseIs) {
  v1::Case record = CaseOf("a");
  record.add_children()->mutable_name()->set_value("A child");
  for (int state = 0; state < v1::AgendaItemState_ARRAYSIZE; ++state) {
    const bool on_agenda = state == v1::AGENDA_ITEM_STATE_PROPOSED || state == v1::AGENDA_ITEM_STATE_LISTED ||
                           state == v1::AGENDA_ITEM_STATE_OPEN;
    EXPECT_EQ(WithPeopleOf(record, ItemIn(static_cast<v1::AgendaItemState>(state))).children_size(),
              on_agenda ? 1 : 0)
        << state;
  }
  ASSERT_OK_AND_ASSIGN(const auto proposed,
                       Propose(CasesOf({record}), {ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED)}));
  EXPECT_EQ(proposed[0].children_size(), 1);
  ASSERT_OK_AND_ASSIGN(const Circulation circulation,
                       CirculateAgenda(Scheduled(), {{ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED), record}},
                                       At("2026-12-02 17:00")));
  EXPECT_EQ(circulation.changed[0].item.children_size(), 1);
}

TEST(CirculateAgendaTest, WaitsForWhoMustNotReceiveIt) {
  v1::Case open = CaseOf("a");
  open.set_unresolved_exclusions(1);
  const auto refused =
      CirculateAgenda(Scheduled(), {{ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED), open}}, At("2026-12-02 17:00"));
  EXPECT_THAT(refused, Refuses(absl::StatusCode::kFailedPrecondition, "MK-26-a"));
  EXPECT_EQ(DetailOf(refused.status()).reason(), "UNRESOLVED_EXCLUSIONS");
  open.set_unresolved_exclusions(0);
  EXPECT_OK(
      CirculateAgenda(Scheduled(), {{ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED), open}}, At("2026-12-02 17:00")));
  open.set_unresolved_exclusions(1);
  EXPECT_OK(
      CirculateAgenda(Scheduled(), {{ItemIn(v1::AGENDA_ITEM_STATE_DEFERRED), open}}, At("2026-12-02 17:00")))
      << "a case that is not going out may wait for its answers";
}

TEST(CirculateAgendaTest, ACaseListedElsewhereMeanwhileIsTakenOff) {
  v1::Case elsewhere = CaseOf("a");
  elsewhere.set_stage(v1::CASE_STAGE_LISTED);
  elsewhere.set_meeting("areas/mk/meetings/other");
  ASSERT_OK_AND_ASSIGN(const Circulation circulation,
                       CirculateAgenda(Scheduled(), {{ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED), elsewhere}},
                                       At("2026-12-02 17:00")));
  ASSERT_EQ(circulation.changed.size(), 1U);
  EXPECT_EQ(circulation.changed[0].item.state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
  EXPECT_EQ(circulation.changed[0].record.meeting(), "areas/mk/meetings/other");
}

// Every state and every verb; what is not here is refused.
TEST(AgendaItemStateTest, EachStateTakesItsVerbsAndNoOthers) {
  using enum ItemVerb;
  const std::vector<std::pair<v1::AgendaItemState, std::vector<ItemVerb>>> table = {
      {v1::AGENDA_ITEM_STATE_UNSPECIFIED, {}},
      {v1::AGENDA_ITEM_STATE_PROPOSED, {kPlace, kDefer}},
      {v1::AGENDA_ITEM_STATE_LISTED, {kPlace, kOpen, kDefer}},
      {v1::AGENDA_ITEM_STATE_OPEN, {kRecord, kClose, kDefer}},
      {v1::AGENDA_ITEM_STATE_HEARD, {}},
      {v1::AGENDA_ITEM_STATE_DEFERRED, {}},
      {v1::AGENDA_ITEM_STATE_WITHDRAWN, {}},
  };
  ASSERT_EQ(static_cast<int>(table.size()), v1::AgendaItemState_ARRAYSIZE);
  for (const auto& [state, taken] : table) {
    for (ItemVerb verb : {kPlace, kOpen, kRecord, kClose, kDefer}) {
      const bool takes = std::ranges::count(taken, verb) > 0;
      const absl::Status status = CheckItemState(state, verb);
      EXPECT_EQ(status.ok(), takes) << v1::AgendaItemState_Name(state) << " " << static_cast<int>(verb);
      if (!takes) {
        EXPECT_THAT(status, Refuses(absl::StatusCode::kFailedPrecondition, "this case"));
      }
    }
  }
}

ItemAndCase OpenCase() {
  ItemAndCase open = {ItemIn(v1::AGENDA_ITEM_STATE_OPEN), CaseOf("a")};
  *open.item.mutable_discussion() = CompleteDiscussion();
  open.record.set_stage(v1::CASE_STAGE_LISTED);
  open.record.set_meeting("areas/mk/meetings/m");
  return open;
}

ItemAndCase ListedCase() {
  ItemAndCase listed = OpenCase();
  listed.item = ItemIn(v1::AGENDA_ITEM_STATE_LISTED);
  return listed;
}

const absl::Time kNow = At("2026-12-09 09:50");
const std::vector<std::string> kAgencies = {"agencies/idva", "agencies/police"};

TEST(HearingTest, CasesAreHeardWhileTheMeetingIsInProgress) {
  for (v1::MeetingState state :
       {v1::MEETING_STATE_SCHEDULED, v1::MEETING_STATE_CIRCULATED, v1::MEETING_STATE_CLOSED}) {
    const v1::Meeting meeting = MeetingIn(state);
    EXPECT_THAT(OpenItem(ListedCase(), meeting, {}, Stage::kListed, kNow),
                Refuses(absl::StatusCode::kFailedPrecondition, "in progress"));
    EXPECT_THAT(
        RecordDiscussion(ItemIn(v1::AGENDA_ITEM_STATE_OPEN), meeting, CompleteDiscussion(), kAgencies),
        Refuses(absl::StatusCode::kFailedPrecondition, "in progress"));
    EXPECT_THAT(CloseItem(OpenCase(), meeting, /*consented=*/true, kNow),
                Refuses(absl::StatusCode::kFailedPrecondition, "in progress"));
  }
}

TEST(HearingTest, OpeningStartsTheClock) {
  ASSERT_OK_AND_ASSIGN(const ItemAndCase opened,
                       OpenItem(ListedCase(), InProgress(), {}, Stage::kListed, kNow));
  EXPECT_EQ(opened.item.state(), v1::AGENDA_ITEM_STATE_OPEN);
  EXPECT_EQ(FromTimestamp(opened.item.open_time()), kNow);
  EXPECT_EQ(opened.record.SerializeAsString(), ListedCase().record.SerializeAsString());
}

TEST(HearingTest, OneCaseIsOpenAtATimeAndTheOtherIsNamed) {
  v1::AgendaItem other = ItemIn(v1::AGENDA_ITEM_STATE_OPEN, CaseOf("b"));
  EXPECT_THAT(OpenItem(ListedCase(), InProgress(), {other}, Stage::kListed, kNow),
              Refuses(absl::StatusCode::kFailedPrecondition, "MK-26-b is open"));
  other.set_state(v1::AGENDA_ITEM_STATE_HEARD);
  EXPECT_OK(OpenItem(ListedCase(), InProgress(), {other}, Stage::kListed, kNow));
}

ItemAndCase PutOffToday() {
  return *DeferItem(ListedCase(), InProgress(), "Nobody came for the referrer", "At her sister's", kNow);
}

TEST(HearingTest, R07ADeferralIsTakenBackOnTheDayAndNotCounted) {
  ItemAndCase put_off = PutOffToday();
  ASSERT_EQ(put_off.record.deferral_count(), 1);
  put_off.record.add_children()->mutable_name()->set_value("Came meanwhile");
  ASSERT_OK_AND_ASSIGN(const ItemAndCase opened,
                       OpenItem(put_off, InProgress(), {}, Stage::kListed, kNow + absl::Minutes(30)));
  EXPECT_EQ(opened.item.state(), v1::AGENDA_ITEM_STATE_OPEN);
  EXPECT_EQ(opened.item.state_reason(), "");
  EXPECT_EQ(opened.item.safety_plan(), "");
  EXPECT_FALSE(opened.item.has_close_time());
  EXPECT_EQ(opened.item.children(0).name().value(), "Came meanwhile");
  EXPECT_EQ(opened.record.stage(), v1::CASE_STAGE_LISTED);
  EXPECT_EQ(opened.record.meeting(), "areas/mk/meetings/m");
  EXPECT_EQ(opened.record.deferral_count(), 0);
}

TEST(HearingTest, R07ADeferralStandsOnAnotherDayOnAnotherAgendaAndWhatWasNotCirculated) {
  const auto refused = [](const ItemAndCase& put_off, Stage stage, absl::Time now) {
    EXPECT_THAT(OpenItem(put_off, InProgress(), {}, stage, now),
                Refuses(absl::StatusCode::kFailedPrecondition, "this case was put off"));
  };
  refused(PutOffToday(), Stage::kListed, kNow + absl::Hours(24));
  refused(PutOffToday(), Stage::kAccepted, kNow);
  ItemAndCase elsewhere = PutOffToday();
  elsewhere.record.set_stage(v1::CASE_STAGE_LISTED);
  elsewhere.record.set_meeting("areas/mk/meetings/next");
  refused(elsewhere, Stage::kListed, kNow);
  ItemAndCase asked = PutOffToday();
  asked.record.set_unresolved_exclusions(1);
  refused(asked, Stage::kListed, kNow);
}

TEST(HearingTest, ADiscussionIsSavedWholeAndAsIncompleteAsItIs) {
  v1::AgendaItem item = ItemIn(v1::AGENDA_ITEM_STATE_OPEN);
  *item.mutable_discussion() = CompleteDiscussion();
  v1::Discussion less;
  less.set_presenter("Police");
  ASSERT_OK_AND_ASSIGN(item, RecordDiscussion(item, InProgress(), less, kAgencies));
  EXPECT_EQ(item.discussion().DebugString(), less.DebugString());
  less.set_latest_incident(std::string(16001, 'x'));
  EXPECT_THAT(RecordDiscussion(item, InProgress(), less, kAgencies),
              Refuses(absl::StatusCode::kInvalidArgument, "discussion.latest_incident"));
}

TEST(HearingTest, InformationIsOfAgenciesThatAreThereToGiveIt) {
  v1::Discussion discussion = CompleteDiscussion();
  discussion.add_information()->set_agency("agencies/police");
  discussion.add_information()->set_agency("agencies/nobody");
  EXPECT_THAT(RecordDiscussion(ItemIn(v1::AGENDA_ITEM_STATE_OPEN), InProgress(), discussion, kAgencies),
              Refuses(absl::StatusCode::kInvalidArgument, "discussion.information[1].agency"));
}

TEST(HearingTest, WithoutConsentSharingIsSaidToBeProportionate) {  // marac.md 4.4
  ItemAndCase open = OpenCase();
  EXPECT_THAT(CloseItem(open, InProgress(), /*consented=*/false, kNow),
              Refuses(absl::StatusCode::kFailedPrecondition, "discussion.proportionality"));
  open.item.mutable_discussion()->set_proportionality("Only what keeps her safe, with those who can");
  EXPECT_OK(CloseItem(open, InProgress(), /*consented=*/false, kNow));
}

struct Part {
  const char* field;
  std::function<void(v1::Discussion&)> empty;
};
class MandatoryPartTest : public ::testing::TestWithParam<Part> {};

TEST_P(MandatoryPartTest, KeepsACaseOpen) {  // marac.md 4.4
  ItemAndCase open = OpenCase();
  GetParam().empty(*open.item.mutable_discussion());
  const auto refused = CloseItem(open, InProgress(), /*consented=*/true, kNow);
  EXPECT_THAT(refused, Refuses(absl::StatusCode::kFailedPrecondition, GetParam().field));
  const v1::ErrorDetail detail = DetailOf(refused.status());
  EXPECT_EQ(detail.reason(), "NOT_COMPLETE");
  ASSERT_EQ(detail.field_violations_size(), 1);
  EXPECT_EQ(detail.field_violations(0).field(), GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    EachPart, MandatoryPartTest,
    ::testing::Values(
        Part{"discussion.presenter", [](auto& d) { d.set_presenter(" "); }},
        Part{"discussion.latest_incident", [](auto& d) { d.clear_latest_incident(); }},
        Part{"discussion.children_considered", [](auto& d) { d.clear_children_considered(); }},
        Part{"discussion.victim_views", [](auto& d) { d.set_victim_views("\n"); }},
        Part{"discussion.victim_views_source", [](auto& d) { d.clear_victim_views_source(); }},
        Part{"discussion.risk_summary", [](auto& d) { d.clear_risk_summary(); }},
        Part{"discussion.victim_update_by", [](auto& d) { d.clear_victim_update_by(); }},
        Part{"discussion.victim_update_method", [](auto& d) { d.clear_victim_update_method(); }},
        Part{"discussion.information[0].basis",
             [](auto& d) {
               d.add_information()->set_agency("agencies/police");
               d.mutable_information(0)->set_text("Called twice");
             }},
        Part{"discussion.information[0].text",
             [](auto& d) {
               d.add_information()->set_agency("agencies/police");
               d.mutable_information(0)->set_basis(v1::INFORMATION_BASIS_FACT);
             }},
        Part{"discussion.information[0].agency", [](auto& d) {
               d.add_information()->set_text("Called twice");
               d.mutable_information(0)->set_basis(v1::INFORMATION_BASIS_OPINION);
             }}));

TEST(HearingTest, AHeardCaseHasItsAnchorAndAFlagOfTwelveMonths) {
  ASSERT_OK_AND_ASSIGN(const ItemAndCase heard,
                       CloseItem(OpenCase(), InProgress(), /*consented=*/true, kNow));
  EXPECT_EQ(heard.item.state(), v1::AGENDA_ITEM_STATE_HEARD);
  EXPECT_EQ(FromTimestamp(heard.item.close_time()), kNow);
  EXPECT_EQ(heard.record.last_heard_day().ShortDebugString(), "year: 2026 month: 12 day: 9");
  EXPECT_EQ(heard.record.flag_last_day().ShortDebugString(), "year: 2027 month: 12 day: 9");
  ASSERT_OK_AND_ASSIGN(const ItemAndCase leap,
                       CloseItem(OpenCase(), InProgress(), /*consented=*/true, At("2028-02-29 23:30")));
  EXPECT_EQ(leap.record.flag_last_day().ShortDebugString(), "year: 2029 month: 2 day: 28");
}

TEST(HearingTest, TheDayIsThatOfLondon) {
  ASSERT_OK_AND_ASSIGN(
      const ItemAndCase heard,
      CloseItem(OpenCase(), InProgress(), /*consented=*/true,
                absl::FromCivil(absl::CivilSecond(2026, 6, 9, 23, 30, 0), absl::UTCTimeZone())));
  EXPECT_EQ(heard.record.last_heard_day().day(), 10);
}

TEST(HearingTest, AHeardCaseStaysOpenUntilTheVictimWasTold) {
  ASSERT_OK_AND_ASSIGN(const ItemAndCase heard,
                       CloseItem(OpenCase(), InProgress(), /*consented=*/true, kNow));
  EXPECT_EQ(heard.record.stage(), v1::CASE_STAGE_HEARD);
  EXPECT_FALSE(heard.record.has_victim_update());
  EXPECT_FALSE(heard.record.has_closure());
}

TEST(DeferItemTest, NeedsAReasonAndASafetyPlan) {
  EXPECT_THAT(DeferItem(OpenCase(), InProgress(), " ", "Plan", kNow),
              Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  EXPECT_THAT(DeferItem(OpenCase(), InProgress(), "Reason", "\t", kNow),
              Refuses(absl::StatusCode::kInvalidArgument, "safety_plan"));
}

TEST(DeferItemTest, TheCaseWaitsForTheNextAgendaAndIsCounted) {
  ItemAndCase open = OpenCase();
  open.record.set_deferral_count(1);
  ASSERT_OK_AND_ASSIGN(
      const ItemAndCase deferred,
      DeferItem(open, InProgress(), "Nobody came for the referrer", "Stays with her sister", kNow));
  EXPECT_EQ(deferred.item.state(), v1::AGENDA_ITEM_STATE_DEFERRED);
  EXPECT_EQ(deferred.item.state_reason(), "Nobody came for the referrer");
  EXPECT_EQ(deferred.item.safety_plan(), "Stays with her sister");
  EXPECT_EQ(FromTimestamp(deferred.item.close_time()), kNow);
  EXPECT_EQ(deferred.record.deferral_count(), 2);
  EXPECT_FALSE(deferred.record.has_last_heard_day()) << "put off is not heard";
  v1::Meeting next = Scheduled();
  next.set_name("areas/mk/meetings/next");
  EXPECT_TRUE(AwaitsMeeting(deferred.record, next));
}

TEST(DeferItemTest, IsDoneUntilTheMeetingIsClosed) {
  for (v1::MeetingState state :
       {v1::MEETING_STATE_SCHEDULED, v1::MEETING_STATE_CIRCULATED, v1::MEETING_STATE_IN_PROGRESS}) {
    EXPECT_OK(DeferItem(OpenCase(), MeetingIn(state), "Reason", "Plan", kNow));
  }
  EXPECT_THAT(DeferItem(OpenCase(), MeetingIn(v1::MEETING_STATE_CLOSED), "Reason", "Plan", kNow),
              Refuses(absl::StatusCode::kFailedPrecondition, "closed"));
}

std::vector<v1::AgendaItem> ManyItems(int count) {
  return std::vector<v1::AgendaItem>(static_cast<size_t>(count), ItemIn(v1::AGENDA_ITEM_STATE_LISTED));
}

TEST(CapacityTest, OneCaseMoreThanFitsIsWarnedOfWithItsMinutes) {
  v1::AreaSettings settings = DefaultAreaSettings();
  settings.set_warn_above_cases(100);
  // Three hours without the opening are seventeen slots of ten minutes.
  EXPECT_EQ(ExpectedOverrunMinutes(Scheduled(), ManyItems(17), settings, kNow), 0);
  EXPECT_THAT(AgendaWarnings(Scheduled(), ManyItems(17), {}, settings, kNow), IsEmpty());
  EXPECT_EQ(ExpectedOverrunMinutes(Scheduled(), ManyItems(18), settings, kNow), 10);
  EXPECT_THAT(AgendaWarnings(Scheduled(), ManyItems(18), {}, settings, kNow),
              ElementsAre(HasSubstr("18 cases are on the agenda and 17 fit: expect to run 10 minutes over")));
}

TEST(CapacityTest, ALongAgendaIsWarnedOfAboveTheAreasNumber) {
  const v1::AreaSettings settings = DefaultAreaSettings();
  EXPECT_THAT(AgendaWarnings(Scheduled(), ManyItems(15), {}, settings, kNow), IsEmpty());
  EXPECT_THAT(AgendaWarnings(Scheduled(), ManyItems(16), {}, settings, kNow),
              ElementsAre(HasSubstr("more than 15")));
}

TEST(CapacityTest, WhatWasTakenOffTakesNoTime) {
  std::vector<v1::AgendaItem> items = ManyItems(17);
  items.push_back(ItemIn(v1::AGENDA_ITEM_STATE_DEFERRED));
  items.push_back(ItemIn(v1::AGENDA_ITEM_STATE_WITHDRAWN));
  v1::AreaSettings settings = DefaultAreaSettings();
  settings.set_warn_above_cases(100);
  EXPECT_EQ(ExpectedOverrunMinutes(Scheduled(), items, settings, kNow), 0);
  EXPECT_THAT(AgendaWarnings(Scheduled(), items, {}, settings, kNow), IsEmpty());
}

TEST(CapacityTest, AMeetingInProgressIsReckonedFromNow) {
  v1::AreaSettings settings = DefaultAreaSettings();
  settings.set_break_minutes(5);
  std::vector<v1::AgendaItem> items = ManyItems(2);
  items.push_back(ItemIn(v1::AGENDA_ITEM_STATE_OPEN));
  *items.back().mutable_open_time() = ToTimestamp(At("2026-12-09 12:06"));
  // 12:10, and still 5 of the break, 6 of the open case and 20 of the two waiting: 12:41.
  EXPECT_EQ(ExpectedOverrunMinutes(InProgress(), items, settings, At("2026-12-09 12:10")), 11);
  EXPECT_EQ(
      ExpectedOverrunMinutes(MeetingIn(v1::MEETING_STATE_CLOSED), items, settings, At("2026-12-09 12:40")),
      0);
}

TEST(AgendaWarningsTest, TheSecondDeferralIsToldToTheChair) {
  v1::AgendaItem item = ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED);
  item.set_deferral_count(1);
  EXPECT_THAT(AgendaWarnings(Scheduled(), {item}, {}, DefaultAreaSettings(), kNow), IsEmpty());
  item.set_deferral_count(2);
  EXPECT_THAT(AgendaWarnings(Scheduled(), {item}, {}, DefaultAreaSettings(), kNow),
              ElementsAre("MK-26-a was deferred 2 times: the chair must know."));
}

TEST(AgendaWarningsTest, R06AnAgendaThatWentOutBeforeTheCutOffIsProposedAgain) {
  v1::Meeting meeting = MeetingIn(v1::MEETING_STATE_CIRCULATED);
  *meeting.mutable_circulate_time() = ToTimestamp(kCutOff);
  EXPECT_THAT(AgendaWarnings(meeting, {}, {}, DefaultAreaSettings(), kNow),
              ElementsAre(HasSubstr("before the cut-off (27 November 2026, 12:00): propose it again")));
  *meeting.mutable_circulate_time() = ToTimestamp(kCutOff + kTick);
  EXPECT_THAT(AgendaWarnings(meeting, {}, {}, DefaultAreaSettings(), kNow), IsEmpty());
}

TEST(AgendaWarningsTest, PeopleNotAnsweredAreToldByCaseNumber) {
  v1::Case open = CaseOf("a");
  open.set_unresolved_exclusions(2);
  EXPECT_THAT(AgendaWarnings(Scheduled(), {ItemIn(v1::AGENDA_ITEM_STATE_PROPOSED)}, CasesOf({open}),
                             DefaultAreaSettings(), kNow),
              ElementsAre(HasSubstr("MK-26-a: 2 of the people")));
}

}  // namespace
}  // namespace marac::domain
