"""The relocatable tarball: the same bytes again, and it runs wherever it is put."""
import filecmp
import os
import re
import shutil
import subprocess
import unittest

import packages
from journey import require
from packages import run


class Tarball(packages.PackageTest):
    def setUp(self):
        super().setUp()
        require("strings", "readelf", "ldd", "strip")
        self.tarball = packages.tarball()

    def unpack(self, *names):
        """The prefix, unpacked in a folder."""
        folder = self.path(*names)
        os.makedirs(folder)
        run("tar", "-x", "-f", self.tarball, "-C", folder)
        prefix, = os.listdir(folder)
        return os.path.join(folder, prefix)

    def test_name_and_checksum(self):
        version = run(packages.journey.binary(), "version").split()[1]
        self.assertEqual(os.path.basename(self.tarball), "fathom-%s-linux-%s.tar.gz" % (version, packages.ARCH))
        run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=os.path.dirname(self.tarball))
        print("tarball: %d bytes" % os.path.getsize(self.tarball))

    def test_same_source_gives_same_bytes(self):
        again = packages.make_tarball(self.path("again"))
        self.assertTrue(filecmp.cmp(self.tarball, again, shallow=False), "two tarballs of one build differ")
        other = packages.make_tarball(self.path("other"), epoch="1700000001")
        self.assertFalse(filecmp.cmp(self.tarball, other, shallow=False))

    def test_ships_what_its_list_names(self):
        prefix = self.unpack("unpacked")
        self.assert_files(packages.files_below(prefix), "relocatable")
        for where, folders, files in os.walk(prefix):
            for name in folders + files:
                mode = os.stat(os.path.join(where, name)).st_mode & 0o7777
                self.assertIn(mode, (0o755, 0o644), name)

    def test_runs_without_environment_and_after_a_move(self):
        prefix = self.unpack("a folder with spaces")
        self.assert_analyzes(os.path.join(prefix, "bin", "fathom"), env={})
        moved = self.path("moved")
        os.rename(prefix, moved)
        self.assert_analyzes(os.path.join(moved, "bin", "fathom"), env={})

    def test_runs_through_links_and_from_path(self):
        prefix = self.unpack("unpacked")
        os.symlink(os.path.join(prefix, "bin", "fathom"), self.path("one"))
        os.symlink("one", self.path("fathom"))
        self.assert_analyzes(self.path("fathom"))
        self.assert_analyzes("env", "PATH=" + self.folder, "fathom")

    def test_passes_on_arguments_input_and_exit_codes(self):
        program = os.path.join(self.unpack("unpacked"), "bin", "fathom")
        with open(self.image, "rb") as image:
            self.assert_analyzes(program, image="-", stdin=image)
        run(program, "analyze", "no such image", code=3, env={"HOME": self.home})
        run(program, "analyze", "--no-such-option", code=2, env={"HOME": self.home})

    def test_says_when_the_rest_of_it_is_gone(self):
        prefix = self.unpack("unpacked")
        shutil.rmtree(os.path.join(prefix, "lib"))
        result = subprocess.run([os.path.join(prefix, "bin", "fathom"), "version"], capture_output=True)
        self.assertEqual(result.returncode, 127)
        self.assertIn(b"unpack the archive anew", result.stderr)

    def test_brings_every_library_it_needs_and_no_other(self):
        libraries = os.path.join(self.unpack("unpacked"), "lib", "fathom")
        shipped = set(os.listdir(libraries)) - {"fathom", "loader"}
        program = os.path.join(libraries, "fathom")
        text = run("strings", "-a", program)
        needed = set(re.findall(r"^lib[\w+.-]+\.so(?:\.\d+)+$", text, re.M))
        for name in sorted(shipped):
            dynamic = run("readelf", "--dynamic", "--wide", os.path.join(libraries, name))
            needed |= set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))
        loader = os.path.basename(re.search(r"interpreter: (.+)\]", run("readelf", "--program-headers", program))[1])
        self.assertEqual(shipped, needed - {loader})

    @unittest.skipUnless(os.geteuid() == 0, "only root may change its root")
    def test_runs_where_there_is_nothing_else(self):
        prefix = self.unpack("unpacked")
        os.link(self.image, os.path.join(prefix, "image.tar"))
        self.assert_analyzes(shutil.which("chroot"), prefix, "/bin/fathom", image="/image.tar", env={})


if __name__ == "__main__":
    unittest.main()
