#include "domain/recovery.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "domain/errors.h"

namespace marac::domain {

bool WaitsForSecond(const std::optional<Recovery>& open, absl::Time now) {
  return open.has_value() && open->code_hash.empty() && now - open->ask_time < kRecoveryWishCounts;
}

bool IsSecondOf(const std::optional<Recovery>& open, const Caller& caller, absl::Time now) {
  return WaitsForSecond(open, now) && open->asked_by != caller.account;
}

absl::Status MayStartRecovery(const Caller& caller, const v1::Account& account, const v1::Agency& agency,
                              const AreaHosts& hosts, bool is_second) {
  RETURN_IF_ERROR(is_second ? MayApprove(caller, agency, account.name())
                            : MayAdminister(caller, agency, hosts, account.name()));
  if (account.name() == caller.account) {
    return WrongState("OWN_ACCOUNT", "nobody recovers their own account: ask another administrator");
  }
  if (account.suspended()) {
    return WrongState("SUSPENDED",
                      "this account is suspended: end the suspension first, if it is to be used");
  }
  return absl::OkStatus();
}

bool NeedsTwoForRecovery(const v1::Account& account, LocalDate today) {
  if (!account.pending_roles().empty()) return true;
  return std::ranges::any_of(account.roles(), [&](const v1::RoleGrant& grant) {
    return kPowerfulRoles.Has(grant.role()) && !HasEnded(grant, today);
  });
}

bool OpensRecovery(const std::optional<Recovery>& open, std::string_view typed_hash, absl::Time now) {
  // The same work where there is none.
  const std::string hash = open.has_value() && !open->code_hash.empty() ? open->code_hash : Sha256("");
  const bool right = ConstantTimeEquals(hash, typed_hash);
  return right && open.has_value() && !open->code_hash.empty() && open->failed_tries < kRecoveryTriesMax &&
         now - open->code_time < kRecoveryCodeCounts;
}

std::string NormalRecoveryCode(std::string_view typed) {
  std::string code;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    c = absl::ascii_toupper(static_cast<unsigned char>(c));
    code += c == '0' ? 'O' : c == '1' ? 'I' : c == '8' ? 'B' : c;
  }
  return code;
}

std::string ShownRecoveryCode(std::string_view code) {
  std::string shown;
  for (size_t at = 0; at < code.size(); at += 4) {
    if (at > 0) shown += '-';
    shown += code.substr(at, 4);
  }
  return shown;
}

}  // namespace marac::domain
