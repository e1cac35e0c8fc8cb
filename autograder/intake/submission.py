"""One student's submission as values: the code of every task symbol, where it was found, what is wrong with it.

Per symbol: solution cell with the task's id > last definition in the notebook >
solution.py > package file. Nothing of the student's code runs here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from autograder.course.symbol import Symbol
from autograder.intake.cells import read_cells, syntax_text, to_chunks
from autograder.intake.encodings import decode
from autograder.intake.files import Chosen, choose, take_files
from autograder.intake.load_plan import NAMESPACES, LoadPlan, Namespace, Statement
from autograder.intake.program.slices import Chunk, Line, Program, check_size
from autograder.intake.program.symbols import Placement, Target, extract, imported_from, locate, targets_of
from autograder.intake.students import Upload
from autograder.intake.uploads.rejection import Rejected, refuse
from autograder.intake.uploads.taking import digest
from autograder.text import Text

Kind = Literal["cell", "notebook", "solution.py", "package", "missing"]
# Where a kind of source is executed; what comes from a package file is imported.
EXECUTED: dict[Kind, Namespace] = {"cell": "notebook", "notebook": "notebook", "solution.py": "solution"}


class TaskLike(Protocol):
    """What is needed of a task: `autograder.course.manifest.Task`, or the public part of it in a student bundle."""

    @property
    def id(self) -> str: ...
    @property
    def symbols(self) -> tuple[Symbol, ...]: ...


class LimitsLike(Protocol):
    @property
    def upload_mb(self) -> int: ...


class ManifestLike(Protocol):
    """What is needed of a manifest."""

    @property
    def name(self) -> str: ...
    @property
    def limits(self) -> LimitsLike: ...
    @property
    def tasks(self) -> Sequence[TaskLike]: ...


@dataclass(frozen=True)
class SymbolSource:
    """Where a task symbol was found.

    symbol: without its method. where: the place in English, `place`
    in both languages. problem: why nothing (or not what the student expects) was found, else None.
    """

    task: str
    symbol: Symbol
    kind: Kind
    where: str
    place: Text
    problem: Text | None = None


@dataclass(frozen=True)
class Submission:
    """Everything that was taken from one submission.

    digest: SHA-256 (hex) over the paths and bytes of the files used. package: "hw_cnn/..." -> content of
    changed files that hold a task symbol. checkpoint: the bytes of model.safetensors, else of model.ckpt.
    files: names of the files used.
    """

    student: str
    path: Path
    digest: str
    sources: tuple[SymbolSource, ...]
    statements: tuple[Statement, ...]
    package: Mapping[str, bytes]
    checkpoint: bytes | None
    checkpoint_name: str | None
    submitted_at: datetime | None
    notes: tuple[Text, ...]
    files: tuple[str, ...] = ()

    def load_plan(self) -> LoadPlan:
        """What a worker must do to hold this submission."""
        executed = [
            (source.symbol, EXECUTED[source.kind]) for source in self.sources if source.kind in EXECUTED
        ]
        modules = {source.symbol.module for source in self.sources if source.kind == "package"}
        return LoadPlan(
            statements=self.statements,
            binds=tuple((namespace, symbol.name, symbol.module) for symbol, namespace in executed),
            imports=tuple(sorted(modules)),
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
    chosen = choose(files, manifest.name, edition)
    reading = _Reading(manifest, chosen, edition)
    sources = tuple(reading.source(target) for target in reading.targets)
    return Submission(
        student=upload.student,
        path=upload.path,
        digest=digest(chosen.used),
        sources=sources,
        statements=reading.statements(),
        package=reading.package_files(),
        checkpoint=chosen.checkpoint,
        checkpoint_name=chosen.checkpoint_name,
        submitted_at=chosen.submitted_at,
        notes=(*chosen.notes, *reading.notes),
        files=tuple(sorted(chosen.used)),
    )


class _Reading:
    """The programs of one submission, and where each target was found in them."""

    def __init__(self, manifest: ManifestLike, chosen: Chosen, edition: Mapping[str, bytes]) -> None:
        self.targets = [target for task in manifest.tasks for target in targets_of(task.id, task.symbols)]
        self.notes: list[Text] = []
        self._edition = edition
        self._package = {name: decode(data) for name, data in chosen.package.items()}
        self._placed: dict[Namespace, list[tuple[Target, Placement]]] = {"notebook": [], "solution": []}
        self._broken_cells: dict[str, Text] = {}
        self._broken_files: dict[str, Text] = {}
        self._stub_cells: dict[str, Text] = {}
        self._programs: dict[Namespace, Program] = {"notebook": Program(), "solution": Program()}
        self._places: dict[int, Text] = {}
        if chosen.notebook is not None:
            self._read_notebook(
                chosen.used[chosen.notebook], chosen.notebook, {task.id for task in manifest.tasks}
            )
        if chosen.solution is not None:
            text = decode(chosen.used[chosen.solution])
            self._add(self._programs["solution"], Chunk(text, chosen.solution), skip_main=True)
        self._modules: dict[str, Program] = {}
        for name, text in self._package.items():
            self._modules[name] = Program()
            self._add(self._modules[name], Chunk(text, name), skip_main=True)

    def _read_notebook(self, data: bytes, name: str, task_ids: set[str]) -> None:
        cells = read_cells(data, name, task_ids)
        check_size(sum(len(cell.source) for cell in cells))
        for cell, chunk in zip(cells, to_chunks(cells), strict=True):
            self._places[cell.number] = cell.place
            for task in cell.ids:
                self._stub_cells[task] = cell.place
            try:
                if isinstance(chunk, Chunk):
                    self._programs["notebook"].add(chunk)
                    continue
                broken = chunk.text
            except (SyntaxError, RecursionError) as error:
                broken = syntax_text(cell.place, error)
            self.notes.append(broken)
            self._broken_cells.update(dict.fromkeys(cell.ids, broken))

    def _add(self, program: Program, chunk: Chunk, skip_main: bool) -> None:
        check_size(len(chunk.source))
        try:
            program.add(chunk, skip_main)
        except (SyntaxError, RecursionError) as error:
            text = syntax_text(Text(ru=chunk.filename, en=chunk.filename), error)
            self._broken_files[chunk.filename] = text
            self.notes.append(text)

    def source(self, target: Target) -> SymbolSource:
        """Find a target, by the order of precedence."""
        for namespace in NAMESPACES:
            lines = self._programs[namespace].lines
            placement = locate(lines, target)
            if placement is not None:
                self._placed[namespace].append((target, placement))
                return self._found(namespace, lines, target, placement)
        module = self._modules.get(target.symbol.file)
        if module is not None and locate(module.lines, target) is not None:
            place = Text(ru=target.symbol.file, en=target.symbol.file)
            return SymbolSource(
                target.task, target.symbol, "package", place.en, place, self._cell_problem(target, place)
            )
        place = Text(ru="не написано", en="not written")
        return SymbolSource(target.task, target.symbol, "missing", "", place, self._missing(target))

    def _found(
        self, namespace: Namespace, lines: Sequence[Line], target: Target, placement: Placement
    ) -> SymbolSource:
        chunk = lines[placement.position].chunk
        if namespace == "solution":
            place = Text(ru=chunk.filename, en=chunk.filename)
            problem = self._cell_problem(target, place)
            return SymbolSource(target.task, target.symbol, "solution.py", place.en, place, problem)
        place = self._places[chunk.number]
        if placement.later is not None:
            other = self._places[lines[placement.later].chunk.number]
            self.notes.append(
                Text(
                    ru=f"{target.name}: есть ещё одно определение ({other.ru}), но засчитывается {place.ru}",
                    en=f"{target.name} is defined again ({other.en}), but {place.en} counts",
                )
            )
        problem = None if placement.in_cell else self._cell_problem(target, place)
        kind: Kind = "cell" if placement.in_cell else "notebook"
        return SymbolSource(target.task, target.symbol, kind, place.en, place, problem)

    def _cell_problem(self, target: Target, place: Text) -> Text | None:
        """When the task's own cell does not compile, the student should know that something else was
        taken.
        """
        broken = self._broken_cells.get(target.task)
        if broken is None:
            return None
        return Text(ru=f"{broken.ru}; взято: {place.ru}", en=f"{broken.en}; taken instead: {place.en}")

    def _missing(self, target: Target) -> Text:
        broken = self._broken_cells.get(target.task) or self._broken_files.get(target.symbol.file)
        if broken is None and self._broken_files and target.task not in self._stub_cells:
            broken = next(iter(self._broken_files.values()))
        if broken is not None:
            return broken
        where = self._stub_cells.get(target.task) or Text(ru=target.symbol.file, en=target.symbol.file)
        return Text(
            ru=f"задание {target.task} ещё не написано: {target.name} ({where.ru})",
            en=f"task {target.task} is not written yet: {target.name} ({where.en})",
        )

    def statements(self) -> tuple[Statement, ...]:
        """What must be executed: first what is needed of solution.py, then of the notebook."""
        notebook = extract(self._programs["notebook"], self._placed["notebook"], self.targets)
        solution = self._programs["solution"]
        helpers = imported_from(notebook, "solution")
        if "*" in helpers:
            helpers = {name for line in solution.lines for name in line.facts.binds}
        parts = {
            "solution": extract(solution, self._placed["solution"], self.targets, sorted(helpers)),
            "notebook": notebook,
        }
        return tuple(
            Statement(namespace, part.source, part.line.chunk.filename, part.first_line, part.binds)
            for namespace in reversed(NAMESPACES)
            for part in parts[namespace]
        )

    def package_files(self) -> dict[str, bytes]:
        """Changed files that compile and still bind every task symbol: only those can replace the
        edition's.
        """
        files = {}
        for name, program in self._modules.items():
            bound = {bound for line in program.lines for bound in line.facts.binds}
            needed = {target.name for target in self.targets if target.symbol.file == name}
            if needed and needed <= bound and name not in self._broken_files:
                files[name] = self._package[name].encode()
        return files
