#include "domain/pilot_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace marac::domain {
namespace {

using ::testing::DoubleNear;

CrossTable TableOf(std::initializer_list<std::initializer_list<int>> rows) {
  CrossTable table(static_cast<int>(rows.size()));
  int i = 0;
  for (const auto& row : rows) {
    int j = 0;
    for (int count : row) table.Add(i, j++, count);
    ++i;
  }
  return table;
}

double ErrorOf(const Interval& interval) { return (interval.high - interval.low) / (2 * 1.959964); }

// Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 3rd edition 2003, table 18.1: two
// raters, 100 subjects. Agreement 0.89, by chance 0.66, so kappa = (0.89 - 0.66) / 0.34 = 0.68, standard
// error 0.087 (PIL-02).
TEST(PilotStatisticsTest, PIL02KappaIsThatOfTheTextbook) {
  CrossTable table = TableOf({{75, 1, 4}, {5, 4, 1}, {0, 0, 10}});
  EXPECT_THAT(AgreementShare(table).value(), DoubleNear(0.89, 1e-9));
  Interval kappa = Kappa(table, Weights::kIdentity).value();
  EXPECT_THAT(kappa.value, DoubleNear(0.23 / 0.34, 1e-9));
  EXPECT_THAT(ErrorOf(kappa), DoubleNear(0.0877, 5e-5));
}

// The example of the paper itself (Fleiss, Cohen & Everitt 1969, 325): 200 patients, weights of Cohen 1968.
// Unweighted 0.429; weighted 0.5071 with variance 0.003248.
TEST(PilotStatisticsTest, PIL02WeightedKappaAndItsErrorAreThoseOfThePaper) {
  CrossTable table = TableOf({{106, 10, 4}, {22, 28, 10}, {2, 12, 6}});
  const double weights[] = {1, 0, 4.0 / 9, 0, 1, 6.0 / 9, 4.0 / 9, 6.0 / 9, 1};
  EXPECT_THAT(Kappa(table, Weights::kIdentity)->value, DoubleNear(0.4286, 5e-5));
  Interval kappa = Kappa(table, weights).value();
  EXPECT_THAT(kappa.value, DoubleNear(0.5071, 5e-5));
  EXPECT_THAT(ErrorOf(kappa) * ErrorOf(kappa), DoubleNear(0.003248, 5e-7));
}

// Hout, Duncan & Sobel, Sociological Methodology 17, 1987: 91 couples, four steps. R's vcd 1.4 gives 0.1293
// (0.0686) unweighted and 0.2374 (0.0783) with linear weights.
TEST(PilotStatisticsTest, PIL02LinearWeightsAreThoseOfTheCouples) {
  CrossTable table = TableOf({{7, 7, 2, 3}, {2, 8, 3, 7}, {1, 5, 4, 9}, {2, 8, 9, 14}});
  Interval plain = Kappa(table, Weights::kIdentity).value();
  EXPECT_THAT(plain.value, DoubleNear(0.1293, 5e-5));
  EXPECT_THAT(ErrorOf(plain), DoubleNear(0.0686, 5e-5));
  Interval linear = Kappa(table, Weights::kLinear).value();
  EXPECT_THAT(linear.value, DoubleNear(0.2374, 5e-5));
  EXPECT_THAT(ErrorOf(linear), DoubleNear(0.0783, 5e-5));
}

// By hand. Rows 50, 35, 15; columns 46, 39, 15. Quadratic weights 1, 3/4, 0.
// observed  = 1 - (1/4 (10 + 5 + 5 + 4) + 1 + 0) / 100 = 0.93
// by chance = 1 - 1/4 (.50 .39 + .35 .46 + .35 .15 + .15 .39) - (.50 .15 + .15 .46) = 1 - .11675 - .144 =
// 0.73925 kappa     = (0.93 - 0.73925) / 0.26075 = 0.73154; its standard error, by the paper's formula 14, is
// 0.05763.
TEST(PilotStatisticsTest, PIL02QuadraticWeightsAreThoseWorkedByHand) {
  CrossTable table = TableOf({{40, 10, 0}, {5, 25, 5}, {1, 4, 10}});
  Interval kappa = Kappa(table, Weights::kQuadratic).value();
  EXPECT_THAT(kappa.value, DoubleNear(0.19075 / 0.26075, 1e-9));
  EXPECT_THAT(kappa.low, DoubleNear(0.73154 - 1.96 * 0.05763, 5e-4));
  EXPECT_THAT(kappa.high, DoubleNear(0.73154 + 1.96 * 0.05763, 5e-4));
}

TEST(PilotStatisticsTest, PIL02KappaIsAbsentWhereChanceAloneAgrees) {
  EXPECT_FALSE(Kappa(CrossTable(2), Weights::kIdentity)) << "no pairs";
  EXPECT_FALSE(Kappa(TableOf({{0, 0}, {0, 12}}), Weights::kIdentity)) << "both only ever said the second";
  EXPECT_FALSE(Kappa(TableOf({{12}}), Weights::kQuadratic)) << "one category";
  EXPECT_FALSE(Kappa(TableOf({{0, 0, 0}, {0, 7, 0}, {0, 0, 0}}), Weights::kLinear));
  EXPECT_TRUE(Kappa(TableOf({{0, 1}, {0, 12}}), Weights::kIdentity)) << "here they used two between them";
}

// One rater only ever says yes: agreement 12/13 is just what chance gives, so kappa is 0.
TEST(PilotStatisticsTest, KappaIsNothingWhereOneRaterNeverVaries) {
  Interval kappa = Kappa(TableOf({{0, 1}, {0, 12}}), Weights::kIdentity).value();
  EXPECT_THAT(kappa.value, DoubleNear(0, 1e-9));
  EXPECT_FALSE(std::isnan(kappa.low));
  EXPECT_FALSE(std::isnan(kappa.high));
}

// The large-sample error is 0 where all agree. 20 of 20 leave, exactly, an agreement of at least 0.025^(1/20)
// = 0.83157, and with chance 0.5 a kappa of at least (0.83157 - 0.5) / 0.5 = 0.66313.
TEST(PilotStatisticsTest, PIL02FullAgreementOfFewIsNotCertainty) {
  Interval twenty = Kappa(TableOf({{10, 0}, {0, 10}}), Weights::kIdentity).value();
  EXPECT_EQ(twenty.value, 1);
  EXPECT_EQ(twenty.high, 1);
  EXPECT_THAT(twenty.low, DoubleNear(0.66313, 1e-5));
  Interval two = Kappa(TableOf({{1, 0}, {0, 1}}), Weights::kQuadratic).value();
  EXPECT_LT(two.low, 0);
  EXPECT_GE(two.low, -1);
}

TEST(PilotStatisticsTest, KappaIsBelowNothingWhereTheyContradict) {
  Interval kappa = Kappa(TableOf({{0, 5}, {5, 0}}), Weights::kIdentity).value();
  EXPECT_THAT(kappa.value, DoubleNear(-1, 1e-9));
  EXPECT_GE(kappa.low, -1);
}

// Feinstein & Cicchetti, J Clin Epidemiol 43, 1990, 543-549: the same agreement of 0.85 is a kappa of 0.70
// where both answers are common and 0.32 where one is rare. PABAK is 2 x 0.85 - 1 = 0.70 for both (Byrt,
// Bishop & Carlin 1993).
TEST(PilotStatisticsTest, PIL02PabakDoesNotDependOnHowCommonAnAnswerIs) {
  CrossTable even = TableOf({{40, 9}, {6, 45}});
  CrossTable rare = TableOf({{80, 10}, {5, 5}});
  EXPECT_THAT(Kappa(even, Weights::kIdentity)->value, DoubleNear(0.70, 5e-3));
  EXPECT_THAT(Kappa(rare, Weights::kIdentity)->value, DoubleNear(0.32, 5e-3));
  EXPECT_THAT(Pabak(even).value(), DoubleNear(0.70, 1e-9));
  EXPECT_THAT(Pabak(rare).value(), DoubleNear(0.70, 1e-9));
  // Of three categories: (3 x 0.89 - 1) / 2.
  EXPECT_THAT(Pabak(TableOf({{75, 1, 4}, {5, 4, 1}, {0, 0, 10}})).value(), DoubleNear(0.835, 1e-9));
  EXPECT_FALSE(Pabak(CrossTable(2)));
  EXPECT_FALSE(Pabak(TableOf({{4}})));
}

// Shrout & Fleiss 1979, table 2: six subjects, four judges; table 4 gives ICC(2,1) = .29.
TEST(PilotStatisticsTest, PIL02CorrelationIsThatOfThePaper) {
  const std::vector<double> judges[] = {{9, 2, 5, 8}, {6, 1, 3, 2},  {8, 4, 6, 8},
                                        {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}};
  EXPECT_THAT(Icc21(judges).value(), DoubleNear(0.29, 5e-3));
}

// By hand: the second is always one higher. Between subjects 2, between raters 1.5, rest 0, so
// 2 / (2 + 0 + 2 x 1.5 / 3) = 2/3: absolute agreement, which a mere correlation (1 here) would not see.
TEST(PilotStatisticsTest, PIL02CorrelationSeesAConstantShift) {
  const std::vector<double> pairs[] = {{1, 2}, {2, 3}, {3, 4}};
  EXPECT_THAT(Icc21(pairs).value(), DoubleNear(2.0 / 3, 1e-9));
  const std::vector<double> equal[] = {{1, 1}, {2, 2}, {3, 3}};
  EXPECT_THAT(Icc21(equal).value(), DoubleNear(1, 1e-9));
}

TEST(PilotStatisticsTest, CorrelationIsAbsentWhereNothingVaries) {
  EXPECT_FALSE(Icc21({}));
  const std::vector<double> one[] = {{1, 2}};
  EXPECT_FALSE(Icc21(one));
  const std::vector<double> same[] = {{5, 5}, {5, 5}, {5, 5}};
  EXPECT_FALSE(Icc21(same));
}

// Bland & Altman 1986, table 1: peak flow of 17 people by the large and the mini meter. Mean difference -2.1,
// standard deviation 38.8, interval of the mean -22.0 to 17.8. Their limits take two deviations (-79.7
// and 75.5), ours 1.96: -78.1 and 73.9.
TEST(PilotStatisticsTest, PIL02LimitsOfAgreementAreThoseOfTheMeters) {
  const double large[] = {494, 395, 516, 434, 476, 557, 413, 442, 650,
                          433, 417, 656, 267, 478, 178, 423, 427};
  const double mini[] = {512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451};
  std::vector<double> differences;
  for (size_t i = 0; i < 17; ++i) differences.push_back(large[i] - mini[i]);
  Differences found = BlandAltman(differences).value();
  EXPECT_EQ(found.pairs, 17);
  EXPECT_THAT(found.mean, DoubleNear(-2.1, 0.05));
  EXPECT_THAT(found.deviation, DoubleNear(38.8, 0.05));
  EXPECT_THAT(found.interval->low, DoubleNear(-22.0, 0.1));
  EXPECT_THAT(found.interval->high, DoubleNear(17.8, 0.1));
  EXPECT_THAT(found.limit_low.value(), DoubleNear(-78.1, 0.05));
  EXPECT_THAT(found.limit_high.value(), DoubleNear(73.9, 0.05));
}

TEST(PilotStatisticsTest, DifferencesOfFewHaveNoLimits) {
  EXPECT_FALSE(BlandAltman({}));
  const double four[] = {1, 2, 3, 4};
  Differences found = BlandAltman(four).value();
  EXPECT_EQ(found.mean, 2.5);
  EXPECT_FALSE(found.interval);
  EXPECT_FALSE(found.limit_low);
  EXPECT_FALSE(ChanceOfDrop(found));
  const double one[] = {3};
  EXPECT_EQ(BlandAltman(one)->deviation, 0);
}

// By hand: -2, -1, 0, -1, -1 have mean -1 and variance 1/2, so t = -sqrt(10) with 4 degrees of freedom. With
// sin^2 = 10/14 and cos^2 = 4/14, inside = sqrt(10/14) (1 + 1/2 x 4/14) = 0.96589, and (1 - 0.96589) / 2 =
// 0.01706.
TEST(PilotStatisticsTest, ChanceOfADropIsThatOfStudent) {
  const double lower[] = {-2, -1, 0, -1, -1};
  EXPECT_THAT(ChanceOfDrop(*BlandAltman(lower)).value(), DoubleNear(0.01706, 1e-5));
  const double higher[] = {2, 1, 0, 1, 1};
  EXPECT_THAT(ChanceOfDrop(*BlandAltman(higher)).value(), DoubleNear(0.98294, 1e-5)) << "only downwards";
  const double same[] = {-1, -1, -1, -1, -1};
  EXPECT_THAT(ChanceOfDrop(*BlandAltman(same)).value(), DoubleNear(1.0 / 32, 1e-12));
  const double none[] = {0, 0, 0, 0, 0};
  EXPECT_EQ(ChanceOfDrop(*BlandAltman(none)).value(), 1);
}

// By hand: 1 against 9. Of 10 fair throws 9 or more fall one way with (10 + 1) / 1024, either way with twice
// that.
TEST(PilotStatisticsTest, PIL03ShiftOfAnItemIsThatOfFairThrows) {
  EXPECT_THAT(ChanceOfShift(1, 9), DoubleNear(11.0 / 1024, 1e-12));
  EXPECT_THAT(McNemar(1, 9), DoubleNear(22.0 / 1024, 1e-12));
  EXPECT_THAT(McNemar(9, 1), DoubleNear(22.0 / 1024, 1e-12));
  EXPECT_THAT(ChanceOfShift(9, 1), DoubleNear(1023.0 / 1024, 1e-12)) << "only in the direction asked for";
  EXPECT_EQ(ChanceOfShift(0, 0), 1);
  EXPECT_EQ(McNemar(0, 0), 1);
  EXPECT_EQ(McNemar(5, 5), 1);
  // Agresti, Categorical Data Analysis, 2nd edition 2002, table 10.1: approval fell, 150 against 86; z^2
  // = 17.36, which is 3.1e-5 by the large-sample test, and about as much exactly.
  EXPECT_THAT(McNemar(86, 150), DoubleNear(3.4e-5, 6e-6));
}

// By hand: two or three of three with chance 1/3 are 3 x 2/27 + 1/27.
TEST(PilotStatisticsTest, ChanceOfAtLeastAddsTheTail) {
  EXPECT_THAT(ChanceOfAtLeast(2, 3, 1.0 / 3), DoubleNear(7.0 / 27, 1e-12));
  EXPECT_EQ(ChanceOfAtLeast(0, 3, 0.5), 1);
  EXPECT_EQ(ChanceOfAtLeast(0, 0, 0.5), 1);
  EXPECT_EQ(ChanceOfAtLeast(1, 0, 0.5), 0);
  EXPECT_EQ(ChanceOfAtLeast(1, 3, 0), 0);
  EXPECT_EQ(ChanceOfAtLeast(3, 3, 1), 1);
  EXPECT_THAT(ChanceOfAtLeast(5000, 10000, 0.5), DoubleNear(0.50399, 1e-4)) << "does not run out of numbers";
}

// Newcombe, Statistics in Medicine 17, 1998, 857-872, table I, method 3.
TEST(PilotStatisticsTest, IntervalsOfSharesAreThoseOfNewcombe) {
  struct Row {
    int successes, trials;
    double low, high;
  };
  for (const Row& row : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605}, Row{0, 20, 0, 0.1611},
                         Row{1, 29, 0.0061, 0.1718}}) {
    Interval share = ShareInterval(row.successes, row.trials, NormalQuantile(0.975)).value();
    EXPECT_THAT(share.low, DoubleNear(row.low, 5e-5)) << row.successes;
    EXPECT_THAT(share.high, DoubleNear(row.high, 5e-5)) << row.successes;
  }
  EXPECT_FALSE(ShareInterval(0, 0, 1.96));
}

// Fisher & Yates, Statistical Tables, table III.
TEST(PilotStatisticsTest, QuantilesAreThoseOfTheTables) {
  EXPECT_THAT(NormalQuantile(0.975), DoubleNear(1.959964, 5e-7));
  EXPECT_THAT(NormalQuantile(0.5), DoubleNear(0, 1e-9));
  EXPECT_THAT(StudentQuantile(0.975, 1), DoubleNear(12.706, 5e-4));
  EXPECT_THAT(StudentQuantile(0.975, 4), DoubleNear(2.776, 5e-4));
  EXPECT_THAT(StudentQuantile(0.95, 10), DoubleNear(1.812, 5e-4));
  EXPECT_THAT(StudentQuantile(0.975, 16), DoubleNear(2.120, 5e-4));
  EXPECT_THAT(StudentQuantile(0.025, 16), DoubleNear(-2.120, 5e-4));
  EXPECT_THAT(StudentQuantile(0.995, 120), DoubleNear(2.617, 5e-4));
}

}  // namespace
}  // namespace marac::domain
