// What one line of the audit says. It holds ids, codes and digests; never a name, an address or a search
// term.
#ifndef MARAC_DOMAIN_AUDIT_EVENT_H_
#define MARAC_DOMAIN_AUDIT_EVENT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace marac::domain {

enum class AuditKind : uint8_t {
  kCollection = 1,  // something new was taken down
  kAlteration = 2,
  kConsultation = 3,  // somebody looked
  kDisclosure = 4,    // something was sent to recipients
  kCombination = 5,   // records were linked
  kErasure = 6,
  kAuthentication = 7,
  kDenied = 8,
  kAdministration = 9,
  kKey = 10,
  kSystem = 11,
  kAlert = 12,
  kHeartbeat = 13,
  kDiscontinuity = 14,
};

// Everything but the sequence number and the hashes, which the writer gives in commit order.
struct AuditEvent {
  AuditKind kind = AuditKind::kSystem;
  int64_t time_ms = 0;           // SecurityClock, milliseconds since 1970 UTC
  int64_t business_time_ms = 0;  // BusinessClock; differs only in a demonstration
  std::string request_id;        // the caller's own, or empty
  std::string method;            // "marac.v1.ReferralService/SubmitReferral", or "start", "stop"
  bool allowed = false;
  std::string rule;  // the rule that decided, e.g. "referral.author", "role", "record"
  // Who, as they were at that moment.
  std::string account;
  std::string agency;
  std::string role;
  std::string program;
  std::string session_digest;          // first 16 hex digits of SHA-256 of the token
  int32_t factor_age_s = -1;           // seconds since the last factor, -1: none
  std::string source;                  // client address as given by the connection, or by the web program
  std::vector<std::string> subjects;   // resource names touched
  std::vector<int32_t> field_classes;  // classes that left
  // What left of each of `subjects`, in the same order: a set of classes, the n-th lowest bit for the class
  // n. 0: nothing of it. Empty in records of before there was this field.
  std::vector<uint32_t> subject_classes;
  int32_t row_count = 0;
  // Why: a code, or "hmac-sha256:" and the first 32 hex digits of a keyed digest of the words that were
  // given. The words themselves stand with the record, where they can be erased.
  std::string reason_code;
  // To whom something was opened that was not before: agencies, or the area (those who triage there).
  std::vector<std::string> recipients;
  // What was changed, before and after: of one record the SHA-256 of its stored message; of several the
  // SHA-256 of those digests, one after the other by the records' names, with 32 zero bytes for a record that
  // was not there. 32 bytes, or empty where nothing was.
  std::string digest_before;
  std::string digest_after;
  int32_t status = 0;  // canonical status code of the answer
  // BootClock, at the append: the order and the distance of rows whatever was done to the wall clock. The
  // store's writer gives both; what a caller puts here is not kept.
  int64_t monotonic_ns = 0;
  std::string boot_id;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AUDIT_EVENT_H_
