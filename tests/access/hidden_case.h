// One case in the first of two worlds only, shut to some people there: its life from receipt to close, told
// by those it is open to.
#ifndef MARAC_TESTS_ACCESS_HIDDEN_CASE_H_
#define MARAC_TESTS_ACCESS_HIDDEN_CASE_H_

#include <span>
#include <string>
#include <vector>

#include "tests/access/world.h"

namespace marac::testing {

class HiddenCase {
 public:
  // `world` has a twin, and outlives this.
  explicit HiddenCase(World& world) : world_(world) {}

  // Makes a referral about its two people.
  static void SetPair(v1::Referral& referral);

  // From one stage to the next, after which everything of it was read again.
  void Receive(std::span<const std::string> shut_out_accounts);
  void Accept();
  // An emergency meeting is called for it; and not held after all.
  void CallEmergency();
  void CancelEmergency();
  // Somebody has put it on this meeting's agenda without knowing of it; and later circulated it.
  void FindOnTheAgendaOf(const v1::Meeting& meeting);
  void List();
  // An agency whose people it is open to wrote down what it knows, and returned it.
  void Research();
  // Its actions are due in a day, by people whom it is not hidden from: they become overdue before it is
  // closed.
  void Open();
  void Hear();
  void Close();

  // As those read it whom it is open to, with the etags that a thief would wish for.
  const Story& story() const { return story_; }
  // Its case; before there is one, what nobody has.
  std::string CaseName() const;
  // What is not there yet is asked for by the name of what is.
  Story Complete() const;
  // Whether one of its names, etags or words is in these bytes.
  bool IsIn(const std::string& bytes) const;

  // Somebody who tells the first world alone.
  Client InTheFirst(const std::string& login);

 private:
  Client coordinator() { return InTheFirst("coordinator.council"); }
  // The case has come to this stage: how everything of it reads now.
  void Read(rules::Stage stage);
  std::string InPlaceOf(const std::string& collection) const;

  World& world_;
  Story story_;
  v1::Meeting emergency_;
  std::vector<std::string> words_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_ACCESS_HIDDEN_CASE_H_
