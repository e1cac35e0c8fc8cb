"""`autograder void`: a hidden test that was found wrong after the run. One line in `voids.csv`, and nothing is run."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from autograder.course.manifest import Manifest
from autograder.desk.changes import change_lines, changes
from autograder.errors import UsageError
from autograder.results.by_hand.lines import Wrong, read_lines
from autograder.results.decisions import VOID_COLUMNS, VOIDS_NAME, How, parse_voids, voidable_test
from autograder.results.store import Store, write_atomically
from autograder.tables.spreadsheet import FIELD_SEPARATORS, guard_formula, read_records
from autograder.wire.safe_text import clean_line

ENCODING = "utf-8-sig"


def void(store: Store, manifest: Manifest, test: str, how: How, by: str, reason: str) -> list[str]:
    """Decide that a test does not count as it ended, and write the scores anew; what to tell.

    Raises: UsageError where there is no such test, it is decided already, or a line that people wrote is wrong;
    StoreError. Nothing is changed then.
    """
    beside = store.beside(manifest)
    beside.require()
    before = store.marked(manifest)
    if not before:
        raise UsageError(
            f"{store.out} holds no results; give the folder that was --out of `autograder grade`"
        )
    path = store.out / VOIDS_NAME
    try:
        _, found = voidable_test(test, manifest)
    except Wrong as problem:
        raise UsageError(f"{problem}; nothing was changed") from problem
    if (standing := beside.decisions.void(found.id)) is not None:
        raise UsageError(
            f"{found.id} counts as {standing.how} already, by {standing.by}: {standing.reason} ({path}, line "
            f"{standing.line}). To change that, edit the line or delete it, and run `autograder report {store.out}`; "
            "nothing was changed"
        )
    said = {"test": found.id, "as": how, "reason": clean_line(reason), "by": clean_line(by)}
    text = _with_line(read_lines(path), said)
    _, problems = parse_voids(text, str(path), manifest)
    if problems:
        raise UsageError("\n".join((*problems, "nothing was changed")))
    write_atomically(path, text.encode(ENCODING))
    store.save_scores(manifest)
    after = store.marked(manifest)
    return [
        f"{found.id} counts as {how} now; to undo it, delete its line in {path} and run `autograder report`",
        *change_lines(changes(before, after), len(after)),
    ]


def _with_line(text: str, values: Mapping[str, str]) -> str:
    """The table with one more line, in the order and with the separator of its header."""
    header, separator = list(VOID_COLUMNS), ","
    records = list(read_records(text)) if text.strip() else []
    if records:
        header = records[0][1]
        first = next(
            line for line in text.split("\n") if line.strip() and not line.lower().startswith("sep=")
        )
        separator = max(FIELD_SEPARATORS, key=first.count)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    if not records:
        writer.writerow(header)
    writer.writerow([guard_formula(values.get(name.strip().casefold(), "")) for name in header])
    start = f"{text.rstrip(chr(10))}\n" if records else ""
    return start + stream.getvalue()
