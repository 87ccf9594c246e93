#include "tests/support/fault_vfs.h"

#include <sqlcipher/sqlite3.h>

#include <cassert>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <utility>

#include "absl/time/clock.h"
#include "store/wiping_memory.h"

namespace marac::testing {
namespace {

constexpr size_t kSectorBytes = 512;

// The database allocates this; the wrapped layer's own file lies behind it.
struct File {
  sqlite3_file base;
  const char* path;  // the database keeps it alive; null for a file that has no faults
};
static_assert(sizeof(File) % 8 == 0);

sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}
const char* PathOf(sqlite3_file* file) { return reinterpret_cast<File*>(file)->path; }
sqlite3_vfs* RealVfs(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int Close(sqlite3_file* file) { return Real(file)->pMethods->xClose(Real(file)); }
int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return Real(file)->pMethods->xRead(Real(file), to, size, offset);
}
int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (PathOf(file) != nullptr) {
    if (int code = FaultVfs::Get().Happens(FaultVfs::Operation::kWrite)) return code;
  }
  const int code = Real(file)->pMethods->xWrite(Real(file), from, size, offset);
  if (code == SQLITE_OK && PathOf(file) != nullptr) {
    FaultVfs::Get().Wrote(PathOf(file), offset,
                          std::string(static_cast<const char*>(from), static_cast<size_t>(size)));
  }
  return code;
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (PathOf(file) != nullptr) {
    if (int code = FaultVfs::Get().Happens(FaultVfs::Operation::kTruncate)) return code;
  }
  const int code = Real(file)->pMethods->xTruncate(Real(file), size);
  if (code == SQLITE_OK && PathOf(file) != nullptr) FaultVfs::Get().Truncated(PathOf(file), size);
  return code;
}
int Sync(sqlite3_file* file, int flags) {
  if (PathOf(file) != nullptr) {
    if (int code = FaultVfs::Get().Happens(FaultVfs::Operation::kSync)) return code;
  }
  const int code = Real(file)->pMethods->xSync(Real(file), flags);
  if (code == SQLITE_OK && PathOf(file) != nullptr) FaultVfs::Get().Synced(PathOf(file));
  return code;
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Real(file)->pMethods->xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) { return Real(file)->pMethods->xUnlock(Real(file), level); }
int CheckReservedLock(sqlite3_file* file, int* held) {
  return Real(file)->pMethods->xCheckReservedLock(Real(file), held);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return Real(file)->pMethods->xFileControl(Real(file), operation, argument);
}
int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Real(file)->pMethods->xDeviceCharacteristics(Real(file));
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) { return Real(file)->pMethods->xShmUnmap(Real(file), remove); }

// Version 2: with shared memory for the write-ahead log, without memory mapping.
constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int OpenFile(sqlite3_vfs* vfs, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags) {
  auto* ours = reinterpret_cast<File*>(file);
  ours->base.pMethods = nullptr;
  const int code = RealVfs(vfs)->xOpen(RealVfs(vfs), path, Real(file), flags, out_flags);
  if (code != SQLITE_OK) return code;
  ours->base.pMethods = &kMethods;
  const bool faulty = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  ours->path = faulty ? path : nullptr;
  if (faulty && FaultVfs::Get().WantsContent(path)) {
    // Read through this very file: opening and closing another descriptor would drop the process's locks.
    sqlite3_int64 size = 0;
    FileSize(file, &size);
    std::string content(static_cast<size_t>(size), '\0');
    if (size > 0) Read(file, content.data(), static_cast<int>(size), 0);
    FaultVfs::Get().Opened(path, content);
  }
  return SQLITE_OK;
}

int DeleteFile(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  const int code = RealVfs(vfs)->xDelete(RealVfs(vfs), path, sync_directory);
  if (code == SQLITE_OK) FaultVfs::Get().Deleted(path);
  return code;
}

}  // namespace

FaultVfs& FaultVfs::Get() {
  static auto* const vfs = new FaultVfs;  // never destroyed: the library keeps a pointer to its registration
  return *vfs;
}

FaultVfs::FaultVfs() {
  if (!store::PrepareLibrary().ok()) std::abort();
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  assert(real != nullptr);
  // A copy forwards everything that is not replaced here; the wrapped functions do not look at which of the
  // two they are given but for pAppData, which OpenFile and DeleteFile put right by passing the real one.
  static sqlite3_vfs ours = *real;
  ours.zName = kName;
  ours.pNext = nullptr;
  ours.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  ours.pAppData = real;
  ours.xOpen = OpenFile;
  ours.xDelete = DeleteFile;
  ours.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* result) {
    return RealVfs(vfs)->xAccess(RealVfs(vfs), path, flags, result);
  };
  ours.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* full) {
    return RealVfs(vfs)->xFullPathname(RealVfs(vfs), path, size, full);
  };
  sqlite3_vfs_register(&ours, /*makeDflt=*/0);
}

void FaultVfs::Reset() {
  absl::MutexLock lock(&mutex_);
  plans_ = {};
  counts_ = {};
  tracking_ = false;
  images_.clear();
}

void FaultVfs::Fail(Operation operation, int k, int code, bool sticky) {
  absl::MutexLock lock(&mutex_);
  plans_[static_cast<size_t>(operation)] = {.left = k, .code = code, .sticky = sticky};
}

void FaultVfs::Slow(Operation operation, absl::Duration each) {
  absl::MutexLock lock(&mutex_);
  plans_[static_cast<size_t>(operation)].delay = each;
}

int FaultVfs::Count(Operation operation) const {
  absl::MutexLock lock(&mutex_);
  return counts_[static_cast<size_t>(operation)];
}

int FaultVfs::Happens(Operation operation) {
  absl::Duration delay;
  {
    absl::MutexLock lock(&mutex_);
    delay = plans_[static_cast<size_t>(operation)].delay;
  }
  absl::SleepFor(delay);
  absl::MutexLock lock(&mutex_);
  ++counts_[static_cast<size_t>(operation)];
  Plan& plan = plans_[static_cast<size_t>(operation)];
  if (plan.left == 0) return SQLITE_OK;
  if (plan.left > 1) {
    --plan.left;
    return SQLITE_OK;
  }
  if (!plan.sticky) plan.left = 0;
  return plan.code;
}

void FaultVfs::TrackPowerLoss() {
  absl::MutexLock lock(&mutex_);
  tracking_ = true;
}

bool FaultVfs::WantsContent(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  return tracking_ && !images_.contains(path);
}

void FaultVfs::Opened(const std::string& path, const std::string& content) {
  absl::MutexLock lock(&mutex_);
  images_.try_emplace(path, Image{.durable = content, .pending = {}});
}

void FaultVfs::Wrote(const std::string& path, int64_t offset, std::string bytes) {
  absl::MutexLock lock(&mutex_);
  if (auto image = images_.find(path); image != images_.end()) {
    image->second.pending.push_back({.truncate = false, .at = offset, .bytes = std::move(bytes)});
  }
}

void FaultVfs::Truncated(const std::string& path, int64_t size) {
  absl::MutexLock lock(&mutex_);
  if (auto image = images_.find(path); image != images_.end()) {
    image->second.pending.push_back({.truncate = true, .at = size, .bytes = {}});
  }
}

void FaultVfs::Synced(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  if (auto image = images_.find(path); image != images_.end()) {
    for (const Change& change : image->second.pending) Apply(change, image->second.durable);
    image->second.pending.clear();
  }
}

void FaultVfs::Deleted(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  images_.erase(path);
}

void FaultVfs::Apply(const Change& change, std::string& content) {
  if (change.truncate) {
    content.resize(static_cast<size_t>(change.at));
    return;
  }
  const size_t end = static_cast<size_t>(change.at) + change.bytes.size();
  if (content.size() < end) content.resize(end);
  content.replace(static_cast<size_t>(change.at), change.bytes.size(), change.bytes);
}

void FaultVfs::WriteRemains(const std::string& directory, uint64_t seed) const {
  absl::MutexLock lock(&mutex_);
  std::mt19937_64 random(seed);
  for (const auto& [path, image] : images_) {
    std::string content = image.durable;
    for (const Change& change : image.pending) {
      switch (random() % 3) {
        case 0:  // lost
          break;
        case 1:  // whole
          Apply(change, content);
          break;
        default: {  // torn
          Change torn = change;
          torn.bytes.resize(torn.bytes.size() / kSectorBytes / 2 * kSectorBytes);
          if (!torn.truncate) Apply(torn, content);
          break;
        }
      }
    }
    const std::string name = directory + "/" + std::filesystem::path(path).filename().string();
    std::ofstream(name, std::ios::binary | std::ios::trunc) << content;
    std::filesystem::permissions(name,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
}

}  // namespace marac::testing
