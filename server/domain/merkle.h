// The Merkle tree of RFC 6962 over the leaf hashes of the audit, kept as the roots of its full subtrees only.
// Pure.
#ifndef MARAC_DOMAIN_MERKLE_H_
#define MARAC_DOMAIN_MERKLE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace marac::domain {

// At most 64 hashes, however long the log. A value: copy it to keep a moment.
class CompactRange {
 public:
  // Adds the next leaf (LeafHash of a record, 32 bytes); about one hash on average.
  void Append(std::string_view leaf);

  // Leaves so far.
  uint64_t size() const { return size_; }

  // The root (Merkle Tree Hash of RFC 6962 section 2.1) over all leaves so far, 32 bytes.
  std::string Root() const;

  // 8 bytes of size, big-endian, then the hashes of the full subtrees, largest first.
  std::string Serialise() const;
  // DATA_LOSS for bytes that Serialise does not make.
  static absl::StatusOr<CompactRange> Parse(std::string_view bytes);

 private:
  uint64_t size_ = 0;
  std::vector<std::string> subtrees_;  // One for each set bit of size_, largest first.
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_MERKLE_H_
