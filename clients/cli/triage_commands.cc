// Triage: what a coordinator does with referrals that came in.
#include <fmt/format.h>

#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/prompt.h"
#include "cli/referral_calls.h"
#include "cli/text.h"
#include "marac/v1/case_service.grpc.pb.h"

namespace marac::cli {
namespace {

void QueueOptions(CLI::App& app, ReferralListFlags& flags) {
  flags.state = Word(v1::REFERRAL_STATE_SUBMITTED);
  AddLimitOption(app, flags.limit);
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

absl::Status Matches(Client& client, const NameFlags& flags) {
  v1::FindMatchesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "referrals", flags.name));
  ASSIGN_OR_RETURN(const v1::FindMatchesResponse matches, client.Call(&ReferralStub::FindMatches, request));
  Table table(
      {{"MATCH", false}, {"NUMBER", false}, {"VICTIM AGREES"}, {"PERPETRATOR AGREES"}, {"WHAT IT IS"}});
  for (const v1::MatchCandidate& candidate : matches.candidates()) {
    std::vector<std::string> what;
    if (candidate.same_pair()) what.emplace_back("same pair");
    if (candidate.roles_reversed()) what.emplace_back("roles reversed: never join");
    if (candidate.repeat()) what.emplace_back("repeat");
    if (candidate.repeat_by_referral()) what.emplace_back("within the window of the last referral");
    if (candidate.repeat_by_heard()) what.emplace_back("within the window of the last hearing");
    if (candidate.open_case()) what.emplace_back("open: may be joined");
    if (candidate.has_waiting()) what.emplace_back("waits for triage: may be a duplicate");
    const std::string& name =
        candidate.has_waiting() ? candidate.waiting().name() : candidate.candidate().name();
    table.AddRow({LastId(name), candidate.candidate().case_number(), Joined(candidate.victim_fields()),
                  Joined(candidate.perpetrator_fields()), fmt::format("{}", fmt::join(what, "; "))});
  }
  client.Show(matches, table.empty() ? "No match.\n" : table.Render());
  if (matches.more_exist()) client.Note("more were found than are listed: compare by hand");
  return absl::OkStatus();
}

struct AcceptFlags : RecordFlags {
  std::string join_case;
  std::string repeat_of;
  std::string admit_reason;
};
void AcceptOptions(CLI::App& app, AcceptFlags& flags) {
  ReferralRecordOptions(app, flags);
  app.add_option("--join", flags.join_case, "An open case it joins (name or number); without: a new case");
  app.add_option("--repeat-of", flags.repeat_of, "The case it repeats (name or number), confirmed by you");
  app.add_option("--admit-reason", flags.admit_reason,
                 "Why it is admitted although no ground holds or the victim is too young");
}
absl::Status Accept(Client& client, const AcceptFlags& flags) {
  ASSIGN_OR_RETURN(auto request, ReferralRequestFor<v1::AcceptReferralRequest>(client, flags));
  if (!flags.join_case.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_join_case(), CaseName(client, flags.join_case));
  }
  if (!flags.repeat_of.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_repeat_of(), CaseName(client, flags.repeat_of));
  }
  request.set_admit_reason(flags.admit_reason);
  ASSIGN_OR_RETURN(const v1::Referral referral, client.Call(&ReferralStub::AcceptReferral, request));
  // Its number is what people call it by; the referral holds only its name.
  v1::GetCaseRequest get;
  get.set_name(referral.case_name());
  const absl::StatusOr<v1::Case> accepted = client.Call(&v1::CaseService::Stub::GetCase, get);
  client.Show(referral,
              SummaryText(referral) +
                  Labelled("case", accepted.ok() ? accepted->case_number() : referral.case_name(), 0));
  return absl::OkStatus();
}

struct ReturnFlags : RecordFlags {
  std::string reasons;
  std::vector<std::string> fields;
};
void ReturnOptions(CLI::App& app, ReturnFlags& flags) {
  ReferralRecordOptions(app, flags);
  AddTextOption(app, "--reasons", flags.reasons, "What is wrong or missing, for the referrer");
  app.add_option("--field", flags.fields, "A field asked for; repeat it");
}
absl::Status Return(Client& client, const ReturnFlags& flags) {
  ASSIGN_OR_RETURN(auto request, ReferralRequestFor<v1::ReturnReferralRequest>(client, flags));
  ASSIGN_OR_RETURN(*request.mutable_reasons(),
                   TextFrom(client, flags.reasons, "What is wrong or missing, for the referrer"));
  for (const std::string& field : flags.fields) request.add_fields(field);
  return client.CallAndSum(&ReferralStub::ReturnReferral, request);
}

struct DeclineFlags : RecordFlags {
  std::string reasons;
  std::string signpost;
  std::string service;
};
void DeclineOptions(CLI::App& app, DeclineFlags& flags) {
  ReferralRecordOptions(app, flags);
  AddTextOption(app, "--reasons", flags.reasons, "Why");
  AddTextOption(app, "--signpost", flags.signpost, "Where to turn instead");
  app.add_option("--service", flags.service,
                 "A service to turn to, from `marac service list`; then --signpost is asked for no more");
}
absl::Status Decline(Client& client, const DeclineFlags& flags) {
  ASSIGN_OR_RETURN(auto request, ReferralRequestFor<v1::DeclineReferralRequest>(client, flags));
  if (flags.reasons == "-" && flags.signpost == "-") return UsageError("give - for one of the two");
  ASSIGN_OR_RETURN(*request.mutable_reasons(), TextFrom(client, flags.reasons, "Why"));
  if (!flags.service.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_service(), RecordName(client, "services", flags.service));
  }
  if (flags.service.empty() || !flags.signpost.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_signpost(), TextFrom(client, flags.signpost, "Where to turn instead"));
  }
  return client.CallAndSum(&ReferralStub::DeclineReferral, request);
}

struct DuplicateFlags : RecordFlags {
  std::string duplicate_of;
};
void DuplicateOptions(CLI::App& app, DuplicateFlags& flags) {
  ReferralRecordOptions(app, flags);
  app.add_option("--of", flags.duplicate_of, "The referral it duplicates")->required();
}
absl::Status Duplicate(Client& client, const DuplicateFlags& flags) {
  ASSIGN_OR_RETURN(auto request, ReferralRequestFor<v1::MarkDuplicateRequest>(client, flags));
  ASSIGN_OR_RETURN(*request.mutable_duplicate_of(), RecordName(client, "referrals", flags.duplicate_of));
  return client.CallAndSum(&ReferralStub::MarkDuplicate, request);
}

absl::Status Exclusions(Client& client, const NameFlags& flags) {
  v1::ListExcludedPeopleRequest request;
  ASSIGN_OR_RETURN(*request.mutable_referral(), RecordName(client, "referrals", flags.name));
  ASSIGN_OR_RETURN(const v1::ListExcludedPeopleResponse people,
                   client.Call(&ReferralStub::ListExcludedPeople, request));
  Table table({{"ENTRY", false}, {"PERSON"}, {"BORN", false}, {"AGENCY"}, {"ANSWER"}, {"WHY"}});
  for (const v1::ExcludedPerson& person : people.excluded_people()) {
    table.AddRow({LastId(person.name()), person.person(), DayText(person.birth_date()),
                  LastId(person.agency()),
                  person.answer() == v1::EXCLUSION_ANSWER_UNSPECIFIED ? "open" : Word(person.answer()),
                  person.reason()});
  }
  client.Show(people, table.empty() ? "Nobody is excluded.\n" : table.Render());
  return absl::OkStatus();
}

struct ResolveFlags {
  std::string name;
  bool not_a_worker = false;
  std::string account;
};
void ResolveOptions(CLI::App& app, ResolveFlags& flags) {
  app.add_option("ENTRY", flags.name, "The entry, from `marac triage exclusions`")->required();
  CLI::Option* no = app.add_flag("--not-a-worker", flags.not_a_worker, "The person works for no agency here");
  app.add_option("--worker", flags.account, "The person's account or login: it is shut out at once")
      ->excludes(no);
}
absl::Status Resolve(Client& client, const ResolveFlags& flags) {
  v1::ResolveExcludedPersonRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "excludedPeople", flags.name));
  if (flags.not_a_worker) {
    request.set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
  } else if (!flags.account.empty()) {
    request.set_answer(v1::EXCLUSION_ANSWER_WORKER);
    ASSIGN_OR_RETURN(*request.mutable_account(), AccountName(client, flags.account));
  } else {
    return UsageError("give --worker ACCOUNT or --not-a-worker");
  }
  return client.CallAndSum(&ReferralStub::ResolveExcludedPerson, request);
}

}  // namespace

void AddTriageCommands(const Group& root) {
  const Group group = root.AddGroup("triage", "What a coordinator does with referrals that came in");
  group.Add<ReferralListFlags>("queue", "Referrals that wait, the longest first", QueueOptions,
                               ListReferrals);
  group.Add<NameFlags>("show", "Show one referral", ReferralNameOptions, ShowReferral);
  group.Add<NameFlags>("matches", "Cases and referrals that may concern the same people", ReferralNameOptions,
                       Matches);
  group.Add<AcceptFlags>("accept", "Accept it as a case, or into one", AcceptOptions, Accept);
  group.Add<ReturnFlags>("return", "Send it back with reasons", ReturnOptions, Return);
  group.Add<DeclineFlags>("decline", "Decline it, with where to turn instead", DeclineOptions, Decline);
  group.Add<DuplicateFlags>("duplicate", "Mark it as the same matter as another one", DuplicateOptions,
                            Duplicate);
  group.Add<NameFlags>("exclusions", "People who must not receive it", ReferralNameOptions, Exclusions);
  group.Add<ResolveFlags>("resolve", "Say who an excluded person is", ResolveOptions, Resolve);
}

}  // namespace marac::cli
