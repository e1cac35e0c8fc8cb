"""What is live in a kernel against the notebook read from top to bottom: names that will not have this value again.

Only what is certain is said. The order of cells is that of the saved notebook. Where the kernel is told no file, a
later cell that binds a name anew is spoken of with an "if".
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autograder.student.kernel import words
from autograder.student.kernel.bindings import bindings, same_value
from autograder.student.kernel.changes import changed_file, changed_names
from autograder.student.kernel.history import Executed, Saved
from autograder.student.kernel.live import filename, names_read
from autograder.text import Text


class Say(Protocol):
    """Words a sentence about one name."""

    def __call__(self, text: Text, other: Text | None = None) -> Text: ...


@dataclass(frozen=True)
class _Cell:
    """A code cell of the notebook as it would run now: its text as last run, or as saved where it was not run."""

    number: int
    run: Executed | None
    binds: Mapping[str, ast.stmt]
    changes: Collection[str]


class Comparison:
    """The history of one kernel.

    Args:
        task: the one that is checked.
        runs: what it has run; the last one is the check.
        namespace: its live names.
        saved: the notebook's file, where it is known.
        methods: task symbol -> its methods that are the task.
    """

    def __init__(
        self,
        task: str,
        runs: Sequence[Executed],
        namespace: Mapping[str, Any],
        saved: Saved | None,
        methods: Mapping[str, Collection[str]],
    ) -> None:
        self._task, self._runs, self._namespace = task, runs, namespace
        self._binds = {run.count: bindings(run.source, methods) for run in runs}
        self._latest = {run.cell: run for run in runs if run.cell is not None}
        self._check = runs[-1] if runs else None
        self._saved = saved
        self._file: dict[str, Mapping[str, ast.stmt]] = {}
        self._cells: list[_Cell] = []
        self._place: dict[str, int] = {}
        self._here = 0
        if saved is not None:
            self._read(saved, methods)

    def _read(self, saved: Saved, methods: Mapping[str, Collection[str]]) -> None:
        """Put the cells of the file in order, if it is this kernel's: the check must stand in it."""
        ids = self._ids(saved)
        if self._check is None or self._check.cell not in ids.values():
            return
        for number, cell in enumerate(saved.cells, start=1):
            binds, run = bindings(cell.source, methods), None
            if number in ids:
                run = self._latest[ids[number]]
                self._place[ids[number]], self._file[ids[number]] = number, binds
            shown = cell.source if run is None else run.source
            now = binds if run is None else self._binds[run.count]
            self._cells.append(_Cell(number, run, now, changed_names(shown)))
            if cell.grade_id == f"{self._task}-test":
                self._here = number
        self._here = self._here or self._place[str(self._check.cell)]

    def _ids(self, saved: Saved) -> dict[int, str]:
        """Number of a saved cell -> the id that the kernel knows it by: the same, or that of its text (VS Code)."""
        found = {}
        by_text: dict[str, set[str]] = {}
        for run in self._latest.values():
            by_text.setdefault(run.raw.strip(), set()).add(str(run.cell))
        texts = [cell.raw.strip() for cell in saved.cells]
        for number, cell in enumerate(saved.cells, start=1):
            same = by_text.get(cell.raw.strip(), set())
            if cell.id in self._latest:
                found[number] = cell.id
            elif len(same) == 1 and texts.count(cell.raw.strip()) == 1:
                found[number] = min(same)
        return found

    def origin(self, name: str) -> Executed | None:
        """The execution that the live value of a name comes from; None where that is not certain."""
        value = self._namespace.get(name)
        compiled = filename(value)
        if compiled is not None and getattr(value, "__module__", None) == self._namespace.get("__name__"):
            text = "".join(linecache.getlines(compiled)).rstrip("\n")
            same = [run for run in self._runs if run.source.rstrip("\n") == text]
            if same:
                return same[-1]
        for run in reversed(self._runs):
            if name in self._binds[run.count]:
                return None if run.failed else run
        return None

    def findings(self, symbol: str) -> list[Text]:
        """A sentence for each name, the symbol's own or one that it reads, whose value will not be this one."""
        names = {symbol: None, **names_read(self._namespace[symbol], self._namespace)}
        texts = []
        for name in names:
            live = self.origin(name)
            if live is None:
                continue
            say = self._sentence(name, live, symbol)
            for text in (
                self._finding(name, live, say) or self._in_place(name, live, say),
                self._file_of(name, say),
            ):
                if text is not None:
                    texts.append(text)
        return texts

    def _sentence(self, name: str, live: Executed, symbol: str) -> Say:
        def say(text: Text, other: Text | None = None) -> Text:
            sides = {}
            for lang in ("ru", "en"):
                what = name if name == symbol else words.READ_BY.get(lang).format(name=name, symbol=symbol)
                shown = {} if other is None else {"other": other.get(lang)}
                blanks = {"what": what, "name": name, "live": live.count, "task": self._task, **shown}
                sides[lang] = text.get(lang).format(**blanks)
            return Text(**sides)

        return say

    def _file_of(self, name: str, say: Say) -> Text | None:
        file = changed_file(self._namespace[name], Path.cwd())
        return None if file is None else say(words.FILE_CHANGED, Text(ru=file, en=file))

    def _in_place(self, name: str, live: Executed, say: Say) -> Text | None:
        """Changes of the object that another order of the cells would not make, or would make as well."""
        made = self._place.get(str(live.cell))
        if made is None:
            return None
        for run in self._runs:
            later = run.count > live.count and not run.failed and name in changed_names(run.source)
            place = self._place.get(str(run.cell)) if later else None
            if place is None:
                continue
            count = _text(words.RUN_CELL, count=run.count)
            if place > self._here:
                return say(words.CHANGED_BELOW, count)
            if name not in self._cells[place - 1].changes:
                return say(words.NO_LONGER_CHANGED, count)
        for cell in self._cells:
            if not made < cell.number <= self._here or name not in cell.changes:
                continue
            if cell.run is None:
                return say(words.NOT_YET_CHANGED, _text(words.CELL_NOT_RUN, number=cell.number))
            if cell.run.count < live.count and not cell.run.failed:
                return say(words.NOT_YET_CHANGED, _text(words.RUN_BEFORE, count=cell.run.count))
        return None

    def _finding(self, name: str, live: Executed, say: Say) -> Text | None:
        failed = [run for run in self._runs if run.count > live.count and run.failed
                  and name in self._binds[run.count]]  # fmt: skip
        if failed:
            return say(words.FAILED, Text(ru=str(failed[-1].count), en=str(failed[-1].count)))
        mine = self._binds[live.count].get(name)
        if mine is None:
            return None  # another name for a function of that cell
        latest = None if live.cell is None else self._latest.get(live.cell)
        if latest is not None and latest.count > live.count and name not in self._binds[latest.count]:
            return say(words.CHANGED, Text(ru=str(latest.count), en=str(latest.count)))
        if self._place and live.cell is not None and live.started is not None and self._saved is not None:
            saved_since = self._saved.saved > live.started
            if live.cell not in self._place:
                return say(words.DELETED) if saved_since and self._was_saved(live) else None
            saved = self._file[live.cell].get(name)
            if saved_since and (saved is None or not same_value(saved, mine, name)):
                return say(words.EDITED)
        if self._place:
            other, text = self._from_top(name, live, mine), words.OUT_OF_ORDER
        else:
            other, text = self._before(name, live, mine), words.PERHAPS_OUT_OF_ORDER
        return None if other is None else say(text, other)

    def _was_saved(self, live: Executed) -> bool:
        """Whether ids of the file are those of the kernel, so that an id that is not there is a cell that is gone."""
        known = {run.cell for run in self._runs if run.cell is not None}
        return len(known & set(self._place)) > len(known) / 2 and "/" not in str(live.cell)

    def _from_top(self, name: str, live: Executed, mine: ast.stmt) -> Text | None:
        """The cell that gives the name its value at the check, if that is another one."""
        above = [cell for cell in self._cells if cell.number <= self._here and name in cell.binds]
        if live.cell is None or not above:
            return None  # without one above, the last one below counts, for the grader too
        cell = above[-1]
        if cell.number == self._place.get(live.cell) or same_value(mine, cell.binds[name], name):
            return None
        if cell.run is not None and cell.run.failed:
            return None  # how far it came is not known
        if cell.run is None:
            return _text(words.CELL_NOT_RUN, number=cell.number)
        return _text(words.RUN_CELL, count=cell.run.count)

    def _before(self, name: str, live: Executed, mine: ast.stmt) -> Text | None:
        """Without a file: the run that bound the name before this check first ran, if another cell did since."""
        if self._check is None:
            return None
        first = self._first_run(self._check)
        if live.count <= first or self._first_run(live) < first:
            return None
        for run in reversed(self._runs):
            other = self._binds[run.count].get(name)
            if run.count > first or other is None or run.failed:
                continue
            # Without ids a cell that was changed and run again looks alike; another kind of statement is another cell.
            ids = run.cell is not None and live.cell is not None
            another = run.cell != live.cell if ids else type(other) is not type(mine)
            return (
                _text(words.RUN_CELL, count=run.count)
                if another and not same_value(mine, other, name)
                else None
            )
        return None

    def _first_run(self, run: Executed) -> int:
        """When its cell first ran: told by its id, else by its text."""
        for earlier in self._runs:
            if earlier.cell == run.cell if run.cell is not None else earlier.raw == run.raw:
                return earlier.count
        return run.count


def _text(text: Text, **blanks: int) -> Text:
    return Text(ru=text.ru.format(**blanks), en=text.en.format(**blanks))
