#include "layer/layer_scan.h"

#include <algorithm>

namespace fathom::layer {

struct LayerScan::Watch {
  std::unique_ptr<ContentObserver> observer;
  uint64_t wanted = 0;  // of the current file; 0 when it has been shown
  std::string gathered;
};

LayerScan::LayerScan(ContentAlgorithm algorithm, std::span<const FacetKind> kinds,
                     const Limits& limits)
    : kinds_(kinds),
      limits_(limits),
      parser_(limits),
      builder_(algorithm, limits),
      hasher_(algorithm) {
  for (const FacetKind& kind : kinds_) {
    watches_.push_back({kind.observe(), 0, {}});
  }
}

LayerScan::~LayerScan() = default;

Status LayerScan::Consume(ByteView decoded) {
  using Event = archive::TarParser::Event;
  while (true) {
    TRY_ASSIGN(const Event event, parser_.Next(decoded));
    switch (event) {
      case Event::kNeedInput:
        return {};
      case Event::kEntry:
        TRY(OnEntry());
        break;
      case Event::kData:
        TRY(OnData(parser_.data()));
        break;
      case Event::kHole:
        TRY(OnHole(parser_.hole()));
        break;
      case Event::kEntryEnd:
        OnEntryEnd();
        break;
      case Event::kEnd:
        break;
    }
  }
}

Status LayerScan::OnEntry() {
  const archive::TarEntry& entry = parser_.entry();
  TRY_ASSIGN(id_, builder_.Add(entry));
  regular_ = entry.type == EntryType::kFile;
  hashed_ = false;
  seen_ = 0;
  watched_ = false;
  if (!regular_) {
    return {};
  }
  const ObservedFile file{builder_.index(), id_, entry.path, entry.size};
  for (Watch& watch : watches_) {
    watch.wanted = std::min({watch.observer->Wants(file), entry.size, kMostObservedBytes});
    watch.gathered.clear();
    watched_ = watched_ || watch.wanted > 0;
  }
  return {};
}

Status LayerScan::CountContent(uint64_t bytes) {
  logical_bytes_ += bytes;
  if (logical_bytes_ > limits_.layer_bytes) {
    return Wrap(OverLimit(&Limits::layer_bytes, limits_, "the layer's content").error(),
                "tar entry '{}'", parser_.entry().path.substr(0, 200));
  }
  if (Status status = CheckRatio(logical_bytes_, parser_.offset(), limits_); !status) {
    return Wrap(status.error(), "tar entry '{}'", parser_.entry().path.substr(0, 200));
  }
  return {};
}

Status LayerScan::OnData(ByteView data) {
  if (!regular_) {
    return {};
  }
  TRY(CountContent(data.size()));
  if (watched_) {
    ShowToObservers(data);
  }
  if (seen_ == 0 && data.size() == parser_.entry().size) {
    hasher_.HashWhole(data, builder_.ContentOf(id_));
    hashed_ = true;
  } else {
    if (seen_ == 0) {
      hasher_.Start();
    }
    hasher_.Update(data);
  }
  seen_ += data.size();
  return {};
}

Status LayerScan::OnHole(uint64_t size) {
  TRY(CountContent(size));
  if (seen_ == 0) {
    hasher_.Start();
  }
  hasher_.UpdateZeros(size);
  seen_ += size;
  // An observer's first bytes may lie in a hole.
  static constexpr std::array<uint8_t, 4096> kZeros{};
  while (watched_ && size > 0) {
    const auto piece = static_cast<size_t>(std::min<uint64_t>(size, kZeros.size()));
    ShowToObservers({kZeros.data(), piece});
    size -= piece;
  }
  return {};
}

void LayerScan::OnEntryEnd() {
  if (!regular_ || hashed_) {
    return;
  }
  if (seen_ == 0) {
    hasher_.Start();
  }
  hasher_.Finish(builder_.ContentOf(id_));
}

// Hands over the first bytes as soon as they are all there, without a copy when they come at once.
void LayerScan::ShowToObservers(ByteView data) {
  const archive::TarEntry& entry = parser_.entry();
  const ObservedFile file{builder_.index(), id_, entry.path, entry.size};
  watched_ = false;
  for (Watch& watch : watches_) {
    if (watch.wanted == 0) {
      continue;
    }
    if (watch.gathered.empty() && data.size() >= watch.wanted) {
      watch.observer->See(file, data.first(watch.wanted));
      watch.wanted = 0;
      continue;
    }
    const size_t missing = watch.wanted - watch.gathered.size();
    watch.gathered += AsText(data.first(std::min(data.size(), missing)));
    if (watch.gathered.size() == watch.wanted) {
      watch.observer->See(file, AsBytes(watch.gathered));
      watch.wanted = 0;
    } else {
      watched_ = true;
    }
  }
}

Status LayerScan::Finish() {
  TRY(parser_.Finish());
  result_.index = builder_.Finish(parser_.offset());
  for (size_t i = 0; i < kinds_.size(); ++i) {
    result_.facets.push_back(
        {kinds_[i].name, kinds_[i].version, watches_[i].observer->Finish(*result_.index)});
  }
  return {};
}

}  // namespace fathom::layer
