#include "rpc/open_calls.h"

#include <chrono>

namespace marac::rpc {
namespace {

// Health checks hold no thread, and end on threads from which we must not be called while we cancel.
constexpr std::string_view kHealth = "/grpc.health.";

// No clock that can be put back or forward may end calls or keep them.
absl::Time SteadyNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

class OpenCalls::Watch final : public grpc::experimental::Interceptor {
 public:
  Watch(OpenCalls* calls, const grpc::ServerContextBase* context) : calls_(calls), context_(context) {
    calls_->Begin(context_);
  }
  ~Watch() override { calls_->End(context_); }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override { methods->Proceed(); }

 private:
  OpenCalls* const calls_;
  const grpc::ServerContextBase* const context_;
};

class OpenCalls::WatchFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit WatchFactory(OpenCalls* calls) : calls_(calls) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    if (std::string_view(info->method()).starts_with(kHealth)) return nullptr;
    return new Watch(calls_, info->server_context());  // gRPC owns it.
  }

 private:
  OpenCalls* const calls_;
};

OpenCalls::OpenCalls(const config::v1::Limits& limits)
    : time_max_(absl::Milliseconds(limits.call_time_max_ms())),
      per_program_max_(limits.threads_max() * 3 / 4) {
  thread_ = std::thread([this] { Run(); });
}

OpenCalls::~OpenCalls() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> OpenCalls::NewWatch() {
  return std::make_unique<WatchFactory>(this);
}

void OpenCalls::Begin(const grpc::ServerContextBase* context) {
  absl::MutexLock lock(&mutex_);
  calls_[context] = {.since = SteadyNow(), .program = {}};
}

void OpenCalls::End(const grpc::ServerContextBase* context) {
  absl::MutexLock lock(&mutex_);
  const auto call = calls_.find(context);
  if (call == calls_.end()) return;
  if (const auto count = by_program_.find(call->second.program); count != by_program_.end()) {
    if (--count->second == 0) by_program_.erase(count);
  }
  calls_.erase(call);
}

bool OpenCalls::Claim(const grpc::ServerContextBase& context, std::string_view program) {
  absl::MutexLock lock(&mutex_);
  const auto call = calls_.find(&context);
  if (call == calls_.end() || !call->second.program.empty()) return true;
  int& count = by_program_[std::string(program)];
  if (count >= per_program_max_) return false;
  ++count;
  call->second.program = std::string(program);
  return true;
}

void OpenCalls::Run() {
  absl::MutexLock lock(&mutex_);
  while (!mutex_.AwaitWithTimeout(absl::Condition(&stopping_), time_max_ / 20)) {
    const absl::Time oldest = SteadyNow() - time_max_;
    for (auto& [context, call] : calls_) {
      if (call.cancelled || call.since > oldest) continue;
      call.cancelled = true;
      // Under the lock, so that the context cannot go meanwhile.
      context->TryCancel();
    }
  }
}

}  // namespace marac::rpc
