"""The command line as a user meets it: help, exit codes, which image is meant, formats, history, limits, safe output."""
import base64
import csv
import io
import re
import tarfile
import unittest

from journey import Journey
from small_images import (FOREIGN, HERE, Image, Layout, archive, attestation, directory, docker_archive, docker_members,
                          file, folder_members, hardlink, layer, oci_layout, opaque, symlink, wasteful, whiteout)

COMMANDS = ("analyze", "check", "tree", "history", "cache", "version")
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\t")
NASTY = ["esc\x1b[31mred", "bell\x07", "line\nbreak", "tab\there", "back\x08space", "csi\u009b31m", "bidi\u202etxt.exe", "isolate\u2066x"]


def one(name, size=10):
    return Image([layer(file(name, b"x" * size))])


class Basics(Journey):
    def test_version(self):
        self.assertRegex(self.fathom("version").stdout.decode(), r"^fathom \d+\.\d+")

    def test_help(self):
        self.assertIn("analyze", self.fathom("--help").stdout.decode())
        for command in COMMANDS:
            with self.subTest(command):
                self.assertRegex(self.fathom(command, "--help").stdout.decode(), r"(?i)usage")

    def test_usage_errors(self):
        image = docker_archive(self.path("i.tar"), (["t:1"], one("a")))
        for args in (["analyze", image, "--no-such-option"], ["check", image, "--no-such-option"], ["tree", image, "--no-such-option"],
                     ["history", image, "--no-such-option"], ["cache", "no-such-verb"], ["analyze"], ["analyze", image, "-o", "no-such-format"],
                     ["tree", image, "--layer", "7"], ["tree", image, "--layer", "minus"], ["analyze", image, "--max-layers", "many"],
                     ["analyze", image, "--platform", "///"], ["--no-such-option", image]):
            with self.subTest(args=args[:1] + args[2:]):
                result = self.fathom(*args, code=2)
                self.assertEqual(result.stdout, b"")

    def test_not_found(self):
        for form in ("", "docker-archive:", "docker-archive://", "oci:", "oci-archive:"):
            with self.subTest(form):
                result = self.fathom("analyze", form + self.path("absent.tar"), code=3)
                self.assertIn(b"absent.tar", result.stderr)
                self.assertEqual(result.stdout, b"")

    def test_corrupt(self):
        path = self.write("torn.tar", layer(*[file(n, c) for n, c in docker_members((["t:1"], wasteful()))])[:9000])
        result = self.fathom("analyze", path, "-o", "json", code=5)
        self.assertEqual(result.stdout, b"")
        self.assertIn(b"torn.tar", result.stderr)

    def test_summary_without_a_terminal(self):
        image = docker_archive(self.path("i.tar"), (["t:1"], wasteful()))
        said = self.fathom(image).stdout.decode().lower()
        self.assertIn("efficiency", said)
        self.assertIn("app/data", said)

    def test_output_goes_to_a_file(self):
        image = docker_archive(self.path("i.tar"), (["t:1"], wasteful()))
        for form in ("table", "json", "dive-json", "csv", "markdown"):
            with self.subTest(form):
                printed = self.fathom("analyze", image, "-o", form).stdout
                self.assertNotEqual(printed, b"")
                self.assertEqual(self.fathom("analyze", image, "-o", form, "--output", "-").stdout, printed)
                target = self.write("out", b"something longer that stood here before " * 2000)
                self.assertEqual(self.fathom("analyze", image, "-o", form, "--output", target).stdout, b"")
                with open(target, "rb") as f:
                    self.assertEqual(f.read(), printed)
        self.fathom("analyze", image, "--output", self.path("no", "such", "folder", "x"), code=2)

    def test_twice_the_same_bytes(self):
        image = docker_archive(self.path("i.tar"), (["t:1"], wasteful()))
        for args in (["analyze", image, "-o", f] for f in ("table", "json", "dive-json", "csv", "markdown")):
            with self.subTest(args=args[2:]):
                first = self.fathom(*args, "--no-cache").stdout
                for more in (["--no-cache"], [], []):
                    self.assertEqual(self.fathom(*args, *more, env={"TZ": "Asia/Tokyo", "LC_ALL": "C"}).stdout, first)
        for args in (["tree", image, "-o", "json"], ["tree", image], ["history", image], ["check", image, "-o", "json"]):
            with self.subTest(args=args[:1] + args[2:]):
                self.assertEqual(self.fathom(*args, code=(0, 1)).stdout, self.fathom(*args, code=(0, 1)).stdout)


class WhichImage(Journey):
    def paths(self, *args, **how):
        return [n["path"] for n in self.json("tree", *args, "-o", "json", **how)["nodes"] if n["type"] == "file"]

    def test_several_images_in_one_archive(self):
        path = docker_archive(self.path("i.tar"), (["example/app:1.0"], one("one")), (["example/app:2.0", "host:5000/b:x"], one("two")))
        for form in (path, "docker-archive:" + path, "docker-archive://" + path):
            result = self.fathom("analyze", form, code=2)
            self.assertEqual(result.stdout, b"")
            for tag in (b"example/app:1.0", b"example/app:2.0", b"host:5000/b:x"):
                self.assertIn(tag, result.stderr)
        for scheme in ("docker-archive:", "docker-archive://"):
            self.assertEqual(self.paths(scheme + path + ":example/app:1.0"), ["/one"])
            self.assertEqual(self.paths(scheme + path + ":example/app:2.0"), ["/two"])
            self.assertEqual(self.paths(scheme + path + ":host:5000/b:x"), ["/two"])
        self.assertIn(b"example/app:1.0", self.fathom("analyze", "docker-archive:" + path + ":absent:1", code=3).stderr)

    def test_several_images_in_one_layout(self):
        layout = Layout(self.path("oci"))
        name = "org.opencontainers.image.ref.name"
        folder = layout.index(layout.image(one("one"), annotations={name: "1.0"}), layout.image(one("two"), annotations={name: "2.0"}))
        result = self.fathom("analyze", folder, code=2)
        self.assertIn(b"1.0", result.stderr)
        self.assertIn(b"2.0", result.stderr)
        for scheme in ("oci:", "oci://"):
            self.assertEqual(self.paths(scheme + folder + ":2.0"), ["/two"])

    def test_platforms(self):
        layout = Layout(self.path("oci"))
        here, there = Image([layer(file("here"))]), Image([layer(file("there"))], where=FOREIGN)
        nested = layout.blob({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
            layout.image(there, platform=there.platform), layout.image(here, platform=here.platform)]},
            "application/vnd.oci.image.index.v1+json")
        folder = layout.index(nested)
        self.assertEqual(self.paths(folder), ["/here"])
        self.assertEqual(self.paths(folder, "--platform", FOREIGN), ["/there"])
        self.assertEqual(self.json("analyze", folder, "-o", "json", "--platform", FOREIGN)["image"]["platform"], FOREIGN)
        result = self.fathom("analyze", folder, "--platform", "linux/mips64le", code=3)
        for name in (HERE, FOREIGN):
            self.assertIn(name.encode(), result.stderr)

    def test_the_only_real_platform(self):
        layout = Layout(self.path("oci"))
        there = Image([layer(file("there"))], where=FOREIGN)
        real = layout.image(there, platform=there.platform)
        folder = layout.index(attestation(layout, real), real)
        self.assertEqual(self.paths(folder), ["/there"])

    def test_no_platform_for_this_machine(self):
        layout = Layout(self.path("oci"))
        others = [Image([layer(file(n))], where=w) for n, w in (("a", FOREIGN), ("b", "windows/amd64"))]
        folder = layout.index(*[layout.image(i, platform=i.platform) for i in others])
        result = self.fathom("analyze", folder, code=3)
        self.assertIn(FOREIGN.encode(), result.stderr)
        self.assertIn(b"windows/amd64", result.stderr)

    def test_manifest_json_wins_in_an_archive_that_has_both(self):
        image, other = one("docker"), one("oci")
        members = folder_members(oci_layout(self.path("oci"), other))
        path = archive(self.path("i.tar"), [*members, *docker_members((["t:1"], image))])
        self.assertEqual(self.paths(archive(self.path("oci.tar"), members)), ["/oci"])
        self.assertEqual(self.paths(path), ["/docker"])


class Formats(Journey):
    def setUp(self):
        super().setUp()
        self.image = docker_archive(self.path("i.tar"), (["t:1"], wasteful()))

    def test_json(self):
        analysis = self.json("analyze", self.image, "-o", "json")
        self.assertEqual(analysis["schema"], "fathom/analysis/v1")
        image, classic = analysis["image"], analysis["classic"]
        self.assertEqual((image["storedBytes"], image["visibleBytes"], image["wastedBytes"], image["entries"]), (12000, 11000, 1000, 5))
        self.assertEqual([classic[k] for k in ("sizeBytes", "userSizeBytes", "wastedBytes", "wastedUserPercent")], [12000, 2000, 2000, 1])
        self.assertEqual(image["efficiency"], 11 / 12)
        self.assertEqual(image["waste"], {"rewritten": 1000, "metadata": 0, "identical": 0, "removed": 0, "hidden": 0})
        self.assertEqual([{k: p[k] for k in ("path", "bytes", "cause", "storedIn", "hiddenBy")} for p in analysis["wastedPaths"]],
                         [{"path": "/app/data", "bytes": 1000, "cause": "rewritten", "storedIn": 1, "hiddenBy": 2}])

    def test_dive_json(self):
        image = self.json("analyze", self.image, "-o", "dive-json")["image"]
        self.assertEqual(image, {"sizeBytes": 12000, "inefficientBytes": 2000, "efficiencyScore": 11 / 12,
                                 "fileReference": [{"count": 2, "sizeBytes": 2000, "file": "/app/data"}]})

    def test_csv(self):
        rows = list(csv.reader(io.StringIO(self.fathom("analyze", self.image, "-o", "csv").stdout.decode())))
        self.assertEqual({len(r) for r in rows}, {len(rows[0])})
        self.assertGreaterEqual(len(rows), 4)

    def test_markdown(self):
        self.assertRegex(self.fathom("analyze", self.image, "-o", "markdown").stdout.decode(), r"(?m)^\|[ :|-]+\|$")

    def test_changes_and_aggregate(self):
        image = docker_archive(self.path("c.tar"), (["t:1"], Image([
            layer(directory("d"), file("d/gone"), file("d/kept"), file("same", b"s"), directory("o"), file("o/old")),
            layer(file("d/new"), whiteout("d/gone"), file("same", b"S")), layer(opaque("o"), file("late"))])))

        def change(*args):
            tree = self.json("tree", image, *args, "-o", "json")
            return tree["mode"], {n["path"]: n["change"] for n in tree["nodes"] if n["type"] != "directory"}
        self.assertEqual(change("--layer", "1", "--changes"), ("changes", {
            "/d/gone": "removed", "/d/kept": "unmodified", "/d/new": "added", "/same": "modified", "/o/old": "unmodified"}))
        self.assertEqual(change("--layer", "2", "--aggregate"), ("aggregate", {
            "/d/gone": "removed", "/d/kept": "unmodified", "/d/new": "added", "/same": "modified", "/o/old": "removed", "/late": "added"}))
        final = self.json("tree", image, "--layer", "0", "-o", "json")
        self.assertEqual((final["mode"], final["layer"], len(final["nodes"])), ("final", 0, len([n for n in final["nodes"] if n["layer"] == 0])))
        self.assertNotIn("/late", [n["path"] for n in final["nodes"]])

    def test_color_only_when_asked(self):
        image = docker_archive(self.path("c.tar"), (["t:1"], wasteful()))
        self.assertIn(b"\x1b[3", self.fathom("tree", image, "--changes", env={"FATHOM_COLOR": "always"}).stdout)
        self.assertNotIn(b"\x1b[3", self.fathom("tree", image, "--changes", "--color", "never", env={"FATHOM_COLOR": "always"}).stdout)
        self.fathom("analyze", image, env={"FATHOM_LIMITS_SCALE": "0.0001"}, code=6)
        for args in (["tree", image, "--changes"], ["check", image]):
            code = 1 if args[0] == "check" else 0
            with self.subTest(args[0]):
                self.assertNotIn(b"\x1b[", self.fathom(*args, code=code).stdout)
                self.assertIn(b"\x1b[3", self.fathom(*args, "--color", "always", code=code).stdout)
                self.assertNotIn(b"\x1b[", self.fathom(*args, "--color", "never", code=code).stdout)


class History(Journey):
    STEPS = [("/bin/sh -c #(nop) ADD file:0a1b2c in / ", False), ("/bin/sh -c #(nop)  ENV A=b", True),
             ("/bin/sh -c apt-get update && true", False), ("RUN /bin/sh -c make all # buildkit", False),
             ("COPY app /app # buildkit", False), ('/bin/sh -c #(nop)  CMD ["sh"]', True)]

    def setUp(self):
        super().setUp()
        history = [{"created": "2024-01-0%dT00:00:00Z" % (k + 1), "created_by": by, **({"empty_layer": True} if empty else {})}
                   for k, (by, empty) in enumerate(self.STEPS)]
        layers = [layer(file("f%d" % k, b"x" * (k + 1) * 1000)) for k in range(4)]
        self.image = docker_archive(self.path("i.tar"), (["t:1"], Image(layers, history=history)))

    def test_every_entry_with_its_layer(self):
        history = self.json("analyze", self.image, "-o", "json")["history"]
        self.assertEqual([h["createdBy"] for h in history], [by for by, _ in self.STEPS])
        self.assertEqual([h["emptyLayer"] for h in history], [empty for _, empty in self.STEPS])
        self.assertEqual([h["layer"] for h in history], [0, None, 1, 2, 3, None])
        self.assertEqual([h["index"] for h in history], list(range(6)))

    def test_table(self):
        said = self.fathom("history", self.image).stdout.decode()
        for words in ("ADD file:0a1b2c", "ENV A=b", "apt-get update", "make all", "COPY app /app", 'CMD ["sh"]'):
            self.assertIn(words, said)

    def test_dockerfile(self):
        lines = self.fathom("history", self.image, "--dockerfile").stdout.decode().splitlines()
        for wanted in ("ENV A=b", "RUN apt-get update && true", "RUN make all", "COPY app /app", 'CMD ["sh"]'):
            self.assertIn(wanted, [line.strip() for line in lines])
        self.assertNotIn("#(nop)", "\n".join(line for line in lines if not line.startswith("#")))


class Limits(Journey):
    def test_limits_are_options(self):
        image = docker_archive(self.path("i.tar"), (["t:1"], wasteful()))
        for option, limit, at_most in (("--max-layers", "2", "3"), ("--max-entries", "1", "2"), ("--max-layer-bytes", "1000", "20480"),
                                       ("--max-layer-bytes", "12KiB", "20KiB")):
            with self.subTest(option, limit=limit):
                result = self.fathom("analyze", image, "-o", "json", option, limit, "--no-cache", code=6)
                self.assertEqual(result.stdout, b"")
                self.assertIn(option.encode(), result.stderr, "which option raises the limit")
                self.fathom("analyze", image, option, at_most, "--no-cache")

    def test_a_limit_holds_for_what_is_cached(self):
        image = docker_archive(self.path("i.tar"), (["t:1"], wasteful()))
        self.fathom("analyze", image)
        self.fathom("analyze", image, "--max-entries", "1", code=6)
        self.fathom("analyze", image, "--max-layer-bytes", "1000", code=6)

    def test_one_scale_for_all(self):
        image = docker_archive(self.path("i.tar"), (["t:1"], Image([layer(file("f%d" % k)) for k in range(1100)])))
        self.fathom("analyze", image, code=6)
        self.assertEqual(len(self.json("analyze", image, "-o", "json", "--limits-scale", "2")["layers"]), 1100)
        small = docker_archive(self.path("s.tar"), (["t:1"], wasteful()))
        self.fathom("analyze", small, "--limits-scale", "0.001", code=6)


class SafeOutput(Journey):
    def assert_safe(self, result):
        for stream in (result.stdout, result.stderr):
            text = stream.decode("utf-8")                  # and nothing but UTF-8
            found = UNSAFE.search(text)
            self.assertNotIn("line\nbreak", text)
            self.assertIsNone(found, found and repr(text[max(0, found.start() - 60):found.end() + 20]))

    def image(self):
        first = layer(*[file("dir/" + name, b"1" * 100) for name in NASTY], symlink("link", NASTY[0]), form=tarfile.PAX_FORMAT)
        second = layer(*[file("dir/" + name, b"2" * 100) for name in NASTY], hardlink("hard", "dir/" + NASTY[0]), form=tarfile.PAX_FORMAT)
        history = [{"created_by": "RUN echo \x1b[31m\u202e" + name, "comment": name, "author": name} for name in NASTY[:2]]
        return Image([first, second], history=history)

    def test_names_on_the_screen(self):
        path = docker_archive(self.path("i.tar"), (["t:1\x1b[31m"], self.image()))
        for args in (["analyze", path], ["analyze", path, "-o", "markdown"], ["analyze", path, "--progress", "plain", "--no-cache"],
                     ["tree", path], ["tree", path, "--layer", "1", "--changes"], ["history", path], ["history", path, "--dockerfile"], ["check", path], [path]):
            with self.subTest(args=[a for a in args if a != path]):
                self.assert_safe(self.fathom(*args, code=(0, 1)))

    def test_names_in_errors(self):
        self.assert_safe(self.fathom("analyze", self.path("absent\x1b[31m\u202e.tar"), code=3))
        path = docker_archive(self.path("two.tar"), (["t:\x1b[31m"], one("a")), (["t:\u202e"], one("b")))
        self.assert_safe(self.fathom("analyze", path, code=2))
        torn = Image([layer(file("a", b"1"))])
        torn.blobs[0] = layer(file(NASTY[0], b"1" * 5000), form=tarfile.PAX_FORMAT)[:2000]
        self.assert_safe(self.fathom("analyze", docker_archive(self.path("torn.tar"), (["t:1"], torn)), code=5))

    def test_names_that_are_not_utf8(self):
        name = b"caf\xe9"
        image = Image([layer(file(name.decode("utf-8", "surrogateescape"), b"1"))])
        path = docker_archive(self.path("i.tar"), (["t:1"], image))
        node, = [n for n in self.json("tree", path, "-o", "json")["nodes"] if n["type"] == "file"]
        self.assertEqual(node["path"], "/caf\\xE9" if "xE9" in node["path"] else "/caf\\xe9")
        self.assertEqual(base64.b64decode(node["pathBytes"]), b"/" + name)
        self.assert_safe(self.fathom("tree", path))

    def test_names_in_json(self):
        path = docker_archive(self.path("i.tar"), (["t:1"], self.image()))
        names = {n["path"] for n in self.json("tree", path, "-o", "json")["nodes"]}
        self.assertLessEqual({"/dir/" + name for name in NASTY}, names)
        self.assertEqual(len(self.json("analyze", path, "-o", "json")["wastedPaths"]), len(NASTY))


if __name__ == "__main__":
    unittest.main()
