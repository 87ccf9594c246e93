#include "domain/area_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "domain/completeness.h"
#include "domain/errors.h"
#include "domain/limits.h"
#include "domain/text_field.h"

namespace marac::domain {
namespace {

constexpr int kEveryWeeksDefault = 2;
constexpr int kWarnAboveCasesDefault = 15;
constexpr int kFlagExpiringDaysDefault = 30;
constexpr int kIdleLockMinutesDefault = 15;
constexpr int kPermissionWarningDaysDefault = 60;
constexpr int kListMax = 100;
constexpr int kOffsetDaysMax = 60;
constexpr size_t kCodeBytesMax = 40;

// marac.md 8, with the outcomes that are counted apart.
struct DefaultKind {
  const char* code;
  const char* label;
  std::vector<const char*> outcomes;
};
std::vector<DefaultKind> DefaultKinds() {
  return {
      {"IDVA_CONTACT", "IDVA contact: safety plan, update of the victim", {}},
      {"IDVA_SPECIALIST", "Specialist IDVA: hospital, housing, MASH or LGBTQ+", {}},
      {"SANCTUARY",
       "Sanctuary scheme or target hardening of the home",
       {"FITTED", "CANCELLED", "AWAITING_LANDLORD"}},
      {"REFUGE", "Refuge", {}},
      {"DISPERSED_HOUSING", "Dispersed housing", {}},
      {"SECOND_STAGE_HOUSING", "Second-stage housing", {}},
      {"HOUSING_MOVE", "Housing transfer or homelessness application", {}},
      {"TENANCY", "Tenancy action, such as taking a perpetrator off a joint tenancy", {}},
      {"PERP_PROGRAMME", "Behaviour-change programme for the perpetrator", {}},
      {"MAPPA", "MAPPA referral or liaison", {}},
      {"MATAC", "Perpetrator panel", {}},
      {"LICENCE_RECALL", "Recall on licence", {}},
      {"DAPN", "Domestic abuse protection notice", {}},
      {"DAPO", "Domestic abuse protection order", {}},
      {"NON_MOLESTATION", "Non-molestation order or legal advice", {}},
      {"DVDS", "Disclosure under the domestic violence disclosure scheme", {}},
      {"ADDRESS_MARKER", "Address marker, welfare check or information report", {}},
      {"MASH", "Child referral or strategy meeting", {}},
      {"SCHOOL", "School informed", {}},
      {"ADULT_SAFEGUARDING", "Adult safeguarding", {}},
      {"SUBSTANCE", "Drug or alcohol service, for victim or perpetrator", {}},
      {"MENTAL_HEALTH", "Mental health service, for victim or perpetrator", {}},
      {"GP_NOTIFY", "GP told, with the entry hidden from online access", {}},
      {"NRPF", "Support where there is no recourse to public funds", {}},
      {"FLAG", "Files flagged", {}},
      {"OTHER", "Something else", {}},
  };
}

// marac.md 7.
constexpr std::array kSourceCategories = {"POLICE",
                                          "IDVA",
                                          "CHILDRENS_SOCIAL_CARE",
                                          "ADULT_SOCIAL_CARE",
                                          "PRIMARY_CARE",
                                          "ACUTE",
                                          "EDUCATION",
                                          "MENTAL_HEALTH",
                                          "HOUSING",
                                          "PROBATION",
                                          "SUBSTANCE_USE",
                                          "MASH",
                                          "VOLUNTARY_SECTOR",
                                          "OTHER"};

// Each offset with the name of its setting, in the order in which the steps come.
struct NamedOffset {
  const char* field;
  const v1::CycleOffset& offset;
};
std::array<NamedOffset, 6> NamedOffsets(const v1::AreaSettings& settings) {
  return {{{"settings.cut_off", settings.cut_off()},
           {"settings.circulation", settings.circulation()},
           {"settings.research_due", settings.research_due()},
           {"settings.status_due", settings.status_due()},
           {"settings.actions_out", settings.actions_out()},
           {"settings.minutes_due", settings.minutes_due()}}};
}

absl::StatusOr<StepOffset> StepOffsetOf(const NamedOffset& named) {
  ASSIGN_OR_RETURN(ClockTime at, ClockTime::FromMinutes(named.offset.minute(), named.field));
  return StepOffset{named.offset.working_days(), at};
}

void SetOffset(const StepOffset& from, v1::CycleOffset* to) {
  to->set_working_days(from.working_days);
  to->set_minute(from.at.hour() * 60 + from.at.minute());
}

void CheckRange(FieldErrors& errors, std::string_view field, int value, int min, int max) {
  errors.Require(value >= min && value <= max, field, fmt::format("give a number from {} to {}", min, max));
}

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "AWAITING_LANDLORD": words for programs, which no translation or spelling changes.
bool IsCode(std::string_view text) {
  return !text.empty() && text.size() <= kCodeBytesMax && IsUpper(text.front()) &&
         std::ranges::all_of(text, [](char c) { return IsUpper(c) || IsDigit(c) || c == '_'; });
}

// "plain24@1.0".
bool IsVersionedId(std::string_view text) {
  size_t at = text.find('@');
  return text.size() <= kLineBytesMax && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos;
}

// Every entry of a list: no more than kListMax, each well formed, each there once.
template <typename List>
void CheckList(FieldErrors& errors, const std::string& field, const List& list,
               bool (*well_formed)(std::string_view), std::string_view advice) {
  errors.Require(list.size() <= kListMax, field, fmt::format("give at most {}", kListMax));
  std::set<std::string_view> seen;
  for (int i = 0; i < std::min(list.size(), kListMax); ++i) {
    std::string entry = fmt::format("{}[{}]", field, i);
    if (!well_formed(list.Get(i))) {
      errors.Add(entry, advice);
    } else if (!seen.insert(list.Get(i)).second) {
      errors.Add(entry, "this is in the list twice; take one out");
    }
  }
}

void CheckOffsets(FieldErrors& errors, const v1::AreaSettings& settings) {
  const std::array<NamedOffset, 6> offsets = NamedOffsets(settings);
  const std::array given = {settings.has_cut_off(),      settings.has_circulation(),
                            settings.has_research_due(), settings.has_status_due(),
                            settings.has_actions_out(),  settings.has_minutes_due()};
  auto moment = [](const v1::CycleOffset& offset) {
    return std::pair(offset.working_days(), offset.minute());
  };
  for (size_t i = 0; i < offsets.size(); ++i) {
    const auto& [field, offset] = offsets[i];
    if (!given[i]) {
      errors.Add(field, "give working days from the meeting and a time of day");
    } else if (!StepOffsetOf(offsets[i]).ok()) {
      errors.Add(field, "give the time of day in minutes after midnight, 0 to 1439");
    } else if (offset.working_days() < -kOffsetDaysMax || offset.working_days() > kOffsetDaysMax) {
      errors.Add(field,
                 fmt::format("give at most {} working days before or after the meeting", kOffsetDaysMax));
    } else if (i > 0 && given[i - 1] && moment(offset) < moment(offsets[i - 1].offset)) {
      errors.Add(field, fmt::format("this must not come before {}", offsets[i - 1].field));
    }
  }
  errors.Require(settings.status_due().working_days() <= 0, "settings.status_due",
                 "this belongs before the meeting: give 0 working days or fewer");
  errors.Require(settings.actions_out().working_days() >= 0, "settings.actions_out",
                 "this belongs after the meeting: give 0 working days or more");
}

void CheckActionKinds(FieldErrors& errors, const v1::AreaSettings& settings) {
  constexpr char kField[] = "settings.action_kinds";
  errors.Require(!settings.action_kinds().empty(), kField, "give at least one kind of action");
  errors.Require(settings.action_kinds_size() <= kListMax, kField, fmt::format("give at most {}", kListMax));
  std::set<std::string_view> seen;
  for (int i = 0; i < std::min(settings.action_kinds_size(), kListMax); ++i) {
    const v1::ActionKind& kind = settings.action_kinds(i);
    std::string entry = fmt::format("{}[{}]", kField, i);
    errors.Require(IsCode(kind.code()), entry + ".code", "give capitals, digits and underscores");
    errors.Require(seen.insert(kind.code()).second, entry + ".code",
                   "this code is there twice; take one out");
    RequireText(errors, entry + ".label", kind.label(), kLineBytesMax, "say in words what this is");
    CheckList(errors, entry + ".outcomes", kind.outcomes(), IsCode, "give capitals, digits and underscores");
  }
}

// Whether somebody is there is asked of members alone: others are invited to no meeting.
void CheckQuorum(FieldErrors& errors, const v1::QuorumRule& rule, const std::vector<std::string>& members) {
  CheckRange(errors, "settings.quorum.agencies_min", rule.agencies_min(), 0, kListMax);
  errors.Require(rule.agencies_size() <= kListMax, "settings.quorum.agencies",
                 fmt::format("give at most {}", kListMax));
  std::set<std::string_view> seen;
  for (int i = 0; i < std::min(rule.agencies_size(), kListMax); ++i) {
    const v1::QuorumAgency& agency = rule.agencies(i);
    const std::string entry = fmt::format("settings.quorum.agencies[{}]", i);
    errors.Require(std::ranges::count(members, agency.agency()) > 0, entry + ".agency",
                   "this agency is not a member of the area");
    errors.Require(seen.insert(agency.agency()).second, entry + ".agency",
                   "this agency is there twice; take one out");
    errors.Require(agency.condition() != v1::QUORUM_CONDITION_UNSPECIFIED &&
                       v1::QuorumCondition_IsValid(agency.condition()),
                   entry + ".condition", "say whether it has to be there always, or when there is a child");
  }
}

// Areas that were made before there were limits have none, and those of the documents.
void CheckLimits(FieldErrors& errors, const v1::UseLimits& limits) {
  CheckRange(errors, "settings.limits.searches_per_minute", limits.searches_per_minute(), 0, kLimitMax);
  CheckRange(errors, "settings.limits.opens_per_day", limits.opens_per_day(), 0, kLimitMax);
  CheckRange(errors, "settings.limits.uninvolved_opens_per_hour", limits.uninvolved_opens_per_hour(), 0,
             kLimitMax);
  CheckRange(errors, "settings.limits.reveals_per_day", limits.reveals_per_day(), 0, kLimitMax);
  CheckRange(errors, "settings.limits.lists_per_minute", limits.lists_per_minute(), 0, kLimitMax);
}

}  // namespace

v1::AreaSettings DefaultAreaSettings() {
  v1::AreaSettings settings;
  const MeetingTimes times{.meeting_min = 0};
  settings.set_slot_minutes(times.slot_min);
  settings.set_opening_minutes(times.opening_min);
  settings.set_break_minutes(times.breaks_min);
  settings.set_warn_above_cases(kWarnAboveCasesDefault);
  settings.set_every_weeks(kEveryWeeksDefault);
  // The documents give a range for the cut-off (D-10 to D-8) and for circulation (D-8 to D-5). The latest day
  // of each is the default: it lets the most recent incidents in, and leaves three working days for research.
  const MeetingOffsets offsets;
  SetOffset(offsets.cut_off, settings.mutable_cut_off());
  SetOffset(offsets.circulation, settings.mutable_circulation());
  SetOffset(offsets.research_due, settings.mutable_research_due());
  SetOffset(offsets.status_due, settings.mutable_status_due());
  SetOffset(offsets.actions_out, settings.mutable_actions_out());
  SetOffset(offsets.minutes_due, settings.mutable_minutes_due());
  settings.set_deferrals_alert(2);
  settings.set_unborn_counts_as_child(OrderSettings().unborn_counts);
  settings.set_reminder_working_days(LadderSettings().reminder_working_days_before);
  settings.set_manager_working_days(LadderSettings().manager_working_days_after);
  settings.set_flag_expiring_days(kFlagExpiringDaysDefault);
  for (const char* category : kSourceCategories) settings.add_source_categories(category);
  for (const DefaultKind& kind : DefaultKinds()) {
    v1::ActionKind* added = settings.add_action_kinds();
    added->set_code(kind.code);
    added->set_label(kind.label);
    for (const char* outcome : kind.outcomes) added->add_outcomes(outcome);
  }
  settings.set_idle_lock_minutes(kIdleLockMinutesDefault);
  *settings.mutable_limits() = DefaultUseLimits();
  settings.set_permission_warning_days(kPermissionWarningDaysDefault);
  settings.set_higher_score_first(OrderSettings().first == OrderSettings::First::kHigherScore);
  settings.set_steering_group_meetings(LadderSettings().steering_group_meetings);
  settings.set_research_mode(v1::RESEARCH_MODE_PRIVATE);
  return settings;
}

absl::Status CheckAreaSettings(const v1::AreaSettings& settings, const std::vector<std::string>& members) {
  FieldErrors errors;
  errors.Require(IsVersionedId(settings.instrument()), "settings.instrument",
                 "name the pack of new assessments and its version, as in \"id@version\"");
  errors.Require(IsVersionedId(settings.policy()), "settings.policy",
                 "name the policy of new assessments and its version, as in \"id@version\"");
  CheckRange(errors, "settings.slot_minutes", settings.slot_minutes(), 1, MeetingTimes{}.slot_min_max);
  CheckRange(errors, "settings.opening_minutes", settings.opening_minutes(), 0, 60);
  CheckRange(errors, "settings.break_minutes", settings.break_minutes(), 0, 120);
  CheckRange(errors, "settings.warn_above_cases", settings.warn_above_cases(), 1, 100);
  CheckRange(errors, "settings.every_weeks", settings.every_weeks(), 1, 12);
  CheckOffsets(errors, settings);
  CheckRange(errors, "settings.deferrals_alert", settings.deferrals_alert(), 1, 10);
  CheckRange(errors, "settings.reminder_working_days", settings.reminder_working_days(), 0, 20);
  CheckRange(errors, "settings.manager_working_days", settings.manager_working_days(), 1, 60);
  CheckRange(errors, "settings.flag_expiring_days", settings.flag_expiring_days(), 0, 365);
  CheckList(errors, "settings.mandatory_fields", settings.mandatory_fields(), IsReferralField,
            "give the path of a field, as in \"referral.victim.pregnant\"");
  errors.Require(!settings.source_categories().empty(), "settings.source_categories",
                 "give at least one source category for the return");
  CheckList(errors, "settings.source_categories", settings.source_categories(), IsCode,
            "give capitals, digits and underscores");
  CheckActionKinds(errors, settings);
  // A session that locks later than the default would stand open on a desk for longer than is promised.
  CheckRange(errors, "settings.idle_lock_minutes", settings.idle_lock_minutes(), 1, kIdleLockMinutesDefault);
  CheckLimits(errors, settings.limits());
  // Areas that were made before packs were installed say 0.
  CheckRange(errors, "settings.permission_warning_days", settings.permission_warning_days(), 0, 365);
  // Areas that were made before it was a setting say 0.
  CheckRange(errors, "settings.steering_group_meetings", settings.steering_group_meetings(), 0, 10);
  errors.Require(v1::ResearchMode_IsValid(settings.research_mode()), "settings.research_mode",
                 "say whether research stays in each agency or is collected");
  CheckQuorum(errors, settings.quorum(), members);
  return errors.ToInvalidArgument();
}

absl::StatusOr<MeetingOffsets> OffsetsOf(const v1::AreaSettings& settings) {
  const std::array<NamedOffset, 6> named = NamedOffsets(settings);
  MeetingOffsets offsets;
  ASSIGN_OR_RETURN(offsets.cut_off, StepOffsetOf(named[0]));
  ASSIGN_OR_RETURN(offsets.circulation, StepOffsetOf(named[1]));
  ASSIGN_OR_RETURN(offsets.research_due, StepOffsetOf(named[2]));
  ASSIGN_OR_RETURN(offsets.status_due, StepOffsetOf(named[3]));
  ASSIGN_OR_RETURN(offsets.actions_out, StepOffsetOf(named[4]));
  ASSIGN_OR_RETURN(offsets.minutes_due, StepOffsetOf(named[5]));
  return offsets;
}

MeetingTimes TimesOf(const v1::AreaSettings& settings, absl::Duration meeting_length) {
  return {.meeting_min = static_cast<int>(absl::ToInt64Minutes(meeting_length)),
          .opening_min = settings.opening_minutes(),
          .breaks_min = settings.break_minutes(),
          .slot_min = settings.slot_minutes()};
}

OrderSettings OrderOf(const v1::AreaSettings& settings) {
  return {.unborn_counts = settings.unborn_counts_as_child(),
          .first = settings.higher_score_first() ? OrderSettings::First::kHigherScore
                                                 : OrderSettings::First::kRepeats};
}

LadderSettings LadderOf(const v1::AreaSettings& settings) {
  LadderSettings ladder = {.reminder_working_days_before = settings.reminder_working_days(),
                           .manager_working_days_after = settings.manager_working_days()};
  if (settings.steering_group_meetings() != 0)
    ladder.steering_group_meetings = settings.steering_group_meetings();
  return ladder;
}

int PermissionWarningDaysOf(const v1::AreaSettings& settings) {
  return settings.permission_warning_days() == 0 ? kPermissionWarningDaysDefault
                                                 : settings.permission_warning_days();
}

const v1::ActionKind* FindActionKind(const v1::AreaSettings& settings, std::string_view code) {
  for (const v1::ActionKind& kind : settings.action_kinds()) {
    if (kind.code() == code) return &kind;
  }
  return nullptr;
}

}  // namespace marac::domain
