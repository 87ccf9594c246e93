#include "domain/communication.h"

#include <gmock/gmock.h>

#include <functional>

#include "domain/timestamp.h"
#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::CodeOf;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedForm;

constexpr char kName[] = "areas/mk/assessments/a1";
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London());
const Act kAct{"accounts/idva", kNow};

v1::Assessment Draft() {
  v1::StartAssessmentRequest request;
  request.add_perpetrators()->mutable_name()->set_value("Robert Invented");
  request.add_perpetrators()->mutable_name()->set_value("Rita Invented");
  return StartAssessment(ShippedForm(), request, kName, "agencies/idva", kAct).value();
}

v1::CommunicationProfile Complete() {
  v1::CommunicationProfile profile;
  profile.mutable_preferred_language()->set_value("BSL");
  profile.add_ways(v1::COMMUNICATION_WAY_BSL);
  profile.set_interpreter(v1::YES_NO_YES);
  profile.mutable_intermediary()->set_person("Iris Invented");
  profile.mutable_intermediary()->set_relation_to_abuser("none");
  profile.mutable_supporter()->set_person("Her sister");
  profile.mutable_supporter()->set_chosen_by_person(v1::YES_NO_YES);
  profile.mutable_supporter()->add_left_for(CodeOf(15));
  profile.add_formats(v1::INFORMATION_FORMAT_LARGE_PRINT);
  profile.set_print_points(24);
  profile.mutable_says_yes()->set_value("thumb up");
  v1::PersonWord& word = *profile.add_person_words();
  word.set_perpetrator(2);
  word.set_word("The old one");
  profile.mutable_display()->set_theme(v1::DISPLAY_THEME_CREAM);
  profile.mutable_display()->set_text_percent(150);
  *profile.mutable_review_date() = DateOf(kNow).ToDay();
  return profile;
}

absl::StatusOr<v1::Assessment> Recorded(const std::function<void(v1::CommunicationProfile&)>& change) {
  v1::RecordCommunicationProfileRequest request;
  change(*request.mutable_profile() = Complete());
  return RecordCommunicationProfile(Draft(), ShippedForm().pack->pack, request, kAct);
}

TEST(CommunicationProfileTest, SaysWhoRecordedItAndWhenWhateverWasSent) {
  ASSERT_OK_AND_ASSIGN(const v1::Assessment assessment, Recorded([](auto& profile) {
                         profile.set_recorder("accounts/somebody");
                         profile.mutable_record_time()->set_seconds(1);
                       }));
  EXPECT_EQ(assessment.communication().recorder(), "accounts/idva");
  EXPECT_EQ(FromTimestamp(assessment.communication().record_time()), kNow);
  EXPECT_EQ(assessment.communication().says_yes().value(), "thumb up");
}

TEST(CommunicationProfileTest, NamesEachFieldThatIsNotGood) {
  struct Wrong {
    const char* field;
    std::function<void(v1::CommunicationProfile&)> change;
  };
  const Wrong kWrong[] = {
      {"profile.ways", [](auto& p) { p.add_ways(v1::COMMUNICATION_WAY_BSL); }},
      {"profile.ways", [](auto& p) { p.add_ways(v1::COMMUNICATION_WAY_UNSPECIFIED); }},
      {"profile.ways[1]", [](auto& p) { p.add_ways(static_cast<v1::CommunicationWay>(99)); }},
      {"profile.other_way", [](auto& p) { p.add_ways(v1::COMMUNICATION_WAY_OTHER); }},
      {"profile.other_way", [](auto& p) { p.set_other_way("Tapping"); }},
      {"profile.intermediary.person", [](auto& p) { p.mutable_intermediary()->clear_person(); }},
      {"profile.intermediary.relation_to_abuser",
       [](auto& p) { p.mutable_intermediary()->clear_relation_to_abuser(); }},
      {"profile.supporter.person", [](auto& p) { p.mutable_supporter()->clear_person(); }},
      {"profile.supporter.chosen_by_person",
       [](auto& p) { p.mutable_supporter()->set_chosen_by_person(v1::YES_NO_NOT_ASKED); }},
      {"profile.supporter.left_for[1]", [](auto& p) { p.mutable_supporter()->add_left_for("NOT_AN_ITEM"); }},
      {"profile.supporter.left_for[1]", [](auto& p) { p.mutable_supporter()->add_left_for(CodeOf(15)); }},
      {"profile.formats", [](auto& p) { p.add_formats(v1::INFORMATION_FORMAT_LARGE_PRINT); }},
      {"profile.print_points", [](auto& p) { p.set_print_points(15); }},
      {"profile.print_points", [](auto& p) { p.set_print_points(73); }},
      {"profile.print_points", [](auto& p) { p.clear_formats(); }},
      {"profile.person_words[0].perpetrator", [](auto& p) { p.mutable_person_words(0)->set_perpetrator(0); }},
      {"profile.person_words[0].perpetrator", [](auto& p) { p.mutable_person_words(0)->set_perpetrator(3); }},
      {"profile.person_words[1].perpetrator",
       [](auto& p) { *p.add_person_words() = v1::PersonWord(p.person_words(0)); }},
      {"profile.person_words[0].word", [](auto& p) { p.mutable_person_words(0)->set_word(" "); }},
      {"profile.person_words[0].word",
       [](auto& p) { p.mutable_person_words(0)->set_word(std::string(61, 'a')); }},
      {"profile.display.text_percent", [](auto& p) { p.mutable_display()->set_text_percent(99); }},
      {"profile.display.text_percent", [](auto& p) { p.mutable_display()->set_text_percent(401); }},
      {"profile.display.theme",
       [](auto& p) { p.mutable_display()->set_theme(static_cast<v1::DisplayTheme>(99)); }},
      {"profile.review_date", [](auto& p) { *p.mutable_review_date() = DateOf(kNow).AddDays(-1).ToDay(); }},
      {"profile.other", [](auto& p) { p.set_other(std::string(501, 'a')); }},
  };
  for (const Wrong& wrong : kWrong) {
    EXPECT_THAT(Recorded(wrong.change), Refuses(kInvalid, std::string(wrong.field) + ": "));
  }
  EXPECT_THAT(RecordCommunicationProfile(Draft(), ShippedForm().pack->pack, {}, kAct),
              Refuses(kInvalid, "profile: "));
}

TEST(CommunicationProfileTest, TakesWhatIsAtTheEdge) {
  EXPECT_THAT(Recorded([](auto& profile) {
                profile.set_print_points(16);
                profile.mutable_display()->set_text_percent(100);
                profile.mutable_person_words(0)->set_word(std::string(60, 'a'));
              }),
              IsOk());
  EXPECT_THAT(Recorded([](auto& profile) {
                profile.set_print_points(72);
                profile.mutable_display()->set_text_percent(400);
                profile.mutable_person_words(0)->set_perpetrator(1);
              }),
              IsOk());
}

}  // namespace
}  // namespace marac::domain
