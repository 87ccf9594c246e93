// The memory the database library uses: whatever it frees is overwritten first, so that no text of a record
// lies about in memory that somebody else may get.
#ifndef MARAC_STORE_WIPING_MEMORY_H_
#define MARAC_STORE_WIPING_MEMORY_H_

#include <sqlcipher/sqlite3.h>

#include "absl/status/status.h"

namespace marac::store {

// The same memory as of `plain`, which must be kept, overwritten whenever it is given back. At most one a
// process, because the library hands its functions no context.
sqlite3_mem_methods Wiping(const sqlite3_mem_methods& plain);

// Makes the library use such memory, in the first call; every way to a connection goes through here. Must
// come before any other call into the library. INTERNAL when something called it earlier.
absl::Status PrepareLibrary();

}  // namespace marac::store

#endif  // MARAC_STORE_WIPING_MEMORY_H_
