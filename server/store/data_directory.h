// The folder that holds the database: private to its user, and held by one process at a time.
#ifndef MARAC_STORE_DATA_DIRECTORY_H_
#define MARAC_STORE_DATA_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace marac::store {

// The exit code after a failure of disk or file (EX_IOERR).
inline constexpr int kFatalExitCode = 74;

// Holds the lock as long as it lives. Moves, does not copy.
class DataDirectory {
 public:
  // Refuses a folder that is missing, open to other users, or held by another process.
  static absl::StatusOr<DataDirectory> Lock(const std::string& path);
  // The same, making the folder (0700) first when it is missing.
  static absl::StatusOr<DataDirectory> CreateAndLock(const std::string& path);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  // Without symbolic links, which the database refuses to follow.
  std::string DatabasePath() const { return path_ + "/marac.db"; }

  // Refuses a database file that other users may read; NOT_FOUND when there is none.
  absl::Status CheckDatabaseFile() const;
  // Makes an empty file for its user alone; what was there under this name is lost.
  absl::Status MakeFile(const std::string& file) const;
  // Puts `file` in the place of the database, durably; refuses to replace one.
  absl::Status Publish(const std::string& file) const;

  // Three ends by RecordFatalExit within ten minutes: the disk needs a person, not another restart.
  absl::Status CheckFatalExits(absl::Time now) const;
  void RecordFatalExit(absl::Time now) const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  // descriptor of the folder itself
};

}  // namespace marac::store

#endif  // MARAC_STORE_DATA_DIRECTORY_H_
