"""Images of a registry: read without a daemon, listed and pulled, against Debian's docker-registry."""
import contextlib
import json
import os
import stat
import sys
import tempfile
import unittest

from journey import Journey, SCHEMAS, layers_read
import engines
import registries
import small_images as small

IMAGES = 6


def images():
    """Six images on three bases, two layers of their own each, some of them shared."""
    bases = [small.layer(small.directory("etc"), small.file("etc/base", b"%d" % n), small.file("usr/lib/base.so", bytes(range(256)) * 2000))
             for n in range(3)]
    shared = small.layer(small.directory("srv"), small.file("srv/shared", b"shared" * 5000))
    made = {}
    for n in range(IMAGES):
        own = small.layer(small.directory("opt"), small.file("opt/app", b"app %d" % n * 100), small.whiteout("etc/base") if n % 4 == 0 else small.file("etc/own", b"%d" % n))
        made["app%02d" % n] = small.Image([bases[n % 3], shared, own], ("gzip", "zstd", "none")[n % 3])
    return made


def here_id(document):
    return document["image"]["configDigest"]


class ImagesOfARegistry(Journey):
    @classmethod
    def setUpClass(cls):
        cls.exits = contextlib.ExitStack()
        cls.addClassCleanup(cls.exits.close)
        cls.place = cls.exits.enter_context(tempfile.TemporaryDirectory(prefix="fathom-registry-"))
        cls.registry = cls.exits.enter_context(registries.Registry(os.path.join(cls.place, "registry")))
        cls.images, cls.layout = images(), os.path.join(cls.place, "layout")
        layout = small.Layout(cls.layout)
        layout.index(*(layout.image(image, annotations={"org.opencontainers.image.ref.name": name}) for name, image in cls.images.items()))
        for name in cls.images:
            cls.registry.push(cls.layout, name, cls.reference_in(name), "--preserve-digests")

    @staticmethod
    def reference_in(name):
        return "team%d/%s:1" % (int(name[3:]) % 5, name)

    def setUp(self):
        super().setUp()
        self.env = {"DOCKER_CONFIG": self.registry.config, "FATHOM_REGISTRY_CA": self.registry.ca}

    def name(self, name, scheme="registry://"):
        return scheme + self.registry.address + "/" + self.reference_in(name)

    def test_plain_name_and_cache(self):
        first = self.fathom("analyze", self.name("app00", ""), env=self.env)
        self.assertEqual(layers_read(first), (3, 0))
        asked = len(self.registry.requests())
        second = self.fathom("analyze", self.name("app00", ""), env=self.env)
        self.assertEqual(layers_read(second), (0, 3))
        self.assertEqual(second.stdout, first.stdout)
        layers = {small.sha256(b) for b in self.images["app00"].blobs}
        again = [path for _, path in self.registry.requests()[asked:]]
        self.assertTrue(again)
        self.assertFalse([path for path in again if path.rsplit("/", 1)[1] in layers], "cached layers are not fetched")
        third = self.fathom("analyze", self.name("app03", ""), env=self.env)
        self.assertEqual(layers_read(third), (1, 2), "layers that another image brought")

    def test_tags_manifest_blob(self):
        repository = self.name("app00", "").rsplit(":", 1)[0]
        self.assertEqual(self.fathom("tags", repository, env=self.env).stdout, b"1\n")
        document = self.json("manifest", self.name("app00"), "-o", "json", env=self.env)
        self.assertEqual([l["digest"] for l in document["image"]["layers"]], [small.sha256(b) for b in self.images["app00"].blobs])
        self.assert_valid(document, os.path.join(SCHEMAS, "manifest-v1.json"))
        self.assert_valid(self.json("tags", repository, "-o", "json", env=self.env), os.path.join(SCHEMAS, "tags-v1.json"))
        tags = self.json("tags", repository, "--digests", "-o", "json", env=self.env)["tags"]
        self.assertEqual(tags, [{"name": "1", "digest": document["digest"]}])
        self.fathom("manifest", self.name("app00"), "--raw", "--output", "m.json", env=self.env)
        with open(os.path.join(self.work, "m.json"), "rb") as f:
            self.assertEqual(small.sha256(f.read()), document["digest"])
        blob = self.images["app00"].blobs[0]
        self.assertEqual(self.fathom("blob", "%s@%s" % (repository, small.sha256(blob)), env=self.env).stdout, blob)
        self.fathom("blob", "%s@%s" % (repository, small.sha256(b"none")), env=self.env, code=3)
        self.fathom("blob", repository, env=self.env, code=2)

    def test_who_asks(self):
        stranger = {**self.env, "DOCKER_CONFIG": self.home}
        said = self.fathom("analyze", self.name("app00"), env=stranger, code=3).stderr.decode()
        self.assertIn("docker login " + self.registry.address, said)
        with open(os.path.join(self.home, "config.json"), "w") as f:
            json.dump({"auths": {self.registry.address: {"username": "anna", "password": "wrong"}}}, f)
        self.assertIn("does not accept", self.fathom("analyze", self.name("app00"), env=stranger, code=3).stderr.decode())
        with open(os.path.join(self.home, "config.json"), "w") as f:
            f.write("{")
        self.assertIn("config.json", self.fathom("analyze", self.name("app00"), env=stranger, code=2).stderr.decode())
        podman = self.write("auth.json", json.dumps({"auths": {self.registry.address + "/team0": {"username": registries.USER, "password": registries.PASSWORD}}}))
        env = {**self.env, "DOCKER_CONFIG": "/nowhere", "REGISTRY_AUTH_FILE": podman}
        self.fathom("analyze", self.name("app00"), env=env)
        self.fathom("analyze", self.name("app01"), env=env, code=3)

    def helper(self, text):
        path = self.write("docker-credential-test", "#!/bin/sh\n" + text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        with open(os.path.join(self.home, "config.json"), "w") as f:
            json.dump({"credHelpers": {self.registry.address: "test"}}, f)
        return {**self.env, "DOCKER_CONFIG": self.home, "PATH": self.folder + ":" + os.environ["PATH"]}

    def test_credential_helper(self):
        answer = json.dumps({"ServerURL": "x", "Username": registries.USER, "Secret": registries.PASSWORD})
        env = self.helper('test "$1" = get || exit 1\nread -r server\ntest "$server" = %s || exit 1\ncat <<END\n%s\nEND\n' % (self.registry.address, answer))
        self.fathom("analyze", self.name("app00"), env=env)
        said = self.fathom("analyze", self.name("app00"), env=self.helper("echo credentials not found in native keychain; exit 1\n"), code=3).stderr.decode()
        self.assertIn("docker login", said)
        said = self.fathom("analyze", self.name("app00"), env=self.helper("echo broken >&2; exit 3\n"), code=3).stderr.decode()
        self.assertIn("docker-credential-test", said)
        self.assertIn("broken", said)

    def test_certificates(self):
        said = self.fathom("analyze", self.name("app00"), env={"DOCKER_CONFIG": self.registry.config}, code=3).stderr.decode()
        self.assertIn("not trusted", said)
        self.fathom("analyze", self.name("app00"), "--insecure-registry", self.registry.address, env={"DOCKER_CONFIG": self.registry.config})

    def test_what_is_not_there(self):
        said = self.fathom("analyze", "registry://%s/team0/app00:2" % self.registry.address, env=self.env, code=3).stderr.decode()
        self.assertIn("MANIFEST_UNKNOWN", said)
        self.fathom("tags", self.registry.address + "/nobody/none", env=self.env, code=3)
        self.fathom("tags", "Not A Name", code=2)
        self.fathom("analyze", "registry://127.0.0.1:1/x", code=4)

    def test_gate_and_files(self):
        self.assertEqual(self.fathom("cat", self.name("app01"), "/opt/app", env=self.env).stdout, b"app 1" * 100)
        self.fathom("check", self.name("app00"), env=self.env)

    # -- many images

    def pull(self, *args, **how):
        return self.fathom("pull", *args, env=self.env, **how)

    def test_archives(self):
        names = [self.name(n, "") for n in ("app00", "app01", "app02")]
        self.pull(*names, "--format", "docker-archive", "--output", "three.tar")
        self.assertEqual(os.listdir(self.work), ["three.tar"], "nothing else stays")
        for name in names:
            there = self.json("analyze", "docker-archive:three.tar:" + name, "-o", "json")
            here = self.json("analyze", name, "-o", "json", env=self.env)
            self.assertEqual([l["diffId"] for l in there["layers"]], [l["diffId"] for l in here["layers"]])
            self.assertEqual(there["image"]["configDigest"], here["image"]["configDigest"])
        with engines.Docker(self.path("docker")) as docker:
            with open(os.path.join(self.work, "three.tar"), "rb") as f:
                docker.run("load", stdin=f.read())
            self.assertEqual(docker.image_id(names[1]), here_id(self.json("analyze", names[1], "-o", "json", env=self.env)))
        self.pull(*names, "--format", "oci-archive", "--output", "three.oci", "-d", "kept")
        self.assertTrue(os.path.isdir(os.path.join(self.work, "kept")))
        self.json("analyze", "oci-archive:three.oci:" + names[2], "-o", "json")
        self.assertIn(b"--overwrite", self.pull(*names, "--format", "oci-archive", "--output", "three.oci", "-d", "kept", code=3).stderr)
        self.pull(*names, "--format", "docker-archive", code=2)
        self.pull(*names, code=2)

    def test_lists_of_the_old_downloader(self):
        layer = small.sha256(self.images["app00"].blobs[0])
        self.write("work/layers", layer + "\n")
        self.write("work/repositories", "team1/app01\n")
        names = self.write("list", "\n".join("3,4,%s/%s" % (self.registry.address, self.reference_in(n).split(":")[0]) for n in ("app00", "app01", "app02")))
        said = self.pull("--from", names, "--tags", "1", "-d", "mirror", "-l", "layers", "-r", "repositories").stderr.decode()
        self.assertIn("1 passed over", said)
        self.assertFalse(os.path.exists(os.path.join(self.work, "mirror", "blobs", layer.replace(":", "/"))))
        with open(os.path.join(self.work, "mirror", "index.json")) as f:
            listed = [m["annotations"]["org.opencontainers.image.ref.name"] for m in json.load(f)["manifests"]]
        self.assertEqual(listed, [self.name("app02", "")], "what lacks a layer is not listed")
        with open(os.path.join(self.work, "repositories")) as f:
            self.assertEqual(sorted(f.read().split()), sorted(["team1/app01"] + [self.name(n, "").rsplit(":", 1)[0] for n in ("app00", "app02")]))
        with open(os.path.join(self.work, "layers")) as f:
            self.assertIn(small.sha256(self.images["app02"].blobs[2]), f.read().split())


if __name__ == "__main__":
    unittest.main()
