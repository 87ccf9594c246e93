// What people typed, looked at as characters and not as bytes.
#ifndef MARAC_DOMAIN_TEXT_H_
#define MARAC_DOMAIN_TEXT_H_

#include <string_view>

namespace marac::domain {

// Characters from the first to the last that can be seen. Blank are all spaces of Unicode and the characters
// that show nothing, so that a no-break space pasted from a form does not pass for a reason.
int VisibleLength(std::string_view text);

// Whether there is nothing to see.
inline bool IsBlank(std::string_view text) { return VisibleLength(text) == 0; }

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TEXT_H_
