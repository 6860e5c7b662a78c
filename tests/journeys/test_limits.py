"""Every safety limit: an image that goes over it is refused with words that help; raising the limit lets it in."""
import functools
import gzip
import json
import os
import re
import unittest

from journey import Journey
from small_images import (LAYER_TYPE, OCI, Image, Layout, directory, docker_archive, file, layer, pax, sparse, symlink, zstd_stored)

OPTION = re.compile(r"^\s+(--max-[a-z-]+) BYTES\s.*?\[default\s+(\d+);", re.M | re.S)
ROW = re.compile(r"^\| `(--max-[a-z-]+)` \| (\d+) \| [^|]+ \| ([^|]+) \|$", re.M)
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "hostile-input.md")
TYPE = LAYER_TYPE["none"]


class Limits(Journey):
    """Each image is over one limit set to `low`, and at it with `enough`. The name is that of the option without --max-."""

    def oci(self, name, *layers, media=TYPE, plain=None):
        image = Image(plain or layers)
        layout = Layout(self.path(name))
        return layout.index(layout.image(image, layers=[layout.blob(b, media) for b in layers], platform=image.platform))

    def nested(self):
        layout = Layout(self.path("nested"))
        inner = layout.image(Image([layer(file("a"))]))
        for _ in range(3):
            inner = layout.blob({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [inner]}, OCI + "index.v1+json")
        return layout.index(inner)

    def two(self):
        layout = Layout(self.path("two"))
        image = Image([layer(file("a"))])
        return layout.index(layout.image(image, platform=image.platform),
                            layout.image(image, platform={"os": "plan9", "architecture": "mips"}))

    @functools.cached_property
    def cases(self):
        """option -> (image, low, enough, number of the layer to blame or None)"""
        plain = self.oci("plain", layer(directory("d")), layer(file("d/a", b"1"), file("d/bc", b"22")))
        size = {what: os.path.getsize(os.path.join(plain, *where)) for what, where in (("index", ("index.json",)),)}
        with open(os.path.join(plain, "index.json"), "rb") as f:
            manifest = json.load(f)["manifests"][0]
        with open(os.path.join(plain, "blobs", manifest["digest"].replace(":", "/")), "rb") as f:
            size["config"] = json.load(f)["config"]["size"]
        archive = docker_archive(self.path("image.tar"), (["t:1"], Image([layer(file("a")), layer(file("b"))])))
        tar = layer(file("a", b"x" * 3000))
        zstd = zstd_stored(tar, 20)
        hole = sparse(2 ** 31)
        return {
            "manifest-bytes": (plain, manifest["size"] - 1, manifest["size"], None),
            "index-bytes": (plain, size["index"] - 1, size["index"], None),
            "config-bytes": (plain, size["config"] - 1, size["config"], None),
            "json-depth": (plain, 2, 5, None),
            "layers": (plain, 1, 2, None),
            "index-manifests": (self.two(), 1, 2, None),
            "index-depth": (self.nested(), 2, 3, None),
            "archive-entries": (archive, 3, 4, None),
            "path-bytes": (plain, 3, 4, 1),
            "path-components": (self.oci("deep", layer(file("a")), layer(file("d/a"))), 1, 2, 1),
            "pax-bytes": (self.oci("pax", layer(file("a")), pax("b", [("comment", "c" * 600)]) + bytes(1024)), 500, 700, 1),
            "link-bytes": (self.oci("link", layer(file("a")), layer(symlink("l", "t" * 20))), 19, 20, 1),
            "entries": (plain, 1, 2, 1),
            "layer-bytes": (self.oci("big", gzip.compress(layer(file("a"))), gzip.compress(layer(file("b", bytes(50000)))), media=LAYER_TYPE["gzip"],
                                     plain=[layer(file("a")), layer(file("b", bytes(50000)))]), 50000, 70000, 1),
            "image-bytes": (plain, 15000, 20480, 1),
            "ratio": (self.oci("hole", layer(file("a")), hole), 100000, 2 * 10 ** 6, 1),
            "merge-steps": (self.oci("steps", layer(file("a")), layer(directory("d"), symlink("l", "d/../d/../d/../d"), file("l/a", b"1"))), 5, 30, 1),
            "zstd-window": (self.oci("zstd", zstd, media=LAYER_TYPE["zstd"], plain=[tar]), 2 ** 19, 2 ** 20, 0),
        }

    def defaults(self):
        """Of every limit that the help lists."""
        found = {option[6:]: int(value) for option, value in OPTION.findall(self.fathom("analyze", "--help-all").stdout.decode())}
        self.assertGreater(len(found), 10)
        return found

    def run_case(self, path, *options, code):
        return self.fathom("analyze", path, "-o", "json", "--no-cache", "--threads", "1", *options, code=code)

    def test_each_is_hit_and_raised(self):
        cases, defaults = self.cases, self.defaults()
        self.assertEqual(sorted(cases), sorted(defaults), "a limit without a case, or a case without a limit")
        for name, (path, low, enough, number) in cases.items():
            option = "--max-" + name
            with self.subTest(option):
                refused = self.run_case(path, option, str(low), code=6)
                self.assertEqual(refused.stdout, b"", "an answer beside the error")
                said = refused.stderr.decode()
                for words in (str(low), option, "--limits-scale", path) + (("layer %d" % number,) if number is not None else ()):
                    self.assertIn(words, said)
                self.assertEqual(len(said.strip().splitlines()), 1, said)
                self.assertEqual(json.loads(self.run_case(path, option, str(enough), code=0).stdout)["schema"], "fathom/analysis/v1")

    def test_the_page_tells_all(self):
        """docs/hostile-input.md: every limit, its default, and what is said when it is hit."""
        with open(PAGE, encoding="utf-8") as f:
            rows = {option[6:]: (int(value), said) for option, value, said in ROW.findall(f.read())}
        self.assertEqual({name: value for name, (value, _) in rows.items()}, self.defaults())
        for name, (path, low, *_) in self.cases.items():
            said = self.run_case(path, "--max-" + name, str(low), code=6).stderr.decode()
            self.assertRegex(said, re.sub(r"\bN\b", r"\\d+", re.escape(rows[name][1].strip())), name)

    def test_the_scale_moves_each(self):
        """With every other limit out of the way, the scale alone decides."""
        defaults = self.defaults()
        for name, (path, low, enough, _) in self.cases.items():
            others = [o for other in defaults if other != name for o in ("--max-" + other, str(2 ** 40))]
            with self.subTest(name):
                said = self.run_case(path, *others, "--limits-scale", repr((low + 0.5) / defaults[name]), code=6).stderr.decode()
                self.assertIn("--max-" + name, said)
                self.assertRegex(said, r"\b%d\b" % low)
                self.run_case(path, *others, "--limits-scale", repr((enough + 0.5) / defaults[name]), code=0)

    def test_every_command_and_stdin(self):
        path = docker_archive(self.path("image.tar"), (["t:1"], Image([layer(file("a", b"1")), layer(file("b", b"2"), file("c"))])))
        for command in (("analyze",), ("check",), ("tree",), ("history",), ("find",), ("cat", "/a"), ("extract", "/a", "--output", self.path("out")), ()):
            with self.subTest(command):
                said = self.fathom(*command[:1], path, *command[1:], "--max-entries", "1", "--no-cache", code=6).stderr
                self.assertIn(b"layer 1", said)
        self.assertFalse(os.path.exists(self.path("out")))
        with open(path, "rb") as f:
            data = f.read()
        for stdin in (data, gzip.compress(data)):
            said = self.fathom("analyze", "-", "--max-entries", "1", "--no-cache", stdin=stdin, code=6).stderr
            self.assertIn(b"layer 1", said)
            self.assertIn(b"--max-archive-entries", self.fathom("analyze", "-", "--max-archive-entries", "1", "--no-cache", stdin=stdin, code=6).stderr)

    def test_as_settings(self):
        path = docker_archive(self.path("image.tar"), (["t:1"], Image([layer(file("a", b"1")), layer(file("b", b"2"))])))
        self.assertIn(b"--max-layers", self.fathom("analyze", path, env={"FATHOM_MAX_LAYERS": "1"}, code=6).stderr)
        self.write("work/.fathom.yaml", "max-layers: 1\n")
        self.assertIn(b"--max-layers", self.fathom("analyze", path, code=6).stderr)
        self.fathom("analyze", path, "--max-layers", "2")

    def test_the_cache_lets_nothing_past(self):
        """A layer that was read under generous limits is not let in under strict ones. Of single entries, the reading alone is limited."""
        for name in ("entries", "layer-bytes", "image-bytes"):
            path, low, enough, _ = self.cases[name]
            with self.subTest(name):
                self.fathom("analyze", path, "--max-" + name, str(enough))
                self.fathom("analyze", path, "--max-" + name, str(low), code=6)

    def test_nonsense(self):
        path = docker_archive(self.path("image.tar"), (["t:1"], Image([layer(file("a"))])))
        for options in (("--limits-scale", "0"), ("--limits-scale", "-1"), ("--limits-scale", "nan"), ("--limits-scale", "much"), ("--max-layers", "-1"),
                        ("--max-layers", "many"), ("--max-layers", "")):
            with self.subTest(options):
                self.fathom("analyze", path, *options, code=2)


if __name__ == "__main__":
    unittest.main()
