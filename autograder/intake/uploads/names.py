"""Names of handed-in files: which are hostile, which are litter, which collide, how to show them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.intake.uploads.rejection import Rejected, refuse

MAX_DEPTH = 32
MAX_NAME_BYTES = 255  # of one folder or file: the limit of Linux file systems (limits.h, NAME_MAX)
MAX_PATH_BYTES = 1024
SHOWN = 80
IGNORED_FOLDERS = {
    "__MACOSX",
    ".ipynb_checkpoints",
    "__pycache__",
    ".git",
    ".venv",
    "venv",
    ".idea",
    ".vscode",
}
IGNORED_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}
CONTROL_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Format characters that honest names hold: the joiner inside an emoji, a hyphen that text editors leave behind.
HARMLESS = "\u200d\u00ad"


@dataclass(frozen=True)
class Name:
    """A name as it was given, and the normalised relative path ("/" between folders, NFC); "" is the top."""

    raw: str
    path: str


def safe_name(raw: str) -> Name:
    """Check the name of an archive member or folder entry. Raises: Rejected for a hostile name."""
    _check_characters(raw)
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    if raw.startswith("/") or (len(raw) > 1 and raw[1] == ":"):
        raise refuse(
            f"путь «{printable(raw)}» абсолютный; в архиве должны быть относительные пути",
            f"the path {printable(raw)!r} is absolute; an archive must hold relative paths",
        )
    if ".." in parts:
        raise refuse(
            f"путь «{printable(raw)}» выходит из архива («..»); упакуйте саму папку с работой",
            f"the path {printable(raw)!r} leaves the archive ('..'); pack the folder with your work itself",
        )
    check_depth(len(parts), raw)
    path = unicodedata.normalize("NFC", "/".join(parts))
    if len(path.encode()) > MAX_PATH_BYTES or any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        raise refuse(
            f"имя файла «{printable(raw)}» слишком длинное; дайте файлам и папкам имена короче",
            f"the file name {printable(raw)!r} is too long; give files and folders shorter names",
        )
    return Name(raw, path)


def _check_characters(raw: str) -> None:
    if any(unicodedata.category(char) in CONTROL_CATEGORIES for char in raw if char not in HARMLESS):
        raise refuse(
            f"в имени файла «{printable(raw)}» есть управляющий символ; переименуйте файл",
            f"the file name {printable(raw)!r} holds a control character; rename the file",
        )
    if "\\" in raw:
        raise refuse(
            f"в имени файла «{printable(raw)}» есть обратная косая черта; упакуйте архив обычной программой",
            f"the file name {printable(raw)!r} holds a backslash; pack the archive with an ordinary tool",
        )


def check_depth(depth: int, raw: str) -> None:
    """Raises: Rejected when a path has more than `MAX_DEPTH` parts."""
    if depth > MAX_DEPTH:
        raise refuse(
            f"папки вложены глубже {MAX_DEPTH} уровней («{printable(raw)}»); сдайте файлы без лишних папок",
            f"folders are nested more than {MAX_DEPTH} deep ({printable(raw)!r}); leave the extra folders out",
        )


def decode_name(raw: bytes) -> str:
    """The name as its author saw it: UTF-8, else cp866, which zip tools on Russian Windows write."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp866")


def ignored(path: str) -> bool:
    """Whether this is litter of an operating system or an editor."""
    parts = path.split("/")
    return (
        any(part in IGNORED_FOLDERS for part in parts)
        or parts[-1] in IGNORED_FILES
        or parts[-1].startswith(("._", "~$"))
    )


def printable(name: str) -> str:
    """A name that can be shown in one line."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 3] + "..."


def check_collisions(files: Sequence[Name], folders: Iterable[Name]) -> None:
    """Every file has a name of its own, also where upper and lower case are the same.

    A folder may be listed more than once. Raises: Rejected.
    """
    spelled = _folders(files, folders)
    seen: dict[str, Name] = {}
    for name in files:
        first = seen.setdefault(_key(name.path), name)
        if first is not name:
            raise _twice(first, name)
        if _key(name.path) in spelled:
            raise refuse(
                f"«{printable(name.path)}» — и файл, и папка; оставьте одно из двух",
                f"{printable(name.path)!r} is both a file and a folder; keep one of them",
            )


def _folders(files: Sequence[Name], folders: Iterable[Name]) -> dict[str, str]:
    """The spelling of every folder, by its key. Raises: Rejected when there are two spellings."""
    paths = [folder.path for folder in folders]
    for path in [*paths, *(file.path for file in files)]:
        paths += [str(parent) for parent in PurePosixPath(path).parents if str(parent) != "."]
    spelled: dict[str, str] = {}
    for path in paths:
        known = spelled.setdefault(_key(path), path)
        if known != path:
            raise refuse(
                f"папки «{printable(known)}» и «{printable(path)}» отличаются только регистром; "
                "переименуйте одну из них",
                f"the folders {printable(known)!r} and {printable(path)!r} differ only in case; "
                "rename one of them",
            )
    return spelled


def _key(path: str) -> str:
    # Folding may take a composed letter apart.
    return unicodedata.normalize("NFC", path.casefold())


def _twice(first: Name, second: Name) -> Rejected:
    one, other = printable(first.path), printable(second.path)
    if first.path != second.path:
        return refuse(
            f"имена файлов «{one}» и «{other}» отличаются только регистром; переименуйте один из них",
            f"the file names {one!r} and {other!r} differ only in case; rename one of the files",
        )
    if first.raw != second.raw:
        return refuse(
            f"имена двух файлов выглядят одинаково («{one}») и отличаются только записью букв в Юникоде; "
            "переименуйте один из них",
            f"the names of two files look the same ({one!r}), only their Unicode spelling differs; "
            "rename one of the files",
        )
    return refuse(
        f"файл «{one}» встречается дважды; оставьте один", f"the file {one!r} appears twice; keep one of them"
    )
