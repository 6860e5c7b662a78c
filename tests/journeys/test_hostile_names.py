"""Names and texts of an image that would act on whoever reads them: every form of every answer shows them harmlessly, and none loses them."""
import csv
import io
import json
import re
import unicodedata
import unittest
import xml.etree.ElementTree

from journey import Journey
from small_images import Image, Layout, directory, docker_archive, file, layer, oci_layout, symlink, whiteout

RAW = [b"a\x1b[2J\x1b]0;title\x07", b"bell\x07back\x08del\x7f", b"return\rline\nfeed\ttab\x0bvt", b"c1\xc2\x9b31mcsi", "right\u202eleft\u2066isolate".encode(),
       "hid\u200bden\ufeff\U000e0041tag".encode(), "line\u2028par\u2029".encode(), b"bad\xff\xfe\xc0\xafutf8", b"\xed\xa0\x80surrogate", b"=cmd|' calc'!A0", b",\"quoted\",'",
       b"<script>alert(1)<script>", b"]]>&lt;%s%n{}${HOME}`id`", b"back\\slash\\x1b", b"-rf", b"  spaces  ", "caf\u00e9 \u4e2d".encode()]
NAMES = [n.decode("utf-8", "surrogateescape") for n in RAW]
TEXT = "RUN \x1b[31m\u202e\u009b\x07\r\nFROM <b>`x`|\u2028\u200b"


def hostile():
    """Every name stored, rewritten, linked to and, in part, removed; every text of the config hostile."""
    image = Image([layer(file("base", b"b"), directory("gone"), *[file("gone/" + n, b"0" * 10) for n in NAMES]),
                   layer(*[file("d/" + n, b"1" * 100) for n in NAMES], *[symlink("l/%d" % k, n) for k, n in enumerate(NAMES)]),
                   layer(*[file("d/" + n, b"2" * 100) for n in NAMES], *[whiteout("gone/" + n) for n in NAMES])],
                  history=[{"created": TEXT, "created_by": TEXT, "author": TEXT, "comment": TEXT} for _ in range(3)])
    image.config.update(author=TEXT, created=TEXT)
    return image


RULES = [o for r in ("highestWastedBytes=1", "forbiddenPaths=/d/**", "highestImageBytes=1kB", "forbiddenSecretPaths=true", "lowestEfficiency=1") for o in ("--rule", r)]
ANSWERS = [*[("analyze", "-o", form) for form in ("table", "json", "dive-json", "csv", "markdown")],
           *[("tree", *how, "-o", form) for form in ("table", "json", "dive") for how in ((), ("--changes",), ("--aggregate",))],
           *[("find", "--all", "-o", form) for form in ("table", "json", "csv")],
           ("history",), ("history", "-o", "json"), ("history", "--dockerfile"), (),
           *[("check", "-o", form, *RULES) for form in ("table", "json", "junit", "sarif", "markdown", "gitlab", "dive", "dive-0.13")]]


def deceives(c):
    """Whether the character acts on a screen, hides or turns the text."""
    return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c != "\n"


class HostileNames(Journey):
    def setUp(self):
        super().setUp()
        self.image = docker_archive(self.path("image.tar"), (["app:1"], hostile()))

    def assert_harmless(self, data, what):
        text = data.decode("utf-8")                                   # strictly: it is UTF-8
        found = sorted({"U+%04X" % ord(c) for c in text if deceives(c)})
        self.assertEqual(found, [], what)
        return text

    def test_every_form_of_every_answer(self):
        for command in ANSWERS:
            with self.subTest(" ".join(command)):
                result = self.fathom(*command[:1], self.image, *command[1:], code=(0, 1))
                self.assertGreater(len(result.stdout), 50)
                self.assert_harmless(result.stdout, "stdout")
                self.assert_harmless(result.stderr, "stderr")
                colored = self.fathom(*command[:1], self.image, *command[1:], *(["--color", "always"] if command else []), code=(0, 1)).stdout
                self.assert_harmless(re.sub(rb"\x1b\[[0-9;]*m", b"", colored), "in colour")

    def test_no_line_is_forged(self):
        """A name with a line's end makes no line of its own."""
        table = self.fathom("find", self.image, "--all").stdout.decode()
        self.assertEqual(len(table.splitlines()), 1 + len(self.json("find", self.image, "--all", "-o", "json")["matches"]))
        rows = list(csv.reader(io.StringIO(self.fathom("find", self.image, "--all", "-o", "csv").stdout.decode())))
        self.assertEqual({len(r) for r in rows}, {6})
        self.assertEqual(len(self.fathom("history", self.image).stdout.splitlines()) - len(self.json("history", self.image, "-o", "json")["history"]), 1)

    def test_forms_that_programs_read_are_well_formed(self):
        for command in ANSWERS:
            if "json" in command or "dive-json" in command or "sarif" in command or "gitlab" in command:
                json.loads(self.fathom(command[0], self.image, *command[1:], code=(0, 1)).stdout)
        xml.etree.ElementTree.fromstring(self.fathom("check", self.image, "-o", "junit", *RULES, code=1).stdout)

    def test_nothing_is_lost(self):
        """JSON carries each name, and its bytes where it is no UTF-8; find -0 and cat take and give the bytes themselves."""
        import base64
        got = {base64.b64decode(m["pathBytes"]) if "pathBytes" in m else m["path"].encode()
               for m in self.json("find", self.image, "d/*", "-o", "json")["matches"]}
        self.assertEqual(got, {b"/d/" + n for n in RAW})
        self.assertEqual(set(self.fathom("find", self.image, "d/*", "-0").stdout.split(b"\0")[:-1]), got)
        for name in NAMES:
            self.assertEqual(self.fathom("cat", self.image, "/d/" + name).stdout, b"2" * 100)

    def test_messages(self):
        """Of errors, too: about names of entries, of members, of blobs, of media types, of tags and of arguments."""
        evil = "x\x1b[2J\u202e\u009b\n\r\x07y"
        images = []
        torn = Image([layer(file(evil, b"x" * 5000))])
        torn.blobs[0] = torn.layers[0][:2000]
        images.append((docker_archive(self.path("torn.tar"), (["t:1"], torn)), ()))
        images.append((docker_archive(self.path("long.tar"), (["t:1"], Image([layer(file(evil * 30, b"x"))]))), ("--max-path-bytes", "20")))
        images.append((docker_archive(self.path("two.tar"), ([evil], Image([layer(file("a"))])), (["other" + evil], Image([layer(file("b"))]))), ()))
        for k, change in enumerate(({"mediaType": evil + "json"}, {"mediaType": evil + "+encrypted"}, {"digest": evil}, {"size": evil})):
            layout = Layout(self.path("oci%d" % k))
            image = Image([layer(file("a"))])
            descriptor = {**layout.blob(image.blobs[0], "application/vnd.oci.image.layer.v1.tar"), **change}
            images.append((layout.index(layout.image(image, layers=[descriptor])), ()))
        layout = Layout(self.path("kind"))
        images.append((layout.index(layout.manifest(layout.blob({}, evil), [])), ()))
        config = Image([layer(file("a"))])
        config.config["rootfs"]["diff_ids"] = [evil]
        images.append((oci_layout(self.path("config"), config), ()))
        platform = Layout(self.path("platforms"))
        manifest = platform.image(Image([layer(file("a"))]))
        images.append((platform.index({**manifest, "platform": {"os": evil, "architecture": evil}}), ("--platform", "linux/none")))
        for path, options in images:
            with self.subTest(path):
                result = self.fathom("analyze", path, "--no-cache", *options, code=(2, 3, 5, 6))
                self.assert_harmless(result.stderr, "stderr")
                self.assertEqual(result.stdout, b"")
        for command in (("cat", self.image, "/d/" + evil), ("find", self.image, evil, "--type", evil), ("extract", self.image, evil, "--output", self.path("o")),
                        ("analyze", evil), ("analyze", self.image, "--" + evil), (evil, self.image), ("analyze", self.image, "--platform", evil)):
            with self.subTest(command):
                self.assert_harmless(self.fathom(*command, code=(2, 3, 4)).stderr, "stderr")

    def test_progress_and_warnings(self):
        result = self.fathom("analyze", self.image, "--progress", "plain", "--no-cache")
        self.assert_harmless(result.stderr, "stderr")
        result = self.fathom("extract", self.image, "/", "--output", self.path("out"))
        self.assert_harmless(result.stderr, "stderr")


if __name__ == "__main__":
    unittest.main()
