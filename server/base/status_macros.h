// The two ways an absl::Status travels up: there is no other, and there are no exceptions of our own.
#ifndef MARAC_BASE_STATUS_MACROS_H_
#define MARAC_BASE_STATUS_MACROS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define MARAC_CONCAT_INNER_(x, y) x##y
#define MARAC_CONCAT_(x, y) MARAC_CONCAT_INNER_(x, y)

// Returns from the enclosing function when `expr`, an absl::Status, is not OK.
#define RETURN_IF_ERROR(expr)                                       \
  do {                                                              \
    if (absl::Status marac_status_ = (expr); !marac_status_.ok()) { \
      return marac_status_;                                         \
    }                                                               \
  } while (false)

// Declares or assigns `lhs` from an absl::StatusOr, or returns its status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL_(MARAC_CONCAT_(marac_statusor_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL_(statusor, lhs, expr) \
  auto statusor = (expr);                           \
  if (!statusor.ok()) {                             \
    return statusor.status();                       \
  }                                                 \
  lhs = std::move(statusor).value()

#endif  // MARAC_BASE_STATUS_MACROS_H_
