// Who a case is open to: restricting it, keeping people out, conflicts of interest, the chair's decision.
#include <fmt/format.h>

#include <map>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "marac/v1/access_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"

namespace marac::cli {
namespace {

using AccessStub = v1::AccessService::Stub;

constexpr char kReferrals[] = "referrals";

// A case by name or number; a referral that waits as referrals/ID or by its full name.
absl::StatusOr<std::string> SubjectName(Client& client, const std::string& text) {
  const std::string prefix = fmt::format("{}/", kReferrals);
  if (text.starts_with(prefix)) return RecordName(client, kReferrals, text.substr(prefix.size()));
  if (text.find("/" + prefix) != std::string::npos) return RecordName(client, kReferrals, text);
  return CaseName(client, text);
}

void SubjectOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("CASE", flags.name, "The case: its name or number; or a referral that waits: referrals/ID")
      ->required();
}

// Accounts and agencies as people call them: "l.fennimore (Lucja Fennimore)", "housing".
class WhoIsWho {
 public:
  static absl::StatusOr<WhoIsWho> Read(Client& client) {
    v1::ListAccountsRequest request;
    ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
    ASSIGN_OR_RETURN(const v1::ListAccountsResponse accounts,
                     client.List(&v1::DirectoryService::Stub::ListAccounts, request,
                                 &v1::ListAccountsResponse::accounts, /*limit=*/0));
    WhoIsWho who;
    for (const v1::Account& account : accounts.accounts()) {
      who.names_[account.name()] = fmt::format("{} ({})", account.login(), account.display_name());
    }
    return who;
  }

  std::string NameOf(const std::string& subject) const {
    if (subject.starts_with("agencies/")) return "everybody at " + LastId(subject);
    const auto found = names_.find(subject);
    return found == names_.end() ? LastId(subject) : found->second;
  }

 private:
  std::map<std::string, std::string> names_;
};

std::string AccessText(const v1::CaseAccess& access, const WhoIsWho& who) {
  std::string text;
  for (const std::string& warning : access.warnings()) text += Labelled("warning", warning, 0);
  text += Labelled("open to",
                   access.restricted() ? "those named here, and the chair" : "everybody whose work it is", 0);
  for (const std::string& account : access.named()) text += Labelled("named", who.NameOf(account), 2);
  for (const std::string& agency : access.involved_agencies()) {
    text += Labelled("part of it", LastId(agency), 2);
  }
  if (!access.kept_from().empty()) {
    Table table({{"KEPT FROM"}, {"UNTIL"}});
    for (const v1::KeptFrom& kept : access.kept_from()) {
      table.AddRow(
          {who.NameOf(kept.subject()), kept.undecided() ? "the chair decides" : "the chair lifts it"});
    }
    text += "\n" + table.Render();
  }
  if (!access.entries().empty()) {
    Table table({{"ENTRY", false}, {"ASKED ABOUT"}, {"AGENCY"}, {"ANSWER"}});
    for (const v1::ExcludedEntry& entry : access.entries()) {
      table.AddRow(
          {LastId(entry.entry()),
           entry.candidate().empty() ? entry.person() : fmt::format("{}, found by name", entry.person()),
           LastId(entry.agency()), entry.open() ? "open" : "answered"});
    }
    text += "\n" + table.Render();
  }
  // Below each other: who, when and a reason beside each other would leave each a word wide.
  if (!access.changes().empty()) text += "\nDecided, the newest first:\n";
  for (const v1::AccessChange& change : access.changes()) {
    text += Paragraph(fmt::format("{} {}{}, by {}", MomentText(change.time()), Word(change.kind()),
                                  change.subject().empty() ? "" : ": " + who.NameOf(change.subject()),
                                  change.account().empty() ? "the server" : who.NameOf(change.account())));
    text += Paragraph(change.reason(), /*indent=*/2);
  }
  return text;
}

template <typename Request>
absl::Status CallAndShowAccess(Client& client,
                               grpc::Status (AccessStub::*method)(grpc::ClientContext*, const Request&,
                                                                  v1::CaseAccess*),
                               const std::type_identity_t<Request>& request) {
  ASSIGN_OR_RETURN(const v1::CaseAccess access, client.Call(method, request));
  ASSIGN_OR_RETURN(const WhoIsWho who, WhoIsWho::Read(client));
  client.Show(access, AccessText(access, who));
  return absl::OkStatus();
}

absl::Status ShowOne(Client& client, const NameFlags& flags) {
  v1::GetCaseAccessRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), SubjectName(client, flags.name));
  return CallAndShowAccess(client, &AccessStub::GetCaseAccess, request);
}

struct ReasonFlags : NameFlags {
  std::string reason;
};
void ReasonOptions(CLI::App& app, ReasonFlags& flags) {
  SubjectOptions(app, flags);
  AddTextOption(app, "--reason", flags.reason, "Why; it is kept with the decision");
}

struct RestrictFlags : ReasonFlags {
  std::vector<std::string> accounts;
};
void RestrictOptions(CLI::App& app, RestrictFlags& flags) {
  ReasonOptions(app, flags);
  app.add_option("--to", flags.accounts,
                 "Account or login that may see it; repeat it: these are all, beside the chair")
      ->required();
}
absl::Status Restrict(Client& client, const RestrictFlags& flags) {
  v1::RestrictCaseRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), SubjectName(client, flags.name));
  request.set_restricted(true);
  for (const std::string& account : flags.accounts) {
    ASSIGN_OR_RETURN(*request.add_accounts(), AccountName(client, account));
  }
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  return CallAndShowAccess(client, &AccessStub::RestrictCase, request);
}

absl::Status Open(Client& client, const ReasonFlags& flags) {
  v1::RestrictCaseRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), SubjectName(client, flags.name));
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  return CallAndShowAccess(client, &AccessStub::RestrictCase, request);
}

// Whom an exclusion or a decision is about.
struct WhomFlags : ReasonFlags {
  std::string account;
  std::string agency;
};
void WhomOptions(CLI::App& app, WhomFlags& flags) {
  ReasonOptions(app, flags);
  CLI::Option* account = app.add_option("--account", flags.account, "A worker: account or login");
  app.add_option("--agency", flags.agency, "An agency as a whole")->excludes(account);
}

struct ExcludeFlags : WhomFlags {
  std::string person;
};
void ExcludeOptions(CLI::App& app, ExcludeFlags& flags) {
  WhomOptions(app, flags);
  AddTextOption(app, "--person", flags.person,
                "Without --account and --agency: the name of somebody who may be a worker");
}
absl::Status Exclude(Client& client, const ExcludeFlags& flags) {
  const bool named = !flags.account.empty() || !flags.agency.empty();
  if (named && !flags.person.empty()) return UsageError("give one of --account, --agency and --person");
  if (flags.person == "-" && flags.reason == "-") return UsageError("give - for one of the two");
  v1::ExcludePersonRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), SubjectName(client, flags.name));
  if (!flags.account.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_account(), AccountName(client, flags.account));
  }
  request.set_agency(AgencyName(flags.agency));
  if (!named) {
    ASSIGN_OR_RETURN(*request.mutable_person(),
                     TextFrom(client, flags.person, "Name of somebody who may be a worker"));
  }
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why"));
  return CallAndShowAccess(client, &AccessStub::ExcludePerson, request);
}

struct DecideFlags : WhomFlags {
  bool keep = false;
  bool lift = false;
};
void DecideOptions(CLI::App& app, DecideFlags& flags) {
  WhomOptions(app, flags);
  CLI::Option* keep = app.add_flag("--keep", flags.keep, "It stays hidden from them");
  app.add_flag("--lift", flags.lift, "They may see it again")->excludes(keep);
}
absl::Status Decide(Client& client, const DecideFlags& flags) {
  if (flags.account.empty() && flags.agency.empty()) return UsageError("give --account or --agency");
  if (!flags.keep && !flags.lift) return UsageError("give --keep or --lift");
  v1::DecideExclusionRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), SubjectName(client, flags.name));
  if (flags.account.empty()) {
    request.set_subject(AgencyName(flags.agency));
  } else {
    ASSIGN_OR_RETURN(*request.mutable_subject(), AccountName(client, flags.account));
  }
  request.set_lift(flags.lift);
  ASSIGN_OR_RETURN(*request.mutable_reason(), TextFrom(client, flags.reason, "Why, in writing"));
  return CallAndShowAccess(client, &AccessStub::DecideExclusion, request);
}

absl::Status Declare(Client& client, const ReasonFlags& flags) {
  v1::DeclareConflictRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), SubjectName(client, flags.name));
  ASSIGN_OR_RETURN(*request.mutable_reason(),
                   TextFrom(client, flags.reason, "What it is, for the coordinator and the chair"));
  ASSIGN_OR_RETURN(const v1::DeclareConflictResponse answer,
                   client.Call(&AccessStub::DeclareConflict, request));
  client.Show(answer, "You do not see it any more, until the chair decides otherwise in writing.\n");
  return absl::OkStatus();
}

struct NoFlags {};
void NoOptions(CLI::App&, NoFlags&) {}

absl::Status Undecided(Client& client, const NoFlags&) {
  v1::ListUndecidedRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const v1::ListUndecidedResponse undecided,
                   client.Call(&AccessStub::ListUndecided, request));
  std::string text;
  for (const std::string& name : undecided.names()) text += name + "\n";
  client.Show(undecided, text.empty() ? "Nothing waits for the chair.\n" : text);
  return absl::OkStatus();
}

}  // namespace

void AddAccessCommands(const Group& root) {
  const Group group = root.AddGroup("access", "Who a case is open to");
  group.Add<NameFlags>("show", "Who it is open to, kept from, and what was decided", SubjectOptions, ShowOne);
  group.Add<RestrictFlags>("restrict", "Open it to named people and the chair alone", RestrictOptions,
                           Restrict);
  group.Add<ReasonFlags>("open", "End the restriction; the chair's", ReasonOptions, Open);
  group.Add<ExcludeFlags>("exclude", "Keep a worker, an agency or a name out", ExcludeOptions, Exclude);
  group.Add<DecideFlags>("decide", "The chair's written decision about somebody it is kept from",
                         DecideOptions, Decide);
  group.Add<ReasonFlags>("declare", "You have a conflict of interest: it is shown to you no more",
                         ReasonOptions, Declare);
  group.Add<NoFlags>("undecided", "What waits for the chair's decision", NoOptions, Undecided);
}

}  // namespace marac::cli
