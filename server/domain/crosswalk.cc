#include "domain/crosswalk.h"

#include <algorithm>

namespace marac::domain {
namespace {

// What `item`'s own pack says of the item `other` of `family`; NONE where it says nothing.
v1::CrosswalkMatch Stated(const v1::Item& item, const std::string& family, const std::string& other) {
  for (const v1::CrosswalkEntry& entry : item.crosswalk()) {
    if (entry.family() == family && entry.item() == other) return entry.match();
  }
  return v1::CROSSWALK_MATCH_NONE;
}

}  // namespace

v1::CrosswalkMatch Match(const v1::InstrumentPack& form, const v1::Item& item,
                         const v1::InstrumentPack& other, const v1::Item& other_item) {
  if (form.family() == other.family()) {
    return item.code() == other_item.code() ? v1::CROSSWALK_MATCH_EXACT : v1::CROSSWALK_MATCH_NONE;
  }
  v1::CrosswalkMatch there = Stated(item, other.family(), other_item.code());
  v1::CrosswalkMatch back = Stated(other_item, form.family(), item.code());
  if (there == v1::CROSSWALK_MATCH_PART || back == v1::CROSSWALK_MATCH_PART) return v1::CROSSWALK_MATCH_PART;
  return there == v1::CROSSWALK_MATCH_EXACT ? there : back;
}

std::vector<EarlierAnswer> EarlierAnswers(const v1::InstrumentPack& form,
                                          const v1::InstrumentPack& earlier_form,
                                          const google::protobuf::RepeatedPtrField<v1::Answer>& answers) {
  std::vector<EarlierAnswer> found;
  for (const v1::Item& item : form.items()) {
    for (const v1::Item& earlier_item : earlier_form.items()) {
      v1::CrosswalkMatch match = Match(form, item, earlier_form, earlier_item);
      if (match == v1::CROSSWALK_MATCH_NONE) continue;
      auto answer = std::ranges::find(answers, earlier_item.code(), &v1::Answer::item);
      if (answer == answers.end() || answer->code() == v1::ANSWER_CODE_NOT_ASKED) continue;
      found.push_back({item.code(), match, &*answer});
    }
  }
  return found;
}

}  // namespace marac::domain
