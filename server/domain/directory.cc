#include "domain/directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/errors.h"
#include "domain/resource_name.h"

namespace marac::domain {
namespace {

constexpr size_t kPasswordCharsMin = 12;
constexpr size_t kPasswordCharsMax = 200;
constexpr size_t kDisplayNameCharsMax = 200;

bool IsLogin(std::string_view login) {
  return login.size() >= 3 && login.size() <= 60 && std::all_of(login.begin(), login.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

bool IsDisplayName(std::string_view name) { return !name.empty() && name.size() <= kDisplayNameCharsMax; }

bool IsNameOf(Kind kind, std::string_view name) { return ResourceName::Parse("name", name, kind).ok(); }

}  // namespace

absl::Status CheckAgency(const v1::Agency& agency) {
  FieldErrors errors;
  errors.Require(IsNameOf(Kind::kAgency, agency.name()), "agency.name",
                 "give agencies/WORD with lower-case letters, digits and hyphens");
  errors.Require(IsDisplayName(agency.display_name()), "agency.display_name",
                 "give a name of 1 to 200 characters");
  for (const std::string& area : agency.areas()) {
    errors.Require(IsNameOf(Kind::kArea, area), "agency.areas", "give names of areas, areas/AREA");
  }
  return errors.ToInvalidArgument();
}

absl::Status CheckAccount(const v1::Account& account) {
  FieldErrors errors;
  errors.Require(IsLogin(account.login()), "account.login",
                 "give 3 to 60 lower-case letters, digits, dots and hyphens");
  errors.Require(IsDisplayName(account.display_name()), "account.display_name",
                 "give a name of 1 to 200 characters");
  errors.Require(IsNameOf(Kind::kAgency, account.agency()), "account.agency",
                 "give an agency, agencies/AGENCY");
  for (int i = 0; i < account.roles_size(); ++i) {
    const v1::RoleGrant& grant = account.roles(i);
    errors.Require(IsNameOf(Kind::kArea, grant.area()), fmt::format("account.roles[{}].area", i),
                   "give an area, areas/AREA");
    const bool is_persons = grant.role() > v1::ROLE_UNSPECIFIED && grant.role() < v1::ROLE_AGENCY_SYSTEM;
    errors.Require(is_persons, fmt::format("account.roles[{}].role", i),
                   "give a role that a person can hold");
  }
  return errors.ToInvalidArgument();
}

absl::Status CheckPassword(std::string_view field, std::string_view password) {
  if (password.size() >= kPasswordCharsMin && password.size() <= kPasswordCharsMax) return absl::OkStatus();
  return InvalidField(field, "give 12 to 200 characters; a few words nobody would put together are good");
}

absl::Status CheckProgram(const v1::Program& program) {
  FieldErrors errors;
  errors.Require(v1::ProgramKind_IsValid(program.kind()) && program.kind() != v1::PROGRAM_KIND_UNSPECIFIED,
                 "program.kind", "say what kind of program it is");
  errors.Require(IsDisplayName(program.display_name()), "program.display_name",
                 "give a name of 1 to 200 characters");
  if (program.kind() == v1::PROGRAM_KIND_WEB) {
    errors.Require(program.agency().empty(), "program.agency",
                   "leave it out: the web program belongs to no agency");
  } else {
    errors.Require(IsNameOf(Kind::kAgency, program.agency()), "program.agency",
                   "give an agency, agencies/AGENCY");
  }
  return errors.ToInvalidArgument();
}

}  // namespace marac::domain
