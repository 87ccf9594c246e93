#include "domain/limits.h"

#include <gtest/gtest.h>

#include <string>

#include "domain/access.h"
#include "domain/errors.h"

namespace marac::domain {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'780'000'000);

// A read of what belongs to a case that counts as nothing would be a way round every limit.
TEST(UseOfTest, EveryReadOfWhatBelongsToACaseCounts) {
  for (const MethodRule& rule : MethodRules()) {
    const std::string_view service = rule.method.substr(0, rule.method.find('/'));
    const bool is_about_cases = service == "marac.v1.CaseService" || service == "marac.v1.ReferralService" ||
                                service == "marac.v1.AssessmentService" ||
                                service == "marac.v1.ActionService";
    const bool looks = rule.kind == AuditKind::kConsultation || rule.kind == AuditKind::kCombination;
    if (!is_about_cases || !looks) continue;
    // The pack's wording and its arithmetic are about nobody; joining two referrals changes them.
    if (rule.method.ends_with("GetInstrument") || rule.method.ends_with("PreviewScore") ||
        rule.method.ends_with("MarkDuplicate")) {
      continue;
    }
    EXPECT_NE(UseOf(rule.method), v1::USE_KIND_UNSPECIFIED) << rule.method;
  }
  EXPECT_EQ(UseOf("marac.v1.CaseService/GetCase"), v1::USE_KIND_OPEN);
  EXPECT_EQ(UseOf("marac.v1.CaseService/RevealDetail"), v1::USE_KIND_REVEAL);
  EXPECT_EQ(UseOf("marac.v1.ReferralService/FindMatches"), v1::USE_KIND_SEARCH);
  EXPECT_EQ(UseOf("marac.v1.CaseService/ListCases"), v1::USE_KIND_LIST);
}

TEST(LimitsTest, AnAreaChangesTheDocumentedOnesAndZeroLeavesThem) {
  v1::AreaSettings settings;
  settings.mutable_limits()->set_reveals_per_day(7);
  const v1::UseLimits limits = LimitsOf(settings);
  EXPECT_EQ(LimitFor(v1::USE_KIND_REVEAL, limits).count, 7);
  EXPECT_EQ(LimitFor(v1::USE_KIND_SEARCH, limits).count, 30);
  EXPECT_EQ(LimitFor(v1::USE_KIND_SEARCH, limits).within, absl::Minutes(1));
  EXPECT_EQ(LimitFor(v1::USE_KIND_OPEN, limits).count, 200);
  EXPECT_EQ(LimitFor(v1::USE_KIND_OPEN, limits).within, absl::Hours(24));
  EXPECT_EQ(LimitFor(v1::USE_KIND_UNINVOLVED, limits).count, 10);
  EXPECT_EQ(LimitFor(v1::USE_KIND_UNINVOLVED, limits).within, absl::Hours(1));
  EXPECT_EQ(LimitFor(v1::USE_KIND_LIST, limits).count, 120);
}

TEST(LimitsTest, TheRefusalSaysWhatToDo) {
  const absl::Status refused = OverLimit(DefaultUseLimits());
  EXPECT_TRUE(IsOverLimit(refused));
  EXPECT_EQ(DetailOf(refused).reason(), "LIMIT");
  EXPECT_NE(refused.message().find("ask the coordinator"), std::string::npos);
  EXPECT_FALSE(IsOverLimit(absl::ResourceExhaustedError("the server is busy: try again")));
}

TEST(RefusalCapTest, AFloodIsCountedAndTheFirstOfItAreWritten) {
  using Row = RefusalCap::Row;
  RefusalCap cap;
  for (int i = 0; i < RefusalCap::kEach; ++i) ASSERT_EQ(cap.Note("10.0.0.1", kStart), Row::kOwn);
  EXPECT_EQ(cap.Note("10.0.0.1", kStart), Row::kCountingBegins);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(cap.Note("10.0.0.1", kStart + absl::Minutes(9)), Row::kNone);
  EXPECT_EQ(cap.Note("10.0.0.2", kStart), Row::kOwn) << "another source has its own";
  EXPECT_TRUE(cap.TakeEnded(kStart + absl::Minutes(9)).empty());
  const auto ended = cap.TakeEnded(kStart + RefusalCap::kWindow);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].source, "10.0.0.1");
  EXPECT_EQ(ended[0].refusals, 501);
  EXPECT_TRUE(cap.TakeEnded(kStart + RefusalCap::kWindow).empty()) << "each once";
  EXPECT_EQ(cap.Note("10.0.0.1", kStart + absl::Minutes(11)), Row::kOwn);
}

TEST(RefusalCapTest, AQuietSourceBeginsANewWindow) {
  RefusalCap cap;
  for (int i = 0; i < RefusalCap::kEach; ++i) cap.Note("10.0.0.1", kStart);
  EXPECT_EQ(cap.Note("10.0.0.1", kStart + RefusalCap::kWindow), RefusalCap::Row::kOwn);
}

TEST(RefusalCapTest, SourcesWithoutNumberShareOneWindow) {
  RefusalCap cap;
  for (size_t i = 0; i < RefusalCap::kSourcesMax; ++i) cap.Note(std::to_string(i), kStart);
  for (int i = 0; i < RefusalCap::kEach; ++i) {
    ASSERT_EQ(cap.Note("new" + std::to_string(i), kStart), RefusalCap::Row::kOwn);
  }
  EXPECT_EQ(cap.Note("one more", kStart), RefusalCap::Row::kCountingBegins);
}

}  // namespace
}  // namespace marac::domain
