// What is taken out is what the oracle says the image holds.
#include "extract/extract.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <ranges>

#include "extract/extract_fixture.h"
#include "tests/support/random_image.h"

namespace fathom::extract {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::SymlinkEntry;
using testing::TarEntry;
using testing::WhiteoutEntry;

bool IsRoot() { return ::geteuid() == 0; }

// The oracle's file as a file system can hold it. The capability of random images is none that the
// kernel takes, and user attributes belong to files and directories only.
testing::OracleFile AsStored(testing::OracleFile file) {
  std::erase_if(file.xattrs, [&](const auto& xattr) {
    return xattr.first == "security.capability" || (file.type != '0' && file.type != '5');
  });
  if (file.type == '2') {
    file.mode = 0777;
  }
  if (file.type != '3' && file.type != '4') {
    file.dev_major = file.dev_minor = 0;
  }
  if (file.type != '0') {
    file.size = 0;
    file.content_sha256.clear();
  }
  return file;
}

void ExpectSame(const Listing& got, const std::map<std::string, testing::OracleFile>& wanted) {
  std::map<std::string, testing::OracleFile> expected;
  for (const auto& [path, file] : wanted) {
    const bool dangling = file.type == '0' && file.content_sha256.empty();
    if (!dangling) {
      expected[path] = AsStored(file);
    }
  }
  for (const auto& [path, file] : expected) {
    const auto found = got.files.find(path);
    RC_ASSERT(found != got.files.end());
    testing::OracleFile have = found->second;
    have.implied = file.implied;
    if (file.implied) {
      have.mtime = file.mtime;
    }
    RC_LOG() << path << "\n";
    RC_ASSERT(have == file);
  }
  RC_ASSERT(got.files.size() == expected.size());
}

RC_GTEST_PROP(ExtractTest, ADirectoryHoldsWhatTheOracleSays, ()) {
  if (!IsRoot()) {
    RC_SUCCEED("only root may give files away");
  }
  const testing::ImageEntries layers = *testing::RandomImage();
  const auto oracle = testing::RunOracle(testing::LayerTars(layers));
  TestImage image(layers, *rc::gen::arbitrary<bool>());
  const size_t layer = *rc::gen::inRange<size_t>(0, layers.size());
  const TemporaryFolder folder;
  const auto plan = image.PlanOf({"/"}, true, layer);
  RC_ASSERT(plan.has_value());
  const auto done = image.ToDirectory(*plan, folder.path("out"), {false, true});
  if (!done) {
    RC_FAIL(done.error().message);
  }
  ExpectSame(ReadFolder(folder.path("out")), oracle.state_after_layer[layer]);
}

// GNU tar makes of the archive what is extracted directly, names of one file included. Without -P
// it makes links to absolute names last, which changes the times of their directories.
RC_GTEST_PROP(ExtractTest, ATarHoldsTheSameAsTheDirectory, ()) {
  if (!IsRoot()) {
    RC_SUCCEED("only root may give files away");
  }
  TestImage image(*testing::RandomImage());
  const TemporaryFolder folder;
  const auto plan = image.PlanOf({"/"});
  RC_ASSERT(plan.has_value());
  RC_ASSERT(image.ToDirectory(*plan, folder.path("out"), {false, true}).has_value());
  RC_ASSERT(image.ToTar(*plan, folder.path("a.tar")).has_value());
  RC_ASSERT(image.ToTar(*plan, folder.path("b.tar")).has_value());
  RC_ASSERT(ContentOf(folder.path("a.tar")) == ContentOf(folder.path("b.tar")));
  ::mkdir(folder.path("tar").c_str(), 0755);
  const std::string command = fmt::format(
      "tar -xPpf {0}/a.tar --warning=no-timestamp --numeric-owner --xattrs --xattrs-include=user.* "
      "-C {0}/tar",
      folder.path());
  RC_ASSERT(std::system(command.c_str()) == 0);
  Listing direct = ReadFolder(folder.path("out"));
  Listing by_tar = ReadFolder(folder.path("tar"));
  for (const tree::NodeId node : std::views::iota(0u, image.tree().node_count())) {
    const tree::Version* version = image.tree().Latest(node);
    if (version != nullptr && version->entry == tree::kNone) {  // its time is nobody's
      direct.files.erase(image.tree().Path(node));
      by_tar.files.erase(image.tree().Path(node));
    }
  }
  RC_ASSERT(direct.links == by_tar.links);
  RC_ASSERT(direct.files == by_tar.files);
}

TEST(ExtractTest, ReadsOnlyTheLayersThatSomethingIsWantedFrom) {
  TestImage image({{FileEntry("a", "1")}, {FileEntry("b", "2")}, {FileEntry("a", "3")}});
  const auto plan = image.PlanOf({"/a"});
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->wants.size(), 1u);
  EXPECT_TRUE(plan->wants.contains(2));
  EXPECT_EQ(plan->bytes, 1u);
}

TEST(ExtractTest, PathsThatLieInEachOtherAreWrittenOnce) {
  TestImage image({{DirEntry("a"), FileEntry("a/x", "1"), FileEntry("b", "2")}});
  const auto plan = image.PlanOf({"/a/x", "/a", "/b", "/a/x"});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->items.size(), 3u);
}

// The same blob twice in an image: a link keeps the first one's file, the second one's is new.
TEST(ExtractTest, ABlobThatIsSeveralLayersServesEach) {
  const std::vector<TarEntry> twice = {FileEntry("d/f", "content")};
  for (const bool compressed : {false, true}) {
    TestImage image({twice, {HardLinkEntry("g", "d/f")}, twice}, compressed);
    const TemporaryFolder folder;
    ASSERT_TRUE(image.ToDirectory(folder.path("out")));
    const Listing listing = ReadFolder(folder.path("out"));
    EXPECT_EQ(ContentOf(folder.path("out/g")), "content");
    EXPECT_EQ(ContentOf(folder.path("out/d/f")), "content");
    EXPECT_TRUE(listing.links.empty());
  }
}

TEST(ExtractTest, HolesAreHoles) {
  constexpr uint64_t kSize = 64 << 20;
  const testing::SparseFile file{.name = "s",
                                 .chunks = {{4096, "begin"}, {1 << 20, std::string(3000, 'm')}},
                                 .real_size = kSize};
  testing::ImageSpec spec = analyze::SpecOf({{}});
  spec.layer_tars[0] = testing::SparsePax10Entry(file) + testing::EndOfArchive();
  TestImage image(spec);
  const TemporaryFolder folder;
  ASSERT_TRUE(image.ToDirectory(folder.path("out")));
  EXPECT_EQ(ContentOf(folder.path("out/s")), file.Expanded());
  struct stat facts{};
  ASSERT_EQ(::stat(folder.path("out/s").c_str(), &facts), 0);
  EXPECT_LT(facts.st_blocks * 512, 1 << 20);
  const auto plan = image.PlanOf({"/s"});
  ASSERT_TRUE(image.ToTar(*plan, folder.path("s.tar")));
  EXPECT_EQ(ContentOf(folder.path("s.tar")).size(), kSize + 512 + 1024);
}

TEST(ExtractTest, SpecialFilesAndBitsStayBehindUnlessKept) {
  TarEntry su = FileEntry("su", "x");
  su.mode = 06755;
  TarEntry shared = DirEntry("shared");
  shared.mode = 02775;
  TarEntry ping = FileEntry("ping", "x");
  // Version 2, cap_net_raw permitted and effective.
  ping.xattrs = {
      {"security.capability", std::string("\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20)}};
  TestImage image({{su, shared, ping, testing::DeviceEntry("null", '3', 1, 3),
                    testing::DeviceEntry("pipe", '6', 0, 0)}});
  const TemporaryFolder folder;
  const auto plan = image.PlanOf({"/"}, false);
  ASSERT_TRUE(plan);
  const auto losses = image.ToDirectory(*plan, folder.path("out"), {});
  ASSERT_TRUE(losses) << losses.error().message;
  EXPECT_EQ(losses->setuid, 2u);
  EXPECT_EQ(losses->capabilities, 1u);
  EXPECT_EQ(losses->devices, 1u);
  EXPECT_EQ(losses->fifos, 1u);
  const Listing listing = ReadFolder(folder.path("out"));
  EXPECT_EQ(listing.files.size(), 3u);
  EXPECT_EQ(listing.files.at("/su").mode, 0755u);
  EXPECT_EQ(listing.files.at("/shared").mode, 0775u);
  EXPECT_TRUE(listing.files.at("/ping").xattrs.empty());
  if (IsRoot()) {
    ASSERT_TRUE(image.ToDirectory(folder.path("kept")));
    const Listing kept = ReadFolder(folder.path("kept"));
    EXPECT_EQ(kept.files.at("/su").mode, 06755u);
    EXPECT_EQ(kept.files.at("/ping").xattrs, ping.xattrs);
    EXPECT_EQ(kept.files.at("/null").dev_minor, 3u);
    EXPECT_EQ(kept.files.at("/pipe").type, '6');
  }
}

TEST(ExtractTest, SomebodyElseGetsEverythingButOwnersAndDevices) {
  TarEntry theirs = FileEntry("d/theirs", "x");
  theirs.uid = 12;
  theirs.mode = 0400;
  TarEntry closed = DirEntry("d");
  closed.mode = 0500;
  closed.mtime = 5;
  TestImage image({{closed, theirs, HardLinkEntry("d/again", "d/theirs"), SymlinkEntry("l", "/etc"),
                    testing::DeviceEntry("null", '3', 1, 3)}});
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0777);
  ASSERT_TRUE(AsNobody([&] {
    const auto plan = image.PlanOf({"/"});
    const auto losses = image.ToDirectory(*plan, folder.path("out"), {});
    return losses && losses->devices_denied == 1;
  }));
  const Listing listing = ReadFolder(folder.path("out"));
  EXPECT_EQ(listing.files.size(), 4u);
  EXPECT_EQ(listing.files.at("/d").mode, 0500u);
  EXPECT_EQ(listing.files.at("/d").mtime, 5);
  EXPECT_NE(listing.files.at("/d/theirs").uid, 12);
  EXPECT_EQ(listing.links.size(), 1u);
  ::chmod(folder.path("out/d").c_str(), 0700);
}

TEST(ExtractTest, ABlobThatHasChangedIsRefused) {
  const std::vector<TarEntry> before = {FileEntry("a", "first"), FileEntry("b", "second")};
  const TemporaryFolder folder;
  for (const auto& after : std::vector<std::vector<TarEntry>>{
           {FileEntry("a", "first"), FileEntry("b", "SECOND")},
           {FileEntry("a", "first")},
           {FileEntry("a", "first"), DirEntry("b")},
           {FileEntry("a", "longer than it was"), FileEntry("b", "second")}}) {
    TestImage image({before});
    TestImage changed({after});
    const TemporaryFolder output;
    const auto plan = image.PlanOf({"/"});
    ASSERT_TRUE(plan);
    auto target = DirectoryTarget::Open(image.tree(), output.path("out"), {});
    ASSERT_TRUE(target);
    const Status done = Extract(*plan, image.tree(), *changed.source, changed.analysis.image,
                                image.limits, **target);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::kCorrupt) << done.error().message;
    target->reset();
    const Listing left = ReadFolder(output.path("out"));
    EXPECT_FALSE(left.files.contains("/b"));
    EXPECT_LE(left.files.size(), 1u);  // and no temporary file
  }
}

TEST(ExtractTest, ALimitCountsBeforeAnythingIsWritten) {
  TestImage image({{FileEntry("a", std::string(2000, 'x'))}});
  image.limits.layer_bytes = 1999;
  const auto plan = image.PlanOf({"/"});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::kLimit);
}

// A file system of a few blocks: /dev/full for what is a stream.
TEST(ExtractTest, NoRoomIsAnErrorThatNamesTheFile) {
  TestImage image({{FileEntry("a/large", std::string(1 << 20, 'x'))}});
  const auto plan = image.PlanOf({"/"});
  const Status status = image.ToTar(*plan, "/dev/full");
  ASSERT_FALSE(status);
  EXPECT_EQ(ExitCode(status.error().code), 3);
  EXPECT_NE(status.error().message.find("/dev/full"), std::string::npos);

  // A process may be told how large its files may get.
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0777);
  EXPECT_TRUE(AsNobody([&] {
    const rlimit small{4096, 4096};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto done = image.ToDirectory(folder.path("out"));
    return !done && ExitCode(done.error().code) == 3 &&
           done.error().message.find("a/large") != std::string::npos;
  }));
  const Listing left = ReadFolder(folder.path("out"));
  EXPECT_EQ(left.files.size(), 1u);  // the directory
}

}  // namespace
}  // namespace fathom::extract
