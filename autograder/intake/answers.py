"""Answers in words: the text of a notebook's cells that are the places of a task's rows.

Other places (a script, a text file) are not read: what is asked, and the cell for it, stand in the notebook.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from autograder.course.rows import cell_id, without_placeholder
from autograder.intake.sources.cells import AnswerCell
from autograder.intake.task_like import Answer, TaskLike
from autograder.text import Text
from autograder.wire.safe_text import MAX_TEXT, clean_text

CUT = "\n[… дальше не прочитано / the rest was not read]"
# A picture that was pasted into a text (Colab keeps it there) is longer than all words around it.
PASTED = re.compile(r"data:[\w/+.;-]*;base64,[A-Za-z0-9+/=\s]*")
PICTURE = "[картинка / picture]"


def answer_cells(tasks: Iterable[TaskLike]) -> dict[str, tuple[str, str]]:
    """Id of a cell -> the task and the row whose answer stands in it."""
    return {cell_id(task.id, row.id): (task.id, row.id) for task in tasks for row in task.rows}


def read_answers(
    tasks: Sequence[TaskLike], cells: Sequence[AnswerCell]
) -> tuple[tuple[Answer, ...], list[Text]]:
    """The answers that are written, in the order of the rows, and what the student should know of their cells.

    A cell that was copied counts with its copies, one text below the other: a person reads them all.
    """
    texts: dict[str, dict[str, None]] = {}  # an ordered set: a hostile notebook has very many copies
    for cell in cells:
        # First the pictures: a text that is cut before would end in the middle of one.
        text = without_placeholder(clean_text(PASTED.sub(PICTURE, cell.source), limit=len(cell.source) + 1))
        texts.setdefault(cell.name, {}).update({text: None} if text else {})
    places = answer_cells(tasks)
    answers = [
        Answer(*place, _short("\n\n".join(texts[name]))) for name, place in places.items() if texts.get(name)
    ]
    return tuple(answers), _notes(list(places), texts)


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - len(CUT)] + CUT


def _notes(names: Sequence[str], texts: Mapping[str, Collection[str]]) -> list[Text]:
    notes = []
    if gone := [name for name in names if name not in texts]:
        which = ", ".join(gone)
        notes.append(
            Text(
                ru=f"в тетради нет ячеек для ответов {which}: верните их, скопировав из выданной тетради",
                en=f"the notebook has no cells for the answers {which}: copy them from the one that was handed out",
            )
        )
    for name in names:
        if len(texts.get(name, ())) > 1:
            notes.append(
                Text(
                    ru=f"ячеек {name} несколько, с разным текстом: прочитаны все",
                    en=f"there are several cells {name} with other texts: all of them are read",
                )
            )
        if len("\n\n".join(texts.get(name, ()))) > MAX_TEXT:
            notes.append(
                Text(
                    ru=f"в ячейке {name} больше {MAX_TEXT} знаков: дальше не прочитано, сократите ответ",
                    en=f"cell {name} holds more than {MAX_TEXT} characters: the rest is not read, shorten the answer",
                )
            )
    return notes
