#include "domain/case_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/local_date.h"
#include "domain/text.h"
#include "domain/text_field.h"

namespace marac::domain {
namespace {

constexpr int kNamedMax = 100;
constexpr int kRegisteredMax = 20;
constexpr int kAliasesMax = 10;
constexpr size_t kReasonBytesMax = 4000;

}  // namespace

absl::StatusOr<std::string> CheckAccessReason(std::string_view reason) {
  std::string kept = WithoutHiddenCharacters(reason);
  FieldErrors errors;
  RequireText(errors, "reason", kept, kReasonBytesMax, "say why: it is kept with the decision");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  return kept;
}

absl::Status CheckRestriction(const v1::RestrictCaseRequest& request) {
  FieldErrors errors;
  const auto& accounts = request.accounts();
  errors.Require(!request.restricted() || !accounts.empty(), "accounts", "name who may see the case");
  errors.Require(accounts.size() <= kNamedMax, "accounts", fmt::format("name at most {} people", kNamedMax));
  std::set<std::string> named;
  for (int i = 0; i < std::min(accounts.size(), kNamedMax); ++i) {
    errors.Require(named.insert(accounts[i]).second, fmt::format("accounts[{}]", i),
                   "this person is named twice");
  }
  return errors.ToInvalidArgument();
}

absl::Status CheckExclusion(const v1::ExcludePersonRequest& request) {
  const int given = static_cast<int>(!request.account().empty()) +
                    static_cast<int>(!request.agency().empty()) +
                    static_cast<int>(!IsBlank(request.person()));
  FieldErrors errors;
  errors.Require(given == 1, "account", "name one: an account, an agency, or a person by name");
  LimitText(errors, "person", request.person(), kLineBytesMax);
  return errors.ToInvalidArgument();
}

absl::StatusOr<v1::OwnRegister> CheckOwnRegister(v1::OwnRegister entries) {
  DropHiddenCharacters(entries);
  FieldErrors errors;
  errors.Require(entries.people_size() <= kRegisteredMax, "register.people",
                 fmt::format("give at most {} entries", kRegisteredMax));
  for (int i = 0; i < std::min(entries.people_size(), kRegisteredMax); ++i) {
    const std::string field = fmt::format("register.people[{}]", i);
    const v1::RegisteredPerson& person = entries.people(i);
    CheckValues(person, field, errors);
    errors.Require(person.relation() != v1::REGISTERED_RELATION_UNSPECIFIED, field + ".relation",
                   "say who this is to you");
    RequireText(errors, field + ".name", person.name().value(), kLineBytesMax, "give the name");
    errors.Require(person.aliases_size() <= kAliasesMax, field + ".aliases",
                   fmt::format("give at most {} other names", kAliasesMax));
    const bool address = !IsBlank(person.address().lines().value());
    errors.Require(!address || !IsBlank(person.address().postcode().value()), field + ".address.postcode",
                   "give the postcode: an address is found only with it");
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  return entries;
}

PersonKeys KeysOf(const v1::RegisteredPerson& person) {
  PersonKeys keys;
  keys.name_keys = NameKeys(person.name().value());
  for (const std::string& alias : person.aliases()) {
    for (std::string& key : NameKeys(alias)) keys.alias_keys.push_back(std::move(key));
  }
  if (person.has_birth_date()) {
    const absl::StatusOr<LocalDate> day = LocalDate::FromDay(person.birth_date(), "birth_date");
    if (day.ok()) keys.birth_dates.push_back(*day);
  }
  keys.address_key = AddressKey(person.address().lines().value(), person.address().postcode().value());
  return keys;
}

bool AnybodyLeft(const RecordFacts& facts, const std::vector<Holder>& holders, v1::Role role) {
  return std::ranges::any_of(
      holders, [&](const Holder& holder) { return !IsKeptFrom(facts, holder.account, holder.agency, role); });
}

}  // namespace marac::domain
