// The area, its agencies, accounts and programs.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/passwords.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "marac/v1/directory_service.grpc.pb.h"

namespace marac::cli {
namespace {

using DirectoryStub = v1::DirectoryService::Stub;
constexpr size_t kPemBytesMax = 64 << 10;

struct NoFlags {};
void NoOptions(CLI::App&, NoFlags&) {}

absl::Status ShowArea(Client& client, const NoFlags&) {
  v1::GetAreaRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), client.Area());
  return client.CallAndShow(&DirectoryStub::GetArea, request);
}

struct JsonFlags {
  JsonInput json;
};
void SetAreaOptions(CLI::App& app, JsonFlags& flags) {
  AddJsonInput(app, flags.json, "The whole area as `marac --json directory area` printed it, changed");
}
absl::Status SetArea(Client& client, const JsonFlags& flags) {
  if (flags.json.file.empty()) return UsageError("give the area: --json FILE, - for standard input");
  v1::UpdateAreaRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, *request.mutable_area()));
  return client.CallAndSum(&DirectoryStub::UpdateArea, request);
}

struct LimitFlags {
  int limit = kListLimitDefault;
};
void LimitOptions(CLI::App& app, LimitFlags& flags) { AddLimitOption(app, flags.limit); }

std::string LastIds(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + LastId(name);
  return text;
}

absl::Status ListAgencies(Client& client, const LimitFlags& flags) {
  v1::ListAgenciesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(
      const v1::ListAgenciesResponse agencies,
      client.List(&DirectoryStub::ListAgencies, request, &v1::ListAgenciesResponse::agencies, flags.limit));
  Table table({{"AGENCY", false}, {"NAME"}, {"IDVA SERVICE"}, {"AREAS"}});
  for (const v1::Agency& agency : agencies.agencies()) {
    table.AddRow({LastId(agency.name()), agency.display_name(), agency.idva_service() ? "yes" : "",
                  LastIds(agency.areas())});
  }
  client.Show(agencies, table.Render());
  return absl::OkStatus();
}

struct AddAgencyFlags {
  std::string word;
  std::string display_name;
  bool idva_service = false;
};
void AddAgencyOptions(CLI::App& app, AddAgencyFlags& flags) {
  app.add_option("WORD", flags.word, "A short word, for instance police")->required();
  app.add_option("--name", flags.display_name, "Name for people")->required();
  app.add_flag("--idva-service", flags.idva_service, "It is the IDVA service of the area");
}
absl::Status AddAgency(Client& client, const AddAgencyFlags& flags) {
  v1::CreateAgencyRequest request;
  v1::Agency& agency = *request.mutable_agency();
  agency.set_name(AgencyName(flags.word));
  agency.set_display_name(flags.display_name);
  agency.set_idva_service(flags.idva_service);
  ASSIGN_OR_RETURN(*agency.add_areas(), client.Area());
  return client.CallAndSum(&DirectoryStub::CreateAgency, request);
}

struct ListAccountsFlags : LimitFlags {
  std::string agency;
};
void ListAccountsOptions(CLI::App& app, ListAccountsFlags& flags) {
  app.add_option("--agency", flags.agency, "Only those of this agency");
  LimitOptions(app, flags);
}
absl::Status ListAccounts(Client& client, const ListAccountsFlags& flags) {
  v1::ListAccountsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_agency(AgencyName(flags.agency));
  ASSIGN_OR_RETURN(
      const v1::ListAccountsResponse accounts,
      client.List(&DirectoryStub::ListAccounts, request, &v1::ListAccountsResponse::accounts, flags.limit));
  Table table({{"ACCOUNT", false}, {"LOGIN", false}, {"NAME"}, {"AGENCY"}, {"ROLES"}});
  for (const v1::Account& account : accounts.accounts()) {
    std::string roles = account.suspended() ? "suspended" : "";
    for (const v1::RoleGrant& grant : account.roles())
      roles += (roles.empty() ? "" : ", ") + Word(grant.role());
    table.AddRow(
        {LastId(account.name()), account.login(), account.display_name(), LastId(account.agency()), roles});
  }
  client.Show(accounts, table.Render());
  return absl::OkStatus();
}

// ROLE or ROLE:FROM:TO, with days that may be empty.
absl::StatusOr<v1::RoleGrant> ParseRole(const std::string& text, const std::string& area) {
  const size_t first = text.find(':');
  const size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  v1::RoleGrant grant;
  grant.set_area(area);
  ASSIGN_OR_RETURN(const auto role, ParseWord<v1::Role>(text.substr(0, first), "account.roles.role"));
  grant.set_role(role);
  const std::string from = first == std::string::npos ? "" : text.substr(first + 1, second - first - 1);
  const std::string to = second == std::string::npos ? "" : text.substr(second + 1);
  if (!from.empty()) {
    ASSIGN_OR_RETURN(*grant.mutable_from(), ParseDay(from, "account.roles.from"));
  }
  if (!to.empty()) {
    ASSIGN_OR_RETURN(*grant.mutable_to(), ParseDay(to, "account.roles.to"));
  }
  return grant;
}

constexpr char kRoleHelp[] = "ROLE or ROLE:FROM-DAY:TO-DAY in this area; repeat it. Roles: ";

struct AddAccountFlags {
  std::string login;
  std::string display_name;
  std::string agency;
  std::vector<std::string> roles;
  bool keep_password = false;
  bool password_stdin = false;
};
void AddAccountOptions(CLI::App& app, AddAccountFlags& flags) {
  app.add_option("LOGIN", flags.login, "What the person signs in with")->required();
  app.add_option("--name", flags.display_name, "The person's name")->required();
  app.add_option("--agency", flags.agency, "The agency they work for")->required();
  app.add_option("--role", flags.roles, kRoleHelp + Words<v1::Role>())->required();
  app.add_flag("--keep-password", flags.keep_password,
               "Not to be changed at the first sign-in (demonstration)");
  app.add_flag("--password-stdin", flags.password_stdin, kPasswordStdinHelp);
}
absl::Status AddAccount(Client& client, const AddAccountFlags& flags) {
  ASSIGN_OR_RETURN(const std::string area, client.Area());
  v1::CreateAccountRequest request;
  v1::Account& account = *request.mutable_account();
  account.set_login(flags.login);
  account.set_display_name(flags.display_name);
  account.set_agency(AgencyName(flags.agency));
  for (const std::string& role : flags.roles) {
    ASSIGN_OR_RETURN(*account.add_roles(), ParseRole(role, area));
  }
  request.set_keep_password(flags.keep_password);
  ASSIGN_OR_RETURN(const Secret password,
                   ReadNewPassword(client.terminal(), "First password: ", flags.password_stdin));
  request.set_password(std::string(password.Reveal()));
  const absl::Status status = client.CallAndSum(&DirectoryStub::CreateAccount, request);
  WipeString(*request.mutable_password());
  return status;
}

struct UpdateAccountFlags {
  std::string account;
  std::string etag;
  std::string display_name;
  std::vector<std::string> roles;
  bool suspend = false;
  bool restore = false;
};
void UpdateAccountOptions(CLI::App& app, UpdateAccountFlags& flags) {
  app.add_option("ACCOUNT", flags.account, "Account or login")->required();
  app.add_option("--etag", flags.etag, "Refuse if it was changed since it was read with this etag");
  app.add_option("--name", flags.display_name, "The person's name");
  app.add_option("--role", flags.roles, "Replaces the roles here. " + (kRoleHelp + Words<v1::Role>()));
  CLI::Option* suspend = app.add_flag("--suspend", flags.suspend, "End every session and refuse sign-in");
  app.add_flag("--restore", flags.restore, "End the suspension")->excludes(suspend);
}
absl::Status UpdateAccount(Client& client, const UpdateAccountFlags& flags) {
  ASSIGN_OR_RETURN(const std::string area, client.Area());
  v1::UpdateAccountRequest request;
  v1::Account& account = *request.mutable_account();
  ASSIGN_OR_RETURN(account, FindAccount(client, flags.account));
  if (!flags.etag.empty()) account.set_etag(flags.etag);
  if (!flags.display_name.empty()) account.set_display_name(flags.display_name);
  if (!flags.roles.empty()) {
    auto& roles = *account.mutable_roles();
    roles.erase(std::remove_if(roles.begin(), roles.end(),
                               [&](const v1::RoleGrant& grant) { return grant.area() == area; }),
                roles.end());
    for (const std::string& role : flags.roles) {
      ASSIGN_OR_RETURN(*account.add_roles(), ParseRole(role, area));
    }
  }
  if (flags.suspend || flags.restore) account.set_suspended(flags.suspend);
  return client.CallAndSum(&DirectoryStub::UpdateAccount, request);
}

absl::Status ListPrograms(Client& client, const LimitFlags& flags) {
  ASSIGN_OR_RETURN(
      const v1::ListProgramsResponse programs,
      client.List(&DirectoryStub::ListPrograms, {}, &v1::ListProgramsResponse::programs, flags.limit));
  Table table({{"PROGRAM", false}, {"KIND"}, {"AGENCY"}, {"NAME"}, {"STATE"}, {"CERTIFICATES"}});
  for (const v1::Program& program : programs.programs()) {
    std::string fingerprints;
    // The beginning tells certificates apart; --json has all of it.
    for (const std::string& print : program.fingerprints()) {
      fingerprints += (fingerprints.empty() ? "" : "\n") + print.substr(0, 16);
    }
    table.AddRow({LastId(program.name()), Word(program.kind()), LastId(program.agency()),
                  program.display_name(), program.revoked() ? "revoked" : "enrolled", fingerprints});
  }
  client.Show(programs, table.Render());
  return absl::OkStatus();
}

struct EnrolFlags {
  std::string certificate;
  std::string name;
  std::string kind = "cli";
  std::string agency;
  std::string display_name;
};
void EnrolOptions(CLI::App& app, EnrolFlags& flags) {
  app.add_option("CERTIFICATE", flags.certificate, "The certificate to enrol, PEM file")->required();
  app.add_option("--program", flags.name, "A program that has one already (renewal); without: a new program");
  app.add_option("--kind", flags.kind, Words<v1::ProgramKind>())->capture_default_str();
  app.add_option("--agency", flags.agency, "The agency it belongs to; none for the web program");
  app.add_option("--name", flags.display_name, "Name for people");
}
absl::Status Enrol(Client& client, const EnrolFlags& flags) {
  v1::EnrolProgramRequest request;
  const absl::StatusOr<std::string> pem = ReadSmallFile(flags.certificate, kPemBytesMax);
  if (!pem.ok()) return domain::InvalidField("certificate_pem", std::string(pem.status().message()));
  request.set_certificate_pem(*pem);
  v1::Program& program = *request.mutable_program();
  if (!flags.name.empty()) {
    program.set_name(flags.name.find('/') == std::string::npos ? "programs/" + flags.name : flags.name);
  }
  ASSIGN_OR_RETURN(const auto kind, ParseWord<v1::ProgramKind>(flags.kind, "program.kind"));
  program.set_kind(kind);
  program.set_agency(AgencyName(flags.agency));
  program.set_display_name(flags.display_name);
  return client.CallAndSum(&DirectoryStub::EnrolProgram, request);
}

struct RevokeFlags {
  std::string name;
  std::string reason;
};
void RevokeOptions(CLI::App& app, RevokeFlags& flags) {
  app.add_option("PROGRAM", flags.name, "The program")->required();
  AddTextOption(app, "--reason", flags.reason, "Why");
}
absl::Status Revoke(Client& client, const RevokeFlags& flags) {
  v1::RevokeProgramRequest request;
  request.set_name(flags.name.find('/') == std::string::npos ? "programs/" + flags.name : flags.name);
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  return client.CallAndSum(&DirectoryStub::RevokeProgram, request);
}

}  // namespace

void AddDirectoryCommands(const Group& root) {
  const Group group = root.AddGroup("directory", "The area, its agencies, accounts and programs");
  group.Add<NoFlags>("area", "Show the area and its settings", NoOptions, ShowArea);
  group.Add<JsonFlags>("set-area", "Change the area's settings", SetAreaOptions, SetArea);
  group.Add<LimitFlags>("agencies", "List agencies", LimitOptions, ListAgencies);
  group.Add<AddAgencyFlags>("add-agency", "Add an agency", AddAgencyOptions, AddAgency);
  group.Add<ListAccountsFlags>("accounts", "List people", ListAccountsOptions, ListAccounts);
  group.Add<AddAccountFlags>("add-account", "Add a person", AddAccountOptions, AddAccount);
  group.Add<UpdateAccountFlags>("update-account", "Change a person's name, roles or suspension",
                                UpdateAccountOptions, UpdateAccount);
  group.Add<LimitFlags>("programs", "List programs", LimitOptions, ListPrograms);
  group.Add<EnrolFlags>("enrol", "Enrol a program's certificate", EnrolOptions, Enrol);
  group.Add<RevokeFlags>("revoke", "Refuse a program from its next call on", RevokeOptions, Revoke);
}

}  // namespace marac::cli
