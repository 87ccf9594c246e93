// Whether time tells a case that is hidden from one that is not there (security.md 1, threat 17). It is said,
// and not held to, as it hangs on what else the machine does.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "tests/access/calls.h"
#include "tests/access/world.h"

namespace marac::testing {
namespace {

constexpr int kCalls = 2000;
// Not counted: a server that has just begun answers by fits and starts, which hides what is looked for.
constexpr int kCallsBefore = 3000;

// How likely two samples differ this much when they are of one kind (Mann-Whitney, two-sided, by the normal
// approximation).
double ChanceOfNoDifference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::pair<double, bool>> all;
  for (const double value : a) all.emplace_back(value, true);
  for (const double value : b) all.emplace_back(value, false);
  std::ranges::sort(all);
  double rank_sum = 0;
  for (size_t i = 0; i < all.size();) {
    size_t end = i;
    while (end < all.size() && all[end].first == all[i].first) ++end;
    // Ranks i + 1 to end, shared.
    const double rank = (static_cast<double>(i) + 1 + static_cast<double>(end)) / 2;
    for (; i < end; ++i) rank_sum += all[i].second ? rank : 0;
  }
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  const double z = (rank_sum - n * (n + m + 1) / 2) / std::sqrt(n * m * (n + m + 1) / 12);
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Asks by turns for the record and for one that nobody has, as somebody to whom neither is open.
template <typename Request>
void Time(const Client& client, const std::string& method, const std::string& name) {
  std::vector<double> hidden;
  std::vector<double> absent;
  Request request;
  for (int i = 0; i < kCallsBefore + kCalls; ++i) {
    // Interleaved, and not always in one order.
    const bool is_hidden = (i + i / 2) % 2 == 0;
    request.set_name(is_hidden ? name : AbsentLike(name));
    const auto start = std::chrono::steady_clock::now();
    const Answer answer = Send(client, method, request);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    ASSERT_EQ(answer.status.code(), absl::StatusCode::kNotFound);
    if (i < kCallsBefore) continue;
    (is_hidden ? hidden : absent).push_back(took.count());
  }
  const std::string word = method.substr(method.find('/') + 1);
  std::printf("figure: hidden_timing_p_%s=%.3f\nfigure: hidden_timing_median_gap_%s=%.1f us\n", word.c_str(),
              ChanceOfNoDifference(hidden, absent), word.c_str(), 1e6 * (Median(hidden) - Median(absent)));
}

TEST(HiddenTimingTest, SaysWhetherTimeTellsHiddenFromAbsent) {
  World world(/*meetings=*/2);
  const Story& story = world.At(rules::LISTED, v1::ROLE_REFERRER, /*shut_out=*/true);
  const Client& client = world.Find("representative.shut").client;
  Time<v1::GetReferralRequest>(client, "ReferralService/GetReferral", story.referral.name());
  Time<v1::GetCaseRequest>(client, "CaseService/GetCase", story.record.name());
}

}  // namespace
}  // namespace marac::testing
