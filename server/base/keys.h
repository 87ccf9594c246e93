// Keys: their file of one line, their making, and what is derived or signed with them.
//
//   marac-key 1 <purpose> <id> <state> <base64>
//
// Purposes: db (32 bytes key, 16 bytes salt), audit (Ed25519 seed, 32 bytes), app (32 bytes, from which every
// other key is derived). States: prepared, active, retired. No function here leaves a copy of a key behind
// outside a Secret, and no error shows any part of one. Any thread may call.
#ifndef MARAC_BASE_KEYS_H_
#define MARAC_BASE_KEYS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/file.h"
#include "base/secret.h"

namespace marac {

enum class KeyPurpose { kDatabase, kAudit, kApp };
enum class KeyState { kPrepared, kActive, kRetired };

struct Key {
  KeyPurpose purpose;
  std::string id;  // 1 to 64 of a-z, 0-9 and '-'
  KeyState state;
  Secret bytes;
};

// A fresh key from the operating system's generator.
Key GenerateKey(KeyPurpose purpose, std::string id, KeyState state);

// The line, ended by a line feed. `key` holds as many bytes as its purpose asks.
Secret FormatKey(const Key& key);

// Reads a line, with or without its line feed. INVALID_ARGUMENT says which part is wrong.
absl::StatusOr<Key> ParseKey(std::string_view line);

// Reads a key file, which must be a regular file of mode 0400 or 0600, owned by this user or by root, and
// hold a key for `purpose`. Otherwise FAILED_PRECONDITION, INVALID_ARGUMENT or the system's code, with a
// sentence that names the file and says what to do.
absl::StatusOr<Key> ReadKeyFile(const std::string& path, KeyPurpose purpose);

// Writes a key file of mode 0400, durably. To refuse is the rule; to replace is for a change of state.
absl::Status WriteKeyFile(const std::string& path, const Key& key, IfExists if_exists);

// HKDF-SHA256 of `app` without salt, `purpose` as its info: 32 bytes. Purposes in use are named where they
// are used ("audit-hmac", "page-token").
Secret DeriveKey(const Secret& app, std::string_view purpose);

inline constexpr size_t kEd25519SeedBytes = 32;
inline constexpr size_t kEd25519PublicKeyBytes = 32;
inline constexpr size_t kEd25519SignatureBytes = 64;

// Ed25519 of RFC 8032; `seed` has 32 bytes.
std::string Ed25519PublicKey(const Secret& seed);
std::string Ed25519Sign(const Secret& seed, std::string_view message);
// False also for a key or signature of another size.
bool Ed25519Verify(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace marac

#endif  // MARAC_BASE_KEYS_H_
