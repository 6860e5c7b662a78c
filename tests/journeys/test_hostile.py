"""Damaged and hostile images: an exit code and a message that name the trouble; never a signal, never a hang, never an answer."""
import gzip
import json
import os
import random
import struct
import subprocess
import unittest

from journey import Journey, require
from small_images import (LAYER_TYPE, OCI, Image, Layout, archive, compressed, directory, docker_archive, docker_members, file,
                          folder_members, hardlink, layer, oci_layout, sha256, symlink, whiteout, zstd_stored)

BAD = (3, 5)              # no image at all, or a corrupt one
CORRUPT = (5,)
LIMIT = (6,)
EITHER = (5, 6)


def sample(compression="none"):
    dice = random.Random(1)
    return Image([layer(directory("a"), *[file("a/%d" % k, dice.randbytes(700)) for k in range(20)]),
                  layer(*[file("b%d" % k, b"text %d " % k * 100) for k in range(20)]),
                  layer(file("a/1", b"other"), whiteout("a/2"))], compression)


def one_layer(data, media=LAYER_TYPE["none"], plain=None):
    """An image whose only layer is these bytes, whose digest is right. plain: what they inflate to."""
    image = Image([data if plain is None else plain])
    image.blobs = [data]
    image.media = media
    return image


def resized(tar, field):
    """The tar with another size in its first header, whose checksum is right."""
    header = bytearray(tar[:512])
    header[124:136] = field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + tar[512:]


class Hostile(Journey):
    def refused(self, path, codes, layer_number=None, names=(), args=()):
        """The image is refused, as a file and on stdin; where one layer is to blame, the message says which,
        by its number or by one of its names: digests, of which the first twelve digits do, or members of an archive."""
        runs = [("analyze", path, None)]
        if os.path.isfile(path):
            with open(path, "rb") as f:
                runs.append(("analyze", "-", f.read()))
        for command, argument, stdin in runs:
            # A layer that the cache has by its diff ID would not be read at all.
            result = self.fathom(command, argument, "-o", "json", "--no-cache", *args, code=codes, stdin=stdin)
            self.assertEqual(result.stdout, b"", "an answer beside the error")
            message = result.stderr.decode()
            if layer_number is not None:
                wanted = ["layer %d" % layer_number, *[n[7:19] if n.startswith("sha256:") else n for n in names]]
                self.assertTrue(any(w in message.lower() for w in wanted), "the message does not name %s: %s" % (wanted, message))

    def layout(self, image, name="oci", change=None):
        """An OCI layout; change(descriptors of the layers) may make them lie."""
        layout = Layout(self.path(name))
        layers = [layout.blob(b, getattr(image, "media", LAYER_TYPE[image.compression])) for b in image.blobs]
        if change:
            layers = change(layers) or layers
        return layout.index(layout.image(image, layers=layers))

    def accepted(self, image, name, *args):
        return self.json("analyze", self.layout(image, name), "-o", "json", *args)


class DamagedArchives(Hostile):
    def test_not_an_image(self):
        for name, content in (("empty", b""), ("words", b"this is no tar file\n" * 100), ("noise", random.Random(2).randbytes(20000)),
                              ("zeros", bytes(10240)), ("gzip of nothing", gzip.compress(b"")), ("gzip of words", gzip.compress(b"words")),
                              ("half a gzip header", b"\x1f\x8b\x08"), ("half a zstd header", b"\x28\xb5\x2f\xfd")):
            with self.subTest(name):
                self.refused(self.write("image.tar", content), BAD)
        os.mkdir(self.path("folder"))
        self.write("folder/index.json", b"{}")
        self.write("folder/oci-layout", b"{}")
        self.refused(self.path("folder"), BAD)

    def test_truncated(self):
        for form in ("docker", "oci"):
            image = sample()
            members = docker_members((["t:1"], image)) if form == "docker" else folder_members(oci_layout(self.path("oci"), image))
            path = archive(self.path("whole.tar"), members)
            with open(path, "rb") as f:
                whole = f.read()
            used = len(whole.rstrip(b"\0"))
            dice = random.Random(4)
            for end in sorted([1, 511, 512, 513, used - 1, *[dice.randrange(used) for _ in range(12)]]):
                with self.subTest(form, end=end, of=used):
                    self.refused(self.write("torn.tar", whole[:end]), BAD)
                    self.refused(self.write("torn.tar.gz", gzip.compress(whole, 1)[:end // 8 + 1]), BAD)

    def test_compressed_archive_with_a_flipped_bit(self):
        whole = layer(*[file(n, c) for n, c in docker_members((["t:1"], sample()))])
        dice = random.Random(5)
        for how in ("gzip", "zstd"):
            packed = compressed(whole, how)
            for _ in range(8):
                at = dice.randrange(20, len(packed) - 20)
                with self.subTest(how, at=at):
                    self.refused(self.write("bits", packed[:at] + bytes([packed[at] ^ 4]) + packed[at + 1:]), EITHER)

    def test_names_that_lead_in_circles(self):
        image = sample()
        members = dict(docker_members((["t:1"], image)))
        manifest = json.loads(members.pop("manifest.json"))
        loop = [symlink("x/layer.tar", "../y/layer.tar"), symlink("y/layer.tar", "../x/layer.tar"), symlink("self/layer.tar", "layer.tar"),
                symlink("out/layer.tar", "../../../../../../etc/passwd"), symlink("root/layer.tar", "/etc/passwd"),
                symlink("nowhere/layer.tar", "../absent.tar"), hardlink("hard/layer.tar", "hard/layer.tar")]
        for name in ("x", "y", "self", "out", "root", "nowhere", "hard"):
            with self.subTest(name):
                manifest[0]["Layers"][1] = name + "/layer.tar"
                said = ("manifest.json", json.dumps(manifest).encode())
                self.refused(archive(self.path("loop.tar"), [*loop, *members.items(), said]), (3, 5, 6), 1, [name + "/layer.tar"])

    def test_manifests_that_say_nonsense(self):
        image = sample()
        members = dict(docker_members((["t:1"], image)))
        good = json.loads(members.pop("manifest.json"))[0]
        layers = good["Layers"]
        for name, doc in (("empty list", []), ("object", {}), ("null", None), ("number", 7), ("list of numbers", [1]),
                          ("no layers", [{"Config": good["Config"]}]),
                          ("config is a list", [{**good, "Config": []}]),
                          ("absent config", [{**good, "Config": "absent.json"}]),
                          ("layers too few", [{**good, "Layers": layers[:2]}]),
                          ("layers too many", [{**good, "Layers": layers + layers[:1]}]),
                          ("layer names are numbers", [{**good, "Layers": [1, 2, 3]}]),
                          ("absent layer", [{**good, "Layers": layers[:2] + ["absent.tar"]}])):
            with self.subTest(name):
                self.refused(archive(self.path("m.tar"), [*members.items(), ("manifest.json", json.dumps(doc).encode())]), BAD)
        for name, text in (("torn", b'[{"Config": "'), ("empty", b""), ("not UTF-8", b'[{"Config": "\xff\xfe"}]'),
                           ("number without end", b"[" + b"9" * 100000 + b"]")):
            with self.subTest(name):
                self.refused(archive(self.path("m.tar"), [*members.items(), ("manifest.json", text)]), BAD)

    def test_configs_that_say_nonsense(self):
        for name, change in (("more history than layers", lambda c: c["history"].extend([{"created_by": "x"}] * 5)),
                             ("no rootfs", lambda c: c.pop("rootfs")), ("diff ids are numbers", lambda c: c["rootfs"].update(diff_ids=[1, 2, 3])),
                             ("too few diff ids", lambda c: c["rootfs"].update(diff_ids=c["rootfs"]["diff_ids"][:1])),
                             ("strange digest", lambda c: c["rootfs"].update(diff_ids=["md5:00"] * 3)),
                             ("path as digest", lambda c: c["rootfs"].update(diff_ids=["sha256:../../../../etc/passwd"] * 3))):
            with self.subTest(name):
                image = sample()
                change(image.config)
                codes = (0, *CORRUPT) if name == "more history than layers" else CORRUPT
                result = self.fathom("analyze", docker_archive(self.path("c.tar"), (["t:1"], image)), "-o", "json", code=codes)
                self.assertEqual(bool(result.stdout), result.returncode == 0)

    def test_json_too_deep_or_too_large(self):
        deep, wide = b"[" * 200000 + b"]" * 200000, b'{"x": "' + b"y" * 10_000_000 + b'"}'
        image = sample()
        members = dict(docker_members((["t:1"], image)))
        config = next(n for n in members if n.endswith(".json") and n != "manifest.json")
        for text, codes in ((deep, EITHER), (wide, LIMIT)):
            for name in ("manifest.json", config):
                with self.subTest(name, size=len(text)):
                    self.refused(archive(self.path("big.tar"), {**members, name: text}.items()), codes)
            with self.subTest("index.json", size=len(text)):
                self.write(os.path.join(os.path.relpath(oci_layout(self.path("oci%d" % len(text)), image), self.folder), "index.json"), text)
                self.refused(self.path("oci%d" % len(text)), codes)

    def test_indexes_without_end(self):
        index = OCI + "index.v1+json"
        layout = Layout(self.path("deep"))
        inner = layout.image(sample())
        for _ in range(20):
            inner = layout.blob({"schemaVersion": 2, "mediaType": index, "manifests": [inner]}, index)
        self.refused(layout.index(inner), LIMIT)
        many = Layout(self.path("many"))
        self.refused(many.index(*[many.image(sample())] * 5000), LIMIT)


class DamagedLayers(Hostile):
    def test_a_flipped_bit(self):
        dice = random.Random(6)
        for how in ("none", "gzip", "zstd"):
            image = sample(how)
            for k in range(12):
                number = k % 3
                data = image.blobs[number]
                at = [0, len(data) - 1, len(data) - 5][k // 3] if k < 9 else dice.randrange(len(data))
                with self.subTest(how, layer=number, at=at, of=len(data)):
                    folder = self.layout(image, "%s%d" % (how, k))
                    digest = sha256(data)
                    with open(os.path.join(folder, "blobs", digest.replace(":", "/")), "r+b") as f:
                        f.seek(at)
                        f.write(bytes([data[at] ^ 1 << dice.randrange(8)]))
                    self.refused(folder, CORRUPT, number, [digest, sha256(image.layers[number])])

    def test_a_flipped_bit_in_docker_archive(self):
        image = sample()
        for number in range(3):
            with self.subTest(layer=number):
                image.blobs[number] = image.blobs[number].replace(b"ustar", b"ustas", 1)
                self.refused(docker_archive(self.path("d.tar"), (["t:1"], image)), CORRUPT, number, [sha256(image.layers[number])])
                image.blobs[number] = image.layers[number]

    def test_swapped_layers(self):
        image = sample()
        members = dict(docker_members((["t:1"], image)))
        manifest = json.loads(members["manifest.json"])
        manifest[0]["Layers"][:2] = reversed(manifest[0]["Layers"][:2])
        members["manifest.json"] = json.dumps(manifest).encode()
        self.refused(archive(self.path("swapped.tar"), members.items()), CORRUPT)
        self.refused(self.layout(image, change=lambda d: [d[1], d[0], d[2]]), CORRUPT)

    def test_descriptors_that_lie(self):
        image = sample("gzip")
        for k, (name, lie) in enumerate((
                ("too small", {"size": 10}), ("one less", {"size": len(image.blobs[1]) - 1}), ("one more", {"size": len(image.blobs[1]) + 1}),
                ("nothing", {"size": 0}), ("negative", {"size": -1}), ("huge", {"size": 2 ** 63 - 1}), ("beyond numbers", {"size": 10 ** 30}),
                ("text", {"size": "many"}), ("absent blob", {"digest": "sha256:" + "0" * 64}), ("short digest", {"digest": "sha256:00"}),
                ("no digest", {"digest": ""}), ("path as digest", {"digest": "sha256:../../index.json"}),
                ("unknown algorithm", {"digest": "md9:" + "0" * 64}))):
            with self.subTest(name):
                self.refused(self.layout(image, "lie%d" % k, lambda d: [d[0], {**d[1], **lie}, d[2]]), (3, 5, 6))

    def test_blobs_under_a_wrong_name(self):
        for k in range(5):
            layout = Layout(self.path("wrong%d" % k))
            image = sample("gzip")
            manifest = layout.image(image)
            config, blobs = image.config_bytes(), image.blobs
            victim = [manifest["digest"], sha256(config), *[sha256(b) for b in blobs]][k]
            with open(layout.blob_path(victim), "rb") as f:
                content = f.read()
            with self.subTest(victim=["manifest", "config", "layer 0", "layer 1", "layer 2"][k]):
                if k < 2:
                    layout.put(layout.blob_path(victim), content.replace(b"amd64", b"amd46").replace(b"+gzip", b"+gzup").replace(b'"os"', b'"so"'))
                else:
                    layout.put(layout.blob_path(victim), compressed(image.layers[(k - 1) % 3], "gzip"))
                self.refused(layout.index(manifest), CORRUPT, k - 2 if k >= 2 else None, [victim])

    def test_layers_that_are_no_tar(self):
        tar = layer(file("a", b"x" * 5000), file("b", b"y"))
        for k, (name, data) in enumerate((
                ("words", b"words" * 500), ("noise", random.Random(7).randbytes(5000)),
                ("cut in a header", tar[:300]), ("cut in a file", tar[:2000]),
                ("checksum", tar[:148] + b"0000000\0" + tar[156:]), ("size in letters", resized(tar, b"zzzzzzzzzzz\0")),
                ("size beyond the end", resized(tar, b"%011o\0" % (2 ** 32))), ("negative size", resized(tar, b"\xff" * 12)),
                ("huge size", resized(tar, b"\x80\x00\x00\x00" + b"\xff" * 8)))):
            with self.subTest(name):
                self.refused(self.layout(one_layer(data), "n%d" % k), EITHER, 0, [sha256(data)])


class HostileStreams(Hostile):
    TAR = layer(file("a", b"x" * 5000), file("b", b"y" * 20))

    def test_after_a_gzip_stream(self):
        packed, gz = gzip.compress(self.TAR, mtime=0), LAYER_TYPE["gzip"]
        wanted = self.accepted(one_layer(packed, gz, self.TAR), "good")["wastedPaths"]
        for k, rest in enumerate((bytes(1), bytes(512), bytes(100000))):
            with self.subTest("zeros", count=len(rest)):
                got = self.accepted(one_layer(packed + rest, gz, self.TAR), "zeros%d" % k)
                self.assertEqual((got["image"]["storedBytes"], got["wastedPaths"]), (5020, wanted))
        for k, rest in enumerate((b"garbage", b"\0\0garbage", bytes(511) + b"!", packed[:20], b"\x1f\x8b", b"\x1f")):
            with self.subTest("garbage", rest=rest[:10]):
                data = packed + rest
                self.refused(self.layout(one_layer(data, gz, self.TAR), "garbage%d" % k), CORRUPT, 0, [sha256(data), sha256(self.TAR)])

    def test_several_members_and_frames(self):
        parts = [self.TAR[:700], self.TAR[700:], b""]
        skippable = struct.pack("<II", 0x184D2A50, 5) + b"words"
        for how, data in (("gzip", b"".join(gzip.compress(p) for p in parts)),
                          ("zstd", skippable + b"".join(zstd_stored(p) for p in parts) + skippable)):
            with self.subTest(how):
                self.assertEqual(self.accepted(one_layer(data, LAYER_TYPE[how], self.TAR), how)["image"]["storedBytes"], 5020)

    def test_streams_cut_short(self):
        for how in ("gzip", "zstd"):
            packed = compressed(self.TAR * 5, how)
            for cut in (1, 4, 9, len(packed) // 2):
                with self.subTest(how, cut=cut):
                    data = packed[:-cut]
                    folder = self.layout(one_layer(data, LAYER_TYPE[how], self.TAR * 5), how + str(cut))
                    self.refused(folder, CORRUPT, 0, [sha256(data), sha256(self.TAR * 5)])

    def test_after_a_zstd_frame(self):
        data = zstd_stored(self.TAR) + b"garbage"
        self.refused(self.layout(one_layer(data, LAYER_TYPE["zstd"], self.TAR)), CORRUPT, 0, [sha256(data), sha256(self.TAR)])

    def test_zstd_window(self):
        for window, codes in ((27, None), (28, LIMIT), (31, LIMIT), (41, EITHER)):
            with self.subTest(window=window):
                data = zstd_stored(self.TAR, window)
                image = one_layer(data, LAYER_TYPE["zstd"], self.TAR)
                if codes is None:
                    self.accepted(image, "w%d" % window)
                else:
                    self.refused(self.layout(image, "w%d" % window), codes, 0, [sha256(data), sha256(self.TAR)])

    def test_bombs(self):
        require("gzip")
        size = 100 * 1000 * 1000
        header = layer(file("zeros"))[:512]
        tar = resized(header, b"%011o\0" % size) + bytes(size + 512 * 3 - size % 512)
        bomb = subprocess.run(["gzip", "-1"], input=tar, stdout=subprocess.PIPE, check=True).stdout
        many = gzip.compress(b"") * 200000 + gzip.compress(self.TAR)
        image = one_layer(bomb, LAYER_TYPE["gzip"], tar)
        self.refused(self.layout(image), LIMIT, 0, [sha256(bomb), sha256(tar)], ["--max-layer-bytes", "10MB"])
        twice = gzip.compress(bomb, 1)
        self.refused(self.layout(one_layer(twice, LAYER_TYPE["gzip"], bomb), "twice"), EITHER, 0, [sha256(twice), sha256(bomb)])
        self.fathom("analyze", self.layout(one_layer(many, LAYER_TYPE["gzip"], self.TAR), "members"), code=(0, 5, 6))

    def test_names_without_end(self):
        loop = layer(symlink("a", "b"), symlink("b", "a"), file("a/x", b"1"), whiteout("a/y"), hardlink("h", "a/x"))
        self.fathom("analyze", self.layout(one_layer(loop), "loop"), code=(0, 5, 6))
        outside = layer(file("../../../../etc/x", b"1"), file("/abs", b"2"), hardlink("h", "../../../etc/passwd"),
                        symlink("s", "/etc"), file("s/shadow", b"3"))
        self.assertEqual(self.accepted(one_layer(outside), "outside")["image"]["storedBytes"], 3)
        for name, data in (("path", layer(file("n" * 40000, b"1"))), ("depth", layer(file("d/" * 5000 + "f", b"1"))),
                           ("link target", layer(symlink("s", "t" * 40000)))):
            with self.subTest(name):
                self.refused(self.layout(one_layer(data), name), LIMIT, 0, [sha256(data)])


if __name__ == "__main__":
    unittest.main()
