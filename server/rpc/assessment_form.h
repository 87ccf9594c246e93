// What more than one service needs of an assessment's form.
#ifndef MARAC_RPC_ASSESSMENT_FORM_H_
#define MARAC_RPC_ASSESSMENT_FORM_H_

#include <vector>

#include "absl/status/statusor.h"
#include "domain/catalogue.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/support.pb.h"
#include "rpc/gate.h"

namespace marac::rpc {

// What is installed where it is.
absl::StatusOr<const domain::Catalogue*> CatalogueOf(ReadCall& call, const v1::Assessment& assessment);

// The form it was started with (D-05).
absl::StatusOr<domain::Form> FormOf(ReadCall& call, const v1::Assessment& assessment);

// Whom the person can call when it is over.
absl::StatusOr<std::vector<v1::SupportService>> ServicesOfEnding(ReadCall& call,
                                                                 const v1::Assessment& assessment,
                                                                 const domain::Form& form);

}  // namespace marac::rpc

#endif  // MARAC_RPC_ASSESSMENT_FORM_H_
