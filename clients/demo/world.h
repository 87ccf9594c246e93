// The people of the demonstration area at work: each signed in, calling maracd over mutual TLS as themselves.
#ifndef MARAC_DEMO_WORLD_H_
#define MARAC_DEMO_WORLD_H_

#include <map>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/secret.h"
#include "base/status_macros.h"
#include "cli/connection.h"
#include "domain/errors.h"
#include "marac/v1/directory.pb.h"

namespace marac::demo {

struct WorldOptions {
  std::string directory;       // what `maracd init --demonstration` made
  std::string server_address;  // "127.0.0.1:8443"
  std::string area;            // "areas/mk"
};

// Any thread may call once everybody is signed in.
class World {
 public:
  // Connects as the web program, through which people of every agency sign in.
  static absl::StatusOr<World> Open(const WorldOptions& options);

  const std::string& area() const { return options_.area; }
  const WorldOptions& options() const { return options_; }

  absl::Status SignIn(const std::string& login, const Secret& password);

  // A call as that person, who must be signed in.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::string& login,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const std::type_identity_t<Request>& request) const {
    const auto person = people_.find(login);
    if (person == people_.end()) return absl::InternalError("nobody is signed in as " + login);
    const cli::Connection& connection = person->second.connection;
    absl::StatusOr<Response> answer = connection.Call(method, request);
    // What wants somebody proved anew is asked for late in a long filling.
    if (domain::DetailOf(answer.status()).reason() != "STEP_UP_NEEDED") return answer;
    RETURN_IF_ERROR(StepUp(connection));
    return connection.Call(method, request);
  }

  // "accounts/{account}"; empty: not signed in.
  std::string AccountOf(const std::string& login) const;

  // The business clock, which the administrator moves; a moment that is over already changes nothing.
  absl::StatusOr<absl::Time> Now() const;
  absl::Status AdvanceTo(absl::Time time) const;

 private:
  struct Person {
    cli::Connection connection;
    std::string account;
  };

  absl::Status StepUp(const cli::Connection& connection) const;

  World(WorldOptions options, cli::Connection nobody)
      : options_(std::move(options)), nobody_(std::move(nobody)) {}

  WorldOptions options_;
  cli::Connection nobody_;
  std::map<std::string, Person> people_;
  Secret password_;  // everybody's
};

// Makes agencies, their people with this password, and enrols each agency's command line, whose certificate
// is in `directory`/programs/{agency}-cli.pem. The administrator must be signed in; afterwards everybody is.
absl::Status MakePeople(World& world, const Secret& password);

}  // namespace marac::demo

#endif  // MARAC_DEMO_WORLD_H_
