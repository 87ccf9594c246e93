// Referrals, as their author works with them.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/prompt.h"
#include "cli/referral_calls.h"
#include "cli/referral_form.h"
#include "cli/safe_contact_form.h"
#include "cli/text.h"

namespace marac::cli {
namespace {

constexpr char kUrgentHelp[] = "Only who, why now, safe contact and consent; the rest is chased";

struct NewFlags {
  std::string assessment;
  std::string resume;
  bool urgent = false;
  bool fresh = false;
};
void NewOptions(CLI::App& app, NewFlags& flags) {
  CLI::Option* resume = app.add_option("--resume", flags.resume, "Go on with this draft");
  app.add_option("--assessment", flags.assessment, "Take victim and persons feared from this assessment")
      ->excludes(resume);
  app.add_flag("--urgent", flags.urgent, kUrgentHelp)->excludes(resume);
  app.add_flag("--new", flags.fresh, "Start a new one although a draft of yours is open")->excludes(resume);
}

// The open draft to go on with instead of starting another: of this assessment, or any of this person's own.
absl::StatusOr<std::string> FindDraft(Client& client, const NewFlags& flags) {
  if (flags.fresh || !flags.resume.empty()) return flags.resume;
  std::string assessment;
  if (!flags.assessment.empty()) {
    ASSIGN_OR_RETURN(assessment, RecordName(client, "assessments", flags.assessment));
  }
  v1::ListReferralsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_state(v1::REFERRAL_STATE_DRAFT);
  request.set_mine(true);
  ASSIGN_OR_RETURN(const v1::ListReferralsResponse drafts,
                   client.List(&ReferralStub::ListReferrals, request, &v1::ListReferralsResponse::referrals,
                               kListLimitDefault));
  for (const v1::Referral& draft : drafts.referrals()) {
    const bool same = assessment.empty() ? draft.urgent() == flags.urgent && !draft.referrer().on_behalf()
                                         : std::count(draft.assessments().begin(), draft.assessments().end(),
                                                      assessment) > 0;
    if (!same) continue;
    const std::string victim = TextOf(draft.victim().name());
    ASSIGN_OR_RETURN(const std::optional<char> key,
                     AskKey(client.terminal(),
                            fmt::format("Your draft of {}{}{} is open", MomentText(draft.create_time()),
                                        victim.empty() ? "" : " about ", Printable(victim)),
                            {{'y', "go on with it"}, {'n', "start a new one"}}));
    if (!key.has_value()) return UsageError("nothing was started; say which with --resume NAME or --new");
    return *key == 'y' ? draft.name() : std::string();
  }
  return std::string();
}

absl::Status RunForm(Client& client, ReferralForm& form) {
  RETURN_IF_ERROR(form.Run());
  client.Show(form.referral(), SummaryText(form.referral()));
  return absl::OkStatus();
}

absl::Status New(Client& client, const NewFlags& flags) {
  ReferralForm form(client);
  ASSIGN_OR_RETURN(const std::string draft, FindDraft(client, flags));
  if (draft.empty()) {
    RETURN_IF_ERROR(form.Begin({.assessment = flags.assessment, .urgent = flags.urgent}));
  } else {
    RETURN_IF_ERROR(form.Resume(draft));
  }
  return RunForm(client, form);
}

absl::Status Change(Client& client, const NameFlags& flags) {
  ReferralForm form(client);
  RETURN_IF_ERROR(form.Resume(flags.name));
  RETURN_IF_ERROR(form.Change());
  client.Show(form.referral(), SummaryText(form.referral()));
  return absl::OkStatus();
}

struct EnterFlags {
  bool urgent = false;
};
void EnterOptions(CLI::App& app, EnterFlags& flags) { app.add_flag("--urgent", flags.urgent, kUrgentHelp); }
absl::Status Enter(Client& client, const EnterFlags& flags) {
  ReferralForm form(client);
  RETURN_IF_ERROR(form.Begin({.urgent = flags.urgent, .on_behalf = true}));
  return RunForm(client, form);
}

struct SaveFlags {
  JsonInput json;
  bool urgent = false;
};
void SaveOptions(CLI::App& app, SaveFlags& flags) {
  AddJsonInput(app, flags.json, "SaveDraftRequest");
  app.add_flag("--urgent", flags.urgent, "Mark it as urgent");
}
absl::Status Save(Client& client, const SaveFlags& flags) {
  if (flags.json.file.empty()) return UsageError("say which draft: --json FILE, - for standard input");
  v1::SaveDraftRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, request));
  if (request.parent().empty()) {
    ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  }
  if (flags.urgent) request.mutable_referral()->set_urgent(true);
  return client.CallAndSum(&ReferralStub::SaveDraft, request);
}

struct CompleteFlags : NameFlags {
  JsonInput json;
};
void CompleteOptions(CLI::App& app, CompleteFlags& flags) {
  ReferralNameOptions(app, flags);
  AddJsonInput(app, flags.json,
               "CompleteReferralRequest (without referral.name; referral.etag: as last read)");
}
absl::Status Complete(Client& client, const CompleteFlags& flags) {
  v1::CompleteReferralRequest request;
  RETURN_IF_ERROR(client.ReadInput(flags.json, request));
  if (flags.json.file.empty()) {
    ReferralForm form(client);
    RETURN_IF_ERROR(form.Resume(flags.name));
    return RunForm(client, form);
  }
  ASSIGN_OR_RETURN(const v1::Referral referral, GetReferral(client, flags.name));
  request.mutable_referral()->set_name(referral.name());
  if (request.referral().etag().empty()) request.mutable_referral()->set_etag(referral.etag());
  return client.CallAndSum(&ReferralStub::CompleteReferral, request);
}

struct CorrectFlags : RecordFlags {
  JsonInput json;
};
void CorrectOptions(CLI::App& app, CorrectFlags& flags) {
  ReferralRecordOptions(app, flags);
  AddJsonInput(app, flags.json, "CorrectReferralSafeContactRequest (without name; etag: as last read)");
}
absl::Status Correct(Client& client, const CorrectFlags& flags) {
  ASSIGN_OR_RETURN(auto request, ReferralRequestFor<v1::CorrectReferralSafeContactRequest>(client, flags));
  RETURN_IF_ERROR(FillCorrection(client, flags.json, request));
  return client.CallAndSum(&ReferralStub::CorrectReferralSafeContact, request);
}

absl::Status Submit(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(const auto request, ReferralRequestFor<v1::SubmitReferralRequest>(client, flags));
  return client.CallAndSum(&ReferralStub::SubmitReferral, request);
}

struct WithdrawFlags : RecordFlags {
  std::string reasons;
};
void WithdrawOptions(CLI::App& app, WithdrawFlags& flags) {
  ReferralRecordOptions(app, flags);
  AddTextOption(app, "--reasons", flags.reasons, "Why");
}
absl::Status Withdraw(Client& client, const WithdrawFlags& flags) {
  ASSIGN_OR_RETURN(auto request, ReferralRequestFor<v1::WithdrawReferralRequest>(client, flags));
  ASSIGN_OR_RETURN(*request.mutable_reasons(), TextFrom(client, flags.reasons, "Why"));
  return client.CallAndSum(&ReferralStub::WithdrawReferral, request);
}

void ListOptions(CLI::App& app, ReferralListFlags& flags) {
  app.add_option("--state", flags.state, "Only those in this state: " + Words<v1::ReferralState>());
  app.add_flag("--mine", flags.mine, "Only your own");
  AddLimitOption(app, flags.limit);
}

}  // namespace

void AddReferralCommands(const Group& root) {
  const Group group = root.AddGroup("referral", "Referrals, as their author works with them");
  group.Add<NewFlags>("new", "Write one, field by field; keep and go on at any time", NewOptions, New);
  group.Add<EnterFlags>("enter", "Enter one that came by post, telephone or email, for who sent it",
                        EnterOptions, Enter);
  group.Add<SaveFlags>("save", "Save a draft from a file", SaveOptions, Save);
  group.Add<NameFlags>("change", "Correct answers of a draft: shows them, and asks again for what you pick",
                       ReferralNameOptions, Change);
  group.Add<RecordFlags>("submit", "Send it to the coordinator and the IDVA service", ReferralRecordOptions,
                         Submit);
  group.Add<CompleteFlags>("complete", "Add what nobody has answered, while it waits for triage",
                           CompleteOptions, Complete);
  group.Add<CorrectFlags>("correct-safe-contact", "Say how the victim may be reached now; asks",
                          CorrectOptions, Correct);
  group.Add<NameFlags>("show", "Show one", ReferralNameOptions, ShowReferral);
  group.Add<ReferralListFlags>("list", "List referrals, the newest first", ListOptions, ListReferrals);
  group.Add<WithdrawFlags>("withdraw", "Take it back before triage", WithdrawOptions, Withdraw);
}

}  // namespace marac::cli
