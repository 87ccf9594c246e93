#include "cli/safe_contact_form.h"

#include <optional>

#include "cli/exit_code.h"
#include "cli/field_words.h"
#include "cli/prompt.h"

namespace marac::cli {
namespace {

absl::Status Stopped() { return UsageError("stopped: the safe contact is as it was"); }

}  // namespace

absl::Status AskSafeContactCorrection(Client& client, v1::SafeContact& contact, std::string& reason) {
  ASSIGN_OR_RETURN(const std::optional<bool> safe,
                   AskYesNo(client.terminal(),
                            "Is there a way in which it is safe to contact the victim now, no being do not "
                            "contact"));
  if (!safe.has_value()) return Stopped();
  if (!*safe) {
    contact.set_do_not_contact(true);
  } else {
    const auto& type = *v1::SafeContact::descriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& part = *type.field(i);
      if (part.number() == v1::SafeContact::kDoNotContactFieldNumber) continue;
      const FieldQuestion question = {
          .text = QuestionOf(part.name()), .path = "safe_contact." + part.name(), .enter = "not known"};
      ASSIGN_OR_RETURN(const Asked asked, AskField(client, contact, part, question));
      if (asked == Asked::kStopped) return Stopped();
    }
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> why,
                   AskText(client.terminal(), "Why is it not as it was"));
  if (!why.has_value()) return Stopped();
  reason = *why;
  return absl::OkStatus();
}

}  // namespace marac::cli
