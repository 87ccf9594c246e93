#include "domain/text_proto.h"

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>
#include <string>

namespace marac::domain {
namespace {

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

}  // namespace

absl::Status ParseTextProto(std::string_view text, std::string_view file, google::protobuf::Message& message,
                            google::protobuf::TextFormat::ParseInfoTree* locations) {
  if (text.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError(fmt::format("{}: the file is too large", file));
  }
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(locations);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&input, &message)) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", file, error.message()));
  }
  return absl::OkStatus();
}

}  // namespace marac::domain
