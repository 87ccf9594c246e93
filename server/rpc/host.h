// A whole server: the database, its checkpoints, the gate, every service and the listener, started in order
// and stopped in the order that loses nothing.
#ifndef MARAC_RPC_HOST_H_
#define MARAC_RPC_HOST_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/password.h"
#include "base/secret.h"
#include "domain/catalogue.h"
#include "marac/config/v1/config.pb.h"
#include "render/renderer.h"
#include "rpc/gate.h"
#include "rpc/log_check.h"
#include "rpc/server.h"
#include "rpc/watch.h"
#include "store/checkpointer.h"
#include "store/database.h"

namespace marac::rpc {

// The built-in packs, policies and calendars.
absl::StatusOr<domain::Catalogue> LoadBuiltInCatalogue();

// The database's options by the configuration: its folder and its key, read from the key file.
absl::StatusOr<store::DatabaseOptions> DatabaseOptionsOf(const config::v1::ServerConfig& config);

// The checkpoints' options by the configuration: their folder, and the audit key, read from its file.
// The key with which checkpoints are checked, in the form that `marac audit check` takes.
absl::StatusOr<std::string> AuditVerifierKey(const config::v1::ServerConfig& config);
absl::StatusOr<store::CheckpointerOptions> CheckpointerOptionsOf(const config::v1::ServerConfig& config);

// What tests choose for themselves; the defaults are the product's.
struct HostOptions {
  PasswordCost password_cost;
  const SecurityClock* security_clock = nullptr;  // null: the real one
  const BusinessClock* business_clock = nullptr;  // before the demonstration's offset; null: the real one
  std::function<void(store::DatabaseOptions&)> change_database;  // a disk that fails, shorter waits
  // How long the supervisor waits for a sign of life, which `feed` gives; zero: it does not wait for any.
  absl::Duration watchdog = absl::ZeroDuration();
  Watchdog::Feed feed = {};
  render::RendererOptions renderer = {};  // a document that takes for ever
};

class Host {
 public:
  // Starts serving. Refused, each with one sentence: wrong or missing keys, a database that is older or newer
  // than this program or was put back to an earlier state, a second server on the same data, a port in use.
  static absl::StatusOr<std::unique_ptr<Host>> Start(const config::v1::ServerConfig& config,
                                                     const HostOptions& options = {});
  ~Host();  // Stops without grace when Stop was not called.

  // Refuses new connections, finishes the calls that were accepted within `grace`, makes a last checkpoint
  // and closes the database.
  void Stop(absl::Duration grace);

  int port() const { return server_->port(); }
  bool demonstration() const { return demonstration_; }
  store::Database& database() { return *database_; }
  const Watch& watch() const { return gate_->watch(); }
  const LogCheck& log_check() const { return *log_check_; }

 private:
  Host(const HostOptions& options, domain::Catalogue catalogue);
  absl::Status StartDatabase(const config::v1::ServerConfig& config, const HostOptions& options);
  absl::Status StartServer(const config::v1::ServerConfig& config);

  const SecurityClock real_security_clock_;
  const SecurityClock& security_clock_;
  const BusinessClock* const test_business_clock_;
  domain::Catalogue catalogue_;
  PasswordHasher hasher_;
  IdSource ids_;
  Secret app_key_;
  bool demonstration_ = false;
  std::unique_ptr<OffsetBusinessClock> business_clock_;
  std::shared_ptr<ProgramRegistry> registry_ = std::make_shared<ProgramRegistry>();
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Checkpointer> checkpointer_;
  std::unique_ptr<Gate> gate_;
  render::Renderer renderer_;
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<LogCheck> log_check_;
  std::unique_ptr<WatchTimer> watch_timer_;
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_HOST_H_
