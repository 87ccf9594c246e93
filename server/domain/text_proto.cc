#include "domain/text_proto.h"

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <charconv>
#include <limits>
#include <string>

namespace marac::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// As deep as a message may be that was sent: a file comes from outside, too.
constexpr int kDepthMax = 100;

// Keeps the first mistake; the ones that follow are mostly its consequences. A file may hold any number of
// warnings, which are no reason to refuse it.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (message_.empty()) message_ = fmt::format("line {}, column {}: {}", line + 1, column + 1, message);
  }
  void AddWarning(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

// One step of a path such as "items[3].details[0].code".
struct Step {
  std::string name;
  int index = -1;  // -1 for a field that is no list
};

Step TakeStep(std::string_view& path) {
  std::string_view part = path.substr(0, path.find('.'));
  path.remove_prefix(part.size() < path.size() ? part.size() + 1 : part.size());
  size_t bracket = part.find('[');
  Step step{std::string(part.substr(0, bracket))};
  if (bracket != std::string_view::npos) {
    std::from_chars(part.data() + bracket + 1, part.data() + part.size(), step.index);
  }
  return step;
}

}  // namespace

int LineOf(const TextFormat::ParseInfoTree& file, const Descriptor& message, std::string_view path) {
  int line = 1;
  const TextFormat::ParseInfoTree* tree = &file;
  const Descriptor* type = &message;
  while (tree != nullptr && type != nullptr && !path.empty()) {
    Step step = TakeStep(path);
    const FieldDescriptor* field = type->FindFieldByName(step.name);
    if (field == nullptr) break;
    // A list as a whole has no place of its own; its first element will do.
    int index = field->is_repeated() && step.index < 0 ? 0 : step.index;
    TextFormat::ParseLocation location = tree->GetLocation(field, index);
    if (location.line < 0) break;
    line = location.line + 1;
    type = field->message_type();
    tree = type == nullptr ? nullptr : tree->GetTreeForNested(field, index);
  }
  return line;
}

absl::Status ParseTextProto(std::string_view text, std::string_view file, google::protobuf::Message& message,
                            google::protobuf::TextFormat::ParseInfoTree* locations) {
  if (text.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError(fmt::format("{}: the file is too large", file));
  }
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(locations);
  parser.SetRecursionLimit(kDepthMax);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&input, &message)) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", file, error.message()));
  }
  return absl::OkStatus();
}

std::string MessageText(const Message& message) {
  TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string FieldText(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return MessageText(index < 0 ? reflection.GetMessage(message, &field)
                                 : reflection.GetRepeatedMessage(message, &field, index));
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return index < 0 ? reflection.GetString(message, &field)
                     : reflection.GetRepeatedString(message, &field, index);
  }
  std::string text;
  TextFormat::PrintFieldValueToString(message, &field, index, &text);
  return text;
}

}  // namespace marac::domain
