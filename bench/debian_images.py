"""Images of real files: Debian installed by mmdebstrap, one layer per step as a build would make.

mmdebstrap calls this file back after each step (`snapshot`), which writes what changed since the
step before as a layer: new and changed entries by GNU tar, whiteouts for what went away. The files
come from Debian's mirror, so their exact bytes move with its updates; the steps do not.
"""
import contextlib
import hashlib
import os
import pickle
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time

from image_writer import COPY_PIECE, GZIP_LAYER, MTIME, ArchiveImage, DirectoryImage, header

SUITE = "bookworm"
NOT_IN_IMAGES = ("dev", "proc", "sys", "run", "tmp")
INSTALL = "apt-get install -y --no-install-recommends "
CLEAN = "apt-get clean; rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log"
PACKAGES = "/usr/lib/python3/dist-packages/"
APPLICATION = "mkdir -p /opt/app && cp -r %snumpy %spandas /opt/app/" % (PACKAGES, PACKAGES)

# A careless image: package lists and archives kept, then a copy, a chown and a late clean-up. The
# clean-up takes whole folders: few whiteouts, since dive slows down with their number (13 s where
# each archive has its own) and would make the comparison too easy; many40 is the image for those.
CARELESS = (
    CLEAN,
    "apt-get update",
    INSTALL + "python3 perl git build-essential nodejs python3-pandas libboost1.74-dev",
    APPLICATION,
    "chown -R 1000:1000 /opt/app",
    INSTALL + "vim ruby",
    "python3 -m compileall -q /opt/app || true",
    "rm -rf /usr/share/doc /usr/share/man /var/lib/apt/lists /var/cache/apt",
    "find /usr/share/perl -type f -exec touch -d @%d {} +; echo app > /etc/app.conf" % MTIME,
)
ONE_LAYER = ("python3", "perl", "git", "build-essential", "nodejs")


def make_one_layer(path, scratch):
    """One gzip layer of about 600 MB unpacked, as an OCI directory."""
    with _layers((CLEAN,), ONE_LAYER, scratch) as tars:
        image = DirectoryImage(path, "layer600")
        _add_gzip(image, tars[0], "mmdebstrap --include=" + ",".join(ONE_LAYER))
        image.close()


def make_careless(plain_path, gzip_path, scratch):
    """The same nine layers twice: plain, and each compressed by gzip."""
    with _layers(CARELESS, (), scratch) as tars:
        for path, add, name in ((plain_path, _add_plain, "plain9"), (gzip_path, _add_gzip, "gz8")):
            if os.path.exists(path):
                continue
            image = ArchiveImage(path, name)
            for tar, step in zip(tars, CARELESS):
                add(image, tar, "RUN /bin/sh -c %s # buildkit" % step)
            image.empty('CMD ["/bin/sh"]')
            image.close()


@contextlib.contextmanager
def _layers(steps, include, scratch):
    """The layer tars of `steps`, in a temporary folder that goes away at the end."""
    if shutil.which("mmdebstrap") is None:
        raise RuntimeError("mmdebstrap is not installed")
    with tempfile.TemporaryDirectory(prefix="layers-", dir=scratch) as folder:
        os.chmod(folder, 0o777)  # a user namespace's root may be another user out here
        command = ["mmdebstrap", "--quiet", "--variant=minbase", "--format=null"]
        if include:
            command.append("--include=" + ",".join(include))
        shot = shlex.join([sys.executable, os.path.abspath(__file__), "snapshot"])
        for i, step in enumerate(steps):
            command += [
                '--customize-hook=DEBIAN_FRONTEND=noninteractive chroot "$1" sh -c %s'
                % shlex.quote(step),
                '--customize-hook=%s "$1" %s %d' % (shot, shlex.quote(folder), i)]
        environment = {**os.environ, "TMPDIR": scratch, "SOURCE_DATE_EPOCH": str(MTIME)}
        run = subprocess.run(command + [SUITE, os.devnull], env=environment, check=False,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        if run.returncode != 0:
            raise RuntimeError("mmdebstrap failed: "
                               + run.stdout[-600:].decode(errors="replace").strip())
        yield [_tar(folder, i) for i in range(len(steps))]


def _tar(folder, index):
    return os.path.join(folder, "%02d.tar" % index)


def _pieces(stream):
    return iter(lambda: stream.read(COPY_PIECE), b"")


def _add_plain(image, tar, created_by):
    with image.layer(created_by) as sink, open(tar, "rb") as stream:
        for piece in _pieces(stream):
            sink.write(piece)


def _add_gzip(image, tar, created_by):
    digest = hashlib.sha256()
    with open(tar, "rb") as stream:
        for piece in _pieces(stream):
            digest.update(piece)
    with image.packed_layer(created_by, GZIP_LAYER, lambda: "sha256:" + digest.hexdigest()) as sink:
        with open(tar, "rb") as stream, subprocess.Popen(
                ["gzip", "-6", "-n"], stdin=stream, stdout=subprocess.PIPE) as gzip:
            for piece in _pieces(gzip.stdout):
                sink.write(piece)
        if gzip.returncode != 0:
            raise RuntimeError("gzip failed")


def snapshot(root, folder, index):
    """Writes layer `index`: what differs under `root` from the state that the last call kept."""
    state_path = os.path.join(folder, "state")
    before = {}
    if os.path.exists(state_path):
        with open(state_path, "rb") as stream:
            before = pickle.load(stream)
    now = _state(root)
    changed = {path for path, value in now.items() if before.get(path) != value}
    for path in list(changed):
        while path := os.path.dirname(path):
            changed.add(path)
    gone = [path for path in before if path not in now and
            (os.path.dirname(path) in now or not os.path.dirname(path))]
    for attempts_left in (2, 1, 0):
        status = _write_layer(root, _tar(folder, index), sorted(changed), sorted(gone))
        if status == 0:
            break
        if status != 1 or not attempts_left:  # 1: a file changed while it was read
            raise RuntimeError("tar ended with %d" % status)
        time.sleep(2)
    with open(state_path, "wb") as stream:
        pickle.dump(now, stream)


def _write_layer(root, path, changed, gone):
    """Whiteouts for `gone`, then `changed` as they are; GNU tar's exit code."""
    with open(path, "wb") as out:
        for name in gone:
            parent, base = os.path.split(name)
            out.write(header(os.path.join(parent, ".wh." + base), 0, 0o600))
        out.flush()
        # Times are cut at MTIME: what steps wrote just now would differ from run to run.
        return subprocess.run(
            ["tar", "--create", "--directory", root, "--no-recursion", "--null", "--files-from=-",
             "--format=pax", "--pax-option=delete=atime,delete=ctime", "--numeric-owner",
             "--mtime=@%d" % MTIME, "--clamp-mtime", "--blocking-factor=1", "--xattrs",
             "--xattrs-include=security.capability"],
            input=b"\0".join(map(os.fsencode, changed)), stdout=out, check=False).returncode


def _state(root):
    """path -> what a layer would record of it; the time of a directory says nothing new."""
    found = {}
    for base, folders, files in os.walk(root):
        inside = os.path.relpath(base, root)
        if inside in NOT_IN_IMAGES:
            folders.clear()
            continue
        for name in folders + files:
            path = os.path.join(base, name)
            status = os.lstat(path)
            folder = stat.S_ISDIR(status.st_mode)
            found[os.path.normpath(os.path.join(inside, name))] = (
                status.st_mode, status.st_uid, status.st_gid, status.st_rdev,
                None if folder else (status.st_size, status.st_mtime_ns),
                os.readlink(path) if stat.S_ISLNK(status.st_mode) else None)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] != "snapshot":
        sys.exit("usage: debian_images.py snapshot ROOT FOLDER INDEX (called by mmdebstrap)")
    snapshot(sys.argv[2], sys.argv[3], int(sys.argv[4]))
