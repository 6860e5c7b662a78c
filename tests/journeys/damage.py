"""Good images, and a thousand ways to damage them, each chosen by one number.

good_images() makes small real images in every form; damage(image, seed) gives a damaged copy and the places where the
damage lies. Nothing here knows how `fathom` reads.
"""
import copy
import gzip
import hashlib
import io
import json
import os
import random
import struct
import subprocess
import tarfile
import tempfile

from journey import require
from small_images import (LAYER_TYPE, OCI, Image, compressed, directory, file, hardlink, layer, opaque, sha256, symlink, whiteout)

# -- good images


def gnu_layers(folder):
    """Two layers that GNU tar wrote: pax with attributes and a sparse file, then its own format with long names."""
    require("tar")
    dice = random.Random(11)
    for name in ("bin", "etc", "long/" + "n" * 120):
        os.makedirs(os.path.join(folder, name))

    def put(name, content):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(content)
    put("bin/tool", b"#!/bin/sh\n" + dice.randbytes(900))
    put("etc/conf", b"key = value\n" * 40)
    put("etc/\xc3\xa4".encode("latin-1").decode("utf-8"), b"umlaut")
    put("long/" + "n" * 120 + "/" + "m" * 130, b"a long way down")
    os.link(os.path.join(folder, "bin/tool"), os.path.join(folder, "bin/again"))
    os.symlink("../etc/conf", os.path.join(folder, "bin/conf"))
    with open(os.path.join(folder, "etc/sparse"), "wb") as f:
        for at in (40000, 90000):
            f.seek(at)
            f.write(dice.randbytes(300))
    try:
        os.setxattr(os.path.join(folder, "etc/conf"), "user.note", b"kept")
    except OSError:
        pass                                  # not every file system has attributes; the layer's own digest is what counts

    def tar(*args):
        return subprocess.run(["tar", "-C", folder, "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@1700000000",
                               "-b1", "-c", *args, "."], stdout=subprocess.PIPE, check=True).stdout
    first = tar("--format=pax", "--pax-option=delete=atime,delete=ctime", "-S", "--xattrs")
    put("etc/conf", b"other = value\n" * 30)
    return [first, tar("--format=gnu", "-S")]


def layers():
    with tempfile.TemporaryDirectory(prefix="fathom-damage-") as folder:
        first, second = gnu_layers(folder)
    third = layer(directory("etc"), file("etc/conf", b"third\n" * 100), whiteout("bin/again"), opaque("long"), file("long/new", b"n" * 600),
                  hardlink("etc/hard", "etc/conf"), symlink("sym", "etc"), file("sym/through", b"t" * 50), form=tarfile.PAX_FORMAT)
    return [first, second, third, layer(file("last", bytes(range(256)) * 5))]


class Good:
    """One image. parts: (name, bytes, place); form: docker, oci or directory; outer: how the whole archive is compressed.

    A place is ("layer", k), ("config",), ("manifest",), ("index",), ("other",).
    """

    def __init__(self, name, form, parts, outer="none"):
        self.name, self.form, self.parts, self.outer = name, form, parts, outer

    def bytes(self, parts=None):
        return layer(*[file(n, c) for n, c, _ in (parts or self.parts)])


def docker(name, image, outer="none"):
    config = image.config_bytes()
    names = [hashlib.sha256(data).hexdigest() + "/layer.tar" for data in image.layers]
    parts = [(n, blob, ("layer", k)) for k, (n, blob) in enumerate(zip(names, image.blobs))]
    parts.insert(1, (sha256(config)[7:] + ".json", config, ("config",)))
    manifest = [{"Config": sha256(config)[7:] + ".json", "RepoTags": ["example/app:1.0"], "Layers": names}]
    return Good(name, "docker", [*parts, ("manifest.json", json.dumps(manifest).encode(), ("index",))], outer)


def oci_parts(image, manifest=None, config=None):
    """The parts of an OCI layout. manifest, config: documents to take in place of the image's own."""
    def blob(data, place):
        return "blobs/" + sha256(data).replace(":", "/"), data, place
    config = image.config_bytes() if config is None else config
    if manifest is None:
        manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                    "config": {"mediaType": OCI + "config.v1+json", "digest": sha256(config), "size": len(config)},
                    "layers": [{"mediaType": LAYER_TYPE[image.compression], "digest": sha256(b), "size": len(b)} for b in image.blobs]}
    text = json.dumps(manifest).encode()
    index = {"schemaVersion": 2, "manifests": [{"mediaType": OCI + "manifest.v1+json", "digest": sha256(text), "size": len(text),
                                                "annotations": {"org.opencontainers.image.ref.name": "1.0"}, "platform": image.platform}]}
    return [*[blob(b, ("layer", k)) for k, b in enumerate(image.blobs)], blob(config, ("config",)), blob(text, ("manifest",)),
            ("index.json", json.dumps(index).encode(), ("index",)), ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}', ("other",))]


def good_images():
    images = {how: Image(layers(), how) for how in ("none", "gzip", "zstd")}
    made = [docker("docker-%s" % how, image) for how, image in images.items()]
    for how, image in images.items():
        for form in ("oci", "directory"):
            made.append(Good("%s-%s" % (form, how), form, oci_parts(image)))
            made[-1].image = image
    made += [docker("docker-none.gz", images["none"], "gzip"), docker("docker-gzip.zst", images["gzip"], "zstd")]
    made.append(Good("oci-zstd.gz", "oci", oci_parts(images["zstd"]), "gzip"))
    return made


# -- damage


class Damaged:
    """what: in words. places: where it lies, a set of places; ("archive",) is what holds the parts together.
    data: the bytes of the archive, or a dictionary of the files of a directory."""

    def __init__(self, what, places, data):
        self.what, self.places, self.data = what, set(places), data


ARCHIVE = ("archive",)


def map_of(good):
    """(offset, end, place) of each part's content in the plain archive; between them lie headers and padding."""
    places = {n: p for n, _, p in good.parts}
    with tarfile.open(fileobj=io.BytesIO(good.bytes())) as tar:
        return [(m.offset_data, m.offset_data + m.size, places[m.name]) for m in tar.getmembers()]


def places_in(areas, begin, end):
    """The places that bytes [begin, end) of an archive belong to."""
    found = [(max(b, begin), min(e, end), p) for b, e, p in areas if b < end and e > begin]
    covered = sum(e - b for b, e, _ in found)
    return {p for _, _, p in found} | ({ARCHIVE} if covered < end - begin or begin == end else set())


def changed_range(before, after):
    """The smallest range of `before` outside of which both are the same; where the length differs, up to the end."""
    begin = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), min(len(before), len(after)))
    if len(before) != len(after):
        return begin, max(len(before), begin)
    end = len(before)
    while end > begin and before[end - 1] == after[end - 1]:
        end -= 1
    return begin, end


def raw(data, dice):
    """(what, damaged bytes): damage that knows nothing of what it damages."""
    size = len(data)
    at = dice.randrange(size)
    kind = dice.choice(("bit", "bit", "bit", "bits", "byte", "cut", "grow", "zero", "swap", "double", "drop", "noise"))
    out = bytearray(data)
    length = min(dice.choice((1, 3, 8, 60, 512, 1024, 5000)), size - at)
    block, other = (dice.randrange((size + 511) // 512) * 512 for _ in range(2))
    if kind == "bit":
        out[at] ^= 1 << dice.randrange(8)
    elif kind == "bits":
        for _ in range(dice.randrange(2, 20)):
            out[dice.randrange(size)] ^= 1 << dice.randrange(8)
    elif kind == "byte":
        out[at] = dice.randrange(256)
    elif kind == "cut":
        del out[at:]
    elif kind == "grow":
        out += dice.choice((bytes(700), dice.randbytes(700), data[:dice.randrange(1, 2000)]))
    elif kind == "zero":
        out[at:at + length] = bytes(length)
    elif kind == "noise":
        out[at:at + length] = dice.randbytes(length)
    elif kind == "swap":
        one, two = sorted((block, other))
        if two + 512 <= size:
            out[one:one + 512], out[two:two + 512] = data[two:two + 512], data[one:one + 512]
    elif kind == "double":
        out[block:block] = data[block:block + 512]
    elif kind == "drop":
        del out[block:block + 512]
    return "%s at %d of %d" % (kind, at if kind not in ("swap", "double", "drop") else block, size), bytes(out)


def with_checksum(header):
    header = bytearray(header)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def lying_header(tar, dice):
    """(what, tar): one of the headers says something else, and its checksum is right."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        members = archive.getmembers()
    at = dice.choice(members).offset_data - 512
    header = bytearray(tar[at:at + 512])
    kind = dice.choice(("size", "size", "size", "name", "type", "magic", "mode", "link"))
    if kind == "size":
        size = int(header[124:135].split(b"\0")[0] or b"0", 8) if not header[124] & 0x80 else 0
        header[124:136] = dice.choice((b"%011o\0" % max(0, size + dice.choice((-512, -1, 1, 511, 512, 5000))), b"%011o\0" % dice.randrange(2 ** 33),
                                       b"\xff" * 12, b"\x80" + dice.randbytes(11), b"\x80\0\0\0" + dice.randbytes(8), b"99999999999\0", bytes(12)))
    elif kind == "name":
        name = dice.choice((dice.choice(members).name.encode(errors="surrogateescape"), b"../../up", b"/etc/x", b"", b"\xff\x1b[31m",
                            b".wh.x", b"." * 100))[:100]
        header[0:100] = name + bytes(100 - len(name))
    elif kind == "type":
        header[156] = dice.choice(b"0123456789xgLKSXV\0\xff")
    elif kind == "magic":
        header[257:265] = dice.choice((b"ustar  \0", b"ustar\x0000", bytes(8), dice.randbytes(8)))
    elif kind == "mode":
        header[100:108] = dice.choice((b"7777777\0", b"zzzzzzz\0", b"\xff" * 8))
    else:
        header[157:257] = dice.choice((b"x" * 100, b"manifest.json" + bytes(87), bytes(100)))
    return "%s of the header at %d" % (kind, at), tar[:at] + with_checksum(header) + tar[at + 512:]


def lying_trailer(packed, dice):
    """(what, gzip stream): its checksum or its size is another."""
    crc, size = struct.unpack("<II", packed[-8:])
    if dice.random() < 0.5:
        return "checksum of gzip", packed[:-8] + struct.pack("<II", crc ^ 1 << dice.randrange(32), size)
    return "size of gzip", packed[:-8] + struct.pack("<II", crc, (size + dice.choice((-1, 1, 512, 2 ** 31))) % 2 ** 32)


def spots_of(value, path=()):
    """Every path into a JSON document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from spots_of(inner, (*path, key))


def edited_json(text, dice):
    """(what, text): one value of the document is another."""
    document = json.loads(text)
    path = dice.choice([p for p in spots_of(document) if p])
    at = document
    for key in path[:-1]:
        at = at[key]
    value = at[path[-1]]
    kind = dice.choice(("delete", "type", "value", "value", "value", "twice", "reverse", "deep"))
    if kind == "delete":
        del at[path[-1]]
    elif kind == "type":
        at[path[-1]] = dice.choice((None, 7, -1, 1.5, "words", True, [], {}, [[1]], 10 ** 30))
    elif kind == "deep":
        at[path[-1]] = json.loads("[" * 200 + "]" * 200)
    elif kind == "twice" and isinstance(at, list):
        at.insert(path[-1], copy.deepcopy(value))
    elif kind == "reverse" and isinstance(value, list):
        at[path[-1]] = value[::-1]
    elif isinstance(value, bool) or value is None:
        at[path[-1]] = not value
    elif isinstance(value, int):
        at[path[-1]] = value + dice.choice((-1, 1, 1000, -value, 2 ** 40, 2 ** 63, -2 * value))
    elif isinstance(value, str):
        spot = dice.randrange(len(value) + 1)
        at[path[-1]] = dice.choice((value[:spot], value[:spot] + "x" + value[spot:], value[:spot] + "\0" + value[spot:], "../" + value,
                                    "/" + value, value.replace("a", "b", 1), "sha256:" + "0" * 64, "\x1b[31m" + value, ""))
    return "%s %s" % (kind, "/".join(map(str, path))), json.dumps(document).encode()


def damage_part(content, place, dice):
    """(what, content): one part is damaged by itself, its name and the place in the archive are right."""
    if place[0] != "layer":
        return edited_json(content, dice) if dice.random() < 0.6 else raw(content, dice)
    ways = [raw, raw]
    if content[:2] == b"\x1f\x8b":
        ways.append(lying_trailer)
    elif content[:4] != b"\x28\xb5\x2f\xfd":
        ways += [lying_header, lying_header]
    return dice.choice(ways)(content, dice)


def exchange(parts, dice):
    """(what, places, parts): parts are whole, but not where they belong."""
    parts = list(parts)
    one, two = dice.sample(range(len(parts)), 2)
    kind = dice.choice(("swap", "drop", "again", "cover", "empty"))
    (name, content, place), (other_name, other_content, other_place) = parts[one], parts[two]
    places = {place}
    if kind == "swap":
        parts[one], parts[two] = (name, other_content, place), (other_name, content, other_place)
        places.add(other_place)
    elif kind == "drop":
        del parts[one]
    elif kind == "again":
        parts.append(parts[one])
    elif kind == "cover":
        parts.append((name, other_content, place))
    else:
        parts[one] = (name, b"", place)
    return "%s %s and %s" % (kind, name[:30], other_name[:30]), places, parts


def consistent_lie(image, dice):
    """(what, places, parts): an OCI layout whose documents all have the right digests, and one of them lies."""
    parts = oci_parts(image)
    config = json.loads(image.config_bytes())
    manifest = json.loads(next(c for _, c, p in parts if p == ("manifest",)))
    one, two = sorted(dice.sample(range(len(image.blobs)), 2))
    kind = dice.choice(("layers swapped", "diff IDs swapped", "layer dropped", "layer twice", "size of a layer", "digest of a layer",
                        "diff ID of a layer"))
    places = {("layer", one)}
    if kind == "layers swapped":
        manifest["layers"][one], manifest["layers"][two] = manifest["layers"][two], manifest["layers"][one]
    elif kind == "diff IDs swapped":
        ids = config["rootfs"]["diff_ids"]
        ids[one], ids[two] = ids[two], ids[one]
    elif kind == "diff ID of a layer":
        config["rootfs"]["diff_ids"][one] = sha256(dice.randbytes(8))
    elif kind == "layer dropped":
        del manifest["layers"][one]
        places = {("manifest",)}
    elif kind == "layer twice":
        manifest["layers"].insert(one, manifest["layers"][one])
        places = {("manifest",)}
    elif kind == "size of a layer":
        manifest["layers"][one]["size"] += dice.choice((-1, 1, 100, 2 ** 40))
    else:
        manifest["layers"][one]["digest"] = sha256(dice.randbytes(8))
    text = json.dumps(config, sort_keys=True).encode()
    manifest["config"].update(digest=sha256(text), size=len(text))
    return kind, places, oci_parts(image, manifest, text)


def damage(images, seed):
    """(image, Damaged) for this seed."""
    dice = random.Random(seed)
    good = dice.choice(images)
    way = dice.choice(("raw", "raw", "part", "part", "part", "header", "exchange", "lie"))
    if way == "lie" and not hasattr(good, "image"):
        way = "raw"
    if good.form == "directory" and way in ("raw", "header"):
        way = "part"
    parts = good.parts
    if way == "lie":
        what, places, parts = consistent_lie(good.image, dice)
    elif way == "exchange":
        what, places, parts = exchange(parts, dice)
    elif way == "part":
        k = dice.randrange(len(parts))
        name, content, place = parts[k]
        what, content = damage_part(content, place, dice)
        what, places, parts = "%s: %s" % (name[:30], what), {place}, [*parts[:k], (name, content, place), *parts[k + 1:]]
    if good.form == "directory":
        return good, Damaged(what, places, {n: c for n, c, _ in parts})
    data = good.bytes(parts)
    if way == "header":
        what, data = lying_header(data, dice)
        places = {ARCHIVE}
    elif way == "raw" and good.outer == "none":
        before = data
        what, data = raw(data, dice)
        places = places_in(map_of(good), *changed_range(before, data))
    elif way == "raw":
        places = {ARCHIVE}
        packed = compressed(data, good.outer)
        ways = (raw, raw, lying_trailer) if good.outer == "gzip" else (raw,)
        what, packed = dice.choice(ways)(packed, dice)
        return good, Damaged("packed: " + what, places, packed)
    return good, Damaged(what, places, compressed(data, good.outer))
