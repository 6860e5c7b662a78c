"""Registries on loopback: Debian's docker-registry with TLS and passwords, and one whose answers a test can spoil.

    with Registry(folder) as registry:               # docker-registry
        registry.push(layout, "name", "app:1")       # an image of an OCI layout, by skopeo
        registry.address, registry.ca, registry.config   # HOST:PORT, certificate, a Docker config.json with its user

    with ScriptedRegistry() as registry:              # this process
        registry.add("app", {"1": image})             # images of small_images.py
        registry.before = lambda request: None        # sees each request first; True: it has answered
"""
import base64
import contextlib
import crypt
import http.server
import json
import os
import re
import socket
import subprocess
import threading
import time

from journey import require
import small_images as small

USER, PASSWORD = "anna", "secret: with ümlaut"
START_SECONDS = 30


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def certificate(folder):
    """A self-signed certificate for 127.0.0.1 and localhost: (certificate, key)."""
    paths = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=fathom test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                    "-keyout", paths[1], "-out", paths[0]], check=True, stderr=subprocess.DEVNULL)
    return paths


class Registry:
    """docker-registry of its own: TLS and one user, unless `plain`."""

    def __init__(self, folder, plain=False):
        require("docker-registry", "skopeo", "openssl")
        os.makedirs(folder, exist_ok=True)
        self.folder, self.plain = folder, plain
        self.address = "127.0.0.1:%d" % free_port()
        self.ca = self.key = None
        if not plain:
            self.ca, self.key = certificate(folder)
        self.config = os.path.join(folder, "docker")
        os.makedirs(self.config, exist_ok=True)
        auth = base64.b64encode(("%s:%s" % (USER, PASSWORD)).encode()).decode()
        with open(os.path.join(self.config, "config.json"), "w", encoding="utf-8") as f:
            json.dump({"auths": {} if plain else {self.address: {"auth": auth}}}, f)

    def settings(self):
        http = {"addr": self.address}
        settings = {"version": 0.1, "log": {"accesslog": {"disabled": False}, "level": "warn"},
                    "storage": {"filesystem": {"rootdirectory": os.path.join(self.folder, "data")}}, "http": http}
        if not self.plain:
            http["tls"] = {"certificate": self.ca, "key": self.key}
            users = os.path.join(self.folder, "htpasswd")
            with open(users, "w", encoding="utf-8") as f:
                f.write("%s:%s\n" % (USER, crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))))
            settings["auth"] = {"htpasswd": {"realm": "test, with a comma", "path": users}}
        return settings

    def __enter__(self):
        path = os.path.join(self.folder, "registry.yml")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.settings(), f)                       # which is YAML, too
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(["docker-registry", "serve", path], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        host, port = self.address.split(":")
        for _ in range(START_SECONDS * 20):
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.__exit__()
        raise AssertionError("docker-registry does not answer")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def skopeo(self, *args):
        tls = ["--%stls-verify=false" % ("dest-" if args[0] == "copy" else "")]
        who = ["--%screds" % ("dest-" if args[0] == "copy" else ""), "%s:%s" % (USER, PASSWORD)]
        done = subprocess.run(["skopeo", args[0], *tls, *([] if self.plain else who), *args[1:]], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        if done.returncode != 0:
            raise AssertionError("skopeo: " + done.stderr.decode(errors="replace")[-1000:])
        return done.stdout

    def push(self, layout, name, reference, *options):
        self.skopeo("copy", *options, "oci:%s:%s" % (layout, name), "docker://%s/%s" % (self.address, reference))

    def requests(self):
        """Methods and paths that it was asked, from its access log."""
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
            return re.findall(r'"(GET|HEAD) (\S+) HTTP', f.read())


# -- a registry in this process

class Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=None, length=None):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(OSError):
                self.wfile.write(body)

    def do_GET(self):
        server = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with server.lock:
            server.asked.append((self.command, self.path, dict(self.headers), body))
        if server.before and server.before(self):
            return
        server.respond(self)

    do_HEAD = do_POST = do_GET


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass                                                     # clients that are killed


class Server:
    """HTTP on loopback; `respond` answers."""

    def __init__(self):
        self.lock, self.asked, self.before = threading.Lock(), [], None
        self.http = QuietServer(("127.0.0.1", 0), Request)
        self.http.owner = self
        self.address = "127.0.0.1:%d" % self.http.server_address[1]

    def __enter__(self):
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def respond(self, request):
        request.answer(404)


class ScriptedRegistry(Server):
    """The distribution protocol for images of small_images.py; knows ranges, paging and HEAD."""

    def __init__(self):
        super().__init__()
        self.repositories, self.blobs, self.manifests = {}, {}, {}
        self.page, self.ranges = 1000, True

    def blob(self, data):
        self.blobs[small.sha256(data)] = data
        return {"digest": small.sha256(data), "size": len(data)}

    def manifest(self, document):
        data = document if isinstance(document, bytes) else json.dumps(document, sort_keys=True).encode()
        kind = json.loads(data).get("mediaType", small.OCI + "manifest.v1+json")
        self.manifests[small.sha256(data)] = (kind, data)
        return {"mediaType": kind, "digest": small.sha256(data), "size": len(data)}

    def image(self, image):
        """Keeps the image; its manifest's descriptor."""
        config = {"mediaType": small.OCI + "config.v1+json", **self.blob(image.config_bytes())}
        layers = [{"mediaType": small.LAYER_TYPE[image.compression], **self.blob(b)} for b in image.blobs]
        return self.manifest({"schemaVersion": 2, "mediaType": small.OCI + "manifest.v1+json", "config": config, "layers": layers})

    def add(self, repository, tags):
        """tags: names to images, or to descriptors of manifests."""
        for tag, image in tags.items():
            descriptor = image if isinstance(image, dict) else self.image(image)
            self.repositories.setdefault(repository, {})[tag] = descriptor["digest"]

    def paged(self, request, member, names, extra=None):
        last = re.search(r"[?&]last=([^&]*)", request.path)
        count = re.search(r"[?&]n=(\d+)", request.path)
        size = min(int(count[1]) if count else self.page, self.page)
        names = sorted(n for n in names if not last or n > last[1].replace("%2F", "/"))
        more = len(names) > size
        path = request.path.split("?")[0]
        headers = {"Link": '<%s?n=%d&last=%s>; rel="next"' % (path, size, names[size - 1].replace("/", "%2F"))} if more else {}
        request.answer(200, {**(extra or {}), member: names[:size]}, headers)

    def respond(self, request):
        path = request.path.split("?")[0]
        if path == "/v2/":
            return request.answer(200)
        if path == "/v2/_catalog":
            return self.paged(request, "repositories", self.repositories)
        found = re.fullmatch(r"/v2/(.+)/(tags/list|manifests/[^/]+|blobs/[^/]+|referrers/[^/]+)", path)
        if not found or found[1] not in self.repositories:
            return request.answer(404, {"errors": [{"code": "NAME_UNKNOWN", "message": "no such repository"}]})
        tags, what = self.repositories[found[1]], found[2]
        if what == "tags/list":
            return self.paged(request, "tags", tags, {"name": found[1]})
        kind, _, name = what.partition("/")
        if kind == "manifests":
            return self.send_manifest(request, tags.get(name, name))
        if kind == "blobs":
            return self.send_blob(request, name)
        return request.answer(404)

    def send_manifest(self, request, digest):
        if digest not in self.manifests:
            return request.answer(404, {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "no such manifest"}]})
        kind, data = self.manifests[digest]
        request.answer(200, data, {"Content-Type": kind, "Docker-Content-Digest": digest})

    def send_blob(self, request, digest):
        data = self.blobs.get(digest)
        if data is None:
            return request.answer(404, {"errors": [{"code": "BLOB_UNKNOWN", "message": "no such blob"}]})
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range") or "")
        if not wanted or not self.ranges:
            return request.answer(200, data)
        begin, end = int(wanted[1]), int(wanted[2]) + 1 if wanted[2] else len(data)
        if begin >= len(data):
            return request.answer(416, headers={"Content-Range": "bytes */%d" % len(data)})
        part = data[begin:end]
        request.answer(206, part, {"Content-Range": "bytes %d-%d/%d" % (begin, begin + len(part) - 1, len(data))})
