#include "domain/area_change.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "domain/area_settings.h"
#include "domain/deadlines.h"
#include "domain/errors.h"
#include "domain/text.h"
#include "domain/text_proto.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Add(std::vector<v1::SettingChange>& changes, const std::string& path, std::string before,
         std::string after) {
  v1::SettingChange& change = changes.emplace_back();
  change.set_field(path);
  change.set_before(std::move(before));
  change.set_after(std::move(after));
}

std::vector<std::string> EntriesOf(const Message& message, const FieldDescriptor& field) {
  std::vector<std::string> entries;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i)
    entries.push_back(FieldText(message, field, i));
  return entries;
}

void CompareLists(std::vector<v1::SettingChange>& changes, const std::string& path,
                  const std::vector<std::string>& before, const std::vector<std::string>& after) {
  if (before == after) return;
  const size_t others = changes.size();
  for (const std::string& entry : before) {
    if (std::ranges::count(after, entry) == 0) Add(changes, path, entry, "");
  }
  for (const std::string& entry : after) {
    if (std::ranges::count(before, entry) == 0) Add(changes, path, "", entry);
  }
  if (changes.size() == others) {
    Add(changes, path, fmt::format("{}", fmt::join(before, "\n")), fmt::format("{}", fmt::join(after, "\n")));
  }
}

void Compare(std::vector<v1::SettingChange>& changes, const std::string& path, const Message& before,
             const Message& after) {
  const auto& type = *before.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string at = path + "." + field.name();
    if (field.is_repeated()) {
      CompareLists(changes, at, EntriesOf(before, field), EntriesOf(after, field));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Compare(changes, at, before.GetReflection()->GetMessage(before, &field),
              after.GetReflection()->GetMessage(after, &field));
    } else {
      std::string was = FieldText(before, field);
      std::string is = FieldText(after, field);
      if (was != is) Add(changes, at, std::move(was), std::move(is));
    }
  }
}

bool Changes(const std::vector<v1::SettingChange>& changes, std::string_view setting) {
  return std::ranges::any_of(changes, [setting](const v1::SettingChange& change) {
    const std::string_view field = change.field();
    return field == setting || (field.starts_with(setting) && field[setting.size()] == '.');
  });
}

// Those that the dates and the room of meetings are worked out from.
constexpr std::array kMeetingSettings = {
    "settings.slot_minutes", "settings.opening_minutes", "settings.break_minutes",
    "settings.cut_off",      "settings.circulation",     "settings.research_due",
    "settings.status_due",   "settings.actions_out",     "settings.minutes_due",
};

// What else there is already, and whether a setting reaches it.
struct Reach {
  const char* setting;
  const char* sentence;
};
constexpr char kAtOnceForActions[] = "It holds at once for every action that is open.";
constexpr char kAgendasStay[] = "An agenda keeps its order until it is proposed again.";
constexpr char kFormsStay[] =
    "Assessments that were begun stay on the form and the rules that they began with.";
constexpr std::array kReaches = {
    Reach{"settings.instrument", kFormsStay},
    Reach{"settings.policy", kFormsStay},
    Reach{"settings.every_weeks", "Meetings that are on the calendar stay on their days."},
    Reach{"settings.unborn_counts_as_child", kAgendasStay},
    Reach{"settings.higher_score_first", kAgendasStay},
    Reach{"settings.reminder_working_days", kAtOnceForActions},
    Reach{"settings.manager_working_days", kAtOnceForActions},
    Reach{"settings.steering_group_meetings", kAtOnceForActions},
    Reach{"settings.idle_lock_minutes", "Who is signed in keeps the time that they signed in with."},
    Reach{"settings.action_kinds", "Actions that were agreed keep the kind that they have."},
    Reach{"settings.quorum", "A meeting that is being held is looked at by the new rule at once."},
};

std::string MomentOf(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%-d %B %Y, %H:%M", FromTimestamp(time), London());
}

std::string Capital(std::string_view text) {
  std::string capital(text);
  capital.front() = static_cast<char>(capital.front() - 'a' + 'A');
  return capital;
}

std::string CountOf(size_t meetings) {
  return fmt::format("{} meeting{}", meetings, meetings == 1 ? "" : "s");
}

// What `text` makes of the meetings where it is another now: of how many, and the first of them.
template <typename Text>
void TellOfMeetings(std::string_view what, const std::vector<MeetingPlannedAnew>& meetings, const Text& text,
                    std::vector<std::string>& consequences) {
  std::vector<const MeetingPlannedAnew*> others;
  for (const MeetingPlannedAnew& meeting : meetings) {
    if (text(meeting.before) != text(meeting.after)) others.push_back(&meeting);
  }
  if (others.empty()) return;
  const MeetingPlannedAnew& first = *others.front();
  consequences.push_back(fmt::format(
      "{}: changes for {} whose agenda has not gone out. For {} on {}: {}, instead of {}.", what,
      CountOf(others.size()), others.size() == 1 ? "that" : "the first,",
      DateOf(FromTimestamp(first.before.start_time())).InWords(), text(first.after), text(first.before)));
}

std::vector<std::string> TellOfMeetings(const std::vector<MeetingPlannedAnew>& meetings,
                                        const SeriesContext& context) {
  // In the order of marac.v1.MeetingDeadlines, which is that of the steps.
  using Moment = const google::protobuf::Timestamp& (v1::MeetingDeadlines::*)() const;
  constexpr std::array<Moment, kMeetingSteps.size()> kMoments = {
      &v1::MeetingDeadlines::cut_off_time,      &v1::MeetingDeadlines::circulation_time,
      &v1::MeetingDeadlines::research_due_time, &v1::MeetingDeadlines::status_due_time,
      &v1::MeetingDeadlines::actions_out_time,  &v1::MeetingDeadlines::minutes_due_time};
  std::vector<std::string> consequences;
  for (size_t i = 0; i < kMoments.size(); ++i) {
    const Moment moment = kMoments[i];
    TellOfMeetings(
        Capital(StepName(kMeetingSteps[i])), meetings,
        [moment](const v1::Meeting& meeting) { return MomentOf((meeting.deadlines().*moment)()); },
        consequences);
  }
  TellOfMeetings(
      "Number of cases that fit", meetings,
      [](const v1::Meeting& meeting) { return std::to_string(meeting.capacity()); }, consequences);
  for (const auto& [before, after] : meetings) {
    if (FromTimestamp(before.deadlines().cut_off_time()) > context.now &&
        FromTimestamp(after.deadlines().cut_off_time()) <= context.now) {
      consequences.push_back(
          fmt::format("The cut-off of the meeting on {} would be over already: a case that came after it is "
                      "for the chair to "
                      "admit.",
                      DateOf(FromTimestamp(before.start_time())).InWords()));
    }
  }
  const auto out = std::ranges::count(context.existing, v1::MEETING_STATE_CIRCULATED, &v1::Meeting::state);
  if (out > 0) {
    consequences.push_back(fmt::format("{} whose agenda went out {} as {} told.",
                                       CountOf(static_cast<size_t>(out)), out == 1 ? "stays" : "stay",
                                       out == 1 ? "it was" : "they were"));
  }
  return consequences;
}

}  // namespace

std::vector<v1::SettingChange> ChangesOf(const v1::Area& before, const v1::Area& after) {
  std::vector<v1::SettingChange> changes;
  if (before.display_name() != after.display_name())
    Add(changes, "display_name", before.display_name(), after.display_name());
  Compare(changes, "settings", before.settings(), after.settings());
  return changes;
}

absl::StatusOr<AreaEffect> EffectOf(const v1::Area& before, const v1::Area& wanted,
                                    const SeriesContext& context) {
  if (IsBlank(wanted.display_name())) return InvalidField("area.display_name", "give the area's name");
  RETURN_IF_ERROR(CheckAreaSettings(wanted.settings(), context.agencies));
  AreaEffect effect;
  effect.changes = ChangesOf(before, wanted);
  if (std::ranges::any_of(kMeetingSettings,
                          [&effect](const char* setting) { return Changes(effect.changes, setting); })) {
    ASSIGN_OR_RETURN(std::vector<MeetingPlannedAnew> meetings, PlanAnew(before.settings(), context));
    effect.consequences = TellOfMeetings(meetings, context);
    for (MeetingPlannedAnew& meeting : meetings) effect.meetings.push_back(std::move(meeting.after));
  }
  for (const Reach& reach : kReaches) {
    if (Changes(effect.changes, reach.setting) &&
        std::ranges::count(effect.consequences, reach.sentence) == 0)
      effect.consequences.emplace_back(reach.sentence);
  }
  if (Changes(effect.changes, "settings.quorum") &&
      wanted.settings().quorum().agencies_min() > static_cast<int>(context.agencies.size())) {
    effect.consequences.push_back(
        fmt::format("The area has fewer than {} agencies: as long as that is so, no meeting is quorate.",
                    wanted.settings().quorum().agencies_min()));
  }
  return effect;
}

}  // namespace marac::domain
