#include "domain/names.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <tuple>

#include "absl/synchronization/mutex.h"
#include "domain/errors.h"

namespace marac::domain {
namespace {

// ICU without its data cannot match anybody; to go on would be to miss repeats in silence.
void RequireIcu(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  std::fputs("ICU has no data on this machine: install the package libicu72 completely.\n", stderr);
  std::abort();
}

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

icu::UnicodeString FoldCase(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  RequireIcu(status);
  icu::UnicodeString folded = normalizer->normalize(text, status);
  RequireIcu(status);
  return folded;
}

// A transliterator takes long to make and does not promise to be safe for several threads: one, under a lock.
void ToPlainLatin(icu::UnicodeString& text) {
  static absl::Mutex mutex(absl::kConstInit);
  static const icu::Transliterator* const transliterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Transliterator* made =
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, status);
    RequireIcu(status);
    return made;
  }();
  absl::MutexLock lock(&mutex);
  transliterator->transliterate(text);
}

// ' and ` stand in for the apostrophes that are inside a name, which Latin-ASCII has already made plain.
bool IsApostrophe(UChar32 c) { return c == '\'' || c == '`'; }

std::vector<std::string> Words(const std::string& normalised) {
  std::istringstream stream(normalised);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string Join(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

bool Share(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::any_of(a, [&](const std::string& key) { return std::ranges::find(b, key) != b.end(); });
}

bool Reversed(LocalDate a, LocalDate b) {
  return a.year() == b.year() && a.month() == b.day() && a.day() == b.month();
}

template <typename Same>
bool AnyPair(const std::vector<LocalDate>& a, const std::vector<LocalDate>& b, Same same) {
  return std::ranges::any_of(
      a, [&](LocalDate x) { return std::ranges::any_of(b, [&](LocalDate y) { return same(x, y); }); });
}

bool Has(const std::vector<MatchField>& fields, MatchField field) {
  return std::ranges::find(fields, field) != fields.end();
}

// Nothing proposed comes right after the same person: it may be one, and must not be overlooked.
int Place(const Candidate& candidate) {
  if (!candidate.proposed) return 1;
  switch (*candidate.proposed) {
    case MatchAnswer::kSamePerson:
      return 0;
    case MatchAnswer::kSameHousehold:
      return 2;
    case MatchAnswer::kStranger:
      break;
  }
  return 3;
}

Candidate Compare(const PersonKeys& query, const StoredPerson& person) {
  const PersonKeys& stored = person.keys;
  Candidate candidate = {person.id, {}, {}, std::nullopt};
  std::vector<MatchField>& agreed = candidate.agreed;
  std::vector<MatchField>& differed = candidate.differed;

  bool name = Share(query.name_keys, stored.name_keys);
  bool alias = Share(query.alias_keys, stored.name_keys) || Share(query.name_keys, stored.alias_keys) ||
               Share(query.alias_keys, stored.alias_keys);
  if (name) agreed.push_back(MatchField::kName);
  if (alias) agreed.push_back(MatchField::kAlias);
  if (!name && !alias && !query.name_keys.empty() && !stored.name_keys.empty()) {
    differed.push_back(MatchField::kName);
  }
  if (AnyPair(query.birth_dates, stored.birth_dates, [](LocalDate a, LocalDate b) { return a == b; })) {
    agreed.push_back(MatchField::kBirthDate);
  } else if (AnyPair(query.birth_dates, stored.birth_dates, Reversed)) {
    agreed.push_back(MatchField::kBirthDateReversed);
  } else if (!query.birth_dates.empty() && !stored.birth_dates.empty()) {
    differed.push_back(MatchField::kBirthDate);
  }
  if (query.nhs_number && stored.nhs_number) {
    (*query.nhs_number == *stored.nhs_number ? agreed : differed).push_back(MatchField::kNhsNumber);
  }
  if (!query.address_key.empty() && query.address_key == stored.address_key) {
    agreed.push_back(MatchField::kAddress);
  }

  bool birth = Has(agreed, MatchField::kBirthDate) || Has(agreed, MatchField::kBirthDateReversed);
  bool address = Has(agreed, MatchField::kAddress);
  if (Has(agreed, MatchField::kNhsNumber) || ((name || alias) && (birth || address) && differed.empty())) {
    candidate.proposed = MatchAnswer::kSamePerson;
  } else if (address) {
    candidate.proposed = MatchAnswer::kSameHousehold;
  } else if (!differed.empty()) {
    candidate.proposed = MatchAnswer::kStranger;
  }
  return candidate;
}

}  // namespace

std::string NormaliseName(std::string_view name) {
  icu::UnicodeString text = FoldCase(FromUtf8(name));
  ToPlainLatin(text);
  // Transliteration may have made capitals again.
  text = FoldCase(text);
  icu::UnicodeString result;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    UChar32 c = text.char32At(i);
    if (u_isalnum(c)) {
      result.append(c);
    } else if (!IsApostrophe(c) && !result.isEmpty() && result.char32At(result.length() - 1) != ' ') {
      result.append(static_cast<UChar32>(' '));
    }
  }
  result.trim();
  std::string utf8;
  return result.toUTF8String(utf8);
}

std::vector<std::string> NameKeys(std::string_view name) {
  std::string normalised = NormaliseName(name);
  if (normalised.empty()) return {};
  std::vector<std::string> words = Words(normalised);
  std::vector<std::string> sorted = words;
  std::ranges::sort(sorted);
  std::vector<std::string> keys;
  for (std::string key : {normalised, Join(sorted, " "), Join(words, ""), Join(sorted, "")}) {
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  }
  return keys;
}

std::string AddressKey(std::string_view lines, std::string_view postcode) {
  std::string code = Join(Words(NormaliseName(postcode)), "");
  if (code.empty()) return "";
  return NormaliseName(lines) + "|" + code;
}

absl::StatusOr<std::string> ParseNhsNumber(std::string_view text, std::string_view field) {
  constexpr size_t kDigits = 10;
  std::string digits;
  for (char c : text) {
    if (c == ' ' || c == '-') continue;
    if (c < '0' || c > '9')
      return InvalidField(field, "an NHS number is ten digits; leave it out if it is not known");
    digits.push_back(c);
  }
  if (digits.size() != kDigits)
    return InvalidField(field, "an NHS number is ten digits; leave it out if it is not known");
  if (digits.find_first_not_of(digits[0]) == std::string::npos) {
    return InvalidField(field,
                        "ten times the same digit is nobody's NHS number; leave it out if it is not known");
  }
  int sum = 0;
  for (size_t i = 0; i < kDigits - 1; ++i) sum += (digits[i] - '0') * static_cast<int>(kDigits - i);
  // 11 stands for 0; 10 has no digit, so that such a number is never given out.
  int check = (11 - sum % 11) % 11;
  if (check != digits[kDigits - 1] - '0') {
    return InvalidField(field, "the check digit of this NHS number does not fit; look for a mistyped digit");
  }
  return digits;
}

std::vector<Candidate> MatchCandidates(const PersonKeys& query, const std::vector<StoredPerson>& stored) {
  static constexpr std::array kEnough = {MatchField::kName, MatchField::kAlias, MatchField::kNhsNumber,
                                         MatchField::kAddress};
  std::vector<Candidate> candidates;
  for (const StoredPerson& person : stored) {
    Candidate candidate = Compare(query, person);
    if (std::ranges::any_of(kEnough, [&](MatchField field) { return Has(candidate.agreed, field); })) {
      candidates.push_back(std::move(candidate));
    }
  }
  std::ranges::sort(candidates, {}, [](const Candidate& candidate) {
    return std::tuple(Place(candidate), -static_cast<int>(candidate.agreed.size()), candidate.id);
  });
  return candidates;
}

}  // namespace marac::domain
