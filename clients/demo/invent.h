// Invented people: names of many origins, addresses that cannot exist, telephone numbers that Ofcom keeps for
// drama, NHS numbers of the range that is never given out.
#ifndef MARAC_DEMO_INVENT_H_
#define MARAC_DEMO_INVENT_H_

#include <set>
#include <string>
#include <string_view>

#include "demo/random.h"
#include "domain/local_date.h"
#include "marac/v1/party.pb.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/values.pb.h"

namespace marac::demo {

enum class Gender { kWoman, kMan, kNonBinary };

// A group of origins that share names and a word for ethnicity.
struct Origin {
  const char* ethnicity;
  bool minority;  // not "White" in the census's sense
};

class Inventor {
 public:
  explicit Inventor(uint64_t seed) : random_(seed, /*stream=*/7) {}

  // An origin that is, or is not, of an ethnic minority.
  const Origin& PickOrigin(bool minority);
  // A full name that nobody else has.
  std::string Name(const Origin& origin, Gender gender);
  // A child's, with a family name of the household.
  std::string ChildName(const Origin& origin, const std::string& parent_name);
  v1::Address Address();
  std::string Mobile();    // 07700 900xxx
  std::string Landline();  // 01632 960xxx
  // Ten digits with a right check digit, of the range beginning 999, which is never given out.
  std::string NhsNumber();
  domain::LocalDate BirthDate(domain::LocalDate today, int age_min, int age_max);
  std::string School(int age);
  Random& random() { return random_; }

 private:
  Random random_;
  std::set<std::string> names_;
};

// Whether this word for ethnicity, as Origin has it, is an ethnic minority's.
bool IsMinority(std::string_view ethnicity);

v1::Text Said(std::string text);
v1::Text NotSaid(v1::Unknown why);
v1::DayAnswer On(const domain::LocalDate& day);
// The part of a name before the first space.
std::string GivenName(const std::string& name);

}  // namespace marac::demo

#endif  // MARAC_DEMO_INVENT_H_
