// The answers of an assessment as they were given, one event after another (D-02).
#ifndef MARAC_STORE_ANSWERS_H_
#define MARAC_STORE_ANSWERS_H_

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "marac/v1/assessment.pb.h"
#include "store/transaction.h"

namespace marac::store {

// Keeps events under their `seq`. The table takes only the next number, and never another body for one it
// has.
absl::Status AppendAnswers(WriteTransaction& tx, std::string_view assessment,
                           std::span<const v1::Answer> events);

// All events in the order in which they were given.
absl::StatusOr<std::vector<v1::Answer>> LoadAnswers(Transaction& tx, std::string_view assessment);

}  // namespace marac::store

#endif  // MARAC_STORE_ANSWERS_H_
