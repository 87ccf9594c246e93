#include "rpc/meeting_service.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/agenda.h"
#include "domain/area_settings.h"
#include "domain/catalogue.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/meeting.h"
#include "domain/opening.h"
#include "domain/quorum.h"
#include "domain/research.h"
#include "domain/resource_name.h"
#include "domain/text_warnings.h"
#include "domain/timestamp.h"
#include "marac/v1/meeting_service.grpc.pb.h"
#include "rpc/action_now.h"
#include "rpc/calendar.h"
#include "rpc/conflicts.h"
#include "rpc/whole_list.h"
#include "store/case_access.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;
using google::protobuf::util::MessageDifferencer;

// Those who make the agenda: they see what is only proposed, and what there is to see to.
constexpr domain::RoleSet kAgendaMakers = {v1::ROLE_COORDINATOR, v1::ROLE_CHAIR};

absl::StatusOr<v1::Area> AreaOf(ReadCall& call, std::string_view record) {
  ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("name", record));
  return call.Area(name.area());
}

absl::StatusOr<v1::Meeting> MeetingOf(ReadCall& call, const v1::AgendaItem& item) {
  ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("name", item.name()));
  return call.LoadAsServer<v1::Meeting>(name.parent());
}

// Whether the victim said yes to every referral the case was made from.
absl::StatusOr<bool> Consented(ReadCall& call, const v1::Case& record) {
  for (const std::string& name : record.referrals()) {
    ASSIGN_OR_RETURN(const v1::Referral referral, call.LoadAsServer<v1::Referral>(name));
    if (referral.victim_voice().consent() != v1::YES_NO_YES) return false;
  }
  return true;
}

store::ListQuery ItemsOf(const std::string& meeting) {
  return {.kind = Kind::kAgendaItem, .parent = meeting};
}

// A meeting's items, all of them, with their cases. An agenda is worked out whole, whoever asks: a case
// hidden from the coordinator is heard all the same.
struct WholeAgenda {
  std::vector<v1::AgendaItem> items;
  domain::Cases cases;

  std::vector<domain::ItemAndCase> Together() const {
    std::vector<domain::ItemAndCase> together;
    for (const v1::AgendaItem& item : items) together.push_back({item, cases.at(item.case_name())});
    return together;
  }
};

absl::Status AddCase(ReadCall& call, const std::string& name, domain::Cases& cases) {
  if (cases.contains(name)) return absl::OkStatus();
  ASSIGN_OR_RETURN(cases[name], call.LoadAsServer<v1::Case>(name, "case_name"));
  return absl::OkStatus();
}

absl::StatusOr<WholeAgenda> LoadWholeAgenda(ReadCall& call, const std::string& meeting) {
  WholeAgenda agenda;
  ASSIGN_OR_RETURN(agenda.items, ListWholeAsServer<v1::AgendaItem>(call, ItemsOf(meeting)));
  for (const v1::AgendaItem& item : agenda.items)
    RETURN_IF_ERROR(AddCase(call, item.case_name(), agenda.cases));
  return agenda;
}

// Every accepted case of the area as well.
absl::Status AddWaitingCases(ReadCall& call, const std::string& area, domain::Cases& cases) {
  ASSIGN_OR_RETURN(std::vector<v1::Case> waiting,
                   ListWholeAsServer<v1::Case>(
                       call, {.kind = Kind::kCase, .area = area, .state = v1::CASE_STAGE_ACCEPTED}));
  for (v1::Case& record : waiting) cases.try_emplace(record.name(), std::move(record));
  return absl::OkStatus();
}

absl::StatusOr<std::set<std::string>> NamesOpenToCaller(ReadCall& call, const std::string& meeting) {
  ASSIGN_OR_RETURN(const std::vector<v1::AgendaItem> items,
                   ListWhole<v1::AgendaItem>(call, ItemsOf(meeting)));
  std::set<std::string> names;
  for (const v1::AgendaItem& item : items) names.insert(item.name());
  return names;
}

// Keeps what the domain made of the agenda: new items in the scope of their case, and what changed.
absl::Status SaveItems(WriteCall& call, const v1::Meeting& meeting, const std::vector<v1::AgendaItem>& before,
                       std::vector<v1::AgendaItem> after) {
  std::map<std::string, const v1::AgendaItem*> kept;
  for (const v1::AgendaItem& item : before) kept[item.name()] = &item;
  for (v1::AgendaItem& item : after) {
    if (item.name().empty()) {
      item.set_name(ResourceName::Make(Kind::kAgendaItem, meeting.name(), call.NewId()));
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(item.case_name()));
      RETURN_IF_ERROR(call.Create(item, facts.scope));
    } else if (!MessageDifferencer::Equals(item, *kept.at(item.name()))) {
      RETURN_IF_ERROR(call.Save(item));
    }
  }
  return absl::OkStatus();
}

// The agenda as far as the caller may see it. What it counts and warns of are the items the caller sees.
absl::StatusOr<v1::Agenda> ReadAgenda(ReadCall& call, const std::string& meeting) {
  v1::Agenda agenda;
  ASSIGN_OR_RETURN(*agenda.mutable_meeting(), call.Load<v1::Meeting>(meeting));
  ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, meeting));
  ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items, ListWhole<v1::AgendaItem>(call, ItemsOf(meeting)));
  const bool makes_agendas = call.caller().Holds(kAgendaMakers, area.name());
  if (!makes_agendas) {
    // A case that was deferred is open to the agencies it went to; its new place is not circulated yet.
    std::erase_if(items,
                  [](const v1::AgendaItem& item) { return item.state() == v1::AGENDA_ITEM_STATE_PROPOSED; });
  }
  // What was put off or taken off since the order was made stands behind.
  std::stable_partition(items.begin(), items.end(), domain::IsOnAgenda);
  agenda.set_expected_overrun_minutes(
      domain::ExpectedOverrunMinutes(agenda.meeting(), items, area.settings(), call.now()));
  if (makes_agendas) {
    domain::Cases cases;
    for (const v1::AgendaItem& item : items) RETURN_IF_ERROR(AddCase(call, item.case_name(), cases));
    for (std::string& warning :
         domain::AgendaWarnings(agenda.meeting(), items, cases, area.settings(), call.now())) {
      agenda.add_warnings(std::move(warning));
    }
    // An emergency meeting is of those who were called, whatever the area demands of the others.
    if (agenda.meeting().state() == v1::MEETING_STATE_IN_PROGRESS && domain::IsInCycle(agenda.meeting())) {
      *agenda.mutable_quorum() = domain::QuorumOf(agenda.meeting(), items, cases, area.settings());
    }
  }
  for (v1::AgendaItem& item : items) {
    item.set_order_key(agenda.items_size() + 1);
    *agenda.add_items() = std::move(item);
  }
  return agenda;
}

// Its actions, the earliest due first.
absl::Status AddActions(ReadCall& call, const std::string& area, const domain::LookBack& back,
                        v1::Opening& opening) {
  ASSIGN_OR_RETURN(const AreaRules rules, RulesOf(call, area));
  std::vector<v1::Action> actions;
  for (const v1::ActionState state : {v1::ACTION_STATE_PROPOSED, v1::ACTION_STATE_OPEN,
                                      v1::ACTION_STATE_NOT_POSSIBLE, v1::ACTION_STATE_NOT_DONE}) {
    store::ListQuery query{.kind = Kind::kAction, .area = area, .state = state};
    // Of what was given up there is more each year.
    if (state == v1::ACTION_STATE_NOT_POSSIBLE || state == v1::ACTION_STATE_NOT_DONE) {
      if (back.from_day) query.due_from = back.from_day->civil();
      query.due_by = back.to_day.civil();
    }
    ASSIGN_OR_RETURN(std::vector<v1::Action> some,
                     ListWholeWanted<v1::Action>(call, query, [&](const v1::Action& action) {
                       return domain::IsForOpening(action, back);
                     }));
    for (v1::Action& action : some) {
      ASSIGN_OR_RETURN(actions.emplace_back(), AsOfNow(call, rules, std::move(action)));
    }
  }
  std::ranges::stable_sort(actions, {},
                           [](const v1::Action& action) { return domain::FromTimestamp(action.due_time()); });
  for (v1::Action& action : actions) *opening.add_actions() = std::move(action);
  return absl::OkStatus();
}

absl::Status AddEmergencies(ReadCall& call, const std::string& area, const domain::LookBack& back,
                            v1::Opening& opening) {
  store::ListQuery query{.kind = Kind::kMeeting, .area = area, .sort_key_to = absl::ToUnixMillis(back.to)};
  // One is heard some days after it was to start at the latest.
  if (back.from_day) query.sort_key_from = absl::ToUnixMillis(back.from - absl::Hours(24 * 31));
  ASSIGN_OR_RETURN(const std::vector<v1::Meeting> meetings,
                   ListWholeWanted<v1::Meeting>(
                       call, query, [](const v1::Meeting& meeting) { return !domain::IsInCycle(meeting); }));
  for (const v1::Meeting& meeting : meetings) {
    ASSIGN_OR_RETURN(
        const std::vector<v1::AgendaItem> items,
        ListWholeWanted<v1::AgendaItem>(call, ItemsOf(meeting.name()), [&](const v1::AgendaItem& item) {
          return domain::IsEmergencyForOpening(item, back);
        }));
    for (const v1::AgendaItem& item : items) *opening.add_emergencies() = domain::ForOpening(item);
  }
  return absl::OkStatus();
}

// The other cases of the same pair, those that it repeats and those that repeat it, as far as the caller sees
// them. They are looked at and not opened.
absl::StatusOr<std::vector<v1::Case>> RelatedTo(ReadCall& call, const v1::Case& record) {
  std::string first = record.name();
  for (std::string before = record.repeat_of(); !before.empty();) {
    first = before;
    ASSIGN_OR_RETURN(const v1::Case earlier, call.LoadAsServer<v1::Case>(before));
    before = earlier.repeat_of();
  }
  std::vector<v1::Case> related;
  std::vector<std::string> left = {first};
  while (!left.empty()) {
    const store::ListQuery repeats{.kind = Kind::kCase, .parent = left.back()};
    left.pop_back();
    ASSIGN_OR_RETURN(const std::vector<v1::Case> all, ListWholeAsServer<v1::Case>(call, repeats));
    for (const v1::Case& repeat : all) left.push_back(repeat.name());
    const auto keep = [&](const v1::Case& repeat) {
      if (repeat.name() != record.name()) related.push_back(repeat);
      return false;
    };
    RETURN_IF_ERROR(ListWholeWanted<v1::Case>(call, repeats, keep).status());
  }
  return related;
}

absl::Status AddCases(ReadCall& call, const std::string& area, const domain::LookBack& back,
                      v1::Opening& opening) {
  store::ListQuery lapsing{.kind = Kind::kCase, .area = area, .due_by = back.to_day.civil()};
  if (back.from_day) lapsing.due_from = back.from_day->civil();
  ASSIGN_OR_RETURN(const std::vector<v1::Case> lapsed, ListWhole<v1::Case>(call, lapsing));
  for (const v1::Case& record : lapsed) {
    ASSIGN_OR_RETURN(const std::vector<v1::Case> related, RelatedTo(call, record));
    switch (domain::FlagAt(record, related, back)) {
      case domain::FlagAtOpening::kLapsed:
        *opening.add_lapsed_flags() = domain::ForOpening(record);
        break;
      case domain::FlagAtOpening::kToBeRenewed:
        *opening.add_flags_to_be_renewed() = domain::ForOpening(record);
        break;
      case domain::FlagAtOpening::kNone:
        break;
    }
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Case> heard,
                   ListWholeWanted<v1::Case>(
                       call, {.kind = Kind::kCase, .area = area, .state = v1::CASE_STAGE_HEARD},
                       [&](const v1::Case& record) { return domain::AwaitsVictimUpdate(record, back); }));
  for (const v1::Case& record : heard) *opening.add_victims_not_updated() = domain::ForOpening(record);
  return absl::OkStatus();
}

absl::StatusOr<v1::Opening> ReadOpening(ReadCall& call, const std::string& name) {
  ASSIGN_OR_RETURN(const v1::Meeting meeting, call.Load<v1::Meeting>(name));
  RETURN_IF_ERROR(domain::CheckInCycle(meeting));
  ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, meeting.name()));
  ASSIGN_OR_RETURN(const std::vector<v1::Meeting> calendar, Calendar(call, area.name()));
  ASSIGN_OR_RETURN(const domain::LookBack back, domain::LookBackOf(meeting, calendar, call.now()));
  v1::Opening opening;
  RETURN_IF_ERROR(AddActions(call, area.name(), back, opening));
  RETURN_IF_ERROR(AddEmergencies(call, area.name(), back, opening));
  RETURN_IF_ERROR(AddCases(call, area.name(), back, opening));
  return opening;
}

// The chair whose word an emergency meeting has: the one who calls it, or the one who is named. Empty: nobody
// who chairs here and may see the case.
absl::StatusOr<std::string> ChairWhoAgrees(ReadCall& call, const v1::CallEmergencyMeetingRequest& request,
                                           const domain::RecordFacts& facts) {
  if (request.chair().empty())
    return call.caller().Holds({v1::ROLE_CHAIR}, facts.area) ? call.caller().account : "";
  ASSIGN_OR_RETURN(const std::vector<std::string> chairs,
                   store::HoldersOn(call.tx(), facts.area, v1::ROLE_CHAIR, call.today()));
  if (std::ranges::count(chairs, request.chair()) == 0) return "";
  ASSIGN_OR_RETURN(const v1::Account chair, call.LoadAsServer<v1::Account>(request.chair(), "chair"));
  return domain::IsKeptFrom(facts, chair.name(), chair.agency(), v1::ROLE_CHAIR) ? "" : chair.name();
}

// An agency of which nobody may see the case is not called: whoever called it would think that it was told.
absl::Status CheckMayCome(ReadCall& call, const v1::CallEmergencyMeetingRequest& request,
                          domain::RecordFacts facts) {
  ASSIGN_OR_RETURN(const std::vector<domain::Holder> staff, ResearchersOf(call, facts.area));
  domain::FieldErrors errors;
  for (int i = 0; i < request.invited_agencies_size(); ++i) {
    const std::string& agency = request.invited_agencies(i);
    facts.involved_agencies = {agency};
    errors.Require(domain::IsOpenToAgency(agency, facts, staff), fmt::format("invited_agencies[{}]", i),
                   "nobody of this agency may see the case: name somebody of it first");
  }
  return errors.ToInvalidArgument();
}

class MeetingServiceImpl final : public v1::MeetingService::Service {
 public:
  explicit MeetingServiceImpl(Gate& gate) : gate_(gate) {}

  grpc::Status ScheduleMeetings(grpc::ServerContext* context, const v1::ScheduleMeetingsRequest* request,
                                v1::ScheduleMeetingsResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::ScheduleMeetingsResponse> {
          ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
          ASSIGN_OR_RETURN(const domain::WorkingDays* working_days, WorkingDaysOf(call, area));
          ASSIGN_OR_RETURN(const std::vector<v1::Meeting> existing, Calendar(call, area.name()));
          ASSIGN_OR_RETURN(const std::vector<std::string> agencies, AgenciesOf(call, area.name()));
          ASSIGN_OR_RETURN(
              std::vector<v1::Meeting> meetings,
              domain::PlanSeries(*request, {area.settings(), *working_days, existing, agencies, call.now()}));
          // Meetings are about no case: they belong where the area itself does.
          ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(area.name()));
          v1::ScheduleMeetingsResponse made;
          for (v1::Meeting& meeting : meetings) {
            meeting.set_name(ResourceName::Make(Kind::kMeeting, area.name(), call.NewId()));
            RETURN_IF_ERROR(call.Create(meeting, facts.scope));
            *made.add_meetings() = std::move(meeting);
          }
          return made;
        },
        [&](ReadCall& call) -> absl::StatusOr<v1::ScheduleMeetingsResponse> {
          ASSIGN_OR_RETURN(const v1::Area area, call.Load<v1::Area>(request->parent(), "parent"));
          ASSIGN_OR_RETURN(const domain::WorkingDays* working_days, WorkingDaysOf(call, area));
          ASSIGN_OR_RETURN(const auto days, domain::SeriesDays(*request, area.settings(), *working_days));
          ASSIGN_OR_RETURN(const std::vector<v1::Meeting> existing, Calendar(call, area.name()));
          v1::ScheduleMeetingsResponse made;
          for (const v1::Meeting& meeting : existing) {
            ASSIGN_OR_RETURN(const auto day, domain::LocalDate::FromDay(meeting.day(), "day"));
            if (std::ranges::count(days, day) == 0) continue;
            ASSIGN_OR_RETURN(*made.add_meetings(), call.Load<v1::Meeting>(meeting.name()));
          }
          return made;
        });
  }

  grpc::Status MoveMeeting(grpc::ServerContext* context, const v1::MoveMeetingRequest* request,
                           v1::Meeting* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Meeting> {
      ASSIGN_OR_RETURN(v1::Meeting meeting,
                       call.LoadForChange<v1::Meeting>(request->name(), request->etag()));
      return ChangeCalendar(
          call, std::move(meeting), [&](v1::Meeting now, const domain::SeriesContext& with) {
            return domain::MoveMeeting(std::move(now), *request, with, call.caller().account);
          });
    });
  }

  grpc::Status CancelMeeting(grpc::ServerContext* context, const v1::CancelMeetingRequest* request,
                             v1::Meeting* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Meeting> {
      ASSIGN_OR_RETURN(v1::Meeting meeting,
                       call.LoadForChange<v1::Meeting>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const WholeAgenda agenda, LoadWholeAgenda(call, meeting.name()));
      const v1::Meeting before = meeting;
      ASSIGN_OR_RETURN(
          meeting,
          ChangeCalendar(call, std::move(meeting), [&](v1::Meeting now, const domain::SeriesContext& with) {
            return domain::CancelMeeting(std::move(now), *request, with, call.caller().account);
          }));
      if (!domain::IsInCycle(meeting)) {
        RETURN_IF_ERROR(TakeBackEmergency(call, meeting, agenda));
        return meeting;
      }
      // Also what is hidden from whoever cancels: no case is lost with its meeting.
      for (domain::ItemAndCase& listed : agenda.Together()) {
        if (!domain::CheckItemState(listed.item.state(), domain::ItemVerb::kDefer).ok()) continue;
        RETURN_IF_ERROR(PutOff(call, std::move(listed), before, meeting.cancellation().reason()));
      }
      return meeting;
    });
  }

  grpc::Status CallEmergencyMeeting(grpc::ServerContext* context,
                                    const v1::CallEmergencyMeetingRequest* request,
                                    v1::Meeting* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Meeting> {
      ASSIGN_OR_RETURN(const v1::Case record, call.Load<v1::Case>(request->case_name(), "case_name"));
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(record.name()));
      ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, record.name()));
      ASSIGN_OR_RETURN(const domain::WorkingDays* working_days, WorkingDaysOf(call, area));
      ASSIGN_OR_RETURN(const std::vector<std::string> agencies, AgenciesOf(call, area.name()));
      ASSIGN_OR_RETURN(const std::string chair, ChairWhoAgrees(call, *request, facts));
      RETURN_IF_ERROR(CheckMayCome(call, *request, facts));
      ASSIGN_OR_RETURN(v1::Meeting meeting,
                       domain::CallEmergencyMeeting(*request, {area.settings(), *working_days, agencies,
                                                               chair, call.caller().account, call.now()}));
      meeting.set_name(ResourceName::Make(Kind::kMeeting, area.name(), call.NewId()));
      v1::Meeting other;
      std::optional<v1::AgendaItem> elsewhere;
      if (!record.meeting().empty()) {
        ASSIGN_OR_RETURN(other, call.LoadAsServer<v1::Meeting>(record.meeting()));
        ASSIGN_OR_RETURN(elsewhere, ItemOf(call, other.name(), record.name()));
        if (elsewhere) meeting.mutable_emergency()->set_taken_from(elsewhere->name());
      }
      ASSIGN_OR_RETURN(domain::EmergencyListing listing,
                       domain::ListForEmergency(meeting, record, std::move(elsewhere), other, call.now()));
      RETURN_IF_ERROR(call.SetStage(facts.scope, domain::Stage::kListed));
      for (const std::string& agency : meeting.invited_agencies())
        RETURN_IF_ERROR(call.Involve(facts.scope, agency));
      if (listing.withdrawn) RETURN_IF_ERROR(call.Save(*listing.withdrawn));
      RETURN_IF_ERROR(call.Create(meeting, facts.scope));
      v1::AgendaItem& item = listing.listed.item;
      item.set_name(ResourceName::Make(Kind::kAgendaItem, meeting.name(), call.NewId()));
      RETURN_IF_ERROR(call.Create(item, facts.scope));
      RETURN_IF_ERROR(call.Save(listing.listed.record));
      return meeting;
    });
  }

  grpc::Status GetMeeting(grpc::ServerContext* context, const v1::GetMeetingRequest* request,
                          v1::Meeting* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return call.Load<v1::Meeting>(request->name()); });
  }

  grpc::Status ListMeetings(grpc::ServerContext* context, const v1::ListMeetingsRequest* request,
                            v1::ListMeetingsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListMeetingsResponse> {
          ASSIGN_OR_RETURN(const ResourceName area,
                           ResourceName::Parse("parent", request->parent(), Kind::kArea));
          store::ListQuery query{.kind = Kind::kMeeting, .area = area.text()};
          if (request->has_from_day()) {
            ASSIGN_OR_RETURN(const auto day, domain::LocalDate::FromDay(request->from_day(), "from_day"));
            query.sort_key_from = absl::ToUnixMillis(absl::FromCivil(day.civil(), domain::London()));
          }
          v1::ListMeetingsResponse listed;
          ASSIGN_OR_RETURN(std::vector<v1::Meeting> meetings,
                           call.List<v1::Meeting>(query, request->page_size(), request->page_token(),
                                                  listed.mutable_next_page_token()));
          for (v1::Meeting& meeting : meetings) *listed.add_meetings() = std::move(meeting);
          return listed;
        });
  }

  grpc::Status ProposeAgenda(grpc::ServerContext* context, const v1::ProposeAgendaRequest* request,
                             v1::Agenda* response) override {
    return WriteAgenda(context, request, response, [&](WriteCall& call) -> absl::Status {
      ASSIGN_OR_RETURN(const v1::Meeting meeting, call.Load<v1::Meeting>(request->name()));
      ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, meeting.name()));
      ASSIGN_OR_RETURN(WholeAgenda agenda, LoadWholeAgenda(call, meeting.name()));
      RETURN_IF_ERROR(AddWaitingCases(call, area.name(), agenda.cases));
      ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items,
                       domain::ProposeAgenda(meeting, agenda.items, agenda.cases, area.settings(), call.now(),
                                             request->by_rule()));
      return SaveItems(call, meeting, agenda.items, std::move(items));
    });
  }

  grpc::Status AdmitLateCase(grpc::ServerContext* context, const v1::AdmitLateCaseRequest* request,
                             v1::Agenda* response) override {
    return WriteAgenda(context, request, response, [&](WriteCall& call) -> absl::Status {
      ASSIGN_OR_RETURN(const v1::Meeting meeting, call.Load<v1::Meeting>(request->name()));
      ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, meeting.name()));
      ASSIGN_OR_RETURN(const v1::Case late, call.Load<v1::Case>(request->case_name(), "case_name"));
      if (!late.name().starts_with(area.name() + "/")) {
        return domain::InvalidField("case_name", "this case is another area's: it is transferred first");
      }
      ASSIGN_OR_RETURN(WholeAgenda agenda, LoadWholeAgenda(call, meeting.name()));
      agenda.cases.try_emplace(late.name(), late);
      ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items,
                       domain::AdmitLateCase(meeting, agenda.items, agenda.cases, late.name(),
                                             request->reason(), area.settings()));
      return SaveItems(call, meeting, agenda.items, std::move(items));
    });
  }

  grpc::Status PlaceItem(grpc::ServerContext* context, const v1::PlaceItemRequest* request,
                         v1::Agenda* response) override {
    const auto meeting_of = [&]() -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(const ResourceName name,
                       ResourceName::Parse("name", request->name(), Kind::kAgendaItem));
      return name.parent();
    };
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::Agenda> {
          ASSIGN_OR_RETURN(const v1::AgendaItem item, call.Load<v1::AgendaItem>(request->name()));
          if (request->place() < 1) return domain::InvalidField("place", "give a place from 1");
          ASSIGN_OR_RETURN(const v1::Meeting meeting, MeetingOf(call, item));
          ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, meeting.name()));
          ASSIGN_OR_RETURN(const WholeAgenda agenda, LoadWholeAgenda(call, meeting.name()));
          ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> seen,
                           ListWhole<v1::AgendaItem>(call, ItemsOf(meeting.name())));
          std::erase_if(seen, [](const v1::AgendaItem& other) { return !domain::IsOnAgenda(other); });
          const auto now_at = std::ranges::find(seen, item.name(), &v1::AgendaItem::name);
          const size_t last = seen.empty() ? 0 : seen.size() - 1;
          const size_t at = std::min(static_cast<size_t>(request->place()) - 1, last);
          // Nothing is saved where nothing moves: what is saved is told from what is not, and with it a
          // hidden case between.
          const bool stays = static_cast<size_t>(now_at - seen.begin()) == at &&
                             std::ranges::all_of(seen, &v1::AgendaItem::placed_by_hand);
          if (stays && now_at != seen.end()) return ReadAgenda(call, meeting.name());
          std::erase_if(seen, [&](const v1::AgendaItem& other) { return other.name() == item.name(); });
          ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items,
                           domain::PlaceItem(meeting, agenda.items, agenda.cases, item.name(),
                                             at < seen.size() ? seen[at].name() : "", area.settings()));
          RETURN_IF_ERROR(SaveItems(call, meeting, agenda.items, std::move(items)));
          return ReadAgenda(call, meeting.name());
        },
        [&](ReadCall& call) -> absl::StatusOr<v1::Agenda> {
          ASSIGN_OR_RETURN(const std::string meeting, meeting_of());
          return ReadAgenda(call, meeting);
        });
  }

  grpc::Status CirculateAgenda(grpc::ServerContext* context, const v1::CirculateAgendaRequest* request,
                               v1::Agenda* response) override {
    return WriteAgenda(context, request, response, [&](WriteCall& call) -> absl::Status {
      ASSIGN_OR_RETURN(const v1::Meeting meeting,
                       call.LoadForChange<v1::Meeting>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const WholeAgenda agenda, LoadWholeAgenda(call, meeting.name()));
      ASSIGN_OR_RETURN(const std::set<std::string> open, NamesOpenToCaller(call, meeting.name()));
      std::vector<domain::ItemAndCase> items = agenda.Together();
      // A case that is hidden from this coordinator and not ready stays proposed, for the one who sees it to
      // circulate: a refusal would tell that it is there.
      std::erase_if(items, [&](const domain::ItemAndCase& listed) {
        return !open.contains(listed.item.name()) && listed.record.unresolved_exclusions() > 0;
      });
      ASSIGN_OR_RETURN(domain::Circulation circulation, domain::CirculateAgenda(meeting, items, call.now()));
      for (domain::ItemAndCase& changed : circulation.changed) {
        RETURN_IF_ERROR(call.Save(changed.item));
        if (changed.item.state() != v1::AGENDA_ITEM_STATE_LISTED) continue;
        RETURN_IF_ERROR(call.Save(changed.record));
        ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(changed.record.name()));
        RETURN_IF_ERROR(call.SetStage(facts.scope, domain::Stage::kListed));
        for (const std::string& agency : meeting.invited_agencies()) {
          RETURN_IF_ERROR(call.Involve(facts.scope, agency));
        }
      }
      return call.Save(circulation.meeting);
    });
  }

  grpc::Status GetAgenda(grpc::ServerContext* context, const v1::GetAgendaRequest* request,
                         v1::Agenda* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return ReadAgenda(call, request->name()); });
  }

  grpc::Status GetOpening(grpc::ServerContext* context, const v1::GetOpeningRequest* request,
                          v1::Opening* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return ReadOpening(call, request->name()); });
  }

  grpc::Status StartMeeting(grpc::ServerContext* context, const v1::StartMeetingRequest* request,
                            v1::Meeting* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Meeting> {
      ASSIGN_OR_RETURN(v1::Meeting meeting,
                       call.LoadForChange<v1::Meeting>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, meeting.name()));
      const bool chairs = call.caller().Holds({v1::ROLE_CHAIR}, area.name());
      ASSIGN_OR_RETURN(
          meeting, domain::StartMeeting(std::move(meeting), chairs ? call.caller().account : "", call.now()));
      RETURN_IF_ERROR(call.Save(meeting));
      return meeting;
    });
  }

  grpc::Status RecordAttendance(grpc::ServerContext* context, const v1::RecordAttendanceRequest* request,
                                v1::Meeting* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Meeting> {
      ASSIGN_OR_RETURN(v1::Meeting meeting,
                       call.LoadForChange<v1::Meeting>(request->name(), request->etag()));
      std::map<std::string, std::string> agency_of_account;
      for (const v1::Attendance& entry : request->attendance()) {
        const auto account = call.LoadAsServer<v1::Account>(entry.account(), "attendance.account");
        if (account.ok()) agency_of_account[entry.account()] = account->agency();
      }
      ASSIGN_OR_RETURN(meeting,
                       domain::RecordAttendance(std::move(meeting), *request, agency_of_account, call.now()));
      RETURN_IF_ERROR(call.Save(meeting));
      RETURN_IF_ERROR(store::ReplaceSigned(call.write(), meeting.name(), domain::SignedBy(meeting)));
      return meeting;
    });
  }

  grpc::Status SignConfidentiality(grpc::ServerContext* context,
                                   const v1::SignConfidentialityRequest* request,
                                   v1::Meeting* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Meeting> {
      ASSIGN_OR_RETURN(v1::Meeting meeting, call.Load<v1::Meeting>(request->name()));
      ASSIGN_OR_RETURN(meeting, domain::SignConfidentiality(std::move(meeting), call.caller().account,
                                                            call.caller().agency));
      RETURN_IF_ERROR(call.Save(meeting));
      RETURN_IF_ERROR(store::ReplaceSigned(call.write(), meeting.name(), domain::SignedBy(meeting)));
      return meeting;
    });
  }

  grpc::Status OpenItem(grpc::ServerContext* context, const v1::OpenItemRequest* request,
                        v1::AgendaItem* response) override {
    return WriteItem(context, request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AgendaItem> {
      domain::ItemAndCase before;
      ASSIGN_OR_RETURN(before.item, call.Load<v1::AgendaItem>(request->name()));
      ASSIGN_OR_RETURN(before.record, call.LoadAsServer<v1::Case>(before.item.case_name()));
      ASSIGN_OR_RETURN(const v1::Meeting meeting, MeetingOf(call, before.item));
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(before.item.case_name()));
      store::ListQuery open = ItemsOf(meeting.name());
      open.state = v1::AGENDA_ITEM_STATE_OPEN;
      ASSIGN_OR_RETURN(const std::vector<v1::AgendaItem> items, ListWhole<v1::AgendaItem>(call, open));
      ASSIGN_OR_RETURN(domain::ItemAndCase opened,
                       domain::OpenItem(before, meeting, items, facts.stage, call.now()));
      RETURN_IF_ERROR(call.Save(opened.item));
      if (!MessageDifferencer::Equals(opened.record, before.record)) {
        call.NoteReason("DEFERRAL_TAKEN_BACK");
        RETURN_IF_ERROR(call.Save(opened.record));
      }
      return opened.item;
    });
  }

  grpc::Status RecordDiscussion(grpc::ServerContext* context, const v1::RecordDiscussionRequest* request,
                                v1::AgendaItem* response) override {
    return WriteItem(context, request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AgendaItem> {
      ASSIGN_OR_RETURN(v1::AgendaItem item,
                       call.LoadForChange<v1::AgendaItem>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const v1::Meeting meeting, MeetingOf(call, item));
      ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("name", item.name()));
      ASSIGN_OR_RETURN(const std::vector<std::string> agencies, AgenciesOf(call, name.area()));
      ASSIGN_OR_RETURN(item,
                       domain::RecordDiscussion(std::move(item), meeting, request->discussion(), agencies));
      domain::SetTextWarnings(item);
      RETURN_IF_ERROR(call.Save(item));
      return item;
    });
  }

  grpc::Status CloseItem(grpc::ServerContext* context, const v1::CloseItemRequest* request,
                         v1::AgendaItem* response) override {
    return WriteItem(context, request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AgendaItem> {
      domain::ItemAndCase heard;
      ASSIGN_OR_RETURN(heard.item, call.LoadForChange<v1::AgendaItem>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(heard.record, call.LoadAsServer<v1::Case>(heard.item.case_name()));
      ASSIGN_OR_RETURN(const v1::Meeting meeting, MeetingOf(call, heard.item));
      ASSIGN_OR_RETURN(const bool consented, Consented(call, heard.record));
      ASSIGN_OR_RETURN(heard, domain::CloseItem(std::move(heard), meeting, consented, call.now()));
      RETURN_IF_ERROR(call.Save(heard.item));
      RETURN_IF_ERROR(call.Save(heard.record));
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(heard.record.name()));
      RETURN_IF_ERROR(call.SetStage(facts.scope, domain::Stage::kHeard));
      return heard.item;
    });
  }

  grpc::Status DeferItem(grpc::ServerContext* context, const v1::DeferItemRequest* request,
                         v1::AgendaItem* response) override {
    return WriteItem(context, request, response, [&](WriteCall& call) -> absl::StatusOr<v1::AgendaItem> {
      domain::ItemAndCase deferred;
      ASSIGN_OR_RETURN(deferred.item, call.LoadForChange<v1::AgendaItem>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(deferred.record, call.LoadAsServer<v1::Case>(deferred.item.case_name()));
      ASSIGN_OR_RETURN(const v1::Meeting meeting, MeetingOf(call, deferred.item));
      ASSIGN_OR_RETURN(deferred, domain::DeferItem(std::move(deferred), meeting, request->reason(),
                                                   request->safety_plan(), call.now()));
      RETURN_IF_ERROR(call.Save(deferred.item));
      RETURN_IF_ERROR(call.Save(deferred.record));
      return deferred.item;
    });
  }

  grpc::Status CloseMeeting(grpc::ServerContext* context, const v1::CloseMeetingRequest* request,
                            v1::Meeting* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Meeting> {
      ASSIGN_OR_RETURN(v1::Meeting meeting,
                       call.LoadForChange<v1::Meeting>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const WholeAgenda agenda, LoadWholeAgenda(call, meeting.name()));
      ASSIGN_OR_RETURN(const std::set<std::string> open, NamesOpenToCaller(call, meeting.name()));
      // A case that is hidden from whoever closes the meeting neither holds it up, which would tell that it
      // is there, nor is lost: it waits for the next agenda.
      std::vector<v1::AgendaItem> seen;
      for (domain::ItemAndCase& listed : agenda.Together()) {
        if (open.contains(listed.item.name())) {
          seen.push_back(listed.item);
        } else if (domain::CheckItemState(listed.item.state(), domain::ItemVerb::kDefer).ok()) {
          RETURN_IF_ERROR(
              PutOff(call, std::move(listed), meeting, "The meeting closed before it was heard."));
        }
      }
      ASSIGN_OR_RETURN(meeting, domain::CloseMeeting(std::move(meeting), seen, call.now()));
      RETURN_IF_ERROR(call.Save(meeting));
      return meeting;
    });
  }

 private:
  // A case that nobody put off by themselves.
  static absl::Status PutOff(WriteCall& call, domain::ItemAndCase listed, const v1::Meeting& meeting,
                             const std::string& reason) {
    ASSIGN_OR_RETURN(const domain::ItemAndCase left,
                     domain::DeferItem(std::move(listed), meeting, reason,
                                       "None was recorded: ask for one at once.", call.now()));
    v1::AgendaItem item = left.item;
    v1::Case record = left.record;
    RETURN_IF_ERROR(call.Save(item));
    return call.Save(record);
  }

  // What is on it waits as it did before it was called.
  static absl::Status TakeBackEmergency(WriteCall& call, const v1::Meeting& meeting,
                                        const WholeAgenda& agenda) {
    std::optional<v1::AgendaItem> from;
    v1::Meeting other;
    if (const std::string& name = meeting.emergency().taken_from(); !name.empty()) {
      ASSIGN_OR_RETURN(from, call.LoadAsServer<v1::AgendaItem>(name));
      ASSIGN_OR_RETURN(other, MeetingOf(call, *from));
    }
    for (domain::ItemAndCase& listed : agenda.Together()) {
      if (listed.item.state() != v1::AGENDA_ITEM_STATE_LISTED) continue;
      domain::EmergencyTakenBack back = domain::TakeBackEmergency(std::move(listed), from, other, call.now());
      RETURN_IF_ERROR(call.Save(back.taken.item));
      RETURN_IF_ERROR(call.Save(back.taken.record));
      if (back.listed_again) RETURN_IF_ERROR(call.Save(*back.listed_again));
    }
    return absl::OkStatus();
  }

  // Keeps what `change` makes of a meeting, and of those round it.
  template <typename Change>
  static absl::StatusOr<v1::Meeting> ChangeCalendar(WriteCall& call, v1::Meeting meeting,
                                                    const Change& change) {
    ASSIGN_OR_RETURN(const v1::Area area, AreaOf(call, meeting.name()));
    ASSIGN_OR_RETURN(const domain::WorkingDays* working_days, WorkingDaysOf(call, area));
    ASSIGN_OR_RETURN(const std::vector<v1::Meeting> existing, Calendar(call, area.name()));
    ASSIGN_OR_RETURN(domain::CalendarChange changed,
                     change(std::move(meeting), {area.settings(), *working_days, existing, {}, call.now()}));
    RETURN_IF_ERROR(call.Save(changed.meeting));
    for (v1::Meeting& other : changed.others) RETURN_IF_ERROR(call.Save(other));
    return std::move(changed.meeting);
  }

  // The case as that meeting has it, whoever calls.
  static absl::StatusOr<std::optional<v1::AgendaItem>> ItemOf(ReadCall& call, const std::string& meeting,
                                                              const std::string& record) {
    ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items,
                     ListWholeAsServer<v1::AgendaItem>(call, ItemsOf(meeting)));
    for (v1::AgendaItem& item : items) {
      if (item.case_name() == record && domain::IsOnAgenda(item)) return std::move(item);
    }
    return std::nullopt;
  }

  // A change of an agenda, answered with the agenda as it is then.
  template <typename Request, typename Change>
  grpc::Status WriteAgenda(grpc::ServerContext* context, const Request* request, v1::Agenda* response,
                           const Change& change) {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::Agenda> {
          RETURN_IF_ERROR(change(call));
          return ReadAgenda(call, request->name());
        },
        [&](ReadCall& call) { return ReadAgenda(call, request->name()); });
  }

  // A change of an item. Its place is given only in an Agenda, where it is counted as the caller sees it; the
  // place that is kept would tell of items between.
  template <typename Request, typename Change>
  grpc::Status WriteItem(grpc::ServerContext* context, const Request* request, v1::AgendaItem* response,
                         const Change& change) {
    const auto without_place = [](absl::StatusOr<v1::AgendaItem> item) {
      if (item.ok()) item->clear_order_key();
      return item;
    };
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) { return without_place(change(call)); },
        [&](ReadCall& call) { return without_place(call.Load<v1::AgendaItem>(request->name())); });
  }

  Gate& gate_;
};

}  // namespace

NamedService NewMeetingService(Gate& gate) {
  return {.full_name = v1::MeetingService::service_full_name(),
          .service = std::make_unique<MeetingServiceImpl>(gate)};
}

}  // namespace marac::rpc
