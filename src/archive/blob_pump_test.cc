#include "archive/blob_pump.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/blob.h"

namespace fathom::archive {
namespace {

// Gathers what it is given, or fails from a byte on.
class GatheringSink final : public ChunkSink {
 public:
  explicit GatheringSink(uint64_t fail_at = ~0ull) : fail_at_(fail_at) {}

  Status Consume(ByteView decoded) override {
    text += AsText(decoded);
    if (text.size() > fail_at_) {
      return Fail(Code::kInvalidArgument, "the sink has had enough");
    }
    return {};
  }
  Status Finish() override {
    ++finished;
    return {};
  }

  std::string text;
  int finished = 0;

 private:
  uint64_t fail_at_;
};

// Fails after the bytes it was given.
class FailingSource final : public ByteSource {
 public:
  explicit FailingSource(std::string_view text) : inner_(AsBytes(text)) {}
  Result<size_t> Read(ByteSpan out) override {
    TRY_ASSIGN(const size_t got, inner_.Read(out));
    return got > 0 ? Result<size_t>(got) : Fail(Code::kUnavailable, "connection lost");
  }

 private:
  MemorySource inner_;
};

// Threads that help in a crew as long as they live.
class Helpers {
 public:
  Helpers(PumpCrew& crew, int count) : crew_(crew) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] { crew_.Help(); });
    }
  }
  ~Helpers() {
    crew_.Close();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  PumpCrew& crew_;
  std::vector<std::thread> threads_;
};

std::string Data(size_t size) {
  std::string data;
  uint64_t state = size + 1;
  while (data.size() < size) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    data.append(1 + (state >> 60), static_cast<char>(state >> 40));
  }
  data.resize(size);
  return data;
}

std::string Stored(const std::string& data, Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return testing::Compress(data, testing::LayerCompression::kGzipMultiMember);
    case Compression::kZstd:
      return testing::Compress(data, testing::LayerCompression::kZstdSkippable);
    case Compression::kNone:
      break;
  }
  return data;
}

constexpr Compression kCompressions[] = {Compression::kNone, Compression::kGzip,
                                         Compression::kZstd};

class PumpWithHelpers : public ::testing::TestWithParam<int> {
 protected:
  Result<BlobFacts> Run(ByteSource& source, ChunkSink& sink, const PumpOptions& options = {}) {
    BlobPump pump(crew_, source, sink, limits_, options);
    return pump.Run();
  }

  Result<BlobFacts> Run(std::string_view stored, ChunkSink& sink, const PumpOptions& options = {}) {
    MemorySource source(AsBytes(stored));
    return Run(source, sink, options);
  }

  Limits limits_;
  PumpCrew crew_;
  Helpers helpers_{crew_, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(BlobPump, PumpWithHelpers, ::testing::Values(0, 1, 3));

TEST_P(PumpWithHelpers, DigestsBothSidesInOnePass) {
  // Around the sizes of its buffers, and many chunks.
  for (const size_t size : {0u, 1u, 4u, 65535u, 65536u, 65537u, 131072u, 131073u, 3'000'000u}) {
    const std::string data = Data(size);
    for (const Compression compression : kCompressions) {
      const std::string stored = Stored(data, compression);
      GatheringSink sink;
      const Result<BlobFacts> facts = Run(stored, sink);
      ASSERT_TRUE(facts) << facts.error().message;
      EXPECT_EQ(facts->compression, compression);
      EXPECT_EQ(facts->blob_digest, DigestOf(AsBytes(stored)));
      EXPECT_EQ(facts->blob_bytes, stored.size());
      EXPECT_EQ(facts->diff_id, DigestOf(AsBytes(data)));
      EXPECT_EQ(facts->decoded_bytes, data.size());
      EXPECT_EQ(sink.text, data);
      EXPECT_EQ(sink.finished, 1);
    }
  }
}

TEST_P(PumpWithHelpers, TakesTheAlgorithmsAskedFor) {
  const std::string data = Data(500'000);
  constexpr DigestAlgorithm kAlgorithms[] = {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512};
  for (const Compression compression : kCompressions) {
    const std::string stored = Stored(data, compression);
    for (const DigestAlgorithm blob : kAlgorithms) {
      for (const DigestAlgorithm diff : kAlgorithms) {
        GatheringSink sink;
        const Result<BlobFacts> facts =
            Run(stored, sink, {.blob_algorithm = blob, .diff_algorithm = diff});
        ASSERT_TRUE(facts);
        EXPECT_EQ(facts->blob_digest, DigestOf(AsBytes(stored), blob));
        EXPECT_EQ(facts->diff_id, DigestOf(AsBytes(data), diff));
      }
    }
  }
}

TEST_P(PumpWithHelpers, ProgressCountsStoredBytes) {
  const std::string data = Data(700'000);
  for (const Compression compression : kCompressions) {
    const std::string stored = Stored(data, compression);
    std::atomic<uint64_t> progress = 5;
    GatheringSink sink;
    ASSERT_TRUE(Run(stored, sink, {.progress = &progress}));
    EXPECT_EQ(progress, 5 + stored.size());
  }
}

TEST_P(PumpWithHelpers, SinkErrorStopsEarlyAndIsTheOneReturned) {
  const std::string data = Data(20'000'000);
  for (const Compression compression : {Compression::kNone, Compression::kGzip}) {
    std::string stored = compression == Compression::kGzip ? testing::Gzip(data, 1) : data;
    std::atomic<uint64_t> progress = 0;
    GatheringSink sink(1000);
    const Result<BlobFacts> facts = Run(stored, sink, {.progress = &progress});
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, Code::kInvalidArgument);
    EXPECT_LT(progress, stored.size());
    EXPECT_EQ(sink.finished, 0);
  }
}

TEST_P(PumpWithHelpers, SinkErrorWinsOverADecodeErrorBehindIt) {
  std::string stored = testing::Gzip(Data(1'000'000));
  stored[stored.size() - 2] ^= 1;
  GatheringSink patient;
  const Result<BlobFacts> corrupt = Run(stored, patient);
  ASSERT_FALSE(corrupt);
  EXPECT_EQ(corrupt.error().code, Code::kCorrupt);
  EXPECT_EQ(patient.finished, 0);
  for (const uint64_t fail_at : {0u, 500'000u}) {
    GatheringSink sink(fail_at);
    const Result<BlobFacts> facts = Run(stored, sink);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, Code::kInvalidArgument);
  }
}

TEST_P(PumpWithHelpers, SinkSeesWhatStandsBeforeADecodeError) {
  const std::string data = Data(1'000'000);
  GatheringSink sink;
  EXPECT_FALSE(Run(testing::Gzip(data) + "garbage", sink));
  EXPECT_EQ(sink.text, data);
}

TEST_P(PumpWithHelpers, SourceErrorIsPassedOn) {
  const std::string stored = testing::Gzip(Data(300'000), 1);
  for (const size_t size : {size_t{0}, size_t{3}, size_t{60'000}, stored.size()}) {
    for (const std::string& text : {stored.substr(0, size), Data(size)}) {
      FailingSource source(text);
      GatheringSink sink;
      const Result<BlobFacts> facts = Run(source, sink);
      ASSERT_FALSE(facts);
      EXPECT_EQ(facts.error().code, Code::kUnavailable) << size;
    }
  }
}

TEST_P(PumpWithHelpers, LimitsWhatALayerUnpacksTo) {
  limits_.layer_bytes = 1'000'000;
  for (const Compression compression : kCompressions) {
    GatheringSink fits;
    EXPECT_TRUE(Run(Stored(Data(1'000'000), compression), fits));
    GatheringSink over;
    const Result<BlobFacts> facts = Run(Stored(Data(1'000'001), compression), over);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, Code::kLimit);
  }
}

TEST_P(PumpWithHelpers, BombStopsAtTheLimit) {
  limits_.layer_bytes = 1'000'000;
  const std::string stored = testing::Zstd(std::string(200'000'000, '\0'));
  GatheringSink sink;
  const Result<BlobFacts> facts = Run(stored, sink);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, Code::kLimit);
  EXPECT_LT(sink.text.size(), 2'000'000u);
}

TEST_P(PumpWithHelpers, ManyEmptyMembersAreNoTrouble) {
  std::string stored;
  const std::string empty = testing::Gzip("");
  for (int i = 0; i < 20'000; ++i) {
    stored += empty;
  }
  GatheringSink sink;
  const Result<BlobFacts> facts = Run(stored, sink);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->decoded_bytes, 0u);
  EXPECT_EQ(facts->blob_digest, DigestOf(AsBytes(stored)));
}

TEST_P(PumpWithHelpers, SeveralPumpsShareTheCrew) {
  const std::string data = Data(2'000'000);
  const std::string stored = testing::Gzip(data, 1);
  std::vector<std::thread> owners;
  std::array<bool, 4> good{};
  for (bool& one : good) {
    owners.emplace_back([&] {
      GatheringSink sink;
      const Result<BlobFacts> facts = Run(stored, sink);
      one = facts && facts->diff_id == DigestOf(AsBytes(data)) && sink.text == data;
    });
  }
  for (std::thread& owner : owners) {
    owner.join();
  }
  EXPECT_EQ(good, (std::array{true, true, true, true}));
}

TEST(BlobPump, HelpersMayLeaveWhileABlobIsRead) {
  const std::string data = Data(5'000'000);
  const Limits limits;
  PumpCrew crew;
  MemorySource source(AsBytes(data));
  GatheringSink sink;
  BlobPump pump(crew, source, sink, limits, {});
  auto helpers = std::make_unique<Helpers>(crew, 2);
  std::thread closing([&] { helpers.reset(); });
  const Result<BlobFacts> facts = pump.Run();
  closing.join();
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->diff_id, DigestOf(AsBytes(data)));
}

}  // namespace
}  // namespace fathom::archive
