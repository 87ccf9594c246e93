#include "base/keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "base/status_macros.h"

namespace marac {
namespace {

constexpr size_t kKeyBytesMax = 48;
constexpr size_t kIdCharactersMax = 64;
constexpr size_t kLineBytesMax = 192;
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

constexpr std::array<std::pair<std::string_view, size_t>, 3> kPurposes = {
    {{"db", 48}, {"audit", kEd25519SeedBytes}, {"app", 32}}};
constexpr std::array<std::string_view, 3> kStates = {"prepared", "active", "retired"};

std::string_view Name(KeyPurpose purpose) { return kPurposes[static_cast<size_t>(purpose)].first; }
size_t Size(KeyPurpose purpose) { return kPurposes[static_cast<size_t>(purpose)].second; }

// Secret bytes on their way, on the stack, wiped at the end of the scope.
template <size_t kSize>
struct Scratch {
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { sodium_memzero(bytes, kSize); }
  const char* chars() const { return reinterpret_cast<const char*>(bytes); }
  unsigned char bytes[kSize] = {};
};

const unsigned char* Bytes(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Takes the next word and the space after it off `line`.
std::string_view NextWord(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= kIdCharactersMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

absl::Status InFile(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("key file {}: {}", path, std::string(status.message())));
}

absl::StatusOr<Key> ReadKey(const std::string& path, KeyPurpose purpose) {
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return absl::ErrnoToStatus(errno, "cannot be opened");
  RETURN_IF_ERROR(CheckHoldsSecret(file));
  Scratch<kLineBytesMax> line;
  ASSIGN_OR_RETURN(size_t size, ReadUpTo(file, reinterpret_cast<char*>(line.bytes), kLineBytesMax));
  if (size > kLineBytesMax) return absl::InvalidArgumentError("is too long for a key file");
  ASSIGN_OR_RETURN(Key key, ParseKey({line.chars(), size}));
  if (key.purpose != purpose) {
    return absl::InvalidArgumentError(
        fmt::format("holds a key for {}, where one for {} is needed", Name(key.purpose), Name(purpose)));
  }
  return key;
}

}  // namespace

Key GenerateKey(KeyPurpose purpose, std::string id, KeyState state) {
  return Key{.purpose = purpose, .id = std::move(id), .state = state, .bytes = Secret::Random(Size(purpose))};
}

Secret FormatKey(const Key& key) {
  assert(key.bytes.size() == Size(key.purpose) && IsId(key.id));
  const std::string head = fmt::format("marac-key 1 {} {} {} ", Name(key.purpose), key.id,
                                       kStates[static_cast<size_t>(key.state)]);
  Scratch<kLineBytesMax> line;
  char* out = reinterpret_cast<char*>(line.bytes);
  std::memcpy(out, head.data(), head.size());
  sodium_bin2base64(out + head.size(), kLineBytesMax - head.size(), Bytes(key.bytes.Reveal()),
                    key.bytes.size(), kBase64);
  const size_t size = head.size() + sodium_base64_ENCODED_LEN(key.bytes.size(), kBase64);
  out[size - 1] = '\n';  // In place of the closing zero.
  return Secret({line.chars(), size});
}

absl::StatusOr<Key> ParseKey(std::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (NextWord(line) != "marac-key") {
    return absl::InvalidArgumentError("is not a key file: its line must begin with \"marac-key\"");
  }
  if (NextWord(line) != "1") {
    return absl::InvalidArgumentError("is of a version that this program does not know; 1 is known");
  }
  const std::string_view purpose_word = NextWord(line);
  const auto purpose = std::find_if(kPurposes.begin(), kPurposes.end(),
                                    [&](const auto& known) { return known.first == purpose_word; });
  if (purpose == kPurposes.end()) {
    return absl::InvalidArgumentError("has an unknown purpose; db, audit and app are known");
  }
  const std::string_view id = NextWord(line);
  if (!IsId(id)) {
    return absl::InvalidArgumentError("has no valid key id: 1 to 64 characters of a-z, 0-9 and '-'");
  }
  const auto state = std::find(kStates.begin(), kStates.end(), NextWord(line));
  if (state == kStates.end()) {
    return absl::InvalidArgumentError("has an unknown state; prepared, active and retired are known");
  }
  Scratch<kKeyBytesMax> bytes;
  size_t size = 0;
  // libsodium takes some bytes beyond ASCII for letters of the alphabet.
  const bool ascii = std::all_of(line.begin(), line.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!ascii ||
      sodium_base642bin(bytes.bytes, kKeyBytesMax, line.data(), line.size(), /*ignore=*/nullptr, &size,
                        /*b64_end=*/nullptr, kBase64) != 0 ||
      size != purpose->second) {
    return absl::InvalidArgumentError(fmt::format("is cut or damaged: a key for {} is {} bytes in base 64",
                                                  purpose->first, purpose->second));
  }
  return Key{.purpose = static_cast<KeyPurpose>(purpose - kPurposes.begin()),
             .id = std::string(id),
             .state = static_cast<KeyState>(state - kStates.begin()),
             .bytes = Secret({bytes.chars(), size})};
}

absl::StatusOr<Key> ReadKeyFile(const std::string& path, KeyPurpose purpose) {
  absl::StatusOr<Key> key = ReadKey(path, purpose);
  if (!key.ok()) return InFile(path, key.status());
  return key;
}

absl::Status WriteKeyFile(const std::string& path, const Key& key, IfExists if_exists) {
  const Secret line = FormatKey(key);
  absl::Status status = WriteFileDurably(path, line.Reveal(), /*mode=*/0400, if_exists);
  return status.ok() ? status : InFile(path, status);
}

Secret DeriveKey(const Secret& app, std::string_view purpose) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                              EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()),
                                                                          EVP_KDF_CTX_free);
  char digest[] = "SHA256";
  // OpenSSL's parameters point to what is not const, and are only read.
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                             OSSL_PARAM_construct_octet_string(
                                 OSSL_KDF_PARAM_KEY, const_cast<char*>(app.Reveal().data()), app.size()),
                             OSSL_PARAM_construct_octet_string(
                                 OSSL_KDF_PARAM_INFO, const_cast<char*>(purpose.data()), purpose.size()),
                             OSSL_PARAM_construct_end()};
  Scratch<32> derived;
  // All of it is constant but the bytes, so this fails only without memory; nothing may go on with a zero
  // key.
  if (context == nullptr ||
      EVP_KDF_derive(context.get(), derived.bytes, sizeof derived.bytes, parameters) != 1) {
    std::abort();
  }
  return Secret({derived.chars(), sizeof derived.bytes});
}

std::string Ed25519PublicKey(const Secret& seed) {
  assert(seed.size() == kEd25519SeedBytes);
  Scratch<crypto_sign_SECRETKEYBYTES> secret_key;
  std::string public_key(kEd25519PublicKeyBytes, '\0');
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret_key.bytes,
                           Bytes(seed.Reveal()));
  return public_key;
}

std::string Ed25519Sign(const Secret& seed, std::string_view message) {
  assert(seed.size() == kEd25519SeedBytes);
  Scratch<crypto_sign_SECRETKEYBYTES> secret_key;
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  crypto_sign_seed_keypair(public_key, secret_key.bytes, Bytes(seed.Reveal()));
  std::string signature(kEd25519SignatureBytes, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, Bytes(message),
                       message.size(), secret_key.bytes);
  return signature;
}

bool Ed25519Verify(std::string_view public_key, std::string_view message, std::string_view signature) {
  return public_key.size() == kEd25519PublicKeyBytes && signature.size() == kEd25519SignatureBytes &&
         crypto_sign_verify_detached(Bytes(signature), Bytes(message), message.size(), Bytes(public_key)) ==
             0;
}

}  // namespace marac
