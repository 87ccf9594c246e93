// Who looked at a case, from the lines of the audit. Pure.
#ifndef MARAC_DOMAIN_CASE_READERS_H_
#define MARAC_DOMAIN_CASE_READERS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/audit_event.h"
#include "marac/v1/audit_service.pb.h"
#include "marac/v1/protected_detail.pb.h"

namespace marac::domain {

// What a method does to a case, as somebody would say of a person: "opened the case". Of a method that has no
// words here, its name in small letters.
std::string DeedWords(std::string_view method);
// Whether it has words of its own.
bool HasDeedWords(std::string_view method);

// Counts events, given in any order, for one case.
class CaseReaders {
 public:
  // `records`: the case and all that belongs to it. `details`: the kinds of those that are protected details.
  // `reasons`: why one was shown, by the sequence of the event.
  CaseReaders(std::set<std::string, std::less<>> records, std::map<std::string, v1::ProtectedKind> details,
              std::map<int64_t, std::string> reasons)
      : records_(std::move(records)), details_(std::move(details)), reasons_(std::move(reasons)) {}

  // Takes no notice of an event that touched none of the records, or that nobody made.
  void Add(uint64_t sequence, const AuditEvent& event);

  // Everybody, the last to be here first.
  std::vector<v1::CaseReader> Take() &&;

 private:
  struct Reader {
    v1::CaseReader said;
    int64_t first_ms = 0;
    int64_t last_ms = 0;
    uint64_t last_sequence = 0;
    std::map<std::string, int32_t> deeds;  // by method
    uint32_t classes = 0;
    std::map<uint64_t, v1::ReaderReveal> reveals;  // by sequence
  };

  const std::set<std::string, std::less<>> records_;
  const std::map<std::string, v1::ProtectedKind> details_;
  const std::map<int64_t, std::string> reasons_;
  // By account, agency and role, as they were.
  std::map<std::vector<std::string>, Reader> readers_;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CASE_READERS_H_
