// maracd as a process of its own, made by maracd's own set-up in a folder of its own: for tests that kill it
// and for the bench.
#ifndef MARAC_TESTS_SUPPORT_SERVER_PROCESS_H_
#define MARAC_TESTS_SUPPORT_SERVER_PROCESS_H_

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/pki.h"
#include "tests/support/client.h"
#include "tests/support/new_area.h"

namespace marac::testing {

class ServerProcess {
 public:
  static constexpr char kArea[] = "areas/test";
  static constexpr const char* kPassword = kTestPassword;

  // Makes an installation with the agency "council" and its administrator; nothing runs yet. Ends the program
  // when something of it fails.
  ServerProcess();
  ~ServerProcess();  // Kills what runs and removes the folder.
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Starts maracd with these variables added to its environment, and waits until it serves. False when it
  // ended before that.
  bool Start(const std::vector<std::string>& environment = {});
  // SIGKILL, and waits for the end.
  void Kill();
  // SIGTERM, waits, and returns its exit code.
  int Stop();
  // Whether it has ended by itself (or by a signal) meanwhile.
  bool HasEnded();
  pid_t pid() const { return pid_; }
  int port() const { return port_; }

  // Runs another subcommand to its end and returns its exit code.
  int Run(const std::vector<std::string>& arguments) const;

  const std::string& folder() const { return folder_; }
  std::string config_file() const { return folder_ + "/maracd.textproto"; }

  // A new connection as the web program, which serves people of every agency.
  std::shared_ptr<grpc::Channel> Channel() const { return ChannelTo(port_); }
  // The same to another server that has this installation's certificates.
  std::shared_ptr<grpc::Channel> ChannelTo(int port) const { return TlsChannel(port, root_pem_, &web_); }
  Client SignIn(const std::string& login) const;
  // Makes a person, approved by a second administrator where that is needed; maracd must be serving.
  void AddAccount(const std::string& login, const std::string& agency, v1::Role role) const;
  void AddAgency(const std::string& word) const;

 private:
  std::string folder_;
  int port_ = 0;
  pid_t pid_ = -1;
  std::string root_pem_;
  pki::Identity web_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_SERVER_PROCESS_H_
