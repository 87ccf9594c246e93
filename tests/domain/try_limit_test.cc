// security.md 2.7: 5 tries an account, 20 a source, in a quarter of an hour; decisions 15: nobody is kept
// out.
#include "domain/try_limit.h"

#include <gtest/gtest.h>

namespace marac::domain {
namespace {

TEST(TryLimitTest, ALoginHasFiveTriesFromWhereverTheyCome) {
  EXPECT_TRUE(MayTry({.of_login = 4}));
  EXPECT_FALSE(MayTry({.of_login = 5}));
}

TEST(TryLimitTest, AKnownSourceHasFiveTriesOfItsOwn) {
  EXPECT_TRUE(MayTry({.of_login = 500, .of_login_from_here = 4, .source_is_known = true}));
  EXPECT_FALSE(MayTry({.of_login = 5, .of_login_from_here = 5, .source_is_known = true}));
}

TEST(TryLimitTest, ASourceHasTwentyTriesEvenWhereItIsKnown) {
  EXPECT_TRUE(MayTry({.from_here = 19}));
  EXPECT_FALSE(MayTry({.from_here = 20}));
  EXPECT_FALSE(MayTry({.from_here = 20, .source_is_known = true}));
}

}  // namespace
}  // namespace marac::domain
