#include "domain/catalogue.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/instrument.h"
#include "domain/policy.h"
#include "domain/text_proto.h"

namespace marac::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::TextFormat;

// Says where in the file the first violation stands.
absl::Status AtLine(const absl::Status& status, const DataFile& file, const TextFormat::ParseInfoTree& tree,
                    const Descriptor* type) {
  v1::ErrorDetail detail = DetailOf(status);
  if (detail.field_violations().empty()) return status;
  int line = LineOf(tree, *type, detail.field_violations(0).field());
  return absl::InvalidArgumentError(fmt::format("{}:{}: {}", file.name, line, std::string(status.message())));
}

// Reads and checks one file.
template <typename Message, typename Check>
absl::StatusOr<Message> Read(const DataFile& file, const Check& check) {
  Message message;
  TextFormat::ParseInfoTree tree;
  RETURN_IF_ERROR(ParseTextProto(file.text, file.name, message, &tree));
  absl::Status status = check(message);
  if (!status.ok()) return AtLine(status, file, tree, Message::descriptor());
  return message;
}

std::string NameOf(const v1::InstrumentPack& pack) { return NameWithVersion(pack.id(), pack.version()); }

bool IsPutSo(const v1::InstrumentPack& pack, v1::Presentation presentation) {
  const bool is_easy = pack.presentation() == v1::PRESENTATION_EASY_READ;
  return is_easy == (presentation == v1::PRESENTATION_EASY_READ) &&
         pack.equivalence_status() != v1::EQUIVALENCE_STATUS_WITHDRAWN;
}

// Whoever owns the wording still lets it be used; wording that needs nobody's permission always may.
bool IsPermitted(const v1::InstrumentPack& pack, LocalDate day) {
  if (!pack.has_permission_expires()) return true;
  const auto last = LocalDate::FromDay(pack.permission_expires(), "permission_expires");
  return last.ok() && day <= *last;
}

absl::Status Twice(const DataFile& file, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format(
      "{}: {} is there twice; give the changed one another version, or remove a file", file.name, what));
}

std::string_view WhyNot(Offer offer) {
  switch (offer) {
    case Offer::kOffered:
      break;
    case Offer::kNotActive:
      return "this pack is not in use in the area; choose another, or ask an administrator to activate it";
    case Offer::kNotApproved:
      return "nobody has tested this pack yet, so it is used only while a pilot of it runs that the steering "
             "group approved; choose another pack";
    case Offer::kPermissionEnded:
      return "the owner's permission for this pack has ended; choose another pack";
    case Offer::kPilotEnded:
      return "the pilot of this pack has ended; choose another pack";
    case Offer::kRetired:
      return "this pack was retired; choose another";
  }
  return "";
}

}  // namespace

const v1::InstrumentPack* Form::Shown(std::string_view instrument) const {
  if (instrument.empty() || instrument == NameOf(pack->pack)) return &pack->pack;
  for (const InstalledPack* relative : relatives) {
    if (instrument == NameOf(relative->pack)) return &relative->pack;
  }
  return nullptr;
}

absl::StatusOr<Catalogue> Catalogue::Load(std::span<const DataFile> packs, std::span<const DataFile> policies,
                                          std::span<const DataFile> calendars) {
  Catalogue catalogue;
  for (const DataFile& file : packs) {
    ASSIGN_OR_RETURN(v1::InstrumentPack pack, Read<v1::InstrumentPack>(file, CheckPack));
    std::string name = NameOf(pack);
    auto installed = std::make_shared<const InstalledPack>(
        InstalledPack{.pack = std::move(pack), .hash = Hex(Sha256(file.text))});
    if (!catalogue.packs_.emplace(name, std::move(installed)).second) return Twice(file, name);
  }
  // Whatever order the files come in, a pack may speak of any other. A file is read again for its lines.
  std::vector<const v1::InstrumentPack*> all;
  for (const auto& [name, installed] : catalogue.packs_) all.push_back(&installed->pack);
  for (const DataFile& file : packs) {
    RETURN_IF_ERROR(Read<v1::InstrumentPack>(file, [&](const v1::InstrumentPack& read) {
                      return CheckPackAmong(catalogue.packs_.find(NameOf(read))->second->pack, all);
                    }).status());
  }
  auto find_pack = [&](std::string_view name) -> const v1::InstrumentPack* {
    const InstalledPack* installed = catalogue.FindPack(name);
    return installed == nullptr ? nullptr : &installed->pack;
  };
  for (const DataFile& file : policies) {
    ASSIGN_OR_RETURN(v1::Policy policy, Read<v1::Policy>(file, [&](const v1::Policy& read) {
                       return CheckPolicy(read, find_pack);
                     }));
    std::string name = NameWithVersion(policy.id(), policy.version());
    auto installed = std::make_shared<const InstalledPolicy>(
        InstalledPolicy{.policy = std::move(policy), .hash = Hex(Sha256(file.text))});
    if (!catalogue.policies_.emplace(name, std::move(installed)).second) return Twice(file, name);
  }
  for (const DataFile& file : calendars) {
    ASSIGN_OR_RETURN(WorkingDays days, WorkingDays::Parse(file.text, file.name));
    v1::Nation nation = days.nation();
    if (!catalogue.calendars_.emplace(nation, std::make_shared<const WorkingDays>(std::move(days))).second) {
      return Twice(file, v1::Nation_Name(nation));
    }
  }
  return catalogue;
}

absl::StatusOr<v1::InstrumentPack> Catalogue::CheckNewPack(const DataFile& file) const {
  return Read<v1::InstrumentPack>(file, [&](const v1::InstrumentPack& read) -> absl::Status {
    RETURN_IF_ERROR(CheckPack(read));
    const std::string name = NameOf(read);
    if (FindPack(name) != nullptr) {
      return absl::AlreadyExistsError(
          fmt::format("{} is installed and never changes: give the changed one another version", name));
    }
    std::vector<const v1::InstrumentPack*> all = {&read};
    for (const InstalledPack* installed : Packs()) all.push_back(&installed->pack);
    return CheckPackAmong(read, all);
  });
}

absl::StatusOr<v1::Policy> Catalogue::CheckNewPolicy(const DataFile& file) const {
  return Read<v1::Policy>(file, [&](const v1::Policy& read) -> absl::Status {
    RETURN_IF_ERROR(CheckPolicy(read, [&](std::string_view name) -> const v1::InstrumentPack* {
      const InstalledPack* installed = FindPack(name);
      return installed == nullptr ? nullptr : &installed->pack;
    }));
    const std::string name = NameWithVersion(read.id(), read.version());
    if (FindPolicy(name) == nullptr) return absl::OkStatus();
    return absl::AlreadyExistsError(
        fmt::format("{} is installed and never changes: give the changed one another version", name));
  });
}

Catalogue Catalogue::With(std::span<const std::shared_ptr<const InstalledPack>> packs,
                          std::span<const std::shared_ptr<const InstalledPolicy>> policies) const {
  Catalogue both = *this;
  for (const std::shared_ptr<const InstalledPack>& installed : packs) {
    both.packs_.insert_or_assign(NameOf(installed->pack), installed);
  }
  for (const std::shared_ptr<const InstalledPolicy>& installed : policies) {
    const v1::Policy& policy = installed->policy;
    both.policies_.insert_or_assign(NameWithVersion(policy.id(), policy.version()), installed);
  }
  return both;
}

Catalogue Catalogue::ForRealPeople() const {
  Catalogue marked = *this;
  for (auto& [name, installed] : marked.packs_) {
    if (installed->pack.derived_from().empty() || installed->pack.has_co_production()) continue;
    auto waiting = std::make_shared<InstalledPack>(*installed);
    waiting->offer = Offer::kNotApproved;
    installed = std::move(waiting);
  }
  return marked;
}

std::vector<const InstalledPack*> Catalogue::Packs() const {
  std::vector<const InstalledPack*> packs;
  for (const auto& [name, installed] : packs_) packs.push_back(installed.get());
  return packs;
}

std::vector<const InstalledPolicy*> Catalogue::Policies() const {
  std::vector<const InstalledPolicy*> policies;
  for (const auto& [name, installed] : policies_) policies.push_back(installed.get());
  return policies;
}

const InstalledPack* Catalogue::FindPack(std::string_view name) const {
  auto found = packs_.find(name);
  return found == packs_.end() ? nullptr : found->second.get();
}

const InstalledPolicy* Catalogue::FindPolicy(std::string_view name) const {
  auto found = policies_.find(name);
  return found == policies_.end() ? nullptr : found->second.get();
}

const WorkingDays* Catalogue::FindCalendar(v1::Nation nation) const {
  auto found = calendars_.find(nation);
  return found == calendars_.end() ? nullptr : found->second.get();
}

absl::StatusOr<Form> Catalogue::FormFor(std::string_view instrument, std::string_view policy) const {
  Form form{FindPack(instrument), FindPolicy(policy)};
  if (form.pack == nullptr) {
    return InvalidField("instrument", "no such pack is installed; give one that is, as id@version");
  }
  if (form.policy == nullptr) {
    return InvalidField("policy", "no such policy is installed; give one that is, as id@version");
  }
  const auto& graded = form.policy->policy.instruments();
  if (std::find(graded.begin(), graded.end(), instrument) == graded.end()) {
    return InvalidField("instrument",
                        "the area's policy does not grade this pack; choose another, or add the "
                        "pack to a new version of the policy");
  }
  if (form.pack->pack.equivalence_status() == v1::EQUIVALENCE_STATUS_WITHDRAWN) {
    return InvalidField("instrument", "this pack was withdrawn; choose another");
  }
  if (form.pack->offer != Offer::kOffered) return InvalidField("instrument", WhyNot(form.pack->offer));
  form.relatives = RelativesOf(*form.pack);
  return form;
}

absl::StatusOr<Form> Catalogue::FormFor(std::string_view instrument, std::string_view policy,
                                        v1::Presentation presentation, LocalDate day) const {
  ASSIGN_OR_RETURN(Form form, FormFor(instrument, policy));
  if (presentation == v1::PRESENTATION_UNSPECIFIED) return form;
  const v1::InstrumentPack& own = form.pack->pack;
  std::vector<const InstalledPack*> same = form.relatives;
  same.push_back(form.pack);
  std::string_view found;
  bool is_offered = false;
  for (const std::string& graded : form.policy->policy.instruments()) {
    const InstalledPack* pack = FindPack(graded);
    if (std::ranges::count(same, pack) > 0 && IsPutSo(pack->pack, presentation) &&
        pack->pack.language() == own.language() && IsPermitted(pack->pack, day) &&
        (pack->offer == Offer::kOffered || !is_offered)) {
      found = graded;  // One that is not offered only to say why.
      is_offered = pack->offer == Offer::kOffered;
    }
  }
  if (found.empty()) {
    return InvalidField(
        "presentation",
        "the area's policy grades no such presentation of this form; choose the form as it is, "
        "or add the pack to a new version of the policy");
  }
  return FormFor(found, policy);
}

absl::StatusOr<Form> Catalogue::FormOf(const v1::Assessment& assessment) const {
  Form form{FindPack(assessment.instrument()), FindPolicy(assessment.policy())};
  auto refuse = [](std::string_view what, std::string_view name) {
    return WrongState(
        "DATA_NOT_INSTALLED",
        fmt::format("the {} {} that this assessment was started with is not installed as it was; "
                    "ask whoever runs the server to put that file back",
                    what, name));
  };
  if (form.pack == nullptr || form.pack->hash != assessment.instrument_hash()) {
    return refuse("pack", assessment.instrument());
  }
  if (form.policy == nullptr || form.policy->hash != assessment.policy_hash()) {
    return refuse("policy", assessment.policy());
  }
  form.relatives = RelativesOf(*form.pack);
  return form;
}

std::vector<const InstalledPack*> Catalogue::RelativesOf(const InstalledPack& pack) const {
  std::vector<const InstalledPack*> relatives;
  for (const auto& [name, other] : packs_) {
    if (name != pack.pack.derived_from() && other->pack.derived_from() != NameOf(pack.pack)) continue;
    // Words that nobody has approved are shown to nobody; those of a retired pack were, and are read again.
    if (other->was_active) relatives.push_back(other.get());
  }
  return relatives;
}

}  // namespace marac::domain
