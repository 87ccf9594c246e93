// What a telephone reads off a terminal: square, light around it, a finder in three corners.
#include "cli/qr_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace marac::cli {
namespace {

// The drawing back into modules, true for dark; two rows a line.
std::vector<std::vector<bool>> ModulesOf(const std::string& drawn) {
  constexpr std::string_view kBegin = "\x1b[40;97m";
  constexpr std::string_view kEnd = "\x1b[0m";
  std::vector<std::vector<bool>> rows;
  for (size_t at = 0; at < drawn.size();) {
    const size_t end = drawn.find('\n', at);
    std::string_view line = std::string_view(drawn).substr(at, end - at);
    at = end + 1;
    EXPECT_TRUE(line.starts_with(kBegin) && line.ends_with(kEnd)) << line;
    line.remove_prefix(kBegin.size());
    line.remove_suffix(kEnd.size());
    std::vector<bool> upper;
    std::vector<bool> lower;
    while (!line.empty()) {
      const bool full = line.starts_with("█");
      const bool top = line.starts_with("▀");
      const bool bottom = line.starts_with("▄");
      EXPECT_TRUE(full || top || bottom || line.starts_with(" ")) << line;
      upper.push_back(!full && !top);
      lower.push_back(!full && !bottom);
      line.remove_prefix(full || top || bottom ? 3 : 1);
    }
    rows.push_back(std::move(upper));
    rows.push_back(std::move(lower));
  }
  return rows;
}

TEST(QrCodeTest, IsSquareWithLightAroundAndFindersInThreeCorners) {
  const auto rows = ModulesOf(QrCodeText("otpauth://totp/Meeting%20office:a.shah?secret=ABCDEFGHIJKLMNOP"));
  ASSERT_FALSE(rows.empty());
  const int width = static_cast<int>(rows[0].size());
  const int modules = width - 8;
  EXPECT_EQ((modules - 17) % 4, 0) << modules;
  // An odd number of rows in lines of two: the last one is light, and more room.
  ASSERT_EQ(static_cast<int>(rows.size()), width + width % 2);
  const auto dark = [&](int row, int column) {
    return rows[static_cast<size_t>(row)][static_cast<size_t>(column)];
  };
  for (const auto& [top, left] : {std::pair{4, 4}, {4, 4 + modules - 7}, {4 + modules - 7, 4}}) {
    for (int row = -1; row <= 7; ++row) {
      for (int column = -1; column <= 7; ++column) {
        // 4 is the light around it, 2 the light inside.
        const int ring = std::max(std::abs(row - 3), std::abs(column - 3));
        EXPECT_EQ(dark(top + row, left + column), ring != 4 && ring != 2) << row << ' ' << column;
      }
    }
  }
  for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
    for (int column = 0; column < width; ++column) {
      const bool inside = row >= 4 && row < 4 + modules && column >= 4 && column < 4 + modules;
      EXPECT_FALSE(!inside && dark(row, column)) << row << ' ' << column;
    }
  }
}

TEST(QrCodeTest, ATextThatFitsNoneIsNotDrawn) { EXPECT_EQ(QrCodeText(std::string(4000, 'x')), ""); }

}  // namespace
}  // namespace marac::cli
