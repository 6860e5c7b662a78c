#!/usr/bin/env python3
"""Images that real engines hold: read through their API, with the same results as from what they save."""
import contextlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import unittest

import engines
import small_images as si
from journey import Journey, layers_read

NAME = "example/app:1.0"
MOUNT_POINTS = {"", ".dockerenv", "dev", "dev/console", "dev/pts", "dev/shm", "proc", "sys", "etc/hosts", "etc/hostname", "etc/mtab", "etc/resolv.conf"}


def image():
    """Four layers: files, a rewrite, whiteouts, a link. The classic archive tells no digest of them."""
    return si.Image([
        si.layer(si.directory("etc"), si.file("etc/one", b"1" * 3000), si.file("etc/two", b"2" * 2000), si.file("etc/gone", b"g" * 500)),
        si.layer(si.directory("etc"), si.file("etc/one", b"one, again" * 400), si.whiteout("etc/gone")),
        si.layer(si.directory("srv"), *[si.file("srv/%03d" % i, b"%d" % i * 100) for i in range(200)]),
        si.layer(si.symlink("srv/link", "000"), si.hardlink("srv/hard", "srv/000"), si.opaque("etc"), si.file("etc/new", b"n")),
    ])


class EngineJourney(Journey):
    """Engines are started once for all tests of a class; nothing outside of them is asked."""

    @classmethod
    def setUpClass(cls):
        cls.exits = contextlib.ExitStack()
        cls.addClassCleanup(cls.exits.close)
        cls.place = cls.exits.enter_context(tempfile.TemporaryDirectory(prefix="fathom-engines-"))
        cls.started()

    @classmethod
    def started(cls):
        """What a class of tests needs."""

    def quiet(self, **env):
        """An environment where no engine is but those that a test names."""
        nowhere = self.path("nowhere")
        all_of_them = {"XDG_RUNTIME_DIR": nowhere, "CONTAINER_HOST": "unix://" + nowhere + ".sock", "CONTAINERD_ROOT": nowhere, **env}
        return {name: value for name, value in all_of_them.items() if value is not None}

    def analysis(self, name, env, *args, **how):
        return self.fathom("analyze", name, "-o", "json", *args, env=self.quiet(**env), **how)

    def assert_same_as_saved(self, source, env, engine, name=NAME):
        """The engine's image has byte for byte the analysis of what the engine saves."""
        saved = engine.save(name, self.path("saved.tar"))
        from_file = self.fathom("analyze", "docker-archive:" + saved, "-o", "json", "--no-cache").stdout
        from_engine = self.analysis(source, env, "--no-cache")
        self.assertEqual(from_engine.stdout.decode(), from_file.decode())
        return from_engine


class DockerJourney(EngineJourney):
    @classmethod
    def started(cls):
        cls.docker = cls.exits.enter_context(engines.Docker(os.path.join(cls.place, "docker")))
        cls.docker.load(([NAME], image()))

    def test_same_as_docker_save(self):
        result = self.assert_same_as_saved("docker://" + NAME, self.docker.env, self.docker)
        self.assertEqual(json.loads(result.stdout)["image"]["reference"], NAME)
        self.assertEqual(layers_read(result), (4, 0))

    def test_every_way_to_say_it(self):
        expected = self.analysis("docker://" + NAME, self.docker.env).stdout
        for name in (NAME, "docker-daemon:" + NAME, "docker-daemon://" + NAME):
            self.assertEqual(self.analysis(name, self.docker.env).stdout, expected, name)

    def test_by_id(self):
        config = si.sha256(image().config_bytes())
        document = json.loads(self.analysis("docker://" + config, self.docker.env).stdout)
        self.assertEqual(document["image"]["configDigest"], config)
        self.assertIsNone(document["image"]["reference"])
        short = json.loads(self.analysis("docker://" + config[7:19], self.docker.env).stdout)
        self.assertEqual(short, document)

    def test_dives_flags(self):
        shown = self.fathom(NAME, "--source", "docker", env=self.quiet(**self.docker.env)).stdout
        self.assertIn(b"step 3", shown)

    def test_second_look_asks_no_save(self):
        with engines.Proxy(self.docker) as proxy:
            first = self.analysis("docker://" + NAME, proxy.env)
            self.assertEqual(len(proxy.asked_for("/get")), 1)
            self.assertEqual(layers_read(first), (4, 0))
            second = self.analysis("docker://" + NAME, proxy.env)
            self.assertEqual(len(proxy.asked_for("/get")), 1, proxy.requests)
            self.assertEqual(layers_read(second), (0, 4))
            self.assertEqual(second.stdout, first.stdout)
            for option in ("--no-cache", "--verify"):
                again = self.analysis("docker://" + NAME, proxy.env, option)
                self.assertEqual(layers_read(again), (4, 0))
                self.assertEqual(again.stdout, first.stdout)
            self.assertEqual(len(proxy.asked_for("/get")), 3)

    def test_another_name_of_a_known_image(self):
        self.docker.run("tag", NAME, "other/name:2")
        self.addCleanup(self.docker.run, "rmi", "other/name:2")
        with engines.Proxy(self.docker) as proxy:
            first = json.loads(self.analysis("docker://" + NAME, proxy.env).stdout)
            second = json.loads(self.analysis("docker://other/name:2", proxy.env).stdout)
            self.assertEqual(len(proxy.asked_for("/get")), 1)
        self.assertEqual(second["image"].pop("reference"), "other/name:2")
        self.assertEqual(first["image"].pop("reference"), NAME)
        self.assertEqual(second, first)

    def test_what_is_missing_is_read_alone(self):
        """With a layer gone from the cache the save is asked for again, and the other layers are passed over."""
        env = self.docker.env
        first = self.analysis("docker://" + NAME, env)
        gone = si.sha256(image().layers[2])[7:]
        folder = os.path.join(self.cache, "layers", "sha256", gone[:2])
        for name in os.listdir(folder):
            if name.startswith(gone):
                os.unlink(os.path.join(folder, name))
        second = self.analysis("docker://" + NAME, env)
        self.assertEqual(layers_read(second), (1, 3))
        self.assertEqual(second.stdout, first.stdout)

    def test_damaged_record_is_a_miss(self):
        first = self.analysis("docker://" + NAME, self.docker.env)
        folder = os.path.join(self.cache, "images", "sha256")
        (name,) = os.listdir(folder)
        with open(os.path.join(folder, name), "r+b") as f:
            data = f.read()
            f.seek(0)
            f.write(data.replace(b'"layers":[{', b'"layers":[,'))
        again = self.analysis("docker://" + NAME, self.docker.env)
        self.assertEqual(again.stdout, first.stdout)
        self.assertIn(b"image\n", self.fathom("cache", "ls").stdout)

    def test_container(self):
        assert_container(self, self.docker, "docker-container://", self.docker.env)


class DockerElsewhereJourney(EngineJourney):
    """One engine behind TLS on TCP, named by the environment, by a context, or reached through ssh."""

    @classmethod
    def started(cls):
        cls.pki = engines.certificates(os.path.join(cls.place, "pki"))
        cls.address = "127.0.0.1:%d" % engines.free_port()
        cls.docker = cls.exits.enter_context(engines.Docker(os.path.join(cls.place, "docker"), tcp=(cls.address, cls.pki)))
        cls.docker.load(([NAME], image()))

    def setUp(self):
        super().setUp()
        self.expected = self.analysis("docker://" + NAME, self.docker.env).stdout
        shutil.rmtree(self.cache)

    def test_tls(self):
        env = {"DOCKER_HOST": "tcp://" + self.address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": self.pki}
        self.assertEqual(self.analysis("docker://" + NAME, env).stdout, self.expected)

    def test_tls_that_is_not_trusted(self):
        other = engines.certificates(self.path("other"))
        env = {"DOCKER_HOST": "tcp://" + self.address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": other}
        self.assertIn(b"certificate", self.analysis("docker://" + NAME, env, code=3).stderr)
        # Nor is a client without a certificate trusted by the engine.
        mine = self.path("mine")
        os.mkdir(mine)
        shutil.copy(self.pki + "/ca.pem", mine)
        result = self.analysis("docker://" + NAME, {**env, "DOCKER_CERT_PATH": mine}, code=(3, 4))
        self.assertIn(b"certificate", result.stderr)

    def test_context(self):
        config = self.path("docker-config")
        engines.write_context(config, "build", "tcp://" + self.address, self.pki)
        env = {"DOCKER_HOST": "", "DOCKER_CONFIG": config}
        self.assertEqual(self.analysis("docker://" + NAME, env).stdout, self.expected)
        engines.write_context(config, "local", self.docker.host, current=False)
        self.assertEqual(self.analysis("docker://" + NAME, {**env, "DOCKER_CONTEXT": "local"}).stdout, self.expected)
        missing = self.analysis("docker://" + NAME, {**env, "DOCKER_CONTEXT": "absent"}, code=2)
        self.assertIn(b"absent", missing.stderr)

    def test_ssh(self):
        bin_folder = engines.fake_ssh(self.path("bin"), self.docker)
        env = {"DOCKER_HOST": "ssh://me@build.example:2222", "PATH": bin_folder + ":" + os.environ["PATH"]}
        self.assertEqual(self.analysis("docker://" + NAME, env).stdout, self.expected)
        with open(os.path.join(bin_folder, "arguments"), encoding="utf-8") as f:
            words = f.read().split()
        self.assertEqual(words[-9:], ["-l", "me", "-p", "2222", "--", "build.example", "docker", "system", "dial-stdio"])

    def test_ssh_that_fails(self):
        bin_folder = self.path("bin")
        os.mkdir(bin_folder)
        with open(os.path.join(bin_folder, "ssh"), "w", encoding="ascii") as f:
            f.write("#!/bin/sh\necho 'ssh: connect to host build.example port 22: No route to host' >&2\nexit 255\n")
        os.chmod(os.path.join(bin_folder, "ssh"), 0o755)
        env = {"DOCKER_HOST": "ssh://build.example", "PATH": bin_folder + ":" + os.environ["PATH"]}
        result = self.analysis("docker://" + NAME, env, code=4)
        self.assertIn(b"No route to host", result.stderr)
        self.assertIn(b"255", result.stderr)


class PodmanJourney(EngineJourney):
    @classmethod
    def started(cls):
        cls.podman = cls.exits.enter_context(engines.Podman(os.path.join(cls.place, "podman")))
        cls.podman.load(([NAME], image()))
        cls.program = {**cls.podman.store, "CONTAINER_HOST": None}

    def test_same_as_podman_save(self):
        result = self.assert_same_as_saved("podman://" + NAME, self.podman.env, self.podman)
        self.assertEqual(json.loads(result.stdout)["image"]["reference"], "localhost/" + NAME)

    def test_without_a_service(self):
        self.assert_same_as_saved("podman://" + NAME, self.program, self.podman)
        first = self.analysis("containers-storage:" + NAME, self.program)
        self.assertEqual(layers_read(first), (4, 0))
        second = self.analysis("containers-storage:" + NAME, self.program)
        self.assertEqual(layers_read(second), (0, 4))
        self.assertEqual(second.stdout, first.stdout)

    def test_second_look_asks_no_save(self):
        with engines.Proxy(self.podman) as proxy:
            env = {"CONTAINER_HOST": "unix://" + proxy.socket}
            first = self.analysis("podman://" + NAME, env)
            second = self.analysis("podman://" + NAME, env)
            self.assertEqual(len(proxy.asked_for("/get")), 1)
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(layers_read(second), (0, 4))

    def test_image_that_podman_built(self):
        """Its config is the OCI image specification's."""
        self.podman.build("FROM %s\nCOPY y /y\n" % NAME, "built:1", {"y": b"y" * 300})
        self.assert_same_as_saved("podman://built:1", self.podman.env, self.podman, "built:1")
        self.analysis("podman://built:1", self.podman.env)
        self.assertEqual(layers_read(self.analysis("podman://built:1", self.podman.env)), (0, 5))

    def test_container(self):
        assert_container(self, self.podman, "podman-container://", self.podman.env)

    def test_container_without_a_service(self):
        assert_container(self, self.podman, "podman-container://", self.program)

    def test_no_such_image(self):
        for env in (self.podman.env, self.program):
            result = self.analysis("podman://absent:1", env, code=3)
            self.assertIn(b"podman pull absent:1", result.stderr)

    def test_found_without_a_scheme(self):
        expected = self.analysis("podman://" + NAME, self.podman.env)
        self.assertEqual(self.analysis(NAME, self.podman.env).stdout, expected.stdout)


class ContainerdJourney(EngineJourney):
    """containerd is not asked: its files are read while it runs."""

    @classmethod
    def started(cls):
        cls.containerd = cls.exits.enter_context(engines.Containerd(os.path.join(cls.place, "containerd")))
        cls.layout = si.Layout(os.path.join(cls.place, "layout"))
        named = {"annotations": {"io.containerd.image.name": "docker.io/" + NAME}}
        gzipped = si.Image(image().layers, compression="gzip")
        cls.manifest = cls.layout.image(gzipped, platform=gzipped.platform, **named)
        cls.layout.index(cls.manifest)
        cls.oci = si.archive(os.path.join(cls.place, "oci.tar"), si.folder_members(cls.layout.folder))
        cls.containerd.load(cls.oci)
        # Enough images that the bucket of them is more than one page.
        for i in range(60):
            cls.containerd.ctr("images", "tag", "docker.io/" + NAME, "docker.io/many/image-%03d-%s:1" % (i, "n" * 100))

    def test_same_as_its_archive(self):
        expected = self.fathom("analyze", "oci-archive:" + self.oci, "-o", "json", "--no-cache").stdout
        result = self.analysis("containerd://" + NAME, self.containerd.env)
        self.assertEqual(result.stdout, expected)
        self.assertEqual(layers_read(result), (4, 0))
        self.assertEqual(layers_read(self.analysis("containerd://docker.io/" + NAME, self.containerd.env)), (0, 4))
        document = json.loads(self.analysis("containerd://many/image-042-%s:1" % ("n" * 100), self.containerd.env).stdout)
        self.assertEqual(document["image"]["digest"], self.manifest["digest"])

    def test_by_digest(self):
        document = json.loads(self.analysis("containerd://" + self.manifest["digest"], self.containerd.env).stdout)
        self.assertEqual(document["image"]["digest"], self.manifest["digest"])
        self.assertIsNone(document["image"]["reference"])

    def test_found_without_a_scheme(self):
        env = {**self.containerd.env, "DOCKER_HOST": "unix://" + self.path("no.sock")}
        self.assertEqual(self.analysis(NAME, env).stdout, self.analysis("containerd://" + NAME, env).stdout)

    def test_namespaces(self):
        self.containerd.load(self.oci, namespace="other")
        self.addCleanup(self.containerd.ctr, "images", "rm", "docker.io/" + NAME, namespace="other")
        result = self.analysis("containerd://absent:1", self.containerd.env, code=3)
        self.assertIn(b"default, other", result.stderr)
        self.assertIn(b"ctr images pull absent:1", result.stderr)
        only = self.analysis("containerd://absent:1", {**self.containerd.env, "CONTAINERD_NAMESPACE": "other"}, code=3)
        self.assertNotIn(b"default", only.stderr)
        self.analysis("containerd://" + NAME, {**self.containerd.env, "CONTAINERD_NAMESPACE": "other"})
        self.analysis("containerd://" + NAME, {**self.containerd.env, "CONTAINERD_NAMESPACE": "none"}, code=3)

    def test_no_store(self):
        result = self.analysis("containerd://" + NAME, {"CONTAINERD_ROOT": self.path("nowhere")}, code=4)
        self.assertIn(b"CONTAINERD_ROOT", result.stderr)


class ErrorsJourney(EngineJourney):
    @classmethod
    def started(cls):
        cls.docker = cls.exits.enter_context(engines.Docker(os.path.join(cls.place, "docker")))
        cls.docker.load(([NAME], image()))

    def test_no_such_image(self):
        result = self.analysis("docker://absent:1", self.docker.env, code=3)
        self.assertIn(b"docker pull absent:1", result.stderr)
        self.assertIn(self.docker.host.encode(), result.stderr)

    def test_no_such_container(self):
        self.assertIn(b"absent", self.analysis("docker-container://absent", self.docker.env, code=3).stderr)

    def test_no_engine(self):
        for name, env in (("docker://" + NAME, {}), ("podman://" + NAME, {}), ("docker-container://x", {})):
            result = self.analysis(name, env, code=4)
            self.assertIn(b".sock", result.stderr)

    def test_nowhere(self):
        """Each place that was tried has a line."""
        lines = self.analysis("absent:1", self.docker.env, code=4).stderr.decode().splitlines()
        self.assertEqual([line.split()[0] for line in lines[1:5]], ["Docker", "Podman", "containerd", "registry"])
        self.assertIn("No such image", lines[1])
        self.assertIn("No such file", lines[2])
        self.analysis("absent.tar", self.docker.env, code=3)

    def test_wrong_api_version(self):
        for version in ("1.99", "1.1", "newest"):
            result = self.analysis("docker://" + NAME, {**self.docker.env, "DOCKER_API_VERSION": version}, code=2)
            self.assertIn(b"DOCKER_API_VERSION", result.stderr)
        with engines.Proxy(self.docker) as proxy:
            self.analysis("docker://" + NAME, {**proxy.env, "DOCKER_API_VERSION": "1.30"})
            self.assertTrue(proxy.asked_for("/get")[0].startswith("/v1.30/"))

    def test_denied(self):
        """Somebody who may not use the socket is told so, and how to get access."""
        if os.geteuid() != 0:
            self.skipTest("needs root to become somebody else")
        os.chmod(self.folder, 0o755)
        os.chmod(os.path.dirname(self.docker.socket), 0o755)
        os.chmod(self.docker.socket, 0o600)
        self.addCleanup(os.chmod, self.docker.socket, 0o660)
        for folder in (self.home, self.work):
            os.chown(folder, 65534, 65534)

        def become_nobody():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)

        program = shutil.copy(os.environ["FATHOM"], self.path("fathom-for-all"))
        self.addCleanup(os.environ.__setitem__, "FATHOM", os.environ["FATHOM"])
        os.environ["FATHOM"] = program
        result = self.analysis("docker://" + NAME, self.docker.env, code=3, limits=become_nobody)
        self.assertIn(b"Permission denied", result.stderr)
        self.assertIn(b"usermod", result.stderr)


def assert_container(test, engine, scheme, env):
    """A container's changes are one more layer; merged, it holds what the engine's export holds."""
    name = "web-%d" % os.getpid()
    container = engine.create(NAME, name)
    test.addCleanup(engine.run, "rm", name)
    root = engine.root_of(container)
    long = "srv/" + "d" * 90 + "/" + "f" * 90
    for path, content in (("etc/new", b"changed"), ("srv/added", b"a" * 700), (long, b"long")):
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), "wb") as f:
            f.write(content)
    os.unlink(os.path.join(root, "srv/001"))
    os.unlink(os.path.join(root, "srv/hard"))
    result = test.analysis(scheme + name, env)
    test.assertEqual(layers_read(result), (5, 0))
    document = json.loads(result.stdout)
    top = document["layers"][4]
    test.assertEqual(len(document["layers"]), 5)
    test.assertIn(name, top["instruction"])
    test.assertIsNone(top["diffId"])
    test.assertIsNone(top["digest"])
    with tarfile.open(fileobj=io.BytesIO(engine.export(container))) as tar:
        exported = {m.name.strip("/"): m for m in tar}
    test.assertNotIn("srv/001", exported)
    test.assertIn(long, exported)
    test.assertEqual(document["image"]["visibleBytes"], sum(m.size for m in exported.values() if m.isreg()))
    tree = test.json("tree", scheme + name, "-o", "json", env=test.quiet(**env))
    shown = {node["path"].strip("/"): node for node in tree["nodes"]}
    test.assertEqual(set(shown) - set(exported) - {""}, set())
    # What an engine lays below every container, to mount things on, is no change of the container.
    own = {path: member for path, member in exported.items() if path not in MOUNT_POINTS}
    test.assertEqual(set(own) - set(shown), set())
    for path, member in own.items():
        if member.isreg():
            test.assertEqual((shown[path]["size"], shown[path]["mode"] & 0o7777), (member.size, member.mode & 0o7777), path)
    again = test.analysis(scheme + container[:12], env)
    test.assertEqual(layers_read(again), (1, 4))
    test.assertEqual(again.stdout, result.stdout)


if __name__ == "__main__":
    unittest.main()
