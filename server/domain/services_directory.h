// The services directory of an area (decisions 33): what an entry must say, whom it suits, and whether it
// still counts as right.
#ifndef MARAC_DOMAIN_SERVICES_DIRECTORY_H_
#define MARAC_DOMAIN_SERVICES_DIRECTORY_H_

#include "absl/status/statusor.h"
#include "domain/local_date.h"
#include "marac/v1/directory_service.pb.h"
#include "marac/v1/policy.pb.h"
#include "marac/v1/support.pb.h"

namespace marac::domain {

// `given` as it is kept on the day `today`: checked, without hidden characters, and with what the server
// says of its review. INVALID_ARGUMENT names each field, as "service.hours".
absl::StatusOr<v1::SupportService> KeptService(const v1::SupportService& given, LocalDate today);

// Says whether its review day is over; on the day itself it is not.
void DeriveReview(v1::SupportService& service, LocalDate today);

// Whether it is there for the purpose that is asked for, and takes somebody of this grade, age and gender.
// What is not asked for does not matter, and what the service does not say excludes nobody.
bool Suits(const v1::SupportService& service, const v1::ListServicesRequest& asked);

// Whether somebody whose assessment is over may be told of it on the device that they hold (ACC-29): it is
// there for that, counts as right today, and takes everybody who is old enough for `policy`.
bool IsForEnding(const v1::SupportService& service, const v1::Policy& policy);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_SERVICES_DIRECTORY_H_
