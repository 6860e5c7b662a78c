#include "tree/summary.h"

#include <algorithm>

namespace fathom::tree {
namespace {

double Ratio(uint64_t part, uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

// Content hashes are uniform bits already.
uint64_t HashOf(ByteView content) {
  uint64_t hash = 0;
  std::memcpy(&hash, content.data(), sizeof(hash));
  return MixHash(hash);
}

uint64_t DuplicateBytes(const FileTree& tree) {
  const auto& inodes = tree.inodes();
  IdHash first_of_content;
  uint64_t bytes = 0;
  for (uint32_t id = 0; id < inodes.size(); ++id) {
    const uint64_t size = tree.size(inodes[id]);
    if (inodes[id].links == 0 || size == 0) {
      continue;
    }
    const ByteView content = tree.content(inodes[id]);
    const uint32_t first = first_of_content.Find(HashOf(content), [&](uint32_t other) {
      return tree.size(inodes[other]) == size &&
             std::ranges::equal(tree.content(inodes[other]), content);
    });
    if (first != IdHash::kNone) {
      bytes += size;
      continue;
    }
    first_of_content.Add(HashOf(content), id,
                         [&](uint32_t other) { return HashOf(tree.content(inodes[other])); });
  }
  return bytes;
}

}  // namespace

double Summary::efficiency() const {
  return stored_bytes == 0 ? 1.0 : Ratio(visible_bytes, stored_bytes);
}

double Summary::user_wasted_percent() const {
  return user_stored_bytes == 0 ? 0.0 : Ratio(user_wasted_bytes, user_stored_bytes);
}

Summary Summarize(const FileTree& tree, size_t base_layers) {
  Summary summary;
  for (size_t layer = 0; layer < tree.layer_count(); ++layer) {
    const LayerNumbers& numbers = tree.numbers(layer);
    summary.stored_bytes += numbers.stored_bytes;
    summary.entries += numbers.entries;
    if (layer >= base_layers) {
      summary.user_stored_bytes += numbers.stored_bytes;
      summary.user_wasted_bytes += numbers.wasted_here_bytes;
    }
  }
  uint64_t wasted = 0;
  for (const Waste& waste : tree.waste()) {
    const uint64_t size = tree.size(tree.inodes()[waste.inode]);
    summary.wasted_by_cause[static_cast<size_t>(waste.cause)] += size;
    wasted += size;
  }
  summary.visible_bytes = summary.stored_bytes - wasted;
  summary.duplicate_bytes = DuplicateBytes(tree);
  return summary;
}

}  // namespace fathom::tree
