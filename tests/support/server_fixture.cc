#include "tests/support/server_fixture.h"

#include <google/protobuf/util/time_util.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "base/status_macros.h"
#include "rpc/config.h"
#include "rpc/directory_service.h"
#include "rpc/setup.h"
#include "rpc/tls.h"

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

constexpr PasswordCost kCheap = {.memory_bytes = size_t{1} << 20, .passes = 1};
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

ServerFixture::ServerFixture(const SecurityClock* security_clock) : security_clock_(security_clock) {
  Check(rpc::PrepareProcess(), "process");
  spdlog::set_level(spdlog::level::err);
  std::string name = (std::filesystem::temp_directory_path() / "marac_server_XXXXXX").string();
  folder_ = mkdtemp(name.data());
  rpc::SetupOptions setup = NewTestArea(folder_, "127.0.0.1:0");
  setup.password_cost = kCheap;
  Check(rpc::SetUp(setup), "set-up");
  cli_ = Must(pki::ReadIdentity(folder_ + "/programs/admin-cli.key", folder_ + "/programs/admin-cli.pem"),
              "cli");
  web_ = Must(pki::ReadIdentity(folder_ + "/programs/web.key", folder_ + "/programs/web.pem"), "web");
  root_pem_ = Must(ReadSmallFile(folder_ + "/tls/root.pem", kPemBytesMax), "root");
  Start();
  Fill();
}

ServerFixture::~ServerFixture() {
  clients_.clear();
  web_channel_.reset();
  host_->Stop(absl::Seconds(5));
  host_.reset();
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
  const config::v1::ServerConfig config =
      Must(rpc::LoadServerConfig(folder_ + "/maracd.textproto"), "configuration");
  host_ =
      Must(rpc::Host::Start(config, {.password_cost = kCheap, .security_clock = security_clock_}), "start");
  web_channel_ = Channel(&web_);
}

void ServerFixture::Restart() {
  clients_.clear();
  web_channel_.reset();
  host_->Stop(absl::Seconds(5));
  host_.reset();
  Start();
}

std::shared_ptr<grpc::Channel> ServerFixture::Channel(const pki::Identity* identity) const {
  return TlsChannel(host_->port(), root_pem_, identity);
}

Client ServerFixture::SignIn(const std::string& login, const std::string& password) {
  v1::SignInRequest request;
  request.set_login(login);
  request.set_password(password);
  const v1::Session session =
      Must(Client(web_channel_, "", "").Call(&v1::SessionService::Stub::SignIn, request), login.c_str());
  return Client(web_channel_, session.token(), accounts_[login]);
}

const Client& ServerFixture::As(const std::string& login) {
  auto found = clients_.find(login);
  if (found == clients_.end()) found = clients_.emplace(login, SignIn(login)).first;
  return found->second;
}

Client ServerFixture::Nobody() { return Client(web_channel_, "", ""); }

const Client& ServerFixture::SystemOf(const std::string& agency) {
  const std::string key = "system." + agency;
  auto found = clients_.find(key);
  if (found != clients_.end()) return found->second;
  const std::string pem =
      Must(rpc::IssueProgramCertificate(folder_, "marac.test", agency, "system-" + agency), "certificate");
  v1::EnrolProgramRequest request;
  request.mutable_program()->set_kind(v1::PROGRAM_KIND_AGENCY_SYSTEM);
  request.mutable_program()->set_agency("agencies/" + agency);
  request.mutable_program()->set_display_name("System of " + agency);
  request.set_certificate_pem(pem);
  const v1::Program program =
      Must(As("admin.council").Call(&v1::DirectoryService::Stub::EnrolProgram, request), "enrol");
  const std::string base = folder_ + "/programs/system-" + agency;
  const pki::Identity identity = Must(pki::ReadIdentity(base + ".key", base + ".pem"), "identity");
  return clients_.emplace(key, Client(Channel(&identity), "", program.name())).first->second;
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
  accounts_[login] = made.name();
  return made;
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
  const std::string admin = As("admin.council")
                                .Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest())
                                ->account()
                                .name();
  Check(host_->database().Write(
            [&](store::WriteTransaction& tx) -> absl::Status {
              v1::Area area;
              area.set_name(name);
              area.set_display_name(word);
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
              ASSIGN_OR_RETURN(const v1::Account changed,
                               change(tx, v1::Account(), admin, [&](v1::Account& record) {
                                 v1::RoleGrant& grant = *record.add_roles();
                                 grant.set_area(name);
                                 grant.set_role(v1::ROLE_ADMIN);
                               }));
              return store::ReplaceRoles(tx, admin, changed.agency(), rpc::RoleRowsOf(changed));
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
