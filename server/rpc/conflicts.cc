#include "rpc/conflicts.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <map>
#include <utility>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/resource_name.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/case.pb.h"
#include "rpc/whole_list.h"
#include "store/case_access.h"
#include "store/sessions.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;
using google::protobuf::util::TimeUtil;

// More decisions than one case can have.
constexpr int kChangesMax = 1000;

absl::CivilDay Today(const ReadCall& call) { return absl::ToCivilDay(call.security_now(), domain::London()); }

absl::StatusOr<bool> AnybodyLeft(ReadCall& call, const domain::RecordFacts& facts, v1::Role role) {
  ASSIGN_OR_RETURN(const std::vector<domain::Holder> holders, HoldersOf(call, facts.area, role));
  return domain::AnybodyLeft(facts, holders, role);
}

// Open actions of the scope that whoever accepted them would never meet again.
absl::StatusOr<int> CountLostActions(ReadCall& call, const domain::RecordFacts& facts) {
  ASSIGN_OR_RETURN(const std::vector<v1::Action> actions,
                   ListWholeAsServer<v1::Action>(call, {.kind = Kind::kAction, .scope = facts.scope}));
  int lost = 0;
  for (const v1::Action& action : actions) {
    if (action.state() != v1::ACTION_STATE_PROPOSED && action.state() != v1::ACTION_STATE_OPEN) continue;
    if (domain::IsKeptFrom(facts, action.accepted_by(), action.agency(), v1::ROLE_REPRESENTATIVE)) ++lost;
  }
  return lost;
}

// Whether this worker was asked about, or shut out, in these entries.
bool WasAsked(const std::vector<v1::ExcludedPerson>& entries, const std::string& account) {
  return std::ranges::any_of(entries, [&](const v1::ExcludedPerson& entry) {
    return entry.account() == account || entry.candidate() == account;
  });
}

}  // namespace

absl::StatusOr<std::vector<domain::Holder>> HoldersOf(ReadCall& call, const std::string& area,
                                                      v1::Role role) {
  ASSIGN_OR_RETURN(const std::vector<std::string> accounts,
                   store::HoldersOn(call.tx(), area, role, Today(call)));
  std::vector<domain::Holder> holders;
  for (const std::string& account : accounts) {
    ASSIGN_OR_RETURN(const std::optional<store::Credential> credential,
                     store::CredentialOf(call.tx(), account));
    if (credential.has_value()) holders.push_back({.account = account, .agency = credential->agency});
  }
  return holders;
}

absl::StatusOr<std::vector<domain::Holder>> ResearchersOf(ReadCall& call, const std::string& area) {
  ASSIGN_OR_RETURN(std::vector<domain::Holder> staff, HoldersOf(call, area, v1::ROLE_REPRESENTATIVE));
  ASSIGN_OR_RETURN(const std::vector<domain::Holder> idvas, HoldersOf(call, area, v1::ROLE_IDVA));
  staff.insert(staff.end(), idvas.begin(), idvas.end());
  return staff;
}

absl::Status MustLeaveACoordinator(ReadCall& call, const domain::RecordFacts& facts) {
  ASSIGN_OR_RETURN(const bool left, AnybodyLeft(call, facts, v1::ROLE_COORDINATOR));
  if (left) return absl::OkStatus();
  return domain::WrongState("NO_COORDINATOR_LEFT",
                            "no coordinator could open it any more, and nobody could decide on it: let an "
                            "administrator make a second coordinator first");
}

absl::StatusOr<std::vector<std::string>> AccessWarnings(ReadCall& call, const domain::RecordFacts& facts) {
  struct Needed {
    v1::Role role;
    const char* warning;
  };
  constexpr Needed kNeeded[] = {
      {v1::ROLE_IDVA, "No IDVA may open it: name one, or nobody speaks for the victim."},
      {v1::ROLE_COORDINATOR, "No coordinator may open it: let an administrator make a second coordinator."},
      {v1::ROLE_CHAIR, "No chair may open it: let an administrator make a deputy chair."}};
  std::vector<std::string> warnings;
  for (const Needed& needed : kNeeded) {
    ASSIGN_OR_RETURN(const bool left, AnybodyLeft(call, facts, needed.role));
    if (!left) warnings.emplace_back(needed.warning);
  }
  ASSIGN_OR_RETURN(const int lost, CountLostActions(call, facts));
  if (lost > 0) {
    warnings.push_back(
        fmt::format("{} of its open actions {} somebody who may not see it now: agree {} with "
                    "somebody else.",
                    lost, lost == 1 ? "belongs to" : "belong to", lost == 1 ? "it" : "them"));
  }
  return warnings;
}

absl::Status NoteChange(WriteCall& call, const std::string& scope, v1::AccessChangeKind kind,
                        const std::string& subject, const std::string& reason, bool by_server) {
  v1::AccessChange change;
  change.set_kind(kind);
  change.set_subject(subject);
  if (!by_server) change.set_account(call.caller().account);
  *change.mutable_time() = TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(call.now()));
  change.set_reason(reason);
  return store::NoteAccessChange(call.write(), scope, change);
}

absl::Status AddEntry(WriteCall& call, v1::ExcludedPerson entry, const domain::RecordFacts& facts) {
  ASSIGN_OR_RETURN(const v1::Referral referral, call.LoadAsServer<v1::Referral>(entry.referral()));
  entry.set_name(ResourceName::Make(Kind::kExcludedPerson, facts.area, call.NewId()));
  RETURN_IF_ERROR(
      call.Create(entry, facts.scope, {.account = referral.author(), .agency = referral.agency()}));
  if (entry.answer() != v1::EXCLUSION_ANSWER_UNSPECIFIED || referral.case_name().empty())
    return absl::OkStatus();
  ASSIGN_OR_RETURN(v1::Case record, call.LoadAsServer<v1::Case>(referral.case_name()));
  record.set_unresolved_exclusions(record.unresolved_exclusions() + 1);
  return call.Save(record);
}

absl::Status AskAboutWorkers(WriteCall& call, const v1::Referral& referral, const std::string& area,
                             const std::string& only) {
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(referral.name()));
  std::map<std::string, store::WorkerMatch> found;
  for (const domain::KeptParty& party :
       domain::PartiesOf(referral.name(), referral.victim(), referral.perpetrators())) {
    ASSIGN_OR_RETURN(const std::vector<store::WorkerMatch> matches,
                     store::FindWorkers(call.tx(), area, Today(call), party.keys));
    for (const store::WorkerMatch& match : matches) {
      if (!only.empty() && match.account != only) continue;
      store::WorkerMatch& kept = found.try_emplace(match.account, match).first->second;
      kept.exact = kept.exact || match.exact;
    }
  }
  if (found.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<v1::ExcludedPerson> entries,
                   ListWholeAsServer<v1::ExcludedPerson>(
                       call, {.kind = Kind::kExcludedPerson, .parent = referral.name()}));
  ASSIGN_OR_RETURN(const std::vector<v1::AccessChange> changes,
                   store::AccessChangesOf(call.tx(), facts.scope, kChangesMax));
  for (const auto& [name, match] : found) {
    const std::string& account = name;  // a structured binding cannot be captured
    if (std::ranges::find(facts.shut_out, account) != facts.shut_out.end()) continue;
    // What the chair has decided is not found anew.
    if (std::ranges::any_of(changes, [&](const v1::AccessChange& change) {
          return change.kind() == v1::ACCESS_CHANGE_KIND_LIFTED && change.subject() == account;
        })) {
      continue;
    }
    if (match.exact) {
      RETURN_IF_ERROR(store::ShutOutUndecided(call.write(), facts.scope, account));
      RETURN_IF_ERROR(NoteChange(call, facts.scope, v1::ACCESS_CHANGE_KIND_FOUND, account,
                                 "What this worker registered is what the referral says of a subject.",
                                 /*by_server=*/true));
      continue;
    }
    if (WasAsked(entries, account)) continue;
    ASSIGN_OR_RETURN(const v1::Account worker, call.LoadAsServer<v1::Account>(account));
    v1::ExcludedPerson entry;
    entry.set_referral(referral.name());
    entry.set_person(worker.display_name());
    entry.set_agency(match.agency);
    entry.set_source(v1::EXCLUSION_SOURCE_SAME_NAME);
    entry.set_candidate(account);
    entry.set_reason("A worker here has the name of a subject, or registered somebody of that name.");
    RETURN_IF_ERROR(AddEntry(call, std::move(entry), facts));
  }
  return absl::OkStatus();
}

}  // namespace marac::rpc
