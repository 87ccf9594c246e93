// Packs and policies of an area: installed, looked at, put to use and retired.
#ifndef MARAC_RPC_INSTRUMENT_SERVICE_H_
#define MARAC_RPC_INSTRUMENT_SERVICE_H_

#include <vector>

#include "domain/area_instrument.h"
#include "rpc/gate.h"
#include "rpc/server.h"

namespace marac::rpc {

// `owner_keys` sign what may be installed. `gate` lives as long as the service.
NamedService NewInstrumentService(Gate& gate, std::vector<domain::OwnerKey> owner_keys, bool demonstration);

}  // namespace marac::rpc

#endif  // MARAC_RPC_INSTRUMENT_SERVICE_H_
