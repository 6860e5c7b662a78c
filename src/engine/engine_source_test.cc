// Sources over an engine whose saves are archives made here: for what no engine of a Debian machine
// does (IDs of containerd's image store), and for faults.
#include "engine/engine_source.h"

#include <gtest/gtest.h>

#include <map>

#include "archive/tar_reader.h"
#include "engine/container_layer.h"
#include "engine/engine_fixture.h"
#include "image/image_record.h"
#include "tests/support/image_writer.h"
#include "tests/support/oci_layout.h"
#include "tests/support/tar_writer.h"

namespace fathom::engine {
namespace {

using testing::DirEntry;
using testing::DockerDialect;
using testing::FileEntry;

class ArchiveEngine final : public Engine {
 public:
  ArchiveEngine(std::string id, std::string archive)
      : id_(std::move(id)), archive_(std::move(archive)) {}

  std::string name() const override { return "an engine"; }
  std::string version() const override { return "1"; }
  Result<ImageFacts> InspectImage(const std::string& /*image*/,
                                  const image::Platform& /*platform*/) override {
    return ImageFacts{id_, {"example/app:1.0", "other:2"}, diff_ids};
  }
  Result<std::vector<image::HistoryEntry>> HistoryOf(const std::string& /*image*/) override {
    return history;
  }
  Result<std::unique_ptr<ByteSource>> SaveImage(const std::string& /*image*/,
                                                const image::Platform& /*platform*/) override {
    ++saves;
    return std::make_unique<testing::TextSource>(archive_);
  }
  Result<ContainerFacts> InspectContainer(const std::string& /*container*/) override {
    return Fail(Code::kNotFound, "no containers");
  }
  Result<std::vector<Change>> ChangesOf(const std::string& /*container*/) override {
    return std::vector<Change>();
  }
  Result<std::unique_ptr<ByteSource>> ExportContainer(const std::string& /*container*/) override {
    return Fail(Code::kNotFound, "no containers");
  }

  int saves = 0;
  std::vector<Digest> diff_ids;
  std::vector<image::HistoryEntry> history;

 private:
  const std::string id_;
  const std::string archive_;
};

// Keeps records as the cache does.
class Memory final : public image::ImageMemory {
 public:
  std::optional<image::Image> Find(std::string_view key) const override {
    const auto found = records_.find(std::string(key));
    if (found == records_.end()) {
      return std::nullopt;
    }
    auto image = image::ReadRecord(
        found->second, [this](const Digest&) { return std::optional(config_); }, kLimits);
    EXPECT_TRUE(image) << image.error().message;
    return *std::move(image);
  }
  void Keep(std::string_view key, const image::Image& image) override {
    records_[std::string(key)] = image::WriteRecord(image).value();
    config_ = image.config_json;
  }
  size_t size() const { return records_.size(); }

 private:
  std::map<std::string, std::string> records_;
  std::string config_;
};

testing::ImageSpec Spec() {
  testing::ImageSpec spec;
  spec.layer_tars = {testing::WriteTar({FileEntry("a", "1")}),
                     testing::WriteTar({FileEntry("b", "2")})};
  spec.history = {{"RUN a"}, {"ENV x", true}, {"RUN b"}};
  spec.tags = {"example/app:1.0"};
  return spec;
}

Status PassOver(const std::string& /*name*/, ByteSource& /*blob*/) { return {}; }

// An image as a source opens it, after all its bytes have gone by.
Result<image::Image> OpenAll(EngineSource& source) {
  TRY(source.ReadThrough(PassOver));
  return source.Open({});
}

std::string Describe(const image::Image& image) {
  std::string text =
      fmt::format("{} {} {}", image.reference, image.digest.ToString(), image.config_json);
  for (const image::Layer& layer : image.layers) {
    text += fmt::format("\n{} {} {} {} {} {}", layer.name, layer.diff_id.ToString(),
                        layer.digest.ToString(), layer.size.value_or(0), layer.media_type,
                        layer.history.value_or(99));
  }
  for (const image::HistoryEntry& entry : image.config.history) {
    text += fmt::format("\n{} {}", entry.created_by, entry.layer.value_or(99));
  }
  return text;
}

class EngineSourceTest : public ::testing::Test {
 protected:
  // The source of an image that the engine calls `id`.
  std::unique_ptr<EngineSource> Source(const std::string& id, const std::string& archive) {
    engine_ = std::make_shared<ArchiveEngine>(id, archive);
    return *EngineSource::Open(engine_, "example/app:1.0", {}, kLimits);
  }

  void ExpectRecalled(const std::string& id, const std::string& archive) {
    Memory memory;
    const auto source = Source(id, archive);
    EXPECT_FALSE(source->Recall({}, memory)->has_value());
    const auto opened = OpenAll(*source);
    ASSERT_TRUE(opened) << opened.error().message;
    source->Remember(memory);
    ASSERT_EQ(memory.size(), 1u) << id;
    const auto again = Source(id, archive);
    const auto recalled = again->Recall({}, memory);
    ASSERT_TRUE(recalled->has_value());
    EXPECT_EQ(Describe(**recalled), Describe(*opened));
    EXPECT_EQ(engine_->saves, 0);
  }

  std::shared_ptr<ArchiveEngine> engine_;
};

std::string Sha256(const std::string& text) { return DigestOf(AsBytes(text)).ToString(); }

TEST_F(EngineSourceTest, RecallsImagesNamedByTheirConfig) {
  for (const DockerDialect dialect :
       {DockerDialect::kLegacy, DockerDialect::kDocker25, DockerDialect::kPodman}) {
    ExpectRecalled(Sha256(testing::ConfigJson(Spec())), testing::DockerArchive(Spec(), dialect));
  }
}

TEST_F(EngineSourceTest, RecallsImagesNamedByTheirManifest) {
  using enum testing::LayerCompression;
  for (const auto compression : {kPlain, kGzip}) {
    ExpectRecalled(Sha256(testing::OciManifestJson(Spec(), compression)),
                   testing::OciArchive(Spec(), compression));
  }
}

TEST_F(EngineSourceTest, RecallsImagesNamedByTheirIndex) {
  const testing::ImageSpec spec = Spec();
  const auto files =
      testing::OciLayoutFiles({&spec, 1}, testing::LayerCompression::kGzip, {.nested_indexes = 1});
  // The one descriptor of index.json is that of the inner index.
  const std::string& outer = files.at("index.json");
  const std::string id = outer.substr(outer.find("sha256:"), 7 + 64);
  ExpectRecalled(
      id, testing::OciArchive(spec, testing::LayerCompression::kGzip, {.nested_indexes = 1}));
}

TEST_F(EngineSourceTest, RemembersNothingUnderAnIdThatItCannotVerify) {
  Memory memory;
  const auto source = Source("sha256:" + std::string(64, 'e'),
                             testing::DockerArchive(Spec(), DockerDialect::kPodman));
  ASSERT_TRUE(OpenAll(*source));
  source->Remember(memory);
  EXPECT_EQ(memory.size(), 0u);
}

TEST_F(EngineSourceTest, ChoosesTheImageByItsIdAmongSeveral) {
  std::vector<testing::ImageSpec> specs = {Spec(), Spec()};
  specs[1].history[0].created_by = "RUN another";
  specs[1].tags = {"other:2"};
  const auto source = Source(Sha256(testing::ConfigJson(specs[1])),
                             testing::DockerArchive(specs, DockerDialect::kLegacy));
  const auto opened = OpenAll(*source);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->config.history[0].created_by, "RUN another");
  EXPECT_EQ(opened->reference, "example/app:1.0");  // as it was asked for
}

TEST_F(EngineSourceTest, AsksForTheBytesAnew) {
  const auto source = Source(Sha256(testing::ConfigJson(Spec())),
                             testing::DockerArchive(Spec(), DockerDialect::kPodman));
  const auto first = OpenAll(*source);
  ASSERT_TRUE(first);
  std::vector<std::string> seen;
  ASSERT_TRUE(source->ReadThrough([&](const std::string& name, ByteSource& blob) -> Status {
    seen.push_back(name);
    TRY(ReadAll(blob, 1 << 20));
    return {};
  }));
  EXPECT_EQ(seen, (std::vector{first->layers[0].name, first->layers[1].name}));
  EXPECT_EQ(engine_->saves, 2);
}

TEST_F(EngineSourceTest, ASaveThatIsCutOrNoArchiveIsAnError) {
  const std::string archive = testing::DockerArchive(Spec(), DockerDialect::kPodman);
  EXPECT_EQ(OpenAll(*Source(Sha256("x"), "")).error().code, Code::kCorrupt);
  EXPECT_EQ(OpenAll(*Source(Sha256("x"), "hello")).error().code, Code::kCorrupt);
  EXPECT_EQ(OpenAll(*Source(Sha256("x"), archive.substr(0, 700))).error().code, Code::kCorrupt);
}

// What a container's layer holds, entry by entry.
std::vector<std::string> NamesIn(const std::string& exported, const std::vector<Change>& changes) {
  const auto layer =
      ContainerLayer(std::make_unique<testing::TextSource>(exported), changes, kLimits);
  archive::TarReader reader(*layer, kLimits);
  std::vector<std::string> names;
  while (true) {
    const auto entry = reader.Next();
    EXPECT_TRUE(entry) << entry.error().message;
    if (!entry || *entry == nullptr) {
      return names;
    }
    names.push_back((*entry)->path);
    const auto content = ReadAll(reader.content(), 1 << 20);
    EXPECT_TRUE(content);
    if (!content->empty()) {
      names.back() += "=" + content->substr(0, 20);
    }
  }
}

TEST_F(EngineSourceTest, ShowsLayersBeforeTheyCome) {
  const auto source = Source("sha256:" + std::string(64, 'a'), "");
  const auto preview_with = [&](std::vector<bool> empty) {
    engine_->history.clear();
    for (const bool is_empty : empty) {
      image::HistoryEntry& entry = engine_->history.emplace_back();
      entry.created_by = fmt::format("step {}", engine_->history.size());
      entry.empty_layer = is_empty;
    }
    engine_->diff_ids = {DigestOf(AsBytes("1")), DigestOf(AsBytes("2"))};
    return (*EngineSource::Open(engine_, "example/app:1.0", {}, kLimits))->Preview();
  };
  EXPECT_FALSE(source->Preview()) << "the engine does not say";
  const auto image = preview_with({false, true, false});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->reference, "example/app:1.0");
  ASSERT_EQ(image->layers.size(), 2u);
  EXPECT_EQ(image->layers[1].diff_id, DigestOf(AsBytes("2")));
  EXPECT_EQ(image->layers[1].history, 2u);
  const auto unclear = preview_with({false, true, true});
  ASSERT_TRUE(unclear);
  EXPECT_EQ(unclear->layers.size(), 2u);
  EXPECT_FALSE(unclear->layers[0].history) << "one entry of two layers";
}

TEST(ContainerLayerTest, KeepsWhatChangedAndWhitesOutWhatIsGone) {
  const std::string exported = testing::WriteTar({DirEntry("etc/"), FileEntry("etc/a", "added"),
                                                  FileEntry("etc/kept", std::string(700, 'k')),
                                                  FileEntry("./etc/b", std::string(513, 'b'))});
  using enum Change::Kind;
  EXPECT_EQ(NamesIn(exported, {{kModified, "/etc"},
                               {kAdded, "/etc/a"},
                               {kModified, "/etc/b"},
                               {kDeleted, "/srv/gone"},
                               {kDeleted, "/top"}}),
            (std::vector<std::string>{"etc/", "etc/a=added", "./etc/b=bbbbbbbbbbbbbbbbbbbb",
                                      "srv/.wh.gone", ".wh.top"}));
  EXPECT_TRUE(NamesIn(exported, {}).empty());
}

TEST(ContainerLayerTest, NamesOfAnyLengthAndBytes) {
  const std::string deep = std::string(90, 'd') + "/" + std::string(150, 'n');
  const std::string exported = testing::WriteTar(
      {FileEntry(deep, "1"), FileEntry("caf\xe9", "2"), FileEntry("b\xc3\xa4", "3")},
      {.format = testing::TarFormat::kGnu});
  using enum Change::Kind;
  EXPECT_EQ(
      NamesIn(exported, {{kAdded, "/" + deep},
                         {kAdded, "/caf\xEF\xBF\xBD"},
                         {kAdded, "/b\xc3\xa4"},
                         {kDeleted, "/x/" + deep}}),
      (std::vector<std::string>{deep + "=1", "caf\xe9=2", "b\xc3\xa4=3",
                                "x/" + std::string(90, 'd') + "/.wh." + std::string(150, 'n')}));
}

TEST(ContainerLayerTest, AnExportThatIsCutIsAnError) {
  const std::string exported = testing::WriteTar({FileEntry("a", std::string(2000, 'x'))});
  const auto layer = ContainerLayer(std::make_unique<testing::TextSource>(exported.substr(0, 1500)),
                                    {{Change::Kind::kAdded, "/a"}}, kLimits);
  EXPECT_EQ(ReadAll(*layer, 1 << 20).error().code, Code::kCorrupt);
}

}  // namespace
}  // namespace fathom::engine
