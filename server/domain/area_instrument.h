// Packs that an area installs (decisions 20, 27): what may come in, what may be put to use, and until when.
#ifndef MARAC_DOMAIN_AREA_INSTRUMENT_H_
#define MARAC_DOMAIN_AREA_INSTRUMENT_H_

#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "domain/assessment.h"
#include "domain/catalogue.h"
#include "domain/local_date.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/installed.pb.h"
#include "marac/v1/instrument_service.pb.h"
#include "marac/v1/pilot.pb.h"

namespace marac::domain {

// Largest file of a pack, in bytes: some five times the largest that is built in, and below what a message
// may be.
inline constexpr size_t kPackFileBytesMax = size_t{192} << 10;

// A key by which the owner of wording signs packs.
struct OwnerKey {
  std::string owner;
  std::string public_key;  // 32 bytes
};

// "BASE64 OWNER", as settings have it; INVALID_ARGUMENT says what is wrong.
absl::StatusOr<OwnerKey> ParseOwnerKey(std::string_view line);

// What a pack says of itself.
v1::InstrumentAbout AboutOf(const v1::InstrumentPack& pack, std::string_view hash);

// The pack as the area keeps it, without a name. `here` is what the area has. INVALID_ARGUMENT for the first
// that is wrong: `pack_file` too large; `hash` of other bytes; `signature` by none of `keys`, or by one that
// is not of the pack's owner; the file, with its line and item. ALREADY_EXISTS: a pack of its name is here.
absl::StatusOr<v1::AreaInstrument> InstallInstrument(const v1::InstallInstrumentRequest& request,
                                                     const Catalogue& here, std::span<const OwnerKey> keys,
                                                     const Act& act);

struct Approval {
  bool demonstration = false;      // asks for neither permission nor sign-off
  std::optional<v1::Pilot> pilot;  // the one that is named
};
// Puts it to use. FAILED_PRECONDITION: NOT_INSTALLED when it is in use or retired; WITHDRAWN;
// PERMISSION_MISSING where it is derived and has none; PERMISSION_ENDED; NOT_APPROVED without the sign-off of
// its co-production or a pilot. INVALID_ARGUMENT naming `pilot`: it is not of this pack, or not of today.
absl::StatusOr<v1::AreaInstrument> ActivateInstrument(v1::AreaInstrument instrument, const Approval& approval,
                                                      const Act& act);

// Takes it out of use for good. FAILED_PRECONDITION: RETIRED already, or IN_USE, because new assessments of
// the area begin with it by its settings. INVALID_ARGUMENT naming `reason`.
absl::StatusOr<v1::AreaInstrument> RetireInstrument(v1::AreaInstrument instrument, std::string_view reason,
                                                    const v1::AreaSettings& settings, const Act& act);

// Whether it is this pack that the pilot tries, and `today` one of its days.
bool IsPilotedOn(const v1::Pilot& pilot, const std::string& instrument, LocalDate today);

// Whether new assessments may begin with it on this day.
Offer OfferOn(const v1::AreaInstrument& instrument, LocalDate today);
// The same for people, with the warning before the end.
v1::PermissionStanding StandingOn(const v1::AreaInstrument& instrument, LocalDate today, int warning_days);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AREA_INSTRUMENT_H_
