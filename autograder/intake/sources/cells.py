"""A notebook's bytes -> its cells. One that is damaged costs itself only."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.intake.encodings import decode
from autograder.intake.program.statements import parse
from autograder.intake.sources.damage import no_notebook
from autograder.intake.sources.magics import Translator
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.rejection import refuse
from autograder.text import Text

CHECK_SUFFIX = "-test"  # the release names the check cell of task F1 "F1-test"
MAX_VALUES = 3_000_000  # of JSON: each may take a hundred times the memory of its text
DEFINITIONS = ("def", "class")
TEXT_KINDS = ("markdown", "raw", "heading")


@dataclass(frozen=True)
class Cell:
    """A code cell.

    number: its place among the code cells, from 1. ids: those of its ids that are task ids. checks: tasks whose
    check cell it is.
    """

    number: int
    ids: frozenset[str]
    source: str
    checks: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return min(self.ids, default=str(self.number))

    @property
    def place(self) -> Text:
        if self.ids:
            return Text(
                ru=f"ячейка {self.name} ({self.number}-я ячейка с кодом)",
                en=f"cell {self.name} (code cell {self.number})",
            )
        return Text(ru=f"{self.number}-я ячейка с кодом", en=f"code cell {self.number}")


@dataclass(frozen=True)
class TextCell:
    """A cell that Jupyter does not run. number: its place among all cells, from 1."""

    number: int
    ids: frozenset[str]
    source: str

    def holds(self, task: str, name: str) -> bool:
        """Whether it is the task's cell, or code that was to define `name`: no text about it is Python throughout."""
        if task in self.ids:
            return True
        if not any(f"{word} {name}" in self.source for word in DEFINITIONS):
            return False
        try:
            parse(self.source)
        except SyntaxError:
            return False
        return True

    @property
    def text(self) -> Text:
        """The sentence for a student whose code does not run because of it."""
        if self.ids:
            name = min(self.ids)
            return Text(
                ru=f"ячейка {name} — текстовая; сделайте её снова ячейкой с кодом",
                en=f"cell {name} is a text cell; turn it back into a code cell",
            )
        return Text(
            ru=f"{self.number}-я ячейка тетради — текстовая, а в ней код; сделайте её снова ячейкой с кодом",
            en=f"cell {self.number} of the notebook is a text cell, but holds code; turn it back into a code cell",
        )


@dataclass(frozen=True)
class AnswerCell:
    """A cell for an answer in words, of whatever kind it has become. name: its id, as the release gave it."""

    name: str
    source: str


@dataclass(frozen=True)
class Notebook:
    """What a notebook holds. python: the version that it was last run with, where it says so.

    An answer is no text cell, and a code cell only where it is Python.
    """

    cells: Sequence[Cell]
    texts: Sequence[TextCell]
    answers: Sequence[AnswerCell] = ()
    python: str | None = None


def read_cells(
    data: bytes, name: str, task_ids: Collection[str], answer_ids: Collection[str] = ()
) -> Notebook:
    """The cells of a notebook (nbformat 3 or 4). answer_ids: of cells for answers in words. Raises: Rejected."""
    shown = printable(name)
    if not data.strip():
        raise refuse(f"файл «{shown}» пуст", f"the file {shown!r} is empty")
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise refuse(
            f"в тетради «{shown}» слишком много данных; очистите вывод ячеек и сохраните её снова",
            f"the notebook {shown!r} holds too much data; clear the outputs of its cells and save it again",
        )
    text = decode(data)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise no_notebook(data, text, name) from error
    try:
        if notebook.get("nbformat", 4) < 4 or "worksheets" in notebook:
            notebook = _upgrade(notebook)
        cells = notebook["cells"]
        if not isinstance(cells, list) or (cells and not any(isinstance(cell, dict) for cell in cells)):
            raise TypeError("there are no cells")
        return Notebook(*_cells(cells, task_ids, answer_ids), _python(notebook.get("metadata")))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise refuse(
            f"«{shown}» — не тетрадь Jupyter: в файле нет ячеек",
            f"{shown!r} is not a Jupyter notebook: it holds no cells",
        ) from error


def _upgrade(notebook: dict[str, Any]) -> dict[str, Any]:
    import nbformat

    try:
        upgraded: dict[str, Any] = nbformat.convert(nbformat.from_dict(notebook), 4)
    except Exception as error:  # it raises what it likes, jsonschema's errors among others
        raise ValueError("the notebook cannot be upgraded") from error
    return upgraded


def _cells(
    cells: list[Any], task_ids: Collection[str], answer_ids: Collection[str]
) -> tuple[list[Cell], list[TextCell], list[AnswerCell]]:
    code: list[Cell] = []
    texts: list[TextCell] = []
    answers: list[AnswerCell] = []
    translator = Translator()
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        source, names = _source(cell), _names(cell)
        ids = frozenset(names.intersection(task_ids))
        kind = cell.get("cell_type")
        name = min(names.intersection(answer_ids), default=None)
        if name is not None:
            answers.append(AnswerCell(name, source))
            if kind != "code" or not _is_python(source, translator):
                continue
        if kind == "code" or (kind not in TEXT_KINDS and source and translator.reads(source)):
            checks = frozenset(task for task in task_ids if f"{task}{CHECK_SUFFIX}" in names)
            code.append(Cell(len(code) + 1, ids, source, checks))
        else:
            texts.append(TextCell(number, ids, source))
    return code, texts, answers


def _is_python(source: str, translator: Translator) -> bool:
    try:
        return translator.reads(source)
    except (RecursionError, ValueError):  # as for any text that nobody wrote as code
        return False


def _source(cell: Mapping[str, Any]) -> str:
    """The text of a cell; "" where there is none."""
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()


def _names(cell: Mapping[str, Any]) -> set[str]:
    """The ids of a cell: its own, nbgrader's, and the one that Colab keeps in the metadata."""
    metadata = _mapping(cell.get("metadata"))
    names = (cell.get("id"), metadata.get("id"), _mapping(metadata.get("nbgrader")).get("grade_id"))
    return {name for name in names if isinstance(name, str)}


def _python(metadata: Any) -> str | None:
    language = _mapping(_mapping(metadata).get("language_info"))
    version = language.get("version")
    return version if language.get("name") == "python" and isinstance(version, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
