"""A gate never passes an image that breaks its rules: not in disguise, not by an error, not by what cannot be written."""
import os
import resource
import signal
import subprocess
import tarfile
import unittest

from journey import Journey, binary, environment
from small_images import Image, directory, docker_archive, entry, file, hardlink, layer, opaque, symlink, wasteful, whiteout

FORMATS = ("table", "json", "junit", "sarif", "markdown", "gitlab", "dive", "dive-0.13")


class Disguised(Journey):
    """A forbidden file, however the layer spells it."""

    def assert_found(self, *layers, at="/etc/evil.conf", rule="forbiddenPaths=" + "/etc/evil.conf"):
        path = docker_archive(self.path("image.tar"), (["t:1"], Image(list(layers))))
        for form in FORMATS:
            self.fathom("check", path, "--rule", rule, "-o", form, "--no-cache", code=1)
        report = self.json("check", path, "--rule", rule, "-o", "json", code=1)
        self.assertFalse(report["passed"])
        self.assertIn(at, [f["path"] for r in report["rules"] for f in r["findings"]])

    def test_names(self):
        for name in ("etc/evil.conf", "/etc/evil.conf", "./etc/evil.conf", "//etc///evil.conf", "etc/./evil.conf", "x/../etc/evil.conf", "../../etc/evil.conf",
                     "etc/evil.conf/", "x/y/../../etc/../etc/evil.conf"):
            with self.subTest(name):
                self.assert_found(layer(file(name, b"x")))

    def test_kinds(self):
        for kind in (symlink("etc/evil.conf", "/dev/null"), entry("etc/evil.conf", tarfile.FIFOTYPE), entry("etc/evil.conf", tarfile.CHRTYPE),
                     file("etc/evil.conf/below", b"x"), entry("etc/evil.conf", b"7", b"x"), entry("etc/evil.conf", b"\0", b"x")):
            with self.subTest(kind[0].type):
                info = kind[0]
                info.devmajor, info.devminor = 1, 3
                self.assert_found(layer(kind), at="/etc/evil.conf/below" if info.name.endswith("below") else "/etc/evil.conf",
                                  rule="forbiddenPaths=/etc/evil.conf" + ("/**" if info.name.endswith("below") else ""))

    def test_ways(self):
        for name, layers in {
                "through a link": [layer(directory("etc"), symlink("e", "etc"), file("e/evil.conf", b"x"))],
                "through a link of a lower layer": [layer(directory("etc"), symlink("e", "/etc")), layer(file("e/evil.conf", b"x"))],
                "as a hard link": [layer(file("a", b"x"), hardlink("etc/evil.conf", "a"))],
                "twice, the second harmless": [layer(file("etc/evil.conf", b"bad"), file("etc/evil.conf", b""))],
                "with a whiteout beside it": [layer(file("etc/evil.conf", b"x"), whiteout("etc/evil.conf"))],
                "in an opaque directory": [layer(directory("etc"), file("etc/evil.conf", b"x"), opaque("etc"))],
                "removed and back": [layer(file("etc/evil.conf", b"x")), layer(whiteout("etc/evil.conf")), layer(file("etc/evil.conf", b"y"))],
                "behind a long name": [layer(*[file("n" * 300 + str(k), b"") for k in range(3)], file("etc/evil.conf", b"x"), form=tarfile.PAX_FORMAT)]}.items():
            with self.subTest(name):
                self.assert_found(*layers)

    def test_secrets_in_layers_that_are_gone(self):
        secret = file("root/.ssh/id_rsa", b"-----BEGIN OPENSSH PRIVATE KEY-----\n")
        for name, later in (("removed", whiteout("root/.ssh/id_rsa")), ("its folder removed", whiteout("root")), ("hidden", opaque("root")),
                            ("replaced", file("root/.ssh/id_rsa", b"")), ("under a file", file("root", b""))):
            with self.subTest(name):
                self.assert_found(layer(secret), layer(later), at="/root/.ssh/id_rsa", rule="forbiddenSecretPaths=true")


class NeverByAccident(Journey):
    """Every way in which a gate cannot run, or cannot say what it found, is no success."""

    def setUp(self):
        super().setUp()
        self.broken = docker_archive(self.path("broken.tar"), (["t:1"], wasteful()))
        self.write("work/.fathom.yaml", "rules:\n  highestWastedBytes: 1\n")

    def test_exit_codes(self):
        self.fathom("check", self.broken, code=1)
        self.fathom("check", self.path("absent.tar"), code=3)
        self.fathom("check", self.write("words.tar", b"words"), code=(3, 5))
        self.fathom("check", self.write("empty.tar", b""), code=(3, 5))
        self.fathom("check", self.broken, "--max-layers", "1", code=6)
        self.fathom("check", self.broken, "--platform", "plan9/mips", code=3)
        self.fathom("check", self.broken, "--base", self.path("absent.tar"), code=3)
        self.fathom("check", "docker://nothing:1", code=4)
        self.fathom("check", code=2)
        self.fathom("check", self.broken, "--no-such-option", code=2)
        with open(self.broken, "rb") as f:
            data = f.read()
        for end in range(0, len(data) - 10240, 1500):
            self.fathom("check", "-", stdin=data[:end], code=(1, 3, 5))

    def test_rules_that_cannot_be_read(self):
        """Rules that are there but cannot be had are no reason to take the usual ones."""
        path = os.path.join(self.work, ".fathom.yaml")
        for text in (b"rules: [", b"rules: {highestWastedByte: 1}", b"rules: {highestWastedBytes: }x", b"rules.highestWastedBytes: 1", b"rules: {highestWastedBytes: 9MB}\nrules.highestWastedBytes: 1", b"rules: {highestWastedBytes: much}", b"rules: \xff\xfe", b"rules: 1", b"- rules",
                     b"rules: {lowestEfficiency: nan}", b"rules: {lowestEfficiency: -1}", b"rules: {highestWastedBytes: 99999999999999999999999}"):
            with open(path, "wb") as f:
                f.write(text)
            with self.subTest(text):
                self.fathom("check", self.broken, code=2)
        os.remove(path)
        os.mkdir(path)
        self.fathom("check", self.broken, code=2)
        os.rmdir(path)
        os.symlink("nowhere.yaml", path)
        self.fathom("check", self.broken, code=2)
        os.remove(path)
        os.symlink(".fathom.yaml", path)
        self.fathom("check", self.broken, code=2)

    def test_reports_that_cannot_be_written(self):
        for form in FORMATS:
            for redirect in (">/dev/full", ">&-", ">&- 2>&-"):
                done = subprocess.run(["sh", "-c", '"$0" check "$1" -o "$2" ' + redirect, binary(), self.broken, form], cwd=self.work, env=environment(self.home),
                                      stderr=subprocess.DEVNULL)
                self.assertNotEqual(done.returncode, 0, (form, redirect))

    def test_no_resources(self):
        """Little memory, no files to open, no room to write: whatever comes of it, no success."""
        for name, value in (("RLIMIT_AS", 30 << 20), ("RLIMIT_AS", 60 << 20), ("RLIMIT_NOFILE", 4), ("RLIMIT_FSIZE", 0), ("RLIMIT_NPROC", 1)):
            def limited(what=getattr(resource, name), most=value):
                resource.setrlimit(what, (most, most))
            done = subprocess.run([binary(), "check", self.broken, "--output", self.path("out")], cwd=self.work, env=environment(self.home), preexec_fn=limited,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.assertNotEqual(done.returncode, 0, (name, value))

    def test_signals(self):
        reader, writer = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            running = subprocess.Popen([binary(), "check", "-"], stdin=reader, cwd=self.work, env=environment(self.home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with self.assertRaises(subprocess.TimeoutExpired):
                running.wait(0.3)
            running.send_signal(number)
            self.assertNotEqual(running.wait(20), 0, number)
        os.close(writer)
        os.close(reader)

    def test_every_rule_and_every_way_to_give_it(self):
        os.remove(os.path.join(self.work, ".fathom.yaml"))
        setuid = docker_archive(self.path("setuid.tar"), (["t:1"], Image([layer(entry("su", content=b"x" * 9, mode=0o4755), file("root/.netrc", b"x")), layer(file("su", b"y" * 9)), layer(file("su", b"z" * 9))])))
        rules = {"lowestEfficiency": "0.99", "highestWastedBytes": "1", "highestUserWastedPercent": "0.01", "highestImageBytes": "1", "highestLayerBytes": "1", "highestLayerCount": "1",
                 "highestFileCount": "1", "forbiddenPaths": "/su", "forbiddenSecretPaths": "true"}
        listed = {r["name"] for r in self.json("check", setuid, *[o for k, v in rules.items() for o in ("--rule", "%s=%s" % (k, v))], "--rule", "allowedSetuidPaths=/bin/su",
                                               "-o", "json", code=1)["rules"] if r["status"] == "fail"}
        self.assertEqual(listed, set(rules), "each rule fails by itself")
        for name, value in rules.items():
            with self.subTest(name):
                self.fathom("check", setuid, "--rule", "%s=%s" % (name, value), code=1)
                for text in ("rules:\n  %s: %s\n", "rules: {\"%s\": %s}\n"):
                    if name == "forbiddenPaths":
                        value = "['/su']"
                    self.fathom("check", setuid, "--config", self.write("rules.yaml", text % (name, value)), code=1)
        for name in ("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent"):
            self.fathom("--ci", "--" + name, rules[name], setuid, code=1)
            self.fathom(setuid, "--" + name, rules[name], env={"CI": "true"}, code=1)
            self.write("work/.dive-ci", "rules:\n  %s: %s\n" % (name, rules[name]))
            self.fathom("--ci", setuid, code=1)
            self.fathom("check", setuid, code=1)
            os.remove(self.path("work", ".dive-ci"))


if __name__ == "__main__":
    unittest.main()
