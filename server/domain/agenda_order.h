// The order of an agenda and what a deferral brings with it.
#ifndef MARAC_DOMAIN_AGENDA_ORDER_H_
#define MARAC_DOMAIN_AGENDA_ORDER_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace marac::domain {

// Area settings, with the documented defaults.
struct OrderSettings {
  // A pregnancy puts a case among those with children.
  bool unborn_counts = true;
  // What comes first within each part; the other decides among equals.
  enum class First { kRepeats, kHigherScore } first = First::kRepeats;
};

struct AgendaEntry {
  bool has_children = false;
  bool unborn_child = false;
  bool repeat = false;
  // A case without one comes after every case with one.
  std::optional<int> score = std::nullopt;
  // Set by a person, from 1; beyond the end means last.
  std::optional<int> manual_position = std::nullopt;
};

// The entries' indices in the order in which they are heard. Cases with children come first, so that child
// agencies can leave; entries that the settings do not tell apart keep the order in which they were given.
// Entries with a manual position stand exactly there and the others fill the rest. INVALID_ARGUMENT naming
// `manual_position` when one is below 1 or given twice.
absl::StatusOr<std::vector<size_t>> ProposeOrder(const std::vector<AgendaEntry>& entries,
                                                 const OrderSettings& settings);

struct Deferral {
  // Deferrals of this case, this one included.
  int count;
  // The chair is told: it has been put off too often.
  bool alert_chair;
};

// INVALID_ARGUMENT naming `reason` or `safety_plan` when it is blank: a case that waits must show what keeps
// the victim safe meanwhile.
absl::StatusOr<Deferral> Defer(int deferrals_before, std::string_view reason, std::string_view safety_plan,
                               int alert_at = 2);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AGENDA_ORDER_H_
