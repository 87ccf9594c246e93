#include "domain/addition.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "domain/completeness.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/protected_parts.h"
#include "domain/text.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// What the server sets or works out inside the author's part.
bool IsServers(const FieldDescriptor& field) {
  static constexpr std::string_view kServers[] = {
      "marac.v1.Referrer.on_behalf", "marac.v1.Referrer.receive_time", "marac.v1.Referrer.typed_by",
      "marac.v1.Criteria.score",     "marac.v1.Criteria.visible_high", "marac.v1.Criteria.has_score",
      "marac.v1.Criteria.under_age", "marac.v1.Criteria.eligible",
  };
  return std::ranges::find(kServers, field.full_name()) != std::end(kServers);
}

bool IsOpen(v1::Unknown unknown) {
  return unknown == v1::UNKNOWN_UNSPECIFIED || unknown == v1::UNKNOWN_NOT_KNOWN ||
         unknown == v1::UNKNOWN_NOT_ASKED;
}

// One value, and not a message with questions of its own inside.
bool IsValue(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
         field.message_type() == v1::Text::descriptor() ||
         field.message_type() == v1::DayAnswer::descriptor() || field.message_type() == v1::Day::descriptor();
}

// Whether a value may still be given: nobody gave one, or it was not known or not asked. That somebody
// preferred not to say is an answer of theirs.
bool IsOpen(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& value = reflection.GetMessage(message, &field);
      if (field.message_type() == v1::Text::descriptor()) {
        const auto& text = static_cast<const v1::Text&>(value);
        return text.has_value() ? IsBlank(text.value()) : IsOpen(text.unknown());
      }
      if (field.message_type() == v1::DayAnswer::descriptor()) {
        const auto& day = static_cast<const v1::DayAnswer&>(value);
        return !day.has_day() && !day.has_about_year() && IsOpen(day.unknown());
      }
      return !reflection.HasField(message, &field);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = reflection.GetEnumValue(message, &field);
      return value == 0 || (field.enum_type() == v1::YesNo_descriptor() &&
                            (value == v1::YES_NO_NOT_KNOWN || value == v1::YES_NO_NOT_ASKED));
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return IsBlank(reflection.GetString(message, &field));
    default:
      return !reflection.HasField(message, &field);
  }
}

bool IsGiven(const v1::Referral& sent, const FieldDescriptor& field) {
  return field.is_repeated() || sent.GetReflection()->HasField(sent, &field);
}

// The field alone, in a message of its own.
std::unique_ptr<Message> Only(const Message& message, const FieldDescriptor& field) {
  std::unique_ptr<Message> whole(message.New());
  whole->CopyFrom(message);
  std::unique_ptr<Message> only(message.New());
  message.GetReflection()->SwapFields(only.get(), whole.get(), {&field});
  return only;
}

class Filling {
 public:
  // Puts into `record` what `sent` gives and `record` has no answer to.
  void Fill(Message& record, const Message& sent, const std::string& path) {
    if (const auto* address = dynamic_cast<const v1::Address*>(&record);
        address != nullptr && address->protected_detail()) {
      // It is answered, and held apart.
      const auto& other = static_cast<const v1::Address&>(sent);
      if (IsAnswered(other.lines()) || IsAnswered(other.postcode())) Refuse(path);
      return;
    }
    std::vector<const FieldDescriptor*> fields;
    sent.GetReflection()->ListFields(sent, &fields);
    for (const FieldDescriptor* field : fields) {
      if (!IsServers(*field)) FillField(record, sent, *field, fmt::format("{}.{}", path, field->name()));
    }
  }

  void FillField(Message& record, const Message& sent, const FieldDescriptor& field,
                 const std::string& path) {
    const auto& reflection = *sent.GetReflection();
    if (field.is_repeated()) {
      FillList(record, sent, field, path);
    } else if (!IsValue(field)) {
      const Message& inside = reflection.GetMessage(sent, &field);
      if (inside.ByteSizeLong() > 0) Fill(*reflection.MutableMessage(&record, &field), inside, path);
    } else if (const auto given = Only(sent, field);
               !MessageDifferencer::Equals(*given, *Only(record, field))) {
      if (!IsOpen(record, field)) return Refuse(path);
      // "Not known" in place of "not asked" is no news, and nothing to keep.
      if (IsOpen(sent, field) && !IsUntouched(record, field)) return;
      reflection.ClearField(&record, &field);
      record.MergeFrom(*given);
      given_.push_back(path);
    }
  }

  void Note(std::string_view what) { given_.emplace_back(what); }
  FieldErrors& errors() { return errors_; }
  const std::vector<std::string>& given() const { return given_; }

 private:
  static bool IsUntouched(const Message& record, const FieldDescriptor& field) {
    return Only(record, field)->ByteSizeLong() == 0;
  }

  void Refuse(const std::string& path) {
    errors_.Add(path, "this was answered: what was said stays; return the referral to have it changed");
  }

  void FillList(Message& record, const Message& sent, const FieldDescriptor& field, const std::string& path) {
    const auto& reflection = *sent.GetReflection();
    for (int i = 0; i < reflection.FieldSize(sent, &field); ++i) {
      const int next = reflection.FieldSize(record, &field);
      const std::string added = fmt::format("{}[{}]", path, next);
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string value = reflection.GetRepeatedString(sent, &field, i);
        if (HasString(record, field, value)) continue;
        reflection.AddString(&record, &field, value);
        given_.push_back(added);
        continue;
      }
      const Message& entry = reflection.GetRepeatedMessage(sent, &field, i);
      if (const auto* party = dynamic_cast<const v1::Party*>(&entry);
          party != nullptr && !party->party_id().empty()) {
        FillParty(record, *party, field, fmt::format("{}[{}]", path, i));
      } else if (party != nullptr || !HasEntry(record, field, entry)) {
        reflection.AddMessage(&record, &field)->CopyFrom(entry);
        given_.push_back(added);
      }
    }
  }

  void FillParty(Message& record, const v1::Party& sent, const FieldDescriptor& field,
                 const std::string& sent_path) {
    const auto& reflection = *record.GetReflection();
    for (int i = 0; i < reflection.FieldSize(record, &field); ++i) {
      auto& party = static_cast<v1::Party&>(*reflection.MutableRepeatedMessage(&record, &field, i));
      if (party.party_id() != sent.party_id()) continue;
      return Fill(party, sent, fmt::format("referral.{}[{}]", field.name(), i));
    }
    errors_.Add(sent_path + ".party_id", "name a person of this list, or leave the id of a new one empty");
  }

  static bool HasString(const Message& record, const FieldDescriptor& field, const std::string& value) {
    const auto& reflection = *record.GetReflection();
    for (int i = 0; i < reflection.FieldSize(record, &field); ++i) {
      if (reflection.GetRepeatedString(record, &field, i) == value) return true;
    }
    return false;
  }

  static bool HasEntry(const Message& record, const FieldDescriptor& field, const Message& entry) {
    const auto& reflection = *record.GetReflection();
    for (int i = 0; i < reflection.FieldSize(record, &field); ++i) {
      if (MessageDifferencer::Equals(reflection.GetRepeatedMessage(record, &field, i), entry)) return true;
    }
    return false;
  }

  FieldErrors errors_;
  std::vector<std::string> given_;
};

// What is given beside the referral only adds: a name would replace what the author gave.
void CheckApart(const v1::Referral& before, const v1::CompleteReferralRequest& request, Filling& filling) {
  const auto held = [&](const v1::ProtectedDetail& detail) {
    const std::string& party = detail.party_id().empty() ? before.victim().party_id() : detail.party_id();
    return IsOnlyOne(detail.kind()) &&
           std::ranges::any_of(before.protected_details(), [&](const v1::ProtectedDetailMask& mask) {
             return mask.kind() == detail.kind() && mask.party_id() == party;
           });
  };
  for (int i = 0; i < request.protected_details_size(); ++i) {
    const v1::ProtectedDetail& detail = request.protected_details(i);
    filling.errors().Require(detail.name().empty() && !held(detail), fmt::format("protected_details[{}]", i),
                             "this was given: what was said stays; return the referral to have it changed");
  }
  for (int i = 0; i < request.excluded_people_size(); ++i) {
    filling.errors().Require(request.excluded_people(i).name().empty(),
                             fmt::format("excluded_people[{}].name", i), "leave it empty for a new entry");
  }
  if (!request.protected_details().empty()) filling.Note("protected_details");
  if (!request.excluded_people().empty()) filling.Note("excluded_people");
}

}  // namespace

absl::StatusOr<Completed> TakeAdditions(const v1::Referral& before, const v1::SafeContact* safe_contact,
                                        const v1::CompleteReferralRequest& request, const Author& author,
                                        const v1::AreaSettings& settings, absl::Time now) {
  if (before.state() != v1::REFERRAL_STATE_SUBMITTED) {
    return WrongState("NOT_WAITING", "only a referral that waits for triage is added to");
  }
  v1::Referral sent = request.referral();
  v1::SafeContact sent_contact = request.safe_contact();
  DropHiddenCharacters(sent);
  DropHiddenCharacters(sent_contact);
  Completed completed{.referral = before};
  Filling filling;
  for (const int number : AuthorsFields()) {
    // Urgent is how it was sent.
    if (number == v1::Referral::kUrgentFieldNumber) continue;
    const FieldDescriptor& field = *v1::Referral::descriptor()->FindFieldByNumber(number);
    if (!IsGiven(sent, field)) continue;
    filling.FillField(completed.referral, sent, field, "referral." + field.name());
  }
  const size_t given_before = filling.given().size();
  v1::SafeContact contact = safe_contact != nullptr ? *safe_contact : v1::SafeContact();
  filling.Fill(contact, sent_contact, "safe_contact");
  if (filling.given().size() > given_before) completed.safe_contact = contact;
  CheckApart(before, request, filling);
  // That there is nobody is an answer which one name undoes: it must not keep the name out.
  if (!request.excluded_people().empty()) completed.referral.set_has_excluded_people(v1::YES_NO_YES);

  const bool own = author.account == before.author();
  const std::string told_by = WithoutHiddenCharacters(request.told_by());
  filling.errors().Require(own || !IsBlank(told_by), "told_by", "say who told it, and how");
  RETURN_IF_ERROR(filling.errors().ToInvalidArgument());
  if (filling.given().empty()) {
    return InvalidField("referral", "give at least one thing that nobody has answered yet");
  }
  RETURN_IF_ERROR(TakeValues(completed.referral, settings, now));
  RETURN_IF_ERROR(GivePartyIds(completed.referral, &before));

  v1::Addition& addition = *completed.referral.add_additions();
  *addition.mutable_time() = ToTimestamp(now);
  addition.set_account(author.account);
  if (!own) addition.set_told_by(told_by);
  addition.mutable_fields()->Assign(filling.given().begin(), filling.given().end());
  return completed;
}

}  // namespace marac::domain
