#include "store/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/status_macros.h"

namespace marac::store {
namespace {

constexpr int kFatalExitsMax = 3;
constexpr absl::Duration kFatalExitsWindow = absl::Minutes(10);

absl::Status SystemError(const std::string& path, std::string_view what) {
  return absl::FailedPreconditionError(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

absl::Status CheckPrivate(const std::string& path, std::string_view mode) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return SystemError(path, "cannot be examined");
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("{}: other users may reach it: run `chmod {} {}`", path, mode, path));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DataDirectory> DataDirectory::Lock(const std::string& path) {
  char real[PATH_MAX];
  if (realpath(path.c_str(), real) == nullptr) {
    if (errno == ENOENT) {
      return absl::NotFoundError(fmt::format(
          "{}: there is no such data directory: run `maracd init`, or correct the setting", path));
    }
    return SystemError(path, "the data directory cannot be used");
  }
  const int lock = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) return SystemError(real, "the data directory cannot be opened");
  DataDirectory directory(real, lock);
  RETURN_IF_ERROR(CheckPrivate(real, "0700"));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return absl::UnavailableError(
          fmt::format("{}: another maracd is using this data directory: stop it first", real));
    }
    return SystemError(real, "the data directory cannot be locked");
  }
  return directory;
}

absl::StatusOr<DataDirectory> DataDirectory::CreateAndLock(const std::string& path) {
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return SystemError(path, "the data directory cannot be made");
  }
  return Lock(path);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) close(lock_);
}

absl::Status DataDirectory::CheckDatabaseFile() const {
  if (access(DatabasePath().c_str(), F_OK) != 0 && errno == ENOENT) {
    return absl::NotFoundError(
        fmt::format("{}: there is no database here: run `maracd init`, or correct the data directory setting",
                    DatabasePath()));
  }
  return CheckPrivate(DatabasePath(), "0600");
}

absl::Status DataDirectory::MakeFile(const std::string& file) const {
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((file + suffix).c_str());
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return SystemError(file, "cannot be made");
  close(descriptor);
  return absl::OkStatus();
}

absl::Status DataDirectory::Publish(const std::string& file) const {
  // link refuses to replace a file, which rename would do without a word.
  if (link(file.c_str(), DatabasePath().c_str()) != 0) {
    if (errno == EEXIST) {
      return absl::AlreadyExistsError(fmt::format("{}: a database is already here", DatabasePath()));
    }
    return SystemError(DatabasePath(), "cannot be made");
  }
  unlink(file.c_str());
  if (fsync(lock_) != 0) return SystemError(path_, "cannot be made durable");
  return absl::OkStatus();
}

absl::Status DataDirectory::CheckFatalExits(absl::Time now) const {
  std::ifstream file(path_ + "/fatal_exits");
  int recent = 0;
  for (int64_t second = 0; file >> second;) {
    if (absl::FromUnixSeconds(second) > now - kFatalExitsWindow) ++recent;
  }
  if (recent < kFatalExitsMax) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{}: the disk or the database failed {} times in ten minutes: check the disk (`dmesg`), run `maracd "
      "verify`, then remove {}/fatal_exits",
      path_, recent, path_));
}

void DataDirectory::RecordFatalExit(absl::Time now) const {
  // Nothing can be done when this fails too: the process is about to end because the disk does not work.
  std::ofstream(path_ + "/fatal_exits", std::ios::app) << absl::ToUnixSeconds(now) << '\n';
}

}  // namespace marac::store
