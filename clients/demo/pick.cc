#include "demo/pick.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <charconv>

#include "base/status_macros.h"

namespace marac::demo {
namespace {

using google::protobuf::Value;

std::string TextOf(const Value& value) {
  if (value.kind_case() == Value::kStringValue) return value.string_value();
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(value, &json);
  return status.ok() ? json : std::string();
}

absl::Status NotThere(std::string_view path, std::string_view step) {
  return absl::NotFoundError(fmt::format("there is no {} in the answer (at {})", path, step));
}

// The entry of `list` that `selector` names: "0", or "field=value".
const Value* Select(const Value& list, std::string_view selector) {
  const auto& entries = list.list_value().values();
  const size_t equals = selector.find('=');
  if (equals == std::string_view::npos) {
    int index = -1;
    std::from_chars(selector.data(), selector.data() + selector.size(), index);
    return index >= 0 && index < entries.size() ? &entries[index] : nullptr;
  }
  for (const Value& entry : entries) {
    const auto field = entry.struct_value().fields().find(std::string(selector.substr(0, equals)));
    if (field != entry.struct_value().fields().end() &&
        TextOf(field->second) == selector.substr(equals + 1)) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::string> Pick(std::string_view json, std::string_view path) {
  Value root;
  const auto parsed = google::protobuf::util::JsonStringToMessage(std::string(json), &root);
  if (!parsed.ok()) return absl::InvalidArgumentError("standard input is not one JSON document");
  const Value* value = &root;
  for (std::string_view rest = path; !rest.empty();) {
    const bool selects = rest.front() == '[';
    const size_t end = selects ? rest.find(']') : rest.find_first_of(".[");
    if (selects && end == std::string_view::npos) {
      return absl::InvalidArgumentError(fmt::format("{}: a bracket is not closed", path));
    }
    const std::string_view step = selects ? rest.substr(1, end - 1) : rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : selects ? end + 1 : end);
    if (!rest.empty() && rest.front() == '.') rest.remove_prefix(1);
    if (step == "#") return std::to_string(value->list_value().values_size());
    if (selects) {
      value = Select(*value, step);
    } else {
      const auto& fields = value->struct_value().fields();
      const auto field = fields.find(std::string(step));
      value = field == fields.end() ? nullptr : &field->second;
    }
    if (value == nullptr) return NotThere(path, step);
  }
  return TextOf(*value);
}

}  // namespace marac::demo
