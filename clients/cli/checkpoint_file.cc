#include "cli/checkpoint_file.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/keys.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "domain/checkpoint.h"

namespace marac::cli {
namespace {

// In a verifier key this byte before the key says Ed25519.
constexpr char kEd25519 = 1;

// The checkpoint of `note`, which one of `keys` signed under the one origin they all have.
absl::StatusOr<domain::Checkpoint> Open(std::string_view note, const std::vector<AuditKey>& keys,
                                        std::string_view whose) {
  std::vector<std::string> public_keys;
  for (const AuditKey& key : keys) public_keys.push_back(key.public_key);
  absl::StatusOr<domain::Checkpoint> checkpoint =
      domain::OpenCheckpoint(note, keys.front().origin, public_keys);
  if (checkpoint.ok()) return checkpoint;
  return AuditBad(fmt::format("{}: {}", whose, std::string(checkpoint.status().message())));
}

}  // namespace

absl::StatusOr<AuditKey> ParseAuditKey(std::string_view text) {
  constexpr char kAdvice[] =
      "audit_keys: a key has the form ORIGIN+HASH+BASE64, as `maracd audit-key` prints it";
  const size_t first = text.find('+');
  const size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return SetUpError(kAdvice);
  const absl::StatusOr<std::string> bytes = DecodeBase64(text.substr(second + 1));
  if (!bytes.ok() || bytes->size() != 1 + kEd25519PublicKeyBytes || bytes->front() != kEd25519) {
    return SetUpError(kAdvice);
  }
  AuditKey key = {std::string(text.substr(0, first)), bytes->substr(1)};
  // The hash in the middle is over origin and key: a slip in any part shows.
  if (domain::VerifierKey(key.origin, key.public_key) != text) return SetUpError(kAdvice);
  return key;
}

absl::StatusOr<CheckpointVerdict> CheckAndKeep(const std::string& path, const std::string& note,
                                               const std::vector<std::string>& keys) {
  if (keys.empty()) {
    return SetUpError(
        "audit_keys: is missing; `maracd audit-key` prints it on the host; set it in the configuration file "
        "or by --audit-key");
  }
  std::vector<AuditKey> parsed;
  for (const std::string& text : keys) {
    ASSIGN_OR_RETURN(AuditKey key, ParseAuditKey(text));
    if (!parsed.empty() && key.origin != parsed.front().origin) {
      return SetUpError("audit_keys: all keys must have the same origin");
    }
    parsed.push_back(std::move(key));
  }
  ASSIGN_OR_RETURN(const domain::Checkpoint latest, Open(note, parsed, "the server's checkpoint"));
  CheckpointVerdict verdict;
  verdict.new_size = latest.size;
  const absl::StatusOr<std::string> kept_note = ReadSmallFile(path, domain::kCheckpointBytesMax);
  if (kept_note.ok()) {
    ASSIGN_OR_RETURN(const domain::Checkpoint kept, Open(*kept_note, parsed, path));
    verdict.kept_size = kept.size;
    if (latest.size < kept.size) {
      return AuditBad(
          fmt::format("the audit log is shorter than before: {} entries, and {} were signed earlier; an "
                      "older state was put back or entries were cut off. Keep {} and tell the auditor",
                      latest.size, kept.size, path));
    }
    if (latest.size == kept.size && latest.root != kept.root) {
      return AuditBad(
          fmt::format("the audit log was rewritten: {} entries with another root than was signed "
                      "earlier. Keep {} and tell the auditor",
                      latest.size, path));
    }
  } else if (!absl::IsNotFound(kept_note.status())) {
    return SetUpError(std::string(kept_note.status().message()));
  }
  if (verdict.kept_size == latest.size && verdict.kept_size > 0) return verdict;
  const absl::Status written = WriteFileDurably(path, note, 0644, IfExists::kReplace);
  if (!written.ok()) return SetUpError(std::string(written.message()));
  return verdict;
}

}  // namespace marac::cli
