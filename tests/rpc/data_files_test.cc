#include "rpc/data_files.h"

#include <filesystem>
#include <fstream>

#include "tests/support/status_matchers.h"

namespace marac::rpc {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::Refuses;

namespace fs = std::filesystem;

class LoadCatalogueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (const char* part : {"instruments", "policies", "calendars"}) {
      fs::copy(fs::path(MARAC_SOURCE_DIR "/schema") / part, folder_ / part);
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  const fs::path folder_ =
      fs::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(LoadCatalogueTest, LoadsTheDataOfTheTree) {
  ASSERT_OK_AND_ASSIGN(domain::Catalogue catalogue, LoadCatalogue(folder_.string()));
  EXPECT_THAT(catalogue.FormFor("plain24@1.0", "default@2026.1"), IsOk());
  for (v1::Nation nation : {v1::NATION_ENGLAND_AND_WALES, v1::NATION_SCOTLAND, v1::NATION_NORTHERN_IRELAND}) {
    EXPECT_NE(catalogue.FindCalendar(nation), nullptr);
  }
}

TEST_F(LoadCatalogueTest, LeavesOtherFilesAlone) {
  std::ofstream(folder_ / "instruments" / "README") << "not a pack";
  EXPECT_THAT(LoadCatalogue(folder_.string()), IsOk());
}

TEST_F(LoadCatalogueTest, NamesTheFileThatIsNotGood) {
  std::ofstream(folder_ / "policies" / "broken.textproto") << "id: \"Broken\"\n";
  EXPECT_THAT(LoadCatalogue(folder_.string()),
              Refuses(absl::StatusCode::kInvalidArgument,
                      (folder_ / "policies" / "broken.textproto").string() + ":1:"));
}

TEST_F(LoadCatalogueTest, NamesTheFolderThatIsNotThere) {
  fs::remove_all(folder_ / "calendars");
  EXPECT_THAT(LoadCatalogue(folder_.string()),
              Refuses(absl::StatusCode::kNotFound, (folder_ / "calendars").string()));
}

}  // namespace
}  // namespace marac::rpc
