"""The GitHub action: its steps, run as a runner runs them, on the built program.

GitHub itself cannot be had: a server on this machine answers as its releases and its API do.
"""
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import unittest

import packages
import small_images as si
from journey import require

ACTION = os.path.join(packages.PACKAGING, "github-action")
HOSTILE = "a|b `x` <img src=q> *c*"


class Api(http.server.BaseHTTPRequestHandler):
    """Issue comments. `comments`: id to body; `refuse`: the token may only read."""
    comments, refuse, lock = {}, False, threading.Lock()

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]

    def do_GET(self):
        self.answer(200, [{"id": k, "body": v} for k, v in self.comments.items()])

    def write(self, number):
        body = self.body()
        if self.refuse or self.headers["Authorization"] != "Bearer secret":
            return self.answer(403, {"message": "Resource not accessible by integration"})
        self.comments[number] = body
        return self.answer(201, {"id": number})

    def do_POST(self):
        assert self.path == "/repos/team/app/issues/7/comments", self.path
        self.write(len(self.comments) + 100)

    def do_PATCH(self):
        assert self.path.startswith("/repos/team/app/issues/comments/"), self.path
        self.write(int(self.path.rsplit("/", 1)[1]))

    def log_message(self, *_):
        pass


class Action(packages.PackageTest):
    def setUp(self):
        super().setUp()
        require("bash", "jq", "curl")
        self.action = packages.read_yaml(os.path.join(ACTION, "action.yml"))
        self.contexts = {"github.action_path": ACTION, "github.action_repository": "", "github.action_ref": "",
                         "github.event.pull_request.number": ""}
        self.variables = {"GITHUB_SERVER_URL": "http://127.0.0.1:9", "GITHUB_API_URL": "http://127.0.0.1:9",
                          "GITHUB_REPOSITORY": "team/app", "RUNNER_ARCH": {"amd64": "X64", "arm64": "ARM64"}[packages.ARCH]}
        self.runs = 0

    def evaluate(self, text, inputs, steps):
        def value(match):
            name = match[1]
            if name.startswith("inputs."):
                return inputs[name[len("inputs."):]]
            return steps.get(name, "") if name.startswith("steps.") else self.contexts[name]
        return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", value, text)

    def use(self, code=0, **given):
        """Runs the action; (its outputs, its job summary, what it printed)."""
        given = {k.replace("_", "-"): v for k, v in given.items()}
        unknown = set(given) - set(self.action["inputs"])
        self.assertEqual(unknown, set())
        inputs = {k: given.get(k, v.get("default")) for k, v in self.action["inputs"].items()}
        self.assertNotIn(None, inputs.values(), "a required input is missing")
        self.runs += 1
        folder = self.path("run%d" % self.runs)
        os.makedirs(os.path.join(folder, "temp"))
        files = {name: os.path.join(folder, name) for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
        for name in files.values():
            open(name, "w").close()
        steps, log, status = {}, "", 0
        for step in self.action["runs"]["steps"]:
            with open(files["GITHUB_PATH"]) as f:
                path = ":".join([*reversed(f.read().split("\n")[:-1]), os.environ["PATH"]])
            env = {"PATH": path, "HOME": self.home, "RUNNER_TEMP": os.path.join(folder, "temp"), **files, **self.variables,
                   **{k: self.evaluate(v, inputs, steps) for k, v in step["env"].items()}}
            self.assertEqual(step["shell"], "bash")
            result = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], env=env,
                                    cwd=self.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True, timeout=120)
            log += result.stdout
            status = result.returncode
            with open(files["GITHUB_OUTPUT"]) as f:
                for line in f.read().splitlines():
                    name, _, value = line.partition("=")
                    steps["steps.%s.outputs.%s" % (step.get("id"), name)] = value
            if status:
                break
        self.assertEqual(status, code, log)
        outputs = {k: self.evaluate(v["value"], inputs, steps) for k, v in self.action["outputs"].items()}
        with open(files["GITHUB_STEP_SUMMARY"]) as f:
            return outputs, f.read(), log

    def check(self, code=0, image=None, **given):
        return self.use(code, image=image or self.image, fathom=packages.journey.binary(), **given)

    def rules(self, efficiency):
        return self.write("rules.yaml", "rules:\n  lowestEfficiency: %s\n  highestUserWastedPercent: disabled\n" % efficiency)

    def test_pass(self):
        outputs, summary, _ = self.check(rules=self.rules("0.5"))
        self.assertEqual(outputs, {"verdict": "pass", "efficiency": "0.9166666666666666", "wasted-bytes": "1000", "size": "12000"})
        self.assertIn("## fathom: pass", summary)
        self.assertIn("| lowestEfficiency | pass |", summary)
        self.assertIn("| stored | 12 kB |", summary)

    def test_fail(self):
        outputs, summary, log = self.check(1, rules=self.rules("0.99"))
        self.assertEqual((outputs["verdict"], outputs["wasted-bytes"]), ("fail", "1000"))
        self.assertIn("| lowestEfficiency | fail |", summary)
        self.assertIn("::error title=fathom::verdict: fail", log)

    def test_rules_of_dive(self):
        config = self.write("dive.yaml", "rules:\n  lowestEfficiency: 0.95\n")
        outputs, _, _ = self.check(1, config=config)
        self.assertEqual(outputs["verdict"], "fail")

    def test_error_is_neither_pass_nor_fail(self):
        outputs, summary, log = self.check(3, image="no such image")
        self.assertEqual(outputs, {"verdict": "error", "efficiency": "", "wasted-bytes": "", "size": ""})
        message = "fathom: 'no such image' does not exist"
        self.assertIn("    " + message, summary)
        self.assertIn(message, log)
        outputs, _, _ = self.check(2, rules="no-such-file.yaml")
        self.assertEqual(outputs["verdict"], "error")

    def test_report_file(self):
        self.check(rules=self.rules("0.5"), report="report.json")
        with open(os.path.join(self.work, "report.json")) as f:
            self.assertTrue(json.load(f)["passed"])

    def test_names_of_the_image_stay_text(self):
        history = [{"created_by": "RUN `id`\n# heading <script>|"}, {"created_by": "::error::x"}, {"created_by": "c"}]
        image = si.Image([si.layer(si.file(HOSTILE, b"x" * 9)), si.layer(si.file("b", b"y")), si.layer(si.file("c", b"z"))],
                         history=history)
        path = si.docker_archive(self.path("hostile.tar"), (["app:1"], image))
        outputs, summary, _ = self.check(image=path, rules=self.rules("0.5"))
        self.assertEqual(outputs["verdict"], "pass")
        self.assertNotIn("<script>", summary)
        self.assertNotIn("\n# heading", summary)

    def test_inputs_are_no_script(self):
        self.check(3, image="$(touch %s)`touch %s`" % (self.path("hit"), self.path("hit")))
        self.check(3, image='"; touch %s; "' % self.path("hit"))
        self.check(3, image="--output=" + self.path("hit"))
        self.assertFalse(os.path.exists(self.path("hit")))

    def comment(self, **given):
        self.contexts["github.event.pull_request.number"] = "7"
        return self.check(rules=self.rules("0.5"), comment="true", **given)

    def test_keeps_one_comment(self):
        api = type("Writable", (Api,), {"comments": {1: "I like it"}})
        with packages.serving(api) as url:
            self.variables["GITHUB_API_URL"] = url
            self.comment(token="secret")
            self.assertEqual(len(api.comments), 2)
            self.assertIn("## fathom: pass", api.comments[101])
            api.comments[101] = api.comments[101].replace("pass", "old")
            self.comment(token="secret")
        self.assertEqual(len(api.comments), 2)
        self.assertIn("## fathom: pass", api.comments[101])

    def test_pull_request_of_a_fork(self):
        api = type("ReadOnly", (Api,), {"comments": {}, "refuse": True})
        with packages.serving(api) as url:
            self.variables["GITHUB_API_URL"] = url
            for given in ({"token": "secret"}, {}):
                outputs, summary, log = self.comment(**given)
                self.assertEqual(outputs["verdict"], "pass")
                self.assertIn("## fathom: pass", summary)
                self.assertIn("::notice title=fathom::the pull request was not commented on", log)
        self.assertEqual(api.comments, {})

    def release(self):
        """A folder that is laid out like GitHub's downloads of a release; the release's version."""
        tarball = packages.tarball()
        version = os.path.basename(tarball).split("-")[1]
        folder = self.path("site", "org", "fathom", "releases", "download", "v" + version)
        os.makedirs(folder)
        for name in (tarball, os.path.join(os.path.dirname(tarball), "SHA256SUMS")):
            shutil.copy(name, folder)
        self.contexts.update({"github.action_repository": "org/fathom", "github.action_ref": "v" + version})
        return folder, version

    def download(self, code=0, **given):
        site = self.path("site")

        class Site(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=site)

            def log_message(self, *_):
                pass

        with packages.serving(Site) as url:
            self.variables["GITHUB_SERVER_URL"] = url
            return self.use(code, image=self.image, rules=self.rules("0.5"), **given)

    def test_downloads_a_release(self):
        _, version = self.release()
        self.assertEqual(self.download()[0]["verdict"], "pass")
        self.contexts["github.action_ref"] = "main"
        self.assertEqual(self.download(version=version)[0]["verdict"], "pass")
        _, _, log = self.download(2)
        self.assertIn("give a release with the input 'version'", log)

    def test_uses_no_archive_that_was_changed(self):
        folder, _ = self.release()
        archive = os.path.join(folder, os.path.basename(packages.tarball()))
        with open(archive, "ab") as f:
            f.write(b"\0")
        outputs, _, log = self.download(2)
        self.assertEqual(outputs["verdict"], "")
        self.assertIn("is not what SHA256SUMS says", log)

    def test_local_action_without_a_program(self):
        _, _, log = self.use(2, image=self.image)
        self.assertIn("name the program with the input 'fathom'", log)

    @unittest.skipUnless(packages.offers("check", "--report"), "the program writes one report only")
    def test_sarif_and_another_report(self):
        self.check(1, rules=self.rules("0.99"), sarif="out.sarif", format="junit", report="junit.xml")
        with open(os.path.join(self.work, "out.sarif")) as f:
            self.assertEqual(json.load(f)["version"], "2.1.0")
        with open(os.path.join(self.work, "junit.xml")) as f:
            self.assertIn("<testsuite", f.read())


if __name__ == "__main__":
    unittest.main()
