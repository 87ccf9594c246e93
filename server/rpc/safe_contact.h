// Correcting how a victim may safely be reached, wherever the record of it stands.
#ifndef MARAC_RPC_SAFE_CONTACT_H_
#define MARAC_RPC_SAFE_CONTACT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/protected_parts.h"
#include "rpc/gate.h"

namespace marac::rpc {

// Keeps `change` as the only safe contact of `record`, a case or a referral that this call loaded to be
// changed, and shows it in `record`'s masks, which the caller saves. The referrals in `sources`, and those
// that a replaced safe contact came with, show it as well: nobody is left with what is no longer true.
template <typename Record>
absl::StatusOr<v1::ProtectedDetail> CorrectSafeContact(WriteCall& call, Record& record,
                                                       const std::vector<std::string>& sources,
                                                       const domain::SafeContactChange& change);

}  // namespace marac::rpc

#endif  // MARAC_RPC_SAFE_CONTACT_H_
