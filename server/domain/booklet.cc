#include "domain/booklet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_replace.h"
#include "domain/errors.h"

namespace marac::domain {
namespace {

using print::v1::BookletPage;

constexpr size_t kReferenceLength = 8;

void AddPlaces(const v1::Section* section, const v1::Item& item, std::vector<Place>& places) {
  if (item.probes().empty()) places.push_back({.section = section, .item = &item});
  for (const v1::Probe& probe : item.probes()) {
    places.push_back({.section = section, .item = &item, .probe = &probe});
  }
}

void AddSections(const v1::InstrumentPack& pack, std::initializer_list<v1::SectionKind> kinds,
                 std::vector<Place>& places) {
  for (const v1::Section& section : pack.sections()) {
    if (std::find(kinds.begin(), kinds.end(), section.kind()) == kinds.end()) continue;
    for (const v1::Item& item : section.items()) AddPlaces(&section, item, places);
  }
}

std::string Filled(std::string_view text, std::string_view word) {
  return absl::StrReplaceAll({text.data(), text.size()},
                             {{"{name}", absl::string_view(word.data(), word.size())}});
}

void AddChoice(BookletPage& page, std::string_view text, std::string_view shape, bool small) {
  print::v1::BookletChoice& choice = *page.add_choices();
  choice.set_text(std::string(text));
  choice.set_shape(std::string(shape));
  choice.set_small(small);
}

// In one order on every page, and never more than five (ACC-20, ACC-21).
void AddChoices(const v1::Item& item, BookletPage& page) {
  for (const v1::Option& option : item.options()) {
    AddChoice(page, option.label(), "", /*small=*/false);
    page.mutable_choices(page.choices_size() - 1)->set_picture(option.symbol());
  }
  if (!item.options().empty()) return;
  AddChoice(page, "Yes", "yes", /*small=*/false);
  AddChoice(page, "No", "no", /*small=*/false);
  AddChoice(page, "Not sure", "not-sure", /*small=*/false);
  AddChoice(page, "I do not want to say", "", /*small=*/true);
  AddChoice(page, "I do not understand", "", /*small=*/true);
}

BookletPage PageOf(const Place& place, const v1::InstrumentPack& pack, std::string_view word) {
  BookletPage page;
  page.set_code(CodeOf(place));
  page.set_progress(ProgressAt(place, pack));
  const bool is_first = place.section != nullptr && place.after == nullptr &&
                        place.item == &place.section->items(0) &&
                        (place.probe == nullptr || place.probe == &place.item->probes(0));
  if (is_first) *page.mutable_before() = place.section->intro();
  page.set_heading(QuestionAt(place, word));
  if (place.probe != nullptr) page.set_explanation(Filled(place.probe->explanation(), word));
  page.set_reword(RewordAt(place, word));
  AddChoices(*place.item, page);
  return page;
}

// What is said before the first of several hard questions (ACC-27).
void AddAnnouncement(const v1::InstrumentPack& pack, print::v1::Booklet& booklet) {
  for (const v1::Section& section : pack.sections()) {
    if (section.kind() != v1::SECTION_KIND_CHECK_IN || section.intro().empty()) continue;
    *booklet.add_pages()->mutable_before() = section.intro();
  }
}

}  // namespace

std::vector<Place> PlacesOf(const v1::InstrumentPack& pack) {
  std::vector<Place> places;
  AddSections(pack, {v1::SECTION_KIND_TEACH_BACK, v1::SECTION_KIND_PRACTICE}, places);
  for (const v1::Item& item : pack.items()) {
    AddPlaces(nullptr, item, places);
    if (!item.sensitive()) continue;
    const size_t begin = places.size();
    AddSections(pack, {v1::SECTION_KIND_CHECK_IN}, places);
    for (size_t i = begin; i < places.size(); ++i) places[i].after = &item;
  }
  AddSections(pack, {v1::SECTION_KIND_UNSCORED}, places);
  AddSections(pack, {v1::SECTION_KIND_AFTER}, places);
  return places;
}

std::string CodeOf(const Place& place) {
  return place.probe == nullptr ? place.item->code()
                                : fmt::format("{}/{}", place.item->code(), place.probe->code());
}

std::string WordFor(const v1::Assessment& assessment) {
  std::vector<std::string> words;
  for (int i = 1; i <= assessment.perpetrators_size(); ++i) {
    for (const v1::PersonWord& word : assessment.communication().person_words()) {
      if (word.perpetrator() != i || word.word().empty()) continue;
      if (std::find(words.begin(), words.end(), word.word()) == words.end()) words.push_back(word.word());
    }
  }
  if (words.empty()) return "this person";
  std::string all = words.front();
  for (size_t i = 1; i < words.size(); ++i) {
    all += (i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return all;
}

std::string QuestionAt(const Place& place, std::string_view word) {
  return place.probe == nullptr ? place.item->question() : Filled(place.probe->question(), word);
}

std::string RewordAt(const Place& place, std::string_view word) {
  return place.probe == nullptr ? "" : Filled(place.probe->reword(), word);
}

std::string ProgressAt(const Place& place, const v1::InstrumentPack& pack) {
  const v1::Item& item = *place.item;
  std::string part;
  if (place.probe != nullptr && item.probes_size() > 1) {
    int number = 1;
    while (&item.probes(number - 1) != place.probe) ++number;
    part = fmt::format(", part {} of {}", number, item.probes_size());
  }
  if (place.section == nullptr) {
    return fmt::format("Question {} of {}{}", item.number(), pack.items_size(), part);
  }
  if (place.section->kind() == v1::SECTION_KIND_CHECK_IN ||
      place.section->kind() == v1::SECTION_KIND_TEACH_BACK) {
    return place.section->title();
  }
  return fmt::format("{}, {} of {}{}", place.section->title(), item.number(), place.section->items_size(),
                     part);
}

std::string ReferenceOf(const v1::Assessment& assessment) {
  const std::string& name = assessment.name();
  return name.substr(name.size() - std::min(name.size(), kReferenceLength));
}

absl::Status CheckBooklet(const v1::Assessment& assessment) {
  if (assessment.state() == v1::ASSESSMENT_STATE_DRAFT) return absl::OkStatus();
  return WrongState("WRONG_STATE", "the questions are printed for an assessment that is a draft");
}

print::v1::Booklet BookletOf(const v1::Assessment& assessment, const v1::InstrumentPack& pack,
                             std::vector<v1::SupportService> services) {
  const std::string word = WordFor(assessment);
  print::v1::Booklet booklet;
  booklet.set_form(assessment.instrument());
  booklet.set_reference(ReferenceOf(assessment));
  booklet.set_language(pack.language());
  *booklet.mutable_explainer() = pack.explainer();
  *booklet.mutable_ending() = pack.ending();
  bool is_hard = false;
  for (const Place& place : PlacesOf(pack)) {
    if (place.after == nullptr) {
      const bool begins_hard = place.section == nullptr && place.item->sensitive() && !is_hard;
      if (begins_hard) AddAnnouncement(pack, booklet);
      is_hard = place.section == nullptr && place.item->sensitive();
    }
    *booklet.add_pages() = PageOf(place, pack, word);
  }
  std::ranges::sort(services, {}, [](const v1::SupportService& service) { return service.display_name(); });
  for (const v1::SupportService& service : services) {
    print::v1::BookletService& told = *booklet.add_services();
    told.set_display_name(service.display_name());
    for (const v1::ServiceNumber& number : service.numbers()) told.add_numbers(number.number());
    told.set_hours(service.hours());
  }
  return booklet;
}

}  // namespace marac::domain
