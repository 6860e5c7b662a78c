#include "registry/crawl.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "registry/image_list.h"
#include "registry/registry_fixture.h"

namespace fathom::registry {
namespace {

// Lists of numbers, ten names a page.
class NumberSource final : public CrawlSource {
 public:
  explicit NumberSource(unsigned lists) : lists_(lists) {}

  const std::string& registry() const override { return name_; }
  std::vector<CrawlTask> Roots() const override { return {{'c', "0", ""}}; }
  std::expected<CrawlPage, Refusal> Fetch(const CrawlTask& task) override {
    if (const unsigned number = ++fetched; fails && fails(number)) {
      return std::unexpected(Refusal(Error{Code::kUnavailable, "not now"}, 503));
    }
    const unsigned list = static_cast<unsigned>(std::stoul(task.key));
    const unsigned page = task.cursor.empty() ? 0 : static_cast<unsigned>(std::stoul(task.cursor));
    CrawlPage out;
    for (unsigned i = 0; i < 10; ++i) {
      out.found.emplace_back().name = fmt::format("list{}/name{}", list, page * 10 + i);
    }
    out.found.emplace_back().name = "everywhere/same";
    if (page == 0 && list + 1 < lists_) {
      out.tasks.push_back({'c', std::to_string(list + 1), ""});
      out.tasks.push_back({'c', std::to_string(list / 2), ""});  // known
    }
    out.next = page < 4 ? std::to_string(page + 1) : "";
    return out;
  }
  std::expected<uint64_t, Refusal> Count(const std::string&) override { return 1; }

  std::atomic<unsigned> fetched = 0;
  std::function<bool(unsigned)> fails;

 private:
  const unsigned lists_;
  const std::string name_ = "numbers";
};

class CrawlTest : public ::testing::Test {
 protected:
  Status Run(NumberSource& source, unsigned threads = 4) {
    NameSet names;
    auto frontier = Frontier::Open(folder_.At("journal"));
    if (!frontier) {
      return std::unexpected(frontier.error());
    }
    auto list = RepositoryList::Open(folder_.At("list.csv"), RepositoryList::Columns::kAll,
                                     (*frontier)->list_bytes(), names);
    if (!list) {
      return std::unexpected(list.error());
    }
    Settings settings;
    settings.attempts = 1;
    Crawl crawl(source, **frontier, *list, names, settings, {.threads = threads, .next_seed = {}});
    const Status ran = crawl.Run();
    summary_ = crawl.Summary();
    return ran;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    auto list = *ImageList::Open(folder_.At("list.csv"));
    while (true) {
      const auto image = list.Next();
      EXPECT_TRUE(image) << image.error().message;
      if (!image || !*image) {
        return names;
      }
      names.push_back((*image)->name.repository);
    }
  }

  const TemporaryFolder folder_;
  CrawlSummary summary_;
};

TEST_F(CrawlTest, FindsEveryNameOnce) {
  NumberSource source(20);
  ASSERT_TRUE(Run(source));
  const auto names = Names();
  EXPECT_EQ(names.size(), 20 * 50 + 1u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_EQ(source.fetched, 20 * 5u);
  EXPECT_TRUE(summary_.complete);
  NumberSource again(20);
  ASSERT_TRUE(Run(again));
  EXPECT_EQ(again.fetched, 0u) << "a crawl that has ended asks for nothing";
  EXPECT_EQ(Names(), names);
}

TEST_F(CrawlTest, GoesOnAfterAnyByteOfItsJournalAndList) {
  NumberSource whole(6);
  ASSERT_TRUE(Run(whole, 1));
  const std::string journal = *ReadFile(folder_.At("journal"), 1 << 20);
  const std::string list = *ReadFile(folder_.At("list.csv"), 1 << 20);
  const auto names = Names();
  std::mt19937 dice(7);
  for (int round = 0; round < 60; ++round) {
    // A process writes to the list first: what it was killed at may be anywhere between.
    const size_t cut = std::uniform_int_distribution<size_t>(15, journal.size())(dice);
    std::filesystem::remove(folder_.At("journal"));
    ASSERT_TRUE(WriteFileAtomically(folder_.At("journal"), AsBytes(journal.substr(0, cut)), false));
    ASSERT_TRUE(WriteFileAtomically(folder_.At("list.csv"), AsBytes(list), false));
    NumberSource rest(6);
    ASSERT_TRUE(Run(rest, 1)) << cut;
    auto found = Names();
    std::ranges::sort(found);
    auto wanted = names;
    std::ranges::sort(wanted);
    ASSERT_EQ(found, wanted) << cut;
  }
}

TEST_F(CrawlTest, WhatFailsIsTriedAgainByTheNextRun) {
  NumberSource source(4);
  source.fails = [](unsigned number) { return number >= 6 && number < 12; };
  const Status ran = Run(source, 1);
  const size_t found = Names().size();
  if (!summary_.complete) {
    NumberSource again(4);
    ASSERT_TRUE(Run(again, 1));
  }
  EXPECT_TRUE(summary_.complete);
  EXPECT_EQ(Names().size(), 4 * 50 + 1u) << "after " << found << (ran ? "" : ran.error().message);
}

TEST_F(CrawlTest, EndsWhenNothingIsAnsweredAnyMore) {
  NumberSource source(4);
  source.fails = [](unsigned) { return true; };
  static_cast<void>(Run(source, 1));
  EXPECT_LT(source.fetched, 100u);
  EXPECT_FALSE(summary_.complete);
}

TEST(Frontier, RefusesOtherFiles) {
  const TemporaryFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.At("x"), AsBytes("name,tag\n"), false));
  EXPECT_EQ(Frontier::Open(folder.At("x")).error().code, Code::kCorrupt);
  const auto first = Frontier::Open(folder.At("y"));
  ASSERT_TRUE(first);
  EXPECT_EQ(Frontier::Open(folder.At("y")).error().code, Code::kUnavailable);
}

RC_GTEST_PROP(Frontier, AnyJournalIsRead, (const std::string& text)) {
  const TemporaryFolder folder;
  RC_ASSERT(WriteFileAtomically(folder.At("j"), AsBytes("fathom crawl 1\n" + text), false));
  const auto frontier = Frontier::Open(folder.At("j"));
  RC_ASSERT(frontier.has_value());
  while ((*frontier)->Take()) {
  }
}

TEST(NameSet, KnowsManyNames) {
  NameSet set;
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(set.Add(fmt::format("name{}", i), NameSet::kFirst));
  }
  for (int i = 0; i < 100'000; i += 2) {
    EXPECT_FALSE(set.Add(fmt::format("name{}", i), NameSet::kSecond));
  }
  EXPECT_EQ(set.size(), 100'000u);
  EXPECT_EQ(set.Count(NameSet::kFirst), 50'000u);
  EXPECT_EQ(set.Count(NameSet::kFirst | NameSet::kSecond), 50'000u);
  EXPECT_TRUE(set.Contains("name7"));
  EXPECT_FALSE(set.Contains("name100000"));
  EXPECT_LE(set.memory_bytes(), 131072u * 8 * 2);
}

TEST(ImageList, ReadsWhatOthersWrite) {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& text) {
    EXPECT_TRUE(WriteFileAtomically(folder.At("list"), AsBytes(text), false));
    auto list = *ImageList::Open(folder.At("list"));
    std::string all;
    while (true) {
      const auto image = list.Next();
      if (!image) {
        all += "! ";
      } else if (!*image) {
        return all;
      } else {
        all += (*image)->name.ToString() + ((*image)->tagged ? "* " : " ");
      }
    }
  };
  EXPECT_EQ(read("busybox\n\n# no\nowner/app:2\r\n"),
            "docker.io/library/busybox:latest docker.io/owner/app:2* ");
  EXPECT_EQ(read("3,400,owner/app\n0,1,UPPER\n1,2,busybox\n"),
            "docker.io/owner/app:latest ! docker.io/library/busybox:latest ");
  EXPECT_EQ(
      read("registry,namespace,name,star_count\nh:5000,a,a/b,1\ndocker.io,library,library/x,\n"),
      "h:5000/a/b:latest docker.io/library/x:latest ");
}

}  // namespace
}  // namespace fathom::registry
