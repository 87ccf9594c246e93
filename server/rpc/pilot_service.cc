#include "rpc/pilot_service.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/access.h"
#include "domain/catalogue.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/pilot.h"
#include "domain/pilot_report.h"
#include "domain/resource_name.h"
#include "domain/timestamp.h"
#include "marac/v1/pilot_service.grpc.pb.h"
#include "rpc/whole_list.h"
#include "store/answers.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::PilotPairing;
using domain::ResourceName;

domain::Act ActOf(const ReadCall& call) { return {.account = call.caller().account, .now = call.now()}; }

// An assessment that is to be paired. Those that led to no referral are not open to a coordinator, and a
// pilot without them would compare the frightening half alone: the server looks at it in their place, and
// nothing of it leaves. From whom its case is kept, it is not there.
absl::StatusOr<v1::Assessment> LoadToPair(WriteCall& call, const v1::Pilot& pilot, std::string_view field,
                                          const std::string& name) {
  ASSIGN_OR_RETURN(const ResourceName parsed, ResourceName::Parse(field, name, Kind::kAssessment));
  ASSIGN_OR_RETURN(const ResourceName of_pilot, ResourceName::Parse("pilot", pilot.name(), Kind::kPilot));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(parsed.text()));
  if (parsed.area() != of_pilot.area() ||
      domain::IsKeptFrom(facts, call.caller().account, call.caller().agency, v1::ROLE_COORDINATOR)) {
    return domain::NotFoundOrNotOpen(name);
  }
  call.NoteSubject(parsed.text());
  return call.LoadAsServer<v1::Assessment>(parsed.text(), field);
}

store::ListQuery PairsOf(const v1::Pilot& pilot, const std::string& area) {
  return {.kind = Kind::kPilotPair, .area = area, .parent = pilot.name()};
}

absl::StatusOr<std::vector<v1::PilotPair>> LoadPairs(ReadCall& call, const v1::Pilot& pilot) {
  ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("pilot", pilot.name(), Kind::kPilot));
  return ListWholeAsServer<v1::PilotPair>(call, PairsOf(pilot, name.area()));
}

// The newest version that has no answer beyond `seq`: what was changed after pairing is not compared, and a
// referral that was made since is known.
absl::StatusOr<domain::PilotTaking> LoadTaking(ReadCall& call, const std::string& name, int64_t seq) {
  const domain::Grant grant = domain::ServerGrant(name);
  ASSIGN_OR_RETURN(store::StoredRecord stored, store::LoadBody(call.tx(), grant));
  domain::PilotTaking taking;
  while (true) {
    if (!taking.assessment.ParseFromString(stored.body)) {
      return absl::InternalError("a stored record does not parse");
    }
    if (taking.assessment.last_seq() <= seq && taking.assessment.edition() <= 1) break;
    if (stored.version <= 1) return absl::InternalError("a paired assessment has no such version");
    ASSIGN_OR_RETURN(stored, store::LoadVersion(call.tx(), grant, stored.version - 1));
  }
  ASSIGN_OR_RETURN(std::vector<v1::Answer> events, store::LoadAnswers(call.tx(), name));
  for (v1::Answer& event : events) {
    if (event.seq() <= seq) taking.events.push_back(std::move(event));
  }
  return taking;
}

// Whether one that was paired should never have been.
absl::StatusOr<bool> IsInError(ReadCall& call, const std::string& name) {
  ASSIGN_OR_RETURN(const v1::Assessment assessment, call.LoadAsServer<v1::Assessment>(name));
  return assessment.state() == v1::ASSESSMENT_STATE_ENTERED_IN_ERROR;
}

// Those that count, and into `left_out` how many do not.
absl::StatusOr<std::vector<PilotPairing>> LoadPairings(ReadCall& call, const v1::Pilot& pilot,
                                                       int32_t& left_out) {
  ASSIGN_OR_RETURN(std::vector<v1::PilotPair> pairs, LoadPairs(call, pilot));
  std::vector<PilotPairing> pairings;
  for (v1::PilotPair& pair : pairs) {
    ASSIGN_OR_RETURN(const bool reference_in_error, IsInError(call, pair.reference()));
    ASSIGN_OR_RETURN(const bool variant_in_error, IsInError(call, pair.variant()));
    if (reference_in_error || variant_in_error) {
      ++left_out;
      continue;
    }
    PilotPairing pairing;
    ASSIGN_OR_RETURN(pairing.reference, LoadTaking(call, pair.reference(), pair.reference_seq()));
    ASSIGN_OR_RETURN(pairing.variant, LoadTaking(call, pair.variant(), pair.variant_seq()));
    pairing.pair = std::move(pair);
    pairings.push_back(std::move(pairing));
  }
  return pairings;
}

absl::StatusOr<const v1::InstrumentPack*> PackOf(const domain::Catalogue& catalogue,
                                                 const std::string& name) {
  const domain::InstalledPack* pack = catalogue.FindPack(name);
  if (pack == nullptr)
    return domain::WrongState("NO_PACK", "A pack of this pilot is not installed any more.");
  return &pack->pack;
}

class PilotService final : public v1::PilotService::Service {
 public:
  PilotService(Gate& gate, IdSource& ids) : gate_(gate), ids_(ids) {}

  grpc::Status RegisterPilot(grpc::ServerContext* context, const v1::RegisterPilotRequest* request,
                             v1::Pilot* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Pilot> {
      // Who may, before whether the plan is good.
      if (!request->name().empty()) {
        ASSIGN_OR_RETURN(v1::Pilot pilot, call.LoadForChange<v1::Pilot>(request->name(), request->etag()));
        ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("name", pilot.name(), Kind::kPilot));
        RETURN_IF_ERROR(CheckPlan(call, name.area(), request->plan()));
        ASSIGN_OR_RETURN(pilot, domain::ReplacePlan(std::move(pilot), request->plan()));
        RETURN_IF_ERROR(call.Save(pilot));
        return pilot;
      }
      ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
      RETURN_IF_ERROR(CheckPlan(call, area.name(), request->plan()));
      v1::Pilot pilot;
      pilot.set_name(ResourceName::Make(Kind::kPilot, area.name(), call.NewId()));
      *pilot.mutable_plan() = request->plan();
      pilot.set_state(v1::PILOT_STATE_REGISTERED);
      pilot.set_account(call.caller().account);
      *pilot.mutable_create_time() = domain::ToTimestamp(call.now());
      RETURN_IF_ERROR(CreateInArea(call, area.name(), pilot));
      return pilot;
    });
  }

  grpc::Status ListPilots(grpc::ServerContext* context, const v1::ListPilotsRequest* request,
                          v1::ListPilotsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListPilotsResponse> {
          ASSIGN_OR_RETURN(const ResourceName area,
                           ResourceName::Parse("parent", request->parent(), Kind::kArea));
          v1::ListPilotsResponse answer;
          ASSIGN_OR_RETURN(
              std::vector<v1::Pilot> pilots,
              call.List<v1::Pilot>({.kind = Kind::kPilot, .area = area.text(), .newest_first = true},
                                   request->page_size(), request->page_token(),
                                   answer.mutable_next_page_token()));
          for (v1::Pilot& pilot : pilots) *answer.add_pilots() = std::move(pilot);
          call.NoteRows(answer.pilots_size());
          return answer;
        });
  }

  grpc::Status PairAssessments(grpc::ServerContext* context, const v1::PairAssessmentsRequest* request,
                               v1::PilotPair* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::PilotPair> {
      ASSIGN_OR_RETURN(v1::Pilot pilot, call.Load<v1::Pilot>(request->pilot(), "pilot"));
      ASSIGN_OR_RETURN(const v1::Assessment reference,
                       LoadToPair(call, pilot, "reference", request->reference()));
      ASSIGN_OR_RETURN(const v1::Assessment variant, LoadToPair(call, pilot, "variant", request->variant()));
      ASSIGN_OR_RETURN(const std::vector<v1::PilotPair> earlier, LoadPairs(call, pilot));
      v1::PilotPair given;
      given.set_order(request->order());
      given.set_blind(request->blind());
      given.set_person_agreed(request->person_agreed());
      ASSIGN_OR_RETURN(domain::RecordedPair recorded,
                       domain::RecordPair(std::move(pilot), given, reference, variant, earlier, ActOf(call)));
      ASSIGN_OR_RETURN(const ResourceName name,
                       ResourceName::Parse("pilot", recorded.pilot.name(), Kind::kPilot));
      recorded.pair.set_name(ResourceName::Make(Kind::kPilotPair, name.area(), call.NewId()));
      RETURN_IF_ERROR(CreateInArea(call, name.area(), recorded.pair));
      RETURN_IF_ERROR(call.Save(recorded.pilot));
      return std::move(recorded.pair);
    });
  }

  grpc::Status RecordPilotIncident(grpc::ServerContext* context,
                                   const v1::RecordPilotIncidentRequest* request,
                                   v1::Pilot* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Pilot> {
      ASSIGN_OR_RETURN(v1::Pilot pilot, call.Load<v1::Pilot>(request->name()));
      ASSIGN_OR_RETURN(pilot, domain::RecordIncident(std::move(pilot), request->incident(), ActOf(call)));
      RETURN_IF_ERROR(call.Save(pilot));
      return pilot;
    });
  }

  grpc::Status ReviewPilotIncident(grpc::ServerContext* context,
                                   const v1::ReviewPilotIncidentRequest* request,
                                   v1::Pilot* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Pilot> {
      ASSIGN_OR_RETURN(v1::Pilot pilot, call.Load<v1::Pilot>(request->name()));
      ASSIGN_OR_RETURN(pilot, domain::ReviewIncident(std::move(pilot), *request, ActOf(call)));
      RETURN_IF_ERROR(call.Save(pilot));
      return pilot;
    });
  }

  grpc::Status GetPilotReport(grpc::ServerContext* context, const v1::GetPilotReportRequest* request,
                              v1::PilotReport* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::PilotReport> {
      ASSIGN_OR_RETURN(const v1::Pilot pilot, call.Load<v1::Pilot>(request->name()));
      ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("name", pilot.name(), Kind::kPilot));
      ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(name.area()));
      ASSIGN_OR_RETURN(const v1::InstrumentPack* reference,
                       PackOf(*catalogue, pilot.plan().reference_instrument()));
      ASSIGN_OR_RETURN(const v1::InstrumentPack* variant,
                       PackOf(*catalogue, pilot.plan().variant_instrument()));
      int32_t left_out = 0;
      ASSIGN_OR_RETURN(const std::vector<PilotPairing> pairings, LoadPairings(call, pilot, left_out));
      v1::PilotReport report = domain::ReportOf(pilot, {*reference, *variant}, pairings);
      report.set_pairs_in_error(left_out);
      return report;
    });
  }

  grpc::Status ExportPilot(grpc::ServerContext* context, const v1::ExportPilotRequest* request,
                           v1::PilotExport* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::PilotExport> {
      ASSIGN_OR_RETURN(const v1::Pilot pilot, call.Load<v1::Pilot>(request->name()));
      int32_t left_out = 0;
      ASSIGN_OR_RETURN(const std::vector<PilotPairing> pairings, LoadPairings(call, pilot, left_out));
      std::vector<std::string> row_ids;
      for (size_t i = 0; i < pairings.size(); ++i) row_ids.push_back(ids_.NewId());
      v1::PilotExport exported = domain::ExportOf(pilot, pairings, row_ids);
      call.NoteRows(exported.rows_size());
      return exported;
    });
  }

 private:
  static absl::Status CheckPlan(ReadCall& call, const std::string& area, const v1::PilotPlan& plan) {
    ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area));
    return domain::CheckPlan(plan, *catalogue, domain::DateOf(call.now()));
  }

  // It is about no case: it belongs where the area itself does.
  template <typename T>
  static absl::Status CreateInArea(WriteCall& call, const std::string& area, T& record) {
    ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(area));
    return call.Create(record, facts.scope);
  }

  Gate& gate_;
  IdSource& ids_;
};

}  // namespace

NamedService NewPilotService(Gate& gate, IdSource& ids) {
  return {.full_name = v1::PilotService::service_full_name(),
          .service = std::make_unique<PilotService>(gate, ids)};
}

}  // namespace marac::rpc
