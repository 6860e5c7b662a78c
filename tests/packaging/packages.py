"""What the tests of packages need: the build folder, a build of each package, lists of files.

FATHOM  the program as it was built, in its build folder
"""
import atexit
import contextlib
import fnmatch
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGING = os.path.join(SOURCE, "packaging")
sys.path.insert(0, os.path.join(SOURCE, "tests", "journeys"))

import journey  # noqa: E402
import small_images as si  # noqa: E402

EPOCH = "1700000000"
ARCH = si.ARCH


def build_folder():
    return os.path.dirname(journey.binary())


def run(*command, code=0, **how):
    """stdout of a program that must end with the code."""
    how = {"stdin": subprocess.DEVNULL, "env": {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}, **how}
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **how)
    if result.returncode != code:
        raise AssertionError("%s ended with %d\n%s\n%s" % (
            " ".join(command), result.returncode, result.stdout.decode(errors="replace")[-2000:],
            result.stderr.decode(errors="replace")[-2000:]))
    return result.stdout.decode()


@functools.cache
def offers(*arguments):
    """Whether the program knows a command or an option: the word stands in the help."""
    *command, word = arguments
    known = run(journey.binary(), *command, "--help")
    return word in known.split()


@functools.cache
def has_pages():
    return subprocess.run([journey.binary(), "man"], capture_output=True).returncode == 0


def expected(name):
    """Patterns of the list `files/name`. Lines that begin with "pages" are for programs with manual pages."""
    with open(os.path.join(os.path.dirname(__file__), "files", name)) as f:
        lines = [line.split() for line in f if line.strip() and not line.startswith("#")]
    return [words[-1] for words in lines if words[0] != "pages" or has_pages()]


def files_below(folder):
    return sorted(os.path.relpath(os.path.join(where, name), folder)
                  for where, folders, names in os.walk(folder)
                  for name in names + [f for f in folders if os.path.islink(os.path.join(where, f))])


@functools.cache
def shared_folder():
    """For packages that several tests of a file look at."""
    folder = tempfile.mkdtemp(prefix="fathom-packages-")
    atexit.register(shutil.rmtree, folder, True)
    return folder


def make_tarball(folder, epoch=EPOCH):
    return run(os.path.join(PACKAGING, "make_tarball.sh"), build_folder(), folder,
               env={**os.environ, "SOURCE_DATE_EPOCH": epoch}).strip()


def make_package(kind, folder):
    """The deb or rpm."""
    run("cpack", "--config", os.path.join(build_folder(), "CPackConfig.cmake"), "-G", kind, "-B", folder)
    package, = (name for name in os.listdir(folder) if name.endswith("." + kind.lower()))
    return os.path.join(folder, package)


@functools.cache
def tarball():
    return make_tarball(os.path.join(shared_folder(), "release"))


@functools.cache
def package(kind):
    return make_package(kind, os.path.join(shared_folder(), kind))


def read_yaml(path):
    """Through Debian's python3-yaml, whichever Python runs the test."""
    journey.require("/usr/bin/python3")
    script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"
    return json.loads(run("/usr/bin/python3", "-c", script, path))


@contextlib.contextmanager
def serving(handler):
    """A web server on a loopback port; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "http://127.0.0.1:%d" % server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class PackageTest(journey.Journey):
    def assert_files(self, files, name):
        """The files are those of a list: each pattern is met, each file meets one."""
        patterns = expected(name)
        for pattern in patterns:
            self.assertTrue(fnmatch.filter(files, pattern), "%s does not ship %s" % (name, pattern))
        unexpected = [f for f in files if not any(fnmatch.fnmatch(f, p) for p in patterns)]
        self.assertEqual(unexpected, [], "%s ships what its list does not name" % name)

    def setUp(self):
        super().setUp()
        self.image = si.docker_archive(self.path("image.tar"), (["app:1"], si.wasteful()))

    def assert_analyzes(self, *program, image=None, env=None, **how):
        """The program gives the numbers of the image, which small_images knows."""
        env = {"HOME": self.home} if env is None else env
        out = run(*program, "analyze", "-o", "json", image or self.image, env=env, **how)
        numbers = json.loads(out)["image"]
        self.assertEqual((numbers["storedBytes"], numbers["wastedBytes"]), (12000, 1000))
