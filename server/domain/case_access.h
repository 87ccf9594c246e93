// Conflicts of interest (R-16, marac.md 6): what workers register about themselves, and whether anybody is
// left to see to a case.
#ifndef MARAC_DOMAIN_CASE_ACCESS_H_
#define MARAC_DOMAIN_CASE_ACCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/access.h"
#include "domain/names.h"
#include "marac/v1/access.pb.h"
#include "marac/v1/access_service.pb.h"

namespace marac::domain {

// A reason for a decision about access, without hidden characters. INVALID_ARGUMENT: there is none.
absl::StatusOr<std::string> CheckAccessReason(std::string_view reason);

// The list of a restricted case. INVALID_ARGUMENT names the field: too long, somebody twice, none.
absl::Status CheckRestriction(const v1::RestrictCaseRequest& request);

// Exactly one of account, agency and person is given. INVALID_ARGUMENT otherwise.
absl::Status CheckExclusion(const v1::ExcludePersonRequest& request);

// The register as it is kept. INVALID_ARGUMENT names the field, "register.people[2].name".
absl::StatusOr<v1::OwnRegister> CheckOwnRegister(v1::OwnRegister entries);

// Under what somebody registered is found in a case.
PersonKeys KeysOf(const v1::RegisteredPerson& person);

// Somebody who holds a role in the area.
struct Holder {
  std::string account;
  std::string agency;
};
// Whether somebody of these, in this role, may still see the case.
bool AnybodyLeft(const RecordFacts& facts, const std::vector<Holder>& holders, v1::Role role);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CASE_ACCESS_H_
