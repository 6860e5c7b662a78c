#include "layer/file_kind.h"

#include <algorithm>

namespace fathom::layer {
namespace {

using namespace std::string_view_literals;

struct Signature {
  size_t offset;
  std::string_view bytes;
};

// Archives and compressed files, by their formats' own specifications.
constexpr std::array kArchives = {
    Signature{0, "\x1f\x8b"sv},  // gzip
    Signature{0, "BZh"sv},       // bzip2
    Signature{0,
              "\xfd"
              "7zXZ\0"sv},                 // xz
    Signature{0, "\x28\xb5\x2f\xfd"sv},    // zstd
    Signature{0, "\x04\x22\x4d\x18"sv},    // lz4
    Signature{0, "PK\x03\x04"sv},          // zip, jar, wheel
    Signature{0, "PK\x05\x06"sv},          // empty zip
    Signature{0, "!<arch>\n"sv},           // ar: static libraries, deb
    Signature{0, "7z\xbc\xaf\x27\x1c"sv},  // 7-Zip
    Signature{0, "\xed\xab\xee\xdb"sv},    // rpm
    Signature{0, "070701"sv},              // cpio
    Signature{257, "ustar"sv},             // tar
};

bool Has(ByteView bytes, const Signature& signature) {
  return bytes.size() >= signature.offset + signature.bytes.size() &&
         AsText(bytes).substr(signature.offset, signature.bytes.size()) == signature.bytes;
}

// No control characters but those that texts have; bytes above 127 are some encoding's letters.
bool LooksLikeText(ByteView bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) {
    return byte >= 0x20 ? byte != 0x7f : (byte >= '\b' && byte <= '\r') || byte == 0x1b;
  });
}

class FileKindObserver final : public ContentObserver {
 public:
  uint64_t Wants(const ObservedFile&) override { return kFileKindBytes; }

  void See(const ObservedFile& file, ByteView content) override {
    kinds_.resize(file.id + 1);
    kinds_[file.id] = static_cast<char>(ClassifyFile(content));
  }

  std::string Finish(const LayerIndex& index) override {
    kinds_.resize(index.entry_count());
    return std::move(kinds_);
  }

 private:
  std::string kinds_;
};

}  // namespace

std::string_view FileKindName(FileKind kind) {
  switch (kind) {
    case FileKind::kText:
      return "text";
    case FileKind::kElf:
      return "elf";
    case FileKind::kArchive:
      return "archive";
    case FileKind::kScript:
      return "script";
    default:
      return "other";
  }
}

FileKind ClassifyFile(ByteView first_bytes) {
  if (Has(first_bytes, {0,
                        "\x7f"
                        "ELF"sv})) {
    return FileKind::kElf;
  }
  if (Has(first_bytes, {0, "#!"sv})) {
    return FileKind::kScript;
  }
  if (std::ranges::any_of(kArchives, [&](const Signature& s) { return Has(first_bytes, s); })) {
    return FileKind::kArchive;
  }
  return LooksLikeText(first_bytes) ? FileKind::kText : FileKind::kOther;
}

FacetKind FileKindFacet() {
  return {"file-kind", 1, [] { return std::make_unique<FileKindObserver>(); }};
}

}  // namespace fathom::layer
