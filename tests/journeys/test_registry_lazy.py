"""Layers that carry a table of their contents: listed by that alone, and labelled so."""
import gzip
import io
import json
import os
import struct
import subprocess
import tarfile
import unittest

from journey import Journey, require
import registries
import small_images as small

TYPES = {tarfile.REGTYPE: "reg", tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink"}


def table(entries, **changes):
    """What stargz-snapshotter and containers/storage write about entries."""
    rows = []
    for info, content in entries:
        row = {"name": info.name + ("/" if info.isdir() else ""), "type": TYPES[info.type], "mode": info.mode, "uid": info.uid, "gid": info.gid,
               "modtime": "2023-11-14T22:13:20Z", "linkName": info.linkname}
        if info.isreg():
            row.update(size=len(content), digest=small.sha256(content), offset=1, chunkDigest=small.sha256(content))
        rows.append(row)
        if info.isreg() and len(content) > 4096:
            rows.append({"name": info.name, "type": "chunk", "offset": 2, "chunkOffset": 4096, "chunkSize": len(content) - 4096})
    return json.dumps({"version": 1, "entries": rows, **changes}).encode()


def estargz(entries, toc=None):
    """A gzip layer whose last file is the table; (blob, its annotations, the tar)."""
    toc = table(entries) if toc is None else toc
    body = small.layer(*entries)
    while body.endswith(bytes(1024)):                           # the end of the archive comes later
        body = body[:-512]
    body = body[:len(body) // 512 * 512]
    first = gzip.compress(body, mtime=0)
    last = small.layer(small.file("stargz.index.json", toc))
    footer = b"\x1f\x8b\x08\x04" + bytes(4) + b"\x00\xff" + struct.pack("<H", 26) + b"SG" + struct.pack("<H", 22) + b"%016xSTARGZ" % len(first) + b"\x01\x00\x00\xff\xff" + bytes(8)
    return first + gzip.compress(last, mtime=0) + footer, {"containerd.io/snapshot/stargz/toc.digest": small.sha256(toc)}, body + last


ENTRIES = [small.directory("usr"), small.directory("usr/bin"), small.file("usr/bin/tool", os.urandom(200_000), mode=0o755), small.symlink("usr/bin/t", "tool"),
           small.hardlink("usr/bin/other", "usr/bin/tool"), small.file("etc/empty"), small.file("etc/own", b"own", uid=5, gid=6)]


class Lazy(Journey):
    def serve(self, *layers):
        """A registry with one image of (blob, annotations, tar) layers."""
        registry = registries.ScriptedRegistry()
        config = small.Image([tar for _, _, tar in layers]).config_bytes()
        descriptors = [{"mediaType": small.LAYER_TYPE["zstd" if blob[:4] == b"\x28\xb5\x2f\xfd" else "gzip"], **registry.blob(blob), "annotations": notes} for blob, notes, _ in layers]
        registry.add("app", {"1": registry.manifest({"schemaVersion": 2, "mediaType": small.OCI + "manifest.v1+json", "layers": descriptors,
                                                     "config": {"mediaType": small.OCI + "config.v1+json", **registry.blob(config)}})})
        registry.__enter__()
        self.addCleanup(registry.__exit__)
        self.name = "registry://%s/app:1" % registry.address
        return registry

    def blob_requests(self, registry, layers):
        digests = {small.sha256(blob) for blob, _, _ in layers}
        return [headers.get("Range") for _, path, headers, _ in registry.asked if path.rsplit("/", 1)[1] in digests]

    def tree(self, *options):
        """Lines of the tree but for the table itself, which it does not list."""
        lines = self.fathom("tree", self.name, *options).stdout.decode().splitlines()
        return [line for line in lines if "stargz.index.json" not in line]

    def test_estargz(self):
        upper = [small.whiteout("etc/own"), small.file("etc/new", b"n" * 9000)]
        layers = [estargz(ENTRIES), estargz(upper)]
        registry = self.serve(*layers)
        lazily = self.json("analyze", self.name, "--lazy", "-o", "json")
        ranges = self.blob_requests(registry, layers)
        self.assertEqual(len(ranges), 4)
        self.assertNotIn(None, ranges, "the layers are not fetched")
        self.assertEqual(lazily["image"]["unverifiedLayers"], 2)
        said = self.fathom("analyze", self.name, "--lazy")
        self.assertIn(b"unverified", said.stdout)
        self.assertIn(b"0 layers read, 0 from the cache, 2 known only", said.stderr)
        listed = self.tree("--lazy")
        whole = self.json("analyze", self.name, "-o", "json")
        self.assertEqual(whole["image"]["unverifiedLayers"], 0)
        self.assertEqual(listed, self.tree())
        tables = sum(int(e[0].size) for _, _, tar in layers for e in [(m, 0) for m in tarfile.open(fileobj=io.BytesIO(tar)) if m.name == "stargz.index.json"])
        self.assertLess(whole["image"]["storedBytes"] - lazily["image"]["storedBytes"], tables + 1)
        self.assertEqual(lazily["image"]["wastedBytes"], 3)
        self.assertIn("etc/new", self.fathom("find", self.name, "new", "--lazy").stdout.decode())

    def test_nothing_unverified_is_kept(self):
        lying = estargz(ENTRIES, toc=table([small.file("lie", b"lie")]))
        self.serve(lying)
        self.assertIn("lie", "\n".join(self.tree("--lazy")))
        whole = "\n".join(self.tree())
        self.assertNotIn("lie", whole, "the layer itself is read, not what its table said")
        self.assertIn("tool", whole)

    def test_tables_that_are_none(self):
        good = estargz(ENTRIES)
        for code, blob, notes in ((5, good[0], {"containerd.io/snapshot/stargz/toc.digest": small.sha256(b"other")}),
                                  (5, estargz(ENTRIES, toc=b"{}")[0], {}), (5, estargz(ENTRIES, toc=b"[")[0], {}),
                                  (5, estargz(ENTRIES, toc=table([]).replace(b"[]", b'[{"name":"x","type":"reg","size":3,"digest":"md5:1"}]'))[0], {}),
                                  (0, good[0][:-1] + b"\x01", good[1]), (0, gzip.compress(small.layer(*ENTRIES), mtime=0), {})):
            self.serve((blob, notes, good[2] if code else gzip.decompress(blob) if blob[-1:] != b"\x01" else good[2]))
            self.fathom("tree", self.name, "--lazy", "--no-cache", code=code)

    def test_without_ranges_the_layer_is_read(self):
        registry = self.serve(estargz(ENTRIES))
        registry.ranges = False
        said = self.fathom("analyze", self.name, "--lazy").stderr
        self.assertIn(b"1 layer read", said)
        self.assertNotIn(b"tables of contents", said)

    def test_zstd_chunked_as_skopeo_writes_it(self):
        require("skopeo")
        tar = small.layer(*ENTRIES).rstrip(b"\0")
        tar += bytes(-len(tar) % 512 + 1024)                        # skopeo writes another end than a padded one
        image = small.Image([tar])
        small.oci_layout(self.path("layout"), image)
        with registries.Registry(self.path("registry"), plain=True) as registry:
            subprocess.run(["skopeo", "copy", "-q", "--dest-compress-format", "zstd:chunked", "--dest-tls-verify=false", "oci:" + self.path("layout"), "docker://%s/app:1" % registry.address], check=True)
            self.name = "registry://%s/app:1" % registry.address
            raw = json.loads(self.fathom("manifest", self.name, "--raw").stdout)
            self.assertTrue([n for n in raw["layers"][0].get("annotations", {}) if "zstd-chunked" in n], raw)
            lazily = self.json("analyze", self.name, "--lazy", "-o", "json")
            self.assertEqual(lazily["image"]["unverifiedLayers"], 1)
            listed = self.tree("--lazy")
            whole = self.json("analyze", self.name, "-o", "json")
            self.assertEqual(listed, self.tree())
            self.assertEqual(lazily["image"]["visibleBytes"], whole["image"]["visibleBytes"])

    def test_only_for_registries(self):
        small.docker_archive(self.path("image.tar"), (["a:1"], small.wasteful()))
        self.assertIn(b"--lazy is for images of a registry", self.fathom("analyze", self.path("image.tar"), "--lazy", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
