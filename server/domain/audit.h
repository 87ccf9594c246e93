// The bytes of one audit record, and how records are bound to one another. Pure.
//
// A record is stored once and hashed as stored, so its encoding is our own and never changes: a new field
// means a new version byte. Whoever wants to check the log without this program needs only this page.
//
//   integers   fixed width, big-endian, two's complement where signed
//   text       4-byte unsigned length, then that many bytes
//   list       4-byte unsigned count, then that many elements
//
//   1 byte     version, 3; records of version 2 have no subject_classes and are read as well
//   8 bytes    sequence, unsigned; the first record of a database is 1, and there are no gaps
//   1 byte     kind, 1 to 14 (AuditKind)
//   8 bytes    time_ms, signed
//   8 bytes    business_time_ms, signed
//   text       request_id
//   text       method
//   1 byte     allowed, 0 or 1
//   text       rule
//   text       account
//   text       agency
//   text       role
//   text       program
//   text       session_digest
//   4 bytes    factor_age_s, signed
//   text       source
//   list       subjects, each a text
//   list       field_classes, each 4 bytes, signed
//   list       subject_classes, each 4 bytes, unsigned; as many as subjects, or none
//   4 bytes    row_count, signed
//   text       reason_code
//   list       recipients, each a text
//   text       digest_before
//   text       digest_after
//   4 bytes    status, signed
//   8 bytes    monotonic_ns, signed
//   text       boot_id
//
// and nothing after it. Any thread may call everything here.
#ifndef MARAC_DOMAIN_AUDIT_H_
#define MARAC_DOMAIN_AUDIT_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/audit_event.h"

namespace marac::domain {

// The record of `event` at `sequence`.
std::string EncodeAuditRecord(uint64_t sequence, const AuditEvent& event);

// The sequence and event of `record`; DATA_LOSS, naming the field, for any bytes that EncodeAuditRecord does
// not make.
absl::StatusOr<std::pair<uint64_t, AuditEvent>> DecodeAuditRecord(std::string_view record);

// SHA-256(0x00 || record): a leaf of the RFC 6962 tree. 32 bytes.
std::string LeafHash(std::string_view record);

// SHA-256(previous_chain || leaf), 32 bytes. The chain before the first record is kChainStart.
std::string ChainHash(std::string_view previous_chain, std::string_view leaf);

// 32 zero bytes.
extern const std::string_view kChainStart;

// Under which names an event is found again: the records it touched, and whoever did it. Sorted, each once.
std::vector<std::string> IndexKeys(const AuditEvent& event);

// What a call changed: by the record's name the digest (32 bytes) of its message before, empty for a new one,
// and after.
using ChangedRecords = std::map<std::string, std::pair<std::string, std::string>>;
// The event's digest_before and digest_after.
std::pair<std::string, std::string> DigestsOf(const ChangedRecords& changed);

// Walks stored rows in order and names the first that is not what was written. One thread.
class ChainCheck {
 public:
  // The whole log.
  ChainCheck() : ChainCheck(/*checked=*/0, kChainStart) {}
  // From the row after `checked`, whose chain hash is trusted.
  ChainCheck(uint64_t checked, std::string_view chain) : checked_(checked), chain_(chain) {}

  // DATA_LOSS, naming the sequence and what is wrong with it, when the row does not follow the one before,
  // its record is not an audit record of that sequence, or a hash does not fit. Not to be called again after
  // that.
  absl::Status Next(uint64_t sequence, std::string_view record, std::string_view leaf,
                    std::string_view chain);

  // The last sequence that was found good, and its chain hash.
  uint64_t checked() const { return checked_; }
  const std::string& chain() const { return chain_; }

 private:
  uint64_t checked_;
  std::string chain_;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AUDIT_H_
