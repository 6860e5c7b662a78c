// What is known so far of the image that is looked at: its layers by manifest and config at once,
// their files as they are read, everything in the end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyze/analysis.h"
#include "tui/tree_view.h"

namespace fathom::tui {

// How far a layer is.
struct LayerLoad {
  uint64_t bytes_read = 0;  // of the blob as stored
  bool read = false;
  bool cached = false;  // it came from the cache
};

// Content that is not visible in the end.
struct LostContent {
  tree::NodeId node;
  uint64_t bytes;
  tree::Cause cause;
  size_t stored_in;  // layer
  size_t hidden_by;  // layer
};

// Something worth a look, from a rule of the gate.
struct Remark {
  std::string title;  // what kind of thing: the same for all of that kind
  std::string path;   // "" when it is about a layer
  std::string why;
  uint64_t bytes = 0;
  std::optional<tree::NodeId> node;
  std::optional<size_t> layer;
};

// What the panes show of a whole image. Made once, beside the interface, as it takes a while.
struct ImageFacts {
  static constexpr size_t kMostLost = 1000;

  std::vector<LostContent> lost;  // the largest, largest first; empty files are left out
  size_t lost_count = 0;          // of all
  std::vector<Remark> remarks;
  std::vector<std::pair<std::string, std::string>> config;  // what a container is started with
};
ImageFacts MakeImageFacts(const analyze::Analysis& analysis);

// Entrypoint, command, user, working directory, ports, volumes, environment and labels of an image
// config; those that it has.
std::vector<std::pair<std::string, std::string>> DescribeConfig(std::string_view config_json);

struct Subject {
  std::string name;                           // as the person called it
  std::shared_ptr<const image::Image> image;  // once manifest and config are known
  std::vector<LayerLoad> layers;              // of the image
  uint64_t bytes_read = 0;                    // of all layers
  std::string failure;                        // why it cannot be read; "" so far

  // The tree of the leading layers that are read, in the end of all.
  std::shared_ptr<const SortedTree> tree;
  size_t tree_layers = 0;

  // A layer by itself, whose lower ones are still being read.
  std::shared_ptr<const SortedTree> lone_tree;
  size_t lone_layer = 0;

  // In the end.
  std::shared_ptr<const analyze::Analysis> analysis;
  ImageFacts facts;

  uint64_t revision = 0;  // another one whenever something became known

  bool complete() const { return analysis != nullptr; }
};

}  // namespace fathom::tui
