"""What bash, zsh and fish offer with the script that `fathom completion` prints."""
import os
import re
import subprocess
import unittest

import shells
from journey import Journey, environment, require

# The line, as readline cuts it into words, and what must be offered: exactly, or among others.
EXACTLY = [
    ("fathom an", {"analyze"}),
    ("fathom ch", {"check"}),
    ("fathom cache ", {"ls", "prune", "clear"}),
    ("fathom cache prune --c", {"--cache-size"}),
    ("fathom config loc", {"locations"}),
    ("fathom completion ", {"bash", "zsh", "fish"}),
    ("fathom analyze --color ", {"auto", "always", "never"}),
    ("fathom analyze --progress p", {"plain"}),
    ("fathom analyze -o d", {"dive-json"}),
    ("fathom analyze --plat", {"--platform"}),
    ("fathom analyze --limits-", {"--limits-scale"}),
    ("fathom tree --sort s", {"size"}),
    ("fathom tree im", {"image.tar"}),
    ("fathom im", {"image.tar"}),
    ("fathom image.tar --lowest", {"--lowestEfficiency"}),
    ("fathom --ci --js", {"--json"}),
    ("fathom analyze --output im", {"image.tar"}),
    ("fathom analyze image.tar --platform ", set()),
]
AMONG_OTHERS = [
    ("fathom ", {"analyze", "tree", "history", "check", "cache", "config", "completion", "version", "image.tar"}),
    ("fathom analyze --", {"--platform", "--format", "--output", "--color", "--no-cache", "--help"}),
    ("fathom tree --", {"--layer", "--changes", "--aggregate", "--from", "--sort"}),
]


class Completion(Journey):
    def setUp(self):
        super().setUp()
        self.write(os.path.join("work", "image.tar"), b"")
        os.mkdir(os.path.join(self.work, "layout"))

    def script(self, shell):
        return self.write("completion." + shell, self.fathom("completion", shell).stdout)

    def each(self, shell, ask):
        require(shell)
        script = self.script(shell)
        for line, wanted in EXACTLY:
            with self.subTest(line):
                self.assertEqual(ask(script, line), wanted)
        for line, wanted in AMONG_OTHERS:
            with self.subTest(line):
                self.assertLessEqual(wanted, ask(script, line))
        self.assertNotIn("man", ask(script, "fathom "), "what people need not know of")
        self.assertNotIn("show", ask(script, "fathom "))

    def test_bash(self):
        def ask(script, line):
            return shells.bash(script, line.split(" "), self.work, environment(self.home))
        self.each("bash", ask)
        script = self.script("bash")
        self.assertEqual(ask(script, "fathom analyze --color = n"), {"never"}, "readline cuts at the sign")
        self.assertEqual(ask(script, "fathom analyze --color ="), {"auto", "always", "never"})

    def test_zsh(self):
        def ask(script, line):
            return shells.zsh(script, line, self.work, environment(self.home))
        self.each("zsh", ask)
        self.assertEqual(ask(self.script("zsh"), "fathom analyze --color=n"), {"never"})

    def test_fish(self):
        def ask(script, line):
            return {word.rstrip("/") for word in shells.fish(script, line, self.work, environment(self.home))}
        self.each("fish", ask)
        self.assertEqual(ask(self.script("fish"), "fathom analyze --color=n"), {"--color=never"})

    def test_zsh_finds_the_function_by_its_name(self):
        """As packages install it: a file _fathom in $fpath."""
        require("zsh")
        self.fathom("completion", "zsh", "--output", self.path("_fathom"))
        run = subprocess.run(["zsh", "-f", "-c", "fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[fathom]", "zsh",
                              self.folder], stdout=subprocess.PIPE, env=environment(self.home), timeout=60)
        self.assertEqual(run.stdout, b"_fathom\n")

    def test_every_option_of_every_command(self):
        """No command or option is left out of a script."""
        program = self.fathom("--help").stdout.decode()
        commands = re.findall(r"(?m)^  (\S+) ", program.split("\nCommands:\n")[1].split("\n\n")[0])
        self.assertGreater(len(commands), 6)
        for shell, form in (("bash", "%s"), ("zsh", "%s"), ("fish", "-l %s")):
            script = self.fathom("completion", shell).stdout.decode()
            for command in commands:
                self.assertIn(command, script)
                for option in re.findall(r"(?m)^  +(?:-\w, )?--([\w-]+)", self.fathom(command, "--help-all").stdout.decode()):
                    with self.subTest(shell, command=command, option=option):
                        self.assertIn(form % option, script)

    def test_usage(self):
        self.fathom("completion", "tcsh", code=2)
        self.fathom("completion", code=2)


if __name__ == "__main__":
    unittest.main()
