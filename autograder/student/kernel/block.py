"""What `hw_cnn.check` found, as one block of a notebook: a heading, the tests with their reasons, and notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from autograder.student import words
from autograder.student.public_tests import PublicOutcome
from autograder.text import Lang

GOOD, BAD = "#2e7d32", "#c62828"
# A traceback keeps its columns, a sentence flows.
CODE = "margin:.2em 0 .2em 1.6em;white-space:pre-wrap;font-family:monospace;font-size:90%"
SENTENCE = "margin:.2em 0 .2em 1.6em;white-space:pre-wrap"
TRACEBACK = re.compile(r"^(Traceback |  File )", re.MULTILINE)
BACKTICKED = re.compile(r"`([^`]+)`")


def block(heading: str, outcomes: Sequence[PublicOutcome], notes: Sequence[str], lang: Lang) -> str:
    """HTML of a check. outcomes: none where nothing is written yet."""
    colour = GOOD if outcomes and all(outcome.why is None for outcome in outcomes) else BAD
    told: set[str] = set()
    rows = []
    for outcome in outcomes:
        rows.append(_row(outcome, told, lang))
        told |= {outcome.cause} if outcome.why is not None else set()
    return (
        f'<div style="border-left:4px solid {colour};padding:.1em .8em;margin:.3em 0">'
        f"<div><b>{escape(heading)}</b></div>{''.join(rows)}"
        f"{''.join(_note(note) for note in notes)}</div>"
    )


def _row(outcome: PublicOutcome, told: set[str], lang: Lang) -> str:
    passed = outcome.why is None
    mark, colour, word = ("✓", GOOD, words.PASSED) if passed else ("✗", BAD, words.FAILED)
    is_same = outcome.is_told(told)
    verdict = word.get(lang) + (f", {words.SAME.get(lang)}" if is_same else "")
    return (
        f'<div style="margin-top:.2em"><span style="color:{colour};font-weight:bold">{mark}</span> '
        f'{escape(outcome.name)} <span style="color:{colour}">{verdict}</span>'
        f"{'' if is_same else reason(outcome.why or '') + outcome.values.html(lang)}</div>"
    )


def reason(why: str) -> str:
    """Why a test failed, as HTML."""
    if not why:
        return ""
    return f'<div style="{CODE if TRACEBACK.search(why) else SENTENCE}">{_text(why)}</div>'


def _note(text: str) -> str:
    return f'<div style="margin-top:.3em;font-size:90%;opacity:.85">{_text(text.strip())}</div>'


def _text(text: str) -> str:
    return BACKTICKED.sub(r"<code>\1</code>", escape(text))
