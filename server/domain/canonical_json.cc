#include "domain/canonical_json.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <unicode/normalizer2.h>

#include <cassert>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace marac::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Beyond it a reader that keeps numbers as floating point, as RFC 8785 assumes, would see another number.
constexpr int64_t kExactMax = int64_t{1} << 53;

std::string Nfc(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  icu::UnicodeString characters =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  icu::UnicodeString normal = nfc->normalize(characters, error);
  assert(U_SUCCESS(error));  // NFC data is built into the library; the length is bounded by the message's
  std::string out;
  normal.toUTF8String(out);
  return out;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : Nfc(text)) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string Integer(int64_t value) {
  assert(value >= -kExactMax && value <= kExactMax);
  return fmt::format("{}", value);
}

// The value of a field, or of its element `index` when it is repeated.
std::string Value(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& read = *message.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Integer(list ? read.GetRepeatedInt32(message, &field, index) : read.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return Integer(list ? read.GetRepeatedInt64(message, &field, index) : read.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (list ? read.GetRepeatedBool(message, &field, index) : read.GetBool(message, &field)) ? "true"
                                                                                                   : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return Quoted(
          (list ? read.GetRepeatedEnum(message, &field, index) : read.GetEnum(message, &field))->name());
    case FieldDescriptor::CPPTYPE_STRING:
      return Quoted(list ? read.GetRepeatedString(message, &field, index) : read.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CanonicalJson(list ? read.GetRepeatedMessage(message, &field, index)
                                : read.GetMessage(message, &field));
    default:
      assert(false && "no message that is signed has a field of this type");
      return "null";
  }
}

std::string List(const Message& message, const FieldDescriptor& field) {
  std::string out;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    out += (i == 0 ? "" : ",") + Value(message, field, i);
  }
  return "[" + out + "]";
}

}  // namespace

std::string CanonicalJson(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  // Field names are ASCII, for which the order of bytes is the order of UTF-16 units that RFC 8785 asks for.
  std::map<std::string_view, const FieldDescriptor*> sorted;
  for (const FieldDescriptor* field : fields) sorted.emplace(field->name(), field);
  std::string out;
  for (const auto& [name, field] : sorted) {
    out += fmt::format("{}\"{}\":", out.empty() ? "" : ",", name);
    out += field->is_repeated() ? List(message, *field) : Value(message, *field, /*index=*/-1);
  }
  return "{" + out + "}";
}

}  // namespace marac::domain
