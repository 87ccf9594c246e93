// Preloaded into maracd by the crash test: kills the process inside the n-th fsync or fdatasync from now,
// that is inside a COMMIT (each group of writes makes one), either before the bytes reach the disk's own
// promise or right after it.
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<long> calls{0};

void KillWhenDue(bool after) {
  static const char* const at = getenv("MARAC_KILL_AT_SYNC");
  static const bool wants_after = getenv("MARAC_KILL_AFTER_SYNC") != nullptr;
  if (at == nullptr || after != wants_after) return;
  if (calls.fetch_add(1) + 1 == atol(at)) kill(getpid(), SIGKILL);
}

int Through(const char* name, int fd) {
  using Sync = int (*)(int);
  const auto real = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name));
  KillWhenDue(/*after=*/false);
  const int result = real(fd);
  KillWhenDue(/*after=*/true);
  return result;
}

}  // namespace

extern "C" {
int fsync(int fd) { return Through("fsync", fd); }
int fdatasync(int fd) { return Through("fdatasync", fd); }
}
