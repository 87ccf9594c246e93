// Data files in protobuf's text format.
#ifndef MARAC_DOMAIN_TEXT_PROTO_H_
#define MARAC_DOMAIN_TEXT_PROTO_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "absl/status/status.h"

namespace marac::domain {

// Reads `text` into `message`. INVALID_ARGUMENT with `file`, line and column of the first mistake; nothing is
// printed. `message` is then not to be used.
absl::Status ParseTextProto(std::string_view text, std::string_view file, google::protobuf::Message& message);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TEXT_PROTO_H_
