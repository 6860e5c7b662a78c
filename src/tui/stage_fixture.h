// The explorer without a terminal: an image, a state that events change, and what is wanted of the
// image done at once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "analyze/image_fixture.h"
#include "tui/jobs.h"
#include "tui/loader.h"
#include "tui/update.h"
#include "tui/view.h"

namespace fathom::tui {

class Stage {
 public:
  // Reads the archive at once, so that everything is known from the start.
  explicit Stage(std::string_view archive, Preferences preferences = {}, Size screen = {120, 40})
      : Stage(screen, std::move(preferences)) {
    Open(archive);
    analyze::Options options;
    options.threads = 1;
    const Status read = loader_.Run(*source_, options);
    EXPECT_TRUE(read) << read.error().message;
  }

  // Nothing is known yet; events tell of the image.
  explicit Stage(Size screen = {120, 40}, Preferences preferences = {})
      : state(MakeState(std::move(preferences), "image.tar", screen)),
        folder(std::filesystem::temp_directory_path() /
               fmt::format("fathom-stage-{}-{}", ::getpid(), ++count_)) {
    std::filesystem::create_directory(folder);
  }
  ~Stage() { std::filesystem::remove_all(folder); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void Take(Event event) {
    Effects effects = Update(state, std::move(event));
    for (Effect& effect : effects) {
      Do(std::move(effect));
    }
  }

  // Keys by their names, with blanks between: "down down enter ctrl+f".
  void Press(std::string_view names) {
    while (!names.empty()) {
      const size_t end = std::min(names.find(' '), names.size());
      const auto key = ParseKey(names.substr(0, end));
      ASSERT_TRUE(key) << key.error().message;
      Take(*key);
      names.remove_prefix(std::min(end + 1, names.size()));
    }
  }
  void Type(std::string_view text) {
    for (const char c : text) {
      Take(MakeKey(static_cast<char32_t>(static_cast<unsigned char>(c))));
    }
  }
  // A click of the left button.
  void Click(int x, int y) {
    Take(Mouse{Mouse::Kind::kPress, 1, {x, y}});
    Take(Mouse{Mouse::Kind::kRelease, 1, {x, y}});
  }

  std::string Screen() const { return Draw(state).Text(); }
  bool Shows(std::string_view text) const { return Screen().find(text) != std::string::npos; }
  // The path under the tree's cursor; "" when there is none.
  std::string Selected() const {
    const tree::Row* row = state.tree.selected();
    return row == nullptr ? "" : state.tree.tree()->Path(row->node);
  }

  State state;
  std::filesystem::path folder;  // for what is extracted; goes away
  std::string copied;            // the last text that was put on the clipboard
  std::string theme;             // the last theme that was asked for
  int suspensions = 0;
  bool holds_jobs = false;  // what is wanted of the image is not done, but kept in `held`
  Effects held;
  std::string pager_content;  // of the last file that $PAGER was to show

 private:
  void Open(std::string_view archive) {
    file_ = std::make_unique<analyze::TemporaryFile>(archive);
    const auto reference = image::ParseReference(file_->path());
    ASSERT_TRUE(reference);
    auto source = image::OpenSource(*reference, limits_);
    ASSERT_TRUE(source) << source.error().message;
    source_ = *std::move(source);
  }

  // Events of the loader come from its thread, one at a time, while nobody else is at work.
  void TakeFromLoader(Event event) {
    if (const auto* known = std::get_if<ImageKnown>(&event)) {
      jobs_.SetSource({source_.get(), known->image});
    }
    Take(std::move(event));
  }

  void Do(Effect effect) {
    if (auto* copy = std::get_if<CopyText>(&effect)) {
      copied = copy->text;
    } else if (auto* use = std::get_if<UseTheme>(&effect)) {
      theme = use->name;
    } else if (std::holds_alternative<SuspendProcess>(effect)) {
      ++suspensions;
    } else if (auto* pager = std::get_if<RunPager>(&effect)) {
      std::ifstream content(pager->path, std::ios::binary);
      pager_content.assign(std::istreambuf_iterator<char>(content), {});
      std::filesystem::remove_all(std::filesystem::path(pager->path).parent_path());
    } else if (holds_jobs) {
      held.push_back(std::move(effect));
    } else {
      if (auto* extract = std::get_if<ExtractPaths>(&effect)) {
        // Whatever was typed, nothing is written elsewhere.
        extract->target = (folder / std::filesystem::path(extract->target).filename()).string();
      }
      if (auto answer = jobs_.Do(effect)) {
        Take(*std::move(answer));
      }
    }
  }

  static inline int count_ = 0;
  Limits limits_;
  std::unique_ptr<analyze::TemporaryFile> file_;
  std::unique_ptr<image::ImageSource> source_;
  Loader loader_{[this](Event event) { TakeFromLoader(std::move(event)); }};
  Jobs jobs_{limits_, [this] { return loader_.indexes(); }};
};

}  // namespace fathom::tui
