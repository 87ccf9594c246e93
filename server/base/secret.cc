#include "base/secret.h"

#include <sodium.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace marac {
namespace {

// A process that cannot have its locked memory or its generator must not go on without them.
char* Allocate(size_t size) {
  static const bool ready = sodium_init() >= 0;
  void* memory = ready ? sodium_malloc(size) : nullptr;
  if (memory == nullptr) std::abort();
  return static_cast<char*>(memory);
}

}  // namespace

Secret::Secret(std::string_view bytes) : size_(bytes.size()) {
  if (size_ == 0) return;
  data_ = Allocate(size_);
  std::memcpy(data_, bytes.data(), size_);
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::Secret(const Secret& other) : Secret(other.Reveal()) {}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other.Reveal());
  return *this;
}

Secret::~Secret() { sodium_free(data_); }

Secret Secret::Random(size_t size) {
  Secret secret;
  if (size == 0) return secret;
  secret.data_ = Allocate(size);
  secret.size_ = size;
  randombytes_buf(secret.data_, size);
  return secret;
}

bool Secret::Equals(const Secret& other) const {
  return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0);
}

void WipeString(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace marac
