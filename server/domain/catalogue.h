// The data that assessments are made with: packs, policies and calendars (dash.md 1: instruments, thresholds
// and clusters are versioned, replaceable data). Those built into the server are checked once at start; what
// an area installs is checked when it does, and stands beside them in the area's own catalogue.
#ifndef MARAC_DOMAIN_CATALOGUE_H_
#define MARAC_DOMAIN_CATALOGUE_H_

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/local_date.h"
#include "domain/working_days.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/calendar.pb.h"
#include "marac/v1/instrument.pb.h"
#include "marac/v1/policy.pb.h"

namespace marac::domain {

// A file that somebody else read.
struct DataFile {
  std::string name;
  std::string text;
};

// Whether new assessments may begin with a pack, and if not, why.
enum class Offer {
  kOffered,
  kNotActive,
  kNotApproved,  // Built in, without the sign-off of a group, and no pilot of it runs in the area.
  kPermissionEnded,
  kPilotEnded,
  kRetired
};

struct InstalledPack {
  v1::InstrumentPack pack;
  std::string hash;  // SHA-256 of the file's bytes, hex
  bool built_in = true;
  Offer offer = Offer::kOffered;
  bool was_active = true;  // Its words may have been shown to somebody.
};

struct InstalledPolicy {
  v1::Policy policy;
  std::string hash;  // SHA-256 of the file's bytes, hex
  bool built_in = true;
};

// A pack and the policy that grades it. Points into a catalogue.
struct Form {
  const InstalledPack* pack = nullptr;
  const InstalledPolicy* policy = nullptr;
  // The pack it is derived from and those derived from it: the same questions in other words, which may be
  // shown in place of its own (ACC-04).
  std::vector<const InstalledPack*> relatives;

  // The pack whose wording an answer was shown, "id@version", empty for the form's own; null where it is
  // neither that nor a relative.
  const v1::InstrumentPack* Shown(std::string_view instrument) const;
};

// Immutable; any thread may read.
class Catalogue {
 public:
  // INVALID_ARGUMENT for the first file that is not good: its name, the line, the field, and what to do; also
  // when two files hold the same pack, policy or nation. Packs are checked against each other, and policies
  // against `packs`.
  static absl::StatusOr<Catalogue> Load(std::span<const DataFile> packs, std::span<const DataFile> policies,
                                        std::span<const DataFile> calendars);

  // Checks a pack that is to be installed beside what is here. INVALID_ARGUMENT as Load; ALREADY_EXISTS when
  // a pack of its name is here.
  absl::StatusOr<v1::InstrumentPack> CheckNewPack(const DataFile& file) const;
  // The same for a policy.
  absl::StatusOr<v1::Policy> CheckNewPolicy(const DataFile& file) const;
  // What is here, and what was checked when an area installed it. Of two of one name the area's counts: a
  // later server may bring one that the area has installed already, and whose assessments stay on it.
  Catalogue With(std::span<const std::shared_ptr<const InstalledPack>> packs,
                 std::span<const std::shared_ptr<const InstalledPolicy>> policies) const;

  // For assessments of real people, where a pack that is derived from another waits for the sign-off of the
  // people who made its words with their group, or for a pilot: such packs of this catalogue are
  // kNotApproved.
  Catalogue ForRealPeople() const;

  // Every pack, by name.
  std::vector<const InstalledPack*> Packs() const;
  // Every policy, by name.
  std::vector<const InstalledPolicy*> Policies() const;
  // By "id@version"; null when it is not installed.
  const InstalledPack* FindPack(std::string_view name) const;
  const InstalledPolicy* FindPolicy(std::string_view name) const;
  // Null when the nation has no calendar.
  const WorkingDays* FindCalendar(v1::Nation nation) const;

  // What a new assessment is made with: INVALID_ARGUMENT naming `instrument` or `policy` unless both are
  // installed, the policy grades the pack, and the pack is offered and was not withdrawn.
  absl::StatusOr<Form> FormFor(std::string_view instrument, std::string_view policy) const;
  // The same form put before the person in another way: of the pack, the one it is derived from and those
  // derived from it, in its language and with a permission that lasts on `day`, the last that the policy
  // lists. INVALID_ARGUMENT naming `presentation` when none is put so. Unspecified: the pack itself.
  absl::StatusOr<Form> FormFor(std::string_view instrument, std::string_view policy,
                               v1::Presentation presentation, LocalDate day) const;
  // What an assessment was started with, for good (D-05): FAILED_PRECONDITION when that is no longer
  // installed, or what is installed under the name is not the same file.
  absl::StatusOr<Form> FormOf(const v1::Assessment& assessment) const;

 private:
  std::vector<const InstalledPack*> RelativesOf(const InstalledPack& pack) const;

  // Shared with the catalogues of areas, which are made for a call.
  std::map<std::string, std::shared_ptr<const InstalledPack>, std::less<>> packs_;
  std::map<std::string, std::shared_ptr<const InstalledPolicy>, std::less<>> policies_;
  std::map<v1::Nation, std::shared_ptr<const WorkingDays>> calendars_;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CATALOGUE_H_
