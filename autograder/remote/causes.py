"""The true reason of a failure: what had failed before it, not the NameError that it led to."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.intake.load_plan import Statement
from autograder.intake.sources.python_versions import RUNNING, shown
from autograder.remote.failures import StudentError, StudentFailure
from autograder.text import LANGS, Text

NOT_IN_MODULE = re.compile(
    r"(?:ImportError: cannot import name '.*' from|AttributeError: module) '([\w.]+)'(?: has no attribute '|$)"
)
NO_GPU = ("Found no NVIDIA driver", "Torch not compiled with CUDA enabled", "No CUDA GPUs are available")
# What a student can count on; more may be there.
PACKAGES = "numpy, torch, torchvision, lightning, torchmetrics"
TOO_LONG = Text(
    ru="{place}, строка {line}: не выполнено при загрузке, заняло больше {seconds:g} с процессорного времени",
    en="{place}, line {line}: left out while loading, it took more than {seconds:g} s of processor time",
)

USED_UP = Text(
    ru="{place}, строка {line}: не выполнено при загрузке, {seconds:g} с на такие строки израсходованы раньше",
    en="{place}, line {line}: left out while loading, the {seconds:g} s for such statements were used up before",
)


@dataclass
class Causes:
    """Why names are not bound.

    Args:
        absent: name -> why nothing has bound it; "*" for names that nobody knows.
        files: paths of the student's own files. folder: the one in which the notebook stands.
        left_aside: paths of data files that were handed in and for which there was no room.
        words: all names in the code. Another name is none that the code asks for: an exception can be given any.
    """

    absent: Mapping[str, Text]
    files: Iterable[str] = ()
    folder: str = ""
    left_aside: Iterable[str] = ()
    words: Collection[str] = ()
    _names: dict[str, Text] = field(default_factory=dict)

    def failed(self, statement: Statement, failure: StudentFailure) -> StudentFailure:
        """Remember a failed statement; gives the failure with its true reason."""
        if isinstance(failure, StudentError):
            cause = self._cause_of_name(failure)
            if cause is None:
                cause = self._sentence(statement, failure)
            failure = failure.because(cause)
        else:
            start = _place(statement)
            cause = Text(**{lang: f"{start.get(lang)}: {failure.said(lang)}" for lang in LANGS})
        for name in statement.names:
            self._names[name] = cause
        return failure

    def left_out(self, statement: Statement, why: Text, seconds: float) -> Text:
        """Remember a statement that was left out, as `why` says; gives the sentence about it."""
        sentence = Text(
            **{
                lang: why.get(lang).format(
                    place=statement.place.get(lang), line=statement.first_line, seconds=seconds
                )
                for lang in LANGS
            }
        )
        for name in statement.names:
            self._names[name] = sentence
        return sentence

    def bound(self, statement: Statement) -> None:
        """A statement has run: its names are there."""
        for name in statement.names:
            self._names.pop(name, None)

    def explain(self, error: StudentError) -> StudentError:
        """An exception of a call, with what had failed before it or what can be done about it."""
        cause = self._cause_of_name(error)
        if cause is not None:
            return error.because(cause)
        mend = self._mend(error)
        return error if mend is None else error.because(None, mend)

    def _cause_of_name(self, error: StudentError) -> Text | None:
        if error.kind != "NameError" or not error.name:
            return None
        cause = self._names.get(error.name) or self.absent.get(error.name)
        unknown = self.absent.get("*")
        # It may have been bound there.
        if cause is None and unknown is not None and error.name in self.words:
            return Text(**{lang: f"NameError: {error.name}; {unknown.get(lang)}" for lang in LANGS})
        return cause

    def _sentence(self, statement: Statement, error: StudentError) -> Text:
        start = _place(statement, error.line)
        lines = error.text.strip().split("\n")
        # The message may have several lines; the first names the exception.
        what = next((line for line in reversed(lines) if line.startswith(f"{error.kind}:")), lines[-1])
        mend = self._mend(error)
        return Text(
            **{lang: f"{start.get(lang)}: {what}" + (f"; {mend.get(lang)}" if mend else "") for lang in LANGS}
        )

    def _mend(self, error: StudentError) -> Text | None:
        """What can be done about what is not there."""
        if (other := _of_grader(error)) is not None:
            return other
        if not error.name or error.kind not in ("ModuleNotFoundError", "FileNotFoundError"):
            return None
        elsewhere = self._elsewhere(error.name, is_module=error.kind == "ModuleNotFoundError")
        if elsewhere is not None and PurePosixPath(elsewhere).parent == PurePosixPath(self.folder):
            return Text(
                ru=f"файл {elsewhere} сдан и лежит рядом с тетрадью, но код ищет его не там; назовите его без папок",
                en=f"{elsewhere} lies beside the notebook, but the code looks elsewhere; name it without folders",
            )
        if elsewhere is not None:
            return Text(
                ru=f"файл {elsewhere} сдан, но лежит в другой папке; положите его рядом с тетрадью",
                en=f"{elsewhere} was handed in but lies in another folder; put it beside the notebook",
            )
        if error.kind == "FileNotFoundError":
            if (other := self._meant(error.name)) is not None:
                return other
            return Text(
                ru="такого файла в работе нет; сдайте его вместе с тетрадью",
                en="it was not handed in; hand it in together with the notebook",
            )
        if error.name.split(".")[0] == "hw_cnn":
            return Text(
                ru="новые файлы в папке hw_cnn/ не читаются; положите модуль рядом с тетрадью",
                en="new files below hw_cnn/ are not read; put the module beside the notebook",
            )
        return Text(
            ru=f"у проверяющей программы есть {PACKAGES}; обойдитесь без этого модуля, а свой сдайте рядом с тетрадью",
            en=f"the grader has {PACKAGES}; do without this module, or hand in your own beside the notebook",
        )

    def _meant(self, name: str) -> Text | None:
        """A file that was too large, or has the name in other letters."""
        last = PurePosixPath(name.replace("\\", "/")).name
        if any(PurePosixPath(path).name == last for path in self.left_aside):
            return Text(
                ru=f"файл {last} сдан, но велик и не прочитан; обойдитесь без него или уменьшите его",
                en=f"{last} was handed in but is too large and was not read; do without it, or make it smaller",
            )
        for path in self.files:
            if PurePosixPath(path).name.lower() == last.lower():
                return Text(
                    ru=f"сдан файл {path}: в имени важны большие и маленькие буквы",
                    en=f"{path} was handed in: capital and small letters in names matter",
                )
        return None

    def _elsewhere(self, name: str, is_module: bool) -> str | None:
        """A file of the submission that may be meant."""
        last = name.split(".")[-1] if is_module else PurePosixPath(name.replace("\\", "/")).name
        for path in sorted(self.files):
            where = PurePosixPath(path)
            is_it = where.name == f"{last}.py" or (where.name == "__init__.py" and where.parent.name == last)
            if is_it if is_module else where.name == last:
                return path
        return None


def _place(statement: Statement, line: int | None = None) -> Text:
    line = line or statement.first_line
    return Text(ru=f"{statement.place.ru}, строка {line}", en=f"{statement.place.en}, line {line}")


def _of_grader(error: StudentError) -> Text | None:
    """What the grader does not have, and the student's machine may."""
    last = error.text.strip().split("\n")[-1]
    found = NOT_IN_MODULE.match(last)
    if found is not None and found[1].split(".")[0] in sys.stdlib_module_names:
        return Text(
            ru=f"проверка идёт на Python {shown(RUNNING)}, и в нём этого имени нет",
            en=f"the grader runs Python {shown(RUNNING)}, which has no such name",
        )
    if error.kind == "EOFError" and "reading a line" in last:
        return Text(
            ru="при проверке на input() никто не отвечает; впишите значение в код",
            en="nobody answers input() while grading; write the value into the code",
        )
    if any(words in last for words in NO_GPU):
        return Text(
            ru='проверка может идти без видеокарты; пишите device = "cuda" if torch.cuda.is_available() else "cpu"',
            en='there may be no GPU while grading; write device = "cuda" if torch.cuda.is_available() else "cpu"',
        )
    return None
