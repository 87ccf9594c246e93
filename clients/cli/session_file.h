// The session of who is signed in, in a file that nobody else may read.
#ifndef MARAC_CLI_SESSION_FILE_H_
#define MARAC_CLI_SESSION_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "marac/config/v1/client.pb.h"

namespace marac::cli {

// Writes `session` to `path` with mode 0600, making its folder (0700) when there is none.
absl::Status SaveSession(const std::string& path, const config::v1::ClientSession& session);

// The session for this server and certificate. UNAUTHENTICATED when there is none or it is another's; refuses
// a file that somebody else could have read or written.
absl::StatusOr<config::v1::ClientSession> LoadSession(const std::string& path,
                                                      const std::string& server_address,
                                                      const std::string& certificate_fingerprint);

// Removes it; no file is fine.
absl::Status RemoveSession(const std::string& path);

}  // namespace marac::cli

#endif  // MARAC_CLI_SESSION_FILE_H_
