#include "domain/merkle.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "domain/audit.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::Refuses;
using std::literals::string_view_literals::operator""sv;

// RFC 6962 section 2.1, as it is written there.
std::string NaiveRoot(const std::vector<std::string>& leaves, size_t begin, size_t end) {
  const size_t size = end - begin;
  if (size == 0) return Sha256("");
  if (size == 1) return leaves[begin];
  size_t split = 1;
  while (split * 2 < size) split *= 2;
  return Sha256("\x01" + NaiveRoot(leaves, begin, begin + split) + NaiveRoot(leaves, begin + split, end));
}

std::vector<std::string> Leaves(size_t count) {
  std::vector<std::string> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back(LeafHash(std::to_string(i)));
  return leaves;
}

TEST(MerkleTest, GivesThePublishedRoots) {
  // The eight leaves of the reference test data of Certificate Transparency.
  const std::string_view leaves[] = {""sv,
                                     "\0"sv,
                                     "\x10"sv,
                                     "\x20\x21"sv,
                                     "\x30\x31"sv,
                                     "\x40\x41\x42\x43"sv,
                                     "\x50\x51\x52\x53\x54\x55\x56\x57"sv,
                                     "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"sv};
  const std::string_view roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactRange range;
  EXPECT_EQ(Hex(range.Root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (size_t i = 0; i < 8; ++i) {
    range.Append(LeafHash(leaves[i]));
    EXPECT_EQ(Hex(range.Root()), roots[i]) << i + 1;
  }
}

TEST(MerkleTest, TheRootIsThatOfTheRecursiveDefinitionAtEverySize) {
  const std::vector<std::string> leaves = Leaves(130);
  CompactRange range;
  for (size_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(range.size(), size);
    EXPECT_EQ(range.Root(), NaiveRoot(leaves, 0, size)) << size;
    if (size < leaves.size()) range.Append(leaves[size]);
  }
}

TEST(MerkleTest, AStoredRangeGoesOnWhereItWas) {
  const std::vector<std::string> leaves = Leaves(70);
  for (size_t stop = 0; stop <= leaves.size(); ++stop) {
    CompactRange before;
    for (size_t i = 0; i < stop; ++i) before.Append(leaves[i]);
    ASSERT_OK_AND_ASSIGN(CompactRange after, CompactRange::Parse(before.Serialise()));
    for (size_t i = stop; i < leaves.size(); ++i) after.Append(leaves[i]);
    EXPECT_EQ(after.size(), leaves.size());
    EXPECT_EQ(after.Root(), NaiveRoot(leaves, 0, leaves.size())) << stop;
  }
}

TEST(MerkleTest, AStoredRangeOfAnotherLengthIsRefused) {
  CompactRange range;
  for (const std::string& leaf : Leaves(7)) range.Append(leaf);
  const std::string bytes = range.Serialise();
  EXPECT_EQ(bytes.size(), 8 + 3 * 32u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(CompactRange::Parse(bytes.substr(0, size)), Refuses(absl::StatusCode::kDataLoss, "length"));
  }
  EXPECT_THAT(CompactRange::Parse(bytes + "x"), Refuses(absl::StatusCode::kDataLoss, "length"));
  std::string huge = bytes;
  huge.replace(0, 8, std::string(8, '\xff'));
  EXPECT_THAT(CompactRange::Parse(huge), Refuses(absl::StatusCode::kDataLoss, "length"));
}

TEST(MerkleTest, AChangedLeafAnOrderOrALengthGivesAnotherRoot) {
  auto root = [](const std::vector<std::string>& leaves) {
    CompactRange range;
    for (const std::string& leaf : leaves) range.Append(leaf);
    return range.Root();
  };
  const std::vector<std::string> leaves = Leaves(20);
  for (size_t i = 0; i < leaves.size(); ++i) {
    std::vector<std::string> changed = leaves;
    changed[i][0] = static_cast<char>(changed[i][0] ^ 1);
    EXPECT_NE(root(changed), root(leaves));
  }
  std::vector<std::string> swapped = leaves;
  std::swap(swapped[3], swapped[4]);
  EXPECT_NE(root(swapped), root(leaves));
  EXPECT_NE(root({leaves.begin(), leaves.end() - 1}), root(leaves));
}

}  // namespace
}  // namespace marac::domain
