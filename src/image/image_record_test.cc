#include "image/image_record.h"

#include "image/source_fixture.h"
#include "tests/support/image_writer.h"

namespace fathom::image {
namespace {

using testing::DockerDialect;

class ImageRecordTest : public SourceTest {
 protected:
  Image Archived(DockerDialect dialect = DockerDialect::kDocker25) const {
    auto opened = Open(Write("i.tar", testing::DockerArchive(ThreeLayers(), dialect)));
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(opened->image);
  }

  Result<Image> Read(std::string_view record, const Image& of) const {
    return ReadRecord(
        record,
        [&of](const Digest& digest) {
          return digest == of.config_digest ? std::optional(of.config_json) : std::nullopt;
        },
        limits_);
  }
};

TEST_F(ImageRecordTest, GivesBackAllButTheReference) {
  for (const auto dialect : {DockerDialect::kDocker25, DockerDialect::kKaniko}) {
    Image image = Archived(dialect);
    image.base = {.name = "example/base:1", .digest = image.config_digest};
    const auto read = Read(WriteRecord(image).value(), image);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->reference, "");
    EXPECT_EQ(read->digest, image.digest);
    EXPECT_EQ(read->config_digest, image.config_digest);
    EXPECT_EQ(read->config_json, image.config_json);
    EXPECT_EQ(read->base.name, image.base.name);
    EXPECT_EQ(read->base.digest, image.base.digest);
    ASSERT_EQ(read->layers.size(), image.layers.size());
    for (size_t i = 0; i < image.layers.size(); ++i) {
      EXPECT_EQ(read->layers[i].name, image.layers[i].name);
      EXPECT_EQ(read->layers[i].diff_id, image.layers[i].diff_id);
      EXPECT_EQ(read->layers[i].digest, image.layers[i].digest);
      EXPECT_EQ(read->layers[i].size, image.layers[i].size);
      EXPECT_EQ(read->layers[i].media_type, image.layers[i].media_type);
      EXPECT_EQ(read->layers[i].history, image.layers[i].history);
    }
  }
}

TEST_F(ImageRecordTest, RefusesWhatDoesNotFitItsConfig) {
  const Image image = Archived();
  Image other = image;
  std::swap(other.layers[0], other.layers[1]);
  EXPECT_EQ(Read(WriteRecord(other).value(), image).error().code, Code::kCorrupt);
  other = image;
  other.layers.pop_back();
  EXPECT_EQ(Read(WriteRecord(other).value(), image).error().code, Code::kCorrupt);
  other.config_digest = DigestOf({});
  EXPECT_EQ(Read(WriteRecord(other).value(), image).error().code, Code::kNotFound);
  for (const char* record :
       {"", "{}", "[]", R"({"layers":[7]})", R"({"layers":[{"diffId":"x"}]})"}) {
    EXPECT_FALSE(Read(record, image)) << record;
  }
}

TEST_F(ImageRecordTest, KeepsNoNamesThatJsonCannotCarry) {
  Image image = Archived();
  image.layers[0].name = "caf\xe9";
  EXPECT_FALSE(WriteRecord(image));
}

}  // namespace
}  // namespace fathom::image
