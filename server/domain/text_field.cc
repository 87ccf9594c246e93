#include "domain/text_field.h"

#include <fmt/format.h>

#include "domain/text.h"

namespace marac::domain {

void LimitText(FieldErrors& errors, std::string_view field, std::string_view text, size_t bytes_max) {
  if (text.size() > bytes_max) {
    errors.Add(field, fmt::format("this is too long: shorten it to about {} letters", bytes_max));
  }
}

void RequireText(FieldErrors& errors, std::string_view field, std::string_view text, size_t bytes_max,
                 std::string_view advice) {
  if (IsBlank(text)) {
    errors.Add(field, advice);
  } else {
    LimitText(errors, field, text, bytes_max);
  }
}

}  // namespace marac::domain
