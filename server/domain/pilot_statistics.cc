#include "domain/pilot_statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <numbers>
#include <numeric>

namespace marac::domain {
namespace {

// Standard errors to each side of an interval of 95 %.
constexpr double kErrors = 1.959963984540054;
// What an interval of 95 % leaves out at each end.
constexpr double kTail = 0.025;

// Where `below` (rising) reaches `probability`, to the last bit that bisection can tell.
template <typename Below>
double Invert(const Below& below, double probability) {
  assert(probability > 0 && probability < 1);
  double low = -1;
  double high = 1;
  while (below(low) > probability) low *= 2;
  while (below(high) < probability) high *= 2;
  for (int i = 0; i < 100 && low < high; ++i) {
    const double middle = (low + high) / 2;
    (below(middle) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

double Squared(double x) { return x * x; }

}  // namespace

CrossTable::CrossTable(int categories)
    : categories_(categories), counts_(static_cast<size_t>(categories) * static_cast<size_t>(categories)) {
  assert(categories >= 1);
}

void CrossTable::Add(int row, int column, int times) {
  assert(row >= 0 && row < categories_ && column >= 0 && column < categories_ && times >= 0);
  counts_[static_cast<size_t>(row * categories_ + column)] += times;
  total_ += times;
}

int CrossTable::at(int row, int column) const {
  assert(row >= 0 && row < categories_ && column >= 0 && column < categories_);
  return counts_[static_cast<size_t>(row * categories_ + column)];
}

int CrossTable::agreed() const {
  int agreed = 0;
  for (int i = 0; i < categories_; ++i) agreed += at(i, i);
  return agreed;
}

std::optional<double> AgreementShare(const CrossTable& table) {
  if (table.total() == 0) return std::nullopt;
  return static_cast<double>(table.agreed()) / table.total();
}

std::optional<Interval> Kappa(const CrossTable& table, Weights weights) {
  const int k = table.categories();
  std::vector<double> cells;
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < k; ++j) {
      // With one category there is no distance, and the cell on the diagonal weighs 1 in any case.
      const double apart = k == 1 ? 0 : static_cast<double>(std::abs(i - j)) / (k - 1);
      switch (weights) {
        case Weights::kIdentity:
          cells.push_back(i == j ? 1 : 0);
          break;
        case Weights::kLinear:
          cells.push_back(1 - apart);
          break;
        case Weights::kQuadratic:
          cells.push_back(1 - apart * apart);
          break;
      }
    }
  }
  return Kappa(table, cells);
}

std::optional<Interval> Kappa(const CrossTable& table, std::span<const double> weights) {
  const int k = table.categories();
  const int n = table.total();
  assert(weights.size() == static_cast<size_t>(k) * static_cast<size_t>(k));
  if (n == 0) return std::nullopt;
  auto weight = [&](int i, int j) { return weights[static_cast<size_t>(i * k + j)]; };
  auto share = [&](int i, int j) { return static_cast<double>(table.at(i, j)) / n; };

  std::vector<double> rows(static_cast<size_t>(k));
  std::vector<double> columns(static_cast<size_t>(k));
  bool chance_disagrees = false;
  bool disagreed = false;
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < k; ++j) {
      rows[static_cast<size_t>(i)] += share(i, j);
      columns[static_cast<size_t>(j)] += share(i, j);
      if (weight(i, j) < 1 && table.at(i, j) > 0) disagreed = true;
    }
  }
  // The mean weights of each row and column: the w-bar of the paper.
  std::vector<double> row_weights(static_cast<size_t>(k));
  std::vector<double> column_weights(static_cast<size_t>(k));
  double observed = 0;
  double expected = 0;
  for (int i = 0; i < k; ++i) {
    const auto row = static_cast<size_t>(i);
    for (int j = 0; j < k; ++j) {
      const auto column = static_cast<size_t>(j);
      observed += weight(i, j) * share(i, j);
      expected += weight(i, j) * rows[row] * columns[column];
      row_weights[row] += weight(i, j) * columns[column];
      column_weights[column] += weight(i, j) * rows[row];
      if (weight(i, j) < 1 && rows[row] > 0 && columns[column] > 0) chance_disagrees = true;
    }
  }
  // Asked of the counts, since a sum of shares may miss 1 by a rounding.
  if (!chance_disagrees) return std::nullopt;

  const double room = 1 - expected;
  if (!disagreed) {
    const double least = std::pow(kTail, 1.0 / n);
    return Interval{.value = 1, .low = std::max(-1.0, (least - expected) / room), .high = 1};
  }
  double sum = 0;
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < k; ++j) {
      const double means = row_weights[static_cast<size_t>(i)] + column_weights[static_cast<size_t>(j)];
      sum += share(i, j) * Squared(weight(i, j) * room - means * (1 - observed));
    }
  }
  const double variance =
      (sum - Squared(observed * expected - 2 * expected + observed)) / (n * Squared(Squared(room)));
  const double kappa = (observed - expected) / room;
  const double reach = kErrors * std::sqrt(std::max(0.0, variance));
  return Interval{.value = kappa, .low = std::max(-1.0, kappa - reach), .high = std::min(1.0, kappa + reach)};
}

std::optional<double> Pabak(const CrossTable& table) {
  const int k = table.categories();
  if (table.total() == 0 || k < 2) return std::nullopt;
  const double agreed = static_cast<double>(table.agreed()) / table.total();
  return (k * agreed - 1) / (k - 1);
}

std::optional<double> Icc21(std::span<const std::vector<double>> ratings) {
  const size_t subjects = ratings.size();
  if (subjects < 2 || ratings.front().size() < 2) return std::nullopt;
  const size_t raters = ratings.front().size();
  const auto n = static_cast<double>(subjects);
  const auto k = static_cast<double>(raters);

  double mean = 0;
  std::vector<double> rater_means(raters);
  for (const std::vector<double>& row : ratings) {
    assert(row.size() == raters);
    for (size_t j = 0; j < raters; ++j) {
      rater_means[j] += row[j] / n;
      mean += row[j] / (n * k);
    }
  }
  double between_subjects = 0;
  double between_raters = 0;
  double rest = 0;
  bool all_same = true;
  for (double rater_mean : rater_means) between_raters += n * Squared(rater_mean - mean);
  for (const std::vector<double>& row : ratings) {
    const double subject_mean = std::accumulate(row.begin(), row.end(), 0.0) / k;
    between_subjects += k * Squared(subject_mean - mean);
    for (size_t j = 0; j < raters; ++j) {
      rest += Squared(row[j] - subject_mean - rater_means[j] + mean);
      if (row[j] != ratings.front().front()) all_same = false;
    }
  }
  if (all_same) return std::nullopt;
  between_subjects /= n - 1;
  between_raters /= k - 1;
  rest /= (n - 1) * (k - 1);
  const double denominator = between_subjects + (k - 1) * rest + k * (between_raters - rest) / n;
  // Ratings that differ can still leave nothing to divide by, when the raters' own spread is less than
  // chance.
  if (denominator <= 0) return std::nullopt;
  return (between_subjects - rest) / denominator;
}

std::optional<Differences> BlandAltman(std::span<const double> differences) {
  if (differences.empty()) return std::nullopt;
  const auto n = static_cast<double>(differences.size());
  Differences result;
  result.pairs = static_cast<int>(differences.size());
  result.mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
  if (result.pairs >= 2) {
    double squares = 0;
    for (double difference : differences) squares += Squared(difference - result.mean);
    result.deviation = std::sqrt(squares / (n - 1));
  }
  if (result.pairs >= kDifferencesMin) {
    const double reach = StudentQuantile(1 - kTail, result.pairs - 1) * result.deviation / std::sqrt(n);
    result.interval = Interval{.value = result.mean, .low = result.mean - reach, .high = result.mean + reach};
    result.limit_low = result.mean - kErrors * result.deviation;
    result.limit_high = result.mean + kErrors * result.deviation;
  }
  return result;
}

std::optional<double> ChanceOfDrop(const Differences& differences) {
  if (differences.pairs < kDifferencesMin) return std::nullopt;
  if (differences.deviation == 0) return differences.mean < 0 ? std::pow(0.5, differences.pairs) : 1;
  return StudentBelow(differences.mean * std::sqrt(differences.pairs) / differences.deviation,
                      differences.pairs - 1);
}

double ChanceOfShift(int fewer, int more) { return ChanceOfAtLeast(more, fewer + more, 0.5); }

double McNemar(int one_way, int other_way) {
  return std::min(1.0, 2 * ChanceOfShift(std::min(one_way, other_way), std::max(one_way, other_way)));
}

double ChanceOfAtLeast(int successes, int trials, double share) {
  assert(trials >= 0 && share >= 0 && share <= 1);
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  if (share == 0) return 0;
  if (share == 1) return 1;
  double log_term = successes * std::log(share) + (trials - successes) * std::log1p(-share);
  for (int i = 1; i <= successes; ++i) {
    log_term += std::log(static_cast<double>(trials - successes + i) / i);
  }
  double sum = 0;
  for (int x = successes; x <= trials; ++x) {
    sum += std::exp(log_term);
    if (x < trials) {
      log_term += std::log(static_cast<double>(trials - x) / (x + 1)) + std::log(share) - std::log1p(-share);
    }
  }
  return std::min(1.0, sum);
}

std::optional<Interval> ShareInterval(int successes, int trials, double z) {
  if (trials <= 0) return std::nullopt;
  const auto n = static_cast<double>(trials);
  const double share = successes / n;
  const double scale = 1 + z * z / n;
  const double centre = (share + z * z / (2 * n)) / scale;
  const double reach = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale;
  // At the edges the two differ by rounding only.
  return Interval{.value = share,
                  .low = successes == 0 ? 0 : std::max(0.0, centre - reach),
                  .high = successes == trials ? 1 : std::min(1.0, centre + reach)};
}

double NormalQuantile(double probability) {
  return Invert([](double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }, probability);
}

double StudentBelow(double t, int freedom) {
  assert(freedom >= 1);
  const double angle = std::atan(t / std::sqrt(freedom));
  const double cosine_squared = Squared(std::cos(angle));
  double inside = 0;  // probability between -|t| and |t|, with the sign of t
  if (freedom % 2 == 1) {
    double term = std::cos(angle);
    double sum = 0;
    for (int i = 1; i <= freedom - 2; i += 2) {
      sum += term;
      term *= cosine_squared * (i + 1) / (i + 2);
    }
    inside = 2 / std::numbers::pi * (angle + std::sin(angle) * sum);
  } else {
    double term = 1;
    double sum = 0;
    for (int i = 0; i <= freedom - 2; i += 2) {
      sum += term;
      term *= cosine_squared * (i + 1) / (i + 2);
    }
    inside = std::sin(angle) * sum;
  }
  return std::clamp((1 + inside) / 2, 0.0, 1.0);
}

double StudentQuantile(double probability, int freedom) {
  return Invert([freedom](double t) { return StudentBelow(t, freedom); }, probability);
}

}  // namespace marac::domain
