// Writing, sending and triaging referrals.
#ifndef MARAC_RPC_REFERRAL_SERVICE_H_
#define MARAC_RPC_REFERRAL_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` lives as long as the service.
NamedService NewReferralService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_REFERRAL_SERVICE_H_
