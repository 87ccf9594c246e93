// dash.md 4: the same answers on a form and on its accessible presentation come to the same result, byte for
// byte, but for which form it was and how well it is proven. What the probes come to is worked out here by
// itself (ACC-02), and given to the standard form as answers to whole items.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "domain/assessment.h"
#include "domain/instrument.h"
#include "tests/support/packs.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::BuiltInCatalogue;
using ::marac::testing::BuiltInForms;

constexpr int kSamples = 10'000;  // for each presentation
const Act kAct{"accounts/idva", absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London())};

// A form and the one that it presents, under one policy.
struct Pair {
  Form accessible;
  Form standard;
};

std::vector<Pair> Pairs() {
  std::vector<Pair> pairs = {{marac::testing::EasyReadForm(), marac::testing::StandardForm()}};
  for (const Form& form : BuiltInForms()) {
    const std::string& base = form.pack->pack.derived_from();
    if (base.empty()) continue;
    const v1::Policy& policy = form.policy->policy;
    pairs.push_back(
        {form, BuiltInCatalogue().FormFor(base, NameWithVersion(policy.id(), policy.version())).value()});
  }
  return pairs;
}

// One person's answers, put both ways.
class Sample {
 public:
  Sample(const v1::InstrumentPack& accessible, std::mt19937& random) : random_(random) {
    // Of some people nearly everything is true, of others next to nothing, so that every band is met.
    yes_percent_ = Below(101);
    for (const v1::Item& item : accessible.items()) Add(item);
    Judge();
  }

  const v1::PreviewScoreRequest& accessible() const { return accessible_; }
  const v1::PreviewScoreRequest& standard() const { return standard_; }

 private:
  int Below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  bool OneIn(int n) { return Below(n) == 0; }

  v1::AnswerCode Code(bool not_applicable) {
    if (Below(100) < yes_percent_) return v1::ANSWER_CODE_YES;
    if (not_applicable && OneIn(4)) return v1::ANSWER_CODE_NOT_APPLICABLE;
    constexpr v1::AnswerCode kOthers[] = {v1::ANSWER_CODE_NO,       v1::ANSWER_CODE_NO,
                                          v1::ANSWER_CODE_NO,       v1::ANSWER_CODE_DONT_KNOW,
                                          v1::ANSWER_CODE_DECLINED, v1::ANSWER_CODE_NOT_ASKED};
    return kOthers[Below(6)];
  }

  v1::Answer Answer(const v1::Item& item, const v1::Probe* probe) {
    v1::Answer answer;
    answer.set_item(item.code());
    if (probe != nullptr) answer.set_probe(probe->code());
    answer.set_code(Code(probe == nullptr ? item.not_applicable_allowed() : probe->not_applicable_allowed()));
    for (const v1::ItemDetail& detail : item.details()) {
      if (answer.code() == v1::ANSWER_CODE_YES && OneIn(3)) answer.add_details(detail.code());
    }
    if (OneIn(3)) answer.set_note("note " + std::to_string(Below(100)));
    if (OneIn(4)) {
      answer.set_source(v1::SOURCE_ROLE_POLICE);
      answer.set_source_ref("a report");
    }
    return answer;
  }

  void Add(const v1::Item& item) {
    if (OneIn(12)) return;  // never met
    if (OneIn(6) || item.probes().empty()) {
      v1::Answer whole = Answer(item, nullptr);
      *accessible_.add_answers() = whole;
      *standard_.add_answers() = whole;
      return;
    }
    // A few were answered before and changed their mind.
    if (OneIn(20)) *accessible_.add_answers() = Answer(item, nullptr);
    std::vector<v1::Answer> parts;
    v1::Answer told;
    told.set_item(item.code());
    std::set<std::string> details;
    std::string codes;
    for (const v1::Probe& probe : item.probes()) {
      if (OneIn(15)) {
        codes += 'A';
        continue;
      }
      v1::Answer part = Answer(item, &probe);
      codes += Letter(part.code());
      if (part.code() == v1::ANSWER_CODE_YES) {
        details.insert(part.details().begin(), part.details().end());
        if (!probe.detail().empty()) details.insert(probe.detail());
      }
      if (!part.note().empty()) told.set_note(told.note() + " " + part.note());
      parts.push_back(part);
    }
    if (parts.empty()) {
      // Nothing was met: the whole of it is not asked, whatever was said before.
      v1::Answer not_asked;
      not_asked.set_item(item.code());
      not_asked.set_code(v1::ANSWER_CODE_NOT_ASKED);
      *accessible_.add_answers() = not_asked;
      *standard_.add_answers() = not_asked;
      return;
    }
    char decided = 'X';
    for (char letter : std::string("NRKAY")) {
      if (codes.find(letter) != std::string::npos) decided = letter;
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (Letter(part->code()) != decided) continue;
      told.set_source(part->source());
      told.set_source_ref(part->source_ref());
    }
    told.set_code(Meaning(decided));
    if (decided == 'Y') {
      for (const std::string& detail : details) told.add_details(detail);
    }
    std::shuffle(parts.begin(), parts.end(), random_);
    for (const v1::Answer& part : parts) *accessible_.add_answers() = part;
    *standard_.add_answers() = told;
  }

  static char Letter(v1::AnswerCode code) { return std::string("?YNKRAX")[static_cast<size_t>(code)]; }
  static v1::AnswerCode Meaning(char letter) {
    return static_cast<v1::AnswerCode>(std::string("?YNKRAX").find(letter));
  }

  void Judge() {
    v1::Judgement judgement;
    judgement.set_grade(static_cast<v1::Grade>(Below(4)));
    judgement.set_professional_judgement(OneIn(5));
    if (OneIn(2)) judgement.set_text("Reasons.");
    judgement.set_repeat(static_cast<v1::YesNo>(Below(4)));
    *accessible_.mutable_judgement() = judgement;
    *standard_.mutable_judgement() = judgement;
  }

  std::mt19937& random_;
  int yes_percent_ = 0;
  v1::PreviewScoreRequest accessible_;
  v1::PreviewScoreRequest standard_;
};

std::string Bytes(v1::AssessmentResult result) {
  result.clear_instrument();
  result.clear_equivalence_status();
  return result.SerializeAsString();
}

// ACC-01.
TEST(DashVectorEquivalenceTest, TheSameAnswersComeToTheSameResultInBothPresentations) {
  int samples = 0;
  int differences = 0;
  std::set<v1::Grade> bands;
  for (const Pair& pair : Pairs()) {
    const v1::InstrumentPack& pack = pair.accessible.pack->pack;
    SCOPED_TRACE(pack.id());
    std::mt19937 random(19);
    for (int i = 0; i < kSamples; ++i) {
      const Sample sample(pack, random);
      ASSERT_OK_AND_ASSIGN(const v1::AssessmentResult accessible,
                           PreviewScore(pair.accessible, sample.accessible(), kAct));
      ASSERT_OK_AND_ASSIGN(const v1::AssessmentResult standard,
                           PreviewScore(pair.standard, sample.standard(), kAct));
      ASSERT_NE(accessible.instrument(), standard.instrument());
      ++samples;
      bands.insert(standard.band());
      if (Bytes(accessible) == Bytes(standard)) continue;
      ++differences;
      ADD_FAILURE() << accessible.ShortDebugString() << "\nand not\n" << standard.ShortDebugString();
      if (differences > 5) return;
    }
  }
  std::printf("figure: equivalence_samples=%d samples\n", samples);
  std::printf("figure: equivalence_differences=%d samples\n", differences);
  EXPECT_GE(samples, 10'000);
  EXPECT_EQ(differences, 0);
  EXPECT_EQ(bands.size(), 3U) << "every band was met";
}

}  // namespace
}  // namespace marac::domain
