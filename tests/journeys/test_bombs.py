"""Small files that want to become large, or to be read for ever: what they cost is bounded, and said."""
import gzip
import resource
import struct
import tarfile
import unittest
import zlib

from journey import Journey
from small_images import LAYER_TYPE, Image, Layout, directory, docker_archive, file, hardlink, layer, opaque, pax, pax_record, sparse, symlink

GIB = 2 ** 30


def gzip_zeros(size):
    """A gzip stream of zeros, made a megabyte at a time."""
    packer, megabyte = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(2 ** 20)
    return b"".join(packer.compress(megabyte) for _ in range(size // 2 ** 20)) + packer.flush()


def zstd_zeros(size):
    """A zstd frame whose blocks each say 128 KiB of zeros in four bytes."""
    blocks = size // 2 ** 17
    out = struct.pack("<IBB", 0xFD2FB528, 0, 10 << 3)
    block = struct.pack("<I", 2 ** 17 << 3 | 1 << 1)[:3] + b"\0"
    last = struct.pack("<I", 2 ** 17 << 3 | 1 << 1 | 1)[:3] + b"\0"
    return out + block * (blocks - 1) + last


def header(name, size):
    """The header of a file that claims this size, in base 256."""
    info = tarfile.TarInfo(name)
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[124:136] = b"\x80" + size.to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


class Bombs(Journey):
    def refused(self, path, code, *words, args=(), stdin=None, seconds=30, **how):
        def frugal():
            resource.setrlimit(resource.RLIMIT_AS, (2 * GIB, 2 * GIB))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        result = self.fathom("analyze", path, "-o", "json", "--no-cache", *args, code=code, stdin=stdin, limits=frugal, **how)
        self.assertEqual(result.stdout, b"")
        for word in words:
            self.assertIn(word, result.stderr.decode())

    def one(self, name, data, media="none", plain=b""):
        image = Image([plain])
        layout = Layout(self.path(name))
        return layout.index(layout.image(image, layers=[layout.blob(data, LAYER_TYPE[media])], platform=image.platform))

    def test_streams_that_unpack_without_measure(self):
        bomb = header("zeros", 20 * GIB)
        for media, data in (("gzip", gzip.compress(bomb) + gzip_zeros(3 * GIB)), ("zstd", zstd_zeros(64 * GIB))):
            path = self.one(media, data, media)
            with self.subTest(media, stored=len(data)):
                self.refused(path, 6, "layer 0", "--max-layer-bytes", "2000000000", args=("--max-layer-bytes", "2GB"))
                self.refused(path, 6, "layer 0", "--max-image-bytes", "2000000000", args=("--max-image-bytes", "2GB"))
                self.refused(path, 6, "layer 0", "--max-ratio", "100", args=("--max-ratio", "100"))

    def test_archives_that_unpack_without_measure(self):
        """What is compressed around the image's archive: behind its end, and in a member that nobody asked for."""
        with open(docker_archive(self.path("image.tar"), (["t:1"], Image([layer(file("a", b"1"))]))), "rb") as f:
            archive = f.read()
        for k, data in enumerate((gzip.compress(archive) + gzip_zeros(2 * GIB), zstd_zeros(64 * GIB),
                                  gzip.compress(header("other", 20 * GIB)) + gzip_zeros(2 * GIB))):
            path = self.write("bomb%d.tar.gz" % k, data)
            with self.subTest(k, stored=len(data)):
                self.refused(path, 6, "--max-ratio", args=("--max-ratio", "200"))
        self.refused(path, (5, 6), args=("--max-layer-bytes", "100MB"))

    def test_holes(self):
        """A file that is nothing but a hole of 2^59 bytes, in a layer of two kilobytes."""
        for size, code, words in ((2 ** 59, 6, ("layer 0", "--max-layer-bytes", "'hole'")), (900 * GIB, 6, ("layer 0", "--max-ratio", "50000", "'hole'")),
                                  (2 ** 62, 5, ("layer 0",)), (2 ** 63, 5, ("layer 0",)), (10 ** 30, 5, ("layer 0",))):
            with self.subTest(size):
                self.refused(self.one("hole%d" % size, sparse(size), plain=sparse(size)), code, *words, seconds=10)
        # Many holes, each of them allowed.
        small = sparse(2 ** 29)
        many = small[:-1024] * 50 + small
        self.refused(self.one("many", many, plain=many), 6, "layer 0", "--max-ratio", seconds=20, args=("--max-ratio", "1000"))

    def test_sizes_that_no_file_has(self):
        for size in (2 ** 60 + 1, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 1, 2 ** 64, 2 ** 70):
            tar = header("x", size) + bytes(4096)
            with self.subTest("base 256", size=size):
                self.refused(self.one("b%d" % size, tar, plain=tar), 5, "layer 0")
            tar = pax("x", [("size", size)], b"1") + bytes(1024)
            with self.subTest("pax", size=size):
                self.refused(self.one("p%d" % size, tar, plain=tar), 5, "layer 0")

    def test_members_without_number(self):
        """A million gzip members, and as many zstd frames, that hold nothing: read through, in time that follows their bytes."""
        tar = layer(file("a", b"1"))
        for media, data in (("gzip", gzip.compress(b"", mtime=0) * 1000000 + gzip.compress(tar)),
                            ("zstd", (struct.pack("<IBB", 0xFD2FB528, 0, 0) + b"\1\0\0") * 1000000 + struct.pack("<II", 0x184D2A50, 0) * 1000000)):
            with self.subTest(media, stored=len(data)):
                if media == "gzip":
                    path = self.one(media, data, media, tar)
                    self.assertEqual(self.json("analyze", path, "-o", "json", "--no-cache")["image"]["storedBytes"], 1)
                else:
                    path = self.one(media, data, media, b"")
                    self.assertEqual(self.json("analyze", path, "-o", "json", "--no-cache")["image"]["storedBytes"], 0)

    def test_compression_in_compression(self):
        """Is not followed, so that a file which unpacks to itself is only no tar archive."""
        tar = layer(file("a", b"1"))
        for depth in (2, 50):
            data = tar
            for _ in range(depth):
                inner, data = data, gzip.compress(data, mtime=0)
            self.refused(self.one("twice%d" % depth, data, "gzip", inner), 5, "layer 0")
        with open(docker_archive(self.path("image.tar"), (["t:1"], Image([tar]))), "rb") as f:
            archive = f.read()
        path = self.write("twice.tar.gz.gz", gzip.compress(gzip.compress(archive)))
        self.refused(path, (3, 5), "twice.tar.gz.gz")
        self.assertEqual(self.json("analyze", self.write("once.tar.gz", gzip.compress(archive)), "-o", "json")["image"]["storedBytes"], 1)

    def test_links_that_cost_more_than_they_take(self):
        """Hard links by way of two hundred long links; directories emptied a thousand times; each entry costs what the limit counts, and no more."""
        turns = "/".join(["d", ".."] * 4000)
        chain = [directory("d"), file("d/f", b"1"), *[symlink("l%d" % k, "%s/l%d" % (turns, k + 1)) for k in range(200)], symlink("l200", "d")]
        many = [file("d/%d" % k) for k in range(30000)]
        names = [*[symlink("x%d" % k, "d") for k in range(20000)]]
        for name, layers in (("hard links", [layer(*chain, *[hardlink("h%d" % k, "l0/f") for k in range(3000)])]),
                             ("a directory that comes and goes", [layer(*many), layer(*[e for _ in range(40000) for e in (file("d"), file("d/x"))])]),
                             ("one directory by many names", [layer(*many, *names), layer(*[opaque("x%d" % k) for k in range(20000)], *[opaque("d")] * 20000)])):
            with self.subTest(name):
                data = [gzip.compress(t) for t in layers]
                image = Image(layers)
                layout = Layout(self.path(name))
                path = layout.index(layout.image(image, layers=[layout.blob(d, LAYER_TYPE["gzip"]) for d in data], platform=image.platform))
                self.refused(path, 6, "layer %d" % (len(layers) - 1), "--max-merge-steps", "10000000", args=("--max-merge-steps", "10M"), seconds=20)

    def test_attributes_for_every_file(self):
        """A global header's attributes are copied to each entry, so there is a bound to them."""
        head, text = file("pax_global_header", b"".join(pax_record("SCHILY.xattr.user.%d" % k, "v" * 1000) for k in range(900)))
        head.type = tarfile.XGLTYPE
        start = layer((head, text))[:512 + (len(text) + 511) // 512 * 512]
        tar = start + layer(*[file(str(k)) for k in range(20000)])
        self.refused(self.one("attributes", gzip.compress(tar), "gzip", tar), 5, "layer 0", "attributes for all files", seconds=10)

    def test_names_that_take_memory(self):
        """Entries with long names and with attributes: the same name again takes no memory again, another layer's limit is its entries."""
        long = "d/" * 2000 + "n" * 200
        tar = layer(*[file(long, b"") for _ in range(3000)], form=tarfile.PAX_FORMAT)
        def frugal():
            resource.setrlimit(resource.RLIMIT_AS, (GIB, GIB))
        path = self.one("long", gzip.compress(tar), "gzip", tar)
        result = self.fathom("analyze", path, "-o", "json", "--no-cache", limits=frugal)
        self.assertIn(b'"storedBytes": 0', result.stdout)


if __name__ == "__main__":
    unittest.main()
