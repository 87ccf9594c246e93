#include "rpc/data_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/status_macros.h"

namespace marac::rpc {
namespace {

// A pack with audio and pictures refers to them; a data file itself is text that people wrote.
constexpr size_t kFileBytesMax = 4 << 20;
constexpr size_t kFilesMax = 1000;

absl::StatusOr<std::vector<domain::DataFile>> ReadFolder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) {
    return absl::NotFoundError(fmt::format(
        "the data folder {} cannot be read: {}; put the folder back, or name another in the configuration",
        folder.string(), error.message()));
  }
  std::vector<std::string> paths;
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() == ".textproto") paths.push_back(entries->path().string());
    if (error || paths.size() > kFilesMax) {
      return absl::OutOfRangeError(fmt::format(
          "the data folder {} cannot be read whole, or has more than {} files", folder.string(), kFilesMax));
    }
  }
  std::ranges::sort(paths);
  std::vector<domain::DataFile> files;
  for (std::string& path : paths) {
    ASSIGN_OR_RETURN(std::string text, ReadSmallFile(path, kFileBytesMax));
    files.push_back({std::move(path), std::move(text)});
  }
  return files;
}

}  // namespace

absl::StatusOr<domain::Catalogue> LoadCatalogue(const std::string& folder) {
  const std::filesystem::path root(folder);
  ASSIGN_OR_RETURN(std::vector<domain::DataFile> packs, ReadFolder(root / "instruments"));
  ASSIGN_OR_RETURN(std::vector<domain::DataFile> policies, ReadFolder(root / "policies"));
  ASSIGN_OR_RETURN(std::vector<domain::DataFile> calendars, ReadFolder(root / "calendars"));
  return domain::Catalogue::Load(packs, policies, calendars);
}

}  // namespace marac::rpc
