#include "rpc/directory_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/one_time_code.h"
#include "base/pki.h"
#include "domain/area_change.h"
#include "domain/catalogue.h"
#include "domain/directory.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/local_date.h"
#include "domain/names.h"
#include "domain/recovery.h"
#include "domain/services_directory.h"
#include "domain/text.h"
#include "domain/timestamp.h"
#include "domain/training.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/session_service.pb.h"
#include "rpc/calendar.h"
#include "store/account_events.h"
#include "store/case_access.h"
#include "store/installation.h"
#include "store/recoveries.h"
#include "store/sessions.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;

// A program has one certificate, and a second one while it is renewed.
constexpr int kFingerprintsMax = 2;
constexpr int kAreasMax = 1000;
constexpr size_t kAreaChangesMax = 100;
constexpr int kProgramsMax = 100'000;
constexpr size_t kReasonCharsMax = 1000;

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
      ASSIGN_OR_RETURN(domain::AreaEffect effect, EffectOf(call, area, wanted));
      if (effect.changes.empty()) return area;
      area.set_display_name(wanted.display_name());
      *area.mutable_settings() = wanted.settings();
      RETURN_IF_ERROR(call.Save(area));
      for (v1::Meeting& meeting : effect.meetings) RETURN_IF_ERROR(call.Save(meeting));
      return area;
    });
  }

  grpc::Status PreviewArea(grpc::ServerContext* context, const v1::PreviewAreaRequest* request,
                           v1::PreviewAreaResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::PreviewAreaResponse> {
          const v1::Area& wanted = request->area();
          ASSIGN_OR_RETURN(const v1::Area area,
                           call.LoadForChange<v1::Area>(wanted.name(), wanted.etag(), "area.name"));
          ASSIGN_OR_RETURN(const domain::AreaEffect effect, EffectOf(call, area, wanted));
          v1::PreviewAreaResponse answer;
          answer.mutable_changes()->Assign(effect.changes.begin(), effect.changes.end());
          answer.mutable_consequences()->Assign(effect.consequences.begin(), effect.consequences.end());
          return answer;
        });
  }

  grpc::Status ListAreaChanges(grpc::ServerContext* context, const v1::ListAreaChangesRequest* request,
                               v1::ListAreaChangesResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListAreaChangesResponse> {
          ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
          // One more than is told: what a version changed is told against the one before.
          ASSIGN_OR_RETURN(
              const std::vector<store::KeptVersion> versions,
              store::LoadVersions(call.tx(), domain::ServerGrant(area.name()), kAreaChangesMax + 1));
          std::vector<v1::Area> areas(versions.size());
          for (size_t i = 0; i < versions.size(); ++i) {
            if (!areas[i].ParseFromString(versions[i].stored.body))
              return absl::InternalError("a stored record does not parse");
          }
          v1::ListAreaChangesResponse answer;
          for (size_t i = 0; i < std::min(versions.size(), kAreaChangesMax); ++i) {
            v1::AreaChange& change = *answer.add_changes();
            *change.mutable_time() = domain::ToTimestamp(absl::FromUnixMillis(versions[i].time_ms));
            if (versions[i].stored.version == 1) continue;  // when the area was made
            change.set_account(versions[i].account);
            const std::vector<v1::SettingChange> changes = domain::ChangesOf(areas[i + 1], areas[i]);
            change.mutable_changes()->Assign(changes.begin(), changes.end());
          }
          return answer;
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
    // Hashed before the transaction, which must not wait for Argon2; and only for somebody who may ask for
    // it.
    const absl::Status may_begin =
        gate_.MayBegin(*context, *request, [&](ReadCall& call) { return CheckNew(call, *request).status(); });
    const absl::StatusOr<std::string> hash =
        may_begin.ok() ? hasher_.Hash(request->password()) : absl::StatusOr<std::string>(may_begin);
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Account> {
      RETURN_IF_ERROR(hash.status());
      ASSIGN_OR_RETURN(v1::Account account, CheckNew(call, *request));
      account.set_name(ResourceName::Make(Kind::kAccount, "", call.NewId()));
      account.set_must_change_password(!(demonstration_ && request->keep_password()));
      RETURN_IF_ERROR(HoldBackRoles(call, /*before=*/{}, account));
      RETURN_IF_ERROR(call.Create(account, store::kInstallationScope));
      RETURN_IF_ERROR(store::InsertCredential(call.write(), {.account = account.name(),
                                                             .agency = account.agency(),
                                                             .login = account.login(),
                                                             .password_hash = *hash,
                                                             .must_change = account.must_change_password()}));
      RETURN_IF_ERROR(
          store::ReplaceRoles(call.write(), account.name(), account.agency(), RoleRowsOf(account)));
      RETURN_IF_ERROR(
          store::KeepWorkerName(call.write(), account.name(), domain::NameKeys(account.display_name())));
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
      ASSIGN_OR_RETURN(const domain::AreaHosts hosts, HostsOf(call, agency));
      RETURN_IF_ERROR(domain::MayAdminister(call.caller(), agency, hosts, account.name()));
      const v1::Account before = account;
      account.set_display_name(wanted.display_name());
      *account.mutable_roles() = wanted.roles();
      account.set_suspended(wanted.suspended());
      RETURN_IF_ERROR(domain::CheckAccount(account));
      RETURN_IF_ERROR(domain::MayChangeRoles(call.caller(), agency, hosts, before, account));
      RETURN_IF_ERROR(CheckCover(call, before, account));
      RETURN_IF_ERROR(HoldBackRoles(call, before, account));
      ASSIGN_OR_RETURN(const std::vector<std::string> alone, AreasOnlyAdministeredBy(call, account.name()));
      RETURN_IF_ERROR(call.Save(account));
      RETURN_IF_ERROR(store::SetSuspended(call.write(), account.name(), account.suspended(),
                                          absl::ToUnixMillis(call.security_now())));
      RETURN_IF_ERROR(
          store::ReplaceRoles(call.write(), account.name(), account.agency(), RoleRowsOf(account)));
      RETURN_IF_ERROR(
          store::KeepWorkerName(call.write(), account.name(), domain::NameKeys(account.display_name())));
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

  grpc::Status ApproveRoles(grpc::ServerContext* context, const v1::ApproveRolesRequest* request,
                            v1::Account* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Account> {
      ASSIGN_OR_RETURN(v1::Account account,
                       call.LoadForChange<v1::Account>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(account, domain::ApproveRoles(std::move(account), call.caller()));
      RETURN_IF_ERROR(domain::CheckAccount(account));
      RETURN_IF_ERROR(call.Save(account));
      RETURN_IF_ERROR(
          store::ReplaceRoles(call.write(), account.name(), account.agency(), RoleRowsOf(account)));
      return account;
    });
  }

  grpc::Status RefuseRoles(grpc::ServerContext* context, const v1::RefuseRolesRequest* request,
                           v1::Account* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Account> {
      ASSIGN_OR_RETURN(v1::Account account,
                       call.LoadForChange<v1::Account>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(account, domain::RefuseRoles(std::move(account), call.caller()));
      RETURN_IF_ERROR(call.Save(account));
      return account;
    });
  }

  grpc::Status RecordTraining(grpc::ServerContext* context, const v1::RecordTrainingRequest* request,
                              v1::Account* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Account> {
      ASSIGN_OR_RETURN(v1::Account account, call.Load<v1::Account>(request->name()));
      ASSIGN_OR_RETURN(const v1::Agency agency, call.LoadAsServer<v1::Agency>(account.agency()));
      ASSIGN_OR_RETURN(const domain::AreaHosts hosts, HostsOf(call, agency));
      RETURN_IF_ERROR(domain::MayAdminister(call.caller(), agency, hosts, account.name()));
      ASSIGN_OR_RETURN(account,
                       domain::RecordTraining(std::move(account), request->training(),
                                              {.account = call.caller().account, .now = call.now()}));
      RETURN_IF_ERROR(call.Save(account));
      return account;
    });
  }

  grpc::Status StartRecovery(grpc::ServerContext* context, const v1::StartRecoveryRequest* request,
                             v1::StartRecoveryResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::StartRecoveryResponse> {
          ASSIGN_OR_RETURN(const v1::Account account, call.Load<v1::Account>(request->name()));
          ASSIGN_OR_RETURN(const v1::Agency agency, call.LoadAsServer<v1::Agency>(account.agency()));
          ASSIGN_OR_RETURN(const domain::AreaHosts hosts, HostsOf(call, agency));
          ASSIGN_OR_RETURN(const std::optional<domain::Recovery> open,
                           store::OpenRecovery(call.tx(), account.name()));
          const absl::Time now = call.security_now();
          const bool is_second = domain::IsSecondOf(open, call.caller(), now);
          RETURN_IF_ERROR(domain::MayStartRecovery(call.caller(), account, agency, hosts, is_second));
          const std::string reason = domain::WithoutHiddenCharacters(request->reason());
          if (domain::IsBlank(reason) || reason.size() > kReasonCharsMax) {
            return domain::InvalidField(
                "reason", "say in 1 to 1000 characters how you know that it is the person who asks");
          }
          v1::StartRecoveryResponse answer;
          const bool waits =
              !is_second && domain::NeedsTwoForRecovery(account, domain::DateOf(call.security_now()));
          domain::Recovery recovery = {.asked_by = call.caller().account, .ask_time = now};
          if (!waits) {
            const std::string code =
                Base32(Secret::Random(kOneTimeSecretBytes)).substr(0, domain::kRecoveryCodeChars);
            recovery.code_hash = Sha256(code);
            answer.set_recovery_code(domain::ShownRecoveryCode(code));
          }
          const int64_t now_ms = absl::ToUnixMillis(now);
          RETURN_IF_ERROR(is_second
                              ? store::SecondRecovery(call.write(), account.name(), recovery.asked_by, reason,
                                                      recovery.code_hash, now_ms)
                              : store::StartRecovery(call.write(), account.name(), recovery, reason, now_ms));
          RETURN_IF_ERROR(store::NoteAccountEvent(call.write(), account.name(),
                                                  {.kind = v1::ACCOUNT_EVENT_KIND_RECOVERY_STARTED,
                                                   .time_ms = now_ms,
                                                   .source = call.caller().source}));
          answer.set_needs_second_administrator(waits);
          *answer.mutable_expire_time() =
              domain::ToTimestamp(now + (waits ? domain::kRecoveryWishCounts : domain::kRecoveryCodeCounts));
          return answer;
        },
        // It carries no request_id, so this is never asked.
        [](ReadCall&) -> absl::StatusOr<v1::StartRecoveryResponse> { return v1::StartRecoveryResponse(); });
  }

  grpc::Status ListAccounts(grpc::ServerContext* context, const v1::ListAccountsRequest* request,
                            v1::ListAccountsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListAccountsResponse> {
          v1::ListAccountsResponse answer;
          const store::ListQuery query{.kind = Kind::kAccount, .agency = request->agency()};
          const auto has_role = [request](const v1::Account& account) {
            return request->parent().empty() ||
                   std::ranges::count(account.roles(), request->parent(), &v1::RoleGrant::area) > 0 ||
                   std::ranges::any_of(account.pending_roles(), [request](const v1::PendingRole& pending) {
                     return pending.grant().area() == request->parent();
                   });
          };
          ASSIGN_OR_RETURN(std::vector<v1::Account> accounts,
                           call.ListWanted<v1::Account>(query, request->page_size(), request->page_token(),
                                                        answer.mutable_next_page_token(), has_role));
          if (call.caller().Holds({v1::ROLE_ADMIN}, request->parent())) {
            RETURN_IF_ERROR(AddPendingRecoveries(call, accounts, answer));
          }
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
  // What making the area as it is wanted comes to; refused as UpdateArea is.
  static absl::StatusOr<domain::AreaEffect> EffectOf(ReadCall& call, const v1::Area& area,
                                                     const v1::Area& wanted) {
    ASSIGN_OR_RETURN(const domain::WorkingDays* working_days, WorkingDaysOf(call, area));
    ASSIGN_OR_RETURN(const std::vector<v1::Meeting> meetings, Calendar(call, area.name()));
    ASSIGN_OR_RETURN(const std::vector<std::string> agencies, AgenciesOf(call, area.name()));
    ASSIGN_OR_RETURN(
        domain::AreaEffect effect,
        domain::EffectOf(area, wanted, {wanted.settings(), *working_days, meetings, agencies, call.now()}));
    // What was chosen before stays chosen: a permission that has ended holds up no other setting.
    if (wanted.settings().instrument() != area.settings().instrument() ||
        wanted.settings().policy() != area.settings().policy()) {
      ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name()));
      RETURN_IF_ERROR(
          catalogue->FormFor(wanted.settings().instrument(), wanted.settings().policy()).status());
    }
    return effect;
  }

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

  // So that the second administrator need not be told of it by the first.
  static absl::Status AddPendingRecoveries(ReadCall& call, const std::vector<v1::Account>& accounts,
                                           v1::ListAccountsResponse& answer) {
    for (const v1::Account& account : accounts) {
      ASSIGN_OR_RETURN(const std::optional<domain::Recovery> open,
                       store::OpenRecovery(call.tx(), account.name()));
      if (!domain::WaitsForSecond(open, call.security_now())) continue;
      v1::PendingRecovery& pending = *answer.add_pending_recoveries();
      pending.set_account(account.name());
      pending.set_asked_by(open->asked_by);
      *pending.mutable_expire_time() = domain::ToTimestamp(open->ask_time + domain::kRecoveryWishCounts);
    }
    return absl::OkStatus();
  }

  // The account to be made, when the caller may make it.
  static absl::StatusOr<v1::Account> CheckNew(ReadCall& call, const v1::CreateAccountRequest& request) {
    v1::Account account = request.account();
    account.clear_name();
    account.clear_pending_roles();
    account.clear_training();
    account.set_suspended(false);
    RETURN_IF_ERROR(domain::CheckAccount(account));
    RETURN_IF_ERROR(domain::CheckPassword("password", request.password()));
    ASSIGN_OR_RETURN(const v1::Agency agency,
                     call.LoadAsServer<v1::Agency>(account.agency(), "account.agency"));
    ASSIGN_OR_RETURN(const domain::AreaHosts hosts, HostsOf(call, agency));
    RETURN_IF_ERROR(domain::MayAdminister(call.caller(), agency, hosts, agency.name()));
    RETURN_IF_ERROR(domain::MayChangeRoles(call.caller(), agency, hosts, /*before=*/{}, account));
    RETURN_IF_ERROR(CheckCover(call, /*before=*/{}, account));
    return account;
  }

  // Who is covered for holds that role there, or did.
  static absl::Status CheckCover(ReadCall& call, const v1::Account& before, const v1::Account& after) {
    for (int i = 0; i < after.roles_size(); ++i) {
      const v1::RoleGrant& given = after.roles(i);
      const bool is_new = std::ranges::none_of(before.roles(), [&](const v1::RoleGrant& held) {
        return held.SerializeAsString() == given.SerializeAsString();
      });
      if (given.cover_for().empty() || !is_new) continue;
      const std::string field = fmt::format("account.roles[{}].cover_for", i);
      ASSIGN_OR_RETURN(const v1::Account covered, call.LoadAsServer<v1::Account>(given.cover_for(), field));
      const bool holds = std::ranges::any_of(covered.roles(), [&](const v1::RoleGrant& held) {
        return held.area() == given.area() && held.role() == given.role();
      });
      if (!holds) return domain::InvalidField(field, "give somebody who has this role in this area");
    }
    return absl::OkStatus();
  }

  static absl::Status HoldBackRoles(WriteCall& call, const v1::Account& before, v1::Account& after) {
    std::set<std::string> alone;
    for (const v1::RoleGrant& grant : after.roles()) {
      ASSIGN_OR_RETURN(const std::vector<std::string> ever,
                       store::HoldersEver(call.tx(), grant.area(), v1::ROLE_ADMIN));
      if (domain::IsAlone(call.caller(), ever)) alone.insert(grant.area());
    }
    domain::HoldBackRoles(before, after, call.caller().account, call.now(), alone);
    return absl::OkStatus();
  }

  static absl::StatusOr<domain::AreaHosts> HostsOf(ReadCall& call, const v1::Agency& agency) {
    domain::AreaHosts hosts;
    for (const std::string& name : agency.areas()) {
      ASSIGN_OR_RETURN(const v1::Area area, call.Area(name));
      hosts[name] = area.host_agency();
    }
    return hosts;
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
