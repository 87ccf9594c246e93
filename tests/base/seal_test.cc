// Sealed tokens of decision 6: they tell nothing, and only the caller they were given to can hand them back.
#include "base/seal.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "tests/support/status_matchers.h"

namespace marac {
namespace {

using testing::IsOkAndHolds;
using testing::Refuses;

const SealContext kContext = {.field = "page_token", .purpose = "ListCases areas/3", .caller = "accounts/7"};

Secret TestKey() { return Secret(std::string(32, 'k')); }

MATCHER(IsRefused, "") {
  return ::testing::ExplainMatchResult(
      Refuses(absl::StatusCode::kInvalidArgument,
              "page_token: not one that this server gave you for this list; start again without it"),
      arg, result_listener);
}

TEST(SealTest, OpensToWhatWasSealed) {
  for (size_t size : {0u, 1u, 31u, 32u, 33u, 300u}) {
    const std::string content(size, '\x80');
    EXPECT_THAT(Unseal(TestKey(), kContext, Seal(TestKey(), kContext, content)), IsOkAndHolds(content))
        << size;
  }
}

TEST(SealTest, NeitherContentNorItsExactLengthNorItsRepetitionShows) {
  const std::string token = Seal(TestKey(), kContext, "offset 16");
  EXPECT_EQ(token.size(), Seal(TestKey(), kContext, "offset 1234567").size());
  EXPECT_NE(token, Seal(TestKey(), kContext, "offset 16"));
  ASSERT_OK_AND_ASSIGN(std::string bytes, DecodeBase64url(token));
  EXPECT_EQ(bytes.find("offset"), std::string::npos);
}

TEST(SealTest, ATokenOfAnotherCallerListOrKeyIsRefused) {
  const std::string token = Seal(TestKey(), kContext, "x");
  SealContext other = kContext;
  other.caller = "accounts/8";
  EXPECT_THAT(Unseal(TestKey(), other, token), IsRefused());
  other = kContext;
  other.purpose = "ListCases areas/4";
  EXPECT_THAT(Unseal(TestKey(), other, token), IsRefused());
  // The same characters, cut at another place.
  other = {.field = "page_token", .purpose = "ListCases areas/3a", .caller = "ccounts/7"};
  EXPECT_THAT(Unseal(TestKey(), other, token), IsRefused());
  EXPECT_THAT(Unseal(Secret(std::string(32, 'j')), kContext, token), IsRefused());
}

TEST(SealTest, AChangeOfAnyByteOrACutIsRefused) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, DecodeBase64url(Seal(TestKey(), kContext, "x")));
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_THAT(Unseal(TestKey(), kContext, Base64url(changed)), IsRefused()) << at;
    EXPECT_THAT(Unseal(TestKey(), kContext, Base64url(bytes.substr(0, at))), IsRefused()) << at;
  }
  for (std::string_view token : {"", "1", "not a token", "====", "\xff\xff"}) {
    EXPECT_THAT(Unseal(TestKey(), kContext, token), IsRefused()) << token;
  }
}

TEST(SealTest, TheRefusalNamesTheFieldItCameIn) {
  SealContext cursor = kContext;
  cursor.field = "cursor";
  EXPECT_THAT(Unseal(TestKey(), cursor, "x"), Refuses(absl::StatusCode::kInvalidArgument, "cursor: not one"));
}

TEST(EtagTest, ChangesWithVersionNameAndKeyOnly) {
  const std::string etag = Etag(TestKey(), "areas/3/cases/7", 5);
  EXPECT_EQ(etag.size(), 16u);
  EXPECT_EQ(etag, Etag(TestKey(), "areas/3/cases/7", 5));
  EXPECT_NE(etag, Etag(TestKey(), "areas/3/cases/7", 6));
  EXPECT_NE(etag, Etag(TestKey(), "areas/3/cases/8", 5));
  EXPECT_NE(etag, Etag(Secret(std::string(32, 'j')), "areas/3/cases/7", 5));
}

}  // namespace
}  // namespace marac
