"""Thousands of damaged images: each is refused with words that name the place, or read with the same numbers as the whole one.

    test_damage.py               the runs that every test run makes; FATHOM_DAMAGE_RUNS changes how many
    test_damage.py --seed N      one of them, with what was damaged and what was said

Which words count as naming the place of the damage (Damaged.places):
    layer k     "layer k"
    config      "config", or the digest of the blob
    manifest    "manifest", or the digest of the blob (a manifest of OCI)
    index       "index.json" or "manifest.json", or what these lead to: a manifest, config, blob or layer
    other       a file that is not read: always the same numbers
    archive     the name of the archive, which every message has, and a byte, a member, or what is missing in it; or a layer
"""
import json
import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

import damage
from journey import binary, environment

RUNS = int(os.environ.get("FATHOM_DAMAGE_RUNS", "2400"))
SECONDS = 10                                   # longer is a hang
MEMORY = 1 << 30                               # bytes of address space


class Place:
    """The folders of one worker."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fathom-damage-")
        self.home, self.work = (os.path.join(self.folder, n) for n in ("home", "work"))
        os.mkdir(self.home)
        os.mkdir(self.work)
        self.image = os.path.join(self.folder, "image")

    def put(self, data):
        if os.path.isdir(self.image):
            shutil.rmtree(self.image)
        if isinstance(data, bytes):
            with open(self.image, "wb") as f:
                f.write(data)
            return
        if os.path.exists(self.image):
            os.unlink(self.image)
        for name, content in data.items():
            os.makedirs(os.path.dirname(os.path.join(self.image, name)), exist_ok=True)
            with open(os.path.join(self.image, name), "wb") as f:
                f.write(content)

    def run(self, stdin=None):
        """(exit code or None for a hang, stdout, stderr)"""
        try:
            result = subprocess.run([binary(), "analyze", "-o", "json", "--no-cache", "-" if stdin else self.image],
                                    input=stdin or b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.work,
                                    env=environment(self.home), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return None, b"", b"no end"
        return result.returncode, result.stdout, result.stderr

    def is_clean(self):
        return not os.listdir(self.work) and not os.listdir(self.home)


def numbers(answer, form):
    """What damage must not change. The tag stands in no digest; nor, in a Docker archive, does how a layer is stored."""
    answer = json.loads(answer)
    del answer["image"]["reference"]
    if form == "docker":
        del answer["image"]["compressedBytes"]
        for layer in answer["layers"]:
            del layer["compressedBytes"]
    return answer


def names(place, message, parts):
    """Whether the message names the place, by the words at the head of this file."""
    def digest(kind):
        return [re.escape(n.rpartition("/")[2][:12]) for n, _, p in parts if p[0] == kind]
    words = {"layer": ["layer %s\\b" % place[-1]], "config": ["config", *digest("config")], "manifest": ["manifest", *digest("manifest")],
             "index": ["index\\.json", "manifest", "config", "blob", "layer"],
             "archive": ["byte", "archive", "layer", "it has", "empty", "member", "config", "manifest\\.json", "blob"], "other": []}[place[0]]
    return any(re.search(w, message) for w in words)


# Damage that makes an image honestly another thing: exit code, and what is said.
HONEST = {2: re.compile(r"several images|holds several|choose"), 3: re.compile(r"no tag|no image for|platform")}


def verdict(good, damaged, code, out, message, whole):
    """What is wrong with the answer to a damaged image; "" when nothing is."""
    text = message.decode(errors="replace")
    if code is None or code < 0:
        return "ended by signal %s" % code if code else "no end"
    if "Sanitizer" in text or "runtime error:" in text:
        return "a sanitizer's report"
    if code == 0:
        return "" if numbers(out, good.form) == whole else "other numbers"
    if out:
        return "an answer beside the error"
    if code in HONEST:
        return "" if HONEST[code].search(text) else "exit code %d" % code
    if code not in (5, 6):
        return "exit code %d" % code
    if not any(names(p, text, good.parts) for p in damaged.places):
        return "the message names none of %s" % sorted(damaged.places)
    return ""


def images_with_numbers():
    """The good images, and what is said of each while it is whole."""
    images, place, whole = damage.good_images(), Place(), {}
    for good in images:
        data = good.bytes() if good.form != "directory" else {n: c for n, c, _ in good.parts}
        place.put(damage.compressed(data, good.outer) if isinstance(data, bytes) else data)
        code, out, message = place.run()
        if code != 0:
            raise AssertionError("%s: %s" % (good.name, message.decode()))
        whole[good.name] = numbers(out, good.form)
    shutil.rmtree(place.folder)
    return images, whole


def one_run(place, images, whole, seed):
    """(what is wrong or "", account of the run)"""
    good, damaged = damage.damage(images, seed)
    through_pipe = isinstance(damaged.data, bytes) and damaged.data and seed % 3 == 0
    if not through_pipe:
        place.put(damaged.data)
    code, out, message = place.run(damaged.data if through_pipe else None)
    wrong = verdict(good, damaged, code, out, message, whole[good.name])
    if not wrong and not place.is_clean():
        wrong = "files were written: %s" % (os.listdir(place.work) + os.listdir(place.home))
    account = "seed %d: %s%s: %s: exit %s: %s" % (seed, good.name, " on stdin" if through_pipe else "", damaged.what, code,
                                                  message.decode(errors="replace").strip()[-400:])
    return wrong, code, account


def work(seeds, images, whole, results):
    with open(binary(), "rb") as f:
        if b"__asan_init" not in f.read():     # shadow memory does not fit below a limit
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    place = Place()
    try:
        for seed in seeds:
            results.put((seed, *one_run(place, images, whole, seed)))
    finally:
        shutil.rmtree(place.folder)
        results.put(None)


class DamagedImages(unittest.TestCase):
    def test_damaged_images(self):
        images, whole = images_with_numbers()
        workers = max(2, os.cpu_count() or 2)
        results, codes, failures, left = multiprocessing.Queue(), {}, [], workers
        processes = [multiprocessing.Process(target=work, args=(range(k, RUNS, workers), images, whole, results)) for k in range(workers)]
        for process in processes:
            process.start()
        while left:
            result = results.get(timeout=SECONDS * 10)
            if result is None:
                left -= 1
                continue
            seed, wrong, code, account = result
            codes[code] = codes.get(code, 0) + 1
            if wrong:
                failures.append((seed, "%s: %s\n    again: python3 test_damage.py --seed %d" % (wrong, account, seed)))
        for process in processes:
            process.join()
        self.assertEqual(failures, [], "\n".join([text for _, text in sorted(failures)[:40]] + ["%d of %d" % (len(failures), RUNS)]))
        self.assertEqual(sum(codes.values()), RUNS)
        # The damager would be broken if nearly everything, or nothing, survived it.
        self.assertGreater(codes.get(5, 0), RUNS / 2)
        self.assertGreater(codes.get(0, 0), RUNS / 50)


def main():
    if "--seed" not in sys.argv:
        return unittest.main()
    seed = int(sys.argv[sys.argv.index("--seed") + 1])
    images, whole = images_with_numbers()
    place = Place()
    wrong, code, account = one_run(place, images, whole, seed)
    kept = place.image if os.path.exists(place.image) else "(on stdin)"
    print("%s\n%s\nplaces: %s\nthe image: %s" % (wrong or "fine", account, sorted(damage.damage(images, seed)[1].places), kept))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
