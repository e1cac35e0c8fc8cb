"""How a worker ended, in Russian: the sandbox speaks English, students of a Russian course read this.

Only sentences of ours are turned; a student's own traceback stays as it is.
"""

from __future__ import annotations

import re

from autograder.spec import Lang

_RUSSIAN = (
    (r"no answer within (\S+) s", r"нет ответа за \1 с"),
    (r"no answer in time", r"нет ответа за отведённое время"),
    (r"the time for the whole submission is used up", r"время на всю работу исчерпано"),
    (r"the time for this test is used up", r"время на эту проверку исчерпано"),
    (r"more than (\S+) s of processor time used", r"израсходовано больше \1 с процессорного времени"),
    (r"memory limit of (\d+) MB exceeded", r"превышен предел памяти: \1 МБ"),
    (r"more than (\d+) processes started", r"запущено больше \1 процессов"),
    (
        r"the process ended itself with status (\d+) \((.*) or (.*)\)",
        r"он закончился сам с кодом \1 (\2 или \3)",
    ),
    (r"the process ended itself with status (\d+) \((.*)\)", r"он закончился сам с кодом \1 (\2)"),
    (
        r"the process was killed by signal (\d+) \((\w+)\); most likely the system ran out of memory",
        r"его остановил сигнал \1 (\2); скорее всего, у системы кончилась память",
    ),
    (
        r"the process was killed by signal (\d+) \((\w+)\); its processor time was used up",
        r"его остановил сигнал \1 (\2): процессорное время исчерпано",
    ),
    (
        r"the process was killed by signal (\d+) \((\w+)\); it wrote a file that is too large",
        r"его остановил сигнал \1 (\2): он писал слишком большой файл",
    ),
    (r"the process was killed by signal (\d+) \((\w+)\)", r"его остановил сигнал \1 (\2)"),
    (r"the process closed its connection to the grader", r"он закрыл связь с проверяющей программой"),
    (r"the process has ended before", r"он закончился раньше"),
    (r"the process that held the (.*) has ended", r"он держал \1 и закончился раньше"),
    (r"the answer cannot be read: (.*)", r"ответ нельзя прочитать: \1"),
    (
        r"loading was given up: too many parts of the submission hang or end the process",
        r"загрузка прекращена: слишком много частей работы зависают или завершают процесс",
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), russian) for pattern, russian in _RUSSIAN)
_LOADING = "loading the code: "


def in_language(text: str, lang: Lang) -> str:
    """`text` in `lang`; a sentence that is not known stays English."""
    if lang == "en":
        return text
    if text.startswith(_LOADING):
        return f"при загрузке кода: {in_language(text.removeprefix(_LOADING), lang)}"
    for pattern, russian in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            return found.expand(russian)
    return text
