// That what containerd writes is read rightly is for the journeys; here, what nobody would write.
#include "engine/bolt_file.h"

#include <gtest/gtest.h>

#include "engine/bolt_fixture.h"

namespace fathom::engine {
namespace {

struct Record {
  std::string key;
  std::string value;
  uint32_t flags = 0;
};

void Put(std::string& page, size_t offset, auto value) {
  std::memcpy(page.data() + offset, &value, sizeof(value));
}

std::string Header(uint64_t number, uint16_t flags, uint16_t count) {
  std::string page(kBoltPage, '\0');
  Put(page, 0, number);
  Put(page, 8, flags);
  Put(page, 10, count);
  return page;
}

std::string LeafPage(uint64_t number, const std::vector<Record>& records) {
  std::string page = Header(number, 2, static_cast<uint16_t>(records.size()));
  size_t data = 16 + 16 * records.size();
  for (size_t i = 0; i < records.size(); ++i) {
    const size_t element = 16 + 16 * i;
    Put(page, element, records[i].flags);
    Put(page, element + 4, static_cast<uint32_t>(data - element));
    Put(page, element + 8, static_cast<uint32_t>(records[i].key.size()));
    Put(page, element + 12, static_cast<uint32_t>(records[i].value.size()));
    page.replace(data, records[i].key.size(), records[i].key);
    data += records[i].key.size();
    page.replace(data, records[i].value.size(), records[i].value);
    data += records[i].value.size();
  }
  return page;
}

std::string BranchPage(uint64_t number, const std::vector<uint64_t>& children) {
  std::string page = Header(number, 1, static_cast<uint16_t>(children.size()));
  for (size_t i = 0; i < children.size(); ++i) {
    Put(page, 16 + 16 * i + 8, children[i]);
  }
  return page;
}

std::string BucketAt(uint64_t root) {
  std::string value(16, '\0');
  Put(value, 0, root);
  return value;
}

// The keys in the root bucket, each with its value; or the error.
std::string Keys(const std::string& pages) {
  const auto file = BoltFile::Parse(MetaPages(2) + pages);
  if (!file) {
    return file.error().message;
  }
  std::string keys;
  const Status status = file->Visit(file->root(), [&](const BoltFile::Entry& entry) -> Status {
    keys += std::string(entry.key) + "=" + std::string(AsText(entry.value)) + ";";
    return {};
  });
  return status ? keys : "error: " + status.error().message;
}

TEST(BoltFileTest, ReadsLeavesAndBranches) {
  EXPECT_EQ(Keys(LeafPage(2, {{"a", "1"}, {"b", ""}})), "a=1;b=;");
  EXPECT_EQ(Keys(BranchPage(2, {3, 4}) + LeafPage(3, {{"a", "1"}}) + LeafPage(4, {{"b", "2"}})),
            "a=1;b=2;");
}

TEST(BoltFileTest, ReadsBucketsInPagesAndInline) {
  const std::string inlined = BucketAt(0) + LeafPage(0, {{"k", "v"}}).substr(0, 40);
  const auto file = BoltFile::Parse(
      MetaPages(2) + LeafPage(2, {{"in", inlined, 1}, {"page", BucketAt(3), 1}, {"value", "x"}}) +
      LeafPage(3, {{"k", "w"}}));
  ASSERT_TRUE(file);
  const auto value = [&](std::string_view bucket) {
    const auto found = file->FindBucket(file->root(), bucket);
    EXPECT_TRUE(found && *found);
    return std::string(**file->FindValue(**found, "k"));
  };
  EXPECT_EQ(value("in"), "v");
  EXPECT_EQ(value("page"), "w");
  EXPECT_FALSE(file->FindBucket(file->root(), "value")->has_value());
  EXPECT_FALSE(file->FindValue(file->root(), "page")->has_value());
  EXPECT_FALSE(file->FindValue(file->root(), "absent")->has_value());
}

TEST(BoltFileTest, TheNewerMetaPageThatIsWholeCounts) {
  const std::string pages = LeafPage(2, {{"old", ""}}) + LeafPage(3, {{"new", ""}});
  const std::string older = MetaPage(0, 2, 7);
  std::string newer = MetaPage(1, 3, 8);
  EXPECT_EQ(BoltFile::Parse(older + newer + pages)->root().root, 3u);
  EXPECT_EQ(BoltFile::Parse(MetaPage(0, 3, 9) + MetaPage(1, 2, 8) + pages)->root().root, 3u);
  newer[40] = 'x';
  EXPECT_EQ(BoltFile::Parse(older + newer + pages)->root().root, 2u);
}

TEST(BoltFileTest, RefusesWhatIsNoDatabase) {
  for (const std::string& bytes :
       {std::string(), std::string("x"), std::string(1 << 20, '\0'), MetaPages(2).substr(0, 60)}) {
    const auto file = BoltFile::Parse(bytes);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, Code::kCorrupt);
  }
}

TEST(BoltFileTest, RefusesPagesThatLie) {
  std::string too_many = LeafPage(2, {{"a", "1"}});
  Put(too_many, 10, uint16_t{500});
  std::string beyond = LeafPage(2, {{"a", "1"}});
  Put(beyond, 16 + 8, uint32_t{0xFFFFFFFF});
  std::string runs_over = LeafPage(2, {{"a", "1"}});
  Put(runs_over, 12, uint32_t{0xFFFFFFFF});
  for (const std::string& pages :
       {std::string(), LeafPage(7, {{"a", "1"}}), Header(2, 3, 0), Header(2, 16, 0), too_many,
        beyond, runs_over, BranchPage(2, {2}), BranchPage(2, {99}), BranchPage(2, {0}),
        BranchPage(2, {3, 3, 3, 3, 3, 3, 3, 3}) + BranchPage(3, {2, 2, 2, 2})}) {
    EXPECT_TRUE(Keys(pages).starts_with("error: the bbolt database is damaged")) << Keys(pages);
  }
}

}  // namespace
}  // namespace fathom::engine
