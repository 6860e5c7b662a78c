// A whole tar archive through TarParser, with all that its events say, for fuzz targets and tests.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/tar_parser.h"

namespace fathom::testing {

// What the parser said of one entry. Two ways of feeding it must give equal ones.
struct SeenEntry {
  archive::TarEntry entry;
  std::string data;               // stored bytes
  std::vector<uint64_t> extents;  // sizes of data and holes in turn, data first (0 if a hole is)
  bool ended = false;

  uint64_t Bytes() const {
    uint64_t sum = 0;
    for (const uint64_t extent : extents) {
      sum += extent;
    }
    return sum;
  }

  // The content with its holes filled in.
  std::string Content() const {
    std::string content;
    size_t taken = 0;
    for (size_t i = 0; i < extents.size(); ++i) {
      const auto size = static_cast<size_t>(extents[i]);
      if (i % 2 == 0) {
        content.append(data, taken, size);
        taken += size;
      } else {
        content.append(size, '\0');
      }
    }
    return content;
  }

  void Add(bool hole, uint64_t size) {
    if ((extents.size() % 2 == 0) == hole) {
      if (extents.empty()) {
        extents.push_back(0);
      } else {
        extents.back() += size;
        return;
      }
    }
    extents.push_back(size);
  }
};

struct TarEvents {
  std::vector<SeenEntry> entries;
  std::optional<Error> error;
  bool end_mark = false;
  uint64_t offset = 0;
};

// Feeds the archive in pieces of next_size() bytes (at least one).
template <typename NextSize>
TarEvents ReadTarEvents(ByteView archive, const Limits& limits, NextSize next_size) {
  using Event = archive::TarParser::Event;
  archive::TarParser parser(limits);
  TarEvents seen;
  while (!archive.empty() && !seen.error) {
    ByteView piece = archive.first(std::min<size_t>(archive.size(), next_size()));
    archive = archive.subspan(piece.size());
    while (true) {
      const Result<Event> event = parser.Next(piece);
      if (!event) {
        seen.error = event.error();
        break;
      }
      if (*event == Event::kNeedInput) {
        break;
      }
      switch (*event) {
        case Event::kEntry:
          seen.entries.push_back({parser.entry(), {}, {}, false});
          break;
        case Event::kData:
          seen.entries.back().data += AsText(parser.data());
          seen.entries.back().Add(false, parser.data().size());
          break;
        case Event::kHole:
          seen.entries.back().Add(true, parser.hole());
          break;
        case Event::kEntryEnd:
          seen.entries.back().ended = true;
          break;
        default:
          seen.end_mark = true;
      }
    }
  }
  seen.offset = parser.offset();
  if (!seen.error) {
    if (const Status status = parser.Finish(); !status) {
      seen.error = status.error();
    }
  }
  return seen;
}

inline TarEvents ReadTarEvents(std::string_view archive, size_t piece = ~size_t{0},
                               const Limits& limits = {}) {
  return ReadTarEvents(AsBytes(archive), limits, [piece] { return piece; });
}

}  // namespace fathom::testing
