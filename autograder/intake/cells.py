"""A notebook's bytes -> its code cells as plain Python: magics and shell lines turned into calls, or left
out.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.intake.encodings import decode
from autograder.intake.magic_lines import count_changes, without_timers
from autograder.intake.program.slices import Chunk
from autograder.intake.program.statements import parse
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.rejection import refuse
from autograder.text import Text

# Cell magics whose body does not run in the notebook's namespace.
FOREIGN_MAGICS = frozenset(
    [
        "!",
        "bash",
        "cmd",
        "cython",
        "file",
        "html",
        "javascript",
        "js",
        "latex",
        "markdown",
        "perl",
        "pypy",
        "python2",
        "python3",
        "ruby",
        "script",
        "sh",
        "sql",
        "svg",
        "sx",
        "system",
        "timeit",
        "writefile",
    ]
)
MAX_VALUES = 3_000_000  # of JSON: each may take a hundred times the memory of its text
# IPython reads a cell anew for each of its magics. Characters read for all of a notebook, ten seconds' work at most.
MAX_MAGIC_WORK = 1_000_000
CELL_MAGIC = re.compile(r"^%%(\S+)[^\n]*\n?")


@dataclass(frozen=True)
class Cell:
    """A code cell.

    number: its place among the code cells, from 1. ids: those of its ids that are task ids.
    """

    number: int
    ids: frozenset[str]
    source: str

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
class BrokenCell:
    """A cell that is not Python, and the sentence that says so."""

    cell: Cell
    text: Text


def read_cells(data: bytes, name: str, task_ids: Collection[str]) -> list[Cell]:
    """The code cells of a notebook (nbformat 3 or 4). Raises: Rejected."""
    shown = printable(name)
    if not data.strip():
        raise refuse(f"файл «{shown}» пуст", f"the file {shown!r} is empty")
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise refuse(
            f"в тетради «{shown}» слишком много данных; очистите вывод ячеек и сохраните её снова",
            f"the notebook {shown!r} holds too much data; clear the outputs of its cells and save it again",
        )
    try:
        notebook = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise refuse(
            f"«{shown}» - не тетрадь Jupyter: файл повреждён или обрезан",
            f"{shown!r} is not a Jupyter notebook: the file is damaged or cut off",
        ) from error
    try:
        if notebook.get("nbformat", 4) < 4 or "worksheets" in notebook:
            notebook = _upgrade(notebook)
        return _code_cells(notebook["cells"], task_ids)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise refuse(
            f"«{shown}» - не тетрадь Jupyter: в файле нет ячеек",
            f"{shown!r} is not a Jupyter notebook: it holds no cells",
        ) from error


def _upgrade(notebook: dict[str, Any]) -> dict[str, Any]:
    import nbformat

    try:
        upgraded: dict[str, Any] = nbformat.convert(nbformat.from_dict(notebook), 4)
    except Exception as error:  # it raises what it likes, jsonschema's errors among others
        raise ValueError("the notebook cannot be upgraded") from error
    return upgraded


def _code_cells(cells: list[Mapping[str, Any]], task_ids: Collection[str]) -> list[Cell]:
    code_cells: list[Cell] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        text = source if isinstance(source, str) else "".join(source)
        metadata = cell.get("metadata") or {}
        names = {cell.get("id"), (metadata.get("nbgrader") or {}).get("grade_id")}
        ids = frozenset(name for name in names if isinstance(name, str) and name in task_ids)
        text = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()
        code_cells.append(Cell(len(code_cells) + 1, ids, text))
    return code_cells


def to_chunks(cells: Iterable[Cell]) -> Iterator[Chunk | BrokenCell]:
    """The cells as plain Python."""
    work = 0
    for cell in cells:
        work += len(cell.source) * count_changes(cell.source)
        try:
            if work > MAX_MAGIC_WORK:
                parse(cell.source)  # a cell without magics is as good as ever
                source = cell.source
            else:
                source = plain_python(cell.source)
        except (SyntaxError, RecursionError) as error:
            yield BrokenCell(cell, syntax_text(cell.place, error))
        else:
            yield Chunk(source, f"<cell {cell.name}>", cell.ids, cell.number)


def plain_python(source: str) -> str:
    """Python text for a cell's source; line numbers stay. Raises: SyntaxError."""
    try:
        parse(source)
    except SyntaxError:
        pass
    else:
        return source
    magic = CELL_MAGIC.match(source.lstrip())
    if magic:
        if magic[1] in FOREIGN_MAGICS:
            return ""
        return "\n" + plain_python(source.lstrip()[magic.end() :])
    text = _without_magics(without_timers(source))
    parse(text)
    return text


def _without_magics(source: str) -> str:
    """Raises: SyntaxError, also for whatever else IPython raises on a cell that is neither Python nor its own."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text: str = TransformerManager().transform_cell(source)
    except SyntaxError:
        raise
    except Exception as error:
        raise SyntaxError("IPython cannot read this cell") from error
    return text


def syntax_text(place: Text, error: SyntaxError | RecursionError) -> Text:
    """The bilingual sentence for code that does not compile, or is too much for those who read it."""
    line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
    what = error.msg or "invalid syntax" if isinstance(error, SyntaxError) else "nested too deeply"
    what = printable(what)
    return Text(
        ru=f"{place.ru}: синтаксическая ошибка в строке {line} ({what})",
        en=f"{place.en}: syntax error in line {line} ({what})",
    )
