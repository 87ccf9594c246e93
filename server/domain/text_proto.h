// Protobuf's text format: data files, and values of fields in words.
#ifndef MARAC_DOMAIN_TEXT_PROTO_H_
#define MARAC_DOMAIN_TEXT_PROTO_H_

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace marac::domain {

// Reads `text` into `message`. INVALID_ARGUMENT with `file`, line and column of the first mistake; nothing is
// printed. `message` is then not to be used. `locations`, when given, learns where in the file each field
// stands.
absl::Status ParseTextProto(std::string_view text, std::string_view file, google::protobuf::Message& message,
                            google::protobuf::TextFormat::ParseInfoTree* locations = nullptr);

// The line, from 1, of the nearest thing on a path ("items[3].details[0].code") that the file has: a field
// that is missing is reported where its parent stands. Line 1 when not even that is there.
int LineOf(const google::protobuf::TextFormat::ParseInfoTree& file,
           const google::protobuf::Descriptor& message, std::string_view path);

// The message on one line.
std::string MessageText(const google::protobuf::Message& message);

// A field's value on one line, a text without quotes. `index` of a list; -1 for a field that is no list.
std::string FieldText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field, int index = -1);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TEXT_PROTO_H_
