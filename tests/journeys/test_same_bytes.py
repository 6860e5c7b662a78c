"""The same image gives the same bytes: whatever the locale, the zone, the threads, the cache, and the order of an archive's members."""
import gzip
import json
import random
import unittest

from journey import Journey
from small_images import Image, archive, directory, docker_archive, docker_members, file, folder_members, hardlink, layer, oci_layout, sha256, symlink, whiteout

DICE = random.Random(9)
NAMES = ["I\u0130i\u0131", "\u00e4", "z", "Z", "a\u0308", "_", "10", "9", "\u4e2d", b"\xff".decode("utf-8", "surrogateescape"), "a b", "a-b", "ab", "a/b"]
ANSWERS = [*[("analyze", "-o", form) for form in ("table", "json", "dive-json", "csv", "markdown")],
           *[("tree", "-o", form) for form in ("table", "json", "dive")], ("tree", "--changes", "--layer", "1", "-o", "json"), ("tree", "--sort", "size"), ("tree", "--sort", "name"),
           *[("find", "--all", "-o", form) for form in ("table", "json", "csv")], ("find", "-0"), ("find", "--all", "-i", "I*"),
           ("history",), ("history", "-o", "json"), ("history", "--dockerfile"), ("extract", "/", "--output", "-"),
           *[("check", "--rule", "highestWastedBytes=1", "-o", form) for form in ("table", "json", "junit", "sarif", "markdown", "gitlab", "dive", "dive-0.13")]]
PLACES = ({"LC_ALL": "C", "TZ": "UTC"}, {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "America/New_York", "FATHOM_THREADS": "1"},
          {"LC_ALL": "tr_TR.UTF-8", "LC_NUMERIC": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "FATHOM_THREADS": "7", "COLUMNS": "40"})


def image():
    """Equal sizes, so that an order by size alone leaves ties."""
    first = [file("d/" + n, b"1" * 100) for n in NAMES]
    DICE.shuffle(first)
    return Image([layer(directory("d"), *first, hardlink("h", "d/z"), symlink("l", "d")), layer(*[file("d/" + n, b"2" * 100) for n in reversed(NAMES)]),
                  layer(*[whiteout("d/" + n) for n in NAMES[:7]], file("d/9", b"2" * 100, mode=0o600))])


class SameBytes(Journey):
    def setUp(self):
        super().setUp()
        self.image = image()
        self.path_of = docker_archive(self.path("image.tar"), (["t:1"], self.image))

    def answers(self, path, *more, **how):
        return {" ".join(c): self.fathom(c[0], path, *c[1:], *more, code=(0, 1), **how).stdout for c in ANSWERS}

    def test_whatever_is_around(self):
        wanted = self.answers(self.path_of, "--no-cache")
        self.assertEqual([what for what, answer in wanted.items() if len(answer) <= 5], [])
        for env in PLACES:
            self.assertEqual(self.answers(self.path_of, env=env), wanted, env)          # the first time it fills the cache
        self.assertEqual(self.answers(self.path_of), wanted, "from the cache")

    def test_whatever_the_order_of_members(self):
        wanted = self.answers(self.path_of, "--no-cache")
        for k in range(4):
            members = docker_members((["t:1"], self.image))
            random.Random(k).shuffle(members)
            path = archive(self.path("image.tar"), members)                             # in its place: its name is in some answers
            self.assertEqual(self.answers(path, "--no-cache"), wanted, [m[0] for m in members])
            with open(path, "rb") as f:
                data = f.read()
            with open(path, "wb") as f:
                f.write(gzip.compress(data))
            got = self.answers(path, "--no-cache")
            del got["extract / --output -"]                                             # a stream's files are taken out in the order in which they come
            self.assertEqual(got, {what: answer for what, answer in wanted.items() if what in got}, "compressed")

    def test_the_manifest_alone_says_order_and_config(self):
        """Beside it lie another config, another manifest in a member that looks like one, and layers that it does not name; names say nothing."""
        other = Image([layer(file("other", b"o" * 5000))])
        members = dict(docker_members((["t:1"], self.image)))
        manifest = json.loads(members.pop("manifest.json"))
        wanted = self.json("analyze", self.path_of, "-o", "json", "--no-cache")
        renamed = {"z/layer.tar": self.image.layers[0], "a/layer.tar": self.image.layers[1], "m/layer.tar": self.image.layers[2], "config": self.image.config_bytes()}
        manifest[0].update(Layers=["z/layer.tar", "a/layer.tar", "m/layer.tar"], Config="config")
        extra = {sha256(other.config_bytes())[7:] + ".json": other.config_bytes(), "0/layer.tar": other.layers[0], "0/json": b'{"id": "0"}', "old/manifest.json": b"[]",
                 "repositories": b'{"t": {"1": "0"}}'}
        for k in range(4):
            mixed = [*renamed.items(), *extra.items(), ("manifest.json", json.dumps(manifest).encode())]
            random.Random(k).shuffle(mixed)
            got = self.json("analyze", archive(self.path("renamed.tar"), mixed), "-o", "json", "--no-cache")
            for key in ("image", "classic", "history", "wastedPaths"):
                self.assertEqual(got[key], wanted[key], key)
            self.assertEqual([l["diffId"] for l in got["layers"]], [sha256(t) for t in self.image.layers])

    def test_the_later_of_two_members_counts(self):
        other = Image([layer(file("other", b"o" * 5000))])
        both = docker_members(([], other)) + docker_members((["t:1"], self.image))
        got = self.json("analyze", archive(self.path("both.tar"), both), "-o", "json", "--no-cache")
        self.assertEqual([l["diffId"] for l in got["layers"]], [sha256(t) for t in self.image.layers])

    def test_a_layout_in_any_order(self):
        folder = oci_layout(self.path("oci"), self.image)
        members = folder_members(folder)
        wanted = None
        for k in range(4):
            random.Random(k).shuffle(members)
            got = self.answers(archive(self.path("oci.tar"), members), "--no-cache")
            wanted = wanted or got
            self.assertEqual(got, wanted)


if __name__ == "__main__":
    unittest.main()
