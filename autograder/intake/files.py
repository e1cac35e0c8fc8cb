"""Which of the handed-in files count: the notebook, solution.py, changed package files, the checkpoint, and what the
code may ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from autograder.intake.encodings import decode
from autograder.intake.ranking import Picked, pick
from autograder.intake.sources.code import NOTEBOOKS, PACKAGE, is_notebook
from autograder.intake.uploads.collecting import (
    MAX_DATA_BYTES,
    MAX_DATA_FILE_BYTES,
    MAX_DATA_FILES,
    Files,
    Interest,
)
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.refusals import BYTES_PER_MB
from autograder.intake.uploads.rejection import Rejected, refuse
from autograder.intake.uploads.taking import is_archive, take, take_archive
from autograder.text import Text

CHECKPOINTS = ("model.safetensors", "model.ckpt")
TIMESTAMP = "timestamp.txt"
TIMESTAMP_BYTES = 200
GRADER = "autograder"
SOLUTION = "solution.py"
INIT = f"{PACKAGE}/__init__.py"
SCRIPTS = (".py",)
COMPILED = (".so", ".pyd", ".dll", ".dylib", ".pyc", ".pth")
WEIGHTS = (".ckpt", ".safetensors", ".pt", ".pth", ".onnx", ".h5", ".hdf5", ".keras", ".tflite")
DOCUMENTS = (".html", ".htm", ".pdf", ".docx", ".doc", ".odt", ".rtf")
# Of a bundle or a repository, and no code reads it.
OF_A_BUNDLE = ("assignment.json", "pyproject.toml", "readme.md", "license", "license-cc-by-4.0", "notice")
NO_SOLUTION = ("setup.py", "conftest.py", "__init__.py")
NAMED_IN_A_NOTE = 3
MAX_WRAPPING_ARCHIVES = 3


@dataclass
class Chosen:
    """The files of a submission that count.

    notebook, solution: their paths from the top of the upload. package: "hw_cnn/..." -> content of changed files.
    folder: that of the notebook or script, in which its kernel works; "" is the top. own: modules, data files and
    other notebooks that the code may ask for, by their path from the top. used: path -> bytes of all of them, for the
    digest. staff_notes: what only staff should know. left_aside: data files for which there is no room.
    """

    notebook: str | None = None
    solution: str | None = None
    package: dict[str, bytes] = field(default_factory=dict)
    checkpoint: bytes | None = None
    checkpoint_name: str | None = None
    submitted_at: datetime | None = None
    used: dict[str, bytes] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    folder: str = ""
    own: dict[str, bytes] = field(default_factory=dict)
    staff_notes: list[Text] = field(default_factory=list)
    left_aside: tuple[str, ...] = ()


def take_files(path: Path, upload_mb: int, base: Path | None = None) -> Files:
    """Read everything that may count. An archive beside which there is no code (as LMS make them) is the work.

    base: a folder above that the grader was told to trust. Raises: Rejected; OSError when the grader itself
    may not read the disk.
    """
    files = take(path, wanted, upload_mb, base)
    for _ in range(MAX_WRAPPING_ARCHIVES):
        plain = files.only(lambda name: not is_archive(name))
        inner = _archives(files)
        if not inner or any(is_code(name) for name in plain):
            break
        files = plain.beside(_unpacked(files, inner, upload_mb))
    plain = files.only(lambda name: not is_archive(name))
    return Files(plain, plain.times, plain.left_aside, tuple(sorted(_archives(files))))


def _archives(files: Files) -> list[str]:
    return [name for name in (*files, *files.left_aside) if is_archive(name)]


def _unpacked(files: Files, archives: Sequence[str], upload_mb: int) -> Files:
    if len(archives) > 1:
        names = ", ".join(printable(name) for name in sorted(archives))
        raise refuse(
            f"сдано несколько архивов ({names}); оставьте один", f"several archives ({names}); keep one"
        )
    if archives[0] not in files:
        raise _too_large_archive(archives[0], upload_mb)
    return take_archive(files[archives[0]], archives[0], wanted, upload_mb)


def _too_large_archive(name: str, upload_mb: int) -> Rejected:
    return refuse(
        f"архив «{printable(name)}» больше {upload_mb} МБ; уберите из него данные и лишние файлы",
        f"the archive {printable(name)!r} is larger than {upload_mb} MB; leave data and unneeded files out",
    )


def wanted(path: str) -> Interest:
    """Why the bytes of a file may matter."""
    *folders, name = path.split("/")
    if GRADER in folders or any(folder.startswith(".") for folder in folders):
        return Interest.NONE
    if name in (TIMESTAMP, *CHECKPOINTS):
        return Interest.ALWAYS
    name = name.lower()
    if name.endswith(SCRIPTS):
        return Interest.ALWAYS
    if PACKAGE in folders:
        return Interest.NONE
    if name.endswith(NOTEBOOKS):
        return Interest.ALWAYS
    if is_archive(name):
        return Interest.ARCHIVE if len(folders) < 2 else Interest.NONE
    if name.startswith(".") or name.endswith((*COMPILED, *WEIGHTS)) or name in OF_A_BUNDLE:
        return Interest.NONE
    return Interest.DATA


def is_code(path: str) -> bool:
    """Whether this is the name of a notebook or a script."""
    return path.lower().endswith((*NOTEBOOKS, *SCRIPTS))


def choose(
    files: Mapping[str, bytes],
    assignment: str,
    edition: Mapping[str, bytes],
    find_written: Callable[[str, bytes], Collection[str]],
) -> Chosen:
    """Pick the files that count.

    files: `Files`, if it is known when they were changed. find_written: path and bytes of a notebook or script -> the
    ids of the tasks that are written in it. Raises: Rejected when there is nothing.
    """
    taken = files if isinstance(files, Files) else Files(files)
    chosen = Chosen()

    @cache
    def written(path: str) -> Collection[str]:
        return find_written(path, taken[path])

    _choose_code(taken, assignment, chosen, written)
    _choose_package(taken, edition, chosen)
    _choose_checkpoint(taken, chosen)
    found = chosen.notebook or chosen.solution or chosen.package or chosen.checkpoint_name
    if not found and not any(name in edition for _, name in _package_files(taken, chosen.folder)):
        raise _nothing(taken, assignment)
    taken_already = {chosen.notebook, chosen.checkpoint_name}
    if chosen.notebook is None or (chosen.solution and PurePosixPath(chosen.solution).name == SOLUTION):
        taken_already.add(chosen.solution)  # a notebook may import a script of another name like any module
    chosen.own = {path: data for path, data in taken.items() if path not in taken_already and _is_own(path)}
    names = (chosen.notebook, chosen.solution, chosen.checkpoint_name)
    chosen.used |= chosen.own | {name: taken[name] for name in names if name is not None}
    chosen.left_aside = taken.left_aside
    if taken.left_aside:
        chosen.notes.append(left_aside(taken.left_aside))
    code = [path for path in (chosen.notebook, chosen.solution) if path is not None]
    if taken.archives and not chosen.package and not any(map(written, code)):
        chosen.notes.append(_unread_archives(taken.archives))
    stamp = _nearest(taken, TIMESTAMP, chosen.folder)
    if stamp is not None:
        chosen.submitted_at = read_timestamp(decode(taken[stamp][:TIMESTAMP_BYTES]))
    return chosen


def _choose_code(
    files: Files, assignment: str, chosen: Chosen, written: Callable[[str], Collection[str]]
) -> None:
    wanted_name = f"{assignment}.ipynb"
    notebooks = [path for path in files if is_notebook(path)]
    notebook = pick(files, notebooks, wanted_name, written)
    scripts = [path for path in files if path.lower().endswith(SCRIPTS) and _is_own(path)]
    named = [path for path in scripts if _name(path).startswith(("solution", assignment.lower()))]
    script = pick(files, named, SOLUTION, written)
    others = [path for path in scripts if path not in named and _name(path) not in NO_SOLUTION]
    if others and not any(found and written(found.path) for found in (notebook, script)):
        # A module that happens to be there is a solution only where it solves something, or where there is no other.
        other = pick(files, others, SOLUTION, written)
        if other and (written(other.path) or not (notebook or script or any(_package_files(files)))):
            named, script = others, other
    if notebook is not None:
        chosen.notebook = notebook.path
        _note(notebook, wanted_name, len(notebooks), chosen)
    if script is not None:
        chosen.solution = script.path
        _note(script, SOLUTION, len(named), chosen)
    first = notebook or script
    if notebook and script and _folder(notebook.path) != _folder(script.path) and not written(notebook.path):
        first = script
    chosen.folder = _folder(first.path) if first else ""


def _note(picked: Picked, expected: str, num_candidates: int, chosen: Chosen) -> None:
    """Say which file was graded wherever that is not plain."""
    shown = printable(picked.path)
    if picked.is_empty:
        others = _some(picked.rivals)
        note = Text(
            ru=f"проверен файл «{shown}»; ни в нём, ни в других ({others}) не найдено ни одного решения",
            en=f"graded file: {shown}; neither there nor in the others ({others}) is a solution found",
        )
    elif picked.lacks:
        note = _scattered(shown, picked.lacks)
    elif picked.rivals:
        others = _some(picked.rivals)
        note = Text(
            ru=f"решено столько же заданий и в другом файле ({others}); проверен файл «{shown}», лишний уберите",
            en=f"another file has as many tasks written ({others}); graded file: {shown}; leave the other out",
        )
    elif num_candidates > 1 or picked.path != expected:
        note = Text(ru=f"проверен файл «{shown}»", en=f"graded file: {shown}")
    else:
        return
    chosen.notes.append(note)
    if picked.by_name:
        others = _some(picked.rivals)
        by = Text(ru="только по имени", en="by its name alone")
        if picked.by_order:
            by = Text(ru="по порядку имён", en="by the order of names")
        chosen.staff_notes.append(
            Text(
                ru=f"файл «{shown}» выбран {by.ru}: столько же решено и тогда же сохранено в {others}",
                en=f"{shown} was chosen {by.en}: {others} has as many tasks written at the same time",
            )
        )


def _scattered(shown: str, lacks: Mapping[str, Sequence[str]]) -> Text:
    held = {printable(path): ", ".join(tasks) for path, tasks in list(lacks.items())[:NAMED_IN_A_NOTE]}
    more = ", ..." if len(lacks) > NAMED_IN_A_NOTE else ""
    ru = ", ".join(f"в «{path}» есть {tasks}" for path, tasks in held.items()) + more
    en = ", ".join(f"{path} holds {tasks}" for path, tasks in held.items()) + more
    return Text(
        ru=f"проверен файл «{shown}»; все задания должны быть в одном файле: {ru}, чего в «{shown}» нет",
        en=f"graded file: {shown}; all tasks belong into one file: {en} that {shown} lacks",
    )


def _choose_package(files: Files, edition: Mapping[str, bytes], chosen: Chosen) -> None:
    new: list[str] = []
    for path, name in _package_files(files, chosen.folder):
        if name not in edition:
            new.append(name)
        elif decode(files[path]) != decode(edition[name]):
            chosen.package[name] = chosen.used[path] = files[path]
    # The public part of an edition holds but the files with tasks, and cannot tell which are new.
    if new and INIT in edition:
        chosen.notes.append(
            Text(
                ru=f"новые файлы в {PACKAGE}/ не читаются ({_some(new)}): положите их рядом с тетрадью или "
                "solution.py и поправьте импорт",
                en=f"new files below {PACKAGE}/ are not read ({_some(new)}): move them beside the notebook or "
                "solution.py and mend the import",
            )
        )


def _package_files(files: Mapping[str, bytes], folder: str = "") -> Iterator[tuple[str, str]]:
    """(path, "hw_cnn/...") of the modules of the package.

    Of several packages the one that a kernel in `folder` would import, else the one nearest to the top.
    """
    bases: dict[str, list[str]] = {}
    for path in files:
        parts = path.split("/")
        if PACKAGE in parts[:-1] and path.endswith(SCRIPTS):
            bases.setdefault("/".join(parts[: parts.index(PACKAGE)]), []).append(path)
    around = [folder, *map(_plain, PurePosixPath(folder).parents)]
    base = next((base for base in around if base in bases), None)
    if base is None:
        base = min(bases, key=lambda other: (other.count("/"), other), default="")
    for path in bases.get(base, []):
        yield path, path.removeprefix(f"{base}/" if base else "")


def _choose_checkpoint(files: Files, chosen: Chosen) -> None:
    for name in CHECKPOINTS:
        path = _nearest(files, name, chosen.folder)
        if path is not None:
            chosen.checkpoint, chosen.checkpoint_name = files[path], path
            return


def _nearest(files: Mapping[str, bytes], name: str, folder: str) -> str | None:
    """The file of this name in `folder`, else the one nearest to the top."""
    found = [path for path in files if PurePosixPath(path).name == name]
    return min(found, key=lambda path: (_folder(path) != folder, path.count("/"), path), default=None)


def _is_own(path: str) -> bool:
    """Whether code may ask for this file by its path."""
    name = PurePosixPath(path).name
    return PACKAGE not in path.split("/") and name != TIMESTAMP and name not in CHECKPOINTS


def _name(path: str) -> str:
    return PurePosixPath(path).name.lower()


def _folder(path: str) -> str:
    return _plain(PurePosixPath(path).parent)


def _plain(folder: PurePosixPath) -> str:
    return "" if folder == PurePosixPath() else str(folder)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name) for name in names[:NAMED_IN_A_NOTE])
    return shown if len(names) <= NAMED_IN_A_NOTE else f"{shown}, ..."


def left_aside(paths: Sequence[str]) -> Text:
    """The sentence about data files for which there is no room."""
    return Text(
        ru=f"не прочитаны данные, для которых нет места ({_some(paths)}): читается не больше {MAX_DATA_FILES} файлов "
        f"до {MAX_DATA_FILE_BYTES // BYTES_PER_MB} МБ, всего {MAX_DATA_BYTES // BYTES_PER_MB} МБ",
        en=f"data files for which there is no room are not read ({_some(paths)}): at most {MAX_DATA_FILES} files of up "
        f"to {MAX_DATA_FILE_BYTES // BYTES_PER_MB} MB are read, {MAX_DATA_BYTES // BYTES_PER_MB} MB together",
    )


def _unread_archives(paths: Sequence[str]) -> Text:
    return Text(
        ru=f"решений не найдено, а архив рядом не читался ({_some(paths)}): сдайте что-то одно, файлы или архив",
        en=f"no solution was found, and the archive beside was not read ({_some(paths)}): hand in either, the files or "
        "the archive",
    )


def _nothing(files: Files, assignment: str) -> Rejected:
    documents = [path for path in (*files, *files.left_aside) if path.lower().endswith(DOCUMENTS)]
    if documents:
        shown = printable(documents[0])
        return refuse(
            f"проверять нечего: «{shown}» — не тетрадь; сдайте саму тетрадь {assignment}.ipynb "
            "(в Jupyter и Colab: File > Download > .ipynb)",
            f"there is nothing to grade: {shown!r} is no notebook; hand in the notebook {assignment}.ipynb itself "
            "(in Jupyter and Colab: File > Download > .ipynb)",
        )
    return refuse(
        f"проверять нечего: нет ни {assignment}.ipynb, ни solution.py, ни файлов пакета hw_cnn",
        f"there is nothing to grade: no {assignment}.ipynb, no solution.py, no file of hw_cnn",
    )


def read_timestamp(text: str) -> datetime | None:
    """nbgrader's "2025-02-02 15:58:23.948203 Europe/Moscow"; None when it is something else."""
    parts = text.split()
    try:
        moment = datetime.fromisoformat(" ".join(parts[:2]))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        zone = ZoneInfo(parts[2]) if len(parts) > 2 else UTC
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OSError, KeyError, OverflowError):
        return None
