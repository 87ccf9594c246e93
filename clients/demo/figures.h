// What is in an area, read back through the API and counted.
#ifndef MARAC_DEMO_FIGURES_H_
#define MARAC_DEMO_FIGURES_H_

#include <string>

#include "absl/status/statusor.h"
#include "demo/world.h"

namespace marac::demo {

// Lines for people: referrals, cases, actions, and shares beside the published ones they are modelled on.
absl::StatusOr<std::string> FiguresText(const World& world);

}  // namespace marac::demo

#endif  // MARAC_DEMO_FIGURES_H_
