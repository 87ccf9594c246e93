// What people and systems send, before any rule looks at it.
#ifndef MARAC_DOMAIN_INPUT_H_
#define MARAC_DOMAIN_INPUT_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "domain/errors.h"

namespace marac::domain {

// The text without characters that show nothing or change how the rest is read: controls (line feed and tab
// stay), marks of writing direction, invisible separators. Joiners stay, because names in several scripts
// need them.
std::string WithoutHiddenCharacters(std::string_view text);

// The same for every text inside `message`.
void DropHiddenCharacters(google::protobuf::Message& message);

// Adds a violation when `text` has more than the 4,000 characters that the contract allows a text.
void CheckTextLength(std::string_view text, std::string_view path, FieldErrors& errors);

// Adds what no record can hold, by its path below `path` ("referral.victim.birth_date"): a day that does not
// exist, a year out of range, a number that is no value of its enum, a text or a list that is too long.
// Whether a value is there at all is another question.
void CheckValues(const google::protobuf::Message& message, std::string_view path, FieldErrors& errors);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_INPUT_H_
