#include "domain/area_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::AreaSettings Good() {
  v1::AreaSettings settings = DefaultAreaSettings();
  settings.set_instrument("plain24@1");
  settings.set_policy("default@1");
  return settings;
}

const std::vector<std::string> kMembers = {"agencies/police", "agencies/csc"};

void Demand(v1::AreaSettings& settings, const std::string& agency,
            v1::QuorumCondition condition = v1::QUORUM_CONDITION_ALWAYS) {
  v1::QuorumAgency& added = *settings.mutable_quorum()->add_agencies();
  added.set_agency(agency);
  added.set_condition(condition);
}

std::vector<std::string> WrongFields(const v1::AreaSettings& settings) {
  std::vector<std::string> fields;
  const v1::ErrorDetail detail = DetailOf(CheckAreaSettings(settings, kMembers));
  for (const v1::FieldViolation& violation : detail.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

TEST(AreaSettingsTest, TheDefaultsAreThoseOfTheDocuments) {
  const v1::AreaSettings settings = DefaultAreaSettings();
  EXPECT_EQ(settings.slot_minutes(), 10);
  EXPECT_EQ(settings.opening_minutes(), 10);
  EXPECT_EQ(settings.break_minutes(), 0);
  EXPECT_EQ(settings.warn_above_cases(), 15);
  EXPECT_EQ(settings.every_weeks(), 2);
  EXPECT_EQ(settings.deferrals_alert(), 2);
  EXPECT_TRUE(settings.unborn_counts_as_child());
  EXPECT_EQ(settings.reminder_working_days(), 2);
  EXPECT_EQ(settings.manager_working_days(), 3);
  EXPECT_EQ(settings.flag_expiring_days(), 30);
  EXPECT_EQ(settings.idle_lock_minutes(), 15);
  EXPECT_FALSE(settings.higher_score_first()) << "R-09: repeats";
  EXPECT_EQ(settings.steering_group_meetings(), 2);
  EXPECT_EQ(settings.research_mode(), v1::RESEARCH_MODE_PRIVATE) << "marac.md 4.2: SafeLives' advice";
  EXPECT_FALSE(settings.has_quorum()) << "R-11: no national number is known";
  EXPECT_EQ(settings.limits().searches_per_minute(), 30);  // security.md 2.7
  EXPECT_EQ(settings.limits().opens_per_day(), 200);
  EXPECT_EQ(settings.limits().uninvolved_opens_per_hour(), 10);
  EXPECT_EQ(settings.limits().reveals_per_day(), 60);
  EXPECT_EQ(settings.limits().lists_per_minute(), 120);
  EXPECT_THAT(settings.mandatory_fields(), IsEmpty());
  EXPECT_EQ(settings.source_categories_size(), 14);
  EXPECT_THAT(settings.source_categories(), Contains("MASH"));
}

TEST(AreaSettingsTest, ALimitIsANumberOrTheDocumentedOne) {
  v1::AreaSettings settings = Good();
  settings.clear_limits();
  EXPECT_THAT(CheckAreaSettings(settings, kMembers), IsOk());
  settings.mutable_limits()->set_opens_per_day(10'001);
  settings.mutable_limits()->set_uninvolved_opens_per_hour(-1);
  EXPECT_THAT(WrongFields(settings),
              ElementsAre("settings.limits.opens_per_day", "settings.limits.uninvolved_opens_per_hour"));
}

TEST(AreaSettingsTest, TheCycleIsThatOfTheDocuments) {
  const v1::AreaSettings settings = DefaultAreaSettings();
  EXPECT_EQ(settings.cut_off().working_days(), -8);
  EXPECT_EQ(settings.cut_off().minute(), 12 * 60) << "noon";
  EXPECT_EQ(settings.circulation().working_days(), -5);
  EXPECT_EQ(settings.research_due().working_days(), -2);
  EXPECT_EQ(settings.status_due().working_days(), -1);
  EXPECT_EQ(settings.actions_out().working_days(), 1);
  EXPECT_EQ(settings.minutes_due().working_days(), 3);
  EXPECT_EQ(settings.minutes_due().minute(), 17 * 60);
}

TEST(AreaSettingsTest, SanctuaryIsReportedWithWhatCameOfIt) {
  const v1::AreaSettings settings = DefaultAreaSettings();
  const v1::ActionKind* sanctuary = FindActionKind(settings, "SANCTUARY");
  ASSERT_NE(sanctuary, nullptr);
  EXPECT_THAT(sanctuary->outcomes(), ElementsAre("FITTED", "CANCELLED", "AWAITING_LANDLORD"));
  EXPECT_EQ(FindActionKind(settings, "SANCTUARIES"), nullptr);
}

TEST(AreaSettingsTest, KindsThatAreCountedApartAreApart) {
  const v1::AreaSettings settings = DefaultAreaSettings();
  for (const char* code :
       {"DAPN", "DAPO", "DISPERSED_HOUSING", "SECOND_STAGE_HOUSING", "IDVA_CONTACT", "OTHER"}) {
    EXPECT_NE(FindActionKind(settings, code), nullptr) << code;
  }
  EXPECT_EQ(settings.action_kinds_size(), 26);
}

TEST(AreaSettingsTest, TheDefaultsNeedOnlyAPackAndAPolicy) {
  EXPECT_THAT(CheckAreaSettings(Good(), kMembers), IsOk());
  EXPECT_THAT(WrongFields(DefaultAreaSettings()), ElementsAre("settings.instrument", "settings.policy"));
}

struct Wrong {
  const char* field;
  std::function<void(v1::AreaSettings&)> change;
};
class WrongSettingTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongSettingTest, IsRefusedByItsName) {
  v1::AreaSettings settings = Good();
  GetParam().change(settings);
  EXPECT_THAT(WrongFields(settings), ElementsAre(GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    EachSetting, WrongSettingTest,
    ::testing::Values(
        Wrong{"settings.instrument", [](auto& s) { s.set_instrument("plain24"); }},
        Wrong{"settings.policy", [](auto& s) { s.set_policy("@1"); }},
        Wrong{"settings.slot_minutes", [](auto& s) { s.set_slot_minutes(0); }},
        Wrong{"settings.slot_minutes", [](auto& s) { s.set_slot_minutes(16); }},
        Wrong{"settings.opening_minutes", [](auto& s) { s.set_opening_minutes(-1); }},
        Wrong{"settings.break_minutes", [](auto& s) { s.set_break_minutes(121); }},
        Wrong{"settings.warn_above_cases", [](auto& s) { s.set_warn_above_cases(0); }},
        Wrong{"settings.every_weeks", [](auto& s) { s.set_every_weeks(13); }},
        Wrong{"settings.cut_off", [](auto& s) { s.clear_cut_off(); }},
        Wrong{"settings.cut_off", [](auto& s) { s.mutable_cut_off()->set_working_days(-61); }},
        Wrong{"settings.circulation", [](auto& s) { s.mutable_circulation()->set_working_days(-9); }},
        Wrong{"settings.research_due", [](auto& s) { s.mutable_research_due()->set_minute(1440); }},
        Wrong{"settings.research_due", [](auto& s) { s.mutable_research_due()->set_minute(-1); }},
        Wrong{"settings.status_due", [](auto& s) { s.mutable_status_due()->set_working_days(1); }},
        Wrong{"settings.actions_out", [](auto& s) { s.mutable_actions_out()->set_working_days(-1); }},
        Wrong{"settings.minutes_due", [](auto& s) { s.mutable_minutes_due()->set_working_days(0); }},
        Wrong{"settings.deferrals_alert", [](auto& s) { s.set_deferrals_alert(0); }},
        Wrong{"settings.reminder_working_days", [](auto& s) { s.set_reminder_working_days(-1); }},
        Wrong{"settings.manager_working_days", [](auto& s) { s.set_manager_working_days(0); }},
        Wrong{"settings.flag_expiring_days", [](auto& s) { s.set_flag_expiring_days(366); }},
        Wrong{"settings.mandatory_fields[0]", [](auto& s) { s.add_mandatory_fields("Referral victim"); }},
        Wrong{"settings.mandatory_fields[1]",
              [](auto& s) {
                s.add_mandatory_fields("referral.victim.pregnant");
                s.add_mandatory_fields("referral.victim.pregnant");
              }},
        Wrong{"settings.source_categories", [](auto& s) { s.clear_source_categories(); }},
        Wrong{"settings.source_categories[14]", [](auto& s) { s.add_source_categories("Police"); }},
        Wrong{"settings.action_kinds", [](auto& s) { s.clear_action_kinds(); }},
        Wrong{"settings.action_kinds[0].code", [](auto& s) { s.mutable_action_kinds(0)->set_code("1"); }},
        Wrong{"settings.action_kinds[1].code",
              [](auto& s) { s.mutable_action_kinds(1)->set_code(s.action_kinds(0).code()); }},
        Wrong{"settings.action_kinds[0].label", [](auto& s) { s.mutable_action_kinds(0)->set_label(" "); }},
        Wrong{"settings.action_kinds[2].outcomes[3]",
              [](auto& s) { s.mutable_action_kinds(2)->add_outcomes("fitted"); }},
        Wrong{"settings.idle_lock_minutes", [](auto& s) { s.set_idle_lock_minutes(0); }},
        Wrong{"settings.idle_lock_minutes", [](auto& s) { s.set_idle_lock_minutes(16); }},
        Wrong{"settings.permission_warning_days", [](auto& s) { s.set_permission_warning_days(366); }},
        Wrong{"settings.steering_group_meetings", [](auto& s) { s.set_steering_group_meetings(-1); }},
        Wrong{"settings.steering_group_meetings", [](auto& s) { s.set_steering_group_meetings(11); }},
        Wrong{"settings.research_mode",
              [](auto& s) { s.set_research_mode(static_cast<v1::ResearchMode>(3)); }},
        Wrong{"settings.quorum.agencies_min",
              [](auto& s) { s.mutable_quorum()->set_agencies_min(101); }},
        Wrong{"settings.quorum.agencies_min", [](auto& s) { s.mutable_quorum()->set_agencies_min(-1); }},
        Wrong{"settings.quorum.agencies[0].agency", [](auto& s) { Demand(s, "agencies/gp"); }},
        Wrong{"settings.quorum.agencies[1].agency",
              [](auto& s) {
                Demand(s, "agencies/csc");
                Demand(s, "agencies/csc", v1::QUORUM_CONDITION_CHILDREN);
              }},
        Wrong{"settings.quorum.agencies[0].condition",
              [](auto& s) { Demand(s, "agencies/csc", v1::QUORUM_CONDITION_UNSPECIFIED); }}));

TEST(AreaSettingsTest, R11WhoHasToBeThereIsAMemberAndNamedOnce) {
  v1::AreaSettings settings = Good();
  settings.mutable_quorum()->set_agencies_min(100);
  Demand(settings, "agencies/police");
  Demand(settings, "agencies/csc", v1::QUORUM_CONDITION_CHILDREN);
  EXPECT_THAT(CheckAreaSettings(settings, kMembers), IsOk());
}

TEST(AreaSettingsTest, R09AnAreaChoosesWhetherRepeatsOrScoresComeFirst) {
  v1::AreaSettings settings = Good();
  EXPECT_EQ(OrderOf(settings).first, OrderSettings::First::kRepeats);
  settings.set_higher_score_first(true);
  EXPECT_EQ(OrderOf(settings).first, OrderSettings::First::kHigherScore);
}

TEST(AreaSettingsTest, R13TheSteeringGroupHearsAfterAsManyMeetingsAsTheAreaSays) {
  v1::AreaSettings settings = Good();
  settings.set_steering_group_meetings(1);
  EXPECT_EQ(LadderOf(settings).steering_group_meetings, 1);
  settings.set_steering_group_meetings(0);
  EXPECT_EQ(LadderOf(settings).steering_group_meetings, 2) << "an area that was made before it was a setting";
}

TEST(AreaSettingsTest, AllThatIsWrongIsNamedAtOnce) {
  v1::AreaSettings settings = Good();
  settings.set_slot_minutes(0);
  settings.set_every_weeks(0);
  EXPECT_THAT(WrongFields(settings), ElementsAre("settings.slot_minutes", "settings.every_weeks"));
}

TEST(AreaSettingsTest, WhatIsAcceptedIsWhatTheDeadlinesTake) {
  ASSERT_OK_AND_ASSIGN(const MeetingOffsets offsets, OffsetsOf(Good()));
  ASSERT_OK_AND_ASSIGN(const LocalDate day, LocalDate::ParseIso("2026-01-07", "day"));
  EXPECT_THAT(PlanMeeting(day, std::nullopt, offsets, marac::testing::Calendar("england_and_wales")), IsOk());
}

}  // namespace
}  // namespace marac::domain
