#include "rpc/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <stdlib.h>

#include <regex>

#include "base/file.h"
#include "tests/support/source_path.h"
#include "tests/support/status_matchers.h"

namespace marac::rpc {
namespace {

using absl::StatusCode;
using config::v1::ServerConfig;
using google::protobuf::FieldDescriptor;
using marac::testing::Refuses;
using ::testing::HasSubstr;

constexpr char kLeast[] = R"(area_origin: "marac.test"
data_directory: "data"
checkpoint_directory: "/checkpoints"
keys { database_key_file: "db.key" audit_key_file: "a.key" app_key_file: "p.key" }
tls { certificate_chain_file: "s.pem" private_key_file: "s.key" authority_file: "root.pem" }
)";

absl::StatusOr<ServerConfig> Parse(const std::string& text) {
  return ParseServerConfig(text, "maracd.conf", "/etc/m");
}

TEST(ConfigTest, TheLeastConfigurationGetsTheDocumentedDefaults) {
  ASSERT_OK_AND_ASSIGN(const ServerConfig config, Parse(kLeast));
  EXPECT_EQ(config.listen_address(), "127.0.0.1:8443");
  EXPECT_EQ(config.stop_grace_ms(), 15'000);
  EXPECT_EQ(config.tls().reload_interval_ms(), 60'000);
  EXPECT_EQ(config.log().level(), config::v1::Log::LEVEL_INFO);
  EXPECT_EQ(config.log().file(), "");
  EXPECT_EQ(config.limits().connections_max(), 2000);
  EXPECT_EQ(config.limits().connections_per_source_max(), 20);
  EXPECT_EQ(config.limits().handshake_timeout_ms(), 5000);
  EXPECT_EQ(config.limits().receive_message_bytes_max(), 256 * 1024);
  EXPECT_EQ(config.limits().memory_bytes_max(), 256 * 1024 * 1024);
}

TEST(ConfigTest, PathsAreTakenFromTheFilesFolderOrTheCredentials) {
  ASSERT_OK_AND_ASSIGN(const ServerConfig config, Parse(kLeast));
  EXPECT_EQ(config.data_directory(), "/etc/m/data");
  EXPECT_EQ(config.checkpoint_directory(), "/checkpoints");

  const std::string text = std::string(kLeast) + "log { file: \"$CREDENTIALS_DIRECTORY/x\" }";
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(Parse(text), Refuses(StatusCode::kInvalidArgument, "log.file"));
  setenv("CREDENTIALS_DIRECTORY", "/run/credentials/maracd", 1);
  ASSERT_OK_AND_ASSIGN(const ServerConfig with_credentials, Parse(text));
  EXPECT_EQ(with_credentials.log().file(), "/run/credentials/maracd/x");
  unsetenv("CREDENTIALS_DIRECTORY");
}

TEST(ConfigTest, AWrongTextNamesFileLineAndColumn) {
  EXPECT_THAT(Parse(std::string(kLeast) + "listen_adress: \"x\"\n"),
              Refuses(StatusCode::kInvalidArgument, "maracd.conf:6:14: "));
  EXPECT_THAT(Parse(std::string(kLeast) + "limits { connections_max: many }\n"),
              Refuses(StatusCode::kInvalidArgument, "maracd.conf:6:27: "));
  EXPECT_THAT(Parse(std::string(kLeast) + "limits {\n"),
              Refuses(StatusCode::kInvalidArgument, "maracd.conf:7:1: "));
  EXPECT_THAT(Parse(std::string(kLeast) + "area_origin: \"marac.again\"\n"),
              Refuses(StatusCode::kInvalidArgument, "area_origin"));
}

TEST(ConfigTest, AMissingSettingIsNamed) {
  for (const char* line :
       {"area_origin", "data_directory", "checkpoint_directory", "database_key_file", "audit_key_file",
        "app_key_file", "certificate_chain_file", "private_key_file", "authority_file"}) {
    const std::string text = std::regex_replace(kLeast, std::regex(std::string(line) + ": \"[^\"]*\""), "");
    EXPECT_THAT(Parse(text), Refuses(StatusCode::kInvalidArgument, line));
  }
}

TEST(ConfigTest, ANumberOutsideItsRangeIsNamed) {
  for (const char* setting : {"connections_max: 0", "connections_max: -1", "handshake_timeout_ms: 0",
                              "receive_message_bytes_max: 1048577", "threads_max: 3", "memory_bytes_max: 1",
                              "connection_age_max_ms: 0", "ping_strikes_max: 0"}) {
    const std::string name(setting, std::string_view(setting).find(':'));
    EXPECT_THAT(Parse(std::string(kLeast) + "limits { " + setting + " }"),
                Refuses(StatusCode::kInvalidArgument, "limits." + name + ": give a number from"));
  }
  EXPECT_THAT(Parse(std::string(kLeast) + "stop_grace_ms: 120001"),
              Refuses(StatusCode::kInvalidArgument, "stop_grace_ms"));
}

TEST(ConfigTest, AnOriginIsMaracAndALowerCaseName) {
  for (const char* bad : {"marac.", "milton-keynes", "marac.Milton", "marac.a b", "marac.a/b"}) {
    const std::string text = std::regex_replace(kLeast, std::regex("marac.test"), bad);
    EXPECT_THAT(Parse(text), Refuses(StatusCode::kInvalidArgument, "area_origin")) << bad;
  }
}

TEST(ConfigTest, NamesTheOwnersKeyThatIsNone) {
  const std::string owner = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= A county";
  EXPECT_OK(Parse(std::string(kLeast) + "pack_owner_keys: '" + owner + "'\n"));
  EXPECT_THAT(Parse(std::string(kLeast) + "pack_owner_keys: ['" + owner + "', 'c2hvcnQ= A county']\n"),
              Refuses(StatusCode::kInvalidArgument, "pack_owner_keys[1]: begin with the 32 bytes"));
}

void ExpectNamesEveryField(const google::protobuf::Descriptor& message, const std::string& text) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    EXPECT_TRUE(std::regex_search(text, std::regex("\n *(# )?" + field.name() + "(:| \\{)")))
        << field.full_name();
    if (field.message_type() != nullptr) ExpectNamesEveryField(*field.message_type(), text);
  }
}

TEST(ConfigTest, TheExampleNamesEverySettingAndLoads) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadSmallFile(marac::testing::SourcePath("deploy/maracd.example.textproto"), /*size_max=*/65536));
  ExpectNamesEveryField(*ServerConfig::descriptor(), text);
  setenv("CREDENTIALS_DIRECTORY", "/run/credentials/maracd", 1);
  const auto as_shipped = Parse(text);
  // The lines behind a # are the defaults, so that taking the # away changes nothing.
  const auto with_defaults = Parse(std::regex_replace(text, std::regex("# ([a-z_]+: )"), "$1"));
  unsetenv("CREDENTIALS_DIRECTORY");
  ASSERT_OK(as_shipped);
  ASSERT_OK(with_defaults);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*as_shipped, *with_defaults))
      << as_shipped->DebugString() << with_defaults->DebugString();
}

}  // namespace
}  // namespace marac::rpc
