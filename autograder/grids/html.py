"""Grids as HTML, side by side: tables whose cells are shaded by their numbers, those that differ in frames.

No scripts, nothing from elsewhere. Where a page takes the style away, the `mark` elements still show what differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from autograder.grids.grid import EMPTY, Grid, Number, Part, cells
from autograder.text import Lang

# Half transparent, so that they fit light and dark pages; `currentColor` is the page's own.
STYLE = """
.hw-grids, .hw-grids > div { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: flex-start; }
.hw-grids { margin: 6px 0; }
.hw-grids figure { margin: 0; }
.hw-grids figcaption { font-size: 13px; line-height: 1.35; margin-bottom: 3px; }
.hw-grids .kind { opacity: .65; font-size: 12px; } .hw-grids .other { color: #d5473f; font-weight: 600; }
.hw-grids .place { opacity: .65; font: 12px ui-monospace, "DejaVu Sans Mono", monospace; margin: 4px 0 1px; }
.hw-grids table { width: auto; border-collapse: separate; border-spacing: 2px; margin: 0; border: 0; }
.hw-grids th, .hw-grids td { text-align: right; padding: 2px 6px; min-width: 2.1em; border: 0; color: inherit;
  font: 13px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; white-space: nowrap; }
.hw-grids th { opacity: .65; font-size: 12px; }
.hw-grids td { border-radius: 3px; background: rgba(128, 128, 128, .08); }
.hw-grids th.differs { opacity: 1; } .hw-grids .differs { box-shadow: 0 0 0 2px #d5473f; }
.hw-grids mark { background: none; color: inherit; font-weight: 700; }
"""
POSITIVE, NEGATIVE = "47, 118, 205", "222, 125, 25"
LEAST_SHADE, MOST_SHADE = 0.06, 0.45


def call_as_html(call: str) -> str:
    """The call that grids belong to."""
    return f'<div class="hw-grids"><code>{escape(call)}</code></div>' if call else ""


def as_html(grids: Sequence[Grid], lang: Lang) -> str:
    """One `div`, "" for no grids; the page that holds it needs `STYLE`."""
    if not grids:
        return ""
    answers = [grid for grid in grids if grid.role != "input"]
    figures: dict[bool, list[str]] = {True: [], False: []}
    for grid in grids:
        # An answer and what was expected are shaded alike, so that they can be compared.
        alike = [grid] if grid.role == "input" else [one for one in answers if one.name == grid.name]
        figures[grid.role == "input"].append(_figure(grid, _largest(alike), lang))
    # What was got and what was expected stay together where not everything fits in a row.
    together = f"<div>{''.join(figures[False])}</div>" if answers else ""
    return f'<div class="hw-grids">{"".join(figures[True])}{together}</div>'


def _largest(grids: Sequence[Grid]) -> float:
    sizes = [_size(value) for grid in grids for part in grid.parts for row in part.rows for value in row]
    return max(sizes, default=0.0)


def _size(value: Number) -> float:
    return abs(float(value)) if isinstance(value, int | float) else 0.0


def _figure(grid: Grid, largest: float, lang: Lang) -> str:
    kind = "kind other" if grid.other else "kind"
    caption = f"<b>{escape(grid.title(lang))}</b>"
    if grid.kind:
        caption += f'<br><span class="{kind}">{escape(grid.kind)}</span>'
    body = "".join(_table(grid, part, largest) for part in grid.parts)
    if not grid.parts:
        body = f'<div class="place">{escape(EMPTY.get(lang))}</div>'
    return f"<figure><figcaption>{caption}</figcaption>{body}</figure>"


def _table(grid: Grid, part: Part, largest: float) -> str:
    heading = grid.heading(part)
    place = f'<div class="place">{escape(heading)}</div>' if heading else ""
    head = ""
    if grid.labels:
        labels = [_label(label, number in grid.other_labels) for number, label in enumerate(grid.labels)]
        head = f"<tr>{''.join(labels)}</tr>"
    rows = []
    for values, texts in zip(part.rows, cells(part), strict=True):
        row = "".join(
            _cell(value, text, differs, largest) for value, (text, differs) in zip(values, texts, strict=True)
        )
        rows.append(f"<tr>{row}</tr>")
    return f"{place}<table>{head}{''.join(rows)}</table>"


def _label(label: str, differs: bool) -> str:
    return (
        f'<th class="differs"><mark>{escape(label)}</mark></th>' if differs else f"<th>{escape(label)}</th>"
    )


def _cell(value: Number, text: str, differs: bool, largest: float) -> str:
    size = _size(value)
    style = ""
    if size and largest:
        colour = POSITIVE if float(value) > 0 else NEGATIVE
        shade = LEAST_SHADE + (MOST_SHADE - LEAST_SHADE) * size / largest
        style = f' style="background: rgba({colour}, {shade:.2f})"'
    if differs:
        return f'<td class="differs"{style}><mark>{escape(text)}</mark></td>'
    return f"<td{style}>{escape(text)}</td>"
