#include "rpc/instrument_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "domain/area_policy.h"
#include "domain/area_settings.h"
#include "domain/catalogue.h"
#include "domain/errors.h"
#include "domain/instrument_diff.h"
#include "domain/local_date.h"
#include "domain/resource_name.h"
#include "domain/timestamp.h"
#include "marac/v1/instrument_service.grpc.pb.h"
#include "rpc/whole_list.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;

domain::Act ActOf(const ReadCall& call) { return {.account = call.caller().account, .now = call.now()}; }

absl::StatusOr<v1::Area> AreaOf(ReadCall& call, const std::string& instrument) {
  ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("name", instrument, Kind::kInstrument));
  return call.Area(name.area());
}

// Whether it may be used changes with the day, so it is told and not kept.
v1::AreaInstrument AsOfToday(const ReadCall& call, const v1::Area& area, v1::AreaInstrument instrument) {
  instrument.set_permission(domain::StandingOn(instrument, domain::DateOf(call.now()),
                                               domain::PermissionWarningDaysOf(area.settings())));
  return instrument;
}

absl::StatusOr<const domain::InstalledPack*> FindPack(const domain::Catalogue& catalogue,
                                                      std::string_view field, const std::string& name) {
  const domain::InstalledPack* pack = catalogue.FindPack(name);
  if (pack == nullptr) {
    return domain::InvalidField(field, "no such pack is in the area; give one as \"id@version\"");
  }
  return pack;
}

class InstrumentService final : public v1::InstrumentService::Service {
 public:
  InstrumentService(Gate& gate, std::vector<domain::OwnerKey> owner_keys, bool demonstration)
      : gate_(gate), owner_keys_(std::move(owner_keys)), demonstration_(demonstration) {}

  grpc::Status InstallInstrument(grpc::ServerContext* context, const v1::InstallInstrumentRequest* request,
                                 v1::AreaInstrument* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AreaInstrument> {
          // Who may, before whether the file is good.
          ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
          ASSIGN_OR_RETURN(const domain::Catalogue* here, call.CatalogueOf(area.name()));
          if (std::ssize(here->Packs()) >= kAreaInstrumentsMax) {
            return absl::ResourceExhaustedError("the area has as many packs as it can have");
          }
          ASSIGN_OR_RETURN(v1::AreaInstrument instrument,
                           domain::InstallInstrument(*request, *here, owner_keys_, ActOf(call)));
          instrument.set_name(ResourceName::Make(Kind::kInstrument, area.name(), call.NewId()));
          ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(area.name()));
          RETURN_IF_ERROR(call.Create(instrument, facts.scope));
          return AsOfToday(call, area, std::move(instrument));
        });
  }

  grpc::Status ListInstruments(grpc::ServerContext* context, const v1::ListInstrumentsRequest* request,
                               v1::ListInstrumentsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListInstrumentsResponse> {
          ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
          v1::ListInstrumentsResponse answer;
          ASSIGN_OR_RETURN(
              std::vector<v1::AreaInstrument> instruments,
              call.List<v1::AreaInstrument>(
                  {.kind = Kind::kInstrument, .area = area.name(), .newest_first = true},
                  request->page_size(), request->page_token(), answer.mutable_next_page_token()));
          for (v1::AreaInstrument& instrument : instruments) {
            instrument.clear_pack_file();
            instrument.clear_signature();
            *answer.add_instruments() = AsOfToday(call, area, std::move(instrument));
          }
          if (request->page_token().empty()) {
            ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name()));
            for (const domain::InstalledPack* pack : catalogue->Packs()) {
              if (pack->built_in) *answer.add_built_in() = domain::AboutOf(pack->pack, pack->hash);
            }
          }
          call.NoteRows(answer.instruments_size());
          return answer;
        });
  }

  grpc::Status DiffInstrument(grpc::ServerContext* context, const v1::DiffInstrumentRequest* request,
                              v1::DiffInstrumentResponse* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) -> absl::StatusOr<v1::DiffInstrumentResponse> {
                        ASSIGN_OR_RETURN(const domain::RecordFacts area,
                                         call.Check(Kind::kArea, request->parent(), "parent"));
                        ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name));
                        ASSIGN_OR_RETURN(const domain::InstalledPack* before,
                                         FindPack(*catalogue, "from_instrument", request->from_instrument()));
                        ASSIGN_OR_RETURN(const domain::InstalledPack* after,
                                         FindPack(*catalogue, "to_instrument", request->to_instrument()));
                        v1::DiffInstrumentResponse answer;
                        for (v1::InstrumentChange& change : domain::DiffPacks(before->pack, after->pack)) {
                          *answer.add_changes() = std::move(change);
                        }
                        call.NoteRows(answer.changes_size());
                        return answer;
                      });
  }

  grpc::Status ActivateInstrument(grpc::ServerContext* context, const v1::ActivateInstrumentRequest* request,
                                  v1::AreaInstrument* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AreaInstrument> {
          ASSIGN_OR_RETURN(v1::AreaInstrument instrument,
                           call.LoadForChange<v1::AreaInstrument>(request->name(), request->etag()));
          ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, instrument.name()));
          domain::Approval approval{.demonstration = demonstration_};
          ASSIGN_OR_RETURN(approval.pilot, LoadPilot(call, area.name(), request->pilot()));
          ASSIGN_OR_RETURN(instrument,
                           domain::ActivateInstrument(std::move(instrument), approval, ActOf(call)));
          RETURN_IF_ERROR(call.Save(instrument));
          return AsOfToday(call, area, std::move(instrument));
        });
  }

  grpc::Status RetireInstrument(grpc::ServerContext* context, const v1::RetireInstrumentRequest* request,
                                v1::AreaInstrument* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AreaInstrument> {
          ASSIGN_OR_RETURN(v1::AreaInstrument instrument,
                           call.LoadForChange<v1::AreaInstrument>(request->name(), request->etag()));
          ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, instrument.name()));
          ASSIGN_OR_RETURN(instrument, domain::RetireInstrument(std::move(instrument), request->reason(),
                                                                area.settings(), ActOf(call)));
          RETURN_IF_ERROR(call.Save(instrument));
          return AsOfToday(call, area, std::move(instrument));
        });
  }

  grpc::Status InstallPolicy(grpc::ServerContext* context, const v1::InstallPolicyRequest* request,
                             v1::AreaPolicy* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AreaPolicy> {
      ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
      ASSIGN_OR_RETURN(const domain::Catalogue* here, call.CatalogueOf(area.name()));
      if (std::ssize(here->Policies()) >= kAreaPoliciesMax) {
        return absl::ResourceExhaustedError("the area has as many policies as it can have");
      }
      ASSIGN_OR_RETURN(v1::AreaPolicy policy, domain::InstallPolicy(*request, *here, ActOf(call)));
      policy.set_name(ResourceName::Make(Kind::kPolicy, area.name(), call.NewId()));
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(area.name()));
      RETURN_IF_ERROR(call.Create(policy, facts.scope));
      return policy;
    });
  }

  grpc::Status ListPolicies(grpc::ServerContext* context, const v1::ListPoliciesRequest* request,
                            v1::ListPoliciesResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListPoliciesResponse> {
          ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
          const std::string& in_use = area.settings().policy();
          v1::ListPoliciesResponse answer;
          ASSIGN_OR_RETURN(
              std::vector<v1::AreaPolicy> policies,
              call.List<v1::AreaPolicy>({.kind = Kind::kPolicy, .area = area.name(), .newest_first = true},
                                        request->page_size(), request->page_token(),
                                        answer.mutable_next_page_token()));
          for (v1::AreaPolicy& policy : policies) {
            policy.clear_policy_file();
            policy.mutable_about()->set_in_use(policy.about().policy() == in_use);
            *answer.add_policies() = std::move(policy);
          }
          if (request->page_token().empty()) {
            ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name()));
            for (const domain::InstalledPolicy* policy : catalogue->Policies()) {
              if (!policy->built_in) continue;
              v1::PolicyAbout& about = *answer.add_built_in();
              about = domain::AboutOf(policy->policy, policy->hash);
              about.set_in_use(about.policy() == in_use);
            }
          }
          call.NoteRows(answer.policies_size());
          return answer;
        });
  }

  grpc::Status GetPolicy(grpc::ServerContext* context, const v1::GetPolicyRequest* request,
                         v1::Policy* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::Policy> {
      ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
      ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name()));
      const domain::InstalledPolicy* policy = catalogue->FindPolicy(request->policy());
      if (policy == nullptr) return domain::NotFoundOrNotOpen(request->policy());
      return policy->policy;
    });
  }

  grpc::Status PreviewPolicy(grpc::ServerContext* context, const v1::PreviewPolicyRequest* request,
                             v1::PreviewPolicyResponse* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) -> absl::StatusOr<v1::PreviewPolicyResponse> {
                        ASSIGN_OR_RETURN(const domain::RecordFacts area,
                                         call.Check(Kind::kArea, request->parent(), "parent"));
                        ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name));
                        const domain::InstalledPolicy* policy = catalogue->FindPolicy(request->policy());
                        if (policy == nullptr) {
                          return domain::InvalidField(
                              "policy", "no such policy is in the area; give one as \"id@version\"");
                        }
                        ASSIGN_OR_RETURN(const store::ListQuery query, SignedIn(*request, area.name));
                        ASSIGN_OR_RETURN(const std::vector<v1::Assessment> assessments,
                                         ListWholeAsServer<v1::Assessment>(call, query));
                        v1::PreviewPolicyResponse answer;
                        for (const v1::Assessment& assessment : assessments) {
                          RETURN_IF_ERROR(Preview(call, *catalogue, *policy, assessment, answer));
                        }
                        call.NoteRows(answer.changes_size());
                        return answer;
                      });
  }

 private:
  // Signed assessments that were begun on the days that are asked for.
  static absl::StatusOr<store::ListQuery> SignedIn(const v1::PreviewPolicyRequest& request,
                                                   const std::string& area) {
    constexpr int kDaysMax = 366;
    ASSIGN_OR_RETURN(const domain::LocalDate first,
                     domain::LocalDate::FromDay(request.first_day(), "first_day"));
    ASSIGN_OR_RETURN(const domain::LocalDate last,
                     domain::LocalDate::FromDay(request.last_day(), "last_day"));
    if (last < first || last - first >= kDaysMax) {
      return domain::InvalidField("last_day", "give a day from the first day on, at most a year later");
    }
    const auto start_of = [](domain::LocalDate day) {
      return absl::ToUnixMillis(absl::FromCivil(day.civil(), domain::London()));
    };
    return store::ListQuery{.kind = Kind::kAssessment,
                            .area = area,
                            .state = v1::ASSESSMENT_STATE_SIGNED,
                            .sort_key_from = start_of(first),
                            .sort_key_to = start_of(last.AddDays(1))};
  }

  // More are not read one by one.
  static constexpr int kNamedMax = 100;

  // Every assessment counts, whoever may read it, but for those of a case that is kept from the caller: for
  // them it is not there. By name only what they may open themselves.
  static absl::Status Preview(ReadCall& call, const domain::Catalogue& catalogue,
                              const domain::InstalledPolicy& policy, const v1::Assessment& assessment,
                              v1::PreviewPolicyResponse& answer) {
    ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(assessment.name()));
    const domain::Caller& caller = call.caller();
    if (domain::IsKeptFrom(facts, caller.account, caller.agency, v1::ROLE_COORDINATOR)) {
      return absl::OkStatus();
    }
    const domain::InstalledPack* pack = catalogue.FindPack(assessment.instrument());
    const auto& graded = policy.policy.instruments();
    if (pack == nullptr || std::ranges::find(graded, assessment.instrument()) == graded.end()) {
      answer.set_not_graded(answer.not_graded() + 1);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const domain::Regraded regraded, domain::Regrade(assessment, pack->pack, policy.policy));
    static const domain::MethodRule& rule =
        *domain::FindMethodRule("marac.v1.InstrumentService/PreviewPolicy");
    const bool show =
        regraded.differs && answer.changes_size() < kNamedMax && domain::MayTouch(caller, facts, rule).ok();
    if (show) call.NoteSubject(assessment.name());
    domain::AddRegraded(assessment, regraded, show, answer);
    return absl::OkStatus();
  }

  // The pilot that is named, of this area. An administrator does not read pilots: nothing of it leaves but
  // that it approves the pack.
  static absl::StatusOr<std::optional<v1::Pilot>> LoadPilot(WriteCall& call, const std::string& area,
                                                            const std::string& name) {
    if (name.empty()) return std::nullopt;
    ASSIGN_OR_RETURN(const ResourceName parsed, ResourceName::Parse("pilot", name, Kind::kPilot));
    if (parsed.area() != area) return domain::NotFoundOrNotOpen(name);
    ASSIGN_OR_RETURN(v1::Pilot pilot, call.LoadAsServer<v1::Pilot>(parsed.text(), "pilot"));
    return pilot;
  }

  Gate& gate_;
  const std::vector<domain::OwnerKey> owner_keys_;
  const bool demonstration_;
};

}  // namespace

NamedService NewInstrumentService(Gate& gate, std::vector<domain::OwnerKey> owner_keys, bool demonstration) {
  return {.full_name = v1::InstrumentService::service_full_name(),
          .service = std::make_unique<InstrumentService>(gate, std::move(owner_keys), demonstration)};
}

}  // namespace marac::rpc
