#include "base/hash.h"

#include <gtest/gtest.h>

#include <cctype>

#include "tests/support/status_matchers.h"

namespace marac {
namespace {

using testing::IsOkAndHolds;
using testing::Refuses;

TEST(HashTest, Sha256GivesThePublishedDigests) {
  // FIPS 180-4.
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashTest, Sha256OfTwoPartsIsThatOfTheWhole) { EXPECT_EQ(Sha256("a", "bc"), Sha256("abc")); }

TEST(HashTest, HmacGivesThePublishedMacs) {
  // RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
  EXPECT_EQ(Hex(HmacSha256(Secret(std::string(20, '\x0b')), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256(Secret("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(Secret(std::string(131, '\xaa')),
                           "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HashTest, Base64GoesThereAndBack) {
  // RFC 4648 section 10.
  struct {
    std::string_view bytes, standard, url;
  } cases[] = {{"", "", ""},
               {"f", "Zg==", "Zg"},
               {"fo", "Zm8=", "Zm8"},
               {"foo", "Zm9v", "Zm9v"},
               {"foob", "Zm9vYg==", "Zm9vYg"},
               {"\xfb\xff", "+/8=", "-_8"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Base64(c.bytes), c.standard);
    EXPECT_EQ(Base64url(c.bytes), c.url);
    EXPECT_THAT(DecodeBase64(c.standard), IsOkAndHolds(std::string(c.bytes)));
    EXPECT_THAT(DecodeBase64url(c.url), IsOkAndHolds(std::string(c.bytes)));
  }
}

TEST(HashTest, Base64RefusesWhatItWouldNotWrite) {
  for (std::string_view text : {
           "Zg=",
           "Zg",
           "Zg==\n",
           " Zg==",
           "Zh==",
           "Z",
           "Zg===",
           "-_8=",
       }) {
    EXPECT_THAT(DecodeBase64(text), Refuses(absl::StatusCode::kInvalidArgument, "base 64")) << text;
  }
  for (std::string_view text : {"Zg==", "Zh", "+/8", "Z", "Zg "}) {
    EXPECT_THAT(DecodeBase64url(text), Refuses(absl::StatusCode::kInvalidArgument, "base 64")) << text;
  }
}

TEST(HashTest, ConstantTimeEqualsComparesAllBytes) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
}

// A checkpoint whose signature had a byte changed was once accepted: 0xe2 was read as '/'.
TEST(HashTest, Base64RefusesEveryByteOutsideItsAlphabet) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'A', static_cast<char>(byte), 'A', 'A'};
    const bool shared = byte < 128 && std::isalnum(byte);
    EXPECT_EQ(DecodeBase64(text).ok(), shared || byte == '+' || byte == '/') << byte;
    EXPECT_EQ(DecodeBase64url(text).ok(), shared || byte == '-' || byte == '_') << byte;
  }
}

}  // namespace
}  // namespace marac
