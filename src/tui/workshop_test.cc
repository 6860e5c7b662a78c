#include "tui/workshop.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include "analyze/image_fixture.h"
#include "tests/support/blob.h"
#include "tree/lookup.h"
#include "tui/explorer.h"
#include "tui/stage_fixture.h"

namespace fathom::tui {
namespace {

using namespace std::chrono_literals;
using testing::FileEntry;

testing::ImageEntries Layers() {
  testing::ImageEntries layers;
  for (int layer = 0; layer < 6; ++layer) {
    layers.push_back({FileEntry(fmt::format("a/{}", layer), std::string(1000, 'x')),
                      FileEntry("a/same", std::to_string(layer))});
  }
  return layers;
}

std::string Archive() {
  return testing::DockerArchive(analyze::SpecOf(Layers()), testing::DockerDialect::kDocker25);
}

ImageRequest RequestFor(const std::string& path) {
  auto limits = std::make_shared<Limits>();
  ImageRequest request;
  request.keeps_alive = limits;
  request.open = [path, limits]() -> Result<std::unique_ptr<image::ImageSource>> {
    TRY_ASSIGN(const image::Reference reference, image::ParseReference(path));
    return image::OpenSource(reference, *limits);
  };
  return request;
}

// All events up to one that ends the reading.
std::vector<Event> EventsOf(Workshop& workshop) {
  std::vector<Event> events;
  while (true) {
    workshop.WaitForEvents(10s);
    for (Event& event : workshop.TakeEvents()) {
      events.push_back(std::move(event));
      if (std::holds_alternative<Analyzed>(events.back()) ||
          std::holds_alternative<ReadingFailed>(events.back())) {
        return events;
      }
    }
  }
}

// A source that streams, whose layers are told beforehand; rightly or not.
class ToldSource final : public image::ImageSource {
 public:
  ToldSource(std::unique_ptr<image::ImageSource> source, std::vector<Digest> diff_ids)
      : source_(std::move(source)), diff_ids_(std::move(diff_ids)) {}

  std::string name() const override { return source_->name(); }
  bool streams() const override { return true; }
  std::optional<image::Image> Preview() override {
    image::Image image;
    for (const Digest& diff_id : diff_ids_) {
      image.layers.emplace_back().diff_id = diff_id;
    }
    return image;
  }
  Status ReadThrough(const image::BlobVisitor& visitor) override {
    return source_->ReadThrough(visitor);
  }
  Result<image::Image> Open(const image::Selection& selection) override {
    return source_->Open(selection);
  }
  Result<std::unique_ptr<ByteSource>> OpenLayer(const image::Layer& layer) const override {
    return source_->OpenLayer(layer);
  }

 private:
  const std::unique_ptr<image::ImageSource> source_;
  const std::vector<Digest> diff_ids_;
};

// The events of reading an archive that is compressed, so that it streams.
std::vector<Event> EventsOfStream(const std::vector<Digest>& told) {
  const analyze::TemporaryFile file(testing::Gzip(Archive()));
  ImageRequest request = RequestFor(file.path());
  request.open = [open = request.open, told]() -> Result<std::unique_ptr<image::ImageSource>> {
    TRY_ASSIGN(auto source, open());
    return std::make_unique<ToldSource>(std::move(source), told);
  };
  return EventsOf(*Workshop::Start(std::move(request)));
}

TEST(Workshop, TellsOfLayersThatStreamAsTheyCome) {
  std::vector<Digest> diff_ids;
  const auto untold = EventsOfStream({});
  for (const image::Layer& layer : std::get<Analyzed>(untold.back()).analysis->image.layers) {
    diff_ids.push_back(layer.diff_id);
  }
  const std::vector<Event> events = EventsOfStream(diff_ids);
  ASSERT_TRUE(std::holds_alternative<ImageKnown>(events.front()));
  const auto is_known = [](const Event& event) {
    return std::holds_alternative<ImageKnown>(event);
  };
  const auto again = std::find_if(events.begin() + 1, events.end(), is_known);
  ASSERT_NE(again, events.end());
  std::set<size_t> read;
  for (auto event = events.begin(); event != again; ++event) {
    if (const auto* layer = std::get_if<LayerRead>(&*event)) {
      read.insert(layer->layer);
    }
  }
  EXPECT_EQ(read.size(), diff_ids.size());
  EXPECT_TRUE(std::holds_alternative<Analyzed>(events.back()));
}

TEST(Workshop, WhatWasToldWronglyIsForgotten) {
  const std::vector<Event> events = EventsOfStream({DigestOf(AsBytes("no layer of it"))});
  ASSERT_TRUE(std::holds_alternative<Analyzed>(events.back()));
  Stage stage;
  for (const Event& event : events) {
    stage.Take(event);
  }
  EXPECT_EQ(stage.state.subject.layers.size(), Layers().size());
  EXPECT_TRUE(stage.state.subject.complete());
}

TEST(Workshop, TellsOfTheImageThenItsLayersThenAll) {
  const analyze::TemporaryFile file(Archive());
  const auto workshop = Workshop::Start(RequestFor(file.path()));
  const std::vector<Event> events = EventsOf(*workshop);
  ASSERT_TRUE(std::holds_alternative<ImageKnown>(events.front()));
  std::vector<bool> read(6);
  size_t grown = 0;
  for (const Event& event : events) {
    if (const auto* layer = std::get_if<LayerRead>(&event)) {
      EXPECT_FALSE(read[layer->layer]);
      read[layer->layer] = true;
    } else if (const auto* tree = std::get_if<TreeGrown>(&event)) {
      EXPECT_GT(tree->layers, grown);
      grown = tree->layers;
    }
  }
  EXPECT_EQ(read, std::vector<bool>(6, true));
  const auto& all = std::get<Analyzed>(events.back());
  EXPECT_EQ(all.analysis->tree.layer_count(), 6u);
  EXPECT_EQ(all.tree->tree.get(), &all.analysis->tree);
  EXPECT_EQ(all.facts.lost_count, 5u);
  EXPECT_GT(workshop->Count().all, 0u);
  EXPECT_TRUE(workshop->Finish());
}

TEST(Workshop, DoesWhatIsWanted) {
  const analyze::TemporaryFile file(Archive());
  const auto workshop = Workshop::Start(RequestFor(file.path()));
  const std::vector<Event> events = EventsOf(*workshop);
  const auto tree = std::get<Analyzed>(events.back()).tree;
  const tree::NodeId node = tree::LookUp(*tree->tree, "/a/same", 5, tree::LastLink::kKeep).value();
  for (uint64_t ticket = 1; ticket <= 20; ++ticket) {
    workshop->Want(ShowContent{ticket, tree, node, 3, 0});
  }
  while (true) {
    workshop->WaitForEvents(10s);
    for (Event& event : workshop->TakeEvents()) {
      auto& shown = std::get<ContentShown>(event);
      if (shown.ticket == 20) {
        ASSERT_TRUE(shown.window) << shown.window.error().message;
        EXPECT_EQ(*shown.window->bytes, "3");
        EXPECT_TRUE(shown.window->verified);
        EXPECT_TRUE(workshop->Finish());
        return;
      }
    }
  }
}

TEST(Workshop, TellsWhyNot) {
  std::string archive = Archive();
  archive.replace(archive.find("xxxxxxxx"), 8, "yyyyyyyy");
  const analyze::TemporaryFile file(archive);
  const auto broken = Workshop::Start(RequestFor(file.path()));
  const std::vector<Event> events = EventsOf(*broken);
  EXPECT_NE(std::get<ReadingFailed>(events.back()).message.find("declare"), std::string::npos);
  EXPECT_EQ(broken->failure()->code, Code::kCorrupt);
  EXPECT_TRUE(broken->Finish());
  const auto absent = Workshop::Start(RequestFor("/nowhere/at/all.tar"));
  EXPECT_TRUE(std::holds_alternative<ReadingFailed>(EventsOf(*absent).back()));
  EXPECT_EQ(absent->failure()->code, Code::kNotFound);
  EXPECT_TRUE(absent->Finish());
}

// Whether the explorer asks for a terminal, which it does not get.
bool WantsTerminal(const std::string& path) {
  bool asked = false;
  Exploration exploration;
  exploration.image = RequestFor(path);
  exploration.open_terminal = [&]() -> Result<std::unique_ptr<Terminal>> {
    asked = true;
    return Fail(Code::kUnavailable, "no terminal");
  };
  EXPECT_FALSE(Explore(std::move(exploration)));
  return asked;
}

TEST(Explorer, ShowsWhatIsKnownOfABrokenImageHoweverSoonItFails) {
  std::string archive = Archive();
  archive.replace(archive.find("xxxxxxxx"), 8, "yyyyyyyy");
  const analyze::TemporaryFile file(archive);
  for (int time = 0; time < 50; ++time) {  // often enough for the failure to be there first
    ASSERT_TRUE(WantsTerminal(file.path()));
  }
  EXPECT_FALSE(WantsTerminal("/nowhere/at/all.tar"));
}

// Opens only when it is let.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
};

TEST(Workshop, LeavesAThreadThatHangsBehind) {
  const auto gate = std::make_shared<Gate>();
  ImageRequest request;
  request.open = [gate]() -> Result<std::unique_ptr<image::ImageSource>> {
    std::unique_lock lock(gate->mutex);
    gate->changed.wait(lock, [&] { return gate->open; });
    return Fail(Code::kUnavailable, "too late");
  };
  const auto workshop = Workshop::Start(std::move(request));
  EXPECT_FALSE(workshop->Finish());
  {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
  }
  gate->changed.notify_all();
  // The thread owns what it needs, and ends some time later.
  EventsOf(*workshop);
  while (!workshop->Finish()) {
  }
}

// Contents.

std::string Pattern(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) {
    text += fmt::format("{:07}\n", i);
  }
  text.resize(size);
  return text;
}

TEST(ContentReader, ReadsWholeFilesAndWindows) {
  const std::string large = Pattern(40 << 20);
  testing::ImageSpec spec =
      analyze::SpecOf({{FileEntry("large", large), FileEntry("small", "text"), FileEntry("empty"),
                        testing::HardLinkEntry("link", "small")}});
  for (const auto compression :
       {testing::LayerCompression::kPlain, testing::LayerCompression::kGzip}) {
    const analyze::TemporaryFile file(testing::OciArchive(spec, compression));
    const Limits limits;
    const auto source =
        image::OpenSource(image::ParseReference(file.path()).value(), limits).value();
    const auto analysis = analyze::Analyze(*source, {}).value();
    const tree::FileTree& tree = analysis.tree;
    ContentReader reader(*source, analysis.image, limits);
    std::atomic<bool> stop = false;
    const auto read = [&](const char* path, uint64_t offset) {
      const tree::NodeId node = tree::LookUp(tree, path, 0, tree::LastLink::kKeep).value();
      return reader.Read(tree, *tree.VersionAt(node, 0), offset, stop);
    };
    for (const char* path : {"/small", "/link"}) {
      const auto window = read(path, 0);
      ASSERT_TRUE(window) << window.error().message;
      EXPECT_EQ(*window->bytes, "text");
      EXPECT_TRUE(window->verified);
    }
    EXPECT_EQ(*read("/empty", 0)->bytes, "");
    for (const uint64_t offset : {0ul, 1ul, 9ul << 20, (40ul << 20) - 1, 1ul << 40}) {
      const auto window = read("/large", offset);
      ASSERT_TRUE(window) << window.error().message;
      EXPECT_EQ(*window->bytes, large.substr(window->offset, window->bytes->size()));
      EXPECT_LE(window->bytes->size(), ContentReader::kWindow);
      EXPECT_EQ(window->file_bytes, large.size());
      const uint64_t wanted = std::min<uint64_t>(offset, large.size() - 1);
      EXPECT_LE(window->offset, wanted);
      EXPECT_GT(window->offset + window->bytes->size(), wanted);
      EXPECT_EQ(window->bytes, read("/large", offset)->bytes) << "it was kept";
    }
    stop = true;
    const auto stopped =
        ContentReader(*source, analysis.image, limits)
            .Read(
                tree,
                *tree.VersionAt(tree::LookUp(tree, "/large", 0, tree::LastLink::kKeep).value(), 0),
                0, stop);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, Code::kCancelled);
  }
}

}  // namespace
}  // namespace fathom::tui
