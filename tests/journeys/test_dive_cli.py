"""dive's variables, files and flags, as `fathom IMAGE` obeys them; beside them test_check.py has the rules and the reports."""
import json
import os
import pty
import subprocess
import unittest

from journey import Journey, binary, environment
from small_images import docker_archive, wasteful

# Of the image `wasteful` dive says 2000 bytes wasted, all of the user's: its defaults fail, these rules pass.
LENIENT = "rules:\n  highest-user-wasted-percent: 1.0\n"
OLD_LENIENT = "rules:\n  highestUserWastedPercent: 1.0\n"


class DiveCli(Journey):
    def setUp(self):
        super().setUp()
        self.image = docker_archive(self.path("image.tar"), (["t:1"], wasteful()))

    def gate(self, code, *args, **env):
        return self.fathom("--ci", self.image, *args, env=env, code=code)

    def put(self, *names, text=LENIENT):
        path = self.path(*names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.write(os.path.join(*names), text)
        return path

    def test_variables_of_the_rules(self):
        self.gate(1)
        self.gate(0, DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="1.0")
        self.gate(1, DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="1.0", DIVE_RULES_HIGHEST_WASTED_BYTES="1999")
        self.gate(0, DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="disabled", DIVE_RULES_HIGHEST_WASTED_BYTES="2kB")
        self.gate(1, DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="disabled", DIVE_RULES_LOWEST_EFFICIENCY="0.99")
        self.gate(2, DIVE_RULES_LOWEST_EFFICIENCY="much")

    def test_other_variables(self):
        self.fathom(self.image, env={"DIVE_CI": "true"}, code=1)
        self.fathom(self.image, env={"DIVE_CI": "true", "DIVE_CI_CONFIG": self.put("elsewhere.yaml", text=OLD_LENIENT)})
        self.fathom(self.image, env={"DIVE_CONTAINER_ENGINE": "docker-archive"})
        self.fathom(self.image, env={"DIVE_IGNORE_ERRORS": "true"})
        target = self.path("dive.json")
        self.fathom(self.image, env={"DIVE_JSON_PATH": target})
        with open(target, encoding="utf-8") as f:
            self.assertEqual(json.load(f)["image"]["inefficientBytes"], 2000)

    def test_files_of_each_place(self):
        for names in (("work", ".dive.yaml"), ("work", ".dive", "config.yaml"), ("home", ".dive.yaml"), ("home", "config", "dive", "config.yaml"),
                      ("home", "config", "dive", "any.yml")):
            with self.subTest(names):
                path = self.put(*names)
                self.gate(0)
                os.remove(path)
                self.gate(1)
        self.put("xdg", "dive", "config.yaml")
        self.gate(0, XDG_CONFIG_DIRS=self.path("xdg"))
        self.gate(0, DIVE_CONFIG=self.put("mine.yaml"))
        self.gate(0, "--config", self.path("mine.yaml"))
        self.gate(0, "-c", self.path("mine.yaml"))
        self.gate(2, "-c", self.path("absent.yaml"))
        self.gate(2, DIVE_CONFIG=self.path("absent.yaml"))

    def test_old_spelling_and_the_explorers_keys(self):
        self.put("work", ".dive.yaml", text=OLD_LENIENT + "keybinding:\n  quit: ctrl+c\ndiff:\n  hide: []\nfiletree:\n  pane-width: 0.5\nlayer:\n"
                 "  show-aggregated-changes: false\nlog:\n  enabled: true\n  level: info\n")
        self.gate(0)

    def test_order(self):
        """Flag, variable, file, default."""
        strict = LENIENT.replace("1.0", "0.5")
        self.put("work", ".dive.yaml", text=strict)
        self.gate(1)
        self.gate(0, DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="1.0")
        self.gate(1, "--highestUserWastedPercent", "0.5", DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="1.0")
        self.put("home", ".dive.yaml", text=LENIENT)          # dive reads the first file only
        self.gate(1)

    def test_only_where_its_flags_are(self):
        """A file for dive that fathom cannot use disturbs no command that dive has not."""
        for text in ("container-engine: foo\n", "a: &b 1\nc: *b\n", "rules: [\n"):
            with self.subTest(text):
                self.put("work", ".dive.yaml", text=text)
                self.fathom("analyze", self.image)
        self.gate(2)
        os.remove(self.path("work", ".dive.yaml"))
        self.fathom("analyze", self.image, env={"DIVE_CONTAINER_ENGINE": "foo", "DIVE_CONFIG": self.path("absent.yaml")})
        self.gate(2, DIVE_CONTAINER_ENGINE="foo")

    def test_the_usual_rules_file_may_be_absent(self):
        self.gate(1, "--ci-config", ".dive-ci")
        self.gate(1, DIVE_CI_CONFIG=".dive-ci")
        self.put("work", ".dive.yaml", text="ci-config: .dive-ci\n" + LENIENT)
        self.gate(0)
        self.gate(2, "--ci-config", "other-ci")

    def test_rules_are_read_for_the_gate_only(self):
        self.fathom(self.image, "--lowestEfficiency", "much")
        self.gate(2, "--lowestEfficiency", "much")

    def test_a_file_that_cannot_be_written(self):
        for args in (("--json", self.path("no", "x.json"), self.image), ("check", self.image, "--report", "junit=" + self.path("no", "x.xml"))):
            with self.subTest(args):
                option = next(a for a in args if a.startswith("--"))
                self.assertIn(option.encode(), self.fathom(*args, code=2).stderr)

    def on_a_terminal(self, *args, **env):
        ours, theirs = pty.openpty()
        subprocess.run([binary(), *args], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL, check=True, cwd=self.work,
                       env=environment(self.home, TERM="xterm", **env))
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 4096):
                shown += block
        except OSError:                                      # the terminal is gone, all has been read
            pass
        os.close(ours)
        return shown

    def test_no_color(self):
        show = ("tree", self.image, "--changes", "--layer", "1")
        self.assertIn(b"\x1b[", self.on_a_terminal(*show, NO_COLOR=""))
        self.assertNotIn(b"\x1b[", self.on_a_terminal(*show, NO_COLOR="1"))
        self.assertNotIn(b"\x1b[", self.fathom(*show, env={"NO_COLOR": "", "TERM": "xterm"}).stdout)

    def test_rules_file_replaces_flags(self):
        self.put("work", ".dive-ci", text=OLD_LENIENT)
        self.gate(0, "--highestUserWastedPercent", "0.5")

    def test_a_rule_left_out_falls_back(self):
        """To flag, variable and configuration, then to the default."""
        self.put("work", ".dive-ci", text="rules:\n  highestWastedBytes: 1MB\n")
        self.gate(1)
        self.gate(0, "--highestUserWastedPercent", "1.0")
        self.gate(0, DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="1.0")
        self.put("work", ".dive.yaml")
        self.gate(0)

    def test_ratios_and_bytes_are_texts_too(self):
        self.put("work", ".dive-ci", text='rules:\n  lowestEfficiency: "0.9"\n  highestWastedBytes: "2 kB"\n  highestUserWastedPercent: "disabled"\n')
        self.gate(0)

    def test_quiet_and_verbose(self):
        quiet = self.fathom("--ci", "-q", self.image, code=1)
        self.assertEqual(quiet.stdout, b"")
        for flag in ("-v", "-vv", "-vvv"):                   # what they add is a line for each layer that takes long
            self.fathom(flag, self.image)

    def test_ignore_errors(self):
        for flag in ("-i", "--ignore-errors"):
            self.fathom(flag, self.image)

    def test_json_wins_over_the_gate(self):
        self.gate(0, "--json", self.path("x.json"))

    def test_version_and_help(self):
        self.assertRegex(self.fathom("version").stdout, rb"^fathom [0-9.]+\n$")
        for flag in ("--version", "-v"):
            self.assertRegex(self.fathom(flag).stdout, rb"^fathom [0-9.]+\n$")
        self.assertRegex(self.fathom("version", "-o", "text").stdout, rb"^fathom [0-9.]+\n$")
        self.assertIn("version", self.json("version", "-o", "json"))
        self.assertIn(b"Usage: fathom", self.fathom("-h").stdout)

    def test_sources(self):
        self.fathom("--source", "docker-archive", self.image)
        self.assertIn(b"docker, podman", self.fathom("--source", "dokcer", self.image, code=2).stderr)
        self.fathom("--source=podman", "docker-archive://" + self.image)     # a scheme wins
        self.fathom("--source", "docker-tar", self.image)


if __name__ == "__main__":
    unittest.main()
