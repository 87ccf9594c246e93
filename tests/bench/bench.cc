// How fast, as ratios measured in one run: a submitted, scored, audited, durable assessment and referral
// against a bare echo of the same bytes over the same TLS and the same accept loop, each server in a process
// of its own; and reading a case and an agenda at 600 and at 60,000 cases. Numbers of different runs or
// machines do not compare; the ratio does.
//
//   bench [SECONDS]         a measurement, default 5
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "base/pki.h"
#include "domain/record.h"
#include "domain/timestamp.h"
#include "rpc/config.h"
#include "rpc/host.h"
#include "rpc/server.h"
#include "rpc/tls.h"
#include "store/records.h"
#include "support/echo_service.grpc.pb.h"
#include "tests/support/complete_referral.h"
#include "tests/support/server_process.h"

namespace marac::testing {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  exit(1);
}

void Check(const absl::Status& status, const char* what) {
  if (!status.ok()) Die(std::string(what) + ": " + status.ToString());
}

template <typename T>
T Must(absl::StatusOr<T> value, const char* what) {
  Check(value.status(), what);
  return *std::move(value);
}

struct Measured {
  double per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// Runs `one` over and over in each of `clients` threads for `length`, after a fifth of it as warm-up.
Measured Measure(int clients, std::chrono::milliseconds length, const std::function<void(int client)>& one) {
  std::atomic<bool> counting{false};
  std::atomic<bool> stop{false};
  std::vector<std::vector<double>> times(static_cast<size_t>(clients));
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&, client] {
      while (!stop) {
        const bool counts = counting;
        const auto start = Clock::now();
        one(client);
        const std::chrono::duration<double, std::milli> took = Clock::now() - start;
        if (counts) times[static_cast<size_t>(client)].push_back(took.count());
      }
    });
  }
  std::this_thread::sleep_for(length / 5);
  counting = true;
  const auto start = Clock::now();
  std::this_thread::sleep_for(length);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> took = Clock::now() - start;
  std::vector<double> all;
  for (const auto& some : times) all.insert(all.end(), some.begin(), some.end());
  if (all.empty()) Die("nothing was measured");
  std::sort(all.begin(), all.end());
  return {.per_s = static_cast<double>(all.size()) / took.count(),
          .p50_ms = all[all.size() / 2],
          .p99_ms = all[std::min(all.size() - 1, all.size() * 99 / 100)]};
}

void Print(const char* name, int clients, double value, const char* unit) {
  std::printf("figure: %s_%d=%.4g %s\n", name, clients, value, unit);
  std::fflush(stdout);
}

// --- the echo, in a process of its own ---

class EchoHandler final : public test::v1::EchoService::Service {
 public:
  grpc::Status Echo(grpc::ServerContext*, const test::v1::EchoRequest* request,
                    test::v1::EchoResponse* response) override {
    response->set_body(request->body());
    return grpc::Status::OK;
  }
};

int ServeEcho(const std::string& folder) {
  Check(rpc::PrepareProcess(), "process");
  config::v1::ServerConfig config =
      Must(rpc::LoadServerConfig(folder + "/maracd.textproto"), "configuration");
  config.set_listen_address("127.0.0.1:0");
  auto registry = std::make_shared<rpc::ProgramRegistry>();
  const pki::Identity web =
      Must(pki::ReadIdentity(folder + "/programs/web.key", folder + "/programs/web.pem"), "program");
  registry->Enrol({Must(pki::FingerprintOfPem(web.certificates_pem), "fingerprint")},
                  {.id = "programs/web", .kind = v1::PROGRAM_KIND_WEB});
  std::vector<rpc::NamedService> services;
  services.push_back({test::v1::EchoService::service_full_name(), std::make_unique<EchoHandler>()});
  const auto server = Must(rpc::RpcServer::Start(
                               config, std::move(services), registry, [](std::string_view) { return true; },
                               std::make_shared<rpc::OpenCalls>(config.limits())),
                           "echo server");
  std::ofstream(folder + "/echo_port.new") << server->port();
  rename((folder + "/echo_port.new").c_str(), (folder + "/echo_port").c_str());
  pause();
  return 0;
}

int StartEcho(const std::string& folder, const char* self, pid_t* pid) {
  *pid = fork();
  if (*pid == 0) {
    execl(self, self, "--echo", folder.c_str(), nullptr);
    _exit(127);
  }
  for (int i = 0; i < 500; ++i) {
    int port = 0;
    if (std::ifstream(folder + "/echo_port") >> port) return port;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  Die("the echo server did not start");
}

// --- the operation ---

// Everything an IDVA sends from the first question to a signed assessment and a submitted referral: six
// calls.
constexpr int kCallsAnOperation = 6;

struct Sent {
  size_t bytes = 0;
};

Sent Operation(const Client& client, const v1::InstrumentPack& pack) {
  Sent sent;
  const auto count = [&sent](const google::protobuf::Message& message) {
    sent.bytes += message.ByteSizeLong();
  };
  v1::Referral complete = CompleteReferral();
  // Each about people of its own, as an area's are: a thousand about the same two would measure their
  // matching.
  static std::atomic<int> number = 0;
  const std::string own = std::to_string(++number);
  const auto make_own = [&own](v1::Party& party) {
    party.mutable_name()->set_value(party.name().value() + " " + own);
    party.mutable_address()->mutable_lines()->set_value(own + " " + party.address().lines().value());
    party.clear_nhs_number();
  };
  make_own(*complete.mutable_victim());
  for (v1::Party& party : *complete.mutable_perpetrators()) make_own(party);
  v1::StartAssessmentRequest start;
  start.set_parent(ServerProcess::kArea);
  *start.mutable_victim() = complete.victim();
  for (const v1::Party& perpetrator : complete.perpetrators()) *start.add_perpetrators() = perpetrator;
  count(start);
  v1::Assessment assessment =
      Must(client.Call(&v1::AssessmentService::Stub::StartAssessment, start), "start");

  v1::AppendAnswersRequest append;
  append.set_name(assessment.name());
  for (const v1::Item& item : pack.items()) {
    v1::Answer& answer = *append.add_answers();
    answer.set_item(item.code());
    answer.set_code(item.number() <= 15 ? v1::ANSWER_CODE_YES : v1::ANSWER_CODE_NO);
    answer.set_note("In a few words what was said.");
  }
  count(append);
  assessment = Must(client.Call(&v1::AssessmentService::Stub::AppendAnswers, append), "append");

  v1::CompleteAssessmentRequest complete_request;
  complete_request.set_name(assessment.name());
  complete_request.set_etag(assessment.etag());
  v1::Judgement& judgement = *complete_request.mutable_judgement();
  judgement.set_grade(v1::GRADE_HIGH);
  judgement.set_professional_judgement(true);
  judgement.set_text("The answers and her fear point the same way.");
  for (const char* cluster : {"VICTIM_SUICIDE", "CHILD"}) {
    v1::StepTaken& step = *judgement.add_steps();
    step.set_cluster(cluster);
    step.set_text("Safety step taken the same day.");
  }
  count(complete_request);
  assessment =
      Must(client.Call(&v1::AssessmentService::Stub::CompleteAssessment, complete_request), "complete");

  v1::SaveDraftRequest save;
  save.set_parent(ServerProcess::kArea);
  *save.mutable_referral() = complete;
  save.mutable_referral()->mutable_referrer()->set_agency("agencies/police");
  save.mutable_referral()->add_assessments(assessment.name());
  *save.mutable_safe_contact() = CompleteSafeContact();
  count(save);
  const v1::Referral draft = Must(client.Call(&v1::ReferralService::Stub::SaveDraft, save), "draft");

  v1::SubmitReferralRequest submit;
  submit.set_name(draft.name());
  submit.set_etag(draft.etag());
  count(submit);
  Must(client.Call(&v1::ReferralService::Stub::SubmitReferral, submit), "submit");

  v1::GetAssessmentRequest get;
  get.set_name(assessment.name());
  // Submitting changed the assessment (it names its referral now), so its etag is read again; not one of the
  // six.
  assessment = Must(client.Call(&v1::AssessmentService::Stub::GetAssessment, get), "get");
  v1::SignAssessmentRequest sign;
  sign.set_name(assessment.name());
  sign.set_etag(assessment.etag());
  count(sign);
  Must(client.Call(&v1::AssessmentService::Stub::SignAssessment, sign), "sign");
  return sent;
}

// --- many cases ---

constexpr int kItemsAMeeting = 16;

template <typename T>
absl::Status Put(store::WriteTransaction& tx, const T& record, std::string_view scope, int64_t time_ms) {
  return store::InsertRecord(tx,
                             {.name = record.name(),
                              .kind = domain::KindOf<T>::value,
                              .area = ServerProcess::kArea,
                              .columns = domain::ColumnsOf(record),
                              .body = record.SerializeAsString()},
                             scope, time_ms, "bench");
}

absl::Status PutCase(store::WriteTransaction& tx, int number, absl::Time time, const std::string& meeting) {
  const std::string area = ServerProcess::kArea;
  const std::string id = "bench-" + std::to_string(number);
  v1::Case record;
  record.set_name(area + "/cases/" + id);
  record.set_case_number("TS-26-" + std::to_string(number));
  record.set_stage(v1::CASE_STAGE_LISTED);
  record.set_kind(v1::CASE_KIND_NEW);
  const v1::Referral complete = CompleteReferral();
  *record.mutable_victim() = complete.victim();
  *record.mutable_perpetrators() = complete.perpetrators();
  *record.mutable_children() = complete.children();
  record.set_reason_line(complete.reason().narrative());
  *record.mutable_create_time() = domain::ToTimestamp(time);
  RETURN_IF_ERROR(store::NewScope(tx, record.name(), area, domain::Stage::kListed));
  RETURN_IF_ERROR(Put(tx, record, record.name(), absl::ToUnixMillis(time)));
  for (const char* agency : {"agencies/police", "agencies/council"}) {
    RETURN_IF_ERROR(store::Involve(tx, record.name(), agency));
  }
  v1::Referral referral = complete;
  referral.set_name(area + "/referrals/" + id);
  referral.set_state(v1::REFERRAL_STATE_ACCEPTED);
  referral.set_case_name(record.name());
  *referral.mutable_receive_time() = domain::ToTimestamp(time);
  RETURN_IF_ERROR(Put(tx, referral, record.name(), absl::ToUnixMillis(time)));
  v1::AgendaItem item;
  item.set_name(meeting + "/agendaItems/" + id);
  item.set_state(v1::AGENDA_ITEM_STATE_LISTED);
  item.set_case_name(record.name());
  item.set_case_number(record.case_number());
  item.set_order_key(number);
  *item.mutable_victim() = record.victim();
  *item.mutable_perpetrators() = record.perpetrators();
  *item.mutable_children() = record.children();
  item.set_reason_line(record.reason_line());
  return Put(tx, item, record.name(), absl::ToUnixMillis(time));
}

std::string MeetingName(int number) {
  return std::string(ServerProcess::kArea) + "/meetings/bench-" + std::to_string(number);
}

// Writes cases `from` to `to` straight into the store, with the server stopped.
void Fill(const ServerProcess& server, int from, int to) {
  const config::v1::ServerConfig config = Must(rpc::LoadServerConfig(server.config_file()), "configuration");
  const auto database =
      Must(store::Database::Open(Must(rpc::DatabaseOptionsOf(config), "options")), "database");
  constexpr int kCasesABody = 160;
  const absl::Time start = absl::Now() - absl::Hours(24 * 365);
  for (int first = from; first < to; first += kCasesABody) {
    Check(database->Write(
              [&](store::WriteTransaction& tx) -> absl::Status {
                for (int number = first; number < std::min(to, first + kCasesABody); ++number) {
                  const std::string meeting = MeetingName(number / kItemsAMeeting);
                  if (number % kItemsAMeeting == 0) {
                    v1::Meeting record;
                    record.set_name(meeting);
                    record.set_state(v1::MEETING_STATE_CIRCULATED);
                    *record.mutable_start_time() = domain::ToTimestamp(start + absl::Minutes(number));
                    RETURN_IF_ERROR(Put(tx, record, ServerProcess::kArea, absl::ToUnixMillis(start)));
                  }
                  RETURN_IF_ERROR(PutCase(tx, number, start + absl::Minutes(number), meeting));
                }
                return absl::OkStatus();
              },
              [](const absl::Status&) {
                domain::AuditEvent event;
                event.kind = domain::AuditKind::kSystem;
                event.method = "bench";
                return event;
              }),
          "filling");
  }
  database->Close();
}

void MeasureReading(ServerProcess& server, int cases, std::chrono::milliseconds length) {
  if (!server.Start()) Die("maracd did not start");
  const Client coordinator = server.SignIn("coordinator.council");
  std::mt19937 random(1);
  const Measured get_case = Measure(1, length, [&](int) {
    v1::GetCaseRequest request;
    request.set_name(std::string(ServerProcess::kArea) + "/cases/bench-" +
                     std::to_string(random() % static_cast<unsigned>(cases)));
    Must(coordinator.Call(&v1::CaseService::Stub::GetCase, request), "GetCase");
  });
  Print("getcase_p50_ms", cases, get_case.p50_ms, "ms");
  Print("getcase_p99_ms", cases, get_case.p99_ms, "ms");
  constexpr int kReadersAtOnce = 16;
  std::vector<Client> readers;
  std::vector<std::mt19937> random_of;
  for (int i = 0; i < kReadersAtOnce; ++i) {
    readers.emplace_back(server.Channel(), coordinator.token(), "");
    random_of.emplace_back(static_cast<unsigned>(i));
  }
  const Measured at_once = Measure(kReadersAtOnce, length, [&](int client) {
    v1::GetCaseRequest request;
    request.set_name(std::string(ServerProcess::kArea) + "/cases/bench-" +
                     std::to_string(random_of[static_cast<size_t>(client)]() % static_cast<unsigned>(cases)));
    Must(readers[static_cast<size_t>(client)].Call(&v1::CaseService::Stub::GetCase, request), "GetCase");
  });
  Print("getcase_16_per_s", cases, at_once.per_s, "calls/s");
  Print("getcase_16_p99_ms", cases, at_once.p99_ms, "ms");
  const Measured agenda = Measure(1, length, [&](int) {
    v1::GetAgendaRequest request;
    request.set_name(MeetingName(static_cast<int>(random() % static_cast<unsigned>(cases / kItemsAMeeting))));
    const v1::Agenda answer =
        Must(coordinator.Call(&v1::MeetingService::Stub::GetAgenda, request), "GetAgenda");
    if (answer.items_size() != kItemsAMeeting) Die("an agenda has not its sixteen cases");
  });
  Print("agenda_p50_ms", cases, agenda.p50_ms, "ms");
  Print("agenda_p99_ms", cases, agenda.p99_ms, "ms");
  if (server.Stop() != 0) Die("maracd did not stop well");
}

int Main(const char* self, std::chrono::milliseconds length) {
  ServerProcess server;
  // All the clients of the bench come from one address.
  std::ofstream(server.config_file(), std::ios::app) << "limits { connections_per_source_max: 500 }\n";
  if (!server.Start()) Die("maracd did not start");
  server.AddAgency("police");
  server.AddAccount("coordinator.council", "council", v1::ROLE_COORDINATOR);
  server.AddAccount("referrer.police", "police", v1::ROLE_REFERRER);
  const Client referrer = server.SignIn("referrer.police");
  v1::GetInstrumentRequest pack_request;
  pack_request.set_instrument("plain24@1.0");
  const v1::InstrumentPack pack =
      Must(referrer.Call(&v1::AssessmentService::Stub::GetInstrument, pack_request), "pack");
  const size_t bytes = Operation(referrer, pack).bytes;
  std::printf("figure: operation_bytes=%zu bytes\n", bytes);

  pid_t echo_pid = 0;
  const int echo_port = StartEcho(server.folder(), self, &echo_pid);
  test::v1::EchoRequest echo_request;
  echo_request.set_body(std::string(bytes, 'x'));
  for (const int clients : {1, 16, 64}) {
    std::vector<std::shared_ptr<grpc::Channel>> echoes;
    std::vector<Client> people;
    for (int i = 0; i < clients; ++i) {
      echoes.push_back(server.ChannelTo(echo_port));
      people.emplace_back(server.Channel(), referrer.token(), "");
    }
    const Measured echo = Measure(clients, length, [&](int client) {
      Must(Client(echoes[static_cast<size_t>(client)], "", "")
               .Call(&test::v1::EchoService::Stub::Echo, echo_request),
           "echo");
    });
    const Measured operation =
        Measure(clients, length, [&](int client) { Operation(people[static_cast<size_t>(client)], pack); });
    Print("echo_per_s", clients, echo.per_s, "calls/s");
    Print("echo_p50_ms", clients, echo.p50_ms, "ms");
    Print("echo_p99_ms", clients, echo.p99_ms, "ms");
    Print("submit_per_s", clients, operation.per_s, "operations/s");
    Print("submit_calls_per_s", clients, operation.per_s * kCallsAnOperation, "calls/s");
    Print("submit_p50_ms", clients, operation.p50_ms, "ms");
    Print("submit_p99_ms", clients, operation.p99_ms, "ms");
    Print("submit_echo_ratio", clients, operation.per_s / echo.per_s, "operations/echo");
    Print("submit_call_echo_ratio", clients, operation.per_s * kCallsAnOperation / echo.per_s, "calls/echo");
  }
  kill(echo_pid, SIGKILL);
  waitpid(echo_pid, nullptr, 0);
  if (server.Stop() != 0) Die("maracd did not stop well");

  constexpr int kFew = 600;
  constexpr int kMany = 60'000;
  Fill(server, 0, kFew);
  MeasureReading(server, kFew, length);
  Fill(server, kFew, kMany);
  MeasureReading(server, kMany, length);
  std::printf("1 passed, 0 failed\n");
  return 0;
}

}  // namespace
}  // namespace marac::testing

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--echo") return marac::testing::ServeEcho(argv[2]);
  const int seconds = argc > 1 ? atoi(argv[1]) : 5;
  return marac::testing::Main(argv[0], std::chrono::seconds(std::max(seconds, 1)));
}
