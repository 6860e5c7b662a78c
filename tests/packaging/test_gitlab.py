"""The GitLab template: its script lines, run in the shells that GitLab's runners use."""
import functools
import http.server
import json
import os
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import packages
from journey import require


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Template(packages.PackageTest):
    def setUp(self):
        super().setUp()
        self.job = packages.read_yaml(os.path.join(packages.PACKAGING, "gitlab", "fathom.gitlab-ci.yml"))[".fathom"]

    def run_lines(self, *sections, shell="sh", code=0, path="", **variables):
        """The lines of sections of the job, in one shell, as a runner joins them."""
        known = {"CI_PROJECT_DIR": self.work, "HOME": self.home, "PATH": path + os.environ["PATH"]}
        for name, value in {**self.job["variables"], **variables}.items():
            known[name] = value.replace("$CI_PROJECT_DIR", self.work)
        lines = "\n".join(line for section in sections for line in self.job[section])
        result = subprocess.run([shell, "-e"], input=lines, env=known, cwd=self.work, text=True, timeout=120,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stdout

    def test_artifacts_are_the_reports_that_the_script_writes(self):
        script = " ".join(self.job["script"])
        reports = self.job["artifacts"]["reports"]
        self.assertIn("gitlab=" + reports["codequality"], script)
        self.assertIn("junit=" + reports["junit"], script)
        self.assertEqual(self.job["artifacts"]["when"], "always")

    def install(self, checksum, **how):
        handler = functools.partial(QuietFiles, directory=os.path.dirname(packages.tarball()))
        self.job["show"] = ["command -v fathom", "fathom version"]
        with packages.serving(handler) as url:
            return self.run_lines("before_script", "show", FATHOM_ARCHIVE=url + "/" + os.path.basename(packages.tarball()),
                                  FATHOM_ARCHIVE_SHA256=checksum, **how)

    def test_installs_the_archive(self):
        require("wget", "curl", "dash", "bash")
        with open(os.path.join(os.path.dirname(packages.tarball()), "SHA256SUMS")) as f:
            line = f.read().strip()
        version = packages.run(packages.journey.binary(), "version")
        for shell in ("dash", "bash"):
            for checksum in (line, line.split()[0]):
                self.assertTrue(self.install(checksum, shell=shell).endswith(version))

    def test_refuses_another_archive(self):
        self.install("0" * 64, code=2)
        self.install("", code=2)

    def test_takes_the_program_that_is_there(self):
        self.job["show"] = ["command -v fathom"]
        folder = packages.build_folder()
        self.assertEqual(self.run_lines("before_script", "show", path=folder + ":").strip(), os.path.join(folder, "fathom"))

    @unittest.skipUnless(packages.offers("check", "--report"), "the program writes one report only")
    def test_checks_and_leaves_reports(self):
        folder = packages.build_folder() + ":"
        shutil.copy(self.image, os.path.join(self.work, "image.tar"))
        for efficiency, code in (("0.5", 0), ("0.99", 1)):
            self.write("work/.fathom.yaml", "rules:\n  lowestEfficiency: %s\n  highestUserWastedPercent: disabled\n" % efficiency)
            self.run_lines("before_script", "script", path=folder, code=code)
            reports = self.job["artifacts"]["reports"]
            with open(os.path.join(self.work, reports["codequality"])) as f:
                self.assertEqual(len(json.load(f)) > 0, code == 1)
            junit = xml.etree.ElementTree.parse(os.path.join(self.work, reports["junit"]))
            self.assertEqual(len(junit.findall(".//failure")) > 0, code == 1)
            self.assertTrue(os.path.getsize(os.path.join(self.work, "fathom.md")))


if __name__ == "__main__":
    unittest.main()
