#include "domain/area_instrument.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/hash.h"
#include "base/keys.h"
#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/instrument.h"
#include "domain/text.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

// What the file is called in a refusal; whoever sent it knows its name.
constexpr char kFileName[] = "pack.textproto";
constexpr int kReasonCharsMax = 1000;

// Days are checked with the pack and the pilot.
std::optional<LocalDate> DayOf(bool is_there, const v1::Day& day) {
  if (!is_there) return std::nullopt;
  const absl::StatusOr<LocalDate> date = LocalDate::FromDay(day, "day");
  return date.ok() ? std::optional(*date) : std::nullopt;
}

std::optional<LocalDate> PermissionEnd(const v1::AreaInstrument& instrument) {
  return DayOf(instrument.about().has_permission_expires(), instrument.about().permission_expires());
}

std::optional<LocalDate> PilotEnd(const v1::AreaInstrument& instrument) {
  return DayOf(instrument.has_pilot_last_day(), instrument.pilot_last_day());
}

// The last day itself still counts.
bool IsOver(const std::optional<LocalDate>& last, LocalDate today) { return last && today > *last; }

bool IsSignedBy(std::span<const OwnerKey> keys, const v1::InstallInstrumentRequest& request,
                const std::string* owner) {
  return std::ranges::any_of(keys, [&](const OwnerKey& key) {
    return (owner == nullptr || key.owner == *owner) &&
           Ed25519Verify(key.public_key, request.pack_file(), request.signature());
  });
}

absl::Status CheckPilot(const v1::Pilot& pilot, const std::string& instrument, LocalDate today) {
  if (pilot.plan().variant_instrument() != instrument) {
    return InvalidField("pilot", "this pilot is of another pack; name one whose plan pilots this one");
  }
  ASSIGN_OR_RETURN(const LocalDate first, LocalDate::FromDay(pilot.plan().first_day(), "pilot"));
  ASSIGN_OR_RETURN(const LocalDate last, LocalDate::FromDay(pilot.plan().last_day(), "pilot"));
  if (today < first || today > last) {
    return InvalidField("pilot", "today is none of this pilot's days; activate the pack while it runs");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OwnerKey> ParseOwnerKey(std::string_view line) {
  const size_t space = line.find(' ');
  const absl::StatusOr<std::string> key = DecodeBase64(line.substr(0, space));
  if (!key.ok() || key->size() != kEd25519PublicKeyBytes) {
    return absl::InvalidArgumentError("begin with the 32 bytes of an Ed25519 public key in base64");
  }
  const std::string_view owner = space == std::string_view::npos ? "" : line.substr(space + 1);
  if (IsBlank(owner)) {
    return absl::InvalidArgumentError("after the key and a space give the owner as the packs name them");
  }
  return OwnerKey{.owner = std::string(owner), .public_key = *key};
}

v1::InstrumentAbout AboutOf(const v1::InstrumentPack& pack, std::string_view hash) {
  v1::InstrumentAbout about;
  about.set_instrument(NameWithVersion(pack.id(), pack.version()));
  about.set_hash(std::string(hash));
  about.set_title(pack.title());
  about.set_notice(pack.notice());
  about.set_owner(pack.owner());
  about.set_licence(pack.licence());
  about.set_permission_reference(pack.permission_reference());
  if (pack.has_permission_expires()) *about.mutable_permission_expires() = pack.permission_expires();
  about.set_derived_from(pack.derived_from());
  about.set_language(pack.language());
  about.set_presentation(pack.presentation());
  about.set_equivalence_status(pack.equivalence_status());
  about.set_scoring_mode(pack.scoring_mode());
  about.set_co_produced(pack.has_co_production());
  about.set_items(pack.items_size());
  return about;
}

absl::StatusOr<v1::AreaInstrument> InstallInstrument(const v1::InstallInstrumentRequest& request,
                                                     const Catalogue& here, std::span<const OwnerKey> keys,
                                                     const Act& act) {
  if (request.pack_file().size() > kPackFileBytesMax) {
    return InvalidField("pack_file", fmt::format("give a file of at most {} bytes", kPackFileBytesMax));
  }
  const std::string hash = Hex(Sha256(request.pack_file()));
  if (absl::AsciiStrToLower(request.hash()) != hash) {
    return InvalidField(
        "hash",
        "these are not the bytes that this hash is of: get the file again, or the hash from its "
        "owner");
  }
  // Nothing of a file is read before it is known to be an owner's.
  if (!IsSignedBy(keys, request, nullptr)) {
    return InvalidField("signature",
                        "no key in this server's settings (pack_owner_keys) has signed these bytes: get the "
                        "signature from the pack's owner, and have their key entered");
  }
  ASSIGN_OR_RETURN(const v1::InstrumentPack pack,
                   here.CheckNewPack({.name = kFileName, .text = request.pack_file()}));
  if (!IsSignedBy(keys, request, &pack.owner())) {
    return InvalidField("signature", "it is by the key of another owner than the one whom the pack names");
  }
  v1::AreaInstrument instrument;
  *instrument.mutable_about() = AboutOf(pack, hash);
  instrument.set_state(v1::INSTRUMENT_STATE_INSTALLED);
  instrument.set_pack_file(request.pack_file());
  instrument.set_signature(request.signature());
  instrument.set_installed_by(act.account);
  *instrument.mutable_install_time() = ToTimestamp(act.now);
  return instrument;
}

absl::StatusOr<v1::AreaInstrument> ActivateInstrument(v1::AreaInstrument instrument, const Approval& approval,
                                                      const Act& act) {
  const LocalDate today = DateOf(act.now);
  const v1::InstrumentAbout& about = instrument.about();
  if (instrument.state() != v1::INSTRUMENT_STATE_INSTALLED) {
    return WrongState("NOT_INSTALLED",
                      instrument.state() == v1::INSTRUMENT_STATE_ACTIVE
                          ? "this pack is in use already"
                          : "this pack was retired, which is for good: install it as another version");
  }
  if (about.equivalence_status() == v1::EQUIVALENCE_STATUS_WITHDRAWN) {
    return WrongState("WITHDRAWN", "its owner has withdrawn this pack");
  }
  if (IsOver(PermissionEnd(instrument), today)) {
    return WrongState("PERMISSION_ENDED", "the owner's permission for this pack has ended");
  }
  if (approval.pilot) {
    RETURN_IF_ERROR(CheckPilot(*approval.pilot, about.instrument(), today));
    instrument.set_pilot(approval.pilot->name());
    *instrument.mutable_pilot_last_day() = approval.pilot->plan().last_day();
  }
  if (!approval.demonstration) {
    if (!about.derived_from().empty() && IsBlank(about.permission_reference())) {
      return WrongState("PERMISSION_MISSING",
                        "this pack is derived from another and names no permission of its owner: it needs a "
                        "version that does");
    }
    if (!about.co_produced() && !approval.pilot) {
      return WrongState(
          "NOT_APPROVED",
          "nobody has signed this pack off yet: it needs a version with the sign-off of its "
          "co-production, or a pilot of it that the steering group approved and that runs today");
    }
  }
  instrument.set_state(v1::INSTRUMENT_STATE_ACTIVE);
  instrument.set_activated_by(act.account);
  *instrument.mutable_activate_time() = ToTimestamp(act.now);
  return instrument;
}

absl::StatusOr<v1::AreaInstrument> RetireInstrument(v1::AreaInstrument instrument, std::string_view reason,
                                                    const v1::AreaSettings& settings, const Act& act) {
  const std::string why = WithoutHiddenCharacters(reason);
  if (IsBlank(why) || VisibleLength(why) > kReasonCharsMax) {
    return InvalidField("reason", fmt::format("say why in 1 to {} characters", kReasonCharsMax));
  }
  if (instrument.state() == v1::INSTRUMENT_STATE_RETIRED) {
    return WrongState("RETIRED", "this pack was retired already");
  }
  if (settings.instrument() == instrument.about().instrument()) {
    return WrongState(
        "IN_USE",
        "new assessments of the area begin with this pack: choose another in the area's settings "
        "first");
  }
  instrument.set_state(v1::INSTRUMENT_STATE_RETIRED);
  instrument.set_retired_by(act.account);
  *instrument.mutable_retire_time() = ToTimestamp(act.now);
  instrument.set_retire_reason(why);
  return instrument;
}

bool IsPilotedOn(const v1::Pilot& pilot, const std::string& instrument, LocalDate today) {
  return CheckPilot(pilot, instrument, today).ok();
}

Offer OfferOn(const v1::AreaInstrument& instrument, LocalDate today) {
  if (instrument.state() == v1::INSTRUMENT_STATE_RETIRED) return Offer::kRetired;
  if (instrument.state() != v1::INSTRUMENT_STATE_ACTIVE) return Offer::kNotActive;
  if (IsOver(PermissionEnd(instrument), today)) return Offer::kPermissionEnded;
  return IsOver(PilotEnd(instrument), today) ? Offer::kPilotEnded : Offer::kOffered;
}

v1::PermissionStanding StandingOn(const v1::AreaInstrument& instrument, LocalDate today, int warning_days) {
  v1::PermissionStanding standing = v1::PERMISSION_STANDING_IN_FORCE;
  for (const std::optional<LocalDate>& last : {PermissionEnd(instrument), PilotEnd(instrument)}) {
    if (IsOver(last, today)) return v1::PERMISSION_STANDING_ENDED;
    if (last && *last - today <= warning_days) standing = v1::PERMISSION_STANDING_ENDS_SOON;
  }
  return standing;
}

}  // namespace marac::domain
