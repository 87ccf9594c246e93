#include "rpc/research_service.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/errors.h"
#include "domain/research.h"
#include "domain/resource_name.h"
#include "domain/text_warnings.h"
#include "domain/timestamp.h"
#include "marac/v1/research_service.grpc.pb.h"
#include "rpc/conflicts.h"
#include "rpc/whole_list.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;
using google::protobuf::util::MessageDifferencer;

constexpr domain::RoleSet kAgendaMakers = {v1::ROLE_COORDINATOR, v1::ROLE_CHAIR};
constexpr domain::RoleSet kResearchers = {v1::ROLE_REPRESENTATIVE, v1::ROLE_IDVA, v1::ROLE_AGENCY_SYSTEM};

// Research and worksheet of an agency have its own word for their id.
std::string NameFor(Kind kind, const std::string& record, std::string_view agency) {
  return ResourceName::Make(kind, record, agency.substr(agency.rfind('/') + 1));
}

domain::ResearchAct ActOf(const ReadCall& call) { return {.by = call.caller().account, .now = call.now()}; }

// Whether there is a record of this name; it tells the handler alone.
absl::StatusOr<bool> IsThere(ReadCall& call, const std::string& name) {
  const absl::Status found = call.Facts(name).status();
  if (absl::IsNotFound(found)) return false;
  RETURN_IF_ERROR(found);
  return true;
}

// Whether the caller does research on a case with these facts, for an agency that is part of it. Who sees it
// as its chair alone does not.
bool Researches(const ReadCall& call, const domain::RecordFacts& facts) {
  const domain::Caller& caller = call.caller();
  return std::ranges::count(facts.involved_agencies, caller.agency) > 0 &&
         std::ranges::any_of(caller.roles, [&](const domain::HeldRole& held) {
           return kResearchers.Has(held.role) && held.area == facts.area &&
                  !domain::IsKeptFrom(facts, caller.account, caller.agency, held.role);
         });
}

// A case, and the name of the caller's own agency's worksheet about it.
struct OwnCase {
  v1::Case record;
  domain::RecordFacts facts;
  std::string notes;
};

// NOT_FOUND for another agency's worksheet, whether there is one or not.
absl::StatusOr<OwnCase> LoadOwnCase(ReadCall& call, const std::string& notes, std::string_view field) {
  ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse(field, notes, Kind::kResearchNotes));
  OwnCase own;
  ASSIGN_OR_RETURN(own.record, call.Load<v1::Case>(name.parent(), field));
  ASSIGN_OR_RETURN(own.facts, call.Facts(name.parent()));
  own.notes = NameFor(Kind::kResearchNotes, name.parent(), call.caller().agency);
  if (name.text() != own.notes) {
    call.NoteSubject(name.text());
    return domain::NotFoundOrNotOpen(name.text());
  }
  RETURN_IF_ERROR(domain::CheckTakesNotes(own.facts.stage));
  if (!Researches(call, own.facts)) return domain::NotFoundOrNotOpen(name.text());
  return own;
}

// The first time keeps what was returned, every other time replaces it. What says the same again stays as it
// is: by a change of it others would know that something was changed which they do not see.
absl::Status KeepResearch(WriteCall& call, const OwnCase& own, v1::Research research) {
  research.set_name(NameFor(Kind::kResearch, own.record.name(), research.agency()));
  ASSIGN_OR_RETURN(const bool again, IsThere(call, research.name()));
  if (!again) return call.Create(research, own.facts.scope);
  ASSIGN_OR_RETURN(v1::Research before, call.LoadAsServer<v1::Research>(research.name()));
  before.clear_etag();
  *before.mutable_return_time() = research.return_time();
  before.set_returned_by(research.returned_by());
  if (MessageDifferencer::Equals(before, research)) return absl::OkStatus();
  return call.Save(research);
}

// The meetings that `request` is about, the earliest first: whatever the caller sees of those with a
// circulated agenda.
absl::StatusOr<std::vector<v1::Meeting>> MeetingsOf(ReadCall& call, const std::string& area,
                                                    const std::string& only) {
  std::vector<v1::Meeting> meetings;
  for (const int32_t state : {v1::MEETING_STATE_CIRCULATED, v1::MEETING_STATE_IN_PROGRESS}) {
    for (const int32_t of_an_emergency : {0, domain::kOutsideCycle}) {
      ASSIGN_OR_RETURN(std::vector<v1::Meeting> found,
                       ListWhole<v1::Meeting>(
                           call, {.kind = Kind::kMeeting, .area = area, .state = state + of_an_emergency}));
      std::ranges::move(found, std::back_inserter(meetings));
    }
  }
  std::erase_if(meetings,
                [&](const v1::Meeting& meeting) { return !only.empty() && meeting.name() != only; });
  std::ranges::stable_sort(
      meetings, {}, [](const v1::Meeting& meeting) { return domain::FromTimestamp(meeting.start_time()); });
  return meetings;
}

// Its items that wait to be heard, as far as the caller sees them.
absl::StatusOr<std::vector<v1::AgendaItem>> WaitingItems(ReadCall& call, const std::string& meeting) {
  ASSIGN_OR_RETURN(std::vector<v1::AgendaItem> items,
                   ListWhole<v1::AgendaItem>(call, {.kind = Kind::kAgendaItem, .parent = meeting}));
  std::erase_if(items, [](const v1::AgendaItem& item) {
    return item.state() != v1::AGENDA_ITEM_STATE_LISTED && item.state() != v1::AGENDA_ITEM_STATE_OPEN;
  });
  return items;
}

class ResearchServiceImpl final : public v1::ResearchService::Service {
 public:
  explicit ResearchServiceImpl(Gate& gate) : gate_(gate) {}

  grpc::Status ListResearch(grpc::ServerContext* context, const v1::ListResearchRequest* request,
                            v1::ListResearchResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListResearchResponse> {
          ASSIGN_OR_RETURN(const v1::Case record, call.Load<v1::Case>(request->parent(), "parent"));
          ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(record.name()));
          ASSIGN_OR_RETURN(const v1::Area area, call.Area(facts.area));
          v1::ListResearchResponse answer;
          answer.set_mode(domain::ModeOf(area.settings()));
          ASSIGN_OR_RETURN(std::vector<v1::Research> returned,
                           ListWhole<v1::Research>(call, {.kind = Kind::kResearch, .parent = record.name()}));
          for (v1::Research& research : returned)
            *answer.add_research() = domain::GivenOut(std::move(research), answer.mode());
          if (Researches(call, facts)) RETURN_IF_ERROR(AddOwn(call, record, facts, answer));
          if (call.caller().Holds(kAgendaMakers, facts.area)) {
            RETURN_IF_ERROR(AddAwaited(call, record, facts, answer));
          }
          return answer;
        });
  }

  grpc::Status ListResearchDue(grpc::ServerContext* context, const v1::ListResearchDueRequest* request,
                               v1::ListResearchDueResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListResearchDueResponse> {
          ASSIGN_OR_RETURN(const ResourceName area,
                           ResourceName::Parse("parent", request->parent(), Kind::kArea));
          if (!request->meeting().empty()) {
            ASSIGN_OR_RETURN(const v1::Meeting meeting,
                             call.Load<v1::Meeting>(request->meeting(), "meeting"));
            if (!meeting.name().starts_with(area.text() + "/")) {
              return domain::InvalidField("meeting", "give a meeting of this area");
            }
          }
          ASSIGN_OR_RETURN(const std::vector<v1::Meeting> meetings,
                           MeetingsOf(call, area.text(), request->meeting()));
          ASSIGN_OR_RETURN(const std::vector<domain::Holder> staff, ResearchersOf(call, area.text()));
          ASSIGN_OR_RETURN(const v1::Area settled, call.Area(area.text()));
          const v1::ResearchMode mode = domain::ModeOf(settled.settings());
          v1::ListResearchDueResponse answer;
          for (const v1::Meeting& meeting : meetings) {
            ASSIGN_OR_RETURN(const std::vector<v1::AgendaItem> items, WaitingItems(call, meeting.name()));
            for (const v1::AgendaItem& item : items) {
              RETURN_IF_ERROR(AddDue(call, meeting, item.case_name(), staff, mode, answer));
            }
          }
          call.NoteRows(answer.due_size());
          return answer;
        });
  }

  grpc::Status SaveResearch(grpc::ServerContext* context, const v1::SaveResearchRequest* request,
                            v1::ResearchNotes* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::ResearchNotes> {
          const v1::ResearchNotes& sent = request->notes();
          ASSIGN_OR_RETURN(const OwnCase own, LoadOwnCase(call, sent.name(), "notes.name"));
          ASSIGN_OR_RETURN(const bool again, IsThere(call, own.notes));
          // A colleague began before this was sent, or it was read somewhere that is not here.
          if (again == sent.etag().empty()) return domain::StaleEtag(own.notes);
          v1::ResearchNotes notes;
          if (again) {
            ASSIGN_OR_RETURN(notes, call.LoadForChange<v1::ResearchNotes>(own.notes, sent.etag()));
          } else {
            notes.set_name(own.notes);
            notes.set_case_name(own.record.name());
            notes.set_agency(call.caller().agency);
          }
          ASSIGN_OR_RETURN(notes, domain::SaveNotes(std::move(notes), sent, own.record, ActOf(call)));
          domain::SetTextWarnings(notes);
          if (again) {
            RETURN_IF_ERROR(call.Save(notes));
          } else {
            RETURN_IF_ERROR(call.Create(notes, own.facts.scope));
          }
          return notes;
        });
  }

  grpc::Status ReturnResearch(grpc::ServerContext* context, const v1::ReturnResearchRequest* request,
                              v1::ResearchNotes* response) override {
    return gate_.Write(
        *context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::ResearchNotes> {
          ASSIGN_OR_RETURN(const OwnCase own, LoadOwnCase(call, request->name(), "name"));
          ASSIGN_OR_RETURN(v1::ResearchNotes notes,
                           call.LoadForChange<v1::ResearchNotes>(own.notes, request->etag()));
          ASSIGN_OR_RETURN(const v1::Area area, call.Area(own.facts.area));
          ASSIGN_OR_RETURN(domain::Returned returned,
                           domain::ReturnNotes(std::move(notes), own.record, domain::ModeOf(area.settings()),
                                               request->mode(), ActOf(call)));
          ASSIGN_OR_RETURN(const std::vector<domain::Holder> staff, ResearchersOf(call, own.facts.area));
          RETURN_IF_ERROR(KeepResearch(call, own, std::move(returned.research)));
          RETURN_IF_ERROR(call.Save(returned.notes));
          for (const std::string& agency : own.facts.involved_agencies) {
            if (agency != call.caller().agency && domain::IsOpenToAgency(agency, own.facts, staff)) {
              call.NoteRecipient(agency);
            }
          }
          return std::move(returned.notes);
        });
  }

 private:
  // The caller's own agency's worksheet, and who is left to look for.
  static absl::Status AddOwn(ReadCall& call, const v1::Case& record, const domain::RecordFacts& facts,
                             v1::ListResearchResponse& answer) {
    const std::string name = NameFor(Kind::kResearchNotes, record.name(), call.caller().agency);
    ASSIGN_OR_RETURN(const bool begun, IsThere(call, name));
    if (begun) {
      ASSIGN_OR_RETURN(*answer.mutable_notes(), call.Load<v1::ResearchNotes>(name));
    }
    if (!begun && !domain::CheckTakesNotes(facts.stage).ok()) return absl::OkStatus();
    answer.set_notes_name(name);
    for (std::string& person : domain::NotSearched(answer.notes().searches(), record)) {
      answer.add_not_searched(std::move(person));
    }
    return absl::OkStatus();
  }

  static absl::Status AddAwaited(ReadCall& call, const v1::Case& record, const domain::RecordFacts& facts,
                                 v1::ListResearchResponse& answer) {
    if (!domain::CheckTakesResearch(record).ok()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const v1::Meeting meeting, call.LoadAsServer<v1::Meeting>(record.meeting()));
    ASSIGN_OR_RETURN(const std::vector<domain::Holder> staff, ResearchersOf(call, facts.area));
    for (const std::string& agency : meeting.invited_agencies()) {
      const bool returned = std::ranges::count(answer.research(), agency, &v1::Research::agency) > 0;
      if (!returned && domain::IsAsked(agency, meeting, facts, staff)) answer.add_awaited_agencies(agency);
    }
    return absl::OkStatus();
  }

  // One for each agency that was asked, as far as the caller is told of it.
  static absl::Status AddDue(ReadCall& call, const v1::Meeting& meeting, const std::string& case_name,
                             const std::vector<domain::Holder>& staff, v1::ResearchMode mode,
                             v1::ListResearchDueResponse& answer) {
    ASSIGN_OR_RETURN(const v1::Case record, call.LoadAsServer<v1::Case>(case_name));
    ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(case_name));
    const bool makes_agendas = call.caller().Holds(kAgendaMakers, facts.area);
    for (const std::string& agency : meeting.invited_agencies()) {
      const bool own = agency == call.caller().agency && Researches(call, facts);
      if ((!makes_agendas && !own) || !domain::IsAsked(agency, meeting, facts, staff)) continue;
      const std::string name = NameFor(Kind::kResearch, case_name, agency);
      ASSIGN_OR_RETURN(const bool is_returned, IsThere(call, name));
      v1::Research returned;
      if (is_returned) {
        ASSIGN_OR_RETURN(returned, call.LoadAsServer<v1::Research>(name));
      }
      bool begun = false;
      if (own) {
        ASSIGN_OR_RETURN(begun, IsThere(call, NameFor(Kind::kResearchNotes, case_name, agency)));
      }
      v1::ResearchDue due = domain::MakeDue(
          meeting, record, agency,
          domain::StateOf(is_returned ? &returned : nullptr, begun, record, meeting.name(), mode),
          call.now());
      if (is_returned) *due.mutable_return_time() = returned.return_time();
      if (makes_agendas) {
        for (std::string& account : domain::WhoResearches(agency, facts, staff)) {
          due.add_representatives(std::move(account));
        }
      }
      *answer.add_due() = std::move(due);
    }
    return absl::OkStatus();
  }

  Gate& gate_;
};

}  // namespace

NamedService NewResearchService(Gate& gate) {
  return {.full_name = v1::ResearchService::service_full_name(),
          .service = std::make_unique<ResearchServiceImpl>(gate)};
}

}  // namespace marac::rpc
