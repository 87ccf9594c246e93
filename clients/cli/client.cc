#include "cli/client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/file.h"
#include "cli/exit_code.h"
#include "cli/field_words.h"
#include "cli/prompt.h"
#include "cli/session_file.h"
#include "cli/settings.h"
#include "cli/sign_in.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

// More than the server reads in one message.
constexpr size_t kJsonBytesMax = 2 << 20;

}  // namespace

absl::StatusOr<config::v1::ClientConfig> Client::Config() {
  if (!config_.has_value()) {
    ASSIGN_OR_RETURN(config_, LoadClientConfig(flags_.config_file, flags_.config));
  }
  return *config_;
}

absl::StatusOr<std::string> Client::Area() {
  ASSIGN_OR_RETURN(const config::v1::ClientConfig config, Config());
  if (config.area().empty())
    return SetUpError("area: is missing; set it in the configuration file or by --area");
  return config.area().find('/') == std::string::npos ? "areas/" + config.area() : config.area();
}

absl::Status Client::Connect() {
  if (connection_.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const config::v1::ClientConfig config, Config());
  ASSIGN_OR_RETURN(connection_, Connection::Open(config, [this](std::string_view line) { Note(line); }));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Client::SessionPath() {
  RETURN_IF_ERROR(Connect());
  return cli::SessionPath(*config_, connection_->certificate_fingerprint());
}

absl::Status Client::UseSession() {
  if (session_.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string path, SessionPath());
  ASSIGN_OR_RETURN(session_,
                   LoadSession(path, config_->server_address(), connection_->certificate_fingerprint()));
  connection_->set_token(session_->token());
  return absl::OkStatus();
}

absl::Status Client::KeepSession(config::v1::ClientSession session) {
  ASSIGN_OR_RETURN(const std::string path, SessionPath());
  session.set_server_address(config_->server_address());
  session.set_certificate_fingerprint(connection_->certificate_fingerprint());
  RETURN_IF_ERROR(SaveSession(path, session));
  connection_->set_token(session.token());
  session_ = std::move(session);
  return absl::OkStatus();
}

absl::StatusOr<config::v1::ClientSession> Client::Session() {
  RETURN_IF_ERROR(UseSession());
  return *session_;
}

absl::Status Client::RememberHasCode() {
  ASSIGN_OR_RETURN(config::v1::ClientSession session, Session());
  session.set_has_code(true);
  return KeepSession(std::move(session));
}

absl::StatusOr<v1::Session> Client::SignIn(const std::string& login, const Secret& password,
                                           const std::string& code) {
  using SessionStub = v1::SessionService::Stub;
  v1::SignInRequest request;
  request.set_login(login);
  request.set_password(std::string(password.Reveal()));
  request.set_code(code);
  absl::StatusOr<v1::Session> session = CallUnsigned(&SessionStub::SignIn, request, {.repeat = false});
  WipeString(*request.mutable_password());
  if (absl::IsUnauthenticated(session.status())) {
    // Whoever is told this has just tried to sign in.
    return SignInRefused(session.status());
  }
  RETURN_IF_ERROR(session.status());

  config::v1::ClientSession kept;
  kept.set_login(login);
  kept.set_token(session->token());
  *kept.mutable_expire_time() = session->expire_time();
  // The first call with the session also says whether this is a demonstration, and how it is unlocked. Only a
  // session that it showed to be good takes the place of the one that is kept.
  const std::optional<config::v1::ClientSession> before = std::exchange(session_, kept);
  connection_->set_token(kept.token());
  const absl::StatusOr<v1::Caller> caller = Call(&SessionStub::GetCaller, {});
  if (!caller.ok()) {
    session_ = before;
    connection_->set_token(before.has_value() ? before->token() : std::string());
    return caller.status();
  }
  kept.set_demonstration(caller->demonstration());
  kept.set_has_code(caller->has_code());
  RETURN_IF_ERROR(KeepSession(kept));
  return session;
}

bool Client::StepUp(const absl::Status& status) {
  // A script's next line is an answer of its form, and no password.
  if (ReasonOf(status) != "STEP_UP_NEEDED" || !terminal_.interactive()) return false;
  const ProofFlags proof = {.with_code = session_->has_code(), .code_if_refused = true};
  return ProveAgain("This wants you proved anew", [&] { return StepUpAsking(*this, proof).status(); });
}

bool Client::TryAgain(const absl::Status& status) {
  if (!terminal_.interactive()) return false;
  if (ReasonOf(status) == "STEP_UP_NEEDED") return StepUp(status);
  switch (ExitCodeOf(status)) {
    case ExitCode::kNotSignedIn: {
      const ProofFlags proof = {.with_code = session_->has_code()};
      if (ReasonOf(status) == "SESSION_LOCKED") {
        return ProveAgain("Your session is locked", [&] { return UnlockAsking(*this, proof).status(); });
      }
      const std::string login = session_->login();
      return ProveAgain("Your session has ended", [&] {
        return SignInAsking(*this, login, fmt::format("Password of {}: ", Printable(login)), proof).status();
      });
    }
    case ExitCode::kTryAgain: {
      ShowError(status);
      const auto key = AskKey(terminal_, "What you typed is still here",
                              {{'r', "try again"}, {'q', "give up, and lose what is not saved"}});
      return key.ok() && *key == 'r';
    }
    default:
      return false;
  }
}

bool Client::ProveAgain(std::string_view why, const std::function<absl::Status()>& prove) {
  terminal_.Write(fmt::format("\n{}. What you typed is still here.\n", why));
  for (;;) {
    const absl::Status proved = prove();
    if (proved.ok()) return true;
    ShowError(proved);
    const auto key = AskKey(terminal_, "What you typed is still here",
                            {{'r', "try again"}, {'q', "give up, and lose what is not saved"}});
    if (!key.ok() || *key != 'r') return false;
  }
}

absl::Status Client::ForgetSession() {
  ASSIGN_OR_RETURN(const std::string path, SessionPath());
  session_.reset();
  connection_->set_token({});
  return RemoveSession(path);
}

void Client::Show(const google::protobuf::Message& answer, std::string_view text) {
  if (flags_.json) {
    std::fputs(ToJson(answer).c_str(), stdout);
  } else {
    if (session_.has_value() && session_->demonstration()) {
      Note("demonstration: invented people and a simulated clock");
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  std::fflush(stdout);
}

absl::Status Client::ReadInput(const JsonInput& input, google::protobuf::Message& message) {
  flags_.json = flags_.json || input.given;
  return input.file.empty() ? absl::OkStatus() : ReadJson(input.file, message);
}

void Client::Note(std::string_view line) {
  if (!flags_.quiet) terminal_.Write(Paragraph(line));
}

void Client::ShowError(const absl::Status& status) {
  const v1::ErrorDetail detail = domain::DetailOf(status);
  const std::string sentence(status.message());
  if (flags_.json) {
    google::protobuf::Struct error;
    auto& fields = *error.mutable_fields();
    fields["code"].set_string_value(absl::StatusCodeToString(status.code()));
    fields["message"].set_string_value(sentence);
    fields["reason"].set_string_value(detail.reason());
    auto& violations = *fields["field_violations"].mutable_list_value();
    for (const v1::FieldViolation& violation : detail.field_violations()) {
      auto& entry = *violations.add_values()->mutable_struct_value()->mutable_fields();
      entry["field"].set_string_value(violation.field());
      entry["description"].set_string_value(violation.description());
    }
    terminal_.Write(ToJson(error));
    return;
  }
  std::string text;
  if (detail.field_violations().empty()) {
    text = Paragraph("marac: " + sentence);
  } else {
    // The sentence of a refusal about fields names the first of them; all follow below.
    const bool repeats = sentence.starts_with(detail.field_violations(0).field() + ": ");
    text = Paragraph(repeats ? "marac: please look at these fields" : "marac: " + sentence);
    for (const v1::FieldViolation& violation : detail.field_violations()) {
      // A field of a referral has words of its own; others are told by the name that a file has for them.
      const std::string& field = violation.field();
      text += Paragraph(fmt::format("{}: {}", field.starts_with("referral.") ? QuestionOf(field) : field,
                                    violation.description()),
                        /*indent=*/2);
    }
  }
  if (detail.reason() == "SESSION_LOCKED") {
    text += "Unlock it with: marac session unlock\n";
  } else if (detail.reason() == "STEP_UP_NEEDED") {
    text += "Prove it with: marac session step-up, and give the same command again\n";
  } else if (NeedsSignIn(status) && sentence.find("sign-in") == std::string::npos) {
    text += "Sign in with: marac sign-in LOGIN\n";
  }
  terminal_.Write(text);
}

std::string ReasonOf(const absl::Status& status) { return domain::DetailOf(status).reason(); }

absl::Status ReadJson(const std::string& path, google::protobuf::Message& message) {
  std::string text;
  const std::string name = path == "-" ? "standard input" : path;
  const FileDescriptor opened(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.ok()) {
    return absl::InvalidArgumentError(fmt::format("{}: cannot be read ({})", name, std::strerror(errno)));
  }
  text.resize(kJsonBytesMax);
  ASSIGN_OR_RETURN(const size_t size, ReadUpTo(opened, text.data(), text.size()));
  if (size > kJsonBytesMax) {
    return absl::InvalidArgumentError(fmt::format("{}: is longer than {} bytes", name, kJsonBytesMax));
  }
  text.resize(size);
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, &message);
  if (parsed.ok()) return absl::OkStatus();
  // The parser quotes the text around a mistake, and that may be about a person: on this person's own screen
  // only.
  return absl::InvalidArgumentError(fmt::format("{}: is not the JSON of a {} ({})", name,
                                                message.GetDescriptor()->name(),
                                                std::string(parsed.message())));
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = true;
  std::string json;
  // Fails for messages with an Any alone, and the contract has none.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}\n";
  return json;
}

}  // namespace marac::cli
