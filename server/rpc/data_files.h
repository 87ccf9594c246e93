// Reads the data an installation has: its packs, policies and calendars.
#ifndef MARAC_RPC_DATA_FILES_H_
#define MARAC_RPC_DATA_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "domain/catalogue.h"

namespace marac::rpc {

// Loads every *.textproto of instruments/, policies/ and calendars/ under `folder`, in order of name.
// NOT_FOUND when one of the three is not there; INVALID_ARGUMENT as Catalogue::Load, with the file's path. A
// folder may be empty.
absl::StatusOr<domain::Catalogue> LoadCatalogue(const std::string& folder);

}  // namespace marac::rpc

#endif  // MARAC_RPC_DATA_FILES_H_
