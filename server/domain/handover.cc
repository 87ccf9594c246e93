#include "domain/handover.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/errors.h"
#include "domain/sitting.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

bool IsInThePersonsHands(v1::SittingMode mode) {
  switch (mode) {
    case v1::SITTING_MODE_PERSON_TAPS_WITH_SUPPORT:
    case v1::SITTING_MODE_PERSON_ALONE_IN_ROOM:
    case v1::SITTING_MODE_SIGNED_BY_INTERPRETER:
      return true;
    default:  // read out, or on paper
      return false;
  }
}

bool IsThePersons(const v1::Answer& answer) {
  return answer.source() == v1::SOURCE_ROLE_UNSPECIFIED || answer.source() == v1::SOURCE_ROLE_VICTIM;
}

// The current answers by item and probe.
class Given {
 public:
  explicit Given(const v1::Assessment& assessment) {
    for (const auto* answers :
         {&assessment.answers(), &assessment.probe_answers(), &assessment.section_answers()}) {
      for (const v1::Answer& answer : *answers) {
        // An item's answer that is made of its probes' may name the one that decided it.
        const bool of_probe = answers != &assessment.answers() && !answer.probe().empty();
        by_place_[{answer.item(), of_probe ? answer.probe() : ""}] = &answer;
      }
    }
  }

  const v1::Answer* Find(const std::string& item, const std::string& probe) const {
    const auto found = by_place_.find({item, probe});
    return found == by_place_.end() ? nullptr : found->second;
  }

  // The answer to the item as a whole; null where there is none, or where it is only what the probes of the
  // item came to: then it is no younger than they are.
  const v1::Answer* Whole(const v1::Item& item) const {
    const v1::Answer* whole = Find(item.code(), "");
    if (whole == nullptr) return nullptr;
    for (const v1::Probe& probe : item.probes()) {
      const v1::Answer* part = Find(item.code(), probe.code());
      if (part != nullptr && part->seq() >= whole->seq()) return nullptr;
    }
    return whole;
  }

 private:
  std::map<std::pair<std::string, std::string>, const v1::Answer*> by_place_;
};

bool IsLeftOut(const v1::Answer& answer) { return answer.code() == v1::ANSWER_CODE_NOT_ASKED; }

v1::HandoverPosition Place(const std::string& section, const v1::Item& item, const std::string& probe,
                           bool returns) {
  v1::HandoverPosition place;
  place.set_section(section);
  place.set_item(item.code());
  place.set_probe(probe);
  place.set_returns(returns);
  return place;
}

// What of this item is still to be put; nothing when it was met. After a yes the rest of an item's probes may
// be skipped (ACC-02), so they are.
std::optional<v1::HandoverPosition> OpenIn(const Given& given, const std::string& section,
                                           const v1::Item& item) {
  if (const v1::Answer* whole = given.Whole(item); whole != nullptr || item.probes().empty()) {
    if (whole != nullptr && !IsLeftOut(*whole)) return std::nullopt;
    return Place(section, item, item.probes().empty() ? "" : item.probes(0).code(), whole != nullptr);
  }
  std::optional<v1::HandoverPosition> returns;
  std::optional<v1::HandoverPosition> never;
  for (const v1::Probe& probe : item.probes()) {
    const v1::Answer* answer = given.Find(item.code(), probe.code());
    if (answer != nullptr && answer->code() == v1::ANSWER_CODE_YES) return std::nullopt;
    if (answer == nullptr && !never.has_value()) {
      never = Place(section, item, probe.code(), /*returns=*/false);
    }
    if (answer != nullptr && IsLeftOut(*answer) && !returns.has_value()) {
      returns = Place(section, item, probe.code(), /*returns=*/true);
    }
  }
  return never.has_value() ? never : returns;
}

// Where the section is put: before the questions, after them, after something hard, or when all is done.
enum class When { kBefore, kAfter, kAfterSomethingHard, kLast };
When WhenOf(v1::SectionKind kind) {
  switch (kind) {
    case v1::SECTION_KIND_TEACH_BACK:
    case v1::SECTION_KIND_PRACTICE:
      return When::kBefore;
    case v1::SECTION_KIND_AFTER:
      return When::kLast;
    case v1::SECTION_KIND_CHECK_IN:
      return When::kAfterSomethingHard;
    default:
      return When::kAfter;
  }
}

// The first thing that was never put; else the first that was left out; else what is asked last, and once.
std::optional<v1::HandoverPosition> PositionOf(const Given& given, const v1::InstrumentPack& pack) {
  std::vector<std::optional<v1::HandoverPosition>> open;
  const auto add_sections = [&](When when) {
    for (const v1::Section& section : pack.sections()) {
      if (WhenOf(section.kind()) != when) continue;
      for (const v1::Item& item : section.items()) open.push_back(OpenIn(given, section.code(), item));
    }
  };
  const auto first = [&](bool returns) -> std::optional<v1::HandoverPosition> {
    for (const auto& position : open) {
      if (position.has_value() && position->returns() == returns) return position;
    }
    return std::nullopt;
  };
  add_sections(When::kBefore);
  for (const v1::Item& item : pack.items()) open.push_back(OpenIn(given, "", item));
  add_sections(When::kAfter);
  for (const bool returns : {false, true}) {
    if (auto position = first(returns); position.has_value()) return position;
  }
  open.clear();
  add_sections(When::kLast);
  return first(/*returns=*/false);
}

const v1::Item* FindItem(const v1::InstrumentPack& pack, std::string_view code) {
  for (const v1::Item& item : pack.items()) {
    if (item.code() == code) return &item;
  }
  return nullptr;
}

// What was answered in the sitting that is open, as far as it decides what is said before and after something
// that is hard to be asked (ACC-27).
struct InThisSitting {
  bool newest_is_hard = false;  // check-ins aside
  int64_t hard_answer = 0;      // sequence number of the newest answer to something hard; 0: none
};

InThisSitting InThisSittingOf(const v1::Assessment& assessment, const v1::InstrumentPack& pack) {
  InThisSitting found;
  const v1::Sitting* open = OpenSitting(assessment);
  if (open == nullptr) return found;
  int64_t newest = 0;
  const auto is_check_in = [&](const v1::Answer& answer) {
    return std::ranges::any_of(pack.sections(), [&](const v1::Section& section) {
      return section.kind() == v1::SECTION_KIND_CHECK_IN &&
             std::ranges::any_of(section.items(),
                                 [&](const v1::Item& item) { return item.code() == answer.item(); });
    });
  };
  for (const auto* answers :
       {&assessment.answers(), &assessment.probe_answers(), &assessment.section_answers()}) {
    for (const v1::Answer& answer : *answers) {
      if (answer.sitting() != open->id() || is_check_in(answer)) continue;
      const v1::Item* item = FindItem(pack, answer.item());
      const bool is_hard = item != nullptr && item->sensitive();
      if (answer.seq() >= newest) {
        newest = answer.seq();
        found.newest_is_hard = is_hard;
      }
      if (is_hard && !IsLeftOut(answer)) found.hard_answer = std::max(found.hard_answer, answer.seq());
    }
  }
  return found;
}

// The check-in that is due: after each thing that was hard to be asked, when all of it was put.
std::optional<v1::HandoverPosition> CheckInDue(const Given& given, const v1::InstrumentPack& pack,
                                               const InThisSitting& sitting,
                                               const std::optional<v1::HandoverPosition>& next) {
  const v1::Item* item = next.has_value() && !next->returns() ? FindItem(pack, next->item()) : nullptr;
  const bool is_begun = item != nullptr && item->sensitive() && !item->probes().empty() &&
                        next->probe() != item->probes(0).code();
  if (is_begun) return std::nullopt;
  for (const v1::Section& section : pack.sections()) {
    if (WhenOf(section.kind()) != When::kAfterSomethingHard) continue;
    for (const v1::Item& asked : section.items()) {
      const v1::Answer* answer = given.Find(asked.code(), "");
      if ((answer == nullptr ? 0 : answer->seq()) < sitting.hard_answer) {
        return Place(section.code(), asked, "", /*returns=*/false);
      }
    }
  }
  return std::nullopt;
}

void AddAnswer(v1::Handover& handover, const v1::Answer& given, bool of_probe) {
  v1::HandoverAnswer& answer = *handover.add_answers();
  answer.set_item(given.item());
  if (of_probe) answer.set_probe(given.probe());
  // What a record or somebody else says is not for the person's eyes, who may be overlooked.
  if (!IsThePersons(given)) return;
  answer.set_code(given.code());
  answer.set_option(given.option());
  answer.set_reason(given.reason());
}

}  // namespace

absl::Status CheckHandover(const v1::Assessment& assessment) {
  if (assessment.state() != v1::ASSESSMENT_STATE_DRAFT) {
    return WrongState("WRONG_STATE", "the device is handed over for an assessment that is a draft");
  }
  const v1::Sitting* sitting = OpenSitting(assessment);
  if (sitting == nullptr) {
    return WrongState("NO_SITTING", "begin a sitting first, and find out in it whether it is safe");
  }
  if (!IsInThePersonsHands(sitting->mode())) {
    return WrongState(
        "WRONG_MODE",
        "in this sitting the person does not hold the device: end it, and begin one in which they "
        "do");
  }
  return absl::OkStatus();
}

bool IsShownInHandover(const v1::Assessment& assessment, const v1::InstrumentPack& own,
                       std::string_view pack) {
  return !pack.empty() && (pack == assessment.instrument() || pack == own.derived_from());
}

absl::Status CheckHandoverAnswers(const v1::Assessment& assessment, const v1::AppendAnswersRequest& request) {
  const v1::Sitting* open = OpenSitting(assessment);
  FieldErrors errors;
  errors.Require(!request.has_victim(), "victim",
                 "who it is about is for the practitioner to say; leave it out");
  errors.Require(request.perpetrators().empty(), "perpetrators",
                 "who the person fears is for the practitioner to write down; leave it out");
  for (int i = 0; i < request.answers_size(); ++i) {
    const v1::Answer& answer = request.answers(i);
    const std::string field = fmt::format("answers[{}]", i);
    errors.Require(IsThePersons(answer), field + ".source",
                   "the person answers for themselves alone; leave the source out");
    errors.Require(answer.source_ref().empty(), field + ".source_ref",
                   "the person answers for themselves alone; leave this out");
    errors.Require(answer.amend_reason().empty(), field + ".amend_reason",
                   "nobody need say why they change their answer; leave this out");
    errors.Require(answer.sitting().empty() || (open != nullptr && answer.sitting() == open->id()),
                   field + ".sitting", "answers are of the sitting that is open; leave this out");
  }
  return errors.ToInvalidArgument();
}

v1::Handover HandoverOf(const v1::Assessment& assessment, const v1::InstrumentPack& pack, absl::Time expire) {
  const Given given(assessment);
  v1::Handover handover;
  handover.set_assessment(assessment.name());
  handover.set_instrument(assessment.instrument());
  handover.set_derived_from(pack.derived_from());
  handover.set_last_seq(assessment.last_seq());
  for (const v1::Answer& answer : assessment.answers()) {
    const auto item =
        std::ranges::find(pack.items(), answer.item(), [](const v1::Item& i) { return i.code(); });
    if (item == pack.items().end() || given.Whole(*item) != nullptr) {
      AddAnswer(handover, answer, /*of_probe=*/false);
    }
  }
  for (const auto* answers : {&assessment.probe_answers(), &assessment.section_answers()}) {
    for (const v1::Answer& answer : *answers) AddAnswer(handover, answer, /*of_probe=*/true);
  }
  const InThisSitting in_this = InThisSittingOf(assessment, pack);
  auto position = PositionOf(given, pack);
  if (auto check_in = CheckInDue(given, pack, in_this, position); check_in.has_value()) position = check_in;
  if (position.has_value()) {
    const v1::Item* next = FindItem(pack, position->item());
    handover.set_announce(next != nullptr && next->sensitive() && !in_this.newest_is_hard);
    *handover.mutable_position() = *std::move(position);
  }
  if (const v1::Sitting* sitting = OpenSitting(assessment); sitting != nullptr) {
    handover.set_mode(sitting->mode());
  }
  *handover.mutable_display() = assessment.communication().display();
  for (int i = 0; i < assessment.perpetrators_size(); ++i) {
    v1::HandoverPerson& person = *handover.add_people();
    for (const v1::PersonWord& word : assessment.communication().person_words()) {
      if (word.perpetrator() != i + 1) continue;
      person.set_word(word.word());
      person.set_symbol(word.symbol());
    }
  }
  *handover.mutable_expire_time() = ToTimestamp(expire);
  return handover;
}

void AddServices(std::vector<v1::SupportService> services, v1::Handover& handover) {
  std::ranges::sort(services, {}, [](const v1::SupportService& service) { return service.display_name(); });
  for (const v1::SupportService& service : services) {
    v1::HandoverService& told = *handover.add_services();
    told.set_display_name(service.display_name());
    *told.mutable_numbers() = service.numbers();
    told.set_hours(service.hours());
  }
}

}  // namespace marac::domain
