#include "domain/protected_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string>

#include "base/status_macros.h"
#include "domain/completeness.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/text.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr size_t kDetailsMax = 40;
constexpr size_t kExcludedMax = 40;

template <typename Visit>
void ForEachParty(v1::Referral& referral, Visit visit) {
  visit(*referral.mutable_victim(), std::string("referral.victim"));
  const auto each = [&](auto* parties, std::string_view field) {
    for (int i = 0; i < parties->size(); ++i)
      visit(*parties->Mutable(i), fmt::format("referral.{}[{}]", field, i));
  };
  each(referral.mutable_perpetrators(), "perpetrators");
  each(referral.mutable_children(), "children");
  each(referral.mutable_others_at_risk(), "others_at_risk");
}

// 7 for "p7"; 0 for anything that is not an id of ours.
int PartyNumber(std::string_view id) {
  if (!id.starts_with('p') || id.size() > 7) return 0;
  int number = 0;
  const auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), number);
  return error == std::errc() && end == id.data() + id.size() && number > 0 ? number : 0;
}

bool IsAddress(v1::ProtectedKind kind) {
  switch (kind) {
    case v1::PROTECTED_KIND_REFUGE_ADDRESS:
    case v1::PROTECTED_KIND_NEW_ADDRESS:
    case v1::PROTECTED_KIND_ADDRESS:
    case v1::PROTECTED_KIND_USUAL_HOME:
      return true;
    default:
      return false;
  }
}

bool HasContent(const v1::Address& address) {
  return IsAnswered(address.lines()) || IsAnswered(address.postcode());
}

// What stands in a record where an address is kept apart.
v1::Address HeldApart() {
  v1::Address address;
  address.set_protected_detail(true);
  return address;
}

v1::ProtectedDetail* Find(std::vector<v1::ProtectedDetail>& details, const std::string& party_id,
                          v1::ProtectedKind kind) {
  const auto found = std::ranges::find_if(details, [&](const v1::ProtectedDetail& detail) {
    return !detail.parent().empty() && detail.party_id() == party_id && detail.kind() == kind;
  });
  return found == details.end() ? nullptr : &*found;
}

v1::ProtectedDetail& FindOrAdd(std::vector<v1::ProtectedDetail>& details, const std::string& parent,
                               const std::string& party_id, v1::ProtectedKind kind) {
  if (v1::ProtectedDetail* found = Find(details, party_id, kind)) return *found;
  v1::ProtectedDetail& added = details.emplace_back();
  added.set_parent(parent);
  added.set_party_id(party_id);
  added.set_kind(kind);
  return added;
}

void TakeAway(v1::ProtectedDetail& detail) {
  v1::ProtectedDetail emptied;
  emptied.set_name(detail.name());
  emptied.set_party_id(detail.party_id());
  emptied.set_kind(detail.kind());
  detail = emptied;
}

// Copies a marked address out of the party, and takes the detail away when the address is now said in the
// open.
void SplitAddress(v1::Address& address, const std::string& parent, const std::string& party_id,
                  v1::ProtectedKind kind, std::vector<v1::ProtectedDetail>& details) {
  // An empty address is one nobody changed: leaving it out must not take a protected one away.
  if (!HasContent(address)) return;
  if (!address.protected_detail()) {
    if (v1::ProtectedDetail* before = Find(details, party_id, kind)) TakeAway(*before);
    return;
  }
  *FindOrAdd(details, parent, party_id, kind).mutable_address() = address;
}

absl::Status TakeSent(const v1::ProtectedDetail& sent, const std::string& field, const std::string& parent,
                      const std::set<std::string>& parties, const std::string& victim,
                      std::vector<v1::ProtectedDetail>& details) {
  v1::ProtectedDetail detail = sent;
  DropHiddenCharacters(detail);
  detail.set_parent(parent);
  detail.clear_correction();
  if (detail.party_id().empty()) detail.set_party_id(victim);
  FieldErrors errors;
  CheckValues(detail, field, errors);
  errors.Require(parties.contains(detail.party_id()), field + ".party_id",
                 "name a person of this referral by the id that the saved draft shows");
  if (detail.kind() == v1::PROTECTED_KIND_SAFE_CONTACT) {
    errors.Add(field + ".kind", "give safe contact in safe_contact");
  } else if (IsAddress(detail.kind())) {
    detail.clear_safe_contact();
    detail.clear_text();
    errors.Require(HasContent(detail.address()), field + ".address",
                   "give the address, or leave the detail out");
    detail.mutable_address()->set_protected_detail(true);
  } else {
    detail.clear_safe_contact();
    detail.clear_address();
    errors.Require(detail.kind() != v1::PROTECTED_KIND_UNSPECIFIED, field + ".kind",
                   "say what kind of detail it is");
    errors.Require(!IsBlank(detail.text()), field + ".text", "give the detail, or leave it out");
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (!detail.name().empty()) {
    const auto same = std::ranges::find(details, detail.name(), &v1::ProtectedDetail::name);
    if (same == details.end() || same->kind() != detail.kind()) {
      return InvalidField(field + ".name",
                          "name a detail of this kind that this referral holds, or leave it empty");
    }
    *same = detail;
    return absl::OkStatus();
  }
  if (v1::ProtectedDetail* one =
          IsOnlyOne(detail.kind()) ? Find(details, detail.party_id(), detail.kind()) : nullptr) {
    detail.set_name(one->name());
    *one = detail;
    return absl::OkStatus();
  }
  details.push_back(detail);
  return absl::OkStatus();
}

// What a correction leaves out is not known: the questions were met, and nobody is asked them again.
void SetUntouchedToNotKnown(v1::SafeContact& contact) {
  const auto& type = *v1::SafeContact::descriptor();
  const auto& reflection = *contact.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto* field = type.field(i);
    if (field->enum_type() == v1::YesNo_descriptor() && reflection.GetEnumValue(contact, field) == 0) {
      reflection.SetEnumValue(&contact, field, v1::YES_NO_NOT_KNOWN);
    } else if (field->message_type() == v1::Text::descriptor()) {
      auto& text = static_cast<v1::Text&>(*reflection.MutableMessage(&contact, field));
      if (!IsAnswered(text)) text.set_unknown(v1::UNKNOWN_NOT_KNOWN);
    }
  }
}

v1::ProtectedDetailMask MaskOf(const v1::ProtectedDetail& detail) {
  v1::ProtectedDetailMask mask;
  mask.set_detail(detail.name());
  mask.set_kind(detail.kind());
  mask.set_party_id(detail.party_id());
  mask.set_do_not_contact(detail.kind() == v1::PROTECTED_KIND_SAFE_CONTACT &&
                          !MayContact(detail.safe_contact()));
  if (detail.has_correction()) *mask.mutable_correct_time() = detail.correction().time();
  return mask;
}

}  // namespace

bool MayContact(const v1::SafeContact& safe_contact) {
  if (safe_contact.do_not_contact()) return false;
  return safe_contact.safe_to_call() == v1::YES_NO_YES || safe_contact.safe_to_text() == v1::YES_NO_YES ||
         !IsBlank(safe_contact.safe_third_party().value());
}

bool MayContact(const google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask>& masks) {
  bool allowed = false;
  for (const v1::ProtectedDetailMask& mask : masks) {
    if (mask.kind() != v1::PROTECTED_KIND_SAFE_CONTACT) continue;
    if (mask.do_not_contact()) return false;
    allowed = true;
  }
  return allowed;
}

bool IsOnlyOne(v1::ProtectedKind kind) {
  return kind == v1::PROTECTED_KIND_SAFE_CONTACT || kind == v1::PROTECTED_KIND_ADDRESS ||
         kind == v1::PROTECTED_KIND_USUAL_HOME;
}

absl::Status GivePartyIds(v1::Referral& referral, const v1::Referral* before) {
  v1::Party& victim = *referral.mutable_victim();
  if (victim.party_id().empty()) {
    victim.set_party_id(
        before != nullptr && !before->victim().party_id().empty() ? before->victim().party_id() : "p1");
  }
  int last = 0;
  const auto note = [&last](const std::string& id) { last = std::max(last, PartyNumber(id)); };
  if (before != nullptr) {
    v1::Referral earlier = *before;
    ForEachParty(earlier, [&](const v1::Party& party, const std::string&) { note(party.party_id()); });
    for (const v1::ProtectedDetailMask& mask : before->protected_details()) note(mask.party_id());
  }
  FieldErrors errors;
  std::set<std::string> seen;
  ForEachParty(referral, [&](const v1::Party& party, const std::string& field) {
    if (party.party_id().empty()) return;
    errors.Require(PartyNumber(party.party_id()) > 0 && seen.insert(party.party_id()).second,
                   field + ".party_id",
                   "leave the id of a new person empty, and send back the ids of the others as they are");
    note(party.party_id());
  });
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  ForEachParty(referral, [&](v1::Party& party, const std::string&) {
    if (party.party_id().empty()) party.set_party_id(fmt::format("p{}", ++last));
  });
  return absl::OkStatus();
}

const v1::SafeContact* KeptApart::safe_contact() const {
  for (const v1::ProtectedDetail& detail : details) {
    if (detail.kind() == v1::PROTECTED_KIND_SAFE_CONTACT && !detail.parent().empty())
      return &detail.safe_contact();
  }
  return nullptr;
}

absl::StatusOr<KeptApart> KeepApart(v1::Referral& referral, const SentDetails& sent) {
  KeptApart kept{sent.stored};
  const std::string& victim = referral.victim().party_id();
  std::set<std::string> parties;
  // Marks are looked at before what was sent beside them, so that an address given as a detail sets the mark
  // last.
  ForEachParty(referral, [&](v1::Party& party, const std::string&) {
    parties.insert(party.party_id());
    if (party.has_address()) {
      SplitAddress(*party.mutable_address(), referral.name(), party.party_id(), v1::PROTECTED_KIND_ADDRESS,
                   kept.details);
    }
    if (party.has_usual_home()) {
      SplitAddress(*party.mutable_usual_home(), referral.name(), party.party_id(),
                   v1::PROTECTED_KIND_USUAL_HOME, kept.details);
    }
  });
  for (v1::ProtectedDetail& detail : kept.details) {
    if (!detail.parent().empty() && !parties.contains(detail.party_id())) TakeAway(detail);
  }
  for (size_t i = 0; i < sent.details.size(); ++i) {
    RETURN_IF_ERROR(TakeSent(sent.details[i], fmt::format("protected_details[{}]", i), referral.name(),
                             parties, victim, kept.details));
  }
  if (sent.safe_contact) {
    v1::SafeContact contact = *sent.safe_contact;
    DropHiddenCharacters(contact);
    FieldErrors errors;
    CheckValues(contact, "safe_contact", errors);
    v1::ProtectedDetail& detail =
        FindOrAdd(kept.details, referral.name(), victim, v1::PROTECTED_KIND_SAFE_CONTACT);
    // A form that was open since before would put the dangerous number back.
    errors.Require(!detail.has_correction(), "safe_contact",
                   "it was corrected since it was sent: correct it again, with a reason, or leave it out");
    RETURN_IF_ERROR(errors.ToInvalidArgument());
    *detail.mutable_safe_contact() = contact;
  }
  if (kept.details.size() > kDetailsMax) {
    return InvalidField("protected_details", fmt::format("a referral holds at most {} of them", kDetailsMax));
  }
  ForEachParty(referral, [&](v1::Party& party, const std::string&) {
    // An address that is held apart is not said a second time in the open.
    if (Find(kept.details, party.party_id(), v1::PROTECTED_KIND_ADDRESS) != nullptr) {
      *party.mutable_address() = HeldApart();
    }
    if (Find(kept.details, party.party_id(), v1::PROTECTED_KIND_USUAL_HOME) != nullptr) {
      *party.mutable_usual_home() = HeldApart();
    }
    // One without anything in it would read as if somebody had given one.
    if (party.has_address() && party.address().ByteSizeLong() == 0) party.clear_address();
    if (party.has_usual_home() && party.usual_home().ByteSizeLong() == 0) party.clear_usual_home();
  });
  return kept;
}

void SetMasks(v1::Referral& referral, const std::vector<v1::ProtectedDetail>& details) {
  referral.clear_protected_details();
  for (const v1::ProtectedDetail& detail : details) {
    if (!detail.parent().empty()) *referral.add_protected_details() = MaskOf(detail);
  }
}

absl::Status CorrectSafeContact(std::vector<v1::ProtectedDetail>& details, const std::string& parent,
                                const std::string& victim, const SafeContactChange& change,
                                const Decision& decision) {
  v1::SafeContact contact = change.contact;
  DropHiddenCharacters(contact);
  FieldErrors errors;
  CheckValues(contact, "safe_contact", errors);
  errors.Require(contact.do_not_contact() || MayContact(contact), "safe_contact",
                 "say how the victim may safely be reached now, or do not contact");
  errors.Require(!IsBlank(change.reason), "reason", "say why it is not as it was");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (!contact.do_not_contact()) SetUntouchedToNotKnown(contact);
  if (details.empty()) FindOrAdd(details, parent, victim, v1::PROTECTED_KIND_SAFE_CONTACT);
  v1::ProtectedDetail& kept = details.front();
  kept.set_party_id(victim);
  *kept.mutable_safe_contact() = contact;
  v1::SafeContactCorrection& correction = *kept.mutable_correction();
  *correction.mutable_time() = ToTimestamp(decision.now);
  correction.set_account(decision.account);
  correction.set_reason(WithoutHiddenCharacters(change.reason));
  std::for_each(details.begin() + 1, details.end(), TakeAway);
  return absl::OkStatus();
}

void SetSafeContactMask(const v1::ProtectedDetail& detail, const std::string& victim,
                        google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask>& masks) {
  const auto others = std::remove_if(masks.begin(), masks.end(), [](const v1::ProtectedDetailMask& mask) {
    return mask.kind() == v1::PROTECTED_KIND_SAFE_CONTACT;
  });
  masks.erase(others, masks.end());
  v1::ProtectedDetailMask& mask = *masks.Add();
  mask = MaskOf(detail);
  mask.set_party_id(victim);
}

absl::Status CheckCorrectedHere(const v1::Referral& referral) {
  switch (referral.state()) {
    case v1::REFERRAL_STATE_DRAFT:
      return WrongState("NOT_SENT", "this referral is a draft: save the draft with the safe contact");
    case v1::REFERRAL_STATE_ACCEPTED:
      return WrongState("ALREADY_ACCEPTED",
                        "this referral was accepted: correct the safe contact of its case");
    case v1::REFERRAL_STATE_DUPLICATE:
      return WrongState("DUPLICATE", "this is a duplicate: correct the safe contact of the other referral");
    case v1::REFERRAL_STATE_SUBMITTED:
    case v1::REFERRAL_STATE_RETURNED:
    case v1::REFERRAL_STATE_DECLINED:
    case v1::REFERRAL_STATE_WITHDRAWN:
    default:
      // Also of one that is over: whoever is still shown it would act on it.
      return absl::OkStatus();
  }
}

absl::StatusOr<std::vector<v1::ExcludedPerson>> KeepExcluded(v1::Referral& referral,
                                                             std::vector<v1::ExcludedPerson> sent,
                                                             const std::vector<v1::ExcludedPerson>& stored) {
  const bool nobody = referral.has_excluded_people() == v1::YES_NO_NO;
  // Once sent, the list is with the coordinator, and its author does not see it: nothing may fall off it by a
  // save.
  const bool was_sent = referral.has_submit_time();
  FieldErrors errors;
  errors.Require(!nobody || sent.empty(), "referral.has_excluded_people",
                 "says nobody, but people are named: choose");
  errors.Require(!nobody || !was_sent || stored.empty(), "referral.has_excluded_people",
                 "people were named when this was sent: ask the coordinator, who answers for each of them");
  for (size_t i = 0; i < sent.size(); ++i) {
    const std::string field = fmt::format("excluded_people[{}]", i);
    DropHiddenCharacters(sent[i]);
    errors.Require(!IsBlank(sent[i].person()), field + ".person", "give the name of the person");
    CheckValues(sent[i], field, errors);
    errors.Require(sent[i].name().empty() ||
                       std::ranges::find(stored, sent[i].name(), &v1::ExcludedPerson::name) != stored.end(),
                   field + ".name", "name an entry of this referral, or leave it empty for a new one");
  }
  errors.Require(sent.size() + stored.size() <= kExcludedMax, "excluded_people",
                 fmt::format("this list holds at most {} people", kExcludedMax));
  RETURN_IF_ERROR(errors.ToInvalidArgument());

  std::vector<v1::ExcludedPerson> kept = stored;
  const bool replace = !was_sent && (nobody || !sent.empty());
  for (v1::ExcludedPerson& before : kept) {
    const auto again = std::ranges::find(sent, before.name(), &v1::ExcludedPerson::name);
    if (again != sent.end() && before.answer() == v1::EXCLUSION_ANSWER_UNSPECIFIED) {
      v1::ExcludedPerson changed = *again;
      changed.set_referral(before.referral());
      changed.clear_answer();
      changed.clear_account();
      changed.clear_source();
      changed.clear_candidate();
      before = changed;
    } else if (again == sent.end() && replace) {
      v1::ExcludedPerson emptied;
      emptied.set_name(before.name());
      before = emptied;
    }
  }
  for (const v1::ExcludedPerson& person : sent) {
    if (!person.name().empty()) continue;
    v1::ExcludedPerson& added = kept.emplace_back(person);
    added.set_referral(referral.name());
    added.clear_answer();
    added.clear_account();
    added.clear_source();
    added.clear_candidate();
  }
  const auto count =
      std::ranges::count_if(kept, [](const v1::ExcludedPerson& p) { return !p.referral().empty(); });
  referral.set_excluded_people_count(static_cast<int32_t>(count));
  if (count > 0) referral.set_has_excluded_people(v1::YES_NO_YES);
  return kept;
}

absl::StatusOr<v1::ExcludedPerson> Resolve(v1::ExcludedPerson person, v1::ExclusionAnswer answer,
                                           const std::string& account) {
  const bool worker = answer == v1::EXCLUSION_ANSWER_WORKER;
  FieldErrors errors;
  errors.Require(worker || answer == v1::EXCLUSION_ANSWER_NOT_A_WORKER, "answer",
                 "say whether the person works for an agency here, or does not");
  errors.Require(!worker || !account.empty(), "account", "name the account of the worker");
  errors.Require(worker || account.empty(), "account", "leave it out for somebody who is not a worker");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (person.answer() == v1::EXCLUSION_ANSWER_WORKER && (!worker || account != person.account())) {
    return WrongState(
        "ALREADY_SHUT_OUT",
        "this person was answered as a worker and is shut out; only the chair can lift that, in writing");
  }
  person.set_answer(answer);
  person.set_account(account);
  return person;
}

}  // namespace marac::domain
