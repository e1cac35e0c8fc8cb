"""What a student should know before handing in: sentences that refuse nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.course.public import PublicManifest
from autograder.intake.files import is_code, left_aside
from autograder.intake.sources.code import is_notebook
from autograder.student.packing import words
from autograder.student.packing.trial import Trial
from autograder.student.work import Work, loaded_code

CUDA_NAME = re.compile(r"cuda(:\d+)?")
# A notebook is saved again after the training that it holds; only a later change is worth a word.
SAVED_AFTERWARDS_S = 600


def hints(work: Work, trial: Trial, public: PublicManifest) -> list[str]:
    """All of them, the most important first."""
    lang = public.lang
    unwritten = [
        task.id
        for task in public.tasks
        if (len(work.answers(task)) < len(task.rows) if task.is_written else task.id not in trial.written)
    ]
    found = []
    if trial.failing:
        found.append(words.FAILING.get(lang).format(tasks=", ".join(trial.failing)))
    for outcome in (outcome for outcomes in trial.outcomes.values() for outcome in outcomes):
        if outcome.withheld and outcome.why is not None:
            found.append(outcome.why.replace("\n", " "))
    if unwritten:
        found.append(words.UNWRITTEN.get(lang).format(tasks=", ".join(unwritten)))
    if work.changed or work.added:
        found.append(words.NOT_READ.get(lang).format(files=", ".join((*work.changed, *work.added))))
    if work.files.left_aside:
        found.append(left_aside(work.files.left_aside).get(lang))
    return [*found, *_notebooks(work, public), *_weights(work, trial, public), *_cuda(work, trial, public)]


def _notebooks(work: Work, public: PublicManifest) -> Iterator[str]:
    chosen = work.notebook
    if chosen is None:
        return
    times = work.files.times
    for name, saved in sorted(times.items()):
        if is_notebook(name) and name != chosen and saved > times[chosen]:
            yield words.NEWER.get(public.lang).format(other=name, name=chosen)


def _weights(work: Work, trial: Trial, public: PublicManifest) -> Iterator[str]:
    lang, name = public.lang, work.submission.checkpoint_name
    if name is None:
        if public.weights in trial.written:
            yield words.NO_WEIGHTS.get(lang).format(task=public.weights)
    elif public.weights is None:
        yield words.UNASKED_WEIGHTS.get(lang).format(name=name)
    else:
        times = work.files.times
        for code in _files_with_tasks(work):
            slack = SAVED_AFTERWARDS_S if is_notebook(code) else 0
            if times[code] > times[name] + slack:
                yield words.OLD_WEIGHTS.get(lang).format(name=name, code=code)
                return


def _files_with_tasks(work: Work) -> Iterator[str]:
    """Notebooks and scripts in which a task was found, also those that the notebook runs."""
    for name in filter(is_code, work.submission.files):
        for source in work.submission.sources:
            is_notebooks = name == work.notebook and source.kind in ("cell", "notebook")
            is_here = source.where == name or source.where.startswith(f"{name}, ")
            if source.kind != "missing" and (is_notebooks or is_here):
                yield name
                break


def _cuda(work: Work, trial: Trial, public: PublicManifest) -> Iterator[str]:
    code = list(loaded_code(trial.submission, work.files))
    if any("is_available" in source for _, source, _ in code):
        return
    told: set[tuple[str, int]] = set()
    for place, source, first_line in code:
        for line in _cuda_lines(source):
            if (place.en, line) not in told:
                told.add((place.en, line))
                shown = place.get(public.lang)
                yield words.CUDA.get(public.lang).format(place=shown, line=first_line + line - 1)


def _cuda_lines(source: str) -> Iterator[int]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="cuda")):
                yield node.lineno
            case ast.Constant(value=str(text)) if CUDA_NAME.fullmatch(text):
                yield node.lineno
