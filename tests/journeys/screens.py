"""A terminal as people have it: tmux with a shell in it, whose screen can be read and whose keys can be pressed."""
import os
import shlex
import subprocess
import tempfile
import time

from journey import environment, require

PATIENCE = 20   # seconds until a screen must show something; tests never wait longer than they have to


class Screen:
    """One tmux server with one window. Leave it with close()."""

    def __init__(self, folder, home, columns=120, rows=40, env=None):
        require("tmux")
        # A name of its own: a server that ends removes the socket a moment later.
        self.socket = tempfile.mktemp(prefix="tmux-", dir=folder)
        self.env = environment(home, NO_COLOR="", TERM="xterm-256color", **(env or {}))
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "main", "-x", str(columns), "-y", str(rows), "-c", folder, "env", "PS1=shell> ", "sh")
        for option, value in (("escape-time", "0"), ("set-clipboard", "on"), ("default-terminal", "tmux-256color")):
            self._tmux("set-option", "-g", option, value)
        try:
            self.wait("shell>")
        except AssertionError:
            self.close()
            raise

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], stderr=subprocess.DEVNULL, check=False)

    def _tmux(self, *arguments):
        result = subprocess.run(["tmux", "-S", self.socket, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env, check=False)
        if result.returncode != 0:
            raise RuntimeError("tmux %s: %s" % (arguments, result.stderr.decode()))
        return result.stdout.decode()

    def text(self):
        return self._tmux("capture-pane", "-p", "-t", "main")

    def ask(self, form):
        """A value of tmux's formats: alternate_on, cursor_flag, mouse_any_flag, pane_pid."""
        return self._tmux("display-message", "-p", "-t", "main", "#{%s}" % form).strip()

    def wait(self, *texts, gone=()):
        """The screen, once it shows all of the texts and none of those that shall be gone."""
        end = time.monotonic() + PATIENCE
        while True:
            shown = self.text()
            if all(text in shown for text in texts) and not any(text in shown for text in gone):
                return shown
            if time.monotonic() > end:
                raise AssertionError("the screen does not show %r%s:\n%s" % (
                    [text for text in texts if text not in shown], " or still shows %r" % (gone,) if gone else "", shown))
            time.sleep(0.02)

    def press(self, *keys):
        """Keys by tmux's names: Down, Enter, C-f, Escape, a."""
        self._tmux("send-keys", "-t", "main", *keys)

    def escape(self):
        """Esc alone: a key that follows at once would make it Alt."""
        self.press("Escape")
        time.sleep(0.1)

    def type(self, text):
        self._tmux("send-keys", "-t", "main", "-l", text)

    def run(self, *words):
        """Types a command."""
        self.type(shlex.join(words))
        self.press("Enter")

    def resize(self, columns, rows):
        self._tmux("resize-window", "-t", "main", "-x", str(columns), "-y", str(rows))

    def clipboard(self):
        return self._tmux("show-buffer")
