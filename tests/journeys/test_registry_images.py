"""Thirty real images in Debian's docker-registry: what fathom says of them there, its list and its mirror of them."""
import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
import unittest

import debian_family
import registries
from journey import Journey


def document(layout, digest):
    with open(os.path.join(layout, "blobs", *digest.split(":")), "rb") as f:
        return json.load(f)


class RealImages(Journey):
    @classmethod
    def setUpClass(cls):
        cls.exits = contextlib.ExitStack()
        cls.addClassCleanup(cls.exits.close)
        place = cls.exits.enter_context(tempfile.TemporaryDirectory(prefix="fathom-registry-"))
        cls.registry = cls.exits.enter_context(registries.Registry(os.path.join(place, "registry")))
        cls.layout, cls.names = debian_family.layout(), debian_family.names()
        with open(os.path.join(cls.layout, "index.json"), "rb") as f:
            named = {m["annotations"]["org.opencontainers.image.ref.name"]: m["digest"] for m in json.load(f)["manifests"]}
        cls.manifests = {name: (named[name], document(cls.layout, named[name])) for name in cls.names}
        for name in cls.names:
            cls.registry.push(cls.layout, name, cls.in_registry(name), "--preserve-digests")

    @staticmethod
    def in_registry(name):
        return "team%d/%s:1" % (int(name[3:]) % 5, name)

    def setUp(self):
        super().setUp()
        self.env = {"DOCKER_CONFIG": self.registry.config, "FATHOM_REGISTRY_CA": self.registry.ca}

    def reference(self, name):
        return self.registry.address + "/" + self.in_registry(name)

    def blobs(self):
        """Digests of all blobs of all images, the manifests included."""
        digests = {digest for digest, _ in self.manifests.values()}
        for _, manifest in self.manifests.values():
            digests |= {manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])}
        return digests

    def mirrored_blobs(self, mirror):
        """Digests of the blobs that are there, each hashed."""
        folder = os.path.join(mirror, "blobs", "sha256")
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as f:
                self.assertEqual(hashlib.file_digest(f, "sha256").hexdigest(), name)
        return {"sha256:" + name for name in os.listdir(folder)}

    def test_they_share_layers(self):
        layers = [layer["digest"] for _, manifest in self.manifests.values() for layer in manifest["layers"]]
        self.assertEqual(len(self.manifests), debian_family.IMAGES)
        self.assertLess(len(set(layers)) * 4, len(layers))

    def test_same_as_from_the_layout(self):
        asked = len(self.registry.requests())
        for name in self.names:
            here = self.json("analyze", "registry://" + self.reference(name), "-o", "json", env=self.env)
            there = self.json("analyze", "oci:%s:%s" % (self.layout, name), "-o", "json", "--no-cache")
            self.assertEqual(here["image"].pop("reference"), self.reference(name))
            there["image"].pop("reference")
            self.assertEqual(here, there, name)
        fetched = [path for method, path in self.registry.requests()[asked:] if method == "GET" and "/blobs/" in path]
        self.assertEqual(len([path for path in fetched if path.endswith(self.manifests["app00"][1]["layers"][0]["digest"])]), 1,
                         "the layer of Debian is fetched once for all of them")

    def test_crawl_and_mirror(self):
        done = self.fathom("crawl", self.registry.address, "--output", "all.csv", "--page-size", "3", "--tags", "--digests", "--requests-per-second", "0", env=self.env)
        with open(os.path.join(self.work, "all.csv"), encoding="utf-8") as f:
            rows = f.read().splitlines()[1:]
        self.assertEqual(sorted(r.split(",")[2] for r in rows), sorted(self.in_registry(n).split(":")[0] for n in self.names), done.stderr)
        with open(os.path.join(self.work, "all.csv.tags"), encoding="utf-8") as f:
            listed = f.read()
        self.assertEqual(len(listed.splitlines()), 1 + len(self.names))
        for digest, _ in self.manifests.values():
            self.assertIn(digest, listed)
        self.fathom("pull", "--from", "all.csv", "--tags", "*", "-d", "mirror", env=self.env)
        mirror = os.path.join(self.work, "mirror")
        self.assertEqual(self.mirrored_blobs(mirror), self.blobs(), "each blob once, and the manifests")
        for name in self.names:
            with self.subTest(name):
                self.read_by_others(mirror, name)
        self.assert_nothing_is_fetched_again()

    def read_by_others(self, mirror, name):
        inspected = subprocess.run(["skopeo", "inspect", "oci:%s:%s" % (mirror, self.reference(name))], stdout=subprocess.PIPE, check=True).stdout
        digest, manifest = self.manifests[name]
        self.assertEqual(json.loads(inspected)["Layers"], [layer["digest"] for layer in manifest["layers"]])
        stat = subprocess.run(["umoci", "stat", "--json", "--image", "%s:%s" % (mirror, self.reference(name))], stdout=subprocess.PIPE, check=True).stdout
        layers = [h["layer"]["digest"] for h in json.loads(stat)["history"] if h.get("layer")]
        self.assertEqual(layers, [layer["digest"] for layer in manifest["layers"]])
        here = self.fathom("analyze", "oci:%s:%s" % (mirror, self.reference(name)), "-o", "csv").stdout
        self.assertEqual(here, self.fathom("analyze", "oci:%s:%s" % (self.layout, name), "-o", "csv").stdout)
        self.assertEqual(document(mirror, digest), manifest)

    def assert_nothing_is_fetched_again(self):
        asked = len(self.registry.requests())
        again = self.fathom("pull", "--from", "all.csv", "--tags", "*", "-d", "mirror", env=self.env).stderr.decode()
        self.assertIn("%d images mirrored (%d were there)" % (len(self.names), len(self.names)), again)
        self.assertFalse([m for m, path in self.registry.requests()[asked:] if m == "GET" and ("/blobs/" in path or "/manifests/" in path)])


if __name__ == "__main__":
    unittest.main()
