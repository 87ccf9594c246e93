// What a change of an area's settings is, and what it alters of what is there already.
#ifndef MARAC_DOMAIN_AREA_CHANGE_H_
#define MARAC_DOMAIN_AREA_CHANGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/meeting.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/directory_service.pb.h"

namespace marac::domain {

// Each setting, and the name for people, that is not the same in both. Of a list, each entry that is there no
// more and each that is new; of one in another order, the whole of it.
std::vector<v1::SettingChange> ChangesOf(const v1::Area& before, const v1::Area& after);

// What comes of a change, worked out once for whoever looks at it first and for whoever makes it.
struct AreaEffect {
  std::vector<v1::SettingChange> changes;
  // In sentences for people, about meetings and never about cases: a count would tell of what is hidden.
  std::vector<std::string> consequences;
  // Those that are others then, to be saved with the area.
  std::vector<v1::Meeting> meetings;
};

// The effect of making `before` the same as `wanted`. `context` has the settings of `wanted` and the
// calendar. INVALID_ARGUMENT naming each setting that is wrong (CheckAreaSettings, PlanAnew), and the name
// when it is empty.
absl::StatusOr<AreaEffect> EffectOf(const v1::Area& before, const v1::Area& wanted,
                                    const SeriesContext& context);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AREA_CHANGE_H_
