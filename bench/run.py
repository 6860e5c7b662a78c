#!/usr/bin/env python3
"""Measures fathom against the limit program and other tools; prints a Markdown table.

usage: run.py --fathom build/release/fathom --limit build/release/fathom-limit
              [--images DIR] [--only ROW,...] [--repeat 5] [--quick] [--big] [--json PATH]

Figures are medians; programs that are compared take turns. Exits 0 whatever the ratios, 1 when
something failed to run. --quick takes small images and few runs, to see that all of this works.
"""
import argparse
import datetime
import json
import os
import platform
import shlex
import subprocess
import sys

import measure
import rows

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def machine(timer):
    """What the figures depend on."""
    def field(path, key):
        with open(path, encoding="utf-8") as stream:
            return next((line.split(":", 1)[1].strip() for line in stream
                         if line.startswith(key)), "unknown")

    return {"cpu": field("/proc/cpuinfo", "model name"), "cores": len(os.sched_getaffinity(0)),
            "memory": field("/proc/meminfo", "MemTotal"), "kernel": platform.release(),
            "loadAverage": os.getloadavg()[0], "peakFloorKb": measure.rss_floor_kb(timer)}


def version_of(program):
    run = subprocess.run([program, "--version"], capture_output=True, check=False)
    return run.stdout.decode(errors="replace").partition("\n")[0].strip()


def cell(value):
    return str(value).replace("|", "\\|")


def table(report):
    """The report as Markdown."""
    where = report["machine"]
    lines = ["Machine: %s, %d cores, %s, Linux %s; load %.2f at the start; %s" % (
        where["cpu"], where["cores"], where["memory"], where["kernel"], where["loadAverage"],
        report["dive"] or "dive: not installed"),
        "Date: %s. Medians of %d runs, taking turns. Peak memory below %.0f MB cannot be told." % (
            report["date"], report["repeat"], where["peakFloorKb"] * 1024 / 1e6),
        "Command: `%s`" % report["command"], "",
        "| work | compared | result | target | met |", "| --- | --- | --- | --- | --- |"]
    for row in report["rows"]:
        work = row["work"]
        for finding in row["findings"]:
            value = "%.3g %s" % (finding["value"], finding["unit"])
            if finding["value"] >= 100:
                value = "%.0f %s" % (finding["value"], finding["unit"])
            met = {None: "", True: "yes", False: "**no**"}[finding["met"]]
            lines.append("| %s | %s | %s | %s | %s |" % (
                cell(work), cell(finding["compared"]), value, finding["target"] or "", met))
            work = ""
        for note in row["notes"]:
            lines.append("| %s | %s | | | |" % (cell(work), cell(note)))
            work = ""
    return "\n".join(lines)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fathom", required=True)
    parser.add_argument("--limit", required=True)
    parser.add_argument("--images", default=os.path.join(ROOT, "build", "bench-images"))
    parser.add_argument("--only", help="rows, separated by commas: " + ", ".join(rows.ROWS))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--big", action="store_true", help="make the 4 GB image if need be")
    parser.add_argument("--json", help="also write all samples here")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(
        rows.QUICK if options.quick else rows.ROWS)
    unknown = [name for name in names if name not in (rows.QUICK if options.quick else rows.ROWS)]
    if unknown:
        parser.error("no such row%s: %s" % (" with --quick" if options.quick else "",
                                            ", ".join(unknown)))
    if options.repeat < 1:
        parser.error("--repeat must be at least 1")
    for program in (options.fathom, options.limit):
        if not os.access(program, os.X_OK):
            parser.error("%s: no such program; build it first" % program)
    return options, names


def main():
    options, names = parse_arguments()
    repeat = min(options.repeat, 2) if options.quick else options.repeat
    bench = rows.Bench(os.path.abspath(options.fathom), os.path.abspath(options.limit),
                       os.path.abspath(options.images), repeat, options.quick, options.big)
    report = {"schema": "fathom/bench/v1", "machine": machine(bench.limit),
              "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "command": shlex.join([os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]]),
              "repeat": repeat, "dive": version_of(bench.dive) if bench.dive else None, "rows": []}
    failed = False
    for name in names:
        print("bench: %s" % name, file=sys.stderr, flush=True)
        row = rows.measure_row(bench, name)
        failed = failed or row.failed
        report["rows"].append({"row": name, "work": row.work, "findings": row.findings,
                               "notes": row.notes, "samples": row.results})
    print(table(report))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(report, out, indent=1)
            out.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
