"""A notebook's bytes -> its code cells as plain Python: magics and shell lines turned into calls, or left
out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.archive import printable
from autograder.decoding import decode
from autograder.facts import parse
from autograder.rejection import refuse
from autograder.slicing import Chunk
from autograder.spec import Text

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
LINE_TIMERS = re.compile(r"^(\s*)%(?:time|memit|prun)\s+(?!-)", re.MULTILINE)
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

    upgraded: dict[str, Any] = nbformat.convert(nbformat.from_dict(notebook), 4)
    return upgraded


def _code_cells(cells: list[Mapping[str, Any]], task_ids: Collection[str]) -> list[Cell]:
    found: list[Cell] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        text = source if isinstance(source, str) else "".join(source)
        metadata = cell.get("metadata") or {}
        names = {cell.get("id"), (metadata.get("nbgrader") or {}).get("grade_id")}
        ids = frozenset(name for name in names if isinstance(name, str) and name in task_ids)
        text = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()
        found.append(Cell(len(found) + 1, ids, text))
    return found


def to_chunk(cell: Cell) -> Chunk | BrokenCell:
    """The cell as plain Python."""
    filename = f"<cell {cell.name}>"
    try:
        source = plain_python(cell.source)
    except SyntaxError as error:
        return BrokenCell(cell, syntax_text(cell.place, error))
    return Chunk(source, filename, cell.ids, cell.number)


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
    from IPython.core.inputtransformer2 import TransformerManager

    text: str = TransformerManager().transform_cell(LINE_TIMERS.sub(r"\1", source))
    parse(text)
    return text


def syntax_text(place: Text, error: SyntaxError) -> Text:
    """The bilingual sentence for code that does not compile."""
    line = error.lineno or 1
    what = printable(error.msg or "invalid syntax")
    return Text(
        ru=f"{place.ru}: синтаксическая ошибка в строке {line} ({what})",
        en=f"{place.en}: syntax error in line {line} ({what})",
    )
