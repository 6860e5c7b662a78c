#include "extract/extract.h"

#include <set>

#include "extract/layer_reader.h"

namespace fathom::extract {
namespace {

// Hands on what somebody else owns.
class BorrowedSource final : public ByteSource {
 public:
  explicit BorrowedSource(ByteSource& source) : source_(source) {}
  Result<size_t> Read(ByteSpan out) override { return source_.Read(out); }
  Result<uint64_t> Skip(uint64_t count) override { return source_.Skip(count); }

 private:
  ByteSource& source_;
};

class Contents {
 public:
  Contents(const Plan& plan, const tree::FileTree& tree, image::ImageSource& source,
           const image::Image& image, const Limits& limits, Target& target)
      : plan_(plan),
        tree_(tree),
        source_(source),
        image_(image),
        limits_(limits),
        target_(target) {}

  Status Read() {
    TRY(ReadFromLayers());
    return ReadFromStream();
  }

 private:
  bool Streams(size_t number) const {
    return source_.streams() && source_.Streams(image_.layers[number]);
  }

  Status ReadFromLayers() {
    for (const auto& [number, wants] : plan_.wants) {
      if (Streams(number)) {
        continue;
      }
      auto blob = source_.OpenLayer(image_.layers[number]);
      if (!blob) {
        return InLayer(blob.error(), number);
      }
      TRY(ReadOne(number, std::move(*blob)));
    }
    return {};
  }

  // Once through the stream serves all layers, unless a blob is several of them.
  Status ReadFromStream() {
    std::set<size_t> left;
    for (const auto& [number, wants] : plan_.wants) {
      if (Streams(number)) {
        left.insert(number);
      }
    }
    while (!left.empty()) {
      const size_t before = left.size();
      Status failed;
      const Status read = source_.ReadThrough([&](const std::string& name, ByteSource& blob) {
        for (const size_t number : left) {
          if (image_.layers[number].name == name) {
            failed = ReadOne(number, std::make_unique<BorrowedSource>(blob));
            left.erase(number);
            break;
          }
        }
        // What follows is of no use then, and an error ends the reading.
        const bool enough = !failed || left.empty();
        return enough ? Status(Fail(Code::kCancelled, "enough was read")) : Status();
      });
      TRY(failed);
      if (left.size() == before) {
        TRY(read);
        return Fail(Code::kCorrupt, "'{}' is no longer in the archive",
                    image_.layers[*left.begin()].name);
      }
    }
    return {};
  }

  Status ReadOne(size_t number, std::unique_ptr<ByteSource> blob) {
    Status status = ReadLayer(std::move(blob), tree_.layer(number), plan_.wants.at(number), plan_,
                              limits_, target_);
    return status ? status : InLayer(std::move(status).error(), number);
  }

  std::unexpected<Error> InLayer(Error error, size_t number) const {
    return error.code == Code::kCorrupt ? Wrap(std::move(error), "layer {} ({})", number,
                                               image_.layers[number].name.substr(0, 200))
                                        : std::unexpected(std::move(error));
  }

  const Plan& plan_;
  const tree::FileTree& tree_;
  image::ImageSource& source_;
  const image::Image& image_;
  const Limits& limits_;
  Target& target_;
};

bool IsDirectory(const Item& item) { return item.version->state == tree::State::kDirectory; }

}  // namespace

Status ReadContents(const Plan& plan, const tree::FileTree& tree, image::ImageSource& source,
                    const image::Image& image, const Limits& limits, Target& target) {
  return Contents(plan, tree, source, image, limits, target).Read();
}

Status Extract(const Plan& plan, const tree::FileTree& tree, image::ImageSource& source,
               const image::Image& image, const Limits& limits, Target& target) {
  TRY(target.Begin(plan));
  for (const Item& item : plan.items) {
    if (IsDirectory(item)) {
      TRY(target.MakeDirectory(item));
    }
  }
  TRY(ReadContents(plan, tree, source, image, limits, target));
  // A link to a special file needs that first; both come in the order of the tree.
  for (const Item& item : plan.items) {
    if (item.same_as != Item::kNoItem) {
      TRY(target.MakeLink(item, plan.items[item.same_as]));
    } else if (!IsDirectory(item) && item.version->state != tree::State::kFile) {
      TRY(target.MakeSpecial(item));
    }
  }
  return target.Finish();
}

}  // namespace fathom::extract
