#include "rpc/action_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/action.h"
#include "domain/catalogue.h"
#include "domain/errors.h"
#include "domain/resource_name.h"
#include "domain/text_warnings.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "rpc/action_now.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;

class ActionServiceImpl final : public v1::ActionService::Service {
 public:
  explicit ActionServiceImpl(Gate& gate) : gate_(gate) {}

  grpc::Status CreateAction(grpc::ServerContext* context, const v1::CreateActionRequest* request,
                            v1::Action* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Action> {
      ASSIGN_OR_RETURN(const v1::AgendaItem item,
                       call.Load<v1::AgendaItem>(request->agenda_item(), "agenda_item"));
      ASSIGN_OR_RETURN(const v1::Case record, call.LoadAsServer<v1::Case>(item.case_name()));
      ASSIGN_OR_RETURN(const ResourceName item_name, ResourceName::Parse("agenda_item", item.name()));
      ASSIGN_OR_RETURN(const v1::Meeting meeting, call.LoadAsServer<v1::Meeting>(item_name.parent()));
      ASSIGN_OR_RETURN(const AreaRules rules, RulesOf(call, item.name()));
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(item.name()));
      ASSIGN_OR_RETURN(const v1::Agency agency, call.LoadAsServer<v1::Agency>(request->agency(), "agency"));
      ASSIGN_OR_RETURN(const std::optional<v1::Account> acceptor, Acceptor(call, *request, facts));
      ASSIGN_OR_RETURN(
          v1::Action action,
          domain::CreateAction(*request, {item, record, meeting, rules.area.name(), rules.area.settings(),
                                          *rules.working_days, agency, acceptor, call.now()}));
      action.set_name(ResourceName::Make(Kind::kAction, rules.area.name(), call.NewId()));
      domain::SetTextWarnings(action);
      RETURN_IF_ERROR(call.Create(action, facts.scope));
      call.NoteRecipient(action.agency());
      return AsOfNow(call, rules, std::move(action));
    });
  }

  grpc::Status AcceptAction(grpc::ServerContext* context, const v1::AcceptActionRequest* request,
                            v1::Action* response) override {
    return Change(context, request, response, [&](WriteCall& call, const AreaRules&, v1::Action action) {
      return domain::AcceptAction(std::move(action), call.caller().account, call.caller().agency);
    });
  }

  grpc::Status RefuseAction(grpc::ServerContext* context, const v1::RefuseActionRequest* request,
                            v1::Action* response) override {
    return Change(context, request, response, [&](WriteCall& call, const AreaRules&, v1::Action action) {
      return domain::RefuseAction(std::move(action), call.caller().agency, request->reason());
    });
  }

  grpc::Status GetAction(grpc::ServerContext* context, const v1::GetActionRequest* request,
                         v1::Action* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return LoadAsOfNow(call, request->name()); });
  }

  grpc::Status ListActions(grpc::ServerContext* context, const v1::ListActionsRequest* request,
                           v1::ListActionsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListActionsResponse> {
          ASSIGN_OR_RETURN(const store::ListQuery query, QueryOf(call, *request));
          ASSIGN_OR_RETURN(const AreaRules rules, RulesOf(call, query.area));
          v1::ListActionsResponse listed;
          ASSIGN_OR_RETURN(std::vector<v1::Action> actions,
                           call.List<v1::Action>(query, request->page_size(), request->page_token(),
                                                 listed.mutable_next_page_token()));
          for (v1::Action& action : actions) {
            ASSIGN_OR_RETURN(*listed.add_actions(), AsOfNow(call, rules, std::move(action)));
          }
          return listed;
        });
  }

  grpc::Status ReportAction(grpc::ServerContext* context, const v1::ReportActionRequest* request,
                            v1::Action* response) override {
    return Change(context, request, response,
                  [&](WriteCall& call, const AreaRules& rules, v1::Action action) {
                    return domain::ReportAction(std::move(action), *request, rules.area.settings(),
                                                call.caller().account, call.now());
                  });
  }

  grpc::Status ExtendAction(grpc::ServerContext* context, const v1::ExtendActionRequest* request,
                            v1::Action* response) override {
    return Change(context, request, response,
                  [&](WriteCall& call, const AreaRules& rules, v1::Action action) {
                    return domain::ExtendAction(std::move(action), *request, rules.area.settings(),
                                                *rules.working_days, call.now());
                  });
  }

 private:
  // The account in `accepted_by`; nothing when the action is proposed.
  static absl::StatusOr<std::optional<v1::Account>> Acceptor(ReadCall& call,
                                                             const v1::CreateActionRequest& request,
                                                             const domain::RecordFacts& facts) {
    if (request.accepted_by().empty()) return std::nullopt;
    ASSIGN_OR_RETURN(v1::Account account,
                     call.LoadAsServer<v1::Account>(request.accepted_by(), "accepted_by"));
    // Somebody the case is hidden from would never meet what they accepted.
    if (domain::IsKeptFrom(facts, account.name(), account.agency(), v1::ROLE_REPRESENTATIVE)) {
      return domain::InvalidField("accepted_by", "this person cannot take it on; choose somebody else");
    }
    return account;
  }

  static absl::StatusOr<store::ListQuery> QueryOf(const ReadCall& call,
                                                  const v1::ListActionsRequest& request) {
    ASSIGN_OR_RETURN(const ResourceName area, ResourceName::Parse("parent", request.parent(), Kind::kArea));
    store::ListQuery query{.kind = Kind::kAction, .area = area.text(), .state = request.state()};
    if (!request.case_name().empty()) {
      ASSIGN_OR_RETURN(const ResourceName of,
                       ResourceName::Parse("case_name", request.case_name(), Kind::kCase));
      query.parent = of.text();
    }
    if (request.mine()) {
      query.author = call.caller().account;
      query.agency = call.caller().agency;
      query.or_unowned = true;
    }
    if (request.overdue()) {
      if (request.state() != v1::ACTION_STATE_UNSPECIFIED && request.state() != v1::ACTION_STATE_OPEN) {
        return domain::InvalidField("state", "only open actions are overdue; leave the state out");
      }
      query.state = v1::ACTION_STATE_OPEN;
      query.sort_key_to = absl::ToUnixMillis(call.now());
    }
    return query;
  }

  static absl::StatusOr<v1::Action> LoadAsOfNow(ReadCall& call, const std::string& name) {
    ASSIGN_OR_RETURN(v1::Action action, call.Load<v1::Action>(name));
    ASSIGN_OR_RETURN(const AreaRules rules, RulesOf(call, action.name()));
    return AsOfNow(call, rules, std::move(action));
  }

  // Changes an action that the caller read as it is.
  template <typename Request, typename Decide>
  grpc::Status Change(grpc::ServerContext* context, const Request* request, v1::Action* response,
                      const Decide& decide) {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::Action> {
          ASSIGN_OR_RETURN(v1::Action action,
                           call.LoadForChange<v1::Action>(request->name(), request->etag()));
          ASSIGN_OR_RETURN(const AreaRules rules, RulesOf(call, action.name()));
          ASSIGN_OR_RETURN(action, decide(call, rules, std::move(action)));
          domain::SetTextWarnings(action);
          RETURN_IF_ERROR(call.Save(action));
          return AsOfNow(call, rules, std::move(action));
        },
        [&](ReadCall& call) { return LoadAsOfNow(call, request->name()); });
  }

  Gate& gate_;
};

}  // namespace

NamedService NewActionService(Gate& gate) {
  return {.full_name = v1::ActionService::service_full_name(),
          .service = std::make_unique<ActionServiceImpl>(gate)};
}

}  // namespace marac::rpc
