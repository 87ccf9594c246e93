// The one way to what an area's assessments are made with: what is built in, and what the area has installed.
#ifndef MARAC_RPC_AREA_CATALOGUES_H_
#define MARAC_RPC_AREA_CATALOGUES_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "domain/catalogue.h"
#include "domain/local_date.h"
#include "marac/v1/installed.pb.h"
#include "store/transaction.h"

namespace marac::rpc {

// More than an area has reason to keep.
inline constexpr int kAreaInstrumentsMax = 500;
inline constexpr int kAreaPoliciesMax = 500;

// Any thread may ask.
class AreaCatalogues {
 public:
  // `built_in` outlives this.
  explicit AreaCatalogues(const domain::Catalogue* built_in);

  // The catalogue of an area ("areas/mk") as the transaction sees it on `today`; what is built in where the
  // area has installed nothing.
  absl::StatusOr<std::shared_ptr<const domain::Catalogue>> In(store::Transaction& tx, std::string_view area,
                                                              domain::LocalDate today) const;

 private:
  // What is built in, waits for approval, and is tried in a pilot of the area on this day.
  absl::StatusOr<std::vector<std::shared_ptr<const domain::InstalledPack>>> PilotedNow(
      store::Transaction& tx, std::string_view area, domain::LocalDate today) const;
  absl::StatusOr<std::shared_ptr<const domain::InstalledPack>> Pack(const v1::AreaInstrument& instrument,
                                                                    domain::LocalDate today) const;
  absl::StatusOr<std::shared_ptr<const domain::InstalledPolicy>> Policy(const v1::AreaPolicy& policy) const;

  const domain::Catalogue& built_in_;
  // As they are where a pilot of them runs, by name.
  std::map<std::string, std::shared_ptr<const domain::InstalledPack>> waiting_;
  mutable absl::Mutex mutex_;
  // By what decides what they are, so that none is ever out of date: the file's hash, and how far it may be
  // used.
  mutable std::map<std::pair<std::string, int>, std::shared_ptr<const domain::InstalledPack>> packs_
      ABSL_GUARDED_BY(mutex_);
  mutable std::map<std::string, std::shared_ptr<const domain::InstalledPolicy>> policies_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_AREA_CATALOGUES_H_
