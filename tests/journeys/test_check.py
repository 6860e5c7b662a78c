"""The gate: dive's rules in dive's grammar, the same rules on the exact numbers, and dive's own command line."""
import json
import os
import unittest

from journey import Journey
from small_images import Image, docker_archive, file, layer, wasteful

# Of the image `wasteful`: classic wastes 2000 bytes, all of the 2000 user bytes; exact wastes 1000, half of them.
RULES = ("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent")
PASS_CLASSIC = ("0.9", "2000", "1.0")
PASS_EXACT = ("0.9", "1000", "0.5")


def rules(*values):
    return "rules:\n" + "".join("  %s: %s\n" % (name, value) for name, value in zip(RULES, values) if value is not None)


class Gate(Journey):
    def setUp(self):
        super().setUp()
        self.image = docker_archive(self.path("image.tar"), (["t:1"], wasteful()))

    def config(self, name, text):
        for old in (".dive-ci", ".fathom.yaml"):
            if os.path.exists(os.path.join(self.work, old)):
                os.remove(os.path.join(self.work, old))
        return self.write(os.path.join("work", name), text)

    def verdicts(self, name, cases):
        for code, values in cases:
            with self.subTest(name, rules=values):
                self.config(name, rules(*values))
                self.fathom("check", self.image, code=code)


class Check(Gate):
    def test_dive_rules(self):
        self.verdicts(".dive-ci", [
            (0, PASS_CLASSIC), (1, ("0.92", "2000", "1.0")), (1, ("0.9", "1999", "1.0")), (1, ("0.9", "2000", "0.99")),
            (0, ("0.9", "2kB", "1")), (0, ("0.9", "2KB", "1")), (0, ("0.9", "2 kib", "1")), (1, ("0.9", "1.9kB", "1")), (1, ("0.9", "1KiB", "1")),
            (0, ('"0.9"', '"2000B"', '"1.0"')), (0, ("0", "20Mb", "1"))])

    def test_exact_rules(self):
        self.verdicts(".fathom.yaml", [
            (0, PASS_EXACT), (1, ("0.92", "1000", "0.5")), (1, ("0.9", "999", "0.5")), (1, ("0.9", "1000", "0.49")),
            (0, ("0.9", "1kB", "0.5")), (1, ("0.9", "0.9kB", "0.5"))])

    def test_words_that_skip(self):
        for word in ("disabled", "off", "false", '""', "DISABLED", "Off", '" false "'):
            for name in (".dive-ci", ".fathom.yaml"):
                self.verdicts(name, [(0, (word, word, word)), (0, (word, "2000", word)), (1, ("0.99", word, word)), (1, (word, word, "0.1"))])

    def test_misconfigured(self):
        for name in (".dive-ci", ".fathom.yaml"):
            self.verdicts(name, [(2, values) for values in (
                ("1.1", "2000", "1"), ("-0.1", "2000", "1"), ("much", "2000", "1"), ("nan", "2000", "1"), ("0.9", "lots", "1"), ("0.9", "-1", "1"),
                ("0.9", "1e3", "1"), ("0.9", "2000", "1.1"), ("0.9", "2000", "-0.1"), ("0.9", "2000", "text"), ("0.9", "[1, 2]", "1"))])

    def test_not_yaml(self):
        for text in ("rules: [", "rules:\n\t- x: {", "just words", "rules: 7\n"):
            for name in (".dive-ci", ".fathom.yaml"):
                with self.subTest(name, text=text):
                    self.config(name, text)
                    result = self.fathom("check", self.image, code=2)
                    self.assertIn(name.encode(), result.stderr)

    def test_ci_config(self):
        elsewhere = self.write("rules.yaml", rules("0.99", "disabled", "disabled"))
        self.fathom("check", self.image, "--ci-config", elsewhere, code=1)
        self.fathom("check", self.image, "--ci-config", self.path("absent.yaml"), code=2)

    def test_json(self):
        for values, passed, states in ((PASS_CLASSIC, True, ["pass"] * 3), (("0.99", "off", "1"), False, ["fail", "skip", "pass"])):
            self.config(".dive-ci", rules(*values))
            report = self.json("check", self.image, "-o", "json", code=0 if passed else 1)
            self.assertEqual(report["schema"], "fathom/check/v1")
            self.assertIs(report["passed"], passed)
            self.assertEqual({r["name"]: r["status"] for r in report["rules"]}, dict(zip(RULES, states)))

    def test_a_gate_that_could_not_run(self):
        self.config(".dive-ci", rules("disabled", "disabled", "disabled"))
        self.fathom("check", self.path("absent.tar"), code=3)
        self.fathom("check", self.write("not-an-image.tar", b"words"), code=(3, 5))
        self.fathom("check", self.image, "--max-layers", "1", code=6)

    def test_what_the_reader_learns(self):
        self.config(".dive-ci", rules("0.99", "off", "1"))
        said = self.fathom("check", self.image, code=1).stdout.decode()
        for words in (*RULES, "/app/data", "FAIL", "PASS", "SKIP"):
            self.assertIn(words, said)

    def test_one_layer(self):
        """Where dive divides by nothing."""
        single = docker_archive(self.path("single.tar"), (["t:1"], Image([layer(file("a", b"1"))])))
        for name in (".dive-ci", ".fathom.yaml"):
            self.config(name, rules("1", "0", "0"))
            self.fathom("check", single)


class Dive(Gate):
    """`alias dive=fathom` in a pipeline with a saved image."""

    def test_ci(self):
        self.fathom("--ci", self.image, code=1)                          # dive's defaults allow a tenth of the user bytes
        self.fathom(self.image, "--ci", code=1)
        self.fathom("--ci", "--highestUserWastedPercent", "1.0", self.image)
        self.fathom("--ci", "--highestUserWastedPercent=1.0", self.image)
        self.fathom("--ci", "--highestUserWastedPercent", "disabled", self.image)
        self.fathom("--ci", "--highestUserWastedPercent", "off", "--lowestEfficiency", "0.99", self.image, code=1)
        self.fathom("--ci", "--highestUserWastedPercent", "off", "--highestWastedBytes", "1999", self.image, code=1)
        self.fathom("--ci", "--highestUserWastedPercent", "off", "--highestWastedBytes", "2kB", self.image)
        self.fathom("--ci", "--lowestEfficiency", "7", self.image, code=2)

    def test_environment(self):
        for word in ("true", "1", "yes"):
            self.fathom("docker-archive://" + self.image, env={"CI": word}, code=1)
        for word in ("false", "0", ""):
            self.fathom("docker-archive://" + self.image, env={"CI": word})
        self.fathom("analyze", self.image, env={"CI": "true"})
        self.fathom("history", self.image, env={"CI": "true"})
        self.fathom("docker-tar://" + self.image, env={"CI": "true"}, code=1)
        self.fathom("--source", "docker-archive", self.image, env={"CI": "true"}, code=1)
        silent = self.fathom("--source", "docker", "alpine", env={"DOCKER_HOST": "unix:///nonexistent"}, code=4)
        self.assertIn(b"DOCKER_HOST", silent.stderr)

    def test_rules_from_a_file(self):
        self.config(".dive-ci", rules(*PASS_CLASSIC))
        self.fathom("--ci", self.image)
        elsewhere = self.write("rules.yaml", rules("0.99", "2000", "1.0"))
        self.fathom("--ci", "--ci-config", elsewhere, self.image, code=1)
        self.fathom("--ci", "--ci-config", self.path("absent.yaml"), self.image, code=2)
        self.config(".dive-ci", "rules: [")
        self.fathom("--ci", self.image, code=2)

    def test_report(self):
        said = self.fathom("--ci", "--highestUserWastedPercent", "0.1", self.image, code=1).stdout.decode()
        for words in ("efficiency", "FAIL", "PASS", "SKIP", "highestUserWastedPercent", "/app/data"):
            self.assertIn(words, said)

    def test_json_file(self):
        wanted = self.fathom("analyze", self.image, "-o", "dive-json").stdout
        for flag in ("--json", "-j"):
            target = self.write("out.json", b"x" * 100000)               # longer than what replaces it
            self.fathom(flag, target, self.image)
            with open(target, "rb") as f:
                content = f.read()
            self.assertEqual(json.loads(content), json.loads(wanted))
            self.assertEqual(content.rstrip(), wanted.rstrip())
        self.fathom("--json", self.path("no", "folder", "x.json"), self.image, code=2)


if __name__ == "__main__":
    unittest.main()
