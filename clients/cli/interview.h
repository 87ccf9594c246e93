// Taking an assessment with the person in the room: one question at a time, each answer saved as it is given.
#ifndef MARAC_CLI_INTERVIEW_H_
#define MARAC_CLI_INTERVIEW_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/assessment_calls.h"
#include "cli/client.h"

namespace marac::cli {

class Interview {
 public:
  // `pack` is the assessment's own.
  Interview(Client& client, v1::InstrumentPack pack, v1::Assessment assessment, SourceFlags source)
      : client_(client),
        pack_(std::move(pack)),
        assessment_(std::move(assessment)),
        source_(std::move(source)) {}

  // From the first open question to the signature, or until the person stops. OK also when they stop: every
  // answer given so far is kept by the server, and a note says how to go on.
  absl::Status Run();

  const v1::Assessment& assessment() const { return assessment_; }

 private:
  enum class Next { kForward, kBack, kStop };

  // Asks from `index` on until every question was met. False: the person stopped.
  absl::StatusOr<bool> AskFrom(int index);
  // The first question without an answer, or -1. `not_asked_too` counts NOT_ASKED as none.
  int FirstOpen(bool not_asked_too) const;
  absl::StatusOr<Next> Ask(int index);
  // Keeps what `key` answers, then asks what goes with it and keeps that: a note after a capital. False: the
  // person stopped.
  absl::StatusOr<bool> Answer(const v1::Item& item, char key);
  absl::StatusOr<bool> AskDetails(const v1::Item& item, v1::Answer& answer);
  absl::StatusOr<bool> AskNote(const v1::Item& item, v1::Answer& answer);
  // Saves one answer, behind what somebody else answered meanwhile.
  absl::Status Save(const v1::Answer& answer);
  const v1::Answer* AnswerTo(const v1::Item& item) const;

  // The practitioner's own part, then complete and sign. False: the person stopped.
  absl::StatusOr<bool> Finish();
  // Asks for each part of it, with what it holds already as the answer that Enter keeps. False: the person
  // stopped.
  absl::StatusOr<bool> AskJudgement(v1::Judgement& judgement);
  absl::StatusOr<bool> AskDays(v1::Judgement& judgement);
  void ShowJudgement(const v1::Judgement& judgement);
  // False, for the person who stopped.
  bool LeaveJudgement(const v1::Judgement& judgement);
  // Adds what the clusters that fired under this judgement ask for.
  absl::StatusOr<bool> AskSteps(v1::Judgement& judgement);
  absl::Status CompleteIt(const v1::Judgement& judgement, const std::string& stop_reason);
  absl::Status OfferSigning();

  Client& client_;
  const v1::InstrumentPack pack_;
  v1::Assessment assessment_;
  const SourceFlags source_;
};

}  // namespace marac::cli

#endif  // MARAC_CLI_INTERVIEW_H_
