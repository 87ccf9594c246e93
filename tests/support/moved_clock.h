#ifndef MARAC_TESTS_SUPPORT_MOVED_CLOCK_H_
#define MARAC_TESTS_SUPPORT_MOVED_CLOCK_H_

#include "base/clock.h"

namespace marac::testing {

// A security clock that a test moves; only tests have one.
class MovedClock final : public SecurityClock {
 public:
  absl::Time Now() const override { return absl::Now() + offset; }
  absl::Duration offset;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_MOVED_CLOCK_H_
