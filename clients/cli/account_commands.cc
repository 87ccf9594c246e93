// Your own account: the people whose cases you must not meet. Nothing of them stands on a command line, which
// other people of the same machine can read.
#include <fmt/format.h>

#include <optional>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/field_words.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "marac/v1/access_service.grpc.pb.h"

namespace marac::cli {
namespace {

using AccessStub = v1::AccessService::Stub;

struct NoFlags {};
void NoOptions(CLI::App&, NoFlags&) {}

std::string RegisterText(const v1::OwnRegister& entries) {
  Table table(
      {{"NO", false}, {"WHO", false}, {"NAME"}, {"OTHER NAMES"}, {"BORN", false}, {"ADDRESS"}, {"POSTCODE"}});
  int number = 0;
  for (const v1::RegisteredPerson& person : entries.people()) {
    table.AddRow({std::to_string(++number), Word(person.relation()), TextOf(person.name()),
                  fmt::format("{}", fmt::join(person.aliases(), ", ")), DayText(person.birth_date()),
                  TextOf(person.address().lines()), TextOf(person.address().postcode())});
  }
  return table.empty() ? "Nobody is on it.\n" : table.Render();
}

absl::StatusOr<v1::OwnRegister> Load(Client& client) {
  return client.Call(&AccessStub::GetOwnRegister, v1::GetOwnRegisterRequest());
}

absl::Status Save(Client& client, v1::OwnRegister entries) {
  v1::SaveOwnRegisterRequest request;
  *request.mutable_register_() = std::move(entries);
  ASSIGN_OR_RETURN(const v1::OwnRegister saved, client.CallWithTyped(&AccessStub::SaveOwnRegister, request));
  client.Show(saved, RegisterText(saved));
  return absl::OkStatus();
}

absl::Status ShowIt(Client& client, const NoFlags&) {
  ASSIGN_OR_RETURN(const v1::OwnRegister entries, Load(client));
  client.Show(entries, RegisterText(entries));
  return absl::OkStatus();
}

absl::Status Stopped() { return UsageError("stopped: nothing is changed"); }

// Asks for one field; a field that has to be answered is asked again.
absl::Status Ask(Client& client, google::protobuf::Message& parent, const std::string& name,
                 const std::string& text, bool needed = false) {
  const auto& field = *parent.GetDescriptor()->FindFieldByName(name);
  for (;;) {
    ASSIGN_OR_RETURN(const Asked asked,
                     AskField(client, parent, field,
                              {.text = text, .path = name, .enter = needed ? "asked again" : "none"}));
    if (asked == Asked::kStopped) return Stopped();
    if (asked == Asked::kAnswered || !needed) return absl::OkStatus();
  }
}

absl::Status AskPerson(Client& client, v1::RegisteredPerson& person) {
  RETURN_IF_ERROR(Ask(client, person, "relation", "who this is to you", /*needed=*/true));
  ASSIGN_OR_RETURN(const std::optional<std::string> name, AskText(client.terminal(), "name"));
  if (!name.has_value()) return Stopped();
  person.mutable_name()->set_value(*name);
  for (const char* field : {"aliases", "birth_date"}) {
    RETURN_IF_ERROR(Ask(client, person, field, QuestionOf(field)));
  }
  v1::Address address;
  RETURN_IF_ERROR(Ask(client, address, "lines", QuestionOf("address.lines")));
  if (address.has_lines()) {
    RETURN_IF_ERROR(Ask(client, address, "postcode", QuestionOf("address.postcode"), /*needed=*/true));
    *person.mutable_address() = address;
  }
  return absl::OkStatus();
}

struct AddFlags {
  JsonInput json;
};
void AddOptions(CLI::App& app, AddFlags& flags) { AddJsonInput(app, flags.json, "One RegisteredPerson"); }
absl::Status AddOne(Client& client, const AddFlags& flags) {
  ASSIGN_OR_RETURN(v1::OwnRegister entries, Load(client));
  v1::RegisteredPerson& person = *entries.add_people();
  RETURN_IF_ERROR(client.ReadInput(flags.json, person));
  if (flags.json.file.empty()) RETURN_IF_ERROR(AskPerson(client, person));
  return Save(client, std::move(entries));
}

struct RemoveFlags {
  int number = 0;
};
void RemoveOptions(CLI::App& app, RemoveFlags& flags) {
  app.add_option("NUMBER", flags.number, "Its number in `marac account register show`")->required();
}
absl::Status RemoveOne(Client& client, const RemoveFlags& flags) {
  ASSIGN_OR_RETURN(v1::OwnRegister entries, Load(client));
  if (flags.number < 1 || flags.number > entries.people_size()) {
    return domain::InvalidField(
        "NUMBER", fmt::format("there is no number {}: {} are on it", flags.number, entries.people_size()));
  }
  entries.mutable_people()->DeleteSubrange(flags.number - 1, 1);
  return Save(client, std::move(entries));
}

}  // namespace

void AddAccountCommands(const Group& root) {
  const Group account = root.AddGroup("account", "What your account holds for you alone");
  const Group group = account.AddGroup(
      "register", "People whose cases you must not meet; nobody else sees it, it only keeps cases from you");
  group.Add<NoFlags>("show", "Show it", NoOptions, ShowIt);
  group.Add<AddFlags>("add", "Add somebody; asks", AddOptions, AddOne);
  group.Add<RemoveFlags>("remove", "Take somebody out", RemoveOptions, RemoveOne);
}

}  // namespace marac::cli
