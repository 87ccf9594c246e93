#include "rpc/directory_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/pki.h"
#include "domain/area_settings.h"
#include "domain/catalogue.h"
#include "domain/directory.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/services_directory.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "store/installation.h"
#include "store/sessions.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;

// A program has one certificate, and a second one while it is renewed.
constexpr int kFingerprintsMax = 2;
constexpr int kAreasMax = 1000;
constexpr int kProgramsMax = 100'000;

int64_t DayNumber(const v1::Day& day) {
  return absl::CivilDay(day.year(), day.month(), day.day()) - absl::CivilDay(1970, 1, 1);
}

class DirectoryService final : public v1::DirectoryService::Service {
 public:
  DirectoryService(Gate& gate, PasswordHasher& hasher, std::shared_ptr<ProgramRegistry> registry,
                   bool demonstration)
      : gate_(gate), hasher_(hasher), registry_(std::move(registry)), demonstration_(demonstration) {}

  grpc::Status GetArea(grpc::ServerContext* context, const v1::GetAreaRequest* request,
                       v1::Area* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return call.Load<v1::Area>(request->name()); });
  }

  grpc::Status UpdateArea(grpc::ServerContext* context, const v1::UpdateAreaRequest* request,
                          v1::Area* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Area> {
      const v1::Area& wanted = request->area();
      ASSIGN_OR_RETURN(v1::Area area,
                       call.LoadForChange<v1::Area>(wanted.name(), wanted.etag(), "area.name"));
      if (wanted.display_name().empty())
        return domain::InvalidField("area.display_name", "give the area's name");
      RETURN_IF_ERROR(domain::CheckAreaSettings(wanted.settings()));
      RETURN_IF_ERROR(
          call.catalogue().FormFor(wanted.settings().instrument(), wanted.settings().policy()).status());
      area.set_display_name(wanted.display_name());
      *area.mutable_settings() = wanted.settings();
      RETURN_IF_ERROR(call.Save(area));
      return area;
    });
  }

  grpc::Status CreateAgency(grpc::ServerContext* context, const v1::CreateAgencyRequest* request,
                            v1::Agency* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Agency> {
      v1::Agency agency = request->agency();
      RETURN_IF_ERROR(domain::CheckAgency(agency));
      RETURN_IF_ERROR(domain::MayAddAgency(call.caller(), agency));
      RETURN_IF_ERROR(call.Create(agency, store::kInstallationScope));
      return agency;
    });
  }

  grpc::Status ListAgencies(grpc::ServerContext* context, const v1::ListAgenciesRequest* request,
                            v1::ListAgenciesResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListAgenciesResponse> {
          v1::ListAgenciesResponse answer;
          const auto is_member = [request](const v1::Agency& agency) {
            return request->parent().empty() || std::ranges::count(agency.areas(), request->parent()) > 0;
          };
          ASSIGN_OR_RETURN(std::vector<v1::Agency> agencies,
                           call.ListWanted<v1::Agency>({.kind = Kind::kAgency}, request->page_size(),
                                                       request->page_token(),
                                                       answer.mutable_next_page_token(), is_member));
          for (v1::Agency& agency : agencies) *answer.add_agencies() = std::move(agency);
          return answer;
        });
  }

  grpc::Status CreateAccount(grpc::ServerContext* context, const v1::CreateAccountRequest* request,
                             v1::Account* response) override {
    // Hashed before the transaction, which must not wait for Argon2.
    const absl::StatusOr<std::string> hash = HashNew(*request);
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Account> {
      RETURN_IF_ERROR(hash.status());
      v1::Account account = request->account();
      ASSIGN_OR_RETURN(const v1::Agency agency,
                       call.LoadAsServer<v1::Agency>(account.agency(), "account.agency"));
      RETURN_IF_ERROR(domain::MayAdminister(call.caller(), agency, agency.name()));
      RETURN_IF_ERROR(domain::MayChangeRoles(call.caller(), agency, /*before=*/{}, account));
      account.set_name(ResourceName::Make(Kind::kAccount, "", call.NewId()));
      account.set_must_change_password(!(demonstration_ && request->keep_password()));
      account.set_suspended(false);
      RETURN_IF_ERROR(call.Create(account, store::kInstallationScope));
      RETURN_IF_ERROR(store::InsertCredential(call.write(), {.account = account.name(),
                                                             .agency = account.agency(),
                                                             .login = account.login(),
                                                             .password_hash = *hash,
                                                             .must_change = account.must_change_password()}));
      RETURN_IF_ERROR(
          store::ReplaceRoles(call.write(), account.name(), account.agency(), RoleRowsOf(account)));
      return account;
    });
  }

  grpc::Status UpdateAccount(grpc::ServerContext* context, const v1::UpdateAccountRequest* request,
                             v1::Account* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Account> {
      const v1::Account& wanted = request->account();
      ASSIGN_OR_RETURN(v1::Account account,
                       call.LoadForChange<v1::Account>(wanted.name(), wanted.etag(), "account.name"));
      ASSIGN_OR_RETURN(const v1::Agency agency, call.LoadAsServer<v1::Agency>(account.agency()));
      RETURN_IF_ERROR(domain::MayAdminister(call.caller(), agency, account.name()));
      const v1::Account before = account;
      account.set_display_name(wanted.display_name());
      *account.mutable_roles() = wanted.roles();
      account.set_suspended(wanted.suspended());
      RETURN_IF_ERROR(domain::CheckAccount(account));
      RETURN_IF_ERROR(domain::MayChangeRoles(call.caller(), agency, before, account));
      ASSIGN_OR_RETURN(const std::vector<std::string> alone, AreasOnlyAdministeredBy(call, account.name()));
      RETURN_IF_ERROR(call.Save(account));
      RETURN_IF_ERROR(store::SetSuspended(call.write(), account.name(), account.suspended(),
                                          absl::ToUnixMillis(call.security_now())));
      RETURN_IF_ERROR(
          store::ReplaceRoles(call.write(), account.name(), account.agency(), RoleRowsOf(account)));
      for (const std::string& area : alone) {
        ASSIGN_OR_RETURN(const std::vector<std::string> left, AdministratorsOf(call, area));
        if (left.empty()) {
          return domain::WrongState(
              "LAST_ADMINISTRATOR",
              fmt::format("'{}' would have no administrator, and nobody could make one: make another first",
                          area));
        }
      }
      return account;
    });
  }

  grpc::Status ListAccounts(grpc::ServerContext* context, const v1::ListAccountsRequest* request,
                            v1::ListAccountsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListAccountsResponse> {
          v1::ListAccountsResponse answer;
          const store::ListQuery query{.kind = Kind::kAccount, .agency = request->agency()};
          const auto has_role = [request](const v1::Account& account) {
            return request->parent().empty() ||
                   std::ranges::count(account.roles(), request->parent(), &v1::RoleGrant::area) > 0;
          };
          ASSIGN_OR_RETURN(std::vector<v1::Account> accounts,
                           call.ListWanted<v1::Account>(query, request->page_size(), request->page_token(),
                                                        answer.mutable_next_page_token(), has_role));
          for (v1::Account& account : accounts) *answer.add_accounts() = std::move(account);
          return answer;
        });
  }

  grpc::Status EnrolProgram(grpc::ServerContext* context, const v1::EnrolProgramRequest* request,
                            v1::Program* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Program> {
      const absl::StatusOr<std::string> fingerprint = pki::FingerprintOfPem(request->certificate_pem());
      if (!fingerprint.ok()) {
        return domain::InvalidField("certificate_pem", "give the program's certificate in PEM form");
      }
      const bool is_new = request->program().name().empty();
      v1::Program program = request->program();
      if (is_new) {
        RETURN_IF_ERROR(domain::CheckProgram(program));
        program.set_name(ResourceName::Make(Kind::kProgram, "", call.NewId()));
        program.set_revoked(false);
        program.clear_fingerprints();
      } else {
        ASSIGN_OR_RETURN(program, call.Load<v1::Program>(program.name(), "program.name"));
        if (program.revoked())
          return domain::WrongState("REVOKED", "this program was revoked: enrol a new one");
      }
      ASSIGN_OR_RETURN(const v1::Agency agency, AgencyOf(call, program));
      RETURN_IF_ERROR(domain::MayAdministerProgram(call.caller(), program, AreasOf(agency),
                                                   is_new ? program.agency() : program.name()));
      RETURN_IF_ERROR(CheckNotEnrolled(call, *fingerprint));
      // The older of two makes room for the newer.
      if (program.fingerprints_size() >= kFingerprintsMax)
        program.mutable_fingerprints()->DeleteSubrange(0, 1);
      program.add_fingerprints(*fingerprint);
      RETURN_IF_ERROR(is_new ? call.Create(program, store::kInstallationScope) : call.Save(program));
      RETURN_IF_ERROR(
          store::ReplaceRoles(call.write(), program.name(), program.agency(), RoleRowsOf(program, agency)));
      call.AfterCommit([registry = registry_, program] {
        registry->Enrol({program.fingerprints().begin(), program.fingerprints().end()}, ToProgram(program));
      });
      return program;
    });
  }

  grpc::Status RevokeProgram(grpc::ServerContext* context, const v1::RevokeProgramRequest* request,
                             v1::Program* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Program> {
      if (request->reason().empty()) return domain::InvalidField("reason", "say why the program is revoked");
      ASSIGN_OR_RETURN(v1::Program program, call.Load<v1::Program>(request->name()));
      ASSIGN_OR_RETURN(const v1::Agency agency, AgencyOf(call, program));
      RETURN_IF_ERROR(domain::MayAdministerProgram(call.caller(), program, AreasOf(agency), program.name()));
      program.set_revoked(true);
      RETURN_IF_ERROR(call.Save(program));
      RETURN_IF_ERROR(store::ReplaceRoles(call.write(), program.name(), program.agency(), {}));
      call.AfterCommit([registry = registry_, name = program.name()] { registry->Revoke(name); });
      return program;
    });
  }

  grpc::Status ListPrograms(grpc::ServerContext* context, const v1::ListProgramsRequest* request,
                            v1::ListProgramsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListProgramsResponse> {
          v1::ListProgramsResponse answer;
          ASSIGN_OR_RETURN(std::vector<v1::Program> programs,
                           call.List<v1::Program>({.kind = Kind::kProgram}, request->page_size(),
                                                  request->page_token(), answer.mutable_next_page_token()));
          for (v1::Program& program : programs) *answer.add_programs() = std::move(program);
          return answer;
        });
  }

  grpc::Status ListServices(grpc::ServerContext* context, const v1::ListServicesRequest* request,
                            v1::ListServicesResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListServicesResponse> {
          ASSIGN_OR_RETURN(const ResourceName area,
                           ResourceName::Parse("parent", request->parent(), Kind::kArea));
          const store::ListQuery query{.kind = Kind::kService,
                                       .area = area.text(),
                                       .state = request->include_retired() ? 0 : domain::kServiceOffered};
          const auto suits = [request](const v1::SupportService& service) {
            return domain::Suits(service, *request);
          };
          v1::ListServicesResponse answer;
          ASSIGN_OR_RETURN(
              std::vector<v1::SupportService> services,
              call.ListWanted<v1::SupportService>(query, request->page_size(), request->page_token(),
                                                  answer.mutable_next_page_token(), suits));
          for (v1::SupportService& service : services) {
            domain::DeriveReview(service, domain::DateOf(call.now()));
            *answer.add_services() = std::move(service);
          }
          return answer;
        });
  }

  grpc::Status GetService(grpc::ServerContext* context, const v1::GetServiceRequest* request,
                          v1::SupportService* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::SupportService> {
          ASSIGN_OR_RETURN(v1::SupportService service, call.Load<v1::SupportService>(request->name()));
          domain::DeriveReview(service, domain::DateOf(call.now()));
          return service;
        });
  }

  grpc::Status CreateService(grpc::ServerContext* context, const v1::CreateServiceRequest* request,
                             v1::SupportService* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::SupportService> {
          ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
          ASSIGN_OR_RETURN(v1::SupportService service,
                           domain::KeptService(request->service(), domain::DateOf(call.now())));
          // It is about no case: it belongs where the area itself does.
          ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(area.name()));
          service.set_name(ResourceName::Make(Kind::kService, area.name(), call.NewId()));
          RETURN_IF_ERROR(call.Create(service, facts.scope));
          return service;
        });
  }

  grpc::Status UpdateService(grpc::ServerContext* context, const v1::UpdateServiceRequest* request,
                             v1::SupportService* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::SupportService> {
          const v1::SupportService& wanted = request->service();
          RETURN_IF_ERROR(
              call.LoadForChange<v1::SupportService>(wanted.name(), wanted.etag(), "service.name").status());
          ASSIGN_OR_RETURN(v1::SupportService service,
                           domain::KeptService(wanted, domain::DateOf(call.now())));
          RETURN_IF_ERROR(call.Save(service));
          return service;
        });
  }

 private:
  // Today, by the real day, as for every call.
  static absl::StatusOr<std::vector<std::string>> AdministratorsOf(ReadCall& call, const std::string& area) {
    return store::HoldersOn(call.tx(), area, v1::ROLE_ADMIN,
                            absl::ToCivilDay(call.security_now(), domain::London()));
  }
  static absl::StatusOr<std::vector<std::string>> AreasOnlyAdministeredBy(ReadCall& call,
                                                                          const std::string& account) {
    ASSIGN_OR_RETURN(
        const std::vector<domain::HeldRole> held,
        store::RolesOn(call.tx(), account, absl::ToCivilDay(call.security_now(), domain::London())));
    std::vector<std::string> alone;
    for (const domain::HeldRole& role : held) {
      if (role.role != v1::ROLE_ADMIN) continue;
      ASSIGN_OR_RETURN(const std::vector<std::string> holders, AdministratorsOf(call, role.area));
      if (holders == std::vector{account}) alone.push_back(role.area);
    }
    return alone;
  }

  absl::StatusOr<std::string> HashNew(const v1::CreateAccountRequest& request) {
    RETURN_IF_ERROR(domain::CheckAccount(request.account()));
    RETURN_IF_ERROR(domain::CheckPassword("password", request.password()));
    return hasher_.Hash(request.password());
  }

  // The agency a program belongs to. The web program serves people of all agencies: for it, one that is a
  // member of every area.
  static absl::StatusOr<v1::Agency> AgencyOf(ReadCall& call, const v1::Program& program) {
    if (program.kind() != v1::PROGRAM_KIND_WEB)
      return call.LoadAsServer<v1::Agency>(program.agency(), "program.agency");
    ASSIGN_OR_RETURN(const std::vector<store::ListPosition> areas,
                     store::ListAll(call.tx(), {.kind = Kind::kArea}, kAreasMax));
    v1::Agency agency;
    for (const store::ListPosition& area : areas) agency.add_areas(area.name);
    return agency;
  }

  static std::vector<std::string> AreasOf(const v1::Agency& agency) {
    return {agency.areas().begin(), agency.areas().end()};
  }

  // A certificate is one program's, and stays a revoked program's. Asked of the records, because the registry
  // follows them only after the commit.
  static absl::Status CheckNotEnrolled(ReadCall& call, const std::string& fingerprint) {
    ASSIGN_OR_RETURN(const std::vector<store::ListPosition> programs,
                     store::ListAll(call.tx(), {.kind = Kind::kProgram}, kProgramsMax));
    for (const store::ListPosition& position : programs) {
      ASSIGN_OR_RETURN(const v1::Program other, call.LoadAsServer<v1::Program>(position.name));
      const auto& theirs = other.fingerprints();
      if (std::find(theirs.begin(), theirs.end(), fingerprint) == theirs.end()) continue;
      domain::FieldErrors errors;
      errors.Add("certificate_pem",
                 "this certificate is enrolled already; each program has its own: issue another");
      return errors.ToStatus(absl::StatusCode::kAlreadyExists, "ENROLLED");
    }
    return absl::OkStatus();
  }

  Gate& gate_;
  PasswordHasher& hasher_;
  const std::shared_ptr<ProgramRegistry> registry_;
  const bool demonstration_;
};

}  // namespace

std::vector<store::RoleRow> RoleRowsOf(const v1::Account& account) {
  constexpr int64_t kNoLastDay = 1'000'000;
  std::vector<store::RoleRow> rows;
  for (const v1::RoleGrant& grant : account.roles()) {
    rows.push_back({.area = grant.area(),
                    .role = grant.role(),
                    .from_day = grant.has_from() ? DayNumber(grant.from()) : 0,
                    .to_day = grant.has_to() ? DayNumber(grant.to()) : kNoLastDay});
  }
  return rows;
}

std::vector<store::RoleRow> RoleRowsOf(const v1::Program& program, const v1::Agency& agency) {
  v1::Account holder;
  const bool is_agency_system = program.kind() == v1::PROGRAM_KIND_AGENCY_SYSTEM;
  if (is_agency_system || program.kind() == v1::PROGRAM_KIND_PARTNER_SYSTEM) {
    for (const std::string& area : agency.areas()) {
      v1::RoleGrant& grant = *holder.add_roles();
      grant.set_area(area);
      grant.set_role(is_agency_system ? v1::ROLE_AGENCY_SYSTEM : v1::ROLE_PARTNER_SYSTEM);
    }
  }
  return RoleRowsOf(holder);
}

Program ToProgram(const v1::Program& record) {
  return {.id = record.name(), .kind = record.kind(), .agency = record.agency(), .revoked = record.revoked()};
}

NamedService NewDirectoryService(Gate& gate, PasswordHasher& hasher,
                                 std::shared_ptr<ProgramRegistry> registry, bool demonstration) {
  return {.full_name = v1::DirectoryService::service_full_name(),
          .service = std::make_unique<DirectoryService>(gate, hasher, std::move(registry), demonstration)};
}

}  // namespace marac::rpc
