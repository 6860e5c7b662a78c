#!/usr/bin/env python3
"""Builds the images that the benchmarks read.

usage: make_images.py [DIRECTORY] [--only NAME,...] [--big] [--list]

DIRECTORY is build/bench-images unless given. An image that is there is left alone. `flat4g` (4 GB)
is made only with --big. Images of Debian packages need mmdebstrap and a mirror; one that cannot be
made is named with the reason, the others are made all the same.
"""
import argparse
import os
import shutil
import sys
import time

import debian_images
import synthetic_images

# name -> file or folder in the image directory
FILES = {
    "small-gzip": "small-gzip",
    "files10k": "files10k.tar",
    "files100k": "files100k.tar",
    "files200k": "files200k.tar",
    "files1m": "files1m.tar",
    "hollow10g": "hollow10g.tar",
    "words1g": "words1g",
    "many40": "many40.tar",
    "flat400m": "flat400m.tar",
    "flat1500m": "flat1500m.tar",
    "flat4g": "flat4g.tar",
    "layer600": "layer600",
    "plain9": "plain9.tar",
    "gz8": "gz8.tar",
}
BIG = ("flat4g",)


def path_of(directory, name):
    return os.path.join(directory, FILES[name])


def ready(directory, name):
    path = path_of(directory, name)
    return os.path.exists(os.path.join(path, "index.json") if os.path.isdir(path) else path)


def make(directory, name):
    """Makes one image unless it is there; raises RuntimeError or OSError with the reason."""
    if ready(directory, name):
        return
    os.makedirs(directory, exist_ok=True)
    path = path_of(directory, name)
    if not os.path.splitext(path)[1] and os.path.isdir(path):
        shutil.rmtree(path)  # left unfinished
    if name.startswith("files"):
        synthetic_images.make_files(path, {"10k": 10**4, "100k": 10**5, "200k": 2 * 10**5, "1m": 10**6}[name[5:]])
    elif name == "many40":
        synthetic_images.make_many(path)
    elif name.startswith("flat"):
        synthetic_images.make_flat(path, {"400m": 4 * 10**8, "1500m": 15 * 10**8, "4g": 4 * 10**9}[name[4:]])
    elif name == "hollow10g":
        synthetic_images.make_hollow(path, 10**10)
    elif name == "words1g":
        synthetic_images.make_small_gzip(path, 10**5)
    elif name == "small-gzip":
        synthetic_images.make_small_gzip(path)
    elif name == "layer600":
        debian_images.make_one_layer(path, directory)
    else:
        debian_images.make_careless(path_of(directory, "plain9"), path_of(directory, "gz8"),
                                    directory)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", default="build/bench-images")
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--big", action="store_true", help="also " + ", ".join(BIG))
    parser.add_argument("--list", action="store_true", help="show the names and what is there")
    options = parser.parse_args()
    directory = os.path.abspath(options.directory)
    names = options.only.split(",") if options.only else [
        name for name in FILES if options.big or options.list or name not in BIG]
    unknown = [name for name in names if name not in FILES]
    if unknown:
        parser.error("no such image: " + ", ".join(unknown))
    missing = 0
    for name in names:
        if options.list:
            print("%-12s %s" % (name, path_of(directory, name) if ready(directory, name) else "-"))
            continue
        start = time.monotonic()
        try:
            make(directory, name)
            print("%-12s %s (%.1f s)" % (name, path_of(directory, name),
                                         time.monotonic() - start), flush=True)
        except (RuntimeError, OSError) as error:
            missing += 1
            print("%-12s not made: %s" % (name, error), flush=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
