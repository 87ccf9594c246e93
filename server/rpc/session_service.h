// Signing in and out.
#ifndef MARAC_RPC_SESSION_SERVICE_H_
#define MARAC_RPC_SESSION_SERVICE_H_

#include <memory>

#include "base/password.h"
#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` and `hasher` live as long as the service.
NamedService NewSessionService(Gate& gate, PasswordHasher& hasher, bool demonstration);

}  // namespace marac::rpc

#endif  // MARAC_RPC_SESSION_SERVICE_H_
