#include "tui/content_description.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace fathom::tui {
namespace {

constexpr size_t kLookedAt = 4096;

struct Signature {
  size_t offset;
  std::string_view bytes;
  std::string_view name;
};

using namespace std::string_view_literals;

constexpr Signature kSignatures[] = {
    {0, "\x1f\x8b"sv, "gzip archive"},
    {0, "\x28\xb5\x2f\xfd"sv, "zstd archive"},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "xz archive"},
    {4, "1AY&SY"sv, "bzip2 archive"},
    {0, "\x04\x22\x4d\x18"sv, "lz4 archive"},
    {0, "PK\x03\x04"sv, "zip archive"},
    {0, "PK\x05\x06"sv, "zip archive, empty"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "7-Zip archive"},
    {0, "Rar!\x1a\x07"sv, "RAR archive"},
    {0, "!<arch>\ndebian-binary"sv, "Debian package"},
    {0, "!<arch>\n"sv, "ar archive"},
    {0, "\xed\xab\xee\xdb"sv, "RPM package"},
    {0, "070701"sv, "cpio archive"},
    {0, "070707"sv, "cpio archive"},
    {257, "ustar"sv, "tar archive"},
    {0, "hsqs"sv, "SquashFS image"},
    {0, "\x89PNG\r\n\x1a\n"sv, "PNG image"},
    {0, "\xff\xd8\xff"sv, "JPEG image"},
    {0, "GIF8"sv, "GIF image"},
    {0, "RIFF"sv, "RIFF data"},
    {0, "%PDF-"sv, "PDF document"},
    {0, "SQLite format 3\0"sv, "SQLite database"},
    {0, "\xca\xfe\xba\xbe"sv, "Java class"},
    {0, "\0asm"sv, "WebAssembly module"},
    {0,
     "\x7f"
     "ELF"sv,
     "ELF"},
    {0, "\xde\x12\x04\x95"sv, "gettext catalogue"},
    {0, "\x95\x04\x12\xde"sv, "gettext catalogue"},
    {0, "TZif"sv, "time zone"},
    {0, "wOF2"sv, "WOFF2 font"},
    {0, "\0\1\0\0\0"sv, "TrueType font"},
    {0, "OTTO\0"sv, "OpenType font"},
    {0, "-----BEGIN "sv, "PEM text"},
};

uint16_t Read16(ByteView bytes, size_t at, bool big) {
  return static_cast<uint16_t>(big ? bytes[at] << 8 | bytes[at + 1]
                                   : bytes[at + 1] << 8 | bytes[at]);
}

uint64_t Read(ByteView bytes, size_t at, size_t size, bool big) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    value = value << 8 | bytes[at + (big ? i : size - 1 - i)];
  }
  return value;
}

// What the program headers of ELF tell, as far as they are within `bytes`.
struct Segments {
  bool known = false;  // they were all there
  bool interpreter = false;
  bool dynamic = false;
};

// Where they are is told at 28 or, of 64 bits, 32; their size and count 10 and 12 bytes behind
// the word for flags that follows the offset of the sections.
Segments ReadSegments(ByteView bytes, bool wide, bool big) {
  const size_t header = wide ? 64 : 52;
  if (bytes.size() < header) {
    return {};
  }
  const uint64_t begin = wide ? Read(bytes, 32, 8, big) : Read(bytes, 28, 4, big);
  const uint64_t size = Read16(bytes, wide ? 54 : 42, big);
  const uint64_t count = Read16(bytes, wide ? 56 : 44, big);
  if (begin > bytes.size() || size < 4 || count == 0 || size * count > bytes.size() - begin) {
    return {};
  }
  Segments segments{.known = true};
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t type = Read(bytes, static_cast<size_t>(begin + i * size), 4, big);
    segments.dynamic |= type == 2;
    segments.interpreter |= type == 3;
  }
  return segments;
}

// The header of ELF: class at 4, byte order at 5, type at 16, machine at 18.
std::string DescribeElf(ByteView bytes) {
  if (bytes.size() < 20) {
    return "ELF, cut off";
  }
  const bool big = bytes[5] == 2;
  constexpr std::string_view kTypes[] = {"file", "object", "executable", "shared object", "core"};
  constexpr std::pair<uint16_t, std::string_view> kMachines[] = {
      {3, "x86"},  {8, "MIPS"},    {20, "PowerPC"},  {21, "ppc64"},   {22, "s390x"},
      {40, "arm"}, {62, "x86-64"}, {183, "aarch64"}, {243, "RISC-V"}, {258, "LoongArch"}};
  const uint16_t type = Read16(bytes, 16, big);
  const uint16_t machine = Read16(bytes, 18, big);
  const bool wide = bytes[4] == 2;
  constexpr uint16_t kExecutable = 2;
  constexpr uint16_t kShared = 3;
  const Segments segments = ReadSegments(bytes, wide, big);
  // Executables that can be loaded anywhere have the type of shared objects.
  const bool runs = type == kExecutable || (type == kShared && segments.interpreter);
  std::string text = wide ? "ELF 64-bit " : "ELF 32-bit ";
  text += runs ? kTypes[kExecutable] : type < std::size(kTypes) ? kTypes[type] : "file";
  for (const auto& [number, name] : kMachines) {
    if (number == machine) {
      text.append(", ").append(name);
    }
  }
  if (runs && segments.known) {
    text +=
        segments.interpreter || segments.dynamic ? ", dynamically linked" : ", statically linked";
  }
  return text;
}

// CPython's own: a number that grows with its versions, the end of a line, and flags.
bool IsPythonBytecode(ByteView bytes) {
  if (bytes.size() < 16 || bytes[2] != '\r' || bytes[3] != '\n') {
    return false;
  }
  const uint16_t number = Read16(bytes, 0, false);
  return number >= 3000 && number < 4000 && bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0;
}

// Without the character at the end that the cut went through.
std::string_view WithoutCutCharacter(std::string_view text) {
  for (size_t size = 1; size <= std::min<size_t>(text.size(), 3); ++size) {
    const auto byte = static_cast<unsigned char>(text[text.size() - size]);
    if (byte >= 0xc0) {
      const size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > size ? text.substr(0, text.size() - size) : text;
    }
    if (byte < 0x80) {
      break;
    }
  }
  return text;
}

std::string DescribeText(std::string_view text) {
  if (text.starts_with("#!")) {
    const std::string_view line = text.substr(2, std::min(text.find('\n'), text.size()) - 2);
    const size_t begin = std::min(line.find_first_not_of(' '), line.size());
    return "script, " + Printable(line.substr(begin, 60));
  }
  const bool ascii = std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
  return ascii ? "text, ASCII" : IsUtf8(text) ? "text, UTF-8" : "text";
}

}  // namespace

bool LooksLikeText(ByteView first) {
  std::string_view text(reinterpret_cast<const char*>(first.data()),
                        std::min(first.size(), kLookedAt));
  size_t strange = 0;
  size_t count = 0;
  while (!text.empty()) {
    const Utf8Character character = FrontCharacter(text);
    const bool control =
        character.length == 1 && character.code < 0x20 &&
        !std::string_view("\t\n\r\f\b\x1b").contains(static_cast<char>(character.code));
    if (text[0] == '\0') {
      return false;
    }
    // The last character may have been cut off.
    strange += control || (character.length == 0 && text.size() >= 4) ? 1 : 0;
    ++count;
    text.remove_prefix(std::max<size_t>(character.length, 1));
  }
  return strange * 20 <= count;
}

std::string DescribeContent(ByteView first, uint64_t size) {
  if (size == 0) {
    return "empty";
  }
  const std::string_view text(reinterpret_cast<const char*>(first.data()),
                              std::min(first.size(), kLookedAt));
  for (const Signature& signature : kSignatures) {
    if (text.size() >= signature.offset &&
        text.substr(signature.offset).starts_with(signature.bytes)) {
      return signature.name == "ELF" ? DescribeElf(first) : std::string(signature.name);
    }
  }
  // Too short to say it of a text.
  if (text.starts_with("MZ") && !LooksLikeText(first)) {
    return "Windows executable";
  }
  if (IsPythonBytecode(first)) {
    return "Python bytecode";
  }
  const bool cut = text.size() < size;
  return LooksLikeText(first) ? DescribeText(cut ? WithoutCutCharacter(text) : text) : "data";
}

}  // namespace fathom::tui
