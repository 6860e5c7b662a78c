#include "tests/support/tar_block.h"

#include <algorithm>
#include <stdexcept>

namespace fathom::testing {

void HeaderBlock::SetText(Field field, std::string_view text) {
  if (text.size() > field.width) {
    throw std::invalid_argument("does not fit in a tar header: " + std::string(text));
  }
  std::copy(text.begin(), text.end(), block_.begin() + static_cast<std::ptrdiff_t>(field.offset));
}

void HeaderBlock::SetOctal(Field field, uint64_t value) {
  if (!FitsOctal(field, static_cast<int64_t>(value))) {
    throw std::invalid_argument("too large for a tar header: " + std::to_string(value));
  }
  for (size_t i = field.width - 1; i-- > 0; value >>= 3) {
    block_[field.offset + i] = static_cast<char>('0' + (value & 7));
  }
}

void HeaderBlock::SetNumber(Field field, int64_t value) {
  if (FitsOctal(field, value)) {
    SetOctal(field, static_cast<uint64_t>(value));
    return;
  }
  const bool negative = value < 0;
  for (size_t i = field.width; i-- > 0; value >>= 8) {
    block_[field.offset + i] = static_cast<char>(value & 0xff);
  }
  block_[field.offset] = static_cast<char>(negative ? 0xff : 0x80);
}

std::string HeaderBlock::Seal() {
  SetText(kChecksum, "        ");
  uint64_t sum = 0;
  for (char c : block_) {
    sum += static_cast<unsigned char>(c);
  }
  SetOctal({kChecksum.offset, 7}, sum);
  block_[kChecksum.offset + 6] = '\0';
  return block_;
}

bool FitsOctal(Field field, int64_t value) {
  return value >= 0 && (static_cast<uint64_t>(value) >> (3 * (field.width - 1))) == 0;
}

std::string Padded(std::string content) {
  content.resize((content.size() + kBlockSize - 1) / kBlockSize * kBlockSize, '\0');
  return content;
}

std::string PaxRecord(std::string_view keyword, std::string_view value) {
  const size_t rest = keyword.size() + value.size() + 3;  // ' ', '=', '\n'
  size_t total = rest;
  while (total != rest + std::to_string(total).size()) {
    total = rest + std::to_string(total).size();
  }
  std::string record = std::to_string(total);
  record.append(" ").append(keyword).append("=").append(value).append("\n");
  return record;
}

std::string PaxHeader(char type, const std::string& about, const std::string& records) {
  const std::string base = about.substr(about.find_last_of('/') + 1);
  HeaderBlock header;
  header.SetText(kName, ("PaxHeaders.0/" + base).substr(0, kName.width - 1));
  header.SetOctal(kMode, 0644);
  header.SetOctal(kUid, 0);
  header.SetOctal(kGid, 0);
  header.SetOctal(kSize, records.size());
  header.SetOctal(kMtime, 0);
  header.SetByte(kType.offset, type);
  header.SetText(kMagic, kUstarMagic);
  return header.Seal() + Padded(records);
}

}  // namespace fathom::testing
