"""The explorer as people use it, in a real terminal."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from journey import Journey, binary, environment
from screens import Screen
from small_images import Image, directory, docker_archive, file, layer, symlink, whiteout

CONFIG = "colour = blue\nsize = 3\n"


def image():
    return Image([
        layer(directory("etc"), file("etc/app.conf", CONFIG.encode()), file("etc/old.conf", b"x" * 3000), directory("usr"), directory("usr/bin"),
              file("usr/bin/app", b"\x7fELF\x02\x01\x01" + bytes(2000)), symlink("bin", "usr/bin")),
        layer(file("etc/app.conf", CONFIG.replace("blue", "red").encode()), whiteout("etc/old.conf")),
        layer(file("srv/notes.txt", b"".join(b"line %d\n" % i for i in range(1, 500)))),
    ])


class Explorer(Journey):
    def setUp(self):
        super().setUp()
        self.image = docker_archive(self.path("work", "app.tar"), (["app:1"], image()))

    def screen(self, *, columns=120, rows=40, **env):
        screen = Screen(self.work, self.home, columns, rows, env)
        self.addCleanup(screen.close)
        return screen

    def explore(self, *arguments, **how):
        screen = self.screen(**how)
        self.modes = self.modes_of(screen)
        screen.run("clear")
        screen.run(binary(), *(arguments or (self.image,)))
        screen.wait("Layers", "3 layers", "efficiency")
        return screen

    @staticmethod
    def modes_of(screen):
        """A sum of all that `stty` knows of the terminal."""
        screen.run("clear")
        screen.type("stty -g | md5sum; echo do''ne")
        screen.press("Enter")
        return re.search(r"\b[0-9a-f]{32}\b", screen.wait("done"))[0]

    def find(self, screen, text):
        """Goes to the only path of the image that matches."""
        screen.press("s")
        screen.type(text)
        screen.press("Enter")
        screen.wait("Paths that match", ": 1")
        screen.press("Enter")
        screen.wait("● Tree", gone=("Paths that match",))

    def assert_restored(self, screen):
        self.assertEqual(screen.ask("alternate_on"), "0")
        self.assertEqual(screen.ask("cursor_flag"), "1")
        self.assertEqual(screen.ask("mouse_any_flag"), "0")
        self.assertEqual(self.modes_of(screen), self.modes)

    def leave(self, screen):
        screen.press("q")
        screen.wait("shell>", gone=("Layers",))
        self.assert_restored(screen)

    def test_a_look_around(self):
        screen = self.explore()
        self.assertEqual(screen.ask("alternate_on"), "1")
        screen.press("Down")
        screen.wait("changes of layer 1", "~", "old.conf")
        screen.press("Tab", "C-f")
        screen.type("conf")
        screen.wait("Filter: conf", "2 matches")
        screen.press("Enter")
        screen.escape()
        screen.wait("app.conf", gone=("Filter:",))
        screen.press("4")
        screen.wait("final file system", gone=("old.conf",))
        screen.press("2", "]")
        screen.wait("changes up to layer 2", "notes.txt")
        self.leave(screen)

    def test_find_in_all_layers_and_go_there(self):
        screen = self.explore()
        screen.press("s")
        screen.type("old")
        screen.press("Enter")
        screen.wait("/etc/old.conf", "+0", "-1")
        screen.press("Enter")
        shown = screen.wait("changes of layer 1", "old.conf", gone=("Paths that match",))
        self.assertIn("Layer:       1 of 3", shown)
        screen.press("H")
        screen.wait("History of /etc/old.conf", "added", "removed", "3.0 kB")
        screen.escape()
        self.leave(screen)

    def test_view_and_compare_a_file(self):
        screen = self.explore()
        self.find(screen, "app.conf")
        screen.wait("changes of layer 1")
        screen.press("Enter")
        screen.wait("colour = red", "size = 3", "text, ASCII")
        screen.press("x")
        screen.wait("63 6f 6c 6f 75 72", "colour = red.siz")
        screen.escape()
        screen.press("D")
        screen.wait("- colour = blue", "+ colour = red", "  size = 3")
        screen.escape()
        screen.wait("Layers")
        self.leave(screen)

    def test_a_long_file(self):
        screen = self.explore()
        self.find(screen, "notes")
        screen.press("v")
        screen.wait("line 1\n", "line 1 of 499")
        screen.press("G")
        screen.wait("line 499")
        screen.press("/")
        screen.type("line 250")
        screen.press("Enter")
        screen.wait("line 250 of 499")
        screen.escape()
        self.leave(screen)

    def test_extract(self):
        screen = self.explore()
        screen.press("Tab", "e", "C-u")
        screen.type("out")
        screen.press("Enter")
        screen.wait("to out: extracted")
        self.assertTrue(os.path.islink(self.path("work", "out", "bin")))
        screen.press("E", "C-u")
        screen.type("all.tar")
        screen.press("Enter")
        screen.wait("to all.tar: extracted")
        listed = subprocess.run(["tar", "-tf", self.path("work", "all.tar")], stdout=subprocess.PIPE, check=True).stdout
        self.assertIn(b"etc/app.conf", listed)
        screen.press("e", "C-u")
        screen.type("out")                                  # it is there already: a message, and nothing ends
        screen.press("Enter")
        screen.wait("out", "bin")
        screen.press("e", "C-u")
        screen.type("/proc/none/x")
        screen.press("Enter")
        screen.wait("/proc/none")
        self.leave(screen)

    def test_sizes(self):
        screen = self.explore(columns=80, rows=24)
        screen.wait("Tree: changes", "Layer details")
        screen.resize(200, 60)
        screen.wait("Layer details", "Image details", "Findings", "uid:gid")
        screen.resize(20, 5)
        screen.resize(100, 30)
        screen.wait("Tree: changes", "Layer details")
        screen.press("z")
        screen.wait("Layers", gone=("Tree: changes",))
        screen.press("z", "}")
        screen.wait("Tree: changes")
        self.leave(screen)

    def test_help_is_made_of_the_keys(self):
        self.write("work/.fathom.yaml", "key-quit: ctrl+x\nkey-find: f5, S\n")
        screen = self.explore()
        screen.press("?")
        shown = screen.wait("filter-files", "Keys")
        self.assertRegex(shown, r"\^X +quit +leave")
        screen.escape()
        screen.press("q")
        screen.wait("q does nothing here")
        screen.press("C-x")
        screen.wait("shell>", gone=("Layers",))
        self.assert_restored(screen)

    def test_the_keys_of_dive(self):
        self.write("work/.dive.yaml", "keybinding:\n  quit: ctrl+x\n  toggle-view: w\nlayer:\n  show-aggregated-changes: true\n"
                   "filetree:\n  show-attributes: false\ndiff:\n  hide: [unmodified]\n")
        screen = self.explore()
        screen.press("Down")
        shown = screen.wait("changes up to layer 1", "no unmodified")
        self.assertNotIn("uid:gid", shown)
        screen.press("C-l")
        screen.wait("changes of layer 1")
        screen.press("C-a")
        screen.wait("changes up to layer 1")
        screen.press("w", "C-u")
        screen.wait("● Tree", gone=("no unmodified",))
        screen.press("C-r")
        screen.wait("no removed", gone=("old.conf",))
        screen.press("C-b", "C-o", "C-Space")
        screen.wait("by size", "uid:gid", "⊕ etc")
        screen.press("C-x")
        screen.wait("shell>", gone=("Layers",))

    def test_the_layout_of_dive(self):
        screen = self.explore(self.image, "--layout", "dive")
        screen.wait("Permission", "UID:GID", "drwxr-xr-x         0:0     3.0 kB  ├── etc")
        self.leave(screen)

    def test_killed_by_a_signal(self):
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(number):
                screen = self.explore()
                self.kill(screen, number)
                screen.wait("shell>", gone=("Layers",))
                self.assert_restored(screen)
                screen.close()

    @staticmethod
    def kill(screen, number):
        shell = screen.ask("pane_pid")
        with open("/proc/%s/task/%s/children" % (shell, shell), encoding="ascii") as children:
            os.kill(int(children.read().split()[0]), number)

    def test_suspended_and_resumed(self):
        screen = self.explore()
        screen.press("Down", "C-z")
        screen.wait("shell>", gone=("Layers",))
        self.assert_restored(screen)
        screen.run("fg")
        screen.wait("Layers", "changes of layer 1")
        self.kill(screen, signal.SIGTSTP)
        screen.wait("shell>", gone=("Layers",))
        self.assert_restored(screen)
        screen.run("fg")
        screen.wait("Layers", "changes of layer 1")
        self.leave(screen)

    def test_from_standard_input(self):
        screen = self.screen()
        screen.type("cat app.tar | '%s' -" % binary())
        screen.press("Enter")
        screen.wait("Layers", "3 layers", "efficiency")
        screen.press("Down", "Tab", "C-f")
        screen.type("app.conf")
        screen.press("Enter", "Down", "Down", "Enter")
        screen.wait("colour = red")                         # the pipe is gone; its bytes were kept
        screen.escape()
        screen.press("q")
        screen.wait("3 layers read")

    def test_clipboard(self):
        screen = self.explore()
        self.find(screen, "app.conf")
        screen.press("y")
        screen.wait("copied")
        end = time.monotonic() + 10
        while True:
            try:
                copied = screen.clipboard()
                break
            except RuntimeError:                            # nothing was copied yet
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)
        self.assertEqual(copied, "/etc/app.conf")

    def test_pager(self):
        pager = self.write("pager.sh", "#!/bin/sh\necho \"the pager has $#: $(cat \"$2\")\"\nread -r line\n")
        os.chmod(pager, 0o755)
        screen = self.explore(PAGER=pager + " -x")
        self.find(screen, "app.conf")
        screen.press("P")
        screen.wait("the pager has 2: colour = red", gone=("Layers",))
        screen.press("Enter")
        screen.wait("Layers", "Tree")
        screen.press("P")
        screen.wait("the pager has 2", gone=("Layers",))
        screen.press("C-c")                                 # which is the pager's
        screen.wait("Layers", "Tree")
        self.leave(screen)
        self.assertEqual([name for name in os.listdir("/tmp") if name.startswith("fathom-") and os.path.exists("/tmp/%s/app.conf" % name)], [])

    def test_mouse(self):
        screen = self.explore()
        lines = screen.text().splitlines()
        row = next(i for i, line in enumerate(lines) if line.startswith("   2 "))
        screen.type("\x1b[<0;10;%dM\x1b[<0;10;%dm" % (row + 1, row + 1))
        screen.wait("changes of layer 2")
        split = lines[2].index("│")
        screen.type("\x1b[<0;%d;10M\x1b[<32;%d;10M\x1b[<0;%d;10m" % (split + 1, split + 11, split + 11))
        end = time.monotonic() + 10
        while screen.text().splitlines()[2].find("│") != split + 10 and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(screen.text().splitlines()[2].find("│"), split + 10)
        self.leave(screen)

    def test_what_is_not_there(self):
        screen = self.screen()
        screen.run(binary(), "absent.tar")
        shown = screen.wait("absent.tar", "fathom: ")
        self.assertEqual(screen.ask("alternate_on"), "0")
        self.assertNotIn("Layers", shown)

    def test_a_corrupt_layer(self):
        with open(self.image, "r+b") as archive:
            content = archive.read()
            archive.seek(content.index(b"line 250"))
            archive.write(b"LINE")
        screen = self.screen()
        screen.type("'%s' app.tar; echo code=$?" % binary())
        screen.press("Enter")
        screen.wait("Layers", "could not be read", "Error:", "its content has the diff", "app.conf", gone=("by itself",))
        screen.press("Down", "Down", "Up", "q")
        screen.wait("code=5", "diff ID")

    def bytes_shown(self, *arguments, keys=b"q", **env):
        """All that the program writes to its terminal, with these keys pressed once it shows layers."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.work)
            os.execve(binary(), [binary(), *arguments], environment(self.home, **{"TERM": "xterm-256color", "NO_COLOR": "", **env}))
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
        shown = b""
        pressed = False
        end = time.monotonic() + 20
        while time.monotonic() < end:
            ready, _, _ = select.select([terminal], [], [], 0.5)
            if ready:
                try:
                    shown += os.read(terminal, 65536)
                except OSError:
                    break
            if b"efficiency" in shown and not pressed:
                pressed = True
                os.write(terminal, keys)
        else:
            os.kill(child, signal.SIGKILL)                  # which the exit code tells
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, shown[-2000:])
        return shown

    def test_colours(self):
        coloured = re.compile(rb"\x1b\[[\d;]*(?:3[0-8]|4[0-8])[\d;]*m")
        self.assertRegex(self.bytes_shown(self.image), coloured)
        self.assertNotRegex(self.bytes_shown(self.image, NO_COLOR="1"), coloured)
        self.assertNotRegex(self.bytes_shown(self.image, "--theme", "plain"), coloured)
        self.assertRegex(self.bytes_shown(self.image, "--theme", "16", TERM="xterm"), coloured)

    def test_ascii(self):
        self.assertTrue(any(byte > 0x7f for byte in self.bytes_shown(self.image)))
        self.assertFalse(any(byte > 0x7f for byte in self.bytes_shown(self.image, "--ascii")))
        self.assertFalse(any(byte > 0x7f for byte in self.bytes_shown(self.image, LC_ALL="C")))

    def test_hostile_names(self):
        screen = self.screen()
        self.title = screen.ask("pane_title")
        screen.close()
        names = [b"a\x1b]0;title\x07b", b"a\x1b[2Jb", b"new\nline", b"back\x08\x08\x08", b"\xff\xfe", "\u202eright".encode(), "\u009b31mC1".encode(), b"x" * 4000]
        content = [file(name, b"\x1b]52;c;aGk=\x07\x1b[2J\x9b31m") for name in (n.decode("utf-8", "surrogateescape") for n in names)]
        hostile = docker_archive(self.path("hostile.tar"), (["h:1"], Image([layer(*content), layer(), layer()])))
        keys = b"\tjjjjjvs.\rG\x1b[Bq"
        shown = self.bytes_shown(hostile, keys=keys)
        for harmful in (b"\x1b]0;", b"\x1b]52;", b"\x1b[2Jb", "\u202e".encode(), "\u009b".encode(), b"\x9b31m", b"\xff"):
            self.assertNotIn(harmful, shown.replace("─".encode(), b"").replace("━".encode(), b""))
        screen = self.screen(columns=160)
        screen.run(binary(), hostile)
        screen.wait("efficiency", r"a\x1b]0;title\x07b", r"new\nline", r"\xff\xfe", r"\u{202e}right", "xxxx")
        screen.press("Tab", "w")
        screen.wait("x" * 30 + "\n")
        self.assertEqual(screen.ask("pane_title"), self.title)

    def test_summary_where_there_is_no_terminal(self):
        self.assertIn(b"efficiency", self.fathom(self.image).stdout.lower())
        for name in ("dumb", "unheard-of"):
            with self.subTest(name):
                child, terminal = pty.fork()
                if child == 0:
                    os.execve(binary(), [binary(), self.image], environment(self.home, TERM=name))
                shown = b""
                try:
                    while block := os.read(terminal, 65536):
                        shown += block
                except OSError:                             # the program has ended
                    pass
                self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
                os.close(terminal)
                self.assertNotIn(b"\x1b[?1049h", shown)
                self.assertIn(b"efficiency", shown.lower())
                self.assertEqual(b"TERM=unheard-of, is not known" in shown, name == "unheard-of")


if __name__ == "__main__":
    unittest.main()
