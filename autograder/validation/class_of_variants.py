"""The class that `validate` grades: the reference as notebook and as package, the stub, and every variant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from autograder.course.assignment import CHECKPOINT, Assignment, package_root
from autograder.course.edition import read_package
from autograder.course.manifest import Manifest, Task
from autograder.course.variants import VARIANTS_NAME, Variant, spellings
from autograder.errors import UsageError
from autograder.release.notebook import read_notebook, write_notebook
from autograder.validation.reach import Reach
from autograder.validation.solved_notebook import fill_solutions, solution_sources

REFERENCE, PACKAGE, STUB = "reference", "reference_package", "stub"
# Folder below `wrong/` for wrong solutions that are no planted bugs.
OTHER = "other"
SOLUTION = "solution.py"


def check_variants(manifest: Manifest, variants: Sequence[Variant], folder: Path) -> None:
    """Raises: UsageError for a variant of an unknown task or one without tests, one without its file or that is no
    Python, and a file of no variant.
    """
    for variant in variants:
        if manifest.task(variant.task).is_written:
            raise UsageError(
                f"the variant {variant.id!r} is of task {variant.task}, which has no tests; remove it"
            )
        path = folder / "wrong" / f"{variant.id}.py"
        if not path.is_file() and variant.checkpoint == "reference":
            raise UsageError(
                f"{folder / 'wrong'} lists the variant {variant.id!r}, but {path.name} is missing"
            )
        for spelling in spellings(folder, variant):
            check_syntax(spelling)
    files = {path.name for variant in variants for path in spellings(folder, variant)}
    listed = {VARIANTS_NAME, OTHER, "__pycache__", *files}
    for path in sorted((folder / "wrong").iterdir()):
        if path.name not in listed and not path.name.startswith("."):
            raise UsageError(f"{path} is no file of a variant: list it in {VARIANTS_NAME}, or remove it")


def check_syntax(path: Path) -> None:
    """What does not compile would lose its points for that. Raises: UsageError."""
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise UsageError(f"{path}{line}: this is not valid Python ({error.args[0]}); mend it") from error


def write_submissions(
    assignment: Assignment,
    variants: Sequence[Variant],
    bundle: Path,
    out: Path,
    chosen: Mapping[str, frozenset[str]],
) -> None:
    """One submission folder each for the reference (as notebook and as package), the stub and every variant.

    chosen: the hidden tests that run for whom; of the reference a variant has the files that these can use.
    """
    manifest, folder = assignment.manifest, assignment.folder
    reach = Reach(read_package(package_root()))
    notebook = read_notebook((bundle / f"{manifest.name}.ipynb").read_text(encoding="utf-8"))
    package = reference_package(manifest)
    weights = assignment.checkpoint

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
        solution = {SOLUTION: path.read_bytes()} if path.is_file() else {}
        own = needed(manifest, reach, package, chosen[variant.id], solution.get(SOLUTION, b""))
        new(variant.id, own | solution, changed_weights(weights, variant.checkpoint))


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
    files = {symbol.file for task in manifest.tasks for symbol in task.symbols}
    return {name: (package_root() / name).read_bytes() for name in sorted(files)}


def needed(
    manifest: Manifest, reach: Reach, package: Mapping[str, bytes], tests: Collection[str], solution: bytes
) -> dict[str, bytes]:
    """The files of `package` that a solution, or the reference under these tests, can use."""
    asked = {manifest.task_of_test(test).id for test in tests}
    tasks = {name for task in asked for name in manifest.closure(task)}
    modules = {symbol.module for task in manifest.tasks if task.id in tasks for symbol in task.symbols}
    reached = reach.of(modules | reach.named_in(solution.decode()))
    files = {symbol.file for task in manifest.tasks for symbol in task.symbols if symbol.module in reached}
    return {name: content for name, content in package.items() if name in files}


def tasks_concerned(manifest: Manifest) -> dict[str, frozenset[str]]:
    """For each task those whose answers it can change: they depend on it, or their code can run its code."""
    reach = Reach(read_package(package_root()))

    def can_run(other: Task, task: Task) -> bool:
        """Whether code of `other` can run code of `task`: it imports its module, or uses its names in a common one."""
        behind = reach.behind(symbol.module for symbol in other.symbols)
        return any(
            symbol.module in behind
            or symbol.name
            in reach.used_by(symbol.module, [own.name for own in other.tops if own.module == symbol.module])
            for symbol in task.tops
        )

    return {
        task.id: frozenset(
            other.id
            for other in manifest.tasks
            if task.id in manifest.closure(other.id) or can_run(other, task)
        )
        for task in manifest.tasks
    }


def behind_the_wall(
    manifest: Manifest, variants: Sequence[Variant], chosen: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Whom a quick validation grades in the sandbox: right work, one bug a task, and who is asked to train."""
    trains = {test.id for task in manifest.tasks for test in task.tests if test.trains}
    first_bugs = {variant.task: variant.id for variant in reversed(variants) if variant.kind == "bug"}
    right = {variant.id for variant in variants if variant.kind == "correct"}
    kept = {REFERENCE, PACKAGE, STUB, *right, *first_bugs.values()}
    return frozenset(student for student, tests in chosen.items() if student in kept or tests & trains)


def choose_tests(
    manifest: Manifest,
    variants: Sequence[Variant],
    *,
    first: bool,
    concerned: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, frozenset[str]]:
    """Which hidden tests run for whom, in the `first` round and in further ones.

    Training, and the other tasks of a variant, which are the reference's, run in the first round only: later ones ask
    whether chance decides about its own task. Variants of a training task are not graded at all there. Where
    `concerned` names the tasks that a variant's task can change, the others have the reference's verdict; and so have
    those that depend on a bug's task, where it may cost points.
    """
    fast = frozenset(test.id for task in manifest.tasks for test in task.tests if not test.trains)
    everything = frozenset(test.id for task in manifest.tasks for test in task.tests)
    chosen = {REFERENCE: everything, STUB: everything, PACKAGE: fast} if first else {REFERENCE: fast}
    for variant in variants:
        own = {test.id for test in manifest.task(variant.task).tests}
        tasks = (concerned or {}).get(variant.task)
        if tasks is not None and variant.kind == "bug":
            tasks = frozenset(
                task for task in tasks if task == variant.task or variant.task not in manifest.closure(task)
            )
        seen = fast & {
            test.id for task in manifest.tasks if tasks is None or task.id in tasks for test in task.tests
        }
        if own <= fast:
            chosen[variant.id] = seen if first else frozenset(own)
        elif first:
            chosen[variant.id] = seen | (own.intersection(variant.only) if variant.only else own)
    return chosen
