"""Where an image may come from beside archives and layouts: root file systems, and what each builder writes."""
import gzip
import json
import os
import socket
import subprocess
import tarfile
import unittest

from journey import Journey, require
from small_images import (Image, archive, compressed, directory, docker_members, file, folder_members, hardlink, layer,
                          oci_layout, sha256, symlink, whiteout)


def gnu_tar(folder, *args):
    require("tar")
    return subprocess.run(["tar", "-C", folder, "--sort=name", "--numeric-owner", "-c", *args, "."], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


class Rootfs(Journey):
    """A root file system with a bit of everything that a test may make."""

    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        for name in ("dev", "etc/empty", "usr/bin", "var/" + "long" * 40):
            os.makedirs(os.path.join(self.root, name))
        self.put("etc/passwd", b"root:x:0:0::/root:/bin/sh\n")
        self.put("etc/caf\udce9", b"not UTF-8")
        self.put("usr/bin/tool", b"#!/bin/sh\n" + b"x" * 70000)
        self.put("usr/bin/none", b"")
        self.put("var/" + "long" * 40 + "/file", b"deep")
        os.chmod(os.path.join(self.root, "usr/bin/tool"), 0o4755)
        os.link(os.path.join(self.root, "usr/bin/tool"), os.path.join(self.root, "usr/bin/again"))
        os.symlink("usr/bin", os.path.join(self.root, "bin"))
        os.symlink("/etc/passwd", os.path.join(self.root, "etc/out"))
        os.symlink("t" * 150, os.path.join(self.root, "etc/far"))
        os.mkfifo(os.path.join(self.root, "dev/fifo"))
        with open(os.path.join(self.root, "var/sparse"), "wb") as f:
            f.truncate(300000)
            f.seek(200000)
            f.write(b"in the middle")
        if os.geteuid() == 0:
            os.mknod(os.path.join(self.root, "dev/null"), 0o20666, os.makedev(1, 3))
            os.chown(os.path.join(self.root, "etc/passwd"), 3000000, 12)
            os.setxattr(os.path.join(self.root, "usr/bin/none"), "trusted.note", b"\0\xff")
        for where, folders, names in os.walk(self.root):
            for name in folders + names:
                os.utime(os.path.join(where, name), ns=(10 ** 18, 1700000000 * 10 ** 9 + len(name)), follow_symlinks=False)

    def put(self, name, content):
        with open(os.path.join(self.root, name), "wb") as f:
            f.write(content)

    def file_bytes(self):
        """Bytes of regular files, each inode once."""
        sizes = {}
        for where, _, names in os.walk(self.root):
            for name in names:
                facts = os.lstat(os.path.join(where, name))
                if os.path.isfile(os.path.join(where, name)) and not os.path.islink(os.path.join(where, name)):
                    sizes[facts.st_ino] = facts.st_size
        return sum(sizes.values())

    def tree(self, *args, **how):
        return self.json("tree", "-o", "json", "--no-cache", *args, **how)["nodes"]

    def test_a_directory_and_its_tar_hold_the_same(self):
        tar = self.write("root.tar", gnu_tar(self.root, "--xattrs", "--xattrs-include=*", "--format=pax"))
        wanted = self.tree(tar)
        self.assertGreater(len(wanted), 15)
        for form in ("", "dir:", "dir://", "rootfs:"):
            with self.subTest(form):
                self.assertEqual(self.tree(form + self.root), wanted)

    def test_numbers(self):
        bytes_of_files = self.file_bytes()
        for path in (self.root, self.write("root.tar", gnu_tar(self.root))):
            analysis = self.json("analyze", path, "-o", "json")
            image, one = analysis["image"], analysis["layers"]
            self.assertEqual((image["visibleBytes"], image["storedBytes"], image["wastedBytes"]), (bytes_of_files, bytes_of_files, 0))
            self.assertEqual([image[k] for k in ("reference", "platform", "digest", "configDigest", "created", "compressedBytes")], [None] * 6)
            self.assertEqual((len(one), one[0]["instruction"], one[0]["digest"], analysis["history"]), (1, None, None, []))

    def test_the_diff_id_is_the_digest_of_the_tar(self):
        tar = gnu_tar(self.root)
        said = set()
        for name, data in (("r.tar", tar), ("r.tar.gz", gzip.compress(tar)), ("r.tar.zst", compressed(tar, "zstd"))):
            path = self.write(name, data)
            for args, stdin in (([path], None), (["rootfs:" + path], None), (["-"], data), (["rootfs:-"], data)):
                with self.subTest(name, args=args):
                    analysis = self.json("analyze", *args, "-o", "json", stdin=stdin)
                    self.assertEqual(analysis["layers"][0]["diffId"], sha256(tar))
                    said.add(json.dumps(analysis))
        self.assertEqual(len(said), 1, "the way to the tar shows in the answer")

    def test_a_directory_gives_the_same_bytes_again(self):
        first = self.fathom("analyze", self.root, "-o", "json").stdout
        self.assertEqual(self.fathom("analyze", self.root, "-o", "json", "--no-cache", "--threads", "1").stdout, first)
        other = self.path("other")
        require("cp")
        subprocess.run(["cp", "-a", self.root, other], check=True)
        self.assertEqual(self.fathom("analyze", "dir:" + other, "-o", "json").stdout, first)

    def test_sockets_and_files_of_the_kernel_are_left_out(self):
        wanted = self.tree(self.root)
        facts = os.stat(os.path.join(self.root, "dev"))
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        here = os.getcwd()
        os.chdir(os.path.join(self.root, "dev"))         # the path of a socket must be short
        listener.bind("log")
        os.chdir(here)
        os.utime(os.path.join(self.root, "dev"), ns=(facts.st_atime_ns, facts.st_mtime_ns))
        self.assertEqual(self.tree(self.root), wanted)
        if os.path.exists("/proc/self"):
            self.assertEqual(self.json("analyze", "dir:/proc", "-o", "json")["image"]["entries"], 0)

    def test_links_are_not_followed_out(self):
        secret = self.path("secret")
        os.mkdir(secret)
        with open(os.path.join(secret, "key"), "wb") as f:
            f.write(b"k" * 12345)
        os.symlink(secret, os.path.join(self.root, "home"))
        os.symlink(os.path.join(secret, "key"), os.path.join(self.root, "etc/key"))
        nodes = {n["path"]: n for n in self.tree(self.root)}
        self.assertEqual((nodes["/home"]["type"], nodes["/etc/key"]["type"]), ("symlink", "symlink"))
        self.assertNotIn("/home/key", nodes)
        self.assertEqual(self.json("analyze", self.root, "-o", "json")["image"]["visibleBytes"], self.file_bytes())

    def test_an_image_is_taken_for_an_image(self):
        image = Image([layer(directory("etc"), file("etc/passwd", b"root"))])
        folder = oci_layout(self.path("oci"), image)
        os.makedirs(os.path.join(folder, "etc"))
        self.assertIsNotNone(self.json("analyze", folder, "-o", "json")["image"]["configDigest"])
        for name in ("index.json", "oci-layout", "blobs/x", "manifest.json", "repositories"):
            with self.subTest(name):
                part = self.path("part-" + name.replace("/", "-"))
                os.makedirs(os.path.join(part, "etc"))
                os.makedirs(os.path.dirname(os.path.join(part, name)), exist_ok=True)
                self.write(os.path.join(part, name), b"{}")
                self.fathom("analyze", part, code=5)
                self.fathom("analyze", "dir:" + part)

    def test_what_is_no_rootfs(self):
        app = self.write("app.tar", layer(file("app", b"x" * 10)))
        for args, stdin in ((["analyze", app], None), (["analyze", "-"], layer(file("app", b"x" * 10)))):
            self.assertIn(b"manifest.json", self.fathom(*args, stdin=stdin, code=5).stderr)
        self.assertEqual(self.json("analyze", "rootfs:" + app, "-o", "json")["image"]["visibleBytes"], 10)
        for form, path, code in (("dir:", app, 2), ("dir:", self.path("absent"), 3), ("rootfs:", self.path("absent"), 3),
                                 ("rootfs:", self.write("words", b"no tar" * 1000), 5), ("rootfs:", app + ":tag", 3)):
            with self.subTest(form, path=path):
                self.assertEqual(self.fathom("analyze", form + path, code=code).stdout, b"")

    def test_damage_is_blamed_on_the_one_layer(self):
        tar = gnu_tar(self.root)
        for name, data in (("cut", tar[:len(tar) // 2]), ("bits", tar[:600] + b"\xff" + tar[601:]), ("cut.gz", gzip.compress(tar)[:-9])):
            with self.subTest(name):
                path = self.write(name, data)
                for args, stdin in ((["rootfs:" + path], None), (["rootfs:-"], data)):
                    self.assertIn(b"layer 0", self.fathom("analyze", *args, stdin=stdin, code=5).stderr)

    def test_a_file_that_may_not_be_read(self):
        os.chmod(self.folder, 0o755)
        os.chmod(os.path.join(self.root, "etc/passwd"), 0)
        result = self.fathom("analyze", self.root, "--no-cache", code=3, limits=lambda: os.geteuid() or os.setuid(65534))
        self.assertIn(b"etc/passwd", result.stderr)


class Changing(Journey):
    def test_files_that_change_while_they_are_read(self):
        require("sh")
        os.makedirs(self.path("root/etc"))
        with open(self.path("root/etc/log"), "wb") as f:
            f.truncate(1 << 30)                          # takes a while to read
        writer = subprocess.Popen(["sh", "-c", "while :; do echo x >> etc/log; sleep 0.01; done"], cwd=self.path("root"))
        self.addCleanup(writer.wait)
        self.addCleanup(writer.kill)
        result = self.fathom("analyze", self.path("root"), code=3)
        self.assertRegex(result.stderr, rb"layer 0.*'etc/log' changed")
        self.assertEqual(result.stdout, b"")


if __name__ == "__main__":
    unittest.main()
