#include "domain/audit_export.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace marac::domain {

std::string AuditExportHead(std::string_view origin, absl::Time taken) {
  return fmt::format("marac-audit-log 1\norigin {}\ntaken {}\n", origin,
                     absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", taken, absl::UTCTimeZone()));
}

std::string AuditExportLine(uint64_t sequence, std::string_view record, std::string_view leaf,
                            std::string_view chain) {
  return fmt::format("{} {} {} {}\n", sequence, record.empty() ? "-" : Base64(record), Base64(leaf),
                     Base64(chain));
}

std::string AuditExportEnd(uint64_t entries) { return fmt::format("end {}\n", entries); }

}  // namespace marac::domain
