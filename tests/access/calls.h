// One request a method, naming records that are there, and a way to send it whatever its type.
#ifndef MARAC_TESTS_ACCESS_CALLS_H_
#define MARAC_TESTS_ACCESS_CALLS_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/access/world.h"

namespace marac::testing {

// What a call uses up when it goes well, so that the next one finds things as they were.
enum class Spends { kNothing, kStory, kActions, kSignature, kMeeting, kSession, kAccess };

struct Call {
  std::string method;  // "ReferralService/GetReferral"
  std::vector<rules::Stage> stages;
  // The request's field that names the record it is about, "referral.name", or the first of a repeated one;
  // empty: about none.
  std::string subject;
  Spends spends = Spends::kNothing;
  std::function<std::unique_ptr<google::protobuf::Message>(World&, Story&, Person&)> request;
};

// Whether the caller is to be proved anew before it (security.md 2.3).
bool WantsProof(const Call& call);

// Every call of the matrix; a method may have more than one, for different stages.
std::span<const Call> Calls();

// Whether what the call is about is a case (a referral, or anything that comes of it), and not a meeting.
bool IsAboutACase(const Call& call);

struct Answer {
  absl::Status status;
  std::unique_ptr<google::protobuf::Message> body;
  std::string details;   // of an error, as sent
  std::string bytes;     // the answer, as sent
  std::string metadata;  // what came before and after it
};

// Sends it as `client` through grpc::GenericStub, as a program without our stubs would.
Answer Send(const Client& client, const std::string& method, const google::protobuf::Message& request);
// Sends it to both servers of a client with a twin.
std::pair<Answer, Answer> SendToBoth(const Client& client, const std::string& method,
                                     const google::protobuf::Message& request);

// The method's descriptor; ends the test program when there is none.
const google::protobuf::MethodDescriptor& MethodOf(const std::string& method);

// Names the subject, or another that is as well formed and that nobody has.
std::string SubjectOf(const Call& call, const google::protobuf::Message& request);
void SetSubject(const Call& call, google::protobuf::Message& request, const std::string& name);
std::string AbsentLike(const std::string& name);

}  // namespace marac::testing

#endif  // MARAC_TESTS_ACCESS_CALLS_H_
