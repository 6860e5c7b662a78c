"""Small images, written byte by byte: layers from entries, images from layers, archives from images.

Everything is deterministic; nothing here knows how `fathom` reads. Only compressed(..., "zstd") runs a program.
"""
import gzip
import hashlib
import io
import json
import os
import platform
import struct
import subprocess
import tarfile

from journey import require

ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
HERE = "linux/" + ARCH
FOREIGN = "linux/s390x" if ARCH != "s390x" else "linux/ppc64le"
OCI = "application/vnd.oci.image."
LAYER_TYPE = {"none": OCI + "layer.v1.tar", "gzip": OCI + "layer.v1.tar+gzip", "zstd": OCI + "layer.v1.tar+zstd"}
EPOCH = 1700000000


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


# -- entries of a layer: each is (TarInfo, content)

def entry(name, kind=tarfile.REGTYPE, content=b"", mode=0o644, uid=0, gid=0, target="", mtime=EPOCH):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.uid, info.gid, info.mtime, info.linkname = kind, mode, uid, gid, mtime, target
    info.size = len(content)
    return info, content


def file(name, content=b"", **more):
    return entry(name, content=content, **more)


def directory(name, mode=0o755, **more):
    return entry(name, tarfile.DIRTYPE, mode=mode, **more)


def symlink(name, target):
    return entry(name, tarfile.SYMTYPE, mode=0o777, target=target)


def hardlink(name, target):
    return entry(name, tarfile.LNKTYPE, target=target)


def whiteout(path):
    parent, name = os.path.split(path)
    return file(os.path.join(parent, ".wh." + name), mode=0)


def opaque(path):
    return file(os.path.join(path, ".wh..wh..opq"), mode=0)


def layer(*entries, form=tarfile.GNU_FORMAT):
    """An uncompressed layer. Names may hold any byte: decode them with `surrogateescape`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, errors="surrogateescape") as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def pax_record(key, value):
    body = " %s=%s\n" % (key, value)
    size = len(body) + 1
    while len(str(size)) + len(body) != size:
        size = len(str(size)) + len(body)
    return (str(size) + body).encode()


def pax(name, records, content=b""):
    """A layer without its end: one file behind a pax header with any records, which tarfile would not write."""
    text = b"".join(pax_record(*r) for r in records)
    header = file("pax", text)
    header[0].type = tarfile.XHDTYPE
    blocks = (len(content) + 511) // 512 * 512
    return layer(header)[:512] + text + bytes(-len(text) % 512) + layer(file(name, content))[:512 + blocks]


def sparse(size):
    """A layer with one file that is nothing but a hole."""
    no_data = b"1\n%d\n0\n" % size
    return pax("hole", [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "hole"), ("GNU.sparse.realsize", size)],
               no_data + bytes(512 - len(no_data))) + bytes(1024)


def compressed(data, how):
    if how == "gzip":
        return gzip.compress(data, 6, mtime=0)
    if how == "zstd":
        require("zstd")
        return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return data


def zstd_stored(data, window_log=20):
    """A zstd frame of raw blocks that asks its reader for a window of 2**window_log bytes."""
    out = struct.pack("<IBB", 0xFD2FB528, 0, (window_log - 10) << 3)
    blocks = [data[i:i + 65536] for i in range(0, len(data), 65536)] or [b""]
    for i, block in enumerate(blocks):
        last = i == len(blocks) - 1
        out += struct.pack("<I", len(block) << 3 | last)[:3] + block
    return out


# -- an image: what its config says and the bytes of its layers

class Image:
    def __init__(self, layers, compression="none", where=HERE, history=None, command=None):
        self.layers, self.compression = list(layers), compression
        self.blobs = [compressed(data, compression) for data in self.layers]
        system, arch = where.split("/")[:2]
        if history is None:
            history = [{"created": "2024-01-01T00:00:00Z", "created_by": "step %d" % i} for i in range(len(self.layers))]
        self.config = {"architecture": arch, "os": system, "created": "2024-01-01T00:00:00Z",
                       "config": {"Cmd": command or ["/bin/sh"]},
                       "rootfs": {"type": "layers", "diff_ids": [sha256(data) for data in self.layers]},
                       "history": history}
        self.platform = {"architecture": arch, "os": system}

    def config_bytes(self):
        return json.dumps(self.config, sort_keys=True).encode()


def archive(path, members):
    """A tar file of (name, bytes) and ready TarInfo entries; returns its path."""
    entries = [m if isinstance(m[0], tarfile.TarInfo) else file(*m) for m in members]
    with open(path, "wb") as out:
        out.write(layer(*entries))
    return path


def folder_members(folder):
    """The files of a folder as members of an archive."""
    members = []
    for where, folders, names in os.walk(folder):
        folders.sort()
        for full in (os.path.join(where, n) for n in sorted(names)):
            with open(full, "rb") as f:
                members.append((os.path.relpath(full, folder), f.read()))
    return members


def docker_members(*tagged):
    """What `docker save` holds: (name, bytes) of the configs and layers, then manifest.json. tagged: (tags, image)."""
    members, manifest = {}, []
    for tags, image in tagged:
        config = image.config_bytes()
        names = [sha256(data)[7:] + ".tar" for data in image.layers]
        members.update(zip(names, image.blobs))
        members[sha256(config)[7:] + ".json"] = config
        manifest.append({"Config": sha256(config)[7:] + ".json", "RepoTags": tags, "Layers": names})
    return [*members.items(), ("manifest.json", json.dumps(manifest).encode())]


def docker_archive(path, *tagged):
    return archive(path, docker_members(*tagged))


class Layout:
    """An OCI layout in a folder, put together piece by piece so that a test can make any piece lie."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(self.blob_path("sha256:")[:-1])
        self.put("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')

    def put(self, name, content):
        with open(os.path.join(self.folder, name), "wb") as f:
            f.write(content)

    def blob_path(self, digest):
        return os.path.join(self.folder, "blobs", digest.replace(":", "/"))

    def blob(self, data, media_type, **more):
        """Stores a blob; returns its descriptor."""
        if not isinstance(data, bytes):
            data = json.dumps(data, sort_keys=True).encode()
        self.put(self.blob_path(sha256(data)), data)
        return {"mediaType": media_type, "digest": sha256(data), "size": len(data), **more}

    def image(self, image, layers=None, **more):
        """Stores an image; returns the descriptor of its manifest. layers: descriptors in place of the image's own."""
        config = self.blob(image.config_bytes(), OCI + "config.v1+json")
        if layers is None:
            layers = [self.blob(b, LAYER_TYPE[image.compression]) for b in image.blobs]
        return self.manifest(config, layers, **more)

    def manifest(self, config, layers, **more):
        media_type = OCI + "manifest.v1+json"
        doc = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers}
        return self.blob(doc, media_type, **more)

    def index(self, *manifests):
        self.put("index.json", json.dumps({"schemaVersion": 2, "manifests": list(manifests)}).encode())
        return self.folder


def oci_layout(folder, image):
    layout = Layout(folder)
    return layout.index(layout.image(image, platform=image.platform))


def attestation(layout, of):
    """The manifest that buildx sets beside an image to say how it was built."""
    statement = layout.blob({"_type": "https://in-toto.io/Statement/v0.1"}, "application/vnd.in-toto+json")
    config = layout.blob(Image([], where="unknown/unknown").config_bytes(), OCI + "config.v1+json")
    return layout.manifest(config, [statement], platform={"architecture": "unknown", "os": "unknown"},
                           annotations={"vnd.docker.reference.type": "attestation-manifest",
                                        "vnd.docker.reference.digest": of["digest"]})


def wasteful():
    """Three layers; exact: stored 12000, wasted 1000; classic: wasted 2000 of 2000 user bytes; efficiency 11/12."""
    return Image([layer(directory("usr"), file("usr/base", b"b" * 10000)),
                  layer(directory("app"), file("app/data", b"1" * 1000)),
                  layer(file("app/data", b"2" * 1000))])
