"""Files of an image: searched, shown and taken out, as the root file system that GNU tar makes of its layers has them."""
import hashlib
import os
import shutil
import stat
import subprocess
import tarfile
import tempfile

import debian_image
from journey import Journey, require
from small_images import Image, directory, docker_archive, entry, file, hardlink, layer, symlink, whiteout

FORMS = ("docker-archive", "OCI directory, gzip layers", "OCI directory, zstd layers", "docker-archive.zst", "docker-archive.gz on stdin",
         "docker-archive on stdin")


def snapshot(folder):
    """Everything that a file system knows of what lies below a folder, names of one file by the first of them."""
    nodes, firsts = {}, {}
    for where, folders, files in os.walk(os.fsencode(folder)):
        for full in sorted(os.path.join(where, n) for n in folders + files):
            s = os.lstat(full)
            path = os.path.relpath(full, os.fsencode(folder))
            node = {"mode": oct(s.st_mode), "owner": (s.st_uid, s.st_gid),
                    "xattrs": {n: os.getxattr(full, n, follow_symlinks=False) for n in os.listxattr(full, follow_symlinks=False)}}
            if not stat.S_ISDIR(s.st_mode):
                node["mtime"] = int(s.st_mtime)
                node["links"] = s.st_nlink
                node["same as"] = firsts.setdefault((s.st_dev, s.st_ino), path)
            if stat.S_ISREG(s.st_mode):
                with open(full, "rb") as f:
                    node["content"] = hashlib.file_digest(f, "sha256").hexdigest()
            elif stat.S_ISLNK(s.st_mode):
                node["target"] = os.readlink(full)
            elif stat.S_ISCHR(s.st_mode) or stat.S_ISBLK(s.st_mode):
                node["device"] = s.st_rdev
            nodes[path] = node
    return nodes


class Files(Journey):
    def assert_same(self, got, wanted):
        self.assertEqual(sorted(set(wanted) - set(got)), [], "wanted, but not taken out")
        self.assertEqual(sorted(set(got) - set(wanted)), [], "taken out, but not wanted")
        self.assertEqual({p: (got[p], wanted[p]) for p in got if got[p] != wanted[p]}, {}, "(taken out, wanted)")


class DebianFiles(Files):
    """With the real image."""

    @classmethod
    def setUpClass(cls):
        cls.image = debian_image.image()
        cls.wanted_folder = tempfile.mkdtemp(prefix="fathom-wanted-")
        cls.addClassCleanup(shutil.rmtree, cls.wanted_folder)
        debian_image.merged(cls.image.layers, cls.wanted_folder)
        cls.wanted = snapshot(cls.wanted_folder)

    def run_form(self, form, *args, **how):
        argument, stdin = self.image.forms[form]
        if stdin is None:
            return self.fathom(args[0], argument, *args[1:], timeout=300, **how)
        with open(stdin, "rb") as source:
            return self.fathom(args[0], argument, *args[1:], stdin=source, timeout=300, **how)

    def test_the_extracted_root_is_that_of_gnu_tar(self):
        for form in FORMS:
            with self.subTest(form):
                out = self.path("out")
                self.run_form(form, "extract", "/", "--keep-special", "--output", out)
                self.assert_same(snapshot(out), self.wanted)
                shutil.rmtree(out)

    def test_so_is_the_archive(self):
        made = []
        for form in ("docker-archive", "OCI directory, zstd layers"):
            archive = self.path("%d.tar" % len(made))
            self.run_form(form, "extract", "/", "--keep-special", "--output", archive)
            with open(archive, "rb") as f:
                made.append(f.read())
        self.assertTrue(made[0] == made[1], "other bytes from another form")
        out = self.path("out")
        os.mkdir(out)
        subprocess.run(["tar", "-xpf", archive, "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", out], check=True)
        self.assert_same(snapshot(out), self.wanted)
        with tarfile.open(archive) as tar:
            self.assertFalse([m.name for m in tar if m.name.startswith(("/", "."))])

    def test_a_subtree_and_a_file(self):
        out = self.path("out")
        self.run_form("docker-archive", "extract", "/etc/apt", "/usr/bin/hello", "--keep-special", "--output", out)
        wanted = {p: n for p, n in self.wanted.items() if p.startswith(b"etc/apt") or p == b"usr/bin/hello"}
        got = {p: n for p, n in snapshot(out).items() if p not in (b"etc", b"usr", b"usr/bin")}
        self.assert_same(got, wanted)

    def test_content_as_it_is_now_and_was(self):
        with open(os.path.join(self.wanted_folder, "etc/passwd"), "rb") as f:
            now = f.read()
        for form in FORMS:
            with self.subTest(form):
                self.assertEqual(self.run_form(form, "cat", "/etc/passwd").stdout, now)
                with tarfile.open(self.image.layers[0]) as tar:
                    before = tar.extractfile("./etc/passwd").read()
                self.assertEqual(self.run_form(form, "cat", "/etc/passwd", "--layer", "0").stdout, before)
        both = self.run_form("docker-archive", "cat", "/srv/data/three", "/etc/passwd", "/srv/data/two").stdout
        self.assertEqual(both, b"3" * 70000 + now + b"2" * 30000)

    def test_find_knows_every_path_and_who_touched_it(self):
        result = self.run_form("docker-archive", "find", "-0")
        self.assertEqual(sorted(result.stdout.split(b"\0")[:-1]), sorted(b"/" + p for p in self.wanted))
        argument, _ = self.image.forms["docker-archive"]
        motd, = self.json("find", argument, "/etc/motd", "--all", "-o", "json")["matches"]
        self.assertFalse(motd["visible"])
        self.assertEqual([(v["layer"], v["change"], v["size"]) for v in motd["versions"]][-2:], [(2, "modified", 6), (3, "removed", 0)])
        passwd, = self.json("find", argument, "/etc/passwd", "-o", "json")["matches"]
        self.assertEqual([(v["layer"], v["change"]) for v in passwd["versions"]], [(0, "added"), (2, "modified")])
        big = self.json("find", argument, "--size", "+1MB", "--size", "-3MB", "--type", "f", "-o", "json")["matches"]
        wanted = {"/" + os.fsdecode(p) for p in self.wanted
                  if stat.S_ISREG(int(self.wanted[p]["mode"], 8))
                  and 10**6 < os.lstat(os.path.join(os.fsencode(self.wanted_folder), p)).st_size < 3 * 10**6}
        self.assertEqual({m["path"] for m in big}, wanted)
        setuid = self.json("find", argument, "--setuid", "-o", "json")["matches"]
        self.assertEqual({m["path"] for m in setuid}, {"/" + os.fsdecode(p) for p, n in self.wanted.items()
                                                       if stat.S_ISREG(int(n["mode"], 8)) and int(n["mode"], 8) & 0o6000})


class SmallFiles(Files):
    def setUp(self):
        super().setUp()
        self.archive = docker_archive(self.path("image.tar"), (["x:1"], Image([
            layer(directory("etc"), file("etc/passwd", b"root\n"), file("etc/motd", b"hello\n"),
                  file("bin/su", b"s" * 300, mode=0o4755, uid=5), hardlink("bin/su2", "bin/su"), symlink("sh", "/bin/su")),
            layer(file("etc/passwd", b"root\napp\n"), whiteout("etc/motd"))])))

    def test_three_wrong_ways(self):
        """Each message says what to do instead."""
        for args, code, words in [
                (("cat", self.archive, "/etc/paswd"), 3, "did you mean '/etc/passwd'?"),
                (("cat", self.archive, "/etc/motd"), 3, "layer 1 removed it; before that it can be had with --layer 0"),
                (("cat", self.archive, "/etc"), 2, "is a directory; fathom extract takes it out"),
                (("cat", self.archive, "/etc/passwd", "--layer", "7"), 2, "the image has the layers 0 to 1"),
                (("extract", self.archive, "/etc", "--output", self.path("no", "such")), 3, "no/such"),
                (("find", self.archive, "x", "--type", "q"), 2, "the types are f (file)"),
                (("find", self.archive, "(", "--regex"), 2, "is no regular expression"),
                (("find", self.archive, "--size", "+much"), 2, "write 20MB")]:
            with self.subTest(" ".join(args[:1] + args[2:])):
                result = self.fathom(*args, code=code)
                self.assertIn(words, result.stderr.decode())
                self.assertEqual(result.stdout, b"")

    def test_nothing_found_is_exit_1(self):
        self.fathom("find", self.archive, "no-such-name", code=1)
        self.assertEqual(self.json("find", self.archive, "no-such-name", "-o", "json", code=1)["matches"], [])

    def test_existing_files_stay_unless_overwritten(self):
        out = self.path("out")
        self.fathom("extract", self.archive, "/", "--output", out)
        before = snapshot(out)
        result = self.fathom("extract", self.archive, "/", "--output", out, code=3)
        self.assertIn(b"--overwrite", result.stderr)
        self.assertEqual(snapshot(out), before)
        self.fathom("extract", self.archive, "/", "--output", out, "--overwrite")
        self.assertEqual(set(snapshot(out)), set(before))

    def test_a_folder_whose_name_begins_alike_is_outside(self):
        beside = self.path("out-beside")
        os.mkdir(beside)
        image = docker_archive(self.path("attack.tar"), (["x:1"], Image([
            layer(symlink("a", "../out-beside"), file("a/1", b"evil"), file("../out-beside/2", b"evil"), symlink("b", beside), file("b/3", b"evil"),
                  hardlink("c", "../out-beside/kept")),
            layer(file("a/4", b"evil"), file(beside.lstrip("/") + "/5", b"evil"))])))
        self.write("out-beside/kept", b"kept")
        for overwrite in ((), ("--overwrite",)):
            self.fathom("extract", image, "/", "--output", self.path("out"), *overwrite, code=0)
            self.assertEqual(os.listdir(beside), ["kept"])
        with open(self.path("out-beside", "kept"), "rb") as f:
            self.assertEqual(f.read(), b"kept")
        self.assertTrue(any(n == "2" for _, _, names in os.walk(self.path("out")) for n in names), "it is taken out inside the target")

    def test_what_stays_behind_is_told(self):
        result = self.fathom("extract", self.archive, "/bin", "--output", self.path("out"))
        self.assertIn(b"1 file or directory without their setuid and setgid bits (--keep-special keeps them)", result.stderr)
        self.assertEqual(stat.S_IMODE(os.lstat(self.path("out", "bin", "su")).st_mode), 0o755)

    def test_a_pipe_is_kept_for_a_second_reading(self):
        with open(self.archive, "rb") as f:
            data = f.read()
        spool = self.path("spool")
        os.mkdir(spool)
        result = self.fathom("cat", "-", "/etc/passwd", stdin=data, env={"TMPDIR": spool})
        self.assertEqual(result.stdout, b"root\napp\n")
        self.assertEqual(os.listdir(spool), [])
        tar = self.fathom("extract", "-", "/etc", "--output", "-", stdin=data).stdout
        self.assertIn(b"root\napp\n", tar)
        no_room = self.fathom("cat", "-", "/etc/passwd", stdin=data, env={"TMPDIR": self.path("absent")}, code=3)
        self.assertIn(b"absent", no_room.stderr)

    def test_an_open_file_on_stdin_is_that_file(self):
        """It needs no copy: with nowhere to put one it works all the same."""
        with open(self.archive, "rb") as f:
            result = self.fathom("cat", "-", "/etc/passwd", stdin=f, env={"TMPDIR": self.path("absent")})
        self.assertEqual(result.stdout, b"root\napp\n")

    def test_a_blob_that_changed_since_is_exit_5(self):
        self.fathom("cat", self.archive, "/etc/passwd")
        with open(self.archive, "rb") as f:
            data = f.read()
        changed = self.write("changed.tar", data.replace(b"root\napp\n", b"evil\napp\n"))
        result = self.fathom("extract", changed, "/", "--output", self.path("out"), code=5)
        self.assertIn(b"'/etc/passwd' has other content", result.stderr)
        self.assertFalse(os.path.exists(self.path("out", "etc", "passwd")))

    def test_somebody_who_is_not_root(self):
        require("setpriv")
        if os.geteuid() != 0:
            self.skipTest("is not root anyway")
        os.chmod(self.folder, 0o755)
        os.chmod(self.work, 0o777)
        out = os.path.join(self.work, "out")
        result = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", os.environ["FATHOM"], "extract", self.archive,
                                 "/", "--no-cache", "--output", out], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("only root can give files to others", result.stderr)
        self.assertEqual(os.lstat(os.path.join(out, "bin/su")).st_uid, 65534)


class DockerExport(Files):
    """`docker export` of a container is what `extract / --keep-special` makes, but for what the engine mounts over."""

    MOUNTED = (b"dev", b"proc", b"sys", b".dockerenv", b"etc/hostname", b"etc/hosts", b"etc/resolv.conf", b"etc/mtab", b"etc", b"")

    def test_export(self):
        require("dockerd", "docker")
        archive = docker_archive(self.path("image.tar"), (["x:1"], Image([
            layer(directory("etc"), file("etc/passwd", b"root\n"), directory("d", mode=0o2775, uid=7, gid=8), file("d/gone", b"1"),
                  file("d/su", b"s" * 300, mode=0o4755, uid=5), symlink("d/l", "/etc/passwd"),
                  entry("d/su2", tarfile.LNKTYPE, mode=0o4755, uid=5, target="d/su"), entry("d/pipe", tarfile.FIFOTYPE), directory("o"), file("o/under", b"2")),
            layer(file("etc/passwd", b"root\napp\n"), whiteout("d/gone"), file("o/.wh..wh..opq"), file("o/over", b"3"),
                  file("d/new", b"4", mode=0o600, uid=1000, gid=1000, mtime=1234567890))])))
        engine, out = self.path("engine"), self.path("out")
        os.mkdir(engine)
        socket = "unix://" + self.path("d.sock")
        daemon = subprocess.Popen(["dockerd", "--storage-driver=vfs", "--iptables=false", "--ip6tables=false", "--bridge=none", "--data-root", engine,
                                   "--exec-root", self.path("exec"), "--pidfile", self.path("pid"), "-H", socket],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (daemon.terminate(), daemon.wait(30)))

        def docker(*args):
            return subprocess.run(["docker", "-H", socket, *args], capture_output=True, check=True).stdout

        for _ in range(300):
            if subprocess.run(["docker", "-H", socket, "version"], capture_output=True).returncode == 0:
                break
            self.assertIsNone(daemon.poll(), "dockerd ended")
            subprocess.run(["sleep", "0.1"])
        docker("load", "-i", archive)
        container = docker("create", "x:1", "/d/su").decode().strip()
        docker("export", "-o", self.path("export.tar"), container)
        wanted = self.path("wanted")
        os.mkdir(wanted)
        subprocess.run(["tar", "-xpf", self.path("export.tar"), "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", wanted], check=True)
        self.fathom("extract", archive, "/", "--keep-special", "--output", out)

        def own(nodes):
            return {p: n for p, n in nodes.items() if p not in self.MOUNTED and not p.startswith((b"dev/", b"proc/", b"sys/"))}

        self.assert_same(own(snapshot(out)), own(snapshot(wanted)))


if __name__ == "__main__":
    import unittest
    unittest.main()
