// The log in a file, for checking it where no server is: one line an entry, in the form that
// clients/verify/FORMAT.md describes and clients/verify/marac-verify.mjs reads. Pure.
//
//   marac-audit-log 1
//   origin marac.<area>/audit
//   taken <RFC 3339, UTC>
//   <sequence> <record, or "-" where it was withheld> <leaf> <chain>    each in base 64
//   ...
//   end <number of entries>
#ifndef MARAC_DOMAIN_AUDIT_EXPORT_H_
#define MARAC_DOMAIN_AUDIT_EXPORT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace marac::domain {

// Each ends with a line feed. `taken` is by the clock of whoever takes it.
std::string AuditExportHead(std::string_view origin, absl::Time taken);
std::string AuditExportLine(uint64_t sequence, std::string_view record, std::string_view leaf,
                            std::string_view chain);
std::string AuditExportEnd(uint64_t entries);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AUDIT_EXPORT_H_
