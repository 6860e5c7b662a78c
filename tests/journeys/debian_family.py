"""Thirty real images that share layers: a minimal Debian, and in each some of Debian's packages, a layer for each package.

`layout()` gives an OCI layout that umoci made of them; `names()` their names in it.
"""
import os
import shutil

import debian_image
from debian_image import run

IMAGES = 30


def names():
    return ["app%02d" % n for n in range(IMAGES)]


def packages_of(n):
    """Two to four packages that follow each other, so that neighbours share some."""
    every = debian_image.PACKAGES
    return [every[(n + k) % len(every)] for k in range(2 + n // len(every))]


def package_layers(built, folder):
    """A layer for each package: its files, as dpkg unpacks them."""
    layers = {}
    for name in debian_image.PACKAGES:
        layers[name] = os.path.join(folder, name + ".tar")
        with open(layers[name], "wb") as out:
            out.write(run("dpkg-deb", "--fsys-tarfile", debian_image.package_in(built.packages, name)))
    return layers


def cleaning_layer(folder, package):
    """As `RUN rm -rf /usr/share/doc/PACKAGE` leaves it."""
    where, layer = os.path.join(folder, "clean", package), os.path.join(folder, "clean-" + package + ".tar")
    os.makedirs(os.path.join(where, "usr/share/doc"), exist_ok=True)
    open(os.path.join(where, "usr/share/doc/.wh." + package), "wb").close()
    run("tar", "-c", "-f", layer, "--numeric-owner", "-C", where, "usr/share/doc/.wh." + package)
    return layer


def build(built, folder):
    layout = os.path.join(folder, "layout")
    layers = package_layers(built, folder)

    def add(image, layer, step):
        run("umoci", "raw", "add-layer", "--image", layout + ":" + image, "--history.created_by", step, layer)

    run("umoci", "init", "--layout", layout)
    run("umoci", "new", "--image", layout + ":base")
    add("base", built.layers[0], "debian")
    for n, name in enumerate(names()):
        run("umoci", "tag", "--image", layout + ":base", name)
        for package in packages_of(n):
            add(name, layers[package], "install " + package)
        if n % 3 == 0:
            add(name, cleaning_layer(folder, packages_of(n)[0]), "clean " + packages_of(n)[0])
    run("umoci", "rm", "--image", layout + ":base")
    run("umoci", "gc", "--layout", layout)
    for name in os.listdir(folder):
        if name != "layout":
            path = os.path.join(folder, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


def layout():
    """The layout's folder, built by the first who asks."""
    built = debian_image.image()
    folder = debian_image.once(os.path.basename(built.folder) + "-family", __file__, lambda folder: build(built, folder))
    return os.path.join(folder, "layout")
