// People's sessions, tried through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
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

}  // namespace
}  // namespace marac::testing
