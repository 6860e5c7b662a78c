"""Writes container images as streams: layers of hand-made ustar headers, into an archive in the
layout of `docker save` (Docker 25 and later, also a valid OCI layout) or into an OCI directory.

Nothing is held in memory but the piece at hand: a blob's tar header is written after the blob, into
room that was left for it.
"""
import contextlib
import hashlib
import json
import os

BLOCK = 512
MTIME = 1767225600  # 2026-01-01, for everything that is made up
CREATED = "2026-01-01T00:00:00Z"
LAYER = "application/vnd.oci.image.layer.v1.tar"
GZIP_LAYER = LAYER + "+gzip"
COPY_PIECE = 1 << 20


def _tail(mode, kind):
    """What follows the checksum and what precedes the size, for one mode and type of entry."""
    owner = b"%07o\0%07o\0%07o\0" % (mode, 0, 0)
    after = kind + bytes(100) + b"ustar\00000" + bytes(80)
    return owner, after.ljust(BLOCK - 156, b"\0")


_TIME = b"%011o\0" % MTIME
_SHAPES = {}


def header(name, size, mode=0o644, kind=b"0"):
    """A ustar header; of a name over 100 bytes the leading folders go into the prefix field."""
    name = name if isinstance(name, bytes) else os.fsencode(name)
    if len(name) > 100:
        return _long_header(name, size, mode, kind)
    shape = _SHAPES.get((mode, kind))
    if shape is None:
        owner, after = _tail(mode, kind)
        # The checksum counts its own field as eight spaces.
        shape = _SHAPES[mode, kind] = owner, after, sum(owner) + sum(after) + sum(_TIME) + 8 * 32
    owner, after, fixed = shape
    length = b"%011o\0" % size
    checksum = fixed + sum(name) + sum(length)
    return b"".join((name.ljust(100, b"\0"), owner, length, _TIME, b"%06o\0 " % checksum, after))


def _long_header(name, size, mode, kind):
    cut = name.find(b"/", len(name) - 101)
    if cut < 0 or cut > 155:
        raise ValueError("name too long for this writer: %r" % name)
    short = bytearray(header(name[cut + 1:], size, mode, kind))
    short[345:345 + cut] = name[:cut]
    short[148:156] = b"%06o\0 " % (sum(short) - sum(short[148:156]) + 8 * 32)
    return bytes(short)


def padding(size):
    return bytes(-size % BLOCK)


class LayerWriter:
    """Tar entries of one layer, gathered into larger writes to `sink`."""

    def __init__(self, sink):
        self._sink = sink
        self._pieces = []
        self._held = 0

    def _add(self, piece):
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held >= COPY_PIECE:
            self._flush()

    def _flush(self):
        self._sink.write(b"".join(self._pieces))
        self._pieces, self._held = [], 0

    def directory(self, path):
        self._add(header(path + "/", 0, 0o755, b"5"))

    def file(self, path, content):
        self._add(header(path, len(content)))
        self._add(content)
        self._add(padding(len(content)))

    def file_of(self, path, size, block):
        """A large file: `block` over and over until `size` is reached."""
        self._add(header(path, size))
        left = size
        while left > 0:
            self._add(block[:left])
            left -= len(block)
        self._add(padding(size))

    def whiteout(self, path):
        parent, name = os.path.split(path)
        self._add(header(parent + "/.wh." + name, 0, 0o600))

    def finish(self):
        self._add(bytes(2 * BLOCK))
        self._flush()


class _BlobSink:
    """Counts and digests what is written through it."""

    def __init__(self, out):
        self._out = out
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data):
        self._hash.update(data)
        self.size += len(data)
        self._out.write(data)

    @property
    def digest(self):
        return self._hash.hexdigest()


class ImageWriter:
    """An image being written; layers and empty history entries in order, then close()."""

    def __init__(self, name):
        self._name = name
        self._layers = []  # descriptors
        self._diff_ids = []
        self._history = []

    @contextlib.contextmanager
    def layer(self, created_by):
        """A plain layer: yields a sink with write()."""
        with self._blob() as sink:
            yield sink
        self._note_layer(LAYER, sink, "sha256:" + sink.digest, created_by)

    @contextlib.contextmanager
    def packed_layer(self, created_by, media_type, diff_id):
        """A compressed layer: yields a sink; diff_id() is asked once everything is written."""
        with self._blob() as sink:
            yield sink
        self._note_layer(media_type, sink, diff_id(), created_by)

    def empty(self, created_by):
        self._history.append({"created": CREATED, "created_by": created_by, "empty_layer": True})

    def _note_layer(self, media_type, sink, diff_id, created_by):
        self._layers.append(_descriptor(media_type, sink))
        self._diff_ids.append(diff_id)
        self._history.append({"created": CREATED, "created_by": created_by})

    def close(self):
        config = self._put_json({
            "architecture": "amd64", "os": "linux", "created": CREATED,
            "config": {"Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], "Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": self._diff_ids},
            "history": self._history,
        }, "application/vnd.oci.image.config.v1+json")
        manifest_type = "application/vnd.oci.image.manifest.v1+json"
        manifest = self._put_json({"schemaVersion": 2, "mediaType": manifest_type,
                                   "config": config, "layers": self._layers}, manifest_type)
        tag = "fathom-bench/%s:latest" % self._name
        manifest["annotations"] = {"io.containerd.image.name": "docker.io/" + tag,
                                   "org.opencontainers.image.ref.name": "latest"}
        self._put("index.json", _json({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [manifest]}))
        self._put("oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        self._put_docker_manifest([{
            "Config": _blob_path(config["digest"]), "RepoTags": [tag],
            "Layers": [_blob_path(layer["digest"]) for layer in self._layers]}])
        self._finish()

    def _put_json(self, value, media_type):
        with self._blob() as sink:
            sink.write(_json(value))
        return _descriptor(media_type, sink)

    def _put_docker_manifest(self, value):
        pass


class ArchiveImage(ImageWriter):
    """One tar as `docker save` writes it."""

    def __init__(self, path, name):
        super().__init__(name)
        self._path = path
        self._out = open(path + ".part", "wb")
        for folder in ("blobs/", "blobs/sha256/"):
            self._out.write(header(folder, 0, 0o755, b"5"))

    @contextlib.contextmanager
    def _blob(self):
        at = self._out.tell()
        self._out.write(bytes(BLOCK))
        sink = _BlobSink(self._out)
        yield sink
        self._out.write(padding(sink.size))
        end = self._out.tell()
        self._out.seek(at)
        self._out.write(header("blobs/sha256/" + sink.digest, sink.size))
        self._out.seek(end)

    def _put(self, name, data):
        self._out.write(header(name, len(data)) + data + padding(len(data)))

    def _put_docker_manifest(self, value):
        self._put("manifest.json", _json(value))

    def _finish(self):
        self._out.write(bytes(2 * BLOCK))
        self._out.close()
        os.rename(self._path + ".part", self._path)


class DirectoryImage(ImageWriter):
    """An OCI layout as a directory."""

    def __init__(self, path, name):
        super().__init__(name)
        self._path = path
        self._blobs = os.path.join(path, "blobs", "sha256")
        os.makedirs(self._blobs, exist_ok=True)

    @contextlib.contextmanager
    def _blob(self):
        part = os.path.join(self._blobs, "part")
        with open(part, "wb") as out:
            sink = _BlobSink(out)
            yield sink
        os.rename(part, os.path.join(self._blobs, sink.digest))

    def _put(self, name, data):
        with open(os.path.join(self._path, name), "wb") as out:
            out.write(data)

    def _finish(self):
        pass


def _descriptor(media_type, sink):
    return {"mediaType": media_type, "digest": "sha256:" + sink.digest, "size": sink.size}


def _blob_path(digest):
    return "blobs/" + digest.replace(":", "/")


def _json(value):
    return json.dumps(value, separators=(",", ":")).encode()
