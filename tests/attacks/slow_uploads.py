"""Attacks on the reading itself: small files that keep a parser, a slicer or a loader busy, or fill its memory.

Each is one file. All are stopped by the limits of reading or loading, or read in no time; a neighbour loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.attacks.archives import Upload
from tests.attacks.scene import Scene

NOTEBOOK, SCRIPT = "seminar_cnn.ipynb", "solution.py"
TOPK = "def topk_error(logits, targets, ks=(1, 5)):\n    return dict.fromkeys(ks, {})\n"


def _notebook(*sources: str) -> str:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _lines(number: int, line: str) -> str:
    """`#` in the line is its number."""
    return "".join(line.replace("#", str(count)) + "\n" for count in range(number))


def _globals(number: int, calls: int) -> str:
    names = ", ".join(f"g{count}" for count in range(number))
    return (
        f"def f():\n  global {names}\n{_lines(number, '  g# = 1')}{_lines(calls, 'f()')}{TOPK.format('g1')}"
    )


def _slow_statements(number: int) -> str:
    pause = "def pause():\n  end = time.perf_counter() + 0.035\n  while time.perf_counter() < end: pass\n"
    needed = " + ".join(f"x{count}" for count in range(0, number, 100))
    chain = "x0 = 0\n" + "".join(f"x{count} = x{count - 1}, pause()\n" for count in range(1, number))
    return f"import time\n{pause}{chain}{TOPK.format(needed)}"


# Number, name, what it tries, the file and what is in it, the style of its control.
ATTACKS = (
    (261, "blanks", "a cell of blanks", NOTEBOOK, lambda: _notebook(" " * 900_000), ""),
    (262, "open_bracket", "a bracket and lines", NOTEBOOK, lambda: _notebook("(" + "\n" * 400_000), ""),
    (263, "open_string", "a string and lines", NOTEBOOK, lambda: _notebook("'''" + "\n" * 400_000), ""),
    (264, "calls_of_ipython", "calls without brackets, each of which is read anew", NOTEBOOK,
     lambda: _notebook("/f\na;\n" * 700), "transform cells"),
    (265, "chain_of_escapes", "a line that is changed five hundred times, in a long cell", NOTEBOOK,
     lambda: _notebook("," * 499 + "\n" + "x = 1\n" * 100_000), "transform cells"),
    (266, "question", "a question about a long name, for which IPython tries every part of it", NOTEBOOK,
     lambda: _notebook("a" * 900_000 + " b?"), "transform cells"),
    (267, "nested_targets", "tuples in tuples, assigned to", SCRIPT,
     lambda: _lines(3_000, "(" * 90 + "a.b" + ",)" * 90 + " = 1") + TOPK.format("a"), ""),
    (268, "declarations", "names that are declared only", SCRIPT,
     lambda: "if 1:\n" + _lines(50_000, "  x#: int") + TOPK.format("x1"), ""),
    (269, "writers_of_globals", "many calls of a function that binds many names", SCRIPT,
     lambda: _globals(3_000, 15_000), ""),
    (270, "one_list", "one list, changed by thousands of statements that read it", SCRIPT,
     lambda: "x = []\n" + _lines(18_000, "x.append(x)") + TOPK.format("x"), ""),
    (271, "perhaps_bound", "a name that thousands of statements may bind anew", SCRIPT,
     lambda: _lines(18_000, "if 1: x = x") + TOPK.format("x"), ""),
    (272, "formats", "a hundred thousand values in one text", SCRIPT,
     lambda: 'x = f"' + "{a}" * 100_000 + '"\n' + TOPK.format("x"), ""),
    (273, "values", "a notebook of three million values", NOTEBOOK,
     lambda: '{"cells": [' + "{}," * 1_450_000 + "[]]}", ""),
    (274, "characters", "a large file of characters that take four bytes each", SCRIPT,
     lambda: "# \N{GRINNING FACE}" + "a" * 49_000_000, ""),
    (275, "slow_statements", "thousands of statements, each within what one may take", NOTEBOOK,
     lambda: _notebook(_slow_statements(2_600)), ""),
)  # fmt: skip
REJECTED = ("characters",)


def _build(file: str, text: Callable[[], str]) -> Callable[[Scene, Path], None]:
    def build(_: Scene, path: Path) -> None:
        path.mkdir()
        (path / file).write_text(text(), encoding="utf-8")

    return build


UPLOADS = [
    Upload(number, name, tries, _build(file, text), True if name in REJECTED else None, control)
    for number, name, tries, file, text, control in ATTACKS
]
