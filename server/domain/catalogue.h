// The installed data: packs, policies and calendars, checked once at start (dash.md 1: instruments,
// thresholds and clusters are versioned, replaceable data).
#ifndef MARAC_DOMAIN_CATALOGUE_H_
#define MARAC_DOMAIN_CATALOGUE_H_

#include <functional>
#include <map>
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

struct InstalledPack {
  v1::InstrumentPack pack;
  std::string hash;  // SHA-256 of the file's bytes, hex
};

struct InstalledPolicy {
  v1::Policy policy;
  std::string hash;  // SHA-256 of the file's bytes, hex
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

  // By "id@version"; null when it is not installed.
  const InstalledPack* FindPack(std::string_view name) const;
  const InstalledPolicy* FindPolicy(std::string_view name) const;
  // Null when the nation has no calendar.
  const WorkingDays* FindCalendar(v1::Nation nation) const;

  // What a new assessment is made with: INVALID_ARGUMENT naming `instrument` or `policy` unless both are
  // installed, the policy grades the pack, and the pack was not withdrawn.
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

  std::map<std::string, InstalledPack, std::less<>> packs_;
  std::map<std::string, InstalledPolicy, std::less<>> policies_;
  std::map<v1::Nation, WorkingDays> calendars_;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CATALOGUE_H_
