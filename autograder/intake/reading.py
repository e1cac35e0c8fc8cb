"""The programs of one submission, where each task was found in them, and what must run for it."""

from __future__ import annotations

import ast
import contextlib
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from autograder.intake.answers import answer_cells, read_answers
from autograder.intake.encodings import decode
from autograder.intake.files import SOLUTION, Chosen
from autograder.intake.load_plan import NAMESPACES, Namespace, Statement, World
from autograder.intake.own_modules import OwnModules
from autograder.intake.program.index import Index, module_aliases
from autograder.intake.program.lines import Chunk, Line, Program, check_size
from autograder.intake.program.named_calls import named_calls
from autograder.intake.program.slices import Slice, Slicer
from autograder.intake.program.statements import parse
from autograder.intake.program.symbols import (
    Placement,
    Target,
    check_lines,
    handed_over,
    hidden_bindings,
    imported_from,
    locate,
    targets_of,
)
from autograder.intake.program.worlds import Wanted, is_loop, wanted, worlds
from autograder.intake.sources.cells import TextCell
from autograder.intake.sources.code import Broken, Code, read_code
from autograder.intake.sources.syntax import syntax_text
from autograder.intake.task_like import (
    NOT_READ,
    NOT_WRITTEN,
    Answer,
    Kind,
    ManifestLike,
    NamedCall,
    SymbolSource,
)
from autograder.text import Text

# Names that a cell would bind, were it Python.
BINDING = re.compile(r"^(?:(?:async\s+)?def\s+(\w+)|class\s+(\w+)|(\w+)\s*=[^=])", re.MULTILINE)
STUB = '\n\n\ndef {name}(*args, **kwargs):\n    raise NotImplementedError("task {task}")\n'
IMPORT = re.compile(r"^(?:import|from)\s.*", re.MULTILINE)


class Reading:
    """See the module. Raises: Rejected."""

    def __init__(self, manifest: ManifestLike, chosen: Chosen, edition: Mapping[str, bytes]) -> None:
        self.targets = [target for task in manifest.tasks for target in targets_of(task.id, task.symbols)]
        self.notes: list[Text] = []
        self.absent: dict[str, Text] = {}
        self.answers: tuple[Answer, ...] = ()
        self._tasks = {task.id for task in manifest.tasks}
        self._needs = {task.id: frozenset(task.depends_on) for task in manifest.tasks}
        self._forbidden = {task.id: task.forbidden for task in manifest.tasks}
        self._edition = edition
        self._own = OwnModules(chosen.own)
        self._package = {name: decode(data) for name, data in chosen.package.items()}
        self._placed: dict[Namespace, list[tuple[Target, Placement]]] = {"notebook": [], "solution": []}
        self._broken_cells: dict[str, Text] = {}
        self._broken_files: dict[str, Text] = {}
        self._stub_cells: dict[str, Text] = {}
        self._places_of_rows = answer_cells(manifest.tasks)
        self._answer_cells: set[str] = set()
        self._broken: list[Broken] = []
        self._text_cells: list[TextCell] = []
        self._programs: dict[Namespace, Program] = {"notebook": self._program(), "solution": self._program()}
        self._places: dict[str, Text] = {}
        files = dict(chosen.used)
        if chosen.notebook is not None:
            code = read_code(chosen.notebook, files, self._tasks, self._places_of_rows)
            self.answers, told = read_answers(manifest.tasks, code.answers)
            self._answer_cells |= {cell.name for cell in code.answers}
            self.notes += told
            chosen.own |= code.written
            files |= code.written
            self._read_code("notebook", code)
            if (
                chosen.solution is None
                and (script := posixpath.join(chosen.folder, SOLUTION)) in code.written
            ):
                chosen.solution = script
        if chosen.solution is not None:
            self._read_code("solution", read_code(chosen.solution, files, self._tasks))
        self._modules: dict[str, Program] = {}
        for name, text in self._package.items():
            self._modules[name] = self._program()
            self._add(self._modules[name], Chunk(text, name), skip_main=True)

    def _program(self) -> Program:
        return Program(frozenset(target.name for target in self.targets), self._own.star_names)

    def _read_code(self, namespace: Namespace, code: Code) -> None:
        self._places |= code.places
        self._stub_cells = code.cells | self._stub_cells
        self._text_cells += code.texts
        broken = list(code.broken)
        for chunk in code.chunks:
            try:
                self._programs[namespace].add(chunk, skip_main=namespace == "solution")
            except (SyntaxError, RecursionError) as error:
                text = syntax_text(code.places[chunk.filename], error, first_line=chunk.first_line)
                broken.append(Broken(chunk.ids, text, chunk.source))
        for part in broken:
            self._broken_cells |= dict.fromkeys(part.ids, part.text)
            if namespace == "solution":
                self._broken_files.setdefault(namespace, part.text)
        self._broken += broken
        lost: list[Broken | TextCell] = [*broken, *code.texts, *code.elsewhere]
        for cell in lost:
            self._note_absent(cell.source, cell.text)
        if code.not_run:
            self.absent.setdefault("*", code.not_run[0])
        self.notes += [*code.notes, *(part.text for part in broken)]

    def _note_absent(self, source: str, why: Text) -> None:
        for match in BINDING.finditer(source):
            self.absent.setdefault(match[match.lastindex or 1], why)
        for match in IMPORT.finditer(source):
            with contextlib.suppress(SyntaxError):
                for node in parse(match[0]).body:
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        for alias in node.names:
                            self.absent.setdefault(alias.asname or alias.name.split(".")[0], why)

    def _add(self, program: Program, chunk: Chunk, skip_main: bool) -> None:
        check_size(len(chunk.source))
        try:
            program.add(chunk, skip_main)
        except (SyntaxError, RecursionError) as error:
            text = syntax_text(Text(ru=chunk.filename, en=chunk.filename), error, chunk.source)
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
        unread = self._unread(target)
        place = NOT_WRITTEN if unread is None else NOT_READ
        return SymbolSource(target.task, target.symbol, "missing", "", place, unread or self._missing(target))

    def placeless(self, sources: Iterable[SymbolSource]) -> tuple[str, ...]:
        """Ids of the tasks of which nothing is there: no code, whole or broken, and no cell to write in."""
        found = {source.task for source in sources if source.kind != "missing"}
        rows = {task for name, (task, _) in self._places_of_rows.items() if name in self._answer_cells}
        places = found | rows | self._stub_cells.keys() | self._broken_cells.keys()
        return tuple(task for task in self._needs if task not in places)

    def _found(
        self, namespace: Namespace, lines: Sequence[Line], target: Target, placement: Placement
    ) -> SymbolSource:
        place = self._place(lines[placement.position])
        if namespace == "solution":
            problem = self._cell_problem(target, place)
            return SymbolSource(target.task, target.symbol, "solution.py", place.en, place, problem)
        if placement.later is not None:
            other = self._place(lines[placement.later])
            if other != place:
                self.notes.append(
                    Text(
                        ru=f"{target.name}: есть ещё одно определение ({other.ru}), но засчитывается {place.ru}",
                        en=f"{target.name} is defined again ({other.en}), but {place.en} counts",
                    )
                )
        problem = None if placement.in_cell else self._cell_problem(target, place)
        kind: Kind = "cell" if placement.in_cell else "notebook"
        return SymbolSource(target.task, target.symbol, kind, place.en, place, problem)

    def _place(self, line: Line) -> Text:
        filename = line.chunk.filename
        return self._places.get(filename) or Text(ru=filename, en=filename)

    def _cell_problem(self, target: Target, place: Text) -> Text | None:
        """When the task's own cell does not compile, the student should know that something else was
        taken.
        """
        broken = self._broken_cells.get(target.task)
        if broken is None:
            return None
        return Text(ru=f"{broken.ru}; взято: {place.ru}", en=f"{broken.en}; taken instead: {place.en}")

    def _unread(self, target: Target) -> Text | None:
        """Why a target that stands there cannot be read; None where it does not."""
        broken = self._broken_cells.get(target.task) or self._broken_files.get(target.symbol.file)
        if broken is not None:
            return broken
        parts: list[Broken | TextCell] = [*self._broken, *self._text_cells]
        lost = [part for part in parts if part.holds(target.task, target.name)]
        return lost[0].text if lost else None

    def _missing(self, target: Target) -> Text:
        if self._broken_files and target.task not in self._stub_cells:
            return next(iter(self._broken_files.values()))
        where = self._where_to_write(target)
        others = [
            one for one in self.targets if one.task == target.task and self._where_to_write(one) == where
        ]
        names = ", ".join(one.name for one in others if one == target or not self._is_there(one))
        return Text(
            ru=f"задание {target.task} ещё не написано: {names} ({where.ru})",
            en=f"task {target.task} is not written yet: {names} ({where.en})",
        )

    def _where_to_write(self, target: Target) -> Text:
        return self._stub_cells.get(target.task) or Text(ru=target.symbol.file, en=target.symbol.file)

    def _is_there(self, target: Target) -> bool:
        """Whether it stands anywhere, also where it cannot be read."""
        module = self._modules.get(target.symbol.file)
        programs = [program.lines for program in self._programs.values()]
        places = [*programs, *([module.lines] if module else [])]
        is_found = any(locate(lines, target) is not None for lines in places)
        return is_found or self._unread(target) is not None

    @cached_property
    def _cuts(self) -> dict[Namespace, _Cut]:
        """What is needed of each program, first of solution.py. Raises: Rejected."""
        notebook = _Cut(
            self._programs["notebook"], self.targets, self._placed["notebook"], self._tasks, (), self._own
        )
        lines = [self._programs["notebook"].lines[position] for position in sorted(notebook.whole)]
        helpers = imported_from(lines, "solution")
        solution = self._programs["solution"]
        if "*" in helpers:
            helpers = {name for line in solution.lines for name in line.facts.binds}
        return {
            "solution": _Cut(
                solution, self.targets, self._placed["solution"], self._tasks, helpers, self._own
            ),
            "notebook": notebook,
        }

    def worlds(self) -> tuple[World, ...]:
        """What must be executed, first what is needed of solution.py. The first world is that of most tasks.

        Raises: Rejected.
        """
        cuts = self._cuts
        tasks: dict[tuple[frozenset[int], ...], list[str]] = {tuple(cut.whole for cut in cuts.values()): []}
        chosen = {namespace: cut.worlds(self._needs) for namespace, cut in cuts.items()}
        for task in dict.fromkeys(target.task for target in self.targets):
            key = tuple(chosen[namespace].get(task, cut.whole) for namespace, cut in cuts.items())
            tasks.setdefault(key, []).append(task)
        return tuple(
            World(
                tuple(names),
                tuple(
                    statement
                    for (namespace, cut), positions in zip(cuts.items(), key, strict=True)
                    for statement in self._statements(namespace, cut, positions)
                ),
            )
            for key, names in tasks.items()
        )

    def _statements(self, namespace: Namespace, cut: _Cut, positions: Iterable[int]) -> Iterable[Statement]:
        for position in sorted(positions):
            line = cut.program.lines[position]
            source, first_line = cut.program.statement_source(line)
            yield Statement(
                namespace,
                source,
                line.chunk.filename,
                first_line,
                cut.binds(position),
                tuple(sorted(line.facts.binds)),
                self._place(line),
                cut.is_tried(position),
            )
        for target, placement in cut.placed:
            if placement.direct and placement.position in positions:
                # The symbol was set on its module: fetch it from there, so that it can be bound like any other.
                line = cut.program.lines[placement.position]
                source = f"from {target.symbol.module} import {target.name}"
                yield Statement(
                    namespace,
                    source,
                    line.chunk.filename,
                    line.first_line,
                    (target.name,),
                    (),
                    self._place(line),
                )

    def named(self) -> tuple[NamedCall, ...]:
        """Forbidden calls that stand in the source of the tasks that forbid them. Raises: Rejected."""
        found: dict[tuple[str, str], NamedCall] = {}
        for target in self.targets:
            for call in named_calls(self._lines_of(target), self._forbidden[target.task]):
                place = self._places.get(call.filename) or Text(ru=call.filename, en=call.filename)
                named = NamedCall(target.task, call.name, place, call.line)
                found.setdefault((target.task, call.name), named)
        return tuple(found.values())

    def _lines_of(self, target: Target) -> list[Line]:
        """The statements that a target needs, those of own modules from which they import included."""
        if not self._forbidden[target.task]:
            return []
        lines = [line for cut in self._cuts.values() for line in cut.lines_of(target)]
        module = self._modules.get(target.symbol.file)
        placement = None if lines or module is None else locate(module.lines, target)
        if module is not None and placement is not None:
            index = Index(module.lines, module.symbols, own=self._own)
            lines = [module.lines[p] for p in sorted(wanted(index, target, placement).slice.positions)]
        for imported in sorted({name for line in lines for name in module_aliases([line]).values()}):
            lines += self._own.lines(imported) or self._own.lines(imported.rpartition(".")[0])
        return lines

    def package_files(self) -> dict[str, bytes]:
        """Changed files that compile and bind a task symbol. What they lack of others is put behind their text as a
        stub, so that what imports it still can, and one task that is not there costs no other one.
        """
        files = {}
        for name, program in self._modules.items():
            bound = {bound for line in program.lines for bound in line.facts.binds}
            needed = {target.name: target.task for target in self.targets if target.symbol.file == name}
            if bound & needed.keys() and name not in self._broken_files:
                stubs = [STUB.format(name=lost, task=needed[lost]) for lost in needed if lost not in bound]
                files[name] = (self._package[name] + "".join(stubs)).encode()
        return files


class _Cut:
    """What is needed of one program."""

    def __init__(
        self,
        program: Program,
        targets: Sequence[Target],
        placed: Sequence[tuple[Target, Placement]],
        tasks: set[str],
        helpers: Iterable[str],
        own: OwnModules,
    ) -> None:
        lines = program.lines
        self.program, self.placed = program, placed
        inert = handed_over(lines, targets) | check_lines(lines, tasks)
        self._index = Index(lines, program.symbols, hidden_bindings(lines, targets), inert, own)
        self._items: list[Wanted] = [wanted(self._index, target, placement) for target, placement in placed]
        self._others: Slice = Slicer(self._index).slice(sorted(helpers))
        self._needed: dict[int, bool] = {}
        for part in [*(item.slice for item in self._items), self._others]:
            for position, needed in part.positions.items():
                self._needed[position] = self._needed.get(position, False) or needed
        self.whole = frozenset(self._needed)

    def worlds(self, needs: Mapping[str, frozenset[str]]) -> dict[str, frozenset[int]]:
        return worlds(self._index, self._items, self._others, needs)

    def binds(self, position: int) -> tuple[str, ...]:
        """Targets that are set on their modules after this statement."""
        bound = self.program.lines[position].facts.binds
        return tuple(
            target.name
            for target, placement in self.placed
            if not placement.direct
            and target.name in bound
            and position <= placement.position
            and position in self._index.binders(target.name)
        )

    def lines_of(self, target: Target) -> list[Line]:
        """The statements that one target needs, in order."""
        needed = {
            position
            for item in self._items
            if item.target == target
            for position, is_needed in item.slice.positions.items()
            if is_needed
        }
        return [self.program.lines[position] for position in sorted(needed)]

    def is_tried(self, position: int) -> bool:
        facts = self.program.lines[position].facts
        is_text = facts.star and not isinstance(facts.node, ast.ImportFrom)  # exec(open("train.py").read())
        return not self._needed[position] or is_text or is_loop(facts.node)
