// A sitting that may begin, for tests.
#ifndef MARAC_TESTS_SUPPORT_SITTINGS_H_
#define MARAC_TESTS_SUPPORT_SITTINGS_H_

#include <string>

#include "marac/v1/assessment_service.pb.h"
#include "marac/v1/sitting.pb.h"

namespace marac::testing {

// The person holds the device, with support, and everything was found to be safe.
inline v1::Sitting SafeSitting() {
  v1::Sitting sitting;
  sitting.set_mode(v1::SITTING_MODE_PERSON_TAPS_WITH_SUPPORT);
  sitting.set_place("Quiet room, first floor");
  v1::SafetyGate& safety = *sitting.mutable_safety();
  safety.set_alone(v1::YES_NO_YES);
  safety.set_safe_to_talk(v1::YES_NO_YES);
  safety.set_minutes_available(45);
  safety.set_safe_contact_known(v1::YES_NO_YES);
  safety.set_in_the_building("The reception");
  safety.set_where_abuser_is("At work until five");
  safety.set_where_children_are("At school until three");
  return sitting;
}

inline v1::Interpreter GoodInterpreter() {
  v1::Interpreter interpreter;
  interpreter.set_person("Ines Invented");
  interpreter.set_relation(v1::INTERPRETER_RELATION_PROFESSIONAL);
  interpreter.set_language("BSL");
  interpreter.set_qualified(v1::YES_NO_YES);
  interpreter.set_registration("NRCPD 000000");
  interpreter.set_known_to_abuser_or_community(v1::YES_NO_NO);
  return interpreter;
}

inline v1::BeginSittingRequest Begin(const std::string& assessment,
                                     const v1::Sitting& sitting = SafeSitting()) {
  v1::BeginSittingRequest request;
  request.set_name(assessment);
  *request.mutable_sitting() = sitting;
  return request;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_SITTINGS_H_
