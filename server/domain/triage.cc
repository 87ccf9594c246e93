#include "domain/triage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "domain/communication.h"
#include "domain/completeness.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/matching.h"
#include "domain/text.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr size_t kReasonLineLengthMax = 200;

absl::Status MustBeSubmitted(const v1::Referral& referral) {
  switch (referral.state()) {
    case v1::REFERRAL_STATE_SUBMITTED:
      return absl::OkStatus();
    case v1::REFERRAL_STATE_DRAFT:
    case v1::REFERRAL_STATE_RETURNED:
      return WrongState("NOT_SUBMITTED", "this referral is with its author; wait until it is sent");
    case v1::REFERRAL_STATE_ACCEPTED:
    case v1::REFERRAL_STATE_DECLINED:
    case v1::REFERRAL_STATE_DUPLICATE:
    case v1::REFERRAL_STATE_WITHDRAWN:
    default:
      return WrongState("ALREADY_DECIDED",
                        "this referral does not wait for triage any more; look at what came of it");
  }
}

// "areas/mk" of "areas/mk/referrals/1".
std::string_view AreaOf(std::string_view name) { return name.substr(0, name.find('/', sizeof "areas/" - 1)); }

v1::Triage TriageBy(const Decision& decision) {
  v1::Triage triage;
  *triage.mutable_time() = ToTimestamp(decision.now);
  triage.set_account(decision.account);
  return triage;
}

bool RolesReversed(const v1::Referral& referral, const std::string& record, const v1::Party& victim,
                   const google::protobuf::RepeatedPtrField<v1::Party>& perpetrators) {
  const std::vector<RecordMatch> matches =
      MatchRecords(PartiesOf(referral.name(), referral.victim(), referral.perpetrators()),
                   PartiesOf(record, victim, perpetrators));
  // Where both ways agree, namesakes stand on both sides, and the person who looks knows better.
  return !matches.empty() && matches.front().roles_reversed && !matches.front().same_pair;
}

absl::Status RolesReversedError() {
  return WrongState(
      "ROLES_REVERSED",
      "the victim here is the person causing harm there, and the other way round: keep the two apart and "
      "look at them together");
}

// Each of those who must not receive a referral, and of whom nobody has said whether they work here.
absl::Status MustBeAnswered(const std::vector<std::string>& unresolved, std::string_view why) {
  FieldErrors errors;
  for (const std::string& entry : unresolved) {
    errors.Add(
        entry,
        fmt::format("say first whether this person, who must not receive the referral, works here: {}", why));
  }
  return errors.ToFailedPrecondition("UNRESOLVED_EXCLUSIONS");
}

absl::Status CheckAdmission(const v1::Referral& referral, const Acceptance& acceptance) {
  RETURN_IF_ERROR(MustBeSubmitted(referral));
  if (!IsBlank(acceptance.admit_reason)) return absl::OkStatus();
  FieldErrors errors;
  errors.Require(!referral.criteria().under_age(), "admit_reason",
                 "the victim is under age: decline with a signpost to children's safeguarding, or say why it "
                 "is admitted");
  errors.Require(referral.criteria().eligible() || acceptance.repeat_of != nullptr, "admit_reason",
                 "no ground for a referral holds: say why it is admitted, return it or decline it");
  return errors.ToFailedPrecondition("ADMIT_REASON_REQUIRED");
}

// The first line of why it is urgent, or of what happened.
std::string ReasonLine(const v1::Reason& reason) {
  const std::string& text = IsBlank(reason.why_now()) ? reason.narrative() : reason.why_now();
  std::string line = text.substr(0, text.find('\n'));
  if (line.size() <= kReasonLineLengthMax) return line;
  size_t end = kReasonLineLengthMax;
  // Not inside a character.
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  return line.substr(0, end) + "…";
}

template <typename List>
void AddOnce(List* list, const std::string& value) {
  if (!value.empty() && std::ranges::find(*list, value) == list->end()) *list->Add() = value;
}

bool IsLater(const v1::Day& day, const v1::Day& than) {
  return std::tuple(day.year(), day.month(), day.day()) > std::tuple(than.year(), than.month(), than.day());
}

// What rests on a referral's assessments.
void AddFindings(v1::Case& record, const v1::Referral& referral) {
  for (const std::string& assessment : referral.assessments_in_error())
    AddOnce(record.mutable_assessments_in_error(), assessment);
  if (referral.has_communication()) ShareProfile(referral.communication(), *record.mutable_communication());
  // The higher of two counts: who asked last does not make her safer.
  if (referral.criteria().has_score() &&
      (!record.has_score() || record.score() < referral.criteria().score())) {
    record.set_has_score(true);
    record.set_score(referral.criteria().score());
  }
}

void AddSources(v1::Case& record, const v1::Referral& referral) {
  AddOnce(record.mutable_referrals(), referral.name());
  for (const std::string& assessment : referral.assessments())
    AddOnce(record.mutable_assessments(), assessment);
  AddOnce(record.mutable_referring_agencies(), referral.referrer().agency());
  AddFindings(record, referral);
  // By when they were sent and came, in whatever order they are taken in.
  const v1::Day sent = DateOf(FromTimestamp(referral.submit_time())).ToDay();
  if (!record.has_last_referral_day() || IsLater(sent, record.last_referral_day()))
    *record.mutable_last_referral_day() = sent;
  if (!record.has_receive_time() ||
      FromTimestamp(referral.receive_time()) < FromTimestamp(record.receive_time()))
    *record.mutable_receive_time() = referral.receive_time();
}

// The id under which `party` stands in the case, where it is added when nobody there is the same by name or
// number without anything that speaks against it.
std::string FindOrAddParty(const v1::Party& party, google::protobuf::RepeatedPtrField<v1::Party>* parties,
                           int& last_id) {
  std::vector<StoredPerson> people;
  for (const v1::Party& there : *parties) people.push_back({there.party_id(), KeysOf(there)});
  for (const Candidate& candidate : MatchCandidates(KeysOf(party), people)) {
    const bool address_only = candidate.agreed == std::vector{MatchField::kAddress};
    if (candidate.differed.empty() && !address_only) return candidate.id;
  }
  v1::Party& added = *parties->Add();
  added = party;
  added.set_party_id(fmt::format("p{}", ++last_id));
  return added.party_id();
}

int LastPartyId(const v1::Case& record) {
  int last = 0;
  const auto note = [&last](const std::string& id) {
    if (id.size() > 1) last = std::max(last, std::atoi(id.c_str() + 1));
  };
  note(record.victim().party_id());
  for (const auto* parties : {&record.perpetrators(), &record.children()}) {
    for (const v1::Party& party : *parties) note(party.party_id());
  }
  for (const v1::ProtectedDetailMask& mask : record.protected_details()) note(mask.party_id());
  return last;
}

// The people of a further source whom the case does not have, and what is protected of them.
void AddPeople(v1::Case& record, const v1::Referral& referral) {
  int last_id = LastPartyId(record);
  std::map<std::string, std::string> ids = {{referral.victim().party_id(), record.victim().party_id()}};
  for (const v1::Party& party : referral.perpetrators()) {
    ids[party.party_id()] = FindOrAddParty(party, record.mutable_perpetrators(), last_id);
  }
  for (const v1::Party& party : referral.children()) {
    ids[party.party_id()] = FindOrAddParty(party, record.mutable_children(), last_id);
  }
  for (const v1::ProtectedDetailMask& mask : referral.protected_details()) {
    const auto there =
        std::ranges::find(record.protected_details(), mask.detail(), &v1::ProtectedDetailMask::detail);
    if (!mask.detail().empty() && there != record.protected_details().end()) continue;
    v1::ProtectedDetailMask& added = *record.add_protected_details();
    added = mask;
    // Of somebody whom the case does not list, the id of the referral would name another.
    const auto id = ids.find(mask.party_id());
    added.set_party_id(id != ids.end() ? id->second : "");
  }
}

}  // namespace

absl::StatusOr<v1::Referral> Return(v1::Referral referral, const std::string& reasons,
                                    const std::vector<std::string>& fields, const Decision& decision) {
  RETURN_IF_ERROR(MustBeSubmitted(referral));
  FieldErrors errors;
  errors.Require(!IsBlank(reasons), "reasons", "say what is wrong or missing, in words for the referrer");
  for (size_t i = 0; i < fields.size(); ++i) {
    errors.Require(MayBeAskedFor(fields[i]), fmt::format("fields[{}]", i),
                   "a referral has no such field; name it as missing_fields does, for instance "
                   "\"referral.reason.narrative\"");
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  referral.set_state(v1::REFERRAL_STATE_RETURNED);
  v1::Triage triage = TriageBy(decision);
  triage.set_reasons(WithoutHiddenCharacters(reasons));
  for (const std::string& field : fields) triage.add_fields(field);
  *referral.mutable_triage() = triage;
  return referral;
}

absl::StatusOr<v1::Referral> Decline(v1::Referral referral, const std::string& reasons,
                                     const Signpost& signpost, const Decision& decision) {
  RETURN_IF_ERROR(MustBeSubmitted(referral));
  FieldErrors errors;
  errors.Require(!IsBlank(reasons), "reasons", "say why this is not for MARAC");
  errors.Require(!IsBlank(signpost.words) || signpost.service != nullptr, "signpost",
                 referral.criteria().under_age() ? "name children's safeguarding and how to reach it"
                                                 : "say where the referrer can turn instead");
  if (signpost.service != nullptr) {
    errors.Require(AreaOf(signpost.service->name()) == AreaOf(referral.name()), "service",
                   "name a service of this referral's area");
    errors.Require(!signpost.service->retired(), "service",
                   "this service was retired: name one that is offered");
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  referral.set_state(v1::REFERRAL_STATE_DECLINED);
  v1::Triage triage = TriageBy(decision);
  triage.set_reasons(WithoutHiddenCharacters(reasons));
  triage.set_signpost(WithoutHiddenCharacters(signpost.words));
  if (signpost.service != nullptr) triage.set_service(signpost.service->name());
  *referral.mutable_triage() = triage;
  return referral;
}

absl::StatusOr<Duplicate> MarkDuplicate(v1::Referral referral, v1::Referral other,
                                        const std::vector<std::string>& unresolved_exclusions,
                                        const Decision& decision) {
  RETURN_IF_ERROR(MustBeSubmitted(referral));
  if (referral.name() == other.name())
    return InvalidField("duplicate_of", "name another referral than this one");
  switch (other.state()) {
    case v1::REFERRAL_STATE_SUBMITTED:
      break;
    case v1::REFERRAL_STATE_RETURNED:
      return WrongState(
          "NOT_WAITING",
          "that one is with its author, who may take it back: wait until it is sent again, or decide "
          "on this one");
    case v1::REFERRAL_STATE_ACCEPTED:
      return WrongState("ALREADY_ACCEPTED",
                        "that one was accepted already: accept this one into its case instead");
    default:
      return WrongState("NOT_WAITING", "name a referral that waits for triage");
  }
  if (!referral.duplicates().empty()) {
    return WrongState("HOLDS_DUPLICATES",
                      "others wait with this referral: mark the other one as the duplicate of this instead");
  }
  if (RolesReversed(referral, other.name(), other.victim(), other.perpetrators()))
    return RolesReversedError();
  RETURN_IF_ERROR(MustBeAnswered(unresolved_exclusions, "the two go together from here on"));
  referral.set_state(v1::REFERRAL_STATE_DUPLICATE);
  v1::Triage triage = TriageBy(decision);
  triage.set_duplicate_of(other.name());
  *referral.mutable_triage() = triage;

  AddOnce(other.mutable_duplicates(), referral.name());
  for (const v1::ProtectedDetailMask& mask : referral.protected_details()) {
    if (mask.kind() != v1::PROTECTED_KIND_SAFE_CONTACT) continue;
    v1::ProtectedDetailMask& added = *other.add_protected_details();
    added = mask;
    added.set_party_id(other.victim().party_id());
  }
  return Duplicate{std::move(referral), std::move(other)};
}

v1::Referral WaitsAgain(v1::Referral duplicate) {
  duplicate.set_state(v1::REFERRAL_STATE_SUBMITTED);
  duplicate.clear_triage();
  return duplicate;
}

absl::StatusOr<v1::Case> NewCase(const v1::Referral& referral, const std::string& name,
                                 const std::string& case_number, const Acceptance& acceptance) {
  RETURN_IF_ERROR(CheckAdmission(referral, acceptance));
  v1::Case record;
  record.set_kind(v1::CASE_KIND_NEW);
  if (const v1::Case* earlier = acceptance.repeat_of) {
    if (RolesReversed(referral, earlier->name(), earlier->victim(), earlier->perpetrators())) {
      return RolesReversedError();
    }
    if (earlier->unresolved_exclusions() > 0) {
      return WrongState(
          "UNRESOLVED_EXCLUSIONS",
          "somebody who must not receive what the earlier case holds is not answered: say first "
          "whether they work here");
    }
    const AnchorFinding finding =
        RepeatOf(referral, *earlier, acceptance.anchor_incident, acceptance.policy).counting();
    // Where a day is not known, the person who confirmed the pair has decided that as well.
    if (finding.answer != RepeatAnswer::kRepeat && finding.answer != RepeatAnswer::kNotKnown) {
      return WrongState("NOT_A_REPEAT", Explain(finding.answer));
    }
    record.set_kind(v1::CASE_KIND_REPEAT);
    record.set_repeat_of(earlier->name());
  }
  record.set_name(name);
  record.set_case_number(case_number);
  record.set_stage(v1::CASE_STAGE_ACCEPTED);
  *record.mutable_victim() = referral.victim();
  *record.mutable_perpetrators() = referral.perpetrators();
  *record.mutable_children() = referral.children();
  *record.mutable_protected_details() = referral.protected_details();
  record.set_reason_line(ReasonLine(referral.reason()));
  record.set_admit_reason(WithoutHiddenCharacters(acceptance.admit_reason));
  record.mutable_victim_contact()->set_state(v1::VICTIM_CONTACT_STATE_NOT_ATTEMPTED);
  *record.mutable_create_time() = ToTimestamp(acceptance.decision.now);
  record.set_unresolved_exclusions(static_cast<int>(acceptance.unresolved_exclusions.size()));
  AddSources(record, referral);
  return record;
}

absl::StatusOr<v1::Case> JoinCase(v1::Case record, const v1::Referral& referral,
                                  const Acceptance& acceptance) {
  RETURN_IF_ERROR(MustBeSubmitted(referral));
  if (acceptance.repeat_of != nullptr) {
    return InvalidField("repeat_of",
                        "a referral either joins an open case or begins a repeat: leave one of them out");
  }
  switch (record.stage()) {
    case v1::CASE_STAGE_ACCEPTED:
    case v1::CASE_STAGE_LISTED:
      break;
    default:
      return WrongState(
          "CASE_NOT_OPEN",
          "that case was heard or closed: accept this as a new case, and as its repeat if it is one");
  }
  if (RolesReversed(referral, record.name(), record.victim(), record.perpetrators()))
    return RolesReversedError();
  // Whoever the case is open to has the referral the moment it joins. A new case waits for the answers until
  // it is circulated; this one may have been circulated already, and has a referrer who sees it from the
  // first.
  RETURN_IF_ERROR(MustBeAnswered(acceptance.unresolved_exclusions, "the case is open to others already"));
  // And whoever sent this one sees the case.
  if (record.unresolved_exclusions() > 0) {
    return WrongState("UNRESOLVED_EXCLUSIONS",
                      "somebody who must not receive what that case holds is not answered: say first whether "
                      "they work here");
  }
  AddSources(record, referral);
  if (record.admit_reason().empty())
    record.set_admit_reason(WithoutHiddenCharacters(acceptance.admit_reason));

  AddPeople(record, referral);
  return record;
}

v1::Case WithFindingsOf(v1::Case record, std::span<const v1::Referral> referrals) {
  record.clear_assessments_in_error();
  record.clear_communication();
  record.clear_has_score();
  record.clear_score();
  for (const v1::Referral& referral : referrals) AddFindings(record, referral);
  return record;
}

v1::Case WithDuplicate(v1::Case record, const v1::Referral& duplicate) {
  AddSources(record, duplicate);
  AddPeople(record, duplicate);
  return record;
}

v1::Referral Accepted(v1::Referral referral, const std::string& case_name, const Acceptance& acceptance) {
  referral.set_state(v1::REFERRAL_STATE_ACCEPTED);
  referral.set_case_name(case_name);
  *referral.mutable_triage() = TriageBy(acceptance.decision);
  return referral;
}

}  // namespace marac::domain
