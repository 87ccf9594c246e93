// Finding the same person again: keys of names and addresses, NHS numbers, and candidates.
// What comes out is a proposal; a person decides. The matcher is plain and exact on its keys: a better one
// takes the place of MatchCandidates and keeps its form.
#ifndef MARAC_DOMAIN_NAMES_H_
#define MARAC_DOMAIN_NAMES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/local_date.h"

namespace marac::domain {

// The name in small Latin letters without marks, apostrophes dropped, other punctuation made a space, one
// space between words: "  O'Connor-ŁĘSKA " is "oconnor leska". Other scripts are transliterated, roughly.
// Empty when the name holds no letter or digit.
std::string NormaliseName(std::string_view name);

// The keys under which a name is stored and sought; two names agree when they share one. The first is the
// normalised name, then its words in alphabetical order (family names come first or last by custom), then
// both without spaces ("Anne Marie" and "Annemarie"). None twice; none for an empty name.
std::vector<std::string> NameKeys(std::string_view name);

// One key for an address: its normalised lines and postcode. Empty without a postcode, since lines alone are
// not a place.
std::string AddressKey(std::string_view lines, std::string_view postcode);

// The ten digits of an NHS number given with or without spaces and hyphens. INVALID_ARGUMENT naming `field`,
// and not the number, when there are not ten digits, the check digit is wrong (modulus 11), or all are the
// same, which people type where they know none.
absl::StatusOr<std::string> ParseNhsNumber(std::string_view text, std::string_view field);

// What is known of one person for matching. Each may be empty: unknown never agrees and never disagrees.
struct PersonKeys {
  std::vector<std::string> name_keys;     // of the name in use
  std::vector<std::string> alias_keys;    // of every other name and spelling
  std::vector<LocalDate> birth_dates;     // as stated, and alternatives
  std::optional<std::string> nhs_number;  // as ParseNhsNumber gave it
  std::string address_key;
};

struct StoredPerson {
  std::string id;
  PersonKeys keys;
};

enum class MatchField {
  kName,               // the names in use
  kAlias,              // another name or spelling of either
  kBirthDate,          // a date of birth
  kBirthDateReversed,  // a date of birth with day and month changed over, a common slip
  kNhsNumber,
  kAddress,
};

// Three answers, kept apart: joining a household into one person is as wrong as missing a repeat.
enum class MatchAnswer { kSamePerson, kSameHousehold, kStranger };

struct Candidate {
  std::string id;
  // In the order of the enum.
  std::vector<MatchField> agreed;
  // Known on both sides and not the same: only kName (with no alias agreeing either), kBirthDate and
  // kNhsNumber.
  std::vector<MatchField> differed;
  // What the fields suggest, or nothing when too little is known on both sides. The decision is a person's,
  // and is one of the same three.
  std::optional<MatchAnswer> proposed;
};

// Everybody in `stored` who shares a name, an alias, an NHS number or an address with `query`; a birth date
// alone makes nobody a candidate, and nobody is left out for length. In order of proposal (same person,
// nothing, same household, stranger), then of how much agreed, then of id.
//
// Proposed:
// - the same person when the NHS number agrees, or when a name or alias agrees together with a birth date
// (reversed
//   or not) or the address, and nothing known on both sides speaks against it;
// - else the same household when the address agrees;
// - else nothing when a name agrees and nothing speaks against it;
// - else a stranger with the same name, shown because a birth date or a number may be wrong.
std::vector<Candidate> MatchCandidates(const PersonKeys& query, const std::vector<StoredPerson>& stored);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_NAMES_H_
