"""What is in registries and layouts beside container images, and layers that cannot be read: told apart, named, never taken for an answer."""
import os
import unittest

from journey import Journey
from small_images import LAYER_TYPE, OCI, Image, Layout, attestation, file, layer, sha256

DOCKER = "application/vnd.docker."
CONFIG = OCI + "config.v1+json"


class NoImage(Journey):
    """A gate over it is exit 5, too: it never passes."""

    def refused(self, path, *words, code=5):
        for command in (("analyze", path, "-o", "json"), ("check", path, "--rule", "highestLayerCount=99"), ("--ci", path), ("extract", path, "/", "--output", self.path("out"))):
            result = self.fathom(*command, "--no-cache", code=code)
            self.assertEqual(result.stdout, b"", "an answer beside the error")
            for word in (path, *words):
                self.assertIn(word, result.stderr.decode(), command)
        self.assertFalse(os.path.exists(self.path("out")))

    def artifact(self, name, config_type, *layer_types, **more):
        layout = Layout(self.path(name))
        layers = [layout.blob(b"content %d" % k, t) for k, t in enumerate(layer_types)]
        manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": layout.blob(b"{}", config_type), "layers": layers, **more}
        return layout, layout.blob(manifest, manifest["mediaType"])

    def test_artifacts(self):
        for k, (config, layers, more, word) in enumerate((
                ("application/vnd.cncf.helm.config.v1+json", ["application/vnd.cncf.helm.chart.content.v1.tar+gzip"], {}, "vnd.cncf.helm.config"),
                ("application/vnd.oci.empty.v1+json", ["application/vnd.in-toto+json"], {"artifactType": "application/vnd.in-toto+json"}, "vnd.in-toto"),
                ("application/vnd.oci.empty.v1+json", ["application/spdx+json"], {"artifactType": "application/spdx+json"}, "spdx"),
                ("application/vnd.dev.cosign.artifact.sig.v1+json", ["application/vnd.dev.cosign.simplesigning.v1+json"], {}, "cosign"),
                ("application/vnd.wasm.config.v0+json", ["application/wasm"], {}, "wasm"),
                ("application/vnd.docker.ai.model.config.v0.1+json", ["application/vnd.docker.ai.gguf.v3"], {}, "ai.model"),
                ("application/vnd.oci.empty.v1+json", ["application/octet-stream"], {}, "oci.empty"),
                (DOCKER + "plugin.v1+json", [DOCKER + "image.rootfs.diff.tar.gzip"], {}, "plugin.v1"))):
            layout, manifest = self.artifact("artifact%d" % k, config, *layers, **more)
            with self.subTest(word):
                self.refused(layout.index(manifest), "not a container image", word)
                # Beside an image it is no hindrance.
                image = Image([layer(file("a", b"12"))])
                layout.index({**manifest, **({"artifactType": more["artifactType"]} if more else {})}, layout.image(image, platform=image.platform))
                self.assertEqual(self.json("analyze", layout.folder, "-o", "json")["image"]["storedBytes"], 2)

    def test_signatures_that_look_like_images(self):
        """cosign gives them a config of an image, and layers that are JSON."""
        layout = Layout(self.path("signature"))
        signature = layout.blob({"critical": {}}, "application/vnd.dev.cosign.simplesigning.v1+json")
        config = layout.blob(Image([layer(file("a"))]).config_bytes(), CONFIG)
        self.refused(layout.index(layout.manifest(config, [signature])), "layer 0", "no file system", "simplesigning")

    def test_attestations_alone(self):
        layout = Layout(self.path("attestation"))
        image = Image([layer(file("a", b"12"))])
        of = layout.image(image, platform=image.platform)
        statement = attestation(layout, of)
        self.refused(layout.index(statement), "no image")
        layout.index(statement, of)
        self.assertEqual(self.json("analyze", layout.folder, "-o", "json")["image"]["storedBytes"], 2)

    def test_docker_schema_1(self):
        for k, (media, extra) in enumerate(((DOCKER + "distribution.manifest.v1+json", {}), (DOCKER + "distribution.manifest.v1+prettyjws", {"signatures": []}),
                                            (OCI + "manifest.v1+json", {}))):
            layout = Layout(self.path("one%d" % k))
            manifest = layout.blob({"schemaVersion": 1, "name": "old", "tag": "1", "fsLayers": [{"blobSum": "sha256:" + "0" * 64}], "history": [], **extra}, media)
            with self.subTest(media):
                self.refused(layout.index(manifest), "schema 1")

    def layers(self, name, media=LAYER_TYPE["none"], data=None, absent=False, **more):
        """An image whose second layer is special."""
        layout = Layout(self.path(name))
        image = Image([layer(file("a", b"1")), layer(file("b", b"2"))])
        second = data if data is not None else image.layers[1]
        special = layout.blob(second, media, **more)
        if absent:
            os.remove(layout.blob_path(special["digest"]))
        if data is not None:
            image.config["rootfs"]["diff_ids"][1] = sha256(data)
        return layout.index(layout.image(image, layers=[layout.blob(image.layers[0], LAYER_TYPE["none"]), special], platform=image.platform))

    def test_layers_that_cannot_be_read(self):
        noise = bytes(range(256)) * 40
        for k, (case, path, words) in enumerate((
                ("encrypted", self.layers("encrypted", LAYER_TYPE["gzip"] + "+encrypted", noise), ("encrypted",)),
                ("encrypted, as ocicrypt says it", self.layers("encrypted2", OCI + "layer.v1.tar+gzip+encrypted", noise,
                                                               annotations={"org.opencontainers.image.enc.keys.jwe": "eyJ"}), ("encrypted",)),
                ("foreign", self.layers("foreign", DOCKER + "image.rootfs.foreign.diff.tar.gzip", absent=True, urls=["https://example.com/layer"]), ("foreign",)),
                ("nondistributable", self.layers("nondistributable", OCI + "layer.nondistributable.v1.tar", absent=True), ("foreign",)),
                ("absent", self.layers("absent", absent=True), ("not there",)),
                ("in-toto", self.layers("intoto", "application/vnd.in-toto+json", b'{"_type": "x"}'), ("no file system",)),
                ("JSON under a tar's type", self.layers("json", data=b'{"some": "json"}' * 50), ("no tar archive",)),
                ("unknown type, unknown content", self.layers("unknown", "application/x-squashfs", noise), ("application/x-squashfs",)),
                ("no type, unknown content", self.layers("nothing", "", noise), ("no tar archive",)))):
            with self.subTest(case):
                self.refused(path, "layer 1", *words)

    def test_foreign_layers_that_are_there(self):
        for k, media in enumerate((DOCKER + "image.rootfs.foreign.diff.tar", OCI + "layer.nondistributable.v1.tar")):
            path = self.layers("there%d" % k, media, urls=["https://example.com/layer"])
            self.assertEqual(self.json("analyze", path, "-o", "json")["image"]["storedBytes"], 2)

    def test_unknown_types_of_readable_layers(self):
        """The bytes say what a layer is, not its media type."""
        for k, media in enumerate(("application/x-unknown", "", LAYER_TYPE["zstd"], DOCKER + "image.rootfs.diff.tar.gzip")):
            self.assertEqual(self.json("analyze", self.layers("odd%d" % k, media), "-o", "json")["image"]["storedBytes"], 2)


if __name__ == "__main__":
    unittest.main()
