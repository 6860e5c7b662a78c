"""A real image says the same of itself in every form, and holds what GNU tar extracts from its layers."""
import os
import shutil
import tempfile
import unittest

import debian_image
import registries
from journey import Journey

IMAGE = ("storedBytes", "visibleBytes", "wastedBytes", "efficiency", "duplicateBytes", "entries", "waste")
LAYER = ("index", "diffId", "storedBytes", "entries", "wastedHereBytes", "hiddenByBytes", "added", "modified", "removed")


def core(analysis):
    """What may not depend on the form that an image is kept in."""
    return {"image": {k: analysis["image"][k] for k in IMAGE},
            "layers": [{k: layer[k] for k in LAYER} for layer in analysis["layers"]],
            **{k: analysis[k] for k in ("classic", "wastedPaths", "history")}}


def comparable(node):
    """The part of a node that an extracted file system has too."""
    keys = ["type", "mode", "uid", "gid"] + {"file": ["size"], "symlink": ["linkTarget"]}.get(node["type"], [])
    return {k: node[k] for k in keys}


class SameEverywhere(Journey):
    @classmethod
    def setUpClass(cls):
        cls.image = debian_image.image()

    def run_form(self, form, *args):
        """One run on a form, with a cache that has never seen the image."""
        argument, stdin = self.image.forms[form]
        shutil.rmtree(self.cache, ignore_errors=True)
        if stdin is None:
            return self.json(args[0], argument, *args[1:], timeout=300)
        with open(stdin, "rb") as source:
            return self.json(args[0], argument, *args[1:], stdin=source, timeout=300)

    def test_analysis(self):
        wanted = core(self.run_form("docker-archive", "analyze", "-o", "json"))
        for form in self.image.forms:
            with self.subTest(form):
                self.assertEqual(core(self.run_form(form, "analyze", "-o", "json")), wanted)

    def test_out_of_a_registry(self):
        """With TLS and a password, as gzip and as zstd; the mirror of it, too."""
        wanted = core(self.run_form("docker-archive", "analyze", "-o", "json"))
        with registries.Registry(self.path("registry")) as registry:
            env = {"DOCKER_CONFIG": registry.config, "FATHOM_REGISTRY_CA": registry.ca}
            for form in ("OCI directory, gzip layers", "OCI directory, zstd layers"):
                name = "%s/debian:%d" % (registry.address, len(form))
                registry.push(self.image.forms[form][0], debian_image.TAG, name.split("/", 1)[1], "--preserve-digests")
                with self.subTest(form):
                    self.assertEqual(core(self.json("analyze", "registry://" + name, "-o", "json", "--no-cache", env=env, timeout=300)), wanted)
                    self.fathom("pull", name, "-d", "mirror", env=env, timeout=300)
                    self.assertEqual(core(self.json("analyze", "oci:mirror:" + name, "-o", "json", "--no-cache", timeout=300)), wanted)

    def test_diff_ids_and_bytes_of_the_layers(self):
        layers = self.run_form("docker-archive", "analyze", "-o", "json")["layers"]
        self.assertEqual(len(layers), len(self.image.layers))
        for layer, (diff_id, entries, stored) in zip(layers, debian_image.facts(self.image.layers)):
            with self.subTest(layer=layer["index"]):
                self.assertEqual(layer["diffId"], diff_id)
                self.assertEqual(layer["entries"], entries)
                self.assertEqual(layer["storedBytes"], stored)

    def test_history(self):
        history = self.run_form("OCI directory, gzip layers", "analyze", "-o", "json")["history"]
        self.assertEqual([h["createdBy"] for h in history], ["step 0", "step 1", "step 2", "step 3", "step 4", "CMD sh", "repack"])
        self.assertEqual([h["layer"] for h in history], [0, 1, 2, 3, 4, None, 5])
        self.assertEqual([h["emptyLayer"] for h in history], [False] * 5 + [True, False])

    def test_waste_adds_up(self):
        analysis = self.run_form("docker-archive", "analyze", "-o", "json")
        image, layers, paths = analysis["image"], analysis["layers"], analysis["wastedPaths"]
        self.assertEqual(image["storedBytes"] - image["visibleBytes"], image["wastedBytes"])
        self.assertEqual(sum(image["waste"].values()), image["wastedBytes"])
        self.assertEqual(sum(p["bytes"] for p in paths), image["wastedBytes"])
        for cause, bytes_lost in image["waste"].items():
            self.assertGreater(bytes_lost, 0, "the image is made to hold every cause: " + cause)
            self.assertEqual(sum(p["bytes"] for p in paths if p["cause"] == cause), bytes_lost, cause)
        for key, where in (("wastedHereBytes", "storedIn"), ("hiddenByBytes", "hiddenBy")):
            for layer in layers:
                self.assertEqual(sum(p["bytes"] for p in paths if p[where] == layer["index"]), layer[key], key)

    def test_equal_to_what_gnu_tar_extracts(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            wanted, visible = debian_image.merged(self.image.layers, folder)
        self.assertEqual(self.run_form("docker-archive", "analyze", "-o", "json")["image"]["visibleBytes"], visible)
        first = None
        for form in self.image.forms:
            with self.subTest(form):
                tree = self.run_form(form, "tree", "-o", "json")
                self.assertEqual((tree["schema"], tree["mode"], tree["layer"]), ("fathom/tree/v1", "final", len(self.image.layers) - 1))
                if first is None:
                    first = tree["nodes"]
                    self.assert_nodes(first, wanted)
                else:
                    self.assertTrue(tree["nodes"] == first, "other nodes than in the first form")

    def assert_nodes(self, nodes, wanted):
        paths = [n["path"] for n in nodes]
        self.assertEqual(len(paths), len(set(paths)), "a path twice")
        self.assertIn(paths, (sorted(paths), sorted(paths, key=lambda p: p.split("/"))), "not sorted")
        got = {n["path"]: comparable(n) for n in nodes if n["path"] != "/"}
        self.assertEqual(sorted(set(wanted) - set(got)), [], "extracted, but not in the tree")
        self.assertEqual(sorted(set(got) - set(wanted)), [], "in the tree, but not extracted")
        self.assertEqual({p: (got[p], wanted[p]) for p in got if got[p] != wanted[p]}, {}, "(tree, extracted)")

    def test_change_of_each_layer(self):
        argument, _ = self.image.forms["docker-archive"]
        layers = self.json("analyze", argument, "-o", "json", timeout=300)["layers"]
        for layer in layers[1:4] + layers[5:]:          # in layer 4 things become things of another type: no path, no one change
            with self.subTest(layer=layer["index"]):
                tree = self.json("tree", argument, "--layer", str(layer["index"]), "--changes", "-o", "json", timeout=300)
                changed = [n["change"] for n in tree["nodes"] if n["type"] != "directory"]
                self.assertEqual({k: changed.count(k) for k in ("added", "modified", "removed")},
                                 {k: layer[k] for k in ("added", "modified", "removed")})

    def test_the_forms_are_what_they_claim(self):
        """So that a form that a tool silently wrote in another way does not pass for it."""
        kinds = {"oci": b"\x1f\x8b", "oci-zstd": b"\x28\xb5\x2f\xfd"}
        folder = os.path.dirname(self.image.layers[0])
        for layout in ("oci", "oci-zstd", "oci-plain"):
            with open(debian_image.last_blob(os.path.join(folder, layout)), "rb") as f:
                start = f.read(512)
            if layout == "oci-plain":
                self.assertEqual(start[257:262], b"ustar")
            else:
                self.assertTrue(start.startswith(kinds[layout]), layout)


if __name__ == "__main__":
    unittest.main()
