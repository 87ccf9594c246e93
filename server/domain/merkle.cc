#include "domain/merkle.h"

#include <bit>
#include <cassert>
#include <utility>

#include "absl/status/status.h"
#include "base/hash.h"

namespace marac::domain {
namespace {

constexpr size_t kSizeBytes = 8;

std::string NodeHash(std::string_view left, std::string_view right) {
  std::string prefixed_left("\x01");
  prefixed_left += left;
  return Sha256(prefixed_left, right);
}

}  // namespace

void CompactRange::Append(std::string_view leaf) {
  assert(leaf.size() == kHashBytes);
  std::string subtree(leaf);
  // As adding one to a binary number: each full subtree of the same size is joined, which carries on.
  for (uint64_t carry = size_; carry & 1; carry >>= 1) {
    subtree = NodeHash(subtrees_.back(), subtree);
    subtrees_.pop_back();
  }
  subtrees_.push_back(std::move(subtree));
  ++size_;
}

std::string CompactRange::Root() const {
  if (subtrees_.empty()) return Sha256("");
  std::string root = subtrees_.back();
  for (size_t i = subtrees_.size() - 1; i > 0; --i) root = NodeHash(subtrees_[i - 1], root);
  return root;
}

std::string CompactRange::Serialise() const {
  std::string bytes;
  for (size_t shift = 8 * kSizeBytes; shift > 0; shift -= 8) {
    bytes.push_back(static_cast<char>((size_ >> (shift - 8)) & 0xff));
  }
  for (const std::string& subtree : subtrees_) bytes += subtree;
  return bytes;
}

absl::StatusOr<CompactRange> CompactRange::Parse(std::string_view bytes) {
  CompactRange range;
  for (char byte : bytes.substr(0, kSizeBytes)) {
    range.size_ = (range.size_ << 8) | static_cast<unsigned char>(byte);
  }
  if (bytes.size() < kSizeBytes ||
      bytes.size() != kSizeBytes + kHashBytes * static_cast<size_t>(std::popcount(range.size_))) {
    return absl::DataLossError("compact range: its length does not fit its size");
  }
  for (size_t at = kSizeBytes; at < bytes.size(); at += kHashBytes) {
    range.subtrees_.emplace_back(bytes.substr(at, kHashBytes));
  }
  return range;
}

}  // namespace marac::domain
