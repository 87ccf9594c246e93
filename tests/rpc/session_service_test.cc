// People's sessions, tried through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "domain/errors.h"
#include "tests/support/authenticator.h"
#include "tests/support/moved_clock.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;

v1::SignInRequest SignInAs(const std::string& login, const std::string& password) {
  v1::SignInRequest request;
  request.set_login(login);
  request.set_password(password);
  return request;
}

TEST(SessionServiceTest, TheRightPasswordOpensASessionThatSaysWhoTheCallerIs) {
  ServerFixture& server = ServerFixture::Shared();
  ASSERT_OK_AND_ASSIGN(
      const v1::Caller caller,
      server.As("referrer.police").Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
  EXPECT_EQ(caller.account().agency(), "agencies/police");
  EXPECT_EQ(caller.account().roles(0).role(), v1::ROLE_REFERRER);
  EXPECT_TRUE(caller.demonstration());
}

TEST(SessionServiceTest, AWrongPasswordAndAnUnknownLoginReadTheSame) {
  ServerFixture& server = ServerFixture::Shared();
  const absl::Status wrong =
      server.Nobody()
          .Call(&v1::SessionService::Stub::SignIn, SignInAs("referrer.housing", "wrong password"))
          .status();
  const absl::Status unknown =
      server.Nobody()
          .Call(&v1::SessionService::Stub::SignIn, SignInAs("nobody.here", "wrong password"))
          .status();
  EXPECT_EQ(wrong.code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(wrong, unknown);
}

TEST(SessionServiceTest, ARightPasswordThroughAnotherAgencysProgramIsToldSoAndAWrongOneNothing) {
  ServerFixture& server = ServerFixture::Shared();
  const Client council(server.Channel(&server.cli()), "", "");
  EXPECT_THAT(council.Call(&v1::SessionService::Stub::SignIn,
                           SignInAs("representative.health", ServerFixture::kPassword)),
              Refuses(StatusCode::kPermissionDenied, "belongs to another agency"));
  EXPECT_THAT(
      council.Call(&v1::SessionService::Stub::SignIn, SignInAs("representative.health", "wrong password")),
      Refuses(StatusCode::kUnauthenticated, "is not right"));
  EXPECT_OK(
      council.Call(&v1::SessionService::Stub::SignIn, SignInAs("admin.council", ServerFixture::kPassword)));
}

TEST(SessionServiceTest, TheSixthTryIsRefusedUntilTheWindowPasses) {
  ServerFixture& server = ServerFixture::Shared();
  server.AddAccount("tries.police", "police", {v1::ROLE_REFERRER});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(server.Nobody()
                  .Call(&v1::SessionService::Stub::SignIn, SignInAs("tries.police", "wrong password"))
                  .status()
                  .code(),
              StatusCode::kUnauthenticated);
  }
  EXPECT_THAT(server.Nobody().Call(&v1::SessionService::Stub::SignIn,
                                   SignInAs("tries.police", ServerFixture::kPassword)),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
}

// A clock that stands still until it is told.
class FakeSecurityClock : public SecurityClock {
 public:
  absl::Time Now() const override { return absl::FromUnixMillis(now_ms_); }
  void Advance(absl::Duration step) { now_ms_ += absl::ToInt64Milliseconds(step); }

 private:
  std::atomic<int64_t> now_ms_ = absl::ToUnixMillis(absl::Now());
};

// A sign-in through the web program by somebody at this address.
absl::Status SignInFrom(ServerFixture& server, const std::string& address, const std::string& login,
                        const std::string& password) {
  const Client web = server.Nobody();
  grpc::ClientContext context;
  web.Prepare(context);
  context.AddMetadata("marac-client-address", address);
  v1::Session session;
  return ToAbsl(
      v1::SessionService::Stub(web.channel()).SignIn(&context, SignInAs(login, password), &session));
}

constexpr char kRight[] = "not a real password";
constexpr char kWrong[] = "wrong password";
static_assert(std::string_view(kRight) == ServerFixture::kPassword);

TEST(SignInTriesTest, ARestartGivesNobodyNewTries) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(SignInFrom(server, "10.0.0.1", "chair.police", kWrong).code(), StatusCode::kUnauthenticated);
  server.Restart();
  EXPECT_EQ(SignInFrom(server, "10.0.0.1", "chair.police", kWrong).code(), StatusCode::kUnauthenticated);
  server.Restart();
  EXPECT_THAT(SignInFrom(server, "10.0.0.1", "chair.police", kRight),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
  clock.Advance(absl::Minutes(15));
  EXPECT_OK(SignInFrom(server, "10.0.0.1", "chair.police", kRight));
}

// Decisions 15: whoever keeps guessing does not keep the person out of the place where they work.
TEST(SignInTriesTest, GuessesFromElsewhereDoNotLockOutAPlaceThatIsKnown) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  ASSERT_OK(SignInFrom(server, "10.0.0.1", "chair.police", kRight));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(SignInFrom(server, "10.0.0.66", "chair.police", kWrong).code(), StatusCode::kUnauthenticated);
  EXPECT_THAT(SignInFrom(server, "10.0.0.66", "chair.police", kRight),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
  EXPECT_OK(SignInFrom(server, "10.0.0.1", "chair.police", kRight));
  // And the person's own sign-in gives the other no new tries.
  EXPECT_THAT(SignInFrom(server, "10.0.0.66", "chair.police", kRight),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
  // A place that nobody has signed in from has no tries of its own while these are used up.
  EXPECT_THAT(SignInFrom(server, "10.0.0.67", "chair.police", kRight),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
  // At the known place, there are five as well.
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(SignInFrom(server, "10.0.0.1", "chair.police", kWrong).code(), StatusCode::kUnauthenticated);
  EXPECT_THAT(SignInFrom(server, "10.0.0.1", "chair.police", kRight),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
}

TEST(SignInTriesTest, ASourceHasTwentyTriesWhateverTheLogins) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(SignInFrom(server, "10.0.0.66", "nobody." + std::to_string(i), kWrong).code(),
              StatusCode::kUnauthenticated);
  }
  EXPECT_THAT(SignInFrom(server, "10.0.0.66", "chair.police", kRight),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
  EXPECT_OK(SignInFrom(server, "10.0.0.1", "chair.police", kRight));
}

// A4: what is tried at one moment is counted as what is tried in turn.
TEST(SignInTriesTest, ManyAtOnceAreNoMoreThanManyInTurn) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      if (SignInFrom(server, "10.0.0.66", "chair.police", kWrong).code() == StatusCode::kUnauthenticated)
        ++answered;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 5);
}

TEST(SignInTriesTest, AnOldPasswordIsNotGuessedWithoutEndEither) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const Client& chair = server.As("chair.police");
  v1::ChangePasswordRequest request;
  request.set_old_password(kWrong);
  request.set_new_password("another few words together");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(chair.Call(&v1::SessionService::Stub::ChangePassword, request).status(),
                Refuses(StatusCode::kInvalidArgument, "old_password"));
  }
  server.Restart();
  request.set_old_password(kRight);
  EXPECT_THAT(server.As("chair.police").Call(&v1::SessionService::Stub::ChangePassword, request).status(),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
}

TEST(SessionServiceTest, ACallWithoutATokenIsAskedToSignIn) {
  EXPECT_THAT(ServerFixture::Shared()
                  .Nobody()
                  .Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest())
                  .status(),
              Refuses(StatusCode::kUnauthenticated, "sign in first"));
}

TEST(SessionServiceTest, ATokenFromAnotherProgramIsWorthNothing) {
  ServerFixture& server = ServerFixture::Shared();
  const Client through_web = server.SignIn("coordinator.council");
  const Client stolen(server.Channel(&server.cli()), through_web.token(), through_web.account());
  EXPECT_THAT(stolen.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).status(),
              Refuses(StatusCode::kUnauthenticated, "sign in again"));
  EXPECT_OK(through_web.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
}

TEST(SessionServiceTest, AfterSigningOutTheTokenIsWorthNothing) {
  const Client client = ServerFixture::Shared().SignIn("chair.police");
  EXPECT_OK(client.Call(&v1::SessionService::Stub::SignOut, v1::SignOutRequest()));
  EXPECT_THAT(client.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).status(),
              Refuses(StatusCode::kUnauthenticated, "sign in again"));
}

TEST(SessionServiceTest, ASuspendedPersonIsOutAtTheNextCall) {
  ServerFixture& server = ServerFixture::Shared();
  v1::Account leaver = server.AddAccount("leaver.police", "police", {v1::ROLE_REFERRER});
  const Client client = server.SignIn("leaver.police");
  EXPECT_OK(client.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
  v1::UpdateAccountRequest request;
  *request.mutable_account() = leaver;
  request.mutable_account()->set_suspended(true);
  EXPECT_OK(server.As("admin.council").Call(&v1::DirectoryService::Stub::UpdateAccount, request));
  EXPECT_EQ(client.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).status().code(),
            StatusCode::kUnauthenticated);
  EXPECT_EQ(server.Nobody()
                .Call(&v1::SessionService::Stub::SignIn, SignInAs("leaver.police", ServerFixture::kPassword))
                .status()
                .code(),
            StatusCode::kUnauthenticated);
}

TEST(SessionServiceTest, ChangingThePasswordEndsEveryOtherSession) {
  ServerFixture& server = ServerFixture::Shared();
  server.AddAccount("changer.police", "police", {v1::ROLE_REFERRER});
  const Client here = server.SignIn("changer.police");
  const Client elsewhere = server.SignIn("changer.police");
  v1::ChangePasswordRequest request;
  request.set_old_password(ServerFixture::kPassword);
  request.set_new_password("short");
  EXPECT_THAT(here.Call(&v1::SessionService::Stub::ChangePassword, request).status(),
              Refuses(StatusCode::kInvalidArgument, "new_password"));
  request.set_new_password("another few words together");
  EXPECT_OK(here.Call(&v1::SessionService::Stub::ChangePassword, request));
  EXPECT_OK(here.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()));
  EXPECT_EQ(elsewhere.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()).status().code(),
            StatusCode::kUnauthenticated);
}

using Sessions = v1::SessionService::Stub;

v1::UnlockRequest ByPassword(const std::string& password) {
  v1::UnlockRequest request;
  request.set_password(password);
  return request;
}

v1::UnlockRequest ByCode(const std::string& code) {
  v1::UnlockRequest request;
  request.set_code(code);
  return request;
}

v1::SaveFormDraftRequest DraftOf(const std::string& form, const std::string& content) {
  v1::SaveFormDraftRequest request;
  request.set_form(form);
  request.set_content(content);
  return request;
}

absl::StatusOr<v1::FormDraft> Kept(const Client& client, const std::string& form) {
  v1::GetFormDraftRequest request;
  request.set_form(form);
  return client.Call(&Sessions::GetFormDraft, request);
}

std::string ReasonOfGetCaller(const Client& client) {
  return domain::DetailOf(client.Call(&Sessions::GetCaller, v1::GetCallerRequest()).status()).reason();
}

TEST(SessionServiceTest, ALockedSessionKeepsWhatIsTypedAndShowsNothing) {
  ServerFixture& server = ServerFixture::Shared();
  const Client client = server.SignIn("idva.idva");
  EXPECT_OK(client.Call(&Sessions::Lock, v1::LockRequest()));
  EXPECT_EQ(ReasonOfGetCaller(client), "SESSION_LOCKED");
  EXPECT_OK(client.Call(&Sessions::SaveFormDraft, DraftOf("item/1", "half a sen")));
  EXPECT_EQ(domain::DetailOf(Kept(client, "item/1").status()).reason(), "SESSION_LOCKED");
  EXPECT_THAT(client.Call(&Sessions::Unlock, ByPassword("wrong password")).status(),
              Refuses(StatusCode::kUnauthenticated, "not right"));
  EXPECT_EQ(ReasonOfGetCaller(client), "SESSION_LOCKED");
  EXPECT_OK(client.Call(&Sessions::Unlock, ByPassword(ServerFixture::kPassword)));
  ASSERT_OK_AND_ASSIGN(const v1::FormDraft draft, Kept(client, "item/1"));
  EXPECT_EQ(draft.content(), "half a sen");
}

TEST(SessionServiceTest, AnIdleSessionIsUnlockedWithinItsEightHoursAndNoLonger) {
  MovedClock clock;
  ServerFixture server(&clock);
  const Client client = server.SignIn("idva.idva");
  clock.offset += absl::Minutes(15);
  EXPECT_EQ(ReasonOfGetCaller(client), "SESSION_LOCKED");
  EXPECT_OK(client.Call(&Sessions::Unlock, ByPassword(ServerFixture::kPassword)));
  EXPECT_EQ(ReasonOfGetCaller(client), "");
  clock.offset += absl::Hours(8) - absl::Minutes(15);
  EXPECT_THAT(client.Call(&Sessions::Unlock, ByPassword(ServerFixture::kPassword)).status(),
              Refuses(StatusCode::kUnauthenticated, "sign in again"));
}

// A person with one-time codes on a clock that the test moves.
class CodeTest : public ::testing::Test {
 protected:
  CodeTest() {
    v1::EnrolCodeRequest enrol;
    enrol.set_password(ServerFixture::kPassword);
    const auto begun = client_.Call(&Sessions::EnrolCode, enrol);
    EXPECT_OK(begun);
    EXPECT_THAT(begun->uri(), ::testing::HasSubstr("secret=" + begun->secret() + "&"));
    secret_ = SecretOf(begun->secret());
    v1::ConfirmCodeRequest confirm;
    confirm.set_code(Code());
    EXPECT_OK(client_.Call(&Sessions::ConfirmCode, confirm));
    clock_.offset += absl::Seconds(30);
  }

  std::string Code() const { return CodeAt(secret_, clock_.Now()); }
  absl::Status SignIn(const std::string& code) {
    v1::SignInRequest request = SignInAs("idva.idva", ServerFixture::kPassword);
    request.set_code(code);
    return server_.Nobody().Call(&Sessions::SignIn, request).status();
  }

  MovedClock clock_;
  ServerFixture server_{&clock_};
  const Client client_ = server_.SignIn("idva.idva");
  Secret secret_;
};

TEST_F(CodeTest, SigningInWantsTheCodeAndTakesItOnce) {
  const absl::Status without = SignIn("");
  EXPECT_THAT(without, Refuses(StatusCode::kUnauthenticated, "not right"));
  EXPECT_EQ(without,
            server_.Nobody().Call(&Sessions::SignIn, SignInAs("idva.idva", "wrong password")).status());
  const std::string code = Code();
  EXPECT_OK(SignIn(code));
  EXPECT_EQ(SignIn(code).code(), StatusCode::kUnauthenticated);
  clock_.offset += absl::Seconds(30);
  EXPECT_OK(SignIn(Code()));
}

TEST_F(CodeTest, AnOlderCodeIsWorthNothingAfterANewerOne) {
  const std::string older = Code();
  clock_.offset += absl::Seconds(30);
  EXPECT_OK(SignIn(Code()));
  EXPECT_EQ(SignIn(older).code(), StatusCode::kUnauthenticated);
}

TEST_F(CodeTest, ACodeAloneUnlocksAndThePasswordAloneDoesNot) {
  EXPECT_OK(client_.Call(&Sessions::Lock, v1::LockRequest()));
  EXPECT_EQ(client_.Call(&Sessions::Unlock, ByPassword(ServerFixture::kPassword)).status().code(),
            StatusCode::kUnauthenticated);
  EXPECT_OK(client_.Call(&Sessions::Unlock, ByCode(Code())));
  ASSERT_OK_AND_ASSIGN(const v1::Caller caller, client_.Call(&Sessions::GetCaller, v1::GetCallerRequest()));
  EXPECT_TRUE(caller.has_code());
}

TEST_F(CodeTest, TheSixthWrongCodeIsRefusedEvenIfTheSeventhIsRight) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(SignIn("000000").code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(SignIn(Code()).code(), StatusCode::kResourceExhausted);
}

TEST_F(CodeTest, ASetUpThatIsNotConfirmedLeavesTheOldCodes) {
  v1::EnrolCodeRequest enrol;
  enrol.set_password("wrong password");
  EXPECT_THAT(client_.Call(&Sessions::EnrolCode, enrol).status(),
              Refuses(StatusCode::kInvalidArgument, "password"));
  enrol.set_password(ServerFixture::kPassword);
  EXPECT_OK(client_.Call(&Sessions::EnrolCode, enrol));
  v1::ConfirmCodeRequest confirm;
  confirm.set_code(Code());  // of the secret before
  EXPECT_THAT(client_.Call(&Sessions::ConfirmCode, confirm).status(),
              Refuses(StatusCode::kInvalidArgument, "code"));
  EXPECT_OK(SignIn(Code()));
}

TEST(SessionServiceTest, ConfirmingNothingSaysSo) {
  EXPECT_THAT(ServerFixture::Shared()
                  .As("referrer.police")
                  .Call(&Sessions::ConfirmCode, v1::ConfirmCodeRequest())
                  .status(),
              Refuses(StatusCode::kFailedPrecondition, "begin one first"));
}

TEST(SessionServiceTest, AFormDraftIsItsAuthorsAloneAndTheNewestStays) {
  ServerFixture& server = ServerFixture::Shared();
  const Client& author = server.As("referrer.police");
  EXPECT_OK(author.Call(&Sessions::SaveFormDraft, DraftOf("referral/new", "first")));
  EXPECT_OK(author.Call(&Sessions::SaveFormDraft, DraftOf("referral/new", "second")));
  ASSERT_OK_AND_ASSIGN(const v1::FormDraft kept, Kept(author, "referral/new"));
  EXPECT_EQ(kept.content(), "second");
  EXPECT_FALSE(Kept(server.As("referrer.housing"), "referral/new")->has_save_time());
  v1::DeleteFormDraftRequest remove;
  remove.set_form("referral/new");
  EXPECT_OK(author.Call(&Sessions::DeleteFormDraft, remove));
  EXPECT_OK(author.Call(&Sessions::DeleteFormDraft, remove));
  // Nothing kept is no refusal: pages ask whenever they are opened, and each would stand in the audit log.
  EXPECT_FALSE(Kept(author, "referral/new")->has_save_time());
}

TEST(SessionServiceTest, AFormDraftHasAPlainNameAndALimit) {
  const Client& author = ServerFixture::Shared().As("referrer.police");
  for (const std::string& name : {std::string(), std::string("a b"), std::string(201, 'a')}) {
    EXPECT_THAT(author.Call(&Sessions::SaveFormDraft, DraftOf(name, "x")).status(),
                Refuses(StatusCode::kInvalidArgument, "form"));
  }
  EXPECT_OK(author.Call(&Sessions::SaveFormDraft, DraftOf("f", std::string(192 << 10, 'x'))));
  EXPECT_THAT(author.Call(&Sessions::SaveFormDraft, DraftOf("f", std::string((192 << 10) + 1, 'x'))).status(),
              Refuses(StatusCode::kInvalidArgument, "content"));
}

TEST(SessionServiceTest, AFormDraftIsGoneAfterThirtyDaysAndMakesRoom) {
  MovedClock clock;
  ServerFixture server(&clock);
  const Client author = server.SignIn("referrer.police");
  for (int i = 0; i < 100; ++i) {
    ASSERT_OK(author.Call(&Sessions::SaveFormDraft, DraftOf("form/" + std::to_string(i), "x")));
  }
  EXPECT_THAT(author.Call(&Sessions::SaveFormDraft, DraftOf("form/100", "x")).status(),
              Refuses(StatusCode::kResourceExhausted, "finish or discard one"));
  EXPECT_OK(author.Call(&Sessions::SaveFormDraft, DraftOf("form/99", "changed")));
  clock.offset += absl::Hours(24 * 30) + absl::Seconds(1);
  const Client later = server.SignIn("referrer.police");
  EXPECT_FALSE(Kept(later, "form/99")->has_save_time());
  EXPECT_OK(later.Call(&Sessions::SaveFormDraft, DraftOf("form/100", "x")));
}

// --- Step-up (security.md 2.3) -----------------------------------------------------------------------------

using Directory = v1::DirectoryService::Stub;

v1::StepUpRequest StepUpBy(const std::string& password, const std::string& code = "") {
  v1::StepUpRequest request;
  request.set_password(password);
  request.set_code(code);
  return request;
}

// A change of a person that changes nothing.
absl::Status Administer(const Client& admin) {
  v1::UpdateAccountRequest request;
  *request.mutable_account() = admin.Call(&Sessions::GetCaller, v1::GetCallerRequest())->account();
  return admin.Call(&Directory::UpdateAccount, request).status();
}

TEST(StepUpTest, WhatWasProvedCountsForFiveMinutesAndNoLonger) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const Client admin = server.SignIn("admin.council");
  clock.Advance(absl::Minutes(5) - absl::Milliseconds(1));
  EXPECT_OK(Administer(admin));
  clock.Advance(absl::Milliseconds(1));
  const absl::Status refused = Administer(admin);
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "prove first that it is still you"));
  EXPECT_EQ(domain::DetailOf(refused).reason(), "STEP_UP_NEEDED");
  // What needs none goes on.
  EXPECT_OK(admin.Call(&Directory::ListPrograms, v1::ListProgramsRequest()));

  // A wrong proof leaves the session as it is: open, and no fresher.
  EXPECT_THAT(admin.Call(&Sessions::StepUp, StepUpBy(kWrong)).status(),
              Refuses(StatusCode::kUnauthenticated, "is not right"));
  EXPECT_EQ(ReasonOfGetCaller(admin), "");
  EXPECT_EQ(domain::DetailOf(Administer(admin)).reason(), "STEP_UP_NEEDED");

  ASSERT_OK_AND_ASSIGN(const v1::StepUpResponse proved, admin.Call(&Sessions::StepUp, StepUpBy(kRight)));
  EXPECT_EQ(proved.fresh_until().seconds(), absl::ToUnixSeconds(clock.Now() + absl::Minutes(5)));
  EXPECT_OK(Administer(admin));
  clock.Advance(absl::Minutes(5));
  EXPECT_EQ(domain::DetailOf(Administer(admin)).reason(), "STEP_UP_NEEDED");
}

TEST(StepUpTest, IsAskedBeforeAnyRecordIsLookedAtAndOnlyOfThoseWhoMay) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const Client admin = server.SignIn("admin.council");
  const Client chair = server.SignIn("chair.police");
  clock.Advance(absl::Minutes(5));
  v1::UpdateAccountRequest request;
  request.mutable_account()->set_name("accounts/0000000000000000000000000");
  EXPECT_EQ(domain::DetailOf(admin.Call(&Directory::UpdateAccount, request).status()).reason(),
            "STEP_UP_NEEDED");
  EXPECT_EQ(chair.Call(&Directory::UpdateAccount, request).status().code(), StatusCode::kPermissionDenied);
}

TEST(StepUpTest, TriesAreCountedAsForUnlocking) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const Client admin = server.SignIn("admin.council");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(admin.Call(&Sessions::StepUp, StepUpBy(kWrong)).status().code(), StatusCode::kUnauthenticated);
  }
  EXPECT_THAT(admin.Call(&Sessions::StepUp, StepUpBy(kRight)).status(),
              Refuses(StatusCode::kResourceExhausted, "wait 15 minutes"));
  EXPECT_EQ(ReasonOfGetCaller(admin), "");
}

TEST_F(CodeTest, WhoHasCodesStepsUpByACodeTakenOnceAndReplacesThemOnlySo) {
  clock_.offset += absl::Minutes(5);
  v1::EnrolCodeRequest enrol;
  enrol.set_password(ServerFixture::kPassword);
  // Session and password, phished together, do not replace the codes.
  EXPECT_EQ(domain::DetailOf(client_.Call(&Sessions::EnrolCode, enrol).status()).reason(), "STEP_UP_NEEDED");
  EXPECT_EQ(client_.Call(&Sessions::StepUp, StepUpBy(ServerFixture::kPassword)).status().code(),
            StatusCode::kUnauthenticated);
  const std::string code = Code();
  EXPECT_OK(client_.Call(&Sessions::StepUp, StepUpBy("", code)));
  EXPECT_EQ(client_.Call(&Sessions::StepUp, StepUpBy("", code)).status().code(),
            StatusCode::kUnauthenticated);
  EXPECT_OK(client_.Call(&Sessions::EnrolCode, enrol));
}

// --- A person's own sessions -------------------------------------------------------------------------------

v1::ListSessionsResponse Listed(const Client& client) {
  const auto answer = client.Call(&Sessions::ListSessions, v1::ListSessionsRequest());
  EXPECT_OK(answer);
  return answer.ok() ? *answer : v1::ListSessionsResponse();
}

std::vector<v1::AccountEventKind> Happened(const Client& client) {
  std::vector<v1::AccountEventKind> kinds;
  const v1::ListSessionsResponse listed = Listed(client);
  for (const v1::AccountEvent& event : listed.events()) kinds.push_back(event.kind());
  return kinds;
}

TEST(OwnSessionsTest, AreShownWithWhereFromAndEndedOneByOne) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const Client here = server.SignIn("chair.police");
  clock.Advance(absl::Minutes(1));
  const Client there = server.SignIn("chair.police");
  const Client other = server.SignIn("idva.idva");
  EXPECT_OK(there.Call(&Sessions::Lock, v1::LockRequest()));
  const v1::ListSessionsResponse listed = Listed(here);
  ASSERT_EQ(listed.sessions_size(), 2);
  const v1::OpenSession& newest = listed.sessions(0);
  EXPECT_TRUE(newest.locked());
  EXPECT_FALSE(newest.current());
  EXPECT_TRUE(listed.sessions(1).current());
  EXPECT_FALSE(listed.sessions(1).locked());
  EXPECT_EQ(newest.program(), "Web page");
  EXPECT_EQ(newest.program_kind(), v1::PROGRAM_KIND_WEB);
  EXPECT_THAT(newest.source(), ::testing::HasSubstr("127.0.0.1"));
  EXPECT_EQ(newest.begin_time().seconds(), absl::ToUnixSeconds(clock.Now()));
  EXPECT_EQ(newest.id().size(), 16U);
  EXPECT_THAT(listed.DebugString(), ::testing::Not(::testing::HasSubstr(here.token())));

  v1::EndSessionRequest end;
  end.set_id(Listed(other).sessions(0).id());
  EXPECT_THAT(here.Call(&Sessions::EndSession, end).status(), Refuses(StatusCode::kNotFound, "no session"));
  end.set_id(newest.id());
  EXPECT_OK(here.Call(&Sessions::EndSession, end));
  EXPECT_EQ(ReasonOfGetCaller(there), "SESSION_ENDED");
  EXPECT_EQ(ReasonOfGetCaller(other), "");
  EXPECT_EQ(ReasonOfGetCaller(here), "");
  EXPECT_THAT(here.Call(&Sessions::EndSession, end).status(), Refuses(StatusCode::kNotFound, "no session"));
  EXPECT_EQ(Listed(here).sessions_size(), 1);
}

TEST(OwnSessionsTest, AllOthersEndAtOnceAndThisOneStays) {
  ServerFixture& server = ServerFixture::Shared();
  server.AddAccount("many.police", "police", {v1::ROLE_REFERRER});
  const Client here = server.SignIn("many.police");
  const Client one = server.SignIn("many.police");
  const Client two = server.SignIn("many.police");
  EXPECT_OK(here.Call(&Sessions::EndOtherSessions, v1::EndOtherSessionsRequest()));
  EXPECT_EQ(ReasonOfGetCaller(one), "SESSION_ENDED");
  EXPECT_EQ(ReasonOfGetCaller(two), "SESSION_ENDED");
  EXPECT_EQ(Listed(here).sessions_size(), 1);
}

TEST(OwnSessionsTest, WhatHappenedToTheAccountIsShownToItsPersonAlone) {
  using enum v1::AccountEventKind;
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  ASSERT_OK(SignInFrom(server, "10.0.0.1", "chair.police", kRight));
  ASSERT_OK(SignInFrom(server, "10.0.0.1", "chair.police", kRight));
  ASSERT_OK(SignInFrom(server, "10.0.0.66", "chair.police", kRight));
  const Client chair = server.SignIn("chair.police");  // by the connection's own address: a third place
  v1::ChangePasswordRequest change;
  change.set_old_password(kRight);
  change.set_new_password("another few words together");
  ASSERT_OK(chair.Call(&Sessions::ChangePassword, change));
  EXPECT_THAT(Happened(chair),
              ::testing::ElementsAre(ACCOUNT_EVENT_KIND_PASSWORD_CHANGED, ACCOUNT_EVENT_KIND_NEW_PLACE,
                                     ACCOUNT_EVENT_KIND_NEW_PLACE, ACCOUNT_EVENT_KIND_NEW_PLACE));
  EXPECT_EQ(Listed(chair).events(2).source(), "10.0.0.66");
  EXPECT_THAT(Happened(server.SignIn("idva.idva")), ::testing::ElementsAre(ACCOUNT_EVENT_KIND_NEW_PLACE));
  clock.Advance(absl::Hours(24 * 90));
  EXPECT_THAT(Happened(server.SignIn("chair.police", "another few words together")),
              ::testing::ElementsAre(ACCOUNT_EVENT_KIND_NEW_PLACE))
      << "after 90 days the rest is gone, and the place is no longer known";
}

TEST(OwnSessionsTest, ASessionIdlesAsLongAsTheAreaSays) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  v1::GetAreaRequest get;
  get.set_name(ServerFixture::kArea);
  v1::UpdateAreaRequest update;
  const Client admin = server.SignIn("admin.council");
  ASSERT_OK_AND_ASSIGN(*update.mutable_area(), admin.Call(&Directory::GetArea, get));
  update.mutable_area()->mutable_settings()->set_idle_lock_minutes(3);
  ASSERT_OK(admin.Call(&Directory::UpdateArea, update));
  const Client chair = server.SignIn("chair.police");
  clock.Advance(absl::Minutes(3) - absl::Milliseconds(1));
  EXPECT_EQ(ReasonOfGetCaller(chair), "");
  clock.Advance(absl::Minutes(3));
  EXPECT_EQ(ReasonOfGetCaller(chair), "SESSION_LOCKED");
  // One that was begun before keeps its own, also over a restart.
  EXPECT_EQ(ReasonOfGetCaller(admin), "");
}

// --- Recovery (decisions 15) -------------------------------------------------------------------------------

absl::StatusOr<v1::StartRecoveryResponse> StartRecovery(
    const Client& by, const std::string& account, const std::string& reason = "Called back on the desk") {
  v1::StartRecoveryRequest request;
  request.set_name(account);
  request.set_reason(reason);
  return by.Call(&Directory::StartRecovery, request);
}

constexpr char kNewPassword[] = "another few words together";

absl::Status Recover(ServerFixture& server, const std::string& login, const std::string& code,
                     const std::string& address = "10.0.0.1") {
  v1::RecoverRequest request;
  request.set_login(login);
  request.set_recovery_code(code);
  request.set_new_password(kNewPassword);
  const Client web = server.Nobody();
  grpc::ClientContext context;
  web.Prepare(context);
  context.AddMetadata("marac-client-address", address);
  v1::RecoverResponse answer;
  return ToAbsl(v1::SessionService::Stub(web.channel()).Recover(&context, request, &answer));
}

TEST_F(CodeTest, ARecoveryCodeSetsANewPasswordOnceAndEndsWhatWasThere) {
  const std::string account = client_.account();
  const Client admin = server_.SignIn("admin.council");
  EXPECT_THAT(StartRecovery(admin, account, " "), Refuses(StatusCode::kInvalidArgument, "reason"));
  ASSERT_OK_AND_ASSIGN(const v1::StartRecoveryResponse started, StartRecovery(admin, account));
  EXPECT_FALSE(started.needs_second_administrator());
  EXPECT_EQ(started.recovery_code().size(), 24U);
  // Nothing has changed yet.
  EXPECT_EQ(ReasonOfGetCaller(client_), "");

  v1::RecoverRequest weak;
  weak.set_login("idva.idva");
  weak.set_recovery_code(started.recovery_code());
  weak.set_new_password("short");
  EXPECT_THAT(server_.Nobody().Call(&Sessions::Recover, weak).status(),
              Refuses(StatusCode::kInvalidArgument, "new_password"));
  EXPECT_OK(Recover(server_, "idva.idva", started.recovery_code()));
  EXPECT_EQ(ReasonOfGetCaller(client_), "SESSION_ENDED");
  EXPECT_EQ(SignIn(Code()).code(), StatusCode::kUnauthenticated) << "by the old password";
  const Client again = server_.SignIn("idva.idva", kNewPassword);
  ASSERT_OK_AND_ASSIGN(const v1::Caller caller, again.Call(&Sessions::GetCaller, v1::GetCallerRequest()));
  EXPECT_FALSE(caller.has_code());
  EXPECT_THAT(Happened(again), ::testing::IsSupersetOf({v1::ACCOUNT_EVENT_KIND_RECOVERED,
                                                        v1::ACCOUNT_EVENT_KIND_RECOVERY_STARTED}));
  EXPECT_EQ(domain::DetailOf(Recover(server_, "idva.idva", started.recovery_code())).reason(),
            "RECOVERY_FAILED");
}

TEST(RecoveryServiceTest, TellsNothingOfWhoIsThere) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const Client admin = server.SignIn("admin.council");
  const std::string code = "AAAA-BBBB-CCCC-DDDD-EEEE";
  const absl::Status unknown = Recover(server, "nobody.here", code, "10.0.0.7");
  const absl::Status none_open = Recover(server, "chair.police", code, "10.0.0.8");
  ASSERT_OK(StartRecovery(admin, server.SignIn("idva.idva").account()));
  const absl::Status wrong = Recover(server, "idva.idva", code, "10.0.0.9");
  EXPECT_EQ(unknown.code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(unknown, none_open);
  EXPECT_EQ(unknown, wrong);
}

TEST(RecoveryServiceTest, ACodeEndsAfterHalfAnHourAndIsNotGuessedFromManyPlaces) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const std::string idva = server.SignIn("idva.idva").account();
  ASSERT_OK_AND_ASSIGN(v1::StartRecoveryResponse started,
                       StartRecovery(server.SignIn("admin.council"), idva));
  clock.Advance(absl::Minutes(30));
  EXPECT_EQ(Recover(server, "idva.idva", started.recovery_code()).code(), StatusCode::kUnauthenticated);

  ASSERT_OK_AND_ASSIGN(started, StartRecovery(server.SignIn("admin.council"), idva));
  clock.Advance(absl::Minutes(15));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Recover(server, "idva.idva", "AAAA-BBBB-CCCC-DDDD-EEEE", "10.0.1." + std::to_string(i)).code(),
              StatusCode::kUnauthenticated);
  }
  // Beyond the limit of tries, and once that is over the code itself is spent.
  EXPECT_EQ(Recover(server, "idva.idva", started.recovery_code()).code(), StatusCode::kResourceExhausted);
  clock.Advance(absl::Minutes(15) - absl::Seconds(1));
  EXPECT_NE(Recover(server, "idva.idva", started.recovery_code()).code(), StatusCode::kOk);
}

TEST(RecoveryServiceTest, ThePowerfulTakeTwoAdministrators) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const std::string chair = server.SignIn("chair.police").account();
  const Client first = server.SignIn("admin.council");
  const Client second = server.SignIn("admin2.council");
  ASSERT_OK_AND_ASSIGN(v1::StartRecoveryResponse answer, StartRecovery(first, chair));
  EXPECT_TRUE(answer.needs_second_administrator());
  EXPECT_EQ(answer.recovery_code(), "");
  // The same person again is no second one.
  ASSERT_OK_AND_ASSIGN(answer, StartRecovery(first, chair));
  EXPECT_TRUE(answer.needs_second_administrator());
  ASSERT_OK_AND_ASSIGN(answer, StartRecovery(second, chair));
  EXPECT_FALSE(answer.needs_second_administrator());
  EXPECT_OK(Recover(server, "chair.police", answer.recovery_code()));
  // Nor for oneself.
  EXPECT_THAT(StartRecovery(first, server.SignIn("admin.council").account()),
              Refuses(StatusCode::kFailedPrecondition, "nobody recovers their own account"));
  // After a day the first one's wish no longer counts.
  ASSERT_OK(StartRecovery(first, chair));
  clock.Advance(absl::Hours(24));
  ASSERT_OK_AND_ASSIGN(answer, StartRecovery(server.SignIn("admin2.council"), chair));
  EXPECT_TRUE(answer.needs_second_administrator());
}

std::vector<std::string> PendingRecoveriesShownTo(const Client& client) {
  v1::ListAccountsRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_page_size(100);
  const absl::StatusOr<v1::ListAccountsResponse> answer = client.Call(&Directory::ListAccounts, request);
  EXPECT_OK(answer);
  std::vector<std::string> shown;
  if (!answer.ok()) return shown;
  for (const v1::PendingRecovery& pending : answer->pending_recoveries()) {
    shown.push_back(pending.account() + " by " + pending.asked_by());
  }
  return shown;
}

TEST(RecoveryServiceTest, WhatWaitsForASecondAdministratorIsShownToAdministratorsAlone) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const std::string chair = server.SignIn("chair.police").account();
  const Client first = server.SignIn("admin.council");
  const Client second = server.SignIn("admin2.council");
  ASSERT_OK(StartRecovery(first, chair));
  EXPECT_THAT(PendingRecoveriesShownTo(second), ::testing::ElementsAre(chair + " by " + first.account()));
  EXPECT_THAT(PendingRecoveriesShownTo(server.SignIn("coordinator.council")), ::testing::IsEmpty());
  ASSERT_OK(StartRecovery(second, chair));
  EXPECT_THAT(PendingRecoveriesShownTo(second), ::testing::IsEmpty()) << "it waits for the person now";
  ASSERT_OK(StartRecovery(first, chair));
  clock.Advance(absl::Hours(24));
  EXPECT_THAT(PendingRecoveriesShownTo(server.SignIn("admin2.council")), ::testing::IsEmpty());
}

TEST(RecoveryServiceTest, AnAdministratorOfAnotherAgencyIsOnlyEverTheSecond) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  server.AddAccount("admin.housing", "housing", {v1::ROLE_ADMIN});
  const std::string chair = server.SignIn("chair.police").account();
  const Client housing = server.SignIn("admin.housing");
  EXPECT_THAT(StartRecovery(housing, chair), Refuses(StatusCode::kNotFound, chair));
  EXPECT_THAT(StartRecovery(housing, "accounts/00000000000000000000000000"),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  ASSERT_OK(StartRecovery(server.SignIn("admin.council"), chair));
  ASSERT_OK_AND_ASSIGN(const v1::StartRecoveryResponse answer, StartRecovery(housing, chair));
  EXPECT_NE(answer.recovery_code(), "");
}

// --- A4, in short (security.md 7) --------------------------------------------------------------------------

// Fixation: a token that somebody brings along is never the one they are given.
TEST(A4Test, ASignInMakesATokenOfItsOwnWhateverWasSent) {
  ServerFixture& server = ServerFixture::Shared();
  const Client planted(server.Nobody().channel(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "");
  ASSERT_OK_AND_ASSIGN(const v1::Session session,
                       planted.Call(&Sessions::SignIn, SignInAs("chair.police", kRight)));
  EXPECT_NE(session.token(), planted.token());
  EXPECT_EQ(ReasonOfGetCaller(planted), "SESSION_ENDED");
  const Client mine(planted.channel(), session.token(), "");
  ASSERT_OK_AND_ASSIGN(const v1::Session another,
                       mine.Call(&Sessions::SignIn, SignInAs("chair.police", kRight)));
  EXPECT_NE(another.token(), session.token());
}

TEST(A4Test, ASessionEndsAtItsEightHoursToTheMillisecond) {
  FakeSecurityClock clock;
  ServerFixture server(&clock);
  const Client chair = server.SignIn("chair.police");
  for (int i = 0; i < 48; ++i) {
    EXPECT_EQ(ReasonOfGetCaller(chair), "") << i;
    clock.Advance(absl::Minutes(10) - (i == 47 ? absl::Milliseconds(1) : absl::ZeroDuration()));
  }
  EXPECT_EQ(ReasonOfGetCaller(chair), "");
  clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(ReasonOfGetCaller(chair), "SESSION_ENDED");
}

TEST(A4Test, ARoleThatIsTakenIsGoneOnTheNextCall) {
  ServerFixture& server = ServerFixture::Shared();
  v1::Account account = server.AddAccount("changes.police", "police", {v1::ROLE_MINUTE_TAKER});
  const Client person = server.SignIn("changes.police");
  v1::ListMeetingsRequest list;
  list.set_parent(ServerFixture::kArea);
  EXPECT_OK(person.Call(&v1::MeetingService::Stub::ListMeetings, list));
  account.mutable_roles(0)->set_role(v1::ROLE_STEERING_GROUP);
  v1::UpdateAccountRequest update;
  *update.mutable_account() = account;
  ASSERT_OK(server.As("admin.council").Call(&Directory::UpdateAccount, update));
  EXPECT_EQ(person.Call(&v1::MeetingService::Stub::ListMeetings, list).status().code(),
            StatusCode::kPermissionDenied);
}

// At a cost that shows against everything else a call does.
constexpr PasswordCost kDear = {.memory_bytes = size_t{32} << 20, .passes = 2};

// Of the processor and not of the clock, which a busy machine stretches; the server is in this process.
template <typename Body>
double CpuMilliseconds(const Body& body) {
  const std::clock_t begin = std::clock();
  body();
  return 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// Enumeration: one text, and the same work for a login that nobody has. And who may not make people makes the
// machine hash nothing, or anybody with a certificate could keep it busy.
TEST(A4Test, AnUnknownLoginCostsAHashAndACallByNobodyNone) {
  ServerFixture server(nullptr, kDear);
  const auto sign_in = [&](const std::string& login) {
    return server.Nobody().Call(&Sessions::SignIn, SignInAs(login, kWrong)).status();
  };
  v1::CreateAccountRequest request;
  request.mutable_account()->set_login("flood.police");
  request.mutable_account()->set_display_name("Flood");
  request.mutable_account()->set_agency("agencies/police");
  request.set_password(kRight);
  const Client chair = server.SignIn("chair.police");
  double known = 0;
  double unknown = 0;
  double nobody = 0;
  for (int i = 0; i < 4; ++i) {
    known += CpuMilliseconds([&] { EXPECT_FALSE(sign_in("idva.idva").ok()); });
    unknown +=
        CpuMilliseconds([&] { EXPECT_EQ(sign_in("nobody.here").code(), StatusCode::kUnauthenticated); });
    nobody += CpuMilliseconds([&] {
      EXPECT_EQ(server.Nobody().Call(&Directory::CreateAccount, request).status().code(),
                StatusCode::kUnauthenticated);
      EXPECT_EQ(chair.Call(&Directory::CreateAccount, request).status().code(),
                StatusCode::kPermissionDenied);
    });
  }
  EXPECT_GT(unknown, known / 3);
  EXPECT_LT(nobody, known / 2);
}

}  // namespace
}  // namespace marac::testing
