#include "image/docker_archive.h"

#include "image/platform.h"
#include "image/source_fixture.h"
#include "tests/support/blob.h"
#include "tests/support/image_writer.h"
#include "tests/support/tar_writer.h"

namespace fathom::image {
namespace {

using testing::DirEntry;
using testing::DockerArchive;
using testing::DockerDialect;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::Sha256Hex;
using testing::SymlinkEntry;
using testing::TarEntry;

class DockerArchiveTest : public SourceTest {
 protected:
  // An archive of one image "t:1" whose manifest.json names these layers, with more members.
  std::string WriteArchive(const testing::ImageSpec& spec, const std::string& layers,
                           std::vector<TarEntry> members) const {
    members.push_back(FileEntry("config.json", testing::ConfigJson(spec)));
    members.push_back(FileEntry(
        "manifest.json",
        fmt::format(R"([{{"Config":"config.json","RepoTags":["t:1"],"Layers":[{}]}}])", layers)));
    return Write("archive.tar", testing::WriteTar(members));
  }

  std::string WriteManifest(const std::string& manifest) const {
    const testing::ImageSpec spec = OneLayer("a", "t:1");
    return Write("manifest.tar",
                 testing::WriteTar({FileEntry("config.json", testing::ConfigJson(spec)),
                                    FileEntry("a.tar", spec.layer_tars[0]),
                                    FileEntry("manifest.json", manifest)}));
  }

  std::string WriteConfig(const std::string& config) const {
    return Write(
        "config.tar",
        testing::WriteTar(
            {FileEntry("config.json", config), FileEntry("a.tar", LayerTar("a")),
             FileEntry("manifest.json", R"([{"Config":"config.json","Layers":["a.tar"]}])")}));
  }
};

TEST_F(DockerArchiveTest, TellsTheTypeOfALayerByItsBytes) {
  const testing::ImageSpec spec = ThreeLayers();
  const std::string gzip = testing::Gzip(spec.layer_tars[1]);
  const std::string zstd = testing::Zstd(spec.layer_tars[2]);
  const auto opened = Open(WriteArchive(
      spec, R"("a","b","c.tar")",
      {FileEntry("a", spec.layer_tars[0]), FileEntry("b", gzip), FileEntry("c.tar", zstd)}));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->layers, spec.layer_tars);
  const std::vector<Layer>& layers = opened->image.layers;
  EXPECT_EQ(layers[0].media_type, "application/vnd.docker.image.rootfs.diff.tar");
  EXPECT_EQ(layers[0].size, std::nullopt);
  EXPECT_EQ(layers[1].media_type, "application/vnd.docker.image.rootfs.diff.tar.gzip");
  EXPECT_EQ(layers[1].size, gzip.size());
  EXPECT_EQ(layers[2].media_type, "application/vnd.oci.image.layer.v1.tar+zstd");
  EXPECT_EQ(layers[2].size, zstd.size());
  EXPECT_TRUE(layers[1].digest.empty());
  EXPECT_TRUE(opened->image.digest.empty());
}

TEST_F(DockerArchiveTest, KnowsTheStoredSizeOfEveryLayer) {
  const testing::ImageSpec spec = OneLayer("a", "t:1");
  const std::string path = WriteArchive(spec, R"("a")", {FileEntry("a", spec.layer_tars[0])});
  const auto source = OpenSource({Form::kAny, path, ""}, limits_);
  ASSERT_TRUE(source);
  const auto image = (*source)->Open({});
  ASSERT_TRUE(image);
  EXPECT_EQ((*source)->StoredBytes(image->layers[0]), spec.layer_tars[0].size());
  EXPECT_EQ((*source)->name(), path);
}

TEST_F(DockerArchiveTest, TakesDigestsFromBlobNamesAndTheIndexBeside) {
  const testing::ImageSpec spec = ThreeLayers();
  const auto opened = Open(Write("i.tar", DockerArchive(spec, DockerDialect::kDocker25)));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->image.layers[1].digest.Hex(), Sha256Hex(spec.layer_tars[1]));
  EXPECT_EQ(opened->image.digest.Hex(),
            Sha256Hex(testing::OciManifestJson(spec, testing::LayerCompression::kPlain)));
}

TEST_F(DockerArchiveTest, FollowsLinksBetweenMembers) {
  const testing::ImageSpec spec = ThreeLayers();
  const auto opened = Open(WriteArchive(
      spec, R"("one/layer.tar","./two//layer.tar","three")",
      {FileEntry("./real.tar", spec.layer_tars[0]), FileEntry("b", spec.layer_tars[1]),
       SymlinkEntry("one/layer.tar", "../real.tar"), SymlinkEntry("two/layer.tar", "hop"),
       SymlinkEntry("two/hop", "../b"), HardLinkEntry("three", "real.tar")}));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->layers, spec.layer_tars);
  EXPECT_EQ(opened->image.layers[0].name, "real.tar");
}

TEST_F(DockerArchiveTest, RefusesLinksThatLeadNowhere) {
  const testing::ImageSpec spec = OneLayer("a", "t:1");
  const std::vector<TarEntry> links{SymlinkEntry("circle", "elcric"),
                                    SymlinkEntry("elcric", "circle"),
                                    SymlinkEntry("itself", "itself"),
                                    HardLinkEntry("hard", "hard"),
                                    SymlinkEntry("out/of", "../../../etc/passwd"),
                                    SymlinkEntry("root", "/etc/passwd"),
                                    SymlinkEntry("nowhere", "absent"),
                                    DirEntry("folder"),
                                    FileEntry("../above", spec.layer_tars[0])};
  for (const char* name : {"circle", "itself", "hard", "out/of", "root", "nowhere", "folder",
                           "absent", "../above", "/", "config.json"}) {
    const std::string path = WriteArchive(spec, fmt::format("\"{}\"", name), links);
    if (std::string_view(name) != "config.json") {
      ExpectError(path, Code::kCorrupt, {path, "layer 0", name});
    }
    const std::string gz = Write("archive.gz", testing::Gzip(ReadFile(path, 1 << 20).value()));
    ExpectError(gz, Code::kCorrupt, {gz, "layer 0", name});
  }
}

TEST_F(DockerArchiveTest, TakesTheLaterOfTwoMembersWithOneName) {
  const testing::ImageSpec spec = OneLayer("a", "t:1");
  const auto opened = Open(WriteArchive(
      spec, R"("x")",
      {FileEntry("x", "old"), SymlinkEntry("x", "nowhere"), FileEntry("x", spec.layer_tars[0])}));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->layers, spec.layer_tars);
}

TEST_F(DockerArchiveTest, RefusesSparseMembers) {
  const std::string sparse = testing::SparsePax10Entry(
      {.name = "a.tar", .chunks = {{0, std::string(512, 'x')}}, .real_size = 1 << 20});
  const std::string rest = testing::WriteTar(
      {FileEntry("config.json", testing::ConfigJson(OneLayer("a", "t:1"))),
       FileEntry("manifest.json", R"([{"Config":"config.json","Layers":["a.tar"]}])")});
  ExpectError(Write("s.tar", sparse + rest), Code::kCorrupt, {"layer 0", "sparse"});
  ExpectError(Write("s.gz", testing::Gzip(sparse + rest)), Code::kCorrupt, {"layer 0", "sparse"});
}

TEST_F(DockerArchiveTest, ChoosesByTag) {
  std::vector<testing::ImageSpec> specs{
      OneLayer("one", "example/app:1.0"), OneLayer("two", "example/app:2.0"),
      OneLayer("hub", "busybox:latest"), OneLayer("local", "localhost/tool:latest")};
  specs[1].tags.push_back("host:5000/b:x");
  const std::pair<const char*, size_t> wanted[] = {{"example/app:1.0", 0},
                                                   {"example/app:2.0", 1},
                                                   {"host:5000/b:x", 1},
                                                   {"docker.io/example/app:1.0", 0},
                                                   {"2.0", 1},
                                                   {"busybox", 2},
                                                   {"docker.io/library/busybox", 2},
                                                   {"tool", 3},
                                                   {"@1", 1}};
  for (const DockerDialect dialect : {DockerDialect::kLegacy, DockerDialect::kDocker25,
                                      DockerDialect::kPodman, DockerDialect::kKaniko}) {
    const std::string bytes = DockerArchive(specs, dialect);
    for (const std::string& path : {Write("i.tar", bytes), Write("i.gz", testing::Gzip(bytes))}) {
      ExpectError(path, Code::kInvalidArgument,
                  {path, "example/app:1.0", "example/app:2.0", "host:5000/b:x", "busybox:latest"});
      ExpectError("docker-archive:" + path + ":absent:1", Code::kNotFound,
                  {"absent:1", "example/app:1.0"});
      ExpectError("docker-archive:" + path + ":latest", Code::kInvalidArgument,
                  {"busybox:latest", "localhost/tool:latest"});
      for (const auto& [tag, index] : wanted) {
        const auto opened = Open("docker-archive:" + path + ":" + tag);
        ASSERT_TRUE(opened) << opened.error().message;
        EXPECT_EQ(opened->layers, specs[index].layer_tars) << tag;
      }
      const auto opened = Open("docker-archive:" + path + ":host:5000/b:x");
      EXPECT_EQ(opened->image.reference, "host:5000/b:x");
    }
  }
}

TEST_F(DockerArchiveTest, TellsUntaggedImagesApartByNumber) {
  const std::vector<testing::ImageSpec> specs{OneLayer("one", ""), OneLayer("two", "")};
  const std::string path = Write("i.tar", DockerArchive(specs, DockerDialect::kPodman));
  ExpectError(path, Code::kInvalidArgument, {"@0", "@1"});
  EXPECT_EQ(Open("docker-archive:" + path + ":@1")->layers, specs[1].layer_tars);
}

TEST_F(DockerArchiveTest, ChoosesByPlatformWhereOneTagHasSeveral) {
  std::vector<testing::ImageSpec> specs{OneLayer("one", "t:1"), OneLayer("two", "t:1")};
  specs[0].architecture = "s390x";
  specs[1].architecture = "ppc64le";
  const std::string path = Write("i.tar", DockerArchive(specs, DockerDialect::kPodman));
  EXPECT_EQ(Open(path, {"", {"linux", "ppc64le", ""}})->layers, specs[1].layer_tars);
  ExpectError(path, Code::kNotFound, {"linux/s390x", "linux/ppc64le"}, {"", {"linux", "x", ""}});
}

TEST_F(DockerArchiveTest, MindsThePlatformThatIsAskedFor) {
  const std::string path =
      Write("i.tar", DockerArchive(OneLayer("a", "t:1"), DockerDialect::kLegacy));
  EXPECT_TRUE(Open(path, {"", {"linux", "amd64", ""}}));
  ExpectError(path, Code::kNotFound, {path, "linux/arm64", "linux/amd64"},
              {"", {"linux", "arm64", ""}});
}

TEST_F(DockerArchiveTest, ChecksTheDigestInTheNameOfAConfig) {
  const std::string config = testing::ConfigJson(OneLayer("a", "t:1"));
  const std::string right = Sha256Hex(config);
  const std::string wrong = Sha256Hex("other");
  for (const std::string prefix : {"", "sha256:", "blobs/sha256/"}) {
    for (const std::string suffix : {"", ".json"}) {
      const auto archive = [&](const std::string& hex) {
        const std::string name = prefix + hex + suffix;
        return Write("c.tar", testing::WriteTar(
                                  {FileEntry(name, config), FileEntry("a.tar", LayerTar("a")),
                                   FileEntry("manifest.json", R"([{"Config":")" + name +
                                                                  R"(","Layers":["a.tar"]}])")}));
      };
      EXPECT_TRUE(Open(archive(right)));
      if (!prefix.starts_with("blobs") || suffix.empty()) {
        ExpectError(archive(wrong), Code::kCorrupt, {wrong, right});
      }
    }
  }
}

TEST_F(DockerArchiveTest, RefusesManifestsThatSayNonsense) {
  const std::pair<const char*, const char*> manifests[] = {
      {"", "byte"},
      {"[{\"Config\": \"", "byte"},
      {"[]", "no image"},
      {"{}", "not a list"},
      {R"({"schemaVersion":2})", "skopeo"},
      {"null", "not a list"},
      {"[1]", "image 0"},
      {R"([{"Layers":["a.tar"]}])", "'Config'"},
      {R"([{"Config":[],"Layers":["a.tar"]}])", "'Config'"},
      {R"([{"Config":"config.json","Layers":[1]}])", "Layers[0]"},
      {R"([{"Config":"config.json","Layers":"a.tar"}])", "'Layers'"},
      {R"([{"Config":"config.json","RepoTags":7,"Layers":["a.tar"]}])", "'RepoTags'"},
      {R"([{"Config":"config.json"}])", "1 diff IDs, but the manifest 0 layers"},
      {R"([{"Config":"config.json","Layers":["a.tar","a.tar"]}])", "2 layers"},
      {R"([{"Config":"absent.json","Layers":["a.tar"]}])", "absent.json"},
      {R"([{"Config":"config.json","Layers":["absent.tar"]}])", "absent.tar"},
  };
  for (const auto& [manifest, words] : manifests) {
    const std::string path = WriteManifest(manifest);
    ExpectError(path, Code::kCorrupt, {path, words});
  }
}

TEST_F(DockerArchiveTest, RefusesConfigsThatSayNonsense) {
  const std::pair<const char*, const char*> configs[] = {
      {"", "byte"},
      {"[]", "not an object"},
      {"{}", "'rootfs'"},
      {R"({"rootfs":[]})", "'rootfs'"},
      {R"({"rootfs":{"diff_ids":[1]}})", "diff_ids[0]"},
      {R"({"rootfs":{"diff_ids":["md5:00"]}})", "diff_ids[0]"},
      {R"({"rootfs":{"diff_ids":["sha256:../../etc/passwd"]}})", "diff_ids[0]"},
      {R"({"rootfs":{},"history":[7]})", "history[0]"},
      {R"({"rootfs":{},"history":[{"created_by":7}]})", "history[0]"},
      {R"({"rootfs":{},"history":[{"empty_layer":"yes"}]})", "'empty_layer'"},
      {R"({"rootfs":{},"os":7})", "'os'"},
  };
  for (const auto& [config, words] : configs) {
    const std::string path = WriteConfig(config);
    ExpectError(path, Code::kCorrupt, {path, "config.json", words});
  }
}

TEST_F(DockerArchiveTest, AcceptsAConfigWithoutDiffIds) {
  for (const char* config : {R"({"rootfs":{}})", R"({"rootfs":{"diff_ids":null}})",
                             R"({"rootfs":{"type":"layers","diff_ids":[]},"history":null})"}) {
    const auto opened = Open(WriteConfig(config));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_TRUE(opened->image.layers[0].diff_id.empty());
  }
}

TEST_F(DockerArchiveTest, LeavesHistoryBeyondTheLayersWithoutOne) {
  testing::ImageSpec spec = ThreeLayers();
  spec.history.insert(spec.history.end(), 5, {.created_by = "more"});
  const auto opened = Open(Write("i.tar", DockerArchive(spec, DockerDialect::kLegacy)));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->image.config.history[3].layer, 2u);
  EXPECT_EQ(opened->image.config.history[4].layer, std::nullopt);
  EXPECT_EQ(opened->image.layers[2].history, 3u);
}

TEST_F(DockerArchiveTest, OpensAnImageWithoutLayers) {
  const auto opened = Open(Write(
      "i.tar",
      testing::WriteTar({FileEntry("c.json", R"({"rootfs":{"type":"layers","diff_ids":null}})"),
                         FileEntry("manifest.json", R"([{"Config":"c.json","Layers":null}])")})));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(opened->image.layers.empty());
}

}  // namespace
}  // namespace fathom::image
