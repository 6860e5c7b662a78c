#include "image/oci_layout.h"

#include "image/platform.h"
#include "image/source_fixture.h"
#include "tests/support/blob.h"
#include "tests/support/image_writer.h"
#include "tests/support/json_text.h"

namespace fathom::image {
namespace {

using testing::JsonObject;
using testing::JsonString;
using testing::LayerCompression;
using testing::Sha256Hex;

constexpr char kIndexType[] = "application/vnd.oci.image.index.v1+json";
constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kConfigType[] = "application/vnd.oci.image.config.v1+json";
constexpr char kLayerType[] = "application/vnd.oci.image.layer.v1.tar";

std::string IndexOf(const std::vector<std::string>& descriptors) {
  return JsonObject({{"schemaVersion", "2"}, {"manifests", testing::JsonArray(descriptors)}});
}

std::string PlatformOf(const std::string& os, const std::string& architecture) {
  return JsonObject({{"os", JsonString(os)}, {"architecture", JsonString(architecture)}});
}

std::string RefName(const std::string& name) {
  return testing::JsonStringMap({{"org.opencontainers.image.ref.name", name}});
}

// A layout in a directory, put together piece by piece so that a test can make any piece lie.
class OciLayoutTest : public SourceTest {
 protected:
  OciLayoutTest() { Write("oci/oci-layout", R"({"imageLayoutVersion":"1.0.0"})"); }

  // Stores a blob; returns its descriptor. Members in `more` come last and win.
  std::string Blob(const std::string& bytes, const std::string& type,
                   const testing::JsonMembers& more = {}) const {
    Write("oci/blobs/sha256/" + Sha256Hex(bytes), bytes);
    testing::JsonMembers members{{"mediaType", JsonString(type)},
                                 {"digest", JsonString("sha256:" + Sha256Hex(bytes))},
                                 {"size", std::to_string(bytes.size())}};
    members.insert(members.end(), more.begin(), more.end());
    return JsonObject(members);
  }

  static std::string ManifestOf(const std::string& config, const std::vector<std::string>& layers,
                                const testing::JsonMembers& more = {}) {
    testing::JsonMembers members{{"schemaVersion", "2"},
                                 {"mediaType", JsonString(kManifestType)},
                                 {"config", config},
                                 {"layers", testing::JsonArray(layers)}};
    members.insert(members.end(), more.begin(), more.end());
    return JsonObject(members);
  }

  // An image of one layer that holds one file; returns the descriptor of its manifest.
  std::string ImageOf(const std::string& file, const testing::JsonMembers& more = {},
                      const std::string& architecture = "amd64") const {
    testing::ImageSpec spec = OneLayer(file, "");
    spec.architecture = architecture;
    const std::string config = Blob(testing::ConfigJson(spec), kConfigType);
    return Blob(ManifestOf(config, {Blob(spec.layer_tars[0], kLayerType)}), kManifestType, more);
  }

  std::string WriteIndex(const std::vector<std::string>& descriptors) const {
    Write("oci/index.json", IndexOf(descriptors));
    return Path("oci");
  }

  void ExpectFile(const std::string& text, const std::string& file,
                  const Selection& selection = {}) const {
    const auto opened = Open(text, selection);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->layers, std::vector<std::string>{LayerTar(file)}) << text;
  }
};

TEST_F(OciLayoutTest, TakesEverythingFromTheDescriptors) {
  testing::ImageSpec spec = ThreeLayers("1.0");
  for (const LayerCompression compression :
       {LayerCompression::kPlain, LayerCompression::kGzip, LayerCompression::kZstd,
        LayerCompression::kGzipMultiMember, LayerCompression::kZstdSkippable}) {
    const auto opened = Open(Write("i.tar", testing::OciArchive(spec, compression)));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->layers, spec.layer_tars);
    const std::string blob = testing::Compress(spec.layer_tars[1], compression);
    const Layer& layer = opened->image.layers[1];
    EXPECT_EQ(layer.digest.Hex(), Sha256Hex(blob));
    EXPECT_EQ(layer.name, "blobs/sha256/" + Sha256Hex(blob));
    EXPECT_EQ(layer.size, blob.size());
    EXPECT_EQ(layer.media_type, testing::LayerMediaType(compression));
    EXPECT_EQ(opened->image.reference, "1.0");
    EXPECT_EQ(opened->image.digest.Hex(), Sha256Hex(testing::OciManifestJson(spec, compression)));
  }
}

TEST_F(OciLayoutTest, FollowsNestedIndexesAndSetsAttestationsAside) {
  const testing::ImageSpec spec = ThreeLayers();
  for (const int nested : {0, 1, 3}) {
    for (const bool platforms : {false, true}) {
      const std::string bytes = testing::OciArchive(
          spec, LayerCompression::kGzip,
          {.nested_indexes = nested, .attestations = true, .platforms = platforms});
      for (const std::string& path : {Write("i.tar", bytes), Write("i.gz", testing::Gzip(bytes))}) {
        const auto opened = Open("oci-archive:" + path + ":example/app:1.0");
        ASSERT_TRUE(opened) << opened.error().message;
        EXPECT_EQ(opened->layers, spec.layer_tars);
        EXPECT_EQ(opened->image.reference, "example/app:1.0");
        EXPECT_TRUE(Open(path));
      }
    }
  }
}

TEST_F(OciLayoutTest, ChoosesByTag) {
  const std::string containerd =
      testing::JsonStringMap({{"io.containerd.image.name", "docker.io/library/three:latest"},
                              {"org.opencontainers.image.ref.name", "latest"}});
  const std::string path =
      WriteIndex({ImageOf("one", {{"annotations", RefName("1.0")}}),
                  ImageOf("two", {{"annotations", RefName("app:2.0")}}),
                  ImageOf("three", {{"annotations", containerd}}), ImageOf("four")});
  ExpectError(path, Code::kInvalidArgument,
              {path, "1.0", "app:2.0", "docker.io/library/three:latest"});
  ExpectFile("oci:" + path + ":1.0", "one");
  ExpectFile("oci:" + path + ":app:2.0", "two");
  ExpectFile("oci:" + path + ":2.0", "two");
  ExpectFile("oci:" + path + ":three", "three");
  ExpectFile("oci:" + path + ":latest", "three");
  ExpectError("oci:" + path + ":absent", Code::kNotFound, {"absent", "app:2.0"});
}

TEST_F(OciLayoutTest, TellsUntaggedImagesApartByDigest) {
  const std::string one = ImageOf("one");
  const std::string path = WriteIndex({one, ImageOf("two")});
  const std::string digest = one.substr(one.find("sha256:"), 71);
  ExpectError(path, Code::kInvalidArgument, {"@" + digest});
  ExpectFile("oci:" + path + ":" + digest, "one");
  ExpectFile("oci:" + path + ":@" + digest, "one");
}

TEST_F(OciLayoutTest, ReadsOnlyWhatStandsUnderTheTag) {
  const std::string path =
      WriteIndex({ImageOf("good", {{"annotations", RefName("good")}}),
                  JsonObject({{"mediaType", JsonString(kIndexType)},
                              {"digest", JsonString("sha256:" + std::string(64, '0'))},
                              {"size", "10"},
                              {"annotations", RefName("bad")}})});
  ExpectFile("oci:" + path + ":good", "good");
  ExpectError("oci:" + path + ":bad", Code::kCorrupt, {"sha256:000000", "not there"});
}

TEST_F(OciLayoutTest, ChoosesByPlatform) {
  const Platform here = ThisMachine();
  const std::string mine =
      ImageOf("here", {{"platform", PlatformOf(here.os, here.architecture)}}, here.architecture);
  const std::string vax = ImageOf("vax", {{"platform", PlatformOf("linux", "vax")}}, "vax");
  const std::string pdp = ImageOf("pdp", {}, "pdp");  // only its config says for what it is
  const std::string all = Blob(IndexOf({vax, mine, pdp}), kIndexType);
  const std::string path = WriteIndex({all});
  ExpectFile(path, "here");
  ExpectFile(path, "vax", {"", {"linux", "vax", ""}});
  ExpectFile(path, "pdp", {"", {"linux", "pdp", ""}});
  ExpectError(path, Code::kNotFound, {"linux/vax", "linux/pdp", here.ToString()},
              {"", {"linux", "mips64le", ""}});
  ExpectFile(WriteIndex({vax}), "vax");
  ExpectError(WriteIndex({vax, pdp}), Code::kNotFound, {"linux/vax", "linux/pdp", "--platform"});
}

TEST_F(OciLayoutTest, LooksPastPlatformsThatAreNotKept) {
  const std::string absent = JsonObject({{"mediaType", JsonString(kManifestType)},
                                         {"digest", JsonString("sha256:" + std::string(64, '1'))},
                                         {"size", "10"},
                                         {"platform", PlatformOf("linux", "vax")}});
  const std::string path =
      WriteIndex({Blob(IndexOf({absent, ImageOf("pdp", {}, "pdp")}), kIndexType)});
  ExpectFile(path, "pdp");
  ExpectError(path, Code::kCorrupt, {"sha256:1111", "not there"}, {"", {"linux", "vax", ""}});
}

TEST_F(OciLayoutTest, ChecksEveryDocumentAgainstItsDescriptor) {
  const std::string manifest = ImageOf("a");
  const std::string path = WriteIndex({manifest});
  const std::string manifest_hex = manifest.substr(manifest.find("sha256:") + 7, 64);
  const std::string config_hex = Sha256Hex(testing::ConfigJson(OneLayer("a", "")));
  for (const std::string& hex : {manifest_hex, config_hex}) {
    const std::string file = Path("oci/blobs/sha256/" + hex);
    const std::string good = ReadFile(file, 1 << 20).value();
    std::string bad = good;
    bad[bad.find('2')] = '3';
    std::ofstream(file) << bad;
    ExpectError(path, Code::kCorrupt, {path, "sha256:" + hex, "other content"});
    std::ofstream(file) << good + " ";
    ExpectError(path, Code::kCorrupt, {path, "sha256:" + hex, "bytes"});
    std::filesystem::remove(file);
    ExpectError(path, Code::kCorrupt, {path, "sha256:" + hex, "not there"});
    std::ofstream(file) << good;
  }
  ExpectFile(path, "a");
}

TEST_F(OciLayoutTest, RefusesLayersThatAreNotAsDescribed) {
  const std::string config = Blob(testing::ConfigJson(OneLayer("a", "")), kConfigType);
  const std::string tar = LayerTar("a");
  const auto digest = [](const std::string& text) {
    return testing::JsonMembers{{"digest", JsonString(text)}};
  };
  const std::string zeros = "sha256:" + std::string(64, '0');
  const std::string absent = Blob(tar, kLayerType, digest(zeros));
  const std::string foreign =
      Blob(tar, kLayerType, {{"digest", JsonString(zeros)}, {"urls", R"(["https://x/y"])"}});
  const std::pair<std::string, std::string> layers[] = {
      {absent, "not there"},
      {foreign, "foreign layer"},
      {Blob(tar, kLayerType, {{"size", "10"}}), "10"},
      {Blob(tar, kLayerType, {{"size", "9223372036854775807"}}), "9223372036854775807"},
      {Blob(tar, kLayerType, {{"size", "-1"}}), "layers[0]"},
      {Blob(tar, kLayerType, {{"size", "1000000000000000000000000000000"}}), "layers[0]"},
      {Blob(tar, kLayerType, {{"size", "\"many\""}}), "layers[0]"},
      {Blob(tar, kLayerType, {{"size", "null"}}), "layers[0]"},
      {Blob(tar, kLayerType, digest("")), "layers[0]"},
      {Blob(tar, kLayerType, digest("sha256:../../index.json")), "layers[0]"},
      {Blob(tar, kLayerType, digest("md9:" + std::string(64, '0'))), "layers[0]"},
      {Blob(tar, "application/vnd.in-toto+json"), "no file system"},
      {Blob(tar, "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"), "encrypted"},
  };
  for (const auto& [layer, words] : layers) {
    const std::string path = WriteIndex({Blob(ManifestOf(config, {layer}), kManifestType)});
    ExpectError(path, Code::kCorrupt, {path, "layer", words});
  }
}

TEST_F(OciLayoutTest, SaysWhatIsNoContainerImage) {
  const std::string empty = Blob("{}", "application/vnd.oci.empty.v1+json");
  const std::string helm = Blob("{ }", "application/vnd.cncf.helm.config.v1+json");
  const std::string config = Blob(testing::ConfigJson(OneLayer("a", "")), kConfigType);
  const std::pair<std::string, std::string> manifests[] = {
      {ManifestOf(helm, {}), "not a container image: application/vnd.cncf.helm.config.v1+json"},
      {ManifestOf(empty, {}, {{"artifactType", JsonString("application/x.sbom")}}),
       "not a container image: application/x.sbom"},
      {R"({"schemaVersion":2})", "not a container image"},
      {R"({"schemaVersion":1,"fsLayers":[]})", "schema 1"},
      {ManifestOf(config, {}, {{"manifests", "[]"}}), "both an index and a manifest"},
  };
  for (const auto& [manifest, words] : manifests) {
    ExpectError(WriteIndex({Blob(manifest, kManifestType)}), Code::kCorrupt, {words});
  }
  const std::string image = ManifestOf(config, {});
  ExpectError(WriteIndex({Blob(image, "application/vnd.docker.distribution.manifest.v2+json")}),
              Code::kCorrupt, {"mediaType"});
}

TEST_F(OciLayoutTest, LeavesArtifactsAsideWhereThereIsAnImage) {
  const std::string empty = Blob("{}", "application/vnd.oci.empty.v1+json");
  const std::string sbom = ManifestOf(empty, {}, {{"artifactType", JsonString("x/sbom")}});
  ExpectFile(WriteIndex({Blob(sbom, kManifestType, {{"artifactType", JsonString("x/sbom")}}),
                         ImageOf("a")}),
             "a");
  ExpectFile(WriteIndex({Blob(sbom, kManifestType), ImageOf("a")}), "a");
}

TEST_F(OciLayoutTest, AcceptsDocumentsWithoutMediaTypes) {
  const std::string plain = ImageOf("a");
  std::string untyped = plain;
  untyped.replace(untyped.find(kManifestType), std::string(kManifestType).size(), "");
  ExpectFile(WriteIndex({untyped}), "a");
  ExpectFile(WriteIndex({Blob(IndexOf({untyped}), "")}), "a");
}

TEST_F(OciLayoutTest, RefusesAnIndexThatSaysNonsense) {
  const std::pair<const char*, const char*> indexes[] = {
      {"", "byte"},
      {"[]", "not an object"},
      {"{}", "'manifests'"},
      {R"({"manifests":7})", "'manifests'"},
      {R"({"manifests":[7]})", "manifests[0]"},
      {R"({"manifests":[]})", "no image"},
      {R"({"manifests":[{"digest":"x"}]})", "manifests[0]"},
  };
  for (const auto& [index, words] : indexes) {
    Write("oci/index.json", index);
    ExpectError(Path("oci"), Code::kCorrupt, {Path("oci"), "index.json", words});
  }
}

TEST_F(OciLayoutTest, KeepsToTheLimitsOfIndexes) {
  std::string inner = ImageOf("a");
  for (int depth = 1; depth <= 9; ++depth) {
    inner = Blob(IndexOf({inner}), kIndexType);
    if (depth == 8) {
      ExpectFile(WriteIndex({inner}), "a");
    }
  }
  ExpectError(WriteIndex({inner}), Code::kLimit, {"--max-index-depth"});
  ExpectError(WriteIndex(std::vector<std::string>(5000, ImageOf("a"))), Code::kLimit,
              {"--max-index-manifests"});
  Write("oci/index.json", "{\"x\":\"" + std::string(9'000'000, 'y') + "\"}");
  ExpectError(Path("oci"), Code::kLimit, {"--max-index-bytes"});
  Write("oci/index.json", std::string(1000, '[') + std::string(1000, ']'));
  ExpectError(Path("oci"), Code::kLimit, {"--max-json-depth"});
}

TEST_F(OciLayoutTest, CountsManifestsOverAllIndexes) {
  // Three levels of sixteen each name 4,096 + 256 + 16.
  std::vector<std::string> level{ImageOf("a")};
  for (int depth = 0; depth < 3; ++depth) {
    std::vector<std::string> next;
    for (int i = 0; i < 16; ++i) {
      std::vector<std::string> members(16, level[static_cast<size_t>(i) % level.size()]);
      next.push_back(Blob(IndexOf(members) + std::string(static_cast<size_t>(i), ' '), kIndexType));
    }
    level = std::move(next);
  }
  limits_.index_manifests = 100;
  ExpectError(WriteIndex(level), Code::kLimit, {"--max-index-manifests"});
}

TEST_F(OciLayoutTest, StopsAtAnIndexThatIsListedTwice) {
  const std::string index = Blob(IndexOf({ImageOf("a")}), kIndexType);
  ExpectFile(WriteIndex({index, index, index}), "a");
}

}  // namespace
}  // namespace fathom::image
