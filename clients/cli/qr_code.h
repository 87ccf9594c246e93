// QR codes for a telephone to read off a terminal.
#ifndef MARAC_CLI_QR_CODE_H_
#define MARAC_CLI_QR_CODE_H_

#include <string>
#include <string_view>

namespace marac::cli {

// Drawn in half blocks, two rows a line, light on dark whatever the terminal's own colours are. Empty when
// the text fits no code.
std::string QrCodeText(std::string_view text);

}  // namespace marac::cli

#endif  // MARAC_CLI_QR_CODE_H_
