// containerd's metadata: never a crash, and everything that is visited lies within the file.
#include "engine/bolt_file.h"
#include "engine/bolt_fixture.h"
#include "engine/containerd_images.h"
#include "fuzz/fuzz.h"

namespace fathom::fuzz {
namespace {

// Visits nested buckets as far as they go, but not for ever.
Status VisitAll(const engine::BoltFile& file, const engine::BoltFile::Bucket& bucket,
                size_t& left) {
  return file.Visit(bucket, [&](const engine::BoltFile::Entry& entry) -> Status {
    uint8_t sum = 0;
    for (const char c : entry.key) {
      sum = static_cast<uint8_t>(sum ^ static_cast<uint8_t>(c));
    }
    for (const uint8_t byte : entry.value) {
      sum ^= byte;
    }
    if (left == 0) {
      return Fail(Code::kCancelled, "enough, {}", sum);
    }
    --left;
    if (!entry.is_bucket) {
      return {};
    }
    TRY_ASSIGN(const auto inner, engine::BoltFile::AsBucket(entry));
    return VisitAll(file, inner, left);
  });
}

}  // namespace
}  // namespace fathom::fuzz

// Meta pages carry a checksum that no mutation would hit, so the input is the pages behind them:
// the first byte says which of these is the root.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fathom;
  static_cast<void>(engine::BoltFile::Parse(std::string(AsText({data, size}))));
  if (size == 0 || size > 1 << 16) {
    return 0;
  }
  const std::string pages(AsText({data + 1, size - 1}));
  const auto file = engine::BoltFile::Parse(engine::MetaPages(data[0]) + pages);
  FUZZ_CHECK(file.has_value());
  size_t left = 64;
  static_cast<void>(fuzz::VisitAll(*file, file->root(), left));
  if (size < 1 << 14) {
    static_cast<void>(engine::ListContainerdImages(*file, ""));
  }
  return 0;
}
