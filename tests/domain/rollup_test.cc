#include "domain/rollup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>
#include <vector>

namespace marac::domain {
namespace {

constexpr std::string_view kLetters = "YAKRNX";
constexpr v1::AnswerCode kCodes[] = {v1::ANSWER_CODE_YES,       v1::ANSWER_CODE_NOT_ASKED,
                                     v1::ANSWER_CODE_DONT_KNOW, v1::ANSWER_CODE_DECLINED,
                                     v1::ANSWER_CODE_NO,        v1::ANSWER_CODE_NOT_APPLICABLE};

// ACC-02 written out: Y yes, A not asked, K don't know, R declined, N no, X does not apply. A block for the
// first probe, a line for the second, a letter for the third, each in that order.
constexpr std::string_view kTable[6][6] = {
    {"YYYYYY", "YYYYYY", "YYYYYY", "YYYYYY", "YYYYYY", "YYYYYY"},
    {"YYYYYY", "YAAAAA", "YAAAAA", "YAAAAA", "YAAAAA", "YAAAAA"},
    {"YYYYYY", "YAAAAA", "YAKKKK", "YAKKKK", "YAKKKK", "YAKKKK"},
    {"YYYYYY", "YAAAAA", "YAKKKK", "YAKRRR", "YAKRRR", "YAKRRR"},
    {"YYYYYY", "YAAAAA", "YAKKKK", "YAKRRR", "YAKRNN", "YAKRNN"},
    {"YYYYYY", "YAAAAA", "YAKKKK", "YAKRRR", "YAKRNN", "YAKRNX"},
};

// ACC-02: 3 probes x 6 codes, 216 rows, any order.
TEST(RollUpTest, ComesToWhatTheTableSaysInAllItsRows) {
  int rows = 0;
  std::map<char, int> outcomes;
  for (size_t i = 0; i < 6; ++i) {
    for (size_t j = 0; j < 6; ++j) {
      for (size_t k = 0; k < 6; ++k) {
        char expected = kTable[i][j][k];
        std::array<size_t, 3> order = {i, j, k};
        std::ranges::sort(order);
        do {
          const v1::AnswerCode probes[] = {kCodes[order[0]], kCodes[order[1]], kCodes[order[2]]};
          EXPECT_EQ(RollUp(probes), kCodes[kLetters.find(expected)])
              << kLetters[order[0]] << kLetters[order[1]] << kLetters[order[2]];
        } while (std::ranges::next_permutation(order).found);
        ++outcomes[expected];
        ++rows;
      }
    }
  }
  std::printf("figure: rollup_rows=%d rows\n", rows);
  EXPECT_EQ(rows, 216);
  // How often each comes out, counted another way: 6^3 - 5^3 rows hold a yes, of the others 5^3 - 4^3 hold a
  // question not asked, and so on.
  EXPECT_EQ(outcomes, (std::map<char, int>{{'Y', 91}, {'A', 61}, {'K', 37}, {'R', 19}, {'N', 7}, {'X', 1}}));
}

TEST(RollUpTest, OneProbeIsTheItem) {
  for (v1::AnswerCode code : kCodes) EXPECT_EQ(RollUp({&code, 1}), code);
}

// D-09: what is missing is never a no.
TEST(RollUpTest, WhatIsNoAnswerIsNotAsked) {
  const v1::AnswerCode probes[] = {v1::ANSWER_CODE_NO, v1::ANSWER_CODE_UNSPECIFIED, v1::ANSWER_CODE_DECLINED};
  EXPECT_EQ(RollUp(probes), v1::ANSWER_CODE_NOT_ASKED);
}

}  // namespace
}  // namespace marac::domain
