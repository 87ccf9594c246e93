// Lives the plan: every call is made by whoever would make it, at the moment of the simulated clock at which
// they would.
#ifndef MARAC_DEMO_FILL_H_
#define MARAC_DEMO_FILL_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "demo/world.h"

namespace marac::demo {

struct FillOptions {
  uint64_t seed = 1;
  absl::Time end;   // the present of the demonstration; it begins at what the clock shows
  int threads = 8;  // calls side by side
};

// Everybody must be signed in (MakePeople), and the directory kept (KeepServices). Puts the meetings on the
// calendar, then lives from now to options.end, with progress on standard error.
absl::Status Fill(World& world, const FillOptions& options);

}  // namespace marac::demo

#endif  // MARAC_DEMO_FILL_H_
