// Details that could cost a life, kept apart from the record they belong to (decisions: protected details),
// and the people who must not receive it. Both are records of their own; a referral holds masks and a count.
#ifndef MARAC_DOMAIN_PROTECTED_PARTS_H_
#define MARAC_DOMAIN_PROTECTED_PARTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/triage.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"

namespace marac::domain {

// Whether the victim may be contacted directly at all: a way that is safe is stated, and nothing says
// not to. Absent and unknown mean do not contact.
bool MayContact(const v1::SafeContact& safe_contact);
// The same from what a record shows of its safe contacts: every one of them has to allow it.
bool MayContact(const google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask>& masks);

// Whether a party has one detail of this kind, or none.
bool IsOnlyOne(v1::ProtectedKind kind);

// Gives every party without an id one that no party and no detail of this referral ever had; the victim keeps
// hers. INVALID_ARGUMENT when two parties say they are the same, or an id is none of ours.
absl::Status GivePartyIds(v1::Referral& referral, const v1::Referral* before);

// Protected details after a save. Those without a name are new. Those whose `parent` is empty were taken
// away, with their content: the row stays for the history, and no mask points to it.
struct KeptApart {
  std::vector<v1::ProtectedDetail> details;
  // The victim's safe contact among them; null: nobody gave one.
  const v1::SafeContact* safe_contact() const;
};

// What the author sent of protected details. The details are as stored before this save.
struct SentDetails {
  std::optional<v1::SafeContact> safe_contact;  // absent: unchanged
  std::vector<v1::ProtectedDetail> details;     // a name replaces that one, none adds one
  std::vector<v1::ProtectedDetail> stored;
};

// Takes the content of every protected address out of `referral`, leaving the mark, and puts it together with
// the rest. An address sent empty keeps its detail; one that is now said in the open loses it. Parties have
// their ids already. INVALID_ARGUMENT: a detail that is not this referral's, of an unknown party, or without
// content; more than 40; a safe contact over one that was corrected since.
absl::StatusOr<KeptApart> KeepApart(v1::Referral& referral, const SentDetails& sent);

// The masks of the details that have a parent, by party and kind. Needs names.
void SetMasks(v1::Referral& referral, const std::vector<v1::ProtectedDetail>& details);

// What somebody learned of the victim's safe contact after it was sent.
struct SafeContactChange {
  const v1::SafeContact& contact;
  const std::string& reason;
};

// Replaces the victim's safe contact. `details` are those of SAFE_CONTACT that the record holds: the first
// one stays, with the new content, in which what is left out is not known, and the others are taken away, so
// that nobody is shown what is no longer true; without any, one is added for `victim` of the record `parent`.
// INVALID_ARGUMENT: no reason, or neither a safe way nor do_not_contact.
absl::Status CorrectSafeContact(std::vector<v1::ProtectedDetail>& details, const std::string& parent,
                                const std::string& victim, const SafeContactChange& change,
                                const Decision& decision);

// Makes `detail` the only safe contact that a record with these masks and this victim shows.
void SetSafeContactMask(const v1::ProtectedDetail& detail, const std::string& victim,
                        google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask>& masks);

// FAILED_PRECONDITION unless the safe contact of this referral is corrected here: not of a draft, nor where a
// case or another referral has taken it over.
absl::Status CheckCorrectedHere(const v1::Referral& referral);

// The people who must not receive a referral after a save: those without a name are new, those without
// `referral` were taken away.
absl::StatusOr<std::vector<v1::ExcludedPerson>> KeepExcluded(v1::Referral& referral,
                                                             std::vector<v1::ExcludedPerson> sent,
                                                             const std::vector<v1::ExcludedPerson>& stored);

// What a coordinator found: a worker, with the account that is to be shut out, or nobody who works
// here. INVALID_ARGUMENT: no answer, a worker without an account, or an account for somebody who is no
// worker. FAILED_PRECONDITION: the entry was answered as a worker before; a shut-out is not lifted here.
absl::StatusOr<v1::ExcludedPerson> Resolve(v1::ExcludedPerson person, v1::ExclusionAnswer answer,
                                           const std::string& account);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_PROTECTED_PARTS_H_
