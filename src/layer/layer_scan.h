// Reads the tar of one layer into a LayerIndex while its bytes go by.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "archive/blob_pump.h"
#include "archive/tar_parser.h"
#include "base/content_hash.h"
#include "layer/content_observer.h"
#include "layer/layer_index_builder.h"

namespace fathom::layer {

struct ScanResult {
  std::shared_ptr<const LayerIndex> index;
  std::vector<Facet> facets;  // one for each kind asked for
};

// The sink at the end of a BlobPump. One thread at a time. Errors name entry and offset.
class LayerScan final : public archive::ChunkSink {
 public:
  // `kinds` and `limits` must outlive the scan.
  LayerScan(ContentAlgorithm algorithm, std::span<const FacetKind> kinds, const Limits& limits);
  ~LayerScan() override;

  Status Consume(ByteView decoded) override;
  Status Finish() override;

  // After Finish(): the product, once.
  ScanResult Take() { return std::move(result_); }

 private:
  struct Watch;  // an observer and what it wants of the current file

  Status OnEntry();
  Status OnData(ByteView data);
  Status OnHole(uint64_t size);
  void OnEntryEnd();
  void ShowToObservers(ByteView data);
  Status CountContent(uint64_t bytes);

  std::span<const FacetKind> kinds_;
  const Limits& limits_;
  archive::TarParser parser_;
  LayerIndexBuilder builder_;
  ContentHasher hasher_;
  std::vector<Watch> watches_;
  ScanResult result_;

  uint64_t logical_bytes_ = 0;  // content and holes of all files
  EntryId id_ = 0;
  bool regular_ = false;
  bool hashed_ = false;   // the content came in one piece and is done
  uint64_t seen_ = 0;     // bytes of content so far
  bool watched_ = false;  // some observer still wants bytes
};

}  // namespace fathom::layer
