#include "demo/invent.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace marac::demo {
namespace {

struct Names {
  Origin origin;
  std::vector<const char*> women;
  std::vector<const char*> men;
  std::vector<const char*> families;
};

const std::vector<Names>& AllNames() {
  static const auto& names = *new std::vector<Names>{
      {{"White British", false},
       {"Abigail", "Bethan", "Claire", "Donna",  "Eleri", "Fiona", "Gemma",  "Heather", "Isla",   "Joanne",
        "Kirsty",  "Lorna",  "Megan",  "Nicola", "Pippa", "Rhian", "Shauna", "Tracey",  "Verity", "Wendy"},
       {"Aled",  "Barry", "Craig",  "Dean", "Euan", "Fraser", "Gareth", "Howard", "Ian",    "Jamie",
        "Keith", "Lee",   "Martin", "Neil", "Owen", "Paul",   "Rhys",   "Stuart", "Trevor", "Wayne"},
       {"Ashgrove",   "Birchley",  "Cotterham",  "Dunmere",    "Elmshaw",   "Fenwright",
        "Garsdale",   "Hexwood",   "Inglethorp", "Jessamer",   "Kelloway",  "Larkhill",
        "Marchbanks", "Netherby",  "Oakshott",   "Pellingham", "Quarmsley", "Ravensdale",
        "Saltmarsh",  "Thornbeck", "Underhay",   "Wexcombe",   "Yarrowby"}},
      {{"White Irish", false},
       {"Aoife", "Ciara", "Deirdre", "Grainne", "Niamh", "Roisin"},
       {"Cathal", "Declan", "Fergus", "Oisin", "Padraig", "Ronan"},
       {"Ballinor", "Carrigmore", "Dunleary-Foy", "Kilbrackan", "O'Tarrahan", "Giollafrae"}},
      {{"Any other White background", false},
       {"Agnieszka", "Beata", "Carmen", "Daniela", "Elena", "Ilona", "Magdalena", "Oksana", "Raluca",
        "Sofia"},
       {"Andrei", "Bogdan", "Dragos", "Jakub", "Luis", "Marek", "Nuno", "Stefan", "Tomasz", "Viktor"},
       {"Albescu", "Brzezicka", "Czarnolas", "Dobrogean", "Ferraz-Lima", "Kowalinska", "Moldovar",
        "Petrauskis", "Szumowska", "Vasquelho"}},
      {{"Black African", true},
       {"Abena", "Adaeze", "Chiamaka", "Folake", "Makena", "Rutendo", "Sagal", "Thandiwe", "Wairimu", "Zola"},
       {"Babatunde", "Chidi", "Emeka", "Farai", "Guled", "Kwabena", "Lindani", "Mwangi", "Sekou", "Tendai"},
       {"Adebonojo", "Chukwuemira", "Dlaminza", "Gathumbi", "Hersifar", "Mensahene", "Nkrumbe", "Okonjara",
        "Tembowa"}},
      {{"Black Caribbean", true},
       {"Chantelle", "Denise", "Jacinth", "Marva", "Shanice"},
       {"Delroy", "Errol", "Leroy", "Marlon", "Winston"},
       {"Bellefond", "Cassimere", "Dacresby", "Grantley-Moss", "Pottinham"}},
      {{"Indian", true},
       {"Anjali", "Deepika", "Harpreet", "Jaswinder", "Lakshmi", "Meera", "Nandini", "Simran"},
       {"Arjun", "Balvinder", "Dinesh", "Gurdeep", "Kiran", "Manoj", "Rakesh", "Vikram"},
       {"Bhattarwal", "Chandrekar", "Dhillonpur", "Gillandeep", "Iyerson", "Nairanath", "Patelwadi"}},
      {{"Pakistani", true},
       {"Aisha", "Bushra", "Farzana", "Hina", "Nasreen", "Saima", "Zara"},
       {"Adeel", "Bilal", "Faisal", "Imran", "Kamran", "Tariq", "Usman"},
       {"Akhtarwal", "Chaudhrani", "Durranpur", "Mirzabek", "Qureshabad", "Rajputal"}},
      {{"Bangladeshi", true},
       {"Farhana", "Jahanara", "Rokeya", "Salma", "Taslima"},
       {"Abdur", "Habib", "Kamal", "Mizan", "Shafiq"},
       {"Ahmedpur", "Begumganj", "Chowdharia", "Mollahat", "Talukdarin"}},
      {{"Chinese", true},
       {"Lian", "Mei", "Xiu", "Yan"},
       {"Bo", "Jun", "Kai", "Wei"},
       {"Cheungfa", "Lauwing", "Tsoiman", "Zhaoling"}},
      {{"Arab", true},
       {"Amal", "Hanan", "Layla", "Rasha"},
       {"Hassan", "Karim", "Omar", "Samir"},
       {"al-Barazani", "Darwishan", "Haddadin-Noor", "Khalilat"}},
      {{"Mixed White and Black Caribbean", true},
       {"Aaliyah", "Jade", "Keisha", "Naomi", "Tiana"},
       {"Ashton", "Jermaine", "Kieran", "Nathaniel", "Reece"},
       {"Arkwell", "Brayfield", "Cliffden", "Summerby"}},
      {{"Any other Asian background", true},
       {"Dilnoza", "Fatemeh", "Kalpana", "Maricel", "Nguyet"},
       {"Bishal", "Farhad", "Minh", "Reza", "Rommel"},
       {"Dang-Thuy", "Gurungal", "Rajabzade", "Santosilva", "Tamangir"}},
  };
  return names;
}

constexpr std::array kStreets = {
    "Bellwether Close", "Cinderpath Row",   "Dovecote Rise",    "Emberly Walk",    "Foxholm Terrace",
    "Gossamer Lane",    "Hobbin's Yard",    "Ivorygate",        "Kestrelmead",     "Lanternfield Road",
    "Millwheel Place",  "Nettlebank Drive", "Ostlers Turn",     "Pennywort Way",   "Quillers End",
    "Rookwater Avenue", "Sallowfield",      "Tollbridge Court", "Umberleigh Gate", "Wyvern Crescent"};
constexpr std::array kNurseries = {"Acorn Steps Nursery", "Little Wrens Nursery", "Puddleduck Pre-School"};
constexpr std::array kPrimaries = {"Larkfold Primary School", "Sallowfield First School",
                                   "St Eanswyth's Primary School", "Tollbridge Junior School",
                                   "Emberly Primary School"};
constexpr std::array kSecondaries = {"Foxholm Academy", "Ravenspool School", "Lanternfield Academy",
                                     "The Umberleigh School"};

const Names& NamesOf(const Origin& origin) {
  for (const Names& names : AllNames()) {
    if (names.origin.ethnicity == origin.ethnicity) return names;
  }
  return AllNames().front();
}

}  // namespace

const Origin& Inventor::PickOrigin(bool minority) {
  std::vector<const Origin*> fitting;
  for (const Names& names : AllNames()) {
    if (names.origin.minority == minority) fitting.push_back(&names.origin);
  }
  // Most of the majority are White British.
  if (!minority && random_.Percent(75)) return *fitting.front();
  return *random_.Pick(fitting);
}

std::string Inventor::Name(const Origin& origin, Gender gender) {
  const Names& names = NamesOf(origin);
  const bool womans = gender == Gender::kWoman || (gender == Gender::kNonBinary && random_.Percent(50));
  std::string name;
  // Some hundreds of combinations an origin; a second family name makes room for more.
  for (int tries = 0; tries == 0 || names_.contains(name); ++tries) {
    name = fmt::format("{} {}", random_.Pick(womans ? names.women : names.men), random_.Pick(names.families));
    if (tries > 20) name += fmt::format("-{}", random_.Pick(names.families));
  }
  names_.insert(name);
  return name;
}

std::string Inventor::ChildName(const Origin& origin, const std::string& parent_name) {
  const Names& names = NamesOf(origin);
  const std::string given = random_.Pick(random_.Percent(50) ? names.women : names.men);
  const std::string family = parent_name.substr(parent_name.rfind(' ') + 1);
  std::string name = fmt::format("{} {}", given, family);
  // A namesake gets further given names until nobody shares them.
  while (names_.contains(name)) {
    name.insert(name.rfind(' '),
                fmt::format(" {}", random_.Pick(random_.Percent(50) ? names.women : names.men)));
  }
  names_.insert(name);
  return name;
}

v1::Address Inventor::Address() {
  v1::Address address;
  *address.mutable_lines() = Said(fmt::format("{} {}", random_.Between(1, 180), random_.Pick(kStreets)));
  // No delivery office has MK99.
  *address.mutable_postcode() =
      Said(fmt::format("MK99 {}{}{}", random_.Between(1, 9), static_cast<char>('A' + random_.Below(26)),
                       static_cast<char>('A' + random_.Below(26))));
  return address;
}

std::string Inventor::Mobile() { return fmt::format("07700 900{:03}", random_.Below(1000)); }
std::string Inventor::Landline() { return fmt::format("01632 960{:03}", random_.Below(1000)); }

std::string Inventor::NhsNumber() {
  for (;;) {
    const std::string nine = fmt::format("999{:06}", random_.Below(1'000'000));
    int sum = 0;
    for (int i = 0; i < 9; ++i) sum += (nine[static_cast<size_t>(i)] - '0') * (10 - i);
    const int check = (11 - sum % 11) % 11;
    if (check != 10) return nine + std::to_string(check);
  }
}

domain::LocalDate Inventor::BirthDate(domain::LocalDate today, int age_min, int age_max) {
  const int days = random_.Between(age_min * 365 + age_min / 4 + 1, (age_max + 1) * 365 - 1);
  return today.AddDays(-days);
}

std::string Inventor::School(int age) {
  if (age < 5) return random_.Pick(kNurseries);
  if (age < 12) return random_.Pick(kPrimaries);
  return random_.Pick(kSecondaries);
}

bool IsMinority(std::string_view ethnicity) {
  return std::ranges::any_of(AllNames(), [&](const Names& names) {
    return names.origin.minority && names.origin.ethnicity == ethnicity;
  });
}

v1::Text Said(std::string text) {
  v1::Text said;
  said.set_value(std::move(text));
  return said;
}

v1::Text NotSaid(v1::Unknown why) {
  v1::Text unknown;
  unknown.set_unknown(why);
  return unknown;
}

v1::DayAnswer On(const domain::LocalDate& day) {
  v1::DayAnswer answer;
  *answer.mutable_day() = day.ToDay();
  return answer;
}

std::string GivenName(const std::string& name) { return name.substr(0, name.find(' ')); }

}  // namespace marac::demo
