// A whole real server for tests: maracd's own set-up and host, a SQLCipher file in a folder of its own,
// mutual TLS on loopback, one area with agencies, and a person for each role. Passwords are hashed at a low
// cost, nothing else differs.
#ifndef MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_
#define MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/pki.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "marac/v1/assessment_service.grpc.pb.h"
#include "marac/v1/audit_service.grpc.pb.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/demo_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/meeting_service.grpc.pb.h"
#include "marac/v1/referral_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"
#include "rpc/host.h"

namespace marac::testing {

// Gives `request` a fresh request_id when it has such a field and it is empty.
void FillRequestId(google::protobuf::Message& request);

// The status of a call as the server made it, with its ErrorDetail (domain::DetailOf).
absl::Status ToAbsl(const grpc::Status& status);

// Somebody who is signed in, or a program without a person.
class Client {
 public:
  Client() = default;
  Client(std::shared_ptr<grpc::Channel> channel, std::string token, std::string account)
      : channel_(std::move(channel)), token_(std::move(token)), account_(std::move(account)) {}

  const std::string& account() const { return account_; }  // "accounts/..."
  const std::string& token() const { return token_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // client.Call(&v1::ReferralService::Stub::SaveDraft, request)
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Request request) const {
    FillRequestId(request);
    grpc::ClientContext context;
    Prepare(context);
    Stub stub(channel_);
    Response response;
    const absl::Status status = ToAbsl((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // Deadline and token.
  void Prepare(grpc::ClientContext& context) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
  std::string account_;
};

class ServerFixture {
 public:
  static constexpr char kArea[] = "areas/test";
  static constexpr char kPassword[] = "not a real password";

  // Ends the test program when something of it fails. `security_clock` replaces the real one and outlives
  // this.
  explicit ServerFixture(const SecurityClock* security_clock = nullptr);
  ~ServerFixture();  // Stops the server and removes the folder.

  // One for the whole test program: starting takes a second. Tests that stop the server or change its
  // settings make one of their own.
  static ServerFixture& Shared();

  // A person by login, signed in once and kept. Logins are ROLE.AGENCY, all in areas/test:
  //   referrer.police referrer.housing idva.idva representative.police representative.housing
  //   representative.health supervisor.police coordinator.council chair.police minutes.council
  //   steering.council auditor.council privacy.police admin.council
  // Agencies: agencies/council police idva (the IDVA service) housing health csc (children's social care).
  const Client& As(const std::string& login);
  // A new session of that person.
  Client SignIn(const std::string& login, const std::string& password = kPassword);
  // No token, through the first program.
  Client Nobody();
  // An agency's own system, enrolled for `agency` ("police").
  const Client& SystemOf(const std::string& agency);

  // Makes another person; the login is returned by As as well.
  v1::Account AddAccount(const std::string& login, const std::string& agency,
                         const std::vector<v1::Role>& roles, const std::string& area = kArea);
  absl::Time Now();                 // the business clock
  void AdvanceTo(absl::Time time);  // only forward

  // Stops and starts on the same data.
  void Restart();
  rpc::Host& host() { return *host_; }
  const std::string& folder() const { return folder_; }
  // Of the first program (agencies/council's command line), and the web program's.
  const pki::Identity& cli() const { return cli_; }
  const pki::Identity& web() const { return web_; }
  std::shared_ptr<grpc::Channel> Channel(const pki::Identity* identity) const;

 private:
  void Start();
  void Fill();

  const SecurityClock* const security_clock_;
  std::string folder_;
  std::unique_ptr<rpc::Host> host_;
  pki::Identity cli_;
  pki::Identity web_;
  std::string root_pem_;
  std::shared_ptr<grpc::Channel> web_channel_;
  std::map<std::string, Client> clients_;
  std::map<std::string, std::string> accounts_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_
