#include "base/ids.h"

#include <sodium.h>

namespace marac {

std::string IdFromBytes(const unsigned char (&bytes)[16]) {
  static constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string id;
  id.reserve(26);
  unsigned buffer = 0;
  int bits = 0;
  for (unsigned char byte : bytes) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) id.push_back(kAlphabet[(buffer >> (bits - 5)) & 31]);
    buffer &= 31;
  }
  id.push_back(kAlphabet[(buffer << (5 - bits)) & 31]);
  return id;
}

std::string IdSource::NewId() {
  unsigned char bytes[16];
  randombytes_buf(bytes, sizeof bytes);
  return IdFromBytes(bytes);
}

}  // namespace marac
