// A client for tests: any method of any service, with deadline, token and request_id, and the error as the
// server made it.
#ifndef MARAC_TESTS_SUPPORT_CLIENT_H_
#define MARAC_TESTS_SUPPORT_CLIENT_H_

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/pki.h"
#include "marac/v1/access_service.grpc.pb.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "marac/v1/assessment_service.grpc.pb.h"
#include "marac/v1/audit_service.grpc.pb.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/demo_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/document_service.grpc.pb.h"
#include "marac/v1/instrument_service.grpc.pb.h"
#include "marac/v1/meeting_service.grpc.pb.h"
#include "marac/v1/pilot_service.grpc.pb.h"
#include "marac/v1/referral_service.grpc.pb.h"
#include "marac/v1/research_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::testing {

// A random UUID, for request_id.
std::string NewUuid();

// Gives `request` a fresh request_id when it has such a field and it is empty.
void FillRequestId(google::protobuf::Message& request);

// The status of a call as the server made it, with its ErrorDetail (domain::DetailOf).
absl::Status ToAbsl(const grpc::Status& status);

// A second server, which is told whatever the first is told, for tests that compare the two.
struct Twin {
  // Before a new call; and before the same call is made again, to the second.
  std::function<void()> begin;
  std::function<void()> again;
};

// Somebody who is signed in, or a program without a person.
class Client {
 public:
  Client() = default;
  Client(std::shared_ptr<grpc::Channel> channel, std::string token, std::string account)
      : channel_(std::move(channel)), token_(std::move(token)), account_(std::move(account)) {}

  const std::string& account() const { return account_; }  // "accounts/..."
  const std::string& token() const { return token_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // The same caller at another server, or at the same one after it was started again.
  Client At(std::shared_ptr<grpc::Channel> channel) const { return Client(channel, token_, account_); }
  // Makes every call to a second server as well; what it answers is not looked at.
  Client WithTwin(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<const Twin> twin) const;
  // Null: there is no second server.
  const std::shared_ptr<const Twin>& twin() const { return twin_; }
  const std::shared_ptr<grpc::Channel>& twin_channel() const { return twin_channel_; }

  // client.Call(&v1::ReferralService::Stub::SaveDraft, request)
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Request request) const {
    FillRequestId(request);
    if (twin_ != nullptr) twin_->begin();
    absl::StatusOr<Response> answer = CallAt(channel_, method, request);
    if (twin_ != nullptr) {
      twin_->again();
      CallAt(twin_channel_, method, request).IgnoreError();
    }
    return answer;
  }

  // Deadline and token.
  void Prepare(grpc::ClientContext& context) const;

 private:
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallAt(const std::shared_ptr<grpc::Channel>& channel,
                                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                                  const Request& request) const {
    grpc::ClientContext context;
    Prepare(context);
    Stub stub(channel);
    Response response;
    const absl::Status status = ToAbsl((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
  std::string account_;
  std::shared_ptr<grpc::Channel> twin_channel_;
  std::shared_ptr<const Twin> twin_;
};

// A connection of its own to 127.0.0.1:`port`, showing `identity`; null shows no certificate.
std::shared_ptr<grpc::Channel> TlsChannel(int port, const std::string& root_pem,
                                          const pki::Identity* identity);

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_CLIENT_H_
