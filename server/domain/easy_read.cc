#include "domain/easy_read.h"

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/ubrk.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <regex>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "domain/local_date.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

constexpr size_t kSentenceWordsMax = 15;
constexpr size_t kSentenceWordsGood = 10;
constexpr size_t kScreenSentencesMax = 3;
constexpr size_t kScreenSentencesGood = 2;
constexpr double kEasyGradeMax = 4;
constexpr double kStandardGradeMax = 8;

// --- Words and sentences -----------------------------------------------------------------------------------

using Words = std::vector<std::string>;

// Without its data ICU finds no words, and every text would pass.
void RequireIcu(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  std::fputs("ICU has no data on this machine: install the package libicu72 completely.\n", stderr);
  std::abort();
}

// One of each is made and copied from then on: to make one takes longer than to read a text.
const icu::BreakIterator& SentenceBreaks() {
  static const icu::BreakIterator& breaks = *[] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::BreakIterator* made = icu::BreakIterator::createSentenceInstance(icu::Locale::getUK(), status);
    RequireIcu(status);
    return made;
  }();
  return breaks;
}

const icu::BreakIterator& WordBreaks() {
  static const icu::BreakIterator& breaks = *[] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::BreakIterator* made = icu::BreakIterator::createWordInstance(icu::Locale::getUK(), status);
    RequireIcu(status);
    return made;
  }();
  return breaks;
}

// The pieces of `text` between breaks of one kind, for which `wanted` holds of the break's status.
template <typename Wanted>
std::vector<std::string> Pieces(const icu::BreakIterator& kind, const std::string& text,
                                const Wanted& wanted) {
  const std::unique_ptr<icu::BreakIterator> breaks(kind.clone());
  const icu::UnicodeString characters = icu::UnicodeString::fromUTF8(text);
  breaks->setText(characters);
  std::vector<std::string> pieces;
  int32_t begin = breaks->first();
  for (int32_t end = breaks->next(); end != icu::BreakIterator::DONE; begin = end, end = breaks->next()) {
    if (!wanted(breaks->getRuleStatus())) continue;
    std::string piece;
    characters.tempSubStringBetween(begin, end).toUTF8String(piece);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

// Small letters, and one kind of apostrophe.
std::string Plain(std::string_view text) {
  std::string plain;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .toLower(icu::Locale::getUK())
      .findAndReplace(u"\u2019", u"'")
      .toUTF8String(plain);
  return plain;
}

// In small letters. "{name}" is the word "name", which is as long as most of what will stand there.
Words WordsOf(std::string_view text) {
  return Pieces(WordBreaks(), Plain(text), [](int32_t status) { return status >= UBRK_WORD_NONE_LIMIT; });
}

// Those that have words.
std::vector<std::string> SentencesOf(const std::string& text) {
  std::vector<std::string> sentences = Pieces(SentenceBreaks(), text, [](int32_t) { return true; });
  std::erase_if(sentences, [](const std::string& sentence) { return WordsOf(sentence).empty(); });
  return sentences;
}

bool IsNumber(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// What `word` may be a regular form of, itself first. Some are no words at all, which does no harm: they are
// only looked up.
Words BasesOf(std::string_view word) {
  struct Ending {
    std::string_view ending;
    std::array<std::string_view, 2> instead;  // one of them, and the ending is off
    bool doubles;                             // "stopped", "biggest"
  };
  static constexpr Ending kEndings[] = {
      {"'s", {"", ""}, false},     {"s", {"", ""}, false},      {"es", {"", "e"}, false},
      {"ies", {"y", "ie"}, false}, {"ed", {"", "e"}, true},     {"ied", {"y", "ie"}, false},
      {"ing", {"", "e"}, true},    {"er", {"", "e"}, true},     {"ier", {"y", "y"}, false},
      {"est", {"", "e"}, true},    {"iest", {"y", "y"}, false}, {"ly", {"", "le"}, false},
      {"ily", {"y", "y"}, false},
  };
  constexpr size_t kBaseMin = 2;
  Words bases{std::string(word)};
  for (const Ending& ending : kEndings) {
    if (!word.ends_with(ending.ending) || word.size() < ending.ending.size() + kBaseMin) continue;
    const std::string rest(word.substr(0, word.size() - ending.ending.size()));
    for (const std::string_view instead : ending.instead) bases.push_back(rest + std::string(instead));
    if (ending.doubles && rest.size() > kBaseMin && rest.back() == rest[rest.size() - 2]) {
      bases.push_back(rest.substr(0, rest.size() - 1));
    }
  }
  return bases;
}

// For each word of a text what it may be a regular form of: worked out once, and looked up by many rules.
using Forms = std::vector<Words>;

Forms FormsOf(const Words& words) {
  Forms forms;
  for (const std::string& word : words) forms.push_back(BasesOf(word));
  return forms;
}

bool Holds(const Words& bases, std::string_view base) {
  return std::ranges::find(bases, base) != bases.end();
}

// Whether a text holds `phrase`, in any regular form of its words.
bool HoldsPhrase(const Forms& text, const Words& phrase) {
  const auto found =
      std::search(text.begin(), text.end(), phrase.begin(), phrase.end(),
                  [](const Words& bases, const std::string& word) { return Holds(bases, word); });
  return !phrase.empty() && found != text.end();
}

bool IsOneOf(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

// --- What the rules look for -------------------------------------------------------------------------------

// LINT-05. Words with un- are found by their beginning.
constexpr std::string_view kNegatives[] = {
    "not",    "never",   "no",     "none",   "nobody", "nothing", "nowhere",  "neither",    "nor",
    "cannot", "without", "hardly", "barely", "rarely", "dislike", "disagree", "impossible", "incorrect"};
constexpr std::string_view kNotNegatedUn[] = {"under", "uncle", "until", "uni"};

// LINT-08: forms that do not end in -ed, and adjectives that do.
constexpr std::string_view kBe[] = {"am",   "is",    "are", "was",  "were", "be",
                                    "been", "being", "get", "gets", "got",  "getting"};
constexpr std::string_view kBetween[] = {"i",    "you",  "he",     "she",   "it",   "we",   "they", "name",
                                         "ever", "just", "always", "often", "also", "very", "too",  "not"};
constexpr std::string_view kParticiples[] = {
    "beaten", "bitten", "bought", "broken", "brought", "caught", "chosen", "cut",   "done",
    "driven", "given",  "held",   "hidden", "hit",     "hurt",   "kept",   "known", "left",
    "lost",   "made",   "paid",   "put",    "said",    "seen",   "sent",   "shown", "shut",
    "sold",   "stolen", "struck", "taken",  "taught",  "thrown", "told",   "worn",  "written"};
constexpr std::string_view kAdjectives[] = {
    "scared", "frightened", "worried", "tired",   "married", "ashamed", "confused", "interested", "bored",
    "naked",  "disabled",   "excited", "pleased", "annoyed", "need",    "feed",     "indeed",     "speed"};

// LINT-09.
constexpr std::string_view kNumberWords[] = {
    "two",      "three",    "four",    "five",     "six",      "seven",   "eight",   "nine",
    "ten",      "eleven",   "twelve",  "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen", "twenty",  "thirty",   "forty",    "fifty",   "sixty",   "seventy",
    "eighty",   "ninety",   "hundred", "thousand", "million",  "dozen",   "twice"};

// LINT-13, by how they begin, so that other forms are found too.
constexpr std::string_view kHardWords[] = {"perpetrat", "incident", "injur",    "excessive", "constant",
                                           "isolat",    "harass",   "suffocat", "breach",    "injunction",
                                           "dependen",  "escalat",  "disclos",  "assess"};
// May stand where the glossary has them: LINT-12 then sees to their explanation.
constexpr std::string_view kHardUnlessExplained[] = {"stalk", "consent"};

// LINT-14.
constexpr std::string_view kIdioms[] = {"walk on eggshells",
                                        "keep an eye on",
                                        "keep tabs on",
                                        "lose your temper",
                                        "lose their temper",
                                        "lose it",
                                        "fly off the handle",
                                        "hit the roof",
                                        "out of the blue",
                                        "out of hand",
                                        "get away with",
                                        "get at you",
                                        "get to you",
                                        "give in",
                                        "give up",
                                        "feel down",
                                        "feel low",
                                        "feel blue",
                                        "fed up",
                                        "end of your tether",
                                        "at the end of the day",
                                        "on your mind",
                                        "in your head",
                                        "behind your back",
                                        "touch and go",
                                        "fall out",
                                        "break up",
                                        "split up",
                                        "cut you off",
                                        "cut off from",
                                        "put you down",
                                        "run your life",
                                        "wear the trousers",
                                        "under the thumb",
                                        "under control",
                                        "in control",
                                        "in trouble",
                                        "turn up",
                                        "show up",
                                        "sort out",
                                        "find out about",
                                        "make up",
                                        "kick off",
                                        "beat up",
                                        "rough time",
                                        "hard time",
                                        "a lot on",
                                        "cope with",
                                        "bottle up",
                                        "let off steam",
                                        "play games",
                                        "push you around",
                                        "pull the strings",
                                        "skeleton",
                                        "black and blue",
                                        "heart broken",
                                        "gut feeling",
                                        "see red",
                                        "cold feet",
                                        "heads up",
                                        "time out",
                                        "take your time out",
                                        "pay for it",
                                        "safe and sound",
                                        "up and down",
                                        "ups and downs",
                                        "on edge",
                                        "on the edge",
                                        "in touch",
                                        "out of touch"};

// LINT-16: for each concept the words for it, each with its irregular forms.
using Concept = std::vector<Words>;

const std::vector<Concept>& Concepts() {
  static const auto& concepts = *new std::vector<Concept>{
      {{"scared", "scare"}, {"frightened", "frighten"}, {"afraid"}, {"terrified"}},
      {{"somebody"}, {"someone"}},
      {{"anybody"}, {"anyone"}},
      {{"everybody"}, {"everyone"}},
      {{"hurt"}, {"injure"}, {"harm"}, {"wound"}},
      {{"child", "children"}, {"kid"}},
      {{"alcohol"}, {"booze"}, {"liquor"}},
      {{"doctor"}, {"physician"}, {"medic"}},
      {{"police"}, {"cop"}},
      {{"sad"}, {"unhappy"}, {"miserable"}},
      {{"angry"}, {"furious"}, {"mad"}},
      {{"begin", "began"}, {"start"}},
      {{"ill"}, {"unwell"}, {"sick"}},
      {{"often"}, {"frequently"}},
      {{"home"}, {"house"}},
      {{"medicine"}, {"medication"}},
      {{"talk"}, {"speak", "spoke", "spoken"}},
      {{"choose", "chose", "chosen"}, {"select"}},
      {{"worker"}, {"staff"}, {"professional"}},
      {{"money"}, {"cash"}},
      {{"phone"}, {"telephone"}},
      {{"upset"}, {"distress", "distressed"}},
      {{"pregnant"}, {"expecting"}},
      {{"help"}, {"assist"}},
  };
  return concepts;
}

// Which of a concept's words this is, from 0; -1 when it is none.
int SenseOf(const Words& bases, const Concept& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    const auto is_form = [&](const std::string& entry) { return Holds(bases, entry); };
    if (std::ranges::any_of(words[i], is_form)) return static_cast<int>(i);
  }
  return -1;
}

// --- Texts of a pack ---------------------------------------------------------------------------------------

enum class Role {
  kQuestion,     // put to the person
  kReword,       // the same in other words
  kExplanation,  // beside a question
  kLine,         // a sentence of the explainer, an introduction or the ending
  kPrompt,       // on a page of its own after a yes
  kWords,        // a label, a title, a text for lists
  kGlossary,     // what a hard word means
  kStandard,     // a question that only a practitioner reads
};

struct Text {
  Role role;
  std::string path;
  std::string text;
  bool of_probe = false;  // filled with the name before it is shown
  Words words;
  Forms forms;  // of `words`
  std::vector<std::string> sentences;
};

bool IsAsked(Role role) { return role == Role::kQuestion || role == Role::kReword; }
class Linter {
 public:
  Linter(const v1::InstrumentPack& pack, const WordList& easy_words)
      : pack_(pack), easy_words_(easy_words), easy_(pack.presentation() == v1::PRESENTATION_EASY_READ) {
    for (const v1::GlossaryEntry& entry : pack.glossary()) glossary_.push_back(WordsOf(entry.word()));
  }

  std::vector<LintFinding> All() {
    if (easy_ && pack_.picture_alt() == v1::PICTURE_ALT_UNSPECIFIED) {
      Add("LINT-18", "picture_alt", "say what a picture says to somebody who does not see it");
    }
    Lines("explainer", pack_.explainer());
    Items("items", pack_.items(), /*scored=*/true, /*intro=*/{});
    for (int i = 0; easy_ && i < pack_.sections_size(); ++i) {
      const v1::Section& section = pack_.sections(i);
      const std::string path = fmt::format("sections[{}]", i);
      Read({Role::kWords, path + ".title", section.title()});
      Lines(path + ".intro", section.intro());
      const bool announces = section.kind() == v1::SECTION_KIND_CHECK_IN;
      Items(path + ".items", section.items(), /*scored=*/false, announces ? LineList() : section.intro());
    }
    for (int i = 0; easy_ && i < pack_.glossary_size(); ++i) {
      const std::string path = fmt::format("glossary[{}].explanation", i);
      if (IsBlank(pack_.glossary(i).explanation())) {
        Add("LINT-12", path, fmt::format("explain '{}' in a sentence", pack_.glossary(i).word()));
      }
      Read({Role::kGlossary, path, pack_.glossary(i).explanation()});
    }
    Lines("ending", pack_.ending());
    if (easy_) Budget();
    return std::move(findings_);
  }

 private:
  using ItemList = google::protobuf::RepeatedPtrField<v1::Item>;
  using LineList = google::protobuf::RepeatedPtrField<std::string>;

  static const LineList& NoLines() {
    static const auto& none = *new LineList;
    return none;
  }

  void Add(std::string_view rule, const std::string& path, std::string message,
           LintSeverity severity = LintSeverity::kError) {
    findings_.push_back({std::string(rule), severity, path, std::move(message)});
  }
  void Warn(std::string_view rule, const std::string& path, std::string message) {
    Add(rule, path, std::move(message), LintSeverity::kWarning);
  }

  void Lines(const std::string& path, const LineList& lines) {
    if (!easy_) return;
    for (int i = 0; i < lines.size(); ++i) {
      const std::string here = fmt::format("{}[{}]", path, i);
      if (SentencesOf(lines[i]).size() != 1) {
        Add("LINT-02", here, "write one sentence here; it is put on a page with at most one other");
      }
      Read({Role::kLine, here, lines[i]});
    }
    ExplainedInLines(path, lines);
    Grade(path, absl::StrJoin(lines, " "), kEasyGradeMax);
  }

  void Items(const std::string& path, const ItemList& items, bool scored, const LineList& intro) {
    for (int i = 0; i < items.size(); ++i) {
      const v1::Item& item = items[i];
      const std::string here = fmt::format("{}[{}]", path, i);
      const LineList& before = i == 0 ? intro : NoLines();
      // Only the practitioner reads the question of an item that is asked by probes.
      const bool put = easy_ && item.probes().empty();
      Read({put ? Role::kQuestion : Role::kStandard, here + ".question", item.question()});
      if (put) {
        Screen(here + ".question", before, item.question(), "");
        Explained(here + ".question", item.question(), "");
      }
      if (put && scored)
        Add("LINT-18", here + ".probes", "ask this item in easy words, by one probe or more");
      for (int j = 0; easy_ && j < item.options_size(); ++j) {
        Read({Role::kWords, fmt::format("{}.options[{}].label", here, j), item.options(j).label()});
      }
      for (int j = 0; j < item.probes_size(); ++j) {
        Probe(fmt::format("{}.probes[{}]", here, j), item.probes(j), j == 0 ? before : NoLines());
      }
    }
  }

  void Probe(const std::string& path, const v1::Probe& probe, const LineList& before) {
    Read({easy_ ? Role::kQuestion : Role::kStandard, path + ".question", probe.question(), true});
    if (!easy_) return;
    Read({Role::kWords, path + ".short_text", probe.short_text(), true});
    Read({Role::kReword, path + ".reword", probe.reword(), true});
    Read({Role::kExplanation, path + ".explanation", probe.explanation(), true});
    Read({Role::kPrompt, path + ".more_prompt", probe.more_prompt(), true});
    Screen(path + ".question", before, probe.question(), probe.explanation());
    Screen(path + ".reword", NoLines(), probe.reword(), probe.explanation());
    for (const std::string& text : {probe.question(), probe.reword(), probe.more_prompt()}) {
      if (Explained(path + ".explanation", text, probe.explanation())) continue;
      break;
    }
    Complete(path, probe);
  }

  // LINT-18.
  void Complete(const std::string& path, const v1::Probe& probe) {
    if (IsBlank(probe.short_text())) {
      Add("LINT-18", path + ".short_text", "give the question in few words, for lists of answers");
    }
    if (IsBlank(probe.reword())) {
      Add("LINT-18", path + ".reword", "ask the same in other words, for somebody who does not understand");
    }
    if (probe.audio().empty() && !probe.device_voice()) {
      Add("LINT-18", path + ".audio", "name a recording, or set device_voice");
    }
    if (IsBlank(probe.symbol()) && IsBlank(probe.no_symbol_reason())) {
      Add("LINT-18", path + ".symbol", "name a picture whose meaning is plain, or say why there is none");
    }
  }

  // LINT-02 and LINT-17, of a question with what stands on its page before and after it.
  void Screen(const std::string& path, const LineList& before, const std::string& asked,
              const std::string& after) {
    std::string all;
    for (const std::string& line : before) all += line + " ";
    all += asked + " " + after;
    Grade(path, all, kEasyGradeMax);
    const size_t sentences = SentencesOf(all).size();
    if (sentences <= kScreenSentencesGood) return;
    Add("LINT-02", path,
        fmt::format("this page has {} sentences with what stands beside the question; keep it to {}",
                    sentences, kScreenSentencesGood),
        sentences > kScreenSentencesMax ? LintSeverity::kError : LintSeverity::kWarning);
  }

  // LINT-12, of what is said beside a question. False when it found something.
  bool Explained(const std::string& path, const std::string& text, const std::string& beside) {
    const Forms used = FormsOf(WordsOf(text));
    const Forms explained = FormsOf(WordsOf(beside));
    bool all = true;
    for (int i = 0; i < pack_.glossary_size(); ++i) {
      if (!Uses(used, i) || Uses(explained, i)) continue;
      Add("LINT-12", path, Explain(i));
      all = false;
    }
    return all;
  }

  // LINT-12, of sentences that follow each other: the one after the first that uses a word explains it.
  void ExplainedInLines(const std::string& path, const LineList& lines) {
    std::vector<Forms> words;
    for (const std::string& line : lines) words.push_back(FormsOf(WordsOf(line)));
    for (int i = 0; i < pack_.glossary_size(); ++i) {
      const auto first = std::ranges::find_if(words, [&](const Forms& line) { return Uses(line, i); });
      if (first == words.end()) continue;
      const auto next = std::next(first);
      if (next != words.end() && Uses(*next, i)) continue;
      Add("LINT-12", fmt::format("{}[{}]", path, std::distance(words.begin(), first)), Explain(i));
    }
  }

  bool Uses(const Forms& text, int glossary_entry) const {
    return HoldsPhrase(text, glossary_[static_cast<size_t>(glossary_entry)]);
  }

  std::string Explain(int glossary_entry) const {
    return fmt::format("explain '{}' right after it is used", pack_.glossary(glossary_entry).word());
  }

  // The rules about one text.
  void Read(Text text) {
    if (IsBlank(text.text)) return;
    text.words = WordsOf(text.text);
    text.forms = FormsOf(text.words);
    text.sentences = SentencesOf(text.text);
    Placeholder(text);
    Length(text);
    Numbers(text);
    Shorthand(text);
    HardWords(text);
    OneWord(text);
    if (IsAsked(text.role) || text.role == Role::kStandard) Question(text);
    if (text.role == Role::kStandard) return Grade(text.path, text.text, kStandardGradeMax);
    if (IsAsked(text.role)) Asked(text);
    Passive(text);
    Vocabulary(text);
    Idioms(text);
    Contractions(text);
  }

  // ACC-14.
  void Placeholder(const Text& text) {
    const std::string advice =
        text.of_probe ? "only {name} is filled here; it never begins a sentence and never takes 's"
                      : "nothing is filled here; write it without { and }";
    std::string rest = text.text;
    bool fits = true;
    for (const std::string& sentence : text.sentences) fits = fits && !sentence.starts_with(kNamePlaceholder);
    for (size_t at = rest.find(kNamePlaceholder); at != std::string::npos; at = rest.find(kNamePlaceholder)) {
      fits = fits && text.of_probe;
      rest.erase(at, kNamePlaceholder.size());
      const std::string after = Plain(rest.substr(at));
      fits = fits && !after.starts_with("'");
    }
    if (!fits || rest.find_first_of("{}") != std::string::npos) Add("ACC-14", text.path, advice);
  }

  // LINT-01.
  void Length(const Text& text) {
    for (const std::string& sentence : text.sentences) {
      const size_t words = WordsOf(sentence).size();
      const std::string message =
          fmt::format("a sentence has {} words; say it in at most {}", words, kSentenceWordsGood);
      if (words > kSentenceWordsMax) {
        Add("LINT-01", text.path, message);
      } else if (words > kSentenceWordsGood && text.role != Role::kStandard) {
        Warn("LINT-01", text.path, message);
      }
    }
  }

  // LINT-03, LINT-06.
  void Question(const Text& text) {
    const std::string plain = Plain(text.text);
    if (std::ranges::count(plain, '?') != 1 || !plain.ends_with('?')) {
      Add("LINT-03", text.path, "ask one question, with its question mark at the end");
    }
    static const std::regex tag(
        ", *(is|are|am|was|were|do|does|did|have|has|had|will|would|can|could|should)(n't| not)? "
        "(it|they|you|he|she|we|i|this|that|there|\\{name\\})( not)? *\\?$"
        "|\\b(is|are|was|were|do|does|did|have|has|had|wo|would|ca|could|should)n't "
        "(it|they|you|he|she|we|i) *\\?$"
        "|, *(right|yes|no|ok|okay|correct|true|eh|innit) *\\?$");
    if (std::regex_search(plain, tag)) {
      Add("LINT-06", text.path, "a tag at the end asks for a yes; ask the plain question");
    }
  }

  // LINT-04, LINT-05, LINT-07.
  void Asked(const Text& text) {
    if (std::ranges::find(text.words, "and") != text.words.end() ||
        std::ranges::find(text.words, "or") != text.words.end() ||
        text.text.find_first_of("/;(:") != std::string::npos) {
      Add("LINT-04", text.path, "ask about one idea: no and, or, /, ;, ( or :; make two probes of two ideas");
    }
    for (const std::string& word : text.words) {
      const bool un = word.starts_with("un") &&
                      std::ranges::none_of(kNotNegatedUn,
                                           [&](std::string_view known) { return word.starts_with(known); });
      if (un || word.ends_with("n't") || IsOneOf(word, kNegatives)) {
        Add("LINT-05", text.path,
            fmt::format("'{}' denies, and yes or no to it is unclear; ask what is", word));
      }
    }
    const bool how_come = text.words.size() > 1 && text.words[0] == "how" && text.words[1] == "come";
    if (!text.words.empty() && (text.words[0] == "why" || how_come)) {
      Add("LINT-07", text.path,
          "why sounds like blame, and cannot be answered by yes or no; ask what happens");
    }
  }

  // LINT-08.
  void Passive(const Text& text) {
    const Words& words = text.words;
    for (size_t i = 0; i < words.size(); ++i) {
      if (!IsOneOf(words[i], kBe)) continue;
      size_t next = i + 1;
      while (next < words.size() && IsOneOf(words[next], kBetween)) ++next;
      if (next == words.size()) continue;
      const bool regular = words[next].size() > 3 && words[next].ends_with("ed");
      if ((regular || IsOneOf(words[next], kParticiples)) && !IsOneOf(words[next], kAdjectives)) {
        return Warn("LINT-08", text.path,
                    fmt::format("'{} ... {}' hides who does it; say who", words[i], words[next]));
      }
    }
  }

  // LINT-09.
  void Numbers(const Text& text) {
    for (const std::string& word : text.words) {
      if (IsOneOf(word, kNumberWords)) {
        Add("LINT-09", text.path, fmt::format("write the number '{}' in digits", word));
      }
    }
  }

  // LINT-10.
  void Shorthand(const Text& text) {
    static const std::regex shorthand(
        "%|\\b[0-9]+ */ *[0-9]+|\\b[0-9]+ *(-|\u2013|\u2014| to | or ) "
        "*[0-9]+|\u00bd|\u00bc|\u00be|\u2153|\u2154"
        "|\\b[A-Z]{2,}\\b|\\b(e\\.g|i\\.e|etc|eg|ie|viz|vs|via|per|circa|nb|cf|percent)\\b"
        "|\\b(half|halves|quarters?|thirds)\\b");
    std::smatch found;
    if (std::regex_search(text.text, found, shorthand)) {
      Add("LINT-10", text.path,
          fmt::format("'{}': no %, fractions, ranges, capitals for words, or Latin; say it in words",
                      found.str()));
    }
  }

  // LINT-11.
  void Vocabulary(const Text& text) {
    Words hard;
    for (size_t i = 0; i < text.words.size(); ++i) {
      const std::string& word = text.words[i];
      if (IsNumber(word) || easy_words_.Has(word) || InGlossary(text.forms[i])) continue;
      if (std::ranges::find(hard, word) == hard.end()) hard.push_back(word);
    }
    if (hard.empty()) return;
    Warn("LINT-11", text.path,
         fmt::format("not on the list of easy words: {}; use an easier word, or explain it in the glossary",
                     absl::StrJoin(hard, ", ")));
  }

  bool InGlossary(const Words& bases) const {
    return std::ranges::any_of(glossary_, [&](const Words& entry) {
      return std::ranges::any_of(entry, [&](const std::string& part) { return Holds(bases, part); });
    });
  }

  // LINT-13.
  void HardWords(const Text& text) {
    for (const std::string& word : text.words) {
      const auto begins = [&](std::string_view hard) { return word.starts_with(hard); };
      if (std::ranges::any_of(kHardWords, begins) ||
          (std::ranges::any_of(kHardUnlessExplained, begins) && !InGlossary(BasesOf(word)))) {
        Add("LINT-13", text.path, fmt::format("people stumble over '{}'; say it in easier words", word));
      }
    }
  }

  // LINT-14.
  void Idioms(const Text& text) {
    for (const std::string_view idiom : kIdioms) {
      const Words phrase = absl::StrSplit(std::string(idiom), ' ');
      if (!HoldsPhrase(text.forms, phrase)) continue;
      Warn("LINT-14", text.path, fmt::format("'{}' may be taken word for word; say what happens", idiom));
    }
  }

  // LINT-15.
  void Contractions(const Text& text) {
    static constexpr std::string_view kEndings[] = {"n't", "'re", "'ve", "'ll", "'d", "'m"};
    static constexpr std::string_view kIs[] = {"it's",  "that's",  "he's",  "she's",  "there's", "what's",
                                               "who's", "where's", "how's", "here's", "let's"};
    for (const std::string& word : text.words) {
      const auto ends = [&](std::string_view ending) { return word.ends_with(ending); };
      if (std::ranges::any_of(kEndings, ends) || IsOneOf(word, kIs)) {
        Warn("LINT-15", text.path, fmt::format("write '{}' out in full", word));
      }
    }
  }

  // LINT-16. Another word is what a reword is for, and what an explanation explains by.
  void OneWord(const Text& text) {
    if (text.role == Role::kReword || text.role == Role::kExplanation || text.role == Role::kGlossary) return;
    const bool practitioner = text.role == Role::kStandard && easy_;
    for (size_t i = 0; i < Concepts().size(); ++i) {
      for (size_t at = 0; at < text.words.size(); ++at) {
        const std::string& word = text.words[at];
        const int sense = SenseOf(text.forms[at], Concepts()[i]);
        if (sense < 0) continue;
        const First& first =
            first_.try_emplace({practitioner, i}, First{sense, word, text.path}).first->second;
        if (first.sense == sense) continue;
        Add("LINT-16", text.path,
            fmt::format("'{}' here and '{}' in {} say the same; keep to one word", word, first.word,
                        first.path));
        break;
      }
    }
  }

  // LINT-17, of all that is read together: the formula is made for passages, and one long word alone in a
  // short sentence would say nothing.
  void Grade(const std::string& path, const std::string& text, double max) {
    const double grade = FleschKincaidGrade(text);
    if (grade <= max) return;
    Warn("LINT-17", path,
         fmt::format("reading grade {:.1f} is over {:.0f}; use shorter words, or fewer in a sentence", grade,
                     max));
  }

  // ACC-24.
  void Budget() {
    if (ProbesOfAllNo(pack_) > kAllNoProbesMax) {
      Add("ACC-24", "items",
          fmt::format("{} probes are too many for one person; ask at most {}", ProbesOfAllNo(pack_),
                      kAllNoProbesMax));
    }
    if (PagesOfAllNo(pack_) > kAllNoPagesMax) {
      Add("ACC-24", "items",
          fmt::format("{} pages are too many for one person; keep to {}", PagesOfAllNo(pack_),
                      kAllNoPagesMax));
    }
  }

  struct First {
    int sense;
    std::string word;
    std::string path;
  };

  const v1::InstrumentPack& pack_;
  const WordList& easy_words_;
  const bool easy_;
  std::vector<Words> glossary_;
  // Which word of a concept came first, among what practitioners read and among what the person reads.
  std::map<std::pair<bool, size_t>, First> first_;
  std::vector<LintFinding> findings_;
};

// --- Pages -------------------------------------------------------------------------------------------------

int PagesOfLines(int sentences) { return (sentences + kSentencesAPage - 1) / kSentencesAPage; }

int QuestionsOf(const v1::Item& item) { return std::max(1, item.probes_size()); }

int QuestionsOf(const google::protobuf::RepeatedPtrField<v1::Item>& items) {
  int questions = 0;
  for (const v1::Item& item : items) questions += QuestionsOf(item);
  return questions;
}

}  // namespace

absl::StatusOr<WordList> WordList::Parse(std::string_view text) {
  WordList list;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    ++number;
    const std::string word(absl::StripAsciiWhitespace(line.substr(0, line.find('#'))));
    if (word.empty()) continue;
    const bool plain =
        std::ranges::all_of(word, [](char c) { return absl::ascii_islower(static_cast<unsigned char>(c)); });
    if (!plain || !list.words_.insert(word).second) {
      return absl::InvalidArgumentError(
          fmt::format("line {}: give each word once, in small letters, on a line of its own", number));
    }
  }
  return list;
}

bool WordList::Has(std::string_view word) const {
  return std::ranges::any_of(BasesOf(word), [&](const std::string& base) { return words_.contains(base); });
}

std::vector<LintFinding> Lint(const v1::InstrumentPack& pack, const WordList& easy_words) {
  return Linter(pack, easy_words).All();
}

std::optional<LintFinding> LintCoProduction(const v1::InstrumentPack& pack) {
  if (pack.presentation() != v1::PRESENTATION_EASY_READ) return std::nullopt;
  const v1::CoProduction& agreed = pack.co_production();
  if (!IsBlank(agreed.group()) && LocalDate::FromDay(agreed.agreed_on(), "agreed_on").ok())
    return std::nullopt;
  return LintFinding{
      "LINT-18b", LintSeverity::kError, "co_production",
      "nobody with a learning disability has agreed to these words; name the group that did and "
      "the day"};
}

int ProbesOfAllNo(const v1::InstrumentPack& pack) {
  int probes = 0;
  for (const v1::Item& item : pack.items()) probes += item.probes_size();
  for (const v1::Section& section : pack.sections()) {
    for (const v1::Item& item : section.items()) probes += item.probes_size();
  }
  return probes;
}

int PagesOfAllNo(const v1::InstrumentPack& pack) {
  constexpr int kProfilePages = 1;
  constexpr int kCheckAnswersPages = 1;
  int announcement = 0;
  int check_in = 0;
  for (const v1::Section& section : pack.sections()) {
    if (section.kind() != v1::SECTION_KIND_CHECK_IN) continue;
    announcement += PagesOfLines(section.intro_size());
    check_in += QuestionsOf(section.items());
  }
  int pages = PagesOfLines(pack.explainer_size()) + kProfilePages + kCheckAnswersPages +
              PagesOfLines(pack.ending_size());
  const auto add = [&](const google::protobuf::RepeatedPtrField<v1::Item>& items) {
    bool after_sensitive = false;
    for (const v1::Item& item : items) {
      pages += QuestionsOf(item);
      if (item.sensitive()) pages += check_in + (after_sensitive ? 0 : announcement);
      after_sensitive = item.sensitive();
    }
  };
  add(pack.items());
  for (const v1::Section& section : pack.sections()) {
    if (section.kind() != v1::SECTION_KIND_CHECK_IN) add(section.items());
  }
  return pages;
}

int CountSyllables(std::string_view word) {
  static const auto& known = *new std::map<std::string, int, std::less<>>{
      {"somebody", 3}, {"someone", 2},   {"something", 2},  {"sometimes", 2}, {"somewhere", 2},
      {"every", 2},    {"everybody", 4}, {"everything", 3}, {"everyone", 3},  {"people", 2},
      {"business", 2}, {"lonely", 2},    {"homeless", 2},   {"safety", 2},    {"idea", 3},
      {"area", 3},     {"being", 2},     {"seeing", 2},     {"quiet", 2},     {"diet", 2},
      {"poem", 2},     {"lion", 2},      {"create", 2},     {"react", 2}};
  std::string letters;
  for (const char c : word) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(c)))
      letters += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  if (const auto found = known.find(letters); found != known.end()) return found->second;
  const auto vowel = [](char c) { return absl::StrContains("aeiouy", absl::string_view(&c, 1)); };
  int syllables = 0;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (vowel(letters[i]) && (i == 0 || !vowel(letters[i - 1]))) ++syllables;
  }
  // Vowels that meet and are two sounds: going, trying, violent, usual, social stays one.
  static const std::regex two_sounds("[ouy]ing|[^tscg]io|[^tscg]ia|ual|eo[^pu]");
  syllables += static_cast<int>(std::distance(
      std::sregex_iterator(letters.begin(), letters.end(), two_sounds), std::sregex_iterator()));
  // Endings that are not sounded: take, takes, talked; but little, houses, wanted.
  static const std::regex silent(
      "[^aeiouyl]e$|[aeiouy]le$|[^aeiouylsxzcg]es$|[aeiouy]les$|[^aeiouytd]ed$|[aeiouy][lr]ed$");
  if (std::regex_search(letters, silent)) --syllables;
  return std::max(1, syllables);
}

double FleschKincaidGrade(std::string_view text) {
  const Words words = WordsOf(text);
  const auto sentences = static_cast<double>(SentencesOf(std::string(text)).size());
  if (words.empty()) return 0;
  double syllables = 0;
  for (const std::string& word : words) syllables += CountSyllables(word);
  const auto count = static_cast<double>(words.size());
  return 0.39 * count / sentences + 11.8 * syllables / count - 15.59;
}

}  // namespace marac::domain
