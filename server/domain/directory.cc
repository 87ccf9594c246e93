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

bool IsAdministrator(const Caller& caller, const std::string& area) {
  return !area.empty() && caller.Holds({v1::ROLE_ADMIN}, area);
}

bool IsMember(const v1::Agency& agency, const std::string& area) {
  return std::find(agency.areas().begin(), agency.areas().end(), area) != agency.areas().end();
}

// Another first or last day makes it another grant: it is taken and given.
bool HasGrant(const v1::Account& account, const v1::RoleGrant& grant) {
  return std::any_of(account.roles().begin(), account.roles().end(), [&](const v1::RoleGrant& held) {
    return held.SerializeAsString() == grant.SerializeAsString();
  });
}

// In whatever area.
bool Holds(const v1::Account& account, v1::Role role) {
  return std::ranges::count(account.roles(), role, &v1::RoleGrant::role) > 0;
}

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
  // Whoever reads the audit log looks also at what administrators did.
  errors.Require(!Holds(account, v1::ROLE_AUDITOR) || !Holds(account, v1::ROLE_ADMIN), "account.roles",
                 "nobody is auditor and administrator as well: give one of the two to somebody else");
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

absl::Status MayAddAgency(const Caller& caller, const v1::Agency& agency) {
  // One that is a member of nothing could be changed by nobody.
  if (agency.areas().empty())
    return InvalidField("agency.areas", "name the areas it is a member of, areas/AREA");
  for (const std::string& area : agency.areas()) {
    if (!IsAdministrator(caller, area)) return NotFoundOrNotOpen(area);
  }
  return absl::OkStatus();
}

absl::Status MayAdminister(const Caller& caller, const v1::Agency& agency, std::string_view name) {
  const bool may = std::any_of(agency.areas().begin(), agency.areas().end(),
                               [&](const std::string& area) { return IsAdministrator(caller, area); });
  return may ? absl::OkStatus() : NotFoundOrNotOpen(name);
}

absl::Status MayChangeRoles(const Caller& caller, const v1::Agency& agency, const v1::Account& before,
                            const v1::Account& after) {
  for (const v1::RoleGrant& taken : before.roles()) {
    if (!HasGrant(after, taken) && !IsAdministrator(caller, taken.area()))
      return NotFoundOrNotOpen(taken.area());
  }
  FieldErrors errors;
  for (int i = 0; i < after.roles_size(); ++i) {
    const v1::RoleGrant& given = after.roles(i);
    if (HasGrant(before, given)) continue;
    if (!IsAdministrator(caller, given.area())) return NotFoundOrNotOpen(given.area());
    const std::string field = fmt::format("account.roles[{}]", i);
    errors.Require(IsMember(agency, given.area()), field, "the person's agency is no member of this area");
    errors.Require(after.name() != caller.account, field,
                   "nobody gives a role to themselves: ask another administrator");
  }
  return errors.ToFailedPrecondition("ROLE_NOT_TO_BE_GIVEN");
}

absl::Status MayAdministerProgram(const Caller& caller, const v1::Program& program,
                                  const std::vector<std::string>& areas, std::string_view name) {
  const auto administered = std::count_if(
      areas.begin(), areas.end(), [&](const std::string& area) { return IsAdministrator(caller, area); });
  if (administered == 0) return NotFoundOrNotOpen(name);
  // A command line does nothing without a person; the others are believed or hold a role in every area.
  if (program.kind() == v1::PROGRAM_KIND_CLI || administered == static_cast<int64_t>(areas.size()))
    return absl::OkStatus();
  return absl::PermissionDeniedError(
      "this program works in areas where you are no administrator; it takes one of all of them");
}

}  // namespace marac::domain
