#include "domain/communication.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/status_macros.h"
#include "domain/input.h"
#include "domain/local_date.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kPrintPointsMin = 16;
constexpr int kPrintPointsMax = 72;
constexpr int kTextPercentMin = 100;
constexpr int kTextPercentMax = 400;
constexpr int kWordLengthMax = 60;
constexpr size_t kSymbolBytesMax = 60;

// Each value of an enum's list once, and none that is not given.
template <typename Values>
bool AreGivenOnce(const Values& values) {
  const std::set<int> different(values.begin(), values.end());
  return !different.contains(0) && static_cast<int>(different.size()) == values.size();
}

bool HasCode(const v1::InstrumentPack& pack, const std::string& code) {
  const auto in = [&](const auto& items) {
    return std::ranges::any_of(items, [&](const v1::Item& item) {
      return item.code() == code ||
             std::ranges::any_of(item.probes(), [&](const v1::Probe& probe) { return probe.code() == code; });
    });
  };
  return in(pack.items()) || std::ranges::any_of(pack.sections(), [&](const v1::Section& section) {
           return section.code() == code || in(section.items());
         });
}

void CheckHelpers(FieldErrors& errors, const std::string& path, const v1::CommunicationProfile& profile,
                  const v1::InstrumentPack* pack) {
  if (profile.has_intermediary()) {
    const std::string field = path + ".intermediary";
    RequireText(errors, field + ".person", profile.intermediary().person(), kLineBytesMax, "give the name");
    RequireText(errors, field + ".relation_to_abuser", profile.intermediary().relation_to_abuser(),
                kLineBytesMax, "say what they are to those whom the person fears; \"none\" is an answer");
    LimitText(errors, field + ".role", profile.intermediary().role(), kLineBytesMax);
  }
  if (!profile.has_supporter()) return;
  const v1::Supporter& supporter = profile.supporter();
  const std::string field = path + ".supporter";
  RequireText(errors, field + ".person", supporter.person(), kLineBytesMax, "say who this is");
  LimitText(errors, field + ".relation", supporter.relation(), kLineBytesMax);
  errors.Require(supporter.chosen_by_person() == v1::YES_NO_YES, field + ".chosen_by_person",
                 "only somebody whom the person chose, asked alone, supports them; leave anybody else out");
  std::set<std::string> left;
  for (int i = 0; i < supporter.left_for_size(); ++i) {
    const std::string& code = supporter.left_for(i);
    errors.Require((pack == nullptr || HasCode(*pack, code)) && left.insert(code).second,
                   fmt::format("{}.left_for[{}]", field, i),
                   "give codes of this form's questions, each at most once");
  }
}

void CheckWords(FieldErrors& errors, const std::string& path, const v1::CommunicationProfile& profile,
                int perpetrators) {
  std::set<int> named;
  for (int i = 0; i < profile.person_words_size(); ++i) {
    const v1::PersonWord& word = profile.person_words(i);
    const std::string field = fmt::format("{}.person_words[{}]", path, i);
    const bool is_there = word.perpetrator() >= 1 && word.perpetrator() <= perpetrators;
    errors.Require(is_there && named.insert(word.perpetrator()).second, field + ".perpetrator",
                   "say which of those whom the person fears this is, 1 for the first, each once");
    const int length = VisibleLength(word.word());
    // Longer than that, a question stops being one.
    errors.Require(
        length >= 1 && length <= kWordLengthMax, field + ".word",
        fmt::format("give the name or word that the person uses, at most {} characters", kWordLengthMax));
    LimitText(errors, field + ".symbol", word.symbol(), kSymbolBytesMax);
  }
}

}  // namespace

void CheckProfile(FieldErrors& errors, const std::string& path, const v1::CommunicationProfile& profile,
                  int perpetrators, const v1::InstrumentPack* pack, const Act& act) {
  CheckValues(profile, path, errors);
  errors.Require(AreGivenOnce(profile.ways()), path + ".ways", "give each way at most once");
  const bool other = std::ranges::count(profile.ways(), v1::COMMUNICATION_WAY_OTHER) > 0;
  errors.Require(other != IsBlank(profile.other_way()), path + ".other_way",
                 "say which other way, and only with that answer");
  errors.Require(AreGivenOnce(profile.formats()), path + ".formats", "give each format at most once");
  const bool large = std::ranges::count(profile.formats(), v1::INFORMATION_FORMAT_LARGE_PRINT) > 0;
  const int points = profile.print_points();
  errors.Require(points == 0 || (large && points >= kPrintPointsMin && points <= kPrintPointsMax),
                 path + ".print_points",
                 fmt::format("give {} to {} points, with large print", kPrintPointsMin, kPrintPointsMax));
  CheckHelpers(errors, path, profile, pack);
  CheckWords(errors, path, profile, perpetrators);
  const int percent = profile.display().text_percent();
  errors.Require(percent == 0 || (percent >= kTextPercentMin && percent <= kTextPercentMax),
                 path + ".display.text_percent",
                 fmt::format("give {} to {} percent", kTextPercentMin, kTextPercentMax));
  if (profile.has_review_date()) {
    const auto review = LocalDate::FromDay(profile.review_date(), path + ".review_date");
    errors.Require(review.ok() && *review >= DateOf(act.now), path + ".review_date",
                   "give today or a day to come");
  }
}

absl::StatusOr<v1::Assessment> RecordCommunicationProfile(
    v1::Assessment assessment, const v1::InstrumentPack& pack,
    const v1::RecordCommunicationProfileRequest& request, const Act& act) {
  if (assessment.state() == v1::ASSESSMENT_STATE_ENTERED_IN_ERROR) {
    return WrongState("WRONG_STATE", "this assessment was entered in error: what it says goes to nobody");
  }
  v1::CommunicationProfile profile = request.profile();
  DropHiddenCharacters(profile);
  FieldErrors errors;
  errors.Require(request.has_profile(), "profile", "give the whole profile");
  CheckProfile(errors, "profile", profile, assessment.perpetrators_size(), &pack, act);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  profile.set_recorder(act.account);
  *profile.mutable_record_time() = ToTimestamp(act.now);
  *assessment.mutable_communication() = std::move(profile);
  return assessment;
}

void ShareProfile(const v1::CommunicationProfile& profile, v1::CommunicationProfile& held) {
  if (!profile.has_record_time()) return;
  if (held.has_record_time() && FromTimestamp(profile.record_time()) < FromTimestamp(held.record_time())) {
    return;
  }
  held = profile;
  held.clear_person_words();
  held.clear_display();
  if (held.has_supporter()) held.mutable_supporter()->clear_left_for();
}

}  // namespace marac::domain
