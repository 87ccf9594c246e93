// Who may do what, and see what. Two tables and one predicate; everything else asks them.
//
//   MethodRules()  which roles may call a method at all, and in which relation to the record
//   RecordRules()  which fields of a record, at which stage of its case, a role in which relation may see
//   MayTouch()     both, for one caller and one record: every condition of Conjuncts() holds
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
#include "absl/time/time.h"
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
  constexpr uint32_t bits() const { return bits_; }

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
  kSigned = 4,          // of such an agency, and signed for a meeting the case is on
};

// By what a caller is let in: a session of their own or a system's certificate, or the token of a device that
// is in the hands of the person whom an assessment is about (decisions 21).
enum class Token { kOwn, kHandover };

// One line of the record table.
struct RecordRule {
  std::string_view id;  // cited by the audit and by the tests, e.g. "coordinator"
  std::vector<Kind> kinds;
  std::vector<Stage> stages;
  RoleSet roles;
  Relation relation;
  FieldClassSet classes;
  Token token = Token::kOwn;
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
  // kEvenLocked also admits a session whose password must be changed; kEvenHandedOver admits, beside those,
  // one whose device is handed over.
  enum Session { kNeeded, kNotNeeded, kEvenWithOldPassword, kEvenLocked, kEvenHandedOver } session = kNeeded;
  FieldClassSet outside = {};  // what may leave outside any record, beside ROUTINE
  // Wants the person proved anew (CheckFactor).
  bool step_up = false;
  // Whom it is for, by the token that they have.
  enum For { kOwnTokens, kEitherToken, kHandovers } tokens = kOwnTokens;
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
  // Proved less than kFactorFresh ago. An agency's system proves itself with its certificate at each call.
  bool factor_is_fresh = false;
  bool must_change_password = false;
  // The one assessment that a device in the hands of the person it is about may touch, by the right of the
  // account that handed it over; empty: no handover.
  std::string handover;
  std::vector<HeldRole> roles;
  std::vector<std::string> covers_for;  // accounts whose work they do today; filled with RecordFacts::workers

  // Holds one of these roles in this area; an empty area asks for any.
  bool Holds(RoleSet wanted, std::string_view area) const;
};

// Somebody who wrote something of a case.
struct Worker {
  std::string account;
  bool is_idva = false;  // wrote it as an IDVA, and is one today
};

// What decides about one record.
struct RecordFacts {
  std::string name;
  Kind kind = Kind::kArea;
  std::string area;  // empty: belongs to the installation
  std::string scope;
  Stage stage = Stage::kArea;
  // Of a draft that reviews another record of the same author: where that one is; none otherwise.
  Stage own_lead = Stage();
  std::string author;
  std::string agency;
  std::vector<std::string> involved_agencies;
  std::vector<std::string> signed_by;             // accounts that signed for a meeting the case is on
  std::vector<std::string> shut_out;              // accounts this case is hidden from
  std::vector<std::string> undecided;             // of them, those about whom the chair has yet to decide
  std::vector<std::string> shut_out_agencies;     // agencies it is hidden from, but for who is named
  std::vector<std::string> agencies_of_shut_out;  // where the accounts it is hidden from work
  bool restricted = false;                        // open to who is named, and to the chair
  std::vector<std::string> named;
  std::vector<Worker> workers;  // filled by store::LoadWorkers, where it is asked who is involved
};

// Whether a case is kept from somebody whatever their role: shut out themselves or with their agency, or not
// on the list of a restricted one. From its author a referral is kept only once it is accepted.
bool IsKeptFrom(const RecordFacts& facts, const std::string& account, const std::string& agency,
                v1::Role role);

// One way in which a caller might be let at a record: by this role, by this line of the record table.
struct AccessCandidate {
  const Caller& caller;
  const HeldRole& held;
  const RecordFacts& facts;
  const RecordRule& line;
  const MethodRule& method;
};

// One condition of MayTouch. All must hold of a candidate, or it opens nothing.
struct Conjunct {
  std::string_view name;
  bool (*holds)(const AccessCandidate& candidate);
};
std::span<const Conjunct> Conjuncts();

// What decides about records. The server decides by ProductionTables() alone; a test that takes something
// away shows that another test would have missed it.
struct AccessTables {
  std::span<const Conjunct> conjuncts;
  std::span<const RecordRule> records;
};
AccessTables ProductionTables();

// What comes of it: the classes of all lines that fit, and the first of them. No classes: closed. It is no
// right to load anything; that is a Grant, which the server's own tables alone give.
struct AccessDecision {
  FieldClassSet classes;
  std::string_view rule;
};
AccessDecision Decide(const AccessTables& tables, const Caller& caller, const RecordFacts& facts,
                      const MethodRule& method);

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

// Whether the method is for the caller's token, and for a role the caller holds in any area.
// PERMISSION_DENIED otherwise: the one refusal that differs from NOT_FOUND, because it does not depend on any
// record.
absl::Status MayCall(const Caller& caller, const MethodRule& rule);

// How long what a person proved of themselves counts for what wants it anew (security.md 2.3).
inline constexpr absl::Duration kFactorFresh = absl::Minutes(5);

// FAILED_PRECONDITION, STEP_UP_NEEDED, when the caller was not proved within kFactorFresh.
absl::Status RequireFreshFactor(const Caller& caller);
// The same where the method wants it.
absl::Status CheckFactor(const Caller& caller, const MethodRule& rule);

// Whether the caller may do this to this record, by ProductionTables(): not shut out, and one role of the
// caller in the record's area stands both in a line of the record table that fits kind, stage and relation,
// and in the method's rule with the relation that asks for. NOT_FOUND otherwise, worded as for a record that
// does not exist. The grant has the classes of all lines that fit.
absl::StatusOr<Grant> MayTouch(const Caller& caller, const RecordFacts& facts, const MethodRule& rule);

// Whether the caller has a part in what this record belongs to, beyond that it is open to their role: office
// and chair of the area; the author, and an agency by the relation that opens it; whoever has worked on it,
// or covers for one who has; an IDVA as long as it goes on and no other IDVA has worked on it, because
// somebody must pick it up; and whose agency was offered the action. What somebody without a part looks at is
// noticed (domain/alerts); it is not what MayTouch decides by. The workers in `facts` must be loaded.
bool IsInvolved(const Caller& caller, const RecordFacts& facts);
// Whether what the caller writes in this area is an IDVA's work: theirs, and not that of the office or the
// chair, who write on every case.
bool WorksAsIdva(const Caller& caller, std::string_view area);

// The same for a record the caller is making in this call.
absl::StatusOr<Grant> MayCreate(const Caller& caller, const RecordFacts& facts, const MethodRule& rule);

// Whether the caller may ask the log about this record: AUDITOR of its area, and not shut out. NOT_FOUND
// otherwise, as in MayTouch. Nothing of the record itself may leave.
absl::Status MayAudit(const Caller& caller, const RecordFacts& facts);

// For what the server itself must read or change beside the record the caller opened (linked records,
// settings). Nothing of it may leave: its set of classes is empty.
Grant ServerGrant(std::string_view name);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ACCESS_H_
