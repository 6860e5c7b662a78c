"""Registries that fail: the right exit code, the right record, no hang, and no credential for anybody else."""
import base64
import csv
import email.utils
import json
import os
import time
import unittest

from journey import Journey, SCHEMAS
import registries
import small_images as small

LAYER = small.layer(small.file("data", bytes(range(256)) * 4000))
SECRET = base64.b64encode(b"anna:secret").decode()


class Fails(Journey):
    def setUp(self):
        super().setUp()
        self.registry = registries.ScriptedRegistry()
        self.image = small.Image([LAYER, small.layer(small.file("more", b"m"))], "gzip")
        self.registry.add("app", {"1": self.image})
        self.registry.__enter__()
        self.addCleanup(self.registry.__exit__)
        self.other = registries.Server()
        self.other.__enter__()
        self.addCleanup(self.other.__exit__)
        self.name = self.registry.address + "/app:1"
        with open(os.path.join(self.home, "config.json"), "w") as f:
            json.dump({"auths": {self.registry.address: {"auth": SECRET}}}, f)
        self.env = {"DOCKER_CONFIG": self.home, "FATHOM_REGISTRY_TIMEOUT": "2"}
        self.blob = "/v2/app/blobs/" + small.sha256(self.image.blobs[0])
        self.failures = 0

    def spoil(self, answer, match="/blobs/", times=10 ** 9):
        """The first `times` requests whose path has `match` are answered by `answer(request)`."""
        left = [times]

        def before(request):
            if match not in request.path or left[0] <= 0:
                return False
            left[0] -= 1
            return answer(request) is not False
        self.registry.before = before

    def analyze(self, code, *says):
        said = self.fathom("analyze", "registry://" + self.name, env=self.env, code=code, timeout=50).stderr.decode()
        for text in says:
            self.assertIn(text, said)

    def pull(self, code, kind=None, status=None, reason=None):
        """Mirrors the image; the exit code, and what the record says of the failure."""
        self.fathom("pull", self.name, "-d", "mirror", env=self.env, code=code, timeout=50)
        with open(os.path.join(self.work, "mirror", ".fathom", "failures.csv")) as f:
            rows = list(csv.DictReader(f))
        if kind is None:
            return self.assertEqual(rows, [])
        self.assertEqual([(r["reference"], r["kind"]) for r in rows], [(self.name, kind)])
        if status is not None:
            self.assertEqual(rows[0]["status"], str(status))
        if reason is not None:
            self.assertIn(reason, rows[0]["reason"])
        blobs = os.path.join(self.work, "mirror", "blobs", "sha256")
        for name in os.listdir(blobs):
            with open(os.path.join(blobs, name), "rb") as f:
                self.assertEqual(small.sha256(f.read()), "sha256:" + name)

    def heard_secrets(self, server):
        return [headers for _, _, headers, body in server.asked
                if SECRET in headers.get("Authorization", "") or b"secret" in body or headers.get("Authorization", "").startswith("Bearer")]

    # -- statuses

    def test_unavailable_for_a_while(self):
        self.spoil(lambda r: r.answer(503), times=2)
        self.analyze(0)

    def test_unavailable(self):
        self.spoil(lambda r: r.answer(503, {"errors": [{"code": "UNAVAILABLE", "message": "later"}]}, {"Retry-After": "0"}))
        self.analyze(4, "503", "UNAVAILABLE: later")
        self.pull(4, "unavailable", 503)

    def test_too_many_requests_in_seconds(self):
        begun = time.monotonic()
        self.spoil(lambda r: r.answer(429, headers={"Retry-After": "1"}), times=1)
        self.analyze(0)
        self.assertGreaterEqual(time.monotonic() - begun, 1)

    def test_too_many_requests_until_a_date(self):
        until = email.utils.formatdate(time.time() + 2, usegmt=True)
        self.spoil(lambda r: r.answer(429, headers={"Retry-After": until}), match="/manifests/", times=1)
        self.analyze(0)
        self.assertGreaterEqual(time.time(), email.utils.parsedate_to_datetime(until).timestamp() - 1)

    def test_too_many_requests_for_hours(self):
        self.spoil(lambda r: r.answer(429, {"errors": [{"code": "TOOMANYREQUESTS", "message": "pull limit"}]}, {"Retry-After": "3600"}))
        self.analyze(4, "TOOMANYREQUESTS: pull limit", "3600 seconds")
        self.pull(4, "rate-limit", 429, "3600")
        self.registry.add("many", {str(n): self.image for n in range(30)})
        asked = len(self.registry.asked)
        self.spoil(lambda r: r.answer(429, headers={"Retry-After": "3600"}), match="/manifests/")
        self.fathom("pull", *("%s/many:%d" % (self.registry.address, n) for n in range(30)), "-d", "other", "--connections", "1", env=self.env, code=4, timeout=50)
        self.assertLess(len(self.registry.asked) - asked, 4, "who wants no requests gets none")

    def test_not_found(self):
        self.spoil(lambda r: r.answer(404), match="/blobs/" + small.sha256(self.image.blobs[1]))
        self.analyze(3, "404")
        self.pull(3, "not-found", 404)

    def test_forbidden(self):
        self.spoil(lambda r: r.answer(403, {"errors": [{"code": "DENIED", "message": "not yours"}]}), match="/manifests/")
        self.analyze(3, "DENIED: not yours")
        self.pull(3, "denied", 403)

    # -- bytes

    def test_wrong_bytes(self):
        spoilt = bytearray(self.image.blobs[0])
        spoilt[-9] ^= 1
        self.spoil(lambda r: r.answer(200, bytes(spoilt)), match=self.blob)
        self.analyze(5)
        self.pull(5, "corrupt", reason="digest")

    def test_wrong_manifest(self):
        data = self.registry.manifests[self.registry.repositories["app"]["1"]][1]
        self.spoil(lambda r: r.answer(200, data + b" ", {"Content-Type": small.OCI + "manifest.v1+json",
                                                         "Docker-Content-Digest": small.sha256(data)}), match="/manifests/")
        self.analyze(5, "digest")
        self.pull(5, "corrupt")

    def test_wrong_length(self):
        self.spoil(lambda r: r.answer(200, self.image.blobs[0] + b"more"), match=self.blob)
        self.analyze(5)
        self.pull(5, "corrupt")

    def cut(self, request):
        data = self.registry.blobs[self.blob.rsplit("/", 1)[1]]
        request.answer(200, data[:len(data) // 2], length=len(data))
        request.close_connection = True

    def test_cut_once(self):
        self.spoil(self.cut, match=self.blob, times=1)
        self.analyze(0)
        ranges = [h.get("Range") for _, path, h, _ in self.registry.asked if path == self.blob]
        self.assertEqual(ranges, [None, "bytes=%d-" % (len(self.image.blobs[0]) // 2)], "it goes on where it was cut")

    def test_cut_once_without_ranges(self):
        self.registry.ranges = False
        self.spoil(self.cut, match=self.blob, times=1)
        self.analyze(0)

    def test_cut_always(self):
        self.registry.ranges = False
        self.spoil(self.cut, match=self.blob)
        self.analyze(4)

    def test_bytes_that_came_are_recorded(self):
        self.registry.ranges = False
        self.spoil(self.cut, match=self.blob)
        self.pull(4, "unavailable")
        with open(os.path.join(self.work, "mirror", ".fathom", "failures.csv")) as f:
            row = next(csv.DictReader(f))
        self.assertEqual(row["blob"], self.blob.rsplit("/", 1)[1])
        self.assertEqual(int(row["bytes"]), len(self.image.blobs[0]) // 2)

    def test_silent_headers(self):
        self.spoil(lambda r: time.sleep(6), match="/manifests/")
        self.env["FATHOM_REGISTRY_TIMEOUT"] = "1"
        self.analyze(4, "for 1 seconds")

    def test_silent_bytes(self):
        def stall(request):
            data = self.image.blobs[0]
            request.answer(200, data[:100], length=len(data))
            time.sleep(3)
            request.close_connection = True
        self.env["FATHOM_REGISTRY_TIMEOUT"] = "1"
        self.spoil(stall, match=self.blob)
        self.analyze(4, "said nothing")

    def test_slow_bytes_arrive(self):
        def drip(request):
            data = self.image.blobs[0]
            request.send_response(200)
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            for i in range(0, len(data), len(data) // 8 + 1):
                request.wfile.write(data[i:i + len(data) // 8 + 1])
                request.wfile.flush()
                time.sleep(0.3)
        self.spoil(drip, match=self.blob, times=1)
        self.analyze(0)

    def test_another_range(self):
        def lie(request):
            wanted = request.headers.get("Range")
            if not wanted:
                return self.cut(request)
            request.answer(206, self.image.blobs[0][:10], {"Content-Range": "bytes 0-9/%d" % len(self.image.blobs[0])})
        self.spoil(lie, match=self.blob)
        self.analyze(5, "another part")

    def test_huge_manifest(self):
        self.spoil(lambda r: r.answer(200, b"{" + b" " * (9 << 20) + b"}"), match="/manifests/")
        self.analyze(6, "--max-manifest")

    def test_headers_without_end(self):
        self.spoil(lambda r: r.answer(200, b"", {"X-%d" % i: "x" * 1000 for i in range(90)}), match="/manifests/")
        self.analyze(6, "headers")

    def test_no_http(self):
        def garbage(request):
            request.wfile.write(b"\x00\xffthis is no HTTP\r\n\r\n")
            request.close_connection = True
        self.spoil(garbage, match="/manifests/")
        self.analyze(4)

    # -- ways to other servers

    def test_endless_redirect(self):
        self.spoil(lambda r: r.answer(307, headers={"Location": r.path}))
        self.analyze(5, "redirects more than")
        self.pull(5, "corrupt")

    def test_redirect_to_storage(self):
        self.other.respond = lambda r: r.answer(200, self.registry.blobs[r.path.rsplit("/", 1)[1]])
        self.spoil(lambda r: r.answer(307, headers={"Location": "http://%s/store/%s" % (self.other.address, r.path.rsplit("/", 1)[1])}))
        self.analyze(0)
        self.assertTrue(self.other.asked)
        self.assertEqual(self.heard_secrets(self.other), [])

    def test_redirect_into_the_private_network(self):
        for place in ("http://10.0.0.1/x", "http://[fd00::1]/x", "http://169.254.169.254/latest/meta-data"):
            self.spoil(lambda r, place=place: r.answer(302, headers={"Location": place}))
            self.analyze(3, "private network")
        self.pull(3, "denied")

    def test_redirect_to_a_file(self):
        self.spoil(lambda r: r.answer(302, headers={"Location": "file:///etc/passwd"}))
        self.analyze(5, "redirects to nowhere")

    def challenge(self, realm, scheme="Bearer"):
        def answer(request):
            if request.headers.get("Authorization"):
                return False
            request.answer(401, headers={"WWW-Authenticate": '%s realm="%s",service="a, b",scope="repository:app:pull"' % (scheme, realm)})
        self.spoil(answer, match="/v2/app/")

    def test_basic(self):
        self.challenge("x", "Basic")
        self.analyze(0)

    def test_realm_of_its_own(self):
        tokens = []

        def respond(request):
            tokens.append((request.path, request.headers.get("Authorization")))
            request.answer(200, {"access_token": "t0ken", "expires_in": 1})
        self.other.respond = respond                  # another port of the same host
        self.challenge("http://%s/token" % self.other.address)
        self.analyze(0)
        self.assertIn("scope=repository%3Aapp%3Apull", tokens[0][0])
        self.assertIn("service=a%2C%20b", tokens[0][0])
        self.assertEqual(tokens[0][1], "Basic " + SECRET)
        sent = {h.get("Authorization") for _, path, h, _ in self.registry.asked if "/manifests/" in path}
        self.assertEqual(sent, {None, "Bearer t0ken"})

    def test_realm_on_another_host(self):
        self.other.respond = lambda r: r.answer(200, {"token": "t0ken"})
        self.challenge("http://localhost:%s/token" % self.other.address.split(":")[1])
        self.analyze(3, "address of this machine")
        self.assertEqual(self.other.asked, [])
        self.analyze_with("--trusted-host", "localhost")
        self.assertTrue(self.heard_secrets(self.other), "it was trusted")

    def analyze_with(self, *options):
        self.fathom("analyze", "registry://" + self.name, *options, env=self.env)

    def test_identity_token(self):
        with open(os.path.join(self.home, "config.json"), "w") as f:
            json.dump({"auths": {self.registry.address: {"identitytoken": "refresh me"}}}, f)
        self.other.respond = lambda r: r.answer(200, {"access_token": "t0ken"})
        self.challenge("http://%s/token" % self.other.address)
        self.analyze(0)
        method, _, _, body = self.other.asked[0]
        self.assertEqual(method, "POST")
        self.assertIn(b"grant_type=refresh_token", body)
        self.assertIn(b"refresh_token=refresh%20me", body)

    def test_no_token(self):
        for answer in ({"token": ""}, {"token": 7}, {"token": "a\r\nX-Evil: 1"}, [], {}):
            self.other.respond = lambda r, answer=answer: r.answer(200, answer)
            self.challenge("http://%s/token" % self.other.address)
            self.analyze(5)
        self.other.respond = lambda r: r.answer(200, {"token": "x" * (65 << 10)})
        self.analyze(6)

    def test_token_refused(self):
        self.other.respond = lambda r: r.answer(401)
        self.challenge("http://%s/token" % self.other.address)
        self.analyze(3, "does not accept")

    def test_link_that_goes_round(self):
        self.registry.before = lambda r: "tags/list" in r.path and r.answer(200, {"tags": ["1"]}, {"Link": '</v2/app/tags/list?n=1&last=1>; rel="next"'}) is None
        said = self.fathom("tags", self.registry.address + "/app", env=self.env, code=5).stderr.decode()
        self.assertIn("links back", said)

    def test_link_to_another_host(self):
        self.registry.before = lambda r: "tags/list" in r.path and r.answer(200, {"tags": ["1"]}, {"Link": '<http://10.1.2.3/v2/app/tags/list>; rel="next"'}) is None
        self.fathom("tags", self.registry.address + "/app", env=self.env, code=3)

    def test_head_refused(self):
        self.registry.before = lambda r: r.command == "HEAD" and r.answer(403) is None
        self.pull(0)

    def test_mirror_before_registry(self):
        mirror = registries.ScriptedRegistry()
        mirror.add("app", {"1": self.image})
        with mirror:
            self.analyze_with("--registry-mirror", "%s=%s" % (self.registry.address, mirror.address))
            self.assertEqual(self.registry.asked, [])
            mirror.before = lambda r: r.answer(500) is None
            self.fathom("analyze", "registry://" + self.name, "--no-cache", "--registry-mirror", "%s=%s" % (self.registry.address, mirror.address), env=self.env)
            self.assertEqual(self.heard_secrets(mirror), [])

    def test_failures_pass(self):
        self.spoil(lambda r: r.answer(500, headers={"Retry-After": "0"}))
        self.pull(4, "unavailable", 500)
        self.registry.before = None
        self.pull(0)

    # -- kinds of images

    def test_schema_1(self):
        blobs = self.image.blobs
        v1 = [{"v1Compatibility": json.dumps({"architecture": small.ARCH, "os": "linux", "created": "2015-01-01T00:00:00Z", "config": {"Cmd": ["sh"]},
                                              "container_config": {"Cmd": ["/bin/sh", "-c", "two"]}, "rootfs": {"type": "layers", "diff_ids": []}})},
              {"v1Compatibility": json.dumps({"container_config": {"Cmd": ["/bin/sh", "-c", "one"]}})}]
        payload = json.dumps({"schemaVersion": 1, "name": "app", "tag": "old", "fsLayers": [{"blobSum": small.sha256(b)} for b in reversed(blobs)], "history": v1}, indent=1)
        head, tail = payload[:-2], payload[-2:]
        protected = base64.urlsafe_b64encode(json.dumps({"formatLength": len(head), "formatTail": base64.urlsafe_b64encode(tail.encode()).decode().rstrip("=")}).encode()).decode().rstrip("=")
        signed = head + ',"signatures":[{"protected":"%s","signature":"x"}]' % protected + tail
        self.registry.manifests[small.sha256(payload.encode())] = ("application/vnd.docker.distribution.manifest.v1+prettyjws", signed.encode())
        self.registry.repositories["app"]["old"] = small.sha256(payload.encode())
        name = self.registry.address + "/app:old"
        document = self.json("analyze", "registry://" + name, "-o", "json", env=self.env)
        self.assertEqual([l["digest"] for l in document["layers"]], [small.sha256(b) for b in blobs])
        self.assertEqual(document["image"]["digest"], small.sha256(payload.encode()))
        self.assertEqual([l["instruction"] for l in document["layers"]], ["/bin/sh -c one", "/bin/sh -c two"])
        self.fathom("pull", name, "-d", "mirror", env=self.env, code=2)

    def test_index_with_attestation_and_platforms(self):
        here, there = self.registry.image(self.image), self.registry.image(small.Image([LAYER], "gzip", where=small.FOREIGN))
        statement = {"mediaType": "application/vnd.in-toto+json", **self.registry.blob(b'{"_type":"https://in-toto.io/Statement/v0.1"}')}
        config = {"mediaType": small.OCI + "config.v1+json", **self.registry.blob(b"{}")}
        about = self.registry.manifest({"schemaVersion": 2, "mediaType": small.OCI + "manifest.v1+json", "config": config, "layers": [statement]})
        inner = self.registry.manifest({"schemaVersion": 2, "mediaType": small.OCI + "index.v1+json", "manifests": [
            {**there, "platform": dict(zip(("os", "architecture"), small.FOREIGN.split("/")))}]})
        index = self.registry.manifest({"schemaVersion": 2, "mediaType": small.OCI + "index.v1+json", "manifests": [
            {**here, "platform": self.image.platform}, inner,
            {**about, "platform": {"os": "unknown", "architecture": "unknown"},
             "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": here["digest"]}}]})
        self.registry.add("multi", {"1": index})
        name = self.registry.address + "/multi:1"
        document = self.json("analyze", "registry://" + name, "-o", "json", env=self.env)
        self.assertEqual(document["image"]["digest"], here["digest"])
        other = self.json("analyze", "registry://" + name, "-o", "json", "--platform", small.FOREIGN, env=self.env)
        self.assertEqual(other["image"]["digest"], there["digest"])
        shown = self.json("manifest", name, "-o", "json", env=self.env)
        self.assertEqual([(m["kind"], m["depth"]) for m in shown["manifests"]], [("image", 0), ("index", 0), ("image", 1), ("attestation", 0)])
        self.assertEqual(shown["manifests"][3]["about"], here["digest"])
        self.assert_valid(shown, os.path.join(SCHEMAS, "manifest-v1.json"))
        self.fathom("pull", name, "-d", "all", env=self.env)
        self.assertEqual(len(os.listdir(os.path.join(self.work, "all", "blobs", "sha256"))), 5 + 2 + 1 + 1 + 2)
        self.fathom("pull", name, "-d", "one", "--platform", small.HERE, env=self.env)
        have = os.listdir(os.path.join(self.work, "one", "blobs", "sha256"))
        self.assertIn(here["digest"][7:], have)
        self.assertIn(about["digest"][7:], have, "what is said of it goes with it")
        self.assertNotIn(there["digest"][7:], have)
        self.fathom("pull", name, "-d", "none", "--platform", "windows/amd64", env=self.env, code=3)

    def test_referrers(self):
        digest = self.registry.repositories["app"]["1"]
        signature = {"mediaType": small.OCI + "manifest.v1+json", "digest": small.sha256(b"s"), "size": 3, "artifactType": "application/vnd.dev.cosign.artifact.sig.v1+json"}
        contents = {"mediaType": small.OCI + "manifest.v1+json", "digest": small.sha256(b"t"), "size": 4, "artifactType": "application/spdx+json"}

        def pages(request):
            if "/referrers/" not in request.path:
                return False
            if "page=2" in request.path:
                return request.answer(200, {"schemaVersion": 2, "manifests": [contents]})
            return request.answer(200, {"schemaVersion": 2, "manifests": [signature]}, {"Link": '<%s?page=2>; rel="next"' % request.path})
        self.registry.before = lambda r: pages(r) is not False
        shown = self.json("manifest", self.name, "-o", "json", env=self.env)
        self.assertEqual([(r["kind"], r["digest"]) for r in shown["referrers"]], [("signature", signature["digest"]), ("list of contents", contents["digest"])])
        # A registry without that API keeps them under a tag; cosign under others.
        self.registry.before = None
        index = self.registry.manifest({"schemaVersion": 2, "mediaType": small.OCI + "index.v1+json", "manifests": [contents]})
        self.registry.add("app", {digest.replace(":", "-"): index, digest.replace(":", "-") + ".sig": self.image})
        shown = self.json("manifest", self.name, "-o", "json", env=self.env)
        self.assertEqual([(r["kind"], r["tag"]) for r in shown["referrers"]], [("list of contents", None), ("signature", digest.replace(":", "-") + ".sig")])
        self.assertIn("list of contents", self.fathom("manifest", self.name, env=self.env).stdout.decode())

    def test_foreign_layers(self):
        blob = self.image.blobs[1]
        digest = small.sha256(blob)
        config = {"mediaType": small.OCI + "config.v1+json", **self.registry.blob(self.image.config_bytes())}
        layers = [{"mediaType": small.LAYER_TYPE["gzip"], **self.registry.blob(self.image.blobs[0])},
                  {"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "digest": digest, "size": len(blob),
                   "urls": ["http://%s/elsewhere" % self.other.address]}]
        self.registry.add("foreign", {"1": self.registry.manifest({"schemaVersion": 2, "mediaType": small.OCI + "manifest.v1+json", "config": config, "layers": layers})})
        del self.registry.blobs[digest]
        self.other.respond = lambda r: r.answer(200, blob)
        name = self.registry.address + "/foreign:1"
        said = self.fathom("analyze", "registry://" + name, env=self.env, code=5).stderr.decode()
        self.assertIn("foreign layer", said)
        self.assertEqual(self.other.asked, [], "only on request")
        self.fathom("analyze", "registry://" + name, "--foreign-layers", env=self.env, code=3)
        self.assertEqual(self.other.asked, [], "nor without encryption")
        self.env["FATHOM_TRUSTED_HOST"] = "127.0.0.1"
        self.fathom("analyze", "registry://" + name, "--foreign-layers", env=self.env)
        self.assertEqual(self.heard_secrets(self.other), [])
        self.fathom("pull", name, "-d", "mirror", "--foreign-layers", env=self.env)
        self.assertIn(digest[7:], os.listdir(os.path.join(self.work, "mirror", "blobs", "sha256")))

    def test_artifact(self):
        config = {"mediaType": "application/vnd.example.model", **self.registry.blob(b"{}")}
        self.registry.add("model", {"1": self.registry.manifest({"schemaVersion": 2, "mediaType": small.OCI + "manifest.v1+json", "config": config,
                                                                 "layers": [{"mediaType": "application/x-weights", **self.registry.blob(b"weights")}]})})
        name = self.registry.address + "/model:1"
        said = self.fathom("analyze", "registry://" + name, env=self.env, code=5).stderr.decode()
        self.assertIn("not a container image", said)
        self.fathom("manifest", name, env=self.env)
        self.fathom("pull", name, "-d", "mirror", env=self.env)

    def test_quota(self):
        def tell(request):
            digest = self.registry.repositories["app"]["1"]
            if request.path.endswith("/manifests/" + digest) and request.command == "GET":
                _, data = self.registry.manifests[digest]
                return request.answer(200, data, {"Content-Type": small.OCI + "manifest.v1+json", "Docker-Content-Digest": small.sha256(data),
                                                  "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "3;w=21600"})
            return False
        self.registry.before = lambda r: tell(r) is not False
        self.registry.add("app", {str(n): small.Image([small.layer(small.file("n", b"%d" % n))]) for n in range(2, 5)})
        said = self.fathom("pull", *(self.registry.address + "/app:%d" % n for n in range(1, 2)), "-d", "mirror", "--quota-reserve", "5", "--progress", "plain", env=self.env).stderr
        self.assertIn(b"1 images mirrored", said)
        said = self.fathom("pull", *(self.registry.address + "/app:%d" % n for n in (1, 2, 3, 4)), "-d", "two", "--connections", "1", "--quota-reserve", "5", env=self.env, code=4).stderr.decode()
        self.assertIn("3 pulls are left of 100", said)


if __name__ == "__main__":
    unittest.main()
