#include "archive/tar_reader.h"

#include <algorithm>

namespace fathom::archive {
namespace {

std::unexpected<Error> EndsEarly(uint64_t offset) {
  return Fail(Code::kCorrupt, "the archive ends early, at byte {}", offset);
}

}  // namespace

Status TarReader::PassContent() {
  const uint64_t rest = content_left_ + padding_;
  TRY_ASSIGN(const uint64_t passed, source_.Skip(rest));
  // A seek past the end of a file goes unnoticed here; the next block will be missing.
  if (passed < content_left_) {
    return Fail(Code::kCorrupt, "the archive ends early, {} bytes before the end of '{}'",
                content_left_ - passed, parser_.entry().path.substr(0, 200));
  }
  content_left_ = padding_ = 0;
  return {};
}

Result<const TarEntry*> TarReader::Next() {
  if (in_entry_) {
    TRY(PassContent());
    in_entry_ = false;
  }
  std::array<uint8_t, kTarBlock> block;
  while (true) {
    TRY_ASSIGN(const size_t got, ReadFull(source_, block));
    if (got == 0) {
      TRY(parser_.Finish());
      return nullptr;
    }
    if (got < block.size()) {
      return EndsEarly(parser_.offset() + got);
    }
    ByteView input = block;
    TRY_ASSIGN(const TarParser::Event event, parser_.Next(input));
    if (event == TarParser::Event::kEnd) {
      return nullptr;
    }
    if (event == TarParser::Event::kEntry) {
      content_left_ = parser_.entry().stored_bytes;
      padding_ = parser_.SkipContent() - content_left_;
      in_entry_ = true;
      return &parser_.entry();
    }
  }
}

Result<size_t> TarReader::Content::Read(ByteSpan out) {
  const auto want = static_cast<size_t>(std::min<uint64_t>(out.size(), reader_.content_left_));
  if (want == 0) {
    return 0;
  }
  TRY_ASSIGN(const size_t got, reader_.source_.Read(out.first(want)));
  if (got == 0) {
    return EndsEarly(reader_.parser_.offset() - reader_.padding_ - reader_.content_left_);
  }
  reader_.content_left_ -= got;
  return got;
}

Result<uint64_t> TarReader::Content::Skip(uint64_t count) {
  TRY_ASSIGN(const uint64_t passed, reader_.source_.Skip(std::min(count, reader_.content_left_)));
  reader_.content_left_ -= passed;
  return passed;
}

}  // namespace fathom::archive
