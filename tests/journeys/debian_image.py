"""One real image: a minimal Debian, changed in layers by real operations, in every form that people keep images in.

`image()` builds it once in the folder FATHOM_TEST_WORK (default: a temporary one) and gives its forms and its layers.
`merged(layers, folder)` says what the image holds, found out by GNU tar and the operating system alone.
"""
import atexit
import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import stat
import subprocess
import tarfile
import tempfile
import unittest

from journey import require

SUITE = "bookworm"
PROGRAMS = ("mmdebstrap", "skopeo", "umoci", "zstd", "gzip", "tar", "apt-get", "dpkg-deb")
TAG = "v"
NAME = "localhost/debian:1"
PACKAGES = ("hello", "bc", "ed", "figlet", "file", "jq", "less", "nano", "tree", "unzip", "whois", "zip")   # small ones, fetched with the image


def run(*command, **how):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)
    if done.returncode != 0:
        raise AssertionError("%s ...: exit %d\n%s" % (" ".join(command[:4]), done.returncode, done.stderr[-2000:].decode(errors="replace")))
    return done.stdout


def mirrors():
    """Where this machine's apt takes the suite from; nothing leaves the choice to mmdebstrap."""
    sites = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Release: " + SUITE, "Component: main")
    return sites.decode().split()[:1]


def bootstrap(rootfs, packages):
    """The first layer, and beside it the packages that others install."""
    fetch = 'cd "%s" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download %s' % (packages, " ".join(PACKAGES))
    run("mmdebstrap", "--quiet", "--variant=minbase", "--customize-hook=" + fetch, SUITE, rootfs, *mirrors())


# -- changes to a root file system; each gives the names that its layer holds

class Root:
    """An unpacked root file system that is changed as an overlay would: a name gets a file of its own before it changes."""

    def __init__(self, folder):
        self.folder = folder

    def at(self, name):
        return os.path.join(self.folder, name)

    def own(self, name):
        """Copies up: other names of the same file keep what they have."""
        copy, here = self.at(name) + ".copy", os.lstat(self.at(name))
        shutil.copy2(self.at(name), copy)
        os.chown(copy, here.st_uid, here.st_gid)
        os.chmod(copy, stat.S_IMODE(here.st_mode))
        os.rename(copy, self.at(name))
        return name

    def write(self, name, content, mode=0o644):
        if os.path.lexists(self.at(name)):
            os.unlink(self.at(name))
        os.makedirs(os.path.dirname(self.at(name)), exist_ok=True)
        with open(self.at(name), "wb") as f:
            f.write(content)
        os.chmod(self.at(name), mode)
        return name

    def append(self, name, content):
        with open(self.at(self.own(name)), "ab") as f:
            f.write(content)
        return name

    def owner(self, name, uid, gid, mode):
        if not os.path.isdir(self.at(name)):
            self.own(name)
        os.chown(self.at(name), uid, gid)
        os.chmod(self.at(name), mode)
        return name

    def symlink(self, name, target):
        if os.path.lexists(self.at(name)):
            self.remove(name)
        os.symlink(target, self.at(name))
        return name

    def remove(self, name):
        if os.path.isdir(self.at(name)) and not os.path.islink(self.at(name)):
            shutil.rmtree(self.at(name))
        else:
            os.unlink(self.at(name))
        return os.path.join(os.path.dirname(name), ".wh." + os.path.basename(name))


def install(root, package):
    names = run("sh", "-c", 'dpkg-deb --fsys-tarfile "$1" | tar -t', "sh", package).decode().split()
    run("dpkg-deb", "-x", package, root.folder)
    root.write("usr/bin/through-link", b"#!/bin/sh\necho seen through a link\n", 0o755)
    return [n for n in names if n != "./"] + ["bin/through-link"]          # /bin is a link to usr/bin


def rewrite(root):
    papers = sorted(os.listdir(root.at("usr/share/doc")))[:12]
    names = [root.append("etc/passwd", b"app:x:1000:1000::/srv:/bin/sh\n"), root.append("usr/bin/tar", b"\0" * 4096),
             root.append("usr/bin/perl", b"\n"),                            # the other name of this file keeps the old content
             root.own("usr/bin/dash"), root.write("etc/motd", b"hello\n"), root.write("srv/data/one", b"1" * 50000)]
    names += [root.owner("usr/share/doc/%s/copyright" % p, 1000, 1000, 0o600) for p in papers
              if os.path.isfile(root.at("usr/share/doc/%s/copyright" % p))]
    return names + [root.owner("usr/bin/hello", 0, 0, 0o4755), root.owner("root", 0, 0, 0o711), root.owner("srv/data", 33, 33, 0o2775)]


def remove(root):
    gone = [root.remove(n) for n in ("etc/motd", "usr/share/locale", "usr/share/doc/hello", "usr/share/info")]
    return gone + [root.write("usr/share/info/README", b"removed and made anew in one layer\n"), "usr/share/info"]


def reshape(root):
    for name in os.listdir(root.at("etc/apt")):
        root.remove("etc/apt/" + name)
    names = ["etc/apt", "etc/apt/.wh..wh..opq", root.write("etc/apt/apt.conf", b"// empty\n")]
    names.append(root.write("srv/data/two", b"2" * 30000))
    for other in ("srv/data/two-again", "usr/local/bin/two"):
        os.link(root.at("srv/data/two"), root.at(other))
        names.append(other)
    names += [root.symlink("etc/localtime", "/usr/share/zoneinfo/UTC"), root.symlink("usr/bin/sh", "bash"),
              root.symlink("usr/share/doc/base-files", "base-passwd")]      # a directory becomes a link
    root.remove("etc/issue.net")
    names += ["etc/issue.net", root.write("etc/issue.net/text", b"a file becomes a directory\n")]
    return names + [root.write("usr/bin/which", b"#!/bin/sh\n", 0o755)]     # a link becomes a file


def pack(root, names, layer, marks, form):
    """A layer of GNU tar: the names from the root, the whiteouts from the folder `marks`."""
    os.makedirs(marks)
    white = [n for n in names if os.path.basename(n).startswith(".wh.")]
    for name in white:
        os.makedirs(os.path.dirname(os.path.join(marks, name)), exist_ok=True)
        open(os.path.join(marks, name), "wb").close()
    plain = [n for n in names if n not in white]
    run("tar", "-c", "-f", layer, "--format=" + form, "--numeric-owner", "--no-recursion", "-C", marks, *white, "-C", root.folder, *plain)


# -- the image

def package_in(folder, name):
    found, = (n for n in os.listdir(folder) if n.startswith(name + "_"))
    return os.path.join(folder, found)


def build(folder):
    def path(name):
        return os.path.join(folder, name)

    for name in ("packages", "root"):
        os.mkdir(path(name))
    layers = [path("layer%d.tar" % k) for k in range(6)]
    bootstrap(layers[0], path("packages"))
    run("tar", "-x", "-p", "--numeric-owner", "-f", layers[0], "-C", path("root"))
    root = Root(path("root"))
    changes = [(lambda r: install(r, package_in(path("packages"), "hello")), "gnu"), (rewrite, "posix"), (remove, "ustar"), (reshape, "gnu")]
    for k, (change, form) in enumerate(changes, 1):
        pack(root, change(root), layers[k], os.path.join(path("marks"), str(k)), form)

    layout = path("oci")
    image = layout + ":" + TAG
    run("umoci", "init", "--layout", layout)
    run("umoci", "new", "--image", image)
    for k in range(5):
        run("umoci", "raw", "add-layer", "--image", image, "--history.created_by", "step %d" % k, layers[k])
    run("umoci", "config", "--image", image, "--config.cmd", "sh", "--history.created_by", "CMD sh")
    run("umoci", "unpack", "--image", image, path("bundle"))
    last = Root(os.path.join(path("bundle"), "rootfs"))
    last.remove("usr/share/common-licenses")
    last.append("srv/data/two-again", b"no longer the same file\n")
    last.write("srv/data/three", b"3" * 70000)
    last.owner("srv/data/one", 7, 8, 0o640)
    run("umoci", "repack", "--image", image, "--history.created_by", "repack", path("bundle"))
    run("umoci", "gc", "--layout", layout)
    with gzip.open(last_blob(layout)) as packed, open(layers[5], "wb") as out:
        shutil.copyfileobj(packed, out)

    def convert(source, target, *how):
        run("skopeo", "copy", "-q", *how, source, target)

    saved = path("docker.tar")
    convert("oci:" + image, "docker-archive:" + saved + ":" + NAME)
    convert("oci:" + image, "oci-archive:" + path("oci.tar") + ":" + TAG)
    convert("oci:" + image, "oci:" + path("oci-zstd") + ":" + TAG, "--dest-compress", "--dest-compress-format", "zstd")
    convert("docker-archive:" + saved, "oci:" + path("oci-plain") + ":" + TAG, "--dest-oci-accept-uncompressed-layers")
    run("sh", "-c", 'gzip -1 -c "$1" > "$1.gz"', "sh", saved)
    run("zstd", "-q", "-1", saved, "-o", saved + ".zst")
    for name in ("root", "bundle", "marks"):
        shutil.rmtree(path(name))


def last_blob(layout):
    """The file of the last layer in a layout that holds one image."""
    def blob(digest):
        return os.path.join(layout, "blobs", *digest.split(":"))
    with open(os.path.join(layout, "index.json")) as f:
        manifest = json.load(f)["manifests"][0]["digest"]
    with open(blob(manifest)) as f:
        return blob(json.load(f)["layers"][-1]["digest"])


class Built:
    """What `build` left in a folder. forms: name to (argument, file for stdin or None)."""

    def __init__(self, folder):
        def path(name):
            return os.path.join(folder, name)

        self.folder, self.packages = folder, path("packages")
        self.layers = [path("layer%d.tar" % k) for k in range(6)]
        self.forms = {
            "OCI directory, gzip layers": (path("oci"), None),
            "OCI directory with its scheme and tag": ("oci:" + path("oci") + ":" + TAG, None),
            "OCI directory, zstd layers": (path("oci-zstd"), None),
            "OCI directory, plain layers": (path("oci-plain"), None),
            "OCI tar": (path("oci.tar"), None),
            "OCI tar with its scheme": ("oci-archive:" + path("oci.tar"), None),
            "docker-archive": (path("docker.tar"), None),
            "docker-archive with its scheme and tag": ("docker-archive:" + path("docker.tar") + ":" + NAME, None),
            "docker-archive.gz": (path("docker.tar.gz"), None),
            "docker-archive.zst": (path("docker.tar.zst"), None),
            "docker-archive on stdin": ("-", path("docker.tar")),
            "docker-archive.gz on stdin": ("-", path("docker.tar.gz")),
            "docker-archive.zst on stdin": ("-", path("docker.tar.zst")),
            "OCI tar on stdin": ("-", path("oci.tar")),
        }


def work_folder():
    folder = os.environ.get("FATHOM_TEST_WORK")
    if not folder:
        folder = tempfile.mkdtemp(prefix="fathom-debian-")
        atexit.register(shutil.rmtree, folder, True)
    os.makedirs(folder, exist_ok=True)
    return os.path.abspath(folder)


@contextlib.contextmanager
def locked(name):
    with open(name, "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def once(name, source, build):
    """The folder that `build` has filled, for the first who asked. It is named after the content of the file `source`, too."""
    with open(source, "rb") as f:
        folder = os.path.join(work_folder(), name + "-" + hashlib.sha256(f.read()).hexdigest()[:12])
    with locked(folder + ".lock"):
        if not os.path.exists(folder):
            unfinished = folder + ".unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            os.mkdir(unfinished)
            build(unfinished)
            os.rename(unfinished, folder)
    return folder


def image():
    """The image, built by the first who asks."""
    require(*PROGRAMS)
    if os.geteuid() != 0:
        if os.environ.get("FATHOM_TESTS_MAY_SKIP") == "1":
            raise unittest.SkipTest("only root may unpack an image with its owners and devices")
        raise AssertionError("only root may unpack an image with its owners and devices")
    return Built(once("debian", __file__, build))


# -- what the image holds, without any program of ours

KINDS = [(stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "symlink"), (stat.S_ISCHR, "char"),
         (stat.S_ISBLK, "block"), (stat.S_ISFIFO, "fifo")]


def facts(layers):
    """(diff ID, entries, bytes of file content) of each layer."""
    for layer in layers:
        with open(layer, "rb") as f:
            diff_id = "sha256:" + hashlib.file_digest(f, "sha256").hexdigest()
        with tarfile.open(layer, "r:") as tar:
            sizes = [m.size if m.isreg() else 0 for m in tar]
        yield diff_id, len(sizes), sum(sizes)


def remove_path(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def make_way(layer, folder):
    """Removes below the folder what the whiteouts of a layer name, and folders where it brings something else:
    GNU tar leaves a folder that is not empty alone."""
    with tarfile.open(layer, "r:") as tar:
        entries = [(os.path.join(folder, os.path.normpath(m.name)), m.isdir()) for m in tar]
    for path, is_folder in entries:
        parent, name = os.path.split(path)
        if name == ".wh..wh..opq":
            for inside in os.listdir(parent):
                remove_path(os.path.join(parent, inside))
        elif name.startswith(".wh."):
            remove_path(os.path.join(parent, name[len(".wh."):]))
        elif not is_folder and os.path.isdir(path):
            remove_path(path)


def merged(layers, folder):
    """Extracts the layers in order into the folder; returns ({path: node}, bytes of file content)."""
    for layer in layers:
        make_way(layer, folder)
        run("tar", "-x", "-p", "--numeric-owner", "--exclude=.wh.*", "-f", layer, "-C", folder)
    nodes, inodes = {}, {}
    for where, folders, files in os.walk(folder):
        for full in (os.path.join(where, n) for n in folders + files):
            s = os.lstat(full)
            kind = next((k for is_kind, k in KINDS if is_kind(s.st_mode)), "other")
            node = {"type": kind, "mode": stat.S_IMODE(s.st_mode), "uid": s.st_uid, "gid": s.st_gid}
            if kind == "file":
                node["size"] = inodes[s.st_dev, s.st_ino] = s.st_size
            if kind == "symlink":
                node["linkTarget"] = os.readlink(full)
            nodes["/" + os.path.relpath(full, folder)] = node
    return nodes, sum(inodes.values())
