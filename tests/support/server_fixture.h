// A whole real server for tests: maracd's own set-up and host, a SQLCipher file in a folder of its own,
// mutual TLS on loopback, one area with agencies, and a person for each role. Passwords are hashed at a low
// cost, nothing else differs.
#ifndef MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_
#define MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/password.h"
#include "base/pki.h"
#include "rpc/host.h"
#include "tests/support/client.h"
#include "tests/support/new_area.h"

namespace marac::testing {

class ServerFixture {
 public:
  static constexpr char kArea[] = "areas/test";
  static constexpr const char* kPassword = kTestPassword;
  static constexpr PasswordCost kCheapPasswords = {.memory_bytes = size_t{1} << 20, .passes = 1};

  // Clocks replace the real ones and outlive this.
  struct Clocks {
    const SecurityClock* security = nullptr;
    const BusinessClock* business = nullptr;
  };

  // Ends the test program when something of it fails. `security_clock` replaces the real one and outlives
  // this.
  explicit ServerFixture(const SecurityClock* security_clock = nullptr,
                         PasswordCost password_cost = kCheapPasswords)
      : ServerFixture(Clocks{.security = security_clock}, password_cost) {}
  // On a database whose options `change_database` has the last word on: one that fails, or waits for less.
  explicit ServerFixture(std::function<void(store::DatabaseOptions&)> change_database);
  explicit ServerFixture(const Clocks& clocks, PasswordCost password_cost = kCheapPasswords,
                         std::function<void(store::DatabaseOptions&)> change_database = nullptr);
  ~ServerFixture();  // Stops the server and removes the folder.

  // One for the whole test program: starting takes a second. Tests that stop the server or change its
  // settings make one of their own.
  static ServerFixture& Shared();

  // A person by login, signed in and kept as long as what was proved then counts for everything (step-up).
  // Logins are ROLE.AGENCY, all in areas/test:
  //   referrer.police referrer.housing idva.idva representative.police representative.housing
  //   representative.health supervisor.police coordinator.council chair.police minutes.council
  //   steering.council auditor.council privacy.police admin.council, and admin2.council, who approves what
  //   takes a second administrator
  // Agencies: agencies/council police idva (the IDVA service) housing health csc (children's social care).
  const Client& As(const std::string& login);
  // A new session of that person.
  Client SignIn(const std::string& login, const std::string& password = kPassword);
  // Everybody signs in again when they are next asked for.
  void ForgetSessions();
  // No token, through the first program.
  Client Nobody();
  // An agency's own system, enrolled for `agency` ("police").
  const Client& SystemOf(const std::string& agency);

  // Makes another person, approved where that is needed; the login is returned by As as well.
  v1::Account AddAccount(const std::string& login, const std::string& agency,
                         const std::vector<v1::Role>& roles, const std::string& area = kArea);
  // What waits in this account's pending_roles, put in force by admin2.council; the account as it is then.
  v1::Account Approve(const v1::Account& account);
  // Makes another area that these agencies are members of as well, administered by admin.council
  // and admin2.council, and run by the council: "elsewhere" makes areas/elsewhere. There is no call for that,
  // because an area is made with its installation.
  void AddArea(const std::string& word, const std::vector<std::string>& agencies);
  absl::Time Now();                 // the business clock
  void AdvanceTo(absl::Time time);  // only forward

  // Stops and starts on the same data. Clients from before are of no use.
  void Restart();
  // The same, and between the two makes a copy of everything, on which a second server starts: from then on
  // they differ in nothing but what they are told.
  std::unique_ptr<ServerFixture> RestartWithACopy();
  // Clients that are made from now on tell the other server whatever they tell this one.
  void TellAsWell(const ServerFixture& other, std::shared_ptr<const Twin> twin);
  // From now on documents are made in earnest: otherwise a PDF is "%PDF-" and what would have been printed,
  // which takes a tenth of the time. Restarts.
  void PrintInEarnest(const render::RendererOptions& options = {.time_max = absl::Seconds(60)}) {
    renderer_ = options;
    Restart();
  }
  // A client from before a restart, of a person or of a program's own system, as it is now.
  Client Again(const Client& client);
  Client SystemAgain(const std::string& program_word, const Client& client);
  rpc::Host& host() { return *host_; }
  const std::string& folder() const { return folder_; }
  // Of the first program (agencies/council's command line), and the web program's.
  const pki::Identity& cli() const { return cli_; }
  const pki::Identity& web() const { return web_; }
  std::shared_ptr<grpc::Channel> Channel(const pki::Identity* identity) const;

 private:
  struct Copied {
    Clocks clocks;
    std::string folder;
    std::map<std::string, std::string> accounts;
  };
  explicit ServerFixture(const Copied& copied);
  void Start();
  void Stop();
  void Fill();
  Client Bound(const Client& client, const pki::Identity* identity);

  const Clocks clocks_;
  const std::function<void(store::DatabaseOptions&)> change_database_;
  const PasswordCost password_cost_ = kCheapPasswords;
  render::RendererOptions renderer_ = {.time_max = absl::Seconds(60),
                                       .script = "import sys; sys.stdout.write('%PDF-' + sys.stdin.read())"};
  std::string folder_;
  std::unique_ptr<rpc::Host> host_;
  pki::Identity cli_;
  pki::Identity web_;
  std::string root_pem_;
  std::shared_ptr<grpc::Channel> web_channel_;
  struct SignedIn {
    Client client;
    absl::Time until = absl::InfiniteFuture();
  };
  absl::Time SecurityNow() const;

  std::map<std::string, SignedIn> clients_;
  std::map<std::string, std::string> accounts_;
  const ServerFixture* other_ = nullptr;
  std::shared_ptr<const Twin> twin_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_SERVER_FIXTURE_H_
