#include "tui/explorer.h"

#include <cstdlib>
#include <filesystem>

#include "base/child_process.h"
#include "tui/update.h"
#include "tui/view.h"

namespace fathom::tui {
namespace {

using Clock = std::chrono::steady_clock;

// Most images are known by then, so that the first screen has their layers; and those that are not
// there at all never take over the terminal.
constexpr auto kFirstLook = std::chrono::milliseconds(60);
// How often the progress of reading is drawn.
constexpr auto kTick = std::chrono::milliseconds(100);

// $PAGER and its arguments; it is no shell command.
std::vector<std::string> PagerCommand(const std::string& path) {
  const char* variable = std::getenv("PAGER");
  std::string_view text = variable == nullptr ? "" : variable;
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      words.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (words.empty()) {
    words = {"less"};
  }
  words.push_back(path);
  return words;
}

class Explorer {
 public:
  Explorer(State state, std::shared_ptr<Workshop> workshop, std::unique_ptr<Terminal> terminal)
      : state_(std::move(state)),
        workshop_(std::move(workshop)),
        terminal_(std::move(terminal)),
        parser_(terminal_->key_sequences()) {
    workshop_->OnEvents([terminal = terminal_.get()] { terminal->Wake(); });
  }

  // `known` has happened before there was a terminal.
  State Run(std::vector<Event> known) {
    Take(Resized{terminal_->size()});
    for (Event& event : known) {
      Take(std::move(event));
    }
    TakeWork();
    while (!state_.quits) {
      terminal_->Show(Draw(state_));
      const Terminal::Happening happening = terminal_->Wait(Deadline());
      if (happening.closed) {
        break;
      }
      if (happening.resized) {
        Take(Resized{terminal_->size()});
      }
      TakeInput(happening.bytes);
      TakeWork();
    }
    workshop_->OnEvents(nullptr);
    return std::move(state_);
  }

 private:
  bool IsReading() const { return !state_.subject.complete() && state_.subject.failure.empty(); }

  std::optional<Clock::time_point> Deadline() const {
    std::optional<Clock::time_point> deadline = parser_.Deadline();
    if (IsReading()) {
      const auto tick = Clock::now() + kTick;
      deadline = deadline ? std::min(*deadline, tick) : tick;
    }
    return deadline;
  }

  void TakeInput(const std::string& bytes) {
    std::vector<InputEvent> input;
    const auto now = Clock::now();
    parser_.Feed(bytes, now, input);
    parser_.Expire(now, input);
    for (InputEvent& event : input) {
      std::visit([this](auto& value) { Take(std::move(value)); }, event);
    }
  }

  void TakeWork() {
    if (IsReading()) {
      Take(workshop_->Count());
    }
    for (Event& event : workshop_->TakeEvents()) {
      Take(std::move(event));
    }
  }

  void Take(Event event) {
    for (Effect& effect : Update(state_, std::move(event))) {
      Do(std::move(effect));
    }
  }

  void Do(Effect effect) {
    if (std::holds_alternative<SuspendProcess>(effect)) {
      terminal_->Suspend();
      Take(Resized{terminal_->size()});
    } else if (const auto* copy = std::get_if<CopyText>(&effect)) {
      terminal_->Copy(copy->text);
    } else if (const auto* theme = std::get_if<UseTheme>(&effect)) {
      if (const Theme* found = FindTheme(theme->name)) {
        terminal_->SetTheme(*found);
      }
    } else if (const auto* pager = std::get_if<RunPager>(&effect)) {
      Show(pager->path);
    } else {
      workshop_->Want(std::move(effect));
    }
  }

  void Show(const std::string& path) {
    const std::vector<std::string> command = PagerCommand(path);
    std::string failure;
    terminal_->Lend([&] {
      if (const auto code = RunOnTerminal(command); !code) {
        failure = code.error().message;
      }
    });
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(path).parent_path(), ignored);
    if (!failure.empty()) {
      Take(JobEnded{0, failure, true});
    }
    Take(Resized{terminal_->size()});
  }

  State state_;
  std::shared_ptr<Workshop> workshop_;
  std::unique_ptr<Terminal> terminal_;
  InputParser parser_;
};

// Whether the image could not be read, and there is nothing of it to look at.
bool HasNothingToShow(const State& state) {
  return !state.subject.failure.empty() && state.subject.tree == nullptr &&
         state.subject.image == nullptr;
}

// The same as far as it is known.
bool HasNothingToShow(const std::vector<Event>& known) {
  return known.size() == 1 && std::holds_alternative<ReadingFailed>(known.front());
}

}  // namespace

Result<Explored> Explore(Exploration exploration) {
  const auto workshop = Workshop::Start(std::move(exploration.image));
  workshop->WaitForEvents(kFirstLook);
  std::vector<Event> known = workshop->TakeEvents();
  if (HasNothingToShow(known)) {
    workshop->Finish();
    return std::unexpected(*workshop->failure());
  }
  auto terminal = exploration.open_terminal();
  if (!terminal) {
    workshop->Finish();
    return std::unexpected(std::move(terminal).error());
  }
  State state = MakeState(std::move(exploration.preferences), std::move(exploration.name),
                          (*terminal)->size());
  state.preferences.theme = (*terminal)->theme().name;
  state = Explorer(std::move(state), workshop, *std::move(terminal)).Run(std::move(known));
  Explored explored;
  explored.threads_left = !workshop->Finish();
  explored.failure = workshop->failure();
  explored.analysis = state.subject.analysis;
  if (HasNothingToShow(state) && !explored.threads_left) {
    return std::unexpected(*explored.failure);
  }
  return explored;
}

}  // namespace fathom::tui
