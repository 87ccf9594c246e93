// Lives one more fortnight in an area, with a canary in everything that is written.
#ifndef MARAC_DEMO_PLANT_H_
#define MARAC_DEMO_PLANT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "demo/canary.h"
#include "demo/world.h"

namespace marac::demo {

// Everybody must be signed in. Needs a certificate for a program, not enrolled, in
// `directory`/programs/canary-cli.pem. INTERNAL: a free text of some request is never filled.
absl::StatusOr<std::vector<Canary>> PlantCanaries(World& world);

}  // namespace marac::demo

#endif  // MARAC_DEMO_PLANT_H_
