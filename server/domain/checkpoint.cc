#include "domain/checkpoint.h"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.h"
#include "base/keys.h"
#include "base/status_macros.h"

namespace marac::domain {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // An em dash and a space.
constexpr size_t kKeyHashBytes = 4;

// The byte 1 says Ed25519.
std::string TypedKey(std::string_view public_key) { return "\x01" + std::string(public_key); }

std::string KeyHash(std::string_view origin, std::string_view public_key) {
  return Sha256(fmt::format("{}\n", origin), TypedKey(public_key)).substr(0, kKeyHashBytes);
}

std::string Text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, Base64(checkpoint.root));
}

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("checkpoint: {}", what));
}

// Takes the next line off `text`; `line` is without its line feed. False when none is complete.
bool NextLine(std::string_view& text, std::string_view& line) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

absl::StatusOr<Checkpoint> ParseText(std::string_view text) {
  std::string_view origin, size, root;
  if (!NextLine(text, origin) || !NextLine(text, size) || !NextLine(text, root) || !text.empty()) {
    return Bad("it must have three lines before the signature: origin, number of entries, root");
  }
  Checkpoint checkpoint{.origin = std::string(origin), .size = 0, .root = {}};
  auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  // Printing it again finds what from_chars lets pass: leading zeros.
  if (error != std::errc() || end != size.data() + size.size() ||
      fmt::format("{}", checkpoint.size) != size) {
    return Bad("its second line is not a number of entries");
  }
  absl::StatusOr<std::string> decoded = DecodeBase64(root);
  if (!decoded.ok() || decoded->size() != kHashBytes) {
    return Bad("its third line is not a root of 32 bytes in base 64");
  }
  checkpoint.root = *std::move(decoded);
  return checkpoint;
}

}  // namespace

std::string CheckpointOrigin(std::string_view area) { return fmt::format("marac.{}/audit", area); }

std::string SignCheckpoint(const Checkpoint& checkpoint, const Secret& seed) {
  const std::string text = Text(checkpoint);
  const std::string signature = KeyHash(checkpoint.origin, Ed25519PublicKey(seed)) + Ed25519Sign(seed, text);
  return fmt::format("{}\n{}{} {}\n", text, kDash, checkpoint.origin, Base64(signature));
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view origin,
                                          const std::vector<std::string>& public_keys) {
  if (note.size() > kCheckpointBytesMax)
    return Bad(fmt::format("it has more than {} bytes", kCheckpointBytesMax));
  const size_t blank = note.find("\n\n");
  if (blank == std::string_view::npos) return Bad("no blank line stands before its signature");
  const std::string_view text = note.substr(0, blank + 1);
  std::string_view signatures = note.substr(blank + 2);
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseText(text));
  if (checkpoint.origin != origin) return Bad(fmt::format("its first line is not \"{}\"", origin));

  // All lines are looked at even after a good signature, so that nothing unread hangs on to a good note.
  bool named = false, good = false;
  const std::string start = fmt::format("{}{} ", kDash, origin);
  while (!signatures.empty()) {
    std::string_view line;
    if (!NextLine(signatures, line) || line.substr(0, kDash.size()) != kDash) {
      return Bad("a line after the blank one is not a signature");
    }
    if (line.substr(0, start.size()) != start) continue;
    named = true;
    absl::StatusOr<std::string> decoded = DecodeBase64(line.substr(start.size()));
    if (!decoded.ok() || decoded->size() != kKeyHashBytes + kEd25519SignatureBytes) {
      return Bad("its signature is cut or damaged");
    }
    const std::string_view signature = *decoded;
    for (const std::string& key : public_keys) {
      good = good || (KeyHash(origin, key) == signature.substr(0, kKeyHashBytes) &&
                      Ed25519Verify(key, text, signature.substr(kKeyHashBytes)));
    }
  }
  if (good) return checkpoint;
  if (!named) return Bad(fmt::format("it has no signature of \"{}\"", origin));
  return Bad("its signature is not by a known audit key, or the text was changed after it");
}

std::string VerifierKey(std::string_view origin, std::string_view public_key) {
  return fmt::format("{}+{}+{}", origin, Hex(KeyHash(origin, public_key)), Base64(TypedKey(public_key)));
}

}  // namespace marac::domain
