// Who may do what, and see what. Two tables and one predicate; everything else asks them.
//
//   MethodRules()  which roles may call a method at all, and in which relation to the record
//   RecordRules()  which fields of a record, at which stage of its case, a role in which relation may see
//   MayTouch()     both, for one caller and one record
//
// The SQL view `open_to`, which every list and search joins, is filled from RecordRules() at start, so the
// list and the record cannot disagree.
#ifndef MARAC_DOMAIN_ACCESS_H_
#define MARAC_DOMAIN_ACCESS_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/audit_event.h"
#include "domain/resource_name.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/options.pb.h"

namespace marac::domain {

// A set of v1::Role.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<v1::Role> roles) {
    for (v1::Role role : roles) bits_ |= 1U << role;
  }
  constexpr bool Has(v1::Role role) const { return (bits_ >> role & 1U) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr RoleSet operator|(RoleSet a, RoleSet b) { return RoleSet(a.bits_ | b.bits_); }
  friend constexpr bool operator==(RoleSet a, RoleSet b) = default;

 private:
  constexpr explicit RoleSet(uint32_t bits) : bits_(bits) {}
  uint32_t bits_ = 0;
};

// A set of v1::FieldClass.
class FieldClassSet {
 public:
  constexpr FieldClassSet() = default;
  constexpr FieldClassSet(std::initializer_list<v1::FieldClass> classes) {
    for (v1::FieldClass c : classes) bits_ |= 1U << c;
  }
  constexpr bool Has(v1::FieldClass c) const { return (bits_ >> c & 1U) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr FieldClassSet operator|(FieldClassSet a, FieldClassSet b) {
    FieldClassSet result;
    result.bits_ = a.bits_ | b.bits_;
    return result;
  }
  friend constexpr bool operator==(FieldClassSet a, FieldClassSet b) = default;
  std::vector<int32_t> ToNumbers() const;

 private:
  uint32_t bits_ = 0;
};

// How far a case has come; what access to it hangs on. The numbers are stored.
enum class Stage : int32_t {
  kDraft = 1,     // being written
  kReceived = 2,  // sent to MARAC, at triage or turned away there
  kAccepted = 3,  // a case, not listed
  kListed = 4,    // on a circulated agenda
  kHeard = 5,
  kClosed = 6,
  kArea = 7,  // not about a case: meetings, the directory
};

// What a caller is to a record. The numbers are stored.
enum class Relation : int32_t {
  kAny = 0,
  kAuthor = 1,          // whose record it is
  kOwnAgency = 2,       // of the record's agency
  kInvolvedAgency = 3,  // of an agency that is part of the case
};

// One line of the record table.
struct RecordRule {
  std::string_view id;  // cited by the audit and by the tests, e.g. "coordinator"
  std::vector<Kind> kinds;
  std::vector<Stage> stages;
  RoleSet roles;
  Relation relation;
  FieldClassSet classes;
};
std::span<const RecordRule> RecordRules();

// One line of the method table. A role may stand in one of the three sets; the caller needs one role that
// fits.
struct MethodRule {
  std::string_view method;  // "marac.v1.ReferralService/SubmitReferral"
  AuditKind kind;
  RoleSet any;         // whatever the relation, as far as the record table opens the record
  RoleSet own_agency;  // only for records of the caller's own agency
  RoleSet author;      // only for the caller's own records
  // kEvenLocked also admits a session whose password must be changed.
  enum Session { kNeeded, kNotNeeded, kEvenWithOldPassword, kEvenLocked } session = kNeeded;
  FieldClassSet outside = {};  // what may leave outside any record, beside ROUTINE
};
std::span<const MethodRule> MethodRules();
// Null: the server must not offer this method.
const MethodRule* FindMethodRule(std::string_view method);

// A role held in an area, today.
struct HeldRole {
  std::string area;
  v1::Role role;
};

// Who is calling: a person through a program, or an agency's system.
struct Caller {
  std::string account;  // "accounts/..."; of an agency system its program's name
  std::string agency;
  std::string program;
  std::string session_digest;
  std::string source;
  int32_t factor_age_s = -1;
  bool must_change_password = false;
  std::vector<HeldRole> roles;

  // Holds one of these roles in this area; an empty area asks for any.
  bool Holds(RoleSet wanted, std::string_view area) const;
};

// What decides about one record.
struct RecordFacts {
  std::string name;
  Kind kind = Kind::kArea;
  std::string area;  // empty: belongs to the installation
  std::string scope;
  Stage stage = Stage::kArea;
  std::string author;
  std::string agency;
  std::vector<std::string> involved_agencies;
  std::vector<std::string> shut_out;  // accounts this case is hidden from
};

// The right to load one record and to let these classes of it leave. Only this file makes one, and every
// store function that loads a message wants one, so that forgetting to ask does not compile.
class Grant {
 public:
  const std::string& name() const { return name_; }
  FieldClassSet classes() const { return classes_; }
  const std::string& rule() const { return rule_; }

 private:
  friend absl::StatusOr<Grant> MayTouch(const Caller&, const RecordFacts&, const MethodRule&);
  friend Grant ServerGrant(std::string_view name);
  friend absl::StatusOr<Grant> MayCreate(const Caller&, const RecordFacts&, const MethodRule&);
  Grant(std::string name, FieldClassSet classes, std::string rule)
      : name_(std::move(name)), classes_(classes), rule_(std::move(rule)) {}
  std::string name_;
  FieldClassSet classes_;
  std::string rule_;
};

// Whether the method is for a role the caller holds, in any area. PERMISSION_DENIED otherwise: the one
// refusal that differs from NOT_FOUND, because it does not depend on any record.
absl::Status MayCall(const Caller& caller, const MethodRule& rule);

// Whether the caller may do this to this record: not shut out, and one role of the caller in the record's
// area stands both in a line of the record table that fits kind, stage and relation, and in the method's rule
// with the relation that asks for. NOT_FOUND otherwise, worded as for a record that does not exist. The grant
// has the classes of all lines that fit.
absl::StatusOr<Grant> MayTouch(const Caller& caller, const RecordFacts& facts, const MethodRule& rule);

// The same for a record the caller is making in this call.
absl::StatusOr<Grant> MayCreate(const Caller& caller, const RecordFacts& facts, const MethodRule& rule);

// For what the server itself must read or change beside the record the caller opened (linked records,
// settings). Nothing of it may leave: its set of classes is empty.
Grant ServerGrant(std::string_view name);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ACCESS_H_
