#!/usr/bin/env python3
"""Draws docs/explorer.svg from the real screen: the explorer in tmux on an image, as it shows itself.

usage: draw_screen.py FATHOM IMAGE OUTPUT [KEY...]      keys by tmux's names, pressed one after the other
"""
import html
import os
import re
import subprocess
import sys
import tempfile
import time

COLUMNS, ROWS = 132, 36
CELL, LINE = 7.8, 17                     # points
GROUND, TEXT = "#1b1d23", "#d6d8dd"
BASIC = ["#1b1d23", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6d8dd",
         "#5c6370", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff"]


def colour(number):
    """A colour of the palette of 256."""
    if number < 16:
        return BASIC[number]
    if number >= 232:
        return "#%02x%02x%02x" % ((8 + 10 * (number - 232),) * 3)
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#%02x%02x%02x" % (steps[number // 36], steps[number // 6 % 6], steps[number % 6])


def look_after(look, parameters):
    """What a sequence of SGR parameters makes of a look."""
    numbers = [int(p or 0) for p in parameters.split(";")]
    look = dict(look)
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            look = {}
        elif number in (1, 2, 4, 7):
            look[{1: "bold", 2: "dim", 4: "underline", 7: "reverse"}[number]] = True
        elif number in (38, 48) and numbers[:1] == [5]:
            look["text" if number == 38 else "ground"] = colour(numbers[1])
            numbers = numbers[2:]
        elif 30 <= number <= 37 or 90 <= number <= 97:
            look["text"] = colour(number - 30 if number < 90 else number - 82)
        elif 40 <= number <= 47:
            look["ground"] = colour(number - 40)
        elif number == 39:
            look.pop("text", None)
        elif number == 49:
            look.pop("ground", None)
    return look


def pieces(line, look):
    """(text, look) of a line as tmux writes it, and the look behind it."""
    found = []
    at = 0
    for sequence in re.finditer(r"\x1b\[([\d;]*)m", line):
        if sequence.start() > at:
            found.append((line[at:sequence.start()], look))
        look = look_after(look, sequence[1])
        at = sequence.end()
    if at < len(line):
        found.append((line[at:], look))
    return found, look


def svg(lines):
    width, height = COLUMNS * CELL + 24, ROWS * LINE + 24
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">'
           % (width, height), '<rect width="100%%" height="100%%" rx="8" fill="%s"/>' % GROUND]
    look = {}
    for y, line in enumerate(lines):
        x = 0
        found, look = pieces(line, look)
        for text, drawn in found:
            fore, ground = drawn.get("text", TEXT), drawn.get("ground")
            if drawn.get("reverse"):
                fore, ground = ground or GROUND, fore
            left, top, wide = 12 + x * CELL, 12 + y * LINE, len(text) * CELL
            if ground:
                out.append('<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/>' % (left, top, wide, LINE, ground))
            if text.strip():
                style = "".join([' font-weight="bold"' if drawn.get("bold") else "", ' opacity="0.6"' if drawn.get("dim") else "",
                                 ' text-decoration="underline"' if drawn.get("underline") else ""])
                out.append('<text x="%g" y="%g" fill="%s" textLength="%g" xml:space="preserve"%s>%s</text>'
                           % (left, top + 13, fore, wide, style, html.escape(text)))
            x += len(text)
    return "\n".join(out + ["</svg>", ""])


def main():
    fathom, image, output, *keys = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        tmux = ["tmux", "-S", os.path.join(folder, "tmux.sock")]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "FATHOM_CACHE_DIR": folder, "TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        subprocess.run([*tmux, "-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", str(COLUMNS), "-y", str(ROWS),
                        "env", "TERM=screen-256color", os.path.abspath(fathom), os.path.basename(image)],
                       cwd=os.path.dirname(os.path.abspath(image)), env=environment, check=True)
        try:
            time.sleep(3)                # everything is read
            for key in keys:
                subprocess.run([*tmux, "send-keys", "-t", "s", key], check=True)
                time.sleep(0.3)
            screen = subprocess.run([*tmux, "capture-pane", "-p", "-e", "-t", "s"], stdout=subprocess.PIPE, check=True).stdout.decode()
        finally:
            subprocess.run([*tmux, "kill-server"], check=False)
    with open(output, "w", encoding="utf-8") as out:
        out.write(svg(screen.split("\n")[:ROWS]))


if __name__ == "__main__":
    main()
