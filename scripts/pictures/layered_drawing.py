"""A layered drawing as SVG: boxes in rows, arrows that only go down, lines to one box joined on their way.

Plain arithmetic and text: the same rows and arrows give the same bytes on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

BOX_HEIGHT, ROW_GAP, COLUMN_GAP, MARGIN = 36, 34, 26, 24
LINE_WIDTH_OF_ROW = 14
CHARACTER_WIDTH = 8.4
PORT_GAP = 12
STARTS, SWEEPS = 8, 24
# A line through several rows should be straight, more than a box should stand in the middle of its neighbours.
# By the number of boxes among the two ends of a line.
STRAIGHT = (8, 2, 1)
INK, SOFT, PAPER, ROOM, GROUP = "#1d2430", "#66717f", "#ffffff", "#eef3f9", "#fdf1e3"
FONT = "font-family=\"'DejaVu Sans', Verdana, sans-serif\""


@dataclass(frozen=True)
class Box:
    """A room by its name. `group` names the frame that it stands in, if any."""

    name: str
    group: str = ""

    @property
    def label(self) -> str:
        return self.name.removeprefix(f"{self.group}/") if self.group else self.name

    @property
    def width(self) -> float:
        return max(86.0, CHARACTER_WIDTH * len(self.label) + 26)


# A place in a row: a box, or (by the name of the box that it leads to) the passage of a line through the row.
Place = tuple[str, bool]
Point = tuple[float, float]


class Drawing:
    """Rows of boxes from top to bottom, with arrows (from, to) that lead from a row to a lower one."""

    def __init__(self, rows: Sequence[Sequence[Box]], arrows: Iterable[tuple[str, str]]) -> None:
        self.boxes = {box.name: box for row in rows for box in row}
        self._row_of = {box.name: number for number, row in enumerate(rows) for box in row}
        self._rows: list[list[Place]] = [[(box.name, True) for box in row] for row in rows]
        self._below: dict[tuple[int, Place], list[Place]] = {}
        for source, target in sorted(arrows):
            self._add(source, target)
        self._order()
        self._x = self._places()

    def _add(self, source: str, target: str) -> None:
        first, last = self._row_of[source], self._row_of[target]
        if first >= last:
            raise ValueError(f"the arrow {source} -> {target} does not lead down")
        place: Place = (source, True)
        for number in range(first + 1, last + 1):
            following: Place = (target, number == last)
            if following not in self._rows[number]:
                self._rows[number].append(following)
            known = self._below.setdefault((number - 1, place), [])
            if following not in known:
                known.append(following)
            place = following

    def _lines(self, number: int) -> list[tuple[Place, Place]]:
        """The lines between row `number` and the next."""
        return [(place, to) for place in self._rows[number] for to in self._below.get((number, place), [])]

    # The order within rows: each place goes to the middle of its neighbours, and the best order seen is kept.

    def _order(self) -> None:
        """From several beginnings, since each can end in an order that no small step makes better."""
        start = self._rows
        best, fewest = start, self._crossings()
        for seed in range(STARTS):
            # Of all that `random` offers only this is promised to stay the same.
            draw = random.Random(seed).random
            self._rows = [sorted(row, key=lambda _: draw()) for row in start]
            for sweep in range(SWEEPS):
                self._sweep(down=sweep % 2 == 0)
                crossings = self._crossings()
                if crossings < fewest:
                    best, fewest = [list(row) for row in self._rows], crossings
        self._rows = best

    def _sweep(self, down: bool) -> None:
        for number in range(1, len(self._rows)) if down else range(len(self._rows) - 2, -1, -1):
            self._sort_row(number, above=down)
        self._swap_neighbours()

    def _sort_row(self, number: int, above: bool) -> None:
        pairs = self._lines(number - 1) if above else [(to, place) for place, to in self._lines(number)]
        other = self._rows[number - 1 if above else number + 1]
        middles = {}
        for position, place in enumerate(self._rows[number]):
            found = [other.index(one) for one, to in pairs if to == place]
            middles[place] = (
                (sum(found) / len(found) + 0.5) / len(other)
                if found
                else (position + 0.5) / len(self._rows[number])
            )
        self._rows[number].sort(key=lambda place: middles[place])

    def _swap_neighbours(self) -> None:
        """Swap two places beside each other wherever that leaves fewer crossings."""
        fewest = self._crossings()
        for row in self._rows:
            for left in range(len(row) - 1):
                row[left : left + 2] = reversed(row[left : left + 2])
                crossings = self._crossings()
                if crossings < fewest:
                    fewest = crossings
                else:
                    row[left : left + 2] = reversed(row[left : left + 2])

    def _crossings(self) -> int:
        total = 0
        for number in range(len(self._rows) - 1):
            upper, lower = self._rows[number], self._rows[number + 1]
            lines = [(upper.index(one), lower.index(to)) for one, to in self._lines(number)]
            total += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(lines) for c, d in lines[:i])
        return total

    # Positions: as near to the neighbours as the widths allow.

    def _width(self, place: Place) -> float:
        return self.boxes[place[0]].width if place[1] else LINE_WIDTH_OF_ROW

    def _places(self) -> list[dict[Place, float]]:
        """For each row the x of the middle of every place."""
        x: list[dict[Place, float]] = []
        for row in self._rows:
            width = sum(map(self._width, row)) + COLUMN_GAP * (len(row) - 1)
            x.append(self._spread(row, dict.fromkeys(row, 0.0), -width / 2))
        for sweep in range(10 * SWEEPS):
            for number in range(len(self._rows)) if sweep % 2 else reversed(range(len(self._rows))):
                wanted = {place: self._wish(number, place, x) for place in self._rows[number]}
                left = self._spread(self._rows[number], wanted, None)
                right = self._spread(self._rows[number], wanted, None, mirrored=True)
                x[number] = {place: (left[place] + right[place]) / 2 for place in left}
        start = min(x[n][place] - self._width(place) / 2 for n, row in enumerate(self._rows) for place in row)
        return [{place: round(value - start + MARGIN, 1) for place, value in row.items()} for row in x]

    def _wish(self, number: int, place: Place, x: Sequence[Mapping[Place, float]]) -> float:
        near = [(number + 1, to) for to in self._below.get((number, place), [])]
        if number:
            near += [(number - 1, one) for one, to in self._lines(number - 1) if to == place]
        found = [(x[n][other], STRAIGHT[place[1] + other[1]]) for n, other in near]
        weight = sum(w for _, w in found)
        return sum(value * w for value, w in found) / weight if found else x[number][place]

    def _spread(
        self, row: Sequence[Place], wanted: Mapping[Place, float], start: float | None, mirrored: bool = False
    ) -> dict[Place, float]:
        """From left to right (mirrored: from right to left) each place where it wants to be, or as near as it fits."""
        sign = -1.0 if mirrored else 1.0
        edge, result = start, {}
        for place in reversed(row) if mirrored else row:
            half = self._width(place) / 2
            middle = sign * wanted[place]
            if edge is not None:
                middle = max(middle, edge + half) if start is None else edge + half
            result[place] = sign * middle
            edge = middle + half + COLUMN_GAP
        return result

    # SVG.

    def svg(self, title: str) -> str:
        """The picture as text."""
        rows = enumerate(self._rows)
        right = max(self._x[n][place] + self._width(place) / 2 for n, row in rows for place in row)
        width, height = round(right + MARGIN), round(self._top(len(self._rows)) - ROW_GAP + MARGIN)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
            f'orient="auto"><path d="M0 0.8 L8 4 L0 7.2 z" fill="{SOFT}"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
            *self._frames(),
            *(line for number in range(len(self._rows) - 1) for line in self._curves(number)),
            *(self._passage(n, place) for n, row in enumerate(self._rows) for place in row if not place[1]),
            *(
                text
                for n, row in enumerate(self._rows)
                for place in row
                if place[1]
                for text in self._box(n, place)
            ),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _top(self, number: int) -> float:
        return MARGIN + number * (BOX_HEIGHT + ROW_GAP)

    def _frames(self) -> list[str]:
        """A frame around the boxes of each group, with its name."""
        parts = []
        for group in sorted({box.group for box in self.boxes.values() if box.group}):
            places = [
                (n, place, self._x[n][place])
                for n, row in enumerate(self._rows)
                for place in row
                if place[1] and self.boxes[place[0]].group == group
            ]
            left = min(x - self._width(place) / 2 for _, place, x in places) - 14
            right = max(x + self._width(place) / 2 for _, place, x in places) + 14
            top, bottom = self._top(min(n for n, _, _ in places)), self._top(max(n for n, _, _ in places))
            height = bottom - top + BOX_HEIGHT + 34
            parts.append(
                f'<rect x="{left:g}" y="{top - 12:g}" width="{right - left:g}" height="{height:g}" rx="10" '
                f'fill="{GROUP}" stroke="#e0b98a"/>'
            )
            parts.append(
                f'<text x="{left + 10:g}" y="{top + height - 18:g}" {FONT} font-size="12" fill="#8a5a00">'
                f"{escape(group)}</text>"
            )
        return parts

    def _curves(self, number: int) -> list[str]:
        lines = self._lines(number)
        parts = []
        for source, target in lines:
            x1, y1 = self._port(number, source, target, lines), self._top(number) + BOX_HEIGHT
            x2, y2 = self._x[number + 1][target], self._top(number + 1)
            middle = (y1 + y2) / 2
            head = ' marker-end="url(#head)"' if target[1] else ""
            parts.append(
                f'<path d="M{x1:g} {y1:g} C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2:g}" fill="none" '
                f'stroke="{SOFT}" stroke-width="1.4"{head}/>'
            )
        return parts

    def _port(self, number: int, source: Place, target: Place, lines: Sequence[tuple[Place, Place]]) -> float:
        """Where a line leaves its box: lines stand side by side, in the order of where they go."""
        x = self._x[number][source]
        if not source[1]:
            return x
        targets = sorted((to for one, to in lines if one == source), key=lambda to: self._x[number + 1][to])
        return round(x + PORT_GAP * (targets.index(target) - (len(targets) - 1) / 2), 1)

    def _passage(self, number: int, place: Place) -> str:
        x, top = self._x[number][place], self._top(number)
        return f'<path d="M{x:g} {top:g} V{top + BOX_HEIGHT:g}" stroke="{SOFT}" stroke-width="1.4"/>'

    def _box(self, number: int, place: Place) -> list[str]:
        box, x, top = self.boxes[place[0]], self._x[number][place], self._top(number)
        return [
            f'<rect x="{x - box.width / 2:g}" y="{top:g}" width="{box.width:g}" height="{BOX_HEIGHT}" rx="7" '
            f'fill="{ROOM}" stroke="#8fa3ba"/>',
            f'<text x="{x:g}" y="{top + BOX_HEIGHT / 2 + 5:g}" {FONT} font-size="14" font-weight="bold" '
            f'text-anchor="middle" fill="{INK}">{escape(box.label)}</text>',
        ]
