"""fathom build: real engines build real images, which are then shown, exported or judged."""
import json
import os
import tempfile
import unittest

import engines
from journey import Journey

LAYERS = "FROM scratch\nCOPY one /one\nCOPY two /one\n"       # the second layer hides all of the first
RULES = {"DIVE_RULES_HIGHEST_WASTED_BYTES": "1", "DIVE_RULES_LOWEST_EFFICIENCY": "0"}


class Build(Journey):
    """What both engines do alike."""

    program = None

    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fathom-build-"))
        cls.engine = cls.enterClassContext(cls.start(cls.place))
        cls.env = {**cls.engine.env, "DOCKER_BUILDKIT": "0", "PATH": os.path.dirname(engines.DOCKER) + ":/usr/sbin:/bin:/sbin",
                   **getattr(cls.engine, "store", {}), "FATHOM_CACHE_DIR": os.path.join(cls.place, "cache")}

    def setUp(self):
        super().setUp()
        self.context = os.path.join(self.work, "context")
        os.mkdir(self.context)
        for name, size in (("one", 3000), ("two", 2000)):
            self.write("work/context/" + name, name[0] * size)
        self.write("work/context/Dockerfile", LAYERS)

    def build(self, *args, code=0, **env):
        return self.fathom("build", *args, env={**self.env, **env}, code=code, timeout=120)

    def own(self, *args, engine_args, **how):
        """With fathom's own options, before a --."""
        return self.build("--source", self.program, *args, "--", *engine_args, **how)

    def test_every_argument_is_the_engines(self):
        result = self.build("-t", "built:1", "context", DIVE_CONTAINER_ENGINE=self.program)
        self.assertIn(b"/one", result.stdout)
        self.assertIn(b"COPY", result.stderr, "the builder's own words")
        image = self.json("analyze", self.program + "://built:1", "-o", "json", env=self.env)["image"]
        self.assertEqual((image["storedBytes"], image["visibleBytes"]), (5000, 2000))

    def test_the_gate_judges_what_was_built(self):
        variables = {"CI": "true", "DIVE_CONTAINER_ENGINE": self.program}
        self.assertIn(b"FAIL", self.build("context", code=1, **variables, **RULES).stdout)
        self.assertIn(b"PASS", self.build("context", **variables, **{**RULES, "DIVE_RULES_HIGHEST_WASTED_BYTES": "1MB"}, DIVE_RULES_HIGHEST_USER_WASTED_PERCENT="disabled").stdout)

    def test_options_before_two_dashes_are_fathoms(self):
        self.own("--json", self.path("dive.json"), engine_args=["-q", "context"])
        with open(self.path("dive.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["image"]["sizeBytes"], 5000)
        self.own("--ci", "--highestWastedBytes", "1", engine_args=["context"], code=1)

    def test_a_containerfile_is_found(self):
        os.rename(os.path.join(self.context, "Dockerfile"), os.path.join(self.context, "Containerfile"))
        self.own(engine_args=["context"])
        os.rename(os.path.join(self.context, "Containerfile"), os.path.join(self.context, "another"))
        self.own(engine_args=["-f", "context/another", "context"])
        self.own(engine_args=["--file=context/another", "context"])

    def test_a_failed_build_is_exit_code_one(self):
        self.write("work/context/Dockerfile", "FROM scratch\nCOPY absent /\n")
        result = self.own(engine_args=["context"], code=1)
        self.assertIn(b"the build failed: %s exited with" % self.program.encode(), result.stderr)
        self.assertEqual(result.stdout, b"")

    def test_the_id_goes_where_it_was_wanted(self):
        self.own(engine_args=["--iidfile", "id", "context"])
        with open(os.path.join(self.work, "id"), encoding="ascii") as f:
            self.assertRegex(f.read(), "^sha256:[0-9a-f]{64}")

    def test_nothing_is_left_behind(self):
        temporary = self.path("tmp")
        os.mkdir(temporary)
        self.own(engine_args=["context"], TMPDIR=temporary)
        self.assertEqual(os.listdir(temporary), [])


class DockerBuild(Build):
    program = "docker"
    start = staticmethod(lambda place: engines.Docker(os.path.join(place, "docker")))


class PodmanBuild(Build):
    program = "podman"
    start = staticmethod(lambda place: engines.Podman(os.path.join(place, "podman")))


del Build                                      # its tests are those of the engines


class NoEngine(Journey):
    def test_no_program(self):
        result = self.fathom("build", ".", env={"PATH": self.folder}, code=3)
        self.assertIn(b"docker", result.stderr)

    def test_sources_that_build_nothing(self):
        self.assertIn(b"docker and podman", self.fathom("build", "--source", "docker-archive", "--", ".", code=2).stderr)

    def test_help(self):
        self.assertIn(b"fathom build -t", self.fathom("build", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
