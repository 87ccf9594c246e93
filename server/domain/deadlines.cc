#include "domain/deadlines.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/status_macros.h"
#include "domain/errors.h"

namespace marac::domain {
namespace {

constexpr int kEveryWeeksMax = 26;
constexpr int kSeriesMax = 104;

// Monday to Friday after `from` up to and including `to`, as if there were no holidays.
int WeekdaysBetween(LocalDate from, LocalDate to) {
  int count = 0;
  for (LocalDate day = from.AddDays(1); day <= to; day = day.AddDays(1)) {
    if (!day.IsWeekend()) ++count;
  }
  return count;
}

absl::Status CheckOrder(const MeetingOffsets& offsets) {
  for (size_t i = 1; i < kMeetingSteps.size(); ++i) {
    const StepOffset& before = offsets[kMeetingSteps[i - 1]];
    const StepOffset& after = offsets[kMeetingSteps[i]];
    if (std::pair(before.working_days, before.at) > std::pair(after.working_days, after.at)) {
      return InvalidField("offsets", fmt::format("{} must not come before {}; correct the area's settings",
                                                 StepName(kMeetingSteps[i]), StepName(kMeetingSteps[i - 1])));
    }
  }
  if (offsets.status_due.working_days > 0 || offsets.actions_out.working_days < 0) {
    return InvalidField("offsets",
                        fmt::format("{} belongs before the meeting and {} after it",
                                    StepName(MeetingStep::kStatusDue), StepName(MeetingStep::kActionsOut)));
  }
  return absl::OkStatus();
}

// A step as it would lie on a line of working days without holidays, and where it really lies.
struct Place {
  std::string name;  // as it stands in a sentence, with its day
  int ordinary;
  LocalDate date;
};

absl::StatusOr<std::vector<Place>> PlacesOf(LocalDate meeting, int ordinary, const MeetingOffsets& offsets,
                                            const WorkingDays& working_days) {
  std::vector<Place> places = {{fmt::format("the meeting of {}", meeting.InWords()), ordinary, meeting}};
  for (MeetingStep step : kMeetingSteps) {
    ASSIGN_OR_RETURN(LocalDate date, working_days.AddWorkingDays(meeting, offsets[step].working_days));
    places.push_back(
        {fmt::format("{} ({}) for the meeting of {}", StepName(step), date.InWords(), meeting.InWords()),
         ordinary + offsets[step].working_days, date});
  }
  return places;
}

std::string Days(int count) { return fmt::format("{} working day{}", count, count == 1 ? "" : "s"); }

// How many working days `later` comes after `earlier` where it comes after it at all, and how many it should.
std::string SqueezedSentence(const Place& earlier, const Place& later, int left, int configured) {
  std::string comes = fmt::format("only {} after", Days(left));
  if (left < 0) {
    comes = fmt::format("{} before", Days(-left));
  } else if (later.date == earlier.date) {
    comes = "on the same day as";
  } else if (left == 0) {
    comes = "with no working day left after";
  }
  const std::string should =
      configured == 0 ? "it should be the same day" : fmt::format("it should be {} after", Days(configured));
  return fmt::format("Because of holidays, {} comes {} {}; {}.", later.name, comes, earlier.name, should);
}

}  // namespace

std::string_view StepName(MeetingStep step) {
  switch (step) {
    case MeetingStep::kCutOff:
      return "referral cut-off";
    case MeetingStep::kCirculation:
      return "agenda circulated";
    case MeetingStep::kResearchDue:
      return "research due";
    case MeetingStep::kStatusDue:
      return "status of actions due";
    case MeetingStep::kActionsOut:
      return "actions out";
    case MeetingStep::kMinutesDue:
      break;
  }
  return "minutes due";
}

absl::StatusOr<MeetingPlan> PlanMeeting(LocalDate date, std::optional<LocalDate> previous,
                                        const MeetingOffsets& offsets, const WorkingDays& working_days) {
  using Kind = DeadlineWarning::Kind;
  RETURN_IF_ERROR(CheckOrder(offsets));
  if (previous && *previous >= date) {
    return InvalidField("previous", "give a meeting before this one");
  }
  // The line of working days has its zero at the earlier meeting.
  int ordinary = previous ? WeekdaysBetween(*previous, date) : 0;
  ASSIGN_OR_RETURN(std::vector<Place> places, PlacesOf(date, ordinary, offsets, working_days));

  auto at = [&](MeetingStep step) {
    return DeadlineAt(places[static_cast<size_t>(step) + 1].date, offsets[step].at);
  };
  MeetingPlan plan = {
      {at(MeetingStep::kCutOff), at(MeetingStep::kCirculation), at(MeetingStep::kResearchDue),
       at(MeetingStep::kStatusDue), at(MeetingStep::kActionsOut), at(MeetingStep::kMinutesDue)},
      {}};

  ASSIGN_OR_RETURN(std::string closed, working_days.WhyClosed(date));
  if (!closed.empty()) {
    ASSIGN_OR_RETURN(LocalDate next, working_days.NextWorkingDay(date));
    plan.warnings.push_back({Kind::kMeetingOnClosedDay, fmt::format("{} is {}: the next working day is {}.",
                                                                    date.InWords(), closed, next.InWords())});
  }
  if (previous) {
    ASSIGN_OR_RETURN(std::vector<Place> earlier, PlacesOf(*previous, 0, offsets, working_days));
    // What led up to the meeting before warned when that one was planned.
    std::erase_if(earlier, [](const Place& place) { return place.ordinary < 0; });
    places.insert(places.begin(), earlier.begin(), earlier.end());
  }
  std::ranges::stable_sort(places, {}, &Place::ordinary);
  for (size_t i = 1; i < places.size(); ++i) {
    const Place& before = places[i - 1];
    const Place& after = places[i];
    ASSIGN_OR_RETURN(int left, working_days.WorkingDaysBetween(before.date, after.date));
    int configured = after.ordinary - before.ordinary;
    if (left < configured) {
      plan.warnings.push_back({Kind::kSqueezed, SqueezedSentence(before, after, left, configured)});
    }
  }
  auto [first, last] = std::ranges::minmax(places, {}, &Place::date);
  ASSIGN_OR_RETURN(bool projected, working_days.RestsOnProjection(first.date, last.date));
  if (projected) {
    plan.warnings.push_back(
        {Kind::kProjectedHoliday,
         fmt::format("A bank holiday between {} and {} is not yet published: look at these "
                     "dates again when it is.",
                     first.date.InWords(), last.date.InWords())});
  }
  return plan;
}

absl::StatusOr<std::vector<SeriesDate>> MeetingSeries(LocalDate first, int every_weeks, int count,
                                                      const WorkingDays& working_days) {
  if (every_weeks < 1 || every_weeks > kEveryWeeksMax) {
    return InvalidField("every_weeks", fmt::format("give a number from 1 to {}", kEveryWeeksMax));
  }
  if (count < 1 || count > kSeriesMax) {
    return InvalidField("count", fmt::format("give a number from 1 to {}", kSeriesMax));
  }
  std::vector<SeriesDate> series;
  for (int i = 0; i < count; ++i) {
    SeriesDate meeting = {first.AddDays(7 * every_weeks * i), std::nullopt, std::nullopt};
    ASSIGN_OR_RETURN(std::string closed, working_days.WhyClosed(meeting.date));
    if (!closed.empty()) {
      meeting.closed_because = closed;
      ASSIGN_OR_RETURN(meeting.proposed, working_days.NextWorkingDay(meeting.date));
    }
    series.push_back(std::move(meeting));
  }
  return series;
}

}  // namespace marac::domain
