// Making documents, and reading them.
#ifndef MARAC_RPC_DOCUMENT_SERVICE_H_
#define MARAC_RPC_DOCUMENT_SERVICE_H_

#include "render/renderer.h"
#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `gate` and `renderer` live as long as the service.
NamedService NewDocumentService(Gate& gate, render::Renderer& renderer);

}  // namespace marac::rpc

#endif  // MARAC_RPC_DOCUMENT_SERVICE_H_
