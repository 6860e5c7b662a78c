"""The gate's reports: each is valid in its form, says the same each time, and no name in an image can break out of it."""
import json
import os
import re
import subprocess
import unittest

from journey import SCHEMAS, Journey, binary, environment, require
from small_images import (Image, Layout, directory, docker_archive, entry, file, layer, symlink, wasteful, whiteout)


DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
FORMATS = ("table", "json", "junit", "sarif", "markdown", "gitlab", "dive", "dive-0.13")

EVIL = ["a\x1b[2J\x01\x7f", "right\u202eleft", "cdata]]>end", "back`tick``s", "<script>alert(1)</script>", "@everyone", "a|b\\|c",
        "&amp;\"quoted'", "[link](http://example.com)", "white space ", "\ufffe\uffff", "new\nline", b"bad\xff\xfeutf8".decode("utf-8", "surrogateescape"),
        "**bold**", "<!-- -->", "https://example.com", "%41:colon"]


def hostile():
    """Every name is stored and rewritten; the instructions are hostile, too."""
    first = [file("d/" + name, b"1" * 100) for name in EVIL]
    second = [file("d/" + name, b"2" * 100) for name in EVIL]
    history = [{"created_by": "base"}, {"created_by": "RUN echo '<script>`@everyone`|\x1b[31m]]>\u202e' && x"}, {"created_by": "COPY `|`"}]
    return Image([layer(file("base", b"b")), layer(*first), layer(*second)], history=history)


class Reports(Journey):
    RULES = "rules:\n  lowestEfficiency: 0.99\n  highestWastedBytes: 1\n  highestImageBytes: 1kB\n  forbiddenPaths: ['/d/**', {path: /app/**, presence: [rewritten], reason: 'never `here`'}]\n  highestLayerCount: disabled\n"

    def setUp(self):
        super().setUp()
        self.write(os.path.join("work", ".fathom.yaml"), self.RULES)
        self.images = {
            "wasteful": docker_archive(self.path("wasteful.tar"), (["t:1"], wasteful())),
            "hostile": docker_archive(self.path("hostile.tar"), (["<b>|`@x`]]>:1"], hostile())),
            "fine": docker_archive(self.path("fine.tar"), ([], Image([layer(file("a", b"1"))]))),
        }

    def report(self, name, form, **how):
        return self.fathom("check", self.images[name], "-o", form, code=0 if name == "fine" else 1, **how).stdout

    def test_valid(self):
        require("xmllint")
        for name in self.images:
            with self.subTest(name):
                self.assert_valid(json.loads(self.report(name, "json")), os.path.join(SCHEMAS, "check-v1.json"))
                self.assert_valid(json.loads(self.report(name, "gitlab")), os.path.join(DATA, "gitlab-code-quality.json"))
                self.assert_valid(json.loads(self.report(name, "sarif")), os.path.join(DATA, "sarif-2.1.0.json"))
                xml = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", os.path.join(DATA, "junit.xsd"), "-"], input=self.report(name, "junit"),
                                     stderr=subprocess.PIPE)
                self.assertEqual(xml.returncode, 0, xml.stderr.decode())

    def test_no_name_breaks_out(self):
        for form in FORMATS:
            with self.subTest(form):
                text = self.report("hostile", form).decode("utf-8")              # it is UTF-8
                for c in text:
                    self.assertTrue(c == "\n" or (ord(c) >= 0x20 and ord(c) != 0x7f), repr(c))
                    if form != "json":                                           # JSON carries names as they are
                        self.assertNotIn(c, "\u202e\x9b")
        self.assertNotIn(b"<script", self.report("hostile", "junit"))
        self.assertNotIn(b"<script", self.report("hostile", "sarif"))
        self.assertNotIn(b"<script", self.report("hostile", "gitlab"))

    def test_markdown_keeps_names_in_code(self):
        text = self.report("hostile", "markdown").decode()
        for line in text.splitlines():
            self.assertEqual(line.count("`") % 2, 0, line)
            outside = re.sub(r"`[^`]*`", "", line).replace("<!-- fathom check -->", "")
            for markup in ("@", "<", "http", "[", "\\"):
                self.assertNotIn(markup, outside, line)
            if line.startswith("|"):
                self.assertEqual(line.count("|"), 6, line)

    def test_findings(self):
        report = json.loads(self.report("wasteful", "json"))
        rules = {r["name"]: r for r in report["rules"]}
        self.assertEqual([r["name"] for r in report["rules"]], sorted(rules))
        wasted = rules["highestWastedBytes"]["findings"]
        self.assertEqual([(f["path"], f["bytes"], f["cause"], f["storedIn"], f["hiddenBy"], f["storedInInstruction"]) for f in wasted],
                         [("/app/data", 1000, "rewritten", 1, 2, "step 1")])
        self.assertEqual([f["path"] for f in rules["forbiddenPaths"]["findings"]], ["/app/data"])
        self.assertEqual([(f["storedIn"], f["bytes"]) for f in rules["highestImageBytes"]["findings"]], [(0, 10000), (1, 1000), (2, 1000)])
        self.assertEqual(rules["highestLayerCount"]["status"], "skip")

    def test_sarif_and_gitlab_name_the_same(self):
        sarif = json.loads(self.report("wasteful", "sarif"))["runs"][0]
        ids = [r["id"] for r in sarif["tool"]["driver"]["rules"]]
        self.assertTrue(all(ids[r["ruleIndex"]] == r["ruleId"] for r in sarif["results"]))
        prints = [r["partialFingerprints"]["fathom/v1"] for r in sarif["results"]]
        self.assertEqual(len(set(prints)), len(prints))
        gitlab = json.loads(self.report("wasteful", "gitlab"))
        self.assertEqual([g["fingerprint"] for g in gitlab], prints)
        uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in sarif["results"] if r["ruleId"] == "highestWastedBytes"}
        self.assertEqual(uris, {"app/data"})

    def test_fingerprints_survive_another_build(self):
        def prints(image):
            path = docker_archive(self.path("again.tar"), (["t:1"], image))
            return {g["fingerprint"] for g in json.loads(self.fathom("check", path, "-o", "gitlab", code=1).stdout) if g["check_name"] == "highestWastedBytes"}
        other = Image([layer(file("usr/other", b"z" * 9)), layer(file("more", b"m")), layer(file("app/data", b"3" * 1234)), layer(file("app/data", b"4"))])
        self.assertEqual(prints(wasteful()), prints(other))

    def test_same_bytes_each_time(self):
        for form in FORMATS:
            for name in ("wasteful", "hostile"):
                first = self.report(name, form)
                for env in ({"LC_ALL": "C", "TZ": "Asia/Tokyo"}, {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "America/New_York"}, {"FATHOM_THREADS": "1"}):
                    self.assertEqual(self.report(name, form, env=env), first, (form, env))

    def test_several_at_once(self):
        files = {form: self.path("report." + form) for form in FORMATS}
        options = [o for form, path in files.items() for o in ("--report", "%s=%s" % (form, path))]
        table = self.fathom("check", self.images["wasteful"], *options, code=1).stdout
        for form, path in files.items():
            with open(path, "rb") as f:
                self.assertEqual(f.read(), self.report("wasteful", form), form)
        self.assertEqual(table, self.report("wasteful", "table"))
        for wrong in ("junit", "junit=", "html=x", "=x"):
            self.fathom("check", self.images["fine"], "--report", wrong, code=2)

    def test_what_cannot_be_written_is_no_success(self):
        image = self.images["fine"]
        self.fathom("check", image)
        self.fathom("check", image, "--report", "junit=" + self.path("no", "folder", "x"), code=2)
        self.fathom("check", image, "--output", self.path("no", "folder", "x"), code=2)
        self.fathom("check", image, "--report", "sarif=/dev/full", code=(2, 3))
        for redirect in (">&-", ">/dev/full", "<&- >&-"):
            done = subprocess.run(["sh", "-c", '"$0" check "$1" ' + redirect, binary(), image], cwd=self.work, env=environment(self.home), stderr=subprocess.PIPE)
            self.assertGreater(done.returncode, 1, redirect)
            self.assertIn(b"fathom:", done.stderr)


class Rules(Journey):
    def setUp(self):
        super().setUp()
        secret = [directory("root"), file("root/.netrc", b"password"), file("root/id_rsa.pub", b"public"), file("app/.env.example", b"X="),
                  entry("usr/bin/su", content=b"su", mode=0o4755), entry("usr/bin/wall", content=b"w", mode=0o2755), symlink("app/link", "x")]
        self.image = docker_archive(self.path("image.tar"), (["t:1"], Image([
            layer(file("usr/base", b"b" * 100), file("usr/old", b"o" * 50)), layer(*secret),
            layer(whiteout("root/.netrc"), whiteout("app/link"), whiteout("usr/old"))])))

    def rule(self, *rules, code, more=()):
        options = [o for r in rules for o in ("--rule", r)]
        return {r["name"]: r for r in self.json("check", self.image, *options, *more, "-o", "json", code=code)["rules"]}

    def test_secrets_that_were_removed(self):
        found = self.rule("forbiddenSecretPaths=true", code=1)["forbiddenSecretPaths"]["findings"]
        self.assertEqual([(f["path"], f["storedIn"], f["hiddenBy"], f["cause"]) for f in found], [("/root/.netrc", 1, 2, "removed")])
        self.rule("forbiddenSecretPaths=true", "allowedSecretPaths=/root/.netrc", code=0)
        self.rule("forbiddenSecretPaths=true", "ignoredPaths=/root/**", code=1)

    def test_setuid(self):
        found = self.rule("allowedSetuidPaths=/usr/bin/su", code=1)["allowedSetuidPaths"]["findings"]
        self.assertEqual([(f["path"], f["why"]) for f in found], [("/usr/bin/wall", "setgid, mode 2755, owner 0:0")])
        self.rule("allowedSetuidPaths=/usr/bin/su", "allowedSetuidPaths=/usr/bin/wall", code=0)

    def test_counts_and_sizes(self):
        # stored: 150 + (8 + 6 + 2 + 2 + 1); visible paths: base, id_rsa.pub, .env.example, su, wall
        for key, value in (("highestImageBytes", 169), ("highestLayerBytes", 150), ("highestLayerCount", 3), ("highestFileCount", 5)):
            self.assertEqual(self.rule("%s=%d" % (key, value), code=0)[key]["value"], str(value))
            self.rule("%s=%d" % (key, value - 1), code=1)

    def test_forbidden(self):
        found = self.rule("forbiddenPaths=app", code=1)["forbiddenPaths"]["findings"]
        self.assertEqual({(f["path"], f["cause"]) for f in found}, {("/app/.env.example", None), ("/app/link", "removed")})
        self.rule("forbiddenPaths=app", "ignoredPaths=/app", code=0)

    def test_ignored_waste(self):
        self.assertEqual(self.rule("highestWastedBytes=58", code=0)["highestWastedBytes"]["value"], "58")
        self.assertEqual(self.rule("highestWastedBytes=58", "ignoredPaths=/usr/old", code=0)["highestWastedBytes"]["value"], "8")

    def test_rules_over_the_file(self):
        self.write("work/.fathom.yaml", "rules:\n  highestLayerCount: 1\n  lowestEfficiency: 1.0\nplatform: linux/amd64\n")
        self.assertEqual(set(self.rule("highestLayerCount=3", "lowest-efficiency=off", code=0)), {"highestLayerCount", "lowestEfficiency"})

    def test_a_rule_left_out_does_not_hold(self):
        self.fathom("check", self.image, code=1)                          # dive's defaults
        self.write("work/.fathom.yaml", "rules:\n  highestLayerCount: 3\n")
        self.fathom("check", self.image)
        self.write("work/.fathom.yaml", "platform: linux/amd64\n")        # no rules at all: dive's defaults
        self.fathom("check", self.image, code=1)

    def test_misconfigured(self):
        for text, said in (("rules:\n  highestImageByte: 1", b"highestImageBytes"), ("rules:\n  lowestEfficiency: 1\n  lowestEfficiency: 0", b"twice"),
                           ("rules:\n  lowestEfficiency: 1\n  lowest-efficiency: 0", b"twice"), ("rules: &a\n  lowestEfficiency: 1", b"anchors"),
                           ("rules:\n  forbiddenPaths: /a", b"list"), ("rules:\n  forbiddenPaths: ['[a']", b"closed"), ("rules:\n  highestLayerCount: 1.5", b"whole"),
                           ("rules:\n  forbiddenPaths: [{path: a, presense: visible}]", b"presence"), ("base: [1, 2]", b"base"), ("bse: 1", b"did you mean 'base'"), ("a: 1\n---\nb: 2", b"document"),
                           ("x: " + "y" * (1 << 20), b"more than")):
            self.write("work/.fathom.yaml", text + "\n")
            self.assertIn(said, self.fathom("check", self.image, code=2).stderr, text[:80])
        os.remove(self.path("work", ".fathom.yaml"))
        self.fathom("check", self.image, "--rule", "highestLayers=3", code=2)
        self.fathom("check", self.image, "--rule", "highestLayerCount", code=2)
        self.fathom("check", self.image, "--config", self.path("absent"), code=2)

    def test_dives_file_ignores_what_it_does_not_know(self):
        self.write("work/.dive-ci", "rules:\n  lowestEficiency: 1.0\n  highestUserWastedPercent: off\n  lowestEfficiency: 0\n")
        self.assertIn(b"did you mean 'lowestEfficiency'", self.fathom("check", self.image).stderr)

    def test_unreadable_layers(self):
        layout = Layout(self.path("layout"))
        image = Image([layer(file("a", b"1"))])
        blob = layout.blob(image.blobs[0], "application/vnd.oci.image.layer.v1.tar+encrypted")
        layout.index(layout.image(image, layers=[blob], platform=image.platform))
        self.fathom("check", self.path("layout"), "--rule", "highestLayerCount=9", code=(5, 3))


class Base(Journey):
    def setUp(self):
        super().setUp()
        self.layers = [layer(file("b", b"b" * 100), file("old", b"o" * 10)), layer(file("c", b"c" * 50)),
                       layer(file("b", b"B" * 70), file("u", b"1" * 20)), layer(file("u", b"2" * 30))]
        self.image = docker_archive(self.path("image.tar"), (["app:1"], Image(self.layers)))
        self.base = docker_archive(self.path("base.tar"), (["base:1"], Image(self.layers[:2])))

    def check(self, *more, code):
        report = self.json("check", self.image, "--rule", "highestWastedBytes=0", "--rule", "highestImageBytes=1", "--rule", "lowestEfficiency=1",
                           "--rule", "highestLayerCount=0", "--rule", "highestFileCount=0", *more, "-o", "json", code=code)
        return report, {r["name"]: r["value"] for r in report["rules"]}

    def test_over_the_users_layers(self):
        # User: 70 + 20 + 30 stored, 20 of it rewritten; of the base 100 are hidden.
        wanted = {"highestWastedBytes": "20", "highestImageBytes": "120", "lowestEfficiency": "%.4f" % (100 / 120), "highestLayerCount": "2", "highestFileCount": "2"}
        for base, origin in (("2", "given"), (self.base, "image")):
            report, values = self.check("--base", base, code=1)
            self.assertEqual(values, wanted)
            self.assertEqual((report["scope"], report["base"]["layers"], report["base"]["origin"], report["base"]["hiddenBytes"]), ("userLayers", 2, origin, 100))
        report, values = self.check("--base", "auto", code=1)
        self.assertEqual((report["base"]["layers"], report["base"]["origin"], report["scope"]), (1, "assumed", "userLayers"))
        report, values = self.check(code=1)
        self.assertEqual((report["scope"], values["highestImageBytes"], values["highestWastedBytes"]), ("image", "280", "120"))

    def test_where_they_part(self):
        other = docker_archive(self.path("other.tar"), (["o:1"], Image([self.layers[0], self.layers[3]])))
        said = self.fathom("check", self.image, "--base", other, code=2).stderr
        self.assertIn(b"part at layer 1", said)
        longer = docker_archive(self.path("longer.tar"), (["o:1"], Image(self.layers + [layer(file("z", b"z"))])))
        self.assertIn(b"part at layer 4", self.fathom("analyze", self.image, "--base", longer, code=2).stderr)
        self.fathom("check", self.image, "--base", "5", code=2)
        self.fathom("check", self.image, "--base", "99999999999999999999", code=2)
        self.fathom("check", self.image, "--base", self.path("absent.tar"), code=3)

    def test_analyze_and_file(self):
        image = self.json("analyze", self.image, "--base", self.base, "-o", "json")["image"]
        self.assertEqual((image["base"]["layers"], image["base"]["origin"], image["userStoredBytes"], image["userWastedBytes"]), (2, "image", 120, 20))
        self.write("work/.fathom.yaml", "base: 2\nrules:\n  highestImageBytes: 120\n")
        self.fathom("check", self.image)
        self.fathom("check", self.image, "--base", "1", code=1)

    def test_annotations(self):
        layout = Layout(self.path("layout"))
        base = layout.image(Image(self.layers[:2]), platform=Image(self.layers[:2]).platform, annotations={"org.opencontainers.image.ref.name": "base"})
        app = Image(self.layers)
        config = layout.blob(app.config_bytes(), "application/vnd.oci.image.config.v1+json")
        blobs = [layout.blob(b, "application/vnd.oci.image.layer.v1.tar") for b in app.blobs]
        notes = {"org.opencontainers.image.base.name": "docker.io/library/base:1", "org.opencontainers.image.base.digest": base["digest"]}
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": blobs, "annotations": notes}
        named = layout.blob(manifest, manifest["mediaType"], platform=app.platform, annotations={"org.opencontainers.image.ref.name": "app"})
        layout.index(base, named)
        found = self.json("analyze", "oci:" + self.path("layout") + ":app", "-o", "json")["image"]["base"]
        self.assertEqual(found, {"layers": 2, "origin": "annotation", "name": "docker.io/library/base:1", "digest": base["digest"]})
        layout.index(named)
        found = self.json("analyze", "oci:" + self.path("layout"), "-o", "json")["image"]["base"]
        self.assertEqual((found["layers"], found["origin"], found["name"]), (1, "assumed", "docker.io/library/base:1"))
        self.assertIn(b"docker.io/library/base:1", self.fathom("analyze", "oci:" + self.path("layout")).stdout)


if __name__ == "__main__":
    unittest.main()
