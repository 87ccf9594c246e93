// Training in taking assessments: recorded for each person, and wanted of who signs where the area says so.
#ifndef MARAC_DOMAIN_TRAINING_H_
#define MARAC_DOMAIN_TRAINING_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/assessment.h"
#include "domain/local_date.h"
#include "marac/v1/directory.pb.h"

namespace marac::domain {

// Adds training to an account; of more than twenty the oldest goes. INVALID_ARGUMENT names the field; nobody
// records their own (FAILED_PRECONDITION).
absl::StatusOr<v1::Account> RecordTraining(v1::Account account, const v1::Training& training, const Act& act);

// Whether some training counts on this day, its last day included.
bool IsTrained(const v1::Account& account, LocalDate today);

// FAILED_PRECONDITION, NOT_QUALIFIED, where the area wants training and the signer has none that counts. An
// agency's system, which has no account, has none.
absl::Status RequireTraining(const v1::AreaSettings& settings, const std::optional<v1::Account>& signer,
                             LocalDate today);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TRAINING_H_
