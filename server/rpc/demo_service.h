// The simulated clock of a demonstration.
#ifndef MARAC_RPC_DEMO_SERVICE_H_
#define MARAC_RPC_DEMO_SERVICE_H_

#include "base/clock.h"
#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// To be registered only for a database made for demonstration; the database itself refuses the step in any
// other.
NamedService NewDemoService(Gate& gate, OffsetBusinessClock& clock);

}  // namespace marac::rpc

#endif  // MARAC_RPC_DEMO_SERVICE_H_
