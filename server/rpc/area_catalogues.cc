#include "rpc/area_catalogues.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "base/status_macros.h"
#include "domain/access.h"
#include "domain/area_instrument.h"
#include "domain/instrument.h"
#include "domain/text_proto.h"
#include "marac/v1/pilot.pb.h"
#include "store/records.h"

namespace marac::rpc {
namespace {

// Past this many in memory those of before are read again.
constexpr size_t kRememberedMax = 200;
// More than an area will ever pilot.
constexpr int kPilotsMax = 500;

// Every record of a kind in an area.
template <typename T>
absl::StatusOr<std::vector<T>> LoadAll(store::Transaction& tx, domain::Kind kind, std::string_view area,
                                       int max) {
  ASSIGN_OR_RETURN(const std::vector<store::ListPosition> all,
                   store::ListAll(tx, {.kind = kind, .area = std::string(area)}, max + 1));
  if (std::ssize(all) > max) return absl::InternalError("an area has installed more than it can have");
  std::vector<T> records;
  for (const store::ListPosition& position : all) {
    ASSIGN_OR_RETURN(const store::StoredRecord stored,
                     store::LoadBody(tx, domain::ServerGrant(position.name)));
    if (!records.emplace_back().ParseFromString(stored.body)) {
      return absl::InternalError("a stored pack or policy does not parse");
    }
  }
  return records;
}

}  // namespace

AreaCatalogues::AreaCatalogues(const domain::Catalogue* built_in) : built_in_(*built_in) {
  for (const domain::InstalledPack* pack : built_in_.Packs()) {
    if (pack->offer != domain::Offer::kNotApproved) continue;
    auto offered = std::make_shared<domain::InstalledPack>(*pack);
    offered->offer = domain::Offer::kOffered;
    waiting_.emplace(domain::NameWithVersion(pack->pack.id(), pack->pack.version()), std::move(offered));
  }
}

absl::StatusOr<std::shared_ptr<const domain::Catalogue>> AreaCatalogues::In(store::Transaction& tx,
                                                                            std::string_view area,
                                                                            domain::LocalDate today) const {
  // Without an owner: what is built in outlives whoever asks.
  const std::shared_ptr<const domain::Catalogue> built_in(std::shared_ptr<void>(), &built_in_);
  if (area.empty()) return built_in;
  ASSIGN_OR_RETURN(const auto instruments,
                   LoadAll<v1::AreaInstrument>(tx, domain::Kind::kInstrument, area, kAreaInstrumentsMax));
  ASSIGN_OR_RETURN(const auto area_policies,
                   LoadAll<v1::AreaPolicy>(tx, domain::Kind::kPolicy, area, kAreaPoliciesMax));
  ASSIGN_OR_RETURN(std::vector<std::shared_ptr<const domain::InstalledPack>> packs,
                   PilotedNow(tx, area, today));
  if (packs.empty() && instruments.empty() && area_policies.empty()) return built_in;
  for (const v1::AreaInstrument& instrument : instruments) {
    ASSIGN_OR_RETURN(std::shared_ptr<const domain::InstalledPack> pack, Pack(instrument, today));
    packs.push_back(std::move(pack));
  }
  std::vector<std::shared_ptr<const domain::InstalledPolicy>> policies;
  for (const v1::AreaPolicy& kept : area_policies) {
    ASSIGN_OR_RETURN(std::shared_ptr<const domain::InstalledPolicy> policy, Policy(kept));
    policies.push_back(std::move(policy));
  }
  return std::make_shared<const domain::Catalogue>(built_in_.With(packs, policies));
}

absl::StatusOr<std::vector<std::shared_ptr<const domain::InstalledPack>>> AreaCatalogues::PilotedNow(
    store::Transaction& tx, std::string_view area, domain::LocalDate today) const {
  std::vector<std::shared_ptr<const domain::InstalledPack>> piloted;
  if (waiting_.empty()) return piloted;
  ASSIGN_OR_RETURN(const auto pilots, LoadAll<v1::Pilot>(tx, domain::Kind::kPilot, area, kPilotsMax));
  for (const auto& [name, offered] : waiting_) {
    const bool is_piloted = std::ranges::any_of(pilots, [&, &name = name](const v1::Pilot& pilot) {
      return domain::IsPilotedOn(pilot, name, today);
    });
    if (is_piloted) piloted.push_back(offered);
  }
  return piloted;
}

absl::StatusOr<std::shared_ptr<const domain::InstalledPack>> AreaCatalogues::Pack(
    const v1::AreaInstrument& instrument, domain::LocalDate today) const {
  const domain::Offer offer = domain::OfferOn(instrument, today);
  const bool was_active = instrument.has_activate_time();
  const std::pair key(instrument.about().hash(), static_cast<int>(offer) * 2 + (was_active ? 1 : 0));
  absl::MutexLock lock(&mutex_);
  if (const auto found = packs_.find(key); found != packs_.end()) return found->second;
  auto pack = std::make_shared<domain::InstalledPack>(
      domain::InstalledPack{.hash = Hex(Sha256(instrument.pack_file())),
                            .built_in = false,
                            .offer = offer,
                            .was_active = was_active});
  // An assessment must not go on with other questions than its own (D-05).
  if (pack->hash != instrument.about().hash()) return absl::InternalError("a stored pack is not what it was");
  RETURN_IF_ERROR(
      domain::ParseTextProto(instrument.pack_file(), instrument.about().instrument(), pack->pack));
  if (packs_.size() >= kRememberedMax) packs_.clear();
  packs_.emplace(key, pack);
  return pack;
}

absl::StatusOr<std::shared_ptr<const domain::InstalledPolicy>> AreaCatalogues::Policy(
    const v1::AreaPolicy& kept) const {
  absl::MutexLock lock(&mutex_);
  if (const auto found = policies_.find(kept.about().hash()); found != policies_.end()) return found->second;
  auto policy = std::make_shared<domain::InstalledPolicy>(
      domain::InstalledPolicy{.policy = {}, .hash = Hex(Sha256(kept.policy_file())), .built_in = false});
  if (policy->hash != kept.about().hash()) return absl::InternalError("a stored policy is not what it was");
  RETURN_IF_ERROR(domain::ParseTextProto(kept.policy_file(), kept.about().policy(), policy->policy));
  if (policies_.size() >= kRememberedMax) policies_.clear();
  policies_.emplace(policy->hash, policy);
  return policy;
}

}  // namespace marac::rpc
