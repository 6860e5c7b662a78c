"""Images that real engines built: the same analysis from every source, and the files of `docker export`."""
import os
import shutil
import unittest

import engine_images
from engine_images import FORMS, NAMES, OF_THE_ENGINE
from journey import Journey, require
from test_same_everywhere import core


def visible_bytes(export):
    """Bytes of regular files, each hard-linked one once, as a tar of a root file system holds them."""
    with engine_images.tarfile.open(export) as tar:
        return sum(m.size for m in tar if m.isreg() and os.path.normpath(m.name) not in OF_THE_ENGINE)


class EngineImages(Journey):
    @classmethod
    def setUpClass(cls):
        require("skopeo", "umoci", "apt-get", "dpkg-deb")
        cls.engines = cls.enterClassContext(engine_images.Engines())

    def run_form(self, forms, form, *args):
        shutil.rmtree(self.cache, ignore_errors=True)
        source = forms.stdin(form)
        try:
            return self.json(args[0], forms.arguments[form], *args[1:], stdin=source, env=self.engines.environment, timeout=300)
        finally:
            if source is not None:
                source.close()

    def test_the_same_analysis_from_every_source(self):
        for name in NAMES:
            forms = self.engines.forms(name)
            wanted = core(self.run_form(forms, "docker save", "analyze", "-o", "json"))
            for form in FORMS:
                with self.subTest(image=name, form=form):
                    self.assertEqual(core(self.run_form(forms, form, "analyze", "-o", "json")), wanted)

    def test_visible_bytes_are_those_of_docker_export(self):
        for name in NAMES:
            with self.subTest(image=name):
                forms = self.engines.forms(name)
                image = self.run_form(forms, "docker://", "analyze", "-o", "json")["image"]
                nodes = self.run_form(forms, "docker://", "tree", "-o", "json")["nodes"]
                emptied = sum(node["size"] for node in nodes if node["type"] == "file" and node["path"].strip("/") in OF_THE_ENGINE)
                self.assertEqual(image["visibleBytes"] - emptied, visible_bytes(forms.export()))

    def test_extraction_equals_docker_export(self):
        for name in NAMES:
            with self.subTest(image=name):
                forms = self.engines.forms(name)
                target = self.path(name + ".tar")
                self.fathom("extract", "docker://" + forms.tag, "/", "--keep-special", "--output", target, env=self.engines.environment,
                            timeout=300)
                wanted, got = engine_images.members(forms.export()), engine_images.members(target)
                names = (set(wanted) | set(got)) - OF_THE_ENGINE - ({"etc"} - set(got))     # that the engine made for its files
                self.assertGreater(len(names), 3)
                different = sorted(n for n in names if got.get(n) != wanted.get(n))
                self.assertEqual([(n, got.get(n), wanted.get(n)) for n in different[:10]], [], "%d differ: (name, extracted, exported)" % len(different))

    def test_a_root_file_system_holds_what_the_image_holds(self):
        for name in NAMES:
            with self.subTest(image=name):
                forms = self.engines.forms(name)
                root = self.json("analyze", forms.export(), "-o", "json", timeout=300)["image"]
                self.assertEqual(root["visibleBytes"], visible_bytes(forms.export()))
                self.assertEqual(root["wastedBytes"], 0)


if __name__ == "__main__":
    unittest.main()
