// One referral and what came of it, and the steps by which it goes on. Each step is made by whoever's client
// is given, so that the same story can be told to one server or to two; a step that is refused ends the test
// program saying why.
#ifndef MARAC_TESTS_ACCESS_STORY_H_
#define MARAC_TESTS_ACCESS_STORY_H_

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/access/expected.h"
#include "tests/support/client.h"

namespace marac::testing {

// Planted in what must never leave but by one method; searched in every answer.
inline constexpr char kSafeContactCanary[] = "QZX7-CANARY-SAFE-CONTACT";
inline constexpr char kRefugeCanary[] = "QZX7-CANARY-REFUGE";
inline constexpr char kExcludedCanary[] = "QZX7-CANARY-EXCLUDED";

struct Story {
  rules::Stage stage = rules::NONE;
  v1::Role author = v1::ROLE_UNSPECIFIED;
  v1::SaveDraftRequest sent;
  v1::Referral referral;
  v1::Assessment draft;
  v1::Assessment completed;
  v1::Assessment signed_one;
  std::string safe_contact;  // names of protected details
  std::string refuge;
  std::string booklet;                // of the draft
  std::vector<std::string> excluded;  // names of entries
  v1::Case record;
  v1::Meeting meeting;
  v1::AgendaItem item;
  v1::Action proposed;  // to the author's agency
  v1::Action open;      // accepted by the author
  bool ready_to_close = false;
};

// A value that must be there, or the test program ends saying why.
[[noreturn]] void DieOf(const absl::Status& status, const std::string& what);
template <typename T>
T Must(absl::StatusOr<T> value, const std::string& what) {
  if (!value.ok()) DieOf(value.status(), what);
  return *std::move(value);
}

// How far an assessment is taken.
enum class Until { kAnswered, kCompleted, kSigned };
// Takes one of the referral's two adults, with one yes.
v1::Assessment Assess(const Client& author, const v1::Referral& referral, Until until);

// Saves `referral` as a draft with three assessments of its two adults, so many people who must not receive
// it, and protected details that carry the canaries.
void WriteDraft(Story& story, const Client& author, const v1::Referral& referral, size_t excluded);
void Submit(Story& story, const Client& author);
// Shuts these accounts out, one for each of the people who must not receive it.
void ShutOut(const Story& story, const Client& coordinator, std::span<const std::string> accounts);
void Accept(Story& story, const Client& coordinator);
// Opens the item and records what was said.
void Discuss(Story& story, const Client& chair);
void CloseItem(Story& story, const Client& chair);
v1::Action ProposeAction(const Story& story, const Client& coordinator, const std::string& agency,
                         absl::Time due, const std::string& accepted_by = "");
v1::Action AcceptAction(const v1::Action& action, const Client& client);
v1::Action Refuse(const v1::Action& action, const Client& client);
v1::Action ReportComplete(const v1::Action& action, const Client& client);
// What this agency's worksheet for the case is called, and the same as it is now for somebody of the agency,
// with nobody known and everybody looked for; and how it is saved and returned.
std::string WorksheetName(const Story& story, const std::string& agency);
v1::ResearchNotes Worksheet(const Story& story, const std::string& agency, const Client& client,
                            absl::Time now);
absl::StatusOr<v1::ResearchNotes> SaveWorksheet(const v1::ResearchNotes& notes, const Client& client);
void ReturnWorksheet(const v1::ResearchNotes& notes, const Client& client);
// Records that the victim was told.
void UpdateVictim(Story& story, const Client& client);
void CloseCase(Story& story, const Client& coordinator);

// How it reads now, to somebody who may read it.
void ReadAssessments(Story& story, const Client& reader);
void ReadCase(Story& story, const Client& reader);

}  // namespace marac::testing

#endif  // MARAC_TESTS_ACCESS_STORY_H_
