// What tests of whole images share: an Analysis of an image that is written on the spot.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "analyze/analyze.h"
#include "image/open_source.h"
#include "tests/support/image_writer.h"
#include "tests/support/random_image.h"
#include "tests/support/tar_writer.h"

namespace fathom::analyze {

// A file that goes away.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view bytes) {
    static std::atomic<int> count = 0;
    path_ = std::filesystem::temp_directory_path() /
            fmt::format("fathom-test-{}-{}", getpid(), count++);
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// Reads an archive's bytes as `fathom analyze FILE` does.
inline Result<Analysis> AnalyzeArchive(std::string_view archive, const Options& options = {}) {
  const TemporaryFile file(archive);
  TRY_ASSIGN(const image::Reference reference, image::ParseReference(file.path()));
  TRY_ASSIGN(const auto source, image::OpenSource(reference, options.limits));
  return Analyze(*source, options);
}

// An image of these layers with a history entry for each.
inline testing::ImageSpec SpecOf(const testing::ImageEntries& layers) {
  testing::ImageSpec spec;
  spec.layer_tars = testing::LayerTars(layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    spec.history.push_back({fmt::format("RUN step {}", i)});
  }
  spec.tags = {"test:latest"};
  return spec;
}

// The Analysis of such an image, which must be readable.
inline Analysis AnalysisOf(const testing::ImageSpec& spec) {
  auto analysis =
      AnalyzeArchive(testing::DockerArchive(spec, testing::DockerDialect::kDocker25), {});
  EXPECT_TRUE(analysis) << analysis.error().message;
  return std::move(*analysis);
}
inline Analysis AnalysisOf(const testing::ImageEntries& layers) {
  return AnalysisOf(SpecOf(layers));
}

}  // namespace fathom::analyze
