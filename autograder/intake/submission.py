"""One student's submission as values: the code of every task symbol, where it was found, what is wrong with it.

Per symbol: solution cell with the task's id > last definition in the notebook >
solution.py > package file. Nothing of the student's code runs here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from autograder.intake.files import choose, take_files
from autograder.intake.literals import about_literals
from autograder.intake.load_plan import LoadPlan, Namespace, Statement, World
from autograder.intake.reading import Reading
from autograder.intake.sources.code import is_notebook
from autograder.intake.students import Upload
from autograder.intake.task_like import Answer, Kind, ManifestLike, NamedCall, SymbolSource
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.rejection import Rejected, refuse
from autograder.intake.uploads.taking import digest
from autograder.intake.written import written_finder
from autograder.text import Text

SMALL_DATA_BYTES = 1000
# Where a kind of source is executed; what comes from a package file is imported.
EXECUTED: dict[Kind, Namespace] = {"cell": "notebook", "notebook": "notebook", "solution.py": "solution"}


@dataclass(frozen=True)
class CodeFile:
    """A cell or file with code: where it is, for people, the number of its last line, and its lines by number."""

    place: Text
    last_line: int
    lines: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of_text(cls, place: Text, text: str) -> CodeFile:
        """The code file that holds this text from its first line on."""
        lines = text.split("\n")
        return cls(place, len(lines), dict(enumerate(lines, start=1)))


@dataclass(frozen=True)
class Submission:
    """Everything that was taken from one submission.

    digest: SHA-256 (hex) over the paths and bytes of the files used. package: "hw_cnn/..." -> content of
    changed files that hold a task symbol. checkpoint: the bytes of model.safetensors, else of model.ckpt.
    files: names of the files used. worlds: the statements to execute, for most tasks the same: the first holds all.
    own: own modules and data files; folder: the one among them in which the notebook stands.
    absent: name -> why nothing binds it, "*" for names that nobody knows. left_aside: data files for which there is no
    room. staff_notes: what staff may want to know, and students need not. named: forbidden calls that stand in the
    source. answers: those in words that are written. placeless: ids of tasks that are not written and have no cell.
    """

    student: str
    path: Path
    digest: str
    sources: tuple[SymbolSource, ...]
    worlds: tuple[World, ...]
    package: Mapping[str, bytes]
    checkpoint: bytes | None
    checkpoint_name: str | None
    submitted_at: datetime | None
    notes: tuple[Text, ...]
    files: tuple[str, ...] = ()
    own: Mapping[str, bytes] = field(default_factory=dict)
    folder: str = ""
    absent: Mapping[str, Text] = field(default_factory=dict)
    staff_notes: tuple[Text, ...] = ()
    left_aside: tuple[str, ...] = ()
    named: tuple[NamedCall, ...] = ()
    answers: tuple[Answer, ...] = ()
    placeless: tuple[str, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All that is executed for most tasks."""
        return self.worlds[0].statements

    @property
    def code_files(self) -> dict[str, CodeFile]:
        """Cells and files with code that may run, by the name that tracebacks show."""
        found: dict[str, CodeFile] = {}
        for part in (part for world in self.worlds for part in world.statements):
            lines = dict(enumerate(part.source.split("\n"), start=part.first_line))
            known = found.get(part.filename, CodeFile(part.place, 0))
            end = max(*lines, known.last_line)
            found[part.filename] = CodeFile(part.place, end, {**known.lines, **lines})
        for name, data in {**self.own, **self.package}.items():
            if name.endswith(".py"):
                place = Text(ru=printable(name), en=printable(name))
                last_line = data.count(b"\n") + data.count(b"\r") + 1
                lines = dict(enumerate(data.decode("utf-8", "replace").splitlines(), start=1))
                found[name] = CodeFile(place, last_line, lines)
        return found

    def training_plans(self) -> tuple[tuple[tuple[str, ...], LoadPlan], ...]:
        """The same for runs that train: files that could hold weights are not there. () where there are none."""
        small = {
            name: data
            for name, data in self.own.items()
            if name.endswith(".py") or len(data) <= SMALL_DATA_BYTES
        }
        if len(small) == len(self.own):
            return ()
        return tuple((tasks, replace(plan, files=small)) for tasks, plan in self.load_plans())

    def load_plans(self) -> tuple[tuple[tuple[str, ...], LoadPlan], ...]:
        """What workers must do to hold this submission: the tasks that share one, and its plan."""
        return tuple((world.tasks, self._plan(world)) for world in self.worlds)

    def _plan(self, world: World) -> LoadPlan:
        executed = [
            (source.symbol, EXECUTED[source.kind]) for source in self.sources if source.kind in EXECUTED
        ]
        modules = {source.symbol.module for source in self.sources if source.kind == "package"}
        return LoadPlan(
            statements=world.statements,
            binds=tuple((namespace, symbol.name, symbol.module) for symbol, namespace in executed),
            imports=tuple(sorted(modules)),
            files=self.own,
            folder=self.folder,
            absent=self.absent,
            left_aside=self.left_aside,
        )


def read_submission(upload: Upload, manifest: ManifestLike, edition: Mapping[str, bytes]) -> Submission:
    """Read one submission. edition: the files of the student edition. Raises: Rejected."""
    if upload.problem is not None:
        raise Rejected(upload.problem)
    files = take_files(upload.path, manifest.limits.upload_mb, upload.root)
    return read_tree(upload, files, manifest, edition)


def read_tree(
    upload: Upload, files: Mapping[str, bytes], manifest: ManifestLike, edition: Mapping[str, bytes]
) -> Submission:
    """The same for files that are already in memory (path -> bytes). Raises: Rejected."""
    try:
        return _read_tree(upload, files, manifest, edition)
    except RecursionError as error:
        raise refuse(
            "код вложен слишком глубоко, его нельзя разобрать; упростите его",
            "the code is nested too deeply to be read; make it simpler",
        ) from error


def _read_tree(
    upload: Upload, files: Mapping[str, bytes], manifest: ManifestLike, edition: Mapping[str, bytes]
) -> Submission:
    chosen = choose(files, manifest.name, edition, written_finder(manifest.tasks, files))
    reading = Reading(manifest, chosen, edition)
    sources = tuple(reading.source(target) for target in reading.targets)
    worlds, package = reading.worlds(), reading.package_files()
    executed = [statement for world in worlds for statement in world.statements]
    return Submission(
        student=upload.student,
        path=upload.path,
        digest=digest(chosen.used),
        sources=sources,
        worlds=worlds,
        package=package,
        checkpoint=chosen.checkpoint,
        checkpoint_name=chosen.checkpoint_name,
        submitted_at=chosen.submitted_at,
        notes=tuple(
            dict.fromkeys(
                (*chosen.notes, *reading.notes, *_about_nothing(sources, reading.answers, chosen.notebook))
            )
        ),
        files=tuple(sorted(chosen.used)),
        own=chosen.own,
        folder=chosen.folder,
        absent=reading.absent,
        left_aside=chosen.left_aside,
        staff_notes=(
            *chosen.staff_notes,
            *_about_data(chosen.own),
            *about_literals(executed, {**chosen.own, **package}),
        ),
        named=reading.named(),
        answers=reading.answers,
        placeless=reading.placeless(sources),
    )


def _about_nothing(
    sources: Sequence[SymbolSource], answers: Sequence[Answer], notebook: str | None
) -> tuple[Text, ...]:
    """A student who hands in the homework as it was handed out should not wonder about the points."""
    if notebook is None or answers or any(source.kind != "missing" for source in sources):
        return ()
    shown = printable(notebook)
    return (
        Text(
            ru=f"в «{shown}» не написано ни одного задания; если это выданный файл, сдайте тот, в котором вы работали",
            en=f"no task is written in {shown}; if it is the file that was handed out, hand in the one you worked in",
        ),
    )


def _about_data(own: Mapping[str, bytes]) -> tuple[Text, ...]:
    """Data files may hold what was not computed here; staff should know of those that could."""
    sizes = {name: len(data) for name, data in own.items() if is_data(name) and len(data) > SMALL_DATA_BYTES}
    if not sizes:
        return ()
    names = ", ".join(f"{printable(name)} ({size})" for name, size in sorted(sizes.items()))
    return (
        Text(
            ru=f"код может читать файлы данных (байт): {names}; обучение идёт без них",
            en=f"the code can read data files (bytes): {names}; training runs go without them",
        ),
    )


def is_data(name: str) -> bool:
    """Whether an own file is neither a module nor a notebook."""
    return not name.endswith(".py") and not is_notebook(name)
