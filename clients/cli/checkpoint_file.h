// The newest checkpoint of the server's audit log, kept outside the server: what shows a log that was cut or
// rewritten.
#ifndef MARAC_CLI_CHECKPOINT_FILE_H_
#define MARAC_CLI_CHECKPOINT_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace marac::cli {

// A key of the configuration, "<origin>+<hex key hash>+<base 64>".
struct AuditKey {
  std::string origin;
  std::string public_key;  // 32 bytes
};
absl::StatusOr<AuditKey> ParseAuditKey(std::string_view text);

struct CheckpointVerdict {
  uint64_t kept_size = 0;  // 0: none was kept
  uint64_t new_size = 0;
};

// Compares `note`, just received, with the one kept in `path`, and keeps it when all is well. Ends as
// AuditBad when nobody of `keys` signed it, its origin is another, it is smaller than the kept one, or of the
// same size with another root. That a longer log still begins as the shorter one did is not proved by a
// checkpoint alone.
absl::StatusOr<CheckpointVerdict> CheckAndKeep(const std::string& path, const std::string& note,
                                               const std::vector<std::string>& keys);

}  // namespace marac::cli

#endif  // MARAC_CLI_CHECKPOINT_FILE_H_
