// What the assessment commands and the interview share.
#ifndef MARAC_CLI_ASSESSMENT_CALLS_H_
#define MARAC_CLI_ASSESSMENT_CALLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "marac/v1/assessment_service.grpc.pb.h"

namespace marac::cli {

using AssessmentStub = v1::AssessmentService::Stub;

// The present edition, or an earlier one.
absl::StatusOr<v1::Assessment> GetAssessment(Client& client, const std::string& name, int edition = 0);
// The pack of an assessment, "id@version"; empty: the area's own.
absl::StatusOr<v1::InstrumentPack> GetInstrument(Client& client, const std::string& instrument);

// Where answers come from when it is not the victim (D-01).
struct SourceFlags {
  std::string source;
  std::string reference;
};
absl::Status SetSource(const SourceFlags& flags, v1::Answer& answer);

// "STRANGLE=yes", "KILL_THREAT=yes:CHILD+SELF" or "HURTS=option:PAIN": item, answer, details or option.
absl::StatusOr<v1::Answer> ParseAnswer(const std::string& text);

// The answer to an item in a word, or in the words of the option that was chosen.
std::string CodeText(const v1::Item& item, const v1::Answer& answer);

// Somebody named on the command line; "?" is not known.
v1::Party NamedParty(const std::string& name);

// What the answers come to, for people: score with its range, what it may and may not be called, grounds,
// clusters, and always the pack with its standing (EQ-02).
std::string ResultText(const v1::AssessmentResult& result);

// The whole assessment: who, every question with its answer, the result.
std::string AssessmentText(const v1::Assessment& assessment, const v1::InstrumentPack& pack);

// Two assessments side by side: every question with both answers and what changed, and both results.
std::string ComparisonText(const v1::AssessmentComparison& comparison, const v1::InstrumentPack& earlier_pack,
                           const v1::InstrumentPack& later_pack);

}  // namespace marac::cli

#endif  // MARAC_CLI_ASSESSMENT_CALLS_H_
