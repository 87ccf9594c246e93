// A MARAC to try access on: people of every role in every relation, and cases at every stage, made through
// the API of a real server by people who are not the ones tried.
#ifndef MARAC_TESTS_ACCESS_WORLD_H_
#define MARAC_TESTS_ACCESS_WORLD_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/access/expected.h"
#include "tests/access/story.h"
#include "tests/support/server_fixture.h"

namespace marac::testing {

// Roles that write referrals and assessments (decisions 9, 29).
inline constexpr v1::Role kAuthors[] = {v1::ROLE_REFERRER,   v1::ROLE_IDVA,        v1::ROLE_REPRESENTATIVE,
                                        v1::ROLE_SUPERVISOR, v1::ROLE_COORDINATOR, v1::ROLE_AGENCY_SYSTEM};

// Somebody whose access is tried.
struct Person {
  std::string label;  // "coordinator.involved"
  v1::Role role = v1::ROLE_UNSPECIFIED;
  rules::Relation relation = rules::UNINVOLVED;
  bool elsewhere = false;
  bool shut_out = false;
  std::string login;
  std::string password;
  std::string program;  // of a system: the word of its certificate
  Client client;
};

bool IsSystem(v1::Role role);

class World {
 public:
  // `meetings` is how many there are to use up.
  explicit World(size_t meetings, const ServerFixture::Clocks& clocks = {});

  // Makes a second server that is as this one, and tells it from now on whatever it tells this one; what it
  // answers is for whoever compares.
  std::unique_ptr<ServerFixture> MakeTwin(std::shared_ptr<const Twin> twin);

  ServerFixture& server() { return server_; }
  // No token, then every role in every relation, then those shut out.
  std::deque<Person>& people() { return people_; }
  Person& Find(const std::string& label);
  Person& AuthorOf(v1::Role role);

  // A case at this stage by this author; one of the two kinds has the people who are shut out shut out of it.
  // Kept until Spend; the next is made afresh.
  Story& At(rules::Stage stage, v1::Role author, bool shut_out = false);
  void Spend(Story& story);
  // What of it was changed by an answer to somebody.
  static void Absorb(Story& story, const google::protobuf::Message& answer);
  // Undoes what somebody decided about who may see it.
  void OpenAgain(const Story& story, const Person& person);
  // New actions on the same case; an assessment that waits for a signature again.
  void RenewActions(Story& story);
  void Amend(Story& story);
  // A sitting of its draft is open, or none is.
  void InASitting(Story& story);
  void OutOfASitting(Story& story);
  // Its signed assessment is awaited anew.
  void AwaitingReview(Story& story);
  // Everything that keeps a heard case open, done; such a story serves for closing it and for nothing else.
  void MakeReadyToClose(Story& story);
  void DropReadyToClose();

  // A meeting at this stage with nothing on its agenda.
  v1::Meeting& MeetingAt(rules::Stage stage);
  void AbsorbMeeting(rules::Stage stage, const google::protobuf::Message& answer);
  void SpendMeeting(rules::Stage stage) { meetings_at_.erase(stage); }
  // Another that is moved or cancelled changes what the one after it is warned of.
  v1::Meeting AsItIs(const v1::Meeting& meeting);
  v1::Meeting NextMeeting();

  // Adds one to the services directory.
  v1::SupportService AddService();
  // One of it, as it is now.
  v1::SupportService Service();

  // A pilot of two raters on the shipped form, by the coordinator: the one with pairs, and one of its
  // assessments that are in none.
  v1::Pilot Pilot();
  v1::Pilot AddPilot();
  v1::PairAssessmentsRequest TwoToPair();
  // Something that went wrong in it, and the id of one that nobody has looked into.
  v1::PilotIncident Incident();
  std::string IncidentToReview();

  // A pack that nobody has installed yet; one that is installed, signed off and not in use; and one that may
  // be retired, which is the same or in use.
  v1::InstallInstrumentRequest NewInstrument();
  v1::AreaInstrument InstrumentToActivate();
  // A policy that nobody has installed yet.
  v1::InstallPolicyRequest NewPolicy();
  v1::AreaInstrument InstrumentToRetire();

  // The name of a new alert about somebody of the agency of those who are tried as OWN_AGENCY. Kept as the
  // server keeps one, because no call raises an alert on purpose.
  std::string AddAlert();

  // A submitted referral that stays one, for MarkDuplicate.
  const v1::Referral& waiting() const { return waiting_; }
  const Client& coordinator() { return server_.As("coordinator.council"); }
  const Client& chair() { return server_.As("chair.police"); }
  const Client& idva() { return server_.As("idva.idva"); }

  // Has the person proved anew, so that nothing of what is tried is refused for that.
  static void Prove(const Person& person);
  // Makes somebody of this agency: with a role that waits for another administrator than admin.council, or a
  // plain referrer.
  v1::Account AddWaiting(const std::string& agency);
  std::string AddReferrer(const std::string& agency);
  // The recovery code of an ordinary account.
  std::string RecoveryCodeOf(const std::string& login);

  // Signs the person in again.
  void Renew(Person& person);

  google::protobuf::Timestamp InDays(int days);

 private:
  void AddPeople();
  void AddMeetings(size_t count);
  void RaiseLimits();
  v1::AreaInstrument FindInstrument(bool installed_alone);
  Client EnrolSystem(const std::string& name, const std::string& agency, v1::ProgramKind kind);
  std::unique_ptr<Story> Make(rules::Stage stage, v1::Role author, bool shut_out);
  void Write(Story& story, const Client& author, size_t excluded);
  void List(Story& story);
  void Hear(Story& story);
  v1::Action AddAction(const Story& story, const std::string& accepted_by);

  ServerFixture server_;
  std::deque<Person> people_;
  std::vector<v1::Meeting> calendar_;
  size_t next_meeting_ = 0;
  int families_ = 0;
  int alerts_ = 0;
  int newcomers_ = 0;
  int instruments_ = 0;
  std::map<std::pair<std::pair<rules::Stage, v1::Role>, bool>, std::unique_ptr<Story>> stories_;
  std::map<rules::Stage, v1::Meeting> meetings_at_;
  v1::Referral waiting_;
  std::string service_;
  v1::Pilot pilot_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_ACCESS_WORLD_H_
