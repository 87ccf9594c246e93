// A whole real server for tests: maracd's own set-up and host, a SQLCipher file in a folder of its own,
// mutual TLS on loopback, one area with agencies, and a person for each role. Passwords are hashed at a low
// cost, nothing else differs.
#ifndef MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_
#define MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/pki.h"
#include "rpc/host.h"
#include "tests/support/client.h"
#include "tests/support/new_area.h"

namespace marac::testing {

class ServerFixture {
 public:
  static constexpr char kArea[] = "areas/test";
  static constexpr const char* kPassword = kTestPassword;

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
  // Makes another area that these agencies are members of as well, administered by admin.council: "elsewhere"
  // makes areas/elsewhere. There is no call for that, because an area is made with its installation.
  void AddArea(const std::string& word, const std::vector<std::string>& agencies);
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
