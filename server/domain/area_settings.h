// What an area decides for itself, with the documented defaults (marac.md 3, 7, 8), and the form in which the
// rules take it.
#ifndef MARAC_DOMAIN_AREA_SETTINGS_H_
#define MARAC_DOMAIN_AREA_SETTINGS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/agenda_order.h"
#include "domain/capacity.h"
#include "domain/deadlines.h"
#include "domain/overdue.h"
#include "marac/v1/directory.pb.h"

namespace marac::domain {

// Every setting with its default, but for `instrument` and `policy`: an area chooses those when it is made,
// since none of the packs may pass for the others.
v1::AreaSettings DefaultAreaSettings();

// INVALID_ARGUMENT with one violation for each setting that is wrong, by its path ("settings.slot_minutes").
// A setting left out is wrong wherever zero is no sensible value. `members` are the agencies of the area,
// which alone can have to be there. Whether a pack or policy of that name is installed is not known
// here.
absl::Status CheckAreaSettings(const v1::AreaSettings& settings, const std::vector<std::string>& members);

// The settings as the rules take them. They hold what CheckAreaSettings accepted.
absl::StatusOr<MeetingOffsets> OffsetsOf(const v1::AreaSettings& settings);
MeetingTimes TimesOf(const v1::AreaSettings& settings, absl::Duration meeting_length);
OrderSettings OrderOf(const v1::AreaSettings& settings);
LadderSettings LadderOf(const v1::AreaSettings& settings);

// Days before the end of a permission from which it is warned of; the default where the settings say 0.
int PermissionWarningDaysOf(const v1::AreaSettings& settings);

// The kind with this code; null when the area has none.
const v1::ActionKind* FindActionKind(const v1::AreaSettings& settings, std::string_view code);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AREA_SETTINGS_H_
