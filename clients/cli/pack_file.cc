#include "cli/pack_file.h"

#include "base/file.h"
#include "cli/exit_code.h"
#include "domain/errors.h"

namespace marac::cli {

absl::StatusOr<std::string> ReadDataFile(const std::string& path, size_t size_max) {
  absl::StatusOr<std::string> bytes = ReadSmallFile(path, size_max);
  if (!bytes.ok()) return SetUpError(std::string(bytes.status().message()));
  return bytes;
}

absl::Status WithFileName(const absl::Status& status, std::string_view servers_name,
                          const std::string& file) {
  const std::string message(status.message());
  if (!message.starts_with(servers_name)) return status;
  return domain::WithDetail(absl::Status(status.code(), file + message.substr(servers_name.size())),
                            domain::DetailOf(status));
}

}  // namespace marac::cli
