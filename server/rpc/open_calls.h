// The calls that hold a thread now. A call is over when its answer is taken, not when its handler returns, so
// a client that asks and does not read would keep a thread for as long as it likes, and a hundred such calls
// all of them. Therefore none lasts longer than it may, and no program holds more than its share.
#ifndef MARAC_RPC_OPEN_CALLS_H_
#define MARAC_RPC_OPEN_CALLS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "marac/config/v1/config.pb.h"

namespace marac::rpc {

// Any thread may call.
class OpenCalls {
 public:
  // Calls end after call_time_max_ms, and one program may hold three quarters of threads_max.
  explicit OpenCalls(const config::v1::Limits& limits);
  ~OpenCalls();
  OpenCalls(const OpenCalls&) = delete;
  OpenCalls& operator=(const OpenCalls&) = delete;

  // Counts the call as one of the program's until it is over. False when the program has its share already.
  bool Claim(const grpc::ServerContextBase& context, std::string_view program) ABSL_LOCKS_EXCLUDED(mutex_);

  // For the server whose calls these are; this object lives longer than it. Interceptors cannot refuse, but
  // they live exactly as long as their calls.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewWatch();

 private:
  class Watch;
  class WatchFactory;
  struct Call {
    absl::Time since;
    std::string program;  // empty: not claimed
    bool cancelled = false;
  };

  void Begin(const grpc::ServerContextBase* context) ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const grpc::ServerContextBase* context) ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  const absl::Duration time_max_;
  const int per_program_max_;
  std::thread thread_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::unordered_map<const grpc::ServerContextBase*, Call> calls_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, int> by_program_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_OPEN_CALLS_H_
