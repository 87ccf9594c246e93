// Packs and policies as files.
#ifndef MARAC_CLI_PACK_FILE_H_
#define MARAC_CLI_PACK_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace marac::cli {

// The bytes of a file of at most `size_max`; an error of set-up (kSetUp) names it.
absl::StatusOr<std::string> ReadDataFile(const std::string& path, size_t size_max);

// A refusal of the server that begins with what it calls the file ("pack.textproto:12: ..."), with the file's
// own name instead; any other status as it is.
absl::Status WithFileName(const absl::Status& status, std::string_view servers_name, const std::string& file);

}  // namespace marac::cli

#endif  // MARAC_CLI_PACK_FILE_H_
