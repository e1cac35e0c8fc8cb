"""One assignment -> the student bundle: distribution `hw-cnn-student`, notebook, public tests.

Every file is made in memory, of the grader only from folders that students may see, searched for leaks, and only then
written, in one rename.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment, package_root
from autograder.course.edition import INIT
from autograder.course.open_tests import OPEN_NAME, known_open_points
from autograder.course.public import PUBLIC_NAME, PUBLIC_TESTS, public_json, public_part, test_file
from autograder.errors import UsageError
from autograder.release.bundle_zip import ARCHIVE, check_zip, write_zip
from autograder.release.grader import grader
from autograder.release.leaks import scan, secrets_of
from autograder.release.notebook import asked_cells, build_notebook, notebook_bytes
from autograder.release.one_language import in_language
from autograder.release.project_file import project_file
from autograder.release.readme import readme
from autograder.release.sections import cells_that_use
from autograder.text import Lang

MARKER = ".release.json"
LICENSES = ("LICENSE", "LICENSE-CC-BY-4.0", "NOTICE")
# The rooms of the grader that students may get something of, and the single modules beside them. What `check`,
# `submit` and the public tests import must stand here.
FOLDERS = ("course", "intake", "grids", "wire", "remote", "sandbox.runner", "student")
MODULES = ("errors", "text", "testing")
ROOTS = ("student", "testing")
GITIGNORE = b".venv/\n__pycache__/\n.ipynb_checkpoints/\n*.egg-info/\n"


def release(assignment_dir: Path, out: Path, lang: Lang) -> list[str]:
    """Write the bundle of an assignment to `out`; returns what to tell the person who asked.

    out: a folder that is absent, empty, or an earlier release in which nothing was changed; or a file `*.zip`, which
    unpacks to a folder with the name of the assignment, and of its tasks where a part was chosen: two parts may
    lie side by side.

    Raises: UsageError when something is missing or `out` may be a student's; LeakError when the scan finds a
    secret.
    """
    return release_assignment(find_assignment(str(assignment_dir)), out, lang)


def release_assignment(assignment: Assignment, out: Path, lang: Lang) -> list[str]:
    """The same for one that has been found."""
    zipped = out.suffix.lower() == ARCHIVE
    old = check_zip(out) if zipped else _check_out(out)
    files = bundle_files(assignment, lang)
    scan(files, secrets_of(assignment))
    files[MARKER] = _marker(files)
    if zipped:
        write_zip({f"{folder_of(assignment)}/{name}": data for name, data in files.items()}, out)
    else:
        _write(files, out, old)
    size = sum(len(data) for data in files.values())
    return [
        f"{assignment.name} ({lang}): {len(files)} files, {size / 1e6:.1f} MB in {out}",
        f"edition {edition_of(assignment.edition)}; no solution, hidden test or hidden image found in it",
        *_what_is_unknown(assignment),
        _what_is_empty(assignment),
        *_what_is_left_out(assignment, lang),
    ]


def folder_of(assignment: Assignment) -> str:
    """The folder that students work in: two parts of one assignment are two homeworks, and may lie side by side."""
    manifest = assignment.manifest
    is_part = len(manifest.tasks) < len(assignment.whole.tasks)
    return "-".join([assignment.name, *(manifest.chosen if is_part else ())])


def _what_is_left_out(assignment: Assignment, lang: Lang) -> list[str]:
    """Where only a part of the tasks is asked: which, how it is graded, and cells that use others' functions."""
    chosen = assignment.manifest.chosen
    if not chosen:
        return []
    total = assignment.manifest.max_score
    names = {
        symbol.local: task.id
        for task in assignment.whole.tested
        if task.id not in chosen
        for symbol in task.tops
    }
    cells = asked_cells(_handout(assignment), chosen, lang)
    return [
        f"asked: {', '.join(chosen)}, {total:g} points in all; students' folder: {folder_of(assignment)}; "
        f"grade it with --tasks {','.join(chosen)}",
        *(
            f"a cell of the notebook uses {name}, of task {task}, which is not asked: it will stop there"
            for name, task in cells_that_use(cells, names)
        ),
    ]


def _what_is_empty(assignment: Assignment) -> str:
    """Whose tasks students find empty, and whose solved."""
    names = {one.name for one in assignment.emptied if one.symbols}
    tasks = sum(1 for one in assignment.emptied for task in one.tasks if task.symbols)
    given = assignment.manifest.provides
    return f"emptied: {tasks} tasks of {', '.join(sorted(names))}; given solved: {', '.join(given) or 'none'}"


def _what_is_unknown(assignment: Assignment) -> list[str]:
    if known_open_points(assignment.folder, assignment.manifest) is not None:
        return []
    return [
        f"what the public tests are worth is not known, and `check` does not say it: {OPEN_NAME} is missing, or older "
        f"than the tests; `autograder validate {assignment.name} --store-open` writes it"
    ]


def bundle_files(assignment: Assignment, lang: Lang) -> dict[str, bytes]:
    """The files of a bundle: path -> content. Raises: UsageError."""
    manifest, edition = assignment.manifest, assignment.edition
    notebook = build_notebook(_handout(assignment), manifest, lang, edition)
    licenses = [name for name in LICENSES if (package_root() / name).is_file()]
    place = grader()
    worth = known_open_points(assignment.folder, manifest)
    public = public_part(manifest, lang, edition_of(edition), edition, place, worth)
    files = {
        **edition,
        **grader_files(),
        **_public_tests(assignment, lang),
        f"{assignment.name}.ipynb": notebook_bytes(notebook),
        PUBLIC_NAME: public_json(public),
        "README.md": readme(manifest, lang, place, folder_of(assignment)),
        "pyproject.toml": project_file(manifest, lang, licenses),
        ".gitignore": GITIGNORE,
        **{name: (package_root() / name).read_bytes() for name in licenses},
    }
    return dict(sorted(files.items()))


def _handout(assignment: Assignment) -> str:
    path = assignment.folder / "handout.py"
    if not path.is_file():
        raise UsageError(f"{path} is missing: it is the text of the notebook")
    return path.read_text(encoding="utf-8")


def edition_of(edition: Mapping[str, bytes]) -> str:
    """The value of `hw_cnn.EDITION`. Raises: UsageError."""
    for line in edition[INIT].decode().split("\n"):
        if line.startswith("EDITION = "):
            return str(ast.literal_eval(line.removeprefix("EDITION = ")))
    raise UsageError(f"{INIT} has no line `EDITION = ...`")


def _public_tests(assignment: Assignment, lang: Lang) -> dict[str, bytes]:
    for task in assignment.manifest.tested:
        if not (assignment.folder / test_file(task.id)).is_file():
            raise UsageError(
                f"{assignment.folder / test_file(task.id)} is missing: every tested task has public tests"
            )
    folder = assignment.folder / PUBLIC_TESTS
    unasked = {
        test_file(task.id) for task in assignment.whole.tested if task not in assignment.manifest.tasks
    }
    files = {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
        if (name := path.relative_to(assignment.folder).as_posix()) not in unasked
    }
    return {
        name: in_language(data.decode(), lang, name).encode() if name.endswith(".py") else data
        for name, data in files.items()
    }


def grader_files() -> dict[str, bytes]:
    """The part of `autograder` that `check` and `submit` need, found by following imports within `FOLDERS`.

    Raises: UsageError naming a module that is needed and must stay.
    """
    home = Path(__file__).parents[1]
    files = {"autograder/__init__.py": (home / "__init__.py").read_bytes()}
    pending = [(name, "the bundle") for name in ROOTS]
    while pending:
        module, wanted_by = pending.pop()
        if not may_be_released(module):
            raise UsageError(f"students must not get autograder.{module}, but {wanted_by} imports it")
        path = home.joinpath(*module.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        name = "autograder/" + path.relative_to(home).as_posix()
        if name in files:
            continue
        files[name] = path.read_bytes()
        pending += [(imported, name) for imported in sorted(imported_modules(files[name].decode(), home))]
        if "." in module:
            pending.append((module.rpartition(".")[0], name))
    return files


def may_be_released(module: str) -> bool:
    """Whether students may get `module` ("remote.session"): by its folder, or as one that leads to such a folder."""
    return (
        module in MODULES
        or any(f"{module}.".startswith(f"{folder}.") for folder in FOLDERS)
        or any(folder.startswith(f"{module}.") for folder in FOLDERS)
    )


def imported_modules(source: str, home: Path) -> set[str]:
    """Modules of `autograder` that a source imports when it runs (not under TYPE_CHECKING), as
    "sandbox.executor".
    """
    needed: set[str] = set()
    pending: list[ast.AST] = [ast.parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            pending.extend(node.orelse)
            continue
        pending.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            needed |= {
                alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("autograder.")
            }
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograder":
            module = (node.module or "").partition(".")[2]
            inner = [f"{module}.{alias.name}".strip(".") for alias in node.names]
            modules = [name for name in inner if _is_module(home, name)]
            needed |= set(modules) | ({module} if module else set())
    return needed


def _is_module(home: Path, name: str) -> bool:
    path = home.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _marker(files: Mapping[str, bytes]) -> bytes:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    return (json.dumps(digests, indent=1) + "\n").encode()


def _check_out(out: Path) -> bool:
    """Whether `out` is an unchanged earlier release. Raises: UsageError when it is something else."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out} is not a folder; choose another --out")
    if not out.exists() or not any(out.iterdir()):
        return False
    try:
        known = json.loads((out / MARKER).read_bytes())
    except (OSError, ValueError):
        raise UsageError(
            f"{out} is not empty and no release; choose a new folder, nothing was changed"
        ) from None
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if (
            path.is_file()
            and name != MARKER
            and hashlib.sha256(path.read_bytes()).hexdigest() != known.get(name)
        ):
            raise UsageError(
                f"{path} was changed or added after the release; choose a new folder, nothing was changed"
            )
    return True


def _write(files: Mapping[str, bytes], out: Path, old: bool) -> None:
    """Write beside `out`, then rename. Raises: UsageError."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as name:
            new = Path(name) / "new"
            for relative, data in files.items():
                target = new / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            if old:
                out.replace(Path(name) / "old")
            elif out.exists():
                out.rmdir()
            new.replace(out)
    except OSError as error:
        raise UsageError(
            f"cannot write {out}: {error.strerror}; free space or choose another --out"
        ) from error
