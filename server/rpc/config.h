// The configuration file: read, completed, checked.
#ifndef MARAC_RPC_CONFIG_H_
#define MARAC_RPC_CONFIG_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "marac/config/v1/config.pb.h"

namespace marac::rpc {

// Reads `path`, fills in every default, makes every path absolute, and checks every value. An error is one
// sentence that names the setting, or the file, line and column.
absl::StatusOr<config::v1::ServerConfig> LoadServerConfig(const std::string& path);

// The same for text that came from elsewhere. `name` stands for the file in messages; relative paths are
// taken from `folder`.
absl::StatusOr<config::v1::ServerConfig> ParseServerConfig(const std::string& text, std::string_view name,
                                                           std::string_view folder);

// The limits as documented, where `limits` does not say otherwise.
void ApplyDefaults(config::v1::Limits& limits);

}  // namespace marac::rpc

#endif  // MARAC_RPC_CONFIG_H_
