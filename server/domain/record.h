// What the server keeps in columns beside a record's message: the few things that are searched, ordered or
// counted.
#ifndef MARAC_DOMAIN_RECORD_H_
#define MARAC_DOMAIN_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "domain/resource_name.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/alert.pb.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/document.pb.h"
#include "marac/v1/installed.pb.h"
#include "marac/v1/meeting.pb.h"
#include "marac/v1/pilot.pb.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"
#include "marac/v1/research.pb.h"
#include "marac/v1/support.pb.h"

namespace marac::domain {

// The state of a service that is offered; of a retired one it is another.
inline constexpr int32_t kServiceOffered = 1;

// Added to the states of an emergency meeting: what lists or counts meetings by state means those of the
// cycle, and must not tell of one that is open to few.
inline constexpr int32_t kOutsideCycle = 100;

// Derived from the message by one function a kind, so that the two cannot disagree.
struct RecordColumns {
  int32_t state = 0;
  std::string author;    // the account whose record it is: who wrote it, or who accepted the action; empty
                         // where the message does not say: then it is given at the record's making and stays
  std::string agency;    // that account's agency, likewise
  std::string parent;    // the record it hangs on
  int64_t sort_key = 0;  // what lists of this kind are ordered by
  std::optional<int64_t> due_day = std::nullopt;  // by when it is to be looked at anew, in days since 1970
};

RecordColumns ColumnsOf(const v1::Area& area);
RecordColumns ColumnsOf(const v1::Agency& agency);
RecordColumns ColumnsOf(const v1::Account& account);
RecordColumns ColumnsOf(const v1::Program& program);
RecordColumns ColumnsOf(const v1::Assessment& assessment);  // by start
RecordColumns ColumnsOf(const v1::Referral& referral);      // by receipt, before it by start
RecordColumns ColumnsOf(const v1::ExcludedPerson& person);  // state: the answer
RecordColumns ColumnsOf(const v1::ProtectedDetail& detail);
RecordColumns ColumnsOf(
    const v1::Case& record);  // by making; on the case it repeats; due when its flag lapses
RecordColumns ColumnsOf(const v1::Meeting& meeting);  // by start
RecordColumns ColumnsOf(const v1::AgendaItem& item);  // by place on the agenda
RecordColumns ColumnsOf(const v1::Action& action);    // by due moment; due when it was reported as not done
RecordColumns ColumnsOf(const v1::SupportService& service);
RecordColumns ColumnsOf(const v1::Alert& alert);                // by time; of the agency of whom it is about
RecordColumns ColumnsOf(const v1::Pilot& pilot);                // by registration
RecordColumns ColumnsOf(const v1::PilotPair& pair);             // on the pilot, by number
RecordColumns ColumnsOf(const v1::AreaInstrument& instrument);  // by installation
RecordColumns ColumnsOf(const v1::AreaPolicy& policy);          // by installation
RecordColumns ColumnsOf(const v1::Document& document);          // on what it is of, by making
RecordColumns ColumnsOf(const v1::Research& research);          // on the case, the agency's and nobody's own
RecordColumns ColumnsOf(const v1::ResearchNotes& notes);        // likewise

template <typename T>
struct KindOf;
template <>
struct KindOf<v1::Area> {
  static constexpr Kind value = Kind::kArea;
};
template <>
struct KindOf<v1::Agency> {
  static constexpr Kind value = Kind::kAgency;
};
template <>
struct KindOf<v1::Account> {
  static constexpr Kind value = Kind::kAccount;
};
template <>
struct KindOf<v1::Program> {
  static constexpr Kind value = Kind::kProgram;
};
template <>
struct KindOf<v1::Assessment> {
  static constexpr Kind value = Kind::kAssessment;
};
template <>
struct KindOf<v1::Referral> {
  static constexpr Kind value = Kind::kReferral;
};
template <>
struct KindOf<v1::ExcludedPerson> {
  static constexpr Kind value = Kind::kExcludedPerson;
};
template <>
struct KindOf<v1::ProtectedDetail> {
  static constexpr Kind value = Kind::kProtectedDetail;
};
template <>
struct KindOf<v1::Case> {
  static constexpr Kind value = Kind::kCase;
};
template <>
struct KindOf<v1::Meeting> {
  static constexpr Kind value = Kind::kMeeting;
};
template <>
struct KindOf<v1::AgendaItem> {
  static constexpr Kind value = Kind::kAgendaItem;
};
template <>
struct KindOf<v1::Action> {
  static constexpr Kind value = Kind::kAction;
};
template <>
struct KindOf<v1::SupportService> {
  static constexpr Kind value = Kind::kService;
};
template <>
struct KindOf<v1::Alert> {
  static constexpr Kind value = Kind::kAlert;
};
template <>
struct KindOf<v1::Pilot> {
  static constexpr Kind value = Kind::kPilot;
};
template <>
struct KindOf<v1::PilotPair> {
  static constexpr Kind value = Kind::kPilotPair;
};
template <>
struct KindOf<v1::AreaInstrument> {
  static constexpr Kind value = Kind::kInstrument;
};
template <>
struct KindOf<v1::AreaPolicy> {
  static constexpr Kind value = Kind::kPolicy;
};
template <>
struct KindOf<v1::Document> {
  static constexpr Kind value = Kind::kDocument;
};
template <>
struct KindOf<v1::Research> {
  static constexpr Kind value = Kind::kResearch;
};
template <>
struct KindOf<v1::ResearchNotes> {
  static constexpr Kind value = Kind::kResearchNotes;
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_RECORD_H_
