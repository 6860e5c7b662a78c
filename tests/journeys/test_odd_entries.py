"""Entries as no tool of good will writes them: what becomes of each, against GNU tar and the rules of the OCI image specification."""
import base64
import os
import subprocess
import tarfile
import unittest

from journey import Journey, require
from small_images import Image, directory, docker_archive, entry, file, hardlink, layer, opaque, pax, pax_record, symlink, whiteout


class OddEntries(Journey):
    def tree(self, *layers):
        path = docker_archive(self.path("image.tar"), (["t:1"], Image(list(layers))))
        nodes = self.json("tree", path, "-o", "json", "--no-cache")["nodes"]
        return {n["path"]: n for n in nodes if n["type"] != "directory"}

    def sizes(self, *layers):
        return {p: n["size"] for p, n in self.tree(*layers).items()}

    def device(self, name, major, minor):
        info, content = entry(name, tarfile.CHRTYPE)
        info.devmajor, info.devminor = major, minor
        return info, content

    def test_the_last_of_several_counts(self):
        self.assertEqual(self.sizes(layer(file("a", b"1"), file("a", b"22"), file("./a", b"333"))), {"/a": 3})
        self.assertEqual(set(self.tree(layer(file("a", b"1"), directory("a"), file("a/b", b"2")))), {"/a/b"})
        self.assertEqual(set(self.tree(layer(directory("a"), file("a/b", b"2"), file("a", b"1")))), {"/a"})

    def test_parents_that_are_absent(self):
        self.assertEqual(self.sizes(layer(file("a/b/c", b"1"))), {"/a/b/c": 1})

    def test_names_that_differ_in_case_or_form_only(self):
        names = ["a", "A", "caf\u00e9", "cafe\u0301", "CAF\u00c9"]
        self.assertEqual(set(self.tree(layer(*[file(n, b"1") for n in names]))), {"/" + n for n in names})

    def test_names_that_are_not_utf8(self):
        raw = b"caf\xe9"
        node, = self.tree(layer(file(raw.decode("utf-8", "surrogateescape"), b"1"))).values()
        self.assertEqual((node["path"], base64.b64decode(node["pathBytes"])), ("/caf\\xe9", b"/" + raw))

    def test_a_nul_in_a_name(self):
        tar = pax("a", [("path", "etc/passwd\0.txt")], b"1") + bytes(1024)
        path = docker_archive(self.path("image.tar"), (["t:1"], Image([tar])))
        self.fathom("analyze", path, code=5)

    def test_hard_links(self):
        self.assertEqual(self.sizes(layer(file("a", b"123"), hardlink("b", "a"), hardlink("c", "./b"), hardlink("d", "/a"))), {"/a": 3, "/b": 3, "/c": 3, "/d": 3})
        info, content = hardlink("b", "a")                       # with a size, as some builders write it
        info.size = 5000
        tar = layer(file("a", b"123"))[:1024] + info.tobuf(tarfile.USTAR_FORMAT) + layer(file("c", b"1"))
        self.assertEqual(self.sizes(tar), {"/a": 3, "/b": 3, "/c": 1})
        later = self.json("analyze", docker_archive(self.path("later.tar"), (["t:1"], Image([layer(hardlink("b", "a"), hardlink("x", "absent"), hardlink("y", "y"), file("a", b"123"))]))), "-o", "json")
        self.assertEqual(later["image"]["storedBytes"], 3)
        self.assertEqual(set(self.tree(layer(hardlink("esc", "../../../etc/passwd"), file("a", b"1")))) - {"/esc"}, {"/a"})

    def test_against_gnu_tar(self):
        """One layer of everything above that GNU tar unpacks without an error gives the same files."""
        require("tar")
        tar = layer(file("a", b"1"), file("./a", b"22"), file("x/y/z", b"3"), directory("d"), file("d/f", b"4"), symlink("l", "d"), hardlink("h", "d/f"),
                    file("A", b"5"), entry("p", tarfile.FIFOTYPE), file("caf\udce9", b"6"), directory("x/y", mode=0o700), file("d//g", b"77"))
        out = self.path("out")
        os.mkdir(out)
        subprocess.run(["tar", "-xf", "-", "-C", out], input=tar, check=True)
        wanted = {}
        for where, folders, names in os.walk(os.fsencode(out)):
            for full in (os.path.join(where, n) for n in folders + names):
                if not os.path.isdir(full) or os.path.islink(full):
                    wanted[b"/" + os.path.relpath(full, os.fsencode(out))] = os.lstat(full).st_size if os.path.isfile(full) and not os.path.islink(full) else 0
        got = {base64.b64decode(n["pathBytes"]) if "pathBytes" in n else p.encode(): n["size"] for p, n in self.tree(tar).items()}
        self.assertEqual(got, wanted)

    def test_global_headers(self):
        """git archive writes one; what it says holds for every later entry, unless that says otherwise."""
        head, text = file("pax_global_header", pax_record("mtime", "1234567890") + pax_record("comment", "c"))
        head.type = tarfile.XGLTYPE
        tar = layer((head, text))[:1024] + layer(file("a", b"1"))[:1024] + pax("b", [("mtime", "99")], b"2") + bytes(1024)
        out = self.path("out")
        self.fathom("extract", docker_archive(self.path("image.tar"), (["t:1"], Image([tar]))), "/", "--output", out)
        self.assertEqual([int(os.lstat(os.path.join(out, n)).st_mtime) for n in "ab"], [1234567890, 99])

    def test_whiteouts(self):
        below = layer(directory("d"), file("d/a", b"1"), file("d/b", b"2"), directory("d/e"), file("d/e/f", b"3"), file("top", b"4"))
        for name, above, left in (
                ("of a file", [whiteout("d/a")], {"/d/b", "/d/e/f", "/top"}),
                ("of a directory", [whiteout("d")], {"/top"}),
                ("of what is absent", [whiteout("d/none"), whiteout("none/at/all")], {"/d/a", "/d/b", "/d/e/f", "/top"}),
                ("opaque", [opaque("d"), file("d/new", b"5")], {"/d/new", "/top"}),
                ("opaque, said last", [file("d/new", b"5"), opaque("d")], {"/d/new", "/top"}),
                ("and an addition of one layer", [file("d/a", b"9"), whiteout("d/a")], {"/d/a", "/d/b", "/d/e/f", "/top"}),
                ("below what was replaced", [file("d", b"x"), whiteout("d/a")], {"/d", "/top"}),
                ("of a directory that is made again", [whiteout("d"), directory("d"), file("d/new", b"5")], {"/d/new", "/top"}),
                ("as overlayfs stores them", [self.device("d/a", 0, 0)], {"/d/b", "/d/e/f", "/top"}),
                ("by climbing", [whiteout("d/../d/a"), whiteout("../top")], {"/d/b", "/d/e/f"}),
                ("of everything", [opaque("")], set()),
                ("of AUFS itself", [file(".wh..wh.aufs", b""), directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2", b"xx"), directory(".wh..wh.orph")],
                 {"/d/a", "/d/b", "/d/e/f", "/top"})):
            with self.subTest(name):
                self.assertEqual(set(self.tree(below, layer(*above))), left)

    def test_overlay_attributes(self):
        for attribute in ("trusted.overlay.opaque", "user.overlay.opaque"):
            info, _ = directory("d")
            info.pax_headers = {"SCHILY.xattr." + attribute: "y"}
            below = layer(directory("d"), file("d/a", b"1"), file("top", b"2"))
            self.assertEqual(set(self.tree(below, layer((info, b""), file("d/new", b"3"), form=tarfile.PAX_FORMAT))), {"/d/new", "/top"})

    def test_devices(self):
        path = docker_archive(self.path("image.tar"), (["t:1"], Image([layer(self.device("null", 1, 3), entry("pipe", tarfile.FIFOTYPE), file("a", b"1"))])))
        self.assertEqual(self.json("analyze", path, "-o", "json")["image"]["storedBytes"], 1)
        said = self.fathom("extract", path, "/", "--output", self.path("out")).stderr
        self.assertEqual(os.listdir(self.path("out")), ["a"])
        self.assertIn(b"--keep-special", said)

    def test_links_in_circles_and_chains(self):
        """Work that grows with the square of what is stored would show here."""
        turns = "/".join(["d", ".."] * 4000)
        links = [symlink("l%d" % k, "%s/l%d" % (turns, k + 1)) for k in range(200)] + [symlink("l200", "d")]
        for name, entries in (("circle", [symlink("a", "b"), symlink("b", "a"), file("a/x", b"1")]),
                              ("chain", [directory("d"), *links, *[file("l0/%d/f" % k, b"") for k in range(3000)]]),
                              ("chain, from another layer", None)):
            if entries is None:
                layers = [layer(directory("d"), *links), layer(*[file("l0/%d/f" % k, b"") for k in range(3000)])]
            else:
                layers = [layer(*entries)]
            path = docker_archive(self.path("image.tar"), (["t:1"], Image(layers)))
            with self.subTest(name):
                self.fathom("analyze", path, "-o", "json", "--no-cache", timeout=20)


if __name__ == "__main__":
    unittest.main()
