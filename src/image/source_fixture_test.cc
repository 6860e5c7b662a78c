#include "image/source_fixture.h"

#include "tests/support/image_writer.h"
#include "tests/support/tar_writer.h"

namespace fathom::image {

std::string LayerTar(const std::string& name, const std::string& content) {
  return testing::WriteTar({testing::FileEntry(name, content)});
}

testing::ImageSpec ThreeLayers(const std::string& tag) {
  testing::ImageSpec spec;
  spec.layer_tars = {LayerTar("a", "first"), LayerTar("b", "second"), LayerTar("a", "first")};
  spec.history = {{.created_by = "ADD a"},
                  {.created_by = "ENV x=y", .empty_layer = true},
                  {.created_by = "RUN b", .comment = "buildkit"},
                  {.created_by = "COPY a"}};
  spec.tags = {tag};
  spec.created = "2024-01-01T00:00:00Z";
  return spec;
}

testing::ImageSpec OneLayer(const std::string& file, const std::string& tag) {
  testing::ImageSpec spec;
  spec.layer_tars = {LayerTar(file)};
  if (!tag.empty()) {
    spec.tags = {tag};
  }
  return spec;
}

}  // namespace fathom::image
