#include "domain/instrument.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "domain/local_date.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

constexpr int kItemsMax = 200;
constexpr int kDetailsMax = 20;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void CheckItem(FieldErrors& errors, const std::string& path, const v1::Item& item, int number,
               std::set<std::string>& codes) {
  errors.Require(item.number() == number, path + ".number",
                 fmt::format("give {}: items are numbered from 1 in order", number));
  errors.Require(IsCode(item.code()), path + ".code", "give a code of capitals, digits and underscores");
  errors.Require(codes.insert(item.code()).second, path + ".code",
                 "another item has this code; give each item its own");
  errors.Require(!IsBlank(item.question()), path + ".question", "write the question");
  errors.Require(item.details_size() <= kDetailsMax, path + ".details",
                 fmt::format("give at most {} details", kDetailsMax));
  std::set<std::string> details;
  for (int i = 0; i < item.details_size(); ++i) {
    std::string detail = fmt::format("{}.details[{}]", path, i);
    errors.Require(IsCode(item.details(i).code()), detail + ".code",
                   "give a code of capitals, digits and underscores");
    errors.Require(details.insert(item.details(i).code()).second, detail + ".code",
                   "another detail of this item has this code; give each its own");
    errors.Require(!IsBlank(item.details(i).label()), detail + ".label", "write what the detail means");
  }
}

}  // namespace

std::string NameWithVersion(std::string_view id, std::string_view version) {
  return fmt::format("{}@{}", id, version);
}

void CheckIdAndVersion(FieldErrors& errors, std::string_view id, std::string_view version) {
  auto id_character = [](char c) { return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-'; };
  auto version_character = [](char c) { return IsDigit(c) || c == '.'; };
  errors.Require(!id.empty() && std::ranges::all_of(id, id_character), "id",
                 "give an id of lower-case letters, digits and hyphens");
  errors.Require(!version.empty() && std::ranges::all_of(version, version_character), "version",
                 "give a version of digits and dots, for example 1.0");
}

bool IsCode(std::string_view code) {
  auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return !code.empty() && capital(code.front()) &&
         std::ranges::all_of(code, [&](char c) { return capital(c) || IsDigit(c) || c == '_'; });
}

absl::Status CheckPack(const v1::InstrumentPack& pack) {
  FieldErrors errors;
  CheckIdAndVersion(errors, pack.id(), pack.version());
  errors.Require(!IsBlank(pack.title()), "title", "give the form a title");
  errors.Require(!IsBlank(pack.notice()), "notice",
                 "say what its users must know, for example whose form it is and is not");
  errors.Require(!IsBlank(pack.owner()), "owner", "say who owns the wording");
  errors.Require(!IsBlank(pack.licence()), "licence", "say under which licence the wording may be used");
  if (pack.has_permission_expires()) {
    errors.Require(LocalDate::FromDay(pack.permission_expires(), "permission_expires").ok(),
                   "permission_expires", "give a day that exists");
  }
  errors.Require(!IsBlank(pack.family()), "family", "name the family of forms it belongs to");
  errors.Require(v1::EquivalenceStatus_IsValid(pack.equivalence_status()) &&
                     pack.equivalence_status() != v1::EQUIVALENCE_STATUS_UNSPECIFIED,
                 "equivalence_status", "say whether its score was tested against its family's");
  errors.Require(
      v1::ScoringMode_IsValid(pack.scoring_mode()) && pack.scoring_mode() != v1::SCORING_MODE_UNSPECIFIED,
      "scoring_mode", "say how it is scored: SCORING_MODE_COUNT or SCORING_MODE_JUDGEMENT");
  errors.Require(!pack.language().empty(), "language", "give the language of its words, for example en-GB");
  errors.Require(pack.items_size() >= 1 && pack.items_size() <= kItemsMax, "items",
                 fmt::format("give from 1 to {} items", kItemsMax));
  std::set<std::string> codes;
  for (int i = 0; i < std::min(pack.items_size(), kItemsMax); ++i) {
    CheckItem(errors, fmt::format("items[{}]", i), pack.items(i), i + 1, codes);
  }
  return errors.ToInvalidArgument();
}

const v1::Item* FindItem(const v1::InstrumentPack& pack, std::string_view code) {
  auto found = std::ranges::find_if(pack.items(), [&](const v1::Item& item) { return item.code() == code; });
  return found == pack.items().end() ? nullptr : &*found;
}

bool HasDetail(const v1::Item& item, std::string_view code) {
  return std::ranges::any_of(item.details(), [&](const v1::ItemDetail& d) { return d.code() == code; });
}

}  // namespace marac::domain
