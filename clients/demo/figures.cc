#include "demo/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/status_macros.h"
#include "demo/invent.h"
#include "demo/staff.h"
#include "domain/timestamp.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "marac/v1/audit_service.grpc.pb.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/meeting_service.grpc.pb.h"
#include "marac/v1/referral_service.grpc.pb.h"

namespace marac::demo {
namespace {

constexpr int kPageSizeMax = 100;

// All of a list, page by page, as the coordinator.
template <typename Row, typename Stub, typename Request, typename Response>
absl::StatusOr<std::vector<Row>> All(
    const World& world, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    const google::protobuf::RepeatedPtrField<Row>& (Response::*rows)() const) {
  std::vector<Row> all;
  Request request;
  request.set_parent(world.area());
  request.set_page_size(kPageSizeMax);
  do {
    ASSIGN_OR_RETURN(const Response page, world.Call("coordinator", method, request));
    all.insert(all.end(), (page.*rows)().begin(), (page.*rows)().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

template <typename Rows, typename Is>
int Count(const Rows& rows, const Is& is) {
  return static_cast<int>(std::ranges::count_if(rows, is));
}

std::string Share(int part, int whole) {
  return whole == 0 ? "none" : fmt::format("{} ({:.1f}%)", part, 100.0 * part / whole);
}

std::string Line(const char* what, const std::string& value, const char* published = "") {
  return fmt::format("  {:<36} {:<16} {}\n", what, value, published);
}

}  // namespace

absl::StatusOr<std::string> FiguresText(const World& world) {
  ASSIGN_OR_RETURN(const auto referrals, All(world, &v1::ReferralService::Stub::ListReferrals,
                                             &v1::ListReferralsResponse::referrals));
  ASSIGN_OR_RETURN(const auto cases,
                   All(world, &v1::CaseService::Stub::ListCases, &v1::ListCasesResponse::cases));
  ASSIGN_OR_RETURN(const auto meetings,
                   All(world, &v1::MeetingService::Stub::ListMeetings, &v1::ListMeetingsResponse::meetings));
  ASSIGN_OR_RETURN(const auto actions,
                   All(world, &v1::ActionService::Stub::ListActions, &v1::ListActionsResponse::actions));
  ASSIGN_OR_RETURN(const v1::VerifyChainResponse audit,
                   world.Call("auditor", &v1::AuditService::Stub::VerifyChain, v1::VerifyChainRequest()));
  ASSIGN_OR_RETURN(const absl::Time now, world.Now());

  const int sent = static_cast<int>(referrals.size());
  const auto of_referrals = [&](const auto& is) { return Share(Count(referrals, is), sent); };
  const auto in_state = [&](v1::ReferralState state) {
    return Count(referrals, [state](const v1::Referral& r) { return r.state() == state; });
  };
  std::string text = "What is in the area now (published figures it is modelled on at the right):\n";
  text += Line("referrals", std::to_string(sent), "197 a year");
  text += Line("  from other agencies than the police",
               of_referrals([](const v1::Referral& r) { return r.referrer().source_category() != "POLICE"; }),
               "36.1%");
  text += Line("  from children's social care",
               std::to_string(Count(referrals,
                                    [](const v1::Referral& r) {
                                      return r.referrer().source_category() == "CHILDRENS_SOCIAL_CARE";
                                    })),
               "3 a year");
  text += Line(
      "  via MASH",
      std::to_string(Count(
          referrals, [](const v1::Referral& r) { return r.referrer().route() == v1::REFERRAL_ROUTE_MASH; })),
      "0");
  text += Line("  ethnic minority",
               of_referrals([](const v1::Referral& r) { return IsMinority(r.victim().ethnicity().value()); }),
               "22-24%");
  text += Line("  ethnicity not recorded",
               of_referrals([](const v1::Referral& r) { return !r.victim().ethnicity().has_value(); }));
  text += Line("  disabled",
               of_referrals([](const v1::Referral& r) { return r.victim().disability() == v1::YES_NO_YES; }),
               "10.1%");
  text +=
      Line("  LGBT+", of_referrals([](const v1::Referral& r) { return r.victim().lgbt() == v1::YES_NO_YES; }),
           "1.6%");
  text +=
      Line("  men", of_referrals([](const v1::Referral& r) { return r.victim().gender().value() == "male"; }),
           "6.4%");
  text +=
      Line("  urgent", std::to_string(Count(referrals, [](const v1::Referral& r) { return r.urgent(); })));
  text +=
      Line("  entered on behalf",
           std::to_string(Count(referrals, [](const v1::Referral& r) { return r.referrer().on_behalf(); })));
  text +=
      Line("  without consent",
           of_referrals([](const v1::Referral& r) { return r.victim_voice().consent() == v1::YES_NO_NO; }));
  text += Line("  declined, duplicate, withdrawn",
               fmt::format("{}, {}, {}", in_state(v1::REFERRAL_STATE_DECLINED),
                           in_state(v1::REFERRAL_STATE_DUPLICATE), in_state(v1::REFERRAL_STATE_WITHDRAWN)));
  text += Line("  waiting for triage, returned", fmt::format("{}, {}", in_state(v1::REFERRAL_STATE_SUBMITTED),
                                                             in_state(v1::REFERRAL_STATE_RETURNED)));

  int children = 0;
  for (const v1::Case& record : cases) children += record.children_size();
  const auto is_repeat = [](const v1::Case& r) { return r.kind() == v1::CASE_KIND_REPEAT; };
  // The records begin with nothing before them, so that only a later case can be a repeat.
  std::vector<v1::Case> later;
  std::ranges::copy_if(cases, std::back_inserter(later), [&](const v1::Case& record) {
    return domain::FromTimestamp(record.create_time()) > now - absl::Hours(24 * 182);
  });
  const auto heard = [](const v1::Case& r) { return r.has_last_heard_day(); };
  text += Line("cases", std::to_string(cases.size()));
  text += Line("  heard, in meetings held",
               fmt::format("{}, in {}", Count(cases, heard), Count(meetings, [](const v1::Meeting& m) {
                             return m.state() == v1::MEETING_STATE_CLOSED;
                           })));
  text +=
      Line("  children a case",
           cases.empty() ? "none" : fmt::format("{:.2f}", 1.0 * children / static_cast<double>(cases.size())),
           "1.24");
  text += Line("  repeats", Share(Count(cases, is_repeat), static_cast<int>(cases.size())));
  if (later.size() < cases.size()) {
    text += Line("  repeats in the last six months",
                 Share(Count(later, is_repeat), static_cast<int>(later.size())), "31%");
  }
  text += Line("  deferred at least once",
               std::to_string(Count(cases, [](const v1::Case& r) { return r.deferral_count() > 0; })));
  text += Line(
      "  heard and the victim told",
      Share(
          Count(cases, [](const v1::Case& r) { return r.has_last_heard_day() && r.victim_update().told(); }),
          Count(cases, heard)));
  text += Line("actions", std::to_string(actions.size()));
  const auto action_count = [&](v1::ActionState state) {
    return Count(actions, [state](const v1::Action& a) { return a.state() == state; });
  };
  text += Line("  complete", std::to_string(action_count(v1::ACTION_STATE_COMPLETE)));
  text += Line("  not possible, not done", fmt::format("{}, {}", action_count(v1::ACTION_STATE_NOT_POSSIBLE),
                                                       action_count(v1::ACTION_STATE_NOT_DONE)));
  text += Line("  open, of them overdue",
               fmt::format("{}, {}", action_count(v1::ACTION_STATE_OPEN),
                           Count(actions, [](const v1::Action& a) { return a.overdue(); })));
  text += Line("  proposed, refused", fmt::format("{}, {}", action_count(v1::ACTION_STATE_PROPOSED),
                                                  action_count(v1::ACTION_STATE_REFUSED)));
  text += Line("audit entries, every one checked", std::to_string(audit.checked()),
               audit.intact() ? "chain intact" : "CHAIN BROKEN");
  if (!audit.intact()) return absl::DataLossError("the audit chain is broken");
  return text;
}

}  // namespace marac::demo
