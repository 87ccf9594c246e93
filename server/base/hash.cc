#include "base/hash.h"

#include <sodium.h>

#include "absl/status/status.h"

namespace marac {
namespace {

const unsigned char* Bytes(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* Bytes(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string Encode(std::string_view bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), Bytes(bytes), bytes.size(), variant);
  text.pop_back();  // The length above counts a closing zero.
  return text;
}

absl::StatusOr<std::string> Decode(std::string_view text, int variant) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  if (sodium_base642bin(Bytes(bytes), bytes.size(), text.data(), text.size(), /*ignore=*/nullptr, &size,
                        /*b64_end=*/nullptr, variant) != 0) {
    return absl::InvalidArgumentError("not base 64");
  }
  bytes.resize(size);
  // libsodium takes some bytes beyond ASCII for letters of the alphabet.
  if (Encode(bytes, variant) != text) return absl::InvalidArgumentError("not base 64");
  return bytes;
}

}  // namespace

// libsodium's SHA-256 needs no context to be fetched for each call, as OpenSSL 3's does; our inputs are
// short.
std::string Sha256(std::string_view first, std::string_view second) {
  std::string digest(kHashBytes, '\0');
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, Bytes(first), first.size());
  crypto_hash_sha256_update(&state, Bytes(second), second.size());
  crypto_hash_sha256_final(&state, Bytes(digest));
  return digest;
}

std::string HmacSha256(const Secret& key, std::string_view bytes) {
  std::string mac(kHashBytes, '\0');
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, Bytes(key.Reveal()), key.size());
  crypto_auth_hmacsha256_update(&state, Bytes(bytes), bytes.size());
  crypto_auth_hmacsha256_final(&state, Bytes(mac));
  // The state holds what the key became.
  sodium_memzero(&state, sizeof state);
  return mac;
}

std::string Hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), Bytes(bytes), bytes.size());
  text.pop_back();
  return text;
}

std::string Base64(std::string_view bytes) { return Encode(bytes, sodium_base64_VARIANT_ORIGINAL); }

absl::StatusOr<std::string> DecodeBase64(std::string_view text) {
  return Decode(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string Base64url(std::string_view bytes) {
  return Encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

absl::StatusOr<std::string> DecodeBase64url(std::string_view text) {
  return Decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace marac
