"""cmake --install: what it puts where, and that it runs from there."""
import os
import unittest

import packages
from packages import run


class Install(packages.PackageTest):
    def install(self, *options, **env):
        run("cmake", "--install", packages.build_folder(), *options, env={**os.environ, **env})

    def test_strips_into_a_staging_folder(self):
        stage = self.path("stage")
        self.install("--strip", "--prefix", "/usr", DESTDIR=stage)
        prefix = os.path.join(stage, "usr")
        self.assert_files(packages.files_below(prefix), "install")
        program = os.path.join(prefix, "bin", "fathom")
        self.assertNotIn(" .debug_info", run("readelf", "--sections", "--wide", program))
        self.assertNotIn(" .symtab", run("readelf", "--sections", "--wide", program))
        self.assert_analyzes(program)
        print("stripped program: %d bytes" % os.path.getsize(program))

    def test_names_no_folder_of_the_build(self):
        self.install("--strip", "--prefix", self.path("prefix"))
        with open(self.path("prefix", "bin", "fathom"), "rb") as f:
            self.assertNotIn(packages.SOURCE.encode(), f.read())

    def test_unstripped_has_lines_for_debuggers(self):
        self.install("--prefix", self.path("prefix"))
        self.assertIn(" .debug_line", run("readelf", "--sections", "--wide", self.path("prefix", "bin", "fathom")))


if __name__ == "__main__":
    unittest.main()
