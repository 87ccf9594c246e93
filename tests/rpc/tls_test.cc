#include "rpc/tls.h"

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <sstream>

#include "tests/support/status_matchers.h"

namespace marac::rpc {
namespace {

using absl::StatusCode;
using marac::testing::Refuses;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TlsTest, AnEnvironmentThatMakesGrpcTalkRefusesTheStart) {
  for (const char* value : {"DEBUG", "INFO", "debug"}) {
    setenv("GRPC_VERBOSITY", value, 1);
    EXPECT_THAT(PrepareProcess(), Refuses(StatusCode::kFailedPrecondition, "GRPC_VERBOSITY")) << value;
  }
  setenv("GRPC_VERBOSITY", "ERROR", 1);
  EXPECT_OK(PrepareProcess());
  unsetenv("GRPC_VERBOSITY");
  setenv("GRPC_TRACE", "http", 1);
  EXPECT_THAT(PrepareProcess(), Refuses(StatusCode::kFailedPrecondition, "GRPC_TRACE"));
  unsetenv("GRPC_TRACE");
  EXPECT_OK(PrepareProcess());
}

// L4: on a parse error gRPC puts header values into its line.
TEST(TlsTest, ALogLineOfGrpcLosesItsTextAndAFloodOfThemIsCut) {
  ASSERT_OK(PrepareProcess());
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text)));
  for (int i = 0; i < 1000; ++i) gpr_log(GPR_ERROR, "Error parsing metadata: key=x value=CANARY");
  spdlog::set_default_logger(before);
  EXPECT_THAT(text.str(), HasSubstr("grpc: message of tls_test.cc:"));
  EXPECT_THAT(text.str(), Not(HasSubstr("CANARY")));
  // The thousand may fall into two seconds.
  const std::string lines = text.str();
  EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), 40);
}

TEST(TlsTest, CredentialsWithoutPrepareProcessAreRefused) {
  ASSERT_OK(PrepareProcess());
  unsetenv("GRPC_SSL_CIPHER_SUITES");
  EXPECT_THAT(MakeServerCredentials({}, std::make_shared<ProgramRegistry>()),
              Refuses(StatusCode::kInternal, "TLS 1.2"));
  ASSERT_OK(PrepareProcess());
}

}  // namespace
}  // namespace marac::rpc
