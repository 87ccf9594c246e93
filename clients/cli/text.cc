#include "cli/text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>

namespace marac::cli {
namespace {

constexpr int kGap = 2;
constexpr int kWrappedWidthLeast = 6;
constexpr int kWordWidthMost = 24;

// Calls `each` with every code point (negative: not UTF-8) and the bytes it came from.
void ForEachCodePoint(std::string_view text, const std::function<void(UChar32, std::string_view)>& each) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    const int32_t start = i;
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    each(c, text.substr(static_cast<size_t>(start), static_cast<size_t>(i - start)));
  }
}

bool IsObeyed(UChar32 c) {
  switch (u_charType(c)) {
    case U_CONTROL_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_PRIVATE_USE_CHAR:
    case U_SURROGATE:
      return true;
    default:
      // Embeddings, overrides, isolates and marks of direction.
      return u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) != 0;
  }
}

int WidthOf(UChar32 c) {
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return 0;
    default:
      break;
  }
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

std::string Padded(const std::string& text, int width) {
  return text + std::string(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
}

void TrimRight(std::string& text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
}

// `word` in pieces of at most `width`, broken behind its hyphens where that is enough.
std::vector<std::string> Pieces(std::string_view word, int width) {
  std::vector<std::string> pieces(1);
  int used = 0;
  const auto add = [&](std::string_view bytes, int more) {
    if (used > 0 && used + more > width) {
      pieces.emplace_back();
      used = 0;
    }
    pieces.back() += bytes;
    used += more;
  };
  for (size_t at = 0; at < word.size();) {
    const size_t hyphen = word.find('-', at);
    const size_t end = hyphen == std::string_view::npos ? word.size() : hyphen + 1;
    const std::string_view part = word.substr(at, end - at);
    if (const int wide = DisplayWidth(part); wide <= width) {
      add(part, wide);
    } else {
      ForEachCodePoint(part, [&](UChar32 c, std::string_view bytes) { add(bytes, c < 0 ? 1 : WidthOf(c)); });
    }
    at = end;
  }
  return pieces;
}

void WrapOneLine(std::string_view text, int width, std::vector<std::string>& lines) {
  std::string line;
  int used = 0;
  const auto put = [&](const std::string& word) {
    const int wide = DisplayWidth(word);
    if (used > 0 && used + 1 + wide > width) {
      lines.push_back(std::exchange(line, {}));
      used = 0;
    }
    if (used > 0) {
      line += ' ';
      ++used;
    }
    line += word;
    used += wide;
  };
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) {
      for (const std::string& piece : Pieces(text.substr(at, end - at), width)) put(piece);
    }
    at = end + 1;
  }
  lines.push_back(line);
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  ForEachCodePoint(text, [&](UChar32 c, std::string_view bytes) {
    if (c == '\n') {
      printable += '\n';
    } else if (c == '\t') {
      printable += ' ';
    } else if (c < 0 || IsObeyed(c)) {
      printable += "\xEF\xBF\xBD";
    } else {
      printable += bytes;
    }
  });
  return printable;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  ForEachCodePoint(text, [&](UChar32 c, std::string_view) { width += c < 0 ? 1 : WidthOf(c); });
  return width;
}

std::vector<std::string> WrapLines(std::string_view text, int width) {
  assert(width >= 2);
  const std::string printable = Printable(text);
  std::vector<std::string> lines;
  for (size_t at = 0; at <= printable.size();) {
    const size_t end = std::min(printable.find('\n', at), printable.size());
    WrapOneLine(std::string_view(printable).substr(at, end - at), width, lines);
    at = end + 1;
  }
  // A text that ends with a line feed has no line after it.
  if (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string Paragraph(std::string_view text, int indent) {
  std::string paragraph;
  for (const std::string& line : WrapLines(text, kColumnsMax - indent)) {
    paragraph += std::string(static_cast<size_t>(indent), ' ') + line + '\n';
  }
  return paragraph;
}

std::string Labelled(std::string_view label, std::string_view value, int indent) {
  constexpr int kValueColumn = 28;
  std::string head = std::string(static_cast<size_t>(indent), ' ') + Printable(label) + ": ";
  const int column = std::max(kValueColumn, DisplayWidth(head));
  std::string text;
  for (const std::string& line : WrapLines(value, kColumnsMax - column)) {
    text += Padded(std::exchange(head, {}), column) + line;
    TrimRight(text);
    text += '\n';
  }
  return text;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::AddRow(const std::vector<std::string>& cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(cells);
  for (std::string& cell : rows_.back()) cell = Printable(cell);
}

int Table::LongestWord(size_t column, std::string_view ends) const {
  int longest = std::max(kWrappedWidthLeast, DisplayWidth(columns_[column].title));
  for (const std::vector<std::string>& row : rows_) {
    const std::string_view cell = row[column];
    for (size_t at = 0; at <= cell.size();) {
      const size_t end = std::min(cell.find_first_of(ends, at), cell.size());
      // A hyphen stays with what is before it.
      const bool hyphen = end < cell.size() && cell[end] == '-';
      const int width = DisplayWidth(cell.substr(at, end - at)) + (hyphen ? 1 : 0);
      // What is longer than any name, a link for instance, may be broken.
      if (width <= kWordWidthMost) longest = std::max(longest, width);
      at = end + 1;
    }
  }
  return longest;
}

std::vector<int> Table::Widths() const {
  std::vector<int> widths;
  std::vector<int> longest_words;
  std::vector<int> longest_parts;
  for (size_t column = 0; column < columns_.size(); ++column) {
    int width = DisplayWidth(columns_[column].title);
    for (const std::vector<std::string>& row : rows_) {
      for (size_t at = 0; at <= row[column].size();) {
        const size_t end = std::min(row[column].find('\n', at), row[column].size());
        width = std::max(width, DisplayWidth(std::string_view(row[column]).substr(at, end - at)));
        at = end + 1;
      }
    }
    widths.push_back(width);
    longest_words.push_back(std::min(width, LongestWord(column, " \n")));
    longest_parts.push_back(std::min(width, LongestWord(column, " \n-")));
  }
  const int gaps = kGap * (static_cast<int>(columns_.size()) - 1);
  // The widest column that may wrap gives a column at a time, so that narrow ones are left whole; identifiers
  // give way only when nothing else can.
  const auto shrink = [&](bool wraps, const std::vector<int>& least) {
    while (std::accumulate(widths.begin(), widths.end(), gaps) > kColumnsMax) {
      int widest = -1;
      for (size_t column = 0; column < columns_.size(); ++column) {
        if (columns_[column].wraps == wraps && widths[column] > least[column] &&
            (widest < 0 || widths[column] > widths[static_cast<size_t>(widest)])) {
          widest = static_cast<int>(column);
        }
      }
      if (widest < 0) return;
      --widths[static_cast<size_t>(widest)];
    }
  };
  // A name is broken inside a word only where the words alone are too wide, and then at its hyphens first.
  shrink(/*wraps=*/true, longest_words);
  shrink(/*wraps=*/true, longest_parts);
  const std::vector<int> narrow(columns_.size(), kWrappedWidthLeast);
  shrink(/*wraps=*/true, narrow);
  shrink(/*wraps=*/false, narrow);
  return widths;
}

std::string Table::Render() const {
  const std::vector<int> widths = Widths();
  std::string text;
  const auto render = [&](const std::vector<std::string>& cells) {
    std::vector<std::vector<std::string>> lines;
    size_t height = 1;
    for (size_t column = 0; column < cells.size(); ++column) {
      lines.push_back(WrapLines(cells[column], std::max(2, widths[column])));
      height = std::max(height, lines.back().size());
    }
    for (size_t line = 0; line < height; ++line) {
      for (size_t column = 0; column < cells.size(); ++column) {
        if (column > 0) text += std::string(kGap, ' ');
        text += Padded(line < lines[column].size() ? lines[column][line] : "", widths[column]);
      }
      TrimRight(text);
      text += '\n';
    }
  };
  std::vector<std::string> titles;
  std::vector<std::string> rules;
  for (size_t column = 0; column < columns_.size(); ++column) {
    titles.push_back(columns_[column].title);
    rules.emplace_back(static_cast<size_t>(widths[column]), '-');
  }
  render(titles);
  render(rules);
  for (const std::vector<std::string>& row : rows_) render(row);
  return text;
}

}  // namespace marac::cli
