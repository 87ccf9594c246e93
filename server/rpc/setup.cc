#include "rpc/setup.h"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/ids.h"
#include "base/keys.h"
#include "base/pki.h"
#include "base/status_macros.h"
#include "domain/area_settings.h"
#include "domain/directory.h"
#include "domain/errors.h"
#include "domain/record.h"
#include "rpc/config.h"
#include "rpc/directory_service.h"
#include "rpc/host.h"
#include "store/checkpointer.h"
#include "store/installation.h"
#include "store/records.h"
#include "store/sessions.h"

namespace marac::rpc {
namespace {

namespace fs = std::filesystem;

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, fs::perm_options::replace, error);
  if (error)
    return absl::FailedPreconditionError(fmt::format("{}: cannot be made: {}", path, error.message()));
  return absl::OkStatus();
}

absl::Status CheckOptions(const SetupOptions& options) {
  domain::FieldErrors errors;
  const auto is_word = [](const std::string& word) {
    return domain::ResourceName::Parse("area", "areas/" + word, domain::Kind::kArea).ok();
  };
  errors.Require(is_word(options.area), "--area",
                 "give a short word of lower-case letters, digits and hyphens");
  const bool code_is_good = options.area_code.size() >= 2 && options.area_code.size() <= 4 &&
                            std::all_of(options.area_code.begin(), options.area_code.end(),
                                        [](char c) { return c >= 'A' && c <= 'Z'; });
  errors.Require(code_is_good, "--area-code", "give two to four capitals");
  errors.Require(!options.area_name.empty(), "--area-name", "give the area's name");
  errors.Require(is_word(options.agency), "--agency",
                 "give a short word of lower-case letters, digits and hyphens");
  errors.Require(!options.agency_name.empty(), "--agency-name", "give the agency's name");
  errors.Require(!options.instrument.empty(), "--instrument", "choose the pack, e.g. plain24@1.0");
  errors.Require(!options.policy.empty(), "--policy", "choose the policy, e.g. default@2026.1");
  if (options.demonstration_start != absl::InfiniteFuture()) {
    errors.Require(options.demonstration, "--demonstration-start", "only a demonstration has another clock");
    errors.Require(options.demonstration_start <= absl::Now(), "--demonstration-start",
                   "give today or a day before; the clock can be moved forward later");
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  return domain::CheckPassword("password", options.admin_password.Reveal());
}

// One record as version 1, with its columns, by the server itself.
template <typename T>
absl::Status Put(store::WriteTransaction& tx, const T& record, std::string_view area, std::string_view scope,
                 int64_t time_ms) {
  const store::RecordRow row{.name = record.name(),
                             .kind = domain::KindOf<T>::value,
                             .area = std::string(area),
                             .columns = domain::ColumnsOf(record),
                             .body = record.SerializeAsString()};
  return store::InsertRecord(tx, row, scope, time_ms, "init");
}

v1::Program ProgramFor(const pki::Identity& identity, v1::ProgramKind kind, const std::string& agency,
                       const std::string& word, const std::string& display_name) {
  v1::Program program;
  program.set_name("programs/" + word);
  program.set_kind(kind);
  program.set_agency(agency);
  program.set_display_name(display_name);
  const absl::StatusOr<std::string> fingerprint = pki::FingerprintOfPem(identity.certificates_pem);
  if (fingerprint.ok()) program.add_fingerprints(*fingerprint);
  return program;
}

// How far the business clock is from the real one at first: behind it, or not at all.
absl::Duration BusinessOffsetOf(const SetupOptions& options) {
  return std::min(absl::ZeroDuration(), options.demonstration_start - absl::Now());
}

// Everything the first administrator needs in order to sign in and make the rest.
absl::Status FillDatabase(store::WriteTransaction& tx, const SetupOptions& options, const std::string& origin,
                          const std::string& password_hash, const std::vector<v1::Program>& programs) {
  const absl::Duration offset = BusinessOffsetOf(options);
  const int64_t now_ms = absl::ToUnixMillis(absl::Now() + offset);
  RETURN_IF_ERROR(store::InsertInstallation(
      tx, {.origin = origin, .demonstration = options.demonstration, .business_offset = offset}));
  RETURN_IF_ERROR(store::WriteRecordRules(tx, domain::RecordRules()));
  RETURN_IF_ERROR(store::NewScope(tx, store::kInstallationScope, "", domain::Stage::kArea));

  v1::Area area;
  area.set_name("areas/" + options.area);
  area.set_display_name(options.area_name);
  area.set_code(options.area_code);
  area.set_nation(options.nation);
  area.set_demonstration(options.demonstration);
  area.set_host_agency("agencies/" + options.agency);
  *area.mutable_settings() = domain::DefaultAreaSettings();
  area.mutable_settings()->set_instrument(options.instrument);
  area.mutable_settings()->set_policy(options.policy);
  RETURN_IF_ERROR(store::NewScope(tx, area.name(), area.name(), domain::Stage::kArea));
  RETURN_IF_ERROR(Put(tx, area, area.name(), area.name(), now_ms));

  v1::Agency agency;
  agency.set_name("agencies/" + options.agency);
  agency.set_display_name(options.agency_name);
  agency.add_areas(area.name());
  RETURN_IF_ERROR(Put(tx, agency, "", store::kInstallationScope, now_ms));

  v1::Account admin;
  admin.set_name(domain::ResourceName::Make(domain::Kind::kAccount, "", IdSource().NewId()));
  admin.set_login(options.admin_login);
  admin.set_display_name(options.admin_name);
  admin.set_agency(agency.name());
  v1::RoleGrant& grant = *admin.add_roles();
  grant.set_area(area.name());
  grant.set_role(v1::ROLE_ADMIN);
  RETURN_IF_ERROR(domain::CheckAccount(admin));
  RETURN_IF_ERROR(Put(tx, admin, "", store::kInstallationScope, now_ms));
  RETURN_IF_ERROR(store::InsertCredential(tx, {.account = admin.name(),
                                               .agency = admin.agency(),
                                               .login = admin.login(),
                                               .password_hash = password_hash}));
  RETURN_IF_ERROR(store::ReplaceRoles(tx, admin.name(), admin.agency(), RoleRowsOf(admin)));

  for (const v1::Program& program : programs) {
    RETURN_IF_ERROR(Put(tx, program, "", store::kInstallationScope, now_ms));
  }
  return absl::OkStatus();
}

config::v1::ServerConfig ConfigFor(const SetupOptions& options, const std::string& origin) {
  config::v1::ServerConfig config;
  config.set_listen_address(options.listen_address);
  config.set_area_origin(origin);
  config.set_data_directory("data");
  config.set_checkpoint_directory("checkpoints");
  config.mutable_keys()->set_database_key_file("keys/db.key");
  config.mutable_keys()->set_audit_key_file("keys/audit.key");
  config.mutable_keys()->set_app_key_file("keys/app.key");
  config.mutable_tls()->set_certificate_chain_file("tls/server.pem");
  config.mutable_tls()->set_private_key_file("tls/server.key");
  config.mutable_tls()->set_authority_file("tls/root.pem");
  return config;
}

}  // namespace

absl::Status SetUp(const SetupOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(domain::Catalogue catalogue, LoadBuiltInCatalogue());
  if (!options.demonstration) catalogue = catalogue.ForRealPeople();
  RETURN_IF_ERROR(catalogue.FormFor(options.instrument, options.policy).status());
  const std::string& root = options.directory;
  const std::string config_file = root + "/maracd.textproto";
  if (fs::exists(config_file)) {
    return absl::AlreadyExistsError(fmt::format("{}: there is an installation here already", root));
  }
  for (const char* folder : {"", "/keys", "/tls", "/authority", "/checkpoints", "/programs"}) {
    RETURN_IF_ERROR(MakeFolder(root + folder));
  }
  const std::string origin = "marac." + options.area;
  const auto write_key = [&](KeyPurpose purpose, std::string_view word) {
    return WriteKeyFile(fmt::format("{}/keys/{}.key", root, word),
                        GenerateKey(purpose, fmt::format("{}-1", word), KeyState::kActive),
                        IfExists::kRefuse);
  };
  RETURN_IF_ERROR(write_key(KeyPurpose::kDatabase, "db"));
  RETURN_IF_ERROR(write_key(KeyPurpose::kAudit, "audit"));
  RETURN_IF_ERROR(write_key(KeyPurpose::kApp, "app"));

  const absl::Time now = absl::Now();
  ASSIGN_OR_RETURN(const pki::Authority authority, pki::CreateAuthority(origin, now));
  RETURN_IF_ERROR(pki::WriteAuthority(authority, root + "/authority"));
  RETURN_IF_ERROR(
      WriteFileDurably(root + "/tls/root.pem", authority.root.certificates_pem, 0644, IfExists::kReplace));
  // A demonstration is often left for a while; a real server's certificate is renewed each month.
  const absl::Duration lifetime = options.demonstration ? pki::kProgramLifetime : pki::kServerLifetime;
  ASSIGN_OR_RETURN(const pki::Identity server,
                   pki::IssueServer(authority.intermediate, options.server_names, now, lifetime));
  RETURN_IF_ERROR(pki::WriteIdentity(server, root + "/tls", "server"));
  ASSIGN_OR_RETURN(const pki::Identity cli,
                   pki::IssueProgram(authority.intermediate, origin, options.agency, "admin-cli", now));
  RETURN_IF_ERROR(pki::WriteIdentity(cli, root + "/programs", "admin-cli"));
  ASSIGN_OR_RETURN(const pki::Identity web,
                   pki::IssueProgram(authority.intermediate, origin, options.agency, "web", now));
  RETURN_IF_ERROR(pki::WriteIdentity(web, root + "/programs", "web"));
  const std::vector<v1::Program> programs = {
      ProgramFor(cli, v1::PROGRAM_KIND_CLI, "agencies/" + options.agency, "admin-cli", "First administrator"),
      ProgramFor(web, v1::PROGRAM_KIND_WEB, "", "web", "Web page")};

  PasswordHasher hasher(options.password_cost);
  ASSIGN_OR_RETURN(const std::string password_hash, hasher.Hash(options.admin_password.Reveal()));

  std::string text;
  const config::v1::ServerConfig written = ConfigFor(options, origin);
  if (!google::protobuf::TextFormat::PrintToString(written, &text))
    return absl::InternalError("configuration");
  ASSIGN_OR_RETURN(const config::v1::ServerConfig config, ParseServerConfig(text, config_file, root));
  ASSIGN_OR_RETURN(const store::DatabaseOptions database_options, DatabaseOptionsOf(config));
  RETURN_IF_ERROR(store::CreateDatabase(database_options));
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Database> database, store::Database::Open(database_options));
  // From the first entry on there is a checkpoint over it, so that a start that finds none is worth a
  // warning.
  ASSIGN_OR_RETURN(store::CheckpointerOptions checkpoints, CheckpointerOptionsOf(config));
  const SecurityClock clock;
  ASSIGN_OR_RETURN(
      const std::unique_ptr<store::Checkpointer> checkpointer,
      store::Checkpointer::Create(std::move(checkpoints), &clock, [&](const store::LeafVisitor& visit) {
        return database->ScanLeaves(visit);
      }));
  database->ObserveAudit(
      [&](uint64_t sequence, std::string_view leaf) { checkpointer->Committed(sequence, leaf); });
  RETURN_IF_ERROR(database->Write(
      [&](store::WriteTransaction& tx) { return FillDatabase(tx, options, origin, password_hash, programs); },
      [&](const absl::Status& status) {
        domain::AuditEvent event;
        event.kind = domain::AuditKind::kAdministration;
        event.method = "init";
        event.rule = "server";
        event.allowed = status.ok();
        event.time_ms = absl::ToUnixMillis(absl::Now());
        event.business_time_ms = absl::ToUnixMillis(absl::Now() + BusinessOffsetOf(options));
        return event;
      }));
  database->Close();
  checkpointer->Tick();
  RETURN_IF_ERROR(checkpointer->health());
  // Last: its presence says that the installation is whole.
  return WriteFileDurably(config_file, "# Every setting is explained in maracd.example.textproto.\n" + text,
                          0644, IfExists::kRefuse);
}

absl::StatusOr<std::string> IssueProgramCertificate(const std::string& directory, const std::string& origin,
                                                    const std::string& agency, const std::string& program) {
  ASSIGN_OR_RETURN(const pki::Identity intermediate,
                   pki::ReadIdentity(directory + "/authority/intermediate.key",
                                     directory + "/authority/intermediate.pem"));
  ASSIGN_OR_RETURN(const pki::Identity identity,
                   pki::IssueProgram(intermediate, origin, agency, program, absl::Now()));
  const absl::Status written =
      pki::WriteIdentity(identity, directory + "/programs", program, IfExists::kRefuse);
  // The key that is there may be enrolled, and there is no other copy of it.
  if (absl::IsAlreadyExists(written)) {
    return absl::InvalidArgumentError(
        fmt::format("--program: {}/programs has files of '{}' already; give another name, or move them away "
                    "first",
                    directory, program));
  }
  RETURN_IF_ERROR(written);
  return identity.certificates_pem;
}

}  // namespace marac::rpc
