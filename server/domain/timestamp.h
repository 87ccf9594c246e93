// Moments in messages.
#ifndef MARAC_DOMAIN_TIMESTAMP_H_
#define MARAC_DOMAIN_TIMESTAMP_H_

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <cstdint>

#include "absl/time/time.h"

namespace marac::domain {

// To the microsecond: what the clocks here give, and what every client's language can hold.
inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

// An absent moment is the beginning of 1970: ask whether it is there first.
inline absl::Time FromTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TIMESTAMP_H_
