// Taking, completing, signing and amending risk assessments.
#ifndef MARAC_RPC_ASSESSMENT_SERVICE_H_
#define MARAC_RPC_ASSESSMENT_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` lives as long as the service.
NamedService NewAssessmentService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_ASSESSMENT_SERVICE_H_
