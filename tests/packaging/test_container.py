"""fathom's own container image: built without an engine, read by fathom, run by Podman."""
import json
import os
import shutil
import tarfile
import unittest

import packages
from journey import require
from packages import run

IMAGE = "docker.io/library/fathom:test"


class Container(packages.PackageTest):
    def setUp(self):
        super().setUp()
        require("umoci", "skopeo")
        self.tarball = packages.tarball()
        self.layout = self.make_image("layout")

    def make_image(self, name):
        run(os.path.join(packages.PACKAGING, "container", "make_image.sh"), self.tarball, self.path(name), "test")
        return self.path(name)

    def blob(self, digest):
        return os.path.join(self.layout, "blobs", *digest.split(":"))

    def manifest(self, layout):
        with open(os.path.join(layout, "index.json")) as f:
            descriptor, = json.load(f)["manifests"]
        return descriptor["digest"]

    def test_same_tarball_gives_same_digest(self):
        self.assertEqual(self.manifest(self.layout), self.manifest(self.make_image("again")))

    def test_runs_fathom_as_nobody_special(self):
        config = json.loads(run("skopeo", "inspect", "--config", "oci:%s:test" % self.layout))
        self.assertEqual((config["os"], config["architecture"]), ("linux", packages.ARCH))
        self.assertEqual(config["config"]["User"], "65532:65532")
        self.assertEqual(config["config"]["Entrypoint"], ["/usr/bin/fathom"])

    def test_ships_what_its_list_names(self):
        with open(self.blob(self.manifest(self.layout))) as f:
            layer, = json.load(f)["layers"]
        with tarfile.open(self.blob(layer["digest"])) as tar:
            members = tar.getmembers()
        files = [os.path.normpath(m.name) for m in members if not m.isdir()]
        self.assert_files(files, "image")
        owned = {os.path.normpath(m.name) for m in members if m.uid or m.gid}
        self.assertEqual(owned, {"home/fathom", "home/fathom/.cache"})

    def test_fathom_wastes_nothing(self):
        numbers = self.json("analyze", "-o", "json", self.layout)["image"]
        self.assertEqual((numbers["wastedBytes"], numbers["efficiency"]), (0, 1))
        print("image: %d bytes stored, %d compressed" % (numbers["storedBytes"], numbers["compressedBytes"]))

    def podman(self, *arguments, **how):
        store = ("--root", self.path("store"), "--runroot", self.path("run"), "--storage-driver", "vfs")
        return run("podman", *store, "--runtime", "runc", "--cgroup-manager", "cgroupfs", *arguments, **how)

    def run_in_podman(self, *arguments):
        # Limits below those of the shell, which a container may not raise.
        return self.podman("run", "--rm", "--network", "none", "--ulimit", "nofile=512:512", "--ulimit", "nproc=512:512",
                           "--volume", self.layout + ":/work/layout:ro", IMAGE, *arguments)

    def assert_runs_in_podman(self):
        self.assertEqual(self.run_in_podman("version"), run(packages.journey.binary(), "version"))
        inside = json.loads(self.run_in_podman("analyze", "-o", "json", "layout"))
        self.assertEqual(inside, self.json("analyze", "-o", "json", self.layout))

    @unittest.skipUnless(os.geteuid() == 0, "only root may start a container here")
    def test_runs_in_podman(self):
        require("podman", "runc")
        run("skopeo", "copy", "-q", "oci:%s:test" % self.layout, "docker-archive:%s:%s" % (self.path("saved.tar"), IMAGE))
        self.podman("load", "-q", "-i", self.path("saved.tar"))
        self.assert_runs_in_podman()

    @unittest.skipUnless(os.geteuid() == 0, "only root may start a container here")
    def test_containerfile_makes_an_image_that_runs(self):
        require("podman", "runc")
        context = self.path("context")
        shutil.copytree(os.path.join(packages.PACKAGING, "container"), context)
        run(os.path.join(context, "make_rootfs.sh"), self.tarball, os.path.join(context, "rootfs"))
        self.podman("build", "--isolation", "chroot", "--file", os.path.join(context, "Containerfile"),
                    "--tag", IMAGE, context)
        self.assert_runs_in_podman()


if __name__ == "__main__":
    unittest.main()
