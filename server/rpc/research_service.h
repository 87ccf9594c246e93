// ResearchService: what agencies know of the people of a case before it is heard.
#ifndef MARAC_RPC_RESEARCH_SERVICE_H_
#define MARAC_RPC_RESEARCH_SERVICE_H_

#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` must outlive the service.
NamedService NewResearchService(Gate& gate);

}  // namespace marac::rpc

#endif  // MARAC_RPC_RESEARCH_SERVICE_H_
