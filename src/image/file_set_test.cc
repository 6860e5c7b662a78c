#include "image/file_set.h"

#include <fcntl.h>

#include "image/directory_file_set.h"
#include "image/member_index.h"
#include "image/rootfs.h"
#include "image/source_fixture.h"

namespace fathom::image {
namespace {

TEST(CleanName, KeepsNamesInside) {
  EXPECT_EQ(CleanName("a/b"), "a/b");
  EXPECT_EQ(CleanName("./a//b/./c/"), "a/b/c");
  EXPECT_EQ(CleanName("/a"), "a");
  EXPECT_EQ(CleanName("a/../b"), "b");
  EXPECT_EQ(CleanName("a/b/../../c"), "c");
  EXPECT_EQ(CleanName("..."), "...");
  for (const char* name : {"", ".", "/", "..", "../a", "a/../..", "a/../../b", "a/.."}) {
    EXPECT_EQ(CleanName(name), std::nullopt) << name;
  }
}

archive::TarEntry Entry(const std::string& path, archive::EntryType type,
                        const std::string& link = "") {
  archive::TarEntry entry;
  entry.path = path;
  entry.type = type;
  entry.link = link;
  return entry;
}

TEST(MemberIndex, FollowsFortyLinksAndNoMore) {
  const Limits limits;
  MemberIndex index(limits);
  ASSERT_TRUE(index.Add(Entry("0", archive::EntryType::kFile)));
  for (int i = 1; i <= 41; ++i) {
    ASSERT_TRUE(
        index.Add(Entry(std::to_string(i), archive::EntryType::kSymlink, std::to_string(i - 1))));
  }
  EXPECT_TRUE(index.Find("40"));
  const auto far = index.Find("41");
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().code, Code::kCorrupt);
}

TEST(MemberIndex, BoundsTheMemoryOfNames) {
  Limits limits;
  limits.archive_entries = 100;
  MemberIndex index(limits);
  const std::string name(20'000, 'n');
  EXPECT_TRUE(index.Add(Entry("1" + name, archive::EntryType::kFile)));
  const auto second = index.Add(Entry("2" + name, archive::EntryType::kFile));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kLimit);
}

TEST(MemberIndex, KnowsARootFileSystemByItsNames) {
  const Limits limits;
  MemberIndex index(limits);
  ASSERT_TRUE(index.Add(Entry("etc-old/x", archive::EntryType::kFile)));
  EXPECT_FALSE(index.looks_like_rootfs());
  ASSERT_TRUE(index.Add(Entry("./usr/bin/x", archive::EntryType::kSymlink, "y")));
  EXPECT_TRUE(index.looks_like_rootfs());
  ASSERT_TRUE(index.Add(Entry("blobs/etc/x", archive::EntryType::kFile)));
  EXPECT_FALSE(index.looks_like_rootfs());
}

TEST(MemberIndex, TakesNothingWithPartsOfAnImageForARootFileSystem) {
  const Limits limits;
  MemberIndex index(limits);
  ASSERT_TRUE(index.Add(Entry("usr/bin/x", archive::EntryType::kFile)));
  EXPECT_TRUE(index.looks_like_rootfs());
  ASSERT_TRUE(index.Add(Entry(std::string(64, 'a') + "/layer.tar", archive::EntryType::kFile)));
  EXPECT_FALSE(index.looks_like_rootfs());
}

TEST(IsPartOfImage, KnowsTheNamesInArchivesOfImages) {
  const std::string digest(64, 'e');
  for (const std::string& name :
       {digest, digest + ".json", digest + ".tar.gz", digest + "/layer.tar", "sha256:" + digest,
        std::string("blobs/sha256/x"), std::string("manifest.json"), std::string("oci-layout")}) {
    EXPECT_TRUE(IsPartOfImage(name)) << name;
  }
  for (const std::string& name :
       {digest.substr(1), digest + "e", std::string(64, 'g'), std::string("etc/manifest.json"),
        std::string("blob"), std::string("usr/") + digest, std::string("")}) {
    EXPECT_FALSE(IsPartOfImage(name)) << name;
  }
}

class DirectoryTest : public SourceTest {
 protected:
  Fd OpenRoot() const { return OpenFile(Path("root")).value(); }
};

TEST_F(DirectoryTest, HasTheSameRulesWhereTheKernelDoesNotHelp) {
  Write("root/a/b/file", "inside");
  Write("outside", "outside");
  std::filesystem::create_symlink(Path("outside"), Path("root/link"));
  std::filesystem::create_directory_symlink(Path(""), Path("root/a/up"));
  const Fd root = OpenRoot();
  const auto open = [&root](const std::string& name) {
    return OpenBeneathWithoutLinks(root.get(), name, O_RDONLY | O_CLOEXEC);
  };
  const auto file = open("a/b/file");
  ASSERT_TRUE(file);
  PipeSource content(file->get());
  EXPECT_EQ(ReadAll(content, 100).value(), "inside");
  EXPECT_EQ(open("link").error(), ELOOP);
  EXPECT_EQ(open("a/up/outside").error(), ENOTDIR);
  EXPECT_EQ(open("a/absent").error(), ENOENT);
}

TEST_F(DirectoryTest, LooksLikeARootFileSystemUnlessItHoldsAnImage) {
  std::filesystem::create_directory(Path("root"));
  EXPECT_FALSE(DirectoryFileSet(OpenRoot()).LooksLikeRootfs());
  Write("root/app", "");
  EXPECT_TRUE(DirectoryFileSet(OpenRoot()).LooksLikeRootfs());
  std::filesystem::create_directory(Path("root/blobs"));
  EXPECT_FALSE(DirectoryFileSet(OpenRoot()).LooksLikeRootfs());
}

TEST_F(DirectoryTest, ReadsNoMoreThanIsAllowed) {
  Write("root/file", std::string(100, 'x'));
  const DirectoryFileSet files(OpenRoot());
  EXPECT_EQ(files.Read("file", 100).value().size(), 100u);
  EXPECT_EQ(files.Read("file", 99).error().code, Code::kLimit);
  EXPECT_EQ(files.Find("absent").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace fathom::image
