// Text fields of a request: whether something was written, and not too much.
#ifndef MARAC_DOMAIN_TEXT_FIELD_H_
#define MARAC_DOMAIN_TEXT_FIELD_H_

#include <string_view>

#include "domain/errors.h"

namespace marac::domain {

// Longest text of one field, in bytes: some four pages.
inline constexpr size_t kTextBytesMax = 16000;
// Longest name, place or reference, in bytes.
inline constexpr size_t kLineBytesMax = 400;

// Adds a violation when `text` is longer than `bytes_max`; it may be empty.
void LimitText(FieldErrors& errors, std::string_view field, std::string_view text, size_t bytes_max);
// The same, and when there is nothing to see in it: `advice` says what to write.
void RequireText(FieldErrors& errors, std::string_view field, std::string_view text, size_t bytes_max,
                 std::string_view advice);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TEXT_FIELD_H_
