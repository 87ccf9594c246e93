// How much one person may look at before it is noticed (security.md 2.7), and how much of a flood of refusals
// is written down. Limits alert and the work goes on; only looking at cases one has no part in is refused.
#ifndef MARAC_DOMAIN_LIMITS_H_
#define MARAC_DOMAIN_LIMITS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "marac/v1/alert.pb.h"
#include "marac/v1/directory.pb.h"

namespace marac::domain {

// What a call of this method ("marac.v1.CaseService/GetCase") counts as: USE_KIND_OPEN, _REVEAL, _SEARCH or
// _LIST; UNSPECIFIED for what only counts where the person has no part in the case.
v1::UseKind UseOf(std::string_view method);

// The documented limits, and an area's, where 0 is the documented one.
v1::UseLimits DefaultUseLimits();
v1::UseLimits LimitsOf(const v1::AreaSettings& settings);
inline constexpr int kLimitMax = 10'000;

// How many of this kind one person may have within how long.
struct Limit {
  int count;
  absl::Duration within;
};
Limit LimitFor(v1::UseKind use, const v1::UseLimits& limits);

// RESOURCE_EXHAUSTED with the reason LIMIT, for USE_KIND_UNINVOLVED above its limit.
absl::Status OverLimit(const v1::UseLimits& limits);
bool IsOverLimit(const absl::Status& status);

// Which refusals get a row of their own in the log: of each source the first kEach in a window. What follows
// is counted, so that a flood cannot make the log grow without end; one row says when counting began, one how
// many there were. Not thread-safe.
class RefusalCap {
 public:
  static constexpr int kEach = 1'000;
  static constexpr absl::Duration kWindow = absl::Minutes(10);
  // Sources that are told apart at one moment; the rest count as one.
  static constexpr size_t kSourcesMax = 10'000;

  enum class Row { kOwn, kCountingBegins, kNone };
  Row Note(std::string_view source, absl::Time now);

  // The sources of which refusals were counted and whose window has ended, with how many; each once.
  struct Counted {
    std::string source;
    int64_t refusals = 0;
  };
  std::vector<Counted> TakeEnded(absl::Time now);

 private:
  struct Window {
    absl::Time begin;
    int64_t refusals = 0;
  };
  std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_LIMITS_H_
