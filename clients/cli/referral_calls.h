// What the referral and triage commands share.
#ifndef MARAC_CLI_REFERRAL_CALLS_H_
#define MARAC_CLI_REFERRAL_CALLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "marac/v1/referral_service.grpc.pb.h"

namespace marac::cli {

using ReferralStub = v1::ReferralService::Stub;

absl::StatusOr<v1::Referral> GetReferral(Client& client, const std::string& name);

// A request that has name and etag, for the referral of `flags`.
template <typename Request>
absl::StatusOr<Request> ReferralRequestFor(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(const v1::Referral referral, GetReferral(client, flags.name));
  Request request;
  request.set_name(referral.name());
  request.set_etag(EtagOf(flags, referral));
  return request;
}

void ReferralNameOptions(CLI::App& app, NameFlags& flags);
void ReferralRecordOptions(CLI::App& app, RecordFlags& flags);

// `marac referral show` and `marac triage show` are one.
absl::Status ShowReferral(Client& client, const NameFlags& flags);

struct ReferralListFlags {
  std::string state;
  bool mine = false;
  int limit = kListLimitDefault;
};
absl::Status ListReferrals(Client& client, const ReferralListFlags& flags);

}  // namespace marac::cli

#endif  // MARAC_CLI_REFERRAL_CALLS_H_
