// Case numbers (decisions: ids): area, year, four random characters and a check character, "MK-26-7QX4-K". A
// sequence would tell of hidden cases.
#ifndef MARAC_DOMAIN_CASE_NUMBER_H_
#define MARAC_DOMAIN_CASE_NUMBER_H_

#include <string>
#include <string_view>

#include "domain/local_date.h"

namespace marac::domain {

inline constexpr size_t kCaseNumberRandomLength = 4;

// `random` is four characters of base 32 without i, l, o, u, in either case, as in an id. `area_code` is two
// to four letters. Two cases may draw the same: whoever keeps numbers has to notice.
std::string MakeCaseNumber(std::string_view area_code, LocalDate day, std::string_view random);

// Whether the number could be one of ours: one mistyped character, or two that changed places, and it is not.
// Takes small letters, and o, i, l for 0 and 1, as a person reads them.
bool IsCaseNumber(std::string_view number);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CASE_NUMBER_H_
