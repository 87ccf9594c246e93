// What the host does with the audit log while no server runs: check everything there is, and take it away.
#ifndef MARAC_RPC_AUDIT_FILES_H_
#define MARAC_RPC_AUDIT_FILES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "marac/config/v1/config.pb.h"

namespace marac::rpc {

// `maracd verify`: every entry follows from the one before, every one is found by what it touched, and the
// log is the one that the newest checkpoints in the configured folder were signed over. Writes nothing.
// Returns how many entries there are; DATA_LOSS names the first that is bad.
absl::StatusOr<uint64_t> VerifyAudit(const config::v1::ServerConfig& config);

// `maracd export-audit`: writes the log as it is stored to `path`, which must not exist yet, also one that
// does not verify. That it was taken is an event, but for a log that does not verify: to that nothing is
// added. Returns how many entries were written.
absl::StatusOr<uint64_t> ExportAudit(const config::v1::ServerConfig& config, const std::string& path,
                                     const SecurityClock& clock);

}  // namespace marac::rpc

#endif  // MARAC_RPC_AUDIT_FILES_H_
