#include "extract/layer_reader.h"

#include <algorithm>
#include <array>

#include "archive/open_stream.h"
#include "archive/tar_parser.h"
#include "base/content_hash.h"

namespace fathom::extract {
namespace {

using Event = archive::TarParser::Event;

class LayerReader {
 public:
  LayerReader(ByteSource& decoded, const layer::LayerIndex& index, const Plan& plan,
              const Limits& limits, Target& target)
      : decoded_(decoded),
        index_(index),
        plan_(plan),
        target_(target),
        parser_(limits),
        hasher_(index.algorithm()),
        buffer_(kBufferBytes) {}

  Status Read(std::span<const Want> wants) {
    for (const Want& want : wants) {
      while (next_ < want.entry) {
        TRY(NextEntry());
        TRY(PassContent());
      }
      TRY(NextEntry());
      TRY(ReadFile(want));
    }
    return {};
  }

 private:
  static constexpr size_t kBufferBytes = 128 << 10;

  std::unexpected<Error> Changed(std::string_view what) const {
    return Fail(Code::kCorrupt,
                "the blob is no longer what it was when it was indexed: {}; try again with "
                "--verify",
                what);
  }

  Result<Event> NextEvent() {
    while (true) {
      TRY_ASSIGN(const Event event, parser_.Next(input_));
      if (event != Event::kNeedInput) {
        return event;
      }
      TRY_ASSIGN(const size_t got, decoded_.Read(buffer_));
      if (got == 0) {
        return Event::kEnd;
      }
      input_ = ByteView(buffer_).first(got);
    }
  }

  // Up to the header of entry `next_`.
  Status NextEntry() {
    while (true) {
      TRY_ASSIGN(const Event event, NextEvent());
      if (event == Event::kEnd) {
        return Changed(fmt::format("it has only {} entries", next_));
      }
      if (event == Event::kEntry) {
        ++next_;
        return {};
      }
    }
  }

  Status PassContent() {
    const uint64_t rest = parser_.SkipContent();
    const auto held = static_cast<size_t>(std::min<uint64_t>(rest, input_.size()));
    input_ = input_.subspan(held);
    TRY(decoded_.Skip(rest - held));
    return {};
  }

  Status ReadFile(const Want& want) {
    const layer::Entry& entry = index_.entry(want.entry);
    const archive::TarEntry& found = parser_.entry();
    if (found.type != EntryType::kFile || found.size != entry.size ||
        found.data_offset != entry.offset) {
      return Changed(fmt::format("entry {} is '{}' of {} bytes instead of '{}' of {}", want.entry,
                                 found.path.substr(0, 200), found.size,
                                 index_.Path(entry.path).substr(0, 200), entry.size));
    }
    TRY(target_.BeginFile(plan_.items[want.item]));
    TRY(ReadContent(want.entry));
    return target_.EndFile();
  }

  Status ReadContent(layer::EntryId id) {
    hasher_.Start();
    while (true) {
      TRY_ASSIGN(const Event event, NextEvent());
      switch (event) {
        case Event::kData:
          hasher_.Update(parser_.data());
          TRY(target_.Write(parser_.data()));
          break;
        case Event::kHole:
          hasher_.UpdateZeros(parser_.hole());
          TRY(target_.WriteHole(parser_.hole()));
          break;
        case Event::kEntryEnd: {
          std::array<uint8_t, kMaxContentHashSize> hash{};
          const ByteView wanted = index_.content(id);
          hasher_.Finish(hash);
          if (!std::equal(wanted.begin(), wanted.end(), hash.begin())) {
            return Changed(fmt::format("'{}' has other content",
                                       index_.Path(index_.entry(id).path).substr(0, 200)));
          }
          return {};
        }
        default:
          return Changed(fmt::format("it ends within '{}'",
                                     index_.Path(index_.entry(id).path).substr(0, 200)));
      }
    }
  }

  ByteSource& decoded_;
  const layer::LayerIndex& index_;
  const Plan& plan_;
  Target& target_;
  archive::TarParser parser_;
  ContentHasher hasher_;
  std::vector<uint8_t> buffer_;
  ByteView input_;
  layer::EntryId next_ = 0;  // entries whose headers were read
};

}  // namespace

Status ReadLayer(std::unique_ptr<ByteSource> blob, const layer::LayerIndex& index,
                 std::span<const Want> wants, const Plan& plan, const Limits& limits,
                 Target& target) {
  TRY_ASSIGN(const archive::DecodedStream stream, archive::OpenStream(std::move(blob), limits));
  return LayerReader(*stream.bytes, index, plan, limits, target).Read(wants);
}

}  // namespace fathom::extract
