"""The page: who agrees with whom and in what, and the code side by side. It decides nothing, and says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from autograder.course.manifest import Manifest
from autograder.results.report.environment import templates
from autograder.similarity.agreement import Found, TaskCode, Together
from autograder.similarity.prints import Print, Work
from autograder.similarity.words import SAY
from autograder.text import Lang
from autograder.wire.safe_text import clean_line, clean_text

# The rest is named by its number: a page that nobody can open helps nobody.
MOST_ROWS, MOST_SHOWN, MOST_LINES, MOST_CHARACTERS = 300, 100, 300, 500


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    is_common: bool


@dataclass(frozen=True)
class Side:
    """One student's code: of each piece its place and lines. num_more: lines that are not shown."""

    student: str
    pieces: tuple[tuple[str, tuple[Line, ...]], ...]
    num_more: int


@dataclass(frozen=True)
class Shown:
    """Two works side by side. shares: of each, which part the other has. others: who has the very same, too."""

    task: str
    title: str
    sides: tuple[Side, Side]
    shares: tuple[float, float]
    others: tuple[str, ...] = ()


def render(manifest: Manifest, found: Found, agreeing: Sequence[Together], lang: Lang, *, lines: int) -> str:
    """As text; whatever a student wrote is cleaned, and escaped by the template engine."""
    environment = templates(lang, "autograder.similarity")
    environment.filters["share"] = lambda share: f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
    environment.filters["clean"] = clean_line
    shown = [one for task in found.tasks for one in _shown(task, lang)]
    shown.sort(key=lambda one: (-max(one.shares), one.task))
    return environment.get_template("similarity.html.j2").render(
        lang=lang,
        title=manifest.title.get(lang),
        say={name: text.get(lang) for name, text in SAY.items()},
        found=found,
        agreeing=agreeing[:MOST_ROWS],
        num_more_rows=max(0, len(agreeing) - MOST_ROWS),
        shown=shown[:MOST_SHOWN],
        num_more_shown=max(0, len(shown) - MOST_SHOWN),
        lines=lines,
    )


def _shown(one: TaskCode, lang: Lang) -> list[Shown]:
    task, title = one.task.id, one.task.title.get(lang)
    groups = [
        Shown(
            task,
            title,
            (_side(group[0], group[0].prints), _side(group[1], group[1].prints)),
            (1.0, 1.0),
            tuple(work.student for work in group[2:]),
        )
        for group in one.alike.groups
    ]
    pairs = [
        Shown(task, title, (_side(pair.first, pair.common), _side(pair.second, pair.common)), pair.shares)
        for pair in islice(one.alike.pairs, MOST_SHOWN)
    ]
    return [*groups, *pairs]


def _side(work: Work, common: Collection[Print]) -> Side:
    left, num_more = MOST_LINES, 0
    pieces = []
    for place, piece in enumerate(work.pieces):
        marked = work.lines(place, common)
        texts = piece.text.split("\n")
        num_more += max(0, len(texts) - left)
        lines = tuple(
            Line(piece.line + number - 1, clean_text(text, MOST_CHARACTERS), number in marked)
            for number, text in enumerate(texts[:left], start=1)
        )
        left -= len(lines)
        if lines:
            pieces.append((piece.place, lines))
    return Side(work.student, tuple(pieces), num_more)
