"""Test the tests: the reference gets everything, the stub nothing, each planted bug fails its own task only.

Every variant is graded by the same code as a real submission. Written out: the kill matrix (bug x hidden test), the
price list (bug -> points lost), and one line for each thing that is wrong (DESIGN, section 7).
"""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.bundle import release
from autograder.course import Assignment, package_root
from autograder.grading import Event, Options, grade
from autograder.notebook import fill_solutions, read_notebook, solution_sources, write_notebook
from autograder.reach import Reach
from autograder.result import Grade, TestResult
from autograder.scoring import round_half_up
from autograder.spec import LANGS, VARIANTS_NAME, Manifest, Task, UsageError, Variant, load_variants
from autograder.store import Store, write_atomically
from autograder.template import read_package

QUICK_SALTS, FULL_SALTS = 2, 20
REFERENCE, PACKAGE, STUB = "reference", "reference_package", "stub"
CHECKPOINT = "model.safetensors"


@dataclass(frozen=True)
class Verdicts:
    """All grades of one salt: who was graded, and which tests ran for whom."""

    grades: Mapping[str, Grade]
    ran: Mapping[str, frozenset[str]]

    def tests(self, student: str, task: Task) -> list[TestResult]:
        """The tests of `task` that ran for `student`; none if the student was not graded with this salt."""
        if student not in self.grades:
            return []
        result = next(found for found in self.grades[student].tasks if found.id == task.id)
        return [test for test in result.tests if test.id in self.ran[student]]


def validate(assignment: Assignment, out: Path, *, quick: bool, jobs: int, say: Callable[[str], None]) -> int:
    """Grade reference, stub and all variants; write the reports below `out`; return the number of problems.

    Raises: UsageError when the assignment is unusable, StoreError when `out` cannot be written.
    """
    manifest, variants = assignment.manifest, load_variants(assignment.folder).variants
    check_variants(manifest, variants, assignment.folder)
    with tempfile.TemporaryDirectory(prefix="validate-") as name:
        work = Path(name)
        problems = check_release(assignment, work / "bundle")
        submissions = work / "submissions"
        write_submissions(assignment, variants, work / "bundle" / "ru", submissions)
        rounds: list[Verdicts] = []
        bugs = {variant.id for variant in variants if variant.kind == "bug"}
        concerned = tasks_concerned(manifest) if quick else {}
        for number in range(QUICK_SALTS if quick else FULL_SALTS):
            chosen = choose_tests(manifest, variants, first=number == 0, concerned=concerned)
            if quick and number:
                # What remains is whether chance costs honest work points; that it never spares a bug takes all salts.
                chosen = {student: tests for student, tests in chosen.items() if student not in bugs}
            say(f"salt {number + 1}: grading {len(chosen)} submissions...")
            rounds.append(_grade_round(assignment, submissions, work / f"salt{number}", number, chosen, jobs))
    for verdicts in rounds:
        problems += find_problems(manifest, variants, verdicts)
    problems = list(dict.fromkeys(problems))
    write_reports(manifest, variants, rounds, out)
    for line in summary(manifest, variants, rounds, problems, out):
        say(line)
    return len(problems)


def check_variants(manifest: Manifest, variants: Sequence[Variant], folder: Path) -> None:
    """Raises: UsageError for a variant of an unknown task, one without its file, and a file of no variant."""
    for variant in variants:
        manifest.task(variant.task)
        path = folder / "wrong" / f"{variant.id}.py"
        if not path.is_file() and variant.checkpoint == "reference":
            raise UsageError(
                f"{folder / 'wrong'} lists the variant {variant.id!r}, but {path.name} is missing"
            )
    listed = {VARIANTS_NAME, "__pycache__", *(f"{variant.id}.py" for variant in variants)}
    for path in sorted((folder / "wrong").iterdir()):
        if path.name not in listed and not path.name.startswith("."):
            raise UsageError(f"{path} is no file of a variant: list it in {VARIANTS_NAME}, or remove it")


def check_release(assignment: Assignment, out: Path) -> list[str]:
    """Release in every language (the leak scan runs inside) and look for each public sentence in the notebook."""
    problems = []
    for lang in LANGS:
        release(assignment.folder, out / lang, lang)
        text = (out / lang / f"{assignment.name}.ipynb").read_text(encoding="utf-8")
        cells = "\n".join(cell.source for cell in read_notebook(text).cells)
        for task in assignment.manifest.tasks:
            problems += [
                f"the {lang} handout does not say what {test.id} checks"
                for test in task.tests
                if test.sentence.get(lang) not in cells
            ]
    return problems


def write_submissions(assignment: Assignment, variants: Sequence[Variant], bundle: Path, out: Path) -> None:
    """One submission folder each for the reference (as notebook and as package), the stub and every variant."""
    manifest, folder = assignment.manifest, assignment.folder
    notebook = read_notebook((bundle / f"{manifest.name}.ipynb").read_text(encoding="utf-8"))
    package = reference_package(manifest)
    weights = (folder / CHECKPOINT).read_bytes() if (folder / CHECKPOINT).is_file() else None

    def new(student: str, files: Mapping[str, bytes], checkpoint: bytes | None = weights) -> Path:
        target = out / student
        target.mkdir(parents=True)
        for name, content in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(content)
        if checkpoint is not None:
            (target / CHECKPOINT).write_bytes(checkpoint)
        return target

    new(PACKAGE, package)
    target = new(STUB, {}, None)
    write_notebook(notebook, target / f"{manifest.name}.ipynb")
    target = new(REFERENCE, {})
    cells = solution_sources(manifest, read_package(package_root()), assignment.edition)
    write_notebook(fill_solutions(notebook, cells), target / f"{manifest.name}.ipynb")
    for variant in variants:
        path = folder / "wrong" / f"{variant.id}.py"
        solution = {"solution.py": path.read_bytes()} if path.is_file() else {}
        new(variant.id, package | solution, changed_weights(weights, variant.checkpoint))


def changed_weights(weights: bytes | None, change: str) -> bytes | None:
    """The reference's checkpoint as a variant hands it in: unchanged, not at all, or all zeros."""
    if weights is None or change == "none":
        return None
    if change == "reference":
        return weights
    from safetensors.numpy import load, save

    return save({name: value * 0 for name, value in load(weights).items()})


def reference_package(manifest: Manifest) -> dict[str, bytes]:
    """The reference's files that hold a task symbol, as a student who works in the package would hand them in."""
    modules = {name.split(":")[0] for task in manifest.tasks for name in task.names}
    files = {module.replace(".", "/") + ".py" for module in modules}
    return {name: (package_root() / name).read_bytes() for name in sorted(files)}


def tasks_concerned(manifest: Manifest) -> dict[str, frozenset[str]]:
    """For each task those whose answers it can change: they depend on it, or their code can run its code."""
    reach = Reach(read_package(package_root()))
    modules = {task.id: {name.split(":")[0] for name in task.names} for task in manifest.tasks}
    return {
        task.id: frozenset(
            other.id
            for other in manifest.tasks
            if task.id in manifest.closure(other.id) or modules[task.id] & reach.of(modules[other.id])
        )
        for task in manifest.tasks
    }


def choose_tests(
    manifest: Manifest,
    variants: Sequence[Variant],
    *,
    first: bool,
    concerned: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, frozenset[str]]:
    """Which hidden tests run for whom.

    Training, and the other tasks of a variant, which are the reference's, run in the first round only: later ones ask
    whether chance decides about its own task. Variants of a training task are not graded at all there. Where
    `concerned` names the tasks that a variant's task can change, the others have the reference's verdict.
    """
    fast = frozenset(test.id for task in manifest.tasks for test in task.tests if not test.trains)
    everything = frozenset(test.id for task in manifest.tasks for test in task.tests)
    chosen = dict.fromkeys((REFERENCE, STUB), everything if first else fast)
    chosen[PACKAGE] = fast
    for variant in variants:
        own = {test.id for test in manifest.task(variant.task).tests}
        tasks = (concerned or {}).get(variant.task)
        seen = fast & {
            test.id for task in manifest.tasks if tasks is None or task.id in tasks for test in task.tests
        }
        if own <= fast:
            chosen[variant.id] = seen if first else frozenset(own)
        elif first:
            chosen[variant.id] = seen | (own.intersection(variant.only) if variant.only else own)
    return chosen


def _grade_round(
    assignment: Assignment,
    submissions: Path,
    out: Path,
    number: int,
    chosen: Mapping[str, frozenset[str]],
    jobs: int,
) -> Verdicts:
    key = hashlib.sha256(f"validate {assignment.name} {number}".encode()).digest()
    grades: dict[str, Grade] = {}

    def keep(event: Event) -> None:
        grades[event.grade.student] = event.grade

    options = Options(key=key, jobs=jobs, only=chosen)
    grade(assignment, submissions, Store(out), options, keep)
    return Verdicts(grades, chosen)


def find_problems(manifest: Manifest, variants: Sequence[Variant], verdicts: Verdicts) -> list[str]:
    """One sentence for everything that is not as it must be."""
    problems = []
    for student, found in verdicts.grades.items():
        if found.status in ("rejected", "missing") or found.reason:
            problems.append(f"{student}: {found.status}, {found.reason}")
    for student in (REFERENCE, PACKAGE):
        problems += [
            f"{student} does not get full points: {line}" for line in _losses(manifest, verdicts, student)
        ]
    if verdicts.grades[STUB].score > 0:
        problems.append(f"the stub scores {verdicts.grades[STUB].score:g} points, expected 0")
    for variant in variants:
        if variant.id in verdicts.grades:
            problems += _variant_problems(manifest, variant, verdicts)
    return problems


def _variant_problems(manifest: Manifest, variant: Variant, verdicts: Verdicts) -> list[str]:
    problems = []
    lost = points_lost(manifest, variant, verdicts)
    if variant.kind == "bug" and not lost:
        problems.append(f"the planted bug {variant.id} survives: {variant.what.en}")
    elif variant.kind == "bug" and lost < variant.min_points_lost:
        problems.append(f"{variant.id} loses {lost:g} points, at least {variant.min_points_lost:g} expected")
    for task in manifest.tasks:
        concerned = variant.task in manifest.closure(task.id)
        if variant.kind == "bug" and concerned:
            continue
        problems += [
            f"{variant.id} ({variant.kind} variant of {variant.task}) loses points: {line}"
            for line in _losses(manifest, verdicts, variant.id, task)
        ]
    return problems


def _losses(manifest: Manifest, verdicts: Verdicts, student: str, only: Task | None = None) -> list[str]:
    tasks = [only] if only is not None else manifest.tasks
    return [
        f"{test.id} gives {test.points:g} of {test.max_points:g}"
        for task in tasks
        for test in verdicts.tests(student, task)
        if test.points < test.max_points
    ]


def points_lost(manifest: Manifest, variant: Variant, verdicts: Verdicts) -> float:
    """Points that the variant loses in its own task, over the tests that ran."""
    tests = verdicts.tests(variant.id, manifest.task(variant.task))
    return round_half_up(sum(test.max_points - test.points for test in tests))


def kill_matrix(
    manifest: Manifest, variants: Sequence[Variant], rounds: Sequence[Verdicts]
) -> dict[str, dict[str, str]]:
    """Bug -> hidden test -> `x` killed in every round it ran, `~` in some, `.` never, empty if it did not run."""
    matrix: dict[str, dict[str, str]] = {}
    for variant in variants:
        row = {}
        for task in manifest.tasks:
            for test in task.tests:
                killed = [
                    result.points < result.max_points
                    for verdicts in rounds
                    for result in verdicts.tests(variant.id, task)
                    if result.id == test.id
                ]
                row[test.id] = "" if not killed else "x" if all(killed) else "~" if any(killed) else "."
        matrix[variant.id] = row
    return matrix


def write_reports(
    manifest: Manifest, variants: Sequence[Variant], rounds: Sequence[Verdicts], out: Path
) -> None:
    """Write `kill_matrix.csv` and `price_list.csv`. Raises: StoreError."""
    matrix = kill_matrix(manifest, variants, rounds)
    tests = [test.id for task in manifest.tasks for test in task.tests]
    rows = [["variant", "kind", "task", *tests]]
    rows += [[v.id, v.kind, v.task, *(matrix[v.id][test] for test in tests)] for v in variants]
    _write_csv(out / "kill_matrix.csv", rows)
    rows = [["bug", "task", "points_lost", "task_points", "what_ru", "what_en"]]
    for variant in variants:
        if variant.kind == "bug":
            task = manifest.task(variant.task)
            lost = points_lost(manifest, variant, rounds[0])
            rows.append(
                [variant.id, task.id, f"{lost:g}", f"{task.points:g}", variant.what.ru, variant.what.en]
            )
    _write_csv(out / "price_list.csv", rows)


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    write_atomically(path, stream.getvalue().encode())


def summary(
    manifest: Manifest,
    variants: Sequence[Variant],
    rounds: Sequence[Verdicts],
    problems: Sequence[str],
    out: Path,
) -> list[str]:
    """What a person reads at the end: prices, tests that kill nothing, problems."""
    matrix = kill_matrix(manifest, variants, rounds)
    bugs = [variant for variant in variants if variant.kind == "bug"]
    lines = [f"{manifest.name}: price list (bug: points lost of its task)"]
    for bug in bugs:
        task = manifest.task(bug.task)
        lost = points_lost(manifest, bug, rounds[0])
        lines.append(f"  {bug.task:3} {bug.id:32} {lost:5g} of {task.points:g}")
    for task in manifest.tasks:
        for test in task.tests:
            if not any(matrix[bug.id][test.id] in ("x", "~") for bug in bugs):
                lines.append(f"note: {test.id} kills no planted bug")
    caught = sum(any(mark in ("x", "~") for mark in matrix[bug.id].values()) for bug in bugs)
    lines.append(
        f"{manifest.name}: reference {rounds[0].grades[REFERENCE].score:g} of {manifest.max_score:g}, "
        f"stub {rounds[0].grades[STUB].score:g}, {caught} of {len(bugs)} planted bugs caught, "
        f"{len(variants) - len(bugs)} correct variants, {len(rounds)} salts; reports in {out}"
    )
    lines += [f"PROBLEM: {problem}" for problem in problems]
    return lines
