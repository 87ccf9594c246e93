#include "tests/support/server_fixture.h"

#include <google/protobuf/util/time_util.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/status_macros.h"
#include "rpc/config.h"
#include "rpc/directory_service.h"
#include "rpc/setup.h"
#include "rpc/tls.h"
#include "tests/support/area_packs.h"

namespace marac::testing {
namespace {

using google::protobuf::util::TimeUtil;

[[noreturn]] void Die(const absl::Status& status, const char* what) {
  std::fprintf(stderr, "server fixture: %s: %s\n", what, status.ToString().c_str());
  std::abort();
}

void Check(const absl::Status& status, const char* what) {
  if (!status.ok()) Die(status, what);
}

template <typename T>
T Must(absl::StatusOr<T> value, const char* what) {
  if (!value.ok()) Die(value.status(), what);
  return *std::move(value);
}

std::string NewFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "marac_server_XXXXXX").string();
  return mkdtemp(name.data());
}

constexpr size_t kPemBytesMax = 65536;

struct PersonRow {
  const char* login;
  const char* agency;
  v1::Role role;
};

constexpr PersonRow kPeople[] = {
    {"referrer.police", "police", v1::ROLE_REFERRER},
    {"referrer.housing", "housing", v1::ROLE_REFERRER},
    {"idva.idva", "idva", v1::ROLE_IDVA},
    {"representative.police", "police", v1::ROLE_REPRESENTATIVE},
    {"representative.housing", "housing", v1::ROLE_REPRESENTATIVE},
    {"representative.health", "health", v1::ROLE_REPRESENTATIVE},
    {"supervisor.police", "police", v1::ROLE_SUPERVISOR},
    {"coordinator.council", "council", v1::ROLE_COORDINATOR},
    {"chair.police", "police", v1::ROLE_CHAIR},
    {"minutes.council", "council", v1::ROLE_MINUTE_TAKER},
    {"steering.council", "council", v1::ROLE_STEERING_GROUP},
    {"auditor.council", "council", v1::ROLE_AUDITOR},
    {"privacy.police", "police", v1::ROLE_PRIVACY_OFFICER},
};

}  // namespace

ServerFixture::ServerFixture(std::function<void(store::DatabaseOptions&)> change_database)
    : ServerFixture(Clocks(), kCheapPasswords, std::move(change_database)) {}

ServerFixture::ServerFixture(const Clocks& clocks, PasswordCost password_cost,
                             std::function<void(store::DatabaseOptions&)> change_database)
    : clocks_(clocks), change_database_(std::move(change_database)), password_cost_(password_cost) {
  Check(rpc::PrepareProcess(), "process");
  spdlog::set_level(spdlog::level::err);
  folder_ = NewFolder();
  rpc::SetupOptions setup = NewTestArea(folder_, "127.0.0.1:0");
  setup.password_cost = password_cost_;
  Check(rpc::SetUp(setup), "set-up");
  Start();
  Fill();
}

ServerFixture::ServerFixture(const Copied& copied)
    : clocks_(copied.clocks), folder_(copied.folder), accounts_(copied.accounts) {
  Start();
}

ServerFixture::~ServerFixture() {
  Stop();
  std::filesystem::remove_all(folder_);
}

ServerFixture& ServerFixture::Shared() {
  static auto& fixture = *new std::unique_ptr<ServerFixture>(new ServerFixture);
  // Removed at the end of the program, so that no folder stays behind.
  static const int registered = atexit([] { fixture.reset(); });
  (void)registered;
  return *fixture;
}

void ServerFixture::Start() {
  cli_ = Must(pki::ReadIdentity(folder_ + "/programs/admin-cli.key", folder_ + "/programs/admin-cli.pem"),
              "cli");
  web_ = Must(pki::ReadIdentity(folder_ + "/programs/web.key", folder_ + "/programs/web.pem"), "web");
  root_pem_ = Must(ReadSmallFile(folder_ + "/tls/root.pem", kPemBytesMax), "root");
  config::v1::ServerConfig config =
      Must(rpc::LoadServerConfig(folder_ + "/maracd.textproto"), "configuration");
  config.add_pack_owner_keys(PackOwnerKeyLine());
  host_ = Must(rpc::Host::Start(config, {.password_cost = password_cost_,
                                         .security_clock = clocks_.security,
                                         .business_clock = clocks_.business,
                                         .change_database = change_database_,
                                         .renderer = renderer_}),
               "start");
  web_channel_ = Channel(&web_);
}

void ServerFixture::Stop() {
  clients_.clear();
  web_channel_.reset();
  host_->Stop(absl::Seconds(5));
  host_.reset();
}

void ServerFixture::Restart() {
  Stop();
  Start();
}

std::unique_ptr<ServerFixture> ServerFixture::RestartWithACopy() {
  Stop();
  const Copied copied{.clocks = clocks_, .folder = NewFolder(), .accounts = accounts_};
  std::filesystem::copy(folder_, copied.folder, std::filesystem::copy_options::recursive);
  // Its settings name files by their whole path.
  const std::string settings = copied.folder + "/maracd.textproto";
  std::string text = Must(ReadSmallFile(settings, kPemBytesMax), "settings");
  for (size_t at = text.find(folder_); at != std::string::npos; at = text.find(folder_, at)) {
    text.replace(at, folder_.size(), copied.folder);
  }
  std::ofstream(settings, std::ios::trunc) << text;
  Start();
  return std::unique_ptr<ServerFixture>(new ServerFixture(copied));
}

void ServerFixture::TellAsWell(const ServerFixture& other, std::shared_ptr<const Twin> twin) {
  clients_.clear();
  other_ = &other;
  twin_ = std::move(twin);
}

Client ServerFixture::Bound(const Client& client, const pki::Identity* identity) {
  const auto channel = identity == &web_ ? web_channel_ : Channel(identity);
  if (other_ == nullptr) return client.At(channel);
  return client.At(channel).WithTwin(identity == &web_ ? other_->web_channel_ : other_->Channel(identity),
                                     twin_);
}

Client ServerFixture::Again(const Client& client) { return Bound(client, &web_); }

Client ServerFixture::SystemAgain(const std::string& program_word, const Client& client) {
  const std::string base = folder_ + "/programs/" + program_word;
  const pki::Identity identity = Must(pki::ReadIdentity(base + ".key", base + ".pem"), "identity");
  return Bound(client, &identity);
}

std::shared_ptr<grpc::Channel> ServerFixture::Channel(const pki::Identity* identity) const {
  return TlsChannel(host_->port(), root_pem_, identity);
}

Client ServerFixture::SignIn(const std::string& login, const std::string& password) {
  v1::SignInRequest request;
  request.set_login(login);
  request.set_password(password);
  const v1::Session session = Must(Nobody().Call(&v1::SessionService::Stub::SignIn, request), login.c_str());
  return Bound(Client(nullptr, session.token(), accounts_[login]), &web_);
}

absl::Time ServerFixture::SecurityNow() const {
  return clocks_.security == nullptr ? absl::Now() : clocks_.security->Now();
}

const Client& ServerFixture::As(const std::string& login) {
  SignedIn& kept = clients_[login];
  if (kept.client.token().empty() || SecurityNow() >= kept.until) {
    kept = {.client = SignIn(login), .until = SecurityNow() + absl::Minutes(4)};
  }
  return kept.client;
}

void ServerFixture::ForgetSessions() {
  std::erase_if(clients_, [](const auto& entry) { return !entry.first.starts_with("system."); });
}

Client ServerFixture::Nobody() { return Bound(Client(), &web_); }

const Client& ServerFixture::SystemOf(const std::string& agency) {
  const std::string key = "system." + agency;
  auto found = clients_.find(key);
  if (found != clients_.end()) return found->second.client;
  const std::string pem =
      Must(rpc::IssueProgramCertificate(folder_, "marac.test", agency, "system-" + agency), "certificate");
  v1::EnrolProgramRequest request;
  request.mutable_program()->set_kind(v1::PROGRAM_KIND_AGENCY_SYSTEM);
  request.mutable_program()->set_agency("agencies/" + agency);
  request.mutable_program()->set_display_name("System of " + agency);
  request.set_certificate_pem(pem);
  const v1::Program program =
      Must(As("admin.council").Call(&v1::DirectoryService::Stub::EnrolProgram, request), "enrol");
  SignedIn& kept = clients_[key];
  kept.client = SystemAgain("system-" + agency, Client(nullptr, "", program.name()));
  return kept.client;
}

v1::Account ServerFixture::AddAccount(const std::string& login, const std::string& agency,
                                      const std::vector<v1::Role>& roles, const std::string& area) {
  v1::CreateAccountRequest request;
  v1::Account& account = *request.mutable_account();
  account.set_login(login);
  account.set_display_name("Person " + login);
  account.set_agency("agencies/" + agency);
  for (v1::Role role : roles) {
    v1::RoleGrant& grant = *account.add_roles();
    grant.set_area(area);
    grant.set_role(role);
  }
  request.set_password(kPassword);
  request.set_keep_password(true);
  v1::Account made =
      Must(As("admin.council").Call(&v1::DirectoryService::Stub::CreateAccount, request), login.c_str());
  if (!made.pending_roles().empty()) made = Approve(made);
  accounts_[login] = made.name();
  return made;
}

v1::Account ServerFixture::Approve(const v1::Account& account) {
  v1::ApproveRolesRequest approve;
  approve.set_name(account.name());
  approve.set_etag(account.etag());
  return Must(As("admin2.council").Call(&v1::DirectoryService::Stub::ApproveRoles, approve), "approve");
}

void ServerFixture::AddArea(const std::string& word, const std::vector<std::string>& agencies) {
  const std::string name = "areas/" + word;
  // The next version of a record, changed.
  const auto change = [](store::WriteTransaction& tx, auto record, const std::string& of,
                         const auto& how) -> absl::StatusOr<decltype(record)> {
    ASSIGN_OR_RETURN(const store::StoredRecord stored, store::LoadBody(tx, domain::ServerGrant(of)));
    if (!record.ParseFromString(stored.body)) return absl::InternalError(of);
    how(record);
    const store::RecordRow row{.name = of,
                               .kind = domain::KindOf<decltype(record)>::value,
                               .columns = domain::ColumnsOf(record),
                               .body = record.SerializeAsString()};
    RETURN_IF_ERROR(store::UpdateRecord(tx, row, stored.version + 1, /*time_ms=*/0, "fixture"));
    return record;
  };
  std::vector<std::string> admins;
  for (const char* login : {"admin.council", "admin2.council"}) {
    admins.push_back(
        As(login).Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest())->account().name());
  }
  Check(host_->database().Write(
            [&](store::WriteTransaction& tx) -> absl::Status {
              v1::Area area;
              area.set_name(name);
              area.set_display_name(word);
              area.set_host_agency("agencies/council");
              RETURN_IF_ERROR(store::NewScope(tx, name, name, domain::Stage::kArea));
              RETURN_IF_ERROR(store::InsertRecord(tx,
                                                  {.name = name,
                                                   .kind = domain::Kind::kArea,
                                                   .area = name,
                                                   .columns = domain::ColumnsOf(area),
                                                   .body = area.SerializeAsString()},
                                                  name, /*time_ms=*/0, "fixture"));
              for (const std::string& agency : agencies) {
                RETURN_IF_ERROR(change(tx, v1::Agency(), "agencies/" + agency, [&](v1::Agency& record) {
                                  record.add_areas(name);
                                }).status());
              }
              for (const std::string& admin : admins) {
                ASSIGN_OR_RETURN(const v1::Account changed,
                                 change(tx, v1::Account(), admin, [&](v1::Account& record) {
                                   v1::RoleGrant& grant = *record.add_roles();
                                   grant.set_area(name);
                                   grant.set_role(v1::ROLE_ADMIN);
                                 }));
                RETURN_IF_ERROR(store::ReplaceRoles(tx, admin, changed.agency(), rpc::RoleRowsOf(changed)));
              }
              return absl::OkStatus();
            },
            [](const absl::Status& status) {
              domain::AuditEvent event;
              event.kind = domain::AuditKind::kAdministration;
              event.method = "fixture";
              event.allowed = status.ok();
              return event;
            }),
        "another area");
}

void ServerFixture::Fill() {
  const Client& admin = As("admin.council");
  for (const char* word : {"police", "idva", "housing", "health", "csc"}) {
    v1::CreateAgencyRequest request;
    request.mutable_agency()->set_name(std::string("agencies/") + word);
    request.mutable_agency()->set_display_name(word);
    request.mutable_agency()->add_areas(kArea);
    request.mutable_agency()->set_idva_service(std::string_view(word) == "idva");
    Must(admin.Call(&v1::DirectoryService::Stub::CreateAgency, request), word);
  }
  accounts_["admin.council"] =
      Must(admin.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()), "caller")
          .account()
          .name();
  AddAccount("admin2.council", "council", {v1::ROLE_ADMIN});
  for (const PersonRow& person : kPeople) AddAccount(person.login, person.agency, {person.role});
}

absl::Time ServerFixture::Now() {
  const v1::Caller caller =
      Must(As("admin.council").Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()), "caller");
  return absl::FromUnixMillis(TimeUtil::TimestampToMilliseconds(caller.business_time()));
}

void ServerFixture::AdvanceTo(absl::Time time) {
  v1::AdvanceClockRequest request;
  *request.mutable_business_time() = TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(time));
  Must(As("admin.council").Call(&v1::DemoService::Stub::AdvanceClock, request), "clock");
}

}  // namespace marac::testing
