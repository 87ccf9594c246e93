// Agreement between two assessments of the same occasion (dash.md PIL-02, PIL-03). Numbers go in, numbers
// come out; nothing here knows a form. What the numbers cannot tell is absent: no function gives a NaN or an
// infinity.
#ifndef MARAC_DOMAIN_PILOT_STATISTICS_H_
#define MARAC_DOMAIN_PILOT_STATISTICS_H_

#include <optional>
#include <span>
#include <vector>

namespace marac::domain {

// An estimate and its interval of 95 %.
struct Interval {
  double value = 0;
  double low = 0;
  double high = 0;
};

// How often the first gave row and the second gave column, of `categories` categories.
class CrossTable {
 public:
  // `categories` is at least 1.
  explicit CrossTable(int categories);

  int categories() const { return categories_; }
  // Both are from 0 and below categories(); `times` is not negative.
  void Add(int row, int column, int times = 1);
  int at(int row, int column) const;
  int total() const { return total_; }
  // How many are in the same category.
  int agreed() const;

 private:
  int categories_;
  int total_ = 0;
  std::vector<int> counts_;  // row by row
};

// Agreement that a cell counts for: 1 the same, 0 none at all.
enum class Weights {
  kIdentity,   // Cohen's kappa
  kLinear,     // 1 - |i - j| / (k - 1)
  kQuadratic,  // 1 - (i - j)^2 / (k - 1)^2
};

// Share of pairs in the same category, 0 to 1. Absent without pairs.
std::optional<double> AgreementShare(const CrossTable& table);

// Kappa with the large-sample standard error of Fleiss, Cohen & Everitt (Psychological Bulletin 72, 1969,
// 323-327), the interval cut at -1 and 1. Where every pair agrees that error is 0, which would claim
// certainty from three pairs: the low end is then what the exact bound of the agreement (Clopper & Pearson
// 1934) leaves. Absent where chance alone would agree on everything (no pairs, or both used one and the same
// category).
std::optional<Interval> Kappa(const CrossTable& table, Weights weights);
// The same with any weights, row by row, 1 on the diagonal and 0 to 1 elsewhere; as many as the table has
// cells.
std::optional<Interval> Kappa(const CrossTable& table, std::span<const double> weights);

// Prevalence-adjusted, bias-adjusted kappa (Byrt, Bishop & Carlin, J Clin Epidemiol 46, 1993, 423-429): what
// kappa would be if all categories were equally common. Absent without pairs or with one category.
std::optional<double> Pabak(const CrossTable& table);

// Intraclass correlation ICC(2,1): two-way random, absolute agreement, single rater (Shrout & Fleiss,
// Psychological Bulletin 86, 1979, 420-428). `ratings[i]` holds those of subject i, as many for each. Absent
// with fewer than two subjects or raters, or where every rating is the same.
std::optional<double> Icc21(std::span<const std::vector<double>> ratings);

// Differences of pairs (Bland & Altman, Lancet 1986, i, 307-310). In the unit of what was measured.
struct Differences {
  int pairs = 0;
  double mean = 0;
  // Standard deviation; 0 with one pair.
  double deviation = 0;
  // Interval of the mean of 95 %, by Student's t; absent with fewer than kDifferencesMin pairs.
  std::optional<Interval> interval;
  // Between these lie 95 of 100 differences: mean -+ 1.96 deviations; absent likewise.
  std::optional<double> limit_low;
  std::optional<double> limit_high;
};
inline constexpr int kDifferencesMin = 5;
// Absent without differences.
std::optional<Differences> BlandAltman(std::span<const double> differences);

// How likely it is by chance alone that the mean is as far below 0, or farther: one-sided, by Student's t,
// and where all differences are the same by their sign. Absent with fewer than kDifferencesMin.
std::optional<double> ChanceOfDrop(const Differences& differences);

// How likely `fewer` or fewer of `fewer + more` are by chance alone where both ways are equally likely:
// McNemar's test, one-sided and exact (McNemar, Psychometrika 12, 1947, 153-157). 1 without any.
double ChanceOfShift(int fewer, int more);
// The same for both directions: at most 1.
double McNemar(int one_way, int other_way);

// How likely `successes` or more of `trials` are where each succeeds with `share`.
double ChanceOfAtLeast(int successes, int trials, double share);

// Interval of a share by Wilson's score (JASA 22, 1927, 209-212), for any certainty: `z` standard errors. 0
// to 1. Absent without trials.
std::optional<Interval> ShareInterval(int successes, int trials, double z);

// The value below which a standard normal variable lies with `probability`, which is above 0 and below 1.
double NormalQuantile(double probability);
// Probability that Student's t with `freedom` degrees of freedom, at least 1, lies below `t` (Abramowitz &
// Stegun 1964, 26.7.3 and 26.7.4).
double StudentBelow(double t, int freedom);
// The value below which it lies with `probability`, which is above 0 and below 1.
double StudentQuantile(double probability, int freedom);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_PILOT_STATISTICS_H_
