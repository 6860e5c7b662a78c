"""A Docker Hub of fifty thousand repositories, with its manners: 100 results a page, nothing past its last page, 429, duplicates."""
import csv
import json
import os
import random
import re
import threading
import unittest
from urllib.parse import parse_qs, unquote, urlparse

from journey import Journey
import registries

REPOSITORIES = 50_000
SEEN_PAGES = 100                                # of a search; past them it answers 403
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def names(dice):
    """Namespaces of very different sizes whose names overlap at their beginnings, and the official ones."""
    words = ["".join(dice.choice(LETTERS) for _ in range(dice.randint(2, 9))) for _ in range(4000)]
    made = {"library/" + w for w in dice.sample(words, 150)}
    spaces = [dice.choice(words[:300]) + dice.choice(["", "-", "_"]).join(["", dice.choice(words)]) for _ in range(9000)]
    while len(made) < REPOSITORIES:
        space = spaces[min(int(dice.paretovariate(0.7)), len(spaces)) - 1]
        made.add("%s/%s%s" % (space, dice.choice(words), dice.choice(["", "-" + dice.choice(words), "_" + dice.choice(words[:50])])))
    return sorted(n for n in made if re.fullmatch(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*", n))


class Hub(registries.Server):
    """Answers search by the beginnings of names and of their last parts, and listings of namespaces."""

    def __init__(self, seed):
        super().__init__()
        dice = random.Random(seed)
        self.names = names(dice)
        self.rows = {n: {"repo_name": n[8:] if n.startswith("library/") else n, "star_count": len(n), "pull_count": 1000 - len(n),
                         "is_official": n.startswith("library/")} for n in self.names}
        self.by_prefix, self.spaces, self.count, self.counting = {}, {}, 0, threading.Lock()
        for n in self.names:
            self.spaces.setdefault(n.split("/")[0], []).append(n)
            for key in {n, n.split("/")[1]}:
                for size in range(1, min(len(key), 7) + 1):
                    self.by_prefix.setdefault(key[:size], set()).add(n)
        self.by_prefix = {k: sorted(v) for k, v in self.by_prefix.items()}
        self.hidden = set(dice.sample(self.names, len(self.names) // 50))       # which search never shows

    def respond(self, request):
        with self.counting:
            self.count += 1
            busy = self.count % 301 == 0
            self.asked.clear()
        url = urlparse(request.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        if busy:
            return request.answer(429, headers={"Retry-After": "0"})
        page = int(query.get("page", 1))
        if url.path == "/v2/search/repositories/":
            found = self.names if query["query"] == "*" else [n for n in self.by_prefix.get(query["query"], []) if n not in self.hidden]
            if page > SEEN_PAGES or (page - 1) * 100 >= max(len(found), 1):
                return request.answer(403)
            shown = [self.rows[n] for n in found[(page - 1) * 100:page * 100]]
            if shown and page > 1:
                shown[-1] = self.rows[found[0]]                                   # the list moves while it is read
            return self.page(request, shown, len(found), page)
        space = re.fullmatch(r"/v2/namespaces/([^/]+)/repositories", url.path)
        if space and unquote(space[1]) in self.spaces:
            found = self.spaces[unquote(space[1])]
            shown = [{"name": n.split("/")[1], "star_count": 1, "pull_count": 2, "last_updated": "2026-01-01T00:00:00Z"} for n in found[(page - 1) * 100:page * 100]]
            return self.page(request, shown, len(found), page)
        return request.answer(404)

    def page(self, request, shown, total, page):
        request.answer(200, {"count": total, "next": "there is more" if page * 100 < total else None, "results": shown})


class DockerHub(Journey):
    @classmethod
    def setUpClass(cls):
        cls.hub = Hub(1)
        cls.hub.__enter__()
        cls.addClassCleanup(cls.hub.__exit__)

    def crawl(self, *args, **how):
        return self.fathom("crawl", "hub", "--hub-api", self.hub.address, "--requests-per-second", "0", "--connections", "8", *args, timeout=280, **how)

    def test_nearly_everything_is_found(self):
        said = self.crawl("--output", "hub.csv").stderr.decode()
        with open(os.path.join(self.work, "hub.csv")) as f:
            rows = list(csv.DictReader(f))
        found = [r["name"] for r in rows]
        self.assertEqual(len(found), len(set(found)), "each once")
        self.assertLessEqual(set(found), set(self.hub.names))
        share = len(found) / len(self.hub.names)
        self.assertGreaterEqual(share, 0.99, said)
        self.assertEqual({r["official"] for r in rows if r["name"].startswith("library/")}, {"true"})
        requests = int(re.search(r"(\d+) requests", said)[1])
        self.assertLess(requests / len(found), 0.6, said)
        print("found %.2f %%, %.3f requests for each repository; %s" % (100 * share, requests / len(found), said.replace("\n", "; ")))

    def test_only_searching(self):
        said = self.crawl("--output", "hub.csv", "--no-namespaces", "--columns", "field").stderr.decode()
        with open(os.path.join(self.work, "hub.csv")) as f:
            rows = [line.split(",") for line in f.read().splitlines()]
        self.assertEqual({len(r) for r in rows}, {3})
        visible = len(self.hub.names) - len(self.hub.hidden)
        self.assertGreaterEqual(len(rows), 0.99 * visible, said)
        self.assertRegex(rows[0][0] + rows[0][1], r"^\d+$")

    def test_growth(self):
        for _ in range(2):
            self.crawl("--count", "--query", "*", "--query", "a", "--output", "growth.csv")
        with open(os.path.join(self.work, "growth.csv")) as f:
            lines = [line.split(",") for line in f.read().splitlines()]
        self.assertEqual([(q, int(n)) for _, q, n in lines][:2], [("*", len(self.hub.names)), ("a", len([n for n in self.hub.by_prefix["a"] if n not in self.hub.hidden]))])
        self.assertEqual(len(lines), 4)


class OtherLists(Journey):
    def serve(self, respond):
        server = registries.Server()
        server.respond = respond
        server.__enter__()
        self.addCleanup(server.__exit__)
        return server

    def names(self):
        with open(os.path.join(self.work, "all.csv")) as f:
            return [r["name"] for r in csv.DictReader(f)]

    def crawl(self, server, *args, **how):
        return self.fathom("crawl", server.address, "--output", "all.csv", "--requests-per-second", "0", *args, **how)

    def test_harbor(self):
        def respond(request):
            if not request.path.startswith("/api/v2.0/repositories"):
                return request.answer(404)
            page = int(re.search(r"[?&]page=(\d+)", request.path)[1])
            rows = [{"name": "project/app%d" % n, "pull_count": n, "update_time": "2026-01-01"} for n in range((page - 1) * 3, min(page * 3, 7))]
            request.answer(200, json.dumps(rows).encode(), {"Link": '</api/v2.0/repositories?page=%d&page_size=100>; rel="next"' % (page + 1)} if page < 3 else {})
        self.crawl(self.serve(respond))
        self.assertEqual(self.names(), ["project/app%d" % n for n in range(7)])

    def test_quay(self):
        def respond(request):
            if not request.path.startswith("/api/v1/repository"):
                return request.answer(404)
            token = re.search(r"next_page=(\w+)", request.path)
            rows = [{"namespace": "org", "name": "second" if token else "first", "last_modified": 1700000000}]
            request.answer(200, {"repositories": rows, **({} if token else {"next_page": "abc"})})
        self.crawl(self.serve(respond), "--by", "quay")
        self.assertEqual(self.names(), ["org/first", "org/second"])

    def test_none(self):
        said = self.crawl(self.serve(lambda r: r.answer(404)), code=3).stderr.decode()
        self.assertIn("none works", said)

    def test_not_before(self):
        server = self.serve(lambda r: r.answer(429, headers={"Retry-After": "7200"}) if "_catalog?n=2&last" in r.path else
                            r.answer(200, {"repositories": ["a", "b"]}, {"Link": '</v2/_catalog?n=2&last=b>; rel="next"'}))
        self.crawl(server, "--by", "catalog", "--page-size", "2", code=4)
        self.assertEqual(self.names(), ["a", "b"])
        asked = len(server.asked)
        said = self.crawl(server, "--by", "catalog", "--page-size", "2", code=4).stderr.decode()
        self.assertIn("wants no requests for another", said)
        self.assertEqual(len(server.asked), asked, "it is not even asked")

    def test_seeds(self):
        registry = registries.ScriptedRegistry()
        registry.repositories = {"listed/one": {"1": "x"}}
        registry.__enter__()
        self.addCleanup(registry.__exit__)
        seeds = self.write("seeds", "9,9,other/two\nBAD\n")
        said = self.crawl(registry, "--seeds", seeds).stderr.decode()
        self.assertEqual(sorted(self.names()), ["listed/one", "other/two"])
        self.assertIn("1 lines of the seeds", said)
        self.crawl(registry, "--restart")
        self.assertEqual(self.names(), ["listed/one"])
        os.unlink(os.path.join(self.work, "all.csv.journal"))
        self.crawl(registry, code=2)


if __name__ == "__main__":
    unittest.main()
