// The bank-holiday files of the tree, for tests.
#ifndef MARAC_TESTS_SUPPORT_CALENDARS_H_
#define MARAC_TESTS_SUPPORT_CALENDARS_H_

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "domain/text_proto.h"
#include "domain/working_days.h"
#include "tests/support/source_path.h"

namespace marac::testing {

// The message of schema/calendars/NAME.textproto.
inline v1::BankHolidayCalendar ReadCalendar(const std::string& name) {
  std::ifstream file(SourcePath("schema/calendars/" + name + ".textproto"));
  std::stringstream text;
  text << file.rdbuf();
  v1::BankHolidayCalendar calendar;
  absl::Status read = domain::ParseTextProto(text.str(), name, calendar);
  EXPECT_TRUE(read.ok()) << read;
  return calendar;
}

// The working days of that file. Ends the test program when the file is not good.
inline domain::WorkingDays Calendar(const std::string& name) {
  return domain::WorkingDays::Create(ReadCalendar(name)).value();
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_CALENDARS_H_
