#include "domain/area_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/area_settings.h"
#include "domain/errors.h"
#include "domain/timestamp.h"
#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Refuses;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, London(), &time, &error)) << error;
  return time;
}

// "settings.slot_minutes: 10 > 12".
std::vector<std::string> Lines(const std::vector<v1::SettingChange>& changes) {
  std::vector<std::string> lines;
  for (const v1::SettingChange& change : changes)
    lines.push_back(change.field() + ": " + change.before() + " > " + change.after());
  return lines;
}

class AreaChangeTest : public ::testing::Test {
 protected:
  AreaChangeTest() {
    before_.set_name("areas/test");
    before_.set_display_name("Test");
    *before_.mutable_settings() = DefaultAreaSettings();
    before_.mutable_settings()->set_instrument("plain24@1.0");
    before_.mutable_settings()->set_policy("default@1.0");
    wanted_ = before_;
    // Wednesdays, a fortnight apart, from 9:30 to 12:30.
    v1::ScheduleMeetingsRequest request;
    v1::Day& first = *request.mutable_first_day();
    first.set_year(2026);
    first.set_month(6);
    first.set_day(3);
    request.set_count(3);
    request.set_start_minute(9 * 60 + 30);
    request.mutable_length()->set_seconds(3 * 3600);
    request.set_venue("Room 4");
    const auto planned =
        PlanSeries(request, {before_.settings(), calendar_, {}, agencies_, At("2026-05-01 10:00")});
    EXPECT_TRUE(planned.ok()) << planned.status();
    if (planned.ok()) meetings_ = *planned;
    for (size_t i = 0; i < meetings_.size(); ++i) meetings_[i].set_name("m" + std::to_string(i));
  }

  v1::AreaSettings& wanted() { return *wanted_.mutable_settings(); }
  absl::StatusOr<AreaEffect> Effect() {
    return EffectOf(before_, wanted_, {wanted_.settings(), calendar_, meetings_, agencies_, now_});
  }
  AreaEffect Made() {
    const absl::StatusOr<AreaEffect> effect = Effect();
    EXPECT_TRUE(effect.ok()) << effect.status();
    return effect.ok() ? *effect : AreaEffect();
  }

  const WorkingDays calendar_ = marac::testing::Calendar("england_and_wales");
  const std::vector<std::string> agencies_ = {"agencies/police", "agencies/idva"};
  absl::Time now_ = At("2026-05-11 10:00");
  std::vector<v1::Meeting> meetings_;
  v1::Area before_;
  v1::Area wanted_;
};

TEST_F(AreaChangeTest, EverySettingThatIsAnotherIsNamedWithWhatItWas) {
  wanted_.set_display_name("Testshire");
  wanted().set_slot_minutes(12);
  wanted().mutable_cut_off()->set_working_days(-10);
  wanted().mutable_limits()->set_opens_per_day(100);
  wanted().set_research_mode(v1::RESEARCH_MODE_SHARED);
  EXPECT_THAT(
      Lines(ChangesOf(before_, wanted_)),
      ElementsAre("display_name: Test > Testshire", "settings.slot_minutes: 10 > 12",
                  "settings.cut_off.working_days: -8 > -10", "settings.limits.opens_per_day: 200 > 100",
                  "settings.research_mode: RESEARCH_MODE_PRIVATE > RESEARCH_MODE_SHARED"));
}

TEST_F(AreaChangeTest, OfAListWhatCameAndWhatWentIsNamed) {
  wanted().mutable_source_categories()->DeleteSubrange(0, 1);
  wanted().add_source_categories("GP");
  v1::ActionKind& kind = *wanted().add_action_kinds();
  kind.set_code("DRIVE");
  kind.set_label("Drive \xE2\x80\x93 panel");
  EXPECT_THAT(Lines(ChangesOf(before_, wanted_)),
              ElementsAre("settings.source_categories: POLICE > ", "settings.source_categories:  > GP",
                          "settings.action_kinds:  > code: \"DRIVE\" label: \"Drive \xE2\x80\x93 panel\""));
}

TEST_F(AreaChangeTest, AListInAnotherOrderIsNamedWhole) {
  wanted().mutable_source_categories()->SwapElements(0, 1);
  const std::vector<v1::SettingChange> changes = ChangesOf(before_, wanted_);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_THAT(changes[0].before(), HasSubstr("POLICE\nIDVA\n"));
  EXPECT_THAT(changes[0].after(), HasSubstr("IDVA\nPOLICE\n"));
}

TEST_F(AreaChangeTest, WhatIsLeftOutIsTheSameAsNothing) {
  before_.mutable_settings()->clear_limits();
  wanted().mutable_limits()->Clear();
  EXPECT_THAT(ChangesOf(before_, wanted_), IsEmpty());
}

TEST_F(AreaChangeTest, NothingThatIsAnotherAltersNothing) {
  const AreaEffect effect = Made();
  EXPECT_THAT(effect.changes, IsEmpty());
  EXPECT_THAT(effect.consequences, IsEmpty());
  EXPECT_THAT(effect.meetings, IsEmpty());
}

TEST_F(AreaChangeTest, R05ACutOffThatMovesMovesThatOfTheMeetingsToCome) {
  wanted().mutable_cut_off()->set_working_days(-10);
  const AreaEffect effect = Made();
  ASSERT_THAT(effect.meetings, SizeIs(3));
  // The spring bank holiday is 25 May 2026.
  EXPECT_EQ(FromTimestamp(effect.meetings[0].deadlines().cut_off_time()), At("2026-05-19 12:00"));
  EXPECT_EQ(effect.meetings[0].name(), "m0");
  EXPECT_THAT(
      effect.consequences,
      ElementsAre("Referral cut-off: changes for 3 meetings whose agenda has not gone out. For the first, "
                  "on 3 June 2026: 19 May 2026, 12:00, instead of 21 May 2026, 12:00."));
}

TEST_F(AreaChangeTest, R08ALongerCaseLeavesRoomForFewer) {
  wanted().set_slot_minutes(15);
  const AreaEffect effect = Made();
  ASSERT_THAT(effect.meetings, SizeIs(3));
  EXPECT_EQ(effect.meetings[2].capacity(), 11) << "180-10-0 at 15";
  EXPECT_THAT(
      effect.consequences,
      ElementsAre("Number of cases that fit: changes for 3 meetings whose agenda has not gone out. For "
                  "the first, on 3 June 2026: 11, instead of 17."));
}

TEST_F(AreaChangeTest, WhatWasCirculatedStaysAsItWasTold) {
  meetings_[0].set_state(v1::MEETING_STATE_CIRCULATED);
  meetings_[1].set_kind(v1::MEETING_KIND_EMERGENCY);
  wanted().mutable_cut_off()->set_working_days(-10);
  const AreaEffect effect = Made();
  ASSERT_THAT(effect.meetings, SizeIs(1));
  EXPECT_EQ(effect.meetings[0].name(), "m2") << "nor is an emergency meeting of the cycle";
  EXPECT_THAT(effect.consequences, ElementsAre(HasSubstr("For that on 1 July 2026"),
                                               "1 meeting whose agenda went out stays as it was told."));
}

TEST_F(AreaChangeTest, AMeetingThatIsOverAndNeverWentOutIsLeftAlone) {
  now_ = FromTimestamp(meetings_[0].start_time());
  wanted().set_slot_minutes(15);
  EXPECT_THAT(Made().meetings, SizeIs(2)) << "from its first moment";
  now_ -= absl::Minutes(1);
  EXPECT_THAT(Made().meetings, SizeIs(3));
}

// what came after it, and was in time before, nobody would have decided.
TEST_F(AreaChangeTest, R06ACutOffThatWouldBeOverAlreadySaysSo) {
  wanted().mutable_cut_off()->set_working_days(-10);
  now_ = At("2026-05-19 11:59");
  EXPECT_THAT(Made().consequences, Not(Contains(HasSubstr("over already"))));
  now_ = At("2026-05-19 12:00");
  const AreaEffect effect = Made();
  EXPECT_THAT(
      effect.consequences,
      Contains("The cut-off of the meeting on 3 June 2026 would be over already: a case that came after it "
               "is for the chair to admit."));
  EXPECT_THAT(effect.meetings[0].warnings(), Contains(HasSubstr("cut-off for this day is over already")));
  EXPECT_THAT(effect.meetings[1].warnings(),
              Not(Contains(HasSubstr("cut-off for this day is over already"))));

  // And back again: what was said is taken back with it.
  before_ = wanted_;
  meetings_[0] = effect.meetings[0];
  wanted().mutable_cut_off()->set_working_days(-8);
  EXPECT_THAT(Made().meetings[0].warnings(),
              Not(Contains(HasSubstr("cut-off for this day is over already"))));
}

TEST_F(AreaChangeTest, ACutOffThatWasOverBeforeIsNotWarnedOf) {
  now_ = At("2026-05-21 12:00");
  wanted().mutable_cut_off()->set_working_days(-10);
  const AreaEffect effect = Made();
  EXPECT_THAT(effect.consequences, Not(Contains(HasSubstr("over already"))));
  EXPECT_THAT(effect.meetings[0].warnings(), Not(Contains(HasSubstr("over already"))));
}

TEST_F(AreaChangeTest, R08OpeningAndBreaksThatLeaveNoTimeAreRefused) {
  meetings_[1].mutable_end_time()->set_seconds(meetings_[1].start_time().seconds() + 60 * 60);
  wanted().set_opening_minutes(50);
  EXPECT_THAT(Made().meetings, SizeIs(3)) << "one case fits";
  wanted().set_opening_minutes(51);
  EXPECT_THAT(Effect(), Refuses(absl::StatusCode::kInvalidArgument, "17 June 2026"));
}

TEST_F(AreaChangeTest, WarningsOfHolidaysAreThoseOfTheNewDates) {
  const std::string told = "3 June 2026 is closed (a strike): the meeting is on another day instead.";
  meetings_[0].mutable_warnings()->Clear();
  meetings_[0].add_warnings(told);
  wanted().mutable_minutes_due()->set_working_days(5);
  const AreaEffect effect = Made();
  EXPECT_THAT(effect.meetings[0].warnings(), Contains(told)) << "no rule of the dates said it";
}

TEST_F(AreaChangeTest, WhatIsThereAlreadyIsNamedWhereItStaysAndWhereItDoesNot) {
  wanted().set_policy("default@2.0");
  wanted().set_instrument("plain24@2.0");
  wanted().set_manager_working_days(5);
  wanted().set_higher_score_first(true);
  EXPECT_THAT(Made().consequences,
              ElementsAre("Assessments that were begun stay on the form and the rules that they began with.",
                          "An agenda keeps its order until it is proposed again.",
                          "It holds at once for every action that is open."));
  EXPECT_THAT(Made().meetings, IsEmpty());
}

TEST_F(AreaChangeTest, R11ANumberThatNoMeetingCanReachIsSaid) {
  wanted().mutable_quorum()->set_agencies_min(2);
  EXPECT_THAT(Made().consequences, Not(Contains(HasSubstr("no meeting is quorate"))));
  wanted().mutable_quorum()->set_agencies_min(3);
  EXPECT_THAT(Made().consequences, Contains(HasSubstr("fewer than 3 agencies")));
}

TEST_F(AreaChangeTest, WhatIsWrongIsRefusedByItsName) {
  wanted_.set_display_name(" ");
  EXPECT_THAT(Effect(), Refuses(absl::StatusCode::kInvalidArgument, "area.display_name"));
  wanted_.set_display_name("Test");
  wanted().set_slot_minutes(16);
  EXPECT_THAT(Effect(), Refuses(absl::StatusCode::kInvalidArgument, "settings.slot_minutes"));
}

}  // namespace
}  // namespace marac::domain
