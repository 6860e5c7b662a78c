#include "image/open_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "image/source_fixture.h"
#include "tests/support/blob.h"
#include "tests/support/image_writer.h"
#include "tests/support/tar_writer.h"

namespace fathom::image {
namespace {

using testing::DockerArchive;
using testing::DockerDialect;
using testing::LayerCompression;
using testing::OciArchive;

class OpenSourceTest : public SourceTest {};

TEST_F(OpenSourceTest, ReadsOneImageFromEveryForm) {
  const testing::ImageSpec spec = ThreeLayers();
  const std::pair<const char*, std::string> archives[] = {
      {"legacy", DockerArchive(spec, DockerDialect::kLegacy)},
      {"docker 25", DockerArchive(spec, DockerDialect::kDocker25)},
      {"podman", DockerArchive(spec, DockerDialect::kPodman)},
      {"kaniko", DockerArchive(spec, DockerDialect::kKaniko)},
      {"oci plain", OciArchive(spec, LayerCompression::kPlain)},
      {"oci gzip", OciArchive(spec, LayerCompression::kGzip)},
      {"oci zstd", OciArchive(spec, LayerCompression::kZstd)},
  };
  for (const auto& [name, bytes] : archives) {
    const std::string paths[] = {Write("plain.tar", bytes), Write("x.gz", testing::Gzip(bytes)),
                                 Write("x.zst", testing::Zstd(bytes))};
    for (const std::string& path : paths) {
      SCOPED_TRACE(std::string(name) + " as " + path);
      const auto opened = Open(path);
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(opened->layers, spec.layer_tars);
      EXPECT_EQ(opened->image.reference, "example/app:1.0");
      EXPECT_EQ(opened->image.config_json, testing::ConfigJson(spec));
      EXPECT_EQ(opened->image.config_digest, DigestOf(AsBytes(testing::ConfigJson(spec))));
      EXPECT_EQ(opened->image.config.platform.ToString(), "linux/amd64");
      EXPECT_EQ(opened->image.layers[2].diff_id.ToString(), testing::DiffIds(spec)[2]);
      EXPECT_EQ(opened->image.config.history[1].layer, std::nullopt);
      EXPECT_EQ(opened->image.config.history[3].layer, 2u);
      EXPECT_EQ(opened->image.layers[1].history, 2u);
    }
  }
}

// The names of the blobs that one reading hands out, with their sizes.
Result<std::map<std::string, size_t>> ReadBlobs(ImageSource& source) {
  std::map<std::string, size_t> blobs;
  TRY(source.ReadThrough([&](const std::string& name, ByteSource& blob) -> Status {
    TRY_ASSIGN(const std::string content, ReadAll(blob, 1 << 28));
    blobs[name] = content.size();
    return {};
  }));
  return blobs;
}

TEST_F(OpenSourceTest, ACompressedArchiveIsReadAgainAsOftenAsAsked) {
  const testing::ImageSpec spec = ThreeLayers();
  const std::string path =
      Write("a.gz", testing::Gzip(DockerArchive(spec, DockerDialect::kDocker25)));
  const auto source = OpenSource(*ParseReference(path), limits_);
  ASSERT_TRUE(source && (*source)->streams());
  const auto first = ReadBlobs(**source);
  ASSERT_TRUE(first && !first->empty());
  ASSERT_TRUE((*source)->Open({}));
  for (int again = 0; again < 2; ++again) {
    const auto blobs = ReadBlobs(**source);
    ASSERT_TRUE(blobs) << blobs.error().message;
    EXPECT_EQ(*blobs, *first);
  }
  // A reading that stops early takes nothing away.
  const Status stopped = (*source)->ReadThrough(
      [](const std::string&, ByteSource&) { return Status(Fail(Code::kCancelled, "enough")); });
  EXPECT_FALSE(stopped);
  const auto image = (*source)->Open({});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->config_json, testing::ConfigJson(spec));
}

TEST_F(OpenSourceTest, APipeGoesByOnceUnlessItIsCopied) {
  const std::string archive = DockerArchive(ThreeLayers(), DockerDialect::kDocker25);
  const std::string pipe = Path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const Passes passes : {Passes::kOnce, Passes::kAgain}) {
    std::jthread writer([&] { std::ofstream(pipe, std::ios::binary) << archive; });
    const auto source = OpenSource(*ParseReference(pipe), limits_, passes);
    ASSERT_TRUE(source) << source.error().message;
    EXPECT_EQ((*source)->streams(), passes == Passes::kOnce);
    if (passes == Passes::kOnce) {
      ASSERT_TRUE(ReadBlobs(**source));
      ASSERT_TRUE((*source)->Open({}));
      const auto again = ReadBlobs(**source);
      ASSERT_FALSE(again);
      EXPECT_EQ(again.error().code, Code::kInvalidArgument);
    } else {
      const auto image = (*source)->Open({});
      ASSERT_TRUE(image);
      EXPECT_TRUE((*source)->OpenLayer(image->layers[0]));
    }
  }
}

TEST_F(OpenSourceTest, ReadsDirectories) {
  const testing::ImageSpec spec = ThreeLayers();
  testing::WriteOciDirectory(spec, LayerCompression::kGzip, Path("oci"));
  const auto opened = Open("oci:" + Path("oci"));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->layers, spec.layer_tars);

  const std::string config = testing::ConfigJson(spec);
  Write("unpacked/config.json", config);
  Write("unpacked/a/layer.tar", spec.layer_tars[0]);
  Write("unpacked/b/layer.tar", spec.layer_tars[1]);
  std::filesystem::create_directory(Path("unpacked/c"));
  std::filesystem::create_symlink("../a/layer.tar", Path("unpacked/c/layer.tar"));
  Write("unpacked/manifest.json", R"([{"Config":"config.json","RepoTags":null,)"
                                  R"("Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}])");
  const auto unpacked = Open(Path("unpacked"));
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->layers, spec.layer_tars);
  EXPECT_EQ(unpacked->image.reference, "");
}

TEST_F(OpenSourceTest, NeverLeavesADirectory) {
  const testing::ImageSpec spec = OneLayer("a", "t:1");
  Write("outside.tar", spec.layer_tars[0]);
  Write("in/config.json", testing::ConfigJson(spec));
  std::filesystem::create_symlink(Path("outside.tar"), Path("in/absolute"));
  std::filesystem::create_symlink("../outside.tar", Path("in/relative"));
  std::filesystem::create_symlink("loop", Path("in/loop"));
  ASSERT_EQ(::mkfifo(Path("in/fifo").c_str(), 0600), 0);
  for (const char* layer : {"absolute", "relative", "loop", "fifo", "../outside.tar", "in/../..",
                            "/etc/passwd", "config.json/x", "absent"}) {
    Write("in/manifest.json",
          fmt::format(R"([{{"Config":"config.json","Layers":["{}"]}}])", layer));
    ExpectError(Path("in"), Code::kCorrupt, {Path("in"), "layer 0", layer});
  }
}

TEST_F(OpenSourceTest, TakesManifestJsonWhereBothAreThere) {
  const testing::ImageSpec docker = OneLayer("docker", "t:1");
  std::vector<testing::TarEntry> entries;
  Write("both/config.json", testing::ConfigJson(docker));
  Write("both/layer.tar", docker.layer_tars[0]);
  Write("both/manifest.json",
        R"([{"Config":"config.json","RepoTags":["t:1"],"Layers":["layer.tar"]}])");
  const testing::ImageSpec oci = OneLayer("oci", "t:1");
  testing::WriteOciDirectory(oci, LayerCompression::kGzip, Path("both"));
  EXPECT_EQ(Open(Path("both"))->layers, docker.layer_tars);
  EXPECT_EQ(Open("docker-archive:" + Path("both"))->layers, docker.layer_tars);
  EXPECT_EQ(Open("oci:" + Path("both"))->layers, oci.layer_tars);
}

TEST_F(OpenSourceTest, StreamsAFifo) {
  const testing::ImageSpec spec = ThreeLayers();
  const std::string bytes = DockerArchive(spec, DockerDialect::kLegacy);
  const std::string path = Path("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(path, std::ios::binary) << bytes; });
  const auto opened = Open(path);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->layers, spec.layer_tars);
}

TEST_F(OpenSourceTest, HandsOutEachBlobOfAStreamOnceAndNoDocuments) {
  const testing::ImageSpec spec = ThreeLayers();
  const auto legacy =
      Open(Write("a.gz", testing::Gzip(DockerArchive(spec, DockerDialect::kLegacy))));
  ASSERT_TRUE(legacy);
  EXPECT_EQ(legacy->visited.size(), 2u);  // the third is a link to the first
  EXPECT_EQ(legacy->image.layers[0].name, legacy->image.layers[2].name);
  const auto oci = Open(Write("b.gz", testing::Gzip(OciArchive(spec, LayerCompression::kZstd))));
  ASSERT_TRUE(oci);
  EXPECT_EQ(oci->visited.size(), 2u);
}

TEST_F(OpenSourceTest, KeepsALayerWhoseFirstFileIsNamedLikeJson) {
  testing::ImageSpec spec = OneLayer("[", "t:1");
  const auto opened =
      Open(Write("a.gz", testing::Gzip(DockerArchive(spec, DockerDialect::kLegacy))));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->layers, spec.layer_tars);
}

TEST_F(OpenSourceTest, StopsWhenTheVisitorFails) {
  const std::string path =
      Write("a.gz", testing::Gzip(DockerArchive(ThreeLayers(), DockerDialect::kLegacy)));
  const auto source = OpenSource({Form::kAny, path, ""}, limits_);
  ASSERT_TRUE(source);
  const Status status = (*source)->ReadThrough(
      [](const std::string&, ByteSource&) -> Status { return Fail(Code::kCancelled, "enough"); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kCancelled);
}

TEST_F(OpenSourceTest, SaysWhatIsNoImage) {
  ExpectError(Write("empty", ""), Code::kCorrupt, {Path("empty"), "empty"});
  ExpectError(Write("empty.gz", testing::Gzip("")), Code::kCorrupt, {Path("empty.gz"), "empty"});
  ExpectError(Write("words", std::string(3000, 'w')), Code::kCorrupt,
              {Path("words"), "no tar archive"});
  ExpectError(Write("words.gz", testing::Gzip(std::string(3000, 'w'))), Code::kCorrupt,
              {Path("words.gz"), "no tar archive"});
  ExpectError(Write("zeros", std::string(10240, '\0')), Code::kCorrupt, {"no image"});
  ExpectError(Write("half.gz", "\x1f\x8b\x08"), Code::kCorrupt, {Path("half.gz")});
  std::filesystem::create_directory(Path("folder"));
  ExpectError(Path("folder"), Code::kCorrupt, {"neither manifest.json nor index.json"});
  ExpectError("docker-archive:" + Path("folder"), Code::kCorrupt, {"no manifest.json"});
  ExpectError("oci:" + Path("folder"), Code::kCorrupt, {"no index.json"});
}

TEST_F(OpenSourceTest, ReadsARootFileSystemAsOneLayer) {
  const std::string tar = testing::WriteTar(
      {testing::FileEntry("./etc/passwd", "root"), testing::FileEntry("./usr/bin/x", "x")});
  for (const std::string& path : {Write("rootfs.tar", tar), Write("r.gz", testing::Gzip(tar)),
                                  Write("r.zst", testing::Zstd(tar))}) {
    for (const std::string form : {"", "rootfs:", "rootfs://"}) {
      const auto opened = Open(form + path);
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(opened->layers, std::vector{tar});
      EXPECT_TRUE(opened->image.config_digest.empty());
      EXPECT_EQ(opened->image.config.platform, Platform());
    }
    ExpectError("docker-archive:" + path, Code::kCorrupt, {"no manifest.json", "rootfs:"});
    ExpectError("rootfs:" + path + ":tag", Code::kNotFound, {"no tag 'tag'"});
    ExpectError("dir:" + path, Code::kInvalidArgument, {"no directory"});
  }
}

TEST_F(OpenSourceTest, ReadsARootFileSystemThatDoesNotLookLikeOneWhenAsked) {
  const std::string tar = testing::WriteTar({testing::FileEntry("app", "x")});
  for (const std::string& path : {Write("app.tar", tar), Write("app.gz", testing::Gzip(tar))}) {
    ExpectError(path, Code::kCorrupt, {"neither manifest.json nor index.json"});
    EXPECT_EQ(Open("rootfs:" + path)->layers, std::vector{tar});
  }
}

TEST_F(OpenSourceTest, TakesAnImageForAnImageWhateverElseLiesBesideIt) {
  const testing::ImageSpec spec = ThreeLayers();
  const std::string image = DockerArchive(spec, DockerDialect::kLegacy);
  const auto with = [&image](size_t bytes) {
    const std::string tar =
        testing::WriteTar({testing::FileEntry("etc/x", std::string(bytes, 'x'))});
    return tar.substr(0, 512 + (bytes + 511) / 512 * 512) + image;
  };
  for (const std::string& whole : {with(100), with(2 << 20)}) {
    EXPECT_EQ(Open(Write("both.tar", whole))->layers, spec.layer_tars);
    EXPECT_EQ(Open("rootfs:" + Path("both.tar"))->layers, std::vector{whole});
    EXPECT_EQ(Open("rootfs:" + Write("both.gz", testing::Gzip(whole)))->layers, std::vector{whole});
  }
  EXPECT_EQ(Open(Write("both.gz", testing::Gzip(with(100))))->layers, spec.layer_tars);
  // A stream cannot go back to what it took for something else.
  ExpectError(Write("both.gz", testing::Gzip(with(2 << 20))), Code::kCorrupt, {"rootfs:"});
}

TEST_F(OpenSourceTest, RefusesTornArchives) {
  const std::string whole = DockerArchive(ThreeLayers(), DockerDialect::kDocker25);
  const size_t used = whole.find_last_not_of('\0') + 1;
  for (const size_t end : {size_t{1}, size_t{511}, size_t{512}, size_t{2000}, used / 2, used - 1}) {
    const std::string torn = whole.substr(0, end);
    ExpectError(Write("torn.tar", torn), Code::kCorrupt, {Path("torn.tar")});
    ExpectError(Write("torn.gz", testing::Gzip(torn)), Code::kCorrupt, {Path("torn.gz")});
    const std::string packed = testing::Gzip(whole);
    ExpectError(Write("cut.gz", packed.substr(0, packed.size() - 3)), Code::kCorrupt,
                {Path("cut.gz")});
  }
}

TEST_F(OpenSourceTest, ReadsACompressedArchiveToItsChecksum) {
  std::string packed = testing::Gzip(DockerArchive(ThreeLayers(), DockerDialect::kLegacy));
  packed[packed.size() - 8] = static_cast<char>(packed[packed.size() - 8] ^ 1);
  ExpectError(Write("bits.gz", packed), Code::kCorrupt, {Path("bits.gz")});
}

TEST_F(OpenSourceTest, KeepsToTheLimits) {
  const std::string path = Write("a.tar", DockerArchive(ThreeLayers(), DockerDialect::kLegacy));
  const std::string gz = path + ".gz";
  Write("a.tar.gz", testing::Gzip(DockerArchive(ThreeLayers(), DockerDialect::kLegacy)));
  const auto expect = [&](uint64_t Limits::* limit, uint64_t most, const char* option) {
    limits_ = Limits{};
    limits_.*limit = most;
    ExpectError(path, Code::kLimit, {path, option});
    ExpectError(gz, Code::kLimit, {gz, option});
  };
  expect(&Limits::archive_entries, 3, "--max-archive-entries");
  expect(&Limits::layers, 2, "--max-layers");
  expect(&Limits::manifest_bytes, 20, "--max-manifest-bytes");
  expect(&Limits::config_bytes, 20, "--max-config-bytes");
  expect(&Limits::json_depth, 2, "--max-json-depth");
}

TEST_F(OpenSourceTest, BoundsWhatAStreamKeeps) {
  // Documents that nobody needs do no harm, however many; a config that no longer fits is missed.
  const testing::ImageSpec spec = OneLayer("a", "t:1");
  const std::string config = testing::ConfigJson(spec);
  const std::string manifest = R"([{"Config":"c.json","RepoTags":["t:1"],"Layers":["a.tar"]}])";
  std::vector<testing::TarEntry> entries;
  for (int i = 0; i < 200; ++i) {
    entries.push_back(
        testing::FileEntry(fmt::format("sbom{}", i), "{" + std::string(58, ' ') + "}"));
  }
  limits_.manifest_bytes = limits_.index_bytes = limits_.config_bytes = 1100;
  const testing::TarEntry layer = testing::FileEntry("a.tar", spec.layer_tars[0]);
  const testing::TarEntry config_entry = testing::FileEntry("c.json", config);
  std::vector<testing::TarEntry> first{config_entry, layer};
  first.insert(first.end(), entries.begin(), entries.end());
  first.push_back(testing::FileEntry("manifest.json", manifest));
  const auto opened = Open(Write("first.gz", testing::Gzip(testing::WriteTar(first))));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->layers, spec.layer_tars);

  entries.insert(entries.end(), {layer, config_entry, first.back()});
  ExpectError(Write("last.gz", testing::Gzip(testing::WriteTar(entries))), Code::kLimit,
              {"c.json", "--max-config-bytes"});
  EXPECT_TRUE(Open(Write("last.tar", testing::WriteTar(entries))));
}

}  // namespace
}  // namespace fathom::image
