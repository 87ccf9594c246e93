// MeetingService: the cycle of meetings, their agendas, and what is said in them.
#ifndef MARAC_RPC_MEETING_SERVICE_H_
#define MARAC_RPC_MEETING_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` must outlive the service.
NamedService NewMeetingService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_MEETING_SERVICE_H_
