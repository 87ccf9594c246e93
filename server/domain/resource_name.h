// Names of records. A name is opaque: it tells which kind of record it is and which area it is in, and
// nothing about a person.
#ifndef MARAC_DOMAIN_RESOURCE_NAME_H_
#define MARAC_DOMAIN_RESOURCE_NAME_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace marac::domain {

// Kinds of record. The numbers are stored.
enum class Kind : int32_t {
  kArea = 1,
  kAgency = 2,
  kAccount = 3,
  kProgram = 4,
  kAssessment = 5,
  kReferral = 6,
  kExcludedPerson = 7,
  kProtectedDetail = 8,
  kCase = 9,
  kMeeting = 10,
  kAgendaItem = 11,
  kAction = 12,
  kService = 13,
  kAlert = 20,
  kPilot = 30,
  kPilotPair = 31,
  kInstrument = 40,
  kPolicy = 41,
  kDocument = 50,
  kResearch = 60,
  kResearchNotes = 61,
};

// "agendaItems" for kAgendaItem, as in names.
std::string_view CollectionOf(Kind kind);

// A name that was parsed.
class ResourceName {
 public:
  // Parses "areas/mk/referrals/7f..."; INVALID_ARGUMENT names `field` and says what a name looks like.
  static absl::StatusOr<ResourceName> Parse(std::string_view field, std::string_view name);
  // The same, and only a name of this kind.
  static absl::StatusOr<ResourceName> Parse(std::string_view field, std::string_view name, Kind kind);
  // `parent` is "areas/mk", a meeting's name for an agenda item, a case's for research, or empty for what
  // belongs to the installation.
  static std::string Make(Kind kind, std::string_view parent, std::string_view id);

  Kind kind() const { return kind_; }
  const std::string& text() const { return text_; }
  // "areas/mk"; empty for agencies, accounts and programs. Of an area, its own name.
  const std::string& area() const { return area_; }
  // "areas/mk/meetings/4" of an agenda item, "areas/mk/cases/7" of research; the area of everything else in
  // one.
  const std::string& parent() const { return parent_; }
  // The last part.
  std::string_view id() const { return std::string_view(text_).substr(text_.rfind('/') + 1); }

 private:
  Kind kind_ = Kind::kArea;
  std::string text_;
  std::string area_;
  std::string parent_;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_RESOURCE_NAME_H_
