#include "rpc/demo_service.h"

#include <google/protobuf/util/time_util.h>

#include "domain/errors.h"
#include "marac/v1/demo_service.grpc.pb.h"
#include "store/installation.h"

namespace marac::rpc {
namespace {

using google::protobuf::util::TimeUtil;

v1::AdvanceClockResponse Showing(absl::Time time) {
  v1::AdvanceClockResponse answer;
  *answer.mutable_business_time() = TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(time));
  return answer;
}

class DemoService final : public v1::DemoService::Service {
 public:
  DemoService(Gate& gate, OffsetBusinessClock& clock) : gate_(gate), clock_(clock) {}

  grpc::Status AdvanceClock(grpc::ServerContext* context, const v1::AdvanceClockRequest* request,
                            v1::AdvanceClockResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::AdvanceClockResponse> {
          const absl::Time wanted =
              absl::FromUnixMillis(TimeUtil::TimestampToMilliseconds(request->business_time()));
          const absl::Duration step = wanted - call.now();
          if (step < absl::ZeroDuration()) {
            return domain::InvalidField("business_time", "give a time that is not before the present one");
          }
          ASSIGN_OR_RETURN(const store::Installation installation, store::LoadInstallation(call.tx()));
          RETURN_IF_ERROR(store::SetBusinessOffset(call.write(), installation.business_offset + step));
          call.AfterCommit([&clock = clock_, step] { clock.Advance(step); });
          return Showing(wanted);
        },
        [](ReadCall& call) -> absl::StatusOr<v1::AdvanceClockResponse> { return Showing(call.now()); });
  }

 private:
  Gate& gate_;
  OffsetBusinessClock& clock_;
};

}  // namespace

NamedService NewDemoService(Gate& gate, OffsetBusinessClock& clock) {
  return {.full_name = v1::DemoService::service_full_name(),
          .service = std::make_unique<DemoService>(gate, clock)};
}

}  // namespace marac::rpc
