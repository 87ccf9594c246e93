// MeetingService: the cycle of meetings, their agendas, and what is said in them.
#ifndef MARAC_RPC_MEETING_SERVICE_H_
#define MARAC_RPC_MEETING_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "rpc/gate.h"

namespace marac::rpc {

// `gate` must outlive the service.
std::unique_ptr<grpc::Service> NewMeetingService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_MEETING_SERVICE_H_
