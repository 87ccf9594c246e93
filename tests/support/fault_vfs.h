// A file layer under SQLCipher that can fail. It wraps the default one and sees what the database asks of
// the disk: encrypted pages and log frames.
//
// What is faked: the result of a write, a sync or a truncate; and, for a loss of power, which of the writes
// since the last sync of a file reached the disk. What is not: directories (making and deleting a file
// counts as durable at once) and the shared memory file, which no crash keeps.
#ifndef MARAC_TESTS_SUPPORT_FAULT_VFS_H_
#define MARAC_TESTS_SUPPORT_FAULT_VFS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

struct sqlite3_vfs;

namespace marac::testing {

// One for the process. Any thread may call.
class FaultVfs {
 public:
  enum class Operation { kWrite, kSync, kTruncate };

  // Give this as the name of the file layer; Get registers it.
  static constexpr const char* kName = "marac_fault";
  static FaultVfs& Get();

  // Back to a disk without faults, counts at zero, and nothing known about earlier files.
  void Reset();

  // The `k`-th such operation from now (1: the next) returns `code`, e.g. SQLITE_IOERR_FSYNC; when `sticky`,
  // all after it as well. A write that fails has written nothing.
  void Fail(Operation operation, int k, int code, bool sticky);

  // Each such operation from now on takes so much longer; zero ends it.
  void Slow(Operation operation, absl::Duration each);

  // How many such operations there were since Reset, the failed ones too.
  int Count(Operation operation) const;

  // From the next opening of a file on, remember what a loss of power would leave of it.
  void TrackPowerLoss();

  // Writes to `directory`, for every tracked file, what was synced and an arbitrary choice (by `seed`) of the
  // writes since, some of them torn between sectors.
  void WriteRemains(const std::string& directory, uint64_t seed) const;

  // For the file layer itself.
  int Happens(Operation operation);
  void Opened(const std::string& path, const std::string& content);
  bool WantsContent(const std::string& path) const;
  void Wrote(const std::string& path, int64_t offset, std::string bytes);
  void Truncated(const std::string& path, int64_t size);
  void Synced(const std::string& path);
  void Deleted(const std::string& path);

 private:
  struct Change {
    bool truncate;
    int64_t at;  // the offset, or the new size
    std::string bytes;
  };
  struct Image {
    std::string durable;
    std::vector<Change> pending;
  };
  struct Plan {
    int left = 0;  // operations until it fails; 0: never
    int code = 0;
    bool sticky = false;
    absl::Duration delay = absl::ZeroDuration();
  };

  FaultVfs();
  static void Apply(const Change& change, std::string& content);

  mutable absl::Mutex mutex_;
  std::array<Plan, 3> plans_ ABSL_GUARDED_BY(mutex_);
  std::array<int, 3> counts_ ABSL_GUARDED_BY(mutex_) = {};
  bool tracking_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Image> images_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_FAULT_VFS_H_
