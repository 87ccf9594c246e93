#include "cli/referral_calls.h"

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

absl::Status ListReferrals(Client& client, const ReferralListFlags& flags) {
  v1::ListReferralsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const auto state, ParseWord<v1::ReferralState>(flags.state, "state"));
  request.set_state(state);
  request.set_mine(flags.mine);
  ASSIGN_OR_RETURN(
      const v1::ListReferralsResponse referrals,
      client.List(&ReferralStub::ListReferrals, request, &v1::ListReferralsResponse::referrals, flags.limit));
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
