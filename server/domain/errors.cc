#include "domain/errors.h"

#include <fmt/format.h>

#include "absl/strings/cord.h"

namespace marac::domain {
namespace {
constexpr char kDetailUrl[] = "type.googleapis.com/marac.v1.ErrorDetail";
}  // namespace

absl::Status WithDetail(absl::Status status, const v1::ErrorDetail& detail) {
  if (!status.ok()) status.SetPayload(kDetailUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

std::string SerializedDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(kDetailUrl);
  return payload.has_value() ? std::string(*payload) : std::string();
}

v1::ErrorDetail DetailOf(const absl::Status& status) {
  v1::ErrorDetail detail;
  // A payload we did not write ourselves cannot occur; an unreadable one reads as an empty detail.
  if (!detail.ParseFromString(SerializedDetail(status))) detail.Clear();
  return detail;
}

absl::Status InvalidField(std::string_view field, std::string_view advice) {
  FieldErrors errors;
  errors.Add(field, advice);
  return errors.ToInvalidArgument();
}

void FieldErrors::Add(std::string_view field, std::string_view advice) {
  v1::FieldViolation* violation = detail_.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(advice));
}

absl::Status FieldErrors::ToStatus(absl::StatusCode code, std::string_view reason) const {
  if (empty()) return absl::OkStatus();
  v1::ErrorDetail detail = detail_;
  detail.set_reason(std::string(reason));
  const v1::FieldViolation& first = detail.field_violations(0);
  std::string sentence = fmt::format("{}: {}", first.field(), first.description());
  if (detail.field_violations_size() > 1) {
    sentence += fmt::format(" ({} more fields to look at)", detail.field_violations_size() - 1);
  }
  return WithDetail(absl::Status(code, sentence), detail);
}

absl::Status WrongState(std::string_view reason, std::string_view sentence) {
  v1::ErrorDetail detail;
  detail.set_reason(std::string(reason));
  return WithDetail(absl::FailedPreconditionError(absl::string_view(sentence.data(), sentence.size())),
                    detail);
}

absl::Status NotFoundOrNotOpen(std::string_view resource_name) {
  return absl::NotFoundError(fmt::format("'{}': not found, or not open to you", resource_name));
}

absl::Status StaleEtag(std::string_view resource_name) {
  v1::ErrorDetail detail;
  detail.set_reason("ETAG_MISMATCH");
  return WithDetail(
      absl::AbortedError(fmt::format("'{}': somebody changed it since you read it; read it again and "
                                     "put your change on top of theirs",
                                     resource_name)),
      detail);
}

}  // namespace marac::domain
