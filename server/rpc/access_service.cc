#include "rpc/access_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/case_access.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/local_date.h"
#include "domain/resource_name.h"
#include "marac/v1/access_service.grpc.pb.h"
#include "marac/v1/case.pb.h"
#include "rpc/conflicts.h"
#include "rpc/whole_list.h"
#include "store/case_access.h"
#include "store/party_keys.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;

constexpr int kChangesShown = 100;
constexpr int kKeptMax = 200;
// Cases that a worker's register is compared with at once; more than anybody shares a name with.
constexpr int kComparedMax = 2000;

// What access is decided about: a case, or a referral that was sent.
struct Subject {
  domain::RecordFacts facts;
  std::string referral;  // the first, which entries hang on
};

absl::StatusOr<Subject> Open(ReadCall& call, const std::string& name) {
  ASSIGN_OR_RETURN(const ResourceName parsed, ResourceName::Parse("name", name));
  Subject subject;
  if (parsed.kind() == Kind::kCase) {
    ASSIGN_OR_RETURN(const v1::Case record, call.Load<v1::Case>(name));
    if (record.referrals().empty()) return absl::InternalError("a case without a referral");
    subject.referral = record.referrals(0);
  } else if (parsed.kind() == Kind::kReferral) {
    ASSIGN_OR_RETURN(const v1::Referral referral, call.Load<v1::Referral>(name));
    subject.referral = referral.name();
  } else {
    return domain::InvalidField("name", "name a case or a referral");
  }
  ASSIGN_OR_RETURN(subject.facts, call.Facts(name));
  if (subject.facts.stage == domain::Stage::kDraft) {
    return domain::WrongState("NOT_SENT", "this referral is a draft, which nobody else sees: send it first");
  }
  return subject;
}

absl::StatusOr<v1::CaseAccess> AccessOf(ReadCall& call, const std::string& name) {
  // Read anew: what was decided in this call counts.
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(name));
  v1::CaseAccess access;
  access.set_name(name);
  access.set_restricted(facts.restricted);
  for (const std::string& account : facts.named) access.add_named(account);
  for (const std::string& agency : facts.involved_agencies) access.add_involved_agencies(agency);
  for (const std::string& account : facts.shut_out) {
    v1::KeptFrom& kept = *access.add_kept_from();
    kept.set_subject(account);
    kept.set_undecided(std::ranges::count(facts.undecided, account) > 0);
  }
  for (const std::string& agency : facts.shut_out_agencies) access.add_kept_from()->set_subject(agency);
  ASSIGN_OR_RETURN(
      const std::vector<v1::ExcludedPerson> entries,
      ListWholeAsServer<v1::ExcludedPerson>(call, {.kind = Kind::kExcludedPerson, .scope = facts.scope}));
  for (const v1::ExcludedPerson& entry : entries) {
    if (entry.referral().empty()) continue;  // taken off the list before it was sent
    v1::ExcludedEntry& shown = *access.add_entries();
    shown.set_entry(entry.name());
    shown.set_person(entry.person());
    shown.set_agency(entry.agency());
    shown.set_open(entry.answer() == v1::EXCLUSION_ANSWER_UNSPECIFIED);
    shown.set_candidate(entry.candidate());
  }
  ASSIGN_OR_RETURN(std::vector<v1::AccessChange> changes,
                   store::AccessChangesOf(call.tx(), facts.scope, kChangesShown));
  for (v1::AccessChange& change : changes) *access.add_changes() = std::move(change);
  ASSIGN_OR_RETURN(std::vector<std::string> warnings, AccessWarnings(call, facts));
  for (std::string& warning : warnings) access.add_warnings(std::move(warning));
  return access;
}

absl::StatusOr<v1::CaseAccess> GetCaseAccess(ReadCall& call, const std::string& name) {
  RETURN_IF_ERROR(Open(call, name).status());
  return AccessOf(call, name);
}

// The answer to a decision after which the caller may not see the case any more would be none: a chair always
// may, and a coordinator is told before.
absl::StatusOr<v1::CaseAccess> RestrictCase(WriteCall& call, const v1::RestrictCaseRequest& request) {
  ASSIGN_OR_RETURN(const Subject subject, Open(call, request.name()));
  RETURN_IF_ERROR(domain::CheckRestriction(request));
  ASSIGN_OR_RETURN(const std::string reason, domain::CheckAccessReason(request.reason()));
  if (!request.restricted() && !call.caller().Holds({v1::ROLE_CHAIR}, subject.facts.area)) {
    return domain::WrongState("CHAIR_DECIDES", "only the chair ends a restriction: ask the chair");
  }
  const std::vector<std::string> accounts(request.accounts().begin(), request.accounts().end());
  for (int i = 0; i < request.accounts_size(); ++i) {
    RETURN_IF_ERROR(
        call.LoadAsServer<v1::Account>(request.accounts(i), fmt::format("accounts[{}]", i)).status());
  }
  RETURN_IF_ERROR(store::SetNamed(call.write(), subject.facts.scope, request.restricted(), accounts));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(request.name()));
  RETURN_IF_ERROR(MustLeaveACoordinator(call, facts));
  RETURN_IF_ERROR(NoteChange(
      call, facts.scope,
      request.restricted() ? v1::ACCESS_CHANGE_KIND_RESTRICTED : v1::ACCESS_CHANGE_KIND_OPENED, "", reason));
  return AccessOf(call, request.name());
}

absl::StatusOr<v1::CaseAccess> ExcludePerson(WriteCall& call, const v1::ExcludePersonRequest& request) {
  ASSIGN_OR_RETURN(const Subject subject, Open(call, request.name()));
  RETURN_IF_ERROR(domain::CheckExclusion(request));
  ASSIGN_OR_RETURN(const std::string reason, domain::CheckAccessReason(request.reason()));
  const std::string& scope = subject.facts.scope;
  if (!request.person().empty()) {
    v1::ExcludedPerson entry;
    entry.set_referral(subject.referral);
    entry.set_person(domain::WithoutHiddenCharacters(request.person()));
    entry.set_reason(reason);
    entry.set_source(v1::EXCLUSION_SOURCE_OFFICE);
    RETURN_IF_ERROR(AddEntry(call, std::move(entry), subject.facts));
    return AccessOf(call, request.name());
  }
  if (!request.account().empty()) {
    RETURN_IF_ERROR(call.LoadAsServer<v1::Account>(request.account(), "account").status());
    RETURN_IF_ERROR(call.ShutOut(scope, request.account()));
    RETURN_IF_ERROR(NoteChange(call, scope, v1::ACCESS_CHANGE_KIND_SHUT_OUT, request.account(), reason));
  } else {
    RETURN_IF_ERROR(call.LoadAsServer<v1::Agency>(request.agency(), "agency").status());
    RETURN_IF_ERROR(store::ShutOutAgency(call.write(), scope, request.agency()));
    RETURN_IF_ERROR(
        NoteChange(call, scope, v1::ACCESS_CHANGE_KIND_AGENCY_SHUT_OUT, request.agency(), reason));
  }
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(request.name()));
  RETURN_IF_ERROR(MustLeaveACoordinator(call, facts));
  return AccessOf(call, request.name());
}

absl::StatusOr<v1::CaseAccess> DecideExclusion(WriteCall& call, const v1::DecideExclusionRequest& request) {
  ASSIGN_OR_RETURN(const Subject subject, Open(call, request.name()));
  ASSIGN_OR_RETURN(const std::string reason, domain::CheckAccessReason(request.reason()));
  ASSIGN_OR_RETURN(const bool decided, store::DecideShutOut(call.write(), subject.facts.scope,
                                                            request.subject(), request.lift()));
  if (!decided) {
    return domain::InvalidField("subject", "it is not hidden from them; read again who it is hidden from");
  }
  RETURN_IF_ERROR(
      NoteChange(call, subject.facts.scope,
                 request.lift() ? v1::ACCESS_CHANGE_KIND_LIFTED : v1::ACCESS_CHANGE_KIND_CONFIRMED,
                 request.subject(), reason));
  return AccessOf(call, request.name());
}

absl::StatusOr<v1::DeclareConflictResponse> DeclareConflict(WriteCall& call,
                                                            const v1::DeclareConflictRequest& request) {
  ASSIGN_OR_RETURN(const Subject subject, Open(call, request.name()));
  ASSIGN_OR_RETURN(const std::string reason, domain::CheckAccessReason(request.reason()));
  const std::string& account = call.caller().account;
  RETURN_IF_ERROR(call.ShutOut(subject.facts.scope, account));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(request.name()));
  if (call.caller().Holds({v1::ROLE_COORDINATOR}, facts.area)) {
    RETURN_IF_ERROR(MustLeaveACoordinator(call, facts));
  }
  RETURN_IF_ERROR(NoteChange(call, facts.scope, v1::ACCESS_CHANGE_KIND_DECLARED, account, reason));
  return v1::DeclareConflictResponse();
}

// The referral that a record found by its people is, or came from: cases that are closed stay as they were.
absl::StatusOr<std::vector<std::string>> OpenReferralsOf(ReadCall& call, const std::string& record) {
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(record));
  if (facts.stage == domain::Stage::kClosed) return std::vector<std::string>();
  if (facts.kind == Kind::kReferral) return std::vector<std::string>{record};
  ASSIGN_OR_RETURN(const v1::Case found, call.LoadAsServer<v1::Case>(record));
  return std::vector<std::string>(found.referrals().begin(), found.referrals().end());
}

absl::StatusOr<v1::OwnRegister> SaveOwnRegister(WriteCall& call, const v1::SaveOwnRegisterRequest& request) {
  ASSIGN_OR_RETURN(v1::OwnRegister entries, domain::CheckOwnRegister(request.register_()));
  const std::string& account = call.caller().account;
  std::vector<domain::PersonKeys> people;
  std::vector<domain::KeptParty> asked;
  for (const v1::RegisteredPerson& person : entries.people()) {
    people.push_back(domain::KeysOf(person));
    asked.push_back({.record = account,
                     .role = domain::PartyRole::kVictim,
                     .party_id = fmt::format("{}", asked.size()),
                     .keys = people.back()});
  }
  RETURN_IF_ERROR(store::SaveOwnRegister(call.write(), account, entries));
  RETURN_IF_ERROR(store::KeepWorkerRegister(call.write(), account, people));
  // What is open already is kept from the worker as what is still to come.
  std::vector<std::string> areas;
  for (const domain::HeldRole& held : call.caller().roles) {
    if (std::ranges::find(areas, held.area) == areas.end()) areas.push_back(held.area);
  }
  for (const std::string& area : areas) {
    ASSIGN_OR_RETURN(
        const store::FoundParties found,
        store::FindParties(call.tx(), area, asked, /*account=*/"",
                           absl::ToCivilDay(call.security_now(), domain::London()), kComparedMax));
    std::string last;
    for (const domain::KeptParty& party : found.parties) {
      if (party.record == last) continue;
      last = party.record;
      ASSIGN_OR_RETURN(const std::vector<std::string> referrals, OpenReferralsOf(call, party.record));
      for (const std::string& name : referrals) {
        ASSIGN_OR_RETURN(const v1::Referral referral, call.LoadAsServer<v1::Referral>(name));
        RETURN_IF_ERROR(AskAboutWorkers(call, referral, area, account));
      }
    }
  }
  return entries;
}

class AccessService final : public v1::AccessService::Service {
 public:
  explicit AccessService(Gate& gate) : gate_(gate) {}

  grpc::Status GetCaseAccess(grpc::ServerContext* context, const v1::GetCaseAccessRequest* request,
                             v1::CaseAccess* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return marac::rpc::GetCaseAccess(call, request->name()); });
  }

  grpc::Status RestrictCase(grpc::ServerContext* context, const v1::RestrictCaseRequest* request,
                            v1::CaseAccess* response) override {
    return Change(context, request, response, marac::rpc::RestrictCase);
  }

  grpc::Status ExcludePerson(grpc::ServerContext* context, const v1::ExcludePersonRequest* request,
                             v1::CaseAccess* response) override {
    return Change(context, request, response, marac::rpc::ExcludePerson);
  }

  grpc::Status DecideExclusion(grpc::ServerContext* context, const v1::DecideExclusionRequest* request,
                               v1::CaseAccess* response) override {
    return Change(context, request, response, marac::rpc::DecideExclusion);
  }

  grpc::Status DeclareConflict(grpc::ServerContext* context, const v1::DeclareConflictRequest* request,
                               v1::DeclareConflictResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) { return marac::rpc::DeclareConflict(call, *request); },
        [](ReadCall&) -> absl::StatusOr<v1::DeclareConflictResponse> {
          return v1::DeclareConflictResponse();
        });
  }

  grpc::Status ListUndecided(grpc::ServerContext* context, const v1::ListUndecidedRequest* request,
                             v1::ListUndecidedResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListUndecidedResponse> {
          ASSIGN_OR_RETURN(const ResourceName area,
                           ResourceName::Parse("parent", request->parent(), Kind::kArea));
          ASSIGN_OR_RETURN(
              const std::vector<store::KeptRecord> kept,
              store::KeptFromSomebody(call.tx(), area.text(), call.caller().account,
                                      absl::ToCivilDay(call.security_now(), domain::London()), kKeptMax));
          v1::ListUndecidedResponse answer;
          for (const store::KeptRecord& record : kept) {
            if (record.undecided) answer.add_names(record.name);
            ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(record.name));
            ASSIGN_OR_RETURN(std::vector<std::string> warnings, AccessWarnings(call, facts));
            if (warnings.empty()) continue;
            v1::AccessAlarm& alarm = *answer.add_alarms();
            alarm.set_record(record.name);
            for (std::string& warning : warnings) alarm.add_warnings(std::move(warning));
          }
          call.NoteRows(static_cast<int32_t>(kept.size()));
          return answer;
        });
  }

  grpc::Status GetOwnRegister(grpc::ServerContext* context, const v1::GetOwnRegisterRequest* request,
                              v1::OwnRegister* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) {
      return store::LoadOwnRegister(call.tx(), call.caller().account);
    });
  }

  grpc::Status SaveOwnRegister(grpc::ServerContext* context, const v1::SaveOwnRegisterRequest* request,
                               v1::OwnRegister* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) { return marac::rpc::SaveOwnRegister(call, *request); },
        [](ReadCall& call) { return store::LoadOwnRegister(call.tx(), call.caller().account); });
  }

 private:
  // A decision, answered with who may see the case then.
  template <typename Request>
  grpc::Status Change(grpc::ServerContext* context, const Request* request, v1::CaseAccess* response,
                      absl::StatusOr<v1::CaseAccess> (*change)(WriteCall&, const Request&)) {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) { return change(call, *request); },
        [&](ReadCall& call) { return marac::rpc::GetCaseAccess(call, request->name()); });
  }

  Gate& gate_;
};

}  // namespace

NamedService NewAccessService(Gate& gate) {
  return {.full_name = v1::AccessService::service_full_name(),
          .service = std::make_unique<AccessService>(gate)};
}

}  // namespace marac::rpc
