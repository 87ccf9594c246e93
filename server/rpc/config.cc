#include "rpc/config.h"

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "base/file.h"
#include "base/status_macros.h"
#include "domain/area_instrument.h"

namespace marac::rpc {
namespace {

using config::v1::Limits;
using config::v1::Log;
using config::v1::ServerConfig;

// Keeps the first error: those after it are mostly its consequences.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string_view name) : name_(name) {}

  // Lines and columns count from 0 here, and from 1 in every editor.
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text_.empty()) text_ = fmt::format("{}:{}:{}: {}", name_, line + 1, column + 1, message);
  }

  absl::Status status() const {
    return absl::InvalidArgumentError(text_.empty() ? fmt::format("{}: is not a configuration", name_)
                                                    : text_);
  }

 private:
  const std::string name_;
  std::string text_;
};

// One row a number: its name, default and range. The documentation in config.proto says the same.
struct Number {
  const char* name;
  int64_t fallback;
  int64_t least;
  int64_t most;
};
constexpr size_t kFileBytesMax = 64 << 10;
constexpr int64_t kHour = 3'600'000;
constexpr int64_t kMiB = 1 << 20;
constexpr Number kLimits[] = {
    {"connections_max", 2000, 1, 20'000},
    {"connections_per_source_max", 20, 1, 20'000},
    {"connections_per_web_source_max", 200, 1, 20'000},
    {"handshake_timeout_ms", 5'000, 100, 60'000},
    {"receive_message_bytes_max", 256 << 10, 1024, kMiB},
    {"send_message_bytes_max", 4 * kMiB, kMiB, 4 * kMiB},
    {"metadata_bytes_max", 8 << 10, 1024, 64 << 10},
    {"concurrent_streams_max", 128, 1, 1024},
    {"keepalive_time_ms", 60'000, 1'000, kHour},
    {"keepalive_timeout_ms", 20'000, 1'000, kHour},
    {"ping_interval_min_ms", 30'000, 1'000, kHour},
    {"ping_strikes_max", 2, 1, 100},
    {"connection_idle_max_ms", 300'000, 1'000, 24 * kHour},
    {"connection_age_max_ms", 1'800'000, 1'000, 24 * kHour},
    {"connection_age_grace_ms", 30'000, 100, kHour},
    {"memory_bytes_max", 256 * kMiB, 16 * kMiB, 16'384 * kMiB},
    {"threads_max", 128, 4, 4096},
    {"call_time_max_ms", 10'000, 1'000, 120'000},
};
constexpr Number kStopGrace = {"stop_grace_ms", 15'000, 0, 120'000};
constexpr Number kReloadInterval = {"reload_interval_ms", 60'000, 1'000, 24 * kHour};

// Fills in `row` where it is absent. By reflection, so that a row is all that a number needs.
void ApplyDefault(google::protobuf::Message& message, const Number& row) {
  const auto* field = message.GetDescriptor()->FindFieldByName(row.name);
  const auto* reflection = message.GetReflection();
  if (reflection->HasField(message, field)) return;
  if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32) {
    reflection->SetInt32(&message, field, static_cast<int32_t>(row.fallback));
  } else {
    reflection->SetInt64(&message, field, row.fallback);
  }
}

absl::Status CheckRange(const google::protobuf::Message& message, const Number& row,
                        std::string_view prefix) {
  const auto* field = message.GetDescriptor()->FindFieldByName(row.name);
  const auto* reflection = message.GetReflection();
  const int64_t value = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32
                            ? reflection->GetInt32(message, field)
                            : reflection->GetInt64(message, field);
  if (value >= row.least && value <= row.most) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}{}: give a number from {} to {}; it is {}", prefix,
                                                row.name, row.least, row.most, value));
}

constexpr std::string_view kCredentials = "$CREDENTIALS_DIRECTORY/";

absl::Status ResolvePath(std::string_view setting, std::string_view folder, bool required,
                         std::string* path) {
  if (path->empty()) {
    if (!required) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("{}: is missing; give a path", setting));
  }
  if (path->find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(fmt::format("{}: has a zero byte in it; give a path", setting));
  }
  if (path->compare(0, kCredentials.size(), kCredentials) == 0) {
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    if (credentials == nullptr || *credentials == '\0') {
      return absl::InvalidArgumentError(fmt::format(
          "{}: names $CREDENTIALS_DIRECTORY, which is not set; start maracd by systemd or give another path",
          setting));
    }
    *path = fmt::format("{}/{}", credentials, path->substr(kCredentials.size()));
  } else if (path->front() != '/') {
    *path = fmt::format("{}/{}", folder, *path);
  }
  return absl::OkStatus();
}

absl::Status CheckOrigin(std::string_view origin) {
  constexpr std::string_view kPrefix = "marac.";
  const bool plain = std::all_of(origin.begin(), origin.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (origin.size() <= kPrefix.size() || origin.size() > 128 || origin.substr(0, kPrefix.size()) != kPrefix ||
      !plain) {
    return absl::InvalidArgumentError(
        "area_origin: give \"marac.\" and a name of lower-case letters, digits and hyphens, for instance "
        "marac.milton-keynes");
  }
  return absl::OkStatus();
}

constexpr int kOwnerKeysMax = 100;

absl::Status CheckOwnerKeys(const ServerConfig& config) {
  if (config.pack_owner_keys_size() > kOwnerKeysMax) {
    return absl::InvalidArgumentError(fmt::format("pack_owner_keys: give at most {}", kOwnerKeysMax));
  }
  for (int i = 0; i < config.pack_owner_keys_size(); ++i) {
    const absl::StatusOr<domain::OwnerKey> key = domain::ParseOwnerKey(config.pack_owner_keys(i));
    if (!key.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("pack_owner_keys[{}]: {}", i, std::string(key.status().message())));
    }
  }
  return absl::OkStatus();
}

absl::Status Complete(std::string_view folder, ServerConfig& config) {
  if (config.listen_address().empty()) config.set_listen_address("127.0.0.1:8443");
  RETURN_IF_ERROR(CheckOrigin(config.area_origin()));
  RETURN_IF_ERROR(ResolvePath("data_directory", folder, /*required=*/true, config.mutable_data_directory()));
  RETURN_IF_ERROR(
      ResolvePath("checkpoint_directory", folder, /*required=*/true, config.mutable_checkpoint_directory()));
  auto& keys = *config.mutable_keys();
  RETURN_IF_ERROR(
      ResolvePath("keys.database_key_file", folder, /*required=*/true, keys.mutable_database_key_file()));
  RETURN_IF_ERROR(
      ResolvePath("keys.audit_key_file", folder, /*required=*/true, keys.mutable_audit_key_file()));
  RETURN_IF_ERROR(ResolvePath("keys.app_key_file", folder, /*required=*/true, keys.mutable_app_key_file()));
  auto& tls = *config.mutable_tls();
  RETURN_IF_ERROR(ResolvePath("tls.certificate_chain_file", folder, /*required=*/true,
                              tls.mutable_certificate_chain_file()));
  RETURN_IF_ERROR(
      ResolvePath("tls.private_key_file", folder, /*required=*/true, tls.mutable_private_key_file()));
  RETURN_IF_ERROR(ResolvePath("tls.authority_file", folder, /*required=*/true, tls.mutable_authority_file()));
  ApplyDefault(tls, kReloadInterval);
  RETURN_IF_ERROR(CheckRange(tls, kReloadInterval, "tls."));
  auto& log = *config.mutable_log();
  if (log.level() == Log::LEVEL_UNSPECIFIED) log.set_level(Log::LEVEL_INFO);
  RETURN_IF_ERROR(ResolvePath("log.file", folder, /*required=*/false, log.mutable_file()));
  ApplyDefaults(*config.mutable_limits());
  for (const Number& row : kLimits) RETURN_IF_ERROR(CheckRange(config.limits(), row, "limits."));
  RETURN_IF_ERROR(CheckOwnerKeys(config));
  ApplyDefault(config, kStopGrace);
  return CheckRange(config, kStopGrace, "");
}

}  // namespace

void ApplyDefaults(Limits& limits) {
  for (const Number& row : kLimits) ApplyDefault(limits, row);
}

absl::StatusOr<ServerConfig> ParseServerConfig(const std::string& text, std::string_view name,
                                               std::string_view folder) {
  FirstError error(name);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(10);
  ServerConfig config;
  if (!parser.ParseFromString(text, &config)) return error.status();
  if (const absl::Status status = Complete(folder, config); !status.ok()) {
    return absl::Status(status.code(), fmt::format("{}: {}", name, std::string(status.message())));
  }
  return config;
}

absl::StatusOr<ServerConfig> LoadServerConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path, kFileBytesMax));
  const size_t slash = path.rfind('/');
  return ParseServerConfig(text, path, slash == std::string::npos ? "." : path.substr(0, slash));
}

}  // namespace marac::rpc
