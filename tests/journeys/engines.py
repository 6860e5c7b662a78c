"""Container engines of this machine's own programs, started in temporary folders and stopped again.

    with engines.Docker(folder) as docker:          # a dockerd of its own
        docker.load(image)                           # an image of small_images.py
        docker.import_files({"etc/x": b"1"}, "a:1")  # an image of one layer
        docker.build("FROM a:1\nCOPY y /y\n", "b:1", {"y": b"2"})
        docker.save("b:1", path)
        docker.env                                   # what makes fathom ask this engine

Each start waits until the engine answers; each stop waits until it is gone.
"""
import contextlib
import hashlib
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import threading
import time

from journey import require

DOCKER = "/usr/bin/docker"       # the client that belongs to the installed dockerd
START_SECONDS = 60


def run(*command, env=None, stdin=None, cwd=None):
    done = subprocess.run(command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, cwd=cwd,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, timeout=300)
    if done.returncode != 0:
        raise AssertionError("%s: exit %d\n%s" % (" ".join(command[:5]), done.returncode, done.stderr[-2000:].decode(errors="replace")))
    return done.stdout


class Socket(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


def answers(path):
    try:
        connection = Socket(path)
        connection.request("GET", "/_ping")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def tar_of(files):
    """A tar of {name: bytes}; a name that ends with / is a directory."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.mtime, info.size, info.mode = 1700000000, len(content), 0o755
            if name.endswith("/"):
                info.type, info.size, content = tarfile.DIRTYPE, 0, b""
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Server:
    """A program that serves a unix socket until it is stopped."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        # The path of a socket has at most 107 bytes.
        self._short = tempfile.TemporaryDirectory(prefix="fe-")
        self.socket = os.path.join(self._short.name, "s")
        self.log = os.path.join(folder, "log")
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def answers(self):
        return answers(self.socket)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment())
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                with open(self.log, "rb") as log:
                    raise AssertionError("%s does not start\n%s" % (self.command()[0], log.read()[-3000:].decode(errors="replace")))
            time.sleep(0.05)
        return self

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.clean()

    def clean(self):
        self._short.cleanup()

    def get(self, path):
        """The JSON of an answer of the API."""
        connection = Socket(self.socket)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise AssertionError("GET %s: %d %s" % (path, response.status, body[:300]))
            return json.loads(body)


class Engine(Server):
    """What docker and podman do alike; run() is a command of theirs."""

    def run(self, *args, stdin=None, cwd=None):
        raise NotImplementedError

    def load(self, *tagged):
        """Loads images of small_images.py: (tags, image) each."""
        import small_images
        path = os.path.join(self.folder, "load.tar")
        small_images.docker_archive(path, *tagged)
        self.run("load", "-i", path)
        os.unlink(path)

    def import_files(self, files, name):
        self.run("import", "-", name, stdin=tar_of(files))

    def build(self, dockerfile, name, files=None):
        context = dict(files or {})
        context["Dockerfile"] = dockerfile.encode()
        self.run("build", "--network", "host", "-t", name, "-", stdin=tar_of(context))

    def save(self, name, path):
        self.run("save", "-o", path, name)
        return path

    def create(self, image, name, command="/none"):
        """A container that is never started; returns its ID."""
        return self.run("create", "--name", name, image, command).decode().split()[-1]

    def copy_in(self, container, files):
        self.run("cp", "-", container + ":/", stdin=tar_of(files))

    def export(self, container):
        return self.run("export", container)

    def root_of(self, container):
        """The folder that is the root of a container which does not run; changes made there are the container's."""
        raise NotImplementedError

    def image_id(self, name):
        return self.run("image", "inspect", "--format", "{{.Id}}", name).decode().strip()


class Docker(Engine):
    """dockerd with its data in `folder`. tcp: also listens with TLS, (address, folder of certificates())."""

    def __init__(self, folder, tcp=None):
        require("dockerd", DOCKER)
        super().__init__(folder)
        self.tcp = tcp
        self.host = "unix://" + self.socket
        self.env = {"DOCKER_HOST": self.host}

    def command(self):
        command = ["dockerd", "--debug", "--storage-driver=vfs", "--iptables=false", "--bridge=none", "--data-root", os.path.join(self.folder, "data"),
                   "--exec-root", os.path.join(self._short.name, "x"), "--pidfile", os.path.join(self.folder, "pid"), "-H", self.host]
        if self.tcp:
            address, pki = self.tcp
            command += ["-H", "tcp://" + address, "--tlsverify", "--tlscacert", pki + "/ca.pem", "--tlscert", pki + "/server.pem", "--tlskey", pki + "/server-key.pem"]
        return command

    def run(self, *args, stdin=None, cwd=None):
        return run(DOCKER, *args, env={"DOCKER_HOST": self.host, "DOCKER_BUILDKIT": "0"}, stdin=stdin, cwd=cwd)

    def clean(self):
        # A build leaves the name of the machine's network behind as a mount.
        subprocess.run(["umount", "-l", os.path.join(self._short.name, "x", "netns", "default")], stderr=subprocess.DEVNULL, check=False)
        super().clean()

    def root_of(self, container):
        data = os.path.join(self.folder, "data")
        with open(os.path.join(data, "image", "vfs", "layerdb", "mounts", container, "mount-id"), encoding="ascii") as f:
            return os.path.join(data, "vfs", "dir", f.read())


class Podman(Engine):
    """`podman system service` with its storage in `folder`; service=False: only the program, nobody listens."""

    def __init__(self, folder, service=True):
        require("podman")
        super().__init__(folder)
        self.service = service
        conf = os.path.join(folder, "storage.conf")
        self.store = {"CONTAINERS_STORAGE_CONF": conf, "HOME": folder, "XDG_RUNTIME_DIR": self._short.name}
        with open(conf, "w") as f:
            f.write('[storage]\ndriver = "vfs"\ngraphroot = "%s/root"\nrunroot = "%s/run"\n' % (folder, self._short.name))
        # Short names must not be looked for anywhere else, and nothing is verified that comes from here.
        os.makedirs(os.path.join(folder, ".config", "containers"), exist_ok=True)
        with open(os.path.join(folder, ".config", "containers", "policy.json"), "w") as f:
            json.dump({"default": [{"type": "insecureAcceptAnything"}]}, f)
        self.env = {"CONTAINER_HOST": "unix://" + self.socket} if service else {**self.store}

    def start(self):
        return super().start() if self.service else self

    def command(self):
        return ["podman", "system", "service", "--time=0", "unix://" + self.socket]

    def environment(self):
        return {**os.environ, **self.store}

    def run(self, *args, stdin=None, cwd=None):
        return run("podman", *args, env=self.store, stdin=stdin, cwd=cwd)

    def root_of(self, container):
        return self.run("mount", container).decode().strip()

    def copy_in(self, container, files):
        # podman 4.3 takes no archive from standard input for a container that does not run.
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for name, content in files.items():
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as f:
                    f.write(content)
                self.run("cp", path, "%s:/%s" % (container, name))


class Containerd(Server):
    """containerd with its store in `folder`."""

    def __init__(self, folder):
        require("containerd", "ctr")
        super().__init__(folder)
        self.root = os.path.join(folder, "root")
        self.env = {"CONTAINERD_ROOT": self.root}
        self._config = os.path.join(folder, "config.toml")
        with open(self._config, "w", encoding="utf-8") as f:
            f.write('version = 2\nroot = "%s"\nstate = "%s/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "%s"\n'
                    % (self.root, self._short.name, self.socket))

    def command(self):
        return ["containerd", "--config", self._config]

    def answers(self):
        return subprocess.run(["ctr", "--address", self.socket, "--connect-timeout", "1s", "version"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode == 0

    def ctr(self, *args, namespace="default"):
        return run("ctr", "--address", self.socket, "--namespace", namespace, *args)

    def load(self, archive, namespace="default"):
        """Imports an OCI archive whose index names its image (annotation io.containerd.image.name)."""
        self.ctr("images", "import", "--no-unpack", "--all-platforms", archive, namespace=namespace)


class Proxy:
    """Passes everything on to the socket of a server and keeps the request lines that went by."""

    def __init__(self, server):
        self.target = server.socket
        self._folder = tempfile.TemporaryDirectory(prefix="fp-")
        self.socket = os.path.join(self._folder.name, "s")
        self.env = {"DOCKER_HOST": "unix://" + self.socket}
        self.requests = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.socket)
        self._listener.listen()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    def asked_for(self, ending):
        """The paths that were asked for and end so."""
        paths = [line.split()[1].decode().split("?")[0] for line in self.requests]
        return [path for path in paths if path.endswith(ending)]

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.target)
            answers_back = threading.Thread(target=self._pass, args=(server, client, lambda data: None), daemon=True)
            answers_back.start()
            self._pass(client, server, self._note)
            answers_back.join()

    def _note(self, data):
        # The requests have no bodies and are sent in one piece each.
        for request in data.split(b"\r\n\r\n")[:-1]:
            self.requests.append(request.split(b"\r\n")[0])

    @staticmethod
    def _pass(source, sink, note):
        try:
            while data := source.recv(1 << 16):
                note(data)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def certificates(folder, host="127.0.0.1"):
    """A CA and what it signed: server.pem for `host`, and cert.pem for a client; with their keys. Made by openssl."""
    require("openssl")
    os.makedirs(folder)

    def openssl(*args):
        run("openssl", *args, cwd=folder)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=fathom tests", "-keyout", "ca-key.pem", "-out", "ca.pem")
    for name, key, usage in (("server", "server-key", "serverAuth"), ("cert", "key", "clientAuth")):
        with open(os.path.join(folder, name + ".ext"), "w") as f:
            f.write("subjectAltName=IP:%s\nextendedKeyUsage=%s\n" % (host, usage))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", key + ".pem", "-out", name + ".csr")
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2",
                "-extfile", name + ".ext", "-out", name + ".pem")
    return folder


def write_context(docker_config, name, host, pki=None, current=True):
    """A context as `docker context create` writes it."""
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = os.path.join(docker_config, "contexts", "meta", key)
    os.makedirs(meta)
    with open(os.path.join(meta, "meta.json"), "w") as f:
        json.dump({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}, f)
    if pki:
        tls = os.path.join(docker_config, "contexts", "tls", key, "docker")
        os.makedirs(tls)
        for file in ("ca.pem", "cert.pem", "key.pem"):
            shutil.copy(os.path.join(pki, file), tls)
    if current:
        with open(os.path.join(docker_config, "config.json"), "w") as f:
            json.dump({"currentContext": name}, f)


def fake_ssh(folder, docker):
    """A program `ssh` that runs the command it is given here, where docker is that engine. It notes its arguments."""
    os.makedirs(folder)
    path = os.path.join(folder, "ssh")
    with open(path, "w") as f:
        f.write('#!/bin/sh\nprintf "%%s\\n" "$@" >>%s/arguments\nwhile [ "$1" != "--" ]; do shift; done\nshift 2\n'
                'DOCKER_HOST=%s exec %s/"$@"\n' % (folder, docker.host, os.path.dirname(DOCKER)))
    os.chmod(path, 0o755)
    return folder


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
