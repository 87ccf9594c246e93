// Reading a PDF back, by the tools of poppler-utils.
#ifndef MARAC_TESTS_SUPPORT_PDF_H_
#define MARAC_TESTS_SUPPORT_PDF_H_

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace marac::testing {

// What `command` prints of the PDF, with FILE for its name.
inline std::string ToolOnPdf(const std::string& pdf, std::string command) {
  std::string path = (std::filesystem::temp_directory_path() / "marac-pdf-XXXXXX").string();
  const int fd = mkstemp(path.data());
  EXPECT_EQ(write(fd, pdf.data(), pdf.size()), static_cast<ssize_t>(pdf.size()));
  close(fd);
  command.replace(command.find("FILE"), 4, path);
  FILE* pipe = popen(command.c_str(), "r");
  std::string printed;
  char buffer[4096];
  while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) printed.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  unlink(path.c_str());
  return printed;
}

// The text of each page, in the order in which it is read.
inline std::vector<std::string> PagesOfPdf(const std::string& pdf) {
  std::istringstream text(ToolOnPdf(pdf, "pdftotext FILE -"));
  std::vector<std::string> pages;
  for (std::string page; std::getline(text, page, '\f');) pages.push_back(page);
  return pages;
}

struct PdfWord {
  std::string text;
  double height = 0;  // of a line of its font, in points
};

// Every word of every page.
inline std::vector<PdfWord> WordsOfPdf(const std::string& pdf) {
  std::istringstream lines(ToolOnPdf(pdf, "pdftotext -bbox FILE -"));
  std::vector<PdfWord> words;
  for (std::string line; std::getline(lines, line);) {
    double top = 0;
    double bottom = 0;
    const size_t at = line.find("<word ");
    if (at == std::string::npos) continue;
    EXPECT_EQ(std::sscanf(line.c_str() + at, "<word xMin=\"%*f\" yMin=\"%lf\" xMax=\"%*f\" yMax=\"%lf\"",
                          &top, &bottom),
              2)
        << line;
    const size_t begin = line.find('>', at) + 1;
    words.push_back({line.substr(begin, line.find("</word>", begin) - begin), bottom - top});
  }
  return words;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_PDF_H_
