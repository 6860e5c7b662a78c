"""A registry of the benchmark's own, what is in it, and the slow way to it."""
import contextlib
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time

PROGRAMS = ("docker-registry", "skopeo")
START_SECONDS = 30
OCI = "application/vnd.oci.image."


@contextlib.contextmanager
def registry():
    """Starts docker-registry on loopback, without TLS; yields HOST:PORT. RuntimeError says why not."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise RuntimeError("not installed: " + ", ".join(missing))
    with tempfile.TemporaryDirectory(prefix="fathom-bench-registry-") as folder:
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % probe.getsockname()[1]
        settings = os.path.join(folder, "settings.yml")
        with open(settings, "w", encoding="utf-8") as out:
            json.dump({"version": 0.1, "log": {"accesslog": {"disabled": True}, "level": "error"}, "http": {"addr": address},
                       "storage": {"filesystem": {"rootdirectory": os.path.join(folder, "data")}}}, out)
        with open(os.path.join(folder, "log"), "wb") as log, subprocess.Popen(
                ["docker-registry", "serve", settings], stdout=log, stderr=log) as server:
            try:
                _wait(address, server)
                yield address
            finally:
                server.kill()


def _wait(address, server):
    host, port = address.split(":")
    for _ in range(START_SECONDS * 20):
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("docker-registry does not answer")


def push(source, address, name, keep_digests=True):
    keep = ["--preserve-digests"] if keep_digests else []
    run = subprocess.run(["skopeo", "copy", "-q", *keep, "--dest-tls-verify=false", source, "docker://%s/%s" % (address, name)],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError("skopeo: " + run.stderr.strip()[-300:])


def make_set(folder, images, base_bytes, own_bytes):
    """An OCI layout of images of which five each share a base; of bytes that do not compress. Names of the images."""
    blobs = os.path.join(folder, "blobs", "sha256")
    os.makedirs(blobs)
    with open(os.path.join(folder, "oci-layout"), "w", encoding="utf-8") as out:
        out.write('{"imageLayoutVersion":"1.0.0"}')
    pick = random.Random(30)

    def keep(data):
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as out:
            out.write(data)
        return {"digest": "sha256:" + digest, "size": len(data)}

    def layer(size):
        pool = pick.randbytes(1 << 20)
        return {"mediaType": OCI + "layer.v1.tar", **keep(pick.randbytes(64) + pool * (size >> 20))}

    bases, manifests, names = [], [], []
    for n in range(images):
        if n % 5 == 0:
            bases = [layer(base_bytes), layer(base_bytes // 4)]
        layers = [*bases, layer(own_bytes), layer(own_bytes // 8)]
        config = {"mediaType": OCI + "config.v1+json", **keep(json.dumps(
            {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [l["digest"] for l in layers]}}).encode())}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": config, "layers": layers}).encode()
        names.append("app%02d" % n)
        manifests.append({"mediaType": OCI + "manifest.v1+json", **keep(manifest), "annotations": {"org.opencontainers.image.ref.name": names[-1]}})
    with open(os.path.join(folder, "index.json"), "w", encoding="utf-8") as out:
        json.dump({"schemaVersion": 2, "manifests": manifests}, out)
    return names


class SlowWay:
    """Passes connections on to `address`, adding `delay` seconds to each answer and capping each at `rate` bytes a second."""

    def __init__(self, address, delay, rate):
        host, port = address.split(":")
        self.target, self.delay, self.rate = (host, int(port)), delay, rate
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            asked = [time.monotonic()]
            threading.Thread(target=self._up, args=(client, server, asked), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client, asked), daemon=True).start()

    @staticmethod
    def _up(client, server, asked):
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                asked[0] = time.monotonic()
                server.sendall(data)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _down(self, server, client, asked):
        answered, due = None, 0.0
        with contextlib.suppress(OSError), client, server:
            while data := server.recv(1 << 17):
                now = time.monotonic()
                if answered != asked[0]:
                    answered = asked[0]
                    due = now + self.delay
                due = max(due, now)
                if due > now:
                    time.sleep(due - now)
                client.sendall(data)
                due += len(data) / self.rate


class Silent:
    """A server that wants no requests for hours."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), client:
                client.recv(1 << 16)
                client.sendall(b"HTTP/1.1 429 No\r\nRetry-After: 7200\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def make_frontier(path, repositories):
    """A list of so many repositories and the journal of the crawl that found them, half of whose namespaces are still to be listed."""
    with open(path, "w", encoding="utf-8") as out, open(path + ".journal", "w", encoding="utf-8") as journal:
        out.write("registry,namespace,name,star_count,pull_count,official,last_updated,found_by,crawled\n")
        journal.write("fathom crawl 1\n")
        for n in range(repositories):
            space = "organisation%06d" % (n // 2)
            if n % 2 == 0:
                journal.write("+n%s\n" % space)
            out.write("docker.io,%s,%s/repository-%d,%d,%d,false,,search:%s,2026-01-01T00:00:00Z\n" % (space, space, n, n % 100, n, space[:4]))
        size = out.tell()
        for n in range(0, repositories // 2, 2):
            journal.write(".norganisation%06d\t%d\n" % (n, size))
    return size
