"""fathom config: every setting, its value, and where that comes from."""
import os
import unittest

from journey import SCHEMAS, Journey
from small_images import docker_archive, wasteful


class Config(Journey):
    def setting(self, key, *args, **env):
        document = self.json("config", "-o", "json", *args, env=env)
        self.assertEqual(document["schema"], "fathom/config/v1")
        found, = (s for s in document["settings"] if s["key"] == key and not s["dive"])
        return found

    def put(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        return self.write(name, text)

    def test_each_origin(self):
        found = self.setting("cache-size")
        self.assertEqual((found["value"], found["origin"]["kind"], found["variable"], found["option"]), ("2GB", "default", "FATHOM_CACHE_SIZE", "--cache-size"))
        own = self.put("home/config/fathom/config.yaml", "# mine\ncache-size: 3GB\n")
        found = self.setting("cache-size")
        self.assertEqual((found["value"], found["origin"]), ("3GB", {"kind": "file", "name": own, "line": 2}))
        self.put("work/.fathom.yaml", "cache-size: 4GB\n")
        found = self.setting("cache-size")
        self.assertEqual((found["value"], found["origin"]), ("4GB", {"kind": "file", "name": ".fathom.yaml", "line": 1}))
        found = self.setting("cache-size", FATHOM_CACHE_SIZE="5GB")
        self.assertEqual((found["value"], found["origin"]["kind"], found["origin"]["name"]), ("5GB", "variable", "FATHOM_CACHE_SIZE"))
        found = self.setting("cache-size", "--cache-size", "6GB", FATHOM_CACHE_SIZE="5GB")
        self.assertEqual((found["value"], found["origin"]["kind"]), ("6GB", "flag"))
        self.assertEqual([v["value"] for v in found["overridden"]], ["5GB", "4GB", "3GB", "2GB"])
        document = self.json("config", "-o", "json", "--cache-size", "6GB", env={"FATHOM_CACHE_SIZE": "5GB"})
        self.assert_valid(document, os.path.join(SCHEMAS, "config-v1.json"))
        self.assert_valid(self.json("version", "-o", "json"), os.path.join(SCHEMAS, "version-v1.json"))

    def test_the_value_counts(self):
        image = docker_archive(self.path("image.tar"), (["t:1"], wasteful()))
        self.put("work/.fathom.yaml", "max-layers: 2\n")
        self.assertIn(b"--max-layers", self.fathom("analyze", image, code=6).stderr)
        self.fathom("analyze", image, env={"FATHOM_MAX_LAYERS": "3"})
        self.fathom("analyze", image, "--max-layers", "3")

    def test_table_and_locations(self):
        self.put("work/.fathom.yaml", "threads: 1\n")
        table = self.fathom("config").stdout.decode()
        self.assertRegex(table, r"(?m)^threads +1 +\.fathom\.yaml:1 +FATHOM_THREADS$")
        locations = self.fathom("config", "locations").stdout.decode()
        self.assertRegex(locations, r"(?m)^\.fathom\.yaml +this folder +read$")
        self.assertRegex(locations, r"(?m)^%s +yours +absent$" % self.path("home/config/fathom/config.yaml"))

    def test_mistakes(self):
        for text, words in (("thread: 1\n", (b".fathom.yaml:1", b"'thread'", b"'threads'")), ("a: 1\nthreads: many\n", (b".fathom.yaml",)),
                            ("threads: many\n", (b".fathom.yaml:1: threads", b"many")), ("threads: [1\n", (b".fathom.yaml", b"YAML")),
                            ("- threads\n", (b".fathom.yaml:1",)), ("threads: 1\nthreads: 2\n", (b"twice",)), ("color: purple\n", (b"color", b"auto"))):
            with self.subTest(text):
                self.put("work/.fathom.yaml", text)
                said = self.fathom("config", code=2).stderr
                for word in words:
                    self.assertIn(word, said)

    def test_variables(self):
        self.assertIn(b"FATHOM_THREADS", self.fathom("config", env={"FATHOM_THREADS": "many"}, code=2).stderr)
        note = self.fathom("config", env={"FATHOM_THREAD": "1"}).stderr
        self.assertIn(b"FATHOM_THREAD is no setting (did you mean 'FATHOM_THREADS'?)", note)

    def test_a_file_that_was_named_must_be_there(self):
        self.fathom("config", env={"FATHOM_CONFIG": self.path("absent.yaml")}, code=2)


if __name__ == "__main__":
    unittest.main()
