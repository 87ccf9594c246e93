// Research before a meeting: who has not returned it, what the agencies returned, and one's own agency's.
#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/research_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

using ResearchStub = v1::ResearchService::Stub;
using google::protobuf::util::MessageDifferencer;

void NameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("CASE", flags.name, "The case: its name or number")->required();
}

absl::StatusOr<v1::ListResearchResponse> ListOf(Client& client, const std::string& name) {
  v1::ListResearchRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), CaseName(client, name));
  return client.Call(&ResearchStub::ListResearch, request);
}

// "Mairead Coppull or Tove Lind": whom to ring about `due`; empty where that is not told, or not needed.
std::string WhomToRing(const v1::ResearchDue& due, const std::map<std::string, std::string>& names) {
  if (due.state() == v1::RESEARCH_STATE_RETURNED) return "";
  std::string text;
  for (const std::string& account : due.representatives()) {
    const auto found = names.find(account);
    text += (text.empty() ? "" : " or ") + (found == names.end() ? LastId(account) : found->second);
  }
  return text;
}

// Display names by account, where somebody is to be rung at all.
absl::StatusOr<std::map<std::string, std::string>> NamesIn(Client& client,
                                                           const v1::ListResearchDueResponse& listed) {
  std::map<std::string, std::string> names;
  const bool none =
      std::ranges::all_of(listed.due(), [](const auto& due) { return due.representatives().empty(); });
  if (none) return names;
  v1::ListAccountsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const v1::ListAccountsResponse people,
                   client.List(&v1::DirectoryService::Stub::ListAccounts, request,
                               &v1::ListAccountsResponse::accounts, /*limit=*/0));
  for (const v1::Account& account : people.accounts()) names[account.name()] = account.display_name();
  return names;
}

// What in texts that others read looks like what is kept apart. Where research stays in the agency that is
// what was searched alone.
std::string WarningsText(const v1::ResearchNotes& notes, v1::ResearchMode mode) {
  std::string text;
  for (const v1::TextWarning& warning : notes.text_warnings()) {
    if (mode != v1::RESEARCH_MODE_SHARED && !warning.field().ends_with(".searched")) continue;
    text += Paragraph(fmt::format("{} looks like a {}: whoever has a part in the case would read it.",
                                  warning.field(), Word(warning.kind())));
  }
  return text;
}

// What a return gives to whoever has a part in the case.
std::string SharedText(const v1::ResearchNotes& notes, v1::ResearchMode mode) {
  v1::ResearchNotes shared;
  *shared.mutable_searches() = notes.searches();
  if (mode == v1::RESEARCH_MODE_SHARED) {
    for (const v1::ResearchEntry& entry : notes.entries()) {
      if (entry.sharing() == v1::SHARING_DECISION_SHARE) *shared.add_entries() = entry;
    }
    for (v1::ResearchEntry& entry : *shared.mutable_entries()) entry.clear_withheld_reason();
  } else {
    for (v1::SubjectSearch& search : *shared.mutable_searches()) search.clear_corrections();
  }
  return "Whoever has a part in the case reads:\n" + RecordText(shared, /*indent=*/2);
}

// ---- due

struct DueFlags {
  std::string meeting;
};
void DueOptions(CLI::App& app, DueFlags& flags) {
  app.add_option("--meeting", flags.meeting,
                 "Only for this meeting; without: every one whose agenda is circulated");
}
absl::Status Due(Client& client, const DueFlags& flags) {
  v1::ListResearchDueRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  if (!flags.meeting.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_meeting(), RecordName(client, "meetings", flags.meeting));
  }
  ASSIGN_OR_RETURN(const v1::ListResearchDueResponse answer,
                   client.Call(&ResearchStub::ListResearchDue, request));
  ASSIGN_OR_RETURN(const auto names, NamesIn(client, answer));
  Table table({{"MEETING", false}, {"CASE", false}, {"AGENCY"}, {"STATE"}, {"DUE", false}, {"RING"}});
  for (const v1::ResearchDue& due : answer.due()) {
    table.AddRow({DayText(due.meeting_day()), due.case_number(), LastId(due.agency()),
                  Word(due.state()) + (due.overdue() ? ", overdue" : ""), MomentText(due.due_time()),
                  WhomToRing(due, names)});
  }
  client.Show(answer, table.Render());
  return absl::OkStatus();
}

// ---- show

absl::Status ShowAll(Client& client, const NameFlags& flags) {
  ASSIGN_OR_RETURN(const v1::ListResearchResponse listed, ListOf(client, flags.name));
  client.Show(listed, RecordText(listed));
  return absl::OkStatus();
}

// ---- save

struct SaveFlags : NameFlags {
  JsonInput json;
};
void SaveOptions(CLI::App& app, SaveFlags& flags) {
  NameOptions(app, flags);
  AddJsonInput(app, flags.json, "The ResearchNotes, whole, for what was found");
}

// Everybody who is looked for, as they are called in a question.
struct Person {
  std::string party_id;
  std::string words;
};
std::vector<Person> PeopleOf(const v1::Case& found) {
  std::vector<Person> people;
  const auto add = [&people](std::string_view what, const v1::Party& party) {
    people.push_back({party.party_id(), fmt::format("{}: {}, born {}", what, TextOf(party.name()),
                                                    DayAnswerText(party.birth_date()))});
  };
  add("Victim", found.victim());
  for (const v1::Party& party : found.perpetrators()) add("Person causing harm", party);
  for (const v1::Party& party : found.children()) add("Child", party);
  return people;
}

v1::SubjectSearch& SearchOf(v1::ResearchNotes& notes, const std::string& person) {
  for (v1::SubjectSearch& search : *notes.mutable_searches()) {
    if (search.party_id() == person) return search;
  }
  v1::SubjectSearch& search = *notes.add_searches();
  search.set_party_id(person);
  return search;
}

// The server's today, which a demonstration moves.
absl::StatusOr<v1::Day> Today(Client& client) {
  ASSIGN_OR_RETURN(const v1::Caller caller,
                   client.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
  return domain::DateOf(domain::FromTimestamp(caller.business_time())).ToDay();
}

// What was searched, asked for once; what was said last stands unless something is typed. Empty: the person
// stopped.
absl::StatusOr<std::string> AskSearched(Client& client, const v1::ResearchNotes& notes) {
  std::string before;
  for (const v1::SubjectSearch& search : notes.searches()) {
    if (!search.searched().empty()) before = search.searched();
  }
  const std::string question = "What was searched, for instance \"case system, archive since 2015\"";
  if (before.empty()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> typed, AskText(client.terminal(), question));
    return typed.value_or("");
  }
  ASSIGN_OR_RETURN(
      const std::optional<std::string> typed,
      client.terminal().ReadLine(Paragraph(question + " (Enter: as before, " + Printable(before) + "):")));
  if (!typed.has_value()) return std::string();
  return typed->empty() ? before : *typed;
}

// One key for each person: a nil return is quick, and nobody is returned unseen. Stopping leaves the rest.
absl::Status AskPeople(Client& client, const v1::Case& found, v1::ResearchNotes& notes) {
  ASSIGN_OR_RETURN(const std::string searched, AskSearched(client, notes));
  if (searched.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::Day today, Today(client));
  for (const Person& person : PeopleOf(found)) {
    ASSIGN_OR_RETURN(const std::optional<char> key,
                     AskKey(client.terminal(), person.words,
                            {{'k', "known"}, {'n', "not known"}, {'\n', "leave as it is"}}));
    if (!key.has_value()) return absl::OkStatus();
    if (*key == '\n') continue;
    v1::SubjectSearch& search = SearchOf(notes, person.party_id);
    search.set_result(*key == 'k' ? v1::SEARCH_RESULT_KNOWN : v1::SEARCH_RESULT_NOT_KNOWN);
    search.set_searched(searched);
    *search.mutable_day() = today;
  }
  return absl::OkStatus();
}

absl::Status Save(Client& client, const SaveFlags& flags) {
  v1::GetCaseRequest get;
  ASSIGN_OR_RETURN(*get.mutable_name(), CaseName(client, flags.name));
  ASSIGN_OR_RETURN(const v1::ListResearchResponse listed, ListOf(client, get.name()));
  v1::SaveResearchRequest request;
  v1::ResearchNotes& notes = *request.mutable_notes() = listed.notes();
  v1::ResearchNotes given;
  RETURN_IF_ERROR(client.ReadInput(flags.json, given));
  if (listed.notes_name().empty()) {
    return UsageError("your agency does no research on this case, or not any more");
  }
  notes.set_name(listed.notes_name());
  const v1::ResearchNotes before = notes;
  if (flags.json.file.empty()) {
    ASSIGN_OR_RETURN(const v1::Case found, client.Call(&v1::CaseService::Stub::GetCase, get));
    RETURN_IF_ERROR(AskPeople(client, found, notes));
    if (MessageDifferencer::Equals(notes, before))
      return UsageError("nothing was answered otherwise than before, so nothing is saved");
  } else {
    // Notes that somebody saved since the file was written must not be overwritten unseen.
    if (listed.has_notes() && given.etag().empty()) {
      return UsageError("give the etag of the worksheet as you read it: `marac research show --json` has it");
    }
    *notes.mutable_searches() = given.searches();
    *notes.mutable_entries() = given.entries();
    notes.set_etag(given.etag());
  }
  ASSIGN_OR_RETURN(const v1::ResearchNotes saved, client.CallWithTyped(&ResearchStub::SaveResearch, request));
  client.Show(saved, fmt::format("{}: saved\n", saved.name()) + WarningsText(saved, listed.mode()));
  return absl::OkStatus();
}

// ---- return

void ReturnOptions(CLI::App& app, RecordFlags& flags) {
  app.add_option("CASE", flags.name, "The case: its name or number")->required();
  app.add_option("--etag", flags.etag, "Refuse if it was changed since it was read with this etag");
}

absl::Status Return(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(const v1::ListResearchResponse listed, ListOf(client, flags.name));
  if (!listed.has_notes()) return UsageError("nothing is saved yet: begin with `marac research save`");
  client.Note(SharedText(listed.notes(), listed.mode()) + WarningsText(listed.notes(), listed.mode()));
  v1::ReturnResearchRequest request;
  request.set_name(listed.notes().name());
  request.set_etag(EtagOf(flags, listed.notes()));
  request.set_mode(listed.mode());
  ASSIGN_OR_RETURN(const v1::ResearchNotes returned, client.Call(&ResearchStub::ReturnResearch, request));
  client.Show(returned,
              fmt::format("{}: returned {}\n", returned.name(), MomentText(returned.return_time())));
  return absl::OkStatus();
}

}  // namespace

void AddResearchCommands(const Group& root) {
  const Group group = root.AddGroup("research", "What agencies know of the people of a case");
  group.Add<DueFlags>("due", "List what is still to be returned, and what is", DueOptions, Due);
  group.Add<NameFlags>("show", "Show what was returned about a case, and your agency's worksheet",
                       NameOptions, ShowAll);
  group.Add<SaveFlags>("save", "Save your agency's worksheet: one key for each person, or from a file",
                       SaveOptions, Save);
  group.Add<RecordFlags>("return", "Return your agency's research as it was saved, and say what others read",
                         ReturnOptions, Return);
}

}  // namespace marac::cli
