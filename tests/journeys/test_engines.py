#!/usr/bin/env python3
"""Images that real engines hold: read through their API, with the same results as from what they save."""
import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import unittest

import engines
import small_images as si
from journey import Journey, layers_read

NAME = "example/app:1.0"


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
        return {"CONTAINERS_STORAGE_CONF": os.devnull, "XDG_RUNTIME_DIR": nowhere, "CONTAINER_HOST": "unix://" + nowhere + ".sock", **env}

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


if __name__ == "__main__":
    unittest.main()
