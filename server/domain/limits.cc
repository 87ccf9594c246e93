#include "domain/limits.h"

#include <fmt/format.h>

#include <array>

#include "domain/errors.h"

namespace marac::domain {
namespace {

struct Used {
  std::string_view method;
  v1::UseKind use;
};

constexpr std::array kUsed = {
    Used{"marac.v1.CaseService/GetCase", v1::USE_KIND_OPEN},
    Used{"marac.v1.ReferralService/GetReferral", v1::USE_KIND_OPEN},
    Used{"marac.v1.AssessmentService/GetAssessment", v1::USE_KIND_OPEN},
    Used{"marac.v1.AssessmentService/CompareAssessments", v1::USE_KIND_OPEN},
    Used{"marac.v1.AssessmentService/GetHandover", v1::USE_KIND_OPEN},
    Used{"marac.v1.DocumentService/ReadDocument", v1::USE_KIND_OPEN},
    Used{"marac.v1.ActionService/GetAction", v1::USE_KIND_OPEN},
    Used{"marac.v1.CaseService/RevealDetail", v1::USE_KIND_REVEAL},
    Used{"marac.v1.ReferralService/FindMatches", v1::USE_KIND_SEARCH},
    Used{"marac.v1.CaseService/ListCases", v1::USE_KIND_LIST},
    Used{"marac.v1.ReferralService/ListReferrals", v1::USE_KIND_LIST},
    Used{"marac.v1.ReferralService/ListExcludedPeople", v1::USE_KIND_LIST},
    Used{"marac.v1.AssessmentService/ListAssessments", v1::USE_KIND_LIST},
    Used{"marac.v1.AssessmentService/ListSupervision", v1::USE_KIND_LIST},
    Used{"marac.v1.ActionService/ListActions", v1::USE_KIND_LIST},
    Used{"marac.v1.MeetingService/GetAgenda", v1::USE_KIND_LIST},
    Used{"marac.v1.MeetingService/GetOpening", v1::USE_KIND_LIST},
    Used{"marac.v1.ResearchService/ListResearch", v1::USE_KIND_OPEN},
    Used{"marac.v1.ResearchService/ListResearchDue", v1::USE_KIND_LIST},
    // They open every case of an agenda, as part of doing something with it.
    Used{"marac.v1.MeetingService/ProposeAgenda", v1::USE_KIND_LIST},
    Used{"marac.v1.MeetingService/CirculateAgenda", v1::USE_KIND_LIST},
};

int32_t Or(int32_t set, int32_t otherwise) { return set > 0 ? set : otherwise; }

}  // namespace

v1::UseKind UseOf(std::string_view method) {
  for (const Used& used : kUsed) {
    if (used.method == method) return used.use;
  }
  return v1::USE_KIND_UNSPECIFIED;
}

v1::UseLimits DefaultUseLimits() {
  v1::UseLimits limits;
  limits.set_searches_per_minute(30);
  limits.set_opens_per_day(200);
  limits.set_uninvolved_opens_per_hour(10);
  limits.set_reveals_per_day(60);
  limits.set_lists_per_minute(120);
  return limits;
}

v1::UseLimits LimitsOf(const v1::AreaSettings& settings) {
  const v1::UseLimits& set = settings.limits();
  v1::UseLimits limits = DefaultUseLimits();
  limits.set_searches_per_minute(Or(set.searches_per_minute(), limits.searches_per_minute()));
  limits.set_opens_per_day(Or(set.opens_per_day(), limits.opens_per_day()));
  limits.set_uninvolved_opens_per_hour(
      Or(set.uninvolved_opens_per_hour(), limits.uninvolved_opens_per_hour()));
  limits.set_reveals_per_day(Or(set.reveals_per_day(), limits.reveals_per_day()));
  limits.set_lists_per_minute(Or(set.lists_per_minute(), limits.lists_per_minute()));
  return limits;
}

Limit LimitFor(v1::UseKind use, const v1::UseLimits& limits) {
  switch (use) {
    case v1::USE_KIND_OPEN:
      return {limits.opens_per_day(), absl::Hours(24)};
    case v1::USE_KIND_UNINVOLVED:
      return {limits.uninvolved_opens_per_hour(), absl::Hours(1)};
    case v1::USE_KIND_REVEAL:
      return {limits.reveals_per_day(), absl::Hours(24)};
    case v1::USE_KIND_SEARCH:
      return {limits.searches_per_minute(), absl::Minutes(1)};
    case v1::USE_KIND_LIST:
      return {limits.lists_per_minute(), absl::Minutes(1)};
    default:
      return {kLimitMax, absl::Minutes(1)};
  }
}

absl::Status OverLimit(const v1::UseLimits& limits) {
  v1::ErrorDetail detail;
  detail.set_reason("LIMIT");
  return WithDetail(
      absl::ResourceExhaustedError(fmt::format(
          "you opened {} cases within an hour that you have no part in: if they have become your work, ask "
          "the coordinator or your agency's administrator to record it, or wait an hour",
          limits.uninvolved_opens_per_hour())),
      detail);
}

bool IsOverLimit(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && DetailOf(status).reason() == "LIMIT";
}

RefusalCap::Row RefusalCap::Note(std::string_view source, absl::Time now) {
  auto found = windows_.find(source);
  if (found == windows_.end()) {
    // An empty source stands for all that there is no room for.
    const bool room = windows_.size() < kSourcesMax;
    found = windows_.try_emplace(room ? std::string(source) : std::string(), Window{.begin = now}).first;
  }
  Window& window = found->second;
  // One that ended with refusals counted waits for TakeEnded, and goes on counting until then.
  if (now - window.begin >= kWindow && window.refusals <= kEach) window = {.begin = now};
  ++window.refusals;
  if (window.refusals <= kEach) return Row::kOwn;
  return window.refusals == kEach + 1 ? Row::kCountingBegins : Row::kNone;
}

std::vector<RefusalCap::Counted> RefusalCap::TakeEnded(absl::Time now) {
  std::vector<Counted> ended;
  for (auto window = windows_.begin(); window != windows_.end();) {
    if (now - window->second.begin < kWindow) {
      ++window;
      continue;
    }
    const int64_t counted = window->second.refusals - kEach;
    if (counted > 0) ended.push_back({.source = window->first, .refusals = counted});
    window = windows_.erase(window);
  }
  return ended;
}

}  // namespace marac::domain
