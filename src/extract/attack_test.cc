// Images, and output directories, that try to make an extraction reach outside of its root.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "extract/extract_fixture.h"

namespace fathom::extract {
namespace {

using testing::DirEntry;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::SymlinkEntry;
using testing::TarEntry;
using testing::WhiteoutEntry;

// An output with neighbours that must stay as they are.
class Attack : public ::testing::Test {
 protected:
  Attack() {
    ::chmod(folder_.path().c_str(), 0777);
    ::mkdir(folder_.path("victim").c_str(), 0755);
    ::mkdir(folder_.path("out-evil").c_str(), 0755);
    folder_.Write("victim/passwd", "untouched");
    folder_.Write("out-evil/x", "untouched");
    MakeOut();
    before_ = Neighbours();
  }

  std::string Out(std::string_view name = "") const {
    return folder_.path("out" + std::string(name.empty() ? "" : "/") + std::string(name));
  }
  std::string Victim(std::string_view name = "") const {
    return folder_.path("victim" + std::string(name.empty() ? "" : "/") + std::string(name));
  }

  // As root and as somebody else, each with an output of its own that `prepare` has filled; nothing
  // outside may change. Returns how root's extraction ended.
  Result<Losses> Run(
      const testing::ImageEntries& layers, bool overwrite = false,
      const std::function<void()>& prepare = [] {}) {
    TestImage image(layers);
    const auto start_over = [&] {
      std::filesystem::remove_all(Out());
      MakeOut();
      prepare();
    };
    start_over();
    AsNobody([&] {
      (void)image.ToDirectory(Out(), overwrite);
      return true;
    });
    EXPECT_TRUE(Neighbours() == before_) << "after an extraction without rights";
    start_over();
    auto done = image.ToDirectory(Out(), overwrite);
    EXPECT_TRUE(Neighbours() == before_);
    return done;
  }

  void MakeOut() const {
    ::mkdir(Out().c_str(), 0777);
    ::chmod(Out().c_str(), 0777);
  }

  Listing Neighbours() const {
    Listing all = ReadFolder(folder_.path());
    std::erase_if(all.files, [](const auto& file) {
      return file.first.starts_with("/out/") || file.first == "/out";
    });
    all.links.clear();
    return all;
  }

  TemporaryFolder folder_;
  Listing before_;
};

TEST_F(Attack, ALinkThatIsWrittenThroughLeadsInside) {
  for (const std::string& target :
       {Victim(), std::string("../victim"), std::string("../../victim")}) {
    const auto done = Run({{SymlinkEntry("esc", target), FileEntry("esc/passwd", "evil")}});
    ASSERT_TRUE(done) << done.error().message;
  }
  EXPECT_TRUE(std::filesystem::is_symlink(Out("esc")));
}

TEST_F(Attack, ADirectoryThatBecomesALinkBetweenLayersIsOnlyALink) {
  const auto done = Run({{DirEntry("d"), FileEntry("d/passwd", "evil")},
                         {SymlinkEntry("d", Victim())},
                         {FileEntry("e", "x")}});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(std::filesystem::read_symlink(Out("d")), Victim());
}

TEST_F(Attack, NamesThatClimbStayBelowTheRoot) {
  const auto done = Run({{FileEntry("../victim/passwd", "evil"), FileEntry("/abs", "x"),
                          FileEntry("a/../../out-evil/x", "evil"),
                          FileEntry("../../../../../../../../etc/fathom-was-here", "evil")}});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(ContentOf(Out("victim/passwd")), "evil");
  EXPECT_EQ(ContentOf(Out("out-evil/x")), "evil");
  EXPECT_EQ(ContentOf(Out("abs")), "x");
  EXPECT_FALSE(std::filesystem::exists("/etc/fathom-was-here"));
}

TEST_F(Attack, HardLinksLeadToFilesOfTheImageOnly) {
  const auto done =
      Run({{HardLinkEntry("a", Victim("passwd")), HardLinkEntry("b", "../victim/passwd"),
            SymlinkEntry("s", Victim("passwd")), HardLinkEntry("c", "s"), FileEntry("c2", "x"),
            HardLinkEntry("d", "c2")}});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->dangling, 2u);
  EXPECT_FALSE(std::filesystem::exists(Out("a")));
  EXPECT_TRUE(std::filesystem::is_symlink(Out("c")));
}

// ---- What lies in the output already

TEST_F(Attack, ALinkInTheOutputIsNotFollowed) {
  const testing::ImageEntries image = {{DirEntry("d"), FileEntry("d/passwd", "evil")}};
  const auto link = [this] { std::filesystem::create_symlink(Victim(), Out("d")); };
  const auto refused = Run(image, false, link);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_TRUE(std::filesystem::is_symlink(Out("d")));

  const auto replaced = Run(image, true, link);
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_FALSE(std::filesystem::is_symlink(Out("d")));
  EXPECT_EQ(ContentOf(Out("d/passwd")), "evil");
}

TEST_F(Attack, ALinkOnTheWayToAFileIsNotFollowed) {
  const testing::ImageEntries image = {{FileEntry("d/passwd", "evil")}};
  TestImage opened(image);
  std::filesystem::create_symlink(Victim(), Out("d"));
  const auto plan = opened.PlanOf({"/d/passwd"});
  for (const bool overwrite : {false, true}) {
    const auto done = opened.ToDirectory(*plan, Out(), {overwrite, false});
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("link"), std::string::npos) << done.error().message;
    EXPECT_TRUE(Neighbours() == before_);
  }
}

TEST_F(Attack, ALinkInAFilesPlaceIsReplacedOrLeft) {
  const testing::ImageEntries image = {{FileEntry("f", "evil"), SymlinkEntry("s", "x")}};
  const auto link = [this] {
    std::filesystem::create_symlink(Victim("passwd"), Out("f"));
    std::filesystem::create_symlink(Victim("new"), Out("s"));
  };
  ASSERT_FALSE(Run(image, false, link));
  const auto done = Run(image, true, link);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(std::filesystem::is_symlink(Out("f")));
  EXPECT_EQ(std::filesystem::read_symlink(Out("s")), "x");
}

TEST_F(Attack, NothingThatIsThereIsTouchedUnlessAsked) {
  const testing::ImageEntries image = {
      {DirEntry("d"), FileEntry("d/f", "new"), FileEntry("a", "1")}};
  const auto old = [this] {
    ::mkdir(Out("d").c_str(), 0711);
    folder_.Write("out/d/f", "old");
  };
  const auto refused = Run(image, false, old);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("--overwrite"), std::string::npos);
  EXPECT_EQ(ContentOf(Out("d/f")), "old");
  EXPECT_FALSE(std::filesystem::exists(Out("a"))) << "written before the conflict was seen";
  ASSERT_TRUE(Run(image, true, old));
  EXPECT_EQ(ContentOf(Out("d/f")), "new");
}

TEST_F(Attack, ADirectoryIsNeverReplacedByAFile) {
  const auto done = Run({{FileEntry("d", "x")}}, true, [this] { ::mkdir(Out("d").c_str(), 0755); });
  ASSERT_FALSE(done);
  EXPECT_TRUE(std::filesystem::is_directory(Out("d")));
}

// Each name of one file with --overwrite: nothing is left behind, whatever was one file before.
TEST_F(Attack, HardLinksReplaceWhatIsThere) {
  const testing::ImageEntries image = {{FileEntry("a", "new"), HardLinkEntry("b", "a")}};
  for (int twice = 0; twice < 2; ++twice) {
    const auto done = Run(image, true, [this] {
      folder_.Write("out/a", "old");
      std::filesystem::create_hard_link(Out("a"), Out("b"));
    });
    ASSERT_TRUE(done) << done.error().message;
    const Listing listing = ReadFolder(Out());
    EXPECT_EQ(listing.files.size(), 2u);
    EXPECT_EQ(listing.links.size(), 1u);
    EXPECT_EQ(ContentOf(Out("b")), "new");
  }
}

// ---- Size

// A path longer than the system takes in one call, with few descriptors.
TEST_F(Attack, APathMayBeLongerThanTheSystemsLimit) {
  std::string deep;
  for (int i = 0; i < 2000; ++i) {
    deep += "directory/";
  }
  TestImage image({{FileEntry(deep + "f", "deep"), HardLinkEntry("near", deep + "f"),
                    FileEntry("directory/g", "high"), HardLinkEntry(deep + "h", "directory/g")}});
  ASSERT_TRUE(AsNobody([&] {
    const rlimit few{256, 256};
    ::setrlimit(RLIMIT_NOFILE, &few);
    return image.ToDirectory(Out()).has_value();
  }));
  EXPECT_EQ(ContentOf(Out("near")), "deep");
  Fd at(::open(Out().c_str(), O_PATH | O_DIRECTORY));
  for (int i = 0; i < 2000; ++i) {
    at = Fd(::openat(at.get(), "directory", O_PATH | O_DIRECTORY | O_NOFOLLOW));
    ASSERT_TRUE(at.valid()) << i;
  }
  struct stat facts{};
  EXPECT_EQ(::fstatat(at.get(), "f", &facts, AT_SYMLINK_NOFOLLOW), 0);
  EXPECT_EQ(facts.st_nlink, 2u);
  EXPECT_EQ(::fstatat(at.get(), "h", &facts, AT_SYMLINK_NOFOLLOW), 0);
  EXPECT_EQ(facts.st_nlink, 2u);
}

TEST(DirectoryWalkTest, TakesOneNameAtATime) {
  EXPECT_TRUE(IsSingleName("a"));
  EXPECT_TRUE(IsSingleName("..."));
  for (const std::string_view name :
       {std::string_view(""), std::string_view("."), std::string_view(".."),
        std::string_view("a/b"), std::string_view("a\0b", 3)}) {
    EXPECT_FALSE(IsSingleName(name)) << name;
  }
}

}  // namespace
}  // namespace fathom::extract
