// The area and what it decides for itself.
#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "marac/v1/directory_service.grpc.pb.h"

namespace marac::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using DirectoryStub = v1::DirectoryService::Stub;

struct NoFlags {};
void NoOptions(CLI::App&, NoFlags&) {}

absl::StatusOr<v1::GetAreaRequest> ThisArea(Client& client) {
  v1::GetAreaRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), client.Area());
  return request;
}

absl::Status Show(Client& client, const NoFlags&) {
  ASSIGN_OR_RETURN(const v1::GetAreaRequest request, ThisArea(client));
  return client.CallAndShow(&DirectoryStub::GetArea, request);
}

absl::Status SetValue(Message& message, const FieldDescriptor& field, const std::string& value,
                      std::string_view path) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return SetFromTyped(message, field, value, path);
  if (field.is_repeated()) return domain::InvalidField(path, "give a whole list with --json");
  if (google::protobuf::TextFormat::ParseFieldValueFromString(value, &field, &message))
    return absl::OkStatus();
  return domain::InvalidField(path,
                              "no such value: give a number, true or false, or one of the words it has");
}

// "slot_minutes=12", below the settings, or "display_name=..." of the area.
absl::Status SetSetting(v1::Area& area, const std::string& typed) {
  const size_t equals = typed.find('=');
  if (equals == std::string::npos) return UsageError(fmt::format("give FIELD=VALUE, not \"{}\"", typed));
  const std::string path = typed.substr(0, equals);
  Message* message = path == "display_name" ? static_cast<Message*>(&area) : area.mutable_settings();
  size_t begin = path.starts_with("settings.") ? std::string_view("settings.").size() : 0;
  while (true) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(path.substr(begin, end - begin));
    if (field == nullptr) return UsageError(fmt::format("the area has no setting \"{}\"", path));
    if (end == path.size()) return SetValue(*message, *field, typed.substr(equals + 1), path);
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      return UsageError(fmt::format("the area has no setting \"{}\"", path));
    message = message->GetReflection()->MutableMessage(message, field);
    begin = end + 1;
  }
}

struct ChangeFlags {
  JsonInput json;
  std::vector<std::string> settings;
};
void ChangeOptions(CLI::App& app, ChangeFlags& flags) {
  app.add_option("FIELD=VALUE", flags.settings,
                 "What is to be another: slot_minutes=12 cut_off.working_days=-10");
  AddJsonInput(app, flags.json, "The whole area as `marac --json area show` printed it, changed");
}
absl::StatusOr<v1::Area> Wanted(Client& client, const ChangeFlags& flags) {
  if (flags.json.file.empty() == flags.settings.empty()) {
    return UsageError("give what is to be another as FIELD=VALUE, or the whole area: --json FILE");
  }
  v1::Area area;
  if (flags.settings.empty()) {
    RETURN_IF_ERROR(client.ReadInput(flags.json, area));
    return area;
  }
  ASSIGN_OR_RETURN(const v1::GetAreaRequest request, ThisArea(client));
  ASSIGN_OR_RETURN(area, client.Call(&DirectoryStub::GetArea, request));
  for (const std::string& setting : flags.settings) RETURN_IF_ERROR(SetSetting(area, setting));
  return area;
}

std::string ChangesText(const google::protobuf::RepeatedPtrField<v1::SettingChange>& changes) {
  std::string text;
  for (const v1::SettingChange& change : changes) {
    text += Labelled(change.field(),
                     fmt::format("{} -> {}", change.before().empty() ? "nothing" : change.before(),
                                 change.after().empty() ? "nothing" : change.after()),
                     2);
  }
  return text;
}

absl::Status Preview(Client& client, const ChangeFlags& flags) {
  v1::PreviewAreaRequest request;
  ASSIGN_OR_RETURN(*request.mutable_area(), Wanted(client, flags));
  ASSIGN_OR_RETURN(const v1::PreviewAreaResponse preview, client.Call(&DirectoryStub::PreviewArea, request));
  std::string text =
      preview.changes().empty() ? "Nothing would be another.\n" : ChangesText(preview.changes());
  for (const std::string& consequence : preview.consequences()) text += Paragraph(consequence);
  client.Show(preview, text);
  return absl::OkStatus();
}

absl::Status Set(Client& client, const ChangeFlags& flags) {
  v1::UpdateAreaRequest request;
  ASSIGN_OR_RETURN(*request.mutable_area(), Wanted(client, flags));
  return client.CallAndSum(&DirectoryStub::UpdateArea, request);
}

absl::Status History(Client& client, const NoFlags&) {
  v1::ListAreaChangesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const v1::ListAreaChangesResponse history,
                   client.Call(&DirectoryStub::ListAreaChanges, request));
  std::string text;
  for (const v1::AreaChange& change : history.changes()) {
    text += Paragraph(change.account().empty()
                          ? fmt::format("{}, when the area was made", MomentText(change.time()))
                          : fmt::format("{}, by {}", MomentText(change.time()), LastId(change.account())));
    text += ChangesText(change.changes());
  }
  client.Show(history, text);
  return absl::OkStatus();
}

}  // namespace

void AddAreaCommands(const Group& root) {
  const Group group = root.AddGroup("area", "The area and what it decides for itself");
  group.Add<NoFlags>("show", "Show the area and its settings", NoOptions, Show);
  group.Add<ChangeFlags>("preview", "Show what a change of the settings would alter", ChangeOptions, Preview);
  group.Add<ChangeFlags>("set", "Change the area's settings", ChangeOptions, Set);
  group.Add<NoFlags>("history", "Show who changed what, the newest first", NoOptions, History);
}

}  // namespace marac::cli
