"""Images that a real Docker Engine builds from Debian packages, in every form that people keep images in.

    with engine_images.Engines() as engines:   # a Docker Engine and a Podman service of this test's own
        engines.forms("debian").arguments       # of each of FORMS, how fathom is to name the image; built when first asked for
"""
import contextlib
import hashlib
import io
import os
import tarfile
import tempfile

import debian_image
import engines
from debian_image import run

# What a container engine puts into every container it makes: what an export has of these says nothing of the image.
OF_THE_ENGINE = {".dockerenv", "dev/console", "dev/pts", "dev/shm", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab",
                 "proc", "sys", "dev"}

# VFS_CAP_REVISION_2, effective, with CAP_NET_RAW permitted: see capabilities(7).
CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")

DEBIAN = """
FROM scratch
ADD base.tar /
COPY package.deb /tmp/package.deb
RUN dpkg -i /tmp/package.deb && rm /tmp/package.deb
ADD capable.tar /
RUN rm -rf /usr/share/locale /usr/share/doc/hello && mkdir -p /srv/a/b && echo one > /srv/a/one && ln /srv/a/one /srv/two \
 && ln -s ../a /srv/link && mkfifo /srv/fifo && chmod 1777 /srv/a && chown 33:44 /srv/a/one && chmod 4755 /usr/bin/hello
RUN rm -rf /srv/a && mkdir /srv/a && echo three > /srv/a/three && ln -sf /etc/issue /etc/motd && chmod 600 /etc/issue \
 && cp /usr/bin/hello /usr/bin/hello-again && echo '# more' >> /etc/passwd
ENV LANG=C.UTF-8
CMD ["bash"]
"""

PACKAGE_FILES = """
FROM scratch
COPY files/ /
COPY Dockerfile /usr/share/doc/Dockerfile
COPY files/usr/bin/hello /usr/bin/hello
ENTRYPOINT ["/usr/bin/hello"]
"""

STATIC = """
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "/bin"]
RUN /bin/mkdir -p /data/deep/er && /bin/dd if=/dev/zero of=/data/zeros bs=1024 count=700 && /bin/ln /data/zeros /data/deep/zeros
RUN /bin/rm -rf /data/deep && /bin/chmod 0700 /data && /bin/ln -s /data /var
"""

NAMES = {"debian": DEBIAN, "package-files": PACKAGE_FILES, "static": STATIC}

# Every one holds all layers of the image.
FORMS = ("docker://", "podman://", "docker save", "docker save on stdin", "podman save", "podman save as OCI", "OCI tar by skopeo",
         "OCI directory by skopeo", "OCI directory by umoci", "zstd layers")


def capable(path):
    """A tar with a program that has a capability, as `getcap` would show it."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("usr/local/bin/ping")
        member.mode, member.size = 0o755, 4
        member.pax_headers = {"SCHILY.xattr.security.capability": CAPABILITY.decode("latin-1")}
        tar.addfile(member, io.BytesIO(b"ping"))


def download(name, folder):
    """The Debian package, from where this machine's apt takes it."""
    run("apt-get", "download", name, cwd=folder)
    package, = (os.path.join(folder, n) for n in os.listdir(folder) if n.startswith(name + "_"))
    return package


def make_context(name, folder):
    """What `docker build` is given for an image."""
    context = os.path.join(folder, name)
    os.mkdir(context)
    packages = os.path.join(folder, name + "-packages")
    os.mkdir(packages)
    if name == "debian":
        os.link(debian_image.image().layers[0], os.path.join(context, "base.tar"))
        os.rename(download("hello", packages), os.path.join(context, "package.deb"))
        capable(os.path.join(context, "capable.tar"))
    elif name == "package-files":
        run("dpkg-deb", "-x", download("hello", packages), os.path.join(context, "files"))
    else:
        run("dpkg-deb", "-x", download("busybox-static", packages), os.path.join(folder, "busybox"))
        os.rename(os.path.join(folder, "busybox", "bin", "busybox"), os.path.join(context, "busybox"))
    with open(os.path.join(context, "Dockerfile"), "w") as f:
        f.write(NAMES[name])
    return context


class Engines:
    """Both engines, and the images that were built there."""

    def __enter__(self):
        with contextlib.ExitStack() as exits:
            self.folder = exits.enter_context(tempfile.TemporaryDirectory(prefix="fathom-engine-images-"))
            self.docker = exits.enter_context(engines.Docker(os.path.join(self.folder, "docker")))
            self.podman = exits.enter_context(engines.Podman(os.path.join(self.folder, "podman")))
            self.environment = {**self.docker.env, **self.podman.env}
            self.built = {}
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_):
        self._exits.close()

    def forms(self, name):
        if name not in self.built:
            self.built[name] = Forms(name, self.docker.run, self.podman.run, self.folder)
        return self.built[name]


class Forms:
    """One image in all FORMS. `docker` and `podman` run a command against the engines."""

    def __init__(self, name, docker, podman, folder):
        self.tag = "localhost/%s:1" % name
        self.docker = docker
        self.folder = os.path.join(folder, name + "-forms")
        os.mkdir(self.folder)
        docker("build", "--network", "host", "-t", self.tag, make_context(name, folder))
        saved, oci = self.path("docker.tar"), self.path("oci") + ":v"
        docker("save", "-o", saved, self.tag)
        podman("load", "-q", "-i", saved)
        podman("save", "-q", "-o", self.path("podman.tar"), self.tag)
        podman("save", "-q", "--format", "oci-archive", "-o", self.path("podman-oci.tar"), self.tag)
        source = "docker-archive:" + saved
        run("skopeo", "copy", "-q", source, "oci-archive:" + self.path("oci.tar") + ":v")
        run("skopeo", "copy", "-q", source, "oci:" + oci)
        run("skopeo", "copy", "-q", source, "oci:" + self.path("zstd") + ":v", "--dest-compress", "--dest-compress-format", "zstd")
        run("skopeo", "copy", "-q", source, "oci:" + self.path("umoci") + ":v")
        run("umoci", "config", "--image", self.path("umoci") + ":v", "--tag", "w", "--no-history", "--config.label", "packed=by-umoci")
        self.arguments = dict(zip(FORMS, (
            "docker://" + self.tag, "podman://" + self.tag, saved, "-", self.path("podman.tar"), self.path("podman-oci.tar"),
            self.path("oci.tar"), self.path("oci"), "oci:" + self.path("umoci") + ":w", self.path("zstd"))))

    def path(self, name):
        return os.path.join(self.folder, name)

    def stdin(self, form):
        return open(self.path("docker.tar"), "rb") if self.arguments[form] == "-" else None

    def export(self):
        """The tar of `docker export` of a container that never ran."""
        target = self.path("export.tar")
        if os.path.exists(target):
            return target
        container = self.docker("create", self.tag, "/never-run").decode().strip()
        self.docker("export", "-o", target, container)
        self.docker("rm", container)
        return target


def members(path):
    """{name: facts} of a tar of a root file system. Hard links are facts of what they link to: (first name, that file's facts)."""
    found, first = {}, {}
    with tarfile.open(path) as tar:
        for m in tar:
            name = os.path.normpath(m.name)
            if m.islnk():
                target = os.path.normpath(m.linkname)
                first[name] = first.get(target, target)
                continue
            xattrs = {k: v for k, v in m.pax_headers.items() if k.startswith("SCHILY.xattr.")}
            fact = {"type": m.type.decode(), "mode": m.mode & 0o7777, "uid": m.uid, "gid": m.gid, "xattrs": xattrs}
            if m.isreg():
                fact.update(content=hashlib.file_digest(tar.extractfile(m), "sha256").hexdigest(), mtime=int(m.mtime), size=m.size)
            elif m.issym():
                fact["link"] = m.linkname
            elif m.isdev():
                fact["device"] = (m.devmajor, m.devminor)
            found[name] = fact
    groups = {}
    for name, target in first.items():
        groups.setdefault(target, {target}).add(name)
        found[name] = dict(found[target])
    for group in groups.values():
        for name in group:
            found[name]["links"] = sorted(group)
    return found
