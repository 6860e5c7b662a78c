"""The hook for pre-commit: run by pre-commit itself, in a repository of its own."""
import os
import shutil
import subprocess
import unittest

import packages
from journey import require
from packages import run


class Hook(packages.PackageTest):
    def setUp(self):
        super().setUp()
        require("pre-commit", "git")
        self.env = {"HOME": self.home, "PATH": packages.build_folder() + ":" + os.environ["PATH"],
                    "PRE_COMMIT_HOME": self.path("pre-commit"), "GIT_CONFIG_NOSYSTEM": "1",
                    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@localhost", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@localhost"}
        self.hooks = self.repository("hooks")
        for name in (".pre-commit-hooks.yaml", "packaging/pre-commit/check_images.sh"):
            os.makedirs(os.path.dirname(os.path.join(self.hooks, name)), exist_ok=True)
            shutil.copy(os.path.join(packages.SOURCE, name), os.path.join(self.hooks, name))
        self.git(self.hooks, "add", ".")
        self.git(self.hooks, "commit", "-q", "-m", "hooks")
        self.project = self.repository("project")

    def git(self, folder, *arguments):
        run("git", "-C", folder, *arguments, env=self.env)

    def repository(self, name):
        os.mkdir(self.path(name))
        self.git(self.path(name), "init", "-q")
        return self.path(name)

    def hook(self, code, **files):
        for name, source in files.items():
            shutil.copy(source, os.path.join(self.project, name.replace("_", ".")))
        self.git(self.project, "add", ".")
        result = subprocess.run(["pre-commit", "try-repo", self.hooks, "fathom-check", "--verbose"], cwd=self.project, env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stdout

    def rules(self, efficiency):
        self.write("project/.fathom.yaml", "rules:\n  lowestEfficiency: %s\n  highestUserWastedPercent: disabled\n" % efficiency)

    def test_checks_each_image(self):
        self.rules("0.5")
        out = self.hook(0, one_tar=self.image, two_tar=self.image)
        self.assertEqual(out.count("PASS: "), 2)

    def test_fails_when_an_image_fails(self):
        self.rules("0.99")
        out = self.hook(1, one_tar=self.image)
        self.assertIn("lowestEfficiency", out)
        self.assertIn("exit code: 1", out)

    def test_fails_when_an_image_cannot_be_read(self):
        self.rules("0.5")
        broken = self.write("broken", b"no image")
        self.assertIn("exit code: ", self.hook(1, one_tar=self.image, two_tar=broken))

    def test_leaves_other_files_alone(self):
        self.assertIn("no files to check", self.hook(0, readme_txt=self.image))


if __name__ == "__main__":
    unittest.main()
