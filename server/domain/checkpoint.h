// A signed statement of how long the audit log is and what it holds, in the C2SP forms "signed note" and
// "tlog-checkpoint", so that tools of others can check it too:
//
//   marac.<area>/audit
//   <number of entries, decimal>
//   <root of the RFC 6962 tree, base 64>
//
//   — marac.<area>/audit <base 64 of 4 bytes key hash and 64 bytes Ed25519 signature>
//
// The signature is over the first three lines with their line feeds. Pure; any thread may call.
#ifndef MARAC_DOMAIN_CHECKPOINT_H_
#define MARAC_DOMAIN_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret.h"

namespace marac::domain {

inline constexpr size_t kCheckpointBytesMax = 4096;

struct Checkpoint {
  std::string origin;  // also the name of the signing key
  uint64_t size = 0;
  std::string root;  // 32 bytes

  bool operator==(const Checkpoint&) const = default;
};

// "marac.<area>/audit".
std::string CheckpointOrigin(std::string_view area);

// The note, signed with the Ed25519 `seed`.
std::string SignCheckpoint(const Checkpoint& checkpoint, const Secret& seed);

// The checkpoint of `note` when its origin is `origin` and one of `public_keys` (the present key and former
// ones) signed it; signatures of others, such as witnesses, may stand beside it. INVALID_ARGUMENT says what
// is wrong otherwise.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view origin,
                                          const std::vector<std::string>& public_keys);

// The key in the form that others' tools take: "<name>+<hex key hash>+<base 64 of 0x01 and the key>".
std::string VerifierKey(std::string_view origin, std::string_view public_key);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CHECKPOINT_H_
