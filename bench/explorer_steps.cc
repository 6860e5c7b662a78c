// Times the explorer's own work on an image: state, update and view, without a terminal. Prints one
// JSON object: for each step its median and its worst in milliseconds.
//
//   fathom-explorer-steps IMAGE
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "image/open_source.h"
#include "tui/jobs.h"
#include "tui/loader.h"
#include "tui/update.h"
#include "tui/view.h"

namespace fathom::tui {
namespace {

using Clock = std::chrono::steady_clock;

struct Times {
  double median;
  double worst;
};

class Steps {
 public:
  Status Open(const std::string& path) {
    state_ = MakeState({}, path, {200, 60});
    TRY_ASSIGN(const image::Reference reference, image::ParseReference(path));
    TRY_ASSIGN(source_, image::OpenSource(reference, limits_));
    Loader loader([this](Event event) { Update(state_, std::move(event)); });
    TRY(loader.Run(*source_, {}));
    Press("tab");
    return {};
  }

  void Press(std::string_view name) {
    if (const auto key = ParseKey(name)) {
      Update(state_, *key);
      screen_ = Draw(state_);
    }
  }

  // Each of the keys so many times, one after the other.
  Times Measure(std::vector<std::string> keys, int rounds) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
      for (const std::string& key : keys) {
        const auto start = Clock::now();
        Press(key);
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
      }
    }
    std::ranges::sort(times);
    return {times[times.size() / 2], times.back()};
  }

  void ToLastLayer() {
    for (size_t layer = 1; layer < state_.subject.layers.size(); ++layer) {
      Press("]");
    }
  }

  size_t rows() const { return state_.tree.size(); }

 private:
  Limits limits_;
  std::unique_ptr<image::ImageSource> source_;
  State state_;
  Canvas screen_{{0, 0}};
};

int Main(int argc, char** argv) {
  Steps steps;
  if (argc != 2) {
    fmt::print(stderr, "usage: fathom-explorer-steps IMAGE\n");
    return 2;
  }
  if (const Status opened = steps.Open(argv[1]); !opened) {
    fmt::print(stderr, "{}\n", opened.error().message);
    return 1;
  }
  std::string out;
  const auto report = [&](const char* name, Times times) {
    out += fmt::format("{}\n  \"{}\": {{\"median\": {:.4f}, \"worst\": {:.4f}}}",
                       out.empty() ? "" : ",", name, times.median, times.worst);
  };
  // In the tree of the last layer every node shows.
  steps.ToLastLayer();
  const size_t rows = steps.rows();
  report("move at the top", steps.Measure({"down", "up"}, 200));
  report("page at the top", steps.Measure({"pgdn", "pgup"}, 100));
  steps.Press("G");
  report("move at the end", steps.Measure({"up", "down"}, 200));
  report("page at the end", steps.Measure({"pgup", "pgdn"}, 100));
  report("from end to end", steps.Measure({"g", "G"}, 100));
  report("fold a directory", steps.Measure({"left", "space", "space"}, 20));
  report("switch the layer", steps.Measure({"[", "[", "[", "]", "]", "]"}, 10));
  steps.Press("2");
  report("switch the layer, aggregated", steps.Measure({"[", "[", "[", "]", "]", "]"}, 10));
  steps.Press("ctrl+f");
  report("type into the filter", steps.Measure({"f", "i", "l", "e", "1", "backspace", "backspace",
                                                "backspace", "backspace", "backspace"},
                                               5));
  steps.Press("esc");
  report("sort", steps.Measure({"o", "o", "o", "o"}, 5));
  fmt::print("{{\n  \"rows\": {},{}\n}}\n", rows, out);
  return 0;
}

}  // namespace
}  // namespace fathom::tui

int main(int argc, char** argv) { return fathom::tui::Main(argc, argv); }
