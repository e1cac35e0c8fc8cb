"""Run a student's functions and make questions of what they answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from autograder.course.manifest import Manifest
from autograder.course.symbol import Symbol
from autograder.errors import UsageError
from autograder.grading.judge import Workers
from autograder.intake.submission import Submission
from autograder.remote.failures import StudentFailure
from autograder.remote.loading import load_all
from autograder.remote.student import Student
from autograder.text import Text
from autograder.viva.helpers import helpers_of
from autograder.viva.probes import PROBES, Call, Probe
from autograder.viva.variables import Variable, cut_off, definition_of, sources_of, variables_of

MOST_VARIABLES = 6
LETTERS = "ABC"


@dataclass(frozen=True)
class Question:
    """One question on one function.

    Args:
        text: what to ask.
        function, code: its name and the student's text of it.
        answer: as it was found.
        marked: the lines of the code that are meant, from 1.
        shown: named tensors of two axes, to be shown as tables.
        options: calls to choose from.
        helpers: texts of what else of the submission the code needs.
    """

    text: Text
    function: str
    code: str
    answer: Text
    marked: tuple[int, int] = (0, 0)
    shown: tuple[tuple[str, Tensor], ...] = ()
    options: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


@contextmanager
def running(workers: Workers, submission: Submission, manifest: Manifest) -> Iterator[Student]:
    """The submission in a worker of its own."""
    with workers.holding(submission) as connect:
        loaded = load_all(connect, submission.load_plans(), manifest.limits.load_s, (), [])
        student = Student(
            loaded.first.home.connect,
            [symbol for task in manifest.tasks for symbol in task.tops],
            manifest.limits,
            loaded.first.unavailable,
            submission.checkpoint,
            loaded.first.home.explain,
            loaded.homes(),
        )
        with closing(student):
            yield student


Run = Callable[[Submission], AbstractContextManager[Student]]


def require_probes(manifest: Manifest) -> None:
    """Refuse an assignment of which no function can be asked about, before any code runs.

    Raises: UsageError.
    """
    if not any(str(symbol) in PROBES for task in manifest.tested for symbol in task.tops):
        raise UsageError(
            f"{manifest.name} has no task that viva can ask about; there are questions on {_known()}"
        )


def questions(
    run: Run, submission: Submission, manifest: Manifest, rng: np.random.Generator
) -> list[Question]:
    """Up to three: the shape of a variable, the answer to one row, and what the order of the stride's axes changes.

    Each is about another function where the student wrote several.

    Raises: UsageError where no function of the submission can be asked about.
    """
    written = [
        (symbol, PROBES[str(symbol)], code)
        for task in manifest.tested
        for symbol in task.tops
        if str(symbol) in PROBES and (code := definition_of(submission, symbol)) is not None
    ]
    rng.shuffle(written)
    found: list[Question] = []
    kinds = (_about_a_variable, _about_a_row, _about_the_stride)
    for place, kind in enumerate(kinds):
        # The next function in turn first, so that three questions are about as many functions as there are.
        for symbol, probe, code in [*written[place:], *written[:place]]:
            if (question := kind(run, submission, symbol, probe, code, rng)) is not None:
                helpers = helpers_of(sources_of(submission, symbol), symbol.name, code)
                found.append(replace(question, helpers=helpers))
                break
    if not found:
        raise UsageError(
            f"{submission.student} wrote no function that can be asked about and runs; "
            f"there are questions on {_known()}"
        )
    return found


def _known() -> str:
    return ", ".join(name.rpartition(":")[2] for name in PROBES)


def _about_a_variable(
    run: Run, submission: Submission, symbol: Symbol, probe: Probe, code: str, rng: np.random.Generator
) -> Question | None:
    call = probe.shapes(rng)
    given = {tuple(one.shape) for one in call.arguments if isinstance(one, Tensor)}
    variables = variables_of(code)[::-1][:MOST_VARIABLES]
    told: list[tuple[Variable, tuple[int, ...]]] = []
    for variable in variables:
        with run(cut_off(submission, symbol, variable.place, variable.name)) as student:
            value = _result(student, symbol, call)
        if value is not None and tuple(value.shape) not in given and value.dim() > 0:
            told.append((variable, tuple(value.shape)))
    if not told:
        return None
    variable, shape = max(told, key=lambda pair: len(pair[1]))
    return Question(
        Text(
            ru=f"Вызов {symbol.name}: {call.said}. Какой формы переменная {variable.name} после отмеченной строки?",
            en=f"A call of {symbol.name}: {call.said}. What shape has the variable {variable.name} after the marked "
            "line?",
        ),
        symbol.name,
        code,
        Text(ru=str(shape), en=str(shape)),
        marked=variable.lines,
    )


def _about_a_row(
    run: Run, submission: Submission, symbol: Symbol, probe: Probe, code: str, rng: np.random.Generator
) -> Question | None:
    call = probe.row(rng)
    with run(submission) as student:
        value = _result(student, symbol, call)
    if value is None:
        return None
    shape = tuple(value.shape)
    return Question(
        Text(
            ru=f"Вызов {symbol.name}: {call.said}. Что вернёт ваша функция?",
            en=f"A call of {symbol.name}: {call.said}. What does your function return?",
        ),
        symbol.name,
        code,
        Text(ru=f"{_numbers(value)} (форма {shape})", en=f"{_numbers(value)} (shape {shape})"),
        shown=call.shown,
    )


def _about_the_stride(
    run: Run, submission: Submission, symbol: Symbol, probe: Probe, code: str, rng: np.random.Generator
) -> Question | None:
    if probe.swaps is None:
        return None
    pairs = probe.swaps(rng)
    with run(submission) as student:
        values = [[_result(student, symbol, call) for call in pair] for pair in pairs]
    changed = [place for place, (one, other) in enumerate(values) if not _same(one, other)]
    if any(value is None for pair in values for value in pair):
        return None
    answer = ", ".join(LETTERS[place] for place in changed)
    return Question(
        Text(
            ru=f"У какого из трёх вызовов {symbol.name} изменится ответ вашей функции, если поменять местами два числа "
            "шага?",
            en=f"Of which of these three calls of {symbol.name} does your function's answer change when the two "
            "numbers of the stride are swapped?",
        ),
        symbol.name,
        code,
        Text(ru=answer or "ни у одного", en=answer or "of none"),
        options=tuple(f"{letter}: {pair[0].said}" for letter, pair in zip(LETTERS, pairs, strict=True)),
    )


def _result(student: Student, symbol: Symbol, call: Call) -> Tensor | None:
    """What the student's function gives; None for an error or anything but a tensor."""
    student.begin_test()
    try:
        value = getattr(student, symbol.name)(*call.arguments, **call.keywords)
    except StudentFailure:
        return None
    return value if isinstance(value, Tensor) else None


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape and torch.equal(one, other)


def _numbers(value: Tensor) -> str:
    return " ".join(f"{number:g}" for number in value.flatten().tolist()[:20])


def seeded(parts: Sequence[str]) -> np.random.Generator:
    """The same questions for the same submission."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest(), "big"))
