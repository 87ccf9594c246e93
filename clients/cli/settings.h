// Settings: the configuration file, with the command line's flags on top.
#ifndef MARAC_CLI_SETTINGS_H_
#define MARAC_CLI_SETTINGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "marac/config/v1/client.pb.h"

namespace marac::cli {

// Reads `path`; when that is empty, the file in the person's own folder if there is one. `flags` holds what
// the command line gave and wins. Paths come back absolute, or as flags gave them; defaults are filled in.
// What only some commands need may still be missing: see RequireConnection and Client::Area. Errors name the
// setting.
absl::StatusOr<config::v1::ClientConfig> LoadClientConfig(const std::string& path,
                                                          const config::v1::ClientConfig& flags);

// Refuses a configuration with which no connection can be made, naming the setting and its flag.
absl::Status RequireConnection(const config::v1::ClientConfig& config);

// Where the session is kept: config.session_file, or a file of its own for this server and certificate.
absl::StatusOr<std::string> SessionPath(const config::v1::ClientConfig& config,
                                        const std::string& certificate_fingerprint);

}  // namespace marac::cli

#endif  // MARAC_CLI_SETTINGS_H_
