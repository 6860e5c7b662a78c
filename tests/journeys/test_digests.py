"""Digests: what is read is what manifest and config declare, to the last byte, in every algorithm; nothing else is ever kept."""
import gzip
import hashlib
import json
import os
import unittest

from journey import Journey, layers_read
from small_images import LAYER_TYPE, OCI, Image, Layout, archive, docker_archive, docker_members, file, layer, sha256


def sha512(data):
    return "sha512:" + hashlib.sha512(data).hexdigest()


class Digests(Journey):
    def layout(self, name, image, digest=sha256, of_content=sha256, blobs=None):
        """An OCI layout all of whose documents and layers go by `digest`, and its diff IDs by `of_content`."""
        folder = self.path(name)

        def put(data, media_type):
            algorithm, _, text = digest(data).partition(":")
            os.makedirs(os.path.join(folder, "blobs", algorithm), exist_ok=True)
            self.write(os.path.join(name, "blobs", algorithm, text), data)
            return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

        image.config["rootfs"]["diff_ids"] = [of_content(tar) for tar in image.layers]
        manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": put(image.config_bytes(), OCI + "config.v1+json"),
                    "layers": [put(b, LAYER_TYPE["gzip" if b[:2] == b"\x1f\x8b" else "none"]) for b in blobs or image.blobs]}
        index = {"schemaVersion": 2, "manifests": [{**put(json.dumps(manifest).encode(), manifest["mediaType"]), "platform": image.platform}]}
        self.write(name + "/index.json", json.dumps(index))
        self.write(name + "/oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        return folder

    def damage(self, folder, digest):
        """Changes a byte of content, in place; the tar stays a good one."""
        path = os.path.join(folder, "blobs", *digest.split(":"))
        with open(path, "r+b") as f:
            f.seek(512)
            f.write(b"X")

    def test_every_algorithm_and_a_mix(self):
        for name, digest, of_content in (("256", sha256, sha256), ("512", sha512, sha512), ("512-256", sha512, sha256), ("256-512", sha256, sha512)):
            with self.subTest(name):
                image = Image([layer(file("a", b"1" * 600)), layer(file("b", b"2" * 600))], "gzip")
                folder = self.layout(name, image, digest, of_content)
                got = self.json("analyze", folder, "-o", "json", "--no-cache")
                self.assertEqual([(l["digest"], l["diffId"]) for l in got["layers"]], [(digest(b), of_content(t)) for b, t in zip(image.blobs, image.layers)])
                plain = Image(image.layers)
                folder = self.layout(name + "-damaged", plain, digest, of_content)
                self.damage(folder, digest(plain.blobs[1]))
                said = self.fathom("analyze", folder, "-o", "json", "--no-cache", code=5)
                self.assertEqual(said.stdout, b"")
                self.assertIn(b"layer 1", said.stderr)

    def test_algorithms_that_nobody_has(self):
        for lie in (lambda d: "sha1:" + hashlib.sha1(d).hexdigest(), lambda d: "md5:" + hashlib.md5(d).hexdigest(), lambda d: "blake3:" + "0" * 64,
                    lambda d: sha256(d).upper(), lambda d: sha256(d)[:-1], lambda d: sha256(d) + "0"):
            image = Image([layer(file("a", b"1"))])
            with self.subTest(lie(b"")):
                folder = self.layout("of-content-" + lie(b"")[:9], image, of_content=lie)
                self.fathom("analyze", folder, code=5)

    def test_what_follows_the_tar_is_read(self):
        """Bytes behind the end mark belong to the blob and to the content: they are hashed, and what changes there is found."""
        tar = layer(file("a", b"1" * 600)) + b"behind the end" * 1000
        for name, blob in (("plain", tar), ("gzip", gzip.compress(tar, mtime=0))):
            folder = self.layout(name, Image([tar]), blobs=[blob])
            self.assertEqual(self.json("analyze", folder, "-o", "json", "--no-cache")["image"]["storedBytes"], 600)
        other = self.layout("other", Image([tar]), blobs=[gzip.compress(tar[:-1] + b"!", mtime=0)])
        self.assertIn(b"diff ID", self.fathom("analyze", other, "--no-cache", code=5).stderr)

    def test_what_does_not_fit_is_never_kept(self):
        """Neither under the digest that was declared nor under the one that it has: the good image is read anew, and so is the bad one."""
        good = Image([layer(file("a", b"1" * 600)), layer(file("b", b"2" * 600))])
        bad = self.layout("bad", good)
        for blob in good.blobs:
            self.damage(bad, sha256(blob))
        for _ in range(2):
            self.fathom("analyze", bad, code=5)
        layers = [n for _, _, names in os.walk(os.path.join(self.cache, "layers")) for n in names] if os.path.isdir(os.path.join(self.cache, "layers")) else []
        self.assertEqual(layers, [])
        result = self.fathom("analyze", self.layout("good", good), "-o", "json")
        self.assertEqual(layers_read(result), (2, 0))
        self.assertEqual(json.loads(result.stdout)["image"]["storedBytes"], 1200)

    def test_the_cache_goes_by_what_was_hashed(self):
        """A declared diff ID finds a layer in the cache; only --verify then sees the bytes, and it does not believe them."""
        good = Image([layer(file("a", b"1" * 600))])
        self.fathom("analyze", self.layout("good", good))
        bad = self.layout("bad", good)
        self.damage(bad, sha256(good.blobs[0]))
        self.assertEqual(layers_read(self.fathom("analyze", bad)), (0, 1))
        self.fathom("analyze", bad, "--verify", code=5)
        self.fathom("analyze", bad, "--no-cache", code=5)

    def test_names_of_members_and_notes_are_not_believed(self):
        """Names of files in an archive that look like digests, annotations, and sizes in a manifest."""
        real, lie = Image([layer(file("a", b"1" * 600))]), Image([layer(file("b", b"2" * 900))])
        members = dict(docker_members((["t:1"], real)))
        name = sha256(real.layers[0])[7:] + ".tar"
        members[name] = lie.layers[0]                                      # the other layer under this one's name
        for _ in range(2):
            self.fathom("analyze", archive(self.path("lie.tar"), members.items()), code=5)
            with open(self.path("lie.tar"), "rb") as f:
                self.fathom("analyze", "-", stdin=f.read(), code=5)
        result = self.fathom("analyze", docker_archive(self.path("real.tar"), (["t:1"], real)), "-o", "json")
        self.assertEqual((layers_read(result), json.loads(result.stdout)["image"]["storedBytes"]), ((1, 0), 600))
        layout = Layout(self.path("notes"))
        blob = layout.blob(lie.layers[0], LAYER_TYPE["none"], annotations={"containerd.io/uncompressed": sha256(real.layers[0])})
        layout.index(layout.image(lie, layers=[blob], platform=lie.platform))
        self.assertEqual(self.json("analyze", layout.folder, "-o", "json")["image"]["storedBytes"], 900)

    def test_extraction_does_not_believe_the_cache(self):
        """What is written was read again; what is no longer what was indexed is refused before it has a name."""
        good = Image([layer(file("a", b"1" * 600))])
        folder = self.layout("good", good)
        self.fathom("analyze", folder)
        self.damage(folder, sha256(good.blobs[0]))
        self.fathom("cat", folder, "/a", code=5)
        self.fathom("extract", folder, "/", "--output", self.path("out"), code=5)
        self.assertFalse(os.path.exists(self.path("out", "a")))


if __name__ == "__main__":
    unittest.main()
