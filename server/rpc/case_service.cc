#include "rpc/case_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/case.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/resource_name.h"
#include "domain/text.h"
#include "domain/text_warnings.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "rpc/safe_contact.h"
#include "rpc/whole_list.h"
#include "store/party_keys.h"

namespace marac::rpc {
namespace {

using domain::Kind;

domain::Decision DecisionOf(const ReadCall& call) {
  return {.account = call.caller().account, .now = call.now()};
}

// Actions of a case that somebody is still asked for.
absl::StatusOr<int> CountOpenActions(ReadCall& call, const std::string& record) {
  ASSIGN_OR_RETURN(const std::vector<v1::Action> actions,
                   ListWholeAsServer<v1::Action>(call, {.kind = Kind::kAction, .parent = record}));
  return static_cast<int>(std::ranges::count_if(actions, [](const v1::Action& action) {
    return action.state() == v1::ACTION_STATE_PROPOSED || action.state() == v1::ACTION_STATE_OPEN;
  }));
}

// Its items, on whatever agendas it came.
absl::StatusOr<std::vector<v1::AgendaItem>> ItemsOf(ReadCall& call, const std::string& scope,
                                                    const std::string& record) {
  ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items,
                   ListWholeAsServer<v1::AgendaItem>(call, {.kind = Kind::kAgendaItem, .scope = scope}));
  std::erase_if(items, [&](const v1::AgendaItem& item) { return item.case_name() != record; });
  return items;
}

class CaseService final : public v1::CaseService::Service {
 public:
  explicit CaseService(Gate& gate) : gate_(gate) {}

  grpc::Status GetCase(grpc::ServerContext* context, const v1::GetCaseRequest* request,
                       v1::Case* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return call.Load<v1::Case>(request->name()); });
  }

  grpc::Status ListCases(grpc::ServerContext* context, const v1::ListCasesRequest* request,
                         v1::ListCasesResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListCasesResponse> {
          ASSIGN_OR_RETURN(const domain::ResourceName area,
                           domain::ResourceName::Parse("parent", request->parent(), Kind::kArea));
          v1::ListCasesResponse answer;
          ASSIGN_OR_RETURN(
              std::vector<v1::Case> cases,
              call.List<v1::Case>(
                  {.kind = Kind::kCase, .area = area.text(), .state = request->stage(), .newest_first = true},
                  request->page_size(), request->page_token(), answer.mutable_next_page_token()));
          for (v1::Case& record : cases) *answer.add_cases() = std::move(record);
          return answer;
        });
  }

  // A write, because why it was shown is kept with it.
  grpc::Status RevealDetail(grpc::ServerContext* context, const v1::RevealDetailRequest* request,
                            v1::ProtectedDetail* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::ProtectedDetail> {
          ASSIGN_OR_RETURN(v1::ProtectedDetail detail, call.Load<v1::ProtectedDetail>(request->name()));
          // One that was taken away has no parent, and nothing to show.
          if (detail.parent().empty()) return domain::NotFoundOrNotOpen(request->name());
          ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(detail.name()));
          const std::string reason = domain::WithoutHiddenCharacters(request->reason());
          const bool asks_nothing = domain::RevealsAtOnce(
              detail.kind(),
              /*first_line=*/call.caller().Holds({v1::ROLE_COORDINATOR}, facts.area) ||
                  (call.caller().Holds({v1::ROLE_IDVA}, facts.area) && call.HasPartIn(facts.scope)),
              /*own_draft=*/facts.stage == domain::Stage::kDraft);
          if (!asks_nothing) {
            RETURN_IF_ERROR(domain::CheckRevealReason(reason));
            RETURN_IF_ERROR(call.RequireFreshFactor());
          }
          if (!domain::IsBlank(reason)) {
            RETURN_IF_ERROR(store::KeepRevealReason(call.write(), detail.name(), reason));
          }
          return detail;
        });
  }

  grpc::Status CorrectSafeContact(grpc::ServerContext* context, const v1::CorrectSafeContactRequest* request,
                                  v1::Case* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Case> {
      ASSIGN_OR_RETURN(v1::Case record, call.LoadForChange<v1::Case>(request->name(), request->etag()));
      RETURN_IF_ERROR(
          marac::rpc::CorrectSafeContact(call, record, {record.referrals().begin(), record.referrals().end()},
                                         {.contact = request->safe_contact(), .reason = request->reason()})
              .status());
      RETURN_IF_ERROR(call.Save(record));
      return record;
    });
  }

  grpc::Status RecordVictimContact(grpc::ServerContext* context,
                                   const v1::RecordVictimContactRequest* request,
                                   v1::Case* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Case> {
      ASSIGN_OR_RETURN(v1::Case record, call.LoadForChange<v1::Case>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(record, domain::RecordVictimContact(std::move(record), request->state(),
                                                           request->note(), DecisionOf(call)));
      domain::SetTextWarnings(record);
      RETURN_IF_ERROR(call.Save(record));
      return record;
    });
  }

  grpc::Status RecordVictimUpdate(grpc::ServerContext* context, const v1::RecordVictimUpdateRequest* request,
                                  v1::Case* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Case> {
      ASSIGN_OR_RETURN(v1::Case record, call.LoadForChange<v1::Case>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(record, domain::RecordVictimUpdate(std::move(record), request->told(), request->text(),
                                                          DecisionOf(call)));
      domain::SetTextWarnings(record);
      RETURN_IF_ERROR(call.Save(record));
      return record;
    });
  }

  grpc::Status CloseCase(grpc::ServerContext* context, const v1::CloseCaseRequest* request,
                         v1::Case* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Case> {
      ASSIGN_OR_RETURN(v1::Case record, call.LoadForChange<v1::Case>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const int open_actions, CountOpenActions(call, record.name()));
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(record.name()));
      if (request->ground() == v1::CLOSE_GROUND_UNSPECIFIED) {
        ASSIGN_OR_RETURN(
            record, domain::CloseCase(std::move(record), request->reason(), open_actions, DecisionOf(call)));
      } else {
        ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items, ItemsOf(call, facts.scope, record.name()));
        ASSIGN_OR_RETURN(record, domain::CloseUnheard(std::move(record),
                                                      {.ground = request->ground(),
                                                       .reason = request->reason(),
                                                       .told = request->victim_told(),
                                                       .victim_update = request->victim_update()},
                                                      open_actions, items, DecisionOf(call)));
        for (v1::AgendaItem& item : items) RETURN_IF_ERROR(call.Save(item));
      }
      domain::SetTextWarnings(record);
      RETURN_IF_ERROR(call.Save(record));
      // A case that no agenda went out with stays as closed to others as it was.
      if (facts.stage == domain::Stage::kAccepted) return record;
      RETURN_IF_ERROR(call.SetStage(facts.scope, domain::Stage::kClosed));
      return record;
    });
  }

 private:
  Gate& gate_;
};

}  // namespace

NamedService NewCaseService(Gate& gate) {
  return {.full_name = v1::CaseService::service_full_name(), .service = std::make_unique<CaseService>(gate)};
}

}  // namespace marac::rpc
