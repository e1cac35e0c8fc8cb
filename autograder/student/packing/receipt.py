"""What `submit` prints at the end: what was packed, and what the grader will find in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course.public import PublicManifest
from autograder.student.packing import words
from autograder.student.packing.trial import Trial, tried
from autograder.student.saved_check import missing_lines
from autograder.student.words import open_line, written_lines
from autograder.student.work import Work, answers_of

MOST_FILES = 20
"""That are listed one by one; what counts comes first."""


def receipt(
    target: Path,
    data: bytes,
    files: Mapping[str, bytes],
    work: Work,
    trial: Trial,
    public: PublicManifest,
    hints: Sequence[str],
    num_weights: int | None,
) -> list[str]:
    """The lines. data: the archive; files: what is in it; num_weights: tensors of the checked weights."""
    lang = public.lang
    unit = words.BYTES.get(lang)
    lines = [
        words.RECEIPT.get(lang).format(path=target),
        f"  {len(data)} {unit}, sha256 {hashlib.sha256(data).hexdigest()}",
        words.RECEIPT_FILES.get(lang),
    ]
    own = trial.submission.own
    ordered = sorted(files, key=lambda name: (name in own, name))
    for name in ordered[:MOST_FILES]:
        lines.append(
            f"  {name}  {len(files[name])} {unit}  sha256 {hashlib.sha256(files[name]).hexdigest()[:16]}"
        )
    if len(ordered) > MOST_FILES:
        lines.append(words.MORE_FILES.get(lang).format(n=len(ordered) - MOST_FILES))
    if work.notebook is not None:
        lines.append(words.NOTEBOOK.get(lang).format(name=work.notebook))
    lines += [words.RECEIPT_FOUND.get(lang), *_tasks(work, trial, public)]
    lines += [f"  {line}" for line in open_line(public.tasks, lang)]
    if num_weights is not None:
        lines.append(words.CKPT_NOTE.get(lang).format(n=num_weights))
    lines += [note.get(lang) for note in trial.submission.notes]
    if hints:
        lines += [words.WARNINGS.get(lang), *(words.WARNING.get(lang).format(text=hint) for hint in hints)]
    return [*lines, words.RECEIPT_HINT.get(lang)]


def _tasks(work: Work, trial: Trial, public: PublicManifest) -> list[str]:
    """A line for each symbol; the outcome of the task's public tests beside its last one. And one for each answer."""
    lang = public.lang
    lines = []
    for task in public.tasks:
        if task.is_written:
            # Where they were read stands in the line of the notebook.
            answers = answers_of(trial.submission, task)
            lines += [f"  {line}" for line in written_lines(task, answers, work.notebook, lang)[:-1]]
            continue
        own = [source for source in trial.submission.sources if source.task == task.id]
        for source in own:
            if source.kind == "missing":
                lines += [f"  {line}" for line in missing_lines(task, [source], public)]
                continue
            problem = f" ({source.problem.get(lang)})" if source.problem else ""
            outcome = ""
            if source is own[-1] and task.id in trial.outcomes:
                outcome = f"; {tried(trial.outcomes[task.id], public)}"
            lines.append(f"  {task.id}  {source.symbol.name}: {source.place.get(lang)}{problem}{outcome}")
    return lines
