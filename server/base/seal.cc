#include "base/seal.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cassert>

#include "base/hash.h"

namespace marac {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
// An offset or a time must not show by the length of its token.
constexpr size_t kBlockBytes = 32;

unsigned char* Bytes(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* Bytes(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// The length in front keeps ("ab", "c") and ("a", "bc") apart.
std::string AssociatedData(const SealContext& context) {
  return fmt::format("{}:{}{}", context.purpose.size(), context.purpose, context.caller);
}

}  // namespace

std::string Seal(const Secret& key, const SealContext& context, std::string_view content) {
  assert(key.size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  std::string padded(content);
  padded.resize((content.size() / kBlockBytes + 1) * kBlockBytes);
  size_t padded_size = 0;
  sodium_pad(&padded_size, Bytes(padded), content.size(), kBlockBytes, padded.size());
  assert(padded_size == padded.size());

  const std::string associated = AssociatedData(context);
  std::string token(kNonceBytes + padded.size() + kTagBytes, '\0');
  // 24 random bytes do not meet again under one key, so nothing need be counted.
  randombytes_buf(Bytes(token), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(token) + kNonceBytes, nullptr,
                                             Bytes(std::string_view(padded)), padded.size(),
                                             Bytes(std::string_view(associated)), associated.size(), nullptr,
                                             Bytes(std::string_view(token)), Bytes(key.Reveal()));
  return Base64url(token);
}

absl::StatusOr<std::string> Unseal(const Secret& key, const SealContext& context, std::string_view token) {
  assert(key.size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  const absl::Status refusal = absl::InvalidArgumentError(fmt::format(
      "{}: not one that this server gave you for this list; start again without it", context.field));
  absl::StatusOr<std::string> sealed = DecodeBase64url(token);
  if (!sealed.ok() || sealed->size() < kNonceBytes + kTagBytes) return refusal;
  const std::string associated = AssociatedData(context);
  const std::string_view nonce = std::string_view(*sealed).substr(0, kNonceBytes);
  const std::string_view encrypted = std::string_view(*sealed).substr(kNonceBytes);
  std::string content(encrypted.size() - kTagBytes, '\0');
  size_t size = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Bytes(content), nullptr, nullptr, Bytes(encrypted),
                                                 encrypted.size(), Bytes(std::string_view(associated)),
                                                 associated.size(), Bytes(nonce), Bytes(key.Reveal())) != 0 ||
      sodium_unpad(&size, Bytes(std::string_view(content)), content.size(), kBlockBytes) != 0) {
    return refusal;
  }
  content.resize(size);
  return content;
}

std::string Etag(const Secret& key, std::string_view name, int64_t version) {
  return Base64url(HmacSha256(key, fmt::format("{}:{}", version, name)).substr(0, 12));
}

}  // namespace marac
