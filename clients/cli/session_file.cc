#include "cli/session_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/file.h"
#include "base/secret.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "domain/text_proto.h"

namespace marac::cli {
namespace {

constexpr size_t kSessionBytesMax = 8192;

absl::Status NotSignedIn(std::string_view why) {
  return absl::UnauthenticatedError(fmt::format("{}; sign in with: marac sign-in LOGIN", why));
}

// Makes `path` and what is missing above it, each for this user alone.
absl::Status MakePrivateFolder(const std::string& path) {
  struct stat facts = {};
  if (stat(path.c_str(), &facts) == 0) {
    if (S_ISDIR(facts.st_mode)) return absl::OkStatus();
    return SetUpError(fmt::format("{}: is not a folder; the session cannot be kept there", path));
  }
  if (const size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
    RETURN_IF_ERROR(MakePrivateFolder(path.substr(0, slash)));
  }
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return SetUpError(fmt::format("{}: cannot make this folder ({})", path, std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SaveSession(const std::string& path, const config::v1::ClientSession& session) {
  if (const size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
    RETURN_IF_ERROR(MakePrivateFolder(path.substr(0, slash)));
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(session, &text);
  const absl::Status written = WriteFileDurably(path, text, 0600, IfExists::kReplace);
  WipeString(text);
  return written.ok() ? written : SetUpError(std::string(written.message()));
}

absl::StatusOr<config::v1::ClientSession> LoadSession(const std::string& path,
                                                      const std::string& server_address,
                                                      const std::string& certificate_fingerprint) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.ok()) {
    if (errno == ENOENT) return NotSignedIn("nobody is signed in here");
    return SetUpError(fmt::format("{}: cannot be read ({})", path, std::strerror(errno)));
  }
  if (const absl::Status safe = CheckHoldsSecret(file); !safe.ok()) {
    return SetUpError(fmt::format("{}: {}", path, std::string(safe.message())));
  }
  std::string text(kSessionBytesMax, '\0');
  ASSIGN_OR_RETURN(const size_t size, ReadUpTo(file, text.data(), text.size()));
  config::v1::ClientSession session;
  const bool fits = size <= text.size();
  text.resize(fits ? size : 0);
  const absl::Status parsed = domain::ParseTextProto(text, "session", session);
  WipeString(text);
  // gRPC ends the process over a header that is no printable text.
  const bool printable = std::ranges::all_of(session.token(), [](char c) { return c > ' ' && c <= '~'; });
  if (!fits || !parsed.ok() || session.token().empty() || !printable) {
    return NotSignedIn(fmt::format("{}: is not a session of marac", path));
  }
  if (session.server_address() != server_address ||
      session.certificate_fingerprint() != certificate_fingerprint) {
    return NotSignedIn("the session here is for another server or another certificate");
  }
  return session;
}

absl::Status RemoveSession(const std::string& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return SetUpError(fmt::format("{}: cannot be removed ({})", path, std::strerror(errno)));
}

}  // namespace marac::cli
