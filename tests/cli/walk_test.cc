// Every command once, through the real marac against a real server: TLS, sessions, encrypted database, audit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "absl/time/civil_time.h"
#include "base/file.h"
#include "base/keys.h"
#include "base/one_time_code.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/text.h"
#include "domain/checkpoint.h"
#include "domain/local_date.h"
#include "rpc/setup.h"
#include "tests/cli/process.h"
#include "tests/support/area_packs.h"
#include "tests/support/authenticator.h"
#include "tests/support/complete_referral.h"
#include "tests/support/moved_clock.h"
#include "tests/support/server_fixture.h"
#include "tests/support/tls_fixture.h"

namespace marac::cli {
namespace {

using ::marac::testing::Must;
using ::marac::testing::ServerFixture;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

class WalkTest : public ::testing::Test {
 protected:
  // ROLE.AGENCY's own machine: a home with settings, the certificate of the agency's program, a session.
  struct Desk {
    std::string home;
    std::string login;
  };

  static Desk& At(const std::string& login) {
    static auto& desks = *new std::map<std::string, Desk>;
    const auto found = desks.find(login);
    if (found != desks.end()) return found->second;
    const std::string agency = login.substr(login.find('.') + 1);
    Desk& desk = desks[login];
    desk.login = login;
    desk.home = Server().folder() + "/homes/" + login;
    std::filesystem::create_directories(desk.home + "/.config/marac");
    const std::string program = Program(agency);
    std::ofstream(desk.home + "/.config/marac/config.textproto")
        << "server_address: '127.0.0.1:" << Server().host().port() << "'\n"
        << "authority_file: '" << Server().folder() << "/tls/root.pem'\n"
        << "certificate_file: '" << Server().folder() << "/programs/" << program << ".pem'\n"
        << "private_key_file: '" << Server().folder() << "/programs/" << program << ".key'\n"
        << "area: 'test'\n";
    EXPECT_EQ(
        Run(desk, {"sign-in", login, "--password-stdin"}, std::string(ServerFixture::kPassword) + "\n").exit,
        0)
        << login;
    return desk;
  }

  // The command line program of an agency, enrolled through marac itself.
  static std::string Program(const std::string& agency) {
    if (agency == "council") return "admin-cli";
    static auto& known = *new std::set<std::string>;
    const std::string program = agency + "-cli";
    if (known.insert(program).second) {
      Must(rpc::IssueProgramCertificate(Server().folder(), "marac.test", agency, program));
      Prove("admin.council");
      Ok("admin.council", {"directory", "enrol", Server().folder() + "/programs/" + program + ".pem",
                           "--agency", agency, "--name", "Command line of " + agency});
    }
    return program;
  }

  static testing::MovedClock& Clock() {
    static testing::MovedClock clock;
    return clock;
  }
  static ServerFixture& Server() {
    static ServerFixture server(&Clock());
    return server;
  }
  // So that a slow walk is not asked for it.
  static void Prove(const std::string& login) {
    Ok(login, {"session", "step-up", "--password-stdin"}, std::string(ServerFixture::kPassword) + "\n");
  }

  static Ran Run(const Desk& desk, const Words& words, const std::string& input = {}) {
    std::vector<std::string> command;
    for (const std::string& word : words) {
      if (!word.starts_with("-")) command.push_back(word);
    }
    walked_.insert(command[0]);
    if (command.size() > 1) walked_.insert(command[0] + " " + command[1]);
    const Ran ran = RunMarac(words, desk.home, input);
    // What people see fits the promised width, whatever it holds; a signed note is never broken.
    if (std::find(words.begin(), words.end(), "--json") == words.end() && command.back() != "checkpoint") {
      std::istringstream lines(ran.out);
      for (std::string line; std::getline(lines, line);) EXPECT_LE(DisplayWidth(line), kColumnsMax) << line;
    }
    return ran;
  }

  // A run that ends well; its standard output.
  static std::string Ok(const std::string& login, const Words& words, const std::string& input = {}) {
    const Ran ran = Run(At(login), words, input);
    EXPECT_EQ(ran.exit, 0) << ::testing::PrintToString(words) << "\n" << ran.err << ran.out;
    return ran.out;
  }
  // The same with --json, as the message it printed.
  template <typename Answer>
  static Answer Json(const std::string& login, Words words, const std::string& input = {}) {
    if (std::find(words.begin(), words.end(), "--json") == words.end()) words.push_back("--json");
    const Ran ran = Run(At(login), words, input);
    Answer answer;
    SCOPED_TRACE(::testing::PrintToString(words));
    ParseAnswer(ran, answer);
    return answer;
  }
  // A run that is refused with this code; standard error.
  static std::string Refused(const std::string& login, const Words& words, ExitCode code,
                             const std::string& input = {}) {
    const Ran ran = Run(At(login), words, input);
    EXPECT_EQ(ran.exit, static_cast<int>(code)) << ::testing::PrintToString(words) << "\n" << ran.err;
    EXPECT_EQ(ran.out, "");
    return ran.err;
  }

  // The name of a draft of which only the victim is known.
  static std::string DraftAbout(const std::string& login, const std::string& victim) {
    v1::SaveDraftRequest draft;
    draft.set_parent("areas/test");
    draft.mutable_referral()->mutable_victim()->mutable_name()->set_value(victim);
    return Json<v1::Referral>(login, {"referral", "save", "--json", File("draft.json", ToJson(draft))})
        .name();
  }

  static std::string File(const std::string& name, const std::string& contents) {
    const std::string path = Server().folder() + "/" + name;
    std::ofstream(path) << contents;
    return path;
  }

  static std::string DayIn(int days) { return domain::DateOf(Server().Now()).AddDays(days).Iso(); }

  // A whole referral of the police about this victim, sent.
  static std::string Submit(const std::string& victim) {
    v1::SaveDraftRequest draft;
    draft.set_parent("areas/test");
    *draft.mutable_referral() = ::marac::testing::CompleteReferral();
    draft.mutable_referral()->mutable_referrer()->set_agency("agencies/police");
    draft.mutable_referral()->mutable_referrer()->set_source_category("POLICE");
    draft.mutable_referral()->set_has_excluded_people(v1::YES_NO_NO);
    draft.mutable_referral()->mutable_victim()->mutable_name()->set_value(victim);
    *draft.mutable_safe_contact() = ::marac::testing::CompleteSafeContact();
    const auto saved =
        Json<v1::Referral>("referrer.police", {"referral", "save", "--json", "-"}, ToJson(draft));
    Ok("referrer.police", {"referral", "submit", LastId(saved.name())});
    return LastId(saved.name());
  }

  // A meeting in progress with two cases, each MEETING/CASE-NUMBER.
  struct Held {
    std::string meeting;
    std::vector<std::string> items;
  };
  static const Held& InMeeting() {
    static const Held& held = *new Held([] {
      Held made;
      std::vector<std::string> numbers;
      for (const char* victim : {"Kim Invented", "Lea Invented"}) {
        const auto accepted = Json<v1::Referral>("coordinator.council", {"triage", "accept", Submit(victim)});
        numbers.push_back(
            Json<v1::Case>("coordinator.council", {"case", "show", accepted.case_name()}).case_number());
      }
      const auto series = Json<v1::ScheduleMeetingsResponse>(
          "coordinator.council", {"meeting", "schedule", DayIn(28), "--venue", "Town hall"});
      const v1::Meeting& meeting = series.meetings(0);
      made.meeting = LastId(meeting.name());
      for (const std::string& number : numbers) made.items.push_back(made.meeting + "/" + number);
      Ok("coordinator.council", {"agenda", "propose", made.meeting});
      Ok("coordinator.council", {"agenda", "circulate", made.meeting});
      Ok("admin.council", {"clock", "advance", "--to", DayText(meeting.day()) + "T09:30"});
      Ok("chair.police", {"meeting", "start", made.meeting});
      return made;
    }());
    return held;
  }

  // Every group and command that the program itself lists, but for those that need no walk.
  static std::set<std::string> AllCommands() {
    std::set<std::string> all;
    const std::function<void(const Words&)> collect = [&](const Words& above) {
      Words words = above;
      words.emplace_back("--help");
      std::istringstream help(RunMarac(words, "/").out);
      bool listed = false;
      for (std::string line; std::getline(help, line);) {
        if (line.starts_with("Subcommands:")) {
          listed = true;
        } else if (listed && line.starts_with("  ") && line[2] != ' ') {
          const std::string name = line.substr(2, line.find(' ', 2) - 2);
          all.insert(above.empty() ? name : above[0] + " " + name);
          if (above.empty()) collect({name});
        } else if (listed && line.empty()) {
          listed = false;
        }
      }
    };
    collect({});
    return all;
  }

  static void TearDownTestSuite() {
    const auto& suite = *::testing::UnitTest::GetInstance()->current_test_suite();
    if (suite.test_to_run_count() != suite.total_test_count()) return;
    for (const std::string& command : AllCommands()) {
      EXPECT_TRUE(walked_.contains(command)) << "no walk tries: marac " << command;
    }
  }

  static std::set<std::string> walked_;
};

std::set<std::string> WalkTest::walked_;

// Keys for fifteen yes and nine no, in the order of the form; details of a yes are left out.
std::string FifteenYes(const v1::InstrumentPack& pack) {
  std::string keys;
  for (int i = 0; i < pack.items_size(); ++i) {
    keys += i < 15 ? "y\n" : "n\n";
    if (i < 15 && !pack.items(i).details().empty()) keys += "0\n";
  }
  return keys;
}

const v1::Answer& AnswerTo(const v1::Assessment& assessment, const std::string& item) {
  for (const v1::Answer& answer : assessment.answers()) {
    if (answer.item() == item) return answer;
  }
  ADD_FAILURE() << "no answer to " << item;
  return v1::Answer::default_instance();
}

TEST_F(WalkTest, ASessionIsKeptAndEnded) {
  const std::string who = Ok("steering.council", {"whoami"});
  EXPECT_THAT(who,
              AllOf(HasSubstr("login:                    steering.council"), HasSubstr("steering-group")));
  const Ran listing = Run(At("steering.council"), {"directory", "agencies"});
  EXPECT_THAT(listing.err, HasSubstr("demonstration"));
  EXPECT_EQ(Run(At("steering.council"), {"directory", "agencies", "--quiet"}).err, "");

  const std::string wrong = Refused("steering.council", {"sign-in", "steering.council", "--password-stdin"},
                                    ExitCode::kNotSignedIn, "not the password\n");
  EXPECT_THAT(wrong, Not(HasSubstr("not the password")));
  const Ran signed_in =
      Run(At("steering.council"), {"sign-in", "steering.council", "--password-stdin", "--json"},
          std::string(ServerFixture::kPassword) + "\n");
  v1::Session session;
  ParseAnswer(signed_in, session);
  EXPECT_EQ(session.token(), "");

  Ok("steering.council", {"change-password", "--password-stdin"},
     std::string(ServerFixture::kPassword) + "\nanother long password\n");
  Ok("steering.council", {"sign-out"});
  EXPECT_THAT(Refused("steering.council", {"whoami"}, ExitCode::kNotSignedIn),
              HasSubstr("marac sign-in LOGIN"));
  Ok("steering.council", {"sign-in", "steering.council", "--password-stdin"}, "another long password\n");
  // Nothing but settings and the session is left on the disk, and the session is private.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(At("steering.council").home)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name == "config.textproto" || name.starts_with("session-")) << entry.path();
  }
}

std::string Line(const std::string& text) { return text + "\n"; }

// The code of the present step, and that of the next, which counts already: two that were not used, at once.
std::string PresentCode(const std::string& secret) {
  return CodeAt(::marac::testing::SecretOf(secret), absl::Now());
}
std::string NextCode(const std::string& secret) {
  return CodeAt(::marac::testing::SecretOf(secret), absl::Now() + absl::Seconds(30));
}

TEST_F(WalkTest, ALockedSessionOpensByThePasswordAndSaysHow) {
  const std::string login = "supervisor.police";
  EXPECT_THAT(Ok(login, {"session", "lock"}), HasSubstr("marac session unlock"));
  const std::string refused = Refused(login, {"whoami"}, ExitCode::kNotSignedIn);
  EXPECT_THAT(refused, AllOf(HasSubstr("marac session unlock"), Not(HasSubstr("marac sign-in LOGIN"))));
  const std::string wrong =
      Refused(login, {"session", "unlock", "--password-stdin"}, ExitCode::kNotSignedIn, "not the password\n");
  EXPECT_THAT(wrong, AllOf(Not(HasSubstr("not the password")), Not(HasSubstr("marac sign-in LOGIN"))));
  Refused(login, {"whoami"}, ExitCode::kNotSignedIn);
  EXPECT_THAT(Ok(login, {"session", "unlock", "--password-stdin"}, Line(ServerFixture::kPassword)),
              HasSubstr("Unlocked"));
  EXPECT_THAT(Ok(login, {"whoami"}), HasSubstr(login));
  // One that has ended needs a sign-in, and says so.
  Ok(login, {"sign-out"});
  EXPECT_THAT(Refused(login, {"session", "unlock", "--password-stdin"}, ExitCode::kNotSignedIn,
                      Line(ServerFixture::kPassword)),
              HasSubstr("marac sign-in LOGIN"));
  Ok(login, {"sign-in", login, "--password-stdin"}, Line(ServerFixture::kPassword));
}

TEST_F(WalkTest, AScriptSetsUpOneTimeCodesAndIsAskedForThem) {
  Server().AddAccount("codes.housing", "housing", {v1::ROLE_REFERRER});
  Server().AddAccount("codes2.housing", "housing", {v1::ROLE_REFERRER});
  const std::string password = Line(ServerFixture::kPassword);
  const auto set_up = [&](const std::string& login) {
    Refused(login, {"session", "code", "set-up", "--password-stdin"}, ExitCode::kWrongInput, "another one\n");
    const auto enrolled =
        Json<v1::EnrolCodeResponse>(login, {"session", "code", "set-up", "--password-stdin"}, password);
    EXPECT_THAT(enrolled.uri(), AllOf(HasSubstr("otpauth://totp/"), HasSubstr(enrolled.secret())));
    Refused(login, {"session", "code", "confirm"}, ExitCode::kWrongInput, "000000\n");
    Refused(login, {"session", "code", "confirm"}, ExitCode::kUsage, "\n");
    Ok(login, {"session", "code", "confirm"}, Line(PresentCode(enrolled.secret())));
    return enrolled.secret();
  };

  std::string secret = set_up("codes.housing");
  Refused("codes.housing", {"sign-in", "codes.housing", "--password-stdin"}, ExitCode::kNotSignedIn,
          password);
  Refused("codes.housing", {"sign-in", "codes.housing", "--password-stdin", "--code"}, ExitCode::kNotSignedIn,
          password + Line(PresentCode(secret)));
  Ok("codes.housing", {"sign-in", "codes.housing", "--password-stdin", "--code"},
     password + Line(NextCode(secret)));
  EXPECT_THAT(Ok("codes.housing", {"whoami"}), HasSubstr("codes.housing"));

  secret = set_up("codes2.housing");
  Ok("codes2.housing", {"session", "lock"});
  Refused("codes2.housing", {"session", "unlock", "--password-stdin"}, ExitCode::kNotSignedIn, password);
  // It is known here that this account has codes; six digits in two halves are one code.
  std::string code = NextCode(secret);
  Ok("codes2.housing", {"session", "unlock"}, Line(code.insert(3, " ")));
  EXPECT_THAT(Ok("codes2.housing", {"whoami"}), HasSubstr("codes2.housing"));
}

TEST_F(WalkTest, APersonScansOrTypesTheSecretAndMayMistypeACode) {
  Server().AddAccount("codes3.housing", "housing", {v1::ROLE_REFERRER});
  const std::string home = At("codes3.housing").home;
  std::string secret;
  {
    MaracAtTerminal marac({"session", "code", "set-up"}, home);
    marac.TypeAfter("Password: ", Line(ServerFixture::kPassword));
    marac.TypeAfter("One-time code: ", "000000\n");
    const std::string shown = marac.shown();
    EXPECT_THAT(shown, HasSubstr("\x1b[40;97m█"));
    const std::string before = "(time based): ";
    const size_t at = shown.find(before);
    ASSERT_NE(at, std::string::npos) << shown;
    secret = shown.substr(at + before.size());
    secret = secret.substr(0, secret.find_first_of("\r\n"));
    secret.erase(std::remove(secret.begin(), secret.end(), ' '), secret.end());
    marac.TypeAfter("One-time code: ", Line(PresentCode(secret)));
    EXPECT_EQ(marac.Wait(), 0) << marac.shown();
    EXPECT_THAT(marac.shown(), HasSubstr("One-time codes are set up"));
  }
  Ok("codes3.housing", {"sign-out"});
  // Nobody says beforehand that a code is wanted; the password is typed once all the same.
  MaracAtTerminal marac({"sign-in", "codes3.housing"}, home);
  marac.TypeAfter("Password: ", Line(ServerFixture::kPassword));
  marac.TypeAfter("if you have set up codes", Line(NextCode(secret)));
  EXPECT_EQ(marac.Wait(), 0) << marac.shown();
  EXPECT_THAT(Ok("codes3.housing", {"whoami"}), HasSubstr("codes3.housing"));
}

// Nothing is lost, and a script hears what to do.
TEST_F(WalkTest, WhoIsProvedAnewGoesOnWithTheSameCommand) {
  const std::string admin = "admin.council";
  Server().AddAccount("renamed.housing", "housing", {v1::ROLE_REFERRER});
  Prove(admin);
  Clock().offset = absl::Minutes(5);
  EXPECT_THAT(Refused(admin, {"directory", "update-account", "renamed.housing", "--name", "Nobody"},
                      ExitCode::kNotSignedIn),
              HasSubstr("marac session step-up"));
  MaracAtTerminal marac({"directory", "update-account", "renamed.housing", "--name", "Somebody Else"},
                        At(admin).home);
  marac.TypeAfter("Password: ", Line(ServerFixture::kPassword));
  EXPECT_EQ(marac.Wait(), 0) << marac.shown();
  EXPECT_THAT(marac.shown(), HasSubstr("This wants you proved anew"));
  EXPECT_THAT(Ok(admin, {"directory", "accounts", "--agency", "housing", "--limit", "0"}),
              HasSubstr("Somebody Else"));
  Clock().offset = absl::ZeroDuration();
}

TEST_F(WalkTest, APersonListsAndEndsTheirSessions) {
  const std::string login = "sessions.housing";
  Server().AddAccount(login, "housing", {v1::ROLE_REFERRER});
  const testing::Client elsewhere = [&] {
    At(login);
    return Server().SignIn(login);
  }();
  EXPECT_THAT(Ok(login, {"session", "list"}), AllOf(HasSubstr("this one"), HasSubstr("new-place")));
  const auto listed = Json<v1::ListSessionsResponse>(login, {"session", "list"});
  ASSERT_EQ(listed.sessions_size(), 2);
  EXPECT_FALSE(listed.sessions(0).current());
  Refused(login, {"session", "end"}, ExitCode::kUsage);
  Refused(login, {"session", "end", "0000000000000000"}, ExitCode::kNotOpen);
  Ok(login, {"session", "end", listed.sessions(0).id()});
  EXPECT_FALSE(elsewhere.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).ok());
  Ok(login, {"session", "end", "--others"});
  EXPECT_EQ(Json<v1::ListSessionsResponse>(login, {"session", "list"}).sessions_size(), 1);
}

TEST_F(WalkTest, SomebodyWhoCannotSignInSetsANewPasswordWithACode) {
  const std::string login = "lost.housing";
  Server().AddAccount(login, "housing", {v1::ROLE_REFERRER});
  At(login);
  Prove("admin.council");
  const auto started = Json<v1::StartRecoveryResponse>(
      "admin.council", {"directory", "recover", login, "--reason", "called back on the desk"});
  EXPECT_THAT(Refused(login, {"recover", login, "--password-stdin"}, ExitCode::kNotSignedIn,
                      "AAAA-AAAA-AAAA-AAAA-AAAA\nanother few words\n"),
              HasSubstr("no longer counts"));
  Ok(login, {"recover", login, "--password-stdin"}, started.recovery_code() + "\nanother few words\n");
  Ok(login, {"sign-in", login, "--password-stdin"}, "another few words\n");
  // Of somebody powerful two administrators start it.
  EXPECT_THAT(Ok("admin.council", {"directory", "recover", "chair.police", "--reason", "called back"}),
              HasSubstr("Another administrator"));
  Prove("admin2.council");
  EXPECT_THAT(Ok("admin2.council", {"directory", "recover", "chair.police", "--reason", "called back"}),
              HasSubstr("Recovery code"));
}

TEST_F(WalkTest, ASecondAdministratorApprovesOrRefusesPowerfulRoles) {
  const std::string admin = "admin.council";
  Prove(admin);
  for (const char* login : {"deputy.housing", "never.housing"}) {
    Ok(admin,
       {"directory", "add-account", login, "--name", "A Deputy", "--agency", "housing", "--role",
        "chair:2026-01-01:2099-12-24:chair.police", "--password-stdin"},
       "a first password\n");
  }
  EXPECT_THAT(Ok(admin, {"directory", "accounts", "--agency", "housing", "--limit", "0"}),
              HasSubstr("waits"));
  EXPECT_THAT(Refused(admin, {"directory", "approve", "deputy.housing"}, ExitCode::kChanged),
              HasSubstr("you asked for this yourself"));
  Prove("admin2.council");
  EXPECT_EQ(Json<v1::Account>("admin2.council", {"directory", "approve", "deputy.housing"}).roles_size(), 1);
  EXPECT_EQ(Json<v1::Account>("admin2.council", {"directory", "refuse", "never.housing"}).roles_size(), 0);
  EXPECT_THAT(Ok(admin, {"directory", "accounts", "--agency", "housing", "--limit", "0"}),
              HasSubstr("chair.police"));
}

TEST_F(WalkTest, AnAdministratorChangesASettingAndSeesWhatThatAlters) {
  const std::string admin = "admin.council";
  EXPECT_THAT(Ok(admin, {"area", "show"}), HasSubstr("Test area"));
  auto area = Json<v1::Area>(admin, {"area", "show"});
  area.mutable_settings()->set_slot_minutes(12);
  const std::string file = File("area.json", ToJson(area));
  EXPECT_EQ(Json<v1::PreviewAreaResponse>(admin, {"area", "preview", "--json", file}).changes(0).after(),
            "12");
  EXPECT_EQ(Json<v1::Area>(admin, {"area", "show"}).settings().slot_minutes(), 10) << "nothing is saved";
  EXPECT_EQ(Json<v1::Area>(admin, {"area", "set", "--json", file}).settings().slot_minutes(), 12);
  // The same again: somebody changed it meanwhile.
  Refused(admin, {"area", "set", "--json", file}, ExitCode::kChanged);

  const Words change = {"manager_working_days=5", "limits.opens_per_day=150", "higher_score_first=true",
                        "research_mode=RESEARCH_MODE_SHARED", "display_name=Test area, north"};
  Words preview = {"area", "preview"};
  preview.insert(preview.end(), change.begin(), change.end());
  const std::string seen = Ok("coordinator.council", preview);
  EXPECT_THAT(seen, AllOf(HasSubstr("settings.limits.opens_per_day"), HasSubstr("200 -> 150"),
                          HasSubstr("It holds at once for every action that is open.")));
  Words set = {"area", "set"};
  set.insert(set.end(), change.begin(), change.end());
  Ok(admin, set);
  EXPECT_EQ(Ok("coordinator.council", preview), "Nothing would be another.\n");
  EXPECT_THAT(Ok(admin, {"area", "history"}),
              AllOf(HasSubstr("Test area -> Test area, north"), HasSubstr("10 -> 12"),
                    HasSubstr("when the area was made")));
  Refused(admin, {"area", "set"}, ExitCode::kUsage);
  Refused(admin, {"area", "set", "slot_minutes"}, ExitCode::kUsage);
  Refused(admin, {"area", "set", "slot=12"}, ExitCode::kUsage);
  Refused(admin, {"area", "set", "slot_minutes.more=12"}, ExitCode::kUsage);
  EXPECT_THAT(Refused(admin, {"area", "set", "slot_minutes=many"}, ExitCode::kWrongInput),
              HasSubstr("slot_minutes"));
  EXPECT_THAT(Refused(admin, {"area", "set", "slot_minutes=16"}, ExitCode::kWrongInput),
              HasSubstr("settings.slot_minutes"));
  EXPECT_THAT(Refused(admin, {"area", "set", "action_kinds=X"}, ExitCode::kWrongInput), HasSubstr("--json"));
}

TEST_F(WalkTest, AnAdministratorKeepsTheDirectory) {
  const std::string admin = "admin.council";
  Prove(admin);
  EXPECT_THAT(Ok(admin, {"directory", "agencies"}), HasSubstr("police"));
  Ok(admin, {"directory", "add-agency", "probation", "--name", "Probation Service"});
  const auto account = Json<v1::Account>(
      admin,
      {"directory", "add-account", "o.adeyemi", "--name", "Olu Adeyemi", "--agency", "probation", "--role",
       "representative", "--role", "referrer:2026-01-01:2030-12-31", "--password-stdin"},
      "a first password\n");
  EXPECT_EQ(account.roles_size(), 2);
  EXPECT_TRUE(account.must_change_password());
  EXPECT_THAT(Refused(admin,
                      {"directory", "add-account", "o.adeyemi", "--name", "X", "--agency", "probation",
                       "--role", "idva", "--password-stdin"},
                      ExitCode::kChanged, "a first password\n"),
              HasSubstr("login"));
  EXPECT_THAT(Refused(admin,
                      {"directory", "add-account", "x.y", "--name", "X", "--agency", "probation", "--role",
                       "king", "--password-stdin"},
                      ExitCode::kWrongInput, "a first password\n"),
              HasSubstr("account.roles.role: give one of: referrer, idva"));
  Ok(admin, {"directory", "update-account", "o.adeyemi", "--name", "Olúwaṣeun Adeyẹmí", "--suspend"});
  EXPECT_THAT(Ok(admin, {"directory", "accounts", "--agency", "probation"}),
              AllOf(HasSubstr("Olúwaṣeun Adeyẹmí"), HasSubstr("suspended")));

  Must(rpc::IssueProgramCertificate(Server().folder(), "marac.test", "probation", "probation-cli"));
  const auto program =
      Json<v1::Program>(admin, {"directory", "enrol", Server().folder() + "/programs/probation-cli.pem",
                                "--agency", "probation", "--name", "Laptop"});
  Ok(admin, {"directory", "revoke", LastId(program.name()), "--reason", "lost"});
  EXPECT_THAT(Ok(admin, {"directory", "programs"}), HasSubstr("revoked"));
  EXPECT_THAT(Ok(admin, {"clock", "show"}), HasSubstr("20"));
}

TEST_F(WalkTest, ACoordinatorKeepsTheServicesAndEverybodyFindsThem) {
  const std::string coordinator = "coordinator.council";
  const auto added = Json<v1::SupportService>(coordinator, {"service",
                                                            "add",
                                                            "Lantern helpline",
                                                            "--for",
                                                            "immediate-danger",
                                                            "--for",
                                                            "decline",
                                                            "--number",
                                                            "0808 157 0140=free",
                                                            "--text-number",
                                                            "07700 900140",
                                                            "--hours",
                                                            "always",
                                                            "--gender",
                                                            "women",
                                                            "--age-min",
                                                            "16",
                                                            "--verified",
                                                            "2020-01-07",
                                                            "--review-by",
                                                            "2020-07-07"});
  EXPECT_EQ(added.numbers_size(), 2);
  EXPECT_EQ(added.numbers(1).kind(), v1::SERVICE_NUMBER_KIND_TEXT);
  EXPECT_TRUE(added.review_overdue());
  EXPECT_THAT(Refused(coordinator,
                      {"service", "add", "X", "--for", "decline", "--number", "ring Ann", "--hours", "always",
                       "--verified", "2020-01-07", "--review-by", "2020-01-06"},
                      ExitCode::kWrongInput),
              AllOf(HasSubstr("service.numbers[0].number: give it as it is dialled"),
                    HasSubstr("service.review_day: this is before the day")));
  const std::string list = Ok("referrer.police", {"service", "list", "--for", "immediate-danger"});
  EXPECT_THAT(list, AllOf(HasSubstr("Lantern"), HasSubstr("0808 157 0140"), HasSubstr("not verified"),
                          HasSubstr("women")));
  EXPECT_THAT(Ok("referrer.police", {"service", "list", "--gender", "men"}), Not(HasSubstr("Lantern")));
  const std::string id = LastId(added.name());
  EXPECT_THAT(Ok("referrer.police", {"service", "show", id}), HasSubstr("0808 157 0140"));
  const auto verified = Json<v1::SupportService>(
      coordinator, {"service", "update", id, "--verified", "2020-01-08", "--review-by", "2199-01-07"});
  EXPECT_FALSE(verified.review_overdue());
  EXPECT_EQ(verified.numbers_size(), 2) << "what is not given stays";
  Refused(coordinator, {"service", "update", id, "--etag", added.etag(), "--hours", "never"},
          ExitCode::kChanged);
  Refused("referrer.police", {"service", "retire", id}, ExitCode::kNotOpen);
  Ok(coordinator, {"service", "retire", id});
  EXPECT_THAT(Ok("referrer.police", {"service", "list"}), Not(HasSubstr("Lantern")));
  EXPECT_THAT(Ok("referrer.police", {"service", "list", "--retired"}), HasSubstr("Lantern"));
  Ok(coordinator, {"service", "update", id, "--restore"});
  EXPECT_THAT(Ok("referrer.police", {"service", "list"}), HasSubstr("Lantern"));
}

TEST_F(WalkTest, APilotIsRegisteredPairedReportedAndTakenAway) {
  const std::string plan = Server().folder() + "/plan.json";
  std::ofstream(plan) << R"({"title": "Two raters", "design": "PILOT_DESIGN_BLIND_SECOND_RATER",
    "sample_percent": 25, "reference_instrument": "plain24@1.0", "variant_instrument": "plain24@1.0",
    "policy": "default@2026.1", "first_day": {"year": 2020, "month": 1, "day": 1},
    "last_day": {"year": 2199, "month": 1, "day": 1}, "looks": [2],
    "rules": [{"id": "BAND_AGREES", "measure": "PILOT_MEASURE_BAND_KAPPA_QUADRATIC", "limit": 0.6, "pairs_min": 2}],
    "approval": {"steering_group": "County", "approved_on": {"year": 2020, "month": 1, "day": 1}}})";
  const std::string coordinator = "coordinator.council";
  const auto pilot = Json<v1::Pilot>(coordinator, {"pilot", "register", plan});
  const std::string id = LastId(pilot.name());
  Ok(coordinator, {"pilot", "register", plan, "--replace", id, "--etag", pilot.etag()});
  EXPECT_THAT(Ok("steering.council", {"pilot", "list"}), AllOf(HasSubstr("Two raters"), HasSubstr("0 of 2")));
  EXPECT_THAT(
      Refused(coordinator, {"pilot", "pair", id, "a", "b", "--order", "sideways"}, ExitCode::kWrongInput),
      HasSubstr("order: give one of"));
  Refused(coordinator, {"pilot", "pair", id, "a", "b", "--blind"}, ExitCode::kNotOpen);
  EXPECT_THAT(Ok(coordinator, {"pilot", "incident", id, "--kind", "distress", "--day", "2025-03-01", "--text",
                               "They asked to stop."}),
              HasSubstr("i1: recorded; waits for the steering group"));
  EXPECT_THAT(Refused(coordinator,
                      {"pilot", "incident", id, "--kind", "distress", "--day", "2025-03-01", "--text",
                       "Ring 07700 900123"},
                      ExitCode::kWrongInput),
              HasSubstr("incident.text"));
  EXPECT_THAT(Ok("steering.council",
                 {"pilot", "review-incident", id, "i1", "--finding", "It is announced earlier now."}),
              HasSubstr("i1: looked into"));
  Refused("steering.council", {"pilot", "review-incident", id, "i1", "--finding", "Again"},
          ExitCode::kChanged);
  EXPECT_THAT(Ok("steering.council", {"pilot", "report", id}),
              AllOf(HasSubstr("nothing is decided"), HasSubstr("too-little-data")));
  EXPECT_THAT(Ok("steering.council", {"pilot", "export", id}), HasSubstr("row,month,order"));
  Refused(coordinator, {"pilot", "report", id}, ExitCode::kNotOpen);
}

TEST_F(WalkTest, APackIsCheckedInstalledComparedAndRetired) {
  const std::string pack = Server().folder() + "/county.textproto";
  const std::string signature = pack + ".sig";
  const std::string encoded = pack + ".sig64";
  v1::InstrumentPack county = marac::testing::CountyPack("2.0");
  marac::testing::SignOff(county);
  const v1::InstallInstrumentRequest whole = marac::testing::Signed(county);
  std::ofstream(pack) << whole.pack_file();
  std::ofstream(signature) << whole.signature();
  std::ofstream(encoded) << Base64(whole.signature()) << "\n";
  EXPECT_THAT(Ok("coordinator.council", {"instrument", "lint", pack}),
              AllOf(HasSubstr("24 questions, nothing wrong"), HasSubstr(whole.hash())));

  const std::string admin = "admin.council";
  Prove(admin);
  const Words install = {"instrument", "install", pack, "--hash", whole.hash(), "--signature"};
  const auto with = [&](const std::string& file) {
    Words words = install;
    words.push_back(file);
    return words;
  };
  EXPECT_THAT(Refused(admin, with(pack), ExitCode::kWrongInput), HasSubstr("is no Ed25519 signature"));
  Refused("coordinator.council", with(signature), ExitCode::kNotOpen);
  const auto installed = Json<v1::AreaInstrument>(admin, with(encoded));
  EXPECT_EQ(installed.state(), v1::INSTRUMENT_STATE_INSTALLED);
  EXPECT_THAT(Refused(admin, with(signature), ExitCode::kChanged), HasSubstr("county24@2.0 is installed"));
  EXPECT_THAT(Ok("coordinator.council", {"instrument", "list"}),
              AllOf(HasSubstr("county24@2.0"), HasSubstr("installed"), HasSubstr("built in")));
  EXPECT_THAT(Ok("coordinator.council", {"instrument", "diff", "plain24@1.0", "county24@2.0"}),
              AllOf(HasSubstr("title: changed"), HasSubstr("The county's questions")));
  Ok(admin, {"instrument", "activate", "county24@2.0"});
  Refused(admin, {"instrument", "activate", "county24@2.0"}, ExitCode::kChanged);
  EXPECT_THAT(Ok(admin, {"instrument", "retire", "county24@2.0", "--reason", "Replaced"}),
              HasSubstr("retired"));
  Refused(admin, {"instrument", "retire", "county24@3.0", "--reason", "Replaced"}, ExitCode::kNotOpen);
}

TEST_F(WalkTest, APolicyIsInstalledListedAndPreviewed) {
  const std::string policy = Server().folder() + "/county-policy.textproto";
  std::ofstream(policy) << marac::testing::PolicyText(marac::testing::CountyPolicy("2.0", 12));
  const std::string admin = "admin.council";
  Prove(admin);
  const auto installed = Json<v1::AreaPolicy>(admin, {"policy", "install", policy});
  EXPECT_EQ(installed.about().high_threshold(), 12);
  v1::Policy broken = marac::testing::CountyPolicy("2.1");
  broken.set_high_threshold(3);
  std::ofstream(policy) << marac::testing::PolicyText(broken);
  EXPECT_THAT(Refused(admin, {"policy", "install", policy}, ExitCode::kWrongInput),
              HasSubstr("county-policy.textproto:"));
  EXPECT_THAT(Ok("coordinator.council", {"policy", "list"}),
              AllOf(HasSubstr("county@2.0"), HasSubstr("default@2026.1"), HasSubstr("built in")));
  EXPECT_THAT(Ok("coordinator.council", {"policy", "show", "county@2.0"}), HasSubstr("high threshold"));
  Refused("coordinator.council", {"policy", "show", "county@9.9"}, ExitCode::kNotOpen);
  EXPECT_THAT(Ok("coordinator.council",
                 {"policy", "preview", "county@2.0", "--from", "2025-12-01", "--to", "2026-11-30"}),
              HasSubstr("signed assessments would have come to something else"));
  EXPECT_THAT(Refused("coordinator.council",
                      {"policy", "preview", "county@2.0", "--from", "2025-12-01", "--to", "2025-11-30"},
                      ExitCode::kWrongInput),
              HasSubstr("last_day"));
}

TEST_F(WalkTest, ARefusedPackIsNamedByItsFileAndLine) {
  const std::string pack = Server().folder() + "/broken.textproto";
  const v1::InstallInstrumentRequest broken = marac::testing::SignedFile("id: \"county24\"\n");
  std::ofstream(pack) << broken.pack_file();
  std::ofstream(pack + ".sig") << broken.signature();
  Prove("admin.council");
  EXPECT_THAT(Refused("admin.council",
                      {"instrument", "install", pack, "--hash", broken.hash(), "--signature", pack + ".sig"},
                      ExitCode::kWrongInput),
              HasSubstr("broken.textproto:1:"));
  const Ran linted = RunMarac({"instrument", "lint", pack}, "/");
  EXPECT_EQ(linted.exit, static_cast<int>(ExitCode::kWrongInput));
  EXPECT_THAT(linted.err, HasSubstr("broken.textproto:1:"));
}

TEST_F(WalkTest, AnAssessmentIsTakenQuestionByQuestionStoppedAndGoneOnWith) {
  const std::string idva = "idva.idva";
  EXPECT_THAT(Ok(idva, {"assessment", "form"}), HasSubstr("STRANGLE"));
  // Three answers, the first with a detail question and a note, a step back, and the end of input.
  const Ran stopped = Run(At(idva), {"assessment", "take", "--victim", "Ana Łęska", "--perpetrator", "?"},
                          "N\nher words\nn\nb\nd\nn\n");
  EXPECT_EQ(stopped.exit, 0) << stopped.err;
  EXPECT_THAT(stopped.err, AllOf(HasSubstr("Question 1 of 24"), HasSubstr("Question 4 of 24"),
                                 HasSubstr("marac assessment take --resume")));
  const auto drafts =
      Json<v1::ListAssessmentsResponse>(idva, {"assessment", "list", "--mine", "--state", "draft"});
  ASSERT_EQ(drafts.assessments_size(), 1);
  const std::string id = LastId(drafts.assessments(0).name());
  auto assessment = Json<v1::Assessment>(idva, {"assessment", "show", id});
  ASSERT_EQ(assessment.answers_size(), 3);
  EXPECT_EQ(AnswerTo(assessment, "INJ_NOW").note(), "her words");
  EXPECT_EQ(AnswerTo(assessment, "FEAR").code(), v1::ANSWER_CODE_DONT_KNOW);
  EXPECT_EQ(assessment.victim().name().value(), "Ana Łęska");
  EXPECT_EQ(assessment.perpetrators(0).name().unknown(), v1::UNKNOWN_NOT_KNOWN);

  // Gone on with from question 4: it finds the draft by itself. One question is not asked, asked at the end
  // after all, and the judgement closes it.
  std::string script = "y\n";
  for (int i = 3; i < 23; ++i) script += "n\n";
  script += "s\n";                                            // the last is not asked
  script += "a\nn\n";                                         // asked now
  script += "s\nn\n";                                         // own grade standard, no professional judgement
  script += "I have spoken with her for an hour.\n0\n\nn\n";  // words, no facts, no days, no repeat
  script += "c\ny\n";                                         // complete, sign
  const Ran taken = Run(At(idva), {"assessment", "take"}, script);
  EXPECT_EQ(taken.exit, 0) << taken.err;
  EXPECT_THAT(taken.err, AllOf(HasSubstr("Your draft of"), HasSubstr("score:")));
  EXPECT_THAT(taken.out, HasSubstr("signed"));
  EXPECT_THAT(Ok(idva, {"assessment", "show", id}),
              AllOf(HasSubstr("0 of 24"), HasSubstr("plain24@1.0 (untested)")));

  // A signed one changes by amendment alone.
  EXPECT_THAT(Refused(idva, {"assessment", "answer", id, "FEAR=yes"}, ExitCode::kChanged),
              HasSubstr("marac: "));
  Ok(idva, {"assessment", "amend", id, "FEAR=yes", "--reason", "she told me more"});
  assessment = Json<v1::Assessment>(idva, {"assessment", "show", id});
  EXPECT_EQ(assessment.edition(), 2);
  EXPECT_EQ(assessment.result().score(), 1);
  // Beside the edition before, in words.
  EXPECT_THAT(Ok(idva, {"assessment", "compare", id, "--other-edition", "1"}),
              AllOf(HasSubstr("edition 1, plain24@1.0"), HasSubstr("edition 2, plain24@1.0"),
                    HasSubstr("changed"), HasSubstr("0 of 24"), HasSubstr("1 of 24")));
}

TEST_F(WalkTest, TrainingIsRecordedForSomebodyElse) {
  const std::vector<std::string> record = {"directory",  "training",       "referrer.housing",
                                           "--course",   "DASH, two days", "--day",
                                           "2025-03-01", "--expires",      "2099-03-01"};
  Ok("admin.council", record);
  const auto people = Json<v1::ListAccountsResponse>("admin.council", {"directory", "accounts"});
  bool found = false;
  for (const v1::Account& account : people.accounts()) {
    if (account.login() != "referrer.housing") continue;
    found = true;
    ASSERT_EQ(account.training_size(), 1);
    EXPECT_EQ(account.training(0).course(), "DASH, two days");
  }
  EXPECT_TRUE(found);
}

TEST_F(WalkTest, WhatIsSignedIsReviewedAfterAChangeOrNotForAReason) {
  const std::string police = "referrer.police";
  const std::string id =
      LastId(Json<v1::Assessment>(police, {"assessment", "start", "--victim", "Runa Invented"}).name());
  std::vector<std::string> answer = {"assessment", "answer", id};
  const auto form = Json<v1::InstrumentPack>(police, {"assessment", "form"});
  for (const v1::Item& item : form.items()) answer.push_back(item.code() + "=no");
  Ok(police, answer);
  Refused(police, {"review", "change", id, "NEW_INCIDENT"}, ExitCode::kChanged);
  Ok(police, {"assessment", "complete", id, "--text", "Settled for now."});
  Ok(police, {"assessment", "sign", id});
  EXPECT_THAT(Ok(police, {"review", "list", "--mine"}), Not(HasSubstr(id)));
  EXPECT_THAT(Refused(police, {"review", "change", id, "HOLIDAY"}, ExitCode::kWrongInput),
              HasSubstr("give one of NEW_INCIDENT"));
  Ok(police, {"review", "change", id, "NEW_INCIDENT", "--note", "He came to her work."});
  EXPECT_THAT(Ok(police, {"review", "list", "--mine"}), AllOf(HasSubstr(id), HasSubstr("Runa Invented")));
  EXPECT_THAT(Ok(police, {"assessment", "show", id}), HasSubstr("He came to her work."));
  const auto review = Json<v1::Assessment>(police, {"assessment", "start", "--reviews", id});
  EXPECT_EQ(review.victim().name().value(), "Runa Invented");
  EXPECT_EQ(review.purpose(), v1::ASSESSMENT_PURPOSE_REVIEW);
  Ok("supervisor.police", {"review", "end", id, "--reason", "She has moved away."});
  EXPECT_THAT(Ok(police, {"assessment", "show", id}), HasSubstr("She has moved away."));
  EXPECT_THAT(Ok(police, {"review", "list", "--by", "2199-01-01"}), Not(HasSubstr(id)));
  Refused(police, {"review", "end", id, "--reason", "Again"}, ExitCode::kChanged);

  // D-04: the review was begun for the wrong person.
  const std::string wrong = LastId(review.name());
  Refused(police, {"assessment", "entered-in-error", wrong, "--reason", "no"}, ExitCode::kWrongInput);
  Ok(police, {"assessment", "entered-in-error", wrong, "--reason", "It was of her sister."});
  EXPECT_THAT(Ok(police, {"assessment", "show", wrong}), HasSubstr("It was of her sister."));
  Refused(police, {"assessment", "answer", wrong, form.items(0).code() + "=no"}, ExitCode::kChanged);
}

TEST_F(WalkTest, AMeetingIsMovedAndCancelled) {
  const std::string coordinator = "coordinator.council";
  const auto series = Json<v1::ScheduleMeetingsResponse>(
      coordinator, {"meeting", "schedule", DayIn(300), "--count", "2", "--venue", "Town hall"});
  const std::string meeting = LastId(series.meetings(0).name());
  Refused(coordinator, {"meeting", "move", meeting, DayText(series.meetings(1).day()), "--reason", "Away"},
          ExitCode::kWrongInput);
  Refused(coordinator, {"meeting", "move", meeting, "--start", "25:00", "--reason", "Away"},
          ExitCode::kWrongInput);
  const auto moved =
      Json<v1::Meeting>(coordinator, {"meeting", "move", meeting, "--start", "13:15", "--minutes", "90",
                                      "--venue", "Room 3", "--reason", "The room is taken."});
  EXPECT_EQ(moved.venue(), "Room 3");
  EXPECT_EQ(moved.moves(0).reason(), "The room is taken.");
  EXPECT_THAT(Ok(coordinator, {"meeting", "show", meeting}), HasSubstr("13:15"));
  Refused("idva.idva", {"meeting", "cancel", meeting, "--reason", "Snow."}, ExitCode::kNotOpen);
  Ok("chair.police", {"meeting", "cancel", meeting, "--reason", "Snow."});
  EXPECT_THAT(Ok(coordinator, {"meeting", "show", meeting}),
              AllOf(HasSubstr("cancelled"), HasSubstr("Snow.")));
  Refused(coordinator, {"meeting", "cancel", meeting, "--reason", "Again"}, ExitCode::kChanged);
}

TEST_F(WalkTest, AnEmergencyMeetingIsCalledAndAMeetingOpensWithWhatWasLeft) {
  const std::string coordinator = "coordinator.council";
  const auto accepted = Json<v1::Referral>(coordinator, {"triage", "accept", Submit("Etta Invented")});
  std::vector<std::string> call = {"meeting", "emergency", accepted.case_name(), DayIn(1),   "--start",
                                   "14:00",   "--reason",  "He was released.",   "--agency", "police",
                                   "--venue", "Room 2"};
  Refused(coordinator, call, ExitCode::kWrongInput);
  call.insert(call.end(), {"--chair", "chair.police"});
  const auto emergency = Json<v1::Meeting>(coordinator, call);
  EXPECT_EQ(emergency.emergency().reason(), "He was released.");
  EXPECT_EQ(emergency.invited_agencies(0), "agencies/police");
  EXPECT_THAT(Ok(coordinator, {"meeting", "list"}),
              AllOf(HasSubstr(LastId(emergency.name())), HasSubstr("emergency")));
  Refused("representative.housing", {"meeting", "show", LastId(emergency.name())}, ExitCode::kNotOpen);
  Refused(coordinator, {"meeting", "opening", LastId(emergency.name())}, ExitCode::kChanged);
  Ok("chair.police", {"meeting", "cancel", LastId(emergency.name()), "--reason", "He is back in custody."});
  const auto series = Json<v1::ScheduleMeetingsResponse>(
      coordinator, {"meeting", "schedule", DayIn(320), "--count", "1", "--venue", "Town hall"});
  EXPECT_THAT(Ok(coordinator, {"meeting", "opening", LastId(series.meetings(0).name())}),
              AllOf(HasSubstr("not finished"), HasSubstr("not told yet")));
}

TEST_F(WalkTest, ASupervisorAgreesOrSendsBack) {
  const std::string police = "referrer.police";
  const std::string supervisor = "supervisor.police";
  const std::string id =
      LastId(Json<v1::Assessment>(police, {"assessment", "start", "--victim", "Ilse Invented"}).name());
  std::vector<std::string> answer = {"assessment", "answer", id};
  const auto form = Json<v1::InstrumentPack>(police, {"assessment", "form"});
  for (const v1::Item& item : form.items()) answer.push_back(item.code() + "=yes");
  Ok(police, answer);
  Ok(police, {"assessment", "complete", id, "--text", "It is getting worse.", "--step",
              "VICTIM_SUICIDE=We rang the crisis line together"});
  const std::vector<std::string> sign = {
      "assessment",   "sign",    id, "--not-referred", "ALREADY_LISTED", "--text", "On the agenda already.",
      "--supervisor", supervisor};
  Ok(police, sign);
  EXPECT_THAT(Ok(supervisor, {"supervision", "list"}),
              AllOf(HasSubstr(id), HasSubstr("Ilse Invented"), HasSubstr("On the agenda already.")));
  EXPECT_THAT(Ok(supervisor, {"supervision", "send-back", id, "--reason", "It is not. Refer her."}),
              HasSubstr("amended"));
  EXPECT_THAT(Ok(supervisor, {"supervision", "list"}), Not(HasSubstr(id)));
  EXPECT_THAT(Ok(police, {"assessment", "show", id}), HasSubstr("It is not. Refer her."));
  Ok(police, sign);
  EXPECT_THAT(Ok(supervisor, {"supervision", "agree", id}), HasSubstr("countersigned"));
  Refused(supervisor, {"supervision", "agree", id}, ExitCode::kChanged);
}

TEST_F(WalkTest, ACC46_TheQuestionsArePrintedAndWhatWasTickedIsKeyedInTwice) {
  const std::string police = "referrer.police";
  const std::string id = LastId(Json<v1::Assessment>(police, {"assessment", "start", "--instrument",
                                                              "plain24-er@0.1", "--victim", "Mei"})
                                    .name());
  const std::string file = At(police).home + "/form.pdf";
  const auto document = Json<v1::Document>(police, {"document", "booklet", id, "--out", file});
  EXPECT_EQ(document.instrument(), "plain24-er@0.1");
  EXPECT_EQ(std::filesystem::file_size(file), static_cast<size_t>(document.size_bytes()));
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  // A file that is there stays what it is.
  EXPECT_NE(Run(At(police), {"document", "read", document.name(), "--out", file}).exit, 0);

  EXPECT_THAT(Refused(police, {"assessment", "key-in", id}, ExitCode::kChanged, "y\n"),
              HasSubstr("--mode paper"));
  Ok(police,
     {"sitting", "begin",      id,       "--mode",   "paper",     "--place",    "The office",
      "--alone", "yes",        "--safe", "yes",      "--minutes", "30",         "--safe-contact-known",
      "yes",     "--building", "nobody", "--abuser", "at work",   "--children", "no children"});
  // Four answers and one that was not understood; then a step back, and the end of input.
  const Ran first = Run(At(police), {"assessment", "key-in", id}, "1\ny\nn\ny\nu\nq\n");
  EXPECT_EQ(first.exit, 0) << first.err;
  EXPECT_THAT(first.err, AllOf(HasSubstr(id.substr(id.size() - 8)), HasSubstr("INJ_NOW/INJ_NOW_BODY"),
                               HasSubstr("5 keyed in"), Not(HasSubstr("{"))));
  const Ran more = Run(At(police), {"assessment", "key-in", id}, "n\nb\n\n");
  EXPECT_EQ(more.exit, 0) << more.err;
  auto assessment = Json<v1::Assessment>(police, {"assessment", "show", id});
  const auto answer = [&](const std::string& probe) {
    for (const v1::Answer& given : assessment.probe_answers()) {
      if (given.probe() == probe) return given;
    }
    return v1::Answer();
  };
  EXPECT_EQ(answer("INJ_NOW_BODY").code(), v1::ANSWER_CODE_YES);
  EXPECT_EQ(answer("INJ_NOW_BODY").sitting(), "s1");
  EXPECT_EQ(answer("FEAR_NOW").reason(), v1::ANSWER_REASON_NOT_UNDERSTOOD);
  EXPECT_EQ(answer("FEAR_OF_HURT").code(), v1::ANSWER_CODE_NOT_ASKED);

  // One is keyed in otherwise: it is shown, and stays until somebody says which is on the paper.
  const Ran kept = Run(At(police), {"assessment", "key-in", id, "--second"}, "1\ny\nn\nn\nu\nq\n1\n");
  EXPECT_THAT(kept.err, AllOf(HasSubstr("5 compared, 1 different, 0 changed"),
                              HasSubstr("--from FEAR_OF/FEAR_OF_HURT")));
  assessment = Json<v1::Assessment>(police, {"assessment", "show", id});
  EXPECT_EQ(answer("INJ_NOW_BODY").code(), v1::ANSWER_CODE_YES);
  const Ran second = Run(
      At(police), {"assessment", "key-in", id, "--second", "--from", "INJ_NOW/INJ_NOW_BODY"}, "n\nu\nq\n2\n");
  EXPECT_THAT(second.err, HasSubstr("2 compared, 1 different, 1 changed"));
  assessment = Json<v1::Assessment>(police, {"assessment", "show", id});
  EXPECT_EQ(answer("INJ_NOW_BODY").code(), v1::ANSWER_CODE_NO);
  EXPECT_THAT(answer("INJ_NOW_BODY").amend_reason(), HasSubstr("twice"));
  EXPECT_THAT(
      Refused(police, {"assessment", "key-in", id, "--second", "--from", "NOWHERE"}, ExitCode::kWrongInput),
      HasSubstr("from"));
}

TEST_F(WalkTest, ASittingIsBegunWhereItIsSafeRecordedAndEnded) {
  const std::string police = "referrer.police";
  const std::string id =
      LastId(Json<v1::Assessment>(police, {"assessment", "start", "--victim", "Mei 李"}).name());
  v1::CommunicationProfile profile;
  profile.mutable_preferred_language()->set_value("BSL");
  Ok(police, {"sitting", "profile", id, "--json", File("profile.json", ToJson(profile))});
  std::vector<std::string> begin = {
      "sitting", "begin",    id,          "--mode",     "practitioner-reads",   "--place", "The office",
      "--alone", "yes",      "--minutes", "30",         "--safe-contact-known", "no",      "--building",
      "nobody",  "--abuser", "at work",   "--children", "no children"};
  EXPECT_THAT(Refused(police, begin, ExitCode::kWrongInput), HasSubstr("sitting.safety.safe_to_talk"));
  begin.insert(begin.end(), {"--safe", "no"});
  EXPECT_THAT(Refused(police, begin, ExitCode::kWrongInput), HasSubstr("do not begin"));
  begin.back() = "yes";
  Ok(police, begin);
  Ok(police, {"sitting", "record", id, "--break", "Tea", "--need", "breaks=yes"});
  Ok(police, {"sitting", "record", id, "--end-break", "--need", "reading=no:the pages were too long", "--end",
              "--stop-reason", "she was tired"});
  EXPECT_THAT(Ok(police, {"sitting", "show", id}), AllOf(HasSubstr("The office"), HasSubstr("she was tired"),
                                                         HasSubstr("too long"), HasSubstr("BSL")));
}

TEST_F(WalkTest, AnAssessmentGoesThroughFilesToo) {
  const std::string police = "referrer.police";
  const auto started = Json<v1::Assessment>(police, {"assessment", "start", "--victim", "Mei 李"});
  const std::string id = LastId(started.name());
  EXPECT_THAT(Ok(police, {"assessment", "score", "FEAR=yes", "STRANGLE=dont-know"}), HasSubstr("score:"));
  EXPECT_THAT(Refused(police, {"assessment", "answer", id, "SEPARATION_X=yes"}, ExitCode::kWrongInput),
              HasSubstr("answers"));
  v1::AppendAnswersRequest request;
  auto& answer = *request.add_answers();
  answer.set_item("FEAR");
  answer.set_code(v1::ANSWER_CODE_YES);
  auto assessment = Json<v1::Assessment>(
      police, {"assessment", "answer", id, "--json", File("answers.json", ToJson(request))});
  EXPECT_EQ(assessment.result().score(), 1);
  // A script that remembers an older sequence number is told so.
  request.set_expected_seq(7);
  Refused(police, {"assessment", "answer", id, "--json", File("answers.json", ToJson(request))},
          ExitCode::kChanged);
  const std::string missing =
      Refused(police, {"assessment", "complete", id, "--text", "seen"}, ExitCode::kWrongInput);
  EXPECT_THAT(missing, HasSubstr("marac: please look at these fields\n"));
  Ok(police,
     {"assessment", "complete", id, "--text", "seen at the desk", "--stop-reason", "she had to leave"});
  EXPECT_THAT(Ok(police, {"assessment", "list", "--state", "stopped"}), HasSubstr(id));
}

// What a person types who answers these fields and leaves the others for later, the safe contact with one
// Enter.
std::string LinesFor(const v1::Referral& referral, const std::map<std::string, std::string>& lines) {
  std::string script;
  bool safe_contact_left = false;
  for (const std::string& path : referral.missing_fields()) {
    if (path.starts_with("safe_contact") && std::exchange(safe_contact_left, true)) continue;
    const auto found = lines.find(path);
    script += found == lines.end() ? "\n" : found->second;
  }
  return script;
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// What a person types for a field that is asked for by path, a line each.
std::string Typed(const std::string& path) {
  const auto ends = [&](std::string_view end) { return path.ends_with(end); };
  if (ends(".source_category")) return "POLICE";
  if (ends(".has_children") || ends(".has_excluded_people") || ends(".has_aliases") ||
      ends(".usual_home_differs") || ends(".repeat") || ends(".referred_elsewhere")) {
    return "n";
  }
  if (ends(".aware") || ends(".consent") || ends(".professional_judgement")) return "y";
  if (ends(".narrative")) return "He has strangled her twice this month.";
  if (ends(".job_title") || ends(".contact") || ends(".person")) return "Constable, 01632 960001";
  return "?";
}

TEST_F(WalkTest, AReferralIsWrittenFieldByFieldAndGoneOnWith) {
  const std::string police = "referrer.police";
  const auto assessment =
      Json<v1::Assessment>(police, {"assessment", "start", "--victim", "Fatima Noor", "--perpetrator", "?"});
  const Ran begun =
      Run(At(police), {"referral", "new", "--assessment", LastId(assessment.name()), "--json"}, "");
  v1::Referral referral;
  ParseAnswer(begun, referral);
  EXPECT_EQ(referral.victim().name().value(), "Fatima Noor");
  EXPECT_THAT(begun.err, HasSubstr("marac referral new --resume"));
  const std::string id = LastId(referral.name());

  // The server says what is missing, and the answers are typed in that order; what an answer brings with it
  // comes in the next round.
  for (int round = 0; round < 4 && referral.missing_fields_size() > 0; ++round) {
    std::string script;
    bool safe_contact_asked = round > 0;
    for (const std::string& path : referral.missing_fields()) {
      if (path.starts_with("safe_contact") && !safe_contact_asked) {
        safe_contact_asked = true;
        script += "y\n";
      }
      script += (path == "referral.criteria.judgement_text" ? "She is in danger." : Typed(path)) + "\n";
    }
    const Ran ran = Run(At(police), {"referral", "new", "--resume", id}, script);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    referral = Json<v1::Referral>(police, {"referral", "show", id});
  }
  EXPECT_EQ(referral.missing_fields_size(), 0) << ::testing::PrintToString(referral.missing_fields());
  EXPECT_EQ(referral.victim().birth_date().unknown(), v1::UNKNOWN_NOT_KNOWN);
  const Ran sent = Run(At(police), {"referral", "new", "--resume", id}, "s\n");
  EXPECT_THAT(sent.out, HasSubstr("submitted")) << sent.err;
  EXPECT_THAT(Ok(police, {"referral", "list", "--mine"}), HasSubstr(id));
  Ok(police, {"referral", "withdraw", id, "--reasons", "the wrong person"});
}

TEST_F(WalkTest, AnUrgentReferralNeedsFourAnswers) {
  const std::string housing = "referrer.housing";
  // Name; why now; safe contact: yes, may be called; consent: yes; nothing more; submit.
  const Ran sent = Run(At(housing), {"referral", "new", "--urgent"},
                       "?\nwoman, about 30, seen at the food bank\nHe is outside now.\ny\ny\ny\ns\n");
  EXPECT_EQ(sent.exit, 0) << sent.err;
  EXPECT_THAT(sent.out, HasSubstr("submitted"));
  EXPECT_THAT(sent.err, HasSubstr("they are chased after an urgent referral"));
  const std::string queue = Ok("coordinator.council", {"triage", "queue"});
  EXPECT_THAT(queue, HasSubstr("urgent"));
  // However long others have waited.
  const size_t first_row = queue.find('\n', queue.find('\n') + 1) + 1;
  EXPECT_THAT(queue.substr(first_row, queue.find('\n', first_row) - first_row), HasSubstr("urgent"));

  // Then he has her telephone.
  const std::string coordinator = "coordinator.council";
  const std::string id = sent.out.substr(0, sent.out.find(':'));
  Ok(housing, {"referral", "correct-safe-contact", id}, "n\nhe has her telephone\n");

  // The referrer says more by telephone, and the coordinator types it: who says so, then each open field.
  const auto waiting = Json<v1::Referral>(coordinator, {"referral", "show", id});
  ASSERT_FALSE(waiting.missing_fields().empty());
  std::string script = "Alex, by telephone\n";
  for (const std::string& path : waiting.missing_fields()) {
    script += (path == "referral.victim.gender" ? "female" : "") + std::string("\n");
  }
  const Ran added = Run(At(coordinator), {"referral", "complete", id}, script);
  EXPECT_EQ(added.exit, 0) << added.err;
  const auto completed = Json<v1::Referral>(coordinator, {"referral", "show", id});
  EXPECT_EQ(completed.victim().gender().value(), "female");
  ASSERT_EQ(completed.additions_size(), 1);
  EXPECT_EQ(completed.additions(0).told_by(), "Alex, by telephone");
  v1::CompleteReferralRequest by_file;
  by_file.mutable_referral()->mutable_victim()->mutable_ethnicity()->set_value("White British");
  const Words from_input = {"referral", "complete", id, "--json", "-"};
  EXPECT_EQ(Json<v1::Referral>(housing, from_input, ToJson(by_file)).additions_size(), 2);

  // It will never be heard: she moved away.
  const auto accepted =
      Json<v1::Referral>(coordinator, {"triage", "accept", id, "--admit-reason", "in danger"});
  Refused(coordinator, {"case", "close", accepted.case_name(), "--reason", "moved"}, ExitCode::kChanged);
  Refused(coordinator,
          {"case", "close", accepted.case_name(), "--reason", "moved", "--unheard", "victim-moved"},
          ExitCode::kUsage);
  EXPECT_THAT(Ok(coordinator, {"case", "close", accepted.case_name(), "--reason", "Leeds has it", "--unheard",
                               "victim-moved", "--unsafe", "--text", "no safe way"}),
              HasSubstr("closed"));
}

TEST_F(WalkTest, AFieldThatIsRefusedIsTakenOutAndTheRestIsKept) {
  const std::string police = "referrer.police";
  // The name, nobody feared yet; then in the server's order. One day is still to come, which only the server
  // knows.
  const auto started = Json<v1::Assessment>(police, {"assessment", "start", "--victim", "Nia Invented"});
  const std::string assessment = LastId(started.name());
  v1::Referral referral;
  ParseAnswer(Run(At(police), {"referral", "new", "--assessment", assessment, "--json"}, ""), referral);
  const std::string id = LastId(referral.name());
  const std::string script =
      LinesFor(referral,
               {{"referral.referrer.job_title", "?\n"},
                {"referral.referrer.source_category", "nobody\nidva\n"},  // not on the list; in small letters
                {"referral.reason.narrative", "He has strangled her.\n"},
                {"referral.reason.latest_incident", "2199-01-01\n"}});
  const Ran ran = Run(At(police), {"referral", "new", "--resume", id}, script);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, AllOf(HasSubstr("choose one of: POLICE, IDVA"), HasSubstr("cannot be kept as it is"),
                             HasSubstr("2199-01-01")));
  referral = Json<v1::Referral>(police, {"referral", "show", id});
  EXPECT_EQ(referral.reason().narrative(), "He has strangled her.");
  EXPECT_FALSE(referral.reason().has_latest_incident());
  EXPECT_EQ(referral.referrer().source_category(), "IDVA");
  EXPECT_EQ(referral.referrer().job_title(), "not known");

  // A draft of this assessment is open, and no other is begun unasked.
  EXPECT_THAT(Refused(police, {"referral", "new", "--assessment", assessment}, ExitCode::kUsage),
              AllOf(HasSubstr("Your draft of"), HasSubstr("Nia Invented")));
  EXPECT_THAT(Ok(police, {"referral", "new", "--assessment", assessment, "--json"}, "y\n"), HasSubstr(id));
}

TEST_F(WalkTest, ARefugeAndASchoolAreHeldApartWhenTheyAreTyped) {
  const std::string police = "referrer.police";
  v1::SaveDraftRequest draft;
  draft.set_parent("areas/test");
  draft.mutable_referral()->mutable_victim()->mutable_name()->set_value("Ada Invented");
  draft.mutable_referral()->add_children()->mutable_name()->set_value("Bea Invented");
  auto referral =
      Json<v1::Referral>(police, {"referral", "save", "--json", File("refuge.json", ToJson(draft))});
  const std::string id = LastId(referral.name());
  const std::string script = LinesFor(
      referral,
      {{"referral.victim.address.lines", "Rose House\nx\ny\n"},  // x is no answer to whether it is held apart
       {"referral.victim.address.postcode", "MK1 1AA\n"},
       {"referral.children[0].school", "Hill School\ny\n"}});
  const Ran ran = Run(At(police), {"referral", "new", "--resume", id}, script);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("That key is no answer here"));
  const Ran shown = Run(At(police), {"referral", "show", id});
  EXPECT_THAT(shown.out,
              AllOf(Not(HasSubstr("Rose House")), Not(HasSubstr("MK1 1AA")), Not(HasSubstr("Hill School"))));
  referral = Json<v1::Referral>(police, {"referral", "show", id});
  EXPECT_TRUE(referral.victim().address().protected_detail());
  ASSERT_EQ(referral.protected_details_size(), 2);
  std::set<v1::ProtectedKind> kinds;
  for (const auto& mask : referral.protected_details()) kinds.insert(mask.kind());
  EXPECT_THAT(kinds, ::testing::ElementsAre(v1::PROTECTED_KIND_ADDRESS, v1::PROTECTED_KIND_SCHOOL));
}

TEST_F(WalkTest, AReferralThatCameByTelephoneIsEnteredForWhoSentIt) {
  const std::string coordinator = "coordinator.council";
  const Ran entered = Run(At(coordinator), {"referral", "enter", "--json"},
                          "health\nDr Invented\nGP\n01632 960011\nphone\n2024-01-02\n2024-01-02T09:30\n"
                          "primary_care\nEve Invented\n?\n\n");
  v1::Referral referral;
  ParseAnswer(entered, referral);
  EXPECT_TRUE(referral.referrer().on_behalf());
  EXPECT_EQ(referral.referrer().agency(), "agencies/health");
  EXPECT_EQ(referral.referrer().person(), "Dr Invented");
  EXPECT_EQ(referral.referrer().route(), v1::REFERRAL_ROUTE_PHONE);
  EXPECT_EQ(MomentText(referral.referrer().receive_time()), "2024-01-02 09:30");
  EXPECT_EQ(referral.referrer().source_category(), "PRIMARY_CARE");
  EXPECT_EQ(referral.victim().name().value(), "Eve Invented");
  EXPECT_FALSE(referral.referrer().typed_by().empty());
}

TEST_F(WalkTest, TheEndOfInputStopsTheFormAtItsFirstQuestionsAndKeepsNothingEmpty) {
  const std::string coordinator = "coordinator.council";
  const auto drafts = [&](const std::string& login) {
    return Json<v1::ListReferralsResponse>(login, {"referral", "list", "--mine", "--state", "draft"})
        .referrals_size();
  };
  const int before = drafts(coordinator);
  EXPECT_THAT(Refused(coordinator, {"referral", "enter"}, ExitCode::kUsage),
              AllOf(HasSubstr("no draft is kept"), Not(HasSubstr("referrer: person"))));
  EXPECT_EQ(drafts(coordinator), before);
  const Ran entered = Run(At(coordinator), {"referral", "enter"}, "health\n");
  EXPECT_EQ(entered.exit, 0);
  EXPECT_THAT(entered.err, AllOf(HasSubstr("Kept. Go on with"), Not(HasSubstr("job title")),
                                 Not(HasSubstr("victim: name"))));
  EXPECT_EQ(drafts(coordinator), before + 1);

  const std::string housing = "referrer.housing";
  const int own = drafts(housing);
  EXPECT_THAT(Refused(housing, {"referral", "new", "--new"}, ExitCode::kUsage),
              Not(HasSubstr("who causes the harm")));
  EXPECT_EQ(drafts(housing), own);
  const Ran named = Run(At(housing), {"referral", "new", "--new"}, "Nell Invented\n");
  EXPECT_THAT(named.err, AllOf(HasSubstr("who causes the harm"), HasSubstr("Kept. Go on with"),
                               Not(HasSubstr("other names"))));
  EXPECT_EQ(drafts(housing), own + 1);
  // Also where an answer asks for more.
  const std::string id = LastId(named.out.substr(0, named.out.find(':')));
  const Ran asked = Run(At(housing), {"referral", "new", "--resume", id}, "y\n");
  EXPECT_THAT(asked.err, AllOf(HasSubstr("Kept. Go on with"), Not(HasSubstr("date of birth"))));
  EXPECT_EQ(Json<v1::Referral>(housing, {"referral", "show", id}).victim().has_aliases(), v1::YES_NO_YES);
}

TEST_F(WalkTest, ASafeContactLeftForLaterIsNotAskedAgainInTheRound) {
  const std::string police = "referrer.police";
  v1::SaveDraftRequest draft;
  draft.set_parent("areas/test");
  draft.mutable_referral()->mutable_victim()->mutable_name()->set_value("Sky Invented");
  const auto saved = Json<v1::Referral>(police, {"referral", "save", "--json", "-"}, ToJson(draft));
  const Ran left =
      Run(At(police), {"referral", "new", "--resume", LastId(saved.name())}, LinesFor(saved, {}));
  EXPECT_EQ(CountOf(left.err, "safe contact: is it safe"), 1);
  EXPECT_THAT(left.err, HasSubstr("What now"));
}

TEST_F(WalkTest, AnAnswerThatWasMispressedIsCorrectedWithoutAFile) {
  const std::string police = "referrer.police";
  v1::SaveDraftRequest draft;
  draft.set_parent("areas/test");
  *draft.mutable_referral() = ::marac::testing::CompleteReferral();
  draft.mutable_referral()->mutable_referrer()->set_agency("agencies/police");
  draft.mutable_referral()->mutable_referrer()->set_source_category("POLICE");
  v1::Party& victim = *draft.mutable_referral()->mutable_victim();
  victim.mutable_name()->set_value("Wren Invented");
  victim.set_has_aliases(v1::YES_NO_YES);
  victim.add_aliases("Somebody Else");
  victim.set_lgbt(v1::YES_NO_YES);
  *draft.mutable_safe_contact() = ::marac::testing::CompleteSafeContact();
  const auto saved = Json<v1::Referral>(police, {"referral", "save", "--json", "-"}, ToJson(draft));
  const std::string id = LastId(saved.name());
  const auto number = [&](const std::string& question) {
    const Ran shown = Run(At(police), {"referral", "change", id}, "\n");
    EXPECT_EQ(shown.exit, 0) << shown.err;
    const size_t at = shown.err.find(" " + question);
    EXPECT_NE(at, std::string::npos) << question << "\n" << shown.err;
    const size_t line = shown.err.rfind('\n', at) + 1;
    return std::to_string(std::stoi(shown.err.substr(line)));
  };
  // A number that is none; then three answers, the name left as it is.
  const Ran changed =
      Run(At(police), {"referral", "change", id},
          "900\n" + number("victim: name: Wren") + " " + number("victim: other names or spellings: yes") +
              " " + number("victim: lesbian, gay, bisexual or trans: yes") + "\n\nn\n-\n");
  EXPECT_EQ(changed.exit, 0) << changed.err;
  EXPECT_THAT(changed.err,
              AllOf(HasSubstr("Give numbers from 1 to"), HasSubstr("so far:"), HasSubstr("Enter: as it is")));
  const auto now = Json<v1::Referral>(police, {"referral", "show", id});
  EXPECT_EQ(now.victim().name().value(), "Wren Invented");
  EXPECT_EQ(now.victim().has_aliases(), v1::YES_NO_NO);
  EXPECT_TRUE(now.victim().aliases().empty()) << "they belong to the yes";
  EXPECT_EQ(now.victim().lgbt(), v1::YES_NO_DECLINED);
  EXPECT_EQ(now.reason().narrative(), saved.reason().narrative());
  // Of the safe contact: there is a way, as before; telephone and calls as they are; other times.
  Ok(police, {"referral", "change", id}, number("safe contact: held apart") + "\n\n\n\nweekends only\n");
  const auto kept = Json<v1::ProtectedDetail>(
      police, {"case", "reveal", LastId(now.protected_details(0).detail()), "--reason", "to look"});
  EXPECT_EQ(kept.safe_contact().safe_times().value(), "weekends only");
  EXPECT_EQ(kept.safe_contact().phone().value(), ::marac::testing::CompleteSafeContact().phone().value());

  Ok(police, {"referral", "submit", id});
  EXPECT_THAT(Refused(police, {"referral", "change", id}, ExitCode::kChanged), HasSubstr("was sent"));
  Ok(police, {"referral", "withdraw", id, "--reasons", "only tried"});
}

TEST_F(WalkTest, WhatIsMissingIsToldInWordsAndWithTheNamesThatAreKnown) {
  const std::string police = "referrer.police";
  v1::SaveDraftRequest draft;
  draft.set_parent("areas/test");
  draft.mutable_referral()->mutable_victim()->mutable_name()->set_value("Ida Invented");
  draft.mutable_referral()->add_perpetrators()->mutable_name()->set_value("Rob Invented");
  draft.mutable_referral()->add_perpetrators();
  const auto saved = Json<v1::Referral>(police, {"referral", "save", "--json", "-"}, ToJson(draft));
  const std::string shown = Ok(police, {"referral", "show", LastId(saved.name())});
  EXPECT_THAT(shown,
              AllOf(HasSubstr("Rob Invented (person causing harm)"), HasSubstr("person causing harm 2"),
                    HasSubstr("lesbian, gay"), Not(HasSubstr("has_aliases"))));
  // Refused, the source is chosen from what the refusal lists.
  EXPECT_THAT(Refused(police, {"referral", "submit", LastId(saved.name())}, ExitCode::kWrongInput),
              AllOf(HasSubstr("choose one of: POLICE"), HasSubstr("victim: postcode")));
  EXPECT_THAT(RunMarac({"referral", "complete", "--help"}, At(police).home).out, HasSubstr("referral.etag"));
}

TEST_F(WalkTest, ASignInThroughAnotherAgencysProgramIsToldSoAndLeavesWhoIsSignedIn) {
  const Desk& police = At("referrer.police");
  At("representative.housing");
  const Ran refused = Run(police, {"sign-in", "representative.housing", "--password-stdin"},
                          std::string(ServerFixture::kPassword) + "\n");
  EXPECT_EQ(refused.exit, static_cast<int>(ExitCode::kNotOpen));
  EXPECT_THAT(refused.err, HasSubstr("belongs to another agency"));
  EXPECT_THAT(Ok("referrer.police", {"whoami"}), HasSubstr("referrer.police"));
}

TEST_F(WalkTest, AnUrgentReferralThatCameBackIsAskedForAllThatIsMissing) {
  const std::string idva = "idva.idva";
  const Ran sent =
      Run(At(idva), {"referral", "new", "--urgent"}, "Ivy Invented\nHe is outside.\ny\ny\ny\ns\n");
  ASSERT_THAT(sent.out, HasSubstr("submitted")) << sent.err;
  const std::string id = LastId(sent.out.substr(0, sent.out.find(':')));
  Ok("coordinator.council", {"triage", "return", id, "--reasons", "-"}, "say more\n");
  const auto before = Json<v1::Referral>(idva, {"referral", "show", id});
  EXPECT_EQ(before.triage().reasons(), "say more");
  std::string script;
  for (const std::string& path : before.missing_fields()) {
    script += (path == "referral.victim.gender" ? "female" : "") + std::string("\n");
  }
  const Ran ran = Run(At(idva), {"referral", "new", "--resume", id}, script);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(Json<v1::Referral>(idva, {"referral", "show", id}).victim().gender().value(), "female");
}

// Answers the first questions of the form, of which nothing is saved yet.
void TypeUpToTheGender(MaracAtTerminal& marac) {
  marac.TypeAfter("victim: other names or spellings", "n");
  marac.TypeAfter("victim: date of birth", "1990-01-31\n");
  marac.TypeAfter("victim: address without the postcode", "\n");
  marac.TypeAfter("victim: postcode", "\n");
  marac.TypeAfter("victim: usually lives somewhere else", "n");
  marac.TypeAfter("victim: gender", "female\n");
}

TEST_F(WalkTest, WhatWasTypedIsNotLostWhenTheSessionEnds) {
  const std::string referrer = "referrer.housing";
  const std::string name = DraftAbout(referrer, "Una Invented");
  MaracAtTerminal marac({"referral", "new", "--resume", LastId(name)}, At(referrer).home);
  TypeUpToTheGender(marac);
  Ok(referrer, {"sign-out"});
  marac.TypeAfter("victim: ethnic group", "\x03");
  marac.TypeAfter("Password of referrer.housing: ", "wrong\n");
  marac.TypeAfter("try again", "r");
  marac.TypeAfter("Password of referrer.housing: ", std::string(ServerFixture::kPassword) + "\n");
  marac.TypeAfter("Kept. Go on with", "");
  EXPECT_EQ(marac.Wait(), 0) << marac.shown();
  EXPECT_EQ(Json<v1::Referral>(referrer, {"referral", "show", LastId(name)}).victim().gender().value(),
            "female");
}

TEST_F(WalkTest, WhatWasTypedIsNotLostWhenTheSessionIsLocked) {
  const std::string referrer = "referrer.housing";
  const std::string name = DraftAbout(referrer, "Ulla Invented");
  MaracAtTerminal marac({"referral", "new", "--resume", LastId(name)}, At(referrer).home);
  TypeUpToTheGender(marac);
  Ok(referrer, {"session", "lock"});
  marac.TypeAfter("victim: ethnic group", "\x03");
  marac.TypeAfter("Your session is locked", "");
  marac.TypeAfter("Password: ", Line(ServerFixture::kPassword));
  marac.TypeAfter("Kept. Go on with", "");
  EXPECT_EQ(marac.Wait(), 0) << marac.shown();
  EXPECT_EQ(Json<v1::Referral>(referrer, {"referral", "show", LastId(name)}).victim().gender().value(),
            "female");
}

TEST_F(WalkTest, AnAnswerOfTheDashIsWhatWasMeantAndKeepsItsNote) {
  const std::string idva = "idva.idva";
  const auto pack = Json<v1::InstrumentPack>(idva, {"assessment", "form"});
  std::string script;
  int at = 0;
  for (; pack.items(at).code() != "KILL_THREAT"; ++at) script += "n\n";
  // A key that is none; yes with a note; the word "children" is no letter, b is; back, the other answer with
  // the note as it was; stop.
  script += "k\nY\nchildren\nb\nhe said so on Monday\nb\nd\nq\n";
  const Ran ran = Run(
      At(idva), {"assessment", "take", "--new", "--victim", "Zoe Invented", "--perpetrator", "?"}, script);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, AllOf(HasSubstr("That key is no answer here"), HasSubstr("Give letters from a to c"),
                             HasSubstr("+ Children")));
  const size_t start = ran.err.find("--resume ") + 9;
  std::string id = ran.err.substr(start);
  id = id.substr(0, id.find_first_of(" \n"));
  const auto taken = Json<v1::Assessment>(idva, {"assessment", "show", id});
  EXPECT_EQ(AnswerTo(taken, "KILL_THREAT").code(), v1::ANSWER_CODE_DONT_KNOW);
  EXPECT_EQ(AnswerTo(taken, "KILL_THREAT").note(), "he said so on Monday");
  Ok(idva, {"assessment", "answer", id, "KILL_THREAT=yes:CHILD"});
  EXPECT_THAT(Ok(idva, {"assessment", "show", id}),
              AllOf(HasSubstr("+ Children"), Not(HasSubstr(": CHILD"))));

  // The end of input at the sub-boxes leaves the key that was pressed.
  script.clear();
  for (int i = 0; i < at; ++i) script += "n\n";
  const Ran ended =
      Run(At(idva), {"assessment", "take", "--new", "--victim", "Zara Invented", "--perpetrator", "?"},
          script + "Y\n");
  std::string next = ended.err.substr(ended.err.find("--resume ") + 9);
  next = next.substr(0, next.find_first_of(" \n"));
  EXPECT_EQ(AnswerTo(Json<v1::Assessment>(idva, {"assessment", "show", next}), "KILL_THREAT").code(),
            v1::ANSWER_CODE_YES);
}

TEST_F(WalkTest, AFortnightFromTheDashToTheClosedCase) {
  const std::string police = "referrer.police";
  const std::string coordinator = "coordinator.council";
  const std::string chair = "chair.police";
  const std::string idva = "idva.idva";
  const std::string housing = "representative.housing";

  // The calendar.
  const auto series = Json<v1::ScheduleMeetingsResponse>(
      coordinator, {"meeting", "schedule", DayIn(28), "--count", "2", "--venue", "Town hall, room 12"});
  ASSERT_EQ(series.meetings_size(), 2);
  const std::string meeting = LastId(series.meetings(0).name());
  // A venue stays on its line, whatever the calendar has to warn of.
  const std::string listed = Ok(coordinator, {"meeting", "list", "--from", DayIn(1)});
  EXPECT_THAT(listed, AllOf(HasSubstr(meeting), HasSubstr("Town hall, room 12\n")));
  std::istringstream lines(listed);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_THAT(Ok(coordinator, {"meeting", "show", meeting}), HasSubstr("cut off time"));

  // A DASH of fifteen yes, and the referral that rests on it.
  // The answers, the judgement, the step that the answer to MOOD_SI asks for, complete, not signed yet.
  const auto pack = Json<v1::InstrumentPack>(police, {"assessment", "form"});
  const Ran taken = Run(At(police),
                        {"assessment", "take", "--new", "--victim", "Maria Invented", "--perpetrator",
                         "Robert Invented", "--json"},
                        FifteenYes(pack) + "h\nn\nHigh by count and by what I saw.\n0\n\nn\n" +
                            "Crisis team told today.\nc\nn\n");
  v1::Assessment assessment;
  ParseAnswer(taken, assessment);
  EXPECT_EQ(assessment.result().score(), 15) << taken.err;
  EXPECT_EQ(assessment.state(), v1::ASSESSMENT_STATE_COMPLETED) << taken.err;

  v1::SaveDraftRequest draft;
  *draft.mutable_referral() = ::marac::testing::CompleteReferral();
  draft.mutable_referral()->mutable_referrer()->set_agency("agencies/police");
  draft.mutable_referral()->mutable_referrer()->set_source_category("POLICE");
  draft.mutable_referral()->add_assessments(assessment.name());
  draft.mutable_referral()->set_has_excluded_people(v1::YES_NO_YES);
  *draft.mutable_safe_contact() = ::marac::testing::CompleteSafeContact();
  auto& excluded = *draft.add_excluded_people();
  excluded.set_person("Robert's Brother");
  excluded.set_reason("said to work for the council");
  const auto saved =
      Json<v1::Referral>(police, {"referral", "save", "--json", File("draft.json", ToJson(draft))});
  const std::string referral = LastId(saved.name());
  Ok(police, {"referral", "submit", referral});
  EXPECT_THAT(Ok(police, {"referral", "show", referral}), HasSubstr("state:                      submitted"));
  Ok(police, {"assessment", "sign", LastId(assessment.name())});
  // The IDVA service sees it at once.
  EXPECT_THAT(Ok(idva, {"referral", "list", "--state", "submitted"}), HasSubstr(referral));

  // Triage.
  EXPECT_THAT(Ok(coordinator, {"triage", "queue"}), HasSubstr(referral));
  EXPECT_THAT(Ok(coordinator, {"triage", "show", referral}), HasSubstr("Maria Invented"));
  Ok(coordinator, {"triage", "matches", referral});
  const auto people = Json<v1::ListExcludedPeopleResponse>(coordinator, {"triage", "exclusions", referral});
  ASSERT_EQ(people.excluded_people_size(), 1);
  Ok(coordinator, {"triage", "resolve", LastId(people.excluded_people(0).name()), "--not-a-worker"});
  const auto accepted = Json<v1::Referral>(coordinator, {"triage", "accept", referral});
  const auto found = Json<v1::Case>(coordinator, {"case", "show", accepted.case_name()});
  const std::string number = found.case_number();
  // A case by its number.
  EXPECT_EQ(Json<v1::Case>(coordinator, {"case", "show", number}).name(), found.name());
  EXPECT_THAT(Ok(coordinator, {"case", "list", "--stage", "accepted"}), HasSubstr(number));

  // The IDVA contacts the victim, by the safe route.
  ASSERT_GE(found.protected_details_size(), 1);
  const auto safe = Json<v1::ProtectedDetail>(
      idva, {"case", "reveal", LastId(found.protected_details(0).detail()), "--reason", "first contact"});
  EXPECT_TRUE(safe.has_safe_contact());
  Ok(idva, {"case", "contact", number, "engaging", "--note", "spoke at noon"});

  // Then he answers that telephone: nothing of the correction stands on the command line.
  const Ran stopped = Run(At(idva), {"case", "correct-safe-contact", number}, "y\n01632 960009\n");
  EXPECT_NE(stopped.exit, 0) << "input ended, so nothing is changed";
  Ok(idva, {"case", "correct-safe-contact", number}, "n\nhe answers that number now\n");
  EXPECT_THAT(Refused(idva, {"case", "contact", number, "attempted"}, ExitCode::kChanged),
              HasSubstr("no safe way"));
  Ok(idva, {"case", "correct-safe-contact", number},
     "y\n01632 960009\nperhaps\ny\nevenings\nn\n?\ny\n\n\n\na new telephone\n");
  const auto corrected = Json<v1::ProtectedDetail>(
      idva, {"case", "reveal", LastId(found.protected_details(0).detail()), "--reason", "to call"});
  EXPECT_EQ(corrected.safe_contact().phone().value(), "01632 960009");
  EXPECT_EQ(corrected.safe_contact().withhold_number(), v1::YES_NO_YES);
  EXPECT_EQ(corrected.safe_contact().safe_to_text(), v1::YES_NO_NOT_KNOWN);
  EXPECT_EQ(corrected.safe_contact().safe_third_party().unknown(), v1::UNKNOWN_NOT_KNOWN);
  EXPECT_EQ(corrected.correction().reason(), "a new telephone");
  v1::CorrectSafeContactRequest by_file;
  *by_file.mutable_safe_contact() = corrected.safe_contact();
  by_file.mutable_safe_contact()->mutable_safe_times()->set_value("mornings");
  by_file.set_reason("she said so");
  EXPECT_TRUE(Json<v1::Case>(idva, {"case", "correct-safe-contact", number, "--json", "-"}, ToJson(by_file))
                  .protected_details(0)
                  .has_correct_time());

  // Others that go another way.
  const auto another = [&](const std::string& victim) {
    v1::SaveDraftRequest request = draft;
    request.mutable_referral()->clear_assessments();
    request.mutable_referral()->set_has_excluded_people(v1::YES_NO_NO);
    request.clear_excluded_people();
    request.mutable_referral()->mutable_victim()->mutable_name()->set_value(victim);
    const auto one =
        Json<v1::Referral>(police, {"referral", "save", "--json", File("another.json", ToJson(request))});
    Ok(police, {"referral", "submit", LastId(one.name())});
    return LastId(one.name());
  };
  const std::string returned = another("Joan Invented");
  Ok(coordinator,
     {"triage", "return", returned, "--reasons", "say more", "--field", "referral.reason.narrative"});
  Ok(coordinator,
     {"triage", "decline", another("Jane Invented"), "--reasons", "not here", "--signpost", "24-hour line"});
  const auto service = Json<v1::SupportService>(
      coordinator, {"service", "add", "Drop-in", "--for", "decline", "--number", "01632 960222", "--hours",
                    "weekdays", "--verified", "2020-01-08", "--review-by", "2199-01-07"});
  const auto declined =
      Json<v1::Referral>(coordinator, {"triage", "decline", another("Josie Invented"), "--reasons",
                                       "not here", "--service", LastId(service.name())});
  EXPECT_EQ(declined.triage().service(), service.name());
  const std::string first = another("Joy Invented");
  Ok(coordinator, {"triage", "duplicate", another("Joy Invented"), "--of", first});
  const auto second = Json<v1::Referral>(coordinator, {"triage", "accept", first});

  // The agenda.
  EXPECT_THAT(Ok(coordinator, {"agenda", "propose", meeting}), HasSubstr(number));
  EXPECT_THAT(Ok(coordinator, {"agenda", "place", meeting + "/" + number, "99"}), HasSubstr(number));
  Refused(coordinator, {"agenda", "place", meeting + "/" + number, "0"}, ExitCode::kWrongInput);
  Ok(coordinator, {"agenda", "propose", meeting, "--by-rule"});
  EXPECT_THAT(Ok(coordinator, {"agenda", "circulate", meeting}), HasSubstr("circulated"));
  EXPECT_THAT(Ok(housing, {"agenda", "show", meeting}), HasSubstr(number));
  // Research (marac.md 4.2): one key for each person, and what was searched once.
  EXPECT_THAT(Ok(coordinator, {"research", "due", "--meeting", meeting}),
              AllOf(HasSubstr("housing"), HasSubstr("awaited")));
  Refused(housing, {"research", "return", number}, ExitCode::kUsage);
  Ok(housing, {"research", "save", number}, "Case system\nk\n\n");
  // Nothing answered is nothing saved, and a file without the etag overwrites nobody.
  Refused(housing, {"research", "save", number}, ExitCode::kUsage, "\n\n\n\n");
  EXPECT_THAT(Refused(housing, {"research", "save", number, "--json", "-"}, ExitCode::kUsage, "{}"),
              HasSubstr("etag"));
  EXPECT_THAT(Ok(housing, {"research", "due"}), HasSubstr("begun"));
  EXPECT_THAT(Ok(coordinator, {"research", "due"}), HasSubstr("RING"));
  EXPECT_THAT(Ok(coordinator, {"research", "due"}), Not(HasSubstr("begun")));
  EXPECT_THAT(Refused(housing, {"research", "return", number}, ExitCode::kWrongInput),
              HasSubstr("notes.searches"));
  Ok(housing, {"research", "save", number}, "\n\nn\nn\n");
  Refused(housing, {"research", "return", number, "--etag", "stale"}, ExitCode::kChanged);
  EXPECT_THAT(Ok(housing, {"research", "return", number}), HasSubstr("returned"));
  const auto research = Json<v1::ListResearchResponse>(chair, {"research", "show", number});
  ASSERT_EQ(research.research_size(), 1);
  EXPECT_EQ(research.research(0).searches(0).result(), v1::SEARCH_RESULT_KNOWN);
  EXPECT_EQ(research.research(0).searches(1).searched(), "Case system");
  // Received after the cut-off, listed by the chair's leave.
  Ok("admin.council", {"clock", "advance", "--days", "26"});
  const auto late = Json<v1::Referral>(
      coordinator, {"triage", "accept", another("Late Invented"), "--admit-reason", "imminent danger"});
  Ok(chair, {"agenda", "admit", meeting, late.case_name(), "--reason", "imminent danger"});
  Ok("admin.council", {"clock", "advance", "--to", DayText(series.meetings(0).day()) + "T09:30"});

  // The meeting.
  Ok(chair, {"meeting", "start", meeting});
  Ok("minutes.council",
     {"meeting", "attendance", meeting, "police:chair.police=present", "idva:idva.idva=present",
      "housing:representative.housing=present", "health=apologies"});
  const std::string item = meeting + "/" + number;
  Ok(chair, {"meeting", "open", item});
  Ok("minutes.council",
     {"meeting", "discuss", item, "--presenter", "Police", "--latest-incident", "on Friday"});
  // What is not given stays as it is.
  Ok("minutes.council",
     {"meeting", "discuss", item, "--victim-views", "wants him gone", "--victim-views-source", "IDVA",
      "--information", "police:fact:two calls", "--risk-summary", "strangulation, soon",
      "--children-considered", "yes", "--victim-update-by", "idva.idva", "--victim-update-method",
      "by phone on weekdays"});
  EXPECT_THAT(Ok(chair, {"meeting", "item", item}), HasSubstr("two calls"));
  const std::string due = DayIn(10);
  const auto done = Json<v1::Action>(
      chair, {"action", "add", item, "--text", "Change the locks", "--kind", "SANCTUARY", "--agency",
              "housing", "--accepted-by", "representative.housing", "--due", due});
  EXPECT_EQ(done.state(), v1::ACTION_STATE_OPEN);
  const auto asked = Json<v1::Action>(chair, {"action", "add", item, "--text", "Midwife visits", "--kind",
                                              "GP_NOTIFY", "--agency", "health", "--due", due});
  const auto refused = Json<v1::Action>(chair, {"action", "add", item, "--text", "Health letter", "--kind",
                                                "GP_NOTIFY", "--agency", "health", "--due", due});
  Ok("representative.health", {"action", "accept", LastId(asked.name())});
  Ok("representative.health", {"action", "refuse", LastId(refused.name()), "--reason", "no patient of ours"});
  Ok(chair, {"meeting", "close-item", item});
  // The others are put off.
  const auto agenda = Json<v1::Agenda>(chair, {"agenda", "show", meeting});
  for (const v1::AgendaItem& other : agenda.items()) {
    if (other.state() == v1::AGENDA_ITEM_STATE_HEARD || other.state() == v1::AGENDA_ITEM_STATE_DEFERRED)
      continue;
    // Words about people need not be on the command line.
    Ok(chair, {"meeting", "defer", other.name(), "--reason", "no time", "--safety-plan", "-"},
       "refuge found\nand a lift there\n");
    const auto put_off = Json<v1::Agenda>(chair, {"agenda", "show", meeting});
    EXPECT_TRUE(std::ranges::any_of(put_off.items(), [](const v1::AgendaItem& one) {
      return one.safety_plan() == "refuge found\nand a lift there";
    }));
  }
  Ok(chair, {"meeting", "close", meeting});

  // Actions and the end.
  EXPECT_THAT(Ok(housing, {"action", "list", "--mine"}), HasSubstr("Change the locks"));
  EXPECT_THAT(Ok(chair, {"action", "list", "--case", number, "--state", "refused"}),
              HasSubstr("Health letter"));
  EXPECT_THAT(Ok(chair, {"action", "show", LastId(refused.name())}), HasSubstr("no patient of ours"));
  Ok(chair, {"action", "extend", LastId(asked.name()), "--due", DayIn(20), "--agreed-by", "the chair",
             "--reason", "leave"});
  Ok(housing,
     {"action", "report", LastId(done.name()), "complete", "--text", "locks changed", "--outcome", "FITTED"});
  Refused(coordinator, {"case", "close", number, "--reason", "done"}, ExitCode::kChanged);
  Ok("representative.health",
     {"action", "report", LastId(asked.name()), "not-possible", "--text", "she moved"});
  Ok(idva, {"case", "update", number, "--told", "--text", "by phone"});
  Ok(coordinator, {"case", "close", number, "--reason", "all done"});
  EXPECT_THAT(Ok(coordinator, {"case", "show", number}), HasSubstr("stage:                      closed"));

  // The same two again, for what happened after the meeting: a repeat, said by the matches.
  const domain::LocalDate yesterday = domain::DateOf(Server().Now()).AddDays(-1);
  *draft.mutable_referral()->mutable_reason()->mutable_latest_incident()->mutable_day() = yesterday.ToDay();
  const std::string again = another("Maria Invented");
  EXPECT_THAT(Ok(coordinator, {"triage", "matches", again}),
              AllOf(HasSubstr("same pair; repeat"), HasSubstr(number)));
  const auto repeat = Json<v1::Referral>(coordinator, {"triage", "accept", again, "--repeat-of", number});
  EXPECT_EQ(Json<v1::Case>(coordinator, {"case", "show", repeat.case_name()}).kind(), v1::CASE_KIND_REPEAT);
}

TEST_F(WalkTest, WhatAnAgencySaidIsAddedToAndNeverReplaced) {
  const std::string item = InMeeting().items[0];
  const std::string minutes = "minutes.council";
  Ok("chair.police", {"meeting", "open", item});
  Ok(minutes, {"meeting", "discuss", item, "--information", "police:fact:Two calls"});
  const std::string said =
      Ok(minutes, {"meeting", "discuss", item, "--information", "police:fact:He holds a shotgun certificate",
                   "--information", "police:fact:Bail until March"});
  EXPECT_THAT(said, AllOf(HasSubstr("information 1:"), HasSubstr("Two calls"), HasSubstr("shotgun"),
                          HasSubstr("information 3:"), HasSubstr("Bail until March")));
  // One that was recorded in the wrong case is taken away by its number.
  EXPECT_THAT(
      Refused(minutes, {"meeting", "discuss", item, "--remove-information", "4"}, ExitCode::kWrongInput),
      HasSubstr("there is no number 4"));
  const auto left = Json<v1::AgendaItem>(
      minutes, {"meeting", "discuss", item, "--remove-information", "1", "--remove-information", "3"});
  ASSERT_EQ(left.discussion().information_size(), 1);
  EXPECT_EQ(left.discussion().information(0).text(), "He holds a shotgun certificate");
}

TEST_F(WalkTest, OneCaseIsOpenAtATimeAndADeferralIsTakenBackOnTheDay) {
  const Held& held = InMeeting();
  const std::string chair = "chair.police";
  Run(At(chair), {"meeting", "open", held.items[0]});
  const std::string number = held.items[0].substr(held.items[0].find('/') + 1);
  EXPECT_THAT(Refused(chair, {"meeting", "open", held.items[1]}, ExitCode::kChanged),
              HasSubstr(number + " is open"));
  // The agenda names each case as these commands take it.
  EXPECT_THAT(Ok(chair, {"agenda", "show", held.meeting}),
              AllOf(HasSubstr(held.items[1] + "\n"), Not(HasSubstr("(item "))));
  Ok(chair,
     {"meeting", "defer", held.items[0], "--reason", "no referrer", "--safety-plan", "at her sister's"});
  EXPECT_THAT(Ok(chair, {"meeting", "open", held.items[0]}), HasSubstr("open"));
}

TEST_F(WalkTest, SomebodyWithoutAnAccountIsRecordedByName) {
  const std::string meeting = InMeeting().meeting;
  const std::string minutes = "minutes.council";
  const Ran recorded =
      Run(At(minutes), {"meeting", "attendance", meeting, "housing:Mr Smith=observer", "health=apologies"});
  EXPECT_EQ(recorded.exit, 0) << recorded.err;
  EXPECT_THAT(recorded.err, HasSubstr("'Mr Smith' is nobody's login"));
  EXPECT_THAT(Ok(minutes, {"meeting", "show", meeting}), HasSubstr("Mr Smith"));
  EXPECT_THAT(
      Refused(minutes, {"meeting", "attendance", meeting, "housing:Mr Smith=here"}, ExitCode::kWrongInput),
      HasSubstr("'housing:Mr Smith=here': give one of"));
  Ok(minutes, {"meeting", "attendance", meeting, "housing:Mr Smith=removed"});
  EXPECT_THAT(Ok(minutes, {"meeting", "show", meeting}), Not(HasSubstr("Mr Smith")));
}

TEST_F(WalkTest, ARefusedActionAndAnUnansweredOneAreNotLost) {
  const std::string item = InMeeting().items[0];
  const std::string number = item.substr(item.find('/') + 1);
  const std::string chair = "chair.police";
  const std::string coordinator = "coordinator.council";
  Run(At(chair), {"meeting", "open", item});
  const auto propose = [&](const std::string& text, const std::string& kind, const std::string& agency) {
    return LastId(Json<v1::Action>(chair, {"action", "add", item, "--text", text, "--kind", kind, "--agency",
                                           agency, "--due", DayIn(2)})
                      .name());
  };
  const std::string refused = propose("Letter to her doctor", "GP_NOTIFY", "health");
  propose("Fit a spyhole", "SANCTUARY", "housing");
  Ok("representative.health", {"action", "refuse", refused, "--reason", "no patient of ours"});
  const Words list = {"action", "list", "--case", number};
  EXPECT_THAT(Ok(coordinator, list), AllOf(HasSubstr("refused"), HasSubstr("Letter to her doctor")));
  // Whoever refused it is through with it.
  EXPECT_THAT(Ok("representative.health", {"action", "list", "--mine", "--case", number}),
              Not(HasSubstr("Letter to her doctor")));
  EXPECT_THAT(Ok(coordinator, list), Not(HasSubstr("past due")));
  // Somebody else takes it on.
  propose("Write to her doctor", "GP_NOTIFY", "csc");
  EXPECT_THAT(Ok(coordinator, list),
              AllOf(HasSubstr("Write to her doctor"), Not(HasSubstr("Letter to her doctor"))));

  Ok("admin.council", {"clock", "advance", "--days", "3"});
  EXPECT_THAT(Ok(coordinator, list), HasSubstr("proposed, past"));
  EXPECT_THAT(Ok(coordinator, {"action", "list", "--overdue", "--case", number}), HasSubstr("Fit a spyhole"));
}

TEST_F(WalkTest, WhoMaySeeACaseIsDecidedInWriting) {
  const std::string coordinator = "coordinator.council";
  const std::string chair = "chair.police";
  const auto accepted = Json<v1::Referral>(coordinator, {"triage", "accept", Submit("Nia Invented")});
  const std::string number =
      Json<v1::Case>(coordinator, {"case", "show", accepted.case_name()}).case_number();

  // Restricted to a list: whoever is not on it reads what they would of a case that is none.
  const Words restrict = {"access", "restrict", number, "--to", coordinator};
  EXPECT_THAT(Ok(coordinator, restrict, "He works with one of us\n"),
              AllOf(HasSubstr("No IDVA may open it"), HasSubstr("those named here, and the chair"),
                    HasSubstr("He works with one of us")));
  EXPECT_THAT(Refused("idva.idva", {"case", "show", accepted.case_name()}, ExitCode::kNotOpen),
              HasSubstr("not found, or not open to you"));
  Refused(coordinator, restrict, ExitCode::kUsage);  // nothing was given as the reason
  const Words open = {"access", "open", number, "--reason", "-"};
  EXPECT_THAT(Refused(coordinator, open, ExitCode::kChanged, "a mistake\n"), HasSubstr("ask the chair"));
  EXPECT_FALSE(Json<v1::CaseAccess>(chair, open, "It was\nanother man\n").restricted());
  Ok("idva.idva", {"case", "show", number});

  // An employer; only the chair lifts it.
  EXPECT_THAT(
      Ok(coordinator, {"access", "exclude", number, "--agency", "health", "--reason", "he works there"}),
      HasSubstr("everybody at health"));
  const Words lift = {"access", "decide", number, "--agency", "health", "--lift", "--reason", "-"};
  Refused(coordinator, lift, ExitCode::kNotOpen, "he left\n");
  EXPECT_THAT(Refused(chair, {"access", "decide", number, "--agency", "health"}, ExitCode::kUsage),
              HasSubstr("--keep or --lift"));
  EXPECT_EQ(Json<v1::CaseAccess>(chair, lift, "he left\n").kept_from_size(), 0);

  // A name is asked about; it is typed, and stands on no command line.
  EXPECT_THAT(Ok(coordinator, {"access", "exclude", number}, "Edwin Invented\nhis brother\n"),
              HasSubstr("Edwin Invented"));
  const auto asked = Json<v1::CaseAccess>(coordinator, {"access", "show", number});
  ASSERT_EQ(asked.entries_size(), 1);
  Ok(coordinator, {"triage", "resolve", LastId(asked.entries(0).entry()), "--not-a-worker"});
  EXPECT_THAT(Ok(coordinator, {"access", "show", number}), HasSubstr("answered"));

  // A conflict of interest, from the answer on.
  EXPECT_THAT(Ok("idva.idva", {"access", "declare", number}, "I know the family\n"),
              AllOf(HasSubstr("You do not see it any more"), Not(HasSubstr(number))));
  Refused("idva.idva", {"case", "show", accepted.case_name()}, ExitCode::kNotOpen);
  EXPECT_THAT(
      Ok(chair, {"access", "decide", accepted.case_name(), "--account", "idva.idva", "--lift"}, "long ago\n"),
      HasSubstr("lifted: idva.idva (Person idva.idva)"));
  Ok("idva.idva", {"case", "show", number});
}

TEST_F(WalkTest, WhatAWorkerRegistersIsTypedAndHidesACaseUntilTheChairDecides) {
  const std::string idva = "idva.idva";
  const Words add = {"account", "register", "add"};
  // An address is found only with its postcode; the end of input changes nothing.
  Refused(idva, add, ExitCode::kUsage, "relative\nQuilla Invented\n\n\n1 Quilla Row\n\n");
  EXPECT_THAT(Ok(idva, {"account", "register", "show"}), HasSubstr("Nobody is on it"));
  EXPECT_THAT(Ok(idva, add, "cousin\nrelative\nQuilla Invented\nQuill, Q\n1990-05-17\n\n"),
              AllOf(HasSubstr("Quilla Invented"), HasSubstr("Quill, Q"), HasSubstr("1990-05-17")));
  const std::string referral = "referrals/" + Submit("Quilla Invented");
  EXPECT_THAT(Ok("chair.police", {"access", "undecided"}), HasSubstr(referral));
  EXPECT_THAT(Ok("chair.police", {"access", "show", referral}), HasSubstr("the chair decides"));
  Refused(idva, {"access", "undecided"}, ExitCode::kNotOpen);
  Ok("chair.police", {"access", "decide", referral, "--account", idva, "--keep", "--reason", "her cousin"});
  EXPECT_THAT(Ok("chair.police", {"access", "undecided"}), HasSubstr("Nothing waits"));

  v1::RegisteredPerson person;
  person.set_relation(v1::REGISTERED_RELATION_OTHER);
  EXPECT_THAT(
      Refused(idva, {"account", "register", "add", "--json", "-"}, ExitCode::kWrongInput, ToJson(person)),
      HasSubstr("name"));
  Refused(idva, {"account", "register", "remove", "2"}, ExitCode::kWrongInput);
  EXPECT_THAT(Ok(idva, {"account", "register", "remove", "1"}), HasSubstr("Nobody is on it"));
}

TEST_F(WalkTest, AMeetingIsSignedForByWhoAgrees) {
  const std::string meeting = InMeeting().meeting;
  const Words sign = {"meeting", "sign", meeting};
  Refused("representative.health", sign, ExitCode::kUsage, "n\n");
  const auto is_signed = [&] {
    const auto& found = Json<v1::Meeting>("chair.police", {"meeting", "show", meeting});
    return std::ranges::any_of(found.attendance(), [](const v1::Attendance& entry) {
      return entry.agency() == "agencies/health" && entry.signed_();
    });
  };
  EXPECT_FALSE(is_signed());
  Ok("representative.health", sign, "y\n");
  EXPECT_TRUE(is_signed());
  Ok("representative.health", {"meeting", "sign", meeting, "--agree"});  // once more changes nothing
}

TEST_F(WalkTest, TheAuditIsWholeAndACheckpointIsKept) {
  const std::string auditor = "auditor.council";
  EXPECT_THAT(Ok(auditor, {"audit", "list", "--limit", "5"}), HasSubstr("SignIn"));
  const auto chain = Json<v1::VerifyChainResponse>(auditor, {"audit", "verify"});
  EXPECT_TRUE(chain.intact());
  EXPECT_GT(chain.checked(), 0);
  EXPECT_THAT(Ok(auditor, {"audit", "checkpoint"}), HasSubstr("marac.test/audit"));

  const Key key = Must(ReadKeyFile(Server().folder() + "/keys/audit.key", KeyPurpose::kAudit));
  const std::string verifier = domain::VerifierKey("marac.test/audit", Ed25519PublicKey(key.bytes));
  const std::string file = Server().folder() + "/kept-checkpoint";
  EXPECT_THAT(Ok(auditor, {"audit", "check", file, "--audit-key", verifier}),
              HasSubstr("Kept the first checkpoint"));
  EXPECT_THAT(Ok(auditor, {"audit", "check", file, "--audit-key", verifier}), HasSubstr("Good"));
  // A longer log was signed before: the server was put back.
  std::ofstream(file) << domain::SignCheckpoint({"marac.test/audit", 1'000'000, std::string(32, 'r')},
                                                key.bytes);
  EXPECT_THAT(Refused(auditor, {"audit", "check", file, "--audit-key", verifier}, ExitCode::kAuditBad),
              HasSubstr("shorter than before"));
  // Whoever is no auditor is not allowed.
  Refused("referrer.police", {"audit", "list"}, ExitCode::kNotOpen);
}

TEST_F(WalkTest, TheAuditorSaysWhatAnAlertWas) {
  // An IDVA opens what a colleague is at work on.
  Server().AddAccount("curious.idva", "idva", {v1::ROLE_IDVA});
  v1::SaveDraftRequest save;
  save.set_parent("areas/test");
  *save.mutable_referral() = marac::testing::CompleteReferral();
  *save.mutable_safe_contact() = marac::testing::CompleteSafeContact();
  const v1::Referral draft = Must(Server().As("idva.idva").Call(&v1::ReferralService::Stub::SaveDraft, save));
  v1::SubmitReferralRequest submit;
  submit.set_name(draft.name());
  submit.set_etag(draft.etag());
  const v1::Referral sent =
      Must(Server().As("idva.idva").Call(&v1::ReferralService::Stub::SubmitReferral, submit));
  v1::CorrectReferralSafeContactRequest correct;
  correct.set_name(sent.name());
  correct.set_etag(sent.etag());
  *correct.mutable_safe_contact() = save.safe_contact();
  correct.set_reason("a new telephone");
  Must(Server().As("idva.idva").Call(&v1::ReferralService::Stub::CorrectReferralSafeContact, correct));
  Ok("curious.idva", {"referral", "show", draft.name()});

  const std::string auditor = "auditor.council";
  const auto waiting = Json<v1::ListAlertsResponse>(auditor, {"audit", "alerts"});
  const auto alert = std::ranges::find_if(waiting.alerts(), [&](const v1::Alert& one) {
    return one.subjects_size() == 1 && one.subjects(0) == draft.name();
  });
  ASSERT_NE(alert, waiting.alerts().end());
  EXPECT_THAT(Ok(auditor, {"audit", "alerts"}), HasSubstr("uninvolved-open"));
  Refused(auditor, {"audit", "review", alert->name(), "misuse"}, ExitCode::kWrongInput);
  Ok(auditor, {"audit", "review", alert->name(), "misuse", "--note", "told her manager"});
  EXPECT_THAT(Ok(auditor, {"audit", "alerts", "--all"}), HasSubstr("misuse"));
  Refused("curious.idva", {"audit", "alerts"}, ExitCode::kNotOpen);
}

TEST_F(WalkTest, WhoHasLookedAtACaseIsShownToItsChairAndTheLogIsTakenAway) {
  const std::string item = InMeeting().items[0];
  const std::string number = item.substr(item.find('/') + 1);
  Ok("idva.idva", {"case", "show", number});
  const std::string text = Ok("chair.police", {"audit", "readers", number});
  EXPECT_THAT(text, HasSubstr("Person idva.idva, idva, IDVA"));
  EXPECT_THAT(text, HasSubstr("opened the case"));
  const auto record = Json<v1::Case>("coordinator.council", {"case", "show", number});
  const auto readers =
      Json<v1::ListCaseReadersResponse>("auditor.council", {"audit", "readers", record.name()});
  EXPECT_GT(readers.readers_size(), 3);
  Refused("idva.idva", {"audit", "readers", number}, ExitCode::kNotOpen);

  const std::string log = Server().folder() + "/log";
  EXPECT_THAT(Ok("auditor.council", {"audit", "export", log}), HasSubstr("Check it with"));
  std::ifstream file(log);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "marac-audit-log 1");
  std::getline(file, line);
  EXPECT_EQ(line, "origin marac.test/audit");
  int64_t entries = -2;
  for (std::string next; std::getline(file, next); line = next) ++entries;
  EXPECT_EQ(line, "end " + std::to_string(entries));
  EXPECT_GT(entries, 100);
  Refused("auditor.council", {"audit", "export", log}, ExitCode::kWrongInput);
  Refused("chair.police", {"audit", "export", log + "2"}, ExitCode::kNotOpen);
}

TEST_F(WalkTest, WhatIsNotOpenReadsLikeWhatIsNotThere) {
  const std::string absent =
      Refused("referrer.housing", {"referral", "show", "00000000000000000000000000"}, ExitCode::kNotOpen);
  EXPECT_THAT(absent, HasSubstr("not found, or not open to you"));
  EXPECT_THAT(Refused("referrer.housing", {"referral", "show", "areas/test/cases/x"}, ExitCode::kWrongInput),
              HasSubstr("areas/AREA/referrals/ID"));
  Refused("referrer.housing", {"case", "show", "MK-26-7QX4-K"}, ExitCode::kNotOpen);
}

}  // namespace
}  // namespace marac::cli
