"""The deb: Debian's own tools accept it, and what it holds runs with Debian's libraries."""
import os
import unittest

import packages
from journey import require
from packages import run


class Deb(packages.PackageTest):
    def setUp(self):
        super().setUp()
        require("cpack", "dpkg-deb", "dpkg-shlibdeps", "lintian")
        self.deb = packages.package("DEB")

    def root(self):
        """An empty system that dpkg can install into."""
        database = self.path("root", "var", "lib", "dpkg")
        for name in ("info", "updates"):
            os.makedirs(os.path.join(database, name))
        open(os.path.join(database, "status"), "w").close()
        return self.path("root")

    def field(self, name):
        return run("dpkg-deb", "--field", self.deb, name).strip()

    def test_says_what_it_is(self):
        self.assertEqual(self.field("Package"), "fathom")
        self.assertEqual(self.field("Architecture"), packages.ARCH)
        self.assertEqual(self.field("Section"), "utils")
        self.assertRegex(self.field("Maintainer"), r"^.+ <.+@.+>$")
        self.assertIn("container images", self.field("Description"))
        version = run(packages.journey.binary(), "version").split()[1]
        self.assertEqual(self.field("Version"), version + "-1")

    def test_depends_on_the_libraries_it_is_linked_with(self):
        depends = self.field("Depends")
        for package in ("libc6", "libstdc++6", "libssl3", "libzstd1", "libisal2", "libyaml-cpp0.7"):
            self.assertIn(package + " (>=", depends)

    def test_lintian_finds_no_error(self):
        run("lintian", "--allow-root", "--fail-on", "error", self.deb)

    def test_same_build_gives_same_bytes(self):
        again = packages.make_package("DEB", self.path("again"))
        with open(self.deb, "rb") as one, open(again, "rb") as other:
            self.assertTrue(one.read() == other.read(), "two debs of one build differ")

    @unittest.skipUnless(os.geteuid() == 0, "only root may run dpkg")
    def test_this_system_has_what_it_depends_on(self):
        run("dpkg", "--simulate", "--install", self.deb)

    @unittest.skipUnless(os.geteuid() == 0, "only root may run dpkg")
    def test_installs_runs_and_goes(self):
        root = self.root()
        dpkg = ("dpkg", "--root", root, "--force-depends", "--log", self.path("log"))
        run(*dpkg, "--install", self.deb)
        self.assert_files(packages.files_below(os.path.join(root, "usr")), "deb")
        self.assert_analyzes(os.path.join(root, "usr", "bin", "fathom"))
        run(*dpkg, "--verify", "fathom")
        run(*dpkg, "--purge", "fathom")
        self.assertFalse(os.path.exists(os.path.join(root, "usr")))


if __name__ == "__main__":
    unittest.main()
