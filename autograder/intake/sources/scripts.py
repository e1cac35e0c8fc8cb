"""A script -> its cells: the marks of VS Code, Spyder and jupytext (`# %%`), nbconvert (`# In[3]:`) and Colab.

Formats: jupytext's py:percent (https://jupytext.readthedocs.io/en/latest/formats-scripts.html), and what "Download .py"
of Colab makes of a notebook.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autograder.intake.program.statements import parse
from autograder.intake.sources.cells import CHECK_SUFFIX
from autograder.intake.sources.magics import Translator

MARK = re.compile(
    r"#[ \t]*(?:%%(?:[ \t]+(.*)|(\[.*))?|In[ ]?\[[ \d*]*\]:?[ \t]*|<codecell>|<(markdown|raw)cell>)"
)
TEXT_CELL = re.compile(r"(?:^|[^\w\"])\[(?:markdown|md|raw)\]")
NAME = re.compile(r'"?\b(?:id|grade_id)"?\s*[:=]\s*"([^"]+)"')
# Colab writes a cell with a cell magic as comments below this line.
COLAB = "# Commented out IPython magic to ensure Python compatibility."


@dataclass(frozen=True)
class ScriptCell:
    """A cell of a script; its first line is line `first_line` of the file. ids, checks: as of a notebook's cell."""

    source: str
    first_line: int
    ids: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Mark:
    line: int
    title: str
    is_text: bool


def script_cells(text: str, task_ids: Collection[str], translator: Translator) -> Iterator[ScriptCell]:
    """The code cells of a script, in order; one where nothing marks them."""
    lines = _with_colab_cells(text.split("\n"))
    marks = [mark for number, line in enumerate(lines, start=1) if (mark := _mark(number, line)) is not None]
    marks = _at_top_level(lines, marks, translator)
    starts = [_Mark(0, "", False), *marks]
    for mark, after in zip(starts, [*(mark.line for mark in marks), len(lines) + 1], strict=True):
        source = "\n".join(lines[mark.line : after - 1])
        if not mark.is_text and source.strip():
            names = set(NAME.findall(mark.title))
            checks = frozenset(task for task in task_ids if f"{task}{CHECK_SUFFIX}" in names)
            yield ScriptCell(source, mark.line + 1, frozenset(names.intersection(task_ids)), checks)


def _mark(number: int, line: str) -> _Mark | None:
    found = MARK.fullmatch(line.rstrip())
    if found is None:
        return None
    title = found[1] or found[2] or ""
    return _Mark(number, title, bool(found[3] or TEXT_CELL.search(title)))


def _with_colab_cells(lines: list[str]) -> list[str]:
    """The lines with cells that Colab has made comments as code again, each a cell of its own."""
    result = list(lines)
    inside = False
    for number, line in enumerate(lines):
        if inside and line.startswith("#"):
            result[number] = line[2:]
        elif inside and not line.strip():
            result[number] = "# %%"
        elif line.rstrip() == COLAB and "".join(lines[number + 1 : number + 2]).startswith("# %%"):
            result[number] = "# %%"
            inside = True
            continue
        inside = inside and line.startswith("#")
    return result


def _at_top_level(lines: list[str], marks: list[_Mark], translator: Translator) -> list[_Mark]:
    """Marks between statements: the same text in a string or a function's body is none.

    Where the whole script cannot be read, all of them count, so that a broken cell costs itself only.
    """
    if not marks:
        return marks
    try:
        text = translator.plain("\n".join(lines))
    except SyntaxError:
        return marks
    if text.rstrip("\n").count("\n") != "\n".join(lines).rstrip("\n").count("\n"):
        return marks
    inside = {
        line
        for node in parse(text).body
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    return [mark for mark in marks if mark.line not in inside]
