#include "base/one_time_code.h"

#include <fmt/format.h>
#include <liboath/oath.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace marac {
namespace {

constexpr unsigned kDigits = 6;
constexpr size_t kStepsAround = 1;

void Prepare() {
  static const int ready = oath_init();
  if (ready != OATH_OK) std::abort();  // Its random source or its hash is missing: nothing can be checked.
}

std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace

std::optional<int64_t> StepOfCode(const Secret& secret, absl::Time now, std::string_view code) {
  Prepare();
  // The library compares any text; a shorter one must not pass for a code.
  if (code.size() != kDigits || !std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  uint64_t step = 0;
  const std::string terminated(code);
  const int found = oath_totp_validate3(secret.Reveal().data(), secret.size(), absl::ToTimeT(now),
                                        OATH_TOTP_DEFAULT_TIME_STEP_SIZE, OATH_TOTP_DEFAULT_START_TIME,
                                        kStepsAround, /*otp_pos=*/nullptr, &step, terminated.c_str());
  if (found < 0) return std::nullopt;
  return static_cast<int64_t>(step);
}

std::string CodeAt(const Secret& secret, absl::Time now) {
  Prepare();
  std::array<char, kDigits + 1> code{};
  oath_totp_generate(secret.Reveal().data(), secret.size(), absl::ToTimeT(now),
                     OATH_TOTP_DEFAULT_TIME_STEP_SIZE, OATH_TOTP_DEFAULT_START_TIME, kDigits, code.data());
  return code.data();
}

std::string Base32(const Secret& secret) {
  Prepare();
  char* text = nullptr;
  size_t size = 0;
  if (oath_base32_encode(secret.Reveal().data(), secret.size(), &text, &size) != OATH_OK) return {};
  std::string encoded(text, size);
  std::fill_n(text, size, '\0');
  std::free(text);
  return encoded;
}

std::string OtpAuthUri(std::string_view issuer, std::string_view login, const Secret& secret) {
  return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}", PercentEncoded(issuer),
                     PercentEncoded(login), Base32(secret), PercentEncoded(issuer));
}

}  // namespace marac
