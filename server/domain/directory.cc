#include "domain/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/resource_name.h"
#include "domain/timestamp.h"

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

// In whatever area, or waits for it.
bool Holds(const v1::Account& account, v1::Role role) {
  return std::ranges::count(account.roles(), role, &v1::RoleGrant::role) > 0 ||
         std::ranges::any_of(account.pending_roles(),
                             [&](const v1::PendingRole& pending) { return pending.grant().role() == role; });
}

// The people of `agency` are the caller's to administer in this area.
bool Administers(const Caller& caller, const v1::Agency& agency, const AreaHosts& hosts,
                 const std::string& area) {
  if (!IsAdministrator(caller, area)) return false;
  if (caller.agency == agency.name()) return true;
  const auto host = hosts.find(area);
  return host != hosts.end() && !host->second.empty() && host->second == caller.agency;
}

void CheckGrant(FieldErrors& errors, const v1::Account& account, const v1::RoleGrant& grant,
                const std::string& field) {
  errors.Require(IsNameOf(Kind::kArea, grant.area()), field + ".area", "give an area, areas/AREA");
  const bool is_persons = grant.role() > v1::ROLE_UNSPECIFIED && grant.role() < v1::ROLE_AGENCY_SYSTEM;
  errors.Require(is_persons, field + ".role", "give a role that a person can hold");
  const absl::StatusOr<LocalDate> from = LocalDate::FromDay(grant.from(), "from");
  const absl::StatusOr<LocalDate> to = LocalDate::FromDay(grant.to(), "to");
  errors.Require(!grant.has_from() || from.ok(), field + ".from", "give a day that there is");
  errors.Require(!grant.has_to() || to.ok(), field + ".to", "give a day that there is");
  if (from.ok() && to.ok()) {
    errors.Require(*from <= *to, field + ".to", "give a last day that is not before the first");
  }
  if (grant.cover_for().empty()) return;
  errors.Require(IsNameOf(Kind::kAccount, grant.cover_for()), field + ".cover_for",
                 "give the person it is cover for, accounts/ACCOUNT");
  errors.Require(grant.cover_for() != account.name(), field + ".cover_for",
                 "give somebody else: nobody is their own cover");
  errors.Require(grant.has_from(), field + ".from", "give the first day of the cover");
  errors.Require(grant.has_to(), field + ".to", "give the last day of the cover");
}

// Days since the beginning, for comparing where either may be left out.
int64_t FirstDay(const v1::RoleGrant& grant) {
  return grant.has_from() ? absl::CivilDay(grant.from().year(), grant.from().month(), grant.from().day()) -
                                absl::CivilDay()
                          : std::numeric_limits<int64_t>::min();
}
int64_t LastDay(const v1::RoleGrant& grant) {
  return grant.has_to()
             ? absl::CivilDay(grant.to().year(), grant.to().month(), grant.to().day()) - absl::CivilDay()
             : std::numeric_limits<int64_t>::max();
}

bool Covers(const v1::RoleGrant& whole, const v1::RoleGrant& part) {
  return whole.area() == part.area() && whole.role() == part.role() && FirstDay(whole) <= FirstDay(part) &&
         LastDay(whole) >= LastDay(part);
}

// `given` is no more than a part of a role that is held.
bool IsPartOf(const v1::Account& held, const v1::RoleGrant& given) {
  return std::ranges::any_of(held.roles(), [&](const v1::RoleGrant& grant) { return Covers(grant, given); });
}

// Something waits, in an area where the caller is ADMIN.
absl::Status CheckPending(const v1::Account& account, const Caller& caller) {
  if (account.pending_roles().empty()) {
    return WrongState("NOTHING_WAITS", "no role of this person waits to be approved");
  }
  const bool mine = std::ranges::any_of(account.pending_roles(), [&](const v1::PendingRole& pending) {
    return IsAdministrator(caller, pending.grant().area());
  });
  return mine ? absl::OkStatus() : NotFoundOrNotOpen(account.name());
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
    CheckGrant(errors, account, account.roles(i), fmt::format("account.roles[{}]", i));
  }
  // Whoever reads the audit log looks also at what administrators did.
  errors.Require(!Holds(account, v1::ROLE_AUDITOR) || !Holds(account, v1::ROLE_ADMIN), "account.roles",
                 "nobody is auditor and administrator as well: give one of the two to somebody else");
  errors.Require(!Holds(account, v1::ROLE_PRIVACY_OFFICER) || !Holds(account, v1::ROLE_ADMIN),
                 "account.roles",
                 "nobody is privacy officer and administrator as well: give one of the two to somebody else");
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

absl::Status MayAdminister(const Caller& caller, const v1::Agency& agency, const AreaHosts& hosts,
                           std::string_view name) {
  const bool may = std::ranges::any_of(
      agency.areas(), [&](const std::string& area) { return Administers(caller, agency, hosts, area); });
  return may ? absl::OkStatus() : NotFoundOrNotOpen(name);
}

absl::Status MayApprove(const Caller& caller, const v1::Agency& agency, std::string_view name) {
  const bool may = std::ranges::any_of(
      agency.areas(), [&](const std::string& area) { return IsAdministrator(caller, area); });
  return may ? absl::OkStatus() : NotFoundOrNotOpen(name);
}

absl::Status MayChangeRoles(const Caller& caller, const v1::Agency& agency, const AreaHosts& hosts,
                            const v1::Account& before, const v1::Account& after) {
  FieldErrors errors;
  for (const v1::RoleGrant& taken : before.roles()) {
    if (HasGrant(after, taken)) continue;
    if (!Administers(caller, agency, hosts, taken.area())) return NotFoundOrNotOpen(taken.area());
    // Else the only administrator an area ever had would be so again, and could name the second one alone
    // again.
    const bool stays = std::ranges::any_of(after.roles(), [&](const v1::RoleGrant& kept) {
      return kept.role() == taken.role() && kept.area() == taken.area() && FirstDay(kept) == FirstDay(taken);
    });
    errors.Require(taken.role() != v1::ROLE_ADMIN || stays, "account.roles",
                   "an administrator stays on record: end the role by its last day, or suspend the account");
  }
  for (int i = 0; i < after.roles_size(); ++i) {
    const v1::RoleGrant& given = after.roles(i);
    if (HasGrant(before, given)) continue;
    if (!Administers(caller, agency, hosts, given.area())) return NotFoundOrNotOpen(given.area());
    const std::string field = fmt::format("account.roles[{}]", i);
    errors.Require(IsMember(agency, given.area()), field, "the person's agency is no member of this area");
    errors.Require(after.name() != caller.account || IsPartOf(before, given), field,
                   "nobody gives a role to themselves: ask another administrator");
  }
  return errors.ToFailedPrecondition("ROLE_NOT_TO_BE_GIVEN");
}

void HoldBackRoles(const v1::Account& before, v1::Account& after, const std::string& asked_by, absl::Time now,
                   const std::set<std::string>& alone) {
  *after.mutable_pending_roles() = before.pending_roles();
  google::protobuf::RepeatedPtrField<v1::RoleGrant> in_force;
  for (const v1::RoleGrant& given : after.roles()) {
    const bool may_alone = given.role() == v1::ROLE_ADMIN && alone.contains(given.area());
    if (!kPowerfulRoles.Has(given.role()) || may_alone || IsPartOf(before, given)) {
      *in_force.Add() = given;
      continue;
    }
    const bool waits = std::ranges::any_of(after.pending_roles(), [&](const v1::PendingRole& pending) {
      return pending.grant().SerializeAsString() == given.SerializeAsString();
    });
    // What it makes longer stays in force meanwhile, and on record if it is refused.
    for (const v1::RoleGrant& held : before.roles()) {
      if (!HasGrant(after, held) && Covers(given, held)) *in_force.Add() = held;
    }
    if (waits) continue;
    v1::PendingRole& pending = *after.add_pending_roles();
    *pending.mutable_grant() = given;
    pending.set_asked_by(asked_by);
    *pending.mutable_ask_time() = ToTimestamp(now);
  }
  *after.mutable_roles() = std::move(in_force);
}

bool IsAlone(const Caller& caller, const std::vector<std::string>& ever) {
  return ever == std::vector{caller.account};
}

absl::StatusOr<v1::Account> ApproveRoles(v1::Account account, const Caller& caller) {
  RETURN_IF_ERROR(CheckPending(account, caller));
  if (account.name() == caller.account) {
    return WrongState("OWN_ROLE", "nobody approves a role of their own: ask another administrator");
  }
  google::protobuf::RepeatedPtrField<v1::PendingRole> waiting;
  bool approved = false;
  for (const v1::PendingRole& pending : account.pending_roles()) {
    if (!IsAdministrator(caller, pending.grant().area()) || pending.asked_by() == caller.account) {
      *waiting.Add() = pending;
      continue;
    }
    auto& roles = *account.mutable_roles();
    roles.erase(std::remove_if(roles.begin(), roles.end(),
                               [&](const v1::RoleGrant& held) { return Covers(pending.grant(), held); }),
                roles.end());
    *roles.Add() = pending.grant();
    approved = true;
  }
  if (!approved) {
    return WrongState("OWN_WISH",
                      "you asked for this yourself: another administrator approves or refuses it");
  }
  *account.mutable_pending_roles() = std::move(waiting);
  return account;
}

absl::StatusOr<v1::Account> RefuseRoles(v1::Account account, const Caller& caller) {
  RETURN_IF_ERROR(CheckPending(account, caller));
  google::protobuf::RepeatedPtrField<v1::PendingRole> waiting;
  for (const v1::PendingRole& pending : account.pending_roles()) {
    if (!IsAdministrator(caller, pending.grant().area())) *waiting.Add() = pending;
  }
  *account.mutable_pending_roles() = std::move(waiting);
  return account;
}

bool HasEnded(const v1::RoleGrant& grant, LocalDate today) {
  return grant.has_to() &&
         absl::CivilDay(grant.to().year(), grant.to().month(), grant.to().day()) < today.civil();
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
