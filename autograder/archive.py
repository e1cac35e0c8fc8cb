"""What a student handed in (folder, zip, one file) as a checked tree of bytes in memory.

Nothing is written to disk and nothing is followed: hostile archives are refused with one sentence (SANDBOX,
section 4, "Archives"), honest oddities of LMS, macOS and Windows zips pass.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath

from autograder.rejection import Rejected, refuse

MAX_ENTRIES = 2000
MAX_RATIO = 200
RATIO_FREE_BYTES = 10_000_000
READ_BYTES = 1 << 16
FOREIGN_ARCHIVES = (".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz")
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
ENCRYPTED_BIT, UTF8_BIT = 0x1, 0x800
UNIX, DOS_ENCODING = 3, "cp437"

Wanted = Callable[[str], bool]


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over the sorted paths and contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


def take(path: Path, wanted: Wanted, upload_mb: int) -> dict[str, bytes]:
    """Read the wanted files of a folder, a .zip or a single file.

    wanted: decides by the normalised relative path ("/" between folders, NFC) whether a file's bytes are
    read. Returns path -> bytes, with folders that only wrap everything else removed.
    Raises: Rejected; OSError when the grader itself may not read the disk.
    """
    suffix = path.suffix.lower()
    if path.is_symlink():
        raise refuse(
            f"«{printable(path.name)}»: это ссылка, а нужны сами файлы",
            f"{printable(path.name)!r} is a link; hand in the files themselves",
        )
    if path.is_dir():
        return unwrap(_take_folder(path, wanted, upload_mb))
    if suffix == ".zip":
        return take_zip(read_regular(path, upload_mb), path.name, wanted, upload_mb)
    if suffix in FOREIGN_ARCHIVES:
        raise foreign(path.name)
    return {path.name: read_regular(path, upload_mb)}


def foreign(name: str) -> Rejected:
    """The sentence for an archive of another kind."""
    suffix = PurePosixPath(name).suffix.lower()
    return refuse(
        f"«{printable(name)}»: архивы {suffix} не принимаются; упакуйте работу в .zip",
        f"{printable(name)!r}: {suffix} archives are not accepted; pack your work as .zip",
    )


def take_zip(data: bytes, name: str, wanted: Wanted, upload_mb: int) -> dict[str, bytes]:
    """Read the wanted members of a zip in memory. Raises: Rejected."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return unwrap(_take_members(archive, name, wanted, upload_mb))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OverflowError,
        OSError,
    ) as error:
        raise refuse(
            f"архив «{printable(name)}» не открывается: он повреждён или загружен не полностью",
            f"the archive {printable(name)!r} does not open: it is damaged or was not uploaded completely",
        ) from error


def _take_members(archive: zipfile.ZipFile, name: str, wanted: Wanted, upload_mb: int) -> dict[str, bytes]:
    members = archive.infolist()
    _check_count(len(members))
    _check_declared(members, upload_mb)
    paths = [safe_path(member_name(member)) for member in members]
    kept: list[tuple[zipfile.ZipInfo, str]] = []
    for member, path in zip(members, paths, strict=True):
        if path and not ignored(path):
            _check_member(member, path)
            kept.append((member, path))
    _check_collisions([path for _, path in kept], [path for member, path in kept if not member.is_dir()])
    files: dict[str, bytes] = {}
    budget = upload_mb * 1_000_000
    for member, path in kept:
        if not member.is_dir() and wanted(path):
            if member.flag_bits & ENCRYPTED_BIT:
                raise refuse(
                    f"архив «{printable(name)}» защищён паролем; упакуйте его без пароля",
                    f"the archive {printable(name)!r} is encrypted; pack it without a password",
                )
            files[path] = _inflate(archive, member, budget, upload_mb)
            budget -= len(files[path])
    return files


def member_name(member: zipfile.ZipInfo) -> str:
    """The name as its author saw it.

    Without the UTF-8 flag zip tools on Windows write cp866 on a Russian system, and zipfile decodes it as
    cp437. Some write UTF-8 without saying so.
    """
    name = member.orig_filename
    if not member.flag_bits & UTF8_BIT:
        raw = name.encode(DOS_ENCODING)
        for encoding in ("utf-8", "cp866"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def safe_path(name: str) -> str:
    """The normalised relative path of an archive member or folder entry.

    Raises: Rejected for a hostile name.
    """
    shown = printable(name)
    parts = name.split("/")
    if any(
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        for char in name
        if char not in "\u200d\u00ad"
    ):
        raise refuse(
            f"в имени файла «{shown}» есть управляющий символ; переименуйте файл",
            f"the file name {shown!r} holds a control character; rename the file",
        )
    if "\\" in name:
        raise refuse(
            f"в имени файла «{shown}» есть обратная косая черта; упакуйте архив обычной программой",
            f"the file name {shown!r} holds a backslash; pack the archive with an ordinary tool",
        )
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        raise refuse(
            f"путь «{shown}» абсолютный; в архиве должны быть относительные пути",
            f"the path {shown!r} is absolute; an archive must hold relative paths",
        )
    if ".." in parts:
        raise refuse(
            f"путь «{shown}» выходит из архива («..»)",
            f"the path {shown!r} leaves the archive ('..')",
        )
    return unicodedata.normalize("NFC", "/".join(part for part in parts if part not in ("", ".")))


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
    return shown if len(shown) <= 80 else shown[:77] + "..."


def unwrap(files: dict[str, bytes]) -> dict[str, bytes]:
    """Remove folders that only wrap everything else (never `hw_cnn` itself)."""
    while files:
        tops = {path.split("/")[0] for path in files}
        top = next(iter(tops))
        if len(tops) > 1 or top == "hw_cnn" or any("/" not in path for path in files):
            break
        files = {path.split("/", 1)[1]: data for path, data in files.items()}
    return files


def read_regular(path: Path, upload_mb: int) -> bytes:
    """Read a regular file that is no link, within the size limit. Raises: Rejected, OSError."""
    shown = printable(path.name)
    _check_kind(path.lstat(), shown)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        _check_kind(os.fstat(file.fileno()), shown)
        data = file.read(upload_mb * 1_000_000 + 1)
    if len(data) > upload_mb * 1_000_000:
        raise _too_big(upload_mb)
    return data


def _check_kind(status: os.stat_result, shown: str) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise _link(shown)
    if not stat.S_ISREG(status.st_mode):
        raise _special(shown)
    if status.st_nlink > 1:
        raise refuse(
            f"«{shown}» - жёсткая ссылка на другой файл; сдайте обычную копию файла",
            f"{shown!r} is a hard link to another file; hand in an ordinary copy",
        )


def _take_folder(root: Path, wanted: Wanted, upload_mb: int) -> dict[str, bytes]:
    entries: list[tuple[str, Path]] = []
    for relative, path in _walk(root, ""):
        entries.append((safe_path(relative), path))
        _check_count(len(entries))
    _check_collisions([relative for relative, _ in entries], [relative for relative, _ in entries])
    files: dict[str, bytes] = {}
    budget = upload_mb * 1_000_000
    for relative, path in sorted(entries):
        if wanted(relative):
            files[relative] = read_regular(path, upload_mb)
            budget -= len(files[relative])
            if budget < 0:
                raise _too_big(upload_mb)
        else:
            _check_kind(path.lstat(), printable(relative))
    return files


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        relative = prefix + entry.name
        if ignored(relative):
            continue
        if entry.is_symlink():
            raise _link(printable(relative))
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), relative + "/")
        else:
            yield relative, Path(entry.path)


def _check_count(number: int) -> None:
    if number > MAX_ENTRIES:
        raise refuse(
            f"в работе больше {MAX_ENTRIES} файлов; сдавайте только то, что требует задание",
            f"there are more than {MAX_ENTRIES} files; hand in only what the assignment asks for",
        )


def _check_declared(members: Iterable[zipfile.ZipInfo], upload_mb: int) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > RATIO_FREE_BYTES and size > MAX_RATIO * max(packed, 1):
        raise _bomb(upload_mb)


def _check_member(member: zipfile.ZipInfo, path: str) -> None:
    mode = member.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if member.create_system == UNIX and kind == stat.S_IFLNK:
        raise _link(printable(path))
    if member.create_system == UNIX and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _special(printable(path))


def _check_collisions(paths: list[str], file_paths: list[str]) -> None:
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        key = path.casefold()
        if key in seen:
            same = seen[key] == path
            raise refuse(
                f"файл «{printable(path)}» встречается дважды"
                + ("" if same else f" (ещё как «{printable(seen[key])}»)"),
                f"the file {printable(path)!r} appears twice"
                + ("" if same else f" (also as {printable(seen[key])!r})"),
            )
        seen[key] = path
        for parent in PurePosixPath(path).parents:
            if str(parent) != ".":
                known = folders.setdefault(str(parent).casefold(), str(parent))
                if known != str(parent):
                    first, second = printable(known), printable(str(parent))
                    raise refuse(
                        f"папки «{first}» и «{second}» отличаются только регистром",
                        f"the folders {first!r} and {second!r} differ only in case",
                    )
    for path in file_paths:
        if path.casefold() in folders:
            raise refuse(
                f"«{printable(path)}» - и файл, и папка",
                f"{printable(path)!r} is both a file and a folder",
            )


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int, upload_mb: int) -> bytes:
    data = bytearray()
    with archive.open(member) as file:
        while block := file.read(READ_BYTES):
            data += block
            if len(data) > budget:
                raise _bomb(upload_mb)
            if len(data) > RATIO_FREE_BYTES and len(data) > MAX_RATIO * max(member.compress_size, 1):
                raise _bomb(upload_mb)
    return bytes(data)


def _link(shown: str) -> Rejected:
    return refuse(
        f"«{shown}» - ссылка, а не файл; сдайте сам файл",
        f"{shown!r} is a link, not a file; hand in the file itself",
    )


def _special(shown: str) -> Rejected:
    return refuse(
        f"«{shown}» - не обычный файл (устройство, канал или сокет)",
        f"{shown!r} is not an ordinary file (a device, pipe or socket)",
    )


def _too_big(upload_mb: int) -> Rejected:
    return refuse(
        f"работа больше {upload_mb} МБ; уберите из неё данные и лишние файлы",
        f"the submission is larger than {upload_mb} MB; leave data and unneeded files out",
    )


def _bomb(upload_mb: int) -> Rejected:
    return refuse(
        f"после распаковки архив больше {upload_mb} МБ; уберите из него данные и лишние файлы",
        f"unpacked, the archive is larger than {upload_mb} MB; leave data and unneeded files out",
    )
