#include "cli/settings.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "base/file.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "domain/text_proto.h"

namespace marac::cli {
namespace {

using config::v1::ClientConfig;

constexpr size_t kFileBytesMax = 64 << 10;
constexpr int kTimeoutMsDefault = 30'000;
constexpr int kTimeoutMsLeast = 100;
constexpr int kTimeoutMsMost = 600'000;

// $`variable`, else `below_home` in the person's home.
absl::StatusOr<std::string> PersonalFolder(const char* variable, std::string_view below_home) {
  // The base directory specification says to take no notice of a path that is not absolute.
  if (const char* value = std::getenv(variable); value != nullptr && value[0] == '/')
    return std::string(value);
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/') {
    return SetUpError(
        fmt::format("neither ${} nor $HOME is set: give --config and --session-file", variable));
  }
  return fmt::format("{}/{}", home, below_home);
}

absl::Status ReadConfigFile(const std::string& path, ClientConfig& config) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kFileBytesMax);
  if (!text.ok()) return SetUpError(std::string(text.status().message()));
  const absl::Status parsed = domain::ParseTextProto(*text, path, config);
  if (!parsed.ok()) return SetUpError(std::string(parsed.message()));
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
  for (std::string* file : {config.mutable_authority_file(), config.mutable_certificate_file(),
                            config.mutable_private_key_file(), config.mutable_session_file()}) {
    if (!file->empty() && file->front() != '/') *file = fmt::format("{}/{}", folder, *file);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClientConfig> LoadClientConfig(const std::string& path, const ClientConfig& flags) {
  ClientConfig config;
  if (!path.empty()) {
    RETURN_IF_ERROR(ReadConfigFile(path, config));
  } else {
    // With neither, flags may still say everything.
    const absl::StatusOr<std::string> folder = PersonalFolder("XDG_CONFIG_HOME", ".config");
    if (folder.ok()) {
      const std::string own = *folder + "/marac/config.textproto";
      if (!absl::IsNotFound(ReadSmallFile(own, kFileBytesMax).status())) {
        RETURN_IF_ERROR(ReadConfigFile(own, config));
      }
    }
  }
  config.MergeFrom(flags);
  if (!config.has_timeout_ms()) config.set_timeout_ms(kTimeoutMsDefault);
  if (config.timeout_ms() < kTimeoutMsLeast || config.timeout_ms() > kTimeoutMsMost) {
    return SetUpError(
        fmt::format("timeout_ms: give a number from {} to {}", kTimeoutMsLeast, kTimeoutMsMost));
  }
  const std::string& address = config.server_address();
  if (config.server_name().empty() && !address.empty()) {
    std::string host = address.substr(0, address.rfind(':'));
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    config.set_server_name(host);
  }
  return config;
}

absl::Status RequireConnection(const ClientConfig& config) {
  const auto require = [](const std::string& value, std::string_view setting, std::string_view flag) {
    if (!value.empty()) return absl::OkStatus();
    return SetUpError(fmt::format(
        "{}: is missing; set it in ~/.config/marac/config.textproto, in the file of --config, or by {}",
        setting, flag));
  };
  RETURN_IF_ERROR(require(config.server_address(), "server_address", "--server"));
  RETURN_IF_ERROR(require(config.authority_file(), "authority_file", "--authority"));
  RETURN_IF_ERROR(require(config.certificate_file(), "certificate_file", "--certificate"));
  RETURN_IF_ERROR(require(config.private_key_file(), "private_key_file", "--key"));
  if (config.server_address().rfind(':') == std::string::npos) {
    return SetUpError("server_address: give host and port, for instance marac.example.gov.uk:8443");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SessionPath(const ClientConfig& config,
                                        const std::string& certificate_fingerprint) {
  if (!config.session_file().empty()) return config.session_file();
  ASSIGN_OR_RETURN(const std::string folder, PersonalFolder("XDG_STATE_HOME", ".local/state"));
  const std::string id = Hex(Sha256(config.server_address() + "\n", certificate_fingerprint));
  return fmt::format("{}/marac/session-{}.textproto", folder, id.substr(0, 16));
}

}  // namespace marac::cli
