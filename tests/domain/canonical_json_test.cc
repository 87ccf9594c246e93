#include "domain/canonical_json.h"

#include <gtest/gtest.h>

#include "marac/v1/assessment.pb.h"

namespace marac::domain {
namespace {

TEST(CanonicalJsonTest, SortsKeysAndLeavesSpacesAndDefaultsOut) {
  v1::Answer answer;
  answer.set_seq(3);
  answer.set_item("STRANGLE");
  answer.set_code(v1::ANSWER_CODE_YES);
  answer.add_details("B");
  answer.add_details("A");
  answer.set_verbatim(true);
  answer.mutable_time()->set_seconds(1'800'000'000);
  EXPECT_EQ(CanonicalJson(answer),
            R"({"code":"ANSWER_CODE_YES","details":["B","A"],"item":"STRANGLE","seq":3,)"
            R"("time":{"seconds":1800000000},"verbatim":true})");
}

TEST(CanonicalJsonTest, AnEmptyMessageIsAnEmptyObject) { EXPECT_EQ(CanonicalJson(v1::Answer()), "{}"); }

// RFC 8785, section 3.2.2.2: short escapes where there are some, four small hexadecimal digits for other
// control characters, and everything else as it is.
TEST(CanonicalJsonTest, EscapesAsRfc8785Says) {
  v1::Answer answer;
  answer.set_note("\"\\/\b\f\n\r\t\x01\x1f\x7f\u20ac");
  EXPECT_EQ(CanonicalJson(answer), "{\"note\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\u20ac\"}");
}

// D-03: the same text typed on two keyboards is the same text.
TEST(CanonicalJsonTest, BringsTextToOneUnicodeForm) {
  v1::Answer composed;
  composed.set_note("caf\u00e9");
  v1::Answer decomposed;
  decomposed.set_note("cafe\u0301");
  EXPECT_EQ(CanonicalJson(composed), CanonicalJson(decomposed));
}

}  // namespace
}  // namespace marac::domain
