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
  int32_t row_count = 0;
  std::string reason_code;
  std::vector<std::string> recipients;
  std::string digest_before;  // 32 bytes or empty
  std::string digest_after;
  int32_t status = 0;  // canonical status code of the answer
  // BootClock, at the append: the order and the distance of rows whatever was done to the wall clock. The
  // store's writer gives both; what a caller puts here is not kept.
  int64_t monotonic_ns = 0;
  std::string boot_id;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AUDIT_EVENT_H_
