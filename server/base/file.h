// Small files that must be whole or absent: keys, checkpoints.
#ifndef MARAC_BASE_FILE_H_
#define MARAC_BASE_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace marac {

// Closes the descriptor at the end of its scope.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

enum class IfExists { kRefuse, kReplace };

// Writes `bytes` as a file with `mode`, through "<path>.new", fsync, rename and fsync of the folder: after OK
// it survives a power cut, and whatever happens nobody finds a part of it under `path`. One writer at a time
// for a path. ALREADY_EXISTS when there is one and `if_exists` is kRefuse; otherwise the code of the system's
// error, and the sentence names the path.
absl::Status WriteFileDurably(const std::string& path, std::string_view bytes, mode_t mode,
                              IfExists if_exists);

// FAILED_PRECONDITION, in words without the path, unless `file` may hold a secret: a regular file of mode
// 0400 or 0600 that belongs to this user or to root.
absl::Status CheckHoldsSecret(const FileDescriptor& file);

// Reads the rest of `file` into `buffer`; its size, or `size` + 1 when there is more than fits.
absl::StatusOr<size_t> ReadUpTo(const FileDescriptor& file, char* buffer, size_t size);

// The whole of a regular file of at most `size_max` bytes (OUT_OF_RANGE for a longer one, NOT_FOUND for
// none).
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t size_max);

}  // namespace marac

#endif  // MARAC_BASE_FILE_H_
