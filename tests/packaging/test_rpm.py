"""The rpm: installs into a system that has nothing, not even a C library, and runs there."""
import os
import shutil
import unittest

import packages
from journey import require
from packages import run


class Rpm(packages.PackageTest):
    def setUp(self):
        super().setUp()
        require("cpack", "rpm", "rpmbuild", "readelf")
        self.rpm = packages.package("RPM")

    def query(self, *options):
        return run("rpm", "-qp", *options, self.rpm)

    def test_says_what_it_is(self):
        version = run(packages.journey.binary(), "version").split()[1]
        form = "%{NAME} %{VERSION} %{LICENSE} %{SUMMARY}"
        self.assertEqual(self.query("--qf", form), "fathom %s Apache-2.0 tells what is inside container images" % version)
        self.assertIn("without a container engine", self.query("--qf", "%{DESCRIPTION}"))

    def test_requires_nothing_and_provides_itself_only(self):
        needed = [line for line in self.query("--requires").splitlines() if not line.startswith("rpmlib(")]
        self.assertEqual(needed, [])
        self.assertTrue(all(line.startswith("fathom") for line in self.query("--provides").splitlines()))

    def test_names_no_folder_of_other_packages(self):
        folders = {os.path.dirname(name) for name in self.query("--list").split()}
        listed = set(self.query("--list").split())
        self.assertEqual({f for f in listed & folders if "fathom" not in f}, set())

    @unittest.skipUnless(os.geteuid() == 0, "only root may change its root")
    def test_installs_runs_and_goes(self):
        root = self.path("root")
        os.mkdir(root)
        rpm = ("rpm", "--root", root)
        run(*rpm, "--initdb")
        run(*rpm, "--install", self.rpm)
        self.assert_files(packages.files_below(os.path.join(root, "usr")), "relocatable")
        run(*rpm, "--verify", "fathom")
        os.link(self.image, os.path.join(root, "image.tar"))
        self.assert_analyzes(shutil.which("chroot"), root, "/usr/bin/fathom", image="/image.tar")
        run(*rpm, "--erase", "fathom")
        self.assertFalse(os.path.exists(os.path.join(root, "usr", "bin", "fathom")))
        self.assertFalse(os.path.exists(os.path.join(root, "usr", "lib", "fathom")))


if __name__ == "__main__":
    unittest.main()
