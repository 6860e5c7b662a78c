// What happens to the explorer, and what it wants done in turn. Both are values: update() takes the
// one and gives the other, and whoever runs it does what is wanted, here or on another thread.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "analyze/analysis.h"
#include "tree/find.h"
#include "tui/content_reader.h"
#include "tui/input_event.h"
#include "tui/line_diff.h"
#include "tui/subject.h"

namespace fathom::tui {

// From the terminal.
struct Resized {
  Size size;
};

// From the reading of the image, in this order, the middle ones any number of times.
struct ImageKnown {
  std::shared_ptr<const image::Image> image;
};
struct LayerRead {
  size_t layer;
  bool cached;
};
struct BytesRead {
  std::vector<uint64_t> of_layers;  // empty before the image is known
  uint64_t all;
};
struct TreeGrown {
  std::shared_ptr<const SortedTree> tree;
  size_t layers;  // leading ones that it is made of
};
struct Analyzed {
  std::shared_ptr<const analyze::Analysis> analysis;
  std::shared_ptr<const SortedTree> tree;
  ImageFacts facts;
};
struct ReadingFailed {
  std::string message;
};

// What has become of a job. The ticket is that of the effect which asked for it.
struct LoneTreeMade {
  uint64_t ticket;
  std::shared_ptr<const SortedTree> tree;
  size_t layer;
};
struct ContentShown {
  uint64_t ticket;
  Result<ContentWindow> window;
};
struct ContentsCompared {
  uint64_t ticket;
  Result<std::vector<DiffLine>> lines;
};
struct PathsFound {
  uint64_t ticket;
  std::shared_ptr<const SortedTree> tree;
  std::vector<tree::Match> matches;
  bool more;  // than were kept
};
struct PagerFileWritten {
  uint64_t ticket;
  Result<std::string> path;  // of a file that has the content, in a directory of its own
};
struct JobEnded {
  uint64_t ticket;
  std::string message;  // "" when there is nothing to say
  bool failure;
};

using Event = std::variant<Key, Mouse, Paste, Resized, ImageKnown, LayerRead, BytesRead, TreeGrown,
                           Analyzed, ReadingFailed, LoneTreeMade, ContentShown, ContentsCompared,
                           PathsFound, PagerFileWritten, JobEnded>;

// Wanted of the terminal.
struct SuspendProcess {};
struct CopyText {
  std::string text;
};
struct UseTheme {
  std::string name;
};
struct RunPager {
  std::string path;  // removed afterwards, with its directory
};

// Wanted of the image. Each has a ticket; of those that only look, none but the last that was asked
// for matters. Nodes and layers are those of `tree`.
struct MakeLoneTree {
  uint64_t ticket;
  size_t layer;
};
struct ShowContent {
  uint64_t ticket;
  std::shared_ptr<const SortedTree> tree;
  tree::NodeId node;
  size_t layer;  // as it was after this one
  uint64_t offset;
};
struct CompareContents {
  uint64_t ticket;
  std::shared_ptr<const SortedTree> tree;
  tree::NodeId node;
  size_t old_layer;
  size_t new_layer;
};
struct FindPaths {
  uint64_t ticket;
  std::shared_ptr<const SortedTree> tree;
  PathFilter pattern;
};
struct ExtractPaths {
  uint64_t ticket;
  std::shared_ptr<const SortedTree> tree;
  tree::NodeId node;  // the root is everything
  size_t layer;
  std::string target;  // directory, or FILE.tar
};
struct OpenInPager {
  uint64_t ticket;
  std::shared_ptr<const SortedTree> tree;
  tree::NodeId node;
  size_t layer;
};

using Effect = std::variant<SuspendProcess, CopyText, UseTheme, RunPager, MakeLoneTree, ShowContent,
                            CompareContents, FindPaths, ExtractPaths, OpenInPager>;
using Effects = std::vector<Effect>;

}  // namespace fathom::tui
