#include "domain/instrument.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "domain/condition.h"
#include "domain/local_date.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

constexpr int kItemsMax = 200;
constexpr int kDetailsMax = 20;
constexpr int kProbesMax = 20;
constexpr int kWindowMonthsMax = 120;
constexpr int kOptionsMin = 2;
constexpr int kOptionsMax = 9;  // a key each
constexpr int kCrosswalkMax = 20;
constexpr int kSectionsMax = 20;
constexpr int kRulesMax = 100;
constexpr int kGlossaryMax = 300;
constexpr int kExplainerMax = 6;   // sentences (ACC-12)
constexpr int kEndingMax = 5;      // sentences (ACC-29)
constexpr int kPracticeItems = 2;  // one of them with a true answer of no (ACC-13)
constexpr size_t kSha256HexLength = 64;
constexpr char kCodeAdvice[] = "give a code of capitals, digits and underscores";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// As far as it can be told without a register of languages: "en", "en-GB", "zh-Hant-TW".
bool IsLanguageTag(std::string_view tag) {
  constexpr size_t kLanguageLengthMax = 3;
  constexpr size_t kSubtagLengthMax = 8;
  for (bool first = true;; first = false) {
    std::string_view part = tag.substr(0, tag.find('-'));
    auto fits = [&](char c) { return IsLetter(c) || (!first && IsDigit(c)); };
    if (part.empty() || part.size() > (first ? kLanguageLengthMax : kSubtagLengthMax)) return false;
    if ((first && part.size() < 2) || !std::ranges::all_of(part, fits)) return false;
    if (part.size() == tag.size()) return true;
    tag.remove_prefix(part.size() + 1);
  }
}

bool IsSha256Hex(std::string_view text) {
  auto hex = [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); };
  return text.size() == kSha256HexLength && std::ranges::all_of(text, hex);
}

std::string At(std::string_view path, int index) { return fmt::format("{}[{}]", path, index); }

// Walks a pack.
class PackChecker {
 public:
  // Both outlive the checker.
  PackChecker(const v1::InstrumentPack& pack, FieldErrors& errors) : pack_(pack), errors_(errors) {}

  void CheckAll() {
    CheckHead();
    Limit("items", pack_.items_size(), 1, kItemsMax, "items");
    CheckItems("items", pack_.items());
    for (int i = 0; i < std::min(pack_.items_size(), kItemsMax); ++i) {
      CheckScored(At("items", i), pack_.items(i));
    }
    CheckSections();
    CheckRules();
    CheckWords();
    if (pack_.presentation() == v1::PRESENTATION_EASY_READ) CheckEasyRead();
  }

 private:
  using Items = google::protobuf::RepeatedPtrField<v1::Item>;
  using Lines = google::protobuf::RepeatedPtrField<std::string>;

  void Limit(std::string_view path, int size, int min, int max, std::string_view what) {
    errors_.Require(size >= min && size <= max, path,
                    min == 0 ? fmt::format("give at most {} {}", max, what)
                             : fmt::format("give from {} to {} {}", min, max, what));
  }

  // Codes of items, probes, sections and rules are of one name space: an answer, an error and a figure name
  // them without saying of what kind they are.
  void CheckOwnCode(const std::string& path, const std::string& code) {
    errors_.Require(IsCode(code), path, kCodeAdvice);
    errors_.Require(codes_.insert(code).second, path,
                    "something else in this pack has this code; give each its own");
  }

  void CheckLines(std::string_view path, const Lines& lines, int max) {
    Limit(path, lines.size(), 0, max, "sentences");
    for (int i = 0; i < std::min(lines.size(), max); ++i) {
      errors_.Require(!IsBlank(lines[i]), At(path, i), "write the sentence, or take the line away");
    }
  }

  void CheckHead() {
    CheckIdAndVersion(errors_, pack_.id(), pack_.version());
    errors_.Require(!IsBlank(pack_.title()), "title", "give the form a title");
    errors_.Require(!IsBlank(pack_.notice()), "notice",
                    "say what its users must know, for example whose form it is and is not");
    errors_.Require(!IsBlank(pack_.owner()), "owner", "say who owns the wording");
    errors_.Require(!IsBlank(pack_.licence()), "licence", "say under which licence the wording may be used");
    errors_.Require(!pack_.has_permission_expires() ||
                        LocalDate::FromDay(pack_.permission_expires(), "permission_expires").ok(),
                    "permission_expires", "give a day that exists");
    errors_.Require(!IsBlank(pack_.family()), "family", "name the family of forms it belongs to");
    errors_.Require(v1::EquivalenceStatus_IsValid(pack_.equivalence_status()) &&
                        pack_.equivalence_status() != v1::EQUIVALENCE_STATUS_UNSPECIFIED,
                    "equivalence_status", "say whether its score was tested against its family's");
    errors_.Require(
        v1::ScoringMode_IsValid(pack_.scoring_mode()) && pack_.scoring_mode() != v1::SCORING_MODE_UNSPECIFIED,
        "scoring_mode",
        "say how it is scored: SCORING_MODE_COUNT, SCORING_MODE_JUDGEMENT or SCORING_MODE_RULES");
    errors_.Require(IsLanguageTag(pack_.language()), "language",
                    "give the language of its words as a BCP 47 tag, for example en-GB");
    errors_.Require(v1::Presentation_IsValid(pack_.presentation()), "presentation",
                    "give PRESENTATION_STANDARD or PRESENTATION_EASY_READ");
    errors_.Require(v1::PictureAlt_IsValid(pack_.picture_alt()), "picture_alt",
                    "give PICTURE_ALT_DECORATIVE, or leave it out");
  }

  void CheckItems(const std::string& path, const Items& items) {
    for (int i = 0; i < std::min(items.size(), kItemsMax); ++i) CheckItem(At(path, i), items[i], i + 1);
  }

  void CheckItem(const std::string& path, const v1::Item& item, int number) {
    errors_.Require(item.number() == number, path + ".number",
                    fmt::format("give {}: items are numbered from 1 in order", number));
    CheckOwnCode(path + ".code", item.code());
    errors_.Require(!IsBlank(item.question()), path + ".question", "write the question");
    errors_.Require(item.window_months() >= 0 && item.window_months() <= kWindowMonthsMax,
                    path + ".window_months",
                    fmt::format("give 1 to {} months, or leave it out", kWindowMonthsMax));
    errors_.Require(item.window_months() == 0 || item.options().empty(), path + ".window_months",
                    "what is answered by an option has no no: leave this out, or the options");
    CheckDetails(path + ".details", item);
    CheckProbes(path + ".probes", item);
    CheckOptions(path + ".options", item);
  }

  void CheckDetails(const std::string& path, const v1::Item& item) {
    Limit(path, item.details_size(), 0, kDetailsMax, "details");
    std::set<std::string> details;
    for (int i = 0; i < item.details_size(); ++i) {
      std::string detail = At(path, i);
      errors_.Require(IsCode(item.details(i).code()), detail + ".code", kCodeAdvice);
      errors_.Require(details.insert(item.details(i).code()).second, detail + ".code",
                      "another detail of this item has this code; give each its own");
      errors_.Require(!IsBlank(item.details(i).label()), detail + ".label", "write what the detail means");
    }
  }

  void CheckProbes(const std::string& path, const v1::Item& item) {
    Limit(path, item.probes_size(), 0, kProbesMax, "probes");
    for (int i = 0; i < std::min(item.probes_size(), kProbesMax); ++i) {
      const v1::Probe& probe = item.probes(i);
      std::string here = At(path, i);
      CheckOwnCode(here + ".code", probe.code());
      errors_.Require(!IsBlank(probe.question()), here + ".question", "write the question");
      errors_.Require(probe.detail().empty() || HasDetail(item, probe.detail()), here + ".detail",
                      "the item has no detail with this code; give one that it has, or leave it out");
      errors_.Require(!probe.has_audio() || IsSha256Hex(probe.audio()), here + ".audio",
                      "give the SHA-256 of the file in hex");
      errors_.Require(probe.video().empty() || IsSha256Hex(probe.video()), here + ".video",
                      "give the SHA-256 of the file in hex");
    }
    auto not_applicable = [](const v1::Probe& probe) { return probe.not_applicable_allowed(); };
    errors_.Require(item.probes().empty() || item.not_applicable_allowed() ||
                        !std::ranges::all_of(item.probes(), not_applicable),
                    path,
                    "not applicable to every probe would be not applicable to the item, which does not "
                    "take it; allow it there, or not at one of the probes");
  }

  // Of one item: the same scale may come back with another.
  void CheckOptions(const std::string& path, const v1::Item& item) {
    if (item.options().empty()) return;
    Limit(path, item.options_size(), kOptionsMin, kOptionsMax, "options");
    errors_.Require(item.probes().empty(), path,
                    "an item is asked by its probes or answered by options; leave one of them out");
    errors_.Require(item.details().empty(), path,
                    "details belong to a yes, which is no answer here; leave the details or the options out");
    std::set<std::string> options;
    for (int i = 0; i < std::min(item.options_size(), kOptionsMax); ++i) {
      std::string option = At(path, i);
      errors_.Require(IsCode(item.options(i).code()), option + ".code", kCodeAdvice);
      errors_.Require(options.insert(item.options(i).code()).second, option + ".code",
                      "another option of this item has this code; give each its own");
      errors_.Require(!IsBlank(item.options(i).label()), option + ".label", "write the answer");
    }
  }

  // What binds only the items that are scored.
  void CheckScored(const std::string& path, const v1::Item& item) {
    errors_.Require(item.options().empty() || pack_.scoring_mode() != v1::SCORING_MODE_COUNT,
                    path + ".options",
                    "only a yes counts, so this item never would; give another scoring_mode, or no options");
    Limit(path + ".crosswalk", item.crosswalk_size(), 0, kCrosswalkMax, "entries");
    std::set<std::string> families;
    std::set<std::string> without;
    for (int i = 0; i < std::min(item.crosswalk_size(), kCrosswalkMax); ++i) {
      const v1::CrosswalkEntry& entry = item.crosswalk(i);
      std::string here = At(path + ".crosswalk", i);
      bool none = entry.match() == v1::CROSSWALK_MATCH_NONE;
      bool exact = entry.match() == v1::CROSSWALK_MATCH_EXACT;
      errors_.Require(!IsBlank(entry.family()) && entry.family() != pack_.family(), here + ".family",
                      "name another family of forms");
      errors_.Require(
          v1::CrosswalkMatch_IsValid(entry.match()) && entry.match() != v1::CROSSWALK_MATCH_UNSPECIFIED,
          here + ".match", "say how far they are the same: EXACT, PART or NONE");
      errors_.Require(none ? entry.item().empty() : IsCode(entry.item()), here + ".item",
                      "give the item's code there, and none with NONE");
      // NONE denies every other entry, and EXACT says that there is nothing beside it.
      bool alone = families.insert(entry.family()).second;
      if (none || exact) without.insert(entry.family());
      errors_.Require(alone || !without.contains(entry.family()), here + ".match",
                      "beside EXACT or NONE there is no other entry for this family; give PART to each");
      errors_.Require(!exact || same_.insert({entry.family(), entry.item()}).second, here + ".item",
                      "another item is the same as that one; at most one of them is EXACT");
    }
  }

  void CheckSections() {
    Limit("sections", pack_.sections_size(), 0, kSectionsMax, "sections");
    for (int i = 0; i < std::min(pack_.sections_size(), kSectionsMax); ++i) {
      const v1::Section& section = pack_.sections(i);
      std::string path = At("sections", i);
      CheckOwnCode(path + ".code", section.code());
      errors_.Require(!IsBlank(section.title()), path + ".title", "give the section a title");
      errors_.Require(
          v1::SectionKind_IsValid(section.kind()) && section.kind() != v1::SECTION_KIND_UNSPECIFIED,
          path + ".kind", "say what it is there for");
      CheckLines(path + ".intro", section.intro(), kExplainerMax);
      Limit(path + ".items", section.items_size(), 1, kItemsMax, "items");
      CheckItems(path + ".items", section.items());
      for (int j = 0; j < std::min(section.items_size(), kItemsMax); ++j) {
        errors_.Require(section.items(j).crosswalk().empty(), At(path + ".items", j) + ".crosswalk",
                        "other forms are compared with what is scored; leave this out");
      }
    }
  }

  void CheckRules() {
    bool rules = pack_.scoring_mode() == v1::SCORING_MODE_RULES;
    if (!rules) {
      errors_.Require(pack_.rules().empty(), "rules",
                      "only SCORING_MODE_RULES grades by rules; leave them out");
      errors_.Require(pack_.otherwise() == v1::GRADE_UNSPECIFIED, "otherwise",
                      "only SCORING_MODE_RULES grades by rules; leave this out");
      return;
    }
    Limit("rules", pack_.rules_size(), 1, kRulesMax, "rules");
    errors_.Require(v1::Grade_IsValid(pack_.otherwise()) && pack_.otherwise() != v1::GRADE_UNSPECIFIED,
                    "otherwise", "give the grade where no rule holds");
    auto graded = [](const v1::GradeRule& rule) { return rule.grade() != v1::GRADE_UNSPECIFIED; };
    errors_.Require(std::ranges::any_of(pack_.rules(), graded), "rules",
                    "give at least one rule a grade, or nothing can be graded by them");
    ConditionChecker conditions(errors_, {&pack_}, ConditionOf::kRule);
    for (int i = 0; i < std::min(pack_.rules_size(), kRulesMax); ++i) {
      const v1::GradeRule& rule = pack_.rules(i);
      std::string path = At("rules", i);
      CheckOwnCode(path + ".id", rule.id());
      errors_.Require(v1::Grade_IsValid(rule.grade()), path + ".grade", "give STANDARD, MEDIUM or HIGH");
      conditions.Check(path + ".when", rule.when());
      std::set<std::string> seen;
      errors_.Require(!Needs(rule, rule.id(), seen), path + ".when",
                      "this rule depends on itself; take it out of the rules that it names");
    }
  }

  // Whether `rule` names the rule `id`, or one that does. `seen` holds the rules looked at.
  bool Needs(const v1::GradeRule& rule, const std::string& id, std::set<std::string>& seen) const {
    bool needs = false;
    ForEachCondition(rule.when(), [&](const v1::Condition& condition) {
      if (!condition.has_rule() || needs) return;
      const v1::GradeRule* named = FindRule(pack_, condition.rule());
      needs = condition.rule() == id ||
              (named != nullptr && seen.insert(named->id()).second && Needs(*named, id, seen));
    });
    return needs;
  }

  // Words around the questions.
  void CheckWords() {
    CheckLines("explainer", pack_.explainer(), kExplainerMax);
    CheckLines("ending", pack_.ending(), kEndingMax);
    Limit("glossary", pack_.glossary_size(), 0, kGlossaryMax, "words");
    std::set<std::string> words;
    for (int i = 0; i < std::min(pack_.glossary_size(), kGlossaryMax); ++i) {
      std::string path = At("glossary", i);
      errors_.Require(!IsBlank(pack_.glossary(i).word()) && words.insert(pack_.glossary(i).word()).second,
                      path + ".word", "give each word once");
      errors_.Require(!IsBlank(pack_.glossary(i).explanation()), path + ".explanation",
                      "say in easy words what it means");
    }
    if (!pack_.has_co_production()) return;
    errors_.Require(!IsBlank(pack_.co_production().group()), "co_production.group",
                    "name the group that agreed to this wording");
    errors_.Require(LocalDate::FromDay(pack_.co_production().agreed_on(), "agreed_on").ok(),
                    "co_production.agreed_on", "give the day on which it agreed");
  }

  void CheckEasyRead() {
    for (int i = 0; i < std::min(pack_.items_size(), kItemsMax); ++i) {
      errors_.Require(!pack_.items(i).probes().empty(), At("items", i) + ".probes",
                      "ask this item in easy words, by one probe or more");
    }
    errors_.Require(!pack_.explainer().empty(), "explainer",
                    "say before the first question what this is, in one to six sentences");
    errors_.Require(!pack_.ending().empty(), "ending",
                    "say after the last question what happens next, in one to five sentences");
    errors_.Require(pack_.picture_alt() != v1::PICTURE_ALT_UNSPECIFIED, "picture_alt",
                    "say what a picture says to somebody who does not see it");
    auto of_kind = [&](v1::SectionKind kind) {
      return std::ranges::count(pack_.sections(), kind, &v1::Section::kind);
    };
    errors_.Require(of_kind(v1::SECTION_KIND_TEACH_BACK) >= 1, "sections",
                    "ask whether the explainer was understood: give a section of SECTION_KIND_TEACH_BACK");
    errors_.Require(of_kind(v1::SECTION_KIND_PRACTICE) == 1, "sections",
                    "give one section of SECTION_KIND_PRACTICE, to learn the answers by");
    for (int i = 0; i < std::min(pack_.sections_size(), kSectionsMax); ++i) {
      errors_.Require(pack_.sections(i).kind() != v1::SECTION_KIND_PRACTICE ||
                          pack_.sections(i).items_size() == kPracticeItems,
                      At("sections", i) + ".items",
                      fmt::format("practise with {} questions", kPracticeItems));
    }
  }

  const v1::InstrumentPack& pack_;
  FieldErrors& errors_;
  std::set<std::string> codes_;
  std::set<std::pair<std::string, std::string>> same_;  // families and items with an EXACT match
};

template <typename List>
std::vector<std::string> CodesOf(const List& list) {
  std::vector<std::string> codes;
  for (const auto& entry : list) codes.push_back(entry.code());
  return codes;
}

// A presentation of the same form: the same codes in the same order, the same answers, the same scoring
// (ACC-01).
void CheckSameForm(FieldErrors& errors, const v1::InstrumentPack& pack, const v1::InstrumentPack& base) {
  std::string advice = fmt::format("give what {} has, which this pack presents", pack.derived_from());
  errors.Require(pack.family() == base.family(), "family", advice);
  errors.Require(pack.scoring_mode() == base.scoring_mode(), "scoring_mode", advice);
  errors.Require(pack.otherwise() == base.otherwise(), "otherwise", advice);
  auto same = [](const v1::GradeRule& a, const v1::GradeRule& b) {
    return a.SerializeAsString() == b.SerializeAsString();
  };
  errors.Require(std::ranges::equal(pack.rules(), base.rules(), same), "rules", advice);
  errors.Require(pack.items_size() == base.items_size(), "items", advice);
  for (int i = 0; i < std::min(pack.items_size(), base.items_size()); ++i) {
    const v1::Item& item = pack.items(i);
    const v1::Item& other = base.items(i);
    std::string path = At("items", i);
    errors.Require(item.code() == other.code(), path + ".code", advice);
    errors.Require(CodesOf(item.details()) == CodesOf(other.details()), path + ".details", advice);
    errors.Require(CodesOf(item.options()) == CodesOf(other.options()), path + ".options", advice);
    errors.Require(item.not_applicable_allowed() == other.not_applicable_allowed(),
                   path + ".not_applicable_allowed", advice);
    errors.Require(item.window_months() == other.window_months(), path + ".window_months", advice);
  }
}

const v1::Item* FindIn(const google::protobuf::RepeatedPtrField<v1::Item>& items, std::string_view code) {
  auto found = std::ranges::find_if(items, [&](const v1::Item& item) { return item.code() == code; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string NameWithVersion(std::string_view id, std::string_view version) {
  return fmt::format("{}@{}", id, version);
}

void CheckIdAndVersion(FieldErrors& errors, std::string_view id, std::string_view version) {
  auto id_character = [](char c) { return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-'; };
  auto version_character = [](char c) { return IsDigit(c) || c == '.'; };
  errors.Require(!id.empty() && std::ranges::all_of(id, id_character), "id",
                 "give an id of lower-case letters, digits and hyphens");
  errors.Require(!version.empty() && std::ranges::all_of(version, version_character), "version",
                 "give a version of digits and dots, for example 1.0");
}

bool IsCode(std::string_view code) {
  auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return !code.empty() && capital(code.front()) &&
         std::ranges::all_of(code, [&](char c) { return capital(c) || IsDigit(c) || c == '_'; });
}

absl::Status CheckPack(const v1::InstrumentPack& pack) {
  FieldErrors errors;
  PackChecker(pack, errors).CheckAll();
  return errors.ToInvalidArgument();
}

absl::Status CheckPackAmong(const v1::InstrumentPack& pack,
                            const std::vector<const v1::InstrumentPack*>& installed) {
  FieldErrors errors;
  const v1::InstrumentPack* base = nullptr;
  for (const v1::InstrumentPack* other : installed) {
    if (other != &pack && NameWithVersion(other->id(), other->version()) == pack.derived_from()) base = other;
  }
  errors.Require(pack.derived_from().empty() || base != nullptr, "derived_from",
                 "no other pack of this name is installed; install it, or correct the name");
  if (base != nullptr) CheckSameForm(errors, pack, *base);
  for (int i = 0; i < pack.items_size(); ++i) {
    for (int j = 0; j < pack.items(i).crosswalk_size(); ++j) {
      const v1::CrosswalkEntry& entry = pack.items(i).crosswalk(j);
      if (entry.match() == v1::CROSSWALK_MATCH_NONE) continue;
      for (const v1::InstrumentPack* other : installed) {
        errors.Require(other->family() != entry.family() || FindItem(*other, entry.item()) != nullptr,
                       At(At("items", i) + ".crosswalk", j) + ".item",
                       fmt::format("{}, which is of this family, has no item with this code",
                                   NameWithVersion(other->id(), other->version())));
      }
    }
  }
  return errors.ToInvalidArgument();
}

const v1::Item* FindItem(const v1::InstrumentPack& pack, std::string_view code) {
  return FindIn(pack.items(), code);
}

const v1::Item* FindSectionItem(const v1::InstrumentPack& pack, std::string_view code) {
  for (const v1::Section& section : pack.sections()) {
    if (const v1::Item* item = FindIn(section.items(), code); item != nullptr) return item;
  }
  return nullptr;
}

const v1::Item* FindAnyItem(const v1::InstrumentPack& pack, std::string_view code) {
  const v1::Item* scored = FindItem(pack, code);
  return scored != nullptr ? scored : FindSectionItem(pack, code);
}

bool HasDetail(const v1::Item& item, std::string_view code) {
  return std::ranges::any_of(item.details(), [&](const v1::ItemDetail& d) { return d.code() == code; });
}

const v1::Probe* FindProbe(const v1::Item& item, std::string_view code) {
  auto found = std::ranges::find_if(item.probes(), [&](const v1::Probe& p) { return p.code() == code; });
  return found == item.probes().end() ? nullptr : &*found;
}

int OptionRank(const v1::Item& item, std::string_view code) {
  for (int i = 0; i < item.options_size(); ++i) {
    if (item.options(i).code() == code) return i;
  }
  return -1;
}

const v1::GradeRule* FindRule(const v1::InstrumentPack& pack, std::string_view id) {
  auto found = std::ranges::find_if(pack.rules(), [&](const v1::GradeRule& rule) { return rule.id() == id; });
  return found == pack.rules().end() ? nullptr : &*found;
}

}  // namespace marac::domain
