"""Crawls and mirrors that are killed at any moment go on: nothing is missing, nothing that was verified is fetched twice."""
import hashlib
import os
import random
import signal
import subprocess
import time
import unittest

from journey import Journey, binary, environment
import registries
import small_images as small

POINTS = 25                                    # of each; fifty in all
SEED = 20261128


class Killed(Journey):
    def setUp(self):
        super().setUp()
        self.registry = registries.ScriptedRegistry()
        self.registry.__enter__()
        self.addCleanup(self.registry.__exit__)
        self.dice = random.Random(SEED)

    def run_killed(self, after, *args):
        """Runs and kills it `after` seconds, unless it has ended; whether it had to be killed."""
        process = subprocess.Popen([binary(), *args], cwd=self.work, env=environment(self.home), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(after)
            return False
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True

    def killed_at_random(self, whole, *args):
        """Kills runs of `args` at random points of the time `whole` that one takes, until POINTS were killed or one has ended."""
        killed = 0
        for _ in range(POINTS * 4):
            if not self.run_killed(self.dice.uniform(0.02, 0.5) * whole, *args):
                return killed
            killed += 1
            self.check()
            if killed == POINTS:
                break
        return killed

    def slow(self, seconds):
        self.registry.before = lambda request: time.sleep(seconds)

    def test_crawl(self):
        self.registry.repositories = {"space%d/name%03d" % (n % 7, n): {"1": ""} for n in range(400)}
        self.slow(0.004)
        command = ("crawl", self.registry.address, "--output", "c.csv", "--page-size", "2", "--requests-per-second", "0")
        begun = time.monotonic()
        self.fathom(*command)
        whole = time.monotonic() - begun
        total, rounds = 0, 0
        self.check = lambda: None
        while total < POINTS and rounds < 20:
            rounds += 1
            for name in ("c.csv", "c.csv.journal"):
                os.unlink(os.path.join(self.work, name))
            asked = len(self.registry.asked)
            total += self.killed_at_random(whole / 4, *command)
            self.fathom(*command)
            with open(os.path.join(self.work, "c.csv")) as f:
                names = [line.split(",")[2] for line in f.read().splitlines()[1:]]
            self.assertEqual(sorted(names), sorted(self.registry.repositories), "nothing is missing or there twice")
            self.assertLess(len(self.registry.asked) - asked, 200 + 3 * (total + 2) + 50, "pages that were taken are not asked for again")
        self.assertGreaterEqual(total, POINTS)

    def whole_blobs(self):
        """The digests of all blobs that are visible; each must be whole."""
        folder = os.path.join(self.work, "mirror", "blobs", "sha256")
        if not os.path.isdir(folder):
            return set()
        for name in os.listdir(folder):
            if name.endswith(".tmp"):
                continue
            with open(os.path.join(folder, name), "rb") as f:
                self.assertEqual(hashlib.sha256(f.read()).hexdigest(), name, "no partial blob is visible")
        return {"sha256:" + n for n in os.listdir(folder)}

    def test_mirror(self):
        random_bytes = random.Random(1)
        shared = small.layer(small.file("shared", random_bytes.randbytes(3_000_000)))
        for n in range(12):
            self.registry.add("app%d" % n, {"1": small.Image([shared, small.layer(small.file("own", random_bytes.randbytes(200_000 + 50_000 * n)))])})
        large = small.layer(small.file("large", random_bytes.randbytes(24_000_000)))
        self.registry.add("large", {"1": small.Image([large])})
        self.slow(0.01)
        names = ["%s/%s:1" % (self.registry.address, r) for r in self.registry.repositories]
        command = ("pull", *names, "-d", "mirror", "--connections", "3")
        begun = time.monotonic()
        self.fathom(*command)
        whole = time.monotonic() - begun
        everything = self.whole_blobs()
        total, rounds = 0, 0
        while total < POINTS and rounds < 20:
            rounds += 1
            subprocess.run(["rm", "-rf", os.path.join(self.work, "mirror")], check=True)
            self.had, self.seen = set(), len(self.registry.asked)

            def check():
                fetched = {path.rsplit("/", 1)[1] for method, path, _, _ in self.registry.asked[self.seen:] if method == "GET" and "/blobs/" in path}
                self.assertFalse(fetched & self.had, "what was verified is fetched again")
                self.had, self.seen = self.whole_blobs(), len(self.registry.asked)
            self.check = check
            total += self.killed_at_random(whole, *command)
            self.fathom(*command)
            check()
            self.assertEqual(self.had & everything, everything)
            self.assertEqual(os.listdir(os.path.join(self.work, "mirror", ".fathom", "partial")), [])
        self.assertGreaterEqual(total, POINTS)

    def test_interrupted(self):
        """^C ends a mirror in an orderly way: what is complete is listed, and the exit code says so."""
        self.registry.add("app", {"1": small.Image([small.layer(small.file("a", b"a" * 100))])})
        self.registry.add("slow", {"1": small.Image([small.layer(small.file("b", b"b" * 100))])})
        self.registry.before = lambda r: time.sleep(20) if "/slow/" in r.path else None
        process = subprocess.Popen([binary(), "pull", self.registry.address + "/app:1", self.registry.address + "/slow:1", "-d", "mirror"],
                                   cwd=self.work, env=environment(self.home), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=15)[1].decode()
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("1 images mirrored", said)
        self.fathom("analyze", "oci:mirror:%s/app:1" % self.registry.address)


if __name__ == "__main__":
    unittest.main()
