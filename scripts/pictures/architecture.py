"""Draw the folders of a package in layers, with the imports between them: docs/pictures/architecture-*.svg.

    python -m scripts.pictures.architecture             writes the pictures
    python -m scripts.pictures.architecture --check     says whether they are what it would write

The order of the rows is that of the `layers` contracts in .importlinter; the arrows are the imports that there are. An
arrow is left out where others lead to the same place by way of further folders.
"""

from __future__ import annotations

import argparse
import configparser
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import grimp

from scripts.pictures.layered_drawing import Box, Drawing

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
CONTRACTS = ROOT / ".importlinter"
Arrow = tuple[str, str]


def read_orders(contracts: Path = CONTRACTS) -> dict[str, list[list[str]]]:
    """For each package that a `layers` contract orders ("autograder", "autograder.sandbox") its names in rows."""
    parser = configparser.ConfigParser()
    parser.read(contracts, encoding="utf-8")
    return {
        section["containers"].strip(): [
            [name.strip("() ") for name in line.split("|")]
            for line in section["layers"].split("\n")
            if line.strip()
        ]
        for section in parser.values()
        if section.get("type") == "layers"
    }


def layers(package: str, orders: Mapping[str, list[list[str]]]) -> list[list[str]]:
    """The folders and modules of a package in rows, from top to bottom; a folder with rows of its own is opened.

    Names are relative to `hw_cnn` or `autograder`, as "sandbox/host".
    """
    prefix = package.replace(".", "/").partition("/")[2]
    rows: list[list[str]] = []
    for row in orders[package]:
        inner = [name for name in row if f"{package}.{name}" in orders]
        rows.append([f"{prefix}/{name}".strip("/") for name in row if name not in inner])
        for name in inner:
            rows += layers(f"{package}.{name}", orders)
    return [row for row in rows if row]


def imports_between(package: str, rooms: Iterable[str]) -> set[Arrow]:
    """Which room imports which."""
    known = sorted(rooms, key=len, reverse=True)
    graph = grimp.build_graph(package, cache_dir=None)

    def room(module: str) -> str | None:
        path = module.replace(".", "/").partition("/")[2]
        return next((name for name in known if path == name or path.startswith(f"{name}/")), None)

    arrows: set[Arrow] = set()
    for module in sorted(graph.modules):
        source = room(module)
        if source is None:
            continue
        targets = {room(other) for other in graph.find_modules_directly_imported_by(module)}
        arrows |= {(source, target) for target in targets if target not in (None, source)}
    return arrows


def direct(arrows: set[Arrow]) -> set[Arrow]:
    """Without the arrows that follow from others."""
    below: dict[str, set[str]] = {}
    for source, target in arrows:
        below.setdefault(source, set()).add(target)

    def reach(name: str) -> set[str]:
        found: set[str] = set()
        pending = [name]
        while pending:
            new = below.get(pending.pop(), set()) - found
            found |= new
            pending += new
        return found

    return {
        (source, target)
        for source, target in arrows
        if not any(target in reach(other) for other in below[source] - {target})
    }


def draw(package: str) -> str:
    """The picture of a package. Raises: ValueError where an import leads upwards."""
    rows = layers(package, read_orders())
    arrows = imports_between(package, [name for row in rows for name in row])
    boxes = {
        name: Box(
            name if (ROOT / package / name).is_dir() else f"{name}.py",
            name.partition("/")[0] if "/" in name else "",
        )
        for row in rows
        for name in row
    }
    drawing = Drawing(
        [[boxes[name] for name in row] for row in rows],
        {(boxes[source].name, boxes[target].name) for source, target in direct(arrows)},
    )
    return drawing.svg(f"The folders of {package} and the imports between them")


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Draw the folders of both packages and the imports between them."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a picture is out of date"
    )
    options = parser.parse_args()
    stale = 0
    for package in sorted(name for name in read_orders() if "." not in name):
        path, text = PICTURES / f"architecture-{package}.svg", draw(package)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if options.check:
            print(f"{path.relative_to(ROOT)} is out of date; run `make pictures`")
        else:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
