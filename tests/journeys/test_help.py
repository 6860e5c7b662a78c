"""Help and manual pages of every command: made of its definition, whole, and in a form that man reads without a complaint."""
import os
import re
import shlex
import subprocess
import unittest

from journey import Journey, require

OPTION = re.compile(r"(?m)^ {2,6}(?:-\w, )?(--[\w-]+)")


class Help(Journey):
    def setUp(self):
        super().setUp()
        self.pages = self.path("man")
        self.fathom("man", "--directory", self.pages)
        self.commands = [self.words(name) for name in sorted(os.listdir(self.pages))]

    @staticmethod
    def words(page):
        """`fathom-cache-ls.1` is the page of `fathom cache ls`."""
        return page.removesuffix(".1").split("-")[1:]

    def help(self, *words):
        return self.fathom(*words).stdout.decode()

    def test_every_command_has_a_page(self):
        listed = re.search(r"(?s)\nCommands:\n(.*?)\n\n", self.help("--help"))[1]
        names = [line.split()[0] for line in listed.splitlines()]
        self.assertGreater(len(names), 10)
        self.assertEqual(sorted(names), sorted(c[0] for c in self.commands if len(c) == 1))
        self.assertIn(["cache", "ls"], self.commands)
        self.assertIn([], self.commands)

    def test_usage_and_examples(self):
        """One screen says how it is written and shows it."""
        for words in self.commands:
            with self.subTest(words):
                text = self.help(*words, "--help")
                usage = re.search(r"(?m)^Usage: (.*)", text)[1]
                self.assertTrue(usage.startswith(" ".join(["fathom", *words])), usage)
                examples = re.findall(r"(?m)^(?:Example:)? *(fathom .*)", text.split("Example", 1)[1])
                self.assertTrue(examples)
                for example in examples:
                    self.assertTrue(not words or example.startswith(" ".join(["fathom", *words])), example)

    def test_examples_are_accepted(self):
        """What an example says is understood: it may find no image, but no mistake in the words."""
        for words in self.commands:
            for example in re.findall(r"(?m)^(?:Example:)? *fathom (.*)", self.help(*words, "--help").split("Example", 1)[1]):
                with self.subTest(example):
                    arguments = shlex.split(example.split(" > ")[0].split(" | ")[0])
                    if words == ["build"]:
                        continue  # every word is the engine's
                    said = self.fathom(*arguments, code=(0, 1, 2, 3, 4)).stderr.decode()
                    self.assertNotRegex(said, r"--help|no such option|not expected|did you mean")

    def test_help_of_a_command_is_its_help(self):
        for words in self.commands:
            with self.subTest(words):
                self.assertEqual(self.help("help", *words), self.help(*words, "--help"))
        said = self.fathom("help", "analyse", code=2).stderr
        self.assertIn(b"'analyze'", said)

    def test_pages(self):
        """man finds nothing to complain about, and the page has each option of the help."""
        require("man")
        for words in self.commands:
            name = "-".join(["fathom", *words])
            with self.subTest(name):
                path = os.path.join(self.pages, name + ".1")
                shown = subprocess.run(["man", "--warnings", "-l", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True,
                                       env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100", "MAN_KEEP_FORMATTING": "", "PAGER": "cat"})
                self.assertEqual(shown.stderr, b"")
                text = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", shown.stdout.decode())
                options = OPTION.findall(self.help(*words, "--help-all") if words else self.help("--help"))
                self.assertTrue(options)
                for option in options:
                    self.assertRegex(text, re.escape(option) + r"(?![\w-])")
                for section in ("NAME", "SYNOPSIS", "OPTIONS", "EXAMPLES", "EXIT STATUS"):
                    self.assertRegex(text, r"(?m)^%s$" % section)
                with open(path, encoding="utf-8") as page:
                    self.assertEqual(self.fathom("man", *words).stdout.decode(), page.read())

    def test_a_command_that_is_not(self):
        said = self.fathom("man", "analyse", code=2).stderr
        self.assertIn(b"'analyse'", said)


if __name__ == "__main__":
    unittest.main()
