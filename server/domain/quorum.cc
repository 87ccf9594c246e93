#include "domain/quorum.h"

#include <algorithm>
#include <set>
#include <string>

#include "domain/meeting.h"

namespace marac::domain {
namespace {

// The same children that put a case first.
bool HasChild(const v1::Case& record, const v1::AreaSettings& settings) {
  return !record.children().empty() ||
         (settings.unborn_counts_as_child() && record.victim().pregnant() == v1::YES_NO_YES);
}

}  // namespace

v1::Quorum QuorumOf(const v1::Meeting& meeting, const std::vector<v1::AgendaItem>& items, const Cases& cases,
                    const v1::AreaSettings& settings) {
  std::set<std::string> present;
  std::set<std::string> apologies;
  for (const v1::Attendance& entry : meeting.attendance()) {
    if (entry.state() == v1::ATTENDANCE_STATE_PRESENT) present.insert(entry.agency());
    if (entry.state() == v1::ATTENDANCE_STATE_APOLOGIES && entry.information_sent())
      apologies.insert(entry.agency());
  }
  const bool has_child = std::any_of(items.begin(), items.end(), [&](const v1::AgendaItem& item) {
    return IsOnAgenda(item) && HasChild(cases.at(item.case_name()), settings);
  });

  v1::Quorum quorum;
  quorum.set_present(static_cast<int32_t>(present.size()));
  quorum.set_apologies_with_information(static_cast<int32_t>(std::ranges::count_if(
      apologies, [&present](const std::string& agency) { return !present.contains(agency); })));
  quorum.set_agencies_short(std::max(0, settings.quorum().agencies_min() - quorum.present()));
  for (const v1::QuorumAgency& wanted : settings.quorum().agencies()) {
    const bool is_wanted = wanted.condition() != v1::QUORUM_CONDITION_CHILDREN || has_child;
    if (is_wanted && !present.contains(wanted.agency())) quorum.add_missing(wanted.agency());
  }
  quorum.set_met(quorum.agencies_short() == 0 && quorum.missing().empty());
  return quorum;
}

}  // namespace marac::domain
