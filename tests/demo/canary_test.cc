// The search that says "no clear text anywhere" must be one that would find it.
#include "demo/canary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/hash.h"
#include "marac/v1/case_service.pb.h"
#include "marac/v1/referral_service.pb.h"
#include "tests/support/status_matchers.h"

namespace marac::demo {
namespace {

using ::marac::testing::Refuses;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CanaryTest : public ::testing::Test {
 protected:
  CanaryTest() {
    std::string name = (std::filesystem::temp_directory_path() / "marac_canary_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~CanaryTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& bytes) {
    const std::string path = folder_ + "/file";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // The form in which the one canary is found in these bytes; empty: not at all.
  std::string FormIn(const std::string& bytes) {
    const auto search = FindCanaries({{.word = "Qx7fKp2LmZ9aTb4R", .field = "here"}}, {Write(bytes)});
    if (!search.ok() || search->findings.empty()) return "";
    return search->findings[0].form;
  }

  std::string folder_;
};

TEST_F(CanaryTest, EveryCanaryIsFoundInAPlainCopy) {
  Canaries canaries;
  for (int i = 0; i < 600; ++i) canaries.Make("field " + std::to_string(i));
  ASSERT_OK(WritePlainCopy(canaries.all(), folder_ + "/copy"));
  ASSERT_OK_AND_ASSIGN(const Search search, FindCanaries(canaries.all(), {folder_ + "/copy"}));
  EXPECT_THAT(search.findings, SizeIs(600));
  std::set<std::string> forms;
  for (const Finding& finding : search.findings) forms.insert(finding.form);
  // As it is, UTF-16 both ways, base64 both alphabets (one form where they agree), hexadecimal, packed.
  EXPECT_GE(forms.size(), 6U);
}

TEST_F(CanaryTest, TheSearchKnowsTheForms) {
  EXPECT_EQ(FormIn("before Qx7fKp2LmZ9aTb4R after"), "as it is");
  EXPECT_EQ(FormIn("QX7FKP2LMZ9ATB4R"), "as it is");
  EXPECT_EQ(FormIn("qx7fkp2lmz9atb4r"), "as it is");
  EXPECT_EQ(FormIn(Hex("Qx7fKp2LmZ9aTb4R")), "hexadecimal");
  for (const char* before : {"", "1", "12", "123"}) {
    EXPECT_EQ(FormIn(Base64(before + std::string("Qx7fKp2LmZ9aTb4R and more"))).substr(0, 6), "base64")
        << before;
  }
}

TEST_F(CanaryTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(FormIn(""), "");
  EXPECT_EQ(FormIn("Qx7fKp2"), "");
  EXPECT_EQ(FormIn("Qx7fKp2LmZ9aTb4"), "");
  EXPECT_EQ(FormIn(std::string(100'000, 'x') + "\x1f\x8b\x08 no gzip"), "");
}

TEST_F(CanaryTest, AFileThatCannotBeReadIsAnErrorAndNotNothingFound) {
  EXPECT_THAT(FindCanaries({{.word = "Qx7fKp2LmZ9aTb4R", .field = "here"}}, {folder_ + "/none"}),
              Refuses(absl::StatusCode::kNotFound, "none"));
}

TEST_F(CanaryTest, EveryFreeTextIsFilledAndNoCodeIs) {
  v1::SaveDraftRequest request;
  request.set_parent("areas/mk");
  request.mutable_referral()->mutable_referrer()->set_source_category("IDVA");
  request.mutable_referral()->mutable_victim()->add_aliases("replaced");
  Canaries canaries;
  canaries.FillText(request);
  EXPECT_EQ(request.parent(), "areas/mk");
  EXPECT_EQ(request.referral().referrer().source_category(), "IDVA");
  EXPECT_THAT(request.referral().referrer().person(), SizeIs(16));
  EXPECT_THAT(request.referral().victim().occupation().value(), SizeIs(16));
  ASSERT_THAT(request.referral().victim().aliases(), SizeIs(1));
  EXPECT_NE(request.referral().victim().aliases(0), "replaced");
  // What was not sent was not filled, and is said so.
  EXPECT_THAT(canaries.Missed(v1::SaveDraftRequest::descriptor()), Contains("marac.v1.Reason.narrative"));
  EXPECT_THAT(canaries.Missed(v1::GetCaseRequest::descriptor()), IsEmpty());
}

TEST_F(CanaryTest, TheListSurvivesItsFile) {
  Canaries canaries;
  canaries.Make("marac.v1.Party.name");
  canaries.Make("marac.v1.Party.school (refused)");
  ASSERT_OK_AND_ASSIGN(const std::vector<Canary> read, FromLines(ToLines(canaries.all())));
  ASSERT_THAT(read, SizeIs(2));
  EXPECT_EQ(read[1].word, canaries.all()[1].word);
  EXPECT_EQ(read[1].field, "marac.v1.Party.school (refused)");
  EXPECT_THAT(FromLines("short\n"), Refuses(absl::StatusCode::kInvalidArgument, "cut short"));
}

}  // namespace
}  // namespace marac::demo
