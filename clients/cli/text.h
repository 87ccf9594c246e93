// Text on a terminal: how wide it is, what of it is safe to show, and tables that fit.
#ifndef MARAC_CLI_TEXT_H_
#define MARAC_CLI_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace marac::cli {

// Nothing that marac prints for people is wider.
inline constexpr int kColumnsMax = 100;

// `text` without anything that a terminal would obey or that would show it in another order than it is
// stored: control characters and bidirectional overrides become U+FFFD, and so does what is not UTF-8. What
// somebody else typed must not move this person's cursor. Line feeds stay.
std::string Printable(std::string_view text);

// Columns that a line of printable text takes: none for marks, two for wide characters.
int DisplayWidth(std::string_view text);

// The lines of `text`, each at most `width` wide, broken between words; a longer word is broken behind a
// hyphen, or else anywhere. At least one line. `width` is at least 2.
std::vector<std::string> WrapLines(std::string_view text, int width);

// A paragraph: WrapLines, `indent` spaces before each line, a line feed after each.
std::string Paragraph(std::string_view text, int indent = 0);

// "name: value" with the value wrapped under itself.
std::string Labelled(std::string_view label, std::string_view value, int indent);

// A table with a header. Columns are as wide as their widest cell as long as the table fits; then those that
// may wrap give way, and nothing is ever left out.
class Table {
 public:
  struct Column {
    std::string title;
    bool wraps = true;  // false for identifiers, which are copied by hand
  };

  explicit Table(std::vector<Column> columns);
  // As many cells as columns.
  void AddRow(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  std::string Render() const;

 private:
  std::vector<int> Widths() const;
  // The widest of what stands between any of `ends`.
  int LongestWord(size_t column, std::string_view ends) const;

  const std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace marac::cli

#endif  // MARAC_CLI_TEXT_H_
