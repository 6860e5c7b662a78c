#define NCURSES_WIDECHAR 1
#include "tui/terminal.h"

#include <curses.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "base/io.h"
#include "base/text.h"
#include "tui/ascii_cells.h"
#include "tui/terminal_rescue.h"

// curses names things that C++ has, too.
#undef timeout
#undef move
#undef erase
#undef clear
#undef refresh

namespace fathom::tui {
namespace {

using Clock = std::chrono::steady_clock;

// Buttons and drags (1000, 1002) with coordinates as numbers (1006); pasted text in brackets
// (2004).
constexpr std::string_view kMouseOn = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
constexpr std::string_view kMouseOff = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
constexpr std::string_view kPasteOn = "\x1b[?2004h";
constexpr std::string_view kPasteOff = "\x1b[?2004l";

constexpr size_t kMostCopied = 100'000;  // bytes; terminals take no more through OSC 52

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A string capability of terminfo, without the delays that only old terminals need.
std::string Capability(const char* name) {
  const char* value = ::tigetstr(name);
  if (value == nullptr || value == reinterpret_cast<const char*>(-1)) {
    return "";
  }
  std::string text = value;
  for (size_t at = text.find("$<"); at != std::string::npos; at = text.find("$<", at)) {
    const size_t end = text.find('>', at);
    text.erase(at, end == std::string::npos ? end : end - at + 1);
  }
  return text;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

class CursesTerminal final : public Terminal {
 public:
  static Result<std::unique_ptr<CursesTerminal>> Open(const TerminalOptions& options) {
    std::unique_ptr<CursesTerminal> terminal(new CursesTerminal(options));
    TRY(terminal->Begin());
    return terminal;
  }

  ~CursesTerminal() override {
    if (screen_ != nullptr) {
      Leave();
      ::delscreen(screen_);
      // Whatever curses believes to restore, the modes are those that were found.
      ::tcsetattr(::fileno(file_.get()), TCSANOW, &modes_);
    }
  }

  Size size() const override { return size_; }
  bool ascii() const override { return ascii_; }
  const Theme& theme() const override { return *theme_; }

  void SetTheme(const Theme& theme) override {
    theme_ = &ChooseTheme(theme.name, COLORS, false, "");
    Forget();
  }

  InputParser::Extra key_sequences() const override {
    constexpr std::pair<const char*, KeyCode> kKeys[] = {
        {"kcuu1", KeyCode::kUp},     {"kcud1", KeyCode::kDown},   {"kcub1", KeyCode::kLeft},
        {"kcuf1", KeyCode::kRight},  {"khome", KeyCode::kHome},   {"kend", KeyCode::kEnd},
        {"kpp", KeyCode::kPageUp},   {"knp", KeyCode::kPageDown}, {"kich1", KeyCode::kInsert},
        {"kdch1", KeyCode::kDelete}, {"kbs", KeyCode::kBackspace}};
    InputParser::Extra extra;
    for (const auto& [name, code] : kKeys) {
      extra.emplace_back(Capability(name), MakeKey(code));
    }
    for (unsigned number = 1; number <= 12; ++number) {
      extra.emplace_back(
          Capability(("kf" + std::to_string(number)).c_str()),
          MakeKey(static_cast<KeyCode>(static_cast<char32_t>(KeyCode::kF1) + number - 1)));
    }
    return extra;
  }

  void Show(const Canvas& canvas) override {
    const int rows = std::min(canvas.size().rows, size_.rows);
    const int columns = std::min(canvas.size().columns, size_.columns);
    const bool everything = !shown_ || shown_->size() != canvas.size();
    for (int y = 0; y < rows; ++y) {
      if (everything || !std::equal(canvas.line(y), canvas.line(y) + columns, shown_->line(y))) {
        ShowLine(canvas, y, columns);
      }
    }
    if (canvas.has_cursor()) {
      ::wmove(stdscr, canvas.cursor().y, canvas.cursor().x);
    }
    ::curs_set(canvas.has_cursor() ? 1 : 0);
    ::wrefresh(stdscr);
    shown_ = canvas;
  }

  void Forget() override {
    shown_.reset();
    ::clearok(stdscr, TRUE);
  }

  Happening Wait(std::optional<Clock::time_point> until) override {
    Happening happening;
    pollfd waits[] = {{::fileno(file_.get()), POLLIN, 0}, {rescue_->descriptor(), POLLIN, 0}};
    int milliseconds = -1;
    if (until) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now()).count();
      milliseconds = static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
    }
    if (missed_.ends || missed_.woken || missed_.resized) {
      milliseconds = 0;
    }
    if (::poll(waits, 2, milliseconds) < 0 && errno != EINTR) {
      happening.closed = true;
      return happening;
    }
    const TerminalRescue::Seen seen = rescue_->Take();
    if (seen.suspends) {
      Suspend();
    }
    const TerminalRescue::Seen missed = std::exchange(missed_, {});
    happening.closed = seen.ends || seen.interrupted || missed.ends;
    happening.woken = seen.woken || missed.woken;
    if (seen.continued) {
      // Somebody else has stopped the program, and the shell has set its own modes meanwhile.
      Enter();
    }
    happening.resized = missed.resized;
    if (seen.resized || seen.continued) {
      happening.resized |= Measure();
    }
    if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      ReadBytes(happening);
    }
    return happening;
  }

  void Wake() override { rescue_->Wake(); }

  void Copy(std::string_view text) override {
    const std::string command = "\x1b]52;c;" + Base64(AsBytes(text.substr(0, kMostCopied))) + "\a";
    if (!Variable("TMUX").empty()) {
      std::string doubled;
      for (const char byte : command) {
        doubled += byte == '\x1b' ? "\x1b\x1b" : std::string(1, byte);
      }
      WriteRaw("\x1bPtmux;" + doubled + "\x1b\\");
    } else if (Variable("TERM").starts_with("screen")) {
      WriteRaw("\x1bP" + command + "\x1b\\");
    }
    // tmux takes it as it stands, too, where it may set the clipboard itself.
    if (!Variable("TERM").starts_with("screen") || !Variable("TMUX").empty()) {
      WriteRaw(command);
    }
  }

  void Suspend() override {
    // As a shell expects it: this process and those of its group.
    WithoutIt([] { ::kill(0, SIGTSTP); });
  }

  void Lend(const std::function<void()>& use) override {
    WithoutIt(use);
    const TerminalRescue::Seen seen = rescue_->Take();
    missed_.ends |= seen.ends;  // but a ^C was meant for whoever had the terminal
    missed_.woken |= seen.woken;
  }

 private:
  explicit CursesTerminal(const TerminalOptions& options) : options_(options) {}

  Status Begin() {
    ::setlocale(LC_CTYPE, "");
    const bool utf8 = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
    ascii_ = options_.ascii || !utf8;
    if (!utf8) {
      ::setlocale(LC_CTYPE, "C.UTF-8");
    }
    file_.reset(std::fopen("/dev/tty", "r+e"));
    if (file_ == nullptr) {
      return Fail(errno == EACCES ? Code::kDenied : Code::kNotFound,
                  "there is no terminal to show the image on");
    }
    if (::tcgetattr(::fileno(file_.get()), &modes_) != 0) {
      return std::unexpected(SystemError(errno, "asking the terminal for its modes"));
    }
    // Curses would wait that long to tell ESC from a sequence; input is not its business here.
    ::set_escdelay(25);
    screen_ = ::newterm(nullptr, file_.get(), file_.get());
    if (screen_ == nullptr) {
      return Fail(Code::kNotFound,
                  "this terminal, TERM={}, is not known here; TERM=xterm often serves",
                  Printable(Variable("TERM")));
    }
    ::start_color();
    ::use_default_colors();
    theme_ =
        &ChooseTheme(options_.theme, COLORS, !Variable("NO_COLOR").empty(), Variable("COLORFGBG"));
    rescue_.emplace(::fileno(file_.get()), modes_, Farewell());
    Enter();
    Measure();
    return {};
  }

  // What undoes Enter(), for a program that dies.
  std::string Farewell() const {
    return std::string(kMouseOff) + std::string(kPasteOff) + Capability("rmkx") +
           Capability("sgr0") + Capability("cnorm") + Capability("rmcup");
  }

  void Enter() {
    ::reset_prog_mode();
    ::raw();
    ::noecho();
    ::nonl();
    ::keypad(stdscr, TRUE);
    ::intrflush(stdscr, FALSE);
    ::nodelay(stdscr, TRUE);
    Forget();
    ::wrefresh(stdscr);  // the alternate screen
    WriteRaw(std::string(kPasteOn) + std::string(options_.mouse ? kMouseOn : ""));
  }

  void Leave() {
    WriteRaw(std::string(kMouseOff) + std::string(kPasteOff));
    ::curs_set(1);
    ::endwin();
    ::tcsetattr(::fileno(file_.get()), TCSADRAIN, &modes_);
  }

  // Whether the size has changed.
  bool Measure() {
    winsize window = {};
    Size size = {80, 24};
    if (::ioctl(::fileno(file_.get()), TIOCGWINSZ, &window) == 0 && window.ws_col > 0 &&
        window.ws_row > 0) {
      size = {window.ws_col, window.ws_row};
    }
    if (size == size_) {
      return false;
    }
    size_ = size;
    ::resizeterm(size.rows, size.columns);
    Forget();
    return true;
  }

  // Gives the terminal back around a call, in which ^Z stops as it does for any program.
  void WithoutIt(const std::function<void()>& call) {
    Leave();
    rescue_->Hold(false);
    struct sigaction before = {};
    struct sigaction usual = {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGTSTP, &usual, &before);
    call();
    ::sigaction(SIGTSTP, &before, nullptr);
    rescue_->Hold(true);
    Enter();
    missed_.resized |= Measure();
  }

  // Past curses, in order with what it wrote.
  void WriteRaw(std::string_view bytes) {
    std::fflush(file_.get());
    const int terminal = ::fileno(file_.get());
    for (size_t at = 0; at < bytes.size();) {
      const ssize_t written = ::write(terminal, bytes.data() + at, bytes.size() - at);
      if (written < 0 && errno != EINTR) {
        return;
      }
      at += written > 0 ? static_cast<size_t>(written) : 0;
    }
  }

  void ReadBytes(Happening& happening) {
    char bytes[4096];
    const ssize_t got = ::read(::fileno(file_.get()), bytes, sizeof bytes);
    if (got > 0) {
      happening.bytes.assign(bytes, static_cast<size_t>(got));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      happening.closed = true;
    }
  }

  void ShowLine(const Canvas& canvas, int y, int columns) {
    std::vector<cchar_t> line;
    line.reserve(static_cast<size_t>(columns));
    for (int x = 0; x < columns; ++x) {
      const Cell cell = ascii_ ? AsciiCell(canvas.at(x, y)) : canvas.at(x, y);
      if (cell.width == 0) {
        continue;  // curses takes both columns for the character before
      }
      wchar_t text[CCHARW_MAX + 1] = {};
      for (size_t i = 0; i < std::min<size_t>(cell.text.size(), CCHARW_MAX); ++i) {
        text[i] = static_cast<wchar_t>(cell.text[i]);
      }
      const Appearance appearance = AppearanceOf(cell);
      cchar_t character = {};
      int pair = appearance.pair;
      if (setcchar(&character, text, appearance.attributes, 0, &pair) != OK) {
        setcchar(&character, L"?", appearance.attributes, 0, &pair);
      }
      line.push_back(character);
    }
    mvwadd_wchnstr(stdscr, y, 0, line.data(), static_cast<int>(line.size()));
  }

  struct Appearance {
    attr_t attributes;
    int pair;
  };

  Appearance AppearanceOf(const Cell& cell) {
    Look look = theme_->look(cell.role);
    if (cell.selected) {
      const Look& selected = theme_->selected;
      look.ground = selected.ground ? selected.ground : look.ground;
      look.reverse = look.reverse != selected.reverse;
      look.bold = look.bold || selected.bold;
      look.dim = look.dim && !selected.reverse;
    }
    attr_t attributes = 0;
    attributes |= look.bold ? A_BOLD : 0;
    attributes |= look.dim ? A_DIM : 0;
    attributes |= look.underline ? A_UNDERLINE : 0;
    attributes |= look.reverse ? A_REVERSE : 0;
    return {attributes, PairOf(look)};
  }

  // curses knows colours by pairs, which have to be made first.
  int PairOf(const Look& look) {
    if (!look.text && !look.ground) {
      return 0;
    }
    const std::pair colours(look.text ? int{*look.text} : -1, look.ground ? int{*look.ground} : -1);
    const auto [found, added] = pairs_.try_emplace(colours, static_cast<int>(pairs_.size()) + 1);
    if (added && ::init_extended_pair(found->second, colours.first, colours.second) != OK) {
      found->second = 0;
    }
    return found->second;
  }

  const TerminalOptions options_;
  File file_;
  termios modes_ = {};
  SCREEN* screen_ = nullptr;
  std::optional<TerminalRescue> rescue_;
  const Theme* theme_ = nullptr;
  bool ascii_ = false;
  Size size_ = {0, 0};
  TerminalRescue::Seen missed_;  // while somebody else had the terminal
  std::optional<Canvas> shown_;
  std::map<std::pair<int, int>, int> pairs_;
};

}  // namespace

Result<std::unique_ptr<Terminal>> Terminal::Open(const TerminalOptions& options) {
  return CursesTerminal::Open(options);
}

}  // namespace fathom::tui
