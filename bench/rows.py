"""The rows of the benchmark: what is run against what on which image, and the targets.

A row is a function of a Bench that returns a Row. A target is a claim of the project; whether it is
met is reported, never enforced.
"""
import dataclasses
import os
import shutil
import tempfile

import explorer as sessions
import make_images
import registry as registries
from engine import engine_with
from layer_files import layers_of
from measure import RunFailed, Subject, side_by_side


@dataclasses.dataclass
class Bench:
    """What the rows share."""
    fathom: str
    limit: str
    images: str
    repeat: int
    quick: bool
    big: bool
    dive: str = dataclasses.field(default_factory=lambda: shutil.which("dive"))

    def image(self, name):
        """Path of an image, made if need be; RowSkipped with the reason when it cannot be made."""
        if name in make_images.BIG and not (self.big or make_images.ready(self.images, name)):
            raise RowSkipped("image %s is made only with --big" % name)
        try:
            make_images.make(self.images, name)
        except (RuntimeError, OSError) as error:
            raise RowSkipped("image %s not made: %s" % (name, error)) from error
        return make_images.path_of(self.images, name)

    def side_by_side(self, subjects):
        return side_by_side(self.limit, subjects, self.repeat)

    def cold(self, image, name="fathom"):
        return Subject(name, [self.fathom, "analyze", image, "-o", "json", "--output", "/dev/null",
                              "--no-cache"])

    def limit_of(self, *arguments, reports_seconds=False):
        return Subject("limit", [self.limit, *arguments], reports_seconds=reports_seconds)

    def with_dive(self, image):
        if not self.dive:
            return []
        # 1: dive's default rules failed. HOME: dive reads its settings there.
        return [Subject("dive", [self.dive, "--source", "docker-archive", image],
                        {"CI": "true", "HOME": "/nonexistent"}, allowed_codes=(0, 1))]


class RowSkipped(Exception):
    """The row cannot be measured here; says why."""


@dataclasses.dataclass
class Row:
    """One row's findings."""
    name: str
    work: str
    results: list = dataclasses.field(default_factory=list)
    findings: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)
    failed: bool = False

    def keep(self, image, results):
        for result in results.values():
            self.results.append({"image": os.path.basename(image), **result.as_json()})
        return results

    def ratio(self, above, below, at_most=None, at_least=None):
        """above.median / below.median against a target, or for information."""
        compared = "%s / %s" % (_seconds(above), _seconds(below))
        self.find(compared, above.median / below.median, " x", at_most, at_least)

    def find(self, compared, value, unit, at_most=None, at_least=None):
        target, met = None, None
        if at_most is not None:
            target, met = "at most %g%s" % (at_most, unit), value <= at_most
        elif at_least is not None:
            target, met = "at least %g%s" % (at_least, unit), value >= at_least
        self.findings.append({"compared": compared, "value": value, "unit": unit.strip(),
                              "target": target, "met": met})

    def peak(self, result, at_most=None):
        self.find("peak memory of %s" % result.name, result.peak_mb, " MB", at_most)


def _seconds(result):
    once = " (1 run)" if len(result.seconds) == 1 else ""
    return "%s %.3f s%s" % (result.name, result.median, once)


def _against_dive(row, bench, results, at_least=None):
    if not bench.dive:
        row.notes.append("dive: not installed")
        return
    row.ratio(results["dive"], results["fathom"], at_least=at_least)
    row.peak(results["dive"])


def _for_information(row, image, results):
    """Programs that only list or read metadata, and verify nothing."""
    for name in ("tar tf", "skopeo inspect"):
        if name in results:
            row.ratio(results[name], results["fathom"])
    row.notes.append("tar tf lists the outer archive; skopeo inspect reads metadata and inflates "
                     "gzip layers for their sizes; neither verifies a layer")


def _listers(image):
    subjects = [Subject("tar tf", ["tar", "tf", image])]
    if shutil.which("skopeo"):
        subjects.append(Subject("skopeo inspect", ["skopeo", "inspect", "docker-archive:" + image]))
    return subjects


def gzip_layer(bench):
    image = bench.image("small-gzip" if bench.quick else "layer600")
    layer = layers_of(image)[0]
    row = Row("gzip-layer", "one gzip layer, cold, verified (%s)" % os.path.basename(image))
    pipe = Subject("gzip -dc | tar t", ["sh", "-c", 'gzip -dc "$1" | tar t', "sh", layer])
    results = row.keep(image, bench.side_by_side(
        [bench.cold(image), bench.limit_of("gzip-layer", layer), pipe]))
    row.ratio(results["fathom"], results["limit"], at_most=1.15)
    row.ratio(results[pipe.name], results["fathom"], at_least=3)
    row.peak(results["fathom"])
    return row


def gzip_image(bench):
    image = bench.image("gz8")
    layers = layers_of(image)
    row = Row("gzip-image", "image of %d gzip layers, cold, verified (gz8)" % len(layers))
    bound = bench.limit_of("image-bound", *layers, reports_seconds=True)
    results = row.keep(image, bench.side_by_side(
        [bench.cold(image), bound, *bench.with_dive(image), *_listers(image)]))
    row.ratio(results["fathom"], results["limit"], at_most=1.20)
    row.peak(results["fathom"])
    _against_dive(row, bench, results)
    _for_information(row, image, results)
    row.notes.append("limit: CPU of all layers / 2, or the longest layer on two threads")
    return row


def plain_image(bench):
    image = bench.image("plain9")
    layers = layers_of(image)
    row = Row("plain-image", "docker save, %d plain layers, cold, verified (plain9)" % len(layers))
    results = row.keep(image, bench.side_by_side(
        [bench.cold(image), bench.limit_of("hash", *layers), *bench.with_dive(image),
         *_listers(image)]))
    row.ratio(results["fathom"], results["limit"], at_most=1.25)
    row.peak(results["fathom"])
    _against_dive(row, bench, results, at_least=2.5)
    _for_information(row, image, results)
    row.notes.append("limit: SHA-256 of each layer once, two threads, one layer each")
    return row


def many_layers(bench):
    image = bench.image("many40")
    row = Row("many-layers",
              "40 layers x 5,000 files, 20 % rewrites, 400 whiteouts, cold, verified (many40)")
    results = row.keep(image, bench.side_by_side(
        [bench.cold(image), bench.limit_of("hash", "--threads", "1", *layers_of(image)),
         *bench.with_dive(image)]))
    row.ratio(results["fathom"], results["limit"], at_most=1.5)
    row.peak(results["fathom"], at_most=80)
    _against_dive(row, bench, results, at_least=100)
    row.notes.append("limit: SHA-256 of each layer once, one thread")
    return row


def files(bench):
    names = ["files10k"] if bench.quick else ["files10k", "files100k", "files1m"]
    counts = {"files10k": 10**4, "files100k": 10**5, "files1m": 10**6}
    paths = {name: bench.image(name) for name in names}
    row = Row("files", "small files in 20 layers, cold, verified (%s)" % ", ".join(names))
    results = row.keep("files", bench.side_by_side(
        [bench.cold(path, "fathom " + name) for name, path in paths.items()]))
    each = {name: results["fathom " + name].median / counts[name] * 1e6 for name in names}
    for name in names:
        result = results["fathom " + name]
        row.find("%s: time for each file" % _seconds(result), each[name], " us")
        row.peak(result, at_most=250 if name == "files1m" else None)
    for small, large in zip(names, names[1:]):
        row.find("time for each file, %s / %s" % (large, small), each[large] / each[small], " x",
                 at_most=1.25)
    if len(names) > 1:
        row.notes.append("linear: a file costs no more in the larger image, 25 % left for noise")
    return row


def cached(bench):
    names = ["small-gzip"] if bench.quick else ["layer600", "gz8", "plain9"]
    row = Row("cached", "the same image again, cached (%s)" % ", ".join(names))
    for name in names:
        image = bench.image(name)
        with tempfile.TemporaryDirectory(prefix="fathom-cache-") as cache:
            cold = bench.cold(image, "cold " + name)
            again = Subject("cached " + name, cold.command[:-1], {"FATHOM_CACHE_DIR": cache})
            results = row.keep(image, bench.side_by_side([cold, again]))
        row.ratio(results[cold.name], results[again.name], at_least=20)
        if name in ("gz8", "plain9"):
            row.find(again.name, results[again.name].median * 1e3, " ms", at_most=60)
    return row


def memory(bench):
    small, large = bench.image("flat400m"), bench.image("flat4g")
    row = Row("memory", "one plain layer of 200 files, 400 MB and 4 GB, cold, verified")
    results = row.keep("flat", bench.side_by_side(
        [bench.cold(small, "fathom 400 MB"), bench.cold(large, "fathom 4 GB")]))
    small, large = results["fathom 400 MB"], results["fathom 4 GB"]
    row.peak(small)
    row.peak(large)
    row.find("peak memory, 4 GB / 400 MB", large.peak_mb / small.peak_mb, " x", at_most=1.05)
    row.ratio(large, small)
    row.notes.append("flat: 5 % left for noise")
    return row


def engine(bench):
    image = bench.image("files10k" if bench.quick else "flat1500m")
    row = Row("engine", "image of a Docker Engine (%s)" % os.path.basename(image))
    try:
        with engine_with(image) as (host, image_id), tempfile.TemporaryDirectory() as cache:
            there = {"DOCKER_HOST": host, "FATHOM_CACHE_DIR": cache}
            cold = bench.cold("docker://" + image_id)
            cold.environment = there
            again = Subject("fathom, cached", cold.command[:-1], there)
            save = Subject("docker save", ["sh", "-c", 'docker save "$1" > /dev/null', "sh", image_id],
                           there)
            results = row.keep(image, bench.side_by_side([cold, save, again]))
    except RuntimeError as error:
        raise RowSkipped("no Docker Engine: %s" % error) from error
    row.ratio(results[cold.name], results[save.name], at_most=1.10)
    row.find(again.name, results[again.name].median * 1e3, " ms", at_most=150)
    row.peak(results[cold.name])
    row.notes.append("dockerd with the vfs driver")
    return row


def start(bench):
    row = Row("start", "start of the program, nothing read")
    subjects = [Subject(word, [bench.fathom, word]) for word in ("version", "--help")]
    results = row.keep("none", bench.side_by_side(subjects))
    row.find("fathom version", results["version"].median * 1e3, " ms", at_most=10)
    row.find("fathom --help", results["--help"].median * 1e3, " ms", at_most=15)
    return row


def explorer(bench):
    image = bench.image("files10k" if bench.quick else "files200k")
    row = Row("explorer", "the explorer in a terminal of 200 x 60 (%s)" % os.path.basename(image))
    program = os.path.join(os.path.dirname(bench.limit), "fathom-explorer-steps")
    own = sessions.steps_of(program, image)
    row.notes.append("%d rows of the tree expanded" % own["rows"])
    for name, target in (("move at the top", 1), ("move at the end", 1), ("page at the end", 1),
                         ("from end to end", 1), ("fold a directory", 16), ("switch the layer", 50),
                         ("switch the layer, aggregated", 50), ("type into the filter", 50), ("sort", 50)):
        row.find("%s: own code" % name, own[name]["median"], " ms", at_most=target)
    for name, seconds in sessions.keys(bench.fathom, image, bench.repeat).items():
        target = 50 if "layer" in name or "filter" in name else 16
        row.find("%s: key to the last byte on the terminal" % name, seconds * 1e3, " ms", at_most=target)
    row.notes.append("dive, of 192,000 nodes: a key at the end 1.1 s, another layer 0.6 s, a key of the filter 0.54 s")
    return row


def explorer_opens(bench):
    image = bench.image("many40")
    row = Row("explorer-opens", "the explorer's first screen")
    cold, cached = sessions.first_frames(bench.fathom, image, bench.repeat)
    row.find("many40, nothing cached", cold * 1e3, " ms", at_most=100)
    row.find("many40, all layers cached", cached * 1e3, " ms", at_most=50)
    session = sessions.Session(bench.fathom, bench.image("hollow10g"), tempfile.gettempdir())
    row.find("docker archive of 10 GB", session.until(b"instruction") * 1e3, " ms", at_most=100)
    session.close()
    row.notes.append("dive, 40 layers of 5,000 files: 30 s until the first screen")
    return row


def explorer_views(bench):
    image = bench.image("words1g")
    row = Row("explorer-views", "the last file of a gzip layer that unpacks to 1 GB, shown")
    first, again = sessions.view(bench.fathom, image, b"file99999")
    row.find("the first time", first, " s", at_most=1.3)
    row.find("again", again * 1e3, " ms", at_most=50)
    return row


def mirror(bench):
    """Thirty images on six bases, 1.8 GB, into an OCI layout."""
    row = Row("mirror", "mirror of a registry's images")
    try:
        with registries.registry() as address, tempfile.TemporaryDirectory(dir=os.path.dirname(bench.images)) as folder:
            names = _fill(bench, address, folder)
            subjects = _mirrors(bench, address, names)
            results = row.keep("set", bench.side_by_side(subjects))
            row.ratio(results["fathom"], results["skopeo"])
            if "crane" in results:
                row.ratio(results["fathom"], results["crane"], at_most=1.0)
            else:
                row.notes.append("crane: not installed")
            row.peak(results["fathom"])
            one = row.keep("image", bench.side_by_side(_mirrors(bench, address, names[:1])))
            row.ratio(one["skopeo"], one["fathom"], at_least=1.5)
    except RuntimeError as error:
        raise RowSkipped("no registry: %s" % error) from error
    row.notes.append("docker-registry on loopback; every digest verified; each time into a new folder")
    return row


def mirror_slow(bench):
    row = Row("mirror-slow", "mirror of one image, 30 ms to each answer and 20 MB/s for each connection")
    try:
        with registries.registry() as address, tempfile.TemporaryDirectory(dir=os.path.dirname(bench.images)) as folder:
            names = _fill(bench, address, folder)
            way = registries.SlowWay(address, 0.030, 20e6)
            results = row.keep("image", bench.side_by_side(_mirrors(bench, way.address, names[:1])))
            way.close()
            row.ratio(results["skopeo"], results["fathom"], at_least=6)
    except RuntimeError as error:
        raise RowSkipped("no registry: %s" % error) from error
    return row


def _fill(bench, address, folder):
    layout = os.path.join(folder, "set")
    sizes = (6, 8 << 20, 2 << 20) if bench.quick else (30, 160 << 20, 24 << 20)
    names = registries.make_set(layout, *sizes)
    for name in names:
        registries.push("oci:%s:%s" % (layout, name), address, name + ":1")
    shutil.rmtree(layout)
    return names


def _mirrors(bench, address, names):
    """Each mirrors the images into a new folder below the current one."""
    images = ["%s/%s:1" % (address, name) for name in names]
    subjects = [
        Subject("fathom", ["sh", "-c", 'f=$1; shift; rm -rf mirror; exec "$f" pull -d mirror --progress none "$@"', "sh", bench.fathom, *images]),
        Subject("skopeo", ["sh", "-c", 'rm -rf mirror; for i; do skopeo copy -q --src-tls-verify=false "docker://$i" "oci:mirror:${i##*/}" || exit 1; done', "sh", *images])]
    if shutil.which("crane"):
        subjects.append(Subject("crane", ["sh", "-c", 'rm -rf mirror; exec crane pull --insecure --format=oci "$@" mirror', "sh", *images]))
    return subjects


def remote(bench):
    image = bench.image("small-gzip" if bench.quick else "words1g")
    row = Row("remote", "image of a registry, analysed, nothing kept (%s)" % os.path.basename(image))
    try:
        with registries.registry() as address:
            registries.push("oci:" + image, address, "app:1")
            local, far = bench.cold(image, "fathom, local"), bench.cold("registry://%s/app:1" % address, "fathom, remote")
            blobs = ["http://%s/v2/app/blobs/sha256:%s" % (address, name) for name in os.listdir(os.path.join(image, "blobs", "sha256"))]
            fetch = Subject("curl", ["sh", "-c", 'curl -s -o /dev/null "$@"', "sh", *(part for blob in blobs for part in (blob, "-o", "/dev/null"))][:-2])
            results = row.keep(image, bench.side_by_side([local, far, fetch]))
    except RuntimeError as error:
        raise RowSkipped("no registry: %s" % error) from error
    longer = max(results[local.name], results[fetch.name], key=lambda r: r.median)
    row.ratio(results[far.name], longer, at_most=1.2)
    row.peak(results[far.name])
    return row


def remote_memory(bench):
    row = Row("remote-memory", "image of a registry, one layer of 200 files, 400 MB and 1.5 GB")
    sizes = {"400 MB": "flat400m", "1.5 GB": "flat1500m"}
    try:
        with registries.registry() as address:
            subjects = []
            for size, image in sizes.items():
                registries.push("docker-archive:" + bench.image(image), address, image + ":1", keep_digests=False)
                name = "%s/%s:1" % (address, image)
                mirror = _mirrors(bench, address, [image])[0]
                subjects += [bench.cold("registry://" + name, "analyze " + size), Subject("pull " + size, mirror.command)]
            results = row.keep("flat", bench.side_by_side(subjects))
    except RuntimeError as error:
        raise RowSkipped("no registry: %s" % error) from error
    for verb in ("analyze", "pull"):
        small, large = (results["%s %s" % (verb, size)] for size in sizes)
        row.peak(small)
        row.peak(large)
        row.find("peak memory of %s, 1.5 GB / 400 MB" % verb, large.peak_mb / small.peak_mb, " x", at_most=1.1)
    row.notes.append("flat: 10 % left for the buffers of connections")
    return row


def frontier(bench):
    count = 20_000 if bench.quick else 2_000_000
    row = Row("frontier", "a crawl of {:,} repositories goes on".format(count))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "hub.csv")
        registries.make_frontier(path, count)
        server = registries.Silent()
        journal = path + ".journal"
        # It loads what there is, asks once and is told to come back later, which the copy forgets.
        command = 'cp "$2" "$2.kept"; "$1" crawl hub --hub-api "$3" --output "$4" --connections 1 --progress none; cp "$2.kept" "$2"'
        results = row.keep("none", bench.side_by_side([Subject("fathom crawl", ["sh", "-c", command, "sh", bench.fathom, journal, server.address, path])]))
        server.close()
    row.find("loaded", results["fathom crawl"].median, " s", at_most=5)
    row.peak(results["fathom crawl"], at_most=200)
    return row


ROWS = {"gzip-layer": gzip_layer, "gzip-image": gzip_image, "plain-image": plain_image,
        "many-layers": many_layers, "files": files, "cached": cached, "memory": memory,
        "engine": engine, "start": start, "explorer": explorer, "explorer-opens": explorer_opens,
        "explorer-views": explorer_views, "mirror": mirror, "mirror-slow": mirror_slow,
        "remote": remote, "remote-memory": remote_memory, "frontier": frontier}
QUICK = ("gzip-layer", "files", "cached", "start", "explorer", "mirror", "remote", "frontier")


def measure_row(bench, name):
    """The Row, also when it was skipped or something failed to run."""
    try:
        row = ROWS[name](bench)
    except RowSkipped as reason:
        return Row(name, name, notes=["not measured: %s" % reason])
    except RunFailed as error:
        return Row(name, name, notes=["failed: %s" % error], failed=True)
    if bench.quick:
        for finding in row.findings:
            finding["target"] = finding["met"] = None
        row.notes.append("quick: a small image, so no target applies")
    return row
