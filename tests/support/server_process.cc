#include "tests/support/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "rpc/setup.h"
#include "rpc/tls.h"

extern char** environ;

namespace marac::testing {
namespace {

void Check(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "server process: %s: %s\n", what, status.ToString().c_str());
  std::abort();
}

template <typename T>
T Must(absl::StatusOr<T> value, const char* what) {
  Check(value.status(), what);
  return *std::move(value);
}

// A port that was free a moment ago. The server refuses to start should somebody take it meanwhile.
int FreePort() {
  const FileDescriptor socket_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Check(absl::InternalError("no free port"), "port");
  }
  return ntohs(address.sin_port);
}

// `arguments` of maracd in a child whose output goes to `log`.
pid_t Spawn(std::vector<std::string> arguments, const std::vector<std::string>& environment,
            const std::string& log) {
  arguments.insert(arguments.begin(), MARACD_BINARY);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (char** variable = environ; *variable != nullptr; ++variable) envp.push_back(*variable);
  std::vector<std::string> added = environment;
  for (std::string& variable : added) envp.push_back(variable.data());
  envp.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    // A test that ends badly leaves no server behind.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    execve(MARACD_BINARY, argv.data(), envp.data());
    _exit(127);
  }
  return pid;
}

}  // namespace

ServerProcess::ServerProcess() : port_(FreePort()) {
  Check(rpc::PrepareProcess(), "process");
  std::string name = (std::filesystem::temp_directory_path() / "marac_process_XXXXXX").string();
  folder_ = mkdtemp(name.data());
  Check(rpc::SetUp(NewTestArea(folder_, "127.0.0.1:" + std::to_string(port_))), "set-up");
  constexpr size_t kPemBytesMax = 65536;
  root_pem_ = Must(ReadSmallFile(folder_ + "/tls/root.pem", kPemBytesMax), "root");
  web_ = Must(pki::ReadIdentity(folder_ + "/programs/web.key", folder_ + "/programs/web.pem"), "web");
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) Kill();
  std::filesystem::remove_all(folder_);
}

bool ServerProcess::Start(const std::vector<std::string>& environment) {
  pid_ = Spawn({"serve", "--config", config_file()}, environment, folder_ + "/log");
  for (int i = 0; i < 3000; ++i) {
    if (HasEnded()) return false;
    const FileDescriptor socket_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port_));
    if (connect(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

void ServerProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int ServerProcess::Stop() {
  kill(pid_, SIGTERM);
  int state = 0;
  waitpid(pid_, &state, 0);
  pid_ = -1;
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

bool ServerProcess::HasEnded() {
  if (pid_ <= 0) return true;
  if (waitpid(pid_, nullptr, WNOHANG) == 0) return false;
  pid_ = -1;
  return true;
}

int ServerProcess::Run(const std::vector<std::string>& arguments) const {
  const pid_t pid = Spawn(arguments, {}, folder_ + "/log");
  int state = 0;
  waitpid(pid, &state, 0);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

Client ServerProcess::SignIn(const std::string& login) const {
  std::shared_ptr<grpc::Channel> channel = Channel();
  v1::SignInRequest request;
  request.set_login(login);
  request.set_password(kPassword);
  const v1::Session session =
      Must(Client(channel, "", "").Call(&v1::SessionService::Stub::SignIn, request), login.c_str());
  return Client(channel, session.token(), "");
}

void ServerProcess::AddAgency(const std::string& word) const {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_name("agencies/" + word);
  request.mutable_agency()->set_display_name(word);
  request.mutable_agency()->add_areas(kArea);
  Must(SignIn("admin.council").Call(&v1::DirectoryService::Stub::CreateAgency, request), word.c_str());
}

void ServerProcess::AddAccount(const std::string& login, const std::string& agency, v1::Role role) const {
  v1::CreateAccountRequest request;
  request.mutable_account()->set_login(login);
  request.mutable_account()->set_display_name("Person " + login);
  request.mutable_account()->set_agency("agencies/" + agency);
  v1::RoleGrant& grant = *request.mutable_account()->add_roles();
  grant.set_area(kArea);
  grant.set_role(role);
  request.set_password(kPassword);
  request.set_keep_password(true);
  const v1::Account made =
      Must(SignIn("admin.council").Call(&v1::DirectoryService::Stub::CreateAccount, request), login.c_str());
  if (made.pending_roles().empty()) return;
  static constexpr char kSecond[] = "admin2.council";
  request.clear_request_id();
  request.mutable_account()->set_login(kSecond);
  request.mutable_account()->mutable_roles(0)->set_role(v1::ROLE_ADMIN);
  const auto second = SignIn("admin.council").Call(&v1::DirectoryService::Stub::CreateAccount, request);
  if (!absl::IsAlreadyExists(second.status())) Must(second, kSecond);
  v1::ApproveRolesRequest approve;
  approve.set_name(made.name());
  approve.set_etag(made.etag());
  Must(SignIn(kSecond).Call(&v1::DirectoryService::Stub::ApproveRoles, approve), "approve");
}

}  // namespace marac::testing
