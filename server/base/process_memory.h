// What the operating system may do with this process's memory.
#ifndef MARAC_BASE_PROCESS_MEMORY_H_
#define MARAC_BASE_PROCESS_MEMORY_H_

#include "absl/status/status.h"

namespace marac {

// Keeps all memory of the process, what it has and what it will get, out of swap: the messages in it are
// records. FAILED_PRECONDITION when the limit on locked memory does not allow that; then nothing is changed.
absl::Status LockProcessMemory();

}  // namespace marac

#endif  // MARAC_BASE_PROCESS_MEMORY_H_
