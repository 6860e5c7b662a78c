#!/usr/bin/env python3
"""Fails when a folder of src/ includes one of the same or a higher rank.

The ranks are the layout: what a folder may know of. docs/architecture.md explains them.
"""
import pathlib
import re
import sys

RANKS = {
    "base": 0,
    "archive": 1, "net": 1,
    "layer": 2, "image": 2,
    "tree": 3, "registry": 3, "engine": 3,
    "package": 4,
    "analyze": 5,
    "extract": 6, "gate": 6, "advise": 6, "profile": 6,
    "store": 7, "report": 7,
    "corpus": 8, "tui": 8,
    "fleet": 9,
    "api": 10,
    "cli": 11,
}
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.MULTILINE)


def violations(source):
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        folder = path.relative_to(source).parts[0]
        if folder not in RANKS:
            yield f"{path}: the folder '{folder}' has no rank"
            continue
        for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
            target = include.split("/")[0]
            if target in ("tests", "fuzz") and path.name.endswith(("_test.cc", "_fixture.h")):
                continue
            if target not in RANKS:
                yield f'{path}: "{include}" is in no folder of src/'
            elif target != folder and RANKS[target] >= RANKS[folder]:
                yield (f'{path}: {folder} (rank {RANKS[folder]}) includes "{include}" '
                       f"(rank {RANKS[target]})")


def main():
    source = pathlib.Path(__file__).resolve().parent.parent / "src"
    found = list(violations(source))
    print("\n".join(found) if found else "layers: every include points to a lower rank")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
