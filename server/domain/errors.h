// Errors that name a field. A refusal is an absl::Status whose payload is a marac.v1.ErrorDetail.
#ifndef MARAC_DOMAIN_ERRORS_H_
#define MARAC_DOMAIN_ERRORS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "marac/v1/error_detail.pb.h"

namespace marac::domain {

// Returns `status` carrying `detail`; an OK status stays as it is.
absl::Status WithDetail(absl::Status status, const v1::ErrorDetail& detail);

// The serialised detail of a status, or empty.
std::string SerializedDetail(const absl::Status& status);
v1::ErrorDetail DetailOf(const absl::Status& status);

// INVALID_ARGUMENT naming one field: "referral.victim.birth_date: ...". `advice` never repeats what was
// typed.
absl::Status InvalidField(std::string_view field, std::string_view advice);

// Collects what is wrong with a request, so that a person sees all of it at once.
class FieldErrors {
 public:
  void Add(std::string_view field, std::string_view advice);
  void Require(bool holds, std::string_view field, std::string_view advice) {
    if (!holds) Add(field, advice);
  }
  bool empty() const { return detail_.field_violations().empty(); }
  // OK, or a refusal with this code, the stable word `reason`, and one violation a field.
  absl::Status ToStatus(absl::StatusCode code, std::string_view reason) const;
  absl::Status ToInvalidArgument() const { return ToStatus(absl::StatusCode::kInvalidArgument, "INVALID"); }
  absl::Status ToFailedPrecondition(std::string_view reason) const {
    return ToStatus(absl::StatusCode::kFailedPrecondition, reason);
  }

 private:
  v1::ErrorDetail detail_;
};

// FAILED_PRECONDITION with the stable word `reason`.
absl::Status WrongState(std::string_view reason, std::string_view sentence);

// What a caller hears for a record that is not there, and for one that is not open to them: the same.
absl::Status NotFoundOrNotOpen(std::string_view resource_name);

// ABORTED: somebody changed the record since it was read.
absl::Status StaleEtag(std::string_view resource_name);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ERRORS_H_
