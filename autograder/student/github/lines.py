"""At which line of a saved file a symbol is defined, also in a notebook, whose lines are those of its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from autograder.intake.task_like import SymbolSource
from autograder.student.work import Work, counted_notebook

CODE_CELL = re.compile(r"code cell (\d+)")


def place_of(work: Work, source: SymbolSource) -> tuple[str, int]:
    """(file below the work's folder, its line from 1) where a symbol was taken from; of one that is not
    written, its stub in the notebook or the package's own file; line 1 where that is gone, too."""
    notebook = counted_notebook(work.submission)
    if source.kind == "package" or (notebook is None and source.kind != "solution.py"):
        return source.symbol.file, _line(work.files, source.symbol.file, source.symbol.name)
    if source.kind == "solution.py":
        name = next((name for name in work.submission.files if name.endswith("solution.py")), "solution.py")
        return name, _line(work.files, name, source.symbol.name)
    assert notebook is not None
    cell = CODE_CELL.search(source.where)
    return notebook, _line_in_notebook(work.files[notebook], source.symbol.name, int(cell[1]) if cell else 0)


def _line(files: Mapping[str, bytes], name: str, symbol: str) -> int:
    lines = files.get(name, b"").decode(errors="replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if _defines(line, symbol)), 1)


def _defines(line: str, symbol: str) -> bool:
    return re.match(rf"\s*(?:(?:async\s+)?def|class)\s+{re.escape(symbol)}\b", line) is not None


def _line_in_notebook(data: bytes, symbol: str, number: int) -> int:
    """The line of the JSON that holds the definition in this code cell (from 1; 0 for any); 1 if there is none."""
    try:
        cells = json.loads(data)["cells"]
        sources = [(cell["cell_type"], "".join(cell["source"]).split("\n")) for cell in cells]
    except (ValueError, TypeError, KeyError):
        return 1
    seen, code = 0, 0
    for kind, lines in sources:
        code += kind == "code"
        for line in lines:
            if kind == "code" and number in (0, code) and _defines(line, symbol):
                return _raw_line(data, line, seen)
            seen += _defines(line, symbol)
    return 1


def _raw_line(data: bytes, line: str, before: int) -> int:
    """Of all lines of the JSON that define the same, the one that comes after `before` others."""
    symbol = line.split("(")[0].split(":")[0].split()[-1]
    texts = data.decode(errors="replace").splitlines()
    found = [
        number for number, text in enumerate(texts, 1) if _defines(text.strip().removeprefix('"'), symbol)
    ]
    return found[min(before, len(found) - 1)] if found else 1
