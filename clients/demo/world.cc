#include "demo/world.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <utility>

#include "base/file.h"
#include "base/status_macros.h"
#include "demo/staff.h"
#include "marac/v1/demo_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::demo {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kPemBytesMax = 64 << 10;

}  // namespace

absl::StatusOr<World> World::Open(const WorldOptions& options) {
  config::v1::ClientConfig config;
  config.set_server_address(options.server_address);
  config.set_server_name("localhost");
  config.set_authority_file(options.directory + "/tls/root.pem");
  config.set_certificate_file(options.directory + "/programs/web.pem");
  config.set_private_key_file(options.directory + "/programs/web.key");
  config.set_timeout_ms(60'000);
  ASSIGN_OR_RETURN(cli::Connection nobody, cli::Connection::Open(config, [](std::string_view note) {
                     fmt::print(stderr, "{}\n", note);
                   }));
  return World(options, std::move(nobody));
}

absl::Status World::SignIn(const std::string& login, const Secret& password) {
  v1::SignInRequest request;
  request.set_login(login);
  request.set_password(std::string(password.Reveal()));
  ASSIGN_OR_RETURN(const v1::Session session,
                   nobody_.Call(&v1::SessionService::Stub::SignIn, request, {.repeat = false}));
  password_ = password;
  Person person{.connection = nobody_, .account = {}};
  person.connection.set_token(session.token());
  ASSIGN_OR_RETURN(const v1::Caller caller,
                   person.connection.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
  if (!caller.demonstration()) {
    return absl::FailedPreconditionError(
        "this is no demonstration: invented people have no place in it. Make one with maracd init "
        "--demonstration");
  }
  person.account = caller.account().name();
  people_.insert_or_assign(login, std::move(person));
  return absl::OkStatus();
}

absl::Status World::StepUp(const cli::Connection& connection) const {
  v1::StepUpRequest request;
  request.set_password(std::string(password_.Reveal()));
  return connection.Call(&v1::SessionService::Stub::StepUp, request, {.repeat = false}).status();
}

std::string World::AccountOf(const std::string& login) const {
  const auto person = people_.find(login);
  return person == people_.end() ? std::string() : person->second.account;
}

absl::StatusOr<absl::Time> World::Now() const {
  ASSIGN_OR_RETURN(
      const v1::Caller caller,
      Call(std::string(kAdministrator), &v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
  return absl::FromUnixMillis(TimeUtil::TimestampToMilliseconds(caller.business_time()));
}

absl::Status World::AdvanceTo(absl::Time time) const {
  ASSIGN_OR_RETURN(const absl::Time now, Now());
  if (time <= now + absl::Seconds(1)) return absl::OkStatus();
  v1::AdvanceClockRequest request;
  *request.mutable_business_time() = TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(time));
  return Call(std::string(kAdministrator), &v1::DemoService::Stub::AdvanceClock, request).status();
}

absl::Status MakePeople(World& world, const Secret& password) {
  const std::string admin(kAdministrator);
  for (const AgencyPlan& agency : Agencies()) {
    const std::string name = fmt::format("agencies/{}", agency.word);
    if (agency.word != kFirstAgency) {
      v1::CreateAgencyRequest request;
      request.mutable_agency()->set_name(name);
      request.mutable_agency()->set_display_name(agency.display_name);
      request.mutable_agency()->add_areas(world.area());
      request.mutable_agency()->set_idva_service(agency.idva_service);
      RETURN_IF_ERROR(world.Call(admin, &v1::DirectoryService::Stub::CreateAgency, request).status());
    }
    v1::EnrolProgramRequest enrol;
    enrol.mutable_program()->set_kind(v1::PROGRAM_KIND_CLI);
    enrol.mutable_program()->set_agency(name);
    enrol.mutable_program()->set_display_name(fmt::format("Command line of {}", agency.display_name));
    ASSIGN_OR_RETURN(
        *enrol.mutable_certificate_pem(),
        ReadSmallFile(fmt::format("{}/programs/{}-cli.pem", world.options().directory, agency.word),
                      kPemBytesMax));
    RETURN_IF_ERROR(world.Call(admin, &v1::DirectoryService::Stub::EnrolProgram, enrol).status());
  }
  for (const StaffPlan& person : Staff()) {
    v1::CreateAccountRequest request;
    v1::Account& account = *request.mutable_account();
    account.set_login(person.login);
    account.set_display_name(person.display_name);
    account.set_agency(fmt::format("agencies/{}", person.agency));
    for (const v1::Role role : person.roles) {
      v1::RoleGrant& grant = *account.add_roles();
      grant.set_area(world.area());
      grant.set_role(role);
    }
    request.set_password(std::string(password.Reveal()));
    request.set_keep_password(true);
    ASSIGN_OR_RETURN(const v1::Account made,
                     world.Call(admin, &v1::DirectoryService::Stub::CreateAccount, request));
    if (!made.pending_roles().empty()) {
      v1::ApproveRolesRequest approve;
      approve.set_name(made.name());
      approve.set_etag(made.etag());
      RETURN_IF_ERROR(
          world.Call(std::string(kSecondAdministrator), &v1::DirectoryService::Stub::ApproveRoles, approve)
              .status());
    }
    RETURN_IF_ERROR(world.SignIn(person.login, password));
  }
  return absl::OkStatus();
}

}  // namespace marac::demo
