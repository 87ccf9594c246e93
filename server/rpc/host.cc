#include "rpc/host.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "base/keys.h"
#include "base/status_macros.h"
#include "domain/checkpoint.h"
#include "domain/names.h"
#include "rpc/access_service.h"
#include "rpc/action_service.h"
#include "rpc/assessment_service.h"
#include "rpc/audit_service.h"
#include "rpc/case_service.h"
#include "rpc/demo_service.h"
#include "rpc/directory_service.h"
#include "rpc/document_service.h"
#include "rpc/instrument_service.h"
#include "rpc/meeting_service.h"
#include "rpc/pilot_service.h"
#include "rpc/referral_service.h"
#include "rpc/research_service.h"
#include "rpc/session_service.h"
#include "store/case_access.h"
#include "store/installation.h"

namespace marac::rpc {
namespace {

constexpr int kProgramsMax = 100'000;

const std::vector<domain::DataFile>& Packs() {
  static const auto& files = *new std::vector<domain::DataFile>{
#include "schema/instruments.inc"
  };
  return files;
}

const std::vector<domain::DataFile>& Policies() {
  static const auto& files = *new std::vector<domain::DataFile>{
#include "schema/policies.inc"
  };
  return files;
}

const std::vector<domain::DataFile>& Calendars() {
  static const auto& files = *new std::vector<domain::DataFile>{
#include "schema/calendars.inc"
  };
  return files;
}

// "milton-keynes" of "marac.milton-keynes".
std::string AreaOf(const std::string& origin) { return origin.substr(origin.find('.') + 1); }

domain::AuditEvent SystemEvent(domain::AuditKind kind, std::string_view method, const BusinessClock& business,
                               const SecurityClock& security) {
  domain::AuditEvent event;
  event.kind = kind;
  event.method = std::string(method);
  event.allowed = true;
  event.rule = "server";
  event.time_ms = absl::ToUnixMillis(security.Now());
  event.business_time_ms = absl::ToUnixMillis(business.Now());
  return event;
}

absl::StatusOr<ProgramRegistry::Programs> LoadPrograms(store::Transaction& tx) {
  ProgramRegistry::Programs programs;
  ASSIGN_OR_RETURN(const std::vector<store::ListPosition> all,
                   store::ListAll(tx, {.kind = domain::Kind::kProgram}, kProgramsMax));
  for (const store::ListPosition& position : all) {
    ASSIGN_OR_RETURN(const store::StoredRecord stored,
                     store::LoadBody(tx, domain::ServerGrant(position.name)));
    v1::Program record;
    if (!record.ParseFromString(stored.body)) return absl::InternalError("a stored program does not parse");
    Program program = ToProgram(record);
    for (const std::string& fingerprint : record.fingerprints()) programs[fingerprint] = program;
  }
  return programs;
}

// Accounts that were made before workers were looked for in cases, or by set-up.
absl::Status KeepWorkerNames(store::WriteTransaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<std::string> accounts, store::AccountsWithoutWorkerName(tx));
  for (const std::string& name : accounts) {
    ASSIGN_OR_RETURN(const store::StoredRecord stored, store::LoadBody(tx, domain::ServerGrant(name)));
    v1::Account account;
    if (!account.ParseFromString(stored.body)) return absl::InternalError("a stored account does not parse");
    RETURN_IF_ERROR(store::KeepWorkerName(tx, name, domain::NameKeys(account.display_name())));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<domain::OwnerKey>> OwnerKeysOf(const config::v1::ServerConfig& config) {
  std::vector<domain::OwnerKey> keys;
  for (const std::string& line : config.pack_owner_keys()) {
    ASSIGN_OR_RETURN(domain::OwnerKey key, domain::ParseOwnerKey(line));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

absl::StatusOr<domain::Catalogue> LoadBuiltInCatalogue() {
  return domain::Catalogue::Load(Packs(), Policies(), Calendars());
}

absl::StatusOr<store::DatabaseOptions> DatabaseOptionsOf(const config::v1::ServerConfig& config) {
  ASSIGN_OR_RETURN(const Key key, ReadKeyFile(config.keys().database_key_file(), KeyPurpose::kDatabase));
  constexpr size_t kKeyBytes = 32;
  store::DatabaseOptions options;
  options.directory = config.data_directory();
  options.key = {.key = Secret(key.bytes.Reveal().substr(0, kKeyBytes)),
                 .salt = Secret(key.bytes.Reveal().substr(kKeyBytes))};
  return options;
}

absl::StatusOr<store::CheckpointerOptions> CheckpointerOptionsOf(const config::v1::ServerConfig& config) {
  ASSIGN_OR_RETURN(const Key audit_key, ReadKeyFile(config.keys().audit_key_file(), KeyPurpose::kAudit));
  store::CheckpointerOptions options;
  options.area = AreaOf(config.area_origin());
  options.directory = config.checkpoint_directory();
  options.signing_seed = audit_key.bytes;
  return options;
}

absl::StatusOr<std::string> AuditVerifierKey(const config::v1::ServerConfig& config) {
  ASSIGN_OR_RETURN(const store::CheckpointerOptions options, CheckpointerOptionsOf(config));
  return domain::VerifierKey(domain::CheckpointOrigin(options.area), Ed25519PublicKey(options.signing_seed));
}

Host::Host(const HostOptions& options, domain::Catalogue catalogue)
    : security_clock_(options.security_clock == nullptr ? real_security_clock_ : *options.security_clock),
      test_business_clock_(options.business_clock),
      catalogue_(std::move(catalogue)),
      hasher_(options.password_cost),
      renderer_(options.renderer) {}

absl::StatusOr<std::unique_ptr<Host>> Host::Start(const config::v1::ServerConfig& config,
                                                  const HostOptions& options) {
  ASSIGN_OR_RETURN(domain::Catalogue catalogue, LoadBuiltInCatalogue());
  // Private constructor.
  std::unique_ptr<Host> host(new Host(options, std::move(catalogue)));
  RETURN_IF_ERROR(host->StartDatabase(config, options));
  RETURN_IF_ERROR(host->StartServer(config));
  if (options.watchdog > absl::ZeroDuration()) {
    RETURN_IF_ERROR(host->server_->Watch(*host->registry_, config.tls(), options.watchdog, options.feed));
  }
  return host;
}

absl::Status Host::StartDatabase(const config::v1::ServerConfig& config, const HostOptions& chosen) {
  ASSIGN_OR_RETURN(const Key app_key, ReadKeyFile(config.keys().app_key_file(), KeyPurpose::kApp));
  ASSIGN_OR_RETURN(store::CheckpointerOptions checkpoints, CheckpointerOptionsOf(config));
  app_key_ = app_key.bytes;
  ASSIGN_OR_RETURN(store::DatabaseOptions options, DatabaseOptionsOf(config));
  if (chosen.change_database != nullptr) chosen.change_database(options);
  ASSIGN_OR_RETURN(database_, store::Database::Open(options));

  store::Installation installation;
  ProgramRegistry::Programs programs;
  RETURN_IF_ERROR(database_->Peek([&](store::ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(installation, store::LoadInstallation(tx));
    ASSIGN_OR_RETURN(programs, LoadPrograms(tx));
    return absl::OkStatus();
  }));
  if (installation.origin != config.area_origin()) {
    return absl::FailedPreconditionError(
        fmt::format("area_origin: the database belongs to {}, not to {}: correct the setting",
                    installation.origin, config.area_origin()));
  }
  demonstration_ = installation.demonstration;
  if (!demonstration_) catalogue_ = catalogue_.ForRealPeople();
  business_clock_ = std::make_unique<OffsetBusinessClock>(installation.business_offset, test_business_clock_);
  registry_->Replace(std::move(programs));

  ASSIGN_OR_RETURN(checkpointer_, store::Checkpointer::Create(std::move(checkpoints), &security_clock_,
                                                              [this](const store::LeafVisitor& visit) {
                                                                return database_->ScanLeaves(visit);
                                                              }));
  database_->ObserveAudit(
      [this](uint64_t sequence, std::string_view leaf) { checkpointer_->Committed(sequence, leaf); });

  // From here on lists follow this program's own table of access.
  return database_->Write(
      [](store::WriteTransaction& tx) -> absl::Status {
        RETURN_IF_ERROR(KeepWorkerNames(tx));
        return store::WriteRecordRules(tx, domain::RecordRules());
      },
      [this](const absl::Status&) {
        return SystemEvent(domain::AuditKind::kSystem, "start", *business_clock_, security_clock_);
      });
}

absl::Status Host::StartServer(const config::v1::ServerConfig& config) {
  ASSIGN_OR_RETURN(std::vector<domain::OwnerKey> owner_keys, OwnerKeysOf(config));
  const auto open_calls = std::make_shared<OpenCalls>(config.limits());
  gate_ = std::make_unique<Gate>(Gate::Parts{.database = database_.get(),
                                             .programs = registry_.get(),
                                             .catalogue = &catalogue_,
                                             .business_clock = business_clock_.get(),
                                             .security_clock = &security_clock_,
                                             .ids = &ids_,
                                             .app_key = &app_key_,
                                             .open_calls = open_calls.get()});
  std::vector<NamedService> services;
  services.push_back(NewSessionService(*gate_, hasher_, demonstration_));
  services.push_back(NewDirectoryService(*gate_, hasher_, registry_, demonstration_));
  services.push_back(NewAssessmentService(*gate_));
  services.push_back(NewDocumentService(*gate_, renderer_));
  services.push_back(NewReferralService(*gate_));
  services.push_back(NewCaseService(*gate_));
  services.push_back(NewAccessService(*gate_));
  services.push_back(NewMeetingService(*gate_));
  services.push_back(NewActionService(*gate_));
  services.push_back(NewResearchService(*gate_));
  services.push_back(NewAuditService(*gate_, *checkpointer_));
  services.push_back(NewPilotService(*gate_, ids_));
  services.push_back(NewInstrumentService(*gate_, std::move(owner_keys), demonstration_));
  if (demonstration_) services.push_back(NewDemoService(*gate_, *business_clock_));
  ASSIGN_OR_RETURN(server_, RpcServer::Start(
                                config, std::move(services), registry_,
                                [](std::string_view path) {
                                  return domain::FindMethodRule(path.substr(path.starts_with('/') ? 1 : 0)) !=
                                         nullptr;
                                },
                                open_calls));
  checkpointer_->Start(
      [this] {
        return database_->Append(
            SystemEvent(domain::AuditKind::kHeartbeat, "heartbeat", *business_clock_, security_clock_));
      },
      [](const absl::Status& health) {
        if (health.ok()) {
          spdlog::info("checkpoints of the audit log are written again");
        } else {
          spdlog::error("checkpoints: {}", std::string(health.message()));
        }
      });
  log_check_ = std::make_unique<LogCheck>(*database_, *checkpointer_, security_clock_, [this] {
    return SystemEvent(domain::AuditKind::kSystem, "check-log", *business_clock_, security_clock_);
  });
  watch_timer_ = std::make_unique<WatchTimer>(std::vector<WatchTimer::RunDue>{
      [this] { return gate_->watch().RunDue(); }, [this] { return log_check_->RunDue(); }});
  return absl::OkStatus();
}

Host::~Host() { Stop(absl::ZeroDuration()); }

void Host::Stop(absl::Duration grace) {
  watch_timer_.reset();
  if (server_ != nullptr) server_->Stop(grace);
  server_.reset();
  if (database_ == nullptr) return;
  if (gate_ != nullptr) {
    const absl::Status written = gate_->watch().WriteCountedRefusals(absl::InfiniteFuture());
    if (!written.ok()) spdlog::error("stop: {}", std::string(written.message()));
  }
  if (checkpointer_ != nullptr && gate_ != nullptr) {
    const absl::Status appended =
        database_->Append(SystemEvent(domain::AuditKind::kSystem, "stop", *business_clock_, security_clock_));
    if (!appended.ok()) spdlog::error("stop: {}", std::string(appended.message()));
    checkpointer_->Stop();
  }
  database_->Close();
  // The observer of the audit lives in the checkpointer, so the database goes first.
  database_.reset();
}

}  // namespace marac::rpc
