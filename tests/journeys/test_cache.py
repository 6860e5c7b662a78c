"""The cache: many processes, some of them killed; any damage is a miss; it can be left alone and looked at."""
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import time
import unittest

from journey import TIMEOUT, Journey, binary, environment, layers_read
from small_images import Image, directory, docker_archive, file, hardlink, layer, oci_layout, symlink, whiteout

CAP = 2 * 1000 * 1000
ROUNDS, PROCESSES, KILLED = 5, 8, 3


def big_layer(seed, files):
    """A layer whose index is large and whose content is small."""
    dice = random.Random(seed)
    entries = []
    for k in range(files):
        if k % 50 == 0:
            folder = "layer%d/folder-%d" % (seed, k)
            entries.append(directory(folder))
        entries.append(file("%s/%032x" % (folder, dice.getrandbits(128)), dice.randbytes(dice.randrange(40)), mtime=1600000000 + k))
    return layer(*entries)


def two_layers():
    return Image([layer(directory("etc"), file("etc/a", b"a" * 500), file("etc/b", b"b" * 700), symlink("link", "etc/a")),
                  layer(file("etc/a", b"c" * 300), whiteout("etc/b"), file("new", b"n" * 90), hardlink("newer", "new"))], "gzip")


def every_file(folder):
    return sorted(os.path.join(where, name) for where, _, names in os.walk(folder) for name in names)


def picture(folder):
    """The names and contents of a folder."""
    out = {}
    for path in every_file(folder):
        with open(path, "rb") as f:
            out[os.path.relpath(path, folder)] = hashlib.sha256(f.read()).hexdigest()
    return out


def total(folder):
    return sum(os.path.getsize(path) for path in every_file(folder))


class CacheUnderStress(Journey):
    def start(self, image, output, **env):
        with open(output, "wb") as out:
            return subprocess.Popen([binary(), "analyze", image, "-o", "json"], stdin=subprocess.DEVNULL, stdout=out,
                                    stderr=subprocess.PIPE, cwd=self.work, env=environment(self.home, **env))

    def one_round(self, dice, images, wanted, patience):
        """Eight at once; three of them die at a moment of the dice's choice. Gives how many really died."""
        jobs = []
        for k in range(PROCESSES):
            name = dice.choice(sorted(images))
            jobs.append((name, self.path("out%d" % k), self.start(images[name], self.path("out%d" % k), FATHOM_CACHE_SIZE="2MB")))
        deadlines = sorted((dice.uniform(0, patience), job) for job in dice.sample(range(PROCESSES), KILLED))
        begun = time.monotonic()
        for when, job in deadlines:
            time.sleep(max(0, begun + when - time.monotonic()))
            jobs[job][2].kill()
        died = 0
        victims = {job for _, job in deadlines}
        for k, (name, output, process) in enumerate(jobs):
            _, errors = process.communicate(timeout=TIMEOUT)
            if process.returncode == -9 and k in victims:
                died += 1
                continue
            self.assertEqual(process.returncode, 0, errors.decode(errors="replace"))
            with open(output, "rb") as f:
                self.assertEqual(f.read(), wanted[name], "another answer under stress")
        return died

    def test_processes_that_die(self):
        shared = [big_layer(k, 2000) for k in range(6)]
        images = {str(n): docker_archive(self.path("%d.tar" % n), (["t:%d" % n], Image(shared[n:n + 4]))) for n in range(3)}
        begun = time.monotonic()
        wanted = {n: self.fathom("analyze", path, "-o", "json", "--no-cache").stdout for n, path in images.items()}
        patience = 3 * (time.monotonic() - begun)           # eight share the machine with each other
        dice, died, rounds = random.Random(3), 0, 0
        while rounds < ROUNDS or (died == 0 and rounds < 10 * ROUNDS):
            rounds += 1
            shutil.rmtree(self.cache, ignore_errors=True)
            for _ in range(2):                              # the second eight work on what the first left
                dead = self.one_round(dice, images, wanted, patience)
                died += dead
                patience *= 0.6 if dead < KILLED / 2 else 1.2       # so that about half of the victims die
            self.fathom("cache", "ls")
            for n, path in images.items():
                self.assertEqual(self.fathom("analyze", path, "-o", "json", "--cache-size", "2MB").stdout, wanted[n])
                self.assertEqual(self.fathom("analyze", path, "-o", "json", "--no-cache").stdout, wanted[n])
        self.assertGreater(died, 0, "nobody was killed in time: the test did not test")
        self.fathom("cache", "prune", "--cache-size", "2MB")
        self.assertLessEqual(total(self.cache), CAP * 1.05)

    def test_the_cap_holds(self):
        for k in range(6):
            path = docker_archive(self.path("%d.tar" % k), (["t:1"], Image([big_layer(10 + k, 2000)])))
            self.fathom("analyze", path, "-o", "json", "--cache-size", "500kB")
        self.assertLessEqual(total(self.cache), 500000 * 1.05)


class DamagedCache(Journey):
    def damages(self, content):
        """(what was done, the damaged content)."""
        size = len(content)
        for at in sorted({0, 1, 4, 8, 12, 16, 24, 32, 40, 64, size // 4, size // 2, 3 * size // 4, size - 33, size - 9, size - 8, size - 1}):
            if 0 <= at < size:
                for bit in (0x01, 0x80):
                    yield "bit %#x of byte %d" % (bit, at), content[:at] + bytes([content[at] ^ bit]) + content[at + 1:]
        for end in sorted({0, 1, size // 2, size - 8, size - 1}):
            if 0 <= end < size:
                yield "cut at %d" % end, content[:end]
        yield "one byte more", content + b"\0"
        yield "other bytes", bytes(size)

    def test_any_damage_is_a_miss(self):
        image = oci_layout(self.path("image"), two_layers())
        wanted = self.fathom("analyze", image, "-o", "json").stdout
        again = self.fathom("analyze", image, "-o", "json")
        self.assertEqual(layers_read(again), (0, 2))
        self.assertEqual(again.stdout, wanted)
        pristine = self.path("pristine")
        shutil.copytree(self.cache, pristine)
        missed = 0
        for path in every_file(pristine):
            name = os.path.relpath(path, pristine)
            with open(path, "rb") as f:
                content = f.read()
            for what, damaged in self.damages(content):
                if damaged == content:
                    continue
                with self.subTest(name, damage=what):
                    shutil.rmtree(self.cache)
                    shutil.copytree(pristine, self.cache)
                    with open(os.path.join(self.cache, name), "wb") as f:
                        f.write(damaged)
                    result = self.fathom("analyze", image, "-o", "json")
                    self.assertEqual(result.stdout, wanted)
                    missed += layers_read(result)[0] > 0
                    self.assertEqual(self.fathom("analyze", image, "-o", "json").stdout, wanted)
        self.assertGreater(missed, 0, "no damage was ever a miss: was the cache read at all?")

    def test_another_layers_file_is_a_miss(self):
        """A file that is whole, but stands under the name of another layer."""
        first = docker_archive(self.path("1.tar"), (["t:1"], Image([layer(file("a", b"1" * 10))])))
        second = docker_archive(self.path("2.tar"), (["t:2"], Image([layer(file("b", b"2" * 20))])))
        self.fathom("analyze", first)
        names = set(every_file(self.cache))
        wanted = self.fathom("analyze", second, "-o", "json").stdout
        for old in sorted(names):
            for new in sorted(set(every_file(self.cache)) - names):
                if os.path.splitext(old)[1] == os.path.splitext(new)[1]:
                    shutil.copy(old, new)
        self.assertEqual(self.fathom("analyze", second, "-o", "json").stdout, wanted)


class UsingTheCache(Journey):
    def setUp(self):
        super().setUp()
        self.image = oci_layout(self.path("image"), two_layers())

    def test_a_layer_is_read_once(self):
        first = self.fathom("analyze", self.image, "-o", "json")
        second = self.fathom("analyze", self.image, "-o", "json")
        self.assertEqual((layers_read(first), layers_read(second)), ((2, 0), (0, 2)))
        self.assertEqual(first.stdout, second.stdout)
        saved = docker_archive(self.path("saved.tar"), (["t:1"], Image(two_layers().layers)))
        self.assertEqual(layers_read(self.fathom("analyze", saved)), (0, 2), "the same layers in another image and form")

    def test_no_cache_leaves_no_trace(self):
        self.fathom("analyze", self.image, "--no-cache")
        self.assertEqual(every_file(self.cache), [])

    def test_no_cache_neither_reads_nor_writes(self):
        wanted = self.fathom("analyze", self.image, "-o", "json").stdout
        before = picture(self.cache)
        other = docker_archive(self.path("other.tar"), (["t:1"], Image([layer(file("other", b"o"))])))
        self.fathom("analyze", other, "--no-cache")
        result = self.fathom("analyze", self.image, "-o", "json", "--no-cache")
        self.assertEqual(layers_read(result), (2, 0))
        self.assertEqual(result.stdout, wanted)
        self.assertEqual(picture(self.cache), before)

    def test_a_cache_that_cannot_be_written(self):
        """A file where the folder should be: worth a word, not a failure."""
        wanted = self.fathom("analyze", self.image, "-o", "json", "--no-cache").stdout
        with open(self.cache, "wb") as f:
            f.write(b"in the way")
        self.assertEqual(self.fathom("analyze", self.image, "-o", "json").stdout, wanted)

    def test_verify_reads_again(self):
        wanted = self.fathom("analyze", self.image, "-o", "json").stdout
        again = self.fathom("analyze", self.image, "-o", "json", "--verify")
        self.assertEqual(layers_read(again), (2, 0))
        self.assertEqual(again.stdout, wanted)

    def test_verify_sees_what_changed_behind_the_cache(self):
        self.fathom("analyze", self.image)
        for path in every_file(os.path.join(self.image, "blobs")):
            with open(path, "r+b") as f:
                if f.read(2) == b"\x1f\x8b":
                    f.seek(40)
                    byte = f.read(1)[0]
                    f.seek(40)
                    f.write(bytes([byte ^ 1]))
        self.fathom("analyze", self.image, "--verify", code=5)

    def test_damaged_layers_are_not_kept(self):
        """What did not match its digest is no help to the next image that names the digest."""
        good = two_layers()
        bad = two_layers()
        bad.blobs[1] = bad.blobs[0]
        members = self.path("bad.tar")
        docker_archive(members, (["t:1"], bad))
        self.fathom("analyze", members, code=5)
        saved = docker_archive(self.path("good.tar"), (["t:1"], good))
        wanted = self.fathom("analyze", saved, "-o", "json", "--no-cache").stdout
        self.assertEqual(self.fathom("analyze", saved, "-o", "json").stdout, wanted)

    def test_ls_prune_clear(self):
        self.fathom("cache", "ls")                                   # an empty cache is no error
        self.fathom("analyze", self.image)
        listed = self.fathom("cache", "ls").stdout.decode()
        for data in two_layers().layers:
            self.assertIn(hashlib.sha256(data).hexdigest()[:12], listed)
        self.fathom("cache", "prune")
        self.assertEqual(layers_read(self.fathom("analyze", self.image)), (0, 2), "nothing was too much")
        self.fathom("cache", "prune", "--cache-size", "1B")
        self.assertEqual(layers_read(self.fathom("analyze", self.image)), (2, 0))
        self.fathom("cache", "clear")
        self.assertNotIn(hashlib.sha256(two_layers().layers[0]).hexdigest()[:12], self.fathom("cache", "ls").stdout.decode())
        self.assertEqual(layers_read(self.fathom("analyze", self.image)), (2, 0))


class NothingOnDisk(Journey):
    def test_stdin_with_no_file_allowed(self):
        """One pass, no copy of the archive: the process may not write a byte to any file."""
        path = docker_archive(self.path("image.tar"), (["t:1"], Image([big_layer(1, 3000), two_layers().layers[0]])))
        wanted = json.loads(self.fathom("analyze", path, "-o", "json", "--no-cache").stdout)
        with open(path, "rb") as source:
            content = source.read()
        for kind, data in (("plain", content), ("gzip", self.gzipped(content))):
            with self.subTest(kind):
                got = self.json("analyze", "-", "-o", "json", "--no-cache", stdin=data,
                                limits=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
                for key in ("layers", "wastedPaths", "classic", "history"):
                    self.assertEqual(got[key], wanted[key], key)

    def gzipped(self, data):
        return subprocess.run(["gzip", "-1"], input=data, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    unittest.main()
