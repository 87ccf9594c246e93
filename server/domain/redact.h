// The one walk that decides what of a record leaves.
#ifndef MARAC_DOMAIN_REDACT_H_
#define MARAC_DOMAIN_REDACT_H_

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "domain/access.h"

namespace marac::domain {

// Gives the classes under which a record of this name was opened in this call, or null when it was not.
using ClassesByName = std::function<const FieldClassSet*(std::string_view name)>;

// Clears from `answer` every field whose class is not granted. A message with a field `name` is a record: it
// is redacted by the classes that `by_name` has for it, and everything outside a record by `outside`. A
// message field's class covers what is inside it; a class inside is asked as well. INTERNAL, and nothing may
// be sent, when the answer holds a record that this call never opened: that is a bug of ours, caught.
absl::Status Redact(google::protobuf::Message& answer, FieldClassSet outside, const ClassesByName& by_name);

// The class of a field, or UNSPECIFIED.
v1::FieldClass ClassOf(const google::protobuf::FieldDescriptor& field);

// Names the first field that can leave inside `message` without a class on its path; empty: there is none.
std::string FirstUnclassified(const google::protobuf::Descriptor& message);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_REDACT_H_
