// marac-render in earnest: what it makes, what it may not do whatever it is made to run, and its limits.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "domain/booklet.h"
#include "render/renderer.h"
#include "tests/support/assessments.h"
#include "tests/support/pdf.h"
#include "tests/support/source_path.h"
#include "tests/support/status_matchers.h"

namespace marac::render {
namespace {

using absl::StatusCode;
using marac::testing::PagesOfPdf;
using marac::testing::PdfWord;
using marac::testing::Refuses;
using marac::testing::ToolOnPdf;
using marac::testing::WordsOfPdf;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Long enough for a machine that is busy with other tests.
constexpr absl::Duration kPatience = absl::Seconds(60);

absl::StatusOr<std::string> RenderText(const std::string& text, const std::string& data = "{}",
                                       absl::Duration time_max = kPatience) {
  const std::string styled = "<style>{% include 'print.css' %}</style>" + text;
  return Renderer({.time_max = time_max, .more_files = {{"test.html", styled}}}).Render("test.html", data);
}

// ---- What a person reads

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

const v1::InstrumentPack& Pack() {
  return marac::testing::ShippedCatalogue().FindPack("plain24-er@0.1")->pack;
}

// An assessment that is full of what must not be printed.
v1::Assessment Assessment() {
  v1::Assessment assessment;
  assessment.set_name("areas/mk/assessments/0123456789abcdef");
  assessment.set_state(v1::ASSESSMENT_STATE_DRAFT);
  assessment.set_instrument("plain24-er@0.1");
  assessment.mutable_victim()->mutable_name()->set_value("Maria Invented");
  assessment.add_perpetrators()->mutable_name()->set_value("Robert Invented");
  v1::PersonWord& word = *assessment.mutable_communication()->add_person_words();
  word.set_perpetrator(1);
  word.set_word("my <b>dad</b> & co");
  assessment.mutable_result()->set_score(17);
  assessment.mutable_result()->set_final_grade(v1::GRADE_HIGH);
  assessment.add_answers()->set_note("What the practitioner saw");
  return assessment;
}

const std::string& BookletPdf() {
  static const std::string pdf = [] {
    v1::SupportService service;
    service.set_display_name("A helpline");
    service.add_numbers()->set_number("0800 000 0001");
    service.set_hours("Day and night");
    const auto booklet = domain::BookletOf(Assessment(), Pack(), {service});
    return Renderer({.time_max = kPatience}).Render("booklet.html", Json(booklet)).value();
  }();
  return pdf;
}

// The code in the foot of a page; empty: it asks nothing.
std::string CodeOn(const std::string& page) {
  static const std::regex foot("([A-Z0-9_]+(?:/[A-Z0-9_]+)?) · plain24-er@0\\.1 · 89abcdef");
  std::vector<std::string> codes;
  for (std::sregex_iterator at(page.begin(), page.end(), foot), end; at != end; ++at)
    codes.push_back((*at)[1]);
  EXPECT_LE(codes.size(), 1U) << page;
  return codes.empty() ? "" : codes[0];
}

TEST(BookletPdfTest, ACC46_AsksEveryQuestionOfThePackInItsOrderOnAPageOfItsOwn) {
  std::vector<std::string> wanted;
  const auto add = [&](const v1::Item& item) {
    if (item.probes().empty()) wanted.push_back(item.code());
    for (const v1::Probe& probe : item.probes()) wanted.push_back(item.code() + "/" + probe.code());
  };
  const auto add_sections = [&](std::set<v1::SectionKind> kinds) {
    for (const v1::Section& section : Pack().sections()) {
      if (!kinds.contains(section.kind())) continue;
      for (const v1::Item& item : section.items()) add(item);
    }
  };
  add_sections({v1::SECTION_KIND_TEACH_BACK, v1::SECTION_KIND_PRACTICE});
  for (const v1::Item& item : Pack().items()) {
    add(item);
    if (item.sensitive()) add_sections({v1::SECTION_KIND_CHECK_IN});
  }
  add_sections({v1::SECTION_KIND_UNSCORED});
  add_sections({v1::SECTION_KIND_AFTER});

  std::vector<std::string> printed;
  for (const std::string& page : PagesOfPdf(BookletPdf())) {
    if (const std::string code = CodeOn(page); !code.empty()) printed.push_back(code);
  }
  EXPECT_THAT(printed, ElementsAreArray(wanted));
}

TEST(BookletPdfTest, ACC46_NothingForAPersonToReadIsSmallerThan16Points) {
  // Liberation Sans has 1.117 of its size from its highest to its lowest.
  constexpr double k16PointLine = 16 * 1.1;
  const std::vector<PdfWord> words = WordsOfPdf(BookletPdf());
  EXPECT_GT(words.size(), 1000U);
  static const std::regex for_the_worker("[A-Z0-9_]+(/[A-Z0-9_]+)?|·|plain24-er@0\\.1|89abcdef");
  for (const PdfWord& word : words) {
    if (word.height >= k16PointLine) continue;
    EXPECT_TRUE(std::regex_match(word.text, for_the_worker)) << word.text << " is " << word.height;
  }
}

TEST(BookletPdfTest, ACC14_SaysThePersonsOwnWordAndNoPlaceholder) {
  const std::string text = ToolOnPdf(BookletPdf(), "pdftotext FILE - | tr '\\n' ' '");
  EXPECT_THAT(text, HasSubstr("Did my <b>dad</b> & co hurt your body this time?"));
  EXPECT_THAT(text, Not(HasSubstr("{")));
  EXPECT_THAT(text, Not(HasSubstr("name}")));
}

TEST(BookletPdfTest, ACC30_HoldsNothingOfTheAssessmentItself) {
  std::string text = ToolOnPdf(BookletPdf(), "pdftotext FILE -") + ToolOnPdf(BookletPdf(), "pdfinfo FILE");
  for (const char* hidden : {"Maria", "Robert", "Invented", "practitioner saw", "of 17", "core", "High",
                             "grade", "assess", "Risk", "risk"}) {
    EXPECT_THAT(text, Not(HasSubstr(hidden)));
  }
}

TEST(BookletPdfTest, TellsWhoKeepsItAndWhomToCall) {
  const std::vector<std::string> pages = PagesOfPdf(BookletPdf());
  for (const std::string& page : pages) EXPECT_THAT(page, HasSubstr("Your worker keeps this"));
  EXPECT_THAT(pages.front(), HasSubstr("Never leave it where"));
  EXPECT_THAT(pages.front(), HasSubstr("You can stop or take a break at any time."));
  EXPECT_THAT(pages.back(), HasSubstr("0800 000 0001"));
  EXPECT_THAT(pages.back(), HasSubstr("If somebody hurts you, it is not your fault."));
}

TEST(BookletPdfTest, IsTheSameEachTimeAndNamesNobodyInWhatReadersShow) {
  const auto booklet = Json(domain::BookletOf(Assessment(), Pack(), {}));
  Renderer renderer({.time_max = kPatience});
  ASSERT_OK_AND_ASSIGN(const std::string one, renderer.Render("booklet.html", booklet));
  ASSERT_OK_AND_ASSIGN(const std::string other, renderer.Render("booklet.html", booklet));
  EXPECT_EQ(one, other);
  const std::string about = ToolOnPdf(one, "pdfinfo FILE");
  EXPECT_THAT(about, HasSubstr("Title:           Form\n"));
  for (const char* field : {"Author", "Subject", "Keywords", "CreationDate"}) {
    EXPECT_THAT(about, Not(HasSubstr(field)));
  }
}

// ---- What it may not do

// A server on this machine that counts who comes.
class Doorbell {
 public:
  Doorbell() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_.get(), 8), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  int port() const { return port_; }
  bool Rang() const {
    const FileDescriptor visitor(accept(socket_.get(), nullptr, nullptr));
    return visitor.ok();
  }

 private:
  const FileDescriptor socket_;
  int port_ = 0;
};

TEST(SandboxTest, ADocumentFetchesNothing) {
  const Doorbell doorbell;
  const std::string url = "http://127.0.0.1:" + std::to_string(doorbell.port()) + "/";
  ASSERT_OK_AND_ASSIGN(const std::string pdf,
                       RenderText("<link rel=stylesheet href=\"" + url +
                                  "a.css\"><link rel=attachment href=\"file:///etc/passwd\">"
                                  "<style>@import url(\"" +
                                  url + "b.css\"); p{background:url(\"" + url +
                                  "d.png\")}</style><p>Here</p>"
                                  "<a rel=attachment href=\"file:///etc/passwd\">there</a>"
                                  "<img src=\"" +
                                  url +
                                  "e.png\"><img src=\"file:///etc/passwd\">"
                                  "<object data=\"" +
                                  url + "f.svg\"></object><svg><image href=\"" + url + "g.png\"/></svg>"));
  // A font of its own would have to be a file, which cannot be: nothing is made of it.
  EXPECT_THAT(RenderText("<style>@font-face{font-family:x;src:url(\"" + url + "c.ttf\")}</style><p>Here</p>"),
              Refuses(StatusCode::kInternal, "ended"));
  EXPECT_FALSE(doorbell.Rang());
  EXPECT_THAT(ToolOnPdf(pdf, "pdfdetach -list FILE"), HasSubstr("0 embedded files"));
  EXPECT_THAT(ToolOnPdf(pdf, "pdftotext FILE -"), AllOf(HasSubstr("Here"), Not(HasSubstr("root"))));
}

TEST(SandboxTest, DataIsTextAndATemplateIsNoProgram) {
  ASSERT_OK_AND_ASSIGN(const std::string pdf,
                       RenderText("<p>{{ a }}</p>", R"({"a": "<i>{{ 7 * 7 }}</i><script>"})"));
  EXPECT_THAT(ToolOnPdf(pdf, "pdftotext FILE -"), HasSubstr("<i>{{ 7 * 7 }}</i><script>"));
  for (const char* escape : {"{{ ''.__class__.__mro__[1].__subclasses__() }}",
                             "{{ cycler.__init__.__globals__.os.system('true') }}",
                             "{% include '/etc/passwd' %}", "{{ a.append(1) }}", "{{ nowhere }}"}) {
    EXPECT_THAT(RenderText(escape, R"({"a": []})"), Refuses(StatusCode::kInternal, "marac-render: ended"))
        << escape;
  }
}

// Whoever has taken the process over where it begins with data runs what they like there, with the doors shut
// or, to see that the attack is one, open. A line a try.
std::vector<std::string> Attacked(bool shut, const Doorbell& doorbell, const std::string& file) {
  // What an attacker finds loaded.
  std::string before = R"(
    import ctypes, os, socket, subprocess
    tried = []
    libc = ctypes.CDLL(None, use_errno=True)
    def attempt(name, what):
        try:
            what()
            tried.append(name + ": DONE")
        except OSError as error:
            tried.append(name + ": " + errno.errorcode.get(error.errno, "?"))
    def call(*arguments):
        if libc.syscall(*arguments) < 0:
            raise OSError(ctypes.get_errno(), "")
)";
  std::string after = R"(
    attempt("connect", lambda: socket.socket().connect(("127.0.0.1", PORT)))
    attempt("listen", lambda: socket.socket().bind(("127.0.0.1", 0)))
    attempt("read", lambda: open("/etc/passwd").read())
    attempt("write", lambda: open("FILE", "w"))
    attempt("list", lambda: os.listdir("/"))
    attempt("remove", lambda: os.unlink("FILE"))
    attempt("spawn", lambda: subprocess.run(["/bin/true"]))
    attempt("fork", lambda: os.fork() or os._exit(0))
    attempt("signal", lambda: os.kill(os.getppid(), 0))
    attempt("limit", lambda: call(302, 0, 1, 0, ctypes.create_string_buffer(16)))
    attempt("open by number", lambda: call(2, b"/etc/passwd", 0))
    attempt("openat2", lambda: call(437, -100, b"/etc/passwd", 0, 0))
    attempt("io_uring", lambda: call(425, 1, ctypes.create_string_buffer(256)))
    attempt("memfd", lambda: call(319, b"x", 0))
    attempt("namespace", lambda: call(272, 0x10000000))
    if SHUT:
        attempt("ptrace", lambda: call(101, 16, os.getppid(), 0, 0))
        attempt("exec", lambda: os.execv("/bin/true", ["true"]))
    sys.stdout.buffer.write(b"%PDF-\n" + "\n".join(tried).encode())
    sys.stdout.buffer.flush()
    os._exit(0)
)";
  after = absl::StrReplaceAll(
      after, {{"PORT", std::to_string(doorbell.port())}, {"FILE", file}, {"SHUT", shut ? "True" : "False"}});
  std::ifstream stream(marac::testing::SourcePath("server/render/marac-render"));
  std::stringstream script;
  script << stream.rdbuf();
  const std::string hostile =
      absl::StrReplaceAll(script.str(), {{"    shut()\n", before + (shut ? "    shut()" : "") + after}});
  EXPECT_NE(hostile, script.str());
  const auto made = Renderer({.time_max = kPatience, .script = hostile}).Render("booklet.html", "{}");
  EXPECT_OK(made.status());
  std::vector<std::string> tries;
  std::istringstream lines(made.value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (line != "%PDF-") tries.push_back(line);
  }
  return tries;
}

TEST(SandboxTest, WhoeverTakesItOverGetsNowhere) {
  const Doorbell doorbell;
  const std::string file = (std::filesystem::temp_directory_path() / "marac-render-attack").string();
  std::filesystem::remove(file);
  const std::vector<std::string> tries = Attacked(/*shut=*/true, doorbell, file);
  EXPECT_EQ(tries.size(), 17U);
  EXPECT_THAT(tries, Each(EndsWith(": EPERM")));
  EXPECT_FALSE(doorbell.Rang());
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(SandboxTest, TheAttackIsARealOneWhereNoDoorIsShut) {
  const Doorbell doorbell;
  const std::string file = (std::filesystem::temp_directory_path() / "marac-render-open").string();
  const std::vector<std::string> tries = Attacked(/*shut=*/false, doorbell, file);
  for (const char* what : {"connect", "listen", "read", "write", "list", "remove", "spawn", "fork"}) {
    EXPECT_THAT(tries, Contains(std::string(what) + ": DONE"));
  }
  EXPECT_TRUE(doorbell.Rang());
}

// ---- Its limits

// Runs until it is ended: what counts is that it does nothing else.
constexpr char kForEver[] = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";

bool HasChildren() { return waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }

TEST(LimitsTest, WhatTakesTooLongIsEndedAndLeavesNothingBehind) {
  const absl::Time begun = absl::Now();
  EXPECT_THAT(RenderText(kForEver, "{}", absl::Seconds(3)),
              Refuses(StatusCode::kDeadlineExceeded, "took too long"));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(8));
  EXPECT_FALSE(HasChildren());
}

TEST(LimitsTest, OnlySoManyWait) {
  Renderer renderer(
      {.time_max = absl::Seconds(4), .waiting_max = 1, .more_files = {{"test.html", kForEver}}});
  const auto render = [&renderer] { return renderer.Render("test.html", "{}").status(); };
  absl::Status first;
  absl::Status second;
  std::thread working([&] { first = render(); });
  absl::SleepFor(absl::Milliseconds(500));
  std::thread waiting([&] { second = render(); });
  absl::SleepFor(absl::Milliseconds(500));
  const absl::Time begun = absl::Now();
  EXPECT_THAT(render(), Refuses(StatusCode::kResourceExhausted, "making other documents"));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(1));
  working.join();
  waiting.join();
  EXPECT_THAT(first, Refuses(StatusCode::kDeadlineExceeded, ""));
  EXPECT_THAT(second, Not(marac::testing::IsOk()));
  EXPECT_FALSE(HasChildren());
}

TEST(LimitsTest, MemoryIsBounded) {
  EXPECT_THAT(RenderText("{{ 'x' * (2 * 1024 * 1024 * 1024) }}"), Refuses(StatusCode::kInternal, "ended"));
}

TEST(LimitsTest, WhatItWritesIsBounded) {
  Renderer renderer({.time_max = kPatience,
                     .bytes_max = 100,
                     .more_files = {{"test.html", "<style>{% include 'print.css' %}</style>Hello"}}});
  EXPECT_THAT(renderer.Render("test.html", "{}"), Refuses(StatusCode::kInternal, "too large"));
}

TEST(LimitsTest, AnErrorSaysNothingOfWhatItWasAbout) {
  const absl::Status failed = RenderText("{{ 1 + name }}", R"({"name": "Maria Invented"})").status();
  EXPECT_THAT(failed, Refuses(StatusCode::kInternal, "marac-render: ended with code 1"));
  EXPECT_THAT(std::string(failed.message()), Not(HasSubstr("Maria")));
}

std::string FileOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(LimitsTest, ItsArgumentsAndEnvironmentAreTheSameForEverybody) {
  setenv("MARAC_TEST_SECRET", "Maria Invented", 1);
  Renderer renderer({.time_max = absl::Seconds(5), .more_files = {{"test.html", kForEver}}});
  std::thread working([&] { (void)renderer.Render("test.html", R"({"name": "Maria Invented"})"); });
  std::string arguments;
  std::string environment;
  for (int tries = 0; tries < 100 && arguments.find("marac-render") == std::string::npos; ++tries) {
    absl::SleepFor(absl::Milliseconds(20));
    const std::string self = "/proc/self/task/";
    for (const auto& task : std::filesystem::directory_iterator(self)) {
      std::istringstream children(FileOf(task.path().string() + "/children"));
      for (std::string pid; children >> pid;) {
        arguments = FileOf("/proc/" + pid + "/cmdline");
        environment = FileOf("/proc/" + pid + "/environ");
      }
    }
  }
  working.join();
  unsetenv("MARAC_TEST_SECRET");
  EXPECT_THAT(arguments, HasSubstr("test.html"));
  EXPECT_THAT(arguments, Not(HasSubstr("Maria")));
  EXPECT_THAT(environment, StartsWith("LC_ALL="));
  EXPECT_THAT(environment, Not(HasSubstr("Maria")));
}

}  // namespace
}  // namespace marac::render
