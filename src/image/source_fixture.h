// For tests: a folder to put archives in, and an image opened the whole way, layers included.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "archive/open_stream.h"
#include "image/open_source.h"

namespace fathom::testing {
struct ImageSpec;
}

namespace fathom::image {

// An image and what its layers decode to.
struct Opened {
  Image image;
  std::vector<std::string> layers;
  std::vector<std::string> visited;  // names that a stream handed out
};

inline Result<std::string> Decode(std::unique_ptr<ByteSource> source) {
  static const Limits limits;
  TRY_ASSIGN(auto decoded, archive::OpenStream(std::move(source), limits));
  return ReadAll(*decoded.bytes, 1 << 28);
}

class SourceTest : public ::testing::Test {
 protected:
  SourceTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fathom-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SourceTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  std::string Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  // Opens what a person typed, with all its layers.
  Result<Opened> Open(const std::string& text, Selection selection = {}) const {
    TRY_ASSIGN(const Reference reference, ParseReference(text));
    TRY_ASSIGN(const auto source, OpenSource(reference, limits_));
    if (selection.tag.empty()) {
      selection.tag = reference.tag;
    }
    auto opened =
        source->streams() ? OpenStreamed(*source, selection) : OpenSeekable(*source, selection);
    return opened ? std::move(opened) : Wrap(std::move(opened).error(), "{}", source->name());
  }

  // The error, or a failed expectation and an empty one.
  Error ErrorOf(const std::string& text, const Selection& selection = {}) const {
    const auto opened = Open(text, selection);
    EXPECT_FALSE(opened) << text << " opened without an error";
    return opened ? Error{Code::kCancelled, ""} : opened.error();
  }

  // Expects an error of a code whose message has all of these words.
  void ExpectError(const std::string& text, Code code, const std::vector<std::string>& words,
                   const Selection& selection = {}) const {
    const Error error = ErrorOf(text, selection);
    EXPECT_EQ(error.code, code) << error.message;
    for (const std::string& word : words) {
      EXPECT_NE(error.message.find(word), std::string::npos)
          << "no '" << word << "' in: " << error.message;
    }
  }

  Limits limits_;

 private:
  static Result<Opened> OpenSeekable(ImageSource& source, const Selection& selection) {
    Opened opened;
    TRY_ASSIGN(opened.image, source.Open(selection));
    for (const Layer& layer : opened.image.layers) {
      TRY_ASSIGN(auto blob, source.OpenLayer(layer));
      TRY_ASSIGN(std::string content, Decode(std::move(blob)));
      opened.layers.push_back(std::move(content));
    }
    return opened;
  }

  static Result<Opened> OpenStreamed(ImageSource& source, const Selection& selection) {
    Opened opened;
    std::map<std::string, std::string> blobs;
    TRY(source.ReadThrough([&](const std::string& name, ByteSource& blob) -> Status {
      opened.visited.push_back(name);
      TRY_ASSIGN(blobs[name], ReadAll(blob, 1 << 28));
      return {};
    }));
    TRY_ASSIGN(opened.image, source.Open(selection));
    for (const Layer& layer : opened.image.layers) {
      EXPECT_TRUE(blobs.contains(layer.name)) << layer.name << " was not handed out";
      TRY_ASSIGN(std::string content,
                 Decode(std::make_unique<MemorySource>(AsBytes(blobs[layer.name]))));
      opened.layers.push_back(std::move(content));
    }
    return opened;
  }

  std::filesystem::path folder_;
};

// A layer of one file.
std::string LayerTar(const std::string& name, const std::string& content = "x");

// An image of one such layer; untagged when `tag` is "".
testing::ImageSpec OneLayer(const std::string& file, const std::string& tag);

// Three layers, of which the last repeats the first, and history with an empty entry.
testing::ImageSpec ThreeLayers(const std::string& tag = "example/app:1.0");

}  // namespace fathom::image
