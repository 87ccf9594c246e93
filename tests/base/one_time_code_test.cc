#include "base/one_time_code.h"

#include <gtest/gtest.h>

namespace marac {
namespace {

// RFC 6238, appendix B (SHA-1), the last six of its eight digits.
const Secret kSecret("12345678901234567890");

TEST(OneTimeCodeTest, GivesTheCodesOfTheStandard) {
  EXPECT_EQ(CodeAt(kSecret, absl::FromUnixSeconds(59)), "287082");
  EXPECT_EQ(CodeAt(kSecret, absl::FromUnixSeconds(1'111'111'109)), "081804");
  EXPECT_EQ(CodeAt(kSecret, absl::FromUnixSeconds(20'000'000'000)), "353130");
}

TEST(OneTimeCodeTest, ACodeCountsInItsStepAndTheOnesBesideIt) {
  const absl::Time start = absl::FromUnixSeconds(1'111'111'110);  // a step begins: 37037037
  const std::string code = CodeAt(kSecret, start);
  EXPECT_EQ(StepOfCode(kSecret, start, code), 37'037'037);
  EXPECT_EQ(StepOfCode(kSecret, start - absl::Seconds(30), code), 37'037'037);
  EXPECT_EQ(StepOfCode(kSecret, start + absl::Seconds(59), code), 37'037'037);
  EXPECT_EQ(StepOfCode(kSecret, start - absl::Seconds(31), code), std::nullopt);
  EXPECT_EQ(StepOfCode(kSecret, start + absl::Seconds(60), code), std::nullopt);
}

TEST(OneTimeCodeTest, WhatIsNotSixDigitsIsNoCode) {
  const absl::Time now = absl::FromUnixSeconds(59);
  for (const char* text : {"", "28708", "2870820", "28708a", " 287082", "287 082"}) {
    EXPECT_EQ(StepOfCode(kSecret, now, text), std::nullopt) << text;
  }
}

TEST(OneTimeCodeTest, TheAddressForAnAuthenticatorNamesWhoseItIs) {
  EXPECT_EQ(OtpAuthUri("Meeting office", "a.khan@council", kSecret),
            "otpauth://totp/Meeting%20office:a.khan%40council?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=Meeting%20office");
}

}  // namespace
}  // namespace marac
