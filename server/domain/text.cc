#include "domain/text.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace marac::domain {

int VisibleLength(std::string_view text) {
  // Bytes that are not UTF-8 become replacement characters, which can be seen.
  icu::UnicodeString characters =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  int length = 0;
  int last_visible = 0;
  for (int32_t i = 0; i < characters.length(); i = characters.moveIndex32(i, 1)) {
    UChar32 c = characters.char32At(i);
    bool blank = u_isUWhiteSpace(c) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
    if (length > 0 || !blank) ++length;
    if (!blank) last_visible = length;
  }
  return last_visible;
}

}  // namespace marac::domain
