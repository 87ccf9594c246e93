#include "domain/research.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/local_date.h"
#include "domain/overdue.h"
#include "domain/text.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

using Searches = google::protobuf::RepeatedPtrField<v1::SubjectSearch>;
using Entries = google::protobuf::RepeatedPtrField<v1::ResearchEntry>;

// What one agency returns, so that what all of them did fits into one answer.
constexpr size_t kNotesBytesMax = 100'000;

std::vector<std::string> PeopleOf(const v1::Case& record) {
  std::vector<std::string> people = {record.victim().party_id()};
  for (const v1::Party& party : record.perpetrators()) people.push_back(party.party_id());
  for (const v1::Party& party : record.children()) people.push_back(party.party_id());
  return people;
}

std::string At(std::string_view list, int index, std::string_view field) {
  return fmt::format("notes.{}[{}].{}", list, index, field);
}

std::optional<LocalDate> DayIn(const v1::Day& day) {
  const absl::StatusOr<LocalDate> date = LocalDate::FromDay(day, "day");
  return date.ok() ? std::optional(*date) : std::nullopt;
}

// A day that there is not is found with the other values.
void CheckNotInFuture(const v1::Day& day, const std::string& field, LocalDate today, FieldErrors& errors) {
  const std::optional<LocalDate> date = DayIn(day);
  errors.Require(!date || *date <= today, field, "give today or an earlier day");
}

void CheckSearches(const Searches& searches, const std::vector<std::string>& people, LocalDate today,
                   FieldErrors& errors) {
  std::set<std::string> seen;
  for (int i = 0; i < searches.size(); ++i) {
    const v1::SubjectSearch& search = searches.at(i);
    const bool known = std::ranges::count(people, search.party_id()) > 0;
    errors.Require(known, At("searches", i, "party_id"), "name a person of this case by their party_id");
    errors.Require(seen.insert(search.party_id()).second || !known, At("searches", i, "party_id"),
                   "this person stands here twice; keep one");
    CheckNotInFuture(search.day(), At("searches", i, "day"), today, errors);
  }
}

void CheckEntries(const Entries& entries, const std::vector<std::string>& people, LocalDate today,
                  FieldErrors& errors) {
  for (int i = 0; i < entries.size(); ++i) {
    const v1::ResearchEntry& entry = entries.at(i);
    errors.Require(entry.party_id().empty() || std::ranges::count(people, entry.party_id()) > 0,
                   At("entries", i, "party_id"),
                   "name a person of this case by their party_id, or nobody for the family as a whole");
    CheckNotInFuture(entry.day(), At("entries", i, "day"), today, errors);
  }
}

void RequireWholeSearches(const Searches& searches, FieldErrors& errors) {
  for (int i = 0; i < searches.size(); ++i) {
    const v1::SubjectSearch& search = searches.at(i);
    // Nobody has looked for them yet: that is said once, of the person.
    if (search.result() == v1::SEARCH_RESULT_UNSPECIFIED) continue;
    errors.Require(!IsBlank(search.searched()), At("searches", i, "searched"), "say what was searched");
    errors.Require(search.has_day(), At("searches", i, "day"), "say on which day it was searched");
  }
}

void RequireWholeEntries(const Entries& entries, v1::ResearchMode mode, FieldErrors& errors) {
  for (int i = 0; i < entries.size(); ++i) {
    const v1::ResearchEntry& entry = entries.at(i);
    errors.Require(entry.basis() != v1::INFORMATION_BASIS_UNSPECIFIED, At("entries", i, "basis"),
                   "say whether it is fact or opinion");
    errors.Require(entry.has_day(), At("entries", i, "day"), "say of which day it is");
    errors.Require(!IsBlank(entry.text()), At("entries", i, "text"), "write down what is known");
    if (mode != v1::RESEARCH_MODE_SHARED) continue;
    errors.Require(entry.sharing() != v1::SHARING_DECISION_UNSPECIFIED, At("entries", i, "sharing"),
                   "decide whether it is shared with the others at the meeting");
    errors.Require(entry.sharing() != v1::SHARING_DECISION_DO_NOT_SHARE || !IsBlank(entry.withheld_reason()),
                   At("entries", i, "withheld_reason"), "say why it is not shared");
  }
}

void ShareEntries(const Entries& entries, v1::Research& research) {
  for (const v1::ResearchEntry& entry : entries) {
    if (entry.sharing() != v1::SHARING_DECISION_SHARE) continue;
    v1::ResearchEntry& shared = *research.add_entries() = entry;
    // Of a decision that was taken back.
    shared.clear_withheld_reason();
  }
  std::stable_sort(
      research.mutable_entries()->begin(), research.mutable_entries()->end(),
      [](const v1::ResearchEntry& a, const v1::ResearchEntry& b) { return DayIn(a.day()) < DayIn(b.day()); });
}

bool Contains(const google::protobuf::RepeatedPtrField<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

v1::ResearchMode ModeOf(const v1::AreaSettings& settings) {
  return settings.research_mode() == v1::RESEARCH_MODE_SHARED ? v1::RESEARCH_MODE_SHARED
                                                              : v1::RESEARCH_MODE_PRIVATE;
}

absl::Status CheckTakesResearch(const v1::Case& record) {
  if (record.stage() == v1::CASE_STAGE_LISTED) return absl::OkStatus();
  return WrongState("WRONG_STATE",
                    "research is for a case that is on a circulated agenda and was not heard yet");
}

absl::Status CheckTakesNotes(Stage stage) {
  if (stage == Stage::kListed || stage == Stage::kHeard) return absl::OkStatus();
  return WrongState("WRONG_STATE",
                    "a worksheet is kept from when the case is on a circulated agenda until it is closed");
}

absl::StatusOr<v1::ResearchNotes> SaveNotes(v1::ResearchNotes kept, const v1::ResearchNotes& sent,
                                            const v1::Case& record, const ResearchAct& act) {
  *kept.mutable_searches() = sent.searches();
  *kept.mutable_entries() = sent.entries();
  DropHiddenCharacters(kept);
  FieldErrors errors;
  CheckValues(kept, "notes", errors);
  const std::vector<std::string> people = PeopleOf(record);
  const LocalDate today = DateOf(act.now);
  CheckSearches(kept.searches(), people, today, errors);
  CheckEntries(kept.entries(), people, today, errors);
  errors.Require(kept.ByteSizeLong() <= kNotesBytesMax, "notes.entries",
                 "this is more than a meeting can hear; keep what bears on risk");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  kept.set_saved_by(std::string(act.by));
  *kept.mutable_save_time() = ToTimestamp(act.now);
  kept.set_changed_since_return(kept.has_return_time());
  return kept;
}

absl::StatusOr<Returned> ReturnNotes(v1::ResearchNotes notes, const v1::Case& record, v1::ResearchMode mode,
                                     v1::ResearchMode told, const ResearchAct& act) {
  RETURN_IF_ERROR(CheckTakesResearch(record));
  if (told != v1::RESEARCH_MODE_UNSPECIFIED && told != mode) {
    return WrongState(
        "MODE_CHANGED",
        mode == v1::RESEARCH_MODE_SHARED
            ? "the area collects research by now: decide of each entry whether it is shared, and "
              "return it again"
            : "the area leaves research in each agency by now: nothing that you wrote is given "
              "out; return it again");
  }
  FieldErrors errors;
  for (const std::string& person : NotSearched(notes.searches(), record)) {
    errors.Add(fmt::format("notes.searches[{}]", person), "say whether your agency knows this person");
  }
  RequireWholeSearches(notes.searches(), errors);
  RequireWholeEntries(notes.entries(), mode, errors);
  RETURN_IF_ERROR(errors.ToFailedPrecondition("NOT_COMPLETE"));
  Returned returned;
  v1::Research& research = returned.research;
  research.set_case_name(notes.case_name());
  research.set_agency(notes.agency());
  research.set_mode(mode);
  research.set_meeting(record.meeting());
  research.set_returned_by(std::string(act.by));
  *research.mutable_return_time() = ToTimestamp(act.now);
  *research.mutable_searches() = notes.searches();
  ShareEntries(notes.entries(), research);
  research = GivenOut(std::move(research), mode);
  *notes.mutable_return_time() = research.return_time();
  notes.set_changed_since_return(false);
  returned.notes = std::move(notes);
  return returned;
}

v1::Research GivenOut(v1::Research research, v1::ResearchMode mode) {
  if (mode == v1::RESEARCH_MODE_SHARED) return research;
  research.clear_entries();
  for (v1::SubjectSearch& search : *research.mutable_searches()) search.clear_corrections();
  return research;
}

std::vector<std::string> NotSearched(const Searches& searches, const v1::Case& record) {
  std::vector<std::string> people = PeopleOf(record);
  std::erase_if(people, [&](const std::string& person) {
    return std::any_of(searches.begin(), searches.end(), [&](const v1::SubjectSearch& search) {
      return search.party_id() == person && search.result() != v1::SEARCH_RESULT_UNSPECIFIED;
    });
  });
  return people;
}

bool IsAsked(std::string_view agency, const v1::Meeting& meeting, const RecordFacts& facts,
             const std::vector<Holder>& staff) {
  return Contains(meeting.invited_agencies(), agency) && IsOpenToAgency(agency, facts, staff);
}

bool IsOpenToAgency(std::string_view agency, const RecordFacts& facts, const std::vector<Holder>& staff) {
  if (std::ranges::count(facts.involved_agencies, agency) == 0) return false;
  const bool open = !facts.restricted && std::ranges::count(facts.shut_out_agencies, agency) == 0;
  // Who is named in it may see it all the same.
  return open || !WhoResearches(agency, facts, staff).empty();
}

std::vector<std::string> WhoResearches(std::string_view agency, const RecordFacts& facts,
                                       const std::vector<Holder>& staff) {
  std::set<std::string> accounts;
  for (const Holder& holder : staff) {
    if (holder.agency == agency &&
        !IsKeptFrom(facts, holder.account, holder.agency, v1::ROLE_REPRESENTATIVE)) {
      accounts.insert(holder.account);
    }
  }
  return {accounts.begin(), accounts.end()};
}

v1::ResearchState StateOf(const v1::Research* returned, bool begun, const v1::Case& record,
                          std::string_view meeting, v1::ResearchMode mode) {
  if (returned == nullptr) return begun ? v1::RESEARCH_STATE_BEGUN : v1::RESEARCH_STATE_AWAITED;
  const bool is_current = returned->mode() == mode && returned->meeting() == meeting &&
                          NotSearched(returned->searches(), record).empty();
  return is_current ? v1::RESEARCH_STATE_RETURNED : v1::RESEARCH_STATE_AWAITED_AGAIN;
}

v1::ResearchDue MakeDue(const v1::Meeting& meeting, const v1::Case& record, std::string_view agency,
                        v1::ResearchState state, absl::Time now) {
  v1::ResearchDue due;
  due.set_meeting(meeting.name());
  due.set_case_name(record.name());
  due.set_case_number(record.case_number());
  due.set_agency(std::string(agency));
  due.set_state(state);
  *due.mutable_meeting_day() = meeting.day();
  if (!meeting.deadlines().has_research_due_time()) return due;
  *due.mutable_due_time() = meeting.deadlines().research_due_time();
  due.set_overdue(IsOverdue(state != v1::RESEARCH_STATE_RETURNED, FromTimestamp(due.due_time()), now));
  return due;
}

}  // namespace marac::domain
