"""What IPython adds to Python: magics and shell lines become calls of `get_ipython()`, some cells no Python at all.

Which cell magics run their cell in the notebook's namespace: https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import re
import shlex
import warnings
from dataclasses import dataclass

from autograder.intake.program.statements import parse
from autograder.intake.sources.magic_lines import count_changes, without_timers

# The body of every other cell magic runs elsewhere (%%bash, %%python), or in a namespace of its own (%%timeit).
PYTHON_MAGICS = ("time", "capture", "prun", "debug")
FILE_MAGICS = ("writefile", "file")
APPEND = ("-a", "--append")
MAX_CELL_MAGICS = 20
# IPython reads a cell anew for each of its magics. Characters read for all of a notebook, ten seconds' work at most.
MAX_MAGIC_WORK = 1_000_000
BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
CELL_MAGIC = re.compile(r"\s*%%(\S+)[ \t]*([^\n]*)\n?")


@dataclass(frozen=True)
class CellMagic:
    """`%%name line` above a cell."""

    name: str
    line: str


@dataclass(frozen=True)
class MagicCell:
    """A cell without the magics that run it in the notebook's namespace.

    magic: what the rest is for, when it is no Python of this namespace. num_lines: how many lines were taken off.
    """

    body: str
    num_lines: int = 0
    magic: CellMagic | None = None


@dataclass(frozen=True)
class WrittenFile:
    """What `%%writefile` writes. replaces: whether anything that stood in the file is gone."""

    name: str
    text: str
    replaces: bool


def take_magics_off(source: str) -> MagicCell:
    """Go past `%%time` and the like at the top of a cell. Raises: SyntaxError for more of them than anybody writes."""
    start = num_lines = 0
    for _ in range(MAX_CELL_MAGICS):
        found = CELL_MAGIC.match(source, start)
        if found is None:
            return MagicCell(source[start:], num_lines)
        num_lines += source.count("\n", start, found.end())
        start = found.end()
        if found[1] not in PYTHON_MAGICS:
            return MagicCell(source[start:], num_lines, CellMagic(found[1], found[2]))
    raise SyntaxError("too many cell magics")


def written_file(magic: CellMagic, body: str) -> WrittenFile | None:
    """The file that a cell magic writes; None for another magic, or a name that only a running notebook knows."""
    if magic.name not in FILE_MAGICS:
        return None
    try:
        words = shlex.split(magic.line)
    except ValueError:
        return None
    names = [word for word in words if word not in APPEND]
    if len(names) != 1 or any(char in names[0] for char in "{}$~"):
        return None
    text = body if body.endswith("\n") else f"{body}\n"
    return WrittenFile(names[0], text, replaces=len(words) == 1)


class TooManyMagicsError(SyntaxError):
    """The magics of all cells together are too many to be read."""


class Translator:
    """Cells -> plain Python, as long as the magics in them are not too many to be read."""

    def __init__(self) -> None:
        self._work = 0

    def plain(self, source: str) -> str:
        """Python text for a cell's source without cell magics; line numbers stay.

        Raises: SyntaxError, as TooManyMagicsError where it is not this cell's fault.
        """
        num_changes = count_changes(source)
        self._work += len(source) * num_changes
        try:
            parse(source)
        except SyntaxError as error:
            # A cell without magics is as good as ever where the work is done.
            if self._work > MAX_MAGIC_WORK:
                if num_changes:
                    raise TooManyMagicsError from error
                raise
        else:
            return source
        blank = BLANK_LINES.match(source)
        start = blank.end() if blank else 0  # IPython drops them, and lines would be numbered wrongly
        text = "\n" * source.count("\n", 0, start) + _without_magics(without_timers(source[start:]))
        parse(text)
        return text

    def reads(self, source: str) -> bool:
        """Whether this is Python, magics included."""
        try:
            self.plain(take_magics_off(source).body)
        except SyntaxError:
            return False
        return True


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
