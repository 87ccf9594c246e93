#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/status_macros.h"

namespace marac {
namespace {

absl::Status SystemError(std::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, fmt::format("{} {}", what, path));
}

absl::Status WriteAll(const FileDescriptor& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("cannot write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status WriteNew(const std::string& path, std::string_view bytes, mode_t mode) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.ok()) return SystemError("cannot create", path);
  RETURN_IF_ERROR(WriteAll(file, bytes, path));
  // The umask may have taken bits away at creation.
  if (fchmod(file.get(), mode) != 0) return SystemError("cannot set the mode of", path);
  if (fsync(file.get()) != 0) return SystemError("cannot flush", path);
  return absl::OkStatus();
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

absl::Status WriteFileDurably(const std::string& path, std::string_view bytes, mode_t mode,
                              IfExists if_exists) {
  const std::string temporary = path + ".new";
  // One that a crash left behind; it was never the file.
  unlink(temporary.c_str());
  absl::Status status = WriteNew(temporary, bytes, mode);
  if (status.ok() && renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(),
                               if_exists == IfExists::kRefuse ? RENAME_NOREPLACE : 0) != 0) {
    status = SystemError("cannot put in place", path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  FileDescriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || fsync(directory.get()) != 0) return SystemError("cannot flush the folder", folder);
  return absl::OkStatus();
}

absl::Status CheckHoldsSecret(const FileDescriptor& file) {
  // The open file is looked at, not the path, which could be another file by now.
  struct stat info;
  if (fstat(file.get(), &info) != 0) return absl::ErrnoToStatus(errno, "cannot be looked at");
  if (!S_ISREG(info.st_mode)) return absl::FailedPreconditionError("is not a regular file");
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return absl::FailedPreconditionError(fmt::format(
        "belongs to user {}; it must belong to user {} or to root (chown it)", info.st_uid, geteuid()));
  }
  const mode_t mode = info.st_mode & 07777;
  if (mode != 0400 && mode != 0600) {
    return absl::FailedPreconditionError(
        fmt::format("has mode {:04o}, so that others may reach it; make it 0400 (chmod 0400)", mode));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ReadUpTo(const FileDescriptor& file, char* buffer, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    ssize_t got = read(file.get(), buffer + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "cannot be read");
    if (got == 0) return filled;
    filled += static_cast<size_t>(got);
  }
  char more;
  ssize_t got;
  do {
    got = read(file.get(), &more, 1);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return absl::ErrnoToStatus(errno, "cannot be read");
  return got == 0 ? filled : size + 1;
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t size_max) {
  // Without O_NONBLOCK, opening a pipe would wait for its writer for ever.
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return SystemError("cannot open", path);
  struct stat info;
  if (fstat(file.get(), &info) != 0) return SystemError("cannot look at", path);
  if (!S_ISREG(info.st_mode))
    return absl::FailedPreconditionError(fmt::format("{} is not a regular file", path));
  std::string bytes(size_max, '\0');
  ASSIGN_OR_RETURN(size_t size, ReadUpTo(file, bytes.data(), bytes.size()));
  if (size > size_max) {
    return absl::OutOfRangeError(fmt::format("{} has more than {} bytes", path, size_max));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace marac
