"""All code of a notebook or a script as chunks in the order in which they run: what it includes by `%run` stands in its
place, what it writes by `%%writefile` is a file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from autograder.intake.encodings import decode
from autograder.intake.program.lines import Chunk, check_size
from autograder.intake.sources.calls import CellCall, RunCall, inside, split_at_calls
from autograder.intake.sources.cells import DEFINITIONS, AnswerCell, Cell, TextCell, read_cells
from autograder.intake.sources.damage import is_web_page
from autograder.intake.sources.magics import (
    PYTHON_MAGICS,
    CellMagic,
    Translator,
    WrittenFile,
    take_magics_off,
    written_file,
)
from autograder.intake.sources.scripts import script_cells
from autograder.intake.sources.syntax import syntax_text
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.rejection import Rejected
from autograder.text import Text

# The last two: what a browser makes of a notebook that GitHub shows as plain text.
NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json")
MAX_DEPTH = 5
MAX_WRITTEN = 200
PACKAGE = "hw_cnn"
NOTEBOOK_START = re.compile(r'\s*\{\s*"(?:cells|metadata|nbformat|worksheets)"')


@dataclass(frozen=True)
class Broken:
    """Code that does not run, and the sentence that says why. ids: the tasks whose cell it is."""

    ids: frozenset[str]
    text: Text
    source: str

    def holds(self, task: str, name: str) -> bool:
        """Whether it is the task's cell, or was to define `name`."""
        return task in self.ids or any(f"{word} {name}" in self.source for word in DEFINITIONS)


@dataclass
class Code:
    """What is read of a notebook or a script.

    chunks: in the order in which they run. places: filename of a chunk -> where that is. cells: task -> its own cell.
    texts: cells that do not run; elsewhere: those that their magic runs in another process. answers: cells for answers
    in words, of the notebook itself. written: path -> content of files that it writes. notes: what the student should
    know. not_run: why included files are not there: nobody knows what they bind.
    """

    chunks: list[Chunk] = field(default_factory=list)
    places: dict[str, Text] = field(default_factory=dict)
    cells: dict[str, Text] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    texts: list[TextCell] = field(default_factory=list)
    elsewhere: list[Broken] = field(default_factory=list)
    answers: list[AnswerCell] = field(default_factory=list)
    written: dict[str, bytes] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    not_run: list[Text] = field(default_factory=list)


def read_code(
    path: str, files: Mapping[str, bytes], task_ids: Collection[str], answer_ids: Collection[str] = ()
) -> Code:
    """Read the notebook or script `path`, and of the other files what it includes. Raises: Rejected."""
    reading = _Reading(path, files, task_ids, answer_ids)
    reading.read(path)
    return reading.code


def is_notebook(path: str) -> bool:
    """Whether this is the name of a notebook, also as browsers save one that GitHub shows as plain text."""
    return path.lower().endswith(NOTEBOOKS)


class _Reading:
    """One walk through a notebook or script and what it includes, in the order in which it runs."""

    def __init__(
        self, path: str, files: Mapping[str, bytes], task_ids: Collection[str], answer_ids: Collection[str]
    ) -> None:
        self.code = Code()
        self._files, self._task_ids, self._answer_ids = dict(files), task_ids, answer_ids
        self._folder = posixpath.dirname(path)
        self._translator = Translator()
        self._open: list[str] = []
        self._num_chars = 0
        self._cell = 0

    def read(self, path: str, number: int = 0) -> None:
        """number: the cell that includes this file; 0 for the file that was handed in itself."""
        self._open.append(path)
        try:
            (self._read_notebook if is_notebook(path) else self._read_script)(path, number)
        finally:
            self._open.pop()

    def _read_notebook(self, path: str, number: int) -> None:
        notebook = read_cells(self._files[path], path, self._task_ids, self._answer_ids)
        self._limit(sum(len(cell.source) for cell in notebook.cells))
        included = len(self._open) > 1
        if not included:
            self.code.texts += notebook.texts
            self.code.answers += notebook.answers
        for cell in notebook.cells:
            filename, place = self._cell_place(cell, printable(path) if included else None)
            chunk = Chunk(cell.source, filename, cell.ids, number or cell.number, cell.checks)
            self._read_cell(chunk, place, notebook.python)

    def _cell_place(self, cell: Cell, path: str | None) -> tuple[str, Text]:
        """The name of a cell's code in tracebacks, which only one cell has, and its place in words."""
        start, place = "", cell.place
        if path is not None:
            start, place = f"{path} ", Text(ru=f"{path}, {place.ru}", en=f"{path}, {place.en}")
        filename = f"<{start}cell {cell.name}>"
        if filename in self.code.places:
            filename = f"<{start}cell {cell.number}>"
        return filename, place

    def _read_script(self, path: str, number: int) -> None:
        text = decode(self._files[path])
        self._limit(len(text))
        shown = printable(path)
        place = Text(ru=shown, en=shown)
        strange = _no_script(text, shown)
        if strange is not None:
            self._break(Chunk("", shown), place, strange)
            return
        for cell in script_cells(text, self._task_ids, self._translator):
            chunk = Chunk(cell.source, shown, cell.ids, number, cell.checks, cell.first_line)
            self._read_cell(chunk, place)

    def _read_cell(self, chunk: Chunk, place: Text, python: str | None = None) -> None:
        """The chunk holds a cell as it was written; its code joins what was read before."""
        if len(self._open) == 1:
            self._cell += 1  # what a cell includes runs with it
        chunk = replace(chunk, cell=self._cell)
        self.code.places[chunk.filename] = place
        self.code.cells.update(dict.fromkeys(chunk.ids, place))
        try:
            cell = take_magics_off(chunk.source)
        except SyntaxError as error:
            self._break(chunk, place, syntax_text(place, error))
            return
        inner = replace(chunk, source=cell.body, first_line=chunk.first_line + cell.num_lines)
        if cell.magic is not None:
            self._run_cell_magic(cell.magic, inner, place)
            return
        try:
            plain = replace(inner, source=self._translator.plain(cell.body))
            parts = list(split_at_calls(plain))
        except (SyntaxError, RecursionError) as error:
            self._break(chunk, place, syntax_text(place, error, cell.body, inner.first_line, python))
            return
        for part in parts:
            if isinstance(part, Chunk):
                self.code.chunks.append(part)
            elif isinstance(part, RunCall):
                self._run(part, chunk.number, place)
            else:
                filename = f"{chunk.filename}, %%{part.magic.name} in line {part.line}"
                body = replace(chunk, source=part.body, filename=filename, first_line=1)
                self._call_cell_magic(part, body, place)

    def _call_cell_magic(self, call: CellCall, body: Chunk, place: Text) -> None:
        if call.magic.name in PYTHON_MAGICS:
            self._read_cell(body, place)
        else:
            self._run_cell_magic(call.magic, body, place)

    def _run_cell_magic(self, magic: CellMagic, body: Chunk, place: Text) -> None:
        """A magic whose cell is no Python of this namespace: it may write a file."""
        file = written_file(magic, body.source)
        if file is not None:
            self._write(file, place)
            return
        name = printable(f"%%{magic.name}")
        text = Text(
            ru=f"{place.ru}: из-за {name} в начале эта ячейка ничего не определяет; удалите эту строку",
            en=f"{place.en}: with {name} at its top this cell defines nothing; delete that line",
        )
        if body.ids:
            self._break(body, place, text)
        else:
            self.code.elsewhere.append(Broken(frozenset(), text, body.source))

    def _write(self, file: WrittenFile, place: Text) -> None:
        path = inside(self._folder, file.name)
        if path is None or len(self.code.written) >= MAX_WRITTEN:
            return
        if PACKAGE in path.split("/"):
            shown = printable(file.name)
            self.code.notes.append(
                Text(
                    ru=f"{place.ru}: файлы, записанные в {PACKAGE}/ командой %%writefile, не читаются ({shown}); "
                    "сдайте сам файл",
                    en=f"{place.en}: files that %%writefile writes below {PACKAGE}/ are not read ({shown}); "
                    "hand in the file itself",
                )
            )
            return
        before = b"" if file.replaces else self._files.get(path, b"")
        self._limit(len(before) + len(file.text))
        self._files[path] = self.code.written[path] = before + file.text.encode()

    def _run(self, call: RunCall, number: int, place: Text) -> None:
        path = inside(self._folder, call.name)
        found = next((name for name in (path, f"{path}.py") if name in self._files), None)
        shown = printable(call.name)
        if found is None:
            text = Text(
                ru=f"{place.ru}: файл «{shown}», который выполняет %run, не сдан; сдайте его вместе с работой",
                en=f"{place.en}: the file {shown!r} that %run executes was not handed in; hand it in too",
            )
            self.code.notes.append(text)
            self.code.not_run.append(text)
        elif found in self._open:
            return
        elif len(self._open) > MAX_DEPTH:
            text = Text(
                ru=f"{place.ru}: «{shown}» не читается, файлы выполняют друг друга через %run глубже {MAX_DEPTH} "
                "уровней; перенесите код в сам файл",
                en=f"{place.en}: {shown!r} is not read, %run is nested more than {MAX_DEPTH} files deep; "
                "move the code into the file itself",
            )
            if text not in self.code.notes:
                self.code.notes.append(text)
        else:
            try:
                self.read(found, number)
            except Rejected as rejection:
                self.code.notes.append(rejection.text)

    def _break(self, chunk: Chunk, place: Text, text: Text) -> None:
        self.code.places[chunk.filename] = place
        self.code.broken.append(Broken(chunk.ids, text, chunk.source))

    def _limit(self, num_chars: int) -> None:
        """Raises: Rejected for more code than anybody writes by hand, each inclusion counted."""
        self._num_chars += num_chars
        check_size(self._num_chars)


def _no_script(text: str, shown: str) -> Text | None:
    """Why a script is none."""
    if is_web_page(text):
        return Text(
            ru=f"«{shown}» — сохранённая веб-страница, а не код на Python; скачайте сам файл .py",
            en=f"{shown!r} is a saved web page, not Python code; download the .py file itself",
        )
    if NOTEBOOK_START.match(text):
        return Text(
            ru=f"«{shown}» — тетрадь Jupyter; назовите файл .ipynb вместо .py",
            en=f"{shown!r} is a Jupyter notebook; name the file .ipynb instead of .py",
        )
    return None
