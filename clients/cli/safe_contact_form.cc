#include "cli/safe_contact_form.h"

#include <fmt/format.h>

#include <optional>

#include "cli/referral_form.h"

namespace marac::cli {
namespace {

absl::Status Stopped() { return absl::CancelledError("stopped: the safe contact is as it was"); }

absl::Status AskPart(Client& client, const google::protobuf::FieldDescriptor& field,
                     v1::SafeContact& contact) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<std::string> typed,
                     client.terminal().ReadLine(fmt::format("{} ({}; Enter: not known)\n> ",
                                                            FieldQuestion(field.name()), FieldHint(field))));
    if (!typed.has_value()) return Stopped();
    if (typed->empty()) return absl::OkStatus();
    const absl::Status set = SetFromTyped(contact, field, *typed, "safe_contact." + field.name());
    if (set.ok()) return absl::OkStatus();
    client.ShowError(set);
  }
}

}  // namespace

absl::Status AskSafeContactCorrection(Client& client, v1::SafeContact& contact, std::string& reason) {
  std::optional<char> key;
  do {
    ASSIGN_OR_RETURN(key, client.terminal().ReadKey("is there a way in which it is safe to contact the "
                                                    "victim now (y, n = do not contact)\n> "));
    if (!key.has_value()) return Stopped();
  } while (*key != 'y' && *key != 'n');
  if (*key == 'n') {
    contact.set_do_not_contact(true);
  } else {
    const auto& type = *v1::SafeContact::descriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i)->number() == v1::SafeContact::kDoNotContactFieldNumber) continue;
      RETURN_IF_ERROR(AskPart(client, *type.field(i), contact));
    }
  }
  while (reason.empty()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> typed,
                     client.terminal().ReadLine("why is it not as it was\n> "));
    if (!typed.has_value()) return Stopped();
    reason = *typed;
  }
  return absl::OkStatus();
}

}  // namespace marac::cli
