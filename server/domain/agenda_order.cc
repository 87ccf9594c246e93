#include "domain/agenda_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "domain/errors.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

// Smaller comes first.
std::tuple<int, int, int> Rank(const AgendaEntry& entry, const OrderSettings& settings) {
  int part = entry.has_children || (settings.unborn_counts && entry.unborn_child) ? 0 : 1;
  int repeat = entry.repeat ? 0 : 1;
  int score = -entry.score.value_or(-1);
  if (settings.first == OrderSettings::First::kRepeats) return {part, repeat, score};
  return {part, score, repeat};
}

}  // namespace

absl::StatusOr<std::vector<size_t>> ProposeOrder(const std::vector<AgendaEntry>& entries,
                                                 const OrderSettings& settings) {
  std::map<int, size_t> placed;
  std::vector<size_t> free;
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::optional<int>& position = entries[i].manual_position;
    if (!position) {
      free.push_back(i);
      continue;
    }
    if (*position < 1) return InvalidField("manual_position", "positions begin at 1");
    if (!placed.emplace(*position, i).second) {
      return InvalidField("manual_position",
                          fmt::format("two cases are put at position {}; move one of them", *position));
    }
  }
  std::ranges::stable_sort(free, {}, [&](size_t i) { return Rank(entries[i], settings); });

  std::vector<size_t> order;
  auto next_free = free.begin();
  for (auto next_placed = placed.begin(); order.size() < entries.size();) {
    bool here = next_placed != placed.end() &&
                (static_cast<size_t>(next_placed->first) == order.size() + 1 || next_free == free.end());
    order.push_back(here ? (next_placed++)->second : *next_free++);
  }
  return order;
}

absl::StatusOr<Deferral> Defer(int deferrals_before, std::string_view reason, std::string_view safety_plan,
                               int alert_at) {
  if (IsBlank(reason)) return InvalidField("reason", "say why the case is deferred");
  if (IsBlank(safety_plan)) {
    return InvalidField("safety_plan", "say what keeps the victim safe until the next meeting");
  }
  int count = deferrals_before + 1;
  return Deferral{count, count >= alert_at};
}

}  // namespace marac::domain
