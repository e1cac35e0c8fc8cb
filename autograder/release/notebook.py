"""The handout as an nbgrader notebook: jupytext in, task cells from the student edition, nbgrader's steps at the end.

nbgrader only ever sees bodies that are already empty, so nothing can leak through its markers. The markers stay: of a
solution cell without them nbgrader's `generate_assignment` would leave its own two lines, and no signature.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from autograder.course.manifest import Manifest, Task
from autograder.course.rows import PLACEHOLDER, Row, cell_id
from autograder.errors import UsageError
from autograder.intake.sources.cells import CHECK_SUFFIX
from autograder.release.cell_source import task_source
from autograder.release.one_language import in_language
from autograder.release.placeholders import expand
from autograder.release.sections import asked_of
from autograder.text import LANGS, Lang, Text
from autograder.wire.forbidden_calls import shown

SCHEMA_VERSION = 3
UNNAMED = "unnamed"
# Jupyter goes on to the next cell after an error in one with this tag: "run all" of a half-solved notebook comes to its
# end.
GOES_ON = "raises-exception"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
WRITE_HERE = Text(
    ru="# Напишите решение здесь, вместо raise.",
    en="# Write your solution here, in place of raise.",
)
OFF_LIMITS = Text(ru="# Под запретом в этом задании:", en="# Off limits in this task:")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

Notebook = Any  # nbformat.NotebookNode, which is not typed


def build_notebook(handout: str, manifest: Manifest, lang: Lang, edition: Mapping[str, bytes]) -> Notebook:
    """The notebook that students get.

    handout: jupytext py:percent. edition: files of the student edition ("hw_cnn/..." -> bytes), all tasks
    emptied.
    Raises: UsageError naming the cell for an unknown task, row, language or {{placeholder}}, or a task or row without a
    cell.
    """
    from nbformat.v4 import new_notebook

    cells: list[Any] = []
    told: list[tuple[str, str]] = []
    for cell in asked_cells(handout, manifest.chosen, lang):
        task_id = cell.metadata.get("task")
        if task_id is None:
            cells.append(_plain_cell(cell, manifest, lang, after_a_task=bool(told)))
        else:
            task = manifest.task(task_id)
            row_id = cell.metadata.get("row")
            row = _row(task, row_id, told)
            told.append((task.id, row_id or ""))
            if row is None:
                cells += [_solution_cell(task, edition, lang), _grade_cell(task)]
            else:
                cells += [_answer_cell(task, row, lang)]
                is_last = all((task.id, one.id) in told for one in task.rows)
                cells += [_look_cell(task)] if is_last else []
    _refuse_forgotten(manifest, told)
    _number(cells)
    return _finished(new_notebook(cells=cells, metadata=deepcopy(METADATA)))


def asked_cells(handout: str, chosen: Sequence[str], lang: Lang) -> list[Any]:
    """The cells of one language, those of other tasks left out where only some were chosen. Raises: UsageError."""
    import jupytext

    spoken = [
        cell
        for cell in jupytext.reads(handout, fmt="py:percent").cells
        if _speaks(cell.metadata.get("lang"), lang)
    ]
    return asked_of(spoken, chosen) if chosen else spoken


def _row(task: Task, row_id: str | None, told: Sequence[tuple[str, str]]) -> Row | None:
    """The row that a cell of the handout is the place of, None for a task without rows. Raises: UsageError."""
    if not task.is_written and row_id is None:
        return None
    known = ", ".join(row.id for row in task.rows) or "none"
    row = next((row for row in task.rows if row.id == row_id), None)
    if row is None:
        raise UsageError(
            f"the handout has a cell of task {task.id} with row={row_id!r}; its rows are {known}"
        )
    if (task.id, row.id) in told:
        raise UsageError(f"the handout has two cells for row {row.id!r} of task {task.id}; keep one")
    return row


def _refuse_forgotten(manifest: Manifest, told: Sequence[tuple[str, str]]) -> None:
    places = [(task.id, row) for task in manifest.tasks for row in [row.id for row in task.rows] or [""]]
    missing = [place for place in places if place not in told]
    if missing:
        names = ", ".join(cell_id(task, row) if row else task for task, row in missing)
        task, row = missing[0]
        mend = f'# %% task="{task}"' + (f' row="{row}"' if row else "")
        raise UsageError(f"the handout has no cell for {names}; add `{mend}`")


def _speaks(cell_lang: str | None, lang: Lang) -> bool:
    if cell_lang not in (None, *LANGS):
        raise UsageError(
            f"the handout has a cell with lang={cell_lang!r}; the languages are {', '.join(LANGS)}"
        )
    return cell_lang in (None, lang)


def _plain_cell(cell: Any, manifest: Manifest, lang: Lang, *, after_a_task: bool) -> Any:
    from nbformat.v4 import new_code_cell, new_markdown_cell

    if cell.cell_type == "markdown":
        return new_markdown_cell(expand(cell.source, manifest, lang), id=UNNAMED)
    source = in_language(cell.source, lang, "a cell of the handout")
    return new_code_cell(source, id=UNNAMED, metadata={"tags": [GOES_ON]} if after_a_task else {})


def _solution_cell(task: Task, edition: Mapping[str, bytes], lang: Lang) -> Any:
    from nbformat.v4 import new_code_cell

    stub = f'raise NotImplementedError("task {task.id}")'
    lines: list[str] = []
    is_said = False
    for line in task_source(task, edition, edition).split("\n"):
        if line.strip() == stub:
            indent = line[: -len(stub)]
            # Four methods to write need it no more often than one.
            lines += [] if is_said else [indent + WRITE_HERE.get(lang)]
            lines += [indent + BEGIN, line, indent + END]
            is_said = True
        else:
            lines.append(line)
    if task.forbidden:
        head = textwrap.wrap(
            ", ".join(map(shown, task.forbidden)), 88, initial_indent="#   ", subsequent_indent="#   "
        )
        lines = [OFF_LIMITS.get(lang), *head, *lines]
    metadata = {"nbgrader": _nbgrader(task.id, solution=True)}
    return new_code_cell("\n".join(lines), id=task.id, metadata=metadata)


def _grade_cell(task: Task) -> Any:
    from nbformat.v4 import new_code_cell

    source = f'import hw_cnn\n\nhw_cnn.check("{task.id}")'
    cell_id = f"{task.id}{CHECK_SUFFIX}"
    metadata = {
        "nbgrader": {**_nbgrader(cell_id, solution=False), "points": task.points},
        "tags": [GOES_ON],
    }
    return new_code_cell(source, id=cell_id, metadata=metadata)


def _answer_cell(task: Task, row: Row, lang: Lang) -> Any:
    """What nbgrader calls a manually graded cell: a student writes in it, and a person gives the points."""
    from nbformat.v4 import new_markdown_cell

    name = cell_id(task.id, row.id)
    metadata = {"nbgrader": {**_nbgrader(name, solution=True), "grade": True, "points": row.points}}
    return new_markdown_cell(PLACEHOLDER.get(lang), id=name, metadata=metadata)


def _look_cell(task: Task) -> Any:
    """The check of a written task: it says what is written, and nbgrader gives no points for it."""
    from nbformat.v4 import new_code_cell

    cell = _grade_cell(task)
    return new_code_cell(cell.source, id=cell.id)


def _nbgrader(grade_id: str, solution: bool) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "grade_id": grade_id,
        "solution": solution,
        "grade": not solution,
        "locked": not solution,
        "task": False,
    }


def _number(cells: list[Any]) -> None:
    """Give every other cell an id made of its text, so that two releases agree and one change moves one
    id.
    """
    taken = {cell.id for cell in cells}
    for cell in cells:
        if cell.id == UNNAMED:
            stem = f"{cell.cell_type}-{hashlib.sha256(cell.source.encode()).hexdigest()[:10]}"
            cell.id = next(name for name in _numbered(stem) if name not in taken)
            taken.add(cell.id)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 1
    while True:
        number += 1
        yield f"{stem}-{number}"


def _finished(notebook: Notebook) -> Notebook:
    """Run nbgrader's own preprocessors, in the order of its `generate_assignment`.

    Left out are those that need a database, and the one that empties solutions: bodies come empty.
    """
    from nbgrader import preprocessors as steps

    order = (
        steps.LockCells,
        steps.ClearOutput,
        steps.CheckCellMetadata,
        steps.ComputeChecksums,
        steps.ClearHiddenTests,
        steps.ClearMarkScheme,
        steps.ComputeChecksums,
        steps.CheckCellMetadata,
    )
    resources: dict[str, Any] = {}
    for step in order:
        notebook, resources = step().preprocess(notebook, resources)
    return notebook


def read_notebook(text: str) -> Notebook:
    """Parse a notebook. Raises: UsageError."""
    import nbformat

    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:  # nbformat raises many kinds
        raise UsageError(f"this is not a Jupyter notebook: {error}") from error


def notebook_bytes(notebook: Notebook) -> bytes:
    """The file's content: keys sorted, no time stamps."""
    import nbformat

    text: str = nbformat.writes(notebook)
    return (text.rstrip("\n") + "\n").encode()


def write_notebook(notebook: Notebook, path: Path) -> None:
    """Write a notebook file."""
    path.write_bytes(notebook_bytes(notebook))
