"""How well mistakes are named: in how many salts each is, and which names are untrue.

A planted bug must be named in each salt in which a test of its task fails, unless another bug gives the same answers
there (`answers/look_alikes.py`): the two cannot be told apart, and either name, or none, is right. A name is untrue
for the reference and the correct variants, for a task that the mistake is none of, and for a wrong solution that
answers otherwise than the bug that is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.results.grade import Grade
from autograder.validation.answers.look_alikes import Graded, look_alikes
from autograder.validation.class_of_variants import PACKAGE, REFERENCE, STUB
from autograder.validation.counting import Tick, tick_unseen
from autograder.validation.diagnosis.other_mistakes import OtherMistake
from autograder.validation.problems import Verdicts

Alike = Callable[[Graded], frozenset[str]]


@dataclass(frozen=True)
class Mistake:
    """Who was graded: what is wrong with it, and what may be said of that.

    Attributes:
        kind: "bug", "other" (no planted bug), "spelling" (a planted bug in other words), "correct", "stub".
        task: the one that it gets wrong; "" where all is right.
        named: the planted bugs that it is.
        source: its definitions; None where it changes none.
    """

    student: str
    kind: str
    task: str = ""
    named: frozenset[str] = frozenset()
    source: Path | None = None


@dataclass
class Naming:
    """What was named for one mistake, over all salts.

    Attributes:
        graded, failed: salts with a grade, and those of them in which a test failed that answers can explain.
        named: salts in which it had its own name.
        alike: salts in which it did not, and answers as another bug does.
        others: names of bugs that answer the same -> salts.
        untrue: "task: bug" of untrue names -> salts.
        lost: whether it ever lost a point of its task.
    """

    mistake: Mistake
    graded: int = 0
    failed: int = 0
    named: int = 0
    alike: int = 0
    lost: bool = False
    others: Counter[str] = field(default_factory=Counter)
    untrue: Counter[str] = field(default_factory=Counter)

    @property
    def missed(self) -> int:
        """Salts in which it could have been told from all others and was not named."""
        return self.failed - self.named - self.alike if self.mistake.named else 0

    @property
    def recall(self) -> float | None:
        """Share of salts in which it is named, of those in which it can be told apart; None where there are none."""
        told_apart = self.failed - self.alike
        return self.named / told_apart if self.mistake.named and told_apart else None


def measure_naming(
    assignment: Assignment,
    variants: Sequence[Variant],
    others: Sequence[OtherMistake],
    rounds: Sequence[Verdicts],
    jobs: int = 1,
    tick: Tick = tick_unseen,
) -> list[Naming]:
    """What was named for everybody who was graded. Raises: UsageError when the hidden tests cannot be collected."""
    manifest = assignment.manifest
    mistakes = mistakes_of(assignment.folder, variants, others)
    bugs = [variant for variant in variants if variant.kind == "bug"]
    alike = look_alikes(assignment, bugs, doubtful(manifest, mistakes, rounds), jobs, tick)
    return measure(manifest, mistakes, rounds, lambda graded: alike.get(graded, frozenset()))


def mistakes_of(folder: Path, variants: Sequence[Variant], others: Sequence[OtherMistake]) -> list[Mistake]:
    """Everybody who is graded."""
    found = [Mistake(REFERENCE, "correct"), Mistake(PACKAGE, "correct"), Mistake(STUB, "stub")]
    for variant in variants:
        if variant.kind == "correct":
            found.append(Mistake(variant.id, "correct"))
        else:
            path = folder / "wrong" / f"{variant.id}.py"
            source = path if path.is_file() else None
            found.append(Mistake(variant.id, "bug", variant.task, frozenset({variant.id}), source))
    for other in others:
        kind = "spelling" if other.named else "other"
        found.append(Mistake(other.student, kind, other.task, other.named, other.path))
    return found


def doubtful(manifest: Manifest, mistakes: Sequence[Mistake], rounds: Sequence[Verdicts]) -> list[Graded]:
    """The grades for which it must be known who answers the same: those that do not have just their own names."""
    found = []
    for mistake in mistakes:
        for number, verdicts in enumerate(rounds):
            grade = verdicts.grades.get(mistake.student)
            if grade is None or mistake.source is None:
                continue
            names = _names(grade, mistake.task)
            is_named = bool(names) and names <= mistake.named
            may_be_silent = not (mistake.named and _has_failed(manifest, mistake, verdicts))
            if not (is_named or (not names and may_be_silent)):
                found.append(Graded(mistake.student, mistake.task, mistake.source, number))
    return found


def measure(
    manifest: Manifest, mistakes: Sequence[Mistake], rounds: Sequence[Verdicts], alike: Alike
) -> list[Naming]:
    """What was named for each; `alike` knows the planted bugs that answer as a doubtful grade does."""
    found = []
    for mistake in mistakes:
        naming = Naming(mistake)
        for number, verdicts in enumerate(rounds):
            grade = verdicts.grades.get(mistake.student)
            if grade is not None:
                _count(manifest, naming, grade, verdicts, _same_answers(mistake, number, alike))
        if naming.graded:
            found.append(naming)
    return found


def _same_answers(mistake: Mistake, number: int, alike: Alike) -> frozenset[str]:
    if mistake.source is None:
        return frozenset()
    return alike(Graded(mistake.student, mistake.task, mistake.source, number))


def _count(
    manifest: Manifest, naming: Naming, grade: Grade, verdicts: Verdicts, same: frozenset[str]
) -> None:
    mistake = naming.mistake
    naming.graded += 1
    for task in manifest.tasks:
        if task.id != mistake.task:
            naming.untrue.update(f"{task.id}: {name}" for name in _names(grade, task.id))
    if not mistake.task:
        return
    tests = verdicts.tests(mistake.student, manifest.task(mistake.task))
    naming.lost |= any(test.points < test.max_points for test in tests)
    names = _names(grade, mistake.task)
    strangers = names - mistake.named
    naming.others.update(strangers & same)
    naming.untrue.update(f"{mistake.task}: {name}" for name in strangers - same)
    if _has_failed(manifest, mistake, verdicts):
        naming.failed += 1
        if names & mistake.named:
            naming.named += 1
        elif same - mistake.named:
            naming.alike += 1


def _names(grade: Grade, task: str) -> frozenset[str]:
    return frozenset(found.bug for own in grade.tasks if own.id == task for found in own.diagnosis)


def _has_failed(manifest: Manifest, mistake: Mistake, verdicts: Verdicts) -> bool:
    """Whether a test of its task failed whose calls can be compared: trainings and measurements cannot."""
    if mistake.source is None:
        return False
    task = manifest.task(mistake.task)
    comparable = {test.id for test in task.tests if not test.trains and test.threshold is None}
    return any(
        test.points < test.max_points and test.id in comparable
        for test in verdicts.tests(mistake.student, task)
    )
