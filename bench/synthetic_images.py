"""Images whose content is made up from fixed seeds: many small files, or few large ones."""
import hashlib
import json
import random
import zlib

from image_writer import CREATED, GZIP_LAYER, ArchiveImage, DirectoryImage, LayerWriter, header, padding

POOL_SIZE = 1 << 20
FILES_PER_FOLDER = 250


def make_many(path, layers=40, files=5000, whiteouts=400):
    """Layers of small files; a fifth of each rewrites lower paths, some lower paths are removed."""
    pick = random.Random(4005000)
    pool = pick.randbytes(POOL_SIZE)
    image = ArchiveImage(path, "many%d" % layers)
    live = []
    removals = [whiteouts * (i + 1) // (layers - 1) - whiteouts * i // (layers - 1)
                for i in range(layers - 1)]
    for layer in range(layers):
        removed = _take(pick, live, removals[layer - 1] if layer else 0)
        rewritten = pick.sample(live, files // 5) if layer else []
        fresh = ["srv/set%02d/part%02d/file%04d.dat" % (layer, i // 100, i)
                 for i in range(files - len(rewritten))]
        with image.layer("COPY set%02d /srv/ # buildkit" % layer) as sink:
            out = LayerWriter(sink)
            _write_tree(out, sorted(fresh + rewritten), removed,
                        lambda: _slice(pick, pool, pick.randrange(0, 2000)))
            out.finish()
        live += fresh
    image.empty('CMD ["/bin/sh"]')
    image.close()


def make_files(path, total, layers=20):
    """`total` files of 100 to 300 bytes, each at a path of its own."""
    pick = random.Random(total)
    pool = pick.randbytes(POOL_SIZE)
    image = ArchiveImage(path, "files%d" % total)
    each = total // layers
    for layer in range(layers):
        names = ["data/layer%02d/part%04d/file%06d.dat" % (layer, i // FILES_PER_FOLDER, i)
                 for i in range(each)]
        with image.layer("COPY layer%02d /data/ # buildkit" % layer) as sink:
            out = LayerWriter(sink)
            _write_tree(out, names, [], lambda: _slice(pick, pool, pick.randrange(100, 301)))
            out.finish()
    image.close()


def make_flat(path, total, files=200):
    """One layer of `files` files of different sizes, `total` bytes together."""
    pick = random.Random(files)
    pool = pick.randbytes(POOL_SIZE)
    image = ArchiveImage(path, "flat")
    steps = files * (files + 1) // 2
    with image.layer("COPY data /data/ # buildkit") as sink:
        out = LayerWriter(sink)
        out.directory("data")
        for i in range(files):
            block = b"%08d" % i + pool[8:]
            out.file_of("data/file%04d.bin" % i, total * (i + 1) // steps, block)
        out.finish()
    image.close()


def make_small_gzip(path, files=3000):
    """One small gzip layer of words, as an OCI directory."""
    pick = random.Random(files)
    words = ["".join(pick.choices("etaoinshrdlu", k=pick.randrange(2, 11))) for _ in range(4000)]
    pool = " ".join(pick.choices(words, k=POOL_SIZE // 6)).encode()
    image = DirectoryImage(path, "small-gzip")
    plain = _GzipInto()
    names = ["usr/share/words/part%02d/file%04d.txt" % (i // 100, i) for i in range(files)]
    with image.packed_layer("COPY words /usr/share/ # buildkit", GZIP_LAYER, plain.diff_id) as sink:
        plain.sink = sink
        out = LayerWriter(plain)
        _write_tree(out, names, [], lambda: _slice(pick, pool, pick.randrange(0, 20000)))
        out.finish()
        plain.finish()
    image.close()


def make_hollow(path, total, layers=10):
    """A docker archive of `total` bytes whose layers are holes: to see how soon its layer list shows."""
    each = total // layers // 512 * 512
    names = ["%064x/layer.tar" % (i + 1) for i in range(layers)]
    config = {"architecture": "amd64", "os": "linux", "config": {},
              "rootfs": {"type": "layers", "diff_ids": ["sha256:%064x" % (i + 1) for i in range(layers)]},
              "history": [{"created": CREATED, "created_by": "COPY hole%d /" % i} for i in range(layers)]}
    with open(path, "wb") as out:
        for name in names:
            out.write(header(name, each))
            out.seek(each, 1)
        for name, document in (("config.json", config), ("manifest.json", [{"Config": "config.json", "RepoTags": None, "Layers": names}])):
            content = json.dumps(document).encode()
            out.write(header(name, len(content)) + content + padding(len(content)))
        out.write(bytes(1024))


class _GzipInto:
    """A sink that compresses into another, reproducibly: zlib's gzip header carries no time."""

    def __init__(self):
        self.sink = None
        self._pack = zlib.compressobj(6, zlib.DEFLATED, 31)
        self._hash = hashlib.sha256()

    def write(self, data):
        self._hash.update(data)
        self.sink.write(self._pack.compress(data))

    def finish(self):
        self.sink.write(self._pack.flush())

    def diff_id(self):
        return "sha256:" + self._hash.hexdigest()


def _write_tree(out, names, removed, content):
    """Whiteouts, then every file behind its parents, each parent once."""
    known = set()

    def parents(path):
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in known:
                known.add(folder)
                out.directory(folder)

    for path in removed:
        parents(path)
        out.whiteout(path)
    last = None
    for path in names:
        folder = path.rpartition("/")[0]
        if folder != last:
            parents(path)
            last = folder
        out.file(path, content())


def _take(pick, values, count):
    """Removes `count` values at random."""
    taken = []
    for _ in range(count):
        at = pick.randrange(len(values))
        values[at], values[-1] = values[-1], values[at]
        taken.append(values.pop())
    return sorted(taken)


def _slice(pick, pool, size):
    at = pick.randrange(0, len(pool) - size)
    return pool[at:at + size]
