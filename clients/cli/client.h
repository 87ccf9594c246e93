// What every command works with: settings, connection, session, the person at the keyboard, and one way to
// show an answer.
#ifndef MARAC_CLI_CLIENT_H_
#define MARAC_CLI_CLIENT_H_

#include <google/protobuf/message.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "cli/connection.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "marac/config/v1/client.pb.h"
#include "marac/v1/session_service.pb.h"

namespace marac::cli {

// What the command line says beside the command.
struct GlobalFlags {
  std::string config_file;
  config::v1::ClientConfig config;  // wins over the file
  bool json = false;
  bool quiet = false;
};

// The --json of a command that also reads JSON: bare, it asks for the answer in JSON; with a file, for both.
struct JsonInput {
  bool given = false;
  std::string file;  // empty: none
};

inline constexpr int kPageSizeMax = 100;

class Client {
 public:
  explicit Client(Terminal& terminal) : terminal_(terminal) {}

  // Filled in by the command line before anything below is called.
  GlobalFlags& flags() { return flags_; }
  Terminal& terminal() { return terminal_; }

  // Settings with the flags on top; read once.
  absl::StatusOr<config::v1::ClientConfig> Config();
  // "areas/mk", from settings as "areas/mk" or "mk".
  absl::StatusOr<std::string> Area();
  // Where this server's and certificate's session is kept.
  absl::StatusOr<std::string> SessionPath();

  // A call as whoever is signed in. Where it wants them proved anew, they are asked for that at the terminal,
  // and it is made again, the same call with one request_id.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const std::type_identity_t<Request>& request,
                                const CallOptions& options = {}) {
    RETURN_IF_ERROR(UseSession());
    Request sent(request);
    Connection::EnsureRequestId(sent);
    for (;;) {
      absl::StatusOr<Response> answer = connection_->Call(method, sent, options);
      if (answer.ok() || !StepUp(answer.status())) return answer;
    }
  }
  // A call as nobody yet.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallUnsigned(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                                     Response*),
                                        const std::type_identity_t<Request>& request,
                                        const CallOptions& options = {}) {
    RETURN_IF_ERROR(Connect());
    return connection_->Call(method, Request(request), options);
  }

  // The same for what somebody has typed and the server does not have yet. While the session has ended or
  // there is no answer, the person may sign in or try again where they are; it is the same call, with one
  // request_id, until it is answered or given up.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallWithTyped(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                                      Response*),
                                         std::type_identity_t<Request> request,
                                         const CallOptions& options = {}) {
    RETURN_IF_ERROR(UseSession());
    Connection::EnsureRequestId(request);
    for (;;) {
      absl::StatusOr<Response> answer = connection_->Call(method, request, options);
      if (answer.ok() || !TryAgain(answer.status())) return answer;
    }
  }

  // Signs in and keeps the session. `code` is empty for an account without one-time codes.
  absl::StatusOr<v1::Session> SignIn(const std::string& login, const Secret& password,
                                     const std::string& code);
  // What is kept of who is signed in.
  absl::StatusOr<config::v1::ClientSession> Session();
  // Keeps that this account has one-time codes.
  absl::Status RememberHasCode();

  // Calls a List method page by page into one answer, until there are `limit` rows (0: all) in the field
  // `rows`. An answer that was cut at the limit keeps its next_page_token, and a note says that there is
  // more.
  template <typename Stub, typename Request, typename Response, typename Row>
  absl::StatusOr<Response> List(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                std::type_identity_t<Request> request,
                                const google::protobuf::RepeatedPtrField<Row>& (Response::*rows)() const,
                                int limit) {
    Response all;
    for (;;) {
      const int size = (all.*rows)().size();
      if (limit > 0 && size >= limit) break;
      request.set_page_size(limit > 0 ? std::min(limit - size, kPageSizeMax) : kPageSizeMax);
      ASSIGN_OR_RETURN(const Response page, Call(method, request));
      all.MergeFrom(page);
      all.set_next_page_token(page.next_page_token());
      if (page.next_page_token().empty()) return all;
      request.set_page_token(page.next_page_token());
      if (limit == 0) Note(std::to_string((all.*rows)().size()) + " read so far");
    }
    Note("there are more; --limit 0 shows all");
    return all;
  }

  // Calls, and shows the answer in one line (or as JSON): for what changes a record.
  template <typename Stub, typename Request, typename Response>
  absl::Status CallAndSum(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                          const std::type_identity_t<Request>& request) {
    ASSIGN_OR_RETURN(const Response answer, Call(method, request));
    Show(answer, SummaryText(answer));
    return absl::OkStatus();
  }
  // Calls, and shows the whole answer: for what reads one record.
  template <typename Stub, typename Request, typename Response>
  absl::Status CallAndShow(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                           const std::type_identity_t<Request>& request) {
    ASSIGN_OR_RETURN(const Response answer, Call(method, request));
    Show(answer, RecordText(answer));
    return absl::OkStatus();
  }

  // The answer of a command, once: `text` for people, or the message as JSON. In a demonstration people are
  // told so first.
  void Show(const google::protobuf::Message& answer, std::string_view text);

  // Does what a command's own --json says: the answer will be JSON, and `message` is read from its file if it
  // has one.
  absl::Status ReadInput(const JsonInput& input, google::protobuf::Message& message);

  // A line for the person about what goes on; not with --quiet.
  void Note(std::string_view line);
  // What went wrong, on standard error: a sentence and a line a field, or one JSON document with --json.
  void ShowError(const absl::Status& status);

  // Ends the session of this server and certificate.
  absl::Status ForgetSession();

 private:
  absl::Status Connect();
  absl::Status KeepSession(config::v1::ClientSession session);
  absl::Status UseSession();
  // Whether a call that ended so is to be made again, after the person has done something about it.
  bool TryAgain(const absl::Status& status);
  // Whether that was the refusal, and the person has proved who they are.
  bool StepUp(const absl::Status& status);
  // Has the person prove who they are, until it succeeds or they give up.
  bool ProveAgain(std::string_view why, const std::function<absl::Status()>& prove);

  Terminal& terminal_;
  GlobalFlags flags_;
  std::optional<config::v1::ClientConfig> config_;
  std::optional<Connection> connection_;
  std::optional<config::v1::ClientSession> session_;
};

// What the server says to programs about why it refused, "SESSION_LOCKED"; empty when it does not.
std::string ReasonOf(const absl::Status& status);

// Reads a message from a JSON file, or from standard input for "-". INVALID_ARGUMENT names the file and the
// place.
absl::Status ReadJson(const std::string& path, google::protobuf::Message& message);
// The message as one JSON document, every field with its name in the contract.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace marac::cli

#endif  // MARAC_CLI_CLIENT_H_
