"""What every journey needs: the program under test, a home of its own, and the programs of the system.

FATHOM                  the binary under test (required)
FATHOM_TESTS_MAY_SKIP   1: a missing Debian program skips the test that needs it; otherwise it is a failure
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "schemas")
TIMEOUT = 60
LAYERS_LINE = re.compile(r"(\d+) layers?\b\D*read\D+(\d+)\D*cache")


def require(*programs):
    """Every one of the programs, or a skip where skipping is allowed, or a failure."""
    missing = [p for p in programs if shutil.which(p) is None]
    if not missing:
        return
    reason = "not installed: " + ", ".join(missing)
    if os.environ.get("FATHOM_TESTS_MAY_SKIP") == "1":
        raise unittest.SkipTest(reason)
    raise AssertionError(reason)


def binary():
    path = os.environ.get("FATHOM")
    if not path:
        raise AssertionError("set FATHOM to the binary under test")
    return os.path.abspath(path)


def environment(home, **more):
    """A clean environment whose home, cache and configuration live below `home`."""
    keep = {k: v for k, v in os.environ.items() if not re.match(r"(FATHOM|DIVE|DOCKER|CONTAINER|XDG)_|CI$", k)}
    return {
        **keep,
        "HOME": home,
        "XDG_CONFIG_HOME": os.path.join(home, "config"),
        "XDG_DATA_HOME": os.path.join(home, "data"),
        "XDG_CACHE_HOME": os.path.join(home, "xdg-cache"),
        "FATHOM_CACHE_DIR": os.path.join(home, "cache"),
        "DOCKER_HOST": "unix://" + os.path.join(home, "no-engine.sock"),
        # No test asks a registry that is not on this machine: what is not on loopback goes nowhere.
        "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "dumb",
        **more,
    }


def layers_read(result):
    """(layers read, layers that came from the cache), as the last line on stderr tells."""
    lines = result.stderr.decode(errors="replace").strip().splitlines()
    found = LAYERS_LINE.search(lines[-1]) if lines else None
    if not found:
        raise AssertionError("the last line on stderr does not count layers: %r" % lines[-1:])
    return int(found[1]), int(found[2])


class Journey(unittest.TestCase):
    """A test with a temporary folder, removed afterwards, in which `fathom` runs."""

    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fathom-journey-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.home = self.path("home")
        os.mkdir(self.home)
        self.work = self.path("work")
        os.mkdir(self.work)
        self.cache = os.path.join(self.home, "cache")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def fathom(self, *args, code=0, stdin=None, env=None, limits=None, timeout=TIMEOUT):
        """One run in the folder `work`. code: the exit code or codes it must end with."""
        source = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin or subprocess.DEVNULL}
        result = subprocess.run([binary(), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.work,
                                env=environment(self.home, **(env or {})), preexec_fn=limits, timeout=timeout, **source)
        codes = (code,) if isinstance(code, int) else code
        self.assertIn(result.returncode, codes, "fathom %s\n%s" % (
            " ".join(args), result.stderr[-1500:].decode(errors="replace")))
        if result.returncode > 1:
            self.assertNotEqual(result.stderr.strip(), b"", "an error without a message")
        return result

    def json(self, *args, **how):
        return json.loads(self.fathom(*args, **how).stdout)

    def assert_valid(self, document, path):
        """The document is what the JSON Schema in the file says."""
        import jsonschema
        with open(path, encoding="utf-8") as f:
            schema = json.load(f)
        cls = jsonschema.validators.validator_for(schema)
        errors = sorted(map(str, cls(schema, format_checker=jsonschema.FormatChecker()).iter_errors(document)))
        self.assertEqual(errors, [])
