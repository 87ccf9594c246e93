#include "cli/qr_code.h"

#include <qrencode.h>

#include <memory>

#include "base/secret.h"

namespace marac::cli {
namespace {

// Modules of light around it, as readers want.
constexpr int kQuietZone = 4;
constexpr char kWhiteOnBlack[] = "\x1b[40;97m";
constexpr char kColoursAsBefore[] = "\x1b[0m";

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

std::string QrCodeText(std::string_view text) {
  std::string terminated(text);
  const std::unique_ptr<QRcode, Free> code(
      QRcode_encodeString8bit(terminated.c_str(), /*version=*/0, QR_ECLEVEL_M));
  WipeString(terminated);
  if (code == nullptr) return {};
  const auto is_light = [&](int row, int column) {
    const bool inside = row >= 0 && row < code->width && column >= 0 && column < code->width;
    return !inside || (code->data[row * code->width + column] & 1) == 0;
  };
  std::string drawn;
  for (int row = -kQuietZone; row < code->width + kQuietZone; row += 2) {
    drawn += kWhiteOnBlack;
    for (int column = -kQuietZone; column < code->width + kQuietZone; ++column) {
      const bool upper = is_light(row, column);
      const bool lower = is_light(row + 1, column);
      drawn += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    drawn += kColoursAsBefore;
    drawn += '\n';
  }
  return drawn;
}

}  // namespace marac::cli
