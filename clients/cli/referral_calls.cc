#include "cli/referral_calls.h"

#include <algorithm>

#include "cli/field_words.h"
#include "cli/text.h"

namespace marac::cli {

absl::StatusOr<v1::Referral> GetReferral(Client& client, const std::string& name) {
  v1::GetReferralRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "referrals", name));
  return client.Call(&ReferralStub::GetReferral, request);
}

void ReferralNameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("REFERRAL", flags.name, "The referral: its full name, or what follows the last slash")
      ->required();
}

void ReferralRecordOptions(CLI::App& app, RecordFlags& flags) {
  AddRecordOptions(app, flags, "The referral");
}

absl::Status ShowReferral(Client& client, const NameFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Referral referral, GetReferral(client, flags.name));
  v1::Referral in_words = referral;
  for (std::string& path : *in_words.mutable_missing_fields()) path = QuestionOf(path, referral);
  client.Show(referral, RecordText(in_words));
  return absl::OkStatus();
}

namespace {

void PutUrgentFirst(google::protobuf::RepeatedPtrField<v1::Referral>& referrals) {
  std::stable_partition(referrals.pointer_begin(), referrals.pointer_end(),
                        [](const v1::Referral* referral) { return referral->urgent(); });
}

}  // namespace

absl::Status ListReferrals(Client& client, const ReferralListFlags& flags) {
  v1::ListReferralsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const auto state, ParseWord<v1::ReferralState>(flags.state, "state"));
  request.set_state(state);
  request.set_mine(flags.mine);
  const bool is_queue = state == v1::REFERRAL_STATE_SUBMITTED;
  ASSIGN_OR_RETURN(v1::ListReferralsResponse referrals,
                   client.List(&ReferralStub::ListReferrals, request, &v1::ListReferralsResponse::referrals,
                               is_queue ? 0 : flags.limit));
  // Who has waited longest comes first; an urgent one that came just now must not stand behind them all.
  if (is_queue) PutUrgentFirst(*referrals.mutable_referrals());
  if (is_queue && flags.limit > 0 && referrals.referrals_size() > flags.limit) {
    client.Note("there are more; --limit 0 shows all");
    referrals.mutable_referrals()->DeleteSubrange(flags.limit, referrals.referrals_size() - flags.limit);
  }
  Table table(
      {{"REFERRAL", false}, {"RECEIVED", false}, {"STATE"}, {"URGENT"}, {"FROM"}, {"VICTIM"}, {"MISSING"}});
  for (const v1::Referral& referral : referrals.referrals()) {
    table.AddRow(
        {LastId(referral.name()),
         MomentText(referral.has_receive_time() ? referral.receive_time() : referral.create_time()),
         Word(referral.state()), referral.urgent() ? "urgent" : "",
         LastId(referral.referrer().agency().empty() ? referral.agency() : referral.referrer().agency()),
         TextOf(referral.victim().name()), std::to_string(referral.missing_fields_size())});
  }
  client.Show(referrals, table.Render());
  return absl::OkStatus();
}

}  // namespace marac::cli
