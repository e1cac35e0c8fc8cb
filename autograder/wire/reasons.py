"""Why a worker gave no answer: a name and numbers, put into words for the reader, in the reader's language."""

from __future__ import annotations

import signal
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

ReasonName = Literal[
    "no answer", "late", "submission time", "test time", "processor time", "memory", "processes", "exit call", "exit",
    "signal", "out of memory", "processor time of process", "file size", "closed", "ended before", "holder ended",
    "unreadable", "given up", "ended itself", "killed", "unreadable answer",
]  # fmt: skip
# In Russian and in English.
SENTENCES: Mapping[ReasonName, tuple[str, str]] = {
    "no answer": ("нет ответа за {seconds:g} с", "no answer within {seconds:g} s"),
    "late": ("нет ответа за отведённое время", "no answer in time"),
    "submission time": (
        "время на всю работу исчерпано",
        "the time for the whole submission is used up",
    ),
    "test time": ("время на эту проверку исчерпано", "the time for this test is used up"),
    "processor time": (
        "израсходовано больше {seconds:g} с процессорного времени",
        "more than {seconds:g} s of processor time used",
    ),
    "memory": ("превышен предел памяти: {megabytes} МБ", "memory limit of {megabytes} MB exceeded"),
    "processes": ("запущено больше {number} процессов", "more than {number} processes started"),
    "exit call": (
        "он закончился сам с кодом {code} (os._exit или sys.exit)",
        "the process ended itself with status {code} (os._exit or sys.exit)",
    ),
    "exit": (
        "он закончился сам с кодом {code} (os._exit)",
        "the process ended itself with status {code} (os._exit)",
    ),
    "signal": (
        "его остановил сигнал {number} ({signal})",
        "the process was killed by signal {number} ({signal})",
    ),
    "out of memory": (
        "его остановил сигнал {number} ({signal}); скорее всего, у системы кончилась память",
        "the process was killed by signal {number} ({signal}); most likely the system ran out of memory",
    ),
    "processor time of process": (
        "его остановил сигнал {number} ({signal}): процессорное время исчерпано",
        "the process was killed by signal {number} ({signal}); its processor time was used up",
    ),
    "file size": (
        "его остановил сигнал {number} ({signal}): он писал слишком большой файл",
        "the process was killed by signal {number} ({signal}); it wrote a file that is too large",
    ),
    "closed": (
        "он закрыл связь с проверяющей программой",
        "the process closed its connection to the grader",
    ),
    "ended before": ("он закончился раньше", "the process has ended before"),
    "holder ended": (
        "процесс, который держал нужный проверке объект, закончился раньше",
        "the process that held an object of this test has ended",
    ),
    "unreadable": ("ответ нельзя прочитать: {problem}", "the answer cannot be read: {problem}"),
    "ended itself": (
        "он закончился сам (os._exit или sys.exit)",
        "the process ended itself (os._exit or sys.exit)",
    ),
    "killed": ("его остановил сигнал", "the process was killed by a signal"),
    "unreadable answer": ("ответ нельзя прочитать", "the answer cannot be read"),
    "given up": (
        "загрузка прекращена: слишком много частей работы зависают или завершают процесс",
        "loading was given up: too many parts of the submission hang or end the process",
    ),
}
LOADING = ("при загрузке кода: ", "loading the code: ")
# By name: not every system has them all.
_OF_SIGNAL: Mapping[str, ReasonName] = {
    "SIGKILL": "out of memory",
    "SIGXCPU": "processor time of process",
    "SIGXFSZ": "file size",
}


# What a worker can choose freely -> what may be said of it after a call of a hidden test.
_WITHOUT_CLAIM: Mapping[ReasonName, ReasonName] = {
    "exit call": "ended itself",
    "exit": "ended itself",
    "unreadable": "unreadable answer",
}
# Signals by which code ends by mistake.
_MISHAPS = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT"}


@dataclass(frozen=True)
class Reason:
    """`values` fill the gaps of the sentence. `loading`: it happened while a submission was loaded."""

    name: ReasonName
    values: Mapping[str, int | float | str] = field(default_factory=dict)
    loading: bool = False

    def said(self, lang: str) -> str:
        """The sentence in `lang`, "ru" or "en"."""
        number = 0 if lang == "ru" else 1
        start = LOADING[number] if self.loading else ""
        return start + SENTENCES[self.name][number].format(**self.values)

    def without_claims(self, limits: Collection[float]) -> Reason:
        """The same without numbers that a worker can choose: a status, a signal, a time that is none of `limits`.

        What had been sent to the worker could be read off them.
        """
        if self.name in ("no answer", "processor time") and self.values.get("seconds") not in limits:
            return replace(self, name="late", values={})
        if self.name == "signal" and self.values.get("signal") not in _MISHAPS:
            return replace(self, name="killed", values={})
        if self.name in _WITHOUT_CLAIM:
            return replace(self, name=_WITHOUT_CLAIM[self.name], values={})
        return self


def end_of_process(code: int) -> Reason:
    """An exit code (negative: a signal) as a reason."""
    if code >= 0:
        return Reason("exit call" if code in (0, 1) else "exit", {"code": code})
    number = -code
    name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
    return Reason(_OF_SIGNAL.get(name, "signal"), {"number": number, "signal": name})
