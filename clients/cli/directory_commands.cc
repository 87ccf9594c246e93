// The agencies, accounts and programs of the area.
#include <fmt/format.h>

#include <algorithm>
#include <map>
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
// "chair 2026-12-01 to 2026-12-14, cover for rhoda".
std::string GrantText(const v1::RoleGrant& grant, const std::map<std::string, std::string>& logins) {
  std::string text = Word(grant.role());
  if (grant.has_from()) text += " from " + DayText(grant.from());
  if (grant.has_to()) text += " to " + DayText(grant.to());
  if (grant.cover_for().empty()) return text;
  const auto covered = logins.find(grant.cover_for());
  return text + ", cover for " + (covered == logins.end() ? LastId(grant.cover_for()) : covered->second);
}

absl::Status ListAccounts(Client& client, const ListAccountsFlags& flags) {
  v1::ListAccountsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_agency(AgencyName(flags.agency));
  ASSIGN_OR_RETURN(
      const v1::ListAccountsResponse accounts,
      client.List(&DirectoryStub::ListAccounts, request, &v1::ListAccountsResponse::accounts, flags.limit));
  Table table({{"ACCOUNT", false}, {"LOGIN", false}, {"NAME"}, {"AGENCY"}, {"ROLES"}});
  std::map<std::string, std::string> logins;
  for (const v1::Account& account : accounts.accounts()) logins[account.name()] = account.login();
  // Whom somebody covers may work for another agency.
  const bool covers = std::ranges::any_of(accounts.accounts(), [](const v1::Account& account) {
    return std::ranges::any_of(account.roles(),
                               [](const v1::RoleGrant& grant) { return !grant.cover_for().empty(); });
  });
  if (covers && !flags.agency.empty()) {
    v1::ListAccountsRequest everybody;
    everybody.set_parent(request.parent());
    ASSIGN_OR_RETURN(const v1::ListAccountsResponse area,
                     client.List(&DirectoryStub::ListAccounts, everybody, &v1::ListAccountsResponse::accounts,
                                 /*limit=*/0));
    for (const v1::Account& account : area.accounts()) logins[account.name()] = account.login();
  }
  for (const v1::Account& account : accounts.accounts()) {
    std::string roles = account.suspended() ? "suspended" : "";
    for (const v1::RoleGrant& grant : account.roles())
      roles += (roles.empty() ? "" : ", ") + GrantText(grant, logins);
    for (const v1::PendingRole& pending : account.pending_roles())
      roles += (roles.empty() ? "" : ", ") + GrantText(pending.grant(), logins) + " (waits for approval)";
    table.AddRow(
        {LastId(account.name()), account.login(), account.display_name(), LastId(account.agency()), roles});
  }
  client.Show(accounts, table.Render());
  return absl::OkStatus();
}

// ROLE, ROLE:FROM:TO or ROLE:FROM:TO:COVERED, with days that may be empty.
absl::StatusOr<v1::RoleGrant> ParseRole(Client& client, const std::string& text, const std::string& area) {
  std::vector<std::string> parts;
  for (size_t at = 0; at != std::string::npos && parts.size() < 4;) {
    const size_t colon = parts.size() == 3 ? std::string::npos : text.find(':', at);
    parts.push_back(text.substr(at, colon == std::string::npos ? colon : colon - at));
    at = colon == std::string::npos ? colon : colon + 1;
  }
  parts.resize(4);
  v1::RoleGrant grant;
  grant.set_area(area);
  ASSIGN_OR_RETURN(const auto role, ParseWord<v1::Role>(parts[0], "account.roles.role"));
  grant.set_role(role);
  const std::string& from = parts[1];
  const std::string& to = parts[2];
  if (!parts[3].empty()) {
    ASSIGN_OR_RETURN(*grant.mutable_cover_for(), AccountName(client, parts[3]));
  }
  if (!from.empty()) {
    ASSIGN_OR_RETURN(*grant.mutable_from(), ParseDay(from, "account.roles.from"));
  }
  if (!to.empty()) {
    ASSIGN_OR_RETURN(*grant.mutable_to(), ParseDay(to, "account.roles.to"));
  }
  return grant;
}

constexpr char kRoleHelp[] =
    "ROLE, ROLE:FROM-DAY:TO-DAY or ROLE:FROM-DAY:TO-DAY:LOGIN, as cover for whom that is, in this area; "
    "repeat it. "
    "Roles: ";

// Whoever asked for a powerful role hears what it still takes.
void NotePending(Client& client, const v1::Account& account) {
  if (account.pending_roles().empty()) return;
  client.Note(
      fmt::format("Another administrator has to approve it: marac directory approve {}", account.login()));
}

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
    ASSIGN_OR_RETURN(*account.add_roles(), ParseRole(client, role, area));
  }
  request.set_keep_password(flags.keep_password);
  ASSIGN_OR_RETURN(const Secret password,
                   ReadNewPassword(client.terminal(), "First password: ", flags.password_stdin));
  request.set_password(std::string(password.Reveal()));
  const absl::StatusOr<v1::Account> made = client.Call(&DirectoryStub::CreateAccount, request);
  WipeString(*request.mutable_password());
  RETURN_IF_ERROR(made.status());
  client.Show(*made, SummaryText(*made));
  NotePending(client, *made);
  return absl::OkStatus();
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
      ASSIGN_OR_RETURN(*account.add_roles(), ParseRole(client, role, area));
    }
  }
  if (flags.suspend || flags.restore) account.set_suspended(flags.suspend);
  ASSIGN_OR_RETURN(const v1::Account changed, client.Call(&DirectoryStub::UpdateAccount, request));
  client.Show(changed, SummaryText(changed));
  NotePending(client, changed);
  return absl::OkStatus();
}

struct AccountFlags {
  std::string account;
  std::string etag;
};
void AccountOptions(CLI::App& app, AccountFlags& flags) {
  app.add_option("ACCOUNT", flags.account, "Account or login")->required();
  app.add_option("--etag", flags.etag, "Refuse if it was changed since it was read with this etag");
}
template <typename Request>
absl::StatusOr<Request> RequestFor(Client& client, const AccountFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Account account, FindAccount(client, flags.account));
  Request request;
  request.set_name(account.name());
  request.set_etag(flags.etag.empty() ? account.etag() : flags.etag);
  return request;
}
absl::Status ApproveRoles(Client& client, const AccountFlags& flags) {
  ASSIGN_OR_RETURN(const auto request, RequestFor<v1::ApproveRolesRequest>(client, flags));
  return client.CallAndSum(&DirectoryStub::ApproveRoles, request);
}
absl::Status RefuseRoles(Client& client, const AccountFlags& flags) {
  ASSIGN_OR_RETURN(const auto request, RequestFor<v1::RefuseRolesRequest>(client, flags));
  return client.CallAndSum(&DirectoryStub::RefuseRoles, request);
}

struct TrainingFlags {
  std::string account;
  std::string course;
  std::string day;
  std::string expires;
};
void TrainingOptions(CLI::App& app, TrainingFlags& flags) {
  app.add_option("ACCOUNT", flags.account, "Account or login")->required();
  app.add_option("--course", flags.course, "What it was")->required();
  app.add_option("--day", flags.day, "The day on which it ended")->required();
  app.add_option("--expires", flags.expires, "The last day on which it counts")->required();
}
absl::Status RecordTraining(Client& client, const TrainingFlags& flags) {
  v1::RecordTrainingRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), AccountName(client, flags.account));
  v1::Training& training = *request.mutable_training();
  training.set_course(flags.course);
  ASSIGN_OR_RETURN(*training.mutable_day(), ParseDay(flags.day, "training.day"));
  ASSIGN_OR_RETURN(*training.mutable_expire_day(), ParseDay(flags.expires, "training.expire_day"));
  return client.CallAndSum(&DirectoryStub::RecordTraining, request);
}

struct RecoverAccountFlags {
  std::string account;
  std::string reason;
};
void RecoverAccountOptions(CLI::App& app, RecoverAccountFlags& flags) {
  app.add_option("ACCOUNT", flags.account, "Account or login")->required();
  AddTextOption(app, "--reason", flags.reason, "How you know that it is the person who asks");
}
absl::Status RecoverAccount(Client& client, const RecoverAccountFlags& flags) {
  v1::StartRecoveryRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), AccountName(client, flags.account));
  ASSIGN_OR_RETURN(*request.mutable_reason(),
                   TextFrom(client, flags.reason, "How you know that it is the person who asks"));
  ASSIGN_OR_RETURN(const v1::StartRecoveryResponse answer,
                   client.Call(&DirectoryStub::StartRecovery, request, {.repeat = false}));
  const std::string until = MomentText(answer.expire_time());
  client.Show(answer,
              answer.needs_second_administrator()
                  ? fmt::format("Another administrator has to start it too, until {}.\n", until)
                  : fmt::format("Recovery code, to be told to nobody but the person: {}\nIt counts until {}: "
                                "marac recover LOGIN\n",
                                answer.recovery_code(), until));
  return absl::OkStatus();
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
  const Group group = root.AddGroup("directory", "The agencies, accounts and programs of the area");
  group.Add<LimitFlags>("agencies", "List agencies", LimitOptions, ListAgencies);
  group.Add<AddAgencyFlags>("add-agency", "Add an agency", AddAgencyOptions, AddAgency);
  group.Add<ListAccountsFlags>("accounts", "List people", ListAccountsOptions, ListAccounts);
  group.Add<AddAccountFlags>("add-account", "Add a person", AddAccountOptions, AddAccount);
  group.Add<UpdateAccountFlags>("update-account", "Change a person's name, roles or suspension",
                                UpdateAccountOptions, UpdateAccount);
  group.Add<AccountFlags>("approve", "Put in force what another administrator asked for", AccountOptions,
                          ApproveRoles);
  group.Add<AccountFlags>("refuse", "Take away what waits to be approved", AccountOptions, RefuseRoles);
  group.Add<TrainingFlags>("training", "Record a person's training in taking assessments", TrainingOptions,
                           RecordTraining);
  group.Add<RecoverAccountFlags>("recover",
                                 "Start the recovery of the account of somebody who cannot sign in",
                                 RecoverAccountOptions, RecoverAccount);
  group.Add<LimitFlags>("programs", "List programs", LimitOptions, ListPrograms);
  group.Add<EnrolFlags>("enrol", "Enrol a program's certificate", EnrolOptions, Enrol);
  group.Add<RevokeFlags>("revoke", "Refuse a program from its next call on", RevokeOptions, Revoke);
}

}  // namespace marac::cli
