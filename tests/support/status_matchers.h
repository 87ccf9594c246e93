// Matchers that print why. The Abseil of Debian 12 has none of its own.
#ifndef MARAC_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define MARAC_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace marac::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// A refusal with this code whose message holds `part`.
MATCHER_P2(Refuses, code, part,
           "is the status " + absl::StatusCodeToString(code) + " naming " + std::string(part)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code && std::string(StatusOf(arg).message()).find(part) != std::string::npos;
}

MATCHER_P(IsOkAndHolds, matcher, "") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(matcher, arg.value(), result_listener);
}

#define ASSERT_OK(expr) ASSERT_THAT((expr), ::marac::testing::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT((expr), ::marac::testing::IsOk())
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  ASSERT_OK_AND_ASSIGN_IMPL_(MARAC_TEST_CONCAT_(statusor_, __LINE__), lhs, expr)
#define MARAC_TEST_CONCAT_(x, y) MARAC_TEST_CONCAT_INNER_(x, y)
#define MARAC_TEST_CONCAT_INNER_(x, y) x##y
#define ASSERT_OK_AND_ASSIGN_IMPL_(statusor, lhs, expr) \
  auto statusor = (expr);                               \
  ASSERT_OK(statusor);                                  \
  lhs = std::move(statusor).value()

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_STATUS_MATCHERS_H_
