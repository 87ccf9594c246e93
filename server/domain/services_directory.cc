#include "domain/services_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/text_field.h"

namespace marac::domain {
namespace {

constexpr int kNumbersMax = 5;
constexpr int kDigitsMin = 3;   // "101"
constexpr int kDigitsMax = 15;  // As many as an international number has.
constexpr int kAgeMax = 130;

bool IsDialled(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  // A space stands between digits only: a number that begins or ends with one was cut out of something.
  if (number.empty() || number.front() == ' ' || number.back() == ' ') return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto digits = std::count_if(number.begin(), number.end(), is_digit);
  return digits >= kDigitsMin && digits <= kDigitsMax &&
         std::all_of(number.begin(), number.end(), [&](char c) { return is_digit(c) || c == ' '; });
}

// Values of an enum that is asked for: each is one, and none is there twice.
template <typename Values, typename IsValid>
void CheckChoices(FieldErrors& errors, std::string_view field, const Values& values,
                  const IsValid& is_valid) {
  for (int i = 0; i < values.size(); ++i) {
    const bool is_known = values.Get(i) != 0 && is_valid(values.Get(i));
    const bool is_first = std::find(values.begin(), values.begin() + i, values.Get(i)) == values.begin() + i;
    errors.Require(is_known && is_first, fmt::format("{}[{}]", field, i),
                   "choose one of those that are offered, and each once");
  }
}

void CheckNumbers(FieldErrors& errors, const v1::SupportService& service) {
  errors.Require(!service.numbers().empty(), "service.numbers", "give a number on which it is reached");
  errors.Require(service.numbers_size() <= kNumbersMax, "service.numbers",
                 fmt::format("give at most {} numbers, the best first", kNumbersMax));
  for (int i = 0; i < std::min(service.numbers_size(), kNumbersMax); ++i) {
    const v1::ServiceNumber& number = service.numbers(i);
    const std::string field = fmt::format("service.numbers[{}]", i);
    errors.Require(IsDialled(number.number()), field + ".number",
                   "give it as it is dialled: 3 to 15 digits, with spaces between them if you like");
    errors.Require(
        v1::ServiceNumberKind_IsValid(number.kind()) && number.kind() != v1::SERVICE_NUMBER_KIND_UNSPECIFIED,
        field + ".kind", "say whether it is called or sent text messages");
    LimitText(errors, field + ".note", number.note(), kLineBytesMax);
  }
}

void CheckEligibility(FieldErrors& errors, const v1::ServiceEligibility& eligibility) {
  CheckChoices(errors, "service.eligibility.grades", eligibility.grades(), v1::Grade_IsValid);
  CheckChoices(errors, "service.eligibility.genders", eligibility.genders(), v1::ServiceGender_IsValid);
  const auto is_age = [](int age) { return age >= 0 && age <= kAgeMax; };
  errors.Require(is_age(eligibility.age_min()), "service.eligibility.age_min", "give an age in years");
  errors.Require(is_age(eligibility.age_max()), "service.eligibility.age_max", "give an age in years");
  errors.Require(eligibility.age_max() == 0 || eligibility.age_max() >= eligibility.age_min(),
                 "service.eligibility.age_max",
                 "the oldest age comes before the youngest: nobody would be taken");
  LimitText(errors, "service.eligibility.note", eligibility.note(), kTextBytesMax);
}

// The day, or nothing after saying what is wrong with it.
std::optional<LocalDate> DayFrom(FieldErrors& errors, const v1::Day& day, std::string_view field,
                                 std::string_view advice) {
  const absl::StatusOr<LocalDate> date = LocalDate::FromDay(day, field);
  if (date.ok()) return *date;
  errors.Add(field, advice);
  return std::nullopt;
}

void CheckDays(FieldErrors& errors, const v1::SupportService& service, LocalDate today) {
  const std::optional<LocalDate> verified =
      DayFrom(errors, service.verified_day(), "service.verified_day",
              "give the day on which somebody made sure of this; it must be a day of the calendar");
  const std::optional<LocalDate> review =
      DayFrom(errors, service.review_day(), "service.review_day",
              "give the day until which this counts as right; it must be a day of the calendar");
  errors.Require(!verified || *verified <= today, "service.verified_day",
                 "this day is still to come: give the day on which somebody made sure of this");
  errors.Require(!verified || !review || *review >= *verified, "service.review_day",
                 "this is before the day it was last verified: give a day after it");
}

}  // namespace

absl::StatusOr<v1::SupportService> KeptService(const v1::SupportService& given, LocalDate today) {
  FieldErrors errors;
  RequireText(errors, "service.display_name", given.display_name(), kLineBytesMax, "give its name");
  LimitText(errors, "service.description", given.description(), kTextBytesMax);
  errors.Require(!given.purposes().empty(), "service.purposes", "say what it is there for");
  CheckChoices(errors, "service.purposes", given.purposes(), v1::ServicePurpose_IsValid);
  CheckNumbers(errors, given);
  RequireText(errors, "service.hours", given.hours(), kLineBytesMax, "say when somebody answers");
  CheckEligibility(errors, given.eligibility());
  LimitText(errors, "service.access", given.access(), kTextBytesMax);
  CheckDays(errors, given, today);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  v1::SupportService service = given;
  DropHiddenCharacters(service);
  DeriveReview(service, today);
  return service;
}

void DeriveReview(v1::SupportService& service, LocalDate today) {
  const absl::StatusOr<LocalDate> review = LocalDate::FromDay(service.review_day(), "service.review_day");
  service.set_review_overdue(!review.ok() || today > *review);
}

bool Suits(const v1::SupportService& service, const v1::ListServicesRequest& asked) {
  const auto has = [](const auto& values, int wanted) {
    return std::find(values.begin(), values.end(), wanted) != values.end();
  };
  const v1::ServiceEligibility& takes = service.eligibility();
  if (asked.purpose() != v1::SERVICE_PURPOSE_UNSPECIFIED && !has(service.purposes(), asked.purpose()))
    return false;
  if (asked.grade() != v1::GRADE_UNSPECIFIED && !takes.grades().empty() &&
      !has(takes.grades(), asked.grade()))
    return false;
  if (asked.gender() != v1::SERVICE_GENDER_UNSPECIFIED && !takes.genders().empty() &&
      !has(takes.genders(), asked.gender()))
    return false;
  if (asked.age() == 0) return true;
  return asked.age() >= takes.age_min() && (takes.age_max() == 0 || asked.age() <= takes.age_max());
}

bool IsForEnding(const v1::SupportService& service, const v1::Policy& policy) {
  const v1::ServiceEligibility& takes = service.eligibility();
  v1::ListServicesRequest asked;
  asked.set_purpose(v1::SERVICE_PURPOSE_AFTER_ASSESSMENT);
  return Suits(service, asked) && !service.review_overdue() && takes.grades().empty() &&
         takes.genders().empty() && takes.age_max() == 0 && takes.age_min() <= policy.min_age_years();
}

}  // namespace marac::domain
