"""What a notebook says, in place of a traceback, of a cell that needs a task which nobody has written yet.

"Run all" of a half-solved notebook goes on behind an emptied task. The cells that use it end in the task's exception,
and those that use what such a cell would have made in a NameError, which does not say where to begin.
"""

from __future__ import annotations

import json
import re
import symtable
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hw_cnn import language
from hw_cnn.homework.launch import HOMEWORK, homework

KEPT_AS = "hw_cnn_unmade"
# What an emptied task raises.
STUB = re.compile(r"task (\w+)")
NEEDS_TASK = {
    "ru": "Этой ячейке нужно задание {task}, а оно ещё не написано.",
    "en": "This cell needs task {task}, which is not written yet.",
}
NEEDS_NAME = {
    "ru": "Этой ячейке нужно имя {name}: его создаёт ячейка выше с помощью задания {task}. Напишите {task}, запустите"
    " ту ячейку, потом эту.",
    "en": "This cell needs the name {name}: a cell above makes it with task {task}. Write {task}, run that cell, then"
    " this one.",
}


@dataclass
class Unmade:
    """tasks: name -> the task that the cell needs which would have made it. running: the cell that runs, as Python.

    blocked_by: the task that the running cell has turned out to need.
    """

    tasks: dict[str, str] = field(default_factory=dict)
    running: str = ""
    blocked_by: str | None = None


def explain() -> None:
    """From now on let cells that need an unwritten task end in a sentence, if this process is a kernel."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or hasattr(shell, KEPT_AS):
        return
    unmade = Unmade()

    def before(info: Any) -> None:
        unmade.running, unmade.blocked_by = shell.transform_cell(info.raw_cell or ""), None

    def on_error(
        shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None
    ) -> None:
        told = _sentence(error, unmade)
        if told is not None:
            unmade.blocked_by, sentence = told
            error._render_traceback_ = lambda *_: [sentence]  # type: ignore[attr-defined]
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    def after(result: Any) -> None:
        made = _bound(unmade.running)
        if result.success:
            for name in made:
                unmade.tasks.pop(name, None)
        elif unmade.blocked_by is not None:
            unmade.tasks.update(dict.fromkeys(made, unmade.blocked_by))

    setattr(shell, KEPT_AS, unmade)
    shell.events.register("pre_run_cell", before)
    shell.events.register("post_run_cell", after)
    shell.set_custom_exc((NotImplementedError, NameError), on_error)


def _sentence(error: BaseException, unmade: Unmade) -> tuple[str, str] | None:
    """The task that is missing, and what to say; None for an error that has another reason."""
    lang = _lang()
    if isinstance(error, NotImplementedError):
        stub = STUB.fullmatch(str(error))
        return None if stub is None else (stub[1], NEEDS_TASK[lang].format(task=stub[1]))
    name = getattr(error, "name", None)
    # A cell that makes the name itself has used it too early, and that is its own mistake.
    if name not in unmade.tasks or name in _bound(unmade.running):
        return None
    task = unmade.tasks[name]
    return task, NEEDS_NAME[lang].format(name=name, task=task)


def _bound(source: str) -> set[str]:
    """The names that code gives a value at its top level: none of code with a syntax error."""
    try:
        symbols = symtable.symtable(source, "<cell>", "exec").get_symbols()
    except SyntaxError:
        return set()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def _lang() -> str:
    """The language of the homework around the current folder, else the reader's."""
    folder = homework(["check"])
    if folder is not None:
        stated = json.loads(Path(folder, HOMEWORK).read_text(encoding="utf-8")).get("lang")
        if stated in language.LANGS:
            return str(stated)
    return language.of_environment()
