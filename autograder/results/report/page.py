"""`report/`: the page of the class for staff, a page for each student to hand out, and what is still to be marked.

Everything a student wrote is escaped by the template engine. Should something slip through, the pages' own policy
forbids scripts (but the one that sorts), pictures and requests.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.results.by_hand.doubts import tests_to_doubt
from autograder.results.report.behind import look_behind
from autograder.results.report.class_page import render_class
from autograder.results.report.marking import write_marking
from autograder.results.report.names import FOLDER, page_names
from autograder.results.report.student_page import StudentPages
from autograder.results.store import Store, write_atomically

# By this line, near its start, a page that we wrote is known.
OURS = b'<meta name="generator" content="hw-cnn autograder">'
HEAD_BYTES = 1000


def write_report(out: Path) -> Path:
    """Write `out/report/` from the results, the manifest and what people have said; the path of the class's page.

    Where something is marked by hand, what is still to be marked, too. Pages of students who have no result any more
    are removed.

    Raises: UsageError when `out` holds no results, StoreError when a page cannot be written.
    """
    manifest, store = stored_manifest(out), Store(out)
    store.remember_texts(manifest)
    marked = store.marked(manifest)
    if not marked:
        raise UsageError(f"{out} holds no results; give the folder that was --out of `autograder grade`")
    if manifest.written:
        write_marking(out, manifest, marked)
    names = page_names(one.grade.student for one in marked)
    pages = StudentPages(manifest)
    folder = out / "report" / FOLDER
    for one in marked:
        _write(folder / names[one.grade.student], pages.render(one))
    _remove_others(folder, names.values())
    target = out / "report" / "index.html"
    doubts = [doubt.sentence(marked[0].grade.lang) for doubt in tests_to_doubt(manifest, marked)]
    read = {one.grade.student for one in marked}
    unreadable = sorted({path.stem for path in (out / "results").glob("*.json")} - read)
    behind = look_behind(store, [one.grade for one in marked], manifest.name)
    _write(target, render_class(manifest, marked, names, unreadable=unreadable, doubts=doubts, behind=behind))
    return target


def stored_manifest(out: Path) -> Manifest:
    """The manifest beside the results. Raises: UsageError when `out` is no folder of results."""
    path = out / "assignment.json"
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}; give the folder that was --out of `autograder grade`"
        ) from error
    except ValidationError as error:
        raise UsageError(f"{path} is damaged; grade once more into the same folder to renew it") from error


def _write(path: Path, page: str) -> None:
    """A page that has not changed is left alone: of a large class most are. Raises: StoreError."""
    content = page.encode("utf-8")
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return
    write_atomically(path, content)


def _remove_others(folder: Path, names: Collection[str]) -> None:
    """Of pages that we wrote; a file of somebody else stays."""
    kept = set(names)
    for path in folder.glob("*.html"):
        if path.name in kept:
            continue
        with contextlib.suppress(OSError), path.open("rb") as stream:
            if OURS in stream.read(HEAD_BYTES):
                path.unlink()
