"""Runs programs side by side and keeps wall time and peak memory of each run.

Subjects take turns (A B A B), after one warm-up each, so that whatever else the machine does falls
on all of them alike.
"""
import dataclasses
import json
import os
import statistics
import subprocess
import tempfile

ONCE_ABOVE = 20.0  # seconds: what takes longer in its warm-up is not run again


class RunFailed(Exception):
    """A program could not be started or ended with an exit code that its subject does not allow."""


@dataclasses.dataclass
class Subject:
    """A program to be measured."""
    name: str
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    allowed_codes: tuple = (0,)
    reports_seconds: bool = False  # it prints JSON whose "seconds" counts instead of its wall time


@dataclasses.dataclass
class Result:
    """All samples of one subject."""
    name: str
    command: list
    seconds: list = dataclasses.field(default_factory=list)
    cpu_seconds: list = dataclasses.field(default_factory=list)
    peak_kb: list = dataclasses.field(default_factory=list)

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def peak_mb(self):
        return statistics.median(self.peak_kb) * 1024 / 1e6

    def as_json(self):
        return {"name": self.name, "command": self.command, "medianSeconds": self.median,
                "bestSeconds": min(self.seconds), "seconds": self.seconds,
                "cpuSeconds": self.cpu_seconds, "peakKb": self.peak_kb}


def run_once(timer, subject, folder, result):
    """One run in `folder`, through `fathom-limit time`; adds a sample to `result`."""
    report_path = os.path.join(folder, "report.json")
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        run = subprocess.run(
            [timer, "time", report_path, *subject.command], cwd=folder, check=False,
            env={**os.environ, **subject.environment}, stdin=subprocess.DEVNULL, stderr=errors,
            stdout=out if subject.reports_seconds else subprocess.DEVNULL)
        errors.seek(0)
        said = errors.read()[-300:].decode(errors="replace").strip()
        if run.returncode != 0:
            raise RunFailed("%s: %s" % (subject.name, said))
        with open(report_path, "rb") as stream:
            report = json.load(stream)
        if report["exit_code"] not in subject.allowed_codes:
            raise RunFailed("%s: exit code %d: %s" % (subject.name, report["exit_code"], said))
        if subject.reports_seconds:
            out.seek(0)
            report["seconds"] = json.loads(out.read())["seconds"]
    result.seconds.append(report["seconds"])
    result.cpu_seconds.append(report["cpu_seconds"])
    result.peak_kb.append(report["peak_rss_kb"])


def side_by_side(timer, subjects, repeat):
    """name -> Result of `repeat` runs each, measured by the program `timer` (fathom-limit).

    A slow subject keeps its warm-up as its only sample.
    """
    results = {}
    again = []
    with tempfile.TemporaryDirectory(prefix="fathom-bench-") as folder:
        for subject in subjects:
            warm_up = Result(subject.name, subject.command)
            run_once(timer, subject, folder, warm_up)
            if warm_up.seconds[0] > ONCE_ABOVE:
                results[subject.name] = warm_up
            else:
                results[subject.name] = Result(subject.name, subject.command)
                again.append(subject)
        for _ in range(repeat):
            for subject in again:
                run_once(timer, subject, folder, results[subject.name])
    return results


def rss_floor_kb(timer):
    """The least that peak memory can read here: Linux counts the timer's own until exec."""
    result = Result("true", ["true"])
    with tempfile.TemporaryDirectory(prefix="fathom-bench-") as folder:
        run_once(timer, Subject("true", ["true"]), folder, result)
    return result.peak_kb[0]
