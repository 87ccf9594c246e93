#include "store/wiping_memory.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace marac::store {
namespace {

sqlite3_mem_methods plain_memory;

void Free(void* memory) {
  if (memory == nullptr) return;
  sodium_memzero(memory, static_cast<size_t>(plain_memory.xSize(memory)));
  plain_memory.xFree(memory);
}

// Never in place: growing where it lies may move it, and leaves the old place as it was.
void* Resize(void* memory, int bytes) {
  void* moved = plain_memory.xMalloc(bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, static_cast<size_t>(std::min(plain_memory.xSize(memory), bytes)));
  Free(memory);
  return moved;
}

}  // namespace

sqlite3_mem_methods Wiping(const sqlite3_mem_methods& plain) {
  plain_memory = plain;
  sqlite3_mem_methods wiping = plain;
  wiping.xFree = Free;
  wiping.xRealloc = Resize;
  return wiping;
}

absl::Status PrepareLibrary() {
  // SQLCipher puts its own functions around those it finds here; what they would add, a system call to lock
  // and one to unlock each piece, the server does once for the whole process.
  static const int code = [] {
    sqlite3_mem_methods plain;
    if (const int got = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain); got != SQLITE_OK) return got;
    const sqlite3_mem_methods wiping = Wiping(plain);
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &wiping);
  }();
  return code == SQLITE_OK
             ? absl::OkStatus()
             : absl::InternalError("the database library was used before its memory was prepared");
}

}  // namespace marac::store
