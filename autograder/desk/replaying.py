"""`autograder replay`: what a hidden test asked a student, what came back and what is right, as text and as a page."""

from __future__ import annotations

import re
from pathlib import Path

from markupsafe import Markup

from autograder.course.manifest import Manifest, Test
from autograder.desk.words import REPLAY
from autograder.errors import UsageError
from autograder.grading.again.replayed import Replayed, Request
from autograder.grids.html import STYLE, as_html
from autograder.grids.plain import as_lines
from autograder.results.by_hand.lines import Wrong
from autograder.results.decisions import find_test
from autograder.results.report.environment import templates
from autograder.results.store import write_atomically
from autograder.text import Lang, counted

FOLDER = "replay"
MOST_LISTED = 20
NO_FORMS = ("", "", "")


def test_of(name: str, manifest: Manifest) -> Test:
    """The hidden test that is meant. Raises: UsageError, also for one that needs classes drawn for a whole run."""
    try:
        _, test = find_test(name, manifest)
    except Wrong as problem:
        raise UsageError(str(problem)) from problem
    if test.threshold is not None and test.threshold.margin is not None:
        raise UsageError(
            f"{test.id} trains on classes that are drawn for a run, and has no single answer to show; "
            "`autograder regrade` measures it again"
        )
    return test


def as_text(replayed: Replayed) -> list[str]:
    """What to print."""
    requests = replayed.requests
    lines = [f"{replayed.test} of {replayed.student}: {'failed' if replayed.end else 'passed'}"]
    lines += [f"  {line}" for line in replayed.end.splitlines()]
    if replayed.changed:
        lines.append("the submission has changed since it was graded: this is what is there now")
    number = counted(len(requests), "en", NO_FORMS, "request")
    lines.append(f"{number} of the test{'' if replayed.is_whole else ', and more that are not kept'}:")
    lines += [
        f"  {place}. {request.call}: {_said(request, is_taken=not replayed.end)}"
        for place, request in _listed(requests)
    ]
    if len(requests) > MOST_LISTED:
        lines.append(f"  and {len(requests) - MOST_LISTED} more")
    if (shown := replayed.shown) is not None:
        lines += ["", f"request {requests.index(shown) + 1}: {shown.call}"]
        for grids in (shown.inputs, shown.answers):
            lines += as_lines(grids, "en")
        if shown.difference:
            lines += ["got − expected:", *as_lines(shown.difference, "en")]
        lines += [
            f"{name}: {text}" for name, text in (("got", shown.got), ("expected", shown.expected)) if text
        ]
        if shown.size is not None:
            lines.append(f"largest difference: {shown.size:.4g}")
    return lines


def _listed(requests: tuple[Request, ...]) -> list[tuple[int, Request]]:
    return list(enumerate(requests, 1))[:MOST_LISTED]


def _said(request: Request, *, is_taken: bool) -> str:
    """is_taken: the test passes, so that it asks for less than the reference answers, or forgives it."""
    if request.differs is None:
        return "the reference was asked something else here"
    if not request.differs:
        return "right"
    return "differs from the reference, and the test takes it" if is_taken else "differs"


def write_page(out: Path, manifest: Manifest, replayed: Replayed, lang: Lang) -> Path:
    """Write `replay/<student>-<test>.html`; its path. Raises: StoreError."""
    name = re.sub(r"[^\w.-]+", "-", replayed.test.replace(".py::", "-"))
    path = out / FOLDER / f"{replayed.student}-{name}.html"
    write_atomically(path, render(manifest, replayed, lang).encode("utf-8"))
    return path


def render(manifest: Manifest, replayed: Replayed, lang: Lang) -> str:
    """The page as text; whatever came from a student is escaped by the template engine."""
    environment = templates(lang, "autograder.desk")
    environment.filters["drawn"] = lambda grids: Markup(as_html(grids, lang))
    task = manifest.task_of_test(replayed.test)
    sentence = next(test.sentence for test in task.tests if test.id == replayed.test)
    return environment.get_template("replay.html.j2").render(
        replayed=replayed,
        task=task.id,
        sentence=sentence.get(lang),
        title=manifest.title.get(lang),
        lang=lang,
        say={name: text.get(lang) for name, text in REPLAY.items()},
        listed=_listed(replayed.requests),
        shown=replayed.shown,
        grid_style=Markup(STYLE),
    )
