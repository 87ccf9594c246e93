#include "domain/case_number.h"

#include <fmt/format.h>

#include <cassert>

namespace marac::domain {
namespace {

constexpr std::string_view kBase32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kNone = std::string_view::npos;

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// The letters that base 32 leaves out read as what they are taken for.
size_t ValueOf(char c) {
  c = Upper(c);
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  if (c == 'U') c = 'V';
  return kBase32.find(c);
}

// Twice `value` in the field of 32 elements, of which x^5 + x^2 + 1 is the modulus.
unsigned Double(unsigned value) { return (value << 1U) ^ ((value & 0x10U) != 0 ? 0x25U : 0U); }

// Horner's scheme: each character counts with another power of x, so that one wrong character always shows,
// and so do any two that changed places.
unsigned Checksum(std::string_view text) {
  unsigned sum = 0;
  for (char c : text) {
    if (c == '-') continue;
    sum = Double(sum) ^ static_cast<unsigned>(ValueOf(c));
  }
  return sum;
}

}  // namespace

std::string MakeCaseNumber(std::string_view area_code, LocalDate day, std::string_view random) {
  assert(random.size() == kCaseNumberRandomLength);
  std::string number = fmt::format("{}-{:02}-{}", area_code, day.year() % 100, random);
  for (char& c : number) c = Upper(c);
  // The check character makes the sum of the whole zero.
  number += fmt::format("-{}", kBase32[Double(Checksum(number))]);
  return number;
}

bool IsCaseNumber(std::string_view number) {
  // "MK-26-7QX4-K": lengths 2 to 4, 2, 4, 1.
  constexpr size_t kTail = sizeof("-26-7QX4-K") - 1;
  if (number.size() < kTail + 2 || number.size() > kTail + 4) return false;
  const size_t tail = number.size() - kTail;
  for (size_t i = 0; i < number.size(); ++i) {
    const bool dash = i == tail || i == tail + 3 || i == tail + 8;
    if (dash != (number[i] == '-') || (!dash && ValueOf(number[i]) == kNone)) return false;
  }
  return Checksum(number) == 0;
}

}  // namespace marac::domain
