// The reading rules of dash.md 6, LINT-01 to LINT-18: whether the words of a pack can be read and heard by
// whom they are for. They are necessary and never enough: only people with learning disabilities can say that
// a pack is easy, which is LINT-18b.
#ifndef MARAC_DOMAIN_EASY_READ_H_
#define MARAC_DOMAIN_EASY_READ_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "marac/v1/instrument.pb.h"

namespace marac::domain {

// Stands for the name, or the word, that the person uses for whoever hurts them (ACC-14).
inline constexpr std::string_view kNamePlaceholder = "{name}";

// The path on which every answer is No has at most so many (ACC-24).
inline constexpr int kAllNoProbesMax = 60;
inline constexpr int kAllNoPagesMax = 75;
// Sentences of an explainer, an announcement or an ending that are put on a page. What is asked may have a
// sentence more beside it before LINT-02 refuses.
inline constexpr int kSentencesAPage = 2;

// Words that need no explanation. Immutable.
class WordList {
 public:
  // A word a line, in small letters; what follows '#' is a comment. INVALID_ARGUMENT names the first line
  // that is not so.
  static absl::StatusOr<WordList> Parse(std::string_view text);

  // Whether `word`, in small letters, is on the list, or is a regular form of one that is: "hurts",
  // "biggest", "slowly", "sam's".
  bool Has(std::string_view word) const;
  size_t size() const { return words_.size(); }

 private:
  std::set<std::string, std::less<>> words_;
};

enum class LintSeverity {
  kWarning,  // to be looked at
  kError,    // the pack does not pass
};

struct LintFinding {
  std::string rule;  // "LINT-04"; ACC-14 and ACC-24, which bind the words too, by their own names
  LintSeverity severity;
  std::string path;     // as CheckPack names it: "items[3].probes[0].question"
  std::string message;  // what is wrong and what to do
};

// Everything that the rules find, in the order of the pack. An EASY_READ pack must pass every rule in
// whatever the person reads or hears; its items' own questions, which only the practitioner sees where there
// are probes, and the questions of any other pack must pass 01, 03, 06, 09, 10, 13, 16 and 17.
std::vector<LintFinding> Lint(const v1::InstrumentPack& pack, const WordList& easy_words);

// LINT-18b: what is missing of the sign-off by people with learning disabilities, nothing when it is there.
// It fails only the activation of an EASY_READ pack as pilot or better, and says nothing of another pack.
std::optional<LintFinding> LintCoProduction(const v1::InstrumentPack& pack);

// Probes that are met when every answer is No: those of the items and of the sections (ACC-24).
int ProbesOfAllNo(const v1::InstrumentPack& pack);

// Pages that are met when every answer is No and nothing is skipped (ACC-24). In their order:
//  - the explainer, kSentencesAPage sentences a page;
//  - each question of a teach-back;
//  - the communication profile, one page, which the practitioner fills in with the person (ACC-11);
//  - each question of the practice;
//  - the items: a page for each probe, or one where an item has none;
//  - before a sensitive item, or the first of several in a row, the introduction of the check-in sections as
//    an announcement, kSentencesAPage sentences a page;
//  - after each sensitive item every question of the check-in sections (ACC-27);
//  - the unscored sections, like the items;
//  - the answers to check, one page (ACC-28);
//  - each question of the sections after that;
//  - the ending, kSentencesAPage sentences a page.
// The introduction of any other section stands on the page of its first question.
int PagesOfAllNo(const v1::InstrumentPack& pack);

// Syllables of an English word, by its spelling: a rule of thumb with the most common exceptions. At least 1.
int CountSyllables(std::string_view word);

// Flesch-Kincaid grade: 0.39 words a sentence + 11.8 syllables a word - 15.59. 0 for a text without words.
double FleschKincaidGrade(std::string_view text);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_EASY_READ_H_
