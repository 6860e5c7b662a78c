// Contents of an image's files, to be looked at: read again from the layers, and kept while there
// is room.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "image/image_source.h"
#include "tree/file_tree.h"

namespace fathom::tui {

// A part of a file's content.
struct ContentWindow {
  std::shared_ptr<const std::string> bytes;
  uint64_t offset = 0;      // of `bytes` within the file
  uint64_t file_bytes = 0;  // of the whole file
  bool verified = false;    // the whole content was read, and is what the layer index says
};

// One thread at a time.
class ContentReader {
 public:
  // Files up to this are read, and verified, whole: a screen's worth of scrolling costs nothing,
  // and of a gzip layer that inflates at 900 MB/s they take 20 ms.
  static constexpr uint64_t kWhole = 16 << 20;
  // Of larger files a window is read: it ends the reading of the layer when it is full.
  static constexpr uint64_t kWindow = 8 << 20;
  static constexpr uint64_t kKept = 64 << 20;  // bytes of windows that are kept, of the last ones

  // `source` is open with `image`; both and `limits` outlive the reader.
  ContentReader(image::ImageSource& source, const image::Image& image, const Limits& limits)
      : source_(source), image_(image), limits_(limits) {}

  // The window that holds `offset` of the content of `version`, a regular file or a hard link to
  // one (its inode is one), of a tree of the image. Of large files it begins well before `offset`,
  // where it can. Errors: kCancelled once `stop` is set; those of reading the layer.
  Result<ContentWindow> Read(const tree::FileTree& tree, const tree::Version& version,
                             uint64_t offset, const std::atomic<bool>& stop);

 private:
  struct Kept {
    size_t layer;
    layer::EntryId entry;
    ContentWindow window;
  };

  Result<ContentWindow> ReadWindow(const tree::FileTree& tree, const tree::Inode& inode,
                                   ContentWindow window, uint64_t size,
                                   const std::atomic<bool>& stop);

  image::ImageSource& source_;
  const image::Image& image_;
  const Limits& limits_;
  std::list<Kept> kept_;  // the last one first
  uint64_t kept_bytes_ = 0;
};

}  // namespace fathom::tui
