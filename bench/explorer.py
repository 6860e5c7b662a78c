"""The explorer under a pseudo-terminal: how long after a key the screen has changed, as a person sees it."""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

QUIET = 0.03        # seconds without output after which a screen is complete
PATIENCE = 60


class Session:
    """fathom in a terminal of 200 x 60."""

    def __init__(self, fathom, image, cache):
        self.start = time.perf_counter()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "FATHOM_CACHE_DIR": cache}
            environment.pop("NO_COLOR", None)
            environment.pop("CI", None)                     # which asks for the gate's report instead
            time.sleep(0.05)                                # until the size of the terminal is set
            os.execve(fathom, [fathom, image], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        self.start += 0.05

    def until(self, text):
        """Seconds from the start until the terminal has got the text."""
        seen = b""
        while text not in seen:
            if not select.select([self.terminal], [], [], PATIENCE)[0]:
                raise RuntimeError("the explorer does not show %r" % text)
            seen += os.read(self.terminal, 1 << 16)
        return time.perf_counter() - self.start

    def quiet(self):
        """Reads on until nothing comes any more."""
        while select.select([self.terminal], [], [], QUIET)[0]:
            os.read(self.terminal, 1 << 16)

    def press(self, keys):
        """Seconds from the key until the last byte of the screen that it makes."""
        start = last = time.perf_counter()
        os.write(self.terminal, keys)
        wait = PATIENCE
        while select.select([self.terminal], [], [], wait)[0]:
            os.read(self.terminal, 1 << 16)
            last = time.perf_counter()
            wait = QUIET
        return last - start

    def close(self):
        os.kill(self.process, signal.SIGTERM)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def median(values):
    return sorted(values)[len(values) // 2]


def first_frames(fathom, image, repeat):
    """Median seconds until the layers show: with an empty cache, and with all layers in it."""
    cold, warm = [], []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory(prefix="fathom-bench-") as cache:
            for times, wanted in ((cold, b"instruction"), (warm, b"instruction")):
                session = Session(fathom, image, cache)
                times.append(session.until(wanted))
                session.until(b"efficiency")                # all is read, and in the cache
                session.close()
    return median(cold), median(warm)


def keys(fathom, image, repeat):
    """Median seconds of each kind of key, with all nodes of the last layer's tree expanded."""
    with tempfile.TemporaryDirectory(prefix="fathom-bench-") as cache:
        session = Session(fathom, image, cache)
        session.until(b"efficiency")
        session.quiet()
        session.press(b"\x1b[F")                            # the last layer
        session.press(b"\t")
        steps = {}

        def measure(name, *pressed):
            steps[name] = median([session.press(key) for _ in range(repeat * 4) for key in pressed])

        measure("move at the top", b"j", b"k")
        session.press(b"G")
        measure("move at the end", b"k", b"j")
        measure("page at the end", b"\x1b[5~", b"\x1b[6~")
        measure("switch the layer", b"[", b"]")
        session.press(b"/")
        measure("type into the filter", b"f", b"i", b"l", b"\x7f", b"\x7f", b"\x7f")
        session.close()
        return steps


def view(fathom, image, name):
    """Seconds to show a file's content: the first time, and again."""
    with tempfile.TemporaryDirectory(prefix="fathom-bench-") as cache:
        session = Session(fathom, image, cache)
        session.until(b"efficiency")
        session.quiet()
        session.press(b"\t")
        session.press(b"/" + name + b"\r")
        session.press(b"n")

        def opened():
            start = time.perf_counter()
            os.write(session.terminal, b"v")
            seen = b""
            while b"byte " not in seen and b"line " not in seen:
                if not select.select([session.terminal], [], [], PATIENCE)[0]:
                    raise RuntimeError("the file is not shown")
                seen += os.read(session.terminal, 1 << 16)
            taken = time.perf_counter() - start
            session.quiet()
            session.press(b"\x1b")
            time.sleep(0.1)
            session.quiet()
            return taken

        first = opened()
        again = median([opened() for _ in range(5)])
        session.close()
        return first, again


def steps_of(program, image):
    """What the program fathom-explorer-steps says: milliseconds without a terminal."""
    return json.loads(subprocess.run([program, image], stdout=subprocess.PIPE, check=True).stdout)

