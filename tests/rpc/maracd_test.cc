// The program itself: what it says and how it ends when something is wrong at its start.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/file.h"
#include "base/keys.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kData = 65;
constexpr int kUnavailable = 69;
constexpr int kConfiguration = 78;

std::string LogOf(const ServerProcess& server) {
  std::ostringstream text;
  text << std::ifstream(server.folder() + "/log").rdbuf();
  return text.str();
}

int Serve(const ServerProcess& server) { return server.Run({"serve", "--config", server.config_file()}); }

TEST(MaracdTest, ASecondServerOnTheSameDataIsRefused) {
  ServerProcess server;
  ASSERT_TRUE(server.Start());
  EXPECT_EQ(Serve(server), kUnavailable);
  EXPECT_THAT(LogOf(server), HasSubstr("another"));
  EXPECT_EQ(server.Stop(), 0);
}

TEST(MaracdTest, APortInUseIsNamedWithItsSetting) {
  ServerProcess first;
  ASSERT_TRUE(first.Start());
  ServerProcess second;
  std::ostringstream text;
  text << std::ifstream(second.config_file()).rdbuf();
  std::string config = text.str();
  const size_t at = config.find("127.0.0.1:");
  config.replace(at, config.find('"', at) - at, "127.0.0.1:" + std::to_string(first.port()));
  std::ofstream(second.config_file()) << config;
  EXPECT_EQ(Serve(second), kUnavailable);
  EXPECT_THAT(LogOf(second), HasSubstr("listen_address"));
}

TEST(MaracdTest, AWrongDatabaseKeyIsOneClearSentence) {
  ServerProcess server;
  ASSERT_OK(WriteKeyFile(server.folder() + "/keys/db.key",
                         GenerateKey(KeyPurpose::kDatabase, "db-2", KeyState::kActive), IfExists::kReplace));
  EXPECT_EQ(Serve(server), kData);
  EXPECT_THAT(LogOf(server), HasSubstr("key"));
}

TEST(MaracdTest, AKeyThatOthersMayReadIsRefused) {
  ServerProcess server;
  std::filesystem::permissions(server.folder() + "/keys/db.key", std::filesystem::perms(0644));
  EXPECT_EQ(Serve(server), kData);
  EXPECT_THAT(LogOf(server), HasSubstr("db.key"));
}

TEST(MaracdTest, AMistypedSettingIsNamedWithItsLine) {
  ServerProcess server;
  std::ofstream(server.config_file(), std::ios::app) << "listen_adress: \"127.0.0.1:1\"\n";
  EXPECT_EQ(Serve(server), kConfiguration);
  EXPECT_THAT(LogOf(server), HasSubstr("listen_adress"));
}

TEST(MaracdTest, AnEarlierDatabasePutBackIsRefused) {
  ServerProcess server;
  const std::string database = server.folder() + "/data/marac.db";
  const std::string kept = server.folder() + "/kept.db";
  std::filesystem::copy_file(database, kept);
  ASSERT_TRUE(server.Start());
  server.AddAgency("police");
  ASSERT_EQ(server.Stop(), 0);
  std::filesystem::copy_file(kept, database, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Serve(server), kData);
  EXPECT_THAT(LogOf(server), HasSubstr("older than it was"));
}

TEST(MaracdTest, VerifySaysThatTheAuditLogIsWhole) {
  ServerProcess server;
  ASSERT_TRUE(server.Start());
  server.AddAgency("police");
  ASSERT_EQ(server.Stop(), 0);
  EXPECT_EQ(server.Run({"verify", "--config", server.config_file()}), 0);
  EXPECT_THAT(LogOf(server), HasSubstr("every one follows from the one before"));
}

}  // namespace
}  // namespace marac::testing
