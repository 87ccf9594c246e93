#include "tests/access/alike.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/random.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/hash.h"

namespace marac::testing {
namespace {

const char* Name() { return "alike"; }

void Fill(void* const buffer, const size_t size) { AlikeRandom::Get().Fill(buffer, size); }

uint32_t Word() {
  uint32_t word = 0;
  Fill(&word, sizeof word);
  return word;
}

randombytes_implementation implementation = {&Name, &Word, nullptr, nullptr, &Fill, nullptr};

}  // namespace

AlikeRandom& AlikeRandom::Get() {
  static AlikeRandom& random = *new AlikeRandom;
  return random;
}

void AlikeRandom::TurnOn() {
  randombytes_set_implementation(&implementation);
  const std::lock_guard lock(mutex_);
  on_ = true;
}

void AlikeRandom::TurnOff() {
  const std::lock_guard lock(mutex_);
  on_ = false;
}

void AlikeRandom::Begin() {
  const std::lock_guard lock(mutex_);
  ++call_;
  drawn_.clear();
}

void AlikeRandom::Again() {
  const std::lock_guard lock(mutex_);
  drawn_.clear();
}

void AlikeRandom::Fill(void* buffer, size_t size) {
  const std::lock_guard lock(mutex_);
  auto* bytes = static_cast<unsigned char*>(buffer);
  if (!on_) {
    for (size_t done = 0; done < size;) {
      const ssize_t got = getrandom(bytes + done, std::min<size_t>(size - done, 256), 0);
      if (got > 0) done += static_cast<size_t>(got);
    }
    return;
  }
  const int draw = drawn_[size]++;
  for (size_t done = 0; done < size; done += 32) {
    const std::string block = Sha256(fmt::format("{} {} {} {}", call_, size, draw, done));
    std::memcpy(bytes + done, block.data(), std::min<size_t>(32, size - done));
  }
}

}  // namespace marac::testing
