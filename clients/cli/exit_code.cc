#include "cli/exit_code.h"

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "domain/errors.h"

namespace marac::cli {
namespace {

// A status of this program's own says how it ends in a payload, because canonical codes belong to the server.
constexpr char kExitCodeUrl[] = "marac.cli/exit-code";

absl::Status Ending(ExitCode code, absl::StatusCode canonical, std::string_view sentence) {
  absl::Status status(canonical, absl::string_view(sentence.data(), sentence.size()));
  status.SetPayload(kExitCodeUrl, absl::Cord(std::string(1, static_cast<char>(code))));
  return status;
}

}  // namespace

const char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  a mistake in marac or in the server\n"
    "  2  the command line is wrong\n"
    "  3  not signed in, the session has ended, or you are asked to prove anew that it is you\n"
    "  4  not allowed, or not found or not open to you\n"
    "  5  wrong or missing input; every field is named\n"
    "  6  somebody changed it meanwhile, or it is not in a state for this\n"
    "  7  the server is busy or cannot be reached: try again\n"
    "  8  the audit chain or a checkpoint does not hold\n"
    "  9  configuration, certificate, key or session file of this machine\n";

ExitCode ExitCodeOf(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kExitCodeUrl)) {
    return static_cast<ExitCode>(std::string(*payload).at(0));
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kNotSignedIn;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotOpen;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kWrongInput;
    case absl::StatusCode::kFailedPrecondition:
      // To be proved anew is to sign in again, as scripts see it.
      if (domain::DetailOf(status).reason() == "STEP_UP_NEEDED") return ExitCode::kNotSignedIn;
      // Fields that are missing are the caller's to fill in; a state is not.
      return domain::DetailOf(status).field_violations().empty() ? ExitCode::kChanged : ExitCode::kWrongInput;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kChanged;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kTryAgain;
    case absl::StatusCode::kDataLoss:
      return ExitCode::kAuditBad;
    default:
      return ExitCode::kFailed;
  }
}

absl::Status SignInRefused(const absl::Status& status) {
  absl::Status refused = status;
  refused.SetPayload(kExitCodeUrl, absl::Cord(std::string(1, static_cast<char>(ExitCode::kNotSignedIn))));
  return refused;
}

bool NeedsSignIn(const absl::Status& status) {
  return absl::IsUnauthenticated(status) && !status.GetPayload(kExitCodeUrl).has_value();
}

absl::Status UsageError(std::string_view sentence) {
  return Ending(ExitCode::kUsage, absl::StatusCode::kInvalidArgument, sentence);
}

absl::Status SetUpError(std::string_view sentence) {
  return Ending(ExitCode::kSetUp, absl::StatusCode::kFailedPrecondition, sentence);
}

absl::Status AuditBad(std::string_view sentence) {
  return Ending(ExitCode::kAuditBad, absl::StatusCode::kDataLoss, sentence);
}

}  // namespace marac::cli
